//! Who wrote a value: the commits that its field comes from.
//!
//! They are found by following the parents that have the same value with the same stamp. Each walk
//! follows 128 values.

use std::collections::{BTreeMap, BinaryHeap, HashMap};

use super::file_history::Tracked;
use super::{Queued, load};
use crate::error::Result;
use crate::git::repo::{Commit, Oid, Repo};
use crate::model::doc::Reg;

/// The origin of a value.
#[derive(Clone, Debug)]
pub enum Origin {
    /// This commit wrote it: no parent has it.
    Written(Commit),
    /// The history begins with it, in this commit without parents.
    Begins(Commit),
    /// The available history does not reach back so far.
    Beyond,
    /// The limit of commits was reached. Anyone can add any number of them.
    Limit,
}

/// Reads a register in a tree.
pub type Read<'a> = dyn Fn(Oid) -> Result<Option<Reg>> + 'a;

/// A register whose value at a commit is followed back.
pub struct Wanted<'a> {
    /// The commit from which it is followed.
    pub tip: Oid,
    /// The paths that its document can have.
    pub paths: Vec<String>,
    /// The register in a tree.
    pub read: Box<Read<'a>>,
}

/// The result for one value.
#[derive(Clone, Debug, Default)]
pub struct Trail {
    /// Its origins. Lines of history that were joined can have it from several commits.
    pub origins: Vec<Origin>,
    /// Commits with another value from which the commits with this one continue, including the
    /// commit that wrote it.
    pub beside: Vec<Commit>,
}

impl Trail {
    /// True if no origin was found.
    pub fn is_unknown(&self) -> bool {
        let mut origins = self.origins.iter();
        origins.all(|origin| matches!(origin, Origin::Beyond | Origin::Limit))
    }

    /// True if the walk ended before all origins were known.
    pub fn is_cut_short(&self) -> bool {
        let mut origins = self.origins.iter();
        origins.any(|origin| matches!(origin, Origin::Limit))
    }
}

/// Follows values to the commits that wrote them, through at most `left` commits, which is reduced
/// by those read.
///
/// # Errors
/// When an object is not here and the history is not shallow.
pub fn origins(repo: &Repo, wanted: &[Wanted<'_>], left: &mut usize) -> Result<Vec<Trail>> {
    let mut trails = Vec::new();
    for wanted in wanted.chunks(Numbers::MAX) {
        let mut search = Search::new(repo, wanted)?;
        while *left > 0
            && let Some(Queued(commit)) = search.queue.pop()
        {
            *left -= 1;
            let asked = search.open.remove(&commit.id).unwrap_or_default();
            search.step(&commit, asked)?;
        }
        for asked in std::mem::take(&mut search.open).into_values() {
            search.end(asked, &Origin::Limit);
        }
        trails.append(&mut search.trails);
    }
    Ok(trails)
}

/// A set of numbers of wanted values.
#[derive(Clone, Copy, Default)]
struct Numbers(u128);

impl Numbers {
    const MAX: usize = u128::BITS as usize;

    fn iter(self) -> impl Iterator<Item = usize> {
        let mut left = self.0;
        std::iter::from_fn(move || {
            let number = left.trailing_zeros() as usize;
            left &= left.wrapping_sub(1);
            (number < Self::MAX).then_some(number)
        })
    }
}

/// The comparison with a parent's value.
enum Compared {
    Same,
    Older,
    Newer,
}

struct Search<'r, 'w> {
    repo: &'r Repo,
    wanted: &'w [Wanted<'w>],
    /// The value of each that is followed.
    values: Vec<Option<Reg>>,
    /// The numbers of its paths.
    places: Vec<Vec<usize>>,
    tracked: Tracked<'r>,
    trails: Vec<Trail>,
    queue: BinaryHeap<Queued>,
    /// The values followed at a queued commit.
    open: HashMap<Oid, Numbers>,
    /// All values ever followed at a commit.
    known: HashMap<Oid, Numbers>,
}

impl<'r, 'w> Search<'r, 'w> {
    fn new(repo: &'r Repo, wanted: &'w [Wanted<'w>]) -> Result<Self> {
        let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
        let mut paths: Vec<String> = Vec::new();
        let mut places: Vec<Vec<usize>> = Vec::new();
        for one in wanted {
            let mut number = |path: &'w String| {
                *numbers.entry(path).or_insert_with(|| {
                    paths.push(path.clone());
                    paths.len() - 1
                })
            };
            places.push(one.paths.iter().map(&mut number).collect());
        }
        let mut search = Search {
            repo,
            wanted,
            values: Vec::new(),
            places,
            tracked: Tracked::new(repo, &paths),
            trails: vec![Trail::default(); wanted.len()],
            queue: BinaryHeap::new(),
            open: HashMap::new(),
            known: HashMap::new(),
        };
        for (number, one) in wanted.iter().enumerate() {
            let tip = repo.commit(one.tip)?;
            search.values.push((one.read)(tip.tree)?);
            search.ask(tip, Numbers(1 << number));
        }
        Ok(search)
    }

    fn ask(&mut self, commit: Commit, asked: Numbers) {
        let known = self.known.entry(commit.id).or_default();
        let new = Numbers(asked.0 & !known.0);
        known.0 |= new.0;
        if new.0 == 0 {
            return;
        }
        let open = self.open.entry(commit.id).or_default();
        if open.0 == 0 {
            self.queue.push(Queued(commit));
        }
        open.0 |= new.0;
    }

    fn end(&mut self, asked: Numbers, origin: &Origin) {
        for number in asked.iter() {
            self.trails[number].origins.push(origin.clone());
        }
    }

    fn step(&mut self, commit: &Commit, asked: Numbers) -> Result<()> {
        if commit.parents.is_empty() {
            self.end(asked, &Origin::Begins(commit.clone()));
            return Ok(());
        }
        let (mut hidden, mut found, mut overwritten) = (false, Numbers(0), Numbers(0));
        let mut next = Vec::new();
        for parent in &commit.parents {
            let Some(parent) = load(self.repo, *parent)? else {
                hidden = true;
                continue;
            };
            let differing = self.tracked.differing(Some(parent.tree), commit.tree)?;
            let mut same = asked;
            if !differing.is_empty() {
                for number in asked.iter() {
                    let compared = self.compare(number, parent.tree, &differing)?;
                    if matches!(compared, Compared::Same) {
                        continue;
                    }
                    same.0 &= !(1 << number);
                    if matches!(compared, Compared::Newer) {
                        overwritten.0 |= 1 << number;
                    }
                    self.trails[number].beside.push(parent.clone());
                }
            }
            found.0 |= same.0;
            next.push((parent, same));
        }
        // No join takes a value that a parent has overwritten.
        let mut written = overwritten;
        let none = Numbers(asked.0 & !found.0 & !overwritten.0);
        match hidden {
            true => self.end(none, &Origin::Beyond),
            false => written.0 |= none.0,
        }
        if written.0 != 0 {
            self.end(written, &Origin::Written(commit.clone()));
        }
        for (parent, same) in next {
            self.ask(parent, Numbers(same.0 & !overwritten.0));
        }
        Ok(())
    }

    /// Compares the value in a parent's tree, which differs at some of the paths.
    fn compare(&self, number: usize, tree: Oid, differing: &[usize]) -> Result<Compared> {
        let places = &self.places[number];
        if !differing.iter().any(|place| places.contains(place)) {
            return Ok(Compared::Same);
        }
        let wanted = self.values[number].as_ref();
        let other = (self.wanted[number].read)(tree)?;
        Ok(match (other.as_ref(), wanted) {
            (other, wanted) if other == wanted => Compared::Same,
            (Some(_), None) => Compared::Newer,
            (Some(other), Some(wanted)) if other.stamp > wanted.stamp => Compared::Newer,
            _ => Compared::Older,
        })
    }
}
