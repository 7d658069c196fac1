//! Remembers driving distances between lockers.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

type Key = (String, String);

#[derive(Default)]
struct Inner {
    metres: HashMap<Key, u32>,
    order: VecDeque<Key>,
    hits: u64,
    misses: u64,
}

/// A bounded cache that drops the oldest pair first; it can be shared among threads.
pub struct DistanceCache {
    capacity: usize,
    inner: Mutex<Inner>,
}

impl DistanceCache {
    /// A cache for at most `capacity` pairs.
    pub fn new(capacity: usize) -> Self {
        Self {
            capacity,
            inner: Mutex::default(),
        }
    }

    /// The distance between two lockers, measured by `measure` when it is not known.
    /// The pair is kept without regard to direction.
    pub fn get_or_measure(&self, from: &str, to: &str, measure: impl FnOnce() -> u32) -> u32 {
        let key = pair(from, to);
        let mut inner = self.lock();
        if let Some(&metres) = inner.metres.get(&key) {
            inner.hits += 1;
            return metres;
        }
        inner.misses += 1;
        let metres = measure();
        if inner.metres.len() >= self.capacity {
            if let Some(oldest) = inner.order.pop_front() {
                inner.metres.remove(&oldest);
            }
        }
        inner.order.push_back(key.clone());
        inner.metres.insert(key, metres);
        metres
    }

    /// Pairs that are remembered.
    pub fn len(&self) -> usize {
        self.lock().metres.len()
    }

    /// Whether nothing is remembered.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Hits and misses so far.
    pub fn stats(&self) -> (u64, u64) {
        let inner = self.lock();
        (inner.hits, inner.misses)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn pair(from: &str, to: &str) -> Key {
    if from <= to {
        (from.to_string(), to.to_string())
    } else {
        (to.to_string(), from.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measures_once_for_both_directions() {
        let cache = DistanceCache::new(8);
        assert_eq!(cache.get_or_measure("AMS-1", "AMS-2", || 1200), 1200);
        assert_eq!(cache.get_or_measure("AMS-2", "AMS-1", || 9999), 1200);
        assert_eq!(cache.stats(), (1, 1));
    }

    #[test]
    fn drops_the_oldest_pair() {
        let cache = DistanceCache::new(2);
        cache.get_or_measure("A", "B", || 1);
        cache.get_or_measure("A", "C", || 2);
        cache.get_or_measure("A", "D", || 3);
        assert_eq!(cache.len(), 2);
        assert_eq!(cache.get_or_measure("A", "B", || 10), 10);
        assert_eq!(cache.get_or_measure("A", "D", || 30), 3);
    }
}
