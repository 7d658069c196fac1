//! Checklists of the work on a task: their items, who or what answered each, and which step waits for them.
//!
//! Five are built in; `.pm.toml` adds items and checklists, and says which step waits for one
//! ([`checklist_rule`](crate::coordinate::gate::checklist_rule)). What answers an item without a person
//! is in `checklist_answers`. A person ticks the rest: a record `checks` of the item.

use schemars::JsonSchema;
use serde::Serialize;

use super::checklist_answers::Facts;
use super::remote_branch;
use crate::coordinate::gate::checklist_rule::{ChecklistRule, Step};
use crate::coordinate::gate::gates_to_run;
use crate::coordinate::worktree::target;
use crate::error::{Error, Hint, Reason, Result};
use crate::model::doc::Entry;
use crate::model::id::ItemKind;
use crate::model::item::Item;
use crate::model::limits::FINDING_TEXT_MAX;
use crate::model::stamp::rfc3339;
use crate::model::text::{self, excerpt, shorten};
use crate::model::value::Value;
use crate::model::vocabulary::terms;
use crate::pm::Pm;
use crate::pm::handles::Tasks;
use crate::pm::who_acts::require_human;
use crate::store::state::State;

/// The record of an item with the answers of people.
const CHECKS: &str = "checks";

/// The operation, as commits of the state name it.
const OP: &str = "checklist tick";

/// A built-in checklist.
type BuiltIn = (&'static str, bool, &'static [(&'static str, &'static str)]);

/// The built-in checklists: the name, whether an answer of a person is about the work as it is, and the
/// ids and texts of the items.
#[rustfmt::skip]
const BUILT_IN: [BuiltIn; 5] = [
    ("preflight", false, &[
        ("architecture", "Avery has reviewed the architecture"),
        ("edge-cases", "Rex has reviewed the edge cases"),
        ("security", "security-sentinel has vetted the security"),
        ("feasibility", "it is confirmed to be feasible"),
    ]),
    ("postflight", true, &[
        ("language", "the reviewer of the language (kieran-*) has read it"),
        ("style", "the reviewer of style (dhh-*) has read it"),
        ("security", "security-sentinel has read it"),
        ("performance", "performance-oracle has read it"),
        ("simplicity", "code-simplicity-reviewer has read it"),
    ]),
    ("documentation", false, &[
        ("pattern", "a pattern is in the learnings"),
        ("gotcha", "so is a gotcha, if there was one"),
        ("decision", "so is a decision, if it is about the architecture"),
        ("context", "the context is up to date"),
    ]),
    ("ready", false, &[
        ("story", "the story is clear"),
        ("acceptance", "the acceptance criteria are specified"),
        ("approach", "the approach is outlined"),
        ("dependencies", "the dependencies are identified"),
        ("estimate", "the effort is estimated"),
    ]),
    ("done", true, &[
        ("code", "the code is written and reviewed"),
        ("unit-tests", "unit tests pass"),
        ("integration-tests", "integration tests pass"),
        ("docs", "the documents are updated"),
        ("staging", "it is deployed to staging"),
        ("acceptance", "the acceptance is verified"),
    ]),
];

terms! {
    /// The answer to an item of a checklist.
    ChecklistAnswer in "answer" {
        /// There is none, or not yet.
        Open = "open",
        /// It holds.
        Done = "done",
        /// It does not concern this work.
        NotApplicable = "not_applicable",
    }
}

/// An answer, and who or what gave it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Answered {
    /// The answer.
    pub answer: ChecklistAnswer,
    /// The person, reviewer or gate that gave it, or where it was found.
    pub by: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// The time at which a person gave it, RFC 3339.
    pub at: Option<String>,
}

impl Answered {
    pub(super) fn open() -> Answered {
        Answered {
            answer: ChecklistAnswer::Open,
            by: None,
            reason: None,
            at: None,
        }
    }
}

/// An item of a checklist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ChecklistItem {
    /// Its id in the checklist.
    pub id: String,
    /// What has to hold.
    pub text: String,
    /// The answer.
    #[serde(flatten)]
    pub answered: Answered,
}

/// A checklist of an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Checklist {
    /// Its name.
    pub name: String,
    /// The step that waits for it; none if it is only shown.
    pub before: Option<Step>,
    /// True if no item is open.
    pub complete: bool,
    /// The items, in order.
    pub items: Vec<ChecklistItem>,
}

/// The checklists of an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ChecklistReport {
    /// The item's id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The commit of the work; none before there is some.
    pub commit: Option<String>,
    /// The checklists.
    pub lists: Vec<Checklist>,
    /// True if all of them are complete.
    pub complete: bool,
}

/// A checklist without its answers.
struct List {
    name: String,
    before: Option<Step>,
    of_work: bool,
    items: Vec<(String, String)>,
}

impl Tasks<'_> {
    /// The checklists of an item, or the one with this name.
    ///
    /// # Errors
    /// When there is no such item or checklist, or a checked-in file has some and is not trusted.
    pub fn checklists(&self, id: &str, name: Option<&str>) -> Result<ChecklistReport> {
        report(self.pm, id, name).map(|(report, _)| report)
    }

    /// Answers an item of a checklist, with the reason if it is not applicable. The answer to one about
    /// the work counts until the work changes.
    ///
    /// # Errors
    /// When the actor is an agent, or there is no such item or checklist.
    pub fn tick(
        &self,
        id: &str,
        list: &str,
        item: &str,
        not_applicable: Option<&str>,
    ) -> Result<ChecklistReport> {
        let pm = self.pm;
        let shows = Hint::run(["checklist", "show", id, list], "shows what is open");
        require_human(&pm.actor, "ticking an item of a checklist", shows)?;
        if not_applicable.is_some_and(|why| why.trim().is_empty()) {
            return Err(Error::usage("the reason is empty").about("reason"));
        }
        let (before, patch) = report(pm, id, Some(list))?;
        let known = before.lists.iter().flat_map(|list| &list.items);
        if !known.clone().any(|one| one.id == item) {
            let ids: Vec<&str> = known.map(|one| one.id.as_str()).collect();
            return Err(unknown(
                item,
                &format!("item in `{}`", excerpt(list, 40)),
                &ids,
            ));
        }
        let answer = match not_applicable {
            Some(_) => ChecklistAnswer::NotApplicable,
            None => ChecklistAnswer::Done,
        };
        let reason = not_applicable.map(|why| shorten(why.trim(), FINDING_TEXT_MAX));
        pm.write(OP).uncompared().run(|tx| {
            let found = tx.state.find(id)?;
            let (uid, shown) = (found.uid.clone(), tx.state.shown_id(found));
            let (at, entry) = (tx.fresh_stamp(), tx.new_entry_id()?);
            let fields = [
                ("list", Value::from(list)),
                ("item", item.into()),
                ("answer", answer.as_str().into()),
                ("reason", reason.as_deref().into()),
                ("patch", patch.as_deref().into()),
                ("by", tx.actor().into()),
                ("agent", tx.agent().into()),
            ];
            tx.edit(&uid, |doc, _| {
                doc.add_entry(CHECKS, &entry, at, &fields);
                true
            })?;
            tx.describe(OP, &[&shown], &format!("{shown}: {list}, {item}"));
            Ok(uid)
        })?;
        self.checklists(id, Some(list))
    }
}

/// The checklists of an item, and the patch of its work.
fn report(pm: &Pm, id: &str, name: Option<&str>) -> Result<(ChecklistReport, Option<String>)> {
    let state = pm.store.snapshot()?;
    let item = state.find(id)?;
    remote_branch::fetch_work(pm, &state, item)?;
    let lists = lists_of(pm, &state, item, name)?;
    let facts = Facts::read(pm, &state, item)?;
    let lists = answered(&state, item, lists, &facts);
    let (commit, patch) = facts.work.map(|work| (work.commit, work.patch)).unzip();
    let report = ChecklistReport {
        id: state.shown_id(item),
        title: item.title.clone(),
        commit,
        complete: lists.iter().all(|list| list.complete),
        lists,
    };
    Ok((report, patch.flatten()))
}

/// Refuses a step of the work on a task while a checklist that it waits for is open.
///
/// # Errors
/// Reason `checklist.open`, with the open items.
pub(crate) fn require_complete(pm: &Pm, state: &State<'_>, item: &Item, step: Step) -> Result<()> {
    if item.kind == ItemKind::Epic {
        return Ok(());
    }
    let mut lists = lists_of(pm, state, item, None)?;
    lists.retain(|list| list.before.is_some_and(|before| before <= step));
    if lists.is_empty() {
        return Ok(());
    }
    let facts = Facts::read(pm, state, item)?;
    let mut lists = answered(state, item, lists, &facts).into_iter();
    let Some(list) = lists.find(|list| !list.complete) else {
        return Ok(());
    };
    let open = list
        .items
        .iter()
        .filter(|one| one.answered.answer == ChecklistAnswer::Open);
    let open: Vec<&str> = open.map(|one| one.id.as_str()).collect();
    let (id, name) = (state.shown_id(item), &list.name);
    Err(Error::refused(format!(
        "the checklist `{name}` of {id} is open: {}",
        open.join(", ")
    ))
    .because(Reason::ChecklistOpen)
    .about(&id)
    .hint(Hint::run(
        ["checklist", "show", &id, name],
        "shows what answers each item",
    ))
    .hint(Hint::run(
        ["checklist", "tick", &id, name, open[0]],
        "lets a human answer one",
    )))
}

/// The checklists that apply to an item, or the one with this name.
fn lists_of(pm: &Pm, state: &State<'_>, item: &Item, name: Option<&str>) -> Result<Vec<List>> {
    let rules = match target::target_of(pm, state, item, None) {
        Ok(target) => gates_to_run::checklists(pm, &target)?,
        // Nothing can be merged, so nothing waits for a checklist.
        Err(_) => Vec::new(),
    };
    let built_in = BUILT_IN.iter().map(|(name, of_work, items)| List {
        name: name.to_string(),
        before: None,
        of_work: *of_work,
        items: (items.iter())
            .map(|(id, text)| (id.to_string(), text.to_string()))
            .collect(),
    });
    let mut lists: Vec<List> = built_in.collect();
    for ChecklistRule {
        name,
        items,
        skip,
        before,
    } in rules
    {
        let known = lists.iter().position(|list| list.name == name);
        let at = known.unwrap_or_else(|| {
            lists.push(List {
                name,
                before: None,
                of_work: before.is_some_and(|step| step != Step::Start),
                items: Vec::new(),
            });
            lists.len() - 1
        });
        let list = &mut lists[at];
        list.before = before;
        list.items.extend(items);
        list.items.retain(|(id, _)| !skip.contains(id));
    }
    if let Some(name) = name {
        if lists.iter().all(|list| list.name != name) {
            let names: Vec<&str> = lists.iter().map(|list| list.name.as_str()).collect();
            return Err(unknown(name, "checklist", &names));
        }
        lists.retain(|list| list.name == name);
    }
    Ok(lists)
}

fn unknown(given: &str, what: &str, all: &[&str]) -> Error {
    let given = excerpt(given, 40);
    Error::not_found(format!("there is no {what} `{given}`"))
        .because(Reason::ChecklistUnknown)
        .about(given)
        .hint(format!("there are {}", all.join(", ")))
}

fn answered(state: &State<'_>, item: &Item, lists: Vec<List>, facts: &Facts<'_>) -> Vec<Checklist> {
    let doc = state.doc(&item.uid);
    let patch = facts.work.as_ref().and_then(|work| work.patch.as_deref());
    let ticked = |list: &List, id: &str| -> Option<Answered> {
        let entries = doc.into_iter().flat_map(|doc| doc.entries(CHECKS));
        let is_meant = |entry: &&Entry| {
            entry.text("list") == Some(&list.name)
                && entry.text("item") == Some(id)
                && entry.value("agent").is_null()
                && (!list.of_work || entry.text("patch") == patch)
        };
        let entries = entries.map(|(_, entry)| entry).filter(is_meant);
        let entry = entries.max_by_key(|entry| entry.at.clone())?;
        Some(Answered {
            answer: ChecklistAnswer::parse(entry.text("answer")?)?,
            by: entry.text("by").map(text::actor),
            reason: entry
                .text("reason")
                .map(|why| excerpt(why, FINDING_TEXT_MAX)),
            at: Some(rfc3339(entry.at.ms)),
        })
    };
    let answer = |list: &List, id: &str| match facts.answer(&list.name, id) {
        Some(answer) => answer,
        None => ticked(list, id).unwrap_or_else(Answered::open),
    };
    let lists = lists.into_iter().map(|list| {
        let items = list.items.iter().map(|(id, text)| ChecklistItem {
            id: id.clone(),
            text: text.clone(),
            answered: answer(&list, id),
        });
        let items: Vec<ChecklistItem> = items.collect();
        Checklist {
            complete: (items.iter()).all(|one| one.answered.answer != ChecklistAnswer::Open),
            name: list.name,
            before: list.before,
            items,
        }
    });
    lists.collect()
}
