//! What each role of an orchestrator does in one step: planner, taskmaster, developer, reviewer; none needs a model.
//!
//! Each does one thing that can be repeated, and the next one finds what it left in the state.
//!
//! None needs a model: the planner reads the document, the taskmaster makes the first task, the developer
//! sets up what checks the project, the reviewer goes by the rules. An agent for the developer is named by a
//! human, by `--with` or `pm.developer`.

use schemars::JsonSchema;
use serde::Serialize;

use super::options::{RunAgent, RunOptions};
use crate::error::{Error, Hint, Reason, Result};
use crate::forge::pulls::PULLS;
use crate::forge::{ForgeHint, PullRequest, PullRequestView, PullView};
use crate::model::doc::Doc;
use crate::model::id::ItemKind;
use crate::model::item::Item;
use crate::model::settings;
use crate::model::status::Status;
use crate::plan::Source;
use crate::plan::drafting::DraftOptions;
use crate::plan::single::is_ci_task;
use crate::pm::handles::Runs;
use crate::pm::shared_views::ItemView;
use crate::pm::{Options, Pm};
use crate::store::index::Scan;
use crate::work::task::finish::FinishOptions;
use crate::work::task::start::options::StartOptions;

/// What a role did, or would do.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct RoleReport {
    /// `planner`, `taskmaster`, `developer` or `reviewer`.
    pub role: &'static str,
    /// Nothing was written.
    pub dry_run: bool,
    /// The steps, in order; none if there was nothing to do.
    pub steps: Vec<RoleStep>,
    /// The pull request of the developer's work.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pull_request: Option<PullRequestView>,
}

/// A step of a role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RoleStep {
    /// The item, or the document's PRD.
    pub id: Option<String>,
    /// What was done: `planned`, `created`, `started`, `written`, `submitted`, `opened`, `reviewed`, …
    pub action: String,
    /// More about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

impl RoleReport {
    fn of(role: &'static str, dry_run: bool) -> RoleReport {
        RoleReport {
            role,
            dry_run,
            ..RoleReport::default()
        }
    }

    fn step<'i>(&mut self, id: impl Into<Option<&'i str>>, action: &str, detail: Option<String>) {
        self.steps.push(RoleStep {
            id: id.into().map(str::to_string),
            action: action.into(),
            detail,
        });
    }
}

impl Runs<'_> {
    /// Reads a requirements document, and writes or renews its plan: milestones and tasks, which a human
    /// approves.
    ///
    /// # Errors
    /// When the document cannot be read or planned.
    pub fn planner(&self, source: &Source, dry_run: bool) -> Result<RoleReport> {
        let mut report = RoleReport::of("planner", dry_run);
        if dry_run {
            let outline = self.pm.plans().outline(source)?;
            let detail = format!("{} parts are open", outline.open);
            report.step(outline.document.as_str(), "planned", Some(detail));
            return Ok(report);
        }
        let plan = self.pm.plans().create(source, &DraftOptions::default())?;
        let (milestones, tasks) = (plan.milestones.len(), plan.tasks.len());
        let detail = format!("{milestones} milestones, {tasks} tasks");
        report.step(plan.prd.as_str(), "planned", Some(detail));
        Ok(report)
    }

    /// Makes a first task if none is queued: that of the document's plan, else one that sets up continuous
    /// integration.
    ///
    /// # Errors
    /// As those of `plan seed`.
    pub fn taskmaster(&self, source: Option<&Source>, dry_run: bool) -> Result<RoleReport> {
        let mut report = RoleReport::of("taskmaster", dry_run);
        if dry_run {
            if !self.pm.plans().has_open_task()? {
                report.step(None, "created", None);
            }
        } else if let Some(task) = self.pm.plans().seed(source)?.task {
            report.step(task.id.as_str(), "created", Some(task.item.title.clone()));
        }
        Ok(report)
    }

    /// Works on the next task, submits it and opens its pull request. Without an agent that is possible for
    /// the task that sets up continuous integration: it gets the workflow and a smoke test.
    ///
    /// # Errors
    /// When the task cannot be started or submitted, or there is no agent for it.
    pub fn develop(
        &self,
        id: Option<&str>,
        with: Option<&RunAgent>,
        dry_run: bool,
    ) -> Result<RoleReport> {
        let pm = self.pm;
        let mut report = RoleReport::of("developer", dry_run);
        let Some(item) = self.next_to_develop(id)? else {
            return Ok(report);
        };
        let id = item.id.as_str();
        let is_submitted = item.item.status == Status::InReview;
        let set = pm.store.repo().text_of(&settings::DEVELOPER);
        let with = match with {
            Some(with) => Some(with.clone()),
            None if set.is_empty() => None,
            None => Some(set.parse()?),
        };
        if with.is_none() && !is_ci_task(&item.item.uid) && !is_submitted {
            let (text, clone) = (
                format!("no agent is named that could work on {id}"),
                "names one for this clone",
            );
            return Err(Error::refused(text)
                .because(Reason::RunNoAgent)
                .about(id)
                .hint(Hint::run(["develop", id, "--with", "AGENT"], "names one"))
                .hint(Hint::run(["config", "pm.developer", "AGENT"], clone)));
        }
        if dry_run {
            report.step(id, "started", None);
            return Ok(report);
        }
        match with {
            _ if is_submitted => {}
            Some(with) => self.by_agent(id, with, &mut report)?,
            None => by_scaffold(pm, id, &mut report)?,
        }
        if pm.tasks().show(id)?.status != Status::InReview {
            return Ok(report);
        }
        if pm.forges().status()?.link.is_some() {
            let request = PullRequest {
                id: Some(id.to_string()),
                ..PullRequest::default()
            };
            let pull = pm.forges().pull_request(&request)?;
            let number = pull.number.map(|number| format!("pull request #{number}"));
            report.step(id, pull.action.as_str(), number);
            report.pull_request = Some(pull);
        }
        Ok(report)
    }

    /// Reviews the work of an item, or of all that have an open pull request, by the rules, and writes the
    /// comment on its pull request.
    ///
    /// # Errors
    /// When the item or the pull request cannot be read.
    pub fn reviewer(
        &self,
        id: Option<&str>,
        pull: Option<u64>,
        dry_run: bool,
    ) -> Result<RoleReport> {
        let pm = self.pm;
        let mut report = RoleReport::of("reviewer", dry_run);
        let status = pm.forges().status()?;
        let uid_of = |id: &str| Ok::<_, Error>(pm.store.state()?.find(id)?.uid.clone());
        let uid = id.filter(|_| pull.is_none()).map(uid_of).transpose()?;
        let is_meant = |one: &PullView| match &uid {
            Some(uid) => uid_of(&one.id).is_ok_and(|of| of == *uid),
            None => true,
        };
        let numbers: Vec<u64> = match pull {
            Some(number) => vec![number],
            None => {
                let meant = status.pulls.iter().filter(|one| is_meant(one));
                meant.map(|one| one.number).collect()
            }
        };
        // Without a pull request the comment is on the item.
        if let (Some(id), true) = (id, numbers.is_empty()) {
            if !dry_run {
                pm.findings().review(id)?;
                pm.findings().write_comment(id)?;
            }
            report.step(id, "reviewed", None);
        }
        for number in numbers {
            for one in pm.forges().attend(ForgeHint::Pull(number), dry_run)? {
                let number = one
                    .pull_request
                    .map(|number| format!("pull request #{number}"));
                report.step(one.task.as_deref(), &one.action, one.detail.or(number));
            }
        }
        Ok(report)
    }

    /// The task to work on: the named one, else one that was left on the way, else the next ready one.
    fn next_to_develop(&self, id: Option<&str>) -> Result<Option<ItemView>> {
        let pm = self.pm;
        if let Some(id) = id {
            return pm.tasks().show(id).map(Some);
        }
        let is_linked = pm.forges().status()?.link.is_some();
        let left = {
            let state = pm.store.state()?;
            let name = pm.actor.name.as_str();
            // Submitted by this actor, without a pull request.
            let is_unseen = |doc: &Doc| {
                doc.text("finished_by") == Some(name) && !doc.records.contains_key(PULLS)
            };
            let is_left = |item: &Item| match item.status {
                Status::InProgress => {
                    is_ci_task(&item.uid) && item.holder().is_some_and(|one| one.actor == name)
                }
                Status::InReview => is_linked && state.doc(&item.uid).is_some_and(is_unseen),
                _ => false,
            };
            let found = state.scan(&Scan::Open(Some(ItemKind::Task)), is_left, 1);
            found.first().map(|item| item.uid.to_string())
        };
        match left {
            Some(uid) => pm.tasks().show(&uid).map(Some),
            None => Ok(pm.tasks().ready(Some(1))?.pop()),
        }
    }

    fn by_agent(&self, id: &str, with: RunAgent, report: &mut RoleReport) -> Result<()> {
        let options = RunOptions {
            with,
            only: vec![id.to_string()],
            ..RunOptions::default()
        };
        report.step(id, "started", Some(options.with.to_string()));
        let run = self.run(&options, &mut |_| {})?;
        let status = self.pm.tasks().show(id)?.status.clone();
        report.step(id, status.as_str(), Some(format!("run {}", run.id)));
        Ok(())
    }
}

/// Sets up continuous integration in the worktree of a task: the workflow, a smoke test and what belongs to
/// them.
fn by_scaffold(pm: &Pm, id: &str, report: &mut RoleReport) -> Result<()> {
    let options = StartOptions {
        worktree: true,
        resume: true,
        ..StartOptions::default()
    };
    let started = pm.tasks().start(id, &options)?;
    report.step(id, "started", started.item.branch.clone());
    let place = started.item.worktree.clone().ok_or_else(|| {
        Error::state(format!("{id} has no worktree"))
            .hint(Hint::run(["start", id, "--resume"], "makes it"))
    })?;
    let mut env = pm.store.env().clone();
    env.cwd = place.into();
    // The caller's key and version are those of the whole step.
    let options = Options {
        actor: Some(pm.actor.name.clone()),
        idempotency_key: None,
        if_version: None,
        ..pm.options.clone()
    };
    let mut there = Pm::open(env, options)?;
    // It acts for the same visitor.
    there.actor = pm.actor.clone();
    let made = there.state().write_scaffold(false, true)?;
    let written = made.files.iter().filter(|file| file.kept.is_none()).count();
    report.step(id, "written", Some(format!("{written} files")));
    // Whether its criteria are met is for those who review it.
    let options = FinishOptions {
        force: true,
        scaffolded: true,
        ..FinishOptions::default()
    };
    there.tasks().finish(Some(id), &options)?;
    let notices = there.take_notices().into_iter();
    notices.for_each(|text| pm.notice(text));
    report.step(id, "submitted", None);
    Ok(())
}
