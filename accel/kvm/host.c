/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What this host says about a failure.
 */
#include "kvm-int.h"

void kvm_host_explain(GError *err, const char *device)
{
}
