"""Which file is in which layer of an image."""
import dataclasses
import struct
import subprocess
import tempfile

from debian import Entry

USER = 65532
CAP_NET_BIND_SERVICE = 10
CA_BUNDLE = "etc/ssl/certs/ca-certificates.crt"
LOADERS = "usr/share/firesteel/boot/"  # as --assets-dir of deploy/base/bootd.yaml
SHIPPED_LOADERS = ("undionly.kpxe", "snponly.efi", "ipxe.efi", "ipxe-arm64.efi")
PASSWD = f"root:x:0:0:root:/root:/usr/sbin/nologin\nfiresteel:x:{USER}:{USER}:firesteel:/var/lib/firesteel:/usr/sbin/nologin\n"
GROUP = f"root:x:0:\nfiresteel:x:{USER}:\n"


@dataclasses.dataclass(frozen=True)
class Program:
    built: str  # in the build folder
    path: str   # in the image
    description: str
    capabilities: tuple  # permitted by the file


@dataclasses.dataclass(frozen=True)
class Contents:
    image: str
    program: Program
    shared: list  # packages of both images
    own: list
    binary: bytes
    sbom: bytes
    license: bytes
    epoch: int


def _file(path, text, mode=0o644, mtime=0):
    return Entry(path, mode, mtime, data=text if isinstance(text, bytes) else text.encode())


def _with_folders(entries, known):
    """And the folders they are in, but those that a layer below has (`known` grows)."""
    made = []
    for entry in entries:
        parts = entry.path.split("/")[:-1]
        for depth in range(1, len(parts) + 1):
            folder = "/".join(parts[:depth])
            if folder not in known:
                known.add(folder)
                made.append(Entry(folder, 0o755, kind="dir"))
        if entry.kind == "dir":
            known.add(entry.path)
    return made + entries


def _system(packages):
    """What a package's scripts, or an installer, would make: users, the merged /usr, the authorities' bundle."""
    links = [Entry(name, 0o777, kind="link", link="usr/" + name) for name in ("bin", "lib", "lib64", "sbin")]
    folders = [Entry(path, mode, kind="dir", owner=owner) for path, mode, owner in
               (("tmp", 0o1777, 0), ("var/lib/firesteel", 0o755, USER), ("usr/bin", 0o755, 0), ("usr/sbin", 0o755, 0), ("usr/lib64", 0o755, 0),
                ("dev", 0o755, 0), ("proc", 0o755, 0), ("sys", 0o755, 0), ("run", 0o755, 0))]
    authorities = sorted((e for p in packages if p.name == "ca-certificates" for e in p.entries if e.path.endswith(".crt")),
                         key=lambda entry: entry.path)
    bundle = b"".join(entry.data.rstrip(b"\n") + b"\n" for entry in authorities)
    return links + folders + [_file("etc/passwd", PASSWD), _file("etc/group", GROUP), _file(CA_BUNDLE, bundle),
                              _file("etc/nsswitch.conf", "hosts: files dns\n")]


def _of(package):
    """A package's files, and the record of it that scanners look for in images without dpkg."""
    record = _file(f"var/lib/dpkg/status.d/{package.name}", package.control)
    entries = [e for e in package.entries if not e.path.startswith("usr/share/ca-certificates/")]
    if package.name != "ipxe":
        return entries + [record]
    loaders = {e.path.rsplit("/", 1)[1]: e for e in entries if e.path.startswith("usr/lib/ipxe/")}
    data = {name: loaders[loaders[name].link].data if loaders[name].kind == "link" else loaders[name].data
            for name in SHIPPED_LOADERS}
    return [_file(LOADERS + name, data[name], mtime=loaders[name].mtime) for name in SHIPPED_LOADERS] + [
        e for e in entries if e.path.startswith("usr/share/doc/")] + [record]


def _capabilities(numbers):
    """Of the file, permitted but not effective: the program raises them. linux/capability.h, VFS_CAP_REVISION_2."""
    mask = sum(1 << number for number in numbers)
    return {"security.capability": struct.pack("<IIIII", 0x02000000, mask & 0xFFFFFFFF, 0, mask >> 32, 0)} if numbers else {}


def layers(contents):
    """Each as (entries, what it is): what both images share, what this one needs besides, our own. The first
    two have the packages' own times, so that they stay the same from commit to commit."""
    known = set()
    program, epoch = contents.program, contents.epoch
    shared = [entry for package in contents.shared for entry in _of(package)] + _system(contents.shared)
    own = [entry for package in contents.own for entry in _of(package)]
    ours = [Entry(program.path, 0o755, epoch, data=contents.binary, xattrs=_capabilities(program.capabilities)),
            _file(f"usr/share/sbom/{contents.image}.spdx.json", contents.sbom, mtime=epoch),
            _file("usr/share/doc/firesteel/LICENSE", contents.license, mtime=epoch)]
    _check_libraries(program.path, shared + own + ours, {p.name: p for p in contents.shared + contents.own})
    return [(_with_folders(shared, known), "Debian packages of both images"),
            (_with_folders(own, known), f"Debian packages of {contents.image}"),
            (_with_folders(ours, known), f"firesteel {contents.image}")]


def _dynamic(entries):
    """By path: the library's own name ("" = none) and the names that it needs."""
    found = {}
    with tempfile.NamedTemporaryFile() as file:
        for entry in entries:
            if entry.kind != "file" or not entry.data.startswith(b"\x7fELF"):
                continue
            file.seek(0)
            file.truncate()
            file.write(entry.data)
            file.flush()
            lines = subprocess.run(["readelf", "-dW", file.name], check=True, capture_output=True, text=True).stdout.splitlines()
            name = [line.split("[")[1].split("]")[0] for line in lines if "(SONAME)" in line]
            needed = [line.split("[")[1].split("]")[0] for line in lines if "(NEEDED)" in line]
            found[entry.path] = ("".join(name), needed)
    return found


def _check_libraries(program, entries, packages):
    """Every library that is needed is there, and every package of libraries has one that is needed."""
    dynamic = _dynamic(entries)
    path_of = {name: path for path, (name, _) in dynamic.items() if name}
    reached, ahead = set(), [path for path in dynamic if path.startswith("usr/bin/")]
    while ahead:
        path = ahead.pop()
        if path in reached:
            continue
        reached.add(path)
        for name in dynamic[path][1]:
            if name not in path_of:
                raise SystemExit(f"images: {path} needs {name}, which no package of deploy/images/packages has")
            ahead.append(path_of[name])
    for package in packages.values():
        libraries = [entry.path for entry in package.entries if entry.path in dynamic]
        if libraries and not reached.intersection(libraries):
            raise SystemExit(f"images: {program} needs nothing of {package.name}: take it out of deploy/images/packages")
