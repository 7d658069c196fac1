//! One remote: which ref holds the state there, how to fetch it without touching anything of the
//! user's, and how to push it and know what became of the push.

use std::time::{Duration, Instant};

use crate::error::{Error, Result};
use crate::store::git::process::{Git, Output};
use crate::store::git::repo::{Oid, Repo};
use crate::store::handle::Store;
use crate::store::random;
use crate::store::remote_names::{OFFLINE, Remote};

/// Where a fetch puts what it got, until it is known what that is.
pub(crate) const FETCH: &str = "refs/pm-local/fetch/";

/// A fetch that touches nothing of the user's: neither refs nor `FETCH_HEAD`, and no maintenance.
pub(crate) const FETCH_ALONE: [&str; 7] = [
    "fetch",
    "--quiet",
    "--no-write-fetch-head",
    "--no-tags",
    "--no-recurse-submodules",
    "--no-auto-maintenance",
    "--refmap=",
];

/// The name of a remote for the time of a push.
const PUSHED: &str = "git-pm-push";

/// The settings of a remote that a push goes by.
const PUSH_SETTINGS: [&str; 6] = [
    "url",
    "pushurl",
    "proxy",
    "proxyAuthMethod",
    "receivepack",
    "vcs",
];

/// Seconds that a fetch or push may take unless `pm.timeout` says otherwise.
const TIMEOUT_SECONDS: u64 = 120;

/// Why a remote refuses a new generation: `receive.denyNonFastForwards`.
pub(crate) const NO_REPLACING: &str = "it lets no history be replaced";

/// A place of its own for what a fetch gets; only here do a sweep and a redaction look for it. What
/// fetches that were killed left behind a day ago or earlier is removed.
pub(crate) fn passing(store: &Store) -> Result<String> {
    let now = store.env().now_ms();
    for (name, id) in store.repo().refs_under(FETCH)? {
        let began = name[FETCH.len()..].split('-').next().unwrap_or_default();
        let old = began
            .parse::<u64>()
            .is_ok_and(|ms| ms + crate::model::stamp::DAY_MS < now);
        if old {
            let _ = store.repo().discard_ref(&name, id);
        }
    }
    Ok(format!("{FETCH}{now}-{}", random::name()?))
}

/// What became of a push.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pushed {
    /// The remote has the commit.
    Done,
    /// Somebody else was first; the remote is unchanged by us.
    Lost,
    /// A lock of the ref stands at the remote: of a push that is at work there, or one that a killed
    /// push left. With git's words and the name of its file, where git names it.
    Locked(String, Option<String>),
    /// This user may not write there.
    Denied(String),
    /// The remote does not take it now, for a reason of its own.
    Refused(String),
    /// Nobody knows: the connection broke.
    Unknown(String),
}

/// What became of the push of a branch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Brought {
    /// The remote has it.
    Done,
    /// The remote's branch has commits that the one here lacks.
    Apart,
    /// It did not work, for this reason.
    Failed(String),
}

/// What a remote said when it was asked for a branch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// The remote-tracking branch is what the remote has now.
    Fetched,
    /// It has no such branch.
    Absent,
    /// It could not be asked, or what it has could not be taken.
    Failed(String),
}

impl Remote {
    /// Fetches the remote's state and returns its tip; `None` when the remote has none yet.
    ///
    /// # Errors
    /// Of kind `Remote` when the remote cannot be reached.
    pub fn fetch(&self, store: &Store) -> Result<Option<Oid>> {
        let tip = match self.fetch_once(store, false) {
            Err(error) if error.message().contains(PRUNED) => self.fetch_once(store, false)?,
            done => done?,
        };
        // In a partial clone the user's own fetch brings the state without its blobs; the remote
        // then believes that they are here and sends none.
        match tip {
            Some(tip) if is_partial(store.repo()) && lacks_objects(store.repo(), tip)? => {
                self.fetch_once(store, true)
            }
            other => Ok(other),
        }
    }

    /// The tip that the remote says it has, without fetching anything.
    ///
    /// # Errors
    /// Of kind `Remote` when it cannot be reached.
    pub fn tip_there(&self, store: &Store, seconds: u64) -> Result<Option<Oid>> {
        let args = ["ls-remote", "--quiet", "--", &self.name, &self.state_ref];
        let limit = timeout(store).min(Duration::from_secs(seconds));
        let output = network(store).run_with(&args, None, Some(limit))?;
        if !output.ok() {
            return Err(self.unreachable(&output));
        }
        // The pattern fits any ref that ends so.
        let exact = |line: &String| {
            let (id, name) = line.split_once('\t')?;
            (name == self.state_ref).then(|| store.repo().parse_id(id))?
        };
        Ok(output.lines().iter().find_map(exact))
    }

    fn fetch_once(&self, store: &Store, refetch: bool) -> Result<Option<Oid>> {
        let repo = store.repo();
        // A ref of our own: two processes that fetch at once would fight over a shared one, and
        // FETCH_HEAD is the user's.
        let place = passing(store)?;
        let mut args: Vec<String> = FETCH_ALONE.map(str::to_string).to_vec();
        // The state is read whole, also in a partial clone.
        args.push("--no-filter".into());
        if refetch {
            args.push("--refetch".into());
        }
        args.push("--".into());
        args.push(self.name.clone());
        // A pattern matches nothing where a plain name would fail: a remote without state is fine.
        // It ends before the last character, for git stores no ref with an empty rest.
        let (folder, name) = self.state_ref.rsplit_once('/').unwrap_or(("refs", "pm"));
        let mut stem = name.to_string();
        stem.pop();
        args.push(format!("+{folder}/{stem}*:{place}/{stem}*"));
        let output = network(store).run_with(&args, None, Some(timeout(store)))?;
        let found = repo.refs_under(&format!("{place}/"))?;
        for (name, id) in &found {
            let _ = repo.discard_ref(name, *id);
        }
        if !output.ok() {
            return Err(self.unreachable(&output));
        }
        Ok(found.get(&format!("{place}/{name}")).copied())
    }

    fn unreachable(&self, output: &Output) -> Error {
        Error::remote(format!(
            "cannot reach the remote {}: {}",
            self.shown(),
            output.reason()
        ))
        .hint("check the network and `git remote -v`, then run the command again")
        .hint(OFFLINE)
    }

    /// Pushes `commit` on top of the tip that was fetched. With `lease` the remote's history is
    /// replaced, if it still is what was fetched: only a raised generation needs that.
    ///
    /// # Errors
    /// Only when git cannot be started.
    pub fn push(&self, store: &Store, commit: Oid, lease: Option<Oid>) -> Result<Pushed> {
        let mut args: Vec<String> = [
            "push",
            "--porcelain",
            "--no-verify",
            "--no-follow-tags",
            "--recurse-submodules=no",
            "--no-signed",
        ]
        .map(str::to_string)
        .to_vec();
        if let Some(old) = lease {
            args.push(format!("--force-with-lease={}:{old}", self.state_ref));
        }
        let (git, name) = self.without_tracking(store)?;
        args.push("--".into());
        args.push(name);
        args.push(format!("{commit}:{}", self.state_ref));
        let output = git.run_with(&args, None, Some(timeout(store)))?;
        Ok(push_outcome(&output))
    }

    /// Pushes a branch of the user's as `git push` does: hooks run, nothing is forced.
    ///
    /// # Errors
    /// Only when git cannot be started.
    pub(crate) fn push_branch(&self, store: &Store, branch: &str) -> Result<Brought> {
        let name = format!("refs/heads/{branch}");
        let args = [
            "push",
            "--quiet",
            "--no-follow-tags",
            "--recurse-submodules=no",
            "--",
            &self.name,
            &format!("{name}:{name}"),
        ];
        let output = network(store).run_with(&args, None, Some(timeout(store)))?;
        let apart = ["(non-fast-forward)", "(fetch first)"];
        let rejected = |line: &str| {
            let line = line.trim_start();
            line.starts_with("! [rejected]") && apart.iter().any(|why| line.ends_with(why))
        };
        Ok(if output.ok() {
            Brought::Done
        } else if output.stderr.lines().any(rejected) {
            Brought::Apart
        } else {
            Brought::Failed(output.reason())
        })
    }

    /// Fetches a branch of the user's into its remote-tracking ref.
    ///
    /// # Errors
    /// Only when git cannot be started.
    pub(crate) fn fetch_branch(&self, store: &Store, branch: &str) -> Result<Asked> {
        let there = format!("+refs/heads/{branch}:refs/remotes/{}/{branch}", self.name);
        let mut args = FETCH_ALONE.to_vec();
        args.extend(["--", &self.name, &there]);
        let output = network(store).run_with(&args, None, Some(timeout(store)))?;
        Ok(if output.ok() {
            Asked::Fetched
        } else if output.stderr.contains("couldn't find remote ref") {
            Asked::Absent
        } else {
            Asked::Failed(output.reason())
        })
    }

    /// A runner that knows the remote by another name, under which nothing is fetched. Git would
    /// bring the tracking ref along with a push, under a lock that a kill leaves behind and that
    /// nothing knows to be ours; we move it ourselves once the push is known to have arrived.
    fn without_tracking(&self, store: &Store) -> Result<(Git, String)> {
        let (repo, git) = (store.repo(), network(store));
        let remotes = repo.remotes();
        if !remotes.contains(&self.name) || remotes.iter().any(|name| name == PUSHED) {
            return Ok((git, self.name.clone()));
        }
        let mut git = git;
        for word in PUSH_SETTINGS {
            for value in repo.config_all(&format!("remote.{}.{word}", self.name)) {
                git = git.with_config(&format!("remote.{PUSHED}.{word}"), &value)?;
            }
        }
        Ok((git, PUSHED.to_string()))
    }
}

/// Whether objects may be missing here because a remote promised to have them.
fn is_partial(repo: &Repo) -> bool {
    repo.config("extensions.partialClone").is_some()
        || repo
            .remotes()
            .iter()
            .any(|r| repo.config_bool(&format!("remote.{r}.promisor")) == Some(true))
}

/// Whether an object that the state at `tip` needs is missing.
fn lacks_objects(repo: &Repo, tip: Oid) -> Result<bool> {
    let tree = format!("{tip}^{{tree}}");
    let args = ["rev-list", "--objects", "--missing=print", tree.as_str()];
    let listed = repo.git().run(&args)?;
    Ok(!listed.ok() || listed.lines().iter().any(|line| line.starts_with('?')))
}

/// Runs what talks to remotes, which is given up once `limit` is over.
pub(crate) fn within<T>(store: &Store, limit: Duration, run: impl FnOnce() -> T) -> T {
    store.deadline.set(Some(Instant::now() + limit));
    let done = run();
    store.deadline.set(None);
    done
}

/// Runs what asks a remote as [`Git::asking`].
pub(crate) fn by_own_config<T>(store: &Store, run: impl FnOnce() -> T) -> T {
    store.own_config.set(true);
    let done = run();
    store.own_config.set(false);
    done
}

/// How long one command of git may talk to a remote.
fn timeout(store: &Store) -> Duration {
    let repo = store.repo();
    let set = match store.own_config.get() {
        true => repo.config_own("pm.timeout").pop(),
        false => repo.config("pm.timeout"),
    };
    let seconds = set
        .and_then(|t| t.parse().ok())
        .filter(|s| *s > 0)
        .unwrap_or(TIMEOUT_SECONDS);
    let limit = Duration::from_secs(seconds);
    match store.deadline.get() {
        Some(deadline) => limit.min(deadline.saturating_duration_since(Instant::now())),
        None => limit,
    }
}

/// Git for the network: never prompts where nobody could answer, ssh included.
fn network(store: &Store) -> Git {
    // A relative URL is meant from the repository, not from wherever a linked worktree lies.
    let mut git = store.repo().git_at_home();
    if store.own_config.get() {
        git = git.asking();
    }
    if store.env().interactive {
        return git;
    }
    let ssh = match git.env("GIT_SSH_COMMAND").and_then(|ssh| ssh.to_str()) {
        Some(ssh) if !ssh.is_empty() => Some(ssh.to_string()),
        _ if store.own_config.get() => {
            let set = git.run(&["config", "--get", "core.sshCommand"]);
            set.ok().filter(Output::ok).map(|set| set.text())
        }
        _ => store.repo().config("core.sshCommand"),
    };
    let git = git
        .with_env("GIT_ASKPASS", "true")
        .with_env("SSH_ASKPASS", "true");
    match ssh {
        None if git.env("GIT_SSH").is_some() => git,
        ssh => {
            let ssh = ssh.unwrap_or_else(|| "ssh".into());
            git.with_env(
                "GIT_SSH_COMMAND",
                format!("{ssh} -oBatchMode=yes -oConnectTimeout=15"),
            )
        }
    }
}

/// What a push's porcelain output says. Only a line about the ref itself tells that the remote
/// answered; without one the outcome is unknown.
fn push_outcome(output: &Output) -> Pushed {
    let lines = output.lines();
    let line = lines
        .iter()
        .find(|l| l.starts_with(['!', '=', '*', ' ', '+']) && l.contains('\t'));
    if output.ok() {
        return Pushed::Done;
    }
    let Some(line) = line else {
        let reason = output.reason();
        if died_here(&output.stderr) {
            return Pushed::Lost;
        }
        return if is_denied(&output.stderr) {
            Pushed::Denied(with_words(&reason, output))
        } else {
            Pushed::Unknown(reason)
        };
    };
    let summary = line.rsplit('\t').next().unwrap_or("").to_string();
    let summary = crate::model::text::one_line(&summary);
    if summary.contains("[remote failure]") || summary.contains("remote failed to report") {
        return Pushed::Unknown(summary);
    }
    // A forced push that the server's own configuration forbids will not do better next time.
    if summary.contains("[remote rejected]") && summary.contains("non-fast-forward") {
        return Pushed::Refused(NO_REPLACING.into());
    }
    let race = [
        "fetch first",
        "non-fast-forward",
        "stale info",
        "incorrect old value",
        "reference already exists",
        "[rejected]",
    ];
    if race.iter().any(|words| summary.contains(words)) {
        return Pushed::Lost;
    }
    if is_lock(&summary, output) {
        return Pushed::Locked(with_words(&summary, output), output.lock_file());
    }
    if line.starts_with('!') {
        let text = with_words(&summary, output);
        return if is_denied(&text) {
            Pushed::Denied(text)
        } else {
            Pushed::Refused(text)
        };
    }
    Pushed::Unknown(summary)
}

/// Whether a server says that a lock of the ref stands in the way, or that the ref moved while it
/// took the lock. Git says why it could not lock a ref: another ref in its place, a missing right
/// or a full disk is none of the two, and no waiting mends it.
fn is_lock(summary: &str, output: &Output) -> bool {
    let text = format!("{summary}\n{}", output.stderr);
    let moved = text.contains("is at ") && text.contains("but expected ");
    if moved || output.lock_file().is_some() {
        return true;
    }
    if text.contains("cannot lock ref") || text.contains("Unable to create '") {
        return false;
    }
    // Servers other than git's own, or one that keeps its reasons to itself.
    let words = ["failed to lock", "unable to lock", "already locked"];
    words.iter().any(|words| summary.contains(words))
        || (summary.contains("failed to update ref") && !output.stderr.contains("remote: "))
}

/// How many characters of what a server says are shown.
const WORDS_MAX: usize = 500;

/// Git's summary with what the server itself said, which git puts on lines of their own.
fn with_words(summary: &str, output: &Output) -> String {
    let said = output.stderr.lines();
    let said = said.filter_map(|line| line.strip_prefix("remote: "));
    let said: Vec<&str> = said
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    if said.is_empty() {
        return summary.to_string();
    }
    let said = said.join(" ");
    let said = crate::model::text::shorten(&said, WORDS_MAX);
    let said = crate::model::text::escape_controls(&said);
    format!("{summary}; it says: {said}")
}

/// Whether our own git gave up before it sent anything. Another process of this clone was fetching
/// the remote's new tip: git writes a commit before its parents, and for a moment finds the one and
/// not the others. What the other side says begins with `remote:`.
fn died_here(stderr: &str) -> bool {
    let mut lines = stderr.lines();
    lines.any(|line| line.starts_with("error: could not parse commit "))
}

/// What git says of objects that a `git gc` took away while it fetched what builds on them.
const PRUNED: &str = "did not send all necessary objects";

/// Words by which servers say that this user may not write. There is no exit code for it.
fn is_denied(stderr: &str) -> bool {
    let text = stderr.to_ascii_lowercase();
    [
        "permission denied",
        "permission to ",
        "access denied",
        "error: 403",
        "http 403",
        "not allowed",
        "not authorized",
        "unauthorized",
        "forbidden",
        "protected",
        "read-only",
        "read only",
        "insufficient permission",
    ]
    .iter()
    .any(|words| text.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn output(code: i32, stdout: &str, stderr: &str) -> Output {
        Output {
            code: Some(code),
            stdout: stdout.as_bytes().to_vec(),
            stderr: stderr.into(),
            timed_out: false,
        }
    }

    #[test]
    fn what_a_push_said() {
        let line = |summary: &str| format!("To x\n!\tabc:refs/pm/main\t{summary}\nDone\n");
        let evaluated =
            |summary: &str| push_outcome(&output(1, &line(summary), "error: failed to push"));
        assert_eq!(evaluated("[rejected] (fetch first)"), Pushed::Lost);
        assert!(matches!(
            evaluated("[remote rejected] (cannot lock ref 'refs/pm/main': is at x but expected y)"),
            Pushed::Locked(_, None)
        ));
        assert!(matches!(
            evaluated("[remote rejected] (failed to lock)"),
            Pushed::Locked(_, None)
        ));
        let unlocked = |why: &str| {
            let said = format!("remote: error: cannot lock ref 'refs/pm/main': {why}");
            push_outcome(&output(
                1,
                &line("[remote rejected] (failed to update ref)"),
                &said,
            ))
        };
        let create = "Unable to create '/r.git/./refs/pm/main.lock': ";
        assert!(matches!(
            unlocked("'refs/pm' exists; cannot create 'refs/pm/main'"),
            Pushed::Refused(_)
        ));
        assert!(matches!(
            unlocked(&format!("{create}No space left on device")),
            Pushed::Refused(_)
        ));
        assert!(matches!(
            unlocked(&format!("{create}Permission denied")),
            Pushed::Denied(_)
        ));
        let stale = output(
            1,
            &line("[remote rejected] (failed to update ref)"),
            "remote: error: cannot lock ref 'refs/pm/main': Unable to create \
             '/r.git/./refs/pm/main.lock': File exists.\nerror: failed to push",
        );
        let file = Some("/r.git/./refs/pm/main.lock".to_string());
        assert!(matches!(push_outcome(&stale), Pushed::Locked(_, found) if found == file));
        let busy = output(
            1,
            &line("[remote rejected] (pre-receive hook declined)"),
            "remote: maintenance, \u{1b}[1mtry again\nerror: failed to push",
        );
        let said = Pushed::Refused(
            "[remote rejected] (pre-receive hook declined); it says: maintenance, \\u{1b}[1mtry again"
                .into(),
        );
        assert_eq!(push_outcome(&busy), said);
        assert!(matches!(
            evaluated("[remote rejected] (pre-receive hook declined)"),
            Pushed::Refused(_)
        ));
        assert!(matches!(
            evaluated("[remote failure] (remote failed to report status)"),
            Pushed::Unknown(_)
        ));
        let broken = output(128, "", "fatal: the remote end hung up unexpectedly");
        assert!(matches!(push_outcome(&broken), Pushed::Unknown(_)));
        let denied = output(
            128,
            "",
            "fatal: unable to access: The requested URL returned error: 403",
        );
        assert!(matches!(push_outcome(&denied), Pushed::Denied(_)));
        let half_fetched = output(
            128,
            "",
            "error: Could not read 03e4\nerror: could not parse commit 03e4\n\
             fatal: the remote end hung up unexpectedly",
        );
        assert_eq!(push_outcome(&half_fetched), Pushed::Lost);
        assert_eq!(push_outcome(&output(0, "", "")), Pushed::Done);
    }
}
