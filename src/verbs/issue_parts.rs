//! The verbs on the labels, comments, epics and gates of issues, in the words of beads.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::declare::{Changed, List, verb};
use super::{Effect, Millis, ShellInput, Verb};
use crate::model::id::ItemKind;
use crate::pm::shared_views::{CommentView, ItemView};
use crate::work::issue::{GateCheck, LabelCount, Part};
use crate::work::new_item::NewGate;

/// Issues and a label.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct ChangeOfLabel {
    /// Issue IDs, followed by the label.
    #[arg(value_name = "ID", required = true, num_args = 1..)]
    pub id: Vec<String>,
    /// Label.
    #[arg(required = true)]
    pub label: String,
}

/// Add a label to issues
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Example:
  git pm issue label add pm-a3f8 pm-b2c1 release")]
pub struct AddLabel {
    /// What.
    #[command(flatten)]
    #[serde(flatten)]
    pub change: ChangeOfLabel,
}

verb!(AddLabel: Changed, Writes {
    run |self, pm| {
        let label = std::slice::from_ref(&self.change.label);
        Ok(pm.issues().label(&self.change.id, label, &[])?.into())
    },
    shell |request| ShellInput::ids(&mut request.change.id),
});

/// Remove a label from issues
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct RemoveLabel {
    /// What.
    #[command(flatten)]
    #[serde(flatten)]
    pub change: ChangeOfLabel,
}

verb!(RemoveLabel: Changed, Writes {
    run |self, pm| {
        let label = std::slice::from_ref(&self.change.label);
        Ok(pm.issues().label(&self.change.id, &[], label)?.into())
    },
    shell |request| ShellInput::ids(&mut request.change.id),
});

/// List the labels of an issue
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct LabelsOf {
    /// Issue ID.
    pub id: String,
}

verb!(LabelsOf: List<String>, Reads {
    run |self, pm| Ok(pm.tasks().show(&self.id)?.labels.clone().into()),
});

/// List all issue labels with counts
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct AllLabels {}

verb!(AllLabels: List<LabelCount>, Reads {
    run |self, pm| Ok(pm.issues().labels(Some(ItemKind::Issue))?.into()),
});

/// List the comments on an issue, oldest first
///
/// `comments add ID TEXT` is the same as `comment ID TEXT`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct Comments {
    /// Issue ID.
    pub id: String,
    /// After `add`: issue ID and comment; `-` reads standard input.
    #[arg(value_name = "ADDED", num_args = 0..=2)]
    #[serde(skip)]
    pub added: Vec<String>,
}

verb!(Comments: List<CommentView>, Reads {
    run |self, pm| Ok(pm.tasks().show(&self.id)?.comments.unwrap_or_default().into()),
    only typed ["added"],
});

/// List open epics with the number of closed children
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct EpicProgress {
    /// List only epics that can be closed.
    #[arg(long)]
    #[serde(default)]
    pub eligible_only: bool,
}

verb!(EpicProgress: List<Part>, Reads {
    run |self, pm| {
        let mut parts = pm.issues().epic_status()?;
        parts.retain(|part| part.eligible_for_close || !self.eligible_only);
        Ok(parts.into())
    },
});

/// Close the epics whose children are all closed
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct CloseEligible {
    /// Show what would be closed.
    #[arg(long)]
    #[serde(default)]
    pub dry_run: bool,
}

/// The epics that are closed, or would be.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum ClosedOrEligible {
    /// Those that can be closed; none if nothing was closed.
    Eligible(List<Part>),
    /// Those that were closed.
    Closed(Changed),
}

verb!(CloseEligible: ClosedOrEligible, Writes {
    run |self, pm| {
        let parts = EpicProgress { eligible_only: true }.run(pm)?;
        if self.dry_run || parts.items.is_empty() {
            return Ok(ClosedOrEligible::Eligible(parts));
        }
        let ids: Vec<String> = parts.items.iter().map(|part| part.epic.uid.to_string()).collect();
        let closed = pm.issues().close(&ids, Some("all children are closed"), false)?;
        Ok(ClosedOrEligible::Closed(closed.into()))
    },
});

/// Create a gate
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm issue gate create human --blocks pm-a3f8 --title \"Approval by legal\"
  git pm issue gate create timer --timeout 4h --blocks pm-a3f8
  git pm issue gate create gh:run --await-id release.yml --timeout 30m --blocks pm-a3f8")]
pub struct CreateGate {
    /// Type of the gate: timer, human, bead, mail, gh:run or gh:pr.
    #[arg(value_name = "TYPE")]
    #[serde(rename = "type")]
    pub await_type: String,
    /// What the gate waits for: an item ID, a workflow file, or a run or pull request number.
    #[arg(long, value_name = "ID")]
    pub await_id: Option<String>,
    /// Time after which a timer is satisfied and any other gate expires: 30s, 15m, 4h, 2d, 1w.
    #[arg(long, value_name = "D")]
    pub timeout: Option<Millis>,
    /// Item that waits for the gate (repeatable).
    #[arg(long, value_name = "ID")]
    #[serde(default)]
    pub blocks: Vec<String>,
    /// Parent item.
    #[arg(long, value_name = "ID")]
    pub parent: Option<String>,
    /// Title, in one line.
    #[arg(long, value_name = "T")]
    pub title: Option<String>,
}

verb!(CreateGate: ItemView, Writes {
    run |self, pm| {
        let gate = NewGate {
            await_type: self.await_type.clone(),
            await_id: self.await_id.clone(),
            timeout_ms: self.timeout.map(|timeout| timeout.0),
        };
        let (title, parent) = (self.title.as_deref(), self.parent.as_deref());
        pm.issues().create_gate(title, &gate, &self.blocks, parent)
    },
});

/// List gates
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct ListGates {
    /// Include closed gates.
    #[arg(long)]
    #[serde(default)]
    pub all: bool,
}

verb!(ListGates: List<ItemView>, Reads {
    run |self, pm| Ok(pm.issues().gates(self.all)?.into()),
});

/// Show a gate
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct ShowGate {
    /// Gate ID.
    pub id: String,
}

verb!(ShowGate: ItemView, Reads {
    run |self, pm| pm.tasks().show(&self.id),
});

/// Check open gates and close satisfied ones
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct CheckGates {
    /// Filter by type: timer, bead, gh, …
    #[arg(short = 't', long = "type", value_name = "TYPE")]
    #[serde(rename = "type")]
    pub await_type: Option<String>,
    /// Show the result without closing gates.
    #[arg(long)]
    #[serde(default)]
    pub dry_run: bool,
}

verb!(CheckGates: List<GateCheck>, Writes {
    run |self, pm| {
        let kind = self.await_type.as_deref();
        Ok(pm.issues().check_gates(kind, self.dry_run)?.into())
    },
});

/// Resolve gates manually, which closes them
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct ResolveGates {
    /// Gate IDs.
    #[arg(value_name = "ID", required = true)]
    pub id: Vec<String>,
    /// Outcome.
    #[arg(short, long, value_name = "R")]
    pub reason: Option<String>,
}

verb!(ResolveGates: Changed, Writes {
    run |self, pm| Ok(pm.issues().resolve_gates(&self.id, self.reason.as_deref())?.into()),
    shell |request| ShellInput::ids(&mut request.id),
});
