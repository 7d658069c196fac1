//! The stream of an answer, split into events: Server-Sent Events, or JSON on lines. Pure.

/// The maximum size of a line and of an event, in bytes.
const EVENT_MAX: usize = 4 << 20;

/// The form of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// Server-Sent Events, of which only the data counts: it repeats the event's name.
    Events,
    /// One JSON value on each line.
    Lines,
}

/// The error for a line or an event above the maximum size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong;

/// A stream that is read in pieces.
#[derive(Debug)]
pub struct Frames {
    framing: Framing,
    line: Vec<u8>,
    data: Option<Vec<u8>>,
}

impl Frames {
    /// The beginning of a stream.
    pub fn new(framing: Framing) -> Frames {
        Frames {
            framing,
            line: Vec::new(),
            data: None,
        }
    }

    /// Consumes bytes and passes on the events that they complete.
    ///
    /// # Errors
    /// When a line or an event is too long.
    pub fn feed(&mut self, bytes: &[u8], each: &mut dyn FnMut(&[u8])) -> Result<(), TooLong> {
        let mut rest = bytes;
        while let Some(end) = rest.iter().position(|c| *c == b'\n') {
            self.extend(&rest[..end])?;
            rest = &rest[end + 1..];
            self.end_line(each)?;
        }
        self.extend(rest)
    }

    /// Passes on a final, unterminated event.
    ///
    /// # Errors
    /// When it is too long.
    pub fn finish(&mut self, each: &mut dyn FnMut(&[u8])) -> Result<(), TooLong> {
        if !self.line.is_empty() {
            self.end_line(each)?;
        }
        if let Some(data) = self.data.take() {
            each(&data);
        }
        Ok(())
    }

    fn extend(&mut self, part: &[u8]) -> Result<(), TooLong> {
        if self.line.len() + part.len() > EVENT_MAX {
            return Err(TooLong);
        }
        self.line.extend_from_slice(part);
        Ok(())
    }

    fn end_line(&mut self, each: &mut dyn FnMut(&[u8])) -> Result<(), TooLong> {
        let line = std::mem::take(&mut self.line);
        let line = line.strip_suffix(b"\r").unwrap_or(&line);
        match self.framing {
            Framing::Lines if line.trim_ascii().is_empty() => {}
            Framing::Lines => each(line),
            Framing::Events if line.is_empty() => {
                if let Some(data) = self.data.take() {
                    each(&data);
                }
            }
            Framing::Events => {
                let Some(value) = line.strip_prefix(b"data:") else {
                    return Ok(());
                };
                let value = value.strip_prefix(b" ").unwrap_or(value);
                let data = self.data.get_or_insert_default();
                if data.len() + value.len() > EVENT_MAX {
                    return Err(TooLong);
                }
                if !data.is_empty() {
                    data.push(b'\n');
                }
                data.extend_from_slice(value);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(framing: Framing, text: &[u8], step: usize) -> Vec<String> {
        let mut found = Vec::new();
        let mut frames = Frames::new(framing);
        let mut each = |data: &[u8]| found.push(String::from_utf8_lossy(data).into_owned());
        for part in text.chunks(step) {
            frames.feed(part, &mut each).unwrap();
        }
        frames.finish(&mut each).unwrap();
        found
    }

    #[test]
    fn events_are_the_same_in_pieces_of_any_size() {
        let text = b": comment\r\nevent: a\r\ndata: {\"a\":1}\r\n\r\n\n\ndata:x\ndata: y\n\nid: 3\ndata: [DONE]";
        for step in [1, 2, 7, 1000] {
            let found = read(Framing::Events, text, step);
            assert_eq!(
                found,
                ["{\"a\":1}", "x\ny", "[DONE]"],
                "in pieces of {step}"
            );
        }
    }

    #[test]
    fn lines_are_the_same_in_pieces_of_any_size() {
        for step in [1, 3, 1000] {
            let found = read(Framing::Lines, b"{\"a\":1}\r\n\n {}\n{\"b\"", step);
            assert_eq!(found, ["{\"a\":1}", " {}", "{\"b\""], "in pieces of {step}");
        }
    }

    #[test]
    fn a_line_without_end_is_refused() {
        for framing in [Framing::Events, Framing::Lines] {
            let mut frames = Frames::new(framing);
            let part = vec![b'x'; 1 << 20];
            let fed: Result<Vec<()>, TooLong> =
                (0..8).map(|_| frames.feed(&part, &mut |_| ())).collect();
            assert_eq!(fed, Err(TooLong));
        }
        let mut frames = Frames::new(Framing::Events);
        let part = [b"data: ", &vec![b'x'; 1 << 20][..], b"\n"].concat();
        let fed: Result<Vec<()>, TooLong> =
            (0..8).map(|_| frames.feed(&part, &mut |_| ())).collect();
        assert_eq!(fed, Err(TooLong));
    }
}
