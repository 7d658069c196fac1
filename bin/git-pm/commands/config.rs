//! `git pm config`.

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Show and change settings
///
/// Without a key it lists all settings with their values and where these come from. A value is
/// written to this clone's git config.
///
/// Some settings are rules. An agent tightens pm.approval, pm.soloMerge, pm.protectedPaths,
/// pm.protectedBranches and pm.sign in its clone and loosens none of them; pm.agent, pm.gate, pm.setup,
/// pm.target, pm.branch, pm.epicBranch, pm.remote, pm.remoteRef, pm.gc.backups and pm.gc.tombstones are
/// for a human alone. With --shared the first four hold for everybody: the stricter of that and a
/// clone's own value is in force, and only a human changes it, in a commit of the state that says from
/// what to what.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm config                             every setting
  git pm config pm.mergeStrategy rebase
  git pm config pm.mergeStrategy --unset
  git pm config --shared pm.approval strict")]
pub struct ConfigArgs {
    /// The setting, `pm.…`.
    #[arg(value_name = "KEY")]
    pub key: Option<String>,
    /// Its new value.
    #[arg(value_name = "VALUE", requires = "key")]
    pub value: Option<String>,
    /// Goes back to the default.
    #[arg(long, requires = "key", conflicts_with = "value")]
    pub unset: bool,
    /// Changes the setting for everybody, in the state: `pm.approval`, `pm.soloMerge`,
    /// `pm.protectedPaths`, `pm.protectedBranches`, `pm.sign` or `pm.issuePrefix`.
    #[arg(long, requires = "key")]
    pub shared: bool,
}

/// Shows or changes settings.
///
/// # Errors
/// When there is no such setting.
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
