//! Which requirements of a new draft have other ids than in the plan: a task follows its words, not its id.
//!
//! A task with an id has a key of it. So an author who puts a requirement between others, and counts them again, would
//! give the words of each to the task of its neighbour, be that finished or begun. The same words below an id that was
//! given away are the task that had them, and so are like words; the id decides where the words are new.

use std::collections::{BTreeMap, BTreeSet};

use super::document::{normalize, without_tags};
use super::draft::{Draft, Key, Task};
use super::plan_types::Plan;
use super::same_task::{ALIKE, rename};
use crate::model::line_diff::likeness_of_words;
use crate::model::proposed::test_key;
use crate::model::uid::sha256_hex;

/// So many pairs of texts are compared.
const MOST_PAIRS: usize = 10_000;

/// A task with an id, as far as it is compared.
struct Said<'t> {
    key: &'t Key,
    id: &'t str,
    names: BTreeSet<String>,
    criteria: Vec<String>,
    is_removed: bool,
    /// The document dropped it: only the same words are it again.
    is_gone: bool,
}

impl<'t> Said<'t> {
    fn of(task: &'t Task) -> Option<Said<'t>> {
        let criteria = task.acceptance.iter().map(|one| normalize(&one.text));
        Some(Said {
            key: &task.key,
            id: task.requirement.as_deref()?,
            names: names(task),
            criteria: criteria.collect(),
            is_removed: false,
            is_gone: false,
        })
    }

    fn has_name_of(&self, other: &Said<'_>) -> bool {
        !self.names.is_disjoint(&other.names)
    }

    /// How much alike their words are, from 0 to 1.
    fn likeness(&self, other: &Said<'_>) -> f32 {
        let pairs = self.names.iter().flat_map(|name| {
            let others = other.names.iter();
            others.map(move |other| likeness_of_words(name, other))
        });
        pairs.fold(0.0, f32::max)
    }
}

/// The title of a task, and the words that its description begins with.
pub(super) fn names(task: &Task) -> BTreeSet<String> {
    let said = task.description.lines().next().unwrap_or_default();
    let names = [task.title.as_str(), said].map(|name| normalize(&without_tags(name)));
    let names = names.into_iter();
    names.filter(|name| !name.is_empty()).collect()
}

/// The tasks of a plan that can be in a draft of its document, with those that were removed by hand.
fn of_plan(plan: &Plan) -> Vec<Said<'_>> {
    let present = plan.present_tasks().filter(|one| one.added_by.is_none());
    let mut all: Vec<Said<'_>> = present.filter_map(|one| Said::of(&one.task)).collect();
    let followers = plan.follow_ups.keys().filter_map(|key| plan.task(key));
    let own = followers.filter(|one| !one.is_gone && one.task.requirement.is_none());
    for next in own {
        // The document asks for it in the words of the requirement that it follows.
        let first = all.iter_mut();
        let first = first.filter(|one| plan.follows(&next.task.key, one.key));
        first.for_each(|one| one.names.extend(names(&next.task)));
    }
    let removed = plan.removed.values();
    let removed = removed.filter(|task| task.tests.is_none() && plan.task(&task.key).is_none());
    all.extend(removed.filter_map(Said::of).map(|one| Said {
        is_removed: true,
        ..one
    }));
    let gone = plan.counted().filter(|one| {
        one.is_gone && one.item.is_some() && !plan.removed.contains_key(&one.task.key)
    });
    let gone = gone.filter_map(|one| Said::of(&one.task));
    all.extend(gone.map(|one| Said {
        is_gone: true,
        ..one
    }));
    all
}

/// The tasks of a draft whose ids nothing else in it has.
fn of_draft(draft: &Draft) -> Vec<Said<'_>> {
    let mut owners: BTreeMap<&str, usize> = BTreeMap::new();
    for id in draft.counted().filter_map(|one| one.requirement.as_deref()) {
        *owners.entry(id).or_default() += 1;
    }
    let all = draft.counted().filter_map(Said::of);
    all.filter(|one| owners.get(one.id) == Some(&1)).collect()
}

/// What is new, and for each the number of what it was before.
struct Pairs<'p> {
    old: &'p [Said<'p>],
    new: &'p [Said<'p>],
    before: Vec<Option<usize>>,
    taken: Vec<bool>,
}

impl Pairs<'_> {
    fn put(&mut self, now: usize, was: usize) {
        if self.before[now].is_none() && !self.taken[was] {
            (self.before[now], self.taken[was]) = (Some(was), true);
        }
    }

    fn free_new(&self) -> Vec<usize> {
        let all = 0..self.new.len();
        all.filter(|now| self.before[*now].is_none()).collect()
    }

    fn free_old(&self) -> Vec<usize> {
        let all = 0..self.old.len();
        all.filter(|was| !self.taken[*was]).collect()
    }

    /// True if one of two ids was given away: the plan has the new one for another task, or the document the old one.
    fn is_given_away(&self, now: usize, was: usize) -> bool {
        let (now, was) = (self.new[now].id, self.old[was].id);
        let had = || self.old.iter().any(|one| one.id == now);
        now != was && (had() || self.new.iter().any(|one| one.id == was))
    }

    fn fits(&self, now: usize, was: usize) -> bool {
        self.new[now].id == self.old[was].id || self.is_given_away(now, was)
    }

    /// What has its words and its id.
    fn unchanged(&mut self) {
        let mut with: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (was, one) in self.old.iter().enumerate() {
            with.entry(one.id).or_default().push(was);
        }
        for (now, own) in self.new.iter().enumerate() {
            let mut all = with.get(own.id).into_iter().flatten();
            let is_it = |was: &&usize| !self.taken[**was] && self.old[**was].has_name_of(own);
            if let Some(was) = all.find(is_it) {
                self.put(now, *was);
            }
        }
    }

    /// What alone has some words, on either side, whatever its id: of those that the document dropped, or of the others.
    fn named<K: Ord>(&mut self, gone: bool, words: impl Fn(&Said<'_>) -> Vec<K>) {
        let mut by: BTreeMap<K, [Vec<usize>; 2]> = BTreeMap::new();
        for (side, free) in [self.free_new(), self.free_old()].into_iter().enumerate() {
            for at in free {
                let one = [self.new, self.old][side].get(at);
                let one = one.filter(|one| side == 0 || one.is_gone == gone);
                for key in one.map(&words).unwrap_or_default() {
                    by.entry(key).or_default()[side].push(at);
                }
            }
        }
        for [now, was] in by.values() {
            if let ([now], [was]) = (now.as_slice(), was.as_slice()) {
                self.put(*now, *was);
            }
        }
    }

    /// What is most like each other, and like nothing else as much. As long as the others kept their ids, one that is
    /// like what has its id is that.
    fn alike(&mut self) {
        let (free_new, free_old) = (self.free_new(), self.free_old());
        let pairs = free_new.len() * self.old.len() + free_old.len() * self.new.len();
        if free_new.is_empty() || free_old.is_empty() || pairs > MOST_PAIRS {
            return;
        }
        let likeness = |now: usize, was: usize| self.new[now].likeness(&self.old[was]);
        let best_old = |now: usize| {
            let all = (0..self.old.len()).filter(|was| !self.old[*was].is_gone);
            only_best(all.map(|was| (likeness(now, was), was)))
        };
        let best_new = |was: usize| {
            let all = (0..self.new.len()).map(|now| (likeness(now, was), now));
            only_best(all)
        };
        let is_renumbered = self
            .before
            .iter()
            .enumerate()
            .any(|(now, was)| was.is_some_and(|was| self.old[was].id != self.new[now].id));
        let may_move = |was: usize| {
            let mut own = (0..self.new.len()).filter(|now| self.new[*now].id == self.old[was].id);
            is_renumbered || !own.any(|now| likeness(now, was) >= ALIKE)
        };
        let found = free_new.iter().filter_map(|now| {
            let (alike, was) = best_old(*now)?;
            let is_it = free_old.contains(&was) && alike >= ALIKE && self.fits(*now, was);
            let is_best = || best_new(was).is_some_and(|(_, other)| other == *now);
            let is_own = || self.new[*now].id == self.old[was].id;
            (is_it && is_best() && (is_own() || may_move(was))).then_some((*now, was))
        });
        let found: Vec<(usize, usize)> = found.collect();
        for (now, was) in found {
            self.put(now, was);
        }
    }

    /// What has its id. One that was removed by hand can have had it before others were counted again.
    fn with_id(&mut self) {
        for now in self.free_new() {
            let own = &self.new[now];
            let all = self.free_old().into_iter();
            let same = all.filter(|was| self.old[*was].id == own.id && !self.old[*was].is_gone);
            let rank = |was: &usize| {
                let old = &self.old[*was];
                (old.is_removed, old.key != own.key)
            };
            if let Some(was) = same.min_by_key(rank) {
                self.put(now, was);
            }
        }
    }
}

/// The one with the highest value, if no other has it.
fn only_best(all: impl Iterator<Item = (f32, usize)>) -> Option<(f32, usize)> {
    let (mut best, mut is_only): (Option<(f32, usize)>, bool) = (None, true);
    for (value, at) in all {
        match best {
            Some((most, _)) if value < most => {}
            Some((most, _)) if value <= most => is_only = false,
            _ => (best, is_only) = (Some((value, at)), true),
        }
    }
    best.filter(|_| is_only)
}

/// Gives the tasks of a new draft that have ids the keys of those of the plan that have their words.
pub(super) fn follow_words(draft: &mut Draft, plan: &Plan) {
    let keys = keys(draft, plan);
    rename(draft, &keys);
}

fn keys(draft: &Draft, plan: &Plan) -> BTreeMap<Key, Key> {
    let (old, new) = (of_plan(plan), of_draft(draft));
    let mut pairs = Pairs {
        before: vec![None; new.len()],
        taken: vec![false; old.len()],
        old: &old,
        new: &new,
    };
    pairs.unchanged();
    for gone in [false, true] {
        pairs.named(gone, |one| {
            let all = one.names.iter().cloned();
            all.map(|name| (name, one.criteria.clone())).collect()
        });
        pairs.named(gone, |one| one.names.iter().cloned().collect());
    }
    pairs.alike();
    pairs.with_id();
    let mut keys = BTreeMap::new();
    for (now, was) in pairs.before.iter().enumerate() {
        let own = &new[now];
        let kept = match was {
            Some(was) => old[*was].key.clone(),
            None if is_of_another(plan, &old, own) => key_of(own),
            None => continue,
        };
        if kept != *own.key {
            keys.insert(test_key(own.key), test_key(&kept));
            keys.insert(own.key.clone(), kept);
        }
    }
    keys
}

/// True if the key that an id gives a new requirement is that of a task with other words: one in the document, or one
/// that had another id last.
fn is_of_another(plan: &Plan, old: &[Said<'_>], own: &Said<'_>) -> bool {
    let planned = plan.task(own.key).map(|one| &one.task);
    let before = planned.or_else(|| plan.removed.get(own.key));
    let id = before.and_then(|task| task.requirement.as_deref());
    // What the document dropped is asked for again in like words only.
    let is_back = |one: &Said<'_>| one.is_gone && own.likeness(one) >= ALIKE;
    let mut all = old.iter().filter(|one| !is_back(one));
    id.is_some_and(|id| id != own.id) || all.any(|one| one.key == own.key)
}

/// The key of a requirement whose id was that of another one: of both and of its words, so that it has it in every clone.
fn key_of(own: &Said<'_>) -> Key {
    let words: Vec<&str> = own.names.iter().map(String::as_str).collect();
    let said = format!("renumbered\u{1f}{}\u{1f}{}", own.key, words.join("\u{1f}"));
    sha256_hex(said.as_bytes())[..12].to_owned()
}
