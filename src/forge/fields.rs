//! The fields that an item and its issue have in common, and their three-way comparison. Pure.

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
        } else if let (Some(ours), Some(theirs)) = (list(Some(ours)), list(Some(theirs))) {
            let merged = merge(&list(known).unwrap_or_default(), &ours, &theirs);
            let value = Json::Array(merged.iter().map(Element::to_json).collect());
            if merged != ours {
                put(&mut all.take, &value);
            }
            if merged != theirs {
                put(&mut all.send, &value);
            }
        } else {
            put(&mut all.conflicts, theirs);
        }
    }
    all
}

/// An element of a list: a label or a number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Element {
    Number(u64),
    Text(String),
}

impl Element {
    fn to_json(&self) -> Json {
        match self {
            Element::Number(number) => (*number).into(),
            Element::Text(text) => text.as_str().into(),
        }
    }
}

fn list(value: Option<&Json>) -> Option<BTreeSet<Element>> {
    let elements = value?.as_array()?.iter();
    let read = elements.filter_map(|one| match one {
        Json::Number(number) => number.as_u64().map(Element::Number),
        Json::String(text) => Some(Element::Text(text.clone())),
        _ => None,
    });
    Some(read.collect())
}

/// What was in the base stays unless a side removed it; what a side added is in.
fn merge<T: Ord + Clone>(base: &BTreeSet<T>, a: &BTreeSet<T>, b: &BTreeSet<T>) -> BTreeSet<T> {
    let all = a.union(b).cloned();
    all.filter(|one| (a.contains(one) && b.contains(one)) || !base.contains(one))
        .collect()
}

/// What a forge that has `got` kept of what was sent to it; `None` if that is all, or if somebody has set
/// another value since.
pub(crate) fn what_was_kept(sent: &Json, got: &Json) -> Option<Json> {
    match (list(Some(sent)), list(Some(got))) {
        (Some(sent), Some(got)) => {
            let kept = sent.intersection(&got).map(Element::to_json);
            (!sent.is_subset(&got)).then(|| Json::Array(kept.collect()))
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
                list(change.get(LABELS)).unwrap_or_else(|| list(of(side).get(LABELS)).unwrap())
            };
            // Both sides end with the same, which keeps what either added and lacks what either removed.
            let merged = end(&ours, &all.take);
            prop_assert_eq!(&merged, &end(&theirs, &all.send));
            for label in ["a", "b", "c", "d"] {
                let wanted = match base.contains(label) {
                    true => ours.contains(label) && theirs.contains(label),
                    false => ours.contains(label) || theirs.contains(label),
                };
                prop_assert_eq!(merged.contains(&Element::Text(label.into())), wanted);
            }
        }
    }
}
