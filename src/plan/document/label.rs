//! The meaning of labels such as `**Acceptance:**`.

use super::SectionKind;
use super::lexicon::{lexicon, list};
use super::mention::mentioned_ids;
use super::words::tokens;
use serde::Deserialize;

/// The meaning of a label.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LabelKind {
    /// Acceptance, Done when.
    Acceptance,
    /// Tests, as part of acceptance.
    Test,
    /// Tasks, Steps, To do.
    Tasks,
    /// Scope, Includes.
    Scope,
    /// Goal, Purpose.
    Goal,
    /// Deliverables, Outputs.
    Deliverables,
    /// Effort, Points, Duration.
    Effort,
    /// Depends on, Blocked by, After.
    DependsOn,
    /// Blocks, Unblocks.
    Blocks,
    /// Risks.
    Risk,
    /// Mitigations.
    Mitigation,
    /// Priority.
    Priority,
    /// Owner, Reviewer and other people.
    Actor,
    /// Files, Paths.
    Paths,
    /// A user story.
    Story,
    /// Status.
    State,
    /// Open questions.
    Question,
    /// Out of scope.
    NonGoal,
    /// Anything else.
    #[default]
    Other,
}

impl LabelKind {
    /// The kind of what a label owns.
    pub fn section(self) -> Option<SectionKind> {
        Some(match self {
            LabelKind::Acceptance | LabelKind::Test => SectionKind::Acceptance,
            LabelKind::Tasks => SectionKind::Checklist,
            LabelKind::Scope => SectionKind::Scope,
            LabelKind::Goal => SectionKind::Context,
            LabelKind::Deliverables => SectionKind::Deliverable,
            LabelKind::DependsOn => SectionKind::Dependency,
            LabelKind::Risk | LabelKind::Mitigation => SectionKind::Risk,
            LabelKind::Question => SectionKind::Question,
            LabelKind::NonGoal => SectionKind::NonGoal,
            _ => return None,
        })
    }

    /// True for columns whose cell with this text says nothing about what its row is.
    pub fn is_apart(self, text: &str) -> bool {
        use LabelKind::{Acceptance, Blocks, DependsOn, Effort, Priority, State};
        match self {
            // In a table of dependencies it is the name of one.
            Blocks | DependsOn => names_others(text),
            _ => matches!(self, Acceptance | Effort | Priority | State),
        }
    }

    /// True for labels whose text is a field of a task, not a statement about the work.
    pub fn is_field(self) -> bool {
        matches!(
            self,
            LabelKind::Effort
                | LabelKind::DependsOn
                | LabelKind::Blocks
                | LabelKind::Priority
                | LabelKind::Actor
                | LabelKind::Paths
                | LabelKind::State
        )
    }
}

/// True for a text that has nothing but numbers and ids.
fn names_others(text: &str) -> bool {
    let is_number = |word: &str| word.bytes().all(|c| c.is_ascii_digit());
    let words = text.split([',', ';', '+', '&', '/', ' ']);
    let mut words = words.filter(|word| !word.is_empty());
    words.all(|word| is_number(word) || !mentioned_ids(word).is_empty())
}

/// The kind of the label `name` before a text: `Blocks: paragraphs and images` is about blocks.
pub fn kind_before(name: &str, rest: &str) -> LabelKind {
    match kind_of(name) {
        LabelKind::Blocks if mentioned_ids(rest).is_empty() => LabelKind::Other,
        kind => kind,
    }
}

/// The kind of the label `name`.
pub fn kind_of(name: &str) -> LabelKind {
    if name.len() > 80 {
        return LabelKind::Other;
    }
    let open = name.find(['(', '（', '[']).unwrap_or(name.len());
    let mut words = tokens(&name[..open]);
    let find = |name: &str| lexicon().labels.get(name).copied();
    if let Some(kind) = find(&words.join(" ")) {
        return kind;
    }
    words.retain(|word| !list("fillers").is(word));
    find(&words.join(" ")).unwrap_or(LabelKind::Other)
}
