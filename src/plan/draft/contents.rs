//! The statements of a document by meaning, for `prd show` and the checks of ids. They are read from
//! the nodes of the plan, so that both mean the same by a requirement and its criteria.

use std::collections::BTreeMap;

use super::draft_types::{Criterion, Limits};
use super::node_tree::{Line, Node, Origin};
use super::phases;
use super::plan_notes;
use super::similarity::normalize;
use super::strategy::{self, Choice};
use super::task_criteria::{self, own_lines};
use super::work::Source;
use crate::plan::document::{
    Document, Extract, LabelKind, Lines, Requirement, SectionKind, Statement, is_story_sentence,
    kind_of_id, statement_text, vision,
};

/// The statements of a document.
#[must_use]
pub fn contents(document: &Document) -> Extract {
    // All of them, however many tasks a plan may have.
    let limits = Limits {
        max_tasks: usize::MAX,
        ..Limits::default()
    };
    let source = Source::of(document, &limits);
    let mut choice = strategy::choose(&source);
    let demands = Demands::of(&source, &choice);
    let listed = |kind| demands.listed(kind);
    let labeled = |kind| demands.labeled(kind);
    let mut risks = listed(SectionKind::Risk);
    risks.extend(labeled(LabelKind::Risk));
    risks.sort_by_key(|risk| risk.lines);
    let mut acceptance = listed(SectionKind::Acceptance);
    acceptance.extend(labeled(LabelKind::Acceptance));
    let requirements = demands.requirements(&choice);
    // What a phase delivers stays its deliverable, though it is also a task.
    choice.candidates.retain(|one| {
        let role = one.node.and_then(|node| source.tree.nodes[node].role);
        role == Some(LabelKind::Tasks)
    });
    Extract {
        vision: vision(document).or_else(|| labeled(LabelKind::Goal).into_iter().next()),
        requirements,
        non_functional: listed(SectionKind::NonFunctional),
        stories: demands.stories(),
        acceptance,
        risks,
        assumptions: listed(SectionKind::Assumption),
        constraints: listed(SectionKind::Constraint),
        decisions: listed(SectionKind::Decision),
        open_questions: listed(SectionKind::Question),
        non_goals: listed(SectionKind::NonGoal),
        metrics: listed(SectionKind::Metric),
        milestones: milestones(&source, &choice),
        ready: listed(SectionKind::Ready),
        done: listed(SectionKind::Done),
        dependencies: listed(SectionKind::Dependency),
    }
}

/// The phases with their deliverables and success criteria.
fn milestones(source: &Source<'_>, choice: &Choice) -> Vec<Requirement> {
    let found = phases::milestones(source, choice).into_iter();
    found
        .map(|milestone| {
            let criteria = milestone.deliverables.into_iter().chain(milestone.success);
            Requirement {
                statement: statement(None, &milestone.title, milestone.lines, None),
                acceptance: criteria.map(|one| stated(one, None, None)).collect(),
            }
        })
        .collect()
}

/// The requirements, stories and phases of a document, which own the criteria inside them.
struct Demands<'s> {
    source: &'s Source<'s>,
    /// For each node, true if it is a requirement or story, or work that becomes a task.
    own: Vec<bool>,
    /// For each node, true if it is inside such a node or a phase.
    owned: Vec<bool>,
}

impl<'s> Demands<'s> {
    fn of(source: &'s Source<'s>, choice: &Choice) -> Demands<'s> {
        let count = source.tree.nodes.len();
        let mut own: Vec<bool> = (0..count).map(|node| is_demand(source, node)).collect();
        let mut owned = vec![false; count];
        for node in choice.candidates.iter().filter_map(|one| one.node) {
            own[node] |= is_requirement(source, node);
        }
        let mut inside = own.clone();
        for node in choice.units.iter().flat_map(|unit| &unit.nodes) {
            inside[*node] = true;
        }
        for node in 0..count {
            let parent = source.tree.nodes[node].parent;
            owned[node] = parent.is_some_and(|parent| owned[parent] || inside[parent]);
        }
        Demands { source, own, owned }
    }

    /// The requirements: those with an id, and what stands in sections of requirements. A document
    /// without any has its features as requirements.
    fn requirements(&self, choice: &Choice) -> Vec<Requirement> {
        let tree = &self.source.tree;
        let kind = |node: usize| tree.nodes[node].kind;
        let nodes = choice.candidates.iter().filter_map(|one| one.node);
        let mut work = vec![false; tree.nodes.len()];
        for node in nodes.filter(|node| !self.source.story[*node]) {
            work[node] = is_requirement(self.source, node);
        }
        let plain: Vec<bool> = (0..work.len())
            .map(|node| {
                let stated = work[node] || is_described(self.source, node);
                let listed = stated && kind(node) == SectionKind::Functional;
                let marked = self.source.requirement[node] && is_demand(self.source, node);
                marked || listed && !self.owned[node]
            })
            .collect();
        match plain.contains(&true) {
            true => self.all(&plain),
            false => self.all(&work),
        }
    }

    /// Some nodes with their criteria; a summary and the section with its details are one.
    fn all(&self, wanted: &[bool]) -> Vec<Requirement> {
        let mut places: BTreeMap<(String, String), usize> = BTreeMap::new();
        let mut found: Vec<Requirement> = Vec::new();
        for node in (0..wanted.len()).filter(|node| wanted[*node]) {
            let one = self.demand(node);
            let Some(id) = &self.source.tree.nodes[node].id else {
                found.push(one);
                continue;
            };
            let key = (id.clone(), normalize(&one.statement.text));
            let Some(known) = places.get(&key).map(|place| &mut found[*place]) else {
                places.insert(key, found.len());
                found.push(one);
                continue;
            };
            let length = |lines: Lines| lines.end - lines.start;
            if length(one.statement.lines) > length(known.statement.lines) {
                known.statement = one.statement;
            }
            known.acceptance.extend(one.acceptance);
        }
        found
    }

    fn demand(&self, node: usize) -> Requirement {
        let this = &self.source.tree.nodes[node];
        let text = match this.prose.first() {
            Some(line) if this.text.is_empty() => &line.text,
            _ => &this.text,
        };
        let criteria = task_criteria::stated(self.source, node, &self.own).into_iter();
        Requirement {
            statement: statement(this.written.clone(), text, this.lines, this.section),
            acceptance: criteria
                .map(|one| stated(one, this.id.as_deref(), this.section))
                .collect(),
        }
    }

    /// The statements of one kind: by their ids, or by their section.
    fn listed(&self, kind: SectionKind) -> Vec<Statement> {
        let tree = &self.source.tree;
        let belongs = matches!(
            kind,
            SectionKind::Acceptance | SectionKind::Done | SectionKind::Metric
        );
        let is_kind = |node: usize| {
            let this = &tree.nodes[node];
            kind_of(this) == kind && !self.own[node] && !(belongs && self.owned[node])
        };
        let stated = plan_notes::statements(self.source, is_kind).into_iter();
        let mut found: Vec<Statement> = stated
            .map(|(node, text, lines)| {
                let this = &tree.nodes[node];
                let of_other = this.id.as_deref().is_some_and(|id| {
                    let kind = kind_of_id(id, SectionKind::Risk);
                    matches!(kind, Some(SectionKind::Functional | SectionKind::Story))
                });
                match &this.written {
                    // It speaks of a requirement.
                    Some(id) if of_other => {
                        statement(None, &format!("{id} {text}"), lines, this.section)
                    }
                    id => statement(id.clone(), text, lines, this.section),
                }
            })
            .collect();
        for this in (0..tree.nodes.len())
            .filter(|node| is_kind(*node))
            .map(|node| &tree.nodes[node])
        {
            let section = matches!(this.origin, Origin::Section(_));
            let tags = this.tags.iter();
            let named = tags.filter(|tag| section && tag.kind == LabelKind::Other);
            found.extend(named.map(|tag| {
                let text = format!("{}: {}", tag.name, tag.line.text);
                statement(None, &text, tag.line.lines, this.section)
            }));
        }
        found.sort_by_key(|statement| statement.lines);
        found
    }

    /// The stories, also those in a paragraph.
    fn stories(&self) -> Vec<Requirement> {
        let tree = &self.source.tree;
        let mut found = self.all(&self.source.story);
        let mut add = |prose: &[Line], section| {
            let said = prose.iter().filter(|line| is_story_sentence(&line.text));
            found.extend(said.map(|line| Requirement {
                statement: statement(None, &line.text, line.lines, section),
                acceptance: Vec::new(),
            }));
        };
        add(&tree.prose, None);
        for (node, this) in tree.nodes.iter().enumerate() {
            if !self.own[node] && !self.owned[node] {
                add(&this.prose, this.section);
            }
        }
        found.sort_by_key(|story| story.statement.lines);
        found
    }

    /// The texts of labels that belong to no requirement.
    fn labeled(&self, kind: LabelKind) -> Vec<Statement> {
        let nodes = self.source.tree.nodes.iter().enumerate();
        let mut found = Vec::new();
        for (node, this) in nodes {
            let free = kind != LabelKind::Acceptance || !(self.owned[node] || self.own[node]);
            if this.role == Some(kind) && free && this.kind != SectionKind::Acceptance {
                let lines = own_lines(self.source, node);
                found.push(statement(
                    this.written.clone(),
                    &this.text,
                    lines,
                    this.section,
                ));
            }
            let tags = this.tags.iter().filter(|tag| tag.kind == kind && free);
            found.extend(
                tags.map(|tag| statement(None, &tag.line.text, tag.line.lines, this.section)),
            );
        }
        found
    }
}

/// True for work in a section of requirements or features, but not for the heading of such a section.
fn is_requirement(source: &Source<'_>, node: usize) -> bool {
    let this = &source.tree.nodes[node];
    match (kind_of(this), this.origin) {
        (SectionKind::Functional, Origin::Section(place)) => {
            source.document.sections[place].inherited
        }
        (kind, _) => matches!(kind, SectionKind::Functional | SectionKind::Feature),
    }
}

/// True for a section below the heading of the requirements that only has text.
fn is_described(source: &Source<'_>, node: usize) -> bool {
    let this = &source.tree.nodes[node];
    let is_leaf = this.children.is_empty() && !this.prose.is_empty();
    source.work[node] && source.tree.is_section(node) && is_leaf && is_requirement(source, node)
}

/// True for a requirement or story by its id or form; a criterion with an id is neither.
fn is_demand(source: &Source<'_>, node: usize) -> bool {
    let marked = source.requirement[node] || source.story[node];
    marked && kind_of(&source.tree.nodes[node]) != SectionKind::Acceptance
}

/// The kind of a node: by its id, unless its section only informs the reader.
fn kind_of(node: &Node) -> SectionKind {
    let by_id = node
        .id
        .as_deref()
        .and_then(|id| kind_of_id(id, SectionKind::Risk));
    match node.kind {
        SectionKind::Functional
        | SectionKind::Feature
        | SectionKind::Story
        | SectionKind::Unknown => by_id.unwrap_or(node.kind),
        kind => kind,
    }
}

fn statement(id: Option<String>, text: &str, lines: Lines, section: Option<usize>) -> Statement {
    Statement {
        id,
        text: statement_text(text)
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" "),
        lines,
        section,
    }
}

/// A criterion; its id is its own, not that of its requirement.
fn stated(one: Criterion, of: Option<&str>, section: Option<usize>) -> Statement {
    let id = one.requirement.filter(|id| Some(id.as_str()) != of);
    statement(id, &one.text, one.lines, section)
}
