//! Translates the words of other tools: statuses, priorities, sizes, times, names.

use std::collections::BTreeSet;

use jiff::civil::{Date, Time};
use jiff::fmt::strtime::BrokenDownTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use crate::bridge::content::Content;
use crate::coordinate::reserve::pattern::Pattern;
use crate::model::item_type::ItemType;
use crate::model::priority::Priority;
use crate::model::stamp::{parse_rfc3339, rfc3339};
use crate::model::status::is_given_up;
use crate::model::text::{excerpt, one_line, shorten};
use crate::model::typed_day::{self, Toward};
use crate::model::typed_due_date::{self, DayEnd};
use crate::model::uid::Uid;
use crate::model::vocabulary::Estimate;

use super::front_matter::Front;
use super::markdown::Tick;

/// The greatest length of a label made from an unknown status, in characters.
const LABEL_MAX: usize = 60;

/// The status of an approved task in our own export.
const READY: &str = "readyforintegration";

/// A word without case, spaces, dashes and underscores, for comparing.
pub fn plain(word: &str) -> String {
    let kept = word.chars().filter(|c| c.is_alphanumeric());
    kept.flat_map(char::to_lowercase).collect()
}

/// Our status of a task for another tool's word, if all tools agree on it.
pub fn status(word: &str) -> Option<&'static str> {
    Some(match plain(word).as_str() {
        "todo"
        | "pending"
        | "open"
        | "backlog"
        | "queued"
        | "new"
        | "triage"
        | "reopened"
        | "notstarted"
        | "unstarted"
        | "planned"
        | "upnext"
        | "ready"
        | "readyfordev"
        | "readyfordevelopment"
        | "selectedfordevelopment" => "queued",
        "inprogress" | "active" | "doing" | "started" | "wip" | "ongoing" | "underway"
        | "workingonit" | "indev" | "indevelopment" => "in_progress",
        READY => "in_review",
        "done" | "completed" | "complete" | "closed" | "resolved" | "fixed" | "finished"
        | "shipped" | "released" | "deployed" | "delivered" | "merged" => "done",
        "blocked" | "stuck" | "waiting" => "blocked",
        "deferred" | "onhold" | "paused" | "postponed" | "parked" | "later" | "icebox" => {
            "deferred"
        }
        word if is_given_up(word) => "cancelled",
        word if word.contains("review") => "in_review",
        word if word.contains("block") => "blocked",
        _ => return None,
    })
}

/// The value of a field; one that `read` does not understand is left out with a note.
pub fn understood<T>(
    front: &Front,
    field: &str,
    read: impl Fn(&str) -> Option<T>,
    notes: &mut Vec<String>,
) -> Option<T> {
    let word = front.text(field)?;
    let found = read(word);
    if found.is_none() {
        let word = excerpt(word, LABEL_MAX);
        notes.push(format!("has an unknown `{field}`, `{word}`; left out"));
    }
    found
}

/// Adds a note about a status that only an approval sets.
pub fn approved_status(word: &str, notes: &mut Vec<String>) {
    if plain(word) == READY {
        notes.push("an import cannot approve it; imported as in review".into());
    }
}

/// Keeps the word of a status as a label. Returns it as it is shown.
pub fn put_status_label(content: &mut Content, word: &str) -> String {
    let word = excerpt(word.trim(), LABEL_MAX);
    put_label(content, &format!("import-status:{word}"));
    word
}

/// Adds a label and a note about an unknown status.
pub fn unknown_status(content: &mut Content, word: &str, notes: &mut Vec<String>) {
    let word = put_status_label(content, word);
    notes.push(format!(
        "has the unknown status `{word}`; imported as queued"
    ));
}

/// Keeps a value that is not understood as a label, with a note that begins with `what`.
pub fn not_understood(
    content: &mut Content,
    (field, text): (&str, &str),
    what: &str,
    notes: &mut Vec<String>,
) {
    let text = excerpt(text.trim(), LABEL_MAX);
    put_label(content, &format!("import-{field}:{text}"));
    notes.push(format!("{what}; kept as the label `import-{field}:…`"));
}

/// Our priority for another tool's words: `High`, `P2 (normal)`, `1 - High`, `Sev 1`. Only `P1` is a number of
/// ours; a word says more than any other number, which each tool counts in its own way.
pub fn priority(text: &str) -> Option<i64> {
    let number = |word: &str| -> Option<i64> {
        let found = word.parse::<i64>().ok();
        found.filter(|n| (0..=9).contains(n))
    };
    let own = |word: &str| number(word.strip_prefix('p')?).filter(|n| *n <= 4);
    let named = |word: &str| match word {
        "blocker" | "veryhigh" => Some(0),
        "major" | "nopriority" | "none" => Some(2),
        "minor" => Some(3),
        "verylow" => Some(4),
        word => Priority::named(word).map(|found| i64::from(found.number())),
    };
    let whole = plain(text);
    let bare = ["priority", "prio", "severity", "sev"];
    let bare = bare.iter().find_map(|name| whole.strip_prefix(name));
    if let Some(found) = named(&whole).or(own(&whole)) {
        return Some(found);
    }
    if let Some(found) = number(bare.unwrap_or(&whole)) {
        return Some(found).filter(|n| *n <= 4);
    }
    let words = text.split(|c: char| !c.is_alphanumeric()).map(plain);
    let words: Vec<String> = words.filter(|word| !word.is_empty()).collect();
    let is_known = |word: &String| {
        let word = word.as_str();
        matches!(word, "priority" | "prio" | "severity" | "sev")
            || number(word).or(own(word)).or(named(word)).is_some()
    };
    // Two words may mean two priorities.
    let only = |read: &dyn Fn(&str) -> Option<i64>| {
        let mut found = words.iter().filter_map(|word| read(word));
        let first = found.next();
        first.filter(|first| found.all(|other| other == *first))
    };
    match words.iter().all(is_known) {
        true => only(&own).or_else(|| only(&named)),
        false => None,
    }
}

/// Puts the priority for another tool's word.
pub fn put_priority(content: &mut Content, word: Option<&str>, notes: &mut Vec<String>) {
    content.infer("priority", 2);
    if let Some(word) = word {
        match priority(word) {
            Some(priority) => content.put("priority", priority),
            None => {
                let shown = excerpt(word, LABEL_MAX);
                let what = format!("has the unknown priority `{shown}`; imported with priority 2");
                not_understood(content, ("priority", word), &what, notes);
            }
        }
    }
}

/// Our type of a task for another tool's word.
pub fn item_type(word: &str) -> Option<&'static str> {
    let word = plain(word);
    let mut types = ItemType::TASK.iter().map(|known| known.as_str());
    types.find(|known| *known == word).or(match word.as_str() {
        "enhancement" | "improvement" | "newfeature" | "subtask" => Some("feature"),
        "userstory" => Some("story"),
        "defect" | "fix" => Some("bug"),
        "task" | "maintenance" => Some("chore"),
        "documentation" => Some("docs"),
        "research" => Some("spike"),
        _ => None,
    })
}

/// The type that labels say where a tracker has no types: `bug`, `kind/bug`, `type: docs`. A defect is one whatever
/// else it is; several other types say nothing.
pub fn type_of_labels<'l>(labels: impl IntoIterator<Item = &'l str>) -> Option<&'static str> {
    let said = |label: &str| match label.split_once([':', '/']) {
        Some((head, word)) if matches!(plain(head).as_str(), "type" | "kind") => {
            item_type(word).filter(|_| plain(word) != "task")
        }
        Some(_) => None,
        // Everything is a task, and others may as well be areas of the work.
        None => item_type(label)
            .filter(|one| matches!(*one, "bug" | "chore" | "docs" | "feature"))
            .filter(|_| plain(label) != "task"),
    };
    let all: BTreeSet<&str> = labels.into_iter().filter_map(said).collect();
    match all.contains("bug") {
        true => Some("bug"),
        false => all.first().copied().filter(|_| all.len() == 1),
    }
}

/// Our estimate for another tool's word: `M`, `XS/S` (the greater one).
pub fn estimate(word: &str) -> Option<&'static str> {
    let bare = word.split('(').next()?.trim();
    let last = bare.split(['/', '-']).next_back()?.trim();
    let last = last.split_whitespace().next()?;
    Some(last.parse::<Estimate>().ok()?.as_str())
}

/// Puts a text as a label: no commas and no control characters.
pub fn put_label(content: &mut Content, text: &str) {
    content.put_element("labels", one_line(text.trim()).replace(',', " "));
}

/// A person's name without a leading `@`; empty for words such as `none`.
pub fn person(name: &str) -> &str {
    let name = name.trim().trim_start_matches('@');
    match plain(name).as_str() {
        "unassigned" | "none" | "null" | "nobody" | "tbd" | "na" => "",
        _ => name,
    }
}

/// Puts the first of several people as the assignee, with a note about the others.
pub fn put_assignee(content: &mut Content, people: Vec<&str>, notes: &mut Vec<String>) {
    let people = people.into_iter().map(person);
    let people: Vec<&str> = people.filter(|name| !name.is_empty()).collect();
    let Some((first, others)) = people.split_first() else {
        return;
    };
    content.put("assignee", one_line(first));
    if !others.is_empty() {
        notes.push(format!(
            "is also assigned to {}; only {first} becomes its assignee",
            others.join(", ")
        ));
    }
}

/// The days of trackers and spreadsheets, each alone or with a time of [`CLOCKS`]. Of two in a row, both of
/// which may read a text, it has to mean the same in both: of `3/4/2026` the month is not known.
const DAYS: [[&str; 2]; 7] = [
    ["%d/%b/%y", "%d/%b/%Y"],
    ["%m/%d/%Y", "%d/%m/%Y"],
    ["%m/%d/%y", "%d/%m/%y"],
    ["%d.%m.%Y", "%d.%m.%y"],
    ["%Y/%m/%d", "%Y.%m.%d"],
    ["%b %d, %Y", "%d %b %Y"],
    ["%B %d, %Y", "%d %B %Y"],
];
const CLOCKS: [&str; 4] = ["", " %I:%M %p", " %H:%M", " %H:%M:%S"];

/// A time in a form of [`DAYS`], or as JavaScript writes it: `Wed May 13 2026 11:21:41 GMT+0000 (UTC)`.
fn time_of_trackers(text: &str) -> Option<u64> {
    let text = text.split(" (").next()?;
    let read = |form: &str| {
        let found = BrokenDownTime::parse(form, text).ok()?;
        let at = found.to_timestamp().ok().or_else(|| {
            let clock = found.to_time().unwrap_or(Time::midnight());
            let at = found.to_date().ok()?.to_datetime(clock);
            Some(at.to_zoned(TimeZone::UTC).ok()?.timestamp())
        });
        u64::try_from(at?.as_millisecond()).ok()
    };
    let day = |day| {
        CLOCKS
            .iter()
            .find_map(|clock| read(&format!("{day}{clock}")))
    };
    let known = DAYS.iter().find_map(|[a, b]| match (day(*a), day(*b)) {
        (Some(a), Some(b)) => (a == b).then_some(a),
        (a, b) => a.or(b),
    });
    let known = known.or_else(|| read("%a %b %d %Y %H:%M:%S GMT%z"));
    known.or_else(|| day_with_words(text))
}

/// A day with the name of its month and with its year, in a form in which dates are typed here.
fn day_with_words(text: &str) -> Option<u64> {
    let (words, clock) = typed_day::time_of_day(text);
    let is_year = |word: &str| word.len() == 4 && word.bytes().all(|b| b.is_ascii_digit());
    if !words.split([' ', ',']).any(is_year) {
        return None;
    }
    let day = typed_day::day(words, Date::ZERO, Toward::Past)?;
    let at = day.to_datetime(clock.unwrap_or(Time::midnight()));
    u64::try_from(
        at.to_zoned(TimeZone::UTC)
            .ok()?
            .timestamp()
            .as_millisecond(),
    )
    .ok()
}

/// A time as other tools write it: RFC 3339, `2025-11-20 08:00` (UTC), a day, a day as `dd-mm-yy`, and the
/// forms of trackers.
pub fn time(text: &str) -> Option<u64> {
    let text = text.trim();
    time_in_numbers(text).or_else(|| time_of_trackers(text))
}

fn time_in_numbers(text: &str) -> Option<u64> {
    if let Some(ms) = parse_rfc3339(text) {
        return Some(ms);
    }
    let (day, clock) = match text.split_once([' ', 'T']) {
        Some((day, clock)) => (day, clock.trim().trim_end_matches('Z')),
        None => (text, "00:00"),
    };
    let parts: Vec<&str> = day.split('-').collect();
    let [a, b, c] = parts[..] else {
        return None;
    };
    let day = if a.len() == 4 {
        day.to_string()
    } else {
        let year = if c.len() == 2 {
            format!("20{c}")
        } else {
            c.to_string()
        };
        format!("{year}-{b}-{a}")
    };
    let clock = match clock.matches(':').count() {
        1 => format!("{clock}:00"),
        _ => clock.to_string(),
    };
    parse_rfc3339(&format!("{day}T{clock}Z"))
}

/// A time in the form of our fields.
pub fn stamp_text(text: &str) -> Option<String> {
    time(text).map(rfc3339)
}

/// The day that a text names, whatever its time of day, as a day that is typed at `now` is stored. Of a
/// time with an offset it is the day of that offset.
pub fn day(text: &str, now: &Zoned, end: DayEnd) -> Option<String> {
    let utc = |ms| Timestamp::from_millisecond(i64::try_from(ms).ok()?).ok();
    let at = time(text).and_then(utc)?.to_zoned(TimeZone::UTC);
    let day: Date = text.trim().parse().unwrap_or(at.date());
    let typed = typed_due_date::parse(&day.to_string(), now, end);
    typed.ok().map(rfc3339)
}

/// A day as [`day`], and a time of day as it is.
pub fn day_or_time(text: &str, now: &Zoned, end: DayEnd) -> Option<String> {
    match text.contains(':') {
        true => stamp_text(text),
        false => day(text, now, end),
    }
}

/// A title: one line, never empty.
pub fn title(text: &str, instead: &str) -> String {
    let text = one_line(text.trim());
    let text = if text.is_empty() {
        one_line(instead)
    } else {
        text
    };
    shorten(&text, crate::model::limits::ITEM_TITLE_MAX)
}

/// Puts a planned path of a task, which may be in backticks and followed by a remark.
pub fn put_path(content: &mut Content, path: &str, notes: &mut Vec<String>) {
    let path = match path.split_once('`') {
        Some((_, rest)) => rest.split('`').next().unwrap_or_default(),
        None => path.split(" (").next().unwrap_or_default(),
    };
    let path = path.trim();
    match Pattern::parse(path, "") {
        Ok(pattern) => content.put_element("paths", pattern.text()),
        Err(_) if path.is_empty() => {}
        Err(error) => notes.push(format!("a planned file was left out: {error}")),
    }
}

/// Puts tick boxes as acceptance criteria. A numbered one keeps its identity when its text changes,
/// one without a number only while its text is the same.
pub fn put_acceptance(content: &mut Content, record: &Uid, list: &str, ticks: &[Tick]) {
    let before = content.records.get("acceptance").map_or(0, |all| all.len());
    for (n, tick) in ticks.iter().enumerate() {
        let same = ticks[..n].iter().filter(|t| t.text == tick.text).count();
        let name = match tick.number {
            Some(number) => format!("#{number}"),
            None => format!("{same} {}", tick.text),
        };
        let uid = Uid::derived(&["acceptance", record.as_str(), list, &name]);
        let entry = uid.suffix(8);
        let order = i64::try_from((before + n + 1) * 1000).unwrap_or(i64::MAX);
        content.put_entry("acceptance", entry, "text", tick.text.as_str());
        content.put_entry("acceptance", entry, "order", order);
        if tick.done {
            content.put_entry("acceptance", entry, "done", true);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_forms_of_times_are_read() {
        for (text, expected) in [
            ("2025-11-20 08:30", "2025-11-20T08:30:00Z"),
            ("2025-11-20", "2025-11-20T00:00:00Z"),
            ("20-11-25", "2025-11-20T00:00:00Z"),
            ("2025-11-20T08:30:00Z", "2025-11-20T08:30:00Z"),
            ("2025-11-20T08:30:15.123Z", "2025-11-20T08:30:15Z"),
            ("3/Nov/25 3:04 PM", "2025-11-03T15:04:00Z"),
            ("03/Nov/25", "2025-11-03T00:00:00Z"),
            ("20.11.2025 08:30", "2025-11-20T08:30:00Z"),
            ("11/20/2025 8:30", "2025-11-20T08:30:00Z"),
            ("20/11/2025", "2025-11-20T00:00:00Z"),
            ("20.11.25", "2025-11-20T00:00:00Z"),
            ("20/11/25 8:30", "2025-11-20T08:30:00Z"),
            ("2025.11.20", "2025-11-20T00:00:00Z"),
            ("20th of November 2025", "2025-11-20T00:00:00Z"),
            ("Nov 20, 2025, 3:04 PM", "2025-11-20T15:04:00Z"),
            ("Nov 20, 2025", "2025-11-20T00:00:00Z"),
            ("20 November 2025", "2025-11-20T00:00:00Z"),
            (
                "Thu Nov 20 2025 10:30:00 GMT+0200 (EET)",
                "2025-11-20T08:30:00Z",
            ),
        ] {
            assert_eq!(stamp_text(text).as_deref(), Some(expected), "{text}");
        }
        for text in [
            "",
            "soon",
            "2025-13-40",
            "1-2",
            "99-99-99",
            "3/4/2026",
            "3/4/26",
            "Nov 20",
            "friday",
        ] {
            assert_eq!(time(text), None, "{text}");
        }
    }

    #[test]
    fn labels_say_the_type_of_an_item() {
        for (labels, ours) in [
            ("Bug", Some("bug")),
            ("ui, kind/bug, documentation", Some("bug")),
            ("type: documentation", Some("docs")),
            ("type: task, area/bug, test", None),
            ("enhancement, docs", None),
            ("Chore, ui", Some("chore")),
            ("task", None),
            ("", None),
        ] {
            assert_eq!(type_of_labels(labels.split(", ")), ours, "{labels}");
        }
    }

    #[test]
    fn states_of_all_tools_are_translated() {
        for (word, ours) in [
            ("To Do", Some("queued")),
            ("in-progress", Some("in_progress")),
            ("In Progress", Some("in_progress")),
            ("Code Review", Some("in_review")),
            ("Blocked by vendor", Some("blocked")),
            ("Done", Some("done")),
            ("ready-for-integration", Some("in_review")),
            ("Frozen", None),
        ] {
            assert_eq!(status(word), ours, "{word}");
        }
        for (text, ours) in [
            ("High", Some(1)),
            ("1 - High", Some(1)),
            ("1 - Highest", Some(0)),
            ("3 - Medium", Some(2)),
            ("5 (Lowest)", Some(4)),
            ("P2 (normal)", Some(2)),
            ("P1 (urgent)", Some(1)),
            ("Sev 1", Some(1)),
            ("SEV-0", Some(0)),
            ("Priority: 3", Some(3)),
            ("Very high", Some(0)),
            ("4", Some(4)),
            ("7", None),
            ("P9", None),
            ("low to high", None),
            ("High, Low", None),
            ("whenever", None),
        ] {
            assert_eq!(priority(text), ours, "{text}");
        }
        assert_eq!(estimate("XS/S"), Some("S"));
        assert_eq!(estimate("M (two days)"), Some("M"));
        assert_eq!(estimate("M (8-12 hours)"), Some("M"));
    }
}
