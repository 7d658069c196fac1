//! How often the predictions were right, measured over done tasks.

use serde_json::{Value, json};

use crate::support::{Repo, set_up};

/// The repository at an hour of a day.
fn at(repo: &Repo, day: usize, hour: usize) -> Repo {
    repo.when(&format!("2035-01-{day:02}T{hour:02}:00:00Z"))
}

/// A task on some paths that is created and started in the morning of a day.
fn started(repo: &Repo, day: usize, paths: &[&str]) -> String {
    let flags: Vec<&str> = paths.iter().flat_map(|path| ["--path", path]).collect();
    let id = at(repo, day, 8).task(&format!("Of day {day}"), &flags);
    let there = at(repo, day, 9);
    there.pm(&["start", &id, "--no-worktree"]).ok();
    id
}

fn block(repo: &Repo, day: usize, id: &str) {
    let there = at(repo, day, 10);
    there.pm(&["task", "block", id, "no key"]).ok();
    there.pm(&["task", "unblock", id]).ok();
}

fn done(repo: &Repo, day: usize, id: &str) {
    let there = at(repo, day, 12);
    there.pm(&["task", "done", id, "--force"]).ok();
}

fn measured(repo: &Repo) -> Value {
    at(repo, 28, 8).data(&["learn", "stats"])["predictions"].clone()
}

/// LN-05: the rate of right predictions.
#[test]
fn ln_05_predictions_are_compared_with_what_happened_to_done_tasks() {
    let (_scene, repo) = set_up();
    assert_eq!(measured(&repo)["tasks"], 0);
    // The first one could not be predicted, the second one was, the third one wrongly.
    for (day, trouble) in [(1, true), (2, true), (3, false)] {
        let id = started(&repo, day, &["src/auth/**"]);
        if trouble {
            block(&repo, day, &id);
        }
        done(&repo, day, &id);
    }
    let few = measured(&repo);
    let counts = |found: &Value| {
        let names = [
            "tasks",
            "with_past",
            "happened",
            "did_not_happen",
            "unpredicted",
        ];
        names.map(|name| found[name].as_u64().unwrap())
    };
    assert_eq!(counts(&few), [3, 2, 1, 1, 1], "{few}");
    assert_eq!(
        (&few["precision"], &few["recall"]),
        (&json!(null), &json!(null))
    );
    let text = at(&repo, 28, 8).pm(&["learn", "stats"]).ok().out;
    assert!(text.contains("not enough done tasks (3 of 10)"), "{text}");

    // What happened to others after the start was not known, nor were paths that were added then.
    let other = started(&repo, 4, &["src/late/**"]);
    let early = started(&repo, 5, &["src/late/**"]);
    let there = at(&repo, 5, 11);
    there.pm(&["task", "block", &other, "no key"]).ok();
    there.pm(&["task", "block", &early, "no key"]).ok();
    there.pm(&["task", "unblock", &early]).ok();
    done(&repo, 5, &early);
    let bare = started(&repo, 6, &[]);
    let there = at(&repo, 6, 11);
    there
        .pm(&["task", "edit", &bare, "--path", "src/auth/**"])
        .ok();
    done(&repo, 6, &bare);
    // Work of the same paths without trouble.
    for day in 7..12 {
        let id = started(&repo, day, &["src/pay/**"]);
        done(&repo, day, &id);
    }
    let found = measured(&repo);
    assert_eq!(counts(&found), [10, 7, 1, 1, 2], "{found}");
    assert_eq!(found["precision"], 0.5, "{found}");
    assert_eq!(found["recall"], 0.333, "{found}");
    let kinds = json!([{
        "kind": "blocked", "happened": 1, "did_not_happen": 1, "unpredicted": 2,
    }]);
    assert_eq!(found["kinds"], kinds);
    let text = at(&repo, 28, 8).pm(&["learn", "stats"]).ok().out;
    assert!(
        text.contains("50% of the predicted trouble happened (1 of 2)")
            && text.contains("33% of the trouble was predicted (1 of 3), in 10 done tasks"),
        "{text}"
    );

    // Without the history nothing is known of their time.
    at(&repo, 20, 8)
        .pm(&["gc", "--new-generation", "--yes"])
        .ok();
    assert_eq!(counts(&measured(&repo)), [0; 5]);
}

/// A commit with the task's trailer counts from its time on, and a second start is not the first.
#[test]
fn commits_and_the_first_start_decide_what_was_known() {
    let (_scene, repo) = set_up();
    let past = started(&repo, 1, &[]);
    block(&repo, 1, &past);
    repo.write("src/auth/login.rs", "1");
    repo.git(&["add", "."]).ok();
    let commit = repo
        .with("GIT_COMMITTER_DATE", "2035-01-03T08:00:00Z")
        .with("GIT_AUTHOR_DATE", "2035-01-03T08:00:00Z");
    let message = format!("Log in\n\nTask: {past}\n");
    commit.git(&["commit", "-q", "-m", &message]).ok();
    // Started before that commit, given back, and started again after it.
    let id = started(&repo, 2, &["src/auth/**"]);
    at(&repo, 2, 10).pm(&["task", "drop", &id]).ok();
    at(&repo, 4, 9).pm(&["start", &id, "--no-worktree"]).ok();
    done(&repo, 4, &id);
    let later = started(&repo, 5, &["src/auth/login.rs"]);
    done(&repo, 5, &later);
    let found = measured(&repo);
    let kinds = json!([
        { "kind": "blocked", "happened": 0, "did_not_happen": 1, "unpredicted": 0 },
        { "kind": "dropped", "happened": 0, "did_not_happen": 1, "unpredicted": 1 },
    ]);
    assert_eq!(found["kinds"], kinds, "{found}");
    assert_eq!(found["with_past"], 1);
}
