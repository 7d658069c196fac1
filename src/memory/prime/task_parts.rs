//! The parts of a briefing on one item.

use super::{LISTED, Part, prose, tokens};
use crate::coordinate::claim::ownership;
use crate::coordinate::here;
use crate::coordinate::reserve::pattern::Pattern;
use crate::coordinate::reserve::pattern::comparison_budget::Effort;
use crate::coordinate::reserve::queue::{self, Ranked};
use crate::error::{Error, Result};
use crate::learn::for_item;
use crate::model::criterion::Shown;
use crate::model::edge_type::EdgeClass;
use crate::model::item::Item;
use crate::model::returned::Returned;
use crate::model::status::Status;
use crate::model::text::first_of;
use crate::pm::Pm;
use crate::pm::requester::Requester;
use crate::pm::shared_views::{EdgeView, ItemView, LinkView};
use crate::store::state::State;
use crate::work::task::show;
use crate::work::task::start::obstacle::Obstacles;

/// The number of newest comments that are read.
const COMMENTS: usize = 5;

/// Adds the parts on an item, and returns the next commands.
pub(super) fn item_parts(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    parts: &mut Vec<Part>,
) -> Result<Vec<String>> {
    let view = show::in_full(pm, state, &item.uid)?;
    let show = format!("git pm show {}", view.id);
    parts.push(task_part(&view));
    parts.extend(return_part(&view, &show));
    push_list(parts, findings_part(&view));
    for (name, heading, text) in [
        // Also where a newer version was redacted.
        ("text", "## Description", state.text_of(item)),
        ("design", "## Design", view.texts.design.clone()),
        ("notes", "## Notes", view.texts.notes.clone()),
    ] {
        let lines = prose(&text.unwrap_or_default());
        if lines.iter().any(|line| !line.is_empty()) {
            parts.push(Part::new(name, heading, lines).keeping(3).shown_by(&show));
        }
    }
    let criteria = view.criteria();
    parts.extend(acceptance_part(&criteria, &show));
    parts.extend(plan_part(state, item));
    parts.extend(for_all_part(state, item));
    parts.push(place_part(pm, &view));
    let why = format!("git pm why {}", view.id);
    let waits = view.edges.iter().filter(|edge| is_wait(edge));
    let waits: Vec<String> = waits.take(LISTED).map(edge_line).collect();
    push_list(
        parts,
        Part::new("dependencies", "## Waits for", waits)
            .keeping(3)
            .shown_by(&why),
    );
    let children = links(view.children.as_deref());
    push_list(
        parts,
        Part::new("dependents", "## Parts", children).shown_by(&show),
    );
    let dependents = links(view.dependents.as_deref());
    push_list(
        parts,
        Part::new("dependents", "## Waiting for this item", dependents).shown_by(&show),
    );
    push_list(parts, reservations_part(pm, state, item));
    parts.extend(handoff_part(&view));
    push_list(parts, learnings_part(pm, state, item));
    let comments = view.comments.as_deref().unwrap_or_default();
    let newest = comments.iter().rev().take(COMMENTS);
    let lines = newest.map(|c| format!("- {}: {}", c.author, tokens::line(&c.body, 60)));
    push_list(
        parts,
        Part::new("comments", "## Newest comments", lines.collect()).shown_by(&show),
    );
    let is_begun = item.status == Status::InProgress;
    let refused = is_begun.then(|| ownership::require_own(pm, state, item));
    let refused = refused.and_then(Result::err);
    let obstacles = Obstacles::new(pm, state);
    let is_stopped = item.status.is_startable() && obstacles.stops(item);
    let next = next_commands(pm, &view, &criteria, refused, is_stopped);
    Ok(next)
}

/// The learnings about the same paths, else about the same words.
fn learnings_part(pm: &Pm, state: &State<'_>, item: &Item) -> Part {
    let notes = for_item::learnings_near(pm, state, item);
    let lines = notes.iter().map(|one| {
        let title = tokens::line(&one.title, 60);
        let summary = match one.summary.is_empty() {
            true => String::new(),
            false => format!(": {}", tokens::line(&one.summary, 60)),
        };
        let by = one.agent.as_ref();
        let by = by.map(|agent| format!(", by {}, an agent", tokens::line(agent, 40)));
        let by = by.unwrap_or_default();
        format!("- {} ({}{by}) {title}{summary}", one.id, one.kind)
    });
    Part::new("learnings", "## Earlier learnings", lines.collect())
        .keeping(1)
        .shown_by("git pm learn search WORDS")
}

fn task_part(view: &ItemView) -> Part {
    let mut facts = vec![
        format!("status {}", tokens::line(view.status.as_str(), 20)),
        format!("priority {}", view.priority),
        format!("type {}", tokens::line(&view.item_type, 20)),
    ];
    let all = |words: &[String]| (!words.is_empty()).then(|| words.join(" "));
    let texts = [
        ("estimate", view.estimate.clone()),
        ("points", view.points.map(|n| n.to_string())),
        ("risk", view.risk.clone()),
        ("validation", view.validation.clone()),
        ("stream", view.stream.clone()),
        ("epic", view.epic.clone()),
        ("due", view.issue.due_at.clone()),
        ("deferred until", view.issue.defer_until.clone()),
        ("labels", all(&view.labels)),
        ("external", all(&view.external_refs)),
    ];
    for (name, value) in texts {
        facts.extend(value.map(|value| format!("{name} {}", tokens::line(&value, 40))));
    }
    facts.extend(view.issue.pinned.then(|| "pinned".to_string()));
    let mut lines = vec![facts.join(", ")];
    if view.conflicted {
        lines.push(format!(
            "Two clones changed its text: `git pm conflicts {}`.",
            view.id
        ));
    }
    let kind = view.kind.as_str();
    let title = tokens::line(&view.title, 60);
    Part::new("task", format!("## {kind} {}: {title}", view.id), lines)
}

/// Its branch and worktree, and its holder.
fn place_part(pm: &Pm, view: &ItemView) -> Part {
    let mut lines = Vec::new();
    if let Some(branch) = &view.branch {
        let branch = tokens::line(branch, 60);
        let here = pm.requester().branch.as_deref() == view.branch.as_deref();
        lines.push(match (here, &view.worktree) {
            (true, _) => format!("- branch `{branch}`, checked out here"),
            (false, Some(path)) => {
                format!("- branch `{branch}`, worktree {}", tokens::line(path, 80))
            }
            (false, None) => format!("- branch `{branch}`, no worktree in this clone"),
        });
    }
    if !view.paths.is_empty() {
        let paths: Vec<String> = view.paths.iter().map(|p| tokens::line(p, 30)).collect();
        lines.push(format!("- planned paths: {}", first_of(&paths, 10)));
    }
    lines.push(match &view.claim {
        None => "- not claimed".to_string(),
        Some(claim) => {
            let holder = match ownership::held_under_own_name(pm, &view.item) {
                Some(other) => tokens::line(&other, 60),
                None if pm.tasks().is_own(view) => "claimed by you".to_string(),
                None => format!("claimed by {}", tokens::line(claim.holder(), 40)),
            };
            let confirmed = match claim.confirmed {
                true => "",
                false => ", not confirmed by the remote yet: `git pm sync`",
            };
            format!("- {holder}{confirmed}")
        }
    });
    Part::new("place", "## Where", lines)
}

/// The reservations that overlap an item's paths.
fn reservations_part(pm: &Pm, state: &State<'_>, item: &Item) -> Part {
    let patterns: Vec<Pattern> = item
        .paths
        .iter()
        .take(LISTED)
        .filter_map(|path| Pattern::parse(path, "").ok())
        .collect();
    let (case, effort) = (here::case(pm), Effort::default());
    let ranked = match patterns.is_empty() {
        true => Vec::new(),
        false => queue::ranked_meeting(state, pm.now_ms(), case, &patterns),
    };
    let meets = |one: &&Ranked| {
        one.patterns.iter().any(|theirs| {
            let mut own = patterns.iter();
            own.any(|own| own.overlaps_within(theirs, case, &effort).may())
        })
    };
    let met = ranked
        .iter()
        .filter(|one| one.behind.is_none())
        .filter(meets);
    let requester = pm.requester();
    let lines = met
        .take(LISTED)
        .map(|one| reservation_line(pm, state, &requester, one));
    let part = Part::new(
        "reservations",
        "## Reservations that overlap its paths",
        lines.collect(),
    );
    part.keeping(3).shown_by("git pm reserve list")
}

/// The note with which its work was returned.
fn return_part(view: &ItemView, show: &str) -> Option<Part> {
    let returned = view.returned.as_ref()?;
    let lines = prose(returned.note.as_deref()?)
        .into_iter()
        .map(|line| format!("> {line}"));
    let by = tokens::line(&returned.by, 40);
    let step = Returned::next_step(view.status.as_str());
    let heading = format!("## Returned by {by}: {step}");
    Some(
        Part::new("return", heading, lines.collect())
            .keeping(10)
            .shown_by(show),
    )
}

/// The open findings that stop its approval, as `show` has them.
fn findings_part(view: &ItemView) -> Part {
    let found = view.findings.clone().unwrap_or_default();
    let blocking = found.worst.iter().filter(|one| one.blocks).map(|one| {
        let place = one.place.as_deref().unwrap_or_default();
        format!("{} {} {place}: {}", one.id, one.severity, one.claim)
    });
    let kept = found.kept.iter().map(|kept| kept.told(view));
    let lines = (blocking.chain(kept)).map(|told| format!("- {}", tokens::line(&told, 90)));
    let head = "## Open findings that block it";
    let more = found.blocking.saturating_sub(found.worst.len());
    let part = Part::new("findings", head, lines.collect()).counting(more);
    part.keeping(5)
        .shown_by(format!("git pm finding list {}", view.id))
}

/// The newest handoff of the item.
fn handoff_part(view: &ItemView) -> Option<Part> {
    let handoff = view.handoff.as_ref()?;
    let lists = &handoff.lists;
    let mut lines = Vec::new();
    let of = |name: &str, list: &[String]| -> Vec<String> {
        let entries = list.iter().take(LISTED);
        let line = |entry: &String| format!("- {name}: {}", tokens::line(entry, 60));
        entries.map(line).collect()
    };
    // The next steps come first, as the next actor needs them first.
    lines.extend(of("next", &lists.next));
    lines.extend(of("question", &lists.questions));
    lines.extend(of("decision", &lists.decisions));
    lines.extend(of("done", &lists.done));
    lines.extend(of("file", &lists.files));
    lines.extend(prose(&handoff.text));
    let from = tokens::line(&handoff.by, 20);
    let part = Part::new("handoff", format!("## Handoff by {from}"), lines);
    Some(
        part.keeping(4)
            .shown_by(format!("git pm handoff {}", view.id)),
    )
}

/// The next commands; `refused` is why the caller cannot finish the item, if they cannot; one that
/// `is_stopped` cannot be started.
fn next_commands(
    pm: &Pm,
    view: &ItemView,
    criteria: &[Shown],
    refused: Option<Error>,
    is_stopped: bool,
) -> Vec<String> {
    let id = &view.id;
    let own = pm.tasks().is_own(view);
    let here = view.branch.is_some() && pm.requester().branch == view.branch;
    let mut out = Vec::new();
    match &view.status {
        status if status.is_closed() => out.push("git pm next --claim".into()),
        Status::InProgress if own || here && refused.is_none() => {
            if let Some(place) = view.worktree.as_ref().filter(|_| !here) {
                out.push(format!("cd {}", crate::model::id::word(place)));
            }
            let mut open = criteria.iter().filter(|one| !one.criterion.done);
            let open = open.find_map(|one| one.number);
            out.extend(open.map(|n| format!("git pm task accept {id} {n} --evidence TEXT")));
            out.push(format!("git pm finish {id}"));
        }
        Status::InProgress => out.push("git pm next --claim".into()),
        _ if is_stopped => out.push(format!("git pm why {id}")),
        status if status.is_startable() && pm.may_take(&view.item) => {
            out.push(format!("git pm start {id}"));
        }
        _ => out.push(format!("git pm show {id}")),
    }
    let kind = if view.kind.as_str() == "issue" {
        "issue"
    } else {
        "task"
    };
    out.push(format!("git pm {kind} comment {id} TEXT"));
    if own {
        out.push(format!("git pm handoff {id} --done TEXT --next TEXT"));
    }
    if pm.main_remote().is_some() {
        out.push("git pm sync".into());
    }
    let held = refused.filter(|_| here && view.status == Status::InProgress);
    let held = held.map(|error| format!("- {}", tokens::line(error.message(), 60)));
    let commands = out.iter().map(|command| format!("- `{command}`"));
    held.into_iter().chain(commands).collect()
}

/// A reservation as a line.
pub(super) fn reservation_line(
    pm: &Pm,
    state: &State<'_>,
    requester: &Requester,
    one: &Ranked,
) -> String {
    let r = &one.reservation;
    let mut patterns: Vec<String> = r
        .patterns
        .iter()
        .take(3)
        .map(|p| tokens::line(p, 30))
        .collect();
    if r.patterns.len() > patterns.len() {
        patterns.push(format!("{} more", r.patterns.len() - patterns.len()));
    }
    let task = r
        .task
        .as_ref()
        .map(|task| format!(" for {}", state.shown_ref(task)));
    let own = requester.holds(r);
    let is_elsewhere = !own && ownership::made(pm, &r.actor, r.agent.as_deref(), &r.replica);
    let holder = match own || is_elsewhere {
        true => "you".to_string(),
        false => tokens::line(&r.actor, 40),
    };
    let effect = match (own, r.advisory, r.mode.as_str()) {
        (true, ..) => "",
        _ if is_elsewhere => " (in another worktree: commit changes to these files there)",
        (_, true, _) => " (advisory: coordinate with them)",
        (_, _, "edit") => " (mode edit: do not change these files)",
        _ => " (mode commit: you cannot commit changes to these files)",
    };
    let task = task.unwrap_or_default();
    format!("- {} held by {holder}{task}{effect}", patterns.join(", "))
}

/// Adds a list unless it is empty.
pub(super) fn push_list(parts: &mut Vec<Part>, part: Part) {
    if !part.lines.is_empty() {
        parts.push(part);
    }
}

fn acceptance_part(criteria: &[Shown], show: &str) -> Option<Part> {
    let lines = |one: &Shown| {
        let Some(n) = one.number else {
            return prose(&one.criterion.text);
        };
        let mark = if one.criterion.done { "x" } else { " " };
        let text = tokens::line(&one.criterion.text, 60);
        vec![format!("{n}. [{mark}] {text}")]
    };
    let lines: Vec<String> = criteria.iter().take(LISTED).flat_map(lines).collect();
    let part = Part::new("acceptance", "## Acceptance criteria", lines);
    (!part.lines.is_empty()).then(|| part.keeping(5).shown_by(show))
}

/// What its plan asks for by now, where work that was begun has other words.
fn plan_part(state: &State<'_>, item: &Item) -> Option<Part> {
    let prd = state.item(item.holder().and(item.planned_from.as_ref())?)?;
    let said = crate::plan::other_words(state, item, prd);
    let said = said.iter().take(LISTED);
    let lines = said.map(|text| format!("- {}", tokens::line(text, 120)));
    let id = state.shown_id(prd);
    let part = Part::new(
        "plan",
        format!("## Its plan {id} says now"),
        lines.collect(),
    );
    let part = part.keeping(5).shown_by(format!("git pm plan diff {id}"));
    (!part.lines.is_empty()).then_some(part)
}

/// What its epic says about all of its tasks.
fn for_all_part(state: &State<'_>, item: &Item) -> Option<Part> {
    let epic = state.item(item.epic.as_ref()?.uid.as_ref()?)?;
    let lines = prose(&crate::plan::for_all(&state.text_of(epic)?));
    let is_said = !epic.deleted && lines.iter().any(|line| !line.is_empty());
    let id = state.shown_id(epic);
    let part = Part::new("epic", format!("## Applies to all of {id}"), lines);
    is_said.then(|| part.keeping(3).shown_by(format!("git pm show {id}")))
}

/// True if the item waits for the other end of an edge.
fn is_wait(edge: &EdgeView) -> bool {
    crate::graph::is_blocking(&edge.kind) && edge.kind != "parent-child"
}

fn edge_line(edge: &EdgeView) -> String {
    let status = edge
        .status
        .as_ref()
        .map_or("not in this clone", Status::as_str);
    let title = tokens::line(edge.title.as_deref().unwrap_or_default(), 30);
    let target = tokens::line(&edge.target, 40);
    let soft = match edge.class {
        EdgeClass::Hard => "",
        EdgeClass::Soft => ", soft",
    };
    format!("- {target} ({}{soft}) {title}", tokens::line(status, 20))
}

fn links(all: Option<&[LinkView]>) -> Vec<String> {
    let all = all.unwrap_or_default().iter().take(LISTED);
    all.map(|link| {
        let status = tokens::line(link.status.as_str(), 20);
        format!("- {} ({status}) {}", link.id, tokens::line(&link.title, 30))
    })
    .collect()
}
