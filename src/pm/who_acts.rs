//! Which name an operation acts under, whether it is an agent, and which items are for that actor.
//!
//! The name is that in claims, reservations and commits. An agent does not become a human under another
//! name.

use crate::error::{Error, Hint, Reason, Result};
use crate::model::item::Item;
use crate::model::limits::ACTOR_NAME_MAX;
use crate::model::{message, settings, text};
use crate::pm::{Options, Pm};
use crate::process;
use crate::store::actor::agent_in;
use crate::store::env::HANDED;
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
    "GIT_PM_RUN",
];

/// The names of coding agents by the markers that only they set.
const TOOLS: [(&str, &str); 10] = [
    ("CLAUDECODE", "claude-code"),
    ("CLAUDE_CODE_ENTRYPOINT", "claude-code"),
    ("CODEX_SANDBOX", "codex"),
    ("CODEX_SANDBOX_NETWORK_DISABLED", "codex"),
    ("CODEX_THREAD_ID", "codex"),
    ("CODEX_CI", "codex"),
    ("CURSOR_AGENT", "cursor"),
    ("GEMINI_CLI", "gemini"),
    ("OPENCODE", "opencode"),
    ("AIDER_CHAT", "aider"),
];

/// The name of an agent without a given name: that of its tool, by its markers.
fn tool(env: &crate::store::env::Env) -> Option<String> {
    let set = markers(env);
    let known = TOOLS.iter().find(|(marker, _)| set.contains(marker));
    known.map(|(_, tool)| (*tool).to_string()).or_else(|| {
        let mut named = ["AI_AGENT", "AGENT"]
            .iter()
            .filter(|marker| set.contains(marker));
        let value = named.find_map(|marker| env.text(marker))?;
        // `AGENT=1` says that it is one, and not which.
        let is_name = value.contains(char::is_alphabetic) && value != "true" && value != "yes";
        is_name.then(|| text::actor(&value))
    })
}

/// The name of the tool that an MCP client belongs to, as in its shells: `codex-mcp-client` is codex.
fn tool_of_client(client: &str) -> String {
    let mut tools = TOOLS.iter().map(|(_, tool)| *tool);
    let known = tools.find(|tool| {
        let short = tool.split('-').next().unwrap_or(tool);
        let rest = client.strip_prefix(short);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', ' ', '_']))
    });
    known.unwrap_or(client).to_string()
}

/// True if a name has the form of an agent's: `agent-2`, or that of a tool. It marks no agent, as a person may
/// have chosen it, but one who is called so should know how they are treated.
fn is_like_an_agents(name: &str) -> bool {
    let name = name.to_lowercase();
    let tools = TOOLS.iter().filter_map(|(_, tool)| tool.split('-').next());
    let mut forms = tools.chain(["agent"]);
    let ends = |rest: &str| {
        let next = rest.chars().next();
        next.is_none_or(|c| matches!(c, '-' | '_') || c.is_ascii_digit())
    };
    forms.any(|form| name.strip_prefix(form).is_some_and(ends))
}

/// How to mark an actor as an agent who counts as a human and has the name of one.
pub(crate) fn unmarked_agent(actor: &Actor) -> Option<Hint> {
    let is_unmarked = !actor.is_agent && is_like_an_agents(&actor.name);
    is_unmarked.then(|| {
        let add = ["config", "--add", settings::AGENT.key, &actor.name];
        Hint::git(
            add,
            "marks an agent of this name, and so does AGENT_NAME instead of GIT_PM_ACTOR in its environment",
        )
    })
}

/// Tells an actor who approves as a human under the name of an agent how they are treated.
pub(crate) fn notice_unmarked(pm: &Pm) {
    if let Some(mark) = unmarked_agent(&pm.actor) {
        let name = text::one_line(&pm.actor.name);
        pm.notice(format!("{name} counts as a human here: {mark}"));
    }
}

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

/// True if a value of `AGENT`, which other programs use too, means a coding agent: `1`, or a name,
/// but not a negation or the path of a socket.
fn names_agent(value: &str) -> bool {
    let value = value.to_ascii_lowercase();
    !matches!(value.as_str(), "0" | "false" | "no" | "off") && !value.contains(['/', '\\'])
}

/// The variables with which beads names the actor, the one that counts first.
pub(crate) const OF_BEADS: [&str; 2] = ["BEADS_ACTOR", "BD_ACTOR"];

/// Determines the actor. Who acts in the sandbox of an agent is an agent, whatever the environment
/// says. Its name: `--as`, `GIT_PM_ACTOR`, `BEADS_ACTOR`, `BD_ACTOR`, `AGENT_NAME`, in a task's worktree
/// its claimant, else the requesting agent or the tool whose shell it is, else git's user.
pub(crate) fn resolve(store: &Store, options: &Options) -> Result<Actor> {
    let env = store.env();
    let (identity, email) = store.identity();
    let asking = options.agent.as_deref().map(tool_of_client);
    let said = options.actor.clone();
    let [actor, agent] = ["GIT_PM_ACTOR", "AGENT_NAME"].map(|key| env.text(key));
    let [beads, bd] = OF_BEADS.map(|key| env.text(key));
    let named = [
        ("--as", &said),
        ("GIT_PM_ACTOR", &actor),
        (OF_BEADS[0], &beads),
        (OF_BEADS[1], &bd),
        ("AGENT_NAME", &agent),
    ];
    let named = named
        .into_iter()
        .find_map(|(from, name)| Some((from, name.as_deref()?)));
    if let (Some(said), Some(own)) = (&said, actor.as_ref().filter(|_| env.var(HANDED).is_some()))
        && said.trim() != own
    {
        let shown = text::excerpt(said, 40);
        return Err(Error::refused(format!(
            "{own} cannot act as `{shown}`: a run has started it"
        ))
        .because(Reason::ActorNotYours)
        .about(own)
        .hint("leave out `--as`"));
    }
    let is_named = named.is_some();
    let user = store.repo().config("user.name");
    let claimant = || claimant(store).map(|name| (name, true));
    let (name, is_inferred) = match named {
        Some((from, name)) => (checked(from, name)?, false),
        // A name from GIT_AUTHOR_NAME is given, not inferred.
        None => claimant().unwrap_or_else(|| match asking.clone().or_else(|| tool(env)) {
            Some(agent) => (text::actor(&agent), false),
            None => (text::actor(&identity), user.as_ref() == Some(&identity)),
        }),
    };
    if let Some(agent) = &asking {
        checked("the agent", agent)?;
    }
    let is_confined = process::is_inside();
    let named = store.repo().config_all(settings::AGENT.key);
    let is_agent = is_confined
        || asking.is_some()
        || named.iter().any(|one| text::is_same_name(one, &name))
        || !markers(env).is_empty();
    // The agent's name from its environment takes precedence over one for a single command; in a
    // sandbox, that of the task it was started for.
    let confined = is_confined.then(claimant).flatten().map(|(name, _)| name);
    let own = [
        confined,
        agent,
        actor,
        beads,
        bd,
        said,
        asking,
        tool(env),
        user,
    ];
    let own = own.into_iter().flatten();
    let own = own.map(|own| text::actor(&own));
    let own = own
        .filter(|own| !is_address(own))
        .find(|own| !own.is_empty());
    let is_tool = !is_named && !is_confined && !is_inferred && own.as_ref() == Some(&name);
    let place = || store.repo().worktree_key().filter(|key| key != "main");
    let own = match (own, is_tool.then(place).flatten()) {
        (Some(tool), Some(worktree)) => Some(text::actor(&agent_in(&tool, &worktree))),
        (own, _) => own,
    };
    Ok(Actor {
        own: is_agent.then(|| own.unwrap_or_else(|| name.clone())),
        is_inferred,
        is_agent,
        is_confined,
        is_bound: is_agent,
        name,
        email,
        identity,
    })
}

/// The claimant of the task whose branch is checked out in the caller's worktree.
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

/// The operations that a human in a task's worktree performs under its claimant's name.
const FOR_THE_CLAIMANT: [&str; 6] = [
    "task start",
    "task finish",
    "task drop",
    "reserve add",
    "reserve renew",
    "reserve release",
];

impl Pm {
    /// The actor that an operation is recorded under: in a task's worktree a human acts for its
    /// claimant only in operations that start or release the work.
    pub(crate) fn writer(&self, op: &str) -> Actor {
        let mut actor = self.actor.clone();
        if actor.is_inferred && !actor.is_agent && !FOR_THE_CLAIMANT.contains(&op) {
            actor.name = text::actor(&actor.identity);
            actor.is_inferred = false;
        }
        actor
    }

    /// Refuses a process in the sandbox of an agent what concerns another task than that of its
    /// worktree, whatever name it gives.
    ///
    /// # Errors
    /// Kind `Refused`, reason `actor.other_task`.
    pub(crate) fn require_own_task(&self, item: &Item, what: &str) -> Result<()> {
        let is_own = || {
            let branch = self.store.repo().current_branch();
            branch.is_some() && branch == item.branch
        };
        if !self.actor.is_confined || is_own() {
            return Ok(());
        }
        Err(Error::refused(format!(
            "{what} is for the agent that works on it: this process is in the sandbox of an agent \
             with another task"
        ))
        .because(Reason::ActorOtherTask)
        .hint("leave it to that agent, or to a human"))
    }

    /// True if an item is for the actor: it is not assigned to another, nor kept for one. To an agent with a
    /// name of its own the human whose git it uses is another.
    pub(crate) fn may_take(&self, item: &Item) -> bool {
        let name = self.actor.name.as_str();
        let is_own = |one: &str| text::is_same_name(one, name);
        let is_free = item.assignee.as_deref().is_none_or(is_own);
        is_free && item.kept_from(name, self.now_ms()).is_none()
    }

    /// As [`Pm::writer`], requiring a name.
    pub(crate) fn named_writer(&self, op: &str) -> Result<Actor> {
        let actor = self.writer(op);
        match actor.name.is_empty() {
            true => Err(nameless()),
            false => Ok(actor),
        }
    }
}

/// A name as `--as` takes it; `from` says where it is from.
///
/// # Errors
/// When it is empty, long or unprintable, or an address of other actors.
pub(crate) fn checked(from: &str, name: &str) -> Result<String> {
    let name = name.trim();
    let bad = name.is_empty()
        || name.chars().count() > ACTOR_NAME_MAX
        || name
            .chars()
            .any(|c| c.is_control() || matches!(c, '<' | '>'));
    if bad {
        let shown = text::excerpt(name, 40);
        return Err(
            Error::usage(format!("`{shown}`, from {from}, is not a valid actor name"))
                .hint("use 1 to 80 characters, without control characters or angle brackets")
                .because(Reason::ActorInvalidName),
        );
    }
    if is_address(name) {
        return Err(Error::usage(format!(
            "`{name}`, from {from}, is not a valid actor name: messages to it would reach other \
             actors"
        ))
        .hint("use a name other than `all`, `role:…`, `owner:…` or `git pm`")
        .because(Reason::ActorInvalidName));
    }
    Ok(name.to_string())
}

/// True for names that address other actors in messages, or that mean git pm itself as a sender.
fn is_address(name: &str) -> bool {
    let lower = name.to_lowercase();
    ["all", message::ALL, message::TOOL].contains(&lower.as_str())
        || ["role:", "owner:"]
            .iter()
            .any(|kind| lower.starts_with(kind))
}

/// Requires a name for operations that are not done for a claimant: a write needs an author.
pub(crate) fn require_name(actor: &Actor) -> Result<()> {
    let name = match actor.is_inferred && !actor.is_agent {
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
        .hint(
            "set your name and address: `git config user.name NAME` and `git config user.email \
             ADDRESS`",
        )
        .hint(Hint::run(
            ["--as", "NAME", "…"],
            "sets the actor for one command",
        ))
        .because(Reason::ActorUnnamed)
}

/// Refuses an agent an operation that only a human may perform.
///
/// # Errors
/// When the actor counts as an agent, or has a token that cannot approve.
pub(crate) fn require_human(actor: &Actor, what: &str, next: impl Into<Hint>) -> Result<()> {
    match actor.is_bound {
        true => Err(actor.refusal(what).hint(next)),
        false => Ok(()),
    }
}
