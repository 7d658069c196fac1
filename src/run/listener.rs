//! Passes an agent's output on to the reader and the log, and sends it messages if there is a dialogue.

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

/// The kind of lines on an agent's standard output.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Events,
    /// Protocol messages, many per step; the log gets the steps.
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

    /// Logs an event that has no line of its own, and with `is_shown` also reports it to observers.
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

/// The log lines of an update: the stream and the text of each, without secrets.
pub(super) fn words(update: &Update) -> Vec<(&'static str, String)> {
    let (stream, text) = match update {
        Update::Message(text) => {
            // Redacted before it is split into lines: a secret can span several.
            let clean = secret::redacted(text).0;
            return clean
                .lines()
                .map(|line| ("out", line.to_string()))
                .collect();
        }
        Update::Output(text) => {
            let lines = text.lines();
            return lines.map(|line| ("out", format!("  {line}"))).collect();
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
        Update::RateLimited { message, .. } => (
            "run",
            format!("the provider is rate-limiting requests: {message}"),
        ),
        Update::Retrying { message, .. } => ("run", format!("the agent is retrying: {message}")),
        Update::Error(message) => ("out", format!("error: {message}")),
        Update::Note(text) => ("run", text.clone()),
        Update::Usage(_) | Update::Session(_) | Update::Done => return Vec::new(),
    };
    vec![(stream, secret::redacted(&text).0)]
}

impl Sink for Listener<'_> {
    fn line(&mut self, line: Line<'_>) {
        let text = String::from_utf8_lossy(line.bytes);
        // Redacted before any cut: part of a secret would go unnoticed. Events keep their form.
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
                // For a line that is an event, its meaning is shown instead.
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
