//! The verbs on findings: reviews of work, and what becomes of what they find.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::artifact::file_of;
use super::declare::{List, verb};
use super::keys::misused;
use super::{Effect, ShellInput, Verb};
use crate::coordinate::finding::lookup::FindingFilter;
use crate::coordinate::finding::view::FindingView;
use crate::error::Error;
use crate::pm::arguments::{term, term_schema};
use crate::review::ReviewReport;
use crate::review::check::BranchCheck;
use crate::review::comment::ReviewComment;
use crate::review::issues::FindingIssue;
use crate::review::range::RangeReview;
use crate::review::report_files::ReportFormat;
use crate::run::PanelReview;
use crate::store::named_file;

/// Review the work of a task
///
/// Rules look at what the work changes, and the reviewers of `.pm.toml` (`[review.NAME]`
/// with `run = "COMMAND"`, which prints SARIF or rdjson) run in a temporary worktree. What they find is
/// recorded with the task; what they found before and find no more is marked as fixed. Open findings of
/// severity P0 and P1 stop `approve` and `merge`. Security holes stay in this clone until a human shares
/// them. That needs no model.
///
/// On the command line, `--with` lets agents review too: independent ones that read the work in checkouts of
/// their own, and one more that judges what several of them claim. A claim that names what is not there
/// is dropped, one that too few make is listed as unconfirmed and stops nothing. In a later round they answer
/// what was found before. After three rounds, or when a defect returns, a human decides.
///
/// Commits that belong to no item (`main..HEAD`, a branch) are reviewed by rules and tools; what they find is
/// printed and not recorded.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm review T-0001
  git pm review T-0001 --json | jq '.data.open[].claim'
  git pm review main..HEAD
  git pm review T-0001 --with claude
  git pm review T-0001 --with claude codex --deep
  git pm review T-0001 --with claude --fix --budget 2usd

Exits with 1 if an open finding stops the merge, or a reviewer failed.")]
pub struct ReviewWork {
    /// Item ID, or FROM..TO, a branch or a commit.
    pub id: String,
}

/// What stands after a review.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Reviewed {
    /// By rules and tools.
    ByRules(Box<ReviewReport>),
    /// By agents too, which only the command line starts.
    ByAgents(Box<PanelReview>),
    /// Of commits that belong to no item.
    OfRange(Box<RangeReview>),
}

verb!(ReviewWork: Reviewed, Writes {
    run |self, pm| {
        let findings = pm.findings();
        Ok(match findings.item_to_review(&self.id)? {
            Some(id) => Reviewed::ByRules(Box::new(findings.review(&id)?)),
            None => Reviewed::OfRange(Box::new(findings.review_range(&self.id)?)),
        })
    },
    // The agents of `--with` run on the caller's machine, for minutes.
    only typed ["with", "deep", "agents", "rounds", "fix", "without_security", "model", "budget", "timeout"],
});

/// Check a branch before it is merged
///
/// Of the commits that HEAD has and the base lacks: each names its task in a trailer `Task:`; the plan of the task
/// is decided; the required gates passed on this very commit; nobody else has reserved a changed file; neither
/// the rules of `git pm review` nor an earlier review find what stops a merge; and owners approved it where
/// CODEOWNERS and `pm.protectedPaths` ask for that. Nothing is recorded. Nothing of the branch is run, except with
/// `--run-gates` on the command line, after `git pm trust`.
///
/// In continuous integration, `--ci` takes the base of a pull request from GITHUB_BASE_REF, and where GITHUB_ACTIONS is
/// true, problems are printed as annotations. The clone needs the state and the history:
/// `git fetch origin 'refs/pm/*:refs/pm/*'`, and `fetch-depth: 0` of actions/checkout.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm check
  git pm check --base origin/release
  git pm check --ci --sarif check.sarif

Exits with 1 if a problem blocks.")]
pub struct CheckBranch {
    /// Branch or commit to compare with; by default the branch that work is merged into.
    #[arg(long, value_name = "REV")]
    pub base: Option<String>,
}

verb!(CheckBranch: BranchCheck, Reads {
    run |self, pm| pm.findings().check(self.base.as_deref(), false),
    // Commands on the caller's machine, and how problems are printed.
    only typed ["run_gates", "ci", "sarif"],
});

/// List findings, the worst first
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm finding list T-0001
  git pm finding list --severity P1
  git pm finding list --reviewer semgrep --all")]
pub struct ListFindings {
    /// Which.
    #[command(flatten)]
    #[serde(flatten)]
    pub filter: FindingFilter,
}

verb!(ListFindings: List<FindingView>, Reads {
    run |self, pm| Ok(pm.findings().list(&self.filter)?.into()),
});

/// Show a finding
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct ShowFinding {
    /// Finding ID.
    pub id: String,
}

verb!(ShowFinding: FindingView, Reads {
    run |self, pm| pm.findings().show(&self.id),
});

/// Decide that a finding does not count
///
/// For humans. It stays dismissed whatever later reviews find.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm finding dismiss F-k3f9a2 --reason \"a test key, valid nowhere\"")]
pub struct DismissFinding {
    /// Finding ID.
    pub id: String,
    /// Why it does not count; `-` reads standard input.
    #[arg(short, long, alias = "note", value_name = "TEXT")]
    pub reason: String,
}

verb!(DismissFinding: FindingView, Approves {
    run |self, pm| pm.findings().dismiss(&self.id, &self.reason),
    shell |request| ShellInput::text(Some(&mut request.reason)),
});

/// Open a settled finding again
///
/// One that a human dismissed can only be opened by a human.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct ReopenFinding {
    /// Finding ID.
    pub id: String,
    /// Why; `-` reads standard input.
    #[arg(short, long, alias = "note", value_name = "TEXT")]
    pub reason: Option<String>,
}

verb!(ReopenFinding: FindingView, Writes {
    run |self, pm| pm.findings().reopen(&self.id, self.reason.as_deref()),
    shell |request| ShellInput::text(request.reason.as_mut()),
});

/// Say which commit fixes a finding
///
/// It blocks as before until its reviewer has looked again: `git pm review`, or for an imported report the next
/// `git pm finding import`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm finding fix F-k3f9a2
  git pm finding fix F-k3f9a2 --commit 1a2b3c4")]
pub struct FixFinding {
    /// Finding ID.
    pub id: String,
    /// The commit; by default the one that is checked out.
    #[arg(long, value_name = "REV")]
    pub commit: Option<String>,
}

verb!(FixFinding: FindingView, Writes {
    run |self, pm| pm.findings().fix(&self.id, self.commit.as_deref()),
});

/// Say why a finding is left as it is
///
/// For who worked on it and disagrees. The finding blocks as before: the next review reads the reason and may
/// withdraw it, or a human dismisses it. Both sides, the decision and who made it stay with the finding.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm finding keep F-k3f9a2 --reason \"the caller holds the lock\"")]
pub struct KeepFinding {
    /// Finding ID.
    pub id: String,
    /// Why.
    #[arg(long, alias = "note", value_name = "R")]
    pub reason: String,
}

verb!(KeepFinding: FindingView, Writes {
    run |self, pm| pm.findings().keep(&self.id, &self.reason),
});

/// Share a security finding that stays in this clone
///
/// For humans. Everybody who can fetch the state can read it afterwards.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct ShareFinding {
    /// Finding ID.
    pub id: String,
}

verb!(ShareFinding: FindingView, Approves {
    run |self, pm| pm.findings().share(&self.id),
});

/// Record what a tool reports about the work of a task
///
/// FILE is SARIF 2.1.0, rdjson or rdjsonl. Results about lines that the work does not change, and about
/// what the reviewed commit does not have, are counted and left out. What the same tool said before and
/// does not say now is fixed, unless an agent imports it.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  semgrep scan --sarif | git pm finding import T-0001 -
  git pm finding import T-0001 report.sarif

Exits with 1 if an open finding stops the merge.")]
pub struct ImportFindings {
    /// Item ID.
    pub item: String,
    /// File; `-` reads standard input. A program names a file in a worktree.
    #[arg(required_unless_present = "text")]
    pub file: Option<String>,
    /// The report, instead of a file.
    #[arg(long, conflicts_with = "file")]
    pub text: Option<String>,
}

verb!(ImportFindings: ReviewReport, Writes {
    run |self, pm| match (&self.file, &self.text) {
        (Some(file), None) => {
            let path = file_of(pm, file)?;
            let opened = named_file::open(&path).map_err(|error| {
                Error::usage(format!("cannot read {}: {error}", path.display())).about(file.as_str())
            })?;
            pm.findings().import(&self.item, opened)
        }
        (None, Some(text)) => pm.findings().import(&self.item, text.as_bytes()),
        _ => Err(misused("finding import takes either `file` or `text`".into())),
    },
});

/// Write findings as a report for other tools
///
/// Dismissed findings are suppressed results in SARIF, and left out of the other formats.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm finding export T-0001 >findings.sarif
  git pm finding export T-0001 --format rdjson | reviewdog -f=rdjson -diff='git diff main'")]
pub struct ExportFindings {
    /// Which.
    #[command(flatten)]
    #[serde(flatten)]
    pub filter: FindingFilter,
    /// Format of the report; SARIF by default.
    #[arg(long, value_name = "F", value_parser = term::<ReportFormat>())]
    #[schemars(schema_with = "term_schema::<ReportFormat>")]
    #[serde(default)]
    pub format: Option<ReportFormat>,
}

/// A report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ExportedFindings {
    /// The number of findings in it.
    pub findings: usize,
    /// The report.
    pub text: String,
}

verb!(ExportFindings: ExportedFindings, Reads {
    run |self, pm| {
        let mut report = Vec::new();
        let format = self.format.unwrap_or(ReportFormat::Sarif);
        let findings = pm.findings().export(&self.filter, format, &mut report)?;
        Ok(ExportedFindings {
            findings,
            text: String::from_utf8_lossy(&report).into_owned(),
        })
    },
});

/// Make issues of findings
///
/// Each open finding becomes an issue of type bug, with its severity as priority and an edge
/// `discovered-from` to the item. A finding that has an issue keeps it. Findings that stay in this clone
/// have to be shared first; `--item` leaves them out.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[serde(default)]
#[command(after_help = "\
Examples:
  git pm finding to-issue F-k3f9a2 F-m2p7c1
  git pm finding to-issue --item T-0001")]
pub struct ToIssue {
    /// Finding IDs.
    #[arg(value_name = "ID", required_unless_present = "item")]
    pub id: Vec<String>,
    /// All open findings of this item.
    #[arg(long, value_name = "ID", conflicts_with = "id")]
    pub item: Option<String>,
}

verb!(ToIssue: List<FindingIssue>, Writes {
    run |self, pm| match self.id.is_empty() == self.item.is_none() {
        true => Err(misused("finding to-issue takes either `id` or `item`".into())),
        false => Ok(pm.findings().to_issue(&self.id, self.item.as_deref())?.into()),
    },
});

/// Summarize the review of a task as a comment
///
/// Prints Markdown with the gates that the submission passed, the acceptance criteria with their evidence,
/// the risk and the open findings, without those that stay in this clone. `--write` stores it as a comment on
/// the item, in place of the one stored before.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm finding comment T-0001
  git pm finding comment T-0001 --write")]
pub struct CommentReview {
    /// Item ID.
    pub id: String,
    /// Store it as a comment on the item.
    #[arg(long)]
    #[serde(default)]
    pub write: bool,
}

verb!(CommentReview: ReviewComment, Writes {
    run |self, pm| match self.write {
        true => pm.findings().write_comment(&self.id),
        false => pm.findings().comment_text(&self.id),
    },
});
