//! Which tasks of a new draft are those of the plan, although their words or their place changed.
//!
//! A task has a key of its words and the headings above it, or of its id. So an author who corrects
//! one of these would take a task out of the plan, with all that people decided about it, and put
//! another one in. A task keeps its key if its line was reworded, or if it stands elsewhere now. A line that
//! a written task carries, or one of a removed task, is theirs in the same way, and no task of its own.

use std::collections::{BTreeMap, BTreeSet};

use super::document::{Lines, asks_no_more, normalize};
use super::done_words::as_done;
use super::draft::{Draft, Key, Milestone, Strategy, Task};
use super::moved_lines::MovedLines;
use super::new_work::{is_replaced, put_after};
use super::plan_types::{Plan, Planned};
use super::sources::Reading;
use super::standing::ticked;
use crate::model::line_diff::likeness_of_words;
use crate::model::proposed::test_key;
use crate::store::state::State;

/// So much alike are two forms of one line; a requirement in the place of another is less so.
pub(super) const ALIKE: f32 = 0.5;

/// So many lines away a reworded line is looked for, among those that took the place of others.
const NEAR: u32 = 40;

/// So many lines of a written task are looked for.
const CARRIED: usize = 5_000;

/// A task or phase, as far as it is compared, or a line of one.
struct One<'t> {
    key: &'t Key,
    line: u32,
    names: BTreeSet<String>,
    id: Option<&'t String>,
    /// Its work is over: words that ask for more are new work.
    is_over: bool,
    /// Its words are by hand: only its line tells what it is.
    is_rewritten: bool,
    /// It is not drafted from its line: as long as this stands, the same words elsewhere are other work.
    is_carried: bool,
}

impl<'t> One<'t> {
    fn task(task: &'t Task) -> One<'t> {
        let said = task.description.lines().next().unwrap_or_default();
        One {
            key: &task.key,
            line: task.lines.start,
            names: [task.title.as_str(), said].map(normalize).into(),
            id: task.requirement.as_ref(),
            is_over: false,
            is_rewritten: false,
            is_carried: false,
        }
    }

    fn planned(state: &State<'_>, plan: &Plan, planned: &'t Planned) -> One<'t> {
        let item = planned.item.as_ref().and_then(|item| item.uid.as_ref());
        let item = item.and_then(|uid| state.stored(uid));
        let was = as_done(state, plan, planned);
        One {
            names: One::task(was.as_ref().unwrap_or(&planned.task)).names,
            is_over: item.is_some_and(|item| item.deleted || item.status.is_closed()),
            is_rewritten: planned.added_by.is_some()
                || ["title", "description"]
                    .iter()
                    .all(|field| planned.by_hand.contains_key(*field)),
            ..One::task(&planned.task)
        }
    }

    /// The lines that a written task carries, each as what it is compared by.
    fn carried(state: &State<'_>, plan: &Plan, planned: &'t Planned) -> Vec<One<'t>> {
        let criteria = planned.task.acceptance.iter();
        let said = criteria.clone().map(|one| normalize(&one.text));
        let own = planned.merged.iter().copied().chain([planned.task.lines]);
        let all = own.chain(criteria.map(|one| one.lines));
        let all = all.filter(|lines| lines.start > 0);
        let all = all.flat_map(|lines| lines.start..=lines.end);
        let all: BTreeSet<u32> = all.take(CARRIED).collect();
        let whole = One::planned(state, plan, planned);
        let names: BTreeSet<String> = whole.names.iter().cloned().chain(said).collect();
        let one = |line| One {
            line,
            names: names.clone(),
            is_carried: true,
            ..whole
        };
        all.into_iter().map(one).collect()
    }

    fn phase(phase: &'t Milestone) -> One<'t> {
        One {
            key: &phase.key,
            line: phase.lines.start,
            names: [normalize(&phase.title)].into(),
            id: None,
            is_over: false,
            is_rewritten: false,
            is_carried: false,
        }
    }

    fn has_name_of(&self, other: &One<'_>) -> bool {
        let mut names = self.names.iter().filter(|name| !name.is_empty());
        names.any(|name| other.names.contains(name))
    }

    /// How much alike they are, from 0 to 1.
    fn likeness(&self, other: &One<'_>) -> f32 {
        match self.has_name_of(other) {
            true => 1.0,
            // An id that its author did not use before is that of another requirement.
            false if self.is_renamed(other) => 0.0,
            false if self.is_over => {
                let mut pairs = self.names.iter().flat_map(|name| {
                    let others = other.names.iter();
                    others.map(move |other| asks_no_more(name, other))
                });
                match pairs.any(|is_same| is_same) {
                    true => 1.0,
                    false => 0.0,
                }
            }
            false => self.likeness_of_words(other),
        }
    }

    fn likeness_of_words(&self, other: &One<'_>) -> f32 {
        let pairs = self.names.iter().flat_map(|name| {
            let others = other.names.iter();
            others.map(move |other| likeness_of_words(name, other))
        });
        pairs.fold(0.0, f32::max)
    }

    /// True if its author gave it another id.
    fn is_renamed(&self, other: &One<'_>) -> bool {
        let ids = self.id.zip(other.id);
        ids.is_some_and(|(own, other)| own != other)
    }
}

/// Gives the tasks and phases of a new draft the keys that they have in the plan, and leaves out what written
/// tasks of the plan carry.
pub(super) fn keep_keys(draft: &mut Draft, state: &State<'_>, plan: &Plan, reading: &Reading) {
    let known: BTreeSet<&Key> = plan.tasks.iter().map(|planned| &planned.task.key).collect();
    let drafted: BTreeSet<&Key> = draft.tasks.iter().map(|task| &task.key).collect();
    let new = draft.counted().filter(|task| {
        // What was removed by hand stays removed.
        !known.contains(&task.key) && !plan.removed.contains_key(&task.key)
    });
    let new: Vec<One<'_>> = new.map(One::task).collect();
    let own = plan.present_tasks();
    let (written, planned): (Vec<&Planned>, Vec<&Planned>) =
        own.partition(|planned| planned.added_by.is_some());
    let removed = plan.removed.values().filter(|task| {
        let is_left = task.tests.is_none() && !drafted.contains(&task.key);
        is_left && task.lines.start > 0 && !known.contains(&task.key)
    });
    // The next words for new work after a closed task are another question.
    let (answered, removed): (Vec<&Task>, Vec<&Task>) =
        removed.partition(|task| plan.follow_ups.contains_key(&task.key));
    let phases: BTreeSet<&Key> = plan.milestones.iter().map(|phase| &phase.key).collect();
    let new_phases = draft
        .milestones
        .iter()
        .filter(|phase| !phases.contains(&phase.key));
    let new_phases: Vec<One<'_>> = new_phases.map(One::phase).collect();
    if new_phases.is_empty() && new.is_empty() {
        return;
    }
    let ticked = ticked(state, plan, reading);
    let is_left = |planned: &&&Planned| !ticked.contains(&planned.task.key);
    let placed = planned.iter().filter(|one| one.task.lines.start > 0);
    // Each line is of one task: of the one that was drafted from it, else of one that carries it.
    let mut lines: BTreeSet<u32> = placed.clone().map(|one| one.task.lines.start).collect();
    let left = placed.filter(is_left);
    let left = left.filter(|planned| !drafted.contains(&planned.task.key));
    let mut left: Vec<One<'_>> = left
        .map(|planned| One::planned(state, plan, planned))
        .collect();
    let carried = written.iter().filter(is_left);
    let carried = carried.flat_map(|planned| One::carried(state, plan, planned));
    let removed = removed.into_iter().map(|task| One {
        is_carried: true,
        ..One::task(task)
    });
    let others = carried.chain(removed);
    left.extend(others.filter(|one| lines.insert(one.line)));
    let drafted: BTreeSet<&Key> = draft.milestones.iter().map(|phase| &phase.key).collect();
    let left_phases = plan
        .milestones
        .iter()
        .filter(|phase| !drafted.contains(&phase.key));
    let left_phases: Vec<One<'_>> = left_phases.map(One::phase).collect();
    let moved = MovedLines::since(state, plan, reading);
    let (mut keys, mut carried) = (BTreeMap::new(), BTreeSet::new());
    let is_written = |key: &Key| written.iter().any(|planned| planned.task.key == *key);
    let is_there = |one: &One<'_>| is_written(one.key) && moved.of(Lines::at(one.line)).is_some();
    let made = plan.counted().filter(|one| one.item.is_some());
    let made = made.filter(|one| !plan.follow_ups.contains_key(&one.task.key));
    let made = made.count();
    let had_parts = made > 1 || made > 0 && plan.strategy != Strategy::Single;
    if draft.strategy == Strategy::Single && (had_parts || left.iter().any(is_there)) {
        // What is left of a document is not one task as a whole where there were tasks for parts of it.
        carried.extend(new.iter().map(|one| one.key.clone()));
    }
    let paired = same(&left, &new, &moved);
    let over = left.iter().filter(|one| one.is_over && !one.is_carried);
    let over = over.map(|one| (one, one.key));
    let answered = answered.into_iter();
    let answered = answered.filter(|task| !is_replaced(state, plan, task));
    let answered: Vec<One<'_>> = answered.map(One::task).collect();
    let again = answered.iter();
    let again = again.filter_map(|one| Some((one, plan.follow_ups.get(one.key)?)));
    let followed = followed(over.chain(again), &new, &paired, &moved);
    for (key, kept) in paired {
        if is_written(&kept) {
            carried.insert(key);
            continue;
        }
        keys.insert(test_key(&key), test_key(&kept));
        keys.insert(key, kept);
    }
    keys.extend(same(&left_phases, &new_phases, &moved));
    rename(draft, &keys);
    leave_out(draft, &carried);
    for (key, on) in followed {
        put_after(draft, state, plan, &key, &on);
    }
}

/// Takes tasks out of a draft, with their tests and wherever they are named.
fn leave_out(draft: &mut Draft, keys: &BTreeSet<Key>) {
    if keys.is_empty() {
        return;
    }
    draft
        .tasks
        .retain(|task| !keys.contains(task.tests.as_ref().unwrap_or(&task.key)));
    let left: BTreeSet<&Key> = draft.tasks.iter().map(|task| &task.key).collect();
    draft
        .edges
        .retain(|edge| left.contains(&edge.task) && left.contains(&edge.on));
    for phase in &mut draft.milestones {
        phase.tasks.retain(|key| !keys.contains(key));
    }
    draft
        .findings
        .retain(|one| one.task.as_ref().is_none_or(|key| !keys.contains(key)));
    draft
        .suggestions
        .retain(|one| !one.tasks.iter().any(|key| keys.contains(key)));
}

/// The keys of what is new, each with that of the one that it was before.
fn same(left: &[One<'_>], new: &[One<'_>], moved: &MovedLines) -> Vec<(Key, Key)> {
    // At its place a line may have other words; the same words may be at another place.
    let mut pairs: Vec<(f32, u32, usize, usize)> = Vec::new();
    for (before, one) in left.iter().enumerate() {
        let Some(place) = moved.of(Lines::at(one.line)).map(|lines| lines.start) else {
            continue;
        };
        let beside = new.iter().enumerate();
        let is_there = |other: &One<'_>| {
            place.abs_diff(other.line) <= NEAR && moved.is_beside(place, other.line)
        };
        for (now, other) in beside.filter(|(_, other)| is_there(other)) {
            let is_same = one.is_rewritten && place == other.line;
            let likeness = match is_same && !moved.is_new(Lines::at(place)) {
                true => 1.0,
                false => one.likeness(other),
            };
            if likeness >= ALIKE {
                pairs.push((likeness, place.abs_diff(other.line), before, now));
            }
        }
    }
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    let (mut paired, mut taken) = (BTreeMap::new(), BTreeSet::new());
    for (_, _, before, now) in pairs {
        if !paired.contains_key(&before) && taken.insert(now) {
            paired.insert(before, now);
        }
    }
    let stands = |one: &&One<'_>| {
        let place = moved.of(Lines::at(one.line));
        one.is_carried && place.is_some_and(|place| !moved.is_new(place))
    };
    let stands = left.iter().filter(stands).map(|one| one.key);
    let mut placed: BTreeSet<&Key> = stands.collect();
    placed.extend(paired.keys().map(|before| left[*before].key));
    // Another place where the words of finished work stand may ask for it again.
    for (before, one) in left.iter().enumerate().filter(|(_, one)| !one.is_over) {
        let free = |now: &usize| !taken.contains(now) && one.has_name_of(&new[*now]);
        let mut namesakes = (0..new.len()).filter(free);
        // It could be either of two with one name.
        let found = namesakes.next().filter(|_| namesakes.next().is_none());
        let Some(now) = found.filter(|_| !placed.contains(one.key)) else {
            continue;
        };
        let others = left.iter().filter(|other| !placed.contains(other.key));
        let others = others.filter(|other| other.has_name_of(&new[now]));
        let others: BTreeSet<&Key> = others.map(|other| other.key).collect();
        if others.len() == 1 {
            paired.insert(before, now);
            taken.insert(now);
            placed.insert(one.key);
        }
    }
    let keys = paired.into_iter();
    keys.map(|(before, now)| (new[now].key.clone(), left[before].key.clone()))
        .collect()
}

/// The keys of what asks for other work in the reworded lines of finished tasks, or of removed work after these, each
/// with that of such a task.
fn followed<'o>(
    over: impl Iterator<Item = (&'o One<'o>, &'o Key)>,
    new: &[One<'_>],
    paired: &[(Key, Key)],
    moved: &MovedLines,
) -> Vec<(Key, Key)> {
    let is_paired = |key: &Key| paired.iter().any(|(now, kept)| now == key || kept == key);
    let over = over.filter(|(one, _)| !is_paired(one.key));
    let followed = over.filter_map(|(one, on)| {
        let place = moved.of(Lines::at(one.line))?.start;
        let is_next = |other: &&One<'_>| {
            let is_there = other.line == place && !is_paired(other.key);
            is_there && !one.is_renamed(other) && one.likeness_of_words(other) >= ALIKE
        };
        let next = new.iter().find(is_next)?;
        Some((next.key.clone(), on.clone()))
    });
    followed.collect()
}

/// Gives tasks and phases other keys, wherever they are named.
pub(super) fn rename(draft: &mut Draft, keys: &BTreeMap<Key, Key>) {
    let rename = |key: &mut Key| {
        if let Some(kept) = keys.get(key) {
            key.clone_from(kept);
        }
    };
    for task in &mut draft.tasks {
        rename(&mut task.key);
        task.tests.iter_mut().for_each(rename);
        task.milestone.iter_mut().for_each(rename);
    }
    for edge in &mut draft.edges {
        rename(&mut edge.task);
        rename(&mut edge.on);
    }
    for phase in &mut draft.milestones {
        rename(&mut phase.key);
        phase.tasks.iter_mut().for_each(rename);
        phase.after.iter_mut().for_each(rename);
    }
    for finding in &mut draft.findings {
        finding.task.iter_mut().for_each(rename);
    }
    for suggestion in &mut draft.suggestions {
        suggestion.tasks.iter_mut().for_each(rename);
    }
}
