#!/usr/bin/env python3
"""Runs random hostile authors as agents of real runs, with a scripted human, and checks what has to hold."""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
import traceback

import acts
from check import Checks, GATE, quiet_git
from lab import Lab, become_subreaper, build, kill_group

RUN_BOUND = 150
STATES_WITH_WORK = ("in_review",)


class Seed:
    def __init__(self, seed, binary):
        self.seed, self.r = seed, random.Random(seed)
        self.parent = tempfile.mkdtemp(prefix="hostile-%d-" % seed)
        self.root = self.parent + "/lab"
        os.mkdir(self.root)
        secret = "SECRET%032x" % self.r.getrandbits(128)
        self.lab = Lab(self.root, binary)
        self.choice = build(self.lab, self.r, secret)
        text, self.used = acts.script(self.r, self.root, seed, self.choice["tasks"])
        self.lab.write("agent.sh", text, 0o755)
        self.checks = Checks(self.lab, self.choice, secret, seed)
        self.first, self.merges = self.checks.main, 0

    def token(self):
        return "tok%016x" % self.r.getrandbits(64)

    def wait(self, seconds):
        time.sleep(seconds)

    def judge(self, result, what):
        if result.hung:
            self.checks.found("hang", "%s took over %.0f s; alive: %s" % (what, result.seconds, "; ".join(self.lab.stacks)[:400]))
        if "panicked at" in result.err or "panicked at" in result.out:
            self.checks.found("panic", "%s: %s" % (what, result.err[-400:]))
        return result

    def pm(self, *args, bound=60):
        return self.judge(self.lab.pm(*args, bound=bound), " ".join(args))

    # Steps

    def steps(self):
        r = self.r
        yield "run", self.run
        for _ in range(r.randrange(1, 3)):
            for _ in range(r.randrange(2, 5)):
                step = r.choice(self.human_steps())
                yield step.__name__, step
            yield "review", self.review
            yield "run", self.run
        yield "review", self.review
        yield "merge_queue", self.merge_queue
        yield "collect", self.collect

    def human_steps(self):
        return [self.look, self.look, self.review, self.comment, self.title, self.message, self.setting,
                self.collect, self.send_back, self.sync, self.stop]

    def task(self):
        return self.r.choice(self.choice["tasks"])["id"]

    def run(self):
        """A run, with commands of the human meanwhile."""
        r, checks = self.r, self.checks
        rule = r.choice(("gates", "gates", "ask"))
        args = ["git", "pm", "run", "--with", "script:%s/agent.sh" % self.root, "--merge", rule, "--returns", r.choice("0001"),
                "--agents", r.choice("1233"), "--timeout", "25s", "--idle", "15s", "--retries", "1"]
        meanwhile = [(r.uniform(0.3, 3), r.choice((self.look, self.look, self.comment, self.review, self.message)))
                     for _ in range(r.randrange(3))]
        before = checks.items()
        for task, item in before.items():
            if rule == "gates" and checks.policy(task) in (None, "review"):
                checks.allowed[task] = True
        started = self.lab.start(args, self.descriptors())
        for delay, step in meanwhile:
            time.sleep(delay)
            if started[0].poll() is None:
                step()
        result = self.judge(self.lab.wait(started, RUN_BOUND), "run")
        if result.code < 0 or result.code not in (0, 1, 2, 3, 4, 5, 6, 7, 8):
            self.killed = True
        after = checks.items()
        checks.settled_branches(before, after)
        checks.decisions(after)
        self.agents_words()

    def descriptors(self):
        if not self.choice["descriptors"]:
            return ()
        if not hasattr(self, "fds"):
            seven, eight = os.open(self.root + "/secret", os.O_RDONLY), os.open(self.root + "/shared/append", os.O_APPEND | os.O_WRONLY)
            self.fds = (os.dup2(seven, 7), os.dup2(eight, 8))
        return self.fds

    def agents_words(self):
        """Texts that agents were told are written, from their output."""
        self.told = getattr(self, "told", set())
        for task in self.choice["tasks"]:
            for line in self.pm("logs", task["id"]).out.splitlines():
                token = line.rpartition("ACK ")[2].strip()
                if "ACK tok" in line and token not in self.told:
                    self.told.add(token)
                    self.checks.acknowledge("agent's text", token)

    def look(self):
        for args in self.r.sample([("status",), ("list",), ("worktree", "list"), ("show", self.task()), (), ("ready",),
                                   ("run", "status"), ("logs", self.task()), ("board", "--once"), ("msg", "inbox"), ("doctor",)], 3):
            self.pm(*args)

    def review(self):
        """Approve submitted work by its id, as a human who looks at what changes, and merge some of it."""
        for task in self.choice["tasks"]:
            decision, by_id, merge = self.r.random(), self.r.random() < 0.5, self.r.random() < 0.6
            item = self.pm("show", task["id"], "--json").data()
            if not item or item["status"] not in STATES_WITH_WORK or not item["work"] or decision > 0.8:
                continue
            commit = item["work"]["commit"]
            if item["forced"] or not self.acceptable(commit):
                continue
            option = ["--commit", commit] if by_id else []
            if self.pm("task", "approve", task["id"], *option).code == 0:
                self.checks.approved.setdefault(task["id"], set()).add(commit)
                if merge:
                    self.merges += self.pm("merge", task["id"], "--gates", bound=90).code == 0

    def acceptable(self, commit):
        checks = self.checks
        if not commit or not checks.import_commit(commit):
            return False
        base = quiet_git("--git-dir", checks.store, "merge-base", checks.main, commit).stdout.decode().strip()
        return bool(base) and not any(checks.guarded.search(n) for n in checks.changes(base, commit))

    def comment(self):
        token = self.token()
        if self.pm("task", "comment", self.task(), "remark " + token).code == 0:
            self.checks.acknowledge("comment", token)

    def title(self):
        token, task = self.token(), self.task()
        if self.pm("task", "edit", task, "--title", "Title " + token).code == 0:
            self.titles = getattr(self, "titles", {})
            old = self.titles.get(task)
            self.checks.acknowledged = [a for a in self.checks.acknowledged if a[2] != old]
            self.titles[task] = token
            self.checks.acknowledge("title", token)

    def message(self):
        token = self.token()
        if self.pm("msg", "send", "--new", "--to", self.r.choice(("agent-1", "role:agent", "all")), "note " + token).code == 0:
            self.checks.acknowledge("message", token)

    def setting(self):
        """A setting of the human's; what changes here is expected."""
        key, value = self.r.choice((("pm.approval", "advisory"), ("pm.diffLines", "500"), ("pm.stacked", "true"), ("pm.sandbox", "auto")))
        self.checks.expected.add(self.lab.clone + "/.git/config")
        self.pm("config", key, value)
        if self.r.random() < 0.3:
            self.checks.expected.add("shared")
            self.pm("config", "--shared", "pm.protectedPaths", ".github/ infra/ secrets/ own/")

    def collect(self):
        self.pm(*self.r.choice((("gc", "--yes"), ("worktree", "gc"), ("worktree", "gc", "--force"))))

    def send_back(self):
        self.pm(*self.r.choice((("run", "retry", self.task()), ("task", "reopen", self.task()))))

    def sync(self):
        self.pm("sync", bound=90)

    def stop(self):
        task = self.task()
        self.pm("task", "block", task, "wait")
        self.pm("task", "unblock", task)

    def merge_queue(self):
        self.pm("merge", "--queue", bound=120)

    # A whole seed

    def go(self):
        for name, step in self.steps():
            self.checks.begin("%d %s" % (len(self.lab.transcript), name))
            step()
            for pid in self.checks.end(self.wait):
                os.kill(pid, 9)
            if any(f["kind"] == "hang" for f in self.checks.findings):
                break
        self.checks.begin("end")
        self.checks.texts()
        self.checks.integrity()
        return self.checks.findings


def one_seed(seed, binary, keep):
    """Run one seed in this process; return the record of it."""
    since = time.monotonic()
    lab = None
    try:
        lab = Seed(seed, binary)
        findings = lab.go()
        result = "findings" if findings else "ok"
        record = {"seed": seed, "result": result, "acts": lab.used, "findings": findings, "merged": lab.checks.main != lab.first}
    except Exception:
        record = {"seed": seed, "result": "broken", "acts": lab.used if lab else [], "findings": [
            {"kind": "generator", "what": traceback.format_exc()[-1500:]}]}
    record["seconds"] = round(time.monotonic() - since, 1)
    if lab:
        if keep or record["findings"]:
            with open(lab.parent + "/transcript", "w") as f:
                f.write("\n".join(lab.lab.transcript))
            record["lab"] = lab.parent
        if not keep:
            remove(lab.parent, bool(record["findings"]))
    return record


def remove(parent, keep_transcript):
    for name in os.listdir(parent):
        if name == "transcript" and keep_transcript:
            continue
        subprocess.run(["chmod", "-R", "u+rwX", parent + "/" + name], stderr=subprocess.DEVNULL)
        subprocess.run(["rm", "-rf", parent + "/" + name])
    if not keep_transcript:
        shutil.rmtree(parent, ignore_errors=True)


def child(seed, options):
    """A process for one seed: what escapes from it is adopted by it."""
    become_subreaper()
    print(json.dumps(one_seed(seed, options.binary, options.keep)), flush=True)


def seeds(text):
    first, _, last = text.partition("..")
    return range(int(first), int(last or first) + 1)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", help="the git-pm to test")
    parser.add_argument("--seeds", default="1..200", help="A..B or one number")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--keep", action="store_true", help="keep the labs")
    parser.add_argument("--list", action="store_true", help="print the acts")
    parser.add_argument("--child", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.list:
        print("\n".join("%-32s %s" % (n, acts.ACTS[n][0]) for n in sorted(acts.ACTS)))
        return 0
    if not options.binary:
        parser.error("--binary is needed")
    options.binary = os.path.abspath(options.binary)
    if options.child is not None:
        child(options.child, options)
        return 0
    return run_all(list(seeds(options.seeds)), options)


def run_all(left, options):
    command = [sys.executable, os.path.abspath(__file__), "--binary", options.binary] + (["--keep"] if options.keep else [])
    running, bad = [], False
    while left or running:
        while left and len(running) < options.jobs:
            running.append(subprocess.Popen(command + ["--child", str(left.pop(0))], stdout=subprocess.PIPE, text=True, start_new_session=True))
        for process in [p for p in running if p.poll() is not None]:
            line = process.stdout.read().strip()
            print(line or json.dumps({"result": "broken", "findings": [{"kind": "generator", "what": "no record"}]}), flush=True)
            bad = bad or not line or bool(json.loads(line)["findings"])
            running.remove(process)
        time.sleep(0.1)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
