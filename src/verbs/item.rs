//! The verbs that create, edit, comment and review items of every kind.

use std::path::PathBuf;
use std::slice::from_ref;

use schemars::JsonSchema;
use serde::Deserialize;

use super::declare::{Changed, one, unchanged, verb};
use super::keys::misused;
use super::work::tell;
use super::{Effect, ShellInput, Staged, TextArgument, Verb};
use crate::coordinate::here;
use crate::coordinate::message::send::require_no_secret_in;
use crate::error::{Error, Result};
use crate::model::id::ItemKind;
use crate::model::uid::Uid;
use crate::plan::asks_otherwise;
use crate::pm::Pm;
use crate::pm::shared_views::ItemView;
use crate::store::state::State;
use crate::store::transaction::Tx;
use crate::work::new_item::{Fields, ItemEdit, NewItem};
use crate::work::task::approval::{self, Wanted};
use crate::work::task::create;
use crate::work::task::cycles::Cycles;
use crate::work::task::edit;
use crate::work::task::return_work;

/// Create a task
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm task create \"Fix flaky login test\" -p 1 --accept \"passes 100 times\"
  git pm task create \"Log in with SSO\" --path 'src/auth/**' --depends-on T-0001 --epic E-0001
  git pm task create \"Write the guide\" --body - <notes.md")]
pub struct Create {
    /// Title, in one line; without it, a form opens in git's editor.
    #[arg(default_value = "", hide_default_value = true)]
    pub title: String,
    /// The values of its fields.
    #[command(flatten)]
    #[serde(flatten)]
    pub fields: Fields,
    /// The kind, which is a word of the verb.
    #[arg(skip)]
    #[serde(skip)]
    pub kind: ItemKind,
}

impl Create {
    fn new_item(&self) -> NewItem {
        NewItem {
            title: self.title.clone(),
            fields: self.fields.clone(),
            ..NewItem::default()
        }
    }
}

verb!(Create: ItemView, Writes {
    run |self, pm| {
        pm.tasks().create(self.kind, &self.new_item())
    },
    stage |tx, cycles| {
        let uid = create::create_in(pm, tx, cycles, self.kind, &self.new_item())?;
        Ok(vec![uid])
    },
    shell |request| ShellInput::text(request.fields.body.as_mut()),
});

/// Change an item's fields
///
/// Several items are changed in one commit, or none. Fields that are not given stay unchanged. Options
/// such as `--accept` add to a list, and `--remove-accept` and its like remove from it; an empty value
/// clears a field, or a list before anything is added. Criteria whose text does not change stay accepted.
/// The paths of your own work in progress are reserved and released as they change.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm task edit T-0001 --title \"Fix the flaky login test\" -p 0
  git pm task edit T-0001 --add-label ci --remove-label triage
  git pm task edit T-0001 --accept \"No frame drops\" --remove-accept 2
  git pm task edit T-0001 --path '' --assignee ''    clear paths and assignee
  git pm task edit T-0001 T-0002 -p 1                in one commit")]
pub struct Edit {
    /// Item IDs.
    #[arg(value_name = "ID", required = true)]
    pub id: Vec<String>,
    /// The new values.
    #[command(flatten)]
    #[serde(flatten)]
    pub edit: ItemEdit,
    /// Edit all fields and the text in git's editor, as without any option at a terminal.
    #[arg(long)]
    #[serde(skip)]
    pub editor: bool,
}

impl Edit {
    fn edit(&self) -> Result<ItemEdit> {
        match self.edit == ItemEdit::default() {
            true => Err(unchanged()),
            false => Ok(ItemEdit {
                extends: true,
                ..self.edit.clone()
            }),
        }
    }
}

verb!(Edit: Changed, Writes {
    run |self, pm| Ok(pm.tasks().edit_all(&self.id, &self.edit()?)?.into()),
    ids |it| &it.id,
    stage |tx, cycles| {
        let edit = self.edit()?;
        let all = self.id.iter();
        all.map(|id| edit::edit_in(pm, tx, cycles, id, &edit)).collect()
    },
    only typed ["editor"],
    shell |request| ShellInput {
        text: request.edit.fields.body.as_mut(),
        ..ShellInput::ids(&mut request.id)
    },
});

/// Comment on an item
///
/// Without a text at a terminal, git's editor opens. The comment is pushed to the remote at once,
/// unless `pm.sync` is `manual` or the state has never been pushed; if it stays local, the output says
/// so.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct Comment {
    /// Item ID.
    pub id: String,
    /// The comment.
    #[command(flatten)]
    #[serde(flatten)]
    pub comment: TextArgument,
    /// Send it even if it seems to contain a secret.
    #[arg(long)]
    #[serde(default)]
    pub allow_secret: bool,
}

verb!(Comment: ItemView, Writes {
    run |self, pm| pm.tasks().comment_with(&self.id, &self.comment.text, self.allow_secret),
    ids |it| from_ref(&it.id),
    stage |tx, cycles| {
        require_no_secret_in(pm, "the comment", &self.comment.text, self.allow_secret)?;
        one(edit::comment_in(tx, &self.id, &self.comment.text))
    },
    only typed TextArgument::ONLY_TYPED,
    shell |request| request.comment.shell_input(),
});

/// Accept criteria of a task
///
/// `git pm show` lists the criteria with their numbers.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[serde(default)]
#[command(
    override_usage = "git pm task accept [OPTIONS] [ID] <N>...\n       git pm task accept [OPTIONS] [ID] --all",
    after_help = "\
Examples:
  git pm task accept T-0001 1 3
  git pm task accept --all --evidence \"CI run 812\"    the task of this worktree"
)]
pub struct Accept {
    /// Task ID (by default the task of this worktree), in full, then the numbers of the criteria.
    #[arg(value_name = "ID|N")]
    #[serde(skip)]
    pub words: Vec<String>,
    /// Task ID; by default the task of this worktree.
    #[arg(skip)]
    pub id: Option<String>,
    /// Numbers of the criteria that are met.
    #[arg(skip)]
    #[schemars(inner(range(min = 1)))]
    pub n: Vec<usize>,
    /// Accept all criteria.
    #[arg(long)]
    pub all: bool,
    /// Evidence that the criteria are met.
    #[arg(long, value_name = "TEXT")]
    pub evidence: Option<String>,
}

impl Accept {
    /// The numbers of the criteria; none for all.
    fn numbers(&self) -> Result<&[usize]> {
        if self.all != self.n.is_empty() {
            let message = match self.all {
                true => "specify either the numbers of criteria or `all`",
                false => "specify the numbers of the criteria that are met",
            };
            let id = self.id.as_deref().unwrap_or("ID");
            return Err(Error::usage(message)
                .hint(format!(
                    "`git pm task accept {id} 1 2`, or `git pm task accept {id} --all`"
                ))
                .hint(format!("`git pm show {id}` lists them with their numbers")));
        }
        Ok(&self.n)
    }
}

verb!(Accept: ItemView, Writes {
    run |self, pm| {
        let (id, evidence) = (self.id.as_deref(), self.evidence.as_deref());
        pm.tasks().accept(id, self.numbers()?, self.all, evidence)
    },
    ids |it| it.id.as_slice(),
    stage |tx, cycles| {
        let (id, evidence) = (self.id.as_deref(), self.evidence.as_deref());
        Ok(vec![edit::accept_in(pm, tx, id, self.numbers()?, self.all, evidence)?])
    },
    typed |request| {
        let mut words = std::mem::take(&mut request.words);
        // With `--all`, a number is an id.
        let is_id = |word: &String| request.all || word.chars().any(char::is_alphabetic);
        if words.first().is_some_and(is_id) {
            request.id = Some(words.remove(0));
        }
        request.n = words.iter().map(|word| number(word)).collect::<Result<_>>()?;
        request.numbers()?;
    },
});

/// The number of a criterion.
fn number(word: &str) -> Result<usize> {
    let number = word.parse::<usize>().ok().filter(|n| *n > 0);
    number.ok_or_else(|| {
        Error::usage(format!(
            "`{word}` is not the number of an acceptance criterion"
        ))
        .hint("criteria are numbered from 1, as `git pm show` lists them")
    })
}

/// Approve work in review, so that it can be merged
///
/// Only a human can approve. Applies to tasks, issues and epics; several are approved in one commit, or
/// none. The approval is for the current
/// commit of the branch: if the branch changes later, except by a rebase that keeps its changes, it
/// must be approved again. If it changes protected paths, migrations or infrastructure that have
/// owners in CODEOWNERS of the target, one of them has to approve the same commit.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct Approve {
    /// Item IDs; in the worktree of an item, that item by default.
    #[arg(value_name = "ID")]
    #[serde(default)]
    pub id: Vec<String>,
    /// Approve only this commit of one item, as printed by `show`; fails if the branch is at a
    /// different commit.
    #[arg(long, value_name = "HEX")]
    pub commit: Option<String>,
    /// Branch that the work is merged into from now on.
    ///
    /// By default the one that it began at (`start --base`), else the epic's branch, else the default
    /// branch.
    #[arg(long, value_name = "BRANCH")]
    pub target: Option<String>,
    /// Note to record with the approval.
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
}

verb!(Approve: Changed, Approves {
    run |self, pm| {
        let state = pm.store.snapshot()?;
        let all = self.named(pm, &state)?;
        drop(state);
        let approved = match all.as_slice() {
            [id] => vec![pm.tasks().approve_as(id, self.wanted())?],
            ids => {
                self.require_one()?;
                pm.tasks().approve_all(ids, self.note.as_deref())?
            }
        };
        for one in &approved {
            tell(pm, asks_otherwise(pm, &one.item));
        }
        Ok(approved.into())
    },
    ids |it| &it.id,
    stage |tx, cycles| {
        if self.id.len() > 1 {
            self.require_one()?;
        }
        let all = self.named(pm, &tx.state)?;
        let all = all.iter();
        all.map(|id| approval::approve_in(pm, tx, id, self.wanted())).collect()
    },
    shell |request| ShellInput {
        text: request.note.as_mut(),
        ..ShellInput::ids(&mut request.id)
    },
});

impl Approve {
    fn wanted(&self) -> Wanted<'_> {
        Wanted {
            target: self.target.as_deref(),
            commit: self.commit.as_deref(),
            note: self.note.as_deref(),
        }
    }

    /// The named items, or the one whose worktree this is.
    fn named(&self, pm: &Pm, state: &State<'_>) -> Result<Vec<String>> {
        match self.id.is_empty() {
            true => Ok(vec![here::named_or_here(pm, state, None)?.to_string()]),
            false => Ok(self.id.clone()),
        }
    }

    /// Refuses a commit or a target where several items are named.
    fn require_one(&self) -> Result<()> {
        let (what, own) = match (&self.commit, &self.target) {
            (Some(_), _) => ("`commit`", "approve each item with its own commit"),
            (None, Some(_)) => ("`target`", "approve each item for its own target"),
            (None, None) => return Ok(()),
        };
        Err(misused(format!("{what} is that of one item")).hint(own))
    }
}

/// Return submitted work to its author
///
/// The task is queued again, for its author first: `git pm next --claim` and `git pm start` continue
/// it on the same branch, with the note in the briefing, and reserve its paths again, which were free
/// since the submission. After the time of a lease anybody may take it. Only a human can return
/// approved work. A line `path:line: text` in the note is about that line of a file.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm task return T-0001 --note \"handle an empty list\"
  git pm task return T-0001 -F review.txt
  printf 'src/login.rs:12: the name is misleading\\n' | git pm task return T-0001 -F -")]
pub struct Return {
    /// Item ID.
    pub id: String,
    /// What to change, in Markdown; `path:line: text` is about a line of a file.
    #[arg(
        short = 'm',
        long,
        alias = "reason",
        value_name = "TEXT",
        required_unless_present = "file"
    )]
    #[arg(default_value = "", hide_default_value = true)]
    pub note: String,
    /// File with the note; `-` reads standard input.
    #[arg(short = 'F', long, value_name = "FILE", conflicts_with = "note")]
    #[serde(skip)]
    pub file: Option<PathBuf>,
}

verb!(Return: ItemView, Sends {
    run |self, pm| pm.tasks().return_work(&self.id, &self.note),
    ids |it| from_ref(&it.id),
    stage |tx, cycles| one(return_work::return_in(pm, tx, &self.id, &self.note)),
    only typed ["file"],
    shell |request| ShellInput {
        file: request.file.take(),
        ..ShellInput::text(Some(&mut request.note))
    },
});
