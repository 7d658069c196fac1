//! Alerts: problems of the project that triage reports.

use serde::Serialize;

use super::super::is_under_way;
use super::super::measures::STALE_UNDER_WAY;
use super::super::project_health::Counts;
use super::Triage;
use crate::graph::Absence;
use crate::model::item::Item;
use crate::model::text::first_of;

/// The severity of an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// It blocks work.
    Error,
    /// It needs attention.
    Warning,
    /// It is for information.
    Info,
}

/// A problem.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
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
        let mut tell = |severity, kind: &str, message: String, ids: Vec<String>, command: &str| {
            alerts.push(Alert {
                severity,
                kind: kind.into(),
                message,
                ids,
                command: command.into(),
            });
        };
        for cycle in graph.cycles().iter().take(self.limit) {
            let ids = survey.ids(cycle);
            tell(
                Severity::Error,
                "cycle",
                format!("{} wait for each other", first_of(&ids, super::SHOWN)),
                ids,
                "git pm insight --only cycles",
            );
        }
        if counts.actionable_count == 0 && counts.not_closed_count > counts.in_progress_count {
            tell(
                Severity::Warning,
                "nothing-ready",
                format!(
                    "{} items are open and none can be started",
                    counts.not_closed_count
                ),
                Vec::new(),
                match counts.blocked_count {
                    0 => "git pm list",
                    _ => "git pm blocked",
                },
            );
        }
        let blocked = graph.blocked();
        let items = blocked.iter().filter_map(|uid| survey.item(uid));
        let urgent: Vec<&Item> = items.filter(|item| item.priority <= 1).collect();
        if !urgent.is_empty() {
            let message = count(
                urgent.len(),
                "urgent item is blocked",
                "urgent items are blocked",
            );
            tell(
                Severity::Warning,
                "urgent-blocked",
                message,
                self.some(&urgent),
                "git pm blocked",
            );
        }
        for one in self.silent.iter().take(self.limit) {
            let kind = if one.due {
                "claim-lapsed"
            } else {
                "claim-silent"
            };
            tell(
                Severity::Warning,
                kind,
                one.message.clone(),
                vec![one.id.clone()],
                &one.command,
            );
        }
        let stale: Vec<&Item> = survey
            .open()
            .filter(|i| is_under_way(i) && survey.days_untouched(i) >= STALE_UNDER_WAY)
            .collect();
        if !stale.is_empty() {
            let one = "started item was not changed for a week";
            let message = count(
                stale.len(),
                one,
                "started items were not changed for a week",
            );
            let command = "git pm insight --only staleness";
            tell(
                Severity::Warning,
                "stale-work",
                message,
                self.some(&stale),
                command,
            );
        }
        // An external id was never expected to exist here.
        let missing = graph.missing().iter().filter(|m| m.why != Absence::Outside);
        let mut missing: Vec<&Item> = missing.filter_map(|m| survey.item(&m.uid)).collect();
        missing.retain(|item| !item.status.is_closed());
        missing.dedup_by_key(|item| &item.uid);
        if !missing.is_empty() {
            let one = "item has an edge to a missing item";
            let many = "items have edges to missing items";
            let message = count(missing.len(), one, many);
            tell(
                Severity::Info,
                "missing-target",
                message,
                self.some(&missing),
                "git pm fsck",
            );
        }
        let torn: Vec<&Item> = survey.open().filter(|item| item.conflicted).collect();
        if !torn.is_empty() {
            let one = "text has concurrent versions";
            let message = count(torn.len(), one, "texts have concurrent versions");
            let command = "git pm conflicts";
            tell(
                Severity::Warning,
                "conflicting-texts",
                message,
                self.some(&torn),
                command,
            );
        }
        alerts
    }

    /// The ids of the first items.
    fn some(&self, items: &[&Item]) -> Vec<String> {
        let first = items.iter().take(self.limit);
        first.map(|item| self.survey.state.shown_id(item)).collect()
    }
}

fn count(n: usize, one: &str, many: &str) -> String {
    if n == 1 {
        format!("1 {one}")
    } else {
        format!("{n} {many}")
    }
}
