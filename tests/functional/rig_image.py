# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the rig boots and what tests load: files out of Debian packages, in a cache.

Theory of operation: packages are downloaded by apt-get and unpacked, never installed, each into a
folder that is thrown away when the files wanted have been moved into the cache; the file that stands
for a package comes last, so that it is there only when all are. Later runs need neither network nor
apt. vmlinux comes out of Debian's bzImage by the offsets in its setup header.

The cache is ${XDG_CACHE_HOME:-~/.cache}/accelvm-rig/images: vmlinuz, vmlinux, *.ko of KVM and pvpanic, and where
their packages can be had memtest86+x64.bin, memtest86+ia32.bin and ipxe.lkrn.
"""
import fcntl
import glob
import gzip
import lzma
import os
import re
import shutil
import struct
import subprocess
import tempfile

KERNEL = 'linux-image-cloud-amd64'
MODULES = ('irqbypass', 'kvm', 'kvm-amd')
GUEST_MODULES = ('pvpanic', 'pvpanic-mmio')
EXTRAS = {'memtest86+': ('boot/memtest86+ia32.bin', 'boot/memtest86+x64.bin'),
          'ipxe': ('boot/ipxe.lkrn',)}


class CannotRun(Exception):
    """The rig cannot run on this machine; the text is the reason."""


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


def apt(tool, *args, **kwargs):
    return subprocess.run([tool, '-o', 'Acquire::http::Timeout=20', *args], capture_output=True,
                          text=True, stdin=subprocess.DEVNULL, check=False,
                          env={**os.environ, 'LC_ALL': 'C'}, **kwargs)


def newest(package):
    """The real package behind a metapackage; else the package itself. None if apt knows neither."""
    shown = apt('apt-cache', 'depends', package)
    names = re.findall(r'Depends: (linux-image-\S+)', shown.stdout)
    return None if shown.returncode else (names + [package])[0]


def download(package, folder):
    """A Debian package as a file in FOLDER; root may refresh the lists for it once."""
    for attempt in range(2):
        name = newest(package)
        got = apt('apt-get', 'download', name, cwd=folder) if name else None
        if got and got.returncode == 0:
            return glob.glob(os.path.join(folder, '*.deb'))[0]
        if attempt == 0 and os.geteuid() == 0:
            apt('apt-get', 'update', '-q')
    said = got.stderr.strip().splitlines() if got else ['apt does not know it']
    raise CannotRun(f'package {package} cannot be had: {said[-1] if said else "apt-get failed"}')


def unpacked(package, folder):
    """Download PACKAGE and unpack it; the folder with its files."""
    for tool in ('apt-get', 'apt-cache', 'dpkg-deb'):
        if not shutil.which(tool):
            raise CannotRun(f'{tool} is not installed')
    os.chmod(folder, 0o755)                 # apt downloads as a user of its own
    subprocess.run(['dpkg-deb', '-x', download(package, folder), f'{folder}/root'], check=True)
    return f'{folder}/root'


def fetch_kernel(cache, folder):
    if not shutil.which('lz4'):
        raise CannotRun('lz4 is not installed')
    root = unpacked(KERNEL, folder)
    image = glob.glob(f'{root}/boot/vmlinuz-*')[0]
    with open(image, 'rb') as packed, open(f'{folder}/vmlinux', 'wb') as out:
        out.write(unpack_vmlinux(packed.read()))
    for module in MODULES + GUEST_MODULES:
        for path in glob.glob(f'{root}/lib/modules/*/kernel/**/{module}.ko', recursive=True):
            os.rename(path, f'{cache}/{module}.ko')
    os.rename(f'{folder}/vmlinux', f'{cache}/vmlinux')
    os.rename(image, f'{cache}/vmlinuz')
    with open(f'{cache}/kernel.version', 'w', encoding='ascii') as out:
        out.write(os.path.basename(image) + '\n')


def fetch_extra(package, cache, folder):
    root = unpacked(package, folder)
    for path in EXTRAS[package]:
        os.rename(f'{root}/{path}', f'{cache}/{os.path.basename(path)}')


def cached(last_file, fetch):
    """The cache folder, after FETCH(cache, scratch folder) if LAST_FILE was not in it."""
    cache = os.path.join(os.environ.get('XDG_CACHE_HOME') or os.path.expanduser('~/.cache'),
                         'accelvm-rig', 'images')
    os.makedirs(cache, exist_ok=True)
    with open(os.path.join(cache, '.lock'), 'w', encoding='ascii') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.exists(os.path.join(cache, last_file)):
            with tempfile.TemporaryDirectory(dir=cache) as folder:
                fetch(cache, folder)
    return cache


def kernel_folder():
    """
    The cache folder with at least the kernel's files. ACCELVM_RIG_SKIP=REASON in the environment
    stands for a download that was tried and failed, so that not every test tries it anew.
    """
    if os.environ.get('ACCELVM_RIG_SKIP'):
        raise CannotRun(os.environ['ACCELVM_RIG_SKIP'])
    return cached('kernel.version', fetch_kernel)


def fetch_extras():
    """Everything else; a list of the reasons for what cannot be had."""
    reasons = []
    for package, paths in EXTRAS.items():
        try:
            cached(os.path.basename(paths[-1]),
                   lambda cache, folder, name=package: fetch_extra(name, cache, folder))
        except CannotRun as reason:
            reasons.append(str(reason))
    return reasons
