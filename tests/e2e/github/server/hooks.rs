//! Webhooks and the queue of what they have to deliver.

use std::collections::VecDeque;

use serde_json::{Map, Value, json};

use super::clock::shown;
use super::render;
use super::state::{Actor, State};

/// A webhook of all repositories.
#[derive(Clone, Debug)]
pub struct Hook {
    pub id: u64,
    pub url: String,
    pub secret: String,
}

/// A delivery that waits.
#[derive(Clone, Debug)]
pub struct Delivery {
    pub hook: Hook,
    /// The GUID of `X-GitHub-Delivery`; a redelivery has the same.
    pub guid: String,
    /// `issues`, `pull_request`.
    pub event: String,
    /// The `action` of the payload; a ping has none.
    pub action: Option<String>,
    pub payload: Value,
}

/// The hooks and their queue.
#[derive(Debug, Default)]
pub struct Hooks {
    pub all: Vec<Hook>,
    pub queue: VecDeque<Delivery>,
}

impl State {
    /// Adds a webhook, which begins with a ping.
    pub fn add_hook(&mut self, url: &str, secret: &str) -> u64 {
        let (id, created_at) = (self.next_id(), self.now());
        let hook = Hook {
            id,
            url: url.to_string(),
            secret: secret.to_string(),
        };
        let payload = json!({
            "zen": "Keep it logically awesome.",
            "hook_id": id,
            "hook": {
                "type": "App",
                "id": id,
                "name": "web",
                "active": true,
                "events": ["issues", "issue_comment", "pull_request", "sub_issues"],
                "config": {
                    "content_type": "json",
                    "insecure_ssl": "0",
                    "secret": "********",
                    "url": url,
                },
                "created_at": shown(created_at),
                "updated_at": shown(created_at),
            },
        });
        self.hooks.all.push(hook.clone());
        self.queue(hook, "ping", None, payload);
        id
    }

    fn queue(&mut self, hook: Hook, event: &str, action: Option<&str>, payload: Value) {
        let digits = format!(
            "{:032x}",
            u128::from(self.next_id()) << 64 | u128::from(hook.id)
        );
        let guid = [
            &digits[..8],
            &digits[8..12],
            &digits[12..16],
            &digits[16..20],
            &digits[20..],
        ];
        self.hooks.queue.push_back(Delivery {
            hook,
            guid: guid.join("-"),
            event: event.to_string(),
            action: action.map(str::to_string),
            payload,
        });
    }

    /// Queues an event of a repository for every hook. `fields` says what it has beyond the common
    /// ones, as it is at this moment.
    pub fn emit(
        &mut self,
        repository: u64,
        event: &str,
        action: &str,
        actor: &Actor,
        fields: impl FnOnce(&State) -> Value,
    ) {
        if self.hooks.all.is_empty() {
            return;
        }
        let mut payload = Map::new();
        payload.insert("action".to_string(), json!(action));
        if let Value::Object(fields) = fields(self) {
            payload.extend(fields);
        }
        let owner = self.repository(repository).owner.clone();
        payload.insert(
            "repository".to_string(),
            render::hook_repository(self, repository),
        );
        if self.is_organization(&owner) {
            payload.insert(
                "organization".to_string(),
                render::organization(self, &owner),
            );
        }
        let installation = self
            .installations
            .values()
            .find(|one| one.account.eq_ignore_ascii_case(&owner));
        if let Some(installation) = installation {
            let node_id = super::state::node_id("MDIz", installation.id);
            let installation = json!({"id": installation.id, "node_id": node_id});
            payload.insert("installation".to_string(), installation);
        }
        payload.insert("sender".to_string(), render::user(self, &actor.login));
        let payload = Value::Object(payload);
        for hook in self.hooks.all.clone() {
            self.queue(hook, event, Some(action), payload.clone());
        }
    }

    /// Queues an event of `issues` or, for a pull request, of `pull_request`.
    pub fn emit_issue(
        &mut self,
        repository: u64,
        number: u64,
        action: &str,
        actor: &Actor,
        fields: impl FnOnce(&State) -> Value,
    ) {
        let is_pull = self.issue(repository, number).pull.is_some();
        let event = if is_pull { "pull_request" } else { "issues" };
        self.emit(repository, event, action, actor, |state| {
            let mut all = match is_pull {
                true => json!({
                    "number": number,
                    "pull_request": render::pull(state, repository, number),
                }),
                false => json!({"issue": render::hook_issue(state, repository, number)}),
            };
            if let (Some(all), Value::Object(more)) = (all.as_object_mut(), fields(state)) {
                all.extend(more);
            }
            all
        });
    }
}

/// No fields beyond the common ones.
pub fn nothing(_: &State) -> Value {
    Value::Null
}
