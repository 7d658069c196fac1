#!/usr/bin/env python3
"""Makes a store look lived in: 5,000 comments, 50,000 commits, 20,000 loose objects, two merges.

    benches/age.py REPOSITORY [ITEMS] [COMMITS]

Each commit changes the title of one item as `git pm task edit` would: the value and its stamp. The
last ones are written loose. The merges are real: two clones edit and sync.
"""
import json, os, pathlib, random, re, shutil, subprocess, sys, time

repo = pathlib.Path(sys.argv[1])
commits = int(sys.argv[3]) if len(sys.argv) > 3 else 50_000
loose = min(4_000, commits // 2)
rnd = random.Random(5)


def run(argv, stdin=None, cwd=repo):
    return subprocess.run(argv, cwd=cwd, input=stdin, stdout=subprocess.PIPE, check=True).stdout


def batch(rows):
    run(["git-pm", "batch"], "".join(json.dumps(r) + "\n" for r in rows).encode())


every = [x["id"] for x in json.loads(run(["git-pm", "task", "list", "--all", "--limit", "1000000", "--json"]))["data"]["items"]]
batch({"op": "task.comment", "id": rnd.choice(every), "text": f"Comment {n}: seen again after the change, see the notes."}
      for n in range(5_000))

listing = [l for l in run(["git", "ls-tree", "-r", "refs/pm/main", "tasks"]).decode().splitlines()]
paths = [l.split("\t")[1] for l in listing]
blobs = run(["git", "cat-file", "--batch"], "".join(l.split()[2] + "\n" for l in listing).encode())
texts, at = {}, 0
for path in paths:
    end = blobs.index(b"\n", at)
    length = int(blobs[at:end].split()[2])
    texts[path] = blobs[end + 1:end + 1 + length].decode()
    at = end + 1 + length + 1
clock = int(time.time() * 1000)


def edited(text, n, ms):
    front, _, body = text[4:].partition("\n---\n")
    lines, out, stamps = front.split("\n"), [], []
    inside = False
    for line in lines:
        if line == "stamps:":
            inside = True
        elif inside:
            if not line.startswith("  title:"):
                stamps.append(line)
        elif line.startswith("title:"):
            out.append(f"title: Changed for the {n}th time")
        else:
            out.append(line)
    stamps = sorted(stamps + [f'  title: "{ms}.0.ager"'])
    return "---\n" + "\n".join(out + ["stamps:"] + stamps) + "\n---\n" + body


def stream(first, last):
    global clock
    out = []
    for n in range(first, last):
        clock += 7
        path = rnd.choice(paths)
        texts[path] = new = edited(texts[path], n, clock)
        item = re.search(r"^id: (\S+)", new, re.M).group(1)
        said = (f"task edit {item}: title\n\nPM-Op: task edit\nPM-Actor: Ager\nPM-Item: {item}\n"
                f"PM-Clock: {clock}.0\n").encode()
        data = new.encode()
        parent = b"from refs/pm/main^0\n" if n == first else b""
        out.append(b"commit refs/pm/main\nauthor Ager <ager@example.org> %d +0000\n"
                   b"committer Ager <ager@example.org> %d +0000\ndata %d\n%s\n%sM 100644 inline %s\ndata %d\n%s\n"
                   % (clock // 1000, clock // 1000, len(said), said, parent, path.encode(), len(data), data))
    return b"".join(out)


step = 10_000
for first in range(0, commits - loose, step):
    run(["git", "fast-import", "--quiet"], stream(first, min(first + step, commits - loose)))
run(["git", "-c", "fastimport.unpackLimit=100000000", "fast-import", "--quiet"], stream(commits - loose, commits))

# Two merges: another clone edits while this one does, twice.
hub, other = repo.parent / "age-hub.git", repo.parent / "age-other"
for place in (hub, other):
    shutil.rmtree(place, ignore_errors=True)
run(["git", "init", "-q", "--bare", str(hub)])
run(["git", "remote", "add", "age", str(hub)])
run(["git", "push", "-q", "age", "main", "refs/pm/main"])
run(["git-pm", "init"])
run(["git", "clone", "-q", str(hub), str(other)])
run(["git-pm", "init"], cwd=other)
for n in range(2):
    for where in (repo, other):
        run(["git-pm", "task", "edit", every[n], "--label", f"merged-{where.name}"], cwd=where)
        run(["git-pm", "sync"], cwd=where)
    run(["git-pm", "sync"])
run(["git", "remote", "remove", "age"])
run(["git-pm", "init"])
