//! What decided merges when a human started a run or approved: kept values, compared with those now.
//!
//! These are values besides the work itself. A run keeps them with its options in the clone, and
//! their hash in its record; the two have to agree when it is continued. A merge compares before its
//! gates and again before the target moves.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::text::one_line;
use crate::model::uid::{Uid, sha256_hex};

/// The longest value that is kept as it is, in bytes; of a longer one, its hash is kept.
const VALUE_MAX: usize = 300;

/// What decides a merge, by name: target, policy, gates.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Deciding(pub BTreeMap<String, String>);

impl Deciding {
    /// The same with one more value; `none` if it is empty.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Deciding {
        let value = match value.len() {
            0 => "none".into(),
            1..=VALUE_MAX => one_line(value),
            _ => hash(value),
        };
        self.0.insert(name.to_string(), value);
        self
    }

    pub(crate) fn without(mut self, names: &[&str]) -> Deciding {
        self.0.retain(|name, _| !names.contains(&name.as_str()));
        self
    }

    /// As a text, one line for each value.
    pub(crate) fn to_text(&self) -> String {
        let lines = self.0.iter();
        lines
            .map(|(name, value)| format!("{name}: {value}\n"))
            .collect()
    }

    pub(crate) fn of_text(text: &str) -> Deciding {
        let values = text.lines().filter_map(|line| line.split_once(": "));
        let values = values.map(|(name, value)| (name.to_string(), value.to_string()));
        Deciding(values.collect())
    }

    /// The values that are others `now`, as a phrase with both; none if all are the same.
    pub(crate) fn changed(&self, now: &Deciding) -> Option<String> {
        let differ = |(name, was): (&String, &String)| {
            let is = now.0.get(name).map_or("none", String::as_str);
            let name = one_line(name);
            (is != was).then(|| format!("{name} was `{}` and is now `{is}`", one_line(was)))
        };
        let all: Vec<String> = self.0.iter().filter_map(differ).collect();
        (!all.is_empty()).then(|| all.join("; "))
    }
}

/// The hash of a value, to be kept in its place.
pub(crate) fn hash(value: &str) -> String {
    format!("SHA-256 {}", sha256_hex(value.as_bytes()))
}

/// What decides the merges of a run, as it was when a human started it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Pins {
    /// By the uid of an item: target, epic and policy.
    pub items: BTreeMap<String, Deciding>,
    /// By the name of a target: gates and protected paths.
    pub targets: BTreeMap<String, Deciding>,
}

impl Pins {
    /// What decides the merge of an item; none if the run did not have it then.
    pub(crate) fn of(&self, item: &Uid) -> Option<Deciding> {
        let mut own = self.items.get(item.as_str())?.clone();
        let target = own.0.get(TARGET).and_then(|name| self.targets.get(name));
        own.0.extend(target.cloned().unwrap_or_default().0);
        Some(own)
    }

    /// The policy of an item then, if it had one.
    pub(crate) fn policy(&self, item: &Uid) -> Option<&str> {
        let policy = self.items.get(item.as_str())?.0.get(AUTO_POLICY)?;
        Some(policy.as_str()).filter(|policy| *policy != OPEN)
    }

    /// The hash of all of it.
    pub(crate) fn hash(&self) -> String {
        let text = serde_json::to_string(self).unwrap_or_default();
        sha256_hex(text.as_bytes())
    }
}

/// The name of the target in [`Deciding`].
pub(crate) const TARGET: &str = "target";

/// The name of the policy.
pub(crate) const AUTO_POLICY: &str = "auto_policy";

/// The name of the hash of the checked-in file with gates on the target; the name of the file.
pub(crate) const PM_TOML: &str = ".pm.toml";

/// The value of a policy that nobody has decided.
pub(crate) const OPEN: &str = "not set";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_shown_with_both_values() {
        let was = Deciding::default()
            .with("target", "epic/a")
            .with("gates", "");
        assert_eq!(was.changed(&was), None);
        let now = was.clone().with("target", "main");
        let said = "target was `epic/a` and is now `main`";
        assert_eq!(was.changed(&now).as_deref(), Some(said));
        let said = "gates was `none` and is now `x`";
        assert_eq!(
            was.changed(&was.clone().with("gates", "x")).as_deref(),
            Some(said)
        );
        assert_eq!(Deciding::of_text(&was.to_text()), was);
    }

    #[test]
    fn long_values_that_begin_alike_differ() {
        let long = "a".repeat(3_000);
        let was = Deciding::default().with("gates", &format!("{long}1"));
        let now = Deciding::default().with("gates", &format!("{long}2"));
        assert!(was.changed(&now).unwrap().contains("SHA-256"));
    }
}
