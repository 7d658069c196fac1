//! Which type each command prints.

use git_pm::agents::WrittenAgent;
use git_pm::context::Section;
use git_pm::hooks::{HookOutcome, HookStatus};
use git_pm::integrations::InstallReport;
use git_pm::items::{BatchReport, ItemView};
use git_pm::log::{Event, EventRun};
use git_pm::messages::Inbox;
use git_pm::notifications::{Delivery, NotifyRule, NotifyRules};
use git_pm::plans::{Deepened, PlanText, WriteReport};
use git_pm::runs::{FullView, LogLine, PublishedLogs, Researched, RunPlan, RunSummary, RunView};
#[cfg(feature = "serve")]
use git_pm::server::{NewToken, Serving, TokenView};
use git_pm::settings::{ImportedSettings, TrustReport};
use git_pm::state::{
    BackupReport, DoctorReport, FsckReport, GcReport, InitReport, LoadReport, MigrateReport,
    RedactReport, RestoreReport, UninstallReport,
};
use git_pm::tasks::{DepView, TreeNode};
use git_pm::trackers::{ExportReport, FileReport, FolderReport, ImportReport};
use git_pm::verbs::VERBS;

use super::documents::{Data, list, one, two};
use super::shapes;
use crate::commands::Played;

/// Commands that print no JSON, or that of another program.
#[cfg(test)]
pub const WITHOUT_JSON: &[&str] = &["mcp", "hook pre-tool"];

/// The commands that are not declared verbs, or print more than the verb answers, as they are typed
/// after `git pm`, with the schema of their `data`.
const ROWS: &[(&str, Data)] = &[
    ("list", shapes::items_listed),
    ("events", two::<Event, EventRun>),
    ("graph", shapes::graph),
    ("task list", shapes::items_listed),
    ("epic list", shapes::items_listed),
    ("prd new", two::<ItemView, Researched<ItemView>>),
    ("prd list", shapes::items_listed),
    ("plan deepen", two::<Deepened, Researched<Deepened>>),
    ("plan edit", two::<WriteReport, PlanText>),
    ("issue q", one::<ItemView>),
    ("issue list", shapes::items_listed),
    ("issue ready", shapes::issues_ready),
    ("issue dep add", one::<ItemView>),
    ("issue dep remove", one::<ItemView>),
    ("issue dep list", one::<DepView>),
    ("issue dep tree", list::<TreeNode>),
    ("issue dep cycles", shapes::lists::<String>),
    ("issue comments", shapes::comments),
    ("batch", one::<BatchReport>),
    ("lfg", one::<FullView>),
    ("slfg", one::<FullView>),
    ("run", two::<RunView, RunPlan>),
    ("run status", one::<RunView>),
    ("run list", list::<RunSummary>),
    ("run pause", one::<RunView>),
    ("run resume", one::<RunView>),
    ("run skip", one::<RunView>),
    ("run retry", one::<RunView>),
    ("run complete", one::<RunView>),
    ("run stop", one::<RunView>),
    ("run publish", one::<PublishedLogs>),
    ("logs", one::<LogLine>),
    ("msg watch", one::<Inbox>),
    ("agent new", one::<WrittenAgent>),
    ("agent edit", one::<WrittenAgent>),
    ("learn import", one::<ImportReport>),
    ("learn export", one::<FolderReport>),
    ("install agents", shapes::instructions),
    ("install hooks", one::<InstallReport>),
    ("install slash", one::<InstallReport>),
    ("install bd", one::<InstallReport>),
    ("context edit", one::<Section>),
    ("gc", one::<GcReport>),
    ("redact", one::<RedactReport>),
    ("init", one::<InitReport>),
    ("uninstall", one::<UninstallReport>),
    ("demo", one::<Played>),
    ("config", shapes::settings),
    ("trust", one::<TrustReport>),
    ("notify add", one::<NotifyRule>),
    ("notify list", one::<NotifyRules>),
    ("notify remove", one::<NotifyRule>),
    ("notify send", list::<Delivery>),
    ("hook install", list::<String>),
    ("hook uninstall", list::<String>),
    ("hook status", one::<HookStatus>),
    ("hook run", one::<HookOutcome>),
    ("doctor", two::<DoctorReport, RestoreReport>),
    ("fsck", one::<FsckReport>),
    ("backup create", one::<BackupReport>),
    ("backup load", one::<LoadReport>),
    ("migrate", one::<MigrateReport>),
    ("import beads", one::<ImportReport>),
    ("import backlog", one::<ImportReport>),
    ("import taskmaster", one::<ImportReport>),
    ("import csv", one::<ImportReport>),
    ("import ccpm", one::<ImportReport>),
    ("import learnings", one::<ImportReport>),
    ("import agents", one::<ImportReport>),
    ("import github", one::<ImportReport>),
    ("import llm-team", one::<ImportedSettings>),
    ("export beads", one::<ExportReport>),
    ("export md", one::<FolderReport>),
    ("export json", one::<FileReport>),
    ("export csv", one::<FileReport>),
    ("cd", shapes::cd),
    ("shell", shapes::completions),
    ("completions", shapes::completions),
    ("man", shapes::man),
    ("schema", shapes::schema),
    #[cfg(feature = "serve")]
    ("serve", one::<Serving>),
    #[cfg(feature = "serve")]
    ("serve token add", one::<NewToken>),
    #[cfg(feature = "serve")]
    ("serve token list", list::<TokenView>),
    #[cfg(feature = "serve")]
    ("serve token remove", one::<TokenView>),
    ("help", shapes::help),
];

/// All commands, as they are typed after `git pm`, with the schema of their `data`.
pub fn all() -> impl Iterator<Item = (&'static str, Data)> {
    let has_row = |name: &str| ROWS.iter().any(|(row, _)| *row == name);
    let declared = VERBS.iter().filter(move |verb| !has_row(verb.name));
    let declared = declared.map(|verb| (verb.name, verb.answer));
    declared.chain(ROWS.iter().copied())
}
