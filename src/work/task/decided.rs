//! What decided a merge when a human started a run or approved, which the merge compares with what decides it now.

use super::approval::BY_GATES;
use crate::coordinate::gate::gates_to_run;
use crate::error::{Error, Hint, Reason, Result};
use crate::model::item::Item;
use crate::model::settings;
use crate::pm::Pm;
use crate::pm::pins::{AUTO_POLICY, Deciding, OPEN, PM_TOML, TARGET, hash};
use crate::store::state::State;
use crate::work::task::approval_validity;

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
        .with(TARGET, &approval_validity::real_name(pm, target))
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
    if approval.target != Some(approval_validity::real_name(pm, target)) {
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
