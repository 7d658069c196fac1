//! The typed view of a reservation document: who holds which paths, how, and until when.

use super::doc::Doc;
use super::id::ItemRef;
use super::stamp::Stamp;
use super::text;
use super::uid::Uid;
use super::until;

/// What a reservation keeps others from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Others may edit, only the holder may commit.
    Commit,
    /// Tools should not even edit.
    Edit,
}

impl Mode {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Mode::Commit => "commit",
            Mode::Edit => "edit",
        }
    }
}

/// A reservation as stored. Whether it is live depends on the time, its claim and earlier ones.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Reservation {
    /// Its own name.
    pub uid: Uid,
    /// The holder.
    pub actor: String,
    /// The own name of the agent that made it; none where a human did.
    pub agent: Option<String>,
    /// The clone it was made in.
    pub replica: String,
    /// The opaque key of the holder's worktree in that clone.
    pub worktree: Option<String>,
    /// The holder's branch.
    pub branch: Option<String>,
    /// Patterns from the repository root.
    pub patterns: Vec<String>,
    /// Those of the patterns that named a file when they were reserved.
    pub files: Vec<String>,
    /// What it keeps others from.
    pub mode: Mode,
    /// Whether it goes together with other shared ones.
    pub shared: bool,
    /// Whether it only warns.
    pub advisory: bool,
    /// The task it is for.
    pub task: Option<ItemRef>,
    /// The claim whose life it shares; without one, its own expiry counts.
    pub claim: Option<String>,
    /// Free text.
    pub reason: Option<String>,
    /// When it was made.
    pub at: Stamp,
    /// When it ends by itself, milliseconds since the Unix epoch.
    pub expires_ms: u64,
    /// How long it was asked for, in milliseconds: what a renewal repeats.
    pub ttl_ms: u64,
    /// Why it ended, once it did.
    pub ended: Option<String>,
    /// The commit it began at: that commit's ancestors are never stopped.
    pub began_commit: Option<String>,
    /// The commit that held the change when it was released.
    pub released_commit: Option<String>,
    /// Whether `pm.remote` accepted it.
    pub confirmed: bool,
}

impl Reservation {
    /// Reads the typed view; `None` when the document is no reservation.
    pub fn from_doc(doc: &Doc) -> Option<Reservation> {
        if doc.kind != "reservation" {
            return None;
        }
        let text = |name: &str| doc.text(name).map(str::to_string);
        let expires_ms = until::end(doc.regs.get("expires"));
        Some(Reservation {
            uid: doc.uid.clone(),
            actor: doc.text("actor").map(text::actor).unwrap_or_default(),
            agent: doc.text("agent").map(text::actor),
            replica: text("replica").unwrap_or_default(),
            worktree: text("worktree"),
            branch: text("branch"),
            patterns: doc.elements("patterns").map(str::to_string).collect(),
            files: doc.elements("files").map(str::to_string).collect(),
            mode: match doc.text("mode") {
                Some("edit") => Mode::Edit,
                _ => Mode::Commit,
            },
            shared: doc.value("shared").is_true(),
            advisory: doc.value("advisory").is_true(),
            task: doc.text("task").map(ItemRef::parse),
            claim: text("claim"),
            reason: text("reason"),
            at: doc.birth.clone(),
            expires_ms,
            ttl_ms: until::length(doc.regs.get("ttl"))
                .unwrap_or(expires_ms.saturating_sub(doc.birth.ms)),
            ended: text("ended"),
            began_commit: text("began_commit"),
            released_commit: text("released_commit"),
            confirmed: doc.value("confirmed").is_true(),
        })
    }
}
