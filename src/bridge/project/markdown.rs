//! Reads parts of Markdown texts: sections, tick boxes, named values. Reading never fails.

use super::foreign_words::plain;

/// A heading with the text below it; the first part of a text has no heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// The heading without its signs; empty for the text before the first one.
    pub heading: String,
    /// The text below it, without surrounding empty lines.
    pub text: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tick {
    pub done: bool,
    /// Its number, if it has one (`#3`).
    pub number: Option<u32>,
    pub text: String,
}

/// Splits a text at its headings of the second level. Headings between `<!-- NAME:BEGIN -->` and
/// `<!-- NAME:END -->` are text; the marks themselves are left out.
pub fn sections(text: &str) -> Vec<Section> {
    split(text, "## ")
}

/// True if a text has a section that an import of ccpm's files reads as fields.
pub fn has_fields(text: &str) -> bool {
    sections(text).iter().any(|section| {
        let name = plain(&section.heading);
        ["acceptancecriteria", "comments"].contains(&name.as_str()) || name.starts_with("effort")
    })
}

/// A text in marks, so that its headings begin no sections.
pub fn marked(text: &str) -> String {
    format!("<!-- TEXT:BEGIN -->\n{text}\n<!-- TEXT:END -->")
}

/// As [`sections`], at the headings of the third level.
pub fn subsections(text: &str) -> Vec<Section> {
    split(text, "### ")
}

fn split(text: &str, sign: &str) -> Vec<Section> {
    let mut out = Vec::new();
    let mut heading = String::new();
    let mut lines: Vec<&str> = Vec::new();
    let mut inside: Option<&str> = None;
    let mut fenced = false;
    let mut end = |heading: &str, lines: &mut Vec<&str>| {
        let text = trimmed(lines);
        if !heading.is_empty() || !text.is_empty() {
            out.push(Section {
                heading: heading.to_string(),
                text,
            });
        }
        lines.clear();
    };
    for line in text.lines() {
        if let Some((name, begins)) = mark(line) {
            match inside {
                None if begins => inside = Some(name),
                Some(open) if open == name && !begins => inside = None,
                _ => {}
            }
            continue;
        }
        fenced ^= line.trim_start().starts_with("```");
        match line
            .strip_prefix(sign)
            .filter(|_| inside.is_none() && !fenced)
        {
            Some(next) => {
                end(&heading, &mut lines);
                heading = next.trim().to_string();
            }
            None => lines.push(line),
        }
    }
    end(&heading, &mut lines);
    out
}

/// A line that marks the beginning or end of a part: `<!-- AC:BEGIN -->`.
fn mark(line: &str) -> Option<(&str, bool)> {
    let inner = line
        .trim()
        .strip_prefix("<!--")?
        .strip_suffix("-->")?
        .trim();
    let (name, which) = inner.rsplit_once(':')?;
    let plain = |c: char| c.is_ascii_uppercase() || matches!(c, '_' | ':') || c.is_ascii_digit();
    let begins = match which {
        "BEGIN" => true,
        "END" => false,
        _ => return None,
    };
    (!name.is_empty() && name.chars().all(plain)).then_some((name, begins))
}

fn trimmed(lines: &[&str]) -> String {
    let full = |line: &&str| !line.trim().is_empty();
    let Some(begin) = lines.iter().position(full) else {
        return String::new();
    };
    let end = lines.iter().rposition(full).unwrap_or(begin);
    lines[begin..=end].join("\n")
}

/// The tick boxes of a text, and the rest of it.
pub fn ticks(text: &str) -> (Vec<Tick>, String) {
    let mut out: Vec<Tick> = Vec::new();
    let mut rest: Vec<&str> = Vec::new();
    let mut open = false;
    for line in text.lines() {
        match tick(line) {
            Some(tick) => {
                out.push(tick);
                open = true;
            }
            // Indented lines below a box belong to it.
            None if open && line.starts_with([' ', '\t']) && !line.trim().is_empty() => {
                if let Some(last) = out.last_mut() {
                    last.text = format!("{} {}", last.text, line.trim());
                }
            }
            None => {
                open = false;
                rest.push(line);
            }
        }
    }
    out.retain(|tick| !tick.text.is_empty());
    (out, trimmed(&rest))
}

fn tick(line: &str) -> Option<Tick> {
    let item = line.trim_start();
    let item = item.strip_prefix(['-', '*', '+'])?.trim_start();
    let done = item.starts_with("[x]") || item.starts_with("[X]");
    if !done && !item.starts_with("[ ]") {
        return None;
    }
    let text = item[3..].trim();
    let numbered = text.strip_prefix('#').and_then(|after| {
        let (number, text) = after.split_once(' ')?;
        Some((number.parse().ok()?, text.trim()))
    });
    let (number, text) = match numbered {
        Some((number, text)) => (Some(number), text),
        None => (None, text),
    };
    Some(Tick {
        done,
        number,
        text: text.to_string(),
    })
}

/// The elements of a list, without their signs.
pub fn bullets(text: &str) -> Vec<&str> {
    text.lines()
        .filter_map(|line| line.trim_start().strip_prefix(['-', '*', '+']))
        .filter(|item| item.starts_with([' ', '\t']))
        .map(str::trim)
        .collect()
}

/// A named value: `- Size: S`, `**Scope**: all of it`, case-insensitive. The lines up to the next
/// name belong to it.
pub fn named<'t>(text: &'t str, name: &str) -> Option<Vec<&'t str>> {
    let mut lines = text.lines();
    let first = lines.by_ref().find_map(|line| {
        let (found, value) = name_of(line)?;
        found.eq_ignore_ascii_case(name).then_some(value)
    })?;
    let mut out = vec![first];
    for line in lines {
        let is_item = line.trim_start().starts_with("- ");
        if line.starts_with('#') || (name_of(line).is_some() && (!is_item || !out[0].is_empty())) {
            break;
        }
        out.push(line.trim());
    }
    out.retain(|line| !line.is_empty());
    Some(out)
}

fn name_of(line: &str) -> Option<(&str, &str)> {
    let line = line.trim_start().trim_start_matches("- ").trim_start();
    let (name, value) = line.split_once(':')?;
    let name = name.trim_matches('*').trim();
    let value = value.trim_start_matches('*').trim();
    let plain = |c: char| c.is_ascii_alphabetic() || c == ' ';
    (!name.is_empty() && name.len() <= 30 && name.chars().all(plain)).then_some((name, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_end_at_marks_and_headings() {
        let parts = sections(
            "intro\n\n## Description\n<!-- SECTION:DESCRIPTION:BEGIN -->\nOne\n## inside\n\
             <!-- SECTION:DESCRIPTION:END -->\n\n## Notes\n```\n## code\n```\n## Empty\n",
        );
        let seen: Vec<(&str, &str)> = parts
            .iter()
            .map(|part| (part.heading.as_str(), part.text.as_str()))
            .collect();
        assert_eq!(
            seen,
            [
                ("", "intro"),
                ("Description", "One\n## inside"),
                ("Notes", "```\n## code\n```"),
                ("Empty", "")
            ]
        );
    }

    #[test]
    fn checked_criteria_have_numbers_and_continuation_lines() {
        let (ticks, rest) = ticks("- [x] #1 one\n- [ ] #2 two\n  goes on\n* [X] three\nother\n");
        let seen: Vec<(bool, Option<u32>, &str)> = ticks
            .iter()
            .map(|tick| (tick.done, tick.number, tick.text.as_str()))
            .collect();
        assert_eq!(
            seen,
            [
                (true, Some(1), "one"),
                (false, Some(2), "two goes on"),
                (true, None, "three")
            ]
        );
        assert_eq!(rest, "other");
    }

    #[test]
    fn values_are_found_by_their_names() {
        let text = "**Scope**: the API\n**Files**:\n- src/a.rs\n- `src/b/**`\n**Can Start**: immediately\n- Size: S\n";
        assert_eq!(named(text, "scope"), Some(vec!["the API"]));
        assert_eq!(
            named(text, "Files"),
            Some(vec!["- src/a.rs", "- `src/b/**`"])
        );
        assert_eq!(named(text, "size"), Some(vec!["S"]));
        assert_eq!(named(text, "Hours"), None);
    }
}
