//! The answer of `GET /api/v1/events`: a stream that ends with the server or with its reader.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{Response, header};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::events::{At, Wanted};
use super::request::{Call, Parts};
use super::shared::Shared;
use crate::error::{Error, Result};

/// The most readers at once.
pub(super) const READERS_MAX: usize = 512;

/// The time after which a reader without events is sent a sign of life.
const SILENCE: Duration = Duration::from_secs(15);

/// The time after which a browser asks again when its connection is lost, in milliseconds.
const RETRY: u32 = 2_000;

/// One reader.
struct Reader {
    shared: Arc<Shared>,
    wanted: Wanted,
    at: At,
    grown: watch::Receiver<u64>,
    stopped: watch::Receiver<bool>,
    /// What is sent first.
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
    readers: &Arc<Semaphore>,
    stopped: watch::Receiver<bool>,
) -> Result<Response<Body>> {
    let Ok(place) = readers.clone().try_acquire_owned() else {
        return Err(
            Error::refused(format!("{READERS_MAX} readers follow already"))
                .because("http.too_many_readers"),
        );
    };
    let shared = request.shared.clone();
    let grown = shared.hub.growth();
    let begun = tokio::task::spawn_blocking(move || {
        let call = Call::from(request);
        let item = match call.parameter("item") {
            Some(name) => {
                let uid = call.pm()?.tasks().show(name)?.uid.clone();
                Some((name.to_string(), uid))
            }
            None => None,
        };
        let wanted = Wanted {
            item,
            kinds: call.parameters("kind"),
        };
        let since = last.or_else(|| call.parameter("since").map(str::to_string));
        match since {
            // A position that is not valid is an error while there still can be one.
            Some(since) => {
                let (text, at) = call.shared.hub.catch_up(&since, &wanted)?;
                Ok((wanted, text, at))
            }
            None => Ok((wanted, String::new(), call.shared.hub.now())),
        }
    });
    let (wanted, text, at) = begun.await.unwrap_or_else(|_| {
        Err(Error::state("the request failed by a defect of git pm").because("http.defect"))
    })?;
    let reader = Reader {
        shared,
        wanted,
        at,
        grown,
        stopped,
        first: Some(format!("retry: {RETRY}\n\n{text}")),
        _place: place,
    };
    let stream = futures_util::stream::unfold(reader, |mut reader| async move {
        let text = reader.next().await?;
        Some((Ok::<_, std::convert::Infallible>(Bytes::from(text)), reader))
    });
    let mut response = Response::new(Body::from_stream(stream));
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        header::HeaderValue::from_static("text/event-stream"),
    );
    Ok(response)
}

impl Reader {
    /// The next part of the stream; none at its end.
    async fn next(&mut self) -> Option<String> {
        if let Some(first) = self.first.take() {
            return Some(first);
        }
        loop {
            let text = match self.at.clone() {
                At::Hub(number, cursor) => {
                    // Before the look, so that growth after it is seen.
                    self.grown.borrow_and_update();
                    let (text, at) = self.shared.hub.take(number, &cursor, &self.wanted);
                    self.at = at;
                    text
                }
                At::History(cursor) => {
                    let (shared, wanted) = (self.shared.clone(), self.wanted.clone());
                    let read =
                        tokio::task::spawn_blocking(move || shared.hub.catch_up(&cursor, &wanted));
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
                _ = self.stopped.wait_for(|stopped| *stopped) => return None,
                () = tokio::time::sleep(SILENCE) => return Some(": still here\n\n".into()),
            }
        }
    }
}
