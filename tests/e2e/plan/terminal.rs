//! Planning at a terminal and in an editor.

use serde_json::Value;

use super::{criteria, list, login, many, own, planned, task, text, tip, titles};
use crate::support::{Repo, at_terminal, script_file, set_up};

/// A user's answers to `prd new`, with an empty line after each.
#[cfg(unix)]
const ANSWERS: &str = "\
People log in once, without a password.

As a user I want to log in with a key so that I need no password

Store public keys
Log in with a key
Revoke a key

9 of 10 people log in at the first try

Keys stay on our own machines

Every user has a mail address

Keys get lost

";

/// PL-32, CM-01: the interview at a terminal asks for each section, and writes the answers.
#[cfg(unix)]
#[test]
fn pl_32_prd_new_at_a_terminal_asks_questions_and_writes_the_answers() {
    let (_scene, repo) = set_up();
    let ran = at_terminal(&repo, &["prd", "new", "Log in with a key"], ANSWERS).ok();
    assert!(ran.out.contains("P-0001"), "{}", ran.out);
    let prd = repo.data(&["prd", "show", "P-1"]);
    let said = |name: &str| -> Vec<String> {
        let of = |v: &Value| {
            v["text"]
                .as_str()
                .or(v["statement"]["text"].as_str())
                .map(String::from)
        };
        list(&prd, name)
            .iter()
            .map(|v| of(v).unwrap_or_else(|| v.to_string()))
            .collect()
    };
    assert_eq!(
        said("requirements").len(),
        3,
        "three lines are three requirements: {:?}",
        said("requirements")
    );
    assert_eq!(said("stories").len(), 1);
    assert_eq!(said("constraints"), ["Keys stay on our own machines"]);
    assert_eq!(said("assumptions"), ["Every user has a mail address"]);
    assert_eq!(said("risks"), ["Keys get lost"]);
    let body = text(&prd, "body");
    assert!(
        body.contains("People log in once, without a password."),
        "{body}"
    );
    assert!(
        body.contains("9 of 10 people log in at the first try"),
        "{body}"
    );
}

/// PL-21: an approval at a terminal counts also in strict mode, and implausible settings ask for
/// confirmation.
#[cfg(unix)]
#[test]
fn design_7_an_approval_at_a_terminal_counts_and_asks_for_confirmation() {
    let (_scene, repo, _plan) = login();
    repo.pm(&["config", "pm.approval", "strict"]).ok();
    repo.pm(&["config", "pm.planMaxTasks", "500"]).ok();
    let no = at_terminal(&repo, &["plan", "approve"], "n\n").exits(1);
    assert!(no.out.contains("Is that intended?"), "{}", no.out);
    assert_eq!(repo.data(&["plan", "show"])["status"], "draft");
    at_terminal(&repo, &["plan", "approve"], "y\n").ok();
    let plan = repo.data(&["plan", "show"]);
    assert_eq!(plan["status"], "approved");
    assert_eq!(plan["approval"], "terminal");
    let shown = repo.pm(&["plan", "show"]).ok().out;
    assert!(
        shown.contains("approved by Ana") && !shown.contains("advisory"),
        "{shown}"
    );
}

/// PL-22: at a terminal a large plan asks for confirmation, and anything but yes means no.
#[cfg(unix)]
#[test]
fn pl_22_at_a_terminal_a_large_plan_asks_for_confirmation() {
    let (_scene, repo) = set_up();
    planned(&repo, "many.md", &many());
    let no = at_terminal(&repo, &["plan", "approve"], "\n").exits(1);
    assert!(no.out.contains("18 tasks"), "{}", no.out);
    at_terminal(&repo, &["plan", "approve"], "yes\n").ok();
    assert_eq!(repo.data(&["plan", "show"])["approval"], "terminal");
}

/// An editor that changes its file with a script.
fn editing(scene: &crate::support::Scene, repo: &Repo, name: &str, script: &str) -> Repo {
    let editor = scene.dir.path().join(name);
    script_file(&editor, script);
    repo.with("GIT_EDITOR", editor.to_str().unwrap())
}

/// PL-18: the whole plan is edited as one text, and the saved text becomes the plan.
#[test]
fn pl_18_plan_edit_changes_the_plan_as_one_text() {
    let (scene, repo, _plan) = login();
    let before = tip(&repo);
    // An unchanged text, or an editor that fails, changes nothing.
    editing(&scene, &repo, "looks", "exit 0")
        .pm(&["plan", "edit"])
        .exits(1);
    editing(&scene, &repo, "fails", "exit 1")
        .pm(&["plan", "edit"])
        .exits(1);
    editing(&scene, &repo, "empties", ": >\"$1\"")
        .pm(&["plan", "edit"])
        .exits(1);
    assert_eq!(tip(&repo), before);
    let rewrites = "sed -i 's/Store public keys/Keep public keys/; \
                    s/The owner is told by mail/The owner is told within a minute/' \"$1\"";
    let report = editing(&scene, &repo, "rewrites", rewrites).data(&["plan", "edit"]);
    assert_eq!(list(&report, "changed").len(), 2, "{report}");
    let plan = repo.data(&["plan", "show"]);
    assert!(
        titles(&plan).contains(&"Keep public keys"),
        "{:?}",
        titles(&plan)
    );
    let revoke = criteria(task(&plan, "Revoke a key"));
    assert!(
        revoke.contains(&"The owner is told within a minute"),
        "{revoke:?}"
    );
    assert!(!revoke.contains(&"The owner is told by mail"), "{revoke:?}");
    // The rest of the plan is unchanged.
    assert_eq!(titles(&plan).len(), 5);
    let by_hand: Vec<&str> = own(&plan)
        .into_iter()
        .filter(|task| !list(task, "by_hand").is_empty())
        .map(|task| text(task, "title"))
        .collect();
    let written = ["Keep public keys", "Revoke a key"];
    assert!(
        by_hand.iter().all(|title| written.contains(title)),
        "more fields than the edited ones changed: {by_hand:?}"
    );
}

/// PL-18: the text is printed and written in two steps, without an editor; nothing is changed by the
/// same text or by one with errors.
#[test]
fn pl_18_plan_edit_prints_the_text_that_plan_write_takes() {
    let (_scene, repo, _plan) = login();
    let printed = repo.pm(&["plan", "edit", "--print"]).ok().out;
    let json = repo.data(&["plan", "edit", "--print"]);
    assert_eq!(text(&json, "text").trim_end(), printed.trim_end());
    assert!(printed.starts_with("<!-- document "), "{printed}");
    let from = ["plan", "write", "P-1", "plan.md"];
    // Unchanged, without a version, and with an error.
    let before = tip(&repo);
    repo.write("plan.md", &printed);
    repo.pm(&from).ok();
    repo.write("plan.md", printed.split_once('\n').unwrap().1);
    repo.pm(&from).ok();
    let wrong = printed.replacen("size: S", "size: huge", 1);
    let line = wrong
        .lines()
        .position(|line| line.starts_with("size: huge"));
    repo.write("plan.md", &wrong);
    let said = repo.pm(&from).exits(2).err;
    let line = format!("line {}:", line.unwrap() + 1);
    assert!(said.contains(&line), "{line} is not in {said}");
    assert_eq!(tip(&repo), before);
    let edited = printed.replace("Store public keys", "Keep public keys");
    repo.feed("git-pm", &["plan", "write", "P-1", "-"], &edited)
        .ok();
    let plan = repo.data(&["plan", "show"]);
    assert!(titles(&plan).contains(&"Keep public keys"));
}

/// PL-18: a mistake in the text is reported with its line, and the text is kept.
#[test]
fn pl_18_a_mistake_in_plan_edit_loses_nothing() {
    let (scene, repo, _plan) = login();
    let before = tip(&repo);
    let mistake = "sed -i 's/Store public keys/Keep public keys/; s/test-after/sometimes/' \"$1\"";
    let error = editing(&scene, &repo, "mistakes", mistake)
        .pm(&["--json", "plan", "edit"])
        .exits(2)
        .error();
    let hints = error["hints"].to_string();
    assert!(
        hints.contains("line ") && hints.contains("sometimes"),
        "{error}"
    );
    assert_eq!(tip(&repo), before, "a part of the text was applied");
    let kept = repo.read(".git/pm/drafts/plan-edit-P-0001.md");
    assert!(kept.contains("Keep public keys"), "{kept}");
    assert!(
        hints.contains("plan-edit-P-0001.md"),
        "the position is not reported: {error}"
    );
}

/// The whole journey of a user at a terminal.
#[cfg(unix)]
#[test]
fn a_user_at_a_terminal_gets_from_an_idea_to_the_first_started_task() {
    let (scene, repo) = set_up();
    at_terminal(&repo, &["prd", "new", "Log in with a key"], ANSWERS).ok();
    let shown = at_terminal(&repo, &["scope", "P-1"], "").ok().out;
    assert!(shown.contains("-agent"), "{shown}");
    let shown = at_terminal(&repo, &["plan", "new", "P-1"], "").ok().out;
    for title in ["Store public keys", "Log in with a key", "Revoke a key"] {
        assert!(shown.contains(title), "{shown}");
    }
    // The first save has a mistake: the editor opens again, with the reason and the whole text. The
    // second save corrects it.
    let marker = scene.dir.path().join("twice");
    let script = format!(
        "if [ -e '{0}' ]; then grep -q sometimes \"$1\" && cp \"$1\" '{0}' && \
         sed -i 's/sometimes/test-first/' \"$1\"; else : >'{0}'; \
         sed -i 's/Store public keys/Keep public keys/; s/test-after/sometimes/' \"$1\"; fi",
        marker.display()
    );
    let editor = editing(&scene, &repo, "editor", &script);
    let ran = at_terminal(&editor, &["plan", "edit"], "").ok();
    assert!(ran.out.contains("changed"), "{}", ran.out);
    let again = std::fs::read_to_string(&marker).unwrap();
    assert!(
        again.contains("Keep public keys"),
        "the text was lost at the second attempt: {again}"
    );
    let plan = repo.data(&["plan", "show"]);
    assert!(
        list(&plan, "tasks")
            .iter()
            .any(|t| t["validation"] == "test-first"),
        "{plan}"
    );
    // The story of the interview is in no requirement's words: the approver accepts that.
    at_terminal(&repo, &["plan", "approve"], "y\n").ok();
    let plan = repo.data(&["plan", "show"]);
    assert_eq!(plan["approval"], "terminal");
    let first = repo.data(&["next"]);
    let id = text(&first, "id");
    let started = at_terminal(&repo, &["start", id], "").ok();
    assert!(started.out.contains(id), "{}", started.out);
    assert_eq!(repo.data(&["show", id])["status"], "in_progress");
}
