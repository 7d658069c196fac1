//! The commands for verbs of beads that are elsewhere here.

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

/// The command that corresponds to a verb of beads.
pub fn elsewhere(verb: &str) -> Option<&'static str> {
    let found = ELSEWHERE.iter().find(|(known, _)| *known == verb);
    found.map(|(_, command)| *command)
}
