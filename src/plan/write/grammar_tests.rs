//! The grammar of written plans: what is read, and what is a problem.

use super::grammar::{Field, Text, read};
use super::problem::{Problem, Problems};
use crate::plan::document::Lines;
use crate::plan::draft::Disposition;

fn parsed(text: &str) -> (Text, Vec<Problem>) {
    let mut problems = Problems::default();
    let text = read(text, &mut problems);
    (text, problems.sorted())
}

fn good(text: &str) -> Text {
    let (text, problems) = parsed(text);
    assert!(problems.is_empty(), "{problems:?}");
    text
}

fn lines(start: u32, end: u32) -> Lines {
    Lines { start, end }
}

const PLAN: &str = "\
<!-- document 0123456789ab plan 12.0.aa -->
# Payments
## api
### agents. API calls with models, limits, retries
lines: 65-71, 331
After: config, schemas (soft): needs the model names
size: M   risk: medium   paths: pipeline/agents.py
> Calls the API.
- L67
- l71: limits per stage
- L165,L166
- 11, 13: both
- an unknown model fails at start
- 404

## Not work
- 11-47: repository layout
- 79
## Deferred
- L191: follow-up
";

#[test]
fn a_plan_has_its_title_tasks_fields_criteria_and_lines_that_are_no_work() {
    let text = good(PLAN);
    assert_eq!(text.title.as_deref(), Some("Payments"));
    assert_eq!(text.document.as_deref(), Some("0123456789ab"));
    assert_eq!(text.version.as_deref(), Some("12.0.aa"));
    let [task] = text.tasks.as_slice() else {
        panic!("{:?}", text.tasks);
    };
    assert_eq!(
        (task.name.as_str(), task.group.as_deref()),
        ("agents", Some("api"))
    );
    assert_eq!(task.title, "API calls with models, limits, retries");
    assert_eq!(task.description, ["Calls the API."]);
    let fields: Vec<(Field, &str)> = task.fields.iter().map(|f| (f.1, f.2.as_str())).collect();
    assert_eq!(
        fields,
        [
            (Field::Lines, "65-71, 331"),
            (
                Field::After,
                "config, schemas (soft): needs the model names"
            ),
            (Field::Estimate, "M"),
            (Field::Risk, "medium"),
            (Field::Paths, "pipeline/agents.py"),
        ]
    );
    let criteria: Vec<(Vec<Lines>, &str)> = task
        .criteria
        .iter()
        .map(|one| (one.lines.clone(), one.text.as_str()))
        .collect();
    assert_eq!(
        criteria,
        [
            (vec![lines(67, 67)], ""),
            (vec![lines(71, 71)], "limits per stage"),
            (vec![lines(165, 165), lines(166, 166)], ""),
            (vec![lines(11, 11), lines(13, 13)], "both"),
            (vec![], "an unknown model fails at start"),
            (vec![], "404"),
        ]
    );
    let asides: Vec<(Disposition, &str)> = text
        .asides
        .iter()
        .map(|aside| (aside.disposition, aside.reason.as_str()))
        .collect();
    assert_eq!(
        asides,
        [
            (Disposition::Context, "repository layout"),
            (Disposition::Context, ""),
            (Disposition::Deferred, "follow-up"),
        ]
    );
}

#[test]
fn the_names_of_the_format_are_taken_beside_the_short_ones() {
    let text = good("### a. One\nestimate: S\ndepends_on: b\nDepends on: c\n");
    let fields: Vec<Field> = text.tasks[0].fields.iter().map(|field| field.1).collect();
    assert_eq!(fields, [Field::Estimate, Field::After, Field::After]);
}

#[test]
fn a_line_that_is_neither_field_nor_criterion_is_a_problem_and_prose_is_one_problem() {
    let (_, problems) = parsed("We plan this.\nIt is long.\n\n### a. One\nhello there\n");
    let found: Vec<u32> = problems.iter().map(|problem| problem.line).collect();
    assert_eq!(found, [1, 5]);
}

#[test]
fn a_task_needs_a_name_and_a_heading_a_level_that_the_grammar_has() {
    let (_, problems) = parsed("### Only a title\n#### deeper\n### a b. Two words\n");
    assert_eq!(problems.len(), 3, "{problems:?}");
}

#[test]
fn three_hundred_problems_are_all_told() {
    let (_, problems) = parsed(&format!("### a. One\n{}", "nonsense\n".repeat(300)));
    assert_eq!(problems.len(), 300);
}

#[test]
fn comments_and_struck_tasks_are_no_tasks() {
    let text = good("<!-- a\n### x. y\n-->\n### ~~t3. Old~~\nlines: 4\n### b. New\n");
    assert_eq!(text.tasks.len(), 1);
    assert_eq!(text.struck, [(4, "t3".to_owned())]);
}

#[test]
fn a_description_keeps_its_headings_and_blank_lines() {
    let text = good("### a. One\n> # Why\n>\n> Because.\n");
    assert_eq!(text.tasks[0].description, ["# Why", "", "Because."]);
}
