//! Which records of a file are of items of this state, which were created here and exported.

use std::collections::{BTreeSet, HashMap};

use super::export::without_prefix;
use super::export_record;
use super::json_line::Line;
use super::past_imports::Past;
use super::read_record::{SOURCE, moment};
use super::records_file::Source;
use crate::bridge::content::{Content, Foreign, item_uid};
use crate::bridge::{Outcome, Upsert};
use crate::error::Result;
use crate::model::id::SUFFIX;
use crate::model::item::Item;
use crate::model::limits::NAMES_SHOWN;
use crate::model::stamp::parse_rfc3339;
use crate::model::text::first_of;
use crate::model::uid::Uid;
use crate::model::value::Value;
use crate::store::state::State;
use crate::store::transaction::Tx;

/// The item that was created here with an id, if there is exactly one; without a live one, a
/// deleted one, whose tombstone may have been exported.
pub(super) fn born_here<'s>(state: &'s State<'_>, id: &str) -> Option<&'s Item> {
    let mut named = state.known_as(id);
    named.retain(|item| item.id == id || state.shown_id(item) == id);
    if named.iter().any(|item| !item.deleted) {
        named.retain(|item| !item.deleted);
    }
    match named[..] {
        [item] => Some(item),
        _ => None,
    }
}

/// The ids in a file of items that this state exports: their own ones, and those that a former number, a suffix or
/// `export --prefix` gave them, where the time of creation is theirs, too. Each with the id of an export without prefix.
pub(super) fn own_ids(
    state: &State<'_>,
    source: &Source<'_>,
    known: &BTreeSet<Uid>,
) -> Result<HashMap<String, String>> {
    let (mut own, mut names) = (HashMap::new(), HashMap::<String, Vec<Uid>>::new());
    let rows = source.rows.iter();
    let mut new = rows.filter(|row| !known.contains(&item_uid(SOURCE, &row.id, 0)));
    if known.is_empty() || new.next().is_none() {
        return Ok(own);
    }
    let ids = |item: &Item| (item.uid.clone(), [item.id.clone(), item.born.clone()]);
    for (uid, ids) in state.of_every_item(ids) {
        for id in BTreeSet::from(ids) {
            let id = without_prefix(&id);
            for name in [id.clone() + uid.suffix(SUFFIX), id] {
                names.entry(name).or_default().push(uid.clone());
            }
        }
    }
    let mut lines = source.lines.read()?;
    for row in &source.rows {
        let end = row.id.rsplit_once('-').map_or("", |(_, end)| end);
        let found = [&*row.id, end].map(|id| names.get(&without_prefix(id)));
        let found = found.into_iter().flatten().flatten();
        let mut found = found.filter_map(|uid| state.item(uid)).peekable();
        if known.contains(&item_uid(SOURCE, &row.id, 0)) || found.peek().is_none() {
            continue;
        }
        let line = Line::parse(lines.text(row.at)?).ok();
        let created = line.and_then(|line| moment(&line.text("created_at")?));
        let is_it = |item: &&Item| match created {
            Some(ms) => parse_rfc3339(&item.created_at).is_some_and(|at| at / 1000 == ms / 1000),
            None => item.id == *row.id,
        };
        let found: Vec<&Item> = found.filter(is_it).collect();
        let exact = found.iter().find(|item| item.id == *row.id);
        if let Some(item) = exact.or(found.first().filter(|_| found.len() == 1)) {
            let id = export_record::export_id(state, item);
            own.extend([(row.id.to_string(), id.clone()), (id.clone(), id)]);
        }
    }
    Ok(own)
}

/// Stages the comments of a record of an item that is no issue and was created here. Its other changes are not imported.
pub(super) fn stage_comments(
    tx: &mut Tx<'_>,
    upsert: &mut Upsert<'_>,
    record: &Foreign<'_>,
    item: &Item,
    [mut base, mut new]: [Content; 2],
) -> Result<Outcome> {
    upsert.past = Past::default();
    let reference = item.reference().to_string();
    let is_commented = upsert.comment(tx, record, &reference, &base, &new)?;
    base.comments.clear();
    new.comments.clear();
    if base == new {
        return Ok(match is_commented {
            true => Outcome::Updated,
            false => Outcome::Unchanged,
        });
    }
    let is_changed = |(name, value): (&String, &Value)| base.regs.get(name) != Some(value);
    let names = new
        .regs
        .iter()
        .filter(|(name, value)| is_changed((name, value)));
    let names: Vec<&str> = names.map(|(name, _)| name.as_str()).collect();
    let what = match names.is_empty() {
        true => "what was changed in it".to_owned(),
        false => first_of(&names, NAMES_SHOWN),
    };
    let kind = item.kind.as_str();
    let a = if kind == "epic" { "an" } else { "a" };
    Outcome::skipped(&format!(
        "is {a} {kind} that was created here, of which an import takes comments only, not {what}"
    ))
}

/// True if two records with one id are of two issues: what no tracker changes differs.
pub(super) fn is_another(a: &Content, b: &Content) -> bool {
    ["created_at", "created_by"].iter().any(|name| {
        let both = a.regs.get(*name).zip(b.regs.get(*name));
        both.is_some_and(|(a, b)| a != b)
    })
}
