//! What to use instead of commands and options of bd that git pm does not have.

use super::command;

/// A command, an option of it (empty: the command itself), and what to use instead.
pub const INSTEAD: &[(&str, &str, &str)] = &[
    (
        "create",
        "--id",
        "git pm chooses IDs; `git pm import beads FILE` keeps the IDs in the file",
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
        "omit it; `git pm undo` undoes the creation",
    ),
    (
        "create",
        "--validate",
        "omit it; the sections of an issue are not checked",
    ),
    (
        "update",
        "--await-id",
        "`git pm issue gate create --await-id ID` sets it on a new gate",
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
        "`git pm issue search WORDS` searches texts",
    ),
    ("list", "--reverse", "`--sort -FIELD` sorts in reverse"),
    (
        "search",
        "--sort",
        "results are sorted by relevance; `git pm issue list 'title:*WORD*' --sort FIELD` sorts by \
         a field",
    ),
    (
        "delete",
        "--dry-run",
        "omit it; `git pm undo` restores the issues",
    ),
    ("delete", "--hard", "`git pm redact` removes text for good"),
    (
        "merge",
        "",
        "`bd duplicate ID --of ID` closes a duplicate; there is no file to merge, and `git pm merge ID` \
         merges the branch of an item",
    ),
    (
        "merge-slot",
        "",
        "no slot is needed: `git pm merge ID` updates the target at once or not at all",
    ),
    ("unclaim", "", "`git pm drop ID` releases the claim"),
    (
        "move",
        "",
        "each repository has issues of its own; `git pm export beads FILE` and `git pm import beads FILE` \
         copy them to another",
    ),
    (
        "promote",
        "",
        "ephemeral issues stay in this clone; `git pm issue create TITLE` creates one that is shared",
    ),
    (
        "hook",
        "",
        "`git pm status` shows what you hold; `git pm hook install` installs the git hooks",
    ),
    ("query", "", "`git pm list QUERY` lists items by a query"),
    (
        "diff",
        "",
        "`git pm diff REV` lists the changes since a revision",
    ),
    ("vc", "", "`git pm log` lists every change"),
    (
        "types",
        "",
        "`git pm help issue create` lists the types of issues",
    ),
    (
        "statuses",
        "",
        "`git pm help issue update` lists the statuses of issues",
    ),
    (
        "setup",
        "--check",
        "`git pm install hooks --dry-run` and `git pm install agents --dry-run` show what is missing",
    ),
    (
        "export",
        "--status",
        "`git pm issue list --status S --format beads` prints the records of a status",
    ),
    (
        "stale",
        "",
        "`git pm list 'kind:issue updated:>30d'` lists issues without recent changes",
    ),
    (
        "duplicates",
        "",
        "`git pm suggest` lists items that may be duplicates",
    ),
    (
        "orphans",
        "",
        "`git log --grep ID` lists the commits that name an issue",
    ),
    (
        "lint",
        "",
        "`git pm ready --dor` lists tasks that are not ready to be worked on",
    ),
    (
        "dep tree",
        "--format",
        "`git pm graph --format mermaid` draws the graph",
    ),
    (
        "dep tree",
        "--direction",
        "`git pm issue dep list ID` lists both directions",
    ),
    (
        "dep tree",
        "--reverse",
        "`git pm issue dep list ID` also lists what waits for it",
    ),
    (
        "label propagate",
        "",
        "list the children with `git pm issue children ID`, then run `git pm issue label add`",
    ),
    ("gate discover", "", "`git pm issue gate list` lists gates"),
    (
        "gate add-waiter",
        "",
        "`git pm issue dep add ID GATE` makes an issue wait for a gate",
    ),
    ("state", "", "`git pm issue label` stores states as labels"),
    (
        "set-state",
        "",
        "`git pm issue label` stores states as labels",
    ),
    (
        "kv",
        "",
        "`git pm context set NAME TEXT` stores shared text",
    ),
    (
        "remember",
        "",
        "`git pm context set NAME TEXT` records knowledge for every agent",
    ),
    (
        "memories",
        "",
        "`git pm context show` prints what was recorded",
    ),
    ("todo", "", "`git pm issue q TITLE` creates an issue"),
    (
        "human",
        "",
        "`git pm issue gate create human` makes work wait for a human",
    ),
    ("audit", "", "`git pm log` lists every change"),
    ("compact", "", "`git pm gc` packs the state"),
    (
        "admin",
        "",
        "use `git pm doctor`, `git pm fsck` or `git pm gc`",
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
        "template",
        "",
        "`git pm issue create --from TEMPLATE` copies an issue with the issues below it; \
         `git pm issue update ID --template` marks one as a template",
    ),
    (
        "daemon",
        "",
        "there is no daemon; `git pm sync` shares the state",
    ),
    (
        "daemons",
        "",
        "there is no daemon; `git pm sync` shares the state",
    ),
    ("migrate", "", "there is no database to migrate"),
    (
        "cleanup",
        "",
        "`git pm gc` packs the state; `git pm issue delete ID` deletes an issue",
    ),
    (
        "activity",
        "",
        "`git pm events --follow` prints each change",
    ),
    (
        "restore",
        "",
        "`git pm undo` reverts a deletion; `git pm show ID --at TIME` shows an earlier version",
    ),
    ("pin", "", "`git pm issue update ID --pinned` pins an issue"),
    (
        "unpin",
        "",
        "`git pm issue update ID --pinned false` unpins an issue",
    ),
    ("repair", "", "`git pm fsck --repair` repairs the state"),
    (
        "validate",
        "",
        "`git pm doctor` checks the clone; `git pm fsck` checks the state",
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
        .or_else(|| command(verb))
}
