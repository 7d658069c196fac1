//! `git pm board`.

use git_pm::items::{BoardField, BoardOptions, CARDS, ListFilter};

use super::item;
use crate::arguments::list::LookArgs;
use crate::arguments::values::{Words, limit};
use crate::context::Context;
use crate::failure::Outcome;
use crate::output::stdout;
use crate::render;

/// Show a board: items in columns by state
///
/// The states are queued, running (started or claimed), review (submitted or approved), blocked
/// (waiting for another item, or blocked or deferred by hand), completed, and failed (cancelled, or
/// abandoned by the last run that worked on it). In each column the most urgent items come first;
/// closed items are listed most recently closed first. Tasks and issues are shown unless the query
/// names another kind; closed items are shown only on a board by state or status.
///
/// A query limits the items: `git pm help list` describes the language.
///
/// At a terminal the board stays on the screen, shows every change within a second, and responds to
/// keys and the mouse; `?` lists the keys. Elsewhere, and with `--once`, `--md`, `--json` or
/// `--cards`, it is printed once.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm board
  git pm board --lanes epic label:auth
  git pm board --by owner is:active
  git pm board --once --md >status.md")]
pub struct BoardArgs {
    /// Conditions that the items have to meet.
    pub query: Vec<String>,
    /// The field that forms the columns.
    #[arg(long, value_name = "FIELD", default_value = "state", value_parser = Words(BoardField::VOCABULARY.words))]
    pub by: String,
    /// Divide the board into lanes by another field.
    #[arg(long, value_name = "FIELD", value_parser = Words(BoardField::VOCABULARY.words))]
    pub lanes: Option<String>,
    /// Maximum number of items in a column of a lane; 0 for all.
    #[arg(long, value_name = "N", value_parser = limit)]
    pub cards: Option<usize>,
    /// Include closed items, whatever the columns are.
    #[arg(long)]
    pub all: bool,
    /// Start from a saved view; a query narrows it further.
    #[arg(long, value_name = "NAME")]
    pub view: Option<String>,
    /// Print the board once.
    #[arg(long)]
    pub once: bool,
    /// Print it once as Markdown.
    #[arg(long, conflicts_with = "json")]
    pub md: bool,
}

/// The width of a board that is not printed to a terminal, in columns.
const WIDTH: usize = 80;

/// Shows the board.
pub fn run(context: &Context, args: BoardArgs) -> Outcome {
    let cards = args.cards.unwrap_or(CARDS);
    let md = args.md;
    let stays = stays(context, &args);
    let options = options(context, args)?;
    if stays && let Some(ended) = live(context, &options) {
        return ended;
    }
    let view = context
        .pm()?
        .items()
        .board(&BoardOptions { cards, ..options })?;
    if md {
        let mut page = context.page();
        render::board_markdown::board(&mut page, &view);
        stdout::write_raw(page.finish())?;
        return Ok(crate::failure::Exit::DONE);
    }
    let width = stdout::width(&context.env).unwrap_or(WIDTH);
    context.answer(&view, |page, view| render::board::board(page, view, width))
}

/// True if the board is to stay on the screen: at a terminal that can show it, unless it was asked
/// for once.
fn stays(context: &Context, args: &BoardArgs) -> bool {
    let able = context.env.text("TERM").is_none_or(|term| term != "dumb");
    context.asks() && able && !args.once && !args.md && args.cards.is_none()
}

/// Shows the live board, if this program has it.
fn live(context: &Context, options: &BoardOptions) -> Option<Outcome> {
    #[cfg(feature = "tui")]
    return Some(crate::board::run(context, options.clone()));
    #[cfg(not(feature = "tui"))]
    {
        let _ = (context, options);
        None
    }
}

/// The options of a board from its arguments, with the saved view looked up.
fn options(context: &Context, args: BoardArgs) -> git_pm::Result<BoardOptions> {
    let look = LookArgs {
        query: args.query,
        sort: None,
        columns: None,
        tree: false,
        watch: false,
        view: args.view,
        at: None,
    };
    let filter = ListFilter {
        all: args.all,
        ..ListFilter::default()
    };
    Ok(BoardOptions {
        by: args.by.parse()?,
        lanes: args.lanes.map(|field| field.parse()).transpose()?,
        filter: item::list::filter(context, filter, look)?,
        ..BoardOptions::default()
    })
}
