//! The help of the root: its verbs in groups.

use std::ffi::OsString;

use crate::arguments::meant;
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

/// The template of the root's help; its groups are added later.
pub fn root_help() -> String {
    let options = paint(Label::Heading, "Options:");
    format!("{{about}}\n\n{{usage-heading}} {{usage}}\n{{before-help}}{options}\n{{options}}")
}

/// The root's commands with their summaries, by group, and short words for some of others.
pub fn grouped(tree: &clap::Command) -> String {
    let mut text = String::new();
    let line = |word: &str, about: &str| {
        let word = paint(Label::Command, &format!("{word:<11}"));
        format!("  {word}  {about}\n")
    };
    for (heading, verbs) in GROUPS {
        text += &format!("\n{}\n", paint(Label::Heading, &format!("{heading}:")));
        for verb in verbs.split(' ') {
            let about = tree
                .find_subcommand(verb)
                .and_then(clap::Command::get_about)
                .map(ToString::to_string)
                .unwrap_or_default();
            text += &line(verb, &about);
        }
    }
    text += &format!("\n{}\n", paint(Label::Heading, "Short for:"));
    for (short, whole) in meant::shown_short() {
        text += &line(short, &format!("git pm {whole}"));
    }
    text
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
