//! Which ports an agent may reach from its sandbox, unless a setting says so.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;

use crate::agent::headless::With;
use crate::process::Network;

/// Model APIs, packages and git over HTTPS.
const HTTPS: u16 = 443;

/// Suffixes of the variables that hold addresses of models and proxies, not of the user's databases
/// and containers.
const ADDRESSES: [&str; 5] = [
    "_BASE_URL",
    "_API_BASE",
    "_PROXY",
    "OLLAMA_HOST",
    "OPENCODE_CONFIG_CONTENT",
];

/// HTTPS and the ports of the servers that the environment names, for an agent that talks to a
/// model; no network for a script or transcript.
pub(super) fn of_agent(with: &With, env: &BTreeMap<String, OsString>) -> Network {
    if matches!(with, With::Script(_) | With::Replay(_)) {
        return Network::Off;
    }
    let mut ports = BTreeSet::from([HTTPS]);
    for (name, value) in env {
        let name = name.to_ascii_uppercase();
        if ADDRESSES.iter().any(|end| name.ends_with(end)) {
            ports.extend(ports_in(&value.to_string_lossy()));
        }
    }
    Network::Ports(ports)
}

/// Everything: tests connect to servers that they have started themselves, on any port.
pub(super) fn of_gates() -> Network {
    Network::On
}

/// The ports of the URLs in a text.
fn ports_in(text: &str) -> Vec<u16> {
    let mut ports = Vec::new();
    for (at, _) in text.match_indices("://") {
        let rest = &text[at + 3..];
        let ends = |c: char| matches!(c, '/' | '?' | '#' | '"' | '\'' | ' ' | ',');
        let authority = rest.split(ends).next().unwrap_or_default();
        let host = authority.rsplit('@').next().unwrap_or_default();
        let port = host.rsplit_once(':').map(|(_, port)| port.parse());
        match port {
            Some(Ok(port)) => ports.push(port),
            // IPv6 addresses contain colons, too.
            Some(Err(_)) => {}
            None if text[..at].ends_with("http") => ports.push(80),
            None => {}
        }
    }
    ports
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_those_of_the_urls() {
        for (text, expected) in [
            ("http://127.0.0.1:8080/v1", vec![8080]),
            ("https://api.example.com", vec![]),
            ("http://proxy", vec![80]),
            ("http://user:secret@proxy:3128", vec![3128]),
            ("http://[::1]:11434/api", vec![11434]),
            (
                r#"{"baseURL":"http://localhost:1234/v1","x":1}"#,
                vec![1234],
            ),
            ("http://host:99999", vec![]),
            ("plain", vec![]),
        ] {
            assert_eq!(ports_in(text), expected, "{text}");
        }
    }

    /// SE-08: a script has no network access, other agents can reach their servers.
    #[test]
    fn an_agent_reaches_the_servers_of_its_environment() {
        let env = BTreeMap::from([
            (
                "OPENAI_BASE_URL".to_string(),
                "http://127.0.0.1:8080/v1".into(),
            ),
            ("DOCKER_HOST".to_string(), "tcp://127.0.0.1:2375".into()),
        ]);
        let script = With::Script("/s".into());
        assert_eq!(of_agent(&script, &env), Network::Off);
        let ports = BTreeSet::from([443, 8080]);
        assert_eq!(of_agent(&With::Codex, &env), Network::Ports(ports));
    }
}
