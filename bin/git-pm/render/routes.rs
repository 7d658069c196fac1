//! Renders the routes of tasks to agents.

use git_pm::runs::{RoleRow, RouteAgent, RouteTable, RouteView};

use super::page::Page;
use super::style::Label;
use super::table::Cell;

/// All routes.
pub fn table(page: &mut Page, routes: &RouteTable) {
    page.heading(format!("Profile {}", routes.profile));
    page.list("No routes.", 1, &routes.roles, role);
    let own = routes.specialties.iter();
    let own: Vec<_> = own.filter(|one| !one.agents.is_empty()).collect();
    if !own.is_empty() {
        page.gap()
            .heading("Specialties, used instead of the role's agents");
        page.list("", 1, &own, |_, one| {
            [
                Label::Id.of(one.specialty.to_string()),
                Label::Text.of(names(&one.agents)),
                Label::Dim.of(sources(&one.agents)),
            ]
        });
    }
    let all = routes.roles.iter().flat_map(|row| &row.agents);
    let all = all.chain(routes.specialties.iter().flat_map(|row| &row.agents));
    let mut told: Vec<(&str, &str)> = Vec::new();
    for one in all {
        if let Some(why) = &one.unusable
            && !told.iter().any(|(agent, _)| *agent == one.agent)
        {
            told.push((&one.agent, why));
        }
    }
    if !told.is_empty() {
        page.gap().heading("Not usable here");
        page.list("", 1, &told, |_, (agent, why)| {
            [Label::Bad.of(*agent), Label::Text.of(*why)]
        });
    }
    if !routes.by_hand.is_empty() {
        page.gap();
        page.dim(format!(
            "only with `git pm run --with`: {}",
            routes.by_hand.join(", ")
        ));
    }
    for warning in &routes.warnings {
        page.warning(warning);
    }
    page.next(&["git pm route explain ID", "git pm run --with auto"]);
}

fn role(_: &Page, row: &RoleRow) -> [Cell; 4] {
    let mut limits = Vec::new();
    if let Some(like) = row.like {
        limits.push(format!("as {like}"));
    }
    if let Some(temperature) = row.temperature {
        limits.push(format!("temperature {temperature}"));
    }
    if let (Some(prompt), Some(answer)) = (row.prompt_tokens, row.answer_tokens) {
        limits.push(format!("{prompt} tokens in, {answer} out"));
    }
    [
        Label::Id.of(row.role.to_string()),
        Label::Text.of(names(&row.agents)),
        Label::Dim.of(sources(&row.agents)),
        Label::Dim.of(limits.join(", ")),
    ]
}

fn names(agents: &[RouteAgent]) -> String {
    let names: Vec<&str> = agents.iter().map(|one| one.agent.as_str()).collect();
    names.join(" -> ")
}

/// The sources of agents, each once.
fn sources(agents: &[RouteAgent]) -> String {
    let mut sources: Vec<String> = agents.iter().map(|one| one.source.to_string()).collect();
    sources.dedup();
    sources.join(", ")
}

/// The way of one item.
pub fn one(page: &mut Page, route: &RouteView) {
    page.put(Label::Id, &route.id)
        .text("  ")
        .text(&route.title)
        .end();
    page.field("role", Label::Text, route.role.to_string());
    let specialty = route.specialty.map(|one| one.to_string());
    page.field("specialty", Label::Text, specialty.unwrap_or_default());
    page.field("why", Label::Text, route.why.join("; "));
    page.field(
        "estimate",
        Label::Text,
        route.estimate.clone().unwrap_or_default(),
    );
    page.field("risk", Label::Text, route.risk.clone().unwrap_or_default());
    let private = route.private.as_ref().map(|why| format!("local ({why})"));
    page.field("privacy", Label::Text, private.unwrap_or_default());
    match &route.agent {
        Some(agent) => {
            let text = format!("{} ({}, {})", agent.agent, agent.source, agent.trust);
            page.field("agent", Label::Good, text);
        }
        None => {
            page.field("agent", Label::Bad, "none may take it: it stays queued");
        }
    }
    page.field("fallbacks", Label::Text, names(&route.fallbacks));
    for one in &route.excluded {
        let text = format!("{}: {}", one.agent, one.reason);
        page.field("left out", Label::Waiting, text);
    }
}
