//! The event stream, the response to `GET /api/v1/events/stream`, and when it ends.
//!
//! It ends when the server stops or the reader disconnects.

use std::sync::Arc;
use std::time::Instant;

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, Response, header};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::events::{At, Wanted};
use super::limits;
use super::limits::{READERS_MAX, RECONNECT_MS};
use super::request::{Call, Parts, Visitor};
use super::shared::Shared;
use crate::error::{Error, Reason, Result};
use crate::history::events::kinds::require_known;

/// State shared by all readers.
#[derive(Clone)]
pub(super) struct Reading {
    readers: Arc<Semaphore>,
    history: Arc<Semaphore>,
    stopped: watch::Receiver<bool>,
}

impl Reading {
    pub fn new(stopped: watch::Receiver<bool>) -> Reading {
        Reading {
            readers: Arc::new(Semaphore::new(READERS_MAX)),
            history: Arc::new(Semaphore::new(limits::HISTORY_READERS_MAX)),
            stopped,
        }
    }
}

/// One reader.
struct Reader {
    shared: Arc<Shared>,
    wanted: Wanted,
    at: At,
    grown: watch::Receiver<u64>,
    visitor: Visitor,
    checked: Instant,
    reading: Reading,
    /// The text to send first.
    first: Option<String>,
    _place: OwnedSemaphorePermit,
}

/// Opens a stream from the event that the reader saw last, from a cursor or time, or from now on.
///
/// # Errors
/// When there are too many readers, or the item or the position is not valid.
pub(super) async fn open(
    request: Parts,
    last: Option<String>,
    reading: &Reading,
) -> Result<Response<Body>> {
    let Ok(place) = reading.readers.clone().try_acquire_owned() else {
        return Err(Error::refused(format!(
            "{READERS_MAX} readers are already following the events"
        ))
        .because(Reason::HttpTooManyReaders));
    };
    let shared = request.shared.clone();
    let grown = shared.hub.growth();
    let visitor = request.visitor.clone();
    let turn = reading.history.clone().acquire_owned().await;
    let begun = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        let call = Call::from(request);
        let item = match call.parameter("item") {
            Some(name) => {
                let uid = call.pm()?.tasks().show(name)?.uid.clone();
                Some((name.to_string(), uid))
            }
            None => None,
        };
        let kinds = call.parameters("kind");
        require_known(&kinds)?;
        let wanted = Wanted { item, kinds };
        let since = last.or_else(|| call.parameter("since").map(str::to_string));
        match since {
            // Only before the stream starts can an invalid position be reported as an error.
            Some(since) => {
                let (text, at) = call.shared.hub.catch_up(&since, &wanted)?;
                Ok((wanted, text, at))
            }
            None => Ok((wanted, String::new(), call.shared.hub.now())),
        }
    });
    let (wanted, text, at) = begun.await.unwrap_or_else(|_| {
        Err(
            Error::state("the request failed because of a bug in git pm")
                .because(Reason::HttpDefect),
        )
    })?;
    let reader = Reader {
        shared,
        wanted,
        at,
        grown,
        visitor,
        checked: Instant::now(),
        reading: reading.clone(),
        first: Some(format!("retry: {RECONNECT_MS}\n\n{text}")),
        _place: place,
    };
    let stream = futures_util::stream::unfold(reader, |mut reader| async move {
        let text = reader.next().await?;
        Some((Ok::<_, std::convert::Infallible>(Bytes::from(text)), reader))
    });
    let mut response = Response::new(Body::from_stream(stream));
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, "text/event-stream"),
        // A cache that stores nothing may still collect a response before it passes it on.
        (header::CACHE_CONTROL, "no-cache"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    Ok(response)
}

impl Reader {
    /// The next part of the stream; none at its end.
    async fn next(&mut self) -> Option<String> {
        if let Some(first) = self.first.take() {
            return Some(first);
        }
        loop {
            if self.checked.elapsed() > limits::REVOCATION_TIME_MAX {
                self.checked = Instant::now();
                if !self.shared.still_knows(&self.visitor) {
                    return None;
                }
            }
            let text = match self.at.clone() {
                At::Hub(number, cursor) => {
                    // Before taking events, so that later growth is noticed.
                    self.grown.borrow_and_update();
                    let (text, at) = self.shared.hub.take(number, &cursor, &self.wanted);
                    self.at = at;
                    text
                }
                At::History(cursor) => {
                    let turn = self.reading.history.clone().acquire_owned().await.ok()?;
                    let (shared, wanted) = (self.shared.clone(), self.wanted.clone());
                    let read = tokio::task::spawn_blocking(move || {
                        let _turn = turn;
                        shared.hub.catch_up(&cursor, &wanted)
                    });
                    let (text, at) = read.await.ok()?.ok()?;
                    self.at = at;
                    text
                }
            };
            if !text.is_empty() {
                return Some(text);
            }
            if matches!(self.at, At::History(_)) {
                continue;
            }
            tokio::select! {
                changed = self.grown.changed() => changed.ok()?,
                _ = self.reading.stopped.wait_for(|stopped| *stopped) => return None,
                () = tokio::time::sleep(limits::SILENCE_MAX) => return Some(": keep-alive\n\n".into()),
            }
        }
    }
}
