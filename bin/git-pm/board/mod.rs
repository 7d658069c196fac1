//! The live board: its event loop, from keys and changes of the state to the screen.
//!
//! The state of the screen is in `model`, its transitions in `update`, its rendering in `view`, the
//! calls into the library in `load`, and the terminal, which only this module touches, in `screen`.
//! Another process's change shows within a second: only the ref of the state is polled, four times a
//! second.

mod action;
mod change;
mod fuzzy;
mod key_actions;
#[cfg(test)]
mod key_actions_tests;
mod key_help;
mod limits;
mod load;
#[cfg(test)]
mod palette_tests;
mod screen;
mod search;
mod state;
mod text_field;
mod view;

use std::time::{Duration, Instant};

use git_pm::items::BoardOptions;
use git_pm::{Error, Result};
use ratatui_crossterm::crossterm::event::{self, Event, KeyCode};

use crate::context::Context;
use crate::editor;
use crate::failure::{Exit, Failure, Outcome};
use crate::item_form as form;
use crate::render::style::Label;
use action::{Action, Verb};
use change::Done;
use key_actions::{Effect, update};
use screen::Screen;
use state::{Choice, Details, Mode, Model, Note, Row, Target};
use view::Hits;

/// Shows the board until it is closed.
pub fn run(context: &Context, options: BoardOptions) -> Outcome {
    let watched = context.pm()?;
    let mut model = Model::new(options, &watched.actor().name);
    // An error at startup ends the command, as it does without a terminal.
    let mut seen = watched.items().state_id()?;
    let loaded = load::board(&context.reopened(None)?, &model)?;
    model.loaded(Ok(loaded));
    screen::end_in_order()?;
    let mut screen = Screen::open()?;
    let mut hits = show(context, &mut model, &mut screen)?;
    // Load the remaining cards after the first frame.
    model.cards = usize::MAX;
    if model.is_partial() {
        reload(context, &mut model);
        hits = show(context, &mut model, &mut screen)?;
    }
    let (mut looked, mut loaded) = (Instant::now(), Instant::now());
    loop {
        let mut draw = false;
        if event::poll(limits::REF_POLL_INTERVAL.saturating_sub(looked.elapsed()))? {
            draw = true;
            let mut board = false;
            for n in 0..limits::EVENTS_AT_ONCE_MAX {
                if n > 0 && !event::poll(Duration::ZERO)? {
                    break;
                }
                let mut event = event::read()?;
                // In a paste that the terminal does not mark, Enter ends a line and not the input: what
                // follows would be taken for commands.
                let is_enter = matches!(&event, Event::Key(key) if key.code == KeyCode::Enter);
                if is_enter && model.is_writing() && event::poll(limits::BURST)? {
                    event = Event::Paste("\n".into());
                }
                // Keys typed after a query apply to the items that match it.
                if board && !model.is_filtering() {
                    reload(context, &mut model);
                    board = false;
                }
                match update(&mut model, &event, &hits) {
                    Effect::Nothing => {}
                    Effect::Quit => return Ok(Exit::DONE),
                    // Reload once for all letters of a quickly typed query.
                    Effect::Board => board = true,
                    effect => perform(context, &mut model, &mut screen, effect)?,
                }
            }
            if board {
                reload(context, &mut model);
                loaded = Instant::now();
            }
        }
        if looked.elapsed() >= limits::REF_POLL_INTERVAL {
            looked = Instant::now();
            let now = watched.items().state_id();
            if let Ok(now) = &now
                && (*now != seen || loaded.elapsed() > limits::AGES_INTERVAL)
            {
                seen.clone_from(now);
                reload(context, &mut model);
                loaded = Instant::now();
                draw = true;
            }
        }
        if draw {
            hits = show(context, &mut model, &mut screen)?;
        }
    }
}

/// Draws the board with the details that belong to it, once it is known whether they have room.
fn show(context: &Context, model: &mut Model, screen: &mut Screen) -> std::io::Result<Hits> {
    loop {
        if model.wanted() != model.shown() {
            model.details_top = 0;
            details(context, model);
        }
        let hits = screen.draw(model)?;
        if let Some(last) = hits.details_last {
            model.details_top = model.details_top.min(last);
        }
        if hits.is_wide == model.wide {
            return Ok(hits);
        }
        model.wide = hits.is_wide;
    }
}

/// Loads everything that is shown.
fn reload(context: &Context, model: &mut Model) {
    let view = context
        .reopened(None)
        .and_then(|pm| load::board(&pm, model));
    model.loaded(view);
    // Those of another item are loaded when they are drawn.
    if model.wanted() == model.shown() {
        details(context, model);
    }
    if model.tab != state::Tab::Board {
        rows(context, model);
    }
}

fn details(context: &Context, model: &mut Model) {
    model.details = model.wanted().map(|(uid, about)| {
        let loaded = context
            .reopened(None)
            .and_then(|pm| load::details(&pm, &uid, about));
        let failed = |error: Error| vec![Row::of(Label::Bad, error.message())];
        let rows = loaded.unwrap_or_else(failed);
        Details { uid, about, rows }
    });
}

fn rows(context: &Context, model: &mut Model) {
    match context.reopened(None).and_then(|pm| load::rows(&pm, model)) {
        Ok((header, rows)) => {
            model.header = header;
            model.row = model.row.min(rows.len().saturating_sub(1));
            model.rows = rows;
        }
        Err(error) => model.note = Some(Note::failed(&error)),
    }
}

fn perform(
    context: &Context,
    model: &mut Model,
    screen: &mut Screen,
    effect: Effect,
) -> std::result::Result<(), Failure> {
    match effect {
        Effect::Nothing | Effect::Quit => {}
        Effect::Suspend => {
            screen.suspend()?;
            reload(context, model);
        }
        Effect::Board => reload(context, model),
        Effect::Rows => rows(context, model),
        Effect::Views => match context.reopened(None).and_then(|pm| load::views(&pm)) {
            Ok(choices) => choose(model, "saved views".into(), choices, || {
                let none = Error::not_found("there are no saved views");
                none.hint("`git pm view save NAME QUERY` saves one")
            }),
            Err(error) => model.note = Some(Note::failed(&error)),
        },
        Effect::Criteria(target) => {
            let found = context
                .reopened(None)
                .and_then(|pm| load::criteria(&pm, &target));
            let title = format!("accept of {}", target.id);
            let none = || Error::not_found(format!("{} has no open criteria", target.id));
            match found {
                Ok(choices) => choose(model, title, choices, none),
                Err(error) => model.note = Some(Note::failed(&error)),
            }
        }
        Effect::Ask(question) => {
            let asked = context
                .reopened(None)
                .and_then(|pm| change::question(&pm, question));
            match asked {
                Ok((question, action)) => model.mode = Mode::Confirm { question, action },
                Err(error) => model.note = Some(Note::failed(&error)),
            }
        }
        Effect::Do(Action::Change(Verb::Edit, target, _)) => {
            screen.close();
            let edited = edit(context, &target);
            screen.reopen()?;
            let edited = edited.map(|text| Done {
                text,
                created: None,
            });
            told(context, model, edited);
        }
        Effect::Do(action) => {
            // Some take a while: a start creates a worktree, a finish runs gates.
            model.note = Some(Note::done("Working…"));
            screen.draw(model)?;
            let done = context
                .reopened(None)
                .and_then(|pm| change::act(&pm, &action));
            told(context, model, done);
        }
    }
    Ok(())
}

fn choose(model: &mut Model, title: String, choices: Vec<Choice>, none: impl Fn() -> Error) {
    if choices.is_empty() {
        model.note = Some(Note::failed(&none()));
        return;
    }
    model.mode = Mode::Menu {
        title,
        choices,
        at: 0,
    };
}

/// Shows the result of an action and the reloaded board, with the cursor on a new item.
fn told(context: &Context, model: &mut Model, result: Result<Done>) {
    reload(context, model);
    model.note = Some(match result {
        Ok(Done { text, created }) => match created.map(|uid| model.find(&uid)) {
            Some(Some(place)) => {
                (model.tab, model.place, model.opened) = (state::Tab::Board, place, false);
                Note::done(text)
            }
            Some(None) => Note::done(format!("{text}; the filter hides it")),
            None => Note::done(text),
        },
        Err(error) => Note::failed(&error),
    });
}

/// Edits the fields and the text of an item, unless someone else has changed the item in the meantime.
fn edit(context: &Context, target: &Target) -> Result<String> {
    let item = context.reopened(None)?.tasks().show(&target.uid)?;
    let version = item.item.version.clone();
    let edited = form::edit(context, &target.uid, &item, |change| {
        let pm = context.reopened(Some(version.clone()))?;
        pm.tasks().edit(&target.uid, &change.edit)
    });
    match edited {
        Ok(_) => Ok(format!("Changed {}", target.id)),
        Err(Failure::Error(error)) if error.message() == editor::UNCHANGED => {
            Ok("Nothing was changed".into())
        }
        Err(Failure::Error(error)) => Err(error),
        Err(Failure::ClosedPipe) => Ok(String::new()),
    }
}
