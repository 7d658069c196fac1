//! The message of a commit of the state, with its trailers.

use super::Tx;
use crate::actor::Actor;
use crate::git::repo::{Oid, Person};
use crate::model::stamp::Clock;
use crate::model::text::one_line;

/// The content of a commit message.
#[derive(Clone, Debug, Default)]
pub struct Message {
    /// The operation, as in the command: `task start`.
    pub op: String,
    /// The whole first line.
    pub subject: String,
    /// The ids it is about.
    pub items: Vec<String>,
    /// The commit that it reverts.
    pub reverts: Option<Oid>,
    /// Local values that an import replaced: uid and field.
    pub overrode: Vec<String>,
    /// Values of its source that an import did not take: uid, field and value.
    pub not_taken: Vec<String>,
}

impl Tx<'_> {
    /// The commit message with its trailers, without redacted texts: a title may contain one.
    pub(crate) fn commit_message(&self) -> String {
        let text = message_text(&self.message, &self.actor, &self.clock);
        let redactions = self.state.repository.redactions();
        redactions
            .texts
            .iter()
            .fold(text, |text, name| name.cut_from(&text))
    }
}

/// The message of a commit without a transaction.
pub(crate) fn message_of(
    op: &str,
    text: &str,
    items: &[String],
    actor: &Actor,
    clock: &Clock,
) -> String {
    let message = Message {
        op: op.to_string(),
        subject: format!("{op}: {text}"),
        items: items.to_vec(),
        ..Message::default()
    };
    message_text(&message, actor, clock)
}

/// A commit message: one sentence and the trailers that `log` and the clock read.
fn message_text(message: &Message, actor: &Actor, clock: &Clock) -> String {
    let mut text = one_line(&message.subject);
    text.push_str("\n\n");
    text.push_str(&format!("PM-Op: {}\n", one_line(&message.op)));
    text.push_str(&format!("PM-Actor: {}\n", one_line(&actor.name)));
    if let Some(own) = &actor.own {
        text.push_str(&format!("PM-Agent: {}\n", one_line(own)));
    }
    for item in &message.items {
        text.push_str(&format!("PM-Item: {}\n", one_line(item)));
    }
    if let Some(commit) = &message.reverts {
        text.push_str(&format!("PM-Reverts: {commit}\n"));
    }
    for value in &message.overrode {
        text.push_str(&format!("PM-Overrode: {}\n", one_line(value)));
    }
    for value in &message.not_taken {
        text.push_str(&format!("PM-Not-Taken: {}\n", one_line(value)));
    }
    text.push_str(&format!("PM-Clock: {}\n", clock.tick()));
    text
}

/// A person as a commit's author or committer.
pub fn person(name: &str, email: &str, now_ms: u64) -> Person {
    Person {
        name: name.to_string(),
        email: email.to_string(),
        seconds: i64::try_from(now_ms / 1000).unwrap_or(0),
    }
}
