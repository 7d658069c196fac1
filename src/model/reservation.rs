//! The typed view of a reservation document: its holder, paths, mode and end.

use super::doc::Doc;
use super::expiry;
use super::id::ItemRef;
use super::stamp::Stamp;
use super::text;
use super::uid::Uid;
use super::vocabulary::terms;

/// Between the name of a tool and the worktree in which it runs: `claude-code in w1`.
pub const PLACE: &str = " in ";

/// True if two own names can be those of one agent: they are the same, or only one names the worktree.
pub fn is_same_agent(a: &str, b: &str) -> bool {
    let tool = |name: &str, other: &str| {
        name.split_once(PLACE)
            .is_some_and(|(tool, _)| tool == other)
    };
    a == b || tool(a, b) || tool(b, a)
}

/// The name of an actor, with the worktree that the own name of an agent has beside it.
pub fn with_place<'a>(actor: &'a str, agent: Option<&'a str>) -> &'a str {
    let has_place = |agent: &&str| {
        let rest = agent.strip_prefix(actor);
        rest.is_some_and(|rest| rest.starts_with(PLACE))
    };
    agent.filter(has_place).unwrap_or(actor)
}

terms! {
    /// The operations that a reservation denies to others.
    Mode in "mode" {
        /// Others may edit, only the holder may commit.
        Commit = "commit",
        /// Others should not edit either.
        Edit = "edit",
    }
}

/// A reservation as stored. Its effect depends on the time, its claim and earlier reservations.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Reservation {
    /// The permanent name.
    pub uid: Uid,
    /// The holder.
    pub actor: String,
    /// The agent's own name; `None` if a human made it.
    pub agent: Option<String>,
    /// The clone that it was made in.
    pub replica: String,
    /// The opaque key of the holder's worktree in that clone.
    pub worktree: Option<String>,
    /// The branch that was checked out there.
    pub branch: Option<String>,
    /// Patterns from the repository root.
    pub patterns: Vec<String>,
    /// The patterns that named a file when they were reserved.
    pub files: Vec<String>,
    /// The operations that it denies to others.
    pub mode: Mode,
    /// Set if it allows other shared ones on the same paths.
    pub shared: bool,
    /// Set if it only warns.
    pub advisory: bool,
    /// The task it is for.
    pub task: Option<ItemRef>,
    /// The claim that it ends with; without one, its own expiry applies.
    pub claim: Option<String>,
    /// Free text.
    pub reason: Option<String>,
    /// The time of its creation.
    pub at: Stamp,
    /// The time of its expiry, in milliseconds since the Unix epoch.
    pub expires_ms: u64,
    /// The requested duration, in milliseconds, which a renewal repeats.
    pub ttl_ms: u64,
    /// The reason why it ended, once it did.
    pub ended: Option<String>,
    /// The commit at which it began, whose ancestors it never denies.
    pub began_commit: Option<String>,
    /// The time of its end, once it ended.
    pub ended_at: Option<Stamp>,
    /// The commit that contained the change when it was released.
    pub released_commit: Option<String>,
    /// Set once `pm.remote` accepted it.
    pub confirmed: bool,
}

impl Reservation {
    /// Reads the typed view; `None` if the document is not a reservation.
    pub fn from_doc(doc: &Doc) -> Option<Reservation> {
        if doc.kind != "reservation" {
            return None;
        }
        let text = |name: &str| doc.text(name).map(str::to_string);
        let expires_ms = expiry::end(doc.regs.get("expires"));
        Some(Reservation {
            uid: doc.uid.clone(),
            actor: doc.text("actor").map(text::actor).unwrap_or_default(),
            agent: doc.text("agent").map(text::actor),
            replica: text("replica").unwrap_or_default(),
            worktree: text("worktree"),
            branch: text("branch"),
            patterns: doc.elements("patterns").map(str::to_string).collect(),
            files: doc.elements("files").map(str::to_string).collect(),
            mode: doc
                .text("mode")
                .and_then(Mode::parse)
                .unwrap_or(Mode::Commit),
            shared: doc.value("shared").is_true(),
            advisory: doc.value("advisory").is_true(),
            task: doc.text("task").map(ItemRef::parse),
            claim: text("claim"),
            reason: text("reason"),
            at: doc.birth.clone(),
            expires_ms,
            ttl_ms: expiry::length(doc.regs.get("ttl"))
                .unwrap_or(expires_ms.saturating_sub(doc.birth.ms)),
            ended: text("ended"),
            ended_at: doc.regs.get("ended").map(|reg| reg.stamp.clone()),
            began_commit: text("began_commit"),
            released_commit: text("released_commit"),
            confirmed: doc.value("confirmed").is_true(),
        })
    }
}
