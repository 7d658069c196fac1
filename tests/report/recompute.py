#!/usr/bin/env python3
"""Recomputes the figures of `git pm report` from `refs/pm/main`, without git pm.

    recompute.py REPOSITORY SINCE UNTIL day|week

SINCE and UNTIL are RFC 3339 times, both included. Only git's own commands are used (log, ls-tree,
cat-file), and the rules that `git pm report --json` prints as `rules`. The answer is JSON: `series`
(created, finished, reopened and open work for each day or week), `lead_days`, `cycle_days`,
`finished` (the commits and items behind them), `commits` and `merges`.

Only tests use it. It reads the fields that it needs, and of YAML only the form that git pm writes.
"""

import datetime
import heapq
import json
import math
import statistics
import subprocess
import sys

DAY = 86_400_000
NEVER_WORK = {"epic", "merge-request", "gate", "molecule", "message", "agent", "role", "rig"}


def git(*args, data=None):
    run = subprocess.run(["git", "-C", REPOSITORY, *args], input=data, stdout=subprocess.PIPE, check=True)
    return run.stdout


def milliseconds(text):
    time = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return round(time.timestamp() * 1000)


def rfc3339(ms):
    time = datetime.datetime.fromtimestamp(ms // 1000, datetime.timezone.utc)
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


# Commits.


class Commit:
    def __init__(self, record):
        self.id, self.tree, parents, seconds, message = record.split("\x01", 4)
        self.parents = parents.split()
        self.ms = int(seconds) * 1000
        trailers = dict(
            line.split(": ", 1)
            for line in message.strip().split("\n\n")[-1].splitlines()
            if ": " in line
        )
        self.op = trailers.get("PM-Op", "")
        self.reverts = trailers.get("PM-Reverts") if self.op == "undo" else None
        clock = trailers.get("PM-Clock", "0.0").split(".")
        self.clock = (int(clock[0]), int(clock[1]))


def history():
    out = git("log", "-z", "--format=%H%x01%T%x01%P%x01%at%x01%B", "refs/pm/main").decode()
    commits = (Commit(record) for record in out.split("\0") if record)
    return {commit.id: commit for commit in commits}


def heads_at(commits, starts, ms):
    """The last commits up to a time: each branch is followed back to its first one not after it."""
    seen, waiting, found = set(starts), list(starts), []
    while waiting:
        commit = commits[waiting.pop()]
        if commit.ms <= ms:
            found.append(commit.id)
            continue
        for parent in commit.parents:
            if parent not in seen:
                seen.add(parent)
                waiting.append(parent)
    return found


def reached(commits, heads):
    seen, waiting = set(heads), list(heads)
    while waiting:
        for parent in commits[waiting.pop()].parents:
            if parent not in seen:
                seen.add(parent)
                waiting.append(parent)
    return seen


def in_order(commits, chosen):
    """Parents before children; of several the one with the lesser clock, then the lesser id."""
    waits = {one: sum(parent in chosen for parent in set(commits[one].parents)) for one in chosen}
    children = {}
    for one in chosen:
        for parent in set(commits[one].parents):
            children.setdefault(parent, []).append(one)
    ready = [(commits[one].clock, one) for one, count in waits.items() if count == 0]
    heapq.heapify(ready)
    while ready:
        _, one = heapq.heappop(ready)
        yield one
        for child in children.get(one, []):
            waits[child] -= 1
            if waits[child] == 0:
                heapq.heappush(ready, (commits[child].clock, child))


# Documents.


def value(text):
    text = text.strip()
    return json.loads(text) if text.startswith('"') else text


class Item:
    """A version of an item: the fields that figures need, each with its stamp."""

    FIELDS = ("status", "status_before", "deleted", "type", "created_at", "started_at",
              "closed_at", "closed_by", "template", "pinned")

    def __init__(self, fields, stamps):
        self.fields, self.stamps = fields, stamps

    @classmethod
    def read(cls, text):
        lines = text.split("\n")
        end = lines.index("---", 1)
        fields, stamps, inside = {}, {}, None
        for line in lines[1:end]:
            if not line.startswith(" "):
                name, rest = line.split(":", 1)
                inside = name if not rest.strip() else None
                fields[name] = value(rest)
            elif inside == "stamps" and line.startswith("  ") and not line.startswith("   "):
                name, rest = line.rsplit(": ", 1)
                stamps[value(name)] = value(rest)
        return cls(fields, stamps)

    def stamp(self, field):
        text = self.stamps.get(field, self.fields["birth"] if field in self.fields else "0.0.")
        ms, counter, replica = text.lstrip("-").split(".", 2)
        return (int(ms), int(counter), replica)

    def joined(self, other):
        fields, stamps = dict(self.fields), dict(self.stamps)
        for field in self.FIELDS:
            if other.stamp(field) > self.stamp(field):
                for mine, theirs in ((fields, other.fields), (stamps, other.stamps)):
                    mine.pop(field, None)
                    if field in theirs:
                        mine[field] = theirs[field]
        return Item(fields, stamps)

    def get(self, field):
        return self.fields.get(field)

    @property
    def is_work(self):
        kind = self.get("kind")
        issue = kind == "issue" and self.get("type") not in NEVER_WORK
        return (kind == "task" or issue) and not self.get("template")

    @property
    def phase(self):
        if self.get("deleted") or self.get("purged"):
            return "deleted"
        status = self.get("status") or "open"
        if status in ("blocked", "deferred"):
            status = self.get("status_before") or "open"
        return {
            "in_progress": "active",
            "hooked": "active",
            "in_review": "review",
            "ready_for_integration": "review",
            "done": "finished",
            "closed": "finished",
            "cancelled": "cancelled",
            "tombstone": "cancelled",
        }.get(status, "waiting")

    @property
    def is_open(self):
        return self.is_work and self.phase in OPEN and not self.get("pinned")

    def time(self, field):
        if field == "created_at" and not self.get(field):
            return int(self.get("birth").split(".")[0])
        return milliseconds(self.get(field)) if self.get(field) else None


OPEN = ("waiting", "active", "review")
CLOSED = ("finished", "cancelled")
BLOBS, TREES = {}, {}


def files(tree):
    if tree not in TREES:
        out = git("ls-tree", "-r", "-z", tree, "tasks/", "issues/").decode()
        rows = (row.split("\t", 1) for row in out.split("\0") if row)
        TREES[tree] = {path: about.split()[2] for about, path in rows}
    return TREES[tree]


def item(blob):
    if blob not in BLOBS:
        BLOBS[blob] = Item.read(git("cat-file", "blob", blob).decode())
    return BLOBS[blob]


def items(tree, blobs=None):
    found = [item(blob) for path, blob in files(tree).items() if blobs is None or path in blobs]
    return {one.get("uid"): one for one in found}


def state(commits, heads):
    """The items of the join of some commits."""
    whole = {}
    for head in heads:
        for uid, one in items(commits[head].tree).items():
            whole[uid] = whole[uid].joined(one) if uid in whole else one
    return whole


# Figures.


def change(known, was, to):
    """What a commit did to an item: its kind, or none; and where the item is then."""
    was_open = was is None or was in OPEN
    again = was_open and to in CLOSED
    if was == to or known == to and not again:
        return None, known or to
    origin = known or was
    if origin is not None and origin not in OPEN and was_open and to in OPEN:
        return None, known
    if to == "deleted":
        return "deleted", to
    if origin == "deleted":
        return "restored", to
    if to in CLOSED:
        return to, to
    if origin in CLOSED:
        return "reopened", to
    return None, to


def changes(commits, before, chosen):
    base = state(commits, before)
    phases = {uid: one.phase for uid, one in base.items() if one.is_work}
    order = list(in_order(commits, chosen))
    # A commit counts at the earliest time of those that build on it.
    times = {one: commits[one].ms for one in order}
    for one in reversed(order):
        for parent in commits[one].parents:
            if parent in times:
                times[parent] = min(times[parent], times[one])
    for id in order:
        commit = commits[id]
        if len(commit.parents) != 1:
            continue
        old, new = files(commits[commit.parents[0]].tree), files(commit.tree)
        paths = {path for path in old.keys() | new.keys() if old.get(path) != new.get(path)}
        olds, news = items(commits[commit.parents[0]].tree, paths), items(commit.tree, paths)
        is_large = len(news.keys() - olds.keys()) > 1_000
        for uid in sorted(news):
            one, earlier = news[uid], olds.get(uid)
            if not one.is_work:
                continue
            was = earlier.phase if earlier and earlier.is_work else None
            known = phases.get(uid)
            if known is None and was is None:
                if one.phase == "deleted":
                    phases[uid] = "deleted"
                    continue
                stated = one.time("created_at")
                is_earlier = stated + 60_000 < times[id] and commit.op != "merge" and not is_large
                yield "created", stated if is_earlier else times[id], id, one
            kind, phases[uid] = change(known, was, one.phase)
            if phases[uid] is None:
                del phases[uid]
            if kind in CLOSED and commit.op != "merge":
                stated = one.time("closed_at") or 0
                yield kind, stated if stated // 1000 < times[id] // 1000 else times[id], id, one
            elif kind and not (kind == "reopened" and commit.op == "undo"):
                yield kind, times[id], id, one


def standing(found, end, since, until, undone):
    """The changes without the reopenings that were undone, and the closings that did not last: of each item that is
    closed at the end, the one that it states then stays, else the last one, at the time that it states; and that only
    if it is known to be in the period."""
    found = [one for one in found if one[0] != "reopened" or one[2] not in undone]
    closings, corrected = {}, {}
    for change in found:
        if change[0] in CLOSED:
            closings.setdefault(change[3].get("uid"), []).append(change)
    stays = set()
    for uid, all in closings.items():
        last = end.get(uid)
        if last and last.phase in CLOSED:
            about = lambda kind, one: (kind, one.get("closed_at"), one.get("closed_by"))
            same = [one for one in all if about(one[0], one[3]) == about(last.phase, last)]
            stay = same[0] if same else all[-1]
            if stay[3].get("closed_at") != last.get("closed_at"):
                corrected[id(stay)] = (stay[0], min(last.time("closed_at") or 0, until), stay[2], last)
            stays.add(id(corrected.get(id(stay), stay)))
    found = [corrected.get(id(one), one) for one in found]
    is_counted = lambda one: id(one) in stays and one[1] >= max(since, 1)
    is_here = lambda one: one[0] != "created" or one[1] >= max(since, 1)
    return [one for one in found if (one[0] not in CLOSED or is_counted(one)) and is_here(one)]


def periods(first, until, step):
    length, offset = (DAY, 0) if step == "day" else (7 * DAY, 3 * DAY)
    at = first
    while at <= until:
        following = at - (at + offset) % length + length
        yield at, min(until, following - 1)
        at = following


def rounded(number):
    return math.floor(number * 100 + 0.5) / 100


def spread(numbers):
    numbers = sorted(numbers)

    def quantile(share):
        return numbers[max(math.ceil(share * len(numbers)) - 1, 0)] if numbers else None

    middle = rounded(statistics.median(numbers)) if numbers else None
    return {"samples": len(numbers), "p50": middle, "p85": quantile(0.85)}


def main(since, until, step):
    commits = history()
    tip = git("rev-parse", "refs/pm/main").decode().strip()
    after = heads_at(commits, [tip], until)
    before = heads_at(commits, after, since - 1)
    chosen = reached(commits, after) - reached(commits, before)
    undone = set()
    for one in reversed(list(in_order(commits, chosen))):
        if commits[one].reverts and one not in undone:
            undone.add(commits[one].reverts)
    raw = list(changes(commits, before, chosen))
    found = standing(raw, state(commits, after), since, until, undone)

    def stated(end):
        """The open work at a time that an import brought later: created by then, and not closed."""
        late = lambda ms, id: commits[id].op.startswith("import ") and 0 < ms <= end < commits[id].ms
        of = lambda kinds: {one.get("uid") for kind, ms, id, one in raw if kind in kinds and late(ms, id)}
        return len(of(["created"])) - len(of(CLOSED))

    # The series begins with the history, if that is later; its first commit of all has no time.
    first = since
    if all(commits[head].ms == 0 for head in before):
        times = [commits[one].ms for one in in_order(commits, chosen) if commits[one].ms > 0]
        first = min(max(times[0] if times else until, since), until)
    # What was imported may be created and finished before.
    first = min([first, *(ms for kind, ms, _, _ in found if kind in (*CLOSED, "created"))])

    series = []
    for begin, end in periods(first, until, step):
        count = lambda kind: sum(k == kind and begin <= ms <= end for k, ms, _, _ in found)
        at_end = state(commits, heads_at(commits, [tip], end)).values()
        series.append(
            {
                "from": rfc3339(begin),
                "to": rfc3339(end),
                "created": count("created"),
                "finished": count("finished"),
                "reopened": count("reopened"),
                "open": sum(one.is_open for one in at_end) + stated(end),
            }
        )

    finished = [(ms, id, one) for kind, ms, id, one in found if kind == "finished"]
    lead = [rounded(max(ms - one.time("created_at"), 0) / DAY) for ms, _, one in finished]
    started = [(ms, one.time("started_at")) for ms, _, one in finished]
    cycle = [rounded((ms - start) / DAY) for ms, start in started if start is not None and start <= ms]
    return {
        "commits": len(chosen),
        "merges": sum(len(commits[one].parents) > 1 for one in chosen),
        "series": series,
        "finished": [[id, one.get("uid")] for _, id, one in finished],
        "lead_days": spread(lead),
        "cycle_days": spread(cycle),
    }


if __name__ == "__main__":
    REPOSITORY, begin, end, length = sys.argv[1:]
    json.dump(main(milliseconds(begin), milliseconds(end), length), sys.stdout, indent=1)
