//! Idempotency keys: the record of an operation that was run with one, and its result for a repeated run.

use std::fmt;

use crate::error::{Error, Reason, Result};
use crate::model::doc::Doc;
use crate::model::uid::{Uid, sha256_hex};
use crate::model::value::Value;
use crate::pm::asked::Asked;
use crate::pm::{Caller, Pm};
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
    let asked = pm.asked.borrow();
    match (loaded.doc.text(INPUT), asked.as_ref()) {
        (Some(known), Some(asked)) if differs(known, &asked.input) => {
            Err(reused(&key, &format!("another `{op}`")))
        }
        _ => Ok(Some(&loaded.doc)),
    }
}

/// The register of a record with the hash of what was asked.
const INPUT: &str = "input";

/// What is asked, until it is dropped.
#[must_use]
pub(crate) struct Asking<'p> {
    pm: &'p Pm,
    /// What was asked before; none if this is part of it.
    before: Option<Option<Asked>>,
}

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        if let Some(before) = self.before.take() {
            self.pm.asked.replace(before);
        }
    }
}

/// Notes what a request asks, unless it is part of another one. A request that names no item is about the
/// one whose worktree it is made in.
pub(crate) fn asking<'p>(pm: &'p Pm, request: &dyn fmt::Debug) -> Asking<'p> {
    if pm.options.idempotency_key.is_none() {
        return Asking { pm, before: None };
    }
    let mut text = format!("{request:?}");
    if text.contains(" id: None") && pm.options.caller != Caller::Away {
        text.push_str(&pm.requester().branch.unwrap_or_default());
    }
    // Another version may have other fields, or write them in another way.
    let hash = sha256_hex(text.as_bytes());
    asking_for(pm, format!("{} {hash}", env!("CARGO_PKG_VERSION")))
}

/// As [`asking`], of an input with this hash.
pub(crate) fn asking_for(pm: &Pm, input: String) -> Asking<'_> {
    let is_part = pm.asked.borrow().as_ref().is_some_and(|one| one.is_final);
    let asked = Asked {
        input,
        is_final: true,
    };
    let before = (!is_part).then(|| pm.asked.replace(Some(asked)));
    Asking { pm, before }
}

/// Adds content to what is asked, which the request only names.
pub(crate) fn also(pm: &Pm, hash: &str) {
    if let Some(asked) = pm.asked.borrow_mut().as_mut() {
        let (version, own) = asked.input.split_once(' ').unwrap_or(("", &asked.input));
        let both = sha256_hex(format!("{own} {hash}").as_bytes());
        asked.input = format!("{version} {both}");
    }
}

/// Notes what a door has received, for what is no verb.
#[cfg(feature = "serve")]
pub(crate) fn received(pm: &Pm, input: String) {
    let is_final = false;
    pm.asked.replace(Some(Asked { input, is_final }));
}

/// True if two inputs are known to be different: those of different versions cannot be compared.
fn differs(one: &str, other: &str) -> bool {
    match (one.split_once(' '), other.split_once(' ')) {
        (Some((one, _)), Some((other, _))) if one != other => false,
        _ => one != other,
    }
}

fn reused(key: &str, before: &str) -> Error {
    let own = key.split_once('\n').map_or(key, |(_, own)| own);
    let shown = crate::model::text::one_line(own);
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
    if let Some(asked) = &*pm.asked.borrow() {
        doc.put(INPUT, asked.input.as_str());
    }
    for (name, value) in more {
        doc.put(name, value.clone());
    }
    tx.insert(doc)
}

/// The idempotency key of the current step: that of one actor, at any door and in any clone.
pub(crate) fn key(pm: &Pm) -> Option<String> {
    let key = pm.options.idempotency_key.as_ref()?;
    // In a task's worktree a human acts under two names.
    let actor = pm.writer("").name.to_lowercase();
    Some(format!("{actor}\n{key}{}", pm.step.get()))
}

/// Runs one step of a multi-step operation, each with its own idempotency key.
pub(crate) fn step<T>(pm: &Pm, name: &'static str, run: impl FnOnce() -> T) -> T {
    let outer = pm.step.replace(name);
    let done = run();
    pm.step.set(outer);
    done
}
