//! Commands to run come only from this clone's git config, or from a checked-in `.pm.toml` whose
//! content the user has trusted. Trust goes by content: a changed file is not trusted.

use serde::Serialize;

use crate::coordinate::worktree::branch::merge_base;
use crate::error::{Error, Result};
use crate::model::settings;
use crate::model::text::{one_line, spelled};
use crate::model::uid::sha256_hex;
use crate::pm::Pm;
use crate::pm::handles::Settings;
use crate::store::fault;
use crate::store::git::repo::Oid;

/// What is trusted.
#[derive(Clone, Debug, Serialize)]
pub struct TrustReport {
    /// The checked-in file, if there is one.
    pub path: Option<String>,
    /// SHA-256 of its content.
    pub hash: Option<String>,
    /// Whether that content is trusted in this clone.
    pub trusted: bool,
    /// The commands that it would run, one line each: with quotes and escapes where one has several.
    pub commands: Vec<String>,
}

/// The checked-in file.
pub const FILE: &str = ".pm.toml";

/// The largest such file, in bytes.
const FILE_MAX: u64 = 256 * 1024;

/// What the file asks for.
#[derive(Default)]
struct Checked {
    hash: String,
    /// Of a file that was not read from disk: its hash there, where lines end as on Windows.
    hash_checked_out: Option<String>,
    gates: Vec<(String, String)>,
    setup: Vec<String>,
}

impl Settings<'_> {
    /// Shows what the checked-in `.pm.toml` would run, and with `Some(true)` trusts its present
    /// content in this clone, with `Some(false)` takes that back.
    ///
    /// # Errors
    /// When the file cannot be read, or an agent tries to trust it.
    pub fn trust(&self, accept: Option<bool>) -> Result<TrustReport> {
        let Some(checked) = self.pm.checked_in()? else {
            if accept == Some(true) {
                return Err(
                    Error::not_found(format!("there is no {FILE} to trust here")).hint(format!(
                        "write gates into {FILE}, or `git pm config pm.gate name=command`"
                    )),
                );
            }
            return Ok(TrustReport {
                path: None,
                hash: None,
                trusted: false,
                commands: Vec::new(),
            });
        };
        let file = self.pm.store.folder().join("trusted");
        let fail = |e: std::io::Error| Error::unwritten(format!("writing {}", file.display()), e);
        if let Some(accept) = accept {
            crate::pm::actor::require_human(
                &self.pm.actor,
                "trusting commands",
                "ask a human to run `git pm trust`",
            )?;
            let mut hashes = self.pm.trusted_hashes();
            hashes.retain(|h| *h != checked.hash);
            if accept {
                hashes.push(checked.hash.clone());
            }
            let folder = self.pm.store.folder();
            std::fs::create_dir_all(&folder).map_err(fail)?;
            // In one step: who dies here or finds the disk full keeps what was trusted before.
            let temporary = folder.join(format!("trusted.{}.tmp", std::process::id()));
            let (text, points) = (hashes.join("\n"), ["trust-write", "trust-rename"]);
            fault::replace(&file, &temporary, text.as_bytes(), points).map_err(fail)?;
        }
        let gates = checked.gates.iter();
        let gates = gates.map(|(name, run)| format!("gate {}: {}", spelled(name), spelled(run)));
        let setup = checked
            .setup
            .iter()
            .map(|run| format!("setup: {}", spelled(run)));
        Ok(TrustReport {
            path: Some(FILE.into()),
            trusted: self.pm.trusted_hashes().contains(&checked.hash),
            commands: gates.chain(setup).collect(),
            hash: Some(checked.hash),
        })
    }
}

impl Pm {
    /// The gates to run, by name, in order, on work that goes into a target: this clone's, those of the
    /// target's file, and what the file here adds to these. So only the target itself loses a gate.
    ///
    /// # Errors
    /// When a checked-in file asks for gates and is not trusted.
    pub(crate) fn gates(&self, target: &str) -> Result<Vec<(String, String)>> {
        let configured = self.store.repo().config_all(settings::GATE.key);
        let mut gates: Vec<(String, String)> = configured
            .into_iter()
            .map(|text| match text.split_once('=') {
                Some((name, command)) if is_word(name) => (name.to_string(), command.to_string()),
                _ => (text.clone(), text),
            })
            .collect();
        let here = self.checked_in()?;
        if let Some(checked) = &here
            && !checked.gates.is_empty()
        {
            self.require_trusted(checked)?;
        }
        let mut checked_in: Vec<(String, String)> = Vec::new();
        if let Some(onto) = self.tip_of(target)?
            && let Some(checked) = self.checked_at(onto)?
            && !checked.gates.is_empty()
        {
            if !self.is_trusted(&checked) {
                let target = one_line(target);
                return Err(Error::refused(format!(
                    "{FILE} of {target} asks to run commands, and its content is not trusted here"
                ))
                .hint(format!(
                    "`git pm trust`, where {target} is checked out, shows them and trusts them"
                )));
            }
            checked_in = checked.gates;
        }
        for (name, command) in here.map(|checked| checked.gates).unwrap_or_default() {
            if checked_in.iter().all(|(known, _)| *known != name) {
                checked_in.push((name, command));
            }
        }
        gates.extend(checked_in);
        Ok(gates)
    }

    /// Says so where work changes the gates of the checked-in file.
    pub(crate) fn tell_gates(&self, id: &str, commit: &str, target: &str) -> Result<()> {
        let repo = self.store.repo();
        let work = repo.parse_id(commit).filter(|work| repo.is_commit(*work));
        let (Some(work), Some(onto)) = (work, self.tip_of(target)?) else {
            return Ok(());
        };
        let file = |commit| repo.file_at(repo.commit(commit)?.tree, FILE);
        if file(work)? == file(onto)? {
            return Ok(());
        }
        let base = merge_base(&repo.git().plain(), &onto.to_string(), commit)?;
        let Some(base) = base.and_then(|base| repo.parse_id(&base)) else {
            return Ok(());
        };
        // What cannot be read runs nothing.
        let gates = |commit| {
            self.checked_at(commit)
                .ok()
                .flatten()
                .unwrap_or_default()
                .gates
        };
        let (before, after) = (gates(base), gates(work));
        let of = |all: &[(String, String)], name: &str| {
            let mut all = all.iter();
            all.find(|(known, _)| known == name)
                .map(|(_, command)| command.clone())
        };
        let names = before.iter().chain(&after).map(|(name, _)| name.as_str());
        let mut said = Vec::new();
        for name in names.collect::<std::collections::BTreeSet<_>>() {
            let what = match (of(&before, name), of(&after, name)) {
                (Some(_), None) => "takes out",
                (None, Some(_)) => "adds",
                (was, is) if was != is => "changes",
                _ => continue,
            };
            said.push(format!("{what} {}", spelled(name)));
        }
        if !said.is_empty() {
            self.notice(format!(
                "{id} changes the gates in {FILE}: it {}",
                said.join(", ")
            ));
        }
        Ok(())
    }

    /// Where a target is, here or else at a remote.
    pub(crate) fn tip_of(&self, target: &str) -> Result<Option<Oid>> {
        let repo = self.store.repo();
        match (
            repo.ref_target(&format!("refs/heads/{target}"))?,
            self.remote_branch(target),
        ) {
            (None, Some(remote)) => repo.ref_target(&remote),
            (here, _) => Ok(here),
        }
    }

    /// Commands of a kind (`setup`), in order.
    ///
    /// # Errors
    /// When the checked-in file asks for some and is not trusted.
    pub(crate) fn commands(&self, kind: &str) -> Result<Vec<String>> {
        let mut commands = self.store.repo().config_all(&format!("pm.{kind}"));
        if let Some(checked) = self.checked_in()?
            && !checked.setup.is_empty()
        {
            self.require_trusted(&checked)?;
            commands.extend(checked.setup);
        }
        Ok(commands)
    }

    fn require_trusted(&self, checked: &Checked) -> Result<()> {
        if self.is_trusted(checked) {
            return Ok(());
        }
        Err(Error::refused(format!(
            "{FILE} asks to run commands, and its present content is not trusted here"
        ))
        .hint("`git pm trust` shows them and trusts them"))
    }

    fn is_trusted(&self, checked: &Checked) -> bool {
        let trusted = self.trusted_hashes();
        trusted.contains(&checked.hash)
            || checked
                .hash_checked_out
                .as_ref()
                .is_some_and(|hash| trusted.contains(hash))
    }

    fn trusted_hashes(&self) -> Vec<String> {
        std::fs::read_to_string(self.store.folder().join("trusted"))
            .unwrap_or_default()
            .lines()
            .map(str::to_string)
            .collect()
    }

    fn checked_in(&self) -> Result<Option<Checked>> {
        let Some(top) = self.store.repo().workdir() else {
            return Ok(None);
        };
        let path = top.join(FILE);
        let Ok(meta) = std::fs::symlink_metadata(&path) else {
            return Ok(None);
        };
        let broken = |why: String| broken(&why, &path.display().to_string());
        if !meta.is_file() {
            return Err(broken("it is no regular file".into()));
        }
        if meta.len() > FILE_MAX {
            return Err(broken(format!("it has more than {FILE_MAX} bytes")));
        }
        let text = std::fs::read_to_string(&path).map_err(|e| broken(e.to_string()))?;
        read(&text, broken).map(Some)
    }

    /// The file of a commit.
    fn checked_at(&self, commit: Oid) -> Result<Option<Checked>> {
        let repo = self.store.repo();
        let tree = repo.commit(commit)?.tree;
        let Some(blob) = repo.file_at(tree, FILE)? else {
            return Ok(None);
        };
        let broken = |why: String| broken(&why, &format!("it in commit {commit}"));
        let bytes = repo.blob(blob, usize::try_from(FILE_MAX).unwrap_or(usize::MAX))?;
        let bytes = bytes.ok_or_else(|| broken(format!("it has more than {FILE_MAX} bytes")))?;
        let text = String::from_utf8(bytes).map_err(|e| broken(e.to_string()))?;
        let mut checked = read(&text, broken)?;
        let on_windows = text.replace("\r\n", "\n").replace('\n', "\r\n");
        checked.hash_checked_out = Some(sha256_hex(on_windows.as_bytes()));
        Ok(Some(checked))
    }
}

fn broken(why: &str, place: &str) -> Error {
    Error::usage(format!("{FILE} cannot be used: {why}")).hint(format!("mend or remove {place}"))
}

/// Reads the file's text.
fn read(text: &str, broken: impl Fn(String) -> Error) -> Result<Checked> {
    let toml: toml_edit::DocumentMut = text.parse().map_err(|e| broken(format!("{e}")))?;
    let mut checked = Checked {
        hash: sha256_hex(text.as_bytes()),
        ..Checked::default()
    };
    if let Some(gates) = toml.get("gates") {
        let table = gates
            .as_table_like()
            .ok_or_else(|| broken("`gates` must be a table of name = \"command\"".into()))?;
        for (name, item) in table.iter() {
            let command = item
                .as_str()
                .ok_or_else(|| broken(format!("the gate `{name}` must be a text")))?;
            checked.gates.push((name.to_string(), command.to_string()));
        }
    }
    if let Some(setup) = toml.get("setup") {
        let list = setup
            .as_array()
            .ok_or_else(|| broken("`setup` must be a list of commands".into()))?;
        for item in list {
            let command = item
                .as_str()
                .ok_or_else(|| broken("`setup` must be a list of texts".into()))?;
            checked.setup.push(command.to_string());
        }
    }
    Ok(checked)
}

fn is_word(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}
