//! Messages between actors, and the notices of the tool.
//!
//! Each is a document of the state, so it is exchanged with it and never conflicts; what an actor has
//! read belongs to one clone and is kept beside the index. Callers: the commands `msg` and `handoff`,
//! `status`, `sync`, `doctor`, and the verbs that send notices.

mod delegate;
pub(crate) mod inbox;
pub(crate) mod message_view;
pub(crate) mod notice;
pub(crate) mod read_marks;
pub(crate) mod recipients;
mod search;
pub(crate) mod send;
mod subject;
mod thread;

pub use delegate::{AnswerRequest, DelegateRequest};
pub(crate) use inbox::INBOX_LENGTH_DEFAULT;
pub use inbox::{Inbox, InboxOptions};
pub use message_view::{AckView, MessageView, RequestView};
pub use notice::NoticeView;
pub(crate) use notice::{Notice, is_alarm, notify, tell_owners};
pub use send::{IMPORTANCE, ReplyRequest, SendRequest};
pub(crate) use subject::present_subject;
pub use thread::{ThreadEvent, ThreadView};

/// The largest text of a message, in bytes. A larger one from another program is shown shortened.
pub(crate) const TEXT_MAX: usize = 256 * 1024;
