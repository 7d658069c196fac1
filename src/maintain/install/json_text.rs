//! Changes of a JSON file that leave the rest of its text as it is: order, indentation, line ends
//! and comments. Pure.

use serde_json::Value;

/// A value with its place in the text.
pub(super) struct Node {
    start: usize,
    end: usize,
    pub kind: Kind,
    pub children: Vec<Child>,
}

/// The kind of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Object,
    Array,
    Scalar,
}

/// An element of an array or a member of an object.
pub(super) struct Child {
    /// The beginning of the key, or of the value in an array.
    start: usize,
    pub key: Option<String>,
    pub node: Node,
}

/// The deepest nesting that is read.
const DEPTH: usize = 64;

/// Reads a text; `None` if it is not JSON (comments are allowed).
pub(super) fn parse(text: &str) -> Option<Node> {
    let mut reader = Reader { text, at: 0 };
    // A byte order mark stays where it is.
    if text.starts_with('\u{feff}') {
        reader.at = '\u{feff}'.len_utf8();
    }
    let node = reader.value(0)?;
    reader.space()?;
    (reader.at == text.len()).then_some(node)
}

/// Appends an element to the array at a path of keys; missing objects and the array are added.
/// `None` if the text is not JSON, or something else is in that place.
pub(super) fn append(text: &str, path: &[&str], element: &Value) -> Option<String> {
    let root = parse(text)?;
    let mut node = &root;
    for (depth, key) in path.iter().enumerate() {
        if node.kind != Kind::Object {
            return None;
        }
        match node.child(key) {
            Some(child) => node = child,
            None => {
                let mut value = Value::Array(vec![element.clone()]);
                for key in path[depth + 1..].iter().rev() {
                    value = Value::Object([((*key).to_string(), value)].into_iter().collect());
                }
                return Some(insert(text, node, depth, Some(key), &value));
            }
        }
    }
    (node.kind == Kind::Array).then(|| insert(text, node, path.len(), None, element))
}

/// Removes the value at a path of child numbers, and the containers that become empty by that,
/// except the outermost.
pub(super) fn remove(text: &str, path: &[usize]) -> Option<String> {
    let root = parse(text)?;
    let mut containers = vec![&root];
    for n in &path[..path.len().checked_sub(1)?] {
        let last = containers.last()?;
        containers.push(&last.children.get(*n)?.node);
    }
    let mut at = path.len() - 1;
    while at > 0 && containers[at].children.len() == 1 {
        at -= 1;
    }
    let (container, n) = (containers[at], path[at]);
    let child = container.children.get(n)?;
    let (start, end) = match (n.checked_sub(1), container.children.get(n + 1)) {
        (Some(before), _) => (container.children[before].node.end, child.node.end),
        (None, Some(next)) => (child.start, next.start),
        (None, None) => (container.start + 1, container.end - 1),
    };
    Some(format!("{}{}", &text[..start], &text[end..]))
}

/// Inserts a member or an element at the end of a container at this depth.
fn insert(text: &str, container: &Node, depth: usize, key: Option<&str>, value: &Value) -> String {
    let unit = indentation(text);
    let line_end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let indent = |depth: usize| format!("{line_end}{}", unit.repeat(depth));
    let mut item = key
        .map(|key| format!("{}: ", Value::from(key)))
        .unwrap_or_default();
    item += &pretty(value, &unit, depth + 1, line_end);
    let inner = indent(depth + 1);
    match container.children.last() {
        Some(last) => {
            let (before, after) = text.split_at(last.node.end);
            format!("{before},{inner}{item}{after}")
        }
        None => {
            let (before, after) = text.split_at(container.end - 1);
            format!("{}{inner}{item}{}{after}", before.trim_end(), indent(depth))
        }
    }
}

/// The indentation that a text uses for one level.
fn indentation(text: &str) -> String {
    let space = |line: &str| -> String {
        line.chars()
            .take_while(|c| matches!(c, ' ' | '\t'))
            .collect()
    };
    let found = text.lines().map(space).find(|space| !space.is_empty());
    found.unwrap_or_else(|| "  ".into())
}

fn pretty(value: &Value, unit: &str, depth: usize, line_end: &str) -> String {
    let mut out = Vec::new();
    let formatter = serde_json::ser::PrettyFormatter::with_indent(unit.as_bytes());
    let mut writer = serde_json::Serializer::with_formatter(&mut out, formatter);
    if serde::Serialize::serialize(value, &mut writer).is_err() {
        return value.to_string();
    }
    let text = String::from_utf8_lossy(&out).into_owned();
    text.replace('\n', &format!("{line_end}{}", unit.repeat(depth)))
}

impl Node {
    /// A member of an object; of several of one name the last, which counts.
    pub(super) fn child(&self, key: &str) -> Option<&Node> {
        let of_key = |child: &&Child| child.key.as_deref() == Some(key);
        self.children
            .iter()
            .rev()
            .find(of_key)
            .map(|child| &child.node)
    }

    /// The text of the value.
    pub(super) fn text<'t>(&self, text: &'t str) -> &'t str {
        &text[self.start..self.end]
    }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Skips white space and comments.
    fn space(&mut self) -> Option<()> {
        loop {
            let rest = &self.text[self.at..];
            if rest.starts_with("//") {
                self.at += rest.find('\n').unwrap_or(rest.len());
            } else if rest.starts_with("/*") {
                self.at += rest.find("*/")? + 2;
            } else if rest.starts_with([' ', '\t', '\r', '\n']) {
                self.at += 1;
            } else {
                return Some(());
            }
        }
    }

    fn value(&mut self, depth: usize) -> Option<Node> {
        self.space()?;
        let start = self.at;
        let (kind, children) = match self.peek()? {
            _ if depth > DEPTH => return None,
            b'{' => (Kind::Object, self.children(b'}', depth)?),
            b'[' => (Kind::Array, self.children(b']', depth)?),
            b'"' => {
                self.string()?;
                (Kind::Scalar, Vec::new())
            }
            _ => {
                let rest = &self.text[start..];
                let end = rest
                    .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '-')));
                self.at += end.unwrap_or(rest.len());
                serde_json::from_str::<Value>(&self.text[start..self.at]).ok()?;
                (Kind::Scalar, Vec::new())
            }
        };
        Some(Node {
            start,
            end: self.at,
            kind,
            children,
        })
    }

    fn children(&mut self, close: u8, depth: usize) -> Option<Vec<Child>> {
        let mut out = Vec::new();
        self.at += 1;
        loop {
            self.space()?;
            if self.peek()? == close {
                self.at += 1;
                return Some(out);
            }
            if !out.is_empty() {
                (self.peek()? == b',').then_some(())?;
                self.at += 1;
                self.space()?;
            }
            let start = self.at;
            let key = match close {
                b'}' => {
                    let key = self.string()?;
                    self.space()?;
                    (self.peek()? == b':').then_some(())?;
                    self.at += 1;
                    Some(key)
                }
                _ => None,
            };
            let node = self.value(depth + 1)?;
            out.push(Child { start, key, node });
        }
    }

    fn string(&mut self) -> Option<String> {
        (self.peek()? == b'"').then_some(())?;
        let start = self.at;
        self.at += 1;
        loop {
            match self.peek()? {
                b'"' => break,
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
        self.at += 1;
        serde_json::from_str(self.text.get(start..self.at)?).ok()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_element_is_appended_and_removed_without_touching_the_rest() {
        for text in [
            "{\n  \"z\": 1,\n  \"a\": [1.50, \"é\\u00e9\"]\n}\n",
            "{\r\n\t\"z\": 1\r\n}",
            "{\"z\":1}",
            "{\n    // a comment, with \"hooks\": {}\n    \"z\": 1 /* and } another */\n}\n",
            "{\n  \"hooks\": {\n    \"B\": [\n      {\"x\": 1}\n    ]\n  }\n}\n",
        ] {
            let more = append(text, &["hooks", "A"], &json!({"c": "git"})).unwrap();
            let root = parse(&more).unwrap_or_else(|| panic!("{more}"));
            let array = root.child("hooks").unwrap().child("A").unwrap();
            assert_eq!(array.children.len(), 1, "{more}");
            let twice = append(&more, &["hooks", "A"], &json!(2)).unwrap();
            let root = parse(&twice).unwrap();
            let hooks = root.children.len() - 1;
            let a = root.children[hooks].node.children.len() - 1;
            let once = remove(&twice, &[hooks, a, 1]).unwrap();
            assert_eq!(once, more);
            assert_eq!(remove(&once, &[hooks, a, 0]).unwrap(), text);
        }
        let made = append("{}", &["a"], &json!("x")).unwrap();
        assert_eq!(made, "{\n  \"a\": [\n    \"x\"\n  ]\n}");
    }

    #[test]
    fn what_is_not_json_is_left_alone() {
        for bad in [
            "",
            "{",
            "{]",
            "[1 2]",
            "{\"a\" 1}",
            "\"\\",
            "{\"a\": tru}",
            "{} x",
            "/*",
        ] {
            assert!(parse(bad).is_none(), "{bad}");
        }
        assert!(append("{\"a\": 1}", &["a", "b"], &json!(1)).is_none());
        assert!(append("[]", &["a"], &json!(1)).is_none());
        assert!(parse(&"[".repeat(100_000)).is_none());
    }
}
