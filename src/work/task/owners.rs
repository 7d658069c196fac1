//! Owners: whose approval the work on some paths needs, by CODEOWNERS of its target.
//!
//! That file and `[owners]` of `.pm.toml` are read from the target's tip, so work does not choose who
//! decides about it. An owner counts by the e-mail addresses that its approval records.

use std::collections::BTreeSet;

use crate::coordinate::gate::trust;
use crate::coordinate::worktree::followed_branch;
use crate::coordinate::worktree::work_ends::Ends;
use crate::error::{Error, Reason, Result};
use crate::model::item::Item;
use crate::model::text::{first_of, one_line};
use crate::pm::Pm;
use crate::pm::pins::PM_TOML;
use crate::store::git::codeowners::Codeowners;
use crate::store::git::repo::Oid;
use crate::store::state::State;
use crate::work::task::approval;
use crate::work::task::approval_validity;
use crate::work::task::branch_work;
use crate::work::task::human_paths;

/// The files, of which the first one that exists counts, as on GitHub.
pub(crate) const FILES: [&str; 4] = [
    ".github/CODEOWNERS",
    "CODEOWNERS",
    "docs/CODEOWNERS",
    ".gitlab/CODEOWNERS",
];

/// The largest such file, in bytes, as on GitHub.
const BYTES: usize = 3 << 20;

/// The number of paths and owners that a refusal names.
const NAMED: usize = 3;

/// The owners in the tree of a commit.
pub(crate) struct Owners {
    file: &'static str,
    rules: Codeowners,
    /// The addresses of the people that an owner stands for.
    people: Vec<(String, Vec<String>)>,
}

impl Owners {
    /// Those in the tree of a commit; none without a CODEOWNERS file.
    ///
    /// # Errors
    /// When that file is larger than 3 MB, or `.pm.toml` is not valid.
    pub(crate) fn at(pm: &Pm, commit: Oid) -> Result<Option<Owners>> {
        let repo = pm.store.repo();
        let tree = repo.commit(commit)?.tree;
        for file in FILES {
            let Some(blob) = repo.file_at(tree, file)? else {
                continue;
            };
            let bytes = repo.blob(blob, BYTES)?.ok_or_else(|| {
                Error::refused(format!("{file} is larger than 3 MB"))
                    .about(file)
                    .hint(format!("shorten {file} on the target branch"))
            })?;
            return Ok(Some(Owners {
                file,
                rules: Codeowners::parse(&String::from_utf8_lossy(&bytes)),
                people: trust::checked_at(pm, commit)?.unwrap_or_default().owners,
            }));
        }
        Ok(None)
    }

    /// Refuses work whose paths have owners that did not approve it, where only a human lets such
    /// changes pass.
    ///
    /// # Errors
    /// Kind `Refused`, reason `approval.owner_missing`.
    pub(crate) fn require(
        &self,
        pm: &Pm,
        state: &State<'_>,
        item: &Item,
        target: &str,
        names: &[String],
    ) -> Result<()> {
        let emails = item.approval.as_ref().and_then(|one| one.emails.as_deref());
        let emails: Vec<&str> = emails.unwrap_or_default().lines().collect();
        let mut guarded = human_paths::for_humans(pm, names);
        guarded.extend(
            names
                .iter()
                .filter(|name| name.eq_ignore_ascii_case(PM_TOML)),
        );
        let (target, file) = (one_line(target), self.file);
        if !guarded.is_empty() && !self.rules.invalid.is_empty() {
            let lines: Vec<String> = self.rules.invalid.iter().map(usize::to_string).collect();
            let lines = first_of(&lines, NAMED);
            pm.notice(format!(
                "{file} on {target} has lines that are not valid and do not count: {lines}"
            ));
        }
        let (mut missing, mut unknown) = (Vec::new(), BTreeSet::new());
        let all = self.rules.all();
        for path in guarded {
            let owners = match self.rules.of(path) {
                // Who owns nothing cannot make themselves an owner.
                [] if decides_owners(path) => &all[..],
                owners => owners,
            };
            let is_met = |owner: &String| emails.iter().any(|email| self.is(owner, email));
            if owners.is_empty() || owners.iter().any(is_met) {
                continue;
            }
            missing.push(format!("{} ({})", one_line(path), owners.join(" or ")));
            let is_unknown =
                |owner: &&String| owner.starts_with('@') && self.addresses(owner).next().is_none();
            unknown.extend(owners.iter().filter(is_unknown));
        }
        if missing.is_empty() {
            return Ok(());
        }
        let id = state.shown_id(item);
        let mut error = Error::refused(format!(
            "{id} cannot be merged into {target} before owners approve what it changes there: {}",
            first_of(&missing, NAMED)
        ))
        .because(Reason::ApprovalOwnerMissing)
        .about(&id)
        .hint(approval::approve_again(pm, &id, None))
        .hint("an owner counts by the e-mail address of git: an approval with a token has none");
        if !unknown.is_empty() {
            let lines = unknown
                .iter()
                .map(|name| format!("\"{name}\" = [\"ADDRESS\"]"));
            let lines = first_of(&lines.collect::<Vec<_>>(), NAMED);
            error = error.hint(format!(
                "{file} does not say who that is: commit {lines} under [owners] of {PM_TOML} on {target} itself; a \
                 task that does it waits for the same owners"
            ));
        }
        Err(error)
    }

    fn addresses(&self, owner: &str) -> impl Iterator<Item = &String> {
        let same = self.people.iter();
        let same = same.filter(move |(name, _)| name.eq_ignore_ascii_case(owner));
        same.flat_map(|(_, addresses)| addresses)
    }

    /// True if the person with an address is, or belongs to, an owner.
    fn is(&self, owner: &str, email: &str) -> bool {
        let user = owner.strip_prefix('@');
        let own = email.strip_suffix("@users.noreply.github.com");
        let own = own.map(|own| own.split_once('+').map_or(own, |(_, user)| user));
        owner.eq_ignore_ascii_case(email)
            || user.is_some_and(|user| own.is_some_and(|own| own.eq_ignore_ascii_case(user)))
            || self
                .addresses(owner)
                .any(|one| one.eq_ignore_ascii_case(email))
    }
}

/// As [`Owners::require`], of a commit that is not merged yet.
pub(super) fn require_now(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    target: &str,
    commit: &str,
) -> Result<()> {
    match of_target(pm, target)? {
        Some(owners) => {
            let names = branch_work::changed_names(pm, target, commit)?;
            owners.require(pm, state, item, target, &names)
        }
        None => Ok(()),
    }
}

/// As [`Owners::require`], of any commit: an approval counts only if it is of just that work.
///
/// # Errors
/// As there.
pub(crate) fn require_of_commit(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    ends: &Ends,
    names: &[String],
) -> Result<()> {
    let Some(owners) = Owners::at(pm, ends.onto)? else {
        return Ok(());
    };
    let (target, commit) = (&ends.target, ends.commit.to_string());
    let mut item = item.clone();
    if approval_validity::require_approval(pm, state, &item).is_err()
        || approval_validity::unapproved(pm, state, &item, &commit, target)?.is_some()
    {
        item.approval = None;
    }
    owners.require(pm, state, &item, target, names)
}

/// The owners of some paths in a target, in order.
///
/// # Errors
/// As [`Owners::at`].
pub(crate) fn to_ask(pm: &Pm, target: &str, paths: &[String]) -> Result<Vec<String>> {
    let owners = of_target(pm, target)?;
    let found = owners
        .iter()
        .flat_map(|owners| paths.iter().map(|path| owners.rules.of(path)));
    let found: BTreeSet<&String> = found.flatten().collect();
    Ok(found.into_iter().cloned().collect())
}

/// True for the files that say who owns what.
fn decides_owners(path: &str) -> bool {
    let mut all = FILES.iter().chain([&PM_TOML]);
    all.any(|file| file.eq_ignore_ascii_case(path))
}

fn of_target(pm: &Pm, target: &str) -> Result<Option<Owners>> {
    match followed_branch::newest_tip(pm, target)? {
        Some(onto) => Owners::at(pm, onto),
        None => Ok(None),
    }
}
