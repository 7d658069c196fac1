//! The bodies of requests about items.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};

use crate::model::vocabulary::{AutoPolicy, Estimate, Risk, Validation};
use crate::work::new_item::{Fields, ItemEdit};

/// The fields of a new item, or the changed fields of an existing one. In an edit, an empty text or
/// null clears a field, and a list replaces the one that was there.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ItemBody {
    /// For a new item only: prd, epic, task or issue; task by default.
    pub kind: Option<String>,
    /// One line; required for a new item.
    pub title: Option<String>,
    /// Markdown.
    pub body: Option<String>,
    /// feature, bug, chore, …
    #[serde(rename = "type")]
    pub item_type: Option<String>,
    /// 0 (highest) to 4.
    pub priority: Option<u8>,
    /// The planned assignee.
    pub assignee: Option<String>,
    /// XS to XL.
    #[serde(deserialize_with = "given")]
    #[schemars(with = "Option<Estimate>")]
    pub estimate: Option<Option<Estimate>>,
    /// low, medium or high.
    #[serde(deserialize_with = "given")]
    #[schemars(with = "Option<Risk>")]
    pub risk: Option<Option<Risk>>,
    /// test-first, test-after, test-parallel or none.
    #[serde(deserialize_with = "given")]
    #[schemars(with = "Option<Validation>")]
    pub validation: Option<Option<Validation>>,
    /// The last step that an agent may take without asking.
    #[serde(deserialize_with = "given")]
    #[schemars(with = "Option<AutoPolicy>")]
    pub auto_policy: Option<Option<AutoPolicy>>,
    /// The stream of work.
    pub stream: Option<String>,
    /// The id of its epic.
    pub epic: Option<String>,
    /// The id of its parent.
    pub parent: Option<String>,
    /// The due date.
    pub due: Option<String>,
    /// The design, in Markdown.
    pub design: Option<String>,
    /// Notes, in Markdown.
    pub notes: Option<String>,
    /// The texts of its acceptance criteria.
    pub acceptance: Option<Vec<String>>,
    /// Globs of the files that it is expected to touch.
    pub paths: Option<Vec<String>>,
    /// The ids of its dependencies.
    pub depends_on: Option<Vec<String>>,
    /// Its labels.
    pub labels: Option<Vec<String>>,
}

/// Distinguishes null, which clears the field, from a missing key.
fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    from: D,
) -> std::result::Result<Option<Option<T>>, D::Error> {
    Option::deserialize(from).map(Some)
}

impl ItemBody {
    pub fn into_edit(self) -> ItemEdit {
        ItemEdit {
            title: self.title,
            body: self.body,
            fields: Fields {
                item_type: self.item_type,
                priority: self.priority,
                assignee: self.assignee,
                estimate: self.estimate,
                risk: self.risk,
                validation: self.validation,
                auto_policy: self.auto_policy,
                stream: self.stream,
                epic: self.epic,
                due: self.due,
                design: self.design,
                notes: self.notes,
                ..Fields::default()
            },
            acceptance: self.acceptance,
            paths: self.paths,
            depends_on: self.depends_on,
            labels: self.labels,
            parent: self.parent,
            ..ItemEdit::default()
        }
    }
}

/// The options for starting an item.
#[derive(Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct StartBody {
    /// Create a branch and reserve the planned paths; otherwise only claim the item.
    pub branch: bool,
    /// Create a worktree on the server's machine.
    pub worktree: bool,
    /// The commit or branch to start from.
    pub base: Option<String>,
    /// Resume work that this actor started.
    pub resume: bool,
}

impl Default for StartBody {
    fn default() -> StartBody {
        StartBody {
            branch: true,
            worktree: true,
            base: None,
            resume: false,
        }
    }
}

/// An approval.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ApproveBody {
    /// The commit that was reviewed; the approval is refused if the work is now at a different one.
    pub commit: Option<String>,
    /// A note.
    pub note: Option<String>,
}

/// Criteria to accept.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AcceptBody {
    /// Their numbers, from 1; all if empty.
    #[serde(default)]
    pub numbers: Vec<usize>,
    /// The evidence that they are met.
    pub evidence: Option<String>,
}

/// A text.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TextBody {
    /// Markdown.
    pub text: String,
}

/// An assignment.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AssignBody {
    /// The actor.
    pub to: String,
}

/// A reason.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReasonBody {
    /// The reason.
    pub reason: Option<String>,
}

/// The completion of a task that has no work to merge.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DoneBody {
    /// Evidence that the work is done.
    pub evidence: String,
}
