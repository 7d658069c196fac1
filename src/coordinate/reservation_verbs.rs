//! Makes, renews, extends and releases reservations.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Deserialize;

use super::reserve::grant::{self, Purpose};
use super::reserve::queue;
use super::reserve::reservation_queries::live_view;
use crate::coordinate::claim::ownership;
use crate::coordinate::here;
use crate::coordinate::hook::guard_status;
use crate::coordinate::message::{self, Notice};
use crate::coordinate::reserve::path_arguments;
use crate::coordinate::reserve::pattern::Pattern;
use crate::coordinate::reserve::release_record::end_reservation;
use crate::coordinate::reserve::reservation_queries;
use crate::coordinate::reserve::reservation_queries::ReservationView;
use crate::coordinate::sync;
use crate::error::{Error, Hint, Reason, Result};
use crate::model::doc::Doc;
use crate::model::item::Item;
use crate::model::reservation::{Mode, Reservation};
use crate::model::settings::{LONGEST_MS, RESERVATION_MIN_MS, RESERVATION_MS, SyncMode};
use crate::model::stamp::rfc3339;
use crate::model::text::{is_same_name, one_line};
use crate::model::uid::Uid;
use crate::model::value::Value;
use crate::pm::Pm;
use crate::pm::arguments::{Millis, term, term_schema};
use crate::pm::handles::Reservations;
use crate::pm::requester::Requester;
use crate::pm::who_acts::require_human;
use crate::store::index::Scan;
use crate::store::state::State;
use crate::store::transaction::Tx;

/// Reserve paths, all of them or none
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm reserve add 'src/auth/**' --task T-0012 --ttl 4h
  git pm reserve add docs README.md --shared --reason 'spelling'")]
pub struct ReserveRequest {
    /// Paths or patterns, from the repository root; from the current folder with `./` or `../`.
    #[arg(value_name = "GLOB", required = true)]
    #[serde(rename = "glob")]
    pub patterns: Vec<String>,
    /// Task that the reservation is for and ends with; by default, yours whose worktree this is.
    #[arg(long, value_name = "ID")]
    pub task: Option<String>,
    /// Duration: 30s, 15m, 4h, 2d, 1w; one hour by default.
    #[arg(long)]
    pub ttl: Option<Millis>,
    /// Allow other shared reservations of the same paths.
    #[arg(long)]
    #[serde(default)]
    pub shared: bool,
    /// `commit`: others may edit but not commit; `edit`: others should not edit either.
    #[arg(long, value_parser = term::<Mode>(), default_value = "commit")]
    #[schemars(schema_with = "term_schema::<Mode>")]
    #[serde(default)]
    pub mode: Option<Mode>,
    /// Only warn others; granted even if the paths are reserved.
    #[arg(long)]
    #[serde(default)]
    pub advisory: bool,
    /// Accept patterns that match nothing yet and do not look like paths.
    #[arg(long)]
    #[serde(default)]
    pub new: bool,
    /// Reason to record.
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
}

/// Release reservations
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct ReservationSelector {
    /// Names from `reserve list`, or single patterns; by default, all of yours in this worktree.
    #[arg(value_name = "NAME")]
    #[serde(rename = "name", default)]
    pub names: Vec<String>,
    /// Select the reservations for this task.
    #[arg(long, value_name = "ID")]
    pub task: Option<String>,
}

impl Reservations<'_> {
    /// Reserves paths: all patterns or none. The caller's own reservation of the same paths is renewed.
    ///
    /// # Errors
    /// Kind `Refused` with the conflicts when another actor holds one of them; `Usage` for an
    /// invalid pattern or one that does not look like a path; `Remote` when the remote cannot be
    /// reached.
    pub fn add(&self, request: &ReserveRequest) -> Result<ReservationView> {
        self.pm.named_writer("reserve add")?;
        let patterns = path_arguments::patterns(self.pm, &request.patterns)?;
        if patterns.is_empty() {
            return Err(
                Error::usage("no paths to reserve were given").hint(Hint::run(
                    ["reserve", "add", "src/auth/**"],
                    "reserves a folder",
                )),
            );
        }
        if !request.new {
            for pattern in &patterns {
                path_arguments::require_path(self.pm, pattern)?;
            }
        }
        let ttl = ttl(request.ttl)?;
        guard_status::notice_unguarded(self.pm);
        let requester = self.pm.requester();
        let replica = self.pm.store.replica()?.to_string();
        let head = self.pm.store.repo().head_commit().map(|id| id.to_string());
        let now = self.pm.now_ms();
        let named = here::named_before(self.pm, request.task.as_deref())?;
        let add = self.pm.write("reserve add").settled().uncompared();
        let uid = add.run(|tx, settling| {
            let task = match &named {
                Some(id) => Some(tx.state.find(id)?.clone()),
                None => held_here(self.pm, &tx.state, &requester).cloned(),
            };
            // For a task, the worktree of its branch is the holder's.
            let branch = task
                .as_ref()
                .filter(|t| {
                    t.holder().is_some_and(|c| {
                        is_same_name(&c.actor, &self.pm.actor.name) && c.replica == replica
                    })
                })
                .and_then(|t| t.branch.clone());
            let reason = request
                .reason
                .clone()
                .or_else(|| task.as_ref().map(|t| tx.state.shown_id(t)));
            let requester = Requester {
                replica: replica.clone(),
                branch: branch.clone().or_else(|| requester.branch.clone()),
                ..requester.clone()
            };
            let request = grant::Request {
                patterns: patterns.iter().map(|p| p.text().to_string()).collect(),
                files: path_arguments::files_among(self.pm, &patterns),
                task,
                claim: None,
                branch: branch.or_else(|| requester.branch.clone()),
                worktree: requester.worktree.clone(),
                mode: request.mode.unwrap_or(Mode::Commit),
                shared: request.shared,
                advisory: request.advisory,
                reason,
                expires_ms: now + ttl,
                began_commit: head.clone(),
                confirmed: settling.confirmed,
            };
            if let Some(uid) = renewed(self.pm, tx, &request, &requester, &patterns)? {
                return Ok(uid);
            }
            let uid = grant::grant(tx, &request, &requester, self.pm)?;
            settling.pending.reservations.push(uid.clone());
            settling.pending.until_ms = now + ttl;
            let text = request.patterns.join(" ");
            let items: Vec<String> = request.task.iter().map(|t| tx.state.shown_id(t)).collect();
            let items: Vec<&str> = items.iter().map(String::as_str).collect();
            tx.describe("reserve add", &items, &text);
            Ok(uid)
        })?;
        let state = self.pm.store.snapshot()?;
        let ranked = queue::ranked_meeting(&state, now, here::case(self.pm), &patterns);
        let view = match ranked.iter().find(|s| s.reservation.uid == uid) {
            Some(made) => live_view(&state, made, &self.pm.here()),
            // One that an earlier run made under the same key may have ended.
            None => reservation_queries::views(self.pm, &state, true)
                .into_iter()
                .find(|v| v.uid == uid.as_str())
                .ok_or_else(|| Error::state("the new reservation cannot be read"))?,
        };
        if request.advisory {
            let met = grant::in_the_way(
                &state,
                &ranked,
                &patterns,
                &requester,
                Purpose::of(request.shared),
                here::case(self.pm),
            );
            for c in met {
                self.pm.notice(format!(
                    "granted as advisory despite a conflict: {}",
                    grant::line(self.pm.env(), &c)
                ));
            }
        }
        path_arguments::warn_of_unseen_release(self.pm, &state, &patterns)?;
        Ok(view)
    }

    /// Extends reservations.
    ///
    /// # Errors
    /// When the caller holds none of that name, or the time is out of bounds.
    pub fn renew(
        &self,
        which: &ReservationSelector,
        lasting: Option<Millis>,
    ) -> Result<Vec<ReservationView>> {
        let asked = lasting.map(|lasting| ttl(Some(lasting))).transpose()?;
        let now = self.pm.now_ms();
        change(self.pm, which, false, "reserve renew", |tx, r| {
            let until = |ms: u64| i64::try_from(now + ms).unwrap_or(i64::MAX);
            let changed = match &r.claim {
                None => {
                    let until = until(asked.unwrap_or(r.ttl_ms));
                    tx.edit(&r.uid, |doc, clock| doc.set("expires", until, clock))?
                }
                Some(claim) => {
                    let Some(task) = r.task.as_ref().and_then(|t| t.uid.clone()) else {
                        return Ok((false, r.uid.clone()));
                    };
                    // This is the lease of the whole claim, which must not become shorter.
                    let item = tx.state.item(&task);
                    let found = item.and_then(|item| item.claims.iter().find(|c| c.id == *claim));
                    let Some(found) = found else {
                        return Ok((false, r.uid.clone()));
                    };
                    let lease = i64::try_from(found.lease_ms).unwrap_or(i64::MAX);
                    let until = until(asked.unwrap_or(found.length())).max(lease);
                    tx.edit(&task, |doc, clock| {
                        doc.set_entry("claims", claim, "lease", until, clock)
                    })?
                }
            };
            Ok((changed, r.uid.clone()))
        })
    }

    /// Ends the caller's own reservations. Of one that is named by some of its patterns, the others
    /// stay reserved.
    ///
    /// # Errors
    /// When the caller holds none of that name.
    pub fn release(&self, which: &ReservationSelector) -> Result<Vec<ReservationView>> {
        let head = self.pm.store.repo().head_commit().map(|id| id.to_string());
        let given = given(self.pm, which);
        change(self.pm, which, false, "reserve release", |tx, r| {
            let is_named = |pattern: &String| given.iter().any(|one| one.is(pattern));
            let named: Vec<&String> = r.patterns.iter().filter(|one| is_named(one)).collect();
            let whole = named.is_empty()
                || named.len() == r.patterns.len()
                || given.iter().any(|one| one.names(r));
            if whole {
                let ended = end_reservation(tx, &r.uid, "released", head.as_deref())?;
                return Ok((ended, r.uid.clone()));
            }
            let part = release_part(tx, r, &named, head.as_deref())?;
            Ok((true, part))
        })
    }

    /// Takes over reservations of another actor: they end, and the caller has the same patterns for as long as
    /// they were asked for. The holder is notified, and the history records the actor and the reason.
    ///
    /// # Errors
    /// When the actor is an agent, gives no reason, or no live reservation has that name.
    pub fn steal(&self, which: &ReservationSelector, reason: &str) -> Result<Vec<ReservationView>> {
        require_human(
            &self.pm.actor,
            "stealing a reservation",
            "ask the holder to release it, or a human to steal it",
        )?;
        if reason.trim().is_empty() {
            return Err(Error::usage(
                "stealing a reservation needs a reason for the holder: `--reason TEXT`",
            ));
        }
        if which.names.is_empty() && which.task.is_none() {
            return Err(Error::usage("no reservation to steal was given")
                .hint(Hint::run(["reserve", "list"], "shows them")));
        }
        let (requester, now) = (self.pm.requester(), self.pm.now_ms());
        let replica = self.pm.store.replica()?.to_string();
        let head = self.pm.store.repo().head_commit().map(|id| id.to_string());
        change(self.pm, which, true, "reserve steal", |tx, r| {
            let who = tx.actor().to_string();
            let item = r.task.as_ref().and_then(|t| t.uid.as_ref());
            let item = item.and_then(|uid| tx.state.item(uid)).cloned();
            let patterns = r.patterns.join(" ");
            let notice = Notice {
                topic: "steal",
                subject: format!("{who} took your reservation of `{patterns}`"),
                body: format!("{who} took the reservation of `{patterns}`: {reason}\n"),
            };
            message::notify(tx, &r.actor, Some(&r.replica), item.as_ref(), notice)?;
            let mut taken = copy_of(tx, r, &|_| true)?;
            let until = i64::try_from(now + length(r)).unwrap_or(i64::MAX);
            let held = held_here(self.pm, &tx.state, &requester);
            let held = held.map(|item| item.reference().to_string());
            // It is not for the work of the one who had it.
            let own = ["agent", "task", "claim", "worktree", "branch", "confirmed"];
            taken.regs.retain(|name, _| !own.contains(&name.as_str()));
            for (field, value) in [
                ("actor", Value::from(requester.actor.as_str())),
                ("replica", replica.as_str().into()),
                ("worktree", requester.worktree.clone().into()),
                ("branch", requester.branch.clone().into()),
                ("task", held.into()),
                ("created_at", rfc3339(now).into()),
                ("expires", until.into()),
                ("reason", reason.into()),
                ("began_commit", head.clone().into()),
            ] {
                taken.put(field, value);
            }
            let uid = taken.uid.clone();
            tx.insert(taken)?;
            tx.edit(&r.uid, |doc, clock| {
                doc.set("ended_reason", reason, clock);
                doc.set("ended", Value::from(format!("stolen by {who}")), clock)
            })?;
            Ok((true, uid))
        })
    }
}

/// The item that the caller holds and in whose worktree it is: what is reserved there is for it, and
/// ends with it. What an agent reserves elsewhere is for the only work that it has in a worktree: the
/// server of its tools has one folder, and its shell another.
fn held_here<'s>(pm: &Pm, state: &'s State<'_>, requester: &Requester) -> Option<&'s Item> {
    let is_own =
        |item: &Item| item.holder().is_some() && ownership::require_own(pm, state, item).is_ok();
    let branch = requester.branch.as_ref();
    let here = branch.and_then(|branch| state.scan(&Scan::Branch(branch), is_own, 1).pop());
    if here.is_some() || !pm.actor.is_agent {
        return here;
    }
    let places = pm.here().worktrees;
    let is_mine = |item: &Item| {
        let claim = item.holder().filter(|claim| claim.agent == pm.actor.own);
        let placed = |branch: &String| places.contains_key(branch);
        claim.is_some() && item.branch.as_ref().is_some_and(placed) && is_own(item)
    };
    let mut mine = state.scan(&Scan::Held, is_mine, 2);
    mine.pop().filter(|_| mine.is_empty())
}

/// Renews the caller's own reservation of the same paths, if there is one: a second one would say nothing
/// more. Returns its uid.
fn renewed(
    pm: &Pm,
    tx: &mut Tx<'_>,
    request: &grant::Request,
    requester: &Requester,
    patterns: &[Pattern],
) -> Result<Option<Uid>> {
    let wanted: BTreeSet<&String> = request.patterns.iter().collect();
    let task = request.task.as_ref().map(|task| &task.uid);
    let is_same = |r: &Reservation| {
        r.patterns.iter().collect::<BTreeSet<_>>() == wanted
            && r.mode == request.mode
            && r.shared == request.shared
            && r.advisory == request.advisory
            && r.branch == request.branch
            && r.worktree == request.worktree
            && r.claim.is_none()
            && r.replica == requester.replica
            && r.task.as_ref().and_then(|task| task.uid.as_ref()) == task
            && ownership::made(pm, &r.actor, r.agent.as_deref(), &r.replica)
    };
    let ranked = queue::ranked_meeting(&tx.state, pm.now_ms(), here::case(pm), patterns);
    let own = ranked
        .into_iter()
        .find(|s| s.behind.is_none() && is_same(&s.reservation));
    let Some(own) = own.map(|s| s.reservation) else {
        return Ok(None);
    };
    let until = i64::try_from(request.expires_ms.max(own.expires_ms)).unwrap_or(i64::MAX);
    tx.edit(&own.uid, |doc, clock| {
        let mut changed = doc.set("expires", until, clock);
        if let Some(reason) = &request.reason {
            changed |= doc.set("reason", reason.as_str(), clock);
        }
        changed
    })?;
    tx.describe("reserve renew", &[], &request.patterns.join(" "));
    Ok(Some(own.uid))
}

/// Applies a change to the reservations that a selector names. It may make a reservation of its own, which is then
/// returned.
fn change(
    pm: &Pm,
    which: &ReservationSelector,
    of_others: bool,
    op: &str,
    mut act: impl FnMut(&mut Tx<'_>, &Reservation) -> Result<(bool, Uid)>,
) -> Result<Vec<ReservationView>> {
    let which = &ReservationSelector {
        names: which.names.clone(),
        task: here::named_before(pm, which.task.as_deref())?,
    };
    let write = pm.write(op).settled_if(of_others).uncompared();
    let uids = write.run(|tx, settling| {
        let found = select(pm, tx, which, of_others)?;
        let mut uids = Vec::new();
        let mut words = Vec::new();
        for r in found {
            if of_others && !ownership::is_here(pm, &r.replica) && !settling.is_final {
                return Err(Error::remote(format!(
                    "{} made that reservation in another clone, so ending it needs the remote",
                    r.actor
                ))
                .hint("run the command again when the remote can be reached")
                .because(Reason::ReservationRemote));
            }
            let (changed, uid) = act(tx, &r)?;
            if of_others && uid != r.uid {
                let confirmed = settling.confirmed.then_some(true);
                tx.edit(&uid, |doc, clock| doc.set("confirmed", confirmed, clock))?;
                settling.pending.reservations.push(uid.clone());
                settling.pending.until_ms = pm.now_ms() + length(&r);
            }
            if changed {
                words.push(r.patterns.join(" "));
            }
            uids.push(uid);
        }
        tx.describe(op, &[], &words.join("; "));
        Ok(uids)
    })?;
    if !of_others && pm.sync_mode() == SyncMode::Claim {
        sync::try_sync(pm);
    }
    let state = pm.store.state()?;
    let all = reservation_queries::views(pm, &state, true);
    Ok(all
        .into_iter()
        .filter(|v| uids.iter().any(|u| u.as_str() == v.uid))
        .collect())
}

/// How long a reservation is taken over: for the claim of its holder there is no time of its own.
fn length(r: &Reservation) -> u64 {
    r.claim.as_ref().map_or(r.ttl_ms, |_| RESERVATION_MS)
}

/// A new reservation with the values of another one and some of its patterns.
fn copy_of(tx: &mut Tx<'_>, r: &Reservation, has: &dyn Fn(&str) -> bool) -> Result<Doc> {
    let mut copy = Doc::new(tx.new_uid()?, "reservation", "", tx.fresh_stamp());
    if let Some(whole) = tx.state.doc(&r.uid) {
        for (field, reg) in &whole.regs {
            copy.put(field, reg.value.clone());
        }
        for set in ["patterns", "files"] {
            for one in whole.elements(set).filter(|one| has(one)) {
                copy.put_element(set, one);
            }
        }
    }
    Ok(copy)
}

/// Releases some patterns of a reservation: they become one of their own, which is ended.
fn release_part(
    tx: &mut Tx<'_>,
    r: &Reservation,
    patterns: &[&String],
    commit: Option<&str>,
) -> Result<Uid> {
    let mut part = copy_of(tx, r, &|one| patterns.iter().any(|p| *p == one))?;
    part.put("ended", "released");
    part.put("released_commit", commit.map(str::to_string));
    let uid = part.uid.clone();
    tx.insert(part)?;
    tx.edit(&r.uid, |doc, clock| {
        for pattern in patterns {
            doc.set_element("patterns", pattern, false, clock);
            doc.set_element("files", pattern, false, clock);
        }
        true
    })?;
    Ok(uid)
}

/// A name of a reservation, or one of its patterns, as it was given.
struct Given {
    word: String,
    /// As a pattern from the repository root.
    pattern: Option<String>,
}

impl Given {
    /// True if it is the name of the reservation.
    fn names(&self, r: &Reservation) -> bool {
        self.word.len() >= 4 && r.uid.as_str().ends_with(self.word.as_str())
    }

    /// True if it is this pattern.
    fn is(&self, pattern: &str) -> bool {
        pattern == self.word || Some(pattern) == self.pattern.as_deref()
    }
}

fn given(pm: &Pm, which: &ReservationSelector) -> Vec<Given> {
    let read = |word: &String| Given {
        word: word.clone(),
        pattern: path_arguments::pattern(pm, word)
            .ok()
            .map(|pattern| pattern.text().to_string()),
    };
    which.names.iter().map(read).collect()
}

fn select(
    pm: &Pm,
    tx: &Tx<'_>,
    which: &ReservationSelector,
    of_others: bool,
) -> Result<Vec<Reservation>> {
    let requester = pm.requester();
    let task = match &which.task {
        Some(id) => Some(tx.state.find(id)?.uid.clone()),
        None => None,
    };
    let given = given(pm, which);
    let own = |r: &Reservation| {
        r.replica == requester.replica
            && ownership::made(pm, &r.actor, r.agent.as_deref(), &r.replica)
    };
    let named = |r: &Reservation| {
        let is_one = |one: &Given| one.names(r) || r.patterns.iter().any(|pattern| one.is(pattern));
        given.iter().any(is_one)
    };
    let ranked = queue::ranked(&tx.state, pm.now_ms(), here::case(pm));
    let live = ranked.into_iter().map(|s| s.reservation);
    let live: Vec<Reservation> = live.filter(|r| of_others || own(r)).collect();
    let found: Vec<Reservation> = live
        .iter()
        .filter(|r| {
            let of_task = r.task.as_ref().and_then(|t| t.uid.as_ref()) == task.as_ref();
            (task.is_none() || of_task)
                && match given.is_empty() {
                    false => named(r),
                    true => task.is_some() || requester.owns(&tx.state, r),
                }
        })
        .cloned()
        .collect();
    if found.is_empty() {
        let whose = if of_others { "there is" } else { "you have" };
        let names = match which.names.join(" ") {
            names if names.is_empty() => names,
            names => format!(" `{}`", one_line(&names)),
        };
        // Without a name those made here were meant.
        let elsewhere = live.first().filter(|_| given.is_empty() && task.is_none());
        let place = elsewhere.map_or(String::new(), |r| {
            let key = r.worktree.as_deref().map_or("another".into(), one_line);
            format!(
                " in this worktree, but in {key}: `{}`",
                one_line(&r.patterns.join(" "))
            )
        });
        let error = Error::not_found(format!("{whose} no live reservation{names}{place}"))
            .because(Reason::ReservationUnknown);
        let release = elsewhere.and_then(|r| Some(["reserve", "release", r.patterns.first()?]));
        let error = release.into_iter().fold(error, |error, args| {
            error.hint(Hint::run(args, "releases it from here"))
        });
        return Err(error.hint(Hint::run(["reserve", "list"], "shows the live ones")));
    }
    Ok(found)
}

fn ttl(given: Option<Millis>) -> Result<u64> {
    let ttl = given.map_or(RESERVATION_MS, |given| given.0);
    if !(RESERVATION_MIN_MS..=LONGEST_MS).contains(&ttl) {
        return Err(Error::usage(
            "a reservation must last at least one minute and at most thirty days",
        )
        .hint("specify a duration such as `--ttl 4h`"));
    }
    Ok(ttl)
}
