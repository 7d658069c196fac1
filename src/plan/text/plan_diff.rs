//! What differs between the plan and its edited text, as changes in an order in which each can be
//! applied after those before it: edges and tasks go first, so that nothing stands in the way of
//! what comes.

use std::collections::{BTreeMap, BTreeSet};

use super::field_names::Field;
use super::problem::Problems;
use super::sheet::{Book, Sheet, Target, by_streams};
use super::sheet_reader::{Edited, Sketch};
use crate::plan::Planned;
use crate::plan::change::{Change, NewTask};
use crate::plan::draft::EdgeClass;

/// The changes that make of the plan what the text says.
pub(super) fn changes(
    edited: &Edited<'_>,
    book: &Book<'_>,
    problems: &mut Problems,
) -> Vec<Change> {
    let mut out = Vec::new();
    title(edited, book, problems, &mut out);
    let gone = Gone::of(edited, book);
    if edited.tasks.is_empty() && !book.shown.is_empty() {
        let line = edited.title.as_ref().map_or(1, |(line, _)| *line);
        problems.add(
            line,
            "No task is left.",
            "A plan has at least one. To change nothing, save an empty file.",
        );
    }
    refuse(edited, book, &gone, problems);
    if !problems.is_empty() {
        return Vec::new();
    }
    let kept: Vec<&Sketch<'_>> = edited
        .tasks
        .iter()
        .filter(|sketch| !gone.along.contains(&sketch.task))
        .collect();
    let bases: Vec<Option<Sheet>> = kept
        .iter()
        .map(|sketch| sketch.planned.map(|planned| book.sheet(planned)))
        .collect();
    let mut freed = Vec::new();
    let mut set = Vec::new();
    // A wait that warns may make room for one that blocks the other way round.
    let (mut soft, mut hard) = (Vec::new(), Vec::new());
    for (sketch, base) in kept.iter().zip(&bases) {
        let Some(base) = base else {
            continue;
        };
        fields(sketch, base, book, &mut set);
        for on in base
            .waits
            .keys()
            .filter(|on| !sketch.sheet.waits.contains_key(on))
        {
            freed.push(Change::Free {
                task: sketch.task.name(),
                on: on.name(),
            });
        }
        for (on, class) in &sketch.sheet.waits {
            if base.waits.get(on) != Some(class) {
                wait(&sketch.task, on, *class, &mut soft, &mut hard);
            }
        }
    }
    let mut added = Vec::new();
    let mut before: BTreeSet<&Target> = BTreeSet::new();
    for (at, sketch) in kept.iter().enumerate().filter(|(_, s)| s.planned.is_none()) {
        let behind = at.checked_sub(1).and_then(|at| kept.get(at));
        let (now, later): (Vec<_>, Vec<_>) = sketch
            .sheet
            .waits
            .iter()
            .partition(|(on, _)| matches!(on, Target::Task(_)) || before.contains(on));
        for (on, class) in later {
            wait(&sketch.task, on, *class, &mut soft, &mut hard);
        }
        let now = now.into_iter().map(|(on, class)| (on.name(), *class));
        added.push(Change::Add(NewTask {
            name: sketch.task.name(),
            title: sketch.sheet.title.clone(),
            fields: new_fields(sketch, book),
            waits: now.collect(),
            after: behind.map(|sketch| sketch.task.name()),
        }));
        before.insert(&sketch.task);
    }
    out.extend(freed);
    gone.changes(book, &mut out);
    out.extend(added);
    out.extend(order(&kept, book, &gone));
    out.extend(set);
    out.extend(soft);
    out.extend(hard);
    out
}

fn wait(
    task: &Target,
    on: &Target,
    class: EdgeClass,
    soft: &mut Vec<Change>,
    hard: &mut Vec<Change>,
) {
    let list = match class {
        EdgeClass::Soft => soft,
        EdgeClass::Hard => hard,
    };
    list.push(Change::Wait {
        task: task.name(),
        on: on.name(),
        class,
    });
}

fn title(edited: &Edited<'_>, book: &Book<'_>, problems: &mut Problems, out: &mut Vec<Change>) {
    let old = super::canonical_line::one_line(&book.plan.title);
    match &edited.title {
        Some((_, title)) if *title == old => {}
        Some((_, title)) if !title.is_empty() => out.push(Change::Title(title.clone())),
        at => problems.add(
            at.as_ref().map_or(1, |(line, _)| *line),
            "The title of the plan is missing.",
            format!("Write it at the top with a single `#`: `# {old}`."),
        ),
    }
}

/// The tasks of the plan that the text takes out.
struct Gone<'p> {
    /// By themselves, in the order of the plan.
    removed: BTreeMap<u32, &'p Planned>,
    /// Tests that go with what they test, or with its strategy.
    along: BTreeSet<Target>,
}

impl<'p> Gone<'p> {
    fn of(edited: &Edited<'_>, book: &Book<'p>) -> Gone<'p> {
        let mut present: BTreeMap<u32, &Sheet> = BTreeMap::new();
        for sketch in &edited.tasks {
            if let Target::Task(number) = sketch.task {
                present.insert(number, &sketch.sheet);
            }
        }
        let mut out = Gone {
            removed: BTreeMap::new(),
            along: BTreeSet::new(),
        };
        for planned in &book.shown {
            let tested = book.tested(planned).filter(|t| t.number != planned.number);
            let goes_along = tested.is_some_and(|tested| match present.get(&tested.number) {
                None => true,
                Some(sheet) => {
                    let was = book.sheet(tested).validation;
                    sheet.validation == Some("none") && was != Some("none")
                }
            });
            if goes_along && planned.item.is_none() {
                out.along.insert(Target::Task(planned.number));
            } else if !present.contains_key(&planned.number) {
                out.removed.insert(planned.number, planned);
            }
        }
        out
    }

    fn has(&self, target: &Target) -> bool {
        let is_removed = |number| self.removed.contains_key(number);
        self.along.contains(target) || matches!(target, Target::Task(n) if is_removed(n))
    }

    /// Takes the tasks out, the last one first; where one waits for another that goes before it,
    /// it is freed first.
    fn changes(&self, book: &Book<'p>, out: &mut Vec<Change>) {
        let mut left: BTreeSet<u32> = self.along.iter().filter_map(number).collect();
        left.extend(self.removed.keys());
        // For whom others wait, among those that go.
        let mut waiting: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for planned in left.iter().filter_map(|n| book.by_number.get(n)) {
            for on in book.sheet(planned).waits.keys().filter_map(number) {
                waiting.entry(on).or_default().push(planned.number);
            }
        }
        let mut own: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for along in self.along.iter().filter_map(number) {
            let tested = book.by_number.get(&along).and_then(|p| book.tested(p));
            own.entry(tested.map_or(0, |t| t.number))
                .or_default()
                .push(along);
        }
        let removed = book.shown.iter().rev();
        for planned in removed.filter(|p| self.removed.contains_key(&p.number)) {
            let task = planned.number;
            left.remove(&task);
            for test in own.get(&task).into_iter().flatten() {
                left.remove(test);
            }
            for waits in waiting.get(&task).into_iter().flatten() {
                if left.contains(waits) {
                    out.push(Change::Free {
                        task: waits.to_string(),
                        on: task.to_string(),
                    });
                }
            }
            out.push(Change::Remove {
                task: task.to_string(),
                force: false,
            });
        }
    }
}

fn number(target: &Target) -> Option<u32> {
    match target {
        Target::Task(number) => Some(*number),
        Target::New(_) => None,
    }
}

/// What the text asks for and cannot have.
fn refuse(edited: &Edited<'_>, book: &Book<'_>, gone: &Gone<'_>, problems: &mut Problems) {
    let top = edited.title.as_ref().map_or(1, |(line, _)| *line);
    for (number, planned) in &gone.removed {
        if let Some(became) = Book::became(planned) {
            problems.add(
                edited.struck.get(number).copied().unwrap_or(top),
                format!("Task {number} is {became} and cannot be removed here."),
                format!("Put its section back, or take the strokes from it: `### {number}. …`."),
            );
        }
    }
    for sketch in &edited.tasks {
        for on in sketch.sheet.waits.keys().filter(|on| gone.has(on)) {
            let test_of = number(on).and_then(|n| book.tested(book.by_number.get(&n)?));
            let is_own = test_of.is_some_and(|tested| sketch.task == Target::Task(tested.number));
            if gone.along.contains(&sketch.task) || (is_own && gone.along.contains(on)) {
                continue;
            }
            problems.add(
                sketch.lines.of(Field::Waits),
                format!(
                    "Task {} waits for task {}, which goes.",
                    sketch.task.name(),
                    on.name()
                ),
                format!(
                    "Take {} out of this line, or put its section back.",
                    on.name(),
                ),
            );
        }
        let Some(planned) = sketch.planned else {
            continue;
        };
        let (why, hint) = match Book::became(planned) {
            Some(became) => (
                format!("is {became} now"),
                "only its place and its stream can be changed here",
            ),
            None if gone.along.contains(&sketch.task) => (
                "goes with what it tests".into(),
                "leave its section as it was, or delete it",
            ),
            None => continue,
        };
        for (line, what) in differences(sketch, &book.sheet(planned)) {
            problems.add(
                line,
                format!(
                    "Task {} {why}: its {what} cannot be changed.",
                    planned.number
                ),
                format!("Undo this change: {hint}."),
            );
        }
    }
}

/// What is not as it was, apart from place and stream.
fn differences(sketch: &Sketch<'_>, base: &Sheet) -> Vec<(u32, &'static str)> {
    let lines = &sketch.lines;
    let mut fields = sketch.sheet.differing(base);
    if sketch.sheet.waits != base.waits {
        fields.push(Field::Waits.name());
    }
    fields.retain(|field| *field != "stream");
    let line = |field: &str| match field {
        "description" => lines.description,
        "acceptance" => lines.acceptance,
        field => Field::named(field).map_or(lines.heading, |field| lines.of(field)),
    };
    fields
        .into_iter()
        .map(|field| (line(field), field))
        .collect()
}

/// A change for each field of a task that is not as it was.
fn fields(sketch: &Sketch<'_>, base: &Sheet, book: &Book<'_>, out: &mut Vec<Change>) {
    let other = sketch.sheet.differing(base);
    let values = values(&sketch.sheet, &sketch.description, book, sketch.planned);
    for (field, value) in values
        .into_iter()
        .filter(|(field, _)| other.contains(field))
    {
        out.push(Change::Set {
            task: sketch.task.name(),
            field: field.to_string(),
            value,
        });
    }
}

fn new_fields(sketch: &Sketch<'_>, book: &Book<'_>) -> Vec<(String, String)> {
    let all = values(&sketch.sheet, &sketch.description, book, None).into_iter();
    all.filter(|(field, value)| *field != "title" && !value.is_empty())
        .map(|(field, value)| (field.to_string(), value))
        .collect()
}

/// The fields as changes set them. Of lists, what stands in the plan already is given as it stands
/// there, so that it is known again.
fn values(
    sheet: &Sheet,
    description: &str,
    book: &Book<'_>,
    planned: Option<&Planned>,
) -> Vec<(&'static str, String)> {
    let word = |word: Option<&str>| word.unwrap_or_default().to_string();
    let texts = planned.map_or(&[][..], |p| &p.task.acceptance);
    let known_texts = known(texts.iter().map(|criterion| &criterion.text));
    let known_paths = known(planned.map_or(&[][..], |p| &p.task.paths).iter());
    vec![
        ("title", sheet.title.clone()),
        ("description", description.to_string()),
        ("type", word(sheet.item_type)),
        ("estimate", word(sheet.estimate)),
        (
            "points",
            sheet.points.map(|n| n.to_string()).unwrap_or_default(),
        ),
        ("risk", word(sheet.risk)),
        ("validation", word(sheet.validation)),
        ("stream", book.stream(&sheet.stream)),
        ("milestone", sheet.milestone.clone().unwrap_or_default()),
        ("paths", as_known(&sheet.paths, &known_paths)),
        ("auto_policy", word(sheet.auto_policy)),
        ("acceptance", as_known(&sheet.acceptance, &known_texts)),
    ]
}

fn known<'t>(texts: impl Iterator<Item = &'t String>) -> BTreeMap<String, &'t str> {
    let whole = texts.filter(|text| !text.contains(['\n', '\r']));
    whole
        .map(|text| (super::canonical_line::one_line(text), text.as_str()))
        .collect()
}

fn as_known(lines: &[String], known: &BTreeMap<String, &str>) -> String {
    let lines = lines
        .iter()
        .map(|line| known.get(line).copied().unwrap_or(line));
    lines.collect::<Vec<_>>().join("\n")
}

/// The order of the sections, where the plan would not have it after the other changes.
fn order(kept: &[&Sketch<'_>], book: &Book<'_>, gone: &Gone<'_>) -> Option<Change> {
    let streams: BTreeMap<&Target, &str> = kept
        .iter()
        .map(|sketch| (&sketch.task, sketch.sheet.stream.as_str()))
        .collect();
    let stream_of = |task: &&Target| streams.get(*task).copied().unwrap_or_default().to_string();
    // New tasks come in behind the one before them, or at the end.
    let wanted: Vec<&Target> = kept.iter().map(|sketch| &sketch.task).collect();
    let is_new = |task: &&&Target| matches!(task, Target::New(_));
    let leading = wanted.iter().take_while(is_new).count();
    let mut behind: BTreeMap<&Target, &[&Target]> = BTreeMap::new();
    for (at, task) in wanted.iter().enumerate().skip(leading) {
        if matches!(task, Target::Task(_)) {
            let rest = &wanted[at + 1..];
            let count = rest.iter().take_while(is_new).count();
            behind.insert(task, &rest[..count]);
        }
    }
    let tasks: Vec<Target> = book
        .plan
        .tasks
        .iter()
        .map(|p| Target::Task(p.number))
        .collect();
    let mut expected: Vec<&Target> = Vec::with_capacity(wanted.len());
    for task in tasks.iter().filter(|task| !gone.has(task)) {
        expected.push(task);
        expected.extend(behind.get(task).copied().unwrap_or_default());
    }
    expected.extend(&wanted[..leading]);
    (by_streams(expected, stream_of) != by_streams(wanted.clone(), stream_of)).then(|| {
        Change::Order {
            tasks: wanted.iter().map(|task| task.name()).collect(),
        }
    })
}
