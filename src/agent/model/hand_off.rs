//! The hand-off of a conversation whose context is full: asked of the model, or written by rules where
//! it gives none.

use crate::model::message::Handoff;
use crate::model::text::{excerpt, head};

/// The question for a hand-off.
pub const QUESTION: &str = "\
Your context is nearly full, so this conversation ends here. Another one continues the task from your \
hand-off; it knows the task and the files, and nothing else of this conversation. Write the hand-off \
now, without calling a tool, as three lists:

Done:
- …

Next:
- …

Open:
- …

Name files, commands and decisions exactly.";

/// The longest hand-off, in bytes.
const TEXT_MAX: usize = 12_000;

/// The most entries of a list.
const ENTRIES: usize = 50;

/// The longest entry, in characters.
const ENTRY_MAX: usize = 600;

/// The list that a line begins, if it is a heading: `Done:`, `## Next steps`, `**Open**:`.
fn heading(line: &str) -> Option<(usize, &str)> {
    let plain = line.trim().trim_start_matches(['#', '*', ' ']);
    let (word, rest) = match plain.split_once(':') {
        Some((word, rest)) => (word, rest.trim_matches([' ', '*'])),
        None if line.trim_start().starts_with(['#', '*']) => (plain, ""),
        None => return None,
    };
    let word = word.trim_matches(['*', ' ']).to_ascii_lowercase();
    let lists = [
        &["done", "finished", "completed"][..],
        &["next", "next steps", "to do", "todo", "remaining"],
        &["open", "open questions", "open points", "questions"],
    ];
    let at = lists
        .iter()
        .position(|words| words.contains(&word.as_str()))?;
    Some((at, rest))
}

/// The lists that a text of a model has.
pub fn read(text: &str) -> Handoff {
    let mut lists: [Vec<String>; 3] = Default::default();
    let mut current = None;
    let mut is_fresh = true;
    for line in head(text, TEXT_MAX).lines() {
        if let Some((at, rest)) = heading(line) {
            current = Some(at);
            if !rest.is_empty() {
                lists[at].push(excerpt(rest, ENTRY_MAX));
            }
            is_fresh = true;
            continue;
        }
        let Some(at) = current else { continue };
        let plain = line.trim();
        let numbered = plain.trim_start_matches(|c: char| c.is_ascii_digit());
        let entry = ["- ", "* ", "• "]
            .iter()
            .find_map(|mark| plain.strip_prefix(mark));
        let entry = entry.or_else(|| {
            let rest = numbered
                .strip_prefix(". ")
                .or_else(|| numbered.strip_prefix(") "));
            rest.filter(|_| numbered.len() < plain.len())
        });
        match entry {
            Some(entry) if lists[at].len() < ENTRIES => {
                lists[at].push(excerpt(entry, ENTRY_MAX));
                is_fresh = false;
            }
            // An entry goes on.
            None if !plain.is_empty() && !is_fresh => {
                if let Some(last) = lists[at].last_mut() {
                    *last = excerpt(&format!("{last} {plain}"), ENTRY_MAX);
                }
            }
            None if !plain.is_empty() && lists[at].len() < ENTRIES => {
                lists[at].push(excerpt(plain, ENTRY_MAX));
            }
            _ => {}
        }
    }
    let [done, next, questions] = lists;
    Handoff {
        done,
        next,
        questions,
        ..Handoff::default()
    }
}

/// A hand-off by rules: the commits, what is not committed, and the last texts of the model.
pub fn by_rules(commits: &str, uncommitted: &str, texts: &[String]) -> Handoff {
    let lines = |text: &str| -> Vec<String> {
        let lines = text.lines().take(10);
        lines.map(|line| excerpt(line, 200)).collect()
    };
    let mut done = vec![format!("newest commits: {}", lines(commits).join("; "))];
    if !uncommitted.is_empty() {
        done.push(format!(
            "not committed yet: {}",
            lines(uncommitted).join("; ")
        ));
    }
    let mut next: Vec<String> = texts
        .iter()
        .rev()
        .take(3)
        .rev()
        .map(|text| format!("the agent said last: {}", excerpt(text, 400)))
        .collect();
    next.push("look at the files and the commits, and continue".into());
    Handoff {
        done,
        next,
        ..Handoff::default()
    }
}

/// The hand-off as the next conversation reads it.
pub fn written(lists: &Handoff) -> String {
    let mut text = String::from(
        "\n## The work so far\n\nAn earlier conversation of yours has left this hand-off. Check it \
         against the files before you rely on it.\n",
    );
    for (title, entries) in [
        ("Done", &lists.done),
        ("Next", &lists.next),
        ("Open", &lists.questions),
    ] {
        if !entries.is_empty() {
            text.push_str(&format!("\n{title}:\n"));
            for entry in entries {
                text.push_str(&format!("- {entry}\n"));
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// MR-18: what a model writes is read in all usual forms.
    #[test]
    fn mr_18_lists_are_read_in_the_forms_that_models_write() {
        for text in [
            "Done:\n- a\n- b\nNext:\n- c\nOpen:\n- d",
            "## Done\n* a\n* b\n\n## Next steps\n1. c\n\n**Open questions:**\n- d\n",
            "Here it is.\n**Done**:\n  - a\n  - b\n\nNext: c\nOpen:\nd",
        ] {
            let found = read(text);
            assert_eq!(found.done, ["a", "b"], "{text}");
            assert_eq!(found.next, ["c"], "{text}");
            assert_eq!(found.questions, ["d"], "{text}");
        }
        assert_eq!(read("Done:\n- one\n  more\nNext:\n").done, ["one more"]);
        for nothing in ["", "I am sorry", "- a\n- b"] {
            assert!(read(nothing).is_empty(), "{nothing}");
        }
    }

    #[test]
    fn a_hand_off_by_rules_says_where_to_look() {
        let lists = by_rules(
            "abc Begin\ndef More",
            " M src/a.rs",
            &["I will test it".into()],
        );
        let text = written(&lists);
        for part in ["abc Begin", "src/a.rs", "I will test it", "Next:"] {
            assert!(text.contains(part), "{text}");
        }
    }
}
