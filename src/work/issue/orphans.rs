//! Open issues that commits name.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::error::Result;
use crate::model::id::ItemKind;
use crate::model::uid::Uid;
use crate::pm::handles::Issues;
use crate::store::index::Scan;

/// The number of commits that are searched.
const COMMITS: usize = 2_000;

/// An open issue that a commit names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Orphan {
    /// The issue's id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its status.
    pub status: String,
    /// The newest commit that names it.
    pub commit: String,
    /// That commit's first line.
    pub subject: String,
}

/// The words of a text that can be ids: letters, digits, `-`, `_` and `.`, with a dash inside.
fn names(text: &str) -> impl Iterator<Item = &str> {
    let part = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    text.split(move |c| !part(c))
        .map(|word| word.trim_matches(['.', '-', '_']))
        .filter(|word| word.contains('-'))
}

impl Issues<'_> {
    /// The open issues that the newest commits of the current branch name: the work may be done
    /// without the issue being closed. In the order of their ids.
    ///
    /// # Errors
    /// When git or the state cannot be read.
    pub fn orphans(&self) -> Result<Vec<Orphan>> {
        let state = self.pm.store.state()?;
        let open = state.scan(&Scan::Open(Some(ItemKind::Issue)), |_| true, usize::MAX);
        let by_id: BTreeMap<&str, &Uid> = open
            .iter()
            .map(|item| (item.id.as_str(), &item.uid))
            .collect();
        let count = format!("-{COMMITS}");
        let log = ["log", &count, "-z", "--format=%H%n%B", "HEAD", "--"];
        let ran = self.pm.store.repo().git().run(&log)?;
        let mut found: BTreeMap<&Uid, (String, String)> = BTreeMap::new();
        // Without a commit there is nothing to search.
        let text = if ran.ok() { ran.text() } else { String::new() };
        for commit in text.split('\0') {
            let Some((commit, message)) = commit.split_once('\n') else {
                continue;
            };
            for name in names(message) {
                if let Some(uid) = by_id.get(name) {
                    let subject = message.lines().next().unwrap_or_default();
                    found
                        .entry(uid)
                        .or_insert_with(|| (commit.to_string(), subject.to_string()));
                }
            }
        }
        Ok(open
            .iter()
            .filter_map(|item| {
                let (commit, subject) = found.get(&item.uid)?;
                Some(Orphan {
                    id: state.shown_id(item),
                    title: item.title.clone(),
                    status: item.status.to_string(),
                    commit: commit.clone(),
                    subject: subject.clone(),
                })
            })
            .collect())
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn ids_are_found_in_a_commit_message() {
        let text = "Fix race (pm-a3f8), see pm-a3f8.1.\nCloses: pm-b2; well-known";
        let found: Vec<&str> = super::names(text).collect();
        assert_eq!(found, ["pm-a3f8", "pm-a3f8.1", "pm-b2", "well-known"]);
    }
}
