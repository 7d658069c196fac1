//! Runs the reviewers of `.pm.toml`: commands that print what they find as SARIF or rdjson.
//!
//! They run in a temporary worktree of the reviewed commit, in the sandbox of commands on others' work.

use std::io::Read;
use std::path::Path;

use super::ReviewerReport;
use super::facts::Reviewed;
use crate::coordinate::gate::Gate;
use crate::coordinate::gate::gates_to_run;
use crate::coordinate::reserve::pattern::overlap::Case;
use crate::coordinate::worktree::work_ends::Ends;
use crate::error::{Error, Reason, Result};
use crate::finding::Found;
use crate::finding::import::{self, Imported, Options};
use crate::model::limits::FINDINGS_MAX;
use crate::model::text::one_line;
use crate::pm::{Confined, Pm};
use crate::store::beneath;
use crate::work::task::gates;
use crate::work::task::run_command::run_command;

/// The largest report that is read, in bytes.
const REPORT_MAX: u64 = 200 << 20;

/// The file in the worktree into which a reviewer's output goes.
const OUTPUT: &str = ".git-pm-report";

/// What the reviewers report that apply to some work, which has a name.
///
/// # Errors
/// When `.pm.toml` has some and is not trusted, or the worktree cannot be made. A reviewer that fails
/// is in the answer.
pub(super) fn run(
    pm: &Pm,
    name: &str,
    ends: &Ends,
    reviewed: &Reviewed,
) -> Result<Vec<(ReviewerReport, Vec<Found>)>> {
    let mut reviewers = gates_to_run::reviewers(pm, &ends.target)?;
    reviewers.retain(|one| {
        let mut paths = one.paths.iter();
        let files = &reviewed.diff.files;
        one.paths.is_empty()
            || paths.any(|path| {
                files
                    .iter()
                    .any(|file| path.matches(&file.path, Case::Folded))
            })
    });
    let mut out = Vec::new();
    if reviewers.is_empty() {
        return Ok(out);
    }
    let confined = gates::confined(pm, false)?;
    let commit = ends.commit.to_string();
    gates::in_checkout(pm, &format!("review-{name}"), &commit, |place| {
        for reviewer in &reviewers {
            let mut report = ReviewerReport::new(&reviewer.name);
            let found = match reported(pm, reviewer, place, confined.as_ref()) {
                Ok(imported) => {
                    report.left_out = imported.over;
                    imported.found
                }
                Err(error) if error.reason() == Reason::CommandStopped => return Err(error),
                Err(error) => {
                    report.failed = Some(error.message().to_string());
                    Vec::new()
                }
            };
            // Its name is what the project calls it, whatever the report says.
            let named = found.into_iter().map(|one| Found {
                reviewer: reviewer.name.clone(),
                ..one
            });
            out.push((report, named.collect()));
        }
        Ok(())
    })?;
    Ok(out)
}

/// Runs one reviewer. Linters exit with a code when they find something, so that is no failure as long
/// as the report can be read.
fn reported(
    pm: &Pm,
    reviewer: &Gate,
    place: &Path,
    confined: Option<&Confined>,
) -> Result<Imported> {
    let what = format!("the reviewer `{}`", one_line(&reviewer.name));
    let file = place.join(OUTPUT);
    // The work may bring one.
    beneath::remove(&file).map_err(|error| Error::io("cannot remove the old report", error))?;
    let command = format!("{{\n{}\n}} >{OUTPUT}", reviewer.run);
    let ended = run_command(pm, place, &what, &command, reviewer.timeout, confined);
    match ended {
        Err(error) if error.reason() != Reason::CommandFailed => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let read = read(&file, place.to_str());
    match (read, ended) {
        // One that fails and finds nothing did not look.
        (Ok(imported), Err(failed)) if imported.found.is_empty() => Err(failed),
        (Ok(imported), _) => Ok(imported),
        // Its own words say why it printed no report.
        (Err(_), Err(failed)) => Err(failed),
        (Err(error), Ok(())) => Err(error),
    }
}

fn read(file: &Path, root: Option<&str>) -> Result<Imported> {
    // What runs there can put anything in its place.
    let bytes = beneath::plain(file, REPORT_MAX).ok_or_else(|| {
        Error::usage(format!(
            "the report is no plain file of at most {} MB",
            REPORT_MAX >> 20
        ))
        .because(Reason::FindingUnreadable)
    })?;
    parse(&bytes[..], root)
}

/// Reads a report of SARIF or rdjson; absolute paths below the root are those of the repository.
///
/// # Errors
/// When it is none, is cut short, or is larger than 200 MB.
pub(super) fn parse(report: impl Read, root: Option<&str>) -> Result<Imported> {
    let options = Options {
        root,
        limit: FINDINGS_MAX,
        bytes: REPORT_MAX,
    };
    import::read(report, &options).map_err(|error| {
        Error::usage(format!("the report cannot be read: {error}"))
            .because(Reason::FindingUnreadable)
            .hint("it has to be SARIF 2.1.0, rdjson or rdjsonl")
    })
}
