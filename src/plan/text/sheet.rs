//! A task as the text shows it: what is compared between the plan and what came back.

use std::collections::BTreeMap;

use super::canonical_line::{one_line, paragraphs};
use super::field_names;
use crate::plan::draft::EdgeClass;
use crate::plan::{Plan, Planned};

/// A task that another one waits for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Target {
    /// One of the plan, by its number.
    Task(u32),
    /// One that the text adds, by its name.
    New(String),
}

impl Target {
    /// How changes name it.
    pub(super) fn name(&self) -> String {
        match self {
            Target::Task(number) => number.to_string(),
            Target::New(name) => name.clone(),
        }
    }
}

/// What the text says of a task, in the form in which it is compared. Words are those of
/// [`Field::words`](field_names::Field::words); nothing where a new task says nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Sheet {
    pub(super) title: String,
    pub(super) description: String,
    pub(super) item_type: Option<&'static str>,
    pub(super) estimate: Option<&'static str>,
    pub(super) points: Option<u32>,
    pub(super) risk: Option<&'static str>,
    pub(super) validation: Option<&'static str>,
    pub(super) stream: String,
    /// The key.
    pub(super) milestone: Option<String>,
    pub(super) paths: Vec<String>,
    pub(super) auto_policy: Option<&'static str>,
    pub(super) acceptance: Vec<String>,
    pub(super) waits: BTreeMap<Target, EdgeClass>,
    pub(super) tests: Option<u32>,
}

impl Sheet {
    /// The fields, as changes name them, that are not as in another sheet.
    pub(super) fn differing(&self, other: &Sheet) -> Vec<&'static str> {
        [
            ("title", self.title != other.title),
            ("description", self.description != other.description),
            ("type", self.item_type != other.item_type),
            ("estimate", self.estimate != other.estimate),
            ("points", self.points != other.points),
            ("risk", self.risk != other.risk),
            ("validation", self.validation != other.validation),
            ("stream", self.stream != other.stream),
            ("milestone", self.milestone != other.milestone),
            ("paths", self.paths != other.paths),
            ("auto_policy", self.auto_policy != other.auto_policy),
            ("acceptance", self.acceptance != other.acceptance),
        ]
        .into_iter()
        .filter_map(|(field, differs)| differs.then_some(field))
        .collect()
    }
}

/// A plan, with what is looked up in it again and again.
pub(super) struct Book<'p> {
    pub(super) plan: &'p Plan,
    /// Its tasks as they are shown: by streams.
    pub(super) shown: Vec<&'p Planned>,
    pub(super) by_number: BTreeMap<u32, &'p Planned>,
    by_key: BTreeMap<&'p str, &'p Planned>,
    /// What a task waits for, by its number.
    waits: BTreeMap<u32, BTreeMap<Target, EdgeClass>>,
    /// Milestones by their keys, as they are shown.
    pub(super) labels: BTreeMap<&'p str, String>,
    /// The names of streams by how they are shown.
    streams: BTreeMap<String, &'p str>,
}

impl<'p> Book<'p> {
    pub(super) fn of(plan: &'p Plan) -> Book<'p> {
        let mut by_key = BTreeMap::new();
        let mut by_number = BTreeMap::new();
        for planned in &plan.tasks {
            by_key.entry(planned.task.key.as_str()).or_insert(planned);
            by_number.entry(planned.number).or_insert(planned);
        }
        let number = |key: &str| by_key.get(key).map(|p: &&Planned| p.number);
        let mut waits: BTreeMap<u32, BTreeMap<Target, EdgeClass>> = BTreeMap::new();
        for edge in plan.waits.iter().map(|wait| &wait.edge) {
            let (Some(task), Some(on)) = (number(&edge.task), number(&edge.on)) else {
                continue;
            };
            if task == on {
                continue;
            }
            let class = waits
                .entry(task)
                .or_default()
                .entry(Target::Task(on))
                .or_insert(edge.class);
            // Of two edges the one that blocks counts.
            *class = (*class).min(edge.class);
        }
        let named = |planned: &&Planned| one_line(&planned.task.stream);
        Book {
            plan,
            shown: by_streams(plan.tasks.iter().collect(), named),
            by_number,
            by_key,
            waits,
            labels: labels(plan),
            streams: plan
                .tasks
                .iter()
                .map(|p| (one_line(&p.task.stream), p.task.stream.as_str()))
                .collect(),
        }
    }

    /// A task of the plan as it is shown.
    pub(super) fn sheet(&self, planned: &Planned) -> Sheet {
        let task = &planned.task;
        let texts = task.acceptance.iter().map(|criterion| &criterion.text);
        Sheet {
            title: one_line(&task.title),
            description: paragraphs(&task.description),
            item_type: Some(field_names::of_type(task.item_type)),
            estimate: Some(field_names::of_estimate(task.estimate)),
            points: task.points,
            risk: Some(field_names::of_risk(task.risk)),
            validation: Some(field_names::of_validation(task.validation)),
            stream: one_line(&task.stream),
            milestone: task
                .milestone
                .clone()
                .filter(|key| self.labels.contains_key(key.as_str())),
            paths: lines_that_say_something(task.paths.iter()),
            auto_policy: Some(field_names::of_auto_policy(task.auto_policy)),
            acceptance: lines_that_say_something(texts),
            waits: self.waits.get(&planned.number).cloned().unwrap_or_default(),
            tests: self.tested(planned).map(|tested| tested.number),
        }
    }

    /// The task that a test task tests.
    pub(super) fn tested(&self, planned: &Planned) -> Option<&'p Planned> {
        let key = planned.task.tests.as_deref()?;
        self.by_key.get(key).copied()
    }

    /// What milestones are called, in the order of the plan.
    pub(super) fn labels_in_order(&self) -> Vec<&str> {
        let all = self.plan.milestones.iter();
        all.filter_map(|m| self.labels.get(m.key.as_str()).map(String::as_str))
            .collect()
    }

    /// The name of a stream as the plan has it.
    pub(super) fn stream(&self, shown: &str) -> String {
        let known = self.streams.get(shown).copied();
        known.unwrap_or(shown).to_string()
    }

    /// What became of a task, where it can no longer be changed here.
    pub(super) fn became(planned: &Planned) -> Option<String> {
        match &planned.item {
            Some(item) => Some(one_line(&item.born)),
            None => planned
                .is_gone
                .then(|| "a task that the document no longer speaks of".into()),
        }
    }
}

/// Puts together what is of one stream, in the order in which streams first come.
pub(super) fn by_streams<T>(all: Vec<T>, stream: impl Fn(&T) -> String) -> Vec<T> {
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let mut groups: Vec<Vec<T>> = Vec::new();
    for one in all {
        let place = *places.entry(stream(&one)).or_insert(groups.len());
        match groups.get_mut(place) {
            Some(group) => group.push(one),
            None => groups.push(vec![one]),
        }
    }
    groups.into_iter().flatten().collect()
}

fn lines_that_say_something<'t>(texts: impl Iterator<Item = &'t String>) -> Vec<String> {
    let lines = texts.map(|text| one_line(text));
    lines.filter(|line| !line.is_empty()).collect()
}

/// What milestones are called in the text: their titles, with their keys where several have one.
fn labels(plan: &Plan) -> BTreeMap<&str, String> {
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for milestone in &plan.milestones {
        *times
            .entry(one_line(&milestone.title).to_lowercase())
            .or_default() += 1;
    }
    let label = |milestone: &crate::plan::draft::Milestone| {
        let title = one_line(&milestone.title);
        match times.get(&title.to_lowercase()) {
            Some(1) if !title.is_empty() => title,
            _ => one_line(&format!("{title} [{}]", milestone.key)),
        }
    };
    let all = plan.milestones.iter();
    all.map(|m| (m.key.as_str(), label(m))).collect()
}
