//! The tree of commands as data, for `git pm help --all`.
//!
//! It has what an agent needs to call them without reading a help text.

use std::any::TypeId;
use std::ffi::OsStr;
use std::path::PathBuf;

use clap::builder::ValueParser;
use clap::{Arg, ArgAction, Command};
use schemars::JsonSchema;
use serde::Serialize;

use git_pm::verbs::Limit;

use crate::arguments::values::Millis;

/// The commands of git pm.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CommandTree {
    /// The options that every command accepts.
    globals: Vec<Argument>,
    /// The commands, without the groups that only contain others.
    pub commands: Vec<Verb>,
}

/// A command.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Verb {
    /// As typed after `git pm`.
    pub name: String,
    /// One line.
    pub summary: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    aliases: Vec<String>,
    /// The arguments, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    args: Vec<Argument>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    flags: Vec<Argument>,
    /// Command lines, some with what they do.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    examples: Vec<String>,
}

/// An argument, or a flag.
#[derive(Debug, Serialize, JsonSchema)]
struct Argument {
    /// That of a flag has its dashes.
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    short: Option<String>,
    #[serde(flatten)]
    value: Value,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    required: bool,
    summary: String,
}

/// What can be given.
#[derive(Debug, Serialize, JsonSchema)]
struct Value {
    /// `bool` (a flag without a value), `string`, `int`, `path`, `duration` (30s, 15m, 4h, 2d, 1w)
    /// or `choice`.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The valid values.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    choices: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    default: Option<String>,
    /// Set if several values can be given.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    many: bool,
}

/// The tree of a command and those below it; `above` is what is typed before it.
pub fn of(root: &Command, command: &Command, above: &str) -> CommandTree {
    let mut commands = Vec::new();
    collect(command, above, &mut commands);
    let globals = root.get_arguments().filter(|arg| arg.is_global_set());
    CommandTree {
        globals: globals.filter(|arg| shown(arg)).map(argument).collect(),
        commands,
    }
}

fn collect(command: &Command, name: &str, found: &mut Vec<Verb>) {
    // Some do something without a verb, too.
    if !command.is_subcommand_required_set() && !name.is_empty() {
        found.push(verb(command, name));
    }
    for below in command.get_subcommands().filter(|c| !c.is_hide_set()) {
        let name = format!("{name} {}", below.get_name());
        collect(below, name.trim_start(), found);
    }
}

fn verb(command: &Command, name: &str) -> Verb {
    let own = |arg: &&Arg| !arg.is_global_set() && shown(arg);
    let (args, flags): (Vec<&Arg>, Vec<&Arg>) = command
        .get_arguments()
        .filter(own)
        .partition(|arg| arg.is_positional());
    Verb {
        name: name.to_string(),
        summary: text(command.get_about()),
        aliases: command.get_visible_aliases().map(str::to_string).collect(),
        args: args.into_iter().map(argument).collect(),
        flags: flags.into_iter().map(argument).collect(),
        examples: examples(command),
    }
}

fn shown(arg: &Arg) -> bool {
    let is_own = !matches!(
        arg.get_action(),
        ArgAction::Help | ArgAction::HelpShort | ArgAction::HelpLong | ArgAction::Version
    );
    is_own && !arg.is_hide_set()
}

fn argument(arg: &Arg) -> Argument {
    let names = arg.get_value_names().unwrap_or_default();
    let names: Vec<&str> = names.iter().map(|name| name.as_str()).collect();
    let long = arg.get_long().map(|long| format!("--{long}"));
    let short = arg.get_short().map(|short| format!("-{short}"));
    let (name, short) = match long {
        Some(long) => (long, short),
        None => (short.unwrap_or_else(|| names.join(" ")), None),
    };
    Argument {
        name,
        short,
        value: value(arg),
        required: arg.is_required_set(),
        summary: text(arg.get_help()),
    }
}

fn value(arg: &Arg) -> Value {
    let takes = arg.get_action().takes_values();
    let choices: Vec<String> = match takes {
        true => arg.get_possible_values(),
        false => Vec::new(),
    }
    .iter()
    .filter(|choice| !choice.is_hide_set())
    .map(|choice| choice.get_name().to_string())
    .collect();
    let default = arg.get_default_values().first();
    let default = default.filter(|_| !arg.is_hide_default_value_set());
    Value {
        kind: match takes {
            false => "bool",
            true if !choices.is_empty() => "choice",
            true => type_of(arg.get_value_parser(), default.map(AsRef::as_ref)),
        },
        choices,
        default: default
            .filter(|_| takes)
            .map(|value| value.to_string_lossy().into_owned()),
        many: matches!(arg.get_action(), ArgAction::Append)
            || arg.get_num_args().is_some_and(|n| n.max_values() > 1),
    }
}

/// The word for the type of a value.
fn type_of(parser: &ValueParser, default: Option<&OsStr>) -> &'static str {
    let of = parser.type_id();
    let is = |types: &[TypeId]| types.iter().any(|id| of == *id);
    let is_number = |text: &OsStr| {
        text.to_str()
            .is_some_and(|text| text.parse::<u64>().is_ok())
    };
    match () {
        () if is(&[
            TypeId::of::<u8>(),
            TypeId::of::<u32>(),
            TypeId::of::<u64>(),
            TypeId::of::<i64>(),
            TypeId::of::<usize>(),
            TypeId::of::<Limit>(),
        ]) =>
        {
            "int"
        }
        () if default.is_some_and(is_number) => "int",
        () if is(&[TypeId::of::<PathBuf>()]) => "path",
        () if is(&[TypeId::of::<Millis>()]) => "duration",
        () => "string",
    }
}

/// A text in one line.
fn text(text: Option<&clap::builder::StyledStr>) -> String {
    let text = text.map(ToString::to_string).unwrap_or_default();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The command lines below `Examples:` in the help of a command.
fn examples(command: &Command) -> Vec<String> {
    let after = command.get_after_help().map(ToString::to_string);
    let after = after.unwrap_or_default();
    let lines = after
        .lines()
        .skip_while(|line| !line.starts_with("Example"));
    let mut found: Vec<String> = Vec::new();
    let mut continues = false;
    for line in lines.skip(1).take_while(|line| line.starts_with("  ")) {
        let line = line.trim();
        let part = line.strip_suffix('\\').unwrap_or(line);
        match found.last_mut() {
            Some(last) if continues => last.push_str(part),
            _ => found.push(part.to_string()),
        }
        continues = part.len() < line.len();
    }
    found
}
