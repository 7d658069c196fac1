//! The page on which the work of an item is reviewed.
//!
//! It has the diff of its branch, what is to be met, and the approval at the end.

use askama::Template;

use super::super::request::{Answer, Call};
use super::super::route::Route;
use super::diff::{self, File, Notes};
use super::filters;
use super::frame::{Frame, html};
use crate::error::Result;
use crate::pm::shared_views::ItemView;
use crate::work::task::branch_work::BranchWork;

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
}

impl WorkPage {
    /// True if a human can approve what is shown.
    fn can_approve(&self) -> bool {
        self.item.status.as_str() == "in_review"
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
    let changed = work.as_ref().map_or(&[][..], |work| &work.files);
    let found = text.map(|text| diff::files(&text, changed, &notes(&item)));
    let (files, is_cut) = match found {
        Some((files, is_cut)) => (Some(files), is_cut),
        None => (None, false),
    };
    html(&WorkPage {
        frame: Frame::of(call, format!("Review {} {}", item.id, item.title), ""),
        item,
        work,
        files,
        is_cut,
    })
}

/// The open findings and the remarks of the last return, by the line that they are about.
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
    if let Some(returned) = &item.returned {
        for one in &returned.remarks {
            let text = format!("{}: {}", returned.by, one.text);
            notes
                .entry((one.path.clone(), one.line))
                .or_default()
                .push(text);
        }
    }
    notes
}
