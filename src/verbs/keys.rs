//! The keys of a request, from its JSON Schema, and the check of a JSON object against them.

use std::sync::OnceLock;

use clap::Arg;
use schemars::generate::SchemaSettings;
use schemars::{Schema, SchemaGenerator};
use serde_json::{Map, Value};

use super::Declaration;
use crate::error::{Error, Hint, Reason, Result};
use crate::model::text::{excerpt, similar_names};

/// The form of a key's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A text.
    Text,
    /// A word of a closed list; an empty text clears the field.
    Word(Vec<String>),
    /// A text or a list of texts.
    Texts,
    /// `true` or `false`.
    Flag,
    /// A whole number between two bounds.
    Number(u64, u64),
    /// A number between two bounds or a list of them.
    Numbers(u64, u64),
}

impl Shape {
    /// Its description in an error.
    pub fn words(&self) -> String {
        match self {
            Shape::Text | Shape::Word(_) => "a string".into(),
            Shape::Texts => "a string or a list of strings".into(),
            Shape::Flag => "true or false".into(),
            Shape::Number(0, 4) => "a number from 0 (highest) to 4".into(),
            Shape::Number(..) => "a non-negative integer".into(),
            Shape::Numbers(0, 4) => "a number from 0 (highest) to 4 or a list of them".into(),
            Shape::Numbers(..) => "a positive integer or a list of them".into(),
        }
    }

    fn of(schema: &Value) -> Shape {
        let types = match &schema["type"] {
            Value::String(one) => vec![one.as_str()],
            Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
            // An optional value of a type with a schema of its own.
            _ => {
                let kinds = schema["anyOf"].as_array().into_iter().flatten();
                let mut own = kinds.filter(|kind| kind["type"] != "null");
                return own.next().map_or(Shape::Text, Shape::of);
            }
        };
        let is = |word: &str| types.contains(&word);
        let words = schema["enum"].as_array();
        match words {
            Some(words) => {
                let words = words.iter().filter_map(Value::as_str);
                Shape::Word(words.map(str::to_string).collect())
            }
            None if is("boolean") => Shape::Flag,
            None if is("array") => match Shape::of(&schema["items"]) {
                Shape::Number(least, most) => Shape::Numbers(least, most),
                _ => Shape::Texts,
            },
            None if is("integer") => {
                let bound = |key: &str| schema[key].as_u64();
                let least = bound("minimum").unwrap_or(0);
                Shape::Number(least, bound("maximum").unwrap_or(u64::from(u32::MAX)))
            }
            None => Shape::Text,
        }
    }
}

/// A key of a request.
#[derive(Clone, Debug)]
pub struct Key {
    /// The long option with `_` for `-`, or the name of the argument.
    pub name: String,
    /// The form of its value.
    pub shape: Shape,
    /// True if the key is required.
    pub required: bool,
    /// What it is for.
    pub about: String,
}

impl Key {
    /// True if it takes a list, and differs from a name only in number: `label`, `labels`.
    fn is_list_named(&self, name: &str) -> bool {
        let plural = |one: &str, many: &str| many.strip_suffix('s') == Some(one);
        matches!(self.shape, Shape::Texts | Shape::Numbers(..))
            && (plural(&self.name, name) || plural(name, &self.name))
    }
}

/// The keys of a verb, made when they are first asked for.
pub(crate) struct Keys {
    schema: fn(&mut SchemaGenerator) -> Schema,
    arguments: fn(clap::Command) -> clap::Command,
    only_typed: &'static [&'static str],
    made: OnceLock<(Vec<Key>, String)>,
    /// The pairs of keys that exclude each other. A server lists every verb when it starts, so they
    /// are made for the first request.
    conflicts: OnceLock<Vec<(String, String)>>,
}

impl Keys {
    pub const fn of(
        schema: fn(&mut SchemaGenerator) -> Schema,
        arguments: fn(clap::Command) -> clap::Command,
        only_typed: &'static [&'static str],
    ) -> Keys {
        Keys {
            schema,
            arguments,
            only_typed,
            made: OnceLock::new(),
            conflicts: OnceLock::new(),
        }
    }

    /// The keys.
    pub fn get(&self) -> &[Key] {
        &self.made().0
    }

    /// The sentence that describes the request.
    pub fn about(&self) -> &str {
        &self.made().1
    }

    /// The key that a request means by a name: `-` and `_` are alike, and so are `label` and `labels`.
    pub fn named(&self, name: &str) -> Option<&Key> {
        let (keys, name) = (self.get(), name.replace('-', "_"));
        let exact = keys.iter().find(|key| key.name == name);
        exact.or_else(|| keys.iter().find(|key| key.is_list_named(&name)))
    }

    /// The values that a text gives a key on a command line: several where its argument has a delimiter.
    #[cfg(feature = "serve")]
    pub fn split<'t>(&self, key: &Key, text: &'t str) -> Vec<&'t str> {
        let command = (self.arguments)(clap::Command::new("verb"));
        let mut args = command.get_arguments();
        let arg = args.find(|arg| names(arg).contains(&key.name));
        let mark = arg.and_then(Arg::get_value_delimiter);
        mark.map_or_else(|| vec![text], |mark| text.split(mark).collect())
    }

    /// Checks that no two keys exclude each other.
    fn check(&self, op: &str, given: &Map<String, Value>) -> Result<()> {
        let is_given = |key: &str| {
            let value = given.get(key);
            value.is_some_and(|value| *value != false && !is_empty_list(value))
        };
        let both = |(one, other): &&(String, String)| is_given(one) && is_given(other);
        let conflicts = self.conflicts.get_or_init(|| {
            let command = (self.arguments)(clap::Command::new("verb"));
            conflicts(&command, self.only_typed)
        });
        match conflicts.iter().find(both) {
            None => Ok(()),
            Some((one, other)) => {
                Err(misused(format!("{op} takes `{one}` or `{other}`, not both")).about(one))
            }
        }
    }

    fn made(&self) -> &(Vec<Key>, String) {
        self.made.get_or_init(|| {
            let mut settings = SchemaSettings::draft2020_12();
            settings.inline_subschemas = true;
            let schema = (self.schema)(&mut settings.into_generator()).to_value();
            let required = schema["required"].as_array();
            let is_required = |name: &str| {
                required.is_some_and(|all| all.iter().any(|one| one.as_str() == Some(name)))
            };
            let properties = schema["properties"].as_object().into_iter().flatten();
            let key = |(name, schema): (&String, &Value)| Key {
                name: name.clone(),
                shape: Shape::of(schema),
                required: is_required(name),
                about: schema["description"].as_str().unwrap_or_default().into(),
            };
            let about = schema["description"].as_str().unwrap_or_default();
            let about = about.lines().next().unwrap_or_default();
            (properties.map(key).collect(), about.to_string())
        })
    }
}

/// The pairs of arguments that exclude each other, by the names of their keys. What is only typed may
/// exclude options of every command, which are not known here.
fn conflicts(command: &clap::Command, only_typed: &[&str]) -> Vec<(String, String)> {
    let args = command.get_arguments();
    let keys = args.filter(|arg| !only_typed.contains(&arg.get_id().as_str()));
    let pairs = keys.flat_map(|arg| {
        let others = command.get_arg_conflicts_with(arg).into_iter();
        others.flat_map(|other| {
            let ones = names(arg).into_iter();
            ones.flat_map(|one| {
                names(other)
                    .into_iter()
                    .map(move |other| (one.clone(), other))
            })
        })
    });
    // The other ways to type the same are no keys of their own.
    pairs.filter(|(one, other)| one != other).collect()
}

/// The keys of an argument: its long option, or the names of its value.
pub(super) fn names(arg: &Arg) -> Vec<String> {
    match arg.get_long() {
        Some(long) => vec![long.replace('-', "_")],
        None => {
            let names = arg.get_value_names().unwrap_or_default();
            let names = names.iter().flat_map(|name| name.split('|'));
            names.map(str::to_lowercase).collect()
        }
    }
}

/// A usage error about a request.
pub(super) fn misused(message: String) -> Error {
    Error::usage(message).because(Reason::ArgumentsInvalid)
}

/// A part of the input, shortened and on one line.
pub(super) fn shown(text: &str) -> String {
    excerpt(text, 60)
}

/// Checks the keys of a request, and converts each value to the form of its field.
///
/// # Errors
/// Names the key, and what is allowed.
pub(super) fn fit(verb: &Declaration, given: Map<String, Value>) -> Result<Map<String, Value>> {
    let mut out = Map::new();
    let keys = verb.keys();
    for (name, value) in given {
        let Some(key) = verb.keys.named(&name) else {
            return Err(unknown(verb, &name.replace('-', "_")));
        };
        if value.is_null() {
            continue;
        }
        let fitted = shape(key, value)?.ok_or_else(|| {
            let (op, words) = (verb.op(), key.shape.words());
            misused(format!("`{}` of {op} must be {words}", key.name)).about(&key.name)
        })?;
        if out.insert(key.name.clone(), fitted).is_some() {
            let message = format!("the key `{}` appears twice", key.name);
            return Err(misused(message).about(&key.name));
        }
    }
    let missing = keys
        .iter()
        .find(|key| key.required && out.get(&key.name).is_none_or(is_empty_list));
    verb.keys.check(&verb.op(), &out)?;
    match missing {
        None => Ok(out),
        Some(key) => Err(
            misused(format!("{} needs the key `{}`", verb.op(), key.name))
                .about(&key.name)
                .hint(taken(verb)),
        ),
    }
}

/// A list that names nothing is as none.
fn is_empty_list(value: &Value) -> bool {
    value.as_array().is_some_and(Vec::is_empty)
}

/// The keys that a verb takes.
fn taken(verb: &Declaration) -> String {
    let keys = verb.keys().iter().map(|key| match key.required {
        true => format!("{} (required)", key.name),
        false => key.name.clone(),
    });
    let keys: Vec<String> = keys.collect();
    match keys.is_empty() {
        true => format!("{} takes no keys", verb.op()),
        false => format!("{} takes: {}", verb.op(), keys.join(", ")),
    }
}

fn unknown(verb: &Declaration, name: &str) -> Error {
    let names = verb.keys().iter().map(|key| key.name.as_str());
    let error = misused(format!("{} has no key `{}`", verb.op(), shown(name))).about(shown(name));
    if verb.only_typed.contains(&name) {
        let option = format!("--{}", name.replace('_', "-"));
        let typed = verb.name.split(' ').chain([option.as_str()]);
        return error.hint(Hint::run(
            typed,
            "does it: only the command line has this option",
        ));
    }
    match similar_names(name, names).first() {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error.hint(taken(verb)),
    }
}

/// The value in its form; none where it is of another.
fn shape(key: &Key, value: Value) -> Result<Option<Value>> {
    let fits = |n: &Value, a: u64, b: u64| n.as_u64().is_some_and(|n| (a..=b).contains(&n));
    let list = |value: Value, fits: &dyn Fn(&Value) -> bool| {
        let list = match value {
            Value::Array(list) => list,
            one => vec![one],
        };
        list.iter().all(fits).then_some(Value::Array(list))
    };
    Ok(match &key.shape {
        Shape::Text => value.is_string().then_some(value),
        Shape::Word(words) => match value.as_str() {
            Some(word) => Some(checked(key, word, words)?.into()),
            None => None,
        },
        Shape::Flag => value.is_boolean().then_some(value),
        Shape::Number(least, most) => fits(&value, *least, *most).then_some(value),
        Shape::Texts => list(value, &Value::is_string),
        Shape::Numbers(least, most) => list(value, &|n| fits(n, *least, *most)),
    })
}

/// The word as it is written, found ignoring case.
fn checked<'w>(key: &Key, word: &str, words: &'w [String]) -> Result<&'w str> {
    let found = words.iter().find(|known| known.eq_ignore_ascii_case(word));
    found.map(String::as_str).ok_or_else(|| {
        let known: Vec<&str> = words.iter().map(String::as_str).collect();
        let known = known.into_iter().filter(|word| !word.is_empty());
        let known: Vec<&str> = known.collect();
        misused(format!("`{}` is not a valid {}", shown(word), key.name))
            .about(&key.name)
            .hint(format!("use one of: {}", known.join(", ")))
    })
}
