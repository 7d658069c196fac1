//! Standard error: errors with their hints, notices, and the few questions asked at a terminal.

use std::io::{BufRead, Write};

use git_pm::Error;
use git_pm::text::{block, one_line};

use super::color;
use crate::render::style::{Label, paint};

/// Prints an error, the conflicting reservations, and (unless quiet) the hints.
pub fn print(error: &Error, quiet: bool) {
    let mut text = format!(
        "{} {}\n",
        paint(Label::Error, "error:"),
        block(error.message())
    );
    for conflict in error.conflicts() {
        let task = conflict.task.as_deref().map(|task| format!(" for {task}"));
        text += &format!(
            "  {}  {}\n",
            paint(Label::Path, &one_line(&conflict.path)),
            one_line(&format!(
                "reserved by {}{} ({}, {})",
                conflict.shown_holder(),
                task.unwrap_or_default(),
                conflict.pattern,
                conflict.mode
            ))
        );
    }
    if !quiet {
        for hint in error.hints() {
            text += &format!(
                "{} {}\n",
                paint(Label::Hint, "hint:"),
                block(&hint.to_string())
            );
        }
    }
    write(&text);
}

/// Prints a notice.
pub fn note(text: &str) {
    write(&format!(
        "{} {}\n",
        paint(Label::Hint, "note:"),
        block(text)
    ));
}

/// Prints a warning.
pub fn warning(text: &str) {
    write(&format!(
        "{} {}\n",
        paint(Label::Warning, "warning:"),
        block(text)
    ));
}

/// Prints a line of the library.
pub fn line(text: &str) {
    write(&format!("{}\n", block(text)));
}

/// Prints styled lines.
pub fn page(text: &str) {
    write(text);
}

/// Asks a yes-or-no question; anything but yes means no, and the end of the input no answer.
pub fn ask(question: &str) -> Option<bool> {
    write(&format!("{} [y/N] ", block(question)));
    let mut answer = String::new();
    let read = std::io::stdin().lock().read_line(&mut answer).ok()?;
    (read > 0).then(|| matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

/// Asks for lines at the terminal; an empty one ends them.
pub fn ask_lines(question: &str) -> String {
    write(&format!(
        "{}\n(end with an empty line)\n> ",
        block(question)
    ));
    let mut answer = String::new();
    loop {
        let mut line = String::new();
        let read = std::io::stdin().lock().read_line(&mut line);
        if read.is_err() || line.trim().is_empty() {
            return answer;
        }
        answer += &line;
        write("> ");
    }
}

/// Writes to standard error; its failures cannot be reported.
fn write(text: &str) {
    let mut stderr = color::stream(std::io::stderr().lock());
    let _ = stderr.write_all(text.as_bytes());
    let _ = stderr.flush();
}
