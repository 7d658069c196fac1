//! A tool: one call into the library, with its arguments and result as JSON.

use std::iter;
use std::sync::Arc;

use rmcp::model::{CallToolResult, ContentBlock, JsonObject, Tool as Listed, ToolAnnotations};
use serde_json::{Value, json};

use super::session::Session;
use super::{escape, handed_over, item_views, schema, shown_item};
use crate::error::{Error, Failed, Reason, Result};
use crate::model::text;
use crate::run::hand_over::Request;
use crate::verbs::{Declaration, Effect};

type Call = dyn Fn(&Session, JsonObject) -> Result<String> + Send + Sync;

/// A tool.
pub(super) struct Tool {
    pub name: String,
    about: &'static str,
    effect: Effect,
    /// True if a call can override a refusal, whether its key is listed or not.
    can_force: bool,
    input: Arc<JsonObject>,
    call: Box<Call>,
}

impl Tool {
    /// The tool of a declared verb: its words, joined. Its schema lists some keys, or all if none are
    /// named; it takes the others, too.
    pub fn of_verb(verb: &'static Declaration, listed: &[&str]) -> Tool {
        let call = move |session: &Session, arguments: JsonObject| {
            let request = verb.read(arguments)?;
            let pm = match request.place() {
                Some(task) => session.pm_at(task)?,
                None => session.pm()?,
            };
            let (mut data, text) = match shown_item::read(pm, request.as_any())? {
                Some(shown) => shown_item::of_show(session, &shown)?,
                None => {
                    let mut answer = request.run(pm)?;
                    if let (Value::Object(map), false) = (&mut answer, verb.brief.is_empty()) {
                        map.retain(|key, _| verb.brief.contains(&key.as_str()));
                    }
                    shown_item::told(session, answer)?
                }
            };
            escape::value(&mut data);
            if session.is_json() {
                return Ok(data.to_string());
            }
            let text = text.unwrap_or_else(|| item_views::concise_text(&data));
            Ok(escape::text(&text))
        };
        let mut input = schema::of(verb.request);
        if let (Some(Value::Object(keys)), false) = (input.get_mut("properties"), listed.is_empty())
        {
            keys.retain(|key, _| listed.contains(&key.as_str()));
        }
        Tool {
            name: verb.name.replace(' ', "_"),
            about: verb.about(),
            effect: verb.effect,
            can_force: verb.keys().iter().any(|key| key.name == "force"),
            input: Arc::new(input),
            call: Box::new(call),
        }
    }

    /// The tool as listed for the client.
    pub fn listed(&self) -> Listed {
        let hints = match self.effect {
            _ if self.can_force => None,
            Effect::Reads => Some(ToolAnnotations::new().read_only(true)),
            // The protocol's default.
            Effect::Removes => None,
            _ => Some(ToolAnnotations::new().destructive(false)),
        };
        let tool = Listed::new(self.name.clone(), self.about, self.input.clone());
        match hints {
            Some(hints) => tool.with_annotations(hints),
            None => tool,
        }
    }

    /// Calls the tool. A failure is also a result, which the model can read.
    pub fn call(&self, session: &Session, arguments: JsonObject) -> CallToolResult {
        // What uses files or worktrees has to run where the client is.
        let is_request = !matches!(self.effect, Effect::Reads | Effect::Reaches);
        let answer = session.pm().and_then(|pm| {
            Request::require(pm.store.env(), is_request)?;
            (self.call)(session, arguments.clone())
        });
        if let Err(error) = &answer
            && error.reason() == Reason::StateElsewhere
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
