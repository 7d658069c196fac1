//! Targets of merges and their branches at the remote: one of them lacks commits of the other, or the
//! host has merged already.

use serde_json::Value;

use super::approved;
use crate::support::{Repo, Scene};

/// Work that is ready to be merged in `a`, whose `main` is two fetched commits behind `origin`.
fn behind(scene: &Scene) -> (Repo, String) {
    let (hub, a) = scene.with_hub();
    let (id, _) = approved(&a, "Fix", "fix.txt", "1\n");
    let b = scene.clone_of(&hub, "b", "Ben");
    for text in ["one\n", "two\n"] {
        b.write("others.txt", text);
        b.commit_all("Others");
    }
    b.git(&["push", "-q", "origin", "main"]).ok();
    a.git(&["fetch", "-q"]).ok();
    (a, id)
}

// The commit of another on a target that diverged is no work: neither submitted, nor shown, nor approved.
#[test]
fn a_commit_of_a_diverged_target_is_not_the_work() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let id = a.task("Fix", &[]);
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    b.pm(&["sync"]).ok();
    a.write("others.txt", "one\n");
    a.commit_all("Colleague's commit");
    a.git(&["push", "-q", "origin", "main"]).ok();
    b.pm(&["start", &id]).ok();
    b.write("mistake.txt", "1\n");
    b.commit_all("On main by mistake");
    let place = b.worktree(&id);
    assert_eq!(place.tip("HEAD"), b.tip("origin/main"));
    let refused = place.pm(&["--json", "finish"]).exits(1).error();
    assert_eq!(refused["reason"], "finish.no_commits", "{refused}");
    let shown = b.data(&["task", "diff", &id]);
    assert!(shown["work"].is_null(), "{shown}");

    // With a commit of its own, that one alone is the work, also after a merge of both sides.
    place.write("fix.txt", "1\n");
    place.commit_all("Fix");
    let of = || {
        let work = b.data(&["task", "diff", &id])["work"].clone();
        let files = work["files"].as_array().unwrap().len();
        (files, work["commits"].as_array().unwrap().len())
    };
    assert_eq!(of(), (1, 1));
    place.git(&["merge", "-q", "--no-edit", "main"]).ok();
    assert_eq!(of(), (1, 2));
    place.git(&["reset", "-q", "--hard", "HEAD^1"]).ok();
    place.pm(&["finish"]).ok();
    // Once the target at the remote is there, its approval ends the task.
    place.git(&["push", "-q", "origin", "HEAD:main"]).ok();
    b.git(&["fetch", "-q"]).ok();
    b.pm(&["task", "approve", &id]).ok();
    let item = b.data(&["show", &id]);
    assert_eq!(item["status"], "done", "{item}");
    assert_eq!(item["work"]["merged_commit"], place.tip("HEAD").as_str());
}

/// The notices of a merge that succeeds.
fn notices(repo: &Repo, args: &[&str]) -> String {
    let merged = repo.pm(&[&["--json", "merge"], args].concat()).ok().json();
    let notices = merged["notices"].as_array().cloned().unwrap_or_default();
    let texts = notices.iter().filter_map(Value::as_str);
    texts.collect::<Vec<_>>().join("\n")
}

/// max-sixty/worktrunk#3519: a merge on a target that is behind makes it diverge.
#[test]
fn a_target_that_is_behind_its_remote_follows_it_before_the_merge() {
    let scene = Scene::new();
    let (a, id) = behind(&scene);
    let b = scene.at("b");
    // Not fetched yet.
    b.write("others.txt", "three\n");
    b.commit_all("Others");
    b.git(&["push", "-q", "origin", "main"]).ok();
    let said = notices(&a, &[&id]);
    assert!(
        said.contains("main is 1 commit ahead of origin/main: `git push origin main`"),
        "{said}"
    );
    assert_eq!(a.read("fix.txt") + &a.read("others.txt"), "1\nthree\n");
    assert_eq!(a.tip("main~1"), a.tip("origin/main"));
    let status = a.pm(&["status"]).ok().out;
    assert!(
        status.contains("main is 1 commit ahead of origin/main"),
        "{status}"
    );
    a.git(&["push", "-q", "origin", "main"]).ok();
    assert_eq!(
        a.data(&["status"])["remote"]["targets"],
        serde_json::json!([])
    );
}

#[test]
fn a_checkout_with_local_changes_there_stops_the_merge_before_anything_moves() {
    let scene = Scene::new();
    let (a, id) = behind(&scene);
    let before = a.tip("main");
    a.write("others.txt", "mine\n");
    let ran = a.pm(&["merge", &id]).exits(1);
    assert!(ran.err.contains("others.txt"), "{}", ran.err);
    assert_eq!(
        (a.tip("main"), a.read("others.txt")),
        (before, "mine\n".into())
    );
}

#[test]
fn a_target_that_diverged_from_its_remote_stops_the_merge_with_both_ids() {
    let scene = Scene::new();
    let (a, id) = behind(&scene);
    a.write("own.txt", "1\n");
    a.commit_all("Own");
    let ids = [a.tip("main"), a.tip("origin/main")];
    let plan = a.pm(&["--json", "merge", "--queue", "--plan"]).data();
    let left_out = plan["left_out"].to_string();
    assert!(left_out.contains("have diverged"), "{plan}");
    let ran = a.pm(&["--json", "merge", &id]).exits(3);
    assert_eq!(ran.json()["error"]["reason"], "merge.target_diverged");
    for id in &ids {
        assert!(ran.out.contains(&id[..10]), "{}", ran.out);
    }
    assert_eq!(a.tip("main"), ids[0]);
    a.git(&["pull", "-q", "--no-rebase", "origin", "main"]).ok();
    a.pm(&["merge", &id]).ok();
}

#[test]
fn the_branch_that_git_is_configured_for_is_followed() {
    let scene = Scene::new();
    let (a, id) = behind(&scene);
    a.git(&["push", "-q", "origin", "origin/main~1:refs/heads/next"])
        .ok();
    a.git(&["branch", "-q", "-u", "origin/next", "main"]).ok();
    let said = notices(&a, &[&id]);
    assert!(
        said.contains("ahead of origin/next: `git push origin main:next`"),
        "{said}"
    );
    assert_eq!(a.tip("main~1"), a.tip("origin/next"));
}

/// Two clones with `pm.pushTarget=always`: each merge is made on the remote's tip, and goes there.
#[test]
fn merges_of_two_clones_arrive_on_one_target() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let (one, _) = approved(&a, "One", "one.txt", "1\n");
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    b.pm(&["sync"]).ok();
    let (two, _) = approved(&b, "Two", "two.txt", "2\n");
    for clone in [&a, &b] {
        clone.pm(&["config", "pm.pushTarget", "always"]).ok();
    }
    a.pm(&["merge", &one]).ok();
    b.pm(&["merge", &two]).ok();
    assert_eq!(b.tip("main"), b.tip("origin/main"));
    a.git(&["pull", "-q"]).ok();
    assert_eq!(a.tip("main"), b.tip("main"));
    assert_eq!(a.read("one.txt") + &a.read("two.txt"), "1\n2\n");
}

/// hurttlocker/o8#534: the host protects main, and the task is done for everyone.
#[test]
fn a_push_that_the_host_refuses_is_said_with_its_words() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let hook = "#!/bin/sh\nwhile read old new ref; do\n  [ \"$ref\" != refs/heads/main ] || { echo 'use a pull request' >&2; exit 1; }\ndone\n";
    hub.hook("pre-receive", hook);
    let (id, _) = approved(&a, "One", "one.txt", "1\n");
    a.pm(&["config", "pm.pushTarget", "always"]).ok();
    // What is not there is not called done.
    let before = a.tip("refs/heads/main");
    let said = a.pm(&["merge", &id]).exits(1).err;
    assert!(said.contains("use a pull request"), "{said}");
    assert_eq!(a.tip("refs/heads/main"), before);
    assert_eq!(a.data(&["show", &id])["status"], "ready_for_integration");
}

/// max-sixty/worktrunk#1818: squashed at the host, and main moved on in the same lines.
#[test]
fn work_that_the_host_squashed_is_recognized() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let id = a.task("One", &[]);
    a.pm(&["start", &id]).ok();
    let there = a.worktree(&id);
    there.write("one.txt", "1\n");
    there.commit_all("one");
    there.pm(&["finish"]).ok();
    let branch = there.git(&["branch", "--show-current"]).ok().out;
    let host = scene.clone_of(&hub, "host", "Host");
    host.git(&[
        "merge",
        "-q",
        "--squash",
        &format!("origin/{}", branch.trim()),
    ])
    .ok();
    host.commit_all("One (#1)");
    host.write("one.txt", "one\n");
    host.commit_all("later");
    host.git(&["push", "-q", "origin", "main"]).ok();
    a.git(&["fetch", "-q"]).ok();
    let status = a.pm(&["status"]).ok().out;
    assert!(
        status.contains("already merged into main (it was squashed"),
        "{status}"
    );
    a.pm(&["task", "approve", &id]).ok();
    a.pm(&["merge", &id]).ok();
    assert_eq!(a.tip("main"), a.tip("origin/main"));
    assert_eq!(a.data(&["show", &id])["status"], "done");
}

/// max-sixty/worktrunk#3519: whichever way the host merges, wherever main is, with the branch deleted
/// or not, a sync of the author ends the task in every clone, and nothing is merged or pushed again.
#[test]
fn a_sync_ends_what_the_host_merged() {
    for way in ["merge", "squash", "rebase"] {
        for moved in ["", "before", "after"] {
            let scene = Scene::new();
            let (hub, a) = scene.with_hub();
            let id = a.task("One", &[]);
            a.pm(&["start", &id]).ok();
            let there = a.worktree(&id);
            for line in ["1\n", "1\n2\n"] {
                there.write("one.txt", line);
                there.commit_all("one");
            }
            there.pm(&["finish"]).ok();
            let branch = there.git(&["branch", "--show-current"]).ok().text();
            let other = scene.clone_of(&hub, "c", "Cat");
            let host = scene.clone_of(&hub, "host", "Host");
            let from = format!("origin/{branch}");
            let move_on = |when: &str| {
                if moved == when {
                    host.write("other.txt", "x\n");
                    host.commit_all("other");
                }
            };
            move_on("before");
            match way {
                "merge" => drop(host.git(&["merge", "-q", "--no-ff", "-m", "m", &from]).ok()),
                "squash" => {
                    host.git(&["merge", "-q", "--squash", &from]).ok();
                    host.commit_all("One (#1)");
                }
                _ => {
                    let range = format!("origin/main..{from}");
                    host.git(&["cherry-pick", &range]).ok();
                }
            }
            let brought = host.tip("main");
            move_on("after");
            let delete = format!(":{branch}");
            host.git(&["push", "-q", "origin", "main", &delete]).ok();
            a.git(&["config", "fetch.prune", "true"]).ok();
            let state = hub.tip("refs/pm/main");
            let told = a.pm(&["sync"]).ok();
            let case = format!("{way} {moved}: {told:?}");
            // The end of the task is pushed after the first exchange, and counts.
            let new = format!("{state}..refs/pm/main");
            let new = hub.git(&["rev-list", "--count", &new]).ok().text();
            let counted = format!("fetched, {} pushed", new.trim());
            assert!(new.trim() != "0" && told.out.contains(&counted), "{case}");
            assert!(told.err.contains("is done: its work is in main"), "{case}");
            if way != "rebase" {
                let item = a.data(&["show", &id]);
                assert_eq!(item["work"]["merged_commit"], brought.as_str(), "{case}");
            }
            assert_eq!(a.data(&["show", &id])["status"], "done", "{case}");
            other.pm(&["sync"]).ok();
            assert_eq!(other.data(&["show", &id])["status"], "done", "{case}");
            let branches = hub.git(&["branch", "--list"]).ok().text();
            assert!(!branches.contains("task/"), "{case}: {branches}");
            let before = hub.tip("main");
            a.pm(&["merge", &id]).ok();
            assert_eq!(
                (hub.tip("main"), a.tip("main")),
                (before.clone(), before),
                "{case}"
            );
        }
    }
}

/// What the target has of a branch is not the approved work, which is not done by it.
#[test]
fn other_work_of_the_branch_in_the_target_is_not_the_approved_work() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let (id, place) = approved(&a, "One", "one.txt", "good\n");
    let branch = place.git(&["branch", "--show-current"]).ok().text();
    // Rewritten after the approval, pushed, and squashed at the host.
    place.write("one.txt", "bad\n");
    place.git(&["commit", "-qa", "--amend", "--no-edit"]).ok();
    a.git(&["push", "-qf", "origin", &branch]).ok();
    let host = scene.clone_of(&hub, "host", "Host");
    host.git(&["merge", "-q", "--squash", &format!("origin/{branch}")])
        .ok();
    host.commit_all("One (#1)");
    host.git(&["push", "-q", "origin", "main", &format!(":{branch}")])
        .ok();
    a.pm(&["sync"]).ok();
    assert_eq!(a.data(&["show", &id])["status"], "ready_for_integration");
    let told = a.pm(&["show", &id]).ok().err;
    assert!(told.contains("which is not the submitted work"), "{told}");
    // Submitted again, it is.
    a.pm(&["finish", &id]).ok();
    let told = a.pm(&["sync"]).ok().err;
    assert!(told.contains("it was not approved"), "{told}");
    assert_eq!(a.data(&["show", &id])["status"], "done");
}

/// Work that was returned, or never submitted, and that the target has by now is told, and not offered without a word.
#[test]
fn unsubmitted_work_in_the_target_is_told() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let (one, first) = super::worked(&a, "One", "one.txt", "1\n");
    let (two, second) = super::worked(&a, "Two", "two.txt", "2\n");
    a.pm(&["finish", &one]).ok();
    a.pm(&["task", "return", &one, "--note", "insecure"]).ok();
    let host = scene.clone_of(&hub, "host", "Host");
    for (place, title) in [(&first, "One (#1)"), (&second, "Two (#2)")] {
        let branch = place.git(&["branch", "--show-current"]).ok().text();
        a.git(&["push", "-q", "origin", &branch]).ok();
        host.git(&["fetch", "-q"]).ok();
        host.git(&["merge", "-q", "--squash", &format!("origin/{branch}")])
            .ok();
        host.commit_all(title);
    }
    host.git(&["push", "-q", "origin", "main"]).ok();
    a.git(&["pull", "-q", "origin", "main"]).ok();
    for (id, said) in [
        (&one, "which was returned"),
        (&two, "which was not submitted"),
    ] {
        for screen in [["show", id], ["why", id]] {
            let ran = a.pm(&screen).ok();
            let told = format!("{}{}", ran.out, ran.err);
            assert!(told.contains(said), "{screen:?}: {told}");
        }
    }
    let status = a.pm(&["status"]).ok().out;
    assert!(status.contains("which was not submitted"), "{status}");
}

/// What the host squashed and reverted is not merged: status and merge agree.
#[test]
fn what_was_reverted_after_its_squash_is_not_merged() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let (id, there) = approved(&a, "One", "one.txt", "1\n");
    let branch = there.git(&["branch", "--show-current"]).ok().text();
    let host = scene.clone_of(&hub, "host", "Host");
    host.git(&["merge", "-q", "--squash", &format!("origin/{branch}")])
        .ok();
    host.commit_all("One (#1)");
    // Before the approval.
    let early = host.with("GIT_AUTHOR_DATE", "2026-01-01T00:00:00Z");
    early.git(&["revert", "--no-edit", "HEAD"]).ok();
    host.git(&["push", "-q", "origin", "main"]).ok();
    a.pm(&["sync"]).ok();
    let status = a.pm(&["status"]).ok().out;
    assert!(status.contains("ready to merge"), "{status}");
    a.pm(&["merge", &id]).ok();
    assert_eq!(a.read("one.txt"), "1\n");
}

/// BloopAI/vibe-kanban#2984: the default branch was renamed at the remote.
#[test]
fn a_target_that_was_renamed_at_the_remote_is_named() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    hub.git(&["branch", "-m", "main", "trunk"]).ok();
    hub.git(&["symbolic-ref", "HEAD", "refs/heads/trunk"]).ok();
    let id = a.task("One", &[]);
    let ran = a.pm(&["start", &id]).ok();
    let said = "origin has no branch main; its default branch is trunk";
    assert!(ran.err.contains(said) || ran.out.contains(said), "{ran:?}");
}

/// What is merged into a branch that the remote has renamed would never get there.
#[test]
fn nothing_is_merged_into_a_target_that_the_remote_has_renamed() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let (id, _) = approved(&a, "Fix", "fix.txt", "1\n");
    hub.git(&["branch", "-m", "main", "trunk"]).ok();
    hub.git(&["symbolic-ref", "HEAD", "refs/heads/trunk"]).ok();
    a.git(&["fetch", "-q", "--prune", "origin"]).ok();
    let main = a.tip("main");
    let refused = a.pm(&["merge", &id]).exits(1).err;
    let said = "origin has no branch main; its default branch is trunk";
    assert!(refused.contains(said), "{refused}");
    assert!(
        refused.contains("git remote set-head origin --auto"),
        "{refused}"
    );
    assert_eq!(a.tip("main"), main);
    assert_eq!(a.data(&["show", &id])["status"], "ready_for_integration");
    // With the new name everything goes on.
    a.git(&["remote", "set-head", "origin", "--auto"]).ok();
    a.pm(&["task", "approve", &id]).ok();
    a.pm(&["merge", &id]).ok();
    assert!(a.data(&["show", &id])["work"]["merged_into"] == "trunk");
}

/// stablyai/orca#2491: a tag has the name of the target.
#[test]
fn work_starts_at_the_branch_and_not_at_a_tag_of_its_name() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    repo.git(&["tag", "main"]).ok();
    repo.write("new.txt", "1\n");
    repo.commit_all("new");
    let id = repo.task("One", &[]);
    repo.pm(&["start", &id]).ok();
    assert_eq!(repo.worktree(&id).read("new.txt"), "1\n");
}

/// A start from a commit that the user chose warns if it lacks the merge of a prerequisite.
#[test]
fn a_start_names_merged_work_that_the_branch_does_not_have() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.task("One", &[]);
    a.task("Two", &["--depends-on", "T-0001"]);
    a.pm(&["start", "T-0001"]).ok();
    let place = a.worktree("T-0001");
    place.write("src/new.rs", "// new\n");
    place.commit_all("Work");
    a.pm(&["finish", "T-0001", "--merge"]).ok();
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    let ran = b.pm(&["start", "T-0002", "--base", "main"]).ok();
    assert!(
        ran.out.contains("T-0001 was merged into main at"),
        "{}",
        ran.out
    );
    b.pm(&["task", "drop", "T-0002", "--remove-worktree"]).ok();
    b.git(&["branch", "-D", "task/T-0002-two"]).ok();
    a.git(&["push", "-q", "origin", "main"]).ok();
    b.git(&["pull", "-q"]).ok();
    let ran = b.pm(&["start", "T-0002"]).ok();
    assert!(!ran.out.contains("was merged into"), "{}", ran.out);
}

// A forced push of the target may leave merged work behind.
#[test]
fn merged_work_that_its_target_lost_is_named() {
    let scene = Scene::new();
    let (a, id) = behind(&scene);
    a.pm(&["merge", &id]).ok();
    a.git(&["push", "-q", "origin", "main"]).ok();
    let merges = |repo: &Repo| {
        let found = repo.data(&["doctor"])["findings"].clone();
        let found = found.as_array().unwrap().iter();
        let found = found.filter(|one| one["check"] == "merges");
        found.map(Value::to_string).collect::<Vec<_>>().join("\n")
    };
    assert!(merges(&a).contains("merged work is in its target"));
    let lost = |repo: &Repo| repo.data(&["status"])["lost_merges"].clone();
    assert!(lost(&a).is_null());
    let b = scene.at("b");
    b.git(&["push", "-qf", "origin", "main"]).ok();
    a.git(&["fetch", "-q"]).ok();
    let told = merges(&a);
    assert!(
        told.contains(&format!("{id} was merged into main at")),
        "{told}"
    );
    let reopen = format!("git pm task reopen {id}");
    assert!(told.contains(&reopen), "{told}");
    let work = a.data(&["show", &id])["work"].clone();
    assert_eq!(work["merged"], false, "{work}");
    assert_eq!(work["lost"]["command"], reopen.as_str(), "{work}");
    assert_eq!(lost(&a)[0]["id"], id.as_str());
    for args in [&["show", &id][..], &["status"]] {
        let told = a.pm(args).ok().out;
        assert!(
            told.contains("no longer has") && told.contains(&reopen),
            "{told}"
        );
    }
    a.git(&["reset", "-q", "--hard", "origin/main"]).ok();
    assert!(merges(&a).contains("no longer has"));
    // Brought back, as the message says.
    let merge = work["lost"]["commit"].as_str().unwrap();
    a.git(&["merge", "-q", "--no-edit", merge]).ok();
    a.git(&["push", "-q", "origin", "main"]).ok();
    assert!(merges(&a).contains("merged work is in its target"));
    assert!(lost(&a).is_null());
    assert!(a.data(&["show", &id])["work"]["lost"].is_null());
}

// So may a reset of the target before it was pushed.
#[test]
fn merged_work_that_was_reset_before_it_was_pushed_is_named() {
    let scene = Scene::new();
    let (a, id) = behind(&scene);
    a.pm(&["merge", &id]).ok();
    let lost = || a.data(&["status"])["lost_merges"].clone();
    assert!(lost().is_null());
    a.git(&["reset", "-q", "--hard", "origin/main"]).ok();
    assert_eq!(lost()[0]["id"], id.as_str());
    let work = a.data(&["show", &id])["work"].clone();
    let merge = work["lost"]["commit"].as_str().unwrap();
    // In another form it is there.
    a.git(&["cherry-pick", merge]).ok();
    assert!(lost().is_null());
    // What is taken up again is not called merged.
    a.git(&["reset", "-q", "--hard", "origin/main"]).ok();
    a.pm(&["task", "reopen", &id]).ok();
    assert!(lost().is_null());
    assert!(!a.pm(&["show", &id]).ok().out.contains("merged"));
}

// The author rebases approved work onto commits that only the remote's target has as yet.
#[test]
fn work_that_was_rebased_onto_the_remotes_target_is_still_approved() {
    let scene = Scene::new();
    let (a, id) = behind(&scene);
    let place = a.worktree(&id);
    place.git(&["rebase", "-q", "origin/main"]).ok();
    let branch = a.data(&["show", &id])["branch"].clone();
    let branch = branch.as_str().unwrap();
    a.git(&["push", "-qf", "origin", branch]).ok();
    let work = a.data(&["show", &id])["work"].clone();
    assert_eq!(work["branch_stands"], "covered", "{work}");
    let status = a.data(&["status"])["branches"][0].clone();
    assert_eq!(status["step"], "merge", "{status}");
    a.pm(&["merge", &id]).ok();
    assert_eq!(a.read("fix.txt"), "1\n");
}

/// Work that another clone merged and did not push is not merged once more, and not called merged here.
#[test]
fn mr_01_work_that_another_clone_merged_and_did_not_push_is_named() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let (id, _) = approved(&a, "Fix", "fix.txt", "1\n");
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    a.pm(&["merge", &id]).ok();
    a.pm(&["sync"]).ok();
    let (main, merged) = (b.tip("main"), a.tip("main"));
    let refused = b.pm(&["merge", &id]).exits(1).err;
    let said = format!(
        "Ana merged {id} into main at {}, which main here does not have",
        &merged[..10]
    );
    assert!(refused.contains(&said), "{refused}");
    assert_eq!(b.tip("main"), main);
    a.git(&["push", "-q", "origin", "main"]).ok();
    b.pm(&["merge", &id]).ok();
    assert_eq!(b.tip("main"), merged);
}
