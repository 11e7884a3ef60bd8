"""A program of an image, run as Kubernetes' runtimes run it: in the image's files, read-only, with the image's
user and environment, no privileges to gain, NET_BIND_SERVICE permitted, in a network namespace of its own."""
import ctypes
import json
import os
import pathlib
import signal
import subprocess
import time

CLONE_NEWNS, CLONE_NEWNET, CLONE_NEWIPC = 0x20000, 0x40000000, 0x08000000
MS_RDONLY, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 1, 32, 4096, 16384, 1 << 18
PR_SET_KEEPCAPS, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 8, 24, 38
CAP_NET_BIND_SERVICE = 10
LAST_CAPABILITY = int(pathlib.Path("/proc/sys/kernel/cap_last_cap").read_text())
libc = ctypes.CDLL(None, use_errno=True)


def _must(result, what):
    if result != 0:
        raise OSError(ctypes.get_errno(), what)


def _confine(rootfs, user, group):
    """In the child, before exec: what runc does for a container without privileges."""
    _must(libc.unshare(CLONE_NEWNS | CLONE_NEWIPC), "unshare")
    _must(libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None), "private mounts")
    root = str(rootfs).encode()
    _must(libc.mount(root, root, None, MS_BIND, None), "bind")
    _must(libc.mount(root, root, None, MS_BIND | MS_REMOUNT | MS_RDONLY, None), "read-only")
    os.chroot(rootfs)
    os.chdir("/")
    for capability in range(LAST_CAPABILITY + 1):
        if capability != CAP_NET_BIND_SERVICE:
            libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
    libc.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setgroups([])
    os.setresgid(group, group, group)
    os.setresuid(user, user, user)
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    mask = 1 << CAP_NET_BIND_SERVICE
    data = (ctypes.c_uint32 * 6)(mask, mask, 0, 0, 0, 0)  # effective, permitted, inheritable; twice
    _must(libc.capset(header, data), "capset")
    _must(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")


class Bundle:
    """An image unpacked by umoci, which reads it as a registry's client would."""

    def __init__(self, work, name, config):
        self.name, self.config, self.work = name, config, work
        reference = json.loads((work / "first" / name / "index.json").read_bytes())["manifests"][0]["annotations"]
        tag = reference["org.opencontainers.image.ref.name"]
        subprocess.run(["umoci", "unpack", "--image", f"{work}/first/{name}:{tag}", work / f"bundle-{name}"], check=True,
                       capture_output=True)
        self.rootfs = work / f"bundle-{name}" / "rootfs"

    def _spawn(self, words, program, before, output):
        user, group = (int(number) for number in self.config["User"].split(":"))

        def prepare():
            before()
            _confine(self.rootfs, user, group)
        return subprocess.Popen([program or self.config["Entrypoint"][0], *words], preexec_fn=prepare, stdin=subprocess.DEVNULL,
                                stdout=output, stderr=subprocess.STDOUT, env=dict(v.split("=", 1) for v in self.config["Env"]))

    def run(self, *words, program=None):
        process = self._spawn(words, program, lambda: _must(libc.unshare(CLONE_NEWNET), "network"), subprocess.PIPE)
        output, _ = process.communicate(timeout=120)
        return process.returncode, output.decode(errors="replace")

    def start(self, *words):
        return Daemon(self, words)


class Daemon:
    """In the network namespace firesteel-images-<pid>, which goes with it."""

    def __init__(self, bundle, words):
        self.namespace = f"firesteel-images-{os.getpid()}"
        self.log_path = bundle.work / f"{bundle.name}.log"
        self.bundle, self.words, self.status = bundle, words, None

    def __enter__(self):
        subprocess.run(["ip", "netns", "add", self.namespace], check=True)
        subprocess.run(["ip", "-n", self.namespace, "link", "set", "lo", "up"], check=True)
        namespace = os.open(f"/run/netns/{self.namespace}", os.O_RDONLY)
        with open(self.log_path, "wb") as log:
            self.process = self.bundle._spawn(self.words, None, lambda: _must(libc.setns(namespace, CLONE_NEWNET), "setns"), log)
        os.close(namespace)
        return self

    def __exit__(self, *unused):
        self.process.send_signal(signal.SIGTERM)
        self.status = self.process.wait(timeout=120)
        subprocess.run(["ip", "netns", "del", self.namespace], check=True)

    def log(self):
        return self.log_path.read_text(errors="replace")

    def wait_for(self, text, seconds=120):
        end = time.monotonic() + seconds
        while text not in self.log():
            assert time.monotonic() < end and self.process.poll() is None, self.log()
            time.sleep(0.05)

    def curl(self, url):
        done = subprocess.run(["ip", "netns", "exec", self.namespace, "curl", "-sS", "--fail", "-m", "120", url], capture_output=True)
        assert done.returncode == 0, (url, done.stderr, self.log())
        return done.stdout
