#!/usr/bin/env python3
"""kill -9 at random moments: single writes, batches, start, finish, merge and sync through a bare
remote, over and over in the same two clones. What was acknowledged must be there, the next read and
write must work at once, and what has steps must come to its end when it is run again. Exit code 1
when anything is lost.

    benches/crash.py [--kills 500] [--binary PATH] [--seed 3] [--keep]

Only a kill that met a living process counts as one."""
import argparse, json, os, random, signal, sys, time
from stage import DEFAULT, Stage

parser = argparse.ArgumentParser()
parser.add_argument("--kills", type=int, default=500)
parser.add_argument("--binary", default=DEFAULT)
parser.add_argument("--seed", type=int, default=3)
parser.add_argument("--keep", action="store_true")
args = parser.parse_args()

dice = random.Random(args.seed)
stage = Stage(args.binary, 2)
here, there = stage.clones
titles, comments, done_titles = set(), {}, {}
result = {"kills": 0, "runs": 0, "acknowledged": 0, "lost": 0, "unreadable_after_kill": 0,
          "write_refused_after_kill": 0, "not_completed": 0, "fsck_rc": 0, "recovery_max_ms": 0}
complaints, by_kind = [], {}
usual = {}  # how long each kind takes, in seconds
bystander = stage.data(here, "task", "create", "The bystander")["uid"]
titles.add("The bystander")
number = 0


def complain(what):
    if len(complaints) < 10:
        complaints.append(what)


def attempt(kind, *command, stdin=None):
    """Runs a command and kills it somewhere within the time that it usually takes. Whether it was
    acknowledged."""
    result["runs"] += 1
    after = dice.uniform(0, usual.get(kind, 0.05) * 1.1)
    began = time.perf_counter()
    child = stage.spawn(here, stage.binary, "--json", *command, stdin=stdin)
    if stdin is not None:
        try:
            child.stdin.write(stdin)
            child.stdin.close()
        except BrokenPipeError:
            pass
        child.stdin = None
    time.sleep(after)
    alive = child.poll() is None
    if alive:
        # Not the git that it may have started: killed while it moves a checkout, git leaves its
        # own index.lock, and nobody but the user may remove that.
        child.send_signal(signal.SIGKILL)
    _, _ = child.communicate()
    if child.returncode == 0:
        usual[kind] = 0.8 * usual.get(kind, 0.05) + 0.2 * (time.perf_counter() - began)
        result["acknowledged"] += 1
    elif alive:
        result["kills"] += 1
        by_kind[kind] = by_kind.get(kind, 0) + 1
        # Now and then late, to meet the end of what takes longer than thought.
        usual[kind] = usual.get(kind, 0.05) * (1.05 if dice.random() < 0.3 else 1)
        recover(kind)
    else:
        complain(f"{kind} exited with {child.returncode} before it was killed")
        result["not_completed"] += 1
    return child.returncode == 0


def recover(kind):
    """The next read and the next write work, and at once."""
    global number
    began = time.perf_counter()
    code, answer = stage.pm(here, "task", "list", "--limit", "5")
    if code != 0:
        result["unreadable_after_kill"] += 1
        complain(f"unreadable after a killed {kind}: {answer}")
    number += 1
    text = f"after {number}"
    code, answer = stage.pm(here, "task", "comment", bystander, text)
    if code != 0:
        result["write_refused_after_kill"] += 1
        complain(f"write refused after a killed {kind}: {answer}")
    else:
        comments.setdefault(bystander, set()).add(text)
    took = (time.perf_counter() - began) * 1e3
    result["recovery_max_ms"] = max(result["recovery_max_ms"], round(took, 1))


def complete(what, *commands):
    """One of the commands that people would run next brings it to its end."""
    for command in commands:
        code, answer = stage.pm(here, *command)
        if code == 0:
            return True
    result["not_completed"] += 1
    complain(f"{what}: {answer}")
    return False


def create():
    title = f"Created {number}"
    if attempt("create", "task", "create", title, "--body", "text " * 20):
        titles.add(title)


def comment():
    if attempt("comment", "task", "comment", bystander, f"said {number}"):
        comments.setdefault(bystander, set()).add(f"said {number}")


def edit():
    title = f"Renamed {number}"
    if attempt("edit", "task", "edit", bystander, "--title", title):
        titles.discard(edit.last)
        titles.add(title)
        edit.last = title
    else:
        # Done or not: what it says now stands.
        titles.discard(edit.last)
        edit.last = stage.data(here, "show", bystander)["title"]
        titles.add(edit.last)


edit.last = "The bystander"


def batch(size):
    mine = [f"Batch {number} line {n}" for n in range(size)]
    lines = "".join(json.dumps({"op": "task.create", "title": title}) + "\n" for title in mine)
    acknowledged = attempt(f"batch of {size}", "batch", stdin=lines)
    if acknowledged:
        titles.update(mine)
        return
    listed = {item["title"] for item in stage.items(here).values()}
    present = [title for title in mine if title in listed]
    if present and len(present) != size:
        result["lost"] += 1
        complain(f"half a batch is there: {len(present)} of {size}")
    titles.update(present)


def sync():
    if not attempt("sync", "sync"):
        complete("sync again", ["sync"])


def journey():
    """Start, finish and merge of one task, each killed and brought to its end."""
    title = f"Journey {number}"
    file = f"src/journey{number}.txt"
    uid = stage.data(here, "task", "create", title, "--path", file)["uid"]
    titles.add(title)
    if attempt("start", "start", uid):
        if stage.data(here, "show", uid)["status"] != "in_progress":
            result["lost"] += 1
            complain(f"{title} was started and is not")
    elif not complete("start again", ["start", uid, "--resume"], ["start", uid]):
        return
    work = stage.data(here, "show", uid)["worktree"]
    if not work:
        result["not_completed"] += 1
        return complain(f"{title} has no worktree")
    with open(os.path.join(work, file), "w") as out:
        out.write("arrived\n")
    stage.must(work, "git", "add", "-A")
    stage.must(work, "git", "commit", "-q", "-m", title)
    if not attempt("finish", "finish", uid):
        if stage.data(here, "show", uid)["status"] == "in_progress":
            complete("finish again", ["finish", uid])
    stage.pm(here, "task", "approve", uid)
    if not attempt("merge", "merge", uid):
        if stage.data(here, "show", uid)["status"] != "done":
            complete("merge again", ["merge", uid])
    done_titles[uid] = (title, file)
    status = stage.must(here, "git", "status", "--porcelain")
    if status:
        result["lost"] += 1
        complain(f"after {title} the user's checkout is dirty: {status}")
        stage.must(here, "git", "reset", "-q", "--hard")


kinds = [create, create, comment, edit, lambda: batch(10), lambda: batch(300), sync, journey]
while result["kills"] < args.kills:
    number += 1
    kinds[number % len(kinds)]()
    if number % 40 == 0:
        print(f"{result['kills']} kills", file=sys.stderr, flush=True)

stage.pm(here, "worktree", "gc")
equal = stage.settle()
for clone in stage.clones:
    items = stage.items(clone)
    present = {item["title"] for item in items.values()}
    lost = sorted(titles - present)
    result["lost"] += len(lost)
    if lost:
        complain(f"gone from {clone}: {lost[:5]}")
    for uid, texts in comments.items():
        said = {comment["body"] for comment in stage.data(clone, "show", uid)["comments"]}
        result["lost"] += len(texts - said)
    for uid, (title, _) in done_titles.items():
        if items[uid]["status"] != "done":
            result["lost"] += 1
            complain(f"{title} was merged and is {items[uid]['status']}")
for title, file in done_titles.values():
    code, out, _ = stage.run(here, "git", "show", f"main:{file}")
    if out != "arrived\n":
        result["lost"] += 1
        complain(f"the work of {title} is not on main")
faults = stage.faults()
result["fsck_rc"] = int(bool(faults))
result.update(equal_trees=equal, by_kind=by_kind, faults=faults, complaints=complaints)
print(json.dumps(result))
bad = [result[key] for key in ("lost", "unreadable_after_kill", "write_refused_after_kill", "not_completed",
                               "fsck_rc")]
stage.close(args.keep)
sys.exit(1 if any(bad) or not equal else 0)
