//! Tools that lead from a document to tasks. None approves a plan: that is up to a human.

use schemars::JsonSchema;
use serde::Deserialize;

use super::super::session::Session;
use super::super::tool::{Effect, Tool};
use super::super::views::{List, list};
use super::{Id, Nothing};
use crate::error::{Error, Result};
use crate::model::text;
use crate::plan::Source;
use crate::plan::approval_checks::Check;
use crate::plan::deepen::{DeepenRequest, Deepened};
use crate::plan::drafting::{DraftOptions, PlanDiff};
use crate::plan::milestone::{EpicView, MilestoneLine};
use crate::plan::prd::{Added, PrdView};
use crate::plan::scope::ScopeView;
use crate::plan::sprint::{CAPACITY, SprintView};
use crate::plan::trace::TraceView;
use crate::plan::view::{PlanLine, PlanView};
use crate::plan::write::{Outline, WriteOptions, WriteReport};

use Effect::{Reads, Writes};

pub(super) fn tools() -> Vec<Tool> {
    vec![
        Tool::new(
            "prd_add",
            Writes,
            "Add a Markdown file as a requirements document",
            add,
        ),
        Tool::new(
            "prd_show",
            Reads,
            "Show a requirements document with its statements",
            prd,
        ),
        Tool::new("scope", Reads, "Estimate the scope of a document", scope),
        Tool::new("plan_new", Writes, "Draft a plan from a document", new),
        Tool::new("plan_list", Reads, "List plans", plans),
        Tool::new("plan_show", Reads, "A plan", |s, a: Plan| {
            s.pm()?.plans().show(a.prd.as_deref())
        }),
        Tool::new("plan_check", Reads, "Problems of a plan", check),
        Tool::new(
            "plan_diff",
            Reads,
            "What changed since the plan was drafted",
            diff,
        ),
        Tool::new(
            "plan_outline",
            Reads,
            "A document as numbered statements, each with what became of it: read it before plan_write",
            outline,
        ),
        Tool::new(
            "plan_write",
            Writes,
            "Write the plan of a document, or with `patch` sections of it; answers with every finding and its fix",
            write,
        ),
        Tool::new(
            "plan_deepen",
            Writes,
            "Add a research note to a task of a plan, or collect what is known about its tasks",
            deepen,
        ),
        Tool::new("epic_show", Reads, "An epic with its progress", epic),
        Tool::new("milestones", Reads, "Milestones", |s, a: Milestones| {
            let milestones = s.pm()?.plans().milestones(a.epic.as_deref())?;
            Ok(list::<MilestoneLine>(milestones))
        }),
        Tool::new("sprint", Reads, "What fits into a sprint", sprint),
        Tool::new(
            "trace",
            Reads,
            "Trace requirements to commits, or back",
            trace,
        ),
    ]
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Document {
    /// File, or ID of a PRD
    document: String,
}

/// A document by name, as on the command line. Its text becomes part of the state, which is pushed,
/// and a client may have been misled by content it read: only files in a worktree of the repository
/// are read.
fn source(session: &Session, name: &str) -> Result<Source> {
    if session.cwd().join(name).is_file() && session.worktree_file(name)?.is_none() {
        let shown = text::excerpt(name, 80);
        return Err(
            Error::refused(format!("`{shown}` is not in a worktree of this repository"))
                .because("document.outside")
                .about(shown)
                .hint("copy it into the worktree, if it is meant to be shared"),
        );
    }
    Source::named(session.cwd(), name)
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct File {
    file: String,
}

fn add(session: &Session, input: File) -> Result<Added> {
    match source(session, &input.file)? {
        Source::File { path, bytes } => session.pm()?.plans().add_prd(&path, &bytes, None),
        Source::Prd(name) => Err(Error::not_found(format!(
            "the file `{}` does not exist",
            text::excerpt(&name, 80)
        ))),
    }
}

fn prd(session: &Session, input: Id) -> Result<PrdView> {
    session.pm()?.plans().prd(&input.id)
}

fn scope(session: &Session, input: Document) -> Result<ScopeView> {
    let source = source(session, &input.document)?;
    session.pm()?.plans().scope(&source)
}

fn new(session: &Session, input: Document) -> Result<PlanView> {
    let source = source(session, &input.document)?;
    let options = DraftOptions { force: false };
    session.pm()?.plans().create(&source, &options)
}

fn outline(session: &Session, input: Document) -> Result<Outline> {
    let source = source(session, &input.document)?;
    session.pm()?.plans().outline(&source)
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Write {
    /// File, or ID of a PRD
    document: String,
    /// The first line of plan_outline, `# Title`, `## group`, `### name. Title` with `lines: 65-71,
    /// 331`, `after: name, other (soft): reason`, `size: M   risk: high   paths: src/a.rs`, criteria
    /// `- L67`, `- L71: words`, `- invented`; then `## Not work`, `## Deferred`, `## Done`,
    /// `## Questions`, `## Risks`, `## Constraints` with `- 11-47: reason`
    text: String,
    /// Write only the sections given; the other tasks stay
    #[serde(default)]
    patch: bool,
}

fn write(session: &Session, input: Write) -> Result<WriteReport> {
    let source = source(session, &input.document)?;
    let options = WriteOptions { patch: input.patch };
    session.pm()?.plans().write(&source, &input.text, &options)
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Deepen {
    /// ID of the PRD or epic; not needed if there is only one plan
    prd: Option<String>,
    /// Number of the task in the plan; default: all
    task: Option<u32>,
    /// The note, in Markdown; default: collect notes
    text: Option<String>,
}

fn deepen(session: &Session, input: Deepen) -> Result<Deepened> {
    session.pm()?.plans().deepen(&DeepenRequest {
        plan: input.prd,
        task: input.task.map(|number| number.to_string()),
        text: input.text,
        remove: None,
    })
}

fn plans(session: &Session, _: Nothing) -> Result<List<PlanLine>> {
    Ok(list(session.pm()?.plans().list()?))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Plan {
    /// Default: the only one
    prd: Option<String>,
}

fn check(session: &Session, input: Plan) -> Result<List<Check>> {
    Ok(list(session.pm()?.plans().check(input.prd.as_deref())?))
}

fn diff(session: &Session, input: Plan) -> Result<PlanDiff> {
    session.pm()?.plans().diff(input.prd.as_deref())
}

fn epic(session: &Session, input: Id) -> Result<EpicView> {
    session.pm()?.plans().epic(&input.id)
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Milestones {
    epic: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Sprint {
    #[serde(default)]
    ids: Vec<String>,
    capacity: Option<u32>,
}

fn sprint(session: &Session, input: Sprint) -> Result<SprintView> {
    let capacity = input.capacity.unwrap_or(CAPACITY);
    session.pm()?.plans().sprint(&input.ids, capacity)
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Trace {
    /// Item, requirement, document location or commit
    what: String,
}

fn trace(session: &Session, input: Trace) -> Result<TraceView> {
    session.pm()?.plans().trace(&input.what)
}
