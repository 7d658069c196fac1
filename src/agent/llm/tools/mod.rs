//! The tools of the model: files of the worktree, commands, git, git pm.
//!
//! Requests of a model are untrusted: paths stay in the worktree, outputs and times are bounded, and
//! a refusal is a result that the model can read.

mod commands;
mod files;

use std::ffi::OsString;
use std::path::PathBuf;

use serde_json::{Map, Value, json};

use super::conversation::{Call, Offered};
use super::deadline::Watch;
pub use crate::agent::allowed_paths::Place;
use crate::agent::headless::detail;
use crate::model::text::{excerpt, head, tail};
use crate::process::{ExitCause, Limits, Sandbox};
use crate::secret;

/// The tools with their worktree and limits.
pub struct Tools {
    /// The worktree.
    pub place: Place,
    /// The environment of commands, without keys.
    pub env: Vec<(OsString, OsString)>,
    /// The limits of each command.
    pub limits: Limits,
    /// The sandbox of commands.
    pub sandbox: Option<Sandbox>,
    /// The program that keeps their processes.
    pub keeper: Option<PathBuf>,
    /// The maximum size of a result, in bytes.
    pub result_max: usize,
    /// Redacts secrets before a result is cut: a part of one would not be recognized. Set if results
    /// leave the machine.
    pub redacts: bool,
}

/// The outcome of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Used {
    /// The tool succeeded; true if it changed a file.
    Done(String, bool),
    /// It failed or refused, for this reason.
    Failed(String),
    /// The model gives up the task, for this reason.
    GivenUp(String),
    /// The conversation has to end.
    Ended(ExitCause),
}

/// A tool's work; the failures are its refusals.
type Outcome = Result<Used, Used>;

/// The name of the tool for giving up.
const GIVE_UP: &str = "give_up";

/// A tool: its name, its description, the number of required arguments, and the arguments, each as
/// its name, its JSON type and its description.
type Tool = (&'static str, &'static str, usize, &'static [&'static str]);

const TOOLS: &[Tool] = &[
    (
        "read_file",
        "Reads a text file, or a range of its lines.",
        1,
        &[
            "path string Path relative to the root of the worktree",
            "first_line integer The first line to read, starting at 1",
            "lines integer The number of lines",
        ],
    ),
    (
        "list_files",
        "Lists the files of the worktree, except ignored ones.",
        0,
        &["path string A folder; all by default"],
    ),
    (
        "search",
        "Searches text files for lines that match an extended regular expression.",
        1,
        &[
            "pattern string The expression",
            "path string A file or folder; all by default",
            "ignore_case boolean Ignore case",
        ],
    ),
    (
        "edit_file",
        "Replaces a passage of a file. `old` has to be in the file exactly as given, white space \
         included, and only once, unless `all` is set.",
        3,
        &[
            "path string Path relative to the root of the worktree",
            "old string The passage",
            "new string The replacement",
            "all boolean Replace every occurrence",
        ],
    ),
    (
        "write_file",
        "Writes a whole file, creating its folders. To change part of a file, use edit_file.",
        2,
        &[
            "path string Path relative to the root of the worktree",
            "content string The whole content",
        ],
    ),
    (
        "run_command",
        "Runs a command with `sh -c` in the root of the worktree, without input. Processes it leaves \
         in the background are killed. Nobody can answer prompts.",
        1,
        &[
            "command string The command",
            "timeout_seconds integer The time limit; default 120",
        ],
    ),
    (
        "git_diff",
        "Shows the changes since the last commit, and lists new files.",
        0,
        &["path string A file or folder; all by default"],
    ),
    (
        "git_pm",
        "Runs `git pm` with these arguments, for example [\"show\", \"T-0001\"] or [\"task\", \
         \"accept\", \"T-0001\", \"1\", \"--evidence\", \"…\"].",
        1,
        &["arguments array The arguments"],
    ),
    (
        GIVE_UP,
        "Gives up because the task cannot be done. A human reads the reason.",
        1,
        &["reason string The reason"],
    ),
];

/// The tools as offered to the model.
pub fn offered() -> Vec<Offered> {
    let tools = TOOLS.iter().map(|(name, help, required, arguments)| {
        let (mut fields, mut names) = (Map::new(), Vec::new());
        for argument in *arguments {
            let mut parts = argument.splitn(3, ' ');
            let [name, kind, help] = [(); 3].map(|()| parts.next().unwrap_or_default());
            let mut field = json!({ "type": kind, "description": help });
            if kind == "array" {
                field["items"] = json!({ "type": "string" });
            }
            fields.insert(name.into(), field);
            names.push(name);
        }
        let schema = json!({
            "type": "object",
            "properties": fields,
            "required": names[..*required],
            "additionalProperties": false,
        });
        Offered { name, help, schema }
    });
    tools.collect()
}

/// The target of a call on one line, for the log.
pub fn summary(call: &Call) -> String {
    let Ok(arguments) = call.arguments() else {
        return String::new();
    };
    let text = |key: &str| arguments.get(key).and_then(Value::as_str);
    if let Some(list) = arguments.get("arguments").and_then(Value::as_array) {
        let words: Vec<&str> = list.iter().filter_map(Value::as_str).collect();
        return detail(&words.join(" "));
    }
    let keys = ["command", "pattern", "path", "reason"];
    detail(keys.iter().find_map(|key| text(key)).unwrap_or_default())
}

impl Tools {
    /// Runs a tool.
    pub fn call(&self, call: &Call, watch: &mut Watch<'_>) -> Used {
        match call.arguments() {
            Ok(arguments) => {
                let used = self.used(&call.name, &Arguments(&arguments), watch);
                used.unwrap_or_else(|refusal| refusal)
            }
            Err(text) => Used::Failed(format!(
                "the arguments are not a JSON object: {}",
                excerpt(text, 300)
            )),
        }
    }

    fn used(&self, name: &str, arguments: &Arguments<'_>, watch: &mut Watch<'_>) -> Outcome {
        match name {
            "read_file" => self.read_file(arguments),
            "list_files" => self.list_files(arguments, watch),
            "search" => self.search(arguments, watch),
            "edit_file" => self.edit_file(arguments),
            "write_file" => self.write_file(arguments),
            "run_command" => self.run_command(arguments, watch),
            "git_diff" => self.git_diff(arguments, watch),
            "git_pm" => self.git_pm(arguments, watch),
            GIVE_UP => Ok(Used::GivenUp(arguments.text("reason")?.to_string())),
            other => {
                let names: Vec<&str> = TOOLS.iter().map(|tool| tool.0).collect();
                Err(Used::Failed(format!(
                    "there is no tool `{}`; the tools are {}",
                    excerpt(other, 80),
                    names.join(", ")
                )))
            }
        }
    }

    /// Cuts a result to the maximum size, with a note on what is left out.
    fn bounded(&self, text: &str) -> String {
        if text.len() <= self.result_max {
            return text.to_string();
        }
        let clean = self.redacts.then(|| secret::redacted(text).0);
        let text = clean.as_deref().unwrap_or(text);
        // The end of an output is more informative than its beginning.
        let begin = head(text, self.result_max / 3);
        let end = tail(text, self.result_max * 2 / 3);
        format!(
            "{begin}\n[{} bytes omitted here]\n{end}",
            text.len() - begin.len() - end.len()
        )
    }
}

/// The arguments of a call.
struct Arguments<'a>(&'a Map<String, Value>);

impl<'a> Arguments<'a> {
    fn text(&self, key: &str) -> Result<&'a str, Used> {
        match self.optional(key)? {
            Some(text) => Ok(text),
            None => Err(Used::Failed(format!("the argument `{key}` is missing"))),
        }
    }

    fn optional(&self, key: &str) -> Result<Option<&'a str>, Used> {
        match self.0.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(Used::Failed(format!(
                "the argument `{key}` is not a string"
            ))),
        }
    }

    /// The folder or file to inspect; models spell the root in several ways.
    fn scope(&self) -> Result<Option<&'a str>, Used> {
        let path = self.optional("path")?.map(str::trim);
        Ok(path.filter(|path| !["", ".", "./", "/"].contains(path)))
    }

    fn number(&self, key: &str) -> Result<Option<u64>, Used> {
        match self.0.get(key) {
            None | Some(Value::Null) => Ok(None),
            // Some models write numbers as strings or with a fraction.
            Some(value) => {
                let number = value.as_u64();
                let number = number.or_else(|| value.as_str()?.trim().parse().ok());
                let number = number.or_else(|| Some(value.as_f64().filter(|n| *n >= 0.0)? as u64));
                number.map(Some).ok_or_else(|| {
                    Used::Failed(format!("the argument `{key}` is not a positive number"))
                })
            }
        }
    }

    fn flag(&self, key: &str) -> bool {
        matches!(self.0.get(key), Some(Value::Bool(true)))
    }

    fn list(&self, key: &str) -> Result<Vec<String>, Used> {
        let wrong = || Used::Failed(format!("the argument `{key}` is not a list of strings"));
        let list = self
            .0
            .get(key)
            .and_then(Value::as_array)
            .ok_or_else(wrong)?;
        let words = list.iter().map(|word| word.as_str().map(str::to_string));
        words.collect::<Option<Vec<String>>>().ok_or_else(wrong)
    }
}
