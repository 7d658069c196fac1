//! The columns and lanes that a board can have, and the one that each item belongs to.

use std::collections::{HashMap, HashSet};

use crate::model::id::{ItemKind, ItemRef};
use crate::model::item::Item;
use crate::model::status::{Status, status_word};
use crate::model::text::excerpt;
use crate::model::uid::Uid;
use crate::model::vocabulary::terms;
use crate::query::Marks;
use crate::store::state::State;

terms! {
    /// A field that the columns or lanes of a board stand for.
    BoardField in "board field" {
        /// Queued, in progress, in review, blocked or deferred, done or cancelled: see [`BoardState`].
        State = "state",
        /// The item's own status.
        Status = "status",
        /// The claim's holder, else the assignee.
        Owner = "owner",
        /// The actor who is planned to do it.
        Assignee = "assignee",
        /// The epic that owns it.
        Epic = "epic",
        /// The stream of work.
        Stream = "stream",
        /// The priority.
        Priority = "priority",
        /// prd, epic, task or issue.
        Kind = "kind",
        /// feature, bug, …
        Type = "type",
    }
}

terms! {
    /// The state of work, the same for tasks, issues and everything else: derived from its status,
    /// claim, blockers and last run.
    BoardState in "state" {
        /// Not started, and not blocked; it may wait for its parts.
        Queued = "queued",
        /// Started or claimed.
        InProgress = "in_progress",
        /// In review, or approved and not yet merged.
        InReview = "in_review",
        /// It waits for another item, or was blocked or deferred by hand.
        Blocked = "blocked",
        /// Done or closed.
        Done = "done",
        /// Cancelled.
        Cancelled = "cancelled",
    }
}

/// The facts about all items that a board needs, at one moment.
pub(super) struct Moment {
    pub now_ms: u64,
    /// Those that the last run gave up.
    pub given_up: HashSet<Uid>,
    /// All epics, if the board groups items by them.
    pub epics: HashSet<Uid>,
}

/// The value of an item in a field, with its place among the values.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    rank: usize,
    value: Option<String>,
}

impl Key {
    fn new(rank: usize, value: impl Into<String>) -> Key {
        Key {
            rank,
            value: Some(value.into()),
        }
    }

    /// A text, or its absence, which comes last.
    fn text(value: Option<&str>) -> Key {
        match value {
            Some(value) => Key::new(0, value),
            None => Key {
                rank: usize::MAX,
                value: None,
            },
        }
    }
}

/// The columns of a board by state.
pub(super) fn states() -> impl Iterator<Item = Key> {
    let all = BoardState::ALL.into_iter().enumerate();
    all.map(|(rank, state)| Key::new(rank, state.as_str()))
}

/// The facts about an item in the columns of the index, at one moment.
pub(super) struct Seen<'i> {
    pub kind: ItemKind,
    pub status: &'i Status,
    pub priority: u8,
    pub held: bool,
    pub blocked: bool,
}

impl Seen<'_> {
    pub fn of(item: &Item, marks: Marks, now_ms: u64) -> Seen<'_> {
        Seen {
            kind: item.kind,
            status: item.status_at(now_ms),
            priority: item.priority,
            held: item.open_claims().next().is_some(),
            blocked: marks.blocked,
        }
    }

    /// The state of the item.
    pub fn state(&self) -> BoardState {
        let under_way = self.status.as_str() == "hooked" || self.held;
        match self.status {
            Status::Cancelled => BoardState::Cancelled,
            status if status.is_closed() => BoardState::Done,
            Status::Blocked | Status::Deferred => BoardState::Blocked,
            Status::InReview | Status::ReadyForIntegration => BoardState::InReview,
            Status::InProgress => BoardState::InProgress,
            _ if under_way => BoardState::InProgress,
            _ if self.blocked => BoardState::Blocked,
            _ => BoardState::Queued,
        }
    }
}

impl BoardField {
    /// True if the board includes closed items.
    pub(super) fn is_about_closed(self) -> bool {
        matches!(self, BoardField::State | BoardField::Status)
    }

    /// True if the columns of the index suffice for it.
    pub(super) fn is_brief(self) -> bool {
        use BoardField::{Kind, Priority, State, Status};
        matches!(self, State | Status | Priority | Kind)
    }

    /// The value of an item if the columns of the index suffice for it.
    pub(super) fn brief(self, seen: &Seen<'_>) -> Option<Key> {
        match self {
            BoardField::State => {
                let state = seen.state();
                Some(Key::new(state as usize, state.as_str()))
            }
            BoardField::Status => {
                // The words of other trackers for the same status are in one column with it.
                let word = status_word(seen.status.as_str());
                let is_same = |known: &&Status| status_word(known.as_str()) == word;
                let known = Status::TASK.iter().enumerate();
                let mut known = known.map(|(n, known)| (n + 1, known));
                let known = known.find(|(_, known)| is_same(known));
                let (rank, status) = known.unwrap_or((0, seen.status));
                let closed = seen.status.is_closed();
                Some(Key::new(rank + usize::from(closed) * 10, status.as_str()))
            }
            BoardField::Priority => Some(Key::text(Some(&format!("P{}", seen.priority)))),
            BoardField::Kind => Some(Key::new(seen.kind as usize, seen.kind.as_str())),
            _ => None,
        }
    }

    /// The value of an item. An epic is named by its reference.
    pub(super) fn key(self, item: &Item, seen: &Seen<'_>, at: &Moment) -> Key {
        self.brief(seen).unwrap_or_else(|| match self {
            BoardField::Owner | BoardField::Assignee => Key::text(item.owner()),
            BoardField::Epic => {
                let is_epic = |uid: &Uid| at.epics.contains(uid);
                let is_epic = |target: &&ItemRef| target.uid.as_ref().is_some_and(is_epic);
                let epic = item.epic.as_ref();
                let epic = epic.or_else(|| item.whole().filter(is_epic));
                Key::text(epic.map(ToString::to_string).as_deref())
            }
            BoardField::Stream => Key::text(item.stream.as_deref()),
            _ => Key::text(Some(&item.item_type)),
        })
    }

    /// The value of a column or lane as users see it, and its heading.
    pub(super) fn named(self, key: &Key, state: &State<'_>) -> (Option<String>, String) {
        let Some(value) = &key.value else {
            return (None, format!("no {self}"));
        };
        match self {
            BoardField::Epic => {}
            // What was deferred is not blocked in other views.
            BoardField::State if value == BoardState::Blocked.as_str() => {
                return (Some(value.clone()), "blocked or deferred".into());
            }
            BoardField::State | BoardField::Status => {
                return (Some(value.clone()), status_word(value).into_owned());
            }
            _ => return (Some(value.clone()), value.clone()),
        }
        let epic = ItemRef::parse(value);
        let id = state.shown_ref(&epic);
        let item = epic.uid.as_ref().and_then(|uid| state.item(uid));
        let title = item.map(|item| format!("{id} {}", excerpt(&item.title, 60)));
        let title = title.unwrap_or_else(|| id.clone());
        (Some(id), title)
    }
}

/// The number of the latest runs whose failures are shown.
const RUNS: usize = 5;

/// The items that the last run that had them gave up.
pub(super) fn given_up(state: &State<'_>) -> HashSet<Uid> {
    let mut failed: HashMap<Uid, bool> = HashMap::new();
    for run in state.runs().into_iter().rev().take(RUNS) {
        for doc in state.run_docs(&run) {
            let item = doc.text("item").map(ItemRef::parse);
            if let (Some(item), Some(status)) = (item.and_then(|i| i.uid), doc.text("status")) {
                failed.entry(item).or_insert(status == "failed");
            }
        }
    }
    let failed = failed.into_iter().filter(|(_, failed)| *failed);
    failed.map(|(uid, _)| uid).collect()
}
