//! Checks of one decision in a run.

use super::oracle::{Oracle, inherited, is_ready};
use crate::run::schedule::{Choice, Job, Other, State, View, Why};

/// A decision, and the view before and after it.
pub(super) struct Moment<'m> {
    pub(super) before: &'m View,
    pub(super) choices: &'m [Choice],
    pub(super) after: &'m View,
    pub(super) oracle: &'m Oracle<'m>,
}

impl<'m> Moment<'m> {
    /// Checks that jobs that start may start, and that the others cannot. Returns the number of
    /// jobs that others had to give way to.
    pub(super) fn check(&self) -> usize {
        for choice in self.choices {
            match &choice.why_not {
                None => self.check_start(&choice.key),
                Some(why) => self.check_reason(&choice.key, why),
            }
        }
        let turns = (0..self.choices.len()).filter(|place| self.has_its_turn(*place));
        turns
            .inspect(|place| self.check_turn(*place, &self.choices[*place].key))
            .count()
    }

    fn check_start(&self, key: &str) {
        let job = job(self.before, key);
        assert!(
            is_ready(job, self.before),
            "{key} started before its dependencies"
        );
        assert!(!self.is_full(), "{key} started beyond the review limit");
        let obstacle = self.obstacles(key).next();
        assert_eq!(obstacle, None, "{key} started in spite of another");
        let is_reserved = self.oracle.is_reserved(key, self.before);
        assert!(!is_reserved, "{key} started on reserved paths");
    }

    fn check_reason(&self, key: &str, why: &Why) {
        let job = job(self.before, key);
        match why {
            Why::Held => assert!(matches!(job.state, State::Held | State::Paused)),
            Why::WaitsFor(keys) => {
                assert!(
                    !is_ready(job, self.before) && !keys.is_empty(),
                    "{key} is ready"
                );
            }
            Why::NoFreeAgent => {
                let idle = self.after.limits.free_agents;
                assert_eq!(idle, 0, "an agent is idle while {key} could start");
            }
            Why::ReviewLimit => assert!(self.is_full(), "{key} waits for reviews"),
            Why::Overlaps(Other::Job(other)) | Why::Contested(_, Other::Job(other)) => {
                let is_obstacle = self.obstacles(key).any(|one| one.key == *other);
                assert!(is_obstacle, "{other} is not in the way of {key}");
            }
            Why::Overlaps(_) | Why::Contested(..) => {
                assert!(self.oracle.is_reserved(key, self.before), "{key} is free");
            }
            Why::GivesWay(other) => {
                assert!(
                    self.oracle.overlap(key, other),
                    "{key} is not in the way of {other}"
                );
                assert!(
                    is_ready(self.job_after(other), self.after),
                    "{other} cannot run"
                );
                assert!(
                    self.waits_for_work_only(other),
                    "{other} waits for no running work"
                );
            }
        }
    }

    /// True if it must be the turn of a ready job: it has been overtaken often, waits only for
    /// running work, and no job before it waits for its paths.
    fn has_its_turn(&self, place: usize) -> bool {
        let key = &self.choices[place].key;
        let is_ready = |choice: &Choice| {
            choice.why_not.is_some() && is_ready(self.job_after(&choice.key), self.after)
        };
        let before = self.choices[..place].iter().filter(|one| is_ready(one));
        is_ready(&self.choices[place])
            && job(self.before, key).overtaken >= 2 * self.patience()
            && self.waits_for_work_only(key)
            && before
                .into_iter()
                .all(|one| !self.oracle.overlap(key, &one.key))
    }

    /// Checks that only more urgent work starts on the paths of a job whose turn it is.
    fn check_turn(&self, place: usize, key: &str) {
        for (at, choice) in self.choices.iter().enumerate() {
            if choice.why_not.is_some() || !self.oracle.overlap(key, &choice.key) {
                continue;
            }
            let is_due = job(self.before, &choice.key).overtaken >= self.patience();
            let [own, other] = [key, &choice.key].map(|key| inherited(self.before, key));
            let may = at < place && (is_due || other < own);
            assert!(may, "{} overtook {key} again", choice.key);
        }
    }

    fn waits_for_work_only(&self, key: &str) -> bool {
        let mut running = self.obstacles(key).peekable();
        running.peek().is_some()
            && running.all(|other| other.state == State::Running)
            && !self.oracle.is_reserved(key, self.before)
    }

    /// The number of decisions in which a job may be overtaken.
    fn patience(&self) -> u32 {
        let running = self
            .before
            .jobs
            .iter()
            .filter(|job| job.state == State::Running);
        let agents = self.before.limits.free_agents + running.count();
        4 * u32::try_from(agents).expect("a small number")
    }

    fn is_full(&self) -> bool {
        let in_review = self
            .before
            .jobs
            .iter()
            .filter(|job| job.state == State::InReview);
        let in_review = in_review.count();
        self.before
            .limits
            .wip_review
            .is_some_and(|most| in_review >= most)
    }

    fn obstacles<'k>(&self, key: &'k str) -> impl Iterator<Item = &'m Job> + use<'m, 'k> {
        let (after, oracle) = (self.after, self.oracle);
        let others = after.jobs.iter().filter(move |other| other.key != key);
        others.filter(move |other| oracle.is_in_the_way(key, other, after))
    }

    fn job_after(&self, key: &str) -> &'m Job {
        job(self.after, key)
    }
}

fn job<'v>(view: &'v View, key: &str) -> &'v Job {
    let found = view.jobs.iter().find(|job| job.key == key);
    found.expect("a job with this key")
}
