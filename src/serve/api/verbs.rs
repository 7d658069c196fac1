//! The verbs: `POST /api/v1/task/create` and so on, from their declarations.

use super::super::request::{Answer, Call, Scope};
use super::super::route::{Needs, Returns, Route};
use crate::error::{Error, Result};
use crate::verbs::json_object::Object;
use crate::verbs::{Declaration, Effect, VERBS};

/// What precedes the words of a verb.
const PREFIX: &str = "/api/v1/";

pub(super) fn routes() -> Vec<Route> {
    VERBS.iter().map(route).collect()
}

fn route(verb: &'static Declaration) -> Route {
    let path = format!("{PREFIX}{}", verb.name.replace(' ', "/"));
    // The table of routes is made once.
    let path = Box::leak(path.into_boxed_str());
    let returns = Returns::Data(verb.answer);
    let route = Route::post(path, verb.about(), Some(verb.request), returns, run);
    match verb.effect {
        Effect::Approves => route.needing(Needs::Token(Scope::Approve)),
        Effect::Writes | Effect::Sends | Effect::Removes => route,
    }
}

fn run(call: &Call) -> Result<Answer> {
    let name = call.route().trim_start_matches(PREFIX).replace('/', " ");
    let verb =
        Declaration::find(&name).ok_or_else(|| Error::state(format!("`{name}` is not a verb")))?;
    let request = verb.read(call.json::<Object>()?.0)?;
    // What cannot be staged, such as a claim, is settled with the remote.
    let sends = verb.effect == Effect::Sends || request.staged().is_none();
    let pm = match sends {
        true => call.pm_to_push()?,
        false => call.pm()?,
    };
    let answer = request.run(pm)?;
    Answer::with_version(200, &answer, answer["version"].as_str())
}
