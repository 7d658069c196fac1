#!/usr/bin/env python3
"""Random weeks in which two clones of git pm and two users of bd share one beads file in git.

Each step is a change in one of the clones (`a` and `b`: by git pm; `c` and `d`: the line of an issue, as bd writes it,
which is committed), a merge of the file, or an exchange: merge, import, sync, export, commit, push. Where git cannot
merge the file, an import and an export of git pm resolve it in its clones; in the others its records are merged field by
field, and the later record decides. In the end all exchange twice.
Then the last value of each title, priority, description and status has to be in both clones and in the file, all labels
and comments with it, and each issue once. A text that changed on both sides may be kept as a conflict.

With `pm.sync=manual` (a third of the weeks, or none with `--claim`) an issue or comment can arrive in the file before the
state does, and is then doubled; nor does a merge that picks the older value of two count against git pm.

    benches/beads_exchange.py [--weeks 40] [--first 1] [--steps 50] [--claim] [--keep] [--binary PATH]"""
import argparse, datetime, json, os, random, shutil, subprocess, sys, tempfile
from stage import DEFAULT

FILE, ISSUES = ".beads/issues.jsonl", 3
FIELDS = ["title", "priority", "description", "label", "comment", "status", "new"]


def text(time):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def record(name, title, created, **more):
    return {"id": name, "title": title, "status": "open", "priority": 2, "issue_type": "task",
            "created_at": created, "updated_at": created, **more}


def merged(base, ours, theirs):
    """The records of both sides, merged by field."""
    base, ours, theirs = ({one["id"]: one for one in side} for side in (base, ours, theirs))
    for name in sorted({*ours, *theirs}):
        was, our, their = base.get(name, {}), ours.get(name), theirs.get(name)
        if our is None or their is None:
            yield our or their
            continue
        newer, found = (our if our["updated_at"] >= their["updated_at"] else their), {}
        for key in dict.fromkeys([*our, *their]):
            one, other, before = our.get(key), their.get(key), was.get(key)
            if key == "labels":
                one, other, before = (set(value or []) for value in (one, other, before))
                value = sorted((one | other) - (before - one) - (before - other))
            elif key == "comments":
                value = list({c["text"]: c for c in [*(one or []), *(other or [])]}.values())
            elif key == "updated_at":
                value = newer[key]
            else:
                value = one if other == before or one == other else other if one == before else newer.get(key)
            if value not in (None, []):
                found[key] = value
        yield found


class Week:
    def __init__(self, seed, binary, claim):
        self.random, self.now = random.Random(seed), datetime.datetime(2026, 12, 1, 10)
        self.root = tempfile.mkdtemp(prefix=f"beads-{seed}-")
        self.env = {**os.environ, "HOME": self.root, "GIT_CONFIG_GLOBAL": self.root + "/config", "GIT_PM_NO_PAGER": "1",
                    "PATH": os.path.dirname(os.path.abspath(binary)) + ":" + os.environ["PATH"]}
        self.trace, self.ids, self.count = [], [], 100
        self.last, self.labels, self.comments = {}, {}, {}
        mode = self.random.choice(["claim", "claim", "manual"])
        for key, value in [("user.name", "Ann"), ("user.email", "a@example.org"), ("init.defaultBranch", "main"),
                           ("pull.rebase", "false"), ("pm.sync", "claim" if claim else mode)]:
            self.git(".", "config", "--global", key, value)
        self.git(".", "init", "-q", "--bare", "r.git")
        self.git(".", "init", "-q", "a")
        os.makedirs(f"{self.root}/a/.beads")
        self.ids = [f"bd-{n}" for n in range(1, ISSUES + 1)]
        made = [record(name, f"t{n}", "2026-11-01T10:00:00Z", description=f"d{n}") for n, name in enumerate(self.ids)]
        self.write("a", made)
        self.git("a", "add", "."), self.git("a", "commit", "-qm", "Begin")
        self.git("a", "remote", "add", "origin", self.root + "/r.git"), self.git("a", "push", "-qu", "origin", "main")
        self.pm("a", "init"), self.pm("a", "import", "beads", FILE), self.pm("a", "sync")
        for clone, name in zip("bcd", ["Bea", "Cy", "Dan"]):
            self.git(".", "clone", "-q", "r.git", clone), self.git(clone, "config", "user.name", name)
        self.pm("b", "init"), self.pm("b", "sync")

    def run(self, clone, command, codes):
        now = text(self.now)
        env = {**self.env, "GIT_PM_NOW": now, "GIT_AUTHOR_DATE": now, "GIT_COMMITTER_DATE": now}
        done = subprocess.run(command, cwd=f"{self.root}/{clone}", env=env, capture_output=True, text=True)
        said = (done.stdout + done.stderr).strip()
        self.trace.append(f"{now} [{clone}] {' '.join(command)} -> {done.returncode} {said}")
        if codes and done.returncode not in codes:
            raise RuntimeError(self.trace[-1])
        return done

    def git(self, clone, *args, codes=(0,)):
        return self.run(clone, ["git", *args], codes)

    def pm(self, clone, *args, codes=(0,)):
        return self.run(clone, ["git-pm", *args], codes)

    def data(self, clone, *args):
        return json.loads(self.pm(clone, *args, "--json").stdout)["data"]

    def items(self, clone):
        found = self.data(clone, "list", "--all")
        return found.get("items", found) if isinstance(found, dict) else found

    def read(self, clone, rev=None):
        path = f"{self.root}/{clone}/{FILE}"
        lines = self.git(clone, "show", f"{rev}:{FILE}").stdout if rev else open(path, encoding="utf-8").read()
        return [json.loads(line) for line in lines.splitlines() if line.strip()]

    def write(self, clone, records):
        with open(f"{self.root}/{clone}/{FILE}", "w", encoding="utf-8") as out:
            out.writelines(json.dumps(one, separators=(",", ":"), ensure_ascii=False) + "\n" for one in records)

    def note(self, name, field, value):
        self.last.setdefault((name, field), []).append((text(self.now), value))

    def merge(self, clone):
        self.git(clone, "fetch", "-q")
        if self.git(clone, "merge", "-q", "--no-edit", "origin/main", codes=None).returncode:
            if clone in "ab":
                self.pm(clone, "import", "beads", FILE, codes=(0, 8)), self.pm(clone, "export", "beads", FILE)
                self.git(clone, "add", FILE), self.git(clone, "commit", "-qm", "Merge")
                return
            base = self.git(clone, "merge-base", "HEAD", "origin/main").stdout.strip()
            self.write(clone, merged(*(self.read(clone, rev) for rev in (base, "HEAD", "origin/main"))))
            self.git(clone, "add", FILE), self.git(clone, "commit", "-qm", "Merge")

    def push(self, clone):
        while self.git(clone, "push", "-q", "origin", "HEAD:main", codes=None).returncode:
            self.merge(clone)

    def by_bd(self, clone):
        self.count += 1
        records, now, n = self.read(clone), text(self.now), self.count
        one, field = self.random.choice(records), self.random.choice(FIELDS)
        name = one["id"]
        if field == "new":
            name = f"bd-n{n}{clone}"
            self.ids.append(name), records.append(record(name, f"new{n}", now)), self.note(name, "title", f"new{n}")
        elif field == "label":
            one["labels"] = sorted({*one.get("labels", []), f"l{n}"})
            self.labels.setdefault(name, set()).add(f"l{n}")
        elif field == "comment":
            said = {"id": n, "issue_id": name, "author": clone, "text": f"c{n}", "created_at": now}
            one.setdefault("comments", []).append(said), self.comments.setdefault(name, set()).add(f"c{n}")
        elif field == "status" and one["status"] == "closed":
            one["status"] = "open"
            one.pop("closed_at", None), one.pop("close_reason", None), self.note(name, "status", "open")
        elif field == "status":
            one.update(status="closed", closed_at=now, close_reason=f"why{n}"), self.note(name, "status", "closed")
        else:
            others = [level for level in range(5) if level != one["priority"]]
            one[field] = self.random.choice(others) if field == "priority" else f"{field[0]}{n}"
            self.note(name, field, one[field])
        if field != "new":
            one["updated_at"] = now
        self.trace.append(f"{now} [{clone}] bd: {name} {field} {one.get(field)}")
        self.write(clone, records), self.git(clone, "commit", "-qam", f"{name} {field}")

    def by_pm(self, clone):
        self.count += 1
        n, field = self.count, self.random.choice(FIELDS)
        here = [item for item in self.items(clone) if item["id"] in self.ids]
        one = self.random.choice(here)
        name = one["id"]
        if field == "new":
            name = self.data(clone, "issue", "create", f"new{n}")["id"]
            self.ids.append(name), self.note(name, "title", f"new{n}")
        elif field == "label":
            self.pm(clone, "edit", name, "--add-label", f"l{n}"), self.labels.setdefault(name, set()).add(f"l{n}")
        elif field == "comment":
            self.pm(clone, "comment", name, f"c{n}"), self.comments.setdefault(name, set()).add(f"c{n}")
        elif field == "status" and one["status"] in ("closed", "done"):
            self.pm(clone, "issue", "reopen", name), self.note(name, "status", "open")
        elif field == "status":
            self.pm(clone, "issue", "close", name, "--reason", f"why{n}"), self.note(name, "status", "closed")
        else:
            option = {"title": "--title", "description": "--body", "priority": "--priority"}[field]
            others = [level for level in range(5) if level != one["priority"]]
            value = self.random.choice(others) if field == "priority" else f"{field[0]}{n}"
            self.pm(clone, "edit", name, option, str(value)), self.note(name, field, value)

    def exchange(self, clone, whole):
        self.merge(clone)
        self.pm(clone, "import", "beads", FILE, codes=(0, 8))
        if whole or self.random.random() < 0.7:
            self.pm(clone, "sync")
        if whole or self.random.random() < 0.8:
            if self.pm(clone, "export", "beads", FILE, codes=(0, 1)).returncode:
                self.pm(clone, "import", "beads", FILE, codes=(0, 8)), self.pm(clone, "export", "beads", FILE)
            self.git(clone, "commit", "-qam", "Export", codes=None), self.push(clone)

    def step(self):
        self.now += datetime.timedelta(seconds=self.random.choice([30, 60, 600]))
        kind, pm, bd = self.random.random(), self.random.choice("ab"), self.random.choice("cd")
        if kind < 0.3:
            self.by_pm(pm)
        elif kind < 0.6:
            self.by_bd(bd)
        elif kind < 0.75:
            self.merge(bd), self.push(bd)
        elif kind < 0.9:
            self.exchange(pm, False)
        elif kind < 0.95:
            self.pm(pm, "sync")
        else:
            self.merge(pm)

    def end(self):
        for clone in "cdcdabab":
            self.now += datetime.timedelta(minutes=1)
            self.exchange(clone, True) if clone in "ab" else (self.merge(clone), self.push(clone))

    def lost(self):
        """What is not as it was written last."""
        all_items, file = self.items("a"), {one["id"]: one for one in self.read("a")}
        for name in self.ids:
            if (number := sum(item["id"] == name for item in all_items)) != 1:
                yield f"{name}: {number} items"
                continue
            labels, comments = self.labels.get(name, set()), self.comments.get(name, set())
            for clone in "ab":
                item = self.data(clone, "show", name)
                is_closed = item["status"] in ("closed", "done")
                has = {"title": item["title"], "priority": item["priority"], "description": item["body"].strip(),
                       "status": "closed" if is_closed else "open"}
                for (_, field), values in ((key, own) for key, own in self.last.items() if key[0] == name):
                    is_kept = field == "description" and item["conflicted"]
                    if has[field] != values[-1][1] and not is_kept:
                        yield f"{clone} {name}: {field} is {has[field]!r}, written {values[-3:]}"
                if missing := labels - set(item["labels"]):
                    yield f"{clone} {name}: lacks labels {missing}"
                said = [one["body"].strip() for one in item["comments"]]
                if set(said) != comments or len(said) != len(comments):
                    yield f"{clone} {name}: comments {sorted(said)}, written {sorted(comments)}"
            line = file.get(name, {})
            if missing := labels - set(line.get("labels", [])):
                yield f"file {name}: lacks labels {missing}"
            yield from (f"file {name}: {key} is {line.get(key)!r}" for key in ("title", "priority")
                        if line.get(key) != item[key])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weeks", type=int, default=40)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--claim", action="store_true")
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--binary", default=DEFAULT)
    options = parser.parse_args()
    bad = 0
    for seed in range(options.first, options.first + options.weeks):
        week = Week(seed, options.binary, options.claim)
        try:
            for _ in range(options.steps):
                week.step()
            week.end()
            lost = list(week.lost())
        except RuntimeError as error:
            lost = [str(error)]
        bad += bool(lost)
        print(seed, *(lost or ["nothing lost"]), sep="\n    " if lost else " ", flush=True)
        if options.keep:
            with open(week.root + "/trace", "w", encoding="utf-8") as out:
                out.write("\n".join(week.trace))
            print("   ", week.root)
        else:
            shutil.rmtree(week.root)
    print(f"{options.weeks - bad} of {options.weeks} weeks lost nothing")
    sys.exit(bad > 0)


if __name__ == "__main__":
    main()
