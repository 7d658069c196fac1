//! The decision at one moment: which jobs start now, and why the others do not.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, VecDeque};

use super::board::{Area, Board};
use super::job::{Key, State, View};
use super::paths::Common;

/// The holder of paths that a job needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Other {
    /// A job of the view.
    Job(Key),
    /// The holder of a reservation outside the run.
    Reservation(String),
}

/// The reason a job is not started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// All agents have work.
    NoFreeAgent,
    /// It changes paths that another party holds.
    Overlaps(Other),
    /// It changes this contested path, as does another party whose work is not merged yet.
    Contested(String, Other),
    /// It shares paths with this job, which has waited long enough for others.
    GivesWay(Key),
    /// These hard dependencies are not done.
    WaitsFor(Vec<Key>),
    /// Too many tasks are in review.
    ReviewLimit,
    /// A person held or paused it.
    Held,
}

/// The decision about one unfinished job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The job.
    pub key: Key,
    /// The reason why it does not start now; `None` if it starts.
    pub why_not: Option<Why>,
    /// Set if it had to let a job of the same or a lower priority start first, because of paths or
    /// a soft dependency. The caller adds one to [`Job::overtaken`](super::Job::overtaken), so that
    /// it gets its turn.
    pub overtaken: bool,
}

/// Decides which jobs start now.
///
/// Returns the jobs that could start, in order of urgency, then those that are held, paused, or
/// wait for others. The result depends only on the contents of the view, not on their order.
pub fn choose(view: &View) -> Vec<Choice> {
    let board = Board::new(view);
    let limits = &view.limits;
    let in_review = board.in_state(State::InReview).count() + limits.in_review_elsewhere;
    let slots = match limits.wip_review {
        Some(most) if in_review >= most => Slots::ReviewLimit,
        _ => Slots::Free(limits.free_agents),
    };
    let agents = limits.free_agents + board.in_state(State::Running).count();
    decide(&board, slots, agents)
        .into_iter()
        .map(|verdict| Choice {
            key: board.jobs[verdict.job].key.clone(),
            why_not: verdict.why_not.map(|why| why.named(&board, verdict.job)),
            overtaken: verdict.overtaken,
        })
        .collect()
}

/// The capacity for starting jobs.
#[derive(Clone, Copy)]
pub(super) enum Slots {
    Free(usize),
    ReviewLimit,
}

/// As [`Choice`], with numbers of jobs.
pub(super) struct Judged {
    pub(super) job: usize,
    pub(super) why_not: Option<Reason>,
    pub(super) overtaken: bool,
}

/// As [`Why`], with numbers of jobs and of parties.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    NoFreeAgent,
    Overlaps(usize),
    Contested(usize, usize),
    GivesWay(usize),
    WaitsFor,
    ReviewLimit,
    Held,
}

impl Reason {
    pub(super) fn named(self, board: &Board<'_>, job: usize) -> Why {
        let key = |job: usize| board.jobs[job].key.clone();
        let other = |party: usize| match party.checked_sub(board.jobs.len()) {
            Some(number) => Other::Reservation(board.reserved[number].holder.clone()),
            None => Other::Job(key(party)),
        };
        match self {
            Reason::NoFreeAgent => Why::NoFreeAgent,
            Reason::Overlaps(party) => Why::Overlaps(other(party)),
            Reason::Contested(path, party) => {
                Why::Contested(board.paths.contested(path).to_string(), other(party))
            }
            Reason::GivesWay(job) => Why::GivesWay(key(job)),
            Reason::WaitsFor => Why::WaitsFor(board.missing(job)),
            Reason::ReviewLimit => Why::ReviewLimit,
            Reason::Held => Why::Held,
        }
    }
}

/// The number of decisions, per agent of the run, in which a job may be overtaken before it goes
/// first within its priority. In random runs with overlapping patterns, 2 made the runs 1.5 %
/// longer, and no limit at all made them 0.5 % shorter.
pub(super) const PATIENCE: u32 = 4;

/// Decides about all unfinished jobs; see [`choose`].
pub(super) fn decide(board: &Board<'_>, slots: Slots, agents: usize) -> Vec<Judged> {
    let mut ready = Vec::new();
    let mut others = Vec::new();
    for job in 0..board.jobs.len() {
        match board.states[job] {
            State::Waiting if board.has_all_it_needs(job) => ready.push(job),
            State::Waiting => others.push((job, Reason::WaitsFor)),
            State::Held | State::Paused => others.push((job, Reason::Held)),
            _ => {}
        }
    }
    let mut round = Round::new(board, slots, agents);
    let mut verdicts = round.all(ready);
    // The lowest priority among the started jobs.
    let started = verdicts.iter().filter(|one| one.why_not.is_none());
    let lowest = started.map(|one| board.priorities[one.job]).max();
    for verdict in &mut verdicts {
        let is_aside = match verdict.why_not {
            Some(Reason::NoFreeAgent) => board.is_better_later(verdict.job),
            Some(Reason::Overlaps(_) | Reason::Contested(..) | Reason::GivesWay(_)) => true,
            _ => false,
        };
        verdict.overtaken = is_aside && lowest >= Some(board.priorities[verdict.job]);
    }
    verdicts.extend(others.into_iter().map(|(job, why)| Judged {
        job,
        why_not: Some(why),
        overtaken: false,
    }));
    verdicts
}

/// A job's sort key by urgency, smallest first. See the [module](super) for the reasons.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Urgency {
    is_better_later: bool,
    priority: u8,
    is_young: bool,
    chain: Reverse<u64>,
    same_patterns: Reverse<u64>,
}

/// Paths that are not free.
struct Taken {
    party: usize,
    /// The minutes after which they are expected to be free, if known.
    minutes: Option<u32>,
    /// Set for work in review, whose reservations have ended: only contested paths matter.
    contested_only: bool,
}

/// The turn of a job that waits for running jobs that share its paths.
struct Turn {
    job: usize,
    /// The minutes after which they are expected to end.
    minutes: u32,
    /// Set if no other job may use its paths in the meantime, however short.
    is_closed: bool,
}

/// The decisions at one moment, made one after the other.
struct Round<'b, 'v> {
    board: &'b Board<'v>,
    slots: Slots,
    patience: u32,
    taken: Vec<Taken>,
    turns: Vec<Turn>,
    same_patterns: Vec<u64>,
    /// The numbers of running jobs.
    by_epic: HashMap<usize, usize>,
    by_stream: HashMap<usize, usize>,
}

impl<'b, 'v> Round<'b, 'v> {
    fn new(board: &'b Board<'v>, slots: Slots, agents: usize) -> Round<'b, 'v> {
        let agents_u32 = u32::try_from(agents).unwrap_or(u32::MAX);
        let mut round = Round {
            board,
            slots,
            patience: agents_u32.saturating_mul(PATIENCE),
            taken: Vec::new(),
            turns: Vec::new(),
            same_patterns: board.same_patterns(),
            by_epic: HashMap::new(),
            by_stream: HashMap::new(),
        };
        for job in 0..board.jobs.len() {
            match board.states[job] {
                State::Running => round.take(job, Some(board.left[job])),
                State::Elsewhere | State::Paused => round.take(job, None),
                // A merge takes negligible time.
                State::Merging => round.take(job, Some(0)),
                _ => {}
            }
        }
        let reviewed = board.in_state(State::InReview).map(|job| (job, true));
        let parties = board.jobs.len()..board.jobs.len() + board.reserved.len();
        let outside = parties.map(|party| (party, false));
        round.taken.extend(
            reviewed
                .chain(outside)
                .map(|(party, contested_only)| Taken {
                    party,
                    minutes: None,
                    contested_only,
                }),
        );
        round
    }

    /// Marks a job's paths as taken, and counts it in its epic and stream.
    fn take(&mut self, job: usize, minutes: Option<u32>) {
        self.taken.push(Taken {
            party: job,
            minutes,
            contested_only: false,
        });
        let needs_no_agent = matches!(self.board.states[job], State::Paused | State::Merging);
        if !needs_no_agent {
            let Area { epic, stream } = self.board.areas[job];
            *self.by_epic.entry(epic).or_default() += 1;
            *self.by_stream.entry(stream).or_default() += 1;
        }
    }

    fn is_young(&self, job: usize) -> bool {
        self.board.overtaken[job] < self.patience
    }

    fn urgency(&self, job: usize) -> Urgency {
        let is_young = self.is_young(job);
        Urgency {
            is_better_later: is_young && self.board.is_better_later(job),
            priority: self.board.priorities[job],
            is_young,
            chain: Reverse(self.board.chain(job)),
            same_patterns: Reverse(self.same_patterns[job]),
        }
    }

    /// Decides about the jobs that could start, most urgent first. Among equally urgent jobs, the
    /// next is from the epic, then the stream, with the fewest running jobs.
    fn all(&mut self, ready: Vec<usize>) -> Vec<Judged> {
        let mut by_urgency: BTreeMap<Urgency, BTreeMap<Area, VecDeque<usize>>> = BTreeMap::new();
        for job in ready {
            let equal = by_urgency.entry(self.urgency(job)).or_default();
            equal
                .entry(self.board.areas[job])
                .or_default()
                .push_back(job);
        }
        let mut verdicts = Vec::new();
        for mut equal in by_urgency.into_values() {
            while let Some(job) = self.take_next(&mut equal) {
                let why_not = self.obstacle(job);
                if why_not.is_none() {
                    self.take(job, Some(self.board.left[job]));
                }
                verdicts.push(Judged {
                    job,
                    why_not,
                    overtaken: false,
                });
            }
        }
        verdicts
    }

    /// The first job of the area with the fewest running jobs; if areas tie, the job with the
    /// lowest id.
    fn take_next(&self, equal: &mut BTreeMap<Area, VecDeque<usize>>) -> Option<usize> {
        let load = |(area, queue): &(&Area, &mut VecDeque<usize>)| {
            let of_epic = self.by_epic.get(&area.epic).copied();
            let of_stream = self.by_stream.get(&area.stream).copied();
            (of_epic, of_stream, queue.front().copied())
        };
        let waiting = equal.iter_mut().filter(|(_, queue)| !queue.is_empty());
        let (_, queue) = waiting.min_by_key(load)?;
        queue.pop_front()
    }

    /// Takes a slot for a job, or returns the reason it cannot start.
    fn obstacle(&mut self, job: usize) -> Option<Reason> {
        let paths = &self.board.paths;
        let mut first = None;
        let mut minutes = Some(0);
        for taken in &self.taken {
            let reason = match paths.common(job, taken.party) {
                Common::Contested(path) => Reason::Contested(path, taken.party),
                Common::Paths if !taken.contested_only => Reason::Overlaps(taken.party),
                _ => continue,
            };
            first = first.or(Some(reason));
            minutes = minutes.zip(taken.minutes).map(|(a, b)| a.max(b));
        }
        let gives_way = self.turns.iter().find(|turn| {
            let is_short = !turn.is_closed && self.board.left[job] <= turn.minutes;
            !is_short && paths.common(job, turn.job) != Common::Nothing
        });
        let gives_way = gives_way.map(|turn| Reason::GivesWay(turn.job));
        if let Some(reason) = first {
            if let (Some(minutes), None) = (minutes, gives_way) {
                self.turns.extend(self.turn(job, minutes));
            }
            return Some(reason);
        }
        if gives_way.is_some() {
            return gives_way;
        }
        match &mut self.slots {
            Slots::ReviewLimit => Some(Reason::ReviewLimit),
            Slots::Free(0) => Some(Reason::NoFreeAgent),
            Slots::Free(slots) => {
                *slots -= 1;
                None
            }
        }
    }

    /// The turn of a job that waits for running ones, if it has come.
    fn turn(&self, job: usize, minutes: u32) -> Option<Turn> {
        let is_closed = self.board.overtaken[job] >= self.patience.saturating_mul(2);
        (!self.is_young(job)).then_some(Turn {
            job,
            minutes,
            is_closed,
        })
    }
}
