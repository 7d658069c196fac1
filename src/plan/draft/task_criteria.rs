//! Acceptance criteria and description of a task: the content of its nodes, without those of other
//! tasks.

use super::candidate::{Cause, TaskCandidate};
use super::draft_types::Criterion;
use super::evidence::asks;
use super::node_tree::{Line, Node, Origin, Tag};
use super::sentences::sentences;
use super::similarity::{first_sentence, normalize, words};
use super::vague::vague;
use super::work::Source;
use crate::plan::document::{LabelKind, Lines, SectionKind, is_story_sentence};

/// The longest description, in bytes of the document's text.
const MAX_BYTES: usize = 6_000;

/// The content of a task's nodes.
#[derive(Clone, Debug, Default)]
pub(super) struct Content {
    pub acceptance: Vec<Criterion>,
    /// Other statements.
    pub remarks: Vec<Line>,
    /// The labels about the task.
    pub tags: Vec<Tag>,
    /// Code spans, in order, without duplicates.
    pub codes: Vec<String>,
    /// Ids of the folded nodes.
    pub covers: Vec<String>,
}

impl Content {
    /// The title of a task and the texts of its criteria.
    pub fn texts<'a>(&'a self, title: &'a str) -> impl Iterator<Item = &'a str> {
        let criteria = self.acceptance.iter();
        std::iter::once(title).chain(criteria.map(|criterion| criterion.text.as_str()))
    }
}

/// Reads the nodes of a candidate; `taken` marks the nodes of all tasks.
pub(super) fn read(source: &Source<'_>, candidate: &TaskCandidate, taken: &[bool]) -> Content {
    let mut content = Content::default();
    let mut explicit: Vec<Criterion> = Vec::new();
    let mut listed: Vec<Criterion> = Vec::new();
    for top in candidate.nodes() {
        let first = candidate.node == Some(top);
        let id = source.tree.nodes[top]
            .id
            .clone()
            .or_else(|| candidate.requirement.clone());
        // Of several requirements to verify, the first is one of them, not their title.
        let first = first && (candidate.cause != Cause::Verify || candidate.folded.is_empty());
        if !first {
            content.covers.extend(source.tree.nodes[top].id.clone());
        }
        collect(
            source,
            top,
            first,
            id.as_deref(),
            taken,
            &mut content,
            &mut explicit,
            &mut listed,
        );
    }
    if explicit.is_empty() {
        content.acceptance = listed;
    } else {
        let tasks: Vec<Criterion> = listed
            .iter()
            .filter(|criterion| criterion.derived)
            .cloned()
            .collect();
        content.remarks.extend(
            listed
                .into_iter()
                .filter(|criterion| !criterion.derived)
                .map(|criterion| Line {
                    text: criterion.text,
                    lines: criterion.lines,
                }),
        );
        content.acceptance = explicit;
        content.acceptance.extend(tasks);
    }
    for criterion in &mut content.acceptance {
        criterion.derived = false;
    }
    merge_scenarios(&mut content.acceptance);
    if content.acceptance.is_empty() {
        content.acceptance = sentences_of(source, candidate);
    } else if let Some(node) = candidate.node.filter(|node| !source.tree.is_section(*node)) {
        // What restates an entry does not replace it.
        let start = own_lines(source, node).start;
        let stated = |one: &Criterion| {
            start <= one.lines.start && one.lines.end <= source.tree.nodes[node].lines.end
        };
        let own = derived(source, candidate);
        let titled = normalize(&own.text) == normalize(&candidate.title);
        let repeats = titled && candidate.requirement.is_none();
        if !repeats && !content.acceptance.iter().any(stated) {
            content.acceptance.insert(0, own);
        }
    }
    if content.acceptance.is_empty() {
        content.acceptance.push(derived(source, candidate));
    }
    if candidate.cause == Cause::Verify {
        content.remarks.clear();
    }
    content
}

/// The criteria that a node states: those labeled as such, otherwise its list. `taken` marks the
/// nodes that have criteria of their own.
pub(super) fn stated(source: &Source<'_>, node: usize, taken: &[bool]) -> Vec<Criterion> {
    let (mut content, mut explicit, mut listed) = (Content::default(), Vec::new(), Vec::new());
    collect(
        source,
        node,
        true,
        None,
        taken,
        &mut content,
        &mut explicit,
        &mut listed,
    );
    let mut found = if explicit.is_empty() {
        listed
    } else {
        explicit
    };
    merge_scenarios(&mut found);
    found
}

/// Collects the content of a node. `derived` marks the items in `listed` that are kept even beside
/// explicit criteria.
#[allow(clippy::too_many_arguments)]
fn collect(
    source: &Source<'_>,
    top: usize,
    first: bool,
    id: Option<&str>,
    taken: &[bool],
    content: &mut Content,
    explicit: &mut Vec<Criterion>,
    listed: &mut Vec<Criterion>,
) {
    let tree = &source.tree;
    let mut waiting: Vec<(usize, bool)> = vec![(top, false)];
    while let Some((node, accepted)) = waiting.pop() {
        let this = &tree.nodes[node];
        if node != top && taken[node] {
            continue;
        }
        let closed = matches!(
            this.kind,
            SectionKind::NonGoal
                | SectionKind::Future
                | SectionKind::Question
                | SectionKind::Risk
                | SectionKind::Appendix
                | SectionKind::Persona
                | SectionKind::Dependency
        ) && this.kind != tree.nodes[top].kind;
        if node != top && closed {
            continue;
        }
        let text_lines = own_lines(source, node);
        let accepting = accepted
            || this.role == Some(LabelKind::Acceptance)
            || (tree.is_section(node)
                && node != top
                && matches!(this.kind, SectionKind::Acceptance | SectionKind::Done));
        content.tags.extend(
            this.tags
                .iter()
                .filter(|tag| node == top || tag.kind == LabelKind::DependsOn)
                .cloned(),
        );
        for code in &this.codes {
            if content.codes.len() < 200 && !content.codes.contains(code) {
                content.codes.push(code.clone());
            }
        }
        let remark = matches!(
            this.role,
            Some(
                LabelKind::Risk
                    | LabelKind::Mitigation
                    | LabelKind::Goal
                    | LabelKind::Effort
                    | LabelKind::DependsOn
                    | LabelKind::Priority
                    | LabelKind::Actor
                    | LabelKind::Paths
                    | LabelKind::Story
            )
        );
        let own_text = node != top || !first;
        if this.role == Some(LabelKind::DependsOn) {
            content.tags.push(Tag {
                kind: LabelKind::DependsOn,
                name: String::new(),
                line: Line {
                    text: this.text.clone(),
                    lines: text_lines,
                },
            });
        } else if remark || own_text && !tree.is_section(node) && only_orders(this) {
            content.remarks.push(Line {
                text: this.text.clone(),
                lines: text_lines,
            });
        } else if own_text && !tree.is_section(node) && !is_struck(&this.text) {
            let silent = source.grouping(node) && !this.children.is_empty() && this.id.is_none();
            let story = is_story_sentence(&this.text) && first;
            if !silent && !story {
                let own = this.id.clone().or_else(|| id.map(str::to_owned));
                if this.id.is_some() && node != top && first {
                    content.covers.extend(this.id.clone());
                }
                let mut criterion = criterion(&with_cells(this), text_lines, own);
                if accepting {
                    explicit.push(criterion);
                } else {
                    criterion.derived = !first || this.role == Some(LabelKind::Tasks);
                    listed.push(criterion);
                }
            }
        } else if own_text
            && tree.is_section(node)
            && this.children.is_empty()
            && this.prose.is_empty()
        {
            listed.push(criterion(&this.text, text_lines, id.map(str::to_owned)));
        } else if own_text
            && !first
            && node == top
            && tree.is_section(node)
            && this.children.is_empty()
        {
            let text = this
                .prose
                .first()
                .map_or(this.text.as_str(), |line| first_sentence(&line.text));
            let mut criterion = criterion(text, this.lines, id.map(str::to_owned));
            criterion.derived = true;
            listed.push(criterion);
        }
        if accepting && tree.is_section(node) {
            explicit.extend(
                this.prose
                    .iter()
                    .map(|line| criterion(&line.text, line.lines, id.map(str::to_owned))),
            );
        } else {
            content.remarks.extend(this.prose.iter().cloned());
        }
        for child in this.children.iter().rev() {
            waiting.push((*child, accepting));
        }
    }
}

/// The text of a node; that of a row of measures has its other cells, such as the target.
fn with_cells(this: &Node) -> String {
    let is_measure = this.origin == Origin::Row && this.kind == SectionKind::NonFunctional;
    let cells = this.prose.iter().map(|line| line.text.as_str());
    let cells: Vec<&str> = cells.filter(|_| is_measure).collect();
    match cells.is_empty() {
        true => this.text.clone(),
        false => format!("{}: {}", this.text, cells.join(", ")),
    }
}

/// True for an entry that only states what its task waits for: `Depends on US-1.`
fn only_orders(this: &Node) -> bool {
    let text = normalize(&this.text);
    let begins = |phrase: &&str| text.starts_with(*phrase);
    this.checked.is_none()
        && ["depends on ", "blocked by ", "waits for "]
            .iter()
            .any(begins)
        && words(&text).len() <= 6
}

fn is_struck(text: &str) -> bool {
    words(text).is_empty()
}

/// The lines of a node's own text, without children.
pub(super) fn own_lines(source: &Source<'_>, node: usize) -> Lines {
    let this = &source.tree.nodes[node];
    if let Origin::Section(place) = this.origin {
        let line = source.document.sections[place].line;
        return Lines::at(line);
    }
    let below = this
        .children
        .iter()
        .map(|child| source.tree.nodes[*child].lines.start)
        .chain(this.prose.iter().map(|line| line.lines.start))
        .min();
    match below {
        Some(below) if below > this.lines.start => Lines {
            start: this.lines.start,
            end: (below - 1).min(this.lines.end),
        },
        _ => this.lines,
    }
}

pub(super) fn criterion(text: &str, lines: Lines, requirement: Option<String>) -> Criterion {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    Criterion {
        vague: vague(&text),
        text,
        lines,
        requirement,
        derived: false,
    }
}

/// Merges lines that begin with When and Then into the Given before them.
fn merge_scenarios(criteria: &mut Vec<Criterion>) {
    let begins = |text: &str, words: &[&str]| {
        let first = text
            .split(|c: char| !c.is_alphanumeric())
            .find(|word| !word.is_empty())
            .unwrap_or("")
            .to_lowercase();
        words.contains(&first.as_str())
    };
    let mut merged: Vec<Criterion> = Vec::new();
    let mut scenario = false;
    for criterion in std::mem::take(criteria) {
        let alone = !criterion.text.to_lowercase().contains(" then ");
        if scenario
            && begins(&criterion.text, &["when", "then", "and", "but"])
            && let Some(last) = merged.last_mut()
        {
            last.text = format!(
                "{}, {}",
                last.text.trim_end_matches([',', '.', ';']),
                criterion.text
            );
            last.lines.end = last.lines.end.max(criterion.lines.end);
            last.vague = vague(&last.text);
            continue;
        }
        scenario = begins(&criterion.text, &["given", "when"]) && alone;
        merged.push(criterion);
    }
    *criteria = merged;
}

/// The most criteria that are derived from prose.
const MOST_DERIVED: usize = 6;

/// Criteria derived from the prose of a section without a list, if several of its sentences ask
/// for something or say what a part does; there, the first ones.
fn sentences_of(source: &Source<'_>, candidate: &TaskCandidate) -> Vec<Criterion> {
    let section = candidate.node.filter(|node| source.tree.is_section(*node));
    let prose = section.map_or(&[][..], |node| &source.tree.nodes[node].prose);
    let stories = prose.iter().filter(|line| !is_story_sentence(&line.text));
    let mut found: Vec<Criterion> = stories
        .flat_map(|line| {
            let stated = sentences(&line.text).filter(|text| words(text).len() >= 3);
            stated.map(|text| Criterion {
                derived: true,
                ..criterion(text, line.lines, None)
            })
        })
        .collect();
    if found.len() > MOST_DERIVED {
        found.retain(|criterion| asks(&criterion.text));
    }
    found.truncate(MOST_DERIVED);
    found
}

/// A criterion derived from the description of the task.
fn derived(source: &Source<'_>, candidate: &TaskCandidate) -> Criterion {
    let (text, lines) = match candidate.node {
        Some(node) => {
            let this = &source.tree.nodes[node];
            let demand = this.prose.iter().find(|line| {
                let words = words(&line.text);
                words
                    .iter()
                    .any(|word| ["must", "shall", "should"].contains(&word.as_str()))
            });
            match demand.or_else(|| {
                this.prose
                    .iter()
                    .find(|line| !is_story_sentence(&line.text))
            }) {
                Some(line) if source.tree.is_section(node) => {
                    (first_sentence(&line.text).to_owned(), line.lines)
                }
                _ => (with_cells(this), own_lines(source, node)),
            }
        }
        None => (candidate.title.clone(), source.document.title_lines),
    };
    let text = if normalize(&text).is_empty() {
        candidate.title.clone()
    } else {
        text
    };
    Criterion {
        derived: true,
        ..criterion(&text, lines, candidate.requirement.clone())
    }
}

/// The description of a task, as Markdown.
pub(super) fn description(
    source: &Source<'_>,
    candidate: &TaskCandidate,
    content: &Content,
) -> String {
    let mut text = String::new();
    let mut add = |line: &str| {
        if text.len() + line.len() < MAX_BYTES && !line.trim().is_empty() {
            if !text.is_empty() {
                text.push_str("\n\n");
            }
            text.push_str(line.trim());
        }
    };
    if let Some(node) = candidate.node {
        let this = &source.tree.nodes[node];
        if normalize(&this.text) != normalize(&candidate.title)
            && !this.text.is_empty()
            && !source.tree.is_section(node)
        {
            add(&this.text);
        }
    }
    if let Some(story) = &candidate.story {
        add(story);
    }
    for line in &content.remarks {
        if candidate.story.as_deref() != Some(line.text.as_str()) {
            add(&line.text);
        }
    }
    for tag in &content.tags {
        if !tag.name.is_empty() && !matches!(tag.kind, LabelKind::Story) {
            add(&format!("**{}**: {}", tag.name, tag.line.text));
        }
    }
    if text.is_empty() {
        text = match content.acceptance.first() {
            Some(criterion) if !criterion.text.is_empty() => criterion.text.clone(),
            _ => candidate.title.clone(),
        };
    }
    text
}

/// The criteria of a document that is one task, from its acceptance, scope and goals.
pub(super) fn whole(source: &Source<'_>, content: &mut Content) {
    let tree = &source.tree;
    let mut found = Vec::new();
    for kinds in [
        &[SectionKind::Acceptance, SectionKind::Done][..],
        &[
            SectionKind::Scope,
            SectionKind::Functional,
            SectionKind::Unknown,
            SectionKind::Feature,
        ][..],
    ] {
        for node in 0..tree.nodes.len() {
            let this = &tree.nodes[node];
            let entry = !tree.is_section(node)
                && this.role.is_none_or(|role| {
                    matches!(
                        role,
                        LabelKind::Acceptance
                            | LabelKind::Tasks
                            | LabelKind::Scope
                            | LabelKind::Deliverables
                    )
                });
            let accepted =
                this.role == Some(LabelKind::Acceptance) && source.document.sections.is_empty();
            if entry
                && (kinds.contains(&this.kind) || accepted)
                && !this.text.is_empty()
                && found.len() < 30
            {
                found.push(criterion(&this.text, own_lines(source, node), None));
            }
        }
        if !found.is_empty() {
            break;
        }
    }
    content.remarks.extend(tree.prose.iter().take(10).cloned());
    for section in &tree.sections {
        content
            .remarks
            .extend(tree.nodes[*section].prose.iter().take(3).cloned());
    }
    if !found.is_empty() {
        content.acceptance = found;
    }
}
