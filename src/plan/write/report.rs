//! The answer to a written plan: what changed, what it covers, and every finding.
//!
//! What it covers is how much of the document it carries; a finding has its place and the fix.

use crate::plan::approval_checks::Check;
use crate::plan::view::{PlanView, StatementCounts};

/// What a text changed in a plan.
#[derive(Clone, Debug, Default, serde::Serialize, schemars::JsonSchema)]
pub struct Written {
    /// Names of new tasks.
    pub added: Vec<String>,
    /// Names of changed tasks.
    pub changed: Vec<String>,
    /// Names of removed tasks.
    pub removed: Vec<String>,
    /// Names of tasks without a section that were kept, because they exist already, or another actor
    /// changed them after the version that the text names.
    pub kept: Vec<String>,
    /// Names of tasks that another actor changed after that version.
    pub meanwhile: Vec<String>,
    /// Names of tasks that exist already, and whose sections would change them: they were left alone.
    pub fixed: Vec<String>,
}

impl Written {
    /// The changes in a few words.
    pub(crate) fn said(&self) -> String {
        let all = [
            (self.added.len(), "added"),
            (self.changed.len(), "changed"),
            (self.removed.len(), "removed"),
        ];
        let some: Vec<String> = all
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| format!("{count} {word}"))
            .collect();
        match some.is_empty() {
            true => "no task changed".to_owned(),
            false => some.join(", "),
        }
    }
}

/// The answer to a written plan.
#[derive(Clone, Debug, serde::Serialize, schemars::JsonSchema)]
pub struct WriteReport {
    /// The id of the PRD, which names the plan.
    pub prd: String,
    /// SHA-256 of its document.
    pub document: String,
    /// The version of the plan now.
    pub version: String,
    /// Number of tasks, without test tasks.
    pub tasks: usize,
    /// Number of test tasks, which follow from the validation of these.
    pub test_tasks: usize,
    /// What the text changed.
    #[serde(flatten)]
    pub written: Written,
    /// How much of the document the tasks carry.
    #[serde(flatten)]
    pub statements: StatementCounts,
    /// The findings, the most severe first.
    pub checks: Vec<Check>,
}

impl WriteReport {
    pub(super) fn of(plan: PlanView, written: Written) -> WriteReport {
        let tests = plan.tasks.iter().filter(|task| task.tests.is_some());
        let test_tasks = tests.count();
        WriteReport {
            tasks: plan.present().0.len(),
            test_tasks,
            prd: plan.prd,
            document: plan.document,
            version: plan.version,
            written,
            statements: plan.statements,
            checks: plan.checks,
        }
    }
}
