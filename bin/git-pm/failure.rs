//! How a run can end: an exit code, an error that is told, or a reader that went away. Refusals of
//! the argument parser become errors like all others here.

use std::ffi::OsString;

use clap::error::ErrorKind;
use git_pm::Error;

use crate::cli;
use crate::commands::issue::{elsewhere, under_a_kind};
use crate::render::{json, out};

/// The exit code of a run that printed its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exit(u8);

impl Exit {
    /// Everything was done.
    pub const DONE: Exit = Exit(0);
    /// A check said no.
    pub const REFUSED: Exit = Exit(1);

    /// The exit code that stands for a kind of error, where the answer is printed all the same.
    pub fn of(kind: git_pm::error::Kind) -> Exit {
        Exit(kind.exit_code())
    }

    /// The number.
    pub fn code(self) -> u8 {
        self.0
    }
}

/// Why a run ended without an answer.
#[derive(Debug)]
pub enum Failure {
    /// Something to tell the user.
    Told(Error),
    /// The reader of standard output went away, which is nobody's fault.
    ClosedPipe,
}

/// How a command ends.
pub type Outcome = Result<Exit, Failure>;

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::Told(error)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            Failure::ClosedPipe
        } else {
            Failure::Told(Error::io("cannot write the answer", &error))
        }
    }
}

/// What a refusal of the argument parser means: help and version are answers, the rest is an error.
pub fn parsed(refusal: &clap::Error, argv: &[OsString], as_json: bool) -> Outcome {
    match refusal.kind() {
        ErrorKind::DisplayHelp => {
            let help = refusal.render();
            if as_json {
                json::write(&serde_json::json!({ "help": help.to_string() }), &[])?;
            } else {
                out::write(&help.ansi().to_string())?;
            }
            Ok(Exit::DONE)
        }
        ErrorKind::DisplayVersion => {
            if as_json {
                json::write(
                    &serde_json::json!({ "version": env!("CARGO_PKG_VERSION") }),
                    &[],
                )?;
            } else {
                out::write(&refusal.render().to_string())?;
            }
            Ok(Exit::DONE)
        }
        _ => Err(usage(refusal, &cli::typed(argv)).into()),
    }
}

/// The parser's message without its prefix and footer, its tips and the usage line as hints.
fn usage(refusal: &clap::Error, typed: &str) -> Error {
    let text = refusal.render().to_string();
    let mut message = Vec::new();
    let mut hints = Vec::new();
    for line in text.lines().map(str::trim) {
        if let Some(tip) = line.strip_prefix("tip: ") {
            hints.push(tip.to_string());
        } else if let Some(usage) = line.strip_prefix("Usage:") {
            hints.push(format!("usage: {}", usage.trim()));
            break;
        } else if !line.is_empty() && !line.starts_with("For more information") {
            message.push(line.strip_prefix("error: ").unwrap_or(line));
        }
    }
    if let (ErrorKind::InvalidSubcommand, Some(verb)) = (refusal.kind(), meant(refusal, typed)) {
        hints.retain(|hint| hint.starts_with("usage"));
        hints.insert(0, format!("{verb} does that"));
    }
    let group = matches!(
        refusal.kind(),
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::MissingSubcommand
    );
    let error = if group {
        Error::usage(format!("`{typed}` needs a verb"))
    } else {
        Error::usage(message.join(" "))
    };
    let help = typed.replacen("git pm", "git pm help", 1);
    hints
        .into_iter()
        .fold(error, Error::hint)
        .hint(format!("`{help}` says more"))
}

/// The commands for a verb that is none where it was typed: one of beads, or one of a kind of item.
fn meant(refusal: &clap::Error, typed: &str) -> Option<String> {
    let verb = refusal.get(clap::error::ContextKind::InvalidSubcommand)?;
    let verb = verb.to_string();
    if typed.split_whitespace().any(|word| word == "issue") {
        return elsewhere(&verb).map(|command| format!("`{command}`"));
    }
    let commands = under_a_kind(&verb);
    let quoted: Vec<String> = commands.iter().map(|c| format!("`{c}`")).collect();
    (typed == "git pm" && !quoted.is_empty()).then(|| quoted.join(" or "))
}
