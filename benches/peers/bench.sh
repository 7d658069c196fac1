#!/bin/bash
# bench.sh TOOL N     latency, bulk import, store size.  Results are appended to $OUT (results.jsonl).
. "$(dirname "$0")/lib.sh"; T=$1; N=$2; export N
DIR=$BENCH_ROOT/$T-$N; new_repo "$DIR"; cd "$DIR"; load_tool "$T"; RUNS=${RUNS:-20}
export JSONL=$BENCH_ROOT/issues-$N.jsonl; [ "$N" -gt 0 ] && [ ! -s "$JSONL" ] && python3 "$HERE/../gen.py" --n "$N" > "$JSONL"
eval "$INIT" >$PEERS/init.log 2>&1 || { echo "init failed"; tail -5 $PEERS/init.log; }
if [ "$N" -gt 0 ]; then s=$(date +%s%N); eval "$IMPORT" >$PEERS/import.log 2>&1 || { echo import failed; tail -5 $PEERS/import.log; }; e=$(date +%s%N); note import ms $(( (e-s)/1000000 )); fi
note store bytes $(du -sb $STORE | cut -f1)
[ "$N" = 0 ] && run version "$VERSION" "$RUNS"
if [ -n "$IDS" ] && [ "$N" -gt 0 ]; then eval "$IDS" > $PEERS/ids.$T 2>$PEERS/ids.err; else run create "$CREATE" 1 >/dev/null; [ -n "$IDS" ] && eval "$IDS" > $PEERS/ids.$T; fi
[ -s $PEERS/ids.$T ] || { echo "no ids"; cat $PEERS/ids.err; }
run show "$SHOW" "$RUNS" $PEERS/ids.$T; run list "$LIST" "$RUNS"; run ready "$READY" "$RUNS"; run search "$SEARCH" "$RUNS"
[ -n "$SHARE" ] && { WARM=0 run share_first "$SHARE" 1; }
run create "$CREATE" "$RUNS"; run update "$UPDATE" "$RUNS" $PEERS/ids.$T
[ "$N" -gt 0 ] && WARM=0 run close "$CLOSE" "$RUNS" <(tail -n "+30" $PEERS/ids.$T)
if [ -n "$SHARE" ]; then   # one small change + make it shareable (a commit), and what that adds to the objects of .git
  b=$(du -sb .git/objects | cut -f1); C=${CREATE//\{I\}/share}; K=5; s=$(date +%s%N); for i in $(seq $K); do eval "$C" >/dev/null 2>&1; case "$SHARE" in sh:*) bash -c "${SHARE#sh:}";; *) $SHARE;; esac >/dev/null 2>&1; done; e=$(date +%s%N)
  note create_and_share ms $(( (e-s)/1000000/K )); note git_growth bytes_per_share $(( ($(du -sb .git/objects | cut -f1)-b)/K )); fi
note store_after bytes $(du -sb $STORE | cut -f1)
