//! One request to a model, its answer, and when it is sent again.
//!
//! It is retried after transient failures, and sent in another form after the server rejected a field
//! of it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::agent_loop::Work;
use super::conversation::{Answer, Stopped, Tokens};
use super::deadline::Watch;
use super::http::{Client, Ear};
use super::limits;
use super::protocols::{self, Draft, Form, Question};
use crate::agent::headless::{Class, Failure, Update, Wait};
use crate::process::ExitCause;
use crate::store::lock::jitter;

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
    Ended(ExitCause),
    /// It does not fit into the model's context.
    Full,
    /// The request failed permanently, or retries are exhausted.
    Failed(Failure),
}

impl From<ExitCause> for Fault {
    fn from(ended: ExitCause) -> Fault {
        Fault::Ended(ended)
    }
}

/// Changes what a server has rejected; returns true if the request can be made in another form.
fn learn(form: &mut Form, refusal: &str) -> bool {
    const NEWER: &str = "max_completion_tokens";
    let says = |words: &[&str]| words.iter().any(|word| refusal.contains(word));
    if form.temperature.is_some() && says(&["temperature"]) {
        form.temperature = None;
    } else if form.sends_own && says(&["thinking", "encrypted_content", "reasoning", "include"]) {
        form.sends_own = false;
    } else if form.limit_field != NEWER && says(&[NEWER]) {
        form.limit_field = NEWER;
    } else if form.output_max > limits::OUTPUT_TOKENS_MIN
        && says(&["max_tokens", "max_output_tokens", NEWER])
    {
        form.output_max = (form.output_max / 2).max(limits::OUTPUT_TOKENS_MIN);
    } else {
        return false;
    }
    true
}

/// A connection to a model.
pub struct Line<'a> {
    work: &'a Work<'a>,
    pub client: Client,
    form: Form,
    /// The tokens of each request that has not been counted yet.
    pub used: Vec<Tokens>,
    /// The number of unreadable events.
    pub unreadable: u64,
}

impl<'a> Line<'a> {
    pub fn new(work: &'a Work<'a>, client: Client) -> Line<'a> {
        Line {
            work,
            client,
            form: Form {
                sends_own: true,
                output_max: work.options.output_max,
                temperature: work.options.temperature,
                limit_field: work.name.provider().limit_field,
            },
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
        let options = self.work.options;
        let mut failures = 0;
        loop {
            watch.wait(Duration::ZERO)?;
            let failure = match self.request(question, watch) {
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
                if learn(&mut self.form, &lower) {
                    continue;
                }
            }
            let wait = match failure.class {
                Class::Transient => growing(options.first_wait, failures),
                Class::RateLimited { retry_after } => match retry_after {
                    Some(wait) => wait.from(now()) + jitter(options.first_wait / 4),
                    None => growing(options.first_wait, failures + 1),
                },
                Class::Authentication | Class::Permanent | Class::Unknown => {
                    return Err(Fault::Failed(failure));
                }
            };
            // Longer waits are left to the run, which starts nothing meanwhile.
            if failures == options.retries || wait > options.longest_wait {
                return Err(Fault::Failed(failure));
            }
            failures += 1;
            let (pause, message, wait) = (wait, failure.message, Some(Wait::For(wait)));
            tell(match failure.class {
                Class::RateLimited { .. } => Update::RateLimited { message, wait },
                _ => Update::Retrying { message, wait },
            });
            watch.wait(pause)?;
        }
    }

    fn request(&mut self, question: &Question<'_>, watch: &mut Watch<'_>) -> Result<Answer, Fault> {
        let (protocol, endpoint) = (self.work.name.provider().protocol, self.work.endpoint);
        let url = format!("{}{}", endpoint.url, protocols::path(protocol));
        let body = protocols::body(protocol, question, &self.form).to_string();
        let patience = self.work.options.patience;
        let ear = Ear { patience, watch };
        let mut draft = Draft::new(protocol);
        let each = &mut |line: &[u8]| draft.line(line);
        let posted = self
            .client
            .post(&url, endpoint.headers(protocol), body, ear, each);
        self.unreadable += draft.unreadable;
        self.used.push(draft.tokens());
        let read = match posted {
            Err(Fault::Failed(failure)) if !draft.is_complete() => Err(failure),
            // The server may keep the connection open after a complete answer.
            Ok(()) | Err(Fault::Failed(_)) => draft.answer(),
            Err(fault) => return Err(fault),
        };
        read.map_err(|mut failure| {
            // A server may echo the key.
            failure.message = endpoint.without_key(&failure.message);
            Fault::Failed(failure)
        })
    }
}

/// Exponential backoff: doubles with each failure; half of it is random jitter.
fn growing(first: Duration, failures: u32) -> Duration {
    let whole = first.saturating_mul(2u32.saturating_pow(failures.min(16)));
    let whole = whole.min(limits::RETRY_WAIT_MAX);
    whole / 2 + jitter(whole / 2)
}

fn now() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0, |now| now.as_secs())
}
