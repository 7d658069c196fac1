//! git-pm-beads(7): for who comes from beads, what is alike and what is not.

use clap_mangen::roff::{Roff, bold, roman};

/// The page's file.
pub const FILE: &str = "git-pm-beads.7";

/// What each part says: a heading and its paragraphs. A paragraph that begins with two spaces is
/// typed as it stands.
const PARTS: &[(&str, &[&str])] = &[
    (
        "DESCRIPTION",
        &[
            "git pm issue has the verbs and flags of beads (bd), so that an alias serves who is \
             used to it:",
            "  alias bd='git pm issue'",
            "create, q, list, show, update, close, reopen, delete, ready, blocked, claim, dep, \
             label, comment, comments, epic, gate, defer, undefer, search, count, stale, orphans, \
             duplicates, lint and children are there with the flags that beads users type most. \
             With --format beads they print beads' own JSON: its keys in its order, without an \
             envelope; with --json, that of git pm.",
            "  alias bd='git pm issue --format beads'",
        ],
    ),
    (
        "WHAT IS READY",
        &[
            "An issue is ready exactly if its state is open; its type is none of epic, \
             merge-request, gate, molecule, message, agent, role and rig; it is neither pinned, \
             nor ephemeral, nor a template; it is not put off; nobody holds it; none of its \
             children is open; nothing it waits for is open; and no ancestor is held up. An \
             ancestor is held up if it is a template, or if it is open and waits for something \
             open, is put off, or is blocked by hand. Tasks follow the same rule with the state \
             queued; epics and requirements documents (git pm epic, git pm prd) are never offered.",
            "It waits for the targets of its edges of type blocks, conditional-blocks and \
             waits-for. What is closed, pinned, a template, deleted or not here holds nobody up. \
             An edge of type waits-for with the gate all-children waits for the open children of \
             its target while that is open; with any-children it does so until one of them is \
             closed; while the target has no children both wait for the target itself.",
            "Of a cycle, which only a merge of two clones can make, the edge that starts at the \
             youngest issue does not count, alike in every clone; git pm doctor and git pm issue \
             dep cycles report it. git pm why ID and git pm issue ready --explain give the reasons.",
        ],
    ),
    (
        "WHAT DIFFERS",
        &[
            "There is no database, no daemon and no export file to keep in step: each command is \
             a commit on refs/pm/main, and git pm sync exchanges it. Nothing is in the working \
             tree.",
            "Ids: four characters at least; more as the store grows. A write takes an id in full, \
             its alias, or a beginning that fits one issue only, never a part from its middle. \
             Child numbers are settled by sync: where two clones gave one number, the child that \
             was published first keeps it, and the other one gets a new number and stays known by \
             its alias. The prefix of new ids is pm, or that of the first file that was imported; git \
             pm config --shared pm.issuePrefix NAME changes it. beads refuses a file with two \
             prefixes.",
            "Deferral and gates reach through every level, not one; a parent in progress does not \
             hide its children. A container with open children is not offered, whatever its type.",
            "A waits-for edge without a gate waits for its target; in beads it waits for the \
             target's children.",
            "create --deps TYPE:ID makes an edge from the new issue to ID for every type: with \
             blocks:ID, or ID alone, the new issue waits for ID.",
            "defer --until leaves the state open, and the issue comes back by itself at that \
             time; without --until its state is deferred until undefer.",
            "claim, update --claim, ready --claim, close --claim-next and close --continue are \
             settled with the remote before they say yes; a lost one exits with 3 and names who \
             was first. They make no branch; git pm start ID does.",
            "close refuses an issue with open children, one that waits for something open, and a \
             pinned one, unless --force is given. Closing parent and children in one command is \
             fine.",
            "delete asks for --force only where open issues need the one to be deleted; a \
             tombstone remains, and git pm undo takes the deletion back.",
            "Many ids, or - for ids on standard input, are one commit: all of them or none. git \
             pm batch does that for different operations, with beads' flags as keys. close leaves out \
             what is closed already, and says so.",
            "Gates are polled by gate check alone. It can see time-outs and issues here; human, \
             mail, gh:run and gh:pr it reports as unknown or expired, and gate resolve opens them.",
            "--ephemeral, with any verb, is about issues on a ref of this clone \
             (refs/pm-local/ephemeral) that no sync takes along. They have ids of their own, have \
             no edges to other items, are never offered as work, and git pm gc forgets them a week \
             after the last change (pm.gc.ephemeral).",
            "comment ID TEXT adds a comment, as comments add ID TEXT does, and comments ID lists \
             them.",
            "A mistyped state is refused: case and hyphens are forgiven (in-progress, Done), a word \
             that is neither known nor used here already needs --force. So does a mistyped type of an \
             issue with create and update, and one of an edge with dep add; create --deps takes only \
             types of edges that are known or used here. blocked-by and depends-on are other words for \
             blocks.",
            "close, update, defer and delete of an issue that another actor holds need --force, and \
             exit with 3 without it; the holder is told when that ends the claim.",
            "export beads gives a record that was written here since it came in a later updated_at, \
             also where that was taken back, so that bd import takes it; where it says something \
             else than it did, it has no content_hash. All others are byte for byte as they came. \
             Of a value that changed on both sides the newer one stands: the import says which, \
             and git pm log --conflicts lists what gave way here. A file with git's conflict markers is \
             refused.",
            "Verbs of beads that are commands of their own here (init, sync, stats, status, doctor, \
             export, import, graph, config, version, info) are refused with the name of that \
             command, unless bd is the program below. git push does not carry the state; git pm \
             sync does.",
            "Not there: create --id, --file (of many issues: git pm batch, git pm plan), --dry-run, \
             --validate; update --await-id; ready --sort, --mol, --gated, --include-deferred, --pretty; \
             show --current, --short, --refs, --children; dep add --blocked-by, dep relate; list by \
             times, by ranges of priority or for empty fields (queries say most of it: git pm help \
             list); search --status, --sort and --query; delete --dry-run, duplicates --auto-merge; \
             prime, onboard, quickstart, setup, state, kv, remember, todo, audit, compact, admin, \
             rename-prefix, sql; the flags --db, --sandbox and --readonly. --no-daemon and \
             --allow-stale have no effect here; --actor is --as.",
            "What beads' other verbs are for has other names here: git pm init, sync, log, doctor, \
             fsck, search, conflicts, worktree, reserve. Molecules and formulas, swarms and \
             rigs are not there; a template with issues below it is copied by create --from. An \
             id cannot be chosen.",
            "Lists under git pm issue are of issues; git pm ready, blocked, next and search are \
             about tasks, too.",
            "priority, status and type may be any that beads has; words that an import brings are \
             kept as they are.",
        ],
    ),
    (
        "A PROGRAM CALLED BD",
        &[
            "An alias exists in a person's shell only. Agents and scripts need a program on the \
             PATH. This one also finds the verbs that are commands of their own, leaves out flags of \
             sync that have no meaning here, and answers to --json in beads' form:",
            "  #!/bin/sh",
            "  json=",
            "  while :; do",
            "    case \"$1\" in",
            "      --no-daemon|--allow-stale) shift ;;",
            "      --json) json=--json; shift ;;",
            "      --actor) GIT_PM_ACTOR=$2; export GIT_PM_ACTOR; shift 2 ;;",
            "      *) break ;;",
            "    esac",
            "  done",
            "  case \"$1\" in",
            "    init)",
            "      git pm init || exit",
            "      case \"$2\" in --prefix|-p) exec git pm config --shared pm.issuePrefix \"$3\" ;; esac",
            "      exit ;;",
            "    sync)",
            "      case \" $* \" in *\" --status \"*) exec git pm $json status ;; esac",
            "      exec git pm $json sync ;;",
            "    doctor|status|stats|graph|config) exec git pm $json \"$@\" ;;",
            "    info) exec git pm $json status ;;",
            "    version|--version) exec git pm --version ;;",
            "    hooks) shift; exec git pm hook \"$@\" ;;",
            "    export|import)",
            "      verb=$1; shift",
            "      case \"$1\" in -o|-i|--output|--input) shift ;; esac",
            "      exec git pm $json \"$verb\" beads \"$@\" ;;",
            "  esac",
            "  case \" $json $* \" in *\" --json \"*) exec git pm issue --format beads \"$@\" ;; esac",
            "  exec git pm issue \"$@\"",
        ],
    ),
    (
        "HOW OTHER KINDS APPEAR",
        &[
            "In beads' JSON a task is an issue of its own type, an epic one of type epic, and a \
             requirements document one of type prd. The task states queued, in_review and \
             ready_for_integration become open, in_progress and in_progress; done and cancelled \
             become closed. A soft dependency is an edge of type related, the epic of a task one of \
             type parent-child. Ticked acceptance criteria become lines of acceptance_criteria.",
        ],
    ),
];

/// The page.
pub fn page() -> String {
    let mut roff = Roff::new();
    let source = concat!("git-pm ", env!("CARGO_PKG_VERSION"));
    roff.control("TH", ["GIT-PM-BEADS", "7", "", source, "git pm manual"]);
    roff.control("SH", ["NAME"]);
    roff.text([roman("git-pm-beads - git pm for users of beads")]);
    for (heading, paragraphs) in PARTS {
        roff.control("SH", [*heading]);
        let is_typed = |text: &&str| text.starts_with("  ");
        for texts in paragraphs.chunk_by(|a, b| is_typed(a) && is_typed(b)) {
            if is_typed(&texts[0]) {
                super::verbatim(&mut roff, texts.iter().map(|text| &text[2..]));
                continue;
            }
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
