//! The requests of declared verbs as they are typed.
//!
//! It adds what only a shell has: a text or ids from standard input or a file.

use clap::{Arg, ArgAction, Command};
use git_pm::Result;
use git_pm::verbs::Verb;

use super::stdin::{file_or_stdin, ids, text_or_stdin};

/// Completes a request: `-` stands for standard input.
///
/// # Errors
/// When standard input or a file cannot be read as text, or the arguments stand for nothing.
pub fn complete<V: Verb>(request: V) -> Result<V> {
    let mut request = request.typed()?;
    let given = request.shell_input();
    let text_is_input = given.text.as_ref().is_some_and(|text| *text == "-");
    if let Some(list) = given.ids {
        if text_is_input && list.iter().any(|id| id == "-") {
            return Err(git_pm::Error::usage(
                "the ids and the text cannot both be read from standard input",
            ));
        }
        *list = ids(list)?;
    }
    match (given.text, given.file) {
        (Some(text), Some(file)) => *text = file_or_stdin(&file)?,
        (Some(text), None) => *text = text_or_stdin(text)?,
        (None, _) => {}
    }
    Ok(request)
}

/// Adds to the help of the arguments of a verb that `-` reads standard input.
pub fn with_stdin(command: Command, words: &[&str]) -> Command {
    let Some((first, rest)) = words.split_first() else {
        return command.mut_args(|arg| match reads_stdin(&arg) {
            true => {
                let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
                let help = help.trim_end_matches('.');
                arg.help(format!("{help}; `-` reads standard input"))
            }
            false => arg,
        });
    };
    // `mut_subcommand` would change their order.
    command.mut_subcommands(|below| match below.get_name() == *first {
        true => with_stdin(below, rest),
        false => below,
    })
}

/// The arguments that take the text of a request.
const TEXTS: &[&str] = &["body", "description", "note", "text"];

fn reads_stdin(arg: &Arg) -> bool {
    let is_ids = arg.is_positional()
        && arg.get_id() == "id"
        && matches!(arg.get_action(), ArgAction::Append);
    is_ids || TEXTS.contains(&arg.get_id().as_str())
}
