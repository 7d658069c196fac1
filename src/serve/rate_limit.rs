//! How many requests a visitor may make: a token bucket for each, which refills at a steady rate.

use super::limits;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// The token buckets of all visitors.
pub(super) struct Rates {
    /// Requests per second.
    rate: f64,
    buckets: Mutex<HashMap<String, Bucket>>,
}

struct Bucket {
    left: f64,
    at: Instant,
}

impl Rates {
    /// Limits each visitor to `rate` requests per second, with bursts of twice as many.
    pub fn new(rate: u32) -> Rates {
        Rates {
            rate: f64::from(rate.max(1)),
            buckets: Mutex::default(),
        }
    }

    /// Takes one request from a visitor's bucket; if it is empty, returns the seconds to wait.
    pub fn take(&self, visitor: &str, now: Instant) -> Result<(), u64> {
        let most = self.rate * 2.0;
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= limits::VISITORS_MAX && !buckets.contains_key(visitor) {
            let rate = self.rate;
            buckets.retain(|_, b| b.left + now.duration_since(b.at).as_secs_f64() * rate < most);
        }
        let bucket = buckets.entry(visitor.to_string()).or_insert(Bucket {
            left: most,
            at: now,
        });
        let passed = now.duration_since(bucket.at).as_secs_f64();
        bucket.left = (bucket.left + passed * self.rate).min(most);
        bucket.at = now;
        if bucket.left < 1.0 {
            return Err(((1.0 - bucket.left) / self.rate).ceil().max(1.0) as u64);
        }
        bucket.left -= 1.0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_bucket_empties_and_fills() {
        let (rates, start) = (Rates::new(10), Instant::now());
        for _ in 0..20 {
            assert_eq!(rates.take("a", start), Ok(()));
        }
        assert_eq!(rates.take("a", start), Err(1));
        assert_eq!(rates.take("b", start), Ok(()), "each has its own");
        let later = start + Duration::from_millis(250);
        assert_eq!(rates.take("a", later), Ok(()));
        assert_eq!(rates.take("a", later), Ok(()));
        assert_eq!(rates.take("a", later), Err(1));
    }
}
