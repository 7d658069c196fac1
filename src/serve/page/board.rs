//! The board: columns of cards, in lanes if requested.
//!
//! Its size does not grow with the number of items: a cell shows its first items and links to all of
//! them.

use askama::Template;

use super::super::filter::filter;
use super::super::request::{Answer, Call, Scope};
use super::super::route::{Parameter, Route, flag, text};
use super::error_page::Advice;
use super::filter_menu::{FilterMenu, menus};
use super::filters;
use super::frame::{Frame, html, query};
use super::limits;
use super::list::{ViewLink, views};
use super::menu::Menu;
use crate::error::{Error, Kind, Result};
use crate::model::stamp::parse_rfc3339;
use crate::work::board::{BoardCard, BoardCell, BoardField, BoardOptions, BoardView, CARDS};
use crate::work::list::ListFilter;

const BOARD: &[Parameter] = &[
    text(
        "by",
        "The field whose values are the columns: state, status, owner, epic, stream, priority, …",
    ),
    text("lanes", "The field whose values are the lanes"),
    text("q", "A query, as in `git pm list`"),
    flag("all", "Include closed items"),
    text("column", "Only this column: `=` and its value, or `none`"),
    text("lane", "Only this lane, in the same form"),
];

pub(super) fn routes() -> Vec<Route> {
    vec![super::page("/", "The board", board).with(BOARD)]
}

/// The choices in the form of a board.
#[derive(Default)]
pub(super) struct Choice {
    pub by: String,
    pub lanes: String,
    pub q: String,
    pub all: bool,
}

impl Choice {
    fn of(call: &Call) -> Choice {
        let own = |name: &str| call.parameter(name).unwrap_or_default().to_string();
        Choice {
            by: own("by"),
            lanes: own("lanes"),
            q: own("q"),
            all: call.flag("all"),
        }
    }

    fn query_with(&self, more: [(&str, &str); 2]) -> String {
        let all = if self.all { "true" } else { "" };
        let own = [
            ("by", self.by.as_str()),
            ("lanes", self.lanes.as_str()),
            ("q", self.q.as_str()),
            ("all", all),
        ];
        query(own.into_iter().chain(more))
    }
}

#[derive(Template)]
#[template(path = "../src/serve/page/templates/board.html")]
pub(super) struct BoardPage {
    pub frame: Frame,
    pub choice: Choice,
    /// Why all items are shown and not those of the query.
    pub problem: Option<String>,
    pub advice: Vec<Advice>,
    pub fields: [BoardField; 9],
    pub views: Vec<ViewLink>,
    pub menus: Vec<FilterMenu>,
    pub board: BoardView,
    /// The time, in milliseconds since the Unix epoch.
    pub now_ms: u64,
    /// The title of the cell if only one is shown.
    pub only: Option<String>,
}

impl BoardPage {
    /// The query of all columns.
    fn back(&self) -> String {
        self.choice.query_with([("", ""), ("", "")])
    }

    /// The menu of a card.
    fn menu(&self, card: &BoardCard) -> Menu {
        Menu::of(&card.id, &card.status, &card.moves)
    }

    /// True if a card's due time is past.
    fn is_overdue(&self, card: &BoardCard) -> bool {
        let due = card.due().and_then(parse_rfc3339);
        due.is_some_and(|due| due < self.now_ms)
    }

    /// The value that an item gets by being dropped on a column, where that is possible.
    fn target(&self, value: &Option<String>) -> Option<String> {
        let sets = [
            BoardField::State,
            BoardField::Priority,
            BoardField::Owner,
            BoardField::Assignee,
            BoardField::Epic,
        ];
        sets.contains(&self.board.by)
            .then(|| value.clone().unwrap_or_default())
    }

    /// True if the board shows closed items whatever is chosen.
    fn is_about_closed(&self) -> bool {
        matches!(self.board.by, BoardField::State | BoardField::Status)
    }

    /// The heading element of a column, which may be below that of a lane.
    fn level(&self) -> &'static str {
        if self.board.lanes_by.is_some() {
            "h3"
        } else {
            "h2"
        }
    }

    /// The query that shows one cell alone; none if it would be too long for an address.
    fn cell_query(&self, column: &Option<String>, lane: &Option<String>) -> Option<String> {
        let lane = match self.board.lanes_by {
            Some(_) => named(lane),
            None => String::new(),
        };
        let column = named(column);
        (column.len() + lane.len() <= limits::CELL_ADDRESS_MAX).then(|| {
            self.choice
                .query_with([("column", &column), ("lane", &lane)])
        })
    }
}

/// A value of a column or lane as a parameter.
fn named(value: &Option<String>) -> String {
    value
        .as_ref()
        .map_or_else(|| "none".into(), |value| format!("={value}"))
}

fn board(call: &Call) -> Result<Answer> {
    let choice = Choice::of(call);
    let one = call.parameter("column");
    let parse = |name: &str| call.parameter(name).map(str::parse).transpose();
    let options = BoardOptions {
        // Only who may write has menus.
        moves: call.visitor.may(Scope::Write),
        by: parse("by")?.unwrap_or(BoardField::State),
        lanes: parse("lanes")?,
        filter: ListFilter::default(),
        cards: if one.is_some() {
            limits::CELL_ITEMS_MAX
        } else {
            CARDS
        },
    };
    let shown = |filter: ListFilter| {
        let options = options.clone();
        let options = BoardOptions { filter, ..options };
        call.pm()?.items().board(&options)
    };
    // An invalid query can be corrected in the same form.
    let (mut board, problem, advice) = match filter(call).and_then(&shown) {
        Ok(board) => (board, None, Vec::new()),
        Err(error) if error.kind() == Kind::Usage && !choice.q.is_empty() => {
            let message = error.message().to_string();
            let all = shown(ListFilter::default())?;
            (all, Some(message), Advice::of(&error))
        }
        Err(error) => return Err(error),
    };
    let only = match one {
        Some(column) => Some(keep(&mut board, column, call.parameter("lane"))?),
        None => {
            bound(&mut board, limits::BOARD_CARDS_MAX);
            None
        }
    };
    html(&BoardPage {
        views: views(call, false)?,
        menus: menus(call, ""),
        frame: Frame {
            fits: board.lanes_by.is_none(),
            ..Frame::of(call, "Board", "/")
        },
        now_ms: call.shared.env.now_ms(),
        fields: BoardField::ALL,
        choice,
        problem,
        advice,
        board,
        only,
    })
}

/// Keeps as many lanes as fit on a page, and the same maximum number of cards in each cell, so that
/// there are at most `most` cards in total.
pub(super) fn bound(board: &mut BoardView, most: usize) {
    let lanes = (limits::BOARD_CELLS_MAX / board.columns.len().max(1)).max(1);
    let further = board.lanes.iter().skip(lanes).map(|lane| lane.count);
    board.left_out += further.sum::<usize>();
    board.lanes.truncate(lanes);
    let cells = |board: &BoardView| -> Vec<usize> {
        let cells = board.lanes.iter().flat_map(|lane| &lane.cells);
        cells.map(|cell| cell.cards.len()).collect()
    };
    let sizes = cells(board);
    let mut each = sizes.iter().copied().max().unwrap_or(0);
    while each > 0 && sizes.iter().map(|size| size.min(&each)).sum::<usize>() > most {
        each -= 1;
    }
    for cell in board.lanes.iter_mut().flat_map(|lane| &mut lane.cells) {
        cell.left_out += cell.cards.len().saturating_sub(each);
        cell.cards.truncate(each);
    }
}

/// Keeps one cell, and returns its title.
fn keep(board: &mut BoardView, column: &str, lane: Option<&str>) -> Result<String> {
    let gone = || {
        Error::not_found("that column no longer exists")
            .hint("the board shows the columns that exist")
    };
    let at = board
        .columns
        .iter()
        .position(|one| named(&one.value) == column);
    let row = match lane {
        None => board.lanes.first().map(|_| 0),
        Some(lane) => board.lanes.iter().position(|one| named(&one.value) == lane),
    };
    let (at, row) = (at.ok_or_else(gone)?, row.ok_or_else(gone)?);
    let mut title = board.columns[at].title.clone();
    let mut lane = board.lanes.swap_remove(row);
    if lane.value.is_some() {
        title = format!("{title}, {}", lane.title);
    }
    let cell = match at < lane.cells.len() {
        true => lane.cells.swap_remove(at),
        false => BoardCell::default(),
    };
    board.columns = vec![board.columns.swap_remove(at)];
    lane.cells = vec![cell];
    board.lanes = vec![lane];
    Ok(title)
}
