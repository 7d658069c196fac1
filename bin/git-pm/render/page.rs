//! A page of output under construction. Every text that enters it is escaped, so that nothing in
//! the state can steer a terminal; styles are added around it.

use git_pm::model::stamp;
use git_pm::model::text::{escape_controls, one_line};

use super::style::{Label, paint};
use super::table::Table;
use crate::arguments::globals::Globals;

/// Lines of styled text.
pub struct Page {
    text: String,
    width: Option<usize>,
    now_ms: u64,
    quiet: bool,
    verbose: bool,
    agent: bool,
}

impl Page {
    /// An empty page of this many columns, read at this time.
    pub fn new(width: Option<usize>, now_ms: u64, globals: &Globals) -> Self {
        Page {
            text: String::new(),
            width,
            now_ms,
            quiet: globals.quiet,
            verbose: globals.verbose,
            agent: false,
        }
    }

    /// The same page for an agent, which is not told to type what only a human may do.
    pub fn for_agent(mut self, agent: bool) -> Self {
        self.agent = agent;
        self
    }

    /// Whether an agent reads it.
    pub fn agent(&self) -> bool {
        self.agent
    }

    /// The finished text.
    pub fn finish(self) -> String {
        self.text
    }

    /// Whether the reader asked for more.
    pub fn verbose(&self) -> bool {
        self.verbose
    }

    /// Adds text to the line.
    pub fn put(&mut self, label: Label, text: &str) -> &mut Self {
        self.text += &paint(label, &one_line(text));
        self
    }

    /// Adds plain text to the line.
    pub fn text(&mut self, text: &str) -> &mut Self {
        self.put(Label::Text, text)
    }

    /// Ends the line.
    pub fn end(&mut self) -> &mut Self {
        self.text.push('\n');
        self
    }

    /// Adds a whole line.
    pub fn line(&mut self, text: &str) -> &mut Self {
        self.text(text).end()
    }

    /// Begins a part: an empty line before it, unless it is the first.
    pub fn heading(&mut self, text: &str) -> &mut Self {
        self.gap().put(Label::Heading, text).end()
    }

    /// An empty line, unless nothing stands before it.
    pub fn gap(&mut self) -> &mut Self {
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
        self
    }

    /// A named value on a line of its own; nothing when the value is empty.
    pub fn field(&mut self, name: &str, label: Label, value: &str) -> &mut Self {
        if !value.is_empty() {
            // A longer name still has a space behind it.
            self.put(Label::Dim, &format!("  {name:<12} "));
            self.put(label, value).end();
        }
        self
    }

    /// Text of several lines as it was written, indented.
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

    /// A table, as wide as the terminal at most.
    pub fn table(&mut self, indent: &str, table: &Table) -> &mut Self {
        let width = self.width.map(|w| w.saturating_sub(indent.len()));
        for line in table.lines(width) {
            self.text += indent;
            self.text += &line;
            self.text.push('\n');
        }
        self
    }

    /// Says what to type next, unless the reader wants only the answer.
    pub fn next(&mut self, commands: &[&str]) -> &mut Self {
        if self.quiet || commands.is_empty() {
            return self;
        }
        self.put(Label::Dim, "next: ");
        for (n, command) in commands.iter().enumerate() {
            if n > 0 {
                self.put(Label::Dim, " · ");
            }
            self.put(Label::Command, command);
        }
        self.end()
    }

    /// What helps, a sentence each, unless the reader wants only the answer.
    pub fn hints(&mut self, hints: &[String]) -> &mut Self {
        let shown = if self.quiet { &[] } else { hints };
        for hint in shown {
            self.text += &paint(Label::Hint, "hint:");
            self.text(" ").line(hint);
        }
        self
    }

    /// Whether the reader wants only the answer.
    pub fn quiet(&self) -> bool {
        self.quiet
    }

    /// A line that warns.
    pub fn warning(&mut self, text: &str) -> &mut Self {
        self.put(Label::Warning, "warning:").text(" ").line(text)
    }

    /// Whether a time, in milliseconds since the Unix epoch, is to come.
    pub fn is_to_come(&self, ms: u64) -> bool {
        ms > self.now_ms
    }

    /// How long ago, or how long until; the time itself when the reader wants more.
    pub fn when(&self, rfc3339: &str) -> String {
        match stamp::parse_rfc3339(rfc3339) {
            Some(ms) if !self.verbose => distance(ms, self.now_ms),
            _ => rfc3339.to_string(),
        }
    }
}

/// The distance between a time and now, in one unit or two.
fn distance(ms: u64, now_ms: u64) -> String {
    // The first commit of every state has no time of its own.
    if ms == 0 {
        return "at the beginning".to_string();
    }
    let span = stamp::span(ms.abs_diff(now_ms));
    if ms > now_ms {
        format!("in {span}")
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
    fn nothing_from_the_state_steers_a_terminal() {
        let mut page = page();
        page.line("a\u{1b}[2Jb\nc");
        page.prose("  ", "x\u{1b}]0;y\u{7}\nz");
        assert!(!page.finish().contains('\u{1b}'));
    }

    #[test]
    fn times_read_as_distances() {
        let now = 1_000_000_000;
        assert_eq!(distance(now + 14_400_000, now), "in 4h");
        assert_eq!(distance(now + 5_400_000, now), "in 1h 30m");
        assert_eq!(distance(now - 90_000, now), "1m ago");
        assert_eq!(distance(now, now), "just now");
        assert_eq!(distance(now - 172_800_000, now), "2d ago");
        assert_eq!(distance(0, now), "at the beginning");
    }
}
