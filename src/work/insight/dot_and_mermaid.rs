//! A graph as text for other programs: Graphviz' dot and Mermaid. The content of the state is data:
//! it is escaped so that it can neither end a label nor control a terminal.

use std::collections::HashMap;
use std::fmt::Write;

use super::graph::{GraphEdge, GraphView};
use crate::model::edge_type::EdgeClass;
use crate::model::text::{excerpt, one_line};

/// The number of characters of a title in a node.
const TITLE: usize = 60;

impl GraphView {
    /// The graph in the language of Graphviz (<https://graphviz.org/doc/info/lang.html>). Arrows
    /// lead from a dependency to the item that waits for it.
    pub fn dot(&self) -> String {
        let mut out = String::from("digraph items {\n  rankdir=LR;\n  node [shape=box];\n");
        let names = self.names();
        for (n, node) in self.nodes.iter().enumerate() {
            let label = quoted(&label(&node.item.id, &node.item.title, "\n"));
            let look = if node.ready { ", style=bold" } else { "" };
            let _ = writeln!(out, "  n{n} [label={label}{look}];");
        }
        for (edge, from, to) in self.placed(&names) {
            let (first, then) = if is_part(edge) {
                (from, to)
            } else {
                (to, from)
            };
            let look = match (edge.class, edge.kind.as_str()) {
                (EdgeClass::Hard, "blocks") => String::new(),
                (EdgeClass::Hard, kind) => format!(" [label={}]", quoted(kind)),
                (_, kind) => format!(" [style=dashed, label={}]", quoted(kind)),
            };
            let _ = writeln!(out, "  n{first} -> n{then}{look};");
        }
        out + "}\n"
    }

    /// The graph in the language of Mermaid (<https://mermaid.js.org/syntax/flowchart.html>), with
    /// arrows as in [`GraphView::dot`].
    pub fn mermaid(&self) -> String {
        let mut out = String::from("flowchart LR\n");
        let names = self.names();
        for (n, node) in self.nodes.iter().enumerate() {
            let label = entities(&label(&node.item.id, &node.item.title, ": "));
            let _ = writeln!(out, "  n{n}[\"{label}\"]");
        }
        for (edge, from, to) in self.placed(&names) {
            let (first, then) = if is_part(edge) {
                (from, to)
            } else {
                (to, from)
            };
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

    /// The index of each id.
    fn names(&self) -> HashMap<&str, usize> {
        let nodes = self.nodes.iter().enumerate();
        nodes.map(|(n, node)| (node.item.id.as_str(), n)).collect()
    }

    fn placed<'v>(
        &'v self,
        names: &HashMap<&str, usize>,
    ) -> impl Iterator<Item = (&'v GraphEdge, usize, usize)> {
        self.edges.iter().filter_map(move |edge| {
            let end = |id: &str| names.get(id).copied();
            Some((edge, end(&edge.from)?, end(&edge.to)?))
        })
    }
}

/// True if an edge leads to the parent or epic of its item.
fn is_part(edge: &GraphEdge) -> bool {
    matches!(edge.kind.as_str(), "parent-child" | "epic")
}

fn label(id: &str, title: &str, between: &str) -> String {
    format!("{}{between}{}", one_line(id), excerpt(title, TITLE))
}

/// A quoted string of dot.
fn quoted(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{}\"", escaped.replace('\n', "\\n"))
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
    use super::super::{GraphNode, ItemLine};
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
            view.dot().lines().nth(3),
            Some("  n0 [label=\"T-0001\\na\\\"] --> b; \\\\\\\\u{1b}[2J<i>#x\"];")
        );
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
        assert!(hard.dot().contains("  n0 -> n1;\n"));
        assert!(hard.mermaid().ends_with("  n0 --> n1\n"));
        let part = view(edge("parent-child", EdgeClass::Soft));
        assert!(
            part.dot()
                .contains("n1 -> n0 [style=dashed, label=\"parent-child\"]")
        );
        assert!(part.mermaid().contains("n1 -.->|\"parent-child\"| n0"));
    }
}
