//! Commands for verbs that do not exist where they were typed.

/// Verbs of beads that are separate commands here.
const ELSEWHERE: &[(&str, &str)] = &[
    ("init", "git pm init"),
    ("sync", "git pm sync"),
    ("stats", "git pm stats"),
    ("status", "git pm status"),
    ("doctor", "git pm doctor"),
    ("import", "git pm import beads"),
    ("export", "git pm export beads"),
    ("graph", "git pm graph"),
    ("config", "git pm config"),
    ("version", "git pm --version"),
    ("help", "git pm issue --help"),
    ("info", "git pm status"),
    ("history", "git pm log"),
    ("worktree", "git pm worktree"),
    ("backup", "git pm backup"),
    ("hooks", "git pm hook"),
    ("duplicate", "git pm dep add ID OTHER --type duplicates"),
    ("supersede", "git pm dep add ID OTHER --type supersedes"),
    ("find-duplicates", "git pm suggest"),
    ("dolt", "git pm sync"),
    ("prime", "git pm prime"),
    ("mail", "git pm msg"),
    ("onboard", "git pm install agents"),
    ("quickstart", "git pm help issue"),
    ("setup", "git pm install hooks"),
];

/// Verbs that exist per kind of item, but not at the top level.
const UNDER_A_KIND: &[(&str, &[&str])] = &[
    ("claim", &["git pm start ID", "git pm issue claim ID"]),
    (
        "comment",
        &[
            "git pm task comment ID TEXT",
            "git pm issue comment ID TEXT",
        ],
    ),
    (
        "create",
        &["git pm task create TITLE", "git pm issue create TITLE"],
    ),
    ("edit", &["git pm task edit ID", "git pm issue update ID"]),
    ("close", &["git pm task done ID", "git pm issue close ID"]),
    ("done", &["git pm task done ID", "git pm issue close ID"]),
    (
        "delete",
        &["git pm task delete ID", "git pm issue delete ID"],
    ),
];

/// The commands for a verb that exists only per kind of item.
pub fn under_a_kind(verb: &str) -> &'static [&'static str] {
    let found = UNDER_A_KIND.iter().find(|(known, _)| *known == verb);
    found.map_or(&[], |(_, commands)| commands)
}

/// The command that corresponds to a verb of beads.
pub fn elsewhere(verb: &str) -> Option<&'static str> {
    let found = ELSEWHERE.iter().find(|(known, _)| *known == verb);
    found.map(|(_, command)| *command)
}
