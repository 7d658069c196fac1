//! Path overlaps between jobs, and between jobs and others' reservations.
//!
//! Patterns are compiled and compared only when needed, and each pair once.

use std::cell::{Cell, OnceCell};

use super::job::{Job, Reserved, View};
use crate::coordinate::reserve::pattern::comparison_budget::Effort;
use crate::coordinate::reserve::pattern::overlap::Case;
use crate::coordinate::reserve::pattern::{Path, Pattern};
use crate::coordinate::reserve::prefix_filter::Prefixes;

/// The overlap between a job and a party.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Common {
    /// No path, according to the patterns.
    Nothing,
    /// Some path.
    Paths,
    /// The contested path with this number.
    Contested(usize),
}

/// A holder of paths: a job or a reservation.
struct Party<'v> {
    texts: &'v [String],
    files: &'v [String],
    patterns: OnceCell<Vec<Pattern>>,
    near: OnceCell<Near>,
}

/// The candidates for a comparison with a party.
struct Near {
    /// The jobs that may share a path with it, in order, each with the result once known.
    jobs: Vec<(usize, Cell<Option<Common>>)>,
    /// The contested paths that it covers.
    contested: Vec<usize>,
}

/// The paths of all parties. Beyond the comparison budget, parties with similar patterns count as
/// overlapping.
pub(super) struct Paths<'v> {
    case: Case,
    effort: Effort,
    /// The jobs, then the reservations.
    parties: Vec<Party<'v>>,
    by_prefix: Prefixes,
    contested: Vec<(&'v str, Path<'v>)>,
}

impl<'v> Paths<'v> {
    pub(super) fn new(view: &'v View, jobs: &[&'v Job], reserved: &[&'v Reserved]) -> Paths<'v> {
        let party = |texts, files| Party {
            texts,
            files,
            patterns: OnceCell::new(),
            near: OnceCell::new(),
        };
        let mut by_prefix = Prefixes::default();
        for (job, texts) in jobs.iter().map(|job| &job.patterns).enumerate() {
            for text in texts {
                by_prefix.add(text, view.case, job);
            }
        }
        let of_jobs = jobs.iter().map(|job| party(&job.patterns, &job.files));
        let of_others = reserved.iter().map(|one| party(&one.patterns, &one.files));
        let mut contested: Vec<&str> = view.contested.iter().map(String::as_str).collect();
        contested.sort_unstable();
        contested.dedup();
        Paths {
            case: view.case,
            effort: Effort::default(),
            parties: of_jobs.chain(of_others).collect(),
            by_prefix,
            contested: contested
                .into_iter()
                .map(|path| (path, Path::new(path)))
                .collect(),
        }
    }

    /// The text of a contested path.
    pub(super) fn contested(&self, number: usize) -> &'v str {
        self.contested[number].0
    }

    /// The overlap between a job and a party.
    pub(super) fn common(&self, job: usize, party: usize) -> Common {
        let near = self.parties[party].near.get_or_init(|| self.near(party));
        let Ok(at) = near.jobs.binary_search_by_key(&job, |(job, _)| *job) else {
            return Common::Nothing;
        };
        let answer = &near.jobs[at].1;
        let common = answer
            .get()
            .unwrap_or_else(|| self.compare(job, party, near));
        answer.set(Some(common));
        common
    }

    /// Forgets the comparisons with a party whose paths are free again.
    pub(super) fn forget(&mut self, party: usize) {
        self.parties[party].near.take();
    }

    fn near(&self, party: usize) -> Near {
        let mut jobs = Vec::new();
        for text in self.parties[party].texts {
            self.by_prefix.meeting(text, self.case, &mut jobs);
        }
        jobs.sort_unstable();
        jobs.dedup();
        let contested = 0..self.contested.len();
        Near {
            jobs: jobs.into_iter().map(|job| (job, Cell::new(None))).collect(),
            contested: contested.filter(|path| self.covers(party, *path)).collect(),
        }
    }

    fn compare(&self, job: usize, party: usize, near: &Near) -> Common {
        let mut contested = near.contested.iter().copied();
        if let Some(path) = contested.find(|path| self.covers(job, *path)) {
            return Common::Contested(path);
        }
        let [ours, theirs] = [job, party].map(|party| self.patterns(party));
        let meets = |a: &Pattern, b: &Pattern| a.overlaps_within(b, self.case, &self.effort).may();
        match ours.iter().any(|a| theirs.iter().any(|b| meets(a, b))) {
            true => Common::Paths,
            false => Common::Nothing,
        }
    }

    fn covers(&self, party: usize, contested: usize) -> bool {
        let path = &self.contested[contested].1;
        let mut patterns = self.patterns(party).iter();
        patterns.any(|one| one.matches_within(path, self.case, &self.effort).may())
    }

    fn patterns(&self, party: usize) -> &[Pattern] {
        let party = &self.parties[party];
        party.patterns.get_or_init(|| {
            let all = Pattern::all_within(party.texts, &self.effort);
            Pattern::with_files(all, party.files)
        })
    }
}
