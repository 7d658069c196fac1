//! Keeps the work of those who lost a claim off the branch of the one who holds it elsewhere.

use crate::coordinate::claim::ownership;
use crate::model::id::word;
use crate::model::item::Claim;
use crate::model::text::{actor, is_same_name, slug};
use crate::pm::Pm;
use crate::store::index::Scan;
use crate::store::state::State;

/// What speaks against a push to a branch, and what to do: an item with it is held in another clone,
/// and the caller is another agent, or claimed it here in vain. The holder would have to merge it.
pub(super) fn objection(pm: &Pm, state: &State<'_>, branch: &str) -> Option<(String, String)> {
    let item = state.scan(&Scan::Branch(branch), |_| true, 1).pop()?;
    let holder = item.holder()?;
    let is_here = |one: &Claim| ownership::is_here(pm, &one.replica);
    let is_own = |one: &Claim| is_here(one) && is_same_name(&one.actor, &pm.actor.name);
    if is_here(holder)
        || holder.may_be_taken_over(pm.now_ms())
        || !(pm.actor.is_agent || item.claims.iter().any(is_own))
    {
        return None;
    }
    let line = format!(
        "{} holds {} in another clone, and {branch} is the branch of that work",
        actor(&holder.actor),
        state.shown_id(item)
    );
    let other = word(&format!("{branch}-{}", slug(&pm.actor.name, 40)));
    let hint = format!("push your commits under another name: `git push origin HEAD:{other}`");
    Some((line, hint))
}
