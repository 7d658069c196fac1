//! Whether the commits of the state are sound: each readable, with a tree, its clock not behind its parents'.

use std::collections::HashMap;

use crate::error::Result;
use crate::git::repo::{Oid, Repo};
use crate::join::commit::tick;
use crate::model::stamp::{DAY_MS, Tick};

/// The defect of a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// It cannot be read.
    Unreadable(String),
    /// An object of its tree is not here.
    TreeMissing(String),
    /// Its clock is behind its parent's.
    ClockBehind {
        /// Its own.
        own: Tick,
        /// The parent's.
        parent: Tick,
    },
    /// It lacks our trailers: another program made it.
    Foreign,
}

/// All commits that can be reached.
#[derive(Clone, Debug, Default)]
pub struct Chain {
    /// The number of commits.
    pub commits: usize,
    /// Those with something wrong.
    pub flaws: Vec<(Oid, Flaw)>,
    /// True if the history was cut off by a shallow clone.
    pub shallow: bool,
}

/// Walks everything that can be reached from `tip`.
pub fn walk(repo: &Repo, tip: Oid) -> Result<Chain> {
    let mut chain = Chain {
        shallow: repo.is_shallow(),
        ..Chain::default()
    };
    let mut seen: HashMap<Oid, Option<Tick>> = HashMap::new();
    let mut edges: Vec<(Oid, Oid, i64)> = Vec::new();
    let mut stack = vec![tip];
    while let Some(id) = stack.pop() {
        if seen.contains_key(&id) {
            continue;
        }
        let commit = match repo.commit(id) {
            Ok(commit) => commit,
            Err(error) => {
                seen.insert(id, None);
                if !chain.shallow {
                    let reason = error.message().to_string();
                    chain.flaws.push((id, Flaw::Unreadable(reason)));
                }
                continue;
            }
        };
        chain.commits += 1;
        if !repo.has_object(commit.tree) {
            let reason = format!("its tree {} is missing", commit.tree);
            chain.flaws.push((id, Flaw::TreeMissing(reason)));
        }
        if commit.trailer("PM-Op").is_none() {
            chain.flaws.push((id, Flaw::Foreign));
        }
        seen.insert(id, commit.trailer("PM-Clock").map(|_| tick(&commit)));
        for parent in commit.parents {
            edges.push((id, parent, commit.author.seconds));
            stack.push(parent);
        }
    }
    for (id, parent, seconds) in edges {
        let (Some(Some(own)), Some(Some(before))) = (seen.get(&id), seen.get(&parent)) else {
            continue;
        };
        // A clock more than a day ahead of the writer's was not followed; commits keep seconds.
        let wall = u64::try_from(seconds).unwrap_or(0).saturating_mul(1000);
        if own < before && before.ms <= wall.saturating_add(DAY_MS) {
            let flaw = Flaw::ClockBehind {
                own: *own,
                parent: *before,
            };
            chain.flaws.push((id, flaw));
        }
    }
    missing_objects(repo, tip, &mut chain)?;
    Ok(chain)
}

/// Trees and files of the past that are not here, as git finds them.
fn missing_objects(repo: &Repo, tip: Oid, chain: &mut Chain) -> Result<()> {
    let broken = |f: &(Oid, Flaw)| matches!(f.1, Flaw::Unreadable(_) | Flaw::TreeMissing(_));
    if chain.flaws.iter().any(broken) {
        return Ok(());
    }
    let tip_text = tip.to_string();
    let args = [
        "rev-list",
        "--objects",
        "--missing=print",
        // Only what is missing: a large history has millions of objects.
        "--quiet",
        tip_text.as_str(),
    ];
    let listed = repo.git().run(&args)?;
    if !listed.ok() {
        let reason = format!("git cannot list its objects: {}", listed.reason());
        chain.flaws.push((tip, Flaw::TreeMissing(reason)));
        return Ok(());
    }
    let lines = listed.lines();
    let missing: Vec<&String> = lines.iter().filter(|l| l.starts_with('?')).collect();
    if let Some(first) = missing.first() {
        let reason = format!(
            "{} objects of the history are missing, including {}",
            missing.len(),
            first.trim_start_matches('?')
        );
        chain.flaws.push((tip, Flaw::TreeMissing(reason)));
    }
    Ok(())
}
