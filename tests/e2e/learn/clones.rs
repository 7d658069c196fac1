//! Learnings in several clones.

use super::{add, ids};
use crate::support::Scene;
use serde_json::json;

#[test]
fn uses_and_votes_of_two_clones_are_all_counted() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let id = add(&a, "Use one job", &["--tag", "ci"]);
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    for clone in [&a, &b] {
        clone.pm(&["learn", "use", &id]).ok();
        clone.pm(&["learn", "vote", &id, "useful"]).ok();
        clone
            .pm(&[
                "learn",
                "edit",
                &id,
                "--tag",
                "ci",
                "--tag",
                clone.path.file_name().unwrap().to_str().unwrap(),
            ])
            .ok();
    }
    b.pm(&["learn", "edit", &id, "--body", "From Ben."]).ok();
    a.pm(&["learn", "edit", &id, "--body", "From Ana."]).ok();
    for clone in [&a, &b, &a] {
        clone.pm(&["sync"]).ok();
    }
    assert_eq!(a.state_tree(), b.state_tree(), "the clones differ");
    let shown = a.data(&["learn", "show", &id]);
    assert_eq!(
        (&shown["uses"], &shown["useful"]),
        (&json!(2), &json!(2)),
        "{shown}"
    );
    assert_eq!(shown["tags"].as_array().unwrap().len(), 3, "{shown}");
    assert_eq!(shown["conflicted"], true, "{shown}");
    for clone in [&a, &b] {
        for word in ["Ben", "Ana"] {
            assert_eq!(
                ids(clone, &["learn", "search", word]),
                [id.as_str()],
                "{word}"
            );
        }
        clone.pm(&["fsck"]).ok();
    }
    let text = a.pm(&["learn", "show", &id]).ok().out;
    assert!(
        text.contains("From Ana.") && text.contains("From Ben."),
        "{text}"
    );
}

#[test]
fn fetched_learnings_are_named_by_sync() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let b = scene.clone_of(&hub, "b", "Ben");
    b.pm(&["sync"]).ok();
    let id = add(&a, "Use one job", &[]);
    a.pm(&["sync"]).ok();
    let text = b.pm(&["sync"]).ok().out;
    assert!(text.contains(&id) && text.contains("Use one job"), "{text}");
}
