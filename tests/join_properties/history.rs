//! Random histories: replicas with clocks up to a day apart write every kind of field, merge,
//! crash between push and local swap, are copied, redact, raise and purge.

use std::collections::BTreeSet;

use git_pm::internals::model::codec::encode;
use git_pm::internals::model::doc::Doc;
use git_pm::internals::model::id::ItemRef;
use git_pm::internals::model::prose::VersionId;
use git_pm::internals::model::stamp::{Clock, DAY_MS, ReplicaId, Stamp, Tick};
use git_pm::internals::model::value::Value;
use git_pm::values::Uid;
use proptest::prelude::*;
use serde_json::json;

use crate::repo::paths;
use crate::state::{Extra, State, check_round_trip};

/// One step, interpreted freely: small numbers are simple steps.
pub type Step = (u8, u8, u8, u8);

/// The steps of a history.
pub fn steps(most: usize) -> impl Strategy<Value = Vec<Step>> {
    proptest::collection::vec(any::<Step>(), 4..most)
}

/// The start of the histories: 2025-11-20.
const BEGIN: u64 = 1_763_625_600_000;

const TEXTS: [&str; 8] = [
    "plain",
    "a, *b and - *c*",
    "no",
    "1.10",
    "the secret",
    "two\nlines: \"quoted\"",
    "日本語, 'x'",
    "---",
];

/// A write of a replica, to be found at the end.
#[derive(Clone, Debug)]
pub enum Wrote {
    Body {
        uid: Uid,
        id: VersionId,
        text: String,
        replaces: BTreeSet<VersionId>,
    },
    Criterion {
        uid: Uid,
        entry: String,
    },
    Doc {
        uid: Uid,
        born: String,
    },
}

#[derive(Clone)]
struct Replica {
    id: ReplicaId,
    wall: u64,
    seen: Tick,
    state: State,
}

/// A finished history.
pub struct History {
    /// The state of every replica at the end.
    pub ends: Vec<State>,
    /// Intermediate states.
    pub snapshots: Vec<State>,
    pub wrote: Vec<Wrote>,
}

/// Plays a history.
pub fn play(replicas: usize, steps: &[Step]) -> History {
    let mut world = World {
        replicas: (0..replicas)
            .map(|n| Replica {
                id: ReplicaId::new(&format!("r{n}")).unwrap(),
                wall: BEGIN + (n as u64 * 7919 * 3571) % DAY_MS,
                seen: Tick::default(),
                state: State::default(),
            })
            .collect(),
        wrote: Vec::new(),
    };
    let mut snapshots = Vec::new();
    for (n, step) in steps.iter().enumerate() {
        world.step(n, *step);
        if n % 5 == 4 {
            snapshots.push(world.replicas[usize::from(step.1) % replicas].state.clone());
        }
    }
    History {
        ends: world.replicas.into_iter().map(|r| r.state).collect(),
        snapshots,
        wrote: world.wrote,
    }
}

struct World {
    replicas: Vec<Replica>,
    wrote: Vec<Wrote>,
}

impl World {
    fn step(&mut self, n: usize, (what, who, x, y): Step) {
        let count = self.replicas.len();
        let (me, other) = (usize::from(who) % count, usize::from(x) % count);
        match what % 16 {
            // Merging from another replica is the most frequent step.
            0 | 1 => self.merge(me, other),
            2 => {
                // A clock that jumps, up to a day, also back.
                let jump = i64::from(x) * i64::from(y) * 1000 - 32_000_000;
                let wall = &mut self.replicas[me].wall;
                *wall = wall
                    .saturating_add_signed(jump)
                    .clamp(BEGIN, BEGIN + DAY_MS);
            }
            3 if x % 4 == 0 => {
                // A copied clone, which does not notice that it has the other's id and clock.
                self.merge(me, other);
                let (id, wall, seen) = {
                    let r = &self.replicas[other];
                    (r.id.clone(), r.wall, r.seen)
                };
                let copy = &mut self.replicas[me];
                (copy.id, copy.wall, copy.seen) = (id, wall, seen);
            }
            4 => {
                // Killed between push and local swap: the write is at the remote, the local clock
                // is unchanged.
                let before = self.replicas[me].clone();
                self.write(n, me, x, y);
                if me != other {
                    self.merge(other, me);
                    self.replicas[me] = before;
                    // The same field again, with the same stamp and another value.
                    let docs = self.replicas[me].state.docs.len() as u8;
                    if docs > 0 && !x.is_multiple_of(6) {
                        self.write(n, me, x, y.wrapping_add(docs));
                    }
                }
            }
            5 if x % 3 == 0 => self.redact(me, y),
            6 if x % 4 == 0 => self.raise(me, y),
            7 if x % 8 == 0 => {
                let uid = self.pick(me, y);
                self.edit(me, uid, |doc, _| doc.purge());
            }
            8 if x % 2 == 0 => self.extra(me, x, y),
            _ => {
                self.write(n, me, x, y);
                let wall = &mut self.replicas[me].wall;
                *wall += u64::from(y % 3) * 977;
            }
        }
    }

    fn merge(&mut self, into: usize, from: usize) {
        if into != from {
            let joined = self.replicas[into].state.join(&self.replicas[from].state);
            let seen = self.replicas[from].seen;
            let replica = &mut self.replicas[into];
            replica.state = joined;
            replica.seen = replica.seen.max(seen);
        }
    }

    fn clock(&self, me: usize) -> Clock {
        let replica = &self.replicas[me];
        Clock::new(replica.id.clone(), replica.wall, replica.seen)
    }

    fn pick(&self, me: usize, x: u8) -> Option<Uid> {
        let docs = &self.replicas[me].state.docs;
        docs.keys().nth(usize::from(x) % docs.len().max(1)).cloned()
    }

    fn edit(&mut self, me: usize, uid: Option<Uid>, change: impl FnOnce(&mut Doc, &Clock)) {
        let clock = self.clock(me);
        let Some(doc) = uid.and_then(|uid| self.replicas[me].state.docs.get_mut(&uid)) else {
            return;
        };
        // A purged item stays purged; a command would not find it.
        if !doc.purged {
            change(doc, &clock);
            doc.settle_shapes();
            check_round_trip(doc);
            self.replicas[me].seen = clock.tick();
        }
    }

    fn write(&mut self, n: usize, me: usize, x: u8, y: u8) {
        let uid = self.pick(me, y);
        if uid.is_none() || x.is_multiple_of(6) {
            return self.create(n, me, x / 6, y);
        }
        let text = TEXTS[usize::from(y) % TEXTS.len()];
        let replica = self.replicas[me].id.to_string();
        let mut wrote = None;
        self.edit(me, uid.clone(), |doc, clock| match x % 23 {
            0 => {
                doc.set("title", text, clock);
            }
            1 => {
                doc.set("priority", i64::from(y % 5), clock);
            }
            2 => {
                doc.set("assignee", y.is_multiple_of(2).then_some(text), clock);
            }
            3 | 4 => {
                doc.set_element(
                    "labels",
                    text,
                    x.is_multiple_of(2) || y.is_multiple_of(3),
                    clock,
                );
            }
            5 => {
                doc.set_element(
                    "depends_on",
                    &format!("T-{y:04}"),
                    y.is_multiple_of(2),
                    clock,
                );
            }
            6 | 7 => {
                let entry = format!("k{}", y % 16);
                if doc.entry("acceptance", &entry).is_none() {
                    let fields = [
                        ("text", Value::from(text)),
                        ("order", Value::from(i64::from(y))),
                    ];
                    doc.add_entry("acceptance", &entry, clock.stamp(None), &fields);
                } else {
                    doc.set_entry("acceptance", &entry, "text", format!("{text} {n}"), clock);
                }
                wrote = Some(entry);
            }
            8 => {
                let entry = format!("k{}", y % 16);
                doc.set_entry("acceptance", &entry, "done", y.is_multiple_of(3), clock);
                doc.set_entry("acceptance", &entry, "evidence", text, clock);
                doc.set_entry("acceptance", &entry, "removed", y.is_multiple_of(5), clock);
            }
            9 => {
                let fields = [
                    ("actor", Value::from("ana")),
                    ("replica", Value::from(replica.as_str())),
                    ("lease", Value::from(clock.wall_ms() as i64)),
                ];
                doc.add_entry("claims", &format!("{n}"), clock.stamp(None), &fields);
            }
            10 => {
                let all: Vec<String> = doc.entries("claims").map(|(id, _)| id.into()).collect();
                if let Some(claim) = all.get(usize::from(y) % all.len().max(1)) {
                    doc.set_entry("claims", claim, "confirmed", true, clock);
                    doc.set_entry(
                        "claims",
                        claim,
                        "ended",
                        y.is_multiple_of(2).then_some("x"),
                        clock,
                    );
                }
            }
            11 => {
                doc.set("deleted", y.is_multiple_of(2), clock);
            }
            12 if doc.born.is_empty() => {}
            12 => {
                doc.set("id", format!("T-{:04}", 100 + n), clock);
            }
            13 => {
                let value = match y % 6 {
                    0 => json!(1.5e300),
                    1 => json!([1, text, null]),
                    2 => json!({"b": text, "a": [[]]}),
                    3 => json!([]),
                    4 => json!({}),
                    _ => json!(u64::MAX),
                };
                doc.set("x-any", Value::from_json(value), clock);
            }
            14 => {
                doc.set_element("x-tags", text, !y.is_multiple_of(3), clock);
            }
            15 => {
                let entry = format!("{text}/{}", y % 3);
                if doc.entry("x-rec", &entry).is_none() {
                    doc.add_entry("x-rec", &entry, clock.stamp(None), &[]);
                }
                doc.set_entry("x-rec", &entry, text, i64::from(y), clock);
            }
            16 => match y % 3 {
                // Programs that disagree on the shape of a field.
                0 => {
                    doc.set("x-mixed", text, clock);
                }
                1 => {
                    doc.set_element("x-mixed", text, true, clock);
                }
                _ => doc.add_entry("x-mixed", text, clock.stamp(None), &[]),
            },
            // A text of a few words, often the same one: an empty body, a repeated text.
            _ => {
                let text = match y % 5 {
                    0 => String::new(),
                    1 => "again\n".into(),
                    _ => format!("{text} by {replica} {n}\n"),
                };
                doc.body.write(&text, clock);
            }
        });
        let Some(uid) = uid else { return };
        let Some(doc) = self.replicas[me].state.docs.get(&uid) else {
            return;
        };
        if let Some(entry) = wrote
            && !doc.purged
        {
            let uid = uid.clone();
            self.wrote.push(Wrote::Criterion { uid, entry });
        }
        // All present versions were written by a replica; recording one twice does no harm.
        for (id, version) in &doc.body.versions {
            if let Some(text) = &version.text {
                self.wrote.push(Wrote::Body {
                    uid: uid.clone(),
                    id: id.clone(),
                    text: text.clone(),
                    replaces: version.replaces.clone(),
                });
            }
        }
    }

    fn create(&mut self, n: usize, me: usize, x: u8, y: u8) {
        let clock = self.clock(me);
        let birth = clock.stamp(None);
        let target = self.pick(me, y);
        let doc = match x % 6 {
            4 => reservation(n, birth, me),
            5 if target.is_some() => comment(n, birth, &target.unwrap()),
            3 => {
                let mut doc = Doc::new(uid(n, y), "issue", &format!("pm-a3f8.{}", y % 3), birth);
                doc.put("title", "found");
                doc
            }
            _ => {
                // Few original ids and few uid endings, so that they clash.
                let born = format!("T-{:04}", 1 + y % 2);
                let mut doc = Doc::new(uid(n, y), "task", &born, birth);
                doc.put("title", TEXTS[usize::from(y) % TEXTS.len()]);
                doc.put_element("labels", "born");
                doc
            }
        };
        check_round_trip(&doc);
        let replica = &mut self.replicas[me];
        replica.seen = clock.tick();
        let (uid, born) = (doc.uid.clone(), doc.born.clone());
        replica.state.docs.entry(uid.clone()).or_insert(doc);
        self.wrote.push(Wrote::Doc { uid, born });
    }

    fn redact(&mut self, me: usize, y: u8) {
        let clock = self.clock(me);
        let uid = self.pick(me, y);
        let state = &mut self.replicas[me].state;
        let version = uid.and_then(|uid| state.docs[&uid].body.newest().cloned());
        match version {
            Some(id) if y.is_multiple_of(2) => {
                let id = id.to_string();
                state.pm.set_element("redacted_versions", &id, true, &clock);
            }
            _ => {
                let hash = Value::from(TEXTS[4]).hash();
                state.pm.set_element("redacted_values", &hash, true, &clock);
                // Removing it has no effect.
                let present = !y.is_multiple_of(3);
                state
                    .pm
                    .set_element("redacted_values", &hash, present, &clock);
            }
        }
        state.apply_redactions();
        check_round_trip(&state.pm);
        self.replicas[me].seen = clock.tick();
    }

    fn raise(&mut self, me: usize, y: u8) {
        let clock = self.clock(me);
        let by = [("by", Value::from("ana"))];
        let pm = &mut self.replicas[me].state.pm;
        pm.add_entry("raises", &format!("g{y}"), clock.stamp(None), &by);
        pm.set("setting", i64::from(y), &clock);
        if y.is_multiple_of(3) {
            // Its items are in two levels of folders from now on.
            pm.set("format", "3.0", &clock);
        }
        check_round_trip(pm);
        self.replicas[me].seen = clock.tick();
    }

    /// Another program changed the tree.
    fn extra(&mut self, me: usize, x: u8, y: u8) {
        const PATHS: [&str; 9] = [
            "README",
            "learnings/a.md",
            "tasks/00/T-0001-zzzz.md",
            "tasks/evil",
            "tasks/00/evil",
            "tasks/file",
            "pm.yaml",
            "comments",
            "deep",
        ];
        let n = usize::from(x / 2) % (PATHS.len() + 4);
        if n >= PATHS.len() {
            return self.tamper(me, y);
        }
        let path = PATHS[n];
        let extra = match y % 4 {
            0 | 1 => Extra::Bytes(format!("---\nkind: unknown {}\n---\n", y / 64).into_bytes()),
            _ => Extra::Prepared(usize::from(y / 4)),
        };
        let extras = &mut self.replicas[me].state.extras;
        extras.insert(path.to_string(), extra);
    }
}

impl World {
    /// A folder, garbage or a file edited by hand replaces a document.
    fn tamper(&mut self, me: usize, y: u8) {
        let state = &self.replicas[me].state;
        let all = paths(state);
        let Some((path, doc)) = all.get(usize::from(y / 8) % all.len().max(1)) else {
            return;
        };
        let text = encode(doc);
        let extra = match y % 8 {
            0 => Extra::Prepared(usize::from(y / 8)),
            1 => Extra::Bytes(text.replace("birth", "death").into_bytes()),
            2 => Extra::Bytes(b"garbage".to_vec()),
            // Edited by hand, but the same document.
            _ => Extra::Bytes(text.replacen("---\n", "---\n# by hand\n", 1).into_bytes()),
        };
        let path = path.clone();
        self.replicas[me].state.extras.insert(path, extra);
    }
}

/// Uids that often share their last four, eight or twelve characters.
fn uid(n: usize, y: u8) -> Uid {
    let mut random = [7; 10];
    random[0] = n as u8;
    match y % 5 {
        0 => {}
        1 => random[4] = y,
        2 => random[6] = y,
        _ => random[9] = y,
    }
    Uid::from_parts(BEGIN, random)
}

fn reservation(n: usize, birth: Stamp, me: usize) -> Doc {
    let uid = Uid::from_parts(BEGIN + n as u64, [n as u8; 10]);
    let mut doc = Doc::new(uid, "reservation", "", birth);
    doc.put("actor", format!("agent-{me}"));
    doc.put("mode", "commit");
    doc.put_element("patterns", "src/**");
    doc
}

fn comment(n: usize, birth: Stamp, item: &Uid) -> Doc {
    let uid = Uid::from_parts(BEGIN + n as u64, [n as u8; 10]);
    let clock = Clock::new(birth.replica.clone(), birth.ms, Tick::default());
    let mut doc = Doc::new(uid, "comment", "", birth);
    doc.put("item", ItemRef::to("T-0001", item).to_string());
    doc.put("author", "ana");
    doc.body.write(&format!("comment {n}\n"), &clock);
    doc
}
