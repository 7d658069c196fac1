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
    let repo = scene.repo("a");
    repo.pm(&["init"]).ok();
    assert_eq!(subject(&repo, "Add one", &[], &["wip", "more"]), "Add one");
    // The branch's only commit, and the type that weighs most of several.
    assert_eq!(
        subject(&repo, "add two", &[], &["feat(x): add two"]),
        "feat(x): add two"
    );
    let several = ["docs: three", "fix: the third"];
    assert_eq!(subject(&repo, "Three", &[], &several), "fix: Three");
    repo.write("commitlint.config.js", "module.exports = {}\n");
    repo.commit_all("chore: lint messages");
    assert_eq!(
        subject(&repo, "Four", &["--type", "bug"], &["wip"]),
        "fix: Four"
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
