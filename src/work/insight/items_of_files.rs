//! The items that changed or plan to change given files.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use schemars::JsonSchema;
use serde::Serialize;

use super::{ItemLine, id_order};
use crate::coordinate::here;
use crate::coordinate::reserve::path_arguments;
use crate::coordinate::reserve::pattern::Pattern;
use crate::coordinate::reserve::pattern_lists::Wanted;
use crate::error::Result;
use crate::model::stamp::rfc3339;
use crate::model::uid::Uid;
use crate::pm::handles::Insights;
use crate::store::git::process::Git;

/// The number of commits of a path that are searched, newest first.
const COMMITS: &str = "2000";

/// An item that changed or plans to change a path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ImpactItem {
    /// The item.
    #[serde(flatten)]
    pub item: ItemLine,
    /// The number of commits with its `Task:` trailer that changed the path.
    pub commits: usize,
    /// The newest of them; null without any.
    pub last_commit: Option<String>,
    /// Its commit time, RFC 3339.
    pub last_commit_at: Option<String>,
    /// The planned globs that may match the path.
    pub planned: Vec<String>,
}

/// A path with the items that change it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ImpactView {
    /// The path or glob, from the repository's root.
    pub path: String,
    /// Open items first, then by the number of commits.
    pub items: Vec<ImpactItem>,
}

/// The commits of one item that changed a path.
#[derive(Debug, Default)]
struct Touched {
    commits: usize,
    /// The newest: its time (seconds since the Unix epoch), and its id.
    last: (u64, String),
}

impl Touched {
    /// Adds commits that come later in git's list, which has the newest first.
    fn add(&mut self, commits: usize, last: (u64, String)) {
        if self.commits == 0 || last.0 > self.last.0 {
            self.last = last;
        }
        self.commits += commits;
    }
}

impl Insights<'_> {
    /// For each path or glob the items that change it: by the `Task:` trailers of commits that
    /// changed it (on local branches and HEAD), and by the planned globs of items.
    ///
    /// # Errors
    /// When a path is not valid, or git cannot be run.
    pub fn impact(&self, paths: &[String]) -> Result<Vec<ImpactView>> {
        let patterns = path_arguments::patterns(self.pm, paths)?;
        let state = self.pm.store.snapshot()?;
        here::tell_damaged(self.pm, &state);
        let (mut planning, _) = state.vertices(|planning: &mut Vec<_>, record| {
            if !record.paths.is_empty() {
                let paths: Vec<String> = record.paths.iter().map(ToString::to_string).collect();
                planning.push((id_order(&record.light), paths));
            }
        });
        planning.sort();
        let git = self.pm.store.repo().git();
        let files: HashSet<String> = path_arguments::files_among(self.pm, &patterns)
            .into_iter()
            .collect();
        let mut views = Vec::new();
        for pattern in patterns {
            let mut found: BTreeMap<Uid, (Touched, Vec<String>)> = BTreeMap::new();
            for (name, touched) in touched(git, &pattern, |path| {
                pattern.matches(path, here::case(self.pm))
            })? {
                if let Ok(item) = state.find(&name) {
                    let known = &mut found.entry(item.uid.clone()).or_default().0;
                    known.add(touched.commits, touched.last);
                }
            }
            let path = pattern.text().to_string();
            let pattern = if files.contains(&path) {
                pattern.files_only()
            } else {
                pattern
            };
            let wanted = Wanted::of(vec![pattern], here::case(self.pm));
            for ((_, _, uid), paths) in &planning {
                let met: Vec<String> = wanted.meeting(paths).collect();
                if !met.is_empty() {
                    found.entry(uid.clone()).or_default().1 = met;
                }
            }
            let mut items: Vec<(bool, ImpactItem)> = found
                .into_iter()
                .filter_map(|(uid, (touched, planned))| {
                    let item = state.stored(&uid).filter(|item| !item.deleted)?;
                    let some = touched.commits > 0;
                    let view = ImpactItem {
                        item: ItemLine::of(&state, item, self.pm.now_ms()),
                        commits: touched.commits,
                        last_commit: some.then_some(touched.last.1),
                        last_commit_at: some.then(|| rfc3339(touched.last.0.saturating_mul(1000))),
                        planned,
                    };
                    Some((item.status.is_closed(), view))
                })
                .collect();
            items.sort_by_cached_key(|(closed, i)| {
                (
                    *closed,
                    std::cmp::Reverse(i.commits),
                    crate::model::id::rank(&i.item.id),
                )
            });
            views.push(ImpactView {
                path,
                items: items.into_iter().map(|(_, item)| item).collect(),
            });
        }
        Ok(views)
    }
}

/// The newest commits with a `Task:` trailer on local branches and HEAD that changed files of a
/// pattern, by the trailer's value.
fn touched(
    git: &Git,
    pattern: &Pattern,
    matches: impl Fn(&str) -> bool,
) -> Result<BTreeMap<String, Touched>> {
    let literal = pattern.literal_path();
    let spec = match &literal {
        Some(path) => format!(":(top,literal){path}"),
        None => ":(top)".to_string(),
    };
    let mut args = vec![
        "-c",
        "core.quotePath=false",
        "log",
        "--format=%x01%H %ct %(trailers:key=Task,valueonly,separator=%x20)",
        "--grep=^Task:",
        "--regexp-ignore-case",
        "-n",
        COMMITS,
        "--branches",
    ];
    if literal.is_none() {
        args.push("--name-only");
    }
    let mut with_head = args.clone();
    with_head.extend(["HEAD", "--", &spec]);
    args.extend(["--", &spec]);
    let mut output = git.run(&with_head)?;
    if !output.ok() {
        // A branch without a commit has no HEAD to resolve.
        output = git.run(&args)?;
    }
    let mut found: BTreeMap<String, Touched> = BTreeMap::new();
    if !output.ok() {
        return Ok(found);
    }
    for commit in String::from_utf8_lossy(&output.stdout).split('\u{1}') {
        let mut lines = commit.lines();
        let mut words = lines.next().unwrap_or_default().split_whitespace();
        let (Some(id), Some(seconds)) = (words.next(), words.next()) else {
            continue;
        };
        let mut files = lines.filter(|line| !line.is_empty());
        // Git matches a literal path; only the pattern itself matches a glob.
        if literal.is_none() && !files.any(&matches) {
            continue;
        }
        let seconds = seconds.parse().unwrap_or(0);
        for name in words.collect::<BTreeSet<_>>() {
            let touched = found.entry(name.to_string()).or_default();
            touched.add(1, (seconds, id.to_string()));
        }
    }
    Ok(found)
}
