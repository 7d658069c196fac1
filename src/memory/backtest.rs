//! The accuracy of `predict`: repeats the predictions for done tasks, from what was known when each
//! was started, and compares them with what then happened.

use std::collections::{BTreeSet, HashMap, HashSet};

use serde::Serialize;

use super::learning_stats::ratio;
use super::past_trouble::{Account, TroubleKind, account_of};
use super::predict::{PAST, newest_first};
use crate::coordinate::reserve::pattern::comparison_budget::{Answer, Effort};
use crate::coordinate::reserve::pattern::{Path, Pattern};
use crate::coordinate::reserve::pattern_lists::Wanted;
use crate::error::Result;
use crate::model::id::ItemKind;
use crate::model::item::Item;
use crate::model::stamp::parse_rfc3339;
use crate::model::status::Status;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::store::state::State;
use crate::work::insight::items_of_files::{TaskCommit, task_commits};

/// The maximum number of done tasks that are predicted again, the newest ones.
const TASKS: usize = 100;

/// The maximum number of started items that one task is compared with, the newest ones.
const ITEMS: usize = 2_000;

/// The minimum number of tasks from which shares are computed.
const ENOUGH: usize = 10;

/// The accuracy of `predict` for done tasks. A prediction is a kind of trouble of a task.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PredictionStats {
    /// The number of done tasks that were predicted again: the newest, at most 100, whose start is
    /// in the searched part of the history.
    pub tasks: usize,
    /// The minimum number of tasks from which the shares are computed.
    pub needed: usize,
    /// The tasks for which an earlier item on the same paths was known; without any, nothing is
    /// predicted.
    pub with_past: usize,
    /// Predicted, and it happened.
    pub happened: usize,
    /// Predicted, and it did not happen.
    pub did_not_happen: usize,
    /// It happened, and was not predicted.
    pub unpredicted: usize,
    /// The share of predictions that were right; null with too few tasks or without predictions.
    pub precision: Option<f64>,
    /// The share of the trouble that was predicted; null with too few tasks or without trouble.
    pub recall: Option<f64>,
    /// The same counts for each kind that was predicted or happened.
    pub kinds: Vec<TroubleStats>,
}

/// Counts of predictions and occurrences of one kind of trouble.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TroubleStats {
    /// The kind.
    pub kind: TroubleKind,
    /// Predicted, and it happened.
    pub happened: usize,
    /// Predicted, and it did not happen.
    pub did_not_happen: usize,
    /// It happened, and was not predicted.
    pub unpredicted: usize,
}

impl Pm {
    /// Repeats the predictions for done tasks and counts how they turned out.
    ///
    /// # Errors
    /// When the history cannot be read, or git cannot be run.
    pub(super) fn prediction_stats(&self, state: &State<'_>) -> Result<PredictionStats> {
        let mut items: Vec<&Item> = (state.items().into_iter())
            .filter(|item| !item.deleted && item.started_at.is_some())
            .collect();
        items.sort_by(newest_first);
        let mut done: Vec<&Item> = (items.iter().copied())
            .filter(|item| item.kind == ItemKind::Task && item.status == Status::Done)
            .collect();
        done.sort_by(|a, b| (&b.closed_at, &b.uid).cmp(&(&a.closed_at, &a.uid)));
        let mut out = PredictionStats {
            needed: ENOUGH,
            ..PredictionStats::default()
        };
        if done.is_empty() {
            return Ok(out);
        }
        let past = Past::read(self, state, &items)?;
        let compared = (done.iter())
            .filter_map(|task| past.compare(task))
            .take(TASKS);
        for one in compared {
            out.tasks += 1;
            out.with_past += usize::from(one.has_past);
            for kind in one.predicted.union(&one.happened) {
                let counts = out.of_kind(*kind);
                match (one.predicted.contains(kind), one.happened.contains(kind)) {
                    (true, true) => counts.happened += 1,
                    (true, false) => counts.did_not_happen += 1,
                    _ => counts.unpredicted += 1,
                }
            }
        }
        out.kinds.sort_by_key(|counts| counts.kind);
        let sum = |count: fn(&TroubleStats) -> usize| out.kinds.iter().map(count).sum();
        out.happened = sum(|kind| kind.happened);
        out.did_not_happen = sum(|kind| kind.did_not_happen);
        out.unpredicted = sum(|kind| kind.unpredicted);
        if out.tasks >= ENOUGH {
            out.precision = ratio(out.happened, out.happened + out.did_not_happen);
            out.recall = ratio(out.happened, out.happened + out.unpredicted);
        }
        Ok(out)
    }
}

impl PredictionStats {
    fn of_kind(&mut self, kind: TroubleKind) -> &mut TroubleStats {
        let at = self.kinds.iter().position(|counts| counts.kind == kind);
        let at = at.unwrap_or_else(|| {
            self.kinds.push(TroubleStats {
                kind,
                happened: 0,
                did_not_happen: 0,
                unpredicted: 0,
            });
            self.kinds.len() - 1
        });
        &mut self.kinds[at]
    }
}

/// The trouble predicted for a task, and the trouble that happened.
struct Compared {
    has_past: bool,
    predicted: BTreeSet<TroubleKind>,
    happened: BTreeSet<TroubleKind>,
}

/// The past, from which follows what was known at any time.
struct Past<'s> {
    pm: &'s Pm,
    state: &'s State<'s>,
    /// The started items, newest first.
    items: &'s [&'s Item],
    commits: Vec<(TaskCommit, HashSet<Uid>)>,
    account: Account,
    /// The trouble of each item: its kind, and its time in milliseconds.
    trouble: HashMap<Uid, Vec<(TroubleKind, u64)>>,
}

impl<'s> Past<'s> {
    fn read(pm: &'s Pm, state: &'s State<'s>, items: &'s [&'s Item]) -> Result<Past<'s>> {
        let mut account = account_of(pm, state, items)?;
        let mut trouble: HashMap<Uid, Vec<(TroubleKind, u64)>> = HashMap::new();
        for one in std::mem::take(&mut account.trouble) {
            let of_item = trouble.entry(one.item).or_default();
            of_item.push((one.kind, one.ms));
        }
        let mut known: HashMap<String, Option<Uid>> = HashMap::new();
        let mut commits = Vec::new();
        for commit in task_commits(pm.store.repo().git(), None)? {
            let mut uids = HashSet::new();
            for name in &commit.names {
                let find = || state.find(name).ok().map(|item| item.uid.clone());
                uids.extend(known.entry(name.clone()).or_insert_with(find).clone());
            }
            commits.push((commit, uids));
        }
        Ok(Past {
            pm,
            state,
            items,
            commits,
            account,
            trouble,
        })
    }

    /// The time at which an item was first started, in milliseconds since the Unix epoch.
    fn start(&self, item: &Item) -> Option<u64> {
        // A second start replaces the first one in the document.
        let noted = item.started_at.as_deref().and_then(parse_rfc3339);
        let seen = self.account.starts.get(&item.uid).copied();
        noted.into_iter().chain(seen).min()
    }

    /// The prediction for a task from what was known at its start, and what happened; none if the
    /// searched history begins later.
    fn compare(&self, task: &Item) -> Option<Compared> {
        let start = self.start(task)?;
        if start < self.account.since_ms {
            return None;
        }
        let past = self.known_at(task, start);
        let kinds = |uid: &Uid, wanted: &dyn Fn(u64) -> bool| {
            let all = self.trouble.get(uid).into_iter().flatten();
            let some = all.filter(|(_, ms)| wanted(*ms));
            some.map(|(kind, _)| *kind).collect::<Vec<_>>()
        };
        let before = |ms| ms < start;
        Some(Compared {
            has_past: !past.is_empty(),
            predicted: (past.iter())
                .flat_map(|item| kinds(&item.uid, &before))
                .collect(),
            happened: kinds(&task.uid, &|ms| ms >= start).into_iter().collect(),
        })
    }

    /// The earlier items on the paths of a task that were known when it was started, chosen as
    /// `predict` does.
    fn known_at(&self, task: &Item, start: u64) -> Vec<&'s Item> {
        let effort = Effort::default();
        let patterns = Pattern::all_within(&self.planned(task, start), &effort);
        if patterns.is_empty() {
            return Vec::new();
        }
        let files = self.pm.files_among(&patterns);
        let patterns = Pattern::with_files(patterns, &files);
        let touched = self.touched(&patterns, start, &effort);
        let wanted = Wanted::of(patterns, self.pm.case());
        let closed = |one: &Item| one.closed_at.as_deref().and_then(parse_rfc3339);
        let mut past: Vec<&Item> = (self.items.iter().copied())
            .filter(|one| one.uid != task.uid)
            .filter(|one| self.start(one).is_some_and(|begun| begun < start))
            .filter(|one| one.age < task.age || closed(one).is_some_and(|ms| ms < start))
            .take(ITEMS)
            .filter(|one| {
                touched.contains(&one.uid)
                    || wanted.meeting(&self.planned(one, start)).next().is_some()
            })
            .collect();
        past.truncate(PAST);
        past
    }

    /// The items with a commit before a time that changed files of some patterns.
    fn touched(&self, patterns: &[Pattern], before: u64, effort: &Effort) -> HashSet<&Uid> {
        let case = self.pm.case();
        let is_one = |file: &String| {
            let path = Path::new(file);
            let mut patterns = patterns.iter();
            patterns.any(|one| one.matches_within(&path, case, effort) == Answer::Yes)
        };
        (self.commits.iter())
            .filter(|(commit, _)| commit.seconds.saturating_mul(1000) < before)
            .filter(|(_, items)| !items.is_empty())
            .filter(|(commit, _)| commit.files.iter().any(is_one))
            .flat_map(|(_, items)| items)
            .collect()
    }

    /// The planned paths that an item already had at a time.
    fn planned(&self, item: &Item, at: u64) -> Vec<String> {
        let Some(doc) = self.state.doc(&item.uid) else {
            return Vec::new();
        };
        // Commit times are in whole seconds.
        let is_known = |path: &&str| {
            let written = doc.sets.get("paths").and_then(|set| set.get(*path));
            written.is_some_and(|reg| reg.stamp.ms / 1000 <= at / 1000)
        };
        let paths = doc.elements("paths").filter(is_known);
        paths.map(str::to_string).collect()
    }
}
