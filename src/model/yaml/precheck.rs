//! A check of front matter before the YAML library reads it. That library resolves aliases before
//! we could detect them and takes quadratic time on deep nesting, so both are found here, by a
//! scanner that tracks where nodes begin: quotes, lists, block texts, and lines that continue a
//! plain text. Input on which YAML readers disagree is refused.

use super::YamlError;

/// The greatest number of lists and mappings open at once on one line or inside brackets.
const MAX_OPEN: usize = 64;

/// Checks that `text` has no anchor, alias, tag, directive or second document, is not nested too
/// deeply, and breaks its lines with line feeds only.
///
/// # Errors
/// The first of these that it has, with the line of an anchor, alias or tag.
pub(super) fn check(text: &str) -> Result<(), YamlError> {
    // Characters that YAML treats as a line break or skips; the writer escapes all of them.
    if text.contains(['\r', '\u{85}', '\u{2028}', '\u{2029}', '\u{feff}']) {
        return Err(YamlError::Shape(
            "the front matter has a carriage return, an unusual line break or a byte order mark",
        ));
    }
    let mut guard = Guard {
        parent: -1,
        ..Guard::default()
    };
    for (number, line) in text.lines().enumerate() {
        guard
            .line(line.as_bytes())
            .map_err(|refusal| match refusal {
                Refusal::Reference => YamlError::Reference(number + 1),
                Refusal::Shape(what) => YamlError::Shape(what),
            })?;
    }
    Ok(())
}

enum Refusal {
    Reference,
    Shape(&'static str),
}

const TOO_DEEP: Refusal = Refusal::Shape("it is nested too deeply");

#[derive(Default)]
struct Guard {
    /// The number of open brackets.
    flow: usize,
    /// The open quote.
    quote: Option<u8>,
    /// Set while a plain text is open, which a deeper line would continue.
    plain: bool,
    /// The column of the innermost block list or mapping; -1 at the top.
    parent: isize,
    /// The column of the parent of the open block text.
    block: Option<isize>,
    /// The column of the scalar or bracket that may turn out to be a key.
    token: isize,
}

impl Guard {
    fn line(&mut self, line: &[u8]) -> Result<(), Refusal> {
        let indent = line.iter().take_while(|b| **b == b' ').count();
        let blank = line.iter().all(|b| matches!(b, b' ' | b'\t'));
        let deeper = column(indent) > self.parent;
        if let Some(holder) = self.block {
            if blank || column(indent) > holder {
                return Ok(());
            }
            self.block = None;
        }
        if self.quote.is_some() {
            return self.scan(line, 0, false);
        }
        if self.flow > 0 {
            return self.scan(line, 0, !self.plain);
        }
        if blank || (self.plain && deeper) {
            return Ok(());
        }
        if line.starts_with(b"---") || line.starts_with(b"...") || line.starts_with(b"%") {
            return Err(Refusal::Shape(
                "directives and multiple documents are not allowed",
            ));
        }
        self.plain = false;
        self.scan(line, indent, true)
    }

    /// Scans from byte `i`; `start` is set if a node may begin there.
    fn scan(&mut self, line: &[u8], mut i: usize, mut start: bool) -> Result<(), Refusal> {
        let mut opened = 0;
        while let Some(&c) = line.get(i) {
            let gap = matches!(line.get(i + 1), None | Some(b' ' | b'\t'));
            if let Some(quote) = self.quote {
                if quote == b'"' && c == b'\\' {
                    i += 1;
                } else if c == quote {
                    if quote == b'\'' && line.get(i + 1) == Some(&b'\'') {
                        i += 1;
                    } else {
                        self.quote = None;
                    }
                }
                i += 1;
                continue;
            }
            let after_gap = i == 0 || matches!(line[i - 1], b' ' | b'\t');
            match c {
                b' ' | b'\t' => {}
                b'#' if after_gap => {
                    self.plain = false;
                    break;
                }
                _ if self.flow > 0 => start = self.in_flow(c, gap, start)?,
                _ if self.plain => {
                    if c == b':' && gap {
                        (self.plain, self.parent, start) = (false, self.token, true);
                    }
                }
                b':' if !start && gap => (self.parent, start) = (self.token, true),
                _ if !start => {}
                b'-' | b'?' | b':' if gap => {
                    self.parent = column(i);
                    opened += 1;
                    if opened > MAX_OPEN {
                        return Err(TOO_DEEP);
                    }
                }
                b'|' | b'>' => {
                    self.block = Some(self.parent);
                    break;
                }
                b'[' | b'{' => {
                    self.token = column(i);
                    self.flow = 1;
                }
                _ => {
                    self.token = column(i);
                    start = false;
                    self.begin(c)?;
                }
            }
            i += 1;
        }
        Ok(())
    }

    /// Handles the first character of a scalar.
    fn begin(&mut self, c: u8) -> Result<(), Refusal> {
        match c {
            b'&' | b'*' | b'!' => return Err(Refusal::Reference),
            b'"' | b'\'' => self.quote = Some(c),
            _ => self.plain = true,
        }
        Ok(())
    }

    /// Handles one character inside brackets. Returns whether a node may begin after it.
    fn in_flow(&mut self, c: u8, gap: bool, start: bool) -> Result<bool, Refusal> {
        const AMBIGUOUS: Refusal =
            Refusal::Shape("a `?` in a plain scalar inside brackets must be quoted");
        match c {
            b',' => self.plain = false,
            b'[' | b'{' => {
                self.plain = false;
                self.flow += 1;
                if self.flow > MAX_OPEN {
                    return Err(TOO_DEEP);
                }
            }
            b']' | b'}' => {
                self.plain = false;
                self.flow -= 1;
                return Ok(false);
            }
            b'?' if (self.plain && gap) || (start && !gap) => return Err(AMBIGUOUS),
            b':' if self.plain && !gap => return Ok(false),
            b':' => self.plain = false,
            _ if self.plain => return Ok(false),
            b'?' | b'-' if start && gap => {}
            _ if start => {
                self.begin(c)?;
                return Ok(false);
            }
            _ => return Ok(false),
        }
        Ok(true)
    }
}

fn column(i: usize) -> isize {
    isize::try_from(i).unwrap_or(isize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> bool {
        matches!(check(text), Err(YamlError::Reference(_)))
    }

    #[test]
    fn anchors_aliases_and_tags_are_found_wherever_a_node_begins() {
        for bad in [
            "a: &x 1",
            "a: *x",
            "a: !!str 1",
            "- &a b",
            "a: [1, *b]",
            "&a b: c",
            "{\"a\":*x}",
            "? *x",
            "a:\n  *x",
            "- - *x",
            "\"q\": *x",
            "'q' : *x",
            "[a]: *x",
            "a: [\n  b,\n  *x]",
            // After a block text, whose end depends on the column of its key.
            "x:\n- - a: |\n    b: *x",
            "a: |\n  text\nb: *x",
            // After quotation marks inside a plain text.
            "a: foo\n  \"bar\nb: *x",
            "a: foo, \"bar\nb: *x",
            "a: x # , \"\nb: *x",
            "a: [foo\n \"bar, *x]",
            "a: it's\nb: *x",
        ] {
            assert!(refused(bad), "{bad}");
        }
    }

    #[test]
    fn the_same_characters_are_allowed_inside_texts() {
        for good in [
            "a: \"&x *y\"",
            "a: b&c",
            "a: '*'",
            "a: |\n  &not\n  *these",
            "a: >-\n\n  *these\n\n  !too\nb: c",
            "a: x * y",
            "a: \"q\\\"&\"",
            "a: Fix a, *b and - *c*",
            "a: why ? !x",
            "a: 'it''s *x'",
            "a: one\n  *two",
            "a: [don't, b]\nc: 'd'",
            "a: \"one\n  &two\"\nb: c",
            "# *x, &y\na: b",
        ] {
            assert!(check(good).is_ok(), "{good}");
        }
    }

    #[test]
    fn input_on_which_readers_disagree_or_fail_is_refused() {
        for bad in [
            "a: b\rc: d".to_string(),
            "\u{feff}a: b".into(),
            "a: b\u{2028}c".into(),
            "%TAG ! x\na: b".into(),
            "a: b\n...\nc: d".into(),
            "a: [?b]".into(),
            "a: [b ? c]".into(),
            format!("a: {}", "[".repeat(100)),
            format!("a: {}", "{".repeat(1_000_000)),
            "- ".repeat(100),
            "? ".repeat(1_000_000),
        ] {
            assert!(matches!(check(&bad), Err(YamlError::Shape(_))));
        }
    }
}
