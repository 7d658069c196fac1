//! When findings of several reviewers are duplicates, and how many reviewers agree on each.

use std::collections::HashMap;

use crate::found::Found;
use crate::similarity::{Weights, read};

/// The similarity from which two claims are taken to be the same, with the built-in weights and the
/// claims of the review. Of 4,539 pairs of true findings in withmartian/code-review-benchmark it joins
/// 83 % of those about the same defect, and 85 % of what it joins is about the same defect; 0.2 gives
/// 91 and 81 %. Two of three reviewers then have the recall of one, with twice its precision.
/// `tests/review_data.rs` measures it.
pub const JOINED_AT: f64 = 0.25;

/// Additions for similarities of one call, the bound on its time: 10,000 findings of that benchmark's kind
/// need 12 million. What is not compared then stays alone, as if nobody agreed.
const ADDITIONS: usize = 60_000_000;

/// Who claims what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim<'f> {
    /// The claim: the first 2 KiB and 64 different words of it are read.
    pub text: &'f str,
    /// The reviewer's name.
    pub reviewer: &'f str,
}

impl<'f> From<&'f Found> for Claim<'f> {
    fn from(found: &'f Found) -> Self {
        Self {
            text: &found.claim,
            reviewer: &found.reviewer,
        }
    }
}

/// The claims of one review that are taken to be the same: their positions, ascending, by the first; each
/// claim is in one cluster. Claims of different reviewers are linked if they are at least `joined_at`
/// similar, which is above 0, and a cluster is what links connect: two claims of one reviewer meet only
/// through another's. The order of the claims makes no difference. 10,000 claims take a tenth of a second,
/// and less than one if they are made to take long: of more than 1,300 with the same 64 words only so many
/// are compared.
#[must_use]
pub fn clusters(claims: &[Claim<'_>], weights: &Weights, joined_at: f64) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..claims.len()).collect();
    order.sort_by_key(|&at| (read(claims[at].text), claims[at].reviewer));
    let mut groups = Groups::new(claims.len());
    let mut having: HashMap<String, Vec<(usize, f64)>> = HashMap::new();
    let mut sums = vec![0.0; claims.len()];
    let mut met = Vec::new();
    let mut additions = 0;
    for at in order {
        for (word, weight) in weights.vector(claims[at].text) {
            let earlier = having.entry(word).or_default();
            additions += earlier.len();
            for &(other, its) in &*earlier {
                if sums[other] == 0.0 {
                    met.push(other);
                }
                sums[other] += weight * its;
            }
            earlier.push((at, weight));
        }
        for other in met.drain(..) {
            if std::mem::take(&mut sums[other]) >= joined_at
                && claims[other].reviewer != claims[at].reviewer
            {
                groups.join(other, at);
            }
        }
        if additions > ADDITIONS {
            break;
        }
    }
    groups.clusters()
}

/// Sets of positions that are joined: each position names another of its set, or itself.
struct Groups(Vec<usize>);

impl Groups {
    fn new(length: usize) -> Self {
        Self((0..length).collect())
    }

    /// The position that stands for a set. Halves the way for the next call.
    fn first(&mut self, mut at: usize) -> usize {
        while self.0[at] != at {
            self.0[at] = self.0[self.0[at]];
            at = self.0[at];
        }
        at
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.first(a), self.first(b));
        self.0[a.max(b)] = a.min(b);
    }

    fn clusters(mut self) -> Vec<Vec<usize>> {
        let mut members = vec![Vec::new(); self.0.len()];
        for at in 0..self.0.len() {
            members[self.first(at)].push(at);
        }
        members.retain(|members| !members.is_empty());
        members
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn claim<'t>(reviewer: &'t str, text: &'t str) -> Claim<'t> {
        Claim { text, reviewer }
    }

    /// The clusters, each with the number of its reviewers.
    fn joined(claims: &[Claim<'_>]) -> Vec<(Vec<usize>, usize)> {
        let all = clusters(claims, &Weights::builtin(), JOINED_AT);
        let votes = |members: &[usize]| {
            let names: BTreeSet<&str> = members.iter().map(|&at| claims[at].reviewer).collect();
            names.len()
        };
        let counted = all.into_iter().map(|members| {
            let votes = votes(&members);
            (members, votes)
        });
        counted.collect()
    }

    #[test]
    fn the_same_claim_in_other_words_is_one() {
        let found = joined(&[
            claim("a", "The lock is released twice when close() fails"),
            claim("b", "Docs name a flag that does not exist"),
            claim(
                "b",
                "close() can fail after the lock has been released, releasing it twice",
            ),
            claim("c", "A closed connection is returned to the pool"),
        ]);
        assert_eq!(found, [(vec![0, 2], 2), (vec![1], 1), (vec![3], 1)]);
    }

    #[test]
    fn claims_of_one_reviewer_meet_only_through_anothers() {
        let (a, b) = ("lock released twice", "lock leaked twice");
        let own = [claim("x", a), claim("x", a), claim("x", b)];
        assert_eq!(joined(&own).len(), 3);
        let [one, two, three] = own;
        let others = [one, two, three, claim("y", b)];
        assert_eq!(joined(&others), [(vec![0, 1, 2, 3], 2)]);
    }

    #[test]
    fn claims_without_words_stay_alone() {
        assert_eq!(
            joined(&[claim("a", ""), claim("b", ""), claim("c", "12 §")]).len(),
            3
        );
        assert_eq!(joined(&[]), []);
    }

    #[test]
    fn hostile_claims_end_within_the_bound() {
        let text: String = (0..60_000).map(|n| format!("w{n} ")).collect();
        let names: Vec<String> = (0..10_000).map(|n| n.to_string()).collect();
        let claims: Vec<Claim<'_>> = names.iter().map(|name| claim(name, &text)).collect();
        let found = joined(&claims);
        assert!(found[0].1 > 1_000, "{}", found[0].1);
        assert!(found.iter().skip(1).all(|(members, _)| members.len() == 1));
    }

    proptest::proptest! {
        #[test]
        fn order_makes_no_difference(
            texts in proptest::collection::vec(("[x-z]", "([a-f]{2} ){0,5}"), 0..12),
            turn in 0_usize..12,
        ) {
            let claims: Vec<Claim<'_>> = texts.iter().map(|(name, text)| claim(name, text)).collect();
            let turned: Vec<usize> = (0..claims.len()).map(|at| (at + turn) % claims.len()).rev().collect();
            let others: Vec<Claim<'_>> = turned.iter().map(|&at| claims[at]).collect();
            let mut expected = joined(&claims);
            let mut found: Vec<(Vec<usize>, usize)> = joined(&others);
            for (members, _) in &mut found {
                for member in &mut *members {
                    *member = turned[*member];
                }
                members.sort_unstable();
            }
            found.sort();
            expected.sort();
            assert_eq!(found, expected);
            for (members, reviewers) in found {
                assert!(members.len() == 1 || reviewers > 1);
            }
        }
    }
}
