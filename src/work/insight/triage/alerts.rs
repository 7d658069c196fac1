//! What is not as it should be.

use serde::Serialize;

use super::super::health::Counts;
use super::super::is_under_way;
use super::super::measures::STALE_UNDER_WAY;
use super::Triage;
use crate::graph::Absence;
use crate::model::item::Item;
use crate::model::text::first_of;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// It keeps work from being done.
    Error,
    /// Somebody should look.
    Warning,
    /// Worth knowing.
    Info,
}

/// Something that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Alert {
    /// How bad it is.
    pub severity: Severity,
    /// `cycle`, `nothing-ready`, `urgent-blocked`, `claim-lapsed`, `claim-silent`, `stale-work`,
    /// `missing-target`, `conflicting-texts`.
    pub kind: String,
    /// One sentence.
    pub message: String,
    /// The ids it is about, the first of them.
    pub ids: Vec<String>,
    /// What shows more.
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
                    "{} items are open and none could be started",
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
            let one = "begun item was not touched for a week";
            let message = count(stale.len(), one, "begun items were not touched for a week");
            let command = "git pm insight --only staleness";
            tell(
                Severity::Warning,
                "stale-work",
                message,
                self.some(&stale),
                command,
            );
        }
        // What lies outside was never meant to be here.
        let missing = graph.missing().iter().filter(|m| m.why != Absence::Outside);
        let mut missing: Vec<&Item> = missing.filter_map(|m| survey.item(&m.uid)).collect();
        missing.retain(|item| !item.status.is_closed());
        missing.dedup_by_key(|item| &item.uid);
        if !missing.is_empty() {
            let one = "item has an edge to something that is not here";
            let many = "items have edges to something that is not here";
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
