//! What the past says about an item, and what its work has taught.

use serde_json::json;

use crate::support::{Repo, Scene};

/// A merged task on `src/auth/`, with what these comments say.
fn merged(repo: &Repo, comments: &[&str], trouble: bool) -> String {
    let id = repo.task(
        "Limit login attempts",
        &["--path", "src/auth/**", "--accept", "six attempts lock"],
    );
    repo.pm(&["start", &id]).ok();
    for text in comments {
        repo.pm(&["task", "comment", &id, text, "--allow-secret"])
            .ok();
    }
    if trouble {
        repo.pm(&["task", "block", &id, "the cache is not shared"])
            .ok();
        repo.pm(&["task", "unblock", &id]).ok();
    }
    let place = repo.worktree(&id);
    place.write("src/auth/login.rs", &format!("// {id}\n"));
    place.commit_all("Lock accounts");
    place
        .pm(&["task", "accept", &id, "1", "--evidence", "cargo test lock"])
        .ok();
    place.pm(&["finish", "--merge"]).ok();
    id
}

fn repo(scene: &Scene) -> Repo {
    let repo = scene.repo("a");
    repo.write("a.txt", "a\n");
    repo.commit_all("First");
    repo.pm(&["init"]).ok();
    repo
}

// LN-06: likely trouble from earlier items on the same paths, with evidence.
#[test]
fn ln_06_predict_shows_the_trouble_of_earlier_items_on_the_same_paths() {
    let scene = Scene::new();
    let repo = repo(&scene);
    let past = merged(&repo, &[], true);
    repo.pm(&[
        "issue",
        "create",
        "The lock never expires",
        "-t",
        "bug",
        "--deps",
        &format!("discovered-from:{past}"),
    ])
    .ok();
    repo.pm(&[
        "learn",
        "add",
        "Sessions are cached per process",
        "--path",
        "src/auth/**",
    ])
    .ok();
    let elsewhere = repo.task("Pay invoices", &["--path", "src/pay/**"]);
    repo.pm(&["start", &elsewhere]).ok();
    repo.pm(&["task", "block", &elsewhere, "no contract"]).ok();

    let next = repo.task("Log failed logins", &["--path", "src/auth/login.rs"]);
    let found = repo.data(&["predict", &next]);
    assert_eq!(found["past_items"], 1, "{found}");
    let kinds: Vec<&str> = found["likely"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["bug", "blocked"], "{found}");
    let evidence = &found["likely"][1]["evidence"][0];
    assert_eq!(evidence["id"], json!(past));
    assert!(
        evidence["text"]
            .as_str()
            .unwrap()
            .contains("the cache is not shared"),
        "{evidence}"
    );
    assert_eq!(
        found["learnings"][0]["title"],
        "Sessions are cached per process"
    );
    let text = repo.pm(&["predict", &next]).ok().out;
    assert!(text.contains("blocked  1 of 1 (100%)"), "{text}");
    // Nothing is known about other paths, and nothing about none.
    let other = repo.task("Write docs", &["--path", "docs/**"]);
    let text = repo.pm(&["predict", &other]).ok().out;
    assert!(text.contains("0 earlier items"), "{text}");
    let bare = repo.task("Think", &[]);
    let text = repo.pm(&["predict", &bare]).ok().out;
    assert!(text.contains("has no paths"), "{text}");
    repo.pm(&["predict", "T-99"]).exits(4);
}

// LN-03: solved problem, extracted, documented.
#[test]
fn ln_03_a_finished_task_is_drafted_into_learnings() {
    let scene = Scene::new();
    let repo = repo(&scene);
    let said = "It turned out that the cache is per process. We decided to use one store.";
    let id = merged(&repo, &[said], true);
    let before = repo.tip("refs/pm/main");
    let tried = repo.data(&["learn", "draft", &id, "--dry-run"]);
    assert_eq!(repo.tip("refs/pm/main"), before, "a dry run wrote");
    let drafted = repo.data(&["learn", "draft", &id]);
    for (n, kind, title) in [
        (0, "gotcha", "It turned out that the cache is per process"),
        (1, "decision", "We decided to use one store"),
    ] {
        let draft = &drafted["drafts"][n];
        assert_eq!(
            (&draft["type"], &draft["title"]),
            (&json!(kind), &json!(title))
        );
        assert_eq!(draft["paths"], json!(["src/auth/**"]));
        assert_eq!(draft["body"], tried["drafts"][n]["body"]);
    }
    let body = drafted["drafts"][0]["body"].as_str().unwrap();
    for part in ["the cache is not shared", "cargo test lock"] {
        assert!(body.contains(part), "{part}: {body}");
    }
    assert!(!body.contains("login.rs"), "{body}");
    // A draft is not offered until it is accepted.
    let next = repo.task("Log failed logins", &["--path", "src/auth/login.rs"]);
    let learnings = |id: &str| repo.data(&["predict", id])["learnings"].clone();
    assert_eq!(learnings(&next), json!([]));
    let learning = drafted["drafts"][0]["id"].as_str().unwrap();
    repo.pm(&["learn", "accept", learning]).ok();
    assert_eq!(learnings(&next)[0]["id"], learning);
    // Once is enough.
    let again = repo.data(&["learn", "draft", &id]);
    assert_eq!(again["drafts"], json!([]));
    assert_eq!(again["existing"].as_array().unwrap().len(), 2);
}

#[test]
fn a_bug_is_drafted_into_a_gotcha() {
    let scene = Scene::new();
    let repo = repo(&scene);
    let id = repo.task("Fix the cache", &["--type", "bug"]);
    let error = repo.pm(&["--json", "learn", "draft", &id]).exits(1).error();
    assert_eq!(error["reason"], "learning.no_work", "{error}");
    repo.pm(&["start", &id]).ok();
    let work = repo.worktree(&id);
    work.write("cache.rs", "// a cache\n");
    work.commit_all("Fix the cache");
    repo.pm(&["task", "comment", &id, "The key had no tenant."])
        .ok();
    let draft = repo.data(&["learn", "draft", &id])["drafts"][0].clone();
    assert_eq!(draft["type"], "gotcha", "{draft}");
    let learning = draft["id"].as_str().unwrap();
    repo.pm(&["learn", "accept", learning]).ok();
    // A learning of another type with its title does not stand in the way.
    repo.pm(&["learn", "edit", learning, "--kind", "pattern"])
        .ok();
    let again = repo.data(&["learn", "draft", &id])["drafts"][0].clone();
    assert_eq!(again["type"], "gotcha", "{again}");
}

#[test]
fn a_task_that_was_never_started_has_nothing_to_draft_from() {
    let scene = Scene::new();
    let repo = repo(&scene);
    let id = repo.task("Some day", &[]);
    let error = repo.pm(&["--json", "learn", "draft", &id]).exits(1).error();
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("nothing to draft from"), "{error}");
    assert!(
        repo.data(&["learn", "list", "--all"])["items"]
            .as_array()
            .unwrap()
            .is_empty()
    );
    // A comment is something.
    repo.pm(&["task", "comment", &id, "Beware of the cache."])
        .ok();
    let draft = repo.data(&["learn", "draft", &id])["drafts"][0].clone();
    assert_eq!(draft["type"], "gotcha", "{draft}");
}

#[test]
fn work_in_its_worktree_is_drafted_with_the_folders_of_its_files() {
    let scene = Scene::new();
    let repo = repo(&scene);
    let label = "l".repeat(100);
    let id = repo.task("Write pages", &["--label", &label, "--label", "web"]);
    repo.pm(&["start", &id]).ok();
    let work = repo.worktree(&id);
    work.write("app/[id]/page.rs", "// a page\n");
    work.commit_all("Write pages");
    repo.pm(&["task", "comment", &id, "A page is one file."])
        .ok();
    let draft = work.data(&["learn", "draft"])["drafts"][0].clone();
    assert_eq!(draft["paths"], json!(["app/\\[id]/**"]), "{draft}");
    let shown = work.data(&["learn", "show", draft["id"].as_str().unwrap()]);
    assert_eq!(shown["tags"], json!(["web"]), "the long label is not a tag");
    assert!(
        shown["body"]
            .as_str()
            .unwrap()
            .contains("A page is one file."),
        "{shown}"
    );
    let next = repo.task("Style pages", &["--path", "app/\\[id]/page.rs"]);
    repo.pm(&["learn", "accept", draft["id"].as_str().unwrap()])
        .ok();
    assert_eq!(
        repo.data(&["predict", &next])["learnings"][0]["id"],
        draft["id"]
    );
}

/// What changed is in the diff; a draft says more or there is none.
#[test]
fn compound_drafts_only_what_has_a_sentence_of_its_own() {
    let scene = Scene::new();
    let repo = repo(&scene);
    let id = repo.task("Write pages", &[]);
    repo.pm(&["start", &id]).ok();
    let work = repo.worktree(&id);
    work.write("app/page.rs", "// a page\n");
    work.commit_all("Write pages");
    let none = repo.data(&["compound", &id]);
    assert_eq!(none["drafts"], json!([]), "{none}");
    repo.pm(&[
        "task",
        "comment",
        &id,
        "It turned out that pages are cached.",
    ])
    .ok();
    let drafts = repo.data(&["compound", &id])["drafts"].clone();
    assert_eq!(drafts[0]["title"], "It turned out that pages are cached");
    assert!(!drafts.to_string().contains("page.rs"), "{drafts}");
}

#[test]
fn a_comment_with_a_secret_is_not_drafted() {
    let scene = Scene::new();
    let repo = repo(&scene);
    let key = format!("ghp_{}", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8");
    let id = merged(
        &repo,
        &[
            &format!("The lesson: rotate {key}."),
            "Careful with tokens.",
        ],
        false,
    );
    let drafted = repo.data(&["learn", "draft", &id]);
    assert_eq!(drafted["drafts"][0]["title"], "Careful with tokens");
    assert!(!drafted.to_string().contains(&key), "{drafted}");
}

/// A merge offers a draft only if there are comments to learn from, and a diff shows a path as it is written.
#[test]
fn a_merge_offers_a_draft_where_there_is_something_to_draft() {
    let scene = Scene::new();
    let repo = repo(&scene);
    for (said, is_offered) in [(None, false), (Some("The cause is the cache."), true)] {
        let id = repo.task("Greet", &[]);
        repo.pm(&["start", &id]).ok();
        if let Some(said) = said {
            repo.pm(&["task", "comment", &id, said]).ok();
        }
        let place = repo.worktree(&id);
        place.write("grüße.txt", &id);
        place.commit_all("Greet");
        let diff = repo.pm(&["task", "diff", &id]).ok().out;
        assert!(diff.contains("b/grüße.txt"), "{diff}");
        let merged = repo.pm(&["finish", &id, "--merge"]).ok().out;
        assert_eq!(
            merged.contains("git pm learn draft"),
            is_offered,
            "{merged}"
        );
    }
}
