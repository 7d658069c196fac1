//! `git pm msg`: messages between actors.

use std::time::Duration;

use git_pm::messages::{InboxOptions, MessageView, SendRequest};
use git_pm::verbs::Verb;
use git_pm::verbs::msg::{
    AcceptRequest, Acknowledge, Decline, Delegate, Read, Reply, Search, Thread,
};

use crate::arguments::request::complete;
use crate::arguments::values::Millis;
use crate::context::Context;
use crate::failure::Outcome;
use crate::output::stderr;
use crate::render;

group! {
    /// Exchange messages with other actors and delegate work
    ///
    /// Messages are part of the state: they are exchanged with it, through any git remote. A message
    /// about an item belongs to the item's thread, and its subject begins with the item's ID. What you
    /// have read is known only in this clone; acknowledgements are shared.
    #[command(defer = true, disable_help_subcommand = true)]
    MsgCommand, run(context):
    Send(request: SendRequest) => sent(context, request),
    Inbox(request: InboxOptions) => {
        let all = request.all;
        context.shown(request, |page, inbox| {
            render::msg::inbox(page, inbox, all);
        })
    },
    // Messages count as read once they were printed.
    Read(request: Read) => {
        let (pm, request) = (context.pm()?, complete(request)?);
        let read = request.messages(pm)?;
        let done = context.list(&read, render::msg::full)?;
        marked(pm.messages().mark_read(&read));
        Ok(done)
    },
    Reply(request: Reply) => sent(context, request),
    Ack(request: Acknowledge) => {
        let done = context.verb(request)?;
        context.list(&done.items, |page, done| {
            render::msg::answered(page, "Acknowledged", done);
        })
    },
    Thread(request: Thread) => {
        let messages = context.pm()?.messages();
        let thread = messages.thread(&request.id)?;
        let done = context.paged(&thread, render::msg::thread)?;
        marked(messages.mark_read(&thread.messages));
        Ok(done)
    },
    Search(request: Search) => context.listed(request, render::msg::hits),
    Watch(args: WatchArgs) => {
        let timeout = args.timeout.map(|time| Duration::from_millis(time.0));
        let sync = args.sync.map(|time| Duration::from_millis(time.0));
        let inbox = context.pm()?.messages().watch(timeout, sync, &|| false)?;
        context.answer(&inbox, |page, inbox| render::msg::inbox(page, inbox, false))
    },
    Delegate(request: Delegate) => sent(context, request),
    Accept(request: AcceptRequest) => context.shown(request, |page, done| {
        render::msg::answered(page, "Accepted", std::slice::from_ref(done));
        if let Some(item) = &done.item {
            page.next(&[format!("git pm start {item}")]);
        }
    }),
    Decline(request: Decline) => context.shown(request, |page, done| {
        render::msg::answered(page, "Declined", std::slice::from_ref(done));
    }),
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

fn sent<V: Verb<Answer = MessageView>>(context: &Context, request: V) -> Outcome {
    context.shown(request, render::msg::sent)
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
