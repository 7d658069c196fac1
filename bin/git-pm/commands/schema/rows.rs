//! Which type each command prints.

use git_pm::artifacts::ArtifactView;
use git_pm::context::{Briefing, Documentation, Prediction, Section};
use git_pm::costs::{BudgetView, CostReport};
use git_pm::hooks::{HookOutcome, HookStatus};
use git_pm::insights::{DuplicateHint, ForecastView, ImpactView, OrderedItem, TriageView};
use git_pm::integrations::InstallReport;
use git_pm::issues::{GateCheck, LabelCount, Tally};
use git_pm::items::{BatchReport, BoardView, ItemView, SavedView, SearchHit};
use git_pm::learnings::{Drafted, FullLearning, LearningHit, LearningStats, LearningView};
use git_pm::log::{DiffReport, Event, EventRun};
use git_pm::messages::Inbox;
use git_pm::plans::{PlanText, WriteReport};
use git_pm::reports::Report;
use git_pm::runs::{
    FullView, LogLine, PublishedLogs, RouteTable, RouteView, RunPlan, RunSummary, RunView,
};
#[cfg(feature = "serve")]
use git_pm::server::{NewToken, Serving, TokenView};
use git_pm::settings::TrustReport;
use git_pm::state::{
    BackupReport, DoctorReport, FsckReport, GcReport, InitReport, LoadReport, MigrateReport,
    RedactReport, RestoreReport, StatusView, UninstallReport,
};
use git_pm::tasks::{DepView, TreeNode, WhyView};
use git_pm::trackers::{ExportReport, FileReport, FolderReport, ImportReport};
use git_pm::verbs::VERBS;

use super::documents::{Data, list, one, two};
use super::shapes;
use crate::commands::{ArtifactText, Played};

/// Commands that print no JSON, or that of another program.
#[cfg(test)]
pub const WITHOUT_JSON: &[&str] = &["mcp", "hook pre-tool"];

/// The commands that are not declared verbs, as they are typed after `git pm`, with the schema of
/// their `data`.
const ROWS: &[(&str, Data)] = &[
    ("status", one::<StatusView>),
    ("board", one::<BoardView>),
    ("ready", shapes::ready),
    ("list", shapes::items_listed),
    ("view save", one::<SavedView>),
    ("view list", list::<SavedView>),
    ("view show", one::<SavedView>),
    ("view rm", one::<SavedView>),
    ("search", list::<SearchHit>),
    ("log", shapes::log),
    ("diff", one::<DiffReport>),
    ("events", two::<Event, EventRun>),
    ("triage", one::<TriageView>),
    ("order", list::<OrderedItem>),
    ("graph", shapes::graph),
    ("impact", list::<ImpactView>),
    ("forecast", one::<ForecastView>),
    ("suggest", list::<DuplicateHint>),
    ("stats", shapes::stats),
    ("standup", one::<Report>),
    ("retro", one::<Report>),
    ("report", one::<Report>),
    ("task list", shapes::items_listed),
    ("epic list", shapes::items_listed),
    ("prd new", one::<ItemView>),
    ("prd list", shapes::items_listed),
    ("plan edit", two::<WriteReport, PlanText>),
    ("issue q", one::<ItemView>),
    ("issue list", shapes::items_listed),
    ("issue show", shapes::items_changed),
    ("issue ready", shapes::issues_ready),
    ("issue blocked", list::<WhyView>),
    ("issue dep add", one::<ItemView>),
    ("issue dep remove", one::<ItemView>),
    ("issue dep list", one::<DepView>),
    ("issue dep tree", list::<TreeNode>),
    ("issue dep cycles", shapes::lists::<String>),
    ("issue children", list::<ItemView>),
    ("issue label add", shapes::items_changed),
    ("issue label remove", shapes::items_changed),
    ("issue label list", list::<String>),
    ("issue label list-all", list::<LabelCount>),
    ("issue comments", shapes::comments),
    ("issue epic status", shapes::issue_epics),
    ("issue epic close-eligible", shapes::issue_epics),
    ("issue gate create", one::<ItemView>),
    ("issue gate list", list::<ItemView>),
    ("issue gate show", one::<ItemView>),
    ("issue gate check", list::<GateCheck>),
    ("issue gate resolve", shapes::items_changed),
    ("issue search", list::<SearchHit>),
    ("issue count", list::<Tally>),
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
    ("route show", one::<RouteTable>),
    ("route explain", one::<RouteView>),
    ("cost", one::<CostReport>),
    ("budget set", list::<BudgetView>),
    ("budget show", list::<BudgetView>),
    ("budget rm", list::<BudgetView>),
    ("logs", one::<LogLine>),
    ("artifact put", one::<ArtifactView>),
    ("artifact get", two::<ArtifactView, ArtifactText>),
    ("artifact list", list::<ArtifactView>),
    ("artifact remove", list::<ArtifactView>),
    ("msg watch", one::<Inbox>),
    ("conflicts", shapes::conflicts),
    ("learn add", one::<FullLearning>),
    ("learn edit", one::<FullLearning>),
    ("learn accept", one::<FullLearning>),
    ("learn delete", one::<FullLearning>),
    ("learn use", one::<FullLearning>),
    ("learn vote", one::<FullLearning>),
    ("learn show", one::<FullLearning>),
    ("learn list", list::<LearningView>),
    ("learn search", list::<LearningHit>),
    ("learn none", one::<ItemView>),
    ("learn stats", one::<LearningStats>),
    ("learn import", one::<ImportReport>),
    ("learn export", one::<FolderReport>),
    ("learn draft", one::<Drafted>),
    ("learn check", one::<Documentation>),
    ("predict", one::<Prediction>),
    ("prime", one::<Briefing>),
    ("install agents", shapes::instructions),
    ("install hooks", one::<InstallReport>),
    ("install slash", one::<InstallReport>),
    ("install bd", one::<InstallReport>),
    ("context show", shapes::context),
    ("context set", one::<Section>),
    ("context edit", one::<Section>),
    ("context list", list::<Section>),
    ("context remove", one::<Section>),
    ("gc", one::<GcReport>),
    ("redact", one::<RedactReport>),
    ("init", one::<InitReport>),
    ("uninstall", one::<UninstallReport>),
    ("demo", one::<Played>),
    ("config", shapes::settings),
    ("trust", one::<TrustReport>),
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
    ("import ccpm", one::<ImportReport>),
    ("import learnings", one::<ImportReport>),
    ("import agents", one::<ImportReport>),
    ("export beads", one::<ExportReport>),
    ("export md", one::<FolderReport>),
    ("export json", one::<FileReport>),
    ("export csv", one::<FileReport>),
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
    let declared = VERBS.iter().map(|verb| (verb.name, verb.answer));
    declared.chain(ROWS.iter().copied())
}
