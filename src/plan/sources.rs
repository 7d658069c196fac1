//! Finds the document and plan that a name refers to, and reads documents.

use std::cell::OnceCell;
use std::path::Path;
use std::sync::Arc;

use super::already_met::still_met;
use super::corrected::forget_corrected;
use super::draft::{self, Draft, Inputs, Limits, Verdicts};
use super::follow_up_order::wait_for_more;
use super::followed_lines::follow;
use super::moved_lines::{MovedLines, planned_text};
use super::new_work::{leave_held, put_after, renew, split};
use super::plan_types::{Plan, Planned};
use super::prd;
use super::record::{plan_uid, read};
use super::returned_tasks::take_up;
use super::same_task::keep_keys;
use super::same_words::follow_words;
use crate::coordinate::worktree_file;
use crate::error::{Error, Reason, Result};
use crate::model::id::{ItemKind, parse_sequential};
use crate::model::item::Item;
use crate::model::settings;
use crate::model::text::{excerpt, one_line, shorten};
use crate::model::uid::sha256_hex;
use crate::plan::document::Document;
use crate::pm::{Caller, Pm};
use crate::store::layout::Family;
use crate::store::state::State;
use crate::work::plan_notices::source_of;

/// A document given by the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A PRD of the state.
    Prd(String),
    /// A file, read by the caller.
    File {
        /// The path as given.
        path: String,
        /// Its content.
        bytes: Vec<u8>,
    },
}

/// The document that a request names, as far as it may name files.
///
/// # Errors
/// As [`Source::named`]; kind `Refused` for a file outside of the repository's worktrees, if
/// only those may be named.
pub(crate) fn document(pm: &Pm, name: &str) -> Result<Source> {
    let cwd = &pm.store.env().cwd;
    let is_file = || cwd.join(name).is_file();
    match pm.options.caller {
        // Nothing is said about the files of this machine.
        Caller::Away => Ok(Source::Prd(name.to_string())),
        Caller::Client if is_file() && worktree_file::worktree_file(pm, name).is_none() => {
            let shown = excerpt(name, 80);
            Err(
                Error::refused(format!("`{shown}` is not in a worktree of this repository"))
                    .because(Reason::DocumentOutside)
                    .about(&shown)
                    .hint("copy it into the worktree, if it is meant to be shared"),
            )
        }
        _ => Source::named(cwd, name),
    }
}

/// As [`document`]; a path may also be one from the repository's root, as hints print it.
pub(crate) fn document_from_root(pm: &Pm, name: &str) -> Result<Source> {
    let is_known = pm.store.env().cwd.join(name).exists() || pm.options.caller == Caller::Away;
    let root = pm
        .store
        .repo()
        .workdir()
        .filter(|_| !is_known && name.contains(['/', '.']));
    let path = root
        .map(|root| root.join(name))
        .filter(|path| path.is_file());
    let path = path.map(|path| path.to_string_lossy().into_owned());
    document(pm, path.as_deref().unwrap_or(name))
}

impl Source {
    /// The document with this name: a file if it exists, else a PRD.
    ///
    /// # Errors
    /// When the file cannot be read, or the name is neither that of a file nor an id.
    pub fn named(cwd: &Path, name: &str) -> Result<Source> {
        let path = cwd.join(name);
        let shown = one_line(name);
        if path.is_file() {
            let failed = |error| Error::io(format!("cannot read {shown}"), error);
            return Ok(Source::File {
                path: name.to_string(),
                bytes: std::fs::read(&path).map_err(failed)?,
            });
        }
        if path.is_dir() {
            return Err(Error::usage(format!("`{shown}` is a folder"))
                .hint("specify a Markdown file or the id of a PRD"));
        }
        if path.exists() {
            return Err(Error::usage(format!("`{shown}` is not a file"))
                .hint("specify a Markdown file or the id of a PRD"));
        }
        if name.contains(['/', '.']) {
            return Err(
                Error::not_found(format!("the file `{shown}` does not exist")).hint(
                    "specify a Markdown file or the id of a PRD (`git pm prd list` lists them)",
                ),
            );
        }
        if !name.contains(|c: char| c.is_ascii_digit()) {
            return Err(Error::not_found(format!(
                "`{shown}` is not a file, a PRD or a subcommand"
            ))
            .hint("`git pm prd list` lists the PRDs, `git pm plan -h` the subcommands"));
        }
        Ok(Source::Prd(name.to_string()))
    }
}

/// The file that a PRD came from, or its id.
pub(super) fn file_of(state: &State<'_>, prd: &Item) -> String {
    let source = state.doc(&prd.uid).and_then(source_of);
    source.unwrap_or_else(|| prd.id.clone())
}

/// A document with the text that it was parsed from.
pub(super) struct Reading {
    pub(super) text: String,
    pub(super) document: Arc<Document>,
    /// What becomes of its statements, once it was asked for.
    verdicts: OnceCell<Box<Verdicts>>,
    /// The hash of the text that a plan was made for, and where its lines are in this one, once it was asked for.
    pub(super) moved: OnceCell<(String, Arc<MovedLines>)>,
}

impl Reading {
    /// Reads a text; `what` names it in errors.
    pub(super) fn of(bytes: &[u8], what: &str) -> Result<Reading> {
        let refused = |reason: &dyn std::fmt::Display| {
            Error::usage(format!("{} cannot be read: {reason}", one_line(what)))
                .hint("a document must be non-empty Markdown in UTF-8")
        };
        let document = Document::parse(bytes).map_err(|reason| refused(&reason))?;
        let text = std::str::from_utf8(bytes).map_err(|reason| refused(&reason))?;
        Ok(Reading {
            text: text.to_string(),
            document: Arc::new(document),
            verdicts: OnceCell::new(),
            moved: OnceCell::new(),
        })
    }

    /// The same with the kind that the PRD was added with.
    pub(super) fn of_kind(mut self, prd: &Item) -> Reading {
        let kind = super::record::of_word(&prd.item_type);
        if let Some(kind) = kind.filter(|kind| *kind != self.document.kind) {
            Arc::make_mut(&mut self.document).kind = kind;
            self.verdicts.take();
        }
        self
    }

    /// What becomes of its statements.
    pub(super) fn verdicts(&self) -> &Verdicts {
        let read = || Box::new(Verdicts::of(Arc::clone(&self.document)));
        self.verdicts.get_or_init(read)
    }

    /// The hash that identifies this text.
    pub(super) fn hash(&self) -> String {
        sha256_hex(self.text.as_bytes())
    }
}

/// The limits of plans: `pm.plan*` of the clone's settings, else the defaults.
pub(super) fn limits(pm: &Pm) -> Limits {
    let mut limits = Limits::default();
    for (setting, limit) in [
        (settings::PLAN_MIN_TASKS, &mut limits.min_tasks),
        (settings::PLAN_MAX_TASKS, &mut limits.max_tasks),
        (settings::PLAN_MAX_PLANNED, &mut limits.max_planned_tasks),
        (settings::PLAN_MAX_TOKENS, &mut limits.max_tokens),
    ] {
        let number = pm.store.repo().number_of(&setting);
        *limit = usize::try_from(number).unwrap_or(usize::MAX);
    }
    limits.max_tasks = limits.max_tasks.max(limits.min_tasks);
    limits
}

/// Drafts a plan from a document, with the files of the commit that is checked out.
pub(super) fn draft_of(pm: &Pm, state: &State<'_>, reading: &Reading) -> (Draft, Limits) {
    let limits = limits(pm);
    let repo = pm.store.repo();
    let head = repo.head_commit().and_then(|id| repo.commit(id).ok());
    let exists = |path: &str| {
        let path = path.trim_matches('/');
        head.as_ref()
            .is_some_and(|commit| matches!(repo.has_path(commit.tree, path), Ok(true)))
    };
    let contested = crate::work::task::merge::contested::contested(state);
    let inputs = Inputs {
        exists: &exists,
        contested: &contested,
        limits: &limits,
    };
    let draft = draft::draft(reading.verdicts(), &inputs);
    let draft = match plans_tests(state) && !draft.is_bare_list(reading.verdicts()) {
        true => draft,
        false => draft.without_tests(),
    };
    (draft, limits)
}

/// True if plans have test tasks. It is a shared setting, so that a document has one plan in all clones.
pub(super) fn plans_tests(state: &State<'_>) -> bool {
    settings::PLAN_TESTS.is_on(state.repository.plan_tests())
}

/// Drafts the plan of a document again: what was only reworded or moved in it keeps its keys.
pub(super) fn draft_again(
    pm: &Pm,
    state: &State<'_>,
    prd: &Item,
    reading: &Reading,
) -> (Draft, Limits) {
    let (mut draft, limits) = draft_of(pm, state, reading);
    if let Some(plan) = plan_of(state, prd) {
        follow_words(&mut draft, &plan);
        renew(&mut draft, state, &plan, reading);
        split(&mut draft, state, &plan, reading);
        keep_keys(&mut draft, state, &plan, reading);
        take_up(&mut draft, state, &plan);
        follow(&mut draft, state, &plan, reading);
        // Tasks that were reworded or moved have their keys only now.
        split(&mut draft, state, &plan, reading);
        for (key, on) in &plan.follow_ups {
            put_after(&mut draft, state, &plan, key, on);
        }
        wait_for_more(&mut draft, state, &plan);
        // Those that exist keep their tests.
        for task in draft.tasks.iter_mut().filter(|_| !plans_tests(state)) {
            if let Some(one) = plan.task(&task.key).filter(|one| one.item.is_some()) {
                task.validation = one.task.validation;
                task.validation_reason
                    .clone_from(&one.task.validation_reason);
            }
        }
    }
    (draft, limits)
}

/// The document in a PRD: one that was read before, if it has the same text.
pub(super) fn read_again(state: &State<'_>, prd: &Item, known: Option<Reading>) -> Result<Reading> {
    let is_same = |known: &Reading| state.text_of(prd).as_ref() == Some(&known.text);
    match known.filter(is_same) {
        Some(known) => Ok(known.of_kind(prd)),
        None => reading_of(state, prd),
    }
}

/// The document in a PRD.
pub(super) fn reading_of(state: &State<'_>, prd: &Item) -> Result<Reading> {
    let text = state.text_of(prd).unwrap_or_default();
    let reading = Reading::of(text.as_bytes(), &format!("the text of {}", prd.id))?;
    Ok(reading.of_kind(prd))
}

/// The text that a plan was read from, if its document has another one now: the lines of the plan are those of that text.
/// A shallow clone may not have it.
pub(super) fn read_from(
    state: &State<'_>,
    plan: &Plan,
    (prd, now): (&Item, &Reading),
) -> Option<Reading> {
    let is_other = plan.document != now.hash();
    let text = is_other.then(|| planned_text(state, plan)).flatten()?;
    let reading = Reading::of(text.as_bytes(), &plan.title).ok()?;
    Some(reading.of_kind(prd))
}

/// A plan without what its items take from it.
fn as_it_stands(state: &State<'_>, plan: Plan) -> Plan {
    forget_corrected(state, still_met(state, leave_held(state, plan)))
}

/// The plan of a PRD.
pub(super) fn plan_of(state: &State<'_>, prd: &Item) -> Option<Plan> {
    let loaded = state.found_by_path(Family::Plan, &plan_uid(&prd.uid))?;
    (!loaded.doc.value("deleted").is_true()).then(|| as_it_stands(state, read(&loaded.doc)))
}

/// Every plan with its PRD, by the PRD's id.
pub(super) fn plans(state: &State<'_>) -> Vec<(Plan, Item)> {
    let mut out: Vec<(Plan, Item)> = state
        .plan_docs()
        .values()
        .filter(|loaded| !loaded.doc.value("deleted").is_true())
        .filter_map(|loaded| {
            let plan = read(&loaded.doc);
            let prd = state.item(plan.prd.uid.as_ref()?)?;
            (!prd.deleted).then(|| (plan, prd.clone()))
        })
        .collect();
    out.sort_by(|a, b| a.1.id.cmp(&b.1.id));
    out
}

/// The plan to which an epic belongs, with its PRD.
pub(super) fn plan_of_epic(state: &State<'_>, epic: &Item) -> Option<(Plan, Item)> {
    let found = plans(state).into_iter().find(|(plan, _)| {
        let own = plan.epic.as_ref().and_then(|epic| epic.uid.as_ref());
        own == Some(&epic.uid)
    });
    found.map(|(plan, prd)| (as_it_stands(state, plan), prd))
}

/// The plan that a name refers to: that of a PRD, its file or its epic; without a name, the only plan (or
/// the only draft).
pub(super) fn find(pm: &Pm, state: &State<'_>, id: Option<&str>) -> Result<(Plan, Item)> {
    if let Some(id) = id {
        let item = state.find(id).cloned();
        let item = item.or_else(|error| prd::at_path(pm, state, id).ok_or(error))?;
        let found = match item.kind {
            ItemKind::Prd => plan_of(state, &item).map(|plan| (plan, item.clone())),
            _ => plan_of_epic(state, &item),
        };
        return found.ok_or_else(|| {
            Error::not_found(format!("{} has no plan", item.id))
                .hint(format!("draft one: `git pm plan new {}`", item.id))
        });
    }
    let mut all = plans(state);
    if all.len() > 1 {
        let drafts = |plan: &Plan| plan.status == super::PlanStatus::Draft;
        let (open, rest): (Vec<_>, Vec<_>) = all.into_iter().partition(|(plan, _)| drafts(plan));
        all = if open.len() == 1 {
            open
        } else {
            [open, rest].concat()
        };
    }
    match all.len() {
        0 => Err(Error::not_found("there is no plan").hint("draft one: `git pm plan new FILE`")),
        1 => {
            let (plan, prd) = all.remove(0);
            Ok((as_it_stands(state, plan), prd))
        }
        _ => {
            let ids: Vec<&str> = all.iter().map(|(_, prd)| prd.id.as_str()).collect();
            let ids = ids.join(", ");
            Err(Error::new(
                crate::error::Kind::NotFound,
                format!("there are several plans: {}", shorten(&ids, 200)),
            )
            .hint(format!(
                "specify one, as in `git pm plan show {}`",
                all[0].1.id
            )))
        }
    }
}

/// The plan and the name in it of a task that is named as any item is: `P-0001/3`.
fn in_plan<'s, 'n>(state: &'s State<'_>, name: &'n str) -> Option<(&'s Item, &'n str)> {
    let (of, name) = name.trim().split_once('/')?;
    Some((state.find(of).ok()?, name))
}

/// The plan that a name refers to, else the one that the names of tasks begin with; without either, as
/// [`find`].
pub(super) fn find_of<'n>(
    pm: &Pm,
    state: &State<'_>,
    id: Option<&str>,
    tasks: impl IntoIterator<Item = &'n str>,
) -> Result<(Plan, Item)> {
    let mut named = tasks.into_iter().filter_map(|name| in_plan(state, name));
    let named = named.next().map(|(item, _)| item.id.clone());
    find(pm, state, id.or(named.as_deref()))
}

/// The task of a plan that a name refers to: its name, a number (`3`, `T-3`, `T3`, `#3`), both behind the plan's id
/// (`P-0001/3`), the id of its item, or a prefix of its key.
pub(super) fn task<'p>(state: &State<'_>, plan: &'p Plan, name: &str) -> Result<&'p Planned> {
    let given = name.trim();
    let is_of_plan = |item: &Item| {
        let ids = [Some(&plan.prd), plan.epic.as_ref()];
        let mut ids = ids.into_iter().flatten();
        ids.any(|id| id.uid.as_ref() == Some(&item.uid))
    };
    let own = in_plan(state, given).filter(|(of, _)| is_of_plan(of));
    let own = own.map(|(_, name)| name);
    let plain = own.unwrap_or(given);
    let by_name = || plan.tasks.iter().find(|planned| planned.name == plain);
    // A name of the plan precedes an id that was typed without its dash: `t3`.
    let is_bare = plain
        .split_at_checked(1)
        .is_some_and(|(letter, number)| parse_sequential(&format!("{letter}-{number}")).is_some());
    if let Some(found) = by_name().filter(|_| own.is_none() && is_bare) {
        return Ok(found);
    }
    let is_number = !plain.is_empty() && plain.bytes().all(|byte| byte.is_ascii_digit());
    if own.is_none()
        && !is_number
        && let Ok(item) = state.find(plain)
        && let Some(found) = plan.task_of(&item.uid)
    {
        return Ok(found);
    }
    let by_number = || {
        let digits = plain.trim_start_matches(['T', 't', '#']);
        let number: u32 = digits.trim_start_matches('-').parse().ok()?;
        plan.tasks.iter().find(|planned| planned.number == number)
    };
    // Behind a plan's id the number comes first, as for every other verb.
    let found = match own {
        Some(_) => by_number().or_else(by_name),
        None => by_name().or_else(by_number),
    };
    if let Some(found) = found {
        return Ok(found);
    }
    if plain.len() >= 4 {
        let mut found = plan.tasks.iter().filter(|p| p.task.key.starts_with(plain));
        if let (Some(one), None) = (found.next(), found.next()) {
            return Ok(one);
        }
    }
    Err(
        Error::not_found(format!("the plan has no task `{}`", one_line(given))).hint(format!(
            "`git pm plan show {}` lists its tasks with their numbers",
            state.shown_ref(&plan.prd)
        )),
    )
}
