//! The state of the board on the screen: what is shown, the cursor, and the input.
//!
//! Independent of the terminal and the repository.

use git_pm::Result;
use git_pm::items::{BoardCard, BoardCell, BoardField, BoardOptions, BoardView, Expr, ListFilter};

use super::action::{Action, Criteria, Verb};
use super::limits;
use super::text_field::Input;
use crate::render::style::Label;
use crate::render::unsettled::plain;

/// The pages of the board.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tab {
    /// Items in columns.
    Board,
    /// The hierarchy of the open items.
    Tree,
    /// Open work in the order in which it can be done, the critical path marked.
    Order,
    /// The newest run and its agents.
    Runs,
    /// The latest operations.
    Activity,
}

impl Tab {
    /// All of them, in order.
    pub const ALL: [Tab; 5] = [Tab::Board, Tab::Tree, Tab::Order, Tab::Runs, Tab::Activity];

    /// The name in the first line of the screen.
    pub fn name(self) -> &'static str {
        match self {
            Tab::Board => "board",
            Tab::Tree => "tree",
            Tab::Order => "order",
            Tab::Runs => "runs",
            Tab::Activity => "activity",
        }
    }
}

/// A position on the board.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    pub lane: usize,
    pub column: usize,
    pub row: usize,
}

/// A line of a list or of the details: parts with their labels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    pub parts: Vec<(Label, String)>,
    /// The uid or id of the item that it is about.
    pub item: Option<String>,
}

impl Row {
    /// A line of one part.
    pub fn of(label: Label, text: impl Into<String>) -> Row {
        Row {
            parts: vec![(label, text.into())],
            item: None,
        }
    }
}

/// The kind of details shown about one item beside the board.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum About {
    /// Its fields, texts and links.
    #[default]
    Item,
    /// The diff of its branch.
    Diff,
}

/// The details of one item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Details {
    pub uid: String,
    pub about: About,
    pub rows: Vec<Row>,
}

/// The item that an action applies to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Permanent, also where two items share an id.
    pub uid: String,
    /// For the user.
    pub id: String,
}

/// The purpose of a line of text being typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// The query, with the previous one to restore.
    Filter(String),
    /// The title of a new task.
    Title,
    /// The text that a verb requires.
    For(Verb, Target),
}

/// A line of a menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// A move, and the item for which the menu was opened: the cursor may be elsewhere by now.
    Verb(Verb, Target),
    /// Criteria to accept, in words, and their item.
    Criteria(Criteria, String, Target),
    /// A saved view: its name and its query.
    View(String, String),
}

/// What can be found by typing some of its letters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hit {
    /// The action of a key, and what it does.
    Key(char, &'static str),
    /// A change of the item at the cursor.
    Verb(Verb, Target),
    /// The item at a position.
    Item(Place),
}

/// The input mode, which determines the effect of keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mode {
    Browse,
    Typing {
        asked: Asked,
        input: Input,
    },
    /// The search for an item, or for an action, too.
    Jump {
        is_palette: bool,
        input: Input,
        hits: Vec<Hit>,
        at: usize,
    },
    Menu {
        title: String,
        choices: Vec<Choice>,
        at: usize,
    },
    Confirm {
        question: String,
        action: Action,
    },
    /// The list of keys, scrolled to this line.
    Help(usize),
}

/// The result of the last action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    pub is_error: bool,
    /// The message, then its hints.
    pub lines: Vec<String>,
}

impl Note {
    /// A success message.
    pub fn done(text: impl Into<String>) -> Note {
        Note {
            is_error: false,
            lines: vec![text.into()],
        }
    }

    /// An error with its hints.
    pub fn failed(error: &git_pm::Error) -> Note {
        let hints = error.hints().iter().map(|hint| format!("hint: {hint}"));
        Note {
            is_error: true,
            lines: std::iter::once(error.message().to_string())
                .chain(hints)
                .collect(),
        }
    }
}

/// The whole state.
#[derive(Clone, Debug)]
pub struct Model {
    pub by: BoardField,
    pub lanes: Option<BoardField>,
    /// The filter of the command line.
    base: ListFilter,
    /// The maximum number of cards loaded per cell.
    pub cards: usize,
    /// The query that was typed on the board.
    pub filter: String,
    /// The error in the query being typed; the last good result stays.
    pub filter_error: Option<String>,
    pub view: BoardView,
    pub place: Place,
    pub tab: Tab,
    /// The rows of the tabs that are lists, and the row of the cursor.
    pub rows: Vec<Row>,
    pub row: usize,
    /// The headings above the rows.
    pub header: Option<Row>,
    /// The loaded details; beside the board where there is room, else while they are open.
    pub details: Option<Details>,
    /// True if the details are shown instead of the board.
    pub opened: bool,
    /// True if the screen has room for the details beside the board.
    pub wide: bool,
    /// The kind of details that are open, also for the next item.
    pub about: About,
    /// The first visible line of the details.
    pub details_top: usize,
    pub mode: Mode,
    pub note: Option<Note>,
    /// The actor in whose name actions are made.
    pub actor: String,
}

impl Model {
    /// A board with nothing loaded yet.
    pub fn new(options: BoardOptions, actor: &str) -> Model {
        let (by, lanes_by) = (options.by, options.lanes);
        Model {
            by,
            lanes: lanes_by,
            base: options.filter,
            cards: limits::FIRST_CARDS_MAX,
            filter: String::new(),
            filter_error: None,
            view: BoardView {
                by,
                lanes_by,
                total: 0,
                columns: Vec::new(),
                lanes: Vec::new(),
                left_out: 0,
            },
            place: Place::default(),
            tab: Tab::Board,
            rows: Vec::new(),
            row: 0,
            header: None,
            details: None,
            opened: false,
            wide: false,
            about: About::Item,
            details_top: 0,
            mode: Mode::Browse,
            note: None,
            actor: actor.to_string(),
        }
    }

    /// The options of the board to load.
    ///
    /// # Errors
    /// When the typed query cannot be parsed.
    pub fn options(&self) -> Result<BoardOptions> {
        let typed = Expr::parse(&self.filter)?;
        let query = match self.base.query.clone() {
            Some(query) => query.and(typed),
            None => typed,
        };
        Ok(BoardOptions {
            by: self.by,
            lanes: self.lanes,
            filter: ListFilter {
                query: Some(query),
                ..self.base.clone()
            },
            cards: self.cards,
            moves: true,
        })
    }

    /// True if a cell has cards that are not loaded.
    pub fn is_partial(&self) -> bool {
        let mut cells = self.view.lanes.iter().flat_map(|lane| &lane.cells);
        cells.any(|cell| cell.left_out > 0)
    }

    /// True while a text is typed that is stored.
    pub fn is_writing(&self) -> bool {
        let asked = match &self.mode {
            Mode::Typing { asked, .. } => asked,
            _ => return false,
        };
        !matches!(asked, Asked::Filter(_))
    }

    /// Takes over a loaded board. The cursor stays on its item, or else near it.
    pub fn loaded(&mut self, loaded: Result<BoardView>) {
        match loaded {
            Ok(view) => {
                let uid = self.card().map(|card| card.uid.clone());
                self.view = view;
                // A query typed since then may have an error of its own.
                if let Mode::Typing { input, .. } = &self.mode
                    && input.text().trim() == self.filter
                {
                    self.filter_error = None;
                }
                match uid.as_ref().and_then(|uid| self.find(uid)) {
                    Some(place) => self.place = place,
                    None => self.settle(),
                }
                self.find_again();
                // Keys act on the item at the cursor, so the details must not become another's.
                if self.opened && uid != self.card().map(|card| card.uid.clone()) {
                    self.opened = false;
                    let note = || Note::done("The item is no longer on the board");
                    self.note.get_or_insert_with(note);
                }
            }
            Err(error) if self.is_filtering() => {
                self.filter_error = Some(error.message().to_string());
            }
            Err(error) => self.note = Some(Note::failed(&error)),
        }
    }

    /// The item and the kind of the details that are to be shown.
    pub fn wanted(&self) -> Option<(String, About)> {
        let is_shown = self.tab == Tab::Board && (self.opened || self.wide);
        let about = if self.opened { self.about } else { About::Item };
        let card = self.card().filter(|_| is_shown);
        card.map(|card| (card.uid.clone(), about))
    }

    /// The item and the kind of the details that are loaded.
    pub fn shown(&self) -> Option<(String, About)> {
        let details = self.details.as_ref();
        details.map(|details| (details.uid.clone(), details.about))
    }

    /// What would work for the item at the cursor.
    pub fn offered(&self) -> Vec<Verb> {
        let card = self.card();
        card.map_or(Vec::new(), Verb::offered)
    }

    /// True while the query is being typed.
    pub fn is_filtering(&self) -> bool {
        matches!(
            self.mode,
            Mode::Typing {
                asked: Asked::Filter(_),
                ..
            }
        )
    }

    /// The cell at a lane and column.
    pub fn cell(&self, lane: usize, column: usize) -> Option<&BoardCell> {
        self.view.lanes.get(lane)?.cells.get(column)
    }

    /// The card at a position.
    pub fn card_at(&self, place: Place) -> Option<&BoardCard> {
        self.cell(place.lane, place.column)?.cards.get(place.row)
    }

    /// The card at the cursor.
    pub fn card(&self) -> Option<&BoardCard> {
        self.card_at(self.place)
    }

    /// The item at the cursor.
    pub fn target(&self) -> Option<Target> {
        self.card().map(|card| Target {
            uid: card.uid.clone(),
            id: plain(&card.id).to_string(),
        })
    }

    /// The position of the item with this uid or id.
    pub fn find(&self, name: &str) -> Option<Place> {
        let is_it = |card: &BoardCard| card.uid == name || plain(&card.id) == name;
        self.places()
            .find(|place| self.card_at(*place).is_some_and(is_it))
    }

    /// All positions with a card, lane by lane and column by column.
    pub fn places(&self) -> impl Iterator<Item = Place> {
        self.view
            .lanes
            .iter()
            .enumerate()
            .flat_map(|(lane, cells)| {
                let cells = cells.cells.iter().enumerate();
                cells.flat_map(move |(column, cell)| {
                    (0..cell.cards.len()).map(move |row| Place { lane, column, row })
                })
            })
    }

    /// The number of cards in a cell.
    fn height(&self, lane: usize, column: usize) -> usize {
        self.cell(lane, column).map_or(0, |cell| cell.cards.len())
    }

    /// Moves the cursor to a position that exists, and preferably has a card.
    fn settle(&mut self) {
        let place = &self.place;
        let lane = place.lane.min(self.view.lanes.len().saturating_sub(1));
        let column = place.column.min(self.view.columns.len().saturating_sub(1));
        let last = self.height(lane, column).saturating_sub(1);
        let row = place.row.min(last);
        self.place = Place { lane, column, row };
        if self.card().is_none() {
            let first = self.places().next();
            self.place = first.unwrap_or(self.place);
        }
    }

    /// Moves the cursor by cards: down in its column, on into the next lane that has any there.
    pub fn move_down(&mut self, by: isize) {
        let mut left = by.unsigned_abs();
        while left > 0 {
            let Place { lane, column, row } = self.place;
            let room = match by > 0 {
                true => self.height(lane, column).saturating_sub(row + 1),
                false => row,
            };
            let step = left.min(room);
            self.place.row = match by > 0 {
                true => row + step,
                false => row - step,
            };
            left -= step;
            if left == 0 {
                return;
            }
            let filled = |lane: &usize| self.height(*lane, column) > 0;
            let next = match by > 0 {
                true => (lane + 1..self.view.lanes.len()).find(filled),
                false => (0..lane).rev().find(filled),
            };
            let Some(next) = next else { return };
            self.place.lane = next;
            self.place.row = match by > 0 {
                true => 0,
                false => self.height(next, column).saturating_sub(1),
            };
            left -= 1;
        }
    }

    /// Moves the cursor by columns, over those without cards.
    pub fn move_right(&mut self, by: isize) {
        let Place { lane, column, row } = self.place;
        let next = match by > 0 {
            true => (column + 1..self.view.columns.len()).find(|n| self.is_filled(*n)),
            false => (0..column).rev().find(|n| self.is_filled(*n)),
        };
        let Some(column) = next else { return };
        let lanes = 0..self.view.lanes.len();
        let near = lanes.filter(|lane| self.height(*lane, column) > 0);
        let lane = near.min_by_key(|one| one.abs_diff(lane)).unwrap_or(lane);
        let row = row.min(self.height(lane, column).saturating_sub(1));
        self.place = Place { lane, column, row };
    }

    /// True if a column has a card in any lane.
    pub fn is_filled(&self, column: usize) -> bool {
        (0..self.view.lanes.len()).any(|lane| self.height(lane, column) > 0)
    }
}
