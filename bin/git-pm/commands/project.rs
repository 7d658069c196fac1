//! The parts of `git pm import` that read the projects of planning tools.

use std::path::{Path, PathBuf};

use git_pm::Result;
use git_pm::bridge::ImportReport;
use git_pm::bridge::project::ProjectOptions;

use crate::context::Context;

/// Where a project is.
#[derive(clap::Args, Debug)]
pub struct ProjectArgs {
    /// The project, its folder or file; `-` reads standard input. This worktree without it.
    #[arg(value_name = "PATH")]
    pub path: Option<PathBuf>,
    /// Only tells what would be done.
    #[arg(long)]
    pub dry_run: bool,
}

/// Where a project is that is never one file alone.
#[derive(clap::Args, Debug)]
pub struct FolderArgs {
    /// The project or its folder; this worktree without it.
    #[arg(value_name = "PATH")]
    pub path: Option<PathBuf>,
    /// Only tells what would be done.
    #[arg(long)]
    pub dry_run: bool,
}

/// Imports a project of Backlog.md.
///
/// # Errors
/// When it cannot be read or the state not be written.
pub fn backlog(context: &Context, args: &ProjectArgs) -> Result<ImportReport> {
    let pm = context.pm()?;
    project(
        args,
        |path, options| pm.import_backlog(path, options),
        |stdin, options| pm.import_backlog_from(stdin, options),
    )
}

/// Imports the tasks of task-master.
///
/// # Errors
/// When they cannot be read or the state not be written.
pub fn taskmaster(context: &Context, args: &ProjectArgs) -> Result<ImportReport> {
    let pm = context.pm()?;
    project(
        args,
        |path, options| pm.import_taskmaster(path, options),
        |stdin, options| pm.import_taskmaster_from(stdin, options),
    )
}

/// Imports a project of ccpm.
///
/// # Errors
/// When it cannot be read or the state not be written.
pub fn ccpm(context: &Context, args: &FolderArgs) -> Result<ImportReport> {
    let options = ProjectOptions {
        dry_run: args.dry_run,
    };
    context.pm()?.import_ccpm(args.path.as_deref(), &options)
}

/// Imports learnings.
///
/// # Errors
/// When they cannot be read or the state not be written.
pub fn learnings(context: &Context, args: &ProjectArgs) -> Result<ImportReport> {
    let pm = context.pm()?;
    project(
        args,
        |path, options| pm.import_learnings(path, options),
        |stdin, options| pm.import_learnings_from(stdin, options),
    )
}

/// Imports the definitions of agents.
///
/// # Errors
/// When they cannot be read or the state not be written.
pub fn agents(context: &Context, args: &ProjectArgs) -> Result<ImportReport> {
    let pm = context.pm()?;
    project(
        args,
        |path, options| pm.import_agents(path, options),
        |stdin, options| pm.import_agents_from(stdin, options),
    )
}

/// From a path or from standard input.
fn project(
    args: &ProjectArgs,
    from_path: impl FnOnce(Option<&Path>, &ProjectOptions) -> Result<ImportReport>,
    from_stdin: impl FnOnce(&mut dyn std::io::Read, &ProjectOptions) -> Result<ImportReport>,
) -> Result<ImportReport> {
    let options = ProjectOptions {
        dry_run: args.dry_run,
    };
    match args.path.as_deref() {
        Some(path) if path == Path::new("-") => from_stdin(&mut std::io::stdin().lock(), &options),
        path => from_path(path, &options),
    }
}
