//! `git pm board`.

use git_pm::items::BoardOptions;
use git_pm::verbs::list::Board;

use crate::context::Context;
use crate::failure::Outcome;
use crate::output::stdout;
use crate::render;
use crate::render::unsettled::Unsettled;

/// The width of a board that is not printed to a terminal, in columns.
const WIDTH: usize = 80;

/// Shows the board.
pub fn run(context: &Context, args: &Board) -> Outcome {
    let options = args.options(context.pm()?)?;
    if stays(context, args)
        && let Some(ended) = live(context, &options)
    {
        return ended;
    }
    let pm = context.pm()?;
    let view = pm.items().board(&options)?;
    let marked = |view| Unsettled::of(pm).on_board(view);
    if args.md {
        let mut page = context.page();
        render::board_markdown::board(&mut page, &marked(view));
        stdout::write_raw(page.finish())?;
        return Ok(crate::failure::Exit::DONE);
    }
    let width = stdout::width(&context.env).unwrap_or(WIDTH);
    context.answer(&view, |page, view| {
        let view = marked(render::card::in_zone(pm.env(), view.clone()));
        render::board::board(page, &view, width);
    })
}

/// True if the board is to stay on the screen: at a terminal that can show it, unless it was asked
/// for once.
fn stays(context: &Context, args: &Board) -> bool {
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
