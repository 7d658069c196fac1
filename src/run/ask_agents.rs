//! A run that asks agents about one item: each start of an agent is an attempt, watched and recorded.
//!
//! Agents are asked in parallel, each in a folder of its own, and what they answer is text.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::after_attempt::AttemptEnd;
use super::live::Live;
use super::logs::{LogLine, LogWriter, log_ref};
use super::options::{RunAgent, RunOptions};
use super::record::{self, Job, Plan, Request, RunStatus, Step};
use super::routing::trust;
use super::start_agent::{Start, marks};
use super::used::{Prices, over_budget};
use super::worker::outside::Outside;
use super::worker::{clock, of_agent, options_of, process_end};
use super::{agent_names, lock, write_record};
use crate::agent::headless::{self, Identity, Invocation, With};
use crate::agent::route::{Caps, Trust};
use crate::agent::sandbox::{self, Machine, Rules};
use crate::coordinate::privacy::{Privacy, not_local};
use crate::error::{Error, Result};
use crate::model::item::Item;
use crate::model::short_id::{RUN, short_id};
use crate::model::stamp::rfc3339;
use crate::model::uid::Uid;
use crate::model::usage::{Attempt, Used};
use crate::pm::{Options, Pm};
use crate::process::{Control, Limits};
use crate::store::env::Env;
use crate::store::state::State;
use crate::store::{beneath, fault, random};

/// The looks between two readings of the run's requests.
const POLLS_PER_READ: u32 = 5;

/// The time between two looks at whether the user has asked to stop.
const POLL_INTERVAL: Duration = Duration::from_millis(200);

/// The folder of agents' private folders in that of a run.
pub(super) const ASKED: &str = "asked";

/// The largest kept answer that is read, in bytes.
const KEPT_MAX: u64 = 1 << 20;

/// A question to one agent.
pub(super) struct Question {
    /// The name of the attempt's agent, as its record and its log have it.
    pub label: String,
    /// The role in which it is asked.
    pub role: String,
    /// The round, from 1.
    pub round: u32,
    /// The program or model.
    pub with: With,
    /// What it is told.
    pub prompt: String,
    /// The git repository in which it starts.
    pub place: PathBuf,
    /// A file that it may answer with, and what that says before.
    pub file: Option<(PathBuf, String)>,
    /// The file that keeps its words: once it is there, the agent is not asked again.
    pub kept: Option<PathBuf>,
}

/// What became of a question.
pub(super) struct Answer {
    /// The agent's last words.
    pub words: Option<String>,
    /// The file of its answer, if it changed that.
    pub file: Option<String>,
    /// Why it did not end its work.
    pub failed: Option<AttemptEnd>,
    /// Tokens and their price.
    pub used: Used,
}

/// A run whose only job is an item that agents are asked about.
pub(super) struct Asking<'p> {
    pub pm: &'p Pm,
    pub options: &'p RunOptions,
    pub run: Uid,
    pub job: Job,
    /// The item's id.
    id: String,
    /// The name under which the agents act.
    pub agent: String,
    /// The folder of the run's own files.
    files: PathBuf,
    /// Set when a person asks to stop or pause the run.
    is_asked_to_stop: AtomicBool,
}

impl<'p> Asking<'p> {
    /// Begins a run about an item. The caller has the lock of the clone's runs.
    pub(super) fn begin(pm: &'p Pm, options: &'p RunOptions, about: &str) -> Result<Asking<'p>> {
        let (item, id, reference) = {
            let state = pm.store.state()?;
            let item = state.find(about)?;
            (item.uid.clone(), state.shown_id(item), item.reference())
        };
        let run = Uid::from_parts(pm.now_ms(), random::bytes()?);
        let plan = Plan {
            with: options.with.name().to_string(),
            agents: 1,
            merge: options.merge,
            budget_micro_usd: options.budget_micro_usd,
            epic: None,
            only: vec![reference.to_string()],
            pinned: None,
        };
        write_record::begin_run(pm, &run, &plan)?;
        lock::mark_alive(pm, &run)?;
        Ok(Asking {
            pm,
            options,
            job: Job::new(item),
            id,
            agent: agent_names::agent_name(pm, 1),
            files: lock::run_folder(pm, &run),
            run,
            is_asked_to_stop: AtomicBool::new(false),
        })
    }

    /// The short id of the run.
    pub(super) fn run_id(&self) -> String {
        short_id(RUN, &self.run)
    }

    /// Asks all questions at once, and records each as an attempt. The answers are in the same order.
    pub(super) fn ask(&mut self, questions: &[Question]) -> Result<Vec<Answer>> {
        let pm = self.pm;
        let first = self.job.attempt + 1;
        (self.job.status, self.job.step) = (RunStatus::Running, Some(Step::Work));
        self.job.agent = Some(self.agent.clone());
        let began = rfc3339(pm.now_ms());
        for (number, question) in (first..).zip(questions) {
            self.job.attempt = number;
            self.job.with = Some(question.with.name().to_owned());
            self.job.begin_attempt(Attempt {
                number,
                with: self.job.with.clone(),
                agent: Some(question.label.clone()),
                began: Some(began.clone()),
                ..Attempt::default()
            });
        }
        write_record::write_job(pm, &self.run, &self.job)?;
        let is_held = |one: &Question| sandbox::holds(&one.with);
        let rules = Rules::in_force(pm, &Machine::default())?;
        let outside = match rules.is_some() && questions.iter().all(is_held) {
            true => None,
            false => Some(Outside::of(pm)?),
        };
        let (controls, done) = (
            (questions.iter().map(|_| Control::new())).collect::<Result<Vec<_>>>()?,
            AtomicBool::new(false),
        );
        let env = of_agent(pm, &self.agent);
        let offline = pm.options.offline;
        let share = u64::try_from(questions.len().max(1)).unwrap_or(u64::MAX);
        let budget = self.left().map(|left| left / share);
        let answers = std::thread::scope(|scope| {
            let watch = Watch {
                options: self.options,
                run: &self.run,
                controls: &controls,
                done: &done,
                asked: &self.is_asked_to_stop,
            };
            let seen = env.clone();
            scope.spawn(move || watch.look(seen, offline));
            let _done = Done(&done);
            let asked: Vec<_> = (first..)
                .zip(questions.iter().zip(&controls))
                .map(|(number, (question, control))| {
                    let mut one = self.one(number, control, budget, &question.with);
                    if questions.len() > 1 {
                        // What is left of an agent is found by its task: the others stay.
                        one.mark = format!("{}#{number}", self.id);
                    }
                    scope.spawn(move || one.ask(question))
                })
                .collect();
            let answers = asked.into_iter().map(|one| one.join());
            let died = || Error::state("the thread that asked an agent ended unexpectedly");
            answers
                .map(|one| one.unwrap_or_else(|_| Err(died())))
                .collect::<Result<Vec<Answer>>>()
        });
        let mut answers = answers?;
        if let Some(outside) = outside {
            // They work on no branch.
            let changes = outside.changes(pm, "")?;
            if let Some(failed) = changes.failed {
                for answer in &mut answers {
                    answer.failed = Some(AttemptEnd::Failed(failed.clone()));
                }
            }
            if let Some(held) = changes.held {
                pm.notice(held);
            }
        }
        let now = rfc3339(pm.now_ms());
        for (number, answer) in (first..).zip(&answers) {
            self.job.attempt = number;
            self.job.use_up(answer.used.clone());
            self.job.end_attempt(&now);
        }
        write_record::write_job(pm, &self.run, &self.job)?;
        for (question, answer) in questions.iter().zip(&answers) {
            let (Some(path), Some(words), None) = (&question.kept, &answer.words, &answer.failed)
            else {
                continue;
            };
            if answer.used != Used::default() {
                let kept = Kept {
                    words: words.clone(),
                    file: answer.file.clone(),
                    unrecorded: Used::default(),
                };
                kept.write(path)?;
            }
        }
        Ok(answers)
    }
}

impl Asking<'_> {
    /// What may still be spent, in millionths of a US dollar.
    pub(super) fn left(&self) -> Option<u64> {
        let budget = self.options.budget_micro_usd?;
        Some(budget.saturating_sub(self.job.spent.micro_usd))
    }

    /// The reason for which the budget lets nothing more start.
    pub(super) fn over_budget(&self) -> Option<String> {
        let budget = self.options.budget_micro_usd?;
        over_budget(budget, self.job.spent.micro_usd, self.job.unpriced())
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.options.interrupted() || self.is_asked_to_stop.load(Ordering::SeqCst)
    }

    /// Records how the run ended, and publishes its log as that of any run.
    pub(super) fn end(&mut self, status: RunStatus, reason: Option<&str>) -> Result<()> {
        let pm = self.pm;
        (self.job.status, self.job.step) = (status, None);
        self.job.reason = reason.map(str::to_string);
        write_record::write_job(pm, &self.run, &self.job)?;
        for request in self.requests()? {
            write_record::write_obeyed(pm, &self.run, &request)?;
        }
        match (status, reason) {
            (RunStatus::Stopped, Some(reason)) if self.over_budget().is_some() => {
                write_record::write_out_of_budget(pm, &self.run, reason)?;
            }
            _ => write_record::write_run(pm, &self.run, status, reason)?,
        }
        log_ref::keep_logs(pm, &self.run)
    }

    /// The requests that ended it.
    fn requests(&self) -> Result<Vec<Request>> {
        if !self.is_asked_to_stop.load(Ordering::SeqCst) {
            return Ok(Vec::new());
        }
        let state = self.pm.store.state()?;
        let run = record::run(&state, &self.run);
        let requests = run.map_or_else(Vec::new, |run| run.requests);
        Ok(requests.into_iter().filter(|one| !one.done).collect())
    }

    fn one(&self, number: u32, control: &Control, budget: Option<u64>, with: &With) -> One {
        One {
            env: of_agent(self.pm, &self.agent),
            number,
            control: control.clone(),
            budget,
            agent: self.agent.clone(),
            offline: self.pm.options.offline,
            // It names a model of that program.
            model: (self.options.model.clone()).filter(|_| match &self.options.with {
                RunAgent::One(one) => one.name() == with.name(),
                RunAgent::Auto => false,
            }),
            limits: self.options.limits(self.pm.store.repo(), with),
            caps: Caps::default(),
            run: self.run_id(),
            item: self.job.item.clone(),
            id: self.id.clone(),
            mark: self.id.clone(),
            files: self.files.clone(),
        }
    }
}

/// One start of an agent, on a thread of its own.
pub(super) struct One {
    pub env: Env,
    /// The number of the attempt.
    pub number: u32,
    pub control: Control,
    /// What it may spend, in millionths of a US dollar.
    pub budget: Option<u64>,
    pub agent: String,
    pub offline: bool,
    pub model: Option<String>,
    pub limits: Limits,
    /// The limits of its role.
    pub caps: Caps,
    /// The id of the run.
    pub run: String,
    pub item: Uid,
    pub id: String,
    /// Tells its processes from those of the others.
    pub mark: String,
    /// The folder of the run's own files.
    pub files: PathBuf,
}

impl One {
    pub(super) fn ask(&self, question: &Question) -> Result<Answer> {
        let kept = question.kept.as_ref();
        let kept_text = kept.and_then(|path| beneath::plain(path, KEPT_MAX));
        if let Some(kept) = kept_text.and_then(|text| serde_json::from_slice::<Kept>(&text).ok()) {
            return Ok(Answer {
                words: Some(kept.words),
                file: kept.file,
                failed: None,
                used: kept.unrecorded,
            });
        }
        let pm = &self.open()?;
        let rules = Rules::in_force(pm, &Machine::default())?;
        let rules = rules.filter(|_| sandbox::holds(&question.with));
        let invocation = self.invocation(pm, question, rules.is_some());
        std::fs::create_dir_all(&invocation.private).map_err(|error| {
            let path = invocation.private.display();
            Error::unwritten(format!("cannot create {path}"), error)
        })?;
        let line = LogLine {
            run: self.run.clone(),
            task: self.id.clone(),
            attempt: self.number,
            agent: question.label.clone(),
            ..LogLine::default()
        };
        let mut log = LogWriter::open(&self.files, &self.item, line, clock(&self.env))?;
        let prices = || Prices::of(pm, &question.with, self.model.as_deref());
        let of = (&*self.files, &self.item, self.number);
        let live = Live::begin(of, prices(), clock(&self.env));
        let start = Start {
            with: &question.with,
            invocation: &invocation,
            limits: &self.limits,
            control: &self.control,
            caps: self.caps,
            item: self.item.as_str(),
            rules: rules.as_ref(),
        };
        let open = || self.open();
        let started = start.run(pm, (&mut log, &live), &open);
        sandbox::remove_temporary(&invocation.private);
        // What cannot be removed only costs space.
        let _ = beneath::remove(&invocation.private);
        let (report, ended) = started?;
        let used = prices().used_or_counted(&report, &mut log);
        let failed = process_end::judge(&question.with, &self.limits, &report, ended);
        let told = failed.as_ref().map(ToString::to_string);
        log.write("run", told.as_deref().unwrap_or("ended"));
        let file = question.file.as_ref().and_then(|(path, before)| {
            let text = beneath::plain(path, KEPT_MAX)?;
            let text = String::from_utf8_lossy(&text).into_owned();
            (text != *before).then_some(text)
        });
        let words = report
            .message
            .or_else(|| file.as_ref().map(|_| String::new()));
        if let (Some(path), Some(words), None) = (kept, &words, &failed) {
            let kept = Kept {
                words: words.clone(),
                file: file.clone(),
                unrecorded: used.clone(),
            };
            kept.write(path)?;
        }
        fault::step("asked")?;
        Ok(Answer {
            words,
            file,
            failed,
            used,
        })
    }

    fn open(&self) -> Result<Pm> {
        Pm::open(self.env.clone(), options_of(&self.agent, self.offline))
    }

    fn invocation(&self, pm: &Pm, question: &Question, sandboxed: bool) -> Invocation {
        let (name, email) = pm.store.identity();
        let git_dir = question.place.join(".git");
        Invocation {
            worktree: question.place.clone(),
            common_dir: git_dir.clone(),
            git_dir,
            private: self
                .files
                .join(ASKED)
                .join(format!("{}-{}", self.item, self.number)),
            prompt: question.prompt.clone(),
            model: self.model.clone(),
            logged_in: headless::is_logged_in(&question.with, &self.env.vars),
            vars: marks(&self.mark, &self.run, &self.agent),
            role: Some(question.role.clone()),
            round: Some(question.round),
            identity: Some(Identity { name, email }),
            sandboxed,
            network: true,
            budget: self.budget,
            keeper: self.env.keeper.clone(),
            env: self.env.vars.clone(),
            ..Invocation::default()
        }
    }
}

/// An answer that was paid for.
#[derive(Serialize, Deserialize)]
struct Kept {
    words: String,
    file: Option<String>,
    /// What it used, until the attempt of the run records it.
    unrecorded: Used,
}

impl Kept {
    /// Writes all of it or nothing.
    fn write(&self, path: &Path) -> Result<()> {
        let fail = |error| Error::unwritten(format!("cannot write {}", path.display()), error);
        let parent = path.parent().unwrap_or(path);
        std::fs::create_dir_all(parent).map_err(fail)?;
        let new = path.with_extension("new");
        let text = serde_json::to_vec(self)
            .map_err(|error| Error::state(format!("cannot write an answer as JSON: {error}")))?;
        std::fs::write(&new, text).map_err(fail)?;
        std::fs::rename(&new, path).map_err(fail)
    }
}

/// Refuses an agent that may not read a private item.
pub(super) fn require_readable(pm: &Pm, state: &State<'_>, item: &Item, with: &With) -> Result<()> {
    let privacy = Privacy::of(pm)?;
    let trust = trust(pm, with, &privacy.local_agents);
    match privacy.reason(state, item) {
        Some(why) if trust != Trust::Local => Err(Error::refused(not_local(&why))),
        _ => Ok(()),
    }
}

/// Sets a flag when it is dropped, also by a panic.
struct Done<'a>(&'a AtomicBool);

impl Drop for Done<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Stops the agents when the user, or a request in the state, asks for it.
struct Watch<'w> {
    options: &'w RunOptions,
    run: &'w Uid,
    controls: &'w [Control],
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
                self.controls.iter().for_each(Control::stop);
            }
            std::thread::sleep(POLL_INTERVAL);
        }
    }
}
