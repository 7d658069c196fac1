//! `git pm mcp`.

use clap::builder::PossibleValuesParser;
use git_pm::verbs::ToolGroup;

use crate::context::Context;
use crate::failure::Outcome;

/// Serve coding agents over the Model Context Protocol
///
/// An MCP client starts this command in a repository and talks to it on standard input and output.
/// What work needs is always offered: prime, ready, next, show, start, finish and the like.
/// `--tools` adds other tools, each of which takes up space in the context of the client's model. A
/// tool has the words of its command as its name, and the long options as its arguments. Answers are short texts for a model; with `--json`, they are JSON
/// for programs.
///
/// The actor is the name given by `--as` or the environment, else the actor who claimed the task
/// of the worktree, else the client's own name; it always counts as an agent. The server exits when
/// its input ends. `docs/mcp.md` shows how to configure common clients.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm mcp
  git pm mcp --tools all
  git pm mcp --tools tasks,plan --as claude-2")]
pub struct McpArgs {
    /// Additional tools to offer: all of them, or groups.
    #[arg(long, value_name = "GROUP", value_delimiter = ',', value_parser = PossibleValuesParser::new(
        std::iter::once("all").chain(ToolGroup::VOCABULARY.words.iter().copied())
    ))]
    pub tools: Vec<String>,
}

/// Serves until the input ends.
#[cfg(feature = "mcp")]
pub fn run(context: &Context, args: &McpArgs) -> Outcome {
    use git_pm::mcp::{ServeOptions, serve};
    let groups = match args.tools.iter().any(|word| word == "all") {
        true => ToolGroup::ALL.to_vec(),
        false => args
            .tools
            .iter()
            .filter_map(|word| ToolGroup::parse(word))
            .collect(),
    };
    let options = ServeOptions {
        actor: context.globals.actor.clone(),
        offline: context.globals.offline,
        groups,
        json: context.globals.json,
    };
    let (input, output) = (tokio::io::stdin(), tokio::io::stdout());
    let mut env = context.env.clone();
    // The terminal, if there is one, is the client's: ssh must not ask on it.
    crate::environment::detach(&mut env);
    serve(env, &options, input, output)?;
    Ok(crate::failure::Exit::DONE)
}

/// Serves until the input ends.
#[cfg(not(feature = "mcp"))]
pub fn run(_: &Context, _: &McpArgs) -> Outcome {
    Err(
        git_pm::Error::refused("this git pm was built without the MCP server")
            .hint("build it with the feature `mcp`")
            .into(),
    )
}
