#!/bin/sh
# usage: make.sh DIR
# Makes a git repository in DIR: base/ as one commit on main, and for each change a
# branch change/NN-name with one commit on top of main.
set -eu
[ $# -eq 1 ] || { echo "usage: make.sh DIR" >&2; exit 2; }
top=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
dir=$(cd "$1" && pwd)
[ -z "$(ls -A "$dir")" ] || { echo "make.sh: $dir is not empty" >&2; exit 1; }

GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
GIT_AUTHOR_DATE='2024-06-03T09:00:00+0000' GIT_COMMITTER_DATE='2024-06-03T09:00:00+0000'
export GIT_CONFIG_GLOBAL GIT_CONFIG_NOSYSTEM GIT_AUTHOR_DATE GIT_COMMITTER_DATE

cp -R "$top/base/." "$dir/"
git -C "$dir" init -q -b main
git -C "$dir" config user.name "Review Corpus"
git -C "$dir" config user.email "review-corpus@example.invalid"
git -C "$dir" config commit.gpgsign false
git -C "$dir" config core.autocrlf false
git -C "$dir" config core.hooksPath /dev/null
git -C "$dir" add -A -f
git -C "$dir" commit -q -m "HL-1: Harbourline"

for patch in "$top"/changes/*.patch; do
    name=$(basename "$patch" .patch)
    git -C "$dir" checkout -q -b "change/$name" main
    git -C "$dir" apply --index --whitespace=nowarn "$patch"
    python3 -c 'import json,sys; sys.stdout.write(json.load(open(sys.argv[1]))["commit_message"])' \
        "$top/changes/$name.json" | git -C "$dir" commit -q --cleanup=verbatim -F -
done
git -C "$dir" checkout -q main
