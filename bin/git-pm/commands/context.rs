//! `git pm context`: the project knowledge that every agent gets.

use std::path::PathBuf;

use crate::arguments::stdin::{file_or_stdin, text_or_stdin};
use crate::context::Context;
use crate::editor;
use crate::failure::Outcome;
use crate::render;

/// Write down project knowledge and conventions for every agent
///
/// The context consists of named sections, such as `build`, `architecture` or `conventions`. It is
/// part of the state and synced with it, and `git pm prime` prints it. If two clones change a
/// section concurrently, both versions are kept until `git pm conflicts context:NAME` or the next
/// `set` or `edit` resolves them. Texts that seem to contain a secret are rejected.
#[derive(clap::Subcommand, Debug)]
#[command(defer = true, disable_help_subcommand = true)]
pub enum ContextCommand {
    /// Show the context, or one section
    Show {
        /// Name of the section.
        name: Option<String>,
    },
    /// Create a section or replace its text
    #[command(after_help = "\
Examples:
  git pm context set build \"cargo build; the tests need a running postgres\"
  git pm context set architecture --file docs/architecture-summary.md")]
    Set {
        /// Name of the section: letters, digits, `-`, `_` and `.`.
        name: String,
        /// Text in Markdown, at most 32 KB; `-` reads standard input.
        #[arg(required_unless_present = "file")]
        text: Option<String>,
        /// File with the text; `-` reads standard input.
        #[arg(short, long, conflicts_with = "text")]
        file: Option<PathBuf>,
    },
    /// Edit a section in git's editor
    ///
    /// If the section is changed while the editor is open, nothing is written, and your text is saved
    /// to a file.
    Edit {
        /// Name of the section.
        name: String,
    },
    /// List the sections
    List,
    /// Remove a section
    Remove {
        /// Name of the section.
        name: String,
    },
}

/// Runs a verb of the group.
pub fn run(context: &Context, command: ContextCommand) -> Outcome {
    let memory = context.pm()?.memory();
    match command {
        ContextCommand::Show { name: None } => {
            context.paged_list(&memory.context()?, render::context::sections)
        }
        ContextCommand::Show { name: Some(name) } => {
            context.paged(&memory.section(&name)?, render::context::section)
        }
        ContextCommand::Set { name, text, file } => {
            let text = match &file {
                Some(file) => file_or_stdin(file)?,
                None => text_or_stdin(text.as_deref().unwrap_or_default())?,
            };
            context.answer(&memory.set_section(&name, &text)?, render::context::written)
        }
        ContextCommand::Edit { name } => {
            let present = match memory.section(&name) {
                Ok(section) => Some(section),
                Err(error) if error.kind() == git_pm::error::Kind::NotFound => None,
                Err(error) => return Err(error.into()),
            };
            let before = present.as_ref().map(render::context::editable);
            let text = editor::edited(context, &before.unwrap_or_default())?;
            let written = match render::context::has_marks(&text) {
                true => Err(git_pm::Error::refused(
                    "the text still contains the lines that separate the versions; nothing was \
                     changed",
                )
                .hint("keep one text and delete these lines")),
                false => memory.edit_section(&name, present.as_ref(), &text),
            };
            let written =
                written.map_err(|error| editor::keep(context, "context-edit.md", &text, error))?;
            context.answer(&written, render::context::written)
        }
        ContextCommand::List => context.list(&memory.context()?, render::context::list),
        ContextCommand::Remove { name } => {
            context.answer(&memory.remove_section(&name)?, |page, section| {
                page.line(format!("Removed context:{}.", section.name));
                page.next(&["git pm undo"]);
            })
        }
    }
}
