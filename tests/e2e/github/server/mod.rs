//! A stateful fake of GitHub's REST API on the loopback interface.
//!
//! It keeps issues, comments, labels, milestones, relations and pull requests as GitHub does, checks
//! every request and its own answers against GitHub's description, lets tests edit as people at the web
//! interface do, and fails as tests ask it to.

#![allow(dead_code)]

mod access;
mod acts;
mod answer;
mod base64;
mod clock;
mod deliver;
mod description;
mod escape;
mod failure;
mod faults;
mod git;
mod hooks;
mod http;
mod limits;
mod model;
mod people;
mod render;
mod rest;
mod state;

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

pub use acts::Method;
pub use answer::Seen;
pub use deliver::{Delivered, Order, signature};
pub use faults::{Fault, Faults};
pub use hooks::Delivery;
pub use limits::Limits;
pub use model::{Change, Reason, Role};
pub use people::{Page, Web};

use answer::{Shared, lock};
use clock::{Clock, Seconds};
use model::{App, Grants, Installation, Token, UserKind};
use state::State;

/// A running server. It stops when it is dropped, and panics then if a request broke GitHub's
/// description and no test took the violation.
pub struct GitHub {
    shared: Arc<Shared>,
    web_url: String,
    // Dropped before violations are looked at, so that none comes after.
    listening: Option<http::Listening>,
}

impl GitHub {
    /// Starts a server without repositories, users and tokens.
    pub fn start() -> GitHub {
        let (listener, address) = http::bound();
        let (clock, web_url) = (Clock::default(), format!("http://{address}"));
        let shared = Arc::new(Shared {
            state: Mutex::new(State::new(clock.clone(), web_url.clone())),
            clock,
            faults: Mutex::default(),
            log: Mutex::default(),
            violations: Mutex::default(),
            answered: Mutex::default(),
        });
        GitHub {
            shared: shared.clone(),
            web_url,
            listening: Some(http::Listening::start(listener, shared)),
        }
    }

    /// The root of the REST API, as that of an Enterprise server.
    pub fn url(&self) -> String {
        format!("{}/api/v3", self.web_url)
    }

    /// The address of the web interface.
    pub fn web_url(&self) -> &str {
        &self.web_url
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.shared.state)
    }

    /// Creates a repository of an organization of that name, or of a user that was created before.
    /// It is public, has issues and a branch `main`, and everybody with a token can write.
    pub fn repository(&self, owner: &str, name: &str) {
        self.state().add_repository(owner, name);
    }

    /// Creates a private repository.
    pub fn private_repository(&self, owner: &str, name: &str) {
        let mut state = self.state();
        let id = state.add_repository(owner, name);
        state.repository_mut(id).private = true;
    }

    /// Switches the issues of a repository on or off.
    pub fn has_issues(&self, owner: &str, name: &str, has: bool) {
        let mut state = self.state();
        let id = state
            .repository_named(owner, name)
            .expect("a repository")
            .id;
        state.repository_mut(id).has_issues = has;
    }

    /// Binds a repository to a bare one on disk: its branches are those there, and merges are made
    /// there.
    pub fn bind(&self, owner: &str, name: &str, path: &Path) {
        let mut state = self.state();
        let id = state
            .repository_named(owner, name)
            .expect("a repository")
            .id;
        state.repository_mut(id).git = Some(path.to_path_buf());
    }

    /// Creates a person, who has no token.
    pub fn user(&self, login: &str) {
        self.state().add_user(login, UserKind::Person);
    }

    /// Creates a classic token of a person, who is created, too.
    pub fn token(&self, token: &str, login: &str, scopes: &[&str]) {
        self.add_token(token, login, access::scopes(scopes));
    }

    /// Creates a fine-grained token: `&[("issues", "write")]`.
    pub fn fine_grained_token(&self, token: &str, login: &str, permissions: &[(&str, &str)]) {
        let grants = Grants::Permissions {
            permissions: access::permissions(permissions),
            repositories: None,
            installation: None,
        };
        self.add_token(token, login, grants);
    }

    fn add_token(&self, token: &str, login: &str, grants: Grants) {
        let mut state = self.state();
        let login = state.add_user(login, UserKind::Person).login.clone();
        let made = Token {
            login,
            grants,
            expires: None,
            revoked: false,
        };
        state.tokens.insert(token.to_string(), made);
    }

    /// Takes a token back.
    pub fn revoke(&self, token: &str) {
        if let Some(token) = self.state().tokens.get_mut(token) {
            token.revoked = true;
        }
    }

    /// Registers a GitHub App with its public key in PEM, and installs it in an account. The result
    /// is the id of the installation.
    pub fn app(
        &self,
        id: u64,
        slug: &str,
        public_key: &str,
        account: &str,
        permissions: &[(&str, &str)],
    ) -> u64 {
        let mut state = self.state();
        state.add_user(&format!("{slug}[bot]"), UserKind::Bot);
        let app = App {
            id,
            slug: slug.to_string(),
            owner: account.to_string(),
            public_key: access::public_key(public_key),
        };
        state.apps.insert(id, app);
        let (installation, created_at) = (state.next_id(), state.now());
        let made = Installation {
            id: installation,
            app: id,
            account: account.to_string(),
            permissions: access::permissions(permissions),
            created_at,
        };
        state.installations.insert(installation, made);
        installation
    }

    /// Edits as a person at the web interface, without a request.
    pub fn edit<T>(&self, edit: impl FnOnce(&mut Web) -> T) -> T {
        edit(&mut Web::new(&mut self.state()))
    }

    /// Moves the server's clock on.
    pub fn advance(&self, by: Duration) {
        self.shared.clock.advance(by);
    }

    /// The server's clock, in seconds since 1970.
    pub fn now(&self) -> Seconds {
        self.shared.clock.now()
    }

    /// Refuses what goes beyond GitHub's limits, or not. At first it does not.
    pub fn limits(&self, enforced: bool) {
        self.state().limits.enforced = enforced;
    }

    /// Sets limits: the fields `primary`, `contents_a_minute`, `contents_an_hour`.
    pub fn set_limits(&self, set: impl FnOnce(&mut Limits)) {
        set(&mut self.state().limits);
    }

    /// Uses up the hour's requests of a user.
    pub fn exhaust(&self, login: &str) {
        let mut state = self.state();
        let now = state.now();
        state.limits.exhaust(Some(login), now);
    }

    /// Refuses assignees without access with 422 instead of dropping them.
    pub fn refuse_assignees(&self, refuses: bool) {
        self.state().refuses_assignees = refuses;
    }

    /// Whether relations change `updated_at` of the issues that they join. At first they do.
    pub fn relations_touch(&self, touch: bool) {
        self.state().relations_touch = touch;
    }

    /// The requests so far.
    pub fn requests(&self) -> Vec<Seen> {
        lock(&self.shared.log).clone()
    }

    /// How many requests were for an operation: `issues/create`.
    pub fn count(&self, operation: &str) -> usize {
        let log = lock(&self.shared.log);
        let is_it = |seen: &&Seen| seen.operation.as_deref() == Some(operation);
        log.iter().filter(is_it).count()
    }

    /// Forgets the requests so far.
    pub fn clear_requests(&self) {
        lock(&self.shared.log).clear();
    }

    /// The faults that wait for their requests, to add some.
    pub fn faults(&self) -> MutexGuard<'_, Faults> {
        lock(&self.shared.faults)
    }

    /// Requests that broke GitHub's description, and answers of ours that did.
    pub fn violations(&self) -> Vec<String> {
        lock(&self.shared.violations).clone()
    }

    /// The violations, which are then forgotten: for tests that expect some.
    pub fn take_violations(&self) -> Vec<String> {
        std::mem::take(&mut lock(&self.shared.violations))
    }

    /// Adds a webhook for all repositories; a ping is in the queue at once.
    pub fn webhook(&self, url: &str, secret: &str) -> u64 {
        self.state().add_hook(url, secret)
    }

    /// The deliveries that wait.
    pub fn queued(&self) -> Vec<Delivery> {
        self.state().hooks.queue.iter().cloned().collect()
    }

    /// Forgets the deliveries that wait, as if the network had lost them.
    pub fn lose_deliveries(&self) {
        self.state().hooks.queue.clear();
    }

    /// Delivers what is in the queue, after it was checked against GitHub's description.
    pub fn deliver(&self, order: Order) -> Vec<Delivered> {
        let chosen = deliver::chosen(&mut self.state().hooks.queue, order);
        let is_forged = matches!(order, Order::Forged);
        let mut delivered = Vec::new();
        for delivery in &chosen {
            let action = delivery.action.as_deref();
            let errors = description::payload_errors(&delivery.event, action, &delivery.payload);
            if !errors.is_empty() {
                let name = format!("{} {}", delivery.event, action.unwrap_or_default());
                let text = format!("our payload of {name}: {}", errors.join("\n"));
                lock(&self.shared.violations).push(text);
            }
            delivered.push(deliver::send(delivery, is_forged));
        }
        delivered
    }
}

impl Drop for GitHub {
    fn drop(&mut self) {
        self.listening.take();
        let violations = self.violations();
        if !violations.is_empty() && !std::thread::panicking() {
            panic!(
                "requests broke GitHub's description:\n{}",
                violations.join("\n")
            );
        }
    }
}
