//! Proofs: a test that a reviewer names, which fails on the work and passes without it.
//!
//! Nothing that a reviewer wrote is run: the commands are those of `[proof]` in `.pm.toml`, and a name is
//! only an argument of theirs. A test that is not there does the same on both sides and proves nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::super::ReviewedWork;
use crate::coordinate::finding::record::NewFinding;
use crate::coordinate::gate::{Gate, gates_to_run};
use crate::error::{Reason, Result};
use crate::finding::Found;
use crate::model::finding::Severity;
use crate::pm::Pm;
use crate::work::task::gates;
use crate::work::task::run_command::run_command;

/// The most proofs that are tried in a round.
const PROOFS: usize = 5;

/// The longest name of a test, in bytes.
const NAME_MAX: usize = 200;

/// The names of tests by who claims what.
pub(super) type Proofs = BTreeMap<(String, String), String>;

/// Confirms what one reviewer claims with a quote and a test that shows it.
///
/// # Errors
/// When `.pm.toml` has commands and is not trusted, a checkout cannot be made, or it was stopped.
pub(super) fn confirm(
    pm: &Pm,
    work: &ReviewedWork,
    found: &mut [NewFinding],
    proofs: &Proofs,
) -> Result<()> {
    let name = |one: &Found| proofs.get(&(one.reviewer.clone(), one.claim.clone()));
    let is_open = |one: &&NewFinding| {
        !one.confirmed && one.found.severity <= Severity::P1 && one.found.quote.is_some()
    };
    let open = found.iter().filter(is_open);
    let names = open
        .filter_map(|one| name(&one.found))
        .filter(|name| is_name(name));
    let names: BTreeSet<String> = names.take(PROOFS).cloned().collect();
    if names.is_empty() {
        return Ok(());
    }
    let commands = gates_to_run::proofs(pm, &work.ends.target)?;
    if commands.is_empty() {
        return Ok(());
    }
    let base = &work.ends.compared[0];
    let passed = tried(pm, work, base, (&commands, &names))?;
    let failed = tried(pm, work, &work.commit, (&commands, &passed.0))?;
    for one in found {
        one.confirmed |= name(&one.found).is_some_and(|name| failed.1.contains(name));
    }
    Ok(())
}

/// The names of tests that pass at a commit, and of those that fail.
fn tried(
    pm: &Pm,
    work: &ReviewedWork,
    commit: &str,
    (commands, names): (&[Gate], &BTreeSet<String>),
) -> Result<(BTreeSet<String>, BTreeSet<String>)> {
    let (mut passed, mut failed) = (BTreeSet::new(), BTreeSet::new());
    if names.is_empty() {
        return Ok((passed, failed));
    }
    let confined = gates::confined(pm, false)?;
    let checkout = format!("proof-{}", work.item.uid.suffix(6));
    gates::in_checkout(pm, &checkout, commit, |place| {
        for name in names {
            let mut fails = false;
            for one in commands {
                let command = format!("GIT_PM_PROOF='{name}'\nexport GIT_PM_PROOF\n{}", one.run);
                let what = format!("the proof `{name}`");
                let ended = run_command(pm, place, &what, &command, one.timeout, confined.as_ref());
                match ended {
                    Err(error) if error.reason() != Reason::CommandFailed => return Err(error),
                    ended => fails |= ended.is_err(),
                }
            }
            let into = if fails { &mut failed } else { &mut passed };
            into.insert(name.clone());
        }
        Ok(())
    })?;
    Ok((passed, failed))
}

/// True for the name of a test, such as `tests/test_a.py::test_b[1]` or `mod::tests::name`: no option, no path
/// outside, and nothing that a shell reads in another way.
fn is_name(name: &str) -> bool {
    let is_plain = |c: char| c.is_alphanumeric() || "_-.:/[]#, ".contains(c);
    (1..=NAME_MAX).contains(&name.len())
        && name.chars().all(is_plain)
        && !name.starts_with(['-', '/', ' '])
        && !name.contains("..")
}

#[cfg(test)]
mod tests {
    use super::is_name;

    #[test]
    fn names_of_tests_are_arguments_and_nothing_else() {
        for name in [
            "test_a",
            "tests/test_a.py::test_b[1]",
            "a::tests::b",
            "adds two numbers",
        ] {
            assert!(is_name(name), "{name}");
        }
        for name in [
            "",
            "-x",
            "/etc/passwd",
            "a/../../b",
            "a;b",
            "a'b",
            "$(a)",
            "a\nb",
            "a`b`",
            "a|b",
            "a>b",
        ] {
            assert!(!is_name(name), "{name}");
        }
    }
}
