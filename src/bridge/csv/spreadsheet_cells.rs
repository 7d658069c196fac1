//! Texts that a spreadsheet would change or run, and cells that mean the same after one saved them. Pure.

use super::cell_values;
use crate::bridge::project::foreign_words;
use crate::query::{Field, Shape};

/// What begins a formula, also in the wide letters of East Asia.
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// The months, with which dates begin, and the other words in dates and numbers.
const MONTHS: &str = "jan january feb february mar march apr april may jun june jul july aug august \
                      sep sept september oct october nov november dec december";
const OTHERS: &str = "am pm e";

/// The greatest length of a date or a number, in bytes.
const WRITTEN_MAX: usize = 40;

/// A text that a spreadsheet shows as it is: one that it would run or rewrite begins with `'`, and so does
/// one that would look like that.
pub(in crate::bridge) fn guarded(text: &str) -> String {
    match is_rewritten(text.trim_start_matches('\'')) {
        true => format!("'{text}"),
        false => text.to_string(),
    }
}

/// The text of a cell that was [`guarded`].
pub(super) fn unguarded(cell: &str) -> &str {
    let text = cell.strip_prefix('\'');
    text.filter(|text| is_rewritten(text.trim_start_matches('\'')))
        .unwrap_or(cell)
}

/// True for formulas, and for what is read as a number, a date or a truth value: `007`, `1e5`, `3/4`, `May 2`.
fn is_rewritten(text: &str) -> bool {
    if text.starts_with(FORMULA) || text.trim_start().starts_with(FORMULA) {
        return true;
    }
    let text = text.trim().to_lowercase();
    let is_in = |list: &str, word: &str| list.split(' ').any(|one| one == word);
    let letters = |word: &str| word.trim_matches(|c: char| c.is_ascii_digit()).to_string();
    let first = text
        .split(|c: char| !c.is_alphanumeric())
        .next()
        .unwrap_or_default();
    let begins = first.starts_with(|c: char| c.is_ascii_digit()) || is_in(MONTHS, first);
    let is_known = |word: &str| {
        let letters = letters(word);
        letters.is_empty() || is_in(MONTHS, &letters) || is_in(OTHERS, &letters)
    };
    let marks = |c: char| c.is_alphanumeric() || " .,:/-+%'".contains(c);
    matches!(text.as_str(), "true" | "false")
        || text.len() <= WRITTEN_MAX
            && begins
            && text.contains(|c: char| c.is_ascii_digit())
            && text.chars().all(marks)
            && text.split(|c: char| !c.is_alphanumeric()).all(is_known)
}

/// True if a cell means what ours says: spreadsheets write dates and numbers in their own way.
pub(super) fn is_same(field: Option<Field>, ours: &str, cell: &str) -> bool {
    let lines = |text: &str| text.replace("\r\n", "\n").trim().to_string();
    let (ours, cell) = (lines(ours), lines(cell));
    if ours == cell {
        return true;
    }
    let number = |text: &str| text.replace(',', ".").parse::<f64>().ok();
    match field.map(Field::shape) {
        Some(Shape::Time) => is_same_time(&ours, &cell),
        Some(Shape::Number | Shape::Rank(_)) => {
            number(&ours).is_some_and(|ours| number(&cell) == Some(ours))
        }
        _ => false,
    }
}

fn is_same_time(ours: &str, cell: &str) -> bool {
    const MINUTE: u64 = 60_000;
    let Some(own) = foreign_words::time(ours) else {
        return false;
    };
    let fits = |read: u64| {
        let is_minute = read.is_multiple_of(MINUTE) && own - own % MINUTE == read;
        read == own || is_minute
    };
    readings(cell).into_iter().any(fits)
}

/// The times that a cell may mean.
fn readings(cell: &str) -> Vec<u64> {
    if let Ok(text) = cell_values::date(cell) {
        return foreign_words::time(&text).into_iter().collect();
    }
    let (day, clock) = cell.split_once(' ').unwrap_or((cell, ""));
    let parts: Vec<&str> = day.split(['/', '-']).collect();
    let [a, b, year] = parts[..] else {
        return Vec::new();
    };
    let both = [(a, b), (b, a)].map(|(day, month)| format!("{day}.{month}.{year} {clock}"));
    both.iter()
        .filter_map(|text| foreign_words::time(text))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_is_run_or_rewritten_and_each_comes_back() {
        for text in [
            "=1+2",
            "+1",
            "-x",
            "@A1",
            " =1",
            "\t=1",
            "＝1",
            "007",
            "12",
            "1e5",
            "1.5",
            "3/4",
            "2026-12-24",
            "May 2",
            "24 Dec 2026",
            "10:30",
            "50%",
            "TRUE",
            "'007",
            "''=1",
        ] {
            let cell = guarded(text);
            assert_eq!(cell, format!("'{text}"));
            assert_eq!(unguarded(&cell), text);
        }
        for text in [
            "",
            "Log in",
            "T-0001",
            "'tis",
            "don't",
            "3 pages",
            "v1.2",
            "a=b",
            "May it work",
            "2026 plan",
            "'",
            "pm-12",
            "a1",
        ] {
            assert_eq!(guarded(text), text);
            assert_eq!(unguarded(text), text);
        }
    }

    #[test]
    fn dates_and_numbers_mean_the_same_in_the_words_of_a_spreadsheet() {
        let (due, points) = (Some(Field::Due), Some(Field::Points));
        for cell in [
            "04.03.2027",
            "3/4/2027",
            "4/3/2027",
            "Mar 4, 2027",
            "46450",
            "2027-03-04",
        ] {
            assert!(is_same(due, "2027-03-04", cell), "{cell}");
        }
        for cell in ["3/5/2027", "05.03.2027", "", "soon", "46451"] {
            assert!(!is_same(due, "2027-03-04", cell), "{cell}");
        }
        let at = "2026-11-29T19:55:10Z";
        for cell in [
            "2026-11-29 19:55:10",
            "29.11.2026 19:55",
            "11/29/2026 19:55",
        ] {
            assert!(is_same(Some(Field::Updated), at, cell), "{cell}");
        }
        assert!(!is_same(Some(Field::Updated), at, "2026-11-29 19:56"));
        assert!(is_same(points, "3", "3,0") && !is_same(points, "3", "4"));
        assert!(is_same(Some(Field::Title), "a\nb", "a\r\nb "));
        assert!(!is_same(Some(Field::Title), "3", "3.0"));
    }
}
