//! The target of one item: where its work began, for what it was approved, and what moves only elsewhere.

use super::{alone, approved, changes_nothing, status, worked};
use crate::support::Scene;

#[test]
fn work_is_approved_for_another_target_as_the_refusal_says() {
    let scene = Scene::new();
    let repo = alone(&scene);
    repo.git(&["branch", "release/1.0"]).ok();
    repo.write("new.txt", "new\n");
    repo.commit_all("Unreleased");
    let (id, _) = approved(&repo, "Fix", "fix.txt", "fix\n");
    let refused = changes_nothing(&repo, &["merge", &id, "--target", "release/1.0"], 1);
    let again = format!("git pm task approve {id} --target release/1.0");
    assert!(refused.err.contains(&again), "{}", refused.err);
    changes_nothing(&repo, &["task", "approve", &id, "--target", "nowhere"], 4);
    repo.pm(&["task", "approve", &id, "--target", "release/1.0"])
        .ok();
    // Everything that follows knows it.
    let merged = repo.data(&["merge", &id]);
    assert_eq!(merged["merged"]["target"], "release/1.0");
    let fixed = repo.git(&["show", "release/1.0:fix.txt"]).ok();
    assert_eq!(fixed.out, "fix\n");
    assert_eq!(repo.git(&["show", "main:fix.txt"]).code, 128);
}

#[test]
fn work_that_begins_at_a_release_is_merged_into_it() {
    let scene = Scene::new();
    let repo = alone(&scene);
    repo.write("price", "1\n");
    repo.commit_all("Price");
    repo.git(&["branch", "release/1.0"]).ok();
    repo.write("price", "2\n");
    repo.commit_all("Other price");
    let id = repo.task("Fix", &[]);
    let to = "will be merged into release/1.0";
    let ran = repo.pm(&["start", &id, "--base", "release/1.0"]).ok();
    assert!((ran.out + &ran.err).contains(to));
    let place = repo.worktree(&id);
    place.write("price", "3\n");
    place.commit_all("Fix the price");
    let ran = place.pm(&["finish"]).ok();
    assert!((ran.out + &ran.err).contains(to));
    let ran = repo.pm(&["show", &id]).ok();
    assert!((ran.out + &ran.err).contains(to));
    let diff = repo.data(&["task", "diff", &id]);
    assert_eq!(diff["work"]["target"], "release/1.0");
    let ran = repo.pm(&["task", "approve", &id]).ok();
    assert!(ran.out.contains("release/1.0"), "{}", ran.out);
    let plan = repo.data(&["merge", "--queue", "--plan"]);
    assert_eq!(plan["order"][0]["target"], "release/1.0", "{plan}");
    let ran = repo.pm(&["--json", "merge", &id]).ok();
    assert_eq!(ran.data()["merged"]["target"], "release/1.0");
    let said = format!("{}{}", ran.out, ran.err);
    let lacks = "main does not have it: `git cherry -v main release/1.0`";
    assert!(said.contains(lacks), "{said}");
    let ran = repo.pm(&["show", &id]).ok();
    assert!(!(ran.out + &ran.err).contains(to));
    let price = |branch: &str| repo.git(&["show", &format!("{branch}:price")]).ok().out;
    assert_eq!(price("release/1.0") + &price("main"), "3\n2\n");
}

#[test]
fn a_tag_a_commit_and_the_branch_of_another_item_are_no_targets() {
    let scene = Scene::new();
    let repo = alone(&scene);
    repo.git(&["tag", "v1"]).ok();
    let (_, place) = worked(&repo, "One", "a.txt", "a\n");
    for base in ["v1", &repo.tip("main"), "task/T-0001-one", "main"] {
        let id = repo.task(base, &[]);
        let ran = repo.pm(&["start", &id, "--base", base]).ok();
        assert!(!(ran.out + &ran.err).contains("merged into"), "{base}");
    }
    place.pm(&["finish", "--merge"]).ok();
    assert_eq!(repo.read("a.txt"), "a\n");
}

#[test]
fn status_names_every_target_that_its_remote_lacks() {
    let scene = Scene::new();
    let (_hub, a) = scene.with_hub();
    a.git(&["push", "-q", "origin", "main:release/1.0"]).ok();
    a.git(&["branch", "-q", "--no-track", "release/2.0"]).ok();
    let mut said = String::new();
    for (file, base) in [
        ("a.txt", "main"),
        ("b.txt", "origin/release/1.0"),
        ("c.txt", "release/2.0"),
    ] {
        let id = a.task(file, &[]);
        a.pm(&["start", &id, "--base", base]).ok();
        let place = a.worktree(&id);
        place.write(file, "x\n");
        place.commit_all(file);
        let merged = a.pm(&["finish", &id, "--merge"]).ok();
        said.push_str(&(merged.out + &merged.err));
    }
    // A reopening, and a sync, which forgets what arrived, change nothing.
    a.pm(&["task", "reopen", "T-0002"]).ok();
    a.pm(&["sync"]).ok();
    let status = a.pm(&["status"]).ok().out;
    for one in [
        "main is 1 commit ahead of origin/main",
        "release/1.0 is 1 commit ahead of origin/release/1.0",
        "release/2.0 is not at origin",
    ] {
        assert!(said.contains(one), "{said}");
        assert!(status.contains(one), "{status}");
    }
    assert!(status.contains("git push origin release/1.0"), "{status}");
    a.git(&["push", "-q", "origin", "main", "release/1.0", "release/2.0"])
        .ok();
    let remote = a.data(&["status"])["remote"].clone();
    assert_eq!(remote["targets"], serde_json::json!([]));
}

// As long as it is open: what is merged there later would reach nobody.
#[test]
fn work_that_begins_at_the_branch_of_an_epic_is_merged_into_it() {
    let scene = Scene::new();
    let repo = alone(&scene);
    repo.pm(&["epic", "create", "Login"]).ok();
    repo.pm(&["start", "E-0001"]).ok();
    let begun = |file: &str| {
        let id = repo.task(file, &[]);
        repo.pm(&["start", &id, "--base", "epic/login"]).ok();
        let place = repo.worktree(&id);
        place.write(file, "x\n");
        place.commit_all(file);
        id
    };
    let (one, two) = (begun("a.txt"), begun("b.txt"));
    let merged = |id: &str| repo.data(&["finish", id, "--merge"])["merged"]["target"].clone();
    assert_eq!(merged(&one), "epic/login");
    merged("E-0001");
    assert_eq!(merged(&two), "main");
}

// As `git switch` does, a start takes the remote's branch for one of its name that is not here.
#[test]
fn the_target_of_a_release_is_known_in_every_clone() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let b = scene.clone_of(&hub, "b", "Ben");
    a.git(&["push", "-q", "origin", "main:release/1.0"]).ok();
    for base in ["release/1.0", "origin/release/1.0"] {
        let id = a.task("Fix", &[]);
        a.pm(&["start", &id, "--base", base]).ok();
        let place = a.worktree(&id);
        place.write(&format!("{id}.txt"), "fix\n");
        place.commit_all("Fix");
        place.pm(&["finish"]).ok();
        b.pm(&["sync"]).ok();
        b.pm(&["task", "approve", &id]).ok();
        let merged = b.data(&["merge", &id]);
        assert_eq!(merged["merged"]["target"], "release/1.0");
    }
}

// Each of several people would have to set it otherwise, and the host may not be GitHub.
#[test]
fn nothing_promises_a_merge_into_a_target_that_moves_elsewhere() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.pm(&["config", "--shared", "pm.pullTargets", "main"]).ok();
    let (id, place) = worked(&a, "Fix", "fix.txt", "fix\n");
    place.pm(&["finish"]).ok();
    let branch = format!("task/{id}-fix");
    let push = format!("git push origin {branch}");
    let said = a.pm(&["task", "approve", &id]).ok().out;
    assert!(said.contains(&push), "{said}");
    assert!(!said.contains("next:"), "{said}");
    let plan = a.pm(&["merge", "--queue", "--plan"]);
    assert!(plan.out.contains(&push), "{plan:?}");
    assert!(!plan.out.contains("conflict risk"), "{plan:?}");
    let b = scene.clone_of(&hub, "b", "Ben");
    b.pm(&["sync"]).ok();
    let refused = b.pm(&["merge", &id]).exits(1).err;
    assert!(refused.contains("pm.pullTargets"), "{refused}");
    assert!(refused.contains(&push), "{refused}");
    // The host merges it.
    let from = format!("origin/{branch}");
    b.git(&["fetch", "-q"]).ok();
    b.git(&["merge", "-q", "--no-ff", "-m", "Merge", &from])
        .ok();
    b.git(&["push", "-q", "--no-verify", "origin", "main"]).ok();
    a.pm(&["sync"]).ok();
    assert_eq!(status(&a, &id), "done");
}

#[test]
fn status_says_how_a_target_gets_to_a_remote_that_moved_on() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.pm(&["init"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    for (repo, file) in [(&b, "b.txt"), (&a, "a.txt")] {
        repo.write(file, "x\n");
        repo.commit_all(file);
    }
    b.git(&["push", "-q", "origin", "main"]).ok();
    let said = a.pm(&["status"]).ok().out;
    assert!(
        said.contains("git push origin main; if that is rejected, first")
            && said.contains("git pull --no-rebase origin main"),
        "{said}"
    );
    a.git(&["push", "-q", "origin", "main"]).exits(1);
    a.git(&["pull", "-q", "--no-rebase", "origin", "main"]).ok();
    a.git(&["push", "-q", "origin", "main"]).ok();
}

/// Until the merger has pushed what work conflicts with, its author cannot resolve that: both are told, and the same
/// commit is not submitted again.
#[test]
fn returned_work_waits_for_the_push_of_what_it_conflicts_with() {
    let scene = Scene::new();
    let (hub, ana) = scene.with_hub();
    let id = ana.task("Fix", &[]);
    ana.pm(&["sync"]).ok();
    let ben = scene.clone_of(&hub, "b", "Ben");
    ben.pm(&["sync"]).ok();
    ben.pm(&["start", &id]).ok();
    let place = ben.worktree(&id);
    place.write("a.txt", "of Ben\n");
    place.commit_all("Work");
    place.pm(&["finish"]).ok();
    ana.write("a.txt", "of Ana\n");
    ana.commit_all("Meanwhile");
    ana.pm(&["sync"]).ok();
    ana.pm(&["approve", &id]).ok();
    let told = ana.pm(&["merge", &id]).exits(3).err;
    assert!(told.contains("`git push origin main`"), "{told}");
    ben.pm(&["sync"]).ok();
    let note = ben.data(&["show", &id])["returned"]["note"].to_string();
    assert!(note.contains("once Ana has pushed main"), "{note}");
    ben.pm(&["start", &id]).ok();
    let refused = ben.pm(&["finish", &id]).exits(1).err;
    assert!(refused.contains("still the same commit"), "{refused}");
    assert!(refused.contains("ask Ana to push main"), "{refused}");
    let status = ben.pm(&["status"]).ok().out;
    assert!(!status.contains("ready to finish"), "{status}");
    ana.git(&["push", "-q", "origin", "main"]).ok();
    ben.git(&["fetch", "-q", "origin"]).ok();
    let refused = ben.pm(&["finish", &id]).exits(1).err;
    assert!(refused.contains("merge main into its branch"), "{refused}");
    place
        .git(&["merge", "-q", "-X", "ours", "origin/main"])
        .ok();
    ben.pm(&["finish", &id]).ok();
    ana.pm(&["sync"]).ok();
    ana.pm(&["approve", &id]).ok();
    ana.pm(&["merge", &id]).ok();
    assert_eq!(ana.read("a.txt"), "of Ben\n");
}
