//! Small documents with known plans: the purpose and the limits of each rule.

use super::properties::{NOUNS, has_cycle, plan, plan_with};
use super::*;
use crate::plan::document::Document;
use std::collections::BTreeSet;

fn scope_of(text: &str) -> Scope {
    let document = Document::parse(text.as_bytes()).unwrap();
    plan(text).scope(&document)
}

fn titles(draft: &Draft) -> Vec<&str> {
    draft.counted().map(|task| task.title.as_str()).collect()
}

/// True if one task waits for another by hard edges, directly or indirectly.
fn waits(draft: &Draft, task: &str, on: &str) -> bool {
    let key = |title: &str| {
        draft
            .counted()
            .find(|task| task.title.starts_with(title))
            .map(|task| task.key.clone())
    };
    let (Some(from), Some(to)) = (key(task), key(on)) else {
        panic!("no task {task} or {on} in {:?}", titles(draft))
    };
    let mut seen = BTreeSet::new();
    let mut open = vec![from];
    while let Some(at) = open.pop() {
        for edge in draft.edges.iter().filter(|edge| edge.task == at) {
            if edge.on == to {
                return true;
            }
            if seen.insert(edge.on.clone()) {
                open.push(edge.on.clone());
            }
        }
    }
    false
}

/// PL-05, PL-06: a document without structure is one task for one agent, with low confidence.
#[test]
fn a_sentence_is_one_task_for_one_agent() {
    let text = "Show the weight on the label.\n";
    let draft = plan(text);
    assert_eq!(titles(&draft), ["Show the weight on the label"]);
    assert_eq!(draft.strategy, Strategy::Single);
    let scope = scope_of(text);
    assert_eq!(
        (scope.recommendation, scope.confidence, scope.fast_path),
        (Recommendation::SingleAgent, Confidence::Low, false)
    );
}

const SHOP: &str = "# Shop\n\n## Requirements\n\n### FR-1: Catalogue\n\n- lists articles\n- shows `price.net`\n\n### FR-2: Basket\n\nDepends on FR-1.\n\n- keeps articles\n- is fast and intuitive\n\n### FR-2.1: Vouchers\n\n- one voucher an order\n\n### FR-3: Payment\n\nRequires FR-2.\n\n- pays once, duplicate requests change nothing\n- see `src/pay/mod.rs`, `src/pay/new.rs` and `Pro/Max`\n\n## Non-goals\n\n- Gift cards\n\n## Open questions\n\n- Which bank?\n";

/// PL-11 criteria name their lines and their requirement; DP-03 edges name class, rule and line.
#[test]
fn requirements_become_tasks_with_the_authors_fields() {
    let draft = plan_with(SHOP, &["src", "src/pay/mod.rs"], &[]).unwrap();
    assert_eq!(
        titles(&draft),
        ["Catalogue", "Basket", "Vouchers", "Payment"]
    );
    let payment = draft.counted().last().unwrap();
    assert_eq!(payment.acceptance[0].requirement.as_deref(), Some("FR-3"));
    assert_eq!(payment.acceptance[0].lines.start, 25);
    assert_eq!(payment.paths, ["src/pay/mod.rs", "src/pay/new.rs"]);
    assert!(waits(&draft, "Payment", "Catalogue") && waits(&draft, "Vouchers", "Basket"));
    let edge = draft
        .edges
        .iter()
        .find(|edge| edge.rule == "explicit")
        .unwrap();
    assert_eq!((edge.class, edge.line), (EdgeClass::Hard, 12));
    assert_eq!(draft.guards[0].text, "Gift cards");
    assert_eq!(draft.questions[0].text, "Which bank?");
}

/// PL-26, PL-27: risk and vague words give test-first, with the reason; PL-28 vague words are
/// named.
#[test]
fn validation_follows_risk_and_vague_words() {
    let draft = plan(SHOP);
    let task = |title: &str| draft.counted().find(|task| task.title == title).unwrap();
    assert_eq!(
        (task("Payment").risk, task("Payment").validation),
        (Risk::High, Validation::TestFirst)
    );
    assert_eq!(task("Basket").validation, Validation::TestFirst);
    assert!(task("Basket").validation_reason.contains("fast"));
    let mut criteria = draft.counted().flat_map(|task| &task.acceptance);
    assert!(criteria.any(|one| one.vague.concat().contains("intuitive")));
    assert_eq!(task("Catalogue").validation, Validation::TestAfter);
    let test = |of: &str| {
        draft
            .tasks
            .iter()
            .find(|test| test.tests.as_deref() == Some(&task(of).key))
            .unwrap()
    };
    let edge = |task: &str, on: &str| {
        draft
            .edges
            .iter()
            .any(|edge| edge.task == task && edge.on == on && edge.class == EdgeClass::Hard)
    };
    assert!(edge(&task("Payment").key, &test("Payment").key));
    assert!(edge(&test("Catalogue").key, &task("Catalogue").key));
}

/// A negation turns the order of `before` around: what must not begin before another waits for it.
#[test]
fn what_must_not_begin_before_another_waits_for_it() {
    let text = "# Cards\n\n## Requirements\n\n- **FR-1** Keep a ledger.\n- **FR-2** Redeem codes.\n\
                - **FR-3** Export a file.\n- **FR-4** Block a card.\n\n## Order\n\n\
                FR-2 must not start before FR-1 is finished. FR-1 must be finished before FR-3. \
                FR-4 cannot begin until FR-3 is done.\n";
    let draft = plan(text);
    assert!(waits(&draft, "Redeem", "Keep") && !waits(&draft, "Keep", "Redeem"));
    assert!(waits(&draft, "Export", "Keep") && waits(&draft, "Block", "Export"));
}

/// PL-17, PL-38: phases keep deliverables and criteria, and each waits for the gate before it.
#[test]
fn phases_become_milestones_with_gates() {
    let text = "# Mill\n\n## Plan\n\n### Phase 1: Ground\n\n- [ ] Set up the project repository\n- [ ] Read the meter\n- [ ] Keep the readings\n\n**Success criteria:**\n\n- one week without a gap\n\n### Phase 2: Page\n\n- [ ] Show the readings\n- [ ] Export the readings\n\n(M9) is nothing.\n";
    let draft = plan(text);
    assert_eq!(draft.milestones.len(), 2);
    assert_eq!(
        draft.milestones[1].after.as_ref(),
        Some(&draft.milestones[0].key)
    );
    assert_eq!(
        draft.milestones[0].success[0].text,
        "one week without a gap"
    );
    assert_eq!(draft.milestones[0].tasks.len(), 3);
    assert!(waits(&draft, "Read the meter", "Set up the project"));
    assert!(
        !draft.edges.iter().any(|edge| edge.rule == "phase-gate"),
        "a gate is not one node"
    );
}

/// PL-19 a cycle that the author wrote is broken and reported.
#[test]
fn a_cycle_in_the_document_is_broken_and_reported() {
    let text = "# X\n\n### FR-1: Alpha\n\nDepends on FR-3.\n\n### FR-2: Bravo\n\nDepends on FR-1.\n\n### FR-3: Gamma\n\nDepends on FR-2.\n";
    let draft = plan(text);
    let finding = draft
        .findings
        .iter()
        .find(|finding| finding.rule == "cycle")
        .unwrap();
    assert!(finding.message.contains("Alpha") && finding.message.contains("Gamma"));
    assert!(!has_cycle(&draft));
}

/// PL-22, PL-23: too many tasks cause a warning, with tasks to merge.
#[test]
fn too_many_tasks_cause_a_warning_with_tasks_to_merge() {
    let mut text = String::from("# X\n\n## Tasks\n\n");
    for noun in NOUNS {
        text.push_str(&format!(
            "- [ ] Print {noun} on paper\n- [ ] Show {noun} on screen\n"
        ));
    }
    let draft = plan(&text);
    assert!(draft.counted().count() > draft.threshold);
    assert!(!draft.suggestions.is_empty());
}

/// PL-04 a document over the limits is split at its headings.
#[test]
fn a_document_over_the_limits_gets_a_proposed_split() {
    let document = Document::parse(SHOP.as_bytes()).unwrap();
    let draft = plan(SHOP);
    let limits = Limits::default();
    assert_eq!(split_proposal(&document, &draft, SHOP.len(), &limits), None);
    let parts = split_proposal(&document, &draft, limits.max_tokens * 4 + 4, &limits).unwrap();
    assert_eq!(parts.iter().map(|part| part.tasks).sum::<usize>(), 4);
}

/// ST-05 tasks on a file that has conflicted before are not planned in parallel.
#[test]
fn tasks_on_files_with_past_conflicts_are_not_parallel() {
    let text = "# X\n\n### FR-1: Alpha\n\n- uses `src/`\n\n### FR-2: Bravo\n\n- uses `src/a.rs`\n\n### FR-3: Gamma\n\n- none\n";
    let draft = plan_with(text, &["src", "src/a.rs"], &["src/a.rs".to_owned()]).unwrap();
    let edge = draft
        .edges
        .iter()
        .find(|edge| edge.rule == "shared-file")
        .unwrap();
    assert!(edge.class == EdgeClass::Hard && edge.reason.contains("conflicted before"));
}

/// PL-07 all four drivers are counted; PL-05 more than sixty tasks require decomposition.
#[test]
fn scope_counts_its_drivers() {
    let mut text = String::from("# X\n\n## Requirements\n\n");
    let verbs = ["Handle", "Archive", "Print", "Search", "Delete", "Import"];
    let all = verbs
        .iter()
        .flat_map(|verb| NOUNS.iter().map(move |noun| (verb, noun)));
    for (place, (verb, noun)) in all.enumerate() {
        text.push_str(&format!(
            "### FR-{}: {verb} {noun}\n\n- sends {noun} to GitHub\n- one\n\n",
            place + 1
        ));
    }
    text.push_str("## Risks\n\n- the river\n- the road\n");
    let scope = scope_of(&text);
    assert_eq!(scope.recommendation, Recommendation::DecompositionRequired);
    assert_eq!(
        (
            scope.drivers.tasks,
            scope.drivers.integration_points,
            scope.drivers.risks
        ),
        (72, 1, 2)
    );
    assert!(scope.drivers.effort_hours > 0 && scope.drivers.components > 0);
}

/// PL-09 a small and complete document can directly become one task.
#[test]
fn a_small_and_clear_document_has_a_fast_path() {
    let text = "# X\n\n### FR-1: Alpha\n\n- shows one\n- shows two\n\n### FR-2: Bravo\n\n- shows three\n- shows four\n\n### FR-3: Gamma\n\n- shows five\n- shows six\n";
    assert!(scope_of(text).fast_path);
}

/// PL-28 a test task repeats no vague word: it is reported for the tested task.
#[test]
fn the_criterion_of_a_test_task_has_no_vague_words() {
    let draft = plan(
        "# Shop\n\n## Requirements\n\n### FR-1: Draw the page\n\n- The page is responsive and user-friendly\n\n\
         ### FR-2: Make the search fast\n\n- It is quick\n- It is robust\n",
    );
    let found: Vec<&str> = draft
        .tasks
        .iter()
        .filter(|task| task.tests.is_some())
        .map(|task| task.acceptance[0].text.as_str())
        .collect();
    assert_eq!(
        found,
        [
            "The tests cover the acceptance criterion of “Draw the page”",
            "The tests cover each of the 2 criteria of the task that they test",
        ]
    );
    assert!(found.iter().all(|text| vague(text).is_empty()));
}

/// The header of a table is not work, and a document with only a table loses no row.
#[test]
fn a_table_alone_becomes_one_task_for_each_row() {
    let draft = plan(
        "| Task | Points |\n|---|---|\n| Import the members | 3 |\n| | 2 |\n\
         | Send the invoice | 5 |\n| Print the list | 2 |\n",
    );
    let wanted = ["Import the members", "Send the invoice", "Print the list"];
    assert_eq!(titles(&draft), wanted);
    let points: Vec<Option<u32>> = draft.counted().map(|task| task.points).collect();
    assert_eq!(points, [Some(3), Some(5), Some(2)]);
}

/// Content directly below a heading is kept if another heading inside it follows.
#[test]
fn text_before_a_nested_heading_is_not_lost() {
    let draft = plan(
        "# Shop\n\n#### Sell a book\n\n- The price is shown\n\n###### Gift wrap\n\n\
         - Paper can be chosen\n\n## Ship\n\n- A label is printed\n",
    );
    assert_eq!(titles(&draft), ["Sell a book", "Gift wrap", "Ship"]);
    let criteria: Vec<Vec<&str>> = draft
        .counted()
        .map(|task| task.acceptance.iter().map(|c| c.text.as_str()).collect())
        .collect();
    let wanted = [
        ["The price is shown"],
        ["Paper can be chosen"],
        ["A label is printed"],
    ];
    assert_eq!(criteria, wanted);
}

/// PL-37 the points of each sprint of a phase are compared with its own capacity.
#[test]
fn the_points_of_a_sprint_are_compared_with_its_own_capacity() {
    let draft = plan(
        "# Bus\n\n## Phase 1: Show\n\n### Sprint 1\n\n**Capacity**: 10 points\n\n\
         - **Receive positions** (8 points): by push\n- **Store them** (2 points): for a day\n\n\
         ### Sprint 2\n\n**Capacity**: 10 points\n\n- **Draw the map** (8 points): of all buses\n\
         - **Watch trackers** (5 points): silent ones\n\n## Phase 2: Hand over\n\n- Write the runbook\n\
         - Train two people\n",
    );
    let over: Vec<(u32, &str)> = draft
        .findings
        .iter()
        .filter(|finding| finding.rule == "over-capacity")
        .map(|finding| (finding.lines.start, finding.message.as_str()))
        .collect();
    let message = "the points of its stories add up to 13, but the capacity says 10";
    assert_eq!(over, [(14, message)]);
    let task = draft.counted().next().unwrap();
    let wanted = ("Receive positions: by push", Some(8), 16);
    assert_eq!((task.title.as_str(), task.points, task.hours), wanted);
}

/// PL-27 a task on texts only has no tests.
#[test]
fn tasks_on_texts_have_no_tests() {
    let draft = plan(
        "# Log in\n\n## Requirements\n\n### FR-1: Write the guide\n\n- `docs/guide.md` shows how to make a key\n\n\
         ### FR-2: Revoke a key\n\n- A revoked key opens no session\n",
    );
    let found: Vec<(ItemType, Validation)> = draft
        .counted()
        .map(|task| (task.item_type, task.validation))
        .collect();
    let wanted = [
        (ItemType::Docs, Validation::None),
        (ItemType::Feature, Validation::TestAfter),
    ];
    assert_eq!(found, wanted);
}

/// PL-04 requirements with their own headings are never merged: too many of them make the document
/// too large, and it is split at its headings.
#[test]
fn too_many_requirements_are_split_at_the_headings_above_them() {
    let mut text = String::from("# Everything\n");
    let parts = [
        "Catalogue",
        "Orders",
        "Shipping",
        "Billing",
        "Support",
        "Staff",
        "Reports",
    ];
    for (place, part) in parts.iter().enumerate() {
        text.push_str(&format!("\n## {part}\n"));
        for n in place * 10 + 1..=place * 10 + 10 {
            text.push_str(&format!(
                "\n### FR-{n}: Do {part} thing {n}\n\n- Thing {n} takes 2 s\n"
            ));
        }
    }
    let draft = plan(&text);
    assert_eq!(draft.counted().count(), 70);
    let document = Document::parse(text.as_bytes()).unwrap();
    let cut = split_proposal(&document, &draft, text.len(), &Limits::default()).unwrap();
    let titles: Vec<&str> = cut.iter().map(|part| part.title.as_str()).collect();
    assert_eq!(titles, parts);
    assert!(cut.iter().all(|part| part.tasks == 10));
    let limits = Limits {
        max_planned_tasks: 70,
        ..Limits::default()
    };
    assert!(split_proposal(&document, &draft, text.len(), &limits).is_none());
}

/// Tasks whose titles name no area are grouped by the headings above them, or by their folders.
#[test]
fn streams_are_named_by_section_if_titles_name_no_area() {
    let mut text = String::from("# Study\n");
    for (part, things) in [
        ("Cohorts and arms of studies", ["arms", "visits", "doses"]),
        ("Subjects", ["consent", "screening", "leaving"]),
        ("Queries", ["raising", "closing", "answers"]),
    ] {
        text.push_str(&format!("\n## {part}\n"));
        for thing in things {
            text.push_str(&format!(
                "\n### FR-{}: Keep {thing}\n\n- Kept\n",
                text.len()
            ));
        }
    }
    let draft = plan(&text);
    let names = |draft: &Draft| -> Vec<(String, usize)> {
        let mut found: Vec<(String, usize)> = Vec::new();
        for task in draft.counted() {
            match found.last_mut() {
                Some((name, count)) if *name == task.stream => *count += 1,
                _ => found.push((task.stream.clone(), 1)),
            }
        }
        found
    };
    let wanted = ["cohorts and arms of studies", "subjects", "queries"];
    assert_eq!(names(&draft), wanted.map(|name| (name.to_owned(), 3)));
}
