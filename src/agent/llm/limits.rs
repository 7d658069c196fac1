//! The limits of the built-in agent, with their defaults and the settings that change them.
//!
//! Size of the context and of answers, number of answers and retries, time limits, temperature.

use std::time::Duration;

use crate::agent::prices::{self, Price};
use crate::agent::provider::ModelName;
use crate::error::{Error, Reason, Result};
use crate::model::settings;
use crate::pm::Pm;

/// Context sizes in tokens, by prefix of the model's name.
const CONTEXTS: &[(&str, u64)] = &[
    // Longer prompts cost more.
    ("claude-haiku-5", 100_000),
    ("claude-opus-5", 1_000_000),
    ("claude-sonnet-5", 1_000_000),
    ("claude-", 200_000),
    ("gpt-6", 272_000),
    ("gpt-5", 272_000),
    ("gpt-4.1", 1_000_000),
    ("gpt-4o", 128_000),
    ("o3", 200_000),
    ("o4-mini", 200_000),
    ("MiniMax-M2", 200_000),
];

/// The context size of any other hosted model, in tokens.
const CONTEXT_DEFAULT: u64 = 128_000;

/// The context size on the user's own machine, where memory limits it, in tokens.
const LOCAL_CONTEXT_DEFAULT: u64 = 32_768;

/// The longest wait between two requests, unless the server asks for a longer one.
pub(super) const RETRY_WAIT_MAX: Duration = Duration::from_secs(60);

/// The number of consecutive empty or truncated answers that ends the conversation.
pub(super) const POOR_ANSWERS_MAX: u32 = 4;

/// The number of equal calls after which the model is warned.
pub(super) const REPEATS_TOLD: u32 = 3;

/// The number of equal calls after which it is stopped.
pub(super) const REPEATS_MAX: u32 = 6;

/// The smallest limit of an answer that is tried after a server rejects a larger one, in tokens.
pub(super) const OUTPUT_TOKENS_MIN: u64 = 1_000;

/// The timeout for a connection.
pub(super) const CONNECT_TIME_MAX: Duration = Duration::from_secs(15);

/// The maximum size of an answer, in bytes.
pub(super) const ANSWER_MAX: usize = 32 << 20;

/// The maximum size of a line of an answer, in bytes.
pub(super) const ANSWER_LINE_MAX: usize = 4 << 20;

/// The maximum size that is read of an error response's body, in bytes.
pub(super) const FAILURE_BODY_MAX: usize = 16 << 10;

/// The maximum number of parts in an answer.
pub(super) const ANSWER_PARTS_MAX: usize = 64;

/// The maximum size of an answer's parts, in bytes.
pub(super) const ANSWER_PARTS_SIZE_MAX: usize = 4 << 20;

/// The longest name that a model can give to a call or a tool, in bytes.
pub(super) const CALL_NAME_MAX: usize = 128;

/// The maximum number of unreadable events in one answer.
pub(super) const UNREADABLE_EVENTS_MAX: u64 = 20;

/// The time limit of a command if the model requests no other, in seconds.
pub(super) const COMMAND_SECONDS_DEFAULT: u64 = 120;

/// The longest time limit that a model can request, in seconds.
pub(super) const COMMAND_SECONDS_MAX: u64 = 1_800;

/// The time limit of the built-in agent's own commands, such as a commit.
pub(super) const OWN_COMMAND_TIME_MAX: Duration = Duration::from_secs(60);

/// The maximum output kept of a command, in bytes; the middle is cut.
pub(super) const COMMAND_OUTPUT_MAX: usize = 256 << 10;

/// The largest file that is read, in bytes.
pub(super) const FILE_READ_MAX: u64 = 16 << 20;

/// The largest file that a replacement may produce, in bytes.
pub(super) const FILE_WRITTEN_MAX: usize = 16 << 20;

/// The longest handoff, in bytes.
pub(super) const HANDOFF_MAX: usize = 12_000;

/// The maximum number of entries in a list of a handoff.
pub(super) const HANDOFF_ENTRIES_MAX: usize = 50;

/// The longest entry of a handoff, in characters.
pub(super) const HANDOFF_ENTRY_MAX: usize = 600;

/// The limits and options of a conversation.
#[derive(Clone, Debug, PartialEq)]
pub struct ConversationOptions {
    /// The context size in tokens.
    pub context: u64,
    /// The maximum number of tokens in an answer.
    pub output_max: u64,
    /// The temperature; the server's own by default.
    pub temperature: Option<f64>,
    /// The maximum number of answers.
    pub turns: u64,
    /// The maximum number of restarts of a conversation that fills its context.
    pub restarts: u32,
    /// The maximum time for which the server may stay silent.
    pub patience: Duration,
    /// The maximum number of retries after transient failures.
    pub retries: u32,
    /// The wait before the first retry; it doubles with each one.
    pub first_wait: Duration,
    /// The longest wait between requests; a longer one ends the attempt at the task.
    pub longest_wait: Duration,
    /// The price of the model, if it is known.
    pub price: Option<Price>,
}

impl ConversationOptions {
    /// The defaults for a model.
    pub fn new(name: &ModelName, is_local: bool) -> ConversationOptions {
        let own = name.model().rsplit('/').next().unwrap_or_default();
        let known = CONTEXTS.iter().find(|(begin, _)| own.starts_with(begin));
        let context = match known {
            Some((_, context)) => *context,
            None if is_local || name.provider().is_self_hosted => LOCAL_CONTEXT_DEFAULT,
            None => CONTEXT_DEFAULT,
        };
        ConversationOptions {
            context,
            output_max: settings::MODEL_OUTPUT.number(None).min(context / 4),
            temperature: name.provider().is_self_hosted.then_some(0.1),
            turns: settings::MODEL_TURNS.number(None),
            restarts: 5,
            patience: Duration::from_secs(settings::MODEL_TIMEOUT.number(None)),
            retries: 4,
            first_wait: Duration::from_secs(2),
            longest_wait: RETRY_WAIT_MAX,
            price: None,
        }
    }

    /// The defaults, with the overrides from the configuration.
    ///
    /// # Errors
    /// When a value cannot be used.
    pub fn of(pm: &Pm, name: &ModelName, is_local: bool) -> Result<ConversationOptions> {
        let repo = pm.store.repo();
        let mut options = ConversationOptions::new(name, is_local);
        let wrong = |setting: &settings::Definition, what: &str| {
            Error::usage(format!("the value of {} is not {what}", setting.key))
                .because(Reason::ModelSetting)
        };
        for value in repo.config_all(settings::MODEL_CONTEXT.key) {
            let Some((of, size)) = value.split_once('=') else {
                return Err(wrong(&settings::MODEL_CONTEXT, "`PROVIDER/NAME=TOKENS`"));
            };
            if prices::is_named(name, of.trim()) {
                let size = size.trim().parse().ok().filter(|size| *size >= 4_096);
                options.context = size.ok_or_else(|| {
                    wrong(
                        &settings::MODEL_CONTEXT,
                        "a number of tokens of at least 4096",
                    )
                })?;
            }
        }
        let set = repo.number_of(&settings::MODEL_OUTPUT);
        // An answer leaves room for the conversation.
        options.output_max = set.clamp(256, (options.context / 4).max(256));
        let set = repo.text_of(&settings::MODEL_TEMPERATURE);
        if !set.is_empty() {
            let set = set.trim().parse::<f64>().ok();
            let set = set.filter(|set| (0.0..=2.0).contains(set));
            options.temperature = Some(
                set.ok_or_else(|| wrong(&settings::MODEL_TEMPERATURE, "a number from 0 to 2"))?,
            );
        }
        options.turns = repo.number_of(&settings::MODEL_TURNS).max(1);
        let patience = repo.number_of(&settings::MODEL_TIMEOUT).max(1);
        options.patience = Duration::from_secs(patience);
        options.price = prices::price(name, &repo.config_all(settings::PRICE.key))?;
        Ok(options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// MR-15: the size of the context is known, or assumed to be small.
    #[test]
    fn contexts_are_known_or_small() {
        let of =
            |name: &str, local| ConversationOptions::new(&name.parse().unwrap(), local).context;
        assert_eq!(of("anthropic/claude-sonnet-4-5", false), 200_000);
        assert_eq!(of("anthropic/claude-opus-5-5", false), 1_000_000);
        assert_eq!(of("openrouter/openai/gpt-4o-mini", false), 128_000);
        assert_eq!(of("ollama/qwen3-coder:latest", true), LOCAL_CONTEXT_DEFAULT);
        assert_eq!(of("chat/unknown", false), CONTEXT_DEFAULT);
        assert_eq!(of("chat/unknown", true), LOCAL_CONTEXT_DEFAULT);
    }
}
