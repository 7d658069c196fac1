//! Runs a target: its corpus, then mutations of it, under a watchdog. A failing input is minimised
//! and written to the corpus, so that it is replayed from then on.

use std::any::Any;
use std::cell::Cell;
use std::collections::BTreeSet;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, Once};
use std::time::{Duration, Instant};

use crate::mutate::{Rng, mutate};

/// A fuzz target and its inputs.
pub struct Target {
    /// The folder of its corpus.
    pub name: &'static str,
    /// Tokens with a meaning for the target.
    pub tokens: &'static [&'static str],
    /// Further inputs, in addition to the corpus.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// Makes a new input.
    pub make: Option<fn(&mut Rng) -> Vec<u8>>,
    /// How many mutations a short run tries.
    pub rounds: usize,
}

/// How long one input may take before it counts as a hang, on a busy machine in a debug build.
const PATIENCE: Duration = Duration::from_secs(20);

/// For how long a failing input is minimised.
const SHRINKING: Duration = Duration::from_secs(5);

/// How many inputs of a new kind are kept to mutate further.
const MAX_POOL: usize = 4000;

/// Runs `probe` on the corpus and on mutations. It panics if a property fails, and returns the kind
/// of the input: a new kind is mutated further. `fresh` makes the world of the probe, which is
/// renewed from time to time.
pub fn run<W: 'static>(target: Target, fresh: fn() -> W, probe: fn(&mut W, &[u8]) -> String) {
    quiet_panics();
    let name = target.name;
    let current = Arc::new(Mutex::new(Vec::new()));
    let (beat, heard) = channel::<()>();
    let shared = Arc::clone(&current);
    let worker = std::thread::spawn(move || work(&target, fresh, probe, &shared, &beat));
    // Without progress for long, the present input hangs; its thread cannot be ended.
    loop {
        match heard.recv_timeout(PATIENCE) {
            Ok(()) => {}
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                let input = current.lock().unwrap().clone();
                panic!("{name}: no end after {PATIENCE:?}: {}", keep(name, &input));
            }
        }
    }
    if let Err(failure) = worker.join() {
        std::panic::resume_unwind(failure);
    }
}

fn work<W>(
    target: &Target,
    fresh: fn() -> W,
    probe: fn(&mut W, &[u8]) -> String,
    current: &Mutex<Vec<u8>>,
    beat: &std::sync::mpsc::Sender<()>,
) {
    let mut world = fresh();
    let mut attempt = |input: &[u8], renew: bool| -> Result<String, String> {
        input.clone_into(&mut current.lock().unwrap());
        let _ = beat.send(());
        if renew {
            world = fresh();
        }
        QUIET.set(true);
        let result = catch_unwind(AssertUnwindSafe(|| probe(&mut world, input)));
        QUIET.set(false);
        result.map_err(|panic| words(&*panic))
    };
    let mut pool = Vec::new();
    let mut kinds = BTreeSet::new();
    for (path, input) in corpus(target.name) {
        match attempt(&input, false) {
            Ok(kind) => drop(kinds.insert(kind)),
            Err(why) => panic!("{}: {}: {why}", target.name, path.display()),
        }
        pool.push(input);
    }
    assert!(!pool.is_empty(), "{}: there is no corpus", target.name);
    pool.extend((target.seeds)());
    let (seed, seconds) = settings();
    let begun = Instant::now();
    let mut rng = Rng(seed);
    let mut round = 0;
    loop {
        let done = match seconds {
            Some(seconds) => begun.elapsed().as_secs() >= seconds,
            None => round >= target.rounds,
        };
        if done {
            break;
        }
        round += 1;
        let made = target
            .make
            .filter(|_| rng.one_in(4))
            .map(|make| make(&mut rng));
        let base = made.unwrap_or_else(|| pool[rng.below(pool.len())].clone());
        let other = pool[rng.below(pool.len())].clone();
        let input = match rng.one_in(16) {
            true => base,
            false => mutate(&mut rng, &base, &other, target.tokens),
        };
        match attempt(&input, round % 200 == 0) {
            Ok(kind) => {
                if pool.len() < MAX_POOL && kinds.insert(kind) {
                    pool.push(input);
                }
            }
            Err(why) => {
                let small = shrink(input, |input| attempt(input, false).is_err());
                let why = attempt(&small, true).err().unwrap_or(why);
                let path = keep(target.name, &small);
                panic!("{}: seed {seed}, round {round}: {path}: {why}", target.name);
            }
        }
    }
    if seconds.is_some() {
        let kinds = kinds.len();
        println!(
            "{}: {round} inputs of {kinds} kinds, seed {seed}",
            target.name
        );
    }
}

/// The seed, which changes from run to run and is printed, and for how many seconds to run; without
/// that a few rounds.
fn settings() -> (u64, Option<u64>) {
    let number = |name: &str| {
        let text = std::env::var(name).ok()?;
        Some(
            text.parse()
                .unwrap_or_else(|_| panic!("{name} must be a number")),
        )
    };
    let seconds = number("GIT_PM_FUZZ_SECONDS");
    let drawn = || RandomState::new().build_hasher().finish();
    let seed = number("GIT_PM_FUZZ_SEED").unwrap_or_else(drawn);
    println!("GIT_PM_FUZZ_SEED={seed}");
    (seed, seconds)
}

fn folder(target: &str) -> PathBuf {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/fuzz");
    PathBuf::from(root).join(target)
}

fn corpus(target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let Ok(entries) = std::fs::read_dir(folder(target)) else {
        return Vec::new();
    };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let read = |path: PathBuf| {
        let bytes = std::fs::read(&path).unwrap();
        (path, bytes)
    };
    paths.into_iter().map(read).collect()
}

/// Writes a failing input to the corpus and returns its path.
fn keep(target: &str, input: &[u8]) -> String {
    let hash = git_pm::internals::model::uid::sha256_hex(input);
    let path = folder(target).join(format!("found-{}", &hash[..12]));
    match std::fs::create_dir_all(folder(target)).and_then(|()| std::fs::write(&path, input)) {
        Ok(()) => path.display().to_string(),
        Err(error) => format!("{} ({error}): {input:?}", path.display()),
    }
}

/// Removes all parts that are not needed for the failure, in ever smaller pieces.
fn shrink(mut input: Vec<u8>, mut fails: impl FnMut(&[u8]) -> bool) -> Vec<u8> {
    let begun = Instant::now();
    let mut size = input.len().div_ceil(2).max(1);
    loop {
        let mut at = 0;
        let before = input.len();
        while at < input.len() && begun.elapsed() < SHRINKING {
            let mut less = input.clone();
            less.drain(at..(at + size).min(input.len()));
            if fails(&less) {
                input = less;
            } else {
                at += size;
            }
        }
        if begun.elapsed() >= SHRINKING || (size == 1 && input.len() == before) {
            return input;
        }
        size = (size / 2).max(1);
    }
}

thread_local! {
    /// Whether a panic of this thread is expected.
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

fn quiet_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if QUIET.get() {
                PLACE.set(
                    panic
                        .location()
                        .map(ToString::to_string)
                        .unwrap_or_default(),
                );
            } else {
                before(panic);
            }
        }));
    });
}

thread_local! {
    /// The place of the last quiet panic.
    static PLACE: Cell<String> = const { Cell::new(String::new()) };
}

fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("a panic");
    format!("{text} ({})", PLACE.take())
}

/// The processor time of the thread that began it, if the system provides it; else the elapsed
/// time.
pub struct Work {
    begun: Instant,
    worked: Option<u64>,
}

impl Work {
    pub fn begin() -> Work {
        Work {
            begun: Instant::now(),
            worked: worked(),
        }
    }

    pub fn elapsed(&self) -> Duration {
        let since = self.worked.and_then(|before| worked()?.checked_sub(before));
        since.map_or_else(|| self.begun.elapsed(), Duration::from_nanos)
    }
}

/// The nanoseconds that this thread had a processor.
fn worked() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split(' ').next()?.parse().ok()
}
