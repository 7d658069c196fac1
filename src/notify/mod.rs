//! News that reach people outside of the repository: chat, push messages, mail, the desktop, webhooks.
//!
//! A rule says which news go where. Rules are in this clone's git configuration, since an address often
//! is a secret, and only a human sets one, since an agent could send them elsewhere. What a rule was told
//! is in the git directory: an event cursor, and what has no event of its own. News are told once they
//! were accepted; a process that is killed in between tells its last group again.

mod deliver;
#[cfg(feature = "notify")]
mod http;
mod news;
mod rules;
mod send;
mod texts;

use crate::model::vocabulary::terms;

pub use news::NewsLine;
pub use rules::{NewRule, NotifyRule, NotifyRules};
pub use send::{Delivery, DeliveryStatus};

terms! {
    /// What people want to be told.
    Want in "kind of news" {
        /// Work was submitted.
        ReviewWanted = "review-wanted",
        /// A human has to approve: submitted work, a plan, a gate.
        ApprovalWanted = "approval-wanted",
        /// An item was blocked, or a run cannot continue with it.
        Blocked = "blocked",
        /// 80 % of a run's budget is spent, or all of it.
        Budget = "budget",
        /// A run ended.
        RunEnded = "run-ended",
        /// A message to the actor of this clone.
        Message = "message",
        /// Two clones changed one text.
        Conflict = "conflict",
    }
}

terms! {
    /// Where news go.
    Channel in "channel" {
        /// An incoming webhook of Slack.
        Slack = "slack",
        /// A webhook of Discord.
        Discord = "discord",
        /// A topic of an ntfy server.
        Ntfy = "ntfy",
        /// Any server, which gets JSON.
        Webhook = "webhook",
        /// A mail address, by `sendmail`.
        Mail = "mail",
        /// The desktop of this machine.
        Desktop = "desktop",
    }
}

/// Why news were not accepted.
#[derive(Debug)]
struct Failure {
    /// Without the address.
    pub reason: String,
    /// How long the server asks to wait, in milliseconds.
    pub wait_ms: Option<u64>,
}

impl From<String> for Failure {
    fn from(reason: String) -> Failure {
        Failure {
            reason,
            wait_ms: None,
        }
    }
}
