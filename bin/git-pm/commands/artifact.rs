//! `git pm artifact`: files that items publish for others.

use std::io::IsTerminal;
use std::path::Path;

use git_pm::Error;
use git_pm::artifacts::ArtifactContent;
use git_pm::error::Reason;
use git_pm::text::steers;
use git_pm::verbs::artifact::{GetArtifact, ListArtifacts, PutArtifact, RemoveArtifact};

use crate::arguments::stdin::Stdin;
use crate::failure::{Exit, Outcome};
use crate::output::stdout;
use crate::render;

group! {
    /// Publish an item's files, such as an interface, before the work is done
    ///
    /// An artifact is a file that belongs to an item and is part of the state, so that it is synced with
    /// it. Each put adds a version. If two clones put versions concurrently, both stay until a later put
    /// in a clone that has both replaces them.
    #[command(defer = true, disable_help_subcommand = true)]
    ArtifactCommand, run(context):
    Put(args: PutArtifact) => {
        let view = match args.file.as_deref() {
            // The content may be no text.
            Some("-") => {
                let pm = context.pm()?;
                let fail = |e| Error::usage(format!("cannot read standard input: {e}"));
                let content = pm.artifacts().read_from(&args.name()?, Stdin, fail)?;
                args.put(pm, content)?
            }
            _ => context.verb(args)?,
        };
        context.answer(&view, render::artifact::put)
    },
    Get(args: GetArtifact) => {
        if args.output.is_none() && !context.globals.json {
            return print(&args.content(context.pm()?)?);
        }
        let named = args.output.clone().filter(|path| !path.is_empty());
        let got = context.verb(args)?;
        if got.file.is_none() {
            return context.json(&got);
        }
        context.answer(&got, |page, got| {
            let path = named.as_ref().unwrap_or(&got.artifact.name);
            render::artifact::written(page, &got.artifact, Path::new(path));
        })
    },
    #[command(visible_alias = "ls")]
    List(args: ListArtifacts) => {
        let is_every = args.item.is_none();
        context.listed(args, |page, found| {
            render::artifact::list(page, found, is_every);
        })
    },
    #[command(visible_alias = "rm")]
    Remove(args: RemoveArtifact) => context.listed(args, render::artifact::removed),
}

/// Prints the content.
fn print(found: &ArtifactContent) -> Outcome {
    if std::io::stdout().is_terminal() && !is_plain_text(&found.content) {
        return Err(
            Error::refused("the content is not plain text, so it was not printed")
                .because(Reason::ArtifactNotText)
                .hint("`-o` writes it to a file")
                .into(),
        );
    }
    stdout::write_raw(&found.content)?;
    Ok(Exit::DONE)
}

/// True for content that cannot control a terminal.
fn is_plain_text(content: &[u8]) -> bool {
    std::str::from_utf8(content).is_ok_and(|text| {
        !text
            .chars()
            .any(|c| steers(c) && !matches!(c, '\n' | '\r' | '\t'))
    })
}
