//! The terminal: taken when the board opens, and given back as it was when it closes, also after a
//! panic or a signal.

use std::io::{self, Stdout, stdout};
use std::sync::Arc;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

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

use super::model::Model;
use super::view::{self, Hits};
use crate::output::stdout::reader_leaves_within;

/// Set while the terminal is ours.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// The terminal while the board is on it.
pub struct Screen {
    terminal: Terminal<CrosstermBackend<Stdout>>,
    coloured: bool,
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

/// Gives the terminal back; once, however often it is called.
fn give_back() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        // The terminal may be gone: nothing can be done about it then.
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
    /// Takes the terminal.
    pub fn open() -> io::Result<Screen> {
        let choice = anstream::AutoStream::choice(&stdout());
        let taken = take().and_then(|()| Terminal::new(CrosstermBackend::new(stdout())));
        match taken {
            Ok(terminal) => Ok(Screen {
                terminal,
                coloured: choice != anstream::ColorChoice::Never,
            }),
            Err(error) => {
                give_back();
                Err(error)
            }
        }
    }

    /// Draws the state. Returns what is where.
    pub fn draw(&mut self, model: &Model) -> io::Result<Hits> {
        let mut hits = Hits::default();
        let coloured = self.coloured;
        self.terminal.draw(|frame| {
            hits = view::draw(frame.buffer_mut(), model, coloured);
            if let Some(cursor) = hits.cursor {
                frame.set_cursor_position(cursor);
            }
        })?;
        Ok(hits)
    }

    /// Gives the terminal to another program.
    pub fn close(&mut self) {
        give_back();
    }

    /// Takes it again, and draws everything at the next time.
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

/// How often the end of the board is looked for.
const EVERY: Duration = Duration::from_millis(100);

/// Ends the process, with the terminal given back, when a signal says so or the terminal is gone. On a
/// thread of its own: the loop that waits for keys does not return when there is no terminal any more.
pub fn end_in_order() -> io::Result<()> {
    use signal_hook::consts::{SIGINT, SIGTERM};
    let mut signals = vec![SIGINT, SIGTERM];
    #[cfg(unix)]
    signals.push(signal_hook::consts::SIGHUP);
    let mut noted: Vec<(i32, Arc<AtomicBool>)> = Vec::new();
    for signal in signals {
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
            let is_gone = reader_leaves_within(EVERY);
            let arrived = |(_, flag): &&(i32, Arc<AtomicBool>)| flag.load(Ordering::SeqCst);
            if let Some((signal, _)) = noted.iter().find(arrived) {
                end(*signal);
            }
            if is_gone {
                end(signal_hook::consts::SIGTERM);
            }
        }
    })?;
    Ok(())
}
