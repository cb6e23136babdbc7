# SPDX-License-Identifier: LGPL-2.1-or-later
"""Initramfs images made of single files.

Theory of operation: the archive is written directly in the kernel's "newc" format, with root as the
owner of everything, so that neither root nor the cpio program is needed. A path that is already in
the archive is left out the second time, so that programs may share libraries.
"""
import os
import re
import stat
import subprocess


class Cpio:
    """Writes files into a "newc" archive; makes the folders above them as needed."""

    def __init__(self, out):
        self.out, self.inode, self.seen = out, 1, set()

    def _entry(self, path, mode, size):
        name = path.lstrip('/').encode() + b'\0'
        fields = (self.inode, mode, 0, 0, 1, 0, size, 0, 0, 0, 0, len(name), 0)
        header = b'070701' + b''.join(b'%08x' % field for field in fields)
        self.out.write(header + name)
        self._pad(len(header) + len(name))
        self.inode += 1
        self.seen.add(path)

    def _pad(self, length):
        self.out.write(b'\0' * (-length % 4))

    def folder(self, path):
        path = os.path.normpath(path)
        if path == '/' or path in self.seen:
            return
        self.folder(os.path.dirname(path))
        self._entry(path, stat.S_IFDIR | 0o755, 0)

    def data(self, path, data, mode=0o644):
        path = os.path.normpath(path)
        if path in self.seen:
            return
        self.folder(os.path.dirname(path))
        self._entry(path, stat.S_IFREG | mode, len(data))
        self.out.write(data)
        self._pad(len(data))

    def file(self, source, path):
        """A file or a whole folder; symbolic links are followed."""
        if os.path.isdir(source):
            self.folder(path)
            for name in sorted(os.listdir(source)):
                self.file(os.path.join(source, name), os.path.join(path, name))
            return
        with open(source, 'rb') as file:
            self.data(path, file.read(), 0o755 if os.access(source, os.X_OK) else 0o644)

    def link(self, path, target):
        self.folder(os.path.dirname(path))
        self._entry(path, stat.S_IFLNK | 0o777, len(target))
        self.out.write(target.encode())
        self._pad(len(target))

    def close(self):
        self._entry('TRAILER!!!', 0, 0)


def libraries_of(program):
    """Paths of the shared libraries that the loader would take; none for a static program."""
    done = subprocess.run(['ldd', program], capture_output=True, text=True, check=False)
    return re.findall(r'(?:=> |^\s*)(/\S+)', done.stdout, re.MULTILINE)
