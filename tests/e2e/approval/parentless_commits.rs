//! A commit without parents gives its content no authority: only a human can cut the history off,
//! and the content of the new first commit is compared with the previous state.

use super::{document, worked};
use crate::approval::provenance::approving;
use crate::store::signing::with_key;
use crate::support::forge::{commit_of, move_to, path_of, read};
use crate::support::{Repo, Scene, agent, at_terminal, set_up};

fn rules(repo: &Repo) -> String {
    read(repo, "pm.yaml")
}

fn faults(repo: &Repo) -> String {
    let doctor = repo.pm(&["doctor"]);
    doctor.out + &doctor.err
}

const CUT: &str = "gc: forget the history\n\nPM-Op: gc\nPM-Actor: Ana\nPM-Clock: 1767225600000.9";

#[test]
fn an_approval_written_by_a_commit_without_parents_does_not_count() {
    for below in [false, true] {
        let (_scene, repo) = set_up();
        let (id, place) = worked(&agent(&repo).by("bot"), "task", "evil.txt");
        place.pm(&["finish", &id]).ok();
        let text = approving(&repo, &id, &place.tip("HEAD"));
        let file = path_of(&repo, &id);
        let first = commit_of(&repo, &[(&file, &text)], &[], &["-m", "x"]);
        let tip = match below {
            true => {
                let before = repo.tip("refs/pm/main");
                let both = ["-p", &first, "-m", "merge\n\nPM-Op: merge"];
                commit_of(&repo, &[(&file, &text)], &[&before], &both)
            }
            false => first.clone(),
        };
        move_to(&repo, &tip);
        assert_eq!(repo.data(&["show", &id])["status"], "ready_for_integration");
        let refused = repo.pm(&["merge", &id]).exits(1);
        assert!(refused.err.contains(&first[..10]), "{}", refused.err);
        assert!(faults(&repo).contains(&first[..10]), "{}", faults(&repo));
        repo.pm(&["task", "approve", &id]).ok();
        repo.pm(&["merge", &id]).ok();
    }
}

#[test]
fn a_commit_without_parents_cannot_end_required_signatures() {
    for message in ["x", CUT] {
        let scene = Scene::new();
        let (_hub, ana) = scene.with_hub();
        with_key(&scene, &ana, "ana");
        ana.pm(&["config", "--shared", "pm.sign", "true"]).ok();
        let (id, place) = worked(&ana, "task", "evil.txt");
        place.pm(&["finish", &id]).ok();
        let before = ana.tip("refs/pm/main");
        let strict = rules(&ana);
        let loose = strict.replace("sign: true\n", "sign: false\n");
        assert_ne!(strict, loose);
        let text = approving(&ana, &id, &place.tip("HEAD"));
        let files = [
            ("pm.yaml", loose.as_str()),
            (&path_of(&ana, &id), text.as_str()),
        ];
        let first = commit_of(&ana, &files, &[], &["-m", message]);
        for published in [false, true] {
            move_to(&ana, &before);
            if published {
                ana.pm(&["sync"]).ok();
                std::fs::remove_file(ana.path.join(".git/logs/refs/pm/main")).unwrap();
            }
            move_to(&ana, &first);
            let refused = ana.pm(&["merge", &id]).exits(1);
            assert!(refused.err.contains(&first[..10]), "{}", refused.err);
            assert!(faults(&ana).contains("pm.sign"), "{}", faults(&ana));
        }
    }
}

#[test]
fn a_rule_loosened_by_a_commit_without_parents_stays_in_force_in_other_clones() {
    let scene = Scene::new();
    let (hub, ana) = scene.with_hub();
    at_terminal(&ana, &["config", "--shared", "pm.approval", "strict"], "").ok();
    ana.pm(&["sync"]).ok();
    let bob = scene.clone_of(&hub, "bob", "Bob");
    bob.pm(&["sync"]).ok();
    let (id, place) = worked(&bob, "task", "a.txt");
    place.pm(&["finish", &id]).ok();
    // A later stamp than that of the strict value.
    at_terminal(&ana, &["config", "--shared", "pm.approval", "advisory"], "").ok();
    let loose = rules(&ana);
    let first = commit_of(&ana, &[("pm.yaml", &loose)], &[], &["-m", "x"]);
    ana.git(&["push", "-qf", "origin", &format!("{first}:refs/pm/main")])
        .ok();
    bob.pm(&["sync"]).ok();
    assert_eq!(bob.data(&["config", "pm.approval"])["value"], "strict");
    assert!(faults(&bob).contains(&first[..10]), "{}", faults(&bob));
    let refused = bob.pm(&["task", "approve", &id]).exits(1);
    assert!(
        refused.err.contains("must be given at a terminal"),
        "{}",
        refused.err
    );
}

#[test]
fn a_fresh_clone_can_merge_and_keeps_strict_rules_after_a_human_cut_the_history() {
    for signed in [false, true] {
        let scene = Scene::new();
        let (hub, ana) = scene.with_hub();
        with_key(&scene, &ana, "ana");
        if signed {
            ana.pm(&["config", "--shared", "pm.sign", "true"]).ok();
        }
        at_terminal(
            &ana,
            &["config", "--shared", "pm.protectedBranches", "release"],
            "",
        )
        .ok();
        let (id, place) = worked(&ana, "task", "a.txt");
        place.pm(&["finish", &id]).ok();
        ana.pm(&["task", "approve", &id]).ok();
        ana.pm(&["gc", "--new-generation"]).ok();
        ana.pm(&["sync"]).ok();
        ana.git(&["push", "-q", "origin", "--all"]).ok();
        let eve = scene.clone_of(&hub, "eve", "Eve");
        with_key(&scene, &eve, "eve");
        for who in [&eve, &ana] {
            let said = faults(who);
            assert!(
                !said.contains("but the commit is not signed") && !said.contains("but not with"),
                "{signed} {said}"
            );
            let value = who.data(&["config", "pm.protectedBranches"]);
            assert_eq!(value["value"], "release");
        }
        assert!(document(&eve, &id).contains("approval: "));
        eve.pm(&["merge", &id]).ok();
        // Signatures required from now on were not required of the cut.
        eve.pm(&["config", "--shared", "pm.sign", "true"]).ok();
        let said = faults(&eve);
        assert!(
            !said.contains("but the commit is not signed") && !said.contains("but not with"),
            "{said}"
        );
    }
}

/// A forger's commits with old dates are checked like all others.
#[test]
fn a_rule_loosened_by_a_backdated_commit_stays_in_force() {
    let (_scene, repo) = set_up();
    at_terminal(&repo, &["config", "--shared", "pm.approval", "strict"], "").ok();
    let strict = repo.tip("refs/pm/main");
    at_terminal(
        &repo,
        &["config", "--shared", "pm.approval", "advisory"],
        "",
    )
    .ok();
    let loose = rules(&repo);
    move_to(&repo, &strict);
    let old = repo.with("GIT_AUTHOR_DATE", "2001-01-01T00:00:00Z");
    let forged = commit_of(&old, &[("pm.yaml", &loose)], &[&strict], &["-m", "x"]);
    // A parallel line of many commits, all of them newer.
    let tree = repo.git(&["rev-parse", "refs/pm/main^{tree}"]).text();
    let stream: String = (0..1100)
        .map(|n| {
            let from = match n {
                0 => format!("from {strict}\n"),
                _ => String::new(),
            };
            format!(
                "commit refs/heads/line\nauthor A <a@b> {0} +0000\ncommitter A <a@b> {0} +0000\n\
                 data 1\nx\n{from}\n",
                1_900_000_000 + n
            )
        })
        .collect();
    repo.feed("git", &["fast-import", "--quiet"], &stream).ok();
    assert_eq!(tree, repo.git(&["rev-parse", "line^{tree}"]).text());
    let last = repo.tip("line");
    let both = ["-p", &forged, "-m", "merge\n\nPM-Op: merge"];
    let merge = commit_of(&repo, &[("pm.yaml", &loose)], &[&last], &both);
    move_to(&repo, &merge);
    assert_eq!(repo.data(&["config", "pm.approval"])["value"], "strict");
    assert!(faults(&repo).contains(&forged[..10]), "{}", faults(&repo));
}
