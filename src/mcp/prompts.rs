//! Prompts: instructions that a user starts from the client's menu.

use rmcp::model::{GetPromptResult, JsonObject, Prompt, PromptArgument, PromptMessage, Role};

use super::escape;
use super::resources;
use super::session::Session;
use crate::error::{Error, Reason, Result};
use crate::model::text;

/// A prompt: its name, purpose and argument, whether the argument is required, and the text with places for
/// the argument and the item.
struct Entry {
    name: &'static str,
    about: &'static str,
    argument: &'static str,
    required: bool,
    text: &'static str,
}

const PROMPTS: &[Entry] = &[
    Entry {
        name: "work-on",
        about: "Work on an item, by default the best ready one",
        argument: "id",
        required: false,
        text: include_str!("prompts/work-on.md"),
    },
    Entry {
        name: "plan",
        about: "Turn a document into a plan",
        argument: "document",
        required: true,
        text: include_str!("prompts/plan.md"),
    },
    Entry {
        name: "review",
        about: "Review the work on an item",
        argument: "id",
        required: true,
        text: include_str!("prompts/review.md"),
    },
    Entry {
        name: "handoff",
        about: "Hand an item over to the next agent",
        argument: "id",
        required: true,
        text: include_str!("prompts/handoff.md"),
    },
];

/// The prompts.
pub(super) fn listed() -> Vec<Prompt> {
    let prompt = |one: &Entry| {
        let argument = PromptArgument::new(one.argument).with_required(one.required);
        Prompt::new(one.name, Some(one.about), Some(vec![argument]))
    };
    PROMPTS.iter().map(prompt).collect()
}

/// The text of a prompt.
pub(super) fn get(session: &Session, name: &str, given: &JsonObject) -> Result<GetPromptResult> {
    let entry = PROMPTS.iter().find(|one| one.name == name).ok_or_else(|| {
        let names: Vec<&str> = PROMPTS.iter().map(|one| one.name).collect();
        Error::not_found(format!("there is no prompt `{}`", text::excerpt(name, 40)))
            .because(Reason::PromptUnknown)
            .hint(format!("the prompts are {}", names.join(", ")))
    })?;
    let argument = given.get(entry.argument).and_then(|value| value.as_str());
    let argument = argument.filter(|value| !value.is_empty());
    if entry.required && argument.is_none() {
        return Err(Error::usage(format!(
            "`{name}` requires the argument `{}`",
            entry.argument
        ))
        .because(Reason::ArgumentsInvalid));
    }
    let text = written(session, entry, argument)?;
    let message = PromptMessage::new_text(Role::User, escape::text(&text));
    Ok(GetPromptResult::new(vec![message]).with_description(entry.about))
}

/// A prompt about its argument; without one, about the best item that is ready.
fn written(session: &Session, entry: &Entry, argument: Option<&str>) -> Result<String> {
    let argument = match argument {
        Some(given) => given.to_string(),
        None => session.pm()?.insights().next()?.item.id.clone(),
    };
    let place = format!("{{{}}}", entry.argument);
    let text = entry.text.trim_end();
    let text = text.replace(&place, &text::one_line(&argument));
    match entry.argument {
        "id" => Ok(text.replace("{item}", &resources::item(session, &argument)?)),
        _ => Ok(text),
    }
}
