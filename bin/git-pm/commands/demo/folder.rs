//! The demo's folder, and the environment of all programs that run in it.
//!
//! Of the user's variables, they get only those that programs need to start.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use git_pm::{Env, Error, Result};

/// Variables without which programs do not start on some systems; nothing else is inherited.
const INHERITED: &[&str] = &[
    "PATH",
    "GIT_EXEC_PATH",
    "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH",
    "SYSTEMROOT",
    "SystemRoot",
    "COMSPEC",
    "PATHEXT",
];

/// The git configuration of all actors.
const GIT_CONFIG: &str = "\
[init]
	defaultBranch = main
[core]
	autocrlf = false
[protocol \"file\"]
	allow = always
[gc]
	auto = 0
[advice]
	detachedHead = false
";

/// Writes the configuration into the folder, and returns the variables of every command.
pub fn environment(root: &Path, world: &Env) -> Result<BTreeMap<String, OsString>> {
    let home = root.join("home");
    let config = home.join("gitconfig");
    let templates = home.join("templates");
    std::fs::create_dir_all(&templates)
        .and_then(|()| std::fs::write(&config, GIT_CONFIG))
        .map_err(|error| Error::io(format!("cannot write {}", home.display()), error))?;
    let mut env: BTreeMap<String, OsString> = BTreeMap::new();
    for key in INHERITED {
        if let Some(value) = world.vars.get(*key) {
            env.insert((*key).into(), value.clone());
        }
    }
    let own: [(&str, OsString); 13] = [
        ("HOME", home.clone().into()),
        ("USERPROFILE", home.clone().into()),
        ("XDG_CONFIG_HOME", home.join("config").into()),
        ("TMPDIR", home.clone().into()),
        ("GIT_CONFIG_GLOBAL", config.into()),
        ("GIT_CONFIG_NOSYSTEM", "1".into()),
        ("GIT_TEMPLATE_DIR", templates.into()),
        ("GIT_CEILING_DIRECTORIES", root.into()),
        ("GIT_ALLOW_PROTOCOL", "file".into()),
        ("GIT_TERMINAL_PROMPT", "0".into()),
        ("GIT_EDITOR", "true".into()),
        ("NO_COLOR", "1".into()),
        ("LC_ALL", "C".into()),
    ];
    env.extend(own.map(|(key, value)| (key.to_string(), value)));
    Ok(env)
}

/// A new folder that only this user can read.
pub fn create() -> Result<PathBuf> {
    let base = std::env::temp_dir();
    // If the folder for temporary files is a link, git prints the real path.
    let base = base.canonicalize().unwrap_or(base);
    let failed = |path: &Path, error: std::io::Error| {
        Error::io(
            format!("cannot create the folder {}", path.display()),
            error,
        )
        .hint("set TMPDIR to a writable folder")
    };
    let mut random = [0_u8; 5];
    getrandom::fill(&mut random)
        .map_err(|error| Error::state(format!("the system returned no random bytes: {error}")))?;
    let name: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    let path = base.join(format!("git-pm-demo-{name}"));
    let mut builder = std::fs::DirBuilder::new();
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(&path)
        .map_err(|error| failed(&path, error))?;
    Ok(path)
}
