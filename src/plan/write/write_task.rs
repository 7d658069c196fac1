//! One section of a text as registers, criteria and edges of its task.

use super::fields::defaults;
use super::grammar::Field;
use super::problem::Problems;
use super::resolve::{Wait, Wanted};
use super::words::Source;
use crate::error::{Error, Result};
use crate::model::text::shorten;
use crate::model::value::Value;
use crate::plan::document::Lines;
use crate::plan::draft::{Criterion, Edge};
use crate::plan::edit;
use crate::plan::line_ranges::meet;
use crate::plan::plan_types::{Plan, Planned};
use crate::plan::record::{Writer, order_of, task_fields};
use crate::pm::Pm;
use crate::work::task::field_rules::{check_body, check_title};

/// The registers of a task, except its criteria and edges.
pub(super) fn registers_of(
    pm: &Pm,
    one: &Wanted<'_>,
    plan: &Plan,
    document: &Source<'_>,
    problems: &mut Problems,
) -> Vec<(&'static str, Value)> {
    let section = one.section;
    let mut out: Vec<(&'static str, Value)> = Vec::new();
    let planned = plan.task(&one.key);
    if planned.is_none_or(|planned| planned.name != section.name) {
        out.push(("name", section.name.as_str().into()));
    }
    if !section.same.title {
        let title = check_title(&section.title);
        out.extend(
            problems
                .checked(section.line, title)
                .map(|title| ("title", title.into())),
        );
    }
    if let Some(lines) = one.lines {
        out.push(("lines", format!("{}-{}", lines.start, lines.end).into()));
    }
    if section.same.description {
        // Others may have changed it meanwhile.
    } else if !section.description.is_empty() {
        let text = section.description.join("\n");
        let same = planned.is_some_and(|one| letters(&one.task.description) == letters(&text));
        if !same && problems.checked(section.line, check_body(&text)).is_some() {
            out.push(("description", text.into()));
        }
    } else if let Some(text) = own_description(one, planned, document) {
        out.push(("description_of_lines", text.into()));
    }
    if let Some(group) = &section.group {
        out.push(("stream", group.as_str().into()));
    }
    let now = planned.map_or_else(Vec::new, |one| task_fields(&one.task));
    for (line, field, value) in &section.fields {
        let found = match field {
            Field::Lines | Field::After => Ok(Vec::new()),
            Field::Stream => Ok(vec![("stream", value.as_str().into())]),
            Field::Paths => {
                let same = planned.is_some_and(|one| one.task.paths.join(", ") == *value);
                match same {
                    true => Ok(Vec::new()),
                    false => edit::open_value(pm, "paths", value).map(|paths| {
                        let paths = (!paths.is_empty()).then(|| paths.to_string());
                        vec![("paths", Value::from(paths))]
                    }),
                }
            }
            Field::Milestone => milestone(plan, value),
            field => edit::of_word(field.name(), value),
        };
        let fields = problems.checked(*line, found).unwrap_or_default();
        // What did not change keeps its reason.
        if !fields.first().is_some_and(|field| now.contains(field)) {
            out.extend(fields);
        }
    }
    out
}

/// The description that a section without one has: the text of its lines, if they changed, or if it had
/// one of its own.
fn own_description(
    one: &Wanted<'_>,
    planned: Option<&Planned>,
    document: &Source<'_>,
) -> Option<String> {
    let of_lines = |all: &[Lines]| {
        let texts: Vec<String> = all.iter().map(|lines| document.text(*lines)).collect();
        Some(texts.join("\n\n")).filter(|text| !text.trim().is_empty())
    };
    let Some(planned) = planned else {
        let text = of_lines(&one.all);
        return Some(text.unwrap_or_else(|| one.section.title.clone()));
    };
    let present = [planned.task.lines];
    let text = match one.all.is_empty() {
        true => of_lines(&present[..usize::from(planned.task.lines.start > 0)]),
        false => of_lines(&one.all),
    };
    if planned.by_hand.contains_key("description") {
        let bare = || one.section.title.clone();
        return one.section.is_complete.then(|| text.unwrap_or_else(bare));
    }
    let is_moved = one.all.len() > 1 || one.lines.is_some_and(|lines| lines != planned.task.lines);
    match is_moved {
        true => text.filter(|text| *text != planned.task.description),
        false => without_lost(one, planned, document),
    }
}

/// The description of a written task without the lines that it had and that its section leaves out; `None` if it has
/// none of these.
fn without_lost(one: &Wanted<'_>, planned: &Planned, document: &Source<'_>) -> Option<String> {
    let section = one.section;
    let is_kept = section.same.criteria || !section.is_complete && one.criteria.is_empty();
    let now = one.criteria.iter().map(|one| one.lines);
    let now: Vec<Lines> = now.chain(one.all.iter().copied()).collect();
    let all = planned.task.acceptance.iter().map(|one| one.lines);
    let is_lost = |lines: &Lines| lines.start > 0 && !now.iter().any(|now| meet(*now, *lines));
    let lost = all.filter(is_lost).map(|lines| document.text(lines));
    let lost: Vec<String> = lost.collect();
    if is_kept || !planned.is_written() {
        return None;
    }
    let parts = planned.task.description.split("\n\n");
    let left = parts.filter(|part| !lost.iter().any(|lost| lost == part));
    let left: Vec<&str> = left.collect();
    let left = left.join("\n\n");
    (!left.is_empty() && left != planned.task.description).then_some(left)
}

/// The register of a milestone by its title or key.
fn milestone(plan: &Plan, value: &str) -> Result<Vec<(&'static str, Value)>> {
    let mut all = plan.milestones.iter();
    let found = all.find(|one| one.title == *value || one.key == *value);
    let found = found.ok_or_else(|| {
        let shown = shorten(value, 60);
        Error::usage(format!("the plan has no milestone `{shown}`"))
            .hint("a group of tasks is a heading: `## name`")
    })?;
    Ok(vec![("milestone", found.key.as_str().into())])
}

/// What a section changes in its task.
pub(super) struct TaskChange<'w> {
    one: &'w Wanted<'w>,
    fields: Vec<(&'static str, Value)>,
    /// The description that its lines give it.
    description: Option<Value>,
    has_other_criteria: bool,
    gone: Vec<&'w Edge>,
    new: Vec<Edge>,
}

impl<'w> TaskChange<'w> {
    pub(super) fn of(
        plan: &'w Plan,
        one: &'w Wanted<'w>,
        registers: &[(&'static str, Value)],
    ) -> TaskChange<'w> {
        let planned = plan.task(&one.key);
        let now = planned.map_or_else(Vec::new, |one| task_fields(&one.task));
        let is_same = |field: &(&'static str, Value)| now.contains(field);
        let (of_lines, fields): (Vec<_>, Vec<_>) = registers
            .iter()
            .filter(|field| !is_same(field))
            .cloned()
            .partition(|(name, _)| *name == "description_of_lines");
        let keeps = one.section.same.criteria
            || (!one.section.is_complete && one.criteria.is_empty() && !one.is_new);
        let same_criteria = keeps
            || planned.is_some_and(|planned| {
                let same = |(a, b): (&Criterion, &Criterion)| {
                    a.text == b.text && a.lines == b.lines && a.derived == b.derived
                };
                let old = &planned.task.acceptance;
                old.len() == one.criteria.len() && old.iter().zip(&one.criteria).all(same)
            });
        let (gone, new) = edges(plan, one);
        TaskChange {
            one,
            fields,
            description: of_lines.into_iter().next().map(|(_, text)| text),
            has_other_criteria: !same_criteria,
            gone,
            new,
        }
    }

    /// True if the task is as the section says.
    pub(super) fn is_empty(&self) -> bool {
        let edges = self.gone.is_empty() && self.new.is_empty();
        let fields = self.fields.is_empty() && self.description.is_none();
        !self.one.is_new && fields && !self.has_other_criteria && edges
    }

    /// Writes the task; `number` is that of a new one, which has a test task by default if
    /// `is_tested`. True if that changed something.
    pub(super) fn write(
        &self,
        writer: &mut Writer<'_>,
        actor: &str,
        (number, is_tested): (u32, bool),
    ) -> bool {
        let (one, key) = (self.one, &self.one.key);
        if one.is_new {
            let mut task = defaults(key, &one.section.title, &one.criteria, one.drafted);
            if !is_tested {
                task.leave_tests();
            }
            writer.add_task(&task, number, order_of(number as usize), actor);
            let (checked, rest): (Vec<_>, Vec<_>) = self
                .fields
                .iter()
                .cloned()
                .partition(|(name, _)| *name == "description");
            writer.put_task(key, &rest);
            writer.set_task(key, &checked, actor);
        } else {
            if self.has_other_criteria {
                writer.set_criteria(key, &one.criteria, actor);
            }
            writer.set_task(key, &self.fields, actor);
        }
        if let Some(description) = &self.description {
            let by_hand = ("by_description", Value::Null);
            let by_lines = ("by_lines", Value::from((!one.is_new).then_some(actor)));
            let fields = [("description", description.clone()), by_hand, by_lines];
            writer.put_task(key, &fields);
        }
        for edge in &self.gone {
            writer.remove_wait(&edge.task, &edge.on, actor);
        }
        for edge in &self.new {
            writer.add_wait(edge, actor);
        }
        let is_settled = writer.settle_task(key, false);
        is_settled || !self.is_empty()
    }
}

/// The edges that a section removes and adds.
fn edges<'p>(plan: &'p Plan, one: &'p Wanted<'_>) -> (Vec<&'p Edge>, Vec<Edge>) {
    let mut fields = one.section.fields.iter();
    let tells = one.section.is_complete || fields.any(|field| field.1 == Field::After);
    if one.section.same.after || !tells {
        return (Vec::new(), Vec::new());
    }
    let present = plan.waits_of(&one.key).filter(|edge| !edge.is_of_test());
    let present: Vec<&Edge> = present.collect();
    let is_wanted = |edge: &&&Edge| one.after.iter().any(|wait| wait.on == edge.on);
    let gone = present.iter().filter(|edge| !is_wanted(edge)).copied();
    let is_new = |wait: &&Wait| {
        !present.iter().any(|edge| {
            let same = letters(&edge.reason) == letters(&wait.reason);
            edge.on == wait.on && edge.class == wait.class && same
        })
    };
    let edge = |wait: &Wait| Edge {
        task: one.key.clone(),
        on: wait.on.clone(),
        class: wait.class,
        rule: "by-hand".into(),
        line: one.lines.map_or(0, |lines| lines.start),
        reason: wait.reason.clone(),
    };
    let new = one.after.iter().filter(is_new).map(edge);
    (gone.collect(), new.collect())
}

/// The letters and digits of a text: a text form may change what is between them.
fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}
