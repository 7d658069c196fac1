//! Reads the output of `git diff`.
//!
//! Every line of a hunk is counted off by the hunk's header, so that content that looks like a header is
//! content. Work is linear in the size of the patch.

use super::{Diff, Fate, File, Hunk, Line};

impl Diff {
    /// A change from the output of `git diff --no-color --no-ext-diff --no-textconv --src-prefix=a/
    /// --dst-prefix=b/ -U0 -M --full-index`. Bytes that are not UTF-8 are replaced, and what is not
    /// understood is left out: it never fails. [`File::bytes`] is left for the caller.
    pub fn parse(patch: &[u8]) -> Self {
        let mut files = Vec::new();
        let mut current: Option<File> = None;
        let mut lines = patch.split(|byte| *byte == b'\n');
        while let Some(line) = lines.next() {
            if let Some(names) = line.strip_prefix(b"diff --git ") {
                files.extend(current.replace(begun(names)));
            } else if let Some(file) = &mut current {
                match line.strip_prefix(b"@@ ").and_then(ranges) {
                    Some(counts) => read_hunk(file, counts, &mut lines),
                    None => read_header(file, line),
                }
            }
        }
        files.extend(current);
        files.retain(|file| !file.path.is_empty());
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Self { files }
    }
}

/// A file of which only the line `diff --git` is known. Both names are the same there, unless it is
/// renamed, which later lines tell.
fn begun(names: &[u8]) -> File {
    let (first, second) = names.split_at(names.len() / 2);
    let second = second.strip_prefix(b" ").unwrap_or(second);
    let (first, second) = (name(first, b"a/"), name(second, b"b/"));
    File {
        path: if first == second {
            second
        } else {
            String::new()
        },
        old_path: None,
        fate: Fate::Modified,
        binary: false,
        bytes: 0,
        old_mode: 0,
        mode: 0,
        hunks: Vec::new(),
    }
}

fn read_header(file: &mut File, line: &[u8]) {
    let mode = |text: &[u8]| u32::from_str_radix(&lossy(text), 8).unwrap_or(0);
    let after = |start: &str| line.strip_prefix(start.as_bytes());
    if let Some(text) = after("new file mode ") {
        (file.fate, file.mode) = (Fate::Added, mode(text));
    } else if let Some(text) = after("deleted file mode ") {
        (file.fate, file.old_mode) = (Fate::Deleted, mode(text));
    } else if let Some(text) = after("old mode ") {
        file.old_mode = mode(text);
    } else if let Some(text) = after("new mode ") {
        file.mode = mode(text);
    } else if let Some(text) = after("rename from ") {
        (file.fate, file.old_path) = (Fate::Renamed, Some(name(text, b"")));
    } else if let Some(text) = after("rename to ").or_else(|| after("copy to ")) {
        file.path = name(text, b"");
        if file.fate != Fate::Renamed {
            file.fate = Fate::Added;
        }
    } else if let Some(text) = after("index ") {
        // `index OLD..NEW MODE`: the mode stands here if it is the same on both sides.
        if let Some(at) = text.iter().position(|byte| *byte == b' ') {
            (file.old_mode, file.mode) = (mode(&text[at + 1..]), mode(&text[at + 1..]));
        }
    } else if line.starts_with(b"--- a/") || line.starts_with(b"--- \"a/") {
        if file.fate == Fate::Deleted {
            file.path = name(&line[4..], b"a/");
        }
    } else if line.starts_with(b"+++ b/") || line.starts_with(b"+++ \"b/") {
        file.path = name(&line[4..], b"b/");
    } else if line.starts_with(b"Binary files ") || line == b"GIT binary patch" {
        file.binary = true;
    }
}

/// The first lines and numbers of lines of `-1,2 +3,4 @@`: old, then new.
fn ranges(text: &[u8]) -> Option<[(u32, u32); 2]> {
    let end = text.windows(3).position(|three| three == b" @@")?;
    let text = std::str::from_utf8(&text[..end]).ok()?;
    let (old, new) = text.strip_prefix('-')?.split_once(" +")?;
    let range = |text: &str| {
        let (start, count) = text.split_once(',').unwrap_or((text, "1"));
        Some((start.parse().ok()?, count.parse().ok()?))
    };
    Some([range(old)?, range(new)?])
}

/// Reads as many lines as the header of a hunk announces. Unchanged lines part hunks.
fn read_hunk<'p>(
    file: &mut File,
    [(mut old, olds), (mut new, news)]: [(u32, u32); 2],
    lines: &mut impl Iterator<Item = &'p [u8]>,
) {
    let (mut olds, mut news) = (olds, news);
    let mut hunk = Hunk::default();
    let full = |hunk: &Hunk| !(hunk.removed.is_empty() && hunk.added.is_empty());
    while olds > 0 || news > 0 {
        let Some(line) = lines.next() else { break };
        let text = line.get(1..).unwrap_or_default();
        let text = || lossy(text.strip_suffix(b"\r").unwrap_or(text));
        match line.first() {
            Some(b'-') => {
                let (number, text) = (old, text());
                hunk.removed.push(Line { number, text });
                (old, olds) = (old.saturating_add(1), olds.saturating_sub(1));
            }
            Some(b'+') => {
                let (number, text) = (new, text());
                hunk.added.push(Line { number, text });
                (new, news) = (new.saturating_add(1), news.saturating_sub(1));
            }
            Some(b'\\') => {}
            Some(b' ') | None => {
                if full(&hunk) {
                    file.hunks.push(std::mem::take(&mut hunk));
                }
                (old, olds) = (old.saturating_add(1), olds.saturating_sub(1));
                (new, news) = (new.saturating_add(1), news.saturating_sub(1));
            }
            Some(_) => break,
        }
    }
    if full(&hunk) {
        file.hunks.push(hunk);
    }
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A path as git writes it: in quotes with escapes if it has unusual bytes, followed by a tab if it
/// has spaces.
fn name(text: &[u8], prefix: &[u8]) -> String {
    let text = text.strip_suffix(b"\t").unwrap_or(text);
    let quoted = text.strip_prefix(b"\"").and_then(|t| t.strip_suffix(b"\""));
    let plain = match quoted {
        Some(inside) => unquoted(inside),
        None => text.to_vec(),
    };
    lossy(plain.strip_prefix(prefix).unwrap_or(&plain))
}

/// The bytes of a text with the escapes of C.
fn unquoted(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        at += 1;
        if *byte != b'\\' {
            out.push(*byte);
            continue;
        }
        let octal = text.get(at..at + 3).and_then(|digits| {
            let digits = std::str::from_utf8(digits).ok()?;
            u8::from_str_radix(digits, 8).ok()
        });
        if let Some(byte) = octal {
            out.push(byte);
            at += 3;
        } else if let Some(escaped) = text.get(at) {
            out.push(match escaped {
                b'a' => 7,
                b'b' => 8,
                b't' => b'\t',
                b'n' => b'\n',
                b'v' => 11,
                b'f' => 12,
                b'r' => b'\r',
                other => *other,
            });
            at += 1;
        }
    }
    out
}

#[cfg(test)]
mod tests;
