#!/usr/bin/env python3
"""Random histories of real clones of one bare remote, with accidents, and a checker that knows nothing of
git pm but its JSON. Each history picks its accidents: kills of the process group, a remote that refuses or
keeps its answer to itself, a remote that is rewound, history that is cut, hook tools that arrive before or
after `init`. Clones write at once, also to issues that another one holds, and cancel tasks that another one
started.

Every text is used once, and each edit notes which text its author saw in that clone. Once all clones have
synced to the end, every acknowledged text must be found: in its field, among the versions that
`git pm conflicts` lists, among what `git pm log --conflicts` lists, or behind a text whose author saw it.
What was created is there, trees are equal, `git fsck`, `git pm fsck` and `git pm doctor` find no fault.
Prints one JSON line; exit code 1 when anything is lost or silently overridden.

    benches/histories.py [--count 500] [--steps 60] [--seed 1] [--binary PATH] [--keep]"""
import argparse, collections, json, os, random, signal, sys, time
from stage import DEFAULT, Stage

parser = argparse.ArgumentParser()
parser.add_argument("--count", type=int, default=500)
parser.add_argument("--steps", type=int, default=60)
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--binary", default=DEFAULT)
parser.add_argument("--keep", action="store_true", help="keeps the folders of histories with findings")
args = parser.parse_args()

REFUSING = "#!/bin/sh\n[ -e \"$GIT_DIR/refuse\" ] && { echo 'down for maintenance' >&2; exit 1; }\nexit 0\n"
SILENT = "#!/bin/sh\n[ -e \"$GIT_DIR/silent\" ] && kill -9 $PPID\nexit 0\n"
HOOK = "#!/bin/sh\necho \"${0##*/}\" >>\"$(git rev-parse --git-common-dir)/tool-ran\"\n"
FIELDS = {"task": [("title", "--title"), ("body", "--body")],
          "issue": [("title", "--title"), ("body", "--description"), ("notes", "--notes"), ("design", "--design")]}


class History:
    def __init__(self, seed):
        self.seed, self.dice = seed, random.Random(seed)
        self.stage = Stage(args.binary, self.dice.choice([2, 3, 3, 4]))
        self.hub = self.stage.at("hub.git")
        for name, text in (("pre-receive", REFUSING), ("post-receive", SILENT)):
            self.script(os.path.join(self.hub, "hooks", name), text)
        self.accidents = {a for a in ("kill", "refuse", "silent", "rewind", "cut", "tool") if self.dice.random() < 0.3}
        self.made, self.comments, self.writes, self.trace = {}, [], [], []
        self.problems, self.acknowledged, self.cut, self.count = [], 0, False, 0

    @staticmethod
    def script(path, text):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)
        os.chmod(path, 0o755)

    def pm(self, n, *command, kill=False):
        """(exit code, answer); a killed one has None for a code."""
        where = self.stage.clones[n]
        self.trace.append(f"c{n} {'KILL ' if kill else ''}{' '.join(command)}")
        words = (self.stage.binary, "--json", "--as", f"actor{n}", *command)
        if kill:
            child = self.stage.spawn(where, *words)
            try:
                child.wait(self.dice.choice([0.001, 0.004, 0.008, 0.015, 0.03, 0.06, 0.1]))
            except Exception:
                pass
            if child.poll() is None:
                os.killpg(child.pid, signal.SIGKILL)
                child.communicate()
                return None, {}
            out, _ = child.communicate()
            code = child.returncode
        else:
            code, out, err = self.stage.run(where, *words)
            if code < 0 or "panicked" in err:
                self.problems.append(f"{' '.join(command)}: {code} {err[-300:]}")
        self.acknowledged += code == 0
        try:
            answer = json.loads(out)
        except ValueError:
            return code, {}
        return code, answer.get("data") or answer.get("error") or {}

    def token(self):
        self.count += 1
        return f"text{self.seed}x{self.count}"

    def some(self, kind):
        known = [uid for uid, k in self.made.items() if k == kind]
        return self.dice.choice(known) if known else None

    def shown(self, n, uid):
        code, item = self.pm(n, "show", uid)
        return item if code == 0 else None

    def step(self):
        n = self.dice.randrange(len(self.stage.clones))
        kill = "kill" in self.accidents and self.dice.random() < 0.12
        actions = [(self.create, 5), (self.edit, 12), (self.comment, 4), (self.hold, 4), (self.end, 3), (self.sync, 7)]
        if self.dice.random() < 0.08:
            actions = [(self.accident, 1)]
        act = self.dice.choices([a for a, _ in actions], [w for _, w in actions])[0]
        act(n, kill)

    def create(self, n, kill):
        kind, title = self.dice.choice(["task", "issue"]), self.token()
        code, item = self.pm(n, kind, "create", title, kill=kill)
        if code == 0:
            self.made[item["uid"]] = kind
            self.writes.append((item["uid"], "title", title, None, True))

    def edit(self, n, kill):
        kind = self.dice.choice(["task", "issue", "issue"])
        uid = self.some(kind)
        item = uid and self.shown(n, uid)
        if not item:
            return
        field, flag = self.dice.choice(FIELDS[kind])
        saw, text = (item.get(field) or "").strip(), self.token()
        verb = "edit" if kind == "task" else "update"
        code, _ = self.pm(n, kind, verb, uid, flag, text, kill=kill)
        if code == 0 or code is None or code == 6:
            self.writes.append((uid, field, text, saw, code == 0))

    def comment(self, n, kill):
        uid, text = self.some(self.dice.choice(["task", "issue"])), self.token()
        if uid and self.shown(n, uid):
            code, _ = self.pm(n, self.made[uid], "comment", uid, text, kill=kill)
            if code == 0:
                self.comments.append((uid, text))

    def hold(self, n, kill):
        if self.dice.random() < 0.5 and (uid := self.some("task")):
            offline = ["--offline"] if self.dice.random() < 0.2 else []
            self.pm(n, "start", uid, "--no-worktree", *offline, kill=kill)
        elif uid := self.some("issue"):
            self.pm(n, "issue", "claim", uid, kill=kill)

    def end(self, n, kill):
        if uid := self.some("task"):
            self.pm(n, "task", self.dice.choice(["cancel", "drop", "block"]), uid, "--reason", self.token(), kill=kill)
        elif uid := self.some("issue"):
            self.pm(n, "issue", "close", uid, "--reason", self.token(), "--force", kill=kill)

    def sync(self, n, kill):
        self.pm(n, "sync", kill=kill)

    def accident(self, n, kill):
        kind = self.dice.choice(sorted(self.accidents) or ["none"])
        self.trace.append(f"accident {kind} at c{n}")
        where = self.stage.clones[n]
        if kind in ("refuse", "silent"):
            path = os.path.join(self.hub, kind)
            open(path, "w").close() if not os.path.exists(path) else os.remove(path)
        elif kind == "rewind":
            log = self.stage.run(self.hub, "git", "rev-list", "-n", "12", "refs/pm/main")[1].split()
            if log:
                self.stage.run(self.hub, "git", "update-ref", "refs/pm/main", self.dice.choice(log))
        elif kind == "cut":
            if self.pm(n, "gc", "--new-generation", "--yes")[0] == 0:
                self.cut = True
        elif kind == "tool":
            self.script(os.path.join(where, ".tool", "pre-commit"), HOOK)
            self.stage.run(where, "git", "config", "core.hooksPath", ".tool")
            if self.dice.random() < 0.5:
                self.pm(n, "hook", "install")
            name = f"note{len(self.trace)}.txt"
            with open(os.path.join(where, name), "w") as file:
                file.write("x")
            self.stage.run(where, "git", "add", name)
            code, _, err = self.stage.run(where, "git", "commit", "-q", "-m", "x", "--", name)
            if code != 0 and "reserved" not in err and "protected" not in err:
                self.problems.append(f"a commit beside a hook tool: {err[-300:]}")

    def settle(self):
        for name in ("refuse", "silent"):
            if os.path.exists(os.path.join(self.hub, name)):
                os.remove(os.path.join(self.hub, name))
        if not self.stage.settle(rounds=10):
            last = [self.pm(n, "sync") for n in range(len(self.stage.clones))]
            self.problems.append(f"the clones do not come to one state: {last}"[:600])

    def check(self):
        where = self.stage.clones[0]
        conflicts = json.dumps(self.stage.pm(where, "conflicts")[1])
        overridden = "".join(json.dumps(self.stage.pm(clone, "log", "--conflicts", "--limit", "100000")[1])
                             for clone in self.stage.clones)
        items = {uid: self.stage.pm(where, "show", uid)[1] for uid in self.made}
        for uid, item in items.items():
            if item.get("uid") != uid:
                self.problems.append(f"created and gone: {self.made[uid]} {uid}")
        for uid, text in self.comments:
            if all(c["body"].strip() != text for c in items[uid].get("comments") or []):
                self.problems.append(f"a comment is lost: {text}")
        seen = {(uid, field, saw) for uid, field, _, saw, _ in self.writes}
        ways = collections.Counter()
        for uid, field, text, _, acknowledged in self.writes:
            if not acknowledged:
                continue
            if (items[uid].get(field) or "").strip() == text:
                ways["shown"] += 1
            elif (uid, field, text) in seen:
                ways["replaced by someone who saw it"] += 1
            elif text in conflicts:
                ways["kept beside"] += 1
            elif text in overridden:
                ways["listed as overridden"] += 1
            elif self.cut and field != "body":
                ways["listed in the history that was cut"] += 1
            else:
                self.problems.append(f"silently overridden: {field} {text} of {self.made[uid]} {uid}")
        for clone in self.stage.clones:
            code, report = self.stage.pm(clone, "fsck")
            faults = [f for f in report.get("findings", []) if f.get("severity") == "fault"]
            if code != 0:
                self.problems.append(f"fsck: {code} {faults}"[:400])
        self.problems += [f for f in self.stage.faults() if "hooks" not in f]
        return ways

    def run(self):
        for _ in range(args.steps):
            self.step()
        self.settle()
        return self.check()


begun, total, ways, bad, flavours = time.time(), 0, collections.Counter(), [], collections.Counter()
for number in range(args.count):
    history = History(args.seed * 100_000 + number)
    ways.update(history.run())
    flavours.update(history.accidents)
    total += history.acknowledged
    if history.problems:
        bad.append({"seed": history.seed, "accidents": sorted(history.accidents), "problems": history.problems[:5]})
        print(json.dumps(bad[-1]), file=sys.stderr)
        if args.keep:
            with open(history.stage.at("trace"), "w") as file:
                file.write("\n".join(history.trace))
    history.stage.close(args.keep and history.problems)
print(json.dumps({"histories": args.count, "acknowledged": total, "texts": ways, "accidents": flavours,
                  "with_findings": len(bad), "seconds": round(time.time() - begun)}))
sys.exit(1 if bad else 0)
