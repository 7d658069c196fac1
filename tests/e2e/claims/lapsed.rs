//! Work whose lease expired while its holder was busy: a takeover in another clone holds, and the
//! former holder is notified by the next command.

use crate::claims::leases::{agent, at, comment, create, two_clones};
use crate::support::*;

/// A clone and an agent's worktree in it, with work on T-0001 from noon, and Ben's clone, in which
/// another agent can take it over.
fn with_started_task(scene: &Scene) -> (Repo, Repo, Repo) {
    let (a, b) = two_clones(scene);
    let smith = agent(&a, "agent-2");
    smith.pm(&["start", "T-0001"]).ok();
    let work = smith.worktree("T-0001");
    work.write("src/new.rs", "// new\n");
    work.commit_all("Work");
    (a, work, agent(&b, "agent-3"))
}

fn take_over(b: &Repo) {
    let then = b.when(&at("13:02:01"));
    then.pm(&["start", "T-0001", "--no-worktree"]).ok();
}

/// Requires that T-0001 is unchanged since the takeover in both clones.
#[track_caller]
fn is_unchanged_since_the_takeover(a: &Repo, b: &Repo) {
    for clone in [b, a] {
        let clone = clone.when(&at("13:10:00"));
        clone.pm(&["sync"]).ok();
        let item = clone.data(&["show", "T-0001"]);
        assert_eq!(item["status"], "in_progress", "{item}");
        assert_eq!(item["owner"], "agent-3", "{item}");
    }
    assert_eq!(a.state_tree(), b.state_tree());
}

#[test]
fn work_whose_lease_is_over_is_ready_wherever_it_is_offered() {
    let scene = Scene::new();
    let (_, _, b) = with_started_task(&scene);
    b.pm(&["sync"]).ok();
    let ids = |repo: &Repo, args: &[&str]| -> Vec<String> {
        let data = repo.data(args);
        let items = data["items"].as_array().unwrap().iter();
        // What is explained has the item as a part.
        let id = |one: &serde_json::Value| {
            let item = one.get("item").unwrap_or(one);
            item["id"].as_str().unwrap().to_string()
        };
        items.map(id).collect()
    };
    let lists: [&[&str]; 4] = [
        &["ready"],
        &["ready", "--explain"],
        &["list", "is:ready"],
        &["list", "is:ready", "is:active"],
    ];
    let held = b.when(&at("12:30:00"));
    held.pm(&["next"]).exits(1);
    for args in lists {
        assert_eq!(ids(&held, args), Vec::<String>::new(), "{args:?}");
    }
    let left = b.when(&at("13:02:01"));
    assert_eq!(left.data(&["next"])["id"], "T-0001");
    for args in lists {
        assert_eq!(ids(&left, args), ["T-0001"], "{args:?}");
    }
    let status = left.data(&["status"]);
    assert_eq!(status["ready_count"], 0, "{status}");
    // It is counted as in progress alone.
    assert_eq!(status["takeovers"], 1, "{status}");
    let counts = &left.data(&["stats"])["counts"];
    assert_eq!(counts["actionable_count"], 0, "{counts}");
    assert_eq!(counts["in_progress_count"], 1, "{counts}");
    let status = left.pm(&["status"]).ok().out;
    let counted = "(of these 1 in progress to take over)";
    assert!(status.contains(counted), "{status}");
    assert!(status.contains("git pm start T-0001"), "{status}");
    let prime = left.pm(&["prime"]).ok().out;
    let counted = "Ready to start (0; in progress to take over: 1;";
    assert!(prime.contains(counted), "{prime}");
    left.pm(&["start", "T-0001", "--no-worktree"]).ok();
}

#[test]
fn finish_checks_the_remote_for_a_takeover_of_an_expired_claim() {
    let scene = Scene::new();
    let (a, work, b) = with_started_task(&scene);
    take_over(&b);
    let refused = work.when(&at("13:05:00")).pm(&["finish"]).exits(3).err;
    assert!(
        refused.contains("held by agent-3 in another clone"),
        "{refused}"
    );
    is_unchanged_since_the_takeover(&a, &b);
    let handed_in = b.when(&at("13:11:00")).pm(&["show", "T-0001"]).ok().out;
    assert!(!handed_in.contains("finished"), "{handed_in}");
}

#[test]
fn a_takeover_while_the_gates_run_holds() {
    let scene = Scene::new();
    let (a, work, b) = with_started_task(&scene);
    let taking = format!(
        "test=cd '{}' && AGENT_NAME=agent-3 GIT_PM_NOW={} '{}' start T-0001 --no-worktree",
        b.path.display(),
        at("13:02:01"),
        binary(),
    );
    a.git(&["config", "pm.gate", &taking]).ok();
    let refused = work.when(&at("12:50:00")).pm(&["finish"]).exits(3).err;
    assert!(
        refused.contains("held by agent-3 in another clone"),
        "{refused}"
    );
    is_unchanged_since_the_takeover(&a, &b);
}

#[test]
fn done_cancel_and_drop_do_not_change_a_task_that_was_taken_over() {
    for args in [
        &["task", "done", "T-0001", "--evidence", "seen"][..],
        &["task", "cancel", "T-0001"],
        &["task", "drop", "T-0001"],
    ] {
        let scene = Scene::new();
        let (a, work, b) = with_started_task(&scene);
        take_over(&b);
        let refused = work.when(&at("13:05:00")).pm(args);
        assert_eq!(refused.code, 3, "{args:?}: {}{}", refused.out, refused.err);
        is_unchanged_since_the_takeover(&a, &b);
    }
}

#[test]
fn finish_without_the_remote_uses_the_local_state() {
    let scene = Scene::new();
    let (a, work, _) = with_started_task(&scene);
    a.git(&["config", "remote.origin.url", "/nowhere/hub.git"])
        .ok();
    work.when(&at("13:05:00")).pm(&["finish"]).ok();
    assert_eq!(a.data(&["show", "T-0001"])["status"], "in_review");
}

const TOLD: &str = "your claim on T-0001 was ended on the remote: its lease was over; taken over by \
                    agent-3; agent-3 holds it";

// A renewal of a claim that was taken over does not restore it, and its former holder is told to
// stop.
#[test]
fn a_write_after_a_takeover_notifies_the_former_holder() {
    for write in [comment, create] {
        let scene = Scene::new();
        let (a, work, b) = with_started_task(&scene);
        take_over(&b);
        let said = write(&work, "13:05:00").err;
        assert!(said.contains(TOLD), "{said}");
        is_unchanged_since_the_takeover(&a, &b);
    }
}

// git gives its hooks the author of the commit, who is not the holder here.
#[test]
fn a_commit_after_a_takeover_notifies_the_former_holder_for_any_author() {
    for author in [
        &["--reset-author"][..],
        &["--author", "Eve <eve@example.com>"],
    ] {
        let scene = Scene::new();
        let (a, work, b) = with_started_task(&scene);
        take_over(&b);
        let work = work.when(&at("13:05:00"));
        let amend = [&["commit", "--amend", "-m", "Work, again"], author].concat();
        let said = work.git(&amend).ok().err;
        assert!(said.contains(TOLD), "{author:?}: {said}");
        is_unchanged_since_the_takeover(&a, &b);
    }
}

#[test]
fn a_commit_hook_does_not_block_other_writers_while_it_pushes_a_renewal() {
    let scene = Scene::new();
    let (a, work, _) = with_started_task(&scene);
    let seen = scene.at("seen").path;
    let script = format!(
        "unset GIT_DIR GIT_INDEX_FILE GIT_QUARANTINE_PATH GIT_OBJECT_DIRECTORY; cd '{place}' && \
         cksum <'{index}' >'{seen}' && '{binary}' task create Meanwhile && cksum <'{index}' >>'{seen}'",
        index = a.path.join(".git/pm/index.sqlite").display(),
        seen = seen.display(),
        place = a.path.display(),
        binary = binary(),
    );
    scene.at("hub.git").hook("pre-receive", &script);
    let work = work.when(&at("12:40:00"));
    work.write("src/more.rs", "// more\n");
    work.commit_all("Work on");
    let seen = std::fs::read_to_string(seen).unwrap();
    let seen: Vec<&str> = seen.lines().collect();
    assert!(seen.len() == 2 && seen[0] != seen[1], "{seen:?}");
}

#[test]
fn a_command_that_pushes_includes_the_renewal_in_its_push() {
    let scene = Scene::new();
    let (_, work, _) = with_started_task(&scene);
    let log = scene.at("pushes").path;
    let script = format!(
        "case \" $* \" in *' push '*) echo push >>'{}';; esac; exec \"$REAL\" \"$@\"",
        log.display()
    );
    let pushes = || std::fs::read_to_string(&log).unwrap().lines().count();
    let work = work.wrapping_git("counting", &script);
    comment(&work, "12:20:00");
    assert_eq!(pushes(), 1);
    work.when(&at("12:40:00")).pm(&["finish"]).ok();
    // The state, and the branch.
    assert_eq!(pushes(), 3);
}

#[test]
fn a_task_dropped_and_restarted_offline_is_confirmed_to_the_same_clone() {
    for apart in [&["--offline"][..], &["pm.sync=manual"]] {
        let scene = Scene::new();
        let (hub, a) = scene.with_hub();
        a.task("Work", &[]);
        a.pm(&["start", "T-0001", "--no-worktree"]).ok();
        a.pm(&["sync"]).ok();
        let alone: &[&str] = match apart[0] {
            "--offline" => apart,
            _ => {
                a.git(&["config", "pm.sync", "manual"]).ok();
                &[]
            }
        };
        for verb in [
            &["task", "drop", "T-0001"][..],
            &["start", "T-0001", "--no-worktree"],
        ] {
            a.pm(&[alone, verb].concat()).ok();
        }
        let synced = a.data(&["sync"]);
        assert_eq!(synced["confirmed"][0], "T-0001", "{apart:?}: {synced}");
        assert_eq!(synced["lost"].as_array().map(Vec::len), Some(0), "{synced}");
        let b = scene.clone_of(&hub, "b", "Ben");
        for clone in [&a, &b] {
            let item = clone.data(&["show", "T-0001"]);
            assert_eq!(item["status"], "in_progress");
            assert_eq!(item["claim"]["actor"], "Ana", "{item}");
        }
    }
}

#[test]
fn a_takeover_says_that_the_earlier_work_is_in_another_clone() {
    let scene = Scene::new();
    let (_, _, b) = with_started_task(&scene);
    let then = b.when(&at("13:02:01"));
    let said = then.pm(&["start", "T-0001", "--no-worktree"]).ok();
    let said = said.out + &said.err;
    assert!(said.contains("was taken over from agent-2"), "{said}");
    assert!(
        said.contains("may have commits that are not here") && !said.contains("on their branch"),
        "{said}"
    );
}
