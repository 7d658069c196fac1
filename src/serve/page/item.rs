//! The page of an item.

use askama::Template;

use super::super::request::{Answer, Call, Scope};
use super::super::route::Route;
use super::changes::Changes;
use super::filters;
use super::forms::{Control, Input};
use super::frame::{Frame, html};
use super::limits;
use super::markdown::{Markup, markdown};
use super::menu::Menu;
use super::status_changes::Move;
use crate::coordinate::conflicts::ConflictView;
use crate::coordinate::message::MessageView;
use crate::coordinate::reserve::reservation_queries::ReservationView;
use crate::error::{Kind, Result};
use crate::history::log::{LogEntry, LogFilter};
use crate::model::criterion;
use crate::model::id::ItemKind;
use crate::model::stamp::parse_rfc3339;
use crate::model::status::Status;
use crate::model::text::done_of;
use crate::plan::gone_said;
use crate::pm::Pm;
use crate::pm::shared_views::{CommentView, EdgeView, ItemView, LinkView};
use crate::store::env::Env;
use crate::work::nothing_to_start::closing_hint;
use crate::work::task::merge::UnpushedTarget;
use crate::work::task::readiness::WhyView;

pub(super) fn routes() -> Vec<Route> {
    vec![super::page("/items/{id}", "An item", item)]
}

/// A comment with its text as HTML.
pub(super) struct Comment {
    pub view: CommentView,
    pub text: Markup,
}

/// A message with its text as HTML.
pub(super) struct Message {
    pub view: MessageView,
    pub text: Markup,
}

/// An operation with its changes to the item.
pub(super) struct Operation {
    pub entry: LogEntry,
    pub changes: Changes,
    /// True if it changed no other item, so that undoing it concerns this one alone.
    pub is_alone: bool,
    /// True if undoing it here would work.
    pub can_undo: bool,
}

impl Operation {
    /// What it did, without the item that this page is about.
    fn told(&self, id: &str) -> String {
        self.entry.message.replacen(&format!(" {id}"), "", 1)
    }
}

/// A text of the item under its own heading.
pub(super) struct Section {
    pub name: &'static str,
    pub text: Markup,
}

/// A field and its value.
pub(super) struct Fact {
    pub name: &'static str,
    pub value: String,
    pub is_time: bool,
    /// True if its time is a day.
    pub is_day: bool,
    /// The field of the edit form that changes it.
    pub edits: Option<&'static str>,
}

#[derive(Template)]
#[template(path = "../src/serve/page/templates/item.html")]
struct ItemPage {
    frame: Frame,
    item: ItemView,
    why: Option<WhyView>,
    facts: Vec<Fact>,
    sections: Vec<Section>,
    comments: Vec<Comment>,
    /// The number of comments that are not shown.
    earlier: usize,
    messages: Vec<Message>,
    reservations: Vec<ReservationView>,
    history: Vec<Operation>,
    menu: Menu,
    /// True if the visitor may accept criteria that are open.
    can_accept: bool,
    /// The items that it waits for.
    waits: Vec<EdgeView>,
    /// Its other edges.
    edges: Vec<EdgeView>,
    /// The number of its parts that are closed, and of all.
    parts: (usize, usize),
    /// The same in words.
    done: String,
    /// True if it is an open epic whose parts are closed, and may be closed, too.
    can_close: bool,
    /// What else has to be done to close it.
    closing: Option<String>,
    /// The non-empty lists of the last handoff.
    handed: Vec<(&'static str, Vec<String>)>,
    /// The items that wait for it.
    needed_by: Vec<LinkView>,
    /// The texts of which there are concurrent versions.
    conflicts: Vec<ConflictView>,
    /// True if its claim's lease has ended.
    lease_ended: bool,
    is_overdue: bool,
    /// Why approved work cannot be merged.
    no_merge: Option<String>,
    /// The target that has its work here only.
    unpushed: Option<UnpushedTarget>,
    most_links: usize,
}

impl ItemPage {
    /// The path of an artifact's content.
    fn artifact_path(&self, item: &str, name: &str) -> String {
        let (item, name) = (super::frame::part(item), super::frame::part(name));
        format!("/api/v1/items/{item}/artifacts/{name}")
    }
}

fn item(call: &Call) -> Result<Answer> {
    let pm = call.pm()?;
    let item = pm.tasks().show(call.part("id"))?;
    let gone = gone_said(pm, &item.item);
    gone.into_iter().for_each(|said| pm.notice(said));
    let why = match item.status.is_closed() {
        true => None,
        false => Some(pm.tasks().why(item.uid.as_str())?),
    };
    let reservations = pm.reservations().list(false)?.into_iter();
    let reservations = reservations.filter(|one| one.task.as_deref() == Some(&item.id));
    // The boxes are among the criteria, where they can be accepted.
    let about = item.texts.acceptance_criteria.as_deref();
    let about = about.map(|text| criterion::keeping(text, |_| false));
    let sections = [
        ("Text", item.body.as_deref()),
        ("Design", item.texts.design.as_deref()),
        ("Acceptance", about.as_deref()),
        ("Notes", item.texts.notes.as_deref()),
    ];
    let sections = sections.into_iter().filter_map(|(name, text)| {
        let text = text.filter(|text| !text.trim().is_empty())?;
        Some(Section {
            name,
            text: markdown(text),
        })
    });
    let all = item.comments.as_deref().unwrap_or_default();
    let earlier = all.len().saturating_sub(limits::ITEM_COMMENTS_MAX);
    let comments = all[earlier..].iter().map(|view| Comment {
        view: view.clone(),
        text: markdown(&view.body),
    });
    let mut messages = pm.messages().about(&item.uid)?;
    messages.drain(..messages.len().saturating_sub(limits::ITEM_MESSAGES_MAX));
    let messages = messages.into_iter().map(|view| Message {
        text: markdown(view.body.as_deref().unwrap_or_default()),
        view,
    });
    let now = call.shared.env.now_ms();
    let mut conflicts = Vec::new();
    if item.conflicted {
        conflicts = pm.state().conflicts()?;
        conflicts.retain(|one| one.id == item.id);
    }
    let may_write = call.visitor.may(Scope::Write);
    let history = history(pm, &item, may_write)?;
    let title = format!("{} {}", item.id, item.title);
    let moves = pm.tasks().moves(item.uid.as_str())?;
    let menu = Menu::of(&item.id, item.status.as_str(), &moves);
    let edges = item.edges.iter().cloned();
    let (waits, edges) = edges.partition(|edge| edge.kind == "blocks");
    let parts = item.children.as_deref().unwrap_or_default();
    let closed = parts.iter().filter(|part| part.status.is_closed()).count();
    let is_cancelled = |part: &&LinkView| part.status == Status::Cancelled;
    let cancelled = parts.iter().filter(is_cancelled).count();
    let is_whole =
        !item.status.is_closed() && item.is_epic() && closed > 0 && closed == parts.len();
    let can_close = is_whole && may_write && moves.contains(&Move::Close);
    let closing = match is_whole && !can_close {
        true => Some(closing_hint(&*pm.store.snapshot()?, &item.item).to_string()),
        false => None,
    };
    let no_merge = match item.status {
        Status::ReadyForIntegration => pm.tasks().obstacle(item.uid.as_str())?,
        _ => None,
    };
    html(&ItemPage {
        frame: Frame::of(call, title, ""),
        facts: facts(&item, pm.env(), may_write),
        sections: sections.collect(),
        comments: comments.collect(),
        messages: messages.collect(),
        reservations: reservations.collect(),
        parts: (closed, parts.len()),
        done: done_of(closed - cancelled, cancelled, parts.len()),
        can_close,
        closing,
        menu,
        can_accept: may_write && pm.tasks().accepts(item.uid.as_str())?,
        waits,
        edges,
        handed: handed(&item),
        needed_by: item.dependents.clone().unwrap_or_default(),
        most_links: limits::ITEM_LINKS_MAX,
        why,
        earlier,
        history,
        conflicts,
        lease_ended: item
            .claim
            .as_ref()
            .and_then(|claim| parse_rfc3339(&claim.lease_until))
            .is_some_and(|until| until < now),
        is_overdue: item.is_overdue(now),
        no_merge: no_merge.map(|why| why.message().to_string()),
        unpushed: pm.tasks().unpushed_merge(item.uid.as_str())?,
        item,
    })
}

/// The fields that can be changed in place, empty ones only for those who can; then the others that
/// have a value.
fn facts(item: &ItemView, env: &Env, may_write: bool) -> Vec<Fact> {
    let own = |text: &Option<String>| text.clone().unwrap_or_default();
    let approval = item.approval.as_deref();
    let by = approval.map(|one| format!("{} ({})", one.by, one.how));
    let policy = match item.auto_policy_is_open {
        true => String::new(),
        false => item.auto_policy.clone(),
    };
    // The page shows the title and what it waits for with links of their own.
    let inputs = Input::all(item.kind.as_str(), Some(item), env).into_iter();
    let inputs = inputs.filter(|one| !matches!(one.name, "title" | "depends_on"));
    let edited = inputs.filter_map(|one| {
        let is_day = matches!(one.control, Control::Day(_));
        let value = match one.control {
            Control::Text(_) => return None,
            Control::Priorities => format!("P{}", one.value),
            _ => one.value,
        };
        Some(Fact {
            name: one.label.split(" (").next().unwrap_or_default(),
            value,
            is_time: is_day,
            is_day,
            edits: may_write.then_some(one.name),
        })
    });
    let fact = |name, value, is_time| Fact {
        name,
        value,
        is_time,
        is_day: false,
        edits: None,
    };
    let text = |name, value| fact(name, value, false);
    let time = |name, value| fact(name, value, true);
    let others = [
        text("Risk", own(&item.risk)),
        text("Validation", own(&item.validation)),
        text("Stream", own(&item.stream)),
        text("Paths", item.paths.join(", ")),
        text("Agent policy", policy),
        text("Branch", own(&item.branch)),
        text("Worktree", own(&item.worktree)),
        text("Reason", own(&item.reason)),
        text("References", item.external_refs.join(", ")),
        text("Approved by", by.unwrap_or_default()),
        time(
            "Approved",
            approval.map(|one| one.at.clone()).unwrap_or_default(),
        ),
        text("Created by", own(&item.created_by)),
        time("Created", item.created_at.clone()),
        time("Started", own(&item.started_at)),
        time("Submitted", own(&item.finished_at)),
        time("Closed", own(&item.closed_at)),
        time("Updated", item.updated_at.clone()),
    ];
    let all = edited.chain(others);
    all.filter(|one| !one.value.is_empty() || one.edits.is_some())
        .collect()
}

/// The non-empty lists of its last handoff.
fn handed(item: &ItemView) -> Vec<(&'static str, Vec<String>)> {
    let Some(handoff) = &item.handoff else {
        return Vec::new();
    };
    let lists = &handoff.lists;
    let all = [
        ("Done", &lists.done),
        ("Next", &lists.next),
        ("Decisions", &lists.decisions),
        ("Files", &lists.files),
        ("Questions", &lists.questions),
    ];
    let given = all.into_iter().filter(|(_, entries)| !entries.is_empty());
    given
        .map(|(name, entries)| (name, entries.clone()))
        .collect()
}

/// The last operations with their changes.
fn history(pm: &Pm, item: &ItemView, may_write: bool) -> Result<Vec<Operation>> {
    let filter = LogFilter {
        item: Some(item.uid.to_string()),
        limit: Some(limits::ITEM_OPERATIONS_MAX),
        ..LogFilter::default()
    };
    let entries = pm.history().log(&filter)?;
    let mut found = Vec::with_capacity(entries.len());
    let mut left = if may_write { limits::UNDOS_MAX } else { 0 };
    for entry in entries {
        let changes = changes(pm, &entry, item)?;
        // The steps of a run are on its page, and a merge of two states changes nothing by itself.
        if matches!(entry.op.as_str(), "run" | "merge") && changes.sentences.is_empty() {
            continue;
        }
        let is_alone = matches!(&entry.items[..], [one] if !one.contains(".."));
        found.push(Operation {
            can_undo: is_alone && pm.history().can_undo(&entry, &mut left),
            is_alone,
            changes,
            entry,
        });
    }
    Ok(found)
}

/// The changes made to an item by an operation.
fn changes(pm: &Pm, entry: &LogEntry, item: &ItemView) -> Result<Changes> {
    match pm.history().item_diff(&entry.commit, &item.uid) {
        Ok(found) => Ok(found
            .as_ref()
            .map(|diff| Changes::of(diff, pm.env()))
            .unwrap_or_default()),
        // The first commit of a state has no predecessor, and old ones may be missing from this
        // clone.
        Err(error) if error.kind() == Kind::NotFound => Ok(Changes::default()),
        Err(error) => Err(error),
    }
}
