//! The prefix of new issues after an import: beads accepts no file with two prefixes.

use serde_json::Value;

use super::{import, ready};
use crate::support::Scene;

fn issue(id: &str) -> String {
    format!(
        "{{\"id\":\"{id}\",\"title\":\"t\",\"status\":\"open\",\"priority\":2,\"issue_type\":\"task\",\"updated_at\":\"2026-01-01T00:00:00Z\"}}\n"
    )
}

fn two() -> String {
    issue("bd-1") + &issue("bd-2")
}

#[test]
fn new_issues_get_the_prefix_of_the_first_imported_file() {
    let (_scene, repo) = ready();
    let report = import(&repo, &two()).ok().data();
    assert_eq!(report["issue_prefix"], "bd");
    let id = repo.pm(&["issue", "q", "x"]).ok().text();
    assert!(id.starts_with("bd-"), "{id}");
    let tree = repo.state_tree();
    assert_eq!(
        import(&repo, &two()).ok().data()["issue_prefix"],
        Value::Null
    );
    assert_eq!(repo.state_tree(), tree);
    // Children and molecules do not determine the prefix.
    let (_scene, repo) = ready();
    let file = two().replace("bd-", "my-app-") + &issue("my-app-mol-3");
    let text = repo.feed(crate::support::binary(), &["import", "beads", "-"], &file);
    let text = text.ok().out;
    assert!(text.contains("New issues get IDs my-app-"), "{text}");
    let id = repo.pm(&["issue", "q", "x"]).ok().text();
    assert!(id.starts_with("my-app-") && !id.contains("mol"), "{id}");
}

#[test]
fn a_configured_prefix_is_kept_and_existing_issues_are_reported() {
    let (_scene, repo) = ready();
    repo.pm(&["config", "--shared", "pm.issuePrefix", "ours"])
        .ok();
    import(&repo, &two()).ok();
    assert!(
        repo.pm(&["issue", "q", "x"])
            .ok()
            .text()
            .starts_with("ours-")
    );
    let (_scene, repo) = ready();
    repo.pm(&["issue", "q", "x"]).ok();
    let report = import(&repo, &two()).ok().data();
    let said = report["warnings"].to_string();
    assert!(
        said.contains("git pm config --shared pm.issuePrefix bd"),
        "{said}"
    );
    assert!(repo.pm(&["issue", "q", "y"]).ok().text().starts_with("pm-"));
    // Two clones that import the same file have the same state.
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let b = scene.clone_of(&hub, "b", "bert");
    for repo in [&a, &b] {
        import(repo, &two()).ok();
    }
    assert_eq!(a.state_tree(), b.state_tree());
}
