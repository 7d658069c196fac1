//! Tools with an `action`: each action takes a subset of the tool's arguments.

use crate::error::{Error, Result};

/// The arguments that an action takes.
pub(super) struct Takes {
    pub action: &'static str,
    pub required: &'static [&'static str],
    pub optional: &'static [&'static str],
}

impl Takes {
    /// Checks the arguments of a call of `tool`: each with its name, and true if it has a value. An
    /// empty text or list does not count as a value, because some clients fill in every argument.
    ///
    /// # Errors
    /// Reason `arguments.invalid` if one is missing, or does not apply to the action.
    pub fn check(&self, tool: &str, given: &[(&str, bool)]) -> Result<()> {
        let has = |name: &str| given.iter().any(|(one, value)| *one == name && *value);
        let missing = self.required.iter().find(|name| !has(name));
        let takes = |name: &str| self.required.contains(&name) || self.optional.contains(&name);
        let odd = given.iter().find(|(name, value)| *value && !takes(name));
        let action = self.action;
        let wrong = match (missing, odd) {
            (Some(name), _) => format!("`{action}` requires `{name}`"),
            (None, Some((name, _))) => format!("`{action}` does not take `{name}`"),
            (None, None) => return Ok(()),
        };
        Err(
            Error::usage(format!("the arguments of `{tool}` are not valid: {wrong}"))
                .because("arguments.invalid")
                .about(tool)
                .hint(format!("`{action}` takes: {}", self.listed())),
        )
    }

    fn listed(&self) -> String {
        let required = self
            .required
            .iter()
            .map(|name| format!("{name} (required)"));
        let optional = self.optional.iter().map(ToString::to_string);
        let all: Vec<String> = required.chain(optional).collect();
        match all.is_empty() {
            true => "no other arguments".into(),
            false => all.join(", "),
        }
    }
}

/// True if a text was given.
pub(super) fn given(text: &Option<String>) -> bool {
    text.as_ref().is_some_and(|text| !text.trim().is_empty())
}
