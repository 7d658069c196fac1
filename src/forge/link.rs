//! The link: the one repository at a forge that the project is mirrored to, pinned in the state.
//!
//! Each clone confirms it once, so that a pushed link cannot send its items elsewhere.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::local_files;
use super::{Need, connect};
use crate::bridge::people;
use crate::coordinate::gate::forge_rule::ForgeRule;
use crate::coordinate::gate::trust;
use crate::coordinate::worktree::followed_branch::tip_of;
use crate::coordinate::worktree::target;
use crate::error::{Error, Hint, Reason, Result};
use crate::model::doc::Doc;
use crate::model::issue_name::{GITHUB, LINKS};
use crate::model::stamp::rfc3339;
use crate::model::text::{excerpt, one_line};
use crate::model::value::Value;
use crate::pm::Pm;
use crate::pm::handles::Forges;
use crate::pm::who_acts::require_human;
use crate::store::state::State;
use crate::work::list::saved_views::change_repository;

/// The host that is meant without one.
const HOST: &str = "github.com";

/// A link to a repository at a forge.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ForgeLink {
    /// The host: `github.com`.
    pub host: String,
    /// The owner.
    pub owner: String,
    /// The name.
    pub name: String,
    /// Its id in the forge's database, which a rename does not change.
    pub repository: u64,
    /// Who linked it.
    pub by: String,
    /// When, RFC 3339.
    pub set_at: String,
    /// This clone has confirmed it.
    pub confirmed: bool,
    /// Anybody can read what is there; none if it was not asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public: Option<bool>,
}

/// Link the project to a repository at GitHub, or confirm the link here
///
/// The link is in the state, so every clone has it; each clone confirms it once, with this command. Only
/// what is linked is mirrored, and a repository that was replaced by another of the same name is refused.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm github link acme/widget
  git pm github link github.example.com/acme/widget
  git pm github link            confirm the link that another clone made
  git pm github link --remove")]
pub struct LinkRequest {
    /// OWNER/NAME, with HOST/ in front for an Enterprise server; by default the present link, else GH_REPO, else the remote.
    pub repository: Option<String>,
    /// Remove the link; issues and items stay as they are.
    #[arg(long, conflicts_with = "repository")]
    #[serde(default)]
    pub remove: bool,
}

impl ForgeLink {
    /// `HOST/OWNER/NAME`.
    pub fn shown(&self) -> String {
        one_line(&format!("{}/{}/{}", self.host, self.owner, self.name))
    }

    /// The entry of a document's `mirrors` for this repository.
    pub(crate) fn key(&self) -> String {
        format!("{} {}", self.host, self.repository)
    }

    fn of(doc: &Doc) -> Option<ForgeLink> {
        let entry = doc.entries(LINKS).find(|(id, _)| *id == GITHUB)?.1;
        let text = |name: &str| Some(entry.text(name)?.to_string());
        let link = ForgeLink {
            host: text("host")?,
            owner: text("owner")?,
            name: text("name")?,
            repository: entry.value("repository").as_int()?.try_into().ok()?,
            by: text("by").unwrap_or_default(),
            set_at: text("set_at").unwrap_or_default(),
            ..ForgeLink::default()
        };
        // Anybody who can push can write it, and it becomes part of addresses.
        let is_word = |word: &str| named(word).is_some();
        (is_host(&link.host) && is_word(&link.owner) && is_word(&link.name)).then_some(link)
    }
}

impl Forges<'_> {
    /// The repository (`HOST/OWNER/NAME`) that is meant here without a name: the linked one, else that of GH_REPO,
    /// else that of the remote.
    pub fn repository_here(&self) -> Option<String> {
        let linked = self.pm.store.state().ok().and_then(|state| read(&state));
        Some(linked.or_else(|| guessed(self.pm).ok())?.shown())
    }

    /// Links the project to a repository that exists, confirms the link in this clone, or removes it. For
    /// humans: it decides where the items go.
    ///
    /// # Errors
    /// When the repository cannot be read, or an agent asks.
    pub fn link(&self, request: &LinkRequest) -> Result<ForgeLink> {
        let pm = self.pm;
        let next = "ask a human to run `git pm github link`";
        require_human(&pm.actor, "linking a repository", next)?;
        let present = read(&pm.store.state()?);
        if request.remove {
            let link = present.ok_or_else(unlinked)?;
            change_repository(pm, "github link", "removed", |tx, doc| {
                Ok(doc.set_entry(LINKS, GITHUB, "removed", true, tx.clock()))
            })?;
            return Ok(link);
        }
        let mut link = match (&request.repository, present.clone()) {
            (Some(text), _) => parse(pm, text)?,
            (None, Some(present)) => present,
            (None, None) => guessed(pm)?,
        };
        let forge = connect(pm, &link, Need::Issues)?;
        let found = forge.repository()?;
        let (owner, name) = found.full_name.split_once('/').unwrap_or_default();
        let is_same =
            link.owner.eq_ignore_ascii_case(owner) && link.name.eq_ignore_ascii_case(name);
        if !is_same || !found.has_issues {
            let why = match is_same {
                true => "has issues switched off".to_string(),
                false => format!("is {} now", excerpt(&found.full_name, 100)),
            };
            return Err(Error::refused(format!("{} {why}", link.shown()))
                .because(Reason::ForgeMoved)
                .about(link.shown())
                .hint("name the repository that is meant: `git pm github link OWNER/NAME`"));
        }
        if request.repository.is_none() {
            require_same(&link, found.id)?;
        }
        (link.owner, link.name) = (owner.to_string(), name.to_string());
        (link.repository, link.public) = (found.id, Some(found.is_public));
        let is_known = |old: ForgeLink| old.key() == link.key() && old.shown() == link.shown();
        if !present.is_some_and(is_known) {
            let id = i64::try_from(link.repository).unwrap_or(i64::MAX);
            change_repository(pm, "github link", &link.shown(), |tx, doc| {
                let clock = tx.clock().clone();
                let at = tx.fresh_stamp();
                let registers = [
                    ("host", Value::from(link.host.as_str())),
                    ("owner", link.owner.as_str().into()),
                    ("name", link.name.as_str().into()),
                    ("repository", Value::Int(id)),
                    ("by", tx.actor().into()),
                    ("set_at", rfc3339(clock.wall_ms()).into()),
                    ("removed", Value::Null),
                ];
                doc.write_entry(LINKS, GITHUB, at, registers, &clock);
                Ok(true)
            })?;
        }
        local_files::confirm(pm, &link)?;
        super::pulls::learn_rule(pm, forge.as_ref())?;
        link.confirmed = true;
        Ok(link)
    }
}

/// The link of a state, if it has one.
pub(crate) fn read(state: &State<'_>) -> Option<ForgeLink> {
    ForgeLink::of(&state.repository.doc)
}

/// The link, if this clone has confirmed it.
///
/// # Errors
/// When there is none, or it is not confirmed.
pub(crate) fn confirmed(pm: &Pm) -> Result<ForgeLink> {
    let mut link = read(&pm.store.state()?).ok_or_else(unlinked)?;
    if !local_files::is_confirmed(pm, &link) {
        let (by, to) = (one_line(&link.by), link.shown());
        let text =
            format!("{by} linked this project to {to}, and this clone has not confirmed that");
        return Err(Error::refused(text)
            .because(Reason::ForgeUnconfirmed)
            .about(to)
            .hint(Hint::run(["github", "link"], "confirms it (for humans)")));
    }
    link.confirmed = true;
    Ok(link)
}

/// Refuses a repository that is not the linked one, although it has its name.
pub(crate) fn require_same(link: &ForgeLink, repository: u64) -> Result<()> {
    if link.repository == 0 || link.repository == repository {
        return Ok(());
    }
    Err(Error::refused(format!("{} is another repository than the linked one", link.shown()))
        .because(Reason::ForgeMoved)
        .about(link.shown())
        .hint("a repository of the same name has replaced it; `git pm github link OWNER/NAME` links that one"))
}

/// The rule of the project: that of its target branch, else the default.
///
/// # Errors
/// When `.pm.toml` is not valid.
pub(crate) fn rule(pm: &Pm) -> Result<ForgeRule> {
    let tip = match target::default_target(pm) {
        Ok(target) => tip_of(pm, &target)?,
        // Without a commit there is no file.
        Err(_) => None,
    };
    let checked = tip.map(|tip| trust::checked_at(pm, tip)).transpose()?;
    let mut rule = checked.flatten().unwrap_or_default().forge;
    // Those of the file come first: it is trusted, and the state is anybody's who can push.
    let named = people::remembered(&pm.store.state()?, GITHUB).into_iter();
    let named = named.filter(|(_, here)| !here.is_empty());
    rule.logins.extend(named.map(|(login, here)| (here, login)));
    Ok(rule)
}

fn unlinked() -> Error {
    Error::refused("this project is linked to no repository at GitHub")
        .because(Reason::ForgeUnlinked)
        .hint(Hint::run(["github", "link", "OWNER/NAME"], "links one"))
}

/// `OWNER/NAME`, `HOST/OWNER/NAME`, or a URL.
pub(super) fn parse(pm: &Pm, text: &str) -> Result<ForgeLink> {
    let invalid = || {
        Error::usage(format!("`{}` is not a repository", excerpt(text, 100)))
            .because(Reason::ForgeUnlinked)
            .hint("write OWNER/NAME, or HOST/OWNER/NAME for an Enterprise server")
    };
    let plain = text.trim().trim_end_matches('/');
    let mut schemes = ["https://", "http://", "ssh://git@", "git@"].iter();
    let without = schemes.find_map(|scheme| plain.strip_prefix(scheme));
    let plain = without.unwrap_or(plain);
    let plain = plain.strip_suffix(".git").unwrap_or(plain);
    let scp = plain.replacen(':', "/", 1);
    let parts: Vec<&str> = match plain.split('/').collect::<Vec<_>>() {
        // `git@HOST:OWNER/NAME`, unless that is a port.
        parts if parts.len() == 2 && text.contains('@') => scp.split('/').collect(),
        parts => parts,
    };
    let bare_owner = pm.store.env().text("GH_OWNER");
    let (host, owner, name) = match parts[..] {
        [name] => (HOST, bare_owner.as_deref().ok_or_else(invalid)?, name),
        [owner, name] => (HOST, owner, name),
        [host, owner, name] => (host, owner, name),
        _ => return Err(invalid()),
    };
    if !is_host(host) {
        return Err(invalid());
    }
    Ok(ForgeLink {
        host: host.to_lowercase(),
        owner: named(owner).ok_or_else(invalid)?,
        name: named(name).ok_or_else(invalid)?,
        ..ForgeLink::default()
    })
}

/// The repository that the environment or the remote names.
fn guessed(pm: &Pm) -> Result<ForgeLink> {
    let named = |name| pm.store.env().text(name);
    if let Some(named) = named("GH_REPO").or_else(|| named("PROJECT_CLONE_URL")) {
        return parse(pm, &named);
    }
    let remote = pm.own_remote().ok_or_else(unlinked)?;
    parse(pm, &remote.url(pm.store.repo()))
}

/// A name that can be part of an address.
fn named(word: &str) -> Option<String> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let is_name = !word.is_empty() && word.len() <= 100 && word.chars().all(is_plain);
    (is_name && !word.starts_with('.')).then(|| word.to_string())
}

fn is_host(host: &str) -> bool {
    let (name, port) = host.split_once(':').unwrap_or((host, "1"));
    named(name).is_some() && !name.starts_with('-') && port.parse::<u16>().is_ok()
}
