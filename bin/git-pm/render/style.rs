//! What things mean, and how that looks: the only place that knows a colour.

use anstyle::{AnsiColor, Effects, Style};

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
    /// What goes on well or is done.
    Good,
    /// What is under way.
    Active,
    /// What waits for somebody.
    Waiting,
    /// What is stopped or broken.
    Bad,
    /// What matters little.
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

/// The look of a label.
pub fn style(label: Label) -> Style {
    let colour = |colour: AnsiColor| Style::new().fg_color(Some(colour.into()));
    match label {
        Label::Text => Style::new(),
        Label::Heading => Style::new().effects(Effects::BOLD),
        Label::Id => colour(AnsiColor::Cyan),
        Label::Actor => colour(AnsiColor::Blue),
        Label::Path => colour(AnsiColor::Magenta),
        Label::Good => colour(AnsiColor::Green),
        Label::Active => colour(AnsiColor::Yellow),
        Label::Waiting => colour(AnsiColor::Magenta),
        Label::Bad => colour(AnsiColor::Red),
        Label::Dim => Style::new().effects(Effects::DIMMED),
        Label::Command => colour(AnsiColor::Green),
        Label::Error => colour(AnsiColor::Red).effects(Effects::BOLD),
        Label::Warning => colour(AnsiColor::Yellow).effects(Effects::BOLD),
        Label::Hint => colour(AnsiColor::Cyan).effects(Effects::BOLD),
    }
}

/// The label of an item's state.
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

/// The label of a priority: only the urgent ones stand out.
pub fn priority(number: u8) -> Label {
    match number {
        0 => Label::Bad,
        1 => Label::Active,
        _ => Label::Dim,
    }
}

/// The text in the label's look. It is not escaped here.
pub fn paint(label: Label, text: &str) -> String {
    let style = style(label);
    if style == Style::new() || text.is_empty() {
        return text.to_string();
    }
    format!("{style}{text}{style:#}")
}

/// The look of help texts.
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
