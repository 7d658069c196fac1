#!/usr/bin/env python3
"""Many processes write at once: 8 x 50 creates in one repository, then 4 clones x 50 creates, each
followed by a sync, through one remote. Every acknowledged item must be there, in every clone, with
an id of its own. Exit code 1 when anything is missing.

    benches/contention.py [--binary PATH] [--each 50]"""
import argparse, json, sys, threading, time
from stage import DEFAULT, Stage

parser = argparse.ArgumentParser()
parser.add_argument("--binary", default=DEFAULT)
parser.add_argument("--each", type=int, default=50)
args = parser.parse_args()


def at_once(workers, run):
    threads = [threading.Thread(target=run, args=(n,)) for n in range(workers)]
    began = time.time()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.time() - began


def check(stage, acknowledged, where):
    items = stage.items(where)
    titles = [item["title"] for item in items.values()]
    ids = [item["id"] for item in items.values()]
    return {"there": sum(title in acknowledged for title in set(titles)),
            "twice": len(titles) - len(set(titles)), "ids_shared": len(ids) - len(set(ids))}


def local():
    stage = Stage(args.binary, 1)
    said, refused = [], []

    def work(n):
        for k in range(args.each):
            title = f"w{n} n{k}"
            code, answer = stage.pm(stage.clones[0], "task", "create", title)
            (said if code == 0 else refused).append(title if code == 0 else answer)

    took = at_once(8, work)
    found = check(stage, set(said), stage.clones[0])
    result = {"what": "local", "processes": 8, "each": args.each, "acknowledged": len(said),
              "refused": len(refused), **found, "per_second": round(len(said) / took, 1),
              "faults": stage.faults()}
    stage.close(False)
    return result, found["there"] == len(said) == 8 * args.each


def remote():
    stage = Stage(args.binary, 4)
    said, refused = [], []

    def work(n):
        for k in range(args.each):
            title = f"c{n} n{k}"
            code, answer = stage.pm(stage.clones[n], "task", "create", title)
            (said if code == 0 else refused).append(title if code == 0 else answer)
            code, answer = stage.pm(stage.clones[n], "sync")
            if code != 0:
                refused.append(answer)

    took = at_once(4, work)
    equal = stage.settle()
    found = [check(stage, set(said), clone) for clone in stage.clones]
    there = min(f["there"] for f in found)
    result = {"what": "remote", "clones": 4, "each": args.each, "acknowledged": len(said),
              "refused": len(refused), "there": there, "twice": max(f["twice"] for f in found),
              "ids_shared": max(f["ids_shared"] for f in found), "equal_trees": equal,
              "per_second": round(len(said) / took, 1), "faults": stage.faults()}
    if refused:
        result["first_refusal"] = refused[0]
    stage.close(False)
    return result, equal and there == len(said) == 4 * args.each


good = True
for part in (local, remote):
    result, all_there = part()
    print(json.dumps(result), flush=True)
    good &= all_there and not (result["twice"] or result["ids_shared"] or result["faults"])
sys.exit(0 if good else 1)
