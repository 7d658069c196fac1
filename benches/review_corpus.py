#!/usr/bin/env python3
"""What `git pm review` finds in the changes of testdata/review by rules alone, and its false alarms.

    benches/review_corpus.py [--half a|b] [NAME…]

Wants `git-pm` in PATH. Each change of the half (both by default) becomes the work of a task with the paths
that the change declares. A defect counts as found if a rule of its class names its file, and its line
within two lines if it has one. Prints what is missed, and every finding that no defect explains.
"""
import argparse, json, os, pathlib, shutil, subprocess, sys, tempfile

CORPUS = pathlib.Path(__file__).resolve().parent.parent / "testdata" / "review"
SECURITY = "code-injection sql-injection tls-unverified html-injection"
RULES = {
    "assertion_weakened": "assertions-reduced assertion-trivial test-deleted",
    "binary_or_huge_file": "binary-added file-large",
    "commit_without_task_id": "commit-without-task",
    "conflict_marker": "conflict-marker",
    "debug_leftover": "debug-leftover",
    "gate_weakened": "gate-weakened coverage-lowered check-loosened gate-changed path-protected",
    "generated_edited": "generated-edited",
    "large_diff": "change-large",
    "lock_without_manifest": "manifest-missing",
    "manifest_without_lock": "lock-missing",
    "migration": "migration-edited migration-added",
    "new_dependency": "dependency-added",
    "outside_task": "outside-plan path-protected",
    "secret": "secret",
    "security": SECURITY,
    "source_without_test": "source-without-test",
    "suppression_added": "check-suppressed check-loosened",
    "swallowed_error": "error-swallowed",
    "test_deleted": "test-deleted",
    "test_skipped": "test-skipped test-focused",
    "todo_added": "todo-added",
    "vendored_edited": "vendored-edited",
}


def main():
    a = argparse.ArgumentParser()
    a.add_argument("--half", choices=["a", "b"])
    a.add_argument("names", nargs="*")
    args = a.parse_args()
    root = pathlib.Path(tempfile.mkdtemp(prefix="git-pm-review-")).resolve()
    try:
        sys.exit(measure(root, args))
    finally:
        shutil.rmtree(root, ignore_errors=True)


def measure(root, args):
    (root / "config").write_text("[user]\nname = Ana\nemail = ana@example.org\n")
    env = dict(os.environ, HOME=str(root), GIT_CONFIG_GLOBAL=str(root / "config"), GIT_CONFIG_NOSYSTEM="1")
    repo = root / "repo"

    def run(*command, cwd=repo, codes=(0,)):
        ran = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True)
        if ran.returncode not in codes:
            raise SystemExit(f"{' '.join(map(str, command))}: {ran.stdout}{ran.stderr}")
        return ran.stdout

    def data(*words, codes=(0,)):
        return json.loads(run("git-pm", "--json", *words, codes=codes))["data"]

    run("sh", CORPUS / "make.sh", repo, cwd=root)
    run("git-pm", "init")
    found = wanted = changes = 0
    missed, alarms = [], []
    for label in sorted((CORPUS / "changes").glob("*.json")):
        change = json.loads(label.read_text())
        name = label.stem
        if args.half not in (None, change["half"]) or not all(one in name for one in args.names):
            continue
        changes += 1
        paths = [word for path in change["task"]["files"] for word in ("--path", path)]
        task = data("task", "create", change["task"]["title"], *paths)["id"]
        place = data("start", task)["worktree"]
        run("git", "reset", "-q", "--hard", f"change/{name}", cwd=place)
        message = change["commit_message"].replace(change["task"]["id"], task)
        run("git", "commit", "-q", "--amend", "--no-verify", "-m", message, cwd=place)
        said = data("review", task, codes=(0, 1))["open"]
        run("git-pm", "task", "drop", task)
        explained = set()
        for defect in (one for one in change["defects"] if one["by_rule"]):
            hits = [n for n, one in enumerate(said) if fits(one, defect)]
            explained.update(hits)
            found += bool(hits)
            wanted += 1
            if not hits:
                missed.append(f"{name}: {defect['class']} at {defect['path']}:{defect['line']}")
        for n, one in enumerate(said):
            if n not in explained:
                alarms.append(f"{name} ({change['kind']}): {one['severity']} {one['claim']}")
    print(f"{found} of {wanted} defects in {changes} changes, {len(alarms)} findings beside them")
    for title, rows in (("missed", missed), ("beside them", alarms)):
        print(f"{title}:", *rows, sep="\n  ")
    return 0


def fits(one, defect):
    by_line = None not in (one["line"], defect["line"]) and not one["removed"]
    near = not by_line or abs(one["line"] - defect["line"]) <= 2
    same = one["path"] in (None, defect["path"]) or defect["line"] is None
    return one["rule"] in RULES[defect["class"]].split() and same and near


if __name__ == "__main__":
    main()
