//! The numbers that a user can notice and cannot set, of the store and of folders without a `limits.rs`: sizes, lengths, times, tries.
//!
//! Sizes at which something is refused, lengths that are cut off, how much is shown, how long and how
//! often something is tried. Those that a user can set, and the durations of claims and reservations,
//! are in `settings`. `…_MAX` is the greatest value that is still accepted, `…_TIME` how long
//! something may take, `…_ATTEMPTS` how often it is tried.

use std::time::Duration;

// Sizes above which something is damaged or refused.

/// The longest title of an item, in characters.
pub const ITEM_TITLE_MAX: usize = 10_000;

/// The largest body of an item, in bytes: it leaves room below [`DOCUMENT_MAX`].
pub const ITEM_BODY_MAX: usize = 1024 * 1024;

/// The longest label, in bytes.
pub const LABEL_MAX: usize = 200;

/// The longest type of an issue, in characters (beads' limit for its words).
pub const ISSUE_TYPE_MAX: usize = 50;

/// The largest file that is read as a document, in bytes. A larger one is damaged.
pub const DOCUMENT_MAX: usize = 8 * 1024 * 1024;

/// The largest document that is written, in bytes: two clones that both wrote one of this size must
/// still be able to join them below [`DOCUMENT_MAX`].
pub const DOCUMENT_WRITTEN_MAX: usize = DOCUMENT_MAX / 4;

/// The length of an overridden value from which on it is not listed as a whole, in bytes.
pub const OVERRIDDEN_VALUE_MAX: usize = DOCUMENT_WRITTEN_MAX / 4;

/// The greatest size of an artifact, in bytes; `pm.artifactLimit` cannot exceed it. Anything larger
/// is never read.
pub const ARTIFACT_MAX: usize = 64 << 20;

/// The greatest depth of a value in front matter: the reader is recursive.
pub const FRONT_MATTER_DEPTH_MAX: usize = 32;

/// The greatest number of values in the front matter of one document: a few bytes each in the file
/// are many in memory.
pub const FRONT_MATTER_VALUES_MAX: usize = 1 << 18;

/// The maximum depth of the state's tree; anything deeper is not read. Documents are at most four
/// folders deep.
pub const TREE_DEPTH_MAX: usize = 8;

/// The maximum size of all objects of a pack that an agent hands over, once unpacked, in bytes.
pub const PACK_CONTENT_MAX: u64 = 1 << 31;

/// The maximum size of an object of such a pack that is not a file, in bytes: git reads it as a
/// whole.
pub const PACK_OBJECT_MAX: u64 = 1 << 23;

/// The time before it is due from which on work comes before other work of the same priority, in
/// milliseconds: three days, so that it can still be done in time.
pub const DUE_SOON_MS: u64 = 3 * 24 * 60 * 60 * 1_000;

// Lengths of names, texts and numbers.

/// The longest name of a section of the project context, in bytes.
pub const SECTION_NAME_MAX: usize = 40;

/// The longest text of a section, in bytes: every agent gets all sections.
pub const SECTION_TEXT_MAX: usize = 32 * 1024;

/// The longest name of an actor, in characters.
pub const ACTOR_NAME_MAX: usize = 80;

/// The longest name of an agent or a model in the record of a run, in characters.
pub const AGENT_NAME_MAX: usize = 120;

/// The longest prefix of hash ids, in bytes.
pub const ID_PREFIX_MAX: usize = 20;

/// The longest id that is shown, in characters; other trackers have ids of any length.
pub const ID_SHOWN_MAX: usize = 120;

/// The largest amount of money that is accepted, in US dollars: in millionths it is a safe integer
/// everywhere.
pub const DOLLARS_MAX: f64 = 1e9;

/// The greatest number, and the greatest effort in hours, of a task of a plan; a fetched plan may
/// have any.
pub const PLANNED_NUMBER_MAX: i64 = 1_000_000;

/// The maximum number of tags, paths or symptoms of a learning that are read. A fetched document
/// may have millions.
pub const LEARNING_ELEMENTS_MAX: usize = 200;

/// The maximum number of characters of a learning's title that are read.
pub const LEARNING_TITLE_MAX: usize = 500;

/// The maximum number of characters of a learning's tag, path or symptom that are read.
pub const LEARNING_ELEMENT_MAX: usize = 500;

/// The maximum number of characters of a learning's text that a list shows.
pub const LEARNING_SUMMARY_MAX: usize = 160;

/// The shortest secret that can be redacted, in bytes: a single letter would hide every text that
/// contains it.
pub const SECRET_MIN: usize = 4;

/// The longest secret that can be redacted, in bytes.
pub const SECRET_MAX: usize = 4096;

/// The maximum number of redacted values and texts of a state: `pm.yaml` is read by every command.
pub const REDACTIONS_MAX: usize = 10_000;

// How much is shown, searched or compared.

/// The number of lines around a change that a unified diff shows, as in git.
pub const DIFF_CONTEXT_LINES: usize = 3;

/// The maximum number of working hours that count per day of a task, in reports and forecasts.
pub const WORKING_HOURS_MAX: f64 = 8.0;

/// The number of names that a message lists; the others are counted.
pub const NAMES_SHOWN: usize = 100;

/// The number of items listed in the error about an ambiguous name.
pub const AMBIGUOUS_ITEMS_SHOWN: usize = 10;

/// The longest part of a text that the report of a redaction shows, in characters.
pub const REDACTION_EXCERPT_MAX: usize = 60;

/// The number of characters of a server's message that an error shows.
pub const SERVER_MESSAGE_MAX: usize = 500;

/// The number of lines that are shown from the beginning of a long refusal of a push.
pub const REFUSAL_FIRST_LINES: usize = 10;

/// The number of lines that are shown from its end.
pub const REFUSAL_LAST_LINES: usize = 30;

/// The number of last lines of git's standard error that an error shows: a filter says more than
/// one.
pub const GIT_ERROR_LINES: usize = 6;

/// The number of bytes of a message or a learning that are searched; a fetched one may have
/// millions.
pub const SEARCHED_TEXT_MAX: usize = 256 * 1024;

/// The maximum number of learnings that are searched for a circle of replacements.
pub const SUPERSEDED_MAX: usize = 100;

/// The number of commits searched for the one in which files vanished.
pub const VANISHED_COMMITS_MAX: usize = 1_000;

/// The number of commits among which an earlier, readable state is searched.
pub const EARLIER_STATE_COMMITS_MAX: usize = 2_000;

/// The number of versions of one damaged file among which `fsck --repair` chooses.
pub const REPAIR_VERSIONS_MAX: usize = 500;

/// The age in milliseconds below which `fsck` takes a temporary file as one of a running process.
pub const TEMPORARY_FILE_MS: u64 = 3_600_000;

// How long and how often something is tried.

/// The time that a writer waits for its turn before it continues without the lock: then speed is
/// lost, not safety.
pub const WRITERS_LOCK_TIME: Duration = Duration::from_secs(30);

/// The time that a sweep waits for an exchange to end.
pub const EXCHANGE_LOCK_TIME: Duration = Duration::from_millis(700);

/// The time that another process may hold a ref's lock, unless `core.filesRefLockTimeout` says
/// otherwise.
pub const REF_LOCK_TIME: Duration = Duration::from_secs(5);

/// The time that one process waits for another that builds the index, before it makes one in
/// memory.
pub const INDEX_BUILD_TIME: Duration = Duration::from_secs(20);

/// The time for which a writer of the index that waited in vain does not wait again.
pub const INDEX_WRITE_PAUSE: Duration = Duration::from_secs(10);

/// The number of attempts of a reader that waits for a writer of the index: some three seconds in
/// all.
pub const INDEX_READ_TRIES: i32 = 1_500;

/// The number of attempts of a writer of the index that waits for readers: some 300 ms in all.
pub const INDEX_WRITE_TRIES: i32 = 150;

/// The number of attempts to read the state when other processes are faster.
pub const STATE_READ_ATTEMPTS: u32 = 8;

/// The number of attempts to write when the ref moves.
pub const WRITE_ATTEMPTS: u32 = 40;

/// The number of attempts to cut the history when the ref moves.
pub const CUT_ATTEMPTS: u32 = 20;

/// The number of attempts to push after lost races.
pub const PUSH_ATTEMPTS: u32 = 24;

/// The longest pause between two of them.
pub const PUSH_PAUSE: Duration = Duration::from_secs(10);

/// The time that a process waits until others of its clone have pushed before it pushes beside them.
pub const PUSH_TURN_TIME: Duration = Duration::from_secs(30);

/// The number of newest commits whose signatures and merges `fsck` checks: each merge is joined again,
/// so this bounds its time.
pub const CHECKED_COMMITS: usize = 1000;

/// The number of broken connections that an exchange without claims tolerates.
pub const BROKEN_CONNECTIONS_MAX: u32 = 3;

/// The number of times in a row that work is returned to its author without having the target that
/// it conflicted with; then a human decides.
pub const CONFLICTS_MAX: u32 = 3;

/// The size of all ignored files of a worktree up to which they are saved, in bytes.
pub const IGNORED_MAX: u64 = 10_000_000;

/// How often a checkout with a locked index is tried again.
pub const LOCKED_TRIES: usize = 20;

/// The pause before each of these.
pub const LOCKED_PAUSE: Duration = Duration::from_millis(50);

/// The number of times git runs again, every 25 ms, while another process adds a worktree, which
/// takes a moment.
pub const GIT_ATTEMPTS: u32 = 40;

/// The age up to which the `gc.pid` of a `git gc` is respected, as by git itself.
pub const GC_LOCK_TIME: Duration = Duration::from_secs(12 * 60 * 60);

/// The maximum number of bytes of a finding's claim, quote, outcome or suggestion.
pub const FINDING_TEXT_MAX: usize = 4 * 1024;

/// The maximum number of bytes of a finding's other texts.
pub const FINDING_LINE_MAX: usize = 256;

/// The maximum number of reviewers that a finding lists as agreeing.
pub const FINDING_AGREED_MAX: usize = 16;

/// The maximum number of findings that one review stores.
pub const FINDINGS_MAX: usize = 200;
