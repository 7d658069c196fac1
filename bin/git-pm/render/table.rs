//! Aligned columns that fit the terminal: cells are cut and padded, and styles put around them afterwards.

use std::borrow::Cow;

use git_pm::text::excerpt;
use git_pm::values::status_word;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::limits;
use super::page::Shown;
use super::style::{Label, paint, priority, status};
use super::unsettled::Unsettled;

/// The spaces between two columns.
const GAP: &str = "  ";
/// The indent of a sentence below its row.
const BELOW: &str = "    ";
/// The minimum width of a cut column.
const LEAST: usize = 12;
/// The width of the elastic column from which no spare column is left out for it, and the longest text
/// that is no sentence.
const READABLE: usize = 40;
/// The width to which a column is padded where nothing limits it: one long text moves only its own row.
const PADDED: usize = 120;

/// A text cut to this width with `…`, and the number of free columns.
pub fn fit(text: &str, width: usize) -> (String, usize) {
    let text = excerpt(text, width.max(limits::CELL_MAX));
    let whole = text.width();
    if whole <= width {
        return (text, width - whole);
    }
    let (mut out, mut used) = (String::new(), 0);
    for c in text.chars() {
        let columns = c.width().unwrap_or(0);
        if used + columns + 1 > width {
            break;
        }
        out.push(c);
        used += columns;
    }
    let cut = out.trim_end().len();
    used -= out[cut..].width();
    out.truncate(cut);
    out.push('…');
    (out, width.saturating_sub(used + 1))
}

/// A text that is too wide, cut with `…`: between words, unless the next one is wider than all of it.
fn cut(text: &str, width: usize) -> String {
    let first = wrapped(text, width).swap_remove(0);
    let rest = text.get(first.len()..).unwrap_or_default();
    let next = rest.split_whitespace().next();
    match next.is_some_and(|word| word.width() > width) {
        true => fit(text, width).0,
        false => fit(&format!("{first}…"), width).0,
    }
}

/// A text in lines of at most this width, broken between words, and within a word that is wider.
pub fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = vec![String::new()];
    for word in excerpt(text, limits::LINE_MAX).split(' ') {
        let last = lines.last().map_or(0, |line| line.width());
        if last > 0 && last + 1 + word.width() > width {
            lines.push(String::new());
        } else if last > 0 {
            push(&mut lines, " ", width);
        }
        push(&mut lines, word, width);
    }
    lines
}

/// Adds a word to the last line, and to further lines what does not fit.
fn push(lines: &mut Vec<String>, word: &str, width: usize) {
    for c in word.chars() {
        let room = width.saturating_sub(c.width().unwrap_or(0));
        if lines.last().is_none_or(|line| line.width() > room) {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            line.push(c);
        }
    }
}

/// A cell of a table: an escaped text of bounded length, and its label.
#[derive(Clone)]
pub struct Cell {
    label: Label,
    text: String,
}

impl Label {
    /// A cell with this label.
    pub fn of(self, value: impl Shown) -> Cell {
        Cell {
            label: self,
            text: excerpt(&value.shown(), limits::CELL_MAX),
        }
    }
}

impl Cell {
    /// The status of an item, given its stored word.
    pub fn status(word: &str) -> Cell {
        status(word).of(status_word(word))
    }

    /// The priority of an item.
    pub fn priority(number: u8) -> Cell {
        priority(number).of(format!("P{number}"))
    }
}

/// Rows of labeled cells.
#[derive(Clone)]
pub struct Table {
    rows: Vec<Vec<Cell>>,
    /// The number of rows above the others that have the names of the columns.
    heads: usize,
    elastic: usize,
    /// The columns that a narrow terminal does without, the first to go first.
    spare: &'static [usize],
}

impl Table {
    /// A table whose column `elastic` shrinks if the terminal is narrow.
    pub fn new(elastic: usize) -> Self {
        Table {
            rows: Vec::new(),
            heads: 0,
            elastic,
            spare: &[],
        }
    }

    /// The same, below the names of its columns.
    pub fn with_head<'n>(mut self, names: impl IntoIterator<Item = &'n str>) -> Self {
        let names = names.into_iter().map(|name| Label::Dim.of(name));
        self.rows.push(names.collect());
        self.heads = 1;
        self
    }

    /// The same, without these columns, the first ones first, where the elastic one would have less
    /// than [`READABLE`] of the width.
    pub fn with_spare(mut self, spare: &'static [usize]) -> Self {
        self.spare = spare;
        self
    }

    /// Adds a row.
    pub fn row(&mut self, cells: impl Into<Vec<Cell>>) -> &mut Self {
        self.rows.push(cells.into());
        self
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// The table with marks behind the ids that may still change.
    pub fn marked(&self, unsettled: &Unsettled) -> Table {
        let mut table = self.clone();
        let cells = table.rows.iter_mut().skip(self.heads).flatten();
        for cell in cells.filter(|cell| cell.label.names_items()) {
            cell.text = unsettled.mark(&cell.text).into_owned();
        }
        table
    }

    /// The rows as styled lines, without empty columns.
    pub fn lines(&self, width: Option<usize>) -> Vec<String> {
        let count = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let mut columns: Vec<usize> = (0..count)
            .filter(|&c| {
                let mut rows = self.rows.iter().skip(self.heads);
                rows.any(|row| !cell(row, c).1.is_empty())
            })
            .collect();
        let mut widths: Vec<usize> = columns.iter().map(|&c| self.natural_width(c)).collect();
        let mut below = None;
        if let Some(width) = width {
            self.leave_out(&mut columns, &mut widths, width);
            below = self.put_below(&mut columns, &mut widths, width);
            self.shrink(&columns, &mut widths, width);
        }
        let padded: Vec<Vec<String>> = columns
            .iter()
            .zip(&widths)
            .map(|(&c, &widest)| {
                let most = width.map_or(PADDED, |_| usize::MAX);
                self.column(c, widest, widest.min(most))
            })
            .collect();
        (0..self.rows.len())
            .flat_map(|r| {
                let row = &self.rows[r];
                let filled = columns.iter().rposition(|&c| !cell(row, c).1.is_empty());
                let mut line = String::new();
                for (n, &c) in columns.iter().enumerate().take(filled.map_or(0, |f| f + 1)) {
                    if n > 0 {
                        line += GAP;
                    }
                    let text = &padded[n][r];
                    let shown = if filled == Some(n) {
                        text.trim_end()
                    } else {
                        text
                    };
                    line += &paint(cell(row, c).0, shown);
                }
                let sentence = below.filter(|_| r >= self.heads).map(|c| cell(row, c));
                let (label, text) = sentence.unwrap_or((Label::Text, ""));
                let room = width.unwrap_or_default().saturating_sub(BELOW.len());
                let more = match text {
                    "" => Vec::new(),
                    text => wrapped(text, room.max(LEAST)),
                };
                let more = more
                    .into_iter()
                    .map(move |line| BELOW.to_owned() + &paint(label, &line));
                std::iter::once(line).chain(more)
            })
            .collect()
    }

    /// Takes out a last column of sentences if the rows are too wide with it: these go below.
    fn put_below(
        &self,
        columns: &mut Vec<usize>,
        widths: &mut Vec<usize>,
        width: usize,
    ) -> Option<usize> {
        let total = widths.iter().sum::<usize>() + GAP.len() * columns.len().saturating_sub(1);
        let is_sentence = *widths.last()? > READABLE && columns.last() != Some(&self.elastic);
        if total <= width || !is_sentence {
            return None;
        }
        widths.pop();
        columns.pop()
    }

    fn natural_width(&self, column: usize) -> usize {
        let widths = self.rows.iter().map(|row| cell(row, column).1.width());
        widths.max().unwrap_or(0)
    }

    /// Leaves out spare columns until the elastic one has room.
    fn leave_out(&self, columns: &mut Vec<usize>, widths: &mut Vec<usize>, width: usize) {
        for spare in self.spare {
            let Some(elastic) = columns.iter().position(|&c| c == self.elastic) else {
                return;
            };
            let others = widths.iter().sum::<usize>() - widths[elastic];
            let others = others + GAP.len() * columns.len().saturating_sub(1);
            if others + widths[elastic].min(READABLE) <= width {
                return;
            }
            if let Some(at) = columns.iter().position(|c| c == spare) {
                columns.remove(at);
                widths.remove(at);
            }
        }
    }

    /// Shrinks the elastic column to fit the width.
    fn shrink(&self, columns: &[usize], widths: &mut [usize], width: usize) {
        let total: usize =
            widths.iter().sum::<usize>() + GAP.len() * columns.len().saturating_sub(1);
        if let Some(elastic) = columns.iter().position(|&c| c == self.elastic) {
            let excess = total.saturating_sub(width);
            let least = LEAST.min(widths[elastic]);
            widths[elastic] = widths[elastic].saturating_sub(excess).max(least);
        }
    }

    /// A column's cells, each cut to `width`, and padded to `padded` columns.
    fn column(&self, column: usize, width: usize, padded: usize) -> Vec<String> {
        let cells = self.rows.iter().map(|row| cell(row, column).1);
        let shown = cells.map(|text| {
            let text = match text.width() > width {
                true => Cow::Owned(cut(text, width)),
                false => Cow::Borrowed(text),
            };
            let free = padded.saturating_sub(text.width());
            format!("{text}{}", " ".repeat(free))
        });
        shown.collect()
    }
}

fn cell(row: &[Cell], column: usize) -> (Label, &str) {
    row.get(column)
        .map_or((Label::Text, ""), |cell| (cell.label, &cell.text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new(1);
        let long = "a title that is much longer than a narrow terminal has room for";
        table.row(["T-0001", long, "ana"].map(|text| Label::Text.of(text)));
        table.row(["T-12345", "修复登录", ""].map(|text| Label::Text.of(text)));
        table
    }

    #[test]
    fn the_elastic_column_is_shortened_first() {
        let lines = table().lines(Some(40));
        assert_eq!(lines.len(), 2);
        assert!(lines[0].chars().count() <= 40, "{lines:?}");
        assert!(
            lines[0].contains('…') && lines[0].ends_with("ana"),
            "{lines:?}"
        );
        assert!(lines[1].starts_with("T-12345  修复登录"), "{lines:?}");
    }

    #[test]
    fn spare_columns_go_before_titles_are_cut() {
        let title = "a title of forty characters, more or les";
        let mut table = Table::new(1).with_spare(&[3, 2]);
        table.row(["T-0001", title, "ana", "perf"].map(|text| Label::Text.of(text)));
        let lines = |width| table.lines(Some(width)).remove(0);
        assert_eq!(lines(60), format!("T-0001  {title}  ana  perf"));
        assert_eq!(lines(56), format!("T-0001  {title}  ana"));
        assert_eq!(lines(50), format!("T-0001  {title}"));
        assert!(lines(30).starts_with("T-0001  a title"), "{}", lines(30));
    }

    #[test]
    fn sentences_that_do_not_fit_go_below_their_rows() {
        let mut table = Table::new(1).with_head(["ID", "TITLE", "WHY"]);
        let why = "it waits for two others, which nobody has begun to work on";
        table.row(["T-0001", "a title", why].map(|text| Label::Text.of(text)));
        assert_eq!(table.lines(None)[1], format!("T-0001  a title  {why}"));
        let lines = table.lines(Some(40));
        let names = ["ID    ", "TITLE"].map(|name| paint(Label::Dim, name));
        assert_eq!(lines[0], names.join(GAP));
        assert_eq!(lines[1], "T-0001  a title");
        assert_eq!(lines[2], "    it waits for two others, which");
        assert_eq!(lines[3], "    nobody has begun to work on");
    }

    #[test]
    fn nothing_is_truncated_without_a_width() {
        let lines = table().lines(None);
        assert!(lines[0].contains("has room for  ana"), "{lines:?}");
    }

    // Everybody who may push can push a title of megabytes, or of white space alone.
    #[test]
    fn a_cell_shows_the_beginning_of_a_text_of_any_length() {
        for text in ["x", " ", "\t", "x ", "é", "\u{200b}"] {
            let mut table = Table::new(1);
            let text = text.repeat(70_000);
            table.row(["T-0001", text.as_str(), "ana"].map(|text| Label::Text.of(text)));
            for width in [Some(1), Some(40), Some(500), None] {
                let line = table.lines(width).remove(0);
                assert!(line.chars().count() < 1_100, "{}", line.len());
            }
        }
    }

    #[test]
    fn empty_columns_are_omitted() {
        let mut table = Table::new(1);
        table.row(["a", "", "b"].map(|text| Label::Text.of(text)));
        assert_eq!(table.lines(None), ["a  b"]);
    }
}
