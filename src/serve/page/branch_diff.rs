//! The page on which the work of an item is reviewed.
//!
//! It has the diff of its branch, what is to be met, and the approval at the end.

use askama::Template;

use super::super::request::{Answer, Call};
use super::super::route::Route;
use super::diff::{self, File, Notes};
use super::filters;
use super::frame::{Frame, html};
use super::status_changes::Move;
use crate::error::Result;
use crate::model::returned::{Returned, remarks};
use crate::model::status::Status;
use crate::pm::shared_views::ItemView;
use crate::work::task::branch_work::BranchWork;
use crate::work::task::gates;

pub(super) fn routes() -> Vec<Route> {
    vec![super::page(
        "/items/{id}/changes",
        "The changes on an item's branch, with their approval",
        changes,
    )]
}

#[derive(Template)]
#[template(path = "../src/serve/page/templates/work.html")]
struct WorkPage {
    frame: Frame,
    item: ItemView,
    work: Option<BranchWork>,
    /// None if the diff is too long to be computed.
    files: Option<Vec<File>>,
    /// True if there are more lines.
    is_cut: bool,
    /// What the last return said of lines that are not shown: their places and the texts.
    remarks: Vec<(String, String)>,
    /// What submitted work passed over by force, or which gates are not recorded as passed for it.
    gates: Option<String>,
    /// Why work in review cannot be approved.
    no_approval: Option<String>,
    may_merge: bool,
    /// Why approved work cannot be merged.
    no_merge: Option<String>,
}

impl WorkPage {
    /// True if a human can approve what is shown.
    fn can_approve(&self) -> bool {
        let work = self.item.work.as_ref();
        self.item.status.as_str() == "in_review"
            || work.is_some_and(|work| work.newer_submission.is_some())
    }

    /// True if it can be returned to its author.
    fn can_return(&self) -> bool {
        matches!(
            self.item.status.as_str(),
            "in_review" | "ready_for_integration"
        )
    }

    fn counts(&self, work: &BranchWork) -> (u64, u64) {
        let files = work.files.iter();
        files.fold((0, 0), |(added, removed), one| {
            let count = |n: Option<u64>| n.unwrap_or(0);
            (added + count(one.added), removed + count(one.removed))
        })
    }
}

fn changes(call: &Call) -> Result<Answer> {
    let pm = call.pm()?;
    let item = pm.tasks().show(call.part("id"))?;
    let uid = item.uid.as_str();
    let work = pm.tasks().branch_work(uid)?;
    let work = work.filter(|work| !work.is_empty());
    let text = match &work {
        Some(_) => pm.tasks().branch_diff(uid)?,
        None => None,
    };
    let (mut notes, returned) = (notes(&item), last_return(call, &item)?);
    // The lines of another commit may have other numbers now.
    let is_same = |one: &Said| {
        one.commit.is_some() && one.commit == work.as_ref().map(|work| work.commit.clone())
    };
    if let Some(said) = returned.as_ref().filter(|one| is_same(one)) {
        for (path, line, text) in &said.remarks {
            let key = (path.clone(), *line);
            notes.entry(key).or_default().push(text.clone());
        }
    }
    let changed = work.as_ref().map_or(&[][..], |work| &work.files);
    let found = text.map(|text| diff::files(&text, changed, &notes));
    let (files, is_cut) = match found {
        Some((files, is_cut)) => (Some(files), is_cut),
        None => (None, false),
    };
    let is_shown = |path: &str, line: u32| {
        let own = files.iter().flatten().filter(|one| one.file.path == path);
        own.flat_map(|one| &one.lines)
            .any(|one| one.tag != "del" && one.number == Some(line))
    };
    let is_beside = returned.as_ref().is_some_and(is_same);
    let remarks = returned.into_iter().flat_map(|said| said.remarks);
    let remarks = remarks
        .filter(|(path, line, _)| !is_beside || !is_shown(path, *line))
        .map(|(path, line, text)| (format!("{path}:{line}"), text))
        .collect();
    let why = pm.tasks().obstacle(uid)?;
    let why = why.map(|why| why.message().to_string());
    let is_approved = item.status == Status::ReadyForIntegration;
    html(&WorkPage {
        gates: gates_told(call, &item, work.as_ref())?,
        no_merge: why.clone().filter(|_| is_approved),
        no_approval: why.filter(|_| !is_approved),
        may_merge: pm.tasks().moves(uid)?.contains(&Move::Merge),
        remarks,
        frame: Frame::of(call, format!("Review {} {}", item.id, item.title), ""),
        item,
        work,
        files,
        is_cut,
    })
}

/// What the approval of submitted work says of its gates, and of what it passed over by force.
fn gates_told(call: &Call, item: &ItemView, work: Option<&BranchWork>) -> Result<Option<String>> {
    let pm = call.pm()?;
    let state = pm.store.state()?;
    let submitted = [Status::InReview, Status::ReadyForIntegration];
    let item = state.item(&item.uid);
    let Some(item) = item.filter(|item| submitted.contains(&item.status)) else {
        return Ok(None);
    };
    // The page is there, even if the file on the target is not valid.
    let told = match work {
        Some(work) => gates::told_before_approval(pm, &state, item, &work.commit, &work.target),
        None => Ok(gates::told_forced(item)),
    };
    Ok(told.unwrap_or_default())
}

/// What the last return said, of which commit: paths, lines and texts.
struct Said {
    commit: Option<String>,
    remarks: Vec<(String, u32, String)>,
}

/// The last return of work that is not decided about yet, also after it was submitted again.
fn last_return(call: &Call, item: &ItemView) -> Result<Option<Said>> {
    let state = call.pm()?.store.state()?;
    let returned = state.doc(&item.uid).and_then(Returned::last);
    let returned = returned.filter(|_| !item.status.is_closed() && item.approval.is_none());
    let comments = item.comments.iter().flatten();
    Ok(returned.map(|one| Said {
        remarks: comments
            .filter(|note| note.uid == one.note)
            .flat_map(|note| remarks(&note.body))
            .map(|said| (said.path, said.line, format!("{}: {}", one.by, said.text)))
            .collect(),
        commit: one.commit,
    }))
}

/// The open findings, by the line that they are about.
fn notes(item: &ItemView) -> Notes {
    let mut notes = Notes::new();
    let findings = item.findings.iter().flat_map(|found| &found.worst);
    for one in findings {
        let place = one
            .place
            .as_deref()
            .and_then(|place| place.rsplit_once(':'));
        if let Some((path, Ok(line))) = place.map(|(path, line)| (path, line.parse())) {
            let text = format!("{} {}: {}", one.id, one.severity, one.claim);
            notes
                .entry((path.to_string(), line))
                .or_default()
                .push(text);
        }
    }
    notes
}
