//! Issues as in beads: find and check them.

use schemars::JsonSchema;
use serde::Deserialize;

use super::super::session::Session;
use super::super::tool::{Effect, Tool};
use super::super::views::{List, lines, list};
use super::{Id, Limit, Nothing};
use crate::error::Result;
use crate::work::issue::{GateCheck, LabelCount, LintFinding, Orphan, Part};
use crate::work::list::ListFilter;

use Effect::{Reads, Writes};

pub(super) fn tools() -> Vec<Tool> {
    vec![
        Tool::new(
            "issue_ready",
            Reads,
            "Issues to start now, best first",
            |s, a: Limit| {
                let filter = ListFilter {
                    limit: a.limit,
                    ..ListFilter::default()
                };
                Ok(lines(&s.pm()?.issues().ready(&filter)?))
            },
        ),
        Tool::new(
            "issue_label",
            Writes,
            "Add and remove labels",
            |s, a: Label| Ok(lines(&s.pm()?.issues().label(&a.ids, &a.add, &a.remove)?)),
        ),
        Tool::new(
            "issue_labels",
            Reads,
            "Labels, with the number of items",
            labels,
        ),
        Tool::new(
            "issue_children",
            Reads,
            "Children of an issue",
            |s, a: Id| Ok(lines(&s.pm()?.issues().children(&a.id)?)),
        ),
        Tool::new(
            "issue_epics",
            Reads,
            "Epics, with the state of their children",
            epics,
        ),
        Tool::new(
            "issue_gates",
            Writes,
            "Check the open gates, and close those that are satisfied",
            gates,
        ),
        Tool::new("issue_lint", Reads, "Issues that lack a section", lint),
        Tool::new(
            "issue_orphans",
            Reads,
            "Open issues that commits mention",
            orphans,
        ),
    ]
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Label {
    ids: Vec<String>,
    #[serde(default)]
    add: Vec<String>,
    #[serde(default)]
    remove: Vec<String>,
}

fn labels(session: &Session, _: Nothing) -> Result<List<LabelCount>> {
    Ok(list(session.pm()?.issues().labels(None)?))
}

fn epics(session: &Session, _: Nothing) -> Result<List<Part>> {
    Ok(list(session.pm()?.issues().epic_status()?))
}

fn gates(session: &Session, _: Nothing) -> Result<List<GateCheck>> {
    Ok(list(session.pm()?.issues().check_gates(None, false)?))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Lint {
    /// Default: all open issues
    #[serde(default)]
    ids: Vec<String>,
}

fn lint(session: &Session, input: Lint) -> Result<List<LintFinding>> {
    Ok(list(session.pm()?.issues().lint(&input.ids)?))
}

fn orphans(session: &Session, _: Nothing) -> Result<List<Orphan>> {
    Ok(list(session.pm()?.issues().orphans()?))
}
