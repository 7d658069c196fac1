//! Which API keys an agent gets: its own and those that the user names.
//!
//! Variables that hold keys are recognized. All others are withheld, so that an agent tricked into
//! printing its environment cannot leak the keys of other providers, or of the project's hosting.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;

use super::invocation::Invocation;
use super::with::With;

/// Name suffixes of variables that hold keys.
const ENDINGS: [&str; 12] = [
    "_KEY",
    "APIKEY",
    "TOKEN",
    "TOKENS",
    "SECRET",
    "PASSWORD",
    "PASSWD",
    "PASSPHRASE",
    "CREDENTIAL",
    "CREDENTIALS",
    "_PAT",
    "_DSN",
];

/// Substrings of such names.
const PARTS: [&str; 5] = [
    "API_KEY",
    "ACCESS_KEY",
    "SECRET_",
    "PRIVATE_KEY",
    "BEARER_TOKEN",
];

/// Other variables that hold keys, or an agent's whole configuration.
const NAMES: [&str; 3] = [
    "OPENCODE_CONFIG_CONTENT",
    "OPENCODE_AUTH_CONTENT",
    "ANTHROPIC_CUSTOM_HEADERS",
];

/// True if a variable holds a key, judged by its name.
pub(super) fn is_key(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    ENDINGS.iter().any(|end| name.ends_with(end))
        || PARTS.iter().any(|part| name.contains(part))
        || NAMES.contains(&name.as_str())
}

/// True if the agent gets this key.
pub(super) fn passes(with: &With, to: &Invocation, name: &str) -> bool {
    if to.keys.iter().any(|key| key == name) {
        return true;
    }
    match with {
        With::Claude => claude(to, name),
        // A login of the user takes precedence over a key, unless a gateway is used (MR-16).
        With::Codex => match name {
            "CODEX_API_KEY" => !to.logged_in,
            "OPENAI_API_KEY" | "CODEX_ACCESS_TOKEN" => true,
            _ => false,
        },
        With::Gemini => match name {
            "GEMINI_API_KEY" | "GOOGLE_API_KEY" => {
                !to.logged_in || to.var("GOOGLE_GEMINI_BASE_URL").is_some()
            }
            "GOOGLE_APPLICATION_CREDENTIALS" => true,
            _ => false,
        },
        With::Opencode => {
            matches!(name, "OPENCODE_CONFIG_CONTENT" | "OPENCODE_AUTH_CONTENT")
                || of_model(to, name)
        }
        With::Aider => of_model(to, name),
        With::Acp(_) => with.known().is_some_and(|known| passes(&known, to, name)),
        With::Script(_) | With::Command(_) | With::Model(_) | With::Replay(_) => false,
    }
}

fn claude(to: &Invocation, name: &str) -> bool {
    let subscribed = to.logged_in || to.var("CLAUDE_CODE_OAUTH_TOKEN").is_some();
    match name {
        "ANTHROPIC_API_KEY" | "ANTHROPIC_AUTH_TOKEN" => {
            !subscribed || to.var("ANTHROPIC_BASE_URL").is_some()
        }
        "CLAUDE_CODE_OAUTH_TOKEN" | "ANTHROPIC_CUSTOM_HEADERS" => true,
        "ANTHROPIC_FOUNDRY_API_KEY" => to.var("CLAUDE_CODE_USE_FOUNDRY").is_some(),
        "GOOGLE_APPLICATION_CREDENTIALS" => to.var("CLAUDE_CODE_USE_VERTEX").is_some(),
        _ => is_of_aws(name) && to.var("CLAUDE_CODE_USE_BEDROCK").is_some(),
    }
}

/// True if the model's provider uses this key. The provider is the part of the model's name before
/// the first `/`; without it, the agent's own configuration chooses, and may choose any.
fn of_model(to: &Invocation, name: &str) -> bool {
    let Some((provider, _)) = to.model.as_deref().and_then(|model| model.split_once('/')) else {
        return name.ends_with("_API_KEY");
    };
    match provider {
        "google" | "gemini" => matches!(
            name,
            "GEMINI_API_KEY" | "GOOGLE_API_KEY" | "GOOGLE_GENERATIVE_AI_API_KEY"
        ),
        "google-vertex" | "vertex_ai" => name == "GOOGLE_APPLICATION_CREDENTIALS",
        "amazon-bedrock" | "bedrock" => is_of_aws(name),
        other => {
            let provider = other.to_ascii_uppercase().replace(['-', '.'], "_");
            name.strip_suffix("_API_KEY") == Some(provider.as_str())
        }
    }
}

fn is_of_aws(name: &str) -> bool {
    matches!(
        name,
        "AWS_ACCESS_KEY_ID"
            | "AWS_SECRET_ACCESS_KEY"
            | "AWS_SESSION_TOKEN"
            | "AWS_BEARER_TOKEN_BEDROCK"
    )
}

/// The names of the variables that hold keys.
pub fn keys_in(env: &BTreeMap<String, OsString>) -> BTreeSet<String> {
    let names = env.keys().filter(|name| is_key(name));
    names.cloned().collect()
}
