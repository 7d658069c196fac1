//! One request to a model: the request, its answer, and retries after transient failures.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::Value;

use super::conversation::{Answer, Stopped, Tokens};
use super::endpoint::Endpoint;
use super::http::{Broken, Client, Flow, Post};
use super::stream::{Frames, Framing};
use super::tuning::Tuning;
use super::watch::Watch;
use super::wire::{self, Decoder, Question};
use crate::agent::headless::{Class, Failure, Update, Wait};
use crate::agent::model_name::{ModelName, Protocol};
use crate::model::text::head;
use crate::process::Ended;
use crate::store::lock::jitter;

/// The maximum number of unreadable events in one answer.
const UNREADABLE: usize = 20;

/// The size of the prefix of an answer that is kept in case it is not a stream, in bytes.
const RAW: usize = 16 << 10;

/// The longest wait between two requests, unless the server asks for a longer one.
const LONGEST: Duration = Duration::from_secs(60);

/// The phrases that servers use for a conversation that exceeds the context.
const TOO_LONG: &[&str] = &[
    "context length",
    "context_length",
    "context window",
    "context size",
    "maximum context",
    "prompt is too long",
    "prompt too long",
    "input is too long",
    "too many tokens",
    "exceeds the available context",
    "exceed context limit",
];

/// The reason for a missing answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The conversation has to end.
    Ended(Ended),
    /// It does not fit into the model's context.
    Full,
    /// The request failed permanently, or retries are exhausted.
    Failed(Failure),
}

/// The request fields that the server has rejected, and their replacements.
#[derive(Debug, Default)]
struct Quirks {
    no_temperature: bool,
    no_kept: bool,
    limit_field: Option<&'static str>,
    output_max: Option<u64>,
}

/// The smallest answer limit that is tried.
const LEAST_OUTPUT: u64 = 1_000;

impl Quirks {
    fn apply(&self, question: &mut Question<'_>) {
        if self.no_temperature {
            question.temperature = None;
        }
        question.sends_kept &= !self.no_kept;
        question.limit_field = self.limit_field.unwrap_or(question.limit_field);
        question.output_max = self.output_max.unwrap_or(question.output_max);
    }

    /// Learns from a refusal; returns true if the request can be made in another form.
    fn learn(&mut self, question: &Question<'_>, refusal: &str) -> bool {
        const NEWER: &str = "max_completion_tokens";
        let says = |words: &[&str]| words.iter().any(|word| refusal.contains(word));
        if question.temperature.is_some() && says(&["temperature"]) {
            self.no_temperature = true;
        } else if question.sends_kept
            && says(&["thinking", "encrypted_content", "reasoning", "include"])
        {
            self.no_kept = true;
        } else if question.limit_field != NEWER && says(&[NEWER]) {
            self.limit_field = Some(NEWER);
        } else if question.output_max > LEAST_OUTPUT
            && says(&["max_tokens", "max_output_tokens", NEWER])
        {
            self.output_max = Some((question.output_max / 2).max(LEAST_OUTPUT));
        } else {
            return false;
        }
        true
    }
}

/// A connection to a model.
pub struct Line<'a> {
    name: &'a ModelName,
    endpoint: &'a Endpoint,
    tuning: &'a Tuning,
    client: Client,
    quirks: Quirks,
    /// The tokens used by incomplete answers.
    pub lost: Tokens,
    /// The number of unreadable events.
    pub unreadable: u64,
}

impl<'a> Line<'a> {
    pub fn new(
        name: &'a ModelName,
        endpoint: &'a Endpoint,
        tuning: &'a Tuning,
        client: Client,
    ) -> Line<'a> {
        Line {
            name,
            endpoint,
            tuning,
            client,
            quirks: Quirks::default(),
            lost: Tokens::default(),
            unreadable: 0,
        }
    }

    /// Retries until there is an answer or retrying is pointless. `tell` receives the failures.
    pub fn ask(
        &mut self,
        question: &Question<'_>,
        watch: &mut Watch<'_>,
        tell: &mut dyn FnMut(Update),
    ) -> Result<Answer, Fault> {
        let mut question = *question;
        let mut failures = 0;
        loop {
            watch.wait(Duration::ZERO).map_err(Fault::Ended)?;
            self.quirks.apply(&mut question);
            let failure = match self.request(&question, watch) {
                Ok(answer) if answer.stopped == Stopped::Context => return Err(Fault::Full),
                Ok(answer) => return Ok(answer),
                Err(Fault::Failed(failure)) => failure,
                Err(fault) => return Err(fault),
            };
            let lower = failure.message.to_ascii_lowercase();
            if failure.class == Class::Permanent {
                if TOO_LONG.iter().any(|words| lower.contains(words)) {
                    return Err(Fault::Full);
                }
                if self.quirks.learn(&question, &lower) {
                    continue;
                }
            }
            let wait = match failure.class {
                Class::Transient => self.growing(failures),
                Class::RateLimited { retry_after } => match retry_after {
                    Some(wait) => wait.from(now()) + jitter(self.tuning.first_wait / 4),
                    None => self.growing(failures + 1),
                },
                Class::Authentication | Class::Permanent | Class::Unknown => {
                    return Err(Fault::Failed(failure));
                }
            };
            // Longer waits are left to the run, which starts nothing meanwhile.
            if failures == self.tuning.retries || wait > self.tuning.longest_wait {
                return Err(Fault::Failed(failure));
            }
            failures += 1;
            let message = failure.message;
            let told = Some(Wait::For(wait));
            tell(match failure.class {
                Class::RateLimited { .. } => Update::RateLimited {
                    message,
                    wait: told,
                },
                _ => Update::Retrying {
                    message,
                    wait: told,
                },
            });
            watch.wait(wait).map_err(Fault::Ended)?;
        }
    }

    /// Exponential backoff: doubles with each failure; half of it is random jitter.
    fn growing(&self, failures: u32) -> Duration {
        let whole = self
            .tuning
            .first_wait
            .saturating_mul(2u32.saturating_pow(failures.min(16)));
        let whole = whole.min(LONGEST);
        whole / 2 + jitter(whole / 2)
    }

    fn request(&mut self, question: &Question<'_>, watch: &mut Watch<'_>) -> Result<Answer, Fault> {
        let protocol = self.name.provider().protocol;
        let post = Post {
            url: format!("{}{}", self.endpoint.url, wire::path(protocol)),
            headers: self.endpoint.headers(protocol),
            body: wire::body(protocol, question).to_string().into_bytes(),
            patience: self.tuning.patience,
        };
        let mut reading = Reading::new(protocol);
        let posted = self
            .client
            .post(post, watch, &mut |bytes| reading.take(bytes));
        self.unreadable += reading.unreadable as u64;
        let read = match posted {
            Ok(()) => reading.finish(),
            // The server keeps the connection open after a complete answer.
            Err(Broken::Silent(_) | Broken::Connection(_)) if reading.decoder.is_complete() => {
                reading.finish()
            }
            Err(broken) => Err(reading.failure(broken)),
        };
        match read {
            Ok(answer) => Ok(answer),
            Err(fault) => {
                let tokens = reading.decoder.tokens();
                self.lost.input = self.lost.input.saturating_add(tokens.input);
                self.lost.cached = self.lost.cached.saturating_add(tokens.cached);
                self.lost.cache_written =
                    self.lost.cache_written.saturating_add(tokens.cache_written);
                self.lost.output = self.lost.output.saturating_add(tokens.output);
                // A server may echo the key.
                Err(match fault {
                    Fault::Failed(mut failure) => {
                        failure.message = self.endpoint.without_key(&failure.message);
                        Fault::Failed(failure)
                    }
                    other => other,
                })
            }
        }
    }
}

fn now() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0, |now| now.as_secs())
}

/// An answer in progress.
struct Reading {
    frames: Frames,
    decoder: Box<dyn Decoder>,
    events: usize,
    unreadable: usize,
    raw: Vec<u8>,
    failure: Option<Failure>,
}

impl Reading {
    fn new(protocol: Protocol) -> Reading {
        Reading {
            frames: Frames::new(match protocol {
                Protocol::Ollama => Framing::Lines,
                _ => Framing::Events,
            }),
            decoder: wire::decoder(protocol),
            events: 0,
            unreadable: 0,
            raw: Vec::new(),
            failure: None,
        }
    }

    fn take(&mut self, bytes: &[u8]) -> Flow {
        if self.events == 0 && self.raw.len() < RAW {
            self.raw.extend_from_slice(&bytes[..bytes.len().min(RAW)]);
        }
        let (decoder, failure) = (&mut self.decoder, &mut self.failure);
        let (events, unreadable) = (&mut self.events, &mut self.unreadable);
        let fed = self.frames.feed(bytes, &mut |data| {
            event(data, decoder.as_mut(), failure, events, unreadable);
        });
        if fed.is_err() {
            self.fail("the response contains a line or an event that is too long");
        }
        if self.unreadable > UNREADABLE {
            self.fail("the response cannot be parsed");
        }
        match (&self.failure, self.decoder.is_over()) {
            (Some(_), _) => Flow::Refused,
            (None, true) => Flow::Enough,
            (None, false) => Flow::More,
        }
    }

    fn fail(&mut self, message: &str) {
        self.failure
            .get_or_insert_with(|| Failure::new(Class::Transient, message));
    }

    /// The answer, once the stream has ended.
    fn finish(&mut self) -> Result<Answer, Fault> {
        let (decoder, failure) = (&mut self.decoder, &mut self.failure);
        let (events, unreadable) = (&mut self.events, &mut self.unreadable);
        let _ = self.frames.finish(&mut |data| {
            event(data, decoder.as_mut(), failure, events, unreadable);
        });
        if let Some(failure) = self.failure.take() {
            return Err(Fault::Failed(failure));
        }
        if self.decoder.is_complete() {
            return Ok(self.decoder.answer());
        }
        // Some servers report a failure as an ordinary, non-streamed response.
        if self.events == 0
            && let Ok(whole) = serde_json::from_slice::<Value>(&self.raw)
            && !whole["error"].is_null()
        {
            let failure = wire::failure(&whole["error"], None);
            return Err(Fault::Failed(failure.or(Class::Transient)));
        }
        Err(Fault::Failed(Failure::new(
            Class::Transient,
            "the stream ended before the response was complete",
        )))
    }

    /// The reason for a failed request.
    fn failure(&mut self, broken: Broken) -> Fault {
        if let Broken::Ended(ended) = broken {
            return Fault::Ended(ended);
        }
        if let Some(failure) = self.failure.take() {
            return Fault::Failed(failure);
        }
        Fault::Failed(match broken {
            Broken::Status {
                status,
                retry_after,
                body,
            } => of_status(status, retry_after, &body),
            Broken::Request(text) => Failure::new(Class::Permanent, &text),
            Broken::Connection(text) => {
                Failure::new(Class::Transient, &format!("the connection failed: {text}"))
            }
            Broken::Silent(time) => Failure::new(
                Class::Transient,
                &format!("the model was silent for {} seconds", time.as_secs()),
            ),
            Broken::TooLong | Broken::Ended(_) => {
                Failure::new(Class::Transient, "the model's response is too large")
            }
        })
    }
}

/// Reads one event.
fn event(
    data: &[u8],
    decoder: &mut dyn Decoder,
    failure: &mut Option<Failure>,
    events: &mut usize,
    unreadable: &mut usize,
) {
    if failure.is_some() {
        return;
    }
    if data == b"[DONE]" {
        decoder.end_mark();
        return;
    }
    match serde_json::from_slice::<Value>(data) {
        Ok(value) if value.is_object() => {
            *events += 1;
            // An error in the middle of an answer is transient, unless the server says otherwise.
            *failure = decoder
                .event(&value)
                .err()
                .map(|failure| failure.or(Class::Transient));
        }
        _ => *unreadable += 1,
    }
}

/// The failure that a status and a body describe.
fn of_status(status: u16, retry_after: Option<Wait>, body: &str) -> Failure {
    let read = serde_json::from_str::<Value>(body).unwrap_or_default();
    let described = [&read["error"], &read["detail"], &read["message"]];
    let described = described
        .into_iter()
        .find(|value| value.is_object() || value.is_string());
    let message = match described {
        Some(error) => wire::failure(error, None).message,
        None => head(body.trim(), 300).to_string(),
    };
    let message = format!("HTTP {status}: {message}");
    if (300..400).contains(&status) {
        return Failure::new(
            Class::Permanent,
            &format!("{message} (redirects are not followed)"),
        );
    }
    let failure = Failure::told(&message, Some(u64::from(status)));
    let failure = match (failure.class, retry_after) {
        // An overloaded server that says how long to wait.
        (Class::Transient, Some(wait)) => Failure {
            class: Class::RateLimited {
                retry_after: Some(wait),
            },
            ..failure
        },
        _ => failure,
    };
    // A success status without an answer is worth a retry.
    failure.waiting(retry_after).or(match status < 300 {
        true => Class::Transient,
        false => Class::Permanent,
    })
}
