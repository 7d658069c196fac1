//! Which agents review a change, and how many have to find a fault: security always, correctness, and who knows the files.

use super::PanelOptions;
use crate::agent::definition::{AgentView, FullAgent, Output};
use crate::coordinate::reserve::pattern::Pattern;
use crate::coordinate::reserve::pattern::overlap::Case;
use crate::error::{Error, Hint, Reason, Result};
use crate::finding::diff::Diff;
use crate::pm::Pm;
use crate::work::task::checklist_answers::SECURITY;

/// Who looks at every change beside it.
const CORRECTNESS: &str = "correctness-reviewer";

/// Who looks at what nobody is special for, in this order.
const GENERAL: [&str; 3] = [
    "maintainability-reviewer",
    "performance-oracle",
    "architecture-strategist",
];

/// The number of reviewers, and how many of them confirm a finding.
pub(super) fn panel(deep: bool) -> (usize, usize) {
    if deep { (5, 3) } else { (3, 2) }
}

/// The agents to ask about a change.
///
/// # Errors
/// When a named one does not exist, is not trusted, or does not answer with findings.
pub(super) fn choose(pm: &Pm, diff: &Diff, options: &PanelOptions) -> Result<Vec<FullAgent>> {
    let mut names: Vec<String> = Vec::new();
    if options.without_security.is_none() {
        names.push(SECURITY.into());
    }
    match options.agents.is_empty() {
        false => names.extend(options.agents.iter().cloned()),
        true => {
            let all = pm.agents().list(None)?;
            let first = [CORRECTNESS.to_string()].into_iter();
            let rest = GENERAL.iter().map(ToString::to_string);
            names.extend(first.chain(specialists(&all, diff)).chain(rest));
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    names.retain(|name| seen.insert(name.clone()));
    if options.agents.is_empty() {
        names.truncate(panel(options.deep).0);
    }
    names.iter().map(|name| reviewer(pm, name)).collect()
}

/// An agent that answers with findings.
pub(crate) fn reviewer(pm: &Pm, name: &str) -> Result<FullAgent> {
    answering(pm, name, Output::Findings)
}

/// An agent by its name.
///
/// # Errors
/// When there is none, it is not trusted, or answers in another form.
pub(crate) fn answering(pm: &Pm, name: &str, output: Output) -> Result<FullAgent> {
    let agent = pm.agents().show(name)?;
    let refuse = |what: &str, hint: Hint| {
        Err(Error::refused(format!("the agent `{name}` {what}"))
            .because(Reason::FindingNoReviewer)
            .about(name)
            .hint(hint))
    };
    if !agent.agent.in_force {
        return refuse(
            "is not trusted",
            Hint::run(["trust"], "shows and trusts it"),
        );
    }
    if agent.agent.definition.output != output {
        let what = format!("does not answer with {}", output.as_str());
        let list = Hint::run(["agent", "list"], "lists agents with their duties");
        return refuse(&what, list);
    }
    Ok(agent)
}

/// Those whose patterns name changed files, by the number of changed lines in them. A pattern for all
/// files says nothing.
fn specialists(all: &[AgentView], diff: &Diff) -> Vec<String> {
    let mut ranked: Vec<(usize, &str)> = all
        .iter()
        .filter(|one| one.in_force && one.definition.output == Output::Findings)
        .map(|one| {
            let patterns = one.definition.paths.iter().filter(|text| *text != "**");
            let patterns: Vec<Pattern> = patterns
                .filter_map(|text| Pattern::parse(text, "").ok())
                .collect();
            let is_its = |path: &str| patterns.iter().any(|one| one.matches(path, Case::Folded));
            let files = diff.files.iter().filter(|file| is_its(&file.path));
            let lines = files
                .map(|file| (file.added().count() + file.removed().count()).max(1))
                .sum();
            (lines, one.definition.name.as_str())
        })
        .filter(|(lines, _)| *lines > 0)
        .collect();
    ranked.sort_by(|a, b| (b.0, a.1).cmp(&(a.0, b.1)));
    ranked
        .into_iter()
        .map(|(_, name)| name.to_string())
        .collect()
}
