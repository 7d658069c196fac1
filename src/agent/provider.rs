//! The providers of language models (Anthropic, OpenAI, Ollama, …): URL, variables with the key, protocol.
//!
//! And the names of models, `model:PROVIDER/NAME`.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Result};
use crate::model::text;

/// The format of requests and answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// Anthropic's Messages API.
    Messages,
    /// OpenAI's Responses API.
    Responses,
    /// OpenAI's chat completions, which many servers implement.
    Chat,
    /// Ollama's own `/api/chat`.
    Ollama,
}

/// A service that serves models.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Provider {
    /// Its name in `model:NAME/…`.
    pub name: &'static str,
    pub protocol: Protocol,
    /// The default base URL; if empty, it has to be configured.
    pub url: &'static str,
    /// The variables that override the base URL; the first one set takes precedence.
    pub url_vars: &'static [&'static str],
    /// The variables with the key; the first one set takes precedence.
    pub key_vars: &'static [&'static str],
    /// True if no request is accepted without a key.
    pub needs_key: bool,
    /// The name of the answer limit field in chat completions.
    pub limit_field: &'static str,
    /// True for servers that users run themselves: memory limits the context, and the temperature
    /// is set, which some hosted models refuse.
    pub is_self_hosted: bool,
}

/// A server with chat completions that the user names.
const CHAT: Provider = Provider {
    name: "chat",
    protocol: Protocol::Chat,
    url: "",
    url_vars: &["CHAT_BASE_URL"],
    key_vars: &["CHAT_API_KEY"],
    needs_key: false,
    limit_field: "max_tokens",
    is_self_hosted: false,
};

const OPENAI: Provider = Provider {
    name: "openai",
    protocol: Protocol::Responses,
    url: "https://api.openai.com/v1",
    url_vars: &["OPENAI_BASE_URL", "OPENAI_API_BASE"],
    key_vars: &["OPENAI_API_KEY"],
    needs_key: true,
    ..CHAT
};

/// All services.
pub(crate) const PROVIDERS: &[Provider] = &[
    Provider {
        name: "anthropic",
        protocol: Protocol::Messages,
        url: "https://api.anthropic.com",
        url_vars: &["ANTHROPIC_BASE_URL"],
        key_vars: &["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"],
        needs_key: true,
        ..CHAT
    },
    OPENAI,
    Provider {
        name: "openai-chat",
        protocol: Protocol::Chat,
        limit_field: "max_completion_tokens",
        ..OPENAI
    },
    Provider {
        name: "minimax",
        url: "https://api.minimax.io/v1",
        url_vars: &["MINIMAX_BASE_URL"],
        key_vars: &["MINIMAX_API_KEY"],
        needs_key: true,
        ..CHAT
    },
    Provider {
        name: "openrouter",
        url: "https://openrouter.ai/api/v1",
        url_vars: &["OPENROUTER_BASE_URL"],
        key_vars: &["OPENROUTER_API_KEY"],
        needs_key: true,
        ..CHAT
    },
    Provider {
        name: "lmstudio",
        url: "http://127.0.0.1:1234/v1",
        url_vars: &["LMSTUDIO_BASE_URL"],
        key_vars: &["LMSTUDIO_API_KEY"],
        is_self_hosted: true,
        ..CHAT
    },
    Provider {
        name: "vllm",
        url: "http://127.0.0.1:8000/v1",
        url_vars: &["VLLM_BASE_URL"],
        key_vars: &["VLLM_API_KEY"],
        is_self_hosted: true,
        ..CHAT
    },
    Provider {
        name: "ollama",
        protocol: Protocol::Ollama,
        url: "http://127.0.0.1:11434",
        url_vars: &["OLLAMA_BASE_URL", "OLLAMA_HOST"],
        key_vars: &["OLLAMA_API_KEY"],
        is_self_hosted: true,
        ..CHAT
    },
    CHAT,
];

/// The longest name of a model, in bytes.
const NAME_MAX: usize = 200;

/// A model at a provider: `anthropic/claude-sonnet-4-5`, `ollama/qwen3-coder:latest`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelName {
    provider: &'static Provider,
    model: String,
}

impl ModelName {
    /// The service that hosts it.
    pub(crate) fn provider(&self) -> &'static Provider {
        self.provider
    }

    /// The model, as the provider names it.
    pub fn model(&self) -> &str {
        &self.model
    }
}

impl FromStr for ModelName {
    type Err = Error;

    fn from_str(written: &str) -> Result<ModelName> {
        let shown = text::excerpt(written, 80);
        let refuse = |what: &str, hint: &str| {
            let names: Vec<&str> = PROVIDERS.iter().map(|one| one.name).collect();
            let hint = format!("{hint}: {}", names.join(", "));
            Error::usage(format!("`model:{shown}` {what}")).hint(hint)
        };
        let Some((provider, model)) = written.split_once('/') else {
            let hint = "write `model:PROVIDER/NAME`; providers";
            return Err(refuse("lacks a provider", hint));
        };
        let Some(provider) = PROVIDERS.iter().find(|one| one.name == provider) else {
            return Err(refuse("has an unknown provider", "providers"));
        };
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@+".contains(c);
        if !(1..=NAME_MAX).contains(&model.len()) || !model.chars().all(plain) {
            return Err(Error::usage(format!(
                "`model:{shown}` is not a valid model name for {}",
                provider.name
            )));
        }
        Ok(ModelName {
            provider,
            model: model.to_string(),
        })
    }
}

impl fmt::Display for ModelName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.provider.name, self.model)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_a_provider_and_a_model() {
        for written in [
            "anthropic/claude-sonnet-4-5",
            "ollama/qwen3-coder:latest",
            "openrouter/minimax/minimax-m2",
        ] {
            let name: ModelName = written.parse().unwrap();
            assert_eq!(name.to_string(), written);
        }
        let name: ModelName = "openrouter/minimax/minimax-m2".parse().unwrap();
        assert_eq!(name.model(), "minimax/minimax-m2");
        for wrong in [
            "gpt-5",
            "acme/x",
            "openai/",
            "openai/a b",
            "openai/a\nb",
            "",
        ] {
            assert!(wrong.parse::<ModelName>().is_err(), "{wrong:?}");
        }
    }
}
