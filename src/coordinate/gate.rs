//! One gate: a command that work has to pass, and when it applies.

use std::fmt;

use crate::coordinate::reserve::pattern::Pattern;
use crate::model::text::spelled;

/// A gate of this clone's configuration, or of a trusted `.pm.toml`.
#[derive(Clone, Debug)]
pub(crate) struct Gate {
    /// Its name.
    pub name: String,
    /// The command line, for the shell.
    pub run: String,
    /// The longest time in seconds, 0 for no limit; `pm.commandTimeout` if none.
    pub timeout: Option<u64>,
    /// It applies to work that changes one of these; to all work if there are none.
    pub paths: Vec<Pattern>,
    /// False if work may fail it, with a notice.
    pub required: bool,
    /// Set if it has to fail on the tests alone, which the work commits first.
    pub tests_first: bool,
}

impl Gate {
    /// A gate of a name and a command.
    pub(crate) fn new(name: &str, run: &str) -> Gate {
        Gate {
            name: name.to_string(),
            run: run.to_string(),
            timeout: None,
            paths: Vec::new(),
            required: true,
            tests_first: false,
        }
    }

    /// A gate as `.pm.toml` has it: a command, or a table with `run`. The error says what is wrong.
    pub(crate) fn read(name: &str, item: &toml_edit::Item) -> Result<Gate, String> {
        if let Some(run) = item.as_str() {
            return Ok(Gate::new(name, run));
        }
        let table = item.as_table_like().ok_or_else(|| {
            format!("the gate `{name}` must be a command, or a table with `run = \"COMMAND\"`")
        })?;
        let run = table.get("run").and_then(toml_edit::Item::as_str);
        let run = run.ok_or_else(|| format!("the gate `{name}` has no `run = \"COMMAND\"`"))?;
        let mut gate = Gate::new(name, run);
        for (key, value) in table.iter() {
            let wrong = |what: &str| format!("`{key}` of the gate `{name}` must be {what}");
            let flag = || value.as_bool().ok_or_else(|| wrong("true or false"));
            match key {
                "run" => {}
                "timeout" => {
                    let seconds = value.as_integer().and_then(|n| u64::try_from(n).ok());
                    gate.timeout = Some(seconds.ok_or_else(|| wrong("a number of seconds"))?);
                }
                "paths" => {
                    let list = value
                        .as_array()
                        .ok_or_else(|| wrong("a list of patterns"))?;
                    for one in list {
                        let text = one.as_str().ok_or_else(|| wrong("a list of patterns"))?;
                        let pattern = Pattern::parse(text, "");
                        gate.paths.push(
                            pattern.map_err(|error| {
                                format!("`{key}` of the gate `{name}`: {error}")
                            })?,
                        );
                    }
                }
                "required" => gate.required = flag()?,
                "tests_first" => gate.tests_first = flag()?,
                _ => {
                    return Err(format!(
                        "the gate `{name}` has the unknown key `{key}`: valid keys are run, \
                         timeout, \
                         paths, required and tests_first"
                    ));
                }
            }
        }
        Ok(gate)
    }
}

/// The command with its conditions, on one line.
impl fmt::Display for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", spelled(&self.run))?;
        let mut more = Vec::new();
        if let Some(seconds) = self.timeout {
            more.push(format!("at most {seconds} seconds"));
        }
        if !self.paths.is_empty() {
            let paths = self.paths.iter().map(|path| spelled(path.text()));
            more.push(format!("for {}", paths.collect::<Vec<_>>().join(", ")));
        }
        if !self.required {
            more.push("advisory".into());
        }
        if self.tests_first {
            more.push("tests first".into());
        }
        match more.is_empty() {
            true => Ok(()),
            false => write!(f, " ({})", more.join("; ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Gate, String> {
        let file: toml_edit::DocumentMut = text.parse().unwrap();
        Gate::read("test", &file["gates"]["test"])
    }

    #[test]
    fn a_gate_is_a_command_or_a_table() {
        assert_eq!(read("gates.test = \"make\"").unwrap().to_string(), "make");
        let all = "[gates.test]\nrun = \"make\"\ntimeout = 60\npaths = [\"src/**\", \"a b\"]\n\
                   required = false\ntests_first = true\n";
        assert_eq!(
            read(all).unwrap().to_string(),
            "make (at most 60 seconds; for src/**, a b; advisory; tests first)"
        );
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for (text, why) in [
            ("gates.test = 1", "must be a command"),
            ("gates.test = { timeout = 1 }", "has no `run"),
            (
                "gates.test = { run = \"a\", timeout = -1 }",
                "a number of seconds",
            ),
            (
                "gates.test = { run = \"a\", paths = \"b\" }",
                "a list of patterns",
            ),
            (
                "gates.test = { run = \"a\", paths = [\"!b\"] }",
                "`paths` of the gate",
            ),
            (
                "gates.test = { run = \"a\", required = 1 }",
                "true or false",
            ),
            (
                "gates.test = { run = \"a\", advisory = true }",
                "unknown key `advisory`",
            ),
        ] {
            let refused = read(text).unwrap_err();
            assert!(refused.contains(why), "{text}: {refused}");
        }
    }
}
