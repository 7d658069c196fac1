//! `git pm agent`: the definitions of agents.

use git_pm::agents::WrittenAgent;
use git_pm::error::Kind;
use git_pm::verbs::agent::{ListAgents, ShowAgent, ValidateAgents};

use crate::context::Context;
use crate::failure::{Exit, Outcome};
use crate::{editor, render};

group! {
    /// List, check and write the definitions of agents
    ///
    /// A definition is a Markdown file: fields that say what the agent is for and what it may do, and the
    /// prompt as its text.
    #[command(defer = true, disable_help_subcommand = true)]
    AgentCommand, run(context):
    List(args: ListAgents) => context.listed_paged(args, render::agents::list),
    Show(args: ShowAgent) => context.shown_paged(args, render::agents::full),
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
    } => written(context, &context.pm()?.agents().create(&name)?),
    /// Edit the file .pm/agents/NAME.md in git's editor, and check it
    ///
    /// If there is no such file, the edit begins as with `git pm agent new`, and a text that is not
    /// changed is not written.
    #[command(after_help = "\
Exits with 1 if something is wrong with the edited file, which is written nevertheless.")]
    Edit {
        /// Name of the agent.
        name: String,
    } => {
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
        let kept = |error| editor::keep(context, ["agent-edit", &name], &text, error);
        written(context, &agents.write(&name, &draft, &text).map_err(kept)?)
    },
    Validate(args: ValidateAgents) => {
        let found = context.verb(args)?;
        context.answer(&found, render::agents::checked)?;
        Ok(Exit::of_if(!found.faults.is_empty(), Kind::Refused))
    },
}

fn written(context: &Context, agent: &WrittenAgent) -> Outcome {
    context.answer(agent, render::agents::written)?;
    Ok(Exit::of_if(!agent.faults.is_empty(), Kind::Refused))
}
