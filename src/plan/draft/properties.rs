//! Properties of the plan of every document, tested on generated documents and on noise.

use super::*;
use crate::plan::document::Document;
use proptest::prelude::{
    ProptestConfig, Strategy as Any, TestCaseError, prop, prop_assert, prop_assert_eq,
    prop_assert_ne, prop_assume, proptest,
};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn plan_with(text: &str, tree: &[&str], contested: &[String]) -> Option<Draft> {
    let document = Document::parse(text.as_bytes()).ok()?;
    let limits = Limits::default();
    let exists = |path: &str| tree.contains(&path);
    Some(draft(
        &document,
        &Inputs {
            exists: &exists,
            contested,
            limits: &limits,
        },
    ))
}

pub(super) fn plan(text: &str) -> Draft {
    plan_with(text, &[], &[]).unwrap()
}

fn keys(draft: &Draft) -> BTreeSet<&str> {
    draft.tasks.iter().map(|task| task.key.as_str()).collect()
}

pub(super) fn has_cycle(draft: &Draft) -> bool {
    let mut waits: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for edge in &draft.edges {
        waits.entry(&edge.task).or_default().insert(&edge.on);
    }
    let mut left: BTreeSet<&str> = draft.tasks.iter().map(|task| task.key.as_str()).collect();
    loop {
        let free: Vec<&str> = left
            .iter()
            .copied()
            .filter(|key| waits.get(key).is_none_or(|on| on.is_disjoint(&left)))
            .collect();
        if free.is_empty() {
            return !left.is_empty();
        }
        for key in free {
            left.remove(key);
        }
    }
}

/// What becomes of the statements of a document whose plan is `draft`.
fn accounted(text: &str, draft: &Draft) -> Vec<Accounted> {
    let document = Document::parse(text.as_bytes()).unwrap();
    let tasks = draft.counted().map(|task| Carrier {
        key: &task.key,
        lines: task.lines,
        criteria: task.acceptance.iter().map(|c| c.lines).collect(),
    });
    let carriers: Vec<Carrier<'_>> = tasks.collect();
    account(&document, &Limits::default(), &carriers)
}

/// Every line is in exactly one statement; what has a box to tick or an id is in a task or uncovered.
fn check_account(text: &str, draft: &Draft) -> Result<(), TestCaseError> {
    let accounted = accounted(text, draft);
    let mut next = 1;
    for one in &accounted {
        prop_assert_eq!(one.lines.start, next, "lines are missing or double");
        next = one.lines.end + 1;
    }
    let count = Document::parse(text.as_bytes()).unwrap().line_count;
    prop_assert_eq!(next, count + 1);
    let has_task = |one: &Accounted| !one.tasks.is_empty();
    for one in &accounted {
        let carried = matches!(
            one.disposition,
            Disposition::Task | Disposition::Criterion | Disposition::Restatement
        );
        prop_assert_eq!(carried, has_task(one));
        let source = text.lines().nth(one.lines.start as usize - 1);
        let is_box = source.is_some_and(|line| line.starts_with("- [ ] "));
        if is_box && one.text.chars().count() > 3 {
            prop_assert_ne!(one.disposition, Disposition::Context, "{}", one.text);
        }
    }
    Ok(())
}

/// The documents of the project with lines deleted, repeated, moved, indented and added.
fn mutated(name: usize, changes: &[(usize, usize, usize)]) -> String {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/plan");
    let mut files: Vec<std::path::PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "md"))
        .collect();
    files.sort();
    let text = std::fs::read_to_string(&files[name % files.len()]).unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for (what, at, to) in changes {
        let count = lines.len();
        if count == 0 {
            break;
        }
        let (at, to) = (at % count, to % count);
        match what {
            0 => drop(lines.remove(at)),
            1 => lines.insert(to, lines[at].clone()),
            2 => lines.swap(at, to),
            3 => lines[at].insert_str(0, "  "),
            4 => lines.insert(at, "- [ ] Weigh lorries at both gates".to_owned()),
            5 => lines.insert(at, "## Handle lorries".to_owned()),
            _ => lines[at] = lines[at].trim_start_matches(['#', '-', ' ']).to_owned(),
        }
    }
    lines.join("\n")
}

/// The properties of every plan.
fn check_properties(text: &str, draft: &Draft) -> Result<(), TestCaseError> {
    let lines = u32::try_from(text.lines().count().max(1)).unwrap();
    prop_assert!(draft.counted().next().is_some(), "no task");
    prop_assert_eq!(keys(draft).len(), draft.tasks.len(), "keys are not unique");
    prop_assert!(!has_cycle(draft), "cycle");
    check_account(text, draft)?;
    for task in &draft.tasks {
        prop_assert!(
            !task.title.is_empty() && task.title.chars().count() <= 80,
            "title {:?}",
            task.title
        );
        prop_assert!(
            !task.title.ends_with(['.', ',', ':', ';']),
            "title {:?}",
            task.title
        );
        prop_assert!(!task.description.is_empty());
        prop_assert!(!task.acceptance.is_empty(), "no acceptance: {}", task.title);
        prop_assert!(
            !task.risk_reason.is_empty()
                && !task.validation_reason.is_empty()
                && !task.estimate_reason.is_empty()
        );
        prop_assert_eq!(task.key.len(), 12);
        for criterion in &task.acceptance {
            let at = criterion.lines;
            prop_assert!(
                1 <= at.start && at.start <= at.end && at.end <= lines,
                "lines {:?} of {}",
                at,
                lines
            );
            prop_assert!(!criterion.text.is_empty());
        }
        for path in &task.paths {
            prop_assert!(
                text.contains(&format!("`{path}")) || text.contains(path.as_str()),
                "path {path}"
            );
        }
    }
    let all = keys(draft);
    for edge in &draft.edges {
        prop_assert!(
            all.contains(edge.task.as_str())
                && all.contains(edge.on.as_str())
                && edge.task != edge.on
        );
        prop_assert!(!edge.reason.is_empty() && !edge.rule.is_empty());
    }
    prop_assert!(draft.tasks.iter().all(|task| !task.stream.is_empty()));
    Ok(())
}

/// Nouns for generated documents.
pub(super) const NOUNS: &[&str] = &[
    "orders", "invoices", "members", "routes", "photos", "tickets", "meters", "recipes", "shifts",
    "pumps", "seats", "parcels",
];
const VERBS: &[&str] = &[
    "Show", "Import", "Archive", "Print", "Search", "Merge", "Export", "Check",
];

fn bullet() -> impl Any<Value = String> {
    (0..VERBS.len(), 0..NOUNS.len(), 0..NOUNS.len(), 0..40_u32).prop_map(
        |(verb, noun, by, number)| {
            format!(
                "{} {} by {} within {number} steps",
                VERBS[verb], NOUNS[noun], NOUNS[by]
            )
        },
    )
}

/// A section with its bullets.
fn section() -> impl Any<Value = (usize, Vec<String>)> {
    (0..NOUNS.len(), prop::collection::vec(bullet(), 0..6))
}

/// A document whose sections have distinct headings, in one of several shapes.
fn document() -> impl Any<Value = (usize, Vec<(usize, Vec<String>)>)> {
    (0..5_usize, prop::collection::vec(section(), 1..9)).prop_map(|(shape, mut sections)| {
        let mut seen = BTreeSet::new();
        sections.retain(|(noun, _)| seen.insert(*noun));
        for (_, bullets) in &mut sections {
            let mut seen = BTreeSet::new();
            bullets.retain(|bullet| seen.insert(bullet.clone()));
        }
        (shape, sections)
    })
}

fn write(shape: usize, sections: &[(usize, Vec<String>)]) -> String {
    let mut text = String::from("# Depot\n\nWhat the depot does.\n\n");
    text.push_str(
        [
            "## Functional requirements\n\n",
            "## Roadmap\n\n",
            "## User stories\n\n",
            "## Features\n\n",
            "",
        ][shape],
    );
    for (noun, bullets) in sections {
        let name = NOUNS[*noun];
        text.push_str(&match shape {
            0 => format!("### FR-{}: Handle {name}\n\n", noun + 1),
            1 => format!("### Phase {}: Handle {name}\n\n", noun + 1),
            2 => format!("### Story {}: Handle {name}\n\nAs a clerk, I want to see {name} so that I know.\n\n", noun + 1),
            _ => format!("### Handling of {name}\n\n"),
        });
        for bullet in bullets {
            text.push_str(&format!(
                "- {}{bullet}\n",
                if shape == 1 { "[ ] " } else { "" }
            ));
        }
        text.push('\n');
    }
    text
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    /// PL-10 every task has all its fields; PL-19 no plan has a cycle; ST-01 every task is in a
    /// stream.
    #[test]
    fn any_document_makes_a_valid_plan((shape, sections) in document()) {
        let text = write(shape, &sections);
        let draft = plan(&text);
        check_properties(&text, &draft)?;
        if shape == 0 {
            for (noun, _) in &sections {
                let id = format!("FR-{}", noun + 1);
                let covered = draft.tasks.iter().any(|task| task.requirement.as_ref() == Some(&id) || task.covers.contains(&id));
                prop_assert!(covered, "{} is in no task", id);
            }
        }
    }

    #[test]
    fn any_noise_makes_a_valid_plan_or_is_refused(text in "([#*|`\\->0-9A-Z\\[\\]():. \n]|FR-[1-3]|Phase [1-3]|depends on |- \\[ \\] |[a-zäж中🚀]{1,9}|\r\n){0,120}") {
        if let Some(draft) = plan_with(&text, &["src"], &[]) {
            check_properties(&text, &draft)?;
        }
    }

    /// Every line of a damaged document has one disposition.
    #[test]
    fn a_mutated_document_is_accounted_for(
        name in 0..64_usize,
        changes in prop::collection::vec((0..7_usize, 0..2_000_usize, 0..2_000_usize), 1..40),
    ) {
        let text = mutated(name, &changes);
        if let Some(draft) = plan_with(&text, &["src"], &[]) {
            check_account(&text, &draft)?;
        }
    }

    /// PL-14 the same source requirement keeps its key.
    #[test]
    fn reordering_sections_keeps_the_keys((shape, sections) in document()) {
        let mut turned = sections.clone();
        turned.reverse();
        let (one, two) = (plan(&write(shape, &sections)), plan(&write(shape, &turned)));
        prop_assert_eq!(keys(&one), keys(&two));
    }

    /// PL-14 white space, line ends and emoji create no new task.
    #[test]
    fn white_space_line_ends_and_emoji_keep_the_keys((shape, sections) in document()) {
        let text = write(shape, &sections);
        let other = text.replace("### ", "###  🚀 ").replace('\n', "\r\n");
        let (one, two) = (plan(&text), plan(&other));
        prop_assert_eq!(keys(&one), keys(&two));
    }

    #[test]
    fn the_same_bytes_make_the_same_draft((shape, sections) in document()) {
        let text = write(shape, &sections);
        prop_assert_eq!(plan(&text), plan(&text));
    }

    #[test]
    fn editing_one_bullet_changes_one_task((shape, sections) in document(), at in 0..64_usize) {
        let mut edited = sections.clone();
        let count = edited.len();
        let (_, bullets) = &mut edited[at % count];
        prop_assume!(!bullets.is_empty());
        let place = at % bullets.len();
        bullets[place] = "Weigh lorries at both gates".to_owned();
        let (one, two) = (plan(&write(shape, &sections)), plan(&write(shape, &edited)));
        let says = |draft: &Draft| draft.counted().map(|task| format!("{} {:?} {:?}", task.title, task.acceptance, task.paths)).collect::<BTreeSet<String>>();
        let (before, after) = (says(&one), says(&two));
        prop_assert!(before.difference(&after).count() <= 1, "{:?} {:?}", before, after);
        prop_assert!(after.difference(&before).count() <= 1, "{:?} {:?}", before, after);
    }
}
