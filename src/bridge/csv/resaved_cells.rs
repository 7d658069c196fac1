//! Cells that mean the same after a spreadsheet saved them. Pure.

use super::dates_and_estimates;
use crate::bridge::project::foreign_words;
use crate::query::{Field, Shape};

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
    if let Ok(text) = dates_and_estimates::date(cell) {
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
