//! Where the events of the stream come from.
//!
//! One thread follows the state and keeps the last events in serialized form, so that a change is
//! derived once and not once per reader. A reader that starts at an earlier event, or was too slow,
//! first reads the history up to the hub's position.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::limits;
use crate::error::{Error, Reason, Result};
use crate::history::events::{Event, EventFilter};
use crate::model::text::escape_json;
use crate::model::uid::Uid;
use crate::pm::{Options, Pm};
use crate::store::env::Env;

/// The interval between two polls of the ref.
const POLL_INTERVAL: Duration = Duration::from_millis(100);

/// A reader's filter, as in `git pm events`.
#[derive(Clone, Debug, Default)]
pub(super) struct Wanted {
    /// An item: the name that the reader used, and its permanent name.
    pub item: Option<(String, Uid)>,
    pub kinds: Vec<String>,
}

impl Wanted {
    fn takes(&self, event: &Event) -> bool {
        event.fits(&self.kinds, self.item.as_ref().map(|(_, uid)| uid))
    }
}

/// An event and its serialized form.
struct Kept {
    event: Event,
    text: String,
}

/// The last events, and the position up to which the state was followed.
#[derive(Default)]
struct Ring {
    events: VecDeque<Kept>,
    /// The number of the first event that is kept.
    first: u64,
    bytes: usize,
    /// The cursor up to which the state was followed.
    position: String,
    /// The number of polls requested, and the last one that was completed.
    asked: u64,
    done: u64,
}

impl Ring {
    fn next(&self) -> u64 {
        self.first + self.events.len() as u64
    }

    fn push(&mut self, event: Kept) {
        self.bytes += event.text.len();
        self.events.push_back(event);
        while self.events.len() > limits::EVENTS_KEPT_MAX || self.bytes > limits::EVENTS_BYTES_MAX {
            let Some(gone) = self.events.pop_front() else {
                break;
            };
            self.bytes -= gone.text.len();
            self.first += 1;
        }
    }
}

struct Inner {
    ring: Mutex<Ring>,
    asked: Condvar,
    done: Condvar,
    /// The number of the next event; readers wait for it to change.
    grown: watch::Sender<u64>,
}

/// The hub of a server. Its thread ends with it.
pub(super) struct Hub {
    inner: Arc<Inner>,
    env: Env,
}

/// The position of a reader.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum At {
    /// After this cursor, with history still to be read.
    History(String),
    /// At this event number of the hub, after this cursor.
    Hub(u64, String),
}

impl Hub {
    /// Starts following the state.
    ///
    /// # Errors
    /// When there is no state.
    pub fn start(env: Env) -> Result<Hub> {
        let pm = Pm::open(env.clone(), Options::default())?;
        let inner = Arc::new(Inner {
            ring: Mutex::new(Ring {
                position: pm.history().event_cursor()?,
                ..Ring::default()
            }),
            asked: Condvar::new(),
            done: Condvar::new(),
            grown: watch::Sender::new(0),
        });
        let (weak, own) = (Arc::downgrade(&inner), env.clone());
        std::thread::Builder::new()
            .name("events".into())
            .spawn(move || follow(&weak, &own))
            .map_err(|error| Error::io("cannot start a thread", error))?;
        Ok(Hub { inner, env })
    }

    fn ring(&self) -> std::sync::MutexGuard<'_, Ring> {
        self.inner
            .ring
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Notifies readers of new events.
    pub fn growth(&self) -> watch::Receiver<u64> {
        self.inner.grown.subscribe()
    }

    /// The cursor up to which the state was followed, without a look at it.
    pub fn position(&self) -> String {
        self.ring().position.clone()
    }

    /// The current position. Blocks.
    pub fn now(&self) -> At {
        self.look();
        let ring = self.ring();
        At::Hub(ring.next(), ring.position.clone())
    }

    /// The kept events that a reader at event number `at` has not seen: the text to send, and the
    /// reader's new position.
    pub fn take(&self, at: u64, cursor: &str, wanted: &Wanted) -> (String, At) {
        let ring = self.ring();
        if at < ring.first {
            return (String::new(), At::History(cursor.to_string()));
        }
        let new = ring.events.iter().skip((at - ring.first) as usize);
        let mut last = None;
        let mut text = String::new();
        for event in new {
            last = Some(&event.event.cursor);
            if wanted.takes(&event.event) {
                text += &event.text;
            }
        }
        let cursor = last.map_or(cursor, String::as_str).to_string();
        (text, At::Hub(ring.next(), cursor))
    }

    /// Reads the next events of the history after a cursor, up to the hub's position. Blocks.
    ///
    /// # Errors
    /// When the cursor is not valid, the item is not known or the history cannot be read.
    pub fn catch_up(&self, cursor: &str, wanted: &Wanted) -> Result<(String, At)> {
        // The reader may be ahead of the hub, after reading from another server.
        self.look();
        let (number, position) = {
            let ring = self.ring();
            (ring.next(), ring.position.clone())
        };
        let pm = Pm::open(self.env.clone(), Options::default())?;
        let filter = EventFilter {
            since: Some(cursor.to_string()),
            item: wanted.item.as_ref().map(|(name, _)| name.clone()),
            kinds: wanted.kinds.clone(),
            limit: Some(limits::EVENTS_READ_MAX),
        };
        let mut text = String::new();
        let mut events = pm.history().events(&filter)?;
        let read = events.each_to(&position, |event| {
            text += &sent(&event);
            Ok(true)
        });
        match read {
            Ok(()) => {}
            Err(error) if error.reason() == Reason::EventsCursorLost && text.is_empty() => {
                text += &sent(&events.restart()?);
                return Ok((text, At::History(events.cursor())));
            }
            Err(error) => return Err(error),
        }
        match events.is_full() {
            true => Ok((text, At::History(events.cursor()))),
            false => Ok((text, At::Hub(number, position))),
        }
    }

    /// Waits until the hub has polled the state once more.
    fn look(&self) {
        let mut ring = self.ring();
        ring.asked += 1;
        let wanted = ring.asked;
        self.inner.asked.notify_all();
        let _ = self
            .inner
            .done
            .wait_timeout_while(ring, limits::EVENTS_WAIT_MAX, |ring| ring.done < wanted);
    }
}

/// Follows the state until the hub is gone.
fn follow(hub: &Weak<Inner>, env: &Env) {
    let mut wait_after_failure = POLL_INTERVAL;
    loop {
        let Some(position) = hub.upgrade().map(|inner| {
            let ring = inner.ring.lock().unwrap_or_else(PoisonError::into_inner);
            ring.position.clone()
        }) else {
            return;
        };
        match follow_from(hub, env, position) {
            Ok(()) => return,
            // The state is temporarily unreadable (a full disk, a repair). Readers wait.
            Err(_) => {
                std::thread::sleep(wait_after_failure);
                wait_after_failure = (wait_after_failure * 2).min(Duration::from_secs(5));
            }
        }
    }
}

fn follow_from(hub: &Weak<Inner>, env: &Env, position: String) -> Result<()> {
    let pm = Pm::open(env.clone(), Options::default())?;
    let mut events = pm.history().events(&EventFilter {
        since: Some(position),
        ..EventFilter::default()
    })?;
    loop {
        let Some(inner) = hub.upgrade() else {
            return Ok(());
        };
        let asked = {
            let ring = inner.ring.lock().unwrap_or_else(PoisonError::into_inner);
            ring.asked
        };
        let mut new = Vec::new();
        if events.has_moved()? {
            let read = events.each(|event| {
                new.push(kept(event));
                Ok(true)
            });
            match read {
                Ok(()) => {}
                Err(error) if error.reason() == Reason::EventsCursorLost => {
                    new.push(kept(events.restart()?));
                }
                Err(error) => return Err(error),
            }
        }
        let mut ring = inner.ring.lock().unwrap_or_else(PoisonError::into_inner);
        let grew = !new.is_empty();
        for event in new {
            ring.push(event);
        }
        ring.position = events.cursor();
        ring.done = asked;
        if grew {
            inner.grown.send_replace(ring.next());
        }
        inner.done.notify_all();
        let start = Instant::now();
        while ring.asked == ring.done && start.elapsed() < POLL_INTERVAL {
            let waited = inner.asked.wait_timeout(ring, POLL_INTERVAL);
            ring = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

fn kept(event: Event) -> Kept {
    let text = sent(&event);
    Kept { event, text }
}

/// An event in the format of server-sent events. Its cursor is the id that a reader continues from.
fn sent(event: &Event) -> String {
    let json = serde_json::to_string(event).map(escape_json);
    format!(
        "id: {}\ndata: {}\n\n",
        event.cursor,
        json.unwrap_or_default()
    )
}
