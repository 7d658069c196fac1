//! Problems in an edited text, and the comment at its top that lists them.

use super::canonical_line::comment_safe;

/// A problem in an edited text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The line of the text, counted from 1.
    pub line: u32,
    /// The problem, in a sentence.
    pub message: String,
    /// The correction.
    pub hint: String,
}

/// The problems found so far.
#[derive(Debug, Default)]
pub(super) struct Problems(Vec<Problem>);

impl Problems {
    /// The largest number of problems: a text that is not a plan has a problem on every line.
    const MAX: usize = 500;

    pub(super) fn add(&mut self, line: u32, message: impl Into<String>, hint: impl Into<String>) {
        if self.0.len() < Self::MAX {
            self.0.push(Problem {
                line: line.max(1),
                message: message.into(),
                hint: hint.into(),
            });
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them, sorted by line.
    pub(super) fn sorted(mut self) -> Vec<Problem> {
        self.0.sort_by_key(|problem| problem.line);
        self.0
    }
}

/// The beginning of the comment, by which an earlier list is recognized.
const MARK: &str = "<!-- Please correct";

/// The text with its problems in a comment at the top, replacing an earlier one. The line numbers
/// are those of the resulting text. Without problems the comment is removed.
pub fn with_problems(text: &str, problems: &[Problem]) -> String {
    let rest = without_list(text);
    if problems.is_empty() {
        return rest.to_string();
    }
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let before = lines_in(&text[..text.len() - rest.len()]);
    // A line for each problem and each hint, one above and two below.
    let above = u32::try_from(2 * problems.len() + 3).unwrap_or(u32::MAX);
    let mut out = format!("{MARK}; nothing has been changed yet:{end}");
    for problem in problems {
        let line = problem.line.saturating_sub(before).max(1);
        let line = line.saturating_add(above);
        let (message, hint) = (comment_safe(&problem.message), comment_safe(&problem.hint));
        out.push_str(&format!("line {line}: {message}{end}    {hint}{end}"));
    }
    out.push_str(&format!("-->{end}{end}"));
    out.push_str(rest);
    out
}

/// The text without the list of an earlier run.
fn without_list(text: &str) -> &str {
    let start = text.trim_start_matches('\u{feff}').trim_start();
    let Some(list) = start.strip_prefix(MARK) else {
        return text;
    };
    match list.split_once("-->") {
        // If another comment begins inside, the end of the list is missing, and the rest is not
        // part of it.
        Some((inside, rest)) if !inside.contains("<!--") => {
            let rest = rest.trim_start_matches([' ', '\t']);
            let mut rest = rest.strip_prefix('\r').unwrap_or(rest);
            for _ in 0..2 {
                rest = rest
                    .strip_prefix("\r\n")
                    .or_else(|| rest.strip_prefix('\n'))
                    .unwrap_or(rest);
            }
            rest
        }
        _ => text,
    }
}

fn lines_in(text: &str) -> u32 {
    u32::try_from(text.matches('\n').count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(line: u32, message: &str, hint: &str) -> Problem {
        let [message, hint] = [message, hint].map(String::from);
        Problem {
            line,
            message,
            hint,
        }
    }

    fn shown_line(text: &str, marker: &str) -> usize {
        text.lines().position(|line| line == marker).unwrap() + 1
    }

    #[test]
    fn problems_are_at_the_top_with_the_line_numbers_of_the_text_below() {
        let problems = [problem(2, "`b` is not a word.", "Write c.")];
        let once = with_problems("a\nb\n", &problems);
        let line = shown_line(&once, "b");
        assert!(once.contains(&format!("line {line}: `b` is not a word.\n    Write c.\n")));
        assert!(once.ends_with("\n\na\nb\n"));
    }

    #[test]
    fn problems_of_a_later_round_replace_the_earlier_ones() {
        let first = [problem(1, "one", "x"), problem(2, "two", "y")];
        let once = with_problems("a\nb\n", &first);
        let line = u32::try_from(shown_line(&once, "b")).unwrap();
        let twice = with_problems(&once, &[problem(line, "three", "z")]);
        assert!(!twice.contains("one") && !twice.contains("two"));
        assert!(twice.contains(&format!("line {}: three", shown_line(&twice, "b"))));
        assert_eq!(with_problems(&twice, &[]), "a\nb\n");
    }

    #[test]
    fn a_problem_list_without_its_end_mark_removes_no_other_text() {
        let text = format!("{MARK}:\n<!-- help -->\n# T\n");
        assert_eq!(with_problems(&text, &[]), text);
    }

    #[test]
    fn windows_line_ends_are_kept() {
        let once = with_problems("a\r\nb\r\n", &[problem(1, "m", "h")]);
        assert_eq!(once.matches('\n').count(), once.matches("\r\n").count());
        assert_eq!(with_problems(&once, &[]), "a\r\nb\r\n");
    }

    #[test]
    fn a_text_that_is_not_a_plan_has_a_bounded_number_of_problems() {
        let mut found = Problems::default();
        for line in (1..2000).rev() {
            found.add(line, "m", "h");
        }
        let sorted = found.sorted();
        assert_eq!(sorted.len(), Problems::MAX);
        assert!(sorted.is_sorted_by_key(|problem| problem.line));
    }
}
