//! What every command gets: the world, the global options, the opened repository, and the one way
//! to print an answer.

use std::cell::{Cell, OnceCell, RefCell};

use git_pm::{Env, Options, Pm, Result};
use serde::Serialize;

use crate::arguments::globals::Globals;
use crate::failure::{Exit, Failure, Outcome};
use crate::output::pager::Pager;
use crate::output::{json, stdout};
use crate::render::page::Page;

/// How many items of a long list are written at a time.
const AT_A_TIME: usize = 500;

/// A list as JSON shows it.
#[derive(Serialize)]
struct Items<'a, T> {
    items: &'a [T],
}

/// One run's surroundings.
pub struct Context {
    /// The world.
    pub env: Env,
    /// The global options.
    pub globals: Globals,
    /// Whether the command is about this clone's ephemeral items.
    pub ephemeral: Cell<bool>,
    pm: OnceCell<Pm>,
    /// The notices that were told, in whatever form.
    told: RefCell<Vec<String>>,
}

impl Context {
    /// Surroundings in which nothing is opened yet.
    pub fn new(env: Env, globals: Globals) -> Self {
        Context {
            env,
            globals,
            ephemeral: Cell::new(false),
            pm: OnceCell::new(),
            told: RefCell::default(),
        }
    }

    /// The repository, opened when a command first asks for it.
    ///
    /// # Errors
    /// When there is no usable repository.
    pub fn pm(&self) -> Result<&Pm> {
        if let Some(pm) = self.pm.get() {
            return Ok(pm);
        }
        let options = Options {
            actor: self.globals.actor.clone(),
            offline: self.globals.offline,
            idempotency_key: self.globals.idempotency_key.clone(),
            if_version: self.globals.if_version.clone(),
            sign: self.globals.sign,
            ephemeral: self.ephemeral.get(),
        };
        let opened = Pm::open(self.env.clone(), options)?;
        Ok(self.pm.get_or_init(|| opened))
    }

    /// Prints an answer: as JSON the value itself, else the page that `draw` fills.
    ///
    /// # Errors
    /// When standard output cannot be written.
    pub fn answer<T: Serialize + ?Sized>(
        &self,
        value: &T,
        draw: impl FnOnce(&mut Page, &T),
    ) -> Outcome {
        if self.globals.json {
            json::write(value, &self.take_notices())?;
        } else {
            let mut page = self.page();
            draw(&mut page, value);
            stdout::write(&page.finish())?;
        }
        Ok(Exit::DONE)
    }

    /// Prints an answer as JSON, whether or not that was asked for by `--json`.
    ///
    /// # Errors
    /// When standard output cannot be written.
    pub fn json<T: Serialize + ?Sized>(&self, value: &T) -> Outcome {
        json::write(value, &self.take_notices())?;
        Ok(Exit::DONE)
    }

    /// Prints a list: as JSON an object with `items`.
    ///
    /// # Errors
    /// When standard output cannot be written.
    pub fn list<T: Serialize>(&self, items: &[T], draw: impl FnOnce(&mut Page, &[T])) -> Outcome {
        self.answer(&Items { items }, |page, list| draw(page, list.items))
    }

    /// As [`Context::answer`], through a pager when somebody reads at a terminal.
    ///
    /// # Errors
    /// When the answer cannot be written.
    pub fn paged<T: Serialize + ?Sized>(
        &self,
        value: &T,
        draw: impl FnOnce(&mut Page, &T),
    ) -> Outcome {
        if self.globals.json {
            return self.answer(value, draw);
        }
        let mut page = self.page();
        draw(&mut page, value);
        crate::output::pager::show(&self.env, &page.finish())?;
        Ok(Exit::DONE)
    }

    /// As [`Context::list`], through a pager when somebody reads at a terminal.
    ///
    /// # Errors
    /// When the answer cannot be written.
    pub fn paged_list<T: Serialize>(
        &self,
        items: &[T],
        draw: impl FnOnce(&mut Page, &[T]),
    ) -> Outcome {
        self.paged(&Items { items }, |page, list| draw(page, list.items))
    }

    /// As [`Context::paged_list`], for lists that are too long to be held: `fill` hands over item
    /// by item as long as it is told to, and `draw` is called for so many at a time.
    ///
    /// # Errors
    /// What `fill` reports, and when the answer cannot be written.
    pub fn stream<T: Serialize>(
        &self,
        fill: impl FnOnce(&mut dyn FnMut(T) -> bool) -> Result<()>,
        draw: impl Fn(&mut Page, &[T]),
    ) -> Outcome {
        let mut waiting: Vec<T> = Vec::new();
        let mut document = json::Items::new();
        let mut sheet: Option<Pager> = None;
        let mut write = |items: &[T]| -> std::result::Result<bool, Failure> {
            if self.globals.json {
                return document.write(items).map(|()| true);
            }
            let mut page = self.page();
            draw(&mut page, items);
            let sheet = sheet.get_or_insert_with(|| Pager::open(&self.env));
            sheet.write(&page.finish())
        };
        let mut failed = None;
        fill(&mut |item| {
            waiting.push(item);
            if waiting.len() < AT_A_TIME {
                return true;
            }
            let goes_on = write(&waiting);
            waiting.clear();
            match goes_on {
                Ok(goes_on) => goes_on,
                Err(failure) => {
                    failed = Some(failure);
                    false
                }
            }
        })?;
        if let Some(failure) = failed {
            return Err(failure);
        }
        if self.globals.json {
            document.write(&waiting)?;
            document.close(&self.take_notices())?;
            return Ok(Exit::DONE);
        }
        let mut page = self.page();
        if sheet.is_none() || !waiting.is_empty() {
            draw(&mut page, &waiting);
        }
        let last = page.finish();
        let mut sheet = sheet.unwrap_or_else(|| Pager::open(&self.env));
        sheet.write(&last)?;
        sheet.close(&last)?;
        Ok(Exit::DONE)
    }

    /// An empty page for this terminal.
    pub fn page(&self) -> Page {
        let agent = self.pm.get().is_some_and(|pm| pm.actor().is_agent);
        let page = Page::new(stdout::width(&self.env), self.env.now_ms(), &self.globals);
        page.for_agent(agent)
    }

    /// What the library wants known besides the answer, and nobody was told yet; nothing for a
    /// reader who wants only the answer.
    pub fn take_notices(&self) -> Vec<String> {
        let mut notices = self.pm.get().map(Pm::take_notices).unwrap_or_default();
        let mut told = self.told.borrow_mut();
        notices.retain(|notice| !told.contains(notice));
        told.extend(notices.iter().cloned());
        if self.globals.quiet {
            notices.clear();
        }
        notices
    }

    /// Prints the notices on standard error.
    pub fn print_notices(&self) {
        for notice in self.take_notices() {
            crate::output::stderr::note(&notice);
        }
    }

    /// Asks at a terminal, once, before the state leaves this clone for the first time. `asked_for`
    /// tells whether the command's purpose is the exchange.
    ///
    /// # Errors
    /// When the answer is no.
    pub fn ask_first_push(&self, asked_for: bool) -> Result<()> {
        if !self.env.interactive || self.globals.json {
            return Ok(());
        }
        let Some(question) = self.pm()?.state().first_push_question(asked_for)? else {
            return Ok(());
        };
        if self.confirm(&question) {
            return Ok(());
        }
        Err(git_pm::Error::refused("nothing was pushed")
            .hint("`git pm config pm.remote URL` names another place for the state")
            .hint("`git pm config pm.sync manual` keeps it here until `git pm sync`"))
    }

    /// Asks a question on the terminal; `false` unless the answer is yes, or when there is nobody.
    pub fn confirm(&self, question: &str) -> bool {
        self.env.interactive && !self.globals.json && crate::output::stderr::ask(question)
    }
}
