//! Parses one verb without building the whole tree of commands, which costs more than many verbs do.

use std::ffi::OsString;

use clap::{ArgMatches, Args, FromArgMatches};

use super::globals::Globals;

/// For groups without common options.
#[derive(Args)]
pub struct NoOptions {}

/// The arguments of a verb, the common options of its group, and the global options.
pub fn parts<A: Args, G: Args>(
    words: &[&'static str],
    argv: &[OsString],
) -> Option<(A, G, Globals)> {
    let (last, above) = words.split_last()?;
    let mut command = A::augment_args(clap::Command::new(*last));
    for word in above.iter().rev() {
        command = G::augment_args(clap::Command::new(*word)).subcommand(command);
    }
    let root = clap::Command::new("git-pm")
        .bin_name("git pm")
        .args_override_self(true)
        .disable_help_subcommand(true)
        .subcommand(command);
    let root = Globals::augment_args(root);
    let found = root.try_get_matches_from(argv).ok()?;
    let mut below: &ArgMatches = &found;
    for _ in words {
        below = below.subcommand()?.1;
    }
    Some((
        A::from_arg_matches(below).ok()?,
        G::from_arg_matches(below).ok()?,
        Globals::from_arg_matches(&found).ok()?,
    ))
}
