//! Usage errors made from clap's errors.

use std::ffi::OsString;

use clap::Command;
use clap::error::{ContextKind, ErrorKind};
use git_pm::Error;
use git_pm::error::Reason;
use git_pm::text::shorten;

use super::bd::pointer;
use super::meant;

/// The hint for a value that was taken for an option.
const DASHES: &str =
    "write a value that begins with `-` as `--option=VALUE`, or after `--` if it has no option";

/// The most characters that are shown of an unexpected argument.
const SHOWN: usize = 40;

/// clap's message without prefix and footer, with the usage line and what may have been meant as hints.
/// `command` is what the arguments name below the `root`, `typed` its words.
pub fn usage(
    refusal: &clap::Error,
    typed: &str,
    (root, command): (&Command, &Command),
    argv: &[OsString],
) -> Error {
    // The library's own error for a value.
    let source = std::error::Error::source(refusal);
    if let Some(error) = source.and_then(|source| source.downcast_ref::<Error>()) {
        return error.clone();
    }
    let text = refusal.render().to_string();
    let mut message = Vec::new();
    let mut hints = Vec::new();
    for line in text.lines().map(str::trim) {
        if let Some(tip) = line.strip_prefix("tip: ") {
            // Its suggestions are neither sorted nor only the near ones.
            if !tip.contains(" similar ") && !tip.starts_with("to pass '") {
                hints.push(tip.to_string());
            }
        } else if let Some(usage) = line.strip_prefix("Usage:") {
            // The one of clap has its suggestion in it.
            let usage = match refusal.get(ContextKind::SuggestedArg) {
                Some(_) => command.clone().render_usage().to_string(),
                None => usage.to_string(),
            };
            let usage = usage.trim_start_matches("Usage:").trim();
            hints.push(format!("usage: {usage}"));
            break;
        } else if !line.is_empty() && !line.starts_with("For more information") {
            message.push(line.strip_prefix("error: ").unwrap_or(line));
        }
    }
    if let Some(meant) = meant(refusal, typed, (root, command), argv) {
        hints.insert(0, meant);
    }
    let group = matches!(
        refusal.kind(),
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::MissingSubcommand
    );
    let error = if group {
        Error::usage(format!("`{typed}` needs a subcommand"))
    } else if let Some(argument) = unexpected(refusal) {
        Error::usage(format!("unexpected argument '{argument}' found"))
    } else {
        Error::usage(message.join(" "))
    };
    let help = typed.replacen("git pm", "git pm help", 1);
    hints
        .into_iter()
        .fold(error.because(Reason::ArgumentsInvalid), Error::hint)
        .hint(format!("for details, run `{help}`"))
}

/// The beginning of an argument that was taken for an option: the whole may be a key of many lines.
fn unexpected(refusal: &clap::Error) -> Option<String> {
    let ErrorKind::UnknownArgument = refusal.kind() else {
        return None;
    };
    let argument = refusal.get(ContextKind::InvalidArg)?.to_string();
    let (line, more) = match argument.split_once('\n') {
        Some((line, _)) => (line, "…"),
        None => (argument.as_str(), ""),
    };
    Some(shorten(&format!("{line}{more}"), SHOWN))
}

/// A hint at what was meant by an unknown verb or option, or at the values of a missing argument.
fn meant(
    refusal: &clap::Error,
    typed: &str,
    (root, command): (&Command, &Command),
    argv: &[OsString],
) -> Option<String> {
    let context = |kind| refusal.get(kind).map(ToString::to_string);
    match refusal.kind() {
        ErrorKind::InvalidSubcommand => {
            let verb = context(ContextKind::InvalidSubcommand)?;
            let instead = match typed {
                "git pm issue" => pointer(&verb),
                _ => None,
            };
            match instead {
                Some(instead) if instead.contains('`') => Some(instead.to_string()),
                Some(instead) => Some(format!("did you mean `{instead}`?")),
                None => {
                    let first = typed.strip_prefix("git pm ").unwrap_or(&verb);
                    let pair = meant::pair(first, argv);
                    pair.or_else(|| meant::command(root, command, typed, &verb))
                }
            }
        }
        ErrorKind::UnknownArgument => {
            let argument = context(ContextKind::InvalidArg)?;
            if !argument.starts_with('-') {
                if let Some(hint) = meant::pair(typed.trim_start_matches("git pm "), argv) {
                    return Some(hint);
                }
                return meant::quoted(command, typed, argv);
            }
            match is_value(&argument, command, argv) {
                true => Some(DASHES.to_string()),
                false => meant::option(command, typed, &argument),
            }
        }
        ErrorKind::MissingRequiredArgument => {
            let arguments = command
                .get_positionals()
                .filter(|arg| arg.is_required_set());
            let values = arguments.flat_map(clap::Arg::get_possible_values);
            let values = values.filter(|value| !value.is_hide_set());
            let values: Vec<String> = values.map(|v| v.get_name().to_string()).collect();
            if typed.ends_with(" create") && argv.iter().any(|arg| arg == "-t") {
                let title = format!("`{typed} \"TITLE\"`");
                return Some(format!(
                    "`-t` is the type, and the title an argument: {title}"
                ));
            }
            (!values.is_empty()).then(|| format!("use one of: {}", values.join(", ")))
        }
        _ => None,
    }
}

/// True if an argument that begins with `-` was meant as a value: it looks like a text, or follows an
/// option that takes one.
fn is_value(argument: &str, command: &Command, argv: &[OsString]) -> bool {
    let rest = argument.trim_start_matches('-');
    if argument.starts_with("---") || rest.contains(char::is_whitespace) || is_number(rest) {
        return true;
    }
    let at = argv
        .iter()
        .position(|arg| arg.to_str().is_some_and(|arg| arg.starts_with(argument)));
    let before = at.and_then(|at| argv.get(at.checked_sub(1)?)?.to_str());
    before.is_some_and(|before| {
        let named = |arg: &&clap::Arg| {
            let long = arg.get_long().map(|long| format!("--{long}"));
            let short = arg.get_short().map(|short| format!("-{short}"));
            [long, short].iter().flatten().any(|name| name == before)
        };
        let mut options = command.get_arguments();
        options
            .find(named)
            .is_some_and(|arg| arg.get_action().takes_values())
    })
}

fn is_number(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
}
