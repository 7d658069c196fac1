//! The defaults of the fields that a written task leaves out.

use crate::plan::draft::{Criterion, Task, size_for};

/// A task with the defaults of everything but its title, lines and criteria: what the author said of a
/// drafted task on the same line, else a formula.
pub(super) fn defaults(
    key: &str,
    title: &str,
    criteria: &[Criterion],
    drafted: Option<&Task>,
) -> Task {
    if let Some(drafted) = drafted {
        return Task {
            key: key.to_owned(),
            title: title.to_owned(),
            acceptance: criteria.to_vec(),
            ..drafted.clone()
        };
    }
    let estimate = size_for(criteria.len());
    let count = match criteria.len() {
        1 => "one criterion".to_owned(),
        count => format!("{count} criteria"),
    };
    Task {
        acceptance: criteria.to_vec(),
        estimate,
        hours: estimate.hours(),
        estimate_reason: format!("default: {count}"),
        ..Task::plain(key, title)
    }
}
