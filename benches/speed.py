#!/usr/bin/env python3
"""The speed table: every row measured against plain git in the same run, whole process from exec
to exit, in turns, so that both sides meet the same noise.

    benches/speed.py [--n 10000] [--runs 21] [--only ROW,…] [--lived-in] [--out FILE.jsonl]

Wants `git-pm` (a release build) and `git` in PATH, Python 3 and nothing else. Works in a temporary
folder (`--dir` keeps it). Prints a Markdown table: medians in ms, the ratio, its bound, peak memory.
Exit code 1 when a row misses its bound.
"""
import argparse, json, os, pathlib, random, re, resource, shutil, statistics, subprocess, sys, tempfile, time

HERE = pathlib.Path(__file__).resolve().parent
ENV = {
    "PATH": os.environ["PATH"], "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1", "NO_COLOR": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_AUTHOR_NAME": "Ana", "GIT_AUTHOR_EMAIL": "ana@example.org",
    "GIT_COMMITTER_NAME": "Ana", "GIT_COMMITTER_EMAIL": "ana@example.org", "LC_ALL": "C",
}
NULL = os.open(os.devnull, os.O_RDWR)
OUT = tempfile.TemporaryFile(buffering=0)


def start(argv, cwd, stdin):
    """One run: milliseconds, exit code, peak memory in MB."""
    exe = shutil.which(argv[0], path=ENV["PATH"])
    OUT.seek(0), OUT.truncate()
    source = NULL if stdin is None else os.open(stdin, os.O_RDONLY)
    os.chdir(cwd)
    began = time.perf_counter()
    pid = os.posix_spawn(exe, argv, ENV, file_actions=[
        (os.POSIX_SPAWN_DUP2, source, 0), (os.POSIX_SPAWN_DUP2, OUT.fileno(), 1),
        (os.POSIX_SPAWN_DUP2, OUT.fileno(), 2)])
    _, status, used = os.wait4(pid, 0)
    took = (time.perf_counter() - began) * 1e3
    if stdin is not None:
        os.close(source)
    return took, os.waitstatus_to_exitcode(status), used.ru_maxrss / 1024


def starter():
    """A process that starts all others: a program counts the memory of whoever started it as its own
    peak, and this script comes to hold all items."""
    asked, ask = os.pipe()
    answer, answered = os.pipe()
    if os.fork():
        return os.fdopen(ask, "w", buffering=1), os.fdopen(answer, "r", buffering=1)
    os.close(ask)
    for line in os.fdopen(asked):
        os.write(answered, (json.dumps(start(*json.loads(line))) + "\n").encode())
    os._exit(0)


ASK, ANSWER = starter()


def once(command, cwd, stdin=None):
    """As `start`. A list is started as it is, a text by sh."""
    argv = command if isinstance(command, list) else ["sh", "-c", command]
    print(json.dumps([[str(arg) for arg in argv], str(cwd), stdin and str(stdin)]), file=ASK)
    return json.loads(ANSWER.readline() or sys.exit(f"{argv[0]} cannot be started"))


def must(command, cwd, stdin=None):
    took, code, mb = once(command, cwd, stdin)
    if code != 0:
        OUT.seek(0)
        sys.exit(f"{command} in {cwd}: exit {code}\n{OUT.read(2000).decode(errors='replace')}")
    return took, mb


def text(command, cwd):
    must(command, cwd)
    OUT.seek(0)
    return OUT.read().decode()


def data(args, cwd):
    return json.loads(text(["git-pm", *args, "--json"], cwd))["data"]


class Table:
    def __init__(self, args):
        self.args, self.rows, self.missed = args, [], []

    def wanted(self, name):
        return not self.args.only or any(name.startswith(w) for w in self.args.only.split(","))

    def row(self, name, ours, theirs, bound, cwd, base, runs=None, before=None, unit="×"):
        """`ours` and `theirs` in turns. A callable gives the command of run i."""
        if not self.wanted(name):
            return
        runs = runs or self.args.runs
        made = lambda command, i: command(i) if callable(command) else command
        mine, peer, memory = [], [], 0
        for i in range(-2, runs):
            if before:
                before(i)
            p = must(made(theirs, i), cwd)[0]
            m, mb = must(made(ours, i), cwd)
            if i >= 0:
                mine.append(m), peer.append(p)
                memory = max(memory, mb)
        self.add(name, statistics.median(mine), statistics.median(peer), bound, base, memory)

    def add(self, name, mine, peer, bound, base, memory=0.0):
        ratio = mine / peer
        ok = bound is None or ratio <= bound
        self.rows.append((name, "%.2f" % mine, "%s %.2f" % (base, peer), "%.2f ×" % ratio,
                          "" if bound is None else "≤ %g ×" % bound, "%.0f MB" % memory if memory else "", ok))
        self.note(row=name, ours_ms=round(mine, 3), base=base, base_ms=round(peer, 3),
                  ratio=round(ratio, 3), bound=bound, rss_mb=round(memory, 1), ok=ok)

    def fixed(self, name, value, unit, bound, ok, memory=0.0):
        self.rows.append((name, "%s %s" % (value, unit), "", "", bound, "%.0f MB" % memory if memory else "", ok))
        self.note(row=name, value=value, unit=unit, bound=bound, rss_mb=round(memory, 1), ok=ok)

    def note(self, **row):
        row = dict(n=self.args.n, lived_in=self.args.lived_in, **row)
        print("%-34s %s" % (row["row"], {k: v for k, v in row.items() if k not in ("row", "n", "lived_in")}),
              file=sys.stderr, flush=True)
        if not row["ok"]:
            self.missed.append(row["row"])
        if self.args.out:
            with open(self.args.out, "a") as out:
                out.write(json.dumps(row) + "\n")

    def print(self):
        print("| operation | git pm, ms | against, ms | ratio | bound | memory | |")
        print("|---|---|---|---|---|---|---|")
        for *cells, ok in self.rows:
            print("| " + " | ".join(cells) + " | %s |" % ("" if ok else "**missed**"))


def new_repository(path, binary="git-pm"):
    must(["git", "init", "-q", "-b", "main", str(path)], "/")
    (path / "README.md").write_text("bench\n")
    must("git add . && git commit -qm first", path)
    must([binary, "init"], path)


def load(path, n, binary="git-pm"):
    """n items of shared/bench's shape, through `git pm batch`."""
    lines = path.parent / f"items-{n}.jsonl"
    if not lines.exists():
        lines.write_text(text([sys.executable, str(HERE / "gen.py"), "--n", str(n), "--format", "pmbatch"], "/"))
    return must([binary, "batch"], path, stdin=str(lines))


def size(path):
    return sum(f.stat().st_size for f in path.rglob("*") if f.is_file())


def age(path, n):
    """A store that was lived in: 50,000 commits, 5,000 comments, 20,000 loose objects, two merges."""
    subprocess.run([sys.executable, str(HERE / "age.py"), str(path), str(n)], env=ENV, check=True)


def main():
    a = argparse.ArgumentParser()
    a.add_argument("--n", type=int, default=10_000)
    a.add_argument("--runs", type=int, default=21)
    a.add_argument("--only", default="")
    a.add_argument("--out", default="")
    a.add_argument("--dir", default="")
    a.add_argument("--lived-in", action="store_true")
    args = a.parse_args()
    root = pathlib.Path(args.dir or tempfile.mkdtemp(prefix="git-pm-bench-")).resolve()
    root.mkdir(parents=True, exist_ok=True)
    big = args.n > 20_000
    t = Table(args)
    repo = root / f"repo-{args.n}"
    if not repo.exists():
        new_repository(repo)
        took, mb = load(repo, args.n)
        print("batch of %d: %.0f ms, %.0f MB" % (args.n, took, mb), file=sys.stderr)
        if args.lived_in:
            age(repo, args.n)
    must(["git-pm", "ready", "--limit", "1"], repo)
    ids = [x["id"] for x in data(["ready", "--limit", "400"], repo)["items"]]
    pick = lambda i: ids[(i + 2) % len(ids)]
    path = text("git ls-tree -r --name-only refs/pm/main tasks | sed -n 7p", repo).strip()
    version = ["git", "version"]
    read_all = "git ls-tree -r refs/pm/main | cut -c13-52 | git cat-file --batch"

    t.row("git pm --version", ["git-pm", "--version"], version, 1.2, repo, "git version", runs=3 * args.runs)
    t.row("show one", lambda i: ["git-pm", "show", pick(i), "--json"],
          ["git", "cat-file", "blob", f"refs/pm/main:{path}"], 2.5 if big else 2, repo, "git cat-file blob")
    few = 4 if big else 2.5
    for name, command in [
        ("ready", ["git-pm", "ready", "--limit", "50", "--json"]),
        ("next", ["git-pm", "next", "--json"]),
        ("status", ["git-pm", "status", "--json"]),
        ("list (50 rows)", ["git-pm", "task", "list", "--limit", "50", "--json"]),
        ("why", lambda i: ["git-pm", "why", pick(i), "--json"]),
    ]:
        t.row(name, command, version, few, repo, "git version")
    must(["git-pm", "search", "zanzibar"], repo)
    t.row("search, top 20", ["git-pm", "search", "zanzibar", "--limit", "20", "--json"], version,
          10 if big else 3, repo, "git version")

    body = "Requests that arrive while the cache is cold take the slow path twice. " * 7

    def imported(where):
        """The same files through one `git fast-import` on a ref of its own."""
        doc = f"---\nid: T-9999\ntitle: Bench\n---\n{body}\n"
        stream = root / "stream"
        stream.write_text(
            "commit refs/bench/main\ncommitter b <b@x> 1700000000 +0000\ndata 6\ncreate\n"
            "from refs/pm/main^0\n"
            f"M 100644 inline {where}\ndata {len(doc)}\n{doc}\n")
        return f"git update-ref -d refs/bench/main; git -c fastimport.unpackLimit=100 fast-import --quiet --force < {stream}"

    def fast_import(i):
        doc = f"---\nid: T-9999\ntitle: Bench {i} {random.random()}\n---\n{body}\n"
        folder = "%02d/%02d" % (args.n // 10_000, args.n // 100 % 100)
        stream = root / "stream"
        stream.write_text(
            "commit refs/bench/main\ncommitter b <b@x> 1700000000 +0000\ndata 6\ncreate\nfrom refs/pm/main^0\n"
            f"M 100644 inline tasks/{folder}/T-bench-abcd.md\ndata {len(doc)}\n{doc}\n")
        return f"exec git -c fastimport.unpackLimit=100 fast-import --quiet --force < {stream}"

    write = 1 if big else 0.7
    t.row("create", lambda i: ["git-pm", "task", "create", f"Bench item {i}", "--body", body, "--json"],
          fast_import, write, repo, "git fast-import")
    t.row("update", lambda i: ["git-pm", "task", "edit", pick(i), "--title", f"Updated {i} {time.time_ns()}", "--json"],
          fast_import, write, repo, "git fast-import")
    t.row("close", lambda i: ["git-pm", "task", "cancel", ids[-3 - i], "--json"],
          fast_import, write, repo, "git fast-import", runs=min(args.runs, len(ids) // 2))
    t.row("reserve", lambda i: ["git-pm", "reserve", "add", f"bench/{i}-{time.time_ns()}/**", "--json"],
          fast_import, write, repo, "git fast-import")

    if t.wanted("bytes"):
        objects, k = repo / ".git/objects", 20
        before = size(objects)
        for i in range(k):
            must(["git-pm", "task", "edit", pick(i), "--title", f"Bytes {i}"], repo)
        loose = (size(objects) - before) / k
        t.fixed("bytes of one change, loose", round(loose), "bytes", "≤ 60 KB", loose <= 60_000)
        copy = root / "packed"
        shutil.rmtree(copy, ignore_errors=True)
        must(["git", "clone", "-q", "--mirror", str(repo), str(copy)], "/")
        must(["git", "repack", "-adq"], copy)
        before = size(copy / "objects")
        for i in range(200):
            must(["git-pm", "task", "edit", pick(i), "--title", f"Packed {i}"], repo)
        must(["git", "fetch", "-q", str(repo), "+refs/pm/*:refs/pm/*"], copy)
        must(["git", "repack", "-adq"], copy)
        packed = (size(copy / "objects") - before) / 200
        t.fixed("bytes of one change, packed", round(packed), "bytes", "≤ 3 KB", packed <= 3_000)

    t.row("everything as JSON", ["git-pm", "task", "list", "--all", "--limit", "1000000", "--json"],
          read_all, 1, repo, "git cat-file --batch", runs=7)
    index = repo / ".git/pm/index.sqlite"
    t.row("index from nothing", ["git-pm", "ready", "--limit", "1", "--json"], read_all, 3, repo,
          "git cat-file --batch", runs=7, before=lambda i: index.unlink(missing_ok=True))
    if t.wanted("text index"):
        took = []
        for _ in range(3):
            index.unlink(missing_ok=True)
            must(["git-pm", "ready", "--limit", "1"], repo)
            took.append(must(["git-pm", "search", "zanzibar"], repo)[0])
        base = statistics.median(must(read_all, repo)[0] for _ in range(3))
        t.note(row="text index from nothing (first search)", ours_ms=round(min(took), 1), base_ms=round(base, 1),
               ratio=round(min(took) / base, 2), ok=True)

    triage(t, repo, big)
    bring(t, root, args)
    streams(t, root, args)
    if not big:
        guard(t, root, args)
        start(t, root, args)
    exchange(t, root, repo, args)
    merge(t, root, repo, args, 1000, 2.0 if big else 1.0)
    contention(t, root, args)
    if args.lived_in:
        old(t, root, repo)
    t.print()
    if not args.dir:
        shutil.rmtree(root, ignore_errors=True)
    sys.exit(1 if t.missed else 0)


def triage(t, repo, big):
    """A ranking of the whole graph: a bound in time, not against git, which knows nothing like it."""
    if not t.wanted("triage"):
        return
    took, memory, runs = [], 0, 7
    for i in range(-1, runs):
        ms, mb = must(["git-pm", "triage", "--json"], repo)
        if i >= 0:
            took.append(ms)
            memory = max(memory, mb)
    ms = statistics.median(took)
    bound, most = (3000, 300) if big else (250, 64)
    t.fixed("triage", round(ms), "ms", f"≤ {bound} ms, {most} MB", ms <= bound and memory < most, memory)


def bring(t, root, args):
    """import of beads JSONL, against the same files through one fast-import, each into a new repository."""
    if not t.wanted("import"):
        return
    lines = root / f"beads-{args.n}.jsonl"
    lines.write_text(text([sys.executable, str(HERE / "gen.py"), "--n", str(args.n), "--format", "beads"], "/"))
    ours, theirs, stream = root / "import-ours", root / "import-theirs", root / "import-stream"

    def fresh(i):
        shutil.rmtree(ours, ignore_errors=True)
        shutil.rmtree(theirs, ignore_errors=True)
        new_repository(ours)
        must(["git", "init", "-q", str(theirs)], "/")

    fresh(0)
    command = ["git-pm", "-C", str(ours), "import", "beads", str(lines), "--json"]
    must(command, root)
    same = subprocess.run(["git-pm", "-C", str(ours), "export", "beads"], env=ENV, capture_output=True).stdout
    # The order of so many lines that are not in that of their ids is not kept, as the import says.
    told = sorted if args.n > 20_000 else list
    if told(same.splitlines(True)) != told(lines.read_bytes().splitlines(True)):
        sys.exit("the export of an import is another file")
    with open(stream, "wb") as out:
        out.write(b"commit refs/bench/main\ncommitter b <b@x> 1700000000 +0000\ndata 6\nimport\n")
        listed = subprocess.run(["git", "ls-tree", "-r", "-z", "refs/pm/main"], cwd=ours, env=ENV, capture_output=True, check=True)
        entries = [e.split(b"\t", 1) for e in listed.stdout.split(b"\0") if e]
        ids = b"".join(head.split()[2] + b"\n" for head, _ in entries)
        blobs = subprocess.run(["git", "cat-file", "--batch"], cwd=ours, env=ENV, input=ids, capture_output=True, check=True).stdout
        at = 0
        for _, path in entries:
            end = blobs.index(b"\n", at)
            size = int(blobs[at:end].split()[2])
            out.write(b"M 100644 inline %s\ndata %d\n%s\n" % (path, size, blobs[end + 1:end + 1 + size]))
            at = end + 1 + size + 1
    t.row("import of beads JSONL", command, f"exec git -C {theirs} fast-import --quiet --force < {stream}", 2, root,
          "git fast-import", runs=5, before=fresh)


def streams(t, root, args):
    """What a stream holds in memory is not the items: the peak for four times as many, against that for these."""
    if not t.wanted("memory"):
        return
    peaks = []
    for n in args.n, 4 * args.n:
        repo, lines = root / f"streams-{n}", root / f"streams-{n}.jsonl"
        lines.write_text(text([sys.executable, str(HERE / "gen.py"), "--n", str(n), "--format", "beads"], "/"))
        new_repository(repo)
        of = [must(["git-pm", "import", "beads", str(lines)], repo)[1]]
        (repo / ".git/pm/index.sqlite").unlink()
        of += [must(["git-pm", *words], repo)[1] for words in (["ready", "--limit", "1"], ["export", "beads"])]
        peaks.append(of)
        shutil.rmtree(repo)
    for name, few, many in zip(("import", "index from nothing", "export"), *peaks):
        t.fixed(f"memory of {name}, items × 4", "%.2f" % (many / few), "×", "≤ 1.7 ×", many <= 1.7 * few, many)


def old(t, root, repo):
    """What an old store costs who clones it, cleans up and looks back; and what it takes on disk after each."""
    if not t.wanted("old"):
        return
    hub, ours, theirs = root / "old-hub.git", root / "old-ours", root / "old-theirs"
    shutil.rmtree(hub, ignore_errors=True)
    must(["git", "init", "-q", "--bare", "-b", "main", str(hub)], "/")
    must(["git", "push", "-q", str(hub), "main", "refs/pm/main"], repo)
    fetch = "git fetch -q origin '+refs/pm/*:refs/pm-remotes/origin/*'"

    def gone(i):
        shutil.rmtree(ours, ignore_errors=True)
        shutil.rmtree(theirs, ignore_errors=True)

    def cloned(i):
        gone(i)
        for place in (ours, theirs):
            must(["git", "clone", "-q", str(hub), str(place)], "/")

    def copied(i):
        gone(i)
        for place in (ours, theirs):
            shutil.copytree(repo, place, symlinks=True)

    def disk(name):
        mine, peer = (size(place / ".git") / 1e6 for place in (ours, theirs))
        t.fixed(f"{name}: on disk", "%.1f" % mine, "MB", "git: %.1f MB" % peer, True)

    t.row("old: clone and init", f"git clone -q {hub} {ours} && cd {ours} && git-pm init",
          f"git clone -q {hub} {theirs} && cd {theirs} && {fetch}", None, root, "git clone + git fetch", runs=5, before=gone)
    disk("old: clone and init")
    t.row("old: first fetch", f"cd {ours} && git-pm init && git-pm sync", f"cd {theirs} && {fetch}", None, root,
          "git fetch", runs=5, before=cloned)
    disk("old: first fetch")
    t.row("old: gc", f"cd {ours} && git-pm gc && git gc -q", f"cd {theirs} && git gc -q", None, root, "git gc",
          runs=1, before=copied)
    disk("old: gc")
    item = data(["ready", "--limit", "1"], repo)["items"][0]["id"]
    path = text(f"git grep -l '^id: {item}$' refs/pm/main -- tasks", repo).strip().split(":", 1)[1]
    t.row("old: log, 50 entries", ["git-pm", "log", "--limit", "50", "--json"],
          ["git", "log", "-50", "refs/pm/main"], None, repo, "git log")
    t.row("old: log of one item", ["git-pm", "log", item, "--json"],
          ["git", "log", "refs/pm/main", "--", path], None, repo, "git log -- path", runs=7)


def guard(t, root, args):
    """pre-commit: 500 staged files, 1,000 live reservations of others."""
    if not t.wanted("pre-commit"):
        return
    repo = root / "guard"
    shutil.rmtree(repo, ignore_errors=True)
    new_repository(repo)
    load(repo, args.n)
    for i in range(500):
        file = repo / f"src/m{i % 25}/f{i}.rs"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"fn f{i}() {{}}\n" * 20)
    must("git add . && git -c core.hooksPath=/dev/null commit -qm files", repo)
    for k in range(0, 1000, 100):
        globs = [f"lib/area{k + j}/**" for j in range(100)]
        for glob in globs:
            must(["git-pm", "--as", f"peer{k}", "reserve", "add", glob, "--ttl", "20h"], repo)
    for i in range(500):
        with open(repo / f"src/m{i % 25}/f{i}.rs", "a") as file:
            file.write("// changed\n")
    must(["git", "add", "."], repo)
    t.row("pre-commit", ["git-pm", "hook", "run", "pre-commit"],
          ["git", "diff", "--cached", "--name-status", "-M"], 1, repo, "git diff --cached -M")


def start(t, root, args):
    """start with a worktree of 2,000 files."""
    if not t.wanted("start"):
        return
    repo = root / "start"
    for old in [repo, root / "start.worktrees", *root.glob("plain-*")]:
        shutil.rmtree(old, ignore_errors=True)
    new_repository(repo)
    for i in range(2000):
        file = repo / f"src/m{i % 50}/f{i}.rs"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"fn f{i}() {{}}\n" * 20)
    must("git add . && git -c core.hooksPath=/dev/null commit -qm files", repo)
    load(repo, args.n)
    ids = [x["id"] for x in data(["ready", "--limit", "60"], repo)["items"]]
    t.row("start with worktree", lambda i: ["git-pm", "start", ids[i + 2], "--json"],
          lambda i: ["git", "worktree", "add", "-q", "-b", f"plain{i}", str(root / f"plain-{i}")],
          1.3, repo, "git worktree add", runs=11)


def exchange(t, root, repo, args):
    """sync with one change each way, against fetch and push of the same refs."""
    if not t.wanted("sync"):
        return
    hub = root / "hub.git"
    clones = []
    shutil.rmtree(hub, ignore_errors=True)
    must(["git", "clone", "-q", "--bare", str(repo), str(hub)], "/")
    must(["git", "push", "-q", str(hub), "refs/pm/main:refs/pm/main"], repo)
    for name in ("one", "two"):
        clone = root / f"sync-{name}"
        shutil.rmtree(clone, ignore_errors=True)
        must(["git", "clone", "-q", str(hub), str(clone)], "/")
        must(["git-pm", "init"], clone)
        clones.append(clone)
    one, two = clones
    plain = root / "plain-exchange"
    shutil.rmtree(plain, ignore_errors=True)
    must(["git", "clone", "-q", str(hub), str(plain)], "/")
    ours, theirs = [], []
    for i in range(-2, 11):
        must(["git-pm", "task", "create", f"From two {i}"], two)
        must(["git-pm", "sync"], two)
        must(["git-pm", "task", "create", f"From one {i}"], one)
        # Plain git: the same change to fetch, and one commit to push to a ref of its own.
        new = text("git commit-tree -m x -p refs/pm/main refs/pm/main^{tree} 2>/dev/null || "
                   "git fetch -q origin refs/pm/main:refs/pm/main && git commit-tree -m x -p refs/pm/main refs/pm/main^{tree}", plain).split()[-1]
        began = time.perf_counter()
        must(["git", "fetch", "-q", "origin", "+refs/pm/main:refs/pm/main"], plain)
        must(["git", "push", "-q", "origin", f"{new}:refs/bench/{i + 2}"], plain)
        p = (time.perf_counter() - began) * 1e3
        m, mb = must(["git-pm", "sync"], one)
        if i >= 0:
            ours.append(m), theirs.append(p)
    t.add("sync, one change each way", statistics.median(ours), statistics.median(theirs), 1.3,
          "git fetch + git push", mb)


def merge(t, root, repo, args, edits, bound):
    """Two clones that edit offline, then sync: time of the join, equal trees."""
    if not t.wanted("merge"):
        return
    hub = root / "merge-hub.git"
    shutil.rmtree(hub, ignore_errors=True)
    must(["git", "clone", "-q", "--bare", str(repo), str(hub)], "/")
    must(["git", "push", "-q", str(hub), "refs/pm/main:refs/pm/main"], repo)
    clones = []
    for name in ("a", "b"):
        clone = root / f"merge-{name}"
        shutil.rmtree(clone, ignore_errors=True)
        must(["git", "clone", "-q", str(hub), str(clone)], "/")
        must(["git-pm", "init"], clone)
        clones.append(clone)
    every = [x["id"] for x in data(["task", "list", "--all", "--limit", "1000000"], clones[0])["items"]]
    rnd = random.Random(11)
    for k, clone in enumerate(clones):
        lines = root / f"edits-{k}.jsonl"
        # Half of the items are edited on both sides, in different and in equal fields.
        shared = random.Random(3).sample(every, edits // 2)
        chosen = shared + rnd.sample([i for i in every if i not in set(shared)], edits - len(shared))
        with open(lines, "w") as out:
            for n, item in enumerate(chosen):
                row = {"op": "task.edit", "id": item, "title": f"Side {k} edit {n}"}
                if n % 3 == 0:
                    row = {"op": "task.edit", "id": item, "priority": (n + k) % 5}
                if n % 5 == 0:
                    row = {"op": "task.edit", "id": item, "body": f"Text of side {k}, {n}\n"}
                out.write(json.dumps(row) + "\n")
        must(["git-pm", "batch"], clone, stdin=str(lines))
    a, b = clones
    must(["git-pm", "sync"], a)
    took, mb = must(["git-pm", "sync"], b)
    must(["git-pm", "sync"], a)
    trees = [text("git rev-parse refs/pm/main^{tree}", clone) for clone in clones]
    equal = trees[0] == trees[1]
    t.fixed(f"merge of two clones, {edits} edits each", round(took), "ms", f"≤ {bound:g} s, equal trees",
            took <= bound * 1000 and equal, mb)


def contention(t, root, args):
    """8 processes x 50 creates: all there, ids unique, acknowledged writes a second."""
    if not t.wanted("8 x 50"):
        return
    repo = root / "contention"
    shutil.rmtree(repo, ignore_errors=True)
    new_repository(repo)
    if args.n:
        load(repo, args.n)
    must(["git-pm", "ready", "--limit", "1"], repo)
    script = "for j in $(seq 50); do git-pm task create \"p$0 c$j\" >/dev/null || echo fail; done"
    began = time.perf_counter()
    running = [subprocess.Popen(["sh", "-c", script, str(p)], cwd=repo, env=ENV, stdout=subprocess.PIPE)
               for p in range(8)]
    failed = sum(len(p.communicate()[0].split()) for p in running)
    took = time.perf_counter() - began
    items = data(["task", "list", "--limit", "1000000"], repo)["items"]
    mine = [x for x in items if re.fullmatch(r"p\d c\d+", x["title"])]
    whole = len(mine) == 400 and len({x["id"] for x in items}) == len(items) and failed == 0
    t.fixed("8 x 50 creates", round(400 / took), "/s", "≥ 300/s, all there", whole and 400 / took >= 300)


if __name__ == "__main__":
    main()
