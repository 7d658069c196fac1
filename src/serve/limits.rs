//! The limits of the server: connections, requests, sizes, times and rates.
//!
//! What it listens to by default is here too. Those of pages are in `page/limits.rs`.

use std::time::Duration;

/// The maximum number of concurrent connections.
pub(super) const CONNECTIONS_MAX: usize = 768;

/// The maximum number of threads that process requests.
pub(super) const THREADS_MAX: usize = 16;

/// The time limit for receiving the head of a request.
pub(super) const HEAD_TIME_MAX: Duration = Duration::from_secs(10);

/// The same limit while more than half of the connections are in use.
pub(super) const HEAD_TIME_CROWDED_MAX: Duration = Duration::from_secs(2);

/// The time limit for receiving the body of a request.
pub(super) const BODY_TIME_MAX: Duration = Duration::from_secs(30);

/// The time within which a client has to read some of the pending output, which is held in memory.
pub(super) const WRITE_TIME_MAX: Duration = Duration::from_secs(20);

/// The time limit for completing open requests on shutdown.
pub(super) const SHUTDOWN_TIME_MAX: Duration = Duration::from_secs(5);

/// How long the repository may be gone, as while it is replaced, before the server ends.
pub(super) const GONE_TIME_MAX: Duration = Duration::from_secs(10);

/// The maximum number of visitors whose rate is tracked; beyond it, those who may make a full burst
/// are forgotten.
pub(super) const VISITORS_MAX: usize = 4_096;

/// The maximum number of requests queued for or running on a thread.
pub(super) const REQUESTS_WAITING_MAX: usize = 512;

/// The maximum body size of most routes, in bytes: texts have their own bounds in the library.
pub(super) const BODY_MAX: usize = 1 << 20;

/// The maximum length of an idempotency key, in bytes.
pub(super) const IDEMPOTENCY_KEY_MAX: usize = 255;

/// The maximum length of a parameter name in an error, in characters.
pub(super) const PARAMETER_SHOWN_MAX: usize = 40;

/// The number of log lines of a run in an answer to a request that does not name another.
pub(super) const LOG_LINES_DEFAULT: usize = 1_000;

/// The maximum number of log lines of a run in one answer.
pub(super) const LOG_LINES_MAX: usize = 10_000;

/// The maximum length of a path in the audit log, in bytes.
pub(super) const AUDITED_PATH_MAX: usize = 200;

/// The size at which a file of the audit log is full, in bytes.
pub(super) const AUDIT_FILE_MAX: u64 = 10 << 20;

/// The lifetime of a session of a browser, in seconds: 30 days.
pub(super) const SESSION_SECONDS_MAX: u32 = 30 * 24 * 60 * 60;

/// The lifetime of the code that signs in the person who started the server.
pub(super) const CODE_TIME_MAX: Duration = Duration::from_secs(60);

/// The lifetime of the code that signs in their phone, which takes a walk to it.
pub(super) const PHONE_CODE_TIME_MAX: Duration = Duration::from_secs(5 * 60);

/// The maximum number of sessions; beyond it, the oldest one ends.
pub(super) const SESSIONS_MAX: usize = 1_000;

/// The maximum size of the form for signing in, in bytes.
pub(super) const SIGN_IN_FORM_MAX: usize = 4 << 10;

/// The maximum number of tokens in a clone.
pub(super) const TOKENS_MAX: usize = 1_000;

/// The maximum number of concurrent readers of the event stream.
pub(super) const READERS_MAX: usize = 512;

/// The maximum number of readers that read the history at once: each occupies a processor.
pub(super) const HISTORY_READERS_MAX: usize = 3;

/// The time after which a reader without events is sent a keep-alive comment.
pub(super) const SILENCE_MAX: Duration = Duration::from_secs(15);

/// The time after which a browser reconnects when its connection to the event stream is lost, in
/// milliseconds.
pub(super) const RECONNECT_MS: u32 = 2_000;

/// The interval at which a reader's token is checked for revocation.
pub(super) const REVOCATION_TIME_MAX: Duration = Duration::from_secs(5);

/// The maximum time that a reader waits for the hub to poll.
pub(super) const EVENTS_WAIT_MAX: Duration = Duration::from_secs(5);

/// The maximum number of events kept for readers of the event stream.
pub(super) const EVENTS_KEPT_MAX: usize = 2_000;

/// The maximum size of these events, in bytes.
pub(super) const EVENTS_BYTES_MAX: usize = 8 << 20;

/// The maximum pause between two answers to equal requests; below it, the pause is as long as the
/// answer took.
pub(super) const COALESCING_PAUSE_MAX: Duration = Duration::from_millis(100);

/// The maximum number of events read from the history at once.
pub(super) const EVENTS_READ_MAX: usize = 500;

/// The remaining time below which a claim or reservation counts as about to end in the metrics, in
/// milliseconds.
pub(super) const ENDS_SOON_MS: u64 = 60 * 60 * 1000;

/// The maximum number of gates listed in the metrics.
pub(super) const GATES_MAX: usize = 100;
