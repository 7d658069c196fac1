//! Which commands are run: those of this clone's git config, and of a trusted `.pm.toml`.
//!
//! The checked-in file runs only if the user has trusted its content. Trust applies to the content: a
//! changed file is not trusted. So it is with each definition of an agent in `.pm/agents`.

use schemars::JsonSchema;
use serde::Serialize;
use toml_edit::Item;

use crate::coordinate::gate::Gate;
use crate::coordinate::gate::agent_files::{AgentFile, FOLDER, agent_files};
use crate::coordinate::gate::checklist_rule::ChecklistRule;
use crate::coordinate::gate::forge_rule::ForgeRule;
use crate::coordinate::gate::table_values::{Values, texts};
use crate::coordinate::gate::worktree_rule::WorktreeRule;
use crate::error::{Error, Hint, Reason, Result};
use crate::model::settings;
use crate::model::text::spelled;
use crate::model::uid::sha256_hex;
use crate::pm::Pm;
use crate::pm::handles::Settings;
use crate::pm::pins::PM_TOML;
use crate::store::fault;
use crate::store::git::repo::Oid;
use crate::store::shared_files;

/// The checked-in commands and whether they are trusted.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct TrustReport {
    /// The checked-in file, if it exists.
    pub path: Option<String>,
    /// SHA-256 of its content.
    pub hash: Option<String>,
    /// That content is trusted in this clone.
    pub trusted: bool,
    /// The commands in it, one line each; those of several lines are quoted and escaped.
    pub commands: Vec<String>,
    /// The definitions of agents in `.pm/agents`.
    pub agents: Vec<TrustedAgent>,
}

/// The definition of an agent, and whether it is trusted.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct TrustedAgent {
    /// The file, from the root of the worktree.
    pub path: String,
    /// SHA-256 of its content; null if the file cannot be used.
    pub hash: Option<String>,
    /// That content is trusted in this clone.
    pub trusted: bool,
    /// The content.
    pub text: Option<String>,
    /// Why the file cannot be used.
    pub problem: Option<String>,
}

impl TrustReport {
    /// True if something in it is not trusted and could be.
    pub fn is_open(&self) -> bool {
        let is_open = |agent: &TrustedAgent| agent.problem.is_none() && !agent.trusted;
        self.path.is_some() && !self.trusted || self.agents.iter().any(is_open)
    }

    /// What is trusted with it, as it is recorded.
    fn entries(&self) -> Vec<String> {
        let agents = self.agents.iter().filter_map(|agent| {
            let hash = agent.hash.as_ref()?;
            Some(format!("{} {hash}", agent.path))
        });
        self.hash.iter().cloned().chain(agents).collect()
    }
}

/// The checked-in file.
pub const FILE: &str = PM_TOML;

/// The greatest size of the file, in bytes.
pub(super) const FILE_MAX: u64 = 256 * 1024;

/// The content of the file.
#[derive(Default)]
pub(crate) struct Checked {
    hash: String,
    /// For a file read from a commit: its hash if checked out with CRLF line ends.
    hash_checked_out: Option<String>,
    pub(super) gates: Vec<Gate>,
    /// Commands that print a report about work: SARIF or rdjson.
    pub(super) reviewers: Vec<Gate>,
    /// Commands that run the test which `GIT_PM_PROOF` names.
    pub(super) proofs: Vec<Gate>,
    pub(super) checklists: Vec<ChecklistRule>,
    pub(super) setup: Vec<String>,
    pub(super) worktree: Option<WorktreeRule>,
    /// The addresses of the people that an owner in CODEOWNERS stands for.
    pub(crate) owners: Vec<(String, Vec<String>)>,
    /// What is mirrored at a forge.
    pub(crate) forge: ForgeRule,
}

impl Settings<'_> {
    /// Shows the commands in the checked-in `.pm.toml` and the definitions in `.pm/agents`; with
    /// `Some(true)` trusts their current content in this clone, with `Some(false)` revokes that.
    ///
    /// # Errors
    /// When a file cannot be read, or an agent tries to trust it.
    pub fn trust(&self, accept: Option<bool>) -> Result<TrustReport> {
        let report = self.report()?;
        let Some(accept) = accept else {
            return Ok(report);
        };
        let entries = report.entries();
        if accept {
            let refused = |agent: &TrustedAgent| Some((agent.path.clone(), agent.problem.clone()?));
            if let Some((path, why)) = report.agents.iter().find_map(refused) {
                return Err(Error::refused(format!("{path} {why}; nothing was trusted"))
                    .because(Reason::TrustInvalidFile)
                    .hint(format!("fix or remove {path}"))
                    .about(path));
            }
            if entries.is_empty() {
                return Err(Error::not_found(format!(
                    "there is no {FILE} and nothing in {FOLDER} to trust in this worktree"
                ))
                .because(Reason::TrustNoFile)
                .about(FILE)
                .hint(Hint::run(
                    ["config", "pm.gate", "NAME=COMMAND"],
                    "adds a gate without it",
                )));
            }
        }
        set_trust(self.pm, &entries, accept)?;
        self.report()
    }

    fn report(&self) -> Result<TrustReport> {
        let agents = agents(self.pm).into_iter();
        let agents = agents.map(|(file, trusted)| TrustedAgent {
            hash: file.hash().map(str::to_string),
            trusted,
            problem: file.text.as_ref().err().cloned(),
            text: file.text.ok(),
            path: file.path,
        });
        let agents = agents.collect();
        let Some(checked) = checked_in(self.pm)? else {
            return Ok(TrustReport {
                agents,
                ..TrustReport::default()
            });
        };
        let gates = [
            ("gate", &checked.gates),
            ("reviewer", &checked.reviewers),
            ("proof", &checked.proofs),
        ];
        let gates = gates.into_iter().flat_map(|(kind, all)| {
            let named = move |one: &Gate| format!("{kind} {}: {one}", spelled(&one.name));
            all.iter().map(named)
        });
        let lists = checked.checklists.iter();
        let lists = lists.map(|one| format!("checklist {}: {one}", one.name));
        let setup = checked
            .setup
            .iter()
            .map(|run| format!("setup: {}", spelled(run)));
        let worktree = checked.worktree.iter();
        let worktree = worktree.map(|rule| format!("worktree: {rule}"));
        Ok(TrustReport {
            path: Some(FILE.into()),
            trusted: trusted_hashes(self.pm).contains(&checked.hash),
            commands: (gates.chain(lists)).chain(setup).chain(worktree).collect(),
            hash: Some(checked.hash),
            agents,
        })
    }

    /// Trusts in this clone the content that a report shows, whatever the file contains now, and
    /// returns the report on that.
    ///
    /// # Errors
    /// As [`Settings::trust`]; kind `Conflict` when the file has another content by now, which is
    /// not trusted.
    pub fn trust_shown(&self, shown: &TrustReport) -> Result<TrustReport> {
        set_trust(self.pm, &shown.entries(), true)?;
        let now = self.report()?;
        match now.entries() == shown.entries() {
            true => Ok(now),
            false => Err(Error::conflict(format!(
                "{FILE} or {FOLDER} was changed after it was shown: the content that was shown is \
                 trusted, the present one is not"
            ))
            .because(Reason::TrustChanged)
            .about(FILE)
            .hint(Hint::run(["trust"], "shows the present content"))),
        }
    }
}

/// The commands that set a new worktree up, in order.
///
/// # Errors
/// When the checked-in file has some and is not trusted.
pub(crate) fn set_up(pm: &Pm) -> Result<Vec<String>> {
    let mut commands = pm.store.repo().config_all(settings::SETUP.key);
    if let Some(checked) = checked_in(pm)?
        && !checked.setup.is_empty()
    {
        require_trusted(pm, &checked)?;
        commands.extend(checked.setup);
    }
    Ok(commands)
}

/// What a new worktree gets.
///
/// # Errors
/// When the checked-in file says something about it and is not trusted.
pub(crate) fn worktree(pm: &Pm) -> Result<WorktreeRule> {
    let Some(mut checked) = checked_in(pm)? else {
        return Ok(WorktreeRule::default());
    };
    let Some(rule) = checked.worktree.take() else {
        return Ok(WorktreeRule::default());
    };
    require_trusted(pm, &checked).map(|()| rule)
}

pub(crate) fn require_trusted(pm: &Pm, checked: &Checked) -> Result<()> {
    if is_trusted(pm, checked) {
        return Ok(());
    }
    Err(Error::refused(format!(
        "{FILE} has commands or checklists, and its current content is not trusted here"
    ))
    .because(Reason::TrustRequired)
    .about(FILE)
    .hint(Hint::run(["trust"], "shows and trusts them")))
}

pub(crate) fn is_trusted(pm: &Pm, checked: &Checked) -> bool {
    let trusted = trusted_hashes(pm);
    trusted.contains(&checked.hash)
        || checked
            .hash_checked_out
            .as_ref()
            .is_some_and(|hash| trusted.contains(hash))
}

/// The definitions of agents in this worktree, each with whether its content is trusted.
pub(crate) fn agents(pm: &Pm) -> Vec<(AgentFile, bool)> {
    let trusted = trusted_hashes(pm);
    let with = |file: AgentFile| {
        let entry = file.entry.as_ref();
        let is_trusted = entry.is_some_and(|entry| trusted.contains(entry));
        (file, is_trusted)
    };
    agent_files(pm).into_iter().map(with).collect()
}

/// Trusts contents of files in this clone, by their hashes, or revokes that.
fn set_trust(pm: &Pm, entries: &[String], accept: bool) -> Result<()> {
    crate::pm::who_acts::require_human(
        &pm.actor,
        "trusting commands",
        "ask a human to run `git pm trust`",
    )?;
    let folder = pm.store.folder();
    let file = folder.join("trusted");
    let fail = |e: std::io::Error| Error::unwritten(format!("cannot write {}", file.display()), e);
    let mut hashes = trusted_hashes(pm);
    hashes.retain(|hash| !entries.contains(hash));
    if accept {
        hashes.extend_from_slice(entries);
    }
    shared_files::create_dir_all(&folder).map_err(fail)?;
    // Replaced in one step, so that a kill or a full disk keeps the previous list.
    let temporary = folder.join(format!("trusted.{}.tmp", std::process::id()));
    let (text, points) = (hashes.join("\n"), ["trust-write", "trust-rename"]);
    fault::replace(&file, &temporary, text.as_bytes(), points).map_err(fail)
}

fn trusted_hashes(pm: &Pm) -> Vec<String> {
    std::fs::read_to_string(pm.store.folder().join("trusted"))
        .unwrap_or_default()
        .lines()
        .map(str::to_string)
        .collect()
}

pub(crate) fn checked_in(pm: &Pm) -> Result<Option<Checked>> {
    let Some(top) = pm.store.repo().workdir() else {
        return Ok(None);
    };
    let path = top.join(FILE);
    let Ok(meta) = std::fs::symlink_metadata(&path) else {
        return Ok(None);
    };
    let broken = |why: String| broken(&why, &path.display().to_string());
    if !meta.is_file() {
        return Err(broken("it is not a regular file".into()));
    }
    if meta.len() > FILE_MAX {
        return Err(broken(format!("it is larger than {FILE_MAX} bytes")));
    }
    let text = std::fs::read_to_string(&path).map_err(|e| broken(e.to_string()))?;
    read(&text, broken).map(Some)
}

/// The file of a commit.
pub(crate) fn checked_at(pm: &Pm, commit: Oid) -> Result<Option<Checked>> {
    let repo = pm.store.repo();
    let tree = repo.commit(commit)?.tree;
    let Some(blob) = repo.file_at(tree, FILE)? else {
        return Ok(None);
    };
    let broken = |why: String| broken(&why, &format!("the file in commit {commit}"));
    let bytes = repo.blob(blob, usize::try_from(FILE_MAX).unwrap_or(usize::MAX))?;
    let bytes = bytes.ok_or_else(|| broken(format!("it is larger than {FILE_MAX} bytes")))?;
    let text = String::from_utf8(bytes).map_err(|e| broken(e.to_string()))?;
    let mut checked = read(&text, broken)?;
    let on_windows = text.replace("\r\n", "\n").replace('\n', "\r\n");
    checked.hash_checked_out = Some(sha256_hex(on_windows.as_bytes()));
    Ok(Some(checked))
}

fn broken(why: &str, place: &str) -> Error {
    Error::usage(format!("{FILE} cannot be used: {why}"))
        .because(Reason::TrustInvalidFile)
        .about(FILE)
        .hint(format!("fix or remove {place}"))
}

/// Reads the file's text.
fn read(text: &str, broken: impl Fn(String) -> Error) -> Result<Checked> {
    let toml: toml_edit::DocumentMut = text.parse().map_err(|e| broken(format!("{e}")))?;
    let keys = [
        "gates",
        "review",
        "proof",
        "checklist",
        "setup",
        "owners",
        "github",
        "worktree",
    ];
    let values = Values::of(toml.as_table(), ("", ""), &keys).map_err(&broken)?;
    let mut checked = Checked {
        hash: sha256_hex(text.as_bytes()),
        ..Checked::default()
    };
    for (key, kind, into) in [
        ("gates", "gate", &mut checked.gates),
        ("review", "reviewer", &mut checked.reviewers),
        ("proof", "proof", &mut checked.proofs),
    ] {
        let Some(named) = toml.get(key) else { continue };
        let table = named
            .as_table_like()
            .ok_or_else(|| broken(format!("`{key}` must be a table of name = \"command\"")))?;
        for (name, item) in table.iter() {
            into.push(Gate::read(kind, name, item).map_err(&broken)?);
        }
    }
    if let Some(named) = toml.get("checklist") {
        let table = named
            .as_table_like()
            .ok_or_else(|| broken("`checklist` must have tables [checklist.NAME]".into()))?;
        for (name, item) in table.iter() {
            let rule = ChecklistRule::read(name, item).map_err(&broken)?;
            checked.checklists.push(rule);
        }
    }
    if let Some(item) = toml.get("github") {
        checked.forge = ForgeRule::read(item).map_err(&broken)?;
    }
    let owners = |item: &Item| -> Option<Vec<(String, Vec<String>)>> {
        let owners = item.as_table_like()?.iter();
        let owners = owners.map(|(name, list)| Some((name.to_string(), texts(list)?)));
        owners.collect()
    };
    let what = "a table of \"@NAME\" = [\"ADDRESS\"]";
    let owners = values.get("owners", what, owners).map_err(&broken)?;
    checked.owners = owners.unwrap_or_default();
    let rule = toml.get("worktree").map(WorktreeRule::read).transpose();
    checked.worktree = rule.map_err(&broken)?;
    let setup = values.get("setup", "a list of commands", texts);
    checked.setup = setup.map_err(&broken)?.unwrap_or_default();
    Ok(checked)
}

pub(crate) fn is_word(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}
