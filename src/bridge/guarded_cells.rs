//! Texts that a spreadsheet would change or run, and how they are kept from it. Pure.

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
pub(in crate::bridge) fn unguarded(cell: &str) -> &str {
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
}
