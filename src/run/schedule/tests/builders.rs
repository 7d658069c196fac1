//! Helpers to build views and to query decisions.

use crate::coordinate::reserve::pattern::overlap::Case;
use crate::run::schedule::{Job, Limits, Reserved, State, View, Why, choose};

/// A job of one hour, whose key is its id.
pub(super) fn job(key: &str) -> Job {
    Job {
        key: key.into(),
        id: key.into(),
        priority: 2,
        minutes: 60,
        stream: None,
        epic: None,
        patterns: Vec::new(),
        files: Vec::new(),
        hard: Vec::new(),
        soft: Vec::new(),
        state: State::Waiting,
        overtaken: 0,
    }
}

impl Job {
    pub(super) fn p(mut self, priority: u8) -> Job {
        self.priority = priority;
        self
    }

    pub(super) fn takes(mut self, minutes: u32) -> Job {
        self.minutes = minutes;
        self
    }

    pub(super) fn needs(mut self, keys: &[&str]) -> Job {
        self.hard = texts(keys);
        self
    }

    pub(super) fn prefers(mut self, keys: &[&str]) -> Job {
        self.soft = texts(keys);
        self
    }

    pub(super) fn on(mut self, patterns: &[&str]) -> Job {
        self.patterns = texts(patterns);
        self
    }

    pub(super) fn of(mut self, epic: &str, stream: &str) -> Job {
        self.epic = Some(epic.into());
        self.stream = Some(stream.into());
        self
    }

    pub(super) fn is(mut self, state: State) -> Job {
        self.state = state;
        self
    }

    pub(super) fn overtaken(mut self, times: u32) -> Job {
        self.overtaken = times;
        self
    }
}

/// A view with some free agents.
pub(super) fn view(free_agents: usize, jobs: Vec<Job>) -> View {
    View {
        jobs,
        contested: Vec::new(),
        reserved: Vec::new(),
        case: Case::Sensitive,
        limits: Limits {
            free_agents,
            ..Limits::default()
        },
    }
}

impl View {
    pub(super) fn contests(mut self, paths: &[&str]) -> View {
        self.contested = texts(paths);
        self
    }

    pub(super) fn reserves(mut self, holder: &str, patterns: &[&str]) -> View {
        self.reserved.push(Reserved {
            holder: holder.into(),
            patterns: texts(patterns),
            files: Vec::new(),
        });
        self
    }

    pub(super) fn reviews_at_most(mut self, tasks: usize) -> View {
        self.limits.wip_review = Some(tasks);
        self
    }
}

/// The keys of the jobs that start, in order.
pub(super) fn started(view: &View) -> Vec<String> {
    let starts = choose(view).into_iter().filter(|one| one.why_not.is_none());
    starts.map(|one| one.key).collect()
}

/// The reason a job does not start.
pub(super) fn why_not(view: &View, key: &str) -> Option<Why> {
    let choice = choose(view).into_iter().find(|one| one.key == key);
    choice.expect("a decision about the job").why_not
}

pub(super) fn texts(all: &[&str]) -> Vec<String> {
    all.iter().map(|text| (*text).to_string()).collect()
}
