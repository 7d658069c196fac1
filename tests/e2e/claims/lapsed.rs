//! What becomes of work whose lease ran out while its holder was busy: a takeover elsewhere stands,
//! and who lost the claim hears of it with the next command.

use crate::claims::leases::{agent, at, comment, create, two_clones};
use crate::support::*;

/// An agent's worktree with work on T-0001 from noon, and a clone of Ben's in which another agent
/// takes it over.
fn begun(scene: &Scene) -> (Repo, Repo, Repo) {
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

/// T-0001 is where the takeover left it, in both clones.
#[track_caller]
fn stands(a: &Repo, b: &Repo) {
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
fn finish_asks_first_whether_a_claim_that_was_long_silent_was_taken_over() {
    let scene = Scene::new();
    let (a, work, b) = begun(&scene);
    take_over(&b);
    let refused = work.when(&at("13:05:00")).pm(&["finish"]).exits(3).err;
    assert!(
        refused.contains("held by agent-3 in another clone"),
        "{refused}"
    );
    stands(&a, &b);
    let handed_in = b.when(&at("13:11:00")).pm(&["show", "T-0001"]).ok().out;
    assert!(!handed_in.contains("finished"), "{handed_in}");
}

#[test]
fn a_takeover_while_the_gates_run_stands() {
    let scene = Scene::new();
    let (a, work, b) = begun(&scene);
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
    stands(&a, &b);
}

#[test]
fn done_cancel_and_drop_leave_what_was_taken_over_as_it_is() {
    for args in [
        &["task", "done", "T-0001", "--evidence", "seen"][..],
        &["task", "cancel", "T-0001"],
        &["task", "drop", "T-0001"],
    ] {
        let scene = Scene::new();
        let (a, work, b) = begun(&scene);
        take_over(&b);
        let refused = work.when(&at("13:05:00")).pm(args);
        assert_eq!(refused.code, 3, "{args:?}: {}{}", refused.out, refused.err);
        stands(&a, &b);
    }
}

#[test]
fn without_the_remote_finish_goes_by_what_is_known_here() {
    let scene = Scene::new();
    let (a, work, _) = begun(&scene);
    a.git(&["config", "remote.origin.url", "/nowhere/hub.git"])
        .ok();
    work.when(&at("13:05:00")).pm(&["finish"]).ok();
    assert_eq!(a.data(&["show", "T-0001"])["status"], "in_review");
}

const TOLD: &str = "your claim on T-0001 had ended at the remote: its lease was over; taken over by \
                    agent-3; agent-3 holds it";

// A renewal of a claim that was taken over brings nothing back, and its holder stops in time.
#[test]
fn who_writes_on_after_a_takeover_is_told_of_it() {
    for write in [comment, create] {
        let scene = Scene::new();
        let (a, work, b) = begun(&scene);
        take_over(&b);
        let said = write(&work, "13:05:00").err;
        assert!(said.contains(TOLD), "{said}");
        stands(&a, &b);
    }
}

// git gives its hooks the author of the commit, who is another one here.
#[test]
fn who_commits_after_a_takeover_is_told_of_it_also_for_another_author() {
    for author in [
        &["--reset-author"][..],
        &["--author", "Eve <eve@example.com>"],
    ] {
        let scene = Scene::new();
        let (a, work, b) = begun(&scene);
        take_over(&b);
        let work = work.when(&at("13:05:00"));
        let amend = [&["commit", "--amend", "-m", "Work, again"], author].concat();
        let said = work.git(&amend).ok().err;
        assert!(said.contains(TOLD), "{author:?}: {said}");
        stands(&a, &b);
    }
}

#[test]
fn a_commits_renewal_keeps_nobody_from_the_index_while_it_talks_to_the_remote() {
    let scene = Scene::new();
    let (a, work, _) = begun(&scene);
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
fn a_command_that_is_sent_anyway_does_not_talk_to_the_remote_twice() {
    let scene = Scene::new();
    let (_, work, _) = begun(&scene);
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
fn what_a_clone_gave_back_and_started_again_offline_is_not_lost_to_itself() {
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
