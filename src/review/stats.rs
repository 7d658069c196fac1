//! How often reviewers are right, and how many rounds work takes, by the project's own history.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::coordinate::finding::lookup;
use crate::coordinate::finding::record::REVIEWS;
use crate::error::Result;
use crate::model::finding::FindingStatus;
use crate::model::statistics::{mean, rounded, share};
use crate::pm::handles::Findings;

/// Statistics of reviews. Rates are from 0 to 1; null without data.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct ReviewStats {
    /// Each reviewer with each model that answered for it.
    pub reviewers: Vec<ReviewerStats>,
    /// The number of items whose work was reviewed.
    pub items: usize,
    /// The mean number of rounds of these: reviews that said something new.
    pub rounds: Option<f64>,
    /// The number of these that are decided: approved, returned or closed.
    pub decided: usize,
    /// The number of decided ones with an approval.
    pub approved: usize,
    /// The share of decided ones with an approval.
    pub approval: Option<f64>,
}

/// What became of the findings of a reviewer, those included that another one made first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct ReviewerStats {
    /// The reviewer.
    pub reviewer: String,
    /// The model that answered; null for a rule, a tool or a person.
    pub model: Option<String>,
    /// The number of findings.
    pub findings: usize,
    /// The number of those that a rule, a tool or enough reviewers say.
    pub confirmed: usize,
    /// The number that were fixed: the reviewer was right.
    pub fixed: usize,
    /// The number that a human dismissed: the reviewer was wrong.
    pub dismissed: usize,
    /// The number that the reviewer took back.
    pub withdrawn: usize,
    /// The number of which nobody has decided.
    pub undecided: usize,
    /// The share of fixed ones among those fixed and dismissed.
    pub precision: Option<f64>,
}

impl Findings<'_> {
    /// How often each reviewer was right, and how many rounds reviewed work took.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn stats(&self) -> Result<ReviewStats> {
        let state = self.pm.store.state()?;
        let _hold = state.hold();
        let mut by_reviewer: BTreeMap<(String, Option<String>), ReviewerStats> = BTreeMap::new();
        let all = lookup::all(self.pm, &state)?.into_iter();
        for one in all.filter(|one| lookup::is_for(self.pm, one)) {
            let agreed = one
                .agreed
                .into_iter()
                .map(|other| (other.reviewer, other.model));
            for who in agreed.chain([(one.reviewer, one.model)]) {
                let sum = by_reviewer.entry(who).or_default();
                sum.findings += 1;
                sum.confirmed += usize::from(one.confirmed);
                *match one.status {
                    FindingStatus::Fixed => &mut sum.fixed,
                    FindingStatus::Dismissed => &mut sum.dismissed,
                    FindingStatus::Withdrawn => &mut sum.withdrawn,
                    FindingStatus::Open
                    | FindingStatus::Claimed
                    | FindingStatus::NotFixed
                    | FindingStatus::Outdated => &mut sum.undecided,
                } += 1;
            }
        }
        let reviewers = by_reviewer
            .into_iter()
            .map(|((reviewer, model), sum)| ReviewerStats {
                reviewer,
                model,
                precision: share(sum.fixed, sum.fixed + sum.dismissed).map(rounded),
                ..sum
            });
        let mut out = ReviewStats {
            reviewers: reviewers.collect(),
            ..ReviewStats::default()
        };
        let mut rounds = Vec::new();
        // Only what has a branch has work.
        for item in state
            .items()
            .into_iter()
            .filter(|item| item.branch.is_some())
        {
            let doc = state.doc_once(&item.uid);
            let of_item = doc.map_or(0, |doc| doc.entries(REVIEWS).count());
            if of_item > 0 {
                rounds.push(of_item as f64);
                let approved = item.approval.is_some();
                let decided = approved || item.returned.is_some() || item.status.is_closed();
                out.decided += usize::from(decided);
                out.approved += usize::from(approved);
            }
        }
        out.items = rounds.len();
        out.rounds = mean(&rounds).map(rounded);
        out.approval = share(out.approved, out.decided).map(rounded);
        Ok(out)
    }
}
