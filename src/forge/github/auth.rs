//! How git pm signs in at a host: `gh`, a token of the environment, or a GitHub App.
//!
//! A token is sent to no other host than the one it was issued for, and is neither printed nor stored.

use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use serde_json::json;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, pem::PemObject};

use super::server_url;
use crate::error::{Error, Reason, Result};
use crate::model::settings;
use crate::pm::Pm;

/// The variables with a token: for github.com, and for other servers.
const TOKENS: [[&str; 2]; 2] = [
    ["GH_TOKEN", "GITHUB_TOKEN"],
    ["GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"],
];

/// What a host accepts.
pub(super) enum Credential {
    /// A token of a person.
    Token(String),
    /// An app, which signs for its tokens.
    App(Box<App>),
}

/// A GitHub App.
pub(super) struct App {
    id: String,
    key: RsaKeyPair,
    /// `OWNER/NAME`.
    pub(super) repository: String,
    /// The clock's time at the start, in seconds since the Unix epoch, and when that was.
    started: (u64, std::time::Instant),
}

/// The credential for a host (`github.com`).
///
/// # Errors
/// When there is none.
pub(super) fn find(pm: &Pm, host: &str, repository: &str) -> Result<Credential> {
    let env = pm.store.env();
    if let Some(token) = of_gh(pm, host) {
        return Ok(Credential::Token(token));
    }
    // The variables are those of github.com, or of the server on which an action runs.
    let is_own = host == "github.com" || server_url(env).is_some_and(|(_, h)| h == host);
    let names = TOKENS[usize::from(!is_own)];
    let is_theirs = is_own || env.text("GH_HOST").is_some_and(|named| named == host);
    let mut tokens = names.iter().filter_map(|name| env.text(name));
    if let Some(token) = tokens.next().filter(|_| is_theirs) {
        return Ok(Credential::Token(token.trim().to_string()));
    }
    let repo = pm.store.repo();
    let is_its_host = repo.text_of(&settings::GITHUB_APP_HOST) == host;
    let [app, key] =
        [&settings::GITHUB_APP, &settings::GITHUB_APP_KEY].map(|one| repo.text_of(one));
    if is_its_host && !app.is_empty() && !key.is_empty() {
        let app = App {
            id: app,
            key: read_key(&key)?,
            repository: repository.to_string(),
            started: (pm.now_ms() / 1000, std::time::Instant::now()),
        };
        return Ok(Credential::App(Box::new(app)));
    }
    Err(Error::refused(format!("there is no token for {host}"))
        .because(Reason::ForgeToken)
        .hint(format!("sign in: `gh auth login --hostname {host}`"))
        .hint(format!("or set {} in the environment", names[0])))
}

/// The token that the command line of GitHub has for a host, if it is installed and signed in there.
fn of_gh(pm: &Pm, host: &str) -> Option<String> {
    let env = pm.store.env();
    let mut gh = Command::new("gh");
    gh.args(["auth", "token", "--hostname", host]);
    gh.env_clear().envs(&env.vars);
    // It would print these, which may be another host's.
    for name in TOKENS.as_flattened() {
        gh.env_remove(name);
    }
    gh.stdin(Stdio::null()).stderr(Stdio::null());
    let output = gh.output().ok()?;
    let token = String::from_utf8(output.stdout).ok()?;
    let token = token.trim();
    let is_token =
        output.status.success() && !token.is_empty() && !token.contains(char::is_whitespace);
    is_token.then(|| token.to_string())
}

fn read_key(path: &str) -> Result<RsaKeyPair> {
    let fail = |why: &str| {
        Error::usage(format!(
            "the key of the app in {path} cannot be used: {why}"
        ))
        .because(Reason::ForgeToken)
        .hint("download a private key of the app, a file in PEM format")
    };
    let read = PrivateKeyDer::from_pem_file(path).map_err(|error| fail(&error.to_string()))?;
    let key = match &read {
        PrivateKeyDer::Pkcs1(der) => RsaKeyPair::from_der(der.secret_pkcs1_der()),
        PrivateKeyDer::Pkcs8(der) => RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()),
        _ => return Err(fail("it is not an RSA key")),
    };
    key.map_err(|error| fail(&error.to_string()))
}

impl App {
    /// The time in seconds since the Unix epoch.
    pub(super) fn now(&self) -> u64 {
        self.started.0 + self.started.1.elapsed().as_secs()
    }

    /// A JSON Web Token that signs for the app for nine minutes, and began one minute ago, since clocks differ
    /// (RFC 7519, RS256).
    pub(super) fn jwt(&self, now: u64) -> Result<String> {
        let part = |json: serde_json::Value| URL_SAFE_NO_PAD.encode(json.to_string());
        let head = part(json!({"alg": "RS256", "typ": "JWT"}));
        let claims = part(json!({
            "iat": now.saturating_sub(60),
            "exp": now + 540,
            "iss": self.id,
        }));
        let signed = format!("{head}.{claims}");
        let mut signature = vec![0; self.key.public().modulus_len()];
        let random = SystemRandom::new();
        let done = self.key.sign(
            &RSA_PKCS1_SHA256,
            &random,
            signed.as_bytes(),
            &mut signature,
        );
        done.map_err(|_| Error::state("the key of the app does not sign"))?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}
