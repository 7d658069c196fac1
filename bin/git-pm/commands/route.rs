//! `git pm route`: which agent takes which task of a run.

use git_pm::verbs::cost::{ExplainRoute, ShowRoutes};

use crate::render;

group! {
    /// Show which agent takes which kind of task
    ///
    /// `git pm run --with auto` gives each task to the agent of its role. The role follows from the
    /// labels, the type, the planned paths, the estimate and the risk of the task, and from merge
    /// conflicts; a label `role:NAME` overrides all of these. If the first agent of a role is
    /// unavailable, still fails with transient errors after all retries, or is rate-limited too often,
    /// the next one takes over. Profiles are sets of routes: `cloud` (the default), `local` (Ollama
    /// models, no paid API) and `script`; `pm.route` replaces the agents of a role.
    ///
    /// Work that must not leave this machine goes only to local agents: items that have the label
    /// `privacy:local` or whose epic, parent or document has it, and items that plan to change a path
    /// in `pm.privatePaths`. Local agents are scripts, commands, models served on this
    /// machine, and agents that `pm.localAgent` names.
    #[command(
        defer = true,
        disable_help_subcommand = true,
        after_help = "\
Examples:
  git pm route show
  git pm route explain T-0012
  git pm config profile local
  git config --add pm.route implementation=codex,model:ollama/qwen3-coder:latest
  git pm run --with auto --agents 3

Variables: LLM_PLANNER_MODEL (architecture), LLM_TASKMASTER_MODEL (planning),
LLM_DEVELOPER_MODEL (implementation, complex-logic, documentation, testing),
LLM_REVIEWER_MODEL (review) and LLM_INTEGRATOR_MODEL (integration) name the first
model of these roles: PROVIDER/NAME, or the name of an Ollama model;
OLLAMA_BASE_URL is the address of the Ollama server."
    )]
    RouteCommand, run(context):
    Show(args: ShowRoutes) => context.shown(args, render::routes::table),
    Explain(args: ExplainRoute) => context.shown(args, render::routes::one),
}
