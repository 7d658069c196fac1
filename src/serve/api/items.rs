//! Items: find, read, create, edit, and the verbs of their life.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};

use super::super::request::{Answer, Call, Scope};
use super::super::route::{
    Method, Needs, Parameter, Returns, Route, flag, list, number, one, text, texts,
};
use crate::error::{Error, Result};
use crate::model::id::ItemKind;
use crate::model::vocabulary::{AutoPolicy, Estimate, Risk, Validation};
use crate::pm::shared_views::ItemView;
use crate::query::{Expr, sort_keys};
use crate::work::board::{BoardOptions, BoardView, CARDS};
use crate::work::issue::close::CloseOptions;
use crate::work::list::ListFilter;
use crate::work::new_item::{Fields, ItemEdit, NewItem};
use crate::work::search::{SearchHit, SearchOptions};
use crate::work::task::finish::{FinishOptions, Finished};
use crate::work::task::readiness::WhyView;
use crate::work::task::start::options::{StartOptions, Started};
use crate::work::task::status_verbs::{DoneOptions, DropOptions};

/// The most items of a list.
pub(super) const LIST_MAX: usize = 1_000;

/// The most cards of one cell of a board.
const CARDS_MAX: usize = 200;

const FILTER: [Parameter; 5] = [
    text(
        "q",
        "A query, as of `git pm list`: `status:queued label:auth`",
    ),
    text("kind", "prd, epic, task or issue"),
    texts("status", "One of these statuses"),
    texts("label", "All of these labels"),
    flag("all", "Closed items, too"),
];

const LIST: &[Parameter] = &{
    let [q, kind, status, label, all] = FILTER;
    [
        q,
        kind,
        status,
        label,
        all,
        text("owner", "Held by or assigned to this actor"),
        text("epic", "Of this epic"),
        text(
            "sort",
            "Fields with commas between them; `-updated` reverses the order",
        ),
        number("limit", "The most items, up to 1000"),
        number("offset", "The number of items to pass over"),
    ]
};

const BOARD: &[Parameter] = &{
    let [q, kind, status, label, all] = FILTER;
    [
        q,
        kind,
        status,
        label,
        all,
        text(
            "by",
            "What the columns are: state, status, owner, epic, stream, priority, …",
        ),
        text("lanes", "What the lanes are"),
        number("cards", "The most cards of one cell, up to 200"),
    ]
};

const SEARCH: &[Parameter] = &[
    text("q", "The words"),
    text("kind", "prd, epic, task or issue"),
    flag("all", "Closed items, too"),
    number("limit", "The most hits, up to 1000"),
];

const READY: &[Parameter] = &[number("limit", "The most items, up to 1000")];

pub(super) fn routes() -> Vec<Route> {
    let verb = |path, about, body, handler| {
        Route::post(path, about, body, Returns::Data(one::<ItemView>), handler)
    };
    vec![
        Route::get(
            "/api/v1/items",
            "Items by filter",
            LIST,
            Returns::Data(list::<ItemView>),
            items,
        ),
        Route::post(
            "/api/v1/items",
            "Create an item",
            Some(one::<ItemBody>),
            Returns::Made(one::<ItemView>),
            create,
        ),
        Route::get(
            "/api/v1/items/{id}",
            "One item; its version is the `ETag`",
            &[],
            Returns::Data(one::<ItemView>),
            |call| answer(&call.pm()?.tasks().show(call.part("id"))?),
        ),
        Route::post(
            "/api/v1/items/{id}",
            "Change fields of an item; `If-Match` names the version that it must still have",
            Some(one::<ItemBody>),
            Returns::Data(one::<ItemView>),
            edit,
        )
        .by(Method::Patch),
        Route::get(
            "/api/v1/items/{id}/why",
            "Why an item can or cannot be started",
            &[],
            Returns::Data(one::<WhyView>),
            |call| Answer::data(&call.pm()?.tasks().why(call.part("id"))?),
        ),
        Route::get(
            "/api/v1/ready",
            "Items that can be started, best first",
            READY,
            Returns::Data(list::<ItemView>),
            |call| {
                let limit = call.number("limit", LIST_MAX)?;
                Answer::list(&call.pm()?.tasks().ready(limit)?)
            },
        ),
        Route::get(
            "/api/v1/search",
            "Items that have some words",
            SEARCH,
            Returns::Data(list::<SearchHit>),
            search,
        ),
        Route::get(
            "/api/v1/board",
            "The board",
            BOARD,
            Returns::Data(one::<BoardView>),
            board,
        ),
        Route::post(
            "/api/v1/items/{id}/start",
            "Claim an item, with branch and worktree where the server runs unless they are declined",
            Some(one::<StartBody>),
            Returns::Data(one::<Started>),
            start,
        ),
        Route::post(
            "/api/v1/items/{id}/finish",
            "Submit an item for review",
            None,
            Returns::Data(one::<Finished>),
            |call| {
                let tasks = call.pm_to_push()?.tasks();
                let done = tasks.finish(Some(call.part("id")), &FinishOptions::default())?;
                Answer::data(&done)
            },
        ),
        verb(
            "/api/v1/items/{id}/approve",
            "Approve the merge of an item's work",
            Some(one::<ApproveBody>),
            approve,
        )
        .needing(Needs::Token(Scope::Approve)),
        verb(
            "/api/v1/items/{id}/accept",
            "Accept acceptance criteria as met",
            Some(one::<AcceptBody>),
            |call| {
                let body: AcceptBody = call.json()?;
                let (id, all) = (Some(call.part("id")), body.numbers.is_empty());
                answer(&call.pm()?.tasks().accept(
                    id,
                    &body.numbers,
                    all,
                    body.evidence.as_deref(),
                )?)
            },
        ),
        verb(
            "/api/v1/items/{id}/comments",
            "Comment on an item",
            Some(one::<TextBody>),
            |call| {
                let body: TextBody = call.json()?;
                answer(&call.pm()?.tasks().comment(call.part("id"), &body.text)?)
            },
        ),
        verb(
            "/api/v1/items/{id}/assign",
            "Assign an item to an actor",
            Some(one::<AssignBody>),
            |call| {
                let body: AssignBody = call.json()?;
                answer(
                    &call
                        .pm_to_push()?
                        .tasks()
                        .reassign(call.part("id"), &body.to)?,
                )
            },
        ),
        verb(
            "/api/v1/items/{id}/drop",
            "Give a started item back",
            Some(one::<ReasonBody>),
            |call| {
                let options = DropOptions {
                    reason: call.json::<ReasonBody>()?.reason,
                    ..DropOptions::default()
                };
                answer(
                    &call
                        .pm_to_push()?
                        .tasks()
                        .release(Some(call.part("id")), &options)?,
                )
            },
        ),
        verb(
            "/api/v1/items/{id}/done",
            "Close a task by hand, with evidence",
            Some(one::<DoneBody>),
            |call| {
                let body: DoneBody = call.json()?;
                let options = DoneOptions {
                    evidence: Some(body.evidence),
                    force: false,
                };
                answer(&call.pm()?.tasks().done(call.part("id"), &options)?)
            },
        ),
        verb(
            "/api/v1/items/{id}/close",
            "Close an issue",
            Some(one::<ReasonBody>),
            |call| {
                let options = CloseOptions {
                    reason: call.json::<ReasonBody>()?.reason,
                    ..CloseOptions::default()
                };
                let id = call.part("id").to_string();
                let closed = call.pm()?.issues().close(&[id], &options)?;
                match closed.first() {
                    Some(item) => answer(item),
                    None => Err(Error::state("nothing was closed")),
                }
            },
        ),
        verb(
            "/api/v1/items/{id}/cancel",
            "Cancel an item",
            Some(one::<ReasonBody>),
            |call| {
                let reason = call.json::<ReasonBody>()?.reason;
                answer(
                    &call
                        .pm()?
                        .tasks()
                        .cancel(call.part("id"), reason.as_deref())?,
                )
            },
        ),
        verb(
            "/api/v1/items/{id}/reopen",
            "Reopen a closed item",
            Some(one::<ReasonBody>),
            |call| {
                let reason = call.json::<ReasonBody>()?.reason;
                answer(
                    &call
                        .pm()?
                        .tasks()
                        .reopen(call.part("id"), reason.as_deref())?,
                )
            },
        ),
        verb(
            "/api/v1/items/{id}/block",
            "Mark an item as blocked",
            Some(one::<TextBody>),
            |call| {
                let body: TextBody = call.json()?;
                answer(&call.pm()?.tasks().block(call.part("id"), &body.text)?)
            },
        ),
        verb("/api/v1/items/{id}/unblock", "End a block", None, |call| {
            answer(&call.pm()?.tasks().unblock(call.part("id"))?)
        }),
        verb(
            "/api/v1/items/{id}/defer",
            "Defer an item",
            Some(one::<ReasonBody>),
            |call| {
                let reason = call.json::<ReasonBody>()?.reason;
                answer(
                    &call
                        .pm()?
                        .tasks()
                        .defer(call.part("id"), reason.as_deref())?,
                )
            },
        ),
        verb(
            "/api/v1/items/{id}/undefer",
            "End a deferral",
            None,
            |call| answer(&call.pm()?.tasks().undefer(call.part("id"))?),
        ),
    ]
}

/// An item with its version.
fn answer(item: &ItemView) -> Result<Answer> {
    Answer::with_version(200, item, Some(&item.version))
}

/// The kind that a parameter names.
fn kind(call: &Call) -> Result<Option<ItemKind>> {
    match call.parameter("kind") {
        None => Ok(None),
        Some(word) => match ItemKind::parse(word) {
            Some(kind) => Ok(Some(kind)),
            None => Err(Error::usage(format!("`{word}` is not a kind of items"))
                .because("arguments.invalid")
                .hint("use prd, epic, task or issue")),
        },
    }
}

/// The filter of a list or a board.
pub(in super::super) fn filter(call: &Call) -> Result<ListFilter> {
    let query = call.parameter("q").map(Expr::parse).transpose()?;
    let sort = call.parameter("sort").map(sort_keys).transpose()?;
    Ok(ListFilter {
        kind: kind(call)?,
        status: call.parameters("status"),
        labels: call.parameters("label"),
        owner: call.parameter("owner").map(str::to_string),
        epic: call.parameter("epic").map(str::to_string),
        query,
        all: call.flag("all"),
        sort: sort.unwrap_or_default(),
        ..ListFilter::default()
    })
}

fn items(call: &Call) -> Result<Answer> {
    let offset = call.number("offset", usize::MAX)?.unwrap_or(0);
    let limit = call.number("limit", LIST_MAX)?.unwrap_or(100);
    let filter = ListFilter {
        limit: Some(offset.saturating_add(limit)),
        ..filter(call)?
    };
    let mut found = call.pm()?.items().list(&filter)?;
    found.drain(..offset.min(found.len()));
    Answer::list(&found)
}

fn search(call: &Call) -> Result<Answer> {
    let options = SearchOptions {
        all: call.flag("all"),
        kind: kind(call)?,
        limit: call.number("limit", LIST_MAX)?,
    };
    let words = call.parameter("q").unwrap_or_default();
    Answer::list(&call.pm()?.items().search(words, &options)?)
}

/// The options of a board.
pub(in super::super) fn board_options(call: &Call) -> Result<BoardOptions> {
    let by = call.parameter("by").map(str::parse).transpose()?;
    Ok(BoardOptions {
        by: by.unwrap_or(BoardOptions::default().by),
        lanes: call.parameter("lanes").map(str::parse).transpose()?,
        filter: filter(call)?,
        cards: call.number("cards", CARDS_MAX)?.unwrap_or(CARDS),
    })
}

fn board(call: &Call) -> Result<Answer> {
    Answer::data(&call.pm()?.items().board(&board_options(call)?)?)
}

fn create(call: &Call) -> Result<Answer> {
    let body: ItemBody = call.json()?;
    let kind = body.kind.as_deref().unwrap_or("task");
    let Some(kind) = ItemKind::parse(kind) else {
        return Err(Error::usage(format!("`{kind}` is not a kind of items"))
            .because("arguments.invalid")
            .hint("use prd, epic, task or issue"));
    };
    let made = (call.pm()?.tasks()).create(kind, &NewItem::from(body.into_edit()))?;
    Answer::with_version(201, &made, Some(&made.version))
}

fn edit(call: &Call) -> Result<Answer> {
    let body: ItemBody = call.json()?;
    if body.kind.is_some() {
        return Err(Error::usage("the kind of an item cannot be changed")
            .because("arguments.invalid")
            .about("kind"));
    }
    answer(
        &call
            .pm()?
            .tasks()
            .edit(call.part("id"), &body.into_edit())?,
    )
}

fn start(call: &Call) -> Result<Answer> {
    let body: StartBody = call.json()?;
    let options = StartOptions {
        worktree: body.worktree && body.branch,
        branch: body.branch,
        base: body.base,
        resume: body.resume,
        ..StartOptions::default()
    };
    Answer::data(
        &call
            .pm_to_push()?
            .tasks()
            .start(call.part("id"), &options)?,
    )
}

fn approve(call: &Call) -> Result<Answer> {
    let body: ApproveBody = call.json()?;
    let (commit, note) = (body.commit.as_deref(), body.note.as_deref());
    answer(&call.pm()?.tasks().approve(call.part("id"), commit, note)?)
}

/// The fields of a new item, or those of an item that change. Of an edit, an empty text and null clear
/// a field, and a list replaces the one that was there.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct ItemBody {
    /// Of a new item: prd, epic, task or issue; a task by default.
    kind: Option<String>,
    /// One line; a new item needs it.
    title: Option<String>,
    /// Markdown.
    body: Option<String>,
    /// feature, bug, chore, …
    #[serde(rename = "type")]
    item_type: Option<String>,
    /// 0 (highest) to 4.
    priority: Option<u8>,
    /// The planned assignee.
    assignee: Option<String>,
    /// XS to XL.
    #[serde(deserialize_with = "given")]
    #[schemars(with = "Option<Estimate>")]
    estimate: Option<Option<Estimate>>,
    /// low, medium or high.
    #[serde(deserialize_with = "given")]
    #[schemars(with = "Option<Risk>")]
    risk: Option<Option<Risk>>,
    /// test-first, test-after, test-parallel or none.
    #[serde(deserialize_with = "given")]
    #[schemars(with = "Option<Validation>")]
    validation: Option<Option<Validation>>,
    /// The furthest step that an agent may take without being asked.
    #[serde(deserialize_with = "given")]
    #[schemars(with = "Option<AutoPolicy>")]
    auto_policy: Option<Option<AutoPolicy>>,
    /// The stream of work.
    stream: Option<String>,
    /// The id of its epic.
    epic: Option<String>,
    /// The id of its parent.
    parent: Option<String>,
    /// The due date.
    due: Option<String>,
    /// The design, in Markdown.
    design: Option<String>,
    /// Notes, in Markdown.
    notes: Option<String>,
    /// The texts of its acceptance criteria.
    acceptance: Option<Vec<String>>,
    /// Globs of the files that it is expected to touch.
    paths: Option<Vec<String>>,
    /// The ids of its dependencies.
    depends_on: Option<Vec<String>>,
    /// Its labels.
    labels: Option<Vec<String>>,
}

/// A key that is there; null clears the field.
fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    from: D,
) -> std::result::Result<Option<Option<T>>, D::Error> {
    Option::deserialize(from).map(Some)
}

impl ItemBody {
    fn into_edit(self) -> ItemEdit {
        ItemEdit {
            title: self.title,
            body: self.body,
            fields: Fields {
                item_type: self.item_type,
                priority: self.priority,
                assignee: self.assignee,
                estimate: self.estimate,
                risk: self.risk,
                validation: self.validation,
                auto_policy: self.auto_policy,
                stream: self.stream,
                epic: self.epic,
                due: self.due,
                design: self.design,
                notes: self.notes,
                ..Fields::default()
            },
            acceptance: self.acceptance,
            paths: self.paths,
            depends_on: self.depends_on,
            labels: self.labels,
            parent: self.parent,
            ..ItemEdit::default()
        }
    }
}

/// How to start an item.
#[derive(Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct StartBody {
    /// Make a branch and reserve the planned paths; otherwise only claim it.
    branch: bool,
    /// Make a worktree, where the server runs.
    worktree: bool,
    /// The commit or branch to start from.
    base: Option<String>,
    /// Resume what this actor started.
    resume: bool,
}

impl Default for StartBody {
    fn default() -> StartBody {
        StartBody {
            branch: true,
            worktree: true,
            base: None,
            resume: false,
        }
    }
}

/// An approval.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ApproveBody {
    /// The commit that was looked at; the approval is refused if the work is at another one.
    commit: Option<String>,
    /// A note.
    note: Option<String>,
}

/// Criteria to accept.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct AcceptBody {
    /// Their numbers, from 1; all if empty.
    #[serde(default)]
    numbers: Vec<usize>,
    /// How it was seen that they are met.
    evidence: Option<String>,
}

/// A text.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct TextBody {
    /// Markdown.
    text: String,
}

/// An assignment.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct AssignBody {
    /// The actor.
    to: String,
}

/// A reason.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ReasonBody {
    /// Why.
    reason: Option<String>,
}

/// The end of a task that has no work to merge.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct DoneBody {
    /// Evidence that the work is done.
    evidence: String,
}
