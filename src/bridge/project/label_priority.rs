//! The priority that labels of an issue name, where it has no field of its own. Pure.

use std::collections::BTreeMap;

use super::foreign_words::{plain, priority};
use crate::bridge::transfer_report::Remarked;

/// Our priority for labels such as `P1`, `priority: high` and `high-priority`, if those that name one agree.
/// Without `P`, each project counts numbers in its own way.
pub fn priority_of_labels<'l>(labels: impl IntoIterator<Item = &'l str>) -> Option<i64> {
    let read = |label: &str| {
        let words: Vec<String> = label
            .split(|c: char| !c.is_alphanumeric())
            .map(plain)
            .collect();
        let is_own = |word: &String| matches!(word.as_str(), "p0" | "p1" | "p2" | "p3" | "p4");
        let is_field = |word: &String| matches!(word.as_str(), "priority" | "prio");
        let has_number = label.contains(|c: char| c.is_ascii_digit());
        let is_named = words.iter().any(is_field) && !has_number;
        priority(label).filter(|_| is_named || words.iter().any(is_own))
    };
    let mut found = labels.into_iter().filter_map(read);
    let first = found.next()?;
    found.all(|other| other == first).then_some(first)
}

/// What a report says of the issues that got their priority from labels; none if there are none.
pub fn told(priorities: impl Iterator<Item = i64>) -> Option<Remarked> {
    let mut counts: BTreeMap<i64, usize> = BTreeMap::new();
    for one in priorities {
        *counts.entry(one).or_default() += 1;
    }
    let words = counts.iter().map(|(one, count)| format!("{count} P{one}"));
    let words: Vec<String> = words.collect();
    let text = format!("priorities that labels name: {}", words.join(", "));
    (!words.is_empty()).then(|| Remarked::new(None, None, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_name_a_priority_only_where_nothing_else_can_be_meant() {
        for (labels, ours) in [
            ("P0", Some(0)),
            ("bug|p4", Some(4)),
            ("P1-high", Some(1)),
            ("priority: high", Some(1)),
            ("priority/critical", Some(0)),
            ("priority/critical-urgent", Some(0)),
            ("Low priority", Some(3)),
            ("P1|priority: high", Some(1)),
            ("P0|priority: low", None),
            ("priority: 1", None),
            ("priority", None),
            ("needs priority", None),
            ("high", None),
            ("backlog", None),
            ("P5", None),
            ("p2p", None),
            ("", None),
        ] {
            assert_eq!(priority_of_labels(labels.split('|')), ours, "{labels}");
        }
    }
}
