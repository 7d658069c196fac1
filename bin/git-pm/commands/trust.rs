//! `git pm trust`: trust in the commands of a checked-in file.

use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Trust the commands of a checked-in .pm.toml
///
/// Commands in a checked-in file run only after you trust its current content. A changed file must
/// be trusted again.
#[derive(clap::Args, Debug)]
pub struct TrustArgs {
    /// Trust the current file.
    #[arg(long, conflicts_with = "revoke")]
    pub yes: bool,
    /// Revoke the trust.
    #[arg(long)]
    pub revoke: bool,
}

/// Shows, grants or revokes trust. Asks at a terminal.
pub fn trust(context: &Context, args: &TrustArgs) -> Outcome {
    let pm = context.pm()?;
    let decision = match (args.yes, args.revoke) {
        (true, _) => Some(true),
        (_, true) => Some(false),
        _ => None,
    };
    let report = pm.settings().trust(decision)?;
    context.answer(&report, render::setup::trust)?;
    let open = decision.is_none() && report.path.is_some() && !report.trusted;
    if open && context.confirm("Trust these commands in this clone?") {
        let report = pm.settings().trust(Some(true))?;
        return context.answer(&report, |page, _| {
            page.line("Trusted.");
        });
    }
    Ok(crate::failure::Exit::DONE)
}
