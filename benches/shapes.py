#!/usr/bin/env python3
"""Times every question about large generated graphs, such as a hostile push could bring.

    benches/shapes.py                        # every shape, every command
    benches/shapes.py --shape cycle --limit 2

Each shape is a state written as one commit, with plain git, in a repository of its own. A command
that takes more than --limit seconds of processor time is marked, and the exit code is 1 then; after
--stop seconds it is killed. The first command builds the index, so it has a column of its own.
"""
import argparse, os, subprocess, sys, tempfile, threading

HERE = os.path.dirname(os.path.abspath(__file__))


def uid(n):
    return "01jd4qz0r0%016d" % n


def ref(n):
    return f"T-{n:04d}-{uid(n)}"


def task(n, waits=(), edges=(), extra="", status="queued"):
    """A task, and the number it has; `waits` are numbers, `edges` are texts."""
    lines = ["---", f"id: T-{n:04d}", f'uid: "{uid(n)}"', "kind: task", f"title: Task number {n}",
             "type: feature", f"status: {status}", "priority: 2"]
    if waits:
        lines.append("depends_on: [" + ", ".join(sorted(ref(w) for w in waits)) + "]")
    if edges:
        lines.append("edges: [" + ", ".join(sorted(edges)) + "]")
    if extra:
        lines.append(extra)
    lines += ['created_at: "2026-01-05T09:00:00Z"', "created_by: eve",
              f'birth: "1767603600000.{n}.eve"', "---", ""]
    return n, "\n".join(lines)


def parent(n):
    return f"parent-child {ref(n)}"


def cycle(n):
    return [task(i, [i % n + 1]) for i in range(1, n + 1)]


def chain(n):
    return [task(i, [i - 1] if i > 1 else []) for i in range(1, n + 1)]


def dense(n, each):
    """Each waits for `each` others, round a ring: one dense cycle of n × each edges."""
    return [task(i, [(i + k - 1) % n + 1 for k in range(1, each + 1)]) for i in range(1, n + 1)]


def layers(n, each):
    """Each waits for the `each` before it: as many edges, and no cycle."""
    return [task(i, range(max(1, i - each), i)) for i in range(1, n + 1)]


def bipartite(n):
    return [task(i) for i in range(1, n + 1)] + \
        [task(n + i, range(1, n + 1)) for i in range(1, n + 1)]


def star(n):
    """All wait for the first."""
    return [task(1)] + [task(i, [1]) for i in range(2, n + 2)]


def stopped(n):
    """All wait for the first, which is blocked by hand: nothing is ready."""
    return [task(1, status="blocked")] + [task(i, [1]) for i in range(2, n + 2)]


def stopped_chain(n):
    """Each waits for the one before it, and the first is blocked by hand."""
    return [task(1, status="blocked")] + [task(i, [i - 1]) for i in range(2, n + 1)]


def by_hand(n):
    """All are blocked by hand."""
    return [task(i, status="blocked") for i in range(1, n + 1)]


def late_parent(n):
    """A parent that waited for many, and waits for one more; as many children wait with it."""
    half = n // 2
    return [task(1, range(2, half + 1))] + [task(i, status="done") for i in range(2, half)] + \
        [task(half)] + [task(i, edges=[parent(1)]) for i in range(half + 1, n + 1)]


def many_parents(n):
    """Half lie below one that has as many parents, the last of which is blocked by hand."""
    half = n // 2
    return [task(i, status="blocked" if i == half - 1 else "queued") for i in range(1, half)] + \
        [task(half, edges=[parent(i) for i in range(1, half)])] + \
        [task(i, edges=[parent(half)]) for i in range(half + 1, n + 1)]


def sink(n):
    """The first waits for all."""
    return [task(1, range(2, n + 2))] + [task(i) for i in range(2, n + 2)]


def nested(n):
    return [task(i, edges=[parent(i - 1)] if i > 1 else []) for i in range(1, n + 1)]


def nested_waits(n):
    """Nested, and each level waits for something of its own."""
    half = n // 2
    return [task(i, [half + i], [parent(i - 1)] if i > 1 else []) for i in range(1, half + 1)] + \
        [task(half + i) for i in range(1, half + 1)]


def pairs(n):
    """Cycles of two, each a parent of the next pair."""
    out = []
    for i in range(1, n, 2):
        up = [parent(i - 2)] if i > 1 else []
        out += [task(i, [i + 1], up), task(i + 1, [i])]
    return out


def gates(n):
    """All wait, by a gate, for the children of one."""
    half = n // 2
    gate = f"waits-for {ref(1)}"
    attrs = f"edge_attributes:\n  {gate}:\n    gate: all-children"
    return [task(1)] + [task(i, edges=[parent(1)]) for i in range(2, half)] + \
        [task(i, edges=[gate], extra=attrs) for i in range(half, n)]


def paths(n):
    return [task(i, extra="paths: [\"**/a*b*c*d*e%d*?\"]" % i) for i in range(1, n + 1)]


SHAPES = {
    "cycle": lambda s: cycle(int(10000 * s)),
    "chain": lambda s: chain(int(10000 * s)),
    "dense": lambda s: dense(int(2000 * s), int(200 * s)),
    "layers": lambda s: layers(int(2000 * s), int(200 * s)),
    "bipartite": lambda s: bipartite(int(500 * s)),
    "star": lambda s: star(int(10000 * s)),
    "stopped": lambda s: stopped(int(20000 * s)),
    "stopped-chain": lambda s: stopped_chain(int(10000 * s)),
    "by-hand": lambda s: by_hand(int(5000 * s)),
    "late-parent": lambda s: late_parent(int(20000 * s)),
    "many-parents": lambda s: many_parents(int(20000 * s)),
    "sink": lambda s: sink(int(10000 * s)),
    "nested": lambda s: nested(int(10000 * s)),
    "nested-waits": lambda s: nested_waits(int(10000 * s)),
    "pairs": lambda s: pairs(int(10000 * s)),
    "gates": lambda s: gates(int(2000 * s)),
    "paths": lambda s: paths(int(4000 * s)),
}

COMMANDS = [
    "tracks", "triage", "suggest", "impact src/x.rs", "why T-0002",
    "why LAST", "next", "ready", "blocked", "graph", "graph --format mermaid", "forecast", "order", "stats",
    "order LAST", "forecast LAST", "graph LAST", "list --tree", "list", "show T-0002", "show LAST", "status",
    "task create Another", "task start T-0002 --no-worktree", "dep add T-0003 T-0001", "task cancel T-0001 --reason x",
]


def build(root, binary, items):
    env = clean()
    run = lambda *a, **k: subprocess.run(a, cwd=root, env=env, check=True, capture_output=True, **k)
    run("git", "init", "-q", "-b", "main")
    run("git", "config", "user.name", "Eve")
    run("git", "config", "user.email", "eve@example.com")
    run("git", "commit", "-q", "--allow-empty", "-m", "begin")
    run(binary, "init", "-q")
    out = ["commit refs/pm/main\ncommitter Eve <eve@example.com> 1767603600 +0000\n"
           "data 6\npushed\nfrom refs/pm/main^0\n"]
    for n, text in items:
        path = f"tasks/{n // 100:02d}/T-{n:04d}-{uid(n)[-4:]}.md"
        out.append(f"M 100644 inline {path}\ndata {len(text.encode())}\n{text}\n")
    run("git", "fast-import", "--quiet", "--force", input="".join(out).encode())
    return env


def clean():
    env = {k: v for k, v in os.environ.items() if not k.startswith(
        ("GIT_", "CLAUDE", "CODEX", "CURSOR", "GEMINI", "AIDER", "OPENCODE", "AGENT", "AI_AGENT"))}
    return env | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}


def timed(args, root, env, stop):
    """Processor time, exit code and output."""
    proc = subprocess.Popen(args, cwd=root, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    watch = threading.Timer(stop, proc.kill)
    watch.start()
    out = proc.stdout.read()
    _, status, used = os.wait4(proc.pid, 0)
    watch.cancel()
    proc.returncode = os.waitstatus_to_exitcode(status)
    return used.ru_utime + used.ru_stime, proc.returncode, out


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default=os.path.join(HERE, "..", "target", "release", "git-pm"))
    parser.add_argument("--shape", action="append", choices=sorted(SHAPES))
    parser.add_argument("--command", action="append", help="only commands that begin so")
    parser.add_argument("--scale", type=float, default=1.0, help="the sizes, times so much")
    parser.add_argument("--limit", type=float, default=2.0)
    parser.add_argument("--stop", type=float, default=20.0)
    parser.add_argument("--all", action="store_true", help="print the fast ones too")
    o = parser.parse_args()
    binary = os.path.abspath(o.binary)
    slow = 0
    for shape in o.shape or SHAPES:
        items = SHAPES[shape](o.scale)
        last = f"T-{items[-1][0]:04d}"
        with tempfile.TemporaryDirectory(prefix="shapes") as root:
            env = build(root, binary, items)
            index, _, _ = timed([binary, "status"], root, env, 10 * o.stop)
            print(f"{shape}: {len(items)} items, index {index:.2f} s", flush=True)
            for command in COMMANDS:
                if o.command and not any(command.startswith(c) for c in o.command):
                    continue
                words = command.replace("LAST", last).split()
                seconds, code, out = timed([binary, *words], root, env, o.stop)
                late = seconds > o.limit or code == -9
                slow += late
                if late or o.all or code not in (0, 1, 3):
                    odd = f"  {out.decode(errors='replace')[:90]!r}" if code else ""
                    print(f"  {seconds:7.2f} s  {len(out):>9} B  {code}  {command}{'  <-- slow' if late else ''}{odd}", flush=True)
    sys.exit(1 if slow else 0)


if __name__ == "__main__":
    main()
