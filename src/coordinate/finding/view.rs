//! A finding as commands and JSON show it.

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::finding::{Finding, FindingStatus, Severity};
use crate::model::uid::Uid;
use crate::store::state::State;

/// A finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FindingView {
    /// The short id, such as `F-k3f9a2`.
    pub id: String,
    /// Permanent.
    pub uid: Uid,
    /// The id of the item whose work or plan it is about.
    pub item: Option<String>,
    /// P0 to P3.
    pub severity: Severity,
    /// The class of the defect.
    pub category: String,
    /// What is wrong.
    pub claim: String,
    /// What will happen because of it.
    pub outcome: Option<String>,
    /// What to do instead.
    pub suggestion: Option<String>,
    /// The text that it is about, verbatim; a secret in it is redacted.
    pub quote: Option<String>,
    /// The path from the repository's root; of a finding about a plan, the name of the task.
    pub path: Option<String>,
    /// The first line, from 1; of a finding about a plan, that of the document.
    pub line: Option<u32>,
    /// The last line, inclusive.
    pub end_line: Option<u32>,
    /// Set if the lines are those of the base, which the work removed.
    pub removed: bool,
    /// The reviewed commit.
    pub commit: Option<String>,
    /// The rule of a deterministic reviewer.
    pub rule: Option<String>,
    /// The reviewer.
    pub reviewer: String,
    /// The model that answered; null for a rule, a tool or a person.
    pub model: Option<String>,
    /// The round in which it was found, from 1.
    pub round: u32,
    /// Set if a rule, a tool or enough reviewers say it; only then it can block.
    pub confirmed: bool,
    /// Set while it stops the approval and the merge of the work.
    pub blocks: bool,
    /// Set if it stays in this clone until a human shares it.
    pub private: bool,
    /// The others who said the same.
    pub agreed: Vec<AgreementView>,
    /// What was said about it later, the oldest first.
    pub answers: Vec<AnswerView>,
    /// What became of it.
    pub status: FindingStatus,
    /// The commit that is said to fix it.
    pub fixed_by: Option<String>,
    /// The id of the issue that was made of it.
    pub issue: Option<String>,
    /// Who dismissed it.
    pub dismissed_by: Option<String>,
    /// The reason that was given for the status.
    pub reason: Option<String>,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub updated_at: String,
}

/// Another reviewer who said the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AgreementView {
    /// The reviewer.
    pub reviewer: String,
    /// The model that answered.
    pub model: Option<String>,
    /// What it claims, in its own words.
    pub claim: String,
}

/// An answer to a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "FindingAnswer")]
pub struct AnswerView {
    /// A status, or `kept` by the author of what it is about.
    pub answer: String,
    /// Why.
    pub reason: Option<String>,
    /// The round of a reviewer; null for the author.
    pub round: Option<u32>,
    /// Who said it.
    pub by: String,
}

/// The view of a finding.
pub(crate) fn view(state: &State<'_>, one: Finding) -> FindingView {
    FindingView {
        id: one.id(),
        blocks: one.blocks(),
        private: one.private,
        item: one.item.as_ref().map(|item| state.shown_ref(item)),
        uid: one.uid,
        severity: one.severity,
        category: one.category,
        claim: one.claim,
        outcome: one.outcome,
        suggestion: one.suggestion,
        quote: one.quote,
        path: one.path,
        line: one.line,
        end_line: one.end_line,
        removed: one.removed,
        commit: one.commit,
        rule: one.rule,
        reviewer: one.reviewer,
        model: one.model,
        round: one.round,
        confirmed: one.confirmed,
        agreed: (one.agreed.into_iter())
            .map(|other| AgreementView {
                reviewer: other.reviewer,
                model: other.model,
                claim: other.claim,
            })
            .collect(),
        answers: (one.answers.into_iter())
            .map(|one| AnswerView {
                answer: one.answer,
                reason: one.reason,
                round: one.round,
                by: one.by,
            })
            .collect(),
        status: one.status,
        fixed_by: one.fixed_by,
        issue: one.issue.as_ref().map(|issue| state.shown_ref(issue)),
        dismissed_by: one.dismissed_by,
        reason: one.reason,
        created_at: one.created_at,
        updated_at: one.updated_at,
    }
}
