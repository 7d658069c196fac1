//! One request to a model: the request, its answer, and retries after transient failures.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::conversation::{Answer, Stopped, Tokens};
use super::endpoint::Endpoint;
use super::http::{Client, Post};
use super::tuning::Tuning;
use super::watch::Watch;
use super::wire::{self, Draft, Question};
use crate::agent::headless::{Class, Failure, Update, Wait};
use crate::agent::model_name::ModelName;
use crate::process::Ended;
use crate::store::lock::jitter;

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
    no_own: bool,
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
        question.sends_own &= !self.no_own;
        question.limit_field = self.limit_field.unwrap_or(question.limit_field);
        question.output_max = self.output_max.unwrap_or(question.output_max);
    }

    /// Learns from a refusal; returns true if the request can be made in another form.
    fn learn(&mut self, question: &Question<'_>, refusal: &str) -> bool {
        const NEWER: &str = "max_completion_tokens";
        let says = |words: &[&str]| words.iter().any(|word| refusal.contains(word));
        if question.temperature.is_some() && says(&["temperature"]) {
            self.no_temperature = true;
        } else if question.sends_own
            && says(&["thinking", "encrypted_content", "reasoning", "include"])
        {
            self.no_own = true;
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
    pub client: Client,
    quirks: Quirks,
    /// The tokens of each request that has not been counted yet.
    pub used: Vec<Tokens>,
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
            used: Vec::new(),
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
            body: wire::body(protocol, question).to_string(),
            patience: self.tuning.patience,
        };
        let mut draft = Draft::new(protocol);
        let posted = self.client.post(post, watch, &mut |line| draft.line(line));
        self.unreadable += draft.unreadable;
        self.used.push(draft.tokens());
        let read = match posted {
            // The server may keep the connection open after a complete answer.
            Err(Fault::Failed(_)) if draft.is_complete() => draft.answer().map_err(Fault::Failed),
            Err(fault) => Err(fault),
            Ok(()) => draft.answer().map_err(Fault::Failed),
        };
        read.map_err(|fault| match fault {
            Fault::Failed(mut failure) => {
                // A server may echo the key.
                failure.message = self.endpoint.without_key(&failure.message);
                Fault::Failed(failure)
            }
            other => other,
        })
    }
}

fn now() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0, |now| now.as_secs())
}
