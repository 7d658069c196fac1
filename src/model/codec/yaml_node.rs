//! The values of front matter, before they are interpreted. They borrow from the file.

use std::borrow::Cow;

use serde_json::Value as Json;

use super::Shape;

/// A text of the file, copied only if it has escapes.
pub(super) type Text<'a> = Cow<'a, str>;

/// A mapping, each key once.
pub(super) type Mapping<'a> = Vec<(Text<'a>, Node<'a>)>;

#[derive(Debug, PartialEq)]
pub(super) enum Node<'a> {
    Text(Text<'a>),
    /// A list that contains only texts, or is empty.
    Texts(Vec<Text<'a>>),
    /// Any other list.
    List(Vec<Node<'a>>),
    /// A mapping, sorted by key.
    Map(Mapping<'a>),
    /// Null, a boolean or a number.
    Scalar(Json),
}

impl<'a> Node<'a> {
    /// A list of texts or of other values, depending on its elements.
    pub(super) fn list(items: Vec<Node<'a>>) -> Self {
        if !items.iter().all(|item| matches!(item, Node::Text(_))) {
            return Node::List(items);
        }
        let text = |item| match item {
            Node::Text(text) => Some(text),
            _ => None,
        };
        Node::Texts(items.into_iter().filter_map(text).collect())
    }

    /// A mapping; `None` if a key occurs twice.
    pub(super) fn map(mut entries: Mapping<'a>) -> Option<Self> {
        if !entries.is_sorted_by(|a, b| a.0 < b.0) {
            entries.sort_by(|a, b| a.0.cmp(&b.0));
            if !entries.is_sorted_by(|a, b| a.0 < b.0) {
                return None;
            }
        }
        Some(Node::Map(entries))
    }

    pub(super) fn shape(&self) -> Shape {
        match self {
            Node::Texts(items) if items.is_empty() => Shape::EmptyList,
            Node::Texts(_) => Shape::Set,
            Node::Map(entries) if entries.is_empty() => Shape::EmptyMapping,
            Node::Map(entries) if entries.iter().all(|(_, n)| matches!(n, Node::Map(_))) => {
                Shape::Record
            }
            _ => Shape::Register,
        }
    }

    pub(super) fn is_null(&self) -> bool {
        matches!(self, Node::Scalar(Json::Null))
    }

    /// The value of a key of a mapping.
    pub(super) fn get(&self, key: &str) -> Option<&Node<'a>> {
        match self {
            Node::Map(entries) => entries.iter().find(|(k, _)| k == key).map(|(_, node)| node),
            _ => None,
        }
    }

    pub(super) fn as_str(&self) -> Option<&str> {
        match self {
            Node::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl From<Node<'_>> for Json {
    fn from(node: Node<'_>) -> Self {
        match node {
            Node::Text(text) => Json::String(text.into_owned()),
            Node::Texts(items) => items.into_iter().map(Cow::into_owned).collect(),
            Node::List(items) => items.into_iter().map(Json::from).collect(),
            Node::Map(entries) => {
                let entries = entries.into_iter();
                Json::Object(entries.map(|(k, v)| (k.into_owned(), v.into())).collect())
            }
            Node::Scalar(scalar) => scalar,
        }
    }
}
