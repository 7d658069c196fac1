//! `init --scaffold`: the files with which a project begins; what is there already stays as it is.

use std::io::Write;
use std::path::Path;

use rustix::fs::OFlags;
use schemars::JsonSchema;
use serde::Serialize;

use crate::error::{Error, Reason, Result};
use crate::model::text::one_line;
use crate::pm::Pm;
use crate::pm::handles::StateHandle;
use crate::store::beneath;
use crate::work::task::owners;

/// The subject of the commit of the files.
const SUBJECT: &str = "chore: begin the project";

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
const PULL_REQUEST: [&str; 4] = [
    ".github/PULL_REQUEST_TEMPLATE.md",
    "pull_request_template.md",
    "PULL_REQUEST_TEMPLATE.md",
    "docs/pull_request_template.md",
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

/// What happens to the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScaffoldMode {
    /// They are only named.
    DryRun,
    /// They are written.
    Write,
    /// They are written and committed; nothing else is in that commit.
    Commit,
}

impl StateHandle<'_> {
    /// Writes the files of a new project that are not there yet.
    ///
    /// # Errors
    /// When there is no worktree, or a file cannot be written or committed.
    pub fn scaffold(&self, mode: ScaffoldMode) -> Result<Scaffold> {
        let repo = self.pm.store.repo();
        let top = repo.workdir().ok_or_else(|| {
            Error::refused("a bare repository has no worktree for the files of a project")
        })?;
        let mut files = Vec::new();
        for (path, purpose, _, others) in &TEMPLATES {
            files.push(ScaffoldFile {
                path: path.to_string(),
                purpose: purpose.to_string(),
                kept: in_the_way(top, path, others),
            });
        }
        let mut new = Vec::new();
        for (file, (path, _, text, _)) in files.iter().zip(&TEMPLATES) {
            if file.kept.is_some() || mode == ScaffoldMode::DryRun {
                continue;
            }
            let text = match *path == CODEOWNERS {
                true => with_owner(self.pm, text),
                false => text.to_string(),
            };
            create(top, path, &text).map_err(|error| {
                Error::unwritten(format!("cannot write {path}"), error).about(*path)
            })?;
            new.push(format!(":/{path}"));
        }
        let mut commit = None;
        if mode == ScaffoldMode::Commit && !new.is_empty() {
            let run = |words: &[&str]| {
                let new = new.iter().map(String::as_str);
                let words: Vec<&str> = words.iter().copied().chain(["--"]).chain(new).collect();
                let output = repo.git().run(&words)?;
                match output.ok() {
                    true => Ok(()),
                    false => Err(Error::refused(format!(
                        "the files were written, but not committed: {}",
                        output.reason()
                    ))
                    .because(Reason::ScaffoldNotCommitted)
                    .hint("`git status` shows them")),
                }
            };
            run(&["add"])?;
            run(&["commit", "--quiet", "-m", SUBJECT])?;
            commit = repo.git().require(&["rev-parse", "HEAD"])?.lines().pop();
        }
        Ok(Scaffold {
            files,
            dry_run: mode == ScaffoldMode::DryRun,
            commit,
        })
    }
}

/// What keeps a file from being written: itself, another that has its place, or a folder that is none.
fn in_the_way(top: &Path, path: &str, others: &[&str]) -> Option<String> {
    let is_there = |name: &&str| std::fs::symlink_metadata(top.join(name)).is_ok();
    let folders = Path::new(path).ancestors().skip(1);
    let folders = folders.filter_map(|folder| folder.to_str().filter(|name| !name.is_empty()));
    let is_no_folder =
        |name: &&str| std::fs::symlink_metadata(top.join(name)).is_ok_and(|found| !found.is_dir());
    let mut found = folders.filter(is_no_folder);
    let found = found.next().or_else(|| {
        [path]
            .into_iter()
            .chain(others.iter().copied())
            .find(is_there)
    });
    found.map(str::to_string)
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
