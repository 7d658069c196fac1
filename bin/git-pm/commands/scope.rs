//! `git pm scope`, and how documents are named on the command line.

use git_pm::model::vocabulary::Vocabulary;
use git_pm::plan::Source;
use git_pm::{Error, Result};

use crate::context::Context;
use crate::failure::Outcome;
use crate::parse::Words;
use crate::render;

/// The words for a scope.
const SCOPE: Vocabulary = Vocabulary {
    field: "scope",
    words: &["single-agent", "multi-agent", "decomposition-required"],
};

/// Say how large the work is that a document asks for
///
/// For one agent, for several at once, or to be broken down first; how sure that is; and what it
/// rests on: components, integration points, risks, effort. Nothing is written without `--override`.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm scope docs/login.md
  git pm scope P-0001 --override multi-agent --reason \"two of us know the code\"")]
pub struct ScopeArgs {
    /// A Markdown file, or the id of a PRD.
    #[arg(value_name = "FILE|PRD")]
    pub document: String,
    /// Records that you decide otherwise.
    #[arg(long = "override", value_name = "SCOPE", value_parser = Words(SCOPE.words), requires = "reason")]
    pub decided: Option<String>,
    /// Why.
    #[arg(long, value_name = "R", requires = "decided")]
    pub reason: Option<String>,
}

/// Judges a document.
///
/// # Errors
/// When it cannot be read.
pub fn run(context: &Context, args: &ScopeArgs) -> Outcome {
    let pm = context.pm()?;
    let source = source(context, &args.document)?;
    let view = match (&args.decided, &args.reason) {
        (Some(decided), Some(reason)) => pm.override_scope(&source, decided, reason)?,
        _ => pm.scope(&source)?,
    };
    context.answer(&view, render::plan::scope)
}

/// The document that somebody names: a file where there is one, else a PRD.
///
/// # Errors
/// When it is a file that cannot be read, or neither.
pub fn source(context: &Context, name: &str) -> Result<Source> {
    let path = context.env.cwd.join(name);
    if path.is_file() {
        let failed = |error| Error::io(format!("cannot read {name}"), &error);
        return Ok(Source::File {
            path: name.to_string(),
            bytes: std::fs::read(&path).map_err(failed)?,
        });
    }
    if name.contains(['/', '.']) || path.exists() {
        return Err(Error::not_found(format!("there is no file `{name}`"))
            .hint("name a Markdown file, or the id of a PRD: `git pm prd list`"));
    }
    if !name.contains(|c: char| c.is_ascii_digit()) {
        return Err(
            Error::not_found(format!("`{name}` is neither a file nor a PRD nor a verb"))
                .hint("`git pm prd list` shows the PRDs, `git pm plan -h` the verbs"),
        );
    }
    Ok(Source::Prd(name.to_string()))
}
