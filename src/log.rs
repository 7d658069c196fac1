//! `log`: the history of the state by meaning.

use crate::error::Result;
use crate::model::id;
use crate::model::stamp::rfc3339;
use crate::pm::Pm;
use crate::request::LogFilter;
use crate::store::history;
use crate::view::{LogEntry, Overridden};

impl Pm {
    /// The commits of the state, newest first.
    ///
    /// # Errors
    /// When the history cannot be read, or the filter names an item that is not there.
    pub fn log(&self, filter: &LogFilter) -> Result<Vec<LogEntry>> {
        let repo = self.store.repo();
        let names = match &filter.item {
            Some(item) => {
                let state = self.store.state()?;
                let item = state.find(item)?;
                // The ids it had: commits name the one of their time.
                vec![item.id.clone(), item.born.clone(), state.shown_id(item)]
            }
            None => Vec::new(),
        };
        let limit = filter.limit.unwrap_or(usize::MAX);
        let mut out = Vec::new();
        history::walk(repo, self.store.require_tip()?, &[], |commit| {
            let items: Vec<String> = commit
                .trailers("PM-Item")
                .into_iter()
                .map(str::to_string)
                .collect();
            let wanted = names.is_empty()
                || items
                    .iter()
                    .any(|i| names.iter().any(|n| id::normalised(i) == id::normalised(n)));
            if wanted {
                out.push(LogEntry {
                    commit: commit.id.to_string(),
                    op: commit.trailer("PM-Op").unwrap_or_default().to_string(),
                    actor: commit
                        .trailer("PM-Actor")
                        .unwrap_or(&commit.author.name)
                        .to_string(),
                    items,
                    at: rfc3339(u64::try_from(commit.author.seconds).unwrap_or(0) * 1000),
                    message: commit
                        .message
                        .lines()
                        .next()
                        .unwrap_or_default()
                        .to_string(),
                });
            }
            Ok(out.len() < limit)
        })?;
        Ok(out)
    }

    /// What merges overrode: fields that two clones wrote without knowing of each other.
    ///
    /// # Errors
    /// As [`Pm::log`].
    pub fn log_conflicts(&self, filter: &LogFilter) -> Result<Vec<Overridden>> {
        let repo = self.store.repo();
        let wanted = match &filter.item {
            Some(item) => {
                let state = self.store.state()?;
                Some(state.shown_id(state.find(item)?))
            }
            None => None,
        };
        let limit = filter.limit.unwrap_or(usize::MAX);
        let mut out = Vec::new();
        history::walk(repo, self.store.require_tip()?, &[], |commit| {
            for o in history::overrides(repo, commit)? {
                if wanted.as_ref().is_none_or(|id| *id == o.item) {
                    out.push(Overridden {
                        commit: commit.id.to_string(),
                        item: o.item,
                        field: o.field,
                        kept: o.kept.to_json(),
                        lost: o.lost.to_json(),
                    });
                }
            }
            Ok(out.len() < limit)
        })?;
        out.truncate(limit);
        Ok(out)
    }
}
