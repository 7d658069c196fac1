//! The differences between the plan and its edited text, as changes in an order in which they can
//! be applied: edges and tasks are removed first, so that they do not block later changes.

use std::collections::{BTreeMap, BTreeSet};

use super::edited_tasks::{Edited, EditedTask};
use super::field_names::Field;
use super::problem::Problems;
use super::task_fields::{PlanIndex, Target, TaskFields, by_streams};
use crate::plan::Planned;
use crate::plan::change::{Change, NewTask};
use crate::plan::draft::EdgeClass;

/// The changes that turn the plan into the edited one.
pub(super) fn changes(
    edited: &Edited<'_>,
    index: &PlanIndex<'_>,
    problems: &mut Problems,
) -> Vec<Change> {
    let mut out = Vec::new();
    title(edited, index, problems, &mut out);
    let removals = Removals::of(edited, index);
    if edited.tasks.is_empty() && !index.shown.is_empty() {
        let line = edited.title.as_ref().map_or(1, |(line, _)| *line);
        problems.add(
            line,
            "No task is left.",
            "A plan needs at least one. To change nothing, save an empty file.",
        );
    }
    refuse(edited, index, &removals, problems);
    if !problems.is_empty() {
        return Vec::new();
    }
    let kept: Vec<&EditedTask<'_>> = edited
        .tasks
        .iter()
        .filter(|edited_task| !removals.implied.contains(&edited_task.task))
        .collect();
    let bases: Vec<Option<TaskFields>> = kept
        .iter()
        .map(|edited_task| edited_task.planned.map(|planned| index.content(planned)))
        .collect();
    let mut freed = Vec::new();
    let mut set = Vec::new();
    // A soft edge is removed first so that the reverse edge can become hard.
    let (mut soft, mut hard) = (Vec::new(), Vec::new());
    for (edited_task, base) in kept.iter().zip(&bases) {
        let Some(base) = base else {
            continue;
        };
        fields(edited_task, base, index, &mut set);
        for on in base
            .waits
            .keys()
            .filter(|on| !edited_task.content.waits.contains_key(on))
        {
            freed.push(Change::Free {
                task: edited_task.task.name(),
                on: on.name(),
            });
        }
        for (on, class) in &edited_task.content.waits {
            if base.waits.get(on) != Some(class) {
                wait(&edited_task.task, on, *class, &mut soft, &mut hard);
            }
        }
    }
    let mut added = Vec::new();
    let mut before: BTreeSet<&Target> = BTreeSet::new();
    for (at, edited_task) in kept.iter().enumerate().filter(|(_, s)| s.planned.is_none()) {
        let behind = at.checked_sub(1).and_then(|at| kept.get(at));
        let (now, later): (Vec<_>, Vec<_>) = edited_task
            .content
            .waits
            .iter()
            .partition(|(on, _)| matches!(on, Target::Task(_)) || before.contains(on));
        for (on, class) in later {
            wait(&edited_task.task, on, *class, &mut soft, &mut hard);
        }
        let now = now.into_iter().map(|(on, class)| (on.name(), *class));
        added.push(Change::Add(NewTask {
            name: edited_task.task.name(),
            title: edited_task.content.title.clone(),
            fields: new_fields(edited_task, index),
            waits: now.collect(),
            after: behind.map(|edited_task| edited_task.task.name()),
        }));
        before.insert(&edited_task.task);
    }
    out.extend(freed);
    removals.changes(index, &mut out);
    out.extend(added);
    out.extend(order(&kept, index, &removals));
    out.extend(set);
    out.extend(soft);
    out.extend(hard);
    out
}

fn wait(
    task: &Target,
    on: &Target,
    class: EdgeClass,
    soft: &mut Vec<Change>,
    hard: &mut Vec<Change>,
) {
    let list = match class {
        EdgeClass::Soft => soft,
        EdgeClass::Hard => hard,
    };
    list.push(Change::Wait {
        task: task.name(),
        on: on.name(),
        class,
    });
}

fn title(
    edited: &Edited<'_>,
    index: &PlanIndex<'_>,
    problems: &mut Problems,
    out: &mut Vec<Change>,
) {
    let old = super::canonical_line::one_line(&index.plan.title);
    match &edited.title {
        Some((_, title)) if *title == old => {}
        Some((_, title)) if !title.is_empty() => out.push(Change::Title(title.clone())),
        at => problems.add(
            at.as_ref().map_or(1, |(line, _)| *line),
            "The title of the plan is missing.",
            format!("Write it at the top with a single `#`: `# {old}`."),
        ),
    }
}

/// The tasks that the text removes.
struct Removals<'p> {
    /// The removed tasks, in the order of the plan.
    removed: BTreeMap<u32, &'p Planned>,
    /// Test tasks that are removed with the task they test, or with its strategy.
    implied: BTreeSet<Target>,
}

impl<'p> Removals<'p> {
    fn of(edited: &Edited<'_>, index: &PlanIndex<'p>) -> Removals<'p> {
        let mut present: BTreeMap<u32, &TaskFields> = BTreeMap::new();
        for edited_task in &edited.tasks {
            if let Target::Task(number) = edited_task.task {
                present.insert(number, &edited_task.content);
            }
        }
        let mut out = Removals {
            removed: BTreeMap::new(),
            implied: BTreeSet::new(),
        };
        for planned in &index.shown {
            let tested = index.tested(planned).filter(|t| t.number != planned.number);
            let is_implied = tested.is_some_and(|tested| match present.get(&tested.number) {
                None => true,
                Some(content) => {
                    let was = index.content(tested).validation;
                    content.validation == Some("none") && was != Some("none")
                }
            });
            if is_implied && planned.item.is_none() {
                out.implied.insert(Target::Task(planned.number));
            } else if !present.contains_key(&planned.number) {
                out.removed.insert(planned.number, planned);
            }
        }
        out
    }

    fn has(&self, target: &Target) -> bool {
        let is_removed = |number| self.removed.contains_key(number);
        self.implied.contains(target) || matches!(target, Target::Task(n) if is_removed(n))
    }

    /// Removes the tasks, the last one first; edges to other removed tasks are removed before.
    fn changes(&self, index: &PlanIndex<'p>, out: &mut Vec<Change>) {
        let mut left: BTreeSet<u32> = self.implied.iter().filter_map(number).collect();
        left.extend(self.removed.keys());
        // For each removed task, the removed tasks that wait for it.
        let mut waiting: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for planned in left.iter().filter_map(|n| index.by_number.get(n)) {
            for on in index.content(planned).waits.keys().filter_map(number) {
                waiting.entry(on).or_default().push(planned.number);
            }
        }
        let mut own: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for implied in self.implied.iter().filter_map(number) {
            let tested = index.by_number.get(&implied).and_then(|p| index.tested(p));
            own.entry(tested.map_or(0, |t| t.number))
                .or_default()
                .push(implied);
        }
        let removed = index.shown.iter().rev();
        for planned in removed.filter(|p| self.removed.contains_key(&p.number)) {
            let task = planned.number;
            left.remove(&task);
            for test in own.get(&task).into_iter().flatten() {
                left.remove(test);
            }
            for waits in waiting.get(&task).into_iter().flatten() {
                if left.contains(waits) {
                    out.push(Change::Free {
                        task: waits.to_string(),
                        on: task.to_string(),
                    });
                }
            }
            out.push(Change::Remove {
                task: task.to_string(),
                force: false,
            });
        }
    }
}

fn number(target: &Target) -> Option<u32> {
    match target {
        Target::Task(number) => Some(*number),
        Target::New(_) => None,
    }
}

/// Reports the edits that are not possible.
fn refuse(
    edited: &Edited<'_>,
    index: &PlanIndex<'_>,
    removals: &Removals<'_>,
    problems: &mut Problems,
) {
    let top = edited.title.as_ref().map_or(1, |(line, _)| *line);
    for (number, planned) in &removals.removed {
        if let Some(frozen_state) = PlanIndex::frozen_state(planned) {
            problems.add(
                edited.struck.get(number).copied().unwrap_or(top),
                format!("Task {number} is {frozen_state} and cannot be removed here."),
                format!("Restore its section, or remove the `~~`: `### {number}. …`."),
            );
        }
    }
    for edited_task in &edited.tasks {
        for on in edited_task
            .content
            .waits
            .keys()
            .filter(|on| removals.has(on))
        {
            let test_of = number(on).and_then(|n| index.tested(index.by_number.get(&n)?));
            let is_own =
                test_of.is_some_and(|tested| edited_task.task == Target::Task(tested.number));
            if removals.implied.contains(&edited_task.task)
                || (is_own && removals.implied.contains(on))
            {
                continue;
            }
            problems.add(
                edited_task.lines.of(Field::Waits),
                format!(
                    "Task {} waits for task {}, which is removed.",
                    edited_task.task.name(),
                    on.name()
                ),
                format!(
                    "Remove {} from this line, or restore its section.",
                    on.name(),
                ),
            );
        }
        let Some(planned) = edited_task.planned else {
            continue;
        };
        let (why, hint) = match PlanIndex::frozen_state(planned) {
            Some(frozen_state) => (
                format!("is {frozen_state}"),
                "only its position and stream can be changed here",
            ),
            None if removals.implied.contains(&edited_task.task) => (
                "is removed with the task it tests".into(),
                "leave its section unchanged, or delete it",
            ),
            None => continue,
        };
        for (line, what) in differences(edited_task, &index.content(planned)) {
            problems.add(
                line,
                format!(
                    "Task {} {why}: its {what} cannot be changed.",
                    planned.number
                ),
                format!("Undo this change: {hint}."),
            );
        }
    }
}

/// The changed fields, except position and stream.
fn differences(edited_task: &EditedTask<'_>, base: &TaskFields) -> Vec<(u32, &'static str)> {
    let lines = &edited_task.lines;
    let mut fields = edited_task.content.differing(base);
    if edited_task.content.waits != base.waits {
        fields.push(Field::Waits.name());
    }
    fields.retain(|field| *field != "stream");
    let line = |field: &str| match field {
        "description" => lines.description,
        "acceptance" => lines.acceptance,
        field => Field::named(field).map_or(lines.heading, |field| lines.of(field)),
    };
    fields
        .into_iter()
        .map(|field| (line(field), field))
        .collect()
}

/// A change for each changed field of a task.
fn fields(
    edited_task: &EditedTask<'_>,
    base: &TaskFields,
    index: &PlanIndex<'_>,
    out: &mut Vec<Change>,
) {
    let other = edited_task.content.differing(base);
    let values = values(
        &edited_task.content,
        &edited_task.description,
        index,
        edited_task.planned,
    );
    for (field, value) in values
        .into_iter()
        .filter(|(field, _)| other.contains(field))
    {
        out.push(Change::Set {
            task: edited_task.task.name(),
            field: field.to_string(),
            value,
        });
    }
}

fn new_fields(edited_task: &EditedTask<'_>, index: &PlanIndex<'_>) -> Vec<(String, String)> {
    let all = values(&edited_task.content, &edited_task.description, index, None).into_iter();
    all.filter(|(field, value)| *field != "title" && !value.is_empty())
        .map(|(field, value)| (field.to_string(), value))
        .collect()
}

/// The values of fields as changes set them. Unchanged list items are given exactly as in the plan,
/// so that they are recognized.
fn values(
    content: &TaskFields,
    description: &str,
    index: &PlanIndex<'_>,
    planned: Option<&Planned>,
) -> Vec<(&'static str, String)> {
    let word = |word: Option<&str>| word.unwrap_or_default().to_string();
    let texts = planned.map_or(&[][..], |p| &p.task.acceptance);
    let known_texts = known(texts.iter().map(|criterion| &criterion.text));
    let known_paths = known(planned.map_or(&[][..], |p| &p.task.paths).iter());
    vec![
        ("title", content.title.clone()),
        ("description", description.to_string()),
        ("type", word(content.item_type)),
        ("estimate", word(content.estimate)),
        (
            "points",
            content.points.map(|n| n.to_string()).unwrap_or_default(),
        ),
        ("priority", word(content.priority)),
        ("risk", word(content.risk)),
        ("validation", word(content.validation)),
        ("stream", index.stream(&content.stream)),
        ("milestone", content.milestone.clone().unwrap_or_default()),
        ("paths", as_known(&content.paths, &known_paths)),
        ("auto_policy", word(content.auto_policy)),
        ("acceptance", as_known(&content.acceptance, &known_texts)),
    ]
}

fn known<'t>(texts: impl Iterator<Item = &'t String>) -> BTreeMap<String, &'t str> {
    let whole = texts.filter(|text| !text.contains(['\n', '\r']));
    whole
        .map(|text| (super::canonical_line::one_line(text), text.as_str()))
        .collect()
}

fn as_known(lines: &[String], known: &BTreeMap<String, &str>) -> String {
    let lines = lines
        .iter()
        .map(|line| known.get(line).copied().unwrap_or(line));
    lines.collect::<Vec<_>>().join("\n")
}

/// The order of the sections, if the other changes do not produce it.
fn order(
    kept: &[&EditedTask<'_>],
    index: &PlanIndex<'_>,
    removals: &Removals<'_>,
) -> Option<Change> {
    let streams: BTreeMap<&Target, &str> = kept
        .iter()
        .map(|edited_task| (&edited_task.task, edited_task.content.stream.as_str()))
        .collect();
    let stream_of = |task: &&Target| streams.get(*task).copied().unwrap_or_default().to_string();
    // New tasks are inserted after the one before them, or at the end.
    let wanted: Vec<&Target> = kept.iter().map(|edited_task| &edited_task.task).collect();
    let is_new = |task: &&&Target| matches!(task, Target::New(_));
    let leading = wanted.iter().take_while(is_new).count();
    let mut behind: BTreeMap<&Target, &[&Target]> = BTreeMap::new();
    for (at, task) in wanted.iter().enumerate().skip(leading) {
        if matches!(task, Target::Task(_)) {
            let rest = &wanted[at + 1..];
            let count = rest.iter().take_while(is_new).count();
            behind.insert(task, &rest[..count]);
        }
    }
    let tasks: Vec<Target> = index
        .plan
        .tasks
        .iter()
        .map(|p| Target::Task(p.number))
        .collect();
    let mut expected: Vec<&Target> = Vec::with_capacity(wanted.len());
    for task in tasks.iter().filter(|task| !removals.has(task)) {
        expected.push(task);
        expected.extend(behind.get(task).copied().unwrap_or_default());
    }
    expected.extend(&wanted[..leading]);
    (by_streams(expected, stream_of) != by_streams(wanted.clone(), stream_of)).then(|| {
        Change::Order {
            tasks: wanted.iter().map(|task| task.name()).collect(),
        }
    })
}
