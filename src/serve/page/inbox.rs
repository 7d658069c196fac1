//! The inbox of the visitor: the messages to them, and the work that waits for a review.

use askama::Template;

use super::super::request::{Answer, Call};
use super::super::route::{Parameter, Route, text};
use super::filters;
use super::frame::{Frame, html};
use super::item::Message;
use super::limits;
use super::markdown::markdown;
use crate::coordinate::message::inbox::InboxOptions;
use crate::error::Result;
use crate::model::status::Status;
use crate::pm::arguments::Limit;
use crate::pm::shared_views::ItemView;
use crate::work::list::ListFilter;

const ALL: &[Parameter] = &[text("all", "`true`: also the messages that were read")];

pub(super) fn routes() -> Vec<Route> {
    vec![super::page("/inbox", "What is for the visitor", inbox).with(ALL)]
}

#[derive(Template)]
#[template(path = "../src/serve/page/templates/inbox.html")]
struct InboxPage {
    frame: Frame,
    unread: usize,
    /// Read messages are shown, too.
    all: bool,
    /// True if there are messages, read or not.
    has_any: bool,
    /// The newest first.
    messages: Vec<Message>,
    reviews: Vec<ItemView>,
    /// The number of reviews that are not shown.
    more_reviews: usize,
}

fn inbox(call: &Call) -> Result<Answer> {
    let all = call.parameter("all").is_some();
    let mut page = InboxPage {
        frame: Frame::default(),
        unread: 0,
        all,
        has_any: false,
        messages: Vec::new(),
        reviews: Vec::new(),
        more_reviews: 0,
    };
    if call.visitor.actor.is_some() {
        let pm = call.pm()?;
        let of = |all: bool| {
            pm.messages().inbox(&InboxOptions {
                all,
                human: false,
                limit: Limit(limits::INBOX_MESSAGES_MAX),
            })
        };
        let (new, known) = (of(false)?, of(true)?);
        page.unread = new.unread;
        page.has_any = !known.items.is_empty();
        // What was read may still wait for an answer.
        let waits = known.items.into_iter().filter(|one| all || one.ack_wanted);
        let mut shown = new.items;
        shown.extend(waits);
        shown.sort_by(|a, b| (&b.created_at, &b.uid).cmp(&(&a.created_at, &a.uid)));
        shown.dedup_by(|a, b| a.uid == b.uid);
        shown.truncate(limits::INBOX_MESSAGES_MAX);
        let names: Vec<String> = shown.into_iter().map(|one| one.uid).collect();
        let messages = pm.messages().shown(&names)?.into_iter();
        page.messages = messages
            .map(|view| Message {
                text: markdown(view.body.as_deref().unwrap_or_default()),
                view,
            })
            .collect();
        page.reviews = pm.items().list(&ListFilter {
            status: vec![Status::InReview.as_str().to_string()],
            ..ListFilter::default()
        })?;
        // Imported work may be in review without a branch, and then there is nothing to review.
        page.reviews.retain(|one| one.branch.is_some());
        page.more_reviews = page.reviews.len().saturating_sub(limits::INBOX_REVIEWS_MAX);
        page.reviews.truncate(limits::INBOX_REVIEWS_MAX);
    }
    page.frame = Frame::of(call, "Inbox", "/inbox");
    html(&page)
}
