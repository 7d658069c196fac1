//! The file of a document behind its plan: renamed, deleted, or changed before the approval.

use serde_json::Value;

use super::{planned, tip};
use crate::serve::Server;
use crate::support::{Repo, Scene, set_up};

const LIST: &str = "# L\n\n- [ ] Send a mail link, valid for fifteen minutes\n- [ ] Log refusals\n";

/// A plan whose document has another text in its file than in the plan.
fn changed(approved: bool) -> (Scene, Repo) {
    let (scene, repo) = set_up();
    repo.write("l.md", LIST);
    repo.commit_all("Add");
    planned(&repo, "l.md", LIST);
    if approved {
        repo.pm(&["plan", "approve"]).ok();
    }
    let more = LIST.replace("fifteen", "ten") + "- [ ] Sessions end after thirty days\n";
    repo.write("l.md", &more);
    repo.commit_all("Edit");
    (scene, repo)
}

fn said(repo: &Repo, args: &[&str]) -> String {
    let ran = repo.pm(args);
    format!("{}{}", ran.out, ran.err)
}

/// The notices of the status about plans.
fn notices(repo: &Repo) -> Value {
    repo.data(&["status"])["plans"].take()
}

/// PL-15: a document that was moved and rewritten in one commit is told to its plan by the new file.
#[test]
fn pl_15_a_document_that_was_moved_and_rewritten_keeps_its_plan() {
    let (_scene, repo) = changed(true);
    repo.git(&["rm", "-q", "l.md"]).ok();
    let other = format!(
        "# All of it again\n\n{}\n## Tasks\n\n",
        "Words. ".repeat(100)
    );
    let kept =
        "- [ ] Send a mail link, valid for fifteen minutes\n- [ ] Log refusals\n- [ ] Block them\n";
    repo.write("m.md", &(other + kept));
    repo.commit_all("Rewrite");
    let refused = said(&repo, &["plan", "update", "P-0001"]);
    assert!(refused.contains("git pm plan update FILE"), "{refused}");
    let update = repo.data(&["plan", "update", "m.md", "--write"]);
    assert_eq!(update["new"].as_array().unwrap().len(), 1, "{update}");
    repo.pm(&["plan", "approve", "--accept-uncovered"]).ok();
    assert_eq!(repo.data(&["plan", "show"])["file"], "m.md");
}

/// PL-15: a changed document that was renamed, or is gone, is told by every command as by an update.
#[test]
fn pl_15_every_command_knows_a_renamed_or_deleted_document() {
    let (_scene, repo) = changed(true);
    let require_told = |wanted: &str| {
        for verb in ["diff", "show", "check"] {
            let said = said(&repo, &["plan", verb]);
            assert!(said.contains(wanted), "{verb}: {said}");
            assert!(!said.contains("No changes"), "{verb}: {said}");
        }
    };
    require_told("l.md has changed since");
    repo.git(&["mv", "l.md", "m.md"]).ok();
    repo.commit_all("Rename");
    require_told("m.md has changed since; `git pm plan update m.md`");
    for verb in ["diff", "show"] {
        assert_eq!(repo.data(&["plan", verb])["file_changed"], true, "{verb}");
    }
    assert_eq!(repo.data(&["plan", "show"])["file"], "m.md");
    let all = notices(&repo);
    assert_eq!(all[0]["command"][2], "m.md", "{all}");
    assert!(said(&repo, &[]).contains("git pm plan update m.md"));
    let update = said(&repo, &["plan", "update", "m.md"]);
    assert!(update.contains("Sessions end"), "{update}");

    repo.git(&["rm", "-q", "m.md"]).ok();
    repo.commit_all("Remove");
    require_told("is gone, and git did not rename it");
    for verb in ["diff", "show"] {
        let plan = repo.data(&["plan", verb]);
        assert!(
            plan["file_warning"].to_string().contains("is gone"),
            "{plan}"
        );
        assert_eq!(plan["file_changed"], false, "{plan}");
    }
    let all = notices(&repo);
    assert!(
        all[0]["text"].as_str().unwrap().contains("is gone"),
        "{all}"
    );
    assert!(said(&repo, &[]).contains("git pm plan diff P-0001"));
}

/// PL-15: the number of a plan stands for the changed file that it was planned from, which only its name stores.
#[test]
fn pl_15_an_update_by_number_reads_the_file_and_does_not_store_it() {
    let (_scene, repo) = changed(true);
    let update = repo.data(&["plan", "update", "P-0001"]);
    assert_eq!(update["read"], "l.md", "{update}");
    assert_eq!(update["new"][0]["title"], "Sessions end after thirty days");
    assert_eq!(repo.data(&["plan", "update", "l.md"]), update);
    let told = said(&repo, &["plan", "update", "P-0001"]);
    assert!(told.contains("Compared: the file l.md"), "{told}");
    let status = said(&repo, &[]);
    let wanted = "l.md has changed since it was planned (P-0001)";
    assert!(status.contains(wanted), "{status}");

    let before = tip(&repo);
    let write = ["--json", "plan", "update", "P-0001", "--write"];
    let refused = repo.pm(&write).exits(1).error();
    assert!(
        refused["hints"]
            .to_string()
            .contains("plan update l.md --write"),
        "{refused}"
    );
    assert_eq!(tip(&repo), before);
    // The hint holds in every folder.
    repo.write("sub/x.txt", "");
    let below = ["-C", "sub", "plan", "update", "l.md", "--write"];
    repo.pm(&below).ok();
    let same = repo.data(&["plan", "update", "P-0001"]);
    assert_eq!(same["read"], Value::Null, "{same}");
    assert_eq!(same["is_changed"], false, "{same}");
}

/// PL-29: a plan whose document has another text by now is not approved without a word, at any door.
#[test]
fn pl_29_a_draft_of_an_older_text_is_approved_only_with_an_option() {
    let (_scene, repo) = changed(false);
    let before = tip(&repo);
    let refused = repo.pm(&["--json", "plan", "approve"]).exits(1).error();
    let wanted = "l.md has changed since it was planned";
    assert!(
        refused["message"].as_str().unwrap().contains(wanted),
        "{refused}"
    );
    for hint in ["git pm plan update l.md --write", "--accept-uncovered"] {
        assert!(refused["hints"].to_string().contains(hint), "{refused}");
    }
    assert_eq!(tip(&repo), before);
    let checks = repo.pm(&["plan", "check"]).exits(1).out;
    assert_eq!(
        checks.matches("l.md has changed since").count(),
        1,
        "{checks}"
    );
    assert!(checks.contains("error: l.md has changed since"), "{checks}");
    assert_eq!(repo.data(&["plan", "show"])["is_refused"], true);
    let server = Server::start(&repo, &[]);
    let page = server.get("/plans/P-0001").body;
    assert!(page.contains("l.md has changed since"), "{page}");
    drop(server);

    let made = repo.data(&["plan", "approve", "--accept-uncovered"]);
    assert_eq!(made["created"].as_array().unwrap().len(), 2, "{made}");
    // It was approved for its text, and nothing is new.
    let again = repo.pm(&["plan", "approve"]).ok().out;
    assert!(again.contains("Nothing new"), "{again}");
    let checks = said(&repo, &["plan", "check"]);
    assert!(
        checks.contains("warning: l.md has changed since"),
        "{checks}"
    );

    let (_scene, repo) = changed(false);
    repo.pm(&["plan", "update", "l.md", "--write"]).ok();
    let made = repo.data(&["plan", "approve"]);
    assert!(made.to_string().contains("Sessions end"), "{made}");
}

/// PL-31: every screen counts the tasks that the document still asks for.
#[test]
fn pl_31_all_screens_count_the_tasks_that_are_left() {
    let (_scene, repo) = set_up();
    planned(&repo, "l.md", &format!("{LIST}- [ ] Print receipts\n"));
    repo.pm(&["plan", "approve"]).ok();
    repo.write("l.md", LIST);
    repo.pm(&["plan", "update", "l.md", "--write"]).ok();
    let shown = repo.pm(&["plan", "show"]).ok().out;
    assert!(shown.contains(", 2 tasks, "), "{shown}");
    let plans = repo.data(&["plan", "list"]);
    for count in ["tasks", "made"] {
        assert_eq!(plans["items"][0][count], 2, "{count}: {plans}");
    }
    let server = Server::start(&repo, &[]);
    let page = server.get("/plans/P-0001").body;
    let counts = "<span>2 tasks</span>";
    assert!(page.contains(counts), "{page}");
    let page = server.get("/plans").body;
    let counts = r#"<td class="number">2</td><td class="number">2</td>"#;
    assert!(page.contains(counts), "{page}");
}

/// PL-31: an open question of the document is on the screen of its plan, before and after the approval.
#[test]
fn pl_31_the_open_questions_of_a_document_are_shown() {
    let (_scene, repo) = set_up();
    let document = format!("{LIST}\n## Open questions\n\n- Who pays?\n");
    planned(&repo, "l.md", &document);
    for _ in 0..2 {
        let shown = repo.pm(&["plan", "show"]).ok().out;
        assert!(shown.contains("\nOpen questions\n"), "{shown}");
        assert!(shown.contains("8 Who pays?\n"), "{shown}");
        repo.pm(&["plan", "approve"]).ok();
    }
}

/// PL-15: a planned document below another name, of which git knows nothing, is not planned a second time without a word.
#[test]
fn pl_15_a_document_below_a_name_that_git_does_not_know_goes_on_with_its_plan() {
    let list = LIST.replace("# L\n\n", "# L\n\n## Open\n\n");
    let more = format!("{list}- [ ] Print receipts\n");
    let renamed = more.replace("# L\n", "# Sign in\n");
    for (text, is_other) in [(&more, false), (&renamed, false), (&more, true)] {
        let (_scene, repo) = set_up();
        repo.write("docs/a.md", &list);
        repo.commit_all("Add");
        planned(&repo, "docs/a.md", &list);
        repo.pm(&["plan", "approve"]).ok();
        repo.write("docs/b.md", text);
        let source = repo.path.join("docs/a.md");
        std::fs::remove_file(source).unwrap();
        let before = tip(&repo);
        let refused = repo.pm(&["--json", "plan", "docs/b.md"]).exits(3).error();
        assert_eq!(refused["reason"], "plan.file_moved", "{refused}");
        for hint in ["plan update docs/b.md", "prd add docs/b.md"] {
            assert!(refused["hints"].to_string().contains(hint), "{refused}");
        }
        assert_eq!(tip(&repo), before);
        if is_other {
            repo.pm(&["prd", "add", "docs/b.md"]).ok();
            let plan = repo.data(&["plan", "docs/b.md"]);
            assert_eq!(plan["prd"], "P-0002", "{plan}");
            continue;
        }
        let update = repo.data(&["plan", "update", "docs/b.md"]);
        assert_eq!(update["prd"], "P-0001", "{update}");
        assert_eq!(update["new"][0]["title"], "Print receipts", "{update}");
        repo.pm(&["plan", "update", "docs/b.md", "--write"]).ok();
        let prd = repo.data(&["prd", "show", "P-0001"]);
        assert_eq!(prd["source"], "docs/b.md", "{prd}");
        let made = repo.data(&["plan", "approve"]);
        assert!(!made["created"].as_array().unwrap().is_empty(), "{made}");
        assert!(!said(&repo, &["plan", "show"]).contains("is gone"));
    }
}

/// PL-15: a copy of a document that is still there, and other work in place of a deleted one, are documents of their own.
#[test]
fn pl_15_a_copy_and_other_work_are_other_documents() {
    let (_scene, repo) = set_up();
    repo.write("docs/a.md", LIST);
    repo.commit_all("Add");
    planned(&repo, "docs/a.md", LIST);
    let copy = format!("{LIST}- [ ] Print receipts\n");
    let plan = planned(&repo, "docs/b.md", &copy);
    assert_eq!(plan["prd"], "P-0002", "{plan}");
    std::fs::remove_file(repo.path.join("docs/a.md")).unwrap();
    let other = "# Search\n\n- [ ] Find a book by its title\n- [ ] Sort what was found\n";
    let plan = planned(&repo, "docs/c.md", other);
    assert_eq!(plan["prd"], "P-0003", "{plan}");
    // Neither is one that only has its title.
    let called_so = other.replace("# Search\n", "# L\n");
    let plan = planned(&repo, "docs/d.md", &called_so);
    assert_eq!(plan["prd"], "P-0004", "{plan}");
}
