//! The current activity of an agent, for other processes that watch the run.
//!
//! These are derived figures in a file in the run's folder, which is replaced at most once a second
//! and removed when the agent ends. They are in no document, since a commit per model response would
//! be too many. A missing or damaged file means that nothing is known.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::used::{Prices, spent};
use super::view::AttemptUsedView;
use crate::agent::headless::Usage;
use crate::model::money::usd;
use crate::model::stamp::{parse_rfc3339, rfc3339};
use crate::model::text::{excerpt, head};
use crate::model::uid::Uid;
use crate::store::fault;

/// The time between two writes of the file.
const EVERY: Duration = Duration::from_secs(1);

/// The longest line that is shown, in characters.
const LINE_MAX: usize = 200;

/// The largest file that is read, in bytes.
const FILE_MAX: u64 = 16 << 10;

/// The suffix of these files' names.
const SUFFIX: &str = ".live.json";

/// The known figures of an agent at work.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Figures {
    /// The number of the attempt.
    pub attempt: u32,
    /// The time of its last output, RFC 3339.
    pub output_at: Option<String>,
    /// Its last message, on one line.
    pub last_line: Option<String>,
    /// The attempt's usage so far; `None` if the agent has not reported it.
    pub used: Option<AttemptUsedView>,
}

/// The figures of an agent at work, kept in a file until this is dropped.
pub(super) struct Live {
    shared: Arc<Shared>,
    writer: Option<JoinHandle<()>>,
    path: PathBuf,
    prices: Prices,
    now: Box<dyn Fn() -> u64 + Send>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    figures: Figures,
    is_new: bool,
    is_over: bool,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state
            .lock()
            .unwrap_or_else(|broken| broken.into_inner())
    }
}

impl Live {
    /// Starts recording the figures of an attempt.
    pub(super) fn begin(
        (folder, item, attempt): (&Path, &Uid, u32),
        prices: Prices,
        now: Box<dyn Fn() -> u64 + Send>,
    ) -> Live {
        let shared = Arc::new(Shared::default());
        shared.state().figures.attempt = attempt;
        let path = path_of(folder, item);
        let (seen, to) = (Arc::clone(&shared), path.clone());
        // On a separate thread: the last output of an agent that falls silent is still written, and
        // the disk does not hold the agent up. Without the thread nothing is known.
        let writer = std::thread::Builder::new().spawn(move || write_all(&seen, &to));
        Live {
            shared,
            writer: writer.ok(),
            path,
            prices,
            now,
        }
    }

    /// Records that the agent printed something, and its message, if any, already redacted.
    pub(super) fn said(&self, text: Option<&str>) {
        let line = text.and_then(|text| text.lines().rfind(|line| !line.trim().is_empty()));
        let line = line.map(|line| excerpt(head(line.trim(), 8 * LINE_MAX), LINE_MAX));
        let at = rfc3339((self.now)());
        self.change(|figures| {
            figures.output_at = Some(at);
            figures.last_line = line.or(figures.last_line.take());
        });
    }

    /// Records the attempt's usage so far; `model` is the one that the agent reports.
    pub(super) fn used(&self, model: Option<&str>, usage: Usage) {
        let spent = spent(usage);
        let price = self.prices.price(model, usage).ok().flatten();
        self.change(|figures| {
            figures.used = Some(AttemptUsedView {
                input_tokens: spent.input,
                cached_tokens: spent.cached,
                output_tokens: spent.output,
                cost_usd: price.map(|(cost, _)| usd(cost)),
            });
        });
    }

    fn change(&self, change: impl FnOnce(&mut Figures)) {
        let mut state = self.shared.state();
        change(&mut state.figures);
        if !state.is_new {
            state.is_new = true;
            self.shared.changed.notify_one();
        }
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.shared.state().is_over = true;
        self.shared.changed.notify_one();
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Writes the figures whenever they have changed, until the agent ends.
fn write_all(shared: &Shared, path: &Path) {
    loop {
        let state = shared.state();
        let waiting = |state: &mut State| !state.is_new && !state.is_over;
        let Ok(mut state) = shared.changed.wait_while(state, waiting) else {
            return;
        };
        if state.is_over {
            return;
        }
        state.is_new = false;
        let figures = state.figures.clone();
        drop(state);
        // If the write fails, others just do not see the figures.
        let _ = write(path, &figures);
        let going_on = |state: &mut State| !state.is_over;
        let pause = shared
            .changed
            .wait_timeout_while(shared.state(), EVERY, going_on);
        if pause.is_err() {
            return;
        }
    }
}

fn write(path: &Path, figures: &Figures) -> std::io::Result<()> {
    let bytes = serde_json::to_vec(figures)?;
    let temporary = path.with_extension("tmp");
    fault::replace(path, &temporary, &bytes, ["live-write", "live-rename"])
}

fn path_of(folder: &Path, item: &Uid) -> PathBuf {
    folder.join(format!("{item}{SUFFIX}"))
}

/// The figures of an attempt, if known. A program without a sandbox may have written the file.
pub(super) fn read(folder: &Path, item: &Uid, attempt: u32) -> Option<Figures> {
    let path = path_of(folder, item);
    let meta = std::fs::symlink_metadata(&path).ok()?;
    if !meta.is_file() || meta.len() > FILE_MAX {
        return None;
    }
    let bytes = std::fs::read(&path).ok()?;
    let figures: Figures = serde_json::from_slice(&bytes).ok()?;
    let clean = |line: String| excerpt(line.trim(), LINE_MAX);
    (figures.attempt == attempt).then(|| Figures {
        output_at: figures.output_at.filter(|at| parse_rfc3339(at).is_some()),
        last_line: figures.last_line.map(clean),
        ..figures
    })
}

/// Removes the figures that a killed process left in the folder of a run.
pub(super) fn remove_left(folder: &Path) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.ends_with(SUFFIX) || name.ends_with(".live.tmp") {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::headless::With;

    fn item() -> Uid {
        Uid::new("01jd4qz0r0000000000000k3f9").unwrap()
    }

    fn live(folder: &Path) -> Live {
        let prices = Prices {
            with: With::Claude,
            asked: None,
            set: Vec::new(),
        };
        let now = Box::new(|| 1_763_625_600_000);
        Live::begin((folder, &item(), 3), prices, now)
    }

    /// Waits until the figures are as wanted; a write follows within a second.
    fn wait(folder: &Path, wanted: impl Fn(&Figures) -> bool) -> Figures {
        let end = std::time::Instant::now() + Duration::from_secs(20);
        loop {
            if let Some(figures) = read(folder, &item(), 3).filter(|figures| wanted(figures)) {
                return figures;
            }
            assert!(std::time::Instant::now() < end, "not written");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// OB-16: the last of many messages is written though nothing follows it, then removed.
    #[test]
    fn ob_16_the_last_words_are_written_and_removed() {
        let dir = tempfile::tempdir().unwrap();
        let live = live(dir.path());
        assert_eq!(read(dir.path(), &item(), 3), None);
        for n in 0..10_000 {
            live.said(Some(&format!("word {n}")));
            let used = Usage {
                input: n,
                cached: n / 2,
                output: 7,
                cost: Some(n),
            };
            live.used(None, used);
        }
        live.said(Some("\nlast\n \n"));
        live.said(None);
        let figures = wait(dir.path(), |f| f.last_line.as_deref() == Some("last"));
        assert_eq!(figures.output_at.as_deref(), Some("2025-11-20T08:00:00Z"));
        let used = AttemptUsedView {
            input_tokens: 5_000,
            cached_tokens: 4_999,
            output_tokens: 7,
            cost_usd: Some(usd(9_999)),
        };
        assert_eq!(figures.used, Some(used));
        assert_eq!(read(dir.path(), &item(), 2), None, "of another attempt");
        drop(live);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    /// OB-16: bad contents only make the figures unknown, and the text shown is one clean line.
    #[test]
    fn ob_16_a_damaged_file_is_unknown() {
        let dir = tempfile::tempdir().unwrap();
        let path = path_of(dir.path(), &item());
        let huge = format!(r#"{{"attempt":3,"last_line":"{}"}}"#, "x".repeat(1 << 20));
        for text in ["", "{", "[]", "null", "\u{0}", r#"{"attempt":-3}"#, &huge] {
            std::fs::write(&path, text).unwrap();
            assert_eq!(
                read(dir.path(), &item(), 3),
                None,
                "{}",
                &text[..text.len().min(20)]
            );
        }
        let text = r#"{"attempt":3,"output_at":"soon\u001b[2J","last_line":"a\u001b[31m\nb"}"#;
        std::fs::write(&path, text).unwrap();
        let figures = read(dir.path(), &item(), 3).unwrap();
        assert_eq!(figures.output_at, None);
        assert_eq!(figures.last_line.as_deref(), Some(r"a\u{1b}[31m b"));
        std::fs::write(dir.path().join("options.json"), "{}").unwrap();
        remove_left(dir.path());
        assert!(!path.exists() && dir.path().join("options.json").exists());
        std::fs::create_dir(&path).unwrap();
        assert_eq!(read(dir.path(), &item(), 3), None);
    }
}
