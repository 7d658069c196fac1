//! From a line of a document to the commits that implement it, and back.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;

use super::draft::{Accounted, Disposition};
use super::line_ranges::meet;
use super::moved_lines::MovedLines;
use super::plan_types::{Plan, Planned};
use super::record::{criterion_id, lines_in, word};
use super::sentences::says;
use super::sources::{Reading, Source, plan_of};
use crate::error::{Error, Result};
use crate::model::criterion::Criterion;
use crate::model::id::{ItemKind, ItemRef};
use crate::model::item::Item;
use crate::model::text::one_line;
use crate::model::uid::Uid;
use crate::plan::approved;
use crate::plan::coverage;
use crate::plan::document::Lines;
use crate::plan::prd;
use crate::plan::sources;
use crate::pm::Pm;
use crate::pm::handles::Plans;
use crate::pm::shared_views::LinkView;
use crate::store::state::State;
use crate::work::plan_notices::{self, FileDiffers};
use crate::work::unmet_words;

/// The largest number of commits searched, newest first.
const COMMITS: &str = "20000";

/// A location in a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Place {
    /// The file of the document, or its id.
    pub file: String,
    /// Its lines now; if they are gone, those of the version that was planned.
    pub lines: Lines,
    /// The id that the author gave to these lines.
    pub requirement: Option<String>,
    /// The present text of the first line; null if the lines are gone.
    pub text: Option<String>,
}

/// A criterion with its location.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TracedCriterion {
    /// One line of text.
    pub text: String,
    /// Set if it is ticked.
    pub done: bool,
    /// Its location in the document.
    pub source: Option<Place>,
}

/// A commit that names a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TracedCommit {
    /// Its id.
    pub id: String,
    /// Its author.
    pub author: String,
    /// The time of the commit, RFC 3339.
    pub at: String,
    /// The first line of its message.
    pub subject: String,
}

/// A task with its source and its results.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TracedTask {
    /// The task.
    #[serde(flatten)]
    pub task: LinkView,
    /// Its description in the document.
    pub source: Option<Place>,
    /// Its criteria.
    pub acceptance: Vec<TracedCriterion>,
    /// Its milestone.
    pub milestone: Option<LinkView>,
    /// Its branch.
    pub branch: Option<String>,
    /// The commits that name it, newest first.
    pub commits: Vec<TracedCommit>,
    /// The approver.
    pub approved_by: Option<String>,
    /// The time of the approval, RFC 3339.
    pub approved_at: Option<String>,
}

/// The commit that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct NamingCommit {
    /// The commit.
    pub id: String,
    /// The task that its `Task:` trailer names.
    pub names: String,
    /// Set if it belongs to the approved or merged work of that task; a trailer alone proves
    /// nothing.
    pub approved: bool,
}

/// The chain from a document to its commits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TraceView {
    /// The document.
    pub prd: Option<LinkView>,
    /// The epic of its plan.
    pub epic: Option<LinkView>,
    /// The tasks, in the order of their ids.
    pub tasks: Vec<TracedTask>,
    /// The commit that was asked for; null if the name is not a commit.
    pub commit: Option<NamingCommit>,
}

impl Plans<'_> {
    /// The chain of a document, an epic, a task, a commit (by its `Task:` trailer), the id of a
    /// requirement (`FR-3`), or a line of a document (`docs/login.md:54`, `P-0001:54`).
    ///
    /// # Errors
    /// If nothing has that name, or git cannot be run.
    pub fn trace(&self, what: &str) -> Result<TraceView> {
        let state = self.pm.store.state()?;
        let _hold = state.hold();
        let (tasks, commit) = tasks_named(self.pm, &state, what)?;
        let commit = match (commit, tasks.first()) {
            (Some(id), Some(task)) => Some(NamingCommit {
                approved: approved::is_of_the_approved(self.pm, &state, task, &id)?,
                names: state.shown_id(task),
                id,
            }),
            _ => None,
        };
        let first = tasks.first();
        let prd = match first {
            Some(task) => prd_of(&state, task).cloned(),
            None => state
                .find(what)
                .ok()
                .filter(|item| item.kind == ItemKind::Prd)
                .cloned(),
        };
        let epic = first.and_then(|task| {
            let uid = task.epic.as_ref()?.uid.as_ref()?;
            state.item(uid).cloned()
        });
        let mut commits = commits_of(self.pm, &state)?;
        let file = |prd: &Item| file_of_line(self.pm, &state, prd, what);
        let file = prd
            .as_ref()
            .filter(|_| state.find(what).is_err())
            .and_then(file);
        if let (Some(prd), true) = (&prd, file.is_some()) {
            let (source, differs) = plan_notices::file_now(self.pm, &state, prd)
                .unwrap_or_else(|| (sources::file_of(&state, prd), None));
            let differs = differs.unwrap_or(FileDiffers::Changed);
            self.pm.notice(differs.said(&source, &prd.id));
        }
        if let Some(prd) = &prd
            && let Some(unmet) = unmet_words::of_item(&state, prd)
        {
            self.pm.notice(unmet.hint(&state).to_string());
        }
        let now = prd.as_ref().map(|prd| plan_now(&state, prd, file));
        let (plan, text) = now.unwrap_or_default();
        let statements = account_of(plan.as_ref(), text.as_ref());
        let now_ms = self.pm.now_ms();
        Ok(TraceView {
            prd: prd.as_ref().map(|prd| LinkView::of(&state, prd, now_ms)),
            epic: epic.as_ref().map(|epic| LinkView::of(&state, epic, now_ms)),
            tasks: tasks
                .iter()
                .map(|task| {
                    let commits = commits.remove(&task.uid).unwrap_or_default();
                    let planned = plan.as_ref().and_then(|plan| plan.task_of(&task.uid));
                    let of = (prd.as_ref(), text.as_ref(), statements.as_slice());
                    traced(&state, now_ms, (task, planned), of, commits)
                })
                .collect(),
            commit,
        })
    }
}

/// The text of a file with lines that were not stored yet, of which a line is asked for.
fn file_of_line(pm: &Pm, state: &State<'_>, prd: &Item, what: &str) -> Option<Reading> {
    let (name, _) = what.rsplit_once(':')?;
    let Ok(Source::File { path, bytes }) = sources::document(pm, name) else {
        return None;
    };
    let reading = Reading::of(&bytes, &path).ok()?.of_kind(prd);
    (state.text_of(prd).as_ref() != Some(&reading.text)).then_some(reading)
}

/// The plan of a PRD with its lines in the present text, or in that of a changed file, and this text.
fn plan_now(
    state: &State<'_>,
    prd: &Item,
    file: Option<Reading>,
) -> (Option<Plan>, Option<Reading>) {
    let reading = file.or_else(|| sources::reading_of(state, prd).ok());
    let mut plan = plan_of(state, prd);
    if let (Some(plan), Some(reading)) = (&mut plan, &reading)
        && plan.document != reading.hash()
    {
        let moved = MovedLines::since(state, plan, reading);
        plan.move_lines(|lines| moved.of(lines).unwrap_or(Lines::of(0, 0)));
    }
    (plan, reading)
}

/// What the lines of a text say, and the tasks of its plan that carry them.
fn account_of(plan: Option<&Plan>, reading: Option<&Reading>) -> Vec<Accounted> {
    let both = plan.zip(reading);
    both.map_or_else(Vec::new, |(plan, reading)| coverage::account(plan, reading))
}

/// What became of a line from which no task was created: the statement with it, in its plan.
fn untraced(prd: &Item, line: u32, of: Option<(&Plan, &Accounted)>) -> Error {
    let told = of.map(|(plan, one)| {
        let named = one.tasks.iter().find_map(|key| plan.task(key));
        let what = match named {
            Some(planned) => format!("task {} of the plan carries it", planned.number),
            None if one.disposition == Disposition::Uncovered => "it is open".to_owned(),
            None => word(one.disposition),
        };
        let reason = Some(one.reason.clone()).filter(|reason| !reason.is_empty());
        let by = one.by.as_ref().map(|by| format!("decided by {by}"));
        let more: Vec<String> = reason.into_iter().chain(by).collect();
        match more.is_empty() {
            true => format!(": {what}"),
            false => format!(": {what} ({})", more.join(", ")),
        }
    });
    let told = told.unwrap_or_default();
    let hint = format!("`git pm trace {}` shows the whole document", prd.id);
    Error::not_found(format!("no task was created from line {line}{told}")).hint(hint)
}

/// The tasks that a name refers to, and the commit if it is one.
fn tasks_named(pm: &Pm, state: &State<'_>, what: &str) -> Result<(Vec<Item>, Option<String>)> {
    if let Ok(item) = state.find(what) {
        let tasks = match item.kind {
            _ if item.is_epic() => below(state, &item.uid),
            ItemKind::Task | ItemKind::Issue | ItemKind::Epic => vec![item.clone()],
            ItemKind::Prd => of_prd(state, &item.uid),
        };
        return Ok((tasks, None));
    }
    if let Some((document, line)) = what.rsplit_once(':')
        && let Ok(line) = line.parse::<u32>()
    {
        let prd = document_named(pm, state, document)?;
        let file = file_of_line(pm, state, &prd, what);
        let (plan, reading) = plan_now(state, &prd, file);
        let statements = account_of(plan.as_ref(), reading.as_ref());
        let at = |lines: Lines| lines.start <= line && line <= lines.end;
        let carried = statements.iter().find(|one| at(one.lines));
        let mut found = of_prd(state, &prd.uid);
        found.retain(|task| {
            if let Some(one) = plan.as_ref().and_then(|plan| plan.task_of(&task.uid)) {
                let key = one.task.tests.as_ref().unwrap_or(&one.task.key);
                return carried.is_some_and(|carried| {
                    // What its author calls done by now is in no task of the document.
                    let is_done = carried.disposition == Disposition::Done && at(one.task.lines);
                    carried.tasks.contains(key) || is_done
                });
            }
            state.doc(&task.uid).is_some_and(|doc| {
                let criteria = doc.entries("acceptance");
                let criteria = criteria.map(|(_, entry)| entry.text("source_lines"));
                let mut all = criteria.chain([doc.text("source_lines")]).flatten();
                all.any(|lines| lines_in(lines).is_some_and(at))
            })
        });
        if found.is_empty() {
            return Err(untraced(&prd, line, plan.as_ref().zip(carried)));
        }
        return Ok((found, None));
    }
    let wanted = crate::plan::document::canonical_id(what);
    let of = |id: Option<&str>| id == Some(wanted.as_str());
    let plans = sources::plans(state);
    let planned = plans.iter().flat_map(|(plan, _)| {
        let all = plan.tasks.iter().filter(|one| !one.is_gone);
        all.filter_map(move |one| Some((one.item.as_ref()?.uid.as_ref()?, (plan, one))))
    });
    let planned: BTreeMap<&Uid, (&Plan, &Planned)> = planned.collect();
    let named: Vec<Item> = tasks(state)
        .filter(|task| {
            // The item of begun work has the id that its author gave it then.
            if let Some((plan, Planned { task, .. })) = planned.get(&task.uid) {
                let mut criteria = task.acceptance.iter();
                let is_one = of(task.requirement.as_deref());
                // New work has no id of its own.
                let is_next = task.requirement.is_none()
                    && plan.follow_ups.contains_key(&task.key)
                    && plan.tasks.iter().any(|one| {
                        of(one.task.requirement.as_deref())
                            && plan.follows(&task.key, &one.task.key)
                    });
                return is_one || is_next || criteria.any(|one| of(one.requirement.as_deref()));
            }
            state.doc(&task.uid).is_some_and(|doc| {
                let mut criteria = doc.entries("acceptance");
                of(doc.text("requirement"))
                    || criteria.any(|(_, entry)| of(entry.text("requirement")))
            })
        })
        .cloned()
        .collect();
    if !named.is_empty() {
        return Ok((named, None));
    }
    let repo = pm.store.repo();
    if let Some(id) = repo.resolve(what).filter(|id| repo.is_commit(*id)) {
        let commit = repo.commit(id)?;
        let name = commit.trailer("Task").ok_or_else(|| {
            Error::not_found(format!("commit {what} does not name a task"))
                .hint("git pm's hooks add a `Task:` trailer to commits in a task's worktree")
        })?;
        return Ok((vec![state.find(name)?.clone()], Some(id.to_string())));
    }
    if let Ok(prd) = document_named(pm, state, what) {
        return Ok((of_prd(state, &prd.uid), None));
    }
    Err(Error::not_found(format!(
        "`{}` cannot be traced: it is not a known item, commit, requirement or line",
        one_line(what)
    ))
    .hint(
        "specify a PRD or its file, an epic, a task, a commit, a requirement (FR-3) or FILE:LINE",
    ))
}

/// The PRD of a file, or with an id.
fn document_named(pm: &Pm, state: &State<'_>, name: &str) -> Result<Item> {
    if let Ok(item) = state.find_kind(name, ItemKind::Prd) {
        return Ok(item.clone());
    }
    prd::at_path(pm, state, name).ok_or_else(|| {
        let source = prd::path_from_root(pm, name);
        Error::not_found(format!("{} was never added as a PRD", one_line(&source)))
            .hint("`git pm prd list` lists the PRDs")
    })
}

/// The commits on branches and HEAD that name an item, by item.
fn commits_of(pm: &Pm, state: &State<'_>) -> Result<BTreeMap<Uid, Vec<TracedCommit>>> {
    let format = "--format=%H%x1f%an%x1f%cI%x1f%s%x1f%(trailers:key=Task,valueonly,separator=%x2C)";
    let args = [
        "log",
        "-n",
        COMMITS,
        "--branches",
        "HEAD",
        "--grep=^Task:",
        format,
    ];
    let output = pm.store.repo().git().run(&args)?;
    let mut out: BTreeMap<Uid, Vec<TracedCommit>> = BTreeMap::new();
    // A repository without commits has no log.
    for line in output.lines().iter().filter(|_| output.ok()) {
        let fields: Vec<&str> = line.split('\u{1f}').collect();
        let [id, author, at, subject, names] = fields[..] else {
            continue;
        };
        let names: BTreeSet<&str> = names.split(',').map(str::trim).collect();
        for name in names {
            if let Ok(item) = state.find(name) {
                out.entry(item.uid.clone()).or_default().push(TracedCommit {
                    id: id.to_string(),
                    author: author.to_string(),
                    at: at.to_string(),
                    subject: subject.to_string(),
                });
            }
        }
    }
    Ok(out)
}

fn tasks<'s>(state: &'s State<'_>) -> impl Iterator<Item = &'s Item> {
    state
        .items()
        .into_iter()
        .filter(|item| item.kind == ItemKind::Task)
}

/// The PRD of a task: by its plan, else the ancestor of its epic.
fn prd_of<'s>(state: &'s State<'_>, task: &Item) -> Option<&'s Item> {
    let planned = state
        .doc(&task.uid)
        .and_then(|doc| doc.text("planned_from"));
    if let Some(prd) = planned.and_then(Uid::new).and_then(|uid| state.item(&uid)) {
        return Some(prd);
    }
    let above = |item: &Item| -> Option<Uid> {
        let target: &ItemRef = item.parent().or(item.epic.as_ref())?;
        target.uid.clone()
    };
    let mut at = above(task)?;
    for _ in 0..8 {
        let item = state.item(&at)?;
        if item.kind == ItemKind::Prd {
            return Some(item);
        }
        at = above(item)?;
    }
    None
}

fn of_prd(state: &State<'_>, prd: &Uid) -> Vec<Item> {
    let of = |task: &&Item| prd_of(state, task).is_some_and(|found| found.uid == *prd);
    tasks(state).filter(of).cloned().collect()
}

fn below(state: &State<'_>, epic: &Uid) -> Vec<Item> {
    let is_part = |item: &&&Item| matches!(item.kind, ItemKind::Task | ItemKind::Issue);
    let parts = state.children(epic);
    parts.iter().filter(is_part).copied().cloned().collect()
}

/// True if a text states a task or a criterion of it in some lines: the task carries them, or they have its words, although
/// it is done there. Others may be in their place by now.
fn is_stated(
    planned: &Planned,
    criterion: Option<&Criterion>,
    lines: Lines,
    statements: &[Accounted],
) -> bool {
    let task = &planned.task;
    let key = task.tests.as_ref().unwrap_or(&task.key);
    let first = task.description.lines().next().unwrap_or_default();
    let said = match criterion {
        Some(criterion) => [criterion.text.as_str(), criterion.text.as_str()],
        None => [task.title.as_str(), first],
    };
    let mut there = statements.iter().filter(|one| meet(one.lines, lines));
    there.any(|one| one.tasks.contains(key) || said.iter().any(|said| says(&one.text, said)))
}

fn traced(
    state: &State<'_>,
    now_ms: u64,
    (task, planned): (&Item, Option<&Planned>),
    (prd, text, statements): (Option<&Item>, Option<&Reading>, &[Accounted]),
    commits: Vec<TracedCommit>,
) -> TracedTask {
    let doc = state.doc(&task.uid);
    let file = prd.map(|prd| sources::file_of(state, prd));
    let lines_now = |planned: &Planned, criterion: Option<&Criterion>| {
        let Some(own) = criterion else {
            return Some(planned.task.lines);
        };
        let all = &planned.task.acceptance;
        let by_id = all
            .iter()
            .find(|one| criterion_id(&planned.task.key, &one.text) == own.id);
        let by_text = || all.iter().find(|one| one.text == own.text);
        by_id.or_else(by_text).map(|one| one.lines)
    };
    let place = |criterion: Option<&Criterion>, at: Option<&str>, requirement: Option<&str>| {
        let known = at.and_then(lines_in)?;
        let lines = planned.map_or(Some(known), |planned| lines_now(planned, criterion));
        let is_there = |lines: &Lines| {
            planned.is_none_or(|planned| is_stated(planned, criterion, *lines, statements))
        };
        let lines = lines.filter(is_there);
        let nth = lines.and_then(|lines| (lines.start as usize).checked_sub(1));
        let now = text.and_then(|reading| reading.text.lines().nth(nth?));
        Some(Place {
            file: file.clone()?,
            lines: lines.filter(|_| now.is_some()).unwrap_or(known),
            requirement: match planned.filter(|_| criterion.is_none() && now.is_some()) {
                Some(planned) => planned.task.requirement.clone(),
                None => requirement.map(str::to_string),
            },
            text: now.map(|line| line.trim().to_string()),
        })
    };
    let of_task = |name: &str| doc.and_then(|doc| doc.text(name));
    let milestone = task
        .parent()
        .and_then(|parent| state.item(parent.uid.as_ref()?));
    let milestone = milestone.filter(|item| item.item_type == super::milestone::MILESTONE);
    TracedTask {
        task: LinkView::of(state, task, now_ms),
        source: place(None, of_task("source_lines"), of_task("requirement")),
        acceptance: task
            .acceptance
            .iter()
            .map(|criterion| {
                let entry = doc.and_then(|doc| doc.entry("acceptance", &criterion.id));
                let text = |name: &str| entry.and_then(|entry| entry.text(name));
                TracedCriterion {
                    text: criterion.text.clone(),
                    done: criterion.done,
                    source: place(Some(criterion), text("source_lines"), text("requirement")),
                }
            })
            .collect(),
        milestone: milestone.map(|item| LinkView::of(state, item, now_ms)),
        branch: task.branch.clone(),
        commits,
        approved_by: task.approval.as_ref().map(|one| one.by.clone()),
        approved_at: task.approval.as_ref().map(|one| one.at.clone()),
    }
}
