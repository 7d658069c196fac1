//! Fetches and sends news while the server runs.
//!
//! It fetches if `pm.sync` is `always`, and sends if this clone has rules and is the one that sends.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::server::POLL_INTERVAL;
use crate::pm::{Options, Pm};
use crate::store::env::Env;

/// The time between two fetches, and between two messages of a rule.
const INTERVAL: Duration = Duration::from_secs(15);

/// Fetches and sends news until `stop` is set. What a rule could not send, `git pm notify list` shows.
pub(super) fn send_until(stop: &Arc<AtomicBool>, env: &Env, options: &Options) {
    let (stop, env, options) = (stop.clone(), env.clone(), options.clone());
    // Without a thread, only news are missing.
    let _ = std::thread::Builder::new().spawn(move || {
        while !stop.load(Ordering::Relaxed) {
            let begun = Instant::now();
            if let Ok(pm) = Pm::open(env.clone(), options.clone()) {
                let _ = pm.state().follow_remote();
                if pm.notifications().is_due() {
                    let _ = pm.notifications().send(false);
                }
            }
            while begun.elapsed() < INTERVAL && !stop.load(Ordering::Relaxed) {
                std::thread::sleep(POLL_INTERVAL);
            }
        }
    });
}
