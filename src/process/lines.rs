//! Splitting one output stream into lines of bounded length.

use super::{Line, Sink, Stream};

/// A summary of one stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Output {
    /// The number of bytes that the agent wrote.
    pub bytes: u64,
    /// The number of bytes that were passed on, not counting newlines.
    pub passed: u64,
    /// The number of lines that were passed on.
    pub lines: u64,
    /// The number of lines that were too long and were cut.
    pub cut_lines: u64,
    /// Set if the stream was longer than `output_max`, and the rest was dropped.
    pub is_truncated: bool,
}

/// The splitter of one stream.
#[derive(Debug)]
pub struct Lines {
    stream: Stream,
    line_max: usize,
    output_max: u64,
    output: Output,
    /// The beginning of a line whose end has not been read yet.
    partial: Vec<u8>,
    /// Set while the rest of a line that was cut is dropped.
    is_skipping: bool,
}

impl Lines {
    /// A splitter that passes on lines of at most `line_max` bytes, `output_max` bytes in total.
    pub fn new(stream: Stream, line_max: usize, output_max: u64) -> Lines {
        Lines {
            stream,
            line_max: line_max.max(1),
            output_max,
            output: Output::default(),
            partial: Vec::new(),
            is_skipping: false,
        }
    }

    /// A summary of the output so far.
    pub fn output(&self) -> Output {
        self.output
    }

    /// Takes the next bytes, and passes on the lines that they complete.
    pub fn feed(&mut self, mut bytes: &[u8], sink: &mut dyn Sink) {
        self.output.bytes += bytes.len() as u64;
        while !bytes.is_empty() && !self.output.is_truncated {
            let end = bytes.iter().position(|byte| *byte == b'\n');
            let (part, rest) = match end {
                Some(end) => (&bytes[..end], &bytes[end + 1..]),
                None => (bytes, &[][..]),
            };
            bytes = rest;
            if !self.is_skipping {
                self.take(part, sink);
            }
            if end.is_some() {
                if !self.is_skipping {
                    self.pass(false, sink);
                }
                self.is_skipping = false;
            }
        }
    }

    /// Passes on a last line without a newline.
    pub fn finish(&mut self, sink: &mut dyn Sink) {
        if !self.partial.is_empty() {
            self.pass(false, sink);
        }
    }

    /// Appends to the current line. One that is too long is passed on at once, without its rest.
    fn take(&mut self, part: &[u8], sink: &mut dyn Sink) {
        let room = self.line_max - self.partial.len();
        self.partial
            .extend_from_slice(&part[..part.len().min(room)]);
        if part.len() > room {
            self.pass(true, sink);
            self.is_skipping = true;
        }
    }

    fn pass(&mut self, is_cut: bool, sink: &mut dyn Sink) {
        if self.output.is_truncated {
            return;
        }
        let left = self.output_max - self.output.passed;
        let left = usize::try_from(left).unwrap_or(usize::MAX);
        let bytes = &self.partial[..self.partial.len().min(left)];
        let is_cut = is_cut || bytes.len() < self.partial.len();
        self.output.is_truncated = self.partial.len() > left;
        if !(self.output.is_truncated && bytes.is_empty()) {
            self.output.passed += bytes.len() as u64;
            self.output.lines += 1;
            self.output.cut_lines += u64::from(is_cut);
            sink.line(Line {
                stream: self.stream,
                bytes,
                is_cut,
            });
        }
        self.partial.clear();
        if self.partial.capacity() > 1 << 16 || self.output.is_truncated {
            self.partial = Vec::new();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Passed = Vec<(Vec<u8>, bool)>;

    /// Feeds `text` in pieces of `step` bytes.
    fn split(text: &[u8], step: usize, line_max: usize, output_max: u64) -> (Passed, Output) {
        let mut passed = Passed::new();
        let mut sink = |line: Line<'_>| passed.push((line.bytes.to_vec(), line.is_cut));
        let mut lines = Lines::new(Stream::Out, line_max, output_max);
        for piece in text.chunks(step) {
            lines.feed(piece, &mut sink);
        }
        lines.finish(&mut sink);
        let output = lines.output();
        (passed, output)
    }

    /// AG-49: lines arrive whole however the pipe splits them, among them an empty line, invalid
    /// UTF-8, and a last line without a newline.
    #[test]
    fn lines_do_not_depend_on_the_pieces() {
        let text = b"one\n\n\xff\xfe two\nlast";
        for step in 1..text.len() {
            let (passed, output) = split(text, step, 100, 100);
            let bytes: Vec<&[u8]> = passed.iter().map(|(bytes, _)| &**bytes).collect();
            assert_eq!(bytes, [b"one", &b""[..], b"\xff\xfe two", b"last"]);
            assert!(passed.iter().all(|(_, is_cut)| !is_cut));
            assert_eq!((output.bytes, output.lines), (text.len() as u64, 4));
            assert!(!output.is_truncated);
        }
    }

    /// AG-49: a line that is too long is cut, and the next line is whole again.
    #[test]
    fn a_long_line_is_cut() {
        for step in [1, 3, 100] {
            let (passed, output) = split(b"123456789\n12345\n123\n", step, 5, 100);
            let expected: Passed = vec![
                (b"12345".to_vec(), true),
                (b"12345".to_vec(), false),
                (b"123".to_vec(), false),
            ];
            assert_eq!(passed, expected, "in pieces of {step}");
            assert_eq!((output.cut_lines, output.is_truncated), (1, false));
        }
    }

    /// AG-49: no more than the bound is passed on; the rest is only counted.
    #[test]
    fn output_ends_at_the_bound() {
        for step in [1, 4, 100] {
            let (passed, output) = split(b"123\n45678\n9\n", step, 100, 5);
            let expected: Passed = vec![(b"123".to_vec(), false), (b"45".to_vec(), true)];
            assert_eq!(passed, expected, "in pieces of {step}");
            assert!(output.is_truncated);
            assert_eq!((output.bytes, output.passed), (12, 5));
        }
        let (_, output) = split(b"12345\n", 100, 100, 5);
        assert!(!output.is_truncated, "exactly the bound fits");
    }
}
