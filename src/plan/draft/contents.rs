//! The statements of a document by meaning, for `prd show` and the checks of ids.
//!
//! It is a projection of the same verdicts as the plan.

use super::facts::Facts;
use super::rules::Verdicts;
use super::{milestones, tasks};
use git_pm_document::{Extract, Form, LabelKind, Lines, Requirement, SectionKind, Statement, list};

/// The statements of a document.
#[must_use]
pub fn contents(verdicts: &Verdicts) -> Extract {
    let facts = &verdicts.facts;
    let of = |kind: SectionKind| listed(verdicts, kind);
    let free = |at: usize| verdicts.all[at].rule != "criterion";
    let stories = demands(verdicts, |at| {
        facts.is_open(at) && facts.is_story(at) && free(at)
    });
    let requirements = demands(verdicts, |at| {
        let marked = facts.has_task_id(at) && facts.is_definition(at);
        let stated =
            verdicts.is_task(at) || facts.nodes()[at].is_listed() && facts.is_flat(at) && free(at);
        let functional = facts.nodes()[at].kind == SectionKind::Functional && facts.is_open(at);
        !facts.is_story(at) && (marked || functional && stated)
    });
    // A document without any has its features as requirements.
    let features =
        |at: usize| verdicts.is_task(at) && facts.nodes()[at].kind == SectionKind::Feature;
    Extract {
        vision: vision(facts),
        requirements: match requirements.is_empty() {
            true => demands(verdicts, features),
            false => requirements,
        },
        non_functional: of(SectionKind::NonFunctional),
        stories,
        acceptance: of(SectionKind::Acceptance),
        risks: of(SectionKind::Risk),
        assumptions: of(SectionKind::Assumption),
        constraints: of(SectionKind::Constraint),
        decisions: of(SectionKind::Decision),
        open_questions: of(SectionKind::Question),
        non_goals: of(SectionKind::NonGoal),
        metrics: of(SectionKind::Metric),
        milestones: phases(verdicts),
        ready: of(SectionKind::Ready),
        done: of(SectionKind::Done),
        dependencies: of(SectionKind::Dependency),
    }
}

fn phases(verdicts: &Verdicts) -> Vec<Requirement> {
    let (phases, tasks) = (milestones::keys(verdicts), tasks::keys(verdicts));
    let (phases, _) = milestones::milestones(verdicts, &phases, &tasks);
    let phase = |milestone: super::Milestone| {
        let results = milestone.deliverables.into_iter().chain(milestone.success);
        let results = results.map(|one| stated(one.requirement, one.text, one.lines, None));
        Requirement {
            statement: stated(None, milestone.title, milestone.lines, None),
            acceptance: results.collect(),
        }
    };
    phases.into_iter().map(phase).collect()
}

fn stated(id: Option<String>, text: String, lines: Lines, section: Option<usize>) -> Statement {
    Statement {
        id,
        text,
        lines,
        section,
    }
}

fn statement(facts: &Facts, at: usize) -> Statement {
    let node = &facts.nodes()[at];
    stated(
        node.id.clone(),
        super::account::text(node),
        node.lines,
        node.section,
    )
}

/// The statements that fit, with their criteria.
fn demands(verdicts: &Verdicts, fits: impl Fn(usize) -> bool) -> Vec<Requirement> {
    let facts = &verdicts.facts;
    let demand = |at: usize| {
        let parts = verdicts.parts(at).iter();
        let criteria = parts.filter(|part| verdicts.all[**part].is_criterion);
        let acceptance = criteria.map(|part| statement(facts, *part)).collect();
        let mut statement = statement(facts, at);
        statement.lines = facts.nodes()[at].span();
        Requirement {
            statement,
            acceptance,
        }
    };
    let all = (0..facts.nodes().len()).filter(|at| fits(*at));
    all.map(demand).collect()
}

/// True for a statement of its own, not a heading or an introduction.
fn is_said(facts: &Facts, at: usize) -> bool {
    let node = &facts.nodes()[at];
    !node.text.is_empty() && !matches!(node.form, Form::Heading(_) | Form::Code | Form::Layout)
}

/// The statements of one kind, without what belongs to a task.
fn listed(verdicts: &Verdicts, kind: SectionKind) -> Vec<Statement> {
    let facts = &verdicts.facts;
    let fits = |at: &usize| {
        let free = verdicts.all[*at].task.is_none();
        free && facts.nodes()[*at].kind == kind && is_said(facts, *at)
    };
    let all = (0..facts.nodes().len()).filter(fits);
    all.map(|at| statement(facts, at)).collect()
}

/// The first statement of the section most likely to contain the vision.
fn vision(facts: &Facts) -> Option<Statement> {
    let fits = |name: &str, at: usize| {
        let node = &facts.nodes()[at];
        let mut heading = facts.above(at);
        let heading = heading.find(|above| facts.nodes()[*above].is_heading());
        let headed = heading.is_some_and(|at| list(name).has(facts.nodes()[at].name()));
        let labeled = node.label == LabelKind::Goal && name == "goal";
        node.kind == SectionKind::Context && is_said(facts, at) && (headed || labeled)
    };
    let mut names = ["vision", "goal", "overview"].into_iter();
    let at = names.find_map(|name| (0..facts.nodes().len()).find(|at| fits(name, *at)))?;
    Some(Statement {
        text: facts.nodes()[at].text.clone(),
        ..statement(facts, at)
    })
}
