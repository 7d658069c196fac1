//! The page with the diff of an item's branch.

use askama::Template;

use super::super::request::{Answer, Call};
use super::super::route::Route;
use super::filters;
use super::frame::{Frame, html};
use super::limits;
use crate::error::Result;
use crate::model::text::shorten;
use crate::pm::shared_views::ItemView;
use crate::work::task::branch_work::BranchWork;

pub(super) fn routes() -> Vec<Route> {
    vec![super::page(
        "/items/{id}/changes",
        "The changes on an item's branch",
        changes,
    )]
}

/// A line of a diff.
struct Line {
    class: &'static str,
    text: String,
}

#[derive(Template)]
#[template(path = "../src/serve/page/templates/work.html")]
struct WorkPage {
    frame: Frame,
    item: ItemView,
    work: Option<BranchWork>,
    /// None if the diff is too long to be computed.
    lines: Option<Vec<Line>>,
    /// True if there are more lines.
    is_cut: bool,
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
    let mut left = limits::DIFF_MAX;
    let lines: Option<Vec<Line>> = text.as_ref().map(|text| {
        let lines = text.lines().take(limits::DIFF_LINES_MAX).map(line);
        let fitting = lines.take_while(|line| {
            left = left.saturating_sub(line.text.len());
            left > 0
        });
        fitting.collect()
    });
    let all = text.as_ref().map_or(0, |text| text.lines().count());
    let title = format!("Changes for {} {}", item.id, item.title);
    html(&WorkPage {
        frame: Frame::of(call, title, ""),
        is_cut: lines.as_ref().is_some_and(|lines| lines.len() < all),
        item,
        work,
        lines,
    })
}

fn line(text: &str) -> Line {
    let class = match text.as_bytes() {
        [b'+', ..] => "added",
        [b'-', ..] => "removed",
        [b'@', ..] => "place",
        [b' ', ..] => "same",
        _ => "file",
    };
    Line {
        class,
        text: shorten(text, limits::DIFF_LINE_MAX).replace('\t', "    "),
    }
}
