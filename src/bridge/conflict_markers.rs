//! Refuses to import files with git's conflict markers.
//!
//! They have two versions of a record, and an import could not tell which one is meant.

use std::io::{self, BufRead};

use crate::error::{Error, Reason, Result};

/// Refuses a text with conflict markers. `shown` is the name of the file.
pub(super) fn refuse(shown: &str, text: &mut dyn BufRead) -> Result<()> {
    let found = first(text).map_err(|e| Error::io(format!("cannot read {shown}"), e))?;
    let Some(line) = found else {
        return Ok(());
    };
    Err(Error::refused(format!(
        "{shown} contains git conflict markers, the first one on line {line}; nothing was written"
    ))
    .because(Reason::ImportConflictMarkers)
    .about(shown)
    .hint("resolve the conflict in the file, then import it again"))
}

/// The line of the first conflict, from 1: all three markers in their order, outside of fenced code
/// in Markdown.
fn first(text: &mut dyn BufRead) -> io::Result<Option<usize>> {
    let (mut begun, mut divided, mut fence) = (None, false, None);
    let mut line = Vec::new();
    for n in 0.. {
        line.clear();
        if text.read_until(b'\n', &mut line)? == 0 {
            break;
        }
        let line = line.strip_suffix(b"\n").unwrap_or(&line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        fence = fence_after(fence, line);
        if line.starts_with(b"<<<<<<< ") && fence.is_none() {
            (begun, divided) = (Some(n + 1), false);
        } else if line == b"=======" {
            divided = true;
        } else if line.starts_with(b">>>>>>> ") && divided && begun.is_some() {
            return Ok(begun);
        }
    }
    Ok(None)
}

/// The code fence that is open after a line, as its character and length. It ends at a line with
/// only that character, at least as many.
fn fence_after(open: Option<(u8, usize)>, line: &[u8]) -> Option<(u8, usize)> {
    let line = line.trim_ascii();
    let Some(&mark) = line.first().filter(|mark| matches!(mark, b'`' | b'~')) else {
        return open;
    };
    let length = line.iter().take_while(|byte| **byte == mark).count();
    let rest = &line[length..];
    match open {
        Some((known, least)) => {
            let ends = mark == known && length >= least && rest.is_empty();
            open.filter(|_| !ends)
        }
        None => (length >= 3 && !(mark == b'`' && rest.contains(&b'`'))).then_some((mark, length)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(mut text: &[u8]) -> Option<usize> {
        super::first(&mut text).unwrap()
    }

    #[test]
    fn conflict_markers_are_found_and_mentions_of_them_are_not() {
        let marked = b"a\n<<<<<<< HEAD\nb\n||||||| base\n=======\r\nc\n>>>>>>> x\n";
        assert_eq!(first(marked), Some(2));
        assert_eq!(first(b"Title\n=======\n\n>>>>>>> quoted\n"), None);
        assert_eq!(first(b"```\n<<<<<<< a\n=======\n>>>>>>> b\n```\n"), None);
        assert_eq!(first(b"<<<<<<< HEAD\nb\n"), None);
        let talk = b"````\n```\n~~~\n<<<<<<< a\n=======\n>>>>>>> b\n````\n";
        assert_eq!(first(talk), None);
        assert_eq!(first(&[&talk[..], marked].concat()), Some(9));
        assert_eq!(first(&[b"``` `x`\n", &marked[..]].concat()), Some(3));
        assert_eq!(
            first(&[b"~~~\n~~\n```\n~~~~ \n", &marked[..]].concat()),
            Some(6)
        );
        let error = refuse("f.md", &mut &marked[..]).unwrap_err();
        assert!(error.message().contains("f.md") && error.message().contains("line 2"));
    }
}
