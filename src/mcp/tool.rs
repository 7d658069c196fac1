//! A tool: one call into the library, with its arguments and result as JSON.

use std::borrow::Cow;
use std::iter;
use std::sync::Arc;

use rmcp::model::{CallToolResult, ContentBlock, JsonObject, Tool as Listed, ToolAnnotations};
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::session::Session;
use super::{brief, escape, handed_over, schema, started, views};
use crate::error::{Error, Failed, Result};
use crate::model::text;
use crate::run::Request;
use crate::store::git::task_dir::ELSEWHERE;
use crate::verbs::{self, Declaration};

/// The effect of a tool on the state.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// Nothing.
    Reads,
    /// Adds to it or changes it.
    Writes,
    /// Removes or overrides something.
    Removes,
    /// Writes files, uses worktrees or contacts a remote: nothing that a run does for its agent.
    Reaches,
}

/// A result with a text of its own; that of others is made from their data.
pub(super) trait Shown {
    /// The text for the client's model.
    fn text(&self) -> String;
}

type Call = dyn Fn(&Session, JsonObject) -> Result<String> + Send + Sync;

/// A tool.
pub(super) struct Tool {
    pub name: Cow<'static, str>,
    about: &'static str,
    effect: Effect,
    input: Arc<JsonObject>,
    call: Box<Call>,
}

impl Tool {
    /// A tool whose text is made from its data.
    pub fn new<I, O>(
        name: &'static str,
        effect: Effect,
        about: &'static str,
        run: fn(&Session, I) -> Result<O>,
    ) -> Tool
    where
        I: DeserializeOwned + JsonSchema + 'static,
        O: Serialize + 'static,
    {
        Tool::made::<I, O>((name, effect, about), run, |_| None)
    }

    /// A tool with its own text.
    pub fn shown<I, O>(
        name: &'static str,
        effect: Effect,
        about: &'static str,
        run: fn(&Session, I) -> Result<O>,
    ) -> Tool
    where
        I: DeserializeOwned + JsonSchema + 'static,
        O: Serialize + Shown + 'static,
    {
        Tool::made::<I, O>((name, effect, about), run, |answer| Some(answer.text()))
    }

    /// The tool of a declared verb: its words, joined.
    pub fn of_verb(verb: &'static Declaration) -> Tool {
        let effect = match verb.effect {
            verbs::Effect::Reads => Effect::Reads,
            verbs::Effect::Reaches => Effect::Reaches,
            verbs::Effect::Removes => Effect::Removes,
            verbs::Effect::Writes | verbs::Effect::Sends | verbs::Effect::Approves => {
                Effect::Writes
            }
        };
        let call = move |session: &Session, arguments: JsonObject| {
            let request = verb.read(arguments)?;
            let pm = match request.place() {
                Some(task) => session.pm_at(task)?,
                None => session.pm()?,
            };
            let answer = request.run(pm)?;
            let (mut data, text) = match started::shown(session, &answer)? {
                Some((data, text)) => (data, Some(text)),
                None => (views::concise(answer), None),
            };
            escape::value(&mut data);
            if session.is_json() {
                return Ok(data.to_string());
            }
            let text = text.unwrap_or_else(|| views::concise_text(&data));
            Ok(escape::text(&text))
        };
        Tool {
            name: verb.name.replace(' ', "_").into(),
            about: verb.about(),
            effect,
            input: Arc::new(schema::of(verb.request)),
            call: Box::new(call),
        }
    }

    fn made<I, O>(
        (name, effect, about): (&'static str, Effect, &'static str),
        run: fn(&Session, I) -> Result<O>,
        text: fn(&O) -> Option<String>,
    ) -> Tool
    where
        I: DeserializeOwned + JsonSchema + 'static,
        O: Serialize + 'static,
    {
        let input = Arc::new(schema::of_input::<I>());
        let known = input.clone();
        let call = move |session: &Session, arguments: JsonObject| {
            let input = serde_json::from_value::<I>(Value::Object(arguments))
                .map_err(|error| misused(name, &known, &error))?;
            let answer = run(session, input)?;
            let mut data = serde_json::to_value(&answer)
                .map_err(|error| Error::state(format!("cannot write the result: {error}")))?;
            schema::without_nulls(&mut data);
            escape::value(&mut data);
            if session.is_json() {
                return Ok(data.to_string());
            }
            Ok(text(&answer).map_or_else(|| brief::of(&data), |text| escape::text(&text)))
        };
        Tool {
            name: name.into(),
            about,
            effect,
            input,
            call: Box::new(call),
        }
    }

    /// The tool as listed for the client.
    pub fn listed(&self) -> Listed {
        let keys = self.input.get("properties");
        let overrides = keys.is_some_and(|keys| keys.get("force").is_some());
        let hints = match self.effect {
            _ if overrides => None,
            Effect::Reads => Some(ToolAnnotations::new().read_only(true)),
            Effect::Writes | Effect::Reaches => Some(ToolAnnotations::new().destructive(false)),
            // The protocol's default.
            Effect::Removes => None,
        };
        let tool = Listed::new(self.name.clone(), self.about, self.input.clone());
        match hints {
            Some(hints) => tool.with_annotations(hints),
            None => tool,
        }
    }

    /// Calls the tool. A failure is also a result, which the model can read.
    pub fn call(&self, session: &Session, arguments: JsonObject) -> CallToolResult {
        let is_request = matches!(self.effect, Effect::Writes | Effect::Removes);
        let answer = session.pm().and_then(|pm| {
            Request::require(pm.store.env(), is_request)?;
            (self.call)(session, arguments.clone())
        });
        if let Err(error) = &answer
            && error.reason() == ELSEWHERE
            && is_request
        {
            let handed = handed_over::call(session, &self.name, arguments);
            return handed.unwrap_or_else(|error| failed(&error, &[]));
        }
        let notices = session.notices();
        match answer {
            Ok(text) => {
                // Not in the data, which may have its own `notices`.
                let notes = notices
                    .iter()
                    .map(|one| format!("note: {}", text::block(one)));
                let content = iter::once(text)
                    .chain(notes)
                    .map(ContentBlock::text)
                    .collect();
                CallToolResult::success(content)
            }
            Err(error) => failed(&error, &notices),
        }
    }
}

fn failed(error: &Error, notices: &[String]) -> CallToolResult {
    let text = failure(error, notices).to_string();
    CallToolResult::error(vec![ContentBlock::text(text)])
}

/// An error in the format that the command line prints with `--json`.
pub(super) fn failure(error: &Error, notices: &[String]) -> Value {
    let mut whole = json!({ "error": Failed::from(error) });
    if !notices.is_empty() {
        whole["notices"] = json!(notices);
    }
    escape::value(&mut whole);
    whole
}

/// The error for arguments that a tool does not accept.
fn misused(name: &str, input: &JsonObject, error: &serde_json::Error) -> Error {
    let required = input.get("required").and_then(Value::as_array);
    let is_required = |key: &String| {
        required.is_some_and(|all| all.iter().any(|one| one.as_str() == Some(key.as_str())))
    };
    let properties = input.get("properties").and_then(Value::as_object);
    let keys: Vec<String> = properties
        .into_iter()
        .flat_map(|all| all.keys())
        .map(|key| match is_required(key) {
            true => format!("{key} (required)"),
            false => key.clone(),
        })
        .collect();
    let hint = match keys.is_empty() {
        true => format!("`{name}` takes no arguments"),
        false => format!("`{name}` takes: {}", keys.join(", ")),
    };
    Error::usage(format!("the arguments of `{name}` are not valid: {error}"))
        .because("arguments.invalid")
        .about(name)
        .hint(hint)
}
