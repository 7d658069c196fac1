//! Attacks: what decides a merge is read once, and belongs to one commit (a3 to a6, a8, s10).

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::merge::{finished_with, refused_unmoved};
use crate::run::stage::{Stage, WORK, until};
use crate::support::{Ran, Repo, agent, binary, set_up};

const GATES: [&str; 2] = ["--merge", "gates"];

/// What somebody changes in a repository.
type Change<'a> = dyn Fn(&Repo) + 'a;

/// Works once the file `go` is there.
fn when_told(work: &str) -> String {
    format!(
        "touch \"$OUT/began-$GIT_PM_TASK\"\nwhile ! test -e \"$OUT/go\"; do sleep 0.02; done\n{work}"
    )
}

/// A run that merges by gates, in the middle of which a change is made.
#[track_caller]
fn run_with(stage: &Stage, more: &[&str], change: impl FnOnce(&Repo)) -> Ran {
    let run = stage.start(&when_told(WORK), &[&GATES[..], more].concat());
    until("its agent", || {
        stage.out.join("began-T-0001").exists().then_some(())
    });
    change(&stage.repo);
    stage.tell("go");
    run.end()
}

/// Requires that the work of a task waits for a human, and that its status says why.
#[track_caller]
fn waits(stage: &Stage, id: &str, reasons: &[&str]) {
    assert_eq!(stage.item(id), "in_review", "{}", stage.why());
    let reason = stage.task(id)["reason"].to_string();
    for said in reasons {
        assert!(reason.contains(said), "{said}: {reason}");
    }
}

#[test]
fn a2_a_policy_that_is_raised_during_a_run_merges_nothing() {
    let stage = Stage::new();
    stage.repo.task("First", &["--auto-policy", "develop"]);
    stage.repo.task("Second", &["--auto-policy", "none"]);
    let main = stage.repo.tip("main");
    run_with(&stage, &[], |repo| {
        for id in ["T-0001", "T-0002"] {
            repo.pm(&["task", "edit", id, "--auto-policy", "review"])
                .ok();
        }
    })
    .exits(1);
    assert_eq!(stage.repo.tip("main"), main, "{}", stage.why());
    waits(
        &stage,
        "T-0001",
        &["auto_policy was `develop` and is now `review`"],
    );
    assert_ne!(stage.item("T-0002"), "done");
    assert!(!stage.out.join("began-T-0002").exists(), "it was started");
}

#[test]
fn a3_a_run_merges_into_the_target_that_it_was_started_for() {
    let stage = Stage::new();
    stage.repo.pm(&["epic", "create", "Risky"]).ok();
    stage.repo.pm(&["epic", "start", "E-0001"]).ok();
    stage.repo.task("First", &["--epic", "E-0001"]);
    let epic = stage.repo.data(&["show", "E-0001"])["branch"].clone();
    let epic = epic.as_str().unwrap();
    let before = [stage.repo.tip("main"), stage.repo.tip(epic)];
    run_with(&stage, &["--epic", "E-0001"], |repo| {
        repo.pm(&["task", "edit", "T-0001", "--epic", ""]).ok();
    });
    assert_eq!([stage.repo.tip("main"), stage.repo.tip(epic)], before);
    waits(
        &stage,
        "T-0001",
        &[&format!("target was `{epic}` and is now `main`")],
    );
}

/// The same where a human approved the work for the epic's branch, and merges it without naming another.
#[test]
fn a3_approved_work_is_merged_into_the_target_it_was_approved_for() {
    let (_scene, repo) = set_up();
    repo.pm(&["epic", "create", "Risky"]).ok();
    repo.pm(&["epic", "start", "E-0001"]).ok();
    let id = repo.task("First", &["--epic", "E-0001"]);
    finished_with(&repo, &id, "b.txt", "good\n");
    repo.pm(&["task", "approve", &id]).ok();
    repo.pm(&["task", "edit", &id, "--epic", ""]).ok();
    let said = "was approved for epic/risky, not for main";
    refused_unmoved(&repo, &["merge", &id], said);
    refused_unmoved(&repo, &["merge", "--queue"], "");
    repo.pm(&["task", "approve", &id]).ok();
    repo.pm(&["merge", &id]).ok();
}

/// Gates, protected paths, and the file on the target are those of the start of a run, too.
#[test]
fn a2_a_rule_that_changes_during_a_run_stops_its_merges() {
    let changes: [(&str, &Change<'_>, [&str; 2]); 3] = [
        (
            "pm.gate",
            &|repo| drop(repo.git(&["config", "pm.gate", "t=true # now"]).ok()),
            ["`t=true`", "`t=true # now`"],
        ),
        (
            "pm.protectedPaths",
            &|repo| drop(repo.git(&["config", "pm.protectedPaths", "none"]).ok()),
            ["infra/", "`none`"],
        ),
        (
            ".pm.toml",
            &|repo| {
                repo.write(".pm.toml", "[gates]\n");
                repo.commit_all("Gates");
            },
            ["was `none`", "and is now `"],
        ),
    ];
    for (name, change, values) in changes {
        let stage = Stage::with_tasks(&["First"]);
        stage.repo.git(&["config", "pm.gate", "t=true"]).ok();
        stage
            .repo
            .git(&["config", "pm.protectedPaths", ".github/ infra/ secrets/"])
            .ok();
        run_with(&stage, &[], |repo| change(repo)).exits(1);
        waits(&stage, "T-0001", &[name, values[0], values[1]]);
        let files = stage.repo.git(&["ls-tree", "--name-only", "main"]).ok().out;
        assert!(!files.contains("T-0001.txt"), "{name}: {files}");
    }
}

#[test]
fn a2_a_task_that_is_added_during_a_run_waits_for_a_human() {
    let stage = Stage::with_tasks(&["First"]);
    run_with(&stage, &[], |repo| {
        repo.task("Second", &[]);
    })
    .exits(1);
    assert_eq!(stage.item("T-0001"), "done", "{}", stage.why());
    waits(
        &stage,
        "T-0002",
        &["T-0002 was not there when a human started the run"],
    );
}

/// The file in the clone and the record of the run have to agree.
#[test]
fn a2_what_a_run_has_pinned_is_kept_until_it_is_continued() {
    let stage = Stage::new();
    stage.repo.task("First", &["--auto-policy", "develop"]);
    // The killed run's agent may have committed.
    let work = "cat >/dev/null; echo x >T-0001.txt; git add -A\n\
                git diff --cached --quiet || git commit -qm w";
    let run = stage.start(&when_told(work), &GATES);
    until("its agent", || {
        stage.out.join("began-T-0001").exists().then_some(())
    });
    run.kill();
    let pm = stage.repo.path.join(".git/pm/runs");
    let mut folders = std::fs::read_dir(&pm)
        .unwrap()
        .flatten()
        .map(|one| one.path());
    let file = folders.find_map(|one| Some(one.join("options.json")).filter(|file| file.exists()));
    let (file, main) = (file.unwrap(), stage.repo.tip("main"));
    let text = std::fs::read_to_string(&file).unwrap();
    stage
        .repo
        .pm(&["task", "edit", "T-0001", "--auto-policy", "review"])
        .ok();
    std::fs::write(&file, text.replace("\"develop\"", "\"review\"")).unwrap();
    stage.tell("go");
    let refused = stage.resume().exits(1);
    assert!(
        refused.err.contains("what decides the merges of"),
        "{}",
        refused.err
    );
    std::fs::write(&file, text).unwrap();
    stage.resume().exits(1);
    assert_eq!(stage.repo.tip("main"), main);
    waits(
        &stage,
        "T-0001",
        &["auto_policy was `develop` and is now `review`"],
    );
}

/// Approvals: a change of what else decided stops the merge, with both values; another approval helps.
#[test]
fn a4_a_rule_that_changes_after_an_approval_stops_the_merge() {
    let gate =
        |text: &'static str| move |repo: &Repo| drop(repo.git(&["config", "pm.gate", text]).ok());
    let changes: [(&str, Box<Change<'static>>); 4] = [
        ("pm.gate was `SHA-256 ", Box::new(gate("t=true # now"))),
        (
            "pm.protectedPaths was `.github/",
            Box::new(|repo| drop(repo.pm(&["config", "pm.protectedPaths", "none"]).ok())),
        ),
        (
            ".pm.toml was `none` and is now `",
            Box::new(|repo| {
                repo.write(".pm.toml", "[gates]\n");
                repo.commit_all("Gates");
            }),
        ),
        (
            "auto_policy was `not set` and is now `review`",
            Box::new(|repo| {
                drop(
                    repo.pm(&["task", "edit", "T-0001", "--auto-policy", "review"])
                        .ok(),
                )
            }),
        ),
    ];
    for (said, change) in changes {
        let (_scene, repo) = set_up();
        gate("t=true")(&repo);
        repo.pm(&["config", "pm.protectedPaths", ".github/ infra/"])
            .ok();
        let id = repo.task("First", &[]);
        finished_with(&repo, &id, "b.txt", "good\n");
        repo.pm(&["task", "approve", &id]).ok();
        change(&repo);
        let refused = refused_unmoved(&repo, &["merge", &id], said);
        assert!(refused.err.contains("task approve"), "{}", refused.err);
        refused_unmoved(&repo, &["merge", "--queue"], "");
        repo.pm(&["task", "approve", &id]).ok();
        repo.pm(&["merge", &id]).ok();
    }
}

#[test]
fn a4_a_branch_that_changes_the_rules_waits_and_the_rules_stay() {
    let stage = Stage::new();
    stage
        .repo
        .write(".pm.toml", "[gates]\ntest = \"! grep -rq EVIL src\"\n");
    stage.repo.commit_all("Gates");
    stage.repo.pm(&["trust", "--yes"]).ok();
    stage.repo.task("First", &[]);
    stage.repo.task("Second", &[]);
    stage
        .repo
        .pm(&["dep", "add", "T-0002", "T-0001", "--soft"])
        .ok();
    let script = "cat >/dev/null\nif test $GIT_PM_TASK = T-0001; then rm .pm.toml; \
                  else echo EVIL >>src/auth.rs; fi\ngit add -A; git commit -qm w";
    let main = stage.repo.tip("main");
    stage
        .run(script, &[&GATES[..], &["--returns", "0"]].concat())
        .exits(1);
    assert_eq!(stage.repo.tip("main"), main, "{}", stage.why());
    waits(&stage, "T-0001", &["changes .pm.toml"]);
    assert_eq!(stage.task("T-0002")["status"], "failed", "{}", stage.why());
    let why = stage.task("T-0002")["reason"].to_string();
    assert!(why.contains("the gate `test` failed"), "{why}");
}

#[test]
fn a4_a_branch_that_changes_a_file_that_a_gate_names_waits() {
    let stage = Stage::with_tasks(&["First"]);
    stage.repo.write("ci/check.sh", "! grep -rq EVIL src\n");
    stage.repo.commit_all("Check");
    stage
        .repo
        .git(&["config", "pm.gate", "test=cd ci/.. && sh ./ci/check.sh"])
        .ok();
    let main = stage.repo.tip("main");
    let script = "cat >/dev/null; echo true >ci/check.sh; echo EVIL >>src/auth.rs\n\
                  git add -A; git commit -qm w";
    stage.run(script, &GATES).exits(1);
    assert_eq!(stage.repo.tip("main"), main, "{}", stage.why());
    waits(
        &stage,
        "T-0001",
        &["changes ci/check.sh, which decides what the gates check"],
    );
}

/// Work can leave the target at two commits, of which each has a part of what it undoes.
#[test]
fn a4_what_work_undoes_on_the_target_is_seen() {
    // What a path decides is told first, and the findings of the review if no path does.
    for (path, said) in [("infra/main.tf", "infra/main.tf"), ("docs/a.md", "`link`")] {
        undone(path, said);
    }
}

fn undone(path: &str, said: &str) {
    let stage = Stage::with_tasks(&["First"]);
    let repo = &stage.repo;
    repo.write(path, "open\n");
    std::os::unix::fs::symlink("/etc/passwd", repo.path.join("link")).unwrap();
    repo.commit_all("Before");
    repo.git(&["switch", "-qc", "harden"]).ok();
    repo.write(path, "closed\n");
    std::fs::remove_file(repo.path.join("link")).unwrap();
    repo.commit_all("Harden");
    repo.git(&["switch", "-q", "main"]).ok();
    repo.write("other.txt", "x\n");
    repo.commit_all("Other");
    repo.git(&["merge", "-q", "--no-edit", "harden"]).ok();
    let main = repo.tip("main");
    let script = "cat >/dev/null; a=$(git rev-parse HEAD^1); b=$(git rev-parse HEAD^2)\n\
                  git reset -q --hard $a; echo x >>src/auth.rs; git add -A; t=$(git write-tree)\n\
                  git reset -q --hard $(git commit-tree $t -p $a -p $b -m Work)";
    stage.run(script, &GATES).exits(1);
    assert_eq!(repo.tip("main"), main, "{}", stage.why());
    waits(&stage, "T-0001", &[said]);
}

/// `finish --merge` is no look at the work; `merge` after a human's approval is.
#[test]
fn a4_guarded_files_and_protected_paths_are_not_merged_on_the_way() {
    for path in [".pm.toml", "ci/check.sh", "infra/main.tf"] {
        let (_scene, repo) = set_up();
        repo.write("ci/check.sh", "true\n");
        repo.commit_all("Check");
        repo.git(&["config", "pm.gate", "test=sh ci/check.sh"]).ok();
        let id = repo.task("First", &[]);
        repo.pm(&["start", &id]).ok();
        let place = repo.worktree(&id);
        place.write(path, "# changed\n");
        place.git(&["add", "-A"]).ok();
        place.git(&["commit", "-qm", "Work", "--no-verify"]).ok();
        let said = format!("a human has to approve it, as it changes {path}");
        let refused = refused_unmoved(&repo, &["finish", &id, "--merge"], &said);
        assert!(
            refused.err.contains("git pm task approve"),
            "{}",
            refused.err
        );
        refused_unmoved(&repo, &["merge", "--queue"], "");
        repo.pm(&["task", "approve", &id]).ok();
        repo.pm(&["merge", "--queue"]).ok();
        assert_eq!(repo.data(&["show", &id])["status"], "done");
    }
}

/// A protected path waits in every mode: in a run, in the queue after a run that was killed, and in
/// `lfg`.
#[test]
fn a4_a_protected_path_waits_in_every_mode() {
    let stage = Stage::with_tasks(&["First"]).without_sandbox();
    // Another clone's files may have no case.
    let script = "cat >/dev/null; mkdir -p Infra; echo x >Infra/a.tf; git add -A\n\
                  git commit -qm w --no-verify";
    let main = stage.repo.tip("main");
    stage.run(script, &GATES).exits(1);
    waits(&stage, "T-0001", &["Infra/a.tf"]);
    refused_unmoved(&stage.repo, &["merge", "--queue"], "");
    refused_unmoved(&stage.repo, &["merge", "T-0001"], "in review");
    assert_eq!(stage.repo.tip("main"), main);

    let stage = crate::run::full::stage().without_sandbox();
    let script = format!(
        "mkdir -p infra; echo x >infra/$GIT_PM_TASK.tf; git add -A; git commit -qm x --no-verify\n{}",
        crate::run::full::WORK
    );
    let main = stage.repo.tip("main");
    let ran = crate::run::full::go(&stage, &script, &crate::run::full::YOLO);
    assert_ne!(ran.code, 0, "{}", ran.out);
    assert_eq!(stage.repo.tip("main"), main, "{}", ran.out);
}

/// What gates have approved and a killed run has not merged: another gate, or a path that became
/// protected, stops whoever merges it.
#[test]
fn a4_what_only_gates_have_approved_rests_on_the_gates_and_paths_of_then() {
    for (key, value, said) in [
        ("pm.gate", "t=true # now", "pm.gate was `SHA-256 "),
        (
            "pm.protectedPaths",
            "T-0001.txt",
            "a human has to approve it, as it changes T-0001.txt",
        ),
    ] {
        let stage = Stage::with_tasks(&["First"]);
        stage.repo.git(&["config", "pm.gate", "t=true"]).ok();
        let with = stage.agent(WORK);
        let dying = stage.repo.with("GIT_PM_FAULT", "run-approved:1:kill");
        let args = ["run", "--with", &with, "--merge", "gates"];
        stage.start_command(&dying, &args).end();
        assert_eq!(stage.item("T-0001"), "ready_for_integration");
        stage.repo.git(&["config", key, value]).ok();
        refused_unmoved(&stage.repo, &["merge", "T-0001"], said);
        refused_unmoved(&agent(&stage.repo), &["merge", "--queue"], "");
        stage.repo.git(&["config", "--unset", key]).ok();
        stage.repo.git(&["config", "pm.gate", "t=true"]).ok();
        stage.repo.pm(&["merge", "T-0001"]).ok();
    }
}

#[test]
fn a5_trust_is_of_what_was_shown() {
    let (_scene, repo) = set_up();
    repo.write(".pm.toml", "[gates]\ntest = \"true\"\n");
    let mut shown = repo
        .command("script")
        .args(["-qec", &format!("'{}' trust", binary()), "/dev/null"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut said, mut out) = (String::new(), shown.stdout.take().unwrap());
    while !said.contains("Trust these commands") {
        let mut byte = [0];
        out.read_exact(&mut byte).expect(&said);
        said.push(char::from(byte[0]));
    }
    repo.write(".pm.toml", "[gates]\ntest = \"touch PWN\"\n");
    shown.stdin.take().unwrap().write_all(b"y\n").unwrap();
    out.read_to_string(&mut said).unwrap();
    assert_eq!(shown.wait().unwrap().code(), Some(3), "{said}");
    assert!(said.contains("was changed after it was shown"), "{said}");
    assert_eq!(repo.data(&["trust"])["trusted"], false);
    // What was shown is what is trusted.
    repo.write(".pm.toml", "[gates]\ntest = \"true\"\n");
    assert_eq!(repo.data(&["trust"])["trusted"], true);
}

/// A child of a commit with one more file, by plumbing.
fn child_of(repo: &Repo, commit: &str) -> String {
    let blob = repo
        .feed("git", &["hash-object", "-w", "--stdin"], "EVIL\n")
        .text();
    let tree = repo.git(&["ls-tree", commit]).ok().out;
    let tree = format!("{tree}100644 blob {blob}\tevil\n");
    let tree = repo.feed("git", &["mktree"], &tree).ok().text();
    repo.git(&["commit-tree", &tree, "-p", commit, "-m", "e"])
        .ok()
        .text()
}

#[test]
fn a6_gates_passed_by_another_commit_submit_nothing() {
    let (scene, repo) = set_up();
    let (began, go) = (scene.dir.path().join("began"), scene.dir.path().join("go"));
    let gate = format!(
        "test=touch '{}'; while ! test -e '{}'; do sleep 0.02; done",
        began.display(),
        go.display()
    );
    repo.git(&["config", "pm.gate", &gate]).ok();
    let id = repo.task("First", &[]);
    repo.pm(&["start", &id]).ok();
    let place = repo.worktree(&id);
    place.write("b.txt", "good\n");
    place.commit_all("Work");
    let tip = place.tip("HEAD");
    let branch = place.git(&["symbolic-ref", "HEAD"]).text();
    let moves: [(&str, &dyn Fn()); 4] = [
        ("branch", &|| {
            place
                .git(&["update-ref", &branch, &child_of(&place, &tip)])
                .ok();
        }),
        ("head", &|| {
            place.git(&["checkout", "-q", "--detach", "HEAD~1"]).ok();
        }),
        ("file", &|| place.write("b.txt", "other\n")),
        ("hidden file", &|| {
            place
                .git(&["update-index", "--assume-unchanged", "b.txt"])
                .ok();
            place.write("b.txt", "other\n");
        }),
    ];
    for (what, change) in moves {
        let finish = repo.spawn(&["finish", &id]);
        until("the gate", || began.exists().then_some(()));
        change();
        std::fs::write(&go, "").unwrap();
        let refused = crate::support::wait_all(vec![finish]).remove(0).exits(1);
        assert!(refused.err.contains(&tip[..10]), "{what}: {}", refused.err);
        if matches!(what, "branch" | "head") {
            let is = place.tip("HEAD");
            assert!(refused.err.contains(&is[..10]), "{what}: {}", refused.err);
        }
        let item = repo.data(&["show", &id]);
        assert_eq!(item["status"], "in_progress", "{what}");
        place.git(&["symbolic-ref", "HEAD", &branch]).ok();
        place.git(&["read-tree", &tip]).ok();
        place.git(&["reset", "-q", "--hard", &tip]).ok();
        std::fs::remove_file(&began).unwrap();
        std::fs::remove_file(&go).unwrap();
    }
    std::fs::write(&go, "").unwrap();
    repo.pm(&["finish", &id]).ok();
    let document = crate::approval::document(&repo, &id);
    assert!(document.contains(&tip), "{document}");
}

#[test]
fn a8_a_tip_that_was_not_submitted_is_approved_by_its_id_only() {
    let (_scene, repo) = set_up();
    let id = repo.task("First", &["--path", "src/**"]);
    let place = finished_with(&repo, &id, "src/b.rs", "good\n");
    let submitted = place.tip("HEAD");
    place.write("src/b.rs", "EVIL\n");
    place.commit_all("e");
    let now = place.tip("HEAD");
    let line = format!("{{\"op\":\"task.approve\",\"id\":\"{id}\"}}\n");
    for refused in [
        repo.pm(&["task", "approve", &id]).exits(1),
        repo.feed(binary(), &["batch"], &line),
    ] {
        assert_ne!(refused.code, 0);
        let said = refused.out.clone() + &refused.err;
        assert!(said.contains(&submitted[..10]), "{said}");
        assert!(said.contains(&now[..10]), "{said}");
    }
    let refused = repo.pm(&["task", "approve", &id]).exits(1);
    let next = format!("git pm task approve {id} --commit {}", &now[..10]);
    assert!(refused.err.contains(&next), "{}", refused.err);
    refused_unmoved(&agent(&repo), &["merge", &id], "in review");
    let document = crate::approval::document(&repo, &id);
    assert!(document.contains(&submitted), "{document}");
    repo.pm(&["task", "approve", &id, "--commit", &now[..10]])
        .ok();
    agent(&repo).pm(&["merge", &id]).ok();
}

/// The same for a status that was set without a submission.
#[test]
fn a8_work_that_nobody_submitted_is_approved_by_its_id_only() {
    let (_scene, repo) = set_up();
    let id = repo.pm(&["issue", "q", "Bug"]).ok().text();
    agent(&repo).pm(&["start", &id]).ok();
    let place = repo.worktree(&id);
    place.write("b.txt", "good\n");
    place.commit_all("Work");
    agent(&repo)
        .pm(&["issue", "update", &id, "--status", "in_review"])
        .ok();
    let refused = repo.pm(&["task", "approve", &id]).exits(1);
    assert!(refused.err.contains("no commit of"), "{}", refused.err);
    repo.pm(&["task", "approve", &id, "--commit", &place.tip("HEAD")])
        .ok();
}

fn loose(repo: &Repo, id: &str) -> PathBuf {
    let objects: &Path = &repo.path.join(".git/objects");
    objects.join(&id[..2]).join(&id[2..])
}

/// Stores the tree of another commit under the name of that of `commit`, and returns the content.
fn forge(repo: &Repo, commit: &str) -> (PathBuf, Vec<u8>) {
    let evil = child_of(repo, commit);
    let [name, other] = [commit, &evil].map(|one| repo.tip(&format!("{one}^{{tree}}")));
    let file = loose(repo, &name);
    let kept = std::fs::read(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    std::fs::copy(loose(repo, &other), &file).unwrap();
    (file, kept)
}

#[test]
fn s10_another_tree_under_an_approved_name_is_merged_by_nobody() {
    let modes: [&[&str]; 6] = [
        &["merge", "T-0001"],
        &["merge", "T-0001", "--strategy", "merge"],
        &["merge", "T-0001", "--strategy", "rebase"],
        &["merge", "T-0001", "--gates"],
        &["merge", "--queue"],
        &["finish", "T-0001", "--merge"],
    ];
    for mode in modes {
        let (_scene, repo) = set_up();
        repo.git(&["config", "pm.gate", "t=true"]).ok();
        let id = repo.task("First", &[]);
        let (work, place) = crate::approval::worked(&repo, "task", "b.txt");
        assert_eq!((id.as_str(), work.as_str()), ("T-0001", "T-0002"));
        repo.pm(&["finish", &work]).ok();
        repo.pm(&["task", "approve", &work]).ok();
        let (file, kept) = forge(&repo, &place.tip("HEAD"));
        let mode: Vec<&str> = mode
            .iter()
            .map(|arg| if *arg == id { &work } else { *arg })
            .collect();
        refused_unmoved(&repo, &mode, "does not match its name");
        std::fs::remove_file(&file).unwrap();
        std::fs::write(&file, kept).unwrap();
        repo.pm(&mode).ok();
        let files = repo.git(&["ls-tree", "--name-only", "main"]).ok().out;
        assert!(!files.contains("evil"), "{mode:?}: {files}");
    }
}

/// The tree is another one while the merge is made and its gates run, and the true one afterwards.
#[test]
fn s10_a_tree_that_is_put_back_during_the_gates_is_not_merged() {
    let (scene, repo) = set_up();
    let (id, place) = crate::approval::approved(&repo, "task", "b.txt");
    let (file, kept) = forge(&repo, &place.tip("HEAD"));
    let true_one = scene.dir.path().join("true");
    std::fs::write(&true_one, kept).unwrap();
    let gate = format!("t=cp -f '{}' '{}'", true_one.display(), file.display());
    repo.git(&["config", "pm.gate", &gate]).ok();
    repo.pm(&["task", "approve", &id]).ok();
    refused_unmoved(&repo, &["merge", &id, "--gates"], "");
    repo.pm(&["merge", &id, "--gates"]).ok();
    let files = repo.git(&["ls-tree", "--name-only", "main"]).ok().out;
    assert!(!files.contains("evil"), "{files}");
}

#[test]
fn s6_a_submodule_that_an_agent_adds_waits_for_a_human() {
    let stage = Stage::with_tasks(&["First"]);
    let script = "cat >/dev/null; git update-index --add --cacheinfo 160000,$(git rev-parse HEAD),sub\n\
                  git commit -qm w";
    let main = stage.repo.tip("main");
    stage.run(script, &GATES).exits(1);
    assert_eq!(stage.repo.tip("main"), main, "{}", stage.why());
    assert_ne!(stage.item("T-0001"), "done");
}

/// A human who cuts the history off, or redacts, has not looked at what is in doubt.
#[test]
fn a1_a_cut_or_redaction_gives_nothing_in_doubt_authority() {
    use crate::approval::{provenance::approving, worked};
    use crate::store::signing::with_key;
    use crate::support::{Scene, forge};
    let cut: &[&str] = &["gc", "--new-generation", "--yes"];
    let redact: &[&str] = &["redact", "--text", "--yes", "SECRETX"];
    for (raise, signed) in [(cut, false), (redact, false), (redact, true)] {
        let scene = Scene::new();
        let (_hub, ana) = scene.with_hub();
        with_key(&scene, &ana, "ana");
        let shared = |key: &str, value: &str| ana.pm(&["config", "--shared", key, value]).ok();
        if signed {
            shared("pm.sign", "true");
        }
        shared("pm.approval", "strict");
        shared("pm.protectedPaths", "deploy/ core/");
        ana.task("holds SECRETX", &[]);
        let [(id, place), (held, other)] =
            ["evil.txt", "held.txt"].map(|file| worked(&agent(&ana).by("bot"), "task", file));
        place.pm(&["finish", &id]).ok();
        other.pm(&["finish", &held]).ok();
        // Where signatures are required, the forger knows what to state.
        let message = match signed {
            true => "task approve: x\n\nPM-Op: task approve\nPM-Actor: Ana",
            false => "x",
        };
        for (id, place, blocked) in [(&id, &place, false), (&held, &other, true)] {
            let mut text = approving(&ana, id, &place.tip("HEAD"));
            if blocked {
                let (ready, before) = ("status: ready_for_integration\n", "status_before: ");
                let stop = format!("status: blocked\n{before}ready_for_integration\n");
                text = text.replace(ready, &stop);
            }
            forge::put_as(&ana, &forge::path_of(&ana, id), &text, &["-m", message]);
        }
        let pm = forge::read(&ana, "pm.yaml");
        let loose = pm.replace("value: strict", "value: advisory");
        let loose = loose.replacen("    by:", "    removed: true\n    by:", 1);
        assert_ne!(
            loose,
            pm.replace("value: strict", "value: advisory"),
            "{pm}"
        );
        forge::put_as(&ana, "pm.yaml", &loose, &["-m", "x"]);
        let said = ana.pm(raise).ok();
        let said = format!("{}{}", said.out, said.err);
        for id in [&id, &held] {
            assert!(
                said.contains(&format!("the approval of {id} does not count")),
                "{said}"
            );
            let item = ana.data(&["show", id]);
            assert!(item["approval"].is_null(), "{item}");
        }
        assert!(
            said.contains("pm.approval") && said.contains("pm.protectedPaths"),
            "{said}"
        );
        assert_eq!(ana.data(&["show", &id])["status"], "in_review");
        assert_eq!(ana.data(&["show", &held])["status"], "blocked");
        let paths = ana.data(&["config", "pm.protectedPaths"])["value"].to_string();
        assert!(
            paths.contains("deploy/") && paths.contains("core/"),
            "{paths}"
        );
        assert!(forge::read(&ana, "pm.yaml").contains("value: strict"));
        let doctor = ana.pm(&["doctor"]);
        assert!(!doctor.out.contains("still applies"), "{}", doctor.out);
        let parents = ana.git(&["rev-list", "--parents", "-1", "refs/pm/main"]);
        assert_eq!(parents.text().split(' ').count(), 1, "{parents:?}");
        ana.pm(&["task", "unblock", &held]).ok();
        for id in [&id, &held] {
            refused_unmoved(&ana, &["merge", id], "in review");
            refused_unmoved(&agent(&ana), &["merge", id], "in review");
        }
    }
}

/// Approvals that count are as good as before, and a budget in doubt is a human's to set.
#[test]
fn a1_a_cut_keeps_approvals_that_count_and_waits_for_a_budget_in_doubt() {
    use crate::approval::approved;
    use crate::support::forge;
    let (_scene, repo) = set_up();
    let (id, _) = approved(&repo, "task", "a.txt");
    repo.pm(&["budget", "set", "--day", "10"]).ok();
    let pm = forge::read(&repo, "pm.yaml");
    let more = pm.replace("micro_usd: 10000000", "micro_usd: 99000000");
    assert_ne!(more, pm);
    forge::put_as(&repo, "pm.yaml", &more, &["-m", "x"]);
    let before = repo.tip("refs/pm/main");
    let cut: &[&str] = &["gc", "--new-generation", "--yes"];
    let refused = repo.pm(cut).exits(1);
    assert!(refused.err.contains("git pm budget set"), "{}", refused.err);
    assert_eq!(repo.tip("refs/pm/main"), before);
    repo.pm(&["budget", "set", "--day", "5"]).ok();
    repo.pm(cut).ok();
    repo.pm(&["merge", &id]).ok();
}
