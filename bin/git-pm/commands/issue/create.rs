//! `git pm issue create` and `q`, and the fields shared with `update`.

use std::path::PathBuf;

use git_pm::Error;
use git_pm::tasks::{Fields, ItemEdit, NewEdge, NewItem, comma_separated};
use git_pm::values::ItemKind;

use crate::arguments::stdin::{file_or_stdin, text_or_stdin};
use crate::arguments::values::priority;
use crate::context::Context;
use crate::failure::{Exit, Outcome};
use crate::output::stdout;
use crate::render;

/// Create an issue
///
/// The ID is a hash; with `--parent`, it is the parent's ID followed by a number. `--from` copies a
/// template with all issues below it.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm issue create \"Login fails on Mondays\" -t bug -p 1 -d \"Since the last release.\"
  git pm issue create \"Found while fixing it\" --deps discovered-from:pm-a3f8
  git pm issue create \"Write the test\" --parent pm-a3f8 --silent
  git pm issue create \"Release 2.1\" --from pm-tmpl")]
pub struct CreateArgs {
    /// Title, in one line; with `--from`, the template's title by default.
    #[arg(required_unless_present_any = ["from", "named"])]
    pub title: Option<String>,
    /// Title, as an option.
    #[arg(long = "title", value_name = "TITLE", conflicts_with = "title")]
    pub named: Option<String>,
    #[command(flatten)]
    pub fields: FieldArgs,
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
    pub silent: bool,
}

/// Create an issue and print only its ID
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Example:
  id=$(git pm issue q \"Write the test\" -p 1)")]
pub struct QuickArgs {
    /// Title, in one line.
    pub title: String,
    #[command(flatten)]
    pub fields: FieldArgs,
}

/// The fields of an issue, with the names of beads' options.
#[derive(clap::Args, Debug, Default)]
pub struct FieldArgs {
    /// Text in Markdown; `-` reads standard input.
    #[arg(short, long, visible_alias = "body", value_name = "TEXT")]
    pub description: Option<String>,
    /// File with the text; `-` reads standard input.
    #[arg(long, value_name = "FILE", conflicts_with = "description")]
    pub body_file: Option<PathBuf>,
    /// Read the text from standard input.
    #[arg(long, conflicts_with_all = ["description", "body_file"])]
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
    pub item_type: Option<String>,
    /// Priority, from 0 (highest) to 4, or P0 to P4.
    #[arg(short, long, value_name = "0..4", value_parser = priority)]
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

impl FieldArgs {
    /// The fields as the library takes them.
    pub fn edit(self) -> git_pm::Result<ItemEdit> {
        let given = self.description.as_deref().or(self.stdin.then_some("-"));
        let body = match &self.body_file {
            Some(file) => Some(file_or_stdin(file)?),
            None => given.map(text_or_stdin).transpose()?,
        };
        Ok(ItemEdit {
            body,
            fields: Fields {
                item_type: self.item_type,
                priority: self.priority,
                assignee: self.assignee,
                design: self.design,
                acceptance_criteria: self.acceptance,
                notes: self.notes,
                spec_id: self.spec_id,
                estimated_minutes: self.estimate,
                due: self.due,
                defer: self.defer,
                metadata: self.metadata,
                ..Fields::default()
            },
            labels: self.labels.as_deref().map(comma_separated),
            parent: self.parent,
            external_refs: self.external_ref.map(|text| comma_separated(&[text])),
            ..ItemEdit::default()
        })
    }
}

/// Creates an issue.
pub fn run(context: &Context, args: CreateArgs) -> Outcome {
    let pm = context.pm()?;
    let title = args.title.or(args.named);
    let mut edit = args.fields.edit()?;
    let item = if let Some(template) = &args.from {
        let parent = edit.parent.take();
        if edit != ItemEdit::default() {
            return Err(Error::usage(
                "the fields come from the template; only a title and --parent can be combined with \
                 --from",
            )
            .hint("`git pm issue update ID` changes them afterwards")
            .into());
        }
        pm.issues()
            .create_from(template, title.as_deref(), parent.as_deref())?
    } else {
        edit.title = title;
        edit.fields.template = args.template.then_some(true);
        edit.fields.force = args.force;
        let edges = comma_separated(&args.deps).into_iter();
        let new = NewItem {
            edges: edges.map(NewEdge::from).collect(),
            ..edit.into()
        };
        pm.tasks().create(ItemKind::Issue, &new)?
    };
    if args.silent {
        stdout::write(&format!("{}\n", item.id))?;
        return Ok(Exit::DONE);
    }
    context.item(&item, |page, item| {
        render::item::summary(page, "Created", item);
        let ephemeral = context.ephemeral.get();
        let flag = if ephemeral { " --ephemeral" } else { "" };
        page.next(&[format!("git pm issue claim {}{flag}", item.id)]);
    })
}

/// Creates an issue and prints its id.
pub fn quick(context: &Context, args: QuickArgs) -> Outcome {
    let new = NewItem {
        title: args.title,
        ..args.fields.edit()?.into()
    };
    let item = context.pm()?.tasks().create(ItemKind::Issue, &new)?;
    context.item(&item, |page, item| {
        page.line(&item.id);
    })
}
