//! What to use instead of commands and options of bd that git pm does not have.

use super::aliases::elsewhere;

/// A command, an option of it (empty: the command itself), and what to use instead.
pub const INSTEAD: &[(&str, &str, &str)] = &[
    (
        "create",
        "--id",
        "ids are chosen by git pm; `git pm import beads FILE` keeps given ones",
    ),
    (
        "create",
        "--file",
        "`git pm batch` creates many issues; `git pm plan new FILE` drafts tasks from a document",
    ),
    (
        "create",
        "-f",
        "`git pm batch` creates many issues; `git pm plan new FILE` drafts tasks from a document",
    ),
    (
        "create",
        "--dry-run",
        "create without it; `git pm undo` takes it back",
    ),
    (
        "create",
        "--validate",
        "`git pm issue lint ID` checks the sections of an issue",
    ),
    (
        "update",
        "--await-id",
        "`git pm issue gate create` makes a gate with it",
    ),
    (
        "ready",
        "--mol",
        "molecules are not supported; `git pm issue ready --parent ID` narrows the list",
    ),
    ("ready", "--gated", "`git pm issue gate list` lists gates"),
    (
        "ready",
        "--include-deferred",
        "`git pm issue list is:deferred` lists deferred issues",
    ),
    ("show", "--current", "`git pm status` shows what you hold"),
    (
        "show",
        "--thread",
        "`git pm issue comments ID` lists the comments",
    ),
    (
        "list",
        "--desc-contains",
        "`git pm issue search WORDS` searches texts",
    ),
    (
        "list",
        "--notes-contains",
        "`git pm issue search WORDS` searches texts",
    ),
    (
        "list",
        "--empty-description",
        "`git pm issue lint` finds issues without a text",
    ),
    ("list", "--reverse", "`--sort -FIELD` sorts in reverse"),
    (
        "search",
        "--sort",
        "hits are sorted by relevance; `git pm issue list 'title:*WORD*' --sort FIELD` sorts",
    ),
    (
        "delete",
        "--dry-run",
        "delete without it; `git pm undo` restores the issues",
    ),
    (
        "delete",
        "--hard",
        "`git pm redact` removes a text for good",
    ),
    (
        "duplicates",
        "--auto-merge",
        "`git pm issue close ID --reason duplicate` closes one of them",
    ),
    (
        "duplicates",
        "--dry-run",
        "the command only lists duplicates",
    ),
    (
        "dep tree",
        "--format",
        "`git pm graph --format mermaid` or `dot` draws the graph",
    ),
    (
        "dep tree",
        "--direction",
        "`git pm issue dep list ID` lists both directions",
    ),
    (
        "dep tree",
        "--reverse",
        "`git pm impact ID` lists what waits for it",
    ),
    (
        "label propagate",
        "",
        "`git pm issue children ID` and `git pm issue label add` do it",
    ),
    ("gate discover", "", "`git pm issue gate list` lists gates"),
    (
        "gate add-waiter",
        "",
        "`git pm issue dep add ID GATE` makes an issue wait for a gate",
    ),
    ("state", "", "`git pm issue label` keeps states as labels"),
    (
        "set-state",
        "",
        "`git pm issue label` keeps states as labels",
    ),
    (
        "kv",
        "",
        "`git pm context set NAME TEXT` keeps shared texts",
    ),
    (
        "remember",
        "",
        "`git pm context set NAME TEXT` keeps knowledge for every agent",
    ),
    ("memories", "", "`git pm context show` prints it"),
    ("todo", "", "`git pm issue q TITLE` records one"),
    ("human", "", "`git pm issue gate create` waits for a human"),
    ("audit", "", "`git pm log` has every change"),
    ("compact", "", "`git pm gc` packs the state"),
    (
        "admin",
        "",
        "`git pm doctor`, `git pm fsck` and `git pm gc`",
    ),
    (
        "rename-prefix",
        "",
        "`git pm config --shared pm.issuePrefix NAME` sets the prefix of new issues",
    ),
    ("sql", "", "`git pm list QUERY --json`"),
    (
        "mol",
        "",
        "molecules are not supported; `git pm issue create --from TEMPLATE` copies a template",
    ),
    (
        "formula",
        "",
        "formulas are not supported; `git pm issue create --from TEMPLATE` copies a template",
    ),
    (
        "swarm",
        "",
        "swarms are not supported; `git pm next --claim` gives each agent a task",
    ),
];

/// The command for a verb of bd that `git pm issue` does not have, if the program above has none.
pub fn pointer(verb: &str) -> Option<&'static str> {
    let found = INSTEAD
        .iter()
        .find(|(command, option, _)| *command == verb && option.is_empty());
    found
        .map(|(.., instead)| *instead)
        .or_else(|| elsewhere(verb))
}
