//! Plots of a report's series in the terminal: columns of block characters, or of plain ASCII.

use git_pm::reports::{Report, Step};

use super::page::Page;
use super::style::Label;

/// The height of a plot, in lines.
const HEIGHT: usize = 8;

/// The widest column of one value.
const COLUMN: usize = 6;

/// The narrowest plot that is drawn, in columns.
const NARROW: usize = 12;

/// The eighths of a character cell.
const EIGHTHS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// What a plot is drawn on.
#[derive(Clone, Copy, Debug)]
pub struct Canvas {
    /// Its width in columns.
    pub width: usize,
    /// True to use block characters.
    pub blocks: bool,
}

impl Canvas {
    /// The burndown and the velocity of a report.
    pub fn series(self, page: &mut Page, report: &Report) {
        let open: Vec<f64> = report.series.iter().map(|p| p.end.open as f64).collect();
        let finished: Vec<f64> = report.series.iter().map(|p| p.finished as f64).collect();
        let step = match report.step {
            Step::Day => "day",
            Step::Week => "week",
        };
        let ends = report.series.first().zip(report.series.last());
        let Some((first, last)) = ends else {
            return;
        };
        let date = |text: &str| text.get(..10).unwrap_or(text).to_string();
        let ends = [date(&first.from), date(&last.to)];
        page.heading(format!("Open at the end of each {step}"));
        // Of several values in one column the last one is the state at its end.
        self.columns(page, &open, &ends, |values| {
            values.last().copied().unwrap_or(0.0)
        });
        page.heading(format!("Finished in each {step}"));
        self.columns(page, &finished, &ends, |values| values.iter().sum());
    }

    /// Values as columns; `fold` makes one of several that share a column.
    fn columns(
        self,
        page: &mut Page,
        values: &[f64],
        [first, last]: &[String; 2],
        fold: impl Fn(&[f64]) -> f64,
    ) {
        let label = |value: f64| format!("{value:.0}");
        // A sum of several values has more digits than each.
        let total = label(values.iter().copied().fold(0.0, |a, b| a.max(b.abs()) + b));
        let room = self.width.saturating_sub(total.len() + 4).max(NARROW);
        let shared = values.len().div_ceil(room).max(1);
        let values: Vec<f64> = values.chunks(shared).map(fold).collect();
        let wide = (room / values.len().max(1)).clamp(1, COLUMN);
        let top = values.iter().copied().fold(0.0, f64::max);
        let names = [label(top), label(0.0)];
        let margin = names.iter().map(String::len).max().unwrap_or(1);
        let (wall, corner, floor) = match self.blocks {
            true => ('│', '└', '─'),
            false => ('|', '+', '-'),
        };
        for row in (0..HEIGHT).rev() {
            let name = if row + 1 == HEIGHT { &names[0] } else { "" };
            let cells = values.iter().map(|value| self.cell(*value, top, row));
            let mut line = String::new();
            for cell in cells {
                // A gap between columns that are wide enough for one.
                for n in 0..wide {
                    let is_gap = wide > 2 && n + 1 == wide;
                    line.push(if is_gap { ' ' } else { cell });
                }
            }
            page.put(Label::Dim, format!("  {name:>margin$}{wall}"))
                .put(Label::Active, line.trim_end())
                .end();
        }
        let length = (values.len() * wide).max(1);
        let line: String = std::iter::repeat_n(floor, length).collect();
        page.dim(format!("  {:>margin$}{corner}{line}", names[1]));
        let gap = length.saturating_sub(first.len() + last.len()).max(1);
        page.dim(format!(
            "  {:>margin$} {first}{}{last}",
            "",
            " ".repeat(gap)
        ));
    }

    /// The cell of a value in a row, counted from below.
    fn cell(self, value: f64, top: f64, row: usize) -> char {
        if top <= 0.0 || value <= 0.0 {
            return ' ';
        }
        let eighths = (value / top * (HEIGHT * 8) as f64).ceil() as usize;
        match (eighths.saturating_sub(row * 8).min(8), self.blocks) {
            (0, _) => ' ',
            (n, true) => EIGHTHS[n - 1],
            (n, false) if n >= 4 || row == 0 => '#',
            (_, false) => ' ',
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::tests::fixtures::drawn;

    fn plot(width: usize, blocks: bool, values: &[f64]) -> String {
        let ends = ["2026-11-01".to_string(), "2026-11-14".to_string()];
        drawn(width, |page| {
            Canvas { width, blocks }.columns(page, values, &ends, |values| values.iter().sum());
        })
    }

    #[test]
    fn ob_07_a_burndown_is_drawn_in_blocks_or_plain_ascii() {
        let values = [40.0, 38.0, 38.0, 31.0, 20.0, 12.0, 0.0];
        insta::assert_snapshot!("plot_blocks", plot(80, true, &values));
        let ascii = plot(80, false, &values);
        assert!(ascii.is_ascii(), "{ascii}");
        insta::assert_snapshot!("plot_ascii", ascii);
    }

    #[test]
    fn a_plot_fits_into_the_terminal_and_any_values_can_be_drawn() {
        for width in [1, 20, 40, 80, 200] {
            for values in [vec![], vec![0.0], vec![7.0; 500], vec![1e9, 1.0]] {
                for line in plot(width, true, &values).lines() {
                    let room = width.max(40);
                    assert!(line.chars().count() <= room, "{width}: {line}");
                }
            }
        }
    }

    #[test]
    fn the_smallest_value_is_seen() {
        let text = plot(80, false, &[1000.0, 1.0, 0.0]);
        let floor = text.lines().nth(HEIGHT - 1).unwrap();
        assert!(floor.contains("##### #####"), "{text}");
    }
}
