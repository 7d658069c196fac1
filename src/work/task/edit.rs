//! Editing items: their fields other than the status, comments, and the criteria that are accepted.

use std::cell::RefCell;
use std::collections::BTreeSet;

use super::create::shown;
use super::criteria;
use super::cycles::Cycles;
use super::field_rules::{check_body, check_external_ref, check_fields, check_label, check_title};
use super::transition::{note_deferral, require_item};
use crate::coordinate::claim::ownership;
use crate::coordinate::here;
use crate::coordinate::message::send::require_no_secret_in;
use crate::coordinate::privacy;
use crate::coordinate::reserve::path_arguments;
use crate::coordinate::rules;
use crate::error::{Error, Hint, Reason, Result};
use crate::model::criterion;
use crate::model::doc::Doc;
use crate::model::id::ItemKind;
use crate::model::item::{Criterion, Item};
use crate::model::long_texts;
use crate::model::stamp::{Clock, rfc3339};
use crate::model::status::Status;
use crate::model::text::{one_line, refuse_nul};
use crate::model::uid::Uid;
use crate::model::value::Value;
use crate::pm::changes;
use crate::pm::handles::Tasks;
use crate::pm::shared_views::ItemView;
use crate::pm::who_acts::require_human;
use crate::pm::{Caller, Pm};
use crate::store::history::trees::Pair;
use crate::store::layout::Family;
use crate::store::state::State;
use crate::store::transaction::Tx;
use crate::work::new_item::ItemEdit;
use crate::work::task::hand_over;
use crate::work::task::many_items;
use crate::work::task::start::planned_paths;

impl Tasks<'_> {
    /// Edits fields of an item.
    ///
    /// # Errors
    /// When there is no such item, it changed since the version of `--if-version`, or a value is
    /// not valid for its field.
    pub fn edit(&self, id: &str, edit: &ItemEdit) -> Result<ItemView> {
        hand_over::tell_unknown(self.pm, edit.fields.assignee.as_deref())?;
        self.pm
            .write("task edit")
            .view(|tx| edit_in(self.pm, tx, &mut Cycles::refused(), id, edit))
    }

    /// Edits the same fields of several items, in one commit.
    ///
    /// # Errors
    /// As [`Tasks::edit`] for one of them; nothing is written then.
    pub fn edit_all(&self, ids: &[String], edit: &ItemEdit) -> Result<Vec<ItemView>> {
        if let [id] = ids {
            return Ok(vec![self.edit(id, edit)?]);
        }
        hand_over::tell_unknown(self.pm, edit.fields.assignee.as_deref())?;
        let (pm, op) = (self.pm, "task edit");
        let said = RefCell::new(BTreeSet::new());
        let alike = || match said.borrow().len() {
            1 => said.borrow().first().cloned().unwrap_or_default(),
            _ => String::new(),
        };
        many_items::change_all(pm, pm.write(op), op, ids, &alike, |tx, id| {
            let (uid, what) = edit_and_tell(pm, tx, &mut Cycles::refused(), id, edit)?;
            said.borrow_mut().insert(what);
            Ok(uid)
        })
    }

    /// Adds a comment to an item. Other actors are its readers, so it is sent to the remote at once
    /// if allowed; a reason for keeping it here is reported.
    ///
    /// # Errors
    /// When there is no such item, or the text is empty, too large, or seems to contain a secret.
    pub fn comment(&self, id: &str, text: &str) -> Result<ItemView> {
        self.comment_with(id, text, false)
    }

    /// As [`comment`](Self::comment); a human may allow what seems to be a secret.
    ///
    /// # Errors
    /// As `comment`.
    pub fn comment_with(&self, id: &str, text: &str, allow_secret: bool) -> Result<ItemView> {
        require_no_secret_in(self.pm, "the comment", text, allow_secret)?;
        let comment = self.pm.write("task comment").for_others();
        comment.view(|tx| comment_in(tx, id, text))
    }

    /// Accepts criteria, counted from 1.
    ///
    /// # Errors
    /// When there is no such item or criterion, or the caller is an agent and another actor holds the item.
    pub fn accept(
        &self,
        id: Option<&str>,
        numbers: &[usize],
        all: bool,
        evidence: Option<&str>,
    ) -> Result<ItemView> {
        self.pm
            .write("task accept")
            .view(|tx| accept_in(self.pm, tx, id, numbers, all, evidence))
    }
}

/// `Tasks::edit` as part of a transaction.
pub(crate) fn edit_in(
    pm: &Pm,
    tx: &mut Tx<'_>,
    cycles: &mut Cycles,
    id: &str,
    edit: &ItemEdit,
) -> Result<Uid> {
    Ok(edit_and_tell(pm, tx, cycles, id, edit)?.0)
}

/// As [`edit_in`], with what changed, in words.
fn edit_and_tell(
    pm: &Pm,
    tx: &mut Tx<'_>,
    cycles: &mut Cycles,
    id: &str,
    edit: &ItemEdit,
) -> Result<(Uid, String)> {
    let item = tx.state.find(id)?.clone();
    let (uid, op) = (item.uid.clone(), format!("{} edit", item.kind));
    let old = tx.state.doc(&uid).cloned();
    let private = privacy::kept_private(pm, &tx.state, &uid);
    change_item(pm, tx, cycles, &uid, edit)?;
    require_criteria_kept(pm, tx, &item)?;
    if let Some(why) = private.filter(|_| privacy::kept_private(pm, &tx.state, &uid).is_none()) {
        let what = format!(
            "ending that {} stays on this machine ({why})",
            shown(tx, &uid)
        );
        require_human(&pm.actor, &what, "ask a human to run this command")?;
    }
    if edit.fields.paths.is_some() || !edit.remove_path.is_empty() {
        planned_paths::follow(pm, tx, &uid, Some(&item))?;
    }
    if edit.fields.defer.is_some() && item.status != Status::Proposed {
        note_deferral(tx, &uid)?;
    }
    let id = shown(tx, &uid);
    let pair = Pair {
        family: Family::Item(item.kind),
        old,
        new: tx.state.doc(&uid).cloned(),
    };
    let diff = changes::item_diff(&pair, &|target| tx.state.shown_ref(target))?;
    let what = diff.map(|diff| diff.words(Some(pm.env()), false).join(", "));
    let what = what.filter(|what| !what.is_empty());
    let what = what.unwrap_or_else(|| "nothing".into());
    tx.describe(&op, &[&id], &format!("{id}: {what}"));
    Ok((uid, what))
}

/// `Tasks::comment` as part of a transaction.
pub(crate) fn comment_in(tx: &mut Tx<'_>, id: &str, text: &str) -> Result<Uid> {
    if text.trim().is_empty() {
        return Err(Error::usage("a comment cannot be empty").hint(Hint::run(
            ["task", "comment", "ID", "TEXT"],
            "adds one; `-` reads the text from standard input",
        )));
    }
    let item = tx.state.find(id)?.clone();
    add_comment(tx, &item, text)?;
    let id = tx.state.shown_id(&item);
    tx.describe(
        &format!("{} comment", item.kind),
        &[&id],
        &format!("on {id}"),
    );
    Ok(item.uid)
}

/// Adds the document of a comment, and returns its uid.
pub(crate) fn add_comment(tx: &mut Tx<'_>, item: &Item, text: &str) -> Result<Uid> {
    let uid = tx.new_uid()?;
    put_comment(tx, item, uid.clone(), text)?;
    Ok(uid)
}

/// As [`add_comment`], with a uid of the caller's.
pub(crate) fn put_comment(tx: &mut Tx<'_>, item: &Item, uid: Uid, text: &str) -> Result<()> {
    check_body(text)?;
    let birth = tx.fresh_stamp();
    let mut doc = Doc::new(uid, "comment", "", birth);
    doc.put("item", item.reference().to_string());
    doc.put("author", tx.actor());
    doc.put("created_at", rfc3339(tx.clock().wall_ms()));
    doc.put_body(text);
    tx.insert(doc)
}

/// `Tasks::accept` as part of a transaction.
pub(crate) fn accept_in(
    pm: &Pm,
    tx: &mut Tx<'_>,
    id: Option<&str>,
    numbers: &[usize],
    all: bool,
    evidence: Option<&str>,
) -> Result<Uid> {
    if !all && numbers.is_empty() {
        return Err(
            Error::usage("no criteria are given: use their numbers, or `--all`")
                .hint(Hint::run(["show", "ID"], "lists them with numbers")),
        );
    }
    evidence.map_or(Ok(()), |text| refuse_nul(text, "evidence"))?;
    // At a shell the first number would be an id to other commands.
    let is_typed = pm.options.caller == Caller::Here;
    let uid = match numbers {
        [first, ..] if is_typed => here::named_or_here(pm, &tx.state, id).map_err(|error| {
            let is_unnamed = error.reason() == Reason::ItemUnnamed;
            match is_unnamed {
                true => error.hint(format!(
                    "the id comes first, then the criteria: `git pm task accept ID {first}`"
                )),
                false => error,
            }
        })?,
        _ => here::named_or_held(pm, &tx.state, id)?,
    };
    let item = require_item(&tx.state, &uid)?;
    let id = tx.state.shown_id(&item);
    pm.require_own_task(&item, &format!("accepting criteria of {id}"))?;
    ownership::require_not_of_another_here(pm, &tx.state, &item)?;
    let count = item.acceptance.len();
    // What agents are told to run is no error where there is nothing to accept.
    if count == 0 && all {
        pm.notice(format!(
            "{id} has no acceptance criteria, so nothing was accepted"
        ));
    }
    if let Some(bad) = numbers.iter().find(|n| **n == 0 || **n > count) {
        let message = format!("{id} has no acceptance criterion {bad}: it has {count} in all");
        return Err(Error::not_found(message).hint(Hint::run(["show", &id], "lists them")));
    }
    let ticked = tick(tx, &item, |n, _| all || numbers.contains(&n), evidence)?;
    tx.describe(
        "task accept",
        &[&id],
        &format!("{id}: {}", ticked.join(", ")),
    );
    Ok(uid)
}

/// Accepts the chosen criteria, by their numbers, from 1. What shows that boxes of the text are met becomes a
/// comment. Returns the numbers of those that changed.
pub(super) fn tick(
    tx: &mut Tx<'_>,
    item: &Item,
    is_chosen: impl Fn(usize, &Criterion) -> bool,
    evidence: Option<&str>,
) -> Result<Vec<String>> {
    let chosen = item.acceptance.iter().zip(1..);
    let chosen = chosen.filter(|pair| is_chosen(pair.1, pair.0));
    let (boxes, own): (Vec<_>, Vec<_>) = chosen.partition(|(one, _)| one.nth_box().is_some());
    let boxes: Vec<_> = boxes.into_iter().filter(|(one, _)| !one.done).collect();
    let mut ticked: Vec<String> = boxes.iter().map(|(_, n)| n.to_string()).collect();
    if !boxes.is_empty() {
        let nth: BTreeSet<usize> = boxes.iter().filter_map(|(one, _)| one.nth_box()).collect();
        tx.edit(&item.uid, |doc, clock| {
            let mut text = doc.text(criterion::TEXT).unwrap_or_default().to_string();
            let all: Vec<_> = criterion::boxes(&text).map(|one| one.0).zip(1..).collect();
            for (at, _) in all.into_iter().filter(|(_, n)| nth.contains(n)) {
                text.replace_range(at..=at, "x");
            }
            long_texts::set(doc, criterion::TEXT, text.as_str().into(), clock)
        })?;
        if let Some(evidence) = evidence {
            let said = format!("Criteria {}: {evidence}", ticked.join(", "));
            add_comment(tx, item, &said)?;
        }
    }
    let actor = tx.actor().to_string();
    for (one, n) in own {
        let changed = tx.edit(&item.uid, |doc, clock| {
            criteria::accept(doc, one, &actor, evidence, clock)
        })?;
        ticked.extend(changed.then(|| n.to_string()));
    }
    Ok(ticked)
}

/// The fields of an acceptance criterion.
pub(super) fn criterion(text: &str, order: usize) -> Result<[(&'static str, Value); 2]> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Error::usage("an acceptance criterion cannot be empty")
            .hint("write `--accept \"the condition\"`"));
    }
    refuse_nul(text, "criterion")?;
    let order = i64::try_from((order + 1) * 1000).unwrap_or(i64::MAX);
    Ok([("text", Value::from(text)), ("order", Value::Int(order))])
}

/// Refuses paths that agents may not plan to change.
pub(crate) fn require_plannable(pm: &Pm, paths: &[String]) -> Result<()> {
    let protected = rules::protected(pm);
    for path in paths.iter().filter(|_| pm.actor.is_agent) {
        if protected.meets(path).unwrap_or(false) {
            return Err(Error::refused(format!(
                "`{}` is protected: agents may not plan changes to it",
                one_line(path)
            ))
            .hint("ask a human to plan this change"));
        }
    }
    Ok(())
}

/// Refuses an edit by which an agent would accept, or take away, criteria of work that another actor holds.
fn require_criteria_kept(pm: &Pm, tx: &Tx<'_>, before: &Item) -> Result<()> {
    let Some(now) = tx.state.item(&before.uid).filter(|_| pm.actor.is_agent) else {
        return Ok(());
    };
    let stands =
        |one: &Criterion| one.done || now.acceptance.iter().any(|c| c.text == one.text && !c.done);
    match before.acceptance.iter().all(stands) {
        true => Ok(()),
        false => ownership::require_not_of_another_here(pm, &tx.state, before),
    }
}

fn change_item(
    pm: &Pm,
    tx: &mut Tx<'_>,
    cycles: &mut Cycles,
    uid: &Uid,
    edit: &ItemEdit,
) -> Result<()> {
    let kind = tx.state.item(uid).map_or(ItemKind::Task, |item| item.kind);
    let title = edit.title.as_deref().map(check_title).transpose()?;
    let given = &edit.fields;
    if let Some(body) = &given.body {
        check_body(body)?;
    }
    let fields = check_fields(pm, &tx.state, kind, given)?;
    let assigned = fields.iter().find(|(name, _)| *name == "assignee");
    if let (Some((_, to)), Some(item)) = (assigned, tx.state.item(uid)) {
        ownership::require_assignable(pm, &tx.state, item, to.as_str())?;
    }
    let own = |set: &str| -> Vec<String> {
        let doc = tx.state.doc(uid).into_iter();
        doc.flat_map(|doc| doc.elements(set))
            .map(str::to_string)
            .collect()
    };
    // Empty texts stay: they say that the list is cleared.
    let each = |list: &Option<Vec<String>>, check: &dyn Fn(&str) -> Result<String>| {
        let checked = |text: &String| match text.is_empty() {
            true => Ok(String::new()),
            false => check(text),
        };
        let list = list.as_ref().map(|list| list.iter().map(checked).collect());
        list.transpose()
    };
    let labels: Option<Vec<String>> = each(&given.labels, &check_label)?;
    let own_paths = own("paths");
    let path = |path: &str| {
        let read = match own_paths.iter().any(|own| own == path) {
            true => path_arguments::from_top,
            false => path_arguments::pattern,
        };
        Ok(read(pm, path)?.text().to_owned())
    };
    let separated = |list: &[String]| path_arguments::separated(pm, list, &own_paths);
    let paths: Option<Vec<String>> = each(&given.paths.as_deref().map(separated), &path)?;
    let item = tx.state.item(uid);
    if item.is_some_and(|item| item.status == Status::Proposed) {
        require_plannable(pm, paths.as_deref().unwrap_or_default())?;
    }
    let external_refs: Option<Vec<String>> = each(&given.external_refs, &check_external_ref)?;
    let depends_on = match &given.depends_on {
        Some(ids) => {
            let mut refs = Vec::new();
            for target in ids {
                refs.push(match target.is_empty() {
                    true => String::new(),
                    false => cycles.checked_target(&tx.state, uid, target)?.to_string(),
                });
            }
            Some(refs)
        }
        None => None,
    };
    let removed_paths = separated(&edit.remove_path)
        .iter()
        .map(|text| path(text))
        .collect::<Result<_>>()?;
    let mut removed_dependencies = Vec::new();
    for target in &edit.remove_depends_on {
        removed_dependencies.push(tx.state.find(target)?.reference().to_string());
    }
    let mut lists = Vec::new();
    for (set, given, removed) in [
        ("labels", &labels, &Vec::new()),
        ("paths", &paths, &removed_paths),
        ("depends_on", &depends_on, &removed_dependencies),
        ("external_refs", &external_refs, &Vec::new()),
    ] {
        if given.is_some() || !removed.is_empty() {
            let mut whole = edit.whole(own(set), given.as_deref());
            whole.retain(|one| !removed.contains(one));
            lists.push((set, whole));
        }
    }
    let parent = match given.parent.as_deref() {
        None => None,
        Some("") => Some(None),
        Some(id) => {
            let parent = tx.state.find(id)?.clone();
            if let Some(item) = tx.state.item(uid) {
                cycles.require_no_ancestor(&tx.state, item, &parent)?;
            }
            Some(Some(format!("parent-child {}", parent.reference())))
        }
    };
    let criteria = match given.acceptance.is_some() || !edit.remove_accept.is_empty() {
        true => {
            let mut list = Vec::new();
            let (texts, gone) = criteria_after(&tx.state, uid, edit)?;
            for (n, text) in texts.iter().enumerate() {
                list.push((tx.new_entry_id()?, criterion(text, n)?));
            }
            Some((list, gone, tx.fresh_stamp()))
        }
        false => None,
    };
    let mut add = Vec::new();
    for label in &edit.add_labels {
        add.push(check_label(label)?);
    }
    tx.edit(uid, |doc, clock| {
        let mut changed = false;
        if let Some(title) = title {
            changed |= doc.set("title", title, clock);
        }
        if let Some(body) = &given.body {
            changed |= doc.body.write_over_shown(body, clock);
        }
        for (name, value) in fields {
            changed |= long_texts::set(doc, name, value, clock);
        }
        for (set, list) in &lists {
            changed |= doc.replace_elements(set, list, clock);
        }
        if let Some(parent) = &parent {
            changed |= replace_parent(doc, parent.as_deref(), clock);
        }
        for label in &add {
            changed |= doc.set_element("labels", label, true, clock);
        }
        for label in &edit.remove_labels {
            changed |= doc.set_element("labels", label, false, clock);
        }
        if let Some((list, gone, at)) = &criteria {
            changed |= criteria::remove(doc, gone, clock);
            changed |= criteria::replace(doc, list, at, clock);
        }
        changed
    })?;
    Ok(())
}

/// The texts of the criteria after an edit, in order, and those that it removes one by one.
fn criteria_after(
    state: &State<'_>,
    uid: &Uid,
    edit: &ItemEdit,
) -> Result<(Vec<String>, Vec<Criterion>)> {
    let Some(item) = state.item(uid) else {
        return Ok((Vec::new(), Vec::new()));
    };
    let listed = item.acceptance.iter().filter(|one| one.nth_box().is_none());
    let text = edit.fields.acceptance_criteria.as_deref();
    let text = text.or_else(|| criteria::text(state, item));
    let own = criterion::joined(text.unwrap_or_default(), listed.cloned().collect());
    let mut gone = BTreeSet::new();
    for named in &edit.remove_accept {
        let at = match named.parse::<usize>() {
            Ok(n) => n.checked_sub(1).filter(|at| *at < own.len()),
            // Of several with that text the next one; what was accepted stays as long as it can.
            Err(_) => {
                let is_it = |at: &usize| own[*at].text == named.trim() && !gone.contains(at);
                let mut open = (0..own.len()).filter(|at| !own[*at].done);
                open.find(is_it).or_else(|| (0..own.len()).find(is_it))
            }
        };
        gone.insert(at.ok_or_else(|| {
            let id = state.shown_id(item);
            Error::not_found(format!(
                "{id} has no acceptance criterion `{}`",
                one_line(named)
            ))
            .hint(Hint::run(["show", &id], "lists them with numbers"))
        })?);
    }
    let (gone, kept): (Vec<_>, Vec<_>) = own
        .into_iter()
        .enumerate()
        .partition(|(at, _)| gone.contains(at));
    let gone = gone.into_iter().map(|(_, one)| one).collect();
    let kept = kept.into_iter().map(|(_, one)| one.text).collect();
    Ok((edit.whole(kept, edit.fields.acceptance.as_deref()), gone))
}

/// Makes `parent` the only parent.
fn replace_parent(doc: &mut Doc, parent: Option<&str>, clock: &Clock) -> bool {
    let old: Vec<String> = doc
        .elements("edges")
        .filter(|e| e.starts_with("parent-child ") && Some(*e) != parent)
        .map(str::to_string)
        .collect();
    let mut changed = false;
    for edge in old {
        changed |= doc.set_element("edges", &edge, false, clock);
    }
    if let Some(parent) = parent {
        changed |= doc.set_element("edges", parent, true, clock);
    }
    changed
}
