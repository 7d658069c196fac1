//! One attempt at a task, on a thread of its own: claim and worktree, agent, checks, submission.

mod change_plan;
mod handed;
pub(super) mod outside;
pub(super) mod process_end;
mod prompt;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use self::outside::{Changes, Outside};
use super::after_attempt::{AttemptEnd, AttemptOutcome, question};
use super::live::Live;
use super::logs::{LogLine, LogWriter};
use super::options::RunOptions;
use super::record::{Job, Spent, Step};
use super::requests::Requests;
use super::routing::Pick;
use super::start_agent::{Start, marks};
use super::task_commands::{private_of_agent, task_commands};
use super::task_git::TaskGit;
use super::used::Prices;
use crate::agent::headless::{
    self, AgentReport, Identity, Invocation, McpServer, Session, Usage, With,
};
use crate::agent::sandbox::{self, Machine, Rules};
use crate::coordinate::message::SendRequest;
use crate::coordinate::renew_claims;
use crate::coordinate::worktree::links::{WorktreeLinks, lend};
use crate::error::{Error, Kind, Reason, Result};
use crate::model::settings;
use crate::model::status::Status;
use crate::model::text::escape_controls;
use crate::model::uid::Uid;
use crate::model::usage::{Attempt, Used};
use crate::pm::who_acts::OF_BEADS;
use crate::pm::{Options, Pm};
use crate::process::{Control, ExitCause, Limits};
use crate::review;
use crate::run::lock;
use crate::run::reconcile;
use crate::secret;
use crate::store::env::Env;
use crate::store::fault;
use crate::work::task::finish::FinishOptions;
use crate::work::task::hand_over::DropOptions;
use crate::work::task::remote_branch;
use crate::work::task::run_command::{PORT, port_of};
use crate::work::task::start::options::StartOptions;

/// An attempt to be made.
pub(super) struct AttemptOrder {
    env: Env,
    offline: bool,
    run: Uid,
    run_id: String,
    job: Job,
    agent: String,
    pick: Pick,
    limits: Limits,
    control: Control,
    /// The folder of the run's own files.
    folder: PathBuf,
    machine: Arc<Machine>,
    /// The maximum that the agent may spend, in millionths of a US dollar.
    pub(super) budget: Option<u64>,
    /// Set if every agent of the run plans before it works.
    change_plan: bool,
    /// Set if this agent already holds the item.
    pub(super) resume: bool,
}

impl AttemptOrder {
    pub(super) fn new(
        pm: &Pm,
        options: &RunOptions,
        (run, run_id): (&Uid, &str),
        job: &Job,
        (control, machine): (&Control, &Arc<Machine>),
        pick: Pick,
    ) -> Result<AttemptOrder> {
        let agent = job
            .agent
            .clone()
            .ok_or_else(|| Error::state("the task has no agent"))?;
        Ok(AttemptOrder {
            env: of_agent(pm, &agent),
            offline: pm.options.offline,
            run: run.clone(),
            run_id: run_id.to_string(),
            job: job.clone(),
            agent,
            limits: options.limits(pm.store.repo(), &pick.agent.with),
            pick,
            control: control.clone(),
            folder: lock::run_folder(pm, run),
            machine: machine.clone(),
            budget: None,
            change_plan: options.change_plan,
            resume: false,
        })
    }

    /// The attempt as it is recorded once its agent is started.
    pub(super) fn attempt(&self) -> Attempt {
        let model = match &self.pick.agent.with {
            With::Model(name) => Some(name.to_string()),
            _ => self.pick.agent.model.clone(),
        };
        Attempt {
            number: self.job.attempt,
            with: Some(self.pick.agent.with.name().to_string()),
            agent: Some(self.agent.clone()),
            used: Used {
                model,
                ..Used::default()
            },
            ..Attempt::default()
        }
    }

    fn pm_options(&self) -> Options {
        options_of(&self.agent, self.offline)
    }
}

/// The environment of an agent's operations: the caller's, but not interactive.
pub(super) fn of_agent(pm: &Pm, agent: &str) -> Env {
    let mut env = pm.store.env().clone();
    env.interactive = false;
    for name in ["GIT_PM_ACTOR", "AGENT_NAME"] {
        env.vars.insert(name.to_string(), agent.into());
    }
    for name in OF_BEADS {
        env.vars.remove(name);
    }
    env
}

/// The options of an agent's operations.
pub(super) fn options_of(agent: &str, offline: bool) -> Options {
    Options {
        actor: Some(agent.to_string()),
        agent: Some(agent.to_string()),
        offline,
        ..Options::default()
    }
}

/// Opens the repository as an agent.
pub(super) fn as_agent(pm: &Pm, agent: &str) -> Result<Pm> {
    Pm::open(of_agent(pm, agent), options_of(agent, pm.options.offline))
}

/// Adds a comment in an agent's name.
pub(super) fn comment(pm: &Pm, item: &Uid, agent: &str, text: &str) -> Result<()> {
    let own = as_agent(pm, agent)?;
    own.tasks()
        .comment(item.as_str(), &secret::redacted(text).0)?;
    Ok(())
}

/// Sends an agent's question to the human who started the run.
pub(super) fn ask(pm: &Pm, item: &Uid, agent: &str, to: &str, question: &str) -> Result<()> {
    let own = as_agent(pm, agent)?;
    let id = own.tasks().show(item.as_str())?.id;
    let quoted: Vec<String> = question.lines().map(|line| format!("> {line}")).collect();
    let quoted = escape_controls(&quoted.join("\n"));
    own.messages().send(&SendRequest {
        to: vec![to.into()],
        subject: format!("{agent} asks a question about {id}"),
        text: format!(
            "{quoted}\n\n`git pm run retry {id} --note ANSWER`, then `git pm run resume`, lets it go \
             on.\n"
        ),
        item: Some(id),
        ack: true,
        new: true,
        ..SendRequest::default()
    })?;
    Ok(())
}

/// Releases an item that an agent of this clone holds; branch and worktree stay.
pub(super) fn give_back(pm: &Pm, item: &Uid, agent: &str) -> Result<()> {
    let own = as_agent(pm, agent)?;
    let state = own.store.state()?;
    let held = state.item(item).filter(|item| {
        let holder = item.holder();
        item.status == Status::InProgress && holder.is_some_and(|one| one.actor == agent)
    });
    if held.is_none() {
        return Ok(());
    }
    let options = DropOptions {
        reason: Some("the run stopped its agent".into()),
        ..DropOptions::default()
    };
    own.tasks().release(Some(item.as_str()), &options)?;
    Ok(())
}

/// Renews the claim of an agent of this clone.
pub(super) fn renew(pm: &Pm, item: &Uid, agent: &str) -> Result<()> {
    let own = as_agent(pm, agent)?;
    own.store.write(&own.named_writer("task start")?, |tx| {
        let held = tx.state.item(item).and_then(|item| item.holder()).cloned();
        if let Some(claim) = held.filter(|claim| claim.actor == agent)
            && renew_claims::renew(&own, tx, [(item.clone(), &claim)])?
        {
            tx.describe("task start", &[], &format!("{agent}: claim renewed"));
        }
        Ok(())
    })?;
    renew_claims::share_renewal(&own);
    Ok(())
}

/// Makes an attempt. `step` is called when it reaches its next step.
pub(super) fn work(order: &AttemptOrder, step: &dyn Fn(Step)) -> AttemptOutcome {
    attempt(order, step).unwrap_or_else(|error| AttemptOutcome::without_agent(end_of(&error)))
}

/// The outcome of an attempt that failed for a reason other than the agent's work.
fn end_of(error: &Error) -> AttemptEnd {
    match error.kind() {
        Kind::Remote => process_end::passing(error.message().to_string()),
        _ => AttemptEnd::Failed(error.message().to_string()),
    }
}

/// True for a refusal that no longer applies once another actor is done.
fn is_taken(error: &Error) -> bool {
    let waits = [Reason::ClaimHeld, Reason::ClaimOwn, Reason::StartNotReady];
    error.kind() == Kind::Conflict
        || waits.contains(&error.reason())
        || !error.conflicts().is_empty()
}

fn attempt(order: &AttemptOrder, step: &dyn Fn(Step)) -> Result<AttemptOutcome> {
    let pm = Pm::open(order.env.clone(), order.pm_options())?;
    let uid = order.job.item.as_str();
    let (id, submitted) = {
        let state = pm.store.state()?;
        let item = state.find(uid)?;
        let submitted = matches!(item.status, Status::InReview | Status::ReadyForIntegration);
        (state.shown_id(item), submitted)
    };
    let private = private_of_agent(&order.folder, &order.job.item);
    let of = (order.run_id.as_str(), id.as_str());
    let rules = Rules::in_force(&pm, &order.machine)?;
    let commands = task_commands(&pm, of, &order.control, &private, rules.as_ref())?;
    let pm = pm.of_run(commands);
    let options = StartOptions {
        resume: order.resume || submitted,
        pattern: Some(pm.store.repo().text_of(&settings::RUN_BRANCH)),
        run: Some(order.run_id.clone()),
        ..StartOptions::default()
    };
    let started = match pm.tasks().start(uid, &options) {
        Ok(started) => started,
        Err(error) if is_taken(&error) => {
            let reason = error.message().to_string();
            return Ok(AttemptOutcome::without_agent(AttemptEnd::NotNow(reason)));
        }
        Err(error) => return Err(error),
    };
    let branch = started.item.branch.clone().unwrap_or_default();
    let place = started.item.worktree.clone().map(PathBuf::from);
    let place = place.ok_or_else(|| Error::state(format!("{id} has no worktree")))?;
    let line = LogLine {
        run: order.run_id.clone(),
        task: id.clone(),
        attempt: order.job.attempt,
        agent: order.agent.clone(),
        ..LogLine::default()
    };
    let mut log = LogWriter::open(&order.folder, &order.job.item, line, clock(&order.env))?;
    if let Some(told) = &order.pick.choice_message {
        log.write("run", told);
    }
    if let Some(why) = prompt::keeps_away(&pm, order)? {
        // Known only now, as the claim fetched the state. Another agent may take the task.
        log.write("run", &why);
        give_back(&pm, &order.job.item, &order.agent)?;
        return Ok(AttemptOutcome::without_agent(AttemptEnd::NotNow(why)));
    }
    if order.job.step == Some(Step::Check) {
        // An earlier process was killed after the agent finished.
        step(Step::Check);
        let end = submit(&pm, order, (None, None))?;
        if end == AttemptEnd::Submitted {
            return Ok(AttemptOutcome::without_agent(end));
        }
    }
    step(Step::Work);
    let rules = rules.filter(|_| sandbox::holds(&order.pick.agent.with));
    let unsigned = rules.as_ref().and_then(|rules| rules.cannot_sign(&pm));
    let outside = match rules {
        Some(_) => None,
        None => Some(Outside::of(&pm)?),
    };
    let changed_outside = |branch: &str| match &outside {
        Some(outside) => outside
            .changes(&pm, branch)
            .unwrap_or_else(|error| Changes {
                failed: Some(error.message().to_string()),
                held: None,
            }),
        None => Changes::default(),
    };
    if change_plan::is_due(&pm, order)? {
        let mut planned = change_plan::ask(&pm, order, (&id, &place), &mut log)?;
        let changes = changed_outside(&branch);
        if let Some(why) = changes.failed.or(changes.held) {
            planned.end = AttemptEnd::Failed(why);
        }
        log.write("run", &planned.end.to_string());
        return Ok(planned);
    }
    let (report, ended, taken) = run_agent(
        &pm,
        order,
        &id,
        (&place, &branch, &private),
        rules.as_ref(),
        &mut log,
    )?;
    // From here on the agent has incurred cost, whatever fails.
    let changes = changed_outside(&branch);
    let changed = changes.failed.map(AttemptEnd::Failed);
    let judged = changed
        .or_else(|| process_end::judge(&order.pick.agent.with, &order.limits, &report, ended));
    let end = judged.unwrap_or_else(|| {
        step(Step::Check);
        let submitted = taken.map_or_else(
            |error| refused(&error).ok_or(error),
            |()| {
                let words = report.message.as_deref();
                submit(&pm, order, (unsigned.as_deref(), words))
            },
        );
        submitted.unwrap_or_else(|error| end_of(&error))
    });
    let end = match (end, unsigned) {
        (AttemptEnd::Failed(text), Some(why)) if text.contains("failed to write commit object") => {
            AttemptEnd::Failed(format!("{text}; {why}"))
        }
        (end, _) => end,
    };
    let _ = std::fs::remove_file(saved_links(&order.folder, &order.job.item));
    // The agent's own output has already been logged.
    let told = match &end {
        AttemptEnd::Failed(_) | AttemptEnd::Refused(_) | AttemptEnd::Transient { .. } => {
            "failed".to_string()
        }
        end => end.to_string(),
    };
    log.write("run", &told);
    let prices = Prices::of(
        &pm,
        &order.pick.agent.with,
        order.pick.agent.model.as_deref(),
    );
    let used = prices.used_or_counted(&report, &mut log);
    Ok(AttemptOutcome {
        end,
        used,
        session: report.session.map(|session| session.id),
        held: changes.held,
    })
}

/// The file that saves the links of a task's worktree while its agent or a gate runs there. Their
/// sandbox does not let them write to it.
pub(super) fn saved_links(folder: &Path, item: &Uid) -> PathBuf {
    private_of_agent(folder, item).with_extension("links")
}

pub(super) fn clock(env: &Env) -> Box<dyn Fn() -> u64 + Send> {
    let env = env.clone();
    Box::new(move || env.now_ms())
}

/// The MCP servers of the settings.
///
/// # Errors
/// When a value names none.
pub(super) fn mcp_servers(pm: &Pm) -> Result<Vec<McpServer>> {
    let values = pm.store.repo().config_all(settings::AGENT_MCP.key);
    values.iter().map(|value| McpServer::parse(value)).collect()
}

/// Runs the agent in the task's worktree. Also returns whether the branch has what it committed.
fn run_agent(
    pm: &Pm,
    order: &AttemptOrder,
    id: &str,
    (place, branch, private): (&Path, &str, &Path),
    rules: Option<&Rules>,
    log: &mut LogWriter,
) -> Result<(AgentReport, ExitCause, Result<()>)> {
    let there = Env {
        cwd: place.to_path_buf(),
        ..order.env.clone()
    };
    let there = Pm::open(there, order.pm_options())?;
    let prompt = prompt::write(pm, &there, order, (None, log))?;
    drop(there);
    let session = order.job.session.as_ref().map(|id| Session {
        id: id.clone(),
        used: usage(order.job.spent),
    });
    let git = pm.store.repo().git().in_worktree(place)?;
    let git_dir = git.git_dir()?;
    let (name, email) = pm.store.identity();
    let invocation = Invocation {
        worktree: place.to_path_buf(),
        git_dir,
        common_dir: pm.store.repo().common_dir().to_path_buf(),
        branch: branch.to_string(),
        private: private.to_path_buf(),
        prompt,
        model: order.pick.agent.model.clone(),
        resume: session,
        logged_in: headless::is_logged_in(&order.pick.agent.with, &order.env.vars),
        env: order.env.vars.clone(),
        vars: (marks(id, &order.run_id, &order.agent).into_iter())
            .chain(port_of(pm, place).map(|port| (PORT.into(), port.to_string())))
            .collect(),
        role: order.job.role.clone().or_else(|| Some("developer".into())),
        round: Some(order.job.attempt),
        identity: Some(Identity { name, email }),
        sandboxed: rules.is_some(),
        network: true,
        budget: order.budget,
        mcp: mcp_servers(pm)?,
        keeper: order.env.keeper.clone(),
        ..Invocation::default()
    };
    let fail = |error| {
        Error::unwritten(
            format!("cannot create {}", invocation.private.display()),
            error,
        )
    };
    std::fs::create_dir_all(&invocation.private).map_err(fail)?;
    fault::step("agent-start")?;
    let links = WorktreeLinks::read(place, &invocation.git_dir);
    links.save(&saved_links(&order.folder, &order.job.item))?;
    let open = || Pm::open(order.env.clone(), order.pm_options());
    let mut requests = None;
    if let Some(rules) = rules {
        let task = TaskGit::make(pm.store.repo(), &invocation)?;
        let launch = handed::launch(order, &invocation, rules)?;
        task.save()?;
        Requests::prepare(private)?;
        lend(place, &task.dir())?;
        requests = Some(Requests {
            private,
            worktree: place,
            launch,
            deadline: order.limits.deadline,
            rules,
            task: Mutex::new(task),
            open: &open,
        });
    }
    let live = Live::begin(
        (&order.folder, &order.job.item, order.job.attempt),
        Prices::of(
            pm,
            &order.pick.agent.with,
            order.pick.agent.model.as_deref(),
        ),
        clock(&order.env),
    );
    let start = Start {
        with: &order.pick.agent.with,
        invocation: &invocation,
        limits: &order.limits,
        control: &order.control,
        caps: order.pick.caps,
        item: order.job.item.as_str(),
        rules,
    };
    let mut work = || start.run(pm, (&mut *log, &live), &open);
    let done = AtomicBool::new(false);
    let worked = std::thread::scope(|scope| {
        let mut serving = None;
        if let Some(requests) = &requests {
            serving = Some(scope.spawn(|| requests.serve(scope, &done)));
        }
        let worked = catch_unwind(AssertUnwindSafe(&mut work));
        done.store(true, Ordering::SeqCst);
        if let Some(serving) = serving {
            serving.thread().unpark();
        }
        worked.unwrap_or_else(|panic| resume_unwind(panic))
    });
    // Restored before git is run there.
    let changed = links.restore()?;
    let taken = match (requests, rules) {
        (Some(requests), Some(rules)) => {
            let task = requests.task.into_inner();
            let mut task = task.unwrap_or_else(PoisonError::into_inner);
            let taken = task.take_over(pm, rules);
            let kept = task.keep_others(pm, rules);
            let lines = kept.unwrap_or_else(|error| vec![error.message().to_string()]);
            for line in &lines {
                log.write("run", line);
            }
            task.forget();
            if let Err(error) = &taken {
                log.write("run", error.message());
            }
            taken.map(drop)
        }
        _ => Ok(()),
    };
    let (report, ended) = worked?;
    if !changed.is_empty() {
        let names = changed.join(", ");
        let text = format!("the agent changed {names} in its worktree; git pm restored it");
        log.write("run", &text);
    }
    if !matches!(ended, ExitCause::Exited(_)) || taken.is_err() {
        let branch = git.run(&["symbolic-ref", "--quiet", "--short", "HEAD"])?;
        reconcile::unlock_worktree(pm, place, &branch.text());
    }
    for name in headless::leftovers(&order.pick.agent.with) {
        // The second names what is in folders, which the first does not match.
        let [files, folders] = ["", "/**"].map(|end| format!(":(top,glob){name}*{end}"));
        git.run(&["clean", "-ffdxq", "--", &files, &folders])?;
    }
    Ok((report, ended, taken))
}

/// Checks the work, submits it unless the agent did so itself, and reviews it.
fn submit(pm: &Pm, order: &AttemptOrder, told: (Option<&str>, Option<&str>)) -> Result<AttemptEnd> {
    let end = submit_unreviewed(pm, order, told)?;
    if !matches!(end, AttemptEnd::Submitted) {
        return Ok(end);
    }
    let uid = order.job.item.as_str();
    let reviewed = match pm.findings().review(uid) {
        Ok(report) => report,
        // It was merged or closed by its agent, or is too large: a human decides.
        Err(error) if error.kind() == Kind::Refused && error.reason() != Reason::TrustRequired => {
            return Ok(end);
        }
        Err(error) => return Err(error),
    };
    let round = review::last_round(&*pm.store.snapshot()?, &order.job.item);
    Ok(match review::blocking_text(&reviewed, round.as_deref()) {
        Some(text) => AttemptEnd::Incomplete { text, gate: None },
        None => end,
    })
}

/// Checks the work and submits it, unless the agent did so itself. `hint` is for work that is not
/// committed, `words` are the agent's last ones.
fn submit_unreviewed(
    pm: &Pm,
    order: &AttemptOrder,
    (hint, words): (Option<&str>, Option<&str>),
) -> Result<AttemptEnd> {
    let (uid, agent) = (order.job.item.as_str(), order.agent.as_str());
    let state = pm.store.state()?;
    let item = state.find(uid)?;
    let doc = state.doc(&item.uid);
    if item.status.is_closed() {
        let by = doc.and_then(|doc| doc.text("closed_by"));
        return Ok(match by == Some(agent) {
            true => AttemptEnd::Failed("its agent closed it instead of submitting the work".into()),
            false => AttemptEnd::Submitted,
        });
    }
    if matches!(item.status, Status::InReview | Status::ReadyForIntegration) {
        // What it handed over had no network.
        let shared = item
            .branch
            .as_deref()
            .map(|one| remote_branch::share_branch(pm, one, None));
        return match shared.transpose() {
            Ok(_) => Ok(AttemptEnd::Submitted),
            Err(error) => refused(&error).ok_or(error),
        };
    }
    let options = FinishOptions {
        accept_gated: !order.pick.agent.with.has_tools(),
        ..FinishOptions::default()
    };
    match pm.tasks().finish(Some(uid), &options) {
        Ok(_) => Ok(AttemptEnd::Submitted),
        Err(error) if options.accept_gated && error.reason() == Reason::FinishNotAccepted => {
            Ok(AttemptEnd::Failed(format!(
                "{}; {agent} has no tool to accept them, and no gate is set: `git pm \
                 config pm.gate NAME=COMMAND` sets one, `git pm task accept` accepts them by hand",
                error.message()
            )))
        }
        // Its agent cannot commit, and would try in vain until the reservation ends.
        Err(error) if !error.conflicts().is_empty() => {
            Ok(AttemptEnd::Failed(error.message().to_string()))
        }
        Err(error) => {
            let question = words.and_then(question);
            if let (Reason::FinishNoCommits, Some(question)) = (error.reason(), question) {
                return Ok(AttemptEnd::Asked(secret::redacted(question).0));
            }
            let is_open = matches!(
                error.reason(),
                Reason::FinishNoCommits | Reason::FinishUncommitted
            );
            let error = match hint {
                Some(hint) if is_open => error.hint(hint),
                _ => error,
            };
            refused(&error).ok_or(error)
        }
    }
}

/// The outcome of work that is sent back to its agent.
fn refused(error: &Error) -> Option<AttemptEnd> {
    let is_refused = error.kind() == Kind::Refused && error.reason() != Reason::TrustRequired;
    is_refused.then(|| {
        let hints = error.hints().iter().map(|hint| format!("\n- {hint}"));
        AttemptEnd::Incomplete {
            text: format!("{}{}", error.message(), hints.collect::<String>()),
            gate: error.gate().map(str::to_string),
        }
    })
}

fn usage(spent: Spent) -> Usage {
    Usage {
        input: spent.input.saturating_add(spent.cached),
        cached: spent.cached,
        output: spent.output,
        cost: Some(spent.micro_usd),
    }
}
