//! `git pm check`: whether a branch may be merged, for people and for continuous integration.

use std::path::PathBuf;

use git_pm::error::Kind;
use git_pm::verbs::finding::CheckBranch;

use crate::context::Context;
use crate::failure::{Exit, Outcome};
use crate::render::check;

// The base, and how problems are printed; the text of the command is that of the request.
#[derive(clap::Args, Debug)]
pub struct CheckArgs {
    #[command(flatten)]
    request: CheckBranch,
    /// Check as a job of continuous integration: the base is GITHUB_BASE_REF if there is no `--base`, and
    /// problems are annotations where GITHUB_ACTIONS is true.
    #[arg(long)]
    ci: bool,
    /// Run the required gates that no `finish` recorded for this commit, in a temporary worktree.
    #[arg(long)]
    run_gates: bool,
    /// Also write the problems to a file, as SARIF.
    #[arg(long, value_name = "FILE")]
    sarif: Option<PathBuf>,
}

/// Checks a branch; exits with 1 if it must not be merged.
pub fn run(context: &Context, args: CheckArgs) -> Outcome {
    let of_job = |key: &str| context.env.text(key).filter(|_| args.ci);
    let base = args.request.base.or_else(|| of_job("GITHUB_BASE_REF"));
    let findings = context.pm()?.findings();
    let report = findings.check(base.as_deref(), args.run_gates)?;
    if let Some(file) = &args.sarif {
        findings.write_check(&report, file)?;
    }
    let annotated = of_job("GITHUB_ACTIONS").is_some_and(|value| value == "true");
    context.answer(&report, |page, report| match annotated {
        true => check::annotations(page, report),
        false => check::report(page, report),
    })?;
    Ok(Exit::of_if(!report.passed, Kind::Refused))
}
