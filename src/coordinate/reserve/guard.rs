//! The guard: whether the paths of a commit are somebody else's. It works on paths that really
//! change, from whatever git hands over.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::grant::{CONFLICTS, conflict};
use super::live::{Case, Standing};
use super::near::Prefixes;
use super::pattern::Path;
use super::pattern::comparison_budget::{Answer, Effort};
use crate::coordinate::changes::{self, CommitChange};
use crate::error::{ReservationConflict, Result};
use crate::pm::requester::Requester;
use crate::store::git::process::Git;
use crate::store::state::State;

/// State that other tools keep in the working tree: it changes with everything and is nobody's.
const EXEMPT: &[&str] = &[".beads/", ".taskmaster/", ".mcp_agent_mail/"];

/// What it counts to ask git about the commit at which a reservation began.
const PROCESS: usize = 1 << 18;

/// With no more than so many reservations upon a path it is kept which these are, for the other
/// commits that change it.
const KEPT: usize = 16;

/// The reservations that hold, found by what they begin with, and what is left to be spent on
/// comparing them with all paths of a commit, or of all commits of a push. Once that is used up,
/// what is near a path counts as holding it.
pub(crate) struct Guard<'s, 'a> {
    state: &'s State<'a>,
    standing: Vec<&'s Standing>,
    prefixes: Prefixes,
    case: Case,
    effort: Effort,
}

/// What a reservation is to who asks.
#[derive(Clone, Copy, PartialEq)]
enum Role {
    /// Somebody else's, of the sort that is asked about.
    Foreign,
    /// A shared one of the requester's own: it goes together with shared ones of others.
    Own,
    /// Nothing to compare with.
    Neither,
}

/// Who asks, and what is known so far.
struct Question<'s, 'q> {
    /// By the number of the reservation.
    roles: Vec<Role>,
    covers: RefCell<HashMap<&'q str, Rc<[Cover<'s>]>>>,
}

/// That a reservation, by its number, covers a path.
#[derive(Clone, Copy)]
struct Cover<'s> {
    by: usize,
    pattern: &'s str,
    answer: Answer,
}

impl<'s, 'a> Guard<'s, 'a> {
    /// The guard that some reservations make.
    pub(crate) fn new(state: &'s State<'a>, standing: &'s [Standing], case: Case) -> Self {
        let standing: Vec<&Standing> = standing.iter().filter(|s| s.behind.is_none()).collect();
        // Few of a thousand reservations are about a file's folder.
        let mut prefixes = Prefixes::default();
        for (n, s) in standing.iter().enumerate() {
            for pattern in &s.patterns {
                prefixes.add(pattern.text(), case, n);
            }
        }
        Guard {
            state,
            standing,
            prefixes,
            case,
            effort: Effort::default(),
        }
    }

    /// What of others holds these paths.
    pub(crate) fn held(&self, paths: &[String], requester: &Requester) -> Vec<ReservationConflict> {
        self.first(paths, &self.question(requester, false))
    }

    /// What of others would only like these paths to be left alone.
    pub(crate) fn advised(
        &self,
        paths: &[String],
        requester: &Requester,
    ) -> Vec<ReservationConflict> {
        self.first(paths, &self.question(requester, true))
    }

    /// What of others the commits of a range change, apart from the commits that a reservation lets
    /// through: those for which `passes` says so, and those that are the one at which it began, or an
    /// ancestor of that. A commit's date proves nothing: it is what its maker says.
    ///
    /// # Errors
    /// When git cannot read the commits.
    pub(crate) fn held_commits(
        &self,
        git: &Git,
        commits: &[CommitChange],
        requester: &Requester,
        passes: impl Fn(&CommitChange, &Standing) -> bool,
    ) -> Result<Vec<ReservationConflict>> {
        let question = self.question(requester, false);
        let ids: Vec<String> = commits.iter().map(|c| c.commit.clone()).collect();
        let mut older: HashMap<&str, HashSet<String>> = HashMap::new();
        let mut out = Vec::new();
        for commit in commits {
            for (path, cover) in self.holding(&commit.paths, &question) {
                let s = self.standing[cover.by];
                if passes(commit, s) {
                    continue;
                }
                if let Some(began) = s.reservation.began_commit.as_deref()
                    && !self.effort.is_spent()
                {
                    if !older.contains_key(began) {
                        self.effort.take(PROCESS);
                        let ancestors = changes::ancestors_filter(git, &ids, began)?;
                        older.insert(began, ancestors.into_iter().collect());
                    }
                    if older[began].contains(&commit.commit) {
                        continue;
                    }
                }
                out.push(self.conflict(path, cover));
                if out.len() == CONFLICTS {
                    return Ok(out);
                }
            }
        }
        Ok(out)
    }

    fn question<'q>(&self, requester: &Requester, advisory: bool) -> Question<'s, 'q> {
        let role = |s: &&Standing| match (&s.reservation, requester.holds(&s.reservation)) {
            (r, true) if r.shared => Role::Own,
            (r, false) if r.advisory == advisory => Role::Foreign,
            _ => Role::Neither,
        };
        Question {
            roles: self.standing.iter().map(role).collect(),
            covers: RefCell::default(),
        }
    }

    fn first<'q>(
        &'q self,
        paths: &'q [String],
        question: &'q Question<'s, 'q>,
    ) -> Vec<ReservationConflict> {
        let found = self.holding(paths, question).take(CONFLICTS);
        found
            .map(|(path, cover)| self.conflict(path, cover))
            .collect()
    }

    fn conflict(&self, path: &str, cover: Cover<'_>) -> ReservationConflict {
        let Cover {
            by,
            pattern,
            answer,
        } = cover;
        conflict(self.state, self.standing[by], path, pattern, answer)
    }

    /// What stands in the way of the paths of one commit, found as it is asked for.
    fn holding<'q>(
        &'q self,
        paths: &'q [String],
        question: &'q Question<'s, 'q>,
    ) -> impl Iterator<Item = (&'q str, Cover<'s>)> {
        let none = !question.roles.contains(&Role::Foreign);
        let paths = if none { &[] } else { paths };
        let apart = self.apart(paths, question);
        let in_the_way = move |cover: &Cover<'_>| {
            let shared = self.standing[cover.by].reservation.shared;
            let alone = apart.as_ref().is_none_or(|a| a.contains(&cover.by));
            question.roles[cover.by] == Role::Foreign && (alone || !shared)
        };
        let paths = paths.iter().filter(|path| !is_exempt(path));
        paths.flat_map(move |path| {
            let covers = self.covers(path, question);
            let found: Vec<Cover<'s>> = covers.iter().copied().filter(&in_the_way).collect();
            found.into_iter().map(move |cover| (path.as_str(), cover))
        })
    }

    /// The reservations upon a path that no shared one of the requester's own covers; `None` where they
    /// are in the way all the same.
    fn apart<'q>(
        &self,
        paths: &'q [String],
        question: &Question<'s, 'q>,
    ) -> Option<HashSet<usize>> {
        if !question.roles.contains(&Role::Own) {
            return None;
        }
        let mut apart = HashSet::new();
        for path in paths {
            let covers = self.covers(path, question);
            let own = |c: &Cover<'_>| question.roles[c.by] == Role::Own && c.answer == Answer::Yes;
            if !covers.iter().any(own) {
                apart.extend(covers.iter().map(|cover| cover.by));
            }
            if self.effort.is_spent() {
                return None;
            }
        }
        Some(apart)
    }

    /// What covers a path, or may.
    fn covers<'q>(&self, path: &'q str, question: &Question<'s, 'q>) -> Rc<[Cover<'s>]> {
        if let Some(known) = question.covers.borrow().get(path) {
            return Rc::clone(known);
        }
        let compared = Path::new(path);
        let near = self.prefixes.matching(path, self.case);
        self.effort.take(near.len());
        let near = near.into_iter().map(|by| (by, self.standing[by]));
        let asked = near.filter(|(by, _)| question.roles[*by] != Role::Neither);
        let found: Rc<[Cover<'s>]> = asked
            .filter_map(|(by, s)| {
                s.patterns.iter().find_map(|p| {
                    let answer = p.matches_within(&compared, self.case, &self.effort);
                    let pattern = p.text();
                    answer.may().then_some(Cover {
                        by,
                        pattern,
                        answer,
                    })
                })
            })
            .collect();
        if found.len() <= KEPT {
            let mut known = question.covers.borrow_mut();
            known.insert(path, Rc::clone(&found));
        }
        found
    }
}

fn is_exempt(path: &str) -> bool {
    EXEMPT.iter().any(|prefix| path.starts_with(prefix))
}
