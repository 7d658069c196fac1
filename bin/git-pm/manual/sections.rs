//! The sections of git-pm(1) that do not come from a command: environment, exit status, files and
//! examples.

use clap_mangen::roff::{Roff, bold, roman};
use git_pm::pm::actor::AGENT_MARKERS;

/// Variables and what they do.
const ENVIRONMENT: &[(&str, &str)] = &[
    (
        "GIT_PM_ACTOR, BD_ACTOR, AGENT_NAME",
        "The name of who acts, the first that is set; --as goes before them. Without any it is \
         git's user; in a task's worktree a human starts, finishes, drops and reserves as its \
         claimant, and an agent does all as that. AGENT_NAME also says that an agent acts.",
    ),
    (
        "GIT_PM_BYPASS",
        "A reason for which the hooks let a commit to reserved files pass. It is recorded, and \
         the holder is told.",
    ),
    (
        "NO_COLOR, CLICOLOR, CLICOLOR_FORCE",
        "Whether colours are printed; without them, only to a terminal.",
    ),
    (
        "GIT_PAGER, PAGER",
        "The program through which show and log are read at a terminal. Empty or cat: none.",
    ),
    (
        "COLUMNS",
        "How wide output may be, instead of the terminal's width.",
    ),
    (
        "XDG_DATA_HOME",
        "Where man --install puts the pages: its man/man1, else ~/.local/share/man/man1.",
    ),
];

/// Exit codes and what they say.
const EXIT_STATUS: &[(&str, &str)] = &[
    ("0", "Done. An empty list is an answer too."),
    (
        "1",
        "A check said no: reserved, a gate failed, acceptance is open, nothing to claim.",
    ),
    ("2", "The request is malformed."),
    ("3", "Somebody else was first, or a claim was lost."),
    ("4", "There is no such object, or the name fits several."),
    ("5", "The state or the repository cannot be used as it is."),
    ("6", "A remote could not be reached, or refused."),
    ("8", "Partly done: some records or remotes were skipped."),
];

/// Places and what is there.
const FILES: &[(&str, &str)] = &[
    (
        "refs/pm/main",
        "The state: each commit's tree is all of it, as Markdown files with front matter.",
    ),
    (
        "refs/pm-local/",
        "What belongs to this clone only and is never pushed.",
    ),
    (
        "<git directory>/pm/drafts/",
        "Texts of this clone that a redaction withheld, for their author.",
    ),
    (
        ".pm.toml",
        "Settings that are checked in. Its commands run only after git pm trust.",
    ),
    (
        "git config pm.*",
        "Settings of this clone; git pm config lists them.",
    ),
];

/// A first hour.
const EXAMPLES: &[(&str, &[&str])] = &[
    (
        "Alone, from nothing to a merged task:",
        &[
            "git pm init",
            "git pm task create \"Fix flaky login test\" -p 1 --accept \"passes 100 times\"",
            "git pm start T-0001",
            "git pm task accept T-0001 --all",
            "git pm finish T-0001 --merge",
        ],
    ),
    (
        "What now?",
        &["git pm", "git pm next --claim", "git pm why T-0007"],
    ),
    (
        "Hands off my files:",
        &[
            "git pm reserve add 'src/auth/**' --task T-0012 --ttl 4h",
            "git pm reserve release",
        ],
    ),
    (
        "In a script:",
        &["git pm ready --json | jq -r '.data.items[0].id'"],
    ),
];

/// Adds the sections.
pub fn main(roff: &mut Roff) {
    definitions(roff, "ENVIRONMENT", ENVIRONMENT);
    let markers: Vec<&str> = AGENT_MARKERS
        .iter()
        .copied()
        .filter(|marker| *marker != "AGENT_NAME")
        .collect();
    definition(
        roff,
        &markers.join(", "),
        "Set by coding agents. Where one of them is set (AGENT to something else than a plain no or \
         a path), an agent acts, whatever name it takes: it cannot approve, loosen a rule, or end \
         what another actor holds.",
    );
    definitions(roff, "EXIT STATUS", EXIT_STATUS);
    roff.control("PP", []);
    roff.text([
        roman("With "),
        bold("--json"),
        roman(
            " standard output holds one document: \
             {\"schema_version\":1,\"data\":…}, or \
             {\"schema_version\":1,\"error\":{\"code\",\"message\",\"hints\"}}. \
             Lists are {\"items\":[…]} in data. \
             What a reader of text finds as notes on standard error stands beside data or error as \
             \"notices\":[…] where there is any; a document of another shape leaves them there.",
        ),
    ]);
    definitions(roff, "FILES", FILES);
    roff.control("SH", ["EXAMPLES"]);
    for (heading, lines) in EXAMPLES {
        roff.control("PP", []);
        roff.text([roman(*heading)]);
        super::verbatim(roff, lines.iter().copied());
    }
}

fn definitions(roff: &mut Roff, heading: &str, list: &[(&str, &str)]) {
    roff.control("SH", [heading]);
    for (term, text) in list {
        definition(roff, term, text);
    }
}

fn definition(roff: &mut Roff, term: &str, text: &str) {
    roff.control("TP", []);
    roff.text([bold(term)]);
    roff.text([roman(text)]);
}
