//! A table of `.pm.toml`: it has known keys only, each with a value of its form.

use toml_edit::{Item, TableLike};

use crate::model::text::one_line;

/// The values of a table.
pub(super) struct Values<'t> {
    table: &'t dyn TableLike,
    /// What errors say before and after the name of a key.
    around: (&'t str, &'t str),
}

impl<'t> Values<'t> {
    /// Those of a table without other keys: a misspelled one would be a rule that never holds.
    pub(super) fn of(
        table: &'t dyn TableLike,
        around: (&'t str, &'t str),
        keys: &[&str],
    ) -> Result<Values<'t>, String> {
        let values = Values { table, around };
        let unknown = |key: &&str| !keys.contains(key);
        match table.iter().map(|(key, _)| key).find(unknown) {
            None => Ok(values),
            Some(key) => Err(format!(
                "unknown key {}: valid keys are {}",
                values.shown(&one_line(key)),
                keys.join(", ")
            )),
        }
    }

    fn shown(&self, key: &str) -> String {
        let (before, after) = self.around;
        format!("`{before}{key}`{after}")
    }

    /// The value of a key, if it has one; `what` says what it must be.
    pub(super) fn get<T>(
        &self,
        key: &str,
        what: &str,
        read: impl FnOnce(&'t Item) -> Option<T>,
    ) -> Result<Option<T>, String> {
        let value = self.table.get(key).map(|item| {
            let value = read(item);
            value.ok_or_else(|| format!("{} must be {what}", self.shown(key)))
        });
        value.transpose()
    }

    /// As [`Values::get`], of a truth value.
    pub(super) fn flag(&self, key: &str) -> Result<Option<bool>, String> {
        self.get(key, "true or false", Item::as_bool)
    }
}

/// The texts of a list.
pub(super) fn texts(item: &Item) -> Option<Vec<String>> {
    let list = item.as_array()?.iter();
    list.map(|one| one.as_str().map(str::to_string)).collect()
}
