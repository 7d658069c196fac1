//! One section of a text as registers, criteria and edges of its task.

use std::collections::BTreeSet;

use super::fields::{defaults, registers};
use super::grammar::Field;
use super::problem::Problems;
use super::resolve::Wanted;
use crate::error::{Error, Result};
use crate::model::text::shorten;
use crate::model::value::Value;
use crate::plan::document::Lines;
use crate::plan::draft::{Criterion, Edge};
use crate::plan::plan_types::{Plan, Planned};
use crate::plan::record::{Writer, order_of, task_fields};
use crate::pm::Pm;
use crate::work::task::field_rules::{check_body, check_title};

impl Pm {
    /// The registers of a task, except its criteria and edges.
    pub(super) fn registers_of(
        &self,
        one: &Wanted<'_>,
        plan: &Plan,
        document: &[&str],
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
                    .told(section.line, title)
                    .map(|title| ("title", title.into())),
            );
        }
        if let Some(lines) = one.lines {
            out.push(("lines", format!("{}-{}", lines.start, lines.end).into()));
        }
        if !section.description.is_empty() {
            let text = section.description.join("\n");
            let same = planned.is_some_and(|one| letters(&one.task.description) == letters(&text));
            if !same && problems.told(section.line, check_body(&text)).is_some() {
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
                        false => self.open_value("paths", value).map(|paths| {
                            let paths = (!paths.is_empty()).then(|| paths.to_string());
                            vec![("paths", Value::from(paths))]
                        }),
                    }
                }
                Field::Milestone => milestone(plan, value),
                field => registers(*field, value),
            };
            let fields = problems.told(*line, found).unwrap_or_default();
            // What did not change keeps its reason.
            if !fields.first().is_some_and(|field| now.contains(field)) {
                out.extend(fields);
            }
        }
        out
    }
}

/// The description that a section without one has: the text of its lines, if they changed.
fn own_description(
    one: &Wanted<'_>,
    planned: Option<&Planned>,
    document: &[&str],
) -> Option<String> {
    let Some(planned) = planned else {
        let text = one.lines.map(|lines| text_of(document, lines));
        let text = text.filter(|text| !text.is_empty());
        return Some(text.unwrap_or_else(|| one.section.title.clone()));
    };
    let lines = one.lines.filter(|lines| *lines != planned.task.lines)?;
    let is_own = planned.by_hand.contains_key("description");
    (!is_own).then(|| text_of(document, lines))
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

/// The text of some lines.
fn text_of(document: &[&str], lines: Lines) -> String {
    let (start, end) = (lines.start as usize, lines.end as usize);
    let own = document.get(start.saturating_sub(1)..end.min(document.len()));
    own.unwrap_or_default().join("\n").trim().to_owned()
}

/// Writes one task; true if that changed something.
pub(super) fn write_task(
    writer: &mut Writer<'_>,
    actor: &str,
    plan: &Plan,
    one: &Wanted<'_>,
    fields: &[(&'static str, Value)],
    number: u32,
) -> bool {
    let planned = plan.task(&one.key);
    let now: Vec<(&str, Value)> = planned.map_or_else(Vec::new, |one| task_fields(&one.task));
    let mut set: Vec<(&str, Value)> = Vec::new();
    let mut description = None;
    for (name, value) in fields {
        match *name {
            "description_of_lines" => description = Some(("description", value.clone())),
            name if now
                .iter()
                .any(|(known, present)| *known == name && present == value) => {}
            name => set.push((name, value.clone())),
        }
    }
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
    let mut changed = !set.is_empty() || description.is_some() || !same_criteria;
    if one.is_new {
        let task = defaults(&one.key, &one.section.title, &one.criteria, one.drafted);
        writer.add_task(&task, number, order_of(number as usize), actor);
        writer.put_task(&one.key, &set);
    } else {
        if !same_criteria {
            writer.set_criteria(&one.key, &one.criteria, actor);
        }
        writer.set_task(&one.key, &set, actor);
    }
    if let Some(description) = description {
        writer.put_task(&one.key, &[description]);
    }
    let tells = one
        .section
        .fields
        .iter()
        .any(|field| field.1 == Field::After);
    if one.section.same.after || !(tells || one.section.is_complete) {
        return changed;
    }
    let present: Vec<&Edge> = plan
        .waits_of(&one.key)
        .filter(|edge| !edge.is_of_test())
        .collect();
    let wanted: BTreeSet<&str> = one.after.iter().map(|wait| wait.on.as_str()).collect();
    for edge in present
        .iter()
        .filter(|edge| !wanted.contains(edge.on.as_str()))
    {
        writer.remove_wait(&edge.task, &edge.on, actor);
        changed = true;
    }
    for wait in &one.after {
        let same = |edge: &&&Edge| {
            let same = letters(&edge.reason) == letters(&wait.reason);
            edge.on == wait.on && edge.class == wait.class && same
        };
        if present.iter().any(|edge| same(&edge)) {
            continue;
        }
        changed = true;
        let edge = Edge {
            task: one.key.clone(),
            on: wait.on.clone(),
            class: wait.class,
            rule: "by-hand".into(),
            line: one.lines.map_or(0, |lines| lines.start),
            reason: wait.reason.clone(),
        };
        writer.add_wait(&edge, actor);
    }
    changed
}

/// The letters and digits of a text: a text form may change what is between them.
fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}
