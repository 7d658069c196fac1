//! What a key or the mouse does on the board.
//!
//! From the state and an event to the next state, and to what has to be loaded or changed.

use git_pm::items::{BoardField, Expr};
use git_pm::tasks::Move;
use git_pm::values::status_word;
use ratatui_crossterm::crossterm::event::{
    Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEventKind,
};

use super::action::{Action, Criteria, Question, Verb};
use super::key_help::KEYS;
use super::limits;
use super::state::{About, Asked, Choice, Hit, Mode, Model, Note, Tab, Target};
use super::text_field::Input;
use super::view::{self, Hits};

/// An effect outside of the state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    Nothing,
    Quit,
    /// The process is to be stopped, for its shell to continue it.
    Suspend,
    /// The board has to be loaded.
    Board,
    /// The rows of the tab have to be loaded.
    Rows,
    /// The names of the saved views have to be loaded, for a menu.
    Views,
    /// The open criteria of an item have to be loaded, for a menu.
    Criteria(Target),
    /// A question has to be loaded, and asked.
    Ask(Question),
    /// Something has to be changed.
    Do(Action),
}

/// Handles an event.
pub fn update(model: &mut Model, event: &Event, hits: &Hits) -> Effect {
    match event {
        Event::Key(key) if key.kind != KeyEventKind::Release => on_key(model, *key),
        Event::Mouse(mouse) => match mouse.kind {
            MouseEventKind::Down(MouseButton::Left) => click(model, hits, mouse.column, mouse.row),
            MouseEventKind::ScrollDown => browse(model, KeyCode::Down),
            MouseEventKind::ScrollUp => browse(model, KeyCode::Up),
            _ => Effect::Nothing,
        },
        Event::Paste(text) => paste(model, text),
        _ => Effect::Nothing,
    }
}

fn paste(model: &mut Model, text: &str) -> Effect {
    let (Mode::Typing { input, .. } | Mode::Jump { input, .. }) = &mut model.mode else {
        return Effect::Nothing;
    };
    if !input.insert(text) {
        model.mode = Mode::Browse;
        let text = "The pasted text is too long, and was not taken";
        model.note = Some(Note::failed(&git_pm::Error::usage(text)));
        return Effect::Nothing;
    }
    // What follows from a changed text follows as after a key.
    on_key(model, KeyEvent::new(KeyCode::Null, KeyModifiers::NONE))
}

fn on_key(model: &mut Model, key: KeyEvent) -> Effect {
    let is_control = key.modifiers.contains(KeyModifiers::CONTROL);
    match key.code {
        KeyCode::Char('c') if is_control => return Effect::Quit,
        KeyCode::Char('z') if is_control => return Effect::Suspend,
        // Not the command of the letter alone.
        KeyCode::Char(_) if is_control && model.mode == Mode::Browse => return Effect::Nothing,
        _ => {}
    }
    match std::mem::replace(&mut model.mode, Mode::Browse) {
        Mode::Browse => browse(model, key.code),
        Mode::Help(top) => match key.code {
            KeyCode::Char('q' | '?') | KeyCode::Esc | KeyCode::Enter => Effect::Nothing,
            KeyCode::Down | KeyCode::Char('j') => {
                stay(model, Mode::Help((top + 1).min(KEYS.len() - 1)))
            }
            KeyCode::Up | KeyCode::Char('k') => stay(model, Mode::Help(top.saturating_sub(1))),
            _ => stay(model, Mode::Help(top)),
        },
        Mode::Typing { asked, input } => typing(model, asked, input, key),
        Mode::Jump {
            is_palette,
            input,
            hits,
            at,
        } => jump(model, is_palette, input, hits, at, key),
        Mode::Menu { title, choices, at } => menu(model, title, choices, at, key.code),
        Mode::Confirm { question, action } => match key.code {
            KeyCode::Char('y' | 'Y') => Effect::Do(action),
            KeyCode::Char('n' | 'N' | 'q') | KeyCode::Esc | KeyCode::Enter => {
                model.note = Some(Note::done("Nothing was changed"));
                Effect::Nothing
            }
            _ => stay(model, Mode::Confirm { question, action }),
        },
    }
}

fn stay(model: &mut Model, mode: Mode) -> Effect {
    model.mode = mode;
    Effect::Nothing
}

fn browse(model: &mut Model, code: KeyCode) -> Effect {
    if model.mode != Mode::Browse {
        return Effect::Nothing;
    }
    // The message of the last action has been read.
    let note = model.note.take();
    match code {
        KeyCode::Char('q') => return Effect::Quit,
        KeyCode::Char('?') => return stay(model, Mode::Help(0)),
        KeyCode::Esc => {
            // An error covers the details, so they stay open.
            if !note.is_some_and(|note| note.is_error) {
                model.opened = false;
            }
            return Effect::Nothing;
        }
        KeyCode::Tab | KeyCode::BackTab => {
            let count = Tab::ALL.len();
            let step = if code == KeyCode::Tab { 1 } else { count - 1 };
            return open_tab(model, (model.tab as usize + step) % count);
        }
        KeyCode::Char(digit @ '1'..='5') => {
            return open_tab(model, digit as usize - '1' as usize);
        }
        KeyCode::Char('J') => model.details_top += 1,
        KeyCode::Char('K') => model.details_top = model.details_top.saturating_sub(1),
        KeyCode::Char('/') => {
            let asked = Asked::Filter(model.filter.clone());
            let input = Input::of(&model.filter);
            return stay(model, Mode::Typing { asked, input });
        }
        KeyCode::Char('v') => return Effect::Views,
        KeyCode::Char(key @ ('g' | ':')) => {
            let search = model.search(key == ':', Input::default(), 0);
            return stay(model, search);
        }
        KeyCode::Char('n') => return ask(model, Asked::Title),
        KeyCode::Char('u') => return Effect::Ask(Question::Undo),
        KeyCode::Char('r') => return Effect::Board,
        _ if model.tab != Tab::Board => return in_list(model, code),
        _ => return on_board(model, code),
    }
    Effect::Nothing
}

fn on_board(model: &mut Model, code: KeyCode) -> Effect {
    match code {
        KeyCode::Down | KeyCode::Char('j') => model.move_down(1),
        KeyCode::Up | KeyCode::Char('k') => model.move_down(-1),
        KeyCode::PageDown => model.move_down(limits::PAGE_ROWS),
        KeyCode::PageUp => model.move_down(-limits::PAGE_ROWS),
        KeyCode::End => model.move_down(isize::MAX),
        KeyCode::Home => model.move_down(-isize::MAX),
        KeyCode::Right | KeyCode::Char('l') => model.move_right(1),
        KeyCode::Left | KeyCode::Char('h') => model.move_right(-1),
        KeyCode::Enter => return show(model, About::Item),
        KeyCode::Char('d') => return show(model, About::Diff),
        KeyCode::Char('b') => {
            let next = next_field(Some(model.by), model.lanes);
            if let Some(by) = next.or_else(|| next_field(None, model.lanes)) {
                model.by = by;
            }
            return Effect::Board;
        }
        KeyCode::Char('w') => {
            model.lanes = next_field(model.lanes, Some(model.by));
            return Effect::Board;
        }
        KeyCode::Char('m') => return moves(model),
        KeyCode::Char('s') => return begin(model, Verb::Move(Move::Start)),
        KeyCode::Char('f') => return begin(model, Verb::Move(Move::Finish)),
        KeyCode::Char('a') => return begin(model, Verb::Move(Move::Approve)),
        KeyCode::Char('M') => return begin(model, Verb::Move(Move::Merge)),
        KeyCode::Char('t') => return begin(model, Verb::Accept(Criteria::Open)),
        KeyCode::Char('A') => return begin(model, Verb::Assign),
        KeyCode::Char('c') => return begin(model, Verb::Comment),
        KeyCode::Char('R') => return begin(model, Verb::Reserve),
        KeyCode::Char('e') => return begin(model, Verb::Edit),
        _ => {}
    }
    Effect::Nothing
}

/// Shows details of the item at the cursor; the key that opened them closes them.
fn show(model: &mut Model, about: About) -> Effect {
    model.opened = (!model.opened || model.about != about) && model.card().is_some();
    (model.about, model.details_top) = (about, 0);
    // Work on the branch does not change the state, so what is beside the board may be older.
    model.details = None;
    Effect::Nothing
}

fn open_tab(model: &mut Model, n: usize) -> Effect {
    let Some(tab) = Tab::ALL.get(n) else {
        return Effect::Nothing;
    };
    (model.tab, model.row, model.rows) = (*tab, 0, Vec::new());
    model.header = None;
    match tab {
        Tab::Board => Effect::Nothing,
        _ => Effect::Rows,
    }
}

fn in_list(model: &mut Model, code: KeyCode) -> Effect {
    let last = model.rows.len().saturating_sub(1);
    let step = |by: isize| model.row.saturating_add_signed(by).min(last);
    model.row = match code {
        KeyCode::Down | KeyCode::Char('j') => step(1),
        KeyCode::Up | KeyCode::Char('k') => step(-1),
        KeyCode::PageDown => step(limits::PAGE_ROWS),
        KeyCode::PageUp => step(-limits::PAGE_ROWS),
        KeyCode::Home => 0,
        KeyCode::End => last,
        KeyCode::Enter => return open_row(model),
        _ => return Effect::Nothing,
    };
    Effect::Nothing
}

/// Shows the item of a row on the board.
fn open_row(model: &mut Model) -> Effect {
    let name = model.rows.get(model.row).and_then(|row| row.item.clone());
    let Some(name) = name else {
        return Effect::Nothing;
    };
    match model.find(&name) {
        Some(place) => {
            (model.tab, model.place) = (Tab::Board, place);
            model.opened = false;
            show(model, About::Item)
        }
        None => {
            model.note = Some(Note::done("The filter hides this item"));
            Effect::Nothing
        }
    }
}

/// The field after this one, skipping the one already in use. Lanes can also be none.
fn next_field(field: Option<BoardField>, used: Option<BoardField>) -> Option<BoardField> {
    let from = field.map_or(0, |field| field as usize + 1);
    let rest = BoardField::ALL.iter().skip(from);
    rest.copied().find(|next| Some(*next) != used)
}

fn ask(model: &mut Model, asked: Asked) -> Effect {
    let input = match asked {
        Asked::For(verb, _) if verb.takes_lines() => Input::with_lines(),
        _ => Input::default(),
    };
    stay(model, Mode::Typing { asked, input })
}

/// Begins a change of the item at the cursor: by asking for its text or for confirmation, or at
/// once.
fn begin(model: &mut Model, verb: Verb) -> Effect {
    let Some(target) = model.target() else {
        model.note = Some(Note::done("There is no item here"));
        return Effect::Nothing;
    };
    begin_for(model, verb, target)
}

fn begin_for(model: &mut Model, verb: Verb, target: Target) -> Effect {
    if verb.asks().is_some() {
        return ask(model, Asked::For(verb, target));
    }
    match verb {
        Verb::Accept(Criteria::Open) => return Effect::Criteria(target),
        Verb::Move(step @ (Move::Approve | Move::Merge)) => {
            return Effect::Ask(Question::Work(step, target));
        }
        _ => {}
    }
    confirm(model, verb, target, String::new())
}

fn confirm(model: &mut Model, verb: Verb, target: Target, text: String) -> Effect {
    let question = verb.question(&target.id);
    let action = Action::Change(verb, target, text);
    match question {
        Some(question) => stay(model, Mode::Confirm { question, action }),
        None => Effect::Do(action),
    }
}

fn moves(model: &mut Model) -> Effect {
    let Some(card) = model.card() else {
        return Effect::Nothing;
    };
    let title = format!("{} is {}", card.id, status_word(&card.status));
    let Some(target) = model.target() else {
        return Effect::Nothing;
    };
    let choices = model.offered().into_iter();
    let choices: Vec<Choice> = choices
        .map(|verb| Choice::Verb(verb, target.clone()))
        .collect();
    if choices.is_empty() {
        model.note = Some(Note::done(format!("{title}: nothing can be changed here")));
        return Effect::Nothing;
    }
    stay(
        model,
        Mode::Menu {
            title,
            choices,
            at: 0,
        },
    )
}

fn menu(
    model: &mut Model,
    title: String,
    choices: Vec<Choice>,
    mut at: usize,
    code: KeyCode,
) -> Effect {
    let last = choices.len().saturating_sub(1);
    match code {
        KeyCode::Esc | KeyCode::Char('q') => return Effect::Nothing,
        KeyCode::Down | KeyCode::Char('j') => at = (at + 1).min(last),
        KeyCode::Up | KeyCode::Char('k') => at = at.saturating_sub(1),
        KeyCode::Enter => match choices.into_iter().nth(at) {
            Some(Choice::Verb(verb, target)) => return begin_for(model, verb, target),
            Some(Choice::Criteria(which, _, target)) => {
                return begin_for(model, Verb::Accept(which), target);
            }
            Some(Choice::View(_, query)) => {
                model.filter = query;
                return Effect::Board;
            }
            None => return Effect::Nothing,
        },
        _ => {}
    }
    stay(model, Mode::Menu { title, choices, at })
}

/// Edits a line; false if the key does not edit.
fn edit(input: &mut Input, key: KeyEvent) -> bool {
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    match key.code {
        KeyCode::Char('u') if control => input.clear_before(),
        KeyCode::Char('w') if control => input.delete_word(),
        KeyCode::Char('a') if control => input.home(),
        KeyCode::Char('e') if control => input.end(),
        // What a terminal may send for the end of a line that is pasted.
        KeyCode::Char('j') if control => return input.insert("\n"),
        KeyCode::Char(c) if !control => return input.insert(c.encode_utf8(&mut [0; 4])),
        KeyCode::Backspace => input.backspace(),
        KeyCode::Delete => input.delete(),
        KeyCode::Left => input.left(),
        KeyCode::Right => input.right(),
        KeyCode::Home => input.home(),
        KeyCode::End => input.end(),
        _ => return false,
    }
    true
}

fn typing(model: &mut Model, asked: Asked, mut input: Input, key: KeyEvent) -> Effect {
    match key.code {
        KeyCode::Esc => {
            if let Asked::Filter(before) = asked {
                (model.filter, model.filter_error) = (before, None);
                return Effect::Board;
            }
            return Effect::Nothing;
        }
        KeyCode::Enter => return typed(model, asked, input),
        _ => {
            edit(&mut input, key);
        }
    }
    let filter = matches!(asked, Asked::Filter(_));
    let text = input.text().to_string();
    model.mode = Mode::Typing { asked, input };
    if filter && (text.trim() != model.filter || model.filter_error.is_some()) {
        return filtered(model, text);
    }
    Effect::Nothing
}

/// Applies the query being typed, unless it has an error.
fn filtered(model: &mut Model, text: String) -> Effect {
    match Expr::parse(&text) {
        Ok(_) => {
            model.filter = text.trim().to_string();
            model.filter_error = None;
            Effect::Board
        }
        Err(error) => {
            let error = git_pm::Error::from(error);
            let hint = error.hints().first().map(|hint| format!("; {hint}"));
            let message = error.message();
            model.filter_error = Some(format!("{message}{}", hint.unwrap_or_default()));
            Effect::Nothing
        }
    }
}

fn typed(model: &mut Model, asked: Asked, input: Input) -> Effect {
    let text = input.text().trim().to_string();
    match asked {
        // The query with an error stays in the line; the board shows the last good one.
        Asked::Filter(before) if model.filter_error.is_some() => stay(
            model,
            Mode::Typing {
                asked: Asked::Filter(before),
                input,
            },
        ),
        Asked::Filter(_) => Effect::Nothing,
        Asked::Title if text.is_empty() => Effect::Nothing,
        Asked::Title => Effect::Do(Action::Create(text)),
        Asked::For(verb, _) if text.is_empty() && !verb.may_be_empty() => {
            model.note = Some(Note::done("Nothing was changed"));
            Effect::Nothing
        }
        Asked::For(verb, target) => confirm(model, verb, target, text),
    }
}

fn jump(
    model: &mut Model,
    is_palette: bool,
    mut input: Input,
    hits: Vec<Hit>,
    at: usize,
    key: KeyEvent,
) -> Effect {
    let at = match key.code {
        KeyCode::Esc => return Effect::Nothing,
        KeyCode::Enter => match hits.into_iter().nth(at) {
            None => return Effect::Nothing,
            Some(Hit::Item(place)) => {
                (model.tab, model.place) = (Tab::Board, place);
                return Effect::Nothing;
            }
            Some(Hit::Key(key, _)) => return browse(model, KeyCode::Char(key)),
            Some(Hit::Verb(verb, target)) => return begin_for(model, verb, target),
        },
        KeyCode::Down => at + 1,
        KeyCode::Up => at.saturating_sub(1),
        _ if edit(&mut input, key) => 0,
        _ => at,
    };
    let search = model.search(is_palette, input, at);
    stay(model, search)
}

fn click(model: &mut Model, hits: &Hits, x: u16, y: u16) -> Effect {
    if model.mode != Mode::Browse {
        return Effect::Nothing;
    }
    if let Some(tab) = view::at(&hits.tabs, x, y) {
        return open_tab(model, tab);
    }
    if let Some(row) = view::at(&hits.rows, x, y) {
        if model.row == row {
            return open_row(model);
        }
        model.row = row;
        return Effect::Nothing;
    }
    let Some(place) = view::at(&hits.cards, x, y) else {
        return Effect::Nothing;
    };
    if model.place == place && !model.opened {
        return show(model, About::Item);
    }
    model.place = place;
    Effect::Nothing
}
