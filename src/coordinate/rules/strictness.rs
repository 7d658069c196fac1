//! The rules and the order of strictness of their values. Pure.

use std::collections::HashSet;

use crate::coordinate::reserve::pattern::Pattern;
use crate::error::{Error, Reason, Result};
pub(super) use crate::model::rule_elements::words;
use crate::model::settings::{self, Definition};
use crate::model::text::excerpt;

/// The longest value of a shared rule, in bytes.
const VALUE_MAX: usize = 4_000;

/// The number of words of a fetched list that count: no fewer than such a value can have.
pub(super) const WORDS_MAX: usize = VALUE_MAX / 2;

/// The order of strictness of a rule's values.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// This word is stricter than any other.
    Word(&'static str),
    /// A list is as strict as another if it has all its words.
    List,
}

/// A rule.
#[derive(Clone, Copy)]
pub(crate) struct Rule {
    pub(super) key: &'static str,
    pub(super) order: Order,
    pub(super) default: &'static str,
    /// Set if it can be shared.
    pub(super) shared: bool,
}

/// Every setting that is a rule: it has an order of strictness, and agents may only tighten it. Who
/// may change the others is in their definition.
pub(super) const RULES: &[Rule] = &[
    rule(settings::APPROVAL, Order::Word("strict"), true),
    rule(settings::SOLO_MERGE, Order::Word("false"), true),
    rule(settings::PROTECTED_PATHS, Order::List, true),
    rule(settings::APPROVAL_PATHS, Order::List, false),
    rule(settings::PROTECTED_BRANCHES, Order::List, true),
    rule(settings::PULL_TARGETS, Order::List, true),
    // When shared, it is a register of its own. `false` lets a clone without a key write; its
    // commits show as unsigned.
    rule(settings::SIGN, Order::Word("true"), false),
    rule(settings::PRIVATE_PATHS, Order::List, false),
];

const fn rule(setting: Definition, order: Order, shared: bool) -> Rule {
    Rule {
        key: setting.key,
        order,
        default: setting.default,
        shared,
    }
}

/// The rule of a key, if it is one.
pub(crate) fn find(key: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.key == key)
}

/// Words without duplicates.
pub(super) fn distinct<'a>(words: impl Iterator<Item = &'a str>) -> impl Iterator<Item = &'a str> {
    let mut known = HashSet::new();
    words.filter(move |word| known.insert(*word))
}

/// The form of a word for comparison: git has several spellings of yes and no.
pub(super) fn plain(value: &str) -> String {
    let value = value.trim().to_ascii_lowercase();
    match value.as_str() {
        "no" | "off" | "0" => "false".into(),
        "yes" | "on" | "1" => "true".into(),
        _ => value,
    }
}

impl Rule {
    /// Its name in the state.
    pub(super) fn name(&self) -> &'static str {
        self.key.trim_start_matches("pm.")
    }

    /// True if `to` permits something that `from` forbids, or no longer requires something that
    /// `from` requires.
    pub(crate) fn loosens(&self, from: &str, to: &str) -> bool {
        match self.order {
            // A value that is neither of the two words counts as strict, but does not replace the
            // strict one.
            Order::Word(strict) => {
                let (from, to) = (plain(from), plain(to));
                from == strict && to != strict || from != self.default && to == self.default
            }
            Order::List => {
                let to: HashSet<&str> = words(to).collect();
                words(from).any(|word| !to.contains(word))
            }
        }
    }

    /// True if the state has it element by element.
    pub(super) fn is_shared_list(&self) -> bool {
        self.shared && self.order == Order::List
    }

    /// True if the state can set it.
    pub(crate) fn is_shareable(&self) -> bool {
        self.shared || self.key == settings::SIGN.key
    }

    /// The part of a shared value that counts: as many words of a list as a valid value can have; a
    /// word that is not valid counts as the strict one.
    pub(super) fn counted(&self, value: String) -> String {
        match self.order {
            Order::List if words(&value).nth(WORDS_MAX).is_some() => {
                let counted: Vec<&str> = words(&value).take(WORDS_MAX).collect();
                counted.join(" ")
            }
            Order::Word(strict)
                if self.key != settings::SIGN.key
                    && !value.is_empty()
                    && ![strict, self.default].contains(&plain(&value).as_str()) =>
            {
                strict.to_string()
            }
            _ => value,
        }
    }

    /// Refuses an invalid value of a shared rule.
    pub(super) fn check(&self, value: &str) -> Result<()> {
        let bad = match self.order {
            _ if value.len() > VALUE_MAX => true,
            _ if value.is_empty() => false,
            Order::Word(strict) => ![strict, self.default].contains(&plain(value).as_str()),
            _ if self.key == settings::PROTECTED_PATHS.key => {
                words(value).any(|w| Pattern::parse(w, "").is_err())
            }
            _ => false,
        };
        if !bad {
            return Ok(());
        }
        let shown = excerpt(value, 60);
        let error = Error::usage(format!("`{shown}` is not a valid value for {}", self.key))
            .because(Reason::SettingInvalid)
            .about(self.key);
        Err(match self.order {
            Order::Word(strict) => error.hint(format!("use {strict} or {}", self.default)),
            _ => error.hint(format!(
                "separate paths or branches with spaces; the value can have at most {VALUE_MAX} \
                 bytes"
            )),
        })
    }

    /// True if files of the user and the system tighten the value of this clone's own files.
    pub(crate) fn is_tightened(&self, own: &[String], outer: &[String]) -> bool {
        self.loosens(&self.of_files(own, outer), &self.of_files(own, &[]))
    }

    /// The value of several lines of configuration.
    pub(super) fn joined(&self, values: &[String]) -> Option<String> {
        let last = values.last()?;
        Some(match self.order {
            Order::Word(_) => last.clone(),
            _ => values.join(" "),
        })
    }

    /// The value of this clone's own files, tightened by those of the user and the system.
    pub(super) fn of_files(&self, own: &[String], outer: &[String]) -> String {
        let own = self.joined(own).unwrap_or_else(|| self.default.into());
        match self.joined(outer) {
            Some(outer) => self.stricter(&own, &outer),
            None => own,
        }
    }

    /// A value as strict as both.
    pub(super) fn stricter(&self, one: &str, other: &str) -> String {
        match self.order {
            Order::List => {
                let both = distinct(words(one).chain(words(other)));
                both.collect::<Vec<&str>>().join(" ")
            }
            _ if self.loosens(other, one) => other.to_string(),
            _ => one.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loosens(key: &str, from: &str, to: &str) -> bool {
        find(key).unwrap().loosens(from, to)
    }

    #[test]
    fn a_shared_word_that_is_not_valid_counts_as_the_strict_one() {
        let rule = find(settings::APPROVAL.key).unwrap();
        for (value, counted) in [("none", "strict"), ("advisory", "advisory"), ("", "")] {
            assert_eq!(rule.counted(value.into()), counted);
        }
    }

    #[test]
    fn the_direction_of_every_rule() {
        assert!(loosens(settings::APPROVAL.key, "strict", "advisory"));
        assert!(!loosens(settings::APPROVAL.key, "advisory", "strict"));
        assert!(
            loosens(settings::APPROVAL.key, "Strict!", "advisory")
                && loosens(settings::APPROVAL.key, "strict", "yes")
        );
        assert!(loosens(settings::SOLO_MERGE.key, "no", "true"));
        assert!(!loosens(settings::SOLO_MERGE.key, "false", "off"));
        assert!(loosens(
            settings::PROTECTED_PATHS.key,
            settings::PROTECTED_PATHS.default,
            "none"
        ));
        assert!(loosens(settings::PROTECTED_PATHS.key, "a/ b/", "b/,c/"));
        assert!(!loosens(
            settings::PROTECTED_PATHS.key,
            "a/ b/",
            "c/,b/, a/"
        ));
        assert!(find("pm.agent").is_none() && find("pm.gate").is_none());
    }

    #[test]
    fn the_stricter_of_two_lists_has_the_entries_of_both() {
        let paths = find(settings::PROTECTED_PATHS.key).unwrap();
        assert_eq!(paths.stricter("a/ b/", "b/ c/"), "a/ b/ c/");
        assert_eq!(paths.stricter("none", "c/"), "c/");
        let approval = find(settings::APPROVAL.key).unwrap();
        assert_eq!(approval.stricter("advisory", "strict"), "strict");
        assert_eq!(approval.stricter("strict", "advisory"), "strict");
    }

    #[test]
    fn files_chosen_by_the_environment_can_only_tighten_rules() {
        let values = |list: &[&str]| list.iter().map(|v| v.to_string()).collect::<Vec<_>>();
        let approval = find(settings::APPROVAL.key).unwrap();
        assert_eq!(approval.of_files(&[], &values(&["strict"])), "strict");
        assert_eq!(
            approval.of_files(&values(&["strict"]), &values(&["advisory"])),
            "strict"
        );
        let paths = find(settings::PROTECTED_PATHS.key).unwrap();
        assert_eq!(
            paths.of_files(&[], &values(&["none"])),
            settings::PROTECTED_PATHS.default.trim()
        );
        assert_eq!(paths.of_files(&values(&["none"]), &values(&["a/"])), "a/");
    }
}
