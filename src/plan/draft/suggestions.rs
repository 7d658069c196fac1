//! Proposals to merge tasks, where a plan has more than its document justifies.

use super::draft_types::{Consolidation, Estimate, Task};

/// Proposes to merge neighbours of the smallest size in one group of their author, until the plan has
/// no more tasks than recommended.
pub(super) fn suggestions(tasks: &[Task], threshold: usize) -> Vec<Consolidation> {
    let mut left = tasks.len().saturating_sub(threshold);
    let mut found = Vec::new();
    let same = |a: &Task, b: &Task| {
        let small = a.estimate == Estimate::XS && b.estimate == Estimate::XS;
        small && a.stream == b.stream && a.milestone == b.milestone
    };
    for group in tasks.chunk_by(same).filter(|group| group.len() > 1) {
        if left == 0 {
            break;
        }
        let count = group.len().min(left + 1);
        left -= count - 1;
        let group = group.iter().take(count);
        let stream = group.clone().next().map_or("", |task| task.stream.as_str());
        found.push(Consolidation {
            reason: format!("they are small, and stand together below “{stream}”"),
            tasks: group.map(|task| task.key.clone()).collect(),
        });
    }
    found
}
