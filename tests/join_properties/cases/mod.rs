//! Counterexamples that a simulation found for the first version of the design, each with the rule
//! that excludes it, and those found since. (C1, C2, C3 and C5 need a remote.)

mod counterexamples;
mod merges;
mod trees;

use git_pm::internals::model::codec::encode;
use git_pm::internals::model::doc::Doc;
use git_pm::internals::model::stamp::{Clock, ReplicaId, Tick};
use git_pm::internals::store::join::doc::{Redactions, join, redact};
use git_pm::values::Uid;

use crate::state::check_round_trip;

const T0: u64 = 1_763_625_600_000;

fn clock(replica: &str, ms: u64) -> Clock {
    Clock::new(ReplicaId::new(replica).unwrap(), T0 + ms, Tick::default())
}

fn task(n: u8) -> Doc {
    let birth = clock("a", 0).stamp(None);
    let mut random = [0; 10];
    random[9] = n;
    Doc::new(Uid::from_parts(T0, random), "task", "T-0001", birth)
}

/// Every order and grouping of three documents under redactions.
fn all_ways(three: [&Doc; 3], redactions: &Redactions) -> Doc {
    let join = |a: &Doc, b: &Doc| {
        let mut out = join(a, b);
        redact(&mut out, redactions);
        out
    };
    let [x, y, z] = three;
    let expected = join(&join(x, y), z);
    for (a, b, c) in [(x, z, y), (y, x, z), (y, z, x), (z, x, y), (z, y, x)] {
        assert_eq!(encode(&join(&join(a, b), c)), encode(&expected));
        assert_eq!(encode(&join(a, &join(b, c))), encode(&expected));
    }
    check_round_trip(&expected);
    expected
}
