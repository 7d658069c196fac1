//! Findings that stay in the clone that made them: what other clones and the page are told, and what they stop.

use serde_json::json;

use super::{bad_work, of_rule};
use crate::serve::{Server, token};
use crate::support::{Repo, Scene, set_up};

/// Submitted work with a secret in it, reviewed in the clone of Ana; and another clone, of Bob.
fn reviewed(scene: &Scene) -> (Repo, Repo, String, Repo) {
    let (hub, ana) = scene.with_hub();
    ana.git(&["config", "pm.push", "finish"]).ok();
    let (id, place) = bad_work(&ana);
    ana.git(&["push", "-q", "origin", "main"]).ok();
    place.pm(&["finish", &id, "--force"]).ok();
    ana.pm(&["review", &id]).exits(1);
    let bob = scene.clone_of(&hub, "b", "Bob");
    both_sync(&ana, &bob);
    // Only what stays in Ana's clone is left to stop it.
    let shared = of_rule(&bob, &id, "test-deleted")["id"].clone();
    dismiss(&bob, shared.as_str().unwrap());
    both_sync(&bob, &ana);
    (ana, bob, id, place)
}

fn both_sync(one: &Repo, other: &Repo) {
    for clone in [one, other, one] {
        clone.pm(&["sync"]).ok();
    }
}

fn dismiss(repo: &Repo, finding: &str) {
    repo.pm(&["finding", "dismiss", finding, "--reason", "a test key"])
        .ok();
}

fn secret(repo: &Repo, id: &str) -> String {
    of_rule(repo, id, "secret")["id"]
        .as_str()
        .unwrap()
        .to_string()
}

#[test]
fn another_clone_is_told_the_number_and_reviews_before_it_approves() {
    let scene = Scene::new();
    let (ana, bob, id, _place) = reviewed(&scene);
    let own = secret(&ana, &id);
    let state = bob.git(&["grep", "-h", "", "refs/pm/main"]).ok().out;
    assert!(!state.contains("access key") && !state.contains("API_KEY"));
    let shown = bob.pm(&["show", &id]).ok().out;
    let told = format!("1 P0 kept in the clone of Ana: `git pm review {id}`");
    assert!(shown.contains(&told), "{shown}");
    assert!(!shown.contains("task approve"), "{shown}");
    let status = bob.pm(&["status"]).ok().out;
    assert!(
        status.contains("1 P0 kept in the clone of Ana") && !status.contains("task approve"),
        "{status}"
    );
    let refused = bob.pm(&["--json", "approve", &id]).exits(1).error();
    assert_eq!(refused["reason"], "finding.blocks", "{refused}");
    assert!(refused.to_string().contains("clone of Ana"), "{refused}");

    // The rules find it in this clone, too, where a human decides.
    bob.pm(&["review", &id]).exits(1);
    assert_eq!(secret(&bob, &id), own);
    let refused = bob.pm(&["approve", &id]).exits(1).err;
    assert!(refused.contains(&own), "{refused}");
    dismiss(&bob, &own);
    bob.pm(&["approve", &id]).ok();
    bob.pm(&["merge", &id]).ok();

    // In the first clone it is still open.
    both_sync(&bob, &ana);
    let said = ana.pm(&["doctor"]).out;
    assert!(
        said.contains(&format!("{id} is done with open findings: {own} (P0)")),
        "{said}"
    );
    dismiss(&ana, &own);
    let said = ana.pm(&["doctor"]).out;
    assert!(!said.contains("open findings"), "{said}");
}

#[test]
fn what_is_settled_or_shared_is_kept_no_longer() {
    let scene = Scene::new();
    let (ana, bob, id, place) = reviewed(&scene);
    let own = secret(&ana, &id);
    let kept = || {
        both_sync(&ana, &bob);
        bob.data(&["show", &id])["findings"]["kept"].clone()
    };
    let one = json!([{"by": "Ana", "findings": "1 P0"}]);
    assert_eq!(kept(), one);
    dismiss(&ana, &own);
    assert_eq!(kept(), json!([]));
    bob.pm(&["approve", &id]).ok();
    ana.pm(&["sync"]).ok();
    ana.pm(&["finding", "reopen", &own]).ok();
    assert_eq!(kept(), one);
    // It came after the approval.
    let refused = bob.pm(&["--json", "merge", &id]).exits(1).error();
    assert_eq!(refused["reason"], "finding.blocks", "{refused}");
    let shown = bob.pm(&["show", &id]).ok().out;
    assert!(!shown.contains("git pm merge"), "{shown}");
    ana.pm(&["finding", "share", &own]).ok();
    assert_eq!(kept(), json!([]));
    let refused = bob.pm(&["merge", &id]).exits(1).err;
    assert!(refused.contains(&own), "{refused}");

    // Mended work is approved everywhere.
    ana.pm(&["task", "return", &id, "--note", "mend it"]).ok();
    place.write("app/login.py", "def login(name):\n    return 2\n");
    place.commit_all(&format!("Mend the login ({id})"));
    ana.pm(&["start", &id, "--resume"]).ok();
    ana.pm(&["review", &id]).ok();
    ana.pm(&["finish", &id]).ok();
    both_sync(&ana, &bob);
    bob.pm(&["approve", &id]).ok();
}

/// The page offers no approval that would be refused, and says why.
#[test]
fn the_page_says_what_stays_in_the_clone_and_offers_no_approval() {
    let (_scene, repo) = set_up();
    let (id, place) = bad_work(&repo);
    place.pm(&["finish", &id]).ok();
    repo.pm(&["review", &id]).exits(1);
    let (own, test) = (secret(&repo, &id), of_rule(&repo, &id, "test-deleted"));
    dismiss(&repo, test["id"].as_str().unwrap());
    let approver = token(&repo, "ana", &["--scope", "approve"]);
    let server = Server::start(&repo, &[]);
    let changes = || {
        let path = format!("/items/{id}/changes");
        server.with(&approver, "GET", &path, "").body
    };
    let page = changes();
    let told = format!("1 P0 kept in this clone: <code>git pm finding list {id}</code>");
    assert!(page.contains(&told), "{page}");
    assert!(
        page.contains("It cannot be approved") && !page.contains(&own),
        "{page}"
    );
    let form = format!("/items/{id}/approve");
    assert!(!page.contains(&form), "{page}");
    let told = server.with(&approver, "GET", &format!("/api/v1/show?id={id}"), "");
    assert!(told.body.contains("kept in this clone") || told.body.contains("1 P0"));
    // The history has the numbers of the terminal.
    let all = repo.data(&["finding", "list", &id, "--all"])["items"]
        .as_array()
        .unwrap()
        .len();
    let log = repo.pm(&["log", &id]).ok().out;
    assert!(log.contains(&format!("{all} new, 0 fixed")), "{log}");

    dismiss(&repo, &own);
    let page = changes();
    assert!(page.contains(&form) && !page.contains("kept in"), "{page}");
}
