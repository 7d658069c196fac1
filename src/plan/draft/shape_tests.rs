//! Common ways to write work down, with the tasks and edges that a lead expects.

use super::properties::plan;
use super::*;
use crate::plan::document::Document;

/// The titles of the tasks, and for each the titles of those it waits for.
fn tasks(text: &str) -> Vec<(String, Vec<String>)> {
    let draft = plan(text);
    let title = |key: &str| {
        let task = draft.counted().find(|task| task.key == key);
        task.map(|task| task.title.clone())
    };
    draft
        .counted()
        .map(|task| {
            let of = draft.edges.iter().filter(|edge| edge.task == task.key);
            (
                task.title.clone(),
                of.filter_map(|edge| title(&edge.on)).collect(),
            )
        })
        .collect()
}

fn titles(text: &str) -> Vec<String> {
    tasks(text).into_iter().map(|(title, _)| title).collect()
}

fn after(text: &str, title: &str) -> Vec<String> {
    let found = tasks(text).into_iter().find(|(known, _)| known == title);
    found
        .unwrap_or_else(|| panic!("no {title} in {:?}", titles(text)))
        .1
}

/// The dispositions of the statements in tasks or not, by their text.
fn disposition(text: &str, statement: &str) -> (Disposition, String) {
    let document = Document::parse(text.as_bytes()).unwrap();
    let draft = plan(text);
    let carriers: Vec<Carrier<'_>> = draft
        .counted()
        .map(|task| Carrier {
            key: &task.key,
            lines: task.lines,
            criteria: task.acceptance.iter().map(|one| one.lines).collect(),
        })
        .collect();
    let found = account(&document, &Limits::default(), &carriers);
    let found = found
        .into_iter()
        .find(|one| one.text.contains(statement))
        .unwrap();
    (found.disposition, found.reason)
}

#[test]
fn a_table_of_dependencies_orders_the_parts_and_is_no_work() {
    let text = "# App\n\n## Parts\n\n- Job store\n- Photo service\n- Report generator\n\n## Build order\n\n| Part | Needs |\n|---|---|\n| Photo service | Job store |\n| Report generator | Photo service, Job store |\n";
    assert_eq!(
        titles(text),
        ["Job store", "Photo service", "Report generator"]
    );
    assert_eq!(after(text, "Photo service"), ["Job store"]);
    assert_eq!(
        after(text, "Report generator"),
        ["Photo service", "Job store"]
    );
    assert!(plan(text).milestones.is_empty());
}

#[test]
fn bullets_about_dependencies_are_accounted_for_as_order() {
    let text = "# Shop\n\n## Requirements\n\n- FR-1: Store carts for 30 days.\n- FR-2: Accept cards.\n\n## Dependencies\n\n- FR-2 needs FR-1\n";
    assert_eq!(after(text, "Accept cards"), ["Store carts for 30 days"]);
    let order = (Disposition::Context, "the order of tasks".to_owned());
    assert_eq!(disposition(text, "needs FR-1"), order);
}

#[test]
fn endpoints_are_tasks_named_by_method_and_path() {
    let text = "# API\n\n## Endpoints\n\n| ID | Method | Path | Purpose |\n|---|---|---|---|\n| E1 | GET | /jobs | List the jobs |\n| E2 | POST | /jobs | Create a job |\n";
    assert_eq!(
        titles(text),
        ["GET /jobs: List the jobs", "POST /jobs: Create a job"]
    );
}

#[test]
fn notes_of_the_author_say_what_is_not_work_now() {
    let text = "# Tools\n\n## Tasks\n\n- [ ] Offline mode\n- [ ] Fax export (dropped)\n- [ ] Login (released in 1.2)\n- [ ] Dark mode (maybe)\n- [ ] Sync photos\n- ~~Print~~\n\n## Done\n\n- Landing page\n";
    assert_eq!(titles(text), ["Offline mode", "Sync photos"]);
    for (statement, wanted) in [
        ("Fax export", Disposition::NonGoal),
        ("Login", Disposition::Done),
        ("Dark mode", Disposition::Deferred),
        ("Print", Disposition::NonGoal),
        ("Landing page", Disposition::Done),
    ] {
        assert_eq!(disposition(text, statement).0, wanted, "{statement}");
    }
}

#[test]
fn goals_beside_non_goals_are_not_excluded() {
    let text = "# Shop\n\n## Goals and non-goals\n\n- Goal: fast checkout\n- Non-goal: subscriptions\n\n## Tasks\n\n- [ ] Cart\n- [ ] Checkout\n";
    assert_eq!(disposition(text, "fast checkout").0, Disposition::Context);
    assert_eq!(disposition(text, "subscriptions").0, Disposition::NonGoal);
}

#[test]
fn paragraphs_that_ask_for_work_are_tasks_with_low_confidence() {
    let text = "# Lists\n\nPeople share paper today.\n\nWe will store lists in Postgres. The app keeps a copy.\n\nThe app should suggest entries. They are computed every night.\n";
    assert_eq!(titles(text), ["Store lists in Postgres", "Suggest entries"]);
    let document = Document::parse(text.as_bytes()).unwrap();
    assert_eq!(plan(text).scope(&document).confidence, Confidence::Low);
    assert_eq!(plan(text).tasks[0].acceptance.len(), 2);
}

#[test]
fn a_section_with_steps_and_labels_is_one_task_after_the_number_it_names() {
    let text = "# Backend tasks\n\n### 1. Database\n**Goal**: store users\n**Steps**:\n1. Write schema\n2. Write migration\n\n**Done when**: `make migrate` works\n\n### 2. Auth API (depends on 1)\n**Goal**: log in\n**Steps**:\n1. POST /login\n2. Rate limit\n**Done when**: a wrong password is refused\n**Estimate**: 1 day\n\n### 3. Admin page\nDepends on: Task 2\n- list users\n- disable a user\n";
    assert_eq!(titles(text), ["Database", "Auth API", "Admin page"]);
    assert_eq!(after(text, "Auth API"), ["Database"]);
    assert_eq!(after(text, "Admin page"), ["Auth API"]);
}

#[test]
fn rows_wait_for_the_rows_whose_numbers_they_name() {
    let text = "# Sensor\n\n## Tasks\n\n| # | Task | Depends on | Status |\n|---|---|---|---|\n| 1 | Set up | - | done |\n| 2 | Read the sensor | 1 | open |\n| 3 | Store samples | 1 | open |\n| 4 | Draw the chart | 2, 3 | open |\n";
    assert_eq!(
        titles(text),
        ["Read the sensor", "Store samples", "Draw the chart"]
    );
    assert_eq!(
        after(text, "Draw the chart"),
        ["Read the sensor", "Store samples"]
    );
}

#[test]
fn lines_with_ids_in_one_paragraph_are_requirements_each() {
    let text = "# Diary\n\n## User stories\n1. As a user I want to edit the text of a page.\n\n## Requirements\nFR1: The app reads the photos.\nFR2: The app writes a text for each page, and the user can\nedit the text.\n\n## Milestones\nM1 (June): FR1\nM2 (July): FR2\n";
    let draft = plan(text);
    let requirements: Vec<&str> = draft
        .counted()
        .filter_map(|t| t.requirement.as_deref())
        .collect();
    assert_eq!(requirements, ["FR-1", "FR-2"]);
    assert_eq!(draft.milestones.len(), 2);
    // The story that restates it does not replace its text.
    let second = draft.counted().nth(1).unwrap();
    let criteria: Vec<&str> = second
        .acceptance
        .iter()
        .map(|one| one.text.as_str())
        .collect();
    assert_eq!(criteria.len(), 2, "{criteria:?}");
    assert!(criteria[0].starts_with("The app writes"), "{criteria:?}");
}

#[test]
fn the_cells_of_a_table_of_phases_are_their_tasks() {
    let text = "# Plan\n\n| Phase | Scope |\n|---|---|\n| Phase 1 | Read model, event store |\n| Phase 2 | Replay tool |\n";
    assert_eq!(titles(text), ["Read model", "Event store", "Replay tool"]);
    assert_eq!(plan(text).milestones.len(), 2);
    // A table that sums up sections adds nothing.
    let text = format!(
        "{text}\n## Phase 1\n\n- [ ] Read model of orders\n- [ ] Event log\n\n## Phase 2\n\n- [ ] Replay\n- [ ] Compare\n"
    );
    assert_eq!(
        titles(&text),
        ["Read model of orders", "Event log", "Replay", "Compare"]
    );
}

#[test]
fn the_design_of_an_rfc_is_a_task_with_its_title() {
    let text = "# RFC 12: Retry queue\n\n## Summary\n\nFailed deliveries are retried.\n\n## Design\n\nEvery delivery is written to a table. A worker sends them.\n\n## Migration\n\n1. Create the table.\n2. Deploy the worker.\n3. Enable it.\n";
    assert_eq!(titles(text), ["Retry queue", "Migration"]);
}

#[test]
fn steps_to_reproduce_are_not_work() {
    let text = "# Importer is slow\n\nIt takes 40 minutes.\n\n**Steps to reproduce**\n1. Upload contacts\n2. Wait\n\n**Acceptance**\n- 50k contacts in 5 min\n- memory below 300 MB\n";
    assert_eq!(titles(text), ["Importer is slow"]);
    assert_eq!(plan(text).tasks[0].acceptance.len(), 2);
}

#[test]
fn stories_of_other_languages_are_tasks_named_by_the_wish() {
    let text = "# Kookboek\n\n## Account\n\n1. Als bezoeker wil ik een account aanmaken, zodat ik recepten kan opslaan\n2. Als gebruiker wil ik inloggen, zodat ik mijn account zie\n";
    assert_eq!(titles(text), ["Een account aanmaken", "Inloggen"]);
}

#[test]
fn labels_without_accents_are_read() {
    let text = "# Plano\n\n## Fase 1: Base\n\nCriterios de aceite:\n\n- banco local criado\n- testes passam\n\n## Fase 2: Acesso\n\nCriterios de aceite:\n\n- login funciona\n- logout existe\n";
    assert_eq!(titles(text), ["Fase 1: Base", "Fase 2: Acesso"]);
}

#[test]
fn a_label_between_the_entries_of_a_list_is_not_part_of_one() {
    let text = "# Epic\n\n## Feature 1: Bell\nMust:\n- icon with a number\n- list of 50\nShould:\n- mark all as read\n\n## Feature 2: Digest\n- daily\n";
    let draft = plan(text);
    let criteria: Vec<&str> = draft.tasks[0]
        .acceptance
        .iter()
        .map(|one| one.text.as_str())
        .collect();
    assert_eq!(
        criteria,
        ["icon with a number", "list of 50", "mark all as read"]
    );
}

#[test]
fn an_entry_waits_for_the_entry_that_it_names() {
    let text = "# TODO\n\n- [ ] parser\n- [ ] type checker (needs the parser)\n- [ ] code generation\n  - after the type checker\n- [ ] language server\n";
    assert_eq!(after(text, "Type checker (needs the parser)"), ["Parser"]);
    assert_eq!(
        after(text, "Code generation"),
        ["Type checker (needs the parser)"]
    );
}

#[test]
fn lines_with_dotted_numbers_are_entries() {
    let text = "# Zeiterfassung\n\n## 1. Muss-Anforderungen\n\n1.1 Beginn und Ende erfassen.\n1.2 Pausen abziehen.\n1.3 Monate genehmigen.\n";
    assert_eq!(
        titles(text),
        [
            "Beginn und Ende erfassen",
            "Pausen abziehen",
            "Monate genehmigen"
        ]
    );
}
