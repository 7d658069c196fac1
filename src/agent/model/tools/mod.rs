//! The tools of the model: files of the worktree, commands, git, git pm. Requests of a model are
//! untrusted: paths stay in the worktree, outputs and times are bounded, and a refusal is a result
//! that the model can read.

mod commands;
mod files;
mod place;

use std::ffi::OsString;
use std::path::PathBuf;

use serde_json::{Map, Value, json};

use super::conversation::{Call, Offered};
use super::watch::Watch;
use crate::agent::headless::detail;
use crate::model::text::{excerpt, head, tail};
use crate::process::{Ended, Limits, Sandbox};
use crate::secret;
use place::Place;

/// The tools with their worktree and limits.
pub struct Tools {
    place: Place,
    env: Vec<(OsString, OsString)>,
    limits: Limits,
    sandbox: Option<Sandbox>,
    /// The program that keeps their processes.
    keeper: Option<PathBuf>,
    /// The maximum size of a result, in bytes.
    result_max: usize,
    /// Redacts secrets before a result is cut: a part of one would not be recognized.
    redacts: bool,
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
    Ended(Ended),
}

/// The name of the tool for giving up.
const GIVE_UP: &str = "give_up";

/// The tools as offered to the model.
pub fn offered() -> Vec<Offered> {
    let object = |fields: Value, required: &[&str]| {
        json!({
            "type": "object",
            "properties": fields,
            "required": required,
            "additionalProperties": false,
        })
    };
    let text = |help: &str| json!({ "type": "string", "description": help });
    let number = |help: &str| json!({ "type": "integer", "description": help });
    let flag = |help: &str| json!({ "type": "boolean", "description": help });
    let path = || text("Path relative to the root of the worktree");
    let tool = |name, help, schema| Offered { name, help, schema };
    vec![
        tool(
            "read_file",
            "Reads a text file, or a range of its lines.",
            object(
                json!({
                    "path": path(),
                    "first_line": number("The first line to read, starting at 1"),
                    "lines": number("The number of lines"),
                }),
                &["path"],
            ),
        ),
        tool(
            "list_files",
            "Lists the files of the worktree, except ignored ones.",
            object(json!({ "path": text("A folder; all by default") }), &[]),
        ),
        tool(
            "search",
            "Searches text files for lines that match an extended regular expression.",
            object(
                json!({
                    "pattern": text("The expression"),
                    "path": text("A file or folder; all by default"),
                    "ignore_case": flag("Ignore case"),
                }),
                &["pattern"],
            ),
        ),
        tool(
            "edit_file",
            "Replaces a passage of a file. `old` has to be in the file exactly as given, white space \
             included, and only once, unless `all` is set.",
            object(
                json!({
                    "path": path(),
                    "old": text("The passage"),
                    "new": text("The replacement"),
                    "all": flag("Replace every occurrence"),
                }),
                &["path", "old", "new"],
            ),
        ),
        tool(
            "write_file",
            "Writes a whole file, creating its folders. To change part of a file, use edit_file.",
            object(
                json!({ "path": path(), "content": text("The whole content") }),
                &["path", "content"],
            ),
        ),
        tool(
            "run_command",
            "Runs a command with `sh -c` in the root of the worktree, without input. Processes it \
             leaves in \
             the background are killed. Nobody can answer prompts.",
            object(
                json!({
                    "command": text("The command"),
                    "timeout_seconds": number("The time limit; default 120"),
                }),
                &["command"],
            ),
        ),
        tool(
            "git_diff",
            "Shows the changes since the last commit, and lists new files.",
            object(
                json!({ "path": text("A file or folder; all by default") }),
                &[],
            ),
        ),
        tool(
            "git_pm",
            "Runs `git pm` with these arguments, for example [\"show\", \"T-0001\"] or [\"task\", \
             \"accept\", \"T-0001\", \"1\", \"--evidence\", \"…\"].",
            object(
                json!({
                    "arguments": { "type": "array", "items": { "type": "string" } },
                }),
                &["arguments"],
            ),
        ),
        tool(
            GIVE_UP,
            "Gives up because the task cannot be done. A human reads the reason.",
            object(json!({ "reason": text("The reason") }), &["reason"]),
        ),
    ]
}

/// The target of a call on one line, for the log.
pub fn summary(call: &Call) -> String {
    let Ok(arguments) = &call.arguments else {
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
    /// Tools for a worktree. `env` is the environment of commands, without keys. Set `redacts` if
    /// results leave the machine.
    ///
    /// # Errors
    /// When there is no such worktree.
    pub fn new(
        worktree: PathBuf,
        git_dirs: [PathBuf; 2],
        env: Vec<(OsString, OsString)>,
        limits: Limits,
        (sandbox, keeper): (Option<Sandbox>, Option<PathBuf>),
        result_max: usize,
        redacts: bool,
    ) -> std::io::Result<Tools> {
        Ok(Tools {
            place: Place::new(&worktree, &git_dirs)?,
            env,
            limits,
            sandbox,
            keeper,
            result_max,
            redacts,
        })
    }

    /// Runs a tool.
    pub fn call(&self, call: &Call, watch: &mut Watch<'_>) -> Used {
        let arguments = match &call.arguments {
            Ok(arguments) => Arguments(arguments),
            Err(text) => {
                return Used::Failed(format!(
                    "the arguments are not a JSON object: {}",
                    excerpt(text, 300)
                ));
            }
        };
        let used = self.used(&call.name, &arguments, watch);
        used.unwrap_or_else(|refusal| refusal)
    }

    fn used(
        &self,
        name: &str,
        arguments: &Arguments<'_>,
        watch: &mut Watch<'_>,
    ) -> Result<Used, Used> {
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
                let names: Vec<&str> = offered().iter().map(|tool| tool.name).collect();
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
