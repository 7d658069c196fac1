//! Approved plans: milestones, sprints, the definition of ready, traces from a line to a commit,
//! and files on which merges conflicted.

use serde_json::{Value, json};

use crate::support::{Repo, Scene, ids, set_up};

/// Two phases with points, each with a criterion.
const PHASES: &str = "\
# Log in with a key

## M1: Keys
- Create a key in `src/auth.rs` (5 points)
- Store the key safely (8 points)

**Acceptance:**
- A lost key locks nobody out

## M2: Log in
- Log in with the key (5 points)
- Show failed attempts (3 points)

**Acceptance:**
- Three failures lock for a minute
";

/// Requirements with criteria.
const FEATURES: &str = "\
# Reports

## Functional requirements

### FR-1: Write the report
- The report is written to `src/auth.rs`
- It has a date

### FR-2: Print the report
- It fits on a page. Depends on FR-1.
";

fn planned(document: &str) -> (Scene, Repo, Value) {
    let (scene, repo) = set_up();
    repo.write("docs/plan.md", document);
    repo.commit_all("the document");
    repo.pm(&["plan", "new", "docs/plan.md"]).ok();
    let approved = repo.data(&["plan", "approve"]);
    (scene, repo, approved)
}

/// The id of the task whose title contains a word.
fn item(plan: &Value, word: &str) -> String {
    let tasks = plan["tasks"].as_array().unwrap();
    let found = tasks
        .iter()
        .find(|task| task["tests"].is_null() && task["title"].as_str().unwrap().contains(word));
    found.unwrap_or_else(|| panic!("no task for {word}: {plan}"))["item"]
        .as_str()
        .unwrap()
        .into()
}

/// PL-17 and PL-38: milestones in order, with their criteria and progress.
#[test]
fn pl_17_milestones_are_listed_with_their_criteria_and_progress() {
    let (_scene, repo, _) = planned(PHASES);
    let list = repo.data(&["milestone", "list"]);
    let all = list["items"].as_array().unwrap();
    assert_eq!(all.len(), 2, "{list}");
    assert!(all[0]["title"].as_str().unwrap().contains("Keys"));
    assert_eq!(
        all[0]["acceptance"][0]["text"],
        "A lost key locks nobody out"
    );
    assert_eq!(all[1]["after"], json!([all[0]["id"]]));
    assert_eq!(all[0]["done"], 0);
    let first = all[0]["tasks"][0].as_str().unwrap().to_string();
    repo.pm(&["task", "done", &first, "--force"]).ok();
    let list = repo.data(&["milestone", "list", "--epic", "E-0001"]);
    assert_eq!(list["items"][0]["done"], 1, "{list}");
    let shown = repo.pm(&["milestone", "list"]).ok().text();
    assert!(shown.contains("[ ] A lost key locks nobody out"), "{shown}");
    repo.pm(&["milestone", "list", "--epic", "E-0099"]).exits(4);
}

/// RV-12: what follows a phase waits for all streams of the phase, and names what it waits for.
#[test]
fn rv_12_a_gate_waits_for_all_streams_of_a_phase() {
    let (_scene, repo, approved) = planned(PHASES);
    let [create, store, log_in] = ["Create", "Store", "Log in"].map(|word| item(&approved, word));
    repo.pm(&["task", "edit", &create, "--stream", "api"]).ok();
    repo.pm(&["task", "edit", &store, "--stream", "data"]).ok();
    let is_ready = || ids(&repo.data(&["ready"])["items"]).contains(&log_in.as_str());
    let done = |id: &str| repo.pm(&["task", "done", id, "--force"]).ok();
    assert!(!is_ready());
    let first = repo.data(&["milestone", "list"])["items"][0]["tasks"].clone();
    let first: Vec<&str> = first
        .as_array()
        .unwrap()
        .iter()
        .map(|id| id.as_str().unwrap())
        .collect();
    for id in first.iter().filter(|id| **id != store) {
        done(id);
    }
    assert!(!is_ready(), "one stream is done, the other is not");
    repo.pm(&["start", &log_in]).exits(1);
    done(&store);
    assert!(is_ready());
}

/// RV-16: an optimization before the code, and code before its tests, are noted; no note stops the plan.
#[test]
fn rv_16_tasks_in_an_unusual_order_are_noted() {
    let (_scene, repo) = set_up();
    repo.write(
        "docs/plan.md",
        "# Login\n\n## Tasks\n- Optimize the login in `src/auth.rs`\n- Implement the login in `src/auth.rs`\n- Write tests for the login in `src/auth.rs`\n- Write the specification of the login in `src/auth.rs`\n",
    );
    repo.commit_all("the document");
    let plan = repo.data(&["plan", "new", "docs/plan.md"]);
    let number = |word: &str| {
        let mut tasks = plan["tasks"].as_array().unwrap().iter();
        let task = tasks
            .find(|task| task["tests"].is_null() && task["title"].as_str().unwrap().contains(word));
        task.unwrap_or_else(|| panic!("no {word}: {plan}"))["number"].to_string()
    };
    let [fast, code, tests, text] = ["Optimize", "Implement", "tests", "specification"].map(number);
    let noted = || {
        // No criteria: a warning.
        let found = repo.pm(&["--json", "plan", "check"]).exits(1).data();
        let found = found["items"].as_array().unwrap().iter();
        let order = found.filter(|one| one["rule"] == "order");
        order.map(|one| one["task"].to_string()).collect::<Vec<_>>()
    };
    // The right order.
    for (task, on) in [(&fast, &code), (&code, &tests), (&tests, &text)] {
        repo.pm(&["plan", "dep", task, on]).ok();
    }
    assert_eq!(noted(), Vec::<String>::new());
    for (task, on) in [(&fast, &code), (&code, &tests), (&tests, &text)] {
        repo.pm(&["plan", "dep", task, on, "--rm"]).ok();
        repo.pm(&["plan", "dep", on, task]).ok();
    }
    let mut wanted = vec![code, tests, text];
    wanted.sort();
    let mut found = noted();
    found.sort();
    assert_eq!(found, wanted);
    repo.pm(&["plan", "approve", "--yes"]).ok();
}

/// PL-37: points against capacity.
#[test]
fn pl_37_a_sprint_sums_points_and_warns_over_capacity() {
    let (_scene, repo, approved) = planned(PHASES);
    let named: Vec<String> = ["Create", "Store", "Log in", "Show"]
        .iter()
        .map(|word| item(&approved, word))
        .collect();
    let all: Vec<&str> = named.iter().map(String::as_str).collect();
    let sprint = repo.data(&[&["sprint", "plan"], &all[..]].concat());
    assert_eq!(sprint["points"], 21, "{sprint}");
    assert_eq!(
        (&sprint["capacity"], &sprint["over"]),
        (&json!(21), &json!(false))
    );
    let told = repo
        .pm(&[&["sprint", "plan", "--capacity", "13"], &all[..]].concat())
        .ok()
        .text();
    assert!(
        told.contains("21 of 13 points") && told.contains("8 points over capacity"),
        "{told}"
    );
    // Without names: the first tasks that fit, and none after the first that does not.
    let sprint = repo.data(&["sprint", "plan", "--capacity", "6"]);
    assert_eq!(sprint["over"], false);
    assert!(sprint["points"].as_u64().unwrap() <= 6, "{sprint}");
    assert!(!sprint["left_out"].as_array().unwrap().is_empty());
}

/// PL-36 and RV-10: five fields are needed before a task may be started.
#[test]
fn pl_36_ready_dor_names_what_a_task_lacks() {
    let (_scene, repo, _) = planned(FEATURES);
    let none = repo.data(&["ready", "--dor"]);
    assert_eq!(none["items"], json!([]), "a planned task lacks fields");
    let bare = repo.task("Something", &[]);
    let told = repo.data(&["ready", "--dor"]);
    let missing = &told["items"][0]["missing"];
    assert_eq!(told["items"][0]["id"], json!(bare));
    let five = [
        "story",
        "acceptance",
        "approach",
        "dependencies",
        "estimate",
    ];
    assert_eq!(*missing, json!(five));
    let known = [
        "--body",
        "As I said",
        "--accept",
        "it works",
        "--estimate",
        "S",
        "--epic",
        "E-0001",
    ];
    repo.pm(&[&["task", "edit", &bare], &known[..]].concat())
        .ok();
    assert_eq!(repo.data(&["ready", "--dor"])["items"], json!([]));
}

/// PL-11 and PL-12: from a line of the document to the commit, and back.
#[test]
fn pl_12_a_trace_leads_from_a_line_to_a_commit_and_back() {
    let (_scene, repo, approved) = planned(FEATURES);
    let write = item(&approved, "Write");
    repo.pm(&["start", &write]).ok();
    let tree = repo.worktree(&write);
    tree.write("src/auth.rs", "pub fn report() {}\n");
    tree.commit_all("Write it");
    let by_task = repo.data(&["trace", &write]);
    assert_eq!(by_task["prd"]["id"], "P-0001");
    assert_eq!(by_task["epic"]["id"], "E-0001");
    let task = &by_task["tasks"][0];
    assert_eq!(task["source"]["requirement"], "FR-1");
    assert_eq!(task["source"]["file"], "docs/plan.md");
    assert_eq!(task["commits"][0]["subject"], "Write it");
    let criterion = &task["acceptance"][0]["source"];
    assert_eq!(criterion["lines"]["start"], 6);
    assert!(
        criterion["text"]
            .as_str()
            .unwrap()
            .contains("is written to")
    );
    let first = |what: &str| repo.data(&["trace", what])["tasks"][0]["id"].clone();
    assert_eq!(first("docs/plan.md:6"), json!(write));
    assert_eq!(first("P-0001:6"), json!(write));
    assert_eq!(first("fr-1"), json!(write));
    let commit = tree.git(&["rev-parse", "HEAD"]).ok().text();
    assert_eq!(first(commit.trim()), json!(write));
    let whole = repo.data(&["trace", "P-0001"]);
    assert!(whole["tasks"].as_array().unwrap().len() >= 2);
    assert_eq!(repo.data(&["trace", "E-0001"])["tasks"], whole["tasks"]);
    repo.pm(&["trace", "FR-77"]).exits(4);
    repo.pm(&["trace", "HEAD"]).exits(4);
    let shown = repo.pm(&["trace", &write]).ok().text();
    assert!(
        shown.contains("docs/plan.md:5 (FR-1)") && shown.contains("Write it"),
        "{shown}"
    );
}

/// PL-12: doctor names merged work that traces to no document.
#[test]
fn pl_12_doctor_names_merged_tasks_that_trace_to_no_document() {
    let (_scene, repo, _) = planned(FEATURES);
    let loose = repo.task("By the way", &[]);
    // A bug follows from no document.
    let bug = repo.task("Crash", &["--type", "bug"]);
    for id in [&loose, &bug] {
        repo.pm(&["start", id]).ok();
        let tree = repo.worktree(id);
        tree.write(&format!("{id}.txt"), "x\n");
        tree.commit_all("By the way");
        tree.pm(&["finish", "--merge"]).ok();
    }
    let told = repo.pm(&["doctor"]).text();
    assert!(
        told.contains(&format!(
            "that belong to neither an epic nor a document (1): {loose}"
        )),
        "{told}"
    );
    repo.pm(&["task", "edit", &loose, "--epic", "E-0001"]).ok();
    let told = repo.pm(&["doctor"]).text();
    assert!(!told.contains("belong to neither"), "{told}");
}

/// ST-05 and LN-08: the files of a conflict are remembered, and the next plan separates tasks that
/// touch one of them.
#[test]
fn st_05_files_on_which_a_merge_conflicted_are_kept_apart_by_the_next_plan() {
    let (_scene, repo, approved) = planned(
        "# Two\n\n## Functional requirements\n\n### FR-1: Alpha\n- Alpha changes `src/auth.rs`\n\n### FR-2: Beta\n- Beta is there\n",
    );
    let (alpha, beta) = (item(&approved, "Alpha"), item(&approved, "Beta"));
    for id in [&alpha, &beta] {
        repo.pm(&["start", id]).ok();
        let tree = repo.worktree(id);
        // Beta changes a file that it did not plan; Alpha has it reserved.
        tree.write(
            "src/auth.rs",
            &format!("pub fn {}() {{}}\n", id.to_lowercase().replace('-', "_")),
        );
        tree.git(&["commit", "--no-verify", "-qam", "change"]).ok();
        tree.pm(&["task", "accept", id, "--all"]).ok();
        tree.pm(&["finish"]).ok();
        repo.pm(&["task", "approve", id]).ok();
    }
    repo.pm(&["merge", &alpha]).ok();
    repo.pm(&["merge", &beta]).exits(3);
    let next = "# Next\n\n## Functional requirements\n\n### FR-1: Gamma\n- Gamma changes `src/auth.rs`\n\n### FR-2: Delta\n- Delta changes `src/auth.rs`\n";
    repo.write("docs/next.md", next);
    let plan = repo.data(&["plan", "new", "docs/next.md"]);
    let edge = plan["edges"]
        .as_array()
        .unwrap()
        .iter()
        .find(|edge| edge["rule"] == "shared-file")
        .unwrap_or_else(|| panic!("nothing keeps them apart: {plan}"));
    assert!(
        edge["reason"].as_str().unwrap().contains("src/auth.rs"),
        "{edge}"
    );
    assert!(!ids(&repo.data(&["ready"])["items"]).is_empty());
}

/// ST-03: in an epic with stacked branches a task starts at the branch of its soft dependency.
#[test]
fn st_03_stacked_branches_start_at_the_branch_of_their_soft_dependency() {
    let (_scene, repo) = set_up();
    repo.write("docs/plan.md", FEATURES);
    repo.commit_all("the document");
    repo.pm(&["plan", "new", "docs/plan.md"]).ok();
    let plan = repo.data(&["plan", "set", "branches=stacked-branches"]);
    let number = |word: &str| {
        let tasks = plan["tasks"].as_array().unwrap();
        let task = tasks
            .iter()
            .find(|task| task["tests"].is_null() && task["title"].as_str().unwrap().contains(word));
        task.unwrap()["number"].to_string()
    };
    let (write, print) = (number("Write"), number("Print"));
    repo.pm(&["plan", "dep", &print, &write, "--soft"]).ok();
    let approved = repo.data(&["plan", "approve"]);
    let (write, print) = (item(&approved, "Write"), item(&approved, "Print"));
    repo.pm(&["start", &write]).ok();
    let first = repo.worktree(&write);
    first.write("src/auth.rs", "pub fn report() {}\n");
    first.commit_all("Write it");
    repo.pm(&["start", &print]).ok();
    let second = repo.worktree(&print);
    assert_eq!(second.read("src/auth.rs"), "pub fn report() {}\n");
}

/// ST-03: in an epic with a single branch its tasks are done one after the other on it, in one
/// worktree.
#[test]
fn st_03_tasks_of_a_single_branch_share_it_one_after_the_other() {
    let (_scene, repo) = set_up();
    repo.write("docs/plan.md", FEATURES);
    repo.commit_all("the document");
    repo.pm(&["plan", "new", "docs/plan.md"]).ok();
    repo.pm(&["plan", "set", "branches=single-branch"]).ok();
    let approved = repo.data(&["plan", "approve"]);
    let mut places = Vec::new();
    for (word, file) in [("Write", "src/auth.rs"), ("Print", "src/print.rs")] {
        let id = item(&approved, word);
        let started = repo.data(&["start", &id]);
        assert_eq!(started["branch"], "epic/reports", "{started}");
        places.push(started["worktree"].clone());
        let tree = repo.other(started["worktree"].as_str().unwrap());
        tree.write(file, &format!("// {word}\n"));
        tree.git(&["add", "."]).ok();
        tree.git(&["commit", "-qm", word]).ok();
        tree.pm(&["task", "accept", &id, "--all"]).ok();
        tree.pm(&["task", "finish", &id, "--merge"]).ok();
    }
    repo.git(&["show", "HEAD:src/auth.rs"]).ok();
    repo.git(&["show", "HEAD:src/print.rs"]).ok();
}

/// CM-04: the text of an existing epic becomes a plan, and its tasks become children of that epic.
#[test]
fn cm_04_the_text_of_an_epic_is_planned_as_its_tasks() {
    let (_scene, repo) = set_up();
    let text = "## Requirements\n\n### FR-1: Write the report\n- It has a date\n";
    repo.pm(&["epic", "create", "Reports", "--body", text]).ok();
    let plan = repo.data(&["plan", "decompose", "E-1"]);
    assert_eq!(plan["title"], "Reports");
    repo.pm(&["plan", "decompose", "E-1"]).ok();
    assert_eq!(
        repo.data(&["plan", "list"])["items"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let approved = repo.data(&["plan", "approve", "E-1"]);
    assert_eq!(approved["epic"], "E-0001", "a second epic was created");
    let epic = repo.data(&["epic", "show", "E-1"]);
    assert_eq!(epic["total"], 2, "{epic}");
    assert_eq!(
        repo.data(&["epic", "list"])["items"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    repo.pm(&["epic", "create", "Empty"]).ok();
    repo.pm(&["plan", "decompose", "E-2"]).exits(1);
}

/// A task that tests another is no work without it: however that ends, it is not offered, and an undo
/// brings both back.
#[test]
fn the_test_of_a_task_that_is_given_up_is_cancelled_with_it() {
    const THREE: &str = "# Reports\n\n## Functional requirements\n\n\
        ### FR-1: Write the report\n\n- It is written to `src/a.rs`\n\n\
        ### FR-2: Print the report\n\n- It fits on a page in `src/b.rs`\n\n\
        ### FR-3: Send the report\n\n- It is sent by mail from `src/c.rs`\n";
    let (_scene, repo, _) = planned(THREE);
    let id = |title: &str| -> String {
        let items = repo.data(&["list", "--all"])["items"].clone();
        let mut items = items.as_array().unwrap().iter();
        let found = items.find(|item| item["title"] == title);
        let found = found.unwrap_or_else(|| panic!("there is no {title}"));
        found["id"].as_str().unwrap().into()
    };
    for (title, words) in [
        ("Write the report", &["cancel"][..]),
        (
            "Print the report",
            &["issue", "close", "--reason", "not planned"],
        ),
        ("Send the report", &["task", "delete", "--force"]),
    ] {
        let (task, test) = (id(title), id(&format!("Test: {title}")));
        let status = || repo.data(&["show", &test])["status"].clone();
        let said = repo.pm(&[words, &[&task]].concat()).ok().err;
        assert!(
            said.contains(&format!("{test} was cancelled too: it tests {task}")),
            "{words:?}: {said}"
        );
        assert_eq!(status(), "cancelled", "{words:?}");
        repo.pm(&["undo"]).ok();
        assert_eq!(status(), "queued", "{words:?}");
        repo.pm(&[words, &[&task]].concat()).ok();
    }
    assert_eq!(repo.data(&["ready"])["items"], json!([]));
    repo.pm(&["next", "--claim"]).exits(9);
}
