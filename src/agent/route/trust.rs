//! Which agents may see secrets, personal data and private work (SE-02).

use crate::agent::headless::With;
use crate::agent::provider::ModelName;
use crate::model::vocabulary::terms;

terms! {
    /// The level of trust in an agent, by where its data goes.
    Trust in "trust" {
        /// Its data does not leave this machine.
        Local = "local",
        /// Data goes to a provider that is trusted by default, without secrets.
        Trusted = "trusted",
        /// Data goes elsewhere, without secrets and personal data.
        Untrusted = "untrusted",
    }
}

/// The trust in an agent. `own` lists the agents that the user calls local (`pm.localAgent`);
/// `is_here` is true for a model whose endpoint is on this machine.
pub fn trust(with: &With, own: &[String], is_here: &dyn Fn(&ModelName) -> bool) -> Trust {
    let written = with.to_string();
    let is_own = |name: &String| *name == written || *name == with.name();
    if own.iter().any(is_own) {
        return Trust::Local;
    }
    match with {
        // The user's own programs and files.
        With::Script(_) | With::Command(_) | With::Replay(_) => Trust::Local,
        With::Model(name) => match name.provider().name {
            _ if name.provider().is_self_hosted && !is_elsewhere(name) && is_here(name) => {
                Trust::Local
            }
            "anthropic" | "openai" | "openai-chat" => Trust::Trusted,
            _ => Trust::Untrusted,
        },
        With::Claude | With::Codex => Trust::Trusted,
        With::Acp(_) => match with.known() {
            Some(With::Claude | With::Codex) => Trust::Trusted,
            _ => Trust::Untrusted,
        },
        With::Gemini | With::Opencode | With::Aider => Trust::Untrusted,
    }
}

/// True if an agent may use a remote service, which may cost money (MR-17).
pub fn is_hosted(with: &With, own: &[String]) -> bool {
    let is_here = |name: &ModelName| name.provider().is_self_hosted;
    trust(with, own, &is_here) != Trust::Local
}

/// True for a model that the user's server only proxies: Ollama's `-cloud` models.
fn is_elsewhere(name: &ModelName) -> bool {
    let model = name.model().to_ascii_lowercase();
    model.ends_with("-cloud") || model.ends_with(":cloud")
}
