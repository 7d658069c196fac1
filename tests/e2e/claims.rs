//! Who holds a task: in one clone, across clones, offline, after crashes and after time. If one of
//! these is wrong, two people do the same work or one loses what the tool said was theirs.

use std::path::Path;

use crate::support::{Ran, Repo, Scene, rounds, wait_all};

const NOON: &str = "2026-03-02T12:00:00Z";

/// The claim that the state at a ref has on an item, as `actor` and `confirmed`.
#[track_caller]
fn holder(repo: &Repo, id: &str) -> (String, bool) {
    let item = repo.data(&["show", id]);
    let claim = &item["claim"];
    (
        claim["actor"].as_str().unwrap_or("").to_string(),
        claim["confirmed"].as_bool().unwrap_or(false),
    )
}

/// Hub and two clones of Ana and Ben that know one task.
fn two_clones(scene: &Scene) -> (Repo, Repo, Repo) {
    let (hub, a) = scene.with_hub();
    a.task("Shared work", &[]);
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    (hub, a, b)
}

/// One of several simultaneous starts won, the others were told so.
#[track_caller]
fn one_won(ran: &[Ran], what: &str) -> usize {
    let winners: Vec<usize> = (0..ran.len()).filter(|n| ran[*n].code == 0).collect();
    assert_eq!(
        winners.len(),
        1,
        "{what}: exactly one may believe to hold the task, or two do the same work: {ran:#?}"
    );
    for (n, loser) in ran.iter().enumerate().filter(|(n, _)| *n != winners[0]) {
        assert_eq!(loser.code, 3, "{what}: process {n}: {loser:?}");
    }
    winners[0]
}

// Must show 3; TM-10: a claim has one winner, however many want it at once.
#[test]
fn of_eight_processes_that_start_one_task_one_wins() {
    let scene = Scene::new();
    let repo = scene.repo("a");
    repo.pm(&["init", "--no-hooks"]).ok();
    for round in 0..rounds(50) {
        let id = repo.task(&format!("Round {round}"), &[]);
        let children = (0..8)
            .map(|n| {
                repo.by(&format!("p{n}"))
                    .spawn(&["start", &id, "--no-worktree"])
            })
            .collect();
        let ran = wait_all(children);
        let winner = one_won(&ran, &id);
        let name = format!("p{winner}");
        assert_eq!(holder(&repo, &id), (name.clone(), true));
        for loser in ran.iter().filter(|r| r.code != 0) {
            assert!(
                loser.err.contains(&name),
                "{id}: the loser is not told that {name} won: {}",
                loser.err
            );
        }
        let claims = repo.git(&["show", "refs/pm/main"]).ok().out;
        assert!(!claims.is_empty());
    }
}

// Must show 3: the same with one actor's name in all processes, and with worktrees.
#[test]
fn of_eight_processes_of_one_actor_one_wins_and_its_worktree_stands() {
    let scene = Scene::new();
    let repo = scene.repo("a");
    repo.pm(&["init", "--no-hooks"]).ok();
    let id = repo.task("One worktree", &[]);
    let ran = wait_all((0..8).map(|_| repo.spawn(&["start", &id])).collect());
    one_won(&ran, &id);
    let work = repo.worktree(&id);
    assert_eq!(
        work.git(&["branch", "--show-current"]).text(),
        "task/T-0001-one-worktree",
        "a loser's clean-up took the winner's worktree"
    );
    assert_eq!(repo.git(&["worktree", "list"]).ok().out.lines().count(), 2);
}

// Must show 3: two clones, one remote, online.
#[test]
fn of_two_clones_online_one_is_confirmed_and_the_other_hears_its_name() {
    let scene = Scene::new();
    let (_, a, b) = two_clones(&scene);
    let (a, b) = (a.by("Ana"), b.by("Ben"));
    for round in 0..rounds(50) {
        let id = a.task(&format!("Round {round}"), &[]);
        a.pm(&["sync"]).ok();
        b.pm(&["sync"]).ok();
        let start = ["start", &id, "--no-worktree"];
        let ran = wait_all(vec![a.spawn(&start), b.spawn(&start)]);
        let winner = one_won(&ran, &id);
        let name = ["Ana", "Ben"][winner];
        let loser = &ran[1 - winner];
        assert!(
            loser.err.contains(&format!("held by {name}")),
            "{id}: {}",
            loser.err
        );
        a.pm(&["sync"]).ok();
        b.pm(&["sync"]).ok();
        for clone in [&a, &b] {
            assert_eq!(holder(clone, &id), (name.to_string(), true), "{id}");
        }
    }
    assert_eq!(a.state_tree(), b.state_tree());
}

// 4.3: online losing is known at once, so the loser's clone must not offer the task again.
#[test]
fn who_loses_online_sees_the_winner_without_another_sync() {
    let scene = Scene::new();
    let (_, a, b) = two_clones(&scene);
    a.pm(&["start", "T-0001", "--no-worktree"]).ok();
    let lost = b.pm(&["start", "T-0001", "--no-worktree"]).exits(3);
    assert!(lost.err.contains("held by Ana"), "{}", lost.err);
    assert_eq!(holder(&b, "T-0001"), ("Ana".into(), true));
    assert!(
        b.data(&["ready"])["items"].as_array().unwrap().is_empty(),
        "`ready` still offers what the same clone was just refused"
    );
    assert_eq!(
        b.git(&["branch", "--list", "task/*"]).text(),
        "",
        "the loser has a branch for a claim it never had"
    );
}

// Must show 3; C1: whoever syncs first holds it, although the other claimed it earlier.
#[test]
fn c1_offline_in_both_whoever_syncs_first_holds_it_everywhere() {
    let scene = Scene::new();
    let (hub, a, b) = two_clones(&scene);
    let c = scene.clone_of(&hub, "c", "Cleo");
    let early = a.when("2026-03-02T12:00:00Z");
    let late = b.when("2026-03-02T13:00:00Z");
    early.pm(&["--offline", "start", "T-0001"]).ok();
    let started = late.data(&["--offline", "start", "T-0001"]);
    assert_eq!(started["claim"]["confirmed"], false, "tentative offline");
    let work = a.worktree("T-0001");
    work.write("mine.txt", "an hour of work\n");
    work.commit_all("An hour of work");
    let branch = "refs/heads/task/T-0001-shared-work";
    let tip = a.tip(branch);

    let after = "2026-03-02T14:00:00Z";
    let report = b.when(after).data(&["sync"]);
    assert_eq!(report["confirmed"][0], "T-0001");
    let report = a.when(after).data(&["sync"]);
    let lost = &report["lost"][0];
    assert_eq!(lost["id"], "T-0001");
    assert_eq!(lost["holder"], "Ben");
    assert_eq!(lost["branch"], "task/T-0001-shared-work");
    assert_eq!(report["notices"][0]["topic"], "claim-lost");
    assert!(
        report["notices"][0]["subject"]
            .as_str()
            .unwrap()
            .contains("Ben"),
        "{report}"
    );
    // `status` keeps telling it.
    let status = a.when(after).data(&["status"]);
    assert_eq!(status["notices"][0]["topic"], "claim-lost", "{status}");
    let said = a.when(after).pm(&["status"]).ok().out;
    assert!(said.contains("Ben holds T-0001"), "{said}");

    assert_eq!(a.tip(branch), tip, "the loser's branch was moved");
    assert_eq!(work.read("mine.txt"), "an hour of work\n");
    b.when(after).pm(&["sync"]).ok();
    c.when(after).pm(&["sync"]).ok();
    for clone in [&a, &b, &c] {
        assert_eq!(holder(clone, "T-0001"), ("Ben".into(), true));
    }
    assert_eq!(a.state_tree(), c.state_tree());
    assert_eq!(b.state_tree(), c.state_tree());

    // C1: a loser does not come back to life after the winner's release.
    b.when(after).pm(&["task", "drop", "T-0001"]).ok();
    a.when(after).pm(&["sync"]).ok();
    assert_eq!(holder(&a, "T-0001"), (String::new(), false));
    assert_eq!(a.data(&["show", "T-0001"])["status"], "queued");
}

// Must show 3: what a plain sync prints for the loser.
#[test]
fn the_loser_reads_in_the_syncs_output_who_holds_it_and_where_the_work_is() {
    let scene = Scene::new();
    let (_, a, b) = two_clones(&scene);
    a.pm(&["--offline", "start", "T-0001"]).ok();
    b.pm(&["--offline", "start", "T-0001"]).ok();
    b.pm(&["sync"]).ok();
    let said = a.pm(&["sync"]).ok().out;
    assert!(said.contains("lost T-0001: Ben holds it now"), "{said}");
    assert!(said.contains("task/T-0001-shared-work"), "{said}");
    // The loser's reservation-free way on: another task, and the branch is still there.
    a.pm(&["start", "T-0001", "--resume"]).exits(3);
    assert!(!a.tip("refs/heads/task/T-0001-shared-work").is_empty());
}

// Must show 3: a start and a drop, both offline, touch nobody else's claim.
#[test]
fn an_offline_start_and_drop_never_evicts_a_confirmed_claim() {
    let scene = Scene::new();
    let (_, a, b) = two_clones(&scene);
    // B's claim is earlier than A's, which is confirmed.
    b.when(NOON).pm(&["--offline", "start", "T-0001"]).ok();
    b.when(NOON)
        .pm(&["--offline", "task", "drop", "T-0001"])
        .ok();
    a.when("2026-03-02T12:30:00Z").pm(&["start", "T-0001"]).ok();
    let later = "2026-03-02T13:00:00Z";
    b.when(later).pm(&["sync"]).ok();
    a.when(later).pm(&["sync"]).ok();
    for clone in [&a, &b] {
        assert_eq!(
            holder(&clone.when(later), "T-0001"),
            ("Ana".into(), true),
            "a drop in another clone ended a confirmed claim"
        );
        assert_eq!(clone.data(&["show", "T-0001"])["status"], "in_progress");
    }
    // Nor does one that begins after the confirmation was seen.
    b.pm(&["--offline", "start", "T-0001"]).exits(3);
    b.pm(&["--offline", "task", "drop", "T-0001"]).exits(3);
    assert_eq!(holder(&b, "T-0001"), ("Ana".into(), true));
}

// 4.3: what this clone did itself before it claimed is no reason to take the claim away.
#[test]
fn an_offline_claim_after_other_offline_changes_of_the_task_holds() {
    let scene = Scene::new();
    let (_, a, b) = two_clones(&scene);
    for step in [
        &["task", "block", "T-0001", "waits"][..],
        &["task", "unblock", "T-0001"],
        &["start", "T-0001", "--no-worktree"],
    ] {
        let mut args = vec!["--offline"];
        args.extend(step);
        b.pm(&args).ok();
    }
    a.pm(&["task", "comment", "T-0001", "meanwhile"]).ok();
    a.pm(&["sync"]).ok();
    let report = b.data(&["sync"]);
    assert_eq!(
        report["confirmed"][0], "T-0001",
        "nobody else wanted it, and yet the claim is lost: {report}"
    );
    assert_eq!(b.data(&["show", "T-0001"])["status"], "in_progress");
}

// C2: the same actor in another clone is another claimant.
#[test]
fn c2_one_name_in_two_clones_is_two_claimants() {
    let scene = Scene::new();
    let (_, a, b) = two_clones(&scene);
    let (a, b) = (a.by("bot"), b.by("bot"));
    a.pm(&["start", "T-0001", "--no-worktree"]).ok();
    let refused = b.pm(&["start", "T-0001", "--no-worktree"]).exits(3);
    assert!(refused.err.contains("in another clone"), "{}", refused.err);
    b.pm(&["start", "T-0001", "--resume", "--no-worktree"])
        .exits(3);
    b.pm(&["task", "drop", "T-0001"]).exits(3);
    b.pm(&["finish", "T-0001"]).exits(3);
    b.pm(&["sync"]).ok();
    a.pm(&["sync"]).ok();
    let item = a.data(&["show", "T-0001"]);
    assert_eq!(item["claim"]["confirmed"], true);
    assert_eq!(item["claim"]["here"], true);
    assert_eq!(b.data(&["show", "T-0001"])["claim"]["here"], false);
}

// C2: a release ends its own claim only; the winner of the same name keeps it.
#[test]
fn c2_a_release_ends_only_the_claim_of_its_own_clone() {
    let scene = Scene::new();
    let (_, a, b) = two_clones(&scene);
    let (a, b) = (a.by("bot"), b.by("bot"));
    b.when(NOON)
        .pm(&["--offline", "start", "T-0001", "--no-worktree"])
        .ok();
    a.pm(&["start", "T-0001", "--no-worktree"]).ok();
    b.pm(&["pull"]).ok();
    b.pm(&["task", "drop", "T-0001"]).ok();
    b.pm(&["sync"]).ok();
    a.pm(&["sync"]).ok();
    for clone in [&a, &b] {
        let item = clone.data(&["show", "T-0001"]);
        assert_eq!(
            item["claim"]["actor"], "bot",
            "the confirmed claim was released by a namesake: {item}"
        );
        assert_eq!(item["claim"]["confirmed"], true);
        assert_eq!(item["status"], "in_progress");
    }
}

#[test]
fn a_repeated_start_by_the_claimant_needs_resume() {
    let scene = Scene::new();
    let (_, a, _) = two_clones(&scene);
    a.pm(&["start", "T-0001"]).ok();
    let again = a.pm(&["start", "T-0001"]).exits(3);
    assert!(again.err.contains("--resume"), "{}", again.err);
    let commit = a.tip("refs/pm/main");
    let resumed = a.data(&["start", "T-0001", "--resume"]);
    assert_eq!(resumed["claim"]["actor"], "Ana");
    assert_eq!(a.tip("refs/pm/main"), commit, "resuming is no new claim");
}

/// Pushes, and dies before it can believe what it pushed.
const KILLED_AFTER_PUSH: &str = r#"
case "$1 $*" in
push*:refs/pm/main*) "$REAL" "$@" && kill -9 $PPID ;;
*) exec "$REAL" "$@" ;;
esac"#;

/// Dies before the push.
const KILLED_BEFORE_PUSH: &str = r#"
case "$1 $*" in
push*:refs/pm/main*) kill -9 $PPID ;;
*) exec "$REAL" "$@" ;;
esac"#;

// Must show 3; C3: killed between the push and the local swap. The remote believes in the claim,
// nobody at this clone does: the next online command ends it, and others may start.
#[test]
fn a_kill_between_push_and_swap_leaves_no_claim_that_one_side_believes() {
    let scene = Scene::new();
    let (hub, a, b) = two_clones(&scene);
    let before = a.tip("refs/pm/main");
    let died = a
        .wrapping_git("killed", KILLED_AFTER_PUSH)
        .pm(&["start", "T-0001"]);
    assert_eq!(died.code, -1, "{died:?}");
    assert_ne!(hub.tip("refs/pm/main"), before, "the push had arrived");
    assert_eq!(a.tip("refs/pm/main"), before, "the local swap had not");
    // For the others it is held, as the remote says.
    b.pm(&["start", "T-0001"]).exits(3);

    let report = a.data(&["sync"]);
    assert!(report["confirmed"].as_array().unwrap().is_empty());
    assert_eq!(holder(&a, "T-0001"), (String::new(), false));
    let item = a.data(&["show", "T-0001"]);
    assert_eq!(
        item["status"], "queued",
        "the task waits for somebody again"
    );
    let started = b.data(&["start", "T-0001"]);
    assert_eq!(started["claim"]["actor"], "Ben");
    a.pm(&["sync"]).ok();
    assert_eq!(holder(&a, "T-0001"), ("Ben".into(), true));
    assert_eq!(a.state_tree(), hub.state_tree());
    assert_eq!(intents(&a), 0, "nothing is left to settle");
}

// The same, when the next online command of the clone is the start itself.
#[test]
fn after_a_kill_the_same_start_works_again() {
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
        "the dead process's reservation stands beside the new one: {held}"
    );
    assert_eq!(intents(&a), 0);
}

// An intent whose push never came must not outlive the next proof of that.
#[test]
fn a_kill_before_the_push_leaves_nothing_to_settle() {
    let scene = Scene::new();
    let (_, a, b) = two_clones(&scene);
    let backup = scene.bare("backup.git");
    a.git(&["remote", "add", "backup", backup.path.to_str().unwrap()])
        .ok();
    a.wrapping_git("killed", KILLED_BEFORE_PUSH)
        .pm(&["start", "T-0001"])
        .exits(-1);
    assert_eq!(intents(&a), 1, "what it was about to do is written down");
    // While the outcome is unknown, nothing goes elsewhere.
    let refused = a.pm(&["sync", "backup"]).exits(6);
    assert!(refused.err.contains("git pm sync"), "{}", refused.err);
    assert_eq!(backup.tip("refs/pm/main"), "");
    // A push of our own on top of what was fetched settles it: the dead one cannot land any more.
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

/// Kills receive-pack once, right after the ref moved: the push landed, its answer never comes.
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

// C3: the push landed, its answer was lost, the fetch works: the claim is found by its id.
#[test]
fn c3_a_push_whose_answer_is_lost_is_recognised_by_the_claim() {
    let scene = Scene::new();
    let (hub, a, b) = two_clones(&scene);
    lose_the_answer(&hub, "");
    let started = a.data(&["start", "T-0001"]);
    assert_eq!(started["claim"]["confirmed"], true);
    assert!(!hub.path.join("lose-the-answer").exists(), "it was lost");
    b.pm(&["start", "T-0001"]).exits(3);
    assert_eq!(a.state_tree(), hub.state_tree());
    assert_eq!(intents(&a), 0);
}

// C3: the answer was lost and the fetch fails too: exit 6, nobody here believes in the claim, and
// it is ended as soon as the remote can be asked.
#[test]
fn c3_an_answer_lost_for_good_is_exit_6_and_no_claim() {
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
        "undone whole"
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

// C3: the connection broke before the remote took anything.
#[test]
fn c3_a_push_that_breaks_before_it_lands_is_no_claim_for_anybody() {
    let scene = Scene::new();
    let (hub, a, b) = two_clones(&scene);
    hub.hook("pre-receive", "kill -9 $PPID");
    let before = hub.tip("refs/pm/main");
    a.pm(&["start", "T-0001"]).exits(6);
    hub.unhook("pre-receive");
    assert_eq!(hub.tip("refs/pm/main"), before);
    assert_eq!(holder(&a, "T-0001"), (String::new(), false));
    b.pm(&["start", "T-0001"]).ok();
    a.pm(&["sync"]).ok();
    assert_eq!(holder(&a, "T-0001"), ("Ben".into(), true));
}

// C3: somebody joins the lost push into another commit before we look: ids tell, ancestry of the
// tip would too, but the claim is what counts.
#[test]
fn c3_a_claim_is_found_although_others_built_on_it_meanwhile() {
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
        "what the other did came along: {log}"
    );
    assert_eq!(holder(&b, "T-0001"), ("Ana".into(), true), "{log}");
}

// 4.1, 4.3: expiry writes nothing; it permits a takeover, judged by others at two minutes past.
#[test]
fn a_lease_is_taken_over_two_minutes_after_it_ended_and_not_before() {
    let scene = Scene::new();
    let (_, a, b) = two_clones(&scene);
    let started = a.when(NOON).data(&["start", "T-0001"]);
    assert_eq!(started["claim"]["lease_until"], "2026-03-03T12:00:00Z");
    let state = a.tip("refs/pm/main");
    for early in ["2026-03-03T11:59:00Z", "2026-03-03T12:01:59Z"] {
        let refused = b.when(early).pm(&["start", "T-0001"]).exits(3);
        assert!(refused.err.contains("Ana"), "{}", refused.err);
    }
    let after = "2026-03-03T12:02:01Z";
    a.when(after).pm(&["status"]).ok();
    assert_eq!(a.tip("refs/pm/main"), state, "expiry or reading wrote");
    // Offline nobody ends another clone's claim, expired or not.
    b.when(after).pm(&["--offline", "start", "T-0001"]).exits(3);
    let taken = b.when(after).data(&["start", "T-0001"]);
    assert_eq!(taken["claim"]["actor"], "Ben");
    assert_eq!(taken["claim"]["confirmed"], true);
    // Who held it is told.
    let report = a.when(after).data(&["sync"]);
    assert_eq!(holder(&a.when(after), "T-0001"), ("Ben".into(), true));
    assert!(
        report["notices"]
            .as_array()
            .unwrap()
            .iter()
            .any(|n| n["subject"].as_str().unwrap().contains("Ben")),
        "Ana is not told that Ben took T-0001 over: {report}"
    );
    a.when(after).pm(&["finish", "T-0001"]).exits(3);
}

// 5: renewed by writing commands in the worktree, a human's every two hours; reading never writes.
#[test]
fn a_writing_command_in_the_worktree_renews_the_lease_after_two_hours() {
    let scene = Scene::new();
    let (_, a, b) = two_clones(&scene);
    a.when(NOON).pm(&["start", "T-0001"]).ok();
    let work = a.worktree("T-0001");
    let lease = |repo: &Repo| repo.data(&["show", "T-0001"])["claim"]["lease_until"].clone();
    work.when("2026-03-02T14:00:00Z")
        .pm(&["task", "comment", "T-0001", "still at it"])
        .ok();
    assert_eq!(lease(&a), "2026-03-03T12:00:00Z", "too early to renew");
    let late = "2026-03-03T06:00:00Z";
    work.when(late).pm(&["show", "T-0001"]).ok();
    assert_eq!(lease(&a), "2026-03-03T12:00:00Z", "reading writes nothing");
    a.when(late)
        .pm(&["task", "comment", "T-0001", "from elsewhere"])
        .ok();
    assert_eq!(lease(&a), "2026-03-03T12:00:00Z", "not from its worktree");
    work.when(late)
        .pm(&["task", "comment", "T-0001", "still here"])
        .ok();
    assert_eq!(lease(&a), "2026-03-04T06:00:00Z");
    // It counts for others once pushed.
    a.when(late).pm(&["sync"]).ok();
    b.when("2026-03-03T13:00:00Z")
        .pm(&["start", "T-0001"])
        .exits(3);
}

#[test]
fn a_commit_in_the_worktree_renews_the_lease() {
    let scene = Scene::new();
    let (_, a, _) = two_clones(&scene);
    a.when(NOON).pm(&["start", "T-0001"]).ok();
    let work = a.worktree("T-0001").when("2026-03-03T06:00:00Z");
    work.write("src/new.rs", "// new\n");
    work.commit_all("Work on");
    assert_eq!(
        a.data(&["show", "T-0001"])["claim"]["lease_until"],
        "2026-03-04T06:00:00Z",
        "somebody who commits all day loses the task to the clock"
    );
}

#[test]
fn taking_up_again_renews_the_lease() {
    let scene = Scene::new();
    let (_, a, b) = two_clones(&scene);
    a.when(NOON).pm(&["start", "T-0001"]).ok();
    // Over for long, but nobody took it: still the claimant's.
    let late = "2026-03-05T12:00:00Z";
    let resumed = a.when(late).data(&["start", "T-0001", "--resume"]);
    assert_eq!(resumed["claim"]["lease_until"], "2026-03-06T12:00:00Z");
    b.when(late).pm(&["start", "T-0001"]).exits(3);
}

// RC-22: a lead reassigns; the holder is told and keeps the work.
#[test]
fn rc_22_reassign_ends_the_claim_and_tells_both() {
    let scene = Scene::new();
    let (_, a, b) = two_clones(&scene);
    b.pm(&["start", "T-0001"]).ok();
    let work = b.worktree("T-0001");
    work.write("half.txt", "half done\n");
    work.commit_all("Half");
    a.pm(&["sync"]).ok();
    let moved = a.data(&["task", "reassign", "T-0001", "--to", "agent-7"]);
    assert_eq!(moved["assignee"], "agent-7");
    assert_eq!(moved["status"], "queued");
    assert!(moved["claim"].is_null(), "{moved}");

    let report = b.data(&["sync"]);
    let told = &report["notices"][0];
    assert_eq!(told["topic"], "claim-ended");
    let subject = told["subject"].as_str().unwrap();
    assert!(
        subject.contains("Ana") && subject.contains("agent-7"),
        "{subject}"
    );
    assert_eq!(work.read("half.txt"), "half done\n");
    b.pm(&["finish", "T-0001"]).exits(1);
    // The new assignee sees it, in whatever clone, and can begin.
    let agent = b.by("agent-7");
    assert_eq!(agent.data(&["status"])["notices"][0]["topic"], "assigned");
    assert_eq!(agent.data(&["next"])["id"], "T-0001");
    agent.pm(&["start", "T-0001", "--no-worktree"]).ok();
}

// RC-22; 4.1: ending another clone's claim happens online only; an agent takes nothing away.
#[test]
fn reassign_of_another_clones_claim_needs_the_remote_and_a_human() {
    let scene = Scene::new();
    let (hub, a, b) = two_clones(&scene);
    b.pm(&["start", "T-0001", "--no-worktree"]).ok();
    a.pm(&["sync"]).ok();
    a.pm(&["--offline", "task", "reassign", "T-0001", "--to", "Cleo"])
        .exits(6);
    let away = hub.path.with_extension("away");
    std::fs::rename(&hub.path, &away).unwrap();
    a.pm(&["task", "reassign", "T-0001", "--to", "Cleo"])
        .exits(6);
    std::fs::rename(&away, &hub.path).unwrap();
    let agent = a.by("bot").with("CLAUDECODE", "1");
    agent
        .pm(&["task", "reassign", "T-0001", "--to", "bot"])
        .exits(1);
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    assert_eq!(holder(&a, "T-0001"), ("Ben".into(), true));
    assert_eq!(holder(&b, "T-0001"), ("Ben".into(), true));
}

// MS-11: holding a task, its state and its reservations have one owner each.
#[test]
fn ms_11_owner_is_the_claims_holder_else_the_assignee() {
    let scene = Scene::new();
    let repo = scene.repo("a");
    repo.pm(&["init"]).ok();
    let id = repo.task("Plan", &["--assignee", "Cleo", "--path", "docs/**"]);
    let item = repo.data(&["show", &id]);
    assert_eq!(item["owner"], "Cleo");
    assert!(item["claim"].is_null());
    let started = repo.by("Dan").data(&["start", &id]);
    assert_eq!(started["owner"], "Dan");
    assert_eq!(started["assignee"], "Cleo", "a claim overwrites no plan");
    let text = repo
        .git(&[
            "grep",
            "-h",
            "-E",
            "^(owner|holder|worktree):",
            "refs/pm/main",
        ])
        .out;
    assert_eq!(text, "", "derived facts are stored a second time");
    repo.by("Dan").pm(&["task", "drop", &id]).ok();
    let dropped = repo.data(&["show", &id]);
    assert_eq!(dropped["owner"], "Cleo");
    assert!(
        repo.data(&["reserve", "list"])["items"]
            .as_array()
            .unwrap()
            .is_empty(),
        "a dropped task's reservation keeps stopping others"
    );
    // A comment changes nothing of status, claim or reservations.
    let before = repo.data(&["show", &id]);
    repo.pm(&["task", "comment", &id, "hello"]).ok();
    let after = repo.data(&["show", &id]);
    for field in ["status", "owner", "claim", "title", "priority", "version"] {
        assert_eq!(before[field], after[field], "{field}");
    }
}

// Unreachable: exit 6 with the hint, and nothing changed.
#[test]
fn an_unreachable_remote_stops_start_and_reserve_and_says_how_to_go_on() {
    let scene = Scene::new();
    let (hub, a, _) = two_clones(&scene);
    let away = hub.path.with_extension("away");
    std::fs::rename(&hub.path, &away).unwrap();
    let before = a.tip("refs/pm/main");
    for args in [
        &["start", "T-0001"][..],
        &["reserve", "add", "src/**"][..],
        &["next", "--claim"][..],
    ] {
        let refused = a.pm(args).exits(6);
        assert!(refused.err.contains("--offline"), "{}", refused.err);
        assert_eq!(a.tip("refs/pm/main"), before, "{args:?} left something");
    }
    assert_eq!(a.git(&["branch", "--list", "task/*"]).text(), "");
    assert_eq!(a.git(&["worktree", "list"]).ok().out.lines().count(), 1);
    let json = a.pm(&["--json", "start", "T-0001"]).exits(6).error();
    assert_eq!(json["code"], "remote");

    // Both ways to go on, shown as tentative and settled by the next sync.
    let started = a.data(&["--offline", "start", "T-0001", "--no-worktree"]);
    assert_eq!(started["claim"]["confirmed"], false);
    a.git(&["config", "pm.offline", "allow"]).ok();
    let reserved = a.pm(&["--json", "reserve", "add", "src/**"]).ok();
    assert_eq!(reserved.data()["confirmed"], false);
    let told = reserved.json()["notices"].to_string();
    assert!(told.contains("offline"), "{told}");
    let status = a.data(&["status"]);
    assert_eq!(status["remote"]["tentative"][0], "T-0001");
    assert!(a.pm(&["status"]).ok().out.contains("tentative"));
    assert!(a.pm(&["show", "T-0001"]).ok().out.contains("tentative"));

    std::fs::rename(&away, &hub.path).unwrap();
    assert_eq!(a.data(&["sync"])["confirmed"][0], "T-0001");
    assert_eq!(holder(&a, "T-0001"), ("Ana".into(), true));
    assert_eq!(a.data(&["reserve", "list"])["items"][0]["confirmed"], true);
}

// Unreachable otherwise: local, exit 0, with a notice where a sync was due.
#[test]
fn an_unreachable_remote_stops_neither_create_nor_edit_nor_finish() {
    let scene = Scene::new();
    let (hub, a, _) = two_clones(&scene);
    a.pm(&["start", "T-0001"]).ok();
    let work = a.worktree("T-0001");
    work.write("src/new.rs", "// new\n");
    work.commit_all("Work");
    let away = hub.path.with_extension("away");
    std::fs::rename(&hub.path, &away).unwrap();
    let finished = a.pm(&["finish", "T-0001"]).ok();
    assert!(finished.err.contains("git pm sync"), "{}", finished.err);
    a.git(&["config", "pm.sync", "always"]).ok();
    for args in [
        &["task", "create", "Made on a plane"][..],
        &["task", "edit", "T-0002", "--priority", "1"][..],
        &["task", "comment", "T-0002", "from 10,000 metres"][..],
    ] {
        let done = a.pm(args).ok();
        assert!(done.err.contains("git pm sync"), "{args:?}: {}", done.err);
    }
    assert_eq!(a.data(&["show", "T-0001"])["status"], "in_review");
    std::fs::rename(&away, &hub.path).unwrap();
    a.pm(&["sync"]).ok();
    assert_eq!(a.state_tree(), hub.state_tree());
}

// Only `pm.remote` confirms.
#[test]
fn a_push_to_another_remote_confirms_nothing() {
    let scene = Scene::new();
    let (_, a, b) = two_clones(&scene);
    let backup = scene.bare("backup.git");
    let place = backup.path.to_str().unwrap().to_string();
    for clone in [&a, &b] {
        clone.git(&["remote", "add", "backup", &place]).ok();
    }
    a.pm(&["--offline", "start", "T-0001", "--no-worktree"])
        .ok();
    let report = a.data(&["sync", "backup"]);
    assert!(report["confirmed"].as_array().unwrap().is_empty());
    assert_eq!(holder(&a, "T-0001"), ("Ana".into(), false));
    // Ben has seen Ana's tentative claim through the backup; at the main remote it is free, but
    // the earlier claim is known here, so it is not silently taken.
    b.pm(&["sync", "backup"]).ok();
    assert_eq!(holder(&b, "T-0001"), ("Ana".into(), false));
    a.pm(&["sync"]).ok();
    assert_eq!(holder(&a, "T-0001"), ("Ana".into(), true));
}

// Without a remote the local swap decides, so the claim is settled at once.
#[test]
fn without_a_remote_a_claim_is_settled_at_once() {
    let scene = Scene::new();
    let repo = scene.repo("a");
    repo.pm(&["init"]).ok();
    repo.task("Alone", &[]);
    let started = repo.pm(&["--json", "start", "T-0001"]).ok();
    assert_eq!(started.data()["claim"]["confirmed"], true);
    assert!(!started.err.contains("tentative"), "{}", started.err);
}

// A start that fails after the claim is undone whole, also at the remote.
#[test]
fn a_start_whose_worktree_cannot_be_made_gives_the_claim_back_everywhere() {
    let scene = Scene::new();
    let (_, a, b) = two_clones(&scene);
    a.git(&["config", "pm.setup", "exit 7"]).ok();
    a.pm(&["start", "T-0001"]).exits(1);
    assert_eq!(holder(&a, "T-0001"), (String::new(), false));
    assert_eq!(a.git(&["branch", "--list", "task/*"]).text(), "");
    b.pm(&["start", "T-0001"]).ok();
}

// TM-10: `next --claim` is deterministic: priority first, then id.
#[test]
fn tm_10_next_claims_by_priority_then_id() {
    let scene = Scene::new();
    let repo = scene.repo("a");
    repo.pm(&["init", "--no-hooks"]).ok();
    for (title, priority) in [("One", "2"), ("Two", "1"), ("Three", "1"), ("Four", "0")] {
        repo.task(title, &["--priority", priority]);
    }
    let mut claimed = Vec::new();
    for n in 0..4 {
        let who = repo.by(&format!("p{n}"));
        assert_eq!(
            who.data(&["next"])["id"],
            repo.by("else").data(&["next"])["id"]
        );
        let next = who.data(&["next", "--claim", "--no-worktree"]);
        claimed.push(next["id"].as_str().unwrap().to_string());
    }
    assert_eq!(claimed, ["T-0004", "T-0002", "T-0003", "T-0001"]);
    repo.pm(&["next", "--claim"]).exits(1);
}

// TM-10: who is beaten to the first gets the second, in the same call.
#[test]
fn tm_10_agents_that_claim_next_at_once_get_different_tasks() {
    let scene = Scene::new();
    let repo = scene.repo("a");
    repo.pm(&["init", "--no-hooks"]).ok();
    for n in 0..4 {
        repo.task(&format!("Task {n}"), &[]);
    }
    let children = (0..4)
        .map(|n| {
            repo.by(&format!("p{n}"))
                .spawn(&["--json", "next", "--claim", "--no-worktree"])
        })
        .collect();
    let mut ids: Vec<String> = wait_all(children)
        .into_iter()
        .map(|ran| ran.ok().data()["id"].as_str().unwrap().to_string())
        .collect();
    ids.sort();
    assert_eq!(ids, ["T-0001", "T-0002", "T-0003", "T-0004"]);
}

// The same across clones: the one that lags behind is not stuck at what others hold.
#[test]
fn tm_10_a_clone_that_lags_behind_claims_the_next_free_task() {
    let scene = Scene::new();
    let (_, a, b) = two_clones(&scene);
    for n in 2..15 {
        a.task(&format!("Task {n}"), &[]);
    }
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    for n in 1..14 {
        let id = format!("T-{n:04}");
        a.pm(&["start", &id, "--no-worktree"]).ok();
    }
    let next = b.data(&["next", "--claim", "--no-worktree"]);
    assert_eq!(next["id"], "T-0014");
}

// TM-06: an agent identity is refused at `approve`, from every place that makes one.
#[test]
fn tm_06_approve_is_a_humans_tick() {
    let scene = Scene::new();
    let repo = scene.repo("a");
    repo.pm(&["init"]).ok();
    repo.task("Work", &[]);
    repo.pm(&["start", "T-0001"]).ok();
    let work = repo.worktree("T-0001");
    work.write("x.txt", "x\n");
    work.commit_all("X");
    repo.pm(&["finish", "T-0001"]).ok();
    repo.git(&["config", "--add", "pm.agent", "robot"]).ok();
    let agents = [
        repo.with("CLAUDECODE", "1"),
        repo.with("CODEX_SANDBOX", "seatbelt"),
        repo.with("AGENT_NAME", "bot"),
        repo.by("robot"),
        // Another name does not make a human of it.
        repo.with("CLAUDECODE", "1").by("Ana"),
    ];
    for agent in agents {
        agent.pm(&["task", "approve", "T-0001"]).exits(1);
    }
    assert_eq!(repo.data(&["show", "T-0001"])["status"], "in_review");
    let approved = repo.data(&["task", "approve", "T-0001"]);
    assert_eq!(approved["status"], "ready_for_integration");
    assert_eq!(approved["approved_by"], "Ana");
}

/// Runs a command twice under one key; the second time changes nothing and says the same.
#[track_caller]
fn twice(place: &Repo, key: &str, args: &[&str]) {
    let mut all = vec!["--json", "--idempotency-key", key];
    all.extend(args);
    let first = place.pm(&all).ok();
    let tree = place.state_tree();
    let second = place.pm(&all);
    assert_eq!(
        second.code, 0,
        "repeating `{}` under one key fails: {}{}",
        second.what, second.out, second.err
    );
    assert_eq!(
        place.state_tree(),
        tree,
        "`{}` happened twice under one key",
        second.what
    );
    assert_eq!(
        first.data()["id"],
        second.data()["id"],
        "the repetition answers with another item"
    );
}

// TM-12: every mutating command is idempotent by key.
#[test]
fn tm_12_a_repeated_key_makes_every_change_happen_once() {
    let scene = Scene::new();
    let (_, a) = scene.with_hub();
    twice(&a, "k1", &["task", "create", "Once"]);
    twice(&a, "k2", &["task", "create", "Once"]);
    twice(&a, "k3", &["task", "edit", "T-0001", "--title", "Twice"]);
    twice(&a, "k4", &["task", "comment", "T-0001", "hello"]);
    twice(&a, "k5", &["dep", "add", "T-0002", "T-0001"]);
    twice(&a, "k6", &["dep", "rm", "T-0002", "T-0001"]);
    twice(&a, "k7", &["epic", "create", "Epic"]);
    twice(&a, "k8", &["task", "block", "T-0002", "waits"]);
    twice(&a, "k9", &["task", "unblock", "T-0002"]);
    twice(&a, "k10", &["task", "defer", "T-0002"]);
    twice(&a, "k11", &["task", "undefer", "T-0002"]);
    twice(&a, "k12", &["task", "reassign", "T-0002", "--to", "Ben"]);
    twice(&a, "k13", &["task", "cancel", "T-0002"]);
    twice(&a, "k14", &["task", "reopen", "T-0002"]);
    twice(&a, "k15", &["start", "T-0001"]);
    twice(&a, "k16", &["task", "drop", "T-0001"]);
    twice(&a, "k17", &["start", "T-0001"]);
    let work = a.worktree("T-0001");
    work.write("x.txt", "x\n");
    work.commit_all("X");
    twice(&a, "k18", &["finish", "T-0001"]);
    twice(&a, "k19", &["task", "approve", "T-0001"]);
    twice(&a, "k20", &["merge", "T-0001"]);
    twice(&a, "k21", &["task", "done", "T-0002", "--force"]);
    twice(&a, "k22", &["reserve", "add", "docs/**"]);
    twice(&a, "k23", &["reserve", "renew", "docs/**", "--ttl", "2h"]);
    twice(&a, "k24", &["reserve", "release", "docs/**"]);
    let tasks = a.data(&["task", "list", "--all"])["items"].clone();
    assert_eq!(tasks.as_array().unwrap().len(), 2, "{tasks}");
}

// TM-12: an operation of several steps, too.
#[test]
fn tm_12_finish_and_merge_under_one_key_happen_once() {
    let scene = Scene::new();
    let repo = scene.repo("a");
    repo.pm(&["init"]).ok();
    for (title, file) in [("One", "one.txt"), ("Two", "two.txt")] {
        let id = repo.task(title, &[]);
        repo.pm(&["start", &id]).ok();
        let work = repo.worktree(&id);
        work.write(file, "x\n");
        work.commit_all("Work");
    }
    twice(&repo, "k1", &["finish", "T-0001", "--merge"]);
    // Also when it was handed in before.
    repo.pm(&["finish", "T-0002"]).ok();
    let before = repo.git(&["rev-list", "--count", "main"]).text();
    twice(&repo, "k2", &["finish", "T-0002", "--merge"]);
    let after = repo.git(&["rev-list", "--count", "main"]).text();
    assert_eq!(
        after.parse::<u32>().unwrap(),
        before.parse::<u32>().unwrap() + 1,
        "merged twice"
    );
}

// TM-12: a key is one operation's; for another one it is refused, and it works across clones.
#[test]
fn tm_12_a_key_belongs_to_one_operation_in_all_clones() {
    let scene = Scene::new();
    let (_, a, b) = two_clones(&scene);
    let create = ["--idempotency-key", "d-1", "task", "create", "Once"];
    a.pm(&create).ok();
    a.pm(&["--idempotency-key", "d-1", "start", "T-0001"])
        .exits(2);
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    let tree = b.state_tree();
    b.pm(&create).ok();
    assert_eq!(b.state_tree(), tree, "delivered twice, made twice");
    let start = ["--idempotency-key", "d-2", "start", "T-0001"];
    let ran = wait_all((0..4).map(|_| a.spawn(&start)).collect());
    assert!(ran.iter().all(|r| r.code == 0), "{ran:#?}");
    assert_eq!(holder(&a, "T-0001"), ("Ana".into(), true));
    assert!(Path::new(&a.worktree("T-0001").path).exists());
}
