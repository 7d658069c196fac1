#!/bin/sh
# Makes v1.bundle: a state of format 1 that holds every family of documents. Run once, with the
# binary of that format first in PATH; the file that came out is checked in and never made again,
# for it stands for the repositories that people have.
#
#     PATH=target/debug:$PATH testdata/repositories/make-v1.sh testdata/repositories/v1.bundle
set -eu
out=$(realpath -m "$1")
vectors=$(realpath "$(dirname "$0")/../format")
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
export HOME="$place" GIT_CONFIG_GLOBAL="$place/gitconfig" GIT_CONFIG_NOSYSTEM=1 LC_ALL=C TZ=UTC
printf '[init]\n\tdefaultBranch = main\n[user]\n\tname = Ana\n\temail = ana@example.org\n' >gitconfig
unset CLAUDECODE AGENT_NAME GIT_PM_ACTOR 2>/dev/null || true

minute=0
at() { # the clock goes on by a minute with every command
    minute=$((minute + 1))
    export GIT_PM_NOW
    GIT_PM_NOW=$(date -u -d "2026-01-05T09:00:00Z + $minute minutes" +%Y-%m-%dT%H:%M:%SZ)
}
pm() { # pm CLONE ARGS…
    at
    clone=$1
    shift
    git-pm -C "$clone" "$@" >/dev/null 2>&1 || { echo "failed in $clone: $*" >&2; exit 1; }
}

git init -q --bare hub.git
git init -q a
git -C a commit -q --allow-empty -m Begin
git -C a remote add origin ../hub.git
git -C a push -q origin main
pm a init
pm a epic create "Everybody can log in" --body "The plan."
pm a task create "Fix flaky login test" -p 1 --epic E-1 --label auth --label "no" \
    --accept "passes 100 times" --accept "documented" --path 'tests/login/**' \
    --body "It fails on every second try."
pm a task create "Write the guide" --depends-on T-1 --estimate S --risk low
pm a task create "Given up" --type chore
pm a task create "Done by hand"
pm a task comment T-1 -m "Seen it on the build machine, too."
pm a --idempotency-key once task create "Made once"
pm a task cancel T-3 --reason "not needed"
pm a task block T-5 "waits for an answer"
pm a task edit T-2 --body "First words."
pm a sync
git clone -q hub.git b
git -C b config user.name Bea
pm b init
pm b sync

# A claim that a remote confirmed, one that was lost, and the notice about it.
pm a start T-1
pm a task accept T-1 1 --evidence "see the build"
pm a reserve add 'docs/**' --ttl 4h --reason "the guide"
pm b --offline start T-4
pm a --offline start T-4
pm b sync
pm a sync
pm b sync
# Two write one text, and one field, at once.
pm a task edit T-2 --body "What Ana wrote." --title "Write a guide"
pm b task edit T-2 --body "What Bea wrote." --title "Write the handbook"
pm b sync
pm a sync
pm a task done T-4 --evidence "looked at it" --force || true

# What no command of the first version writes: a prd, an issue and its child, fields of a later
# version, a redacted text, a tombstone, redactions in pm.yaml, an unknown file.
export GIT_INDEX_FILE="$place/index"
git -C a read-tree refs/pm/main
put() { # put PATH FILE
    blob=$(git -C a hash-object -w "$2")
    git -C a update-index --add --cacheinfo "100644,$blob,$1"
}
put prds/00/P-0001-p1p1.md "$vectors/prd.md"
put issues/86/pm-a3f8.1-m7v2.md "$vectors/issue.md"
put tasks/00/T-0012-v4v4.md "$vectors/unknown.md"
put tasks/00/T-0010-w2w2.md "$vectors/redacted.md"
cat >tombstone.md <<'DOC'
---
id: T-0013
uid: "01jd4qz0r0000000000000d3d3"
kind: task
title: Deleted
deleted: true
birth: "1763625600000.0.ana0"
stamps:
  deleted: "1763625700000.0.ana0"
---
DOC
put tasks/00/T-0013-d3d3.md "$place/tombstone.md"
cat >pm.yaml <<'DOC'
---
uid: "1vrm3t3m3bjv6chbfyt1dethkd"
kind: repository
format: "1.0"
redacted_values: ["4ddbb67bf993867e13253c146a339ed3b33ea5b895543569278e99d5b3c2b7d5"]
redacted_versions: ["1763625600000.0.ana0/e9dfff2c9ffe67f9"]
birth: "0.0.gitpm"
stamps:
  redacted_values/4ddbb67bf993867e13253c146a339ed3b33ea5b895543569278e99d5b3c2b7d5: "1763629300000.0.ana0"
  redacted_versions/1763625600000.0.ana0/e9dfff2c9ffe67f9: "1763629300000.0.ana0"
---
DOC
put pm.yaml "$place/pm.yaml"
echo "kept as it is" >note.txt
put later/note.txt "$place/note.txt"
tree=$(git -C a write-tree)
unset GIT_INDEX_FILE
at
seconds=$(date -u -d "$GIT_PM_NOW" +%s)
printf 'import: what the first version could not write\n\nPM-Op: import\nPM-Actor: Ana\nPM-Clock: %s000.0\n' \
    "$seconds" >message
commit=$(GIT_AUTHOR_DATE="$seconds +0000" GIT_COMMITTER_DATE="$seconds +0000" \
    git -C a commit-tree "$tree" -p refs/pm/main -F "$place/message")
git -C a update-ref refs/pm/main "$commit"
pm a task comment T-12 -m "A comment on what is not known."
pm a sync
git -C a bundle create --quiet "$out" refs/pm/main
echo "$out: $(git -C a rev-parse refs/pm/main)"
