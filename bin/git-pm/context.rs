//! The context of every command: environment, global options, repository, and the one way to print
//! an answer.

use std::cell::{Cell, OnceCell, RefCell};

use git_pm::{Env, Options, Pm, Result};
use serde::Serialize;

use crate::arguments::globals::Globals;
use crate::failure::{Exit, Failure, Outcome};
use crate::output::pager::Pager;
use crate::output::{json, stdout};
use crate::render::page::Page;

/// The number of items of a long list that are written at a time.
const AT_A_TIME: usize = 500;

/// A list in JSON.
#[derive(Serialize)]
struct Items<'a, T> {
    items: &'a [T],
}

/// The context of one run.
pub struct Context {
    /// The environment.
    pub env: Env,
    /// The global options.
    pub globals: Globals,
    /// Set if the command is about this clone's ephemeral items.
    pub ephemeral: Cell<bool>,
    pm: OnceCell<Pm>,
    /// The notices that were printed already.
    printed: RefCell<Vec<String>>,
}

impl Context {
    /// A context without an opened repository.
    pub fn new(env: Env, globals: Globals) -> Self {
        Context {
            env,
            globals,
            ephemeral: Cell::new(false),
            pm: OnceCell::new(),
            printed: RefCell::default(),
        }
    }

    /// The repository, opened on first use.
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

    /// Prints an answer: the value itself as JSON, or the page that `draw` fills.
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

    /// Prints an answer as JSON, even without `--json`.
    pub fn json<T: Serialize + ?Sized>(&self, value: &T) -> Outcome {
        json::write(value, &self.take_notices())?;
        Ok(Exit::DONE)
    }

    /// Prints a list, in JSON an object with `items`.
    pub fn list<T: Serialize>(&self, items: &[T], draw: impl FnOnce(&mut Page, &[T])) -> Outcome {
        self.answer(&Items { items }, |page, list| draw(page, list.items))
    }

    /// As [`Context::answer`], through a pager if standard output is a terminal.
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

    /// As [`Context::list`], through a pager if standard output is a terminal.
    pub fn paged_list<T: Serialize>(
        &self,
        items: &[T],
        draw: impl FnOnce(&mut Page, &[T]),
    ) -> Outcome {
        self.paged(&Items { items }, |page, list| draw(page, list.items))
    }

    /// As [`Context::paged_list`], for lists that are too long for memory: `fill` passes item by
    /// item until its callback returns false, and `draw` is called for a batch at a time.
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

    /// The library's notices that were not printed yet; none with `--quiet`.
    pub fn take_notices(&self) -> Vec<String> {
        let mut notices = self.pm.get().map(Pm::take_notices).unwrap_or_default();
        let mut printed = self.printed.borrow_mut();
        notices.retain(|notice| !printed.contains(notice));
        printed.extend(notices.iter().cloned());
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

    /// Asks at a terminal, once, before the state is pushed for the first time. `asked_for` is true
    /// if the command's purpose is the exchange.
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
            .hint("`git pm config pm.remote URL` sets another remote for the state")
            .hint("`git pm config pm.sync manual` keeps the state local until `git pm sync`"))
    }

    /// Asks a question at the terminal; `false` without a terminal or unless the answer is yes.
    pub fn confirm(&self, question: &str) -> bool {
        self.env.interactive && !self.globals.json && crate::output::stderr::ask(question)
    }
}
