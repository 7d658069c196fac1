//! The existing tasks of a plan whose document changed: what an approval updates, what it keeps and
//! reports, and what is no longer in the plan.

use serde_json::Value;

use super::{LOGIN, criteria, list, planned, task, text, texts, tip};
use crate::support::{Repo, Scene, set_up};

/// The document with other titles of FR-1, FR-2 and FR-4, other criteria of all, without FR-5 and
/// with a new requirement.
pub fn changed() -> String {
    let replaced = [
        ("FR-1: Store public keys", "FR-1: Keep public keys"),
        ("A malformed key", "A broken key"),
        ("FR-2: Log in with a key", "FR-2: Sign in with a key"),
        ("within 1 second", "within 2 seconds"),
        ("opens no session", "opens nothing"),
        ("FR-4: Write the guide", "FR-4: Write the handbook"),
        ("how to make a key", "how to make two keys"),
        ("FR-5: Draw the page", "FR-6: Rotate keys"),
        (
            "The page is responsive and user-friendly",
            "An old key is refused after 30 days",
        ),
    ];
    replaced
        .iter()
        .fold(LOGIN.to_string(), |document, (from, to)| {
            assert!(document.contains(from), "no \"{from}\"");
            document.replace(from, to)
        })
}

/// An approved plan: nobody touched FR-1 and FR-5, the title of FR-2 was set by hand, FR-3 is done,
/// FR-4 in progress. Then the document changed, and the plan with it.
struct Case {
    _scene: Scene,
    repo: Repo,
    keys: String,
    session: String,
    revoke: String,
    guide: String,
    page: String,
}

impl Case {
    fn new() -> Case {
        let (scene, repo) = set_up();
        planned(&repo, "login.md", LOGIN);
        let made = repo.data(&["plan", "approve"]);
        let item = |title: &str| text(task(&made, title), "item").to_string();
        let case = Case {
            keys: item("Store public keys"),
            session: item("Log in with a key"),
            revoke: item("Revoke a key"),
            guide: item("Write the guide"),
            page: item("Draw the page"),
            repo,
            _scene: scene,
        };
        let pm = |args: &[&str]| case.repo.pm(args).ok();
        pm(&["task", "edit", &case.session, "--title", "Open a session"]);
        pm(&["task", "done", &case.revoke, "--force"]);
        pm(&["start", &case.guide, "--no-worktree"]);
        case.repo.write("login.md", &changed());
        pm(&["plan", "update", "login.md", "--write"]);
        case
    }

    fn item(&self, id: &str) -> Value {
        self.repo.data(&["show", id])
    }
}

/// The entry of a task in a report.
#[track_caller]
fn entry<'v>(report: &'v Value, of: &str, id: &str) -> &'v Value {
    let found = list(report, of).iter().find(|one| one["id"] == id);
    found.unwrap_or_else(|| panic!("{id} is not among {of}: {report}"))
}

/// The ids in a part of a report.
fn ids_of<'v>(report: &'v Value, of: &str) -> Vec<&'v str> {
    list(report, of).iter().map(|one| text(one, "id")).collect()
}

/// The names of the fields in an entry.
fn fields(entry: &Value) -> Vec<&str> {
    list(entry, "fields")
        .iter()
        .map(|one| text(one, "field"))
        .collect()
}

/// PL-15, PL-29: the approval of a changed plan gives its values to a task that nobody began, in the
/// same commit.
#[test]
fn pl_15_an_approval_updates_the_tasks_that_nobody_began() {
    let case = Case::new();
    let repo = &case.repo;
    let before = tip(repo);
    let made = repo.data(&["plan", "approve"]);
    let commits = repo.git(&["rev-list", "--count", &format!("{before}..refs/pm/main")]);
    assert_eq!(commits.text(), "1", "not one commit");
    let keys = case.item(&case.keys);
    let wanted = task(&made, "Keep public keys");
    for field in [
        "title",
        "type",
        "estimate",
        "risk",
        "validation",
        "stream",
        "paths",
    ] {
        assert_eq!(keys[field], wanted[field], "{field}");
    }
    assert_eq!(criteria(&keys), criteria(wanted));
    assert_eq!(
        text(&keys, "body").trim(),
        text(wanted, "description").trim()
    );
    let updated = entry(&made, "updated", &case.keys);
    assert!(fields(updated).starts_with(&["title"]), "{updated}");
    assert!(fields(updated).contains(&"acceptance"), "{updated}");
    let shown = |field: &str| {
        let all = list(updated, "fields");
        all.iter()
            .find(|one| one["field"] == field)
            .unwrap()
            .clone()
    };
    assert_eq!(shown("title")["task"][0], "Store public keys");
    assert_eq!(shown("title")["plan"][0], "Keep public keys");
    // The new requirement is a task, as before.
    let rotate = text(task(&made, "Rotate keys"), "item");
    assert!(texts(&made, "created").contains(&rotate), "{made}");
    // Once more: nothing is left, and nothing changes.
    let before = tip(repo);
    let again = repo.data(&["plan", "approve"]);
    assert!(list(&again, "updated").is_empty(), "{again}");
    assert_eq!(tip(repo), before);
    repo.pm(&["fsck"]).ok();
}

/// PL-15: what a person changed, and work that was begun or is done, stays as it is; the approval and
/// `plan check` say what differs, and with which command it gets the plan's values.
#[test]
fn pl_15_an_approval_keeps_and_reports_what_a_person_decided() {
    let case = Case::new();
    let repo = &case.repo;
    let made = repo.data(&["plan", "approve"]);
    // A title set by hand stays, while the rest of the task follows.
    let session = case.item(&case.session);
    assert_eq!(session["title"], "Open a session");
    assert_eq!(
        criteria(&session),
        criteria(task(&made, "Sign in with a key"))
    );
    assert_eq!(fields(entry(&made, "kept", &case.session)), ["title"]);
    let guide = case.item(&case.guide);
    assert_eq!(guide["title"], "Write the guide");
    let kept = entry(&made, "kept", &case.guide);
    assert_eq!(kept["status"], "in_progress");
    assert!(fields(kept).contains(&"acceptance"), "{kept}");
    assert_eq!(
        criteria(&case.item(&case.revoke)),
        criteria_of(LOGIN, "FR-3")
    );
    assert_eq!(entry(&made, "kept", &case.revoke)["status"], "done");
    let command = format!("git pm plan approve P-0001 --overwrite {}", case.guide);
    assert_eq!(kept["command"], command);
    // The text says the same, and so does `plan check`.
    let said = repo.pm(&["plan", "approve"]).ok().out;
    for part in [&command, "Write the handbook", "kept", &case.revoke] {
        assert!(said.contains(part), "no `{part}`: {said}");
    }
    let checks = repo.data(&["plan", "check"]);
    let checks = checks["checks"].as_array().or(checks["items"].as_array());
    let said = serde_json::to_string(&checks).unwrap();
    assert!(
        said.contains("task-kept") && said.contains(&command),
        "{said}"
    );
    let diff = repo.data(&["plan", "diff"]);
    assert_eq!(ids_of(&diff["tasks"], "kept"), ids_of(&made, "kept"));
    // The command applies it, and then nothing of it is left.
    let words: Vec<&str> = command.split(' ').skip(2).collect();
    let applied = repo.data(&words);
    let guide = case.item(&case.guide);
    assert_eq!(guide["title"], "Write the handbook");
    assert_eq!(guide["status"], "in_progress");
    assert_eq!(
        criteria(&guide),
        criteria(task(&applied, "Write the handbook"))
    );
    assert!(fields(entry(&applied, "updated", &case.guide)).contains(&"title"));
    let applied = repo.data(&["plan", "approve", "--overwrite", &case.session]);
    assert_eq!(case.item(&case.session)["title"], "Sign in with a key");
    assert_eq!(
        ids_of(&repo.data(&["plan", "approve"]), "kept"),
        [&case.revoke]
    );
    assert!(ids_of(&applied, "kept").contains(&case.revoke.as_str()));
    let error = repo.pm(&["--json", "plan", "approve", "--overwrite", "T-9999"]);
    error.exits(4);
}

/// The criteria of a requirement of the document.
fn criteria_of<'d>(document: &'d str, id: &str) -> Vec<&'d str> {
    let (_, rest) = document.split_once(&format!("### {id}")).unwrap();
    let section = rest.split("\n#").next().unwrap();
    section
        .lines()
        .filter_map(|line| line.strip_prefix("- "))
        .collect()
}

/// PL-15: before the approval, `plan check` and `plan diff` say which tasks it will change.
#[test]
fn pl_15_a_check_names_the_tasks_that_the_next_approval_updates() {
    let case = Case::new();
    let repo = &case.repo;
    let said = repo.pm(&["plan", "check"]).out;
    let wanted = format!("the next approval gives {} the plan's title", case.keys);
    assert!(said.contains(&wanted), "{said}");
    let diff = repo.pm(&["plan", "diff"]).ok().out;
    assert!(
        diff.contains("behind") && diff.contains(&case.keys),
        "{diff}"
    );
    assert_eq!(case.item(&case.keys)["title"], "Store public keys");
}

/// PL-15: a task whose requirement was removed is reported with the command that cancels it, and
/// stays as it is.
#[test]
fn pl_15_a_task_that_is_no_longer_in_the_plan_is_reported_and_not_cancelled() {
    let case = Case::new();
    let repo = &case.repo;
    let made = repo.data(&["plan", "approve"]);
    let gone = entry(&made, "gone", &case.page);
    let command = format!("git pm task cancel {}", case.page);
    assert_eq!(gone["command"], command);
    assert_eq!(case.item(&case.page)["status"], "queued");
    let said = repo.pm(&["plan", "approve"]).ok().out;
    assert!(said.contains("gone") && said.contains(&command), "{said}");
    let said = repo.pm(&["plan", "check"]).out;
    assert!(
        said.contains("no longer in the plan") && said.contains(&command),
        "{said}"
    );
    let words: Vec<&str> = command.split(' ').skip(2).collect();
    repo.pm(&words).ok();
    let again = repo.data(&["plan", "approve"]);
    assert!(
        !ids_of(&again, "gone").contains(&case.page.as_str()),
        "{again}"
    );
}

/// PL-15: what a person decided after the plan changed is not reported.
#[test]
fn pl_15_a_value_set_by_hand_after_the_plan_changed_is_not_reported() {
    let case = Case::new();
    let repo = &case.repo;
    repo.pm(&["task", "edit", &case.session, "--title", "Begin a session"])
        .ok();
    let made = repo.data(&["plan", "approve"]);
    assert_eq!(case.item(&case.session)["title"], "Begin a session");
    assert!(
        !ids_of(&made, "kept").contains(&case.session.as_str()),
        "{made}"
    );
}

/// PL-15, DP: dependencies follow the document, too; one that a person added stays.
#[test]
fn pl_15_dependencies_follow_the_plan_and_those_of_a_person_stay() {
    let (_scene, repo) = set_up();
    planned(&repo, "login.md", LOGIN);
    let made = repo.data(&["plan", "approve"]);
    let item = |title: &str| text(task(&made, title), "item").to_string();
    let (keys, session) = (item("Store public keys"), item("Log in with a key"));
    let (guide, page) = (item("Write the guide"), item("Draw the page"));
    repo.pm(&["dep", "add", &session, &page]).ok();
    let moved = LOGIN.replace("Depends on FR-1.\n", "").replace(
        "### FR-4: Write the guide\n",
        "### FR-4: Write the guide\n\nDepends on FR-1.\n",
    );
    repo.write("login.md", &moved);
    repo.pm(&["plan", "update", "login.md", "--write"]).ok();
    repo.pm(&["plan", "approve"]).ok();
    let waits = |id: &str| {
        let item = repo.data(&["show", id]);
        let all = list(&item, "depends_on").iter();
        let ids = all.map(|one| one["id"].as_str().or(one.as_str()).unwrap().to_string());
        ids.collect::<Vec<String>>()
    };
    assert!(waits(&guide).contains(&keys), "{:?}", waits(&guide));
    assert!(!waits(&session).contains(&keys), "{:?}", waits(&session));
    assert!(waits(&session).contains(&page), "{:?}", waits(&session));
    // One that a person added and a new one of the plan would be a cycle: the approval is refused.
    repo.pm(&["dep", "add", &page, &guide]).ok();
    let round = moved.replace(
        "### FR-4: Write the guide\n\nDepends on FR-1.\n",
        "### FR-4: Write the guide\n\nDepends on FR-5.\n",
    );
    repo.write("login.md", &round);
    repo.pm(&["plan", "update", "login.md", "--write"]).ok();
    let before = tip(&repo);
    let error = repo.pm(&["--json", "plan", "approve"]).exits(1).error();
    assert!(error.to_string().contains("cycle"), "{error}");
    assert_eq!(tip(&repo), before);
}

/// PL-15: undoing the approval restores the tasks, and the next approval updates them again.
#[test]
fn pl_15_an_undone_approval_can_be_given_again() {
    let case = Case::new();
    let repo = &case.repo;
    repo.pm(&["plan", "approve"]).ok();
    repo.pm(&["undo"]).ok();
    let keys = case.item(&case.keys);
    assert_eq!(keys["title"], "Store public keys");
    assert_eq!(criteria(&keys), criteria_of(LOGIN, "FR-1"));
    let made = repo.data(&["plan", "approve"]);
    let keys = case.item(&case.keys);
    assert_eq!(keys["title"], "Keep public keys");
    assert_eq!(criteria(&keys), criteria(task(&made, "Keep public keys")));
    repo.pm(&["fsck"]).ok();
}

/// PL-15: the holder of a task is told once what its line says now.
#[test]
fn pl_15_the_holder_of_a_task_hears_of_its_new_words() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.pm(&["init"]).ok();
    a.pm(&["config", "--shared", "pm.planTests", "false"]).ok();
    let line = "- R1: Show prices in euro.\n";
    let document = format!("# Shop\n\n## Requirements\n{line}- R2: Pay by card.\n");
    planned(&a, "d.md", &document);
    a.pm(&["plan", "approve"]).ok();
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Bea");
    b.pm(&["init"]).ok();
    b.pm(&["sync"]).ok();
    for id in ["T-0001", "T-0002"] {
        b.pm(&["start", id]).ok();
    }
    a.pm(&["sync"]).ok();
    let other = "# Shop\n\n## Requirements\n- R1: Show prices in dollars.\n- R3: Print it.\n";
    a.write("d.md", other);
    a.pm(&["plan", "update", "d.md", "--write"]).ok();
    for is_first in [true, false] {
        a.pm(&["plan", "approve"]).ok();
        a.pm(&["sync"]).ok();
        let told = b.data(&["sync"])["notices"].to_string();
        for wanted in [
            "[T-0001] ",
            "prices in dollars",
            "[T-0002] ",
            "not ask for it",
        ] {
            assert_eq!(told.contains(wanted), is_first, "{wanted}: {told}");
        }
    }
    let said = b.pm(&["prime", "T-0001"]).ok().out;
    assert!(said.contains("## Its plan P-0001 says now"), "{said}");
    assert!(said.contains("Show prices in dollars."), "{said}");
    let said = b.pm(&["prime", "T-0002"]).ok().out;
    assert!(said.contains("does not ask for it"), "{said}");
}

/// Sections with a task each, and criteria with the same words.
const BILLS: &str = "\
# Bills

## Import

Orders are imported from a file.

- tested

## Print

Bills are printed on paper.

- tested

## Mail

The system mails reminders.

- tested
";

const BILLS_PLAN: &str = "\
# Bills
### import. Import orders
lines: 5
validation: none
- L7
### print. Print bills
lines: 11
validation: none
- L13
### mail. Mail reminders
lines: 17
validation: none
- L19
";

/// PL-15, PL-12: a written task without any line left is not created, what is left is no task of its own, and a line
/// is traced to the task that has it now.
#[test]
fn pl_15_written_tasks_keep_their_lines_and_no_others() {
    let (_scene, repo) = set_up();
    // So long that it is no short request, as what is left is.
    let notes: String = (0..14).map(|n| format!("\nNote {n} is kept.\n")).collect();
    repo.write("bills.md", &format!("{BILLS}\n## Notes\n{notes}"));
    let args = ["--json", "plan", "write", "bills.md", "-"];
    repo.feed("git-pm", &args, BILLS_PLAN).ok();
    let left = BILLS.split("## Mail").next().unwrap();
    repo.write("bills.md", left);
    let shown = repo.data(&["plan", "update", "bills.md"]);
    assert_eq!(texts(&shown, "gone"), ["Mail reminders"], "{shown}");
    assert!(list(&shown, "new").is_empty(), "{shown}");
    repo.pm(&["plan", "update", "bills.md", "--write"]).ok();
    let plan = repo.data(&["plan", "show"]);
    let gone = list(&plan, "checks").iter();
    let gone = gone.filter(|check| check["rule"] == "gone");
    assert_eq!(gone.count(), 1, "{plan}");
    repo.pm(&["plan", "approve", "--accept-uncovered"]).ok();
    let plan = repo.data(&["plan", "show"]);
    let item = |title: &str| task(&plan, title)["item"].clone();
    assert_eq!(item("Mail reminders"), Value::Null, "{plan}");

    // Six lines more: each line of one task is where one of the other was.
    let scope = "## Scope\n\nIt is for clerks.\n\n- all of them\n\n## Import";
    let longer = left.replace("## Import", scope);
    let args = ["prd", "edit", "P-1", "--body", "-"];
    repo.feed("git-pm", &args, &longer).ok();
    for (line, title) in [
        (11, "Import orders"),
        (13, "Import orders"),
        (17, "Print bills"),
    ] {
        let traced = repo.data(&["trace", &format!("P-1:{line}")]);
        let ids: Vec<&Value> = list(&traced, "tasks")
            .iter()
            .map(|one| &one["id"])
            .collect();
        assert_eq!(ids, [&item(title)], "{line}: {traced}");
    }
}
