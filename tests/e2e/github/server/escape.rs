//! Percent signs in paths, and letters that JSON need not escape but GitHub does.

/// A path's segment without its percent signs. A plus is a plus in paths.
pub fn unescaped(segment: &str) -> String {
    let bytes = segment.as_bytes();
    let (mut made, mut index) = (Vec::new(), 0);
    while index < bytes.len() {
        let escaped = (bytes[index] == b'%')
            .then(|| segment.get(index + 1..index + 3))
            .flatten()
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match escaped {
            Some(byte) => {
                made.push(byte);
                index += 3;
            }
            None => {
                made.push(bytes[index]);
                index += 1;
            }
        }
    }
    String::from_utf8_lossy(&made).into_owned()
}

/// A text as a path's segment.
pub fn in_path(text: &str) -> String {
    let mut made = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                made.push(char::from(byte));
            }
            _ => made.push_str(&format!("%{byte:02X}")),
        }
    }
    made
}

/// JSON that can stand in HTML: these letters occur in strings only.
pub fn in_html(json: &str) -> String {
    let mut made = String::with_capacity(json.len());
    for letter in json.chars() {
        match letter {
            '<' => made.push_str("\\u003c"),
            '>' => made.push_str("\\u003e"),
            '&' => made.push_str("\\u0026"),
            '\u{2028}' => made.push_str("\\u2028"),
            '\u{2029}' => made.push_str("\\u2029"),
            other => made.push(other),
        }
    }
    made
}
