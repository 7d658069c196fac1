//! Many operations as one commit: how lines of JSON are staged, and when none is applied.
//!
//! JSON Lines, each an operation of one command, staged by the code of that command. All or none are
//! applied, unless the caller allows invalid lines to be left out.

mod input_lines;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::io::BufRead;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::limits::BATCH_REMEMBERED_MAX;
use crate::coordinate::idempotency;
use crate::coordinate::renew_claims;
use crate::coordinate::write;
use crate::coordinate::write::require_this_version;
use crate::error::{Error, Hint, Result};
use crate::model::doc::Doc;
use crate::model::id_run;
use crate::model::text::similar_names;
use crate::model::uid::Uid;
use crate::model::value::Value;
use crate::pm::Pm;
use crate::pm::handles::Items;
use crate::pm::who_acts::require_name;
use crate::store::handle::Written;
use crate::store::state::State;
use crate::store::transaction::Tx;
use crate::work::task::approval;
use crate::work::task::cycles::{Closed, Cycles};

use super::json_object;
use super::keys::{misused, shown};
use super::{Declaration, Effect, Request, Staged};
use input_lines::Lines;

/// The report of a batch.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct BatchReport {
    /// The commit; `None` when nothing changed.
    pub commit: Option<String>,
    /// The number of its operations.
    pub applied: usize,
    /// The ids of the items that they changed, each once, in the order of the lines.
    pub items: Vec<String>,
    /// The lines that were left out.
    pub skipped: Vec<SkippedLine>,
    /// The numbers of operations by result: `7,000 created, 3,000 cancelled`.
    #[serde(skip)]
    pub summary: String,
}

/// A line of a batch that was left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SkippedLine {
    /// Its number, from 1.
    pub line: usize,
    /// The error of the line.
    pub error: String,
}

/// Options of a batch.
#[derive(Clone, Debug, Default)]
pub struct BatchOptions {
    /// Leave out lines that cannot be applied, and apply the rest.
    pub skip_invalid: bool,
}

/// The operation's name in the history and in idempotency records.
const OP: &str = "batch";

/// A line that can be staged.
struct Line {
    number: usize,
    verb: &'static Declaration,
    if_version: Option<String>,
    request: Box<dyn Request>,
}

impl Line {
    /// What is staged of it; the line was refused if that is nothing.
    fn staged(&self) -> Result<&dyn Staged> {
        let staged = self.request.staged();
        staged.ok_or_else(|| alone(&self.verb.op(), "does more than change the state"))
    }
}

/// The key of the version that the item of a line must still have.
const IF_VERSION: &str = "if-version";

/// Verbs that do more than change the state, and the reason why a batch cannot have them. A name
/// that ends in a dot covers the whole group.
const ALONE: &[(&str, &str)] = &[
    ("start", "creates a branch and a worktree"),
    ("task.start", "creates a branch and a worktree"),
    ("epic.start", "creates a branch and a worktree"),
    ("next", "claims an item through the remote"),
    ("issue.claim", "claims an item through the remote"),
    ("finish", "checks the worktree and runs gates"),
    ("task.finish", "checks the worktree and runs gates"),
    ("task.drop", "checks the worktree"),
    ("merge", "moves a branch"),
    ("reserve.", "has to be confirmed by the remote"),
    ("sync", "uses remotes"),
    ("push", "uses remotes"),
    ("pull", "uses remotes"),
];

/// The result of one run of the transaction.
#[derive(Default)]
struct Applied {
    applied: usize,
    items: Vec<String>,
    skipped: BTreeMap<usize, Error>,
    summary: String,
}

impl Items<'_> {
    /// Applies JSON Lines as one commit: `{"op":"task.create","title":…}`, with the keys of
    /// the verb's request ([`VERBS`](super::VERBS)). Later lines see the results of earlier ones.
    ///
    /// # Errors
    /// The error of the first line that cannot be applied, with its number; nothing is written
    /// then. With [`BatchOptions::skip_invalid`] only errors of the batch as a whole.
    pub fn batch(&self, input: &mut dyn BufRead, options: &BatchOptions) -> Result<BatchReport> {
        require_name(&self.pm.actor)?;
        if self.pm.options.if_version.is_some() {
            return Err(Error::usage("`--if-version` cannot be used with a batch")
                .hint("set it on the line of the item: \"if-version\":\"STAMP\""));
        }
        let _writing = self.pm.writing();
        let mut bad = BTreeMap::new();
        let lines = read(input, options.skip_invalid, &mut bad)?;
        let key = idempotency::key(self.pm);
        let _asking = key.map(|_| idempotency::asking_for(self.pm, lines.hash()));
        if let Some(before) = batch_before(self.pm)? {
            return Ok(before);
        }
        let approvals: Vec<&str> = lines.approvals.iter().map(|(_, id)| id.as_str()).collect();
        approval::before_approvals(self.pm, &approvals, None)?;
        let (written, staged) = apply(self.pm, &lines, options.skip_invalid, &mut bad)?;
        if written.changed {
            write::after_write(self.pm);
            let approvals = lines.approvals.iter();
            for (_, id) in approvals.filter(|(number, _)| !staged.skipped.contains_key(number)) {
                approval::report_approved_commit(self.pm, id)?;
            }
        }
        match written.value {
            Some(before) => Ok(before),
            None => Ok(BatchReport {
                commit: written.changed.then(|| written.commit.to_string()),
                applied: staged.applied,
                items: staged.items,
                skipped: skipped_lines(&staged.skipped),
                summary: staged.summary,
            }),
        }
    }
}

/// The report of the batch that had the same idempotency key.
fn batch_before(pm: &Pm) -> Result<Option<BatchReport>> {
    if idempotency::key(pm).is_none() {
        return Ok(None);
    }
    let state = pm.store.state()?;
    let before = idempotency::recorded(pm, &state, OP)?;
    Ok(before.map(|doc| reported(&state, doc)))
}

/// Runs the transaction, and again without the lines that failed after they had staged
/// something. Lines that are left out are added to `bad`.
fn apply(
    pm: &Pm,
    lines: &Lines,
    skip: bool,
    bad: &mut BTreeMap<usize, Error>,
) -> Result<(Written<Option<BatchReport>>, Applied)> {
    loop {
        let staged = RefCell::new(Applied::default());
        let late = RefCell::new(Vec::new());
        let written = pm.store.write(&pm.writer(OP), |tx| {
            if let Some(doc) = idempotency::recorded(pm, &tx.state, OP)? {
                return Ok(Some(reported(&tx.state, doc)));
            }
            *staged.borrow_mut() = stage_all(pm, tx, lines, skip, bad, &late)?;
            Ok(None)
        });
        let late = late.into_inner();
        if !skip || late.is_empty() {
            return Ok((written?, staged.into_inner()));
        }
        bad.extend(late);
    }
}

/// Stages every line that is not known to be invalid.
fn stage_all(
    pm: &Pm,
    tx: &mut Tx<'_>,
    lines: &Lines,
    skip: bool,
    bad: &BTreeMap<usize, Error>,
    late: &RefCell<Vec<(usize, Error)>>,
) -> Result<Applied> {
    let mut cycles = Cycles::noted();
    let mut staged = Applied {
        skipped: bad.iter().map(|(n, e)| (*n, e.clone())).collect(),
        ..Applied::default()
    };
    let mut done: BTreeMap<&'static str, usize> = BTreeMap::new();
    let (mut touched, mut seen) = (Vec::new(), BTreeSet::new());
    for at in 0..lines.len() {
        let (number, text) = lines.at(at);
        if bad.contains_key(&number) {
            continue;
        }
        let line = &parse(number, text)?;
        tx.step(text.len())?;
        let before = tx.changes();
        cycles.step(line.number);
        match stage_line(pm, tx, line, &mut cycles) {
            Ok(uids) => {
                *done.entry(line.verb.done).or_default() += 1;
                staged.applied += 1;
                for uid in uids {
                    if seen.insert(uid.clone()) {
                        let item = tx.state.item(&uid);
                        let id = item.map(|item| tx.state.shown_id(item));
                        staged.items.push(id.unwrap_or_else(|| uid.to_string()));
                        touched.push(uid);
                    }
                }
            }
            Err(error) => {
                let error = prefixed(&line.verb.op(), &error);
                if !skip || tx.changes() != before {
                    late.borrow_mut().push((line.number, error.clone()));
                    return Err(on_line(line.number, &error));
                }
                staged.skipped.insert(line.number, error);
            }
        }
    }
    let mut closed = cycles.closed(&tx.state, usize::MAX);
    closed.sort_by_key(|cycle| cycle.step);
    closed.dedup_by_key(|cycle| cycle.step);
    let closed: Vec<(usize, Error)> = closed
        .into_iter()
        .filter_map(|Closed { step, error, .. }| {
            let line = parse(step, lines.of(step)?).ok()?;
            Some((step, prefixed(&line.verb.op(), &error)))
        })
        .collect();
    if let Some((number, error)) = closed.first() {
        let error = on_line(*number, error);
        late.borrow_mut().extend(closed);
        return Err(error);
    }
    staged.summary = summary(&done);
    conclude(pm, tx, &staged, &touched)?;
    Ok(staged)
}

fn stage_line(pm: &Pm, tx: &mut Tx<'_>, line: &Line, cycles: &mut Cycles) -> Result<Vec<Uid>> {
    let staged = line.staged()?;
    match (&line.if_version, staged.ids()) {
        (None, _) => {}
        (Some(wanted), [id]) => {
            let item = tx.state.find(id)?;
            require_this_version(&tx.state, item, wanted)?;
        }
        (Some(_), _) => {
            let message = format!("`{IF_VERSION}` is the version of one item");
            return Err(misused(message).about(IF_VERSION));
        }
    }
    staged.stage(pm, tx, cycles)
}

/// The parts that a batch has once, as every single command: the message, the idempotency key,
/// the renewal of the caller's own claim.
fn conclude(pm: &Pm, tx: &mut Tx<'_>, staged: &Applied, touched: &[Uid]) -> Result<()> {
    if staged.applied == 0 {
        return Ok(());
    }
    let items = id_run::shorten(&staged.items);
    let items: Vec<&str> = items.iter().map(String::as_str).collect();
    let what = if staged.applied == 1 {
        "operation"
    } else {
        "operations"
    };
    tx.describe(OP, &items, "");
    tx.subject(&format!(
        "{OP}: {} {what}: {}",
        grouped(staged.applied),
        staged.summary
    ));
    if idempotency::key(pm).is_some() {
        if touched.len() > BATCH_REMEMBERED_MAX {
            return Err(Error::usage(format!(
                "an idempotency key records at most {BATCH_REMEMBERED_MAX} items, but the batch has {}",
                touched.len()
            ))
            .hint("split it, with a key for each part"));
        }
        let skipped = serde_json::to_string(&skipped_lines(&staged.skipped))
            .map_err(|e| Error::state(format!("cannot record the skipped lines: {e}")))?;
        let more = [
            (
                "applied",
                Value::Int(i64::try_from(staged.applied).unwrap_or(i64::MAX)),
            ),
            ("skipped", Value::from(skipped)),
            ("summary", Value::from(staged.summary.as_str())),
        ];
        idempotency::record_key_with(pm, tx, OP, touched, &more)?;
    }
    renew_claims::renew_here(pm, tx)?;
    Ok(())
}

/// Parses all lines before anything is locked. Individually invalid ones go to `bad`.
fn read(input: &mut dyn BufRead, skip: bool, bad: &mut BTreeMap<usize, Error>) -> Result<Lines> {
    let mut all = Lines::default();
    input_lines::read(input, |number, text| {
        match text.and_then(|text| Ok((parse(number, text)?, text))) {
            Ok((line, text)) => {
                all.push(number, text);
                if line.verb.effect == Effect::Approves {
                    let ids = line.request.staged().map_or(&[][..], Staged::ids);
                    let approved = ids.iter().map(|id| (number, id.clone()));
                    all.approvals.extend(approved);
                }
            }
            Err(error) => {
                if !skip {
                    return Err(on_line(number, &error));
                }
                bad.insert(number, error);
            }
        }
        Ok(())
    })?;
    Ok(all)
}

fn parse(number: usize, text: &str) -> Result<Line> {
    let mut given = json_object::parse(text)?.0;
    let op = match given.get("op") {
        Some(serde_json::Value::String(op)) => op.clone(),
        Some(_) => return Err(Error::usage("`op` must be a string")),
        None => {
            return Err(Error::usage("the key `op` is missing")
                .hint("`op` is the command's words joined by dots: \"task.create\""));
        }
    };
    let verb = Declaration::find(&op.replace('.', " ")).filter(|verb| verb.is_staged);
    let Some(verb) = verb else {
        return Err(no_verb(&op));
    };
    let version = given.remove(IF_VERSION);
    let version = version.or_else(|| given.remove("if_version"));
    let is_create = !verb.keys().iter().any(|key| key.name == "id");
    let if_version = match version {
        None => None,
        Some(_) if is_create => {
            let message = format!("{op} has no key `{IF_VERSION}`: it changes no item");
            return Err(misused(message).about(IF_VERSION));
        }
        Some(serde_json::Value::Null) => None,
        Some(serde_json::Value::String(version)) => Some(version),
        Some(_) => {
            let message = format!("`{IF_VERSION}` of {op} must be a string");
            return Err(misused(message).about(IF_VERSION));
        }
    };
    given.remove("op");
    let line = Line {
        number,
        verb,
        if_version,
        request: verb.read(given)?,
    };
    line.staged()?;
    Ok(line)
}

/// The error for an operation that a batch cannot have.
fn alone(op: &str, why: &str) -> Error {
    let words = shown(&op.replace('.', " "));
    Error::usage(format!(
        "`{}` cannot be part of a batch: it {why}",
        shown(op)
    ))
    .hint(Hint::run(words.split(' '), "works outside a batch"))
}

fn no_verb(op: &str) -> Error {
    let known = |name: &&str| *name == op || (name.ends_with('.') && op.starts_with(*name));
    if let Some((_, why)) = ALONE.iter().find(|(name, _)| known(name)) {
        return alone(op, why);
    }
    let staged = super::VERBS.iter().filter(|verb| verb.is_staged);
    let known: Vec<String> = staged.map(Declaration::op).collect();
    let error = Error::usage(format!("`{}` is not an operation of a batch", shown(op)));
    match similar_names(op, known.iter().map(String::as_str)).first() {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error.hint(format!("operations are {}", known.join(", "))),
    }
}

/// An error with the number of its line.
fn on_line(number: usize, error: &Error) -> Error {
    prefixed(&format!("line {number}"), error)
}

fn prefixed(place: &str, error: &Error) -> Error {
    error
        .clone()
        .reworded(format!("{place}: {}", error.message()))
}

/// The skipped lines for the report.
fn skipped_lines(skipped: &BTreeMap<usize, Error>) -> Vec<SkippedLine> {
    skipped
        .iter()
        .map(|(line, error)| SkippedLine {
            line: *line,
            error: error.message().to_string(),
        })
        .collect()
}

/// The report of a batch that was applied before, from its idempotency record.
fn reported(state: &State<'_>, doc: &Doc) -> BatchReport {
    let uids = doc.text("result").unwrap_or_default();
    let items = uids.split_whitespace().filter_map(Uid::new);
    let skipped = doc.text("skipped").unwrap_or_default();
    let applied = doc.value("applied").as_int().unwrap_or(0);
    BatchReport {
        commit: None,
        applied: usize::try_from(applied).unwrap_or(0),
        items: items
            .filter_map(|uid| state.item(&uid))
            .map(|item| state.shown_id(item))
            .collect(),
        skipped: serde_json::from_str(skipped).unwrap_or_default(),
        summary: doc.text("summary").unwrap_or_default().to_string(),
    }
}

/// The numbers of operations by result, the most frequent first: `7,000 created, 3,000 cancelled`.
fn summary(done: &BTreeMap<&str, usize>) -> String {
    let mut counts: Vec<(&&str, &usize)> = done.iter().collect();
    counts.sort_by_key(|(_, n)| std::cmp::Reverse(**n));
    let words: Vec<String> = counts
        .into_iter()
        .map(|(word, n)| format!("{} {word}", grouped(*n)))
        .collect();
    words.join(", ")
}

/// A number with commas between its thousands.
fn grouped(n: usize) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests;
