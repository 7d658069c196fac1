//! A graph as text for Mermaid.
//!
//! The content of the state is data: it is escaped so that it can neither end a label nor control a
//! terminal.

use std::collections::HashMap;
use std::fmt::Write;

use super::graph::GraphView;
use crate::model::edge_type::EdgeClass;
use crate::model::text::{excerpt, one_line};

/// The number of characters of a title in a node.
const TITLE: usize = 60;

impl GraphView {
    /// The graph in the language of Mermaid (<https://mermaid.js.org/syntax/flowchart.html>).
    /// Arrows lead from a dependency to the item that waits for it.
    pub fn mermaid(&self) -> String {
        let mut out = String::from("flowchart LR\n");
        let mut names = HashMap::new();
        for (n, node) in self.nodes.iter().enumerate() {
            let (id, title) = (one_line(&node.item.id), excerpt(&node.item.title, TITLE));
            let _ = writeln!(out, "  n{n}[\"{}\"]", entities(&format!("{id}: {title}")));
            names.insert(node.item.id.as_str(), n);
        }
        for edge in &self.edges {
            let end = |id: &str| names.get(id).copied();
            let (Some(from), Some(to)) = (end(&edge.from), end(&edge.to)) else {
                continue;
            };
            let is_part = matches!(edge.kind.as_str(), "parent-child" | "epic");
            let (first, then) = if is_part { (from, to) } else { (to, from) };
            let kind = entities(&edge.kind);
            let arrow = match (edge.class, edge.kind.as_str()) {
                (EdgeClass::Hard, "blocks") => "-->".to_string(),
                (EdgeClass::Hard, _) => format!("-->|\"{kind}\"|"),
                _ => format!("-.->|\"{kind}\"|"),
            };
            let _ = writeln!(out, "  n{first} {arrow} n{then}");
        }
        out
    }
}

/// Text of a Mermaid label: characters with a meaning there, or in the HTML it becomes, as
/// entities.
fn entities(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '"' => out += "#quot;",
            '#' | '&' | '<' | '>' | '`' | '|' | '\\' => {
                let _ = write!(out, "#{};", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::{GraphEdge, GraphNode, ItemLine};
    use super::*;

    fn node(id: &str, title: &str) -> GraphNode {
        GraphNode {
            item: ItemLine {
                id: id.into(),
                kind: "task".into(),
                title: title.into(),
                item_type: "bug".into(),
                status: "queued".into(),
                priority: 2,
                owner: None,
            },
            ready: false,
        }
    }

    fn edge(kind: &str, class: EdgeClass) -> GraphEdge {
        GraphEdge {
            from: "T-0002".into(),
            to: "T-0001".into(),
            kind: kind.into(),
            class,
            counts: class == EdgeClass::Hard,
        }
    }

    #[test]
    fn a_title_cannot_break_out_of_its_label() {
        let view = GraphView {
            nodes: vec![node("T-0001", "a\"] --> b; \\\u{1b}[2J<i>#x")],
            edges: Vec::new(),
        };
        assert_eq!(
            view.mermaid().lines().nth(1),
            Some("  n0[\"T-0001: a#quot;] --#62; b; #92;#92;u{1b}[2J#60;i#62;#35;x\"]")
        );
    }

    #[test]
    fn arrows_lead_from_first_to_next() {
        let view = |edge| GraphView {
            nodes: vec![node("T-0001", "one"), node("T-0002", "two")],
            edges: vec![edge],
        };
        let hard = view(edge("blocks", EdgeClass::Hard));
        assert!(hard.mermaid().ends_with("  n0 --> n1\n"));
        let part = view(edge("parent-child", EdgeClass::Soft));
        assert!(part.mermaid().contains("n1 -.->|\"parent-child\"| n0"));
    }
}
