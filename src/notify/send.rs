//! Sends what is pending: a message for each rule, and a mark of what it was told once it was accepted.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use super::deliver::{deliver, heading, project};
use super::news::{Mark, news, present};
use super::rules::{self, Rule};
use super::texts::text;
use super::{Channel, Failure};
use crate::error::{Error, Hint, Reason, Result};
use crate::model::settings;
use crate::model::vocabulary::terms;
use crate::pm::Pm;
use crate::pm::handles::Notifications;
use crate::store::{fault, lock};

/// How long a process waits for another one that sends.
const PATIENCE: Duration = Duration::from_secs(60);

/// What each rule was told, by name.
type Marks = BTreeMap<String, Mark>;

terms! {
    /// What became of the news of a rule.
    DeliveryStatus in "delivery status" {
        /// They were accepted.
        Sent = "sent",
        /// There are none.
        Nothing = "nothing",
        /// They would be sent (`--dry-run`).
        Pending = "pending",
        /// They wait for the end of the quiet hours.
        Quiet = "quiet",
        /// They wait because the server asked for it.
        Waiting = "waiting",
        /// They were not accepted, and are sent again the next time.
        Failed = "failed",
    }
}

/// What became of the news of one rule.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Delivery {
    /// The rule.
    pub rule: String,
    /// What became of them.
    pub status: DeliveryStatus,
    /// The number of news.
    pub count: usize,
    /// The reason, for `failed` and `waiting`.
    pub reason: Option<String>,
    /// The text, for `pending`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// The right to change what each rule was told; the kernel releases it with the file.
///
/// # Errors
/// When another process has it for long, or it cannot be made.
pub(super) fn exclusive(pm: &Pm) -> Result<File> {
    let held = lock::held(&pm.folder(), "notify.lock", PATIENCE)?;
    held.ok_or_else(|| {
        Error::conflict("another process is sending news of this clone")
            .because(Reason::NotifyRunning)
            .hint("run the command again")
    })
}

fn file(pm: &Pm) -> PathBuf {
    pm.folder().join("notify-cursor")
}

/// What each rule was told.
///
/// # Errors
/// When the file cannot be read.
pub(super) fn marks(pm: &Pm) -> Result<Marks> {
    let file = file(pm);
    let text = match std::fs::read_to_string(&file) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Marks::new()),
        read => read.map_err(|e| Error::io(format!("cannot read {}", file.display()), e))?,
    };
    serde_json::from_str(&text).map_err(|error| {
        Error::state(format!("{} is damaged: {error}", file.display()))
            .hint("delete it: news are then told from the present state on")
    })
}

/// Changes what each rule was told, once it was: a process that is killed before tells it again.
///
/// # Errors
/// When the file cannot be written.
pub(super) fn save(pm: &Pm, marks: &Marks) -> Result<()> {
    let file = file(pm);
    let text = serde_json::to_vec(marks)
        .map_err(|error| Error::state(format!("the marks cannot be written: {error}")))?;
    let points = ["notify-mark-write", "notify-mark-rename"];
    fault::replace(&file, &file.with_extension("tmp"), &text, points)
        .map_err(|e| Error::unwritten(format!("cannot write {}", file.display()), e))
}

impl Notifications<'_> {
    /// True if this clone has rules, may use the network, and no other is named to send.
    pub fn is_due(&self) -> bool {
        !self.pm.options.offline
            && !rules::all(self.pm).is_empty()
            && require_sender(self.pm).is_ok()
    }

    /// Sends what is pending, one message for each rule. A rule that fails does not stop the others, and
    /// is tried again the next time.
    ///
    /// # Errors
    /// When another clone is named to send, another process is sending, or what was told cannot be read
    /// or written.
    pub fn send(&self, dry_run: bool) -> Result<Vec<Delivery>> {
        let pm = self.pm;
        require_sender(pm)?;
        let _held = exclusive(pm)?;
        let mut marks = marks(pm)?;
        let all = rules::all(pm);
        let mut done = Vec::new();
        for (name, rule) in &all {
            let sent = rule.as_ref().map_err(Clone::clone).and_then(|rule| {
                let known = marks.get(name).cloned();
                let mark = known.map_or_else(|| present(pm, rule), Ok)?;
                send_one(pm, rule, mark, dry_run)
            });
            let delivery = match sent {
                Ok((delivery, mark)) => {
                    if !dry_run && marks.get(name) != Some(&mark) {
                        fault::step("notify-mark")?;
                        marks.insert(name.clone(), mark);
                        marks.retain(|name, _| all.iter().any(|(rule, _)| rule == name));
                        save(pm, &marks)?;
                    }
                    delivery
                }
                Err(error) => {
                    let why = error.message().to_string();
                    delivery(name, DeliveryStatus::Failed, 0, Some(why))
                }
            };
            done.push(delivery);
        }
        Ok(done)
    }
}

/// Sends the news of one rule; returns what became of them, and what it was told then.
fn send_one(pm: &Pm, rule: &Rule, mut mark: Mark, dry_run: bool) -> Result<(Delivery, Mark)> {
    let done = |status, count| delivery(&rule.name, status, count, None);
    if rule.is_quiet(pm) {
        return Ok((done(DeliveryStatus::Quiet, 0), mark));
    }
    if mark.not_before_ms.is_some_and(|until| until > pm.now_ms()) {
        let mut waiting = done(DeliveryStatus::Waiting, 0);
        waiting.reason = Some(mark.failure.clone().unwrap_or_default());
        return Ok((waiting, mark));
    }
    let (news, next) = news(pm, rule, &mark)?;
    if news.is_empty() {
        return Ok((done(DeliveryStatus::Nothing, 0), next));
    }
    if dry_run {
        let mut pending = done(DeliveryStatus::Pending, news.len());
        pending.text = Some(text(Channel::Webhook, &heading(&project(pm)), &news));
        return Ok((pending, mark));
    }
    match deliver(pm, rule, &news) {
        Ok(()) => Ok((done(DeliveryStatus::Sent, news.len()), next)),
        Err(Failure { reason, wait_ms }) => {
            let mut failed = done(DeliveryStatus::Failed, news.len());
            failed.reason = Some(reason.clone());
            mark.failure = Some(reason);
            mark.not_before_ms = wait_ms.map(|wait| pm.now_ms() + wait);
            Ok((failed, mark))
        }
    }
}

fn delivery(name: &str, status: DeliveryStatus, count: usize, reason: Option<String>) -> Delivery {
    Delivery {
        rule: name.to_string(),
        status,
        count,
        reason,
        text: None,
    }
}

/// Refuses where another clone is the one that sends.
fn require_sender(pm: &Pm) -> Result<()> {
    let sender = pm.store.state()?.repository.notify_sender();
    let own = pm.store.known_replica();
    let Some(sender) = sender.filter(|sender| own.as_ref() != Some(sender)) else {
        return Ok(());
    };
    let (key, ours) = (settings::NOTIFY_SENDER.key, "makes it this clone");
    let hint = match &own {
        Some(own) => Hint::run(["config", "--shared", key, own.as_str()], ours),
        None => Hint::run(["init"], "gives this clone an id"),
    };
    let text = format!("the clone {sender} is the one that sends news");
    Err(Error::refused(text)
        .because(Reason::NotifyNotSender)
        .about(sender.to_string())
        .hint(hint))
}
