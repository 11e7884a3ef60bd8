"""Debian packages, fetched by apt with a state of its own (the machine's stays as it is), and read."""
import dataclasses
import hashlib
import io
import os
import pathlib
import subprocess
import tarfile
import time

RELEASE = "bookworm"
VERSION = "12"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
FRESH_SECONDS = 6 * 3600  # how long what apt knows of the archive is good for
# Left out of the packages; every copyright file stays.
DROPPED = ("usr/share/doc/", "usr/share/man/", "usr/share/locale/", "usr/share/lintian/", "usr/share/info/",
           "usr/share/bug/", "usr/share/gdb/", "usr/share/base-files/", "usr/sbin/", "etc/ca-certificates/",
           "etc/update-motd.d/", "etc/ld.so.conf.d/", "etc/ldap/", "etc/grub.d/", "etc/profile", "etc/skel", "etc/motd",
           "etc/dpkg/", "etc/issue", "etc/host.conf", "home/", "boot/", "media/", "mnt/", "opt/", "srv/", "sys/",
           "proc/", "run/", "var/backups/", "var/local/", "var/mail", "var/run", "var/lock", "var/opt/", "var/spool/",
           "usr/games/", "usr/local/", "usr/include/", "usr/src/")
DROPPED_PARTS = ("/gconv/", "/engines-3/", "/ossl-modules/", "/krb5/plugins/", "/sasl2/", "/perl", "/audit/", "/share/grpc/",
                 "/libgrpc_unsecure.", "/libgrpc_plugin_support.", "/libBrokenLocale.", "/libthread_db.",
                 "/libmemusage.", "/libpcprofile.", "/libc_malloc_debug.", "/libnss_compat.", "/libnss_hesiod.", "/libnsl.")


@dataclasses.dataclass(frozen=True)
class Wanted:
    name: str
    suite: str  # "" = RELEASE


@dataclasses.dataclass
class Entry:
    """A file of an image. `link` is a symbolic link's target; `data` is a regular file's content."""
    path: str
    mode: int
    mtime: int = 0
    kind: str = "file"  # file, dir or link
    data: bytes = b""
    link: str = ""
    owner: int = 0
    xattrs: dict = dataclasses.field(default_factory=dict)


@dataclasses.dataclass
class Package:
    fields: dict  # of its control file
    control: str  # the control file itself
    sha256: str
    entries: list

    @property
    def name(self):
        return self.fields["Package"]


def read_wanted(path, image):
    """The packages of `image` ("both" = the shared layer), in the list's order."""
    lines = [line.split() for line in path.read_text().splitlines() if line.strip() and not line.startswith("#")]
    return [Wanted(words[1], words[2] if len(words) > 2 else "") for words in lines if words[0] == image]


class Archive:
    """Debian's archive for one architecture, from the mirrors that this machine itself uses."""

    def __init__(self, folder, arch):
        self.folder = pathlib.Path(folder) / arch
        self.arch = arch
        for name in ("lists/partial", "cache/archives/partial", "debs"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        (self.folder / "status").touch()
        self.sources = self._write_sources()
        stamp = self.folder / "updated"
        if not stamp.exists() or time.time() - stamp.stat().st_mtime > FRESH_SECONDS:
            self._apt("update")
            stamp.touch()

    def _write_sources(self):
        text = subprocess.run(["apt-get", "indextargets", "--format", "$(REPO_URI) $(CODENAME)"], check=True,
                              capture_output=True, text=True).stdout
        known = sorted({tuple(line.split()) for line in text.splitlines() if len(line.split()) == 2})
        wanted = (RELEASE, RELEASE + "-updates", RELEASE + "-security")
        lines = [f"deb [signed-by={KEYRING}] {uri} {suite} main" for uri, suite in known if suite in wanted]
        lines += [line.replace(f" {RELEASE} ", " trixie ") for line in lines if f" {RELEASE} " in line]
        if not lines:
            raise SystemExit(f"images: this machine's apt knows no mirror of Debian {VERSION}; as root: apt-get update")
        path = self.folder / "sources.list"
        path.write_text("\n".join(lines) + "\n")
        return path

    def _apt(self, *arguments, cwd=None):
        options = {"Dir::Etc::sourcelist": self.sources, "Dir::Etc::sourceparts": "/dev/null", "Dir::Etc::preferences": "/dev/null",
                   "Dir::Etc::preferencesparts": "/dev/null", "Dir::State::lists": self.folder / "lists",
                   "Dir::State::status": self.folder / "status", "Dir::Cache": self.folder / "cache",
                   "APT::Architecture": self.arch, "APT::Architectures": self.arch, "APT::Sandbox::User": "root",
                   "APT::Default-Release": f"/^{RELEASE}(|-security|-updates)$/", "Acquire::Languages": "none",
                   "Acquire::Check-Valid-Until": "false"}  # of frozen mirrors; signatures are checked
        command = ["apt-get", "-q"] + [word for key, value in options.items() for word in ("-o", f"{key}={value}")]
        environment = {**os.environ, "APT_CONFIG": "", "LC_ALL": "C"}
        done = subprocess.run(command + list(arguments), cwd=cwd, env=environment, capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"images: apt-get {' '.join(arguments)}:\n{done.stdout}{done.stderr}")
        return done.stdout

    def fetch(self, wanted):
        """What is wanted, each as a Package."""
        if not wanted:
            return []
        folder = self.folder / "debs"
        names = {w.name + (f"/{w.suite}" if w.suite else ""): w.name for w in wanted}
        # A line each: 'URI' FILE SIZE HASH
        listed = [line.split()[1] for line in self._apt("download", "--print-uris", *names).splitlines() if line.startswith("'")]
        missing = {file.split("_")[0] for file in listed if not (folder / file).exists()}
        if missing:
            part = self.folder / "part"
            part.mkdir(exist_ok=True)
            self._apt("download", *[word for word, name in names.items() if name in missing], cwd=part)
            for file in part.glob("*.deb"):
                file.rename(folder / file.name)
        packages = [read_package(folder / file) for file in listed]
        return sorted(packages, key=lambda package: package.name)


def _control(path):
    text = subprocess.run(["dpkg-deb", "--field", path], check=True, capture_output=True, text=True).stdout
    fields = {}
    for line in text.splitlines():
        if not line.startswith(" ") and ": " in line:
            key, value = line.split(": ", 1)
            fields[key] = value
    return fields, text


def _target_path(path):
    """Where a package's file belongs on a system with /bin, /sbin and /lib merged into /usr."""
    path = path.removeprefix("./").rstrip("/")
    first = path.split("/", 1)[0]
    return "usr/" + path if first in ("bin", "sbin", "lib", "lib64") else path


def _kept(path):
    if path.startswith("usr/share/doc/") and path.endswith("/copyright"):
        return True
    with_slash = path + "/"
    return not (with_slash.startswith(DROPPED) or any(part in with_slash for part in DROPPED_PARTS))


def read_package(path):
    fields, control = _control(path)
    raw = subprocess.run(["dpkg-deb", "--fsys-tarfile", path], check=True, capture_output=True).stdout
    entries = []
    with tarfile.open(fileobj=io.BytesIO(raw)) as tar:
        for member in tar:
            name = _target_path(member.name)
            if name in ("", ".") or member.isdir() or not _kept(name):
                continue  # directories are made as files need them
            entry = Entry(name, member.mode & 0o755, int(member.mtime))
            if member.issym():
                entry.kind, entry.link = "link", member.linkname
            elif member.isfile() or member.islnk():
                entry.data = tar.extractfile(member).read()
            else:
                continue
            entries.append(entry)
    return Package(fields, control, hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest(), entries)
