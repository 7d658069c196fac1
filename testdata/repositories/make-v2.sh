#!/bin/sh
# Makes v2.bundle: a state of format 2, with items in one level of folders: of sequential, hash and
# foreign ids, and after a merge. Run once, with the last binary of that format first in PATH; the
# file that came out is checked in and never made again.
#
#     PATH=target/debug:$PATH testdata/repositories/make-v2.sh testdata/repositories/v2.bundle
set -eu
out=$(realpath -m "$1")
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
export HOME="$place" GIT_CONFIG_GLOBAL="$place/gitconfig" GIT_CONFIG_NOSYSTEM=1 LC_ALL=C TZ=UTC
printf '[init]\n\tdefaultBranch = main\n[user]\n\tname = Ana\n\temail = ana@example.org\n' >gitconfig
unset CLAUDECODE AI_AGENT AGENT_NAME GIT_PM_ACTOR 2>/dev/null || true

minute=0
pm() { # pm CLONE ARGS…: the clock goes on by a minute with every command
    minute=$((minute + 1))
    export GIT_PM_NOW
    GIT_PM_NOW=$(date -u -d "2026-11-02T09:00:00Z + $minute minutes" +%Y-%m-%dT%H:%M:%SZ)
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
pm a epic create "Payments"
pm a task create "Take cards" --epic E-1 --accept "a card is charged" --body "First words."
pm a task create "Write the guide" --depends-on T-1 --label docs
pm a issue create "Rounding is wrong" --type bug
cat >beads.jsonl <<'END'
{"id":"app-a1b2","title":"Imported","status":"open","priority":1,"issue_type":"epic","created_at":"2026-10-01T10:00:00Z","updated_at":"2026-10-02T10:00:00Z"}
{"id":"app-a1b2.1","title":"Its child","status":"open","priority":2,"issue_type":"task","created_at":"2026-10-01T10:00:00Z","updated_at":"2026-10-02T10:00:00Z","dependencies":[{"issue_id":"app-a1b2.1","depends_on_id":"app-a1b2","type":"parent-child"}]}
{"id":"a b/c","title":"Of a foreign id","status":"closed","priority":2,"issue_type":"task","created_at":"2026-10-01T10:00:00Z","updated_at":"2026-10-02T10:00:00Z","closed_at":"2026-10-02T10:00:00Z"}
END
pm a import beads "$place/beads.jsonl"
pm a task comment T-1 -m "Which cards?"
pm a sync
git clone -q hub.git b
git -C b config user.name Bea
pm b init
pm b sync
pm a task edit T-1 --title "Take credit cards"
pm b task edit T-1 --label "checkout"
pm b task create "Pay out" --epic E-1
pm b sync
pm a sync
git -C a bundle create -q "$out" refs/pm/main
