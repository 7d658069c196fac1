//! Research notes on the tasks of a plan: written by an actor, or collected.
//!
//! They are collected from what the repository knows already, which are learnings and finished items
//! on the same paths. They change neither keys nor numbers; an approval passes them on to the items.

use std::collections::{BTreeMap, BTreeSet};

pub use super::plan_types::ResearchNote;
use super::plan_types::{Plan, Planned};
use super::planned_items::Parts;
use super::record::Writer;
use super::sources::find_of;
use super::view::TaskView;
use crate::error::{Error, Hint, Reason, Result};
use crate::learn::for_item;
use crate::model::item::Item;
use crate::model::text::{excerpt, one_line};
use crate::plan::drafting;
use crate::pm::Pm;
use crate::pm::handles::Plans;
use crate::store::state::State;
use crate::work::insight::ImpactView;
use crate::work::task::field_rules::check_body;

/// The greatest number of paths whose history is searched: each takes one run of git.
const PATHS: usize = 100;

/// The greatest number of finished items that are noted for a task.
const ITEMS: usize = 3;

/// The greatest number of research notes of a task.
const NOTES: usize = 50;

/// A request for research notes.
#[derive(Clone, Debug, Default)]
pub struct DeepenRequest {
    /// PRD or epic ID; not needed if there is only one plan.
    pub plan: Option<String>,
    /// The number of a task, or a prefix of its key; by default, all that are not items yet.
    pub task: Option<String>,
    /// A note to add to the task. Without one, notes are collected.
    pub text: Option<String>,
    /// The position of a note of the task to remove, from 1.
    pub remove: Option<usize>,
}

/// The research notes of tasks.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct Deepened {
    /// The id of the PRD.
    pub prd: String,
    /// The number of notes that were added.
    pub added: usize,
    /// The number of notes that were removed.
    pub removed: usize,
    /// The requested tasks that have notes, with all of them.
    pub tasks: Vec<DeepenedTask>,
}

/// A task with its research notes.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct DeepenedTask {
    /// Its key.
    pub key: String,
    /// Its number in the plan.
    pub number: u32,
    /// Its title.
    pub title: String,
    /// Its notes, the oldest first.
    pub research_notes: Vec<ResearchNote>,
}

impl Plans<'_> {
    /// Adds, removes or collects research notes, as one commit. Notes are collected from the
    /// learnings that would be shown at the start of a task, and from finished items whose commits
    /// changed its paths; what was collected before is not added again, even if it was removed.
    ///
    /// # Errors
    /// If there is no such plan, task or note, a task is an item already, a note is empty or too
    /// long, or git cannot be run.
    pub fn deepen(&self, request: &DeepenRequest) -> Result<Deepened> {
        let changes_one = request.text.is_some() || request.remove.is_some();
        if changes_one && request.task.is_none() {
            return Err(Error::usage("specify the task of the note"));
        }
        let collected = match changes_one {
            true => BTreeMap::new(),
            false => self.collect(request)?,
        };
        write_notes(self.pm, request, &collected)
    }

    /// What the repository knows about tasks, by their names.
    fn collect(&self, request: &DeepenRequest) -> Result<BTreeMap<String, Vec<ResearchNote>>> {
        let pm = self.pm;
        let state = pm.store.snapshot()?;
        let (plan, prd) = find_of(pm, &state, request.plan.as_deref(), request.task.as_deref())?;
        let name = request.task.as_deref();
        let key = name
            .map(|name| drafting::key_of(&state, &plan, name))
            .transpose()?;
        let open = plan.present_tasks().filter(|one| one.item.is_none());
        let open = open.filter(|planned| key.as_ref().is_none_or(|key| *key == planned.task.key));
        let parts = Parts::of(&state, &plan, &prd);
        let mut items: Vec<(&Planned, Item)> = Vec::new();
        for planned in open {
            items.extend(Item::from_doc(&parts.task_doc(planned)?).map(|item| (planned, item)));
        }
        let paths: BTreeSet<&String> = items.iter().flat_map(|(_, item)| &item.paths).collect();
        let paths: Vec<String> = paths.into_iter().take(PATHS).cloned().collect();
        let impact = match paths.is_empty() {
            true => Vec::new(),
            false => pm.insights().impact(&paths)?,
        };
        let mut out = BTreeMap::new();
        for (planned, item) in &items {
            let mut notes: Vec<ResearchNote> = Vec::new();
            for learning in for_item::learnings_near(pm, &state, item) {
                let by = learning.agent.as_ref();
                let by = by.map(|agent| format!(" by {}, an agent", one_line(agent)));
                notes.push(ResearchNote {
                    text: format!(
                        "{} {}{}: {}",
                        learning.kind.as_str(),
                        learning.id,
                        by.unwrap_or_default(),
                        learning.title
                    ),
                    about: Some(learning.id),
                    by: String::new(),
                });
            }
            notes.extend(earlier(&state, item, &impact));
            out.insert(planned.name.clone(), notes);
        }
        Ok(out)
    }
}

/// The names of the tasks of a request that are no items yet.
///
/// # Errors
/// If there is no such plan or task, or the task is an item.
pub(crate) fn open_tasks(pm: &Pm, request: &DeepenRequest) -> Result<BTreeSet<String>> {
    let state = pm.store.snapshot()?;
    let (plan, _) = find_of(pm, &state, request.plan.as_deref(), request.task.as_deref())?;
    let tasks = wanted(&state, &plan, request.task.as_deref())?;
    Ok(tasks.iter().map(|planned| planned.name.clone()).collect())
}

/// Adds notes to the open tasks of a plan, by the names of the tasks, or changes that of the request.
pub(crate) fn write_notes(
    pm: &Pm,
    request: &DeepenRequest,
    collected: &BTreeMap<String, Vec<ResearchNote>>,
) -> Result<Deepened> {
    let changes_one = request.text.is_some() || request.remove.is_some();
    let mut added = 0;
    let mut keys = BTreeSet::new();
    let view = drafting::write_plan(pm, "plan deepen", |tx| {
        let task = request.task.as_deref();
        let (plan, prd) = find_of(pm, &tx.state, request.plan.as_deref(), task)?;
        let tasks = wanted(&tx.state, &plan, task)?;
        keys = tasks.iter().map(|one| one.task.key.clone()).collect();
        let mut new: Vec<(&Planned, Vec<ResearchNote>)> = Vec::new();
        let mut removed = None;
        for planned in tasks {
            match (&request.text, request.remove) {
                (Some(text), _) => new.push((planned, vec![by_hand(text)?])),
                (None, Some(at)) => removed = Some((planned, at)),
                (None, None) => {
                    let notes = collected.get(&planned.name).cloned();
                    new.push((planned, notes.unwrap_or_default()));
                }
            }
        }
        let limit = |(planned, notes): &(&Planned, Vec<ResearchNote>)| {
            planned.research_notes.len() + notes.len() > NOTES
        };
        if let Some((planned, _)) = new.iter().find(|one| changes_one && limit(one)) {
            return Err(Error::usage(format!(
                "task {} has {NOTES} research notes, the limit",
                planned.task_name()
            ))
            .hint("put the text into its description: `git pm plan set N description=-`"));
        }
        let removed = removed
            .map(|(planned, at)| note_at(planned, at))
            .transpose()?;
        added = 0;
        super::edit::write(tx, &plan.uid, |writer, actor| {
            if let Some((key, note)) = &removed {
                writer.remove_research_note(key, note, actor);
            }
            added = add(writer, &new, actor);
        })?;
        let what = match &removed {
            Some(_) => "a research note removed".to_string(),
            None => format!("{added} research notes"),
        };
        tx.describe("plan deepen", &[&prd.id], &format!("of {}: {what}", prd.id));
        Ok(prd.uid)
    })?;
    let noted = |task: &TaskView| keys.contains(&task.key) && !task.research_notes.is_empty();
    let tasks = view.tasks.into_iter().filter(noted);
    let tasks = tasks.map(|task| DeepenedTask {
        key: task.task.key,
        number: task.number,
        title: task.task.title,
        research_notes: task.research_notes,
    });
    Ok(Deepened {
        prd: view.prd,
        added,
        removed: usize::from(request.text.is_none() && request.remove.is_some()),
        tasks: tasks.collect(),
    })
}

/// The finished items whose commits changed the paths of a task, those with the most commits first.
fn earlier(state: &State<'_>, item: &Item, impact: &[ImpactView]) -> Vec<ResearchNote> {
    let mut found: Vec<(usize, &str, &str, &str)> = Vec::new();
    for view in impact.iter().filter(|view| item.paths.contains(&view.path)) {
        for one in view.items.iter().filter(|one| one.commits > 0) {
            let id = one.item.id.as_str();
            if !found.iter().any(|(_, known, ..)| *known == id) {
                found.push((one.commits, id, &view.path, &one.item.title));
            }
        }
    }
    found.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    let finished = found.into_iter().filter_map(|(_, id, path, title)| {
        let item = state.find(id).ok()?;
        item.status.is_finished().then(|| ResearchNote {
            text: format!("{id} changed {path}: {}", excerpt(title, 120)),
            about: Some(item.reference().to_string()),
            by: String::new(),
        })
    });
    finished.take(ITEMS).collect()
}

/// The tasks of a request, which are not items yet.
fn wanted<'p>(state: &State<'_>, plan: &'p Plan, name: Option<&str>) -> Result<Vec<&'p Planned>> {
    let Some(name) = name else {
        let open = plan.present_tasks().filter(|one| one.item.is_none());
        return Ok(open.collect());
    };
    let key = drafting::key_of(state, plan, name)?;
    let Some(planned) = plan.task(&key) else {
        return Err(Error::not_found("the plan has no such task"));
    };
    if let Some(item) = &planned.item {
        let id = state.shown_ref(item);
        let message = format!("task {} is now {id}", planned.number);
        return Err(Error::refused(message)
            .because(Reason::PlanTaskExists)
            .about(&id)
            .hint(Hint::run(
                ["task", "comment", &id, "TEXT"],
                "adds a comment",
            ))
            .hint(Hint::run(
                ["predict", &id],
                "lists likely trouble, from past items",
            )));
    }
    Ok(vec![planned])
}

fn by_hand(text: &str) -> Result<ResearchNote> {
    check_body(text)?;
    let text = text.trim();
    if text.is_empty() {
        return Err(Error::usage("the research note is empty"));
    }
    Ok(ResearchNote {
        text: text.to_string(),
        about: None,
        by: String::new(),
    })
}

/// The note of a task at a position, with the task's key.
fn note_at(planned: &Planned, at: usize) -> Result<(String, ResearchNote)> {
    let note = at
        .checked_sub(1)
        .and_then(|at| planned.research_notes.get(at));
    let note = note.ok_or_else(|| {
        let count = planned.research_notes.len();
        Error::not_found(format!(
            "task {} has no research note {at}; it has {count}",
            planned.task_name()
        ))
    })?;
    Ok((planned.task.key.clone(), note.clone()))
}

/// Adds notes that are not there yet; their number.
fn add(writer: &mut Writer<'_>, new: &[(&Planned, Vec<ResearchNote>)], actor: &str) -> usize {
    let mut count = 0;
    for (planned, notes) in new {
        let room = NOTES.saturating_sub(planned.research_notes.len());
        for note in notes.iter().take(room) {
            count += usize::from(writer.add_research_note(&planned.task.key, note, actor));
        }
    }
    count
}

impl Planned {
    fn task_name(&self) -> String {
        format!(
            "{} ({})",
            self.number,
            one_line(&excerpt(&self.task.title, 60))
        )
    }
}
