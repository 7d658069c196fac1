//! The context of every command: environment, global options, repository, and the one way to print an answer.

use std::cell::{Cell, OnceCell, RefCell};
use std::io::IsTerminal;

use git_pm::items::ItemView;
use git_pm::verbs::{List, Verb};
use git_pm::{Caller, Env, Options, Pm, Result};
use schemars::JsonSchema;
use serde::Serialize;

use crate::arguments::globals::Globals;
use crate::arguments::request::complete;
use crate::failure::{Exit, Failure, Outcome};
use crate::output::pager::Pager;
use crate::output::{json, shell_folder, stdout};
use crate::render::item::summary;
use crate::render::page::Page;
use crate::render::unsettled::Unsettled;

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
    /// Set if the command prints beads' JSON, which has no envelope.
    pub beads: Cell<bool>,
    /// Set if what the command reads, prints or sends is data of more clones than this one.
    pub leaves: Cell<bool>,
    /// Set if the state is not to be read again for what is printed: that would build what was removed.
    pub is_over: Cell<bool>,
    pm: OnceCell<Pm>,
    /// Set once what git fetched of the state was merged, or if the command is about the state as it
    /// is.
    merged: Cell<bool>,
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
            beads: Cell::new(false),
            leaves: Cell::new(false),
            is_over: Cell::new(false),
            pm: OnceCell::new(),
            merged: Cell::new(false),
            printed: RefCell::default(),
        }
    }

    /// The repository, opened on first use. What git has fetched of the state is merged then.
    pub fn pm(&self) -> Result<&Pm> {
        let pm = match self.pm.get() {
            Some(pm) => pm,
            None => {
                let opened = Pm::open(self.env.clone(), self.options())?;
                self.pm.get_or_init(|| opened)
            }
        };
        if !self.merged.replace(true) {
            pm.state().merge_fetched();
        }
        Ok(pm)
    }

    /// Leaves the state as it is: for commands that report what they merge, or that judge or repair
    /// it.
    pub fn as_it_is(&self) -> &Self {
        self.merged.set(true);
        self
    }

    /// The path of the main worktree.
    pub fn main_worktree(&self) -> Result<String> {
        let all = self.pm()?.worktrees().list(false)?;
        let main = all.into_iter().find(|worktree| worktree.main);
        main.map(|main| main.path)
            .ok_or_else(|| git_pm::Error::not_found("there is no main worktree"))
    }

    /// Does what may remove this folder: the shell then changes to the main worktree.
    pub fn leaving<T>(&self, work: impl FnOnce() -> T) -> T {
        let main = shell_folder::is_asked().then(|| self.main_worktree().ok());
        let done = work();
        if let Some(main) = main.flatten().filter(|_| !self.env.cwd.exists()) {
            shell_folder::enter(std::path::Path::new(&main));
        }
        done
    }

    /// The options with which the repository is opened.
    pub fn options(&self) -> Options {
        Options {
            actor: self.globals.actor.clone(),
            agent: None,
            offline: self.globals.offline,
            idempotency_key: self.globals.idempotency_key.clone(),
            if_version: self.globals.if_version.clone(),
            sign: self.globals.sign,
            ephemeral: self.ephemeral.get(),
            for_people: !(self.globals.json || self.beads.get() || self.leaves.get()),
            caller: Caller::default(),
            interrupt: Some(crate::interrupt::interrupt),
            confine: Some(git_pm::confine),
        }
    }

    /// The repository, opened for one request of a program that goes on: nothing of an earlier
    /// state is kept, and the index is free for others in between. A change is made only if its
    /// item still has this version, if one is given.
    pub fn reopened(&self, if_version: Option<String>) -> Result<Pm> {
        let options = Options {
            // Every change is one of its own.
            idempotency_key: None,
            if_version,
            // Such a program handles signals itself.
            interrupt: None,
            ..self.options()
        };
        let mut env = self.env.clone();
        // It also has the terminal to itself.
        crate::environment::detach(&mut env);
        let pm = Pm::open(env, options)?;
        pm.state().merge_fetched();
        Ok(pm)
    }

    /// Prints an answer: the value itself as JSON, or the page that `draw` fills.
    pub fn answer<T: Serialize + ?Sized>(
        &self,
        value: &T,
        draw: impl FnOnce(&mut Page, &T),
    ) -> Outcome {
        if self.beads.get() {
            return self.bare(value);
        }
        if self.globals.json {
            return self.json(value);
        }
        let mut page = self.page();
        draw(&mut page, value);
        stdout::write(&page.finish())?;
        Ok(Exit::DONE)
    }

    /// Prints an answer as JSON, even without `--json`.
    pub fn json<T: Serialize + ?Sized>(&self, value: &T) -> Outcome {
        json::write(value, &self.take_notices())?;
        Ok(Exit::DONE)
    }

    /// Prints JSON without an envelope.
    pub fn bare<T: Serialize + ?Sized>(&self, value: &T) -> Outcome {
        stdout::write_raw(&(json::text(value)? + "\n"))?;
        Ok(Exit::DONE)
    }

    /// Prints a text without a pager, or `data` as JSON.
    pub fn raw(&self, data: &serde_json::Value, text: &str) -> Outcome {
        if self.globals.json {
            return self.json(data);
        }
        stdout::write(text)?;
        Ok(Exit::DONE)
    }

    /// Prints an item, perhaps as a record of beads.
    pub fn item(&self, item: &ItemView, draw: impl FnOnce(&mut Page, &ItemView)) -> Outcome {
        if self.beads.get() {
            let issues = self.pm()?.issues();
            let mut record = issues.beads_records(&[item.uid.as_str()])?.pop();
            if let Some(record) = record.as_mut().filter(|_| item.provisional) {
                record.put("provisional", true);
            }
            return self.bare(&record);
        }
        self.answer(item, draw)
    }

    /// Prints a list of items, perhaps as records of beads.
    pub fn items(&self, items: &[ItemView], draw: impl FnOnce(&mut Page, &[ItemView])) -> Outcome {
        if self.beads.get() {
            let names: Vec<&str> = items.iter().map(|item| item.uid.as_str()).collect();
            return self.bare(&self.pm()?.issues().beads_records(&names)?);
        }
        self.list(items, draw)
    }

    /// Does what was typed.
    pub fn verb<V: Verb>(&self, request: V) -> Result<V::Answer> {
        let request = complete(request)?;
        if request.sends() {
            self.ask_first_push(false)?;
        }
        request.answer(self.pm()?)
    }

    /// Does what was typed, and prints the answer.
    pub fn shown<V: Verb>(&self, request: V, draw: impl FnOnce(&mut Page, &V::Answer)) -> Outcome {
        self.answer(&self.verb(request)?, draw)
    }

    /// As [`Context::shown`], through a pager if standard output is a terminal.
    pub fn shown_paged<V: Verb>(
        &self,
        request: V,
        draw: impl FnOnce(&mut Page, &V::Answer),
    ) -> Outcome {
        self.paged(&self.verb(request)?, draw)
    }

    /// As [`Context::shown`], for an answer that is a list.
    pub fn listed<T: Serialize + JsonSchema, V: Verb<Answer = List<T>>>(
        &self,
        request: V,
        draw: impl FnOnce(&mut Page, &[T]),
    ) -> Outcome {
        self.limited(&self.verb(request)?, draw)
    }

    /// As [`Context::listed`], through a pager if standard output is a terminal.
    pub fn listed_paged<T: Serialize + JsonSchema, V: Verb<Answer = List<T>>>(
        &self,
        request: V,
        draw: impl FnOnce(&mut Page, &[T]),
    ) -> Outcome {
        self.limited_paged(&self.verb(request)?, draw)
    }

    /// The word for an edit that was made, or for one without effect.
    pub fn edited<'v>(&self, verb: &'v str) -> &'v str {
        let is_read = self.globals.json || self.beads.get();
        match self.pm.get().filter(|_| !is_read) {
            Some(pm) if pm.take_unchanged() => "No changes:",
            _ => verb,
        }
    }

    /// Prints one sentence about an item.
    pub fn summary(&self, verb: &str, item: &ItemView) -> Outcome {
        self.item(item, |page, item| summary(page, verb, item))
    }

    /// Prints one sentence per item; in JSON a single item is not wrapped in a list.
    pub fn summaries(&self, verb: &str, items: &[ItemView]) -> Outcome {
        if let ([item], false) = (items, self.beads.get()) {
            return self.summary(verb, item);
        }
        self.items(items, |page, items| {
            for item in items {
                summary(page, verb, item);
            }
        })
    }

    /// Prints a list, in JSON an object with `items`.
    pub fn list<T: Serialize>(&self, items: &[T], draw: impl FnOnce(&mut Page, &[T])) -> Outcome {
        if self.beads.get() {
            return self.bare(items);
        }
        self.answer(&Items { items }, |page, list| draw(page, list.items))
    }

    /// Prints a list of which a limit may have left out a part; then it says so.
    pub fn limited<T: Serialize + JsonSchema>(
        &self,
        list: &List<T>,
        draw: impl FnOnce(&mut Page, &[T]),
    ) -> Outcome {
        if self.beads.get() {
            self.note_more(list.more);
            return self.bare(&list.items);
        }
        self.answer(list, |page, list| {
            draw(page, &list.items);
            page.more_unseen(list.more);
        })
    }

    /// As [`Context::limited`], perhaps as records of beads.
    pub fn limited_items(
        &self,
        list: &List<ItemView>,
        draw: impl FnOnce(&mut Page, &[ItemView]),
    ) -> Outcome {
        if self.beads.get() {
            self.note_more(list.more);
            return self.items(&list.items, draw);
        }
        self.limited(list, draw)
    }

    /// Says beside a document without a place for it that there are more items.
    pub fn note_more(&self, more: bool) {
        if more && !self.globals.quiet {
            crate::output::stderr::note("there are more: `--limit 0` lists all");
        }
    }

    /// As [`Context::limited`], through a pager if standard output is a terminal.
    pub fn limited_paged<T: Serialize + JsonSchema>(
        &self,
        list: &List<T>,
        draw: impl FnOnce(&mut Page, &[T]),
    ) -> Outcome {
        self.paged(list, |page, list| {
            draw(page, &list.items);
            page.more_unseen(list.more);
        })
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
        let text = page.finish();
        let mut pager = Pager::open(&self.env);
        pager.write(&text)?;
        pager.close(&text)?;
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

    /// As [`Context::limited_paged`], for lists that are too long for memory: `fill` passes item by
    /// item, one more than `limit` if there are more, until its callback returns false, and `draw`
    /// is called for a batch at a time.
    pub fn stream<T: Serialize>(
        &self,
        limit: usize,
        fill: impl FnOnce(&mut dyn FnMut(T) -> bool) -> Result<()>,
        draw: impl Fn(&mut Page, &[T]),
    ) -> Outcome {
        let mut document = json::Items::default();
        let mut sheet: Option<Pager> = None;
        let mut last = String::new();
        // The state is not asked for them while it is being read.
        let unsettled = match self.globals.json {
            true => Unsettled::default(),
            false => Unsettled::of(self.pm()?),
        };
        let mut write = |items: &[T]| -> std::result::Result<bool, Failure> {
            if self.globals.json {
                let mut text = Vec::new();
                for item in items {
                    document.put(&json::text(item)?, &mut text)?;
                }
                return stdout::write_raw(text).map(|()| true);
            }
            let mut page = self.page_marking(unsettled.clone());
            draw(&mut page, items);
            last = page.finish();
            let sheet = sheet.get_or_insert_with(|| Pager::open(&self.env));
            sheet.write(&last)
        };
        let (mut waiting, mut written) = (Vec::new(), Ok(true));
        let (mut any, mut left, mut more) = (false, limit, false);
        fill(&mut |item| {
            more = left == 0;
            if more {
                return false;
            }
            left -= 1;
            waiting.push(item);
            if waiting.len() == AT_A_TIME {
                written = write(&std::mem::take(&mut waiting));
                any = true;
            }
            matches!(written, Ok(true))
        })?;
        written?;
        if !(any && waiting.is_empty()) {
            write(&waiting)?;
        }
        match sheet {
            Some(mut sheet) => {
                let mut page = self.page_marking(unsettled);
                page.more_unseen(more);
                let note = page.finish();
                if more && sheet.write(&note)? {
                    last.push_str(&note);
                }
                sheet.close(&last)?;
            }
            None => document.close(more, &self.take_notices())?,
        }
        Ok(Exit::DONE)
    }

    /// An empty page for this terminal.
    pub fn page(&self) -> Page {
        self.page_marking(self.unsettled())
    }

    /// The ids that a page marks: for many pages, the state is asked once.
    pub fn unsettled(&self) -> Unsettled {
        let pm = self.pm.get().filter(|_| !self.is_over.get());
        pm.map(Unsettled::of).unwrap_or_default()
    }

    /// As [`Context::page`], with these ids marked.
    pub fn page_marking(&self, unsettled: Unsettled) -> Page {
        let agent = self.pm.get().is_some_and(|pm| pm.actor().is_agent);
        let env = self.pm.get().map_or(&self.env, |pm| pm.env());
        let page =
            Page::new(stdout::width(&self.env), self.env.now_ms(), &self.globals).in_zone_of(env);
        page.for_agent(agent)
            .marking(unsettled)
            .at_terminal(std::io::stdout().is_terminal())
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

    /// Tells on standard error what agents do, so that the answer stays alone on standard output.
    pub fn tell(&self, draw: impl FnOnce(&mut Page)) {
        // Before they start: that they have no sandbox, say.
        self.print_notices();
        if !self.globals.quiet {
            let mut page = self.page();
            draw(&mut page);
            crate::output::stderr::page(&page.finish());
        }
    }

    /// Asks at a terminal, once, before the state is pushed for the first time. `asked_for` is true
    /// if the command's purpose is the exchange. Where no human can be asked, it is said.
    pub fn ask_first_push(&self, asked_for: bool) -> Result<()> {
        if !self.asks() {
            // A JSON document has the notice that it was pushed.
            if !self.globals.json
                && !self.globals.quiet
                && let Some(warning) = self.pm()?.state().first_push_warning(asked_for)?
            {
                crate::output::stderr::note(&warning);
            }
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

    /// Asks at a terminal, once, whether merges push their target. The answer is a setting, which the merge
    /// that follows obeys.
    pub fn ask_target_push(&self, id: &str, target: Option<&str>) -> Result<()> {
        if !self.asks() {
            return Ok(());
        }
        let pm = self.pm()?;
        let Some(there) = pm.tasks().push_to_ask_about(id, target)? else {
            return Ok(());
        };
        let question = format!("Push to {there} with each merge from now on?");
        let Some(is_pushed) = crate::output::stderr::ask(&question) else {
            return Ok(());
        };
        let value = if is_pushed { "always" } else { "never" };
        pm.settings().set("pm.pushTarget", Some(value)).map(drop)
    }

    /// Asks a question at the terminal; `false` without a terminal or unless the answer is yes.
    pub fn confirm(&self, question: &str) -> bool {
        self.asks() && crate::output::stderr::ask(question) == Some(true)
    }

    /// True if a user at the terminal can be asked.
    pub fn asks(&self) -> bool {
        self.env.interactive && !self.globals.json
    }
}
