//! What a changed document does to the plan that was drafted from it.
//!
//! There are new, changed and gone tasks, lines that changed, and what the document says instead.

use std::collections::{BTreeMap, BTreeSet};

use super::approval_checks::{Check, Severity};
use super::document::Lines;
use super::done_words::as_done;
use super::draft::{self, Accounted, Criterion, Disposition, Draft, Edge, Task, UNKNOWN_ID};
use super::gone_tasks::done_command;
use super::line_ranges::meet;
use super::moved_lines::MovedLines;
use super::plan_types::{Plan, Planned};
use super::sentences::resembles;
use super::sources::{self, Reading};
use super::standing::{standings, told};
use super::view::{AsideView, TaskView};
use crate::model::item::Item;
use crate::model::status::{Status, status_word};
use crate::model::text::one_line;
use crate::model::uid::sha256_hex;
use crate::plan::prd;
use crate::pm::Pm;
use crate::store::state::State;

/// The largest number of new tasks that an update adds at once.
const PROPOSED: usize = 5;

/// The effects of a changed document.
#[derive(Clone, Debug, serde::Serialize, schemars::JsonSchema)]
pub struct Update {
    /// The PRD.
    pub prd: String,
    /// Its file, or its id.
    pub file: String,
    /// The file whose text was compared; `null` if it was the text that is stored in the PRD.
    pub read: Option<String>,
    /// Set if the text differs from the one that was planned.
    pub is_changed: bool,
    /// Set if the text is one that the document had before.
    pub is_older: bool,
    /// Set if they were written.
    pub written: bool,
    /// What an approval of the written changes asks first, or why it is refused.
    pub refused: Option<String>,
    /// Set if the text only has boxes ticked of work that is over: an approval of the text before stays valid.
    pub stands: bool,
    /// New tasks, at most five.
    pub new: Vec<TaskView>,
    /// The number of further new tasks.
    pub more: usize,
    /// Titles of changed tasks.
    pub changed: Vec<String>,
    /// Titles of tasks that are no longer in the document.
    pub gone: Vec<String>,
    /// Tasks whose words are in the document, but not as work to do.
    pub aside: Vec<AsideTask>,
    /// Closed tasks whose lines have other words for the same work, or whose box is open again.
    pub over: Vec<AsideTask>,
    /// Tasks that the document calls done, and that are not closed.
    pub done: Vec<DoneTask>,
    /// The lines of the document that are new or reworded.
    pub lines: Vec<ChangedLines>,
    /// What of these lines only a heading or a mark in the place of a box puts aside.
    pub put_aside: Vec<AsideView>,
    /// The numbers of tasks that had lines which are gone.
    pub lost: Vec<u32>,
    /// References of the changed document that lead nowhere, or not any more.
    pub references: Vec<Check>,
}

/// A task that its document does not state as work any more, or whose work is over.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct AsideTask {
    /// Its title.
    pub title: String,
    /// What the document says about it instead, with the line, or what is to be known of it.
    pub said: String,
}

/// A task that the document calls done.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct DoneTask {
    /// Its title.
    pub title: String,
    /// The id of its item.
    pub item: Option<String>,
    /// The command that closes its item.
    pub command: Option<String>,
}

/// Lines of a document that were not in the text that was planned.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct ChangedLines {
    /// The lines, in the new text.
    pub lines: Lines,
    /// The first of them that says something.
    pub text: String,
    /// The numbers of the tasks that carried them before they were reworded.
    pub tasks: Vec<u32>,
    /// The titles of the new tasks that have them.
    pub new: Vec<String>,
}

/// The item of a task.
fn item_of<'s>(state: &'s State<'_>, planned: &Planned) -> Option<&'s Item> {
    let item = planned.item.as_ref().and_then(|item| item.uid.as_ref());
    item.and_then(|uid| state.stored(uid))
}

/// True if the first of some lines is an open box that was ticked in the text before.
fn was_ticked(before: &str, text: &str, lines: Lines) -> bool {
    let at = (lines.start as usize).checked_sub(1);
    let Some(line) = at.and_then(|at| text.lines().nth(at)).map(str::trim) else {
        return false;
    };
    let ticked = ["[x]", "[X]"].map(|tick| line.replacen("[ ]", tick, 1));
    line.contains("[ ]")
        && before
            .lines()
            .any(|one| ticked.iter().any(|ticked| ticked == one.trim()))
}

/// The effects of a draft on a plan, and the keys of the tasks that are left for later.
pub(super) fn compare(
    pm: &Pm,
    state: &State<'_>,
    (plan, prd): (&Plan, &Item),
    draft: &Draft,
    reading: &Reading,
) -> (Update, Vec<String>) {
    let file = sources::file_of(state, prd);
    let (mut new, mut changed, mut left_out) = (Vec::new(), Vec::new(), Vec::new());
    let mut over = Vec::new();
    let moved = MovedLines::since(state, plan, reading);
    let is_touched = |old: Lines, now: Lines| {
        let mut old = old.start..=old.end;
        moved.is_new(now) || old.any(|line| moved.of(Lines::at(line)).is_none())
    };
    let before = state.text_of(prd).unwrap_or_default();
    let is_unticked = |now: Lines| was_ticked(&before, &reading.text, now);
    for proposed in draft.counted() {
        match plan.task(&proposed.key) {
            // A removed task is not proposed again.
            None if plan.removed.contains_key(&proposed.key) => {}
            None if new.len() < PROPOSED => {
                new.push(TaskView::of(proposed, &draft.edges, &file));
            }
            None => left_out.push(proposed.key.clone()),
            Some(planned) => {
                let same = |a: &[Criterion], b: &[Criterion]| {
                    a.iter().map(|c| &c.text).eq(b.iter().map(|c| &c.text))
                };
                let by_hand = |field: &str| planned.by_hand.contains_key(field);
                let closed = item_of(state, planned).filter(|item| item.status.is_closed());
                let done_item = closed.filter(|item| item.status == Status::Done);
                // The other words of one without lines are new work.
                let is_touched = |now: Lines| now.start > 0 && is_touched(planned.task.lines, now);
                let is_over = closed.is_some() && !is_touched(proposed.lines);
                let is_same = |field: &str| is_over || by_hand(field);
                let titles = is_same("title") || planned.task.title == proposed.title;
                let texts = is_same("description")
                    || by_hand("lines")
                    || planned.task.description == proposed.description;
                let is_new = |one: &Criterion| moved.is_new(one.lines);
                let criteria = same(&planned.task.acceptance, &proposed.acceptance)
                    || by_hand("acceptance") && !proposed.acceptance.iter().any(is_new);
                if let Some(item) = closed.filter(|_| !(titles && texts)) {
                    let (id, status) = (state.shown_id(item), item.status.to_string());
                    let status = status_word(&status);
                    over.push(AsideTask {
                        title: proposed.title.clone(),
                        said: format!("{id} is {status}; its line was reworded"),
                    });
                } else if !(titles && texts && criteria) {
                    changed.push(proposed.title.clone());
                } else if let Some(item) = done_item.filter(|_| is_unticked(proposed.lines)) {
                    let id = state.shown_id(item);
                    over.push(AsideTask {
                        title: proposed.title.clone(),
                        said: format!("its box is open again, and {id} is done: `git pm task reopen {id}` opens it"),
                    });
                }
            }
        }
    }
    let (lines, mut lost, kept) = changed_lines((plan, draft), reading, &moved);
    let left = plan.counted();
    let left = left.filter(|p| !p.is_gone && draft.task(&p.task.key).is_none());
    let left: Vec<&Planned> = left.collect();
    let (mut gone, mut aside, mut done) = (Vec::new(), Vec::new(), Vec::new());
    let said = match left.is_empty() {
        true => BTreeMap::new(),
        false => standings(state, plan, reading),
    };
    let is_lost = |planned: &Planned| {
        let number = &planned.number;
        lost.contains(number) && !kept.contains(number)
    };
    for planned in left {
        let was = as_done(state, plan, planned);
        let title = was.as_ref().unwrap_or(&planned.task).title.clone();
        let item = item_of(state, planned);
        match said.get(&planned.task.key) {
            Some(one) if one.disposition == Disposition::Done => {
                if item.is_some_and(|item| item.deleted || item.status.is_closed()) {
                    continue;
                }
                let item = item.map(|item| state.shown_id(item));
                let command = item.as_ref().map(|id| done_command(id));
                done.push(DoneTask {
                    title,
                    item,
                    command,
                });
            }
            // A written task is gone once the document has none of its lines.
            None if planned.added_by.is_some() && !is_lost(planned) => {}
            Some(_) if planned.added_by.is_some() => {}
            Some(one) => aside.push(AsideTask {
                title,
                said: told(one),
            }),
            None => gone.push(title),
        }
    }
    // What moved to where done or other work is listed is not gone.
    let told = plan.tasks.iter();
    let told = told.filter(|planned| said.contains_key(&planned.task.key));
    let told: BTreeSet<u32> = told.map(|planned| planned.number).collect();
    lost.retain(|number| !told.contains(number));
    let unknown = draft.findings.iter();
    let is_changed = plan.document != reading.hash();
    let unknown = unknown.filter(|one| one.rule == UNKNOWN_ID && is_changed);
    let unknown = unknown.map(|one| Check {
        lines: Some(one.lines),
        ..Check::of_plan(one.rule, one.severity, one.message.clone())
    });
    let mut references: Vec<Check> = unknown.collect();
    references.extend(lost_order(plan, draft, &moved, &references));
    let is_new = |one: &&Accounted| lines.iter().any(|changed| meet(changed.lines, one.lines));
    let statements = match lines.is_empty() {
        true => Vec::new(),
        false => draft::account(reading.verdicts(), &[]),
    };
    let by_heading = statements
        .iter()
        .filter(|one| one.is_put_aside_by_heading() || one.is_put_aside_by_box());
    let put_aside = by_heading.filter(is_new);
    let put_aside = put_aside.flat_map(|one| AsideView::all([one])).collect();
    let was = Some(sha256_hex(before.as_bytes()));
    let unticked = |text: &str| text.replace("[x]", "[ ]").replace("[X]", "[ ]");
    let is_same = unticked(&before) == unticked(&reading.text) && new.is_empty();
    let is_same = is_same && changed.is_empty() && gone.is_empty() && aside.is_empty();
    let is_approved = was == plan.approved_document || was == plan.accepted_document;
    let update = Update {
        stands: is_approved && is_same && done.is_empty(),
        prd: prd.id.clone(),
        file,
        read: None,
        lines,
        put_aside,
        lost,
        is_changed,
        is_older: prd::is_older(pm, state, prd, &reading.text),
        written: false,
        refused: None,
        new,
        more: left_out.len(),
        changed,
        gone,
        aside,
        over,
        done,
        references,
    };
    (update, left_out)
}

/// The dependencies that a line stated and does not state any more, although it was not changed itself: the title
/// or number that it refers to is another one now.
fn lost_order(plan: &Plan, draft: &Draft, moved: &MovedLines, known: &[Check]) -> Vec<Check> {
    let stated = plan
        .waits
        .iter()
        .filter(|wait| wait.rule == "explicit" && wait.line > 0);
    let lost = stated.filter_map(|wait| {
        let lines = moved
            .of(Lines::at(wait.line))
            .filter(|lines| !moved.is_new(*lines))?;
        let ends = [&wait.task, &wait.on].map(|key| plan.task(key));
        let [Some(task), Some(on)] = ends else {
            return None;
        };
        let is_there = |key: &str| draft.task(key).is_some();
        let is_same = |edge: &Edge| edge.task == wait.task && edge.on == wait.on;
        let is_lost =
            is_there(&wait.task) && is_there(&wait.on) && !draft.edges.iter().any(is_same);
        let is_known = known.iter().any(|one| one.lines == Some(lines));
        (is_lost && !is_known).then(|| {
            let message = format!(
                "task {} waited for task {} because of this line, which does not name it now",
                task.number, on.number
            );
            Check {
                lines: Some(lines),
                ..Check::of_plan("lost-order", Severity::Warning, message)
            }
        })
    });
    lost.collect()
}

/// The lines of a document that differ from the text that was planned, and the numbers of the tasks that
/// had lines which are gone, and of those that have some left.
fn changed_lines(
    (plan, draft): (&Plan, &Draft),
    reading: &Reading,
    moved: &MovedLines,
) -> (Vec<ChangedLines>, Vec<u32>, Vec<u32>) {
    if plan.document == reading.hash() {
        return (Vec::new(), Vec::new(), Vec::new());
    }
    let carried = |planned: &Planned| -> Vec<Lines> {
        let criteria = planned.task.acceptance.iter().map(|one| one.lines);
        let own = planned.merged.iter().copied().chain([planned.task.lines]);
        criteria
            .chain(own)
            .filter(|lines| lines.start > 0)
            .collect()
    };
    let text: Vec<&str> = reading.text.lines().collect();
    let within = |lines: Lines| {
        let own = text.get(lines.start.saturating_sub(1) as usize..lines.end as usize);
        own.unwrap_or_default()
    };
    // Where lines of a task are now; nothing if they are gone, or something else took their place.
    let now = |planned: &Planned, old: Lines| {
        let now = moved.of(old)?;
        let criteria = planned.task.acceptance.iter().map(|one| one.text.as_str());
        let own = [
            planned.task.title.as_str(),
            planned.task.description.as_str(),
        ];
        let said: Vec<&str> = criteria.chain(own).collect();
        let is_same = !moved.is_new(now) || resembles(&said, &within(now).join("\n"));
        is_same.then_some(now)
    };
    let numbers = |fits: &dyn Fn(Option<Lines>) -> bool| -> Vec<u32> {
        let fits = |planned: &&Planned| {
            let mut all = carried(planned).into_iter();
            all.any(|old| fits(now(planned, old)))
        };
        plan.counted()
            .filter(fits)
            .map(|planned| planned.number)
            .collect()
    };
    let is_new = |task: &&Task| {
        let is_removed = plan.removed.contains_key(&task.key);
        plan.task(&task.key).is_none() && !is_removed
    };
    let new = |lines: Lines| -> Vec<String> {
        let has = |task: &&Task| {
            let criteria = task.acceptance.iter().map(|one| one.lines);
            let mut own = criteria.chain([task.lines]);
            own.any(|own| own.start > 0 && meet(own, lines))
        };
        let new = draft.counted().filter(is_new).filter(has);
        new.map(|task| task.title.clone()).collect()
    };
    let changed = moved.new.iter().filter_map(|lines| {
        let says = |line: &&&str| line.chars().any(char::is_alphanumeric);
        Some(ChangedLines {
            lines: *lines,
            text: one_line(within(*lines).iter().find(says)?.trim()),
            tasks: numbers(&|now| now.is_some_and(|now| meet(now, *lines))),
            new: new(*lines),
        })
    });
    // A task that the draft has at new lines has only other words for as many.
    let has_moved = |number: &u32| {
        let planned = plan.counted().find(|planned| planned.number == *number);
        let drafted = planned.and_then(|planned| Some((planned, draft.task(&planned.task.key)?)));
        drafted.is_some_and(|(planned, drafted)| {
            moved.is_new(drafted.lines) && planned.task.acceptance.len() <= drafted.acceptance.len()
        })
    };
    let mut lost = numbers(&|now| now.is_none());
    lost.retain(|number| !has_moved(number));
    (changed.collect(), lost, numbers(&|now| now.is_some()))
}
