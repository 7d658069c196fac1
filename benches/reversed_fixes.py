#!/usr/bin/env python3
"""What reviewers find in changes with one known defect: bug fixes of public projects, taken backwards.

    benches/reversed_fixes.py click=~/src/click express=~/src/express                # the rules alone
    benches/reversed_fixes.py click=~/src/click --with claude --limit 10 --json
    benches/reversed_fixes.py click=~/src/click --with claude codex -- --model opus --timeout 10m
    benches/reversed_fixes.py --self-test

NAME=CLONE is a list of reversed_fixes/ and a clone of its repository with the whole history; nothing is
fetched. Each fix of the list becomes two tasks, each in a repository of its own that has one commit and no
history. The reversed change goes from the fixed source files to those before the fix: a reviewer should find
its defect. The clean change is the fix: a reviewer should not stop it. Other files are those before the fix;
tests are those after it in both, or change with the source (--with-tests).

A defect counts as found if a finding names its file, and a line (or quotes one) within three of a changed one
or, as code, a function that encloses one. Nobody reads what it says, so it is a limit from above: look at what --json
prints, and at the column `same place`, which counts clean changes with such a finding. A confirmed P0 or P1
in a clean change is a false alarm. A change with a reviewer that failed is not counted. Exits with 1 if a
change could not be prepared or reviewed, with 2 if none could.

Git runs with a home and settings of its own; only reviews with agents see yours, where their logins are.
"""
import argparse, fnmatch, json, os, pathlib, random, re, shutil, signal, subprocess, sys, tempfile
from stage import DEFAULT

LISTS = pathlib.Path(__file__).resolve().parent / "reversed_fixes"
NEAR = 3
BEHAVIOUR = ("correctness", "data", "security")  # rules of other categories name a changed line for another reason
FAILURES = 3  # in a row, after which the fault is not that of a change
DEFINITION = re.compile(r"\b(?:def|fn|func|function)\s+(\w+)|(\w+)\s*[:=]\s*(?:async\s+)?function\b")
COLUMNS = {
    "defects": "defects", "confirmed": "found, confirmed", "found": "found", "clean": "clean changes",
    "alarms": "false alarms", "same_place": "same place", "invented": "invented", "elsewhere": "elsewhere",
    "tokens": "tokens / change", "usd": "US$ / change", "failed": "failed",
}


class Problem(Exception):
    """Why a fix, or all of them, cannot be measured."""


class Scratch:
    """A folder in which everything happens, and the environment of the programs."""

    def __init__(self, binary, settings):
        self.binary = os.path.abspath(binary)
        if not os.access(self.binary, os.X_OK):
            raise Problem(f"{binary} is not there: build it with `cargo build --release`, or name it with --binary")
        if wrong := [one for one in settings if not re.match(r"[\w-]+\..*[\w-]=", one)]:
            raise Problem(f"--set {wrong[0]}: it has the form KEY=VALUE, such as pm.sandbox=off")
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="git-pm-bench-")).resolve()
        for name in ("home", "bin"):
            (self.dir / name).mkdir()
        (self.dir / "bin" / "git-pm").symlink_to(self.binary)
        config = self.dir / "gitconfig"
        config.write_text("[init]\n\tdefaultBranch = main\n[user]\n\tname = Ana\n\temail = ana@example.org\n"
                          "[core]\n\thooksPath = /dev/null\n[gc]\n\tauto = 0\n")
        env = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        # A clone without some of its files would fetch them.
        self.env = env | {"PATH": f"{self.dir}/bin:{env.get('PATH', '')}", "HOME": str(self.dir / "home"),
                          "GIT_CONFIG_GLOBAL": str(config), "GIT_CONFIG_NOSYSTEM": "1", "GIT_NO_LAZY_FETCH": "1",
                          "GIT_TERMINAL_PROMPT": "0"}
        self.home = env.get("HOME", "")
        for setting in settings:
            self.git(self.dir, "config", "--global", *setting.split("=", 1))

    def git(self, where, *args, data=None, index=None):
        env = self.env | ({"GIT_INDEX_FILE": str(index)} if index else {})
        ran = subprocess.run(["git", "-c", "core.hooksPath=/dev/null", *args], cwd=where, env=env, input=data,
                             capture_output=True)
        if ran.returncode:
            raise Problem(f"git {args[0]}: {ran.stderr.decode(errors='replace').strip()[:300]}")
        return ran.stdout

    def pm(self, where, *args, home=None):
        """`data` of the answer; a review that does not pass has it too."""
        env = self.env | ({"HOME": home} if home else {})
        child = subprocess.Popen([self.binary, "--json", *args], cwd=where, env=env, stdin=subprocess.DEVNULL, text=True,
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE, errors="replace", start_new_session=True)
        try:
            out, err = child.communicate()
        except KeyboardInterrupt:
            # It ends its agents and removes their checkouts.
            child.send_signal(signal.SIGINT)
            child.communicate()
            raise
        try:
            answer = json.loads(out)
        except ValueError:
            said = err.strip()[-300:] or "it says nothing"
            raise Problem(f"git pm {args[0]}: exit code {child.returncode}: {said}") from None
        if "data" not in answer:
            raise Problem(f"git pm {args[0]}: {answer.get('error', {}).get('message', answer)}")
        return answer["data"]


class FixList:
    """A file of reversed_fixes/: patterns of paths, then a line for each fix: commit, class, subject."""

    def __init__(self, path):
        self.source, self.test, self.fixes = [], [], []
        try:
            lines = path.read_text().splitlines()
        except OSError as error:
            raise Problem(f"{path}: {error.strerror}") from None
        for number, line in enumerate(lines, 1):
            words = line.split()
            if not words or line.startswith("#"):
                continue
            if words[0] in ("source:", "test:"):
                setattr(self, words[0][:-1], words[1:])
            elif re.fullmatch("[0-9a-f]{40}", words[0]) and len(words) > 1:
                self.fixes.append((words[0], words[1]))
            else:
                raise Problem(f"{path}:{number}: neither a pattern nor a commit of 40 digits and its class")

    def kind(self, path):
        is_like = lambda patterns: any(fnmatch.fnmatchcase(path, one) for one in patterns)
        return "test" if is_like(self.test) else "source" if is_like(self.source) else None


class Fix:
    """A fix: the files with the defect, those without, and where they differ."""

    def __init__(self, scratch, repo, fixes, commit):
        self.scratch, self.repo = scratch, repo
        try:
            parents = scratch.git(repo, "rev-list", "--parents", "-n1", commit).split()[1:]
        except Problem:
            raise Problem("the clone does not have this commit: is it shallow, or of another repository?") from None
        if len(parents) != 1:
            raise Problem(f"it has {len(parents)} parents")
        self.parent = parents[0].decode()
        # Of each path its mode and blob before and after.
        raw = scratch.git(repo, "diff-tree", "-r", "-z", "--no-renames", self.parent, commit).decode().split("\0")
        self.changed = {"source": {}, "test": {}}
        for fields, path in zip(raw[0::2], raw[1::2]):
            before, after, old, new, _ = fields[1:].split()
            if kind := fixes.kind(path):
                self.changed[kind][path] = ((before, old), (after, new))
        if not self.changed["source"] or not self.changed["test"]:
            raise Problem("it does not change source and test, as the patterns of the list say")
        self.texts = {path: tuple(self.text(blob) for _, blob in ends) for path, ends in self.changed["source"].items()}
        self.hunks = {path: [] for path in self.texts}
        diff = scratch.git(repo, "diff", "-U0", "--no-renames", "--no-ext-diff", "--no-textconv", "--no-prefix",
                           self.parent, commit, "--", *self.texts).decode(errors="replace")
        for part in re.split(r"^diff --git ", diff, flags=re.M)[1:]:
            path = next(path for path in self.texts if part.startswith(f"{path} {path}\n"))
            for found in re.finditer(r"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@", part, re.M):
                start = [int(found[1]), int(found[3])]
                size = [int(found[n] or 1) for n in (2, 4)]
                # Of lines that one side does not have, those around the gap.
                self.hunks[path].append([(at, at + max(n - 1, int(n == 0))) for at, n in zip(start, size)])
        self.functions = {path: self.enclosing(path) for path in self.texts}

    def text(self, blob):
        is_there = blob.strip("0")
        return self.scratch.git(self.repo, "cat-file", "blob", blob).decode(errors="replace") if is_there else ""

    def enclosing(self, path):
        """The names of the functions around the changed lines, before and after."""
        names = set()
        for hunk in self.hunks[path]:
            for (first, last), text in zip(hunk, self.texts[path]):
                lines = text.splitlines()[:last]
                depth = min((indent(line) for line in lines[first - 1:] if line.strip()), default=0) + 1
                for line in reversed(lines):
                    # What closes brackets is no deeper than what opened them.
                    if line.strip() and indent(line) < depth and line.strip()[0] not in ")]}":
                        depth = indent(line)
                        names.update(name for found in DEFINITION.findall(line) for name in found if name)
        return names

    def write(self, place, kinds, fixed, whole):
        """Writes the files of `kinds` as the fix left them or found them; with `whole`, all others too."""
        index = self.scratch.dir / "index"
        self.scratch.git(self.repo, "read-tree", self.parent, index=index)
        ends = {path: ends[kind not in kinds or fixed] for kind, all in self.changed.items() for path, ends in all.items()}
        rows = "".join(f"{mode} {blob}\t{path}\0" for path, (mode, blob) in ends.items())
        self.scratch.git(self.repo, "update-index", "-z", "--index-info", data=rows.encode(), index=index)
        there = [path for path, (mode, _) in ends.items() if mode.strip("0")]
        for path in set(ends) - set(there):
            (place / path).unlink(missing_ok=True)
        what = ["-a"] if whole else ["-z", "--stdin"]
        self.scratch.git(self.repo, "--work-tree", str(place), "checkout-index", "-q", "-f", f"--prefix={place}/", *what,
                         data="\0".join(there).encode(), index=index)

    def fits(self, one, reverse):
        """True if a finding is at the place of the defect."""
        path = one["path"]
        if one["rule"] and one["category"] not in BEHAVIOUR or path is not None and path not in self.hunks:
            return False
        said = " ".join(one.get(name) or "" for name in ("claim", "outcome", "suggestion"))
        names = [name for at in ([path] if path else self.hunks) for name in self.functions[at]]
        if any(re.search(rf"\b{name}\(|\.{name}\b|`[^`]*\b{name}\b[^`]*`", said) for name in names):
            return True
        if path is None:
            return False
        side = int(one["removed"] == reverse)
        first, last = one["line"], one.get("end_line") or one["line"]
        if first is None and one["quote"]:
            lines = self.texts[path][side].splitlines()
            first = last = next((n for n, line in enumerate(lines, 1) if one["quote"].strip() in line), None)
        return first is not None and any(
            first <= hunk[side][1] + NEAR and last >= hunk[side][0] - NEAR for hunk in self.hunks[path])


def indent(line):
    return len(line) - len(line.lstrip())


def review(scratch, fix, reverse, args):
    """Reviews one change in a repository of its own; what came of it."""
    root = pathlib.Path(tempfile.mkdtemp(dir=scratch.dir))
    repo = root / "project"
    try:
        kinds = ("source", "test") if args.with_tests else ("source",)
        scratch.git(root, "init", "-q", str(repo))
        fix.write(repo, kinds, reverse, True)
        scratch.git(repo, "add", "-A", "-f")
        scratch.git(repo, "commit", "-q", "-m", "Begin")
        scratch.pm(repo, "init")
        paths = [path for kind in kinds for path in fix.changed[kind]]
        title = f"Change {', '.join(fix.changed['source'])}"
        task = scratch.pm(repo, "task", "create", title, *(word for path in paths for word in ("--path", path)))["id"]
        place = pathlib.Path(scratch.pm(repo, "start", task)["worktree"])
        fix.write(place, kinds, not reverse, False)
        scratch.git(place, "add", "-A", "-f")
        scratch.git(place, "commit", "-q", "-m", f"{task}: {title}")
        agents = ["--with", *args.with_] if args.with_ else []
        told = scratch.pm(repo, "review", task, *agents, *args.more, home=scratch.home if agents else None)
    finally:
        if not args.keep:
            shutil.rmtree(root, ignore_errors=True)
    failed = [f"{one['name']}: {one['failed']}" for one in told["reviewers"] if one["failed"]]
    if told.get("stopped"):
        failed.append(told["stopped"])
    findings = [one | {"at_defect": fix.fits(one, reverse)} for one in told["open"]]
    used = (told.get("run") or {}).get("used") or {}
    return {
        "failed": "; ".join(failed) or None, "findings": findings,
        "found": any(one["at_defect"] for one in findings),
        "confirmed": any(one["at_defect"] and one["confirmed"] for one in findings),
        "alarms": sum(one["confirmed"] and one["severity"] in ("P0", "P1") for one in findings),
        "invented": sum(one["invented"] for one in told["reviewers"]),
        "elsewhere": sum(one["elsewhere"] for one in told["reviewers"]),
        "tokens": sum(used.get(f"{kind}_tokens") or 0 for kind in ("input", "cached", "output")) if used else None,
        "usd": used.get("cost_usd"), "folder": str(root) if args.keep else None,
    }


def measure(scratch, args):
    """Reviews both changes of each fix, in order; yields what came of each."""
    in_a_row = 0
    for name, clone in args.clones:
        fixes = FixList(args.lists / f"{name}.txt")
        repo = pathlib.Path(clone.removeprefix("file://")).expanduser()
        if not repo.is_dir():
            raise Problem(f"{clone} is no folder: clone the repository first, with its whole history")
        scratch.git(repo, "rev-parse", "--git-dir")
        chosen = random.Random(args.seed).sample(fixes.fixes, len(fixes.fixes)) if args.seed is not None else fixes.fixes
        for commit, of_class in chosen[:args.limit]:
            for reverse in (True, False):
                row = {"list": name, "commit": commit, "class": of_class, "change": "reversed" if reverse else "clean"}
                try:
                    row |= review(scratch, Fix(scratch, repo, fixes, commit), reverse, args)
                except Problem as problem:
                    row["failed"] = str(problem)
                yield row
                in_a_row = in_a_row + 1 if row["failed"] else 0
                if in_a_row >= FAILURES:
                    print(f"stopped: {FAILURES} changes failed in a row", file=sys.stderr)
                    return


def summary(rows):
    """The row of the table for one repository."""
    good = [row for row in rows if not row["failed"]]
    bad, clean = ([row for row in good if row["change"] == side] for side in ("reversed", "clean"))
    mean = lambda field: (lambda all: sum(all) / len(all) if all else None)([r[field] for r in good if r[field] is not None])
    return {
        "defects": len(bad), "confirmed": sum(row["confirmed"] for row in bad), "found": sum(row["found"] for row in bad),
        "clean": len(clean), "alarms": sum(row["alarms"] for row in clean),
        "same_place": sum(row["found"] for row in clean), "invented": sum(row["invented"] for row in good),
        "elsewhere": sum(row["elsewhere"] for row in good), "tokens": mean("tokens"), "usd": mean("usd"),
        "failed": len(rows) - len(good),
    }


def said(row):
    """What came of a change, in a line."""
    what = row["failed"] or (
        f"{'confirmed' if row['confirmed'] else 'found' if row['found'] else 'missed'}" if row["change"] == "reversed"
        else f"{row['alarms']} false alarms")
    what = re.sub(r"[^ -~]+", " ", what)
    return f"{row['list']} {row['commit'][:12]} {row['class']}, {row['change']}: {what}" + (
        f" ({row['folder']})" if row.get("folder") else "")


def run(args):
    scratch, rows = Scratch(args.binary, args.set), []
    try:
        for row in measure(scratch, args):
            rows.append(row)
            print(said(row), file=sys.stderr, flush=True)
    except KeyboardInterrupt:
        print("interrupted: these are the changes until then", file=sys.stderr)
    finally:
        if not args.keep:
            shutil.rmtree(scratch.dir, ignore_errors=True)
    return {name: summary([row for row in rows if row["list"] == name]) for name, _ in args.clones}, rows


def table(totals):
    shown = lambda value: "" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)
    print("| repository |", " | ".join(COLUMNS.values()), "|")
    print("|---" * (len(COLUMNS) + 1) + "|")
    for name, total in totals.items():
        print(f"| {name} |", " | ".join(shown(total[column]) for column in COLUMNS), "|")


def parse(words):
    words, more = (words[:words.index("--")], words[words.index("--") + 1:]) if "--" in words else (words, [])
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter,
                                usage="%(prog)s NAME=CLONE… [options] [-- options of `git pm review`]")
    a.add_argument("clones", nargs="*", metavar="NAME=CLONE", help="a list, and a clone of its repository")
    a.add_argument("--with", nargs="+", dest="with_", metavar="AGENT", default=[],
                   help="reviewers beside the rules, as for `git pm review`: claude, model:NAME, replay:FILE, script:FILE")
    a.add_argument("--deep", action="store_true", help="five reviewers of whom three have to agree")
    a.add_argument("--with-tests", action="store_true", help="take the tests of the fix backwards too")
    a.add_argument("--limit", type=int, metavar="N", help="the first N fixes of each list only")
    a.add_argument("--seed", type=int, help="mix the lists before that")
    a.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="a git setting, such as pm.sandbox=off")
    a.add_argument("--json", action="store_true", help="print everything, findings included, as JSON")
    a.add_argument("--keep", action="store_true", help="keep the repositories, and say where")
    a.add_argument("--binary", default=DEFAULT, metavar="FILE", help="the git-pm to measure")
    a.add_argument("--lists", type=pathlib.Path, default=LISTS, metavar="FOLDER", help="another folder of lists")
    a.add_argument("--self-test", action="store_true", help="check the scores with a tiny project and scripted answers")
    args = a.parse_args(words)
    args.more = more + ["--deep"] * args.deep
    if not args.clones and not args.self_test:
        a.error("name a list and a clone, such as click=~/src/click, or --self-test")
    if (args.more) and not args.with_ and not args.self_test:
        a.error("--deep and the options after -- are for agents: name one by --with")
    args.clones = [one.partition("=")[::2] for one in args.clones]
    if wrong := [name for name, clone in args.clones if not re.fullmatch(r"[\w-]+", name) or not clone]:
        a.error(f"{wrong[0]}: it has the form NAME=CLONE")
    # A program beside us has to be found from the repositories, too.
    absolute = lambda kind, file: f"{kind}:{os.path.abspath(file)}" if kind in ("replay", "script") and file else None
    args.with_ = [absolute(*one.partition(":")[::2]) or one for one in args.with_]
    return args


def main():
    try:
        args = parse(sys.argv[1:])
        if args.self_test:
            return self_test(args)
        totals, rows = run(args)
    except Problem as problem:
        print(f"reversed_fixes: {problem}", file=sys.stderr)
        return 2
    if args.json:
        print(json.dumps({"repositories": totals, "changes": rows}, indent=1))
    elif any(not row["failed"] for row in rows):
        table(totals)
    return 2 if all(row["failed"] for row in rows) else int(any(row["failed"] for row in rows))


# The self-test: two fixes with their tests, and reviewers who all say the same.
TOTAL = ["def total(prices):", "    prices = list(prices)", "    prices.pop()", "    return sum(prices)", ""]
NAMES = ["def first(names):", "    if not names:", "        return None", "    names = sorted(names)", "    names.reverse()",
         "    return names[0]", ""]
SAYS = {"severity": "P1", "category": "logic", "outcome": "the answer is wrong", "quote": ""}
ALL_SAY = [
    SAYS | {"claim": "the last price is removed before the sum is computed", "path": "src/total.py", "line": 3},
    SAYS | {"claim": "an empty list of names now gives nothing instead of an error", "path": "src/names.py", "line": 2},
    SAYS | {"claim": "the cache is never emptied", "path": "src/none.py", "line": 1},
]
ONE_SAYS = SAYS | {"claim": "the order is turned round, so the greatest is answered", "path": "src/names.py", "line": 3}
EXPECTED = {"defects": 2, "confirmed": 1, "found": 2, "clean": 2, "alarms": 1, "same_place": 1, "invented": 12,
            "elsewhere": 20, "tokens": 402.5, "usd": 0.035, "failed": 2}


def self_test(args):
    """Checks the scores of true, false, unconfirmed and invented findings, of a missing commit and a failed agent."""
    with tempfile.TemporaryDirectory(prefix="git-pm-bench-") as folder:
        top = pathlib.Path(folder).resolve()
        scratch = Scratch(args.binary, [])
        try:
            fixes = [commit_files(scratch, top / "project", *of) for of in (
                (0, {"src/total.py": TOTAL, "src/names.py": [*NAMES[:1], *NAMES[3:]], "tests/test.py": [""]}),
                (1, {"src/total.py": TOTAL[:2] + TOTAL[3:], "tests/test.py": ["assert total([1]) == 1", ""]}),
                (2, {"src/names.py": NAMES[:4] + NAMES[5:], "tests/test.py": ["assert first([]) is None", ""]}),
            )]
        finally:
            shutil.rmtree(scratch.dir)
        listed = "".join(f"{commit} value Fix it\n" for commit in [*fixes[1:], "0" * 40])
        (top / "tiny.txt").write_text("source: src/*\ntest: tests/*\n" + listed)
        used = {"input_tokens": 100, "output_tokens": 15, "usd": 0.01}
        verdict = json.dumps([{"id": n, "real": True, "caused_by_change": True, "handled_elsewhere": False} for n in (1, 2)])
        answers = [used | {"role": "validator", "answer": verdict},
                   used | {"role": "correctness-reviewer", "answer": json.dumps([*ALL_SAY, ONE_SAYS])},
                   used | {"answer": json.dumps(ALL_SAY)}]
        (top / "answers").write_text("\n".join(map(json.dumps, answers)))
        (top / "fails").write_text(json.dumps({"fail": "the model is overloaded"}))
        options = [f"tiny={top}/project", f"--lists={top}", f"--binary={args.binary}", "--with"]
        totals, _ = run(parse([*options, f"replay:{top}/answers"]))
        _, failed = run(parse([*options, f"replay:{top}/fails"]))
    right = totals["tiny"] == EXPECTED and len(failed) == FAILURES and all("overloaded" in row["failed"] for row in failed)
    print("the scores are right" if right else f"expected {EXPECTED}, and failures\ngot {totals['tiny']}, {failed}")
    return int(not right)


def commit_files(scratch, project, number, files):
    if not number:
        scratch.git(scratch.dir, "init", "-q", str(project))
    for path, lines in files.items():
        (project / path).parent.mkdir(parents=True, exist_ok=True)
        (project / path).write_text("\n".join(lines))
    scratch.git(project, "add", "-A")
    scratch.git(project, "commit", "-q", "-m", f"Fix {number}")
    return scratch.git(project, "rev-parse", "HEAD").decode().strip()


if __name__ == "__main__":
    sys.exit(main())
