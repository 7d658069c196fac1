//! The keys of the registry are those of the requests.

use super::super::json_object::fit;
use super::*;

/// A valid value of a key.
fn sample(key: &Key) -> Value {
    match key.shape {
        Shape::Text => "x".into(),
        Shape::Word(words) => words.words[0].into(),
        Shape::Texts => vec!["x"].into(),
        Shape::Flag => true.into(),
        Shape::Priority => 1.into(),
        Shape::Count => 1.into(),
        Shape::Numbers => vec![1].into(),
    }
}

#[test]
fn every_key_of_every_verb_reaches_its_request() {
    for verb in VERBS {
        let all: Map<String, Value> = verb
            .keys()
            .map(|key| (key.name.to_string(), sample(key)))
            .collect();
        let read = |keys| (verb.read)(fit(verb, keys).unwrap()).map(|op| format!("{op:?}"));
        let whole = read(all.clone()).unwrap_or_else(|e| panic!("{}: {e}", verb.op));
        for key in verb.keys().filter(|key| !key.required) {
            let mut without = all.clone();
            without.remove(key.name);
            let part = read(without).unwrap();
            // The batch compares the version, not the request.
            let counts = key.name != IF_VERSION;
            assert_eq!(whole != part, counts, "{} drops `{}`", verb.op, key.name);
        }
    }
}

#[test]
fn no_operation_is_both_allowed_and_refused() {
    for verb in VERBS {
        assert!(alone(verb.op).is_none(), "{}", verb.op);
    }
    assert!(alone("reserve.add").is_some() && alone("reserve").is_none());
}
