//! The verbs on issues that have the options of beads: create, update, claim, close, defer.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::declare::{Changed, one, unchanged, verb};
use super::keys::misused;
use super::status::{self, each};
use super::{Effect, ShellInput, Staged, Verb};
use crate::coordinate::idempotency;
use crate::error::{Error, Reason, Result};
use crate::model::id::ItemKind;
use crate::model::status::Status;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::pm::arguments::priority;
use crate::pm::shared_views::ItemView;
use crate::store::transaction::Tx;
use crate::work::issue::Update;
use crate::work::issue::update;
use crate::work::new_item::{Fields, ItemEdit, NewEdge, NewItem, comma_separated};
use crate::work::task::create;
use crate::work::task::cycles::Cycles;

/// The fields of an issue, with the names of beads' options.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema, clap::Args)]
#[serde(default)]
#[group(skip)]
pub struct IssueFields {
    /// Text in Markdown.
    #[arg(short, long, visible_alias = "body", value_name = "TEXT")]
    pub description: Option<String>,
    /// File with the text; `-` reads standard input.
    #[arg(long, value_name = "FILE", conflicts_with = "description")]
    #[serde(skip)]
    pub body_file: Option<PathBuf>,
    /// Read the text from standard input.
    #[arg(long, conflicts_with_all = ["description", "body_file"])]
    #[serde(skip)]
    pub stdin: bool,
    /// Design, in Markdown.
    #[arg(long, value_name = "TEXT")]
    pub design: Option<String>,
    /// Acceptance criteria, as one text.
    #[arg(long, value_name = "TEXT")]
    pub acceptance: Option<String>,
    /// Notes, in Markdown.
    #[arg(long, value_name = "TEXT")]
    pub notes: Option<String>,
    /// Type: bug, feature, task, epic, chore, decision, spike, story, milestone, or a type already
    /// in use.
    #[arg(short = 't', long = "type", value_name = "T")]
    #[serde(rename = "type")]
    pub item_type: Option<String>,
    /// Priority, from 0 (highest) to 4, or critical, high, medium, low, backlog.
    #[arg(short, long, value_name = "0..4", value_parser = priority)]
    #[schemars(range(min = 0, max = 4))]
    pub priority: Option<u8>,
    /// Assignee.
    #[arg(short, long, value_name = "A")]
    pub assignee: Option<String>,
    /// Labels, separated by commas.
    #[arg(
        short,
        long,
        visible_alias = "label",
        alias = "set-labels",
        value_name = "L"
    )]
    pub labels: Option<Vec<String>>,
    /// Parent item.
    #[arg(long, value_name = "ID")]
    pub parent: Option<String>,
    /// Estimate, in minutes.
    #[arg(short, long, value_name = "MINUTES")]
    pub estimate: Option<u32>,
    /// Story points; 0 removes them.
    #[arg(long, value_name = "N")]
    pub points: Option<u32>,
    /// External references, separated by commas.
    #[arg(long, value_name = "REF")]
    pub external_ref: Option<String>,
    /// Due time: 2026-12-01, 2026-12-01T10:00:00Z, `tomorrow`, +2d.
    #[arg(long, value_name = "WHEN")]
    pub due: Option<String>,
    /// Time until which the issue is deferred.
    #[arg(long, value_name = "WHEN")]
    pub defer: Option<String>,
    /// ID of the specification.
    #[arg(long, value_name = "S")]
    pub spec_id: Option<String>,
    /// JSON object, stored verbatim.
    #[arg(long, value_name = "JSON")]
    pub metadata: Option<String>,
}

impl IssueFields {
    /// The text, and the file that was named for it.
    fn shell_input(&mut self) -> ShellInput<'_> {
        let stdin = self.stdin.then(|| PathBuf::from("-"));
        let file = self.body_file.take().or(stdin);
        if file.is_some() {
            self.description.get_or_insert_default();
        }
        ShellInput {
            file,
            ..ShellInput::text(self.description.as_mut())
        }
    }

    /// The fields by their names for other kinds of items.
    fn fields(&self) -> Fields {
        let given = self.clone();
        Fields {
            body: given.description,
            item_type: given.item_type,
            priority: given.priority,
            assignee: given.assignee,
            design: given.design,
            acceptance_criteria: given.acceptance,
            notes: given.notes,
            spec_id: given.spec_id,
            estimated_minutes: given.estimate,
            points: given.points,
            due: given.due,
            defer: given.defer,
            metadata: given.metadata,
            labels: given.labels.as_deref().map(comma_separated),
            parent: given.parent,
            external_refs: given.external_ref.map(|text| comma_separated(&[text])),
            ..Fields::default()
        }
    }
}

/// Create an issue
///
/// The ID is a hash; with `--parent`, it is the parent's ID followed by a number. `--from` copies a
/// template with all issues below it.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[serde(default)]
#[command(after_help = "\
Examples:
  git pm issue create \"Login fails on Mondays\" -t bug -p 1 -d \"Since the last release.\"
  git pm issue create \"Found while fixing it\" --deps discovered-from:pm-a3f8
  git pm issue create \"Write the test\" --parent pm-a3f8 --silent
  git pm issue create \"Release 2.1\" --from pm-tmpl")]
#[schemars(rename = "CreateIssue")]
pub struct Create {
    /// Title, in one line; with `--from`, the template's title by default.
    #[arg(required_unless_present_any = ["from", "named"])]
    pub title: Option<String>,
    /// Title, as an option.
    #[arg(long = "title", value_name = "TITLE", conflicts_with = "title")]
    #[serde(skip)]
    pub named: Option<String>,
    /// The values of its fields.
    #[command(flatten)]
    #[serde(flatten)]
    pub fields: IssueFields,
    /// Edges, separated by commas: TYPE:ID, or the ID of an issue to wait for.
    #[arg(long)]
    pub deps: Vec<String>,
    /// Create a template, which is never offered as work.
    #[arg(long)]
    pub template: bool,
    /// Copy this template and everything below it.
    #[arg(long, value_name = "ID", conflicts_with_all = ["deps", "template"])]
    pub from: Option<String>,
    /// Accept an unknown type.
    #[arg(long)]
    pub force: bool,
    /// Print only the ID.
    #[arg(long)]
    #[serde(skip)]
    pub silent: bool,
}

impl Create {
    fn new_item(&self) -> Result<NewItem> {
        let Some(title) = self.title.clone() else {
            return Err(Error::usage("issue.create needs the key `title`")
                .because(Reason::ArgumentsInvalid)
                .about("title"));
        };
        let edges = comma_separated(&self.deps).into_iter();
        Ok(NewItem {
            title,
            fields: Fields {
                template: self.template.then_some(true),
                force: self.force,
                ..self.fields.fields()
            },
            edges: edges.map(NewEdge::from).collect(),
            ..NewItem::default()
        })
    }

    fn copied(&self, pm: &Pm, template: &str) -> Result<ItemView> {
        let own = IssueFields {
            parent: self.fields.parent.clone(),
            ..IssueFields::default()
        };
        if self.fields != own {
            return Err(Error::usage(
                "the fields come from the template; only a title and --parent can be combined with \
                 --from",
            )
            .hint("`git pm issue update ID` changes them afterwards"));
        }
        let (title, parent) = (self.title.as_deref(), own.parent.as_deref());
        pm.issues().create_from(template, title, parent)
    }
}

verb!(Create: ItemView, Writes {
    run |self, pm| match &self.from {
        Some(template) => self.copied(pm, template),
        None => pm.tasks().create(ItemKind::Issue, &self.new_item()?),
    },
    stage |tx, cycles| one(create::create_in(pm, tx, cycles, ItemKind::Issue, &self.new_item()?)),
    alone self.from.is_some(),
    only typed ["named", "body_file", "stdin", "silent"],
    typed |request| {
        request.title = request.title.or(request.named.take());
    },
    shell |request| request.fields.shell_input(),
});

/// Change issues: fields, labels, status
///
/// Changes all of them in one commit. Fields that are not given stay unchanged; an empty value
/// clears a field. Statuses are open, in_progress, in_review, blocked, deferred, closed, pinned and
/// hooked, in upper or lower case, with underscores or hyphens. Any other status requires `--force`
/// unless it is already in use.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm issue update pm-a3f8 --status in_progress --append-notes \"half of it works\"
  git pm issue update pm-a3f8 pm-b2c1 -p 1 --add-label release
  git pm issue list --label old --json | jq -r '.data.items[].id' | git pm issue update - -p 4
  git pm issue update pm-a3f8 --claim")]
pub struct UpdateIssues {
    /// Issue IDs.
    #[arg(value_name = "ID", required = true)]
    pub id: Vec<String>,
    /// New title.
    #[arg(long, value_name = "T")]
    pub title: Option<String>,
    /// The values of its fields.
    #[command(flatten)]
    #[serde(flatten)]
    pub fields: IssueFields,
    /// New status.
    #[arg(short, long, value_name = "S")]
    pub status: Option<String>,
    /// Reason for the new status.
    #[arg(long, value_name = "R", requires = "status")]
    pub reason: Option<String>,
    /// Text to append to the notes, on a new line.
    #[arg(long, value_name = "TEXT", conflicts_with = "notes")]
    pub append_notes: Option<String>,
    /// Label to add (repeatable).
    #[arg(long = "add-label", value_name = "L")]
    #[serde(rename = "add_label", default)]
    pub add_labels: Vec<String>,
    /// Label to remove (repeatable).
    #[arg(long = "remove-label", value_name = "L")]
    #[serde(rename = "remove_label", default)]
    pub remove_labels: Vec<String>,
    /// Pin or unpin; a pinned issue stays open as a reference.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    pub pinned: Option<bool>,
    /// Mark or unmark as a template, which is never offered as work.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    pub template: Option<bool>,
    /// Change issues even if another actor holds them; accept unknown statuses and types.
    #[arg(short, long)]
    #[serde(default)]
    pub force: bool,
    /// Claim the issues before the change; if one cannot be claimed, no field is changed.
    #[arg(long)]
    #[serde(default)]
    pub claim: bool,
}

impl UpdateIssues {
    fn update(&self) -> Result<Update> {
        if self.reason.is_some() && self.status.is_none() {
            return Err(misused("`reason` requires `status`".into()));
        }
        let update = Update {
            edit: ItemEdit {
                title: self.title.clone(),
                fields: Fields {
                    pinned: self.pinned,
                    template: self.template,
                    force: self.force,
                    ..self.fields.fields()
                },
                add_labels: self.add_labels.clone(),
                remove_labels: self.remove_labels.clone(),
                ..ItemEdit::default()
            },
            status: self.status.clone(),
            append_notes: self.append_notes.clone(),
            reason: self.reason.clone(),
        };
        if update.is_empty() && !self.claim {
            return Err(unchanged());
        }
        Ok(update)
    }
}

verb!(UpdateIssues: Changed, Writes {
    run |self, pm| {
        let mut update = self.update()?;
        if self.claim && self.id.len() > 1 && idempotency::key(pm).is_some() {
            return Err(Error::usage("an idempotency key claims one issue only")
                .hint("claim each with a key of its own"));
        }
        let mut changed = Vec::new();
        if self.claim {
            // Before anything is written: another may hold it, or the remote cannot be reached.
            for id in &self.id {
                let claim = || pm.issues().claim_or_keep(id);
                changed.push(idempotency::step(pm, " claim", claim)?.item);
            }
            // The claim has set it.
            let is_other = |word: &String| word != Status::InProgress.as_str();
            update.status = update.status.filter(is_other);
        }
        if !update.is_empty() {
            changed = pm.issues().update(&self.id, &update)?;
        }
        Ok(changed.into())
    },
    ids |it| &it.id,
    stage |tx, cycles| {
        let update = self.update()?;
        each(pm, tx, "issue update", &self.id, |tx, item, is_final| {
            update::update_in(pm, tx, item, is_final, &update, cycles).map(drop)
        })
    },
    alone self.claim,
    only typed ["body_file", "stdin"],
    shell |request| ShellInput {
        ids: Some(&mut request.id),
        ..request.fields.shell_input()
    },
    sends self.claim,
});

/// Close issues
///
/// Closes all of them in one commit. Issues that have open children, wait for open items, are
/// pinned or are held by another actor require `--force`; children can be closed together with
/// their parent. Issues that are already closed are reported and skipped.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[serde(default)]
#[command(after_help = "\
Examples:
  git pm issue close pm-a3f8 --reason fixed
  git pm issue close pm-a3f8.1 --continue       and claim its next sibling
  git pm issue close pm-a3f8 --suggest-next     and list what is unblocked")]
#[group(skip)]
#[schemars(rename = "CloseIssues")]
pub struct Close {
    /// What is closed.
    #[command(flatten)]
    #[serde(flatten)]
    pub close: status::Close,
    /// Claim the next ready sibling, or else a newly unblocked issue.
    #[arg(long = "continue", conflicts_with = "claim_next")]
    #[serde(rename = "continue", default)]
    pub go_on: bool,
    /// Claim the best ready item.
    #[arg(long)]
    pub claim_next: bool,
    /// List the newly unblocked items.
    #[arg(long)]
    pub suggest_next: bool,
}

/// The closed issues, and the result of what was asked for besides.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Closed {
    /// Nothing was asked for besides.
    Only(Changed),
    /// With a follow-up.
    Followed {
        /// The closed issues.
        closed: Vec<ItemView>,
        /// The items that were unblocked.
        #[serde(skip_serializing_if = "Option::is_none")]
        unblocked: Option<Vec<ItemView>>,
        /// The item that was claimed.
        claimed: Option<Box<ItemView>>,
        /// The reason if nothing was claimed.
        #[serde(skip_serializing_if = "Option::is_none")]
        not_claimed: Option<String>,
    },
}

impl Close {
    fn follows(&self) -> bool {
        self.go_on || self.claim_next || self.suggest_next
    }

    /// Claims the next item; the reason if there is none.
    fn claimed(&self, pm: &Pm, closed: &[ItemView]) -> std::result::Result<ItemView, String> {
        let issues = pm.issues();
        let started = match (self.go_on, closed.last()) {
            (true, Some(last)) => match issues.continuation(last) {
                Ok(Some(next)) => issues.claim(next.uid.as_str()),
                Ok(None) => {
                    return Err(
                        "nothing beside it is ready, and closing it unblocked nothing".into(),
                    );
                }
                Err(error) => Err(error),
            },
            _ => issues.claim_next(),
        };
        let started = started.map_err(|error| error.message().to_string())?;
        Ok(started.item)
    }
}

verb!(Close: Closed, Writes {
    run |self, pm| {
        let close = &self.close;
        let closed = pm.issues().close(&close.id, close.reason.as_deref(), close.force)?;
        if !self.follows() {
            return Ok(Closed::Only(closed.into()));
        }
        let unblocked = match self.suggest_next {
            true => Some(pm.issues().unblocked_by(&closed)?),
            false => None,
        };
        let (mut claimed, mut not_claimed) = (None, None);
        if self.go_on || self.claim_next {
            match idempotency::step(pm, " claim", || self.claimed(pm, &closed)) {
                Ok(item) => claimed = Some(Box::new(item)),
                Err(why) => not_claimed = Some(why),
            }
        }
        Ok(Closed::Followed { closed, unblocked, claimed, not_claimed })
    },
    ids |it| it.close.ids(),
    stage |tx, cycles| self.close.stage(pm, tx, cycles),
    alone self.follows(),
    shell |request| request.close.shell_input(),
    sends self.go_on || self.claim_next,
});

/// Defer issues
///
/// With `--until`, issues keep their status and are ready again at that time; without it, they are
/// `deferred` until `undefer`. Their descendants are deferred, too.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm issue defer pm-a3f8 --until 2027-01-15
  git pm issue defer pm-a3f8 pm-b2c1 --reason \"after the release\"")]
#[schemars(rename = "DeferIssues")]
pub struct Defer {
    /// Issue IDs.
    #[arg(value_name = "ID", required = true)]
    pub id: Vec<String>,
    /// Time: 2026-12-01, 2026-12-01T10:00:00Z, `tomorrow`, +2d.
    #[arg(long, value_name = "WHEN")]
    pub until: Option<String>,
    /// Reason to record.
    #[arg(long, value_name = "R", conflicts_with = "until")]
    pub reason: Option<String>,
    /// Defer issues even if another actor holds them (the holder is notified).
    #[arg(short, long)]
    #[serde(default)]
    pub force: bool,
}

verb!(Defer: Changed, Writes {
    run |self, pm| {
        let (until, reason) = (self.until.as_deref(), self.reason.as_deref());
        Ok(pm.issues().defer(&self.id, until, reason, self.force)?.into())
    },
    ids |it| &it.id,
    stage |tx, cycles| {
        let (until, reason) = (self.until.as_deref(), self.reason.as_deref());
        each(pm, tx, "issue defer", &self.id, |tx, item, is_final| {
            update::defer_until_in(pm, tx, item, is_final, until, reason, self.force)
        })
    },
    shell |request| ShellInput::ids(&mut request.id),
});

/// End the deferral of items
///
/// They have their previous status again.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct Undefer {
    /// Item IDs.
    #[arg(value_name = "ID", required = true)]
    pub id: Vec<String>,
}

verb!(Undefer: Changed, Writes {
    run |self, pm| Ok(pm.issues().undefer(&self.id)?.into()),
    ids |it| &it.id,
    stage |tx, cycles| {
        let take_up = |id: &String| {
            let item = tx.state.find(id)?.clone();
            update::take_up_in(pm, tx, &item)?;
            Ok(item.uid)
        };
        self.id.iter().map(take_up).collect()
    },
    shell |request| ShellInput::ids(&mut request.id),
});

/// Claim an issue
///
/// Settles the claim with the remote, as `git pm start` does, but creates no branch or worktree. A claim
/// that you already hold stays as it is.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm issue claim pm-a3f8
  git pm issue ready --claim")]
pub struct Claim {
    /// Issue ID.
    pub id: String,
}

verb!(Claim: ItemView, Sends {
    run |self, pm| Ok(pm.issues().claim_or_keep(&self.id)?.item),
});
