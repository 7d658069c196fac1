//! Statistics about learnings: how many there are, how often they are used and found useful.

use schemars::JsonSchema;
use serde::Serialize;

use crate::error::Result;
use crate::model::learning::{Learning, LearningKind, LearningStatus};
use crate::model::statistics::{rounded, share};
use crate::pm::handles::Learnings;

/// The measures of one type of learnings.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct KindStats {
    /// pattern, gotcha or decision.
    #[serde(rename = "type")]
    pub kind: LearningKind,
    /// Accepted ones.
    pub accepted: usize,
    /// Drafts.
    pub drafts: usize,
    /// Retired ones.
    pub retired: usize,
    /// Recorded uses.
    pub uses: usize,
    /// Learnings that were used at least once.
    pub used: usize,
    /// Votes that one was useful; only the last vote of each actor on each learning counts.
    pub useful: usize,
    /// Votes that one was not useful, counted the same way.
    pub not_useful: usize,
}

/// The measures of all learnings.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct LearningStats {
    /// By type.
    pub kinds: Vec<KindStats>,
    /// All of them together, except deleted ones.
    pub total: usize,
    /// Recorded uses.
    pub uses: usize,
    /// The share of accepted learnings that were used or found useful at least once; null without
    /// any.
    pub hit_rate: Option<f64>,
    /// The share of votes that say `useful`; null without votes.
    pub useful_rate: Option<f64>,
}

impl Learnings<'_> {
    /// The measures of all learnings.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn stats(&self) -> Result<LearningStats> {
        let state = self.pm.store.snapshot()?;
        let mut all = state.learnings();
        all.retain(|learning| !learning.deleted);
        let kinds = LearningKind::ALL.map(|kind| of_kind(kind, &all)).to_vec();
        let sum = |count: fn(&KindStats) -> usize| kinds.iter().map(count).sum::<usize>();
        let (uses, useful) = (sum(|k| k.uses), sum(|k| k.useful));
        let votes = useful + sum(|k| k.not_useful);
        let accepted = all.iter().filter(|l| l.is_in_force());
        let hit = accepted.clone().filter(|l| l.uses + l.useful > 0).count();
        Ok(LearningStats {
            total: all.len(),
            uses,
            hit_rate: share(hit, accepted.count()).map(rounded),
            useful_rate: share(useful, votes).map(rounded),
            kinds,
        })
    }
}

fn of_kind(kind: LearningKind, all: &[Learning]) -> KindStats {
    let own: Vec<&Learning> = all.iter().filter(|l| l.kind == kind).collect();
    let status = |status| own.iter().filter(|l| l.status == status).count();
    let sum = |count: fn(&Learning) -> usize| own.iter().map(|l| count(l)).sum();
    KindStats {
        kind,
        accepted: status(LearningStatus::Accepted),
        drafts: status(LearningStatus::Draft),
        retired: status(LearningStatus::Retired),
        uses: sum(|l| l.uses),
        used: own.iter().filter(|l| l.uses > 0).count(),
        useful: sum(|l| l.useful),
        not_useful: sum(|l| l.not_useful),
    }
}
