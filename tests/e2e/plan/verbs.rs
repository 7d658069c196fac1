//! `prd new`, `plan seed`, the help of the verbs, and a script from document to first start.

use super::{LOGIN, list, number, task, text, tip};
use crate::support::{ids, set_up};

/// PL-32, CM-01: without a terminal a new PRD is a template with all sections.
#[test]
fn pl_32_prd_new_without_a_terminal_is_a_template() {
    let (_scene, repo) = set_up();
    for (n, args) in [
        &["prd", "new", "Log in with a key"][..],
        &["prd", "new", "Log in with a key", "--template"],
        &["prd", "new", "Log in with a key", "--no-llm"],
    ]
    .into_iter()
    .enumerate()
    {
        let made = repo.data(args);
        assert_eq!(made["id"], format!("P-000{}", n + 1));
        let body = text(&made, "body").to_lowercase();
        assert!(body.starts_with("---\n"), "no front matter: {body}");
        for section in [
            "vision",
            "user stories",
            "success criteria",
            "constraints",
            "assumptions",
            "risks",
        ] {
            assert!(
                body.contains(&format!("## {section}")),
                "no {section}: {body}"
            );
        }
    }
    repo.pm(&["prd", "new", ""]).exits(2);
}

/// PL-16: a first task if nothing is queued, from a document or for continuous integration.
#[test]
fn pl_16_a_seed_is_created_only_if_nothing_is_queued() {
    let (_scene, repo) = set_up();
    let seeded = repo.data(&["plan", "seed"]);
    assert_eq!(seeded["task"]["id"], "T-0001");
    assert!(
        text(&seeded["task"], "title")
            .to_lowercase()
            .contains("integration")
    );
    assert!(!list(&seeded["task"], "acceptance").is_empty());
    let before = tip(&repo);
    assert!(repo.data(&["plan", "seed"])["task"].is_null());
    assert_eq!(tip(&repo), before);
    let (_scene, repo) = set_up();
    repo.write("login.md", LOGIN);
    let seeded = repo.data(&["plan", "seed", "login.md"]);
    assert_eq!(seeded["task"]["title"], "Store public keys");
    // A later plan creates the other tasks, and not this one again.
    repo.pm(&["plan", "new", "login.md"]).ok();
    repo.pm(&["plan", "approve"]).ok();
    let tasks = repo.data(&["task", "list", "--all"]);
    let same = list(&tasks, "items")
        .iter()
        .filter(|t| t["title"] == "Store public keys");
    assert_eq!(same.count(), 1, "the seed was planned once more: {tasks}");
}

/// CM-02: `git pm plan FILE` drafts a plan if FILE is not a verb.
#[test]
fn cm_02_plan_with_a_file_is_short_for_plan_new() {
    let (_scene, repo) = set_up();
    repo.write("login.md", LOGIN);
    let short = repo.data(&["plan", "login.md"]);
    let before = tip(&repo);
    assert_eq!(repo.data(&["plan", "new", "login.md"]), short);
    assert_eq!(tip(&repo), before);
    assert_eq!(repo.data(&["plan", "P-0001"]), short);
    // A verb is a verb even if a file of that name exists.
    repo.write("show", LOGIN);
    assert_eq!(repo.data(&["plan", "show"])["prd"], "P-0001");
    assert_eq!(
        repo.data(&["plan", "./show"])["prd"],
        "P-0001",
        "the same text is the same PRD"
    );
    let before = tip(&repo);
    let ran = repo.pm(&["plan", "shwo"]);
    assert!([2, 4].contains(&ran.code), "{ran:?}");
    assert_eq!(tip(&repo), before);
}

/// The help of each verb is its own.
#[test]
fn each_plan_verb_has_its_own_help() {
    let (_scene, repo) = set_up();
    let help = repo.pm(&["plan", "-h"]).ok().out;
    let mut said: Vec<(&str, &str)> = Vec::new();
    for line in help
        .lines()
        .filter(|l| l.starts_with("  ") && !l.starts_with("   "))
    {
        let Some((verb, what)) = line.trim().split_once("  ") else {
            continue;
        };
        let what = what.trim();
        let other = said.iter().find(|(_, known)| *known == what);
        assert!(other.is_none(), "`{verb}` has the same help as `{other:?}`");
        said.push((verb, what));
    }
    assert!(said.len() > 10, "{help}");
}

/// CM-10: `plan` begins it. The whole journey as a script, every step with `--json`.
#[test]
fn a_script_gets_from_a_document_to_the_first_started_task() {
    let (_scene, repo) = set_up();
    repo.write("docs/login.md", LOGIN);
    let prd = repo.data(&["prd", "add", "docs/login.md"]);
    let id = text(&prd, "id");
    let scope = repo.data(&["scope", id]);
    for key in ["recommendation", "confidence", "drivers"] {
        assert!(!scope[key].is_null(), "scope has no `{key}`");
    }
    let plan = repo.data(&["plan", "new", id]);
    for task in list(&plan, "tasks") {
        for key in [
            "title",
            "acceptance",
            "depends_on",
            "estimate",
            "risk",
            "validation",
            "stream",
            "paths",
            "source",
        ] {
            assert!(!task[key].is_null(), "a task has no `{key}`: {task}");
        }
    }
    let page = number(&plan, "Draw the page");
    let sharp = "acceptance=The page is drawn within 200 ms on a phone 360 pixels wide";
    repo.data(&["plan", "set", &page, sharp]);
    repo.data(&[
        "plan",
        "add",
        "Tell the operators",
        "--accept",
        "They got a mail",
        "--set",
        "type=docs",
        "--set",
        "description=A week before.",
        "--set",
        "validation=none",
        "--waits-for",
        &page,
    ]);
    repo.data(&[
        "plan",
        "dep",
        &number(&plan, "Write the guide"),
        &page,
        "--soft",
    ]);
    // The criterion of the document is in no task any more, and nothing else is wrong.
    let checks = repo.pm(&["--json", "plan", "check", id]).exits(1).data();
    let mut errors = list(&checks, "items").iter();
    let errors = errors.by_ref().filter(|one| one["severity"] == "error");
    let errors: Vec<&str> = errors.map(|one| text(one, "rule")).collect();
    assert_eq!(errors, ["refused"], "{checks}");
    let made = repo.data(&["plan", "approve", id, "--accept-uncovered"]);
    let ready = repo.data(&["ready"]);
    let ready = ids(&ready["items"]);
    let keys = text(task(&made, "Store public keys"), "item");
    assert!(ready.contains(&keys), "{ready:?}");
    let first = repo.data(&["next"]);
    assert!(ready.contains(&text(&first, "id")), "{first}");
    let started = repo.data(&["start", keys]);
    assert_eq!(started["status"], "in_progress");
    assert_eq!(started["owner"], "Ana");
    // Its planned path is reserved by the start.
    let reserved = repo.data(&["reserve", "list"]).to_string();
    assert!(reserved.contains("src/auth.rs"), "{reserved}");
    let tree = repo.worktree(keys);
    assert!(tree.path.join("src/auth.rs").is_file());
    // It changed none of the user's files or branches.
    assert_eq!(repo.git(&["status", "--short"]).text(), "?? docs/login.md");
}
