//! What a card of a board says besides its title, the most important first.

use git_pm::Env;
use git_pm::items::{BoardCard, BoardField, BoardView};
use git_pm::text::{excerpt, shorten};
use git_pm::values::parse_rfc3339;
use unicode_width::UnicodeWidthStr;

use super::board::{mood, standing};
use super::limits;
use super::style::{Label, priority};
use super::table::{fit, wrapped};

/// The lines of a title.
const LINES: usize = 2;
/// The characters of a title that are looked at.
const TITLE: usize = 300;

/// Parts of a line with their labels.
pub type Parts = Vec<(Label, String)>;

/// The board with the days of its cards in the zone of the reader.
pub fn in_zone(env: &Env, mut view: BoardView) -> BoardView {
    let cells = view.lanes.iter_mut().flat_map(|lane| &mut lane.cells);
    for card in cells.flat_map(|cell| &mut cell.cards) {
        let due = card.due_at.as_deref().and_then(parse_rfc3339);
        card.due_at = due.map(|ms| env.day(ms));
        let until = card.defer_until.as_deref().and_then(parse_rfc3339);
        card.defer_until = until.map(|ms| env.day(ms));
    }
    view
}

/// What a card says besides its id and title and what its column and lane say, in the order in
/// which it is kept where there is little room: what it waits for, what needs attention, its
/// priority, due day, owner, type, epic, labels and criteria.
pub fn facts(view: &BoardView, card: &BoardCard) -> Parts {
    let is_group = |field| view.by == field || view.lanes_by == Some(field);
    let mut facts = Parts::new();
    if let Some(other) = &card.waits_for {
        facts.push((Label::Waiting, format!("after {other}")));
    }
    let notes = standing(view.by, card).into_iter();
    let notes = notes.filter(|note| note != "waits" || card.waits_for.is_none());
    facts.extend(notes.map(|note| (mood(card), note)));
    if !is_group(BoardField::Priority) {
        facts.push((priority(card.priority), format!("P{}", card.priority)));
    }
    if let Some(due) = card.due() {
        let day: String = due.chars().take(10).collect();
        facts.push((Label::Waiting, format!("due {day}")));
    }
    if let Some(owner) = card.owner.as_ref().filter(|_| !is_group(BoardField::Owner)) {
        facts.push((Label::Actor, owner.clone()));
    }
    // Nearly all items are of these types.
    let is_usual = ["feature", "task"].contains(&card.item_type.as_str());
    if !is_usual && !is_group(BoardField::Type) {
        facts.push((Label::Text, card.item_type.clone()));
    }
    if let Some(epic) = card.epic.as_ref().filter(|_| !is_group(BoardField::Epic)) {
        facts.push((Label::Id, epic.clone()));
    }
    let labels = card.labels.iter();
    facts.extend(labels.map(|label| (Label::Dim, format!("#{label}"))));
    if card.criteria > 0 {
        let met = format!("criteria {}/{}", card.criteria_met, card.criteria);
        facts.push((Label::Dim, met));
    }
    facts
}

/// Takes the first of the facts that fit into this many columns, each after a space.
pub fn take(facts: &mut Parts, width: usize) -> Parts {
    let mut left = width;
    let mut taken = Parts::new();
    facts.retain(|(label, text)| {
        let text = excerpt(text, limits::CELL_MAX);
        let needed = text.width() + 1;
        let fits = needed <= left;
        if fits {
            left -= needed;
            taken.push((*label, format!(" {text}")));
        }
        !fits
    });
    taken
}

/// A card: its id with facts, its title, and further facts that fit into one line.
pub fn lines(view: &BoardView, card: &BoardCard, width: usize) -> Vec<Parts> {
    let mut facts = facts(view, card);
    let mut head = vec![(Label::Id, card.id.clone())];
    head.extend(take(&mut facts, width.saturating_sub(card.id.width())));
    let mut out = vec![head];
    let mut title = wrapped(&shorten(&card.title, TITLE), width);
    if title.len() > LINES {
        title.truncate(LINES);
        if let Some(last) = title.last_mut() {
            *last = fit(&format!("{last} …"), width).0;
            if !last.ends_with('…') {
                last.push('…');
            }
        }
    }
    out.extend(title.into_iter().map(|line| vec![(Label::Text, line)]));
    // The space before the first one is not needed at the beginning of a line.
    let mut rest = take(&mut facts, width + 1);
    if let Some((_, first)) = rest.first_mut() {
        first.remove(0);
        out.push(rest);
    }
    out
}
