#!/bin/bash
# merge.sh TOOL [N=0] [EDITS=0]   two offline clones that meet again.
#   Three rounds: both create one item; both edit the same item in different fields; in the same field.
#   With EDITS, a fourth: so many edits a side, half of them of the same items. BULK (a tool that has a
#   batch) reads task edits as JSON Lines, every other tool runs UPDATE once for each.
. "$(dirname "$0")/lib.sh"; T=$1; N=${2:-0}; EDITS=${3:-0}; export N
M=$BENCH_ROOT/$T-merge; rm -rf "$M"; mkdir -p "$M"; git init -q --bare -b main "$M/hub.git"
export JSONL=$BENCH_ROOT/issues-$N.jsonl; [ "$N" -gt 0 ] && [ ! -s "$JSONL" ] && python3 "$HERE/../gen.py" --n "$N" > "$JSONL"
new_repo "$M/a"; cd "$M/a"; git remote add origin ../hub.git; load_tool "$T"
eval "$INIT" >/dev/null 2>&1; [ "$N" -gt 0 ] && eval "$IMPORT" >/dev/null 2>&1
for i in 1 2 3; do C=${CREATE//\{I\}/seed$i}; eval "$C" >/dev/null 2>&1; done
ID=$(eval "$IDS" 2>/dev/null | head -1); echo "item $ID"
sh_(){ case "$1" in sh:*) bash -c "${1#sh:}";; *) eval "$1";; esac; }
ms(){ echo $(( $(date +%s%N)/1000000 )); }
# A tool that shares by itself (JOIN) needs no `git pull` of the work tree.
join_(){ # LOG
  sh_ "$SHARE" >>"$1" 2>&1
  if [ -n "$JOIN" ]; then sh_ "$JOIN" >>"$1" 2>&1; return; fi
  git pull -q --no-rebase --no-edit >>"$1" 2>&1; local rc=$?; git push -q >>"$1" 2>&1; return $rc; }
git add -A; git commit -qm tool >/dev/null; git push -q -u origin main; sh_ "$SHARE" >/dev/null 2>&1; git push -q 2>/dev/null; [ -n "$JOIN" ] && sh_ "$JOIN" >/dev/null 2>&1
git clone -q "$M/hub.git" "$M/b"; git -C "$M/b" config user.name b; git -C "$M/b" config user.email b@y
cd "$M/b"; [ -n "$JOIN" ] && eval "$INIT" >/dev/null 2>&1; eval "${PULL:-true}" >/dev/null 2>&1
do_(){ local c=${1//\{ID\}/$ID}; c=${c//\{I\}/$2}; eval "$c" >/dev/null 2>&1 || echo "  (command failed: $c)"; }
round(){ # label cmdA cmdB
  echo "== $1"; mv "$M/hub.git" "$M/hub.off"; (cd "$M/a"; eval "$2"); (cd "$M/b"; eval "$3"); mv "$M/hub.off" "$M/hub.git"
  : >"$PEERS/pull.log"; (cd "$M/a"; join_ "$PEERS/a.log")
  (cd "$M/b"; s=$(ms); join_ "$PEERS/pull.log"; rc=$?; e=$(ms)
   echo "  exchange of b: rc=$rc, $((e-s)) ms $(grep -E 'CONFLICT|Merge conflict' "$PEERS/pull.log" | wc -l | sed 's/^0$//; s/.*[0-9]/, & conflicts/')"
   [ "$EDITS" -gt 0 ] && [ "$1" = bulk ] && note merge_exchange ms $((e-s))
   if [ $rc != 0 ]; then echo "  tool on the conflicted tree: $(eval "${READY:-$LIST}" 2>&1 | head -c 300)"
     git merge --abort 2>/dev/null; git reset -q --hard origin/main; eval "${PULL:-true}" >/dev/null 2>&1; fi)
  (cd "$M/a"; join_ "$PEERS/a.log")
  if [ -n "$TREE" ]; then t=$(cd "$M/a"; eval "$TREE"); u=$(cd "$M/b"; eval "$TREE"); [ "$t" = "$u" ] && echo "  both ended alike: $t" || echo "  DIFFERENT: $t $u"; fi; }
seen(){ (cd "$M/$1"; eval "$DUMP" 2>/dev/null | grep -o -E "$2" | sort -u | wc -l); }
round "each clone creates one item" 'do_ "$CREATE" fromA' 'do_ "$CREATE" fromB'
[ -n "$DUPCHECK" ] && echo "  duplicate ids after the merge: $(cd $M/b; eval "$DUPCHECK")"
echo "  items of both seen in b: $(seen b 'item from[AB]') of 2"
round "same item, different fields (A title, B close)" 'do_ "$UPDATE" AAA' 'do_ "$CLOSE" BBB'
round "same item, same field" 'do_ "$UPDATE" A2' 'do_ "$UPDATE" B2'
[ "$EDITS" -gt 0 ] || exit 0
# The first half of the items is the same on both sides, in the same and in different fields.
(cd "$M/a"; ALL=${IDS//200/$((EDITS*2))}; eval "$ALL" | head -n $((EDITS*3/2)) >"$PEERS/edit.ids"); TOTAL=$(wc -l <"$PEERS/edit.ids")
[ "$TOTAL" -ge $((EDITS*3/2)) ] || { echo "only $TOTAL items can be edited, $((EDITS*3/2)) are needed"; exit 1; }
head -n "$EDITS" "$PEERS/edit.ids" >"$PEERS/edit.A"
{ head -n $((EDITS/2)) "$PEERS/edit.ids"; tail -n $((EDITS-EDITS/2)) "$PEERS/edit.ids"; } >"$PEERS/edit.B"
edits(){ # SIDE
  if [ -n "$BULK" ]; then
    awk -v s="$1" -v h=$((EDITS/2)) '{ o="{\"op\":\"task.edit\",\"id\":\"" $1 "\"";
      if (NR<=h && NR%3==0 && s=="B") print o ",\"priority\":" NR%5 "}";
      else print o ",\"title\":\"Bulk " s NR "\"}" }' "$PEERS/edit.$1" | eval "$BULK" >/dev/null
  else n=0; while read -r ID; do n=$((n+1)); do_ "$UPDATE" "$1$n"; done <"$PEERS/edit.$1"; fi; }
round bulk 'edits A' 'edits B'
# A title that both changed has one winner; those that one side alone changed must all be there.
echo "  titles of A there: $(seen b 'Bulk A[0-9]+|title A[0-9]+') (at least $((EDITS-EDITS/2)) of $EDITS), of B: $(seen b 'Bulk B[0-9]+|title B[0-9]+') (at least $((EDITS-EDITS/2)))"
