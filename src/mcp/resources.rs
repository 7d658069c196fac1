//! Resources: items, threads, the inbox and the briefing, read by URI, without a tool.

use rmcp::model::{ListResourcesResult, Resource, ResourceContents, ResourceTemplate};

use super::escape;
use super::session::Session;
use super::{item_views, limits, shown_item};
use crate::coordinate::message::InboxOptions;
use crate::error::{Error, Hint, Reason, Result};
use crate::memory::prime::{BUDGET, PrimeOptions};
use crate::model::text;
use crate::work::list::ListFilter;

/// The scheme of the URIs.
const SCHEME: &str = "pm://";

const INBOX: &str = "pm://inbox";

const PRIME: &str = "pm://prime";

const MARKDOWN: &str = "text/markdown";

/// The briefing, the inbox, and the most recently changed open items.
pub(super) fn listed(session: &Session) -> Result<ListResourcesResult> {
    let filter = ListFilter {
        sort: crate::query::sort_keys("-updated")?,
        limit: Some(limits::RESOURCES_MAX),
        ..ListFilter::default()
    };
    let items = session.pm()?.items().list(&filter)?;
    let resource = |item: &crate::pm::shared_views::ItemView| {
        Resource::new(format!("{SCHEME}item/{}", item.id), item.id.clone())
            .with_title(text::excerpt(&item.title, 120))
            .with_mime_type(MARKDOWN)
    };
    let inbox = Resource::new(INBOX, "inbox")
        .with_title("Unread messages")
        .with_mime_type(MARKDOWN);
    let prime = Resource::new(PRIME, "prime")
        .with_title("What an agent needs to know now")
        .with_mime_type(MARKDOWN);
    let listed = [prime, inbox].into_iter().chain(items.iter().map(resource));
    Ok(ListResourcesResult::with_all_items(listed.collect()))
}

/// The URI templates.
pub(super) fn templates() -> Vec<ResourceTemplate> {
    vec![
        ResourceTemplate::new(format!("{SCHEME}item/{{id}}"), "item")
            .with_description("An item by its ID")
            .with_mime_type(MARKDOWN),
        ResourceTemplate::new(format!("{SCHEME}thread/{{id}}"), "thread")
            .with_description("The messages about an item, or in the thread of a message")
            .with_mime_type(MARKDOWN),
    ]
}

/// The text at a URI.
pub(super) fn read(session: &Session, uri: &str) -> Result<ResourceContents> {
    let text = escape::text(&text_at(session, uri)?);
    Ok(ResourceContents::text(text, uri).with_mime_type(MARKDOWN))
}

fn text_at(session: &Session, uri: &str) -> Result<String> {
    if uri == INBOX {
        let inbox = session.pm()?.messages().inbox(&InboxOptions::default())?;
        let messages = item_views::listed(&inbox.items)?;
        return Ok(format!("{} unread\n{messages}", inbox.unread));
    }
    if uri == PRIME {
        return briefing(session);
    }
    let parts = uri
        .strip_prefix(SCHEME)
        .and_then(|rest| rest.split_once('/'));
    match parts {
        Some(("item", id)) => item(session, id),
        Some(("thread", id)) => {
            let thread = session.pm()?.messages().thread(id)?;
            let newest = thread
                .messages
                .len()
                .saturating_sub(limits::THREAD_MESSAGES_MAX);
            Ok(format!(
                "{}: {} messages\n{}",
                thread.thread,
                thread.messages.len(),
                item_views::listed(&thread.messages[newest..])?
            ))
        }
        _ => {
            let shown = text::excerpt(uri, 80);
            Err(
                Error::not_found(format!("resource `{shown}` was not found"))
                    .because(Reason::ResourceUnknown)
                    .about(shown)
                    .hint(format!(
                        "the resources are {SCHEME}item/ID, {SCHEME}thread/ID, {INBOX} and {PRIME}"
                    ))
                    .hint(Hint::run(["list"], "lists the items")),
            )
        }
    }
}

/// What an agent needs to know now.
pub(super) fn briefing(session: &Session) -> Result<String> {
    let briefing = session.pm()?.memory().prime(&PrimeOptions {
        id: None,
        budget: BUDGET,
    })?;
    Ok(briefing.text)
}

/// An item as text.
pub(super) fn item(session: &Session, id: &str) -> Result<String> {
    shown_item::text(&session.pm()?.tasks().show(id)?)
}
