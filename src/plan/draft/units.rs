//! Phases, sprints, weeks and releases: their nodes and their order.

use super::node_tree::{Origin, Tree};
use super::similarity::{normalize, words};
use super::work::Source;
use crate::plan::document::{SectionKind, Words, words};

/// A phase, sprint or release, described in one or several places.
#[derive(Clone, Debug)]
pub(super) struct Unit {
    /// Its nodes, in the order of the document.
    pub nodes: Vec<usize>,
    /// The word and number in its title (`phase 2`).
    pub name: Option<String>,
}

/// Words that precede a number.
const WORDS: Words = words!(
    "phase, sprint, milestone, iteration, stage, release, increment, week, weeks, month, wave, \
     quarter, step, day, version, part, fase, etapa, étape, meilenstein, woche, semaine, semana, \
     этап, фаза, спринт, 阶段, フェーズ",
);

/// The word and number of a phase that a title begins with: `phase 2`, `m 1`, `q 3`.
pub(super) fn name(title: &str) -> Option<String> {
    let head: String = title.chars().take(48).collect();
    let words = words(&head);
    let mut first = words.first()?.as_str();
    let mut second = words.get(1).map_or("", String::as_str);
    if ["development", "implementation", "project", "delivery"].contains(&first) {
        first = second;
        second = words.get(2).map_or("", String::as_str);
    }
    if WORDS.contains(first) {
        let number = number(second)?;
        return Some(format!("{} {number}", first.trim_end_matches('s')));
    }
    let letter = first.chars().next()?;
    let rest = &first[letter.len_utf8()..];
    if matches!(letter, 'm' | 'q' | 'v' | 'p' | 'w')
        && !rest.is_empty()
        && rest.len() <= 2
        && rest.bytes().all(|b| b.is_ascii_digit())
    {
        return Some(format!("{letter} {}", rest.trim_start_matches('0')));
    }
    if first.starts_with('第') {
        return Some(first.to_owned());
    }
    matches!(first, "mvp" | "alpha" | "beta" | "ga").then(|| first.to_owned())
}

/// A number in digits, letters or words.
fn number(word: &str) -> Option<String> {
    const DIGITS: Words = words!("zero, one, two, three, four, five, six, seven, eight, nine, ten");
    const ROMAN: Words = words!("0, i, ii, iii, iv, v, vi, vii, viii, ix, x");
    if word.starts_with(|c: char| c.is_ascii_digit()) {
        return Some(word.trim_start_matches('0').to_owned());
    }
    let place = |list: Words| list.iter().position(|known| known == word);
    if let Some(place) = place(DIGITS).or_else(|| place(ROMAN)) {
        return Some(place.to_string());
    }
    (word.len() == 1 && word.is_ascii()).then(|| word.to_owned())
}

/// True for headings that contain phases but are not phases.
fn is_container(title: &str) -> bool {
    let title = normalize(title);
    name(&title).is_none()
        && words!(
            "roadmap, milestones, phases, sprints, timeline, schedule, releases, plan, rollout, \
             meilensteine, phasen, zeitplan, fases, étapes, hitos, cronograma, план, этапы, 计划, 里程碑",
        )
        .iter()
        .any(|word| title.split(' ').any(|part| part == word))
}

/// The phases of a document in order; nodes with the same name are one phase.
pub(super) fn units(source: &Source<'_>) -> Vec<Unit> {
    let tree = &source.tree;
    let mut units: Vec<Unit> = Vec::new();
    let mut inside = vec![false; tree.nodes.len()];
    let below = Below::of(tree);
    for node in 0..tree.nodes.len() {
        let this = &tree.nodes[node];
        if this.parent.is_some_and(|parent| inside[parent]) {
            inside[node] = true;
            continue;
        }
        if source.work[node] && !source.requirement[node] && is_unit(source, &below, node) {
            inside[node] = true;
            let name = name(&this.text);
            let known = units
                .iter_mut()
                .find(|unit| unit.name.is_some() && unit.name == name);
            match known {
                Some(unit) => unit.nodes.push(node),
                None => units.push(Unit {
                    nodes: vec![node],
                    name,
                }),
            }
        }
    }
    units
}

fn is_unit(source: &Source<'_>, below: &Below, node: usize) -> bool {
    let tree = &source.tree;
    let this = &tree.nodes[node];
    let named = name(&this.text).is_some();
    match this.origin {
        Origin::Section(place) => {
            let milestone = this.kind == SectionKind::Milestone;
            if !(milestone || (named && !is_step(&this.text))) {
                return false;
            }
            if this.children.is_empty() && this.prose.is_empty() {
                return false;
            }
            if source.root == Some(node) || source.document.sections.len() == 1 {
                return false;
            }
            if named {
                return true;
            }
            let child_of_container = this.parent.is_some_and(|parent| {
                tree.nodes[parent].kind == SectionKind::Milestone
                    && is_container(&tree.nodes[parent].text)
                    && below.phases[parent] >= 2
                    && below.titled[parent] == 0
                    && !is_container(&this.text)
            });
            let own = !source.document.sections[place].inherited;
            child_of_container
                || (milestone
                    && own
                    && !is_container(&this.text)
                    && below.phases[node] == 0
                    && !(below.named[node] >= 2 || is_list_of_units(&this.text)))
        }
        Origin::Entry | Origin::Row | Origin::Group => {
            let Some(parent) = this.parent.filter(|parent| tree.is_section(*parent)) else {
                return false;
            };
            let above = &tree.nodes[parent];
            let phases = above.kind == SectionKind::Milestone
                || this.origin == Origin::Row && this.kind == SectionKind::Milestone;
            phases && below.named[parent] >= 2 && named
                || above.kind == SectionKind::Milestone
                    && is_list_of_units(&above.text)
                    && tree.nodes[parent].children.len() >= 2
                    && below.sections[parent] == 0
                    && this.checked.is_none()
                    && (this.lead.is_some()
                        || !this.children.is_empty()
                        || this.origin == Origin::Row)
        }
        Origin::Remark => false,
    }
}

/// True for `Step 1` in a heading: a step of a procedure, not a phase.
fn is_step(title: &str) -> bool {
    let first = words(title).into_iter().next().unwrap_or_default();
    ["step", "part", "day", "version", "v", "p"].contains(&first.as_str())
        || (first.len() <= 3 && first.starts_with(['v', 'p']))
}

/// Numbers of children, by node: sections that are phases, other nodes with the name of a phase,
/// all sections, and sections with the name of a phase.
struct Below {
    phases: Vec<usize>,
    named: Vec<usize>,
    sections: Vec<usize>,
    titled: Vec<usize>,
}

impl Below {
    fn of(tree: &Tree) -> Below {
        let count = tree.nodes.len();
        let mut below = Below {
            phases: vec![0; count],
            named: vec![0; count],
            sections: vec![0; count],
            titled: vec![0; count],
        };
        for (place, node) in tree.nodes.iter().enumerate() {
            let Some(parent) = node.parent else { continue };
            if tree.is_section(place) {
                below.sections[parent] += 1;
                below.titled[parent] += usize::from(name(&node.text).is_some());
                below.phases[parent] += usize::from(node.kind == SectionKind::Milestone);
            } else {
                below.named[parent] += usize::from(name(&node.text).is_some());
            }
        }
        below
    }
}

/// True for headings whose entries are phases even without a number.
fn is_list_of_units(title: &str) -> bool {
    normalize(title).split(' ').any(|word| {
        words!("milestones, phases, sprints, releases, meilensteine, phasen, fases, hitos")
            .contains(word)
    })
}
