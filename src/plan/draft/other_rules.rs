//! The rules for what is no task: criteria, limits, questions, what is done or ruled out, the background.
//!
//! What fits none of them is open.

use super::draft_types::Disposition::{self, Constraint, Context, Question, Risk};
use super::facts::{Facts, head};
use super::rules::{
    BOX_LATER, BOX_REFUSED, BY_HEADING, Found, LATER, LIMIT, NO_GOAL, ORDER, ROW_LATER,
    ROW_NO_GOAL, STEP, Verdict, aside, open as uncovered, owner, part_of,
};
use git_pm_document::{
    Form, LabelKind, Node, SectionKind as Kind, State, canonical_id, is_glued, label_of, list,
    mentioned_ids, tokens,
};

/// The longest name of a list, in words; a longer introduction is a statement of its own.
const LONGEST_NAME: usize = 3;

/// Headers of tables, comments, entries without text.
pub(super) fn layout(facts: &Facts, _: &[Verdict], at: usize) -> Found {
    let node = &facts.nodes()[at];
    let empty = !node.name().chars().any(char::is_alphanumeric);
    // `### Requirement 1` says the rest below it.
    let empty = empty && (node.id.is_none() || node.children.is_empty());
    (node.form == Form::Layout || empty).then_some(())?;
    aside(Context, "blank lines and layout")
}

/// What is done, ruled out or deferred, by a note or by its section.
pub(super) fn state(facts: &Facts, verdicts: &[Verdict], at: usize) -> Found {
    let node = &facts.nodes()[at];
    let by_heading = node.by_heading && !node.is_heading();
    let said = |of_box, of_heading, of_row, own| match () {
        () if node.marked => of_box,
        () if by_heading => of_heading,
        () if node.form == Form::Row => of_row,
        () => own,
    };
    let by_kind = |disposition: Disposition, reason: &'static str| {
        let names = node.is_heading() || node.intro;
        aside(disposition, if names { "heading" } else { reason })
    };
    match (node.state, node.kind) {
        (Some(State::Done), _) => {
            let own = "its author says that it is done";
            aside(Disposition::Done, if by_heading { BY_HEADING } else { own })
        }
        (Some(State::Refused), _) => {
            let reason = said(BOX_REFUSED, NO_GOAL, ROW_NO_GOAL, "its author rules it out");
            aside(Disposition::NonGoal, reason)
        }
        (Some(State::Later), _) => {
            let reason = said(BOX_LATER, LATER, ROW_LATER, "its author defers it");
            aside(Disposition::Deferred, reason)
        }
        (Some(State::Doubtful), _) => {
            let above = node.parent.and_then(|above| facts.nodes()[above].state);
            Some(uncovered(match above {
                Some(State::Done) => "its section is done, its box is open",
                _ => "it is called done, its box is open",
            }))
        }
        _ if facts.is_done(at) => aside(Disposition::Done, "all of it is ticked"),
        (_, Kind::NonGoal) => by_kind(Disposition::NonGoal, NO_GOAL),
        // What stands below it may be work nevertheless.
        (_, Kind::Future)
            if matches!(node.form, Form::Heading(_)) && owner(facts, verdicts, at).is_none() =>
        {
            aside(Disposition::Context, "heading")
        }
        (_, Kind::Future) => by_kind(Disposition::Deferred, LATER),
        _ => None,
    }
}

/// Open questions.
pub(super) fn question(facts: &Facts, _: &[Verdict], at: usize) -> Found {
    let node = &facts.nodes()[at];
    let asks = node.text.ends_with(['?', '？']) && node.id.is_none();
    // An open box is work, unless it is a question in a list of them.
    let above = node.parent.map(|parent| facts.nodes()[parent].kind);
    let is_plain = node.kind == Kind::Unknown && node.checked != Some(false);
    let asks = asks && (is_plain || above == Some(Kind::Question));
    let listed = node.kind == Kind::Question && !node.is_heading();
    (listed || asks && node.is_listed()).then_some(())?;
    aside(Question, "the author asks it")
}

/// Effort, priority, owner, files, order: what a label says about a task.
pub(super) fn field(facts: &Facts, _: &[Verdict], at: usize) -> Found {
    match facts.nodes()[at].label {
        LabelKind::DependsOn | LabelKind::Blocks => aside(Context, ORDER),
        label if label.is_field() => aside(Context, "a property of a task"),
        _ if is_trace(&facts.nodes()[at]) => aside(Context, "what a task is traced to"),
        _ => None,
    }
}

/// True for `Requirements: 1.2, FR-3`: nothing but numbers and ids after the label.
fn is_trace(node: &Node) -> bool {
    let labelled = node
        .lead
        .as_deref()
        .filter(|_| node.label == LabelKind::Story);
    let text = node.text.trim_matches(['_', '*', ' ']);
    let pair = labelled.map(|name| (name, text)).or(text.split_once(':'));
    let Some((name, rest)) = pair else {
        return false;
    };
    let is_number = |word: &str| word.bytes().all(|c| c.is_ascii_digit() || c == b'.');
    let mut words = rest
        .split([',', ';', ' ', '_', '*'])
        .filter(|word| !word.is_empty());
    let is_other = |word: &str| !is_number(word) && mentioned_ids(word).is_empty();
    list("traces").is(name) && words.clone().next().is_some() && !words.any(is_other)
}

/// `FR-3` in a second place, such as a table of acceptance: a criterion of FR-3.
pub(super) fn same_id(facts: &Facts, verdicts: &[Verdict], at: usize) -> Found {
    let node = &facts.nodes()[at];
    let defined = *facts.defined.get(&canonical_id(node.id.as_deref()?))?;
    let informs = matches!(node.kind, Kind::Risk | Kind::Dependency);
    let informs = informs || matches!(node.kind, Kind::Appendix | Kind::Context);
    let elsewhere = defined != at && owner(facts, verdicts, at).is_none();
    (elsewhere && !informs && !facts.is_twice(at)).then_some(())?;
    match node.form {
        Form::Heading(_) | Form::Label => aside(Context, "heading"),
        _ => part_of(defined, true, "it names the task"),
    }
}

/// A criterion of the document that names one task by its id, itself or by its heading.
pub(super) fn named_id(facts: &Facts, verdicts: &[Verdict], at: usize) -> Found {
    let node = &facts.nodes()[at];
    let has_form = node.is_listed() || node.form == Form::Paragraph;
    let accepted = |at: &usize| facts.nodes()[*at].kind == Kind::Acceptance;
    (has_form && accepted(&at) && owner(facts, verdicts, at).is_none()).then_some(())?;
    let around = std::iter::once(at).chain(facts.above(at));
    let mut around = around.take_while(accepted);
    let found = around.find_map(|at| {
        let node = &facts.nodes()[at];
        let cells = node.cells.iter().flat_map(|cell| mentioned_ids(&cell.text));
        let ids = mentioned_ids(node.name()).into_iter().chain(cells);
        let tasks = ids.filter_map(|id| facts.defined.get(&id).copied());
        let mut tasks: Vec<usize> = tasks.collect();
        tasks.dedup();
        (!tasks.is_empty()).then_some(tasks)
    })?;
    match found.as_slice() {
        [one] => part_of(*one, true, "it names the task"),
        _ => None,
    }
}

/// What only orders tasks.
pub(super) fn order(facts: &Facts, verdicts: &[Verdict], at: usize) -> Found {
    let node = &facts.nodes()[at];
    let arrow = node.text.contains(['→', '➜']) || node.text.contains("->");
    let says = list("depends").has(&node.text) || list("precedes").has(&node.text);
    let inside = node.form == Form::Code || owner(facts, verdicts, at).is_some();
    // What names no task orders none.
    let places = ["phase", "step-nouns"];
    let refers = !mentioned_ids(&node.text).is_empty()
        || tokens(&node.text)
            .iter()
            .any(|word| places.iter().any(|name| list(name).is(word)));
    let fits = node.kind == Kind::Dependency && !node.is_heading();
    (fits && (inside || refers && (arrow || says))).then_some(())?;
    aside(Context, ORDER)
}

/// The heading of a phase, or a row that sums one up or gives its date.
pub(super) fn phase(facts: &Facts, verdicts: &[Verdict], at: usize) -> Found {
    let node = &facts.nodes()[at];
    let summed_up = node.is_listed() && facts.phase_names.contains(&head(node.name()));
    let fits = facts.phase[at] == Some(at) || summed_up || facts.is_date(at);
    let fits = fits && node.checked.is_none();
    (fits && owner(facts, verdicts, at).is_none()).then_some(())?;
    aside(Context, "a phase, or its date")
}

/// What stands below a task.
pub(super) fn criterion(facts: &Facts, verdicts: &[Verdict], at: usize) -> Found {
    let task = owner(facts, verdicts, at)?;
    let node = &facts.nodes()[at];
    let introduces = node.text.ends_with([':', '：']) && !node.children.is_empty();
    let has_form = node.label == LabelKind::Acceptance && !node.text.is_empty();
    let informs = matches!(node.kind, Kind::Context | Kind::Persona);
    let listed = node.is_listed() && !introduces && !informs;
    match node.kind {
        Kind::Risk => aside(Risk, "a risk of its task"),
        _ => part_of(task, listed || has_form, "it stands below its task"),
    }
}

/// Results and success of a phase, which its gate carries.
pub(super) fn outcome(facts: &Facts, _: &[Verdict], at: usize) -> Found {
    let node = &facts.nodes()[at];
    let results = matches!(node.kind, Kind::Deliverable | Kind::Acceptance);
    let results = results || matches!(node.kind, Kind::Metric | Kind::Done);
    let stated = matches!(node.label, LabelKind::Acceptance | LabelKind::Goal);
    let stated = stated && !node.text.is_empty();
    let results = results || node.label == LabelKind::Goal;
    (facts.phase[at].is_some() && results && (node.is_listed() || stated)).then_some(())?;
    aside(Constraint, "it holds for its phase")
}

/// Risks, but not what has to be done about them.
pub(super) fn risk(facts: &Facts, _: &[Verdict], at: usize) -> Found {
    let node = &facts.nodes()[at];
    let has_form = node.kind == Kind::Risk && !node.is_heading();
    // What is said about its mitigation may be work.
    let mut cells = node.cells.iter();
    let answered = cells.any(|cell| cell.kind == LabelKind::Mitigation && !cell.text.is_empty())
        || node.label == LabelKind::Mitigation
        || facts
            .above(at)
            .take(2)
            .any(|above| label_of(facts.nodes()[above].name()) == LabelKind::Mitigation)
        || node.text.contains(['→', '。', '`'])
        || node.text.contains(". ");
    (has_form && !answered && !list("strong").has(&node.text)).then_some(())?;
    aside(Risk, "the author names a risk")
}

/// What holds for several tasks or the whole.
pub(super) fn constraint(facts: &Facts, _: &[Verdict], at: usize) -> Found {
    let kind = facts.nodes()[at].kind;
    let whole = matches!(kind, Kind::Acceptance | Kind::Done | Kind::Ready);
    let limit = matches!(
        kind,
        Kind::Constraint | Kind::Decision | Kind::NonFunctional
    );
    let limit = limit || matches!(kind, Kind::Process | Kind::Assumption);
    // A decision or a way of working can also order work.
    let ordered = matches!(kind, Kind::Decision | Kind::Process);
    let limit = limit && !(ordered && list("strong").has(&facts.nodes()[at].text));
    let measured = kind == Kind::Metric && facts.nodes()[at].is_listed();
    ((whole || limit || measured) && !is_name(facts, at)).then_some(())?;
    aside(Constraint, LIMIT)
}

/// A demand, an order, a numbered step or a goal, in a section that else only informs.
pub(super) fn demand(facts: &Facts, _: &[Verdict], at: usize) -> Found {
    let (node, listed) = (&facts.nodes()[at], facts.nodes()[at].is_listed());
    let has_form = !node.is_heading() && node.form != Form::Code;
    let orders = listed && list("verbs").begins(&node.text);
    let mut sentences = node.text.split(". ");
    let orders = orders || sentences.any(|sentence| list("prohibits").begins(sentence));
    let goals = |above: usize| list("goal").has(facts.nodes()[above].name());
    let aims = listed && node.kind == Kind::Context && facts.above(at).take(2).any(goals);
    if listed && node.number.is_some() && matches!(node.kind, Kind::Context | Kind::Persona) {
        return Some(uncovered(STEP));
    }
    (has_form && (orders || aims || list("demand").has(node.name()))).then_some(())?;
    Some(uncovered("it demands something"))
}

/// What only informs the reader, by its section.
pub(super) fn background(facts: &Facts, _: &[Verdict], at: usize) -> Found {
    let reason = match facts.nodes()[at].kind {
        Kind::Context => "background",
        Kind::Persona => "about users",
        Kind::Metric => "measure of success",
        Kind::Dependency => "prerequisite",
        Kind::Appendix => "appendix",
        _ => return None,
    };
    aside(Context, reason)
}

/// True for a heading, or for the few words that introduce a list.
fn is_name(facts: &Facts, at: usize) -> bool {
    let node = &facts.nodes()[at];
    // With nothing but code below it, it says what the code is.
    if let [child] = node.children.as_slice()
        && facts.nodes()[*child].form == Form::Code
        && !list("example").has(node.name())
    {
        return false;
    }
    let introduces = match node.form {
        Form::Label if node.intro => list("example").has(node.name()),
        Form::Label => node.text.is_empty(),
        _ => false,
    };
    let short = tokens(node.name()).len() <= LONGEST_NAME && !node.name().contains(is_glued);
    matches!(node.form, Form::Heading(_)) || introduces && short
}

/// Headings. What says more than a name is a statement.
pub(super) fn heading(facts: &Facts, _: &[Verdict], at: usize) -> Found {
    is_name(facts, at).then_some(())?;
    aside(Context, "heading")
}

/// Code that only shows what is meant.
pub(super) fn example(facts: &Facts, _: &[Verdict], at: usize) -> Found {
    let node = &facts.nodes()[at];
    let parent = node
        .parent
        .map_or("", |parent| facts.nodes()[parent].name());
    (node.form == Form::Code && list("example").has(parent)).then_some(())?;
    aside(Context, "code, figure or label")
}

/// Everything else.
pub(super) fn open(_: &Facts, _: &[Verdict], _: usize) -> Found {
    Some(uncovered("no rule recognizes it"))
}
