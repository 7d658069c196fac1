//! From the raw arguments to the exit code: one run of the program.

use std::ffi::OsString;

use clap::error::ErrorKind;
use git_pm::Error;
use git_pm::runs::Request;
use serde_json::{Value, json};

use crate::arguments::meant;
use crate::arguments::raw::Raw;
use crate::commands::{self, Cli};
use crate::context::Context;
use crate::failure::{Exit, Failure, Outcome};
use crate::hand_over;
use crate::output::{self, color, stderr, stdout};

/// Runs the program and returns its exit code.
pub fn run(argv: Vec<OsString>) -> u8 {
    // Scripts often ask for the version, so it is answered before anything is built or opened.
    if argv.len() == 2 && argv[1] == "--version" {
        return settle(stdout::write(concat!(
            "git-pm ",
            env!("CARGO_PKG_VERSION"),
            "\n"
        )));
    }
    if argv.get(1).is_some_and(|word| word == "bd") {
        return bd(&argv);
    }
    let mut raw = Raw::read(argv.clone());
    raw.spell_out(meant::short, commands::plan_group);
    if raw.plain {
        color::disable();
    }
    match commands::parse(&raw.argv, raw.verb().first().copied()) {
        Ok(cli) => {
            let json = cli.globals.json;
            let quiet = cli.globals.quiet;
            match execute(cli, raw, &argv) {
                Ok((outcome, notices)) => report(outcome, &notices, json, quiet),
                Err(failure) => report(Err(failure), &[], json, quiet),
            }
        }
        Err(refusal) => {
            let refusal = commands::with_help(refusal, &raw.argv);
            let outcome = answer_refusal(&refusal, &raw.argv, raw.json);
            report(outcome, &[], raw.json, false)
        }
    }
}

/// Runs a command line of bd.
fn bd(argv: &[OsString]) -> u8 {
    let is_option = |word: &OsString| word.to_string_lossy().starts_with('-');
    if let [verb, result, base, _, theirs] = &argv[2..]
        && verb == "merge"
        && !argv[2..].iter().any(is_option)
    {
        return merge_file(result, base, theirs);
    }
    let lines = match crate::arguments::bd::commands(&argv[2..]) {
        Ok(lines) => lines,
        Err(error) => return report(Err(error.into()), &[], false, false),
    };
    if let Some(text) = crate::arguments::bd::note(&argv[2..]) {
        stderr::note(text);
    }
    let own = argv.first().cloned().unwrap_or_default();
    for line in lines {
        let words = line.into_iter().map(OsString::from);
        let code = run(std::iter::once(own.clone()).chain(words).collect());
        if code != 0 {
            return code;
        }
    }
    0
}

/// `bd merge %A %O %A %B`, the merge driver that beads set for its file: git's own merge of text, with
/// conflict markers. A driver that failed would leave one side without a word.
fn merge_file(result: &OsString, base: &OsString, theirs: &OsString) -> u8 {
    let mut git = std::process::Command::new("git");
    let ran = git.arg("merge-file").args([result, base, theirs]).status();
    match ran {
        Ok(status) => u8::try_from(status.code().unwrap_or(1)).unwrap_or(1),
        Err(error) => {
            let error = Error::usage(format!("git merge-file does not run: {error}"));
            report(Err(error.into()), &[], false, false)
        }
    }
}

/// Runs the command. Returns its outcome and the notices to include in the JSON document of an
/// error.
fn execute(mut cli: Cli, raw: Raw, argv: &[OsString]) -> Result<(Outcome, Vec<String>), Failure> {
    let mut directories = raw.directories;
    directories.append(&mut cli.globals.directory);
    let env = crate::environment::read(&directories)?;
    let is_request = cli
        .command
        .as_ref()
        .is_some_and(commands::Command::is_request);
    Request::require(&env, is_request)?;
    let context = Context::new(env, cli.globals);
    let mut outcome = commands::run(&context, cli.command);
    if is_request && hand_over::is_needed(&outcome) {
        outcome = hand_over::run(&context, argv);
    }
    let mut notices = Vec::new();
    if context.globals.json && matches!(outcome, Err(Failure::Error(_))) {
        notices = context.take_notices();
    } else {
        context.print_notices();
    }
    // The process ends here; dropping the repository first would only take time. The cost counters
    // need the last counts, though.
    if crate::io_counts::file().is_none() {
        std::mem::forget(context);
    }
    Ok((outcome, notices))
}

/// Prints an error once, in the requested format.
fn report(outcome: Outcome, notices: &[String], json: bool, quiet: bool) -> u8 {
    match outcome {
        Ok(exit) => exit.code(),
        Err(Failure::ClosedPipe) => 0,
        Err(Failure::Error(error)) => {
            // With a full disk or a closed descriptor, standard error may still work.
            let written = json.then(|| output::json::write_error(&error, notices));
            if matches!(written, None | Some(Err(Failure::Error(_)))) {
                stderr::print(&error, quiet);
            }
            error.kind().exit_code()
        }
    }
}

fn settle(outcome: Result<(), Failure>) -> u8 {
    report(outcome.map(|()| Exit::DONE), &[], false, false)
}

/// The outcome of a parser error: help and version are answers, all else is a usage error.
fn answer_refusal(refusal: &clap::Error, argv: &[OsString], as_json: bool) -> Outcome {
    match refusal.kind() {
        ErrorKind::DisplayHelp => {
            let help = refusal.render();
            let text = help.ansi().to_string();
            answer(&json!({ "help": help.to_string() }), &text, as_json)
        }
        ErrorKind::DisplayVersion => {
            let data = json!({ "version": env!("CARGO_PKG_VERSION") });
            answer(&data, &refusal.render().to_string(), as_json)
        }
        ErrorKind::InvalidUtf8 => {
            let invalid = argv.iter().find(|one| one.to_str().is_none());
            let shown = invalid.map_or_else(String::new, |one| one.to_string_lossy().into());
            let pattern = shown.replace('\u{fffd}', "?");
            Err(Error::usage(format!("the argument `{shown}` is not UTF-8"))
                .hint(format!("as a pattern of paths, `{pattern}` stands for it"))
                .into())
        }
        _ => Err(commands::usage(refusal, argv).into()),
    }
}

fn answer(data: &Value, text: &str, as_json: bool) -> Outcome {
    match as_json {
        true => output::json::write(data, &[])?,
        false => stdout::write(text)?,
    }
    Ok(Exit::DONE)
}
