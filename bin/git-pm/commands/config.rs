//! `git pm config`.

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Show and change settings
///
/// Without a key, lists all settings with their values and sources. A value is written to this
/// clone's git config.
///
/// Some settings are rules. An agent can tighten pm.approval, pm.soloMerge, pm.protectedPaths,
/// pm.protectedBranches and pm.sign in its clone, but not loosen them. Only a human can change
/// pm.agent, pm.gate, pm.setup, pm.target, pm.branch, pm.epicBranch, pm.remote, pm.remoteRef,
/// pm.gc.backups and pm.gc.tombstones. With --shared, the first four apply to all clones: the
/// stricter of the shared and the local value is in force. Only a human can change shared values,
/// in a commit that records the old and the new value.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm config                             all settings
  git pm config pm.mergeStrategy rebase
  git pm config pm.mergeStrategy --unset
  git pm config --shared pm.approval strict")]
pub struct ConfigArgs {
    /// Setting, `pm.…`.
    #[arg(value_name = "KEY")]
    pub key: Option<String>,
    /// New value.
    #[arg(value_name = "VALUE", requires = "key")]
    pub value: Option<String>,
    /// Reset to the default.
    #[arg(long, requires = "key", conflicts_with = "value")]
    pub unset: bool,
    /// Change the setting for all clones: `pm.approval`, `pm.soloMerge`, `pm.protectedPaths`,
    /// `pm.protectedBranches`, `pm.sign` or `pm.issuePrefix`.
    #[arg(long, requires = "key")]
    pub shared: bool,
}

/// Shows or changes settings.
pub fn config(context: &Context, args: &ConfigArgs) -> Outcome {
    let pm = context.pm()?;
    let Some(key) = &args.key else {
        let settings = pm.settings().list()?;
        return context.list(&settings, render::setup::settings);
    };
    if args.shared && (args.unset || args.value.is_some()) {
        let report = pm.settings().set_shared(key, args.value.as_deref())?;
        return context.answer(&report, render::setup::setting);
    }
    let setting = if args.unset || args.value.is_some() {
        pm.settings().set(key, args.value.as_deref())?
    } else {
        pm.settings().get(key)?
    };
    context.answer(&setting, render::setup::setting)
}
