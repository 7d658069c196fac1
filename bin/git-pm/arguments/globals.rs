//! The global options.

use std::ffi::OsString;

use clap::Args;

/// Options that can be given before or after any command.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Global options")]
pub struct Globals {
    /// Actor name to use instead of git's user.name.
    #[arg(long = "as", global = true, hide_short_help = true)]
    pub actor: Option<String>,
    /// Output JSON.
    #[arg(long, global = true)]
    pub json: bool,
    /// Run as if started in this directory (repeatable).
    #[arg(short = 'C', value_name = "PATH", global = true, hide_short_help = true, action = clap::ArgAction::Append)]
    pub directory: Vec<OsString>,
    /// Do not use the network (except to check approvals before an agent merges); claims stay
    /// tentative.
    #[arg(long, global = true, hide_short_help = true)]
    pub offline: bool,
    /// Apply a change only once for this key of the actor's, however often the command runs.
    #[arg(long, value_name = "KEY", global = true, hide_short_help = true)]
    pub idempotency_key: Option<String>,
    /// Change an item only if it still has this version (`version` in JSON).
    #[arg(long, value_name = "STAMP", global = true, hide_short_help = true)]
    pub if_version: Option<String>,
    /// Sign the change with git's configured key, as `pm.sign` does for all changes.
    #[arg(long, global = true, hide_short_help = true)]
    pub sign: bool,
    /// Disable colors.
    #[arg(long, global = true, hide_short_help = true)]
    pub no_color: bool,
    /// Print only the result: no notices, hints or suggestions.
    #[arg(short, long, global = true, hide_short_help = true)]
    pub quiet: bool,
    /// Print more: full names, exact times, passed checks.
    #[arg(
        short,
        long,
        global = true,
        hide_short_help = true,
        conflicts_with = "quiet"
    )]
    pub verbose: bool,
}
