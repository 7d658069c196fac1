//! Hosts: where the state is kept, and the messages that they want.

use crate::support::{Repo, Scene};

/// go-gitea/gitea#16706: the host accepts only branches and tags.
#[test]
fn a_new_clone_finds_the_state_at_the_branch_for_such_hosts() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    hub.hook(
        "pre-receive",
        "#!/bin/sh\nwhile read -r old new ref; do\n  case $ref in refs/heads/*) ;; *) exit 1 ;; esac\ndone\n",
    );
    a.pm(&["config", "pm.remoteRef", "refs/heads/pm/main"]).ok();
    a.task("Shared", &[]);
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    assert!(b.pm(&["list"]).ok().out.contains("Shared"));
    let set = b.git(&["config", "pm.remoteRef"]).ok().text();
    assert_eq!(set, "refs/heads/pm/main");
    b.task("From b", &[]);
    b.pm(&["sync"]).ok();
    a.pm(&["sync"]).ok();
    assert_eq!(a.state_tree(), b.state_tree());
}

/// The subject on main after a task with these commits is merged.
fn subject(repo: &Repo, title: &str, more: &[&str], commits: &[&str]) -> String {
    let id = repo.task(title, more);
    repo.pm(&["start", &id]).ok();
    let place = repo.worktree(&id);
    for subject in commits {
        place.write(&format!("{id}-{}", subject.len()), "1\n");
        place.commit_all(subject);
    }
    place.pm(&["finish", "--merge"]).ok();
    repo.git(&["log", "-1", "--format=%s", "main"]).ok().text()
}

/// fork-dev/TrackerWin#2018: the project requires Conventional Commits, and work is squashed.
#[test]
fn squash_messages_follow_the_convention_of_the_project() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    assert_eq!(subject(&repo, "Add one", &[], &["wip", "more"]), "Add one");
    // The branch's only commit, and the type that weighs most of several.
    assert_eq!(
        subject(&repo, "add two", &[], &["feat(x): add two"]),
        "feat(x): add two"
    );
    let several = ["docs: three", "fix: the third"];
    assert_eq!(subject(&repo, "Three", &[], &several), "fix: three");
    repo.write("commitlint.config.js", "module.exports = {}\n");
    repo.commit_all("chore: lint messages");
    assert_eq!(
        subject(&repo, "Four", &["--type", "bug"], &["wip"]),
        "fix: four"
    );
    assert_eq!(subject(&repo, "ci: five", &[], &["wip"]), "ci: five");
    repo.git(&["config", "pm.mergeMessage", "title"]).ok();
    assert_eq!(subject(&repo, "Six", &[], &["feat: six"]), "Six");
    repo.git(&["config", "pm.mergeMessage", "{type}({id}): {title}"])
        .ok();
    assert_eq!(
        subject(&repo, "Seven", &[], &["feat: seven"]),
        "feat(T-0007): Seven"
    );
}

/// Mergifyio/mergify#5134, ubugeeei-prod/vize#3721: a squash keeps who worked on it, as its author and
/// co-authors, what breaks, and what it closes.
#[test]
fn a_squash_keeps_co_authors_breaking_changes_and_trailers() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    let id = repo.task("New interface.", &[]);
    repo.pm(&["start", &id]).ok();
    let place = repo.worktree(&id);
    for (file, who, message) in [
        (
            "one",
            "Cy",
            "feat(api)!: one\n\nBREAKING CHANGE: two is gone",
        ),
        (
            "two",
            "Ben",
            "fix: two\n\nWhy it is so.\n\nCloses: #12\nTask: T-9999",
        ),
    ] {
        place.write(file, "1\n");
        place.git(&["add", "."]).ok();
        let author = format!("--author={who} <{who}@example.org>");
        place.git(&["commit", "-q", &author, "-m", message]).ok();
    }
    place.pm(&["finish", "--merge"]).ok();
    let message = repo.git(&["log", "-1", "--format=%B", "main"]).ok().text();
    let expected = format!(
        "feat!: new interface\n\nBREAKING CHANGE: two is gone\n\nTask: {id}\nCloses: #12\n\
         Co-authored-by: Cy <Cy@example.org>"
    );
    assert_eq!(message, expected);
    let who = repo.git(&["log", "-1", "--format=%an, %cn", "main"]);
    assert_eq!(who.text(), "Ben, Ana");
}

/// twitter/rsc#52, smarkets/marge-bot#304: the commit of a merge is signed as the user's own are.
#[test]
fn the_commit_of_a_merge_is_signed() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    let key = scene.dir.path().join("key").display().to_string();
    repo.run("ssh-keygen", &["-q", "-t", "ed25519", "-N", "", "-f", &key])
        .ok();
    for (name, value) in [
        ("gpg.format", "ssh"),
        ("user.signingKey", &format!("{key}.pub")),
        ("commit.gpgSign", "true"),
    ] {
        repo.git(&["config", name, value]).ok();
    }
    subject(&repo, "One", &[], &["one"]);
    let raw = repo.git(&["cat-file", "commit", "main"]).ok().out;
    assert!(raw.contains("gpgsig"), "{raw}");
}

/// NOFireAI/ravel#965: the host rebased several commits, and others changed the same file afterwards.
#[test]
fn work_that_the_host_rebased_commit_by_commit_is_recognized() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let id = a.task("Fix", &[]);
    a.pm(&["start", &id]).ok();
    let place = a.worktree(&id);
    for text in ["one\n", "one\ntwo\n"] {
        place.write("f.txt", text);
        place.commit_all("Step");
    }
    place.pm(&["finish"]).ok();
    a.pm(&["task", "approve", &id]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    b.write("other.txt", "other\n");
    b.commit_all("Other");
    let branch = place.git(&["branch", "--show-current"]).text();
    b.git(&["fetch", "-q", "origin", &branch]).ok();
    b.git(&["cherry-pick", "main..FETCH_HEAD"]).ok();
    b.write("f.txt", "ONE\ntwo\n");
    b.commit_all("Later");
    b.git(&["push", "-q", "origin", "main"]).ok();
    a.pm(&["merge", &id]).ok();
    assert_eq!(a.tip("main"), b.tip("main"));
    assert_eq!(a.data(&["show", &id])["status"], "done");
}

/// gitbutlerapp/gitbutler#2847: a reviewer pushes a commit to the branch of a task.
#[test]
fn commits_that_others_added_to_submitted_work_are_not_left_out_silently() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let id = a.task("Fix", &[]);
    a.pm(&["start", &id]).ok();
    let place = a.worktree(&id);
    place.write("f.txt", "one\n");
    place.commit_all("One");
    place.pm(&["finish"]).ok();
    let branch = place.git(&["branch", "--show-current"]).text();
    let b = scene.clone_of(&hub, "b", "Ben");
    b.git(&["checkout", "-q", "-b", &branch, &format!("origin/{branch}")])
        .ok();
    b.write("g.txt", "two\n");
    b.commit_all("Two");
    b.git(&["push", "-q", "origin", &branch]).ok();
    a.git(&["fetch", "-q"]).ok();
    let refused = a.pm(&["task", "approve", &id]).exits(1).err;
    assert!(refused.contains("has newer commits"), "{refused}");
    // As the hint says.
    let tracking = format!("origin/{branch}");
    place.git(&["merge", "-q", "--ff-only", &tracking]).ok();
    a.pm(&["finish", &id]).ok();
    a.pm(&["task", "approve", &id]).ok();
    a.pm(&["merge", &id]).ok();
    assert_eq!(a.read("g.txt"), "two\n");
}

/// stablyai/orca#624: the state is at the repository that was forked.
#[test]
fn a_clone_of_a_fork_finds_the_state_upstream() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.task("Shared", &[]);
    a.pm(&["sync"]).ok();
    let fork = scene.bare("fork.git");
    a.git(&["push", "-q", fork.path.to_str().unwrap(), "main"])
        .ok();
    let b = scene.at("b");
    a.git(&["clone", "-q", "../fork.git", "../b"]).ok();
    let upstream = hub.path.to_str().unwrap();
    b.git(&["remote", "add", "upstream", upstream]).ok();
    let told = b.pm(&["init"]).ok();
    assert!(told.err.contains("pm.remote"), "{told:?}");
    assert!(b.pm(&["list"]).ok().out.contains("Shared"));
}

/// galaxyproject/planemo#1133: the remote was renamed, and a fork added under its name.
#[test]
fn the_state_stays_with_a_remote_that_was_renamed() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.task("Shared", &[]);
    a.pm(&["sync"]).ok();
    let fork = scene.bare("fork.git");
    a.git(&["remote", "rename", "origin", "upstream"]).ok();
    a.git(&["remote", "add", "origin", fork.path.to_str().unwrap()])
        .ok();
    a.task("Another", &[]);
    a.pm(&["sync"]).ok();
    assert_eq!(fork.git(&["for-each-ref"]).out, "");
    assert_eq!(hub.tip("refs/pm/main"), a.tip("refs/pm/main"));
}

/// letsencrypt/boulder#8640, opensearch-project/opensearch-api-specification#300, deskhq/the-desk#619.
#[test]
fn the_base_of_a_start_is_one_commit_and_the_target_may_exist_at_the_remote_alone() {
    let scene = Scene::new();
    let (_hub, a) = scene.with_hub();
    let id = a.task("Fix", &[]);
    a.git(&["tag", "v1"]).ok();
    a.git(&["branch", "v1"]).ok();
    let refused = a.pm(&["start", &id, "--base", "v1"]).exits(2).err;
    assert!(refused.contains("refs/tags/v1"), "{refused}");
    a.git(&["checkout", "-q", "--detach"]).ok();
    a.git(&["branch", "-q", "-D", "main", "v1"]).ok();
    a.pm(&["start", &id]).ok();
    assert_eq!(a.worktree(&id).tip("HEAD"), a.tip("origin/main"));
}
