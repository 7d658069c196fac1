//! What an agent prints, on its way to the reader and the log; and what it is told, if there is a
//! dialogue.

use std::time::Duration;

use super::logs::LogWriter;
use crate::agent::headless::{Reader, Update, With};
use crate::process::{Line, Sink, Stream};
use crate::secret;

/// The listener of one agent.
pub(super) struct Listener<'a> {
    pub reader: Reader,
    pub log: &'a mut LogWriter,
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
    pub fn new(with: &With, reader: Reader, log: &'a mut LogWriter) -> Self {
        let kind = match with {
            With::Script(_) | With::Command(_) | With::Aider => Kind::Text,
            With::Acp(_) => Kind::Messages,
            _ => Kind::Events,
        };
        Listener { reader, log, kind }
    }

    /// Writes what the log has no other line for.
    fn tell(&mut self, update: &Update) {
        if self.kind == Kind::Messages || update.is_notice() {
            log_update(self.log, update);
        }
    }
}

/// Writes an update to the log of an agent.
pub(super) fn log_update(log: &mut LogWriter, update: &Update) {
    match update {
        Update::Message(text) => {
            // Before it is divided: a secret can have several lines.
            for line in secret::redacted(text).0.lines() {
                log.write_redacted("out", line);
            }
        }
        Update::ToolBegan { name, detail } => log.write("out", &format!("{name}: {detail}")),
        Update::ToolEnded { name, detail, ok } => {
            let end = if *ok { "done" } else { "failed" };
            log.write("out", &format!("{name}: {detail}: {end}"));
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
            log.write("run", &text);
        }
        Update::RateLimited { message, .. } => {
            log.write("run", &format!("the provider limits requests: {message}"));
        }
        Update::Retrying { message, .. } => {
            log.write("run", &format!("the agent tries again: {message}"));
        }
        Update::Error(message) => log.write("out", &format!("error: {message}")),
        Update::Note(text) => log.write("run", text),
        Update::Usage(_) | Update::Session(_) | Update::Done => {}
    }
}

impl Sink for Listener<'_> {
    fn line(&mut self, line: Line<'_>) {
        let text = String::from_utf8_lossy(line.bytes);
        // Before anything is cut: a part of a secret would not be recognized. Events keep their form.
        let clean = || secret::redacted(&text).0;
        let updates = match (line.stream, self.kind) {
            (Stream::Out, Kind::Messages) => self.reader.stdout(line.bytes),
            (Stream::Out, Kind::Events) => {
                self.log.write_redacted("out", &clean());
                self.reader.stdout(line.bytes)
            }
            (Stream::Out, Kind::Text) => {
                let clean = clean();
                self.log.write_redacted("out", &clean);
                self.reader.stdout(clean.as_bytes())
            }
            (Stream::Err, _) => {
                let clean = clean();
                self.log.write_redacted("err", &clean);
                self.reader.stderr(clean.as_bytes())
            }
        };
        for update in &updates {
            self.tell(update);
        }
    }

    fn input(&mut self, next: &mut Vec<u8>) -> bool {
        self.reader.input(next)
    }

    fn cancel(&mut self) -> Option<Duration> {
        self.reader.cancel()
    }
}
