//! A plan by an agent: it reads the outline of a document, writes the plan as one text, and gets back
//! what is wrong with it, until the check is clean, for a few rounds. They are a run whose only job is
//! the document, so its usage, its log and its end are recorded like those of others.

mod prompt;

use std::os::unix::fs::DirBuilderExt as _;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde::Serialize;

use super::RunView;
use super::live::Live;
use super::logs::{LogLine, LogWriter};
use super::options::{RunAgent, RunOptions};
use super::record::{self, Job, Plan, Request, RunStatus, Step};
use super::start_agent::Start;
use super::used::{Prices, spent};
use super::worker::outside::Outside;
use super::worker::{as_agent, clock, of_agent, verdict};
use crate::agent::headless::{self, Identity, Invocation, With};
use crate::agent::route::{Caps, Privacy, Trust, not_local};
use crate::agent::sandbox::{self, Machine, Rules};
use crate::error::{Error, Result};
use crate::model::id::ItemRef;
use crate::model::money::usd;
use crate::model::stamp::rfc3339;
use crate::model::uid::Uid;
use crate::model::usage::{Attempt, Used};
use crate::plan::Source;
use crate::plan::drafting::DraftOptions;
use crate::plan::view::PlanView;
use crate::plan::write::{WriteOptions, WriteReport};
use crate::pm::handles::Runs;
use crate::pm::{Options, Pm};
use crate::process::{Control, Limits};
use crate::secret;
use crate::store::env::Env;
use crate::store::{beneath, random};

/// The most rounds.
const ROUNDS: u32 = 3;

/// The largest text of a plan, in bytes.
const TEXT_MAX: u64 = 2 << 20;

/// The beginning of the line that names what a text was written for.
const HEADER: &str = "<!-- document ";

/// The looks between two readings of the run's requests.
const LOOKS_A_READ: u32 = 5;

/// The time between two looks at whether the user has asked to stop.
const LOOK: Duration = Duration::from_millis(200);

/// A plan that an agent has written.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PlannedDocument {
    /// The plan as it is now.
    #[serde(flatten)]
    pub plan: PlanView,
    /// The run that records the rounds.
    pub run: RunView,
    /// The rounds, in order.
    pub rounds: Vec<PlanRound>,
}

/// A round of an agent that plans.
#[derive(Clone, Debug, Default, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PlanRound {
    /// From 1.
    pub round: u32,
    /// True if its text was written as the plan.
    pub written: bool,
    /// The number of statements that are in no task then.
    pub open: Option<usize>,
    /// Errors and warnings of its plan, or the problems of its text.
    pub findings: Vec<String>,
    /// The reason for which the agent did not end its work.
    pub failed: Option<String>,
    /// Tokens that the model read.
    pub input_tokens: u64,
    /// Tokens that it wrote.
    pub output_tokens: u64,
    /// The price in US dollars, if it is known.
    pub usd: Option<f64>,
}

impl Runs<'_> {
    /// Lets an agent plan a document, in at most three rounds. `options` name the agent, its model, its
    /// budget and its time; `tell` receives each round after it has been recorded. The plan that the
    /// document alone gives is written first, so that nothing is lost if the agent fails.
    ///
    /// # Errors
    /// When the document cannot be planned, the agent cannot be started, or another process works on a
    /// run in this clone. What the agent does wrong is in the answer.
    pub fn plan_document(
        &self,
        source: &Source,
        draft: &DraftOptions,
        options: &RunOptions,
        tell: &mut dyn FnMut(&PlanRound),
    ) -> Result<PlannedDocument> {
        let pm = self.pm;
        let RunAgent::One(with) = &options.with else {
            return Err(
                Error::usage("`--with auto` chooses an agent for a task, not for a plan")
                    .hint("name the agent, such as `--with claude`"),
            );
        };
        pm.require_run_allowed(options)?;
        pm.require_agent(options)?;
        let lock = pm.lock_runs()?;
        pm.close_dead_runs()?;
        if let Source::Prd(id) = source {
            let state = pm.store.state()?;
            pm.require_readable(&state, state.find(id)?, with)?;
        }
        let prd = pm.plans().create(source, draft)?.prd;
        let (item, reference) = {
            let state = pm.store.state()?;
            let item = state.find(&prd)?;
            pm.require_readable(&state, item, with)?;
            (item.uid.clone(), item.reference())
        };
        for warning in Rules::of(pm)?.warnings(pm, with)? {
            pm.notice(warning);
        }
        let place = workspace()?;
        let run = pm.begin_planning(options, &reference)?;
        let mut planning = Planning {
            pm,
            options,
            with,
            agent: pm.agent_name(1),
            run: run.clone(),
            prd: prd.clone(),
            job: Job::new(item),
            folder: pm.run_folder(&run),
            place,
            rounds: Vec::new(),
            taken: None,
            is_asked_to_stop: AtomicBool::new(false),
        };
        let worked = planning.work(tell);
        let private = planning.private();
        sandbox::remove_temporary(&private);
        for folder in [&planning.place, &private] {
            // What cannot be removed only costs space.
            let _ = beneath::remove(folder);
        }
        if let Some(warning) = pm.unguarded() {
            pm.notice(warning);
        }
        let ended = planning.end(&worked);
        let kept = pm.keep_logs(&run);
        drop(lock);
        worked?;
        ended?;
        kept?;
        Ok(PlannedDocument {
            plan: pm.plans().show(Some(&prd))?,
            run: pm.run_view(&run)?,
            rounds: planning.rounds,
        })
    }
}

impl Pm {
    /// Refuses an agent that may not read a private document.
    fn require_readable(
        &self,
        state: &crate::store::state::State<'_>,
        prd: &crate::model::item::Item,
        with: &With,
    ) -> Result<()> {
        let privacy = Privacy::of(self)?;
        let trust = super::routing::trust(self, with, &privacy.local_agents);
        match privacy.reason(state, prd) {
            Some(why) if trust != Trust::Local => Err(Error::refused(not_local(&why))),
            _ => Ok(()),
        }
    }

    fn begin_planning(&self, options: &RunOptions, prd: &ItemRef) -> Result<Uid> {
        let run = Uid::from_parts(self.now_ms(), random::bytes()?);
        let plan = Plan {
            with: options.with.name().to_string(),
            agents: 1,
            merge: options.merge,
            budget_micro_usd: options.budget_micro_usd,
            epic: None,
            only: vec![prd.to_string()],
            pinned: None,
        };
        self.begin_run(&run, &plan)?;
        self.mark_alive(&run)?;
        Ok(run)
    }
}

/// A new folder outside the repository, in which the agent writes.
fn workspace() -> Result<PathBuf> {
    let place = std::env::temp_dir().join(format!("git-pm-plan-{}", random::name()?));
    let fail = |error| Error::unwritten(format!("cannot create {}", place.display()), error);
    let mut builder = std::fs::DirBuilder::new();
    builder.mode(0o700).create(&place).map_err(fail)?;
    place.canonicalize().map_err(fail)
}

/// The rounds of one agent at one document.
struct Planning<'p> {
    pm: &'p Pm,
    options: &'p RunOptions,
    with: &'p With,
    agent: String,
    run: Uid,
    prd: String,
    job: Job,
    folder: PathBuf,
    place: PathBuf,
    rounds: Vec<PlanRound>,
    /// The text of the last plan that was taken or given, as the agent finds it.
    taken: Option<String>,
    /// Set when a person asks to stop or pause the run.
    is_asked_to_stop: AtomicBool,
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
            if looks.is_multiple_of(LOOKS_A_READ)
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
            std::thread::sleep(LOOK);
        }
    }
}

/// The text that left the fewest statements open.
struct Best {
    open: usize,
    text: String,
}

impl Planning<'_> {
    fn work(&mut self, tell: &mut dyn FnMut(&PlanRound)) -> Result<()> {
        let source = Source::Prd(self.prd.clone());
        let outline = self.prepare(&source)?;
        let known = self.pm.plans().show(Some(&self.prd))?;
        let mut best: Option<Best> = None;
        if known.edits > 0 {
            let text = self.pm.plans().text(Some(&self.prd))?.text;
            if !secret::redacted(&text).1.is_empty() {
                return Err(Error::refused(format!(
                    "the plan of {} has a passage that looks like a secret, which no agent may read",
                    self.prd
                ))
                .hint(format!("`git pm plan edit {}` removes it", self.prd)));
            }
            let open = known.statements.open;
            best = Some(Best {
                open,
                text: text.clone(),
            });
            self.taken = Some(text);
        }
        let mut told: Vec<String> = Vec::new();
        for number in 1..=ROUNDS {
            let asked = prompt::write(&outline, &told, self.taken.is_some())?;
            self.give()?;
            let version = self.pm.plans().show(Some(&self.prd))?.version;
            let control = Control::new()?;
            let (mut round, words) = self.round(number, asked, &control)?;
            if round.failed.is_none() {
                match self.text_of(words) {
                    Some(text) => {
                        self.take(&source, &text, &version, &mut round, &mut best)?;
                        self.taken = Some(text);
                    }
                    None => {
                        round.findings = vec![format!("{} has no plan: write it", prompt::PLAN)];
                    }
                }
            }
            let is_over = round.failed.is_some()
                || round.written && round.findings.is_empty()
                || !told.is_empty() && told == round.findings;
            told.clone_from(&round.findings);
            tell(&round);
            self.rounds.push(round);
            if is_over || self.is_stopped() || self.over_budget().is_some() {
                break;
            }
        }
        self.restore_best(&source, best)
    }

    /// Makes the agent's folder a repository of its own, with the outline, which is returned, and the
    /// names of the project's files.
    fn prepare(&self, source: &Source) -> Result<String> {
        let git = self.pm.store.repo().git().plain();
        let place = self.place.display().to_string();
        git.require(&["init", "--quiet", "--template=", &place])?;
        let outline = secret::redacted(&self.pm.plans().outline(source)?.text).0;
        self.put(prompt::OUTLINE, &outline)?;
        let files = git.run(&["ls-tree", "-r", "--name-only", "HEAD"])?;
        let files = if files.ok() {
            files.text()
        } else {
            String::new()
        };
        self.put(prompt::FILES, &secret::redacted(&files).0)?;
        // Its files are not the work of a task, which would have to be committed.
        let info = self.place.join(".git/info");
        let fail = |error| Error::unwritten(format!("cannot write {}", info.display()), error);
        std::fs::create_dir_all(&info).map_err(fail)?;
        std::fs::write(info.join("exclude"), "/*\n").map_err(fail)?;
        Ok(outline)
    }

    /// Puts the last plan where the agent finds it, whatever it left there.
    fn give(&self) -> Result<()> {
        let Some(text) = &self.taken else {
            return Ok(());
        };
        let path = self.place.join(prompt::PLAN);
        let fail = |error| Error::unwritten(format!("cannot write {}", path.display()), error);
        beneath::remove(&path).map_err(fail)?;
        self.put(prompt::PLAN, text)
    }

    /// Writes the agent's text as the plan, and notes what is wrong with it.
    fn take(
        &self,
        source: &Source,
        text: &str,
        version: &str,
        round: &mut PlanRound,
        best: &mut Option<Best>,
    ) -> Result<()> {
        match self.write(source, text, version) {
            Ok(report) => {
                let open = report.statements.open;
                round.written = true;
                round.open = Some(open);
                round.findings = prompt::findings(&report.checks);
                if best.as_ref().is_none_or(|best| open <= best.open) {
                    let text = text.to_owned();
                    *best = Some(Best { open, text });
                }
                Ok(())
            }
            Err(error) if error.kind() == crate::error::Kind::Usage => {
                let hints = error.hints().iter().map(ToString::to_string);
                let all = std::iter::once(error.message().to_owned()).chain(hints);
                round.findings = all.map(|text| secret::redacted(&text).0).collect();
                Ok(())
            }
            // A person or another agent changed the plan, or its document, meanwhile.
            Err(error) if error.kind() == crate::error::Kind::Conflict => {
                round.failed = Some(error.message().to_owned());
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// Writes a text that its author made from a version of the plan.
    fn write(&self, source: &Source, text: &str, version: &str) -> Result<WriteReport> {
        let document = self.pm.plans().show(Some(&self.prd))?.document;
        let hash = document.as_str();
        let is_header = |line: &&str| line.trim_start().starts_with(HEADER);
        let lines = text
            .lines()
            .map(|line| if is_header(&line) { "" } else { line });
        let lines: Vec<&str> = lines.collect();
        let head = hash.get(..12).unwrap_or(hash);
        let text = format!(
            "{}\n\n{HEADER}{head} plan {version} -->\n",
            lines.join("\n")
        );
        let own = as_agent(self.pm, &self.agent)?;
        let options = WriteOptions {
            patch: false,
            base: None,
        };
        own.plans().write(source, &text, &options)
    }

    /// A later round may have dropped what an earlier one had.
    fn restore_best(&self, source: &Source, best: Option<Best>) -> Result<()> {
        let last = self.rounds.iter().rev().find_map(|round| round.open);
        let Some(best) = best.filter(|best| last.is_some_and(|open| open > best.open)) else {
            return Ok(());
        };
        let version = self.pm.plans().show(Some(&self.prd))?.version;
        self.write(source, &best.text, &version).map(drop)
    }

    /// Runs the agent once, and records it. Also returns its last words.
    fn round(
        &mut self,
        number: u32,
        asked: String,
        control: &Control,
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
        pm.write_job(&self.run, &self.job)?;
        let machine = Machine::default();
        let rules = Rules::in_force(pm, &machine)?.filter(|_| sandbox::holds(self.with));
        let outside = match rules {
            Some(_) => None,
            None => Some(Outside::of(pm)?),
        };
        let invocation = self.invocation(asked, rules.is_some());
        let limits = Limits {
            deadline: Some(self.options.deadline()),
            idle: Some(self.options.idle()),
            grace: self.options.grace(),
            ..headless::limits(self.with)
        };
        std::fs::create_dir_all(&invocation.private).map_err(|error| {
            let path = invocation.private.display();
            Error::unwritten(format!("cannot create {path}"), error)
        })?;
        let line = LogLine {
            at: String::new(),
            run: pm.run_view(&self.run)?.id,
            task: self.prd.clone(),
            attempt: number,
            agent: self.agent.clone(),
            stream: String::new(),
            text: String::new(),
        };
        let env = of_agent(pm, &self.agent);
        let mut log = LogWriter::open(&self.folder, &self.job.item, line, clock(&env))?;
        let prices = || Prices::of(pm, self.with, self.options.model.as_deref());
        let live = Live::begin(
            (&self.folder, &self.job.item, number),
            prices(),
            clock(&env),
        );
        let start = Start {
            with: self.with,
            invocation: &invocation,
            limits: &limits,
            control,
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
                control,
                done: &done,
                asked: &self.is_asked_to_stop,
            };
            let (env, offline) = (env.clone(), pm.options.offline);
            scope.spawn(move || watch.look(env, offline));
            let _done = Done(&done);
            start.run(pm, (&mut log, &live), &open)
        })?;
        drop(live);
        let used = prices().used(&report).unwrap_or_else(|_| Used {
            spent: spent(report.usage),
            ..Used::default()
        });
        let failed = verdict::judge(self.with, &limits, &report, ended);
        let mut failed = failed.map(|end| end.to_string());
        if let Some(outside) = outside {
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
        pm.write_job(&self.run, &self.job)?;
        Ok((round, report.message))
    }

    fn invocation(&self, prompt: String, sandboxed: bool) -> Invocation {
        let pm = self.pm;
        let env = of_agent(pm, &self.agent);
        let (name, email) = pm.store.identity();
        let id = crate::model::short_id::short_id(crate::model::short_id::RUN, &self.run);
        let vars = [
            ("GIT_PM_TASK", self.prd.as_str()),
            ("GIT_PM_RUN", &id),
            ("GIT_PM_ACTOR", &self.agent),
            ("AGENT_NAME", &self.agent),
        ];
        let git_dir = self.place.join(".git");
        Invocation {
            worktree: self.place.clone(),
            common_dir: git_dir.clone(),
            git_dir,
            private: self.private(),
            prompt,
            model: self.options.model.clone(),
            logged_in: headless::is_logged_in(self.with, &env.vars),
            vars: vars
                .map(|(name, value)| (name.to_string(), value.to_string()))
                .into(),
            identity: Some(Identity { name, email }),
            sandboxed,
            network: true,
            budget: self.left(),
            keeper: env.keeper.clone(),
            env: env.vars,
            ..Invocation::default()
        }
    }

    fn private(&self) -> PathBuf {
        self.folder.join("planning")
    }

    /// What may still be spent, in millionths of a US dollar.
    fn left(&self) -> Option<u64> {
        let budget = self.options.budget_micro_usd?;
        Some(budget.saturating_sub(self.job.spent.micro_usd))
    }

    /// The reason for which the budget lets nothing more start.
    fn over_budget(&self) -> Option<String> {
        let left = self.left()?;
        match self.job.unpriced() {
            0 => (left == 0).then(|| "the budget is spent".into()),
            tokens => Some(format!(
                "the budget cannot be kept, as the price of {tokens} tokens is not known"
            )),
        }
    }

    fn is_stopped(&self) -> bool {
        self.options.interrupted() || self.is_asked_to_stop.load(Ordering::SeqCst)
    }

    fn put(&self, name: &str, text: &str) -> Result<()> {
        let path = self.place.join(name);
        let fail = |error| Error::unwritten(format!("cannot write {}", path.display()), error);
        std::fs::write(&path, text).map_err(fail)
    }

    /// The agent's plan: its file, or its last words if they are one and the file is as before.
    fn text_of(&self, words: Option<String>) -> Option<String> {
        let file = beneath::plain(&self.place.join(prompt::PLAN), TEXT_MAX);
        let file = file.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        let is_plan = |text: &String| text.lines().any(|line| line.starts_with("### "));
        let (file, words) = (file.filter(is_plan), words.filter(is_plan));
        let is_new = file.is_some() && file != self.taken;
        if is_new { file } else { words.or(file) }
    }

    /// Records how it ended.
    fn end(&mut self, worked: &Result<()>) -> Result<()> {
        let last = self.rounds.last();
        let (status, reason) = match (worked, last) {
            (Err(error), _) => (RunStatus::Failed, Some(error.message().to_owned())),
            _ if self.is_stopped() => (RunStatus::Stopped, Some("it was stopped".to_owned())),
            (
                _,
                Some(PlanRound {
                    failed: Some(why), ..
                }),
            ) => (RunStatus::Failed, Some(why.clone())),
            (_, Some(round)) if round.written && round.findings.is_empty() => {
                (RunStatus::Completed, None)
            }
            (_, Some(_)) if self.over_budget().is_some() => {
                (RunStatus::Stopped, self.over_budget())
            }
            (_, Some(round)) => {
                let count = round.findings.len();
                let findings = if count == 1 { "finding" } else { "findings" };
                let reason = format!("{count} {findings} left after {} rounds", round.round);
                (RunStatus::Blocked, Some(reason))
            }
            (_, None) => (
                RunStatus::Failed,
                Some("the agent was not started".to_owned()),
            ),
        };
        (self.job.status, self.job.step) = (status, None);
        self.job.reason.clone_from(&reason);
        self.pm.write_job(&self.run, &self.job)?;
        for request in self.requests()? {
            self.pm.write_obeyed(&self.run, &request)?;
        }
        match (status, &reason) {
            (RunStatus::Stopped, Some(reason)) if self.over_budget().is_some() => {
                self.pm.write_out_of_budget(&self.run, reason)
            }
            _ => self.pm.write_run(&self.run, status, reason.as_deref()),
        }
    }

    /// The requests that ended it.
    fn requests(&self) -> Result<Vec<Request>> {
        let state = self.pm.store.state()?;
        let run = record::run(&state, &self.run);
        let requests = run.map_or_else(Vec::new, |run| run.requests);
        let asked = self.is_asked_to_stop.load(Ordering::SeqCst);
        let open = requests.into_iter().filter(|one| asked && !one.done);
        Ok(open.collect())
    }
}
