"""What crash.py, contention.py and soak.py share: a bare remote, clones of it, and git pm in them."""
import json, os, shutil, subprocess, tempfile

DEFAULT = os.path.join(os.path.dirname(__file__), "..", "target", "release", "git-pm")


class Stage:
    """A folder with `hub.git` and clones `c0`, `c1`, …, in a world of its own."""

    def __init__(self, binary, clones):
        self.binary = os.path.abspath(binary)
        self.dir = tempfile.mkdtemp(prefix="git-pm-bench-")
        home = os.path.join(self.dir, "home")
        bin_dir = os.path.join(self.dir, "bin")
        os.makedirs(home)
        os.makedirs(bin_dir)
        os.symlink(self.binary, os.path.join(bin_dir, "git-pm"))
        with open(os.path.join(home, "gitconfig"), "w") as file:
            file.write("[init]\n\tdefaultBranch = main\n[user]\n\tname = Ana\n\temail = ana@example.org\n"
                       "[gc]\n\tauto = 0\n[protocol \"file\"]\n\tallow = always\n")
        self.env = {"PATH": bin_dir + ":" + os.environ["PATH"], "HOME": home, "LC_ALL": "C", "TZ": "UTC",
                    "GIT_CONFIG_GLOBAL": os.path.join(home, "gitconfig"), "GIT_CONFIG_NOSYSTEM": "1"}
        self.must(self.dir, "git", "init", "-q", "--bare", "hub.git")
        self.clones = [self.at(f"c{n}") for n in range(clones)]
        first = self.clones[0]
        self.must(self.dir, "git", "init", "-q", "c0")
        os.makedirs(os.path.join(first, "src"))
        for n in range(20):
            with open(os.path.join(first, "src", f"file{n}.txt"), "w") as file:
                file.write("begin\n")
        self.must(first, "git", "add", "-A")
        self.must(first, "git", "commit", "-q", "-m", "Begin")
        self.must(first, "git", "remote", "add", "origin", self.at("hub.git"))
        self.must(first, "git", "push", "-q", "-u", "origin", "main")
        for clone in self.clones[1:]:
            self.must(self.dir, "git", "clone", "-q", self.at("hub.git"), clone)
        for clone in self.clones:
            self.must(clone, self.binary, "init")

    def at(self, name):
        return os.path.join(self.dir, name)

    def spawn(self, where, *args, stdin=None):
        return subprocess.Popen(args, cwd=where, env=self.env, start_new_session=True, text=True,
                                stdin=subprocess.PIPE if stdin is not None else subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def run(self, where, *args, stdin=None):
        """(exit code, standard output, standard error)"""
        child = self.spawn(where, *args, stdin=stdin)
        out, err = child.communicate(stdin)
        return child.returncode, out, err

    def must(self, where, *args, stdin=None):
        code, out, err = self.run(where, *args, stdin=stdin)
        if code != 0:
            raise SystemExit(f"{' '.join(args)} in {where}: exit {code}\n{out}{err}")
        return out

    def pm(self, where, *args, stdin=None):
        """(exit code, `data` or `error`)"""
        code, out, _ = self.run(where, self.binary, "--json", *args, stdin=stdin)
        try:
            answer = json.loads(out)
        except ValueError:
            return code, {}
        return code, answer.get("data", answer.get("error"))

    def data(self, where, *args, stdin=None):
        code, data = self.pm(where, *args, stdin=stdin)
        if code != 0:
            raise SystemExit(f"git pm {' '.join(args)} in {where}: exit {code}: {data}")
        return data

    def items(self, where):
        """All items by uid, with comments."""
        listed = self.data(where, "task", "list", "--all", "--limit", "1000000")["items"]
        return {item["uid"]: item for item in listed}

    def tree(self, where):
        return self.must(where, "git", "rev-parse", "refs/pm/main^{tree}").strip()

    def settle(self, rounds=8):
        """Syncs until all clones have one tree; whether they came to that."""
        for _ in range(rounds):
            for clone in self.clones:
                self.pm(clone, "sync")
            if len({self.tree(clone) for clone in self.clones}) == 1:
                return True
        return False

    def faults(self):
        """What git and git pm find wrong in the clones and the hub."""
        found = []
        for place in self.clones + [self.at("hub.git")]:
            code, out, err = self.run(place, "git", "fsck", "--strict", "--no-dangling")
            if code != 0 or "error" in err or "missing" in err:
                found.append(f"git fsck in {place}: {code} {out}{err}"[:300])
        for clone in self.clones:
            code, report = self.pm(clone, "doctor")
            if code != 0:
                bad = [f for f in report.get("findings", [report]) if f.get("level", "fault") == "fault"]
                found.append(f"doctor in {clone}: {bad}"[:300])
        return found

    def close(self, keep):
        if keep:
            print("kept:", self.dir)
        else:
            shutil.rmtree(self.dir)
