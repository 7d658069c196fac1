//! What a rule has to tell: from the events since its cursor, and from what stands in the state.
//!
//! Budgets and conflicts have no event of their own, as they follow from several documents or from a
//! merge. They are told if they stand now and were not told before.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::rules::Rule;
use super::{Channel, Want};
use crate::coordinate::message::{present_subject, read_marks};
use crate::coordinate::privacy::Privacy;
use crate::error::{Reason, Result};
use crate::history::events::{Event, EventFilter};
use crate::model::id::ItemRef;
use crate::model::item::Item;
use crate::model::settings;
use crate::model::short_id::{RUN, short_id};
use crate::model::stamp::rfc3339;
use crate::model::text::excerpt;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::run::budget_level::budget_levels;
use crate::secret::redacted;
use crate::store::state::State;

/// The most lines of one message.
pub(super) const LINES_MAX: usize = 20;

/// The longest texts of a line, in characters.
const TITLE: usize = 100;
const WHAT: usize = 160;
const WHO: usize = 60;

/// The kinds of events that news are derived from.
const KINDS: [&str; 5] = [
    "status.changed",
    "item.created",
    "plan",
    "run",
    "message.sent",
];

/// The fields of an event that are told.
const FIELDS: [&str; 3] = ["await_type", "reason", "status"];

/// One thing to tell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct NewsLine {
    /// The kind of news.
    pub kind: Want,
    /// The id of what it is about; empty if it is about the history.
    pub id: String,
    /// Its title, without secrets.
    pub title: String,
    /// What happened, as a phrase.
    pub what: String,
    /// Who did it.
    pub who: Option<String>,
    /// RFC 3339.
    pub at: String,
    /// Its address at the page (`pm.pageUrl`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// What a rule was told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Mark {
    /// The events up to it.
    pub cursor: String,
    /// The share of the budget of each run, in percent, by uid.
    #[serde(default)]
    pub budgets: BTreeMap<String, u8>,
    /// The texts in conflict.
    #[serde(default)]
    pub conflicts: BTreeSet<String>,
    /// Why the news since then were not accepted.
    pub failure: Option<String>,
    /// The time until which the server wants to be left alone.
    pub not_before_ms: Option<u64>,
}

/// What is to be told, at most [`LINES_MAX`] lines.
#[derive(Debug, Default)]
pub(super) struct News {
    pub lines: Vec<NewsLine>,
    /// The number of those that were left out.
    pub more: usize,
}

impl News {
    fn add(&mut self, line: NewsLine) {
        match self.lines.len() < LINES_MAX {
            true => self.lines.push(line),
            false => self.more += 1,
        }
    }
}

/// The news of a rule since a mark, and the mark once they are told.
///
/// # Errors
/// When the history cannot be read.
pub(super) fn news(pm: &Pm, rule: &Rule, mark: &Mark) -> Result<(News, Mark)> {
    let filter = EventFilter {
        since: Some(mark.cursor.clone()),
        kinds: KINDS.map(String::from).to_vec(),
        ..EventFilter::default()
    };
    let mut stream = pm.history().events(&filter)?;
    let mut events: Vec<(Want, Event)> = Vec::new();
    let mut lost = None;
    let passed = stream.each(|mut event| {
        let wanted = wants(&event).iter().find(|want| rule.on.contains(want));
        if let Some(want) = wanted {
            // There may be very many.
            event
                .changes
                .retain(|change| FIELDS.contains(&change.field.as_str()));
            events.push((*want, event));
        }
        Ok(true)
    });
    match passed {
        Err(error) if error.reason() == Reason::EventsCursorLost => lost = Some(stream.restart()?),
        passed => passed?,
    }
    let state = pm.store.snapshot()?;
    let teller = Teller::of(pm, &state, rule)?;
    let mut all = News::default();
    if let Some(event) = lost {
        let what = "the history was replaced: what happened before is not told";
        let kind = rule.on.first().copied().unwrap_or(Want::Message);
        all.add(teller.line(kind, ("", ""), what, None, &event.at));
    }
    for (want, event) in events {
        if let Some(line) = teller.event(want, &event) {
            all.add(line);
        }
    }
    let next = teller.standing(stream.cursor(), mark, &mut all)?;
    Ok((all, next))
}

/// The mark of a rule that is told only what happens after now.
///
/// # Errors
/// When there is no state.
pub(super) fn present(pm: &Pm, rule: &Rule) -> Result<Mark> {
    let cursor = pm.history().event_cursor()?;
    let state = pm.store.snapshot()?;
    let teller = Teller::of(pm, &state, rule)?;
    teller.standing(cursor, &Mark::default(), &mut News::default())
}

/// The kinds of news that an event is, the most telling one first.
fn wants(event: &Event) -> &'static [Want] {
    let new = |field: &str| new_text(event, field);
    let has = |field: &str| event.changes.iter().any(|change| change.field == field);
    let is_of_item = event.item.is_some();
    match (event.kind.as_str(), new("status")) {
        ("status.changed" | "item.created", Some("in_review")) => {
            &[Want::ReviewWanted, Want::ApprovalWanted]
        }
        ("status.changed" | "item.created", Some("blocked")) => &[Want::Blocked],
        ("item.created", _) if new("await_type") == Some("human") => &[Want::ApprovalWanted],
        ("plan.added", _) => &[Want::ApprovalWanted],
        ("plan.changed", status) if has("status") && status != Some("approved") => {
            &[Want::ApprovalWanted]
        }
        ("run.added" | "run.changed", Some("blocked" | "failed")) if is_of_item => &[Want::Blocked],
        ("run.added" | "run.changed", Some("completed" | "failed" | "blocked" | "stopped"))
            if !is_of_item =>
        {
            &[Want::RunEnded]
        }
        ("message.sent", _) => &[Want::Message],
        _ => &[],
    }
}

/// The new value of a field, if it is a text.
fn new_text<'e>(event: &'e Event, field: &str) -> Option<&'e str> {
    let mut changes = event.changes.iter();
    changes
        .find(|change| change.field == field)?
        .new
        .as_ref()?
        .as_str()
}

/// A text that may leave this machine: one line, without secrets and control characters.
pub(super) fn plain(text: &str, max: usize) -> String {
    // A secret over several lines, and one that only shows without what was between its characters.
    let text = excerpt(&redacted(text).0, usize::MAX);
    excerpt(redacted(&text).0.trim(), max)
}

/// Makes lines of one rule.
struct Teller<'t> {
    pm: &'t Pm,
    state: &'t State<'t>,
    rule: &'t Rule,
    privacy: Privacy,
    /// The messages to the actor of this clone.
    mail: BTreeSet<Uid>,
    page: String,
}

impl<'t> Teller<'t> {
    fn of(pm: &'t Pm, state: &'t State<'t>, rule: &'t Rule) -> Result<Teller<'t>> {
        let mail = match rule.on.contains(&Want::Message) {
            true => state.mail(&read_marks::reader(pm).addresses, 0),
            false => Vec::new(),
        };
        let page = pm.store.repo().text_of(&settings::PAGE_URL);
        let page = match settings::PAGE_URL.rejects(&page) {
            None => page.trim_end_matches('/').to_string(),
            Some(_) => String::new(),
        };
        Ok(Teller {
            privacy: Privacy::of(pm)?,
            mail: mail.into_iter().map(|one| one.uid).collect(),
            pm,
            state,
            rule,
            page,
        })
    }

    fn event(&self, want: Want, event: &Event) -> Option<NewsLine> {
        let who = event.actor.as_deref();
        let new = |field: &str| new_text(event, field);
        let uid = event.uid.as_deref().and_then(Uid::new);
        let of_plan = event.kind.starts_with("plan.");
        let item = match &event.item {
            Some(id) => self.state.find(id).ok(),
            None => uid
                .as_ref()
                .filter(|_| of_plan)
                .and_then(|plan| self.document_of(plan)),
        };
        let because = |what: &str| match new("reason").filter(|_| !self.is_private(item)) {
            Some(reason) => format!("{what}: {reason}"),
            None => what.to_string(),
        };
        if want == Want::Message {
            let uid = uid.filter(|uid| self.mail.contains(uid))?;
            let doc = self.state.doc(&uid)?;
            let author = doc.text("author").unwrap_or_default();
            let subject = match self.is_private(item) {
                true => "(private)".to_string(),
                false => present_subject(self.state, doc),
            };
            let named = (event.id.as_deref()?, subject.as_str());
            let url = item.and_then(|item| self.url("items", &self.state.shown_id(item)));
            let line = self.line(want, named, "message to you", Some(author), &event.at);
            return (author != self.pm.actor.name).then_some(NewsLine { url, ..line });
        }
        if want == Want::RunEnded {
            let what = because(&format!("ended: {}", new("status")?));
            let id = short_id(RUN, &uid?);
            return Some(self.line(want, (&id, "run"), &what, who, &event.at));
        }
        let item = item?;
        let what = match event.kind.as_str() {
            _ if of_plan => "its plan waits for approval".into(),
            "run.added" | "run.changed" => because("a run cannot continue with it"),
            _ if want == Want::Blocked => because("blocked"),
            _ if new("await_type") == Some("human") => "a gate waits for a human".into(),
            _ => "submitted, waits for approval".into(),
        };
        let id = self.state.shown_id(item);
        let line = self.line(want, (&id, self.title(item)), &what, who, &event.at);
        let url = match of_plan {
            true => self.url("plans", &id),
            false => line.url.clone(),
        };
        Some(NewsLine { url, ..line })
    }

    /// The document of a plan.
    fn document_of(&self, plan: &Uid) -> Option<&Item> {
        let plan = &self.state.plan_docs().get(plan)?.doc;
        let of = ItemRef::parse(plan.text("prd")?);
        self.state.item(&of.uid?)
    }

    /// Adds the budgets and conflicts that stand and were not told; returns the mark with them.
    fn standing(&self, cursor: String, before: &Mark, all: &mut News) -> Result<Mark> {
        let mut mark = Mark {
            cursor: cursor.trim().to_string(),
            ..Mark::default()
        };
        let now = rfc3339(self.pm.now_ms());
        let wants = |want: Want| self.rule.on.contains(&want);
        for level in wants(Want::Budget)
            .then(|| budget_levels(self.state))
            .into_iter()
            .flatten()
        {
            let uid = level.uid.to_string();
            if before
                .budgets
                .get(&uid)
                .is_none_or(|told| *told < level.percent)
            {
                let of = level
                    .micro_usd
                    .map(|all| format!(" of {:.2} USD", all as f64 / 1e6));
                let of = of.unwrap_or_default();
                let what = match level.percent {
                    100 => format!("the budget{of} is spent"),
                    percent => format!("{percent} % of the budget{of} are spent"),
                };
                let who = Some(level.author.as_str());
                all.add(self.line(Want::Budget, (&level.run, "run"), &what, who, &now));
            }
            mark.budgets.insert(uid, level.percent);
        }
        let conflicts = wants(Want::Conflict).then(|| self.pm.state().conflicts());
        for one in conflicts.transpose()?.into_iter().flatten() {
            let key = format!("{} {}", one.id, one.field);
            if !before.conflicts.contains(&key) {
                let item = self.state.find(&one.id).ok();
                let title = item.map_or(one.title.as_str(), |item| self.title(item));
                let what = format!("two clones changed its text ({})", one.field);
                all.add(self.line(Want::Conflict, (&one.id, title), &what, None, &now));
            }
            mark.conflicts.insert(key);
        }
        Ok(mark)
    }

    fn line(
        &self,
        kind: Want,
        (id, title): (&str, &str),
        what: &str,
        who: Option<&str>,
        at: &str,
    ) -> NewsLine {
        let folder = match kind {
            Want::Budget | Want::RunEnded => "runs",
            _ => "items",
        };
        NewsLine {
            kind,
            id: plain(id, WHO),
            title: plain(title, TITLE),
            what: plain(what, WHAT),
            who: who.map(|who| plain(who, WHO)).filter(|who| !who.is_empty()),
            at: at.to_string(),
            url: self.url(folder, id),
        }
    }

    /// The title of an item, unless it must not leave this machine.
    fn title<'i>(&self, item: &'i Item) -> &'i str {
        match self.is_private(Some(item)) {
            true => "(private)",
            false => &item.title,
        }
    }

    fn is_private(&self, item: Option<&Item>) -> bool {
        self.rule.to != Channel::Desktop
            && item.is_some_and(|item| self.privacy.reason(self.state, item).is_some())
    }

    /// The address of something at the page.
    fn url(&self, folder: &str, id: &str) -> Option<String> {
        let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"-.".contains(&b);
        let has = !self.page.is_empty() && !id.is_empty() && id.bytes().all(is_plain);
        has.then(|| format!("{}/{folder}/{id}", self.page))
    }
}
