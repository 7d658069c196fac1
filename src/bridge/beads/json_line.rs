//! One line of JSON Lines, parsed without losing a byte.
//!
//! A reader knows the position of each value, and a writer replaces single values and keeps all other
//! bytes. Pure.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::model::text::excerpt;

/// The escaping of texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Escaping {
    /// As Go does by default: also `<`, `>`, `&`, U+2028 and U+2029.
    Go,
    /// Only what JSON requires.
    Plain,
}

impl Escaping {
    /// The escaping of that name; any other is Go's.
    pub fn named(name: &str) -> Escaping {
        match name {
            "plain" => Escaping::Plain,
            _ => Escaping::Go,
        }
    }

    /// Its name in files and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Escaping::Go => "go",
            Escaping::Plain => "plain",
        }
    }
}

/// One member of an object.
#[derive(Clone, Debug)]
pub struct Member<'a> {
    /// Its key, unescaped.
    pub key: String,
    /// Its value as written.
    pub value: &'a str,
    /// The range of key and value in the line.
    span: Range<usize>,
}

/// An object with the positions of its members.
#[derive(Clone, Debug)]
pub struct Line<'a> {
    pub raw: &'a str,
    /// Its members in their order, with unique keys.
    pub members: Vec<Member<'a>>,
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Vec<(String, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::with_capacity(24);
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(members)
    }
}

impl<'a> Line<'a> {
    /// Reads an object.
    ///
    /// # Errors
    /// The reason that it is not an object, or its duplicate key.
    pub fn parse(raw: &'a str) -> Result<Line<'a>, String> {
        let mut reader = serde_json::Deserializer::from_str(raw);
        let read = reader
            .deserialize_map(Members)
            .and_then(|read| reader.end().map(|()| read))
            .map_err(|e| reason(&e))?;
        let mut keys: Vec<&str> = read.iter().map(|(key, _)| key.as_str()).collect();
        keys.sort_unstable();
        if let Some(twice) = keys.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(format!("the key `{}` occurs twice", shown(twice[0])));
        }
        let mut members: Vec<Member<'a>> = Vec::with_capacity(read.len());
        let mut from = raw.find('{').map_or(0, |at| at + 1);
        for (key, value) in read {
            let value = value.get();
            // The value borrows from the line, so its position follows from its address.
            let begin = value.as_ptr() as usize - raw.as_ptr() as usize;
            let quote = raw[from..begin].find('"').map_or(begin, |at| from + at);
            let end = begin + value.len();
            members.push(Member {
                key,
                value,
                span: quote..end,
            });
            from = end;
        }
        Ok(Line { raw, members })
    }

    /// A value as written.
    pub fn get(&self, key: &str) -> Option<&'a str> {
        let member = self.members.iter().find(|member| member.key == key)?;
        Some(member.value)
    }

    /// A value that is a text.
    pub fn text(&self, key: &str) -> Option<String> {
        serde_json::from_str(self.get(key)?).ok()
    }

    /// The line with some values replaced, inserted or (for `None`) removed. A new one is inserted
    /// after the last key that `rank` places before it; all other bytes are kept.
    pub fn patched(
        &self,
        changes: &BTreeMap<&str, Option<String>>,
        rank: impl Fn(&str) -> Option<usize>,
    ) -> String {
        struct Piece<'a> {
            rank: Option<usize>,
            text: String,
            /// The text between it and the previous member.
            gap: &'a str,
        }
        let mut pieces: Vec<Piece<'_>> = Vec::with_capacity(self.members.len() + changes.len());
        for (n, member) in self.members.iter().enumerate() {
            let Some(value) = changes
                .get(member.key.as_str())
                .map_or(Some(None), |change| change.as_ref().map(Some))
            else {
                continue;
            };
            let end = member.span.end - member.value.len();
            let mut text = self.raw[member.span.start..end].to_string();
            text.push_str(value.map_or(member.value, String::as_str));
            let before = n.checked_sub(1).map(|p| self.members[p].span.end);
            pieces.push(Piece {
                rank: rank(&member.key),
                text,
                gap: before.map_or(",", |from| &self.raw[from..member.span.start]),
            });
        }
        for (key, value) in changes {
            let Some(value) = value else { continue };
            if self.members.iter().any(|member| member.key == *key) {
                continue;
            }
            let place = rank(key);
            let after = pieces
                .iter()
                .rposition(|piece| piece.rank.is_some() && piece.rank < place);
            let at = match (after, place) {
                (Some(at), Some(_)) => at + 1,
                (None, Some(_)) => 0,
                (_, None) => pieces.len(),
            };
            let text = format!("{}:{value}", quoted(key, Escaping::Go));
            let (rank, gap) = (place, ",");
            pieces.insert(at, Piece { rank, text, gap });
        }
        let (head, tail) = match (self.members.first(), self.members.last()) {
            (Some(first), Some(last)) => {
                (&self.raw[..first.span.start], &self.raw[last.span.end..])
            }
            _ => ("{", "}"),
        };
        let mut out = String::with_capacity(self.raw.len() + 256);
        out.push_str(head);
        for (n, piece) in pieces.iter().enumerate() {
            if n > 0 {
                out.push_str(piece.gap);
            }
            out.push_str(&piece.text);
        }
        out.push_str(tail);
        out
    }
}

/// The reason that a text is not JSON, without the line, which is always the first.
pub fn reason(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let message = message
        .rsplit_once(" at line ")
        .map_or(&*message, |(s, _)| s);
    match error.classify() {
        serde_json::error::Category::Data => shown(message),
        _ => format!("not valid JSON: {message} at byte {}", error.column()),
    }
}

/// A text from the input, shortened to one line.
pub fn shown(text: &str) -> String {
    excerpt(text, 60)
}

pub fn quoted(text: &str, escaping: Escaping) -> String {
    let json = serde_json::Value::from(text).to_string();
    let of_go = |c: char| matches!(c, '<' | '>' | '&' | '\u{2028}' | '\u{2029}');
    if escaping == Escaping::Plain || !json.contains(of_go) {
        return json;
    }
    let mut out = String::with_capacity(json.len() + 16);
    for c in json.chars() {
        match of_go(c) {
            true => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            false => out.push(c),
        }
    }
    out
}

/// An object whose values are JSON already; without members that have none.
pub fn object<'k>(members: impl IntoIterator<Item = (&'k str, Option<String>)>) -> String {
    let members = members.into_iter();
    let member = |(key, value): (&str, Option<String>)| {
        let key = quoted(key, Escaping::Go);
        Some(format!("{key}:{}", value?))
    };
    let members = members.filter_map(member);
    format!("{{{}}}", members.collect::<Vec<_>>().join(","))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn alphabetical(key: &str) -> Option<usize> {
        key.bytes()
            .next()
            .filter(u8::is_ascii_lowercase)
            .map(usize::from)
    }

    #[test]
    fn only_changed_members_of_a_line_change() {
        let raw =
            "\u{20}{ \"a\" : 1.50e+2, \"c\":\"\\u003cx\\/\" ,\"d\":{\"n\": [ ]},\"z\":null }\r";
        let line = Line::parse(raw).unwrap();
        let keys: Vec<&str> = line.members.iter().map(|m| m.key.as_str()).collect();
        assert_eq!(keys, ["a", "c", "d", "z"]);
        assert_eq!(line.get("c"), Some("\"\\u003cx\\/\""));
        assert_eq!(line.patched(&BTreeMap::new(), alphabetical), raw);
        let change = |key: &'static str, value: Option<&str>| {
            let changes = BTreeMap::from([(key, value.map(str::to_string))]);
            line.patched(&changes, alphabetical)
        };
        assert_eq!(change("c", Some("7")), raw.replace("\"\\u003cx\\/\"", "7"));
        assert_eq!(
            change("b", Some("7")),
            raw.replace("1.50e+2,", "1.50e+2,\"b\":7,")
        );
        assert_eq!(change("a", None), raw.replace("\"a\" : 1.50e+2, ", ""));
        assert_eq!(change("z", None), raw.replace(",\"z\":null", ""));
        assert_eq!(change("unknown", None), raw);
        assert!(Line::parse("{\"a\":1}x").unwrap_err().contains("trailing"));
    }

    /// A line with whitespace and escapes that no canonical writer would make, and its members.
    fn lines() -> impl Strategy<Value = (String, Vec<(String, serde_json::Value)>)> {
        let gap = prop::sample::select(vec!["", " ", "\t", "  "]);
        let value = prop_oneof![
            "[ -~é<>&\u{2028}]{0,8}".prop_map(serde_json::Value::from),
            any::<i32>().prop_map(serde_json::Value::from),
            Just(serde_json::json!({"x": [1, "}", {"y": null}]})),
            Just(serde_json::Value::Null),
        ];
        let key = "[a-zé\"\\\\]{1,3}";
        let member = (
            key,
            value,
            gap.clone(),
            gap.clone(),
            gap.clone(),
            any::<bool>(),
        );
        (prop::collection::vec(member, 1..8), gap).prop_map(|(members, edge)| {
            let mut seen = std::collections::BTreeSet::new();
            let (mut raw, mut all) = (format!("{edge}{{"), Vec::new());
            for (key, value, a, b, c, escaped) in members {
                if !seen.insert(key.clone()) {
                    continue;
                }
                if !all.is_empty() {
                    raw.push(',');
                }
                let mut name = quoted(&key, Escaping::Plain);
                if escaped {
                    name = name.replace('a', "\\u0061");
                }
                raw.push_str(&format!("{a}{name}{b}:{c}{value}{a}"));
                all.push((key, value));
            }
            (format!("{raw}}}{edge}"), all)
        })
    }

    proptest! {
        #[test]
        fn a_patch_changes_only_the_given_members(
            (raw, all) in lines(),
            picks in prop::collection::vec((any::<prop::sample::Index>(), prop::option::of("[0-9]{1,3}")), 0..4),
            new in prop::option::of("new[a-z]{1,4}"),
        ) {
            let line = Line::parse(&raw).unwrap();
            prop_assert_eq!(line.patched(&BTreeMap::new(), alphabetical), raw.clone());
            let mut wanted = all.clone();
            let mut changes: BTreeMap<&str, Option<String>> = BTreeMap::new();
            for (pick, value) in &picks {
                let (key, _) = &all[pick.index(all.len())];
                changes.insert(key, value.as_ref().map(|v| format!("\"{v}\"")));
            }
            if let Some(new) = &new {
                changes.insert(new, Some("true".into()));
                wanted.push((new.clone(), true.into()));
            }
            wanted.retain_mut(|(key, value)| match changes.get(key.as_str()) {
                None => true,
                Some(None) => false,
                Some(Some(text)) => {
                    *value = serde_json::from_str(text).unwrap();
                    true
                }
            });
            let patched = line.patched(&changes, alphabetical);
            let read = Line::parse(&patched).unwrap();
            let mut found: Vec<(String, serde_json::Value)> = read
                .members
                .iter()
                .map(|m| (m.key.clone(), serde_json::from_str(m.value).unwrap()))
                .collect();
            // Kept members have their order and bytes.
            let old: Vec<&str> = line.members.iter().filter(|m| !changes.contains_key(m.key.as_str())).map(|m| m.value).collect();
            let kept: Vec<&str> = read.members.iter().filter(|m| !changes.contains_key(m.key.as_str())).map(|m| m.value).collect();
            prop_assert_eq!(old, kept);
            found.sort_by(|a, b| a.0.cmp(&b.0));
            wanted.sort_by(|a, b| a.0.cmp(&b.0));
            prop_assert_eq!(found, wanted);
        }

        #[test]
        fn a_text_is_read_back(text in any::<String>()) {
            for escaping in [Escaping::Go, Escaping::Plain] {
                let json = quoted(&text, escaping);
                prop_assert_eq!(&serde_json::from_str::<String>(&json).unwrap(), &text);
                if escaping == Escaping::Go {
                    let escaped = !json.contains(['<', '>', '&', '\u{2028}', '\u{2029}']);
                    prop_assert!(escaped, "{}", json);
                }
            }
        }
    }
}
