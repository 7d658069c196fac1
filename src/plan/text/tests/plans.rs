//! Plans of all kinds, with texts that look like parts of the document.

use proptest::collection::vec;
use proptest::prelude::*;

use super::{criterion, from_json, item, key_of, milestone, plan, task, wait};
use crate::plan::draft::EdgeClass;
use crate::plan::{Plan, Planned};

/// Texts that a careless reader would misread.
const ODD: &[&str] = &[
    "",
    "#",
    "# T",
    "## Stream: x",
    "### 3. Pay",
    "### ~~1. a~~",
    "#### 2. a",
    "---",
    "- ",
    "- [ ] a",
    "* a",
    "1. a",
    "Acceptance:",
    "**Acceptance:**",
    "type: bug",
    "risk: huge",
    "waits for: 1",
    "note: x",
    "<!--",
    "-->",
    "<!-- a -->",
    "<!-- Please correct",
    "> a",
    ">",
    "```",
    "~~~",
    "~~a~~",
    "~~",
    "\\",
    "\\~~",
    "\\3. a",
    "new-1. a",
    "3. a",
    "`a`",
    "a, b",
    "\"a\", b",
    "a\tb",
    "\ta",
    "  a  ",
    "a  ",
    "\u{feff}a",
    "\u{a0}",
    "\u{2028}",
    "a\u{85}b",
    "a\rb",
    "計画\u{3000}一",
    "Ünïcødé",
    "🚀 go",
    "\u{202e}abc",
    "\u{0}",
    "(soft)",
    "none",
];

pub(super) fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => proptest::sample::select(ODD).prop_map(String::from),
        2 => "\\PC{0,20}",
        2 => "[a-z `#*~<>-]{1,20}",
    ];
    vec(piece, 1..4).prop_map(|pieces| pieces.concat())
}

pub(super) fn paragraphs() -> impl Strategy<Value = String> {
    let long = "[a-z]{1,9}".prop_map(|word| vec![word; 300].join(" "));
    let line = prop_oneof![8 => text(), 1 => long];
    (vec(line, 0..6), any::<bool>())
        .prop_map(|(lines, crlf)| lines.join(if crlf { "\r\n" } else { "\n" }))
}

pub(super) fn word(words: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    proptest::sample::select(words)
}

fn planned() -> impl Strategy<Value = Planned> {
    let words = (
        word(&["feature", "bug", "chore", "docs", "test", "spike", "story"]),
        word(&["XS", "S", "M", "L", "XL"]),
        word(&["low", "medium", "high"]),
        word(&["test-first", "test-after", "test-parallel", "none"]),
        word(&["none", "plan", "develop", "review"]),
    );
    let texts = (text(), paragraphs(), vec(text(), 0..4), vec(text(), 0..3));
    let rest = (
        proptest::option::of(any::<u32>()),
        prop_oneof![Just("main".to_string()), Just("docs".to_string()), text()],
        proptest::option::of(0..4u8),
        proptest::option::weighted(0.1, text()),
        proptest::option::weighted(0.2, text()),
        proptest::bool::weighted(0.1),
    );
    (words, texts, rest).prop_map(|(words, texts, rest)| {
        let mut out = task(1, &texts.0);
        out.task.description = texts.1;
        out.task.acceptance = texts.2.iter().map(|text| criterion(text)).collect();
        out.task.paths = texts.3;
        out.task.item_type = from_json(words.0.into());
        out.task.estimate = from_json(words.1.into());
        out.task.risk = from_json(words.2.into());
        out.task.validation = from_json(words.3.into());
        out.task.auto_policy = from_json(words.4.into());
        out.task.points = rest.0;
        out.task.stream = rest.1;
        out.task.milestone = rest.2.map(|n| format!("m{n}"));
        out.item = rest.3.and_then(|id| item(&id));
        out.added_by = rest.4.clone();
        out.task.requirement = rest.4;
        out.is_gone = rest.5;
        out
    })
}

/// Any plan: numbers in any order, interleaved streams, cycles, milestones with equal names.
pub(super) fn any_plan() -> impl Strategy<Value = Plan> {
    let edges = vec((0..8usize, 0..8usize, any::<bool>()), 0..10);
    let tests = vec(proptest::option::weighted(0.2, 0..8usize), 8);
    let numbers = Just((1..=8u32).collect::<Vec<_>>()).prop_shuffle();
    let titles = vec(prop_oneof![Just("Beta".to_string()), text()], 4);
    (vec(planned(), 0..8), edges, tests, numbers, text(), titles).prop_map(
        |(mut tasks, edges, tests, numbers, title, titles)| {
            let count = tasks.len();
            for (task, number) in tasks.iter_mut().zip(&numbers) {
                (task.number, task.task.key) = (*number, key_of(*number));
            }
            for (n, tested) in tests.into_iter().enumerate().take(count) {
                let tested = tested.filter(|tested| *tested < count && *tested != n);
                tasks[n].task.tests = tested.map(|tested| key_of(numbers[tested]));
            }
            let mut out = plan(tasks);
            for (task, on, soft) in edges {
                let class = if soft {
                    EdgeClass::Soft
                } else {
                    EdgeClass::Hard
                };
                let new = wait(numbers[task], numbers[on], class);
                let pair = |w: &crate::plan::draft::Edge| (w.task.clone(), w.on.clone());
                let is_there = out.waits.iter().any(|w| pair(w) == pair(&new));
                if task < count && on < count && task != on && !is_there {
                    out.waits.push(new);
                }
            }
            out.title = title;
            let titles = titles.iter().enumerate();
            out.milestones = titles
                .map(|(n, t)| milestone(&format!("m{n}"), t))
                .collect();
            out
        },
    )
}

/// A plan of at least one task, without items and tests, with titles, streams and criteria.
pub(super) fn draft() -> impl Strategy<Value = Plan> {
    (any_plan(), planned()).prop_map(|(mut plan, first)| {
        if plan.tasks.is_empty() {
            plan.tasks.push(first);
        }
        for planned in &mut plan.tasks {
            (planned.item, planned.is_gone, planned.task.tests) = (None, false, None);
            planned.task.title.insert_str(0, "Do ");
            planned.task.stream.insert_str(0, "in ");
            planned.task.acceptance.push(criterion("it works"));
        }
        plan.title.insert_str(0, "Plan ");
        plan
    })
}

/// Lines to insert into a text, sensible or not.
pub(super) fn odd_line() -> impl Strategy<Value = String> {
    prop_oneof![
        text(),
        proptest::sample::select(
            &[
                "### New",
                "### new-1. New",
                "### 1. One",
                "### ~~2. Two~~",
                "## Stream: other",
                "Acceptance:",
                "- [ ] b",
                "estimate: L",
                "estimate:",
                "validation: none",
                "waits for: 2 (soft), 3",
                "waits for: new-1",
                "milestone: Beta",
                "paths: a, b",
                "tests: 1",
                "points: many",
                "<!--",
                "-->",
                "> text",
                "",
            ][..]
        )
        .prop_map(String::from),
    ]
}
