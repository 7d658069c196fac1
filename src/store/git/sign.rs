//! Signatures of commits, made and checked as git itself does.
//!
//! That is with the program, key and format of its configuration (`gpg.format`, `user.signingKey`,
//! `gpg.program`, `gpg.ssh.program`, …). The objects of a write are still in memory when it is
//! signed, so the signer is called directly; that is the one extra process.

use std::path::{Path, PathBuf};

use super::process::Git;
use super::repo::{Oid, Person, Repo};
use crate::error::{Error, Result};
use crate::random;

/// Git's result for a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SignatureStatus {
    /// Good, by a key that is trusted for it.
    Good,
    /// Good, by an unknown key.
    Unknown,
    /// It was good, and the signature or the key has expired.
    Expired,
    /// By a key that was revoked.
    Revoked,
    /// It does not match the commit.
    Bad,
    /// It cannot be checked: the key or the list of allowed signers is not here.
    Uncheckable,
    /// There is no signature.
    None,
}

/// A signature as `log` shows it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct Signature {
    /// git's judgement, `verdict` in JSON.
    #[serde(rename = "verdict")]
    pub status: SignatureStatus,
    /// The signer, according to the key; empty if unknown.
    pub signer: String,
    /// The key's fingerprint or id.
    pub key: String,
}

fn unsigned(why: &str) -> Error {
    Error::state(format!("the commit cannot be signed: {why}"))
        .hint(
            "configure signing: `git config user.signingKey KEY`, `git config gpg.format \
             openpgp|ssh|x509`",
        )
        .hint("or omit `--sign`, or turn signing off: `git pm config pm.sign false`")
}

/// Signs the bytes of a commit.
pub fn sign(repo: &Repo, scratch: &Path, committer: &Person, payload: &[u8]) -> Result<String> {
    let program = |keys: &[&str], usual: &str| {
        let named = keys.iter().find_map(|key| repo.config(key));
        named.unwrap_or_else(|| usual.into())
    };
    let format = repo.config("gpg.format");
    match format.as_deref().unwrap_or("openpgp") {
        "openpgp" => {
            let program = program(&["gpg.openpgp.program", "gpg.program"], "gpg");
            gpg(repo, &program, committer, payload)
        }
        "x509" => {
            let program = program(&["gpg.x509.program"], "gpgsm");
            gpg(repo, &program, committer, payload)
        }
        "ssh" => {
            let program = program(&["gpg.ssh.program"], "ssh-keygen");
            ssh(repo, &program, scratch, payload)
        }
        other => Err(unsigned(&format!(
            "gpg.format is `{}`, which is not supported",
            crate::model::text::one_line(other)
        ))),
    }
}

/// A program, started in the environment that git would have.
fn runner(repo: &Repo, program: &str) -> Git {
    let git = repo.git_at_home();
    let program = expand_home(&git, program);
    git.program(program)
}

/// A path of git's configuration: `~/` is the home directory.
fn expand_home(git: &Git, path: &str) -> PathBuf {
    match (path.strip_prefix("~/"), git.env("HOME")) {
        (Some(rest), Some(home)) => Path::new(home).join(rest),
        _ => PathBuf::from(path),
    }
}

fn gpg(repo: &Repo, program: &str, committer: &Person, payload: &[u8]) -> Result<String> {
    let key = repo
        .config("user.signingKey")
        .unwrap_or_else(|| format!("{} <{}>", committer.name, committer.email));
    let args = ["--status-fd=2", "-bsau", key.as_str()];
    let output = runner(repo, program).feed(&args, payload)?;
    let made = output
        .stderr
        .lines()
        .any(|line| line.starts_with("[GNUPG:] SIG_CREATED "));
    if !output.ok() || !made {
        let said = output
            .stderr
            .lines()
            .rfind(|line| !line.is_empty() && !line.starts_with("[GNUPG:]"));
        let said = said.unwrap_or("no signature was created");
        return Err(unsigned(&format!(
            "{program}: {}",
            crate::model::text::one_line(said)
        )));
    }
    Ok(String::from_utf8_lossy(&output.stdout).replace('\r', ""))
}

/// A file that is removed when it is dropped.
struct Scratch(PathBuf);

impl Scratch {
    fn new(folder: &Path, name: &str, bytes: &[u8]) -> Result<Scratch> {
        let path = folder.join(format!("{name}-{}", random::name()?));
        let fail = |e: std::io::Error| Error::io(format!("cannot write {}", path.display()), e);
        std::fs::create_dir_all(folder).map_err(fail)?;
        std::fs::write(&path, bytes).map_err(fail)?;
        Ok(Scratch(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn ssh(repo: &Repo, program: &str, folder: &Path, payload: &[u8]) -> Result<String> {
    let key = match repo.config("user.signingKey").filter(|key| !key.is_empty()) {
        Some(key) => key,
        None => default_ssh_key(repo)?,
    };
    let git = runner(repo, program);
    // A key given in full is the public half of one that an ssh agent holds.
    let literal = match key.strip_prefix("key::") {
        Some(rest) => Some(rest),
        None => key.starts_with("ssh-").then_some(key.as_str()),
    };
    let held = match literal {
        Some(text) => Some(Scratch::new(folder, "key", format!("{text}\n").as_bytes())?),
        None => None,
    };
    let key = match &held {
        Some(file) => file.0.clone(),
        None => expand_home(&git, &key),
    };
    let buffer = Scratch::new(folder, "signing", payload)?;
    let mut made = buffer.0.clone().into_os_string();
    made.push(".sig");
    let made = Scratch(made.into());
    let mut args = vec![
        "-Y".as_ref(),
        "sign".as_ref(),
        "-n".as_ref(),
        "git".as_ref(),
    ];
    args.extend(["-f".as_ref(), key.as_os_str()]);
    if held.is_some() {
        args.push("-U".as_ref());
    }
    args.push(buffer.0.as_os_str());
    let output = git.run(&args)?;
    match std::fs::read_to_string(&made.0) {
        Ok(text) if output.ok() => Ok(text.replace('\r', "")),
        _ => Err(unsigned(&format!("{program}: {}", output.reason()))),
    }
}

/// The first key that `gpg.ssh.defaultKeyCommand` names. It is a command of this clone's own
/// configuration, as git runs it.
fn default_ssh_key(repo: &Repo) -> Result<String> {
    let missing = || unsigned("user.signingKey is not set");
    let command = repo
        .config("gpg.ssh.defaultKeyCommand")
        .ok_or_else(missing)?;
    let output = repo
        .git_at_home()
        .program("sh")
        .run(&["-c", command.as_str()])?;
    let first = output.lines().into_iter().next().filter(|_| output.ok());
    let first = first.ok_or_else(missing)?;
    let is_key = first.starts_with("key::") || first.starts_with("ssh-");
    is_key.then_some(first).ok_or_else(missing)
}

/// True if git accepts the signature of a commit: it is good, and by a key that this clone's
/// configuration trusts, or the user's own. Configuration in the environment of this command, or a
/// file that it names as the user's, does not count.
pub fn is_accepted(repo: &Repo, commit: Oid) -> Result<bool> {
    let git = repo.git_at_home().judging();
    Ok(git.run(&["verify-commit", &commit.to_string()])?.ok())
}

/// Git's result for the signatures of commits, in their order, including commits without one.
pub fn verify(repo: &Repo, commits: &[Oid]) -> Result<Vec<(Oid, Signature)>> {
    let input: String = commits.iter().map(|id| format!("{id}\n")).collect();
    let args = [
        "log",
        "--no-walk=unsorted",
        "--stdin",
        "--no-show-signature",
        "--format=%H%x00%G?%x00%GS%x00%GF",
    ];
    // Of the commits that are read here, not of their replacements.
    let git = repo.git_at_home().with_env("GIT_NO_REPLACE_OBJECTS", "1");
    let output = git
        .feed(&args, input)?
        .checked("git cannot check signatures")?;
    let mut out = Vec::new();
    for line in output.lines() {
        let mut parts = line.split('\0');
        let id = parts.next().and_then(|hex| repo.parse_id(hex));
        let letter = parts.next().unwrap_or_default();
        let (signer, key) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
        let Some(id) = id else {
            continue;
        };
        let status = match letter {
            "G" => SignatureStatus::Good,
            "U" => SignatureStatus::Unknown,
            "X" | "Y" => SignatureStatus::Expired,
            "R" => SignatureStatus::Revoked,
            "B" => SignatureStatus::Bad,
            // Git also reports this for an ssh signature if no allowed signers are configured.
            "N" if !repo.commit(id)?.signed => SignatureStatus::None,
            _ => SignatureStatus::Uncheckable,
        };
        let signature = Signature {
            status,
            signer: crate::model::text::one_line(signer),
            key: crate::model::text::one_line(key),
        };
        out.push((id, signature));
    }
    Ok(out)
}
