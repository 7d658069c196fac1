//! References to what a document does not have.

use super::Severity;
use super::rules_tests::drafted;

/// The references that lead nowhere, with their lines.
fn unknown(text: &str) -> Vec<(u32, String)> {
    let found = drafted(text).findings.into_iter();
    let found = found.filter(|one| one.rule == "unknown-id");
    found
        .map(|one| {
            assert_eq!(one.severity, Severity::Warning);
            let id = one.message.trim_start_matches("it refers to ");
            let id = id.split(',').next().unwrap_or_default();
            (one.lines.start, id.to_owned())
        })
        .collect()
}

#[test]
fn a_reference_to_an_id_that_the_document_does_not_have_is_a_finding() {
    let list = "# Shop\n\n## Requirements\n\n- REQ-1: Search\n  - by name\n\
                - REQ-2: Sort. Depends on REQ-404.\n  - by price\n\
                - REQ-3: Save, after REQ-1 and REQ-405\n  - for a year\n";
    assert_eq!(
        unknown(list),
        [(7, "REQ-404".into()), (9, "REQ-405".into())]
    );
    let table = "# Shop\n\n## Requirements\n\n- REQ-9: Only staff may edit\n\n\
                 | ID | Requirement | Depends on |\n|---|---|---|\n\
                 | R-10 | Log each edit | REQ-1 |\n| R-11 | Delete logs | R-10 |\n";
    assert_eq!(unknown(table), [(9, "REQ-1".into())]);
    let label = "# Shop\n\n## User stories\n\n### US-1: Earn\n\n**Depends on**: US-7\n\n- a point\n\n\
                 ### US-2: Spend\n\n- half a price\n\n## Dependencies\n\n- US-8 → US-2\n";
    assert_eq!(unknown(label), [(7, "US-7".into()), (17, "US-8".into())]);
}

#[test]
fn a_reference_to_the_number_of_a_missing_entry_is_a_finding() {
    let list = "# Shop\n\n## Requirements\n\n1. REQ-1: Search\n2. REQ-2: Sort\n\n\
                | ID | Requirement | Depends on |\n|---|---|---|\n\
                | R-10 | Log | 2 |\n| R-11 | Delete | 4 |\n";
    assert_eq!(unknown(list), [(11, "entry 4".into())]);
}

#[test]
fn what_the_document_has_is_no_finding_nor_is_what_is_not_its_own() {
    for text in [
        // Parts, ranges, ids that no task has, and what is done.
        "# A\n\n## Requirements\n\n- FR-1: Search\n  - FR-1.1: fast\n- FR-2: Sort. Depends on FR-1.1.\n",
        "# A\n\n## Requirements\n\n- FR-1: Search\n- FR-4: Sort. Depends on FR-1 to FR-4.\n",
        "# A\n\n## Requirements\n\n- [x] FR-1: Search. Depends on FR-9.\n- [ ] FR-2: Sort after FR-1\n",
        // Other numbers and other documents.
        "# A\n\n## Requirements\n\n- FR-1: Search after Q1 2027\n- FR-2: Sort. Requires UTF-8 and PLAT-17\n",
        "# A\n\n## Tasks\n\n- [ ] Test on a phone (blocked by #123)\n- [ ] Sort, after ISSUE-12\n",
    ] {
        assert!(unknown(text).is_empty(), "{text}: {:?}", unknown(text));
    }
}

#[test]
fn a_comma_between_two_ids_makes_no_other_task_a_prerequisite() {
    let text = "# A\n\n## User stories\n\n### US-1: Earn\n\n- a point\n\n### US-2: See\n\n- a sum\n\n\
                ### US-3: Spend\n\nDepends on: US-1, US-4\n\n- half\n\n### US-4: Pay\n\n- by card\n";
    let plan = drafted(text);
    let edges = plan.edges.iter().filter(|edge| !edge.is_of_test());
    let on = edges.filter_map(|edge| plan.task(&edge.on)?.requirement.clone());
    assert_eq!(on.collect::<Vec<_>>(), ["US-1", "US-4"]);
}

#[test]
fn what_names_a_divided_requirement_waits_for_its_parts() {
    let text = "# Notes\n\n## Requirements\n\n- R1: Notes are written\n- R2a: They are searched by word\n\
                - R2b: They are searched by date\n- R3: They are shared. Depends on R2.\n";
    let plan = drafted(text);
    let edges = plan.edges.iter().filter(|edge| !edge.is_of_test());
    let on = edges.filter_map(|edge| plan.task(&edge.on)?.requirement.clone());
    assert_eq!(on.collect::<Vec<_>>(), ["R2A", "R2B"]);
    assert!(unknown(text).is_empty(), "{:?}", unknown(text));
    let with_whole = text.replace("- R3", "- R2: A search is quick\n- R3");
    let plan = drafted(&with_whole);
    let edges = plan.edges.iter().filter(|edge| edge.rule == "explicit");
    let on = edges.filter_map(|edge| plan.task(&edge.on)?.requirement.clone());
    assert_eq!(on.collect::<Vec<_>>(), ["R2"]);
}

#[test]
fn an_entry_below_a_task_says_what_it_waits_for_and_what_waits_for_it() {
    let text = "# Notes\n\n## Tasks\n\n- [ ] T001 Parse\n  - Depends: T002\n  - Blocks: T003\n\
                - [ ] **T002** Lex\n  - Story: US-1\n  - _Requirements: 1.2, 1.3_\n- [ ] T003 Print\n";
    let plan = drafted(text);
    let title = |key| plan.task(key).map_or("", |task| task.title.as_str());
    let edges = plan.edges.iter().filter(|edge| !edge.is_of_test());
    let mut found: Vec<(&str, &str)> = edges.map(|e| (title(&e.task), title(&e.on))).collect();
    found.sort_unstable();
    assert_eq!(found, [("Parse", "Lex"), ("Print", "Parse")]);
    let blocks = "# Editor\n\n## Requirements\n\n- FR-1: Edit\n  - Blocks: paragraphs and images\n- FR-2: Save\n";
    let words = drafted(blocks)
        .tasks
        .into_iter()
        .flat_map(|task| task.acceptance);
    let words: Vec<String> = words
        .filter(|one| !one.derived)
        .map(|one| one.text)
        .collect();
    assert_eq!(words, ["Blocks: paragraphs and images"]);
    let criteria = plan.tasks.iter().flat_map(|task| &task.acceptance);
    let own = criteria.filter(|one| !one.derived).map(|one| &one.text);
    assert_eq!(own.collect::<Vec<_>>(), Vec::<&String>::new());
}

#[test]
fn a_title_with_an_and_is_one_prerequisite() {
    let text = "# A\n\n## Tasks\n\n- [ ] Accounts and login\n\
                - [ ] Invitations (depends on Accounts and login)\n";
    let plan = drafted(text);
    assert!(plan.edges.iter().any(|edge| edge.rule == "explicit"));
}

#[test]
fn bare_numbers_after_a_word_of_dependency_are_entries_of_the_list() {
    let list = "# A\n\n## Tasks\n\n1. Parse files\n2. Show them (depends on 1)\n3. Map columns, after 2\n\
                4. Import, blocked by 2 and 3\n5. Mail it (requires #4)\n6. Undo it after 2 weeks\n\
                7. Keep it, after 9\n";
    let plan = drafted(list);
    let title = |key| plan.task(key).map_or("", |task| task.title.as_str());
    let word = |key| title(key).split(' ').next().unwrap_or_default();
    let edges = plan.edges.iter().filter(|edge| !edge.is_of_test());
    let mut found: Vec<(&str, &str)> = edges.map(|e| (word(&e.task), word(&e.on))).collect();
    found.sort_unstable();
    let wanted = [
        ("Import,", "Map"),
        ("Import,", "Show"),
        ("Mail", "Import,"),
        ("Map", "Show"),
        ("Show", "Parse"),
    ];
    assert_eq!(found, wanted);
    assert_eq!(unknown(list), [(11, "entry 9".into())]);
    let done = list.replace("1. Parse files", "1. [x] Parse files");
    assert_eq!(unknown(&done), [(11, "entry 9".into())]);
}
