//! The numbers of items that were imported: settled by the first sync, and told where one is lost.

use serde_json::Value;

use crate::support::{Repo, Scene, binary};

const ISSUE: &str =
    r#"[{"number":7,"title":"From GitHub","url":"https://github.com/acme/shop/issues/7"}]"#;

fn import(repo: &Repo) {
    repo.feed(binary(), &["import", "github", "-"], ISSUE).ok();
}

/// Two clones of one project.
fn clones(scene: &Scene) -> (Repo, Repo) {
    let (hub, a) = scene.with_hub();
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    (a, b)
}

fn title(repo: &Repo, id: &str) -> Value {
    repo.data(&["show", id])["title"].clone()
}

// TM-05: the number of an imported item may change until it was published, as any other's, and never breaks a
// settled one.
#[test]
fn tm_05_an_imported_item_gives_way_to_a_settled_number() {
    let scene = Scene::new();
    let (a, b) = clones(&scene);
    a.task("Of Ana", &[]);
    a.pm(&["sync"]).ok();
    import(&b);
    assert_eq!(b.data(&["show", "T-0001"])["provisional"], true);
    let report = b.data(&["sync"]);
    let moved = &report["renumbered"][0];
    assert_eq!(
        (&moved["old"], &moved["new"]),
        (&"T-0001".into(), &"T-0002".into())
    );
    assert_eq!(moved["taken_by"], "Of Ana");
    // Who imports it as well, has the same item by the same number.
    import(&a);
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    assert_eq!(a.state_tree(), b.state_tree(), "the clones differ");
    for clone in [&a, &b] {
        assert_eq!(title(clone, "T-0002"), "From GitHub");
        assert!(clone.data(&["show", "T-0002"])["provisional"].is_null());
        assert_eq!(clone.data(&["fsck"])["faults"], 0);
    }
    assert_eq!(title(&a, "T-0001"), "Of Ana");
    a.pm(&["start", "T-0001"]).ok();
}

// TM-05: a number that an imported item had here and lost to the one of another clone is refused like any other
// former number, and the sync says what has it now.
#[test]
fn tm_05_a_write_to_the_lost_number_of_an_imported_item_is_refused() {
    let scene = Scene::new();
    let (a, b) = clones(&scene);
    a.task("Second of Ana", &[]);
    import(&a);
    import(&b);
    b.task("Of Ben", &[]);
    b.pm(&["sync"]).ok();
    assert_eq!(title(&a, "T-0002"), "From GitHub");
    let said = a.pm(&["sync"]).ok();
    let said = format!("{}{}", said.out, said.err);
    assert!(said.contains("T-0002 is now T-0001 (From GitHub"), "{said}");
    assert!(said.contains("; T-0002 is \"Of Ben\" now"), "{said}");
    assert!(!said.contains("was overridden"), "{said}");

    let refused = a.pm(&["task", "cancel", "T-0002"]).exits(4).err;
    assert!(refused.contains("(\"Of Ben\")"), "{refused}");
    assert!(refused.contains("T-0001"), "{refused}");
    let theirs = b.data(&["show", "T-0002"])["alias"].clone();
    let listed = a.pm(&["list"]).ok().out;
    assert!(listed.contains(theirs.as_str().unwrap()), "{listed}");
    let shown = a.pm(&["show", "T-0002"]).ok();
    assert!(
        shown.err.contains("was this clone's \"From GitHub\""),
        "{shown:?}"
    );
    a.pm(&["comment", theirs.as_str().unwrap(), "for Ben"]).ok();
    // Elsewhere it never was another one, and here not for long.
    b.pm(&["comment", "T-0002", "mine"]).ok();
    let later = a.when("2099-01-01T00:00:00Z");
    let late = later.data(&["--offline", "comment", "T-0002", "late"]);
    assert_eq!(late["title"], "Of Ben");
}

// TM-05: a start that brings the loss starts what its number named when it was typed.
#[test]
fn tm_05_a_start_that_loses_the_number_of_an_imported_item_starts_no_other() {
    let scene = Scene::new();
    let (a, b) = clones(&scene);
    a.task("Second of Ana", &[]);
    import(&a);
    import(&b);
    b.task("Of Ben", &[]);
    b.pm(&["sync"]).ok();
    let started = a.pm(&["--json", "start", "T-0002"]);
    if started.code == 0 {
        assert_eq!(started.data()["title"], "From GitHub", "{}", started.err);
    }
    b.pm(&["sync"]).ok();
    assert!(b.data(&["show", "T-0002"])["claim"].is_null());
}

// TM-05: whatever brings the loss says it: also a sync whose push is denied, a merge of what git has fetched, and a
// command that asks the remote first.
#[test]
fn tm_05_a_lost_number_is_said_by_whatever_brings_the_loss() {
    let said_by = |bring: &dyn Fn(&Repo, &Repo) -> String| {
        let scene = Scene::new();
        let (a, b) = clones(&scene);
        for title in ["First of Ana", "Second of Ana"] {
            a.task(title, &[]);
        }
        import(&a);
        import(&b);
        for title in ["Of Ben", "Another", "One more", "The last"] {
            b.task(title, &[]);
        }
        b.pm(&["sync"]).ok();
        let said = bring(&a, &scene.at("hub.git"));
        let told = "T-0003 is now T-0001";
        assert_eq!(said.matches(told).count(), 1, "{said}");
    };
    said_by(&|a, hub| {
        hub.hook("pre-receive", "echo 'permission denied' >&2; exit 1");
        let denied = a.pm(&["sync"]).exits(6);
        denied.out + &denied.err
    });
    said_by(&|a, _| {
        a.git(&["fetch", "-q"]).ok();
        a.pm(&["list"]).ok().err
    });
    // Known only there.
    said_by(&|a, _| a.pm(&["start", "T-0005", "--no-worktree"]).ok().err);
}
