//! The verbs on messages, requests to take an item, and handoffs.

use schemars::JsonSchema;
use serde::Deserialize;

use super::declare::{List, verb};
use super::{Effect, Limit, ShellInput, Verb};
use crate::coordinate::hand_off::HandoffRequest;
use crate::coordinate::message::{
    AnswerRequest, DelegateRequest, INBOX_LENGTH_DEFAULT, Inbox, InboxOptions, MessageView,
    ReplyRequest, SendRequest, ThreadView,
};
use crate::error::Result;
use crate::model::message::Handoff;
use crate::pm::Pm;
use crate::work::task::hand_over;

verb!(SendRequest: MessageView, Sends {
    run |self, pm| pm.messages().send(self),
    shell |request| ShellInput::text(Some(&mut request.text)),
});

verb!(InboxOptions: Inbox, Reads {
    run |self, pm| pm.messages().inbox(self),
});

/// Show messages with their texts, and mark them as read
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[serde(default)]
#[command(after_help = "\
Examples:
  git pm msg read              all unread messages, oldest first
  git pm msg read M-7q2x0d")]
pub struct Read {
    /// Message IDs; by default all unread messages.
    #[arg(value_name = "ID")]
    pub id: Vec<String>,
    /// Maximum number of unread messages; 0 for all.
    #[arg(long, value_name = "N", default_value_t)]
    pub limit: Limit<INBOX_LENGTH_DEFAULT>,
}

impl Read {
    /// The messages, which are not marked as read yet.
    ///
    /// # Errors
    /// When there is no such message.
    pub fn messages(&self, pm: &Pm) -> Result<Vec<MessageView>> {
        pm.messages().read(&self.id, Some(self.limit.0))
    }
}

verb!(Read: List<MessageView>, Writes {
    run |self, pm| {
        let read = self.messages(pm)?;
        pm.messages().mark_read(&read)?;
        Ok(read.into())
    },
    shell |request| ShellInput::ids(&mut request.id),
});

/// Reply to a message, in its thread
///
/// The reply goes to the author and the other recipients, and marks the message as read.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm msg reply M-7q2x0d '8080. The docs are wrong.'
  git pm msg reply M-7q2x0d - <answer.md")]
pub struct Reply {
    /// Message ID.
    pub id: String,
    /// What is sent.
    #[command(flatten)]
    #[serde(flatten)]
    pub request: ReplyRequest,
}

verb!(Reply: MessageView, Sends {
    run |self, pm| pm.messages().reply(&self.id, &self.request),
    shell |it| ShellInput::text(Some(&mut it.request.text)),
});

/// Acknowledge messages, so that their senders know
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm msg ack M-7q2x0d
  git pm msg ack M-7q2x0d --note 'after the release'")]
pub struct Acknowledge {
    /// Message IDs.
    #[arg(value_name = "ID", required = true)]
    pub id: Vec<String>,
    /// With a remark.
    #[command(flatten)]
    #[serde(flatten)]
    pub request: AnswerRequest,
}

verb!(Acknowledge: List<MessageView>, Writes {
    run |self, pm| Ok(pm.messages().ack(&self.id, &self.request)?.into()),
    shell |it| ShellInput {
        ids: Some(&mut it.id),
        ..ShellInput::text(it.request.note.as_mut())
    },
});

/// Show a thread: its messages, and what happened to its item
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm msg thread T-0012
  git pm msg thread M-7q2x0d")]
pub struct Thread {
    /// Item or message ID.
    pub id: String,
}

verb!(Thread: ThreadView, Writes {
    run |self, pm| {
        let thread = pm.messages().thread(&self.id)?;
        pm.messages().mark_read(&thread.messages)?;
        Ok(thread)
    },
});

/// Search the messages of all actors
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm msg search port 8080")]
pub struct Search {
    /// Words, or beginnings of words.
    #[arg(value_name = "WORD", required = true)]
    pub word: Vec<String>,
    /// Maximum number of messages; 0 for all.
    #[arg(long, value_name = "N", default_value_t)]
    #[serde(default)]
    pub limit: Limit<INBOX_LENGTH_DEFAULT>,
}

verb!(Search: List<MessageView>, Reads {
    run |self, pm| {
        List::limited(self.limit.0, |most| {
            pm.messages().search(&self.word.join(" "), Some(most))
        })
    },
});

/// Ask an actor to take an item
///
/// The recipient starts the item with `git pm start ID`, accepts the request first, or declines it.
/// When the item is started, submitted or done, the request shows this in your inbox and in the
/// item's thread.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm msg delegate T-0012 --to ben --note 'You know the parser best.'
  git pm msg delegate T-0012 --to role:agent")]
pub struct Delegate {
    /// Item ID.
    pub id: String,
    /// What is asked.
    #[command(flatten)]
    #[serde(flatten)]
    pub request: DelegateRequest,
}

verb!(Delegate: MessageView, Sends {
    run |self, pm| pm.messages().delegate(&self.id, &self.request),
    shell |it| ShellInput::text(Some(&mut it.request.note)),
});

/// Accept a request without starting its item yet
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct AcceptRequest {
    /// Message ID of the request.
    pub id: String,
    /// With a remark.
    #[command(flatten)]
    #[serde(flatten)]
    pub request: AnswerRequest,
}

verb!(AcceptRequest: MessageView, Writes {
    run |self, pm| pm.messages().accept(&self.id, &self.request),
    shell |it| ShellInput::text(it.request.note.as_mut()),
});

/// Decline a request
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct Decline {
    /// Message ID of the request.
    pub id: String,
    /// Reason for the sender.
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// Decline even if the reason seems to contain a secret.
    #[arg(long)]
    #[serde(default)]
    pub allow_secret: bool,
}

verb!(Decline: MessageView, Writes {
    run |self, pm| pm.messages().decline(&self.id, &AnswerRequest {
        note: self.reason.clone(),
        allow_secret: self.allow_secret,
    }),
});

/// Write down the state of your work for the actor who continues it, or show it
///
/// Without further arguments, shows the item's newest handoff. `git pm show` and `git pm start`
/// show it, too. The files are those that the item's branch changes, unless you name others.
///
/// Work in progress that is handed over to one actor becomes theirs: your claim ends, and they can start it.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[serde(default)]
#[command(after_help = "\
Examples:
  git pm handoff T-0012        show it
  git pm handoff T-0012 --done 'parser' --next 'tests' --next 'docs' \\
      --question 'Keep the old flag?'
  git pm handoff T-0012 --to ben --next 'tests'
  git pm handoff T-0012 --next 'see text' - <state.md")]
pub struct HandOff {
    /// Item ID; by default the task of this worktree.
    pub id: Option<String>,
    /// Text, in Markdown. The ID may be omitted before a text with spaces.
    pub text: Option<String>,
    /// Finished part (repeatable).
    #[arg(long, value_name = "TEXT")]
    pub done: Vec<String>,
    /// Next step (repeatable).
    #[arg(long, value_name = "TEXT")]
    pub next: Vec<String>,
    /// Decision that was made (repeatable).
    #[arg(long, value_name = "TEXT")]
    pub decision: Vec<String>,
    /// Changed file (repeatable).
    #[arg(long, value_name = "PATH")]
    pub file: Vec<String>,
    /// Open question (repeatable).
    #[arg(long, value_name = "TEXT")]
    pub question: Vec<String>,
    /// Recipient of the handoff, as in `git pm msg send` (repeatable). One actor gets the item, too.
    #[arg(long, value_name = "NAME")]
    pub to: Vec<String>,
    /// Accept recipients that are not known in this repository yet.
    #[arg(long, requires = "to")]
    #[serde(default)]
    pub new: bool,
    /// Write it even if it seems to contain a secret.
    #[arg(long)]
    pub allow_secret: bool,
}

impl HandOff {
    /// True if nothing is to be written.
    pub fn only_shows(&self) -> bool {
        let lists = [
            &self.done,
            &self.next,
            &self.decision,
            &self.file,
            &self.question,
        ];
        let given = lists.iter().any(|list| !list.is_empty());
        !(given || self.text.is_some() || !self.to.is_empty() || self.allow_secret)
    }
}

verb!(HandOff: MessageView, Sends {
    run |self, pm| {
        let (id, messages) = (self.id.as_deref(), pm.messages());
        if self.only_shows() {
            let found = messages.handoff(id)?;
            messages.mark_read(std::slice::from_ref(&found))?;
            return Ok(found);
        }
        let request = HandoffRequest {
            lists: Handoff {
                done: self.done.clone(),
                next: self.next.clone(),
                decisions: self.decision.clone(),
                files: self.file.clone(),
                questions: self.question.clone(),
            },
            text: self.text.clone().unwrap_or_default(),
            to: self.to.clone(),
            new: self.new,
            allow_secret: self.allow_secret,
        };
        hand_over::hand_off(pm, id, &request)
    },
    typed |request| {
        // No ID has a space.
        let is_text = |id: &String| id.contains(char::is_whitespace);
        if request.text.is_none() && request.id.as_ref().is_some_and(is_text) {
            request.text = request.id.take();
        }
    },
    shell |request| ShellInput::text(request.text.as_mut()),
    sends !self.only_shows(),
});
