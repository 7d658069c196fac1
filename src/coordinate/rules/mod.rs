//! Rules: settings that restrict what may be done, of which the stricter value is in force.
//!
//! A rule can be set in this clone's git configuration and, shared, in the state; the stricter of the
//! two is in force, so neither `git config` nor fetched state loosens the other. The environment
//! chooses the files of the user and the system, so these can only tighten. Every reader of such a
//! setting uses this module. An agent may tighten rules of its clone and loosen none; a shared rule
//! is changed by a human, in a commit that records both values.

use crate::coordinate::reserve::pattern_lists::Protected;
use crate::error::{Error, Hint, Reason, Result};
use crate::model::authority::Who;
use crate::model::codec::encode;
use crate::model::doc::{Doc, Entry, Reg};
use crate::model::rule_elements::{self, elements};
use crate::model::settings::{self, Definition};
use crate::model::stamp::{parse_rfc3339, rfc3339};
use crate::model::text::{excerpt, one_line, shorten};
use crate::model::value::Value;
use crate::pm::Pm;
use crate::pm::who_acts::{require_human, require_name};
use crate::store::layout::REPOSITORY;
use crate::store::repository::{ISSUE_PREFIX, PLAN_TESTS, SIGN};
use crate::store::transaction::Tx;

pub(crate) mod provenance;
mod searched_tip;
mod strictness;
pub(crate) mod target_branches;
pub(crate) mod unauthorized_changes;

use strictness::{RULES, distinct, plain, words};
pub(crate) use strictness::{Rule, find};

/// The record of `pm.yaml` with the shared rules, by key without `pm.`.
const RECORD: &str = rule_elements::TEXTS;

/// A shared rule in the state.
#[derive(Default)]
struct Shared {
    value: Option<String>,
    /// The value before a human loosened it.
    was: Option<String>,
    by: String,
    set_at: String,
}

impl Shared {
    fn of(entry: &Entry) -> Shared {
        let text = |name: &str| entry.text(name).map(one_line);
        Shared {
            value: text("value"),
            was: text("was"),
            by: entry
                .text("by")
                .map(crate::model::text::actor)
                .unwrap_or_default(),
            set_at: text("set_at").unwrap_or_default(),
        }
    }
}

/// The shared value of a rule.
fn shared(doc: &Doc, rule: &Rule) -> Option<Shared> {
    if rule.shared {
        let mut found = doc.entry(RECORD, rule.name()).map(Shared::of);
        if rule.is_shared_list() {
            let all = one_line(&elements(doc, rule.name()).join(" "));
            found.get_or_insert_default().value = (!all.is_empty()).then_some(all);
        }
        let mut found = found?;
        found.value = found.value.map(|value| rule.counted(value));
        return Some(found);
    }
    let sign = rule.key == settings::SIGN.key && doc.value(SIGN).is_true();
    sign.then(|| Shared {
        value: Some("true".into()),
        ..Shared::default()
    })
}

/// The shared settings that differ between two versions of `pm.yaml`, each with its earlier value.
pub(crate) fn shared_changes(old: &Doc, new: &Doc) -> Vec<(&'static str, Option<String>)> {
    let rule = |doc: &Doc, rule: &Rule| shared(doc, rule).and_then(|shared| shared.value);
    let rules = RULES.iter();
    let rules = rules.map(|one| (one.key, rule(old, one), rule(new, one)));
    let prefix = |doc: &Doc| doc.text(ISSUE_PREFIX).map(one_line);
    let prefix = (settings::ISSUE_PREFIX.key, prefix(old), prefix(new));
    let tests = |doc: &Doc| match doc.value(PLAN_TESTS) {
        Value::Bool(on) => Some(on.to_string()),
        _ => None,
    };
    let tests = (settings::PLAN_TESTS.key, tests(old), tests(new));
    let changed = rules
        .chain([prefix, tests])
        .filter(|(_, old, new)| old != new);
    changed.map(|(key, old, _)| (key, old)).collect()
}

/// True if a shared value is set already; the order of a list does not matter.
fn is_same(rule: &Rule, before: Option<&str>, value: Option<&str>) -> bool {
    if !rule.is_shared_list() {
        return before == value;
    }
    let [from, to] = [before, value].map(Option::unwrap_or_default);
    !rule.loosens(from, to) && !rule.loosens(to, from)
}

/// Sets the elements of a rule: removes those that only the value before has, and adds those that
/// the state does not have.
fn set_elements(tx: &mut Tx<'_>, doc: &mut Doc, rule: &str, (from, to): (&str, &str)) {
    let (clock, by) = (tx.clock().clone(), tx.actor().to_string());
    rule_elements::convert(doc, rule, &clock);
    let present: Vec<String> = elements(doc, rule)
        .into_iter()
        .map(str::to_string)
        .collect();
    for element in words(from).filter(|one| !words(to).any(|kept| kept == *one)) {
        rule_elements::remove(doc, rule, element, &clock, &by);
    }
    for element in distinct(words(to)).filter(|one| !present.iter().any(|there| there == one)) {
        rule_elements::add(doc, rule, element, tx.fresh_stamp(), &by);
    }
}

/// True if only approvals given at a terminal count.
pub(crate) fn wants_terminal(pm: &Pm) -> bool {
    // An invalid value is strict, too.
    plain(&in_force(pm, settings::APPROVAL.key)) != "advisory"
}

/// True if humans may approve and merge their own work.
pub(crate) fn may_merge_own(pm: &Pm) -> bool {
    plain(&in_force(pm, settings::SOLO_MERGE.key)) == "true"
}

/// The branches that agents may not commit or push to.
pub(crate) fn protected_branches(pm: &Pm) -> Vec<String> {
    let value = in_force(pm, settings::PROTECTED_BRANCHES.key);
    words(&value).map(str::to_string).collect()
}

/// The branches that move only through pull requests.
pub(crate) fn pull_targets(pm: &Pm) -> Vec<String> {
    let value = in_force(pm, settings::PULL_TARGETS.key);
    words(&value).map(str::to_string).collect()
}

/// The paths that agents may not commit.
pub(crate) fn protected(pm: &Pm) -> Protected {
    let value = in_force(pm, settings::PROTECTED_PATHS.key);
    Protected::new(&words(&value).map(str::to_string).collect::<Vec<_>>())
}

/// The paths whose changes only a human approves.
pub(crate) fn approval_paths(pm: &Pm) -> Protected {
    let value = in_force(pm, settings::APPROVAL_PATHS.key);
    Protected::new(&words(&value).map(str::to_string).collect::<Vec<_>>())
}

/// The value of a rule that is in force.
pub(crate) fn in_force(pm: &Pm, key: &str) -> String {
    let Some(rule) = find(key) else {
        return String::new();
    };
    let repo = pm.store.repo();
    stricter_of(pm, rule, &repo.config_own(key), &repo.config_outer(key))
}

/// The value of a rule in this clone's own configuration.
fn configured(pm: &Pm, rule: &Rule) -> Option<String> {
    rule.joined(&pm.store.repo().config_own(rule.key))
}

/// The value in force if this clone's own files have the values `own`, and those of the user
/// and the system `outer`. A shared value adds to the default too, so that fetched state
/// loosens nothing.
pub(crate) fn stricter_of(pm: &Pm, rule: &Rule, own: &[String], outer: &[String]) -> String {
    let own = rule.of_files(own, outer);
    match shared_value(pm, rule) {
        Some(shared) => rule.stricter(&own, &shared),
        None => own,
    }
}

/// The shared value of a rule, with stricter earlier values that still hold.
pub(crate) fn shared_value(pm: &Pm, rule: &Rule) -> Option<String> {
    let state = pm.store.state().ok()?;
    let all = shared(&state.repository.doc, rule).and_then(|all| all.value);
    unauthorized_changes::with_held(pm, rule, all).map(|value| rule.counted(value))
}

/// Refuses to let an agent change a setting of this clone beyond what its definition opens;
/// `None` unsets it. A value that it has already is no change.
///
/// # Errors
/// When the caller is an agent, and only a human may change the setting like this.
pub(crate) fn require_may_set(pm: &Pm, setting: &Definition, value: Option<&str>) -> Result<()> {
    let now = pm.store.repo().config_own(setting.key);
    let (may, what) = match (setting.who, find(setting.key)) {
        (Who::Anybody, _) => (true, "changing"),
        (Who::Stricter, Some(rule)) => {
            let now = rule.joined(&now);
            let now = now.as_deref().unwrap_or(rule.default);
            let loosens = rule.loosens(now, value.unwrap_or(rule.default));
            (!loosens, "loosening")
        }
        // Several lines are not the same as one line with all values.
        _ => (now.iter().map(String::as_str).eq(value), "changing"),
    };
    if may {
        return Ok(());
    }
    let value = value.map_or("--unset".to_string(), |value| excerpt(value, 60));
    require_human(
        &pm.actor,
        &format!("{what} {}", setting.key),
        Hint::run(
            ["config", setting.key, &value],
            "changes the setting; ask a human to run this command",
        ),
    )
}

/// Sets a shared rule; `None` unsets it. Returns the new shared value.
///
/// # Errors
/// When it cannot be shared, the caller is an agent, or the state cannot be written.
pub(crate) fn set_shared_rule(pm: &Pm, rule: &Rule, value: Option<&str>) -> Result<Option<String>> {
    if !rule.shared {
        return Err(Error::usage(format!("{} cannot be shared", rule.key))
            .hint("omit `--shared`")
            .because(Reason::SettingNotShared)
            .about(rule.key));
    }
    require_name(&pm.actor)?;
    require_human(
        &pm.actor,
        "changing a shared rule",
        Hint::run(["config", rule.key, "VALUE"], "tightens it in this clone"),
    )?;
    rule.check(value.unwrap_or_default())?;
    sign_where_that_holds(pm);
    pm.store.write(&pm.writer("config"), |tx| {
        let mut doc: Doc = tx.state.repository.doc.clone();
        let clock = tx.clock().clone();
        let before = shared(&doc, rule).and_then(|shared| shared.value);
        // An unauthorized value becomes authorized once a human sets the same.
        let doubted = unauthorized_changes::is_doubted(pm, rule);
        if is_same(rule, before.as_deref(), value) && !doubted {
            return Ok(());
        }
        let before = unauthorized_changes::with_held(pm, rule, before);
        let (from, to) = (before.as_deref().unwrap_or(""), value.unwrap_or(""));
        let loosened = rule.loosens(from, to);
        if doc.entry(RECORD, rule.name()).is_none() {
            let at = tx.fresh_stamp();
            doc.add_entry(RECORD, rule.name(), at, &[]);
        }
        let was = before.as_deref().filter(|_| loosened);
        let entry = doc.records.get_mut(RECORD);
        if let Some(entry) = entry.and_then(|all| all.get_mut(rule.name()))
            && doubted
            && !rule.is_shared_list()
        {
            let over = entry.regs.get("value").map(|reg| &reg.stamp);
            let (stamp, value) = (clock.stamp(over), Value::from(value));
            entry.regs.insert("value".into(), Reg { stamp, value });
        }
        let mut text = value;
        if rule.is_shared_list() {
            text = None;
            set_elements(tx, &mut doc, rule.name(), (from, to));
        }
        let registers = [
            ("value", Value::from(text)),
            ("was", Value::from(was)),
            ("by", tx.actor().into()),
            ("set_at", rfc3339(clock.wall_ms()).into()),
        ];
        let at = tx.fresh_stamp();
        doc.write_entry(RECORD, rule.name(), at, registers, &clock);
        tx.put_file(REPOSITORY, Some(encode(&doc).into_bytes()));
        let now = value.unwrap_or("not set");
        let text = match was {
            Some(was) => format!("{}: shared rule loosened from `{was}` to `{now}`", rule.key),
            None => format!("{}: shared rule set to `{now}`", rule.key),
        };
        tx.describe("config", &[], &text);
        Ok(())
    })?;
    Ok(value.map(str::to_string))
}

/// Signs the writes of this process if signatures are required, even if this write or an
/// unauthorized one ends the requirement, unless this clone signs nothing.
pub(crate) fn sign_where_that_holds(pm: &Pm) {
    let own = pm.store.repo().config_bool(settings::SIGN.key);
    if own.is_none() && provenance::signatures_hold(pm).unwrap_or(false) {
        pm.store.set_signing();
    }
}

/// The settings of this clone that are looser than the shared rules, as sentences. They have no
/// effect except for signatures.
pub(crate) fn looser_here(pm: &Pm, doc: &Doc) -> Vec<String> {
    let mut found = Vec::new();
    for rule in RULES {
        let all = shared(doc, rule).and_then(|all| all.value);
        let (Some(own), Some(all)) = (configured(pm, rule), all) else {
            continue;
        };
        if rule.loosens(&all, &own) {
            let (own, all) = (one_line(&own), shorten(&all, 80));
            let end = match rule.key {
                key if key == settings::SIGN.key => "commits of the state are not signed here",
                _ => "the stricter one is in force",
            };
            found.push(format!(
                "{} is `{own}` in this clone and `{all}` in the state; {end}",
                rule.key
            ));
        }
    }
    found
}

/// The rules in force that are looser than the default, as sentences.
pub(crate) fn looser_than_default(pm: &Pm) -> Vec<String> {
    let looser = |rule: &&Rule| rule.loosens(rule.default, &in_force(pm, rule.key));
    let found = RULES.iter().filter(looser);
    found
        .map(|rule| {
            format!(
                "{} is `{}`; the default is `{}`",
                rule.key,
                one_line(&in_force(pm, rule.key)),
                rule.default
            )
        })
        .collect()
}

/// The shared rules that a human loosened since a time, as sentences.
pub(crate) fn loosened(doc: &Doc, since_ms: u64) -> Vec<String> {
    let found = RULES.iter().filter_map(|rule| {
        let shared = shared(doc, rule)?;
        let when = parse_rfc3339(&shared.set_at).unwrap_or(u64::MAX);
        if when < since_ms {
            return None;
        }
        let was = shorten(&shared.was?, 80);
        let now = shared.value.unwrap_or_else(|| "not set".into());
        Some(format!(
            "{} loosened the shared rule {} from `{was}` to `{}` at {}",
            shared.by,
            rule.key,
            shorten(&now, 80),
            shared.set_at
        ))
    });
    found.collect()
}
