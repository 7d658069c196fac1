//! Renders the definitions of agents.

use git_pm::agents::{AgentFault, AgentSource, AgentView, CheckedAgents, FullAgent, WrittenAgent};

use super::format::counted;
use super::page::Page;
use super::style::Label;

/// What a reader has to know of where a definition comes from; nothing of a built-in one.
fn standing(agent: &AgentView) -> String {
    let mut words = Vec::new();
    if agent.source != AgentSource::BuiltIn {
        words.push(agent.source.as_str());
    }
    if !agent.faults.is_empty() {
        words.push("faulty");
    } else if !agent.trusted {
        words.push("not trusted");
    } else if !agent.in_force {
        words.push("replaced");
    }
    words.join(", ")
}

/// Definitions as a table.
pub fn list(page: &mut Page, agents: &[AgentView]) {
    page.list("No agents.", 4, agents, |_, agent| {
        let definition = &agent.definition;
        [
            Label::Id.of(&definition.name),
            Label::Dim.of(definition.category.as_str()),
            Label::Text.of(definition.permissions.as_str()),
            Label::Active.of(standing(agent)),
            Label::Text.of(&definition.duty),
        ]
    });
}

/// A definition with its prompt.
pub fn full(page: &mut Page, full: &FullAgent) {
    let agent = &full.agent;
    let definition = &agent.definition;
    page.put(Label::Id, &definition.name).text("  ");
    page.put(Label::Heading, &definition.duty).end();
    page.field("category", Label::Text, definition.category.as_str());
    page.field("source", Label::Text, agent.source.as_str());
    page.field("path", Label::Path, &agent.path);
    page.field("standing", Label::Active, standing(agent));
    page.field("model", Label::Text, &definition.model);
    page.field("tools", Label::Text, &definition.tools);
    page.field("permissions", Label::Text, definition.permissions.as_str());
    page.field("languages", Label::Text, &definition.languages);
    match definition.always {
        true => page.field("when", Label::Text, "always"),
        false => page.field("when", Label::Path, &definition.paths),
    };
    page.field("output", Label::Text, definition.output.as_str());
    page.heading("Prompt").prose("  ", &full.body);
    if !full.form.is_empty() {
        page.heading("Form of the answer").prose("  ", &full.form);
    }
    faults(page, &agent.faults);
    page.section("Not used", 1, &full.others, |_, other| {
        [
            Label::Active.of(standing(other)),
            Label::Path.of(&other.path),
        ]
    });
    if full
        .others
        .iter()
        .chain([agent])
        .any(|one| one.path.is_some() && !one.trusted)
    {
        page.next(&["git pm trust"]);
    }
}

fn faults(page: &mut Page, faults: &[AgentFault]) {
    for fault in faults {
        page.put(Label::Path, format!("{}:{}", fault.path, fault.line));
        page.text("  ").put(Label::Bad, &fault.what);
        page.text("; ").text(&fault.fix).end();
    }
}

/// The result of a check.
pub fn checked(page: &mut Page, report: &CheckedAgents) {
    faults(page, &report.faults);
    let checked = counted(report.checked.len(), "definition");
    page.line(match report.faults.len() {
        0 => format!("Checked {checked}."),
        faults => format!("Checked {checked}: {}.", counted(faults, "fault")),
    });
}

/// A file that was written.
pub fn written(page: &mut Page, written: &WrittenAgent) {
    page.text(match written.changed {
        true => "Wrote ",
        false => "No change of ",
    });
    page.put(Label::Path, &written.path).end();
    faults(page, &written.faults);
    if !written.trusted {
        page.next(&["git pm trust"]);
    }
}
