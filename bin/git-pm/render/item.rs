//! Renders items: as a line, a table, or in full.

use git_pm::issues::reading;
use git_pm::items::{
    ClaimView, CommentView, EdgeClass, EdgeView, ItemView, LinkView, SearchHit, WorkView,
};
use git_pm::values::{Status, parse_rfc3339, status_word};

use super::format::short;
use super::limits;
use super::page::Page;
use super::style::{self, Label};
use super::table::{Cell, Table};

/// One sentence about an item: `Created T-0001 Fix flaky login test`.
pub fn summary(page: &mut Page, verb: &str, item: &ItemView) {
    // A reason such as `not planned` cancels what is closed with it.
    let verb = match &item.status {
        Status::Cancelled if verb == "Closed" => "Cancelled",
        _ => verb,
    };
    page.text(verb).text(" ").put(Label::Id, &item.id).text(" ");
    page.line(&item.title);
}

/// As [`summary`] of a new item; says when its number is settled.
pub fn created(page: &mut Page, item: &ItemView) {
    page.text("Created ").put(Label::Id, &item.id).text(" ");
    page.text(&item.title);
    if item.provisional && !page.quiet() {
        page.put(Label::Dim, "  (the first sync settles its number)");
    }
    page.end();
}

/// Id, state and title in one line.
pub fn brief(page: &mut Page, item: &ItemView) {
    page.put(Label::Id, &item.id).text("  ");
    page.put(style::status(page.status(item)), page.status_words(item));
    page.text("  ").line(&item.title);
}

/// The same for another view of an item.
pub fn line(page: &mut Page, id: &str, status: &str, title: &str) {
    page.put(Label::Id, id).text("  ");
    page.put(style::status(status), status_word(status))
        .text("  ");
    page.line(title);
}

/// Items as a table. A narrow terminal does without labels, type, due day and owner, in this order,
/// before a title is cut.
pub fn rows<'i>(page: &mut Page, indent: &str, items: impl IntoIterator<Item = &'i ItemView>) {
    let mut table = Table::new(TITLE).with_spare(&SPARE);
    for item in items {
        table.row(row(page, item, None));
    }
    page.table(indent, &table);
}

/// The place of the title in [`row`].
const TITLE: usize = 4;

/// The names of the columns of [`row`].
const NAMES: [&str; 9] = [
    "ID", "PRIO", "TYPE", "STATUS", "TITLE", "OWNER", "DUE", "NOTE", "LABELS",
];

/// The places in [`row`] of what a narrow terminal does without, the first to go first.
const SPARE: [usize; 4] = [8, 2, 6, 5];

fn row(page: &Page, item: &ItemView, note: Option<&str>) -> [Cell; 9] {
    let is_after = |at: &Option<String>| {
        let at = at.as_deref().and_then(parse_rfc3339);
        at.is_some_and(|ms| page.is_in_future(ms))
    };
    let status = page.status(item);
    let due = item
        .issue
        .due_at
        .as_deref()
        .filter(|_| !item.status.is_closed());
    let due_label = match is_after(&item.issue.due_at) {
        true => Label::Text,
        false => Label::Bad,
    };
    [
        Label::Id.of(&item.id),
        Cell::priority(item.priority),
        Label::Dim.of(&item.item_type),
        style::status(status).of(page.status_words(item)),
        Label::Text.of(&item.title),
        Label::Actor.of(owner(page, item)),
        due_label.of(due.map(|at| format!("due {}", page.when(at)))),
        Label::Waiting.of(note),
        Label::Dim.of(&item.labels),
    ]
}

/// A list of items, or `none` if there are no items.
pub fn list(page: &mut Page, items: &[ItemView], none: &str) {
    list_noted(page, items, &[], none);
}

/// Items as a table, each with its note (what it waits for), or the line `none`. The columns have names
/// at a terminal only: scripts read one item a line.
pub fn list_noted(page: &mut Page, items: &[ItemView], notes: &[Option<String>], none: &str) {
    if items.is_empty() {
        page.line(none);
        return;
    }
    let mut table = Table::new(TITLE).with_spare(&SPARE);
    if page.is_at_terminal() {
        table = table.with_head(NAMES);
    }
    let notes = notes.iter().map(Option::as_deref);
    for (item, note) in items.iter().zip(notes.chain(std::iter::repeat(None))) {
        table.row(row(page, item, note));
    }
    page.table("", &table);
}

/// The hits of a search, each with a line that matches.
pub fn hits(page: &mut Page, hits: &[SearchHit], all: bool) {
    if hits.is_empty() {
        let open = if all { "" } else { " open" };
        page.line(format!(
            "No{open} item contains any of these words; try fewer or shorter words."
        ));
    }
    for (at, hit) in hits.iter().enumerate() {
        if !hit.all_words && (at == 0 || hits[at - 1].all_words) {
            page.line("containing some of the words:");
        }
        brief(page, &hit.item);
        if let Some(snippet) = &hit.snippet {
            page.dim(format!("    {snippet}"));
        }
    }
}

/// The holder's name, with a question mark if the claim is tentative, and the last activity if work
/// is in progress.
fn owner(page: &Page, item: &ItemView) -> String {
    let mut name = item.owner().unwrap_or_default().to_string();
    let Some(claim) = &item.claim else {
        return name;
    };
    if !claim.confirmed {
        name += "?";
    }
    match &claim.last_sign {
        Some(sign) if item.status == Status::InProgress => format!("{name} ({})", page.when(sign)),
        _ => name,
    }
}

/// An item in full.
pub fn full(page: &mut Page, item: &ItemView) {
    top(page, item);
    rest(page, item);
}

/// Its first lines: id, title and status.
pub fn top(page: &mut Page, item: &ItemView) {
    page.put(Label::Id, &item.id).text("  ");
    page.put(Label::Heading, &item.title).end();
    let status = page.status(item);
    page.field("status", style::status(status), page.status_words(item));
    page.field("reason", Label::Text, &item.reason);
}

/// All else about it.
pub fn rest(page: &mut Page, item: &ItemView) {
    page.field("forced", Label::Bad, item.forced_words());
    let kind = match item.kind.as_str() == item.item_type {
        true => item.item_type.clone(),
        false => format!("{}, {}", item.kind, item.item_type),
    };
    page.field("kind", Label::Text, kind);
    let priority = format!("P{}", item.priority);
    page.field("priority", style::priority(item.priority), priority);
    people(page, item);
    last_sign(page, item.claim.as_ref());
    page.field("epic", Label::Id, &item.epic);
    page.field("estimate", Label::Text, &item.estimate);
    page.field("points", Label::Text, item.points.map(|n| n.to_string()));
    page.field("risk", Label::Text, &item.risk);
    page.field("validation", Label::Text, &item.validation);
    page.field("stream", Label::Text, &item.stream);
    page.field("labels", Label::Text, &item.labels);
    let policy = Some(&item.auto_policy).filter(|policy| *policy != "none");
    page.field("auto policy", Label::Text, policy);
    page.field("paths", Label::Path, &item.paths);
    page.field("branch", Label::Path, &item.branch);
    let is_bare = item.status == Status::InReview && item.branch.is_none();
    let nothing = is_bare.then_some("none, so there is nothing to review or approve here");
    page.field("branch", Label::Waiting, nothing);
    page.field("worktree", Label::Path, &item.worktree);
    page.field("external", Label::Text, &item.external_refs);
    record(page, item);
    times(page, item);
    for edge in &item.edges {
        let soft = match (edge.gate, edge.class) {
            (Some(gate), _) => format!(" ({gate})"),
            (None, EdgeClass::Soft) if edge.kind == "blocks" => " (soft)".to_string(),
            _ => String::new(),
        };
        let name = match edge.kind.as_str() {
            "blocks" => "depends on",
            "conditional-blocks" => "waits for failure of",
            kind => reading(kind),
        };
        let target = format!("{}{soft}{}", edge.target, about(edge));
        page.field(name, Label::Id, target);
    }
    links(page, "once the id of", Some(&item.renumbered));
    links(page, "supersedes", Some(&item.supersedes));
    links(page, "children", item.children.as_deref());
    links(page, "dependents", item.dependents.as_deref());
    acceptance(page, item);
    super::finding::of_item(page, item);
    if item.conflicted {
        let id = &item.id;
        page.gap().warning(format!(
            "the text has conflicting versions: `git pm conflicts {id}`"
        ));
    }
    if let Some(body) = item.body.as_ref().filter(|body| !body.trim().is_empty()) {
        page.gap().prose("", body);
    }
    for (name, text) in [("Design", &item.texts.design), ("Notes", &item.texts.notes)] {
        if let Some(text) = text.as_ref().filter(|text| !text.trim().is_empty()) {
            page.heading(name).prose("", text);
        }
    }
    super::workflow::change_plan(page, item);
    super::workflow::note_of_return(page, item);
    if let Some(handoff) = &item.handoff {
        super::msg::handoff(page, handoff);
    }
    // The note of a return is shown above.
    let note = item.item.returned.as_ref().map(|one| one.note.as_str());
    let others = item.comments.iter().flatten();
    comments(page, others.filter(|one| Some(one.uid.as_str()) != note));
    super::artifact::near(
        page,
        &item.id,
        item.artifacts.as_deref().unwrap_or_default(),
    );
}

/// True if an edge blocks its item while the other end is open.
pub fn is_wait(edge: &EdgeView) -> bool {
    edge.kind == "blocks" && edge.class == EdgeClass::Hard
}

/// The title and status of an edge's other end.
fn about(edge: &EdgeView) -> String {
    match (&edge.title, &edge.status) {
        (Some(title), Some(status)) => format!("  {title} ({})", status.word()),
        _ => String::new(),
    }
}

/// Items under a heading, each with title and status.
fn links(page: &mut Page, name: &str, links: Option<&[LinkView]>) {
    let links = links.unwrap_or_default();
    for (at, link) in links.iter().take(limits::ITEM_LINKS_MAX).enumerate() {
        let name = if at == 0 { name } else { "" };
        page.put(Label::Dim, format!("  {name:<12} "));
        page.put(Label::Id, &link.id).text("  ").text(&link.title);
        let label = style::status(link.status.as_str());
        page.put(label, format!("  {}", link.status.word())).end();
    }
    if links.len() > limits::ITEM_LINKS_MAX {
        let more = format!("and {} more", links.len() - limits::ITEM_LINKS_MAX);
        page.field("", Label::Dim, more);
    }
}

/// The fields of beads' records that tasks do not have.
fn record(page: &mut Page, item: &ItemView) {
    let issue = &item.issue;
    let when = |page: &Page, at: &Option<String>| at.as_ref().map(|at| page.day(at));
    page.field("due", Label::Waiting, when(page, &issue.due_at));
    // A future time span has its own preposition.
    let deferred = when(page, &issue.defer_until).filter(|_| !item.status.is_closed());
    let deferred = deferred.map(|when| match when.strip_prefix("in ") {
        Some(span) => format!("for {span}"),
        None if when.contains(" ago") => format!("ended {when}"),
        None => format!("until {when}"),
    });
    page.field("deferred", Label::Waiting, deferred);
    let work = issue.estimated_minutes.map(|n| match (n / 60, n % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    });
    page.field("work", Label::Text, work);
    page.field("spec", Label::Text, &issue.spec_id);
    page.field("responsible", Label::Actor, &issue.owner_email);
    page.field("source", Label::Text, &issue.source_system);
    let marks = [
        ("pinned", issue.pinned),
        ("ephemeral", issue.ephemeral),
        ("template", issue.template),
    ];
    let marks: Vec<&str> = marks.into_iter().filter(|m| m.1).map(|m| m.0).collect();
    page.field("marked", Label::Text, marks.join(", "));
    let awaits = issue.await_type.as_ref().map(|kind| match &issue.await_id {
        Some(id) => format!("{kind} {id}"),
        None => kind.clone(),
    });
    page.field("waits for", Label::Waiting, awaits);
    let seconds = issue.timeout_ns.map(|ns| ns / 1_000_000_000);
    page.field("timeout", Label::Text, seconds.map(|s| format!("{s}s")));
    page.field("notifies", Label::Actor, &issue.waiters);
    page.field("metadata", Label::Dim, &item.texts.metadata);
}

/// The claim and the assignee.
pub fn people(page: &mut Page, item: &ItemView) {
    if let Some(claim) = &item.claim {
        let settled = if claim.confirmed {
            ""
        } else {
            ", tentative until `git pm sync`"
        };
        let here = if claim.here { ", in this clone" } else { "" };
        let who = format!("{}{here}{settled}", claim.holder());
        page.field("claimed by", Label::Actor, who);
        let until = page.when(&claim.lease_until);
        let name = ["lease ends", "lease ended"][usize::from(until.ends_with(" ago"))];
        page.field(name, Label::Dim, until);
    }
    if item.claim.is_none() {
        page.field("assignee", Label::Actor, item.owner());
    }
}

/// The holder's last activity.
fn last_sign(page: &mut Page, claim: Option<&ClaimView>) {
    if let Some((claim, sign)) = claim.and_then(|c| Some((c, c.last_sign.as_ref()?))) {
        let by = match claim.here {
            true => "",
            false => ", as of the last sync",
        };
        let sign = format!("{}{by}", page.when(sign));
        page.field("last active", Label::Dim, sign);
    }
}

fn times(page: &mut Page, item: &ItemView) {
    let by = |page: &Page, at: &str, who: Option<&String>| match who {
        Some(who) => format!("{} by {who}", page.when(at)),
        None => page.when(at),
    };
    let created = by(page, &item.created_at, item.created_by.as_ref());
    page.field("created", Label::Dim, created);
    for (name, at) in [
        ("started", &item.started_at),
        ("submitted", &item.finished_at),
        ("closed", &item.closed_at),
    ] {
        let when = at.as_ref().map(|at| page.when(at));
        page.field(name, Label::Dim, when);
    }
    let is_unmerged = |work: &WorkView| !work.merged && work.lost.is_none();
    let unmerged = item.closed_at.is_some() && item.work.as_ref().is_some_and(is_unmerged);
    let note = if unmerged { ", not merged" } else { "" };
    let approved = item.approval.as_ref().map(|one| {
        let by = by(page, &one.at, Some(&one.by));
        format!("{by}{note}")
    });
    page.field("approved", Label::Dim, approved);
    if let Some(work) = &item.work {
        review_and_merge(page, work, item.approval.is_some());
    }
    if page.verbose() {
        page.field("updated", Label::Dim, page.exact(&item.updated_at));
        page.field("version", Label::Dim, &item.version);
        page.field("uid", Label::Dim, item.uid.as_str());
        page.field("alias", Label::Dim, item.alias());
    }
}

/// The merge, and the commit that is in review or approved, with the branch's current commit if it
/// is another one.
fn review_and_merge(page: &mut Page, work: &WorkView, approved: bool) {
    if let Some(merged) = work.merged_commit.as_deref().map(short) {
        let into = work.merged_into.as_deref().unwrap_or("its target");
        let is_over = work.merged || work.lost.is_some();
        let when = if is_over { "" } else { ", reopened since" };
        let text = format!("into {into}, at {merged}{when}");
        page.field("merged", Label::Dim, text);
    }
    if let Some(lost) = &work.lost {
        let text = format!("{}; else `{}`", lost.message(), lost.command);
        page.field("lost", Label::Bad, text);
    }
    let Some(commit) = work.commit.as_deref().map(short) else {
        return;
    };
    let name = if approved { "commit" } else { "in review" };
    let label = match work.is_elsewhere() {
        true => Label::Waiting,
        false => Label::Dim,
    };
    let text = match work.branch_told(approved) {
        Some(told) => format!("{commit}; {told}"),
        None => commit.to_string(),
    };
    page.field(name, label, text);
    page.field("not passed", Label::Bad, work.gate_failed.as_deref());
}

/// The acceptance criteria with the numbers that `task accept` takes, and text about them.
pub fn acceptance(page: &mut Page, item: &ItemView) {
    let all = item.criteria();
    if all.is_empty() {
        return;
    }
    let is_text = item.texts.acceptance_criteria.is_some();
    page.heading(["Acceptance", "Accepted when"][usize::from(is_text)]);
    for one in &all {
        let criterion = &one.criterion;
        let Some(n) = one.number else {
            page.prose("", &criterion.text);
            continue;
        };
        let (label, tick) = match criterion.done {
            true => (Label::Good, "[x]"),
            false => (Label::Waiting, "[ ]"),
        };
        page.put(Label::Dim, format!("{n:>3} "));
        page.put(label, tick).text(" ").line(&criterion.text);
        if let Some(by) = criterion.by.as_ref().filter(|_| criterion.elsewhere) {
            page.put(Label::Dim, "        ");
            page.dim(format!("accepted by {by} {}", item.other_work()));
        }
        if let Some(evidence) = &criterion.evidence {
            page.put(Label::Dim, "        ").dim(evidence);
        }
    }
}

/// Comments, each with its author and age.
pub fn comments<'c>(page: &mut Page, comments: impl IntoIterator<Item = &'c CommentView>) {
    for comment in comments {
        let when = page.when(&comment.created_at);
        page.gap().put(Label::Actor, &comment.author);
        if comment.agent.is_some() {
            page.put(Label::Dim, " (agent)");
        }
        page.dim(format!(", {when}"));
        page.prose("  ", &comment.body);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::tests::fixtures::{drawn, started as started_sample};

    #[test]
    fn an_item_is_shown_with_all_its_fields() {
        let shown = drawn(80, |page| full(page, &started_sample()));
        insta::assert_snapshot!(shown, @r"
        T-0001  Fix flaky login test
          status       in progress
          kind         task, bug
          priority     P1
          claimed by   ana, in this clone, tentative until `git pm sync`
          lease ends   in 23h
          last active  1h ago
          labels       ci
          paths        src/login/**
          branch       task/T-0001-fix-flaky-login-test
          worktree     /work/app.worktrees/T-0001
          created      2h ago by ana
          started      1h ago
          depends on   T-0003 (soft)

        Acceptance
          1 [x] passes 100 times
          2 [ ] no sleep in the test

        It fails on Mondays.

        \u{1b}[31mred\u{1b}[0m

        ben, 30m ago
          Seen it, too.
        ");
    }
}
