//! Which changes only a human lets pass: protected paths, migrations and infrastructure, owners, the gates themselves.

use crate::coordinate::gate::Gate;
use crate::coordinate::gate::gates_to_run;
use crate::coordinate::reserve::pattern_lists::Protected;
use crate::coordinate::rules;
use crate::error::{Error, Reason, Result};
use crate::model::text::{first_of, one_line};
use crate::pm::Pm;
use crate::pm::pins::PM_TOML;
use crate::work::task::approval;
use crate::work::task::owners;

/// The paths whose changes only a human lets pass, each kind with why.
fn human_paths(pm: &Pm) -> [(Protected, &'static str); 3] {
    let owners = Protected::new(&owners::FILES.map(str::to_string));
    [
        (rules::protected(pm), "which agents may not commit"),
        (rules::approval_paths(pm), "which a human has to approve"),
        (owners, "which says whose approval counts"),
    ]
}

/// Those of some paths whose changes only a human lets pass.
pub(crate) fn for_humans<'p>(pm: &Pm, names: &'p [String]) -> Vec<&'p String> {
    let rules = human_paths(pm);
    let is_one = |name: &&String| {
        let one = std::slice::from_ref(*name);
        rules.iter().any(|(paths, _)| paths.among(one).is_some())
    };
    names.iter().filter(is_one).collect()
}

/// What only a human lets pass in work for a target that changes these files, each as a phrase
/// that continues "the work …": protected paths, and what the gates themselves consist of.
pub(crate) fn guarded(pm: &Pm, target: &str, names: &[String]) -> Vec<String> {
    let found = human_paths(pm).into_iter().filter_map(|(paths, why)| {
        let named = paths.among(names)?.named();
        Some(format!("changes {named}, {why}"))
    });
    let mut found: Vec<String> = found.collect();
    let gates = gates_to_run::gates(pm, target).unwrap_or_else(|error| {
        found.push(format!(
            "cannot be compared with the gates: {}",
            error.message()
        ));
        Vec::new()
    });
    let is_rules = |name: &String| name.eq_ignore_ascii_case(PM_TOML);
    for (commands, why) in [
        (gates, "which decides what the gates check"),
        (
            gates_to_run::named_commands(pm),
            "which a command of this clone runs",
        ),
    ] {
        let led: Vec<String> = commands.iter().flat_map(|one| led_to(pm, one)).collect();
        let may_run = |name: &String| {
            led.contains(&name.to_lowercase()) || commands.iter().any(|one| one.may_run(name))
        };
        let run = names.iter().filter(|name| is_rules(name) || may_run(name));
        let run: Vec<String> = run.map(|name| one_line(name)).collect();
        if !run.is_empty() {
            found.push(format!("changes {}, {why}", first_of(&run, 1)));
            break;
        }
    }
    found
}

/// The files that links lead to from those that a command names, in lower case.
fn led_to(pm: &Pm, command: &Gate) -> Vec<String> {
    let root = pm.store.repo().workdir();
    let Some(root) = root.and_then(|root| root.canonicalize().ok()) else {
        return Vec::new();
    };
    let real = |word: String| root.join(word).canonicalize().ok();
    let real = command.named().into_iter().filter_map(real);
    let below = real.filter_map(|real| Some(real.strip_prefix(&root).ok()?.to_path_buf()));
    below
        .map(|below| below.to_string_lossy().to_lowercase())
        .collect()
}

/// Refuses work that nobody looked at, if it changes what only a human lets pass.
///
/// # Errors
/// Kind `Refused`, reason `approval.guarded`.
pub(super) fn require_unguarded(
    pm: &Pm,
    id: &str,
    commit: &str,
    target: &str,
    names: &[String],
) -> Result<()> {
    let found = guarded(pm, target, names).join("; it ");
    if found.is_empty() {
        return Ok(());
    }
    let again = approval::approve_again(pm, id, Some(commit));
    Err(Error::refused(format!(
        "{id} is not merged: a human has to approve it, as it {found}"
    ))
    .because(Reason::ApprovalGuarded)
    .about(id)
    .hint(again))
}
