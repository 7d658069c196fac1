//! Issues as in beads. `create` and `list` are for items of every kind.

use schemars::JsonSchema;
use serde::Deserialize;

use super::super::session::Session;
use super::super::tool::{Effect, Tool};
use super::super::views::{Line, List, lines, list};
use super::{Id, Limit, Nothing};
use crate::error::Result;
use crate::work::issue::close::CloseOptions;
use crate::work::issue::delete::DeleteOptions;
use crate::work::issue::{GateCheck, LabelCount, LintFinding, Orphan, Part, Update};
use crate::work::list::ListFilter;

use Effect::{Reads, Removes, Writes};

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
            "issue_claim",
            Writes,
            "Claim an issue, without a branch",
            |s, a: Id| Ok(Line::of(&s.pm()?.issues().claim(&a.id)?.item)),
        ),
        Tool::new("issue_status", Writes, "Set the status of issues", status),
        Tool::new("issue_close", Writes, "Close issues", |s, a: Close| {
            let options = CloseOptions {
                reason: a.reason,
                force: false,
            };
            Ok(lines(&s.pm()?.issues().close(&a.ids, &options)?))
        }),
        Tool::new("issue_reopen", Writes, "Reopen issues", |s, a: Close| {
            Ok(lines(
                &s.pm()?.issues().reopen(&a.ids, a.reason.as_deref())?,
            ))
        }),
        Tool::new("issue_delete", Removes, "Delete items", |s, a: Close| {
            let options = DeleteOptions {
                reason: a.reason,
                ..DeleteOptions::default()
            };
            Ok(lines(&s.pm()?.issues().delete(&a.ids, &options)?))
        }),
        Tool::new(
            "issue_defer",
            Writes,
            "Defer issues until a time",
            |s, a: Defer| {
                let (until, reason) = (a.until.as_deref(), a.reason.as_deref());
                Ok(lines(
                    &s.pm()?.issues().defer(&a.ids, until, reason, false)?,
                ))
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
struct Status {
    ids: Vec<String>,
    status: String,
    reason: Option<String>,
    append_notes: Option<String>,
}

fn status(session: &Session, input: Status) -> Result<List<Line>> {
    let update = Update {
        status: Some(input.status),
        reason: input.reason,
        append_notes: input.append_notes,
        ..Update::default()
    };
    Ok(lines(&session.pm()?.issues().update(&input.ids, &update)?))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Close {
    ids: Vec<String>,
    reason: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Defer {
    ids: Vec<String>,
    /// Date or time
    until: Option<String>,
    reason: Option<String>,
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
