//! The fields that an item and its issue share, and their three-way comparison: lists by element, else conflicts. Pure.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

/// The fields by name. One that is missing is not compared: that side has no place for it.
pub(crate) type Fields = Map<String, Json>;

/// One line of text.
pub(crate) const TITLE: &str = "title";
/// Markdown, with `\n` as line ends and none at its end; null if it is empty.
pub(crate) const BODY: &str = "body";
/// [`OPEN`], [`COMPLETED`] or [`NOT_PLANNED`].
pub(crate) const STATE: &str = "state";
/// A sorted list.
pub(crate) const LABELS: &str = "labels";
/// A login, or null.
pub(crate) const ASSIGNEE: &str = "assignee";
/// The name of a milestone, or null.
pub(crate) const MILESTONE: &str = "milestone";
/// The type in lower case, or null.
pub(crate) const TYPE: &str = "type";
/// The number of the issue that it is a part of, or null.
pub(crate) const PARENT: &str = "parent";
/// A sorted list of numbers of issues.
pub(crate) const BLOCKED_BY: &str = "blocked_by";

/// Not closed.
pub(crate) const OPEN: &str = "open";
/// Closed as done.
pub(crate) const COMPLETED: &str = "completed";
/// Closed without being done.
pub(crate) const NOT_PLANNED: &str = "not_planned";

/// The fields that are requests of their own.
pub(crate) const RELATIONS: [&str; 2] = [PARENT, BLOCKED_BY];

/// What follows from a comparison.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Comparison {
    /// Values for this side.
    pub(crate) take: Fields,
    /// Values for the forge.
    pub(crate) send: Fields,
    /// Values that both sides have already.
    pub(crate) agreed: Fields,
    /// Values of the forge that differ from ours, where both changed.
    pub(crate) conflicts: Fields,
}

/// Compares both sides with what they last agreed on. Lists merge by element, so they never conflict.
pub(crate) fn compare(base: &Fields, here: &Fields, there: &Fields) -> Comparison {
    let mut all = Comparison::default();
    for (name, theirs) in there {
        let Some(ours) = here.get(name) else {
            continue;
        };
        let known = base.get(name);
        let put = |fields: &mut Fields, value: &Json| {
            fields.insert(name.clone(), value.clone());
        };
        if ours == theirs {
            put(&mut all.agreed, theirs);
        } else if known == Some(ours) {
            put(&mut all.take, theirs);
        } else if known == Some(theirs) {
            put(&mut all.send, ours);
        } else if let (Json::Array(mine), Json::Array(other)) = (ours, theirs) {
            let base = known
                .and_then(Json::as_array)
                .map_or(&[][..], Vec::as_slice);
            let merged = Json::Array(merge(base, mine, other));
            if merged != *ours {
                put(&mut all.take, &merged);
            }
            if merged != *theirs {
                put(&mut all.send, &merged);
            }
        } else {
            put(&mut all.conflicts, theirs);
        }
    }
    all
}

/// What was in the base stays unless a side removed it; what a side added is in.
fn merge(base: &[Json], ours: &[Json], theirs: &[Json]) -> Vec<Json> {
    let stays = |one: &&Json| ours.contains(one) && theirs.contains(one) || !base.contains(one);
    let new = theirs.iter().filter(|one| !ours.contains(one));
    let mut all: Vec<Json> = ours.iter().chain(new).filter(stays).cloned().collect();
    all.sort_by(|a, b| (a.as_u64(), a.as_str()).cmp(&(b.as_u64(), b.as_str())));
    all
}

/// The text of a field.
pub(crate) fn text<'f>(fields: &'f Fields, name: &str) -> Option<&'f str> {
    fields.get(name)?.as_str()
}

/// The texts of a field.
pub(crate) fn texts_of(value: Option<&Json>) -> impl Iterator<Item = &str> {
    let all = value.and_then(Json::as_array).into_iter().flatten();
    all.filter_map(Json::as_str)
}

/// What a forge that has `got` kept of what was sent to it; `None` if that is all, or if somebody has set
/// another value since.
pub(crate) fn what_was_kept(sent: &Json, got: &Json) -> Option<Json> {
    match (sent, got) {
        (Json::Array(sent), Json::Array(got)) => {
            let kept: Vec<Json> = (sent.iter())
                .filter(|one| got.contains(one))
                .cloned()
                .collect();
            (kept.len() < sent.len()).then_some(Json::Array(kept))
        }
        _ => (got.is_null() && !sent.is_null()).then_some(Json::Null),
    }
}

/// A list of texts as a field.
pub(crate) fn texts<'t>(all: impl IntoIterator<Item = &'t str>) -> Json {
    let all: BTreeSet<&str> = all.into_iter().collect();
    Json::from(Vec::from_iter(all))
}

/// A list of numbers as a field.
pub(crate) fn numbers(all: impl IntoIterator<Item = u64>) -> Json {
    let all: BTreeSet<u64> = all.into_iter().collect();
    Json::from(Vec::from_iter(all))
}

/// The numbers of a field.
pub(crate) fn numbers_of(value: Option<&Json>) -> BTreeSet<u64> {
    let all = value.and_then(Json::as_array).into_iter().flatten();
    all.filter_map(Json::as_u64).collect()
}

/// A text as a field: with the line ends of git, and nothing at its end.
pub(crate) fn body(text: &str) -> Json {
    let text = text.replace("\r\n", "\n");
    match text.trim_end() {
        "" => Json::Null,
        text => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn fields(value: Json) -> Fields {
        value.as_object().cloned().unwrap_or_default()
    }

    #[test]
    fn what_one_side_changed_goes_to_the_other() {
        let base = fields(json!({"title": "a", "body": null, "state": "open"}));
        let here = fields(json!({"title": "b", "body": null, "state": "open", "type": "bug"}));
        let there = fields(json!({"title": "a", "body": "x", "state": "completed"}));
        let all = compare(&base, &here, &there);
        assert_eq!(all.send, fields(json!({"title": "b"})));
        assert_eq!(all.take, fields(json!({"body": "x", "state": "completed"})));
        assert!(all.conflicts.is_empty());
    }

    #[test]
    fn what_both_changed_is_a_conflict_unless_it_is_the_same() {
        let base = fields(json!({"title": "a", "state": "open"}));
        let here = fields(json!({"title": "b", "state": "completed"}));
        let there = fields(json!({"title": "c", "state": "completed"}));
        let all = compare(&base, &here, &there);
        assert_eq!(all.conflicts, fields(json!({"title": "c"})));
        assert_eq!(all.agreed, fields(json!({"state": "completed"})));
        // Without a base nothing says who is right.
        let all = compare(&Fields::new(), &here, &there);
        assert_eq!(all.conflicts, fields(json!({"title": "c"})));
    }

    #[test]
    fn what_was_added_since_was_not_dropped() {
        let kept = |sent: Json, got: Json| what_was_kept(&sent, &got);
        assert_eq!(kept(json!(["a"]), json!(["a"])), None);
        assert_eq!(kept(json!([]), json!(["b"])), None);
        assert_eq!(
            kept(json!(["a", "c"]), json!(["b", "c"])),
            Some(json!(["c"]))
        );
        assert_eq!(kept(json!("ana"), Json::Null), Some(Json::Null));
        assert_eq!(kept(json!("ana"), json!("ben")), None);
        assert_eq!(kept(Json::Null, json!("ben")), None);
    }

    fn labels() -> impl Strategy<Value = BTreeSet<&'static str>> {
        prop::collection::btree_set(prop::sample::select(vec!["a", "b", "c", "d"]), 0..4)
    }

    proptest! {
        #[test]
        fn lists_merge_by_element(base in labels(), ours in labels(), theirs in labels()) {
            let of = |all: &BTreeSet<&str>| fields(json!({"labels": texts(all.iter().copied())}));
            let all = compare(&of(&base), &of(&ours), &of(&theirs));
            prop_assert!(all.conflicts.is_empty());
            let end = |side: &BTreeSet<&'static str>, change: &Fields| {
                change.get(LABELS).unwrap_or(&of(side)[LABELS]).as_array().unwrap().clone()
            };
            // Both sides end with the same, which keeps what either added and lacks what either removed.
            let merged = end(&ours, &all.take);
            prop_assert_eq!(&merged, &end(&theirs, &all.send));
            for label in ["a", "b", "c", "d"] {
                let wanted = match base.contains(label) {
                    true => ours.contains(label) && theirs.contains(label),
                    false => ours.contains(label) || theirs.contains(label),
                };
                prop_assert_eq!(merged.contains(&label.into()), wanted);
            }
        }
    }
}
