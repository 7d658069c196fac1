//! `events`: every change of the state, one by one, derived from the commits; nothing is stored.
//!
//! The changes of a commit are its differences from its parent. A follower at one commit is given
//! the commits that its next one reaches and that its own does not, parents before children, each
//! once, as `git rev-list OLD..NEW` lists them. A merge adds no changes of its own, as the commits
//! of both sides are among these. If the history was replaced (a new generation, a redaction), the
//! differences between the two states are given instead, after an event that reports it.

pub(super) mod commits;
mod cursor;
mod derive;
mod event;
pub(crate) mod kinds;

use self::commits::{Position, found_between, found_since};
use self::cursor::{Base, Cursor, Within};
use self::derive::{Deriver, Source, TOGETHER};
pub use self::event::{Event, EventChange};
use super::log::find_with_learnings;
use crate::error::{Error, Hint, Reason, Result};
use crate::model::typed_past_date::Moment;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::pm::handles::History;
use crate::store::git::repo::{Oid, Repo, short};
use crate::store::layout::REPOSITORY;
use crate::store::state::State;
use crate::store::tree_diff::Change;

/// A filter for events, and the position to begin at.
#[derive(Clone, Debug, Default)]
pub struct EventFilter {
    /// The cursor of the last event that the caller has, or a time as in `LogFilter::since`; by
    /// default the beginning of the history.
    pub since: Option<String>,
    /// Only events about this item or learning.
    pub item: Option<String>,
    /// Only events of these kinds; `claim` means all that begin with `claim.`. Empty: all.
    pub kinds: Vec<String>,
    /// The maximum number of events.
    pub limit: Option<usize>,
}

/// The events of a clone from a position on; it can be read again once the state has changed.
pub struct EventStream<'p> {
    pm: &'p Pm,
    cursor: Cursor,
    item: Option<Uid>,
    kinds: Vec<String>,
    left: usize,
}

/// The hint for a position that is not valid.
const TAKES: &str = "`--since` takes the `cursor` of an event, or a date or time";

impl<'p> History<'p> {
    /// The events that match a filter, oldest first.
    ///
    /// # Errors
    /// When the item, a kind, the time or the cursor is not valid.
    pub fn events(&self, filter: &EventFilter) -> Result<EventStream<'p>> {
        let pm = self.pm;
        kinds::require_known(&filter.kinds)?;
        let item = match &filter.item {
            Some(item) => Some(find_with_learnings(&pm.store.state()?, item)?),
            None => None,
        };
        Ok(EventStream {
            pm,
            cursor: begin(pm, filter.since.as_deref())?,
            item,
            kinds: filter.kinds.clone(),
            left: filter.limit.unwrap_or(usize::MAX),
        })
    }

    /// The cursor of the present state: the events after it are those of later changes.
    ///
    /// # Errors
    /// When there is no state.
    pub fn event_cursor(&self) -> Result<String> {
        let tip = self.pm.store.require_tip()?;
        Ok(Cursor::at(Base::Commit(tip)).to_string())
    }
}

impl EventStream<'_> {
    /// Passes the events up to the present state to `visit`, until it returns false or the limit is
    /// reached. The next call continues after the last event that was passed.
    ///
    /// # Errors
    /// Kind `NotFound`, reason `events.cursor_lost`, if the commit of the cursor is not in this
    /// clone; any error of `visit`; when the history cannot be read.
    pub fn each(&mut self, visit: impl FnMut(Event) -> Result<bool>) -> Result<()> {
        let pm = self.pm;
        self.walk_to(|| pm.store.require_tip(), visit)
    }

    /// Ends the walk that has begun, and passes the events up to a tip that is read only then.
    fn walk_to(
        &mut self,
        tip: impl FnOnce() -> Result<Oid>,
        mut visit: impl FnMut(Event) -> Result<bool>,
    ) -> Result<()> {
        if let Some(walk) = self.cursor.within
            && !self.walk(walk.tip, &mut visit)?
        {
            return Ok(());
        }
        let tip = tip()?;
        if self.cursor.base != Base::Commit(tip) {
            self.walk(tip, &mut visit)?;
        }
        Ok(())
    }

    /// As [`EventStream::each`], up to the state of another cursor instead of the present one.
    ///
    /// # Errors
    /// As [`EventStream::each`]; kind `Usage` if `end` is not the cursor of a state.
    #[cfg(feature = "serve")]
    pub(crate) fn each_to(
        &mut self,
        end: &str,
        visit: impl FnMut(Event) -> Result<bool>,
    ) -> Result<()> {
        let parsed = Cursor::parse(end, |hex| self.pm.store.repo().parse_id(hex));
        let Some(Cursor {
            base: Base::Commit(tip),
            within: None,
        }) = parsed
        else {
            return Err(Error::usage(
                "the end of a stream of events must be the cursor of a state",
            )
            .because(Reason::EventsInvalidCursor));
        };
        self.walk_to(|| Ok(tip), visit)
    }

    /// The position after the last event that was passed.
    pub fn cursor(&self) -> String {
        self.cursor.to_string()
    }

    /// True if the limit is reached.
    pub fn is_full(&self) -> bool {
        self.left == 0
    }

    /// True if the state has changed since the last call of [`EventStream::each`]. Reads one small
    /// file.
    ///
    /// # Errors
    /// When the ref cannot be read.
    pub fn has_moved(&self) -> Result<bool> {
        let now = self.pm.store.tip()?;
        Ok(now.is_some_and(|now| self.cursor != Cursor::at(Base::Commit(now))))
    }

    /// Continues from the present state, where the cursor is from a lost history. Returns an event
    /// that reports it.
    ///
    /// # Errors
    /// When there is no state.
    pub fn restart(&mut self) -> Result<Event> {
        let before = self.cursor.to_string();
        let tip = self.pm.store.require_tip()?;
        self.cursor = Cursor::at(Base::Commit(tip));
        let commit = self.pm.store.repo().commit(tip)?;
        Ok(derive::lost(&commit, &before, &self.cursor.to_string()))
    }

    /// Passes the events between the cursor's base and a tip; false if that ended early.
    fn walk(&mut self, tip: Oid, visit: &mut impl FnMut(Event) -> Result<bool>) -> Result<bool> {
        if self.left == 0 {
            return Ok(false);
        }
        let repo = self.pm.store.repo();
        let base = self.cursor.base;
        repo.commit(tip).map_err(|_| lost(tip))?;
        let (sources, known) = match base {
            Base::Time(ms) => (found_since(repo, tip, ms)?, None),
            Base::Commit(old) => {
                let state = repo.commit(old).map_err(|_| lost(old))?;
                match found_between(repo, old, tip)? {
                    Position::After(commits) => (commits, Some(state.tree)),
                    Position::Replaced => {
                        require_state(repo, old, state.tree)?;
                        (vec![Source::Replaced { old, new: tip }], None)
                    }
                }
            }
        };
        let mut deriver = Deriver::new(repo, known);
        // Whoever gets an event may take long, or write.
        let present = self.pm.store.state()?;
        let (passed, of_next) = match self.cursor.within {
            Some(walk) => (walk.commits, walk.events),
            None => (0, 0),
        };
        // One event is held back, since the last one has the cursor of the tip.
        let mut held: Option<Event> = None;
        for (commits, source) in sources.into_iter().enumerate() {
            if commits < passed {
                deriver.pass(&source)?;
                continue;
            }
            let skip = if commits == passed { of_next } else { 0 };
            let mut events = 0;
            let files = deriver.files(&source)?;
            let mut parts: Vec<Option<&[Change]>> = files.chunks(TOGETHER).map(Some).collect();
            parts.push((!files.is_empty()).then_some(&files[..0]));
            for part in parts {
                // The remains of a removed history may go at any moment.
                let found = deriver
                    .events(&source, part)
                    .map_err(|error| match source {
                        Source::Replaced { old, .. } => lost(old),
                        Source::Commit(_) => error,
                    })?;
                for event in found {
                    let within = Some(Within {
                        tip,
                        commits,
                        events,
                    });
                    events += 1;
                    if events <= skip {
                        continue;
                    }
                    let Some(event) = held.replace(event) else {
                        continue;
                    };
                    if !self.pass(&present, event, Cursor { base, within }, visit)? {
                        return Ok(false);
                    }
                }
            }
        }
        let end = Cursor::at(Base::Commit(tip));
        if let Some(event) = held {
            return self.pass(&present, event, end, visit);
        }
        self.cursor = end;
        Ok(true)
    }

    /// Passes one event if it matches the filter, and moves the cursor behind it. Items have their
    /// present ids: after a renumbering, the former one may belong to another item.
    fn pass(
        &mut self,
        present: &State<'_>,
        mut event: Event,
        next: Cursor,
        visit: &mut impl FnMut(Event) -> Result<bool>,
    ) -> Result<bool> {
        if self.left == 0 {
            return Ok(false);
        }
        debug_assert!(kinds::is_known(&event.kind), "{} is not listed", event.kind);
        if !self.fits(&event) {
            self.cursor = next;
            return Ok(true);
        }
        event.cursor = next.to_string();
        if let Some(item) = event.item_uid.as_ref().and_then(|uid| present.item(uid)) {
            let id = present.shown_id(item);
            if event.uid.as_deref() == Some(item.uid.as_str()) {
                event.id = Some(id.clone());
            }
            event.item = Some(id);
        }
        let more = visit(event)?;
        self.cursor = next;
        self.left -= 1;
        Ok(more && self.left > 0)
    }

    fn fits(&self, event: &Event) -> bool {
        event.fits(&self.kinds, self.item.as_ref())
    }
}

/// The position that a text names: a cursor, a time, or without one the beginning.
fn begin(pm: &Pm, since: Option<&str>) -> Result<Cursor> {
    let Some(text) = since.map(str::trim) else {
        return Ok(Cursor::at(Base::Time(0)));
    };
    if let Some(cursor) = Cursor::parse(text, |hex| pm.store.repo().parse_id(hex)) {
        return Ok(cursor);
    }
    match Moment::parse(text, &pm.now()) {
        Ok(moment) => Ok(Cursor::at(Base::Time(moment.begin_ms))),
        Err(error) => Err(Error::usage(error.to_string())
            .because(Reason::EventsInvalidCursor)
            .hint(TAKES)),
    }
}

/// Refuses a commit that is not one of the state, such as one of the user's branches.
fn require_state(repo: &Repo, commit: Oid, tree: Oid) -> Result<()> {
    match repo.file_at(tree, REPOSITORY) {
        Ok(Some(_)) => Ok(()),
        Ok(None) => Err(Error::usage(format!(
            "{} is not a cursor: it is not a commit of the state",
            short(commit)
        ))
        .because(Reason::EventsInvalidCursor)
        .hint(TAKES)),
        Err(_) => Err(lost(commit)),
    }
}

/// The error for a position whose commit is not here.
fn lost(commit: Oid) -> Error {
    let commit = short(commit);
    Error::not_found(format!(
        "the cursor is from a history that is gone: its commit {commit}, or its base, is no \
         longer in this clone"
    ))
    .because(Reason::EventsCursorLost)
    .about(commit)
    .hint("the history was removed by `git pm gc --new-generation` or `git pm redact`, or the cursor is from another clone")
    .hint(Hint::run(
        ["events", "--since", "TIME"],
        "lists the changes since a time; some may be repeated",
    ))
    .hint(Hint::run(["events", "--follow"], "continues from now"))
}
