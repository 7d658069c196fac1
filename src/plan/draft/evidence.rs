//! The evidence that a text asks for work.

use super::node_tree::Origin;
use super::similarity::words;
use super::work::Source;
use super::work_kinds::begins_with_verb;
use crate::plan::document::{Block, LabelKind, Lines, SectionKind, Words, words};

/// Words that demand something, in lower case.
const DEMANDS: Words = words!(
    "must, shall, should, needs, ensure, required, requires, never, muss, müssen, soll, sollen, \
     doit, doivent, debe, deben, deve, devem, должен, должна, должно, должны",
);

/// Those of them that demand something in any context.
const STRONG: Words = words!("must, shall, required, muss, müssen, debe, doit, deve");

/// Endings and words of languages without spaces between words.
const DENSE_DEMANDS: Words = words!(
    "해야, 되어야, 돼야, 이어야, 있어야, 가져야, 필요, 금지, 必須, べき, すること, する必要, 必须, 必須, 应当, 需要, 应该, 不得, 禁止, 须",
);

/// True if a text demands something.
pub(super) fn demands(text: &str) -> bool {
    words(text).iter().any(|word| DEMANDS.contains(word))
        || DENSE_DEMANDS.iter().any(|mark| text.contains(mark))
}

/// True if a text demands something, even in a section about reasons or background.
pub(super) fn demands_strongly(text: &str) -> bool {
    words(text).iter().any(|word| STRONG.contains(word))
}

/// True if a text describes behavior: `returns …`, `Rejects …`.
pub(super) fn behaves(text: &str) -> bool {
    let head = words(text.get(..40).unwrap_or(text));
    let Some(first) = head.first() else {
        return false;
    };
    let bare = first.strip_suffix('s').unwrap_or(first);
    bare.len() > 2 && (begins_with_verb(bare) || begins_with_verb(first))
}

/// True if a text demands something or describes behavior.
pub(in crate::plan) fn asks(text: &str) -> bool {
    demands(text) || behaves(text)
}

/// The evidence that the content of a section asks for work, without the headings below it.
pub(super) fn of_section(source: &Source<'_>, node: usize) -> i32 {
    let tree = &source.tree;
    let this = &tree.nodes[node];
    let Origin::Section(place) = this.origin else {
        return 0;
    };
    let section = &source.document.sections[place];
    let mut found = 0;
    let mut statements = 0;
    let mut asked = 0;
    for line in &this.prose {
        statements += 1;
        asked += i32::from(demands(&line.text));
    }
    for child in own_statements(source, node) {
        let text = &tree.nodes[child].text;
        statements += 1;
        asked += i32::from(asks(text));
    }
    let code = verbatim_lines(&section.blocks);
    if statements == 0 && code == 0 {
        return 0;
    }
    found += statements.min(4);
    found += asked.min(4);
    found += (2 * i32::from(code > 0)).max(i32::try_from(code).unwrap_or(4).min(4));
    let above = this
        .parent
        .filter(|above| Some(*above) != source.root && tree.is_section(*above));
    let above = above.map_or(0, |above| aside(&tree.nodes[above].text));
    found -= aside(&this.text).max(above - 2);
    found += i32::from(begins_with_verb(&this.text));
    let own = match this.kind {
        SectionKind::Functional | SectionKind::Feature | SectionKind::Deliverable => 2,
        SectionKind::Checklist | SectionKind::Story => 1,
        SectionKind::Milestone => -6,
        SectionKind::Unknown => 0,
        SectionKind::NonFunctional => -20,
        SectionKind::Decision if section.inherited => 0,
        SectionKind::Decision | SectionKind::Constraint => -4,
        SectionKind::Scope | SectionKind::Dependency | SectionKind::Process => -3,
        SectionKind::Assumption | SectionKind::Acceptance => -4,
        _ => -6,
    };
    let weight = if section.inherited { own / 2 } else { own };
    found + weight
}

/// The entries and rows of a section that are not in one of its subsections.
pub(super) fn own_statements(source: &Source<'_>, node: usize) -> Vec<usize> {
    let tree = &source.tree;
    let mut found = Vec::new();
    let mut waiting: Vec<usize> = tree.nodes[node].children.iter().rev().copied().collect();
    while let Some(at) = waiting.pop() {
        if tree.is_section(at) {
            continue;
        }
        found.push(at);
        waiting.extend(tree.nodes[at].children.iter().rev());
    }
    found
}

/// The lines of a section before the first heading below it.
pub(super) fn own_part(source: &Source<'_>, node: usize) -> Lines {
    let tree = &source.tree;
    let this = &tree.nodes[node];
    let below = this
        .children
        .iter()
        .filter(|child| tree.is_section(**child))
        .map(|child| tree.nodes[*child].lines.start)
        .min();
    Lines {
        start: this.lines.start,
        end: below.map_or(this.lines.end, |below| {
            below.saturating_sub(1).max(this.lines.start)
        }),
    }
}

/// The number of lines of code and figures in blocks.
pub(super) fn verbatim_lines(blocks: &[Block]) -> u32 {
    let lines = blocks.iter().map(|block| match block {
        Block::Verbatim { lines } => lines.end - lines.start + 1,
        Block::Label { blocks, .. } => verbatim_lines(blocks),
        _ => 0,
    });
    lines.sum()
}

/// Words of headings about the present state, the document or its reasons, with their weight
/// against work.
const ASIDES: &[(&str, i32)] = &[
    ("analysis", 4),
    ("approach", 2),
    ("comparison", 4),
    ("competitive", 4),
    ("competitor", 4),
    ("consideration", 3),
    ("constraint", 2),
    ("cost", 3),
    ("existing", 4),
    ("file", 3),
    ("further", 2),
    ("gate", 3),
    ("location", 3),
    ("note", 5),
    ("philosophy", 4),
    ("pricing", 4),
    ("principle", 4),
    ("relationship", 4),
    ("revenue", 4),
    ("solution", 4),
    ("stack", 4),
    ("structure", 2),
    ("summary", 4),
    ("sync", 4),
    ("technical", 3),
    ("technology", 3),
];

/// The same in scripts without spaces.
const DENSE_ASIDES: &[(&str, i32)] = &[
    ("경쟁", 6),
    ("시나리오", 6),
    ("비교", 4),
    ("검증 계획", 0),
    ("판단 기준", 6),
    ("품질 기준", 6),
    ("운영비", 6),
    ("비용", 4),
    ("背景", 4),
    ("原則", 6),
    ("原则", 6),
    ("원칙", 6),
    ("場面", 4),
    ("シナリオ", 6),
    ("競合", 6),
    ("比較", 4),
    ("竞品", 6),
    ("对比", 4),
    ("成本", 4),
    ("场景", 6),
];

/// The evidence against work in the words of a heading.
pub(super) fn aside(heading: &str) -> i32 {
    let said: Vec<String> = words(heading);
    let one = |(word, cost): &(&str, i32)| {
        let plural = format!("{word}s");
        said.iter()
            .any(|said| said == word || *said == plural)
            .then_some(*cost)
    };
    let plain = ASIDES.iter().filter_map(one).max().unwrap_or(0);
    let dense = DENSE_ASIDES
        .iter()
        .filter(|(word, _)| heading.contains(word));
    plain.max(dense.map(|(_, cost)| *cost).max().unwrap_or(0))
}

/// True if a heading is about testing in general.
pub(super) fn is_testing(heading: &str) -> bool {
    let said = words(heading);
    let about = said
        .iter()
        .any(|word| matches!(word.as_str(), "test" | "tests" | "testing" | "qa"));
    about && said.len() <= 3
        || ["テスト", "测试", "테스트", "검증 계획"]
            .iter()
            .any(|word| heading.contains(word))
}

/// The last words of a line that states a result (`CSV export works`).
const RESULTS: Words =
    words!("complete, completed, done, green, passed, passes, passing, works, working");

/// The same in scripts without spaces.
const DENSE_RESULTS: &[&str] = &["完成", "完了", "正常", "通过", "工作", "완료"];

/// True if a line states a result, not an action.
pub(super) fn states_result(text: &str) -> bool {
    let end = text.trim_end_matches(['.', '。', ' ']);
    let last = end.rsplit(' ').next().unwrap_or(end).to_lowercase();
    let said = RESULTS.contains(&last);
    (said || DENSE_RESULTS.iter().any(|word| end.ends_with(word))) && !begins_with_verb(text)
}

/// True if the content of such a label is never a task of its own.
pub(super) fn is_criterion(role: Option<LabelKind>) -> bool {
    matches!(
        role,
        Some(
            LabelKind::Acceptance
                | LabelKind::Risk
                | LabelKind::Mitigation
                | LabelKind::DependsOn
                | LabelKind::Goal
        )
    )
}
