//! The fields of an item as options: to create it and to edit it.

use std::str::FromStr;

use git_pm::tasks::{Fields, ItemEdit};
use git_pm::values::{AutoPolicy, Estimate, ItemType, Risk, Validation};
use git_pm::{Error, Result};

use super::values::{Words, priority};

/// Create a task
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm task create \"Fix flaky login test\" -p 1 --accept \"passes 100 times\"
  git pm task create \"Log in with SSO\" --path 'src/auth/**' --depends-on T-0001 --epic E-0001
  git pm task create \"Write the guide\" --body - <notes.md")]
pub struct CreateArgs {
    /// Title, in one line.
    pub title: String,
    #[command(flatten)]
    pub fields: FieldArgs,
}

/// Change an item's fields
///
/// Fields that are not given stay unchanged. Options such as `--accept` replace the whole list; an
/// empty value clears a field or a list. Criteria whose text does not change stay accepted.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm task edit T-0001 --title \"Fix the flaky login test\" -p 0
  git pm task edit T-0001 --add-label ci --remove-label triage
  git pm task edit T-0001 --path '' --assignee ''    clear paths and assignee")]
pub struct EditArgs {
    /// Item ID.
    pub id: String,
    /// New title.
    #[arg(long, value_name = "T")]
    pub title: Option<String>,
    #[command(flatten)]
    pub fields: FieldArgs,
    /// Label to add (repeatable).
    #[arg(long, value_name = "L")]
    pub add_label: Vec<String>,
    /// Label to remove (repeatable).
    #[arg(long, value_name = "L")]
    pub remove_label: Vec<String>,
    /// Edit the text in git's editor.
    #[arg(long, conflicts_with = "body")]
    pub editor: bool,
}

/// The fields that can be set when an item is created or edited.
#[derive(clap::Args, Debug)]
pub struct FieldArgs {
    /// Text in Markdown; `-` reads standard input.
    #[arg(long, value_name = "TEXT")]
    pub body: Option<String>,
    /// Type of work.
    #[arg(long = "type", value_name = "T", value_parser = Words(ItemType::TASK_VOCABULARY.words))]
    pub item_type: Option<String>,
    /// Priority, from 0 (highest) to 4.
    #[arg(short, long, value_name = "0..4", value_parser = priority)]
    pub priority: Option<u8>,
    /// Acceptance criterion (repeatable).
    #[arg(long, value_name = "TEXT")]
    pub accept: Option<Vec<String>>,
    /// Pattern of paths that the work touches, reserved on start (repeatable).
    #[arg(long, value_name = "GLOB")]
    pub path: Option<Vec<String>>,
    /// Item to wait for (repeatable).
    #[arg(long, value_name = "ID")]
    pub depends_on: Option<Vec<String>>,
    /// Epic that the item belongs to.
    #[arg(long, value_name = "ID")]
    pub epic: Option<String>,
    /// Label (repeatable).
    #[arg(short, long, value_name = "L")]
    pub label: Option<Vec<String>>,
    /// Size of the work.
    #[arg(long, value_name = "XS..XL", value_parser = Words(Estimate::VOCABULARY.words))]
    pub estimate: Option<String>,
    /// Risk of the work.
    #[arg(long, value_name = "R", value_parser = Words(Risk::VOCABULARY.words))]
    pub risk: Option<String>,
    /// When the tests are written.
    #[arg(long, value_name = "V", value_parser = Words(Validation::VOCABULARY.words))]
    pub validation: Option<String>,
    /// Assignee.
    #[arg(long, value_name = "A")]
    pub assignee: Option<String>,
    /// Stream of work that the item belongs to.
    #[arg(long, value_name = "S")]
    pub stream: Option<String>,
    /// Last step that an agent may take without asking.
    #[arg(long, value_name = "P", value_parser = Words(AutoPolicy::VOCABULARY.words))]
    pub auto_policy: Option<String>,
    /// Parent item.
    #[arg(long, value_name = "ID")]
    pub parent: Option<String>,
    /// Design, in Markdown.
    #[arg(long, value_name = "TEXT", hide_short_help = true)]
    pub design: Option<String>,
    /// Acceptance criteria as one text; `--accept` adds criteria that are accepted one by one.
    #[arg(long, value_name = "TEXT", hide_short_help = true)]
    pub acceptance: Option<String>,
    /// Notes, in Markdown.
    #[arg(long, value_name = "TEXT", hide_short_help = true)]
    pub notes: Option<String>,
    /// ID of the specification.
    #[arg(long, value_name = "S", hide_short_help = true)]
    pub spec_id: Option<String>,
    /// Estimate, in minutes.
    #[arg(long, value_name = "N", hide_short_help = true)]
    pub minutes: Option<u32>,
    /// Due time: 2026-12-01, 2026-12-01T10:00:00Z, `tomorrow`, +2d.
    #[arg(long, value_name = "WHEN")]
    pub due: Option<String>,
    /// Time until which the item is deferred.
    #[arg(long, value_name = "WHEN")]
    pub defer: Option<String>,
    /// External reference, such as an issue or URL (repeatable).
    #[arg(long, value_name = "REF", hide_short_help = true)]
    pub external_ref: Option<Vec<String>>,
    /// JSON object, stored verbatim.
    #[arg(long, value_name = "JSON", hide_short_help = true)]
    pub metadata: Option<String>,
}

impl FieldArgs {
    /// The change as the library takes it, without the body, which may have to be read.
    pub fn edit(self) -> Result<ItemEdit> {
        Ok(ItemEdit {
            fields: Fields {
                item_type: self.item_type,
                priority: self.priority,
                assignee: self.assignee,
                estimate: word(self.estimate)?,
                risk: word(self.risk)?,
                validation: word(self.validation)?,
                stream: self.stream,
                epic: self.epic,
                auto_policy: word(self.auto_policy)?,
                design: self.design,
                acceptance_criteria: self.acceptance,
                notes: self.notes,
                spec_id: self.spec_id,
                estimated_minutes: self.minutes,
                due: self.due,
                defer: self.defer,
                metadata: self.metadata,
                ..Fields::default()
            },
            acceptance: values(self.accept),
            paths: values(self.path),
            depends_on: values(self.depends_on),
            labels: values(self.label),
            parent: self.parent,
            external_refs: values(self.external_ref),
            ..ItemEdit::default()
        })
    }
}

/// A word of a closed list; an empty one clears the field.
fn word<T: FromStr<Err = Error>>(given: Option<String>) -> Result<Option<Option<T>>> {
    let read = |word: String| match word.as_str() {
        "" => Ok(None),
        word => word.parse().map(Some),
    };
    given.map(read).transpose()
}

/// The values of a repeatable option, without empty ones, so that an empty value clears a list.
fn values(given: Option<Vec<String>>) -> Option<Vec<String>> {
    given.map(|list| list.into_iter().filter(|v| !v.is_empty()).collect())
}
