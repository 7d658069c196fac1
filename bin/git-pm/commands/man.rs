//! `git pm man`.

use std::path::{Path, PathBuf};

use git_pm::{Env, Error, Result, files};

use crate::context::Context;
use crate::failure::Outcome;
use crate::manual;

/// Print or install the man pages
///
/// After installation, `git pm --help` and `git help pm` open git-pm(1).
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm man --install          install to ~/.local/share/man
  git pm man | man -l -")]
pub struct ManArgs {
    /// Write all pages to DIR; if omitted, to man1 and man7 in $XDG_DATA_HOME/man, else
    /// ~/.local/share/man.
    #[arg(long, value_name = "DIR", num_args = 0..=1)]
    pub install: Option<Option<PathBuf>>,
    /// Write the pages to DIR, for the checked-in copies.
    #[arg(long, value_name = "DIR", hide = true, conflicts_with = "install")]
    pub generate: Option<PathBuf>,
}

/// Prints the main page, or writes all pages.
pub fn run(context: &Context, args: &ManArgs, tree: &clap::Command) -> Outcome {
    let folder = match (&args.generate, &args.install) {
        (Some(folder), _) | (None, Some(Some(folder))) => context.env.cwd.join(folder),
        (None, Some(None)) => data_folder(&context.env)?,
        (None, None) => return print(context, tree),
    };
    let pages = placed(&folder, tree);
    let is_default = matches!(args.install, Some(None));
    let is_named = !is_default || context.env.var("XDG_DATA_HOME").is_some();
    files::write_all(&context.env, &context.options(), &pages, is_named)?;
    let written = pages.iter().map(|(path, _)| path.to_string_lossy());
    let written: Vec<_> = written.collect();
    let parent = folder.parent().unwrap_or(&folder).to_path_buf();
    let is_found = args.generate.is_some() || is_searched(&context.env, &parent);
    context.list(&written, |page, written| {
        let folder = folder.display();
        page.line(format!("Wrote {} pages to {folder}.", written.len()));
        if !is_found {
            let parent = parent.display();
            page.line(format!(
                "man does not look there yet: export MANPATH=\"{parent}:$MANPATH\""
            ));
        }
    })
}

/// True if man looks in a folder: `MANPATH` has it, or `PATH` the folder of programs beside it.
fn is_searched(env: &Env, folder: &Path) -> bool {
    let has = |name, wanted: &Path| {
        let all = env.var(name).unwrap_or_default();
        std::env::split_paths(all).any(|one| one == wanted)
    };
    let beside = |levels| folder.ancestors().nth(levels).map(|up| up.join("bin"));
    let programs = [beside(1), beside(2)];
    let mut programs = programs.iter().flatten();
    has("MANPATH", folder) || programs.any(|bin| has("PATH", bin))
}

/// True if man finds git-pm(1), so that `git pm --help` opens it.
pub fn is_installed(env: &Env) -> bool {
    let all = |name| env.var(name).unwrap_or_default();
    let manuals = std::env::split_paths(&all("MANPATH")).collect::<Vec<_>>();
    let programs = std::env::split_paths(&all("PATH")).collect::<Vec<_>>();
    let beside = programs
        .iter()
        .filter_map(|bin| Some(bin.parent()?.join("share/man")));
    let mut folders = manuals.into_iter().chain(beside);
    folders.any(|folder| {
        let is_page = |name: &str| folder.join("man1").join(name).is_file();
        is_page("git-pm.1") || is_page("git-pm.1.gz")
    })
}

fn print(context: &Context, tree: &clap::Command) -> Outcome {
    let page = manual::pages(tree)
        .into_iter()
        .next()
        .map(|page| page.roff)
        .unwrap_or_default();
    context.raw(&serde_json::json!({ "roff": page }), &page)
}

/// The pages with their places: those of sections other than 1 belong in a sibling of a folder `man1`.
fn placed(folder: &Path, tree: &clap::Command) -> Vec<(PathBuf, String)> {
    let is_man1 = folder.file_name().is_some_and(|name| name == "man1");
    let pages = manual::pages(tree).into_iter();
    let placed = pages.map(|page| {
        let section = page.file.rsplit('.').next().unwrap_or_default();
        let place = match is_man1 {
            true => folder.with_file_name(format!("man{section}")),
            false => folder.to_path_buf(),
        };
        (place.join(&page.file), page.roff)
    });
    placed.collect()
}

/// The folder of the user's own man pages.
fn data_folder(env: &Env) -> Result<PathBuf> {
    let data = match (env.var("XDG_DATA_HOME"), env.var("HOME")) {
        (Some(data), _) => PathBuf::from(data),
        (None, Some(home)) => Path::new(home).join(".local/share"),
        (None, None) => {
            return Err(Error::usage("neither XDG_DATA_HOME nor HOME is set")
                .hint("specify the folder: `git pm man --install DIR`"));
        }
    };
    Ok(data.join("man/man1"))
}
