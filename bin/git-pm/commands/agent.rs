//! `git pm agent`: the definitions of agents.

use git_pm::error::Kind;
use git_pm::verbs::agent::{ListAgents, ShowAgent, ValidateAgents};

use crate::context::Context;
use crate::failure::{Exit, Outcome};
use crate::{editor, render};

/// List, check and write the definitions of agents
///
/// A definition is a Markdown file: fields that say what the agent is for and what it may do, and the
/// prompt as its text.
#[derive(clap::Subcommand, Debug)]
#[command(defer = true, disable_help_subcommand = true)]
pub enum AgentCommand {
    List(ListAgents),
    Show(ShowAgent),
    /// Write a new file .pm/agents/NAME.md
    ///
    /// It begins as the built-in or imported definition of that name, else as a template. An
    /// existing file is not replaced.
    #[command(after_help = "\
The file:
  ---
  name: sql-reviewer
  duty: Reviews SQL
  category: review           as in `git pm agent list --category`; default general
  model: strong              cheap, balanced (default), strong, or the name of a model
  tools: [read, search]
  permissions: read-only     or write; default read-only
  languages: [sql]
  when: [\"**/*.sql\"]         or always; on request if it is missing
  output: findings           or plan, notes, text; default text
  ---
  The prompt.

It counts once you trust it with `git pm trust`.")]
    New {
        /// Name: 1 to 64 of a-z, 0-9 and `-`.
        name: String,
    },
    /// Edit the file .pm/agents/NAME.md in git's editor, and check it
    ///
    /// If there is no such file, the edit begins as with `git pm agent new`, and a text that is not
    /// changed is not written.
    #[command(after_help = "\
Exits with 1 if something is wrong with the edited file, which is written nevertheless.")]
    Edit {
        /// Name of the agent.
        name: String,
    },
    Validate(ValidateAgents),
}

/// Runs a verb of the group.
pub fn run(context: &Context, command: AgentCommand) -> Outcome {
    let written = match command {
        AgentCommand::List(args) => return context.listed_paged(args, render::agents::list),
        AgentCommand::Show(args) => return context.shown_paged(args, render::agents::full),
        AgentCommand::Validate(args) => {
            let found = context.verb(args)?;
            context.answer(&found, render::agents::checked)?;
            return Ok(Exit::of_if(!found.faults.is_empty(), Kind::Refused));
        }
        AgentCommand::New { name } => context.pm()?.agents().create(&name)?,
        AgentCommand::Edit { name } => {
            let agents = context.pm()?.agents();
            let draft = agents.draft(&name)?;
            let text = editor::edited(context, &draft.text)?;
            if text == draft.text && !draft.exists {
                return Err(git_pm::Error::refused(
                    "the text was not changed; nothing was written",
                )
                .hint("`git pm agent new NAME` writes it as it is")
                .into());
            }
            let written = agents.write(&name, &draft, &text);
            written.map_err(|error| editor::keep(context, ["agent-edit", &name], &text, error))?
        }
    };
    context.answer(&written, render::agents::written)?;
    Ok(Exit::of_if(!written.faults.is_empty(), Kind::Refused))
}
