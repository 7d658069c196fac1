//! Every setting of `git pm config` with its default, and how long claims and reservations last.
//!
//! What `git pm serve` listens to is here too. Limits that cannot be set are in `limits`.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use self::Values::{Address, Days, Flag, Number, Text, Word, Zone};
use super::authority::Who;
use super::stamp::DAY_MS;
use super::web_address;

/// A setting in git's configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Definition {
    /// Its name in git's configuration, `pm.…`.
    pub key: &'static str,
    /// The value if none is set; empty if there is no default.
    pub default: &'static str,
    /// What it accepts.
    pub values: Values,
    /// Who may set and unset it.
    pub who: Who,
    /// One line for `git pm config`.
    pub help: &'static str,
}

/// The values that a setting accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Values {
    /// Any text.
    Text,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A boolean, as git reads it.
    Flag,
    /// A whole number, not negative.
    Number,
    /// A number of days, or `never`.
    Days,
    /// The address of a page.
    Address,
    /// The name of a time zone, as in the IANA database.
    Zone,
}

impl Definition {
    /// The values that the setting accepts, as a phrase, if `value` is not one of them.
    pub fn rejects(&self, value: &str) -> Option<String> {
        let number = || value.trim().parse::<u64>().is_ok();
        let (taken, expected) = match self.values {
            Text => return None,
            Word(words) => (
                words.contains(&value),
                format!("one of {}", words.join(", ")),
            ),
            Flag => (is_flag(value), "true or false".into()),
            Number => (number(), "a whole number".into()),
            Days => (
                value == "never" || number(),
                "a number of days, or never".into(),
            ),
            Address => (
                web_address::parts(value).is_some(),
                "an address such as https://pm.example.org".into(),
            ),
            Zone => (
                jiff::tz::TimeZone::get(value).is_ok(),
                "the name of a time zone, such as Europe/Berlin".into(),
            ),
        };
        (!taken).then_some(expected)
    }

    /// The value that is set, else the default, as a number.
    pub fn number(&self, set: Option<&str>) -> u64 {
        let set = set.and_then(|text| text.trim().parse().ok());
        set.unwrap_or_else(|| self.default.parse().unwrap_or(0))
    }

    /// The value that is set, else the default, as a boolean.
    pub fn is_on(&self, set: Option<bool>) -> bool {
        set.unwrap_or(self.default == "true")
    }
}

/// True for a word by which git means yes.
pub fn says_on(value: &str) -> bool {
    let words = ["true", "yes", "on", "1"];
    words.iter().any(|word| word.eq_ignore_ascii_case(value))
}

fn is_flag(value: &str) -> bool {
    let off = ["false", "no", "off", "0"];
    says_on(value) || off.iter().any(|word| word.eq_ignore_ascii_case(value))
}

/// Defines a constant for each setting, and [`ALL`] of them. A setting is for humans only unless
/// `for` opens it.
macro_rules! settings {
    (@who) => { Who::Humans };
    (@who $who:ident) => { Who::$who };
    ($($name:ident $(for $who:ident)? = $key:literal, $default:literal, $values:expr, $help:literal;)*) => {
        $(
            #[doc = $help]
            pub const $name: Definition = Definition {
                key: $key,
                default: $default,
                values: $values,
                who: settings!(@who $($who)?),
                help: $help,
            };
        )*

        /// All settings, in the order in which `git pm config` lists them.
        pub const ALL: &[Definition] = &[$($name),*];
    };
}

settings! {
    REMOTE = "pm.remote", "", Text,
        "The remote (name or URL) that holds the state and confirms claims; by default origin, or \
         the only remote";
    REMOTE_REF = "pm.remoteRef", "refs/pm/main", Text,
        "The ref of the state on remotes; refs/heads/pm/main for hosts that accept only branches";
    SYNC = "pm.sync", "claim", Word(&["manual", "claim", "always"]),
        "When to use the network without being asked: manual, claim (start, finish, reserve, comments, \
         before a git push) or always";
    TIMEZONE = "pm.timezone", "", Zone,
        "Time zone of the dates that are typed and shown, such as Europe/Berlin; by default that of \
         `TZ` or of the machine";
    OFFLINE = "pm.offline", "", Word(&["allow"]),
        "`allow`: if the remote cannot be reached, start and reserve continue, and their results \
         are tentative";
    TIMEOUT = "pm.timeout", "120", Number,
        "Seconds that a fetch or push may take";
    STATE_LIMIT = "pm.stateLimit", "512", Number,
        "Maximum size of a fetched state, in MiB of documents; cannot be lower than the default; your own \
         import and the first state of a clone raise it";
    ARTIFACT_LIMIT = "pm.artifactLimit", "16", Number,
        "Maximum size of a new artifact, in MiB; at most 64";
    AGENT = "pm.agent", "", Text,
        "Name of an actor that counts as an agent (may be set several times)";
    ROLE = "pm.role", "", Text,
        "Role of this clone's actors: they receive messages to role:NAME (may be set several times)";
    ESCALATE_AFTER = "pm.escalateAfter", "6", Number,
        "Number of messages from agents, without an answer from a human, after which a thread is \
         shown in the inboxes of humans; 0 for never";
    BRANCH = "pm.branch", "task/{id}-{slug}", Text,
        "Pattern for task branches; placeholders: {id} {slug} {agent} {epic} {run}";
    RUN_BRANCH = "pm.runBranch", "task/{id}-{slug}-{agent}", Text,
        "Pattern for the task branches of `git pm run`; placeholders: {id} {slug} {agent} {epic} \
         {run}";
    EPIC_BRANCH = "pm.epicBranch", "epic/{slug}", Text,
        "Pattern for epic branches";
    WORKTREE_PATH = "pm.worktreePath", "{repo}.worktrees/{id}-{slug}", Text,
        "Pattern for worktree folders, relative to the parent folder of the repository; \
         `{repo}/.worktrees/{id}-{slug}` is inside of it, and is ignored";
    TARGET = "pm.target", "", Text,
        "The branch that work is merged into; by default the default branch of the repository";
    MERGE_STRATEGY = "pm.mergeStrategy", "squash", Word(&["squash", "merge", "rebase"]),
        "How work is merged: squash, merge or rebase";
    MERGE_MESSAGE = "pm.mergeMessage", "auto", Text,
        "The subject of squash and merge commits: `title`, `conventional` (Conventional Commits), \
         `auto` (the latter where the project does so), or a text with {id} {type} {title}";
    KEEP_BRANCH = "pm.keepBranch", "false", Flag,
        "Whether a merge keeps the branch of the work; otherwise it is deleted here, and at the \
         remote once the target there has the merge";
    PUSH = "pm.push", "finish", Word(&["finish", "never"]),
        "When a task's branch is pushed: `finish` (also when work is left to others; an epic's at its start) or `never`";
    PUSH_TARGET = "pm.pushTarget", "ask", Word(&["ask", "always", "never"]),
        "Whether a merge pushes its target branch: `ask` (once, at a terminal), `always` or `never`";
    PULL_TARGETS for Stricter = "pm.pullTargets", "", Text,
        "Branches that move only through pull requests, separated by commas; GitHub's rules are \
         added when the project is linked or exchanged";
    SOLO_MERGE for Stricter = "pm.soloMerge", "true", Flag,
        "Whether a human may approve and merge their own work; if not, another human approves it";
    APPROVAL for Stricter = "pm.approval", "advisory", Word(&["advisory", "strict"]),
        "Which approvals are valid: advisory (any given by a human) or strict (only those given at \
         a terminal)";
    PROTECTED_PATHS for Stricter = "pm.protectedPaths", ".github/ infra/ secrets/", Text,
        "Paths to which agents may not commit changes";
    APPROVAL_PATHS for Stricter = "pm.approvalPaths",
        "**/migrations/ **/db/migrate/ **/db/migration/ **/flyway/ **/alembic/versions/ **/infra/ \
         **/infrastructure/ **/terraform/ **/k8s/ **/*.tf", Text,
        "Paths of migrations and infrastructure: a run does not merge changes to them even if all \
         gates pass; a human has to approve the changes";
    PROTECTED_BRANCHES for Stricter = "pm.protectedBranches", "", Text,
        "Branches that agents may not commit or push to";
    GATE = "pm.gate", "", Text,
        "A gate, as `name=command`, that `finish` runs in the worktree (may be set several times)";
    CHANGE_PLAN = "pm.changePlan", "false", Flag,
        "Whether the agents of `git pm run` write a change plan before their first work on a task; the \
         built-in agent always does";
    DIFF_LINES = "pm.diffLines", "400", Number,
        "Number of changed lines above which a review reports a change as large";
    DIFF_BLOCK = "pm.diffBlock", "false", Flag,
        "Whether a human has to approve a large change even if it passes all gates of a run";
    COMMAND_TIMEOUT = "pm.commandTimeout", "1800", Number,
        "Seconds that a gate or a set-up command may take; 0 for no limit";
    SANDBOX = "pm.sandbox", "auto", Word(&["auto", "require", "off"]),
        "Sandbox for the agents and gates of `git pm run`: auto (if the system has one), require \
         or off";
    SANDBOX_NETWORK = "pm.sandboxNetwork", "auto", Text,
        "Network access in the \
         sandbox: auto (what the agent needs; none for a script), on, off, or TCP \
         ports such as `443,8080`";
    SANDBOX_READ = "pm.sandboxRead", "", Text,
        "Additional file or folder that agents may read: an absolute path or `~/...` (may be set \
         several times)";
    SANDBOX_WRITE = "pm.sandboxWrite", "", Text,
        "Additional file or folder that agents may change (may be set several times)";
    SETUP = "pm.setup", "", Text,
        "Command run in a new worktree (may be set several times)";
    COPY_IGNORED = "pm.copyIgnored", "", Text,
        "Ignored folder to copy into new worktrees if the file system supports copy-on-write \
         (may be set several times)";
    SPARSE for Anybody = "pm.sparse", "false", Flag,
        "Whether new worktrees check out only the folders of the task's planned paths";
    LFS_SMUDGE for Anybody = "pm.lfsSmudge", "true", Flag,
        "Whether new worktrees fetch the content of git-lfs files";
    STACKED = "pm.stacked", "false", Flag,
        "Whether a task starts from the branch of an open soft dependency";
    SIGN for Stricter = "pm.sign", "false", Flag,
        "Whether commits of the state are signed, as configured by git's gpg.format and \
         user.signingKey";
    ISSUE_PREFIX = "pm.issuePrefix", "pm", Text,
        "Prefix of the hash IDs of new issues; shared (`--shared`)";
    PACK_LIMIT = "pm.packLimit", "2000", Number,
        "Number of loose objects at which a sync packs the objects of the state; 0 disables packing";
    GC_RUNS = "pm.gc.runs", "30", Days,
        "Days for which `git pm gc` keeps run logs; `never` keeps them forever";
    GC_BACKUPS = "pm.gc.backups", "90", Days,
        "Days for which `git pm gc` keeps backup refs and saved work";
    GC_DRAFTS = "pm.gc.drafts", "90", Days,
        "Days for which `git pm gc` keeps drafts (texts that a redaction kept out of the state, or that could not be applied)";
    GC_TOMBSTONES = "pm.gc.tombstones", "180", Days,
        "Days after which `git pm gc` removes the content of a deleted item";
    GC_EPHEMERAL = "pm.gc.ephemeral", "7", Days,
        "Days after which `git pm gc` removes ephemeral issues that have not changed; `never` \
         keeps them";
    AGENT_MCP = "pm.agentMcp", "", Text,
        "MCP server for the agents of `git pm run`, as `NAME=COMMAND` or `NAME=URL` (may be set \
         several times)";
    DEVELOPER = "pm.developer", "", Text,
        "The agent of `git pm develop`, as after `run --with`";
    WEBHOOK_SECRET = "pm.webhookSecret", "", Text,
        "The secret with which GitHub signs its webhooks";
    GITHUB_APP = "pm.githubApp", "", Text,
        "ID of a GitHub App that signs in where there is no other token";
    GITHUB_APP_HOST = "pm.githubAppHost", "github.com", Text,
        "Host at which the GitHub App is registered: it signs in nowhere else";
    GITHUB_APP_KEY = "pm.githubAppKey", "", Text,
        "File with the private key of the GitHub App, in PEM format";
    NOTIFY_SENDER = "pm.notifySender", "", Text,
        "ID of the clone that sends the news of `git pm notify`; by default every clone with rules \
         sends; shared (`--shared`)";
    PAGE_URL = "pm.pageUrl", "", Address,
        "Address of the page (`git pm serve`) as others reach it, for links in news";
    CREDENTIAL_DAYS = "pm.credentialDays", "90", Days,
        "Days after which `git pm doctor` recommends to replace a token or key";
    PLAN_MIN_TASKS = "pm.planMinTasks", "10", Number,
        "Number of tasks at which the plan of a short document counts as large";
    PLAN_MAX_TASKS = "pm.planMaxTasks", "40", Number,
        "Number of tasks at which the plan of a long document counts as large";
    PLAN_MAX_PLANNED = "pm.planMaxPlanned", "60", Number,
        "Largest number of tasks in a plan; beyond it the document has to be split";
    PLAN_MAX_TOKENS = "pm.planMaxTokens", "20000", Number,
        "Largest number of tokens (estimated as a quarter of the bytes) in a planned document; \
         beyond it the document has to be split";
    PLAN_TESTS = "pm.planTests", "true", Flag,
        "Plan a task for the tests of each task; false leaves tests to the task itself; shared \
         (`--shared`)";
    COST_BASELINE = "pm.costBaseline", "", Text,
        "What the same work would otherwise cost, for `git pm cost`: US dollars in total (`900usd`) \
         or per estimated hour (`90usd/h`)";
    MODEL_URL = "pm.modelUrl", "", Text,
        "Base URL of a model provider for `run --with model:…`, as `PROVIDER=URL` (may be set \
         several times)";
    MODEL_CONTEXT = "pm.modelContext", "", Text,
        "Size of a model's context window in tokens, as `PROVIDER/NAME=TOKENS` (may be set several \
         times)";
    MODEL_OUTPUT = "pm.modelOutput", "16000", Number,
        "Maximum size of a model's response in tokens, including reasoning; at most a quarter of \
         the context window";
    MODEL_TEMPERATURE = "pm.modelTemperature", "", Text,
        "Temperature of models, 0 to 2; by default 0.1 for lmstudio, vllm and ollama, and the server's own for others";
    MODEL_TURNS = "pm.modelTurns", "200", Number,
        "Maximum number of model responses in one attempt at a task";
    AGENT_LEASE = "pm.agentLease", "60", Number,
        "Minutes after the last sign of life of an agent until its claim expires; others may take \
         over two minutes later";
    AGENT_MEMORY = "pm.agentMemory", "0", Number,
        "Megabytes of memory that all processes of one agent of `git pm run` may use together; one that uses \
         more is ended and its attempt fails; 0 sets no limit";
    AGENT_PROCESSES = "pm.agentProcesses", "0", Number,
        "Number of processes that one agent of `git pm run` may have at a time; 0 sets no limit";
    AGENT_NICE = "pm.agentNice", "0", Number,
        "Niceness of the agents of `git pm run`, 0 to 19: with 19 they leave the processor to everything else";
    MODEL_TIMEOUT = "pm.modelTimeout", "300", Number,
        "Seconds without output after which a model times out";
    PRICE = "pm.price", "", Text,
        "Price of a model in USD per million tokens, as `PROVIDER/NAME=INPUT,CACHED,OUTPUT` (may be \
         set several times)";
    PROFILE = "pm.profile", "cloud", Word(&["cloud", "local", "script"]),
        "Agents that `git pm run --with auto` chooses from: cloud, local (Ollama models, no paid \
         API) or script (scripts and commands from pm.route)";
    ROUTE = "pm.route", "", Text,
        "Agents for a role, as `ROLE=AGENT[,FALLBACK...]` (may be set several times); an agent is \
         written as for `run --with`, or with a model as `codex@MODEL`; `all` means every role \
         without a line of its own";
    ROUTE_TEMPERATURE = "pm.routeTemperature", "", Text,
        "Temperature of the models for a role, as `ROLE=NUMBER` (may be set several times)";
    ROUTE_TOKENS = "pm.routeTokens", "", Text,
        "Maximum tokens in a model's prompt and in each of its responses, for a role, as \
         `ROLE=PROMPT,ANSWER` (may be set several times)";
    PRIVATE_PATHS for Stricter = "pm.privatePaths", "", Text,
        "Paths, separated by spaces: tasks that plan to change them go only to local agents, like \
         those with the label privacy:local";
    LOCAL_AGENT = "pm.localAgent", "", Text,
        "Agent that sends nothing to other machines, as given to `run --with` (may be set several \
         times)";
    FSYNC = "pm.fsync", "false", Flag,
        "Whether writes also survive a power failure, not only a killed process";
}

/// The operations in which the tool uses the network without being asked: [`SYNC`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SyncMode {
    /// Only `sync`, `push` and `pull`.
    Manual,
    /// Also at start, finish and reserve.
    Claim,
    /// After every write.
    Always,
}

impl SyncMode {
    /// The mode that a value of [`SYNC`] names; other values count as the default.
    pub fn of(set: Option<&str>) -> SyncMode {
        match set {
            Some("manual") => SyncMode::Manual,
            Some("always") => SyncMode::Always,
            _ => SyncMode::Claim,
        }
    }
}

/// The address that `git pm serve` listens on: only this machine reaches it.
pub const SERVE_ADDRESS_DEFAULT: SocketAddr =
    SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 7_700);

/// The number of requests per second that `git pm serve` takes from one client: more than a page or a
/// program needs, and few enough to leave time for others.
pub const SERVE_RATE_DEFAULT: u32 = 1_000;

/// The lease of a human's claim: how long it holds after a sign of life, in milliseconds.
pub(crate) const HUMAN_LEASE_MS: u64 = DAY_MS;

/// The lease of an agent's claim, in milliseconds: an agent at work commits or writes more often.
pub(crate) const AGENT_LEASE_MS: u64 = 3_600_000;

/// The time without a sign of life after which an agent may have died, in milliseconds.
pub(crate) const AGENT_SILENT_MS: u64 = 1_800_000;

/// The time from a lease's end until others may take over, in milliseconds, because clocks differ.
pub(crate) const GRACE_MS: u64 = 120_000;

/// A claim is renewed once this fraction (1/12) of its length has passed since the last sign.
pub(crate) const LEASE_RENEWED_AFTER: u64 = 12;

/// A renewal is shared once this fraction (1/6) of the length has passed since the last sign that
/// others know. Others may thus learn of an agent's activity up to a quarter of an hour late (both
/// fractions of its lease), and it must not seem silent to them for another quarter.
pub(crate) const LEASE_SHARED_AFTER: u64 = 6;

/// The time to live of a reservation without a claim, in milliseconds.
pub const RESERVATION_MS: u64 = 3_600_000;

/// The shortest time that can be asked for a reservation, in milliseconds.
pub const RESERVATION_MIN_MS: u64 = 60_000;

/// The longest time that a claim or reservation lasts after the write that set its end, in
/// milliseconds. A holder who needs it for longer renews it.
pub const LONGEST_MS: u64 = 30 * DAY_MS;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_distinct_and_numbers_have_a_default() {
        let keys: std::collections::BTreeSet<_> = ALL.iter().map(|one| one.key).collect();
        assert_eq!(keys.len(), ALL.len());
        assert_eq!(TIMEOUT.number(None), 120);
        assert_eq!(TIMEOUT.number(Some("30")), 30);
        assert_eq!(TIMEOUT.number(Some("soon")), 120);
        assert!(
            ALL.iter()
                .all(|one| one.default.is_empty() || one.rejects(one.default).is_none())
        );
        assert!(LFS_SMUDGE.is_on(None) && !SPARSE.is_on(None) && SPARSE.is_on(Some(true)));
    }
}
