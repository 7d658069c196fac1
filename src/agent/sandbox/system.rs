//! Which programs and libraries of the machine a sandbox shows.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::SystemTime;

use super::home;
use crate::error::Result;

/// The visible files and folders of the machine.
const FOLDERS: [&str; 20] = [
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/opt",
    "/nix",
    "/gnu",
    "/snap",
    "/proc",
    "/sys",
    "/home/linuxbrew/.linuxbrew",
    "/run/current-system",
    "/run/systemd/resolve",
    "/run/resolvconf",
    "/run/NetworkManager/resolv.conf",
    "/run/nscd",
    "/var/lib/ca-certificates",
];

/// Entries of `/etc` that only root may read: agents in containers often run as root.
const SECRET: [&str; 10] = [
    "shadow",
    "shadow-",
    "gshadow",
    "gshadow-",
    "sudoers",
    "sudoers.d",
    "ssh",
    "krb5.keytab",
    "kubernetes",
    "wireguard",
];

/// The programs and libraries of the machine, and the tools in the home folder, cached on first
/// use: to find them, thousands of links are read. Also what git says of its configuration, as long as
/// no file of that changes.
#[derive(Debug, Default)]
pub struct Machine {
    read: OnceLock<Vec<PathBuf>>,
    of_git: Mutex<Option<(Vec<Stamp>, OfGit)>>,
}

/// The size of a file and the time of its last change; `None` if it is not there.
type Stamp = Option<(u64, SystemTime)>;

/// What git says of its configuration.
#[derive(Clone, Debug, Default)]
pub(super) struct OfGit {
    /// The files of the configuration.
    pub files: BTreeSet<PathBuf>,
    /// The files that it names.
    pub named: BTreeSet<PathBuf>,
    /// The folders of hooks.
    pub hooks: Vec<PathBuf>,
}

impl OfGit {
    fn stamps(&self) -> Vec<Stamp> {
        let stamp = |file: &PathBuf| {
            let found = file.metadata().ok()?;
            Some((found.len(), found.modified().ok()?))
        };
        self.files.iter().map(stamp).collect()
    }
}

impl Machine {
    /// What git says of its configuration, by `ask` if a file of that has changed.
    ///
    /// # Errors
    /// As `ask`.
    pub(super) fn of_git(&self, ask: impl FnOnce() -> Result<OfGit>) -> Result<OfGit> {
        let mut known = self.of_git.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((stamps, of_git)) = &*known
            && of_git.stamps() == *stamps
        {
            return Ok(of_git.clone());
        }
        let of_git = ask()?;
        *known = Some((of_git.stamps(), of_git.clone()));
        Ok(of_git)
    }

    pub(super) fn read(&self, env: &BTreeMap<String, OsString>) -> &[PathBuf] {
        self.read.get_or_init(|| {
            let home = home::of(env);
            let mut read = of_system();
            read.extend(search_path(env, home.as_deref()));
            read.extend(home.as_deref().into_iter().flat_map(home::tools));
            read
        })
    }
}

/// The files and folders of the machine that may be read.
fn of_system() -> Vec<PathBuf> {
    let mut read: Vec<PathBuf> = FOLDERS.iter().map(PathBuf::from).collect();
    for entry in std::fs::read_dir("/etc").into_iter().flatten().flatten() {
        // Checked by its target: a link may point to `/etc` itself, or to a secret file in it.
        let Ok(path) = entry.path().canonicalize() else {
            continue;
        };
        let is_secret = SECRET
            .iter()
            .any(|secret| path == Path::new("/etc").join(secret));
        if !is_secret && !Path::new("/etc").starts_with(&path) {
            read.push(path);
        }
    }
    read
}

/// The folders of `PATH`, with the installations that they belong to. Folders that would expose the
/// home folder are left out.
fn search_path(env: &BTreeMap<String, OsString>, home: Option<&Path>) -> Vec<PathBuf> {
    let path = env.get("PATH").cloned().unwrap_or_default();
    let opens_home = |folder: &Path| home.is_some_and(|home| home.starts_with(folder));
    let mut found = Vec::new();
    // `/bin` is often `/usr/bin`.
    let mut seen = BTreeSet::new();
    for folder in std::env::split_paths(&path).filter(|folder| folder.is_absolute()) {
        let whole = installation(&folder, home);
        let place = folder.canonicalize().ok();
        let place = place.filter(|place| seen.insert(place.clone()));
        let linked = place
            .into_iter()
            .flat_map(|place| linked_installations(&place, home));
        for folder in [Some(folder), whole].into_iter().flatten().chain(linked) {
            if !opens_home(&folder) && folder.parent().is_some() {
                found.push(folder);
            }
        }
    }
    found
}

/// The installations in the home folder to which a program folder, or a link in it, belongs.
fn linked_installations(folder: &Path, home: Option<&Path>) -> BTreeSet<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let links = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_symlink()));
    // A link to a sibling is skipped: the sibling itself is checked.
    let away = links.filter(|entry| {
        let target = std::fs::read_link(entry.path()).unwrap_or_default();
        target.components().count() > 1
    });
    let targets = away.filter_map(|entry| entry.path().canonicalize().ok());
    let mut folders: BTreeSet<PathBuf> = targets
        .filter_map(|target| target.parent().map(Path::to_path_buf))
        .collect();
    folders.insert(folder.to_path_buf());
    folders.retain(|folder| home.is_some_and(|home| folder.starts_with(home)));
    let whole = folders.iter().filter_map(|bin| installation(bin, home));
    whole.collect()
}

/// The folder that contains a program folder: that of a Python or Node.js installation, which has
/// its libraries there.
fn installation(folder: &Path, home: Option<&Path>) -> Option<PathBuf> {
    let whole = folder.parent()?;
    if folder.ends_with("node_modules/.bin") || folder.ends_with("shims") {
        return Some(whole.to_path_buf());
    }
    // These contain keys, too; `home.rs` lists their visible parts.
    let mixed = [".local", ".cargo", ".config"];
    let is_mixed = home == Some(whole) || mixed.iter().any(|name| whole.ends_with(name));
    let has_libraries = whole.join("lib").is_dir() || whole.join("pyvenv.cfg").is_file();
    (folder.ends_with("bin") && has_libraries && !is_mixed).then(|| whole.to_path_buf())
}

/// A program's file, and its installation if the file is a link into another folder.
pub(super) fn around_program(program: &Path) -> Vec<PathBuf> {
    let mut found = vec![program.to_path_buf()];
    let Ok(target) = program.canonicalize() else {
        return found;
    };
    let modules = target
        .ancestors()
        .filter(|folder| folder.ends_with("node_modules"))
        .last();
    match modules {
        Some(modules) => found.push(modules.to_path_buf()),
        None if target != program => found.extend(target.parent().map(Path::to_path_buf)),
        None => {}
    }
    found
}
