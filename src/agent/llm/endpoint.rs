//! The endpoint of a model: its URL, its key, and whether it is on this machine.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;

use reqwest::Url;

use crate::agent::provider::{ModelName, Protocol};
use crate::error::{Error, Reason, Result};
use crate::model::settings;
use crate::model::text::excerpt;
use crate::net;
use crate::pm::Pm;

/// A key. It is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Key(String);

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key")
    }
}

/// The endpoint of a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The base URL, without a slash at its end.
    pub url: String,
    /// True if it is on this machine: nothing leaves it.
    pub is_local: bool,
    key: Option<Key>,
    /// True if the key is a token of a login.
    is_token: bool,
}

/// The origin of a base URL.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Chosen {
    /// The user: through the environment, their own configuration, or the default.
    User,
    /// The configuration of the clone, which an agent could have changed.
    Clone,
}

impl Endpoint {
    /// The endpoint of a model as the environment and the configuration define it.
    ///
    /// A key from the environment is not sent to a base URL that only the clone's configuration
    /// names: an agent can write there. Such an endpoint gets the key from git's credential
    /// helpers.
    ///
    /// # Errors
    /// If there is no usable URL, or no key where one is required.
    pub fn of(pm: &Pm, name: &ModelName) -> Result<Endpoint> {
        let (url, chosen) = Endpoint::place(pm, name);
        let helper = |protocol: &str, host: &str| credential(pm, protocol, host);
        Endpoint::at(name, &url, chosen, &pm.store.env().vars, &helper)
    }

    /// True if the endpoint of a model is on this machine. Does not look up a key.
    pub fn is_here(pm: &Pm, name: &ModelName) -> bool {
        let (url, _) = Endpoint::place(pm, name);
        checked(name, &url).is_ok_and(|url| net::is_loopback(&url))
    }

    /// The base URL of a model, as written, and its origin.
    fn place(pm: &Pm, name: &ModelName) -> (String, Chosen) {
        let provider = name.provider();
        let repo = pm.store.repo();
        let env = &pm.store.env().vars;
        let set = |values: Vec<String>| {
            let mut values = values.into_iter().rev();
            values.find_map(|value| {
                let (of, url) = value.split_once('=')?;
                (of.trim() == provider.name).then(|| url.trim().to_string())
            })
        };
        let key = settings::MODEL_URL.key;
        let of_env = provider.url_vars.iter().find_map(|var| text(env, var));
        match (set(repo.config_own(key)), of_env) {
            (_, Some(url)) => (url, Chosen::User),
            (Some(url), None) => (url, Chosen::Clone),
            (None, None) => match set(repo.config_outer(key)) {
                Some(url) => (url, Chosen::User),
                None => (provider.url.to_string(), Chosen::User),
            },
        }
    }

    fn at(
        name: &ModelName,
        url: &str,
        chosen: Chosen,
        env: &BTreeMap<String, OsString>,
        helper: &dyn Fn(&str, &str) -> Option<String>,
    ) -> Result<Endpoint> {
        let provider = name.provider();
        let url = checked(name, url)?;
        let is_local = net::is_loopback(&url);
        let mut is_token = false;
        let of_env = provider.key_vars.iter().find_map(|var| {
            let key = text(env, var)?;
            is_token = *var == "ANTHROPIC_AUTH_TOKEN";
            Some(key)
        });
        let own = of_env.filter(|_| chosen == Chosen::User);
        let is_asked = !is_local || provider.needs_key;
        let key = match own {
            Some(key) => Some(key),
            None if is_asked => {
                is_token = false;
                helper(url.scheme(), url.authority())
            }
            None => None,
        };
        let key = key.filter(|key| !key.is_empty());
        let is_graphic = |key: &str| key.bytes().all(|c| c.is_ascii_graphic());
        let shown = url.as_str().trim_end_matches('/');
        if !key.as_deref().is_none_or(is_graphic) {
            return Err(Error::usage(format!(
                "the key for {} has an invalid character",
                provider.name
            ))
            .because(Reason::ModelKey));
        }
        if key.is_none() && provider.needs_key {
            return Err(no_key(name, shown, chosen));
        }
        if key.is_some() && url.scheme() == "http" && !is_local {
            return Err(Error::usage(format!(
                "a key would be sent to {} without encryption",
                excerpt(shown, 200)
            ))
            .because(Reason::ModelPlain)
            .hint("use an `https:` URL, or unset the key"));
        }
        Ok(Endpoint {
            url: shown.to_string(),
            is_local,
            key: key.map(Key),
            is_token,
        })
    }

    /// An endpoint for tests, with a key.
    #[cfg(test)]
    pub fn for_test(url: &str, is_local: bool, key: &str) -> Endpoint {
        Endpoint {
            url: url.to_string(),
            is_local,
            key: (!key.is_empty()).then(|| Key(key.to_string())),
            is_token: false,
        }
    }

    /// The headers of a request, including the key.
    pub fn headers(&self, protocol: Protocol) -> Vec<(&'static str, String)> {
        let mut headers = vec![("accept", "text/event-stream, application/json".to_string())];
        if protocol == Protocol::Messages {
            headers.push(("anthropic-version", "2023-06-01".into()));
        }
        if let Some(Key(key)) = &self.key {
            headers.push(match protocol == Protocol::Messages && !self.is_token {
                true => ("x-api-key", key.clone()),
                false => ("authorization", format!("Bearer {key}")),
            });
        }
        headers
    }

    /// Redacts the key, which a server may echo in an error.
    pub fn without_key(&self, text: &str) -> String {
        match &self.key {
            // A dummy key such as `x` would match ordinary letters.
            Some(Key(key)) if key.len() >= 8 => text.replace(key, "[redacted: key]"),
            _ => text.to_string(),
        }
    }
}

fn no_key(name: &ModelName, url: &str, chosen: Chosen) -> Error {
    let provider = name.provider();
    let var = provider.key_vars.first().copied().unwrap_or_default();
    let error = Error::usage(format!("no key was found for {}", excerpt(url, 200)))
        .because(Reason::ModelNoKey)
        .about(name.to_string())
        .hint(format!(
            "set {var} in the environment, or store the key in one of git's credential helpers \
             (`git credential approve`)"
        ));
    match chosen {
        Chosen::User => error,
        Chosen::Clone => error.hint(format!(
            "keys from the environment are not sent to a URL from the clone's configuration: set {} \
             instead of {}",
            provider.url_vars.first().copied().unwrap_or_default(),
            settings::MODEL_URL.key
        )),
    }
}

/// The value of a variable, if set and not empty.
fn text(env: &BTreeMap<String, OsString>, name: &str) -> Option<String> {
    let value = env.get(name)?.to_str()?.trim();
    (!value.is_empty()).then(|| value.to_string())
}

/// The password that git's credential helpers have for a host, without a prompt.
fn credential(pm: &Pm, protocol: &str, host: &str) -> Option<String> {
    let mut env = pm.store.env().vars.clone();
    for name in ["GIT_ASKPASS", "SSH_ASKPASS"] {
        env.remove(name);
    }
    env.insert("GIT_TERMINAL_PROMPT".into(), "0".into());
    let git = crate::store::git::process::Git::new(pm.store.repo().common_dir(), env, false);
    let asked = format!("protocol={protocol}\nhost={host}\n\n");
    let args = ["-c", "core.askPass=true", "credential", "fill"];
    let filled = git.feed(&args, asked).ok().filter(|filled| filled.ok())?;
    let text = String::from_utf8(filled.stdout).ok()?;
    let password = text
        .lines()
        .find_map(|line| line.strip_prefix("password="))?;
    Some(password.to_string())
}

/// A base URL.
fn checked(name: &ModelName, written: &str) -> Result<Url> {
    let provider = name.provider();
    let wrong = |what: &str| {
        let var = provider.url_vars.first().copied().unwrap_or_default();
        Error::usage(format!("the base URL of {} {what}", provider.name))
            .because(Reason::ModelUrl)
            .about(name.to_string())
            .hint(format!(
                "set {var}, or run `git pm config {} {}=URL`",
                settings::MODEL_URL.key,
                provider.name
            ))
    };
    let mut text = written.trim().trim_end_matches('/').to_string();
    if text.is_empty() {
        return Err(wrong("is not set"));
    }
    if provider.protocol == Protocol::Ollama {
        // As in `OLLAMA_HOST`, which is also the address that the server listens on.
        if !text.contains("://") {
            text = format!("http://{text}");
        }
        text = text.replace("://0.0.0.0", "://127.0.0.1");
        if text.matches(':').count() == 1 {
            text.push_str(":11434");
        }
    }
    if provider.protocol == Protocol::Messages {
        text = text.strip_suffix("/v1").unwrap_or(&text).to_string();
    }
    let is_http = |url: &Url| ["http", "https"].contains(&url.scheme());
    let is_base = |url: &Url| is_http(url) && url.query().is_none() && url.fragment().is_none();
    match Url::parse(&text).ok().filter(is_base) {
        None => Err(wrong("is not a URL with `http:` or `https:`")),
        Some(url) if url.authority().contains('@') => {
            Err(wrong("contains a user name or password"))
        }
        Some(url) => Ok(url),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(
        name: &str,
        url: &str,
        chosen: Chosen,
        vars: &[(&str, &str)],
        helper: Option<&str>,
    ) -> Result<Endpoint> {
        let vars = vars
            .iter()
            .map(|(k, v)| (k.to_string(), v.into()))
            .collect();
        let ask = |_: &str, _: &str| helper.map(str::to_string);
        Endpoint::at(&name.parse().unwrap(), url, chosen, &vars, &ask)
    }

    const KEY: &[(&str, &str)] = &[("OPENAI_API_KEY", "key-of-the-environment")];

    /// SE-07: a key is sent only where the user intends.
    #[test]
    fn se_07_a_key_of_the_environment_is_not_sent_to_a_place_that_the_clone_names() {
        let away = "https://gateway.example/v1";
        let by_user = at("openai/x", away, Chosen::User, KEY, None).unwrap();
        assert_eq!(by_user.key, Some(Key("key-of-the-environment".into())));
        let by_clone = at("openai/x", away, Chosen::Clone, KEY, None).unwrap_err();
        assert_eq!(by_clone.reason(), "model.no_key");
        let helped = at("openai/x", away, Chosen::Clone, KEY, Some("of-the-helper")).unwrap();
        assert_eq!(helped.key, Some(Key("of-the-helper".into())));
        let here = at("openai/x", "http://127.0.0.1:9/v1", Chosen::User, KEY, None).unwrap();
        assert!(here.is_local && here.key.is_some());
        let plain = at(
            "openai/x",
            "http://gateway.example",
            Chosen::User,
            KEY,
            None,
        )
        .unwrap_err();
        assert_eq!(plain.reason(), "model.plain");
        assert!(!format!("{by_user:?}").contains("key-of"), "{by_user:?}");
        let told = by_user.without_key("wrong key: key-of-the-environment");
        assert_eq!(told, "wrong key: [redacted: key]");
    }

    #[test]
    fn urls_are_read_as_the_usual_variables_have_them() {
        for (name, url, expected, is_local) in [
            ("ollama/x", "0.0.0.0", "http://127.0.0.1:11434", true),
            ("ollama/x", "aether:11435", "http://aether:11435", false),
            (
                "ollama/x",
                "http://aether:11434/",
                "http://aether:11434",
                false,
            ),
            (
                "vllm/x",
                "http://[::1]:8000/v1",
                "http://[::1]:8000/v1",
                true,
            ),
            (
                "vllm/x",
                "http://LOCALHOST/v1/",
                "http://localhost/v1",
                true,
            ),
            (
                "chat/x",
                "https://localhost.example",
                "https://localhost.example",
                false,
            ),
        ] {
            let found = at(name, url, Chosen::User, &[], None).unwrap();
            assert_eq!(
                (found.url.as_str(), found.is_local),
                (expected, is_local),
                "{url}"
            );
        }
        let key = [("ANTHROPIC_API_KEY", "k")];
        let found = at(
            "anthropic/x",
            "https://a.example/v1/",
            Chosen::User,
            &key,
            None,
        )
        .unwrap();
        assert_eq!(found.url, "https://a.example");
        for wrong in [
            "",
            "ftp://x",
            "file:///etc",
            "http://",
            "http://u:p@x",
            "http://x y",
            "//x",
            "http://x?y",
        ] {
            assert!(
                at("chat/x", wrong, Chosen::User, &[], None).is_err(),
                "{wrong}"
            );
        }
    }

    #[test]
    fn a_token_of_a_login_is_sent_as_one() {
        let token = [("ANTHROPIC_AUTH_TOKEN", "t")];
        let found = at(
            "anthropic/x",
            "https://a.example",
            Chosen::User,
            &token,
            None,
        )
        .unwrap();
        let headers = found.headers(Protocol::Messages);
        assert!(
            headers.contains(&("authorization", "Bearer t".into())),
            "{headers:?}"
        );
        let key = [("ANTHROPIC_API_KEY", "k"), ("ANTHROPIC_AUTH_TOKEN", "t")];
        let found = at("anthropic/x", "https://a.example", Chosen::User, &key, None).unwrap();
        assert!(
            found
                .headers(Protocol::Messages)
                .contains(&("x-api-key", "k".into()))
        );
    }
}
