//! The fields of an item as options: to create it and to edit it.

use git_pm::model::vocabulary::{AUTO_POLICY, ESTIMATE, RISK, TYPE, VALIDATION};
use git_pm::work::new_item::Fields;

use super::values::Words;

/// Create a task
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm task create \"Fix flaky login test\" -p 1 --accept \"passes 100 times\"
  git pm task create \"Log in with SSO\" --path 'src/auth/**' --depends-on T-0001 --epic E-0001
  git pm task create \"Write the guide\" --body - <notes.md")]
pub struct CreateArgs {
    /// What it is about, in one line.
    #[arg(value_name = "TITLE")]
    pub title: String,
    /// The fields.
    #[command(flatten)]
    pub fields: FieldArgs,
}

/// Change an item's fields
///
/// What is not named stays. Lists given here replace what the item has, and an empty value clears
/// a field or a list. Criteria whose text stays the same keep their tick.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm task edit T-0001 --title \"Fix the flaky login test\" -p 0
  git pm task edit T-0001 --add-label ci --remove-label triage
  git pm task edit T-0001 --path '' --assignee ''    no planned paths, nobody assigned")]
pub struct EditArgs {
    /// The item's id.
    #[arg(value_name = "ID")]
    pub id: String,
    /// A new title.
    #[arg(long, value_name = "T")]
    pub title: Option<String>,
    /// The fields.
    #[command(flatten)]
    pub fields: FieldArgs,
    /// A label to add.
    #[arg(long, value_name = "L")]
    pub add_label: Vec<String>,
    /// A label to take off.
    #[arg(long, value_name = "L")]
    pub remove_label: Vec<String>,
    /// Opens the text in the editor that git uses.
    #[arg(long, conflicts_with = "body")]
    pub editor: bool,
}

/// The fields that can be set at birth and later.
#[derive(clap::Args, Debug)]
pub struct FieldArgs {
    /// The text, in Markdown; `-` reads standard input.
    #[arg(long, value_name = "TEXT")]
    pub body: Option<String>,
    /// What kind of work it is.
    #[arg(long = "type", value_name = "T", value_parser = Words(TYPE.words))]
    pub item_type: Option<String>,
    /// How urgent it is, from 0 (highest) to 4.
    #[arg(short, long, value_name = "0..4", value_parser = clap::value_parser!(u8).range(0..=4))]
    pub priority: Option<u8>,
    /// What must hold for it to be done; once for each criterion.
    #[arg(long, value_name = "TEXT")]
    pub accept: Option<Vec<String>>,
    /// A pattern of paths it will touch; starting it reserves them.
    #[arg(long, value_name = "GLOB")]
    pub path: Option<Vec<String>>,
    /// An item it waits for.
    #[arg(long, value_name = "ID")]
    pub depends_on: Option<Vec<String>>,
    /// The epic that owns it.
    #[arg(long, value_name = "ID")]
    pub epic: Option<String>,
    /// A label.
    #[arg(short, long, value_name = "L")]
    pub label: Option<Vec<String>>,
    /// How much work it is.
    #[arg(long, value_name = "XS..XL", value_parser = Words(ESTIMATE.words))]
    pub estimate: Option<String>,
    /// How likely it goes wrong.
    #[arg(long, value_name = "R", value_parser = Words(RISK.words))]
    pub risk: Option<String>,
    /// When its tests are written.
    #[arg(long, value_name = "V", value_parser = Words(VALIDATION.words))]
    pub validation: Option<String>,
    /// Who is planned to do it.
    #[arg(long, value_name = "A")]
    pub assignee: Option<String>,
    /// The stream of work it belongs to.
    #[arg(long, value_name = "S")]
    pub stream: Option<String>,
    /// The furthest step an agent may take unasked.
    #[arg(long, value_name = "P", value_parser = Words(AUTO_POLICY.words))]
    pub auto_policy: Option<String>,
    /// The item whose part it is.
    #[arg(long, value_name = "ID")]
    pub parent: Option<String>,
    /// How it is to be built, in Markdown.
    #[arg(long, value_name = "TEXT", hide_short_help = true)]
    pub design: Option<String>,
    /// When it is accepted, as one text; `--accept` makes criteria that can be ticked.
    #[arg(long, value_name = "TEXT", hide_short_help = true)]
    pub acceptance: Option<String>,
    /// Notes, in Markdown.
    #[arg(long, value_name = "TEXT", hide_short_help = true)]
    pub notes: Option<String>,
    /// The specification it belongs to.
    #[arg(long, value_name = "S", hide_short_help = true)]
    pub spec_id: Option<String>,
    /// How much work it is, in minutes.
    #[arg(long, value_name = "N", hide_short_help = true)]
    pub minutes: Option<u32>,
    /// When it has to be done: 2026-12-01, 2026-12-01T10:00:00Z, `tomorrow`, +2d.
    #[arg(long, value_name = "WHEN")]
    pub due: Option<String>,
    /// Until when it is put off; it is not ready before.
    #[arg(long, value_name = "WHEN")]
    pub defer: Option<String>,
    /// A reference outside: an issue elsewhere, an address.
    #[arg(long, value_name = "REF", hide_short_help = true)]
    pub external_ref: Option<Vec<String>>,
    /// A JSON object, kept as it is.
    #[arg(long, value_name = "JSON", hide_short_help = true)]
    pub metadata: Option<String>,
}

impl FieldArgs {
    /// The single-valued fields, as the library takes them.
    pub fn single(&self) -> Fields {
        Fields {
            item_type: self.item_type.clone(),
            priority: self.priority,
            assignee: self.assignee.clone(),
            estimate: self.estimate.clone(),
            risk: self.risk.clone(),
            validation: self.validation.clone(),
            stream: self.stream.clone(),
            epic: self.epic.clone(),
            auto_policy: self.auto_policy.clone(),
            design: self.design.clone(),
            acceptance_criteria: self.acceptance.clone(),
            notes: self.notes.clone(),
            spec_id: self.spec_id.clone(),
            estimated_minutes: self.minutes,
            due: self.due.clone(),
            defer: self.defer.clone(),
            metadata: self.metadata.clone(),
            ..Fields::default()
        }
    }
}

/// The values of a flag that can be given several times. An empty one stands for none, so that a
/// list can be cleared.
pub fn values(given: Option<Vec<String>>) -> Option<Vec<String>> {
    given.map(|list| list.into_iter().filter(|v| !v.is_empty()).collect())
}
