//! Points and times of parts against the capacity, total or duration of the whole.

use super::super::{Block, Document, LabelKind, Lines, SectionKind, tokens};
use super::Lint;

/// The unit of an amount.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Unit {
    Points,
    Hours,
    Days,
    Weeks,
}

/// A label with an amount.
struct Amount {
    value: f64,
    unit: Unit,
    /// Set if its name says that it is the bound or total of the parts.
    whole: bool,
    line: u32,
    section: usize,
}

/// Totals that differ from the sum of their parts.
pub(super) fn find(document: &Document) -> Vec<Lint> {
    let mut amounts = Vec::new();
    for (at, section) in document.sections.iter().enumerate() {
        collect(&section.blocks, at, &mut amounts);
    }
    let mut found = Vec::new();
    for whole in amounts.iter().filter(|amount| amount.whole) {
        let section = &document.sections[whole.section];
        // Amounts are sorted by line.
        let first = amounts.partition_point(|amount| amount.line < section.line);
        let parts: Vec<&Amount> = amounts[first..]
            .iter()
            .take_while(|amount| amount.line <= section.lines.end)
            .filter(|amount| {
                !amount.whole && amount.unit == whole.unit && amount.section != whole.section
            })
            .filter(|amount| nearest(document, amount.section, whole.section))
            .collect();
        let sum: f64 = parts.iter().map(|part| part.value).sum();
        if parts.len() > 1 && sum > whole.value + 1e-9 {
            let unit = match whole.unit {
                Unit::Points => "points",
                Unit::Hours => "hours",
                Unit::Days => "days",
                Unit::Weeks => "weeks",
            };
            let message = format!(
                "the stated total is {} {unit}, but the {} parts add up to {sum} {unit}",
                whole.value,
                parts.len()
            );
            found.push(Lint::new(
                "sum",
                Lines {
                    start: whole.line,
                    end: whole.line,
                },
                message,
            ));
        }
    }
    found
}

/// True if `part` is directly below `whole`, or one level deeper if `whole` is a phase: the amounts
/// of deeper sections may already be included in those above them.
fn nearest(document: &Document, part: usize, whole: usize) -> bool {
    let mut at = document.sections[part].parent;
    let mut steps = 0;
    while let Some(above) = at {
        if above == whole {
            return steps == 0
                || document.sections[whole].kind == SectionKind::Milestone && steps < 2;
        }
        steps += 1;
        if steps > 2 {
            return false;
        }
        at = document.sections[above].parent;
    }
    false
}

fn collect(blocks: &[Block], section: usize, amounts: &mut Vec<Amount>) {
    for block in blocks {
        let Block::Label {
            name,
            kind,
            text,
            blocks,
            lines,
        } = block
        else {
            continue;
        };
        let names = tokens::tokens(name);
        let whole = names
            .iter()
            .any(|word| matches!(word.as_str(), "capacity" | "total" | "velocity" | "budget"));
        if (*kind == LabelKind::Effort || whole)
            && let Some((value, unit)) = amount(&text.plain)
        {
            amounts.push(Amount {
                value,
                unit,
                whole,
                line: lines.start,
                section,
            });
        }
        collect(blocks, section, amounts);
    }
}

/// The amount in `5 story points`, `3 days`; `None` for a range or several amounts.
fn amount(text: &str) -> Option<(f64, Unit)> {
    let text: String = text.chars().take(120).collect::<String>().to_lowercase();
    let numbers: Vec<&str> = text
        .split(|c: char| !(c.is_ascii_digit() || c == '.'))
        .map(|number| number.trim_matches('.'))
        .filter(|number| !number.is_empty())
        .collect();
    let [number] = numbers.as_slice() else {
        return None;
    };
    let tokens = tokens::tokens(&text);
    let unit = tokens.iter().find_map(|token| {
        match token.trim_start_matches(|c: char| c.is_ascii_digit()) {
            "point" | "points" | "pts" | "pt" | "sp" => Some(Unit::Points),
            "hour" | "hours" | "h" | "hrs" => Some(Unit::Hours),
            "day" | "days" | "d" => Some(Unit::Days),
            "week" | "weeks" | "w" => Some(Unit::Weeks),
            _ => None,
        }
    })?;
    number.parse().ok().map(|value| (value, unit))
}
