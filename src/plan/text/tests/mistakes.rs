//! Mistakes in the text, and their messages.

use super::edits::{GUIDE, edited, problem, problem_in, section, set};
use super::{criterion, plan, shop, task};
use crate::plan::change::Change;
use crate::plan::text::{parse, render, with_problems};

#[test]
fn a_missing_required_field_is_a_problem() {
    let text = render(&shop());
    for field in [
        "type: feature",
        "estimate: M",
        "risk: low",
        "validation: none",
    ] {
        let (before, after) = text.split_once(&format!("\n{field}\n")).unwrap();
        let problems = parse(&format!("{before}\n{after}"), &shop()).unwrap_err();
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].hint.contains(field), "{problems:?}");
    }
}

#[test]
fn an_invalid_value_of_a_field_is_a_problem_with_its_line() {
    let plan = shop();
    for (key, word) in [("points", "3.5"), ("milestone", "Gamma")] {
        let old = if key == "points" {
            "points: 3"
        } else {
            "milestone: Beta"
        };
        let (line, message) = problem(&plan, old, &format!("{key}: {word}"));
        assert_eq!(line, format!("{key}: {word}"));
        assert!(message.contains(&format!("`{word}`")), "{message}");
    }
    let section = section(&plan, 2);
    for word in [
        "type: feature",
        "estimate: M",
        "risk: low",
        "validation: none",
    ] {
        let key = word.split(':').next().unwrap();
        let wrong = section.replace(word, &format!("{key}: huge"));
        let (line, message) = problem_in(&plan, &section, &wrong, 0);
        assert_eq!(line, format!("{key}: huge"));
        assert!(message.starts_with("`huge` is not a valid"), "{message}");
    }
    let wrong = section.replace("risk: low", "risk: low\nauto_policy: all");
    assert_eq!(problem_in(&plan, &section, &wrong, 0).0, "auto_policy: all");
}

#[test]
fn an_unknown_field_is_a_problem() {
    let (line, message) = problem(&shop(), "points: 3", "points: 3\nowner: me");
    assert_eq!(
        (line.as_str(), message.as_str()),
        ("owner: me", "A task has no field `owner`.")
    );
}

#[test]
fn a_duplicate_field_is_a_problem() {
    assert_eq!(
        problem(&shop(), "points: 3", "points: 3\npoints: 4").0,
        "points: 4"
    );
}

#[test]
fn all_problems_are_reported_at_once_in_the_order_of_their_lines() {
    let plan = shop();
    let text = render(&plan)
        .replace("# Shop\n", "#\n")
        .replace("points: 3", "points: few")
        .replace("waits for: 1 (soft)", "waits for: 9")
        .replace("### 1. Open the shop", "### 1.");
    let problems = parse(&text, &plan).unwrap_err();
    let lines: Vec<&str> = problems
        .iter()
        .map(|p| text.lines().nth(p.line as usize - 1).unwrap())
        .collect();
    assert_eq!(lines, ["#", "### 1.", "points: few", "waits for: 9"]);
}

#[test]
fn a_task_without_acceptance_is_a_problem() {
    let mut plan = shop();
    plan.tasks[0].task.acceptance = vec![criterion("it opens")];
    assert_eq!(problem(&plan, "- [ ] it opens\n", "").0, "Acceptance:");
    let (line, _) = problem(&plan, "Acceptance:\n- [ ] it opens\n", "");
    assert_eq!(line, "### 1. Open the shop");
    assert_eq!(
        problem(&plan, "## Stream: docs", "### New\n\n## Stream: docs").0,
        "### New"
    );
}

#[test]
fn a_criterion_that_is_not_a_bullet_is_a_problem() {
    let mut plan = shop();
    plan.tasks[0].task.acceptance = vec![criterion("it opens")];
    assert_eq!(
        problem(&plan, "- [ ] it opens\n", "- it opens\n\nand shuts\n").0,
        "and shuts"
    );
}

#[test]
fn an_empty_title_is_a_problem() {
    assert_eq!(problem(&shop(), GUIDE, "### 3. ").0, "### 3. ");
    assert_eq!(problem(&shop(), "# Shop", "# ").0, "# ");
    let text = render(&shop()).replace("# Shop\n", "");
    assert_eq!(parse(&text, &shop()).unwrap_err()[0].line, 1);
}

#[test]
fn an_invalid_dependency_is_a_problem() {
    for value in ["9", "1, new-1", "3", "1, 1 (soft)", "shop", "1 2"] {
        let line = format!("waits for: {value}");
        assert_eq!(problem(&shop(), "waits for: 1 (soft)", &line).0, line);
    }
}

#[test]
fn a_task_above_all_streams_is_a_problem() {
    let plan = shop();
    let text = render(&plan).replace("## Stream: main\n", "");
    let problems = parse(&text, &plan).unwrap_err();
    assert_eq!(problems.len(), 2);
}

#[test]
fn a_duplicate_number_is_a_problem() {
    let (line, message) = problem(
        &shop(),
        GUIDE,
        &format!("### 2. Pay\nAcceptance:\n- a\n\n{GUIDE}"),
    );
    assert_eq!(line, "### 2. Pay");
    assert!(
        message.starts_with("Task 2 already has a section on line "),
        "{message}"
    );
}

#[test]
fn a_number_that_is_not_in_the_plan_is_a_problem() {
    let new = "### 12. Months\nAcceptance:\n- a\n\n";
    assert_eq!(
        problem(&shop(), GUIDE, &format!("{new}{GUIDE}")).0,
        "### 12. Months"
    );
    let changes = edited(
        &shop(),
        GUIDE,
        &format!("{}{GUIDE}", new.replace("12", "\\12")),
    )
    .unwrap();
    assert!(matches!(&changes[0], Change::Add(new) if new.title == "12. Months"));
}

#[test]
fn a_mistyped_heading_loses_no_task() {
    assert_eq!(edited(&shop(), GUIDE, "###3.Write the guide"), Ok(vec![]));
    let problems = edited(&shop(), GUIDE, "#### 3. Write the guide").unwrap_err();
    assert!(problems[0].message.contains("has level 4"), "{problems:?}");
    let problems = edited(&shop(), GUIDE, "## 3. Write the guide").unwrap_err();
    assert!(
        problems[0].message.contains("does not name a stream"),
        "{problems:?}"
    );
    let problems = edited(&shop(), GUIDE, "# 3. Write the guide").unwrap_err();
    assert!(
        problems[0].message.contains("is not the title"),
        "{problems:?}"
    );
}

#[test]
fn text_outside_of_tasks_is_a_problem() {
    assert_eq!(
        problem(&shop(), "# Shop\n", "# Shop\nlorem\nipsum\n").0,
        "lorem"
    );
}

#[test]
fn a_comment_is_ignored_and_removes_no_task() {
    let note = "<!-- a note\nof two lines: type: bug -->\n";
    assert_eq!(
        edited(&shop(), "points: 3\n", &format!("points: 3\n{note}")),
        Ok(vec![])
    );
    let (line, _) = problem(
        &shop(),
        "<!-- lines 12-18, FR-2 -->",
        "<!-- lines 12-18, FR-2",
    );
    assert_eq!(line, "<!-- lines 12-18, FR-2");
}

#[test]
fn a_comment_around_a_section_does_not_silently_remove_its_task() {
    let plan = shop();
    let old = section(&plan, 2);
    let new = format!(
        "<!--\n{}-->\n",
        old.replace("<!-- lines 12-18, FR-2 -->\n", "")
    );
    let (line, message) = problem_in(&plan, &old, &new, 0);
    assert_eq!(
        (line.as_str(), message.as_str()),
        ("<!--", "This comment is not closed.")
    );
}

#[test]
fn nothing_is_lost_on_a_mistake() {
    let plan = shop();
    let text = render(&plan)
        .replace("points: 3", "points: few")
        .replace("Open the shop", "Open");
    let shown = with_problems(&text, &parse(&text, &plan).unwrap_err());
    let line = shown
        .lines()
        .position(|line| line == "points: few")
        .unwrap()
        + 1;
    assert!(
        shown.contains(&format!(
            "\nline {line}: `few` is not a valid number of points.\n"
        )),
        "{shown}"
    );
    let corrected = shown.replace("points: few", "points: 8");
    let wanted = [set("1", "title", "Open"), set("2", "points", "8")];
    assert_eq!(parse(&corrected, &plan).unwrap(), wanted);
}

#[test]
fn a_large_text_is_read_quickly() {
    let plan = plan((1..=60).map(|n| task(n, "Do it")).collect());
    let body = render(&plan);
    let pieces = [
        "a\n",
        "a\n\n",
        "<!--\n",
        "### a\n",
        "- a\n",
        "> a\n",
        "a: b\n",
        "<!-- ",
        "# a\n",
        "~~",
        "1. \n\n",
        "### a\nAcceptance:\n- b\n",
    ];
    for piece in pieces {
        let mut text = body.clone();
        text.push_str(&piece.repeat(500_000 / piece.len()));
        let begin = std::time::Instant::now();
        let read = parse(&text, &plan);
        let took = begin.elapsed();
        assert!(took.as_secs() < 10, "{piece:?} took {took:?}");
        assert!(read.is_ok() || read.is_err_and(|problems| problems.len() <= 500));
    }
}
