//! The two ends of a piece of work: where it left its target, here and at the remote, and its last commit.

use super::{followed_branch, merge_tree, target};
use crate::error::Result;
use crate::model::item::Item;
use crate::pm::Pm;
use crate::store::git::process::Output;
use crate::store::git::repo::{Oid, Repo};
use crate::store::state::State;

/// The two ends of a piece of work.
pub(crate) struct Ends {
    pub(crate) target: String,
    pub(crate) onto: Oid,
    pub(crate) commit: Oid,
    /// The commits of the work, in the words of `git rev-list`: no side of the target has them.
    range: Vec<String>,
    /// Where the work left the target, and its commit; where that are several commits, none of which
    /// has all that the work could undo: the target, and what a merge makes of it.
    pub(crate) compared: [String; 2],
}

impl Ends {
    /// The ends of an item's work that ends with a commit; none if the target is not in this clone.
    pub(crate) fn of(pm: &Pm, state: &State<'_>, item: &Item, commit: Oid) -> Result<Option<Ends>> {
        let target = target::target_of(pm, state, item, None)?;
        let sides = followed_branch::sides(pm, &target)?;
        let Some(onto) = sides.first() else {
            return Ok(None);
        };
        Ends::between(pm, target, (*onto, sides.get(1).copied()), commit).map(Some)
    }

    /// The ends of what a commit has beyond the tip of a target, and beyond the one at the remote
    /// ([`followed_branch::sides`]).
    pub(crate) fn between(
        pm: &Pm,
        target: String,
        (onto, other): (Oid, Option<Oid>),
        commit: Oid,
    ) -> Result<Ends> {
        let git = pm.store.repo().git();
        let [from, to] = [onto, commit].map(|id| id.to_string());
        let other = other.map(|id| id.to_string());
        // Of the first one and what a merge of the others would be.
        let mut args = vec!["merge-base", "--all", &to, &from];
        args.extend(other.as_deref());
        let bases = git.plain().run(&args)?;
        let mut range = vec![to.clone(), format!("^{from}")];
        range.extend(other.as_ref().map(|other| format!("^{other}")));
        let compared = match (&bases.lines()[..], &other) {
            ([], _) => [from, to],
            ([base], _) => [base.clone(), to],
            // The work has both.
            ([a, b], Some(other)) if [[a, b], [b, a]].contains(&[&from, other]) => {
                [merge_tree::tree(git, &from, other)?, to]
            }
            _ => {
                let tree = merge_tree::tree(git, &from, &to)?;
                [from, tree]
            }
        };
        Ok(Ends {
            target,
            onto,
            commit,
            range,
            compared,
        })
    }

    /// Lists the commits of the work, by this command of git.
    pub(crate) fn commits(&self, repo: &Repo, command: &[&str]) -> Result<Output> {
        let range = self.range.iter().map(String::as_str);
        let args = command.iter().copied().chain(range).chain(["--"]);
        repo.git().plain().require(&args.collect::<Vec<&str>>())
    }

    /// Compares the ends of the work. By `diff-tree`, which leaves the user's settings for `git
    /// diff` aside.
    pub(crate) fn compared(&self, repo: &Repo, form: &[&str], paths: &[&str]) -> Result<Output> {
        let [from, to] = &self.compared;
        let mut args = vec![
            "-c",
            "core.quotePath=false",
            "--literal-pathspecs",
            "diff-tree",
            "-r",
            "--no-renames",
            "--no-color",
        ];
        args.extend(form);
        args.extend([from.as_str(), to, "--"]);
        args.extend(paths);
        repo.git().plain().require(&args)
    }

    /// True if the changed files have at most so many bytes together, before and after, and so many
    /// changed lines, which `form` makes git count.
    pub(crate) fn is_within(
        &self,
        repo: &Repo,
        form: &[&str],
        paths: &[&str],
        (bytes, lines): (u64, u64),
    ) -> Result<bool> {
        let changed = self.compared(repo, &["--raw", "--no-abbrev", "-z"], paths)?;
        let changed: Vec<String> = changed.names();
        let ids = changed.iter().filter_map(|line| line.strip_prefix(':'));
        let ids = ids.flat_map(|line| line.split(' ').skip(2).take(2));
        let sizes = ids.filter_map(|id| repo.size_of(repo.parse_id(id)?));
        if sizes.fold(0, u64::saturating_add) > bytes {
            return Ok(false);
        }
        let stat = self.compared(repo, form, paths)?.text();
        let counts = stat.lines().flat_map(|line| line.split('\t').take(2));
        let counts = counts.filter_map(|count| count.parse().ok());
        Ok(counts.fold(0, u64::saturating_add) <= lines)
    }
}
