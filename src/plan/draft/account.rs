//! The disposition of each statement of a document: a task, a criterion, a note, or nothing with a
//! reason. A statement that asks for work and is in no task is `uncovered`, so that no work is lost
//! without notice.

use super::draft_types::{Accounted, Carrier, Disposition, Limits};
use super::evidence::{demands, demands_strongly};
use super::node_tree::{Node, Origin};
use super::similarity::words;
use super::task_criteria::own_lines;
use super::work::Source;
use crate::plan::document::{Block, Document, LabelKind, Lines, SectionKind};

/// The longest excerpt of a statement, in characters.
const EXCERPT: usize = 200;

/// The reason for statements that limit several tasks.
pub(in crate::plan) const LIMIT: &str = "it limits several tasks";

/// The reason for numbered lines in sections that only inform the reader.
pub(in crate::plan) const STEP: &str = "a numbered step";

/// The reason of statements that only order tasks.
pub(in crate::plan) const ORDER: &str = "the order of tasks";

/// A statement before it has a disposition.
struct Statement {
    lines: Lines,
    text: String,
    kind: SectionKind,
    /// Its node; `None` for paragraphs, properties and code.
    node: Option<usize>,
    is_layout: bool,
}

/// Accounts for all lines of a document: the statements in its order, with each line in exactly
/// one. `carriers` are the tasks and milestones of its plan.
pub fn account(document: &Document, limits: &Limits, carriers: &[Carrier<'_>]) -> Vec<Accounted> {
    let source = Source::of(document, limits);
    let statements = statements(&source);
    let count = document.line_count as usize;
    // The innermost statement of each line.
    let mut owners: Vec<Option<usize>> = vec![None; count + 1];
    for (place, statement) in statements.iter().enumerate() {
        let end = (statement.lines.end as usize).min(count);
        for owner in owners
            .iter_mut()
            .take(end + 1)
            .skip(statement.lines.start as usize)
        {
            *owner = Some(place);
        }
    }
    let carried = Carried::of(carriers, count);
    let mut found: Vec<Accounted> = Vec::new();
    let mut line = 1;
    while line <= count {
        let owner = owners[line];
        let end = (line..=count)
            .take_while(|at| owners[*at] == owner)
            .last()
            .unwrap_or(line);
        let lines = Lines {
            start: u32::try_from(line).unwrap_or(u32::MAX),
            end: u32::try_from(end).unwrap_or(u32::MAX),
        };
        found.push(match owner.map(|place| &statements[place]) {
            Some(statement) => dispose(&source, statement, lines, (carriers, &carried)),
            None => Accounted {
                lines,
                text: String::new(),
                disposition: Disposition::Context,
                tasks: Vec::new(),
                reason: "blank lines and layout".to_owned(),
                by: None,
            },
        });
        line = end + 1;
    }
    found
}

/// The statements, each before those inside it.
fn statements(source: &Source<'_>) -> Vec<Statement> {
    let tree = &source.tree;
    let mut found: Vec<Statement> = Vec::new();
    let prose = |lines: &[super::node_tree::Line], kind: SectionKind| -> Vec<Statement> {
        let of = |line: &super::node_tree::Line| Statement {
            lines: line.lines,
            text: line.text.clone(),
            kind,
            node: None,
            is_layout: false,
        };
        lines.iter().map(of).collect()
    };
    found.extend(prose(&tree.prose, SectionKind::Context));
    for (place, node) in tree.nodes.iter().enumerate() {
        found.push(Statement {
            lines: own_lines(source, place),
            text: node.text.clone(),
            kind: node.kind,
            node: Some(place),
            is_layout: false,
        });
        let is_title = Some(place) == source.root;
        let kind = if is_title {
            SectionKind::Context
        } else {
            node.kind
        };
        found.extend(prose(&node.prose, kind));
        found.extend(node.tags.iter().map(|tag| Statement {
            lines: tag.line.lines,
            text: format!("{}: {}", tag.name, tag.line.text),
            kind: node.kind,
            node: None,
            is_layout: matches!(
                tag.kind,
                LabelKind::Effort | LabelKind::Priority | LabelKind::Actor | LabelKind::DependsOn
            ),
        }));
        if let Origin::Section(section) = node.origin {
            verbatim(
                &source.document.sections[section].blocks,
                node.kind,
                &mut found,
            );
        }
    }
    verbatim(&source.document.preamble, SectionKind::Unknown, &mut found);
    found
}

/// Adds code and figures.
fn verbatim(blocks: &[Block], kind: SectionKind, found: &mut Vec<Statement>) {
    for block in blocks {
        match block {
            Block::Verbatim { lines } => found.push(Statement {
                lines: *lines,
                text: String::new(),
                kind,
                node: None,
                is_layout: true,
            }),
            Block::Label { blocks, .. } => verbatim(blocks, kind, found),
            _ => {}
        }
    }
}

/// The carriers of each line, by their own lines and by those of their criteria.
struct Carried {
    stated: Vec<Vec<usize>>,
    restated: Vec<Vec<usize>>,
}

impl Carried {
    fn of(carriers: &[Carrier<'_>], count: usize) -> Carried {
        let mut carried = Carried {
            stated: vec![Vec::new(); count + 1],
            restated: vec![Vec::new(); count + 1],
        };
        let mark = |of: &mut Vec<Vec<usize>>, lines: Lines, place: usize| {
            let (start, end) = (lines.start as usize, (lines.end as usize).min(count));
            for line in of.iter_mut().take(end + 1).skip(start.max(1)) {
                if line.last() != Some(&place) {
                    line.push(place);
                }
            }
        };
        for (place, carrier) in carriers.iter().enumerate() {
            mark(&mut carried.stated, carrier.lines, place);
            for lines in &carrier.criteria {
                mark(&mut carried.restated, *lines, place);
            }
        }
        carried
    }
}

fn dispose(
    source: &Source<'_>,
    statement: &Statement,
    lines: Lines,
    (carriers, carried): (&[Carrier<'_>], &Carried),
) -> Accounted {
    let of = |places: &[Vec<usize>]| -> Vec<usize> {
        places
            .get(lines.start as usize)
            .cloned()
            .unwrap_or_default()
    };
    let stated: Vec<&Carrier<'_>> = of(&carried.stated)
        .into_iter()
        .map(|at| &carriers[at])
        .collect();
    let restated = of(&carried.restated).into_iter().map(|at| &carriers[at]);
    let mut tasks: Vec<String> = Vec::new();
    let (disposition, reason) = if stated.is_empty() {
        tasks.extend(restated.map(|one| one.key.to_owned()));
        match tasks.is_empty() {
            false => (Disposition::Restatement, String::new()),
            true => of_none(source, statement),
        }
    } else {
        tasks.extend(stated.iter().map(|one| one.key.to_owned()));
        let begins = stated.iter().any(|one| one.lines.start == lines.start);
        let disposition = if begins {
            Disposition::Task
        } else {
            Disposition::Criterion
        };
        (disposition, String::new())
    };
    Accounted {
        lines,
        text: statement.text.chars().take(EXCERPT).collect(),
        disposition,
        tasks,
        reason,
        by: None,
    }
}

/// The disposition of a statement in no task.
fn of_none(source: &Source<'_>, statement: &Statement) -> (Disposition, String) {
    let node = statement.node.map(|node| &source.tree.nodes[node]);
    let done = node.is_some_and(|node| node.checked == Some(true))
        || statement.text.trim_start().starts_with(['✅', '✔', '☑']);
    if done {
        return (Disposition::Done, "ticked".to_owned());
    }
    if statement.text.trim_start().starts_with("~~") || node.is_some_and(super::work::is_refused) {
        return (Disposition::NonGoal, "struck out or ruled out".to_owned());
    }
    match statement.kind {
        SectionKind::NonGoal => return (Disposition::NonGoal, String::new()),
        SectionKind::Future => return (Disposition::Deferred, String::new()),
        SectionKind::Question => return (Disposition::Question, String::new()),
        SectionKind::Risk => return (Disposition::Risk, String::new()),
        _ => {}
    }
    let of_the_whole = matches!(
        statement.kind,
        SectionKind::Acceptance | SectionKind::Constraint | SectionKind::Done | SectionKind::Ready
    ) && !node.is_some_and(|node| matches!(node.origin, Origin::Section(_)));
    if of_the_whole && !statement.is_layout {
        let reason = match statement.kind {
            SectionKind::Constraint => LIMIT,
            _ => "it applies to the whole document",
        };
        return (Disposition::Constraint, reason.to_owned());
    }
    let boxed = node.is_some_and(|node| node.checked.is_some());
    if !boxed && super::stated_edges::states_order(&statement.text, statement.kind) {
        return (Disposition::Context, ORDER.to_owned());
    }
    if !statement.is_layout && asks_for_work(source, statement, node) {
        return (Disposition::Uncovered, "it asks for work".to_owned());
    }
    let may_bind = matches!(
        statement.kind,
        SectionKind::Unknown
            | SectionKind::Functional
            | SectionKind::Feature
            | SectionKind::Decision
            | SectionKind::Scope
    );
    let is_heading = node.is_some_and(|node| matches!(node.origin, Origin::Section(_)));
    if may_bind && !is_heading && !statement.is_layout && statement.text.contains('`') {
        return (Disposition::Constraint, LIMIT.to_owned());
    }
    let reason = match statement.kind {
        _ if statement.is_layout => "code, figure or label",
        _ if node.is_some_and(|node| matches!(node.origin, Origin::Section(_))) => "heading",
        SectionKind::Context if node.is_some_and(|node| node.number.is_some()) => STEP,
        SectionKind::Context => "background",
        SectionKind::Persona => "about users",
        SectionKind::Metric => "measure of success",
        SectionKind::Decision => "decision",
        SectionKind::Assumption => "assumption",
        SectionKind::Dependency => "prerequisite",
        SectionKind::Appendix => "appendix",
        SectionKind::Process => "way of working",
        SectionKind::Scope => "scope",
        _ => "it asks for nothing",
    };
    (Disposition::Context, reason.to_owned())
}

/// True if a statement asks for work, by its words and its position.
fn asks_for_work(source: &Source<'_>, statement: &Statement, node: Option<&Node>) -> bool {
    if words(&statement.text).len() < 2 && statement.text.chars().count() < 4 {
        return false;
    }
    let asked = match statement.kind {
        SectionKind::Context
        | SectionKind::Persona
        | SectionKind::Metric
        | SectionKind::Assumption
        | SectionKind::Appendix => false,
        SectionKind::Decision | SectionKind::Process => demands_strongly(&statement.text),
        _ => demands(&statement.text),
    };
    let Some(node) = node else {
        return asked;
    };
    if super::work::struck(&statement.text) {
        return false;
    }
    let place = statement.node.unwrap_or_default();
    let marked = source.requirement[place] || source.story[place] || node.checked == Some(false);
    if matches!(node.origin, Origin::Section(_)) {
        return marked && node.children.is_empty();
    }
    let listed = matches!(
        node.kind,
        SectionKind::Functional
            | SectionKind::Story
            | SectionKind::Feature
            | SectionKind::Checklist
            | SectionKind::Deliverable
            | SectionKind::NonFunctional
    ) && !source.grouping(place);
    marked || listed || asked
}
