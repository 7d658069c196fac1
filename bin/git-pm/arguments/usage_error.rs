//! Usage errors made from clap's errors.

use clap::error::{ContextKind, ErrorKind};
use git_pm::Error;
use git_pm::error::Reason;
use git_pm::text::shorten;

use super::aliases::under_a_kind;
use super::bd::pointer;

/// The hint for a value that was taken for an option.
const DASHES: &str =
    "write a value that begins with `-` as `--option=VALUE`, or after `--` if it has no option";

/// The most characters that are shown of an unexpected argument.
const SHOWN: usize = 40;

/// clap's message without prefix and footer, with its tips and the usage line as hints.
pub fn usage(refusal: &clap::Error, typed: &str) -> Error {
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
            hints.push(match tip.starts_with("to pass '") {
                true => DASHES.to_string(),
                false => tip.to_string(),
            });
        } else if let Some(usage) = line.strip_prefix("Usage:") {
            hints.push(format!("usage: {}", usage.trim()));
            break;
        } else if !line.is_empty() && !line.starts_with("For more information") {
            message.push(line.strip_prefix("error: ").unwrap_or(line));
        }
    }
    if let (ErrorKind::InvalidSubcommand, Some(verb)) = (refusal.kind(), meant(refusal, typed)) {
        hints.retain(|hint| hint.starts_with("usage"));
        hints.insert(0, verb);
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

/// A hint for an unknown verb: one of beads, or one that exists per kind of item.
fn meant(refusal: &clap::Error, typed: &str) -> Option<String> {
    let verb = refusal.get(ContextKind::InvalidSubcommand)?;
    let verb = verb.to_string();
    if typed.split_whitespace().any(|word| word == "issue") {
        return pointer(&verb).map(|instead| match instead.contains('`') {
            true => instead.to_string(),
            false => format!("did you mean `{instead}`?"),
        });
    }
    let commands = under_a_kind(&verb);
    let quoted: Vec<String> = commands.iter().map(|c| format!("`{c}`")).collect();
    (typed == "git pm" && !quoted.is_empty())
        .then(|| format!("did you mean {}?", quoted.join(" or ")))
}
