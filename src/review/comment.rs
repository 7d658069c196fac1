//! The comment that says how the work of an item stands, and is replaced where it is.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;

use super::RULES;
use super::markdown::{code, escaped};
use crate::coordinate::finding::lookup::findings_of;
use crate::error::Result;
use crate::model::finding::{Finding, FindingStatus};
use crate::model::uid::Uid;
use crate::model::value::Value;
use crate::pm::handles::Findings;
use crate::pm::shared_views::ItemView;
use crate::work::task::branch_work::BranchWork;
use crate::work::task::edit::put_comment;
use crate::work::task::gates::gates_passed;

/// The operation, as commits of the state name it.
const OP: &str = "finding comment";

/// The number of findings that a comment names, and of paths with one risk.
const NAMED: usize = 20;

/// What makes a change risky, with the rules that find it.
const RISKS: [(&str, &[&str]); 4] = [
    (
        "Protected paths",
        &["path-protected", "gate-changed", "gate-weakened"],
    ),
    ("Migrations", &["migration-added", "migration-edited"]),
    (
        "Dependencies",
        &[
            "dependency-added",
            "lock-missing",
            "manifest-missing",
            "submodule-changed",
        ],
    ),
    ("Outside the plan", &["outside-plan", "path-reserved"]),
];

/// A comment about the work of an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ReviewComment {
    /// The item's id.
    pub id: String,
    /// Markdown. Its first line is a mark by which a later comment replaces it.
    pub text: String,
    /// The uid of the comment on the item, if it was written.
    pub comment: Option<Uid>,
}

impl Findings<'_> {
    /// The comment about an item's work: its gates, criteria, risk and findings. Findings that stay in
    /// this clone are left out.
    ///
    /// # Errors
    /// When there is no such item, or the state or git cannot be read.
    pub fn comment_text(&self, id: &str) -> Result<ReviewComment> {
        let pm = self.pm;
        let item = pm.tasks().show(id)?;
        let work = pm.tasks().branch_work(item.uid.as_str())?;
        let state = pm.store.snapshot()?;
        let mut found = findings_of(pm, &state, &item.uid)?;
        found.retain(|one| !one.private);
        let doc = state.doc(&item.uid);
        let gates = doc.map(gates_passed).unwrap_or_default();
        let submitted = doc.and_then(|doc| doc.text("finished_commit"));
        Ok(ReviewComment {
            text: text(&item, work.as_ref(), &found, &gates, submitted),
            id: item.id,
            comment: None,
        })
    }

    /// Writes that comment on the item, in place of the one written before.
    ///
    /// # Errors
    /// As [`Findings::comment_text`]; also when the comment cannot be written.
    pub fn write_comment(&self, id: &str) -> Result<ReviewComment> {
        let made = self.comment_text(id)?;
        let item = self.pm.store.snapshot()?.find(id)?.uid.clone();
        let own = Uid::derived(&["comment", item.as_str(), "review"]);
        self.pm.write(OP).for_others().uncompared().run(|tx| {
            let item = tx.state.find(item.as_str())?.clone();
            let comments = tx.state.comments_on(&item.uid);
            match comments.iter().any(|doc| doc.uid == own) {
                false => put_comment(tx, &item, own.clone(), &made.text)?,
                true => {
                    let (by, agent) = (tx.actor().to_string(), Value::from(tx.agent()));
                    tx.edit(&own, |doc, clock| {
                        doc.body.write(&made.text, clock) && {
                            doc.set("author", by, clock);
                            doc.set("agent", agent, clock);
                            doc.set("deleted", Value::Null, clock);
                            true
                        }
                    })?;
                }
            }
            let id = tx.state.shown_id(&item);
            tx.describe(OP, &[&id], &format!("on {id}"));
            Ok(own.clone())
        })?;
        Ok(ReviewComment {
            comment: Some(own),
            ..made
        })
    }
}

fn text(
    item: &ItemView,
    work: Option<&BranchWork>,
    found: &[Finding],
    gates: &[String],
    submitted: Option<&str>,
) -> String {
    let all = |names: &[String]| {
        names
            .iter()
            .map(|name| code(name))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let mut lines = vec![
        format!("<!-- git-pm:review:{} -->", item.uid),
        format!(
            "### Review of {}: {}\n",
            escaped(&item.id),
            escaped(&item.title)
        ),
    ];
    let mut section = |name: &str, of: Vec<String>| {
        lines.push(format!("#### {name}\n"));
        lines.extend(of.into_iter().map(|line| format!("- {line}")));
        lines.push(String::new());
    };
    let mut checks = Vec::from_iter(submitted.map(|id| format!("Submitted: {}", code(id))));
    let now = work.map(|work| work.commit.as_str());
    checks.extend(
        now.filter(|now| submitted != Some(now))
            .map(|id| format!("Branch: {}", code(id))),
    );
    checks.push(match gates {
        [] => "Gates passed: none recorded".to_string(),
        gates => format!("Gates passed: {}", all(gates)),
    });
    if item.forced {
        checks.push("**Submitted although a check failed or a criterion was open**".into());
    }
    section("Checks", checks);
    let criteria = item.acceptance.iter().map(|one| {
        let mark = if one.done { "[x]" } else { "[ ]" };
        let evidence = one
            .evidence
            .as_deref()
            .map(|text| format!(" ({})", escaped(text)));
        format!(
            "{mark} {}{}",
            escaped(&one.text),
            evidence.unwrap_or_default()
        )
    });
    section("Acceptance", criteria.collect());
    section("Risk", risk(item, work, found));
    let open: Vec<&Finding> = found.iter().filter(|one| one.status.is_open()).collect();
    let mut counts = BTreeMap::new();
    open.iter()
        .for_each(|one| *counts.entry(one.severity).or_insert(0) += 1);
    let counts: Vec<String> = counts.iter().map(|(of, n)| format!("{n} {of}")).collect();
    let mut listed = vec![match (
        open.len(),
        item.findings.as_ref().and_then(|f| f.last_review.as_ref()),
    ) {
        (0, None) => "No review is recorded".to_string(),
        (0, Some(_)) => "None is open".to_string(),
        _ => format!("Open: {}", counts.join(", ")),
    }];
    listed.extend(open.iter().take(NAMED).map(|one| {
        let blocks = if one.blocks() {
            ", blocks the merge"
        } else {
            ""
        };
        let place = one
            .place()
            .map(|place| code(&place) + " ")
            .unwrap_or_default();
        format!(
            "**{}** {}{blocks}: {place}{}",
            one.severity,
            one.id(),
            escaped(&one.claim)
        )
    }));
    if open.len() > NAMED {
        listed.push(format!("and {} more", open.len() - NAMED));
    }
    section("Findings", listed);
    lines.join("\n")
}

/// The size of the work, the risk that was planned, and what the rules find.
fn risk(item: &ItemView, work: Option<&BranchWork>, found: &[Finding]) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(work) = work {
        let sum = |of: fn(&crate::work::task::branch_work::ChangedFile) -> Option<u64>| {
            work.files
                .iter()
                .filter_map(of)
                .fold(0, u64::saturating_add)
        };
        let files = work.files.len() + work.more_files;
        let (added, removed) = (sum(|file| file.added), sum(|file| file.removed));
        lines.push(format!(
            "Size: {files} files, {added} lines added, {removed} removed"
        ));
    }
    lines.extend(
        item.risk
            .as_deref()
            .map(|risk| format!("Planned risk: {}", escaped(risk))),
    );
    for (name, rules) in RISKS {
        let stands =
            |one: &&Finding| one.status.is_open() || one.status == FindingStatus::Dismissed;
        let is_one = |one: &&Finding| {
            one.reviewer == RULES
                && one
                    .rule
                    .as_deref()
                    .is_some_and(|rule| rules.contains(&rule))
        };
        let found = found.iter().filter(stands).filter(is_one);
        let paths: BTreeSet<&str> = found.filter_map(|one| one.path.as_deref()).collect();
        let shown: Vec<String> = paths.iter().take(NAMED).map(|path| code(path)).collect();
        let more = match paths.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        if !shown.is_empty() {
            lines.push(format!("{name}: {}{more}", shown.join(", ")));
        }
    }
    lines
}
