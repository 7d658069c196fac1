//! The bare repository of a bound one: its branches, what a branch changes, and merges, by git.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use super::model::Change;

/// Who commits a merge made at the web interface.
const COMMITTER: (&str, &str) = ("GitHub", "noreply@github.com");

/// Runs git in a repository; none if it fails.
fn git(folder: &Path, environment: &[(&str, &str)], arguments: &[&str]) -> Option<String> {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args(arguments);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("GIT_") {
            command.env_remove(name);
        }
    }
    command
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("LC_ALL", "C")
        .envs(environment.iter().copied());
    let output = command.output().expect("git runs");
    let text = String::from_utf8_lossy(&output.stdout)
        .trim_end()
        .to_string();
    output.status.success().then_some(text)
}

/// The branches and their commits.
pub fn branches(folder: &Path) -> BTreeMap<String, String> {
    let arguments = [
        "for-each-ref",
        "--format=%(objectname) %(refname:lstrip=2)",
        "refs/heads",
    ];
    let listed = git(folder, &[], &arguments).unwrap_or_default();
    let pair = |line: &str| {
        let (sha, name) = line.split_once(' ')?;
        Some((name.to_string(), sha.to_string()))
    };
    listed.lines().filter_map(pair).collect()
}

/// The commits of `head` that `base` does not have, oldest first.
pub fn commits(folder: &Path, base: &str, head: &str) -> Vec<String> {
    let range = format!("{base}..{head}");
    let listed = git(
        folder,
        &[],
        &["rev-list", "--reverse", "--topo-order", &range],
    );
    listed
        .unwrap_or_default()
        .lines()
        .map(str::to_string)
        .collect()
}

/// What `head` changed since it left `base`.
pub fn changes(folder: &Path, base: &str, head: &str) -> Vec<Change> {
    let range = format!("{base}...{head}");
    let diff = |format: &str| {
        let arguments = ["diff", "--find-renames", "-z", format, &range];
        git(folder, &[], &arguments).unwrap_or_default()
    };
    let mut made = Vec::new();
    let names = diff("--name-status");
    let mut fields = names.split('\0').filter(|field| !field.is_empty());
    while let (Some(status), Some(path)) = (fields.next(), fields.next()) {
        let mut change = Change {
            path: path.to_string(),
            status: match &status[..1] {
                "A" => "added",
                "D" => "removed",
                "R" => "renamed",
                _ => "modified",
            }
            .to_string(),
            ..Change::default()
        };
        if change.status == "renamed" {
            change.previous = Some(change.path);
            change.path = fields.next().unwrap_or_default().to_string();
        }
        made.push(change);
    }
    // A renamed file has its counts and an empty path, then two paths.
    let counts = diff("--numstat");
    let mut fields = counts.split('\0').filter(|field| !field.is_empty());
    for change in &mut made {
        let Some(line) = fields.next() else { break };
        let mut numbers = line
            .split('\t')
            .map(|number| number.parse().unwrap_or_default());
        change.additions = numbers.next().unwrap_or_default();
        change.deletions = numbers.next().unwrap_or_default();
        if change.previous.is_some() {
            fields.next();
            fields.next();
        }
    }
    made
}

/// The tree of a merge; none if the sides conflict.
fn merged_tree(folder: &Path, ancestor: Option<&str>, ours: &str, theirs: &str) -> Option<String> {
    let ancestor = ancestor.map(|commit| format!("--merge-base={commit}"));
    let mut arguments = vec!["merge-tree", "--write-tree"];
    arguments.extend(ancestor.as_deref());
    arguments.extend([ours, theirs]);
    git(folder, &[], &arguments)
}

/// Whether two commits can be merged without a conflict.
pub fn conflicts(folder: &Path, base: &str, head: &str) -> bool {
    merged_tree(folder, None, base, head).is_none()
}

/// A commit to write.
struct Written<'a> {
    tree: &'a str,
    parents: &'a [&'a str],
    message: &'a str,
    author: (&'a str, &'a str, &'a str),
}

fn write(folder: &Path, written: &Written) -> Option<String> {
    let (name, email, date) = written.author;
    let mut environment = vec![
        ("GIT_AUTHOR_NAME", name),
        ("GIT_AUTHOR_EMAIL", email),
        ("GIT_COMMITTER_NAME", COMMITTER.0),
        ("GIT_COMMITTER_EMAIL", COMMITTER.1),
    ];
    if !date.is_empty() {
        environment.push(("GIT_AUTHOR_DATE", date));
    }
    let mut arguments = vec!["commit-tree", written.tree, "-m", written.message];
    for parent in written.parents {
        arguments.extend(["-p", parent]);
    }
    git(folder, &environment, &arguments)
}

/// The commit with both sides as parents, as the user with this login.
pub fn merge(folder: &Path, base: &str, head: &str, login: &str, message: &str) -> Option<String> {
    let tree = merged_tree(folder, None, base, head)?;
    let email = format!("{login}@users.noreply.github.com");
    write(
        folder,
        &Written {
            tree: &tree,
            parents: &[base, head],
            message,
            author: (login, &email, ""),
        },
    )
}

/// All changes in one commit on the base.
pub fn squash(folder: &Path, base: &str, head: &str, login: &str, message: &str) -> Option<String> {
    let tree = merged_tree(folder, None, base, head)?;
    let email = format!("{login}@users.noreply.github.com");
    write(
        folder,
        &Written {
            tree: &tree,
            parents: &[base],
            message,
            author: (login, &email, ""),
        },
    )
}

/// Every commit anew on the base. Merges among them are left out, as GitHub does.
pub fn rebase(folder: &Path, base: &str, head: &str) -> Option<String> {
    let mut top = base.to_string();
    for commit in commits(folder, base, head) {
        let shown = git(
            folder,
            &[],
            &["show", "-s", "--format=%P%n%an%n%ae%n%aI%n%B", &commit],
        )?;
        let mut lines = shown.splitn(5, '\n');
        let parents = lines.next()?;
        let (name, email, date) = (lines.next()?, lines.next()?, lines.next()?);
        let message = lines.next()?;
        if parents.contains(' ') {
            continue;
        }
        let tree = merged_tree(folder, Some(parents), &top, &commit)?;
        let written = Written {
            tree: &tree,
            parents: &[&top],
            message,
            author: (name, email, date),
        };
        top = write(folder, &written)?;
    }
    Some(top)
}

/// The subjects of the commits that a squash joins.
pub fn subjects(folder: &Path, base: &str, head: &str) -> Vec<String> {
    let range = format!("{base}..{head}");
    let listed = git(folder, &[], &["log", "--reverse", "--format=%s", &range]);
    listed
        .unwrap_or_default()
        .lines()
        .map(str::to_string)
        .collect()
}

/// Moves a reference; false if it is no longer where it was.
pub fn update(folder: &Path, reference: &str, new: &str, old: Option<&str>) -> bool {
    let mut arguments = vec!["update-ref", reference, new];
    arguments.extend(old);
    git(folder, &[], &arguments).is_some()
}
