//! `git pm schema`.

use git_pm::Error;
use git_pm::error::Reason;

use crate::context::Context;
use crate::failure::Outcome;
use crate::output::stdout;

mod documents;
mod rows;
mod shapes;

/// Print JSON Schemas of the --json output
///
/// The schemas follow JSON Schema draft 2020-12 and are derived from the types that are printed.
/// Each describes the whole output of a command: an answer in `data`, or an `error`. Without
/// COMMAND, prints those of all commands in one document, under `commands`.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm schema task show
  git pm schema > git-pm.schema.json")]
pub struct SchemaArgs {
    /// Command, as typed after `git pm`.
    pub command: Vec<String>,
}

/// Prints a schema.
pub fn run(context: &Context, args: &SchemaArgs) -> Outcome {
    let name = args.command.join(" ");
    let schema = match name.is_empty() {
        true => documents::all(),
        false => documents::of(&name).ok_or_else(|| unknown(&name))?,
    };
    if context.globals.json {
        return context.json(&schema);
    }
    let text = serde_json::to_string_pretty(&schema).map_err(std::io::Error::from)?;
    stdout::write_raw(text + "\n")?;
    Ok(crate::failure::Exit::DONE)
}

fn unknown(name: &str) -> Error {
    let below: Vec<&str> = documents::commands()
        .filter(|command| {
            command
                .strip_prefix(name)
                .is_some_and(|rest| rest.starts_with(' '))
        })
        .collect();
    let error = Error::not_found(format!("there is no schema for `{name}`"))
        .because(Reason::SchemaUnknown)
        .about(name);
    match below.is_empty() {
        true => error.hint("`git pm help --all` lists the commands"),
        false => error.hint(format!("name one of its commands: {}", below.join(", "))),
    }
}
