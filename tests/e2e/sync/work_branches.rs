//! Branches of work are pushed for other clones, and new work starts at the remote's target.

use crate::support::{Repo, Scene, forge};

/// A remote, a clone in which work was started, and a second clone.
fn with_work() -> (Scene, Repo, Repo, Repo, String) {
    let scene = Scene::new();
    let (hub, ana) = scene.with_hub();
    let id = ana.task("Fix login", &[]);
    let lea = scene.clone_of(&hub, "lea", "Lea");
    lea.pm(&["sync"]).ok();
    (scene, hub, ana, lea, id)
}

fn work(repo: &Repo, id: &str) {
    repo.pm(&["start", id]).ok();
    let place = repo.worktree(id);
    place.write("src/auth.rs", "pub fn login() -> bool { true }\n");
    place.commit_all("Make login answer");
}

#[test]
fn finished_work_can_be_approved_and_merged_from_another_clone() {
    let (_scene, hub, ana, lea, id) = with_work();
    work(&ana, &id);
    let done = ana.data(&["finish", &id]);
    assert_eq!(done["pushed_to"], "origin");
    let branch = done["branch"].as_str().unwrap();
    assert_eq!(hub.tip(branch), ana.tip(branch));
    // Lea does not fetch by hand.
    lea.pm(&["sync"]).ok();
    let tracked = format!("refs/remotes/origin/{branch}");
    assert_eq!(lea.tip(&tracked), ana.tip(branch));
    let status = lea.pm(&["status"]).ok().out;
    assert!(!status.contains("same as main"), "{status}");
    let next =
        format!("next: git pm task diff {id} · git pm task approve {id} · git pm task return");
    assert!(status.contains(&next), "{status}");
    lea.pm(&["task", "approve", &id]).ok();
    lea.pm(&["merge", &id]).ok();
    assert_eq!(lea.data(&["show", &id])["status"], "done");
    assert!(lea.read("src/auth.rs").contains("bool"));
}

#[test]
fn finished_work_that_is_not_pushed_is_reported_with_its_clone() {
    let (_scene, hub, ana, lea, id) = with_work();
    ana.pm(&["config", "pm.push", "never"]).ok();
    work(&ana, &id);
    let done = ana.pm(&["finish", &id, "--json"]).ok();
    assert!(done.data()["pushed_to"].is_null());
    let branch = done.data()["branch"].as_str().unwrap().to_string();
    assert_eq!(hub.tip(&branch), "");
    lea.pm(&["sync"]).ok();
    let shown = lea.pm(&["show", &id]).ok();
    assert!(shown.err.contains("is in the clone of Ana"), "{shown:?}");
    assert!(shown.err.contains("git push origin"), "{shown:?}");
    lea.pm(&["merge", &id]).exits(1);
}

#[test]
fn a_refused_push_of_a_branch_fails_the_finish_with_the_words_of_the_server() {
    let (_scene, hub, ana, _lea, id) = with_work();
    hub.hook("pre-receive", "while read old new ref; do case $ref in refs/heads/*) echo 'no branches today' >&2; exit 1;; esac; done");
    work(&ana, &id);
    let done = ana.pm(&["finish", &id]).exits(1);
    assert!(done.err.contains("no branches today"), "{done:?}");
    assert_eq!(ana.data(&["show", &id])["status"], "in_progress");
    hub.hook("pre-receive", "exit 0");
    ana.pm(&["finish", &id]).ok();
    assert_eq!(ana.data(&["show", &id])["status"], "in_review");
}

/// A submitted branch that did not reach the remote is pushed by the next sync.
#[test]
fn a_branch_that_was_submitted_offline_is_pushed_by_the_next_sync() {
    let (_scene, hub, ana, lea, id) = with_work();
    work(&ana, &id);
    let said = ana.pm(&["--offline", "finish", &id]).ok().err;
    assert!(said.contains("`git -C "), "{said}");
    let branch = ana.worktree(&id).git(&["branch", "--show-current"]).text();
    assert!(
        !hub.git(&["branch", "--list", &branch])
            .out
            .contains("task/")
    );
    let told = ana.pm(&["sync"]).ok().err;
    assert!(told.contains(&branch), "{told}");
    assert_eq!(hub.tip(&branch), ana.tip(&branch));
    lea.pm(&["sync"]).ok();
    lea.pm(&["task", "approve", &id]).ok();
}

#[test]
fn new_work_starts_at_the_remotes_target_and_does_not_move_the_local_branch() {
    let (_scene, hub, ana, lea, id) = with_work();
    lea.write("docs/guide.md", "A longer guide\n");
    lea.commit_all("Write more");
    lea.git(&["push", "-q", "origin", "main"]).ok();
    let before = ana.tip("main");
    ana.pm(&["start", &id]).ok();
    let place = ana.worktree(&id);
    assert_eq!(place.tip("HEAD"), hub.tip("main"));
    assert_eq!(ana.tip("main"), before);
    place.write("src/auth.rs", "pub fn login() -> bool { true }\n");
    place.commit_all("Make login answer");
    let branches = ana.data(&["status"])["branches"].clone();
    assert_eq!(branches[0]["ahead"], 1, "{branches}");
    assert_eq!(branches[0]["behind"], 0, "{branches}");
}

#[test]
fn diverged_targets_are_reported() {
    let (_scene, _hub, ana, lea, id) = with_work();
    lea.write("docs/guide.md", "A longer guide\n");
    lea.commit_all("Write more");
    lea.git(&["push", "-q", "origin", "main"]).ok();
    ana.write("README.md", "# Ours\n");
    ana.commit_all("Rename");
    let started = ana.pm(&["start", &id]).ok();
    assert!(started.err.contains("have diverged"), "{started:?}");
    assert_eq!(ana.worktree(&id).tip("HEAD"), ana.tip("main"));
}

#[test]
fn work_that_was_not_fetched_is_not_reported_as_unpushed() {
    let (_scene, _hub, ana, lea, id) = with_work();
    work(&ana, &id);
    ana.pm(&["finish", &id]).ok();
    lea.pm(&["config", "pm.sync", "manual"]).ok();
    lea.pm(&["sync"]).ok();
    let status = lea.pm(&["status"]).ok().out;
    let line = format!("not fetched yet: `git pm show {id}` fetches it");
    assert!(status.contains(&line), "{status}");
    assert!(!status.contains("same as main"), "{status}");
    for args in [&["show", &id][..], &["--offline", "show", &id]] {
        let told = lea.pm(args).ok().err;
        assert!(told.contains("offline, or pm.sync=manual"), "{told}");
        assert!(told.contains("`git fetch origin task/"), "{told}");
        assert!(!told.contains("has to push"), "{told}");
    }
    // A remote that does not answer is not reported as lacking the work.
    lea.git(&["config", "--unset", "pm.sync"]).ok();
    lea.git(&["remote", "set-url", "origin", "../nowhere.git"])
        .ok();
    let told = lea.pm(&["show", &id]).ok().err;
    assert!(told.contains("cannot be fetched from origin"), "{told}");
    assert!(!told.contains("has to push"), "{told}");
}

#[test]
fn a_branch_that_diverged_at_the_remote_is_reported() {
    let (_scene, hub, ana, lea, id) = with_work();
    work(&ana, &id);
    // Git takes a relative URL from the worktree it runs in.
    let url = hub.path.to_str().unwrap();
    ana.git(&["remote", "set-url", "origin", url]).ok();
    let branch = ana.worktree(&id).git(&["branch", "--show-current"]).text();
    lea.write("docs/guide.md", "A longer guide\n");
    lea.commit_all("Write more");
    lea.git(&["push", "-q", "origin", &format!("HEAD:refs/heads/{branch}")])
        .ok();
    let told = ana.pm(&["finish", &id]).exits(1).err;
    let pull = format!("git pull --no-rebase origin {branch}");
    assert!(told.contains(&pull), "{told}");
    // The suggested commands work.
    let place = ana.worktree(&id);
    place
        .git(&["pull", "-q", "--no-rebase", "--no-edit", "origin", &branch])
        .ok();
    ana.pm(&["finish", &id]).ok();
    assert_eq!(hub.tip(&branch), ana.tip(&branch));
    lea.pm(&["sync"]).ok();
    assert_eq!(lea.pm(&["show", &id]).ok().err, "");
}

#[test]
fn a_remote_without_the_target_is_not_reported_as_unreachable() {
    let scene = Scene::new();
    scene.bare("hub.git");
    let ana = scene.repo("a");
    ana.git(&["remote", "add", "origin", "../hub.git"]).ok();
    ana.pm(&["init"]).ok();
    let id = ana.task("Fix login", &[]);
    let told = ana.pm(&["start", &id]).ok().err;
    assert!(!told.contains("cannot fetch"), "{told}");
}

#[test]
fn branch_names_are_quoted_in_suggested_commands() {
    let (_scene, _hub, ana, lea, id) = with_work();
    ana.pm(&["config", "pm.push", "never"]).ok();
    work(&ana, &id);
    let tip = ana.worktree(&id).tip("HEAD");
    ana.pm(&["finish", &id]).ok();
    let path = forge::path_of(&ana, &id);
    let text = forge::read(&ana, &path);
    let branch = text.lines().find(|l| l.starts_with("branch: ")).unwrap();
    let text = text.replace(branch, "branch: \"task/$(touch${IFS}pwned)\"");
    forge::put(&ana, &path, text.as_bytes());
    ana.pm(&["sync"]).ok();
    lea.pm(&["sync"]).ok();
    let told = lea.pm(&["show", &id]).ok().err;
    let at = &tip[..10];
    let quoted = format!("`git push origin '{at}:refs/heads/task/$(touch${{IFS}}pwned)'`");
    assert!(told.contains(&quoted), "{told}");
}

#[test]
fn the_branch_of_submitted_work_that_was_deleted_comes_back() {
    let (_scene, hub, ana, lea, id) = with_work();
    work(&ana, &id);
    let tip = ana.worktree(&id).tip("HEAD");
    ana.pm(&["config", "pm.push", "never"]).ok();
    ana.pm(&["finish", &id]).ok();
    let branch = branch_of(&ana, &id);
    let place = ana.worktree(&id).path.display().to_string();
    ana.git(&["worktree", "remove", "--force", &place]).ok();
    ana.git(&["branch", "-q", "-D", &branch]).ok();
    // What both are told brings it back.
    let told = ana.pm(&["finish", &id]).exits(4).err;
    let command = format!("git branch {branch} {tip}");
    assert!(told.contains(&command), "{told}");
    ana.pm(&["sync"]).ok();
    lea.pm(&["sync"]).ok();
    let told = lea.pm(&["show", &id]).ok().err;
    let push = format!("git push origin {}:refs/heads/{branch}", &tip[..10]);
    assert!(told.contains(&push), "{told}");
    // Where git pm pushes, it does so itself.
    ana.pm(&["config", "pm.push", "finish"]).ok();
    let said = ana.pm(&["sync"]).ok().err;
    assert!(said.contains("was made again"), "{said}");
    assert_eq!(hub.tip(&branch), tip);
    lea.pm(&["task", "approve", &id]).ok();
    lea.pm(&["merge", &id]).ok();
    assert!(lea.read("src/auth.rs").contains("bool"));
}

/// The branch of an item.
fn branch_of(repo: &Repo, id: &str) -> String {
    let item = repo.data(&["show", id]);
    item["branch"].as_str().unwrap().to_string()
}

#[test]
fn a_stale_branch_of_the_same_name_is_not_the_approved_work() {
    let (_scene, _hub, ana, lea, id) = with_work();
    ana.pm(&["sync"]).ok();
    lea.pm(&["sync"]).ok();
    lea.pm(&["start", &id]).ok();
    lea.pm(&["drop", &id]).ok();
    lea.pm(&["sync"]).ok();
    ana.pm(&["sync"]).ok();
    work(&ana, &id);
    ana.pm(&["finish", &id]).ok();
    ana.pm(&["task", "approve", &id]).ok();
    ana.write("other.txt", "x\n");
    ana.commit_all("Something else");
    ana.git(&["push", "-q", "origin", "main"]).ok();
    // The branch at the remote is not known here, as with a clone of one branch.
    let branch = branch_of(&ana, &id);
    ana.git(&["push", "-q", "origin", &format!(":{branch}")])
        .ok();
    for _ in 0..2 {
        let synced = lea.pm(&["sync"]).ok();
        assert!(!synced.err.contains("is done"), "{}", synced.err);
    }
    assert_eq!(lea.data(&["show", &id])["status"], "ready_for_integration");
    let (shown, at) = (lea.pm(&["show", &id]).ok().out, lea.tip(&branch));
    let other = format!("this clone's branch is at {}", &at[..10]);
    assert!(shown.contains(&other), "{shown}");
    assert!(!shown.contains("has moved"), "{shown}");
    let status = lea.pm(&["status"]).ok().out;
    assert!(!status.contains("already merged"), "{status}");
    ana.pm(&["merge", &id]).ok();
    assert!(ana.read("src/auth.rs").contains("bool"));
}

#[test]
fn after_a_takeover_the_former_holders_branch_is_neither_approved_nor_merged() {
    let (_scene, _hub, ana, lea, id) = with_work();
    ana.pm(&["sync"]).ok();
    work(&ana, &id);
    ana.pm(&["sync"]).ok();
    lea.pm(&["sync"]).ok();
    lea.pm(&["task", "reassign", &id, "--to", "Lea"]).ok();
    let started = lea.pm(&["start", &id]).ok().out;
    assert!(started.contains("Ana had begun"), "{started}");
    let place = lea.worktree(&id);
    place.write("lea.txt", "lea\n");
    place.commit_all("Lea");
    lea.pm(&["finish", &id]).ok();
    let submitted = place.tip("HEAD");

    ana.pm(&["sync"]).ok();
    let branch = branch_of(&ana, &id);
    let own = ana.tip(&branch);
    assert_eq!(
        ana.data(&["show", &id])["work"]["branch_stands"],
        "diverged"
    );
    let text = ana.pm(&["show", &id]).ok().out;
    assert!(text.contains("which is not the submitted work"), "{text}");
    let refused = ana.pm(&["task", "approve", &id, "--commit", &own]).exits(1);
    assert!(!refused.err.contains("--commit"), "{}", refused.err);
    ana.pm(&["task", "approve", &id]).ok();
    assert_eq!(
        ana.data(&["show", &id])["work"]["commit"],
        submitted.as_str()
    );
    let refused = ana.pm(&["merge", &id]).exits(1).err;
    assert!(refused.contains("not the approved work"), "{refused}");
    let aside = format!("{branch}-own");
    assert!(
        refused.contains(&format!("git branch -m {branch} {aside}")),
        "{refused}"
    );
    ana.git(&["branch", "-m", &branch, &aside]).ok();
    ana.pm(&["merge", &id]).ok();
    assert_eq!(ana.read("lea.txt"), "lea\n");
    assert_eq!(ana.tip(&aside), own);
    assert!(
        !ana.read("src/auth.rs").contains("bool"),
        "the wrong work was merged"
    );
    let told = ana.pm(&["doctor"]).out;
    assert!(!told.contains("switch -c"), "{told}");
}

/// What a merge accepts is what is shown, in the author's clone and in others.
#[test]
fn a_clean_rebase_after_the_approval_is_told_apart_from_new_commits() {
    let (_scene, _hub, ana, lea, id) = with_work();
    work(&ana, &id);
    ana.pm(&["finish", &id]).ok();
    lea.pm(&["sync"]).ok();
    lea.pm(&["approve", &id]).ok();
    lea.write("other.txt", "other\n");
    lea.commit_all("Other");
    lea.git(&["push", "-q", "origin", "main"]).ok();
    ana.pm(&["sync"]).ok();
    let place = ana.worktree(&id);
    let push = || {
        let branch = place.git(&["branch", "--show-current"]).text();
        ana.git(&["push", "-q", "--force", "origin", &branch]).ok();
        lea.git(&["fetch", "-q"]).ok();
    };
    place.write("more.txt", "more\n");
    place.commit_all("More");
    push();
    for clone in [&ana, &lea] {
        let shown = clone.pm(&["show", &id]).ok().out;
        assert!(shown.contains("which is not approved"), "{shown}");
        assert!(!shown.contains("git pm merge"), "{shown}");
        let status = clone.pm(&["status"]).ok().out;
        assert!(status.contains("moved on since its approval"), "{status}");
    }
    place.git(&["reset", "-q", "--hard", "HEAD~1"]).ok();
    ana.git(&["pull", "-q", "--ff-only"]).ok();
    place.git(&["rebase", "-q", "origin/main"]).ok();
    push();
    let now = place.tip("HEAD");
    let told = format!("the branch is at {}, with the same changes", &now[..10]);
    for clone in [&ana, &lea] {
        let shown = clone.pm(&["show", &id]).ok().out;
        assert!(shown.contains(&told), "{shown}");
        assert!(shown.contains(&format!("git pm merge {id}")), "{shown}");
        let work = clone.data(&["show", &id])["work"].clone();
        assert_eq!(work["branch_stands"], "covered");
        let status = clone.pm(&["status"]).ok().out;
        assert!(
            status.contains("ready to merge") && !status.contains("moved on"),
            "{status}"
        );
    }
    lea.pm(&["merge", &id]).ok();
}

// The author's own rewriting is not another's work, which would have to be merged.
#[test]
fn a_branch_that_was_rewritten_after_its_push_is_pushed_with_a_lease() {
    let (_scene, hub, ana, _lea, id) = with_work();
    work(&ana, &id);
    let branch = ana.data(&["finish", &id])["branch"].clone();
    let branch = branch.as_str().unwrap();
    let place = ana.worktree(&id);
    place.git(&["commit", "-q", "--amend", "-m", "Again"]).ok();
    let refused = ana.pm(&["--json", "finish", &id]).exits(1).error();
    let text = refused.to_string();
    assert!(text.contains("before it was rewritten here"), "{text}");
    let lease = format!("--force-with-lease={branch}:{}", &hub.tip(branch)[..10]);
    assert!(text.contains(&lease), "{text}");
    // The hub's URL is a relative path, which git takes from its folder.
    assert!(text.contains("git -C "), "{text}");
    assert!(!text.contains("git pull"), "{text}");
    ana.git(&["push", "-q", &lease, "origin", branch]).ok();
    ana.pm(&["finish", &id]).ok();
    assert_eq!(hub.tip(branch), ana.tip(branch));
}

/// Work that was begun in two clones, of which one lost its claim and then got the task: what `finish` would refuse is
/// said at the start, and by `status`.
#[test]
fn commits_of_others_on_the_branch_of_reassigned_work_are_said_before_it_is_finished() {
    let (_scene, hub, ana, lea, id) = with_work();
    ana.pm(&["sync"]).ok();
    lea.pm(&["sync"]).ok();
    lea.pm(&["start", &id, "--offline"]).ok();
    let place = lea.worktree(&id);
    place.write("lea.txt", "lea\n");
    place.commit_all("Of Lea");
    work(&ana, &id);
    lea.pm(&["sync"]);
    ana.pm(&["task", "reassign", &id, "--to", "Lea"]).ok();
    ana.pm(&["sync"]).ok();
    lea.pm(&["sync"]).ok();
    let started = lea.data(&["start", &id]);
    let branch = started["branch"].as_str().unwrap();
    let pull = format!("git pull --no-rebase origin {branch}");
    let warned = started["warnings"].to_string();
    assert!(warned.contains(&pull), "{warned}");
    let status = lea.data(&["status"])["branches"][0].clone();
    assert_eq!(status["step"], "stopped", "{status}");
    let why = status["readiness"].as_str().unwrap();
    assert!(why.contains("origin has commits of"), "{why}");
    let refused = place.pm(&["finish"]).exits(1).err;
    assert!(refused.contains(why), "{refused}");
    // The command of the warning works.
    place
        .git(&["pull", "-q", "--no-rebase", "--no-edit", "origin", branch])
        .ok();
    assert_eq!(lea.data(&["status"])["branches"][0]["step"], "finish");
    place.pm(&["finish"]).ok();
    assert_eq!(hub.tip(branch), lea.tip(branch));
}

#[test]
fn every_hint_of_a_push_replaces_what_was_rewritten_here() {
    let (_scene, hub, ana, _lea, id) = with_work();
    work(&ana, &id);
    let branch = branch_of(&ana, &id);
    ana.pm(&["drop", &id]).ok();
    let lease = format!("--force-with-lease={branch}:{}", &hub.tip(&branch)[..10]);
    ana.pm(&["start", &id]).ok();
    let place = ana.worktree(&id);
    place.git(&["commit", "-q", "--amend", "-m", "Again"]).ok();
    // What finish would refuse is not ready.
    let status = place.pm(&["status"]).ok().out;
    assert!(
        status.contains(&lease) && !status.contains("ready to finish"),
        "{status}"
    );
    for args in [&["drop", &id][..], &["status"], &["doctor"]] {
        let ran = ana.pm(args);
        let said = ran.out + &ran.err;
        assert!(said.contains(&lease), "{args:?}: {said}");
    }
    ana.git(&["push", "-q", &lease, "origin", &branch]).ok();
    let told = ana.pm(&["doctor"]).out;
    assert!(!told.contains("only this clone has"), "{told}");
}

/// Delivered work is not reopened because this clone has not seen its merge yet.
#[test]
fn work_that_was_merged_in_another_clone_has_a_worktree_that_waits_for_it() {
    let (_scene, _hub, ana, lea, id) = with_work();
    work(&ana, &id);
    ana.pm(&["finish", &id]).ok();
    lea.pm(&["sync"]).ok();
    lea.pm(&["task", "approve", &id]).ok();
    lea.pm(&["merge", &id]).ok();
    lea.pm(&["sync"]).ok();
    ana.pm(&["sync"]).ok();
    let told = ana.pm(&["doctor"]).out;
    let merged = "Lea merged it into main at ";
    assert!(
        told.contains(merged) && told.contains("not in this clone yet"),
        "{told}"
    );
    assert!(!told.contains("task reopen"), "{told}");
}
