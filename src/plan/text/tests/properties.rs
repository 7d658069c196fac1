//! Properties of every plan and every text.

use proptest::prelude::*;
use proptest::sample::Index;

use super::applying::{applied, drop_dangling};
use super::plans::{any_plan, draft, odd_line, paragraphs, text, word};
use super::{criterion, from_json};
use crate::plan::Plan;
use crate::plan::change::Change;
use crate::plan::draft::EdgeClass;
use crate::plan::text::canonical_line::{one_line, paragraphs as shown};
use crate::plan::text::{parse, render, with_problems};

/// An edit that a user may make, applied to the plan itself.
#[derive(Clone, Debug)]
enum Edit {
    Title(Index, String),
    Description(Index, String),
    Word(Index, &'static str, &'static str),
    Points(Index, Option<u32>),
    Acceptance(Index, Vec<String>),
    Paths(Index, Vec<String>),
    Milestone(Index, Option<u8>),
    Stream(Index, String),
    Wait(Index, Index, Option<EdgeClass>),
    Move(Index, Index),
    Remove(Index),
    PlanTitle(String),
}

fn field_edit() -> impl Strategy<Value = Edit> {
    let words = prop_oneof![
        word(&["bug", "docs", "story"]).prop_map(|w| ("type", w)),
        word(&["XS", "L", "XL"]).prop_map(|w| ("estimate", w)),
        word(&["low", "high"]).prop_map(|w| ("risk", w)),
        word(&["test-first", "none"]).prop_map(|w| ("validation", w)),
        word(&["none", "review"]).prop_map(|w| ("auto_policy", w)),
    ];
    let texts = || proptest::collection::vec(text(), 0..3);
    let index = any::<Index>;
    prop_oneof![
        (index(), text()).prop_map(|(n, t)| Edit::Title(n, format!("Do {t}"))),
        (index(), paragraphs()).prop_map(|(n, t)| Edit::Description(n, t)),
        (index(), words).prop_map(|(n, (field, word))| Edit::Word(n, field, word)),
        (index(), any::<Option<u32>>()).prop_map(|(n, points)| Edit::Points(n, points)),
        (index(), texts()).prop_map(|(n, mut t)| {
            t.push("it is done".into());
            Edit::Acceptance(n, t)
        }),
        (index(), texts()).prop_map(|(n, t)| Edit::Paths(n, t)),
        (index(), any::<Option<u8>>()).prop_map(|(n, m)| Edit::Milestone(n, m)),
    ]
}

fn edit() -> impl Strategy<Value = Edit> {
    let class = proptest::option::of(prop_oneof![Just(EdgeClass::Hard), Just(EdgeClass::Soft)]);
    let index = any::<Index>;
    prop_oneof![
        3 => field_edit(),
        1 => (index(), text()).prop_map(|(n, t)| Edit::Stream(n, format!("in {t}"))),
        2 => (index(), index(), class).prop_map(|(a, b, class)| Edit::Wait(a, b, class)),
        2 => (index(), index()).prop_map(|(a, b)| Edit::Move(a, b)),
        1 => index().prop_map(Edit::Remove),
        1 => text().prop_map(|t| Edit::PlanTitle(format!("Plan {t}"))),
    ]
}

fn edit_plan(plan: &mut Plan, edit: &Edit) {
    let count = plan.tasks.len();
    let key = |index: &Index| plan.tasks[index.index(count)].task.key.clone();
    match edit {
        Edit::Wait(a, b, class) => {
            let (a, b) = (key(a), key(b));
            plan.waits.retain(|w| w.task != a || w.on != b);
            if let Some(class) = class.filter(|_| a != b) {
                let mut new = super::wait(0, 0, class);
                (new.task, new.on) = (a, b);
                plan.waits.push(new);
            }
        }
        Edit::Move(from, to) => {
            let task = plan.tasks.remove(from.index(count));
            plan.tasks.insert(to.index(count), task);
        }
        Edit::Remove(n) if count > 1 => {
            plan.tasks.remove(n.index(count));
            drop_dangling(plan);
        }
        Edit::Remove(_) => {}
        Edit::PlanTitle(title) => plan.title = title.clone(),
        of_task => edit_task(plan, of_task),
    }
}

fn edit_task(plan: &mut Plan, edit: &Edit) {
    let count = plan.tasks.len();
    match edit {
        Edit::Title(n, text) => plan.tasks[n.index(count)].task.title = text.clone(),
        Edit::Description(n, text) => plan.tasks[n.index(count)].task.description = text.clone(),
        Edit::Points(n, points) => plan.tasks[n.index(count)].task.points = *points,
        Edit::Paths(n, paths) => plan.tasks[n.index(count)].task.paths = paths.clone(),
        Edit::Stream(n, name) => plan.tasks[n.index(count)].task.stream = name.clone(),
        Edit::Acceptance(n, texts) => {
            let criteria = texts.iter().map(|text| criterion(text)).collect();
            plan.tasks[n.index(count)].task.acceptance = criteria;
        }
        Edit::Milestone(n, m) => {
            plan.tasks[n.index(count)].task.milestone = m.map(|m| format!("m{}", m % 4));
        }
        Edit::Word(n, field, word) => {
            let task = &mut plan.tasks[n.index(count)].task;
            let word = serde_json::Value::from(*word);
            match *field {
                "type" => task.item_type = from_json(word),
                "estimate" => task.estimate = from_json(word),
                "risk" => task.risk = from_json(word),
                "validation" => task.validation = from_json(word),
                _ => task.auto_policy = from_json(word),
            }
        }
        _ => {}
    }
}

/// A text after lines of it were deleted, duplicated, moved and inserted.
fn mangled(text: &str, steps: &[(u8, Index, Index, String)]) -> String {
    let mut lines: Vec<String> = text.split('\n').map(String::from).collect();
    for (what, at, to, new) in steps {
        if lines.is_empty() {
            lines.push(new.clone());
        }
        let (at, to) = (at.index(lines.len()), to.index(lines.len()));
        match what {
            0 => drop(lines.remove(at)),
            1 => lines.insert(to, new.clone()),
            2 => lines[at] = new.clone(),
            3 => lines.insert(to, lines[at].clone()),
            4 => drop(lines.drain(at.min(to)..at.max(to).min(at.min(to) + 12))),
            5 => lines[at].push('\r'),
            _ => {
                let line = lines.remove(at);
                lines.insert(to.min(lines.len()), line);
            }
        }
    }
    lines.join("\n")
}

fn steps() -> impl Strategy<Value = Vec<(u8, Index, Index, String)>> {
    let step = (0..7u8, any::<Index>(), any::<Index>(), odd_line());
    proptest::collection::vec(step, 1..6)
}

/// The text without the help at its top, so that edits affect tasks.
fn body(text: &str) -> &str {
    text.split_once("\n\n# ")
        .map_or(text, |(before, _)| &text[before.len() + 2..])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_unedited_text_changes_nothing(plan in any_plan()) {
        prop_assert_eq!(parse(&render(&plan), &plan), Ok(vec![]));
    }

    #[test]
    fn other_line_ends_and_trailing_blanks_change_nothing(plan in any_plan(), end in "[ \t]{0,3}\r") {
        let text = render(&plan).replace("\r\n", "\n").replace('\n', &format!("{end}\n"));
        prop_assert_eq!(parse(&text, &plan), Ok(vec![]));
    }

    #[test]
    fn the_changes_of_an_edited_text_give_the_edited_plan(
        plan in draft(),
        edits in proptest::collection::vec(edit(), 1..6),
    ) {
        let mut wanted = plan.clone();
        for edit in &edits {
            edit_plan(&mut wanted, edit);
        }
        let changes = parse(&render(&wanted), &plan);
        prop_assert!(changes.is_ok(), "{:?}", changes);
        let got = applied(&plan, &changes.unwrap()).map_err(TestCaseError::fail)?;
        prop_assert_eq!(render(&got), render(&wanted));
    }

    #[test]
    fn editing_one_field_changes_only_that_field(plan in draft(), edit in field_edit()) {
        let mut wanted = plan.clone();
        edit_task(&mut wanted, &edit);
        let changes = parse(&render(&wanted), &plan).unwrap();
        let (n, wanted_field) = match &edit {
            Edit::Title(n, _) => (n, "title"),
            Edit::Description(n, _) => (n, "description"),
            Edit::Word(n, field, _) => (n, *field),
            Edit::Points(n, _) => (n, "points"),
            Edit::Acceptance(n, _) => (n, "acceptance"),
            Edit::Paths(n, _) => (n, "paths"),
            Edit::Milestone(n, _) => (n, "milestone"),
            other => return Err(TestCaseError::fail(format!("{other:?} is of no field"))),
        };
        let (old, new) = (&plan.tasks[n.index(plan.tasks.len())], &wanted.tasks[n.index(plan.tasks.len())]);
        let is_other = render(&plan) != render(&wanted);
        prop_assert_eq!(changes.len(), usize::from(is_other
            && shown(&render(&plan)) != shown(&render(&wanted))));
        for change in &changes {
            match change {
                Change::Set { task, field, .. } => {
                    prop_assert_eq!(task, &old.number.to_string());
                    prop_assert_eq!(field, wanted_field);
                }
                other => prop_assert!(false, "{:?}", other),
            }
        }
        let got = applied(&plan, &changes).map_err(TestCaseError::fail)?;
        let got = &got.tasks[n.index(plan.tasks.len())].task;
        prop_assert_eq!(one_line(&got.title), one_line(&new.task.title));
        prop_assert_eq!(shown(&got.description), shown(&new.task.description));
    }

    #[test]
    fn reading_never_panics_for_any_text(plan in any_plan(), text in "(?s).{0,300}", lines in proptest::collection::vec(odd_line(), 0..30)) {
        for text in [text, lines.join("\n")] {
            if let Err(problems) = parse(&text, &plan) {
                prop_assert!(!problems.is_empty());
                let count = text.split('\n').count();
                for problem in problems {
                    prop_assert!((1..=count).contains(&(problem.line as usize)));
                    prop_assert!(!problem.message.is_empty() && !problem.hint.is_empty());
                }
            }
        }
    }

    #[test]
    fn changes_read_from_any_edited_text_can_be_applied(plan in prop_oneof![any_plan(), draft()], steps in steps()) {
        let text = mangled(body(&render(&plan)), &steps);
        match parse(&text, &plan) {
            Ok(changes) => {
                let got = applied(&plan, &changes).map_err(TestCaseError::fail)?;
                let is_new = |change: &Change| matches!(change, Change::Add(_));
                // Without new and removed tasks the text also belongs to the resulting plan.
                if !changes.is_empty() && !changes.iter().any(is_new) && got.tasks.len() == plan.tasks.len() {
                    prop_assert_eq!(parse(&text, &got), Ok(vec![]));
                }
            }
            Err(problems) => {
                let count = text.split('\n').count();
                prop_assert!(problems.iter().all(|p| (1..=count).contains(&(p.line as usize))));
                prop_assert!(problems.is_sorted_by_key(|p| p.line));
            }
        }
    }

    #[test]
    fn problems_at_the_top_do_not_change_the_result(plan in any_plan(), steps in steps()) {
        let text = mangled(body(&render(&plan)), &steps);
        let Err(first) = parse(&text, &plan) else {
            return Ok(());
        };
        let again = with_problems(&text, &first);
        let Err(second) = parse(&again, &plan) else {
            return Err(TestCaseError::fail(format!("the problems are gone: {first:?} in {text:?}")));
        };
        prop_assert_eq!(first.len(), second.len());
        let line = |text: &str, at: u32| text.split('\n').nth(at as usize - 1).map(String::from);
        for (one, other) in first.iter().zip(&second).filter(|(one, _)| one.line > 1) {
            prop_assert_eq!(line(&text, one.line), line(&again, other.line));
            let notice = format!("line {}: ", other.line);
            prop_assert!(again.contains(&notice), "{}", notice);
        }
        prop_assert_eq!(with_problems(&again, &[]), with_problems(&text, &[]));
    }
}
