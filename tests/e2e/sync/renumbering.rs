//! Ids that two clones gave out at once.

use crate::support::{Repo, Scene};

/// Two clones that each made a first task without seeing the other's.
fn taken_twice(scene: &Scene) -> (Repo, Repo, Repo) {
    let (hub, a) = scene.with_hub();
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    a.task("Of Ana", &[]);
    b.task("Of Ben", &["--path", "docs/**"]);
    (hub, a, b)
}

// 4.3; TM-05: a number taken twice offline: whoever syncs first keeps it, the other is renumbered
// in the pushed commit, is told, and is found by its old name.
#[test]
fn a_number_taken_twice_offline_is_given_out_anew() {
    let scene = Scene::new();
    let (hub, a, b) = taken_twice(&scene);
    let started = b.data(&["--offline", "start", "T-0001"]);
    let alias = started["alias"].as_str().unwrap().to_string();
    assert_eq!(
        alias,
        format!("T-0001-{}", alias.rsplit_once('-').unwrap().1)
    );
    b.pm(&["task", "create", "After", "--depends-on", "T-0001"])
        .ok();
    a.pm(&["sync"]).ok();
    let path_before = b
        .git(&["grep", "-l", "Of Ben", "refs/pm/main", "--", "tasks"])
        .text();

    let report = b.data(&["sync"]);
    let told = &report["renumbered"][0];
    assert_eq!(told["old"], "T-0001");
    assert_eq!(told["new"], "T-0003");
    assert_eq!(told["alias"], alias.as_str());
    assert_eq!(report["confirmed"][0], "T-0003", "its claim came along");
    a.pm(&["sync"]).ok();
    for clone in [&a, &b] {
        assert_eq!(clone.data(&["show", "T-0001"])["title"], "Of Ana");
        let item = clone.data(&["show", "T-0003"]);
        assert_eq!(item["title"], "Of Ben");
        assert_eq!(clone.data(&["show", &alias])["id"], "T-0003");
        assert_eq!(item["branch"], "task/T-0001-of-ben", "its branch is kept");
        assert_eq!(
            clone.data(&["show", "T-0002"])["depends_on"][0],
            "T-0003",
            "what depended on it follows"
        );
    }
    assert_eq!(a.state_tree(), hub.state_tree());
    let path_after = b
        .git(&["grep", "-l", "Of Ben", "refs/pm/main", "--", "tasks"])
        .text();
    assert_eq!(path_before, path_after, "a path never moves");
    // The work goes on under the old name, from its worktree, with the right trailer.
    let work = b.worktree(&alias);
    work.write("docs/guide.md", "Better guide\n");
    work.commit_all("Better");
    assert_eq!(
        work.git(&["log", "-1", "--format=%(trailers:key=Task,valueonly)"])
            .text()
            .trim(),
        "T-0003"
    );
    b.pm(&["finish", &alias, "--merge"]).ok();
    assert_eq!(b.data(&["show", "T-0003"])["status"], "done");
    // Once pushed, ids never change again.
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    assert_eq!(a.data(&["show", &alias])["id"], "T-0003");
}

// 4.3: the user is told in plain text, too.
#[test]
fn a_renumbered_task_is_told_in_words() {
    let scene = Scene::new();
    let (_, a, b) = taken_twice(&scene);
    a.pm(&["sync"]).ok();
    let said = b.pm(&["sync"]).ok().out;
    assert!(said.contains("T-0001 is now T-0002"), "{said}");
    assert!(said.contains("Of Ben"), "{said}");
}

// 4.3: a start is a push too: what it renumbers is told, and the id that was typed is looked up
// after the join.
#[test]
fn a_start_that_renumbers_starts_the_right_task() {
    let scene = Scene::new();
    let (_, a, b) = taken_twice(&scene);
    a.pm(&["sync"]).ok();
    let started = b.pm(&["--json", "start", "T-0001"]);
    // Ben meant his own T-0001. It must not be Ana's that is silently begun for him.
    if started.code == 0 {
        assert_eq!(
            started.data()["title"],
            "Of Ben",
            "another person's task was started: {}",
            started.err
        );
    } else {
        started.exits(3);
        b.pm(&["start", "T-0002"]).ok();
    }
    assert!(a.data(&["show", "T-0001"])["claim"].is_null());
    a.pm(&["sync"]).ok();
    assert!(
        a.data(&["show", "T-0001"])["claim"].is_null(),
        "Ana's task is claimed by Ben, who does not know it"
    );
}

// 4.3, C5: published ids never change; two published ones show with their suffix, and the bare id
// is an error that lists both.
#[test]
fn c5_two_published_ids_are_both_kept_and_the_bare_one_is_ambiguous() {
    let scene = Scene::new();
    let (_, a, b) = taken_twice(&scene);
    let backup = scene.bare("backup.git");
    for clone in [&a, &b] {
        clone
            .git(&["remote", "add", "backup", backup.path.to_str().unwrap()])
            .ok();
    }
    // Ben's number is out at the backup, Ana's at the main remote.
    b.pm(&["push", "backup"]).ok();
    a.pm(&["sync"]).ok();
    let report = b.data(&["sync"]);
    assert!(
        report["renumbered"].as_array().unwrap().is_empty(),
        "{report}"
    );
    a.pm(&["sync"]).ok();
    for clone in [&a, &b] {
        let list = clone.data(&["task", "list"])["items"].clone();
        let ids: Vec<&str> = list
            .as_array()
            .unwrap()
            .iter()
            .map(|i| i["id"].as_str().unwrap())
            .collect();
        assert_eq!(ids.len(), 2);
        assert!(
            ids.iter().all(|id| id.starts_with("T-0001-")) && ids[0] != ids[1],
            "{ids:?}"
        );
        for args in [
            &["show", "T-0001"][..],
            &["task", "edit", "T-1", "--title", "x"],
            &["start", "T-0001"],
        ] {
            let refused = clone.pm(args).exits(4);
            for id in &ids {
                assert!(refused.err.contains(id), "{args:?}: {}", refused.err);
            }
        }
        for id in ids {
            assert_eq!(clone.data(&["show", id])["id"], id);
        }
    }
    // A new one is neither.
    assert_eq!(a.task("Third", &[]), "T-0002");
}

// C5: the reply of a push elsewhere was lost: the number counts as published all the same.
#[test]
fn c5_a_number_that_may_have_reached_another_remote_is_not_given_away() {
    let scene = Scene::new();
    let (_, a, b) = taken_twice(&scene);
    let backup = scene.bare("backup.git");
    b.git(&["remote", "add", "backup", backup.path.to_str().unwrap()])
        .ok();
    // It lands, is answered by nobody, and the backup is gone when asked.
    let away = scene.dir.path().join("backup.away");
    backup.hook(
        "reference-transaction",
        &format!(
            "[ \"$1\" = committed ] || exit 0\nmv '{}' '{}'\nkill -9 $PPID",
            backup.path.display(),
            away.display()
        ),
    );
    b.pm(&["push", "backup"]).exits(6);
    a.pm(&["sync"]).ok();
    let report = b.data(&["sync"]);
    assert!(
        report["renumbered"].as_array().unwrap().is_empty(),
        "a number that is out in the world was changed: {report}"
    );
    // Pruned tracking refs make no difference.
    b.git(&["remote", "rm", "backup"]).ok();
    a.task("Later", &[]);
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    b.pm(&["show", "T-0001"]).exits(4);
}

// 4.3: a lost push discards the renumbering; the next one makes it.
#[test]
fn a_push_that_broke_does_not_freeze_a_collision() {
    let scene = Scene::new();
    let (hub, a, b) = taken_twice(&scene);
    a.pm(&["sync"]).ok();
    hub.hook("pre-receive", "kill -9 $PPID");
    b.pm(&["sync"]).exits(6);
    assert_eq!(
        b.data(&["show", "T-0001"])["title"],
        "Of Ben",
        "an id changed although nothing was pushed"
    );
    hub.unhook("pre-receive");
    let report = b.data(&["sync"]);
    assert_eq!(report["renumbered"][0]["new"], "T-0002", "{report}");
    assert_eq!(b.data(&["show", "T-0001"])["title"], "Of Ana");
}
