//! `git pm hook`: the command that installs, removes and runs the git hooks.
//!
//! `run` is on the path of every commit, so it does only what the library needs.

use std::ffi::OsString;
use std::io::Read;

use git_pm::Result;
use git_pm::error::Kind;
use git_pm::hooks::HookOutcome;

use crate::context::Context;
use crate::failure::{Exit, Outcome};
use crate::output::stderr;
use crate::render;

group! {
    /// Install, remove and run the git hooks
    #[command(defer = true, disable_help_subcommand = true)]
    HookCommand, run(context):
    /// Install the hooks alongside existing ones
    Install {
        /// Also install the reference-transaction hook, which checks every update of a branch.
        #[arg(long)]
        strict: bool,
    } => {
        let binary = crate::environment::own_path()?;
        let hooks = context.pm()?.hooks().install(&binary, strict)?;
        changed(context, "Installed", &hooks)
    },
    /// Remove the hooks of git pm and keep all others
    Uninstall => changed(context, "Removed", &context.pm()?.hooks().uninstall()?),
    /// Show whether the hooks are active in this clone
    Status => status(context),
    Run(args: RunArgs) => guard(context, &args),
    /// Check the files that an agent's tool is about to edit; called by agent CLIs
    ///
    /// Reads the tool call as JSON from standard input, as Claude Code, Codex and Gemini CLI pass
    /// it to their hooks. Prints nothing if the tool may run; if another holder reserved one of the
    /// files in edit mode, prints the JSON that denies the call. `git pm install hooks` sets this
    /// up.
    PreTool => super::pre_tool::run(context),
}

/// Run a hook; called by git
#[derive(clap::Args, Debug)]
pub struct RunArgs {
    /// Name of the hook.
    pub name: String,
    /// Arguments that git passed to the hook.
    #[arg(last = true)]
    pub args: Vec<OsString>,
}

/// Hooks that get input from git on standard input.
const WITH_INPUT: &[&str] = &[
    "pre-push",
    "reference-transaction",
    "pre-receive",
    "post-rewrite",
];

fn changed(context: &Context, said: &str, hooks: &[String]) -> Outcome {
    context.list(hooks, |page, hooks| render::setup::hooks(page, said, hooks))
}

fn status(context: &Context) -> Outcome {
    let status = context.pm()?.hooks().status()?;
    context.answer(&status, |page, status| {
        page.line(if status.active {
            "The hooks are active in this clone."
        } else {
            "The hooks are not active in this clone."
        });
        for hook in &status.hooks {
            page.line(format!("  {:<24} {}", hook.name, hook.state.as_str()));
        }
        for reason in &status.reasons {
            page.warning(reason);
        }
        if !status.active {
            page.next(&["git pm hook install", "git pm doctor"]);
        }
    })
}

/// Hooks that judge no change: a failure of theirs lets git go on.
const WITHOUT_VERDICT: &[&str] = &["prepare-commit-msg", "commit-msg"];

/// Allows or stops git. A reservation stops it, and so does a failure of the guard, whether the
/// caller caused it or not: the shims then name the command that goes past it.
fn guard(context: &Context, args: &RunArgs) -> Outcome {
    let outcome = match outcome(context, args) {
        Ok(outcome) => outcome,
        Err(stop) if matches!(stop.kind(), Kind::Refused | Kind::Conflict | Kind::Usage) => {
            // The shims recognize only this exit code as a refusal.
            return Err(stop.of_kind(Kind::Refused).into());
        }
        Err(malfunction) if WITHOUT_VERDICT.contains(&args.name.as_str()) => {
            stderr::warning(&format!(
                "git pm could not run its {} hook: {malfunction}",
                args.name
            ));
            HookOutcome {
                allowed: true,
                lines: Vec::new(),
            }
        }
        // Its own exit code: the shims then say how to go past it.
        Err(malfunction) => return Err(malfunction.into()),
    };
    for line in &outcome.lines {
        stderr::line(line);
    }
    if context.globals.json {
        context.json(&outcome)?;
    }
    Ok(Exit::of_if(!outcome.allowed, Kind::Refused))
}

fn outcome(context: &Context, args: &RunArgs) -> Result<HookOutcome> {
    let mut input = Vec::new();
    if WITH_INPUT.contains(&args.name.as_str()) {
        std::io::stdin()
            .read_to_end(&mut input)
            .map_err(|e| git_pm::Error::io("cannot read git's input", e))?;
    }
    let words: Vec<String> = args
        .args
        .iter()
        .map(|arg| arg.to_string_lossy().into_owned())
        .collect();
    let input = String::from_utf8_lossy(&input);
    context.pm()?.hooks().run(&args.name, &words, &input)
}
