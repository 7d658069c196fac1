//! The terminal of the board: taken over when it opens, restored when it closes.
//!
//! It is restored even after a panic or a signal.

use std::io::{self, Stdout, stdout};
use std::sync::Arc;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

use ratatui_core::terminal::Terminal;
use ratatui_crossterm::CrosstermBackend;
use ratatui_crossterm::crossterm::cursor::Show;
use ratatui_crossterm::crossterm::event::{
    DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture,
};
use ratatui_crossterm::crossterm::execute;
use ratatui_crossterm::crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};

use super::limits;
use super::state::Model;
use super::view::{self, Hits};
use crate::output::color;
use crate::output::stdout::reader_leaves_within;

/// Set while the terminal is ours.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// The terminal while it shows the board.
pub struct Screen {
    terminal: Terminal<CrosstermBackend<Stdout>>,
    colored: bool,
}

fn take() -> io::Result<()> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            give_back();
            usual(info);
        }));
    });
    TAKEN.store(true, Ordering::SeqCst);
    enable_raw_mode()?;
    execute!(
        stdout(),
        EnterAlternateScreen,
        EnableMouseCapture,
        EnableBracketedPaste
    )
}

/// Restores the terminal, if it is ours.
fn give_back() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        // If the terminal is gone, nothing can be done about it.
        let _ = execute!(
            stdout(),
            DisableBracketedPaste,
            DisableMouseCapture,
            LeaveAlternateScreen,
            Show
        );
        let _ = disable_raw_mode();
    }
}

impl Screen {
    /// Takes over the terminal.
    pub fn open() -> io::Result<Screen> {
        let taken = take().and_then(|()| Terminal::new(CrosstermBackend::new(stdout())));
        match taken {
            Ok(terminal) => Ok(Screen {
                terminal,
                colored: color::is_shown(),
            }),
            Err(error) => {
                give_back();
                Err(error)
            }
        }
    }

    /// Draws the state. Returns the positions of its elements.
    pub fn draw(&mut self, model: &Model) -> io::Result<Hits> {
        let mut hits = Hits::default();
        let colored = self.colored;
        self.terminal.draw(|frame| {
            hits = view::draw(frame.buffer_mut(), model, colored);
            if let Some(cursor) = hits.cursor {
                frame.set_cursor_position(cursor);
            }
        })?;
        Ok(hits)
    }

    /// Stops the process as Ctrl-Z does elsewhere, until its shell continues it. The whole group is
    /// stopped: the shell waits for the `git` that started this process.
    pub fn suspend(&mut self) -> io::Result<()> {
        self.close();
        rustix::process::kill_current_process_group(rustix::process::Signal::TSTP)?;
        self.reopen()
    }

    /// Restores the terminal for another program.
    pub fn close(&mut self) {
        give_back();
    }

    /// Takes over the terminal again; the next frame is drawn in full.
    pub fn reopen(&mut self) -> io::Result<()> {
        take()?;
        self.terminal.clear()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

/// Restores the terminal and ends the process on a signal or when the terminal is gone. Runs on its
/// own thread, as the loop that waits for keys does not return once the terminal is gone.
pub fn end_in_order() -> io::Result<()> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    let mut noted: Vec<(i32, Arc<AtomicBool>)> = Vec::new();
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        let flag = Arc::new(AtomicBool::new(false));
        signal_hook::flag::register(signal, Arc::clone(&flag))?;
        noted.push((signal, flag));
    }
    let end = |signal: i32| {
        give_back();
        let _ = signal_hook::low_level::emulate_default_handler(signal);
    };
    std::thread::Builder::new().spawn(move || {
        loop {
            let is_gone = reader_leaves_within(limits::SIGNAL_POLL_INTERVAL);
            let arrived = |(_, flag): &&(i32, Arc<AtomicBool>)| flag.load(Ordering::SeqCst);
            if let Some((signal, _)) = noted.iter().find(arrived) {
                end(*signal);
            }
            if is_gone {
                end(SIGTERM);
            }
        }
    })?;
    Ok(())
}
