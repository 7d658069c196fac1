//! A page of output: headings, lines and lists of text that is safe to print.
//!
//! All text is escaped, so that the state cannot send control sequences to a terminal; styles are
//! added around it.

use std::borrow::Cow;

use git_pm::Env;
use git_pm::items::ItemView;
use git_pm::text::{escape_controls, excerpt};
use git_pm::values::{parse_rfc3339, span, span_left, status_word};

use super::limits;
use super::style::{Label, paint};
use super::table::{Cell, Table};
use super::unsettled::Unsettled;
use crate::arguments::globals::Globals;

/// A value with a text: that of an absent value is empty, a list has commas.
pub trait Shown {
    /// The text, not yet escaped.
    fn shown(&self) -> Cow<'_, str>;
}

impl Shown for str {
    fn shown(&self) -> Cow<'_, str> {
        self.into()
    }
}

impl Shown for String {
    fn shown(&self) -> Cow<'_, str> {
        self.into()
    }
}

impl Shown for Cow<'_, str> {
    fn shown(&self) -> Cow<'_, str> {
        Cow::Borrowed(self)
    }
}

impl Shown for usize {
    fn shown(&self) -> Cow<'_, str> {
        self.to_string().into()
    }
}

impl Shown for Vec<String> {
    fn shown(&self) -> Cow<'_, str> {
        self.join(", ").into()
    }
}

impl<T: Shown> Shown for Option<T> {
    fn shown(&self) -> Cow<'_, str> {
        self.as_ref().map(T::shown).unwrap_or_default()
    }
}

impl<T: Shown + ?Sized> Shown for &T {
    fn shown(&self) -> Cow<'_, str> {
        (**self).shown()
    }
}

/// Lines of styled text.
pub struct Page {
    text: String,
    width: Option<usize>,
    now_ms: u64,
    env: Option<Env>,
    unsettled: Unsettled,
    quiet: bool,
    verbose: bool,
    agent: bool,
    at_terminal: bool,
}

impl Page {
    /// An empty page of this many columns, read at this time.
    pub fn new(width: Option<usize>, now_ms: u64, globals: &Globals) -> Self {
        Page {
            text: String::new(),
            width,
            now_ms,
            env: None,
            unsettled: Unsettled::default(),
            quiet: globals.quiet,
            verbose: globals.verbose,
            agent: false,
            at_terminal: false,
        }
    }

    /// Shows days in the zone of an environment.
    pub fn in_zone_of(mut self, env: &Env) -> Self {
        self.env = Some(env.clone());
        self
    }

    /// Marks these ids wherever they are shown.
    pub fn marking(mut self, unsettled: Unsettled) -> Self {
        self.unsettled = unsettled;
        self
    }

    /// A text that names items, with the mark behind each id that may still change.
    pub fn marked<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.unsettled.mark(text)
    }

    /// The time of a day that was entered: the distance, and the day, with the time of day if there was one.
    pub fn day(&self, rfc3339: &str) -> String {
        let (when, time) = (self.when(rfc3339), parse_rfc3339(rfc3339));
        let day = self.env.as_ref().zip(time).map(|(env, ms)| env.moment(ms));
        day.map_or_else(|| when.clone(), |day| format!("{when} ({day})"))
    }

    /// A value of a field in a person's words.
    pub fn value(&self, field: &str, json: &serde_json::Value) -> String {
        git_pm::log::words::value(self.env(), field, json)
    }

    /// The environment of the reader, where one is set.
    pub fn env(&self) -> Option<&Env> {
        self.env.as_ref()
    }

    /// Marks the reader as an agent, so that no commands for humans are suggested.
    pub fn for_agent(mut self, agent: bool) -> Self {
        self.agent = agent;
        self
    }

    /// True if the reader is an agent.
    pub fn agent(&self) -> bool {
        self.agent
    }

    /// Marks the page as shown at a terminal, rather than read by a program.
    pub fn at_terminal(mut self, at_terminal: bool) -> Self {
        self.at_terminal = at_terminal;
        self
    }

    /// True if the page is shown at a terminal.
    pub fn is_at_terminal(&self) -> bool {
        self.at_terminal
    }

    /// The finished text.
    pub fn finish(self) -> String {
        self.text
    }

    /// True with `--verbose`.
    pub fn verbose(&self) -> bool {
        self.verbose
    }

    /// Adds text to the line.
    pub fn put(&mut self, label: Label, text: impl Shown) -> &mut Self {
        let text = excerpt(&text.shown(), limits::LINE_MAX);
        let text = match label.names_items() {
            true => self.unsettled.mark(&text),
            false => Cow::Borrowed(text.as_str()),
        };
        self.text += &paint(label, &text);
        self
    }

    /// Adds plain text to the line.
    pub fn text(&mut self, text: impl Shown) -> &mut Self {
        self.put(Label::Text, text)
    }

    /// Ends the line.
    pub fn end(&mut self) -> &mut Self {
        self.text.push('\n');
        self
    }

    /// Adds plain text and ends the line.
    pub fn line(&mut self, text: impl Shown) -> &mut Self {
        self.text(text).end()
    }

    /// Adds less important text and ends the line.
    pub fn dim(&mut self, text: impl Shown) -> &mut Self {
        self.put(Label::Dim, text).end()
    }

    /// Begins a section, after an empty line unless it is the first.
    pub fn heading(&mut self, text: impl Shown) -> &mut Self {
        self.gap().put(Label::Heading, text).end()
    }

    /// An empty line, unless the page is empty.
    pub fn gap(&mut self) -> &mut Self {
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
        self
    }

    /// A line with a named value; nothing if the value is empty.
    pub fn field(&mut self, name: &str, label: Label, value: impl Shown) -> &mut Self {
        let value = value.shown();
        if !value.is_empty() {
            // A longer name is still followed by a space.
            self.put(Label::Dim, format!("  {name:<12} "));
            self.put(label, value.as_ref()).end();
        }
        self
    }

    /// Indented text of several lines.
    pub fn prose(&mut self, indent: &str, text: &str) -> &mut Self {
        for line in escape_controls(text).replace("\r\n", "\n").lines() {
            if !line.is_empty() {
                self.text += indent;
                self.text += line;
            }
            self.text.push('\n');
        }
        self
    }

    /// A table, at most as wide as the terminal.
    pub fn table(&mut self, indent: &str, table: &Table) -> &mut Self {
        let width = self.width.map(|w| w.saturating_sub(indent.len()));
        let lines = match self.unsettled.is_empty() {
            true => table.lines(width),
            false => table.marked(&self.unsettled).lines(width),
        };
        for line in lines {
            self.text += indent;
            self.text += &line;
            self.text.push('\n');
        }
        self
    }

    /// A table with a row per item; column `elastic` shrinks if the terminal is narrow.
    pub fn rows<T, const N: usize>(
        &mut self,
        indent: &str,
        elastic: usize,
        items: impl IntoIterator<Item = T>,
        row: impl Fn(&Page, T) -> [Cell; N],
    ) -> &mut Self {
        let mut table = Table::new(elastic);
        for item in items {
            table.row(row(self, item));
        }
        self.table(indent, &table)
    }

    /// A table as [`Page::rows`] draws it, or the line `none` if there are no items.
    pub fn list<T, const N: usize>(
        &mut self,
        none: &str,
        elastic: usize,
        items: &[T],
        row: impl Fn(&Page, &T) -> [Cell; N],
    ) -> &mut Self {
        if items.is_empty() {
            return self.line(none);
        }
        self.rows("", elastic, items, row)
    }

    /// A heading and an indented table, unless there are no items.
    pub fn section<T, const N: usize>(
        &mut self,
        heading: &str,
        elastic: usize,
        items: &[T],
        row: impl Fn(&Page, &T) -> [Cell; N],
    ) -> &mut Self {
        if items.is_empty() {
            return self;
        }
        self.heading(heading).rows("  ", elastic, items, row)
    }

    /// Suggests the next commands, unless quiet.
    pub fn next<S: AsRef<str>>(&mut self, commands: &[S]) -> &mut Self {
        if self.quiet || commands.is_empty() {
            return self;
        }
        self.put(Label::Dim, "next: ");
        for (n, command) in commands.iter().enumerate() {
            if n > 0 {
                self.put(Label::Dim, " · ");
            }
            self.put(Label::Command, command.as_ref());
        }
        self.end()
    }

    /// Hints, one per line, unless quiet.
    pub fn hints<H: std::fmt::Display>(&mut self, hints: &[H]) -> &mut Self {
        let shown = if self.quiet { &[] } else { hints };
        for hint in shown {
            self.text += &paint(Label::Hint, "hint:");
            self.text(" ").line(hint.to_string());
        }
        self
    }

    /// True with `--quiet`.
    pub fn quiet(&self) -> bool {
        self.quiet
    }

    /// The number of rows that are not shown, if any.
    pub fn more(&mut self, all: usize, shown: usize) -> &mut Self {
        if all > shown {
            self.dim(format!("  and {} more", all - shown));
        }
        self
    }

    /// That a limit left out further rows, if it did.
    pub fn more_unseen(&mut self, more: bool) -> &mut Self {
        if more {
            self.dim("and more: `--limit 0` lists all");
        }
        self
    }

    /// A warning.
    pub fn warning(&mut self, text: impl Shown) -> &mut Self {
        self.put(Label::Warning, "warning:").text(" ").line(text)
    }

    /// The stored word of the status that people read: of what is put off until a time, `deferred`.
    pub fn status<'i>(&self, item: &'i ItemView) -> &'i str {
        item.status_at(self.now_ms).as_str()
    }

    /// That status in words, and whether the work was returned to its author.
    pub fn status_words(&self, item: &ItemView) -> String {
        let word = status_word(self.status(item));
        match item.returned {
            Some(_) => format!("{word}, returned"),
            None => word.into_owned(),
        }
    }

    /// True if a time, in milliseconds since the Unix epoch, is in the future.
    pub fn is_in_future(&self, ms: u64) -> bool {
        ms > self.now_ms
    }

    /// The distance to now, such as `2h ago`; the time itself with `--verbose`.
    pub fn when(&self, rfc3339: &str) -> String {
        match parse_rfc3339(rfc3339) {
            Some(ms) if !self.verbose => distance(ms, self.now_ms),
            _ => self.exact(rfc3339),
        }
    }

    /// The time itself, in the zone of the reader.
    pub fn exact(&self, rfc3339: &str) -> String {
        let env = self.env.as_ref();
        env.map_or_else(|| rfc3339.to_string(), |env| env.shown_time(rfc3339))
    }
}

/// The distance between a time and now, in one or two units.
fn distance(ms: u64, now_ms: u64) -> String {
    // The first commit of every state has no time.
    if ms == 0 {
        return "at the beginning".to_string();
    }
    let span = span(now_ms.saturating_sub(ms));
    if ms > now_ms {
        format!("in {}", span_left(ms - now_ms))
    } else if span == "0s" {
        "just now".to_string()
    } else {
        format!("{span} ago")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page() -> Page {
        Page::new(None, 1_000_000_000, &Globals::default())
    }

    #[test]
    fn texts_of_the_state_cannot_control_the_terminal() {
        let mut page = page();
        page.line("a\u{1b}[2Jb\nc");
        page.prose("  ", "x\u{1b}]0;y\u{7}\nz");
        assert!(!page.finish().contains('\u{1b}'));
    }

    #[test]
    fn times_are_shown_as_distances() {
        let now = 1_000_000_000;
        assert_eq!(distance(now + 14_400_000, now), "in 4h");
        assert_eq!(distance(now + 5_400_000, now), "in 1h 30m");
        assert_eq!(distance(now + 86_399_000, now), "in 24h");
        assert_eq!(distance(now + 59_000, now), "in 59s");
        assert_eq!(distance(now - 90_000, now), "1m ago");
        assert_eq!(distance(now, now), "just now");
        assert_eq!(distance(now - 172_800_000, now), "2d ago");
        assert_eq!(distance(0, now), "at the beginning");
    }
}
