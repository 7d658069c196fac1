//! Findings in several clones.

use serde_json::json;

use super::{bad_work, of_rule};
use crate::support::{Scene, forge};

#[test]
fn two_clones_that_review_the_same_work_make_one_finding() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let (id, place) = bad_work(&a);
    a.pm(&["sync"]).ok();
    let branch = place.git(&["branch", "--show-current"]).ok().out;
    a.git(&["push", "-q", "origin", branch.trim()]).ok();
    a.git(&["push", "-q", "origin", "main"]).ok();
    let b = scene.clone_of(&hub, "b", "bob");
    b.pm(&["init"]).ok();
    b.git(&["fetch", "-q"]).ok();
    a.pm(&["--offline", "review", &id]).exits(1);
    b.pm(&["--offline", "review", &id]).exits(1);
    let finding = of_rule(&a, &id, "test-deleted")["id"]
        .as_str()
        .unwrap()
        .to_string();
    assert_eq!(of_rule(&b, &id, "test-deleted")["id"], finding.as_str());

    // A human's dismissal holds against a review that had not seen it.
    a.pm(&[
        "--offline",
        "finding",
        "dismiss",
        &finding,
        "--reason",
        "moved",
    ])
    .ok();
    b.pm(&["--offline", "finding", "fix", &finding]).ok();
    b.pm(&["--offline", "review", &id]).exits(1);
    for clone in [&a, &b, &a] {
        clone.pm(&["sync"]).ok();
    }
    for clone in [&a, &b] {
        let shown = clone.data(&["finding", "show", &finding]);
        assert_eq!(
            (&shown["status"], &shown["dismissed_by"]),
            (&json!("dismissed"), &json!("Ana"))
        );
    }
    assert_eq!(a.state_tree(), b.state_tree());
}

#[test]
fn what_is_fetched_is_data() {
    let scene = Scene::new();
    let a = scene.set_up("a");
    let (id, _place) = bad_work(&a);
    a.pm(&["review", &id]).exits(1);
    let found = of_rule(&a, &id, "test-deleted");
    let item = a.data(&["show", &id])["uid"].as_str().unwrap().to_string();
    let uid = found["uid"].as_str().unwrap();
    let path = format!("findings/{}/{item}/{uid}.md", &item[24..]);
    let forged = forge::read(&a, &path)
        .replace("severity: P1", "severity: nothing")
        .replace("category: tests", "category: \"\\u001b[2J\"");
    assert!(forged.contains("severity: nothing"), "{forged}");
    forge::put(&a, &path, forged.as_bytes());
    let shown = a.pm(&["finding", "show", found["id"].as_str().unwrap()]);
    assert!(!shown.out.contains('\u{1b}'), "{:?}", shown.out);
    // What is no severity is not less than it may have been meant to be.
    assert_eq!(of_rule(&a, &id, "test-deleted")["severity"], "P1");
}
