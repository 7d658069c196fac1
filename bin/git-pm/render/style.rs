//! Labels and their styles: which color each has.
//!
//! Whether colors are shown is decided in `output::color`.

use std::collections::BTreeMap;

use anstyle::{AnsiColor, Effects, Style};
use git_pm::values::{Status, status_word};

/// The meaning of a piece of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Label {
    /// Plain text.
    Text,
    /// The headline of a part.
    Heading,
    /// An item's id.
    Id,
    /// A person or agent.
    Actor,
    /// A path, pattern or branch.
    Path,
    /// Success.
    Good,
    /// In progress.
    Active,
    /// Waiting for an actor.
    Waiting,
    /// Stopped or broken.
    Bad,
    /// Less important.
    Dim,
    /// A command to type.
    Command,
    /// The word `error:`.
    Error,
    /// The word `warning:`.
    Warning,
    /// The words `hint:` and `note:`.
    Hint,
}

impl Label {
    /// [`Label::Good`] if it is good, else [`Label::Dim`].
    pub fn good_if(good: bool) -> Label {
        if good { Label::Good } else { Label::Dim }
    }

    /// True if the texts name items.
    pub fn names_items(self) -> bool {
        matches!(self, Label::Id | Label::Waiting)
    }
}

/// The style of a label.
pub fn style(label: Label) -> Style {
    let color = |color: AnsiColor| Style::new().fg_color(Some(color.into()));
    match label {
        Label::Text => Style::new(),
        Label::Heading => Style::new().effects(Effects::BOLD),
        Label::Id => color(AnsiColor::Cyan),
        Label::Actor => color(AnsiColor::Blue),
        Label::Path => color(AnsiColor::Magenta),
        Label::Good => color(AnsiColor::Green),
        Label::Active => color(AnsiColor::Yellow),
        Label::Waiting => color(AnsiColor::Magenta),
        Label::Bad => color(AnsiColor::Red),
        Label::Dim => Style::new().effects(Effects::DIMMED),
        Label::Command => color(AnsiColor::Green),
        Label::Error => color(AnsiColor::Red).effects(Effects::BOLD),
        Label::Warning => color(AnsiColor::Yellow).effects(Effects::BOLD),
        Label::Hint => color(AnsiColor::Cyan).effects(Effects::BOLD),
    }
}

/// The label of an item's status.
pub fn status(word: &str) -> Label {
    match word {
        "in_progress" | "hooked" => Label::Active,
        "in_review" | "ready_for_integration" => Label::Waiting,
        "done" | "closed" => Label::Good,
        "blocked" | "missing" => Label::Bad,
        "deferred" | "cancelled" | "tombstone" => Label::Dim,
        _ => Label::Text,
    }
}

/// How many items have each status, in the words and the order of the life cycle.
pub fn statuses(counts: &BTreeMap<String, usize>) -> Vec<String> {
    let mut of_words: Vec<(usize, String, usize)> = Vec::new();
    for (stored, count) in counts {
        let word = status_word(stored).into_owned();
        let rank = Status::TASK.iter().position(|status| status.word() == word);
        match of_words.iter_mut().find(|(_, known, _)| *known == word) {
            Some((.., all)) => *all += count,
            None => of_words.push((rank.unwrap_or(usize::MAX), word, *count)),
        }
    }
    of_words.retain(|(.., count)| *count > 0);
    of_words.sort();
    let words = of_words.into_iter();
    words
        .map(|(_, word, count)| format!("{count} {word}"))
        .collect()
}

/// The label of a priority: only urgent ones are highlighted.
pub fn priority(number: u8) -> Label {
    match number {
        0 => Label::Bad,
        1 => Label::Active,
        _ => Label::Dim,
    }
}

/// The text in the label's style. It is not escaped.
pub fn paint(label: Label, text: &str) -> String {
    let style = style(label);
    if style == Style::new() || text.is_empty() {
        return text.to_string();
    }
    format!("{style}{text}{style:#}")
}

/// Labels of different colors.
#[cfg(feature = "tui")]
const COLORED: [Label; 8] = [
    Label::Heading,
    Label::Id,
    Label::Actor,
    Label::Path,
    Label::Good,
    Label::Active,
    Label::Bad,
    Label::Dim,
];

/// A line of painted texts without its styles, and the label of its last text.
#[cfg(feature = "tui")]
pub fn unpainted(line: &str) -> (Label, String) {
    let is_painted = line.ends_with(&format!("{:#}", style(Label::Dim)));
    let last = |label: &Label| line.rfind(&style(*label).to_string());
    let label = COLORED.into_iter().max_by_key(last).filter(|_| is_painted);
    let text = anstream::adapter::strip_str(line).to_string();
    (label.unwrap_or(Label::Text), text)
}

/// The styles of help texts.
pub fn help() -> clap::builder::Styles {
    clap::builder::Styles::styled()
        .header(style(Label::Heading))
        .usage(style(Label::Heading))
        .literal(style(Label::Command))
        .placeholder(style(Label::Id))
        .error(style(Label::Error))
        .valid(style(Label::Good))
        .invalid(style(Label::Active))
}
