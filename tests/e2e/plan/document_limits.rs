//! Documents that are too large, and proposals to split them.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::{LOGIN, list, own, planned, text, tip, titles};
use crate::support::{Repo, set_up};

/// Documents of 5 MB and other extreme inputs are read or refused quickly, and nothing is written
/// partially.
#[test]
fn extreme_documents_are_planned_or_refused_quickly() {
    let mut large = String::from("# Large\n\n");
    let mut n = 0;
    while large.len() < 5 * 1024 * 1024 {
        if n % 200 == 0 {
            large.push_str(&format!("\n## Part {}\n\n", n / 200));
        }
        large.push_str(&format!(
            "- [ ] Do thing {n} with `src/file{n}.rs` and print a label for it\n"
        ));
        n += 1;
    }
    let nested: String = (0..1500)
        .map(|n| format!("{}- a\n", "  ".repeat(n)))
        .collect();
    let headings: String = (0..6000)
        .map(|n| format!("{} H{n}\n", "#".repeat(1 + n % 6)))
        .collect();
    for (name, document) in [
        ("five", large),
        (
            "line",
            format!("# One line\n\n{}\n", "word ".repeat(200_000)),
        ),
        ("quotes", format!("# Quotes\n\n{} a\n", ">".repeat(50_000))),
        ("nested", format!("# Nested\n\n{nested}")),
        ("headings", headings),
        (
            "brackets",
            format!("# Brackets\n\n{}\n", "[".repeat(50_000)),
        ),
        ("stars", format!("# Stars\n\n{}\n", "**a ".repeat(50_000))),
        (
            "cells",
            format!(
                "# Cells\n\n|{}\n|{}\n|{}\n",
                "a|".repeat(5_000),
                "-|".repeat(5_000),
                "b|".repeat(5_000)
            ),
        ),
        (
            "ticks",
            format!(
                "# Ticks\n\n{}\n",
                (1..400).map(|n| "`".repeat(n) + "a").collect::<String>()
            ),
        ),
        (
            "fence",
            format!("# Fence\n\n```\n{}", "- [ ] a\n".repeat(50_000)),
        ),
    ] {
        let (_scene, repo) = set_up();
        let file = format!("{name}.md");
        repo.write(&file, &document);
        let before = tip(&repo);
        let since = Instant::now();
        let ran = repo.pm(&["--json", "plan", "new", &file]);
        let took = since.elapsed();
        assert!(took < Duration::from_secs(60), "{name} took {took:?}");
        assert!(!ran.err.contains("panicked"), "{name}: {}", ran.err);
        match ran.code {
            0 => drop(repo.pm(&["plan", "show"]).ok()),
            1 | 2 => {
                let error = ran.error();
                assert!(text(&error, "message").len() > 10, "{name}: {error}");
                assert!(!list(&error, "hints").is_empty(), "{name}: {error}");
                assert_eq!(tip(&repo), before, "{name} was refused but written");
            }
            code => panic!("{name} exits with {code}: {ran:?}"),
        }
    }
}

/// The parts of a large document.
const PARTS: [&str; 7] = [
    "Catalogue",
    "Orders",
    "Shipping",
    "Billing",
    "Support",
    "Reports",
    "Staff",
];

/// Ten requirements in each of [`PARTS`], each with this many words of explanation.
fn everything(words: usize) -> String {
    let mut document = String::from("# Everything\n");
    let mut n = 0;
    for part in PARTS {
        document.push_str(&format!("\n## {part}\n"));
        for _ in 0..10 {
            n += 1;
            let text = "explanation ".repeat(words);
            document.push_str(&format!(
                "\n### FR-{n}: Do {part} thing {n}\n\n{text}\n\n- Thing {n} is done in 2 s\n"
            ));
        }
    }
    document
}

/// The error for a document that is too large, which proposes a split.
#[track_caller]
fn split_of(repo: &Repo, file: &str, document: &str) -> Value {
    let before = tip(repo);
    let error = repo.pm(&["--json", "plan", "new", file]).exits(1).error();
    assert!(
        text(&error, "message").contains("is too large for one plan"),
        "{error}"
    );
    let hints = error["hints"].to_string();
    let lines: Vec<&str> = document.lines().collect();
    for part in PARTS {
        let start = 1 + lines
            .iter()
            .position(|l| *l == format!("## {part}"))
            .unwrap();
        let said = format!("\\\"{part}\\\", lines {start}-");
        assert!(hints.contains(&said), "no `{said}` in {hints}");
    }
    assert!(hints.contains("--force"), "{error}");
    assert_eq!(tip(repo), before, "a refused document was written");
    error
}

/// PL-04: a document with too many words for one plan is refused with a split into parts, each of
/// which can be planned; `--force` plans it all the same.
#[test]
fn pl_04_a_document_too_large_for_one_plan_is_refused_with_a_proposed_split() {
    let (_scene, repo) = set_up();
    let document = everything(110);
    repo.write("everything.md", &document);
    let error = split_of(&repo, "everything.md", &document);
    assert!(text(&error, "message").contains("tokens"), "{error}");
    let lines: Vec<&str> = document.lines().collect();
    let at = |part: &str| {
        lines
            .iter()
            .position(|l| *l == format!("## {part}"))
            .unwrap()
    };
    let part = lines[at("Catalogue")..at("Orders")].join("\n");
    let plan = planned(&repo, "catalogue.md", &part);
    assert_eq!(own(&plan).len(), 10);
    let plan = repo.data(&["plan", "new", "everything.md", "--force"]);
    assert!(!own(&plan).is_empty());
    assert_eq!(plan["file"], "everything.md");
}

/// PL-04: the refusal names the given file, and not a PRD that does not exist.
#[test]
fn pl_04_the_refusal_names_the_file() {
    let (_scene, repo) = set_up();
    let document = everything(110);
    repo.write("everything.md", &document);
    let error = split_of(&repo, "everything.md", &document);
    let message = text(&error, "message");
    assert!(
        message.contains("everything.md") && !message.contains("P-0001"),
        "{error}"
    );
}

/// PL-04: seventy requirements are seventy tasks, which are too many for one plan; none of them is
/// lost.
#[test]
fn pl_04_seventy_requirements_are_too_many_tasks_for_one_plan() {
    let (_scene, repo) = set_up();
    let document = everything(1);
    repo.write("everything.md", &document);
    let plan = repo.data(&["plan", "new", "everything.md", "--force"]);
    let said = plan.to_string();
    let uncovered = said.matches("no task covers").count();
    assert_eq!(
        uncovered, 0,
        "{uncovered} of 70 requirements are covered by no task"
    );
    assert_eq!(own(&plan).len(), 70, "{:?}", titles(&plan));
    let (_scene, repo) = set_up();
    repo.write("everything.md", &document);
    let error = split_of(&repo, "everything.md", &document);
    assert!(text(&error, "message").contains("70 tasks"), "{error}");
}

/// PL-04, PL-24: the limits of tasks and tokens are settings.
#[test]
fn pl_04_the_limits_of_a_plan_are_settings() {
    let (_scene, repo) = set_up();
    repo.write("login.md", LOGIN);
    for (setting, value) in [("pm.planMaxPlanned", "4"), ("pm.planMaxTokens", "100")] {
        repo.pm(&["config", setting, value]).ok();
        let error = repo
            .pm(&["--json", "plan", "new", "login.md"])
            .exits(1)
            .error();
        assert!(
            text(&error, "message").contains("is too large for one plan"),
            "{setting}: {error}"
        );
        repo.pm(&["config", setting, "--unset"]).ok();
    }
    repo.pm(&["plan", "new", "login.md"]).ok();
}
