//! A target whose branch at the remote was moved back by a forced push, while this clone has what was dropped there.

use super::approved;
use crate::support::Scene;

/// What status and merge advise leaves out the dropped commits, and keeps those that were never pushed.
#[test]
fn advice_after_a_forced_push_brings_nothing_back_that_was_dropped() {
    for ahead in [1, 2] {
        let scene = Scene::new();
        let (hub, a) = scene.with_hub();
        let (one, _) = approved(&a, "One", "one.txt", "1\n");
        let (two, _) = approved(&a, "Two", "two.txt", "2\n");
        a.pm(&["merge", &one]).ok();
        a.git(&["push", "-q", "origin", "main"]).ok();
        let dropped = a.tip("main")[..10].to_string();
        let b = scene.clone_of(&hub, "b", "Ben");
        b.git(&["reset", "-q", "--hard", "HEAD~1"]).ok();
        b.write("others.txt", "x\n");
        b.commit_all("Instead");
        b.git(&["push", "-qf", "origin", "main"]).ok();
        if ahead == 2 {
            a.write("own.txt", "own\n");
            a.commit_all("Own");
        }
        a.git(&["fetch", "-q"]).ok();

        let words = ["commit", "commits"][ahead - 1];
        let rebase = format!("git rebase --onto origin/main {dropped}");
        let status = a.pm(&["status"]).ok().out;
        for said in [
            &format!("main and origin/main have diverged: {ahead} {words} ahead, 1 behind"),
            &format!("origin/main was moved back and no longer has {dropped}"),
            &rebase,
        ] {
            assert!(status.contains(said.as_str()), "{said}: {status}");
        }
        let refused = a.pm(&["merge", &two]);
        assert_ne!(refused.code, 0, "{refused:?}");
        assert!(refused.err.contains(&rebase), "{refused:?}");
        for told in [&status, &refused.err] {
            assert!(!told.contains("git pull"), "{told}");
            assert!(!told.contains("git push origin main"), "{told}");
        }

        a.git(&["rebase", "-q", "--onto", "origin/main", &dropped])
            .ok();
        let has = |file: &str| a.path.join(file).exists();
        assert!(has("others.txt") && !has("one.txt"));
        assert_eq!(has("own.txt"), ahead == 2);
        a.pm(&["merge", &two]).ok();
        assert!(has("two.txt"));
    }
}

/// Without a forced push both sides are brought together first: a push would be rejected.
#[test]
fn a_target_that_diverged_is_not_called_ahead_alone() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let b = scene.clone_of(&hub, "b", "Ben");
    for one in [&a, &b] {
        one.write("one.txt", "1\n");
        one.commit_all("One");
    }
    b.git(&["push", "-q", "origin", "main"]).ok();
    a.git(&["fetch", "-q"]).ok();
    let status = a.pm(&["status"]).ok().out;
    for said in [
        "main and origin/main have diverged: 1 commit ahead, 1 behind",
        "git pull --no-rebase origin main; in a checkout of main",
    ] {
        assert!(status.contains(said), "{said}: {status}");
    }
}

/// Of work that was rebased into its target, the revert of one commit loses a part, also where another was brought back.
#[test]
fn mr_01_the_revert_of_one_of_several_commits_loses_a_part() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let (id, place) = super::worked(&a, "Two parts", "one.txt", "1\n");
    place.write("two.txt", "2\n");
    place.commit_all("Second");
    a.pm(&["finish", &id]).ok();
    let branch = place.git(&["branch", "--show-current"]).ok().text();
    let host = scene.clone_of(&hub, "host", "Host");
    host.write("other.txt", "1\n");
    host.commit_all("Other");
    host.git(&["cherry-pick", &format!("origin/main..origin/{branch}")])
        .ok();
    host.git(&["push", "-q", "origin", "main"]).ok();
    a.pm(&["sync"]).ok();
    assert_eq!(a.data(&["show", &id])["status"], "done");
    host.git(&["revert", "--no-edit", "HEAD~1"]).ok();
    host.git(&["push", "-q", "origin", "main"]).ok();
    a.git(&["pull", "-q", "origin", "main"]).ok();
    let said = format!("warning: {id} was merged into main");
    let status = a.pm(&["status"]).ok().out;
    assert!(status.contains(&said), "{status}");
    let doctor = a.pm(&["doctor"]).out;
    assert!(
        doctor.contains(&format!("{id} was merged into main")),
        "{doctor}"
    );
    a.git(&["revert", "--no-edit", "HEAD"]).ok();
    let status = a.pm(&["status"]).ok().out;
    assert!(!status.contains(&said), "{status}");
}

/// The revert of a merge takes back all that came with it.
#[test]
fn mr_01_the_revert_of_a_release_loses_the_work_of_all_its_tasks() {
    let scene = Scene::new();
    let (_hub, a) = scene.with_hub();
    a.git(&["checkout", "-q", "-b", "develop"]).ok();
    let works = [("One", "one.txt"), ("Two", "two.txt")];
    let ids = works.map(|(title, file)| {
        let (id, place) = super::worked(&a, title, file, "1\n");
        a.pm(&["finish", &id]).ok();
        let branch = place.git(&["branch", "--show-current"]).ok().text();
        a.git(&["merge", "-q", "--no-ff", "-m", title, &branch])
            .ok();
        id
    });
    a.git(&["checkout", "-q", "main"]).ok();
    a.git(&["merge", "-q", "--no-ff", "-m", "Release", "develop"])
        .ok();
    a.git(&["push", "-q", "origin", "main"]).ok();
    a.pm(&["sync"]).ok();
    a.git(&["revert", "-m", "1", "--no-edit", "HEAD"]).ok();
    a.git(&["push", "-q", "origin", "main"]).ok();
    let status = a.pm(&["status"]).ok().out;
    for id in ids {
        assert_eq!(a.data(&["show", &id])["status"], "done");
        assert!(
            status.contains(&format!("warning: {id} was merged into main")),
            "{status}"
        );
    }
}

/// Merged work that a later commit of the target reverted is named as that of a target that was moved back, until the revert
/// is reverted.
#[test]
fn mr_01_work_that_was_reverted_is_not_called_merged() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let (one, _) = approved(&a, "One", "one.txt", "1\n");
    a.pm(&["merge", &one]).ok();
    let merged = a.tip("main");
    let two = a.task("Two", &["--depends-on", &one]);
    a.git(&["revert", "--no-edit", &merged]).ok();
    let revert = a.tip("main");
    a.git(&["push", "-q", "origin", "main"]).ok();
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    let said = format!(
        "{one} was merged into main at {}, and {} reverted that",
        &merged[..10],
        &revert[..10]
    );
    for repo in [&a, &b] {
        for screen in [
            &["status"][..],
            &["show", &one],
            &["why", &one],
            &["doctor"],
        ] {
            let out = repo.pm(screen).out;
            assert!(out.contains(&said), "{screen:?}: {out}");
        }
        let board = repo.pm(&["board", "--once"]).ok().out;
        assert!(board.contains("its target lost it"), "{board}");
    }
    let started = b.pm(&["start", &two]).ok();
    let told = format!("{}{}", started.out, started.err);
    assert!(told.contains(&said), "{told}");
    a.git(&["revert", "--no-edit", &revert]).ok();
    a.git(&["push", "-q", "origin", "main"]).ok();
    let status = a.pm(&["status"]).ok().out;
    assert!(!status.contains("reverted that"), "{status}");
}
