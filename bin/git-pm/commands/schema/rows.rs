//! Which type each command prints.

use git_pm::agents::WrittenAgent;
use git_pm::context::Section;
use git_pm::hooks::{HookOutcome, HookStatus};
use git_pm::integrations::InstallReport;
use git_pm::items::{BatchReport, ItemView};
use git_pm::log::Event;
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
/// after `git pm`, with the schema of their `data`: the names of one schema are separated by commas.
const ROWS: &[(&str, Data)] = &[
    (
        "list, task list, epic list, prd list, issue list",
        shapes::items_listed,
    ),
    ("events", one::<Event>),
    ("graph", shapes::graph),
    ("prd new", two::<ItemView, Researched<ItemView>>),
    ("plan deepen", two::<Deepened, Researched<Deepened>>),
    ("plan edit", two::<WriteReport, PlanText>),
    ("issue q, issue dep add, issue dep remove", one::<ItemView>),
    ("issue ready", shapes::issues_ready),
    ("issue dep list", one::<DepView>),
    ("issue dep tree", list::<TreeNode>),
    ("issue dep cycles", shapes::lists::<String>),
    ("issue comments", shapes::comments),
    ("batch", one::<BatchReport>),
    ("lfg, slfg", one::<FullView>),
    ("run", two::<RunView, RunPlan>),
    (
        "run status, run pause, run resume, run skip, run retry, run complete, run stop",
        one::<RunView>,
    ),
    ("run list", list::<RunSummary>),
    ("run publish", one::<PublishedLogs>),
    ("logs", one::<LogLine>),
    ("msg watch", one::<Inbox>),
    ("agent new, agent edit", one::<WrittenAgent>),
    (
        "learn import, import beads, import backlog, import taskmaster, import csv, \
         import ccpm, import learnings, import agents, import github",
        one::<ImportReport>,
    ),
    ("learn export, export md", one::<FolderReport>),
    ("install agents", shapes::instructions),
    (
        "install hooks, install slash, install bd",
        one::<InstallReport>,
    ),
    ("context edit", one::<Section>),
    ("gc", one::<GcReport>),
    ("redact", one::<RedactReport>),
    ("init", one::<InitReport>),
    ("uninstall", one::<UninstallReport>),
    ("demo", one::<Played>),
    ("config", shapes::settings),
    ("trust", one::<TrustReport>),
    ("notify add, notify remove", one::<NotifyRule>),
    ("notify list", one::<NotifyRules>),
    ("notify send", list::<Delivery>),
    ("hook install, hook uninstall", list::<String>),
    ("hook status", one::<HookStatus>),
    ("hook run", one::<HookOutcome>),
    ("doctor", two::<DoctorReport, RestoreReport>),
    ("fsck", one::<FsckReport>),
    ("backup create", one::<BackupReport>),
    ("backup load", one::<LoadReport>),
    ("migrate", one::<MigrateReport>),
    ("import llm-team", one::<ImportedSettings>),
    ("export beads", one::<ExportReport>),
    ("export json, export csv", one::<FileReport>),
    ("cd", shapes::cd),
    ("shell, completions", shapes::completions),
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
    let rows = ROWS.iter();
    let rows = rows.flat_map(|(names, data)| names.split(", ").map(move |name| (name, *data)));
    let has_row = |name: &str| rows.clone().any(|(row, _)| row == name);
    let declared = VERBS.iter().filter(|verb| !has_row(verb.name));
    let declared = declared.map(|verb| (verb.name, verb.answer));
    let declared: Vec<(&str, Data)> = declared.collect();
    declared.into_iter().chain(rows)
}
