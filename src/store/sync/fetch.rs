//! One remote: the ref that holds the state there, and fetching it without touching anything of the user's.

use super::network::{network, timeout};
use std::path::PathBuf;
use std::time::Duration;

use crate::error::{Error, Reason, Result};
use crate::git::process::Output;
use crate::git::repo::{Oid, Repo};
use crate::handle::Store;
use crate::model::id::word;
use crate::model::limits::SERVER_MESSAGE_MAX;
use crate::model::text::excerpt;
use crate::model::uid::sha256_hex;
use crate::random;
use crate::remote_names::{OFFLINE, Remote};
use crate::shared_files;

/// The prefix of refs for fetched commits, until they are checked.
pub(crate) const FETCH: &str = "refs/pm-local/fetch/";

/// The mark of a remote that answered: see [`Remote::marked`].
pub const ASKED: &str = "asked";

/// A fetch that touches nothing of the user's: neither refs nor `FETCH_HEAD`, and no maintenance.
pub const FETCH_ALONE: [&str; 7] = [
    "fetch",
    "--quiet",
    "--no-write-fetch-head",
    "--no-tags",
    "--no-recurse-submodules",
    "--no-auto-maintenance",
    "--refmap=",
];

/// A new name for a fetched commit; a sweep and a redaction search for it only under `refs/pm-local/fetch/`.
/// Those of killed fetches are removed.
pub fn temporary_ref(store: &Store) -> Result<String> {
    store.clear_dead_refs(FETCH)?;
    Ok(format!(
        "{FETCH}{}-{}",
        store.env().now_ms(),
        random::name()?
    ))
}

/// The result of fetching a branch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// The remote-tracking branch is now that of the remote.
    Fetched,
    /// The remote has no such branch.
    Absent,
    /// The remote could not be reached, or its branch could not be fetched.
    Failed(String),
}

impl Remote {
    /// Fetches the remote's state and returns its tip; `None` if the remote has none yet.
    ///
    /// # Errors
    /// Of kind `Remote` when the remote cannot be reached.
    pub fn fetch(&self, store: &Store) -> Result<Option<Oid>> {
        let tip = match self.fetch_once(store, false) {
            Err(error) if error.message().contains(PRUNED) => self.fetch_once(store, false)?,
            done => done?,
        };
        self.mark(store, ASKED, true);
        // In a partial clone the user's own fetch brings the state without its blobs; the remote
        // then assumes that they are here and sends none.
        match tip {
            Some(tip) if is_partial(store.repo()) && lacks_objects(store.repo(), tip)? => {
                self.fetch_once(store, true)
            }
            other => Ok(other),
        }
    }

    fn mark_of(&self, store: &Store, what: &str) -> PathBuf {
        // Another URL or ref under the same name is another remote.
        let place = [&self.name, &self.url(store.repo()), &self.state_ref];
        let name = sha256_hex(place.map(String::as_str).join("\n").as_bytes());
        store.folder().join(what).join(&name[..16])
    }

    /// When this clone last noted `what` of this remote, in milliseconds since the Unix epoch.
    pub fn marked(&self, store: &Store, what: &str) -> Option<u64> {
        let noted = std::fs::read_to_string(self.mark_of(store, what));
        noted.ok().and_then(|text| text.trim().parse().ok())
    }

    /// Notes `what` of this remote, or that it no longer holds.
    pub fn mark(&self, store: &Store, what: &str, holds: bool) {
        let mark = self.mark_of(store, what);
        if holds {
            let _ = mark.parent().map(shared_files::create_dir_all);
            let _ = std::fs::write(&mark, store.env().now_ms().to_string());
            shared_files::share(&mark);
        } else if mark.exists() {
            let _ = std::fs::remove_file(&mark);
        }
    }

    /// The tip at the remote, without fetching anything.
    ///
    /// # Errors
    /// Of kind `Remote` when it cannot be reached.
    pub fn tip_there(&self, store: &Store, seconds: u64) -> Result<Option<Oid>> {
        let args = ["ls-remote", "--quiet", "--", &self.name, &self.state_ref];
        let limit = timeout(store).min(Duration::from_secs(seconds));
        let output = network(store).run_with(&args, None, Some(limit))?;
        if !output.ok() {
            return Err(self.unreachable(store, &output));
        }
        // The pattern matches any ref with this ending.
        let exact = |line: &String| {
            let (id, name) = line.split_once('\t')?;
            (name == self.state_ref).then(|| store.repo().parse_id(id))?
        };
        Ok(output.lines().iter().find_map(exact))
    }

    /// The refs of git pm at the remote, without fetching anything.
    ///
    /// # Errors
    /// Of kind `Remote` when it cannot be reached.
    pub fn own_refs(&self, store: &Store) -> Result<Vec<(String, Oid)>> {
        let all = "refs/pm/*";
        let args = [
            "ls-remote",
            "--quiet",
            "--",
            &self.name,
            all,
            &self.state_ref,
        ];
        let output = network(store).run_with(&args, None, Some(timeout(store)))?;
        if !output.ok() {
            return Err(self.unreachable(store, &output));
        }
        let own = |line: &String| {
            let (id, name) = line.split_once('\t')?;
            let is_own = name.starts_with("refs/pm/") || name == self.state_ref;
            Some((name.to_string(), store.repo().parse_id(id)?)).filter(|_| is_own)
        };
        Ok(output.lines().iter().filter_map(own).collect())
    }

    /// What to think of a remote that lists no ref at all, though it had branches.
    ///
    /// # Errors
    /// Only when git cannot be started.
    pub fn lists_nothing(&self, store: &Store) -> Result<Option<String>> {
        let args = ["ls-remote", "--quiet", "--", &self.name];
        let output = network(store).run_with(&args, None, Some(timeout(store)))?;
        let had = store
            .repo()
            .refs_under(&format!("refs/remotes/{}/", self.name))?;
        let is_empty = output.ok() && output.lines().is_empty() && !had.is_empty();
        Ok(is_empty.then(|| {
            format!(
                "{} answers, but lists no branches and no state: it is another server, such as a \
                 login page, or was emptied",
                self.shown()
            )
        }))
    }

    /// The remote's default branch; none where it has no commits, or does not answer.
    ///
    /// # Errors
    /// Only when git cannot be started.
    pub fn head(&self, store: &Store) -> Result<Option<String>> {
        let args = ["ls-remote", "--quiet", "--symref", "--", &self.name, "HEAD"];
        let output = network(store).run_with(&args, None, Some(timeout(store)))?;
        let name = |line: &String| {
            let full = line.strip_prefix("ref: refs/heads/")?;
            full.strip_suffix("\tHEAD").map(str::to_string)
        };
        Ok(output.lines().iter().find_map(name))
    }

    fn fetch_once(&self, store: &Store, refetch: bool) -> Result<Option<Oid>> {
        let repo = store.repo();
        // A ref of our own: two concurrent fetches would conflict over a shared one, and FETCH_HEAD
        // is the user's.
        let place = temporary_ref(store)?;
        // The state is read whole, also in a partial clone.
        let mut args = [&FETCH_ALONE[..], &["--no-filter"]].concat();
        args.extend(refetch.then_some("--refetch"));
        // A pattern matches nothing where a plain name would fail: a remote without state is fine.
        // It ends before the last character, since git stores no ref with an empty rest.
        let (folder, name) = self.state_ref.rsplit_once('/').unwrap_or(("refs", "pm"));
        let mut stem = name.to_string();
        stem.pop();
        let pattern = format!("+{folder}/{stem}*:{place}/{stem}*");
        args.extend(["--", &self.name, &pattern]);
        let output = network(store).run_with(&args, None, Some(timeout(store)))?;
        let found = repo.refs_under(&format!("{place}/"))?;
        for (name, id) in &found {
            let _ = repo.discard_ref(name, *id);
        }
        if !output.ok() {
            return Err(self
                .not_written(&output)
                .or_else(|| self.rejected(&output))
                .unwrap_or_else(|| self.unreachable(store, &output)));
        }
        Ok(found.get(&format!("{place}/{name}")).copied())
    }

    /// The error if the remote answered, but its objects or the ref could not be written here.
    fn not_written(&self, output: &Output) -> Option<Error> {
        output.is_unwritten().then(|| {
            Error::state(format!(
                "cannot write what was fetched from {}: {}",
                self.shown(),
                output.reason()
            ))
            .hint("check the permissions of the git directory and the free disk space")
        })
    }

    /// The error if the remote answered, but git checks what it receives and takes an object for damaged.
    fn rejected(&self, output: &Output) -> Option<Error> {
        let mut lines = output.stderr.lines();
        let why = lines.find(|line| line.starts_with("error: object "));
        let why = why.filter(|_| output.stderr.contains(REJECTED))?;
        Some(
            Error::state(format!(
                "git rejects {} of the remote {}: {}",
                self.state_ref,
                self.shown(),
                excerpt(why.trim_start_matches("error: "), SERVER_MESSAGE_MAX)
            ))
            .because(Reason::StateRejected)
            .hint("`fetch.fsckObjects` or `transfer.fsckObjects` of git asks for this check"),
        )
    }

    fn unreachable(&self, store: &Store, output: &Output) -> Error {
        let url = self.url(store.repo());
        let is_distrusted = output.stderr.contains("dubious ownership");
        if is_distrusted && store.env().cwd.join(&url).is_dir() {
            let (name, why) = (self.shown(), output.reason());
            return Error::remote(format!("git does not trust the remote {name}: {why}"))
                .because(Reason::RepositoryNotOwned)
                .hint(format!(
                    "if you trust it: git config --global --add safe.directory {}",
                    word(&url)
                ));
        }
        Error::remote(format!(
            "cannot reach the remote {}: {}",
            self.shown(),
            output.reason()
        ))
        .because(Reason::RemoteUnreachable)
        .hint(match store.env().detach {
            Some(_) => "if it asks for a password, run `git pm sync` outside of the board",
            None => "check the network and `git remote -v`, then run the command again",
        })
        .hint(OFFLINE)
    }

    /// Fetches a ref into one of our own, which it has to continue. Returns git's reason if that
    /// failed.
    ///
    /// # Errors
    /// Only when git cannot be started.
    pub fn fetch_ref(&self, store: &Store, there: &str, here: &str) -> Result<Option<String>> {
        let mut args = FETCH_ALONE.to_vec();
        let refspec = format!("{there}:{here}");
        args.extend(["--no-filter", "--", &self.name, &refspec]);
        let output = network(store).run_with(&args, None, Some(timeout(store)))?;
        Ok((!output.ok()).then(|| output.reason()))
    }

    /// Fetches a branch of the user's into its remote-tracking ref.
    ///
    /// # Errors
    /// Only when git cannot be started.
    pub fn fetch_branch(&self, store: &Store, branch: &str) -> Result<Asked> {
        self.fetch_heads(store, &[branch.to_string()])
    }

    /// Fetches those of these branches that the remote has, and others whose names begin like theirs:
    /// git refuses all of them if it lacks one that is named in full.
    ///
    /// # Errors
    /// As [`Remote::fetch_branch`].
    pub fn fetch_branches(&self, store: &Store, branches: &[String]) -> Result<Asked> {
        let names: Vec<String> = branches.iter().map(|name| format!("{name}*")).collect();
        self.fetch_heads(store, &names)
    }

    fn fetch_heads(&self, store: &Store, names: &[String]) -> Result<Asked> {
        let spec = |name: &String| format!("+refs/heads/{name}:refs/remotes/{}/{name}", self.name);
        let specs: Vec<String> = names.iter().map(spec).collect();
        let mut args = FETCH_ALONE.to_vec();
        args.extend(["--", &self.name]);
        args.extend(specs.iter().map(String::as_str));
        let output = network(store).run_with(&args, None, Some(timeout(store)))?;
        Ok(if output.ok() {
            Asked::Fetched
        } else if output.stderr.contains("couldn't find remote ref") {
            Asked::Absent
        } else {
            Asked::Failed(output.reason())
        })
    }
}

/// True if objects may be missing here because a remote promised to have them.
pub(super) fn is_partial(repo: &Repo) -> bool {
    repo.config("extensions.partialClone").is_some()
        || repo
            .remotes()
            .iter()
            .any(|r| repo.config_bool(&format!("remote.{r}.promisor")) == Some(true))
}

/// True if an object that the state at `tip` needs is missing.
pub(super) fn lacks_objects(repo: &Repo, tip: Oid) -> Result<bool> {
    let tree = format!("{tip}^{{tree}}");
    let args = ["rev-list", "--objects", "--missing=print", tree.as_str()];
    let listed = repo.git().run(&args)?;
    Ok(!listed.ok() || listed.lines().iter().any(|line| line.starts_with('?')))
}

/// Git's message about a received object that is not as git writes it.
const REJECTED: &str = "fsck error in pack";

/// Git's message about objects that a `git gc` removed while it fetched commits based on them.
const PRUNED: &str = "did not send all necessary objects";
