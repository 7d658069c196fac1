//! The limits of the built-in agent: size of the context and of answers, number of answers and
//! retries, time limits, temperature, with their defaults and the settings that change them.

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

/// The context size of any other hosted model.
const CONTEXT: u64 = 128_000;

/// The context size on the user's own machine, where memory limits it.
const LOCAL_CONTEXT: u64 = 32_768;

/// The maximum size of an answer in tokens, including reasoning.
const OUTPUT: u64 = 16_000;

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
            None if is_local || name.provider().is_self_hosted => LOCAL_CONTEXT,
            None => CONTEXT,
        };
        ConversationOptions {
            context,
            output_max: OUTPUT.min(context / 4),
            temperature: name.provider().is_self_hosted.then_some(0.1),
            turns: 200,
            restarts: 5,
            patience: Duration::from_secs(300),
            retries: 4,
            first_wait: Duration::from_secs(2),
            longest_wait: Duration::from_secs(60),
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
        assert_eq!(of("ollama/qwen3-coder:latest", true), LOCAL_CONTEXT);
        assert_eq!(of("chat/unknown", false), CONTEXT);
        assert_eq!(of("chat/unknown", true), LOCAL_CONTEXT);
    }
}
