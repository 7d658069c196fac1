//! Storage of a plan: which entries of its document hold which part of it.
//!
//! Registers, and records of tasks, criteria, edges, milestones and notes, each entry under a key
//! that follows from the document. So two clones that edit one plan offline have the same plan after
//! a merge, and drafting it again changes only what the document changed.

mod decode_plan;

use std::collections::BTreeSet;
use std::ops::{Deref, DerefMut};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::draft::{Criterion, Draft, Edge, Task};
use super::moved_lines::MovedLines;
use super::new_work::FOLLOW_UP;
use super::plan_types::{PutAside, ResearchNote};
use super::sentences::resembles;
use crate::model::doc::Entry;
use crate::model::id::ItemRef;
use crate::model::proposed::{
    BY, CRITERIA, MET_BY, MILESTONES, RESEARCH_NOTES, TASKS, WAITS, numbers,
};
pub(super) use crate::model::proposed::{
    REWORDED, STEP, Writer as Entries, criterion_id, order_of,
};
use crate::model::stamp::Stamp;
use crate::model::uid::Uid;
use crate::model::value::Value;
use crate::plan::document::Lines;

pub(super) use crate::model::planned_id::plan_uid;
use decode_plan::research_notes;
pub(super) use decode_plan::{edits, order, read};

/// The value of [`REWORDED`] once a person accepted the lines in work that was begun before.
const ACCEPTED: &str = "accepted";

/// The lines of what the document does not have any more.
const GONE: Lines = Lines { start: 0, end: 0 };

const OUTCOMES: &str = "outcomes";
const NOTES: &str = "notes";
const DISPOSITIONS: &str = "dispositions";

/// The stamp of values that follow from a document alone.
pub(super) fn origin(uid: &Uid) -> Stamp {
    Stamp::origin(uid)
}

/// The word for a value of a closed list.
pub(super) fn word<T: Serialize>(value: T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(text)) => text,
        _ => String::new(),
    }
}

/// The value of a closed list for a word.
pub(super) fn of_word<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_value(serde_json::Value::String(text.to_string())).ok()
}

/// Lines as a text.
pub(super) fn lines_text(lines: Lines) -> String {
    format!("{}-{}", lines.start, lines.end)
}

/// The lines of a text.
pub(super) fn lines_in(text: &str) -> Option<Lines> {
    let (start, end) = text.split_once('-')?;
    Some(Lines {
        start: start.parse().ok()?,
        end: end.parse().ok()?,
    })
}

fn lines_of(entry: &Entry) -> Lines {
    entry.text("lines").and_then(lines_in).unwrap_or(GONE)
}

/// The fields of a task as registers, without its criteria.
pub(super) fn task_fields(task: &Task) -> Vec<(&'static str, Value)> {
    let list = |list: &[String], by: &str| (!list.is_empty()).then(|| list.join(by));
    vec![
        ("title", task.title.clone().into()),
        ("description", task.description.clone().into()),
        ("type", word(task.item_type).into()),
        ("estimate", word(task.estimate).into()),
        ("hours", i64::from(task.hours).into()),
        ("estimate_reason", task.estimate_reason.clone().into()),
        ("points", Value::from(task.points.map(i64::from))),
        (
            "priority",
            Value::from(task.priority.map(|one| i64::from(one.number()))),
        ),
        ("risk", word(task.risk).into()),
        ("risk_reason", task.risk_reason.clone().into()),
        ("validation", word(task.validation).into()),
        ("validation_reason", task.validation_reason.clone().into()),
        ("stream", task.stream.clone().into()),
        ("requirement", Value::from(task.requirement.clone())),
        ("covers", Value::from(list(&task.covers, " "))),
        ("milestone", Value::from(task.milestone.clone())),
        ("story", Value::from(task.story.clone())),
        ("lines", lines_text(task.lines).into()),
        ("tests", Value::from(task.tests.clone())),
        ("auto_policy", word(task.auto_policy).into()),
        ("paths", Value::from(list(&task.paths, "\n"))),
    ]
}

/// The id of a research note's entry.
fn research_note_id(task: &str, note: &ResearchNote) -> String {
    criterion_id(task, note.about.as_deref().unwrap_or(&note.text))
}

/// The id of an edge's entry.
pub(super) fn wait_id(task: &str, on: &str) -> String {
    format!("{task} {on}")
}

/// Writes a plan: its entries, and the records that are made of them.
pub(super) struct Writer<'w>(pub(super) Entries<'w>);

impl<'w> Deref for Writer<'w> {
    type Target = Entries<'w>;

    fn deref(&self) -> &Entries<'w> {
        &self.0
    }
}

impl DerefMut for Writer<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

impl Writer<'_> {
    /// Like [`Writer::put`], but manual changes are kept, as is the description that lines by hand give a task.
    fn put_drafted(&mut self, record: &str, id: &str, fields: &[(&str, Value)]) {
        let own = self.doc.entry(record, id).and_then(|entry| entry.text(BY));
        if own.is_some() {
            return;
        }
        let by_hand = |name: &str| {
            let entry = self.doc.entry(record, id);
            entry.is_some_and(|entry| entry.text(&format!("{BY}_{name}")).is_some())
        };
        let mut fields: Vec<(&str, Value)> = fields.to_vec();
        fields.retain(|(name, _)| !(by_hand(name) || *name == "description" && by_hand("lines")));
        if !by_hand("removed") {
            fields.push(("removed", Value::Null));
        }
        self.put(record, id, &fields);
    }

    /// Removes entries of the planner that are not in the new draft.
    fn clear(&mut self, record: &str, kept: &BTreeSet<String>) {
        let gone: Vec<String> = self
            .doc
            .entries(record)
            .filter(|(id, entry)| !kept.contains(*id) && entry.text(BY).is_none())
            .map(|(id, _)| id.to_string())
            .collect();
        for id in gone {
            self.put(record, &id, &[("removed", true.into())]);
        }
    }

    /// Adds a research note to a task; true if it is new. A collected one that was removed by hand
    /// stays removed.
    pub(super) fn add_research_note(
        &mut self,
        task: &str,
        note: &ResearchNote,
        actor: &str,
    ) -> bool {
        let id = research_note_id(task, note);
        let known = self.doc.entry(RESEARCH_NOTES, &id);
        if known.is_some_and(|entry| !entry.is_removed() || note.about.is_some()) {
            return false;
        }
        let fields = [
            ("task", task.into()),
            ("text", note.text.clone().into()),
            ("about", Value::from(note.about.clone())),
        ];
        self.add(RESEARCH_NOTES, &id, &fields, actor);
        true
    }

    /// Removes a research note of a task.
    pub(super) fn remove_research_note(&mut self, task: &str, note: &ResearchNote, actor: &str) {
        self.remove(RESEARCH_NOTES, &research_note_id(task, note), actor);
    }

    /// Moves the research notes of tasks to another one.
    pub(super) fn move_research_notes(&mut self, from: &[String], to: &str, actor: &str) {
        let moved: Vec<ResearchNote> = research_notes(self.doc)
            .into_iter()
            .filter(|(task, _)| from.iter().any(|one| one == task))
            .map(|(_, note)| note)
            .collect();
        for note in &moved {
            self.add_research_note(to, note, actor);
        }
    }

    /// Sets a task's criteria manually.
    pub(super) fn set_criteria(&mut self, task: &str, criteria: &[Criterion], actor: &str) {
        let kept: BTreeSet<String> = criteria
            .iter()
            .map(|c| criterion_id(task, &c.text))
            .collect();
        let gone: Vec<String> = self
            .doc
            .entries(CRITERIA)
            .filter(|(id, entry)| entry.text("task") == Some(task) && !kept.contains(*id))
            .map(|(id, _)| id.to_string())
            .collect();
        for id in gone {
            self.remove(CRITERIA, &id, actor);
        }
        for (n, criterion) in criteria.iter().enumerate() {
            let id = criterion_id(task, &criterion.text);
            let is_new = self.doc.entry(CRITERIA, &id).is_none_or(Entry::is_removed);
            let fields = criterion_fields(task, n, criterion);
            let lines = lines_text(criterion.lines);
            let known = self.doc.entry(CRITERIA, &id);
            let is_same = known.is_some_and(|entry| {
                entry.text("lines") == Some(&lines)
                    && entry.value("derived").is_true() == criterion.derived
            });
            match (is_new, is_same) {
                (true, _) => self.add(CRITERIA, &id, &fields, actor),
                (false, true) => self.put(CRITERIA, &id, &fields[fields.len() - 1..]),
                (false, false) => {
                    self.put(CRITERIA, &id, &fields);
                    self.put(CRITERIA, &id, &[(BY, actor.into())]);
                }
            }
        }
    }

    /// Marks an entry that was compared with its reworded lines.
    fn settle(&mut self, record: &str, id: &str, mark: &Value) {
        let entry = self.doc.entry(record, id);
        if entry.is_some_and(|entry| !entry.value(REWORDED).is_null()) {
            self.put(record, id, &[(REWORDED, mark.clone())]);
        }
    }

    /// Notes that a task was compared with its reworded lines; true if it had some. Once work that was begun is
    /// finished, it is compared with them again.
    pub(super) fn settle_task(&mut self, key: &str, is_begun: bool) -> bool {
        let mark = Value::from(is_begun.then_some(ACCEPTED));
        let before = self.changed;
        self.changed = false;
        let criteria = self.doc.entries(CRITERIA);
        let own = criteria.filter(|(_, entry)| entry.text("task") == Some(key));
        let own: Vec<String> = own.map(|(id, _)| id.to_string()).collect();
        self.settle(TASKS, key, &mark);
        own.iter().for_each(|id| self.settle(CRITERIA, id, &mark));
        let settled = self.changed;
        self.changed |= before;
        settled
    }

    /// Leaves lines to the work that follows a task: they state none of its criteria, and it is not compared with them.
    pub(super) fn leave_lines(&mut self, task: &str, left: &[Lines]) {
        let is_left = |own: Lines| {
            let mut left = left.iter();
            left.any(|left| left.start <= own.start && own.end <= left.end)
        };
        let own = self.doc.entries(CRITERIA).filter(|(_, entry)| {
            entry.text("task") == Some(task) && !entry.value("derived").is_true()
        });
        let own = own.filter(|(_, entry)| is_left(lines_of(entry)));
        let own: Vec<String> = own.map(|(id, _)| id.to_string()).collect();
        for id in own {
            self.put_lines(CRITERIA, &id, GONE);
        }
        self.settle_task(task, false);
    }

    fn put_lines(&mut self, record: &str, id: &str, lines: Lines) {
        let entries = &mut self.0;
        let value = Value::from(lines_text(lines));
        entries.changed |= entries
            .doc
            .set_entry(record, id, "lines", value, entries.clock);
    }

    /// Adds an edge manually.
    pub(super) fn add_wait(&mut self, edge: &Edge, actor: &str) {
        let id = wait_id(&edge.task, &edge.on);
        self.add(WAITS, &id, &wait_fields(edge), actor);
    }

    /// Removes an edge manually.
    pub(super) fn remove_wait(&mut self, task: &str, on: &str, actor: &str) {
        self.remove(WAITS, &wait_id(task, on), actor);
    }

    /// Adds a task manually.
    pub(super) fn add_task(&mut self, task: &Task, number: u32, order: i64, actor: &str) {
        let mut fields = task_fields(task);
        fields.push(("number", i64::from(number).into()));
        fields.push(("order", order.into()));
        self.add(TASKS, &task.key, &fields, actor);
        self.set_criteria(&task.key, &task.acceptance, actor);
    }

    /// Sets fields of a task that was added manually.
    pub(super) fn put_task(&mut self, key: &str, fields: &[(&str, Value)]) {
        self.put(TASKS, key, fields);
    }

    /// Sets how a task is tested, by a rule.
    pub(super) fn put_validation(&mut self, task: &Task) {
        let fields = [
            ("validation", word(task.validation).into()),
            ("validation_reason", task.validation_reason.as_str().into()),
        ];
        self.put_task(&task.key, &fields);
    }

    /// Sets fields of a task manually.
    pub(super) fn set_task(&mut self, key: &str, fields: &[(&str, Value)], actor: &str) {
        self.set(TASKS, key, fields, actor);
    }

    /// Moves the lines of tasks and criteria to where they are after an edit of the document, whose text
    /// is given.
    pub(super) fn move_lines(&mut self, moved: &MovedLines, text: &str) {
        let text: Vec<&str> = text.lines().collect();
        for record in [TASKS, CRITERIA] {
            let all = self.doc.all_entries(record);
            let all = all.map(|(id, entry)| (id.to_string(), lines_of(entry)));
            let all: Vec<(String, Lines)> = all.filter(|(_, lines)| lines.start > 0).collect();
            for (id, lines) in all {
                let mut now = moved.of(lines).unwrap_or(GONE);
                // What the planner drafted follows the document.
                if moved.is_new(now) && self.is_written(record, &id) {
                    // What took the place of its lines may be something else.
                    match self.says(record, &id, &text, now) {
                        true => self.put(record, &id, &[(REWORDED, true.into())]),
                        false => now = GONE,
                    }
                }
                if now != lines {
                    self.put_lines(record, &id, now);
                }
            }
        }
    }

    /// True if a person or an agent wrote a task or criterion.
    fn is_written(&self, record: &str, id: &str) -> bool {
        let Some(entry) = self.doc.entry(record, id) else {
            return false;
        };
        let task = entry
            .text("task")
            .and_then(|task| self.doc.entry(TASKS, task));
        let by_hand = |entry: &Entry| entry.text(BY).is_some() || entry.text("by_lines").is_some();
        by_hand(entry) || task.is_some_and(by_hand)
    }

    /// True if lines can be another form of what a task or criterion says.
    fn says(&self, record: &str, id: &str, text: &[&str], lines: Lines) -> bool {
        let Some(entry) = self.doc.entry(record, id) else {
            return false;
        };
        let task = entry.text("task").unwrap_or(id);
        let task = self.doc.entry(TASKS, task);
        let of_task = |name: &str| task.and_then(|task| task.text(name)).unwrap_or_default();
        let own = entry.text("text").unwrap_or_default();
        let said = [own, of_task("title"), of_task("description")];
        let now = text.get(lines.start.saturating_sub(1) as usize..lines.end as usize);
        resembles(&said, &now.unwrap_or_default().join("\n"))
    }

    /// Removes a task manually whose statements another one carries now.
    pub(super) fn fold_task(&mut self, key: &str, into: &str, actor: &str) {
        self.put(TASKS, key, &[("merged", into.into())]);
        self.remove(TASKS, key, actor);
    }

    /// Removes a task manually.
    pub(super) fn remove_task(&mut self, key: &str, actor: &str) {
        self.remove(TASKS, key, actor);
    }

    /// Notes of a removed task the work that meets it.
    pub(super) fn note_met(&mut self, key: &str, by: &ItemRef) {
        self.put(TASKS, key, &[(MET_BY, by.to_string().into())]);
    }

    /// Lets tasks that were removed as met be drafted again, and forgets what was decided about their lines.
    pub(super) fn ask_again(&mut self, keys: &[String], anchors: &[String]) {
        for key in keys {
            let fields = ["by_removed", MET_BY].map(|name| (name, Value::Null));
            self.put(TASKS, key, &fields);
        }
        for anchor in anchors {
            self.put(DISPOSITIONS, anchor, &[("removed", true.into())]);
        }
    }

    /// Records a decision about a statement.
    pub(super) fn put_aside(&mut self, anchor: &str, put_aside: &PutAside, actor: &str) {
        let fields = [
            ("disposition", Value::from(word(put_aside.disposition))),
            ("reason", put_aside.reason.as_str().into()),
            ("text", put_aside.text.as_str().into()),
            ("line", put_aside.line.into()),
        ];
        let known = self.doc.entry(DISPOSITIONS, anchor);
        let is_same = known.is_some_and(|entry| {
            fields
                .iter()
                .all(|(name, value)| entry.value(name) == value)
        });
        if !is_same {
            self.add(DISPOSITIONS, anchor, &fields, actor);
        }
    }

    /// Forgets what was decided about a statement.
    pub(super) fn take_back(&mut self, anchor: &str, actor: &str) {
        if self.doc.entry(DISPOSITIONS, anchor).is_some() {
            self.remove(DISPOSITIONS, anchor, actor);
        }
    }

    /// Records the item of a task.
    pub(super) fn note_item(&mut self, key: &str, item: &ItemRef) {
        self.put(TASKS, key, &[("item", item.to_string().into())]);
    }

    /// Writes a new draft: manual changes and removals are kept.
    pub(super) fn write_draft(&mut self, draft: &Draft) {
        let mut number = numbers(self.doc).values().copied().max().unwrap_or(0);
        let (mut tasks, mut criteria) = (BTreeSet::new(), BTreeSet::new());
        for (n, task) in draft.tasks.iter().enumerate() {
            let mut fields = task_fields(task);
            if self.doc.entry(TASKS, &task.key).is_none() {
                number = number.saturating_add(1);
                fields.push(("number", i64::from(number).into()));
            }
            let order = self.order_after(draft, task).unwrap_or(order_of(n));
            fields.push(("order", order.into()));
            self.put_drafted(TASKS, &task.key, &fields);
            tasks.insert(task.key.clone());
            for (n, criterion) in task.acceptance.iter().enumerate() {
                let id = criterion_id(&task.key, &criterion.text);
                self.put_drafted(CRITERIA, &id, &criterion_fields(&task.key, n, criterion));
                criteria.insert(id);
            }
        }
        self.clear(TASKS, &tasks);
        self.clear(CRITERIA, &criteria);
        let mut waits = BTreeSet::new();
        for edge in &draft.edges {
            let id = wait_id(&edge.task, &edge.on);
            self.put_drafted(WAITS, &id, &wait_fields(edge));
            waits.insert(id);
        }
        self.clear(WAITS, &waits);
        self.lay_milestones(draft);
        self.lay_notes(draft);
    }

    /// The order number of new work after a task that is in no draft: behind that task.
    fn order_after(&self, draft: &Draft, task: &Task) -> Option<i64> {
        let mut edges = draft.edges.iter();
        let is_it = |edge: &&Edge| edge.task == task.key && edge.rule == FOLLOW_UP;
        let on = edges.find(is_it).map(|edge| &edge.on)?;
        let before = self.doc.entry(TASKS, on)?;
        draft.task(on).is_none().then(|| order(before) + 1)
    }

    fn lay_milestones(&mut self, draft: &Draft) {
        let (mut milestones, mut outcomes) = (BTreeSet::new(), BTreeSet::new());
        for (n, milestone) in draft.milestones.iter().enumerate() {
            let fields = [
                ("title", milestone.title.clone().into()),
                ("lines", lines_text(milestone.lines).into()),
                ("goal", Value::from(milestone.goal.clone())),
                ("after", Value::from(milestone.after.clone())),
                ("order", order_of(n).into()),
            ];
            self.put_drafted(MILESTONES, &milestone.key, &fields);
            milestones.insert(milestone.key.clone());
            for (sort, list) in [
                ("deliverable", &milestone.deliverables),
                ("success", &milestone.success),
            ] {
                for (n, criterion) in list.iter().enumerate() {
                    let id = criterion_id(&format!("{}.{sort}", milestone.key), &criterion.text);
                    let mut fields = criterion_fields(&milestone.key, n, criterion);
                    fields.push(("sort", sort.into()));
                    self.put_drafted(OUTCOMES, &id, &fields);
                    outcomes.insert(id);
                }
            }
        }
        self.clear(MILESTONES, &milestones);
        self.clear(OUTCOMES, &outcomes);
    }

    fn lay_notes(&mut self, draft: &Draft) {
        let mut kept = BTreeSet::new();
        for (sort, notes) in [
            ("question", &draft.questions),
            ("deferred", &draft.deferred),
            ("external", &draft.external),
            ("guard", &draft.guards),
            ("ready", &draft.ready),
            ("done", &draft.done),
        ] {
            for (n, note) in notes.iter().enumerate() {
                let id = format!("{sort} {}", note.key);
                let fields = [
                    ("sort", sort.into()),
                    ("text", note.text.clone().into()),
                    ("lines", lines_text(note.lines).into()),
                    ("order", order_of(n).into()),
                ];
                self.put_drafted(NOTES, &id, &fields);
                kept.insert(id);
            }
        }
        self.clear(NOTES, &kept);
    }
}

fn criterion_fields(of: &str, n: usize, criterion: &Criterion) -> Vec<(&'static str, Value)> {
    let derived = criterion.derived.then_some(true);
    vec![
        ("task", of.into()),
        ("text", criterion.text.clone().into()),
        ("lines", lines_text(criterion.lines).into()),
        ("requirement", Value::from(criterion.requirement.clone())),
        ("derived", derived.map_or(Value::Null, Value::Bool)),
        ("order", order_of(n).into()),
    ]
}

fn wait_fields(edge: &Edge) -> Vec<(&'static str, Value)> {
    vec![
        ("class", word(edge.class).into()),
        ("rule", edge.rule.clone().into()),
        ("line", i64::from(edge.line).into()),
        ("reason", edge.reason.clone().into()),
    ]
}
