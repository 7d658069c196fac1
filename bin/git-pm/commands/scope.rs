//! `git pm scope`.

use git_pm::plans::Source;

use crate::arguments::values::Words;
use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Estimate the scope of the work in a document
///
/// Recommends one agent, several agents, or decomposition first, with its confidence and reasons:
/// components, integration points, risks, effort. Writes nothing without `--override`.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm scope docs/login.md
  git pm scope P-0001 --override multi-agent --reason \"two of us know the code\"")]
pub struct ScopeArgs {
    /// Markdown file or PRD ID.
    #[arg(value_name = "FILE|PRD")]
    pub document: String,
    /// Record a different decision.
    #[arg(long = "override", value_name = "SCOPE", value_parser = Words(&["single-agent", "multi-agent", "decomposition-required"]), requires = "reason")]
    pub decided: Option<String>,
    /// Reason for the decision.
    #[arg(long, value_name = "R", requires = "decided")]
    pub reason: Option<String>,
}

/// Estimates the scope of a document.
pub fn run(context: &Context, args: &ScopeArgs) -> Outcome {
    let pm = context.pm()?;
    let source = Source::named(&context.env.cwd, &args.document)?;
    let view = match (&args.decided, &args.reason) {
        (Some(decided), Some(reason)) => pm.plans().override_scope(&source, decided, reason)?,
        _ => pm.plans().scope(&source)?,
    };
    context.answer(&view, render::prd::scope)
}
