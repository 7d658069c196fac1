//! Writes a text into a plan, as one commit.

use super::grammar::{self, Text};
use super::problem::{Problem, Problems, error_of};
use super::render;
use super::report::{WriteReport, Written};
use super::resolve::{Wanted, inside, resolve};
use super::words;
use super::write_task::TaskChange;
use crate::error::{Error, Result};
use crate::model::id::ItemKind;
use crate::model::item::Item;
use crate::model::text::{one_line, shorten};
use crate::model::uid::Uid;
use crate::model::value::Value;
use crate::plan::anchors::anchors;
use crate::plan::coverage;
use crate::plan::coverage::uncovered;
use crate::plan::document::Lines;
use crate::plan::draft::{Disposition, Edge};
use crate::plan::drafting;
use crate::plan::edit::{set_title, write};
use crate::plan::line_ranges::shown;
use crate::plan::moved_lines::MovedLines;
use crate::plan::net::Net;
use crate::plan::plan_types::{Plan, Planned, PutAside};
use crate::plan::prd;
use crate::plan::record::{order_of, read};
use crate::plan::seen;
use crate::plan::seen::{is_version, version_of};
use crate::plan::sources::{self, Reading, Source, find, plan_of};
use crate::plan::write::write_task;
use crate::pm::Pm;
use crate::pm::handles::Plans;
use crate::store::layout::Family;
use crate::store::state::State;
use crate::store::transaction::Tx;

/// The most open statements that a refusal names.
const MOST_OPEN: usize = 20;

/// A plan as a text for [`Plans::write`].
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct PlanText {
    /// The text; its first line names the document and the plan's version.
    pub text: String,
    /// The plan's version.
    pub version: String,
}

/// Options of writing a plan.
#[derive(Clone, Copy, Debug, Default)]
pub struct WriteOptions {
    /// Writes only the sections given; the other tasks stay.
    pub patch: bool,
    /// Refuses a text after which a statement that a task carries is in none.
    pub keeps_statements: bool,
}

impl Plans<'_> {
    /// A plan as a text that [`Plans::write`] accepts after an edit.
    ///
    /// # Errors
    /// If there is no such plan, or its document cannot be read.
    pub fn text(&self, id: Option<&str>) -> Result<PlanText> {
        let state = self.pm.store.state()?;
        let _hold = state.hold();
        let (plan, prd) = find(self.pm, &state, id)?;
        let reading = sources::reading_of(&state, &prd)?;
        let version = version_of(&state, &plan.uid);
        let statements = coverage::account(&plan, &reading);
        Ok(PlanText {
            text: render::render(&state, &plan, &version, &statements),
            version,
        })
    }

    /// The document of a plan, as [`Plans::write`] takes it.
    ///
    /// # Errors
    /// If there is no such plan.
    pub fn document_of(&self, id: Option<&str>) -> Result<Source> {
        let state = self.pm.store.state()?;
        let (_, prd) = find(self.pm, &state, id)?;
        Ok(Source::Prd(state.shown_id(&prd)))
    }

    /// The problems of a text, without writing it.
    ///
    /// # Errors
    /// If there is no such plan.
    pub fn problems(&self, id: Option<&str>, text: &str) -> Result<Vec<Problem>> {
        let state = self.pm.store.state()?;
        let (plan, prd) = find(self.pm, &state, id)?;
        let reading = sources::reading_of(&state, &prd)?;
        let mut problems = Problems::default();
        let parsed = grammar::read(text, &mut problems);
        let document = words::Source::of(&reading.text, &reading.document);
        for one in &resolve(&parsed, &plan, &document, false, &mut problems) {
            write_task::registers_of(self.pm, one, &plan, &document, &mut problems);
        }
        dispositions(&plan, &reading, &parsed, &mut problems);
        Ok(problems.sorted())
    }

    /// Writes a plan, as one commit: its tasks, their order, and what is not work. Tasks without a
    /// section are removed, unless they have items or the options say that it is a patch. A document
    /// without a plan is drafted first. What another actor changed after the version that the text
    /// names is kept.
    ///
    /// # Errors
    /// If the document cannot be read, the text is not valid, it names tasks or lines that do not
    /// exist, tasks would wait for each other, or it was written for another text of the document.
    pub fn write(
        &self,
        source: &Source,
        text: &str,
        options: &WriteOptions,
    ) -> Result<WriteReport> {
        let mut problems = Problems::default();
        let parsed = grammar::read(text, &mut problems);
        let (mut written, mut read) = (Written::default(), None);
        let prd = drafting::commit_plan(self.pm, "plan write", |tx| {
            let (prd, reading) = match source {
                Source::Prd(id) if tx.state.find(id)?.kind != ItemKind::Prd => {
                    let prd = find(self.pm, &tx.state, Some(id))?.1;
                    let reading = sources::reading_of(&tx.state, &prd)?;
                    (prd, reading)
                }
                _ => prd::prd_of_in(self.pm, tx, source)?,
            };
            let known = plan_of(&tx.state, &prd);
            require_same_document(&tx.state, &parsed, (&reading, &prd), known.as_ref())?;
            let is_first = known.is_none();
            if known.is_none_or(|plan| plan.document != reading.hash()) {
                let (draft, _) = sources::draft_again(self.pm, &tx.state, &prd, &reading);
                drafting::stage_draft(tx, &prd, &reading, &draft)?;
            }
            let plan = plan_of(&tx.state, &prd)
                .ok_or_else(|| Error::not_found(format!("{} has no plan", prd.id)))?;
            let parsed = (parsed.clone(), problems.clone());
            written = write_text(self.pm, tx, &plan, &prd, &reading, parsed, options)?;
            if options.keeps_statements {
                require_kept(&plan, plan_of(&tx.state, &prd).as_ref(), &reading)?;
            }
            if is_first {
                // Nobody has seen what was drafted.
                written.removed.clear();
            }
            if tx.is_dirty() {
                let said = written.said();
                tx.describe("plan write", &[&prd.id], &format!("of {}: {said}", prd.id));
            }
            read = Some(reading);
            Ok(prd.uid)
        })?;
        let plan = self.show_drafted(Some(&prd.id), (None, read))?;
        Ok(WriteReport::of(plan, written))
    }
}

fn write_text(
    pm: &Pm,
    tx: &mut Tx<'_>,
    plan: &Plan,
    prd: &Item,
    reading: &Reading,
    (mut parsed, mut problems): (Text, Problems),
    options: &WriteOptions,
) -> Result<Written> {
    let document = words::Source::of(&reading.text, &reading.document);
    if parsed.is_empty() && problems.is_empty() {
        return Err(
            Error::usage("the text has no task, and nothing that is not work").hint(
                "a task begins with `### name. Title`: `git pm plan write -h` shows the form",
            ),
        );
    }
    let mut is_patch = options.patch;
    let mut is_ordered = !is_patch;
    let base = base_of(pm, tx, plan, prd, &parsed)?;
    if parsed.version.is_none() {
        require_own(tx.actor(), plan, prd, options.patch.then_some(&parsed))?;
    }
    if let Some(base) = &base {
        let seen = grammar::read(&base.text, &mut Problems::default());
        match options.patch {
            true => parsed.narrow(&seen),
            false => is_ordered = parsed.since(&seen),
        }
        is_patch = true;
    } else if !is_patch {
        for section in &mut parsed.tasks {
            section.is_complete = true;
        }
    }
    let wanted = resolve(&parsed, plan, &document, is_patch, &mut problems);
    let tasks: Vec<Vec<(&'static str, Value)>> = wanted
        .iter()
        .map(|one| write_task::registers_of(pm, one, plan, &document, &mut problems))
        .collect();
    let mut asides = dispositions(plan, reading, &parsed, &mut problems);
    let problems = problems.sorted();
    if !problems.is_empty() {
        return Err(error_of(&problems));
    }
    if !is_patch {
        // The text is the whole plan: what it does not put aside is open again.
        let gone = plan.put_aside.keys();
        let gone = gone.filter(|anchor| !asides.iter().any(|(known, _)| known == *anchor));
        let gone: Vec<String> = gone.cloned().collect();
        asides.extend(gone.into_iter().map(|anchor| (anchor, None)));
    }
    let mut written = Written::default();
    let differs = |planned: &Planned| {
        base.as_ref()
            .is_some_and(|base| base.differs(plan, planned))
    };
    let removed = removals(plan, &parsed, &wanted, is_patch, &differs, &mut written);
    for planned in plan.counted().filter(|one| removed.contains(&one.task.key)) {
        written.removed.push(planned.name.clone());
    }
    let numbers = plan.tasks.iter().map(|planned| planned.number);
    let mut number = numbers.max().unwrap_or(0);
    let is_tested = sources::plans_tests(&tx.state);
    write(tx, &plan.uid, |writer, actor| {
        for (one, fields) in wanted.iter().zip(&tasks) {
            let (name, planned) = (one.section.name.clone(), plan.task(&one.key));
            let change = TaskChange::of(plan, one, fields);
            if planned.is_some_and(|planned| planned.item.is_some()) {
                if !change.is_empty() {
                    written.fixed.push(name);
                }
                continue;
            }
            if one.is_new {
                number = number.saturating_add(1);
            }
            let changed = change.write(writer, actor, (number, is_tested));
            match (one.is_new, changed) {
                (true, _) => written.added.push(name),
                (false, true) => written.changed.push(name),
                (false, false) => {}
            }
        }
        for key in &removed {
            for edge in plan.waits.iter().filter(|edge| !edge.is_of_test()) {
                if edge.task == *key || edge.on == *key {
                    writer.remove_wait(&edge.task, &edge.on, actor);
                }
            }
            writer.remove_task(key, actor);
        }
        for (anchor, reason) in &asides {
            match reason {
                Some(reason) => writer.put_aside(anchor, reason, actor),
                None => writer.take_back(anchor, actor),
            }
        }
    })?;
    drafting::leave_tests(tx, prd)?;
    let now = plan_of(&tx.state, prd).unwrap_or_else(|| plan.clone());
    number_tests(tx, &now)?;
    if is_ordered {
        order(tx, &plan.uid, &wanted)?;
    }
    if let Some(title) = parsed.title.filter(|title| *title != plan.title) {
        set_title(tx, &plan.uid, &title)?;
    }
    let now = plan_of(&tx.state, prd).unwrap_or_else(|| plan.clone());
    if let Some(cycle) = Net::of(&now).cycle() {
        let tasks = cycle.iter().filter_map(|key| now.task(key));
        let path: Vec<&str> = tasks.map(|planned| planned.name.as_str()).collect();
        let error = Error::usage(format!(
            "tasks wait for each other: {}; nothing was changed",
            path.join(" → ")
        ))
        .hint("remove one of these names from `after`, or mark it `(soft)`");
        // Whatever else is open is told at once.
        let open = coverage::account(&now, reading);
        let open = uncovered(&open).take(MOST_OPEN);
        return Err(open.fold(error, |error, one| {
            error.hint(format!("no task covers line {}", one.lines.start))
        }));
    }
    Ok(written)
}

/// What the author of a text saw, if the plan has changed since.
fn base_of(pm: &Pm, tx: &Tx<'_>, plan: &Plan, prd: &Item, text: &Text) -> Result<Option<Base>> {
    let Some(version) = &text.version else {
        return Ok(None);
    };
    if is_version(&version_of(&tx.state, &plan.uid), version) {
        return Ok(None);
    }
    let Some((state, old)) = seen::seen(pm, &tx.state, prd, version)? else {
        return Err(Error::conflict(format!(
                "the text was written for version {} of the plan of {}, which is not among its last versions",
                one_line(version),
                prd.id
            ))
            .hint(format!(
                "`git pm plan edit {} --print` prints the present one",
                prd.id
            ))
            .hint("without its first line, the text is written as it is"));
    };
    let reading = sources::reading_of(&state, prd)?;
    let statements = coverage::account(&old, &reading);
    let text = render::render(&state, &old, version, &statements);
    Ok(Some(Base { text, plan: old }))
}

/// Refuses a text whose author does not say which plan it replaces, if that has work of others: anywhere,
/// or in the tasks that a patch writes.
fn require_own(actor: &str, plan: &Plan, prd: &Item, patch: Option<&Text>) -> Result<()> {
    let is_other = |by: &&String| by.as_str() != actor;
    let hands = |planned: &Planned| {
        let fields = planned.by_hand.iter().filter(|(name, _)| *name != "order");
        let all = planned.added_by.iter().chain(fields.map(|(_, by)| by));
        all.filter(is_other).min().cloned()
    };
    let is_written = |planned: &&Planned| match patch {
        Some(text) => text
            .tasks
            .iter()
            .any(|section| section.name == planned.name),
        None => true,
    };
    let tasks = plan.counted().filter(|planned| planned.item.is_none());
    let tasks = tasks.filter(is_written);
    let tasks = tasks.filter_map(|planned| Some((format!("`{}`", planned.name), hands(planned)?)));
    let asides = plan
        .put_aside
        .values()
        .map(|aside| &aside.by)
        .filter(is_other);
    let asides = asides.map(|by| ("what is not work".to_owned(), by.clone()));
    let Some((what, by)) = tasks.chain(asides).next() else {
        return Ok(());
    };
    let id = &prd.id;
    Err(Error::conflict(format!(
        "the text does not say which version of the plan of {id} it replaces, and {} worked on {what}",
        one_line(&by)
    ))
    .hint(format!(
        "begin it with the first line of `git pm plan outline {id}`, or of `git pm plan edit {id} --print`"
    ))
    .hint("or write only the sections of other tasks: `--patch`"))
}

/// What the author of a text saw.
struct Base {
    /// The plan as a text.
    text: String,
    plan: Plan,
}

impl Base {
    /// True if another actor changed a task, or added it.
    fn differs(&self, now: &Plan, planned: &Planned) -> bool {
        let old = &self.plan;
        let waits =
            |plan: &Plan| -> Vec<Edge> { plan.waits_of(&planned.task.key).cloned().collect() };
        let before = old.task(&planned.task.key);
        before.map(|one| &one.task) != Some(&planned.task) || waits(old) != waits(now)
    }
}

/// Refuses a text that was written for another text of the document.
fn require_same_document(
    state: &State<'_>,
    text: &Text,
    (reading, prd): (&Reading, &Item),
    plan: Option<&Plan>,
) -> Result<()> {
    let hash = reading.hash();
    let written_for = text.document.as_ref();
    let other = written_for.filter(|known| !hash.starts_with(*known));
    let Some(other) = other else { return Ok(()) };
    let old = plan.filter(|plan| plan.document.starts_with(other));
    let changed = old.map_or_else(Vec::new, |plan| {
        MovedLines::since(state, plan, reading).new.clone()
    });
    let changed: Vec<String> = changed.into_iter().take(20).map(shown).collect();
    let changed = match changed.is_empty() {
        true => String::new(),
        false => format!("; lines {} are new", changed.join(", ")),
    };
    Err(Error::conflict(format!(
        "the text was written for another version of the document of {}: its SHA-256 begins with {}, not {}{changed}",
        prd.id,
        hash.get(..12).unwrap_or_default(),
        shorten(other, 12)
    ))
    .hint(format!(
        "`git pm plan outline {}` shows the present one with its line numbers",
        prd.id
    )))
}

/// Refuses a plan in which a statement is in no task that was in one before.
fn require_kept(before: &Plan, after: Option<&Plan>, reading: &Reading) -> Result<()> {
    let statements = |plan: &Plan| coverage::account(plan, reading);
    let after = after.map(statements).unwrap_or_default();
    let all = statements(before).into_iter().zip(after);
    let lost = all.filter(|(old, new)| !old.tasks.is_empty() && new.tasks.is_empty());
    let lost: Vec<String> = lost
        .map(|(one, _)| format!("line {}: \"{}\"", one.lines.start, shorten(&one.text, 70)))
        .collect();
    if lost.is_empty() {
        return Ok(());
    }
    let all = lost.iter().take(MOST_OPEN).cloned().collect::<Vec<_>>();
    Err(Error::usage(format!(
        "statements of the document are in no task any more:\n{}",
        all.join("\n")
    ))
    .hint("keep them in a task: only a human drops a requirement"))
}

/// The tasks that a text removes. Those that another actor changed after the version that its author saw
/// are kept, and named, as are those that exist already.
fn removals(
    plan: &Plan,
    text: &Text,
    wanted: &[Wanted<'_>],
    is_patch: bool,
    differs: &dyn Fn(&Planned) -> bool,
    written: &mut Written,
) -> Vec<String> {
    let mut removed = Vec::new();
    for planned in plan.counted() {
        let key = &planned.task.key;
        let is_struck = text.struck.iter().any(|(_, name)| *name == planned.name);
        let is_written = wanted.iter().any(|one| one.key == *key);
        let is_newer = differs(planned);
        let is_gone = is_struck || text.gone.contains(&planned.name) || (!is_patch && !is_written);
        match (is_gone, is_newer && !is_struck, planned.item.is_some()) {
            (true, false, false) => removed.push(key.clone()),
            (true, _, _) => written.kept.push(planned.name.clone()),
            (false, true, _) => written.meanwhile.push(planned.name.clone()),
            (false, false, _) => {}
        }
    }
    removed
}

/// What becomes of statements, by their anchors: put aside with a reason, or open again.
fn dispositions(
    plan: &Plan,
    reading: &Reading,
    text: &Text,
    problems: &mut Problems,
) -> Vec<(String, Option<PutAside>)> {
    let statements = coverage::account(plan, reading);
    let anchors = anchors(&reading.text, &statements);
    let document = words::Source::of(&reading.text, &reading.document);
    let mut out: Vec<(String, Option<PutAside>)> = Vec::new();
    for aside in &text.asides {
        let lines = inside(aside.line, aside.lines.clone(), &document, problems);
        let mut is_known = aside.disposition != Disposition::Uncovered || lines.is_empty();
        for (statement, anchor) in statements.iter().zip(&anchors) {
            let own = |lines: &&Lines| crate::plan::line_ranges::meet(**lines, statement.lines);
            if lines.iter().find(own).is_none() {
                continue;
            }
            let is_open = statement.disposition == Disposition::Uncovered;
            is_known |= is_open || plan.put_aside.contains_key(anchor);
            let value = match aside.disposition {
                Disposition::Uncovered => None,
                other => Some(PutAside {
                    disposition: other,
                    reason: aside.reason.clone(),
                    text: statement.text.clone(),
                    line: i64::from(statement.lines.start),
                    by: String::new(),
                }),
            };
            let mut all = out.iter();
            let other = all.find(|(known, reason)| known == anchor && reason.is_some());
            if let (Some((_, Some(reason))), Some(now)) = (other, &value)
                && reason.disposition != now.disposition
            {
                let start = statement.lines.start;
                problems.add(
                    aside.line,
                    format!("line {start} is below two headings"),
                    "leave it below one of them",
                );
            }
            out.push((anchor.clone(), value));
        }
        if !is_known {
            problems.add(
                aside.line,
                "these lines were not put aside by hand, so `Open` has nothing to take back",
                "name the lines below a task: that plans them, whatever their section is called",
            );
        }
    }
    out
}

/// Gives the test tasks that follow from the tasks numbers that stay.
fn number_tests(tx: &mut Tx<'_>, plan: &Plan) -> Result<()> {
    write(tx, &plan.uid, |writer, _| {
        for planned in &plan.tasks {
            if let Some(tested) = &planned.task.tests {
                writer.number_test(tested, planned.number);
            }
        }
    })
}

/// Puts the tasks in the order of the sections; tasks without a section follow.
fn order(tx: &mut Tx<'_>, uid: &Uid, wanted: &[Wanted<'_>]) -> Result<()> {
    let Some(loaded) = tx.state.found_by_path(Family::Plan, uid) else {
        return Ok(());
    };
    let plan = read(&loaded.doc);
    let place = |key: &str| wanted.iter().position(|one| one.key == *key);
    // The text shows the tasks by stream.
    let shown = render::in_streams(&plan).into_iter();
    let present: Vec<&str> = shown.map(|one| one.task.key.as_str()).collect();
    let mut sorted = present.clone();
    sorted.sort_by_key(|key| place(key).unwrap_or(usize::MAX));
    if sorted == present {
        return Ok(());
    }
    let fields: Vec<(String, Value)> = sorted
        .iter()
        .enumerate()
        .map(|(at, key)| ((*key).to_owned(), order_of(at).into()))
        .collect();
    write(tx, uid, |writer, actor| {
        for (key, value) in &fields {
            writer.set_task(key, &[("order", value.clone())], actor);
        }
    })
}
