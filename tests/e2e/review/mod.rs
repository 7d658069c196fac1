//! Reviews of work by rules and by the project's own tools, and what becomes of their findings.

mod check;
mod checklists;
mod clones;
mod findings;
mod injection;
mod kept;
mod panel;
mod ranges;
mod surfaces;
mod tools;

use serde_json::Value;

use crate::approval::worked;
use crate::support::Repo;

/// Work that nobody should merge: a password and a deleted test.
pub fn bad_work(repo: &Repo) -> (String, Repo) {
    repo.write(
        "tests/test_login.py",
        "def test_login():\n    assert login('a') == 1\n",
    );
    repo.write("app/login.py", "def login(name):\n    return 1\n");
    repo.commit_all("Add the login");
    let (id, place) = worked(repo, "task", "app/notes.txt");
    std::fs::remove_file(place.path.join("tests/test_login.py")).unwrap();
    place.write(
        "app/login.py",
        concat!(
            "API_KEY = 'ghp_16C7e42F292c6912E",
            "7710c838347Ae178B4a'\n\n\ndef login(name):\n    return 2\n"
        ),
    );
    place.commit_all("Change the login");
    (id, place)
}

/// The open findings of an item, by rule.
pub fn rules(repo: &Repo, id: &str) -> Vec<String> {
    let all = repo.data(&["finding", "list", id]);
    let rules = all["items"].as_array().unwrap().iter();
    let mut rules: Vec<String> = rules
        .map(|one| one["rule"].as_str().unwrap().into())
        .collect();
    rules.sort();
    rules
}

/// The first open finding of a rule.
pub fn of_rule(repo: &Repo, id: &str, rule: &str) -> Value {
    let all = repo.data(&["finding", "list", id]);
    let mut all = all["items"].as_array().unwrap().iter();
    all.find(|one| one["rule"] == rule)
        .cloned()
        .unwrap_or_else(|| panic!("no {rule}"))
}
