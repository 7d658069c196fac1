//! The file of a document behind its plan: renamed, deleted, or changed before the approval.

use serde_json::Value;

use super::planned;
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
        assert_eq!(plan["file_is_gone"], true, "{plan}");
        assert_eq!(plan["file_changed"], false, "{plan}");
    }
    let all = notices(&repo);
    assert!(
        all[0]["text"].as_str().unwrap().contains("is gone"),
        "{all}"
    );
    assert!(said(&repo, &[]).contains("git pm plan diff P-0001"));
    // A plan may outlive its file: there is nothing to decide.
    repo.pm(&["plan", "check"]).ok();
}
