//! The repository as one request sees it.

use std::cell::OnceCell;

use crate::error::Result;
use crate::model::text;
use crate::pm::{Options, Pm};
use crate::store::env::Env;

/// Opens the repository for one request. It can be sent to the thread that works on it, unlike an
/// open repository.
#[derive(Clone)]
pub(super) struct Place {
    pub env: Env,
    pub options: Options,
}

impl Place {
    /// The place of a client with this name.
    pub fn of_client(&self, name: Option<&str>) -> Place {
        let mut place = self.clone();
        let name = name.map(|name| text::actor(&name.replace(['<', '>'], " ")));
        let name = name.filter(|name| !name.is_empty());
        place.options.agent = Some(name.unwrap_or_else(|| "mcp-client".into()));
        place
    }
}

/// One request.
pub(super) struct Session {
    place: Place,
    pm: OnceCell<Pm>,
}

impl Session {
    pub fn new(place: Place) -> Session {
        Session {
            place,
            pm: OnceCell::new(),
        }
    }

    /// The repository, opened on first use.
    pub fn pm(&self) -> Result<&Pm> {
        if let Some(pm) = self.pm.get() {
            return Ok(pm);
        }
        let opened = Pm::open(self.place.env.clone(), self.place.options.clone())?;
        Ok(self.pm.get_or_init(|| opened))
    }

    /// The repository as seen from the worktree of an item, if it has one here: a reservation is
    /// held by an actor in a worktree.
    pub fn pm_at(&self, item: &str) -> Result<Option<Pm>> {
        let worktree = self.pm()?.tasks().show(item)?.worktree;
        let Some(worktree) = worktree.map(std::path::PathBuf::from) else {
            return Ok(None);
        };
        if !worktree.is_dir() {
            return Ok(None);
        }
        let env = Env {
            cwd: worktree,
            ..self.place.env.clone()
        };
        Pm::open(env, self.place.options.clone()).map(Some)
    }

    /// The directory of the server.
    pub fn cwd(&self) -> &std::path::Path {
        &self.place.env.cwd
    }

    /// The notices for the user.
    pub fn notices(&self) -> Vec<String> {
        self.pm.get().map(Pm::take_notices).unwrap_or_default()
    }
}
