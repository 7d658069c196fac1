//! Reviews an item's work by what needs no model: rules over the diff, and the project's own tools.
//!
//! What they find is recorded with the item, and what they found before and find no more is fixed. Agents
//! review in `panel`.

pub mod check;
pub mod comment;
pub mod debate;
mod facts;
pub mod issues;
mod markdown;
pub(crate) mod panel;
pub(crate) mod pull_text;
pub mod range;
pub mod report_files;
pub mod research;
pub mod stats;
mod tools;
mod verify;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use self::facts::Reviewed;
use crate::coordinate::finding::lookup;
use crate::coordinate::finding::private_findings::stays;
use crate::coordinate::finding::record::{
    CLEAN, Entry, FAILED, FINDINGS, NewFinding, REVIEWS, Review, record,
};
use crate::coordinate::finding::rounds::{self, Rounds};
use crate::coordinate::finding::settle::may_settle;
use crate::coordinate::finding::view::{FindingView, view};
use crate::coordinate::worktree::work_ends::Ends;
use crate::error::{Error, Hint, Reason, Result};
use crate::finding::rules;
use crate::finding::{Found, fingerprint};
use crate::model::doc::Entry as RecordEntry;
use crate::model::finding::Finding;
use crate::model::item::Item;
use crate::model::status::Status;
use crate::model::text::spelled;
use crate::model::uid::Uid;
use crate::model::value::Value;
use crate::pm::Pm;
use crate::pm::handles::Findings;
use crate::store::state::State;
use crate::work::task::approval_validity;
use crate::work::task::branch_work::ends_now;
use crate::work::task::gates;
use crate::work::task::remote_branch;
use crate::work::task::transition;

/// The operation, as commits of the state name it.
const OP: &str = "review";

/// The largest file in which a quote or a source is looked up, in bytes.
const FILE_MAX: usize = 1 << 20;

/// The number of findings that an agent is told of at a time.
const TOLD: usize = 20;

use crate::finding::rules::REVIEWER as RULES;

/// What a review found in an item's work.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ReviewReport {
    /// The item's id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The branch that the work goes to.
    pub target: String,
    /// The reviewed commit.
    pub commit: String,
    /// Set if the review ran to its end and no open finding blocks the work.
    pub passed: bool,
    /// Set if the reviewed commit is approved, which a merge needs besides.
    pub approved: bool,
    /// Set if that commit was submitted in another clone while an earlier one was approved.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub newer_than_approved: bool,
    /// The reviewers that ran, and what became of each.
    pub reviewers: Vec<ReviewerReport>,
    /// The ids of the findings that this review adds.
    pub new: Vec<String>,
    /// The ids of earlier findings that are fixed.
    pub fixed: Vec<String>,
    /// The open findings, the worst first.
    pub open: Vec<FindingView>,
    /// The number of findings beyond the limit of 200, which are not kept.
    pub left_out: usize,
    /// The number of rounds in which agents have reviewed the item; null if none did.
    pub round: Option<u32>,
    /// Why no further round is made, and a human has to decide.
    pub stopped: Option<String>,
    /// The number of agents' claims about what was withdrawn or dismissed before.
    pub settled: usize,
    /// The owners of the changed paths, by CODEOWNERS of the target: who can be asked for an approval.
    pub owners: Vec<String>,
}

/// What became of one reviewer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ReviewerReport {
    /// `git-pm` for the rules over diffs, else the name in `.pm.toml`, or of the agent.
    pub name: String,
    /// The number of findings that it reports about this work.
    pub findings: usize,
    /// The number of results that name a path, line or text that the reviewed commit does not have.
    pub invented: usize,
    /// The number of results about lines that the work does not change.
    pub elsewhere: usize,
    /// The number of results beyond those that are read.
    pub left_out: u64,
    /// Why it has no answer, which is never taken for agreement.
    pub failed: Option<String>,
}

impl ReviewerReport {
    fn new(name: &str) -> ReviewerReport {
        ReviewerReport {
            name: name.to_string(),
            ..ReviewerReport::default()
        }
    }
}

/// The commit that agents read beside a plan.
fn commit_to_read(pm: &Pm) -> Result<String> {
    let head = pm.store.repo().head_commit().ok_or_else(|| {
        Error::refused("the project has no commit yet").hint("commit something first")
    })?;
    Ok(head.to_string())
}

/// The text of a file of a commit; none if it is not there, is not UTF-8, or has more than 1 MB.
fn text_at(pm: &Pm, commit: &str, path: &str) -> Option<String> {
    let repo = pm.store.repo();
    let tree = repo.commit(repo.parse_id(commit)?).ok()?.tree;
    let blob = repo.file_at(tree, path).ok()??;
    String::from_utf8(repo.blob(blob, FILE_MAX).ok()??).ok()
}

impl Findings<'_> {
    /// Reviews the work of an item by rules and by the reviewers of `.pm.toml`, and records what they
    /// find.
    ///
    /// # Errors
    /// When there is no such item, it has no work in this clone, the work is too large to be read, or
    /// `.pm.toml` has reviewers and is not trusted.
    pub fn review(&self, id: &str) -> Result<ReviewReport> {
        by_rules(self.pm, id).map(|(report, _)| report)
    }
}

/// An item's work, and what it was compared with.
pub(crate) struct ReviewedWork {
    item: Item,
    ends: Ends,
    commit: String,
    reviewed: Reviewed,
}

impl ReviewedWork {
    fn read(pm: &Pm, id: &str) -> Result<ReviewedWork> {
        let item = {
            let state = pm.store.snapshot()?;
            let item = state.find(id)?.clone();
            remote_branch::fetch_work(pm, &state, &item)?;
            approval_validity::notice_newer(pm, &state, &item);
            item
        };
        let ends = work(pm, &item, id)?;
        Ok(ReviewedWork {
            reviewed: Reviewed::read(pm, Some(&item), &ends)?,
            commit: ends.commit.to_string(),
            item,
            ends,
        })
    }

    /// The changes, whatever they are based on, and what they have to meet.
    fn hash(&self) -> String {
        let criteria = panel::criteria_hash(&self.item);
        rounds::hash(self.reviewed.patch.as_deref(), Some(&criteria))
    }
}

/// What the rules and each of the project's tools find in some work, which has a name.
fn by_all(
    pm: &Pm,
    name: &str,
    ends: &Ends,
    reviewed: &Reviewed,
) -> Result<Vec<(ReviewerReport, Vec<Found>)>> {
    let found = rules::review(&reviewed.change());
    let mut all = vec![(ReviewerReport::new(RULES), found)];
    for (mut report, found) in tools::run(pm, name, ends, reviewed)? {
        let found = verify::of_this_work(found, reviewed, &mut report);
        all.push((report, found));
    }
    for (report, found) in &mut all {
        report.findings = found.len();
    }
    Ok(all)
}

/// Reviews by rules and tools.
fn by_rules(pm: &Pm, id: &str) -> Result<(ReviewReport, ReviewedWork)> {
    let work = ReviewedWork::read(pm, id)?;
    let (item, ends) = (&work.item, &work.ends);
    let reviewers = by_all(pm, item.uid.suffix(6), ends, &work.reviewed)?;
    let mut review = Review::new(OP, item, work.commit.clone());
    review.read = Some(work.reviewed.patch.clone().unwrap_or(work.commit.clone()));
    let mut reports = Vec::new();
    for (report, found) in reviewers {
        if report.failed.is_none()
            && report.left_out == 0
            && (report.name == RULES || may_settle(pm))
        {
            review.complete.insert(report.name.clone());
        }
        review.found.extend(numbered(found));
        reports.push(report);
    }
    // Of too many, the worst are kept.
    review.found.sort_by_key(|one| one.found.severity);
    notice_gates(pm, &work)?;
    let entry = entry(pm, &review, &work, &reports)?;
    let (mut report, _) = record_and_report(pm, &ends.target, &review, reports, entry.as_ref())?;
    report.owners.clone_from(&work.reviewed.owners);
    Ok((report, work))
}

/// Says what was submitted by force, and which gates are not recorded for work that was submitted: they have to
/// pass before it is merged.
fn notice_gates(pm: &Pm, work: &ReviewedWork) -> Result<()> {
    let state = pm.store.snapshot()?;
    let submitted = [Status::InReview, Status::ReadyForIntegration];
    let item = state.item(&work.item.uid);
    if let Some(item) = item.filter(|item| submitted.contains(&item.status)) {
        gates::notice_forced(pm, &state, item);
        let target = &work.ends.target;
        let told = gates::told_not_recorded(pm, &state, item, &work.commit, target)?;
        told.into_iter().for_each(|told| pm.notice(told));
    }
    Ok(())
}

/// Records a review, and says what stands now; also returns all findings of the item.
fn record_and_report(
    pm: &Pm,
    target: &str,
    review: &Review<'_>,
    reports: Vec<ReviewerReport>,
    entry: Option<&Entry>,
) -> Result<(ReviewReport, Vec<Finding>)> {
    let recorded = record(pm, review, entry)?;
    let state = pm.store.snapshot()?;
    let all = lookup::findings_of(pm, &state, &review.item.uid)?;
    let ids = |uids: &[Uid], all: &[Finding]| -> Vec<String> {
        let of = all.iter().filter(|one| uids.contains(&one.uid));
        of.map(Finding::id).collect()
    };
    let (new, fixed) = (ids(&recorded.new, &all), ids(&recorded.fixed, &all));
    let blocked = all.iter().any(Finding::blocks);
    let failed = reports.iter().any(|one| one.failed.is_some());
    let item = state.item(&review.item.uid);
    let is_approved = |item| {
        let commit = pm.store.repo().parse_id(&review.commit);
        commit.is_some_and(|commit| approval_validity::covers(pm, &state, item, commit))
    };
    let is_newer = |item| approval_validity::unapproved_submission(pm, &state, item).is_some();
    let is_told = |one: &&Finding| one.status.is_open() && lookup::is_for(pm, one);
    let open = all.iter().filter(is_told).cloned();
    let report = ReviewReport {
        id: state.shown_ref(&review.item.reference()),
        title: review.item.title.clone(),
        target: target.to_string(),
        commit: review.commit.clone(),
        passed: !blocked && !failed && recorded.left_out == 0,
        approved: item.is_some_and(is_approved),
        newer_than_approved: item.is_some_and(is_newer),
        reviewers: reports,
        new,
        fixed,
        open: open.map(|one| view(&state, one)).collect(),
        left_out: recorded.left_out,
        ..ReviewReport::default()
    };
    Ok((report, all))
}

/// What an agent is told about the findings that block its work; none if there are none, or a human has
/// to see them first: security holes stay in this clone, and what was committed once, as a key, is not
/// undone by a later commit.
///
/// What agents found in their last round, at the commit `round`, is told only of that commit: of later ones
/// their next round says if it is fixed.
pub(crate) fn blocking_text(report: &ReviewReport, round: Option<&str>) -> Option<String> {
    let is_new = round.is_some_and(|commit| commit != report.commit);
    let blocking = report.open.iter().filter(|one| one.blocks);
    let blocking = blocking.filter(|one| one.model.is_none() || !is_new);
    if blocking.clone().any(|one| one.private) {
        return None;
    }
    let lines: Vec<String> = blocking
        .take(TOLD)
        .map(|one| {
            let place = match (&one.path, one.line) {
                (Some(path), Some(line)) => format!(" ({}:{line})", spelled(path)),
                (Some(path), None) => format!(" ({})", spelled(path)),
                (None, _) => String::new(),
            };
            let todo = one.suggestion.as_deref().unwrap_or_default();
            let ends = one.claim.ends_with(['.', '!', '?']) || todo.is_empty();
            let claim = format!("{}{}", one.claim, if ends { "" } else { ":" });
            format!("- {} {}{place}: {claim} {todo}", one.id, one.severity)
                .trim_end()
                .to_string()
        })
        .collect();
    (!lines.is_empty()).then(|| {
        format!(
            "the review of {} found what has to be fixed first:\n{}",
            report.id,
            lines.join("\n")
        )
    })
}

/// The commit that agents reviewed last.
pub(crate) fn last_round(state: &State<'_>, item: &Uid) -> Option<String> {
    Rounds::of(state.doc(item)).last?.commit
}

/// The work to review.
///
/// # Errors
/// When there is none in this clone.
fn work(pm: &Pm, item: &Item, id: &str) -> Result<Ends> {
    let is_imported = item.branch.is_none() && item.status == Status::InReview;
    let none = || match is_imported {
        true => transition::hints_without_branch(no_work(id), id),
        false => no_work(id)
            .hint(Hint::run(["start", id], "begins it"))
            .hint(Hint::git(["fetch"], "fetches work that others pushed")),
    };
    if item.status.is_closed() {
        let word = item.status.word();
        return Err(
            Error::refused(format!("{id} is {word}, and only open work is reviewed"))
                .because(Reason::FindingNoWork)
                .about(id)
                .hint(Hint::run(["task", "diff", id], "shows what its branch has")),
        );
    }
    if item.branch.is_none() {
        return Err(none());
    }
    let ends = ends_now(pm, item.uid.as_str())?;
    ends.filter(|ends| ends.compared[0] != ends.compared[1])
        .ok_or_else(none)
}

fn no_work(id: &str) -> Error {
    Error::refused(format!("{id} has no unmerged work in this clone to review"))
        .because(Reason::FindingNoWork)
        .about(id)
}

/// The findings with their fingerprints: equal ones are counted.
fn numbered(found: impl IntoIterator<Item = Found>) -> impl Iterator<Item = NewFinding> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    found.into_iter().map(move |one| {
        let nth = seen.entry(fingerprint(&one, 0)).or_default();
        let fingerprint = fingerprint(&one, *nth);
        *nth += 1;
        NewFinding {
            found: one,
            fingerprint,
            model: None,
            agreed: Vec::new(),
            confirmed: true,
        }
    })
}

/// The entry in the record of reviews; none if the last one of rules and tools says the same.
fn entry(
    pm: &Pm,
    review: &Review<'_>,
    work: &ReviewedWork,
    reports: &[ReviewerReport],
) -> Result<Option<Entry>> {
    let failed = reports.iter().any(|one| one.failed.is_some());
    // What stays in this clone is counted apart (`coordinate/finding/kept.rs`).
    let shared = |one: &&NewFinding| !stays(one.found.severity, &one.found.category);
    let found: Vec<&NewFinding> = review.found.iter().filter(shared).collect();
    let verdict = match (failed, review.found.is_empty()) {
        (true, _) => FAILED,
        (false, true) => CLEAN,
        (false, false) => FINDINGS,
    };
    let names = |one: &ReviewerReport| {
        let said = found
            .iter()
            .filter(|other| other.found.reviewer == one.name);
        format!("{} ({})", one.name, said.count())
    };
    let names: Vec<String> = reports.iter().map(names).collect();
    let fields = entry_fields(work, verdict, names.join(", "));
    let state = pm.store.snapshot()?;
    let doc = state.doc(&work.item.uid);
    let entries = doc.into_iter().flat_map(|doc| doc.entries(REVIEWS));
    let last: Option<&RecordEntry> = entries
        .map(|(_, entry)| entry)
        .filter(|entry| entry.value("round").is_null())
        .max_by_key(|entry| entry.at.clone());
    let same = |(name, value): &(&str, Value)| {
        *name == "commit" || last.is_some_and(|last| last.value(name) == value)
    };
    Ok((!fields.iter().all(same)).then_some(Entry { fields }))
}

fn entry_fields(
    work: &ReviewedWork,
    verdict: &str,
    reviewers: String,
) -> Vec<(&'static str, Value)> {
    vec![
        ("patch", Value::from(work.reviewed.patch.as_deref())),
        ("criteria", panel::criteria_hash(&work.item).into()),
        ("verdict", verdict.into()),
        ("reviewers", reviewers.into()),
        ("commit", work.commit.as_str().into()),
    ]
}
