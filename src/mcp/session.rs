//! The repository as one request sees it.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};

use crate::error::Result;
use crate::model::text;
use crate::pm::{Options, Pm};
use crate::store::env::Env;

/// Opens the repository for one request. Unlike an open repository, it can be sent to the thread
/// that processes the request.
#[derive(Clone)]
pub(super) struct Place {
    pub env: Env,
    pub options: Options,
}

impl Place {
    /// The same for a client with this name.
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
        let opened = Pm::open(self.place.env.clone(), self.place.options.clone())?;
        Ok(self.pm.get_or_init(|| opened))
    }

    /// The repository as seen from the worktree of an item, if it has one here: a reservation is
    /// held by an actor in a worktree. A request is about one item at most.
    pub fn pm_at(&self, item: &str) -> Result<&Pm> {
        let here = self.pm()?;
        let worktree = match here.worktrees().path(item) {
            Ok(path) => PathBuf::from(path),
            Err(error) if error.reason() == "worktree.missing" => return Ok(here),
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

    /// The directory of the server.
    pub fn cwd(&self) -> &Path {
        &self.place.env.cwd
    }

    /// The environment of the server.
    pub fn env(&self) -> &Env {
        &self.place.env
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
