//! Parts of a text that are shortened in a fixed order until all of them fit into a budget. Pure.

use super::tokens::count;

/// A part: a heading and lines, of which the last are left out first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Part {
    /// Its name in the order of shortening.
    pub name: &'static str,
    pub heading: String,
    pub lines: Vec<String>,
    /// The number of lines to keep as long as possible.
    pub keep: usize,
    /// The command that shows all of it.
    pub all: String,
    /// The number of lines that were left out.
    pub cut: usize,
    /// True if each line is an entry, so that their number is meaningful.
    pub counted: bool,
    /// The names of whole parts that were left out, which this one mentions.
    pub left_out: Vec<&'static str>,
}

impl Part {
    /// A part of some lines.
    pub(super) fn new(name: &'static str, heading: impl Into<String>, lines: Vec<String>) -> Part {
        Part {
            name,
            heading: heading.into(),
            lines,
            ..Part::default()
        }
    }

    /// The same part, which says how many entries were left out: `left_out` so far.
    #[must_use]
    pub(super) fn counting(mut self, left_out: usize) -> Part {
        self.counted = true;
        self.cut = left_out;
        self
    }

    /// The same part that keeps some lines as long as possible.
    #[must_use]
    pub(super) fn keeping(mut self, keep: usize) -> Part {
        self.keep = keep;
        self
    }

    /// The same part with the command that shows all of it.
    #[must_use]
    pub(super) fn shown_by(mut self, command: impl Into<String>) -> Part {
        self.all = command.into();
        self
    }

    /// Its text, with a line feed at the end.
    pub(super) fn text(&self) -> String {
        let mut out = String::new();
        for line in std::iter::once(&self.heading).chain(&self.lines) {
            if !line.is_empty() {
                out.push_str(line.trim_end());
            }
            out.push('\n');
        }
        if self.cut > 0 {
            out.push_str(&self.rest());
            out.push('\n');
        }
        if !self.left_out.is_empty() {
            out.push_str(&self.omissions());
            out.push('\n');
        }
        out
    }

    fn omissions(&self) -> String {
        let names = self.left_out.join(", ");
        format!("(left out: {names}; `git pm prime --budget N` allows more)")
    }

    fn rest(&self) -> String {
        match (self.counted, self.all.is_empty()) {
            (true, _) => format!("({} more: `{}`)", self.cut, self.all),
            (false, true) => "(shortened)".to_string(),
            (false, false) => format!("(shortened: `{}`)", self.all),
        }
    }

    /// The estimated size, with the empty line after it.
    pub(super) fn tokens(&self) -> usize {
        let lines: usize = self.lines.iter().map(|line| count(line) + 1).sum();
        let rest = if self.cut > 0 {
            count(&self.rest()) + 1
        } else {
            0
        };
        let omissions = match self.left_out.is_empty() {
            true => 0,
            false => count(&self.omissions()) + 1,
        };
        count(&self.heading) + 1 + lines + rest + omissions + 1
    }

    /// Leaves out the last line.
    fn shorten(&mut self) {
        self.lines.pop();
        self.cut += 1;
    }
}

/// The order in which parts are shortened, with the percentage of the budget that each may take
/// before another one is shortened. Parts that are not named are shortened last.
const ORDER: &[(&str, usize)] = &[
    ("comments", 6),
    ("dependents", 6),
    ("ready", 12),
    ("context", 25),
    ("learnings", 12),
    ("messages", 10),
    ("design", 12),
    ("text", 20),
    ("notes", 12),
    ("handoff", 12),
    ("elsewhere", 8),
    ("mine", 12),
    ("reservations", 10),
    ("dependencies", 10),
    ("epic", 10),
    ("acceptance", 15),
    ("plan", 15),
    ("findings", 20),
    ("return", 30),
];

/// Shortens the parts to a budget: first those that take more than their share, then all to what
/// they keep, then whole parts are left out.
pub(super) fn fit(parts: &mut Vec<Part>, budget: usize) {
    let mut total: usize = parts.iter().map(Part::tokens).sum();
    let mut cut = |parts: &mut [Part], name: &str, may: &dyn Fn(&Part, usize) -> bool| {
        let alike = parts.iter().filter(|part| part.name == name).count();
        // The last of several parts of one name first.
        for part in parts.iter_mut().rev().filter(|part| part.name == name) {
            let mut size = part.tokens();
            while total > budget && may(part, size * alike) {
                part.shorten();
                let now = part.tokens();
                total = total + now - size;
                size = now;
            }
        }
    };
    for (name, share) in ORDER {
        let share = budget * share / 100;
        cut(parts, name, &|part, size| {
            part.lines.len() > part.keep && size > share
        });
    }
    for (name, _) in ORDER {
        cut(parts, name, &|part, _| part.lines.len() > part.keep);
    }
    for (name, _) in ORDER {
        cut(parts, name, &|part, _| !part.lines.is_empty());
    }
    let sum = |parts: &[Part]| parts.iter().map(Part::tokens).sum::<usize>();
    for (name, _) in ORDER {
        if sum(parts) > budget {
            leave_out(parts, |part| part.name == *name);
        }
    }
    while sum(parts) > budget && parts.len() > 1 {
        let name = parts[parts.len() - 2].name;
        leave_out(parts, |part| part.name == name);
    }
}

/// Leaves out whole parts, which the last part mentions.
fn leave_out(parts: &mut Vec<Part>, is_meant: impl Fn(&Part) -> bool) {
    let Some(mut last) = parts.pop() else {
        return;
    };
    for part in parts.extract_if(.., |part| is_meant(part)) {
        if !last.left_out.contains(&part.name) {
            last.left_out.push(part.name);
        }
    }
    parts.push(last);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(name: &'static str, lines: usize) -> Part {
        let lines = (0..lines).map(|n| format!("line number {n}")).collect();
        Part::new(name, format!("## {name}"), lines).keeping(2)
    }

    #[test]
    fn parts_are_shortened_in_order_and_never_beyond_the_budget() {
        for budget in [60, 100, 200, 400, 1000] {
            let mut parts = vec![
                part("task", 2),
                part("acceptance", 50),
                part("context", 80),
                part("context", 3),
                part("comments", 40),
                part("next", 2),
            ];
            fit(&mut parts, budget);
            let total: usize = parts.iter().map(Part::tokens).sum();
            assert!(total <= budget, "{total} > {budget}");
            let last = parts.last().unwrap();
            assert_eq!(last.name, "next");
            for name in ["task", "acceptance", "context", "comments"] {
                let shown = parts.iter().any(|part| part.name == name);
                assert!(shown != last.left_out.contains(&name), "{budget}: {name}");
            }
            if budget >= 400 {
                assert_eq!(parts.len(), 6, "{budget}");
                assert!(parts.iter().all(|part| part.lines.len() >= 2));
            }
        }
        let mut parts = vec![part("comments", 3), part("context", 3)];
        let same = parts.clone();
        fit(&mut parts, 1000);
        assert_eq!(parts, same);
    }
}
