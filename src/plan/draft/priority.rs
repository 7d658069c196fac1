//! The priority of a task, if its author stated it: by a label, by a mark in the title, or by the
//! heading of a list (`Must have`, `P1`, `High priority`).

use super::candidate::TaskCandidate;
use super::similarity::words;
use super::work::Source;
use crate::model::priority::Priority;
use crate::plan::document::{LabelKind, Words, words};

/// Words for priorities, by number.
const WORDS: [Words; 5] = [
    words!("p0, critical, blocker, highest, urgent, kritisch"),
    words!(
        "p1, must, high, essential, required, hoch, muss, alta, alto, haute, 높음, 필수, 高, 必须, 必須",
    ),
    words!("p2, should, medium, normal, mittel, soll, media, medio, moyenne, 중간, 中"),
    words!("p3, could, low, optional, nice, niedrig, kann, baja, baixa, basse, 낮음, 低"),
    words!("p4, lowest"),
];

/// Other words that a text may have and still state only a priority.
const BESIDE: Words = words!(
    "have, haves, to, priority, priorität, prioridad, prioridade, priorité, mvp, features, \
     requirements",
);

/// The priority of a task: its own, or that of the nearest heading or entry that contains it.
pub(super) fn of(source: &Source<'_>, candidate: &TaskCandidate) -> Option<Priority> {
    let node = candidate.node?;
    let tree = &source.tree;
    let around = std::iter::once(node).chain(tree.above(node));
    around
        .take_while(|at| Some(*at) != source.root)
        .find_map(|at| {
            let this = &tree.nodes[at];
            let label = this.tags.iter().find(|tag| tag.kind == LabelKind::Priority);
            let marks = this.text.split(['(', '[', '（', '【']).skip(1);
            let marks = marks.filter_map(|mark| mark.split([')', ']', '）', '】']).next());
            label
                .and_then(|tag| first_of(&tag.line.text))
                .or_else(|| marks.filter_map(whole).next())
                .or_else(|| whole(&this.text).filter(|_| at != node))
        })
}

fn number(word: &str) -> Option<Priority> {
    let found = WORDS.iter().position(|words| words.contains(word))?;
    Priority::try_from(u8::try_from(found).ok()?).ok()
}

/// The first priority in the first three words of a label.
fn first_of(text: &str) -> Option<Priority> {
    words(text).iter().take(3).find_map(|word| number(word))
}

/// The priority in a text that states little else, or that begins with `P0` to `P4`.
fn whole(text: &str) -> Option<Priority> {
    let said = words(text);
    let is_bare = |word: &String| BESIDE.contains(word) || number(word).is_some();
    let mark = said
        .first()
        .filter(|word| matches!(word.as_bytes(), [b'p', b'0'..=b'4']));
    match mark {
        Some(mark) => number(mark),
        None if said.len() <= 4 && said.iter().all(is_bare) => {
            said.iter().find_map(|word| number(word))
        }
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_priority_is_read_where_a_text_states_nothing_else() {
        for (text, wanted) in [
            ("Must Have", Some(1)),
            ("Should-have features", Some(2)),
            ("Nice to have", Some(3)),
            ("High priority", Some(1)),
            ("P0 — Critical", Some(0)),
            ("P1: The core of the product", Some(1)),
            ("필수", Some(1)),
            ("Priority: P2", Some(2)),
            ("High availability", None),
            ("Must be fast on old phones", None),
            ("Low-level parser", None),
            ("Optional HTTP server", None),
            ("", None),
        ] {
            let found = whole(text).map(Priority::number);
            assert_eq!(found, wanted, "{text}");
        }
        assert_eq!(first_of("high (P1)").map(Priority::number), Some(1));
        assert_eq!(first_of("to be decided"), None);
    }
}
