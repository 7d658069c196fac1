//! Refuses to push work that has a secret: once it is at a remote, a review is too late.

use std::collections::BTreeMap;

use crate::coordinate::finding::lookup;
use crate::coordinate::merged_branches::remote_to_push;
use crate::coordinate::worktree::followed_branch;
use crate::coordinate::worktree::work_ends::Ends;
use crate::error::{Error, Hint, Reason, Result};
use crate::finding::{Found, fingerprint, rules};
use crate::model::finding::FindingStatus;
use crate::model::item::Item;
use crate::model::settings;
use crate::model::text::spelled;
use crate::pm::Pm;
use crate::store::state::State;
use crate::work::task::changed_texts::ChangedTexts;

/// Refuses the work of an item at the commit `tip` if its branch would be pushed with a secret that no human
/// dismissed. The rule is the one of a review.
///
/// # Errors
/// Kind `Refused`, reason `finding.blocks`.
pub(crate) fn require_none(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    (branch, tip): (&str, &str),
) -> Result<()> {
    let repo = pm.store.repo();
    // The run of a sandboxed agent pushes what that has handed over.
    let is_pushed_later = pm.is_handed() && repo.text_of(&settings::PUSH) != "never";
    let later = followed_branch::branch_remote(pm).filter(|_| is_pushed_later);
    let remote = remote_to_push(pm, branch).or(later);
    let (Some(remote), Some(tip)) = (remote, repo.parse_id(tip)) else {
        return Ok(());
    };
    let there = repo.ref_target(&format!("refs/remotes/{}/{branch}", remote.name))?;
    if there.is_some_and(|there| followed_branch::is_behind(pm, tip, there)) {
        return Ok(());
    }
    let Some(ends) = Ends::of(pm, state, item, tip)? else {
        return Ok(());
    };
    let texts = match ChangedTexts::read(pm, &ends) {
        Ok(texts) => texts,
        Err(error) if error.reason() == Reason::FindingTooLarge => {
            pm.notice(format!("secrets were not looked for: {}", error.message()));
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    let open = not_dismissed(pm, state, item, rules::secrets(&texts.change()))?;
    let Some(first) = open.first() else {
        return Ok(());
    };
    let id = state.shown_id(item);
    let place = first.place.as_ref();
    let line = place.and_then(|place| Some(format!(" ({}:{})", spelled(&place.path), place.line?)));
    let more = match open.len() {
        1 => String::new(),
        all => format!(", and {} more", all - 1),
    };
    let error = Error::refused(format!(
        "{id} has a secret, and its branch would be pushed: {}{}{more}",
        first.claim.trim_end_matches('.'),
        line.unwrap_or_default()
    ))
    .because(Reason::FindingBlocks)
    .about(&id)
    .hint("take it out of the commits that have it (`git commit --amend`, `git rebase -i`)");
    Err(match pm.actor.is_agent {
        true => error.hint("if it is none, a human has to dismiss what `git pm review` finds"),
        false => error
            .hint(Hint::run(
                ["review", &id],
                "records it, to be dismissed if it is none",
            ))
            .hint(Hint::run(
                ["finish", &id, "--force"],
                "submits and pushes it anyway; this is recorded",
            )),
    })
}

/// Those of the secrets in an item's work that no human dismissed.
fn not_dismissed(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    mut found: Vec<Found>,
) -> Result<Vec<Found>> {
    if found.is_empty() {
        return Ok(found);
    }
    let known = lookup::findings_of(pm, state, &item.uid)?;
    let is_dismissed = |print: &String| {
        let mut same = known
            .iter()
            .filter(|one| one.fingerprint.as_ref() == Some(print));
        same.any(|one| one.status == FindingStatus::Dismissed)
    };
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    found.retain(|one| {
        let nth = seen.entry(fingerprint(one, 0)).or_default();
        let print = fingerprint(one, *nth);
        *nth += 1;
        !is_dismissed(&print)
    });
    Ok(found)
}
