//! The repository as one request sees it, opened anew; `pm/who_acts.rs` decides who the client acts as.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};

use crate::error::{Reason, Result};
use crate::model::text;
use crate::pm::who_acts::checked;
use crate::pm::{Caller, Options, Pm};
use crate::store::env::Env;

/// Opens the repository for one request. Unlike an open repository, it can be sent to the thread
/// that processes the request.
#[derive(Clone)]
pub(super) struct Place {
    pub env: Env,
    pub options: Options,
    /// The folder to work in once that of `env` is gone: the main worktree, or a bare repository.
    pub main: Option<PathBuf>,
    /// Why the client does not act under its own name.
    pub refused: Option<String>,
    /// Answers are JSON instead of text.
    pub json: bool,
}

/// The name of clients without a name that an actor can have.
const UNNAMED: &str = "mcp-client";

impl Place {
    /// The same for a client with this name. A client does not choose its name for each repository,
    /// so one that cannot be an actor's is replaced, with a notice.
    pub fn of_client(&self, name: Option<&str>) -> Place {
        let mut place = self.clone();
        place.options.caller = Caller::Client;
        let name = name.map(|name| text::actor(&name.replace(['<', '>'], " ")));
        let name = name.filter(|name| !name.is_empty());
        let checked = name.map(|name| checked("the client", &name));
        place.refused = checked.as_ref().and_then(|name| {
            let why = name.as_ref().err()?.message();
            Some(format!("{why}; this client acts as `{UNNAMED}`"))
        });
        let name = checked.and_then(Result::ok);
        place.options.agent = Some(name.unwrap_or_else(|| UNNAMED.into()));
        place
    }
}

/// One request.
pub(super) struct Session {
    place: Place,
    pm: OnceCell<Pm>,
    /// The repository as seen from the worktree of an item.
    there: OnceCell<Pm>,
}

impl Session {
    pub fn new(place: Place) -> Session {
        Session {
            place,
            pm: OnceCell::new(),
            there: OnceCell::new(),
        }
    }

    /// The repository, opened on first use.
    pub fn pm(&self) -> Result<&Pm> {
        if let Some(pm) = self.pm.get() {
            return Ok(pm);
        }
        let mut env = self.place.env.clone();
        // A task's worktree is removed when the task is merged, perhaps by this server.
        let gone = (!env.cwd.is_dir())
            .then_some(self.place.main.as_ref())
            .flatten();
        if let Some(main) = gone {
            env.cwd.clone_from(main);
            // Neither git nor its library works in a folder that is gone.
            if std::env::current_dir().is_err() {
                let _ = std::env::set_current_dir(main);
            }
        }
        let opened = Pm::open(env, self.place.options.clone())?;
        if let Some(main) = gone {
            opened.notice(format!(
                "the folder of this server was removed; it works in {} now",
                text::one_line(&main.display().to_string())
            ));
        }
        if let Some(refused) = &self.place.refused {
            opened.notice(refused.as_str());
        }
        Ok(self.pm.get_or_init(|| opened))
    }

    /// The repository as seen from the worktree of an item, if it has one here: a reservation is
    /// held by an actor in a worktree. A request is about one item at most.
    pub fn pm_at(&self, item: &str) -> Result<&Pm> {
        let here = self.pm()?;
        let worktree = match here.worktrees().path(item) {
            Ok(path) => PathBuf::from(path),
            Err(error) if error.reason() == Reason::WorktreeMissing => return Ok(here),
            Err(error) => return Err(error),
        };
        if !worktree.is_dir() {
            return Ok(here);
        }
        let env = Env {
            cwd: worktree,
            ..self.place.env.clone()
        };
        let opened = Pm::open(env, self.place.options.clone())?;
        Ok(self.there.get_or_init(|| opened))
    }

    /// True if answers are JSON.
    pub fn is_json(&self) -> bool {
        self.place.json
    }

    /// The name of the client.
    pub fn client(&self) -> &str {
        self.place.options.agent.as_deref().unwrap_or_default()
    }

    /// The directory of the server.
    pub fn cwd(&self) -> &Path {
        &self.place.env.cwd
    }

    /// The notices for the user, without duplicates.
    pub fn notices(&self) -> Vec<String> {
        let opened = [self.pm.get(), self.there.get()].into_iter().flatten();
        let mut notices: Vec<String> = Vec::new();
        for notice in opened.flat_map(Pm::take_notices) {
            if !notices.contains(&notice) {
                notices.push(notice);
            }
        }
        notices
    }
}
