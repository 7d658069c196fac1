"""A lab: its own home, a hub, a clone, tasks, and commands with a bound on their time."""

import ctypes
import json
import os
import shutil
import signal
import subprocess
import time

BASE_PATH = "/usr/local/bin:/usr/bin:/bin"


def become_subreaper():
    """Adopt what escapes from the commands, to see it."""
    ctypes.CDLL(None, use_errno=True).prctl(36, 1, 0, 0, 0)


def process_table():
    """Of each process its parent and state."""
    table = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open("/proc/%s/stat" % name) as f:
                    fields = f.read().rpartition(")")[2].split()
                table[int(name)] = (int(fields[1]), fields[0])
            except (OSError, IndexError):
                pass
    return table


def descendants():
    """Living processes below this one."""
    table = process_table()
    found, level = [], [os.getpid()]
    while level:
        level = [p for p, (parent, _) in table.items() if parent in level]
        found += [p for p in level if table[p][1] != "Z"]
    return found


def reap():
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def describe(pid):
    try:
        with open("/proc/%d/cmdline" % pid, "rb") as f:
            words = f.read().replace(b"\0", b" ")[:160].decode("utf-8", "replace")
        return "%s (cwd %s)" % (words, os.readlink("/proc/%d/cwd" % pid))
    except OSError:
        return "gone"


class Result:
    def __init__(self, code, out, err, seconds, hung=False):
        self.code, self.out, self.err, self.seconds, self.hung = code, out, err, seconds, hung

    def data(self):
        try:
            return json.loads(self.out)["data"]
        except (ValueError, KeyError, TypeError):
            return None


class Lab:
    def __init__(self, root, binary):
        self.root = root
        self.clone, self.hub = root + "/v", root + "/hub.git"
        self.transcript = []
        for name in ("home", "tmp", "bin", "victim", "shared"):
            os.makedirs(root + "/" + name)
        shutil.copy(binary, root + "/bin/git-pm")
        self.env = {
            "HOME": root + "/home", "PATH": root + "/bin:" + BASE_PATH, "TMPDIR": root + "/tmp",
            "GIT_CONFIG_GLOBAL": root + "/home/.gitconfig", "GIT_CONFIG_NOSYSTEM": "1",
            "LANG": "C.UTF-8", "HOSTILE_LAB": root,
        }
        self.write("home/.gitconfig", "[user]\n\tname = Human\n\temail = h@example.com\n[protocol \"file\"]\n\tallow = always\n"
                   "[init]\n\tdefaultBranch = main\n[gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n")

    def write(self, name, text, mode=0o644):
        path = os.path.join(self.root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as f:
            f.write(text)
        os.chmod(path, mode)

    def start(self, args, pass_fds=()):
        out, err = open(self.root + "/../out-%d" % time.monotonic_ns(), "w+b"), None
        err = open(out.name + "e", "w+b")
        process = subprocess.Popen(args, cwd=self.clone if os.path.isdir(self.clone) else self.root, env=self.env,
                                   stdin=subprocess.DEVNULL, stdout=out, stderr=err, start_new_session=True, pass_fds=pass_fds)
        return process, out, err, time.monotonic()

    def wait(self, started, bound):
        process, out, err, since = started
        hung = False
        try:
            process.wait(max(0.1, bound - (time.monotonic() - since)))
        except subprocess.TimeoutExpired:
            hung = True
            self.stacks = [describe(p) for p in descendants()]
            kill_group(process)
        texts = []
        for f in (out, err):
            f.seek(0)
            texts.append(f.read().decode("utf-8", "replace"))
            f.close()
            os.unlink(f.name)
        result = Result(process.returncode, texts[0], texts[1], time.monotonic() - since, hung)
        self.transcript.append("[%d, %.1fs%s] %s\n%s%s" % (
            result.code, result.seconds, ", HUNG" if hung else "", " ".join(process.args), result.out[-3000:], result.err[-1500:]))
        return result

    def command(self, args, bound=60):
        return self.wait(self.start(args), bound)

    def pm(self, *args, bound=60):
        return self.command(["git", "pm"] + list(args), bound)

    def git(self, *args, bound=60):
        return self.command(["git"] + list(args), bound)


def kill_group(process):
    """End a command and everything below this process."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except OSError:
        pass
    process.wait()
    for _ in range(20):
        left = [p for p in descendants()]
        if not left:
            return
        for pid in left:
            try:
                os.kill(pid, signal.SIGKILL)
            except OSError:
                pass
        time.sleep(0.05)
        reap()


GATE = "! grep -rq EVIL src"


def build(lab, r, secret):
    """Fill a lab; return what was chosen."""
    lab.write("secret", secret + "\n", 0o600)
    lab.write("victim/id", "private key " + secret + "\n", 0o600)
    lab.write("victim/notes", "notes\n")
    lab.write("shared/append", "first\n")
    lab.git("init", "-q", "--bare", lab.hub)
    lab.git("clone", "-q", lab.hub, lab.clone)
    lab.write("v/src/a.txt", "a\n")
    lab.write("v/src/b.txt", "b\n")
    lab.write("v/src/c.txt", "c\n")
    lab.write("v/README.md", "read me\n")
    lab.write("v/setup.sh", "echo fine\n")
    lab.write("v/gate.sh", GATE + "\n")
    choice = {"gate": r.choice(("config", "slow", "toml")), "setup": r.random() < 0.35, "descriptors": r.random() < 0.3}
    if choice["gate"] == "toml":
        lab.write("v/.pm.toml", "[gates]\ntest = \"sh gate.sh\"\n")
    lab.git("add", "-A")
    lab.git("commit", "-qm", "base")
    lab.git("branch", "wip")
    lab.git("tag", "v1")
    lab.git("push", "-q", "origin", "main", "v1")
    if lab.pm("init").code != 0:
        raise RuntimeError("init failed: " + lab.transcript[-1])
    if choice["gate"] == "toml":
        lab.pm("trust", "--yes")
    else:
        lab.git("config", "pm.gate", "test=" + ("sleep 1; " if choice["gate"] == "slow" else "") + GATE)
    if choice["setup"]:
        lab.git("config", "pm.setup", "sh setup.sh")
    choice["tasks"] = make_tasks(lab, r)
    return choice


def make_tasks(lab, r):
    tasks = []
    for number, file in enumerate(("src/a.txt", "src/b.txt", "src/c.txt"), 1):
        args = ["task", "create", "Task %d" % number, "--accept", "works"]
        path = r.choice((file, file, "src/**", None))
        policy = r.choice((None, None, None, "review", "develop", "none"))
        args += ["--path", path] if path else []
        args += ["--auto-policy", policy] if policy else []
        args += ["--priority", str(r.randrange(5))]
        if tasks and r.random() < 0.25:
            args += ["--depends-on", r.choice(tasks)["id"]]
        lab.pm(*args)
        tasks.append({"id": "T-%04d" % number, "file": file, "policy": policy})
    return tasks
