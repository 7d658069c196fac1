//! Reviews commits that belong to no item, by rules and tools; nothing is recorded.

use schemars::JsonSchema;
use serde::Serialize;

use super::facts::Reviewed;
use super::{ReviewerReport, by_all};
use crate::coordinate::worktree::followed_branch;
use crate::coordinate::worktree::target;
use crate::coordinate::worktree::work_ends::Ends;
use crate::error::{Error, Reason, Result};
use crate::finding::Found;
use crate::model::finding::Severity;
use crate::model::text::{excerpt, one_line};
use crate::pm::Pm;
use crate::pm::handles::Findings;
use crate::secret;
use crate::store::index::Scan;

/// What a review found in commits that belong to no item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RangeReview {
    /// The commits, as they were named.
    pub range: String,
    /// The commit against which they were compared: where they left the first one of the range.
    pub base: String,
    /// The reviewed commit.
    pub commit: String,
    /// Set if no reviewer failed and no finding has severity P0 or P1.
    pub passed: bool,
    /// The reviewers that ran, and what became of each.
    pub reviewers: Vec<ReviewerReport>,
    /// What they found, the worst first.
    pub findings: Vec<Found>,
}

/// A finding without the secrets in it.
pub(super) fn safe(one: Found) -> Found {
    let safe = |text: String| secret::redacted(&text).0;
    Found {
        claim: safe(one.claim),
        outcome: one.outcome.map(safe),
        suggestion: one.suggestion.map(safe),
        quote: one.quote.map(safe),
        ..one
    }
}

impl Findings<'_> {
    /// The item that a name refers to, by its id or its branch; none if the name is one of commits.
    ///
    /// # Errors
    /// When it is neither.
    pub fn item_to_review(&self, name: &str) -> Result<Option<String>> {
        let state = self.pm.store.state()?;
        let unknown = match state.find(name) {
            Ok(_) => return Ok(Some(name.to_string())),
            Err(unknown) => unknown,
        };
        let of_branch = state.scan(&Scan::Branch(name), |item| !item.status.is_closed(), 1);
        let is_range = name.contains("..") || self.pm.store.repo().resolve(name).is_some();
        match (of_branch.first(), is_range) {
            (Some(item), _) => Ok(Some(item.uid.to_string())),
            (None, true) => Ok(None),
            (None, false) => Err(unknown.hint("a branch, a commit or FROM..TO is reviewed, too")),
        }
    }

    /// Reviews the commits of `FROM..TO`, or those of a branch or commit that the target does not have.
    ///
    /// # Errors
    /// When a name is that of no commit, there is nothing to review, it is too large to be read, or
    /// `.pm.toml` has reviewers and is not trusted.
    pub fn review_range(&self, range: &str) -> Result<RangeReview> {
        let pm = self.pm;
        let ends = ends(pm, range)?;
        let reviewed = Reviewed::read(pm, None, &ends)?;
        let name = &ends.commit.to_string()[..12];
        let (reviewers, found): (Vec<ReviewerReport>, Vec<Vec<Found>>) =
            by_all(pm, name, &ends, &reviewed)?.into_iter().unzip();
        let mut findings = found.concat();
        findings.sort_by_key(|one| one.severity);
        let blocks = findings.iter().any(|one| one.severity <= Severity::P1);
        let failed = reviewers.iter().any(|one| one.failed.is_some());
        Ok(RangeReview {
            range: one_line(range),
            base: ends.compared[0].clone(),
            commit: ends.commit.to_string(),
            passed: !blocks && !failed,
            reviewers,
            findings: findings.into_iter().map(safe).collect(),
        })
    }
}

/// The commits of a range and where they part.
fn ends(pm: &Pm, range: &str) -> Result<Ends> {
    let repo = pm.store.repo();
    let target = target::default_target(pm)?;
    let commit = |name: &str| {
        let name = if name.is_empty() { "HEAD" } else { name };
        repo.resolve(name).ok_or_else(|| {
            Error::not_found(format!(
                "`{}` is neither an item nor a commit",
                excerpt(name, 60)
            ))
            .because(Reason::FindingNoWork)
            .hint("`git pm list` lists items; a range is FROM..TO")
        })
    };
    let (from, to) = match range.split_once("..") {
        Some((from, to)) => (vec![commit(from)?], to.trim_start_matches('.')),
        None => (followed_branch::sides(pm, &target)?, range),
    };
    let onto = from
        .first()
        .map_or_else(|| commit(&target), |one| Ok(*one))?;
    let sides = (onto, from.get(1).copied());
    let ends = Ends::between(pm, target.clone(), sides, commit(to)?)?;
    let last = ends.commit.to_string();
    if ends.compared[0] == last {
        let message = format!("{} has nothing to review", one_line(range));
        return Err(Error::refused(message)
            .because(Reason::FindingNoWork)
            .hint("the second name has no commit that the first one does not have"));
    }
    Ok(ends)
}
