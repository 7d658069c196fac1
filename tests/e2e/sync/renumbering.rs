//! Ids that two clones assigned concurrently.

use serde_json::Value;

use crate::support::{Repo, Scene};

/// Two clones that each made a first task without seeing the other's.
fn with_an_id_assigned_twice(scene: &Scene) -> (Repo, Repo, Repo) {
    let (hub, a) = scene.with_hub();
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    a.task("Of Ana", &[]);
    b.task("Of Ben", &["--path", "docs/**"]);
    (hub, a, b)
}

// TM-05: a number assigned twice offline: the clone that syncs first keeps it, the other item is
// renumbered in the pushed commit, reported, and found by its old id.
#[test]
fn a_number_assigned_twice_offline_is_changed_for_the_later_synced_item() {
    let scene = Scene::new();
    let (hub, a, b) = with_an_id_assigned_twice(&scene);
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
    assert_eq!(report["confirmed"][0], "T-0003", "its claim is not kept");
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
            "an edge to it was not changed"
        );
    }
    assert_eq!(a.state_tree(), hub.state_tree());
    let path_after = b
        .git(&["grep", "-l", "Of Ben", "refs/pm/main", "--", "tasks"])
        .text();
    assert_eq!(path_before, path_after, "the path changed");
    // Work in its worktree continues with the old branch name and the right trailer.
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

// The user is told in plain text, too.
#[test]
fn a_renumbered_task_is_reported_in_plain_text() {
    let scene = Scene::new();
    let (_, a, b) = with_an_id_assigned_twice(&scene);
    a.pm(&["sync"]).ok();
    let said = b.pm(&["sync"]).ok().out;
    assert!(said.contains("T-0001 is now T-0002"), "{said}");
    assert!(said.contains("Of Ben"), "{said}");
}

// A start also pushes: what it renumbers is reported, and the typed id is looked up after the join.
#[test]
fn a_start_that_renumbers_starts_the_right_task() {
    let scene = Scene::new();
    let (_, a, b) = with_an_id_assigned_twice(&scene);
    a.pm(&["sync"]).ok();
    let started = b.pm(&["--json", "start", "T-0001"]);
    // Ben meant his own T-0001. Ana's must not be started instead without notice.
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

// C5: published ids never change; two equal published ids are shown with a suffix, and the bare id
// is an error that lists both.
#[test]
fn c5_two_equal_published_ids_are_both_kept_and_the_bare_id_is_ambiguous() {
    let scene = Scene::new();
    let (_, a, b) = with_an_id_assigned_twice(&scene);
    let backup = scene.bare("backup.git");
    for clone in [&a, &b] {
        clone
            .git(&["remote", "add", "backup", backup.path.to_str().unwrap()])
            .ok();
    }
    // Ben's number was published at the backup, Ana's at the main remote.
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
        // Another sync would not change that.
        let fsck = clone.data(&["fsck"]);
        let doctor = clone.data(&["doctor"]);
        let of = |report: &Value, key: &str, name: &str| -> Vec<Value> {
            let all = report["findings"].as_array().unwrap().iter();
            all.filter(|one| one[key] == name).cloned().collect()
        };
        let mut said = of(&fsck, "code", "id-duplicate");
        assert_eq!(said.len(), 2, "{fsck}");
        said.extend(of(&doctor, "check", "ids"));
        assert_eq!(said.len(), 3, "{doctor}");
        for one in said {
            let fix = one["fix"].as_str().unwrap();
            assert!(fix.contains("git pm show T-0001-"), "{one}");
            assert!(!fix.contains("sync"), "{one}");
        }
        for id in ids {
            assert_eq!(clone.data(&["show", id])["id"], id);
        }
    }
    // A new item gets another number.
    assert_eq!(a.task("Third", &[]), "T-0002");
}

// C5: the answer of a push to another remote was lost: the number counts as published all the same.
#[test]
fn c5_a_number_that_may_have_reached_another_remote_is_not_changed() {
    let scene = Scene::new();
    let (_, a, b) = with_an_id_assigned_twice(&scene);
    let backup = scene.bare("backup.git");
    b.git(&["remote", "add", "backup", backup.path.to_str().unwrap()])
        .ok();
    // The push succeeds, its answer is lost, and the backup cannot be reached afterwards.
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
        "a published number was changed: {report}"
    );
    // Pruned tracking refs make no difference.
    b.git(&["remote", "rm", "backup"]).ok();
    a.task("Later", &[]);
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    b.pm(&["show", "T-0001"]).exits(4);
}

// A failed push discards the renumbering; the next one makes it again.
#[test]
fn a_failed_push_does_not_make_colliding_ids_permanent() {
    let scene = Scene::new();
    let (hub, a, b) = with_an_id_assigned_twice(&scene);
    a.pm(&["sync"]).ok();
    hub.hook("pre-receive", "kill -9 $PPID");
    b.pm(&["sync"]).exits(6);
    // Both have the number until a push settles it.
    let items = b.data(&["list"])["items"].clone();
    let own = items.as_array().unwrap().iter();
    let own = own.clone().find(|one| one["title"] == "Of Ben").unwrap();
    let id = own["id"].as_str().unwrap();
    assert!(
        id.starts_with("T-0001-"),
        "an id changed although nothing was pushed: {id}"
    );
    assert_eq!(b.data(&["show", id])["title"], "Of Ben");
    hub.remove_hook("pre-receive");
    let report = b.data(&["sync"]);
    assert_eq!(report["renumbered"][0]["new"], "T-0002", "{report}");
    assert_eq!(b.data(&["show", "T-0001"])["title"], "Of Ana");
}

// TM-05: a number that may still change shows it, until the remote has it.
#[test]
fn tm_05_a_number_that_may_change_is_marked_until_the_first_sync() {
    let scene = Scene::new();
    let (_, a) = scene.with_hub();
    a.pm(&["sync"]).ok();
    let made = a.pm(&["task", "create", "Of Ana"]).ok().out;
    assert!(made.contains("Created T-0001? Of Ana"), "{made}");
    assert!(made.contains("first sync settles its number"), "{made}");
    assert!(a.pm(&["show", "T-0001"]).ok().out.starts_with("T-0001?  "));
    assert_eq!(a.data(&["show", "T-0001"])["provisional"], true);
    a.pm(&["sync"]).ok();
    let shown = a.pm(&["show", "T-0001"]).ok().out;
    assert!(shown.starts_with("T-0001  "), "{shown}");
    assert!(a.data(&["show", "T-0001"])["provisional"].is_null());
    // Without a remote nobody else counts.
    let alone = scene.set_up("alone");
    let made = alone.pm(&["task", "create", "Alone"]).ok().out;
    assert!(made.contains("Created T-0001 Alone"), "{made}");
    // A hash is not counted.
    let issue = a.data(&["issue", "create", "An issue"]);
    assert!(issue["provisional"].is_null(), "{issue}");
}

// TM-05: a renumbering is told where its author looks, and the old number leads on.
#[test]
fn tm_05_a_renumbering_is_a_notice_and_the_old_number_leads_to_the_item() {
    let scene = Scene::new();
    let (_, a, b) = with_an_id_assigned_twice(&scene);
    a.pm(&["sync"]).ok();
    b.pm(&["push"]).ok();
    let status = b.pm(&["status"]).ok().out;
    assert!(status.contains("T-0001 is now T-0002"), "{status}");
    let status = b.pm(&["status"]).ok().out;
    assert!(
        !status.contains("T-0001 is now T-0002"),
        "said twice: {status}"
    );
    let shown = b.pm(&["show", "T-0001"]).ok().out;
    assert!(shown.contains("Of Ana"), "{shown}");
    let formerly = shown.lines().find(|line| line.contains("once the id of"));
    let formerly = formerly.unwrap_or_else(|| panic!("the old number leads nowhere: {shown}"));
    assert!(formerly.contains("T-0002  Of Ben"), "{formerly}");
    assert_eq!(b.data(&["show", "T-0001"])["renumbered"][0]["id"], "T-0002");
    assert!(b.data(&["show", "T-0002"])["renumbered"].is_null());
}

// TM-05: in the clone that had the number it names another's item now, which every use of it says.
#[test]
fn tm_05_a_number_that_names_another_item_now_is_said_where_it_was_used() {
    let scene = Scene::new();
    let (_, a, b) = with_an_id_assigned_twice(&scene);
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    let said = "T-0001 was this clone's \"Of Ben\" until that became T-0002";
    let read = b.pm(&["show", "T-0001"]).ok();
    assert!(read.err.contains(said), "{}", read.err);
    let shown = b.pm(&["show", "T-2"]).ok().err;
    assert!(!shown.contains("was this clone's"), "{shown}");
    a.pm(&["sync"]).ok();
    let elsewhere = a.pm(&["show", "T-0001"]).ok().err;
    assert!(!elsewhere.contains("was this clone's"), "{elsewhere}");
    b.pm(&["task", "cancel", "T-0002"]).ok();
    let closed = b.pm(&["show", "T-0001"]).ok().err;
    assert!(!closed.contains("was this clone's"), "{closed}");
}

/// A write by a former number may mean either item: it is refused, with the names of both.
#[test]
fn tm_05_a_write_to_a_former_number_is_refused_with_both_names() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let epic = a.pm(&["issue", "q", "Epic", "-t", "epic"]).ok().text();
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    for (clone, title) in [(&a, "Of Ana"), (&b, "Of Ben")] {
        clone.pm(&["issue", "q", title, "--parent", &epic]).ok();
        clone.task(title, &[]);
        clone.pm(&["issue", "q", &format!("Other {title}")]).ok();
    }
    let other = b.data(&["list", "title:Other"])["items"][0]["id"].clone();
    let other = other.as_str().unwrap();
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    for (old, new) in [
        (format!("{epic}.1"), format!("{epic}.2")),
        ("T-0001".to_string(), "T-0002".to_string()),
    ] {
        assert_eq!(b.data(&["show", &old])["title"], "Of Ana");
        let theirs = b.data(&["show", &old])["alias"].clone();
        let theirs = theirs.as_str().unwrap();
        let before = b.tip("refs/pm/main");
        for args in [
            &["issue", "update", &old, "-p", "1"][..],
            &["comment", &old, "mine"],
            &["edit", &old, "--title", "Still of Ben"],
            &["dep", "add", &old, other],
            &["dep", "add", other, &old],
            &["issue", "claim", &old],
            &["start", &old],
            &["task", "cancel", &old],
            &["issue", "close", &old],
        ] {
            let refused = b.pm(&[&["--json"], args].concat()).exits(4).error();
            let said = refused["message"].as_str().unwrap();
            assert!(
                said.contains(theirs) && said.contains(&new),
                "{args:?}: {said}"
            );
        }
        let line = serde_json::json!({ "op": "task.comment", "id": old, "text": "again" });
        b.feed(crate::support::binary(), &["batch"], &line.to_string())
            .exits(4);
        assert_eq!(b.tip("refs/pm/main"), before);
        // Whoever of the clone writes may have seen the number there.
        let cleo = b.by("cleo");
        cleo.pm(&["comment", &old, "hello"]).exits(4);
        // Each by its name.
        b.pm(&["comment", &new, "mine"]).ok();
        cleo.pm(&["comment", theirs, "for Ana"]).ok();
    }
    // Days later the number is Ana's alone.
    let later = b.when("2099-01-01T00:00:00Z");
    let late = later.data(&["--offline", "comment", "T-0001", "late"]);
    assert_eq!(late["title"], "Of Ana");
    // In her clone it always was.
    let own = a.data(&["comment", "T-0001", "hello"]);
    assert_eq!(own["title"], "Of Ana");
}

// TM-05: while the former number is refused, whatever is printed names the other item by what works.
#[test]
fn tm_05_a_command_that_is_offered_after_a_renumbering_is_not_refused() {
    let scene = Scene::new();
    let (_, a, b) = with_an_id_assigned_twice(&scene);
    a.pm(&["sync"]).ok();
    a.pm(&["assign", "T-0001", "Ben"]).ok();
    b.pm(&["sync"]).ok();
    let status = b.pm(&["status"]).ok().out;
    let offered = status
        .lines()
        .find_map(|line| line.strip_prefix("next: git pm start "));
    let offered = offered.unwrap_or_else(|| panic!("no start is offered: {status}"));
    assert!(offered.starts_with("T-0001-"), "{status}");
    let refused = b.pm(&["start", "T-0001"]).exits(4).err;
    assert!(
        refused.contains(&format!("{offered} (\"Of Ana\")")),
        "{refused}"
    );
    let listed = b.pm(&["list"]).ok().out;
    assert!(listed.contains(offered), "{listed}");
    assert_eq!(b.data(&["start", offered])["title"], "Of Ana");
    assert_eq!(a.data(&["show", "T-0001"])["id"], "T-0001");
}

// TM-05: what leaves the clone that lost a number has the ids that all clones have, and comes back to the same items.
#[test]
fn tm_05_data_of_a_clone_that_lost_a_number_has_the_ids_of_all_clones() {
    let scene = Scene::new();
    let (_, a, b) = with_an_id_assigned_twice(&scene);
    for clone in [&a, &b, &a] {
        clone.pm(&["sync"]).ok();
    }
    assert_eq!(a.tip("refs/pm/main"), b.tip("refs/pm/main"));
    for args in [
        &["export", "beads", "-"][..],
        &["export", "csv", "-"],
        &["export", "json", "-"],
        &["events"],
        &["--json", "events"],
        &["graph", "--format", "json"],
    ] {
        assert_eq!(a.pm(args).ok().out, b.pm(args).ok().out, "{args:?}");
    }
    for clone in [&a, &b] {
        let listed = clone.data(&["list"])["items"].clone();
        assert_eq!(crate::support::ids(&listed), ["T-0001", "T-0002"]);
        clone
            .pm(&["export", "md", "../md", "--layout", "tasks"])
            .ok();
        let text = clone.read("../md/tasks/T-0001.md");
        assert!(text.contains("id: T-0001\n"), "{text}");
        std::fs::remove_dir_all(clone.path.join("../md")).unwrap();
    }
    let shown = b.pm(&["list"]).ok().out;
    assert!(shown.contains("T-0001-"), "{shown}");
    // A file with the longer name, as an earlier version wrote it, is of the same item.
    let alias = b.data(&["show", "T-0001"])["alias"].clone();
    let file = b.pm(&["export", "beads", "-"]).ok().out;
    let longer = file.replace("\"T-0001\"", &alias.to_string());
    assert_ne!(longer, file);
    a.write("longer.jsonl", &longer);
    let report = a.data(&["import", "beads", "longer.jsonl"]);
    let counts = (&report["created"], &report["unchanged"]);
    assert_eq!(counts, (&0.into(), &2.into()), "{report}");
    // So is a row, also in the clone that lost the number.
    let rows = b.pm(&["export", "csv", "-"]).ok().out;
    let longer = rows.replace("\nT-0001,", &format!("\n{},", alias.as_str().unwrap()));
    assert_ne!(longer, rows);
    for (clone, file) in [(&a, &longer), (&b, &rows)] {
        let named = file.replace("Of Ana", "Of Ana renamed");
        clone.write("rows.csv", &named);
        let said = clone.pm(&["import", "csv", "rows.csv"]).ok().out;
        assert!(said.contains("1 updated"), "{said}");
        let items = clone.data(&["list"])["items"].clone();
        assert_eq!(items[0]["title"], "Of Ana renamed");
        assert_eq!(crate::support::ids(&items), ["T-0001", "T-0002"]);
    }
}

// TM-05: the number of a child may change as well, which its creation shows.
#[test]
fn tm_05_a_childs_number_is_marked_until_the_first_sync() {
    let scene = Scene::new();
    let (_, a) = scene.with_hub();
    let epic = a.pm(&["issue", "q", "Epic", "-t", "epic"]).ok().text();
    a.pm(&["sync"]).ok();
    let create = ["issue", "create", "Part", "--parent", &epic];
    let made = a.pm(&create).ok().out;
    assert!(made.contains(&format!("Created {epic}.1? Part")), "{made}");
    let made = a.data(&create);
    assert_eq!(made["provisional"], true, "{made}");
    let beads = [&["issue", "--format", "beads"], &create[1..]].concat();
    assert_eq!(a.pm(&beads).ok().json()["provisional"], true);
    let silent = a.pm(&[&create[..], &["--silent"]].concat()).ok().text();
    assert_eq!(silent, format!("{epic}.4"));
    let exports = [
        &["export", "json", "-"][..],
        &["export", "csv", "-"],
        &["--offline", "export", "beads", "all.jsonl"],
        &["export", "md", "../notes"],
    ];
    let warning = "4 numbers may still change: `git pm sync` before you send this file";
    for args in exports {
        let said = a.pm(args).ok().err;
        assert_eq!(said.matches(warning).count(), 1, "{args:?}: {said}");
    }
    a.pm(&["sync"]).ok();
    std::fs::remove_dir_all(a.path.join("../notes")).unwrap();
    for args in exports {
        let said = a.pm(args).ok().err;
        assert!(!said.contains("may still change"), "{args:?}: {said}");
    }
    assert!(a.data(&["show", &silent])["provisional"].is_null());
}

// After a renumbering the items of a plan are shown as before, at every door.
#[test]
fn tm_05_a_plan_is_shown_in_a_clone_that_lost_a_number() {
    let scene = Scene::new();
    let (_, a, b) = with_an_id_assigned_twice(&scene);
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    b.write("doc.md", "# Doc\n\n- [ ] one\n- [ ] two\n");
    b.pm(&["plan", "doc.md"]).ok();
    b.pm(&["sync"]).ok();
    a.pm(&["sync"]).ok();
    for clone in [&a, &b] {
        let listed = clone.pm(&["list", "is:proposed"]).ok().out;
        assert!(listed.contains("P-0001/1"), "{listed}");
        clone.pm(&["show", "P-0001/1"]).ok();
        clone.pm(&["why", "P-0001/2"]).ok();
    }
    b.pm(&["plan", "set", "P-0001/1", "title=First"]).ok();
    b.pm(&["plan", "approve", "P-0001"]).ok();
    let listed = b.pm(&["list"]).ok().out;
    assert!(listed.contains("First"), "{listed}");
}
