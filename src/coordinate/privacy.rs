//! Which items must not leave this machine (MR-07).
//!
//! Those that have, or belong to an item that has, the label `privacy:local`, and those that plan to
//! change private paths of this clone.

use std::collections::BTreeSet;

use crate::coordinate::reserve::pattern::Pattern;
use crate::coordinate::reserve::pattern::comparison_budget::Effort;
use crate::coordinate::reserve::pattern::overlap::Case;
use crate::error::{Error, Reason, Result};
use crate::model::authority::is_private_label;
use crate::model::item::Item;
use crate::model::settings;
use crate::model::text::excerpt;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::store::state::State;

/// The maximum number of items above an item that are checked.
const ABOVE_MAX: usize = 100;

/// The privacy settings of this clone.
#[derive(Debug)]
pub struct Privacy {
    /// Agents that the user calls local.
    pub local_agents: Vec<String>,
    paths: Vec<Pattern>,
}

impl Privacy {
    /// Reads the settings. Only the clone's configuration files can name local agents: the user's
    /// and the system's are chosen by the environment, and can only add private paths.
    ///
    /// # Errors
    /// Kind `Usage` if a path is not a pattern.
    pub fn of(pm: &Pm) -> Result<Privacy> {
        let repo = pm.store.repo();
        let key = settings::PRIVATE_PATHS.key;
        let set = repo
            .config_own(key)
            .into_iter()
            .chain(repo.config_outer(key));
        Privacy::from(
            repo.config_own(settings::LOCAL_AGENT.key),
            &set.collect::<Vec<_>>(),
        )
    }

    pub(crate) fn from(local_agents: Vec<String>, paths: &[String]) -> Result<Privacy> {
        let words = paths.iter().flat_map(|value| value.split([' ', ',']));
        let patterns = words.filter(|word| !word.is_empty()).map(|word| {
            Pattern::parse(word, "").map_err(|error| {
                Error::usage(format!(
                    "`{}` is not a valid path for {}: {error}",
                    excerpt(word, 80),
                    settings::PRIVATE_PATHS.key
                ))
                .because(Reason::RouteSetting)
            })
        });
        Ok(Privacy {
            local_agents,
            paths: patterns.collect::<Result<_>>()?,
        })
    }

    /// The reason why an item must not leave this machine, as a phrase.
    pub fn reason(&self, state: &State<'_>, item: &Item) -> Option<String> {
        let mut todo = vec![item];
        let mut seen = BTreeSet::new();
        while let Some(one) = todo.pop() {
            if !seen.insert(&one.uid) {
                continue;
            }
            if let Some(label) = one.labels.iter().find(|label| is_private_label(label)) {
                return Some(match one.uid == item.uid {
                    true => format!("the label {label}"),
                    false => format!("the label {label} of {}", state.shown_id(one)),
                });
            }
            if seen.len() > ABOVE_MAX {
                return Some("it belongs to too many items to check".into());
            }
            let epic = one.epic.as_ref().and_then(|epic| epic.uid.as_ref());
            let parent = one.parent().and_then(|parent| parent.uid.as_ref());
            let above = epic.into_iter().chain(parent).chain(&one.planned_from);
            todo.extend(above.filter_map(|uid| state.item(uid)));
        }
        self.private_path(&item.paths)
            .map(|path| format!("its path {}", excerpt(path, 80)))
    }

    /// The first planned path that may be private.
    pub(crate) fn private_path<'p>(&self, planned: &'p [String]) -> Option<&'p str> {
        if self.paths.is_empty() {
            return None;
        }
        let effort = Effort::default();
        let found = planned.iter().find(|path| match Pattern::parse(path, "") {
            Ok(path) => {
                let mut private = self.paths.iter();
                private.any(|one| one.overlaps_within(&path, Case::Folded, &effort).may())
            }
            // A path that cannot be compared counts as private.
            Err(_) => true,
        });
        found.map(String::as_str)
    }
}

/// The reason why an item must not leave this machine, for those who may not end that.
pub(crate) fn kept_private(pm: &Pm, state: &State<'_>, uid: &Uid) -> Option<String> {
    let privacy = Privacy::of(pm).ok().filter(|_| pm.actor.is_bound)?;
    privacy.reason(state, state.item(uid)?)
}

/// The reason why an agent that is not local does not get a private item.
pub fn not_local(why: &str) -> String {
    format!("it is not local, and the item is private ({why})")
}
