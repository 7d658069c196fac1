//! Findings of the rules: what they stop, who settles them, and where they are kept.

use serde_json::json;

use super::{bad_work, of_rule, rules};
use crate::approval::worked;
use crate::support::{agent, set_up};

/// CM-10: `review` finds what stops the work.
#[test]
fn rv_04_rv_05_open_findings_stop_approval_and_merge_until_they_are_fixed() {
    let (_scene, repo) = set_up();
    let (id, place) = bad_work(&repo);
    let told = repo.pm(&["--json", "review", &id]).exits(1).data();
    assert_eq!(told["passed"], false, "{told}");
    let found = rules(&repo, &id);
    assert!(
        found.contains(&"secret".into()) && found.contains(&"test-deleted".into()),
        "{found:?}"
    );
    let secret = of_rule(&repo, &id, "secret");
    assert_eq!(
        (&secret["severity"], &secret["path"]),
        (&json!("P0"), &json!("app/login.py"))
    );
    assert_eq!(
        (&secret["line"], &secret["blocks"]),
        (&json!(1), &json!(true))
    );
    assert!(!secret.to_string().contains("16C7e42F"), "{secret}");

    repo.pm(&["finish", &id]).ok();
    let refused = repo
        .pm(&["--json", "task", "approve", &id])
        .exits(1)
        .error();
    assert_eq!(refused["reason"], "finding.blocks", "{refused}");

    place.write(
        "tests/test_login.py",
        "def test_login():\n    assert login('a') == 2\n",
    );
    place.write("app/login.py", "def login(name):\n    return 2\n");
    place.commit_all(&format!("Mend the login ({id})"));
    let told = repo.pm(&["--json", "review", &id]).ok().data();
    assert_eq!(told["passed"], true, "{told}");
    assert!(told["fixed"].as_array().unwrap().len() >= 2, "{told}");
    repo.pm(&["finish", &id]).ok();
    repo.pm(&["task", "approve", &id]).ok();
    repo.pm(&["merge", &id]).ok();
}

#[test]
fn rv_06_a_merge_of_approved_work_stops_at_findings_that_came_later() {
    let (_scene, repo) = set_up();
    let (id, _place) = bad_work(&repo);
    repo.pm(&["finish", &id]).ok();
    repo.pm(&["task", "approve", &id]).ok();
    repo.pm(&["review", &id]).exits(1);
    let before = repo.tip("main");
    let refused = repo.pm(&["--json", "merge", &id]).exits(1).error();
    assert_eq!(refused["reason"], "finding.blocks", "{refused}");
    assert_eq!(repo.tip("main"), before);
}

// Test files are known by place and name in each language that programs are written in.
#[test]
fn rv_04_a_deleted_test_is_found_in_scripts_of_any_language() {
    let (_scene, repo) = set_up();
    let tests = [
        "tests/login_test.sh",
        "tests/login.bats",
        "tests/Login.Tests.ps1",
        "t/login.pl",
        "spec/login_spec.lua",
        "test/login_test.exs",
    ];
    for path in tests {
        repo.write(path, "one 1\ntwo 2\nthree 3\n");
    }
    repo.write("tests/lib.sh", "setup() {\n  true\n}\n");
    repo.write("src/a.sh", "greet() {\n  echo hello\n}\n");
    repo.commit_all("Add the login");
    for path in tests.into_iter().chain(["tests/lib.sh"]) {
        let (id, place) = worked(&repo, "task", "notes.txt");
        std::fs::remove_file(place.path.join(path)).unwrap();
        place.write("src/a.sh", "greet() {\n  echo good\n  echo bye\n}\n");
        place.commit_all("Change the greeting");
        repo.pm(&["review", &id]);
        let found = rules(&repo, &id);
        let is_lost = found.contains(&"test-deleted".into());
        assert_eq!(is_lost, path != "tests/lib.sh", "{path}: {found:?}");
        let lacks = found.contains(&"source-without-test".into());
        assert!(lacks, "{path}: {found:?}");
    }
}

#[test]
fn a_dismissal_is_for_humans_and_outlives_reviews() {
    let (_scene, repo) = set_up();
    let (id, _place) = bad_work(&repo);
    repo.pm(&["review", &id]).exits(1);
    let finding = of_rule(&repo, &id, "test-deleted")["id"]
        .as_str()
        .unwrap()
        .to_string();
    let why = ["--reason", "the login is gone"];
    let dismiss = [&["--json", "finding", "dismiss", &finding][..], &why].concat();
    let refused = agent(&repo).pm(&dismiss).exits(1).error();
    assert_eq!(refused["reason"], "actor.not_human", "{refused}");
    repo.pm(&["finding", "dismiss", &finding, "--reason", " "])
        .exits(2);
    let done = repo.pm(&dismiss).ok().data();
    assert_eq!(
        (&done["status"], &done["blocks"]),
        (&json!("dismissed"), &json!(false))
    );
    repo.pm(&dismiss).exits(1);

    repo.pm(&["review", &id]).exits(1);
    let shown = repo.data(&["finding", "show", &finding]);
    assert_eq!(
        (&shown["status"], &shown["reason"]),
        (&json!("dismissed"), &json!(why[1]))
    );
    agent(&repo).pm(&["finding", "reopen", &finding]).exits(1);
    // As often as it is decided otherwise.
    for _ in 0..2 {
        repo.pm(&["finding", "reopen", &finding]).ok();
        assert!(rules(&repo, &id).contains(&"test-deleted".into()));
        repo.pm(&dismiss).ok();
        assert!(!rules(&repo, &id).contains(&"test-deleted".into()));
    }
}

/// ST-12: the reviewer's claim, the author's answer, the decision and who made it stay with the finding.
#[test]
fn st_12_a_disagreement_has_both_sides_and_who_decided() {
    let (_scene, repo) = set_up();
    let (id, place) = bad_work(&repo);
    repo.pm(&["review", &id]).exits(1);
    let finding = of_rule(&repo, &id, "test-deleted")["id"]
        .as_str()
        .unwrap()
        .to_string();
    let keep = ["--json", "finding", "keep", &finding, "--reason"];
    let author = agent(&place);
    author.pm(&[&keep[..], &[" "]].concat()).exits(2);
    let kept = author.pm(&[&keep[..], &["the login is gone"]].concat());
    assert_eq!(kept.ok().data()["blocks"], true);
    repo.pm(&["finding", "dismiss", &finding, "--reason", "agreed"])
        .ok();
    author.pm(&[&keep[..], &["too late"]].concat()).exits(1);
    let shown = repo.data(&["finding", "show", &finding]);
    let answer = &shown["answers"][0];
    assert_eq!(
        (&answer["answer"], &answer["reason"]),
        (&json!("kept"), &json!("the login is gone"))
    );
    assert_eq!(
        (&shown["reviewer"], &shown["dismissed_by"], &shown["reason"]),
        (&json!("git-pm"), &json!("Ana"), &json!("agreed"))
    );
}

#[test]
fn a_fix_is_a_claim_that_the_next_review_answers() {
    let (_scene, repo) = set_up();
    let (id, place) = bad_work(&repo);
    repo.pm(&["review", &id]).exits(1);
    let finding = of_rule(&repo, &id, "test-deleted")["id"]
        .as_str()
        .unwrap()
        .to_string();
    let claimed = agent(&place).data(&["finding", "fix", &finding]);
    assert_eq!(
        (&claimed["status"], &claimed["blocks"]),
        (&json!("claimed"), &json!(true))
    );
    assert_eq!(claimed["fixed_by"], place.tip("HEAD"));
    repo.pm(&["review", &id]).exits(1);
    let shown = repo.data(&["finding", "show", &finding]);
    assert_eq!(
        (&shown["status"], &shown["blocks"]),
        (&json!("not_fixed"), &json!(true))
    );
    repo.pm(&["finding", "fix", &finding, "--commit", "no-such"])
        .exits(4);
}

#[test]
fn a_review_that_says_the_same_again_writes_nothing() {
    let (_scene, repo) = set_up();
    let (id, place) = bad_work(&repo);
    repo.pm(&["review", &id]).exits(1);
    let before = repo.tip("refs/pm/main");
    let again = repo.pm(&["--json", "review", &id]).exits(1).data();
    assert_eq!(again["new"], json!([]));
    assert_eq!(repo.tip("refs/pm/main"), before);

    // Lines above it move a finding, and it stays the same one.
    let secret = of_rule(&repo, &id, "secret");
    let text = place.read("app/login.py");
    place.write("app/login.py", &format!("import os\n\n{text}"));
    place.commit_all("Import os");
    repo.pm(&["review", &id]).exits(1);
    let moved = of_rule(&repo, &id, "secret");
    assert_eq!((&moved["id"], &moved["line"]), (&secret["id"], &json!(3)));
}

#[test]
fn security_holes_stay_in_the_clone_until_they_are_shared() {
    let (_scene, repo) = set_up();
    let (id, _place) = bad_work(&repo);
    repo.pm(&["review", &id]).exits(1);
    let secret = of_rule(&repo, &id, "secret");
    assert_eq!(secret["private"], true);
    let uid = secret["uid"].as_str().unwrap();
    let files = || {
        repo.git(&["ls-tree", "-r", "--name-only", "refs/pm/main"])
            .ok()
            .out
    };
    assert!(!files().contains(uid));
    let finding = secret["id"].as_str().unwrap();
    agent(&repo).pm(&["finding", "share", finding]).exits(1);
    let shared = repo.data(&["finding", "share", finding]);
    assert_eq!(shared["private"], false);
    assert!(files().contains(uid));
    repo.pm(&["finding", "share", finding]).exits(1);
    assert_eq!(
        rules(&repo, &id)
            .iter()
            .filter(|rule| *rule == "secret")
            .count(),
        1
    );
    // A review finds it where it is now.
    repo.pm(&["review", &id]).exits(1);
    let shown = repo.data(&["finding", "show", finding]);
    assert_eq!(
        (&shown["status"], &shown["private"]),
        (&json!("open"), &json!(false))
    );
    // It is settled where it is now.
    repo.pm(&["finding", "dismiss", finding, "--reason", "revoked"])
        .ok();
    assert!(!rules(&repo, &id).contains(&"secret".into()));
}

/// What is said of the whole change is one finding, whatever the lines say, and says what is so now.
#[test]
fn rv_04_a_finding_about_the_whole_change_outlives_changes_of_its_lines() {
    let (_scene, repo) = set_up();
    let (id, place) = worked(&repo, "task", "notes.txt");
    let change = |path: &str, text: &str| {
        place.write(path, text);
        place.commit_all(&format!("Change {path} ({id})"));
        repo.pm(&["--json", "review", &id]).ok().data()
    };
    change("app/greet.py", "def greet():\n    return hello(1)\n");
    let first = of_rule(&repo, &id, "source-without-test");
    let told = change("app/greet.py", "def greet():\n    return hello(2)\n");
    assert_eq!((&told["new"], &told["fixed"]), (&json!([]), &json!([])));
    let told = change(
        "app/other.py",
        "def other():\n    a = f(1)\n    return f(a)\n",
    );
    assert_eq!((&told["new"], &told["fixed"]), (&json!([]), &json!([])));
    let now = of_rule(&repo, &id, "source-without-test");
    assert_eq!(now["id"], first["id"]);
    let claim = now["claim"].as_str().unwrap();
    assert!(claim.contains("app/other.py"), "{claim}");
    // So a human's decision about it holds. `--note`, as of `return`, is the reason.
    let finding = first["id"].as_str().unwrap();
    repo.pm(&["finding", "dismiss", finding, "--note", "a draft"])
        .ok();
    change("app/other.py", "def other():\n    return f(3)\n");
    assert!(!rules(&repo, &id).contains(&"source-without-test".into()));
    let shown = repo.data(&["finding", "show", finding]);
    assert_eq!(shown["reason"], "a draft");
    // But not for what the change did not have then.
    change("app/third.py", "def third():\n    return f(4)\n");
    assert!(rules(&repo, &id).contains(&"source-without-test".into()));
    let claim = of_rule(&repo, &id, "source-without-test")["claim"].to_string();
    assert!(claim.contains("app/third.py"), "{claim}");
    let shown = repo.data(&["finding", "show", finding]);
    assert_eq!(shown["status"], "dismissed", "{shown}");
}

#[test]
fn there_has_to_be_work_to_review() {
    let (_scene, repo) = set_up();
    let id = repo.task("Nothing yet", &[]);
    let refused = repo.pm(&["--json", "review", &id]).exits(1).error();
    assert_eq!(refused["reason"], "finding.no_work", "{refused}");
    repo.pm(&["review", "T-0099"]).exits(4);
    let missing = repo
        .pm(&["--json", "finding", "show", "F-000000"])
        .exits(4)
        .error();
    assert_eq!(missing["reason"], "finding.not_found");
}
