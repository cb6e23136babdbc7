# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the rig boots: Debian's cloud kernel and initramfs images made of single files.

Theory of operation: the kernel package is downloaded by apt-get and unpacked, never installed, into
a folder of the cache that appears by one rename when it is whole; later runs need neither network
nor apt. vmlinux comes out of the bzImage by the offsets in its setup header. An initramfs is written
directly in the kernel's "newc" format, so that device nodes and owners need no root.
"""
import fcntl
import glob
import gzip
import lzma
import os
import re
import shutil
import stat
import struct
import subprocess
import tempfile

METAPACKAGE = 'linux-image-cloud-amd64'
MODULES = ('irqbypass', 'kvm', 'kvm-amd')


class CannotRun(Exception):
    """The rig cannot run on this machine; the text is the reason."""


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


def unpack_vmlinux(image):
    """The ELF file inside of a bzImage (boot protocol 2.08, fields payload_offset and _length)."""
    sectors, = struct.unpack_from('<B', image, 0x1f1)
    offset, length = struct.unpack_from('<II', image, 0x248)
    start = ((sectors or 4) + 1) * 512 + offset
    packed = image[start:start + length - 4]        # the last 4 bytes are the unpacked size
    if packed[:4] == b'\x02\x21\x4c\x18':
        return subprocess.run(['lz4', '-dc'], input=packed, stdout=subprocess.PIPE, check=True).stdout
    if packed[:2] == b'\x1f\x8b':
        return gzip.decompress(packed)
    if packed[:6] == b'\xfd7zXZ\0':
        return lzma.decompress(packed)
    raise CannotRun(f'the kernel is packed in a way unknown to the rig: {packed[:6].hex()}')


def apt(*args, **kwargs):
    return subprocess.run(args, capture_output=True, text=True, stdin=subprocess.DEVNULL,
                          check=False, env={**os.environ, 'LC_ALL': 'C'}, **kwargs)


def download(folder):
    """Debian's newest cloud kernel package as a file in FOLDER."""
    for attempt in range(2):
        depends = apt('apt-cache', 'depends', METAPACKAGE).stdout
        names = re.findall(r'Depends: (linux-image-\S+)', depends)
        got = apt('apt-get', 'download', names[0], cwd=folder) if names else None
        if got and got.returncode == 0:
            return glob.glob(os.path.join(folder, '*.deb'))[0]
        if attempt == 0 and os.geteuid() == 0:
            apt('apt-get', 'update', '-q')
    lines = (got.stderr if got else f'apt knows no package {METAPACKAGE}').strip().splitlines()
    raise CannotRun(f'no kernel package: {lines[-1] if lines else "apt-get download failed"}')


def unpack_kernel(folder):
    """Fill FOLDER with vmlinuz, vmlinux and the modules."""
    package = download(folder)
    subprocess.run(['dpkg-deb', '-x', package, f'{folder}/root'], check=True)
    shutil.copy(glob.glob(f'{folder}/root/boot/vmlinuz-*')[0], f'{folder}/bzImage')
    with open(f'{folder}/bzImage', 'rb') as image, open(f'{folder}/vmlinux', 'wb') as out:
        out.write(unpack_vmlinux(image.read()))
    for module in MODULES:
        for path in glob.glob(f'{folder}/root/lib/modules/*/kernel/**/{module}.ko', recursive=True):
            shutil.copy(path, folder)
    shutil.rmtree(f'{folder}/root')
    os.unlink(package)


def kernel_folder():
    """The cached folder with bzImage, vmlinux and modules, filled when it is not there yet."""
    cache = os.path.join(os.environ.get('XDG_CACHE_HOME') or os.path.expanduser('~/.cache'),
                         'accelvm-rig')
    folder = os.path.join(cache, 'kernel-1')
    for tool in ('apt-get', 'apt-cache', 'dpkg-deb', 'lz4'):
        if not os.path.isdir(folder) and not shutil.which(tool):
            raise CannotRun(f'{tool} is not installed')
    os.makedirs(cache, exist_ok=True)
    with open(os.path.join(cache, 'lock'), 'w', encoding='ascii') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.isdir(folder):
            with tempfile.TemporaryDirectory(dir=cache) as fresh:
                os.chmod(fresh, 0o755)      # apt downloads as a user of its own
                unpack_kernel(fresh)
                shutil.copytree(fresh, folder + '.new', dirs_exist_ok=True)
            os.rename(folder + '.new', folder)
    return folder
