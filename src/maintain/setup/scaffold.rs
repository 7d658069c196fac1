//! `init --scaffold`: the files with which a project begins; what is there already stays as it is.

use std::io::Write;
use std::path::Path;

use rustix::fs::OFlags;
use schemars::JsonSchema;
use serde::Serialize;

use crate::error::{Error, Result};
use crate::model::text::one_line;
use crate::pm::Pm;
use crate::pm::handles::StateHandle;
use crate::pm::who_acts::require_human;
use crate::store::beneath;
use crate::work::task::owners;

/// The name of the owner in the template of CODEOWNERS.
const OWNER: &str = "@OWNER";

/// A file to write: its path, its use, its text, and other files that stand for it.
type Template = (
    &'static str,
    &'static str,
    &'static str,
    &'static [&'static str],
);

const CODEOWNERS: &str = ".github/CODEOWNERS";

/// The places of a template for pull requests; names in other cases are others to git.
#[rustfmt::skip]
const PULL_REQUEST: [&str; 4] = [
    ".github/PULL_REQUEST_TEMPLATE.md", "pull_request_template.md", "PULL_REQUEST_TEMPLATE.md", "docs/pull_request_template.md",
];

#[rustfmt::skip]
static TEMPLATES: [Template; 7] = [
    ("docs/PRD.md", "what is to be built, in a form that can be planned", include_str!("../../../templates/scaffold/PRD.md"), &[]),
    ("tasks/_template.md", "the form of a task that is written as a file", include_str!("../../../templates/scaffold/task.md"), &[]),
    (".pm.toml", "the gates and tools that git pm runs: examples", include_str!("../../../templates/scaffold/pm.toml"), &[]),
    (".github/workflows/pm.yml", "checks each pull request with `git pm check --ci`", include_str!("../../../templates/scaffold/pm.yml"), &[]),
    (".github/pull_request_template.md", "what a pull request has to say", include_str!("../../../templates/scaffold/pull_request_template.md"), &PULL_REQUEST),
    (CODEOWNERS, "who has to approve changes of protected paths", include_str!("../../../templates/scaffold/CODEOWNERS"), &owners::FILES),
    ("tests/test_smoke.py", "a first test, which needs only Python", include_str!("../../../templates/scaffold/test_smoke.py"), &[]),
];

/// The files of a new project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Scaffold {
    /// The files, also those that were there.
    pub files: Vec<ScaffoldFile>,
    /// True if nothing was written.
    pub dry_run: bool,
    /// The commit that adds them, if one was asked for and there is something to add.
    pub commit: Option<String>,
}

/// A file of a new project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ScaffoldFile {
    /// From the root of the worktree.
    pub path: String,
    /// What it is for.
    pub purpose: String,
    /// The file or link that is there already, so that this one is not written.
    pub kept: Option<String>,
}

impl StateHandle<'_> {
    /// Refuses an agent the files of a new project: they say what runs and who approves, and their commit is
    /// made without an approval.
    ///
    /// # Errors
    /// When the actor counts as an agent.
    pub fn require_scaffolder(&self) -> Result<()> {
        let next =
            "ask a human to run `git pm init --scaffold`; `git pm init` alone sets this clone up";
        require_human(&self.pm.actor, "writing the files of a new project", next)
    }

    /// Writes the files of a new project that are not there yet, and commits just these if asked to; a
    /// dry run only names them.
    ///
    /// # Errors
    /// When an agent asks for more than a dry run, there is no worktree, or a file cannot be written or
    /// committed.
    pub fn scaffold(&self, dry_run: bool, commit: bool) -> Result<Scaffold> {
        if !dry_run {
            self.require_scaffolder()?;
        }
        self.write_scaffold(dry_run, commit)
    }

    /// As [`StateHandle::scaffold`], by any actor: for work on a branch that is approved before it is merged.
    ///
    /// # Errors
    /// As there, but for an agent.
    pub(crate) fn write_scaffold(&self, dry_run: bool, commit: bool) -> Result<Scaffold> {
        let repo = self.pm.store.repo();
        let top = repo.workdir().ok_or_else(|| {
            Error::refused("a bare repository has no worktree for the files of a project")
        })?;
        let (mut files, mut new) = (Vec::new(), Vec::new());
        for (path, purpose, text, others) in &TEMPLATES {
            let kept = in_the_way(top, path, others);
            if kept.is_none() && !dry_run {
                let text = match *path == CODEOWNERS {
                    true => with_owner(self.pm, text),
                    false => text.to_string(),
                };
                let failed = |error| Error::unwritten(format!("cannot write {path}"), error);
                create(top, path, &text).map_err(failed)?;
                new.push(format!(":/{path}"));
            }
            files.push(ScaffoldFile {
                path: path.to_string(),
                purpose: purpose.to_string(),
                kept,
            });
        }
        let mut made = None;
        if commit && !new.is_empty() {
            let paths = new.iter().map(String::as_str);
            let git = |words: &[&str]| {
                let all = words.iter().copied().chain(["--"]).chain(paths.clone());
                repo.git().require(&all.collect::<Vec<_>>())
            };
            git(&["add"])?;
            git(&["commit", "--quiet", "-m", "chore: begin the project"])?;
            made = repo.git().require(&["rev-parse", "HEAD"])?.lines().pop();
        }
        Ok(Scaffold {
            files,
            dry_run,
            commit: made,
        })
    }
}

/// What keeps a file from being written: a folder that is none, itself, or another that has its place.
fn in_the_way(top: &Path, path: &str, others: &[&str]) -> Option<String> {
    let found = |name: &str| std::fs::symlink_metadata(top.join(name)).ok();
    let folders = path.match_indices('/').map(|(at, _)| &path[..at]);
    let mut no_folder = folders.filter(|name| found(name).is_some_and(|is| !is.is_dir()));
    let mut files = [path].into_iter().chain(others.iter().copied());
    let first = no_folder
        .next()
        .or_else(|| files.find(|name| found(name).is_some()));
    first.map(str::to_string)
}

/// Creates a file below the root of the worktree, in place of nothing and through no link.
fn create(top: &Path, path: &str, text: &str) -> std::io::Result<()> {
    let path = Path::new(path);
    let above = path.parent().unwrap_or(Path::new(""));
    std::fs::create_dir_all(top.join(above))?;
    let folder = beneath::folder(top, above)?;
    let new = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL;
    let mut file = beneath::open(folder, path.file_name().unwrap_or_default(), new)?;
    file.write_all(text.as_bytes())
}

/// The text with this user as the owner; its lines are examples if git does not know who that is.
fn with_owner(pm: &Pm, text: &str) -> String {
    let email = pm.store.repo().config("user.email").unwrap_or_default();
    let is_plain = email.contains('@') && !email.contains(|c: char| c.is_whitespace() || c == '#');
    let login = email.strip_suffix("@users.noreply.github.com");
    let login = login.map(|own| own.split_once('+').map_or(own, |(_, login)| login));
    match login {
        Some(login) if is_plain => text.replace(OWNER, &format!("@{}", one_line(login))),
        _ if is_plain => text.replace(OWNER, &one_line(&email)),
        _ => text.replace("\n/", "\n# /"),
    }
}
