//! Tests first: the work begins with commits of tests alone, on which the gate fails, as it passes on the whole.

use std::path::Path;

use super::gates::in_checkout;
use super::run_command::run_command;
use crate::coordinate::gate::Gate;
use crate::error::{Details, Error, Reason, Result};
use crate::model::text::one_line;
use crate::pm::{Confined, Pm};
use crate::store::git::repo::Oid;
use crate::store::index::parts;

/// Requires that a gate fails on the tests with which the work on top of `target` begins, and
/// returns the commit that has them.
///
/// # Errors
/// Kind `Refused`, if the work does not begin with tests alone, or the gate passes on them.
pub(super) fn require_tests_first(
    pm: &Pm,
    id: &str,
    gate: &Gate,
    onto: Oid,
    tip: &str,
    confined: Option<&Confined>,
) -> Result<String> {
    let name = one_line(&gate.name);
    let refused = |what: String| {
        Error::refused(what)
            .because(Reason::FinishTestsFirst)
            .about(id)
            .with(Details::Gate(gate.name.clone()))
            .hint("commit tests first, and nothing else with them, then the work")
    };
    let tests = tests_before_work(pm, onto, tip)?.ok_or_else(|| {
        refused(format!(
            "the gate `{name}` requires a first commit that changes only tests; that of {id} \
                 changes other files"
        ))
    })?;
    let what = format!("the gate `{name}`");
    let (command, timeout) = (&gate.run, gate.timeout);
    let run = |place: &Path| match run_command(pm, place, &what, command, timeout, confined) {
        Ok(()) => Err(refused(format!(
            "the gate `{name}` already passes with only the tests of {id} ({tests}): they do \
                 not show that the work is needed"
        ))),
        Err(error) if error.reason() == Reason::CommandFailed => Ok(()),
        Err(error) => Err(error),
    };
    in_checkout(pm, &format!("tests-{id}"), &tests, run)?;
    Ok(tests)
}

/// The last of the commits with tests alone with which the work between two commits begins.
fn tests_before_work(pm: &Pm, onto: Oid, tip: &str) -> Result<Option<String>> {
    let git = pm.store.repo().git().plain();
    let range = format!("{onto}..{tip}");
    let commits = git.require(&[
        "rev-list",
        "--reverse",
        "--topo-order",
        "--no-merges",
        &range,
    ])?;
    let mut tests = None;
    for commit in commits.text().lines() {
        let args = [
            "diff-tree",
            "--no-commit-id",
            "--name-only",
            "--no-renames",
            "--root",
        ];
        let names = git.require(&[&args[..], &["-r", "-z", commit]].concat())?;
        let names: Vec<String> = names.names();
        if !names.iter().all(|name| is_test_file(name)) {
            break;
        }
        if !names.is_empty() {
            tests = Some(commit.to_string());
        }
    }
    Ok(tests)
}

/// True if a word of a path marks it as that of a test: `tests/a.rs`, `src/a_test.go`,
/// `FooTest.java`, `a.spec.ts`, but not `latest.rs`.
pub(crate) fn is_test_file(path: &str) -> bool {
    let words = format!("{path}{}", parts(path)).to_lowercase();
    let mut words = words.split(|c: char| !c.is_alphanumeric());
    words.any(|word| matches!(word, "test" | "tests" | "testing" | "spec" | "specs"))
}

#[cfg(test)]
mod tests {
    use super::is_test_file;

    #[test]
    fn tests_are_known_by_a_word_of_their_path() {
        for path in [
            "tests/a.rs",
            "src/a_test.go",
            "src/FooTest.java",
            "web/a.spec.ts",
            "test",
            "a/__tests__/b.js",
        ] {
            assert!(is_test_file(path), "{path}");
        }
        for path in ["src/latest.rs", "contest.py", "src/attestation/mod.rs", "a"] {
            assert!(!is_test_file(path), "{path}");
        }
    }
}
