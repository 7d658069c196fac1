"""Load on `git pm serve`: readers with a stream of events each, and writers, for a while.

    python3 benches/serve_load.py --binary target/release/git-pm --items 10000 --seconds 60

Makes a scratch repository, starts the server, and runs READERS clients that follow the events and ask for
items, lists and the board, and WRITERS that create and edit items. Prints latencies, errors, the memory of
the server, and whether each acknowledged write is in the state and was seen by every reader once. Standard
library only.
"""

import argparse
import asyncio
import json
import os
import random
import re
import subprocess
import tempfile
import time


def run(*args, **more):
    return subprocess.run(args, check=True, capture_output=True, text=True, **more).stdout


async def request(host, port, method, path, body=None, token=None):
    """One request on a connection of its own: the status, the body and the seconds it took."""
    start = time.perf_counter()
    reader, writer = await asyncio.open_connection(host, port)
    head = f"{method} {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n"
    if token:
        head += f"Authorization: Bearer {token}\r\n"
    data = b"" if body is None else json.dumps(body).encode()
    if data:
        head += f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n"
    writer.write(head.encode() + b"\r\n" + data)
    answer = await reader.read()
    writer.close()
    status = int(answer.split(b" ", 2)[1])
    return status, answer.partition(b"\r\n\r\n")[2], time.perf_counter() - start


async def follow(host, port, seen):
    """Follows the events and keeps the commit of each."""
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(f"GET /api/v1/events/stream HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
    while True:
        line = await reader.readline()
        if not line:
            return
        if line.startswith(b"data: "):
            seen.append(json.loads(line[6:])["commit"])


async def load(args, host, port, tokens, pid):
    took, errors, made, memory = {"read": [], "write": []}, [], [], []
    seen = [[] for _ in range(args.readers)]
    followers = [asyncio.create_task(follow(host, port, one)) for one in seen]
    await asyncio.sleep(2)
    end = time.monotonic() + args.seconds
    paths = ["/api/v1/list?limit=50", "/api/v1/items/T-1", "/api/v1/board", "/api/v1/ready?limit=10"]

    async def call(kind, *rest):
        try:
            status, body, seconds = await request(host, port, *rest)
        except OSError as error:
            errors.append(str(error))
            return None
        took[kind].append(seconds)
        if status >= 400:
            errors.append(f"{status} {rest[:2]}")
            return None
        return body

    async def reading(rng):
        while time.monotonic() < end:
            await call("read", "GET", rng.choice(paths))
            await asyncio.sleep(rng.uniform(0.5, 1.5) * args.pause)

    async def writing(token, number):
        count = 0
        while time.monotonic() < end:
            count += 1
            body = await call("write", "POST", "/api/v1/task/create", {"title": f"w{number} {count}"}, token)
            if body:
                made.append(json.loads(body)["data"]["uid"])
            await asyncio.sleep(args.pause / 10)

    async def watching():
        while time.monotonic() < end:
            text = open(f"/proc/{pid}/status").read()
            memory.append(int(re.search(r"VmRSS:\s+(\d+)", text).group(1)) / 1024)
            await asyncio.sleep(0.5)

    rngs = [random.Random(n) for n in range(args.readers)]
    await asyncio.gather(*map(reading, rngs), *(writing(t, n) for n, t in enumerate(tokens)), watching())
    await asyncio.sleep(2)
    for one in followers:
        one.cancel()
    return took, errors, made, memory, seen


def percentile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * share))] * 1000 if values else 0.0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True)
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--readers", type=int, default=200)
    parser.add_argument("--writers", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--pause", type=float, default=1.0, help="seconds between two requests of a reader")
    args = parser.parse_args()
    binary = os.path.abspath(args.binary)
    with tempfile.TemporaryDirectory() as folder:
        env = {"PATH": os.environ["PATH"], "HOME": folder, "GIT_CONFIG_NOSYSTEM": "1"}
        for name in ("AUTHOR", "COMMITTER"):
            env |= {f"GIT_{name}_NAME": "Load", f"GIT_{name}_EMAIL": "load@example.org"}
        more = {"cwd": folder, "env": env}
        run("git", "init", "-q", "-b", "main", **more)
        run("git", "commit", "-q", "--allow-empty", "-m", "start", **more)
        run(binary, "init", "--no-hooks", **more)
        lines = "\n".join(json.dumps({"op": "task.create", "title": f"Task {n}"}) for n in range(args.items))
        run(binary, "batch", input=lines, **more)
        start = run("git", "rev-parse", "refs/pm/main", **more).strip()
        tokens = []
        for n in range(args.writers):
            out = run(binary, "serve", "token", "add", f"writer-{n}", "--json", **more)
            tokens.append(json.loads(out)["data"]["token"])
        server = subprocess.Popen(
            [binary, "serve", "--json", "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, text=True, **more
        )
        try:
            host, port = json.loads(server.stdout.readline())["data"]["address"].rsplit(":", 1)
            took, errors, made, memory, seen = asyncio.run(load(args, host, int(port), tokens, server.pid))
        finally:
            server.terminate()
            server.wait()
        commits = run("git", "rev-list", "--reverse", f"{start}..refs/pm/main", **more).split()
        kept = set(re.findall(r'"uid":"(\w+)"', run(binary, "list", "--json", "--limit", "0", **more)))
        for kind, values in took.items():
            print(
                f"{kind}: {len(values)} requests, median {percentile(values, 0.5):.1f} ms, "
                f"p99 {percentile(values, 0.99):.1f} ms, longest {percentile(values, 1):.1f} ms"
            )
        whole = sum(list(dict.fromkeys(one)) == commits and len(one) == len(commits) for one in seen)
        print(f"errors: {len(errors)} {sorted(set(errors))[:5]}")
        print(f"memory of the server: {max(memory):.0f} MB at most")
        print(f"acknowledged writes: {len(made)}, of them in the state: {len(kept & set(made))}")
        print(f"readers that saw each of {len(commits)} commits once: {whole} of {len(seen)}")


if __name__ == "__main__":
    main()
