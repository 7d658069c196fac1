//! Webhooks that GitHub sends: their signature, and the thread that looks at what they are about.
//!
//! A delivery is only a hint where to look, so a lost, repeated, late or forged one changes nothing: what is
//! done follows from what GitHub answers then. Its signature keeps strangers from making this server ask.

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use axum::http::HeaderMap;
use ring::hmac;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::audit::Audit;
use super::dispatch::text;
use super::request::{Answer, Call};
use super::route::{Needs, Returns, Route, one, post};
use super::shared::Shared;
use crate::error::{Error, Kind, Reason, Result};
use crate::forge::{Attended, ForgeHint};
use crate::model::settings;
use crate::model::stamp::rfc3339;
use crate::model::text::excerpt;
use crate::pm::{Options, Pm};

/// The path of the route.
pub(super) const PATH: &str = "/webhook";

/// The log of what was done.
const LOG: &str = "actions.jsonl";

/// The largest body, in bytes. Deliveries about pull requests have some 30 KB.
const BODY_MAX: usize = 4 << 20;

/// The number of deliveries whose ids are kept, and the length of an id.
const DELIVERIES_MAX: usize = 10_000;
const ID_MAX: usize = 100;

/// The number of ids that are named for one look.
const NAMED: usize = 20;

/// The number of hints above which everything is looked at instead.
const HINTS_MAX: usize = 100;

/// How often the thread looks for a hint, and its waits after failures: from the first to the longest.
const PAUSE: Duration = Duration::from_millis(100);
const WAIT_FIRST: Duration = Duration::from_secs(1);
const WAIT_MAX: Duration = Duration::from_secs(600);

/// The headers of a delivery.
#[derive(Clone, Debug)]
pub(super) struct Delivery {
    event: String,
    id: String,
    signature: Option<String>,
}

impl Delivery {
    pub fn of(headers: &HeaderMap) -> Delivery {
        let header = |name: &str| text(headers, name).map(|value| excerpt(value, ID_MAX));
        Delivery {
            event: header("x-github-event").unwrap_or_default(),
            id: header("x-github-delivery").unwrap_or_default(),
            signature: header("x-hub-signature-256"),
        }
    }
}

/// The answer to a delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
struct Taken {
    /// Its id.
    delivery: String,
    /// It was delivered before.
    duplicate: bool,
    /// Where it makes the server look: `pull request 12`, `everything`; none if nothing follows from it.
    looks_at: Option<String>,
}

/// A line of the log of what was done: below the git directory, in `actions.jsonl`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionLine {
    /// RFC 3339.
    pub at: String,
    /// The deliveries that led to it, at most 20; none if it was found by asking.
    pub deliveries: Vec<String>,
    /// What was done.
    #[serde(flatten)]
    pub done: Attended,
}

/// The hints that are to be looked at, and the deliveries that were taken.
#[derive(Default)]
struct Waiting {
    /// With the ids of the deliveries.
    hints: BTreeMap<ForgeHint, Vec<String>>,
    /// The newest first.
    known: VecDeque<String>,
}

impl Waiting {
    /// True if the delivery is new.
    fn note(&mut self, id: &str) -> bool {
        let is_new = !self.known.iter().any(|known| known == id);
        if is_new {
            self.known.push_front(id.to_string());
            self.known.truncate(DELIVERIES_MAX);
        }
        is_new
    }

    fn put(&mut self, hint: ForgeHint, ids: impl IntoIterator<Item = String>) {
        let is_full = self.hints.len() >= HINTS_MAX && !self.hints.contains_key(&hint);
        let hint = if is_full { ForgeHint::All } else { hint };
        let all = self.hints.entry(hint).or_default();
        all.extend(ids);
        all.truncate(NAMED);
    }
}

/// What the server does about webhooks.
pub(super) struct Webhooks {
    waiting: Mutex<Waiting>,
    /// Deliveries need no signature.
    is_insecure: bool,
    log: Audit,
    tell: Option<fn(&ActionLine)>,
}

impl Webhooks {
    /// Knows the deliveries that the log names.
    pub fn new(folder: &Path, is_insecure: bool, tell: Option<fn(&ActionLine)>) -> Webhooks {
        let past = std::fs::read_to_string(folder.join(LOG)).unwrap_or_default();
        let lines = past.lines().rev();
        let ids = lines
            .filter_map(|line| Some(serde_json::from_str::<ActionLine>(line).ok()?.deliveries));
        let waiting = Waiting {
            known: ids.flatten().take(DELIVERIES_MAX).collect(),
            ..Waiting::default()
        };
        Webhooks {
            waiting: Mutex::new(waiting),
            is_insecure,
            log: Audit::named(folder, LOG),
            tell,
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The route.
pub(super) fn route() -> Route {
    let about = "A delivery of GitHub, signed with `pm.webhookSecret`: only a hint to look there";
    Route {
        body_max: BODY_MAX,
        ..post(PATH, about)
            .needing(Needs::Nothing)
            .answers(Returns::Data(one::<Taken>), take)
    }
}

/// What is read of a delivery.
#[derive(Deserialize)]
struct Payload {
    repository: Option<Named>,
    pull_request: Option<Numbered>,
    issue: Option<Numbered>,
}

#[derive(Deserialize)]
struct Named {
    id: u64,
}

#[derive(Deserialize)]
struct Numbered {
    number: u64,
    /// Of a comment: it is on a pull request.
    pull_request: Option<serde::de::IgnoredAny>,
}

fn take(call: &Call) -> Result<Answer> {
    let missing = || Error::usage("this is no delivery of GitHub").because(Reason::HttpHeader);
    let delivery = call.delivery.as_ref().ok_or_else(missing)?;
    let webhooks = &call.shared.webhooks;
    let pm = call.pm()?;
    if !webhooks.is_insecure {
        let secret = pm.store.repo().text_of(&settings::WEBHOOK_SECRET);
        require_signature(&secret, delivery.signature.as_deref(), &call.body)?;
    }
    if delivery.event.is_empty() || delivery.id.is_empty() {
        return Err(missing());
    }
    let payload: Payload = serde_json::from_slice(&call.body).map_err(|error| {
        Error::usage(format!("the delivery cannot be read: {error}")).because(Reason::HttpBody)
    })?;
    let link = crate::forge::confirmed(pm)?;
    let named = payload.repository.as_ref();
    if named.is_some_and(|one| one.id != link.repository) {
        let text = "the delivery is about another repository than the linked one";
        return Err(Error::refused(text)
            .because(Reason::ForgeMoved)
            .about(link.shown())
            .hint("remove the webhook there"));
    }
    let hint = hint(&delivery.event, &payload);
    let mut waiting = webhooks.waiting();
    let taken = Taken {
        delivery: delivery.id.clone(),
        duplicate: !waiting.note(&delivery.id),
        looks_at: hint.map(|hint| match hint {
            ForgeHint::Pull(number) => format!("pull request {number}"),
            ForgeHint::All => "everything".into(),
        }),
    };
    // Also of one that is known: GitHub delivers it again with the same id if somebody asks for that.
    if let Some(hint) = hint {
        waiting.put(hint, [delivery.id.clone()]);
    }
    drop(waiting);
    Answer::with_version(202, &taken, None)
}

/// Where a delivery makes the server look.
fn hint(event: &str, payload: &Payload) -> Option<ForgeHint> {
    match (event, &payload.pull_request, &payload.issue) {
        ("pull_request", Some(pull), _) => Some(ForgeHint::Pull(pull.number)),
        // What people say there says nothing about the work, and our own comment would be an echo.
        ("issue_comment", _, Some(issue)) if issue.pull_request.is_some() => None,
        ("issues" | "issue_comment" | "sub_issues" | "issue_dependencies", ..) => {
            Some(ForgeHint::All)
        }
        _ => None,
    }
}

/// Checks the signature of a body (GitHub's "Validating webhook deliveries"), in constant time.
fn require_signature(secret: &str, signature: Option<&str>, body: &[u8]) -> Result<()> {
    if secret.is_empty() {
        return Err(Error::refused("no secret is set for webhooks")
            .because(Reason::HttpForbidden)
            .hint("set that of the webhook: `git pm config pm.webhookSecret SECRET`")
            .hint("`git pm serve --insecure` takes deliveries without a signature"));
    }
    let hex = signature.and_then(|text| text.strip_prefix("sha256="));
    let bytes = hex.and_then(bytes_of).unwrap_or_default();
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    hmac::verify(&key, body, &bytes).map_err(|_| {
        Error::refused("the delivery is not signed with the secret of the webhook")
            .because(Reason::HttpUnauthorized)
            .hint("compare `pm.webhookSecret` with the secret of the webhook at GitHub")
    })
}

fn bytes_of(hex: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = hex.chars().map(|c| c.to_digit(16)).collect();
    let digits = digits.filter(|digits| digits.len() == 64)?;
    let bytes = digits.chunks(2).map(|pair| (pair[0] << 4 | pair[1]) as u8);
    Some(bytes.collect())
}

/// Starts the thread that looks at what hints name, and at everything each `poll`, and at the start if
/// `is_wanted`: what was delivered while no server ran. It ends with the server.
pub(super) fn start(
    shared: Arc<Shared>,
    stop: Arc<AtomicBool>,
    is_wanted: bool,
    poll: Option<Duration>,
) -> JoinHandle<()> {
    std::thread::spawn(move || {
        let mut polled = Instant::now();
        if is_wanted {
            shared.webhooks.waiting().put(ForgeHint::All, []);
        }
        let (mut failures, mut resumes) = (0, Instant::now());
        while !stop.load(Ordering::Relaxed) {
            std::thread::sleep(PAUSE);
            if poll.is_some_and(|poll| polled.elapsed() >= poll) {
                polled = Instant::now();
                shared.webhooks.waiting().put(ForgeHint::All, []);
            }
            if Instant::now() < resumes {
                continue;
            }
            let next = shared.webhooks.waiting().hints.pop_first();
            let Some((hint, deliveries)) = next else {
                continue;
            };
            match open(&shared).and_then(|pm| pm.forges().attend(hint, false)) {
                Ok(done) => {
                    failures = 0;
                    for one in done {
                        record(&shared, &deliveries, one);
                    }
                }
                Err(error) => {
                    // What can pass is looked at again, after longer and longer waits: nobody delivers it again.
                    let is_busy = error.reason() == Reason::ForgeBusy;
                    let can_pass = is_busy || error.kind() == Kind::Remote;
                    failures += u32::from(!is_busy);
                    if !can_pass || failures == 1 && !is_busy {
                        let number = match hint {
                            ForgeHint::Pull(number) => Some(number),
                            ForgeHint::All => None,
                        };
                        let failed = Attended::of(None, number, "failed", Some(error.message()));
                        record(&shared, &deliveries, failed);
                    }
                    if can_pass {
                        shared.webhooks.waiting().put(hint, deliveries);
                        resumes = Instant::now() + wait_after(failures);
                    } else {
                        failures = 0;
                    }
                }
            }
        }
    })
}

/// The wait after so many failures in a row.
fn wait_after(failures: u32) -> Duration {
    (WAIT_FIRST * 2_u32.pow(failures.min(10))).min(WAIT_MAX)
}

/// The repository, as the person who started the server.
fn open(shared: &Shared) -> Result<Pm> {
    let owner = &shared.owner;
    let options = Options {
        actor: Some(owner.name.clone()),
        agent: owner.is_agent.then(|| owner.name.clone()),
        offline: shared.offline,
        ..Options::default()
    };
    Pm::open(shared.env.clone(), options)
}

fn record(shared: &Shared, deliveries: &[String], done: Attended) {
    let line = ActionLine {
        at: rfc3339(shared.env.now_ms()),
        deliveries: deliveries.to_vec(),
        done,
    };
    // A failure is ignored: what was done is in the state.
    let _ = shared.webhooks.log.write(&line);
    if let Some(tell) = shared.webhooks.tell {
        tell(&line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SE-13: the example of GitHub's documentation.
    #[test]
    fn se_13_only_the_right_signature_counts() {
        let secret = "It's a Secret to Everybody";
        let right = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
        let body = b"Hello, World!";
        assert!(require_signature(secret, Some(right), body).is_ok());
        let short = &right[..right.len() - 1];
        let zeros = format!("sha256={}", "0".repeat(64));
        let sha1 = right.replace("sha256", "sha1");
        for wrong in [
            None,
            Some(""),
            Some(short),
            Some(zeros.as_str()),
            Some(sha1.as_str()),
            Some("sha256=é"),
        ] {
            assert!(require_signature(secret, wrong, body).is_err(), "{wrong:?}");
        }
        assert!(require_signature(secret, Some(right), b"Hello, World").is_err());
        assert!(require_signature("", Some(right), body).is_err());
    }

    #[test]
    fn deliveries_are_known_again_and_hints_are_joined() {
        let mut waiting = Waiting::default();
        assert!(waiting.note("a") && !waiting.note("a"));
        for n in 0..=DELIVERIES_MAX {
            waiting.note(&n.to_string());
        }
        assert!(!waiting.known.contains(&"a".to_string()) && waiting.known.len() == DELIVERIES_MAX);
        for n in 0..10_000 {
            waiting.put(ForgeHint::Pull(1), [n.to_string()]);
        }
        assert_eq!(
            (
                waiting.hints.len(),
                waiting.hints[&ForgeHint::Pull(1)].len()
            ),
            (1, NAMED)
        );
        for n in 0..1_000 {
            waiting.put(ForgeHint::Pull(n), []);
        }
        assert!(waiting.hints.len() <= HINTS_MAX + 1);
        assert!(waiting.hints.contains_key(&ForgeHint::All));
        let waits = [1, 2, 20].map(|failures| wait_after(failures).as_secs());
        assert_eq!(waits, [2, 4, 600]);
    }
}
