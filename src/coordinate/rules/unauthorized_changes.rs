//! Which shared rules were loosened without authority.
//!
//! By a commit that is not a human's `git pm config`, or that is unsigned where the state requires
//! signatures. The stricter value stays in force until a human sets the rule again. Checked by the
//! commands that approve, merge or report, not by every command.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;

use super::strictness::{Order, RULES, Rule, WORDS_MAX, distinct, plain, words};
use super::{RECORD, shared};
use crate::coordinate::rules::provenance;
use crate::coordinate::rules::searched_tip;
use crate::error::{Error, Hint, Reason, Result};
use crate::model::doc::{Doc, Reg};
use crate::model::rule_elements::{self, elements};
use crate::model::settings;
use crate::model::text::excerpt;
use crate::pm::Pm;
use crate::pm::rules_in_force::Held;
use crate::store::git::repo::{Commit, Oid};
use crate::store::history::{Origin, Tracked, Trail, Wanted, difference, origins, walk};
use crate::store::layout::{MAIN, PUBLISHED, REPOSITORY};
use crate::store::repository::{self, SIGN};

/// The number of newest commits that are searched.
pub(super) const LOOKED_AT: usize = 1_000;

/// The number that are searched for a rule once its value is in doubt.
const DOUBTED: usize = 100_000;

/// The maximum number of values of a rule that are traced to the commits that wrote them. Honest
/// clones never need so many, and every clone that can push can write any number.
const VALUES: usize = 200;

/// The maximum number of commits outside the history that are compared with a commit that begins
/// it.
const SIDES: usize = 20;

/// The operations that change a shared rule.
const CONFIG: [&str; 1] = ["config"];

/// An earlier value of a rule.
struct Before {
    value: String,
    /// The reason to doubt the value that followed it.
    why: String,
    /// Set if a human set it.
    vouched: bool,
}

/// Those of the newest commits that changed shared rules, and the one without a parent that was met
/// last.
#[derive(Default)]
struct Recent {
    touching: Vec<Commit>,
    first: Option<Commit>,
}

/// The remaining budget of the search for a rule.
struct Left {
    commits: usize,
    values: usize,
}

/// The shared rules that stay in force although the state has looser values. Cached in this
/// process until the tip changes.
pub(crate) fn held_rules(pm: &Pm) -> Result<Arc<[Held]>> {
    let tip = pm.store.tip()?;
    if let Some((at, held)) = &*pm.held.borrow()
        && *at == tip
    {
        return Ok(held.clone());
    }
    let mut found: Arc<[Held]> = Arc::default();
    if let Some(tip) = tip
        && !searched_tip::holds_as_noted(pm, tip)?
    {
        found = look_for_held(pm, tip)?.into();
    }
    if let Some(tip) = tip.filter(|_| found.is_empty()) {
        searched_tip::note_searched(pm, tip)?;
    }
    pm.held.replace(Some((tip, found.clone())));
    Ok(found)
}

/// As [`held_rules`], with a notice for each.
pub(crate) fn hold_rules(pm: &Pm) -> Result<()> {
    for held in held_rules(pm)?.iter() {
        pm.notice(format!(
            "{}; a human can resolve it with `{}`",
            held.why,
            held.fix()
        ));
    }
    Ok(())
}

/// True if the value of a shared rule was not set by a human, and a stricter one is in force.
pub(crate) fn is_doubted(pm: &Pm, rule: &Rule) -> bool {
    // If that cannot be determined, it counts as doubtful.
    held_rules(pm).map_or(true, |held| held.iter().any(|held| held.key == rule.key))
}

/// The shared value of a rule, with the stricter values that stay in force.
pub(super) fn with_held(pm: &Pm, rule: &Rule, value: Option<String>) -> Option<String> {
    let held = pm.held.borrow();
    let all = held.iter().flat_map(|(_, held)| held.iter());
    all.filter(|held| held.key == rule.key)
        .fold(value, |value, held| {
            Some(match value {
                // The held words come first, as the number of words is limited.
                Some(value) => rule.stricter(&held.value, &value),
                None => held.value.clone(),
            })
        })
}

fn look_for_held(pm: &Pm, tip: Oid) -> Result<Vec<Held>> {
    let now = doc_of(pm, &pm.store.repo().commit(tip)?)?;
    // Signatures first: if they were required, every other change needs one.
    let mut rules: Vec<&Rule> = RULES.iter().filter(|rule| rule.is_shareable()).collect();
    rules.sort_by_key(|rule| rule.key != settings::SIGN.key);
    let of_rule = |rule| {
        shared(&now, rule)
            .and_then(|all| all.value)
            .unwrap_or_default()
    };
    // Nothing is stricter.
    rules.retain(
        |rule| !matches!(rule.order, Order::Word(strict) if plain(&of_rule(rule)) == strict),
    );
    let whole = rules.iter().filter(|rule| !rule.is_shared_list());
    let whole: Vec<_> = whole.map(|rule| (Traced::of(rule, None), tip)).collect();
    let mut trails_of_whole = trails(pm, &whole, &mut { LOOKED_AT })?.into_iter();
    let recent = recent_changes(pm, tip)?;
    let mut held: Vec<Held> = Vec::new();
    let mut sticky = false;
    for rule in rules {
        let value = of_rule(rule);
        let gone = match rule.is_shared_list() {
            true => gone(pm, rule, &recent, tip, &now, sticky)?,
            false => BTreeSet::new(),
        };
        let gone = gone.iter();
        let mut traced: Vec<_> = gone
            .map(|word| (Traced::of(rule, Some(word)), tip))
            .collect();
        let mut left = Left {
            commits: DOUBTED,
            values: VALUES.max(2 * traced.len()),
        };
        let mut trails = trails(pm, &traced, &mut { LOOKED_AT })?;
        if !rule.is_shared_list() {
            traced.push((Traced::of(rule, None), tip));
            trails.extend(trails_of_whole.next());
        }
        let mut found = Vec::new();
        for ((one, _), trail) in traced.into_iter().zip(trails) {
            found.extend(stricter_before(pm, one, tip, trail, sticky, &mut left)?);
        }
        if let Some(found) = held_over(rule, found, &value) {
            sticky |= rule.key == settings::SIGN.key;
            held.push(found);
        }
    }
    Ok(held)
}

/// Those of the newest commits that changed shared rules.
fn recent_changes(pm: &Pm, tip: Oid) -> Result<Recent> {
    let repo = pm.store.repo();
    let mut tracked = Tracked::new(repo, &[REPOSITORY.to_string()]);
    let (mut recent, mut left) = (Recent::default(), LOOKED_AT);
    walk(repo, tip, |commit| {
        left -= 1;
        if commit.parents.is_empty() {
            recent.first = Some(commit.clone());
        }
        if tracked.is_touched(commit)? {
            recent.touching.push(commit.clone());
        }
        Ok(left > 0)
    })?;
    Ok(recent)
}

/// The elements that a list had and has no more, as far as the newest commits show it, or if the
/// history begins with a doubtful one, the tips that this clone had or published. A human who set
/// the rule decided about all before.
fn gone(
    pm: &Pm,
    rule: &Rule,
    recent: &Recent,
    tip: Oid,
    now: &Doc,
    sticky: bool,
) -> Result<BTreeSet<String>> {
    let repo = pm.store.repo();
    let (mut met, mut decided) = (Vec::new(), Vec::new());
    for commit in &recent.touching {
        let decides = decided.len() < SIDES && decides(pm, rule, commit, sticky)?;
        decided.extend(commit.parents.iter().filter(|_| decides));
        met.push((commit, decides));
    }
    let open: Option<HashSet<Oid>> = match decided.is_empty() {
        true => None,
        false => Some(difference(repo, tip, &decided)?.into_iter().collect()),
    };
    let is_open = |commit: &Commit| open.as_ref().is_none_or(|open| open.contains(&commit.id));
    met.retain(|(commit, _)| is_open(commit));
    let mut looked: Vec<Oid> = Vec::new();
    for (commit, decides) in met {
        looked.extend(commit.parents.iter().filter(|_| !decides));
        looked.push(commit.id);
    }
    if let Some(first) = (recent.first.as_ref()).filter(|first| is_open(first))
        && provenance::doubt_first(pm, first, true)?.is_some()
    {
        let sides = out_of_place(pm, first)?;
        looked.extend(sides.into_iter().map(|commit| commit.id));
    }
    let mut gone = BTreeSet::new();
    for id in looked {
        // In a shallow history a parent may be missing.
        if let Ok(commit) = repo.commit(id) {
            let doc = doc_of(pm, &commit)?;
            gone.extend(elements(&doc, rule.name()).into_iter().map(str::to_string));
        }
    }
    for present in elements(now, rule.name()) {
        gone.remove(present);
    }
    match gone.len() > WORDS_MAX {
        true => Err(too_many(rule)),
        false => Ok(gone),
    }
}

/// True if a human set a rule in a commit.
fn decides(pm: &Pm, rule: &Rule, commit: &Commit, sticky: bool) -> Result<bool> {
    let [parent] = commit.parents[..] else {
        return Ok(false);
    };
    let parent = pm.store.repo().commit(parent)?;
    let [after, before] = [doc_of(pm, commit)?, doc_of(pm, &parent)?];
    let set_at = |doc: &Doc| Some(doc.entry(RECORD, rule.name())?.regs.get("set_at")?.clone());
    let name = rule.name();
    if set_at(&after) == set_at(&before) && elements(&after, name) == elements(&before, name) {
        return Ok(false);
    }
    let signed = sticky || signed_at(pm, &[parent])?;
    Ok(provenance::doubt(pm, commit, &CONFIG, signed)?.is_none())
}

/// The earlier values of a rule at `tip`, back to one that a human set. None if a human set the
/// current one.
fn stricter_before(
    pm: &Pm,
    one: Traced<'_>,
    tip: Oid,
    trail: Trail,
    sticky: bool,
    left: &mut Left,
) -> Result<Vec<Before>> {
    let mut found = Vec::new();
    let mut seen = HashSet::from([tip]);
    let mut waiting = vec![(tip, None, trail)];
    while !waiting.is_empty() {
        let mut further: Vec<(Oid, Option<(String, String)>)> = Vec::new();
        for (at, before, mut trail) in waiting {
            let first = at == tip;
            if trail.is_unknown() && (first || !trail.is_cut_short()) {
                if !is_beside_stricter(pm, one, at, &trail)? {
                    found.extend(before.map(|(value, why)| Before {
                        value,
                        why,
                        vouched: false,
                    }));
                    continue;
                }
                // A join brought it beside a stricter one, from beyond the searched commits.
                if first {
                    let again = trails(pm, &[(one, at)], &mut { DOUBTED })?;
                    trail = again.into_iter().next().unwrap_or_default();
                }
            }
            let why = doubt_trail(pm, one, &mut trail, sticky, left)?;
            found.extend(before.map(|(value, above)| Before {
                value,
                why: above,
                vouched: why.is_none(),
            }));
            let followed = why.is_some() || is_loose_end(pm, one, &trail)?;
            for beside in trail.beside.into_iter().filter(|_| followed) {
                if !seen.insert(beside.id) {
                    continue;
                }
                left.values = left
                    .values
                    .checked_sub(1)
                    .ok_or_else(|| too_many(one.rule))?;
                let value = rule_at(pm, one, &beside)?;
                further.push((beside.id, value.zip(why.clone())));
            }
        }
        let at: Vec<(Traced<'_>, Oid)> = further.iter().map(|(id, _)| (one, *id)).collect();
        let trails = trails(pm, &at, &mut left.commits)?;
        if trails.iter().any(Trail::is_cut_short) {
            return Err(too_many(one.rule));
        }
        let further = further.into_iter().zip(trails);
        waiting = further
            .map(|((id, before), trail)| (id, before, trail))
            .collect();
    }
    Ok(found)
}

/// True if a stricter value was beside the one at a commit.
fn is_beside_stricter(pm: &Pm, one: Traced<'_>, at: Oid, trail: &Trail) -> Result<bool> {
    let now = rule_at(pm, one, &pm.store.repo().commit(at)?)?;
    let now = now.unwrap_or_default();
    for beside in trail.beside.iter().take(VALUES) {
        let beside = rule_at(pm, one, beside)?;
        if beside.is_some_and(|beside| one.rule.loosens(&beside, &now)) {
            return Ok(true);
        }
    }
    Ok(trail.beside.len() > VALUES)
}

/// True if the end of required signatures is itself unsigned: then the values before decide
/// whether it had to be signed.
fn is_loose_end(pm: &Pm, one: Traced<'_>, trail: &Trail) -> Result<bool> {
    for origin in trail.origins.iter().take(VALUES) {
        if let Origin::Written(commit) = origin
            && one.rule.key == settings::SIGN.key
            && provenance::unsigned(pm, commit)?.is_none()
        {
            return Ok(false);
        }
    }
    Ok(one.rule.key == settings::SIGN.key)
}

/// The reason why none of the commits that a value came from counts as set by a human. Commits
/// that are no longer in the history are added to the trail.
fn doubt_trail(
    pm: &Pm,
    one: Traced<'_>,
    trail: &mut Trail,
    sticky: bool,
    left: &mut Left,
) -> Result<Option<String>> {
    let mut doubt = None;
    for origin in trail.origins.clone() {
        left.values = left
            .values
            .checked_sub(1)
            .ok_or_else(|| too_many(one.rule))?;
        let why = match &origin {
            Origin::Written(commit) => {
                let parents = commit.parents.iter().map(|id| pm.store.repo().commit(*id));
                let signed = match parents.collect::<Result<Vec<_>>>() {
                    Ok(parents) => sticky || signed_at(pm, &parents)?,
                    // A missing parent may have required it.
                    Err(_) => true,
                };
                provenance::doubt(pm, commit, &CONFIG, signed)?
            }
            Origin::Begins(commit) => {
                if provenance::doubt_first(pm, commit, true)?.is_some() {
                    trail.beside.extend(out_of_place(pm, commit)?);
                }
                let mut lines = trail.beside.clone();
                lines.push(commit.clone());
                let signed = sticky || signed_at(pm, &lines)?;
                provenance::doubt_first(pm, commit, signed)?
            }
            Origin::Beyond | Origin::Limit => Some(
                "the commit that wrote it is older than the part of the state's history that \
                     was searched"
                    .into(),
            ),
        };
        if why.is_none() {
            return Ok(None);
        }
        doubt = doubt.or(why);
    }
    Ok(doubt)
}

/// Former or published tips of the state that its history does not contain, and that are not
/// based on the commit that begins it.
fn out_of_place(pm: &Pm, first: &Commit) -> Result<Vec<Commit>> {
    let repo = pm.store.repo();
    let mut seen = HashSet::new();
    walk(repo, pm.store.require_tip()?, |commit| {
        seen.insert(commit.id);
        Ok(seen.len() < LOOKED_AT)
    })?;
    let logged = repo.logged(MAIN);
    let logged = logged.into_iter().rev().take(LOOKED_AT);
    let published = repo.ref_target(PUBLISHED)?;
    let mut out = Vec::new();
    for id in published.into_iter().chain(logged) {
        if out.len() >= SIDES || !seen.insert(id) {
            continue;
        }
        // The reflog may name a commit that no longer exists.
        if let Ok(commit) = repo.commit(id)
            && !repo.is_ancestor(first.id, id).unwrap_or(false)
        {
            out.push(commit);
        }
    }
    Ok(out)
}

/// True if one of some commits required signatures.
fn signed_at(pm: &Pm, commits: &[Commit]) -> Result<bool> {
    for commit in commits {
        if doc_of(pm, commit)?.value(SIGN).is_true() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The value of a rule at a commit.
fn rule_at(pm: &Pm, one: Traced<'_>, commit: &Commit) -> Result<Option<String>> {
    Ok(one.value(&doc_of(pm, commit)?))
}

fn doc_of(pm: &Pm, commit: &Commit) -> Result<Doc> {
    Ok(repository::read(pm.store.repo(), commit.tree)?.doc)
}

/// The origins of the values of rules at commits, within the budget `left`.
fn trails(pm: &Pm, traced: &[(Traced<'_>, Oid)], left: &mut usize) -> Result<Vec<Trail>> {
    let repo = pm.store.repo();
    // A list has many values in one file.
    let read: RefCell<HashMap<Oid, Rc<Doc>>> = RefCell::default();
    let doc_in = |tree: Oid| -> Result<Rc<Doc>> {
        if let Some(known) = read.borrow().get(&tree) {
            return Ok(known.clone());
        }
        let doc = Rc::new(repository::read(repo, tree)?.doc);
        read.borrow_mut().insert(tree, doc.clone());
        Ok(doc)
    };
    let mut wanted: Vec<Wanted<'_>> = Vec::new();
    for (one, at) in traced {
        let (one, doc_in) = (*one, &doc_in);
        wanted.push(Wanted {
            tip: *at,
            paths: vec![REPOSITORY.to_string()],
            read: Box::new(move |tree| Ok(one.register(&*doc_in(tree)?))),
        });
    }
    origins(repo, &wanted, left)
}

/// What is followed to the commits that wrote it: the value of a rule, or that a list has an
/// element.
#[derive(Clone, Copy)]
struct Traced<'a> {
    rule: &'a Rule,
    word: Option<&'a str>,
}

impl<'a> Traced<'a> {
    fn of(rule: &'a Rule, word: Option<&'a str>) -> Self {
        Traced { rule, word }
    }

    fn value(self, doc: &Doc) -> Option<String> {
        let Some(word) = self.word else {
            return shared(doc, self.rule).and_then(|all| all.value);
        };
        let reg = rule_elements::register(doc, self.rule.name(), word)?;
        reg.value.is_true().then(|| word.to_string())
    }

    fn register(self, doc: &Doc) -> Option<Reg> {
        match self.word {
            Some(word) => rule_elements::register(doc, self.rule.name(), word),
            None => register(doc, self.rule),
        }
    }
}

/// The value in force instead of the one in the state: all earlier ones that are stricter. Values
/// that humans set come first, so that other words cannot displace them.
fn held_over(rule: &Rule, mut found: Vec<Before>, now: &str) -> Option<Held> {
    found.retain(|before| rule.loosens(&before.value, now));
    let why = found.first()?.why.clone();
    found.sort_by_key(|before| !before.vouched);
    let values = found.iter().map(|before| before.value.as_str());
    let value = match rule.order {
        Order::List => {
            let all = distinct(values.flat_map(words)).take(WORDS_MAX);
            all.collect::<Vec<&str>>().join(" ")
        }
        _ => values
            .map(str::to_string)
            .reduce(|one, other| rule.stricter(&one, &other))?,
    };
    let (was, is) = (excerpt(&value, 80), excerpt(now, 80));
    let is = match is.is_empty() {
        true => "not set".into(),
        false => format!("`{is}`"),
    };
    Some(Held {
        key: rule.key,
        why: format!(
            "the shared rule {} is {is} in the state, but `{was}` still applies: {why}",
            rule.key
        ),
        value,
    })
}

/// The error for a rule whose value in force cannot be determined within the budget.
fn too_many(rule: &Rule) -> Error {
    Error::refused(format!(
        "the shared rule {} was changed too often without `git pm config` or by agents, so its \
         value cannot be determined",
        rule.key
    ))
    .hint(Hint::run(
        ["config", "--shared", rule.key, "VALUE"],
        "sets it: ask a human to run \
                                        it",
    ))
    .because(Reason::RuleUndetermined)
    .about(rule.key)
}

/// The register of a shared rule.
fn register(doc: &Doc, rule: &Rule) -> Option<Reg> {
    if rule.shared {
        let entry = doc.entry(RECORD, rule.name())?;
        return entry.regs.get("value").cloned();
    }
    (rule.key == settings::SIGN.key)
        .then(|| doc.regs.get(SIGN).cloned())
        .flatten()
}
