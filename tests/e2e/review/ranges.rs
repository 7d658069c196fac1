//! Reviews of commits that belong to no item: nothing is recorded.

use serde_json::{Value, json};

use crate::support::{Repo, Scene, set_up};

/// A branch of no item, with a key and a test less, and its target one commit further.
fn branch_of_nobody() -> (Scene, Repo) {
    let (scene, repo) = set_up();
    let test = "def test_login():\n    assert login('a') == 1\n";
    repo.write("tests/test_login.py", test);
    repo.write(
        ".pm.toml",
        "[review.check]\nrun = '''echo '{\"version\": \"2.1.0\", \"runs\": []}' '''\n",
    );
    repo.commit_all("Add the login");
    repo.pm(&["trust", "--yes"]).ok();
    repo.git(&["switch", "-q", "-c", "spike"]).ok();
    std::fs::remove_file(repo.path.join("tests/test_login.py")).unwrap();
    let key = concat!("API_KEY = 'ghp_16C7e42F292c6912E", "7710c838347Ae178B4a'\n");
    repo.write("app/login.py", key);
    repo.commit_all("Change the login");
    repo.git(&["switch", "-q", "main"]).ok();
    repo.write("other.txt", "TODO: not of the branch\n");
    repo.commit_all("Go on");
    (scene, repo)
}

fn rules(told: &Value) -> Vec<&str> {
    let all = told["findings"].as_array().unwrap().iter();
    let mut rules: Vec<&str> = all.filter_map(|one| one["rule"].as_str()).collect();
    rules.sort_unstable();
    rules.dedup();
    rules
}

/// RV-04: a branch, a range and a commit are reviewed against where they left; tools run, secrets are redacted, and
/// the state stays as it was.
#[test]
fn rv_04_commits_of_no_item_are_reviewed_and_nothing_is_recorded() {
    let (_scene, repo) = branch_of_nobody();
    let before = repo.state_tree();
    for range in ["spike", "main..spike", "main...spike"] {
        let ran = repo.pm(&["--json", "review", range]).exits(1);
        assert!(
            !ran.out.contains("7710c838347Ae178B4a"),
            "{range}: {}",
            ran.out
        );
        let told = ran.data();
        assert_eq!(told["passed"], false);
        let names: Vec<&Value> = (told["reviewers"].as_array().unwrap().iter())
            .map(|one| &one["name"])
            .collect();
        assert_eq!(names, [&json!("git-pm"), &json!("check")]);
        let found = rules(&told);
        assert!(
            found.iter().any(|rule| rule.contains("secret")),
            "{range}: {found:?}"
        );
        assert!(found.contains(&"test-deleted"), "{range}: {found:?}");
        let paths: Vec<&Value> = (told["findings"].as_array().unwrap().iter())
            .map(|one| &one["path"])
            .collect();
        assert!(!paths.contains(&&json!("other.txt")), "{range}: {paths:?}");
    }
    let text = repo.pm(&["review", "main..spike"]).exits(1).out;
    assert!(
        text.contains("app/login.py:1: ") && text.contains("Not passed."),
        "{text}"
    );
    assert_eq!(repo.state_tree(), before);

    // What is merged, or there never was, has no review.
    let refused = repo
        .pm(&["--json", "review", "spike..main~1"])
        .exits(1)
        .error();
    assert_eq!(refused["reason"], "finding.no_work", "{refused}");
    repo.pm(&["review", "nobody"]).exits(4);
    repo.pm(&["review", "main..nobody"]).exits(4);
    repo.pm(&["review", "main..--output=x"]).exits(4);
}

/// A branch of an item is the item, whose findings are recorded.
#[test]
fn the_branch_of_an_item_is_reviewed_as_its_item() {
    let (_scene, repo) = set_up();
    let (id, _place) = super::bad_work(&repo);
    let branch = repo.data(&["show", &id])["branch"].clone();
    let told = repo
        .pm(&["--json", "review", branch.as_str().unwrap()])
        .exits(1)
        .data();
    assert_eq!(told["id"], id.as_str());
    assert!(!super::rules(&repo, &id).is_empty());
}
