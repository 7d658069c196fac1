//! Plans next to the lines of their documents, and their approval.

use std::collections::HashMap;

use askama::Template;

use super::super::request::{Answer, Call, Scope};
use super::super::route::Route;
use super::filters;
use super::frame::{Frame, field, html, part, see, word};
use super::graph::Diagram;
use super::limits;
use super::markdown::{Markup, markdown};
use crate::error::{Kind, Result};
use crate::model::text::head;
use crate::plan::PlanStatus;
use crate::plan::approval_checks::Severity;
use crate::plan::approve::{ApproveOptions, Doubt};
use crate::plan::coverage::Coverage;
use crate::plan::draft::Disposition;
use crate::plan::new_work::FOLLOW_UP;
use crate::plan::view::{AsideView, CriterionView, PlanLine, PlanView, TaskView};
use crate::plan::write::{WriteOptions, Written};
use crate::pm::Pm;
use crate::work::insight::{ItemLine, OrderedItem};

pub(super) fn routes() -> Vec<Route> {
    vec![
        super::page("/plans", "Plans", plans),
        super::page("/plans/{id}", "A plan next to its document", plan),
        super::page(
            "/plans/{id}/text",
            "A plan as text next to its document",
            |call| {
                let text = call.pm()?.plans().text(Some(call.part("id")))?.text;
                written(call, text, Vec::new())
            },
        ),
        super::form(
            "/plans/{id}/text",
            "Write a plan from its text",
            Scope::Write,
            write,
        ),
        super::form(
            "/plans/{id}/approve",
            "Approve a plan",
            Scope::Approve,
            approve,
        ),
        super::form(
            "/plans/{id}/regenerate",
            "Draft a plan again from its document",
            Scope::Write,
            |call| {
                let plan = call.pm()?.plans().regenerate(Some(call.part("id")))?;
                see(format!("/plans/{}", part(&plan.prd)))
            },
        ),
        super::form(
            "/plans/{id}/keep",
            "Keep a plan although its document changed",
            Scope::Approve,
            |call| {
                let plan = call.pm()?.plans().keep(Some(call.part("id")))?;
                see(format!("/plans/{}", part(&plan.prd)))
            },
        ),
    ]
}

#[derive(Template)]
#[template(path = "../src/serve/page/templates/plans.html")]
struct PlansPage {
    frame: Frame,
    plans: Vec<PlanLine>,
}

fn plans(call: &Call) -> Result<Answer> {
    let plans = call.pm()?.plans().list()?;
    html(&PlansPage {
        frame: Frame::of(call, "Plans", "/plans"),
        plans,
    })
}

#[derive(Template)]
#[template(path = "../src/serve/page/templates/plan_text.html")]
struct TextPage {
    frame: Frame,
    prd: String,
    outline: String,
    text: String,
    problems: Vec<String>,
}

/// The text of a plan next to the outline of its document, with what is wrong with the text.
fn written(call: &Call, text: String, problems: Vec<String>) -> Result<Answer> {
    let plans = call.pm()?.plans();
    let source = plans.document_of(Some(call.part("id")))?;
    let outline = plans.outline(&source)?.text;
    let prd = plans.show(Some(call.part("id")))?.prd;
    html(&TextPage {
        frame: Frame::of(call, format!("Plan {prd}"), "/plans"),
        prd,
        outline,
        text,
        problems,
    })
}

/// Writes a plan; a text that cannot be written is shown again.
fn write(call: &Call) -> Result<Answer> {
    let form = call.form()?;
    let text = field(&form, "text").replace("\r\n", "\n");
    let plans = call.pm()?.plans();
    let source = plans.document_of(Some(call.part("id")))?;
    match plans.write(&source, &text, &WriteOptions::default()) {
        Ok(report) => {
            let message = not_written(&report.written);
            if message.is_empty() {
                return see(format!("/plans/{}", part(&report.prd)));
            }
            let text = plans.text(Some(call.part("id")))?.text;
            written(call, text, message)
        }
        Err(error) if matches!(error.kind(), Kind::Usage | Kind::Conflict) => {
            let hints = error.hints().iter().map(ToString::to_string);
            let problems = std::iter::once(error.message().to_string()).chain(hints);
            written(call, text, problems.collect())
        }
        Err(error) => Err(error),
    }
}

/// What a text did not change, or changed together with others.
fn not_written(written: &Written) -> Vec<String> {
    let all = [
        ("exist already, and are changed there", &written.fixed),
        ("were changed by others meanwhile", &written.meanwhile),
        ("are not in the text and were kept", &written.kept),
    ];
    let some = all.into_iter().filter(|(_, names)| !names.is_empty());
    some.map(|(what, names)| {
        format!(
            "the rest was written; these tasks {what}: {}",
            names.join(", ")
        )
    })
    .collect()
}

/// A statement of the document, and the tasks that cover it.
pub(super) struct Statement {
    pub start: u32,
    pub end: u32,
    /// The lines themselves if the document is available; otherwise the beginning of the statement.
    pub source: String,
    /// Its disposition.
    pub word: String,
    pub reason: String,
    pub numbers: Vec<u32>,
}

/// A task with its description as HTML.
pub(super) struct PlannedTask {
    pub view: TaskView,
    pub text: Markup,
    /// The numbers of the tasks that it waits for.
    pub waits_for: Vec<u32>,
}

#[derive(Template)]
#[template(path = "../src/serve/page/templates/plan.html")]
struct PlanPage {
    frame: Frame,
    plan: PlanView,
    tasks: Vec<PlannedTask>,
    statements: Vec<Statement>,
    /// The number of statements that are not shown.
    more: usize,
    /// The reason that there are no statements.
    no_document: Option<String>,
    errors: usize,
    /// None if no task waits for another.
    diagram: Option<Diagram>,
    doubts: Vec<(&'static str, String)>,
}

impl PlanPage {
    /// True if an approval would have an effect.
    fn can_be_approved(&self) -> bool {
        let is_due = self.plan.status == PlanStatus::Draft || self.plan.undecided;
        !self.plan.is_stale && (is_due || self.has_new())
    }

    /// True if an approval would make items.
    fn has_new(&self) -> bool {
        let mut tasks = self.plan.tasks.iter();
        tasks.any(|task| task.item.is_none() && !task.is_gone)
    }

    /// The new tasks that follow closed ones.
    fn follow_ups(&self) -> Vec<&TaskView> {
        let is_one = |task: &&TaskView| {
            let mut edges = self.plan.edges.iter();
            let is_new = task.item.is_none() && !task.is_gone;
            is_new && edges.any(|edge| edge.task == task.key && edge.rule == FOLLOW_UP)
        };
        self.plan.tasks.iter().filter(is_one).collect()
    }

    /// The number of tasks, and of test tasks.
    fn counts(&self) -> (usize, usize) {
        let (own, tests) = self.plan.present();
        (own.len(), tests.len())
    }

    /// The criteria that the document does not state, with the numbers of their tasks.
    fn invented(&self) -> Vec<(u32, &CriterionView)> {
        let written = self.plan.tasks.iter().filter(|task| task.tests.is_none());
        let written = written.filter(|task| task.is_written());
        written
            .flat_map(|task| task.acceptance.iter().map(|one| (task.number, one)))
            .filter(|(_, one)| one.derived)
            .collect()
    }

    fn title_of(&self, number: &u32) -> &str {
        let found = self.tasks.iter().find(|task| task.view.number == *number);
        found.map_or("", |task| &task.view.title)
    }
}

fn plan(call: &Call) -> Result<Answer> {
    let id = call.part("id");
    let pm = call.pm()?;
    let plan = pm.plans().show(Some(id))?;
    // The document may be a file that this clone does not have.
    let (coverage, no_document) = match pm.plans().coverage(Some(id)) {
        Ok(coverage) => (Some(coverage), None),
        Err(error) if error.kind() == Kind::State || error.kind() == Kind::NotFound => {
            (None, Some(error.message().to_string()))
        }
        Err(error) => return Err(error),
    };
    let document = match &coverage {
        // The lines of a later text are not those of the plan.
        Some(coverage) if !coverage.outdated => {
            pm.tasks().show(&coverage.prd)?.body.unwrap_or_default()
        }
        _ => String::new(),
    };
    let all = coverage
        .map(|one| statements(one, &document))
        .unwrap_or_default();
    let (more, mut all) = (all.len().saturating_sub(limits::PLAN_STATEMENTS_MAX), all);
    all.truncate(limits::PLAN_STATEMENTS_MAX);
    let numbers: HashMap<&str, u32> = plan
        .tasks
        .iter()
        .map(|task| (task.key.as_str(), task.number))
        .collect();
    let tasks = plan.tasks.iter().map(|task| PlannedTask {
        text: markdown(&task.description),
        waits_for: task
            .depends_on
            .iter()
            .filter_map(|key| numbers.get(key.as_str()).copied())
            .collect(),
        view: task.clone(),
    });
    let errors = plan
        .checks
        .iter()
        .filter(|check| check.severity == Severity::Error);
    let diagram = Diagram::of(order(&plan), "#task-");
    let doubts = match (call.visitor.may(Scope::Approve), &no_document) {
        (true, None) if !plan.is_stale => doubts(pm, id)?,
        _ => Vec::new(),
    };
    html(&PlanPage {
        diagram: (!diagram.nodes.is_empty()).then_some(diagram),
        doubts,
        frame: Frame::of(call, format!("Plan {}", plan.prd), "/plans"),
        tasks: tasks.collect(),
        errors: errors.count(),
        statements: all,
        plan,
        more,
        no_document,
    })
}

/// The tasks of a plan, each after those that it waits for, named by their numbers.
fn order(plan: &PlanView) -> Vec<OrderedItem> {
    let by_key: HashMap<&str, &TaskView> = plan.tasks.iter().map(|t| (t.key.as_str(), t)).collect();
    let in_order = plan.levels.iter().flatten();
    let tasks = in_order.filter_map(|key| by_key.get(key.as_str()));
    let ordered = tasks.enumerate().map(|(at, task)| {
        let waits_for = task.depends_on.iter();
        let waits_for = waits_for.filter_map(|key| Some(by_key.get(key.as_str())?.number));
        OrderedItem {
            position: at + 1,
            item: ItemLine {
                id: task.number.to_string(),
                kind: "task".into(),
                title: task.title.clone(),
                item_type: word(&task.item_type),
                status: String::new(),
                priority: 2,
                owner: None,
            },
            hours: task.hours.into(),
            estimated: true,
            // The plan names no critical path.
            slack: 1,
            ready: task.depends_on.is_empty(),
            waits_for: waits_for.map(|number| number.to_string()).collect(),
        }
    });
    ordered.collect()
}

/// The questions that an approval asks, each with the field that answers it.
fn doubts(pm: &Pm, id: &str) -> Result<Vec<(&'static str, String)>> {
    let (mut options, mut found) = (ApproveOptions::default(), Vec::new());
    while let Some((question, doubt)) = pm.plans().doubt(Some(id), &options)? {
        let (name, answer) = match doubt {
            Doubt::Settings => ("settings_meant", &mut options.settings_meant),
            Doubt::Size => ("confirm_large", &mut options.confirm_large),
            Doubt::Uncovered => ("accept_uncovered", &mut options.accept_uncovered),
            Doubt::Reworded => ("accept_reworded", &mut options.accept_reworded),
        };
        if std::mem::replace(answer, true) {
            break;
        }
        found.push((name, question));
    }
    Ok(found)
}

/// The statements with their lines. Those with neither text nor task (blank lines) are left out.
fn statements(coverage: Coverage, document: &str) -> Vec<Statement> {
    let lines: Vec<&str> = document.lines().collect();
    // A different number of lines means a different text: that of a file or of another version.
    let is_same = lines.len().abs_diff(coverage.lines as usize) <= 1;
    let own = |start: u32, end: u32| {
        let (start, end) = (start.saturating_sub(1) as usize, end as usize);
        let found = lines.get(start..end.min(lines.len())).filter(|_| is_same);
        found.map(|lines| head(&lines.join("\n"), limits::PLAN_STATEMENT_MAX).to_string())
    };
    let all = coverage.statements.into_iter();
    all.filter_map(|one| {
        let (start, end) = (one.account.lines.start, one.account.lines.end);
        let source = own(start, end).unwrap_or(one.account.text);
        (!source.trim().is_empty() || !one.numbers.is_empty()).then(|| Statement {
            word: word(&one.account.disposition),
            reason: one.account.reason,
            numbers: one.numbers,
            start,
            end,
            source,
        })
    })
    .collect()
}

/// What statements are called that were put aside.
fn called(aside: &AsideView) -> String {
    match aside.disposition {
        Disposition::Context => "not work".to_string(),
        Disposition::NonGoal => "not to be done".to_string(),
        other => word(&other),
    }
}

/// Approves the version of the plan that the visitor saw.
fn approve(call: &Call) -> Result<Answer> {
    let form = call.form()?;
    let has = |name: &str| field(&form, name) == "true";
    let options = ApproveOptions {
        confirm_large: has("confirm_large"),
        accept_uncovered: has("accept_uncovered"),
        accept_reworded: has("accept_reworded"),
        settings_meant: has("settings_meant"),
        expect: Some(field(&form, "version").into_owned()),
        already_met: {
            let met = form.iter().filter(|(name, _)| name == "already_met");
            met.map(|(_, number)| number.clone()).collect()
        },
        ..ApproveOptions::default()
    };
    let id = call.part("id");
    let approved = call.pm()?.plans().approve(Some(id), &options)?;
    see(format!("/plans/{}", part(&approved.plan.prd)))
}
