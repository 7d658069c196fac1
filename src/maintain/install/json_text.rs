//! Changes of a JSON file that leave the rest of its text as it is.
//!
//! That includes order, indentation, line ends and comments. Pure.

use jsonc_parser::ast::Value as Node;
use jsonc_parser::common::{Range, Ranged};
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use serde_json::Value;

/// A value in a container: its key in an object, its place with the key, and the value.
pub(super) type Child<'n, 't> = (Option<&'n str>, Range, &'n Node<'t>);

/// Reads a text; `None` if it is not JSON (comments are allowed).
pub(super) fn parse(text: &str) -> Option<Node<'_>> {
    let options = ParseOptions {
        allow_comments: true,
        allow_loose_object_property_names: false,
        allow_trailing_commas: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    parse_to_ast(text, &CollectOptions::default(), &options)
        .ok()?
        .value
}

/// The members of an object or the elements of an array; none of another value.
pub(super) fn children<'n, 't>(node: &'n Node<'t>) -> Vec<Child<'n, 't>> {
    match node {
        Node::Object(object) => (object.properties.iter())
            .map(|one| (Some(one.name.as_str()), one.range, &one.value))
            .collect(),
        Node::Array(array) => (array.elements.iter())
            .map(|one| (None, one.range(), one))
            .collect(),
        _ => Vec::new(),
    }
}

/// A member of an object; of several of one name the last, which counts.
pub(super) fn member<'n, 't>(node: &'n Node<'t>, key: &str) -> Option<&'n Node<'t>> {
    let mut found = children(node).into_iter().rev();
    found
        .find(|child| child.0 == Some(key))
        .map(|child| child.2)
}

/// Appends an element to the array at a path of keys; missing objects and the array are added.
/// `None` if the text is not JSON, or something else is in that place.
pub(super) fn append(text: &str, path: &[&str], element: &Value) -> Option<String> {
    let root = parse(text)?;
    let mut node = &root;
    for (depth, key) in path.iter().enumerate() {
        node.as_object()?;
        match member(node, key) {
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
    node.as_array()?;
    Some(insert(text, node, path.len(), None, element))
}

/// Removes the value at a path of child numbers, and the containers that become empty by that,
/// except the outermost.
pub(super) fn remove(text: &str, path: &[usize]) -> Option<String> {
    let root = parse(text)?;
    let mut containers = vec![(root.range(), children(&root))];
    for n in &path[..path.len().checked_sub(1)?] {
        let (_, _, node) = containers.last()?.1.get(*n)?;
        containers.push((node.range(), children(node)));
    }
    let mut at = path.len() - 1;
    while at > 0 && containers[at].1.len() == 1 {
        at -= 1;
    }
    let ((whole, children), n) = (&containers[at], path[at]);
    let own = children.get(n)?.1;
    let (start, end) = match (n.checked_sub(1), children.get(n + 1)) {
        (Some(before), _) => (children[before].1.end, own.end),
        (None, Some(next)) => (own.start, next.1.start),
        (None, None) => (whole.start + 1, whole.end - 1),
    };
    Some(format!("{}{}", &text[..start], &text[end..]))
}

/// Inserts a member or an element at the end of a container at this depth.
fn insert(
    text: &str,
    container: &Node<'_>,
    depth: usize,
    key: Option<&str>,
    value: &Value,
) -> String {
    let unit = indentation(text);
    let line_end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let indent = |depth: usize| format!("{line_end}{}", unit.repeat(depth));
    let mut item = key
        .map(|key| format!("{}: ", Value::from(key)))
        .unwrap_or_default();
    item += &pretty(value, &unit, depth + 1, line_end);
    let inner = indent(depth + 1);
    match children(container).last() {
        Some((_, last, _)) => {
            let (before, after) = text.split_at(last.end);
            format!("{before},{inner}{item}{after}")
        }
        None => {
            let (before, after) = text.split_at(container.end() - 1);
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
            let array = member(member(&root, "hooks").unwrap(), "A").unwrap();
            assert_eq!(children(array).len(), 1, "{more}");
            let twice = append(&more, &["hooks", "A"], &json!(2)).unwrap();
            let root = parse(&twice).unwrap();
            let hooks = children(&root).len() - 1;
            let a = children(children(&root)[hooks].2).len() - 1;
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
