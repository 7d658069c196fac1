//! Running as an ordinary user in folders that cannot be written.

use super::{Ran, Repo};

/// Runs git pm as an ordinary user, as tests may run as root, for whom permissions do not apply.
pub fn as_nobody(repo: &Repo, args: &[&str]) -> Ran {
    let root = repo.run("id", &["-u"]).text() == "0";
    if !root {
        return repo.pm(args);
    }
    let binary = repo.path.parent().unwrap().join("git-pm-copy");
    let binary = binary.to_str().unwrap();
    if !std::path::Path::new(binary).exists() {
        // Copied by another process: one that a parallel test starts meanwhile would inherit the open
        // file, and a file open for writing cannot be executed.
        repo.run("cp", &[crate::support::binary(), binary]).ok();
    }
    let mut all = vec![
        "--reuid=65534",
        "--regid=65534",
        "--clear-groups",
        "--",
        binary,
    ];
    all.extend(args);
    repo.with("GIT_CONFIG_COUNT", "1")
        .with("GIT_CONFIG_KEY_0", "safe.directory")
        .with("GIT_CONFIG_VALUE_0", "*")
        .run("setpriv", &all)
}

pub fn chmod(repo: &Repo, mode: &str) {
    let scene = repo.path.parent().unwrap().to_str().unwrap();
    repo.run("chmod", &["755", scene]).ok();
    repo.run("chmod", &["-R", mode, "."]).ok();
}
