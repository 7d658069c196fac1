//! Which files outside of the repository git may read in a sandbox.
//!
//! Its configuration and what that names, hooks, the key of signatures.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::settings::Rules;
use super::system::{Machine, OfGit};
use super::{folder, holds, home};
use crate::agent::headless::With;
use crate::coordinate::hook::hook_folders;
use crate::coordinate::worktree::path;
use crate::error::Result;
use crate::model::text::one_line;
use crate::pm::Pm;
use crate::process::is_program;
use crate::store::git::process::Git;
use crate::work::task::start::new_checkout;

/// Settings that name a file that git reads and that has nothing secret.
const NAMING: [&str; 3] = [
    "core.excludesFile",
    "core.attributesFile",
    "blame.ignoreRevsFile",
];

/// Git's configuration files, including included ones, and the files that they name. Git exits if
/// one exists that it cannot read.
pub(super) fn read_by_git(pm: &Pm, machine: &Machine) -> Result<BTreeSet<PathBuf>> {
    // Not in the caller's worktree, whose own configuration an agent can write.
    let git = pm.store.repo().git_at_home();
    let OfGit {
        mut files,
        named,
        hooks,
    } = machine.of_git(|| {
        let mut of_git = asked(&git)?;
        of_git.files.extend(usual(pm));
        Ok(of_git)
    })?;
    files.extend(named);
    files.extend(hook_files(pm, hooks));
    // The public half, which names the key.
    files.extend(signing_file(pm).map(|key| format!("{}.pub", key.display()).into()));
    // Even if they are empty or do not exist yet.
    for name in ["GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"] {
        files.extend(pm.store.env().var(name).map(PathBuf::from));
    }
    Ok(files
        .into_iter()
        .filter(|file| file.is_absolute())
        .collect())
}

/// Where a configuration of git can appear while a run goes on.
fn usual(pm: &Pm) -> Vec<PathBuf> {
    // Git reads that one instead.
    if pm.store.env().var("GIT_CONFIG_GLOBAL").is_some() {
        return Vec::new();
    }
    let env = &pm.store.env().vars;
    let home = home::of(env);
    let more = folder(env, "XDG_CONFIG_HOME").or_else(|| Some(home.as_ref()?.join(".config")));
    let own = home.map(|home| home.join(".gitconfig"));
    let more = more.map(|more| more.join("git/config"));
    own.into_iter().chain(more).collect()
}

/// What only git can say.
fn asked(git: &Git) -> Result<OfGit> {
    let listed = git.require(&["config", "--list", "--show-origin", "--name-only", "-z"])?;
    let listed = listed.text();
    // Pairs of an origin and a name, which git writes in lower case.
    let (mut files, mut set) = (BTreeSet::new(), BTreeSet::new());
    for part in listed.split('\0') {
        match part.strip_prefix("file:") {
            Some(file) => drop(files.insert(git.dir().join(file))),
            None => drop(set.insert(part)),
        }
    }
    let mut named = BTreeSet::new();
    for setting in NAMING {
        if !set.contains(setting.to_ascii_lowercase().as_str()) {
            continue;
        }
        let found = git.run(&["config", "--type=path", "--get", setting])?;
        if found.ok() {
            named.insert(git.dir().join(found.text().trim_end()));
        }
    }
    Ok(OfGit {
        files,
        named,
        hooks: hook_folders(git, git.dir()).unwrap_or_default(),
    })
}

/// The folders of hooks, also those that git pm's own run before, and the programs elsewhere that
/// hooks in them are links to. They are for programs that every commit starts; one that is the home
/// folder, or has it, would show everything else there, too.
fn hook_files(pm: &Pm, mut found: Vec<PathBuf>) -> Vec<PathBuf> {
    let home = home::of(&pm.store.env().vars).and_then(|home| home.canonicalize().ok());
    let has_home = |folder: &PathBuf| {
        let real = folder.canonicalize().unwrap_or_default();
        home.as_ref().is_some_and(|home| home.starts_with(real))
    };
    // The hooks in `_` of husky run those of the same name in the folder above.
    let husky = found.iter().filter(|folder| folder.ends_with("_"));
    let husky: Vec<PathBuf> = husky.filter_map(|one| Some(one.parent()?.into())).collect();
    found.extend(husky);
    found.retain(|folder| !has_home(folder));
    let entries = found.iter().flat_map(std::fs::read_dir).flatten().flatten();
    let files = entries.filter_map(|entry| entry.path().canonicalize().ok());
    // A link in a tracked folder may lead to a key, which is not executable.
    let programs: Vec<PathBuf> = files.filter(|file| is_program(file)).collect();
    found.extend(programs);
    found
}

/// The file of the private key that `user.signingKey` names, if it is to name one of ssh.
fn signing_file(pm: &Pm) -> Option<PathBuf> {
    let repo = pm.store.repo();
    repo.config("gpg.format").filter(|format| format == "ssh")?;
    let named = repo.config("user.signingKey").unwrap_or_default();
    let named = Path::new(named.strip_suffix(".pub").unwrap_or(&named));
    let home = home::of(&pm.store.env().vars);
    let below = named.strip_prefix("~").ok().zip(home);
    Some(below.map_or_else(|| named.into(), |(rest, home)| home.join(rest)))
}

impl Rules {
    /// A warning that no commit of an agent succeeds, because git is to sign it and the sandbox does
    /// not open the key. It opens none by itself, as a program that reads the key can sign as the user.
    pub(crate) fn cannot_sign(&self, pm: &Pm) -> Option<String> {
        let env = pm.store.env();
        let signs = pm.store.repo().config_bool("commit.gpgSign");
        signs.filter(|signs| *signs)?;
        let file = signing_file(pm);
        let is_file = file.as_ref().is_some_and(|file| file.is_file());
        // Sockets of programs that have the keys are not for agents on every kernel.
        let key = match file {
            Some(file) if is_file => file,
            Some(file) => env.var("SSH_AUTH_SOCK").map_or(file, PathBuf::from),
            None => {
                let usual = home::of(&env.vars).map(|home| home.join(".gnupg"));
                env.var("GNUPGHOME").map(PathBuf::from).or(usual)?
            }
        };
        if self.opens(&key) {
            return None;
        }
        let key = key.display();
        let opened = match is_file {
            true => format!("; `git config --add pm.sandboxRead {key}` lets agents sign as you"),
            false => String::new(),
        };
        Some(format!(
            "commit.gpgSign is on, and agents in the sandbox cannot use the key ({key}), so their \
             commits fail: `git config commit.gpgSign false` lets commits in this repository go \
             unsigned{opened}"
        ))
    }

    /// Warnings for filters of the project whose programs are in the home folder, where agents cannot
    /// start them: without them, git adds no file.
    fn closed_filters(&self, pm: &Pm, git: &Git) -> Result<Vec<String>> {
        let env = &pm.store.env().vars;
        let Some(home) = home::of(env) else {
            return Ok(Vec::new());
        };
        let named = r"^filter\..*\.(clean|process)$";
        let set = git.run(&["config", "-z", "--get-regexp", named])?;
        let own = std::fs::read_to_string(git.common_dir()?.join("info/attributes"));
        let own = own.unwrap_or_default();
        let mut found = BTreeSet::new();
        for line in set.text().split('\0') {
            let (key, command) = line.split_once('\n').unwrap_or_default();
            let word = command.split_whitespace().next().unwrap_or_default();
            let word = word.trim_matches(['"', '\'']);
            let folder = match word.strip_prefix("~/") {
                Some(below) => home.join(below).parent().map(Path::to_path_buf),
                None if word.contains('/') => Path::new(word).parent().map(Path::to_path_buf),
                None => env.get("PATH").and_then(|all| {
                    std::env::split_paths(all).find(|one| is_program(&one.join(word)))
                }),
            };
            let is_closed = |folder: &PathBuf| {
                let is_tool = home::tools(&home).any(|tool| folder.starts_with(tool));
                folder.starts_with(&home) && !is_tool && !self.opens(folder)
            };
            let name = key
                .strip_prefix("filter.")
                .and_then(|key| key.rsplit_once('.'));
            let (Some(folder), Some((name, _))) = (folder.filter(is_closed), name) else {
                continue;
            };
            let used = format!("filter={name}");
            let tracked = git.run(&["grep", "-qwF", &used, "--", "*.gitattributes"])?;
            if tracked.ok() || own.split_whitespace().any(|one| one == used) {
                found.insert(format!(
                    "agents in the sandbox cannot add files of the filter {}: `git config --add \
                     pm.sandboxRead {}` lets them start its program",
                    one_line(name),
                    path::word(&folder)
                ));
            }
        }
        Ok(found.into_iter().collect())
    }

    fn opens(&self, path: &Path) -> bool {
        let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
        let mut open = self.read.iter().chain(&self.write);
        open.any(|open| real(path).starts_with(real(open)))
    }

    /// What a person has to know before an agent starts: the warning of [`Rules::check`], and what
    /// git cannot do for the agent.
    ///
    /// # Errors
    /// As for [`Rules::check`].
    pub fn warnings(&self, pm: &Pm, with: &With) -> Result<Vec<String>> {
        let mut found = Vec::from_iter(self.check(with)?);
        if holds(with) && self.protection()?.is_some() {
            found.extend(self.cannot_sign(pm));
            let lfs = pm.store.repo().common_dir().join("lfs");
            if lfs.join("objects").is_dir() && !self.opens(&lfs) {
                found.push(format!(
                    "agents in the sandbox cannot add files to git-lfs: `git config --add \
                     pm.sandboxWrite {}` lets them, and also change the files that are there",
                    lfs.display()
                ));
            }
            let home = pm.store.repo().git_at_home();
            found.extend(new_checkout::empty_submodules(pm, home.dir()));
            found.extend(self.closed_filters(pm, &home)?);
        }
        Ok(found)
    }
}
