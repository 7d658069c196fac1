//! The help of the root: its verbs in groups.

use std::ffi::OsString;

use crate::render::style::{Label, paint};

/// The commands of the root, grouped as in its help: headings and words.
pub const GROUPS: &[(&str, &str)] = &[
    (
        "Inspect",
        "status board ready next why blocked list view show search log diff events",
    ),
    (
        "Analyze",
        "triage order graph impact forecast suggest stats standup retro report",
    ),
    ("Plan", "prd scope plan milestone sprint trace"),
    (
        "Work",
        "start finish task epic issue dep batch merge undo worktree cd",
    ),
    (
        "Run agents",
        "lfg slfg run planner taskmaster develop reviewer route agent logs cost budget",
    ),
    (
        "Collaborate",
        "msg handoff reserve artifact sync push pull conflicts prime context",
    ),
    (
        "Review",
        "review deep-review check preflight postflight checklist finding",
    ),
    ("Remember", "learn compound predict"),
    ("Repair", "doctor fsck backup migrate"),
    ("Maintain", "gc redact"),
    ("Import and export", "github import export"),
    (
        "Set up",
        "init uninstall install demo config trust notify hook shell completions man schema mcp serve help",
    ),
];

/// The verbs of a usual day, which the root's help shows, and what it says of them.
const DAILY: &[(&str, &str)] = &[
    ("add", "Add a task"),
    ("ls", "List items"),
    ("show", "Show an item in full"),
    ("edit", "Change an item"),
    ("start", "Claim a task, with a branch and a worktree"),
    ("finish", "Check your work and submit it for review"),
    ("approve", "Approve submitted work"),
    ("merge", "Merge approved work"),
    ("board", "Show the work in columns by state"),
    ("undo", "Undo a change"),
];

/// What the root's help shows next to them.
const ALSO: &[(&str, &str)] = &[
    ("status", "Show where you are, what is yours, what is ready"),
    ("next", "Show or claim the best task to start"),
    ("sync", "Fetch, merge and push the state"),
    ("help --all", "Show every command, by subject"),
];

/// The template of the root's help; its verbs are added later.
pub fn root_help() -> String {
    let options = paint(Label::Heading, "Options:");
    format!("{{about}}\n\n{{usage-heading}} {{usage}}\n{{before-help}}{options}\n{{options}}")
}

/// The daily verbs with their summaries.
pub fn daily() -> String {
    let mut text = String::new();
    for verbs in [DAILY, ALSO] {
        text += "\n";
        for (word, about) in verbs {
            let word = paint(Label::Command, &format!("{word:<11}"));
            text += &format!("  {word}  {about}\n");
        }
    }
    text
}

/// The place in [`GROUPS`] of a command, by the first of its words.
pub fn group_of(words: &str) -> Option<usize> {
    let first = words.split(' ').next()?;
    let mut groups = GROUPS.iter();
    groups.position(|(_, verbs)| verbs.split(' ').any(|verb| verb == first))
}

/// The command that the arguments name, with its words, such as `git pm task create`.
pub fn typed<'t>(tree: &'t clap::Command, argv: &[OsString]) -> (String, &'t clap::Command) {
    let mut command = tree;
    let mut typed = String::from("git pm");
    for word in argv.iter().skip(1) {
        if let Some(found) = command.find_subcommand(word) {
            command = found;
            typed = format!("{typed} {}", found.get_name());
        }
    }
    (typed, command)
}

/// All visible leaf commands of a tree, as typed after `git pm`.
pub fn verbs(tree: &clap::Command) -> Vec<String> {
    let mut verbs = Vec::new();
    for command in tree.get_subcommands().filter(|c| !c.is_hide_set()) {
        if command.has_subcommands() {
            // Some do something without a verb, too.
            if !command.is_subcommand_required_set() {
                verbs.push(command.get_name().to_string());
            }
            for verb in self::verbs(command) {
                verbs.push(format!("{} {verb}", command.get_name()));
            }
        } else {
            verbs.push(command.get_name().to_string());
        }
    }
    verbs
}
