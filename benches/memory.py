#!/usr/bin/env python3
"""Times what agents read at the start of a session, whole process, against `git version`: `learn
search` over many learnings, `prime` in a large project, `msg inbox` over many messages.

usage: memory.py GIT-PM [--runs 31] [search] [prime] [inbox]

Prints the minimum of the runs. The learnings are made of the sentences of
testdata/relevance/learnings.jsonl, mixed from a fixed seed; the items are those of gen.py.
"""
import argparse, json, os, random, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))

QUERIES = {
    "one word": ["postgres"],
    "two words": ["postgres", "timeout"],
    "three words and a path": ["database", "locked", "test", "--path", "db"],
    "a symptom": ["api pagination missing items when syncing full list"],
    "a mistyped word": ["postgers"],
}


def notes(folder, n):
    os.mkdir(folder)
    file = os.path.join(HERE, "../testdata/relevance/learnings.jsonl")
    lines = [json.loads(line) for line in open(file)]
    dice = random.Random(7)
    for k in range(n):
        title, other, third = (dice.choice(lines) for _ in range(3))
        parts = (title["body"] + " " + other["body"]).split(". ")
        body = ". ".join(dice.sample(parts, min(5, len(parts))))
        head = {
            "title": f"{title['title']} {k}",
            "date": "2026-01-01",
            "type": title["kind"],
            "tags": title["tags"] + third["tags"],
            "symptoms": other.get("symptoms", []),
            "paths": third["paths"],
        }
        front = "\n".join(f"{name}: {json.dumps(value)}" for name, value in head.items())
        with open(f"{folder}/n{k}.md", "w") as out:
            out.write(f"---\n{front}\n---\n\n{body}\n")


class Scene:
    """A new repository with git pm, whose user is Ana."""

    def __init__(self, top, pm, runs):
        self.top, self.pm, self.runs, self.repo = top, os.path.abspath(pm), runs, f"{top}/repo"
        self.env = {"PATH": os.environ["PATH"], "HOME": top, "GIT_CONFIG_NOSYSTEM": "1"}
        self.run("git", "config", "--global", "user.name", "Ana", cwd=top)
        self.run("git", "config", "--global", "user.email", "ana@example.com", cwd=top)
        self.run("git", "init", "-q", self.repo, cwd=top)
        self.ours("init", "--no-hooks")

    def run(self, *words, cwd=None):
        cwd = cwd or self.repo
        return subprocess.run(words, cwd=cwd, env=self.env, check=True, stdout=subprocess.PIPE).stdout

    def ours(self, *words):
        return self.run(self.pm, *words)

    def row(self, name, *words):
        ours, git = [], []
        for _ in range(self.runs):
            git.append(self.timed("git", "version"))
            ours.append(self.timed(self.pm, *words))
        a, b = min(ours), min(git)
        print(f"| {name} | {a:.2f} | git version {b:.2f} | {a / b:.2f} × |", flush=True)

    def timed(self, *words):
        begin = time.perf_counter()
        self.run(*words)
        return (time.perf_counter() - begin) * 1000

    def learnings(self, n):
        notes(f"{self.top}/notes", n)
        self.ours("learn", "import", f"{self.top}/notes")

    def messages(self, n):
        for k in range(n):
            self.ours("--as", "ben", "msg", "send", "--to", "Ana", f"Message {k}", "The text of it.")


def search(scene):
    scene.learnings(10_000)
    first = scene.timed(scene.pm, "learn", "search", "postgres")
    print(f"first search, which creates the words: {first:.0f} ms")
    for name, words in QUERIES.items():
        scene.row(f"learn search, {name}", "learn", "search", *words)


def prime(scene):
    beads = f"{scene.top}/beads.jsonl"
    with open(beads, "wb") as out:
        out.write(scene.run(sys.executable, f"{HERE}/gen.py", "--n", "10000"))
    scene.ours("import", "beads", beads)
    scene.learnings(1_000)
    scene.messages(500)
    item = json.loads(scene.ours("--json", "next"))["data"]["id"]
    for name, words in ("prime", ["prime"]), ("prime ID", ["prime", item]):
        text = scene.ours(*words)
        assert text == scene.ours(*words), "two runs print different bytes"
        scene.row(f"{name}, {len(text)} bytes", *words)


def inbox(scene):
    scene.messages(10_000)
    scene.row("msg inbox, 10000 unread", "msg", "inbox")
    scene.ours("msg", "read", "--limit", "0")
    scene.row("msg inbox, all read", "msg", "inbox")
    scene.messages(1)
    scene.row("msg inbox, one unread", "msg", "inbox")
    scene.row("status", "status")


def main():
    parts = {"search": search, "prime": prime, "inbox": inbox}
    args = argparse.ArgumentParser()
    args.add_argument("binary")
    args.add_argument("parts", nargs="*", choices=[[], *parts])
    args.add_argument("--runs", type=int, default=31)
    args = args.parse_args()
    for name in args.parts or parts:
        with tempfile.TemporaryDirectory() as top:
            parts[name](Scene(top, args.binary, args.runs))


main()
