//! Signals about the changes in a task's work: which inform, and which block a merge.
//!
//! They are simple; those that block do so for a merge that no human has approved individually.

use crate::coordinate::here;
use crate::coordinate::reserve::pattern::Pattern;
use crate::coordinate::worktree::merge_tree;
use crate::coordinate::worktree::target;
use crate::error::Result;
use crate::model::item::Item;
use crate::model::settings;
use crate::model::text::{first_of, spelled};
use crate::pm::Pm;
use crate::secret;
use crate::store::git::process::Git;
use crate::store::state::State;
use crate::work::task::decided;
use crate::work::task::gates::is_test_file;

/// The maximum number of changed lines that are searched for secrets.
const SEARCHED: usize = 200_000;

/// The maximum number of names that a signal lists.
const NAMED: usize = 5;

/// A signal about a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Signal {
    /// The finding, as a phrase that continues "the work …".
    pub text: String,
    /// Set if it requires a human to approve the work.
    pub stops: bool,
}

/// The signals of an item's submitted work.
///
/// # Errors
/// When the work or its target is not in this clone.
pub(super) fn signals(pm: &Pm, state: &State<'_>, item: &Item) -> Result<Vec<Signal>> {
    let target = target::target_of(pm, state, item, None)?;
    let finished = state
        .doc(&item.uid)
        .and_then(|doc| doc.text("finished_commit"));
    let repo = pm.store.repo();
    let Some(work) = finished.and_then(|commit| repo.parse_id(commit)) else {
        return Ok(Vec::new());
    };
    let git = repo.git().plain();
    let [from, to] = &decided::brought(pm, &target, &work.to_string())?;
    let names: Vec<String> = merge_tree::differing(&git, from, to)?;
    let mut signals = Vec::new();
    let mut signal = |text: String, stops: bool| signals.push(Signal { text, stops });
    for text in decided::guarded(pm, &target, &names) {
        signal(text, true);
    }
    let planned: Vec<Pattern> = item
        .paths
        .iter()
        .filter_map(|text| Pattern::parse(text, "").ok())
        .collect();
    let case = here::case(pm);
    let outside = |name: &&String| !planned.iter().any(|one| one.matches(name, case));
    let outside: Vec<String> = names
        .iter()
        .filter(outside)
        .map(|n| spelled(n).into_owned())
        .collect();
    if !item.paths.is_empty() && !outside.is_empty() {
        let listed = first_of(&outside, NAMED);
        signal(format!("changes files outside its plan: {listed}"), false);
    }
    for what in unseen_content(&git, from, to)? {
        signal(what, true);
    }
    let stat = git
        .require(&["diff", "--numstat", "--no-renames", from, to])?
        .text();
    // A binary file has dashes instead of numbers.
    let lines = stat.lines().flat_map(|line| line.split('\t').take(2));
    let lines: usize = lines.filter_map(|n| n.parse::<usize>().ok()).sum();
    let large = repo.number_of(&settings::DIFF_LINES);
    if lines as u64 > large {
        let text = format!("changes {lines} lines, more than the limit of {large} (pm.diffLines)");
        signal(text, repo.is_on(&settings::DIFF_BLOCK));
    }
    if lines > SEARCHED {
        signal("is too large to be searched for secrets".into(), true);
        return Ok(signals);
    }
    let mut args = vec!["diff", "-U0", "--no-renames", "--no-color", "--no-ext-diff"];
    // Git attributes in the work must not hide what it adds.
    args.extend(["--no-textconv", "--text", from, to]);
    let added = added_lines(&git.require(&args)?.text());
    if let Some(hit) = secret::scan(&added).first() {
        let what = format!("seems to contain {} ({})", hit.title, hit.rule);
        signal(what, true);
    }
    let open = added.matches("TODO").count() + added.matches("FIXME").count();
    if open > 0 {
        signal(format!("adds TODO or FIXME comments: {open}"), false);
    }
    let tests = names.iter().any(|name| is_test_file(name));
    if item.validation.as_deref().is_some_and(|v| v != "none") && !tests {
        signal("changes no tests".into(), false);
    }
    Ok(signals)
}

/// What a change adds or modifies and has its content elsewhere: symbolic links that point outside
/// their folder, and submodules.
fn unseen_content(git: &Git, from: &str, to: &str) -> Result<Vec<String>> {
    let mut found = Vec::new();
    let raw = git.require(&[
        "diff",
        "--raw",
        "--no-renames",
        "--no-abbrev",
        "-z",
        from,
        to,
    ])?;
    let fields: Vec<String> = raw.names();
    for pair in fields.chunks(2) {
        let [meta, name] = pair else { continue };
        let words: Vec<&str> = meta.split(' ').collect();
        let name = spelled(name);
        match words[..] {
            [_, "160000", ..] => {
                found.push(format!(
                    "changes the submodule {name}, which no gate looks into"
                ));
            }
            [_, "120000", _, blob, ..] => {
                let to = git.require(&["cat-file", "blob", blob])?.text();
                let leads_out = |part: &str| part == ".." || part.eq_ignore_ascii_case(".git");
                if to.starts_with('/') || to.split('/').any(leads_out) {
                    let what = "which points outside its directory";
                    found.push(format!("adds the link {name}, {what}"));
                }
            }
            _ => {}
        }
    }
    Ok(found)
}

/// The lines that a diff adds.
fn added_lines(diff: &str) -> String {
    let mut added = String::new();
    let mut in_header = true;
    for line in diff.lines() {
        if line.starts_with("diff --git ") {
            in_header = true;
        } else if line.starts_with("@@") {
            in_header = false;
        } else if let Some(line) = line.strip_prefix('+')
            && !in_header
        {
            added.push_str(line);
            added.push('\n');
        }
    }
    added
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn added_lines_are_told_from_headers() {
        let diff =
            "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1,2 @@\n-old\n+new\n+++ still new\n";
        assert_eq!(added_lines(diff), "new\n++ still new\n");
    }
}
