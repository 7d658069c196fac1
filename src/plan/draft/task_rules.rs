//! The rules for tasks: only what the author marked as work by its form.

use super::facts::{Below, Facts};
use super::rules::{Found, Verdict, open, owner, part_of, task_at};
use git_pm_document::{Cell, Form, LabelKind, SectionKind, by_shape, list};

/// More boxes than this, each with an id or entries of its own, are tasks below a group.
const MANY_BOXES: usize = 8;

/// A statement that can be a task: in an open section, in no other task.
fn is_free(facts: &Facts, verdicts: &[Verdict], at: usize) -> bool {
    facts.is_open(at)
        && !facts.nodes()[at].name().is_empty()
        && owner(facts, verdicts, at).is_none()
}

/// A requirement or story that only restates the other: `FR-3` of `US-1`. What names none of them is
/// open, because its work would be planned twice.
pub(super) fn restated(facts: &Facts, verdicts: &[Verdict], at: usize) -> Found {
    let node = &facts.nodes()[at];
    let fits = is_free(facts, verdicts, at) && facts.is_flat(at) && node.checked.is_none();
    let story = facts.is_story(at) && node.form != Form::Label;
    let id = node.id.as_deref().unwrap_or_default();
    let mut prefixes = ["FR", "REQ", "RF", "RQ", "FUNC"].iter();
    let is_requirement = prefixes.any(|prefix| id.starts_with(prefix));
    let carried = match story {
        true => facts.requirements > 0,
        false => is_requirement && facts.rich_stories >= 2 && facts.rich_requirements == 0,
    };
    (fits && carried).then_some(())?;
    let partners = facts.partners(at);
    match partners.first().filter(|_| partners.len() == 1) {
        Some(partner) => part_of(*partner, true, "a requirement and its story are one task"),
        None => Some(open("no requirement and no story names it alone")),
    }
}

/// A statement with an id of its own. One that is only the heading of others with ids is none, but
/// what has criteria of its own is, beside the requirements below it.
pub(super) fn with_id(facts: &Facts, verdicts: &[Verdict], at: usize) -> Found {
    let fits = facts.has_task_id(at) && (facts.is_definition(at) || facts.is_twice(at));
    let fits = fits && (facts.below[at].ids == 0 || facts.has_own_criteria(at));
    let above = owner(facts, verdicts, at);
    let nested =
        facts.nodes()[at].is_heading() && above.is_some_and(|above| facts.has_task_id(above));
    (fits && (nested || above.is_none())).then_some(())?;
    task_at(at, "a statement with an id")
}

/// True for boxes that are each a task, not the criteria of what they stand below.
fn are_tasks(below: Below) -> bool {
    let rich = below.boxes > 0 && below.rich_boxes == below.boxes;
    rich && (below.boxes > MANY_BOXES || below.ids > 0)
}

/// An entry whose boxes are its criteria: `1. Search` above three boxes.
pub(super) fn with_boxes(facts: &Facts, verdicts: &[Verdict], at: usize) -> Found {
    let (node, below) = (&facts.nodes()[at], facts.below[at]);
    let named = node.form == Form::Item && node.checked.is_none() && facts.phase[at] != Some(at);
    let few = (1..=MANY_BOXES).contains(&below.boxes) && below.ids == 0;
    (named && few && is_free(facts, verdicts, at)).then_some(())?;
    task_at(at, "an entry with boxes to tick")
}

/// An open box.
pub(super) fn with_box(facts: &Facts, verdicts: &[Verdict], at: usize) -> Found {
    let fits = facts.nodes()[at].checked == Some(false) && !are_tasks(facts.below[at]);
    (fits && is_free(facts, verdicts, at)).then_some(())?;
    task_at(at, "a box to tick")
}

/// A user story with criteria.
pub(super) fn story(facts: &Facts, verdicts: &[Verdict], at: usize) -> Found {
    let form = facts.nodes()[at].form;
    let has_form = matches!(form, Form::Heading(_) | Form::Item | Form::Row);
    let fits = has_form && facts.is_story(at) && !facts.is_flat(at) && facts.below[at].ids == 0;
    (fits && is_free(facts, verdicts, at)).then_some(())?;
    task_at(at, "a story with criteria")
}

/// A row of a table of endpoints, commands, requirements or tasks.
pub(super) fn row(facts: &Facts, verdicts: &[Verdict], at: usize) -> Found {
    let node = &facts.nodes()[at];
    // Elsewhere a column of features may compare products, or sum up what is said before.
    let columns = match node.kind {
        SectionKind::Unknown | SectionKind::Decision => list("action-columns"),
        _ => list("work-columns"),
    };
    // The tools of a team are no commands to build.
    let tool = |cell: &Cell| list("tool-columns").is(&cell.header) && !cell.text.starts_with('`');
    let decided = node.kind == SectionKind::Decision && node.state.is_none();
    let mut first = node.cells.iter().take(if decided { 1 } else { 2 });
    let named = first.any(|cell| columns.is(&cell.header) && !tool(cell));
    let phase = by_shape(&node.text) == Some(SectionKind::Milestone);
    // What is decided about an interface has to be built.
    let free = match decided {
        true => owner(facts, verdicts, at).is_none(),
        false => is_free(facts, verdicts, at),
    };
    // Beside requirements with criteria or phases it sums them up.
    let dated = node.kind == SectionKind::Milestone && facts.phase[at].is_none();
    let summary = facts.has_demands() || dated && !facts.listing.is_empty();
    (named && !phase && !summary && node.id.is_none() && free).then_some(())?;
    task_at(at, "a row of a table of work")
}

/// A heading, or an entry with entries of its own, below a heading that the author calls
/// requirements, features, scope, deliverables, tasks or a plan.
pub(super) fn feature(facts: &Facts, verdicts: &[Verdict], at: usize) -> Found {
    let (node, below) = (&facts.nodes()[at], facts.below[at]);
    let work = (node.kind.is_work() || node.kind == SectionKind::Scope) && !node.own_kind;
    let groups = below.boxes > 0 || below.ids > 0 || below.headings > 1;
    let asked = match node.form {
        Form::Heading(_) if list("ranks").begins(node.name()) => false,
        Form::Heading(_) => below.direct > 0 || below.demands > 0 && below.headings == 0,
        Form::Label => node.is_heading() && below.direct > 0,
        Form::Item if node.label == LabelKind::Other => {
            let parent = node.parent.map(|parent| &facts.nodes()[parent]);
            // `Count: 3` below a heading that names no kind of work is a property.
            let headed = parent.is_some_and(|parent| parent.is_heading() && parent.own_kind);
            let colon = node.lead.as_ref();
            let colon = colon.is_some_and(|lead| lead.len() + 2 < node.text.len());
            below.listed > 0 || headed && colon && node.kind != SectionKind::Milestone
        }
        _ => false,
    };
    let fits = work && asked && !groups && !facts.is_property(at) && facts.phase[at] != Some(at);
    (fits && is_free(facts, verdicts, at)).then_some(())?;
    task_at(at, "a feature with its demands")
}

/// The heading of a command, tool or endpoint below one that announces them.
pub(super) fn command(facts: &Facts, verdicts: &[Verdict], at: usize) -> Found {
    let (node, below) = (&facts.nodes()[at], facts.below[at]);
    let named = |above: usize| list("action-columns").has(facts.nodes()[above].name());
    let has_form = node.command && !node.children.is_empty() && below.ids == 0;
    let fits = has_form && (node.name().contains(" /") || facts.above(at).any(named));
    (fits && is_free(facts, verdicts, at)).then_some(())?;
    task_at(at, "a command or endpoint")
}

/// An entry of a list of tasks or steps, or of a phase.
pub(super) fn step(facts: &Facts, verdicts: &[Verdict], at: usize) -> Found {
    let (node, below) = (&facts.nodes()[at], facts.below[at]);
    let plain = node.form == Form::Item && node.label == LabelKind::Other && node.checked.is_none();
    let groups = below.boxes > 0 || below.ids > 0 || facts.phase[at] == Some(at);
    let plain = plain && !list("references").begins(node.name());
    let listed = match facts.phase[at].map(|phase| facts.listing.get(&phase)) {
        // Where requirements have criteria, a phase sums them up.
        Some(best) => {
            let first = best.is_some() && facts.rank(at).as_ref() == best;
            first && !facts.has_demands() && !facts.is_sketched(at)
        }
        None => {
            let numbered = node.number.is_some() && node.kind == SectionKind::Milestone;
            let phase = by_shape(node.name()) == Some(SectionKind::Milestone);
            (numbered || node.kind == SectionKind::Checklist) && !phase
        }
    };
    (plain && !groups && listed && !facts.is_property(at) && is_free(facts, verdicts, at))
        .then_some(())?;
    task_at(at, "a step that the author lists")
}
