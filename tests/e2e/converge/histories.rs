//! Several clones write and sync in any order: in the end all have the same state, and no
//! acknowledged write is lost. Random histories with real clones, remotes, fetches and pushes; a
//! seed identifies each history.

use crate::converge::model::{History, Plan};
use crate::support::{Scene, campaign};

/// Runs the histories of one kind.
fn histories(all: usize, plan: impl Fn(u64) -> Plan) {
    campaign(all, |seed| History::new(seed, plan(seed)).run());
}

fn plain(seed: u64) -> Plan {
    Plan {
        clones: 2 + usize::try_from(seed % 3).unwrap(),
        remotes: 1,
        steps: 40,
        skew_hours: 10,
        ..Plan::default()
    }
}

#[test]
fn clones_of_one_remote_converge_and_lose_nothing() {
    histories(60, plain);
}

#[test]
fn clones_that_sync_over_three_remotes_converge() {
    histories(50, |seed| Plan {
        remotes: 2 + usize::try_from(seed % 2).unwrap(),
        steps: 50,
        ..plain(seed)
    });
}

#[test]
fn copied_clones_and_clones_with_lost_replica_ids_and_wrong_clocks_converge() {
    histories(40, |seed| Plan {
        skew_hours: 24,
        copies: true,
        forgets: seed % 2 == 0,
        ..plain(seed)
    });
}

#[test]
fn clones_converge_after_pushes_whose_answers_were_lost() {
    histories(40, |seed| Plan {
        remotes: 1 + usize::try_from(seed % 2).unwrap(),
        cuts: true,
        ..plain(seed)
    });
}

#[test]
fn clones_converge_after_a_rewind_of_the_remote() {
    histories(30, |seed| Plan {
        remotes: 1 + usize::try_from(seed % 2).unwrap(),
        rewinds: true,
        ..plain(seed)
    });
}

#[test]
fn a_raised_generation_reaches_all_clones_and_the_old_history_does_not_return() {
    histories(30, |seed| Plan {
        raises: true,
        ..plain(seed)
    });
}

/// Joining the remote's state may renumber the item that the caller knows by a number; the command
/// applies to that item.
#[test]
fn an_id_refers_to_the_item_the_caller_saw_even_if_the_sync_renumbers_it() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let b = scene.clone_of(&hub, "b", "Ben");
    a.task("Of Ana", &[]);
    a.pm(&["sync"]).ok();
    b.task("Of Ben", &[]);
    let started = b.data(&["start", "T-0001", "--no-worktree"]);
    assert_eq!(
        started["title"], "Of Ben",
        "another actor's task was claimed"
    );
    assert_eq!(started["id"], "T-0002");
    assert_eq!(
        b.data(&["show", "T-0001"])["owner"],
        serde_json::Value::Null
    );
    b.task("Of Ben too", &[]);
    a.task("Of Ana too", &[]);
    a.pm(&["sync"]).ok();
    let seen = b.data(&["show", "T-0003"])["uid"].clone();
    b.pm(&["reserve", "add", "src/auth.rs", "--task", "T-0003"])
        .ok();
    let reserved = b.data(&["reserve", "list"]);
    let task = reserved["items"][0]["task"].as_str().unwrap();
    assert_eq!(b.data(&["show", task])["uid"], seen);
}

/// Two processes of a copied clone that start at the same time must not become two clones: the
/// claims of one would be another clone's for the other.
#[test]
fn all_processes_of_a_copied_clone_take_one_new_replica_id() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    let replica = |r: &crate::support::Repo| r.read(".git/pm/replica.json");
    for round in 0..4 {
        let name = format!("copy{round}");
        crate::support::copy(&repo.path, &scene.dir.path().join(&name));
        let copy = scene.at(&name);
        let env = git_pm::Env::new(&copy.path, std::collections::BTreeMap::new());
        let gate = std::sync::Barrier::new(8);
        let ids: std::collections::BTreeSet<String> = std::thread::scope(|scope| {
            let each = || {
                let store = git_pm::internals::store::handle::Store::open(env.clone()).unwrap();
                gate.wait();
                store.replica().unwrap().to_string()
            };
            let all: Vec<_> = (0..8).map(|_| scope.spawn(each)).collect();
            all.into_iter().map(|t| t.join().unwrap()).collect()
        });
        assert_eq!(ids.len(), 1, "one clone continues with {ids:?}");
        assert_ne!(replica(&copy), replica(&repo), "the copy is the original");
    }
}

/// A number that is being pushed to another remote may be known there and is not changed any more.
#[test]
fn a_number_being_pushed_to_another_remote_is_not_changed_by_a_sync() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let b = scene.clone_of(&hub, "b", "Ben");
    let other = scene.bare("other.git");
    b.git(&["remote", "add", "other", "../other.git"]).ok();
    a.task("Of Ana", &[]);
    a.pm(&["sync"]).ok();
    b.task("Of Ben", &[]);
    let uid = b.data(&["show", "T-0001"])["uid"].clone();
    // The push blocks in the other remote until the file exists.
    let hook = "#!/bin/sh\ntouch asked\nn=0\nwhile [ ! -e go ] && [ $n -lt 500 ]\n\
                do sleep 0.02; n=$((n+1)); done\n";
    other.write("hooks/pre-receive", hook);
    crate::support::executable(&other.path.join("hooks/pre-receive"));
    let mut push = b.spawn(&["push", "other"]);
    for _ in 0..500 {
        if other.path.join("asked").exists() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    b.pm(&["sync"]).ok();
    other.write("go", "");
    assert!(push.wait().unwrap().success());
    let mine = b.data(&["show", uid.as_str().unwrap()]);
    let id = mine["id"].as_str().unwrap();
    assert!(
        id.starts_with("T-0001-"),
        "T-0001 is known at the other remote and was renumbered to {id}"
    );
    b.pm(&["--json", "show", "T-0001"]).exits(4);
}
