//! The forms for a new item, for the fields of one, and for a change that asks for more.
//!
//! Each is a page of its own; the script shows its form in a dialog on the page where one was.

use askama::Template;

use super::super::request::{Answer, Call};
use super::super::route::{Parameter, Route, text};
use super::edit::day;
use super::filters;
use super::frame::{Frame, html};
use super::limits;
use super::status_changes::Move;
use crate::error::{Error, Reason, Result};
use crate::model::id::ItemKind;
use crate::model::item_type::ItemType;
use crate::model::vocabulary::Estimate;
use crate::pm::shared_views::ItemView;
use crate::store::env::Env;
use crate::work::list::ListFilter;

const NEW: &[Parameter] = &[
    text("kind", "`epic`, or `task`"),
    text("epic", "The epic of the new task"),
    text("title", "Its title"),
];

const ASK: &[Parameter] = &[text("verb", "The change, or `assign`")];

pub(super) fn routes() -> Vec<Route> {
    vec![
        super::page("/new", "The form for a new item", new).with(NEW),
        super::page(
            "/items/{id}/edit",
            "The form for the fields of an item",
            edit,
        ),
        super::page(
            "/items/{id}/move",
            "The form for a change that asks for more",
            ask,
        )
        .with(ASK),
    ]
}

/// The values in the fields.
#[derive(Default)]
struct Values {
    title: String,
    body: String,
    item_type: String,
    priority: u8,
    estimate: String,
    assignee: String,
    epic: String,
    due: String,
    defer: String,
    labels: String,
    depends_on: String,
    paths: String,
    criteria: String,
}

impl Values {
    fn of(item: &ItemView, env: &Env) -> Values {
        let own = |text: &Option<String>| text.clone().unwrap_or_default();
        let criteria = item.acceptance.iter().map(|one| one.text.as_str());
        Values {
            title: item.title.clone(),
            body: own(&item.body),
            item_type: item.item_type.clone(),
            priority: item.priority,
            estimate: own(&item.estimate),
            assignee: own(&item.assignee),
            epic: own(&item.epic),
            due: day(&item.issue.due_at, env),
            defer: day(&item.issue.defer_until, env),
            labels: item.labels.join(", "),
            depends_on: item.depends_on.join(", "),
            paths: item.paths.join("\n"),
            criteria: criteria.collect::<Vec<_>>().join("\n"),
        }
    }
}

#[derive(Template)]
#[template(path = "../src/serve/page/templates/form.html")]
struct FormPage {
    frame: Frame,
    /// The item that is edited, with its version.
    item: Option<(String, String)>,
    kind: String,
    value: Values,
    types: Vec<String>,
    /// The ids and titles of the epics to choose from.
    epics: Vec<(String, String)>,
    estimates: [Estimate; 5],
}

impl FormPage {
    fn of(call: &Call, title: String, kind: &str, value: Values) -> Result<FormPage> {
        let filter = ListFilter {
            kind: Some(ItemKind::Epic),
            limit: Some(limits::EPICS_MAX),
            ..ListFilter::default()
        };
        let open = call.pm()?.items().list(&filter)?.into_iter();
        let mut epics: Vec<(String, String)> = open
            .map(|one| (one.id.clone(), one.title.clone()))
            .collect();
        if !value.epic.is_empty() && !epics.iter().any(|(id, _)| *id == value.epic) {
            epics.push((value.epic.clone(), String::new()));
        }
        let mut types: Vec<String> = ItemType::TASK_VOCABULARY
            .words
            .iter()
            .map(ToString::to_string)
            .collect();
        if !types.contains(&value.item_type) {
            types.insert(0, value.item_type.clone());
        }
        Ok(FormPage {
            frame: Frame::of(call, title, ""),
            item: None,
            kind: kind.to_string(),
            types,
            epics,
            estimates: Estimate::ALL,
            value,
        })
    }
}

fn new(call: &Call) -> Result<Answer> {
    let own = |name: &str| call.parameter(name).unwrap_or_default().to_string();
    let kind = match call.parameter("kind") {
        Some("epic") => "epic",
        _ => "task",
    };
    let value = Values {
        title: own("title"),
        epic: own("epic"),
        item_type: ItemType::TASK_VOCABULARY.words[0].to_string(),
        priority: 2,
        ..Values::default()
    };
    html(&FormPage::of(call, format!("New {kind}"), kind, value)?)
}

fn edit(call: &Call) -> Result<Answer> {
    let pm = call.pm()?;
    let item = pm.tasks().show(call.part("id"))?;
    let (title, kind) = (format!("Edit {}", item.id), item.kind.as_str());
    html(&FormPage {
        item: Some((item.id.clone(), item.version.clone())),
        ..FormPage::of(call, title, kind, Values::of(&item, pm.env()))?
    })
}

#[derive(Template)]
#[template(path = "../src/serve/page/templates/ask.html")]
struct AskPage {
    frame: Frame,
    id: String,
    title: String,
    /// The change; none to assign the item.
    verb: Option<Move>,
}

fn ask(call: &Call) -> Result<Answer> {
    let item = call.pm()?.tasks().show(call.part("id"))?;
    let word = call.parameter("verb").unwrap_or_default();
    let verb = Move::parse(word).filter(|one| one.asks().is_some());
    if verb.is_none() && word != "assign" {
        return Err(Error::usage("unknown status change").because(Reason::ArgumentsInvalid));
    }
    let label = verb.map_or("Assign", Move::label);
    html(&AskPage {
        frame: Frame::of(call, format!("{label} {}", item.id), ""),
        id: item.id.clone(),
        title: item.title.clone(),
        verb,
    })
}
