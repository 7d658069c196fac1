//! What an agent prints, on its way to the reader and the log; and what it is told, if there is a
//! dialogue.

use std::time::Duration;

use super::live::Live;
use super::logs::LogWriter;
use crate::agent::headless::{Reader, Update, With};
use crate::process::{Line, Sink, Stream};
use crate::secret;

/// The listener of one agent.
pub(super) struct Listener<'a> {
    pub reader: Reader,
    log: &'a mut LogWriter,
    live: &'a Live,
    kind: Kind,
}

/// What the lines on an agent's standard output are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Events,
    /// Messages of a protocol, many for each step; the log has the steps.
    Messages,
}

impl<'a> Listener<'a> {
    pub fn new(with: &With, reader: Reader, log: &'a mut LogWriter, live: &'a Live) -> Self {
        let kind = match with {
            With::Script(_) | With::Command(_) | With::Aider => Kind::Text,
            With::Acp(_) => Kind::Messages,
            _ => Kind::Events,
        };
        Listener {
            reader,
            log,
            live,
            kind,
        }
    }

    /// Writes what the log has no other line for, and with `is_shown` tells it to those who watch.
    fn tell(&mut self, update: &Update, is_shown: bool) {
        if let Update::Usage(used) = update {
            return self.live.used(self.reader.model(), *used);
        }
        let is_logged = self.kind == Kind::Messages || update.is_notice();
        if !is_logged && !is_shown {
            return;
        }
        let words = words(update);
        if is_shown && let Some((_, text)) = words.last() {
            self.live.said(Some(text));
        }
        for (stream, text) in words.iter().filter(|_| is_logged) {
            self.log.write_redacted(stream, text);
        }
    }
}

/// What an update is in a log: the stream and the text of each line, without secrets.
pub(super) fn words(update: &Update) -> Vec<(&'static str, String)> {
    let (stream, text) = match update {
        Update::Message(text) => {
            // Before it is divided: a secret can have several lines.
            let clean = secret::redacted(text).0;
            return clean
                .lines()
                .map(|line| ("out", line.to_string()))
                .collect();
        }
        Update::ToolBegan { name, detail } => ("out", format!("{name}: {detail}")),
        Update::ToolEnded { name, detail, ok } => {
            let end = if *ok { "done" } else { "failed" };
            ("out", format!("{name}: {detail}: {end}"))
        }
        Update::Permission {
            name,
            detail,
            refused,
        } => {
            let text = match refused {
                None => format!("allowed: {name}: {detail}"),
                Some(why) => format!("refused: {name}: {detail}: {why}"),
            };
            ("run", text)
        }
        Update::RateLimited { message, .. } => {
            ("run", format!("the provider limits requests: {message}"))
        }
        Update::Retrying { message, .. } => ("run", format!("the agent tries again: {message}")),
        Update::Error(message) => ("out", format!("error: {message}")),
        Update::Note(text) => ("run", text.clone()),
        Update::Usage(_) | Update::Session(_) | Update::Done => return Vec::new(),
    };
    vec![(stream, secret::redacted(&text).0)]
}

impl Sink for Listener<'_> {
    fn line(&mut self, line: Line<'_>) {
        let text = String::from_utf8_lossy(line.bytes);
        // Before anything is cut: a part of a secret would not be recognized. Events keep their form.
        let clean = || secret::redacted(&text).0;
        let mut kept = None;
        let updates = match (line.stream, self.kind) {
            (Stream::Out, Kind::Messages) => self.reader.stdout(line.bytes),
            (Stream::Out, Kind::Events) => {
                let text = self.log.write_redacted("out", &clean());
                kept = (!text.starts_with('{')).then(|| text.to_string());
                self.reader.stdout(line.bytes)
            }
            (Stream::Out, Kind::Text) => {
                let clean = clean();
                let text = self.log.write_redacted("out", &clean).to_string();
                let updates = self.reader.stdout(clean.as_bytes());
                // Of a line that is an event, what it means is shown.
                let is_text = |update: &Update| matches!(update, Update::Message(_));
                let is_plain = updates.is_empty() || updates.iter().any(is_text);
                kept = is_plain.then_some(text);
                updates
            }
            (Stream::Err, _) => {
                let clean = clean();
                kept = Some(self.log.write_redacted("err", &clean).to_string());
                self.reader.stderr(clean.as_bytes())
            }
        };
        self.live.said(kept.as_deref());
        for update in &updates {
            self.tell(update, kept.is_none());
        }
    }

    fn input(&mut self, next: &mut Vec<u8>) -> bool {
        self.reader.input(next)
    }

    fn cancel(&mut self) -> Option<Duration> {
        self.reader.cancel()
    }
}
