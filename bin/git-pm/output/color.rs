//! Whether colors are shown: options, variables, terminal.
//!
//! Never with `--no-color`, else as `NO_COLOR`, `CLICOLOR`, `CLICOLOR_FORCE` and `TERM` say, else
//! only on a terminal.

use std::borrow::Cow;

use anstream::stream::RawStream;
use anstream::{AutoStream, ColorChoice};

/// Shows no colors in this run, as `--no-color` asks.
pub fn disable() {
    ColorChoice::Never.write_global();
}

/// Whether standard output shows colors.
pub fn is_shown() -> bool {
    AutoStream::choice(&std::io::stdout()) != ColorChoice::Never
}

/// A stream that drops the styles of what is written to it, unless it shows colors.
pub fn stream<S: RawStream>(stream: S) -> AutoStream<S> {
    AutoStream::auto(stream)
}

/// The text as a pager of standard output shows it.
pub fn paged(text: &str) -> Cow<'_, str> {
    match is_shown() {
        true => text.into(),
        false => anstream::adapter::strip_str(text).to_string().into(),
    }
}
