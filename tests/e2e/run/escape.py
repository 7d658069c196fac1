# Tries to leave the sandbox in every way that the test lists. Prints `NAME escaped` or
# `NAME refused: why` for each into the file that it is given. Standard library only.
import ctypes
import json
import os
import signal
import socket
import subprocess
import sys

PLAN = json.loads("""@PLAN@""")
HOME, MAIN, OUTSIDE = PLAN["home"], PLAN["main"], PLAN["outside"]
COMMON, NEIGHBOUR = PLAN["common"], PLAN["neighbour"]
libc = ctypes.CDLL(None, use_errno=True)


def read(path):
    with open(path, "rb") as file:
        return len(file.read()) > 0


def write(path, text="# escaped\n"):
    with open(path, "a") as file:
        file.write(text)
    return True


def called(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return True


def ran(*words):
    done = subprocess.run(words, capture_output=True, text=True, timeout=20)
    if done.returncode:
        raise OSError(done.stderr.strip().splitlines()[-1:] or done.returncode)
    return True


def linked():
    os.symlink(HOME, "link-to-home")
    try:
        return read("link-to-home/.ssh/id_ed25519")
    finally:
        os.unlink("link-to-home")


def hard_linked():
    if os.path.lexists("hard-link"):
        os.unlink("hard-link")
    os.link(HOME + "/.ssh/id_ed25519", "hard-link")
    return read("hard-link")


def moved():
    os.rename(MAIN + "/secret.env", "secret.env")
    return read("secret.env")


def connect(family, kind, to):
    with socket.socket(family, kind) as client:
        client.settimeout(3)
        client.connect(to)
        return client.send(b"escaped\n") > 0


def traced():
    # PTRACE_SEIZE, which does not stop the process.
    return called(libc.ptrace(0x4206, PLAN["pid"], None, None))


def memory_read():
    buffer = ctypes.create_string_buffer(8)
    class Vector(ctypes.Structure):
        _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]
    ours = Vector(ctypes.cast(buffer, ctypes.c_void_p), 8)
    theirs = Vector(PLAN["address"], 8)
    return called(libc.process_vm_readv(PLAN["pid"], ctypes.byref(ours), 1, ctypes.byref(theirs), 1, 0))


def killed():
    os.kill(PLAN["victim"], signal.SIGKILL)
    return True


def mounted():
    called(libc.unshare(0x10000000 | 0x00020000))
    return called(libc.mount(HOME.encode(), os.getcwd().encode(), None, 4096, None))


def device():
    os.mknod("disk", 0o600 | 0o060000, os.makedev(*PLAN["disk"]))
    try:
        return os.open("disk", os.O_RDONLY) > 0
    finally:
        os.unlink("disk")


def rings():
    return called(libc.syscall(425, 4, ctypes.create_string_buffer(256)))


def keys():
    return called(libc.syscall(248, b"user", b"escape", b"x", 1, ctypes.c_long(-3)))


def git(*words):
    return ran("git", "--git-dir", COMMON, *words)


def moved_main():
    made = subprocess.run(["git", "commit-tree", "HEAD^{tree}", "-m", "x"], capture_output=True, text=True)
    return git("update-ref", "refs/heads/main", made.stdout.strip())


TRIES = {
    "read-home": lambda: read(HOME + "/.ssh/id_ed25519"),
    "list-home": lambda: os.listdir(HOME) is not None,
    "read-home-by-link": linked,
    "read-home-by-hard-link": hard_linked,
    "read-home-by-proc": lambda: read("/proc/self/root" + HOME + "/.ssh/id_ed25519"),
    "read-main-checkout": lambda: read(MAIN + "/secret.env"),
    "move-from-main-checkout": moved,
    "read-neighbour": lambda: read(NEIGHBOUR + "/note.txt"),
    "read-shadow": lambda: read("/etc/shadow"),
    "write-home": lambda: write(HOME + "/.profile"),
    "write-outside": lambda: write(OUTSIDE + "/file"),
    "write-beside-worktree": lambda: write("../file"),
    "write-neighbour": lambda: write(NEIGHBOUR + "/note.txt"),
    "write-main-checkout": lambda: write(MAIN + "/README.md"),
    "truncate-outside": lambda: os.truncate(OUTSIDE + "/kept", 0) is None,
    "remove-outside": lambda: os.remove(OUTSIDE + "/removable") is None,
    "make-folder-outside": lambda: os.mkdir(OUTSIDE + "/folder") is None,
    "write-hook": lambda: write(COMMON + "/hooks/post-checkout"),
    "replace-hooks": lambda: os.rename(COMMON + "/hooks", COMMON + "/hooks-away") is None,
    "write-config": lambda: git("config", "core.fsmonitor", "touch " + OUTSIDE + "/ran"),
    "write-config-file": lambda: write(COMMON + "/config"),
    "write-attributes": lambda: write(COMMON + "/info/attributes"),
    "write-options-of-runs": lambda: write(COMMON + "/pm/runs/x"),
    "write-own-hooks": lambda: write(COMMON + "/pm/hooks.json"),
    "write-alternates": lambda: write(COMMON + "/objects/info/alternates"),
    "remove-packs": lambda: os.rename(COMMON + "/objects/pack", COMMON + "/objects/away") is None,
    "move-main": moved_main,
    "delete-branch": lambda: git("update-ref", "-d", "refs/heads/kept"),
    "write-neighbours-git": lambda: write(PLAN["neighbours_git"] + "/HEAD"),
    "read-environment-of-runner": lambda: read("/proc/%d/environ" % PLAN["pid"]),
    "read-memory-of-runner": lambda: memory_read(),
    "enter-folder-of-runner": lambda: os.listdir("/proc/%d/cwd/" % PLAN["pid"]) is not None,
    "trace-runner": traced,
    "kill-neighbour": killed,
    "tcp": lambda: connect(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", PLAN["tcp"])),
    "udp": lambda: connect(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", PLAN["udp"])),
    "unix-socket": lambda: connect(socket.AF_UNIX, socket.SOCK_STREAM, PLAN["unix"]),
    "abstract-socket": lambda: connect(socket.AF_UNIX, socket.SOCK_STREAM, "\0" + PLAN["abstract"]),
    "datagram-pair": lambda: socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM) is not None,
    "terminal": lambda: os.openpty() is not None,
    "mount": mounted,
    "disk": device,
    "io-uring": rings,
    "keyring": keys,
}


def attempt(name):
    # In a process of its own: some tries change the process.
    done = subprocess.run([sys.executable, sys.argv[0], name], capture_output=True, text=True, timeout=60)
    return done.stdout.strip() or "%s refused: %s" % (name, done.stderr.strip()[-200:] or done.returncode)


if len(sys.argv) > 1:
    name = sys.argv[1]
    try:
        print(name, "escaped" if TRIES[name]() else "refused: no effect")
    except OSError as error:
        print(name, "refused:", str(error).replace("\n", " "))
else:
    sys.stdin.read()
    lines = [attempt(name) for name in TRIES]
    with open(PLAN["report"], "w") as report:
        report.write("\n".join(lines) + "\nend\n")
