//! `git pm scope`.

use git_pm::model::vocabulary::Vocabulary;

use crate::arguments::document::source;
use crate::arguments::values::Words;
use crate::context::Context;
use crate::failure::Outcome;
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
    let source = source(&context.env.cwd, &args.document)?;
    let view = match (&args.decided, &args.reason) {
        (Some(decided), Some(reason)) => pm.plans().override_scope(&source, decided, reason)?,
        _ => pm.plans().scope(&source)?,
    };
    context.answer(&view, render::prd::scope)
}
