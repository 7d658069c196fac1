//! Loads what the board shows, through library calls that each open the repository anew.

use std::collections::HashMap;

use git_pm::items::{BoardView, ListFilter};
use git_pm::log::LogFilter;
use git_pm::runs::SpentView;
use git_pm::tasks::WorkDiff;
use git_pm::values::Status;
use git_pm::{Pm, Result};
use unicode_width::UnicodeWidthStr;

use super::action::Criteria;
use super::limits;
use super::state::{About, Choice, Model, Row, Tab, Target};
use crate::arguments::globals::Globals;
use crate::render::card::in_zone;
use crate::render::format::short;
use crate::render::page::Page;
use crate::render::style::{self, Label};
use crate::render::unsettled::Unsettled;
use crate::render::{item, workflow};

/// The board as the model selects it.
pub fn board(pm: &Pm, model: &Model) -> Result<BoardView> {
    let view = pm.items().board(&model.options()?)?;
    Ok(Unsettled::of(pm).on_board(in_zone(pm.env(), view)))
}

/// The saved views, to choose from.
pub fn views(pm: &Pm) -> Result<Vec<Choice>> {
    let views = pm.items().saved_views()?.into_iter();
    Ok(views
        .map(|view| {
            let kind = view.kind.map(|kind| format!("kind:{kind} "));
            let query = match view.query.is_empty() {
                true => String::new(),
                false => format!("({})", view.query),
            };
            Choice::View(view.name, kind.unwrap_or_default() + &query)
        })
        .collect())
}

/// The criteria of an item that are not accepted yet, to choose from.
pub fn criteria(pm: &Pm, target: &Target) -> Result<Vec<Choice>> {
    let item = pm.tasks().show(&target.uid)?;
    let choice = |which, text: &str| Choice::Criteria(which, text.to_string(), target.clone());
    let open = item.acceptance.iter().zip(1..).filter(|(one, _)| !one.done);
    let mut choices: Vec<Choice> = open
        .map(|(one, number)| choice(Criteria::One(number), &one.text))
        .collect();
    if choices.len() > 1 {
        choices.push(choice(Criteria::All, "all of them"));
    }
    Ok(choices)
}

/// The headings and the rows of a list tab.
pub fn rows(pm: &Pm, model: &Model) -> Result<(Option<Row>, Vec<Row>)> {
    match model.tab {
        Tab::Board => Ok((None, Vec::new())),
        Tab::Tree => Ok((None, tree(pm, &model.options()?.filter)?)),
        Tab::Order => order(pm),
        Tab::Runs => Ok((None, runs(pm)?)),
        Tab::Activity => Ok((None, activity(pm)?)),
    }
}

/// The numbers of an item's own parts that are done, that were cancelled, and of all, by the item's uid.
fn progress(pm: &Pm) -> Result<HashMap<String, [usize; 3]>> {
    let mut parts: HashMap<String, [usize; 3]> = HashMap::new();
    // The items that the present one is a part of, from the root on.
    let mut above: Vec<String> = Vec::new();
    for node in pm.items().tree(None)? {
        above.truncate(node.depth);
        if let Some(parent) = above.last() {
            let count = parts.entry(parent.clone()).or_default();
            let is_cancelled = node.item.status == Status::Cancelled;
            count[0] += usize::from(node.item.status.is_closed() && !is_cancelled);
            count[1] += usize::from(is_cancelled);
            count[2] += 1;
        }
        above.push(node.item.uid.to_string());
    }
    Ok(parts)
}

/// The width of the widest text, up to a limit.
fn widest(texts: impl Iterator<Item = usize>) -> usize {
    texts.max().unwrap_or(0).min(limits::ALIGNED_MAX)
}

fn tree(pm: &Pm, filter: &ListFilter) -> Result<Vec<Row>> {
    let nodes = pm.items().list_tree(filter)?;
    let progress = progress(pm)?;
    let indent = |depth: usize| "  ".repeat(depth.min(limits::TREE_INDENT_MAX));
    let marks = Unsettled::of(pm);
    let names = nodes
        .iter()
        .map(|node| indent(node.depth) + &marks.mark(&node.item.id));
    let names: Vec<String> = names.collect();
    let width = widest(names.iter().map(|name| name.width()));
    let now_ms = pm.env().now_ms();
    let words = nodes.iter().map(|one| one.item.status_at(now_ms).word());
    let status = widest(words.map(|word| word.width()));
    let rows = nodes.into_iter().zip(names).map(|(node, name)| {
        let item = &node.item;
        let stored = item.status_at(now_ms);
        let word = stored.word();
        let title = match node.fits {
            Some(false) => Label::Dim,
            _ => Label::Text,
        };
        let done = progress.get(item.uid.as_str());
        let done = done.map(|[done, cancelled, all]| {
            format!("  {}", git_pm::text::done_of(*done, *cancelled, *all))
        });
        Row {
            parts: vec![
                (Label::Id, format!("{name:width$}")),
                (style::status(stored.as_str()), format!(" {word:status$} ")),
                (title, item.title.clone()),
                (Label::Good, done.unwrap_or_default()),
            ],
            item: Some(item.uid.to_string()),
        }
    });
    Ok(rows.collect())
}

fn order(pm: &Pm) -> Result<(Option<Row>, Vec<Row>)> {
    let (items, marks) = (pm.insights().order(None)?, Unsettled::of(pm));
    let names = items
        .iter()
        .map(|one| marks.mark(&one.item.id).into_owned());
    let names: Vec<String> = names.collect();
    let width = widest(names.iter().map(|name| name.width())).max(2);
    let header = format!(
        "{:>6} {:width$} {:5} {:>5} {:>6}  title (● critical path, which comes first)",
        "#", "id", "state", "work", "slack"
    );
    let rows = items.into_iter().zip(names).map(|(one, name)| {
        let mark = if one.is_critical() { "● " } else { "  " };
        let waits = match one.waits_for.is_empty() {
            true => String::new(),
            false => format!("  after {}", git_pm::text::first_of(&one.waits_for, 3)),
        };
        let waits = marks.mark(&waits).into_owned();
        let ready = if one.ready { "ready" } else { "" };
        Row {
            parts: vec![
                (Label::Active, mark.to_string()),
                (Label::Dim, format!("{:>4} ", one.position)),
                (Label::Id, format!("{name:width$}")),
                (Label::Good, format!(" {ready:5} ")),
                (Label::Dim, format!("{:>4}h {:>5}h  ", one.hours, one.slack)),
                (Label::Text, one.item.title.clone()),
                (Label::Dim, waits),
            ],
            item: Some(one.item.id),
        }
    });
    Ok((Some(Row::of(Label::Heading, header)), rows.collect()))
}

fn runs(pm: &Pm) -> Result<Vec<Row>> {
    if pm.runs().list()?.is_empty() {
        return Ok(Vec::new());
    }
    let (run, marks) = (pm.runs().status(None)?, Unsettled::of(pm));
    let mut rows = vec![Row {
        parts: vec![
            (Label::Id, run.id.clone()),
            (run_label(run.status.as_str()), format!(" {} ", run.status)),
            (
                Label::Text,
                format!("{} with {} agents, ", run.with, run.agents),
            ),
            (Label::Dim, spent(&run.used)),
        ],
        item: None,
    }];
    if let Some(reason) = &run.reason {
        rows.push(Row::of(Label::Dim, format!("  {reason}")));
    }
    for job in run.tasks {
        let step = job.step.map(|step| format!(" {step}"));
        let agent = job.agent.or(job.with).map(|agent| format!(" {agent}"));
        rows.push(Row {
            parts: vec![
                (Label::Id, format!("  {}", marks.mark(&job.id))),
                (run_label(job.status.as_str()), format!(" {}", job.status)),
                (Label::Dim, step.unwrap_or_default()),
                (Label::Actor, agent.unwrap_or_default()),
                (Label::Text, format!(" {}", job.title)),
                (Label::Dim, format!("  {}", spent(&job.used))),
            ],
            item: Some(job.id),
        });
        let last = job.last_line.or(job.reason);
        rows.extend(last.map(|line| Row::of(Label::Dim, format!("      {line}"))));
    }
    Ok(rows)
}

/// Tokens and their cost.
fn spent(used: &SpentView) -> String {
    let tokens = used.input_tokens + used.cached_tokens + used.output_tokens;
    format!("{tokens} tokens, {}", used.cost())
}

fn run_label(status: &str) -> Label {
    match status {
        "running" => Label::Active,
        "completed" => Label::Good,
        "failed" | "stopped" => Label::Bad,
        "blocked" | "paused" => Label::Waiting,
        _ => Label::Dim,
    }
}

fn activity(pm: &Pm) -> Result<Vec<Row>> {
    let filter = LogFilter {
        limit: Some(limits::ACTIVITY_OPERATIONS_MAX),
        ..LogFilter::default()
    };
    let entries = pm.history().log(&filter)?.into_iter();
    Ok(entries
        .map(|entry| {
            let at = pm.env().shown_time(&entry.at);
            let at: String = at.chars().take(16).collect();
            let agent = entry.agent.map(|agent| format!(" ({agent})"));
            Row {
                parts: vec![
                    (Label::Dim, format!("{} ", at.replace('T', " "))),
                    (Label::Actor, entry.actor),
                    (Label::Dim, agent.unwrap_or_default()),
                    (Label::Text, format!("  {}", entry.message)),
                ],
                item: entry.items.into_iter().next(),
            }
        })
        .collect())
}

/// The details shown about an item.
pub fn details(pm: &Pm, uid: &str, about: About) -> Result<Vec<Row>> {
    match about {
        About::Item => fields(pm, uid),
        About::Diff => difference(pm, uid),
    }
}

/// Everything about an item, as `show` prints it, with what holds it and the work on its branch.
fn fields(pm: &Pm, uid: &str) -> Result<Vec<Row>> {
    let item = pm.tasks().show(uid)?;
    let mut page = page(pm);
    item::top(&mut page, &item);
    if !item.status.is_closed() {
        page.field(
            "because",
            Label::Dim,
            pm.tasks().why(uid)?.reasons.join("; "),
        );
    }
    let own = |task: &Option<String>| task.as_deref() == Some(item.id.as_str());
    for one in pm
        .reservations()
        .list(false)?
        .iter()
        .filter(|one| own(&one.task))
    {
        let until = page.when(&one.expires_at);
        let text = format!(
            "{} ({}, {}, {until})",
            one.patterns.join(" "),
            one.mode,
            one.holder
        );
        page.field("reserved", Label::Path, text);
    }
    item::rest(&mut page, &item);
    // Skipped without an open branch, as the comparison takes a moment.
    if item.branch.is_some() && !item.status.is_closed() {
        match pm.tasks().branch_work(uid) {
            Ok(Some(work)) if !work.is_empty() => {
                page.heading(format!("Work for {} (d: diff)", work.target));
                for one in &work.commits {
                    let text = format!("{} {} ({})", short(&one.commit), one.subject, one.author);
                    page.line(text);
                }
                page.more(work.commits.len() + work.more_commits, work.commits.len());
                workflow::files(&mut page, &work.files, work.more_files);
            }
            Ok(_) => {}
            Err(error) => {
                page.gap().put(Label::Bad, error.message()).end();
            }
        }
    }
    Ok(rows_of(&page.finish()))
}

/// The diff of an item's branch, as `task diff` prints it.
fn difference(pm: &Pm, uid: &str) -> Result<Vec<Row>> {
    let (item, mut page) = (pm.tasks().show(uid)?, page(pm));
    let work = pm.tasks().branch_work(uid)?;
    let shown = WorkDiff {
        diff: match work {
            Some(_) => pm.tasks().branch_diff(uid)?,
            None => None,
        },
        work: work.filter(|work| !work.is_empty()),
        id: item.id.clone(),
        title: item.title.clone(),
    };
    workflow::work_diff(&mut page, &shown, false);
    Ok(rows_of(&page.finish()))
}

fn page(pm: &Pm) -> Page {
    let page = Page::new(None, pm.env().now_ms(), &Globals::default());
    page.in_zone_of(pm.env()).marking(Unsettled::of(pm))
}

/// The lines of a page, each with the label of its last part.
fn rows_of(page: &str) -> Vec<Row> {
    let row = |line: &str| {
        let (label, text) = style::unpainted(line);
        Row::of(label, text)
    };
    page.lines().map(row).collect()
}
