#!/usr/bin/env python3
"""Many actors in many clones claim, report and finish work through one remote: what it costs.

Without `--real` a simulation, the same for the same seed: the steps are those of
`src/store/sync/publish.rs` (fetch, stage, push onto the tip that was fetched; after a lost race back off
and begin again, 24 times), and so are its pauses. A task takes 20 minutes: a claim of the most urgent item,
two messages, and a finish, which also pushes the branch of the work. How a clone pushes:

    turns     as it is: one process of a clone after another, with pauses that grow with an attempt's time
    each      as it was: every process for itself, with pauses of at most 0.75 seconds
    batched   a courier in each clone, which git pm does not have: a push takes along what waits in its
              clone, and begins only so many seconds after the one before

With `--real N` 32 processes in 8 clones of one bare remote claim N tasks as fast as they can, while a
mirror follows and is read. No task may be given to two, and all answers have to be in the final state.
`--offline` claims offline, four actors at once with 20 tasks each, and one sync of their clone settles all.
`--central` has all processes in one clone without a remote, of which git pushes the state every ten seconds.

    benches/coordination.py [--latency hosted|local] [--find | --loop] [--seed 1]
    benches/coordination.py --real 10000 [--offline | --central] [--seconds 1200] [--pause 0] [--binary PATH]"""
import argparse, collections, heapq, json, os, random, re, statistics, subprocess, sys, threading, time
from stage import DEFAULT, Stage

ATTEMPTS, PATIENCE, TASK = 24, 30.0, 1200.0  # PUSH_ATTEMPTS; the longest wait for a turn; seconds
HOSTS = {"GitHub": 6, "GitLab": 600}  # pushes a minute
LATENCY = {"hosted": (0.150, 0.400, 0.010), "local": (0.012, 0.020, 0.006)}  # fetch, push, staging


def quantile(values, q):
    return sorted(values)[min(int(len(values) * q), len(values) - 1)] if values else 0


class Clone:
    def __init__(self):
        self.claims = self.written = self.pushed = 0
        self.waiting, self.active, self.last, self.times = [], False, -1e9, []


class Op:
    """A claim, or a write that is in its clone already and is to be known elsewhere."""

    def __init__(self, kind, now, clone):
        self.kind, self.began, self.lost, self.done, self.waits = kind, now, 0, None, None
        clone.written += kind != "claim"
        self.number, self.item = clone.written, clone.claims


class World:
    def __init__(self, actors, clones, latency, seed, mode="each", linger=0, loop=False):
        self.fetch, self.push, self.stage = LATENCY[latency]
        self.dice, self.now, self.heap, self.count = random.Random(seed), 0.0, [], 0
        self.mode, self.linger, self.loop = mode, linger, loop
        self.version = self.claims = self.begun = 0
        self.forget()
        self.clones = [Clone() for _ in range(clones)]
        for n in range(actors):
            self.start(self.actor(self.clones[n % clones]), 0 if loop else self.dice.uniform(0, TASK))

    def forget(self):
        """Sets all figures to zero, and counts from now on."""
        self.since, self.ops, self.begun = self.now, [], len(getattr(self, "ops", ())) and self.begun - len(self.ops)
        self.landed = self.reads = self.sent = self.rejected = self.branches = self.gave_up = 0

    def start(self, process, after):
        self.count += 1
        heapq.heappush(self.heap, (self.now + after, self.count, process))

    def run(self, seconds, events=4_000_000):
        """Up to a time, or for so many events; the figures are those of the second half."""
        while self.heap[0][0] < seconds and self.count < events:
            if not self.since and (self.now > seconds / 2 or self.count > events / 2):
                self.forget()
            self.now, _, process = heapq.heappop(self.heap)
            wait = next(process, None)
            if isinstance(wait, Op):
                wait.waits = process
            elif wait is not None:
                self.start(process, wait)
        return self

    def takes(self, seconds):
        return seconds * self.dice.uniform(0.8, 1.2)

    def actor(self, clone):
        while True:
            began = self.now
            yield from self.command("claim", clone)
            for part in () if self.loop else ("message", "message", "finish"):
                yield self.dice.uniform(0.25, 0.4) * TASK
                if part == "finish":  # it and its hook look whether it was taken over; it pushes the branch
                    self.reads, self.branches = self.reads + 2, self.branches + 1
                    yield self.takes(2 * self.fetch + self.push)
                yield from self.command(part, clone)
            yield 0 if self.loop else max(0.0, began + TASK - self.now)

    def command(self, kind, clone):
        op = Op(kind, self.now, clone)
        self.begun += kind == "claim"
        if kind == "claim" and not self.loop:  # the base of the branch
            self.reads += 1
            yield self.takes(self.fetch)
        if self.mode == "batched":
            clone.waiting.append(op)
            if not clone.active:
                clone.active = True
                self.start(self.courier(clone), max(0.0, clone.last + self.linger - self.now))
            if kind == "claim":
                yield op
        else:
            while not (yield from self.in_turn(clone, op)) and kind == "claim":
                self.gave_up += 1
                yield 1.0  # "run the command again"
            op.done = self.now
        if kind == "claim":
            self.ops.append(op)
            clone.times.append(op.done - op.began)

    def in_turn(self, clone, op):
        """The turns of a clone are taken in order; after a while a process goes on without."""
        mine = self.mode == "turns" and object()
        if mine:
            clone.waiting.append(mine)
            end = self.now + PATIENCE
            while clone.waiting[0] is not mine and self.now < end:
                yield self.fetch / 5
        done = yield from self.publish(clone, op)
        if mine:
            clone.waiting.remove(mine)
        return done

    def publish(self, clone, op):
        attempt = 0
        while attempt < ATTEMPTS:
            yield self.back_off(attempt)
            landed, free = yield from self.exchange(clone, op)
            if landed or not free and op.kind != "claim":
                return True
            attempt, op.lost = (attempt + 1, op.lost + 1) if free else (0, op.lost)
            if not free:  # held by another: the next item, in a publication of its own
                op.item = clone.claims
        return False

    def back_off(self, attempt):
        least, took = 0.015 * min(attempt, 10), self.fetch + self.stage + self.push
        more = 4 * least if self.mode == "each" else min(10, took * 2 ** min(attempt, 4)) if attempt else 0
        return least + self.dice.uniform(0, more)

    def exchange(self, clone, op):
        """Fetches, stages and pushes once: whether it landed, and what of `op` or of all that waits was staged."""
        self.reads += 1
        yield self.takes(self.fetch / 2)
        seen, taken, known = self.version, self.claims, clone.pushed
        yield self.takes(self.fetch / 2 + self.stage)
        staged, written, clone.claims = [op], clone.written, max(clone.claims, taken)
        if op is None:
            staged = list(clone.waiting)
        elif op.item < taken if op.kind == "claim" else known >= op.number:
            return False, []
        self.sent += 1
        yield self.takes(self.push / 2)  # the remote names its tip
        if self.version == seen:
            yield self.takes(self.push / 2)  # it compares and swaps
        if self.version != seen:
            self.rejected += 1
            return False, staged
        self.version, self.landed = self.version + 1, self.landed + 1
        clone.pushed = max(clone.pushed, written)
        self.claims += sum(one.kind == "claim" for one in staged)
        clone.claims = max(clone.claims, self.claims)
        return True, staged

    def courier(self, clone):
        attempt = 0
        while clone.waiting:
            landed, staged = yield from self.exchange(clone, None)
            attempt = 0 if landed else attempt + 1
            for op in staged:
                op.lost, op.done = op.lost + (not landed), self.now
                if landed and op.waits:
                    self.start(op.waits, 0)
            if landed:
                clone.last, clone.waiting = self.now, [op for op in clone.waiting if op not in staged]
            yield self.back_off(attempt) if attempt else self.linger if clone.waiting else 0
        clone.active = False

    def pushes(self):
        """A minute, those that were rejected and those of branches included."""
        return (self.sent + self.branches) * 60 / (self.now - self.since)

    def row(self, name):
        took, seconds = [op.done - op.began for op in self.ops], self.now - self.since
        each = [quantile(c.times, 0.5) for c in self.clones if c.times] or [0]
        lost, worst = [op.lost for op in self.ops], max(each) / max(statistics.median(each), 1e-9)
        return (f"| {name} | {len(self.ops) * 3600 / seconds:.0f} | {self.pushes():.1f} "
                f"| {self.landed / seconds:.2f} | {100 * self.rejected / max(self.sent, 1):.0f} % "
                f"| {self.reads / seconds:.2f} | {quantile(lost, .5)} / {quantile(lost, .99)} / {max(lost, default=0)} "
                f"| {quantile(took, .5):.1f} / {quantile(took, .99):.1f} | {self.begun - len(self.ops)} | {worst:.1f} |")


HEAD = ("| actors / clones | claims an hour | pushes a minute | landed a second | rejected | reads a second "
        "| retries p50 / p99 / max | settled in s, p50 / p99 | waiting at the end | slowest clone |\n" + "|---" * 10 + "|")
MODES = (("each", 0), ("turns", 0), ("batched", 10), ("batched", 60))


def named(mode, linger):
    return f"batched, {linger} s" if mode == "batched" else mode


def table(latency, seed):
    print(HEAD)
    for actors, clones in ((10, 5), (100, 20), (1000, 50), (10000, 200)):
        for mode, linger in (*MODES, ("batched", 10 * clones)):
            world = World(actors, clones, latency, seed, mode, linger).run(7200)
            print(world.row(f"{actors} / {clones}, {named(mode, linger)}"), flush=True)


def loop(latency, seed):
    """As `--real`: 32 actors that do nothing but claim."""
    print(HEAD)
    for mode in ("each", "turns", "batched"):
        world = World(32, 8, latency, seed, mode, 0, True).run(600, 2_000_000)
        print(world.row(f"32 / 8, {named(mode, 0)}"), flush=True)


def find(latency, seed):
    """The greatest number of actors, twenty to a clone, whose pushes of the state stay below what a host names."""
    print("| host | pushes | actors |\n|---|---|---|")
    for host, most in HOSTS.items():
        for mode, linger in (*MODES, ("batched", 600)):
            low, high = 1, 8001
            while high - low > max(1, low // 50):
                middle = (low + high) // 2
                world = World(middle, -(-middle // 20), latency, seed, mode, linger).run(3600, 600_000)
                fits = world.sent * 60 / (world.now - world.since) <= most
                low, high = (middle, high) if fits else (low, middle)
            print(f"| {host}: {most} a minute | {named(mode, linger)} | {low} |", flush=True)



class Real:
    """32 processes in 8 clones of one remote; a mirror of it that is fetched and read."""

    def __init__(self, args):
        self.args, self.stage = args, Stage(args.binary, 1 if args.central else 8)
        self.hub, self.mirror = self.stage.at("hub.git"), self.stage.at("mirror.git")
        self.env = {**self.stage.env, "AI_AGENT": "1"}
        first = self.stage.clones[0]
        lines = "".join(json.dumps({"op": "issue.create", "title": f"Build part {n}"}) + "\n" for n in range(args.real))
        self.stage.must(first, "git", "pm", "batch", "--quiet", stdin=lines)
        self.stage.must(self.hub, "git", "config", "core.logAllRefUpdates", "always")
        for clone in self.stage.clones:
            self.stage.must(clone, "git", "pm", "sync")
        self.stage.must(self.stage.dir, "git", "clone", "-q", "--mirror", self.hub, self.mirror)
        self.stage.must(self.stage.dir, "git", "clone", "-q", self.mirror, self.stage.at("reader"))
        self.stage.must(self.stage.at("reader"), "git", "pm", "init")
        if args.central:
            self.stage.must(first, "git", "config", "pm.remote", "")
        self.answers, self.failed, self.reads, self.ends = [], [], [], False
        self.calls = self.shared = self.lost = 0

    def pm(self, clone, actor, *command):
        """Exit code, data or error, milliseconds, pushes."""
        trace = self.stage.at(f"trace-{actor}")
        env = {**self.env, "GIT_PM_ACTOR": actor, "GIT_TRACE": trace}
        began = time.monotonic()
        done = subprocess.run(["git-pm", "--json", *command], cwd=clone, env=env, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True)
        took = (time.monotonic() - began) * 1000
        pushes = 0
        if os.path.exists(trace):
            with open(trace, encoding="utf-8", errors="replace") as file:
                pushes = file.read().count("trace: built-in: git push")
            os.remove(trace)
        answer = json.loads(done.stdout) if done.stdout.startswith("{") else {"error": done.stdout + done.stderr}
        return done.returncode, answer.get("data", answer.get("error")), took, pushes

    def work(self, n):
        place = n % len(self.stage.clones)
        clone, actor, dice, item = self.stage.clones[place], f"agent-{n}", random.Random(n), None
        while time.monotonic() < self.end:
            command = ("close", item["id"], "--claim-next") if item else ("ready", "--claim")
            code, answer, took, pushes = self.pm(clone, actor, "issue", *command)
            self.calls += pushes
            item = answer.get("claimed") if item and code == 0 else answer if code == 0 else None
            if item:
                is_settled = self.args.central or item["claim"]["confirmed"]
                self.answers.append((item["uid"], actor, place, took, max(pushes - 1, 0), is_settled))
            elif "nothing to" in str(answer):
                break
            else:
                self.failed.append((code, answer.get("not_claimed", answer), took, pushes))
            time.sleep(dice.uniform(0, 2 * self.args.pause))

    def work_offline(self, n):
        """The four actors of a clone claim at once what they choose, offline; one sync settles all of it."""
        clone, dice, actors = self.stage.clones[n], random.Random(n), [f"agent-{n + 8 * k}" for k in range(4)]
        while time.monotonic() < self.end:
            ready = self.pm(clone, actors[0], "ready", "--limit", "3000")[1]["items"]
            if not ready:
                break
            began, held = time.monotonic(), {}
            chosen = dice.sample(ready, min(80, len(ready)))

            def claim(actor, items):
                for item in items:
                    if self.pm(clone, actor, "issue", "claim", item["uid"], "--offline")[0] == 0:
                        held[item["id"]] = (item["uid"], actor)

            at_once([(claim, (actor, chosen[k::4])) for k, actor in enumerate(actors)])
            code, report, _, pushes = self.pm(clone, actors[0], "sync")
            took = (time.monotonic() - began) * 1000
            self.calls += pushes
            if code:
                self.failed.append((code, report, took, pushes))
                continue
            won = [id for id in report["confirmed"] if id in held]
            self.lost += len(held) - len(won)
            self.answers += [(*held[id], n, took, pushes - 1, True) for id in won]
            for actor in actors:
                own = [id for id in won if held[id][1] == actor]
                if own:
                    self.pm(clone, actor, "issue", "close", *own)

    def read(self):
        """The mirror is fetched every second and read, in itself and by a clone of its own."""
        while not self.ends:
            if self.args.central and time.monotonic() > self.shared + 10:
                self.share()
            self.stage.must(self.mirror, "git", "fetch", "-q", "--prune", "origin")
            for place, command in ((self.mirror, ("list", "--limit", "1")), (self.stage.at("reader"), ("pull",))):
                code, _, took, _ = self.pm(place, "reader", *command)
                self.reads.append((code, took))
            time.sleep(1)

    def share(self):
        self.shared = time.monotonic()
        self.stage.must(self.stage.clones[0], "git", "push", "-q", "origin", "refs/pm/main")

    def holders(self, place):
        """Of each item of a state, the actors of all its claims that were confirmed and not lost."""
        names = self.stage.must(place, "git", "ls-tree", "-r", "--format=%(objectname) %(path)", "refs/pm/main")
        blobs = [line.split()[0] for line in names.splitlines() if line.split()[1].startswith("issues/")]
        texts = subprocess.run(["git", "cat-file", "--batch"], cwd=place, input="\n".join(blobs), text=True,
                               env=self.env, capture_output=True, check=True).stdout
        found = {}
        for text in re.split(r"(?m)^[0-9a-f]{40} blob \d+$", texts)[1:]:
            uid, claims = re.search(r"(?m)^uid: (\S+)", text)[1].strip('"'), re.search(r"(?m)^claims:\n((?:  .*\n)+)", text)
            entries = re.split(r'(?m)^  (?! )', claims[1])[1:] if claims else []
            found[uid] = [re.search(r"(?m)^    actor: (\S+)", one)[1].strip('"') for one in entries
                          if (self.args.central or "confirmed: true" in one) and "lost to" not in one]
        return found

    def run(self):
        began = time.monotonic()
        self.end = began + self.args.seconds
        reader = threading.Thread(target=self.read)
        reader.start()
        work = self.work_offline if self.args.offline else self.work
        at_once([(work, (n,)) for n in range(8 if self.args.offline else 32)])
        seconds, self.ends = time.monotonic() - began, True
        reader.join()
        equal = self.args.central or self.stage.settle()
        if self.args.central:
            self.share()
        self.stage.must(self.mirror, "git", "fetch", "-q", "--prune", "origin")
        self.pm(self.stage.at("reader"), "reader", "pull")
        final = {place: self.holders(self.stage.at(place)) for place in ("hub.git", "mirror.git", "reader")}
        return self.report(seconds, equal, final)

    def report(self, seconds, equal, final):
        uids = collections.Counter(answer[0] for answer in self.answers)
        missing = [a for a in self.answers if any(state.get(a[0]) != [a[1]] for state in final.values())]
        took, lost = [a[3] for a in self.answers], [a[4] for a in self.answers]
        clones = [[a[3] for a in self.answers if a[2] == n] for n in range(len(self.stage.clones))]
        middles = [quantile(each, 0.5) for each in clones]
        landed = self.stage.must(self.hub, "git", "reflog", "show", "refs/pm/main").count("\n")
        result = {
            "claims": len(self.answers), "of": self.args.real, "seconds": round(seconds), "processes": 32,
            "clones": len(self.stage.clones),
            "claims_a_second": round(len(self.answers) / seconds, 1), "double": sum(n > 1 for n in uids.values()),
            "lost_to_others": self.lost, "unconfirmed": sum(not a[5] for a in self.answers), "not_in_final_states": len(missing),
            "final_states": {place: sum(map(len, state.values())) for place, state in final.items()},
            "pushes": self.calls, "landed": landed, "rejected_%": round(100 - 100 * landed / max(self.calls, landed)),
            "retries_p50_p99_max": [quantile(lost, 0.5), quantile(lost, 0.99), max(lost, default=0)],
            "ms_p50_p99_max": [round(quantile(took, q)) for q in (0.5, 0.99)] + [round(max(took, default=0))],
            "claims_by_clone": sorted(map(len, clones)), "ms_p50_by_clone": [round(m) for m in sorted(middles)],
            "ms_p99_by_clone": sorted(round(quantile(each, 0.99)) for each in clones),
            "failed": len(self.failed), "first_failure": self.failed[:1], "equal_trees": equal,
            "mirror_reads": len(self.reads), "mirror_failures": sum(code != 0 for code, _ in self.reads),
            "mirror_ms_p50_p99": [round(quantile([ms for _, ms in self.reads], q)) for q in (0.5, 0.99)],
        }
        print(json.dumps(result, indent=1))
        self.stage.close(self.args.keep)
        return not (result["double"] or missing or result["unconfirmed"] or result["mirror_failures"]) and equal


def at_once(calls):
    threads = [threading.Thread(target=call, args=values) for call, values in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    options = argparse.ArgumentParser()
    options.add_argument("--latency", default="hosted", choices=LATENCY)
    options.add_argument("--find", action="store_true")
    options.add_argument("--loop", action="store_true")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--real", type=int, metavar="N")
    options.add_argument("--offline", action="store_true")
    options.add_argument("--central", action="store_true")
    options.add_argument("--seconds", type=float, default=1200)
    options.add_argument("--pause", type=float, default=0, help="mean seconds between two claims of an actor")
    options.add_argument("--binary", default=DEFAULT)
    options.add_argument("--keep", action="store_true")
    args = options.parse_args()
    if args.real:
        sys.exit(0 if Real(args).run() else 1)
    (find if args.find else loop if args.loop else table)(args.latency, args.seed)
