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
use crate::coordinate::reserve::path_arguments;
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

/// How a field is entered.
#[derive(Clone, Copy)]
pub(super) enum Control {
    Line,
    /// Several lines, with the number of those that are shown.
    Text(usize),
    /// A day, with the time that it is of.
    Day(fn(&ItemView) -> &Option<String>),
    Types,
    Priorities,
    Estimates,
    Epics,
}

/// A field of an item: what the form sends it as, its label, how it is entered, and its value.
type Declared = (&'static str, &'static str, Control, Value);
type Value = fn(&ItemView) -> String;

/// All fields of the form, which is also what can be changed in place on the page of an item.
const FIELDS: [Declared; 14] = {
    use Control::*;
    const DAY: Value = |_| String::new();
    const PATHS: &str =
        "Paths that the work touches (separated by commas or lines; with a comma, in \"quotes\")";
    [
        ("title", "Title", Line, |one| one.title.clone()),
        ("body", "Description (Markdown)", Text(5), |one| {
            own(&one.body)
        }),
        ("type", "Type", Types, |one| one.item_type.clone()),
        ("priority", "Priority", Priorities, |one| {
            one.priority.to_string()
        }),
        ("estimate", "Estimate", Estimates, |one| own(&one.estimate)),
        ("points", "Story points", Line, |one| {
            one.points
                .map(|points| points.to_string())
                .unwrap_or_default()
        }),
        ("epic", "Epic", Epics, |one| own(&one.epic)),
        ("due", "Due", Day(|one| &one.issue.due_at), DAY),
        (
            "defer",
            "Deferred until",
            Day(|one| &one.issue.defer_until),
            DAY,
        ),
        ("assignee", "Assignee", Line, |one| {
            one.owner().unwrap_or_default().to_string()
        }),
        ("labels", "Labels (separated by commas)", Line, |one| {
            one.labels.join(", ")
        }),
        (
            "depends_on",
            "Waits for (ids, separated by commas)",
            Line,
            |one| one.depends_on.join(", "),
        ),
        (
            "accept",
            "Acceptance criteria (one per line)",
            Text(3),
            criteria,
        ),
        ("paths", PATHS, Text(2), paths),
    ]
};

fn criteria(item: &ItemView) -> String {
    let texts = item.acceptance.iter().map(|one| one.text.as_str());
    texts.collect::<Vec<_>>().join("\n")
}

/// The paths as they can be sent again.
fn paths(item: &ItemView) -> String {
    let typed = item.paths.iter().map(|path| path_arguments::typed(path));
    typed.collect::<Vec<_>>().join("\n")
}

fn own(text: &Option<String>) -> String {
    text.clone().unwrap_or_default()
}

/// A field of the form with its value.
pub(super) struct Input {
    pub name: &'static str,
    pub label: &'static str,
    pub control: Control,
    pub value: String,
}

impl Input {
    /// The fields that an item has, or a new one of a kind.
    pub fn all(kind: &str, item: Option<&ItemView>, env: &Env) -> Vec<Input> {
        let is_group = matches!(kind, "epic" | "prd");
        let fits = |name: &str| match name {
            "type" | "estimate" | "points" | "epic" | "paths" => !is_group,
            "defer" => item.is_some(),
            _ => true,
        };
        let fields = FIELDS.into_iter().filter(|(name, ..)| fits(name));
        let input = |(name, label, control, value): Declared| Input {
            name,
            label,
            control,
            value: match (item, control) {
                (Some(item), Control::Day(time)) => day(time(item), env),
                (Some(item), _) => value(item),
                (None, Control::Types) => ItemType::TASK_VOCABULARY.words[0].to_string(),
                (None, Control::Priorities) => "2".into(),
                (None, _) => String::new(),
            },
        };
        fields.map(input).collect()
    }

    fn is_text(&self) -> bool {
        matches!(self.control, Control::Text(_))
    }
}

/// The ids and titles of the open epics.
pub(super) fn epics(call: &Call) -> Result<Vec<(String, String)>> {
    let filter = ListFilter {
        kind: Some(ItemKind::Epic),
        limit: Some(limits::EPICS_MAX),
        ..ListFilter::default()
    };
    let open = call.pm()?.items().list(&filter)?.into_iter();
    Ok(open.map(|one| (one.id, one.item.title)).collect())
}

#[derive(Template)]
#[template(path = "../src/serve/page/templates/form.html")]
struct FormPage {
    frame: Frame,
    /// The item that is edited, with its version.
    item: Option<(String, String)>,
    kind: String,
    inputs: Vec<Input>,
    /// The ids and titles of the epics to choose from.
    epics: Vec<(String, String)>,
}

impl FormPage {
    fn of(call: &Call, title: String, kind: &str, inputs: Vec<Input>) -> Result<FormPage> {
        Ok(FormPage {
            epics: epics(call)?,
            frame: Frame::of(call, title, ""),
            item: None,
            kind: kind.to_string(),
            inputs,
        })
    }

    /// What a field offers to choose from, with its own value: pairs of value and name. None if its
    /// value is written.
    fn choices(&self, input: &Input) -> Vec<(String, String)> {
        let none = || (String::new(), "none".to_string());
        let mut all: Vec<(String, String)> = match input.control {
            Control::Line | Control::Text(_) | Control::Day(_) => return Vec::new(),
            Control::Types => {
                let words = ItemType::TASK_VOCABULARY.words.iter();
                words
                    .map(|one| (one.to_string(), one.to_string()))
                    .collect()
            }
            Control::Priorities => (0..5).map(|n| (n.to_string(), format!("P{n}"))).collect(),
            Control::Estimates => {
                let all = Estimate::ALL.into_iter().map(|one| one.to_string());
                let all = all.map(|one| (one.clone(), one));
                std::iter::once(none()).chain(all).collect()
            }
            Control::Epics => {
                let named = |(id, title): &(String, String)| (id.clone(), format!("{id} {title}"));
                let all = self.epics.iter().map(named);
                std::iter::once(none()).chain(all).collect()
            }
        };
        if !all.iter().any(|(value, _)| *value == input.value) {
            all.insert(0, (input.value.clone(), input.value.clone()));
        }
        all
    }
}

fn new(call: &Call) -> Result<Answer> {
    let kind = match call.parameter("kind") {
        Some("epic") => "epic",
        _ => "task",
    };
    let mut inputs = Input::all(kind, None, call.pm()?.env());
    for input in &mut inputs {
        if let Some(given) = call.parameter(input.name) {
            input.value = given.to_string();
        }
    }
    html(&FormPage::of(call, format!("New {kind}"), kind, inputs)?)
}

fn edit(call: &Call) -> Result<Answer> {
    let pm = call.pm()?;
    let item = pm.tasks().show(call.part("id"))?;
    let (title, kind) = (format!("Edit {}", item.id), item.kind.as_str());
    let inputs = Input::all(kind, Some(&item), pm.env());
    html(&FormPage {
        item: Some((item.id.clone(), item.version.clone())),
        ..FormPage::of(call, title, kind, inputs)?
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
