//! The declarations agree with themselves and with the command line.

use std::collections::BTreeSet;

use clap::Command;
use serde_json::{Map, Value, json};

use super::*;

/// A valid value of a key.
fn sample(key: &Key) -> Value {
    match &key.shape {
        Shape::Text if key.name == "amount" => "5usd".into(),
        // Also a duration.
        Shape::Text => "1h".into(),
        Shape::Word(words) => words[0].clone().into(),
        Shape::Texts => json!(["x"]),
        Shape::Flag => true.into(),
        Shape::Number(least, _) => (*least).max(1).into(),
        Shape::Numbers(..) => json!([1]),
    }
}

#[test]
fn every_key_reaches_its_request() {
    for verb in &VERBS {
        let all: Map<String, Value> = verb
            .keys()
            .iter()
            .map(|key| (key.name.clone(), sample(key)))
            .collect();
        let read = |keys| verb.read(keys).map(|request| format!("{request:?}"));
        let is_needed = |(name, _): &(&String, &Value)| {
            let mut keys = verb.keys().iter();
            keys.any(|key| key.required && key.name == **name)
        };
        let least: Map<String, Value> = all
            .iter()
            .filter(is_needed)
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        let without = read(least.clone()).unwrap_or_else(|e| panic!("{}: {e}", verb.name));
        for key in verb.keys().iter().filter(|key| !key.required) {
            let mut with = least.clone();
            with.insert(key.name.clone(), all[&key.name].clone());
            let whole = read(with).unwrap_or_else(|e| panic!("{} {}: {e}", verb.name, key.name));
            assert_ne!(whole, without, "{} drops `{}`", verb.name, key.name);
        }
    }
}

/// The long options and arguments of a command are the keys of its request, but for what only a
/// shell has: other ways to give the same text.
#[test]
fn a_command_has_the_names_of_its_request() {
    for verb in &VERBS {
        let command = (verb.arguments)(Command::new("verb"));
        let typed: BTreeSet<String> = command
            .get_arguments()
            .filter(|arg| !verb.only_typed.contains(&arg.get_id().as_str()))
            .flat_map(keys::names)
            .collect();
        let keys: BTreeSet<String> = verb.keys().iter().map(|key| key.name.clone()).collect();
        assert_eq!(typed, keys, "{}", verb.name);
    }
}

#[test]
fn a_verb_is_declared_once_and_described() {
    let names: BTreeSet<&str> = VERBS.iter().map(|verb| verb.name).collect();
    assert_eq!(names.len(), VERBS.len());
    for verb in &VERBS {
        assert!(!verb.about().is_empty(), "{}", verb.name);
        assert!(!verb.about().ends_with('.'), "{}", verb.name);
    }
}

#[test]
fn keys_that_exclude_each_other_are_refused() {
    let verb = Declaration::find("merge").unwrap();
    let Value::Object(both) = json!({ "id": "T-1", "queue": true }) else {
        panic!("an object")
    };
    let error = verb.read(both).unwrap_err();
    assert!(error.message().contains("not both"), "{error}");
}

#[test]
fn a_key_is_refused_with_the_nearest_one() {
    let verb = Declaration::find("task edit").unwrap();
    let refused = |fields: Value| {
        let Value::Object(fields) = fields else {
            panic!("an object")
        };
        verb.read(fields).unwrap_err()
    };
    let error = refused(json!({ "id": "T-1", "add-lable": "x" }));
    assert_eq!(error.subject(), Some("add_lable"));
    assert!(error.hints()[0].to_string().contains("`add_label`"));
    let error = refused(json!({ "id": "T-1", "estimate": "huge" }));
    assert!(error.hints()[0].to_string().contains("XS, S, M, L, XL"));
    let error = refused(json!({ "id": "T-1", "add_label": "x", "add-label": "y" }));
    assert!(error.message().contains("appears twice"), "{error}");
}

/// Where the number that applies without a key depends on who asks, the description names it.
#[test]
fn defaults_that_depend_on_the_caller_are_described() {
    for (verb, key, number) in [
        ("list", "limit", limits::LIST_DEFAULT),
        ("log", "limit", limits::LOG_DEFAULT),
        ("events", "limit", limits::EVENTS_MAX),
        ("board", "cards", crate::work::board::CARDS),
    ] {
        let keys = Declaration::find(verb).unwrap().keys();
        let about = &keys.iter().find(|one| one.name == key).unwrap().about;
        let mut named = about.split(|c: char| !c.is_ascii_digit());
        assert!(
            named.any(|word| word == number.to_string()),
            "{verb}: {about}"
        );
    }
    let stats = Declaration::find("stats").unwrap().keys();
    let mut since = stats.iter().filter(|key| key.name == "since");
    assert!(since.all(|key| key.about.contains(limits::STATS_DEFAULT)));
}
