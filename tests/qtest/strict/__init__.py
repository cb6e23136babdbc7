# SPDX-License-Identifier: LGPL-2.1-or-later
"""An independent, strict qtest and QMP client and its conformance cases."""
