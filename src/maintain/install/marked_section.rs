//! A section of a text file between two marked lines: written, replaced and removed.
//!
//! No byte outside it is touched. Pure.

/// The beginning of the first line.
const BEGIN: &str = "<!-- git-pm:begin";

/// The last line.
const END: &str = "<!-- git-pm:end -->";

/// The reason why a file is left as it is: its marks do not match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BrokenMarks;

/// The place of the section with its marks and without the line end after it.
fn find(text: &[u8]) -> Result<Option<(usize, usize)>, BrokenMarks> {
    let mut begin = None;
    let mut found = None;
    let mut at = 0;
    for line in text.split_inclusive(|b| *b == b'\n') {
        let bare = line.strip_suffix(b"\n").unwrap_or(line);
        let bare = bare.strip_suffix(b"\r").unwrap_or(bare);
        if bare.starts_with(BEGIN.as_bytes()) {
            if begin.is_some() || found.is_some() {
                return Err(BrokenMarks);
            }
            begin = Some(at);
        } else if bare == END.as_bytes() {
            let start = begin.take().ok_or(BrokenMarks)?;
            found = Some((start, at + bare.len()));
        }
        at += line.len();
    }
    match begin {
        Some(_) => Err(BrokenMarks),
        None => Ok(found),
    }
}

/// The file with the section: in its place, or else at the end after an empty line. The line ends
/// are those of the file.
pub(super) fn put(before: Option<&[u8]>, section: &str) -> Result<Vec<u8>, BrokenMarks> {
    let section = section.trim_end();
    let Some(text) = before else {
        return Ok(format!("{section}\n").into_bytes());
    };
    let crlf = text.windows(2).any(|two| two == b"\r\n");
    let line_end = if crlf { "\r\n" } else { "\n" };
    let section = section.replace('\n', line_end);
    let mut out = Vec::new();
    match find(text)? {
        Some((start, end)) => {
            out.extend_from_slice(&text[..start]);
            out.extend_from_slice(section.as_bytes());
            out.extend_from_slice(&text[end..]);
        }
        None => {
            out.extend_from_slice(text);
            out.extend_from_slice(line_end.as_bytes());
            let ended = text.is_empty() || text.ends_with(b"\n");
            // Without a line end here, `take` knows that the text had none.
            out.extend_from_slice(if ended { "" } else { line_end }.as_bytes());
            out.extend_from_slice(section.as_bytes());
            out.extend_from_slice(if ended { line_end } else { "" }.as_bytes());
        }
    }
    Ok(out)
}

/// The file without the section, as it was before [`put`]; `None` inside if nothing is left of a
/// file that held only the section.
pub(super) fn take(text: &[u8]) -> Result<Option<Option<Vec<u8>>>, BrokenMarks> {
    let Some((start, end)) = find(text)? else {
        return Ok(None);
    };
    let (mut before, mut after) = (&text[..start], &text[end..]);
    if before.is_empty() && after.iter().all(|b| matches!(b, b'\r' | b'\n')) {
        return Ok(Some(None));
    }
    let chop = |text: &[u8]| -> usize {
        match text {
            [.., b'\r', b'\n'] => 2,
            [.., b'\n'] => 1,
            _ => 0,
        }
    };
    let less = |text: &[u8]| text.len() - chop(text);
    if after.is_empty() {
        before = &before[..less(before)];
        before = &before[..less(before)];
    } else {
        // Only an empty line before the section is ours.
        let bare = &before[..less(before)];
        if bare.is_empty() || bare.ends_with(b"\n") {
            before = bare;
        }
        let line_end = after
            .iter()
            .position(|b| *b == b'\n')
            .map_or(0, |at| at + 1);
        after = &after[line_end..];
    }
    Ok(Some(Some([before, after].concat())))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECTION: &str = "<!-- git-pm:begin (x) -->\nours\n<!-- git-pm:end -->\n";

    #[test]
    fn a_section_is_removed_exactly() {
        for text in [
            "",
            "a",
            "a\n",
            "a\n\n",
            "a\r\nb\r\n",
            "a\r\nb",
            "\n",
            "\u{feff}a\n",
        ] {
            let with = put(Some(text.as_bytes()), SECTION).unwrap();
            assert!(with.starts_with(text.as_bytes()));
            assert_eq!(put(Some(&with), SECTION).unwrap(), with, "not idempotent");
            let without = take(&with).unwrap().unwrap().unwrap();
            assert_eq!(without, text.as_bytes(), "{text:?}");
        }
        let new = put(None, SECTION).unwrap();
        assert_eq!(new, SECTION.as_bytes());
        assert_eq!(take(&new), Ok(Some(None)));
        assert_eq!(take(b"nothing"), Ok(None));
    }

    #[test]
    fn text_around_a_section_stays_when_it_is_replaced_or_removed() {
        let with = put(Some(b"a\n"), SECTION).unwrap();
        let with = [&with[..], b"\nlater \xff bytes\n"].concat();
        let new = put(Some(&with), &SECTION.replace("ours", "new")).unwrap();
        let text = String::from_utf8_lossy(&new);
        assert!(text.contains("new") && !text.contains("ours"));
        assert_eq!(
            take(&new).unwrap().unwrap().unwrap(),
            b"a\n\nlater \xff bytes\n"
        );
    }

    #[test]
    fn marks_that_do_not_match_are_refused() {
        for text in [
            "<!-- git-pm:begin -->\n",
            "<!-- git-pm:end -->\n",
            "<!-- git-pm:begin -->\n<!-- git-pm:begin -->\n<!-- git-pm:end -->\n",
            "<!-- git-pm:begin -->\n<!-- git-pm:end -->\n<!-- git-pm:end -->\n",
        ] {
            assert_eq!(put(Some(text.as_bytes()), SECTION), Err(BrokenMarks));
            assert_eq!(take(text.as_bytes()), Err(BrokenMarks));
        }
    }
}
