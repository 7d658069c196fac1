//! What decides a merge besides the work, and what no decision in advance covers.
//!
//! It is read once, when a human starts a run or approves, and the merge compares. And what no
//! decision made in advance covers: changes of the rules themselves.

use super::approval::BY_GATES;
use crate::coordinate::gate::Gate;
use crate::coordinate::gate::gates_to_run;
use crate::coordinate::reserve::pattern_lists::Protected;
use crate::coordinate::rules;
use crate::coordinate::worktree::branch::missing;
use crate::coordinate::worktree::followed_branch;
use crate::coordinate::worktree::merge_tree;
use crate::error::{Error, Hint, Reason, Result};
use crate::model::item::Item;
use crate::model::settings;
use crate::model::text::{first_of, one_line};
use crate::pm::Pm;
use crate::pm::pins::{AUTO_POLICY, Deciding, OPEN, PM_TOML, TARGET, hash};
use crate::store::state::State;
use crate::work::task::approval;
use crate::work::task::approved_work;
use crate::work::task::owners;

/// What only one clone knows.
const OF_CLONE: [&str; 3] = [
    settings::GATE.key,
    settings::PROTECTED_PATHS.key,
    settings::APPROVAL_PATHS.key,
];

/// The name of the clone in an approval.
const CLONE: &str = "clone";

/// What an item says about its merge into a target.
pub(crate) fn decided_by_item(pm: &Pm, item: &Item, target: &str) -> Deciding {
    let epic = item.epic.as_ref().map(ToString::to_string);
    let policy = match item.auto_policy_is_open {
        true => OPEN,
        false => &item.auto_policy,
    };
    Deciding::default()
        .with(TARGET, &approved_work::real_name(pm, target))
        .with("epic", &epic.unwrap_or_default())
        .with(AUTO_POLICY, policy)
}

fn deciding(pm: &Pm, item: &Item, target: &str) -> Result<Deciding> {
    let mut all = decided_by_item(pm, item, target);
    all.0.extend(gates_to_run::decided_by_target(pm, target)?.0);
    Ok(all)
}

/// What else decides an approval for a target, as its record has it.
pub(super) fn decided_for_approval(pm: &Pm, item: &Item, target: &str) -> Result<Deciding> {
    let mut now = deciding(pm, item, target)?.without(&[TARGET]);
    let gates = now.0.get_mut(settings::GATE.key);
    // The commands of a clone may be private.
    if let Some(gates) = gates.filter(|gates| *gates != "none") {
        *gates = hash(gates);
    }
    Ok(now.with(CLONE, &pm.store.replica()?.to_string()))
}

/// What changed since an item was approved, if something did. A human who names another target
/// decides about that.
pub(super) fn changed_since_approval(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    target: &str,
) -> Result<Option<String>> {
    let approval = item.approval.as_ref();
    let Some((approval, was)) = approval.and_then(|one| Some((one, one.decided.as_ref()?))) else {
        return Ok(None);
    };
    let now = decided_for_approval(pm, item, target)?;
    let mut was = Deciding::of_text(was);
    // Other clones have gates of their own; an approval by gates rests on those of its clone.
    if approval.how != BY_GATES && was.0.get(CLONE) != now.0.get(CLONE) {
        was = was.without(&OF_CLONE);
    }
    if approval.target != Some(approved_work::real_name(pm, target)) {
        was = was.without(&[PM_TOML]);
    }
    let id = state.shown_id(item);
    let changed = was.without(&[CLONE]).changed(&now);
    Ok(changed.map(|what| format!("since the approval of {id}, {what}")))
}

/// Refuses what a run may not merge, because what decides it is not what it was when a human
/// started the run.
///
/// # Errors
/// Kind `Refused`, with both values.
pub(crate) fn require_pinned(pm: &Pm, state: &State<'_>, item: &Item, target: &str) -> Result<()> {
    let pinned = pm.pinned.borrow().clone();
    let Some(pins) = pinned else { return Ok(()) };
    let id = state.shown_id(item);
    let why = match pins.of(&item.uid) {
        None => format!("{id} was not there when a human started the run"),
        Some(was) => match was.changed(&deciding(pm, item, target)?) {
            None => return Ok(()),
            Some(what) => format!("{id} changed after a human started the run: {what}"),
        },
    };
    Err(Error::refused(format!("a human has to approve it: {why}"))
        .because(Reason::MergeChangedSinceStart)
        .about(&id)
        .hint(Hint::run(["task", "approve", &id], "approves its work")))
}

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

/// The commit of a target, and the tree that a merge of another one into it gives: the work is
/// the difference. Where it left the target would not tell, as there can be several such commits,
/// and what one of them had may be undone.
pub(crate) fn brought(pm: &Pm, target: &str, commit: &str) -> Result<[String; 2]> {
    let onto = followed_branch::newest_tip(pm, target)?.ok_or_else(|| missing(target))?;
    let onto = onto.to_string();
    let tree = merge_tree::tree(pm.store.repo().git(), &onto, commit)?;
    Ok([onto, tree])
}

/// The files that a merge of a commit into a target changes there.
pub(crate) fn changed_names(pm: &Pm, target: &str, commit: &str) -> Result<Vec<String>> {
    let git = pm.store.repo().git().plain();
    let [from, to] = brought(pm, target, commit)?;
    merge_tree::differing(&git, &from, &to)
}
