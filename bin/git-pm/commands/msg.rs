//! `git pm msg`: messages between actors.

use std::time::Duration;

use git_pm::messages::{
    AnswerRequest, DelegateRequest, IMPORTANCE, InboxOptions, ReplyRequest, SendRequest,
};

use crate::arguments::stdin::text_or_stdin;
use crate::arguments::values::{Millis, Words, limit};
use crate::context::Context;
use crate::failure::Outcome;
use crate::output::stderr;
use crate::render;

/// Exchange messages with other actors and delegate work
///
/// Messages are part of the state: they are exchanged with it, through any git remote. A message
/// about an item belongs to the item's thread, and its subject begins with the item's ID. What you
/// have read is known only in this clone; acknowledgements are shared.
#[derive(clap::Subcommand, Debug)]
#[command(defer = true, disable_help_subcommand = true)]
pub enum MsgCommand {
    Send(SendArgs),
    Inbox(InboxArgs),
    /// Show messages with their texts, and mark them as read
    #[command(after_help = "\
Examples:
  git pm msg read              all unread messages, oldest first
  git pm msg read M-7q2x0d")]
    Read {
        /// Message IDs; by default all unread messages.
        #[arg(value_name = "ID")]
        ids: Vec<String>,
        /// Maximum number of unread messages; 0 for all.
        #[arg(long, value_name = "N", value_parser = limit, default_value_t = 20)]
        limit: usize,
    },
    Reply(ReplyArgs),
    /// Acknowledge messages, so that their senders know
    #[command(after_help = "\
Examples:
  git pm msg ack M-7q2x0d
  git pm msg ack M-7q2x0d --note 'after the release'")]
    Ack {
        /// Message IDs.
        #[arg(value_name = "ID", required = true)]
        ids: Vec<String>,
        /// Remark for the sender.
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
        /// Acknowledge even if the remark seems to contain a secret.
        #[arg(long)]
        allow_secret: bool,
    },
    /// Show a thread: its messages, and what happened to its item
    #[command(after_help = "\
Examples:
  git pm msg thread T-0012
  git pm msg thread M-7q2x0d")]
    Thread {
        /// Item or message ID.
        #[arg(value_name = "ID")]
        name: String,
    },
    /// Search the messages of all actors
    #[command(after_help = "\
Examples:
  git pm msg search port 8080")]
    Search {
        /// Words, or beginnings of words.
        #[arg(value_name = "WORD", required = true)]
        words: Vec<String>,
        /// Maximum number of messages; 0 for all.
        #[arg(long, value_name = "N", value_parser = limit, default_value_t = 20)]
        limit: usize,
    },
    Watch(WatchArgs),
    Delegate(DelegateArgs),
    /// Accept a request without starting its item yet
    Accept {
        /// Message ID of the request.
        id: String,
        /// Remark for the sender.
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
        /// Accept even if the remark seems to contain a secret.
        #[arg(long)]
        allow_secret: bool,
    },
    /// Decline a request
    Decline {
        /// Message ID of the request.
        id: String,
        /// Reason for the sender.
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
        /// Decline even if the reason seems to contain a secret.
        #[arg(long)]
        allow_secret: bool,
    },
}

/// The parts of every message.
#[derive(clap::Args, Debug)]
pub struct KindArgs {
    /// Importance.
    #[arg(long, value_name = "WORD", value_parser = Words(IMPORTANCE))]
    pub importance: Option<String>,
    /// Send the message even if it seems to contain a secret.
    #[arg(long)]
    pub allow_secret: bool,
}

/// Send a message
///
/// Messages are pushed at once if `pm.sync` allows it, else by the next sync. An unknown recipient is
/// an error; `all` and roles are always accepted.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm msg send --to ben --item T-0012 'Which port?' 'The docs say 80 and 8080.'
  git pm msg send --to owner:T-0012 --ack 'The API changes today'
  git pm msg send --to role:human --importance high 'Approval needed' -")]
pub struct SendArgs {
    /// Recipient (repeatable): an actor, `role:NAME`, `owner:ID` or `all`; `role:human` and
    /// `role:agent` always exist, and others are set with `pm.role`.
    #[arg(long, value_name = "NAME", required = true)]
    pub to: Vec<String>,
    /// Item that the message is about.
    #[arg(long, value_name = "ID")]
    pub item: Option<String>,
    /// Ask for an acknowledgement.
    #[arg(long)]
    pub ack: bool,
    /// Accept recipients that are not known in this repository yet.
    #[arg(long)]
    pub new: bool,
    #[command(flatten)]
    pub kind: KindArgs,
    /// Subject, in one line.
    pub subject: String,
    /// Text; `-` reads it from standard input.
    pub text: Option<String>,
}

/// List unread messages
///
/// Lists messages to you, your requests that were answered or whose items are finished, and,
/// for humans, threads in which agents exchanged at least `pm.escalateAfter` messages without a
/// human. Nothing is marked as read.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm msg inbox
  git pm msg inbox --human     what is waiting for a human
  git pm msg inbox --all --limit 100")]
pub struct InboxArgs {
    /// Include messages that you have read.
    #[arg(long)]
    pub all: bool,
    /// Only messages to `role:human`, and threads that agents could not settle themselves.
    #[arg(long)]
    pub human: bool,
    /// Maximum number of messages; 0 for all.
    #[arg(long, value_name = "N", value_parser = limit, default_value_t = 20)]
    pub limit: usize,
}

/// Reply to a message, in its thread
///
/// The reply goes to the author and the other recipients, and marks the message as read.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm msg reply M-7q2x0d '8080. The docs are wrong.'
  git pm msg reply M-7q2x0d - <answer.md")]
pub struct ReplyArgs {
    /// Message ID.
    pub id: String,
    /// Text; `-` reads it from standard input.
    pub text: String,
    /// Ask for an acknowledgement.
    #[arg(long)]
    pub ack: bool,
    #[command(flatten)]
    pub kind: KindArgs,
}

/// Wait until there is an unread message, and list it
///
/// Exits at once if there is one already, and with 1 if none arrives in time.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm msg watch && git pm msg read
  git pm msg watch --timeout 10m --sync 30s")]
pub struct WatchArgs {
    /// Maximum wait: 30s, 15m, 4h; by default, until a message arrives.
    #[arg(long, value_name = "TIME")]
    pub timeout: Option<Millis>,
    /// Also fetch from the remote, at this interval; without a value, every 30s.
    #[arg(long, value_name = "TIME", num_args = 0..=1,
        default_missing_value = "30s")]
    pub sync: Option<Millis>,
}

/// Ask an actor to take an item
///
/// The recipient starts the item with `git pm start ID`, accepts the request first, or declines it.
/// When the item is started, submitted or done, the request shows this in your inbox and in the
/// item's thread.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm msg delegate T-0012 --to ben --note 'You know the parser best.'
  git pm msg delegate T-0012 --to role:agent")]
pub struct DelegateArgs {
    /// Item ID.
    pub id: String,
    /// Recipient: an actor, `role:NAME` or `all` (repeatable).
    #[arg(long, value_name = "NAME", required = true)]
    pub to: Vec<String>,
    /// What the recipient should know; `-` reads it from standard input.
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
    /// Accept recipients that are not known in this repository yet.
    #[arg(long)]
    pub new: bool,
    #[command(flatten)]
    pub kind: KindArgs,
}

/// Runs a verb of the group.
pub fn run(context: &Context, command: MsgCommand) -> Outcome {
    let messages = context.pm()?.messages();
    match command {
        MsgCommand::Send(args) => {
            context.ask_first_push(false)?;
            let request = SendRequest {
                to: args.to,
                item: args.item,
                importance: args.kind.importance,
                ack: args.ack,
                subject: args.subject,
                text: text_or_stdin(args.text.as_deref().unwrap_or(""))?,
                new: args.new,
                allow_secret: args.kind.allow_secret,
            };
            context.answer(&messages.send(&request)?, render::msg::sent)
        }
        MsgCommand::Inbox(args) => {
            let inbox = messages.inbox(&InboxOptions {
                all: args.all,
                human: args.human,
                limit: Some(args.limit),
            })?;
            context.answer(&inbox, |page, inbox| {
                render::msg::inbox(page, inbox, args.all);
            })
        }
        MsgCommand::Read { ids, limit } => {
            let read = messages.read(&ids, Some(limit))?;
            let done = context.list(&read, render::msg::full)?;
            marked(messages.mark_read(&read));
            Ok(done)
        }
        MsgCommand::Reply(args) => {
            context.ask_first_push(false)?;
            let request = ReplyRequest {
                text: text_or_stdin(&args.text)?,
                importance: args.kind.importance,
                ack: args.ack,
                allow_secret: args.kind.allow_secret,
            };
            context.answer(&messages.reply(&args.id, &request)?, render::msg::sent)
        }
        MsgCommand::Ack {
            ids,
            note,
            allow_secret,
        } => {
            let done = messages.ack(&ids, &AnswerRequest { note, allow_secret })?;
            context.list(&done, |page, done| {
                render::msg::answered(page, "Acknowledged", done);
            })
        }
        MsgCommand::Thread { name } => {
            let thread = messages.thread(&name)?;
            let done = context.paged(&thread, render::msg::thread)?;
            marked(messages.mark_read(&thread.messages));
            Ok(done)
        }
        MsgCommand::Search { words, limit } => {
            let found = messages.search(&words.join(" "), Some(limit))?;
            context.list(&found, render::msg::hits)
        }
        MsgCommand::Watch(args) => {
            let timeout = args.timeout.map(|time| Duration::from_millis(time.0));
            let sync = args.sync.map(|time| Duration::from_millis(time.0));
            let inbox = messages.watch(timeout, sync, &|| false)?;
            context.answer(&inbox, |page, inbox| render::msg::inbox(page, inbox, false))
        }
        MsgCommand::Delegate(args) => {
            context.ask_first_push(false)?;
            let request = DelegateRequest {
                to: args.to,
                note: text_or_stdin(args.note.as_deref().unwrap_or(""))?,
                importance: args.kind.importance,
                new: args.new,
                allow_secret: args.kind.allow_secret,
            };
            context.answer(&messages.delegate(&args.id, &request)?, render::msg::sent)
        }
        MsgCommand::Accept {
            id,
            note,
            allow_secret,
        } => {
            let done = messages.accept(&id, &AnswerRequest { note, allow_secret })?;
            context.answer(&done, |page, done| {
                render::msg::answered(page, "Accepted", std::slice::from_ref(done));
                if let Some(item) = &done.item {
                    page.next(&[format!("git pm start {item}")]);
                }
            })
        }
        MsgCommand::Decline {
            id,
            reason: note,
            allow_secret,
        } => {
            let done = messages.decline(&id, &AnswerRequest { note, allow_secret })?;
            context.answer(&done, |page, done| {
                render::msg::answered(page, "Declined", std::slice::from_ref(done));
            })
        }
    }
}

/// Warns if shown messages could not be marked as read.
pub fn marked(done: git_pm::Result<()>) {
    if let Err(error) = done {
        stderr::note(&format!(
            "the messages could not be marked as read: {}",
            error.message()
        ));
    }
}
