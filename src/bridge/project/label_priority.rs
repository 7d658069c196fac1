//! The priority that labels of an issue name, where it has no field of its own. Pure.

use std::collections::BTreeSet;

use super::foreign_words::priority;
use crate::bridge::transfer_report::Remarked;

/// Our priority for labels such as `P1`, `priority: high` and `high-priority`, if those that name one agree.
/// Without `P`, each project counts numbers in its own way.
pub fn priority_of_labels<'l>(labels: impl IntoIterator<Item = &'l str>) -> Option<i64> {
    let all = named(labels);
    all.first().copied().filter(|_| all.len() == 1)
}

/// What a report says of an issue whose labels name several priorities.
pub fn contradiction<'l>(labels: impl IntoIterator<Item = &'l str>) -> Option<String> {
    let all: Vec<String> = named(labels).iter().map(|n| format!("P{n}")).collect();
    let words = all.join(" and ");
    (all.len() > 1).then(|| format!("has labels for {words}; imported with priority 2"))
}

fn named<'l>(labels: impl IntoIterator<Item = &'l str>) -> BTreeSet<i64> {
    let read = |label: &str| {
        let lower = label.to_lowercase();
        let has_number = lower.contains(|c: char| c.is_ascii_digit());
        let is_meant = |word: &str| match word {
            "priority" | "prio" => !has_number,
            word => matches!(word, "p0" | "p1" | "p2" | "p3" | "p4"),
        };
        let mut words = lower.split(|c: char| !c.is_alphanumeric());
        priority(label).filter(|_| words.any(is_meant))
    };
    labels.into_iter().filter_map(read).collect()
}

/// What a report says of the number of issues that got their priority from labels.
pub fn told(issues: usize) -> Option<Remarked> {
    let text = format!("labels name the priority of {issues}, and stay labels");
    (issues > 0).then(|| Remarked::new(None, None, text))
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
