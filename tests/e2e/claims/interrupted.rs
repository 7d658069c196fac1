//! Kills and lost answers between the push of a claim and its swap.

use super::{holder, two_clones};
use crate::support::{Repo, Scene};

/// Pushes, and is killed before it records the result locally.
const KILLED_AFTER_PUSH: &str = r#"
case "$1 $*" in
push*:refs/pm/main*) "$REAL" "$@" && kill -9 $PPID ;;
*) exec "$REAL" "$@" ;;
esac"#;

/// Is killed before the push.
const KILLED_BEFORE_PUSH: &str = r#"
case "$1 $*" in
push*:refs/pm/main*) kill -9 $PPID ;;
*) exec "$REAL" "$@" ;;
esac"#;

// C3: killed between the push and the local swap. The remote has the claim, this clone does not:
// the next online command of this clone ends it, and others may start.
#[test]
fn a_claim_killed_between_push_and_swap_is_ended_by_the_next_online_command() {
    let scene = Scene::new();
    let (hub, a, b) = two_clones(&scene);
    let before = a.tip("refs/pm/main");
    let died = a
        .wrapping_git("killed", KILLED_AFTER_PUSH)
        .pm(&["start", "T-0001"]);
    assert_eq!(died.code, -1, "{died:?}");
    assert_ne!(hub.tip("refs/pm/main"), before, "the push had arrived");
    assert_eq!(a.tip("refs/pm/main"), before, "the local swap had not");
    // Other clones see it as held, as the remote does.
    b.pm(&["start", "T-0001"]).exits(3);

    let report = a.data(&["sync"]);
    assert!(report["confirmed"].as_array().unwrap().is_empty());
    assert_eq!(holder(&a, "T-0001"), (String::new(), false));
    let item = a.data(&["show", "T-0001"]);
    assert_eq!(item["status"], "queued", "the task is not ready again");
    let started = b.data(&["start", "T-0001"]);
    assert_eq!(started["claim"]["actor"], "Ben");
    a.pm(&["sync"]).ok();
    assert_eq!(holder(&a, "T-0001"), ("Ben".into(), true));
    assert_eq!(a.state_tree(), hub.state_tree());
    assert_eq!(intents(&a), 0, "an intent is left");
}

// The same if the next online command of the clone is the start itself.
#[test]
fn a_start_killed_after_its_push_can_be_repeated() {
    let scene = Scene::new();
    let (_, a, b) = two_clones(&scene);
    a.task("With paths", &["--path", "src/**"]);
    a.pm(&["sync"]).ok();
    a.wrapping_git("killed", KILLED_AFTER_PUSH)
        .pm(&["start", "T-0002"])
        .exits(-1);
    let started = a.data(&["start", "T-0002"]);
    assert_eq!(started["claim"]["confirmed"], true);
    b.pm(&["sync"]).ok();
    let item = b.data(&["show", "T-0002"]);
    assert_eq!(item["claim"]["actor"], "Ana");
    assert_eq!(item["status"], "in_progress");
    let held = b.data(&["reserve", "list"])["items"].clone();
    assert_eq!(
        held.as_array().unwrap().len(),
        1,
        "the killed process's reservation is still there: {held}"
    );
    assert_eq!(intents(&a), 0);
}

// An intent whose push was never made is removed as soon as that is known.
#[test]
fn an_intent_killed_before_its_push_is_removed_by_the_next_sync() {
    let scene = Scene::new();
    let (_, a, b) = two_clones(&scene);
    let backup = scene.bare("backup.git");
    a.git(&["remote", "add", "backup", backup.path.to_str().unwrap()])
        .ok();
    a.wrapping_git("killed", KILLED_BEFORE_PUSH)
        .pm(&["start", "T-0001"])
        .exits(-1);
    assert_eq!(intents(&a), 1, "the intent is not recorded");
    // While the outcome is unknown, nothing is pushed to other remotes.
    let refused = a.pm(&["sync", "backup"]).exits(6);
    assert!(refused.err.contains("git pm sync"), "{}", refused.err);
    assert_eq!(backup.tip("refs/pm/main"), "");
    // A push on top of the fetched state settles it: the killed push cannot succeed any more.
    a.task("More", &[]);
    a.pm(&["sync"]).ok();
    a.pm(&["sync", "backup"]).ok();
    b.pm(&["start", "T-0001"]).ok();
}

fn intents(repo: &Repo) -> usize {
    std::fs::read_dir(repo.path.join(".git/pm/intents")).map_or(0, |dir| {
        dir.flatten()
            .filter(|e| e.path().extension().is_some_and(|e| e == "json"))
            .count()
    })
}

/// Kills receive-pack once, right after it updated the ref: the push succeeded, but its answer is
/// lost.
fn lose_the_answer(hub: &Repo, and: &str) {
    let flag = hub.path.join("lose-the-answer");
    std::fs::write(&flag, "").unwrap();
    let script = format!(
        "grep -q ' refs/pm/main$' || exit 0\n[ \"$1\" = committed ] || exit 0\n\
         [ -e '{flag}' ] || exit 0\nrm '{flag}'\n{and}\nkill -9 $PPID",
        flag = flag.display()
    );
    hub.hook("reference-transaction", &script);
}

// C3: the push succeeded, its answer was lost, the fetch works: the claim is found by its id.
#[test]
fn c3_a_push_whose_answer_was_lost_is_recognised_by_its_claim() {
    let scene = Scene::new();
    let (hub, a, b) = two_clones(&scene);
    lose_the_answer(&hub, "");
    let started = a.data(&["start", "T-0001"]);
    assert_eq!(started["claim"]["confirmed"], true);
    assert!(
        !hub.path.join("lose-the-answer").exists(),
        "the answer was not lost"
    );
    b.pm(&["start", "T-0001"]).exits(3);
    assert_eq!(a.state_tree(), hub.state_tree());
    assert_eq!(intents(&a), 0);
}

// C3: the answer was lost and the fetch fails too: exit 6, the claim does not count in this clone,
// and it is ended as soon as the remote can be asked.
#[test]
fn c3_a_start_whose_outcome_is_unknown_exits_6_without_a_claim() {
    let scene = Scene::new();
    let (hub, a, b) = two_clones(&scene);
    let gone = scene.dir.path().join("hub.gone");
    lose_the_answer(
        &hub,
        &format!("mv '{}' '{}'", hub.path.display(), gone.display()),
    );
    let broken = a.pm(&["start", "T-0001"]).exits(6);
    assert!(broken.err.contains("unknown"), "{}", broken.err);
    assert_eq!(holder(&a, "T-0001"), (String::new(), false));
    assert_eq!(
        a.tip("refs/heads/task/T-0001-shared-work"),
        "",
        "not undone completely"
    );
    assert_eq!(a.data(&["show", "T-0001"])["status"], "queued");
    // Offline it may be started here; it is another, tentative claim.
    assert_eq!(intents(&a), 1);

    std::fs::rename(&gone, &hub.path).unwrap();
    b.pm(&["start", "T-0001"]).exits(3);
    a.pm(&["sync"]).ok();
    assert_eq!(holder(&a, "T-0001"), (String::new(), false));
    assert_eq!(intents(&a), 0);
    b.pm(&["start", "T-0001"]).ok();
}

// C3: the connection broke before the remote accepted anything.
#[test]
fn c3_a_push_that_fails_before_the_remote_took_it_leaves_no_claim() {
    let scene = Scene::new();
    let (hub, a, b) = two_clones(&scene);
    hub.hook("pre-receive", "kill -9 $PPID");
    let before = hub.tip("refs/pm/main");
    a.pm(&["start", "T-0001"]).exits(6);
    hub.remove_hook("pre-receive");
    assert_eq!(hub.tip("refs/pm/main"), before);
    assert_eq!(holder(&a, "T-0001"), (String::new(), false));
    b.pm(&["start", "T-0001"]).ok();
    a.pm(&["sync"]).ok();
    assert_eq!(holder(&a, "T-0001"), ("Ben".into(), true));
}

// C3: another clone joins the lost push into a later commit before this one fetches: the claim is
// found by its id, not by the commit.
#[test]
fn c3_a_claim_is_found_although_other_commits_were_pushed_on_top() {
    let scene = Scene::new();
    let (hub, a, b) = two_clones(&scene);
    let edit = format!(
        "cd '{}' && env -u GIT_DIR -u GIT_QUARANTINE_PATH '{}' task edit T-0001 --priority 0 && \
         env -u GIT_DIR -u GIT_QUARANTINE_PATH '{}' sync",
        b.path.display(),
        crate::support::binary(),
        crate::support::binary()
    );
    // In `committed` the ref's lock is gone, so that another push can go through.
    lose_the_answer(
        &hub,
        &format!("({edit}) >'{}/b.log' 2>&1", hub.path.display()),
    );
    let started = a.data(&["start", "T-0001"]);
    let log = std::fs::read_to_string(hub.path.join("b.log")).unwrap_or_default();
    assert_eq!(started["claim"]["confirmed"], true, "{log}");
    assert_eq!(
        started["priority"], 0,
        "the other clone's commit is missing: {log}"
    );
    assert_eq!(holder(&b, "T-0001"), ("Ana".into(), true), "{log}");
}
