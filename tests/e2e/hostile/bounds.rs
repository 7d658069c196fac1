//! States that are unusually large, deep or tangled. Queries of them end soon, and report where the
//! answer was truncated.

use crate::support::{Repo, Scene, binary, forge, set_up};

/// The path of the only reservation.
fn reservation(repo: &Repo) -> String {
    let args = [
        "ls-tree",
        "-r",
        "--name-only",
        "refs/pm/main",
        "reservations/",
    ];
    repo.git(&args).ok().text()
}

#[test]
fn a_long_chain_is_truncated_in_lists_and_complete_for_one_item() {
    let (_scene, repo) = set_up();
    let lines: Vec<String> = (1..=130)
        .map(|n| match n {
            1 => r#"{"op":"task.create","title":"Task 1"}"#.to_string(),
            n => format!(
                r#"{{"op":"task.create","title":"Task {n}","depends-on":["T-{:04}"]}}"#,
                n - 1
            ),
        })
        .collect();
    repo.feed(crate::support::binary(), &["batch"], &lines.join("\n"))
        .ok();
    let all = repo.data(&["blocked", "--limit", "0"]);
    let last = all["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|view| view["item"]["id"] == "T-0130")
        .unwrap();
    let chain = last["chain"].as_array().unwrap();
    // The item, the first hundred, and the root.
    assert_eq!(chain.len(), 102, "{last}");
    assert_eq!(chain[101]["id"], "T-0001");
    assert_eq!(chain[101]["relation"], "root blocker");
    assert_eq!(last["partial"], true);
    let why = repo.data(&["why", "T-0130"]);
    assert_eq!(why["chain"].as_array().unwrap().len(), 130);
    assert!(why["partial"].is_null(), "{why}");
    let shown = repo.pm(&["blocked", "--limit", "0"]).ok();
    assert!(shown.out.contains("T-0130"), "{shown:?}");
}

#[test]
fn the_first_of_many_blocking_items_are_named_and_the_rest_counted() {
    let (_scene, repo) = set_up();
    let made = |n: usize| match n {
        30 => r#"{"op":"task.create","title":"Last","depends-on":["T-0029"]}"#.to_string(),
        n => format!(r#"{{"op":"task.create","title":"Task {n}"}}"#),
    };
    let stopped = |n: usize| format!(r#"{{"op":"task.block","id":"T-{n:04}","reason":"no key"}}"#);
    let lines: Vec<String> = (1..=30).map(made).chain((1..30).map(stopped)).collect();
    repo.feed(crate::support::binary(), &["batch"], &lines.join("\n"))
        .ok();
    let next = repo.pm(&["next", "--json"]).exits(1).error();
    for found in [
        &next,
        &repo.data(&["status"]),
        &repo.data(&["ready"])["idle"],
        &repo.data(&["triage"])["idle"],
    ] {
        let waiting = found["waiting"].as_array().unwrap();
        assert_eq!(waiting.len(), 20, "{found}");
        // The item that blocks the most others comes first.
        assert_eq!(waiting[0]["id"], "T-0029", "{found}");
        assert_eq!(found["more_waiting"], 9, "{found}");
    }
    for command in ["status", "ready", "triage"] {
        let shown = repo.pm(&[command]).ok();
        assert!(shown.out.contains("and 24 more"), "{shown:?}");
    }
}

/// Pushes reservations of Eve's without the checks of `reserve add`.
fn reserve_unseen(repo: &Repo, count: usize, patterns: impl Fn(usize) -> Vec<String>) {
    repo.by("Eve")
        .pm(&["reserve", "add", "docs/**", "--ttl", "1h"])
        .ok();
    let path = reservation(repo);
    let (folder, name) = path.rsplit_once('/').unwrap();
    let text = forge::read(repo, &path);
    let mut entries = Vec::new();
    for n in 0..count {
        let uid = format!("{}{n:04}", &name[..22]);
        let list: Vec<String> = patterns(n).iter().map(|p| format!("\"{p}\"")).collect();
        let list = list.join(", ");
        let text = text.replace(&name[..26], &uid).replace(
            "patterns: [docs/**]",
            &format!("patterns: [{list}]\nfiles: [{list}]"),
        );
        let oid = forge::blob(repo, text.as_bytes());
        entries.push(("100644".into(), format!("{uid}.md").into_bytes(), oid));
    }
    let tree = forge::tree(repo, &entries);
    let names: Vec<&[u8]> = folder.split('/').map(str::as_bytes).collect();
    let root = repo.state_tree();
    let root = forge::with(repo, Some(&root), &names, "40000", &tree);
    forge::commit(repo, &root);
}

/// Requires that something takes little time on any machine; without a limit it would take minutes.
#[track_caller]
fn within_time_limit<T>(what: impl FnOnce() -> T) -> T {
    let began = std::time::Instant::now();
    let done = what();
    let took = began.elapsed();
    assert!(took.as_secs() < 30, "it took {took:?}");
    done
}

/// This many patterns, each with 256 expansions.
fn braced(count: usize) -> Vec<String> {
    let tail = "x".repeat(70);
    let pattern = |n: usize| format!("{}{tail}{n}", "{a,b}".repeat(8));
    (0..count).map(pattern).collect()
}

#[test]
fn patterns_count_towards_the_limit_by_their_brace_expansions() {
    let (_scene, repo) = set_up();
    repo.task("Plans much", &["--path", "src/auth.rs"]);
    repo.task("Plans little", &["--path", "src/auth.rs"]);
    let planned = braced(8_000).join("\", \"");
    let path = forge::path_of(&repo, "T-0001");
    let text = forge::read(&repo, &path);
    let many = text.replace("[src/auth.rs]", &format!("[\"{planned}\", src/auth.rs]"));
    assert_ne!(text, many);
    forge::put(&repo, &path, many.as_bytes());
    within_time_limit(|| repo.pm(&["impact", "src/auth.rs"]).ok());
    let refused = within_time_limit(|| repo.pm(&["start", "T-0001", "--no-worktree"]).exits(1));
    assert!(
        refused
            .err
            .contains("too many patterns to reserve, or they are too complex to compare"),
        "{refused:?}"
    );
    // Patterns within the limits are read as usual.
    let (_scene, repo) = set_up();
    let few = braced(20);
    let mut args = vec!["reserve", "add", "--new"];
    args.extend(few.iter().map(String::as_str));
    repo.by("Ben").pm(&args).ok();
    repo.pm(&["reserve", "check", &format!("abababab{}7", "x".repeat(70))])
        .exits(1);

    let (_scene, repo) = set_up();
    reserve_unseen(&repo, 1, |_| braced(4_000));
    repo.write("src/other.rs", "fn other() {}\n");
    repo.git(&["add", "-A"]).ok();
    let stopped = within_time_limit(|| repo.git(&["commit", "-q", "-m", "x"]));
    assert_ne!(stopped.code, 0, "{stopped:?}");
    assert!(
        stopped
            .err
            .contains("src/other.rs is treated as reserved by Eve"),
        "{stopped:?}"
    );
}

#[test]
fn a_push_compares_all_its_commits_within_one_limit() {
    let scene = Scene::new();
    let (_hub, repo) = scene.with_hub();
    // Each pattern matches every file up to its last character.
    let pattern = format!("**/*{}b", "a".repeat(100));
    reserve_unseen(&repo, 30, |n| {
        (0..40)
            .map(|k| format!("{pattern}{}", n * 40 + k))
            .collect()
    });
    let long = "a".repeat(200);
    for commit in 0..10 {
        for file in 0..20 {
            repo.write(&format!("src/{long}b0123456789-{commit}-{file}"), "x\n");
        }
        repo.git(&["add", "-A"]).ok();
        let unguarded = ["-c", "core.hooksPath=/dev/null", "commit", "-qm", "some"];
        repo.git(&unguarded).ok();
    }
    let stopped = within_time_limit(|| repo.git(&["push", "-q", "origin", "main"]));
    assert_ne!(stopped.code, 0, "{stopped:?}");
    assert!(
        stopped.err.contains("is treated as reserved by Eve"),
        "{stopped:?}"
    );
    assert!(stopped.err.lines().count() < 30, "{stopped:?}");
    let checked = within_time_limit(|| repo.pm(&["reserve", "check", "--range", "HEAD~10..HEAD"]));
    assert_ne!(checked.code, 0, "{checked:?}");
}

#[test]
fn reservations_too_costly_to_compare_count_as_holding_and_are_reported() {
    let (_scene, repo) = set_up();
    repo.pm(&["task", "create", "Mine", "--path", "src/auth.rs"])
        .ok();
    // No file of this repository matches any of them, but comparing all takes long.
    let costly = format!("**/{}Z", "*a?".repeat(1_300));
    reserve_unseen(&repo, 320, |_| vec![costly.clone()]);
    assert_eq!(
        repo.data(&["reserve", "list"])["items"]
            .as_array()
            .unwrap()
            .len(),
        320
    );

    repo.write("src/other.rs", "fn other() {}\n");
    repo.git(&["add", "-A"]).ok();
    let stopped = repo.git(&["commit", "-q", "-m", "x"]);
    assert_ne!(stopped.code, 0, "{stopped:?}");
    assert!(
        stopped
            .err
            .contains("src/other.rs is treated as reserved by Eve")
            && stopped
                .err
                .contains("too many patterns to compare, or they are too complex"),
        "{stopped:?}"
    );
    let refused = repo.pm(&["start", "T-0001", "--no-worktree"]).exits(1);
    assert!(
        refused.err.contains("is treated as reserved by Eve"),
        "{refused:?}"
    );
    // The bypass, which always works, is recorded.
    repo.with("GIT_PM_BYPASS", "nobody can compare these")
        .git(&["commit", "-q", "-m", "x"])
        .ok();
    let log = repo.pm(&["log"]).ok();
    assert!(log.out.contains("nobody can compare these"), "{log:?}");
}

/// Writes another expiry into the only claim of T-0001.
fn hold_until(repo: &Repo, end: &str) {
    let path = forge::path_of(repo, "T-0001");
    let text = forge::read(repo, &path);
    let line = text.lines().find(|l| l.trim_start().starts_with("lease: "));
    let line = line.unwrap();
    let (field, _) = line.split_once(": ").unwrap();
    let forged = text.replace(line, &format!("{field}: {end}"));
    forge::put(repo, &path, forged.as_bytes());
}

#[test]
fn an_unlimited_claim_ends_after_thirty_days() {
    for end in ["9223372036854775807", "18446744073709551615"] {
        let scene = Scene::new();
        let (hub, a) = scene.with_hub();
        let a = a.when("2027-01-10T10:00:00Z");
        a.pm(&["task", "create", "Held"]).ok();
        a.pm(&["start", "T-0001", "--no-worktree"]).ok();
        hold_until(&a, end);
        let view = a.data(&["show", "T-0001"]);
        assert!(
            view["claim"]["lease_until"] == "2027-02-09T10:00:00Z",
            "{end}: {view}"
        );
        a.pm(&["sync"]).ok();
        let b = scene.clone_of(&hub, "b", "Bo");
        let later = b.when("2027-02-09T09:59:00Z");
        later.pm(&["sync"]).ok();
        later.pm(&["start", "T-0001", "--no-worktree"]).exits(3);
        let after = b.when("2027-02-09T10:03:00Z");
        after.pm(&["start", "T-0001", "--no-worktree"]).ok();
    }
}

#[test]
fn an_unlimited_reservation_ends_after_thirty_days() {
    for end in ["9223372036854775807", "18446744073709551615"] {
        let (_scene, repo) = set_up();
        let repo = repo.when("2027-01-10T10:00:00Z");
        repo.by("Eve").pm(&["reserve", "add", "src/**"]).ok();
        let path = reservation(&repo);
        let text = forge::read(&repo, &path);
        let line = text.lines().find(|l| l.starts_with("expires: ")).unwrap();
        let forged = text
            .replace(line, &format!("expires: {end}"))
            .replace("ttl: 3600000", &format!("ttl: {end}"));
        forge::put(&repo, &path, forged.as_bytes());
        let list = repo.data(&["reserve", "list"]);
        let until = list["items"][0]["expires_at"].as_str().unwrap().to_string();
        assert_eq!(until, "2027-02-09T10:00:00Z", "{end}: {list}");
        repo.write("src/other.rs", "fn other() {}\n");
        repo.git(&["add", "-A"]).ok();
        let commit = |now: &str| repo.when(now).git(&["commit", "-q", "-m", "x"]);
        assert_ne!(commit("2027-02-09T09:59:00Z").code, 0);
        commit("2027-02-09T10:01:00Z").ok();
    }
}

#[test]
fn many_small_changes_cannot_exceed_the_size_limit_of_a_state() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.pm(&["task", "create", "One"]).ok();
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Bo");
    b.pm(&["sync"]).ok();
    let note = b.path.join(".git/pm/weight");
    let text = std::fs::read_to_string(&note).unwrap();
    let (tree, weight) = text.trim_end().split_once(' ').unwrap();
    let weight: u64 = weight.parse().unwrap();
    assert!((100..5_000).contains(&weight), "{text}");
    // The recorded size is only a cache: without it the size is computed again, before anything is
    // refused.
    let near = format!("{tree} {}\n", 512 * 1024 * 1024 - 100);
    for spoiled in [
        None,
        Some("what?"),
        Some("0000000000000000000000000000000000000000 7\n"),
        Some(near.as_str()),
    ] {
        match spoiled {
            None => std::fs::remove_file(&note).unwrap(),
            Some(text) => std::fs::write(&note, text).unwrap(),
        }
        a.pm(&["task", "create", "More"]).ok();
        a.pm(&["sync"]).ok();
        b.pm(&["sync"]).ok();
        let text = std::fs::read_to_string(&note).unwrap();
        let (_, now) = text.trim_end().split_once(' ').unwrap();
        let now: u64 = now.parse().unwrap();
        assert!((weight + 1..50_000).contains(&now), "{text}");
    }
    // A change of an item counts by the size that it adds.
    let before = noted(&b);
    a.pm(&["task", "edit", "T-0001", "--body", &"x".repeat(9_000)])
        .ok();
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    assert!(noted(&b) > before + 8_000);
}

fn noted(repo: &Repo) -> u64 {
    let text = repo.read(".git/pm/weight");
    text.trim_end().split_once(' ').unwrap().1.parse().unwrap()
}

#[test]
fn many_claims_on_one_item_are_ended_at_once_with_few_messages() {
    let (_scene, repo) = set_up();
    let repo = repo.when("2027-01-10T10:00:00Z");
    repo.pm(&["task", "create", "Wanted"]).ok();
    repo.pm(&["start", "T-0001", "--no-worktree"]).ok();
    let path = forge::path_of(&repo, "T-0001");
    let text = forge::read(&repo, &path);
    let many: String = (0..300)
        .map(|n| {
            format!(
                "  \"c{n:04}\":\n    at: \"1767603600000.{n}.eve\"\n    actor: eve{n}\n    \
                 lease: 1767603700000\n    replica: eve\n"
            )
        })
        .collect();
    let forged = text.replace("\nclaims:\n", &format!("\nclaims:\n{many}"));
    assert_ne!(text, forged);
    forge::put(&repo, &path, forged.as_bytes());
    let later = repo.when("2027-02-10T10:00:00Z").by("Bo");
    later.pm(&["start", "T-0001", "--no-worktree"]).ok();
    assert_eq!(later.data(&["show", "T-0001"])["claim"]["actor"], "Bo");
    let text = forge::read(&repo, &path);
    assert_eq!(text.matches("\n    ended: ").count(), 301, "{text}");
    let told = repo.git(&["ls-tree", "-r", "--name-only", "refs/pm/main", "messages/"]);
    assert_eq!(told.ok().out.lines().count(), 20);
}

#[test]
fn many_claims_that_a_sync_ends_are_ended_at_once_with_few_messages() {
    for closed in [true, false] {
        let scene = Scene::new();
        let (_hub, repo) = scene.with_hub();
        let repo = repo.when("2026-01-05T10:00:00Z");
        repo.pm(&["task", "create", "Wanted"]).ok();
        repo.pm(&["start", "T-0001", "--no-worktree"]).ok();
        let path = forge::path_of(&repo, "T-0001");
        let text = forge::read(&repo, &path);
        // On an open item, claims of this clone itself are settled.
        let own = text.split_once("\n    replica: ").unwrap().1;
        let replica = if closed {
            "eve"
        } else {
            own.lines().next().unwrap()
        };
        if closed {
            repo.pm(&["task", "done", "T-0001", "--force"]).ok();
        }
        let text = forge::read(&repo, &path);
        let many: String = (0..300)
            .map(|n| {
                format!(
                    "  \"c{n:04}\":\n    at: \"1767603600000.{n}.eve\"\n    actor: eve{n}\n    \
                     lease: 1767603700000\n    replica: {replica}\n"
                )
            })
            .collect();
        let forged = text.replace("\nclaims:\n", &format!("\nclaims:\n{many}"));
        assert_ne!(text, forged);
        forge::put(&repo, &path, forged.as_bytes());
        let report = repo.data(&["sync"]);
        let lost = report["lost"].as_array().unwrap().len();
        assert_eq!(lost, if closed { 0 } else { 20 }, "{report}");
        let text = forge::read(&repo, &path);
        let ended = text.matches("\n    ended: ").count();
        assert_eq!(ended, if closed { 301 } else { 300 }, "{text}");
        let told = repo.git(&["ls-tree", "-r", "--name-only", "refs/pm/main", "messages/"]);
        assert_eq!(told.ok().out.lines().count(), 20);
    }
}

#[test]
fn the_count_of_items_behind_inactive_claims_is_limited_and_marked_as_such() {
    let (_scene, repo) = set_up();
    let repo = repo.when("2026-03-02T12:00:00Z");
    let mut lines = String::new();
    for n in 0..2_100 {
        let on = match n {
            0..3 => "null".to_string(),
            _ => format!("\"T-000{}\"", if n == 3 { 2 } else { 3 }),
        };
        let line =
            format!("{{\"op\":\"task.create\",\"title\":\"Item {n}\",\"depends-on\":{on}}}\n");
        lines.push_str(&line.replace(",\"depends-on\":null", ""));
    }
    repo.feed(binary(), &["batch"], &lines).ok();
    let smith = repo.with("CLAUDECODE", "1").with("AGENT_NAME", "smith");
    for id in ["T-0002", "T-0003"] {
        smith.pm(&["start", id, "--no-worktree"]).ok();
    }
    let silent = repo.when("2026-03-02T12:40:00Z").data(&["status"])["silent"].clone();
    assert_eq!(silent[0]["id"], "T-0003", "{silent}");
    let message = silent[0]["message"].as_str().unwrap();
    assert!(message.ends_with("+ items wait for it"), "{message}");
    assert!(silent[0]["waiting"].as_u64().unwrap() > 900, "{silent}");
    assert_eq!(silent[1]["waiting"], 1, "{silent}");
}
