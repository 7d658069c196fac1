//! One round: the agent is started once, watched, and recorded as an attempt of the run.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::{PlanRound, Planning};
use crate::agent::headless::{self, Identity, Invocation};
use crate::agent::route::Caps;
use crate::agent::sandbox::{self, Machine, Rules};
use crate::error::{Error, Result};
use crate::model::money::usd;
use crate::model::short_id::{RUN, short_id};
use crate::model::stamp::rfc3339;
use crate::model::uid::Uid;
use crate::model::usage::Attempt;
use crate::pm::{Options, Pm};
use crate::process::Control;
use crate::run::live::Live;
use crate::run::logs::{LogLine, LogWriter};
use crate::run::options::RunOptions;
use crate::run::record::{self, RunStatus, Step};
use crate::run::start_agent::{Start, marks};
use crate::run::used::Prices;
use crate::run::worker::outside::Outside;
use crate::run::worker::{as_agent, clock, of_agent, process_end};
use crate::run::write_record;
use crate::store::env::Env;

/// The looks between two readings of the run's requests.
const POLLS_PER_READ: u32 = 5;

/// The time between two looks at whether the user has asked to stop.
const POLL_INTERVAL: Duration = Duration::from_millis(200);

impl Planning<'_> {
    /// Runs the agent once, and records it. Also returns its last words.
    pub(super) fn round(
        &mut self,
        number: u32,
        asked: String,
    ) -> Result<(PlanRound, Option<String>)> {
        let pm = self.pm;
        let now = || rfc3339(pm.now_ms());
        self.job.agent = Some(self.agent.clone());
        self.job.with = Some(self.with.name().to_owned());
        (self.job.status, self.job.step) = (RunStatus::Running, Some(Step::Work));
        self.job.attempt = number;
        self.job.begin_attempt(Attempt {
            number,
            with: self.job.with.clone(),
            agent: self.job.agent.clone(),
            began: Some(now()),
            ..Attempt::default()
        });
        write_record::write_job(pm, &self.run, &self.job)?;
        let rules = Rules::in_force(pm, &Machine::default())?;
        let rules = rules.filter(|_| sandbox::holds(self.with));
        let outside = match rules {
            Some(_) => None,
            None => Some(Outside::of(pm)?),
        };
        let invocation = self.invocation(asked, rules.is_some());
        std::fs::create_dir_all(&invocation.private).map_err(|error| {
            let path = invocation.private.display();
            Error::unwritten(format!("cannot create {path}"), error)
        })?;
        let line = LogLine {
            at: String::new(),
            run: short_id(RUN, &self.run),
            task: self.prd.clone(),
            attempt: number,
            agent: self.agent.clone(),
            stream: String::new(),
            text: String::new(),
        };
        let env = of_agent(pm, &self.agent);
        let mut log = LogWriter::open(&self.files, &self.job.item, line, clock(&env))?;
        let prices = || Prices::of(pm, self.with, self.options.model.as_deref());
        let live = Live::begin((&self.files, &self.job.item, number), prices(), clock(&env));
        let (limits, control) = (self.options.limits(self.with), Control::new()?);
        let start = Start {
            with: self.with,
            invocation: &invocation,
            limits: &limits,
            control: &control,
            caps: Caps::default(),
            item: self.job.item.as_str(),
            rules: rules.as_ref(),
        };
        let open = || as_agent(pm, &self.agent);
        let done = AtomicBool::new(false);
        let (report, ended) = std::thread::scope(|scope| {
            let watch = Watch {
                options: self.options,
                run: &self.run,
                control: &control,
                done: &done,
                asked: &self.is_asked_to_stop,
            };
            let offline = pm.options.offline;
            scope.spawn(move || watch.look(env, offline));
            let _done = Done(&done);
            start.run(pm, (&mut log, &live), &open)
        })?;
        drop(live);
        let used = prices().used_or_counted(&report, &mut log);
        let failed = process_end::judge(self.with, &limits, &report, ended);
        let mut failed = failed.map(|end| end.to_string());
        if let Some(outside) = outside {
            // It works on no branch.
            let changes = outside.changes(pm, "")?;
            failed = changes.failed.or(failed);
            if let Some(held) = changes.held {
                pm.notice(held);
            }
        }
        log.write("run", failed.as_deref().unwrap_or("ended"));
        let round = PlanRound {
            round: number,
            input_tokens: used.spent.input.saturating_add(used.spent.cached),
            output_tokens: used.spent.output,
            usd: used.price.map(|_| usd(used.spent.micro_usd)),
            failed,
            ..PlanRound::default()
        };
        self.job.use_up(used);
        self.job.end_attempt(&now());
        write_record::write_job(pm, &self.run, &self.job)?;
        Ok((round, report.message))
    }

    fn invocation(&self, prompt: String, sandboxed: bool) -> Invocation {
        let pm = self.pm;
        let env = of_agent(pm, &self.agent);
        let (name, email) = pm.store.identity();
        let git_dir = self.folder.path().join(".git");
        Invocation {
            worktree: self.folder.path().to_path_buf(),
            common_dir: git_dir.clone(),
            git_dir,
            private: self.private(),
            prompt,
            model: self.options.model.clone(),
            logged_in: headless::is_logged_in(self.with, &env.vars),
            vars: marks(&self.prd, &short_id(RUN, &self.run), &self.agent),
            identity: Some(Identity { name, email }),
            sandboxed,
            network: true,
            budget: self.left(),
            keeper: env.keeper.clone(),
            env: env.vars,
            ..Invocation::default()
        }
    }
}

/// Sets a flag when it is dropped, also by a panic.
struct Done<'a>(&'a AtomicBool);

impl Drop for Done<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Stops an agent when the user, or a request in the state, asks for it.
struct Watch<'w> {
    options: &'w RunOptions,
    run: &'w Uid,
    control: &'w Control,
    done: &'w AtomicBool,
    asked: &'w AtomicBool,
}

impl Watch<'_> {
    fn look(&self, env: Env, offline: bool) {
        let options = Options {
            offline,
            ..Options::default()
        };
        let seen = Pm::open(env, options);
        let mut looks = 0u32;
        while !self.done.load(Ordering::SeqCst) {
            looks = looks.wrapping_add(1);
            if looks.is_multiple_of(POLLS_PER_READ)
                && let Ok(pm) = &seen
                && let Ok(state) = pm.store.state()
                && let Some(run) = record::run(&state, self.run)
                && run.halted_by(None).is_some()
            {
                self.asked.store(true, Ordering::SeqCst);
            }
            if self.options.interrupted() || self.asked.load(Ordering::SeqCst) {
                self.control.stop();
            }
            std::thread::sleep(POLL_INTERVAL);
        }
    }
}
