//! What an agent may do, and what only a human may: settings, fields, operations.
//!
//! The rows of the settings are in [`super::settings`]. What is not in a table is for humans only, so
//! a new setting, field or operation is closed to agents until a row is added here.
//! `docs/authority.md` shows these tables. Pure.

use std::path::{Component, Path};

use super::approval;
use super::doc::{Doc, Entry};
use super::finding::Severity;
use super::id::ItemKind;
use super::status::Status;
use super::value::Value;
use super::vocabulary::AutoPolicy;

/// Who may change something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Humans only: the default of a new row.
    Humans,
    /// Agents too, as long as the new value permits no more than the old one.
    Stricter,
    /// Agents too, until the work on the item has begun.
    Unstarted,
    /// Anybody.
    Anybody,
}

/// The fields of items that agents may change freely, as far as the operation and the stops of
/// humans allow it.
pub(crate) const OPEN_FIELDS: &str = "
    title type status status_before priority assignee estimate risk validation stream labels paths
    external_refs depends_on edges edge_attributes acceptance acceptance_criteria design notes texts
    metadata spec_id owner_email source_system estimated_minutes timeout_ns due_at defer_until
    put_off_by put_off_until stopped_by removed_by pinned ephemeral template await_type await_id
    points story requirement source source_lines planned_from branch_pattern scope_overrides claims
    branch created_at created_by started_at started_by finished_at finished_by finished_commit
    gates_passed gate_failed returned change_plan forced forced_past evidence closed_at closed_by reason merged_commit
    merged_into nothing_learned reviews kept_findings mirrors pulls deleted deleted_at deleted_by delete_reason undone external id";

/// The fields of items that agents may change under a condition.
pub(crate) const LIMITED_FIELDS: [(&str, Who); 5] = [
    ("auto_policy", Who::Stricter),
    ("approval", Who::Stricter),
    ("approval_note", Who::Stricter),
    ("epic", Who::Unstarted),
    ("target", Who::Unstarted),
];

/// The operations that agents may perform, as commits of the state name them, without the kind of
/// the item. Many of them have conditions of their own: claims, reservations, stops.
pub(crate) const OPEN_OPERATIONS: &str = "
    create, create --from, edit, update, comment, start, claim, accept, finish, drop, done, cancel, close,
    return, delete, reopen, block, unblock, defer, undefer, reassign, gates, gate create, gate check, label, label add, label remove, epic close-eligible,
    dep add, dep rm, batch, import, undo, conflicts, sync, push, pull, merge, merge conflict, next, worktree gc,
    msg send, msg read, msg thread, msg reply, msg delegate, msg ack, msg accept, msg decline, handoff,
    reserve add, reserve renew, reserve release, artifact put, artifact get, artifact remove,
    context set, context edit, context remove, review, finding fix, finding keep, finding reopen, finding import,
    finding comment, finding to-issue, github comment, github pr, github pull, github push, github resolve, github sync,
    learn add, learn edit, learn draft, learn accept, learn delete, learn use, learn vote, learn none,
    prd add, prd new, scope, scope override, plan new, plan regenerate, plan update, plan add,
    plan write, plan set, plan rm, plan dep, plan order, plan merge, plan edit, plan deepen, plan debate,
    plan decompose, plan fast, plan seed, planner, taskmaster, develop, reviewer, init, run, hook bypass, hook renew, gc, fsck";

/// Who may change a field of an item.
pub fn field(name: &str) -> Who {
    let limited = LIMITED_FIELDS.iter().find(|(limited, _)| *limited == name);
    match limited {
        Some((_, who)) => *who,
        None if OPEN_FIELDS.split_whitespace().any(|open| open == name) => Who::Anybody,
        None => Who::Humans,
    }
}

/// Who may perform an operation, named as in commits of the state.
pub fn operation(op: &str) -> Who {
    let kinds = ["task ", "issue ", "epic ", "prd "];
    let plain = kinds.iter().find_map(|kind| op.strip_prefix(kind));
    let import = op.starts_with("import ").then_some("import");
    let names = [Some(op), plain, import];
    let is_open = |open: &str| names.contains(&Some(open));
    match OPEN_OPERATIONS.split(',').map(str::trim).any(is_open) {
        true => Who::Anybody,
        false => Who::Humans,
    }
}

/// The first field of an item that a change writes although agents may not; `before` is `None` for
/// a new item.
pub fn closed_field<'d>(before: Option<&'d Doc>, after: &'d Doc) -> Option<&'d str> {
    let docs = || before.into_iter().chain([after]);
    let value = |doc: Option<&'d Doc>, name: &str| doc.map_or(&Value::Null, |doc| doc.value(name));
    let begun = before.is_some_and(|doc| {
        doc.records.contains_key("claims")
            || ["branch", "started_at"]
                .iter()
                .any(|name| doc.text(name).is_some())
    });
    let registers = docs().flat_map(|doc| doc.regs.keys()).filter(|name| {
        let (old, new) = (value(before, name), value(Some(after), name));
        let allowed = match field(name) {
            Who::Humans => false,
            // That of a closed item permits nothing: an undo may bring it back with the status.
            Who::Stricter if approval::FIELDS.contains(&name.as_str()) => {
                new.is_null() || is_over(after)
            }
            Who::Stricter => policy(new, 9) <= policy(old, 0),
            Who::Unstarted => !begun,
            Who::Anybody => true,
        };
        old != new && !allowed
    });
    let is_closed = |name: &&String| field(name) != Who::Anybody;
    let sets = docs().flat_map(|doc| doc.sets.keys()).filter(is_closed);
    let sets =
        sets.filter(|name| before.and_then(|doc| doc.sets.get(*name)) != after.sets.get(*name));
    let is_private = |doc: &Doc| doc.elements("labels").any(is_private_label);
    let published = before.is_some_and(is_private) && !is_private(after);
    let records = docs().flat_map(|doc| doc.records.keys()).filter(is_closed);
    let records = records
        .filter(|name| before.and_then(|doc| doc.records.get(*name)) != after.records.get(*name));
    registers
        .chain(sets)
        .chain(records)
        .map(String::as_str)
        .chain(published.then_some("labels"))
        .next()
}

/// The first field of a finding that a change writes although agents may not: only a human decides that
/// one does not count, or counts less than was said.
pub fn closed_finding_field(before: Option<&Doc>, after: &Doc) -> Option<&'static str> {
    let value =
        |doc: Option<&Doc>, name: &str| doc.map_or(Value::Null, |doc| doc.value(name).clone());
    let dismissed = ["dismissed_by", "deleted"].into_iter();
    let mut dismissed = dismissed.filter(|name| value(before, name) != *after.value(name));
    let is_lowered = before.is_some_and(|before| {
        let rank = |doc: &Doc| doc.text("severity").and_then(Severity::parse);
        rank(after) > rank(before)
            || (before.value("confirmed").is_true() && !after.value("confirmed").is_true())
    });
    dismissed.next().or(is_lowered.then_some("severity"))
}

/// True for the labels of items that must not leave this machine.
pub fn is_private_label(label: &str) -> bool {
    let label = label.trim().to_ascii_lowercase();
    ["privacy:local", "privacy=local"].contains(&label.as_str())
}

/// True if an item is closed.
fn is_over(doc: &Doc) -> bool {
    let kind = ItemKind::parse(&doc.kind);
    let status = kind.and_then(|kind| Status::parse(kind, doc.text("status")?));
    status.is_some_and(|status| status.is_closed())
}

/// True if a change of a plan gives a task a looser policy. There, `none` is the
/// default, and forbids only where it was set by hand.
pub fn loosens_plan(before: Option<&Doc>, after: &Doc) -> bool {
    let rank = |entry: Option<&Entry>, unknown: u8| {
        let value = entry.map_or(&Value::Null, |entry| entry.value("auto_policy"));
        let by = entry.and_then(|entry| entry.text("by_auto_policy"));
        match by {
            Some(_) => policy(value, unknown),
            None => rank_in_plan(value, unknown),
        }
    };
    after.records.iter().any(|(record, entries)| {
        entries.iter().any(|(id, entry)| {
            let old = before.and_then(|doc| doc.entry(record, id));
            rank(Some(entry), 9) > rank(old, 0)
        })
    })
}

/// The stricter of the policies of two tasks of a plan.
pub fn stricter_of_plan(a: AutoPolicy, b: AutoPolicy) -> AutoPolicy {
    let rank = |one: &AutoPolicy| rank_in_plan(&one.as_str().into(), 9);
    [a, b].into_iter().min_by_key(rank).unwrap_or(a)
}

/// As [`policy`], in a plan.
fn rank_in_plan(value: &Value, unknown: u8) -> u8 {
    match value.as_str().is_none_or(|word| word == "none") {
        true => policy(&Value::Null, unknown),
        false => policy(value, unknown),
    }
}

/// How much an `auto_policy` permits; `unknown` is the rank of a word of another version. Without a
/// policy whoever starts a run decides, so a run may merge the item, and `review` promises it.
fn policy(value: &Value, unknown: u8) -> u8 {
    let word = match value {
        Value::Null => return 3,
        value => value.as_str().and_then(AutoPolicy::parse),
    };
    match word {
        None => unknown,
        Some(AutoPolicy::None) => 0,
        Some(AutoPolicy::Plan) => 1,
        Some(AutoPolicy::Develop) => 2,
        Some(AutoPolicy::Review) => 4,
    }
}

/// Hidden names into which anybody may write: files of trackers.
const HARMLESS: [&str; 2] = [".beads", ".backlog"];

/// Names without a dot that programs run or obey.
const RUN_LATER: &[&str] = &["makefile", "gnumakefile", "justfile", "package.json"];

/// True if a path is in a tracker's folder.
pub fn is_harmless(below: &Path) -> bool {
    let first = below.components().next();
    first.is_some_and(|part| HARMLESS.iter().any(|name| part.as_os_str() == *name))
}

/// True if something at a path of a worktree may run later, or instruct a program: hidden names
/// (`.mcp.json`, `.claude/`, `.husky/`, `.pm.toml`, `.github/`, `.git…`, `.envrc`) and a few others,
/// compared as file systems do that ignore case, marks without width, or the end of a name.
pub fn runs_later(below: &Path) -> bool {
    below.components().any(|part| {
        let Component::Normal(name) = part else {
            return false;
        };
        let text = name.to_string_lossy();
        let seen = text.chars().filter(|c| !is_ignored(*c));
        let name: String = seen.flat_map(char::to_lowercase).collect();
        let name = name.replace('\u{17f}', "s");
        let name = name.split(':').next().unwrap_or_default();
        let name = name.trim_end_matches(['.', ' ']);
        let short = name.split_once('~');
        // `CLAUDE.md`, `CLAUDE.local.md`, `AGENTS.override.md`.
        let instructs = ["agents", "claude", "gemini"]
            .iter()
            .any(|agent| name.split('.').next() == Some(agent) && name.ends_with(".md"));
        name.starts_with('.') && !HARMLESS.contains(&name)
            || RUN_LATER.contains(&name)
            || instructs
            || name.starts_with("lefthook")
            || short.is_some_and(|(_, end)| end.starts_with(|c: char| c.is_ascii_digit()))
    })
}

/// True for characters that HFS+ ignores in names.
fn is_ignored(c: char) -> bool {
    matches!(c, '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{206a}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::settings::ALL;
    use crate::model::stamp::Stamp;
    use crate::model::uid::Uid;

    fn task(fields: &[(&str, &str)]) -> Doc {
        let uid = Uid::derived(&["task"]);
        let mut doc = Doc::new(uid, "task", "T-0001", "1.0.a".parse::<Stamp>().unwrap());
        for (name, value) in fields {
            doc.put(name, *value);
        }
        doc
    }

    #[test]
    fn a_policy_only_gets_stricter() {
        let words = ["none", "plan", "develop", "", "review"];
        let doc = |word: &str| match word {
            "" => task(&[]),
            word => task(&[("auto_policy", word)]),
        };
        for (old, from) in words.iter().enumerate() {
            for (new, to) in words.iter().enumerate() {
                let (before, after) = (doc(from), doc(to));
                let closed = closed_field(Some(&before), &after);
                assert_eq!(closed.is_some(), new > old, "{from} to {to}");
            }
        }
        assert!(closed_field(None, &doc("review")).is_some());
        assert!(closed_field(None, &doc("none")).is_none());
        assert!(closed_field(Some(&doc("none")), &doc("newer")).is_some());
        assert!(closed_field(Some(&doc("newer")), &doc("plan")).is_some());
    }

    #[test]
    fn what_no_table_names_is_closed() {
        let (none, new) = (task(&[]), task(&[("invented", "x")]));
        assert_eq!(closed_field(Some(&none), &new), Some("invented"));
        assert_eq!(closed_field(Some(&new), &none), Some("invented"));
        let mut set = task(&[]);
        set.put_element("owners", "x");
        assert_eq!(closed_field(Some(&none), &set), Some("owners"));
        assert_eq!(operation("task invented"), Who::Humans);
        assert_eq!(operation("task approve"), Who::Humans);
        assert_eq!(operation("plan approve"), Who::Humans);
        assert_eq!(operation("budget set"), Who::Humans);
        assert_eq!(operation("config"), Who::Humans);
        assert_eq!(operation("plan keep"), Who::Humans);
        assert_eq!(operation("task start"), Who::Anybody);
        assert_eq!(operation("issue gate create"), Who::Anybody);
        assert_eq!(operation("import beads"), Who::Anybody);
    }

    #[test]
    fn an_epic_is_free_until_the_work_begins() {
        let after = task(&[("epic", "E-0002")]);
        assert!(closed_field(Some(&task(&[("epic", "E-0001")])), &after).is_none());
        let begun = task(&[("epic", "E-0001"), ("branch", "task/x")]);
        let after = task(&[("epic", "E-0002"), ("branch", "task/x")]);
        assert_eq!(closed_field(Some(&begun), &after), Some("epic"));
        let after = task(&[("branch", "task/x")]);
        assert_eq!(closed_field(Some(&begun), &after), Some("epic"));
        let approved = task(&[("approval", "advisory")]);
        assert_eq!(closed_field(Some(&task(&[])), &approved), Some("approval"));
        assert!(closed_field(Some(&approved), &task(&[])).is_none());
    }

    /// The tables as `docs/authority.md` has them; `GIT_PM_BLESS=1` writes them.
    #[test]
    fn the_document_has_the_tables() {
        let who = |who: Who| match who {
            Who::Humans => "humans only",
            Who::Stricter => "agents only stricter",
            Who::Unstarted => "agents until the work has begun",
            Who::Anybody => "anybody",
        };
        let mut text = String::from("\n## Settings\n\n| setting | who |\n|---|---|\n");
        for setting in ALL.iter().filter(|one| one.who != Who::Humans) {
            text += &format!("| `{}` | {} |\n", setting.key, who(setting.who));
        }
        text += "| every other | humans only |\n";
        text += "\n## Fields of items\n\n| field | who |\n|---|---|\n";
        for (name, limited) in LIMITED_FIELDS {
            text += &format!("| `{name}` | {} |\n", who(limited));
        }
        let listed = |all: Vec<&str>| {
            let all: Vec<String> = all.iter().map(|name| format!("`{name}`")).collect();
            format!("| {} | anybody |\n", all.join(", "))
        };
        text += &listed(OPEN_FIELDS.split_whitespace().collect());
        text += "| every other | humans only |\n";
        text += "\n## Operations\n\n| operation | who |\n|---|---|\n";
        text += &listed(OPEN_OPERATIONS.split(',').map(str::trim).collect());
        text += "| every other | humans only |\n";
        let path = "../../docs/authority.md";
        let document = std::fs::read_to_string(path).unwrap();
        let (start, _) = document.split_once("\n## Settings\n").unwrap();
        let wanted = format!("{start}{text}");
        if std::env::var_os("GIT_PM_BLESS").is_some() {
            std::fs::write(path, &wanted).unwrap();
        }
        assert_eq!(document, wanted, "GIT_PM_BLESS=1 writes it");
    }

    /// An operation or field that is gone must not stay open for a later one of that name.
    #[test]
    fn the_document_of_fields_has_every_open_one() {
        let fields = std::fs::read_to_string("../../docs/FORMAT-fields.md").unwrap();
        let of_items = fields.split("\n## ").nth(1).unwrap();
        for name in OPEN_FIELDS.split_whitespace() {
            let is_known = of_items.contains(&format!("`{name}`"));
            assert!(is_known || ["external", "id"].contains(&name), "{name}");
        }
    }

    #[test]
    fn places_that_run_later() {
        for path in [
            ".mcp.json",
            ".claude/settings.json",
            "web/.CLAUDE/x",
            ".Husky/pre-commit",
            ".pm.toml",
            ".GitHub/workflows/w.yml",
            ".g\u{200c}it/hooks/x",
            "\u{200d}.git",
            ".gitattributes",
            "git~1/config",
            "MAKEFILE",
            "Ma\u{212a}efile",
            "src/ju\u{17f}tfile",
            "package.json.",
            "Makefile::$DATA",
            "AGENTS.md",
            "sub/Claude.local.md",
            "AGENTS.override.md",
            "lefthook.yml",
            ".beads/.hidden",
        ] {
            assert!(runs_later(Path::new(path)), "{path}");
        }
        for path in [
            "src/main.rs",
            "docs/plan.md",
            "docs/agents-guide.md",
            ".beads/issues.jsonl",
            "a~b",
            "./out.txt",
        ] {
            assert!(!runs_later(Path::new(path)), "{path}");
        }
    }
}
