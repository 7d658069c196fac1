//! Checklists: what answers their items, who may tick them, and what waits for them.

use serde_json::{Value, json};

use super::{bad_work, of_rule};
use crate::approval::worked;
use crate::support::{Repo, agent, forge, set_up};

/// A reviewer that finds nothing.
const CLEAN: &str =
    r#"echo '{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"x"}},"results":[]}]}'"#;

/// A checklist of an item, as JSON.
#[track_caller]
fn list(repo: &Repo, id: &str, name: &str) -> Value {
    let shown = repo.pm(&["--json", "checklist", "show", id, name]);
    assert!(shown.code <= 1, "{shown:?}");
    shown.data()["lists"][0].clone()
}

/// An item of a checklist.
#[track_caller]
fn one(repo: &Repo, id: &str, name: &str, item: &str) -> Value {
    let list = list(repo, id, name);
    let mut items = list["items"].as_array().unwrap().iter();
    items.find(|one| one["id"] == item).unwrap().clone()
}

fn tick(repo: &Repo, id: &str, name: &str, item: &str) {
    repo.pm(&["checklist", "tick", id, name, item]).ok();
}

fn trusted(repo: &Repo, text: &str) {
    repo.write(".pm.toml", text);
    repo.commit_all("Add checklists");
    repo.pm(&["trust", "--yes"]).ok();
}

/// RV-01: four items; it fails while one is open. The last review of the plan answers two of them.
#[test]
fn rv_01_cm_09_preflight_fails_while_an_item_is_open() {
    let (_scene, repo) = set_up();
    repo.write(
        "docs/plan.md",
        "# Login\n\n## Tasks\n- Add the login form\n- Store the name\n",
    );
    repo.commit_all("Plan");
    repo.pm(&["plan", "new", "docs/plan.md"]).ok();
    repo.pm(&["plan", "approve", "--yes"]).ok();
    let id = "T-0001";
    let found = repo.pm(&["--json", "preflight", id]).exits(1).data();
    let items = found["lists"][0]["items"].as_array().unwrap();
    let ids: Vec<&str> = items
        .iter()
        .map(|one| one["id"].as_str().unwrap())
        .collect();
    assert_eq!(
        ids,
        ["architecture", "edge-cases", "security", "feasibility"]
    );

    let refused = agent(&repo)
        .pm(&[
            "--json",
            "checklist",
            "tick",
            id,
            "preflight",
            "feasibility",
        ])
        .exits(1)
        .error();
    assert_eq!(refused["reason"], "actor.not_human", "{refused}");
    tick(&repo, id, "preflight", "feasibility");
    let ticked = one(&repo, id, "preflight", "feasibility");
    assert_eq!(ticked["answer"], "done");
    assert!(
        ticked["by"].is_string() && ticked["at"].is_string(),
        "{ticked}"
    );
    let why = ["--not-applicable", "--reason", "it has no data"];
    let tick_it = ["checklist", "tick", id, "preflight", "security"];
    repo.pm(&[&tick_it[..], &why[..1]].concat()).exits(2);
    repo.pm(&[&tick_it[..], &why].concat()).ok();
    let vetted = one(&repo, id, "preflight", "security");
    assert_eq!(
        (&vetted["answer"], &vetted["reason"]),
        (&json!("not_applicable"), &json!(why[2]))
    );
    repo.pm(&["preflight", id]).exits(1);

    debated(&repo, "1", "findings");
    repo.pm(&["preflight", id]).exits(1);
    debated(&repo, "2", "clean");
    repo.pm(&["preflight", id]).exits(1);
    debated(&repo, "3", "answered");
    let told = repo.pm(&["preflight", id]).ok().out;
    assert!(told.contains("avery") && told.contains("rex"), "{told}");
    debated(&repo, "4", "findings");
    repo.pm(&["preflight", id]).exits(1);
    let unknown = ["--json", "checklist", "tick", id, "preflight", "taste"];
    let unknown = repo.pm(&unknown).exits(4).error();
    assert_eq!(unknown["reason"], "checklist.unknown", "{unknown}");
}

/// Writes into the PRD what a debate of its plan writes.
fn debated(repo: &Repo, nth: &str, verdict: &str) {
    let all = repo
        .git(&["ls-tree", "-r", "--name-only", "refs/pm/main"])
        .ok()
        .out;
    let path = all.lines().find(|path| path.starts_with("prds/")).unwrap();
    let text = forge::read(repo, path);
    let at = 1_700_000_000_000_u64 + nth.parse::<u64>().unwrap();
    let round = match verdict {
        "answered" => String::new(),
        _ => format!("    reviewers: rex (0)\n    round: {nth}\n"),
    };
    let entry = format!(
        "  \"{nth}\":\n    at: \"{at}.0.aaaa\"\n    plan: abc\n{round}    verdict: {verdict}\n"
    );
    let head = match text.contains("\nreviews:\n") {
        true => "",
        false => "reviews:\n",
    };
    let text = text.replacen("\nsource:", &format!("\n{head}{entry}source:"), 1);
    forge::put(repo, path, text.as_bytes());
}

/// RV-02: reviewers of the languages of the changed files, not applicable for others; an answer is about
/// just this work, and an open finding keeps an item open.
#[test]
fn rv_02_cm_09_reviewers_of_the_changed_languages_answer_postflight() {
    let (_scene, repo) = set_up();
    trusted(
        &repo,
        &format!("[review.kieran-python-reviewer]\nrun = '''{CLEAN}'''\n"),
    );
    let (id, place) = bad_work(&repo);
    repo.pm(&["postflight", &id]).exits(1);
    assert_eq!(one(&repo, &id, "postflight", "language")["answer"], "open");
    let style = one(&repo, &id, "postflight", "style");
    assert_eq!(style["answer"], "not_applicable", "{style}");
    assert!(
        style["reason"].as_str().unwrap().contains("Ruby"),
        "{style}"
    );

    repo.pm(&["review", &id]).exits(1);
    let language = one(&repo, &id, "postflight", "language");
    assert_eq!(language["by"], "kieran-python-reviewer", "{language}");
    // The password is a hole, whoever says that it is not.
    let hole = of_rule(&repo, &id, "secret")["id"].clone();
    tick(&repo, &id, "postflight", "security");
    let security = one(&repo, &id, "postflight", "security");
    assert_eq!(security["answer"], "open", "{security}");
    assert!(
        security["reason"]
            .as_str()
            .unwrap()
            .contains(hole.as_str().unwrap())
    );

    place.write(
        "tests/test_login.py",
        "def test_login():\n    assert login('a') == 2\n",
    );
    place.write("app/login.py", "def login(name):\n    return 2\n");
    place.commit_all(&format!("Mend the login ({id})"));
    // Nobody has looked at this work.
    for item in ["language", "performance", "simplicity"] {
        assert_eq!(
            one(&repo, &id, "postflight", item)["answer"],
            "open",
            "{item}"
        );
    }
    repo.pm(&["review", &id]).ok();
    assert_eq!(one(&repo, &id, "postflight", "security")["by"], "git-pm");
    tick(&repo, &id, "postflight", "performance");
    tick(&repo, &id, "postflight", "simplicity");
    repo.pm(&["postflight", &id]).ok();
    // So is the answer of a person.
    place.write("app/login.py", "def login(name):\n    return 3\n");
    place.commit_all(&format!("Change it ({id})"));
    assert_eq!(
        one(&repo, &id, "postflight", "performance")["answer"],
        "open"
    );
}

/// RV-02: a review by the agent that did the work answers only for the rules.
#[test]
fn rv_02_an_agent_answers_for_no_reviewer_of_its_own_work() {
    let (_scene, repo) = set_up();
    trusted(
        &repo,
        &format!("[review.performance-oracle]\nrun = '''{CLEAN}'''\n"),
    );
    let id = repo.task("Work", &[]);
    let worker = agent(&repo);
    worker.pm(&["start", &id]).ok();
    let place = repo.worktree(&id);
    place.write("app.py", "x = 1\n");
    place.commit_all(&format!("Work ({id})"));
    agent(&repo).pm(&["review", &id]);
    assert_eq!(one(&repo, &id, "postflight", "security")["by"], "git-pm");
    assert_eq!(
        one(&repo, &id, "postflight", "performance")["answer"],
        "open"
    );
}

/// RV-03: learnings of the task, and its documents.
#[test]
fn rv_03_learnings_and_documents_answer_the_documentation() {
    let (_scene, repo) = set_up();
    let (id, place) = worked(&repo, "task", "src/new.rs");
    let open = || {
        let list = list(&repo, &id, "documentation");
        let items = list["items"].as_array().unwrap().clone();
        let open = items.into_iter().filter(|one| one["answer"] == "open");
        open.map(|one| one["id"].as_str().unwrap().to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(open(), ["pattern", "gotcha", "context"]);
    repo.pm(&["task", "edit", &id, "--label", "architecture"])
        .ok();
    assert_eq!(open(), ["pattern", "gotcha", "decision", "context"]);
    for kind in ["pattern", "decision"] {
        repo.pm(&[
            "learn", "add", kind, "--kind", kind, "--item", &id, "--body", "Why.",
        ])
        .ok();
    }
    repo.pm(&[
        "learn", "add", "g", "--kind", "gotcha", "--item", &id, "--body", "x", "--draft",
    ])
    .ok();
    place.write("docs/new.md", "# New\n");
    place.commit_all(&format!("Describe it ({id})"));
    assert_eq!(open(), ["gotcha"], "a draft documents nothing");
    let why = ["--not-applicable", "--reason", "no trouble"];
    repo.pm(&[
        &["checklist", "tick", &id, "documentation", "gotcha"][..],
        &why,
    ]
    .concat())
        .ok();
    assert!(open().is_empty());

    let (other, _) = worked(&repo, "task", "src/other.rs");
    let context = || one(&repo, &other, "documentation", "context");
    assert_eq!(context()["answer"], "open");
    repo.pm(&["context", "set", "auth", "One store for sessions."])
        .ok();
    assert_eq!(context()["reason"], "auth");
}

/// RV-10: the definition of ready is a checklist too, and `start` waits for it if the project says so.
#[test]
fn rv_10_start_waits_for_what_the_project_asks() {
    let (_scene, repo) = set_up();
    let id = repo.task("Bare", &[]);
    repo.write(
        ".pm.toml",
        "[checklist.ready]\nbefore = \"start\"\nskip = [\"estimate\"]\n",
    );
    repo.commit_all("Ask for a definition");
    let refused = repo.pm(&["--json", "start", &id]).exits(1).error();
    assert_eq!(refused["reason"], "trust.required", "{refused}");
    let shown = repo.pm(&["trust", "--yes"]).ok().out;
    assert!(shown.contains("checklist ready"), "{shown}");
    let refused = repo.pm(&["--json", "start", &id]).exits(1).error();
    assert_eq!(refused["reason"], "checklist.open", "{refused}");
    let message = refused["message"].as_str().unwrap();
    assert!(
        message.contains("story, acceptance, approach, dependencies"),
        "{message}"
    );
    assert_eq!(repo.data(&["show", &id])["status"], "queued");
    let known = ["--body", "As I said", "--accept", "it works"];
    repo.pm(&[&["task", "edit", &id][..], &known].concat()).ok();
    tick(&repo, &id, "ready", "dependencies");
    repo.pm(&["start", &id]).ok();
}

/// RV-11: tests that a gate ran, criteria with evidence, documents; staging is for a person.
#[test]
fn rv_11_done_is_answered_by_gates_criteria_and_documents() {
    let (_scene, repo) = set_up();
    trusted(
        &repo,
        "[gates]\nunit = 'true'\nintegration-tests = 'true'\n[checklist.done]\nitems = [\"The demo is shown\"]\nbefore = \"approve\"\n",
    );
    let id = repo.task("Work", &["--accept", "it works"]);
    repo.pm(&["start", &id]).ok();
    let place = repo.worktree(&id);
    place.write("docs/a.md", "# A\n");
    place.commit_all(&format!("Work ({id})"));
    repo.pm(&["task", "accept", &id, "1", "--evidence", "seen"])
        .ok();
    repo.pm(&["finish", &id]).ok();
    let refused = repo
        .pm(&["--json", "task", "approve", &id])
        .exits(1)
        .error();
    let message = refused["message"].as_str().unwrap();
    assert!(
        message.ends_with("is open: code, staging, the-demo-is-shown"),
        "{message}"
    );
    assert_eq!(one(&repo, &id, "done", "unit-tests")["by"], "gate unit");
    assert_eq!(
        one(&repo, &id, "done", "integration-tests")["by"],
        "gate integration-tests"
    );
    repo.pm(&["review", &id]).ok();
    tick(&repo, &id, "done", "staging");
    tick(&repo, &id, "done", "the-demo-is-shown");
    repo.pm(&["checklist", "show", &id, "done"]).ok();
    repo.pm(&["task", "approve", &id]).ok();
    repo.pm(&["merge", &id]).ok();
    repo.pm(&["checklist", "show", &id, "done"]).ok();
}

/// A list of its own stops the steps from the one that it is for on; force passes `finish` alone. Work
/// cannot take it away.
#[test]
fn rv_01_a_list_of_the_project_stops_finish_and_merge() {
    let (_scene, repo) = set_up();
    trusted(
        &repo,
        "[checklist.launch]\nitems = [\"Legal agrees\"]\nbefore = \"finish\"\n",
    );
    let (id, place) = worked(&repo, "task", "src/new.rs");
    place.write(".pm.toml", "");
    place.commit_all(&format!("Take it away ({id})"));
    let refused = repo.pm(&["--json", "finish", &id]).exits(1).error();
    assert_eq!(refused["reason"], "checklist.open", "{refused}");
    repo.pm(&["finish", &id, "--force"]).ok();
    assert_eq!(repo.data(&["show", &id])["forced"], true);
    repo.pm(&["task", "approve", &id]).exits(1);
    tick(&repo, &id, "launch", "legal-agrees");
    repo.pm(&["task", "approve", &id]).ok();
    let why = ["--not-applicable", "--reason", "later"];
    repo.pm(&[
        &["checklist", "tick", &id, "launch", "legal-agrees"][..],
        &why,
    ]
    .concat())
        .ok();
    repo.pm(&["merge", &id]).ok();
    for wrong in [
        "before = \"lunch\"",
        "items = 3",
        "items = [\"a\", \"A\"]",
        "who = \"me\"",
    ] {
        repo.write(".pm.toml", &format!("[checklist.launch]\n{wrong}\n"));
        let refused = repo.pm(&["checklist", "show", &id]).exits(2).err;
        assert!(refused.contains("launch"), "{wrong}: {refused}");
    }
}

/// RV-14: the work of all tasks of an epic, on the epic's branch.
#[test]
fn rv_14_cm_09_deep_review_reads_all_work_of_an_epic() {
    let (_scene, repo) = set_up();
    let (epic, place) = worked(&repo, "epic", "src/first.py");
    place.write("src/second.py", "import pdb; pdb.set_trace()\n");
    place.commit_all("Second");
    let told = repo.pm(&["--json", "deep-review", &epic]).data();
    assert_eq!(told["id"], json!(epic), "{told}");
    assert_eq!(told["reviewers"][0]["name"], "git-pm");
    let paths: Vec<&str> = (told["open"].as_array().unwrap().iter())
        .filter_map(|one| one["path"].as_str())
        .collect();
    assert!(paths.contains(&"src/second.py"), "{told}");
}
