//! The verbs on learnings: patterns, gotchas and decisions.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Deserialize;

use super::declare::{List, unchanged, verb};
use super::keys::misused;
use super::limits::LIST_DEFAULT;
use super::{Effect, Limit, ShellInput, Verb};
use crate::learn::limits::SEARCH_HITS_DEFAULT;
use crate::learn::lookup::LearningFilter;
use crate::learn::search::{LearningHit, LearningSearch};
use crate::learn::view::{FullLearning, LearningView};
use crate::learn::write::LearningFields;
use crate::memory::draft::Drafted;
use crate::memory::learning_stats::LearningStats;
use crate::model::learning::LearningStatus;
use crate::pm::arguments::{term, term_schema};
use crate::pm::shared_views::ItemView;

/// The fields, and where a shell takes the text from.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct TypedFields {
    /// The fields.
    #[command(flatten)]
    #[serde(flatten)]
    pub fields: LearningFields,
    /// File with the text; `-` reads standard input.
    #[arg(long, value_name = "FILE", conflicts_with = "body")]
    #[serde(skip)]
    pub body_file: Option<PathBuf>,
    /// Write the text in git's editor.
    #[arg(long, conflicts_with_all = ["body", "body_file"])]
    #[serde(skip)]
    pub editor: bool,
}

impl TypedFields {
    fn shell_input(&mut self) -> ShellInput<'_> {
        let file = self.body_file.take();
        if file.is_some() {
            self.fields.body.get_or_insert_default();
        }
        ShellInput {
            file,
            ..ShellInput::text(self.fields.body.as_mut())
        }
    }
}

/// Add a learning
///
/// Its source is the item whose branch is checked out and the commit at HEAD, unless `--item` and
/// `--commit` say otherwise. Texts that seem to contain a secret are rejected.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm learn add \"The linker runs out of memory\" --tag ci --path 'build/**' \\
      --symptom \"signal 9 in the link step\" --body \"Two links run at once. Use -j1.\"
  git pm learn add \"One queue per tenant\" --context \"…\" --decision \"…\" --consequences \"…\"
  git pm learn add \"Retry with jitter\" --kind pattern --body - <notes.md")]
pub struct AddLearning {
    /// Title, in one line.
    pub title: String,
    /// The fields.
    #[command(flatten)]
    #[serde(flatten)]
    pub typed: TypedFields,
    /// Add it as a draft, to be accepted.
    #[arg(long)]
    #[serde(default)]
    pub draft: bool,
}

verb!(AddLearning: FullLearning, Writes {
    run |self, pm| pm.learnings().add(&LearningFields {
        title: Some(self.title.clone()),
        status: self.draft.then_some(LearningStatus::Draft),
        ..self.typed.fields.clone()
    }),
    only typed ["body_file", "editor"],
    shell |request| request.typed.shell_input(),
    // The commit of a learning is that of its item's worktree.
    place |request| request.typed.fields.item.as_deref(),
});

/// Change a learning's fields
///
/// Fields that are not given stay unchanged. Options such as `--tag` replace the whole list; an
/// empty value clears a field or a list.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm learn edit L-k3f9a2 --tag ci --tag linker
  git pm learn edit L-k3f9a2 --editor
  git pm learn edit L-k3f9a2 --status retired")]
pub struct EditLearning {
    /// Learning ID.
    pub id: String,
    /// New title.
    #[arg(long, value_name = "T")]
    pub title: Option<String>,
    /// The fields.
    #[command(flatten)]
    #[serde(flatten)]
    pub typed: TypedFields,
    /// New status.
    #[arg(long, value_name = "S", value_parser = term::<LearningStatus>())]
    #[schemars(schema_with = "term_schema::<LearningStatus>")]
    #[serde(default)]
    pub status: Option<LearningStatus>,
}

verb!(EditLearning: FullLearning, Writes {
    run |self, pm| {
        let fields = LearningFields {
            title: self.title.clone(),
            status: self.status,
            ..self.typed.fields.clone()
        };
        match fields == LearningFields::default() {
            true => Err(unchanged()),
            false => pm.learnings().edit(&self.id, &fields),
        }
    },
    only typed ["body_file", "editor"],
    shell |request| request.typed.shell_input(),
});

/// List learnings, newest first
///
/// Leaves out retired and superseded learnings. A learning is stale if a newer one replaces it, or
/// if more actors voted against it than for it.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm learn list --kind gotcha --path src/auth.rs
  git pm learn list --stale
  git pm learn list --status draft")]
pub struct ListLearnings {
    /// Which.
    #[command(flatten)]
    #[serde(flatten)]
    pub filter: LearningFilter,
    /// Only learnings that are stale or contradict another.
    #[arg(long)]
    #[serde(default)]
    pub stale: bool,
    /// Maximum number of learnings; 0 for all.
    #[arg(long, value_name = "N", default_value_t)]
    #[serde(default)]
    pub limit: Limit<LIST_DEFAULT>,
}

verb!(ListLearnings: List<LearningView>, Reads {
    run |self, pm| {
        let stale = self.stale;
        List::limited(self.limit.0, |most| {
            let limit = Some(most);
            pm.learnings().list(&LearningFilter { stale, limit, ..self.filter.clone() })
        })
    },
});

/// Search learnings, best match first
///
/// Titles and symptoms carry the most weight. Word endings do not matter (`crashes` finds
/// `crashed`). Learnings that contain all words come first, then those that contain the most important
/// of them; superseded learnings come last. At most two learnings that contain none of the words
/// but resemble the best ones are added, marked as related.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm learn search link step killed by signal 9
  git pm learn search '\"signal 9\"' --path 'build/**'
  git pm learn search retr* -- -http")]
pub struct SearchLearnings {
    /// Words; `"two words"` matches a phrase, `begin*` a prefix, `-word` excludes a word.
    #[arg(value_name = "WORD", required = true)]
    pub word: Vec<String>,
    /// Among which.
    #[command(flatten)]
    #[serde(flatten)]
    pub filter: LearningFilter,
    /// Maximum number of learnings; 0 for all.
    #[arg(long, value_name = "N", default_value_t)]
    #[serde(default)]
    pub limit: Limit<SEARCH_HITS_DEFAULT>,
}

verb!(SearchLearnings: List<LearningHit>, Reads {
    run |self, pm| {
        List::limited(self.limit.0, |most| {
            let limit = Some(most);
            let filter = LearningFilter { limit, ..self.filter.clone() };
            pm.learnings().search(&self.word.join(" "), &LearningSearch { filter })
        })
    },
});

/// Show a learning with its texts, uses and votes
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct ShowLearning {
    /// Learning ID.
    pub id: String,
}

verb!(ShowLearning: FullLearning, Reads {
    run |self, pm| pm.learnings().show(&self.id),
});

/// Record that a learning was used
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Example:
  git pm learn use L-k3f9a2 --item T-0012")]
pub struct UseLearning {
    /// Learning ID.
    pub id: String,
    /// Item that it was used for.
    #[arg(long, value_name = "ID")]
    pub item: Option<String>,
}

verb!(UseLearning: FullLearning, Writes {
    run |self, pm| pm.learnings().record_use(&self.id, self.item.as_deref()),
});

/// Vote on whether a learning was useful
///
/// The last vote of each actor counts. A learning with more votes against it than for it is
/// listed as stale, and `start` no longer shows it.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm learn vote L-k3f9a2 useful --item T-0012
  git pm learn vote L-k3f9a2 not-useful")]
pub struct VoteOnLearning {
    /// Learning ID.
    pub id: String,
    /// The vote: useful or not-useful.
    #[arg(value_parser = ["useful", "not-useful"])]
    pub vote: String,
    /// Item for which it was useful, or not.
    #[arg(long, value_name = "ID")]
    pub item: Option<String>,
}

verb!(VoteOnLearning: FullLearning, Writes {
    run |self, pm| {
        let useful = match self.vote.as_str() {
            "useful" => true,
            "not-useful" => false,
            _ => return Err(misused("`vote` must be useful or not-useful".into()).about("vote")),
        };
        pm.learnings().vote(&self.id, useful, self.item.as_deref())
    },
});

/// Accept a draft
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct AcceptDraft {
    /// Learning ID.
    pub id: String,
}

verb!(AcceptDraft: FullLearning, Writes {
    run |self, pm| pm.learnings().accept(&self.id),
});

/// Delete a learning
///
/// A tombstone remains, so that no clone restores it; `git pm undo` reverts the deletion.
/// `git pm learn edit ID --status retired` keeps it, but hides it from lists and searches.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct DeleteLearning {
    /// Learning ID.
    pub id: String,
    /// Reason to record.
    #[arg(long, value_name = "R")]
    pub reason: Option<String>,
}

verb!(DeleteLearning: FullLearning, Removes {
    run |self, pm| pm.learnings().delete(&self.id, self.reason.as_deref()),
});

/// Draft learnings from the work on an item
///
/// Collects what happened to the item (it was reopened, blocked, dropped, in conflict or late,
/// or had bugs), the comments and the evidence for its acceptance criteria. Drafts a gotcha if the
/// item is a bug, if it had trouble or if a comment says what was learned; a decision if the handoff
/// or a comment records one; otherwise a pattern; nothing if nobody said anything about it.
/// `search` and `start` leave drafts out.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm learn draft T-0012 --dry-run
  git pm learn draft T-0012
  git pm learn edit L-k3f9a2 --editor
  git pm learn accept L-k3f9a2

Exits with 1 if the item was never started and there is nothing to draft from.")]
pub struct DraftLearnings {
    /// Item ID; by default the item whose branch is checked out.
    pub id: Option<String>,
    /// Show what would be drafted.
    #[arg(long)]
    #[serde(default)]
    pub dry_run: bool,
}

verb!(DraftLearnings: Drafted, Writes {
    run |self, pm| pm.learnings().draft(self.id.as_deref(), self.dry_run),
});

/// Record that an item taught nothing worth keeping
///
/// Its checklist `documentation` then asks for no learning.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Example:
  git pm learn none T-0012 --reason \"routine upgrade\"")]
pub struct NothingLearned {
    /// Item ID; by default the item whose branch is checked out.
    pub id: Option<String>,
    /// Reason to record.
    #[arg(long, value_name = "R")]
    pub reason: Option<String>,
}

verb!(NothingLearned: ItemView, Writes {
    run |self, pm| pm.learnings().none(self.id.as_deref(), self.reason.as_deref()),
});

/// Measure how learnings are used
///
/// Counts learnings, uses and votes by kind. The hit rate is the share of accepted learnings
/// that were used or found useful.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct LearnStats {}

verb!(LearnStats: LearningStats, Reads {
    run |self, pm| pm.learnings().stats(),
});
