//! Ranked search over learnings.

use super::{add, ids};
use crate::support::set_up;

#[test]
fn ln_09_search_stems_and_finds_prefixes_phrases_and_excluded_words() {
    let (_scene, repo) = set_up();
    let crash = add(
        &repo,
        "The parser crashed on empty input",
        &["--symptom", "signal 11"],
    );
    let retry = add(
        &repo,
        "Retry with jitter",
        &["--body", "All clients retried at once."],
    );
    let find = |words: &[&str]| {
        let mut args = vec!["learn", "search"];
        args.extend(words);
        ids(&repo, &args)
    };
    assert_eq!(find(&["crashes"]), [crash.as_str()], "another ending");
    assert_eq!(find(&["retrying"]), [retry.as_str()], "another ending");
    assert_eq!(find(&["pars*"]), [crash.as_str()], "a prefix");
    assert_eq!(find(&["\"signal 11\""]), [crash.as_str()], "a phrase");
    assert!(
        find(&["\"11 signal\""]).is_empty(),
        "a phrase in another order"
    );
    assert!(
        find(&["parser", "--", "-empty"]).is_empty(),
        "an excluded word"
    );
    repo.pm(&["learn", "search", "--", "-empty"]).exits(2);
    assert!(
        repo.pm(&["learn", "search", "zanzibar"])
            .ok()
            .out
            .contains("No learning")
    );
    // No word of a query is syntax.
    for odd in ["title:x", "NEAR(a b)", "a AND", "\"", "*", "(", "x\"y"] {
        let code = repo.pm(&["learn", "search", odd]).code;
        assert!(code == 0 || code == 2, "{odd}: {code}");
    }
}

#[test]
fn common_words_are_found_among_many_learnings() {
    let (_scene, repo) = set_up();
    for n in 0..2_100 {
        let title = match n {
            7 => "Rare timeout of the parser".to_string(),
            8 => "Another subject".to_string(),
            _ => format!("Error {n} in the cache"),
        };
        let kind = if n < 6 { "pattern" } else { "gotcha" };
        let note = format!("---\ntitle: \"{title}\"\ntype: {kind}\n---\n\nSome text.\n");
        repo.write(&format!("notes/n{n}.md"), &note);
    }
    repo.pm(&["learn", "import", "notes"]).ok();
    let hits = |words: &[&str]| repo.data(&[&["learn", "search"], words].concat())["items"].clone();
    let number = |words: &[&str]| hits(words).as_array().map_or(0, Vec::len);
    assert_eq!(number(&["error"]), 10);
    assert_eq!(number(&["error", "cache"]), 10);
    assert_eq!(number(&["cache", "error", "--kind", "pattern"]), 6);
    let some = hits(&["parser", "cache"]);
    assert_eq!(some[0]["title"], "Rare timeout of the parser");
    assert_eq!(some[0]["all_words"], false);
}

#[test]
fn ln_11_all_words_rank_above_most_words_and_titles_above_texts() {
    let (_scene, repo) = set_up();
    let long = "cache ".repeat(30);
    let most = add(&repo, "Cache cache cache", &["--body", &long]);
    let all = add(
        &repo,
        "Something else",
        &["--body", "A cold cache after the deploy, once."],
    );
    let title = add(&repo, "Deploy on Monday", &[]);
    let hits = repo.data(&["learn", "search", "cache", "deploy"]);
    let hits = hits["items"].as_array().unwrap();
    assert_eq!(hits[0]["id"], serde_json::json!(all));
    assert_eq!(hits[0]["all_words"], true);
    assert_eq!(hits[1]["all_words"], false);
    assert_eq!(ids(&repo, &["learn", "search", "deploy"])[0], title);
    assert!(ids(&repo, &["learn", "search", "cache"]).contains(&most));
    for hit in hits {
        assert!(
            hit["score"].is_number() && hit["title"].is_string(),
            "{hit}"
        );
    }
}

#[test]
fn joined_words_still_find_a_learning() {
    let (_scene, repo) = set_up();
    let id = add(
        &repo,
        "A deadlock in ConnectionPool",
        &["--body", "The readTimeout is too long."],
    );
    add(&repo, "Something else", &["--body", "About colours."]);
    for typed in [
        "connectionpool",
        "connection",
        "pool",
        "read timeout",
        "readtimeout",
    ] {
        assert_eq!(
            ids(&repo, &["learn", "search", typed]).first(),
            Some(&id),
            "{typed}"
        );
    }
}

#[test]
fn a_search_can_be_limited_to_paths_tags_and_types() {
    let (_scene, repo) = set_up();
    let auth = add(
        &repo,
        "Cache tokens",
        &[
            "--path",
            "src/auth/**",
            "--tag",
            "auth",
            "--kind",
            "pattern",
        ],
    );
    let web = add(
        &repo,
        "Cache pages",
        &["--path", "src/web/*.rs", "--tag", "Web"],
    );
    let search = |more: &[&str]| {
        let mut args = vec!["learn", "search", "cache"];
        args.extend(more);
        ids(&repo, &args)
    };
    assert_eq!(search(&[]).len(), 2);
    assert_eq!(search(&["--path", "src/auth/login.rs"]), [auth.as_str()]);
    assert_eq!(search(&["--path", "src/web"]), [web.as_str()]);
    assert_eq!(search(&["--tag", "web"]), [web.as_str()]);
    assert_eq!(search(&["--kind", "pattern"]), [auth.as_str()]);
    assert_eq!(search(&["--limit", "1"]).len(), 1);
    // A superseded one comes last.
    let newer = add(
        &repo,
        "Cache neither",
        &["--supersedes", &auth, "--body", &"cache ".repeat(3)],
    );
    assert_eq!(search(&[]).last(), Some(&auth));
    assert!(search(&[]).contains(&newer));
}

#[test]
fn a_search_finds_every_write_and_what_an_undo_restores() {
    let (_scene, repo) = set_up();
    let id = add(&repo, "First draft", &[]);
    let find = |word: &str| ids(&repo, &["learn", "search", word]);
    assert_eq!(find("draft"), [id.as_str()]);
    repo.pm(&["learn", "edit", &id, "--title", "Second version"])
        .ok();
    assert!(find("draft").is_empty(), "an old title is still found");
    assert_eq!(find("version"), [id.as_str()]);
    repo.pm(&["undo"]).ok();
    assert_eq!(find("draft"), [id.as_str()]);
    repo.pm(&["learn", "delete", &id]).ok();
    assert!(find("draft").is_empty(), "a deleted learning is found");
    // Without an index, and with a new one, the answers are the same.
    let other = add(&repo, "Third version", &[]);
    std::fs::remove_file(repo.path.join(".git/pm/index.sqlite")).unwrap();
    assert_eq!(find("version"), [other]);
    repo.pm(&["fsck"]).ok();
}

#[test]
fn words_of_a_log_line_are_found_one_by_one() {
    let (_scene, repo) = set_up();
    let reset = add(
        &repo,
        "Keep connections alive",
        &["--symptom", "ECONNRESET"],
    );
    add(
        &repo,
        "Pin the base image",
        &["--symptom", "exec format error"],
    );
    for line in [
        "err.code=ECONNRESET",
        "ECONNRESET:5432",
        "read ECONNRESET:10.0.0.1",
    ] {
        let found = ids(&repo, &["learn", "search", line]);
        assert_eq!(found.first(), Some(&reset), "{line}");
    }
    assert!(
        ids(&repo, &["learn", "search", "\"ECONNRESET:5432\""]).is_empty(),
        "a phrase was not taken literally"
    );
}

#[test]
fn at_most_two_hits_have_none_of_the_words() {
    let (_scene, repo) = set_up();
    add(
        &repo,
        "Cookies need SameSite",
        &["--body", "Browsers drop a login otherwise."],
    );
    for n in 0..6 {
        let body = format!("Browsers drop the login of page {n} otherwise.");
        add(
            &repo,
            &format!("Browsers and login {n}"),
            &["--body", &body],
        );
    }
    let found = repo.data(&["learn", "search", "SameSite"]);
    let related = found["items"].as_array().unwrap().iter();
    let related = related.filter(|hit| hit["related"] == true).count();
    assert_eq!(related, 2, "{found}");
}

#[test]
fn a_text_with_a_nul_byte_is_refused() {
    let (_scene, repo) = set_up();
    let args = ["learn", "add", "Nul", "--body", "-"];
    let refused = repo.feed(crate::support::binary(), &args, "a\0b").exits(2);
    assert!(refused.err.contains("NUL character"), "{}", refused.err);
}

/// A learning without any word of the query is never the first.
#[test]
fn a_hit_comes_before_what_is_only_related_to_it() {
    let (_scene, repo) = set_up();
    let more = ["--symptom", "signal 9 in the link step", "--path", "src/**"];
    let first = add(&repo, "Cache warms slowly", &more);
    add(&repo, "Space path", &["--path", "src/a.rs"]);
    let second = add(&repo, "Proxy killed the upload", &[]);
    let found = ids(&repo, &["learn", "search", "link killed", "--limit", "0"]);
    assert!(
        found.contains(&first) && found.contains(&second),
        "{found:?}"
    );
    let one = ids(&repo, &["learn", "search", "link killed", "--limit", "1"]);
    assert!(one[0] == first || one[0] == second, "{found:?}");
}

#[test]
fn what_is_only_related_to_a_retired_learning_is_not_shown() {
    let (_scene, repo) = set_up();
    let more = ["--symptom", "signal 9 in the link step", "--tag", "link"];
    let only = add(&repo, "Killed by the kernel", &more);
    add(&repo, "Space path", &["--tag", "link"]);
    repo.pm(&["learn", "edit", &only, "--status", "retired"])
        .ok();
    let none = repo.pm(&["learn", "search", "kernel"]).ok().out;
    assert!(none.contains("No learning contains these words"), "{none}");
}
