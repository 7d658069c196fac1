//! Attacks: the git directory of a sandboxed task and its requests to the runner (s3, a6).

use crate::run::stage::{Stage, WORK};
use crate::support::Repo;

/// An agent that knows the shared git directory as `$C`, and its own as `$D`.
fn agent(stage: &Stage, script: &str) -> String {
    let common = stage.repo.path.join(".git").canonicalize().unwrap();
    format!(
        "C='{}'\nD=$(git rev-parse --absolute-git-dir)\n{script}",
        common.display()
    )
}

/// Agents may write to the folder for the test, and read nothing of it but that.
fn closed(stage: &Stage) {
    stage.repo.git(&["config", "pm.sandboxRead", "/usr"]).ok();
}

/// A repository with one commit outside, and the id of the commit.
fn secret(stage: &Stage) -> (String, String) {
    let place = stage.dir().join("secret");
    let at = place.to_str().unwrap();
    stage.repo.git(&["init", "-q", at]).ok();
    std::fs::write(place.join("key"), "SECRET").unwrap();
    let secret = stage.repo.other(at);
    secret.git(&["add", "-A"]).ok();
    secret.git(&["commit", "-qm", "secret"]).ok();
    (
        at.to_string(),
        secret.git(&["rev-parse", "HEAD"]).ok().text(),
    )
}

/// As any pusher can: a field of an item, by plumbing.
fn set_branch(repo: &Repo, title: &str, branch: &str) {
    let index = repo.path.join(".git/forged").display().to_string();
    let forger = repo.with("GIT_INDEX_FILE", &index);
    let names = forger
        .git(&["ls-tree", "-r", "--name-only", "refs/pm/main"])
        .ok()
        .out;
    let (name, text) = names
        .lines()
        .map(|name| {
            (
                name,
                forger
                    .git(&["show", &format!("refs/pm/main:{name}")])
                    .ok()
                    .out,
            )
        })
        .find(|(_, text)| text.contains(&format!("title: {title}")))
        .unwrap();
    let text = text.replacen("\nstatus:", &format!("\nbranch: {branch}\nstatus:"), 1);
    let blob = forger
        .feed("git", &["hash-object", "-w", "--stdin"], &text)
        .ok()
        .text();
    forger.git(&["read-tree", "refs/pm/main"]).ok();
    let entry = format!("100644,{blob},{name}");
    forger.git(&["update-index", "--cacheinfo", &entry]).ok();
    let tree = forger.git(&["write-tree"]).ok().text();
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    let message = format!(
        "T-0001: edit\n\nPM-Op: task edit\nPM-Actor: M\nPM-Clock: {}.0\n",
        now.as_millis() + 1000
    );
    let args = ["commit-tree", &tree, "-p", "refs/pm/main", "-m", &message];
    let commit = forger.git(&args).ok().text();
    forger.git(&["update-ref", "refs/pm/main", &commit]).ok();
}

const EVIL: &str = r#"
cat >/dev/null; echo evil >evil; git add evil; git commit -qm evil
git rev-parse HEAD >"$C/refs/heads/main"
git update-ref refs/heads/main HEAD
git push -q "$C" HEAD:main
exit 3
"#;

#[test]
fn s3_the_branch_of_an_item_opens_no_other_branch() {
    let stage = Stage::with_tasks(&["One"]);
    stage.repo.git(&["branch", "wip"]).ok();
    set_branch(&stage.repo, "One", "wip");
    let main = stage.repo.tip("main");
    let ran = stage.run(&agent(&stage, EVIL), &["--returns", "0"]);
    assert_eq!(stage.repo.tip("main"), main, "{}", ran.err);
}

#[test]
fn s3_the_pattern_of_branches_opens_no_other_branch() {
    let stage = Stage::with_tasks(&["One"]);
    stage.repo.git(&["config", "pm.runBranch", "{id}"]).ok();
    let main = stage.repo.tip("main");
    let ran = stage.run(&agent(&stage, EVIL), &["--returns", "0"]);
    assert_eq!(stage.repo.tip("main"), main, "{}", ran.err);
    // What it committed on its own branch is not lost.
    stage.repo.git(&["cat-file", "-e", "T-0001:evil"]).ok();
}

/// Another task's branch, in its own repository and in the shared one.
#[test]
fn a6_a_script_does_not_move_the_branch_of_another_task() {
    let stage = Stage::with_tasks(&["One", "Two"]);
    let script = r#"
if [ $GIT_PM_TASK = T-0002 ]; then
  cat >/dev/null; echo good >two.txt; git add -A; git commit -qm good; echo >"$OUT/two"
  while ! test -e "$OUT/moved"; do sleep 0.05; done
  exit 0
fi
cat >/dev/null
while ! test -e "$OUT/two"; do sleep 0.05; done
echo EVIL >evil; git add -A; git commit -qm evil
for other in $(git for-each-ref --format='%(refname)' refs/heads/task | grep T-0002) refs/heads/task/T-0002-two; do
  git update-ref $other HEAD
  git rev-parse HEAD >"$C/$other" && echo "$other" >>"$OUT/open"
  git push -qf "$C" HEAD:$other
done
echo >"$OUT/moved"
"#;
    stage.run(&agent(&stage, script), &["--agents", "2", "--returns", "0"]);
    assert_eq!(stage.told("open"), "");
    assert_eq!(stage.item("T-0002"), "in_review", "{}", stage.why());
    let branch = stage.repo.data(&["show", "T-0002"])["branch"]
        .as_str()
        .unwrap()
        .to_string();
    let files = stage
        .repo
        .git(&["ls-tree", "--name-only", &branch])
        .ok()
        .out;
    assert!(
        files.contains("two.txt") && !files.contains("evil"),
        "{files}"
    );
}

/// The parts of the shared repository that were writable, and others.
#[test]
fn s5_s10_the_shared_repository_is_read_only() {
    let stage = Stage::with_tasks(&["One"]);
    let script = r#"
cat >/dev/null
for f in refs/heads/main refs/heads/task/x refs/pm/main refs/pm/x objects/00/x objects/info/x pm/lock \
  pm/seen/x pm/intents/x logs/refs/pm/main logs/refs/heads/x config packed-refs HEAD hooks/x \
  worktrees/$(basename $D)/index worktrees/$(basename $D)/HEAD worktrees/$(basename $D)/config.worktree; do
  { mkdir -p "$(dirname "$C/$f")"; echo x >>"$C/$f"; } 2>/dev/null && echo $f >>"$OUT/open"
done
git update-ref refs/pm/main HEAD 2>/dev/null && echo update-ref >>"$OUT/open"
git pm show $GIT_PM_TASK >"$OUT/shown" 2>&1
"#;
    stage.run(&agent(&stage, script), &["--returns", "0"]);
    assert_eq!(stage.told("open"), "");
    assert!(
        stage.told("shown").contains("One"),
        "{}",
        stage.told("shown")
    );
    stage.repo.git(&["fsck"]).ok();
}

/// An object whose content is not the one of its name stays where it is.
#[test]
fn s10_a_forged_object_is_not_taken_over() {
    let stage = Stage::with_tasks(&["One"]);
    let script = r#"
cat >/dev/null; echo good >good; git add -A; git commit -qm good
python3 - "$D" $(git rev-parse HEAD:good) <<'END'
import os, sys, zlib
path = os.path.join(sys.argv[1], "objects", sys.argv[2][:2], sys.argv[2][2:])
os.chmod(path, 0o644)
open(path, "wb").write(zlib.compress(b"blob 5\0evil\n"))
END
"#;
    let ran = stage.run(
        &agent(&stage, script),
        &["--returns", "0", "--merge", "gates"],
    );
    assert_ne!(ran.code, 0);
    let log = stage.repo.pm(&["logs"]).ok().out;
    assert!(log.contains("the commits of task/T-0001-one"), "{log}");
    assert_eq!(
        stage.repo.tip("task/T-0001-one-agent-1"),
        stage.repo.tip("main")
    );
    stage.repo.git(&["fsck"]).ok();
}

/// What the agent itself cannot read does not get into the shared repository either.
#[test]
fn s3_objects_of_another_repository_are_not_taken_over() {
    let stage = Stage::with_tasks(&["One"]);
    let (at, commit) = secret(&stage);
    closed(&stage);
    let script = format!(
        r#"cat >/dev/null
echo '{at}/.git/objects' >>"$D/objects/info/alternates"
echo {commit} >"$D/$(git symbolic-ref HEAD)"
"#
    );
    stage.run(&agent(&stage, &script), &["--returns", "0"]);
    assert_ne!(stage.repo.git(&["cat-file", "-e", &commit]).code, 0);
    assert_eq!(
        stage.repo.tip("task/T-0001-one-agent-1"),
        stage.repo.tip("main")
    );
}

/// Whatever leads our git to a FIFO, the run ends, and what can be taken over is.
#[test]
fn s7_a_run_ends_in_spite_of_fifos_behind_links_and_settings() {
    const FIFO: &str = "P=pack-$(printf '1%.0s' $(seq 40)); mkdir -p $TMPDIR/o/pack $TMPDIR/o/info\n\
                        mkfifo $TMPDIR/o/pack/$P.idx; : >$TMPDIR/o/pack/$P.pack; mkfifo $TMPDIR/f";
    for (make, is_taken) in [
        ("echo $TMPDIR/o >>$D/objects/info/alternates", false),
        ("git config --add include.path $TMPDIR/f", true),
        (
            "rmdir $D/objects/pack; ln -s $TMPDIR/o/pack $D/objects/pack",
            true,
        ),
        (
            "mkfifo $D/objects/pack/$P.idx; : >$D/objects/pack/$P.pack",
            true,
        ),
        (
            "rm -f $D/HEAD; ln -s $TMPDIR/f $D/HEAD; ln -s $TMPDIR/f $D/shallow",
            true,
        ),
        (
            "mkdir d; echo >d/f; git add d; git commit -qm d; mkfifo d/.gitattributes",
            false,
        ),
    ] {
        let stage = Stage::with_tasks(&["One"]);
        let main = stage.repo.tip("main");
        let began = std::time::Instant::now();
        let script = format!("{WORK}\n{FIFO}\n{make} || echo >\"$OUT/failed\"");
        stage.run(&agent(&stage, &script), &["--returns", "0"]);
        let took = began.elapsed();
        assert!(
            took < std::time::Duration::from_secs(45),
            "{make}: {took:?}"
        );
        assert!(!stage.out.join("failed").exists(), "{make}");
        let log = stage.repo.pm(&["logs"]).ok().out;
        if is_taken {
            assert_ne!(
                stage.repo.tip("task/T-0001-one-agent-1"),
                main,
                "{make}: {log}"
            );
        } else {
            assert_ne!(stage.item("T-0001"), "in_review", "{make}: {log}");
        }
    }
}

/// A megabyte that becomes gigabytes is refused before anything reads it.
#[test]
fn s10_a_commit_that_grows_is_not_taken_over() {
    let stage = Stage::with_tasks(&["One"]);
    let script = format!(
        r#"{WORK}
python3 - "$D" $(git rev-parse "HEAD^{{tree}}") $(git rev-parse HEAD) $(git symbolic-ref HEAD) <<'END'
import hashlib, os, sys, zlib
place, tree, parent, ref = sys.argv[1:]
who = "a <a@b> 1 +0000"
text = f"tree {{tree}}\nparent {{parent}}\nauthor {{who}}\ncommitter {{who}}\n\n".encode() + b"a" * (64 << 20)
whole = b"commit %d\0" % len(text) + text
name = hashlib.sha1(whole).hexdigest()
os.makedirs(f"{{place}}/objects/{{name[:2]}}", exist_ok=True)
open(f"{{place}}/objects/{{name[:2]}}/{{name[2:]}}", "wb").write(zlib.compress(whole, 9))
open(f"{{place}}/{{ref}}", "w").write(name + "\n")
END
"#
    );
    stage.run(&agent(&stage, &script), &["--returns", "0"]);
    let log = stage.repo.pm(&["logs"]).ok().out;
    assert!(log.contains("a commit among them has 671"), "{log}");
    let branch = stage.repo.tip("task/T-0001-one-agent-1");
    assert_eq!(branch, stage.repo.tip("main"));
    assert_ne!(stage.item("T-0001"), "in_review");
}

/// Packed branches and stashes are kept, too; others' old commits are not, and what is lost is told.
#[test]
fn s10_what_an_agent_commits_elsewhere_is_kept() {
    let stage = Stage::with_tasks(&["One"]);
    let repo = &stage.repo;
    repo.git(&["switch", "-qc", "side"]).ok();
    repo.write(
        "side.txt", "side
",
    );
    repo.commit_all("side of a human");
    repo.git(&["switch", "-q", "main"]).ok();
    let script = r#"
cat >/dev/null
work() { echo $1 >$1.txt; git add -A; git commit -qm "work $1"; }
git switch -qc packed; work packed; git switch -q -
git switch -qc old; work old; git switch -q -
git pack-refs --all
git switch -qc loose; work loose; git switch -q -
for n in first second; do echo $n >$n.txt; git add -A; git stash push -qm "stash $n"; done
git switch -q --detach; work detached
printf '%040d
' 1 >$D/refs/heads/broken
echo >"$OUT/ready"; while ! test -e "$OUT/on"; do sleep 0.05; done
exit 3
"#;
    let run = stage.start(&agent(&stage, script), &["--returns", "0"]);
    stage.wait_for("ready");
    repo.git(&["branch", "-qD", "side"]).ok();
    stage.tell("on");
    run.end();
    let args = ["for-each-ref", "--format=%(subject)", "refs/pm-local/saved"];
    let saved = repo.git(&args).ok().out;
    let log = repo.pm(&["logs"]).ok().out;
    for work in ["packed", "old", "loose", "detached"] {
        assert!(
            saved.contains(&format!(
                "work {work}
"
            )),
            "{saved}
{log}"
        );
    }
    for stash in ["first", "second"] {
        assert!(
            saved.contains(&format!(
                "stash {stash}
"
            )),
            "{saved}
{log}"
        );
    }
    assert!(!saved.contains("side"), "{saved}");
    assert!(log.contains("on refs/heads/broken are NOT KEPT"), "{log}");
}

/// A branch that is not a plain file is damage with a name.
#[test]
fn s7_a_branch_that_is_a_link_or_a_pipe_is_refused() {
    for make in ["ln -s '$S/key'", "mkfifo"] {
        let stage = Stage::with_tasks(&["One"]);
        let (at, _) = secret(&stage);
        closed(&stage);
        let make = make.replace("$S", &at);
        let script =
            format!("{WORK}\nref=\"$D/$(git symbolic-ref HEAD)\"; rm -f \"$ref\"; {make} \"$ref\"");
        stage.run(&agent(&stage, &script), &["--returns", "0"]);
        let log = stage.repo.pm(&["logs"]).ok().out;
        assert!(log.contains("is not a plain file"), "{make}: {log}");
        assert_ne!(stage.item("T-0001"), "in_review");
    }
}

/// What an agent writes is written by the run, in the agent's name, when it has been told so.
#[test]
fn s3_an_agent_hands_its_writes_over() {
    let stage = Stage::with_tasks(&["One"]);
    stage
        .repo
        .pm(&["task", "edit", "T-0001", "--accept", "works"])
        .ok();
    let common = stage.repo.path.join(".git").canonicalize().unwrap();
    let gate = format!(
        "t=echo x >>'{}/refs/pm/x' && touch '{}/gate-wrote'; test -e T-0001.txt",
        common.display(),
        stage.out.display()
    );
    stage.repo.git(&["config", "pm.gate", &gate]).ok();
    let script = format!(
        r#"{WORK}
git pm finish >"$OUT/early" 2>&1; echo $? >>"$OUT/early"
echo 'a text' | git pm task comment T-0001 -
git pm task accept T-0001 --all
git pm finish >"$OUT/finish" 2>&1; echo $? >>"$OUT/finish"
git pm show T-0001 --json >"$OUT/shown"
"#
    );
    let ran = stage.run(&agent(&stage, &script), &["--returns", "0"]);
    let early = stage.told("early");
    assert!(
        early.contains("acceptance criteria") && early.ends_with("1\n"),
        "{early}"
    );
    let finish = stage.told("finish");
    assert!(
        finish.contains("once its agent has ended") && finish.ends_with("\n0\n"),
        "{finish}\n{}",
        ran.err
    );
    assert!(!stage.out.join("gate-wrote").exists());
    let shown = stage.told("shown");
    assert!(shown.contains("a text"), "{shown}");
    assert_eq!(stage.item("T-0001"), "in_review", "{}", stage.why());
    let log = stage.repo.git(&[
        "log",
        "-1",
        "--format=%an",
        "refs/pm/main",
        "--grep",
        "in review",
    ]);
    assert_eq!(log.text(), "agent-1");
}

/// The name in a request gives no rights, and neither does a request that is made by hand.
#[test]
fn s9_a_request_has_no_other_name() {
    let stage = Stage::with_tasks(&["One"]);
    let script = format!(
        r#"{WORK}
git pm --as Human task comment T-0001 hello >"$OUT/as" 2>&1; echo $? >>"$OUT/as"
env -i PATH="$PATH" git pm --as Human task comment T-0001 hello >"$OUT/bare" 2>&1
R=$D/../../requests; K=00000000000000000000000000000000
printf '{{"args":["--as","Human","task","approve","T-0001"],"cwd":"/","input":"","lines":0}}' >$R/$K.json
while ! test -e "$R/../../$(basename $(realpath $R/..)).answers/$K.json"; do sleep 0.05; done
cp "$R/../../$(basename $(realpath $R/..)).answers/$K.json" "$OUT/raw"
"#
    );
    stage.run(&agent(&stage, &script), &["--returns", "0"]);
    let said = stage.told("as");
    assert!(
        said.contains("cannot act as `Human`") && said.ends_with("\n1\n"),
        "{said}"
    );
    let bare = stage.told("bare");
    assert!(bare.contains("cannot act as `Human`"), "{bare}");
    let raw = stage.told("raw");
    assert!(raw.contains("cannot act as `Human`"), "{raw}");
    assert_eq!(stage.item("T-0001"), "in_review");
    let item = stage.repo.data(&["show", "T-0001"]);
    assert!(item["approval"].is_null(), "{item}");
    assert!(!item.to_string().contains("hello"), "{item}");
}

/// The files that a request names are those that the agent can reach.
#[test]
fn s3_a_request_reads_and_writes_no_file_outside() {
    let stage = Stage::with_tasks(&["One"]);
    let (at, _) = secret(&stage);
    closed(&stage);
    let script = format!(
        r#"{WORK}
ln -s '{at}/key' link
git pm artifact put T-0001 '{at}/key' >"$OUT/said" 2>&1
git pm artifact put T-0001 link >>"$OUT/said" 2>&1
echo text >inside; git pm artifact put T-0001 inside >"$OUT/inside" 2>&1
"#
    );
    stage.run(&agent(&stage, &script), &["--returns", "0"]);
    let list = stage.repo.pm(&["artifact", "list", "T-0001"]).ok().out;
    assert!(list.contains("inside"), "{list}\n{}", stage.told("inside"));
    assert!(!list.contains("key") && !list.contains("link"), "{list}");
    assert!(
        stage.told("said").contains("ermission denied"),
        "{}",
        stage.told("said")
    );
}

/// The hooks inside see what is staged inside; and a fetched rule stops the commit.
#[test]
fn s3_the_guard_holds_in_the_repository_of_a_task() {
    let stage = Stage::with_tasks(&["One"]);
    stage
        .repo
        .pm(&["config", "--shared", "pm.protectedPaths", ".github/"])
        .ok();
    let script = r#"
cat >/dev/null; mkdir .github; echo x >.github/w.yml; git add -A
git commit -qm x >"$OUT/said" 2>&1; echo $? >>"$OUT/said"
"#;
    stage.run(&agent(&stage, script), &["--returns", "0"]);
    let said = stage.told("said");
    assert!(
        said.contains(".github/w.yml") && said.ends_with("\n1\n"),
        "{said}"
    );
}

/// Killed between the write and the answer: it was done once.
#[test]
fn s3_a_request_is_done_once_when_the_run_is_killed() {
    let stage = Stage::with_tasks(&["One"]);
    let script = format!(
        r#"test -e "$OUT/first" || {{ echo >"$OUT/first"; git pm task comment T-0001 once; echo $? >"$OUT/code"; }}
{WORK}"#
    );
    let place = stage.repo.with("GIT_PM_FAULT", "request-done:1:kill");
    let ran = stage
        .start_as(&place, &agent(&stage, &script), &["--merge", "gates"])
        .end();
    assert_ne!(ran.code, 0, "{ran:?}");
    stage.resume().ok();
    let comments = stage.repo.data(&["show", "T-0001"])["comments"].to_string();
    assert_eq!(comments.matches("once").count(), 1, "{comments}");
    stage.all_merged(&["T-0001"]);
}

/// A tool of the MCP server that writes.
#[test]
fn s3_mcp_hands_its_writes_over() {
    let stage = Stage::with_tasks(&["One"]);
    let call = r#"
{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"me","version":"1"}}}
{"jsonrpc":"2.0","method":"notifications/initialized"}
{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"task_create","arguments":{"title":"By MCP"}}}
"#;
    let script = format!(
        r#"{WORK}
{{ cat <<'END'
{}
END
while ! grep -q '"id":1' "$OUT/mcp"; do sleep 0.05; done; }} | git pm mcp >"$OUT/mcp" 2>"$OUT/err"
"#,
        call.trim()
    );
    stage.run(
        &agent(&stage, &script),
        &["--returns", "0", "--only", "T-0001"],
    );
    let told = stage.told("mcp") + &stage.told("err");
    assert!(told.contains("T-0002"), "{told}");
    let item = stage.repo.data(&["show", "T-0002"]);
    assert_eq!(item["created_by"], "agent-1", "{item}");
}

/// The human's commands in the worktree go on to use the shared repository while the agent works.
#[test]
fn s3_a_human_works_beside_the_agent() {
    let stage = Stage::with_tasks(&["One"]);
    let script =
        format!("{WORK}\necho >\"$OUT/ready\"; while ! test -e \"$OUT/on\"; do sleep 0.05; done");
    let run = stage.start(&agent(&stage, &script), &["--returns", "0"]);
    stage.wait_for("ready");
    let there = stage.repo.worktree("T-0001");
    there
        .pm(&["task", "comment", "T-0001", "by the human"])
        .ok();
    there.pm(&["status"]).ok();
    stage.repo.pm(&["status"]).ok();
    stage.repo.pm(&["worktree", "list"]).ok();
    stage.tell("on");
    run.end();
    assert_eq!(stage.item("T-0001"), "in_review", "{}", stage.why());
    let log = stage.repo.data(&["show", "T-0001"]).to_string();
    assert!(log.contains("by the human"), "{log}");
    let status = there.git(&["status", "--porcelain"]).ok().out;
    assert_eq!(status, "");
}

/// Writes requests by hand: `ask ARGUMENTS [INPUT LINES]` prints the answer.
const ASK: &str = r#"
P=$(realpath "$D/../.."); N=0
ask() {
  N=$((N+1)); K=$(printf %032x $N)
  printf '{"args":[%s],"cwd":"%s","input":"%s","lines":%s}' "$1" "$PWD" "$2" "${3:-0}" >"$P/requests/new"
  mv "$P/requests/new" "$P/requests/$K.json"
  while ! test -e "$P.answers/$K.json"; do sleep 0.05; done
  cat "$P.answers/$K.json"; echo; rm "$P/requests/$K.json"
}
"#;

/// What a request starts has the rights of the agent: hooks, filters, and what it names.
#[test]
fn s3_only_git_pm_itself_writes_the_state() {
    let stage = Stage::new();
    stage.repo.write("tools/x.sh", "cat\n");
    stage.repo.write(".gitattributes", "*.x filter=x\n");
    stage.repo.git(&["add", "-A"]).ok();
    stage.repo.git(&["commit", "-qm", "filter"]).ok();
    let clean = ["config", "filter.x.clean", "sh tools/x.sh"];
    stage.repo.git(&clean).ok();
    stage.repo.task("One", &[]);
    let script = format!(
        r#"{ASK}{WORK}
WRITE="grep -q 'NoNewPrivs:.*1' /proc/self/status && {{ echo x >'$C/refs/pm/evil' && echo ref >>'$OUT/open'; echo x >'$C/objects/00/evil' && echo object >>'$OUT/open'; }}; true"
echo one >a.x; git add -A; git commit -qm a
(echo "$WRITE"; echo cat) >tools/x.sh
touch a.x
ask '"finish"' >"$OUT/finish"
echo cat >tools/x.sh
E=$TMPDIR/e.git; git init -q --bare "$E"
printf '#!/bin/sh\n%s\n' "$WRITE" >"$E/hooks/pre-receive"; chmod +x "$E/hooks/pre-receive"
for to in "push\",\"$E" "sync\",\"$E" "start\",\"T-0001" run demo init 'hook","install' gc; do
  ask "\"$to\"" >>"$OUT/said"
done
ask '"keep-processes"' >>"$OUT/keeper"
"#
    );
    stage.run(&agent(&stage, &script), &["--returns", "0"]);
    assert_eq!(stage.told("open"), "");
    assert!(!stage.repo.path.join(".git/refs/pm/evil").exists());
    let said = stage.told("said");
    let refused = said.matches("cannot be done in the sandbox").count();
    assert_eq!((said.lines().count(), refused), (8, 8), "{said}");
    let keeper = stage.told("keeper");
    assert!(keeper.contains("unrecognized subcommand"), "{keeper}");
}

/// The commands that write files run inside, where they cannot reach the state.
#[test]
fn s3_a_request_names_no_file_to_write() {
    let stage = Stage::with_tasks(&["One"]);
    let script = format!(
        r#"{ASK}{WORK}
echo text >f; git pm artifact put T-0001 f >"$OUT/said" 2>&1
H=$(printf %038d 1)
for to in 'man","--install","'$C/refs/pm 'man","--generate","'$C/refs/pm \
  'artifact","get","T-0001","f","--force","-o","'$C/objects/ab/$H 'export","json","'$C/refs/pm/evil \
  'learn","export","'$C/refs/pm/evil 'export","md","'$C/refs/pm/evil 'schema","x'; do
  ask "\"$to\"" >>"$OUT/asked"
done
I='{{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{{\"protocolVersion\":\"2025-06-18\",\"capabilities\":{{}},\"clientInfo\":{{\"name\":\"me\",\"version\":\"\"}}}}}}\n{{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}}\n'
for tool in 'artifact_get\",\"arguments\":{{\"id\":\"T-0001\",\"name\":\"f\",\"file\":\"x\"}}' 'sync\",\"arguments\":{{}}' 'start\",\"arguments\":{{\"id\":\"T-0001\"}}'; do
  ask '"mcp","--tools","all"' "$I"'{{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{{\"name\":\"'"$tool"'}}}}\n' 2 >>"$OUT/called"
done
git pm man --install "$C/refs/pm/evil" >>"$OUT/said" 2>&1
git pm artifact get T-0001 f -o "$C/refs/pm/evil" >>"$OUT/said" 2>&1
git pm artifact get T-0001 f -o got; cat got >"$OUT/got"
find "$C/refs/pm" "$C/objects/ab" -newer f -name '*evil*' -o -name "$H" -o -name '*.1' >"$OUT/found"
"#
    );
    stage.run(&agent(&stage, &script), &["--returns", "0"]);
    assert_eq!(stage.told("got"), "text\n", "{}", stage.told("said"));
    assert_eq!(stage.told("found"), "");
    for (file, number) in [("asked", 7), ("called", 3)] {
        let said = stage.told(file);
        let refused = |line: &&str| line.contains("cannot be done in the sandbox");
        assert_eq!(said.lines().filter(refused).count(), number, "{said}");
    }
}

/// An agent that has handed its work over is alive, so no gate looks at its files yet.
#[test]
fn a6_the_gates_of_a_handed_over_finish_see_its_commit() {
    let stage = Stage::with_tasks(&["One"]);
    let gate = format!(
        r#"t=O='{}'; echo >"$O/looks"; i=0; while ! test -e "$O/good" && test $i -lt 40; do sleep 0.05; i=$((i+1)); done; grep -q EVIL f; r=$?; echo >"$O/looked"; sleep 1; test $r = 1"#,
        stage.out.display()
    );
    stage.repo.git(&["config", "pm.gate", &gate]).ok();
    let script = format!(
        r#"{ASK}cat >/dev/null; echo good >f; cp f "$TMPDIR/good"; echo EVIL >f; cp f "$TMPDIR/evil"
git add -A; git commit -qm evil
{{ while ! test -e "$OUT/looks"; do sleep 0.02; done
cp "$TMPDIR/good" f; echo >"$OUT/good"
while ! test -e "$OUT/looked"; do sleep 0.02; done
cp "$TMPDIR/evil" f; }} &
ask '"finish"' >"$OUT/said"
"#
    );
    let ran = stage.run(&agent(&stage, &script), &["--returns", "0"]);
    let said = stage.told("said");
    assert!(
        said.contains("once its agent has ended"),
        "{said}\n{}",
        ran.err
    );
    assert!(stage.out.join("looked").exists());
    assert_ne!(stage.item("T-0001"), "in_review", "{said}");
}

/// A request has no network: the run exchanges what it changed.
#[test]
fn s3_the_run_exchanges_what_its_agent_hands_over() {
    let scene = crate::support::Scene::new();
    let (hub, repo) = scene.with_hub();
    repo.task("One", &[]);
    repo.pm(&["sync"]).ok();
    let stage = Stage::of(scene, repo);
    let script = format!(
        r#"{WORK}
H='{}'
git pm reserve add src/x --new >"$OUT/reserve" 2>&1; echo $? >>"$OUT/reserve"
git --git-dir "$H" rev-parse refs/pm/main >"$OUT/there"; git rev-parse refs/pm/main >"$OUT/here"
git pm msg send --to Ana hello >"$OUT/msg" 2>&1; echo $? >>"$OUT/msg"
git --git-dir "$H" rev-parse refs/pm/main >>"$OUT/there"; git rev-parse refs/pm/main >>"$OUT/here"
git pm task comment T-0001 hello >"$OUT/comment" 2>&1; echo $? >>"$OUT/comment"
git pm msg inbox >"$OUT/inbox" 2>&1; echo $? >>"$OUT/inbox"
git pm gc >"$OUT/gc" 2>&1; echo $? >>"$OUT/gc"
git pm finish >"$OUT/finish" 2>&1; echo $? >>"$OUT/finish"
"#,
        hub.path.canonicalize().unwrap().display()
    );
    stage.run(&agent(&stage, &script), &["--returns", "0"]);
    for file in ["reserve", "msg", "comment", "inbox", "finish"] {
        let said = stage.told(file);
        assert!(said.ends_with("\n0\n"), "{file}: {said}");
        for bad in [
            "not synced",
            "only; `git pm sync`",
            "not be marked",
            "denied",
            "not pushed",
        ] {
            assert!(!said.contains(bad), "{file}: {said}");
        }
    }
    let gc = stage.told("gc");
    assert!(
        gc.contains("cannot be done in the sandbox") && gc.ends_with("\n1\n"),
        "{gc}"
    );
    assert_eq!(stage.told("there"), stage.told("here"));
    assert_eq!(stage.item("T-0001"), "in_review", "{}", stage.why());
    let branch = stage.repo.tip("task/T-0001-one-agent-1");
    assert_eq!(hub.tip("task/T-0001-one-agent-1"), branch);
}

/// The reservation of its task does not keep an agent from branches of its own.
#[test]
fn s3_an_agent_commits_on_branches_of_its_own() {
    let stage = Stage::new();
    stage.repo.task("One", &["--path", "src/**"]);
    let script = format!(
        r#"{WORK}
git switch -q -c side; mkdir -p src; echo s >src/s
git add -A; git commit -qm side >"$OUT/said" 2>&1; echo $? >>"$OUT/said"
git switch -q -
"#
    );
    stage.run(&agent(&stage, &script), &["--returns", "0"]);
    let said = stage.told("said");
    assert!(said.ends_with("0\n"), "{said}");
    assert_eq!(stage.item("T-0001"), "in_review", "{}", stage.why());
}
