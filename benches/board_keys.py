"""The board in a terminal: the time to its first frame, and to the answer of a key.

    python3 benches/board_keys.py --binary target/release/git-pm --items 10000

Makes a scratch repository, opens the board in a pseudo-terminal of 120 by 40 characters, and presses keys.
A frame ends with the last byte before 4 ms of silence. Prints medians and the longest, and `git pm list --limit 1` in the same run. Standard library only.
"""

import argparse
import fcntl
import json
import os
import pty
import select
import statistics
import struct
import subprocess
import tempfile
import termios
import time


def run(*args, **more):
    return subprocess.run(args, check=True, capture_output=True, text=True, **more).stdout


def read_until_quiet(terminal, first, quiet=0.004):
    """Reads what is written; the time of the last byte, or none if nothing came within `first` seconds."""
    last, text, wait = None, b"", first
    while True:
        ready, _, _ = select.select([terminal], [], [], wait)
        if not ready:
            return last, text
        try:
            text += os.read(terminal, 1 << 16)
        except OSError:
            return last, text
        last, wait = time.perf_counter(), quiet


def opened(binary, env, folder):
    """Opens the board: its process id, the terminal, and the seconds to its first frame."""
    start = time.perf_counter()
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(folder)
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        os.execve(binary, [binary, "board"], env)
    text, last = b"", None
    while b"T-0001" not in text:
        last, more = read_until_quiet(terminal, 5.0)
        text += more
        assert last, text
    return pid, terminal, last - start


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True)
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--times", type=int, default=15)
    args = parser.parse_args()
    binary = os.path.abspath(args.binary)
    with tempfile.TemporaryDirectory() as folder:
        env = {"PATH": os.environ["PATH"], "HOME": folder, "GIT_CONFIG_NOSYSTEM": "1", "TERM": "xterm-256color"}
        for name in ("AUTHOR", "COMMITTER"):
            env |= {f"GIT_{name}_NAME": "Bench", f"GIT_{name}_EMAIL": "bench@example.org"}
        more = {"cwd": folder, "env": env}
        run("git", "init", "-q", "-b", "main", **more)
        run("git", "commit", "-q", "--allow-empty", "-m", "start", **more)
        run(binary, "init", "--no-hooks", **more)
        lines = "\n".join(json.dumps({"op": "task.create", "title": f"Task {n}"}) for n in range(args.items))
        run(binary, "batch", input=lines, **more)
        run(binary, "board", "--once", **more)
        first, keys, beside = [], {}, []
        for _ in range(args.times):
            start = time.perf_counter()
            run(binary, "list", "--limit", "1", **more)
            beside.append(time.perf_counter() - start)
            pid, terminal, seconds = opened(binary, env, folder)
            first.append(seconds)
            pressed = ["j", "j", "l", "h", "\x1b[6~", "k", "\x1b[F", "\x1b[H", "2", "1", "/", "t", "\x1b", "\r", "j", "\r"]
            for key in pressed:
                read_until_quiet(terminal, 0.02)
                start = time.perf_counter()
                os.write(terminal, key.encode())
                last, _ = read_until_quiet(terminal, 2.0)
                if last:
                    keys.setdefault(key, []).append(last - start)
            os.write(terminal, b"q")
            read_until_quiet(terminal, 0.2)
            os.waitpid(pid, 0)
        print(f"git pm list --limit 1: {statistics.median(beside) * 1000:.1f} ms")
        print(f"first frame: median {statistics.median(first) * 1000:.1f} ms, longest {max(first) * 1000:.1f} ms")
        for key, took in keys.items():
            print(f"key {key!r}: median {statistics.median(took) * 1000:.1f} ms, longest {max(took) * 1000:.1f} ms")
        every = [one for took in keys.values() for one in took]
        print(f"all keys: median {statistics.median(every) * 1000:.1f} ms")


if __name__ == "__main__":
    main()
