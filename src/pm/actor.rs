//! Who acts: the name by which claims, reservations and commits know somebody, and whether that
//! is an agent. Nobody becomes a human by taking another name.

use crate::error::{Error, Result};
use crate::model::{settings, text};
use crate::pm::Pm;
use crate::store::handle::{Actor, Store};
use crate::store::index::Scan;

/// Variables that coding agents set in the shells they run.
pub const AGENT_MARKERS: &[&str] = &[
    "CLAUDECODE",
    "CLAUDE_CODE_ENTRYPOINT",
    "CODEX_SANDBOX",
    "CODEX_SANDBOX_NETWORK_DISABLED",
    "CODEX_THREAD_ID",
    "CODEX_CI",
    "CURSOR_AGENT",
    "GEMINI_CLI",
    "OPENCODE",
    "AIDER_CHAT",
    "AI_AGENT",
    "AGENT",
    "AGENT_NAME",
];

/// The agent markers set in the environment.
pub fn markers(env: &crate::store::env::Env) -> Vec<&'static str> {
    AGENT_MARKERS
        .iter()
        .copied()
        .filter(|marker| {
            env.text(marker)
                .is_some_and(|value| *marker != "AGENT" || names_agent(&value))
        })
        .collect()
}

/// Whether a value of `AGENT`, a word that other programs use too, speaks of a coding agent: `1`, or
/// its name, but no plain no and no path of a socket.
fn names_agent(value: &str) -> bool {
    let value = value.to_ascii_lowercase();
    !matches!(value.as_str(), "0" | "false" | "no" | "off") && !value.contains(['/', '\\'])
}

/// Finds out who acts: `--as`, `GIT_PM_ACTOR`, `BD_ACTOR`, `AGENT_NAME`, in a task's worktree its
/// claimant, else git's user.
///
/// # Errors
/// When the name given cannot be one.
pub(crate) fn resolve(store: &Store, given: Option<&str>) -> Result<Actor> {
    let env = store.env();
    let (identity, email) = store.identity();
    let said = given.map(str::to_string);
    let [actor, bd, agent] = ["GIT_PM_ACTOR", "BD_ACTOR", "AGENT_NAME"].map(|key| env.text(key));
    let named = [
        ("--as", &said),
        ("GIT_PM_ACTOR", &actor),
        ("BD_ACTOR", &bd),
        ("AGENT_NAME", &agent),
    ];
    let named = named
        .into_iter()
        .find_map(|(from, name)| Some((from, name.as_deref()?)));
    let user = store.repo().config("user.name");
    let claimant = || claimant(store).map(|name| (name, true));
    let (name, stands_in) = match named {
        Some((from, name)) => (checked(from, name)?, false),
        // GIT_AUTHOR_NAME is a name that somebody gives, too.
        None => {
            claimant().unwrap_or_else(|| (text::actor(&identity), user.as_ref() == Some(&identity)))
        }
    };
    let is_agent =
        store.repo().config_all(settings::AGENT.key).contains(&name) || !markers(env).is_empty();
    // What its surroundings call it goes before what it says in one command.
    let own = [agent, actor, bd, said, user].into_iter().flatten();
    let own = own.map(|own| text::actor(&own)).find(|own| !own.is_empty());
    Ok(Actor {
        own: is_agent.then(|| own.unwrap_or_else(|| name.clone())),
        stands_in,
        is_agent,
        name,
        email,
        identity,
    })
}

/// The claimant of the task whose branch is checked out in the worktree the caller stands in.
fn claimant(store: &Store) -> Option<String> {
    let key = store.repo().worktree_key()?;
    if key == "main" {
        return None;
    }
    let branch = store.repo().current_branch()?;
    let replica = store.known_replica()?;
    let state = store.state().ok()?;
    let found = state.scan(&Scan::Branch(&branch), |_| true, 1);
    let item = found.first()?;
    let live = item
        .claims
        .iter()
        .find(|c| c.replica == replica.as_str() && c.ended.is_none());
    let claim = live.or_else(|| item.claims.iter().rfind(|c| c.replica == replica.as_str()))?;
    Some(claim.actor.clone())
}

/// What a human does for whoever holds the task whose worktree they stand in; all else they say as
/// the person they are.
const FOR_THE_CLAIMANT: [&str; 4] = ["task start", "task finish", "task drop", "reserve"];

impl Pm {
    /// Who an operation is written down as: in a task's worktree a human speaks for its claimant only
    /// where the work itself is taken up or given back.
    pub(crate) fn writer(&self, op: &str) -> Actor {
        let mut actor = self.actor.clone();
        if actor.stands_in && !actor.is_agent && !FOR_THE_CLAIMANT.contains(&op) {
            actor.name = text::actor(&actor.identity);
            actor.stands_in = false;
        }
        actor
    }

    /// As [`Pm::writer`], where there has to be a name.
    ///
    /// # Errors
    /// When neither git nor the caller says who acts.
    pub(crate) fn named_writer(&self, op: &str) -> Result<Actor> {
        let actor = self.writer(op);
        match actor.name.is_empty() {
            true => Err(nameless()),
            false => Ok(actor),
        }
    }
}

fn checked(from: &str, name: &str) -> Result<String> {
    let name = name.trim();
    let bad = name.is_empty()
        || name.chars().count() > text::ACTOR_MAX
        || name
            .chars()
            .any(|c| c.is_control() || matches!(c, '<' | '>'));
    if bad {
        let shown = text::shorten(&text::one_line(name), 40);
        return Err(
            Error::usage(format!("`{shown}`, from {from}, cannot be an actor's name"))
                .hint("use 1 to 80 characters without control characters and angle brackets"),
        );
    }
    Ok(name.to_string())
}

/// Requires a name, for whatever is not done for a claimant: writing needs an author.
///
/// # Errors
/// When neither git nor the caller says who acts.
pub(crate) fn require_name(actor: &Actor) -> Result<()> {
    let name = match actor.stands_in && !actor.is_agent {
        true => &actor.identity,
        false => &actor.name,
    };
    match name.is_empty() {
        true => Err(nameless()),
        false => Ok(()),
    }
}

fn nameless() -> Error {
    Error::state("git does not know who you are")
        .hint("set it: `git config user.name NAME` and `git config user.email ADDRESS`")
        .hint("or say it for one command: `git pm --as NAME …`")
}

/// Refuses an agent what only a human may do.
///
/// # Errors
/// When the actor counts as an agent.
pub(crate) fn require_human(actor: &Actor, what: &str, next: &str) -> Result<()> {
    if actor.is_agent {
        return Err(Error::refused(format!(
            "{what} is for a human, and {} counts as an agent",
            actor.name
        ))
        .hint(next.to_string()));
    }
    Ok(())
}
