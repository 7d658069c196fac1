//! `git pm context`: the project knowledge that every agent gets.

use git_pm::context::Section;
use git_pm::verbs::state::{ListContext, RemoveSection, SectionOrAll, SetSection, ShowContext};

use crate::context::Context;
use crate::editor;
use crate::failure::Outcome;
use crate::render;

group! {
    /// Write down project knowledge and conventions for every agent
    ///
    /// The context consists of named sections, such as `build`, `architecture` or `conventions`. It is
    /// part of the state and synced with it, and `git pm prime` prints it. If two clones change a
    /// section concurrently, both versions are kept until `git pm conflicts context:NAME` or the next
    /// `set` or `edit` resolves them. Texts that seem to contain a secret are rejected.
    #[command(defer = true, disable_help_subcommand = true)]
    ContextCommand, run(context):
    Show(args: ShowContext) => match context.verb(args)? {
        SectionOrAll::All(all) => context.paged_list(&all.items, render::context::sections),
        SectionOrAll::One(section) => context.paged(&*section, render::context::section),
    },
    Set(args: SetSection) => written(context, &context.verb(args)?),
    /// Edit a section in git's editor
    ///
    /// If the section is changed while the editor is open, nothing is written, and your text is saved
    /// to a file.
    Edit {
        /// Name of the section.
        name: String,
    } => {
        let memory = context.pm()?.memory();
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
        let written = written
            .map_err(|error| editor::keep(context, ["context-edit", &name], &text, error))?;
        self::written(context, &written)
    },
    List(args: ListContext) => context.listed(args, render::context::list),
    Remove(args: RemoveSection) => context.shown(args, |page, section| {
        page.line(format!("Removed context:{}.", section.name));
        page.next(&["git pm undo"]);
    }),
}

fn written(context: &Context, section: &Section) -> Outcome {
    let said = context.edited("Wrote");
    context.answer(section, |page, section| {
        render::context::written(page, said, section);
    })
}
