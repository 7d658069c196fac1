//! Remotes as reports describe them: forks and mirrors, a repository for the state alone, servers that
//! cannot write, and addresses that git does not trust.

use super::git_settings::unshared;
use super::reported::{said, worked};
use crate::support::{Repo, Scene, binary, script_file};

/// Clones with the options of git.
fn cloned(scene: &Scene, more: &[&str], from: &Repo, name: &str) -> Repo {
    let from = from.path.to_str().unwrap();
    let args = [&["clone", "-q"], more, &[from, name]].concat();
    scene.at(".").git(&args).ok();
    scene.at(name)
}

// openemr/openemr-devops#814, jganoff/wsp#64: the claims would have been settled in the fork.
#[test]
fn an_old_copy_of_the_state_in_a_fork_is_not_taken_silently() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.pm(&["config", "pm.remoteRef", "refs/heads/pm/main"]).ok();
    a.task("Old work", &[]);
    a.pm(&["sync"]).ok();
    let fork = cloned(&scene, &["--bare"], &hub, "fork.git");
    a.task("Shared work", &[]);
    a.pm(&["sync"]).ok();
    let b = cloned(&scene, &[], &fork, "b");
    let upstream = hub.path.to_str().unwrap();
    b.git(&["remote", "add", "upstream", upstream]).ok();
    b.git(&["fetch", "-q", "upstream"]).ok();
    let told = b.pm(&["init"]).ok();
    let command = "git pm config pm.remote upstream";
    assert!(
        told.err.contains("upstream has a newer state") && told.err.contains(command),
        "{told:?}"
    );
    // As it says.
    b.pm(&["config", "pm.remote", "upstream"]).ok();
    b.pm(&["sync"]).ok();
    assert!(b.pm(&["list"]).ok().out.contains("Shared work"));
    // A fork with the newest state needs no word.
    let newest = cloned(&scene, &["--bare"], &hub, "newest.git");
    let c = cloned(&scene, &[], &newest, "c");
    c.git(&["remote", "add", "upstream", upstream]).ok();
    c.git(&["fetch", "-q", "upstream"]).ok();
    let told = c.pm(&["init"]).ok();
    assert!(!said(&told).contains("newer state"), "{told:?}");
}

// go-gitea/gitea#7609, lunarway/release-manager#630: the same command was to be run again each time.
#[test]
fn a_replica_that_lags_behind_the_address_of_pushes_is_named() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.task("One", &[]);
    a.pm(&["sync"]).ok();
    let mirror = cloned(&scene, &["--mirror"], &hub, "mirror.git");
    let b = scene.clone_of(&hub, "b", "Ben");
    let (from, to) = (mirror.path.to_str().unwrap(), hub.path.to_str().unwrap());
    for clone in [&a, &b] {
        clone.git(&["remote", "set-url", "origin", from]).ok();
        let push = ["remote", "set-url", "--push", "origin", to];
        clone.git(&push).ok();
    }
    b.by("Ben").pm(&["start", "T-0001"]);
    let claim = hub.git(&["log", "-1", "--format=%s", "refs/pm/main"]);
    assert!(
        claim.out.contains("T-0001: claimed by Ben"),
        "{}",
        claim.out
    );
    let refused = a.pm(&["start", "T-0001"]);
    assert_ne!(refused.code, 0, "two have the task: {refused:?}");
    let told = said(&refused);
    assert!(
        told.contains("origin is fetched from another address than it is pushed to"),
        "{told}"
    );
    let command = format!("git pm config pm.remote {to}");
    assert!(told.contains(&command), "{told}");
    // As it says.
    a.pm(&["config", "pm.remote", to]).ok();
    let refused = a.pm(&["start", "T-0001"]);
    assert_ne!(refused.code, 0, "two have the task: {refused:?}");
    assert!(said(&refused).contains("Ben"), "{refused:?}");
}

// gastownhall/beads#736, deskhq/the-desk#639
#[test]
fn with_the_state_at_an_address_of_its_own_work_starts_at_the_newest_target_of_origin() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let state = scene.bare("state.git");
    a.pm(&["config", "pm.remote", state.path.to_str().unwrap()])
        .ok();
    a.task("One", &[]);
    a.pm(&["sync"]).ok();
    let b = cloned(&scene, &[], &hub, "b");
    b.git(&["commit", "-q", "--allow-empty", "-m", "Newer"])
        .ok();
    b.git(&["push", "-q"]).ok();
    a.pm(&["start", "T-0001"]).ok();
    assert_eq!(a.tip("task/T-0001-one"), hub.tip("main"));
    assert_eq!(state.tip("refs/pm/main"), a.tip("refs/pm/main"));
}

// gastownhall/beads#736: the branch was in one clone only, and the other said that it had no remote.
#[test]
fn with_the_state_at_an_address_of_its_own_branches_go_to_origin_and_others_merge_them() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let state = scene.bare("state.git");
    let to = state.path.to_str().unwrap();
    a.pm(&["config", "pm.remote", to]).ok();
    worked(&a).pm(&["finish"]).ok();
    assert_eq!(hub.tip("task/T-0001-one"), a.tip("task/T-0001-one"));
    a.pm(&["sync"]).ok();
    let b = cloned(&scene, &[], &hub, "b");
    b.pm(&["init"]).ok();
    b.pm(&["config", "pm.remote", to]).ok();
    b.pm(&["sync"]).ok();
    b.pm(&["task", "approve", "T-0001"]).ok();
    b.pm(&["merge", "T-0001"]).ok();
    assert_eq!(b.git(&["show", "main:work.txt"]).text(), "work");
    // Nothing but the state is there, and no state elsewhere.
    let refs = |repo: &Repo| repo.git(&["for-each-ref", "--format=%(refname)"]).out;
    assert!(!refs(&hub).contains("refs/pm/"), "{}", refs(&hub));
    assert!(!refs(&state).contains("refs/heads/"), "{}", refs(&state));
}

// sublimehq/sublime_merge#649, twosigma/git-meta#484
#[test]
fn the_branch_of_a_task_goes_where_git_push_sends_it() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let fork = cloned(&scene, &["--bare"], &hub, "fork.git");
    hub.hook(
        "pre-receive",
        "while read -r old new ref; do\n  case $ref in refs/pm/*) ;; *) \
         echo only maintainers push branches >&2; exit 1 ;; esac\ndone\n",
    );
    a.git(&["remote", "add", "fork", fork.path.to_str().unwrap()])
        .ok();
    a.git(&["config", "remote.pushDefault", "fork"]).ok();
    worked(&a).pm(&["finish"]).ok();
    assert_eq!(fork.tip("task/T-0001-one"), a.tip("task/T-0001-one"));
    assert_eq!(a.data(&["show", "T-0001"])["status"], "in_review");
    assert_eq!(hub.tip("refs/pm/main"), a.tip("refs/pm/main"));
    assert_eq!(fork.tip("refs/pm/main"), "", "the state is at origin only");
}

// OpenNeuroOrg/openneuro#2839, nfs-ganesha/nfs-ganesha#1293: a rule of the host was blamed.
#[test]
fn a_server_that_cannot_write_is_quoted() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.pm(&["sync"]).ok();
    a.task("Two", &[]);
    let script =
        "mount --bind \"$1\" \"$1\" && mount -o remount,ro,bind \"$1\" && exec \"$2\" sync";
    let place = hub.path.to_str().unwrap();
    let args = ["sh", "-c", script, "sh", place, binary()];
    let Some(ran) = unshared(&a, &["-Urm"], &args) else {
        return;
    };
    let told = said(&ran.exits(6));
    assert!(told.contains("unpack failed"), "{told}");
    assert!(told.contains("temporary object directory"), "{told}");
    assert!(told.contains("disk of the server"), "{told}");
    assert!(!told.contains("remoteRef"), "{told}");
    a.pm(&["sync"]).ok();
    assert_eq!(hub.tip("refs/pm/main"), a.tip("refs/pm/main"));
}

// Of the same kind, wherever a test runs: a server that takes no pack of this size.
#[test]
fn a_server_that_unpacks_nothing_is_quoted() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.pm(&["sync"]).ok();
    a.task("Two", &[]);
    hub.git(&["config", "receive.maxInputSize", "1"]).ok();
    let told = said(&a.pm(&["sync"]).exits(6));
    assert!(told.contains("unpack failed"), "{told}");
    assert!(!told.contains("remoteRef"), "{told}");
}

// git-lfs/git-lfs#5399, daintreehq/daintree#5378: the network was blamed.
#[test]
fn the_remedy_for_a_remote_of_another_user_is_given() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let place = hub.path.canonicalize().unwrap();
    let place = place.to_str().unwrap();
    a.git(&["remote", "set-url", "origin", place]).ok();
    a.task("One", &[]);
    // Git's own pretence, as only root can give a folder to another user.
    let program = scene.dir.path().join("upload-pack");
    script_file(
        &program,
        "GIT_TEST_ASSUME_DIFFERENT_OWNER=1 exec git upload-pack \"$@\"",
    );
    a.git(&[
        "config",
        "remote.origin.uploadpack",
        program.to_str().unwrap(),
    ])
    .ok();
    let fetched = a.git(&["fetch"]);
    assert!(
        fetched.code != 0 && fetched.err.contains("safe.directory"),
        "{fetched:?}"
    );
    let told = said(&a.pm(&["sync"]).exits(6));
    let remedy = format!("git config --global --add safe.directory {place}");
    assert!(told.contains(&remedy), "{told}");
    assert!(told.contains("does not trust the remote origin"), "{told}");
    for blamed in ["cannot reach", "network"] {
        assert!(!told.contains(blamed), "{told}");
    }
    // As it says.
    a.git(&["config", "--global", "--add", "safe.directory", place])
        .ok();
    a.pm(&["sync"]).ok();
    assert_eq!(hub.tip("refs/pm/main"), a.tip("refs/pm/main"));
}
