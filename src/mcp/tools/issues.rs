//! Issues as in beads.

use schemars::JsonSchema;
use serde::Deserialize;

use super::super::session::Session;
use super::super::tool::{Effect, Tool};
use super::super::views::{List, lines, list};
use super::{Id, Limit, Nothing};
use crate::error::Result;
use crate::work::issue::{GateCheck, LabelCount, Part};
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
