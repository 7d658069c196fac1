//! The board: items in columns by state or by a field, perhaps in lanes by another one.
//!
//! It reads the index, and names only as many cards of each column as are requested.

mod grouping;
#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::collections::btree_map::{BTreeMap, Entry};
use std::collections::{BTreeSet, HashMap};

use schemars::JsonSchema;
use serde::Serialize;

use crate::coordinate::finding::summary;
use crate::error::{Error, Result};
use crate::model::id::{self, ItemKind, ItemRef};
use crate::model::item::Item;
use crate::model::stamp::rfc3339;
use crate::model::uid::Uid;
use crate::pm::handles::Items;
use crate::query::{Expr, Field, Marks, Pattern, Test};
use crate::store::index::{Line, Scan};
use crate::store::state::State;
use crate::work::list::{self, ListFilter};
use crate::work::moves::{self, Move};
use crate::work::task::merge::lost_merges;
use crate::work::task::merge::unpushed_merges::targets;
use crate::work::task::start::obstacle::{Obstacle, Obstacles};

use grouping::{Key, Moment, Seen};

pub use grouping::{BoardField, BoardState};

/// The default number of cards that are named in one cell.
pub const CARDS: usize = 20;

/// The most columns, and the most lanes; the items of additional ones are only counted.
const GROUPS_MAX: usize = 50;

/// The options of a board.
#[derive(Clone, Debug)]
pub struct BoardOptions {
    /// The field that forms the columns.
    pub by: BoardField,
    /// The field that forms the lanes; none for a board of one lane.
    pub lanes: Option<BoardField>,
    /// The items. Without a kind, in itself or in its query, tasks and issues; its order and limit
    /// do not matter. A board by state or status includes closed items.
    pub filter: ListFilter,
    /// The most cards in one cell.
    pub cards: usize,
    /// Find out which status changes would work for each card, which asks git about the caller's own
    /// work.
    pub moves: bool,
}

impl Default for BoardOptions {
    fn default() -> Self {
        BoardOptions {
            by: BoardField::State,
            lanes: None,
            filter: ListFilter::default(),
            cards: CARDS,
            moves: false,
        }
    }
}

/// A board at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct BoardView {
    /// The field that forms the columns: `state`, `owner`, …
    pub by: BoardField,
    /// The field that forms the lanes; null if there is only one.
    pub lanes_by: Option<BoardField>,
    /// The number of items on it.
    pub total: usize,
    /// The columns, in order. A board by state has all states.
    pub columns: Vec<BoardColumn>,
    /// The lanes, in order; one without a value if the board has no lanes.
    pub lanes: Vec<BoardLane>,
    /// The number of items in additional columns or lanes, which are not shown.
    pub left_out: usize,
}

/// One column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct BoardColumn {
    /// The value that its items have; null for those that have none. An epic is named by its id.
    pub value: Option<String>,
    /// Its heading. That of an epic has its title.
    pub title: String,
    /// The number of its items, in all lanes.
    pub count: usize,
}

/// One lane: a row of cells, one for each column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct BoardLane {
    /// The value that its items have, as for a column.
    pub value: Option<String>,
    /// Its heading.
    pub title: String,
    /// The number of its items.
    pub count: usize,
    /// Its part of each column, in the order of the columns.
    pub cells: Vec<BoardCell>,
}

/// The items of one lane in one column.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct BoardCell {
    /// The number of items.
    pub count: usize,
    /// The first of them: the most urgent, and of closed items those that were closed last.
    pub cards: Vec<BoardCard>,
    /// The number of items that have no card here.
    pub left_out: usize,
}

/// One item on a board.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct BoardCard {
    /// The name that never changes.
    pub uid: String,
    /// The id; with the end of the uid where two items share it.
    pub id: String,
    /// prd, epic, task or issue.
    pub kind: String,
    /// feature, bug, …
    #[serde(rename = "type")]
    pub item_type: String,
    /// One line.
    pub title: String,
    /// Its own status.
    pub status: String,
    /// The column of a board by state.
    pub state: BoardState,
    /// 0 (highest) to 4.
    pub priority: u8,
    /// The claim's holder, else the assignee.
    pub owner: Option<String>,
    /// The own name of the agent that holds the claim.
    pub agent: Option<String>,
    /// The end of the claim's lease, RFC 3339; null without a claim.
    pub lease_until: Option<String>,
    /// True if that end is past: its holder gave no sign of life.
    pub lease_ended: bool,
    /// True if it is open and the last run that had it gave it up.
    pub given_up: bool,
    /// True if it is done and its target has lost its work, which was reverted or moved out.
    pub lost: bool,
    /// True if its work was returned to its author, and not submitted again.
    pub returned: bool,
    /// True if it can be started now.
    pub ready: bool,
    /// The status changes that would work for the caller now, by the names of their commands; only if
    /// they were asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub moves: Vec<Move>,
    /// True if criteria are open that the caller may accept; as the changes, only if they were asked for.
    #[serde(skip)]
    pub accepts: bool,
    /// True if it waits for another item or was stopped by hand.
    pub blocked: bool,
    /// The id of its epic.
    pub epic: Option<String>,
    /// Its stream of work.
    pub stream: Option<String>,
    /// Its labels.
    pub labels: Vec<String>,
    /// The number of its acceptance criteria.
    pub criteria: usize,
    /// The number of those that are met.
    pub criteria_met: usize,
    /// The time at which it is due, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_at: Option<String>,
    /// The time until which it is put off, RFC 3339, if that is ahead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub defer_until: Option<String>,
    /// The id of the first open item that it waits for, else of its first open part.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waits_for: Option<String>,
    /// The number of open findings of reviewers; 0 for an item that is done.
    pub findings: usize,
    /// The number of those that stop the approval and the merge.
    pub blocking_findings: usize,
    /// The time of its last change, RFC 3339.
    pub updated_at: String,
}

impl BoardCard {
    /// The time at which it is due, as long as it is open.
    pub fn due(&self) -> Option<&str> {
        let is_closed = matches!(self.state, BoardState::Done | BoardState::Cancelled);
        self.due_at.as_deref().filter(|_| !is_closed)
    }
}

impl Items<'_> {
    /// A board of items.
    ///
    /// # Errors
    /// As `Items::list`, and when the lanes are the same as the columns.
    pub fn board(&self, options: &BoardOptions) -> Result<BoardView> {
        if options.lanes == Some(options.by) {
            let error = Error::usage(format!("the columns already group items by {}", options.by));
            return Err(error.hint("choose another field for the lanes"));
        }
        let state = self.pm.store.snapshot()?;
        let by_epic = [Some(options.by), options.lanes].contains(&Some(BoardField::Epic));
        let kinds = [ItemKind::Epic, ItemKind::Issue].into_iter();
        let kinds = kinds.filter(|_| by_epic).map(|kind| Scan::All(Some(kind)));
        let epics = kinds.flat_map(|all| state.scan(&all, Item::is_epic, usize::MAX));
        let at = Moment {
            now_ms: self.pm.now_ms(),
            given_up: grouping::given_up(&state),
            epics: epics.map(|item| item.uid.clone()).collect(),
        };
        let fields = std::iter::once(options.by).chain(options.lanes);
        let obstacles = Obstacles::new(self.pm, &state);
        let kept = obstacles.kept(at.now_ms).into_iter();
        let kept: HashMap<&Uid, Obstacle<'_>> =
            kept.map(|(item, obstacle)| (&item.uid, obstacle)).collect();
        let is_counted = options.cards < usize::MAX;
        // What is kept from being started leaves its pile, which has to have cards then, too.
        let most_kept = options.cards.saturating_add(kept.len());
        let is_brief = is_counted && fields.into_iter().all(BoardField::is_brief);
        let place = |cells: &mut Cells, item: Item, marks: Marks| {
            let seen = Seen::of(&item, marks, at.now_ms);
            let lane = options.lanes.map(|field| field.key(&item, &seen, &at));
            let column = options.by.key(&item, &seen, &at);
            let pile = cells.entry((lane.unwrap_or_default(), column));
            pile.or_default().add(item, marks, most_kept);
        };
        let add = |cells: &mut Cells, line: Line<'_>, n: usize| {
            let marks = line.marks;
            // Most rows of a large board are only counted, which takes no more than their columns.
            if is_counted && (line.is_pile() || !line.status.is_closed()) {
                let seen = Seen {
                    kind: line.kind,
                    status: &line.status,
                    priority: line.priority,
                    held: line.held,
                    blocked: marks.blocked,
                };
                let lane = options.lanes.map(|field| field.brief(&seen));
                let lane = lane.unwrap_or_else(|| Some(Key::default()));
                if let (Some(lane), Some(column)) = (lane, options.by.brief(&seen)) {
                    let pile = cells.entry((lane, column));
                    if line.is_pile() {
                        pile.or_default().count += n;
                        return Ok(());
                    }
                    if let Entry::Occupied(mut pile) = pile
                        && !is_brief
                        && pile.get().is_full_for(line.priority)
                    {
                        pile.get_mut().count += n;
                        return Ok(());
                    }
                }
            }
            place(cells, line.item()?, marks);
            Ok(())
        };
        let filter = filter(options);
        let most = is_brief.then_some(most_kept);
        let mut cells = list::fold_listed(self.pm, &state, &filter, most, Cells::new, add)?;
        // The index does not know what is kept from being started here.
        let is_kept = |item: &Item| kept.contains_key(&item.uid);
        let moved = cells.values_mut().flat_map(|pile| pile.take(is_kept));
        for (item, mut marks) in moved.collect::<Vec<_>>() {
            // What was returned to its author is queued for them.
            let is_returned = item.kept_from(&self.pm.actor.name, at.now_ms).is_some();
            (marks.ready, marks.blocked) = (false, !is_returned);
            place(&mut cells, item, marks);
        }
        cells.retain(|_, pile| pile.count > 0);
        // If all have cards, the ids are read at once.
        if options.cards == usize::MAX {
            state.prepare_ids();
        }
        let mut view = Draft::of(cells, options).view(&state, &at, options);
        let cells = view.lanes.iter().flat_map(|lane| &lane.cells);
        let mut cards = cells.flat_map(|cell| &cell.cards);
        let lost = match cards.any(|card| card.state == BoardState::Done) {
            true => lost_merges::lost_lately(self.pm, &state, &targets(self.pm, &state)?)?,
            false => Vec::new(),
        };
        let findings = summary::counts(self.pm, &state)?;
        let cells = view.lanes.iter_mut().flat_map(|lane| &mut lane.cells);
        for card in cells.flat_map(|cell| &mut cell.cards) {
            let uid = Uid::new(&card.uid);
            card.lost = lost.iter().any(|one| one.id == card.id);
            if let Some(item) = uid.as_ref().and_then(|uid| state.item(uid)) {
                card.ready = obstacles.can_start(item, card.ready);
                if let Some(obstacle) = kept.get(&item.uid) {
                    card.waits_for = obstacle.words(&state, self.pm.env()).0;
                }
                if options.moves {
                    card.moves = moves::moves(self.pm, &state, item, card.ready);
                    card.accepts = moves::accepts(self.pm, &state, item);
                }
            }
            if card.state != BoardState::Done
                && let Some(uid) = uid
            {
                [card.findings, card.blocking_findings] = findings(&uid);
            }
        }
        Ok(view)
    }
}

/// The filter of a board, with the defaults of a board for whatever it does not set.
fn filter(options: &BoardOptions) -> ListFilter {
    let mut filter = ListFilter {
        sort: Vec::new(),
        limit: None,
        all: options.filter.all || options.by.is_about_closed(),
        ..options.filter.clone()
    };
    let mut names_kind = filter.kind.is_some();
    if let Some(query) = &filter.query {
        query.each_test(&mut |test| names_kind |= matches!(test, Test::Value(Field::Kind, _)));
        // A query about open or closed items means what it says.
        filter.all &= options.filter.all || !query.mentions_closed();
    }
    if !names_kind {
        let kinds = ["task", "issue"].map(|kind| Pattern::Text(kind.to_string()));
        let work = Expr::Test(Test::Value(Field::Kind, kinds.to_vec()));
        filter.query = Some(match filter.query.take() {
            Some(query) => work.and(query),
            None => work,
        });
    }
    filter
}

/// The items by lane and column.
type Cells = BTreeMap<(Key, Key), Pile>;

/// The items of one cell: their number, and the most urgent of them.
#[derive(Default)]
struct Pile {
    count: usize,
    /// More than are wanted, until it is sorted.
    items: Vec<(Item, Marks)>,
    /// The priority of the last one when it was sorted, if there are as many as wanted.
    least: Option<u8>,
}

impl Pile {
    /// True if another open item of this priority would not be among the most urgent ones.
    fn is_full_for(&self, priority: u8) -> bool {
        self.least.is_some_and(|least| priority >= least)
    }

    /// Takes out those of its most urgent items that are wanted.
    fn take(&mut self, is_wanted: impl Fn(&Item) -> bool) -> Vec<(Item, Marks)> {
        let wanted = |one: &mut (Item, Marks)| is_wanted(&one.0);
        let out: Vec<_> = self.items.extract_if(.., wanted).collect();
        self.count -= out.len();
        out
    }

    /// Adds an item; at least the `most` urgent ones are kept.
    fn add(&mut self, item: Item, marks: Marks, most: usize) {
        self.count += 1;
        self.items.push((item, marks));
        if self.items.len() >= most.max(CARDS).saturating_mul(2) {
            self.sort(most);
            let last = self.items.last().map(|(item, _)| item);
            self.least = last
                .filter(|item| !item.status.is_closed())
                .map(|item| item.priority);
        }
    }

    /// Brings the items in order, and drops all but `most`.
    fn sort(&mut self, most: usize) {
        self.items.sort_by_cached_key(|(item, _)| urgency(item));
        self.items.truncate(most);
    }
}

/// The largest groups of the items, before these are named.
struct Draft {
    columns: Vec<(Key, usize)>,
    lanes: Vec<(Key, usize)>,
    cells: Cells,
    total: usize,
    left_out: usize,
}

impl Draft {
    fn of(mut cells: Cells, options: &BoardOptions) -> Self {
        let mut columns: BTreeMap<Key, usize> = BTreeMap::new();
        let mut lanes: BTreeMap<Key, usize> = BTreeMap::new();
        if options.by == BoardField::State {
            columns.extend(grouping::states().map(|key| (key, 0)));
        }
        if options.lanes.is_none() {
            lanes.insert(Key::default(), 0);
        }
        for ((lane, column), pile) in &cells {
            *lanes.entry(lane.clone()).or_default() += pile.count;
            *columns.entry(column.clone()).or_default() += pile.count;
        }
        let count = |cells: &Cells| cells.values().map(|pile| pile.count).sum::<usize>();
        let total = count(&cells);
        let columns = largest(columns);
        let lanes = largest(lanes);
        let kept = |groups: &[(Key, usize)]| -> BTreeSet<Key> {
            groups.iter().map(|(key, _)| key.clone()).collect()
        };
        let (in_column, in_lane) = (kept(&columns), kept(&lanes));
        cells.retain(|(lane, column), _| in_lane.contains(lane) && in_column.contains(column));
        Draft {
            columns,
            lanes,
            total,
            left_out: total - count(&cells),
            cells,
        }
    }

    fn view(mut self, state: &State<'_>, at: &Moment, options: &BoardOptions) -> BoardView {
        let named = |field: BoardField, key: &Key| field.named(key, state);
        let mut lanes = Vec::new();
        for (lane, _) in &self.lanes {
            let mut count = 0;
            let mut cells = Vec::new();
            for (column, _) in &self.columns {
                let pile = self.cells.remove(&(lane.clone(), column.clone()));
                let cell = cell(pile.unwrap_or_default(), state, at, options.cards);
                count += cell.count;
                cells.push(cell);
            }
            let (value, title) = options
                .lanes
                .map_or_else(Default::default, |field| named(field, lane));
            lanes.push(BoardLane {
                value,
                title,
                count,
                cells,
            });
        }
        let columns = self.columns.iter().enumerate().map(|(n, (key, _))| {
            let (value, title) = named(options.by, key);
            let count = lanes.iter().map(|lane| lane.cells[n].count).sum();
            BoardColumn {
                value,
                title,
                count,
            }
        });
        BoardView {
            by: options.by,
            lanes_by: options.lanes,
            total: self.total,
            columns: columns.collect(),
            left_out: self.left_out,
            lanes,
        }
    }
}

/// The largest groups, in their own order.
fn largest(groups: BTreeMap<Key, usize>) -> Vec<(Key, usize)> {
    let mut groups: Vec<(Key, usize)> = groups.into_iter().collect();
    if groups.len() > GROUPS_MAX {
        groups.sort_by_key(|(_, count)| Reverse(*count));
        groups.truncate(GROUPS_MAX);
        groups.sort();
    }
    groups
}

fn cell(mut pile: Pile, state: &State<'_>, at: &Moment, most: usize) -> BoardCell {
    pile.sort(most);
    let cards = pile.items.into_iter();
    let cards: Vec<BoardCard> = cards
        .map(|(item, marks)| card(item, marks, state, at))
        .collect();
    BoardCell {
        count: pile.count,
        left_out: pile.count - cards.len(),
        cards,
    }
}

/// The order of a cell: open items by priority, then closed ones, the last closed first; equal ones by
/// kind and id.
fn urgency(item: &Item) -> impl Ord + use<> {
    let urgency = match item.status.is_closed() {
        false => (false, item.priority, Reverse(None)),
        true => (true, 0, Reverse(item.closed_at.clone())),
    };
    (urgency, item.kind, id::rank(&item.id), item.uid.clone())
}

fn card(item: Item, marks: Marks, state: &State<'_>, at: &Moment) -> BoardCard {
    let shown = |target: &ItemRef| state.shown_ref(target);
    let claim = item.holder();
    let first = || list::first_open(state, &item).or_else(|| list::first_part(state, &item));
    // What only waits for its parts is not blocked, and cannot be started before them.
    let waits = marks.blocked || !marks.ready && item.status.is_startable();
    let waits_for = waits.then(first).flatten();
    BoardCard {
        uid: item.uid.to_string(),
        id: state.shown_id(&item),
        kind: item.kind.to_string(),
        status: item.status_at(at.now_ms).to_string(),
        state: Seen::of(&item, marks, at.now_ms).state(),
        priority: item.priority,
        owner: item.owner().map(str::to_string),
        agent: claim.and_then(|claim| claim.agent.clone()),
        lease_until: claim.map(|claim| rfc3339(claim.lease_ms)),
        lease_ended: claim.is_some_and(|claim| claim.may_be_taken_over(at.now_ms)),
        given_up: !item.status.is_closed() && at.given_up.contains(&item.uid),
        lost: false,
        returned: item.returned.is_some(),
        ready: marks.ready,
        moves: Vec::new(),
        accepts: false,
        blocked: marks.blocked,
        epic: item.epic.as_ref().map(shown),
        criteria: item.acceptance.len(),
        criteria_met: item.acceptance.iter().filter(|c| c.done).count(),
        item_type: item.item_type,
        title: item.title,
        stream: item.stream,
        labels: item.labels,
        due_at: item.issue.due_at.clone(),
        defer_until: match item.issue.is_deferred_at(at.now_ms) {
            true => item.issue.defer_until.clone(),
            false => None,
        },
        waits_for,
        findings: 0,
        blocking_findings: 0,
        updated_at: item.updated_at,
    }
}
