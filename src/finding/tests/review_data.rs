//! How well findings that several reviewers claim are found and joined, measured with what nine products said
//! about fifty pull requests:
//!
//! ```text
//! GIT_PM_REVIEW_DATA=code-review-benchmark cargo test -p git-pm-finding --test review_data -- --nocapture
//! ```
//!
//! The variable names a checkout of github.com/withmartian/code-review-benchmark; without it nothing is
//! measured.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use git_pm_finding::clusters::{Claim, JOINED_AT, clusters};
use git_pm_finding::similarity::Weights;
use serde_json::Value;

/// The products with the most findings, of which panels are made.
const PANELISTS: [&str; 9] = [
    "augment",
    "bugbot",
    "claude",
    "coderabbit",
    "copilot",
    "gemini",
    "greptile",
    "propel",
    "qodo",
];

/// Of a panel's size and the votes needed: precision, recall and findings per pull request, the mean over
/// all panels, with the words of all 2,000 findings counted; joined at 0.25 and at 0.2.
const PANELS: [(usize, usize, [[f64; 3]; 2]); 7] = [
    (1, 1, [[0.30, 0.43, 4.1], [0.30, 0.43, 4.1]]),
    (2, 2, [[0.70, 0.25, 0.9], [0.68, 0.29, 1.0]]),
    (3, 1, [[0.22, 0.68, 8.8], [0.23, 0.68, 7.8]]),
    (3, 2, [[0.62, 0.41, 1.7], [0.61, 0.45, 1.7]]),
    (3, 3, [[0.85, 0.20, 0.6], [0.84, 0.25, 0.7]]),
    (5, 2, [[0.51, 0.59, 2.8], [0.52, 0.63, 2.7]]),
    (5, 3, [[0.72, 0.44, 1.4], [0.72, 0.50, 1.5]]),
];

/// Recall and precision of the pairs of true findings about the same defect, at 0.25 and at 0.2.
const PAIRS: [[f64; 2]; 2] = [[0.81, 0.87], [0.90, 0.83]];

const THRESHOLDS: [f64; 2] = [JOINED_AT, 0.20];

struct Entry {
    product: String,
    text: String,
    /// The known defect that it is about.
    gold: Option<String>,
}

/// What was said about a pull request, and how many defects in it are known.
struct Pull {
    entries: Vec<Entry>,
    known: usize,
}

impl Pull {
    fn texts(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| entry.text.as_str())
    }
}

#[test]
fn joined_findings_are_those_of_the_same_defect() {
    let Some(data) = std::env::var_os("GIT_PM_REVIEW_DATA") else {
        println!("skipped: GIT_PM_REVIEW_DATA does not name a checkout of the data");
        return;
    };
    let pulls = pulls(Path::new(&data));
    let all = Weights::default().with(pulls.iter().flat_map(Pull::texts));
    let builtin = Weights::builtin();
    println!("all findings counted");
    measure(&pulls, |_| Cow::Borrowed(&all), &THRESHOLDS, 0.03);
    println!("built-in counts and those of the panel's findings in the pull request");
    let reviewed = |claims: &[Claim<'_>]| Cow::Owned(builtin.clone().with(texts(claims)));
    measure(&pulls, reviewed, &THRESHOLDS, 0.03);
    println!("built-in counts alone, which join more");
    measure(&pulls, |_| Cow::Borrowed(&builtin), &[JOINED_AT], 0.06);
    println!("the counts of the panel's findings in the pull request alone, which join less");
    let own = |claims: &[Claim<'_>]| Cow::Owned(Weights::default().with(texts(claims)));
    measure(&pulls, own, &[], 0.0);
}

fn texts<'c>(claims: &'c [Claim<'_>]) -> impl Iterator<Item = &'c str> {
    claims.iter().map(|claim| claim.text)
}

/// Prints the tables of one kind of weights, those of the claims compared, and asserts that they are the
/// tables above within a bound at some thresholds.
fn measure<'w>(
    pulls: &[Pull],
    weights: impl Fn(&[Claim<'_>]) -> Cow<'w, Weights>,
    compared: &[f64],
    bound: f64,
) {
    for (column, threshold) in THRESHOLDS.into_iter().enumerate() {
        let near = |found: &[f64], table: &[f64], what: &str| {
            if compared.contains(&threshold) {
                near(found, table, bound, &format!("{what} at {threshold}"));
            }
        };
        let found = pairs(pulls, &weights, threshold);
        let [recall, precision] = found;
        println!("  pairs at {threshold:.2}: recall {recall:.2} precision {precision:.2}");
        near(&found, &PAIRS[column], "pairs");
        for size in [1, 2, 3, 5] {
            let found = panels(pulls, &weights, threshold, size);
            for (_, need, table) in PANELS.iter().filter(|row| row.0 == size) {
                let row = found[need - 1];
                let [precision, recall, kept] = row;
                println!(
                    "  {need} of {size} at {threshold:.2}: {precision:.2} / {recall:.2} / {kept:.1}"
                );
                near(&row, &table[column], &format!("{need} of {size}"));
            }
        }
    }
}

/// Shares are within a bound of the table's, the number of findings within a tenth, besides rounding.
fn near(found: &[f64], table: &[f64], bound: f64, what: &str) {
    for (at, (found, table)) in found.iter().zip(table).enumerate() {
        let bound = if at == 2 { table / 10.0 + 0.05 } else { bound };
        assert!(
            (found - table).abs() <= bound,
            "{what}: {found:.3}, not {table}"
        );
    }
}

/// Precision, recall and clusters kept per pull request, for each number of votes needed from 1 to
/// `size`: the mean over all panels of that size.
fn panels<'w>(
    pulls: &[Pull],
    weights: &impl Fn(&[Claim<'_>]) -> Cow<'w, Weights>,
    threshold: f64,
    size: usize,
) -> Vec<[f64; 3]> {
    let known: usize = pulls.iter().map(|pull| pull.known).sum();
    let panels: Vec<u32> = (0..1_u32 << PANELISTS.len())
        .filter(|panel| panel.count_ones() as usize == size)
        .collect();
    let mut sums = vec![[0.0; 3]; size];
    for panel in &panels {
        let mut counts = vec![[0_usize; 3]; size];
        for pull in pulls {
            let sits = |entry: &&Entry| {
                let seat = PANELISTS.iter().position(|name| *name == entry.product);
                seat.is_some_and(|seat| panel & 1 << seat != 0)
            };
            let entries: Vec<&Entry> = pull.entries.iter().filter(sits).collect();
            let claims: Vec<Claim<'_>> = entries.iter().map(|entry| claim(entry)).collect();
            let mut defects = vec![BTreeSet::new(); size];
            for cluster in clusters(&claims, &weights(&claims), threshold) {
                let votes: BTreeSet<&str> = cluster.iter().map(|&at| claims[at].reviewer).collect();
                let gold: BTreeSet<&String> = cluster
                    .iter()
                    .filter_map(|&at| entries[at].gold.as_ref())
                    .collect();
                for need in 0..votes.len() {
                    counts[need][0] += usize::from(!gold.is_empty());
                    counts[need][2] += 1;
                    defects[need].extend(gold.iter().copied());
                }
            }
            for (counts, defects) in counts.iter_mut().zip(defects) {
                counts[1] += defects.len();
            }
        }
        for (sum, [right, defects, kept]) in sums.iter_mut().zip(counts) {
            sum[0] += right as f64 / kept.max(1) as f64;
            sum[1] += defects as f64 / known as f64;
            sum[2] += kept as f64 / pulls.len() as f64;
        }
    }
    sums.iter()
        .map(|sum| sum.map(|sum| sum / panels.len() as f64))
        .collect()
}

/// Recall and precision of what the threshold joins, of the pairs of true findings of two products, whose
/// claims in the pull request are those of the review.
fn pairs<'w>(
    pulls: &[Pull],
    weights: &impl Fn(&[Claim<'_>]) -> Cow<'w, Weights>,
    threshold: f64,
) -> [f64; 2] {
    let (mut pairs, mut same, mut joined, mut both) = (0, 0, 0, 0);
    for pull in pulls {
        let mut of: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
        for entry in &pull.entries {
            of.entry(&entry.product).or_default().push(entry);
        }
        let products: Vec<&Vec<&Entry>> = of.values().collect();
        for (at, a) in products.iter().enumerate() {
            for b in &products[..at] {
                let claims: Vec<Claim<'_>> = a.iter().chain(*b).map(|entry| claim(entry)).collect();
                let weights = weights(&claims);
                let right = |a: &&&Entry| a.gold.is_some();
                for a in a.iter().filter(right) {
                    for b in b.iter().filter(right) {
                        let alike = clusters(&[claim(a), claim(b)], &weights, threshold).len() == 1;
                        pairs += 1;
                        same += usize::from(a.gold == b.gold);
                        joined += usize::from(alike);
                        both += usize::from(alike && a.gold == b.gold);
                    }
                }
            }
        }
    }
    assert_eq!((pairs, same), (4_539, 1_760));
    [both as f64 / same as f64, both as f64 / joined as f64]
}

fn claim(entry: &Entry) -> Claim<'_> {
    Claim {
        text: &entry.text,
        reviewer: &entry.product,
    }
}

fn pulls(data: &Path) -> Vec<Pull> {
    let path = data.join("offline/results/openai_gpt-5.2/evaluations.json");
    let text = std::fs::read_to_string(&path).expect("the recorded results");
    let recorded: BTreeMap<String, BTreeMap<String, Value>> =
        serde_json::from_str(&text).expect("JSON");
    let pulls: Vec<Pull> = recorded.values().map(pull).collect();
    let entries: usize = pulls.iter().map(|pull| pull.entries.len()).sum();
    let known: usize = pulls.iter().map(|pull| pull.known).sum();
    assert_eq!((pulls.len(), entries, known), (50, 2_000, 137));
    pulls
}

fn pull(products: &BTreeMap<String, Value>) -> Pull {
    let mut entries = Vec::new();
    let mut known = BTreeSet::new();
    for (product, results) in products {
        let each = |list: &str, text: &str| -> Vec<(String, Option<String>)> {
            let of = |result: &Value, key: &str| result[key].as_str().map(str::to_owned);
            let results = results[list].as_array().expect("a list");
            let each = results.iter().map(|result| {
                (
                    of(result, text).expect("a text"),
                    of(result, "golden_comment"),
                )
            });
            each.collect()
        };
        let wrong = each("false_positives", "candidate");
        for (text, gold) in each("true_positives", "matched_candidate")
            .into_iter()
            .chain(wrong)
        {
            known.extend(gold.clone());
            entries.push(Entry {
                product: product.clone(),
                text,
                gold,
            });
        }
        known.extend(
            each("false_negatives", "golden_comment")
                .into_iter()
                .map(|missed| missed.0),
        );
    }
    Pull {
        entries,
        known: known.len(),
    }
}
