//! The sections of git-pm(1) that are not about a command: environment, exit status, files and examples.

use clap_mangen::roff::{Roff, bold, roman};
use git_pm::env::AGENT_MARKERS;

/// The environment variables.
const ENVIRONMENT: &[(&str, &str)] = &[
    (
        "GIT_PM_ACTOR, BEADS_ACTOR, BD_ACTOR, AGENT_NAME",
        "The actor name: the first of these variables that is set, unless --as is given. By default, \
         it is git's user.name; in a task's worktree, it is instead the name of the actor who \
         claimed the task: for an agent in all commands, for a human only in start, finish, drop \
         and reserve. AGENT_NAME also marks \
         the caller as an agent.",
    ),
    (
        "GIT_PM_BYPASS",
        "If set, the hooks accept changes to reserved files. The value is recorded as the reason, \
         and the holder is notified.",
    ),
    (
        "GIT_DIR, GIT_WORK_TREE",
        "The repository, as for git. Git sets GIT_DIR for the hooks of a linked worktree, so a command \
         there for another repository needs unset $(git rev-parse --local-env-vars) first.",
    ),
    (
        "GIT_PM_PORT",
        "Set for set-up commands, gates and agents of runs: the first port of their worktree, if \
         .pm.toml asks for ports.",
    ),
    (
        "GIT_PM_CD_FILE",
        "The file in which the function of git pm shell is told the folder to change to.",
    ),
    (
        "NO_COLOR, CLICOLOR, CLICOLOR_FORCE",
        "Enable or disable colors; by default, colors are printed only to a terminal.",
    ),
    (
        "GIT_PAGER, PAGER",
        "The pager for long output at a terminal; disabled if empty or cat.",
    ),
    (
        "COLUMNS",
        "The maximum width of output; by default, the width of the terminal.",
    ),
    (
        "XDG_DATA_HOME",
        "git pm man --install writes to man/man1 and man/man7 in this directory; if unset, in \
         ~/.local/share.",
    ),
];

/// The exit codes.
const EXIT_STATUS: &[(&str, &str)] = &[
    ("0", "Success, including an empty list."),
    (
        "1",
        "A check failed: reserved paths, a failed gate, acceptance criteria not accepted, nothing \
         to claim.",
    ),
    ("2", "Usage error."),
    ("3", "A conflict with another actor, or a lost claim."),
    ("4", "The object does not exist, or the name is ambiguous."),
    ("5", "The state or the repository is not usable."),
    ("6", "A remote could not be reached, or rejected the push."),
    ("7", "The budget is spent."),
    (
        "8",
        "Partial success: some records or remotes were skipped.",
    ),
];

/// The files and refs.
const FILES: &[(&str, &str)] = &[
    (
        "refs/pm/main",
        "The state: the tree of each commit contains all data, as Markdown files with front \
         matter.",
    ),
    ("refs/pm-local/", "Data of this clone that is never pushed."),
    (
        "<git directory>/pm/drafts/",
        "Texts written in this clone that were kept out of the state because they may quote \
         redacted content.",
    ),
    (
        ".pm.toml",
        "Checked-in commands, which run only after git pm trust: setup (a list), and \
         gates: NAME = \"COMMAND\" under [gates], or a table [gates.NAME] with run, timeout (in \
         seconds), paths (patterns of changed files for which it runs), required (false: a \
         failure is only reported) and tests_first (true: the work must begin with commits of \
         tests alone, on which the gate fails); reviewers under [review]; and checklists, as tables \
         [checklist.NAME] with items (texts), skip (ids of items that are left out) and before (the \
         step that waits for it: start, finish, approve or merge). [worktree] says what new \
         worktrees get: copy (ignored folders and files of the main worktree), ports (their \
         number; from port_base up) and submodules (true: filled).",
    ),
    (
        ".pm/agents/NAME.md",
        "Checked-in definitions of agents, which count only after git pm trust; git pm agent new \
         writes one.",
    ),
    (
        "git config pm.*",
        "Settings of this clone; git pm config lists them.",
    ),
];

/// Examples by topic.
const EXAMPLES: &[(&str, &[&str])] = &[
    (
        "Working alone, from setup to a merged task:",
        &[
            "git pm init",
            "git pm task create \"Fix flaky login test\" -p 1 --accept \"passes 100 times\"",
            "git pm start T-0001",
            "git pm task accept T-0001 --all",
            "git pm finish T-0001 --merge",
        ],
    ),
    (
        "Finding the next task:",
        &["git pm", "git pm next --claim", "git pm why T-0007"],
    ),
    (
        "Reserving files:",
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
    definitions(roff, "ENVIRONMENT");
    let markers: Vec<&str> = AGENT_MARKERS
        .iter()
        .copied()
        .filter(|marker| *marker != "AGENT_NAME")
        .collect();
    definition(
        roff,
        &markers.join(", "),
        "Set by coding agents. If one of them is set, the caller is treated as an agent, whatever \
         its name: it cannot approve, loosen a rule, or end another actor's claim or reservation. \
         AGENT does not count if its value means no (such as 0 or false) or is a path.",
    );
    definitions(roff, "EXIT STATUS");
    roff.control("PP", []);
    roff.text([
        roman("With "),
        bold("--json"),
        roman(
            ", standard output contains one document: {\"schema_version\":1,\"data\":…}, or \
             {\"schema_version\":1,\"error\":{\"code\",\"message\",\"hints\"}}. Lists are \
             {\"items\":[…]} in data. Notices, which text output prints to standard error, are in \
             \"notices\":[…], next to data or error; commands whose JSON has another form print \
             them to standard error.",
        ),
    ]);
    definitions(roff, "FILES");
    roff.control("SH", ["EXAMPLES"]);
    let lines: Vec<&str> = section("EXAMPLES").collect();
    for topic in lines.chunk_by(|_, next| next.starts_with("  ")) {
        roff.control("PP", []);
        roff.text([roman(topic[0])]);
        super::verbatim(roff, topic[1..].iter().map(|line| &line[2..]));
    }
}

/// The lines of a section.
fn section(heading: &str) -> impl Iterator<Item = &'static str> {
    let is_it = move |line: &&str| line.strip_prefix("# ") == Some(heading);
    let lines = SECTIONS.lines().skip_while(move |line| !is_it(line));
    let own = lines.skip(1).take_while(|line| !line.starts_with("# "));
    own.filter(|line| !line.is_empty())
}

fn definitions(roff: &mut Roff, heading: &str) {
    roff.control("SH", [heading]);
    let mut lines = section(heading);
    while let (Some(term), Some(text)) = (lines.next(), lines.next()) {
        definition(roff, term, text.trim_start());
    }
}

fn definition(roff: &mut Roff, term: &str, text: &str) {
    roff.control("TP", []);
    roff.text([bold(term)]);
    roff.text([roman(text)]);
}
