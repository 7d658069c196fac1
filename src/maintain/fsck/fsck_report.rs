//! The report of `fsck`.

use schemars::JsonSchema;
use serde::Serialize;

use crate::maintain::Severity;
use crate::model::text::one_line;
use crate::store::fsck::local::Local;

/// A violation of a rule of the format.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Finding {
    /// The stable name of the rule, kebab-case.
    pub code: String,
    /// `fault` makes the exit code 5.
    pub severity: Severity,
    /// Its object: an id, path, commit or ref.
    pub object: String,
    /// The problem, as a sentence.
    pub message: String,
    /// The fix: a command or a sentence.
    pub fix: Option<String>,
    /// `--repair` fixes it.
    pub repairable: bool,
}

/// A repaired finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Repaired {
    /// The code of the finding.
    pub code: String,
    /// The finding's object.
    pub object: String,
    /// The repair, as a phrase.
    pub done: String,
}

/// The extent of a check.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Checked {
    /// Number of commits of the state.
    pub commits: usize,
    /// Number of documents at the tip.
    pub documents: usize,
    /// Number of files at the tip.
    pub files: usize,
}

/// The result of `fsck`.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct FsckReport {
    /// The findings, most severe first; after a repair, those that remain.
    pub findings: Vec<Finding>,
    /// Number of faults.
    pub faults: usize,
    /// Number of warnings.
    pub warnings: usize,
    /// Number of notes.
    pub notes: usize,
    /// The repaired findings.
    pub repaired: Vec<Repaired>,
    /// The commit of the repair, if anything changed.
    pub commit: Option<String>,
    /// The extent of the check.
    pub checked: Checked,
}

impl Repaired {
    pub(super) fn new(code: &str, object: &str, done: impl AsRef<str>) -> Self {
        Repaired {
            code: code.to_string(),
            object: one_line(object),
            done: one_line(done.as_ref()),
        }
    }
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
    /// Sorts and counts the findings.
    pub(super) fn finish(&mut self) {
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
