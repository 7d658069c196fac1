//! `git pm run` and `git pm logs`: agents that work the graph of tasks.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use git_pm::Result;
use git_pm::error::Kind;
use git_pm::runs::{
    Checkpoint, LogLine, LogOptions, MergeRule, RunEvent, RunOptions, RunStatus, RunView, Verb,
};

use crate::arguments::values::{Millis, Words, micro_usd};
use crate::context::Context;
use crate::failure::{Exit, Failure, Outcome};
use crate::output::{self, stderr, stdout};
use crate::render;

/// The time between two looks at what is followed.
const POLL_INTERVAL: Duration = Duration::from_millis(500);

/// Let coding agents work through the task graph
///
/// Takes ready tasks by priority and critical path, gives each to an agent in its own worktree,
/// checks the work (commits, acceptance criteria, gates) and submits it. Tasks whose files overlap
/// never run at the same time. Stays in the foreground until nothing is left to do; another
/// terminal can follow it with `git pm run status` and `git pm logs --follow`, and control it.
/// After an interruption, even a `kill -9`, `git pm run resume` continues the run.
///
/// Exit codes: 0 all tasks are done, 1 some failed or wait for a human, 7 the budget is spent.
#[derive(clap::Args, Debug)]
#[command(
    disable_help_subcommand = true,
    args_conflicts_with_subcommands = true,
    after_help = "\
Examples:
  git pm run --dry-run --agents 4
  git pm run --with codex --agents 3 --epic E-0001
  git pm run --with script:./agent.sh --merge gates
  git pm run --with 'acp:gemini --acp --skip-trust -m {model}' --model gemini-2.5-flash
  git pm run --with model:ollama/qwen3-coder:latest
  git pm run --with auto --agents 3
  git pm run --budget 5usd --checkpoint every-stream

A script gets the prompt on standard input and GIT_PM_TASK, GIT_PM_RUN,
GIT_PM_ACTOR, GIT_PM_ROLE and GIT_PM_ROUND (the attempt, from 1) in its
environment, and starts in the task's worktree. Exit code 75 means that the task
may be retried; any other nonzero code means that it failed.

In a COMMAND-LINE, {model}, {session}, {worktree} and {prompt_file} stand for
their values. An agent that speaks the Agent Client Protocol may act only inside
the worktree; requests that name a path outside it are refused and logged.

model:PROVIDER/NAME calls the API of a language model directly, with tools for files,
commands and git. Providers: anthropic, openai, openai-chat, minimax, openrouter,
lmstudio, vllm, ollama, and chat for any server with chat completions. The usual
variables (ANTHROPIC_API_KEY, OPENAI_BASE_URL, OLLAMA_HOST, CHAT_BASE_URL, ...) set
keys and servers; keys can also come from a git credential helper. `git pm config`
lists pm.modelUrl, pm.modelContext, pm.price and others.

replay:FILE plays a transcript (JSON Lines) instead of calling a model: for each
start the first entry whose role, round and texts of the prompt match. docs/agents.md
has the format."
)]
pub struct RunArgs {
    /// The command to run.
    #[command(subcommand)]
    pub command: Option<RunCommand>,
    #[command(flatten)]
    pub start: StartRunArgs,
}

/// The options of a new run.
#[derive(clap::Args, Debug)]
pub struct StartRunArgs {
    #[command(flatten)]
    pub agent: AgentArgs,
    /// Maximum number of agents at the same time.
    #[arg(long, value_name = "N", default_value_t = RunOptions::default().agents)]
    pub agents: usize,
    /// Only the tasks of this epic.
    #[arg(long, value_name = "ID")]
    pub epic: Option<String>,
    /// Only these items.
    #[arg(long, value_name = "ID", num_args = 1..)]
    pub only: Vec<String>,
    /// When work is merged: `ask` waits until each task is approved; `gates`, which only a human
    /// may use, merges work that passes all gates.
    #[arg(long, value_name = "RULE", default_value = RunOptions::default().merge.as_str(), value_parser = Words(MergeRule::VOCABULARY.words))]
    pub merge: String,
    #[command(flatten)]
    pub limits: LimitArgs,
}

/// The agent.
#[derive(clap::Args, Debug)]
pub struct AgentArgs {
    /// Agent: claude, codex, gemini, opencode, aider, script:PATH, command:COMMAND-LINE,
    /// acp:COMMAND-LINE for one that speaks the Agent Client Protocol, model:PROVIDER/NAME for the
    /// built-in agent, which calls the API of that model, replay:FILE for a transcript, or auto for the
    /// one that `git pm route` names for each task.
    #[arg(long, value_name = "AGENT", default_value_t = RunOptions::default().with.to_string())]
    pub with: String,
    /// Model, as the agent names it; not with model:PROVIDER/NAME.
    #[arg(long, value_name = "NAME")]
    pub model: Option<String>,
}

/// The limits of a run.
#[derive(clap::Args, Debug)]
pub struct LimitArgs {
    /// Start nothing once the agents have spent this much: `5usd`.
    #[arg(long, value_name = "USD", value_parser = micro_usd)]
    pub budget: Option<u64>,
    /// Start nothing while this many tasks are in review.
    #[arg(long, value_name = "N")]
    pub wip_review: Option<usize>,
    /// Pause after every task or stream, until `git pm run resume`.
    #[arg(long, value_name = "WHEN", default_value = RunOptions::default().checkpoint.as_str(), value_parser = Words(Checkpoint::VOCABULARY.words))]
    pub checkpoint: String,
    /// Ask each agent for a plan of 3 to 5 changes before it works on a task; the built-in agent
    /// always is asked.
    #[arg(long)]
    pub change_plan: bool,
    /// How many times work that fails a check is sent back to the agent.
    #[arg(long, value_name = "N", default_value_t = RunOptions::default().returns)]
    pub returns: u32,
    /// How many times a transient failure is retried.
    #[arg(long, value_name = "N", default_value_t = RunOptions::default().retries)]
    pub retries: u32,
    /// Maximum time of one attempt.
    #[arg(long, value_name = "TIME", default_value_t = seconds(RunOptions::default().deadline_seconds))]
    pub timeout: Millis,
    /// Maximum time without output.
    #[arg(long, value_name = "TIME", default_value_t = seconds(RunOptions::default().idle_seconds))]
    pub idle: Millis,
    /// Show the order, agents and times; start nothing.
    #[arg(long)]
    pub dry_run: bool,
}

fn seconds(number: u64) -> Millis {
    Millis(number * 1_000)
}

/// What another process does with a run.
#[derive(clap::Subcommand, Debug)]
#[command(defer = true, disable_help_subcommand = true)]
pub enum RunCommand {
    /// Show a run: its tasks, agents, usage and cost, and what is in flight
    Status {
        /// ID of the run; the newest by default.
        run: Option<String>,
        /// Show it again after each change, until it ends.
        #[arg(long)]
        watch: bool,
    },
    /// List the runs
    #[command(visible_alias = "ls")]
    List,
    /// Start nothing more, halt the agents where they are, and show what is in flight
    Pause(TargetArgs),
    /// Continue a run that was paused or whose process has ended
    Resume(TargetArgs),
    /// Leave a task out
    Skip(TaskArgs),
    /// Try a failed, skipped or stopped task again
    Retry {
        #[command(flatten)]
        target: TaskArgs,
        /// What the agent needs to know.
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
    /// Close a task by hand, and stop its agent
    Complete {
        #[command(flatten)]
        target: TaskArgs,
        /// Why the task is done.
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Stop the agents and the run, or one task, and show what was in flight
    Stop(TargetArgs),
    /// Publish the logs of a run for other clones
    ///
    /// They are pushed to `refs/pm-runs/` on the state's remote, where everyone who can read the
    /// repository can read them. In another clone, `git pm logs RUN --fetch` fetches them.
    Publish {
        /// ID of the run; the newest by default.
        run: Option<String>,
    },
}

/// A run or one of its tasks.
#[derive(clap::Args, Debug)]
pub struct TargetArgs {
    /// ID of a task; the whole run by default.
    pub task: Option<String>,
    /// ID of the run; the newest by default.
    #[arg(long, value_name = "ID")]
    pub run: Option<String>,
}

/// A task of a run.
#[derive(clap::Args, Debug)]
pub struct TaskArgs {
    /// ID of a task.
    pub task: String,
    /// ID of the run; the newest by default.
    #[arg(long, value_name = "ID")]
    pub run: Option<String>,
}

/// Runs agents, or one of the verbs about runs.
pub fn run(context: &Context, args: RunArgs) -> Outcome {
    match args.command {
        None => start(context, &args.start),
        Some(command) => control(context, command),
    }
}

impl StartRunArgs {
    fn options(&self, context: &Context) -> Result<RunOptions> {
        Ok(RunOptions {
            agents: self.agents,
            epic: self.epic.clone(),
            only: self.only.clone(),
            merge: self.merge.parse()?,
            ..options(context, &self.agent, &self.limits)?
        })
    }
}

/// The options of runs with an agent and limits.
pub fn options(context: &Context, agent: &AgentArgs, limits: &LimitArgs) -> Result<RunOptions> {
    let with = agent.with.parse::<git_pm::runs::RunAgent>()?;
    Ok(RunOptions {
        with: with.at(&context.env.cwd),
        model: agent.model.clone(),
        budget_micro_usd: limits.budget,
        wip_review: limits.wip_review,
        checkpoint: limits.checkpoint.parse()?,
        change_plan: limits.change_plan,
        returns: limits.returns,
        retries: limits.retries,
        deadline_seconds: limits.timeout.0 / 1_000,
        idle_seconds: limits.idle.0 / 1_000,
        interrupt: Some(on_signals()?),
        ..RunOptions::default()
    })
}

fn start(context: &Context, args: &StartRunArgs) -> Outcome {
    let options = args.options(context)?;
    let runs = context.pm()?.runs();
    if args.limits.dry_run {
        return context.answer(&runs.plan(&options)?, render::runs::plan);
    }
    let view = runs.run(&options, &mut |event| report(context, &event))?;
    finish(context, &view)
}

/// Set once the user or the system asks the process to end.
pub fn on_signals() -> Result<Arc<AtomicBool>> {
    let asked = Arc::new(AtomicBool::new(false));
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    for signal in [SIGHUP, SIGINT, SIGTERM] {
        signal_hook::flag::register(signal, Arc::clone(&asked))
            .map_err(|error| git_pm::Error::io("cannot handle signals", error))?;
    }
    Ok(asked)
}

/// Prints a transition to standard error, so that the answer stays alone on standard output.
fn report(context: &Context, event: &RunEvent) {
    if context.globals.quiet {
        return;
    }
    let mut page = context.page();
    render::runs::event(&mut page, event);
    stderr::page(&page.finish());
}

/// Prints how a run ended, with the exit code that says it.
fn finish(context: &Context, view: &RunView) -> Outcome {
    context.answer(view, render::runs::status)?;
    Ok(exit_of(view.status, view.budget_spent))
}

/// The exit code that says how a run ended.
pub fn exit_of(status: RunStatus, budget_spent: bool) -> Exit {
    match (status, budget_spent) {
        (RunStatus::Completed, _) => Exit::DONE,
        (_, true) => Exit::of(Kind::Budget),
        _ => Exit::of(Kind::Refused),
    }
}

fn control(context: &Context, command: RunCommand) -> Outcome {
    let runs = context.pm()?.runs();
    let ask = |verb, target: &TargetArgs, note: Option<&str>| {
        let task = target.task.as_deref();
        let view = runs.ask(target.run.as_deref(), verb, task, note)?;
        context.answer(&view, |page, view| {
            render::runs::asked(page, view, verb, task)
        })
    };
    match command {
        RunCommand::Status { run, watch } => match watch {
            true => watch_run(context, run.as_deref()),
            false => context.answer(&runs.status(run.as_deref())?, render::runs::status),
        },
        RunCommand::List => context.list(&runs.list()?, render::runs::list),
        RunCommand::Pause(target) => ask(Verb::Pause, &target, None),
        RunCommand::Stop(target) => ask(Verb::Stop, &target, None),
        RunCommand::Skip(task) => ask(Verb::Skip, &task.into(), None),
        RunCommand::Retry { target, note } => ask(Verb::Retry, &target.into(), note.as_deref()),
        RunCommand::Publish { run } => {
            let published = runs.publish_logs(run.as_deref())?;
            context.answer(&published, render::runs::published)
        }
        RunCommand::Complete { target, reason } => {
            let view = runs.complete(target.run.as_deref(), &target.task, &reason)?;
            context.answer(&view, render::runs::status)
        }
        RunCommand::Resume(target) => {
            if target.task.is_some() || runs.is_alive(target.run.as_deref())? {
                return ask(Verb::Resume, &target, None);
            }
            let told = &mut |event| report(context, &event);
            let view = runs.continue_run(target.run.as_deref(), Some(on_signals()?), told)?;
            finish(context, &view)
        }
    }
}

impl From<TaskArgs> for TargetArgs {
    fn from(args: TaskArgs) -> Self {
        TargetArgs {
            task: Some(args.task),
            run: args.run,
        }
    }
}

/// Shows a run after each change, until it has ended or the reader is gone.
fn watch_run(context: &Context, run: Option<&str>) -> Outcome {
    let runs = context.pm()?.runs();
    let mut before = None;
    loop {
        let view = runs.status(run)?;
        let ended = view.ended_at.is_some() || view.alive == Some(false);
        if before.as_ref() != Some(&view) {
            context.answer(&view, render::runs::status)?;
        }
        if ended || stdout::reader_leaves_within(POLL_INTERVAL) {
            return Ok(Exit::DONE);
        }
        before = Some(view);
    }
}

/// Print the output of agents, by run or task
///
/// The logs belong to this clone; `git pm run publish` shares those of a run. Secrets in
/// them are replaced. The last 50 MiB of each task's log are kept; if earlier output was dropped, a
/// line says so. `git pm gc` removes logs after `pm.gc.runs` days.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm logs
  git pm logs T-0003 --last 50
  git pm logs R-k3f9a2 --follow")]
pub struct LogsArgs {
    /// ID of a run or a task; the newest run by default.
    pub id: Option<String>,
    /// Only the last N lines.
    #[arg(long, value_name = "N")]
    pub last: Option<usize>,
    /// Wait for more output until the run ends.
    #[arg(short, long)]
    pub follow: bool,
    /// Fetch the published logs of a run first.
    #[arg(long, conflicts_with = "follow")]
    pub fetch: bool,
}

/// Prints logs.
pub fn logs(context: &Context, args: LogsArgs) -> Outcome {
    if args.fetch {
        context.pm()?.runs().fetch_logs(args.id.as_deref())?;
    }
    let options = LogOptions {
        of: args.id,
        last: args.last,
    };
    let mut written: std::result::Result<(), Failure> = Ok(());
    let mut each = |line: LogLine| {
        if written.is_ok() {
            written = print(context, &line);
        }
    };
    let mut go_on = || !stdout::reader_leaves_within(POLL_INTERVAL);
    let follow: Option<&mut dyn FnMut() -> bool> = match args.follow {
        true => Some(&mut go_on),
        false => None,
    };
    context.pm()?.runs().logs(&options, &mut each, follow)?;
    written?;
    Ok(Exit::DONE)
}

fn print(context: &Context, line: &LogLine) -> std::result::Result<(), Failure> {
    if context.globals.json {
        return output::json::write(line, &[]);
    }
    let mut page = context.page();
    render::runs::log_line(&mut page, line);
    stdout::write(&page.finish())
}
