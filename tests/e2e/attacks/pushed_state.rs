//! Attacks: forged commits of a pushed state, and an agent's own pushes (f1, f2, a4, a8).

use crate::support::*;

/// Ana's clone with approved work below an epic, and another clone that has seen it.
fn approved_below_an_epic() -> (Scene, Repo, Repo) {
    let scene = Scene::new();
    let (hub, ana) = scene.with_hub();
    ana.pm(&["epic", "create", "Epic"]).ok();
    ana.task("First", &["--epic", "E-0001"]);
    ana.pm(&["start", "T-1"]).ok();
    let there = ana.worktree("T-1");
    there.write("own", "x\n");
    there.commit_all("own");
    there.pm(&["finish"]).ok();
    ana.pm(&["task", "approve", "T-1"]).ok();
    ana.pm(&["sync"]).ok();
    let mal = scene.clone_of(&hub, "mal", "Mal");
    mal.pm(&["sync"]).ok();
    (scene, ana, mal)
}

/// A document without the lines that begin with one of these.
fn without(text: &str, names: &[&str]) -> String {
    let begins = |line: &&str| names.iter().any(|name| line.trim_start().starts_with(name));
    let lines = text.lines().filter(|line| !begins(line));
    lines.map(|line| format!("{line}\n")).collect()
}

#[test]
fn a8_a_plain_commit_lifts_no_stop_above_approved_work() {
    let (_scene, ana, mal) = approved_below_an_epic();
    let bot = agent(&ana).by("bot");
    ana.pm(&["task", "block", "E-0001", "a hole"]).ok();
    ana.pm(&["sync"]).ok();
    mal.pm(&["sync"]).ok();
    let path = forge::path_of(&mal, "E-0001");
    let stopped = forge::read(&mal, &path).replace("status: blocked", "status: open");
    let lifted = without(&stopped, &["stopped_by:", "status_before:"]);
    forge::put_as(&mal, &path, &lifted, &["-m", "plain"]);
    mal.git(&["push", "-q", "origin", "refs/pm/main"]).ok();
    ana.pm(&["sync"]).ok();
    assert_eq!(ana.data(&["show", "E-0001"])["status"], "open");
    let ran = bot.pm(&["merge", "T-1"]).exits(1);
    assert!(
        ran.err.contains("a human stopped E-0001 since"),
        "{}",
        ran.err
    );
    // A human's own command resumes it.
    ana.pm(&["task", "block", "E-0001", "again"]).ok();
    ana.pm(&["task", "unblock", "E-0001"]).ok();
    bot.pm(&["merge", "T-1"]).ok();
}

/// A list or a record in the place of a value would win the join, whatever its stamp.
#[test]
fn f1_a_value_of_another_shape_overrides_no_decision_of_a_human() {
    let decisions: [(&[&str], &str); 3] = [
        (&["task", "block", "E-0001", "x"], "blocked"),
        (
            &["task", "cancel", "E-0001", "--reason", "x", "--force"],
            "cancelled",
        ),
        (&["task", "edit", "E-0001", "--title", "Human"], ""),
    ];
    for (decision, status) in decisions {
        let (_scene, ana, mal) = approved_below_an_epic();
        let path = forge::path_of(&mal, "E-0001");
        let known = forge::read(&mal, &path);
        let lists = "title: [a]\nstatus: [a]\nstopped_by: [a]\nstatus_before: [a]\nestimate: {a: {b: 1}}\nbirth:";
        let forged = without(&known, &["title:", "status:"]).replacen("birth:", lists, 1);
        forge::put_as(&mal, &path, &forged, &["-m", "plain"]);
        mal.git(&["push", "-q", "origin", "refs/pm/main"]).ok();
        if status == "blocked" {
            // Without a concurrent version to keep, the stop cannot be told: nothing is merged.
            let (_scene, ana, mal) = approved_below_an_epic();
            let path = forge::path_of(&mal, "E-0001");
            let forged = forge::read(&mal, &path).replacen("birth:", "stopped_by: [a]\nbirth:", 1);
            forge::put_as(&mal, &path, &forged, &["-m", "plain"]);
            mal.git(&["push", "-q", "origin", "refs/pm/main"]).ok();
            ana.pm(&["sync"]).ok();
            let ran = agent(&ana).by("bot").pm(&["merge", "T-1"]).exits(1);
            assert!(ran.err.contains("is damaged, so a human"), "{}", ran.err);
        }
        ana.pm(decision).ok();
        ana.pm(&["sync"]);
        let now = ana.data(&["show", "E-0001"]);
        if status.is_empty() {
            assert_eq!(now["title"], "Human", "{now}");
            continue;
        }
        assert_eq!(now["status"], status, "{now}");
        if status == "blocked" {
            let bot = agent(&ana).by("bot");
            bot.pm(&["merge", "T-1"]).exits(1);
        }
    }
}

/// The hooks of an agent's clone know what the other commands know about a rule that vanished.
#[test]
fn f2_a_rule_that_a_plain_commit_removed_still_stops_commits() {
    let scene = Scene::new();
    let (_hub, repo) = scene.with_hub();
    let bot = agent(&repo).by("bot");
    let commits = |path: &str| {
        bot.write(path, "x\n");
        bot.git(&["add", "-A"]).ok();
        bot.git(&["commit", "-qm", "x"])
    };
    let noted = || std::fs::read(repo.path.join(".git/pm/rules-searched")).unwrap();
    repo.pm(&["hook", "install"]).ok();
    let before = forge::read(&repo, "pm.yaml");
    commits("own").ok();
    let first = noted();
    repo.pm(&["config", "--shared", "pm.protectedPaths", "deploy/"])
        .ok();
    commits("more").ok();
    // What was noted is the answer for later tips with the same rules.
    repo.task("One", &[]);
    commits("again").ok();
    let second = noted();
    assert_ne!(first, second);
    let tip = repo.git(&["rev-parse", "refs/pm/main"]).ok().out;
    forge::put_as(&repo, "pm.yaml", &before, &["-m", "plain"]);
    let refused = || {
        let ran = commits("deploy/run").exits(1);
        assert!(ran.err.contains("protected path"), "{}", ran.err);
    };
    refused();
    assert_eq!(noted(), second, "{tip}");
    // A note that is damaged, or of a commit that is not here, is none.
    for note in ["x", "", &"1".repeat(tip.trim().len())] {
        std::fs::write(repo.path.join(".git/pm/rules-searched"), note).unwrap();
        refused();
    }
}

/// What a push sends are the objects themselves, and what it takes back counts as changed.
#[test]
fn a4_a_push_hides_and_takes_back_no_protected_path() {
    let scene = Scene::new();
    let (_hub, repo) = scene.with_hub();
    repo.git(&["config", "pm.protectedPaths", "deploy/"]).ok();
    repo.pm(&["hook", "install"]).ok();
    repo.write("deploy/run", "human\n");
    repo.commit_all("deploy");
    repo.git(&["push", "-q", "origin", "main"]).ok();
    let bot = agent(&repo).by("bot");
    let refused = |args: &[&str]| {
        let ran = bot.git(args).exits(1);
        assert!(ran.err.contains("protected path"), "{args:?}: {}", ran.err);
    };
    refused(&["push", "-f", "origin", "main~1:refs/heads/main"]);
    bot.git(&["checkout", "-qb", "work"]).ok();
    bot.write("deploy/run", "evil\n");
    bot.git(&["commit", "-qnam", "evil"]).ok();
    bot.git(&["replace", "work^{tree}", "main^{tree}"]).ok();
    refused(&["push", "origin", "work"]);
    bot.git(&["replace", "-d", "work^{tree}"]);
    // A branch of its own may be written again.
    bot.git(&["reset", "-q", "--hard", "main"]).ok();
    bot.write("own", "one\n");
    bot.commit_all("one");
    bot.git(&["push", "-q", "origin", "work"]).ok();
    bot.write("own", "two\n");
    bot.git(&["commit", "-qa", "--amend", "-m", "two"]).ok();
    bot.git(&["push", "-q", "-f", "origin", "work"]).ok();
}

/// A new text replaces the one that is shown; one that arrived beside it stays until the conflict is resolved.
#[test]
fn f1_a_design_that_is_written_over_a_conflict_drops_no_other() {
    let scene = Scene::new();
    let (hub, ana) = scene.with_hub();
    let id = ana.data(&["issue", "create", "One", "--design", "first"])["id"].clone();
    let id = id.as_str().unwrap();
    ana.pm(&["sync"]).ok();
    let ben = scene.clone_of(&hub, "ben", "Ben");
    ben.pm(&["sync"]).ok();
    ben.pm(&["issue", "update", id, "--design", "of Ben"]).ok();
    ana.pm(&["issue", "update", id, "--design", "of Ana"]).ok();
    ana.pm(&["sync"]).ok();
    ben.pm(&["sync"]).ok();
    ben.pm(&["issue", "update", id, "--design", "later"]).ok();
    let beside = ben.pm(&["conflicts"]).ok().out;
    assert!(
        beside.contains("later") && beside.contains("of "),
        "{beside}"
    );
    ben.pm(&["conflicts", id, "--keep", "1"]).ok();
    let none = ben.pm(&["conflicts"]).ok().out;
    assert!(none.contains("No conflicting texts"), "{none}");
    assert_eq!(ben.data(&["show", id])["design"], "later");
}
