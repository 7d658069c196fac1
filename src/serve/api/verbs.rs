//! The verbs: `POST /api/v1/task/create` and so on, from their declarations.

use serde_json::{Map, Value};

use super::super::request::{Answer, Call, Scope};
use super::super::route::{Kind, Needs, Parameter, Returns, Route, get, post};
use crate::error::{Error, Reason, Result};
use crate::model::text::excerpt;
use crate::verbs::json_object::Object;
use crate::verbs::roles::ROLES;
use crate::verbs::{Declaration, Effect, Key, Shape, VERBS};

pub(super) fn routes() -> Vec<Route> {
    let verbs = VERBS.iter().filter(|verb| verb.alias_of.is_none());
    verbs.map(route).chain(roles()).collect()
}

/// The roles of an orchestrator: `POST /run/developer` is the verb `develop`. Keys may be in the query, as in
/// `/run/reviewer?pr=12`, and the body may be empty.
fn roles() -> impl Iterator<Item = Route> {
    ROLES.into_iter().filter_map(|(role, name)| {
        let verb = VERBS.iter().find(|verb| verb.name == name)?;
        let path = Box::leak(format!("/run/{role}").into_boxed_str());
        let parameters: Vec<Parameter> = verb.keys().iter().map(parameter).collect();
        let answer = move |call: &Call| {
            let mut request = match call.body.is_empty() {
                true => Map::new(),
                false => call.json::<Object>()?.0,
            };
            request.extend(asked(call, verb)?);
            answer(call, verb, request)
        };
        let route = post(path, verb.about()).answers(Returns::Data(verb.answer), answer);
        Some(Route {
            body: Some(verb.request),
            is_verb: true,
            ..route.with(parameters.leak())
        })
    })
}

fn route(verb: &'static Declaration) -> Route {
    let path = format!("/api/v1/{}", verb.name.replace(' ', "/"));
    // The table of routes is made once.
    let path = Box::leak(path.into_boxed_str());
    let returns = Returns::Data(verb.answer);
    let post = || Route {
        body: Some(verb.request),
        ..post(path, verb.about()).answers(returns, move |call| run(call, verb))
    };
    match verb.effect {
        Effect::Reads => {
            let parameters: Vec<Parameter> = verb.keys().iter().map(parameter).collect();
            let route = get(path, verb.about()).with(parameters.leak());
            Route {
                is_verb: true,
                ..route.answers(returns, move |call| run(call, verb))
            }
        }
        Effect::Approves => post().needing(Needs::Token(Scope::Approve)),
        Effect::Writes | Effect::Sends | Effect::Removes | Effect::Reaches => post(),
    }
}

fn parameter(key: &'static Key) -> Parameter {
    Parameter {
        name: &key.name,
        about: &key.about,
        kind: match key.shape {
            Shape::Text | Shape::Word(_) => Kind::Text,
            Shape::Texts | Shape::Numbers(..) => Kind::Texts,
            Shape::Flag => Kind::Flag,
            Shape::Number(..) => Kind::Number,
        },
    }
}

/// The request in the query of a call: repeated parameters are a list, and a comma belongs to the value
/// unless it divides it on the command line, too. A value that is not of its key's form stays a text, so
/// that it is refused as in JSON.
fn asked(call: &Call, verb: &Declaration) -> Result<Map<String, Value>> {
    let mut request = Map::new();
    for (name, text) in &call.query {
        let key = verb.keys.named(name);
        let number = |text: &str| {
            text.parse::<u64>()
                .map_or_else(|_| text.into(), Value::from)
        };
        let values = key.map_or_else(|| vec![text.as_str()], |key| verb.keys.split(key, text));
        let values = values.into_iter().filter(|value| !value.is_empty());
        let value: Value = match key.map(|key| &key.shape) {
            Some(Shape::Texts) => values.collect(),
            Some(Shape::Numbers(..)) => values.map(number).collect(),
            Some(Shape::Number(..)) => number(text),
            Some(Shape::Flag) => match text.as_str() {
                "" | "true" | "1" => true.into(),
                "false" | "0" => false.into(),
                other => other.into(),
            },
            Some(Shape::Text | Shape::Word(_)) | None => text.as_str().into(),
        };
        let name = key.map_or(name, |key| &key.name);
        let Some(before) = request.get_mut(name) else {
            request.insert(name.clone(), value);
            continue;
        };
        let (Value::Array(all), Value::Array(more)) = (before, value) else {
            return Err(
                Error::usage(format!("the key `{}` appears twice", excerpt(name, 40)))
                    .because(Reason::ArgumentsInvalid),
            );
        };
        all.extend(more);
    }
    Ok(request)
}

fn run(call: &Call, verb: &Declaration) -> Result<Answer> {
    let request = match verb.effect {
        Effect::Reads => asked(call, verb)?,
        _ => call.json::<Object>()?.0,
    };
    answer(call, verb, request)
}

fn answer(call: &Call, verb: &Declaration, request: Map<String, Value>) -> Result<Answer> {
    let request = verb.read(request)?;
    let pm = match request.sends() {
        true => call.pm_to_push()?,
        false => call.pm()?,
    };
    let answer = request.run(pm)?;
    Answer::with_version(200, &answer, answer["version"].as_str())
}
