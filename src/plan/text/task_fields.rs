//! A task in the form in which the text shows it, for comparing the plan with the edited text.

use std::collections::BTreeMap;

use super::canonical_line::{one_line, paragraphs};
use super::field_names;
use crate::model::priority::Priority;
use crate::plan::draft::EdgeClass;
use crate::plan::{Plan, Planned};

/// A task that another one waits for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Target {
    /// A task of the plan, by number.
    Task(u32),
    /// A task that the text adds, by name.
    New(String),
}

impl Target {
    /// Its name in changes.
    pub(super) fn name(&self) -> String {
        match self {
            Target::Task(number) => number.to_string(),
            Target::New(name) => name.clone(),
        }
    }
}

/// The fields of a task in the form in which they are compared. Words are those of
/// [`Field::words`](field_names::Field::words); `None` if a new task does not have the field.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct TaskFields {
    pub(super) title: String,
    pub(super) description: String,
    pub(super) item_type: Option<&'static str>,
    pub(super) estimate: Option<&'static str>,
    pub(super) points: Option<u32>,
    pub(super) priority: Option<&'static str>,
    pub(super) risk: Option<&'static str>,
    pub(super) validation: Option<&'static str>,
    pub(super) stream: String,
    pub(super) milestone: Option<String>,
    pub(super) paths: Vec<String>,
    pub(super) auto_policy: Option<&'static str>,
    pub(super) acceptance: Vec<String>,
    pub(super) waits: BTreeMap<Target, EdgeClass>,
    pub(super) tests: Option<u32>,
}

impl TaskFields {
    /// The fields that differ from those of another task, as changes name them.
    pub(super) fn differing(&self, other: &TaskFields) -> Vec<&'static str> {
        [
            ("title", self.title != other.title),
            ("description", self.description != other.description),
            ("type", self.item_type != other.item_type),
            ("estimate", self.estimate != other.estimate),
            ("points", self.points != other.points),
            ("priority", self.priority != other.priority),
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

/// A plan with indexes.
pub(super) struct PlanIndex<'p> {
    pub(super) plan: &'p Plan,
    /// Its tasks in the order shown: by stream.
    pub(super) shown: Vec<&'p Planned>,
    pub(super) by_number: BTreeMap<u32, &'p Planned>,
    by_key: BTreeMap<&'p str, &'p Planned>,
    /// The targets that a task waits for, by its number.
    waits: BTreeMap<u32, BTreeMap<Target, EdgeClass>>,
    /// Labels of milestones by key.
    pub(super) labels: BTreeMap<&'p str, String>,
    /// Names of streams by the form shown.
    streams: BTreeMap<String, &'p str>,
}

impl<'p> PlanIndex<'p> {
    pub(super) fn of(plan: &'p Plan) -> PlanIndex<'p> {
        let mut by_key = BTreeMap::new();
        let mut by_number = BTreeMap::new();
        for planned in &plan.tasks {
            by_key.entry(planned.task.key.as_str()).or_insert(planned);
            by_number.entry(planned.number).or_insert(planned);
        }
        let number = |key: &str| by_key.get(key).map(|p: &&Planned| p.number);
        let mut waits: BTreeMap<u32, BTreeMap<Target, EdgeClass>> = BTreeMap::new();
        for edge in plan.waits.iter() {
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
            // If there are two edges, the hard one counts.
            *class = (*class).min(edge.class);
        }
        let named = |planned: &&Planned| one_line(&planned.task.stream);
        PlanIndex {
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

    /// The content of a task of the plan.
    pub(super) fn content(&self, planned: &Planned) -> TaskFields {
        let task = &planned.task;
        let texts = task.acceptance.iter().map(|criterion| &criterion.text);
        TaskFields {
            title: one_line(&task.title),
            description: paragraphs(&task.description),
            item_type: Some(field_names::of_type(task.item_type)),
            estimate: Some(task.estimate.as_str()),
            points: task.points,
            priority: task.priority.map(Priority::word),
            risk: Some(task.risk.as_str()),
            validation: Some(task.validation.as_str()),
            stream: one_line(&task.stream),
            milestone: task
                .milestone
                .clone()
                .filter(|key| self.labels.contains_key(key.as_str())),
            paths: lines_that_say_something(task.paths.iter()),
            auto_policy: Some(task.auto_policy.as_str()),
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

    /// The labels of milestones, in the order of the plan.
    pub(super) fn labels_in_order(&self) -> Vec<&str> {
        let all = self.plan.milestones.iter();
        all.filter_map(|m| self.labels.get(m.key.as_str()).map(String::as_str))
            .collect()
    }

    /// The name of a stream in the plan.
    pub(super) fn stream(&self, shown: &str) -> String {
        let known = self.streams.get(shown).copied();
        known.unwrap_or(shown).to_string()
    }

    /// The state of a task that can no longer be changed here.
    pub(super) fn frozen_state(planned: &Planned) -> Option<String> {
        match &planned.item {
            Some(item) => Some(format!("now {}", one_line(&item.born))),
            None => planned.is_gone.then(|| "no longer in the document".into()),
        }
    }
}

/// Groups items by stream, in the order in which streams first occur.
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

/// The labels of milestones: their titles, with the keys if titles are equal.
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
