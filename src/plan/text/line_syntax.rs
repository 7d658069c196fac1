//! The syntax of a single line or value: a heading, a bullet, a field, a list.

use super::canonical_line::{after_prefix, one_line};
use crate::plan::draft::EdgeClass;

/// The heading of a task.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Heading {
    /// `None` for a new task; 0 for a number out of range.
    pub(super) number: Option<u32>,
    /// The name by which other tasks refer to a new task.
    pub(super) name: Option<String>,
    pub(super) title: String,
    /// Set if the task is to be removed.
    pub(super) is_struck: bool,
    /// Set if only one end is struck through.
    pub(super) is_half_struck: bool,
}

/// The number of `#` at the front of a line, and the rest.
pub(super) fn hashes(line: &str) -> Option<(usize, &str)> {
    let rest = line.trim_start_matches('#');
    let level = line.len() - rest.len();
    // A single `#` without a space is a tag; several are a heading whose space is missing.
    let is_heading = rest.is_empty() || rest.starts_with(char::is_whitespace) || level > 1;
    (level > 0 && is_heading).then(|| (level, rest.trim()))
}

/// Reads the text after the `###` of a task.
pub(super) fn heading(text: &str) -> Heading {
    let mut out = Heading::default();
    let mut text = text.trim();
    if let Some(inner) = struck(text) {
        out.is_struck = true;
        text = inner;
    } else if text.starts_with("~~") {
        out.is_half_struck = true;
        text = text.trim_start_matches('~');
    }
    if let Some((number, rest)) = numbered(text) {
        out.number = Some(number);
        text = rest;
    } else if let Some((name, rest)) = named(text) {
        out.name = Some(name);
        text = rest;
    }
    if let Some(inner) = struck(text) {
        out.is_struck = true;
        text = inner;
    }
    out.title = plain_title(&one_line(text));
    out
}

fn struck(text: &str) -> Option<&str> {
    let inner = text.strip_prefix("~~")?.strip_suffix("~~")?;
    Some(inner.trim())
}

/// A number with a dot, and the rest.
pub(super) fn numbered(text: &str) -> Option<(u32, &str)> {
    let (digits, rest) = split_digits(text)?;
    let rest = rest.strip_prefix(['.', ')', ':'])?;
    // `3.5` and `12:30` are not task numbers.
    if rest.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    Some((digits.parse().unwrap_or(0), rest.trim_start()))
}

/// The name of a new task with a dot, and the rest.
fn named(text: &str) -> Option<(String, &str)> {
    let (digits, rest) = split_digits(after_prefix(text, "new-")?)?;
    let rest = rest.strip_prefix(['.', ')', ':'])?;
    Some((new_name(digits)?, rest.trim_start()))
}

fn split_digits(text: &str) -> Option<(&str, &str)> {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = &text[..text.len() - rest.len()];
    (!digits.is_empty()).then_some((digits, rest))
}

fn new_name(digits: &str) -> Option<String> {
    let number: u32 = digits.parse().ok()?;
    Some(format!("new-{number}"))
}

/// A title as written after a number, with a backslash if its beginning would be misread.
pub(super) fn guarded_title(title: &str) -> String {
    match title.starts_with("~~") || title.starts_with('\\') {
        true => format!("\\{title}"),
        false => title.to_string(),
    }
}

fn plain_title(title: &str) -> String {
    let Some(rest) = title.strip_prefix('\\') else {
        return title.to_string();
    };
    let is_guard = rest.starts_with(|c: char| matches!(c, '\\' | '~') || c.is_ascii_digit())
        || after_prefix(rest, "new-").is_some();
    match is_guard {
        true => rest.to_string(),
        false => title.to_string(),
    }
}

/// The text of a bullet, without its checkbox.
pub(super) fn bullet(line: &str) -> Option<&str> {
    let rest = match line.strip_prefix(['-', '*', '+']) {
        Some(rest) => rest,
        None => split_digits(line)?.1.strip_prefix(['.', ')'])?,
    };
    if !rest.is_empty() && !rest.starts_with(char::is_whitespace) {
        return None;
    }
    let rest = rest.trim();
    for tick in ["[ ]", "[]", "[x]", "[X]"] {
        if let Some(text) = rest.strip_prefix(tick)
            && (text.is_empty() || text.starts_with(char::is_whitespace))
        {
            return Some(text.trim());
        }
    }
    Some(rest)
}

/// The text after `Acceptance:`, with any markup.
pub(super) fn acceptance(line: &str) -> Option<&str> {
    let marks = |c: char| matches!(c, '#' | '*' | '_' | ' ' | '\t');
    let bare = line.trim_start_matches(marks);
    let is_dressed = bare.len() < line.len();
    let rest = ["acceptance criteria", "acceptance"]
        .iter()
        .find_map(|label| after_prefix(bare, label))?;
    let rest = rest.trim_start_matches(marks);
    match rest.strip_prefix(':') {
        Some(rest) => Some(rest.trim_start_matches(marks)),
        None => (rest.is_empty() && is_dressed).then_some(""),
    }
}

/// The key and value of a line that looks like a field: at most three words, then a colon.
pub(super) fn field(line: &str) -> Option<(&str, &str)> {
    const MAX_CHARS: usize = 40;
    let (key, value) = line.split_once(':')?;
    let key = key.trim();
    let is_key = key.len() <= MAX_CHARS
        && key.starts_with(char::is_alphabetic)
        && key.split_whitespace().count() <= 3
        && key
            .chars()
            .all(|c| c.is_alphanumeric() || " \t_-".contains(c));
    let is_apart = value.is_empty() || value.starts_with(char::is_whitespace);
    (is_key && is_apart).then(|| (key, value.trim()))
}

/// True for a thematic break.
pub(super) fn is_rule(line: &str) -> bool {
    let marks = line.trim();
    marks.len() >= 3
        && ["-", "*", "_"]
            .iter()
            .any(|mark| marks.trim_matches(|c| mark.contains(c)).is_empty())
}

/// One entry of `waits for`.
#[derive(Debug, PartialEq)]
pub(super) enum Entry {
    Task(u32, EdgeClass),
    New(String, EdgeClass),
    Unknown(String),
}

/// The entries of `waits for`; empty if it says `none`.
pub(super) fn waits(value: &str) -> Vec<Entry> {
    if ["none", "nothing", "-", "—"]
        .iter()
        .any(|none| value.eq_ignore_ascii_case(none))
    {
        return Vec::new();
    }
    let entries = value.split([',', ';']).map(str::trim);
    entries.filter(|e| !e.is_empty()).map(entry).collect()
}

fn entry(text: &str) -> Entry {
    let unknown = || Entry::Unknown(text.to_string());
    let (name, class) = match text.split_once('(') {
        None => (text, EdgeClass::Hard),
        Some((name, class)) => match class.trim_end().strip_suffix(')').map(str::trim) {
            Some(class) if class.eq_ignore_ascii_case("soft") => (name, EdgeClass::Soft),
            Some(class) if class.eq_ignore_ascii_case("hard") => (name, EdgeClass::Hard),
            _ => return unknown(),
        },
    };
    let name = name.trim();
    if let Some((digits, "")) = after_prefix(name, "new-").and_then(split_digits) {
        return new_name(digits).map_or_else(unknown, |name| Entry::New(name, class));
    }
    let digits = name.strip_prefix('#').unwrap_or(name);
    let digits = ["T-", "T"]
        .iter()
        .find_map(|t| after_prefix(digits, t))
        .unwrap_or(digits);
    match split_digits(digits) {
        Some((digits, "")) => digits
            .parse()
            .map_or_else(|_| unknown(), |n| Entry::Task(n, class)),
        _ => unknown(),
    }
}

/// The paths of a list: separated by commas, quoted if they contain one.
pub(super) fn paths(value: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut path = String::new();
    let mut is_quoted = false;
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' if is_quoted => path.extend(chars.next()),
            '"' if is_quoted => is_quoted = false,
            '"' if path.trim().is_empty() => {
                path.clear();
                is_quoted = true;
            }
            ',' if !is_quoted => out.push(std::mem::take(&mut path)),
            '`' if !is_quoted => {}
            _ => path.push(c),
        }
    }
    out.push(path);
    let plain = out.iter().map(|path| one_line(path));
    plain.filter(|path| !path.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heading_has_a_number_or_belongs_to_a_new_task() {
        let of = |text| (heading(text).number, heading(text).title);
        assert_eq!(of("3. Pay"), (Some(3), "Pay".into()));
        assert_eq!(of("3) Pay"), (Some(3), "Pay".into()));
        assert_eq!(of("3.Pay"), (Some(3), "Pay".into()));
        assert_eq!(of("Pay by card"), (None, "Pay by card".into()));
        assert_eq!(of("3 ways to pay"), (None, "3 ways to pay".into()));
        assert_eq!(
            of("3.5 is the version"),
            (None, "3.5 is the version".into())
        );
        assert_eq!(of(r"\3. is no number"), (None, "3. is no number".into()));
    }

    #[test]
    fn a_title_may_contain_hashes_numbers_and_strikethrough() {
        for title in [
            "C# #1 ##",
            "2. a",
            "~~old~~ new",
            "~~old~~",
            r"\d+ digits",
            r"\\",
            "# a",
        ] {
            let read = heading(&format!("7. {}", guarded_title(title)));
            let wanted = Heading {
                number: Some(7),
                title: title.into(),
                ..Heading::default()
            };
            assert_eq!(read, wanted);
        }
    }

    #[test]
    fn a_heading_is_struck_through_completely_or_only_its_title() {
        for text in ["~~3. Pay~~", "3. ~~Pay~~"] {
            let read = heading(text);
            assert!(
                read.is_struck && read.number == Some(3) && read.title == "Pay",
                "{text}"
            );
        }
        assert!(heading("~~3. Pay").is_half_struck);
    }

    #[test]
    fn a_new_task_can_have_a_name() {
        let read = heading("new-2. Pay");
        assert_eq!(read.name.as_deref(), Some("new-2"));
        assert_eq!(read.title, "Pay");
        assert_eq!(heading("new-age music").name, None);
    }

    #[test]
    fn bullets_of_every_kind_are_equal() {
        for line in [
            "- a b",
            "* a b",
            "+ [ ] a b",
            "- [x] a b",
            "1. a b",
            "2) [ ] a b",
        ] {
            assert_eq!(bullet(line), Some("a b"), "{line}");
        }
        assert_eq!(bullet("-a"), None);
        assert_eq!(bullet("- [link](x)"), Some("[link](x)"));
        assert_eq!(bullet("- [ ] - [ ] a"), Some("- [ ] a"));
    }

    #[test]
    fn the_acceptance_label_is_recognized_with_any_decoration() {
        for line in [
            "Acceptance:",
            "acceptance criteria:",
            "**Acceptance:**",
            "#### Acceptance",
        ] {
            assert_eq!(acceptance(line), Some(""), "{line}");
        }
        assert_eq!(acceptance("Acceptance: it works"), Some("it works"));
        assert_eq!(acceptance("Acceptance is near"), None);
        assert_eq!(acceptance("Acceptance"), None);
    }

    #[test]
    fn a_field_is_a_short_name_and_a_colon() {
        assert_eq!(field("waits for: 1, 2"), Some(("waits for", "1, 2")));
        assert_eq!(field("points:"), Some(("points", "")));
        assert_eq!(field("https://example.org"), None);
        assert_eq!(field("There are three things to do: one"), None);
    }

    #[test]
    fn dependencies_are_numbers_and_names_with_their_class() {
        use EdgeClass::{Hard, Soft};
        let read = waits("1, T-2 (soft), #3 (hard); new-1, new-02(soft),");
        let wanted = [
            Entry::Task(1, Hard),
            Entry::Task(2, Soft),
            Entry::Task(3, Hard),
            Entry::New("new-1".into(), Hard),
            Entry::New("new-2".into(), Soft),
        ];
        assert_eq!(read, wanted);
        assert_eq!(waits("none"), []);
        for odd in ["x", "1 2", "1 (often)", "99999999999", "1 (soft"] {
            assert_eq!(waits(odd), [Entry::Unknown(odd.into())]);
        }
    }

    #[test]
    fn paths_are_separated_by_commas_unless_quoted() {
        assert_eq!(paths("src/a.rs, `b/`,"), ["src/a.rs", "b/"]);
        assert_eq!(paths(r#""a, b", "c\"d\\e`""#), ["a, b", "c\"d\\e`"]);
        assert_eq!(paths(r#""open, to the end"#), ["open, to the end"]);
    }
}
