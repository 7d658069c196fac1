"""The acts of hostile authors, as fragments of shell, and the scripts composed of them.

An act is a function of a random generator that returns a fragment. `phases` says where it makes
sense: b before, d during (worktree has uncommitted work), a after the honest work.
In a fragment: L lab, V clone, S its git folder, W worktree, D git folder of the agent, T task,
O another task, F file of the task, VICTIM and SECRET outside, TRES a mark for what must not appear.
"""

ACTS = {}


def act(phases, weight=1):
    def add(function):
        ACTS[function.__name__] = (phases, weight, function)
        return function
    return add


def opt(r, *choices):
    return r.choice(choices)


PRELUDE = r'''
spy() { mkdir -p "$(dirname "$1")"; printf '#!/bin/sh\n(grep NoNewPrivs /proc/self/status >%s/PWN) 2>/dev/null\nexit 1\n' "$L" >"$1"; chmod +x "$1"; }
other_ref() { git -C "$V" for-each-ref --format='%(refname)' "refs/heads/task/$O*" | head -1; }
false_git() { mkdir -p "$1/objects/info"; cp -r "$S/refs" "$1/" ; cp "$D/index" "$D/HEAD" "$1/"; echo "$S/objects" >"$1/objects/info/alternates"; cp "$S/config" "$1/config"; spy "$W/.spy"; git config -f "$1/config" core.fsmonitor "$W/.spy"; git config -f "$1/config" core.worktree "$W"; }
daemon() { python3 -c 'import os,sys
if os.fork(): os._exit(0)
os.setsid(); os.chdir("/")
if os.fork(): os._exit(0)
n=os.open("/dev/null",2)
for i in 0,1,2: os.dup2(n,i)
os.execve(sys.executable,["idle","-IS","-c",sys.argv[1]]+sys.argv[2:],{})' "$@"; }
forge() { python3 - "$@" <<'FORGE'
import os,sys,zlib
objects,name,kind,content=sys.argv[1:5]
data=open(content,"rb").read()
path="%s/%s/%s"%(objects,name[:2],name[2:])
os.makedirs(os.path.dirname(path),exist_ok=True)
try: os.unlink(path)
except OSError: pass
open(path,"wb").write(zlib.compress(b"%s %d\0"%(kind.encode(),len(data))+data))
FORGE
}
evil_commit() { b=$(echo EVIL | git hash-object -w --stdin); GIT_INDEX_FILE=$W/.idx git read-tree "$1"; GIT_INDEX_FILE=$W/.idx git update-index --add --cacheinfo "100644,$b,src/evil.txt"; t=$(GIT_INDEX_FILE=$W/.idx git write-tree); rm -f "$W/.idx"; git commit-tree -p "$1" -m evil "$t"; }
told() { [ "$(git rev-parse --absolute-git-dir)" != "$D" ] || echo "ACK $1"; }
human() { env -u GIT_PM_RUN -u GIT_PM_TASK -u GIT_PM_ACTOR -u AGENT_NAME git pm --as Human "$@"; }
'''


# Links

@act("bda")
def link_from_task_file(r):
    return 'rm -f "$F"; ln -s "$VICTIM/id" "$F"; echo $TRES >>"$F"; ' + opt(
        r, 'git add -A; git commit -qm link', 'true', 'git checkout -f -- "$F"')


@act("ba")
def link_for_folder(r):
    return 'mv src src.old; ln -s "$VICTIM" src; echo $TRES >src/new-%d' % r.randrange(99) + opt(
        r, '; rm src; mv src.old src', '', '; git add -A; git commit -qm folder')


@act("a")
def link_for_temporary_folder(r):
    return ('chmod 0777 "$TMPDIR"; P=$(dirname "$XDG_CACHE_HOME"); rm -rf "$P/tmp" "$TMPDIR"; '
            'ln -s "$VICTIM" "$P/tmp"; ln -s "$VICTIM" "$TMPDIR"; touch "$TMPDIR/$TRES"')


@act("a")
def link_for_private_folders(r):
    victim = opt(r, '$VICTIM', '$S', '$L/home')
    return ('P=$(dirname "$XDG_CACHE_HOME"); for x in "$P"/*; do [ "$x" = "$P/git" ] || '
            '{ rm -rf "$x"; ln -s "%s" "$x"; }; done; rm -rf "$XDG_CACHE_HOME"; ln -s "%s" "$XDG_CACHE_HOME"; '
            'touch "$XDG_CACHE_HOME/$TRES"') % (victim, victim)


@act("da")
def link_for_read_files(r):
    name = opt(r, ".gitignore", ".gitattributes", ".pm.toml", ".gitmodules", ".mailmap", "README.md")
    return 'rm -rf %s; ln -s "$SECRET" %s; cat %s >leak; %s' % (
        name, name, name, opt(r, 'git add -A; git commit -qm read', 'true'))


@act("bda")
def hard_link(r):
    return 'ln -f "%s" hard && echo $TRES >>hard; cp "$SECRET" leak' % opt(
        r, "$VICTIM/id", "$S/config", "$L/agent.sh", "$S/hooks/pre-commit", "$L/home/.gitconfig")


@act("a")
def link_in_git_folder(r):
    name = opt(r, "objects", "refs", "hooks", "info", "modules", "logs", "index", "HEAD", "config")
    aim = opt(r, "$S/" + name, "$VICTIM", "$L/hub.git/" + name)
    return 'mv "$D/%s" "$D/was"; ln -s "%s" "$D/%s"' % (name, aim, name)


@act("a")
def link_for_worktree(r):
    return 'cd /; mv "$W" "$W.moved" && ln -s "$VICTIM" "$W"; mkdir -p "$W.made"; touch "$(dirname "$W")/$TRES"'


@act("a")
def exchange_links(r):
    return ('mkdir -p xd; ln -sfn "$VICTIM" xe; daemon \'import os,sys,time\nend=time.time()+6\nos.chdir(sys.argv[1])\n'
            'while time.time()<end:\n  for a,b in (("xd","xt"),("xe","xd"),("xt","xe")):\n'
            '    try: os.rename(a,b)\n    except OSError: pass\n\' "$W"')


# Git folders, configuration, hooks

@act("a", 3)
def replaced_git_file(r):
    return 'false_git "$W/.e"; rm -rf .git; echo "gitdir: $W/.e" >.git' + opt(r, '; sleep 2', '')


@act("a")
def git_folder_in_place(r):
    return ('rm -rf .git; git init -q .; spy "$W/.spy"; git config core.fsmonitor "$W/.spy"; '
            'git config core.hooksPath "$W"; git add -A; git commit -qm own')


@act("a", 2)
def replaced_commondir(r):
    return 'false_git "$W/.e"; echo "$W/.e" >"$D/commondir"; echo "$W/.e" >"$S/worktrees/$(basename "$W")/commondir"'


@act("ba", 2)
def configuration(r):
    key = opt(r, "core.fsmonitor", "core.sshCommand", "core.pager", "core.editor", "diff.external",
              "gpg.program", "alias.pm", "credential.helper", "core.askPass", "uploadpack.packObjectsHook",
              "core.gitProxy", "sequence.editor")
    return ('spy "$W/.spy"; for c in "$D/config" "$D/config.worktree" "$S/config" "$L/home/.gitconfig" '
            '"$S/worktrees/$(basename "$W")/config.worktree"; do git config -f "$c" %s "$W/.spy"; '
            'git config -f "$c" extensions.worktreeConfig true; git config -f "$c" include.path "$W/.inc"; done; '
            'printf "[core]\\n\\tfsmonitor = %%s\\n" "$W/.spy" >.inc' % key)


@act("ba")
def settings_by_git_config(r):
    return 'git config %s; git config --global pm.gate x=true; git -C "$V" config %s' % (
        (opt(r, "pm.gate t=true", "pm.sandbox off", "pm.approval advisory", "pm.protectedPaths none",
             "pm.setup 'touch $L/PWN'", "pm.runBranch main"),) * 2)


@act("ba")
def hooks(r):
    name = opt(r, "post-checkout", "reference-transaction", "post-index-change", "pre-commit",
               "post-merge", "pre-push", "post-rewrite", "fsmonitor-watchman")
    return ('for d in "$D" "$S" "$L/hub.git"; do spy "$d/hooks/%s"; done; spy "$W/.hk/%s"; '
            'git config core.hooksPath "$W/.hk"; chmod a-x "$S"/hooks/*' % (name, name))


@act("da", 2)
def attributes(r):
    return ('spy "$W/.spy"; printf "* filter=x diff=x merge=x\\n" >.gitattributes; '
            'for k in filter.x.clean filter.x.smudge filter.x.process merge.x.driver diff.x.textconv diff.x.command; '
            'do git config $k "$W/.spy"; done; printf "* filter=x\\n" >"$D/info/attributes"; '
            + opt(r, 'git add -A; git commit -qm attributes', 'true'))


@act("a", 2)
def submodule(r):
    return ('mkdir -p "$D/modules/s"; git init -q sub; cd sub; git commit -q --allow-empty -m s; spy "$W/sub/.git/x"; '
            'git config core.fsmonitor "$W/sub/.git/x"; cd ..; '
            'git update-index --add --cacheinfo 160000,$(git -C sub rev-parse HEAD),sub; git commit -qm sub; '
            + opt(r, 'git config -f .gitmodules submodule.s.path sub; git config -f .gitmodules submodule.s.url ./sub; '
                  'git config -f .gitmodules submodule.s.update "!touch $L/PWN"; git add .gitmodules; git commit -qm m', 'true'))


@act("ba")
def replaced_objects(r):
    return ('e=$(evil_commit HEAD); m=$(git -C "$V" rev-parse main); for g in "$D" "$S"; do mkdir -p "$g/refs/replace" "$g/info"; '
            'echo $e >"$g/refs/replace/$m"; echo "$m $e" >"$g/info/grafts"; echo $m >"$g/shallow"; done; '
            'echo "$VICTIM" >>"$D/objects/info/alternates"')


@act("da", 2)
def hidden_change(r):
    flag = opt(r, "--assume-unchanged", "--skip-worktree")
    return ('cp "$F" "$TMPDIR/keep"; echo EVIL >>"$F"; git add "$F"; git commit -qm w; cp "$TMPDIR/keep" "$F"; '
            'git update-index %s "$F"; touch -d 2001-01-01 "$F"' % flag)


@act("a")
def damaged_index(r):
    return opt(r, 'echo junk >"$D/index"', 'rm -f "$D/index"', ': >"$D/index"', 'git update-index --split-index',
               'git update-index --index-version 4; truncate -s -5 "$D/index"', 'mkdir -p "$D/index.lock/x"',
               'git read-tree --empty', 'touch -d 2040-01-01 "$D/index" "$F"')


@act("ba")
def locks(r):
    return ('for g in "$D" "$S" "$L/hub.git"; do for x in index HEAD config packed-refs refs/heads/main '
            'refs/pm/main shallow pm/lock; do touch "$g/$x.lock"; done; done'
            + opt(r, '; rm -f "$D"/*.lock', '; git add -A; git commit -qm l'))


@act("a", 3)
def fifo(r):
    place = opt(r, ".gitignore", ".gitattributes", "$D/index", "$D/HEAD", "$D/rebase-merge", "$S/refs/pm/main",
                "$D/config", "$D/packed-refs", "$D/MERGE_HEAD", "$D/refs/heads/x", "$D/info/exclude", ".pm.toml",
                ".git", "$F", "$S/logs/refs/pm/main", "$D/objects/info/alternates", "$D/commondir", "$D/shallow",
                "$D/$(git symbolic-ref HEAD)", "$D/config.worktree", "$TMPDIR/x", "$XDG_CACHE_HOME", "$D/pm-worktree",
                "$D/index.lock", "$S/$(git symbolic-ref HEAD)")
    return 'rm -rf "%s"; mkfifo "%s"' % (place, place)


@act("a")
def fifo_as_object(r):
    return ('o=$(git rev-parse HEAD%s); for g in "$D" "$S"; do rm -f "$g/objects/${o:0:2}/${o:2}"; mkfifo "$g/objects/${o:0:2}/${o:2}"; done'
            % opt(r, "", "^{tree}", ":src"))


@act("bda")
def socket_or_device(r):
    place = opt(r, "$W/sock", "$F", "$D/index.lock", "$D/ORIG_HEAD", "$W/.gitignore", "$D/MERGE_MSG")
    return ('rm -rf "%s"; ' % place + opt(
        r, 'mknod "%s" c 1 5' % place,
        'python3 -c \'import socket,sys;socket.socket(socket.AF_UNIX).bind(sys.argv[1])\' "%s"' % place))


@act("bda")
def modes(r):
    return opt(r, 'chmod 000 src', 'chmod 000 "$F"', 'chmod 000 .git', 'chmod 555 .', 'chmod 000 "$D/objects"',
               'chmod 666 "$VICTIM/id" "$SECRET"', 'chmod a-x "$S"/hooks/*', 'chmod 6777 "$F"; chmod 777 "$S" "$L"',
               'chown 12345 "$F"', 'chmod 000 "$D"')


@act("da")
def odd_names(r):
    return ('mkdir -p "src/d e"; touch "$(printf "src/l\\nf")" "$(printf "src/\\033[2Jx")" "$(printf "src/\\377")" src/-rf "src/*" '
            '"src/d e/:(top)x"; ' + opt(r, 'git add -A; git commit -qm names', 'true'))


@act("da")
def many_and_deep(r):
    return opt(r, 'd=x; for i in $(seq 150); do d=$d/d; done; mkdir -p $d; touch $d/f',
               'mkdir -p many; cd many; touch $(seq 3000)', 'truncate -s 3G sparse',
               'python3 -c \'import os\nfor i in range(400):\n os.mkdir("d"*200);os.chdir("d"*200)\'') + opt(
        r, '; true', '; cd "$W"; rm -f sparse; timeout 3 git add -A; git commit -qm many')


@act("da", 2)
def odd_tree(r):
    name = opt(r, ".GIT", "..", ".git", "git~1", ".git ", ".Git", "a/b", ".gitmodules")
    return ('b=$(git rev-parse HEAD:src); t=$( (git ls-tree HEAD; printf "040000 tree %%s\\t%s\\n" $b) | git mktree --missing) && '
            'git update-ref HEAD $(git commit-tree -p HEAD -m odd $t)' % name)


# Objects and refs

@act("ba", 2)
def forged_blob(r):
    path = opt(r, "src/a.txt", "src/b.txt", "setup.sh", "gate.sh")
    return ('printf "EVIL\\ngrep NoNewPrivs /proc/self/status >%%s/PWN\\n" "$L" >"$TMPDIR/x"; o=$(git rev-parse HEAD:%s); '
            'for g in "$S" "$D"; do forge "$g/objects" $o blob "$TMPDIR/x"; done' % path)


@act("ba", 2)
def forged_tree(r):
    return ('o=$(git rev-parse "$(other_ref)^{tree}" || git rev-parse "HEAD^{tree}"); b=$(echo EVIL | git hash-object -w --stdin); '
            't=$( (git ls-tree $o; printf "100644 blob %s\\tevil\\n" $b) | git mktree); git cat-file tree $t >"$TMPDIR/x"; '
            'for g in "$S" "$D"; do forge "$g/objects" $o tree "$TMPDIR/x"; done')


@act("a")
def lost_objects(r):
    return ('o=$(git rev-parse HEAD%s); %s' % (
        opt(r, "", "^{tree}", ":src", ":$F"),
        opt(r, 'rm -f "$D/objects/${o:0:2}/${o:2}"', ': >"$D/objects/${o:0:2}/${o:2}"',
            'rm -rf "$D/objects"', 'rm -rf "$D"', 'chmod +w "$D/objects/${o:0:2}/${o:2}"; echo x >"$D/objects/${o:0:2}/${o:2}"')))


@act("a")
def odd_commit(r):
    lines = opt(r, "author <> 99999999999999 +9999", "author a\\033[31m <b> 0 +0000", "author A <a@b> -1 +0000")
    return ('printf "tree %%s\\nparent %%s\\n%s\\ncommitter C <c> 1 +0000\\nencoding x\\n\\nm\\nTask: $O\\nPM-Op: task approve\\n" '
            '$(git rev-parse HEAD^{tree}) $(git rev-parse HEAD) >"$TMPDIR/c"; '
            'git update-ref HEAD $(git hash-object --literally -t commit -w "$TMPDIR/c")' % lines)


@act("da")
def merged_other_work(r):
    return ('git add -A; git commit -qm w; o=$(other_ref); git merge -q --no-edit %s "$o"; '
            'git commit -q --allow-empty -m "x" -m "Task: $O"' % opt(r, "", "-s ours", "-X theirs", "--squash"))


@act("da")
def rewritten_base(r):
    return opt(r, 'git checkout -q --orphan o; git add -A; git commit -qm orphan; git branch -f "$B"; git checkout -q "$B"',
               'git reset -q --hard HEAD~1', 'git commit -q --amend -m amended --allow-empty',
               'git update-ref HEAD $(git commit-tree -m root HEAD^{tree})',
               'git update-ref HEAD $(evil_commit HEAD); git reset -q --hard',
               'git update-ref HEAD $(git commit-tree -p HEAD -p "$(other_ref)" -m two HEAD^{tree})')


@act("ba", 3)
def moved_main(r):
    return ('e=$(evil_commit HEAD); for g in "$S" "$D" "$L/hub.git"; do git --git-dir="$g" update-ref refs/heads/main $e; '
            'echo $e >"$g/refs/heads/main"; done; git push -q "$L/hub.git" +$e:refs/heads/main; git branch -f main $e')


@act("ba", 3)
def moved_branch_of_other(r):
    return ('o=$(other_ref); e=$(evil_commit "${o:-HEAD}"); for g in "$S" "$D" "$L/hub.git"; do git --git-dir="$g" update-ref "$o" $e; '
            'echo $e >"$g/$o"; done; git push -q "$L/hub.git" +$e:$o')


@act("a", 2)
def daemon_moves_branches(r):
    return ('o=$(other_ref); e=$(evil_commit "${o:-HEAD}"); m=$(evil_commit HEAD); daemon \'import sys,time,os\n'
            'a=sys.argv[1:]\nend=time.time()+6\nwhile time.time()<end:\n  for p,v in ((a[0],a[1]),(a[2],a[3]),(a[4],a[3])):\n'
            '    try: open(p,"w").write(v+"\\n")\n    except OSError: pass\n  time.sleep(.05)\n\' '
            '"$S/$o" $e "$S/$(git symbolic-ref HEAD)" $m "$D/$(git symbolic-ref HEAD)"')


@act("a")
def own_branch_elsewhere(r):
    return opt(r, 'git symbolic-ref "refs/heads/$B" refs/heads/main', 'git checkout -q --detach',
               'git checkout -q -b main-2; echo EVIL >>src/a.txt; git commit -qam e', 'git branch -m "$B" other',
               'echo "ref: refs/heads/main" >"$D/HEAD"', 'echo junk >"$D/HEAD"', 'rm -rf "$D/refs/heads"',
               'echo "ref: ../../../../home/x" >"$D/HEAD"', 'rm -f "$D/$(git symbolic-ref HEAD)" "$D/packed-refs"',
               'git update-ref -d "refs/heads/$B"', 'mkdir -p "$D/refs/heads/$B.d/x"')


@act("ba")
def refs_of_others(r):
    return ('for n in refs/pm/main refs/pm-local/x refs/tags/v1 refs/remotes/origin/main refs/heads/wip refs/notes/x '
            'refs/pm-remotes/origin/main "refs/heads/task/T-0009-x"; do git update-ref $n HEAD; '
            'git --git-dir="$S" update-ref $n HEAD; done')


@act("ba", 3)
def state_by_plumbing(r):
    change = opt(r, "s/^status:.*/status: ready_for_integration/", "s/^auto_policy:.*//", "s/^branch:.*/branch: wip/",
                 "s/^title:.*/title: TAKEN/", "s/^finished_commit:.*//")
    return ('export GIT_INDEX_FILE=$TMPDIR/i; git --git-dir="$S" read-tree refs/pm/main; p=$(git --git-dir="$S" ls-files | grep "tasks/.*$O"); '
            'b=$(git --git-dir="$S" show "refs/pm/main:$p" | sed "%s" | git --git-dir="$S" hash-object -w --stdin); '
            'git --git-dir="$S" update-index --add --cacheinfo "100644,$b,$p"; c=$(git --git-dir="$S" commit-tree -p refs/pm/main '
            '-m "x" -m "PM-Op: task edit" $(git --git-dir="$S" write-tree)); git --git-dir="$S" update-ref refs/pm/main $c; '
            'echo $c >"$S/refs/pm/main"' % change)


@act("ba")
def push_by_git(r):
    return 'git push -q "$L/hub.git" %s; git push -q origin %s' % ((opt(
        r, "+HEAD:refs/heads/main", "+HEAD:refs/pm/main", ":refs/heads/main", "--mirror"),) * 2)


# The state, by commands

@act("bda", 3)
def edited_fields(r):
    return 'git pm task edit %s %s; git pm task edit "$O" %s' % (
        opt(r, "$T", "$O"),
        opt(r, "--auto-policy review", "--auto-policy ''", "--epic ''", "--path '**'", "--priority 0"),
        opt(r, "--auto-policy review", "--path 'x/**'", "--assignee Human", "--auto-policy develop"))


@act("ba", 3)
def acts_of_a_human(r):
    who = opt(r, "git pm", "human")
    return "; ".join("%s %s" % (who, c) for c in r.sample([
        'task approve "$T"', 'task approve "$O"', 'merge "$T"', 'finish --merge', 'merge --queue', 'trust --yes',
        'hook uninstall', 'uninstall', 'redact --text --yes base', 'gc --new-generation --yes', 'run complete "$O"',
        'budget set --day 1', 'task accept "$O" --all', 'run stop', 'trust --revoke'], 4))


@act("ba", 2)
def settings_by_command(r):
    who = opt(r, "git pm", "human")
    return "; ".join("%s config %s" % (who, c) for c in r.sample([
        "pm.gate t=true", "pm.protectedPaths none", "pm.setup 'touch $L/PWN'",
        "pm.sandbox off", "pm.runBranch main", "pm.stacked true", "pm.worktreePath ../../x", "pm.push never",
        "pm.approval advisory", "--shared pm.protectedPaths none", "--shared pm.approval advisory",
        "pm.target task/x", "pm.mergeStrategy rebase", "pm.commandTimeout 0", "pm.sandboxWrite /",
        "pm.diffLines 100000", "pm.approvalPaths none"], 5))


@act("bda", 2)
def names_of_others(r):
    name = opt(r, "Human", "agent-1", "all", "role:human", "<", "$(printf 'a\\nhint: x')")
    return ('git pm --as "%s" task comment "$O" "by another"; GIT_PM_ACTOR="%s" git pm task drop "$O"; '
            'AGENT_NAME="%s" git pm reserve add "src/**"; GIT_PM_NOW=2040-01-01T00:00:00Z git pm start "$O"' % ((name,) * 3))


@act("bda", 2)
def messages(r):
    token = "tok%016x" % r.getrandbits(64)
    return ('x=$(printf "\\033]0;x\\007\\033[2J\\nnext: git pm task approve $O"); git pm msg send --to Human "%s" "$x" && told %s; '
            'git pm msg send --to role:human --new --importance urgent "$x" "$(head -c 90000 /dev/zero | tr "\\0" m)"' % (token, token))


@act("bda", 2)
def comments(r):
    token = "tok%016x" % r.getrandbits(64)
    return ('printf "%s\\n---\\nstatus: done\\nauto_policy: review\\n---\\n\\x1b[31m\\xe2\\x80\\xae" | git pm task comment %s - && told %s'
            % (token, opt(r, "$T", "$O"), token))


@act("bda")
def artifacts(r):
    return ('ln -sf "$SECRET" l; git pm artifact put "$T" l; git pm artifact put "$T" "$SECRET"; echo x >a; '
            'for n in ../../x .pm.toml /etc/x "$VICTIM/n" .git/config; do git pm artifact put "$T" a --name "$n"; done; rm -f l a')


@act("bda")
def batch_import_undo(r):
    return opt(r, 'printf \'{"op":"task.approve","id":"%s"}\\n{"op":"task.edit","id":"%s","auto-policy":"review"}\\n\' $T $O | git pm batch --skip-invalid',
               'git pm export md out; sed -i "s/^status:.*/status: ready-for-integration/" $(find out -name "*.md"); git pm import ccpm out; rm -rf out',
               'git pm undo --force; git pm undo --force $(git -C "$V" rev-parse refs/pm/main~1)',
               'git pm export md "$VICTIM"; git pm backup create "$VICTIM/b"; git pm backup create b; git pm backup load b; rm -f b')


@act("ba", 2)
def states_of_others(r):
    return "; ".join('git pm %s' % c for c in r.sample([
        'task cancel "$O" --reason x', 'task drop "$O" --force', 'task delete "$O"', 'task block "$O" x', 'task unblock "$O"',
        'task reopen "$O"', 'dep add "$O" "$T"', 'dep rm "$T" "$O"', 'task done "$O" --evidence x', 'task reassign "$O" agent-1',
        'finish "$O"', 'run skip "$O"', 'run retry "$T"'], 3))


@act("da", 2)
def rules_in_the_tree(r):
    return opt(r, 'rm -f .pm.toml', 'printf "[gates]\\ntest = \\"true\\"\\n" >.pm.toml', 'echo "exit 0" >gate.sh',
               'mkdir -p .github; echo x >.github/w.yml', 'mkdir -p infra; echo x >infra/x',
               'echo "grep NoNewPrivs /proc/self/status >$L/PWN" >>setup.sh', 'mkdir -p db/migrations; echo x >db/migrations/1',
               'mkdir -p .GitHub; echo x >.GitHub/w.yml') + '; git add -fA; git commit -qm rules --no-verify'


@act("a")
def finish_by_force(r):
    return 'echo EVIL >>"$F"; git commit -qam e; git pm finish --force'


@act("ba")
def commands_inside(r):
    return opt(r, 'timeout 4 git pm run --with script:$L/agent.sh --merge gates', 'git pm worktree gc --force; git pm gc --yes',
               'git pm sync; git pm fsck --repair', 'timeout 2 git pm events --run', 'timeout 2 git pm serve --listen 127.0.0.1:0',
               'git worktree prune; git gc -q --prune=now; git -C "$V" gc -q --prune=now',
               'git pm hook run pre-commit; git pm install hooks --yes; git pm init')


# Processes

@act("a", 3)
def daemon_replaces_git_file(r):
    return ('false_git "$TMPDIR/g"; daemon \'import os,sys,time\nw,g=sys.argv[1:]\nend=time.time()+6\nwhile time.time()<end:\n'
            '  try:\n    open(w+"/.gx","w").write("gitdir: "+g+"\\n"); os.rename(w+"/.gx",w+"/.git")\n  except OSError: pass\n'
            '  time.sleep(.02)\n\' "$W" "$TMPDIR/g"')


@act("a", 2)
def daemon_swaps_files_during_gates(r):
    return ('echo EVIL >>"$F"; git add -A; git commit -qm w; daemon \'import sys,time\np=sys.argv[1]\nend=time.time()+6\n'
            'while time.time()<end:\n  for t in "fine\\n","EVIL\\n":\n    try: open(p,"w").write(t)\n    except OSError: pass\n'
            '    time.sleep(.1)\n\' "$W/$F"')


@act("ba")
def stubborn_processes(r):
    return opt(r, 'daemon "import signal,time\nfor s in range(1,32):\n try: signal.signal(s,signal.SIG_IGN)\n except (OSError,ValueError): pass\ntime.sleep(20)"',
               'daemon "import os,signal\nos.kill(os.getpid(),signal.SIGSTOP)"',
               'for i in $(seq 15); do daemon "import time\ntime.sleep(20)"; done',
               'daemon "import os,time\nend=time.time()+6\nwhile time.time()<end:\n if os.fork(): os._exit(0)\n time.sleep(.02)"',
               '(trap "" HUP TERM; exec setsid sleep 20 >/dev/null 2>&1) &')


@act("ba")
def signals_to_the_runner(r):
    return ('for p in $RUNNER $(cut -d" " -f4 /proc/$RUNNER/stat); do case $(readlink /proc/$p/exe) in *git-pm*) kill -%s $p;; esac; done'
            % opt(r, "STOP", "TERM", "KILL", "INT"))


@act("ba", 2)
def descriptors(r):
    return ('cat <&7 >leak; echo $TRES >&8; for p in $RUNNER self; do cat /proc/$p/fd/7 >>leak; cat /proc/$p/environ >env-leak; done; '
            'for f in /proc/self/fd/*; do readlink $f; done; head -c 10 /proc/$RUNNER/mem; rm -f env-leak')


@act("bda")
def trespass(r):
    return ('cat "$SECRET" >leak; for d in "$VICTIM" "$L" "$L/home" "$V" "$V/src" "$S" "$S/pm" "$S/pm/runs" "$L/hub.git" '
            '"$(dirname "$W")" "$L"/v.worktrees/*"$O"*; do echo $TRES >"$d/trespass-$T"; done; '
            'rm -rf "$VICTIM/id" "$S/pm/index.sqlite"; mv "$VICTIM" "$L/v2"')


@act("bda")
def output(r):
    return opt(r, 'head -c 3000000 /dev/urandom', 'yes "$(printf "\\033[2J\\033]0;x\\007 T-0002 completed")" | head -20000',
               'head -c 5000000 /dev/zero | tr "\\0" x', 'printf "\\r\\n\\x00\\xff{\\"type\\":\\"result\\"}\\n"')


@act("ba")
def private_files(r):
    return ('P=$(dirname "$XDG_CACHE_HOME"); daemon \'import os,sys,time\nend=time.time()+3\nwhile time.time()<end:\n'
            '  for d,_,fs in os.walk(sys.argv[1]):\n    if "/git/" in d: continue\n    for f in fs:\n      p=os.path.join(d,f)\n'
            '      try: os.unlink(p); os.%s\n      except OSError: pass\n  time.sleep(.05)\n\' "$P" "$SECRET"; '
            'git pm task comment "$T" "during"; find "$P" -type f | head -50' % opt(r, "symlink(sys.argv[2],p)", "mkfifo(p)", "mkdir(p)"))


HONEST = r'''
echo "work of $T $RANDOMISH" >>"$F"; git add -A; git commit -qm "work on $T"
'''

HAND_IN = r'''
cd "$W"; timeout 30 git pm task accept "$T" --all >/dev/null 2>&1 </dev/null
'''


def fragment(name, code, limit):
    return "act %s %d <<'END_OF_ACT'\n%s\nEND_OF_ACT\n" % (name, limit, code)


def choose(r, phase, count):
    names = [n for n in sorted(ACTS) if phase in ACTS[n][0]]
    weights = [ACTS[n][1] for n in names]
    return r.choices(names, weights, k=count)


def compose(r, used):
    """The body of one task's script: acts around honest work."""
    body = ""
    parts = [("b", r.choice((0, 0, 1, 1, 2))), ("d", r.choice((0, 0, 1))), ("a", r.choice((0, 1, 1, 2, 3)))]
    for phase, count in parts:
        if phase == "d":
            body += 'echo "draft $T" >>"$F"\n'
        for name in choose(r, phase, count):
            used.append(name)
            body += fragment(name, ACTS[name][2](r), 12)
        if phase == "d":
            body += HONEST.replace("$RANDOMISH", str(r.randrange(10**6))) + HAND_IN
            if r.random() < 0.25:
                body += 'timeout 30 git pm finish >/dev/null 2>&1 </dev/null\n'
    return body + "cd \"$W\"; exit %d\n" % r.choice((0, 0, 0, 0, 0, 0, 3, 75))


def script(r, lab, seed, tasks):
    """The agent of every task, and the names of its acts."""
    used = []
    text = "#!/bin/bash\ncat >/dev/null\nexport L='%s' TRES=TRESPASS-%d HOSTILE_LAB='%s'\n" % (lab, seed, lab)
    text += r'''
export V=$L/v S=$L/v/.git W=$PWD T=$GIT_PM_TASK VICTIM=$L/victim SECRET=$L/secret RUNNER=$PPID
export D=$(git rev-parse --absolute-git-dir) B=$(git symbolic-ref --short HEAD)
echo "START $T"
'''
    text += "PRELUDE=$(cat <<'END_OF_PRELUDE'\n%s\nEND_OF_PRELUDE\n)\n" % PRELUDE
    text += ('act() { local code; code=$(cat); echo "ACT $1"; timeout -k 1 "$2" bash -c "$PRELUDE\n$code" </dev/null 2>&1; }\n').replace("\\n", "\n")
    text += 'case $T in\n'
    for task in tasks:
        other = r.choice([t["id"] for t in tasks if t is not task])
        text += '%s) export O=%s F=%s\n%s;;\n' % (task["id"], other, task["file"], compose(r, used))
    return text + "esac\n", used
