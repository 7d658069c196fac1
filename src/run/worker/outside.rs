//! What changed outside of its worktree while an agent without a sandbox worked.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use crate::error::Result;
use crate::model::text::{first_of, one_line};
use crate::pm::Pm;
use crate::store::git::process::Git;

/// The settings that decide what is accepted and which programs git starts.
const SETTINGS: &str = r"^(pm\.(gate|setup|onevent|target|approval.*|protected.*|sandbox.*|solomerge)|core\.(hookspath|sshcommand|worktree|bare))$";

/// The longest time that a merge of the run takes to write the files of the main checkout.
const SETTLES: Duration = Duration::from_millis(300);

/// The number of names that are shown.
const SHOWN: usize = 5;

/// The rest of the repository before an attempt.
pub(in crate::run) struct Outside {
    /// The ids of branches and tags by name.
    refs: BTreeMap<String, String>,
    settings: BTreeSet<String>,
    /// The lines of `git status` in the main checkout.
    checkout: BTreeSet<String>,
}

/// What is to be done about the changes.
#[derive(Default)]
pub(in crate::run) struct Changes {
    /// Only the agent can have made these: its attempt fails.
    pub failed: Option<String>,
    /// A person may have made these: a human has to approve the work.
    pub held: Option<String>,
}

impl Outside {
    pub(in crate::run) fn of(pm: &Pm) -> Result<Outside> {
        let git = pm.store.repo().git();
        let refs = git.require(&[
            "for-each-ref",
            "--format=%(objectname) %(refname)",
            "refs/heads/",
            "refs/tags/",
        ])?;
        let refs = refs.lines().into_iter().filter_map(|line| {
            let (id, name) = line.split_once(' ')?;
            Some((name.to_string(), id.to_string()))
        });
        let settings = git.run(&["config", "--local", "--get-regexp", SETTINGS])?;
        let lines = |text: String| text.lines().map(str::to_string).collect();
        let checkout = match main_checkout(git) {
            Some(place) => {
                let git = git.in_worktree(&place)?;
                lines(git.run(&["status", "--porcelain", "--no-renames"])?.text())
            }
            None => BTreeSet::new(),
        };
        Ok(Outside {
            refs: refs.collect(),
            settings: lines(settings.text()),
            checkout,
        })
    }

    /// The changes since then, made while an agent worked on a branch.
    pub(in crate::run) fn changes(&self, pm: &Pm, branch: &str) -> Result<Changes> {
        let now = Outside::of(pm)?;
        let names = |lines: &[&String]| {
            let name = |line: &&String| one_line(line.get(3..).unwrap_or_default());
            first_of(&lines.iter().map(name).collect::<Vec<_>>(), SHOWN)
        };
        let mut failed = self.moved_refs(pm.store.repo().git(), &now, branch)?;
        let keys: BTreeSet<&str> = self
            .settings
            .symmetric_difference(&now.settings)
            .filter_map(|line| line.split_whitespace().next())
            .collect();
        failed.extend(keys.into_iter().map(|key| format!("the setting {key}")));
        let mut files: Vec<&String> = now.checkout.difference(&self.checkout).collect();
        let later;
        if !files.is_empty() {
            // The run itself may just be merging another task.
            std::thread::sleep(SETTLES);
            later = Outside::of(pm)?.checkout;
            files.retain(|line| later.contains(*line));
        }
        Ok(Changes {
            failed: (!failed.is_empty()).then(|| {
                format!(
                    "outside of its worktree, the agent changed {}",
                    first_of(&failed, SHOWN)
                )
            }),
            held: (!files.is_empty())
                .then(|| format!("in the main checkout, {} changed meanwhile", names(&files))),
        })
    }

    /// The branches and tags that got commits of this branch or its files.
    fn moved_refs(&self, git: &Git, now: &Outside, branch: &str) -> Result<Vec<String>> {
        let own = format!("refs/heads/{branch}");
        let mut args = vec!["rev-list", own.as_str(), "--not"];
        args.extend(self.refs.values().map(String::as_str));
        let made = git.run(&args)?.text();
        let made: BTreeSet<&str> = made.lines().collect();
        let tree = |of: &str| {
            git.run(&["rev-parse", &format!("{of}^{{tree}}")])
                .map(|out| out.text())
        };
        let mut moved = Vec::new();
        for (name, id) in &now.refs {
            if *name == own || self.refs.get(name) == Some(id) || made.is_empty() {
                continue;
            }
            let mut args = vec!["rev-list", id.as_str(), "--not"];
            args.extend(self.refs.values().map(String::as_str));
            let got = git.run(&args)?.text();
            if got.lines().any(|id| made.contains(id)) || tree(id)? == tree(&own)? {
                let short = name
                    .trim_start_matches("refs/")
                    .trim_start_matches("heads/");
                moved.push(one_line(short));
            }
        }
        Ok(moved)
    }
}

/// The folder of the main checkout; none in a bare repository.
fn main_checkout(git: &Git) -> Option<PathBuf> {
    let listed = git
        .run(&["worktree", "list", "--porcelain", "-z"])
        .ok()?
        .text();
    let mut lines = listed.split('\0').take_while(|line| !line.is_empty());
    let place = lines.next()?.strip_prefix("worktree ")?;
    (!lines.any(|line| line == "bare")).then(|| place.into())
}
