//! Finds out whether an earlier run moved the target and died before that was recorded.
//!
//! The target's reflog shows it, because the swap and its reason are one write.

use super::{IntegrateOptions, Strategy};
use crate::coordinate::worktree::branch;
use crate::error::Result;
use crate::store::git::process::Git;

/// The number of the target's moves that are searched.
const LOOKED_AT: &str = "--max-count=500";

/// An earlier swap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Landed {
    /// The target's commit before.
    pub old: String,
    /// The target's commit after it.
    pub new: String,
    /// The strategy of the swap.
    pub strategy: Strategy,
}

/// The reason of a swap in the target's reflog: exact, so that it can be found again.
pub(super) fn reason(options: &IntegrateOptions, strategy: Strategy, tip: &str) -> String {
    let IntegrateOptions { branch, target, .. } = options;
    format!("git pm: {strategy} {branch} into {target}, at {tip}")
}

/// The swap, at or after `since_s` (seconds since the Unix epoch), that brought the branch's
/// present commit into the target and is still part of it.
///
/// # Errors
/// When git cannot be run.
pub fn landed(git: &Git, options: &IntegrateOptions, since_s: u64) -> Result<Option<Landed>> {
    let (Some(from), Some(onto)) = (
        branch::tip(git, &options.branch)?,
        branch::tip(git, &options.target)?,
    ) else {
        return Ok(None);
    };
    // Without a reflog nothing is printed.
    let format = "--format=%H%x09%gd%x09%gs";
    let log = git.run(&[
        "log",
        "-g",
        "--date=unix",
        LOOKED_AT,
        format,
        &onto.full,
        "--",
    ])?;
    let lines = log.lines();
    let entries: Vec<Vec<&str>> = lines.iter().map(|l| l.splitn(3, '\t').collect()).collect();
    for (at, entry) in entries.iter().enumerate() {
        let [new, name, said] = entry[..] else {
            continue;
        };
        let strategy = Strategy::ALL
            .into_iter()
            .find(|s| reason(options, *s, &from.commit) == said);
        let seconds = name.rsplit_once("@{").map(|(_, s)| s.trim_end_matches('}'));
        let recent = seconds.and_then(|s| s.parse::<u64>().ok()) >= Some(since_s);
        let (Some(strategy), true) = (strategy, recent) else {
            continue;
        };
        if git
            .run(&["merge-base", "--is-ancestor", new, &onto.commit])?
            .ok()
        {
            let old = entries.get(at + 1).map_or(new, |before| before[0]);
            return Ok(Some(Landed {
                old: old.to_string(),
                new: new.to_string(),
                strategy,
            }));
        }
    }
    Ok(None)
}
