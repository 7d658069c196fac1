//! `log`: the operations in the history of the state, and the values that merges overrode.

use std::collections::BTreeMap;

use jiff::Zoned;
use schemars::JsonSchema;
use serde::Serialize;

use crate::error::{Error, Result};
use crate::learn::lookup;
use crate::model::id;
use crate::model::item::Item;
use crate::model::section;
use crate::model::stamp::{DAY_MS, rfc3339};
use crate::model::typed_past_date::Moment;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::pm::handles::History;
use crate::pm::overridden::Overridden;
use crate::store::git::repo::{Commit, Oid, Repo};
use crate::store::git::sign::{self, Signature};
use crate::store::history::override_notes::{TOPIC, of_note};
use crate::store::history::trees::item_paths;
use crate::store::history::{Named, Override, Tracked, overrides_settled, settles, walk};
use crate::store::layout::{self, Family};
use crate::store::state::State;

/// A filter for commits of the state: those that match every given option.
#[derive(Clone, Debug, Default)]
pub struct LogFilter {
    /// Only commits about this item, under any id that it has had.
    pub item: Option<String>,
    /// Only commits by this actor.
    pub actor: Option<String>,
    /// Only operations that start with these words: `task` matches `task create`, `task edit` and
    /// so on.
    pub op: Option<String>,
    /// The earliest time (RFC 3339, a date, or a time ago such as `2d`).
    pub since: Option<String>,
    /// The latest time.
    pub until: Option<String>,
    /// The maximum number of results.
    pub limit: Option<usize>,
    /// Include the result of git's signature check.
    pub signatures: bool,
}

/// One commit of the state's history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LogEntry {
    /// The commit id.
    pub commit: String,
    /// The operation, in the words of the command: `task create`.
    pub op: String,
    /// The actor it was done by.
    pub actor: String,
    /// The registered name of the agent that did it, even if it acted under another name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// The ids of its items, or runs of them (`T-0001..T-0042`).
    pub items: Vec<String>,
    /// Its time, RFC 3339.
    pub at: String,
    /// The first line of the commit message.
    pub message: String,
    /// The result of git's signature check, if requested.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signature: Option<Signature>,
}

/// The number of signatures that one git process checks.
const VERIFY_BATCH: usize = 100;

impl History<'_> {
    /// The commits of the state that match a filter, newest first.
    ///
    /// # Errors
    /// If the history cannot be read, the filter's item does not exist, or a time is not valid.
    pub fn log(&self, filter: &LogFilter) -> Result<Vec<LogEntry>> {
        let mut out = Vec::new();
        self.pm.history().log_each(filter, |entry| {
            out.push(entry);
            Ok(true)
        })?;
        Ok(out)
    }

    /// Passes the commits that match a filter to `visit` one by one, newest first, until it returns
    /// false, so that a long history is never completely in memory.
    ///
    /// # Errors
    /// As `History::log`, and any error of `visit`.
    pub fn log_each(
        &self,
        filter: &LogFilter,
        mut visit: impl FnMut(LogEntry) -> Result<bool>,
    ) -> Result<()> {
        let repo = self.pm.store.repo();
        let wanted = Wanted::read(filter, &self.pm.now())?;
        let mut subject = match &filter.item {
            Some(item) => Some(Subject::find(repo, &self.pm.store.state()?, item)?),
            None => None,
        };
        let mut left = filter.limit.unwrap_or(usize::MAX);
        if left == 0 {
            return Ok(());
        }
        let mut held = Vec::new();
        walk(repo, self.pm.store.require_tip()?, |commit| {
            if wanted.is_over(commit) {
                return Ok(false);
            }
            if let Some(subject) = &mut subject
                && subject.begins_after(commit)?
            {
                return Ok(false);
            }
            let fits = wanted.fits_time(commit)
                && wanted.fits_op(commit)
                && wanted.actor.as_deref().is_none_or(|a| commit.actor() == a)
                && match &mut subject {
                    Some(subject) => subject.is_in(commit)?,
                    None => true,
                };
            if !fits {
                return Ok(true);
            }
            left -= 1;
            if !filter.signatures {
                return Ok(visit(log_entry(commit))? && left > 0);
            }
            held.push((commit.id, log_entry(commit)));
            if held.len() < VERIFY_BATCH && left > 0 {
                return Ok(true);
            }
            Ok(visit_with_signatures(self.pm, &mut held, &mut visit)? && left > 0)
        })?;
        visit_with_signatures(self.pm, &mut held, &mut visit)?;
        Ok(())
    }

    /// The values that merges and imports overrode: fields that two clones, or a clone and the
    /// source of an import, wrote concurrently, and changes to what another clone deleted. The
    /// filter's actor is the writer of either value; its times and operation are those of the merge
    /// or import.
    ///
    /// # Errors
    /// As `History::log`.
    pub fn log_conflicts(&self, filter: &LogFilter) -> Result<Vec<Overridden>> {
        let repo = self.pm.store.repo();
        let wanted = Wanted::read(filter, &self.pm.now())?;
        let uid = match &filter.item {
            Some(item) => {
                let state = self.pm.store.state()?;
                Some(find_with_learnings(&state, item)?)
            }
            None => None,
        };
        let limit = filter.limit.unwrap_or(usize::MAX);
        let mut out = Vec::new();
        if limit == 0 {
            return Ok(Vec::new());
        }
        let fits = |one: &Override| {
            let by = |who: &Option<String>| *who == wanted.actor;
            uid.as_ref().is_none_or(|uid| *uid == one.uid)
                && (wanted.actor.is_none() || by(&one.kept_by) || by(&one.lost_by))
        };
        let mut after: Option<Commit> = None;
        walk(repo, self.pm.store.require_tip()?, |commit| {
            if wanted.is_over(commit) {
                return Ok(false);
            }
            let settled = after.replace(commit.clone());
            let settled = settled.filter(|next| settles(next, commit));
            if !wanted.fits_time(commit) || !wanted.fits_op(commit) {
                return Ok(true);
            }
            for one in overrides_settled(repo, commit, settled.map(|next| next.tree))? {
                if fits(&one) {
                    out.push((commit.ms(), Overridden::of(one, Some(commit), commit.ms())));
                }
            }
            Ok(out.len() < limit)
        })?;
        // The command that listed them is not the operation that overrode them.
        if wanted.op.is_empty() {
            let state = self.pm.store.state()?;
            for doc in state.notices_on(TOPIC) {
                let listed = of_note(doc).filter(|one| wanted.is_at(doc.birth.ms) && fits(one));
                let ms = doc.birth.ms;
                out.extend(listed.map(|one| (ms, Overridden::of(one, None, ms))));
            }
            out.sort_by_key(|(ms, _)| std::cmp::Reverse(*ms));
        }
        out.truncate(limit);
        Ok(out.into_iter().map(|(_, one)| one).collect())
    }
}

/// Checks the signatures of the held entries and passes them to `visit`.
fn visit_with_signatures(
    pm: &Pm,
    held: &mut Vec<(Oid, LogEntry)>,
    visit: &mut impl FnMut(LogEntry) -> Result<bool>,
) -> Result<bool> {
    if held.is_empty() {
        return Ok(true);
    }
    let ids: Vec<Oid> = held.iter().map(|(id, _)| *id).collect();
    let verified = sign::verify(pm.store.repo(), &ids)?;
    let mut signatures: BTreeMap<Oid, Signature> = verified.into_iter().collect();
    for (id, mut entry) in held.drain(..) {
        entry.signature = signatures.remove(&id);
        if !visit(entry)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A commit as `log` shows it.
pub(super) fn log_entry(commit: &Commit) -> LogEntry {
    LogEntry {
        commit: commit.id.to_string(),
        op: commit.op().to_string(),
        actor: commit.actor().to_string(),
        agent: commit.trailer("PM-Agent").map(crate::model::text::actor),
        items: commit
            .trailers("PM-Item")
            .into_iter()
            .map(str::to_string)
            .collect(),
        at: rfc3339(commit.ms()),
        message: commit.subject().to_string(),
        signature: None,
    }
}

/// The part of a filter that a commit alone decides.
struct Wanted {
    actor: Option<String>,
    op: Vec<String>,
    since_ms: u64,
    until_ms: u64,
}

impl Wanted {
    fn read(filter: &LogFilter, now: &Zoned) -> Result<Wanted> {
        let time = |option: &str, text: &Option<String>| -> Result<Option<Moment>> {
            let Some(text) = text else {
                return Ok(None);
            };
            let moment = Moment::parse(text, now);
            moment.map(Some).map_err(|e| {
                Error::usage(e.to_string()).hint(format!("{option} takes a date or time"))
            })
        };
        Ok(Wanted {
            actor: filter.actor.clone(),
            op: filter
                .op
                .iter()
                .flat_map(|op| op.split_whitespace())
                .map(str::to_string)
                .collect(),
            since_ms: time("`--since`", &filter.since)?.map_or(0, |m| m.begin_ms),
            until_ms: time("`--until`", &filter.until)?.map_or(u64::MAX, |m| m.end_ms),
        })
    }

    /// True if neither this commit nor an earlier one can match. Commits come newest first, but
    /// clocks differ: a day of difference is allowed for.
    fn is_over(&self, commit: &Commit) -> bool {
        commit.ms().saturating_add(DAY_MS) < self.since_ms
    }

    fn fits_time(&self, commit: &Commit) -> bool {
        self.is_at(commit.ms())
    }

    fn is_at(&self, ms: u64) -> bool {
        (self.since_ms..=self.until_ms).contains(&ms)
    }

    /// True if the operation starts with the wanted words; `start` and `finish` are short for
    /// `task start` and `task finish`, as on the command line.
    fn fits_op(&self, commit: &Commit) -> bool {
        let words: Vec<&str> = commit.op().split_whitespace().collect();
        let begins = |words: &[&str]| {
            words.len() >= self.op.len() && words.iter().zip(&self.op).all(|(a, b)| a == b)
        };
        let short = self
            .op
            .first()
            .is_some_and(|first| matches!(first.as_str(), "start" | "finish"));
        begins(&words) || (short && words.len() > 1 && begins(&words[1..]))
    }
}

/// The item of a filter.
struct Subject<'r> {
    named: Named<'r>,
    tracked: Tracked<'r>,
    /// The time of its creation in milliseconds, as its document states it.
    born_ms: u64,
}

impl<'r> Subject<'r> {
    fn find(repo: &'r Repo, state: &State<'_>, name: &str) -> Result<Self> {
        let item = find_any(state, name)?;
        // The item's file, and the folder of its comments.
        let mut paths = item_paths(&item.born, &item.uid);
        paths.push(layout::folder_of_item(Family::Comment, &item.uid));
        Ok(Subject {
            named: Named::of(repo, state, item),
            tracked: Tracked::new(repo, &paths),
            born_ms: item.born_ms(),
        })
    }

    /// True if the item did not exist yet: neither this commit nor an earlier one is about it. A
    /// document can state a later time than its true one, so its tree is asked, too; clocks differ,
    /// so a day is allowed for.
    fn begins_after(&mut self, commit: &Commit) -> Result<bool> {
        let is_earlier = commit.ms().saturating_add(DAY_MS) < self.born_ms;
        Ok(is_earlier && !self.tracked.is_in(commit.tree)?)
    }

    /// True if a commit names the item, or changes its file or comments.
    fn is_in(&mut self, commit: &Commit) -> Result<bool> {
        Ok(self.named.is_in(commit)? || self.tracked.is_touched_in_run(commit)?)
    }
}

/// An item by name, a learning by its id or a section of the project context as `context:NAME`;
/// deleted ones are included.
pub(super) fn find_with_learnings(state: &State<'_>, name: &str) -> Result<Uid> {
    let section = name.strip_prefix("context:").and_then(section::name);
    if let Some(uid) = section.map(|name| section::uid(&name))
        && state.found_by_path(Family::Context, &uid).is_some()
    {
        return Ok(uid);
    }
    match find_any(state, name) {
        Ok(item) => Ok(item.uid.clone()),
        Err(_) if lookup::is_learning_id(name) => lookup::find_any(state, name),
        Err(error) => Err(error),
    }
}

/// An item by name; deleted items are included, since their history remains.
fn find_any<'s>(state: &'s State<'_>, name: &str) -> Result<&'s Item> {
    let missing = match state.find(name) {
        Ok(item) => return Ok(item),
        Err(error) => error,
    };
    let wanted = id::normalized(name.trim());
    let head = wanted.rsplit_once('-').map_or("", |(head, _)| head);
    let mut found = state.named(&wanted);
    found.extend(state.named(&id::normalized(head)));
    found.extend(Uid::new(&wanted).and_then(|uid| state.item(&uid)));
    found.retain(|item| {
        let alias = item.alias();
        let names = [item.id.as_str(), &item.born, &alias, item.uid.as_str()];
        item.deleted && names.iter().any(|name| id::normalized(name) == wanted)
    });
    match found[..] {
        [item] => Ok(item),
        _ => Err(missing),
    }
}
