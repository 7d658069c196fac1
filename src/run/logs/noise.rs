//! Logs as noise: a task whose log repeats itself is reported to who reads it.

use std::collections::{BTreeMap, HashMap};

use super::LogLine;
use crate::model::text::shorten;

/// A task with more repeated lines than this is reported.
const REPEATED: usize = 100;

/// The most different lines of a task that are told apart.
const DISTINCT: usize = 10_000;

/// The longest line in a report, in characters.
const SHOWN: usize = 80;

/// The lines of one task.
#[derive(Default)]
struct Lines {
    all: usize,
    repeated: usize,
    /// By a line without its numbers: how often it occurs.
    seen: HashMap<String, usize>,
    /// How often the most frequent line occurs, and its last form.
    most: Option<(usize, String)>,
}

/// What is noise in some lines: a sentence for each task with too many repeated ones.
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
                "the log of {task} repeats itself: {} of its {} lines, above all `{text}` ({times} times)",
                of.repeated, of.all
            )
        })
        .collect()
}

/// A line with one `0` in place of each number, so that times and counters do not tell lines apart.
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
            // What differs, what is empty and what the run itself wrote is no noise.
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
                "the log of T-0001 repeats itself: 149 of its 150 lines, above all `retry 149 of 150` (150 times)"
            ]
        );
        lines.truncate(4 * 100);
        assert_eq!(noise(&lines), [""; 0]);
    }
}
