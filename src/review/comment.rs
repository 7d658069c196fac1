//! The comment that says how the work of an item stands, and is replaced where it is.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;

use super::RULES;
use super::markdown::{code, escaped};
use crate::coordinate::finding::lookup::findings_of;
use crate::error::Result;
use crate::model::finding::{Finding, FindingStatus, Severity};
use crate::model::item::Criterion;
use crate::model::text::{counted, first_of};
use crate::model::uid::Uid;
use crate::model::value::Value;
use crate::pm::Pm;
use crate::pm::handles::Findings;
use crate::pm::shared_views::ItemView;
use crate::work::task::branch_work::BranchWork;
use crate::work::task::edit::put_comment;
use crate::work::task::gates::gates_passed;
use crate::work::task::owners;

/// The operation, as commits of the state name it.
const OP: &str = "finding comment";

/// The number of findings that a comment names, and of paths with one risk.
const NAMED: usize = 20;

/// What makes a change risky, with the rules that find it.
const RISKS: [(&str, &str); 4] = [
    (
        "Protected paths",
        "path-protected gate-changed gate-weakened",
    ),
    ("Migrations", "migration-added migration-edited"),
    (
        "Dependencies",
        "dependency-added lock-missing manifest-missing submodule-changed",
    ),
    (OUTSIDE, "outside-plan path-reserved"),
];

/// The one of them that is known without a review, of each commit.
const OUTSIDE: &str = "Outside the plan";

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
        let at = standing(self.pm, id)?;
        let sections = [
            ("Checks", at.checks),
            (
                "Acceptance",
                at.item.acceptance.iter().map(criterion).collect(),
            ),
            ("Risk", at.risk),
            ("Findings", at.findings),
        ];
        let (name, title) = (escaped(&at.item.id), escaped(&at.item.title));
        let mut text = format!(
            "<!-- git-pm:review:{} -->\n### Review of {name}: {title}\n",
            at.item.uid
        );
        for (name, lines) in sections {
            text += &format!("\n#### {name}\n\n{}", listed(&lines));
        }
        Ok(ReviewComment {
            id: at.item.id,
            text,
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

/// How the work of an item stands, as lines of Markdown.
pub(super) struct Standing {
    pub(super) item: ItemView,
    pub(super) work: Option<BranchWork>,
    pub(super) checks: Vec<String>,
    pub(super) risk: Vec<String>,
    pub(super) findings: Vec<String>,
    /// The owners of what it changes.
    pub(super) owners: Vec<String>,
}

/// Reads how the work of an item stands. Findings that stay in this clone are left out.
pub(super) fn standing(pm: &Pm, id: &str) -> Result<Standing> {
    let item = pm.tasks().show(id)?;
    let work = pm.tasks().branch_work(item.uid.as_str())?;
    let state = pm.store.snapshot()?;
    let mut found = findings_of(pm, &state, &item.uid)?;
    found.retain(|one| !one.private);
    let doc = state.doc(&item.uid);
    let gates = doc.map(gates_passed).unwrap_or_default();
    let gates: Vec<String> = gates.iter().map(|name| code(name)).collect();
    let submitted = doc.and_then(|doc| doc.text("finished_commit"));
    let branch = work.as_ref().map(|work| work.commit.as_str());
    let commits = [("Submitted", submitted), ("Branch", branch)].into_iter();
    let commits = commits.filter_map(|(name, id)| Some(format!("{name}: {}", code(id?))));
    let passed = match gates.is_empty() {
        true => "none recorded".to_string(),
        false => first_of(&gates, NAMED),
    };
    let forced = "**Submitted although a check failed or a criterion was open**".to_string();
    let checks = commits.chain([format!("Gates passed: {passed}")]);
    let owners = match &work {
        Some(work) => {
            let paths: Vec<String> = work.files.iter().map(|file| file.path.clone()).collect();
            owners::to_ask(pm, &work.target, &paths)?
        }
        None => Vec::new(),
    };
    Ok(Standing {
        checks: checks.chain(item.forced.then_some(forced)).collect(),
        risk: risk(&item, work.as_ref(), &found, &owners),
        findings: open(&item, work.as_ref(), &found),
        item,
        work,
        owners,
    })
}

/// Lines as a list.
pub(super) fn listed(lines: &[String]) -> String {
    lines.iter().map(|line| format!("- {line}\n")).collect()
}

pub(super) fn criterion(one: &Criterion) -> String {
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
}

/// The open findings: how many of each severity, and the first of them.
fn open(item: &ItemView, work: Option<&BranchWork>, found: &[Finding]) -> Vec<String> {
    let open: Vec<&Finding> = found.iter().filter(|one| one.status.is_open()).collect();
    let count = |of: Severity| open.iter().filter(|one| one.severity == of).count();
    let counts = Severity::ALL
        .map(|of| format!("{} {of}", count(of)))
        .join(", ");
    let mut lines = vec![format!("Open: {counts}")];
    let last = item.findings.as_ref();
    let last = last.and_then(|found| found.last_review.as_ref());
    let read = last.and_then(|last| last.commit.as_deref());
    match (last, read.zip(work)) {
        (None, _) => lines.push("No review is recorded".into()),
        (_, Some((read, work))) if read != work.commit => {
            lines.push(format!("Of another commit: {}", code(read)));
        }
        _ => {}
    }
    lines.extend(open.iter().take(NAMED).map(|one| {
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
        lines.push(format!("and {} more", open.len() - NAMED));
    }
    lines
}

/// The size of the work, the risk that was planned, what the rules find, and who can be asked.
fn risk(
    item: &ItemView,
    work: Option<&BranchWork>,
    found: &[Finding],
    owners: &[String],
) -> Vec<String> {
    let size = work.map(|work| {
        let files = work.files.len() + work.more_files;
        let added: u64 = work.files.iter().filter_map(|file| file.added).sum();
        let removed: u64 = work.files.iter().filter_map(|file| file.removed).sum();
        let files = counted(files, "file");
        format!("Size: {files}, {added} lines added, {removed} removed")
    });
    let planned = item
        .risk
        .as_deref()
        .map(|risk| format!("Planned risk: {}", escaped(risk)));
    let stands = |one: &Finding| one.status.is_open() || one.status == FindingStatus::Dismissed;
    let files = || work.into_iter().flat_map(|work| &work.files);
    // What was found in an earlier commit may have been taken out of the work since.
    let is_whole = work.is_some_and(|work| work.more_files == 0);
    let is_left = |path: &&str| !is_whole || files().any(|file| file.path == *path);
    let of_rules = |(name, rules): (&str, &str)| {
        let is_one = |one: &&Finding| {
            let rule = one
                .rule
                .as_deref()
                .filter(|_| one.reviewer == RULES && stands(one));
            rule.is_some_and(|rule| rules.split(' ').any(|known| known == rule))
        };
        let paths = found
            .iter()
            .filter(is_one)
            .filter_map(|one| one.path.as_deref())
            .filter(is_left);
        let outside = files().filter(|file| file.outside && name == OUTSIDE);
        let paths = paths.chain(outside.map(|file| file.path.as_str()));
        let paths = Vec::from_iter(paths.map(code).collect::<BTreeSet<_>>());
        (!paths.is_empty()).then(|| format!("{name}: {}", first_of(&paths, NAMED)))
    };
    let found = RISKS.into_iter().filter_map(of_rules);
    let owners: Vec<String> = owners.iter().map(|name| code(name)).collect();
    let owners = (!owners.is_empty()).then(|| format!("Owners: {}", first_of(&owners, NAMED)));
    let known = size.into_iter().chain(planned);
    known.chain(found).chain(owners).collect()
}
