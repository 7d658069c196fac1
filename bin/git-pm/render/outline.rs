//! A report as sections, printed as text or as Markdown.

use super::board_markdown::escaped;
use super::page::Page;
use super::style::Label;

/// A part of a report.
#[derive(Debug)]
pub struct Section {
    /// Its heading; none for the first lines.
    pub heading: Option<String>,
    /// 1 for a main section, 2 for a part of the one before.
    pub level: usize,
    pub entries: Vec<Entry>,
}

/// A line of a section.
#[derive(Debug)]
pub enum Entry {
    /// A sentence.
    Line(String),
    /// A value with its name.
    Field(&'static str, String),
    /// An item with its title, and what is to be said about it.
    Item(String, String, String),
    /// Rows of a table below their headings; all but the first column are numbers.
    Table(Vec<&'static str>, Vec<Vec<String>>),
}

impl Section {
    /// A main section.
    pub fn new(heading: impl Into<String>, entries: Vec<Entry>) -> Section {
        Section {
            heading: Some(heading.into()),
            level: 1,
            entries,
        }
    }

    /// A part of the section before.
    pub fn part(heading: impl Into<String>, entries: Vec<Entry>) -> Section {
        Section {
            level: 2,
            ..Section::new(heading, entries)
        }
    }
}

/// Sections as text.
pub fn text(page: &mut Page, sections: &[Section]) {
    for section in sections {
        match &section.heading {
            Some(heading) if section.level == 1 => {
                page.heading(heading);
            }
            Some(heading) => {
                page.put(Label::Dim, format!("  {heading}")).end();
            }
            None => {}
        }
        let indent = if section.level == 1 { "  " } else { "    " };
        // Items that follow each other are one table.
        let mut entries = section.entries.iter().peekable();
        while let Some(entry) = entries.next() {
            match entry {
                Entry::Line(line) if section.heading.is_none() => {
                    page.line(line);
                }
                Entry::Line(line) => {
                    page.line(format!("{indent}{line}"));
                }
                Entry::Field(name, value) => {
                    page.field(name, Label::Text, value);
                }
                Entry::Item(id, title, note) => {
                    let mut items = vec![(id, title, note)];
                    while let Some(Entry::Item(id, title, note)) =
                        entries.next_if(|next| matches!(next, Entry::Item(..)))
                    {
                        items.push((id, title, note));
                    }
                    page.rows(indent, 1, items, |_, (id, title, note)| {
                        [Label::Id.of(id), Label::Text.of(title), Label::Dim.of(note)]
                    });
                }
                Entry::Table(names, rows) => table(page, indent, names, rows),
            }
        }
    }
}

/// A table of numbers, right-aligned.
fn table(page: &mut Page, indent: &str, names: &[&str], rows: &[Vec<String>]) {
    let width = |n: usize| {
        let cells = rows.iter().filter_map(|row| row.get(n));
        let longest = cells.map(|cell| cell.chars().count()).max().unwrap_or(0);
        longest.max(names[n].chars().count())
    };
    let widths: Vec<usize> = (0..names.len()).map(width).collect();
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let mut text = indent.to_string();
        for (n, (cell, width)) in cells.zip(&widths).enumerate() {
            match n {
                0 => text += &format!("{cell:<width$}"),
                _ => text += &format!("  {cell:>width$}"),
            }
        }
        text
    };
    page.dim(line(&mut names.iter().copied()));
    for row in rows {
        page.line(line(&mut row.iter().map(String::as_str)));
    }
}

/// Sections as Markdown. Titles are escaped, so that they stay text.
pub fn markdown(page: &mut Page, sections: &[Section]) {
    for section in sections {
        if let Some(heading) = &section.heading {
            let marks = "#".repeat(section.level + 1);
            page.gap()
                .line(format!("{marks} {}", escaped(heading)))
                .end();
        }
        for entry in &section.entries {
            match entry {
                Entry::Line(line) if section.heading.is_none() => {
                    page.line(escaped(line));
                }
                Entry::Line(line) => {
                    page.line(format!("- {}", escaped(line)));
                }
                Entry::Field(name, value) if !value.is_empty() => {
                    page.line(format!("- {name}: {}", escaped(value)));
                }
                Entry::Field(..) => {}
                Entry::Item(id, title, note) => {
                    let note = match note.is_empty() {
                        true => String::new(),
                        false => format!(" ({})", escaped(note)),
                    };
                    page.line(format!("- **{}** {}{note}", escaped(id), escaped(title)));
                }
                Entry::Table(names, rows) => {
                    page.line(format!("| {} |", names.join(" | ")));
                    let marks = names.iter().enumerate();
                    let marks = marks.map(|(n, _)| if n == 0 { "---" } else { "---:" });
                    page.line(format!("| {} |", marks.collect::<Vec<_>>().join(" | ")));
                    for row in rows {
                        let cells: Vec<String> = row.iter().map(|cell| escaped(cell)).collect();
                        page.line(format!("| {} |", cells.join(" | ")));
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::tests::fixtures::drawn;

    fn sections() -> Vec<Section> {
        let evil = "<script> \u{1b}[31m *b* |";
        let item = |id: &str| Entry::Item(id.into(), evil.into(), "2h of 1h".into());
        let table = Entry::Table(
            vec!["from", "open"],
            vec![
                vec!["2026-11-20".into(), "7".into()],
                vec!["2026-11-21".into(), "12".into()],
            ],
        );
        vec![
            Section {
                heading: None,
                level: 1,
                entries: vec![Entry::Line("From a to b".into())],
            },
            Section::new(evil, vec![Entry::Field("open", "7".into())]),
            Section::part("Done", vec![item("T-0001"), item("T-0002")]),
            Section::new("Series", vec![table]),
        ]
    }

    #[test]
    fn text_and_markdown_have_the_same_lines_and_no_markup_of_the_state() {
        let text = drawn(80, |page| super::text(page, &sections()));
        insta::assert_snapshot!("outline_text", text);
        let md = drawn(80, |page| markdown(page, &sections()));
        insta::assert_snapshot!("outline_markdown", md);
    }
}
