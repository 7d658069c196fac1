//! git-pm-beads(7): the differences from beads, for its users.

use clap_mangen::roff::{Roff, bold, roman};

/// The file name of the page.
pub const FILE: &str = "git-pm-beads.7";

/// The parts: a heading and paragraphs. Paragraphs that begin with two spaces are verbatim.
const PARTS: &[(&str, &[&str])] = &[
    (
        "DESCRIPTION",
        &[
            "git pm issue has the commands and options of beads (bd), so beads users can set an alias:",
            "  alias bd='git pm issue'",
            "create, q, list, show, update, close, reopen, delete, ready, blocked, claim, dep, \
             label, comment, comments, epic, gate, defer, undefer, search, count and children \
             are supported with their most common options. \
             With --format beads, they print beads' JSON, with the same keys in the same order and \
             without an envelope; with --json, they print git pm's own JSON.",
            "  alias bd='git pm issue --format beads'",
        ],
    ),
    (
        "WHAT IS READY",
        &[
            "An issue is ready if and only if its status is open; its type is not one of epic, \
             merge-request, gate, molecule, message, agent, role or rig; it is not pinned, \
             ephemeral or a template; it is not deferred; it is unclaimed; none of its \
             children is open; nothing it waits for is open; and no ancestor is blocked. An \
             ancestor is blocked if it is a template, or if it is open and waits for something \
             open, is deferred, or has the status blocked. Tasks follow the same rule with the \
             status queued; epics and requirements documents (git pm epic, git pm prd) are never \
             ready.",
            "An issue waits for the targets of its edges of type blocks, conditional-blocks and \
             waits-for. Targets that are closed, pinned, templates, deleted or missing do not block. \
             An edge of type waits-for with the gate all-children waits for the open children of \
             its target while the target is open; with any-children, it waits only until one of \
             them is closed. \
             While the target has no children, both wait for the target itself.",
            "Only a merge of two clones can create a cycle. In a cycle, the edge that starts at \
             the newest issue, the same one in every clone, is ignored; git pm doctor and git pm \
             issue dep cycles report the cycle. git pm why ID and git pm issue ready --explain \
             show the reasons.",
        ],
    ),
    (
        "WHAT DIFFERS",
        &[
            "There is no database, no daemon and no export file to keep in sync: each change is a \
             commit on refs/pm/main, and git pm sync shares it. Nothing is stored in the working \
             tree.",
            "The hash in an ID has at least four characters, and more as the store grows. A \
             command that writes accepts a full ID, its alias, the hash alone, or a unique prefix, but \
             not a substring from the middle. Child numbers are settled by sync: if two clones assigned \
             the same number, the child that was published first keeps it, and the other one gets \
             a new number and can still be found by its alias. The prefix of new IDs is pm, or \
             that of the first imported file; git pm config --shared pm.issuePrefix NAME changes \
             it. beads rejects files with two prefixes; git pm export beads --prefix NAME writes all IDs \
             with one.",
            "Deferral and gates apply to all descendants, not only to children; a parent in progress \
             does not hide its children. A container with open children is not ready, whatever its \
             type.",
            "A waits-for edge without a gate waits for its target; in beads, it waits for the \
             target's children.",
            "create --deps TYPE:ID adds an edge from the new issue to ID for every type: with \
             blocks:ID, or just ID, the new issue waits for ID.",
            "defer --until keeps the status open, and the issue is ready again at that time; without \
             --until, its status is deferred until undefer.",
            "claim, update --claim, ready --claim, close --claim-next and close --continue settle \
             the claim with the remote before they report success; if the claim is lost, they exit \
             with 3 and name the holder. They do not create a branch; git pm start ID does.",
            "close rejects issues that have open children, wait for open items, or are pinned, unless \
             --force is given. A parent can be closed together with its children. One whose branch \
             has commits that its target lacks is finished and merged; only a human closes it \
             otherwise, with --force.",
            "delete requires --force only if open items are below the deleted issue or wait for \
             it, or if another actor holds it; a tombstone remains, and git pm undo reverts the \
             deletion.",
            "A command with several IDs, or - for IDs on standard input, makes one commit: all \
             changes or none. git pm batch does that for different operations, with beads' options \
             as JSON keys. close skips issues that are already closed, and reports them.",
            "Gates are evaluated only by gate check. It evaluates timers and local issues; it reports \
             human, mail, gh:run and gh:pr gates as unknown or expired; gate resolve closes those.",
            "With --ephemeral, all commands use issues on a local ref (refs/pm-local/ephemeral) \
             that is never synced. These have separate IDs, have no edges to other items, are \
             never offered as work, and are removed by git pm gc a week after the last change \
             (pm.gc.ephemeral).",
            "comment ID TEXT and comments add ID TEXT add a comment; comments ID lists the comments.",
            "Case and hyphens in statuses are ignored (in-progress, Done), but a status that is \
             neither known nor in use requires --force. The same applies to issue \
             types in create and update, and to edge types in dep add; create --deps accepts only \
             edge types that are known or in use. blocked-by and depends-on are synonyms of \
             blocks.",
            "close, update, defer and delete require --force for an issue that another actor \
             holds, and exit with 3 without it; the holder is notified if the claim ends.",
            "export beads writes a later updated_at for records that were changed here after their \
             import, even if the change was undone, so that bd import accepts them; a record with \
             changed content has no content_hash. All other records are byte-identical. If a value \
             changed on both sides, the newer one is kept: the import reports it, and git pm log \
             --conflicts lists the overridden values. Files with git's conflict markers are rejected.",
            "Both count the children of an issue from 1. If a record has the id of another issue, created \
             here, the import keeps both: the one from here gets a new id, or if other clones know it \
             already, the record is skipped.",
            "beads commands that are separate commands here (init, sync, stats, status, doctor, \
             export, import, graph, config, version, info) fail with a hint that names the \
             corresponding command, unless bd is the program described below. git push does not \
             push the state; git pm sync does.",
            "Not supported, with an error that names what to use instead: create --id, --file, --dry-run, \
             --validate; update --await-id; ready --mol, --gated, --include-deferred; show --current; list \
             --desc-contains, --notes-contains; search --sort, --status other than all; delete --dry-run, \
             stale, orphans, duplicates, lint; state, kv, remember, todo, audit, compact, admin, \
             rename-prefix, sql, template, daemon, migrate, cleanup, activity, restore, pin, unpin, \
             repair, validate, merge, merge-slot, unclaim, move, promote, hook, query, diff, vc, \
             types, statuses; the flag --readonly. Molecules, formulas, swarms and rigs are not supported; \
             create --from copies a template with the issues below it. IDs cannot be chosen.",
            "list --label a,b finds issues with either label, as a query does; in beads, and with the \
             program described below, those with both, as --label a --label b here.",
            "git pm issue lists only issues; git pm ready, blocked, next and search also cover tasks.",
            "Priority, status and type accept all of beads' values; unknown values in an import \
             are kept unchanged.",
        ],
    ),
    (
        "A PROGRAM CALLED BD",
        &[
            "An alias exists only in an interactive shell. Agents and scripts need a program on the \
             PATH. git pm install bd writes one, which runs git pm bd:",
            "  git pm install bd",
            "For --json, the commands of git pm issue print beads' JSON: show has both directions \
             of each edge with the dependency_type, lists have dependency_count, dependent_count \
             and comment_count (dependents are those that wait for the issue, and its children), \
             and epic status has the progress of each epic. Other commands print git pm's own \
             JSON. init, sync, stats, status, doctor, export, import, graph, config, version, \
             help, info, prime, onboard, quickstart, setup, hooks, mail, dolt and history run the \
             corresponding commands of git pm, and reject options that these do not have. sync \
             --status, --check, --dry-run, --flush-only and --import-only print the status, \
             send nothing, and write and read no file; sync --no-push only pulls, \
             and sync --no-pull only pushes. import reads standard input only for -. It also \
             accepts show --short and --children, ready --sort, list --created-after and the like, --priority-min, --priority-max, \
             --no-labels and --overdue, search --query and --status all, dep add --blocked-by, \
             dep relate, relate, duplicate --of and supersede --with. --no-daemon, --no-db, \
             --no-auto-flush, --no-auto-import, --allow-stale, --db and --lock-timeout have no \
             effect; --actor means --as, and --sandbox means --offline.",
            "Hooks that beads wrote keep working: hooks run does nothing, since git runs git pm's own \
             hooks beside them. The merge driver of .beads/issues.jsonl (bd merge) merges it as a text, \
             with git's conflict markers. list --sort sorts in ascending order, and in descending order \
             with -FIELD; count counts the issues of all statuses, git pm issue count those that are open.",
        ],
    ),
    (
        "HOW OTHER KINDS APPEAR",
        &[
            "With --format beads, a task is an issue of the task's type, an epic is an issue of \
             type epic, and a requirements document is an issue of type prd (epic in export \
             beads). The task statuses queued, in_review and ready_for_integration become open, \
             in_progress and in_progress; done and cancelled become closed. A status that came with \
             a record stays as it came until it changes, whatever it means here. A soft dependency \
             becomes an edge of type related, and the epic of a task becomes an edge of type \
             parent-child. Acceptance criteria become lines in acceptance_criteria.",
        ],
    ),
];

/// The page in roff.
pub fn page() -> String {
    let mut roff = Roff::new();
    let source = concat!("git-pm ", env!("CARGO_PKG_VERSION"));
    roff.control("TH", ["GIT-PM-BEADS", "7", "", source, "git pm manual"]);
    roff.control("SH", ["NAME"]);
    roff.text([roman("git-pm-beads - git pm for users of beads")]);
    let lines: Vec<&str> = PARTS.lines().filter(|line| !line.is_empty()).collect();
    let is_typed = |text: &&str| text.starts_with("  ");
    for texts in lines.chunk_by(|a, b| is_typed(a) && is_typed(b)) {
        if let Some(heading) = texts[0].strip_prefix("# ") {
            roff.control("SH", [heading]);
        } else if is_typed(&texts[0]) {
            super::verbatim(&mut roff, texts.iter().map(|text| &text[2..]));
        } else {
            roff.control("PP", []);
            roff.text([roman(texts[0])]);
        }
    }
    roff.control("SH", ["SEE ALSO"]);
    roff.text([
        bold("git-pm-issue"),
        roman("(1), "),
        bold("git-pm"),
        roman("(1)"),
    ]);
    roff.to_roff()
}
