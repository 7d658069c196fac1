//! What a rule has to tell, from the events since its cursor and the state, and what of a private item it hides.
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

/// The title of what must not leave this machine.
const PRIVATE: &str = "(private)";

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
    /// What stands: the share of the budget of each run, in percent, by its uid; each text in conflict.
    #[serde(default)]
    pub told: BTreeMap<String, u8>,
    /// Why the news since then were not accepted.
    pub failure: Option<String>,
    /// The time until which the server wants to be left alone.
    pub not_before_ms: Option<u64>,
}

/// The news of a rule since a mark, and the mark once they are told.
///
/// # Errors
/// When the history cannot be read.
pub(super) fn news(pm: &Pm, rule: &Rule, mark: &Mark) -> Result<(Vec<NewsLine>, Mark)> {
    let filter = EventFilter {
        since: Some(mark.cursor.clone()),
        kinds: KINDS.map(String::from).to_vec(),
        ..EventFilter::default()
    };
    let mut stream = pm.history().events(&filter)?;
    let mut events: Vec<(Want, Event)> = Vec::new();
    let passed = stream.each(|mut event| {
        if let Some(want) = wants(&event).iter().find(|want| rule.on.contains(want)) {
            // There may be very many.
            let is_told = |field: &str| FIELDS.contains(&field);
            event.changes.retain(|change| is_told(&change.field));
            events.push((*want, event));
        }
        Ok(true)
    });
    let lost = match passed {
        Err(error) if error.reason() == Reason::EventsCursorLost => Some(stream.restart()?),
        passed => passed.map(|()| None)?,
    };
    let state = pm.store.snapshot()?;
    let teller = Teller::of(pm, &state, rule)?;
    let mut all = Vec::new();
    if let Some(event) = lost {
        let what = "the history was replaced: what happened before is not told";
        let kind = rule.on.first().copied().unwrap_or(Want::Message);
        all.push(NewsLine::new(kind, what, &event.at));
    }
    let lines = events
        .iter()
        .filter_map(|(want, event)| teller.event(*want, event));
    all.extend(lines);
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
    teller.standing(cursor, &Mark::default(), &mut Vec::new())
}

impl NewsLine {
    /// News that are about no document.
    pub(super) fn new(kind: Want, what: &str, at: &str) -> NewsLine {
        NewsLine {
            kind,
            id: String::new(),
            title: String::new(),
            what: plain(what, WHAT),
            who: None,
            at: at.to_string(),
            url: None,
        }
    }

    fn by(&mut self, who: Option<&str>) {
        let who = who.map(|who| plain(who, WHO));
        self.who = who.filter(|who| !who.is_empty());
    }
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
    let change = changes.find(|change| change.field == field)?;
    change.new.as_ref()?.as_str()
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
    /// The address of the page.
    page: Option<String>,
}

impl<'t> Teller<'t> {
    fn of(pm: &'t Pm, state: &'t State<'t>, rule: &'t Rule) -> Result<Teller<'t>> {
        let mail = match rule.on.contains(&Want::Message) {
            true => state.mail(&read_marks::reader(pm).addresses, 0),
            false => Vec::new(),
        };
        let page = pm.store.repo().text_of(&settings::PAGE_URL);
        let is_valid = settings::PAGE_URL.rejects(&page).is_none();
        Ok(Teller {
            privacy: Privacy::of(pm)?,
            mail: mail.into_iter().map(|one| one.uid).collect(),
            pm,
            state,
            rule,
            page: Some(page).filter(|page| is_valid && !page.is_empty()),
        })
    }

    fn event(&self, want: Want, event: &Event) -> Option<NewsLine> {
        let new = |field: &str| new_text(event, field);
        let uid = event.uid.as_deref().and_then(Uid::new);
        let of_plan = event.kind.starts_with("plan.");
        let item = match (&event.item, &uid) {
            (Some(id), _) => self.state.find(id).ok(),
            (None, Some(plan)) if of_plan => self.document_of(plan),
            _ => None,
        };
        let because = |what: &str| match new("reason").filter(|_| !self.is_private(item)) {
            Some(reason) => format!("{what}: {reason}"),
            None => what.to_string(),
        };
        let mut who = event.actor.as_deref();
        let mut line = if want == Want::Message {
            let doc = (self.state).doc(uid.as_ref().filter(|uid| self.mail.contains(uid))?)?;
            who = doc.text("author").filter(|who| *who != self.pm.actor.name);
            let subject = match self.is_private(item) {
                true => PRIVATE.to_string(),
                false => present_subject(self.state, doc),
            };
            let mut line = self.line(want, "", event.id.as_deref()?, &subject, "message to you");
            line.url = item.and_then(|item| self.url("items", &self.state.shown_id(item)));
            who.map(|_| line)?
        } else if want == Want::RunEnded {
            let what = because(&format!("ended: {}", new("status")?));
            self.line(want, "runs", &short_id(RUN, &uid?), "run", &what)
        } else {
            let what = match event.kind.as_str() {
                _ if of_plan => "its plan waits for approval".into(),
                "run.added" | "run.changed" => because("a run cannot continue with it"),
                _ if want == Want::Blocked => because("blocked"),
                _ if new("await_type") == Some("human") => "a gate waits for a human".into(),
                _ => "submitted, waits for approval".into(),
            };
            let folder = if of_plan { "plans" } else { "items" };
            let id = self.state.shown_id(item?);
            self.line(want, folder, &id, self.title(item?), &what)
        };
        line.by(who);
        line.at = event.at.clone();
        Some(line)
    }

    /// The document of a plan.
    fn document_of(&self, plan: &Uid) -> Option<&Item> {
        let plan = &self.state.plan_docs().get(plan)?.doc;
        let of = ItemRef::parse(plan.text("prd")?);
        self.state.item(&of.uid?)
    }

    /// Adds the budgets and conflicts that stand and were not told; returns the mark with them.
    fn standing(&self, cursor: String, before: &Mark, all: &mut Vec<NewsLine>) -> Result<Mark> {
        let mut told = BTreeMap::new();
        let mut tell = |key: String, level: u8, line: NewsLine| {
            let is_new = before.told.get(&key).is_none_or(|told| *told < level);
            all.extend(is_new.then_some(line));
            told.insert(key, level);
        };
        if self.rule.on.contains(&Want::Budget) {
            for level in budget_levels(self.state) {
                let of = (level.micro_usd).map(|all| format!(" of {:.2} USD", all as f64 / 1e6));
                let of = of.unwrap_or_default();
                let what = match level.percent {
                    100 => format!("the budget{of} is spent"),
                    percent => format!("{percent} % of the budget{of} are spent"),
                };
                let mut line = self.line(Want::Budget, "runs", &level.run, "run", &what);
                line.by(Some(&level.author));
                tell(level.uid.to_string(), level.percent, line);
            }
        }
        if self.rule.on.contains(&Want::Conflict) {
            for one in self.pm.state().conflicts()? {
                let item = self.state.find(&one.id).ok();
                let title = item.map_or(one.title.as_str(), |item| self.title(item));
                let what = format!("two clones changed its text ({})", one.field);
                let line = self.line(Want::Conflict, "items", &one.id, title, &what);
                tell(format!("{} {}", one.id, one.field), 100, line);
            }
        }
        Ok(Mark {
            cursor: cursor.trim().to_string(),
            told,
            ..Mark::default()
        })
    }

    /// News of now about something that is in a folder of the page.
    fn line(&self, kind: Want, folder: &str, id: &str, title: &str, what: &str) -> NewsLine {
        NewsLine {
            id: plain(id, WHO),
            title: plain(title, TITLE),
            url: self.url(folder, id),
            ..NewsLine::new(kind, what, &rfc3339(self.pm.now_ms()))
        }
    }

    /// The title of an item, unless it must not leave this machine.
    fn title<'i>(&self, item: &'i Item) -> &'i str {
        match self.is_private(Some(item)) {
            true => PRIVATE,
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
        let page = self.page.as_deref()?.trim_end_matches('/');
        let has = !id.is_empty() && id.bytes().all(is_plain);
        has.then(|| format!("{page}/{folder}/{id}"))
    }
}
