//! The options that every verb takes.

use std::ffi::OsString;

use clap::Args;

/// Options that every verb takes, before or after it.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Global options")]
pub struct Globals {
    /// Acts under this name instead of git's user.
    #[arg(long = "as", alias = "actor", value_name = "ACTOR", global = true)]
    pub actor: Option<String>,
    /// Prints one JSON document instead of text.
    #[arg(long, global = true)]
    pub json: bool,
    /// Runs as if started in this directory; several follow one another.
    #[arg(short = 'C', value_name = "PATH", global = true, action = clap::ArgAction::Append)]
    pub directory: Vec<OsString>,
    /// Uses no network, except for an agent's merge; claims stay tentative until a sync.
    #[arg(long, global = true)]
    pub offline: bool,
    /// Makes a change happen once, however often it is asked for under this key.
    #[arg(long, value_name = "KEY", global = true, hide_short_help = true)]
    pub idempotency_key: Option<String>,
    /// Changes an item only if this is still its version, as JSON shows it.
    #[arg(long, value_name = "STAMP", global = true, hide_short_help = true)]
    pub if_version: Option<String>,
    /// Signs the change with git's configured key, as `pm.sign` does for all.
    #[arg(long, global = true, hide_short_help = true)]
    pub sign: bool,
    /// Prints no colours.
    #[arg(long, global = true, hide_short_help = true)]
    pub no_color: bool,
    /// Prints only the answer: no notices, hints and suggestions.
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Prints more: full names, exact times, what is well.
    #[arg(short, long, global = true, conflicts_with = "quiet")]
    pub verbose: bool,
}
