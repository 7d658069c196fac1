//! The verbs that find items: list, search, ready, board.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::declare::{List, verb};
use super::limits::{self, READY_DEFAULT};
use super::{Effect, Limit, Verb, Words, priority};
use crate::error::{Error, Result};
use crate::history::past_state::PointView;
use crate::model::id::ItemKind;
use crate::model::item_type::ItemType;
use crate::model::status::Status;
use crate::pm::Pm;
use crate::pm::arguments::{term, term_schema};
use crate::pm::shared_views::ItemView;
use crate::query::{Expr, Field, Op, Test, columns, sort_keys};
use crate::work::board::{BoardField, BoardOptions, BoardView, CARDS};
use crate::work::insight::Idle;
use crate::work::list::{ListFilter, SavedView};
use crate::work::search::{SEARCH_HITS_DEFAULT, SearchHit, SearchOptions};
use crate::work::task::definition_of_ready::Unready;
use crate::work::task::readiness::WhyView;

/// The kinds of items.
pub const KINDS: &[&str] = &["prd", "epic", "task", "issue"];

/// The query of a list and the way it is shown.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct Look {
    /// Conditions; `git pm help list` describes the query language.
    #[serde(default)]
    pub query: Vec<String>,
    /// Sort by these fields, in reverse with a leading `-`; by kind and ID by default.
    #[arg(
        long,
        value_name = "FIELD,…",
        allow_hyphen_values = true,
        conflicts_with = "tree"
    )]
    pub sort: Option<String>,
    /// Fields to show, in JSON too.
    #[arg(long, value_name = "FIELD,…", conflicts_with = "tree")]
    #[serde(skip)]
    pub columns: Option<String>,
    /// Show a tree that includes the ancestors of the matching items.
    #[arg(long)]
    #[serde(skip)]
    pub tree: bool,
    /// Refresh the list whenever the state changes, until Ctrl-C.
    #[arg(long)]
    #[serde(skip)]
    pub watch: bool,
    /// Start from a saved view; a query narrows it further.
    #[arg(long, value_name = "NAME")]
    pub view: Option<String>,
    /// Show the items as of a commit or time, as in `git pm show --at`.
    #[arg(long, value_name = "REV|WHEN", conflicts_with_all = ["watch", "tree", "columns"])]
    pub at: Option<String>,
}

/// A filter with its query and saved view looked up, and the fields to show.
#[derive(Clone, Debug)]
pub struct Selection {
    /// The items.
    pub filter: ListFilter,
    /// The fields to show; the usual ones by default.
    pub columns: Option<Vec<Field>>,
}

impl Look {
    /// A filter with the query and the saved view that are asked for.
    ///
    /// # Errors
    /// When there is no such view, or the query or a field is not valid.
    pub fn selection(&self, pm: &Pm, filter: ListFilter) -> Result<Selection> {
        let mut typed = self.query.join(" ");
        // A status of several words needs no quotes.
        if let Some(status) = Status::meant(&typed).filter(|_| typed.trim().contains(' ')) {
            typed = format!("status:{status}");
        }
        let mut query = Expr::parse(&typed)?;
        let mut view = SavedView::default();
        if let Some(name) = &self.view {
            view = pm.items().saved_view(name)?;
            query = Expr::parse(&view.query)?.and(query);
        }
        if let Some(before) = filter.query.clone() {
            query = before.and(query);
        }
        let sort = self.sort.as_ref().or(view.sort.as_ref());
        let of_view = view.columns.as_ref().filter(|_| !self.tree);
        let shown = self.columns.as_ref().or(of_view);
        Ok(Selection {
            columns: shown.map(|fields| columns(fields)).transpose()?,
            filter: ListFilter {
                kind: filter
                    .kind
                    .or_else(|| view.kind.as_deref().and_then(ItemKind::parse)),
                query: Some(query),
                all: filter.all || view.all,
                sort: sort
                    .map(|keys| sort_keys(keys))
                    .transpose()?
                    .unwrap_or_default(),
                ..filter
            },
        })
    }
}

/// The options of every list of items.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[serde(default)]
pub struct Listing {
    /// Which, and how.
    #[command(flatten)]
    #[serde(flatten)]
    pub look: Look,
    /// Maximum number of items, 0 for all; over MCP and HTTP 100 by default.
    #[arg(short = 'n', long, value_name = "N")]
    pub limit: Option<Limit>,
    /// Only what comes after this item in the order: the last one of a list that was cut.
    #[arg(long, value_name = "ID", conflicts_with = "tree")]
    pub after: Option<String>,
    /// Filter by status (repeatable): queued, in-progress, in-review, approved, done, blocked,
    /// deferred, cancelled.
    #[arg(short, long, value_name = "S")]
    pub status: Vec<String>,
    /// Filter by priority (repeatable).
    #[arg(short, long, value_name = "0..4", value_parser = priority)]
    #[schemars(inner(range(min = 0, max = 4)))]
    pub priority: Vec<u8>,
    /// Filter by label (repeatable, to require each); `a,b` is for either, as in a query.
    #[arg(short, long, value_name = "L")]
    pub label: Vec<String>,
    /// Filter by holder or assignee; `me` is you.
    #[arg(long, value_name = "A", alias = "assignee")]
    pub owner: Option<String>,
    /// Filter by epic.
    #[arg(long, value_name = "ID")]
    pub epic: Option<String>,
    /// Filter by type (repeatable).
    #[arg(short = 't', long = "type", value_name = "T", value_parser = Words(ItemType::TASK_VOCABULARY.words))]
    #[serde(rename = "type", default)]
    pub item_type: Vec<String>,
    /// Include closed items.
    #[arg(short, long)]
    pub all: bool,
}

impl Listing {
    /// The items of one kind, or of all.
    ///
    /// # Errors
    /// As [`Look::selection`].
    pub fn selection(&self, pm: &Pm, kind: Option<ItemKind>) -> Result<Selection> {
        let ranks = self.priority.iter().map(|n| usize::from(*n)).collect();
        let of_priority = Expr::Test(Test::Rank(Field::Priority, Op::Is, ranks));
        let filter = ListFilter {
            kind,
            query: (!self.priority.is_empty()).then_some(of_priority),
            status: self.status.clone(),
            labels: self.label.clone(),
            owner: self.owner.clone(),
            epic: self.epic.clone(),
            item_type: self.item_type.clone(),
            all: self.all,
            limit: self.limit.map(|limit| limit.0),
            after: self.after.clone(),
            ..ListFilter::default()
        };
        self.look.selection(pm, filter)
    }
}

/// List items of every kind
///
/// A query is one or more conditions, all of which must be true: `FIELD:VALUE` (`status:approved`,
/// `label:auth,ci` for either label, `path:src/*` with a wildcard), comparisons (`priority:<=1`,
/// `estimate:S..L`), times (`updated:<7d` for the last week, `due:<3d` for the next three days and
/// what is overdue, `created:>2026-11-01` for later days),
/// `is:ready` (or blocked, open, closed, active, claimed, mine, overdue, conflicted, forced,
/// deferred, pinned, template, proposed, or a kind), `has:FIELD`, and words (of the last one the beginning
/// is enough), prefixes (`auth*`) or "phrases" to find in the full text. IDs such as `T-1 T-2` list these items, closed
/// ones too. Combine conditions with `or`, `not` (or `!`; or `-`, before a word only
/// after another condition, as `-a` is an option) and parentheses;
/// `me` is your own name. Quote parentheses and quotation marks for the shell.
///
/// The fields are id, kind, title, type, status, priority, owner, assignee, claim, estimate, points, risk,
/// validation, stream, epic, parent, under (any ancestor), label, depends-on, blocks, linked, edge,
/// acceptance, path, external, auto-policy, branch, reason, created, created-by, updated, started,
/// submitted, finished, approved, approved-by, closed, due, defer, spec and source. A status is
/// typed as it is read, `status:approved` or `status:"in review"`, or as it is stored;
/// `status:closed` means done or cancelled. Closed items are omitted unless the
/// query or `--all` includes them; the tasks of a plan that is not approved are omitted unless the
/// query has `is:proposed`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm list status:queued label:auth -owner:me \"race\"
  git pm list 'is:blocked or (priority:<=1 updated:>7d)' --sort priority,-updated
  git pm list --view mine --watch")]
pub struct ListItems {
    /// Filter by kind (repeatable).
    #[arg(long, value_parser = Words(KINDS))]
    #[serde(default)]
    pub kind: Vec<String>,
    /// Which, and how.
    #[command(flatten)]
    #[serde(flatten)]
    pub list: Listing,
}

impl ListItems {
    /// The items.
    ///
    /// # Errors
    /// As [`Look::selection`], and for what is not a kind of item.
    pub fn selection(&self, pm: &Pm) -> Result<Selection> {
        let unknown = self.kind.iter().find(|k| ItemKind::parse(k).is_none());
        if let Some(unknown) = unknown {
            return Err(Error::usage(format!("`{unknown}` is not a kind of item"))
                .hint(format!("valid kinds: {}", KINDS.join(", "))));
        }
        let mut list = self.list.clone();
        if !self.kind.is_empty() {
            list.look
                .query
                .push(format!("kind:{}", self.kind.join(",")));
        }
        list.selection(pm, None)
    }
}

/// Items now, or as they were.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Listed {
    /// The items.
    #[serde(flatten)]
    pub list: List<ItemView>,
    /// The state that they are read from, if it is not the present one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<PointView>,
}

impl Selection {
    /// The items now, as many as the filter's limit leaves; all without one.
    ///
    /// # Errors
    /// As [`crate::items::Items::list`].
    pub fn found(&self, pm: &Pm) -> Result<List<ItemView>> {
        let mut filter = self.filter.clone();
        List::limited(filter.limit.unwrap_or(usize::MAX), |most| {
            filter.limit = Some(most);
            pm.items().list(&filter)
        })
    }

    /// The items, now or then.
    pub(super) fn listed(mut self, pm: &Pm, at: Option<&str>) -> Result<Listed> {
        self.filter.limit.get_or_insert(limits::LIST_DEFAULT);
        let Some(at) = at else {
            let list = self.found(pm)?;
            return Ok(Listed { list, as_of: None });
        };
        let then = pm.history().list(&self.filter, at)?;
        let list = List {
            items: then.items,
            more: then.more,
        };
        let as_of = Some(then.as_of);
        Ok(Listed { list, as_of })
    }
}

verb!(ListItems: Listed, Reads {
    run |self, pm| self.selection(pm)?.listed(pm, self.list.look.at.as_deref()),
    only typed ["columns", "tree", "watch"],
});

/// List items of one kind
#[derive(Clone, Debug, Deserialize, JsonSchema, clap::Args)]
pub struct ListKind {
    /// The kind.
    #[arg(skip = ItemKind::Task)]
    #[serde(skip, default = "task")]
    pub kind: ItemKind,
    /// Which, and how.
    #[command(flatten)]
    #[serde(flatten)]
    pub list: Listing,
}

fn task() -> ItemKind {
    ItemKind::Task
}

verb!(ListKind: Listed, Reads {
    run |self, pm| {
        let selection = self.list.selection(pm, Some(self.kind))?;
        selection.listed(pm, self.list.look.at.as_deref())
    },
    only typed ["columns", "tree", "watch"],
});

/// Search titles, texts, comments, labels and paths
///
/// Items that contain all of the words, whether as whole words, prefixes or parts of words, come
/// first; then items that contain some of them. Matches in the title rank highest.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm search login race       both words
  git pm search '\"log in\"'       adjacent words
  git pm search auth* -- -oauth  words starting with auth, without oauth")]
pub struct SearchItems {
    /// Only of this kind.
    #[arg(skip)]
    #[serde(skip)]
    pub kind: Option<ItemKind>,
    /// Words; `"two words"` matches a phrase, `begin*` a prefix, `-word` excludes a word.
    #[arg(value_name = "WORD", required = true)]
    pub word: Vec<String>,
    /// Include closed items.
    #[arg(long)]
    #[serde(default)]
    pub all: bool,
    /// Maximum number of items; 0 for all.
    #[arg(short = 'n', long, value_name = "N", default_value_t)]
    #[serde(default)]
    pub limit: Limit<SEARCH_HITS_DEFAULT>,
}

verb!(SearchItems: List<SearchHit>, Reads {
    run |self, pm| {
        let options = SearchOptions {
            all: self.all,
            kind: self.kind,
            ..SearchOptions::default()
        };
        List::limited(self.limit.0, |most| {
            let options = SearchOptions { limit: Some(most), ..options };
            pm.items().search(&self.word.join(" "), &options)
        })
    },
});

/// List what can be started now, best first
///
/// A task or issue is ready if its status is queued or open, it is unclaimed and not deferred, none
/// of its children is open, it does not wait for an open item, and none of its ancestors is
/// blocked, deferred or waiting. Epics, requirements documents, gates, and pinned, ephemeral or
/// template items are never ready. A dependency on a missing item does not block.
/// Work in progress is listed as well once the lease of its holder is over: a start takes it over.
///
/// The most urgent priority comes first; of equal ones what is overdue or due within three days,
/// then the oldest, in the order of their plan.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[serde(default)]
pub struct Ready {
    /// Explain why each item is ready.
    #[arg(long)]
    pub explain: bool,
    /// List the queued tasks that do not meet the definition of ready, and what they lack: a clear
    /// story, acceptance criteria, an approach, known dependencies, an estimate.
    #[arg(long, conflicts_with_all = ["explain", "limit"])]
    pub dor: bool,
    /// Maximum number of items; 0 for all.
    #[arg(short = 'n', long, value_name = "N", default_value_t)]
    pub limit: Limit<READY_DEFAULT>,
}

/// The ready items, or the reason why there are none.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Ready_{T}")]
pub struct ReadyItems<T> {
    /// Best first.
    pub items: Vec<T>,
    /// The number of further ones.
    #[serde(skip_serializing_if = "is_zero")]
    pub more: usize,
    /// The reason why nothing is ready.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idle: Option<Idle>,
}

#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// What is ready, or not.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum ReadyOrNot {
    /// The ready items.
    Ready(ReadyItems<ItemView>),
    /// The same, explained.
    Explained(ReadyItems<WhyView>),
    /// The tasks that do not meet the definition of ready.
    Unready(List<Unready>),
}

verb!(Ready: ReadyOrNot, Reads {
    run |self, pm| {
        if self.dor {
            return Ok(ReadyOrNot::Unready(pm.plans().unready()?.into()));
        }
        let limit = self.limit.0;
        let idle = |is_empty: bool| is_empty.then(|| pm.insights().idle()).transpose();
        if self.explain {
            let (items, all) = pm.issues().ready_explained(limit)?;
            let (more, idle) = (all.saturating_sub(items.len()), idle(items.is_empty())?);
            return Ok(ReadyOrNot::Explained(ReadyItems { items, more, idle }));
        }
        let (items, all) = pm.tasks().ready_first(limit)?;
        let (more, idle) = (all - items.len(), idle(items.is_empty())?);
        Ok(ReadyOrNot::Ready(ReadyItems { items, more, idle }))
    },
});

/// Show a board: items in columns by state
///
/// The states are queued, in progress (started or claimed), in review (submitted or approved), blocked
/// or deferred (waiting for another item, or stopped by hand), done, and cancelled. In each column the
/// most urgent items come first; closed items are listed most recently closed first. Tasks and issues
/// are shown unless the query names another kind; closed items are shown only on a board by state or
/// status.
///
/// A query limits the items: `git pm help list` describes the language.
///
/// At a terminal the board stays on the screen, shows every change within a second, and responds to
/// keys and the mouse; `?` lists the keys. Elsewhere, and with `--once`, `--md`, `--json` or
/// `--cards`, it is printed once.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[serde(default)]
#[command(after_help = "\
Examples:
  git pm board
  git pm board --lanes epic label:auth
  git pm board --by owner is:active
  git pm board --once --md >status.md")]
pub struct Board {
    /// Conditions that the items have to meet.
    pub query: Vec<String>,
    /// The field that forms the columns; state by default.
    #[arg(long, value_name = "FIELD", value_parser = term::<BoardField>())]
    #[schemars(schema_with = "term_schema::<BoardField>")]
    pub by: Option<BoardField>,
    /// Divide the board into lanes by another field.
    #[arg(long, value_name = "FIELD", value_parser = term::<BoardField>())]
    #[schemars(schema_with = "term_schema::<BoardField>")]
    pub lanes: Option<BoardField>,
    /// Maximum number of items in a column of a lane; 20 by default, 0 for all.
    #[arg(long, value_name = "N")]
    pub cards: Option<Limit>,
    /// Include closed items, whatever the columns are.
    #[arg(long)]
    pub all: bool,
    /// Start from a saved view; a query narrows it further.
    #[arg(long, value_name = "NAME")]
    pub view: Option<String>,
    /// Say which status changes would work for each card (in JSON), which takes longer with own work.
    #[arg(long)]
    pub moves: bool,
    /// Print the board once.
    #[arg(long)]
    #[serde(skip)]
    pub once: bool,
    /// Print it once as Markdown.
    #[arg(long, conflicts_with = "json")]
    #[serde(skip)]
    pub md: bool,
}

impl Board {
    /// The options, with the saved view looked up.
    ///
    /// # Errors
    /// As [`Look::selection`].
    pub fn options(&self, pm: &Pm) -> Result<BoardOptions> {
        let look = Look {
            query: self.query.clone(),
            view: self.view.clone(),
            ..Look::default()
        };
        let filter = ListFilter {
            all: self.all,
            ..ListFilter::default()
        };
        Ok(BoardOptions {
            by: self.by.unwrap_or(BoardField::State),
            lanes: self.lanes,
            filter: look.selection(pm, filter)?.filter,
            cards: self.cards.map_or(CARDS, |cards| cards.0),
            moves: self.moves,
        })
    }
}

verb!(Board: BoardView, Reads {
    run |self, pm| pm.items().board(&self.options(pm)?),
    only typed ["once", "md"],
});
