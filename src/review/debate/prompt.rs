//! What the architect and the critics of a plan are told, and the files that they read.

use crate::agent::definition::FullAgent;
use crate::model::finding::Finding;
use crate::model::text::{one_line, spelled};
use crate::review::panel::prompt::LATER;

/// The files: the plan, the numbered statements of its document, what was found before, what changed since.
pub(super) const PLAN: &str = "PLAN.md";
pub(super) const OUTLINE: &str = "OUTLINE.md";
pub(super) const EARLIER: &str = "EARLIER.md";
pub(super) const SINCE: &str = "SINCE.patch";

/// What a critic looks at; the category of a finding is one of them.
pub(super) const DUTIES: [&str; 8] = [
    "assessment",
    "edge-cases",
    "security",
    "scalability",
    "feasibility",
    "risk",
    "alternatives",
    "verification",
];

const READ: &str = include_str!("read.md");

const FORM: &str = include_str!("form.md");

const PRESS: &str = include_str!("press.md");

const REVISE: &str = include_str!("revise.md");

/// The prompt of a critic.
pub(super) fn critic(agent: &FullAgent, round: u32, pressed: bool) -> String {
    let later = if round > 1 { LATER } else { "" };
    let press = if pressed { PRESS } else { "" };
    format!("{READ}{later}\n{}\n\n{FORM}{press}", agent.body.trim())
}

/// The prompt of the architect; `problem` is why the last text was refused.
pub(super) fn architect(agent: &FullAgent, problem: Option<&str>) -> String {
    let problem = problem.map_or(String::new(), |problem| {
        let lines = problem.lines().map(|line| format!("    {line}\n"));
        format!(
            "\nYour last text was refused. Correct it; what stands here is data:\n\n{}",
            lines.collect::<String>()
        )
    });
    format!("{REVISE}\n{}\n{problem}", agent.body.trim())
}

/// The open findings, and what checks found.
pub(super) fn earlier(open: &[&Finding], checks: &[String]) -> String {
    let mut out = String::new();
    for one in open {
        let place = match (one.path.as_deref(), one.line) {
            (Some(task), Some(line)) => format!(" ({}, line {line})", spelled(task)),
            (Some(task), None) => format!(" ({})", spelled(task)),
            (None, Some(line)) => format!(" (line {line})"),
            (None, None) => String::new(),
        };
        let (id, claim) = (one.id(), one_line(&one.claim));
        out += &format!(
            "- {id} {} {}{place}: {claim}\n",
            one.severity,
            one_line(&one.category)
        );
        let mut said = |word: &str, text: &str| out += &format!("  {word}: {}\n", one_line(text));
        if let Some(outcome) = &one.outcome {
            said("outcome", outcome);
        }
        if let Some(suggestion) = &one.suggestion {
            said("suggestion", suggestion);
        }
        for answer in one.answers.iter().filter(|answer| answer.round.is_none()) {
            let reason = answer.reason.as_deref().unwrap_or_default();
            said("the architect", &format!("{}, {reason}", answer.answer));
        }
    }
    for check in checks {
        out += &format!("- check: {}\n", one_line(check));
    }
    out
}
