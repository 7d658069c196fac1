//! Idempotency keys: the record of an operation that was run with one, and its result for a repeated run.

use crate::error::{Error, Reason, Result};
use crate::model::doc::Doc;
use crate::model::uid::Uid;
use crate::model::value::Value;
use crate::pm::Pm;
use crate::store::state::State;
use crate::store::transaction::Tx;

/// The result of an earlier run with the same idempotency key.
pub(crate) fn repeated(pm: &Pm, state: &State<'_>, op: &str) -> Result<Option<Uid>> {
    let all = repeated_all(pm, state, op)?;
    Ok(all.and_then(|uids| uids.into_iter().next()))
}

/// As [`repeated`], for operations on several documents.
pub(crate) fn repeated_all(pm: &Pm, state: &State<'_>, op: &str) -> Result<Option<Vec<Uid>>> {
    let recorded = recorded(pm, state, op)?;
    Ok(recorded.map(|doc| {
        let result = doc.text("result").unwrap_or_default();
        result.split_whitespace().filter_map(Uid::new).collect()
    }))
}

/// The record of an earlier run with the same idempotency key.
pub(crate) fn recorded<'s>(pm: &Pm, state: &'s State<'_>, op: &str) -> Result<Option<&'s Doc>> {
    let Some(key) = key(pm) else {
        return Ok(None);
    };
    let uid = Uid::derived(&["key", &key]);
    let Some(loaded) = state.key_doc(&uid) else {
        return Ok(None);
    };
    let before = loaded.doc.text("op").unwrap_or_default();
    if before != op {
        return Err(reused(&key, &format!("`{before}`")));
    }
    Ok(Some(&loaded.doc))
}

/// As [`recorded`], for an operation on an input: the record has its hash.
pub(crate) fn recorded_of<'s>(
    pm: &Pm,
    state: &'s State<'_>,
    op: &str,
    input: &str,
) -> Result<Option<&'s Doc>> {
    let found = recorded(pm, state, op)?;
    let differs = |doc: &Doc| doc.text(INPUT).is_some_and(|known| known != input);
    match found.filter(|doc| differs(doc)).and(key(pm)) {
        Some(key) => Err(reused(&key, &format!("another `{op}`"))),
        None => Ok(found),
    }
}

/// The hash of the input of the operation, in its record.
pub(crate) const INPUT: &str = "input";

fn reused(key: &str, before: &str) -> Error {
    let shown = crate::model::text::one_line(key);
    Error::usage(format!(
        "the idempotency key `{shown}` was already used for {before}"
    ))
    .hint("use a different key for a different operation")
    .because(Reason::KeyReused)
}

/// Records that the operation with this idempotency key is done.
pub(crate) fn record_key(pm: &Pm, tx: &mut Tx<'_>, op: &str, results: &[Uid]) -> Result<()> {
    record_key_with(pm, tx, op, results, &[])
}

/// As [`record_key`], with additional registers.
pub(crate) fn record_key_with(
    pm: &Pm,
    tx: &mut Tx<'_>,
    op: &str,
    results: &[Uid],
    more: &[(&str, Value)],
) -> Result<()> {
    let Some(key) = key(pm) else {
        return Ok(());
    };
    let results: Vec<&str> = results.iter().map(Uid::as_str).collect();
    let birth = tx.fresh_stamp();
    let mut doc = Doc::new(Uid::derived(&["key", &key]), "key", "", birth);
    doc.put("key", key);
    doc.put("op", op);
    doc.put("result", results.join(" "));
    for (name, value) in more {
        doc.put(name, value.clone());
    }
    tx.insert(doc)
}

/// The idempotency key of the current step.
pub(crate) fn key(pm: &Pm) -> Option<String> {
    let key = pm.options.idempotency_key.as_ref()?;
    Some(format!("{key}{}", pm.step.get()))
}

/// Runs one step of a multi-step operation, each with its own idempotency key.
pub(crate) fn step<T>(pm: &Pm, name: &'static str, run: impl FnOnce() -> T) -> T {
    let outer = pm.step.replace(name);
    let done = run();
    pm.step.set(outer);
    done
}
