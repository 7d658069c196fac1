//! The guard: whether the paths of a commit are somebody else's. It works on paths that really
//! change, from whatever git hands over.

use std::collections::{BTreeMap, BTreeSet};

use super::effort::{Answer, Effort};
use super::grant::{CONFLICTS, conflict};
use super::live::{Asker, Case, Standing};
use super::near::Prefixes;
use super::pattern::Path;
use crate::error::{ReservationConflict, Result};
use crate::hook::changes::{self, CommitChange};
use crate::store::git::process::Git;
use crate::store::state::State;

/// State that other tools keep in the working tree: it changes with everything and is nobody's.
const EXEMPT: &[&str] = &[".beads/", ".taskmaster/", ".mcp_agent_mail/"];

/// What of others holds these paths.
pub(crate) fn held_paths(
    state: &State<'_>,
    standing: &[Standing],
    paths: &[String],
    asker: &Asker,
    case: Case,
) -> Vec<ReservationConflict> {
    holding(state, standing, paths, asker, case, false)
}

/// What of others would only like these paths to be left alone.
pub(crate) fn advised_paths(
    state: &State<'_>,
    standing: &[Standing],
    paths: &[String],
    asker: &Asker,
    case: Case,
) -> Vec<ReservationConflict> {
    holding(state, standing, paths, asker, case, true)
}

fn holding(
    state: &State<'_>,
    standing: &[Standing],
    paths: &[String],
    asker: &Asker,
    case: Case,
    advisory: bool,
) -> Vec<ReservationConflict> {
    let foreign: Vec<&Standing> = standing
        .iter()
        .filter(|s| s.behind.is_none() && s.reservation.advisory == advisory)
        .filter(|s| !asker.holds(&s.reservation))
        .collect();
    if foreign.is_empty() {
        return Vec::new();
    }
    // By what they begin with: few of a thousand reservations are about a file's folder.
    let mut prefixes = Prefixes::default();
    for (n, s) in foreign.iter().enumerate() {
        for pattern in &s.patterns {
            prefixes.add(pattern.text(), case, n);
        }
    }
    let near = |path: &str| match foreign.len() {
        1 => vec![0],
        _ => prefixes.matching(path, case),
    };
    let all: Vec<(Path<'_>, Vec<usize>)> = paths
        .iter()
        .map(|path| (Path::new(path), near(path)))
        .collect();
    let effort = Effort::default();
    let covered = |s: &Standing, path: &Path<'_>| {
        s.patterns.iter().find_map(|p| {
            let answer = p.matches_within(path, case, &effort);
            answer.may().then(|| (p.text().to_string(), answer))
        })
    };
    // A shared reservation of the asker's own goes together with shared ones of others.
    let own: Vec<&Standing> = standing
        .iter()
        .filter(|s| s.behind.is_none() && s.reservation.shared && asker.holds(&s.reservation))
        .collect();
    let shares = |path: &Path<'_>| {
        own.iter()
            .any(|s| covered(s, path).is_some_and(|(_, answer)| answer == Answer::Yes))
    };
    let together: Vec<bool> = foreign
        .iter()
        .enumerate()
        .map(|(n, s)| {
            let of_it = all
                .iter()
                .filter(|(_, near)| near.binary_search(&n).is_ok());
            let mut held = of_it.filter(|(path, _)| covered(s, path).is_some());
            s.reservation.shared && !own.is_empty() && held.all(|(path, _)| shares(path))
        })
        .collect();
    let mut out = Vec::new();
    for (path, (compared, near)) in paths.iter().zip(&all).filter(|(p, _)| !is_exempt(p)) {
        for n in near.iter().filter(|n| !together[**n]) {
            if out.len() == CONFLICTS {
                return out;
            }
            if let Some((pattern, answer)) = covered(foreign[*n], compared) {
                out.push(conflict(state, foreign[*n], path, &pattern, answer));
            }
        }
    }
    out
}

fn is_exempt(path: &str) -> bool {
    EXEMPT.iter().any(|prefix| path.starts_with(prefix))
}

/// What of others the commits of a range change. A commit is let through by a reservation that
/// began at it or at a descendant of it. Its date proves nothing: it is what its maker says.
///
/// # Errors
/// When git cannot read the commits.
pub(crate) fn held_commits(
    git: &Git,
    state: &State<'_>,
    standing: &[Standing],
    commits: &[CommitChange],
    asker: &Asker,
    case: Case,
) -> Result<Vec<(String, ReservationConflict)>> {
    let mut out = Vec::new();
    let mut older: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let ids: Vec<String> = commits.iter().map(|c| c.commit.clone()).collect();
    for s in standing {
        let one = std::slice::from_ref(s);
        for commit in commits {
            let found = held_paths(state, one, &commit.paths, asker, case);
            if found.is_empty() {
                continue;
            }
            if let Some(began) = &s.reservation.began_commit {
                if !older.contains_key(began) {
                    let ancestors = changes::ancestors_filter(git, &ids, began)?;
                    older.insert(began.clone(), ancestors.into_iter().collect());
                }
                if older
                    .get(began)
                    .is_some_and(|set| set.contains(&commit.commit))
                {
                    continue;
                }
            }
            out.extend(found.into_iter().map(|c| (commit.commit.clone(), c)));
        }
    }
    Ok(out)
}
