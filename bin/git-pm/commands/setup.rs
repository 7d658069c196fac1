//! `git pm init`, `uninstall`, `config` and `trust`: the commands that set up a clone, and its settings.

use git_pm::Error;
use git_pm::error::Kind;
use git_pm::state::{InitOptions, InitReport, PurgeOptions};

use crate::environment::own_path;
use crate::failure::Exit;
use crate::render;

group! {
    /// The commands for a clone, in the order of the help.
    #[command(defer = true)]
    SetupCommand, setup(context):
    /// Initialize the state in this repository, or adopt the remote's
    ///
    /// Adds the refspec that fetches the state and installs the hooks that enforce reservations.
    /// Can be run again safely.
    ///
    /// With --scaffold, writes the files with which a project begins: requirements that can be planned
    /// (docs/PRD.md), the form of a task, .pm.toml, a workflow that runs `git pm check --ci`, a template for pull
    /// requests, CODEOWNERS and a smoke test. A file that exists is left as it is. For humans only, except with
    /// `--dry-run`.
    #[command(after_help = "\
Examples:
  git pm init
  git pm init --scaffold --dry-run
  git pm init --scaffold --commit && git pm plan docs/PRD.md")]
    Init {
        /// Do not install hooks.
        #[arg(long, conflicts_with = "strict")]
        no_hooks: bool,
        /// Also install the reference-transaction hook, which checks every update of a branch.
        #[arg(long)]
        strict: bool,
        /// Also write the files of a new project.
        #[arg(long)]
        scaffold: bool,
        /// Only show which files would be written.
        #[arg(long, requires = "scaffold")]
        dry_run: bool,
        /// Commit the files that were written.
        #[arg(long, requires = "scaffold", conflicts_with = "dry_run")]
        commit: bool,
    } => {
        let pm = context.pm()?;
        let options = InitOptions {
            hooks: !no_hooks,
            strict,
            binary: Some(own_path()?),
        };
        if scaffold && !dry_run {
            pm.state().require_scaffolder()?;
        }
        let mut report = match dry_run {
            true => InitReport::default(),
            false => pm.state().init(&options)?,
        };
        // At a terminal, the first push is a question.
        if !dry_run && !context.asks() {
            pm.state().tell_destination();
        }
        if scaffold {
            report.scaffold = Some(pm.state().scaffold(dry_run, commit)?);
        }
        let asks_for_manual = context.asks() && !super::man::is_installed(&context.env);
        context.answer(&report, |page, report| {
            render::setup::init(page, report);
            if asks_for_manual {
                page.dim(
                    "`git pm -h` shows the help; `git pm --help` needs the manual: `git pm man --install`",
                );
            }
        })
    },
    /// Remove the hooks, refspecs and query index from this clone; keep the state
    ///
    /// With --purge, removes the state and everything else of git pm from this clone: all refs below
    /// refs/pm/, refs/pm-remotes/ and refs/pm-local/, branches of tasks that are merged or at a remote,
    /// clean worktrees, settings, and the folder `pm` in the git directory. Nothing is removed if a
    /// worktree or branch of a task has work that is saved nowhere else, or the state has changes that are
    /// not at its remote yet, unless --force gives these up. Claims and reservations of this clone end at
    /// the remote first, unless pm.sync is manual. With --remote, the state and merged branches are
    /// deleted at the remote too; another clone that syncs brings the state back there.
    #[command(after_help = "\
Examples:
  git pm uninstall --dry-run
  git pm uninstall --purge --dry-run
  git pm uninstall --purge --remote")]
    Uninstall {
        /// Also remove the data: the state, merged or pushed branches, clean worktrees and settings.
        #[arg(long)]
        purge: bool,
        /// Also delete the state and merged branches at the remote.
        #[arg(long, requires = "purge")]
        remote: bool,
        /// Also remove changes of the state that its remote does not have, and trust what was last fetched of a remote
        /// that cannot be reached.
        #[arg(long, requires = "purge")]
        force: bool,
        /// Only show what would be removed.
        #[arg(long)]
        dry_run: bool,
        /// Remove without asking; with `--purge` needed without a terminal.
        #[arg(long)]
        yes: bool,
    } => {
        let pm = context.pm()?;
        if !purge {
            let report = pm.state().uninstall(dry_run)?;
            context.is_over.set(true);
            return context.answer(&report, render::setup::uninstall);
        }
        // What forbids it is said before the question.
        let mut options = PurgeOptions {
            remote,
            force,
            dry_run: true,
        };
        let found = pm.state().purge(&options)?;
        if dry_run {
            return context.answer(&found, render::setup::uninstall);
        }
        let place = match remote {
            true => "this clone and its remote",
            false => "this clone",
        };
        let only_here = found.purged.as_ref().map(render::setup::only_here);
        let lost = only_here.filter(|what| !what.is_empty());
        let lost = lost.map(|what| format!(", with what no remote has ({what})"));
        let lost = lost.unwrap_or_default();
        let question = format!("Remove all data of git pm from {place}{lost}?");
        if !yes && !context.confirm(&question) {
            return Err(Error::refused("nothing was removed")
                .hint("`--dry-run` shows what would be removed, and `--yes` removes it")
                .into());
        }
        options.dry_run = false;
        context.answer(&pm.state().purge(&options)?, render::setup::uninstall)
    },
}

group! {
    /// The commands for settings, in the order of the help.
    #[command(defer = true)]
    SettingsCommand, settings(context):
    /// Show and change settings
    ///
    /// Without a key, lists all settings with their values and sources. A value is written to this
    /// clone's git config.
    ///
    /// Some settings are rules that limit what actors, above all agents, may do. An agent can
    /// tighten pm.approval, pm.soloMerge, pm.protectedPaths, pm.protectedBranches, pm.pullTargets and
    /// pm.sign in its clone, but not loosen them. Only a human can change pm.agent, pm.gate, pm.setup,
    /// pm.target, pm.branch, pm.epicBranch, pm.remote, pm.remoteRef, pm.gc.backups and
    /// pm.gc.tombstones. With --shared, the six rules that an agent can tighten apply to all
    /// clones; for all but pm.sign, the stricter of the shared and the local value applies. Only a
    /// human can change shared values, in a commit that records the old and the new value.
    #[command(after_help = "\
Examples:
  git pm config                             all settings
  git pm config pm.mergeStrategy rebase
  git pm config pm.mergeStrategy --unset
  git pm config --shared pm.approval strict")]
    Config {
        /// Name of the setting, such as `pm.sync`.
        key: Option<String>,
        /// New value.
        #[arg(requires = "key")]
        value: Option<String>,
        /// Reset to the default.
        #[arg(long, requires = "key", conflicts_with = "value")]
        unset: bool,
        /// Change the setting for all clones: `pm.approval`, `pm.soloMerge`, `pm.protectedPaths`,
        /// `pm.protectedBranches`, `pm.pullTargets`, `pm.sign`, `pm.issuePrefix`, `pm.notifySender`
        /// or `pm.planTests`.
        #[arg(long, requires = "key")]
        shared: bool,
        /// Set the prefix of issues unless issues have another one (`bd init --prefix`).
        #[arg(long, hide = true, requires_all = ["shared", "value"])]
        first: bool,
    } => {
        let settings = context.pm()?.settings();
        let Some(key) = key else {
            return context.list(&settings.list()?, render::setup::settings);
        };
        let is_prefix = key.eq_ignore_ascii_case("pm.issuePrefix");
        let setting = match (value.as_deref(), shared) {
            (Some(prefix), _) if first && is_prefix => settings.choose_issue_prefix(prefix)?,
            (None, _) if !unset => settings.get(&key)?,
            (value, true) => settings.set_shared(&key, value)?,
            (value, false) => settings.set(&key, value)?,
        };
        context.answer(&setting, render::setup::setting)
    },
    /// Trust the commands of a checked-in .pm.toml
    ///
    /// Commands in a checked-in file run only after you trust its current content, and so do the
    /// definitions of agents in `.pm/agents` count. A changed file must be trusted again. Without an
    /// option, shows the commands and definitions and, at a terminal, asks whether to trust them. Without a
    /// terminal, the exit code is 1 if something is not trusted, unless `--json` is given.
    #[command(after_help = "\
The file:
  setup = [\"npm ci\"]
  [gates]
  test = \"cargo test\"
  e2e = { run = \"npm test\", paths = [\"web/**\"], timeout = 600 }")]
    Trust {
        /// Trust the current files without asking.
        #[arg(long, conflicts_with = "revoke")]
        yes: bool,
        /// Revoke trust in the files.
        #[arg(long)]
        revoke: bool,
    } => {
        let settings = context.pm()?.settings();
        let decision = (yes || revoke).then_some(yes);
        let report = settings.trust(decision)?;
        let open = decision.is_none() && report.is_open();
        // A program reads the report, and nobody else can be asked.
        let unasked = open && !context.asks() && !context.globals.json;
        context.answer(&report, |page, report| {
            render::setup::trust(page, report);
            if unasked {
                page.dim("Nobody can be asked here: `git pm trust --yes` trusts it.");
            }
        })?;
        if open && context.confirm("Trust these commands and definitions in this clone?") {
            let report = settings.trust_shown(&report)?;
            return context.answer(&report, |page, _| {
                page.line("Trusted.");
            });
        }
        Ok(Exit::of_if(unasked, Kind::Refused))
    },
}
