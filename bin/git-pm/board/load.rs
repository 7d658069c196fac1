//! Loads what the board shows, through library calls that each open the repository anew.

use std::collections::HashMap;

use git_pm::items::{BoardView, ItemView, ListFilter};
use git_pm::log::LogFilter;
use git_pm::runs::SpentView;
use git_pm::tasks::BranchWork;
use git_pm::values::{Status, parse_rfc3339};
use git_pm::{Env, Pm, Result};
use unicode_width::UnicodeWidthStr;

use super::limits;
use super::state::{About, Choice, Model, Row, Tab};
use crate::render::card::in_zone;
use crate::render::style::{self, Label};

/// The board as the model selects it.
pub fn board(pm: &Pm, model: &Model) -> Result<BoardView> {
    let view = pm.items().board(&model.options()?)?;
    Ok(in_zone(pm.env(), view))
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
    let names = nodes.iter().map(|node| indent(node.depth) + &node.item.id);
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
    let items = pm.insights().order(None)?;
    let width = widest(items.iter().map(|one| one.item.id.width())).max(2);
    let header = format!(
        "{:>6} {:width$} {:5} {:>5} {:>6}  title (● critical path, which comes first)",
        "#", "id", "state", "work", "slack"
    );
    let rows = items.into_iter().map(|one| {
        let mark = if one.is_critical() { "● " } else { "  " };
        let waits = match one.waits_for.is_empty() {
            true => String::new(),
            false => format!("  after {}", git_pm::text::first_of(&one.waits_for, 3)),
        };
        let ready = if one.ready { "ready" } else { "" };
        Row {
            parts: vec![
                (Label::Active, mark.to_string()),
                (Label::Dim, format!("{:>4} ", one.position)),
                (Label::Id, format!("{:width$}", one.item.id)),
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
    let run = pm.runs().status(None)?;
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
                (Label::Id, format!("  {}", job.id)),
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

/// Everything about an item.
fn fields(pm: &Pm, uid: &str) -> Result<Vec<Row>> {
    let item = pm.tasks().show(uid)?;
    let why = pm.tasks().why(uid)?;
    let reserved = pm.reservations().list(false)?;
    let mut rows = vec![
        Row::of(Label::Id, item.id.clone()),
        Row::of(Label::Heading, item.title.clone()),
        Row::default(),
    ];
    let mut field = |name: &str, label: Label, value: String| {
        if !value.is_empty() {
            rows.push(Row::of(label, format!("{name}: {value}")));
        }
    };
    let stored = item.status_at(pm.env().now_ms());
    let status = stored.to_string();
    let estimate = item.estimate.as_deref().unwrap_or_default();
    let kind = format!(
        "{}, P{}, {} {estimate}",
        stored.word(),
        item.priority,
        item.item_type
    );
    field("state", style::status(&status), kind.trim_end().to_string());
    if !status_is_final(&status) {
        field("because", Label::Dim, why.reasons.join("; "));
    }
    field("claim", Label::Actor, claim(pm.env(), &item));
    field(
        "assignee",
        Label::Actor,
        item.assignee.clone().unwrap_or_default(),
    );
    field(
        "branch",
        Label::Path,
        item.branch.clone().unwrap_or_default(),
    );
    field(
        "worktree",
        Label::Path,
        item.worktree.clone().unwrap_or_default(),
    );
    field("epic", Label::Id, item.epic.clone().unwrap_or_default());
    field(
        "stream",
        Label::Text,
        item.stream.clone().unwrap_or_default(),
    );
    let due = item.issue.due_at.as_deref().and_then(parse_rfc3339);
    let due = due.map(|ms| pm.env().day(ms)).unwrap_or_default();
    field("due", Label::Waiting, due);
    field("labels", Label::Text, item.labels.join(", "));
    field("paths", Label::Path, item.paths.join(" "));
    field(
        "reason",
        Label::Dim,
        item.reason.clone().unwrap_or_default(),
    );
    let mut section = |name: &str, lines: Vec<Row>| {
        if !lines.is_empty() {
            rows.extend([Row::default(), Row::of(Label::Heading, name)]);
            rows.extend(lines);
        }
    };
    let criteria = item.acceptance.iter().map(|criterion| {
        let mark = if criterion.done { "[x]" } else { "[ ]" };
        let label = Label::good_if(criterion.done);
        Row::of(label, format!("{mark} {}", criterion.text))
    });
    section("acceptance", criteria.collect());
    let found = item.findings.iter().flat_map(|found| &found.worst);
    let found = found.map(|one| {
        let place = one.place.as_deref().unwrap_or_default();
        let text = format!("{} {} {} {place}", one.id, one.severity, one.claim);
        Row::of(if one.blocks { Label::Bad } else { Label::Text }, text)
    });
    section("findings", found.collect());
    let edges = item.edges.iter().map(|edge| {
        let title = edge.title.as_deref().unwrap_or("missing");
        let status = edge
            .status
            .as_ref()
            .map(|status| format!(", {}", status.word()));
        let (words, status) = (edge.words(), status.unwrap_or_default());
        let text = format!("{words} {} ({title}{status})", edge.target);
        Row::of(Label::Text, text)
    });
    let mut links: Vec<Row> = edges.collect();
    for (words, others) in [
        ("blocks", &item.dependents),
        ("has the part", &item.children),
    ] {
        links.extend(others.iter().flatten().map(|link| {
            let text = format!(
                "{words} {} ({}, {})",
                link.id,
                link.title,
                link.status.word()
            );
            Row::of(Label::Text, text)
        }));
    }
    section("dependencies and links", links);
    let own = |task: &Option<String>| task.as_deref() == Some(item.id.as_str());
    let reserved = reserved.iter().filter(|one| own(&one.task)).map(|one| {
        let text = format!(
            "{} ({}, {} until {})",
            one.patterns.join(" "),
            one.mode,
            one.holder,
            pm.env().shown_time(&one.expires_at)
        );
        Row::of(Label::Path, text)
    });
    section("reservations", reserved.collect());
    // Skipped without an open branch, as the comparison takes a moment.
    if item.branch.is_some() && !status_is_final(&status) {
        match pm.tasks().branch_work(uid) {
            Ok(Some(work)) if !work.is_empty() => {
                let heading = format!("work for {} (d: diff)", work.target);
                let mut lines = worked(&work);
                lines.pop();
                section(&heading, lines);
            }
            Ok(_) => {}
            Err(error) => section("work", vec![Row::of(Label::Bad, error.message())]),
        }
    }
    section("text", prose(item.body.as_deref().unwrap_or_default()));
    for comment in item.comments.iter().flatten() {
        let at = pm.env().shown_time(&comment.created_at);
        let by = format!("{}, {at}", comment.author);
        section(&by, prose(&comment.body));
    }
    Ok(rows)
}

/// The diff of an item's branch.
fn difference(pm: &Pm, uid: &str) -> Result<Vec<Row>> {
    let item = pm.tasks().show(uid)?;
    let mut rows = vec![
        Row::of(Label::Id, item.id.clone()),
        Row::of(Label::Heading, item.title.clone()),
        Row::default(),
    ];
    let Some(work) = pm.tasks().branch_work(uid)? else {
        rows.push(Row::of(Label::Dim, "It has no branch in this clone."));
        return Ok(rows);
    };
    if work.is_empty() {
        let text = format!("Everything is already in {}.", work.target);
        rows.push(Row::of(Label::Dim, text));
        return Ok(rows);
    }
    rows.extend(worked(&work));
    match pm.tasks().branch_diff(uid)? {
        None => rows.push(Row::of(Label::Dim, "The diff is too long to show here.")),
        Some(text) => rows.extend(text.lines().take(limits::DIFF_LINES_MAX).map(|line| {
            let label = match line.as_bytes() {
                [b'+', ..] => Label::Good,
                [b'-', ..] => Label::Bad,
                [b'@', ..] => Label::Active,
                [b' ', ..] => Label::Text,
                _ => Label::Path,
            };
            Row::of(label, line.replace('\t', "    "))
        })),
    }
    Ok(rows)
}

/// The commits and the files of a branch.
fn worked(work: &BranchWork) -> Vec<Row> {
    let more = |count: usize| (count > 0).then(|| Row::of(Label::Dim, format!("and {count} more")));
    let commits = work.commits.iter().map(|one| {
        let short = one.commit.get(..9).unwrap_or(&one.commit);
        Row::of(
            Label::Text,
            format!("{short} {} ({})", one.subject, one.author),
        )
    });
    let files = work.files.iter().map(|file| {
        let count = match (file.added, file.removed) {
            (Some(added), Some(removed)) => format!("+{added} -{removed}"),
            _ => "binary".to_string(),
        };
        Row::of(Label::Path, format!("{count} {}", file.path))
    });
    commits
        .chain(more(work.more_commits))
        .chain([Row::default()])
        .chain(files)
        .chain(more(work.more_files))
        .chain([Row::default()])
        .collect()
}

fn status_is_final(status: &str) -> bool {
    matches!(status, "done" | "cancelled" | "closed")
}

fn claim(env: &Env, item: &ItemView) -> String {
    let Some(claim) = &item.claim else {
        return String::new();
    };
    let agent = claim.agent.as_ref().map(|agent| format!(" ({agent})"));
    let sign = claim.last_sign.as_ref();
    let sign = sign.map(|sign| format!(", last active {}", env.shown_time(sign)));
    let open = if claim.confirmed {
        ""
    } else {
        ", tentative until `git pm sync`"
    };
    format!(
        "{}{}, lease until {}{}{open}",
        claim.actor,
        agent.unwrap_or_default(),
        env.shown_time(&claim.lease_until),
        sign.unwrap_or_default()
    )
}

fn prose(text: &str) -> Vec<Row> {
    let lines = text.lines().take(limits::TEXT_LINES_MAX);
    lines.map(|line| Row::of(Label::Text, line)).collect()
}
