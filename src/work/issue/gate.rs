//! Gates: issues of type `gate` that block work until an external event.
//!
//! Nothing watches them; `check` closes those that are satisfied as far as this can be found out
//! here, and reports the others.

use schemars::JsonSchema;
use serde::Serialize;

use crate::error::{Error, Hint, Result};
use crate::model::id::ItemKind;
use crate::model::item::Item;
use crate::model::stamp::{parse_rfc3339, rfc3339};
use crate::pm::Pm;
use crate::pm::handles::Issues;
use crate::pm::shared_views::{ItemView, item_view};
use crate::store::index::Scan;
use crate::store::state::State;
use crate::work::issue::close;
use crate::work::new_item::{NewGate, NewItem};
use crate::work::task::create;
use crate::work::task::cycles::Cycles;
use crate::work::task::deps;
use crate::work::task::many_items;
use crate::work::task::many_items::describe;

/// The type of issues that are gates.
pub(crate) const GATE: &str = "gate";

/// The conditions that a gate can wait for.
pub const AWAIT_TYPES: [&str; 6] = ["timer", "human", "bead", "mail", "gh:run", "gh:pr"];

/// The outcome of checking a gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum GateOutcome {
    /// The condition is met; the gate was closed, unless this was a dry run.
    Satisfied,
    /// The condition is not met yet.
    Waiting,
    /// The timeout passed before the condition was met.
    Expired,
    /// The condition cannot be checked here.
    Unknown,
}

/// A checked gate.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct GateCheck {
    /// The gate's id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The type of its condition.
    pub await_type: Option<String>,
    /// The object of the condition, such as an item's id.
    pub await_id: Option<String>,
    /// The outcome of the check.
    pub outcome: GateOutcome,
    /// The explanation, one sentence.
    pub reason: String,
}

/// The end of a gate's time-out, in milliseconds since the Unix epoch.
fn deadline(item: &Item) -> Option<u64> {
    let ns = u64::try_from(item.issue.timeout_ns?).ok()?;
    let created = parse_rfc3339(&item.created_at)?;
    created.checked_add(ns / 1_000_000)
}

/// Checks one gate.
fn look(pm: &Pm, state: &State<'_>, item: &Item) -> (GateOutcome, String) {
    let now_ms = pm.now_ms();
    use GateOutcome::{Expired, Satisfied, Unknown, Waiting};
    let over = deadline(item).filter(|end| *end <= now_ms);
    let await_id = item.issue.await_id.as_deref();
    let until = |reason: String| match over {
        Some(end) => (
            Expired,
            format!("{reason}; its timeout expired at {}", rfc3339(end)),
        ),
        None => (Waiting, reason),
    };
    match item.issue.await_type.as_deref() {
        Some("timer") => match deadline(item) {
            Some(end) if end <= now_ms => (
                Satisfied,
                format!("the timeout expired at {}", rfc3339(end)),
            ),
            Some(end) => (Waiting, format!("until {}", pm.env().local_time(end))),
            None => (Unknown, "it has no timeout".into()),
        },
        Some("human") => until("a human has to resolve it".into()),
        Some("bead") => {
            let Some(id) = await_id else {
                return (Unknown, "it names no item".into());
            };
            // The name of another tool's rig may precede the id.
            let own = id.rsplit_once(':').map_or(id, |(_, id)| id);
            match state.find(own) {
                Ok(other) if other.status.is_closed() => (
                    Satisfied,
                    format!("{} is {}", state.shown_id(other), other.status.word()),
                ),
                Ok(other) => until(format!(
                    "{} is {}",
                    state.shown_id(other),
                    other.status.word()
                )),
                Err(_) => {
                    let shown = crate::model::text::one_line(id);
                    (
                        Unknown,
                        format!("`{shown}` does not exist here, so this cannot be checked"),
                    )
                }
            }
        }
        Some("gh:pr") => until("`git pm github pull` looks at the pull request".into()),
        Some(other) => {
            let shown = crate::model::text::one_line(other);
            let what = format!("`{shown}` cannot be checked here; resolve the gate once it is met");
            match over {
                Some(_) => until(what),
                None => (Unknown, what),
            }
        }
        None => (Unknown, "it has no condition".into()),
    }
}

impl Issues<'_> {
    /// Creates a gate, which the item `blocked` waits for.
    ///
    /// # Errors
    /// When the condition is not valid, or the id does not exist.
    pub fn create_gate(
        &self,
        title: Option<&str>,
        gate: &NewGate,
        blocked: &[String],
        parent: Option<&str>,
    ) -> Result<ItemView> {
        if !AWAIT_TYPES.contains(&gate.await_type.as_str()) {
            let shown = crate::model::text::one_line(&gate.await_type);
            return Err(Error::usage(format!("`{shown}` is not a type of gate"))
                .hint(format!("use one of: {}", AWAIT_TYPES.join(", "))));
        }
        if gate.await_type == "timer" && gate.timeout_ms.is_none() {
            return Err(Error::usage("a timer gate requires a timeout")
                .hint("specify one, such as `--timeout 4h`"));
        }
        if gate.await_type == "bead" && gate.await_id.is_none() {
            return Err(Error::usage("no item given: use `--await-id ID`"));
        }
        let of = gate
            .await_id
            .as_ref()
            .map_or(String::new(), |id| format!(" {id}"));
        let mut new = NewItem {
            title: title.map_or_else(|| format!("Gate: {}{of}", gate.await_type), str::to_string),
            gate: Some(gate.clone()),
            ..NewItem::default()
        };
        new.fields.parent = parent.map(str::to_string);
        new.fields.item_type = Some(GATE.into());
        self.pm.write("issue gate create").view(|tx| {
            let uid =
                create::create_in(self.pm, tx, &mut Cycles::refused(), ItemKind::Issue, &new)?;
            for id in blocked {
                let on = uid.to_string();
                deps::dep_add_in(tx, &mut Cycles::refused(), id, &on, "blocks", false)?;
            }
            let id = crate::work::task::create::shown(tx, &uid);
            tx.describe(
                "issue gate create",
                &[&id],
                &format!("{id}: {}", gate.await_type),
            );
            Ok(uid)
        })
    }

    /// The gates, open ones or all, in the order of their ids.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn gates(&self, all: bool) -> Result<Vec<ItemView>> {
        let state = self.pm.store.snapshot()?;
        let here = self.pm.here();
        let which = match all {
            true => Scan::All(Some(ItemKind::Issue)),
            false => Scan::Open(Some(ItemKind::Issue)),
        };
        let found = state.scan(&which, |item| item.item_type == GATE, usize::MAX);
        Ok(found
            .into_iter()
            .map(|item| item_view(&state, item, &here))
            .collect())
    }

    /// Checks the open gates, of one type or of all, and closes those that are satisfied, in one
    /// commit.
    ///
    /// # Errors
    /// When the state cannot be read or written.
    pub fn check_gates(&self, await_type: Option<&str>, dry_run: bool) -> Result<Vec<GateCheck>> {
        let state = self.pm.store.snapshot()?;
        let gates = state.scan(
            &Scan::Open(Some(ItemKind::Issue)),
            |item| {
                let wanted = |kind: &str| {
                    let own = item.issue.await_type.as_deref().unwrap_or_default();
                    own == kind || own.strip_prefix(kind).is_some_and(|r| r.starts_with(':'))
                };
                item.item_type == GATE && await_type.is_none_or(wanted)
            },
            usize::MAX,
        );
        let mut checks = Vec::new();
        let mut satisfied = Vec::new();
        for item in gates {
            let (outcome, reason) = look(self.pm, &state, item);
            if outcome == GateOutcome::Satisfied {
                satisfied.push((item.uid.clone(), reason.clone()));
            }
            checks.push(GateCheck {
                id: state.shown_id(item),
                title: item.title.clone(),
                await_type: item.issue.await_type.clone(),
                await_id: item.issue.await_id.clone(),
                outcome,
                reason,
            });
        }
        state.release();
        if !satisfied.is_empty() && !dry_run {
            self.pm.write("issue gate check").run(|tx| {
                let (mut uids, mut names) = (Vec::new(), Vec::new());
                for (uid, reason) in &satisfied {
                    let item = tx
                        .state
                        .item(uid)
                        .filter(|item| !item.status.is_closed())
                        .cloned();
                    // Another process resolved it meanwhile.
                    let Some(item) = item else { continue };
                    let how = (Some(reason.as_str()), true);
                    close::end_in(self.pm, tx, &item, true, how, None)?;
                    names.push(tx.state.shown_id(&item));
                    uids.push(uid.clone());
                }
                describe(tx, "issue gate check", &names, "satisfied");
                Ok(uids)
            })?;
        }
        Ok(checks)
    }

    /// Resolves gates manually: items that waited only for them become ready.
    ///
    /// # Errors
    /// When an id is not a gate, or the gate is already resolved.
    pub fn resolve_gates(&self, ids: &[String], reason: Option<&str>) -> Result<Vec<ItemView>> {
        for item in many_items::found(self.pm, ids)? {
            if item.item_type != GATE {
                return Err(Error::usage(format!("{} is not a gate", item.id))
                    .hint(Hint::run(["issue", "gate", "list"], "shows the gates")));
            }
        }
        let reason = reason.unwrap_or("resolved");
        self.pm.issues().close(ids, Some(reason), true)
    }
}
