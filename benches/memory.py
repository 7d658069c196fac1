#!/usr/bin/env python3
"""Times `git pm learn search` over many learnings, whole process, against `git version`.

usage: learn.py GIT-PM [--n 10000] [--runs 31]

Prints the minimum of the runs. The learnings are made of the sentences of
testdata/relevance/learnings.jsonl, mixed from a fixed seed.
"""
import argparse, json, os, random, subprocess, tempfile, time

QUERIES = {
    "two words": ["postgres", "timeout"],
    "three words and a path": ["database", "locked", "test", "--path", "db"],
    "a symptom": ["api pagination missing items when syncing full list"],
    "a mistyped word": ["postgers"],
}


def notes(folder, n):
    here = os.path.dirname(os.path.abspath(__file__))
    file = os.path.join(here, "../testdata/relevance/learnings.jsonl")
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


def timed(command, cwd, env):
    begin = time.perf_counter()
    subprocess.run(command, cwd=cwd, env=env, check=True, stdout=subprocess.DEVNULL)
    return (time.perf_counter() - begin) * 1000


def main():
    args = argparse.ArgumentParser()
    args.add_argument("binary")
    args.add_argument("--n", type=int, default=10_000)
    args.add_argument("--runs", type=int, default=31)
    args = args.parse_args()
    pm = os.path.abspath(args.binary)
    with tempfile.TemporaryDirectory() as top:
        env = {"PATH": os.environ["PATH"], "HOME": top, "GIT_CONFIG_NOSYSTEM": "1"}
        run = lambda *words: subprocess.run(words, cwd=top, env=env, check=True, stdout=subprocess.DEVNULL)
        for name, value in ("user.name", "Ana"), ("user.email", "ana@example.com"):
            run("git", "config", "--global", name, value)
        run("git", "init", "-q", "repo")
        repo = f"{top}/repo"
        os.mkdir(f"{top}/notes")
        notes(f"{top}/notes", args.n)
        run(pm, "-C", repo, "init", "--no-hooks")
        run(pm, "-C", repo, "learn", "import", f"{top}/notes")
        begin = time.perf_counter()
        run(pm, "-C", repo, "learn", "search", "postgres")
        print(f"first search, which creates the words: {(time.perf_counter() - begin) * 1000:.0f} ms")
        for name, words in QUERIES.items():
            ours, git = [], []
            for _ in range(args.runs):
                git.append(timed(["git", "version"], repo, env))
                ours.append(timed([pm, "learn", "search", *words], repo, env))
            a, b = min(ours), min(git)
            print(f"| learn search, {name} | {a:.2f} | git version {b:.2f} | {a / b:.2f} × |")


main()
