//! Detection of noisy logs: readers are notified which tasks' logs are repetitive.

use std::collections::{BTreeMap, HashMap};

use super::LogLine;
use crate::model::text::shorten;

/// A task with more repeated lines than this is reported.
const REPEATED: usize = 100;

/// The maximum number of distinct lines of a task that are tracked.
const DISTINCT: usize = 10_000;

/// The maximum length of a line in a report, in characters.
const SHOWN: usize = 80;

/// The lines of one task.
#[derive(Default)]
struct Lines {
    all: usize,
    repeated: usize,
    /// The number of occurrences, by line without its numbers.
    seen: HashMap<String, usize>,
    /// The count of the most frequent line, and its last form.
    most: Option<(usize, String)>,
}

/// The noise in some lines: a sentence for each task with too many repeats.
pub(super) fn noise(lines: &[LogLine]) -> Vec<String> {
    let mut tasks: BTreeMap<&str, Lines> = BTreeMap::new();
    for line in lines.iter().filter(|line| line.stream != "run") {
        let of_task = tasks.entry(&line.task).or_default();
        of_task.all += 1;
        let key = without_numbers(&line.text);
        if key.is_empty() || (of_task.seen.len() >= DISTINCT && !of_task.seen.contains_key(&key)) {
            continue;
        }
        let times = of_task.seen.entry(key).or_default();
        *times += 1;
        let times = *times;
        of_task.repeated += usize::from(times > 1);
        if of_task.most.as_ref().is_none_or(|(most, _)| times > *most) {
            of_task.most = Some((times, shorten(line.text.trim(), SHOWN)));
        }
    }
    let noisy = tasks.into_iter().filter(|(_, of)| of.repeated > REPEATED);
    noisy
        .map(|(task, of)| {
            let (times, text) = of.most.unwrap_or_default();
            format!(
                "the log of {task} is repetitive: {} of its {} lines are repeats, mostly `{text}` \
                 ({times} times)",
                of.repeated, of.all
            )
        })
        .collect()
}

/// A line with one `0` in place of each number, so that times and counters do not matter.
fn without_numbers(text: &str) -> String {
    let mut out = String::new();
    for c in text.trim().chars() {
        match c.is_ascii_digit() {
            true if out.ends_with('0') => {}
            true => out.push('0'),
            false => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(task: &str, stream: &str, text: String) -> LogLine {
        LogLine {
            at: "2026-11-20T10:00:00Z".into(),
            run: "R-1".into(),
            task: task.into(),
            attempt: 1,
            agent: "agent-1".into(),
            stream: stream.into(),
            text,
        }
    }

    #[test]
    fn ob_14_a_log_that_repeats_itself_is_reported_once_for_each_task() {
        let mut lines = Vec::new();
        for n in 0..150 {
            lines.push(line("T-0001", "err", format!("retry {n} of 150")));
            // Distinct lines, empty lines and those of the run itself are not noise.
            let word: String = format!("{n:03}")
                .bytes()
                .map(|b| (b + 49) as char)
                .collect();
            lines.push(line("T-0002", "out", format!("compiled {word}")));
            lines.push(line("T-0002", "out", String::new()));
            lines.push(line("T-0002", "run", "started".into()));
        }
        assert_eq!(
            noise(&lines),
            [
                "the log of T-0001 is repetitive: 149 of its 150 lines are repeats, mostly `retry \
                 149 of 150` (150 times)"
            ]
        );
        lines.truncate(4 * 100);
        assert_eq!(noise(&lines), [""; 0]);
    }
}
