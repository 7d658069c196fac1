//! What `fsck` says.

use serde::Serialize;

use crate::model::text::one_line;
use crate::store::fsck::local::Local;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Something is lost, unreadable or contradicts the format: the exit code is 5.
    Fault,
    /// Something that people should look at.
    Warning,
    /// Worth knowing.
    Note,
}

/// One thing that is not as the format says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The stable name of the rule, kebab-case.
    pub code: String,
    /// How bad it is.
    pub severity: Severity,
    /// What it is about: an id, a path, a commit, a ref.
    pub object: String,
    /// What is the matter, one sentence.
    pub message: String,
    /// What to do: a command or a sentence.
    pub fix: Option<String>,
    /// Whether `--repair` puts it right.
    pub repairable: bool,
}

/// One thing that was put right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Repaired {
    /// The code of the finding.
    pub code: String,
    /// What it was about.
    pub object: String,
    /// What was done.
    pub done: String,
}

/// How much was looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// Commits of the state.
    pub commits: usize,
    /// Documents at the tip.
    pub documents: usize,
    /// Files at the tip.
    pub files: usize,
}

/// The whole answer.
#[derive(Clone, Debug, Default, Serialize)]
pub struct FsckReport {
    /// What is not as it should be, worst first; after a repair, what remains.
    pub findings: Vec<Finding>,
    /// How many of them are faults.
    pub faults: usize,
    /// How many are warnings.
    pub warnings: usize,
    /// How many are notes.
    pub notes: usize,
    /// What a repair put right.
    pub repaired: Vec<Repaired>,
    /// The repair's commit, if there was anything to do.
    pub commit: Option<String>,
    /// How much was looked at.
    pub checked: Checked,
}

impl Finding {
    pub(super) fn of(code: &str, severity: Severity, object: &str, message: &str) -> Self {
        Finding {
            code: code.to_string(),
            severity,
            object: one_line(object),
            message: one_line(message),
            fix: None,
            repairable: false,
        }
    }

    pub(crate) fn fault(code: &str, object: &str, message: impl AsRef<str>) -> Self {
        Self::of(code, Severity::Fault, object, message.as_ref())
    }

    pub(crate) fn warning(code: &str, object: &str, message: impl AsRef<str>) -> Self {
        Self::of(code, Severity::Warning, object, message.as_ref())
    }

    pub(crate) fn note(code: &str, object: &str, message: impl AsRef<str>) -> Self {
        Self::of(code, Severity::Note, object, message.as_ref())
    }

    pub(crate) fn from_local(local: Local) -> Self {
        let severity = if local.warning {
            Severity::Warning
        } else {
            Severity::Note
        };
        let finding = Self::of(local.code, severity, &local.object, &local.message);
        match local.fix {
            Some(fix) => finding.fix(fix),
            None => finding,
        }
    }

    pub(crate) fn fix(mut self, what: impl AsRef<str>) -> Self {
        self.fix = Some(one_line(what.as_ref()));
        self
    }

    pub(crate) fn repairable(mut self) -> Self {
        self.repairable = true;
        self.fix("git pm fsck --repair")
    }
}

impl FsckReport {
    /// Sorts and counts.
    pub(super) fn settle(&mut self) {
        self.findings.sort_by(|a, b| {
            (a.severity, &a.code, &a.object).cmp(&(b.severity, &b.code, &b.object))
        });
        let count = |severity| {
            let of = |f: &&Finding| f.severity == severity;
            self.findings.iter().filter(of).count()
        };
        self.faults = count(Severity::Fault);
        self.warnings = count(Severity::Warning);
        self.notes = count(Severity::Note);
    }
}
