//! The guard: checks whether the paths that a commit changes are reserved by others.

use std::cell::{LazyCell, RefCell};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::grant::{CONFLICTS, conflict};
use super::pattern::comparison_budget::{Answer, Effort};
use super::pattern::{Path, Pattern};
use super::prefix_filter::Prefixes;
use super::queue::{Case, Ranked};
use crate::coordinate::changes::{self, CommitChange};
use crate::error::{ReservationConflict, Result};
use crate::model::reservation::Reservation;
use crate::pm::requester::Requester;
use crate::store::git::process::Git;
use crate::store::state::State;

/// State that other tools keep in the working tree: it changes with every commit and cannot be
/// reserved.
const EXEMPT: &[&str] = &[".beads/", ".taskmaster/", ".mcp_agent_mail/"];

/// The cost of asking git about the commit at which a reservation began, in steps.
const PROCESS: usize = 1 << 18;

/// The maximum number of reservations of a path that are cached for other commits that change it.
const KEPT: usize = 16;

/// The valid reservations by prefix, and the budget for comparing them with all paths of a commit
/// or push. Once it is spent, every reservation with a matching prefix counts as holding the path.
pub(crate) struct Guard<'s, 'a> {
    state: &'s State<'a>,
    ranked: Vec<&'s Ranked>,
    prefixes: Prefixes,
    case: Case,
    effort: Effort,
}

/// The role of a reservation for the requester.
#[derive(Clone, Copy, PartialEq)]
enum Role {
    /// Another holder's, of the kind that is queried.
    Foreign,
    /// A shared one of the requester's own, compatible with shared ones of others.
    Own,
    /// Irrelevant.
    Neither,
}

/// A query of one requester with cached answers.
struct Question<'s, 'q> {
    /// By the number of the reservation.
    roles: Vec<Role>,
    covers: RefCell<HashMap<&'q str, Rc<[Cover<'s>]>>>,
}

/// The fact that a reservation, by its number, covers a path.
#[derive(Clone, Copy)]
struct Cover<'s> {
    by: usize,
    pattern: &'s str,
    answer: Answer,
}

impl<'s, 'a> Guard<'s, 'a> {
    /// The guard of some reservations.
    pub(crate) fn new(state: &'s State<'a>, ranked: &'s [Ranked], case: Case) -> Self {
        let ranked: Vec<&Ranked> = ranked.iter().filter(|s| s.behind.is_none()).collect();
        // Of a thousand reservations, few concern a file's folder.
        let mut prefixes = Prefixes::default();
        for (n, s) in ranked.iter().enumerate() {
            for pattern in &s.patterns {
                prefixes.add(pattern.text(), case, n);
            }
        }
        Guard {
            state,
            ranked,
            prefixes,
            case,
            effort: Effort::default(),
        }
    }

    /// The reservations of others that hold these paths.
    pub(crate) fn held(&self, paths: &[String], requester: &Requester) -> Vec<ReservationConflict> {
        self.first(paths, &self.question(requester, false))
    }

    /// The advisory reservations of others for these paths.
    pub(crate) fn advised(
        &self,
        paths: &[String],
        requester: &Requester,
    ) -> Vec<ReservationConflict> {
        self.first(paths, &self.question(requester, true))
    }

    /// The reservations of others that the commits of a range violate. A commit's change of a path passes if
    /// `passes` is true, or if they are the commit at which the reservation began or an ancestor of it, or if
    /// the requester had reserved the path before, and they are the commit of its release or an
    /// ancestor of it. A commit's date is not evidence: its author chooses it.
    pub(crate) fn held_commits(
        &self,
        git: &Git,
        commits: &[CommitChange],
        requester: &Requester,
        passes: impl Fn(&CommitChange, &str, &Ranked) -> bool,
    ) -> Result<Vec<ReservationConflict>> {
        let question = self.question(requester, false);
        let ids: Vec<String> = commits.iter().map(|c| c.commit.clone()).collect();
        let mut older: HashMap<String, HashSet<String>> = HashMap::new();
        let mut is_before = |commit: &CommitChange, end: &str| -> Result<bool> {
            if self.effort.is_spent() {
                return Ok(false);
            }
            if !older.contains_key(end) {
                self.effort.take(PROCESS);
                let ancestors = changes::ancestors_filter(git, &ids, end)?;
                older.insert(end.to_string(), ancestors.into_iter().collect());
            }
            Ok(older[end].contains(&commit.commit))
        };
        let released = LazyCell::new(|| self.released_by(requester));
        let mut out = Vec::new();
        for commit in commits {
            for (path, cover) in self.holding(&commit.paths, &question) {
                let s = self.ranked[cover.by];
                if passes(commit, path, s) {
                    continue;
                }
                let mut ends: Vec<&str> = s.reservation.began_commit.iter().map(|c| &**c).collect();
                ends.extend(self.released_before(&released, path, &s.reservation));
                let mut passed = false;
                for end in ends {
                    passed = passed || is_before(commit, end)?;
                }
                if passed {
                    continue;
                }
                out.push(self.conflict(path, cover));
                if out.len() == CONFLICTS {
                    return Ok(out);
                }
            }
        }
        Ok(out)
    }

    /// The reservations that the requester released.
    fn released_by(&self, requester: &Requester) -> Vec<(Reservation, Vec<Pattern>)> {
        let all = self.state.reservations().into_iter();
        let released = all.filter(|r| r.released_commit.is_some() && requester.holds(r));
        released
            .map(|r| {
                let patterns = Pattern::all_within(&r.patterns, &self.effort);
                (r, patterns)
            })
            .collect()
    }

    /// The commits at which the requester released a path before a reservation of it was made.
    fn released_before<'r>(
        &self,
        released: &'r [(Reservation, Vec<Pattern>)],
        path: &str,
        now: &Reservation,
    ) -> impl Iterator<Item = &'r str> {
        let path = Path::new(path);
        released.iter().filter_map(move |(r, patterns)| {
            let is_earlier = r.ended_at.as_ref().is_some_and(|end| *end < now.at);
            let matches =
                |p: &Pattern| p.matches_within(&path, self.case, &self.effort) == Answer::Yes;
            (is_earlier && patterns.iter().any(matches)).then_some(r.released_commit.as_deref()?)
        })
    }

    fn question<'q>(&self, requester: &Requester, advisory: bool) -> Question<'s, 'q> {
        let role = |s: &&Ranked| match (&s.reservation, requester.owns(self.state, &s.reservation))
        {
            (r, true) if r.shared => Role::Own,
            (r, false) if r.advisory == advisory => Role::Foreign,
            _ => Role::Neither,
        };
        Question {
            roles: self.ranked.iter().map(role).collect(),
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
        conflict(self.state, self.ranked[by], path, pattern, answer)
    }

    /// The reservations that conflict with the paths of one commit, found lazily.
    fn holding<'q>(
        &'q self,
        paths: &'q [String],
        question: &'q Question<'s, 'q>,
    ) -> impl Iterator<Item = (&'q str, Cover<'s>)> {
        let none = !question.roles.contains(&Role::Foreign);
        let paths = if none { &[] } else { paths };
        let apart = self.apart(paths, question);
        let in_the_way = move |cover: &Cover<'_>| {
            let shared = self.ranked[cover.by].reservation.shared;
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

    /// The reservations of paths that no shared one of the requester's own covers; `None` if all of
    /// them conflict.
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

    /// The reservations that cover a path, or may.
    fn covers<'q>(&self, path: &'q str, question: &Question<'s, 'q>) -> Rc<[Cover<'s>]> {
        if let Some(known) = question.covers.borrow().get(path) {
            return Rc::clone(known);
        }
        let compared = Path::new(path);
        let near = self.prefixes.matching(path, self.case);
        self.effort.take(near.len());
        let near = near.into_iter().map(|by| (by, self.ranked[by]));
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
