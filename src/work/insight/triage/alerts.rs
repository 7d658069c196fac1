//! Alerts: problems of the project that triage reports.

use schemars::JsonSchema;
use serde::Serialize;

use super::super::id_order;
use super::super::project_health::{Counts, STALE_UNDER_WAY};
use super::Triage;
use crate::graph::{Absence, Is, Light, Vertex};
use crate::model::text::first_of;

/// The severity of an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "AlertSeverity")]
pub enum Severity {
    /// It blocks work.
    Error,
    /// It needs attention.
    Warning,
    /// It is for information.
    Info,
}

/// A problem.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Alert {
    /// Its severity.
    pub severity: Severity,
    /// `cycle`, `nothing-ready`, `urgent-blocked`, `claim-lapsed`, `claim-silent`, `stale-work`,
    /// `missing-target`, `conflicting-texts`.
    pub kind: String,
    /// One sentence.
    pub message: String,
    /// The first of the ids it is about.
    pub ids: Vec<String>,
    /// The command that shows more.
    pub command: String,
}

impl Triage<'_, '_, '_> {
    pub(super) fn alerts(&self, counts: &Counts) -> Vec<Alert> {
        let survey = self.survey;
        let graph = &survey.graph;
        let mut alerts = Vec::new();
        for cycle in graph.cycles().iter().take(self.limit) {
            let ids = survey.ids(cycle);
            alerts.push(Alert {
                severity: Severity::Error,
                kind: "cycle".into(),
                message: format!("{} wait for each other", first_of(&ids, super::SHOWN)),
                ids,
                command: "git pm issue dep cycles".into(),
            });
        }
        if counts.actionable_count == 0 && counts.not_closed_count > counts.in_progress_count {
            let open = counts.not_closed_count;
            let command = match counts.blocked_count {
                0 => "git pm list",
                _ => "git pm blocked",
            };
            alerts.push(Alert {
                severity: Severity::Warning,
                kind: "nothing-ready".into(),
                message: format!("no open item can be started (open: {open})"),
                ids: Vec::new(),
                command: command.into(),
            });
        }
        let blocked = graph.blocked_places().map(|place| graph.vertices()[place]);
        let urgent = blocked.filter(|item| item.priority() <= 1);
        let mut urgent: Vec<&Light> = urgent.collect();
        urgent.sort_by_key(|item| item.priority());
        alerts.extend(self.about(
            &urgent,
            ["urgent-blocked", "git pm blocked"],
            ["urgent item is blocked", "urgent items are blocked"],
        ));
        alerts.extend(self.silent.iter().take(self.limit).map(|one| {
            Alert {
                severity: Severity::Warning,
                kind: if one.due {
                    "claim-lapsed"
                } else {
                    "claim-silent"
                }
                .into(),
                message: one.message.clone(),
                ids: vec![one.id.clone()],
                command: one.command.clone(),
            }
        }));
        let is_stale =
            |item: &Light| item.is(Is::UnderWay) && survey.days_untouched(item) >= STALE_UNDER_WAY;
        alerts.extend(self.about(
            &self.open_by_id(is_stale),
            [
                "stale-work",
                "git pm list 'updated:>7d (is:active or is:claimed)'",
            ],
            [
                "started item has not changed for a week",
                "started items have not changed for a week",
            ],
        ));
        // An external id was never expected to exist here.
        let missing = graph.missing().iter().filter(|m| m.why != Absence::Outside);
        let mut missing: Vec<&Light> = missing.filter_map(|m| survey.item(&m.uid)).collect();
        missing.retain(|item| !item.is(Is::Closed));
        missing.dedup_by_key(|item| item.uid());
        let missing = self.about(
            &missing,
            ["missing-target", "git pm fsck"],
            [
                "item has an edge to a missing or deleted item",
                "items have edges to missing or deleted items",
            ],
        );
        alerts.extend(missing.map(|alert| Alert {
            severity: Severity::Info,
            ..alert
        }));
        alerts.extend(self.about(
            &self.open_by_id(|item| item.is(Is::Conflicted)),
            ["conflicting-texts", "git pm conflicts"],
            [
                "text has conflicting versions",
                "texts have conflicting versions",
            ],
        ));
        alerts
    }

    /// Some of the open items, in the order of kind and id.
    fn open_by_id(&self, keep: impl Fn(&Light) -> bool) -> Vec<&Light> {
        let mut items: Vec<&Light> = self.survey.open().filter(|item| keep(item)).collect();
        items.sort_by_cached_key(|item| id_order(item));
        items
    }

    /// A warning about some items, if there are any, in words for one and for many.
    fn about(
        &self,
        items: &[&Light],
        [kind, command]: [&str; 2],
        [one, many]: [&str; 2],
    ) -> Option<Alert> {
        let first = items.iter().take(self.limit);
        let message = match items.len() {
            0 => return None,
            1 => format!("1 {one}"),
            n => format!("{n} {many}"),
        };
        Some(Alert {
            severity: Severity::Warning,
            kind: kind.into(),
            message,
            ids: first.map(|item| self.survey.shown_id(item)).collect(),
            command: command.into(),
        })
    }
}
