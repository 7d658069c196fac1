//! `git pm install`: instructions, hooks and slash commands for agents, and a program called bd.

use std::path::PathBuf;

use git_pm::error::Kind;
use git_pm::integrations::{InstallRequest, InstallTarget, Tool};

use crate::context::Context;
use crate::environment::own_path;
use crate::failure::{Exit, Outcome};
use crate::output::{stderr, stdout};
use crate::render;

/// Set up this repository for coding agents
///
/// Each command shows the changes to files as a diff and asks before it writes them. Without a
/// terminal, it writes only with --yes, and otherwise exits with 1. Running it again changes
/// nothing; with --remove, it removes what it wrote and leaves everything else as it is.
#[derive(clap::Subcommand, Debug)]
#[command(defer = true, disable_help_subcommand = true)]
pub enum InstallCommand {
    /// Write instructions for agents into AGENTS.md and CLAUDE.md
    ///
    /// Writes a marked section into those of the two files that exist, or into a new AGENTS.md. The
    /// rest of the file is not touched.
    Agents {
        /// Only print the instructions.
        #[arg(long, conflicts_with = "remove")]
        print: bool,
        #[command(flatten)]
        how: HowArgs,
    },
    /// Add hooks to the settings of agent CLIs
    ///
    /// At the start of a session, `git pm prime --hook-json` gives the agent its briefing;
    /// before a tool edits a file, `git pm hook pre-tool` denies the edit if another holder
    /// reserved the file in edit mode. Other settings stay as they are.
    Hooks {
        #[command(flatten)]
        tools: ToolArgs,
        #[command(flatten)]
        how: HowArgs,
    },
    /// Add slash commands (/pm:next, /ce-plan, /lfg, …) that only call git pm
    ///
    /// Those for Claude Code, Gemini CLI and opencode are written to this worktree; those for Codex
    /// to its home directory, because it reads prompts only from there.
    Slash {
        #[command(flatten)]
        tools: ToolArgs,
        /// Replace files of these names that git pm did not write.
        #[arg(long)]
        force: bool,
        #[command(flatten)]
        how: HowArgs,
    },
    /// Install a program called bd for agents and scripts that use beads
    ///
    /// It maps the commands and options of bd to those of git pm, and prints beads' JSON for
    /// --json. git-pm-beads(7) lists the differences.
    Bd {
        /// Folder in PATH; by default that of this program.
        #[arg(long, value_name = "FOLDER")]
        dir: Option<PathBuf>,
        /// Replace another program called bd.
        #[arg(long)]
        force: bool,
        #[command(flatten)]
        how: HowArgs,
    },
}

/// The options of every installation.
#[derive(clap::Args, Debug)]
pub struct HowArgs {
    /// Remove what was installed.
    #[arg(long)]
    pub remove: bool,
    /// Only show the changes.
    #[arg(long)]
    pub dry_run: bool,
    /// Write without asking.
    #[arg(short, long)]
    pub yes: bool,
}

/// The choice of agents' command lines.
#[derive(clap::Args, Debug)]
pub struct ToolArgs {
    /// Agent CLIs, separated by commas; by default those that have a folder here (`.claude`, …),
    /// or else claude.
    #[arg(long = "for", value_name = "TOOL,…", value_delimiter = ',')]
    pub tools: Vec<Tool>,
}

/// Runs a verb of the group.
pub fn run(context: &Context, command: InstallCommand) -> Outcome {
    let (door, tools, force, folder, how) = match command {
        InstallCommand::Agents { print: true, .. } => {
            let text = context.pm()?.integrations().instructions();
            return context.raw(&serde_json::json!({ "text": text }), text);
        }
        InstallCommand::Agents { how, .. } => (InstallTarget::Agents, Vec::new(), false, None, how),
        InstallCommand::Hooks { tools, how } => {
            (InstallTarget::Hooks, tools.tools, false, None, how)
        }
        InstallCommand::Slash { tools, force, how } => {
            (InstallTarget::Slash, tools.tools, force, None, how)
        }
        InstallCommand::Bd { dir, force, how } => (InstallTarget::Bd, Vec::new(), force, dir, how),
    };
    let request = InstallRequest {
        door,
        tools,
        remove: how.remove,
        force,
        binary: own_path()?,
        folder,
    };
    let integrations = context.pm()?.integrations();
    let mut report = integrations.plan(&request)?;
    let mut shown = false;
    if report.is_needed() && !how.dry_run {
        let agreed = how.yes || {
            if context.asks() {
                let mut page = context.page();
                render::install::changes(&mut page, &report);
                stdout::write(&page.finish())?;
                shown = true;
            }
            context.asks() && stderr::ask("Write these changes?") == Some(true)
        };
        if agreed {
            report = integrations.apply(report)?;
        }
    }
    context.answer(&report, |page, report| {
        if !shown {
            render::install::changes(page, report);
        }
        render::install::outcome(page, report, how.dry_run);
    })?;
    let refused = report.is_needed() && !report.written && !how.dry_run;
    Ok(Exit::of_if(refused, Kind::Refused))
}
