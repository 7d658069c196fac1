//! Documents in unusual forms: tables, skipped levels, HTML, other scripts, control characters.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{list, own, planned, text, texts, titles};
use crate::plan::document_fixtures::texts_of_tasks;
use crate::support::{Repo, Scene, set_up};

/// Drafts a plan of a text, and requires that it is complete.
#[track_caller]
fn plan_of(name: &str, document: &str) -> (Scene, Repo, Value) {
    let (scene, repo) = set_up();
    let plan = planned(&repo, name, document);
    for task in list(&plan, "tasks") {
        assert!(!text(task, "title").chars().any(char::is_control), "{task}");
    }
    for check in list(&plan, "checks") {
        assert_ne!(check["severity"], "error", "{check}");
    }
    let shown = repo.pm(&["plan", "show"]).ok().out;
    assert!(
        !shown.contains('\u{1b}') && !shown.contains('\u{202e}'),
        "{shown:?}"
    );
    (scene, repo, plan)
}

/// A document that is one table loses none of its rows.
#[test]
fn a_document_that_is_one_table_loses_no_row() {
    let document = "| Task | Points |\n|---|---|\n| Import the members | 3 |\n\
                    | Send the invoice | 5 |\n| Print the list | 2 |\n";
    let (_scene, _repo, plan) = plan_of("table.md", document);
    let said = texts_of_tasks(&plan);
    for row in ["Import the members", "Send the invoice", "Print the list"] {
        assert!(said.contains(row), "\"{row}\" is lost: {said}");
    }
    for title in titles(&plan) {
        assert!(
            !title.contains("Points"),
            "the table's header became a task: {title}"
        );
    }
}

/// Headings that skip levels lose none of their content.
#[test]
fn headings_that_skip_levels_lose_nothing() {
    let document = "# Shop\n\n#### Sell a book\n\n- The price is shown\n\n###### Gift wrap\n\n\
                    - Paper can be chosen\n\n## Ship\n\n- A label is printed\n";
    let (_scene, _repo, plan) = plan_of("skip.md", document);
    let said = texts_of_tasks(&plan);
    for bullet in [
        "The price is shown",
        "Paper can be chosen",
        "A label is printed",
    ] {
        assert!(said.contains(bullet), "\"{bullet}\" is lost: {said}");
    }
}

/// Two requirements with one id are two tasks, and the plan reports it with both lines.
#[test]
fn two_requirements_with_one_id_are_two_tasks_and_are_reported() {
    let document = "# Shop\n\n## Requirements\n\n### FR-1: Sell\n\n- A book is sold in 3 clicks\n\n\
                    ### FR-3: Ship\n\n- A label is printed\n\n### FR-3: Refund\n\n- Money is back\n";
    let (_scene, repo, plan) = plan_of("twice.md", document);
    assert_eq!(titles(&plan), ["Sell", "Ship", "Refund"]);
    let keys: BTreeSet<&str> = list(&plan, "tasks")
        .iter()
        .map(|t| text(t, "key"))
        .collect();
    assert_eq!(
        keys.len(),
        list(&plan, "tasks").len(),
        "two tasks have one key"
    );
    let said = repo.pm(&["plan", "check"]).ok().out;
    let about: Vec<&str> = said
        .lines()
        .filter(|l| l.contains("FR-3") && l.contains("13"))
        .collect();
    assert!(!about.is_empty() && about[0].contains('9'), "{said}");
}

/// HTML is not included in the text of a task.
#[test]
fn html_in_a_document_is_left_out() {
    let document = "<h1>Shop</h1>\n<script>alert(1)</script>\n\n# Shop <b>online</b>\n\n## Tasks\n\n\
                    - [ ] Sell <img src=x onerror=alert(1)> a book\n\
                    - [ ] <!-- hidden --> Ship it\n- [ ] Refund <em>all</em> of it\n";
    let (_scene, _repo, plan) = plan_of("html.md", document);
    assert_eq!(
        titles(&plan),
        ["Sell a book", "Ship it", "Refund all of it"]
    );
    assert_eq!(plan["title"], "Shop online");
    let said = texts_of_tasks(&plan);
    assert!(!said.contains("alert"), "{said}");
}

/// Headings and entries of other scripts survive.
#[test]
fn other_scripts_survive() {
    for (document, wanted) in [
        (
            "# 图书馆\n\n## 任务\n\n- [ ] 借书\n- [ ] 还书\n- [ ] 罚款\n",
            "图书馆",
        ),
        (
            "# Библиотека\n\n## Задачи\n\n- [ ] Выдать книгу\n- [ ] Принять\n- [ ] Штраф\n",
            "Библиотека",
        ),
        (
            "# Übersicht\n\n## Aufgaben\n\n- [ ] Ausleihen\n- [ ] Zurück\n- [ ] Mahnen\n",
            "Übersicht",
        ),
    ] {
        let (_scene, _repo, plan) = plan_of("other.md", document);
        assert_eq!(plan["title"], wanted);
        assert_eq!(own(&plan).len(), 3, "{:?}", titles(&plan));
    }
}

/// Right-to-left text is planned, and its control characters cannot reorder the output.
#[test]
fn right_to_left_text_is_planned_without_its_control_characters() {
    let document = "# متجر الكتب\n\n## المتطلبات\n\n### FR-1: بيع \u{202e}drow\u{202c} كتاب\n\n- يظهر السعر\n\n\
                    ### FR-2: شحن\n\n- تطبع بطاقة\n\n### FR-3: فاتورة\n\n- ترسل فاتورة\n";
    let (_scene, repo, plan) = plan_of("rtl.md", document);
    assert_eq!(own(&plan).len(), 3);
    assert_eq!(plan["title"], "متجر الكتب");
    let made = repo.data(&["plan", "approve"]);
    let id = text(own(&made)[0], "item").to_string();
    let started = repo.data(&["start", &id]);
    let branch = text(&started, "branch");
    repo.git(&["check-ref-format", &format!("refs/heads/{branch}")])
        .ok();
}

/// Control characters reach no terminal.
#[test]
fn control_characters_in_a_document_reach_no_terminal() {
    let document = "# A\u{1b}[31mred\u{7}\n\n## Tasks\n\n- [ ] do \u{8}\u{8} bell\n\
                    - [ ] more\u{1b}]0;title\u{7}\n- [ ] most\n";
    let (_scene, repo, _plan) = plan_of("control.md", document);
    repo.pm(&["plan", "approve"]).ok();
    for args in [
        &["list", "--all"][..],
        &["prd", "show", "P-1"],
        &["plan", "show", "-v"],
        &["log"],
    ] {
        let out = repo.pm(args).ok().out;
        assert!(
            !out.contains('\u{1b}') && !out.contains('\u{7}'),
            "{args:?}: {out:?}"
        );
    }
}

/// A path outside the repository is not planned for any task.
#[test]
fn a_path_outside_the_repository_is_not_planned() {
    let document = "# Shop\n\n## Requirements\n\n### FR-1: Read settings\n\n\
        - They are in `../../etc/passwd`\n- They are in `/etc/shadow`\n- They are in `C:\\Windows\\x.ini`\n\
        - They are in `~/.ssh/config`\n- They are in `src/../../x.rs`\n- They are in `.git/config`\n\
        - They are in `src/settings.rs`\n\n\
        ### FR-2: Create `src/shop.rs`\n\n- It compiles\n\n### FR-3: Ship\n\n- A label is printed\n";
    let (_scene, repo, plan) = plan_of("outside.md", document);
    let mut planned: Vec<&str> = Vec::new();
    for task in list(&plan, "tasks") {
        planned.extend(texts(task, "paths"));
    }
    planned.sort_unstable();
    assert_eq!(planned, ["src/settings.rs", "src/shop.rs"]);
    let checks = list(&plan, "checks");
    // A vague word inside a path does not make a criterion vague.
    let vague: Vec<&Value> = checks
        .iter()
        .filter(|c| c["rule"] == "vague-acceptance")
        .collect();
    assert!(
        vague.is_empty(),
        "`etc` of a path is reported as a vague word: {vague:?}"
    );
    let made = repo.data(&["plan", "approve"]);
    for task in list(&made, "tasks") {
        let item = repo.data(&["show", text(task, "item")]);
        for path in texts(&item, "paths") {
            assert!(["src/settings.rs", "src/shop.rs"].contains(&path), "{item}");
        }
    }
    assert!(
        !repo.path.join("src/shop.rs").exists(),
        "planning wrote a file"
    );
}

/// A document in which nothing is recognised becomes one task from the title, with low confidence.
#[test]
fn an_unrecognised_document_becomes_one_task_from_its_title() {
    for document in [
        "# Repair the bell\n",
        "Repair the bell\n",
        "# Repair the bell\n\nIt is silent.\n",
    ] {
        let (_scene, repo) = set_up();
        let plan = planned(&repo, "bell.md", document);
        assert_eq!(titles(&plan), ["Repair the bell"], "{document:?}");
        assert_eq!(plan["scope"]["recommendation"], "single-agent");
        assert_eq!(plan["scope"]["confidence"], "low");
    }
    // Text in a code fence has no structure.
    let (_scene, repo) = set_up();
    let plan = planned(
        &repo,
        "fence.md",
        "# Repair\n\n```\n# Not a title\n- [ ] not a task\n```\n",
    );
    assert_eq!(titles(&plan), ["Repair"]);
}
