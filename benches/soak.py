#!/usr/bin/env python3
"""Sixteen processes in four clones of one bare remote do random things for a while, and note what was
acknowledged. Then all clones sync until nobody has anything new, and everything must be there: equal
trees, every item and comment, every edit or one with a greater stamp, never two holders of a task or
a path. Prints one JSON line; exit code 1 when anything is missing.

    benches/soak.py [--seconds 300] [--binary PATH] [--seed 7] [--processes 16] [--keep]"""
import argparse, json, random, sys, threading, time
from stage import DEFAULT, Stage

parser = argparse.ArgumentParser()
parser.add_argument("--seconds", type=float, default=300)
parser.add_argument("--binary", default=DEFAULT)
parser.add_argument("--seed", type=int, default=7)
parser.add_argument("--processes", type=int, default=16)
parser.add_argument("--keep", action="store_true")
args = parser.parse_args()

stage = Stage(args.binary, 4)
end = time.time() + args.seconds


class Worker:
    """One process after the other, by one actor in one clone; what was acknowledged, and when."""

    def __init__(self, n):
        self.name = f"p{n}"
        self.clone = stage.clones[n % len(stage.clones)]
        self.dice = random.Random(args.seed * 1000 + n)
        self.created, self.comments, self.titles, self.tried = {}, [], [], []
        self.labels, self.held, self.reserved = [], [], []
        self.codes, self.odd, self.count = {}, [], 0

    def pm(self, op, *command, stdin=None):
        self.count += 1
        code, answer = stage.pm(self.clone, "--as", self.name, *command, stdin=stdin)
        key = f"{op} {code}"
        self.codes[key] = self.codes.get(key, 0) + 1
        # Refused, taken by somebody else, gone meanwhile: all of that is in order.
        if code not in (0, 1, 3, 4) and not (code == 2 and op in ("dep", "undo")):
            self.odd.append(f"{' '.join(command)}: {code} {answer}"[:300])
        return answer if code == 0 else None

    def some(self, open_only=True):
        """Any item, by uid."""
        listed = self.pm("list", "task", "list", "--limit", "60")
        items = listed["items"] if listed else []
        items = [i for i in items if not open_only or i["status"] in ("queued", "in_progress")]
        return self.dice.choice(items)["uid"] if items else None

    def create(self):
        title = f"{self.name} creates {self.count}"
        made = self.pm("create", "task", "create", title, "--body", "text " * 10)
        if made:
            self.created[made["uid"]] = title

    def edit(self):
        uid = self.some()
        if uid:
            title = f"{self.name} renames {self.count}"
            self.tried.append((uid, title))
            done = self.pm("edit", "task", "edit", uid, "--title", title)
            if done:
                self.titles.append((uid, title, done["version"]))

    def body(self):
        uid = self.some()
        if uid:
            self.pm("body", "task", "edit", uid, "--body", f"{self.name} writes {self.count}")

    def comment(self):
        uid = self.some()
        text = f"{self.name} says {self.count}"
        if uid and self.pm("comment", "task", "comment", uid, text):
            self.comments.append((uid, text))

    def work(self):
        ready = self.pm("ready", "ready", "--limit", "20")
        items = ready["items"] if ready else []
        if not items:
            return
        uid = self.dice.choice(items)["uid"]
        began = self.pm("start", "start", uid, "--no-worktree")
        if not began:
            return
        since = time.time()
        time.sleep(self.dice.random() * 0.5)
        until = time.time()
        self.held.append((uid, since, until, self.name))
        how = self.dice.random()
        if how < 0.4:
            self.pm("finish", "task", "finish", uid, "--force")
        elif how < 0.9:
            self.pm("drop", "task", "drop", uid)

    def reserve(self):
        path = f"src/file{self.dice.randrange(20)}.txt"
        if not self.pm("reserve", "reserve", "add", path):
            return
        since = time.time()
        time.sleep(self.dice.random() * 0.3)
        self.reserved.append((path, since, time.time(), self.name))
        self.pm("release", "reserve", "release", path)

    def dep(self):
        one, other = self.some(), self.some()
        if one and other and one != other:
            self.pm("dep", "dep", "add", one, other)

    def sync(self):
        self.pm("sync", "sync")

    def look(self):
        self.pm("ready", "ready")
        self.pm("search", "search", self.dice.choice(["text", "creates", "says"]))
        self.pm("status", "status")

    def batch(self):
        titles = [f"{self.name} batches {self.count} {n}" for n in range(10)]
        lines = "".join(json.dumps({"op": "task.create", "title": title}) + "\n" for title in titles)
        if self.pm("batch", "batch", stdin=lines):
            for title in titles:
                self.created[title] = title

    def resolve(self):
        found = self.pm("conflicts", "conflicts")
        if found and found["items"]:
            one = self.dice.choice(found["items"])
            self.pm("resolve", "conflicts", one.get("uid") or one["id"], "--keep", "1")

    def undo(self):
        uid = self.some()
        label = f"undone-{self.name}-{self.count}"
        if uid and self.pm("label", "task", "edit", uid, "--label", label):
            if self.pm("undo", "undo"):
                self.labels.append((uid, label))

    def gc(self):
        stage.run(self.clone, "git", "gc", "-q", *(["--prune=now"] if self.dice.random() < 0.5 else []))

    def run(self):
        weights = {self.create: 12, self.edit: 12, self.comment: 12, self.body: 5, self.work: 10,
                   self.reserve: 8, self.dep: 5, self.sync: 14, self.look: 10, self.batch: 3,
                   self.resolve: 4, self.undo: 3, self.gc: 1}
        while time.time() < end:
            self.dice.choices(list(weights), weights.values())[0]()


def overlaps(held):
    """Two who held one thing at one time, by their own accounts."""
    found, by_thing = [], {}
    for thing, since, until, who in held:
        by_thing.setdefault(thing, []).append((since, until, who))
    for thing, spans in by_thing.items():
        spans.sort()
        for (_, until, one), (since, _, other) in zip(spans, spans[1:]):
            if since < until and one != other:
                found.append(f"{thing}: {one} and {other}")
    return found


def stamp(version):
    ms, counter, replica = version.split(".")
    return int(ms), int(counter), replica


workers = [Worker(n) for n in range(args.processes)]
threads = [threading.Thread(target=worker.run) for worker in workers]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()

equal = stage.settle()
lost = []
for clone in stage.clones:
    items = stage.items(clone)
    titles = {item["title"] for item in items.values()}
    renamed = {uid for w in workers for uid, _ in w.tried}
    texts, shown = {}, {}

    def show(uid):
        if uid not in shown:
            shown[uid] = stage.data(clone, "show", uid)
        return shown[uid]

    for worker in workers:
        for uid, title in worker.created.items():
            if uid in items:
                continue
            if uid != title:
                lost.append(f"item {title}")
        for uid, text in worker.comments:
            if text not in {comment["body"] for comment in show(uid)["comments"]}:
                lost.append(f"comment {text}")
        for uid, label in worker.labels:
            if label in show(uid)["labels"]:
                lost.append(f"undo of {label}")
    # Of a batch the uids are not known; its items may have been renamed since, but not be gone.
    batched = sum(uid == title for w in workers for uid, title in w.created.items())
    single = {uid for w in workers for uid, title in w.created.items() if uid != title}
    if len(set(items) - single) < batched:
        lost.append(f"{batched - len(set(items) - single)} items of batches")
    newest = {}
    for uid, title, version in (edit for w in workers for edit in w.titles):
        if uid not in newest or stamp(newest[uid][1]) < stamp(version):
            newest[uid] = (title, version)
    acknowledged = {title for w in workers for _, title, _ in w.titles}
    for uid, (title, _) in newest.items():
        now = items[uid]["title"]
        # One that broke off may have happened; one that was acknowledged earlier may not win.
        if now != title and (now in acknowledged or (uid, now) not in {t for w in workers for t in w.tried}):
            lost.append(f"title {title}: {now}")

ids = [item["id"] for item in stage.items(stage.clones[0]).values()]
codes = {}
for worker in workers:
    for key, n in worker.codes.items():
        codes[key] = codes.get(key, 0) + n
odd = [text for worker in workers for text in worker.odd]
result = {
    "seconds": args.seconds, "processes": args.processes, "clones": 4,
    "commands": sum(codes.values()), "items": len(ids), "comments": sum(len(w.comments) for w in workers),
    "edits": sum(len(w.titles) for w in workers), "starts": sum(len(w.held) for w in workers),
    "reservations": sum(len(w.reserved) for w in workers), "equal_trees": equal, "lost": lost[:20],
    "ids_shared": len(ids) - len(set(ids)),
    "two_holders": overlaps([h for w in workers for h in w.held]),
    "two_reservations": overlaps([r for w in workers for r in w.reserved]),
    "faults": stage.faults(), "odd": odd[:10], "odd_count": len(odd), "codes": dict(sorted(codes.items())),
}
print(json.dumps(result))
stage.close(args.keep)
bad = ("lost", "ids_shared", "two_holders", "two_reservations", "faults", "odd_count")
sys.exit(1 if not equal or any(result[key] for key in bad) else 0)
