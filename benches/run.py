#!/usr/bin/env python3
"""The overhead of a run: the time from the moment at which the runner may start a task to the moment at
which the agent's process runs, and the runner's memory. The agents are scripts that do nothing.

    benches/run.py [--n 10000] [--tasks 15] [--agents 12] [--files 200] [--binary PATH] [--dir DIR]

One agent: the time from the last commit of the run before a task's first one (both have their time in
milliseconds in the trailer PM-Clock) to the first line of the agent's script. Against `git worktree add`
and the start of the same script, in turns. Many agents: the time until all of them are at work, by their
number, and the peak memory of the runner's process. Exit code 1 when a row misses its bound.
"""
import argparse, os, pathlib, re, shutil, signal, statistics, subprocess, sys, tempfile, time
from speed import ENV, load, must, new_repository, text

# The agent: says when it began. Alone it fails at once, so that the next task is started; among others it
# waits for its end.
AGENT = """#!/bin/bash
now=$EPOCHREALTIME
cat > /dev/null
echo $now > "{out}/$GIT_PM_TASK"
{then}
"""
PATIENCE = 300


def run(repo, out, binary, count, agents, then):
    """Starts a run, waits until so many agents have begun, and stops it: the peak of the runner's memory
    in MB, and the moment before the runner was started, in seconds."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    agent = out.parent / "agent.sh"
    agent.write_text(AGENT.format(out=out, then=then))
    agent.chmod(0o755)
    command = [binary, "run", "--with", f"script:{agent}", "--agents", str(agents), "--retries", "0"]
    with open(out.parent / "printed", "w") as printed:
        began = time.time()
        child = subprocess.Popen(command, cwd=repo, env=ENV, stdin=subprocess.DEVNULL, stdout=printed, stderr=printed)
        while len(list(out.iterdir())) < count and child.poll() is None and time.time() < began + PATIENCE:
            time.sleep(0.02)
        if child.poll() is not None or len(list(out.iterdir())) < count:
            sys.exit("the run did not start its agents:\n" + (out.parent / "printed").read_text())
        time.sleep(0.5)
        peak = int(re.search(r"VmHWM:\s+(\d+)", pathlib.Path(f"/proc/{child.pid}/status").read_text())[1]) / 1024
        child.send_signal(signal.SIGINT)
        child.wait(PATIENCE)
    return peak, began


def starts(out):
    """The moments at which the agents began, by task, in seconds."""
    return {file.name: float(file.read_text()) for file in out.iterdir() if file.read_text().endswith("\n")}


def waits(repo, before, begun):
    """For each task the milliseconds from the last commit before its first one to its agent's begin; only
    commits after `before` count."""
    shown = "--format=%(trailers:key=PM-Clock,valueonly,separator=)%x09%s"
    log = text(["git", "log", "--reverse", shown, f"{before}..refs/pm/main"], repo)
    last, took = None, {}
    for line in log.splitlines():
        clock, subject = line.split("\t", 1)
        if found := re.search(r"(\S+) running \(start\)", subject):
            if last and found[1] in begun:
                took.setdefault(found[1], begun[found[1]] * 1e3 - last)
        last = int(clock.split(".")[0])
    return took


def plain(root, repo, out, n):
    """`git worktree add` and the start of the same script, in milliseconds."""
    place = root / f"plain-{n}"
    began = time.time()
    must(["git", "worktree", "add", "-q", "-b", f"plain-{n}", str(place)], repo)
    subprocess.run([str(root / "agent.sh")], cwd=place, env=dict(ENV, GIT_PM_TASK=f"plain-{n}"), stdin=subprocess.DEVNULL)
    return (float((out / f"plain-{n}").read_text()) - began) * 1e3


def main():
    a = argparse.ArgumentParser()
    a.add_argument("--n", type=int, default=10_000)
    a.add_argument("--tasks", type=int, default=15)
    a.add_argument("--agents", type=int, default=12)
    a.add_argument("--files", type=int, default=200)
    a.add_argument("--binary", default=shutil.which("git-pm", path=ENV["PATH"]))
    a.add_argument("--dir", default="")
    args = a.parse_args()
    root = pathlib.Path(args.dir or tempfile.mkdtemp(prefix="git-pm-bench-")).resolve()
    repo, out = root / "repo", root / "out"
    if not repo.exists():
        root.mkdir(parents=True, exist_ok=True)
        new_repository(repo)
        for i in range(args.files):
            file = repo / f"src/m{i % 20}/f{i}.rs"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"fn f{i}() {{}}\n" * 20)
        must("git add . && git -c core.hooksPath=/dev/null commit -qm files", repo)
        load(repo, args.n)
        # The agents work in the sandbox.
        must(f"git config pm.sandboxWrite '{out}'", repo)
    before = text(["git", "rev-parse", "refs/pm/main"], repo).strip()
    run(repo, out, args.binary, args.tasks + 1, 1, "exit 1")
    took = list(waits(repo, before, starts(out)).values())[:args.tasks]
    base = [plain(root, repo, out, time.time_ns()) for _ in range(args.tasks)]
    ms, git = statistics.median(took), statistics.median(base)
    peak, began = run(repo, out, args.binary, args.agents, args.agents, "exec sleep 1000")
    many = (max(starts(out).values()) - began) * 1e3 / args.agents
    rows = [
        ("a task, one agent", "%.0f ms (at most %.0f)" % (ms, max(took)), "git worktree add + process %.0f" % git,
         "%.1f ×" % (ms / git), "≤ 300 ms", ms <= 300),
        (f"a task, {args.agents} agents at once", "%.0f ms" % many, "git worktree add + process %.0f" % git,
         "%.1f ×" % (many / git), "≤ 300 ms", many <= 300),
        (f"memory, {args.agents} agents", "%.0f MB" % peak, "", "", "≤ 60 MB", peak <= 60),
    ]
    print("| overhead of a run | git pm | against, ms | ratio | bound | |\n|---|---|---|---|---|---|")
    for *cells, ok in rows:
        print("| " + " | ".join(cells) + " | %s |" % ("" if ok else "**missed**"))
    if not args.dir:
        shutil.rmtree(root, ignore_errors=True)
    sys.exit(0 if all(row[-1] for row in rows) else 1)


main()
