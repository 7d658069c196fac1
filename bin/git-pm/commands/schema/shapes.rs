//! Shapes that several commands share, or that depend on the options of a command.

use git_pm::insights::GraphView;
use git_pm::integrations::InstallReport;
use git_pm::items::ItemView;
use git_pm::log::ListAt;
use git_pm::settings::Setting;
use git_pm::tasks::{TreeNode, WhyView};
use git_pm::verbs::List;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::documents::{either, list, one};

/// A list of items, with `--columns`, `--tree` or `--at`.
pub fn items_listed(g: &mut SchemaGenerator) -> Schema {
    let (whole, tree, then) = (
        one::<List<ItemView>>(g),
        list::<TreeNode>(g),
        one::<ListAt>(g),
    );
    let columns = json_schema!({
        "type": "object",
        "properties": {
            "items": { "type": "array", "items": { "type": "object" } },
            "more": { "type": "boolean" },
        },
        "required": ["items"],
    });
    json_schema!({ "anyOf": [whole, tree, then, columns] })
}

/// Ready issues, explained, or the one that was claimed.
pub fn issues_ready(g: &mut SchemaGenerator) -> Schema {
    let items = one::<List<ItemView>>(g);
    let (views, one) = (one::<List<WhyView>>(g), one::<ItemView>(g));
    json_schema!({ "anyOf": [items, views, one] })
}

/// The graph, or its text in a format.
pub fn graph(g: &mut SchemaGenerator) -> Schema {
    either(one::<GraphView>(g), texts(&["format", "text"]))
}

/// One setting, or all.
pub fn settings(g: &mut SchemaGenerator) -> Schema {
    either(list::<Setting>(g), one::<Setting>(g))
}

/// The changes of files, or with `--print` the text.
pub fn instructions(g: &mut SchemaGenerator) -> Schema {
    either(one::<InstallReport>(g), texts(&["text"]))
}

/// Comments, or the item after `comments add`.
pub fn comments(g: &mut SchemaGenerator) -> Schema {
    let (comments, item) = (list::<git_pm::items::CommentView>(g), one::<ItemView>(g));
    either(comments, item)
}

/// The pages that were written, or the text of the first.
pub fn man(g: &mut SchemaGenerator) -> Schema {
    either(texts(&["roff"]), list::<String>(g))
}

/// A help text, the names of all commands, or the tree of commands.
pub fn help(g: &mut SchemaGenerator) -> Schema {
    let (names, tree) = (list::<String>(g), one::<crate::commands::CommandTree>(g));
    json_schema!({ "anyOf": [texts(&["help"]), names, tree] })
}

/// The script of a shell.
pub fn completions(_: &mut SchemaGenerator) -> Schema {
    texts(&["shell", "script"])
}

/// The folder of a worktree.
pub fn cd(_: &mut SchemaGenerator) -> Schema {
    texts(&["path"])
}

/// A JSON Schema.
pub fn schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "object" })
}

/// An object of texts.
fn texts(keys: &[&str]) -> Schema {
    let properties: serde_json::Map<_, _> = keys
        .iter()
        .map(|key| (key.to_string(), serde_json::json!({ "type": "string" })))
        .collect();
    json_schema!({ "type": "object", "properties": properties, "required": keys })
}

/// Lists of lists.
pub fn lists<T: JsonSchema>(g: &mut SchemaGenerator) -> Schema {
    list::<Vec<T>>(g)
}
