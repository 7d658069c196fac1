#!/usr/bin/env python3
"""A fleet of agents in three clones works off a plan of 40 tasks, and a scripted lead approves and
merges in a clone of its own. Half of the tasks, or as many as `--conflicts` says, edit the same lines
of one file, which is outside of their planned paths. One agent dies and does not come back.

The agents do what `git pm next --claim` and `git pm prime` tell them, and nothing else. At the end
every task has to be merged, here and at the remote, with each agent's line in the shared file.

    PATH=DIR-OF-GIT-PM:$PATH benches/fleet.py --conflicts 80 --limit 600
"""

import argparse
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time

TASKS = 20
FINISHED = 9

OPTIONS = argparse.ArgumentParser(description=__doc__)
OPTIONS.add_argument("--conflicts", type=int, default=50, help="per cent of tasks that conflict")
OPTIONS.add_argument("--limit", type=int, default=900, help="seconds")
OPTIONS.add_argument("--seed", type=int, default=1)
OPTIONS.add_argument("--lease", type=int, default=1, help="minutes (pm.agentLease)")
OPTIONS.add_argument("--keep", action="store_true")
ARGS = OPTIONS.parse_args()

ROOT = tempfile.mkdtemp(prefix="fleet-", dir=os.environ.get("TMPDIR"))
CHOSEN = random.Random(ARGS.seed)
CONFIG = f"{ROOT}/gitconfig"
PASSED = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
CALLS = {"count": 0, "seconds": 0.0}
LOCK = threading.Lock()


def run(folder, *args, actor=None, check=True, text=None):
    """Runs a command; of git pm the calls and their seconds are counted for agents."""
    env = {**PASSED, "HOME": f"{ROOT}/home", "GIT_CONFIG_GLOBAL": CONFIG, "GIT_CONFIG_NOSYSTEM": "1"}
    if actor:
        env.update(GIT_PM_ACTOR=actor, AI_AGENT="1")
    began = time.monotonic()
    done = subprocess.run(args, cwd=folder, env=env, input=text or "", capture_output=True, text=True)
    if actor and args[:2] == ("git", "pm"):
        with LOCK:
            CALLS["count"] += 1
            CALLS["seconds"] += time.monotonic() - began
    if check and done.returncode:
        raise RuntimeError(f"{args} in {folder}: {done.returncode}\n{done.stdout}{done.stderr}")
    return done


def pm(folder, *args, **named):
    return run(folder, "git", "pm", *args, **named)


def data(done):
    return json.loads(done.stdout)["data"]


def set_up():
    os.makedirs(f"{ROOT}/home")
    for key, value in {
        "user.name": "lead",
        "user.email": "lead@example.org",
        "init.defaultBranch": "main",
        "pm.pushTarget": "always",
        "pm.agentLease": str(ARGS.lease),
    }.items():
        subprocess.run(["git", "config", "-f", CONFIG, key, value], check=True)
    run(ROOT, "git", "init", "-q", "--bare", "origin.git")
    lead = f"{ROOT}/lead"
    run(ROOT, "git", "clone", "-q", "origin.git", "lead", check=False)
    lines = ["# Product", "", "## Requirements", ""]
    for number in range(1, TASKS + 1):
        lines += [
            f"### FR-{number}: Build part {number}",
            "",
            f"The product must have part {number} in `parts/p{number}.txt`.",
            "",
            "Acceptance criteria:",
            "",
            f"- `parts/p{number}.txt` exists",
            "",
        ]
    with open(f"{lead}/prd.md", "w", encoding="utf-8") as file:
        file.write("\n".join(lines))
    with open(f"{lead}/shared.txt", "w", encoding="utf-8") as file:
        file.write("first\nlast\n")
    run(lead, "git", "add", ".")
    run(lead, "git", "commit", "-qm", "Begin")
    run(lead, "git", "push", "-q", "origin", "main")
    pm(lead, "init")
    prd = data(pm(lead, "prd", "add", "prd.md", "--json"))["id"]
    pm(lead, "plan", "new", prd)
    pm(lead, "plan", "approve", prd)
    pm(lead, "sync")
    folders = []
    for number in (1, 2, 3):
        run(ROOT, "git", "clone", "-q", "origin.git", f"clone{number}")
        pm(f"{ROOT}/clone{number}", "init")
        folders.append(f"{ROOT}/clone{number}")
    return lead, folders


class Agent(threading.Thread):
    """One that claims, does what its briefing says, and submits."""

    def __init__(self, name, clone, dies):
        super().__init__(daemon=True)
        self.name, self.clone, self.dies = name, clone, dies
        self.error, self.done, self.resolved = None, [], 0

    def run(self):
        try:
            while self.step():
                pass
        except Exception as error:  # The thread's end has to be seen.
            self.error = error

    def step(self):
        got = pm(
            self.clone, "next", "--claim", "--json", actor=self.name, check=False
        )
        if got.returncode == FINISHED:
            return False
        if got.returncode:
            time.sleep(1)
            return time.monotonic() < END
        item = data(got)
        if self.dies:
            return False
        task, place = item["id"], item["worktree"]
        briefing = pm(place, "prime", actor=self.name).stdout
        time.sleep(CHOSEN.uniform(0.05, 0.3))
        note = re.search(r"^## Returned by .*\n((?:> ?.*\n)+)", briefing, re.M)
        if note and "conflicts with" in note.group(1):
            self.resolve(place, note.group(1))
        else:
            self.work(task, place)
        pm(place, "task", "accept", task, "--all", actor=self.name, check=False)
        finished = pm(place, "finish", task, actor=self.name, check=False)
        if finished.returncode:
            raise RuntimeError(f"{self.name} {task}: {finished.stderr}")
        self.done.append(task)
        return True

    def work(self, task, place):
        os.makedirs(f"{place}/parts", exist_ok=True)
        with open(f"{place}/parts/{task}.txt", "w", encoding="utf-8") as file:
            file.write(f"{task} by {self.name}\n")
        if task in CONFLICTING:
            with open(f"{place}/shared.txt", encoding="utf-8") as file:
                lines = file.read().splitlines()
            lines.insert(1, f"line of {task}")
            with open(f"{place}/shared.txt", "w", encoding="utf-8") as file:
                file.write("\n".join(lines) + "\n")
        run(place, "git", "add", ".", actor=self.name)
        run(place, "git", "commit", "-qm", f"Work on {task}", actor=self.name)

    def resolve(self, place, note):
        """Runs the commands of the note, and keeps the lines of both sides."""
        self.resolved += 1
        note = re.sub(r"\n> ?", " ", note)
        for command in re.findall(r"`(git (?:fetch|merge)[^`]*)`", note):
            run(place, *command.split(), actor=self.name, check=False)
        unmerged = run(place, "git", "diff", "--name-only", "--diff-filter=U").stdout.split()
        for name in unmerged:
            with open(f"{place}/{name}", encoding="utf-8") as file:
                kept = [
                    line
                    for line in file.read().splitlines()
                    if not line.startswith(("<<<<<<<", "=======", ">>>>>>>"))
                ]
            with open(f"{place}/{name}", "w", encoding="utf-8") as file:
                file.write("\n".join(kept) + "\n")
        run(place, "git", "add", ".", actor=self.name)
        run(place, "git", "commit", "-qm", "Merge the target", actor=self.name, check=False)


def lead_on(lead, all_tasks):
    """Approves and merges what is submitted, until everything is done; returns the refusals."""
    refused = {}
    while time.monotonic() < END:
        pm(lead, "sync", check=False)
        items = data(pm(lead, "list", "--all", "--json", "kind:task"))["items"]
        by_status = {}
        for item in items:
            by_status.setdefault(item["status"], []).append(item["id"])
        if len(by_status.get("done", [])) == len(all_tasks):
            return refused, by_status
        for task in by_status.get("in_review", []):
            pm(lead, "task", "approve", task, check=False)
        for task in by_status.get("in_review", []) + by_status.get("ready_for_integration", []):
            merged = pm(lead, "merge", task, check=False)
            if merged.returncode:
                word = merged.stderr.splitlines()[0] if merged.stderr else "?"
                word = re.sub(r"T-\d+|task/[\w.-]+", "X", word)
                refused[word] = refused.get(word, 0) + 1
        if not by_status.get("in_review") and not by_status.get("ready_for_integration"):
            time.sleep(0.5)
    return refused, by_status


def result(lead, all_tasks, agents, refused, by_status, seconds):
    pm(lead, "sync", check=False)
    run(lead, "git", "fetch", "-q", "origin")
    here = run(lead, "git", "rev-parse", "main").stdout
    there = run(lead, "git", "rev-parse", "origin/main").stdout
    shown = run(lead, "git", "show", "origin/main:shared.txt").stdout.splitlines()
    files = run(lead, "git", "ls-tree", "--name-only", "origin/main", "parts/").stdout.split()
    done = set(by_status.get("done", []))
    lines = {line.removeprefix("line of ") for line in shown if line.startswith("line of ")}
    faults = []
    if done != all_tasks:
        faults.append(f"not merged: {sorted(all_tasks - done)} ({by_status})")
    if here != there:
        faults.append("main differs from origin/main")
    if lines != CONFLICTING:
        faults.append(f"lines missing: {sorted(CONFLICTING - lines)}")
    if len(shown) != len(set(shown)):
        faults.append("lines twice")
    if {f"parts/{task}.txt" for task in all_tasks} != set(files):
        faults.append("files missing or too many")
    commits = run(lead, "git", "log", "--format=%s", "origin/main").stdout.splitlines()
    history = pm(lead, "log", "--all", check=False).stdout
    faults += [f"{agent.name}: {agent.error}" for agent in agents if agent.error]
    print(
        json.dumps(
            {
                "merged": len(done),
                "of": len(all_tasks),
                "seconds": round(seconds),
                "resolved": sum(agent.resolved for agent in agents),
                "calls_a_task": round(CALLS["count"] / len(all_tasks), 1),
                "seconds_a_task": round(CALLS["seconds"] / len(all_tasks), 2),
                "commits": len(commits),
                "refused": refused,
                "faults": faults,
                "operations": len(history.splitlines()),
            },
            indent=1,
        )
    )
    return not faults


lead, clones = set_up()
tasks = {item["id"] for item in data(pm(lead, "list", "--all", "--json", "kind:task"))["items"]}
CONFLICTING = set(CHOSEN.sample(sorted(tasks), len(tasks) * ARGS.conflicts // 100))
began = time.monotonic()
END = began + ARGS.limit
agents = [
    Agent(f"bot-{number}", clones[number % 3], dies=number == 5) for number in range(6)
]
for agent in agents:
    agent.start()
refused, by_status = lead_on(lead, tasks)
seconds = time.monotonic() - began
for agent in agents:
    agent.join(30)
good = result(lead, tasks, agents, refused, by_status, seconds)
if not ARGS.keep:
    shutil.rmtree(ROOT)
sys.exit(0 if good else 1)
