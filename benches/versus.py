#!/usr/bin/env python3
"""Two builds of git pm against each other, in turns, each in a copy of one repository: which command
became slower, whatever else the machine does meanwhile.

    benches/versus.py OTHER [--n 10000] [--runs 101] [--only ROW,…] [--own]

Wants `git-pm` (a release build) in PATH; OTHER is the other binary, say one of the last release. With
--own, each makes its repository itself: for two that write different formats. Prints a Markdown table:
medians in ms, ratio. Exit code 1 when a row is more than 5 % slower.
"""
import argparse, pathlib, re, shutil, statistics, sys, tempfile, time
from speed import ENV, HERE, data, load, must, new_repository, once, text

WORSE = 1.05
BODY = "Requests that arrive while the cache is cold take the slow path twice. " * 7


def main():
    a = argparse.ArgumentParser()
    a.add_argument("other")
    a.add_argument("--n", type=int, default=10_000)
    a.add_argument("--runs", type=int, default=101)
    a.add_argument("--only", default="")
    a.add_argument("--own", action="store_true")
    args = a.parse_args()
    binaries = [shutil.which("git-pm", path=ENV["PATH"]), str(pathlib.Path(args.other).resolve())]
    root = pathlib.Path(tempfile.mkdtemp(prefix="git-pm-versus-")).resolve()
    try:
        worse = compare(root, binaries, args)
    finally:
        shutil.rmtree(root, ignore_errors=True)
    sys.exit(1 if worse else 0)


def compare(root, binaries, args):
    if args.own:
        sides = [(binary, root / f"side-{k}") for k, binary in enumerate(binaries)]
        for binary, folder in sides:
            new_repository(folder, binary)
            load(folder, args.n, binary)
    else:
        new_repository(root / "repo")
        load(root / "repo", args.n)
        sides = [(binary, copy(root / "repo", root / f"side-{k}")) for k, binary in enumerate(binaries)]
    ids = [x["id"] for x in data(["ready", "--limit", "400"], sides[0][1])["items"]]
    pick = lambda i: ids[i % len(ids)]
    worse = []
    print("| operation | git pm, ms | other, ms | ratio |\n|---|---|---|---|")

    def row(name, runs, once):
        """`once(binary, folder, i)` in turns."""
        if args.only and not any(name.startswith(w) for w in args.only.split(",")):
            return
        took = [[], []]
        for i in range(-2, runs):
            for k in ((0, 1) if i % 2 else (1, 0)):
                ms = once(*sides[k], i + 2)
                if i >= 0:
                    took[k].append(ms)
        mine, other = map(statistics.median, took)
        if mine > other * WORSE:
            worse.append(name)
        print("| %s | %.2f | %.2f | %.2f × |%s" % (name, mine, other, mine / other, " **worse**" if mine > other * WORSE else ""), flush=True)

    def command(name, words, runs=args.runs):
        made = words if callable(words) else lambda i: words
        row(name, runs, lambda binary, folder, i: must([binary, *made(i)], folder)[0])

    command("git pm --version", ["--version"])
    command("show one", lambda i: ["show", pick(i), "--json"])
    for name, words in [("ready", "ready --limit 50"), ("next", "next"), ("status", "status"),
                        ("list (50 rows)", "task list --limit 50")]:
        command(name, [*words.split(), "--json"])
    command("why", lambda i: ["why", pick(i), "--json"])
    command("search, top 20", ["search", "zanzibar", "--limit", "20", "--json"])
    command("create", lambda i: ["task", "create", f"Bench {i}", "--body", BODY, "--json"])
    command("update", lambda i: ["task", "edit", pick(i), "--title", f"Updated {i} {time.time_ns()}", "--json"])
    command("comment", lambda i: ["task", "comment", pick(i), f"Seen {i} times", "--json"])
    command("reserve", lambda i: ["reserve", "add", f"bench/{i}-{time.time_ns()}/**", "--json"])
    command("close", lambda i: ["task", "cancel", ids[-1 - i], "--json"], runs=min(args.runs, 150))
    few = max(7, args.runs // 10)
    command("everything as JSON", ["task", "list", "--all", "--limit", "1000000", "--json"], runs=few)
    command("triage", ["triage", "--json"], runs=few)

    def rebuilt(binary, folder, _):
        (folder / ".git/pm/index.sqlite").unlink(missing_ok=True)
        return must([binary, "ready", "--limit", "1", "--json"], folder)[0]

    row("index from nothing", few, rebuilt)
    beads = root / "beads.jsonl"
    beads.write_text(text([sys.executable, str(HERE / "gen.py"), "--n", str(args.n), "--format", "beads"], "/"))

    def imported(binary, folder, _):
        fresh = folder.parent / "fresh"
        shutil.rmtree(fresh, ignore_errors=True)
        new_repository(fresh)
        return must([binary, "-C", str(fresh), "import", "beads", str(beads), "--json"], "/")[0]

    row("import of beads JSONL", 5, imported)
    guarded(root, sides)
    command("pre-commit (200 files)", ["hook", "run", "pre-commit"])
    row("merge", max(7, args.runs // 3), merged)
    row("dispatch of a script, to its first line", max(7, args.runs // 5), dispatched)
    exchanged(root, sides, row)
    return worse


def created(binary, folder, title):
    found = re.search(r"T-\d+", text([binary, "task", "create", title], folder))
    return found.group()


def merged(binary, folder, i):
    """`git pm merge` of approved work with one commit."""
    task = created(binary, folder, f"Merged {i}")
    must([binary, "start", task], folder)
    place = next(folder.with_name(folder.name + ".worktrees").glob(task + "*"))
    must(f"echo x >merged-{task} && git add -A && git commit -qm w", place)
    must([binary, "finish", task], place)
    must([binary, "task", "approve", task], folder)
    return must([binary, "merge", task], folder)[0]


def dispatched(binary, folder, i):
    """From the start of `git pm run` to the first line of the agent's script."""
    script = folder.parent / "agent.sh"
    script.write_text("#!/bin/sh\necho BEGAN $(date +%s%N)\ncat >/dev/null\necho x >\"$GIT_PM_TASK\"\ngit add -A\ngit commit -qm w\n")
    script.chmod(0o755)
    task = created(binary, folder, f"Dispatched {i}")
    began = time.time_ns()
    # The exit code tells that the work waits for a review.
    once([binary, "run", "--only", task, "--with", f"script:{script}"], folder)
    return (int(re.search(r"BEGAN (\d+)", text([binary, "logs", task], folder)).group(1)) - began) / 1e6


def copy(source, target):
    shutil.copytree(source, target, symlinks=True)
    return target


def guarded(root, sides):
    """200 staged files, 200 live reservations of others, in both repositories."""
    for binary, folder in sides:
        for i in range(200):
            file = folder / f"src/m{i % 25}/f{i}.rs"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"fn f{i}() {{}}\n" * 20)
        must(["git", "add", "."], folder)
        for k in range(4):
            must([binary, "--as", f"peer{k}", "reserve", "add", "--ttl", "20h", "--new",
                  *(f"lib/area{50 * k + j}/**" for j in range(50))], folder)


def exchanged(root, sides, row):
    """sync with one change each way; each side has a remote and a second clone of its own."""
    for binary, folder in sides:
        hub = folder.with_suffix(".git")
        must(["git", "clone", "-q", "--bare", str(folder), str(hub)], "/")
        must(["git", "push", "-q", str(hub), "refs/pm/main:refs/pm/main"], folder)
        for name in ("one", "two"):
            clone = folder.with_suffix("." + name)
            must(["git", "clone", "-q", str(hub), str(clone)], "/")
            must([binary, "init"], clone)

    def once(binary, folder, i):
        one, two = folder.with_suffix(".one"), folder.with_suffix(".two")
        must([binary, "task", "create", f"From two {i}"], two)
        must([binary, "sync"], two)
        must([binary, "task", "create", f"From one {i}"], one)
        return must([binary, "sync"], one)[0]

    row("sync, one change each way", 11, once)


if __name__ == "__main__":
    main()
