//! The tools that are always offered. Their descriptions are short, because every client has them
//! in its context all the time.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::resources;
use super::super::session::Session;
use super::super::tool::{Effect, Shown, Tool};
use super::super::views::{Detail, LearningEntry, Line};
use super::{Id, Nothing};
use crate::coordinate::reserve::reservation_queries::ReservationView;
use crate::coordinate::reserve::reservation_verbs::{ReservationSelector, ReserveRequest};
use crate::error::{Error, Result};
use crate::model::text;
use crate::work::task::finish::FinishOptions;
use crate::work::task::start::options::StartOptions;
use crate::work::task::status_verbs::DropOptions;

pub(super) fn tools() -> Vec<Tool> {
    vec![
        Tool::shown(
            "prime",
            Effect::Reads,
            "Your work, messages and rules now; call it first",
            prime,
        ),
        Tool::shown(
            "ready",
            Effect::Reads,
            "Items that can be started now, best first",
            ready,
        ),
        Tool::shown("show", Effect::Reads, "An item in full", |s, a: Id| {
            Ok(Detail::of(&s.pm()?.tasks().show(&a.id)?))
        }),
        Tool::shown(
            "start",
            Effect::Reaches,
            "Claim an item and create its branch and worktree; work there",
            start,
        ),
        Tool::new(
            "finish",
            Effect::Writes,
            "Submit finished, committed work for review",
            finish,
        ),
        Tool::shown(
            "release",
            Effect::Writes,
            "Give a started item back",
            release,
        ),
        Tool::new(
            "reserve",
            Effect::Writes,
            "Reserve paths before editing, so that others cannot commit to them",
            reserve,
        ),
    ]
}

#[derive(Serialize)]
struct Briefing {
    text: String,
}

impl Shown for Briefing {
    fn text(&self) -> String {
        self.text.clone()
    }
}

fn prime(session: &Session, _: Nothing) -> Result<Briefing> {
    let text = resources::briefing(session)?;
    Ok(Briefing { text })
}

/// The number of ready items that are listed by default.
const READY: usize = 10;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ReadyInput {
    /// Default 10
    #[serde(default, deserialize_with = "super::all_for_zero")]
    limit: Option<usize>,
    /// Only the best, in full
    #[serde(default)]
    next: bool,
}

#[derive(Serialize)]
struct Ready {
    items: Vec<Line>,
    /// The best item in full.
    next: Option<Detail>,
    /// The reason why nothing is ready.
    idle: Option<String>,
    hints: Option<Vec<String>>,
}

impl Shown for Ready {
    fn text(&self) -> String {
        if let Some(next) = &self.next {
            return next.text();
        }
        if let Some(idle) = &self.idle {
            return format!("nothing is ready: {idle}");
        }
        let lines: Vec<String> = self.items.iter().map(Line::text).collect();
        lines.join("\n")
    }
}

fn ready(session: &Session, input: ReadyInput) -> Result<Ready> {
    let pm = session.pm()?;
    let limit = if input.next {
        1
    } else {
        input.limit.unwrap_or(READY)
    };
    let items = pm.tasks().ready(Some(limit))?;
    let mut ready = Ready {
        items: items.iter().map(Line::of).collect(),
        next: None,
        idle: None,
        hints: None,
    };
    match items.first() {
        None => {
            let idle = pm.insights().idle()?;
            ready.idle = Some(idle.why);
            ready.hints = Some(idle.hints.iter().map(ToString::to_string).collect());
        }
        Some(best) if input.next => {
            ready.next = Some(Detail::of(&pm.tasks().show(&best.id)?));
        }
        Some(_) => {}
    }
    Ok(ready)
}

/// The longest wait for work, in seconds: clients give up on calls that take longer.
const WAIT_MAX: u64 = 50;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct StartInput {
    /// Default: the best ready item
    id: Option<String>,
    /// Continue your own work
    #[serde(default)]
    resume: bool,
    /// false: no worktree, check out the branch here
    worktree: Option<bool>,
    /// Without id: seconds to wait for work
    #[serde(default)]
    wait: u64,
}

#[derive(Serialize)]
struct Started {
    #[serde(flatten)]
    item: Detail,
    warnings: Vec<String>,
    /// Learnings about its paths, or that match most words of its title.
    learnings: Vec<LearningEntry>,
}

impl Shown for Started {
    fn text(&self) -> String {
        let mut text = self.item.text();
        for warning in &self.warnings {
            text += &format!("\nwarning: {}", text::block(warning));
        }
        if !self.learnings.is_empty() {
            text += "\nearlier learnings (`learn` shows more):";
        }
        for learning in &self.learnings {
            text += &format!("\n{}", learning.text());
        }
        text
    }
}

fn start(session: &Session, input: StartInput) -> Result<Started> {
    let tasks = session.pm()?.tasks();
    let options = StartOptions {
        worktree: input.worktree.unwrap_or(true),
        resume: input.resume,
        ..StartOptions::default()
    };
    let started = match &input.id {
        Some(id) => tasks.start(id, &options)?,
        None => tasks.claim_next_within(
            &options,
            Duration::from_secs(input.wait.min(WAIT_MAX)),
            &|| false,
        )?,
    };
    let mut item = tasks.show(started.item.uid.as_str())?;
    item.worktree = item.worktree.or(started.item.worktree);
    Ok(Started {
        item: Detail::of(&item),
        warnings: started.warnings,
        learnings: started
            .learnings
            .iter()
            .map(LearningEntry::of_note)
            .collect(),
    })
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ReleaseInput {
    /// Default: the one you hold
    id: Option<String>,
    reason: Option<String>,
    #[serde(default)]
    remove_worktree: bool,
}

fn release(session: &Session, input: ReleaseInput) -> Result<Line> {
    let options = DropOptions {
        reason: input.reason,
        remove_worktree: input.remove_worktree,
        force: false,
    };
    let released = session
        .pm()?
        .tasks()
        .release(input.id.as_deref(), &options)?;
    Ok(Line::of(&released))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct FinishInput {
    /// Default: the one you hold
    id: Option<String>,
    /// Numbers of the criteria that are met
    #[serde(default)]
    accept: Vec<usize>,
    /// Evidence that they are met
    evidence: Option<String>,
}

#[derive(Serialize)]
struct Finished {
    id: String,
    status: String,
    branch: Option<String>,
    pushed_to: Option<String>,
}

fn finish(session: &Session, input: FinishInput) -> Result<Finished> {
    let tasks = session.pm()?.tasks();
    if !input.accept.is_empty() {
        tasks.accept(
            input.id.as_deref(),
            &input.accept,
            false,
            input.evidence.as_deref(),
        )?;
    } else if input.evidence.is_some() {
        return Err(
            Error::usage("`evidence` requires `accept`, which is missing")
                .because("arguments.invalid")
                .hint("give the numbers of the criteria as `accept`"),
        );
    }
    let finished = tasks.finish(input.id.as_deref(), &FinishOptions::default())?;
    let line = Line::of(&finished.item);
    Ok(Finished {
        id: line.id,
        status: line.status,
        branch: line.branch,
        pushed_to: finished.pushed_to,
    })
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ReserveInput {
    /// Globs from the repository root
    #[serde(default)]
    paths: Vec<String>,
    /// Reserve in this task's worktree
    task: Option<String>,
    /// Default 60
    minutes: Option<u64>,
    reason: Option<String>,
    /// Release them instead; without paths, all
    #[serde(default)]
    release: bool,
}

#[derive(Serialize)]
struct Reserved {
    reservations: Vec<Reservation>,
}

#[derive(Serialize)]
pub(super) struct Reservation {
    name: String,
    paths: Vec<String>,
    holder: String,
    task: Option<String>,
    expires_at: String,
    /// The reason why it ended.
    ended: Option<String>,
}

impl Reservation {
    pub fn of(view: ReservationView) -> Reservation {
        Reservation {
            name: view.uid,
            paths: view.patterns,
            holder: view.holder,
            task: view.task,
            expires_at: view.expires_at,
            ended: view.ended,
        }
    }
}

fn reserve(session: &Session, input: ReserveInput) -> Result<Reserved> {
    let pm = match &input.task {
        Some(task) => session.pm_at(task)?,
        None => session.pm()?,
    };
    let views = match input.release {
        true => pm.reservations().release(&ReservationSelector {
            names: input.paths,
            task: input.task,
        })?,
        false => vec![pm.reservations().add(&ReserveRequest {
            patterns: input.paths,
            task: input.task,
            ttl_ms: input.minutes.map(|minutes| minutes.saturating_mul(60_000)),
            shared: false,
            mode: "commit".into(),
            advisory: false,
            new: true,
            reason: input.reason,
        })?],
    };
    Ok(Reserved {
        reservations: views.into_iter().map(Reservation::of).collect(),
    })
}
