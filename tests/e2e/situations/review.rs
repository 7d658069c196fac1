//! Work that is sent back: by a reviewer, by a merge that conflicts, or by an author who is gone.
//! RV-06, and what the users of a review loop expect.

use crate::serve::{Server, token};
use crate::support::{Repo, Scene, agent};

/// A hub and the clones of the lead and of an agent, with a task that the agent has started.
fn with_started() -> (Scene, Repo, Repo, Repo) {
    let scene = Scene::new();
    let (hub, lead) = scene.with_hub();
    lead.git(&["config", "pm.pushTarget", "always"]).ok();
    lead.task("Answer", &["--accept", "it answers"]);
    lead.pm(&["sync"]).ok();
    let bot = agent(&scene.clone_of(&hub, "b", "Ben").by("bot"));
    bot.pm(&["next", "--claim"]).ok();
    (scene, hub, lead, bot)
}

/// Commits a change in the worktree of the task, and submits it.
fn submit(bot: &Repo, text: &str) {
    let place = bot.worktree("T-0001");
    place.write("src/auth.rs", text);
    place.commit_all("Work");
    bot.pm(&["task", "accept", "T-0001", "--all"]).ok();
    bot.pm(&["finish", "T-0001"]).ok();
}

/// RV-06: a reviewer reads the difference and returns the work with remarks; its author, and nobody
/// else, continues it with the note in its briefing, and what is submitted then is merged.
#[test]
fn rv_06_returned_work_is_continued_by_its_author_and_merged() {
    let (scene, hub, lead, bot) = with_started();
    submit(&bot, "pub fn login() {}\n// one\n");
    lead.pm(&["sync"]).ok();
    let shown = lead.pm(&["task", "diff", "T-0001"]).ok().out;
    assert!(shown.contains("+// one"), "{shown}");
    let stat = lead.pm(&["task", "diff", "T-0001", "--stat"]).ok().out;
    assert!(
        stat.contains("src/auth.rs") && !stat.contains("+// one"),
        "{stat}"
    );
    let none = lead.data(&["task", "diff", "T-0001", "docs"]);
    assert_eq!(none["work"]["files"], serde_json::json!([]));
    let note = "Please:\nsrc/auth.rs:2: say two\n";
    // The remote cannot be reached meanwhile.
    lead.pm(&["--offline", "task", "return", "T-0001", "--note", note])
        .ok();
    lead.pm(&["sync"]).ok();

    // Nobody else gets it, until it is given to them.
    let cat = scene.clone_of(&hub, "c", "Cat");
    let refused = cat.pm(&["start", "T-0001"]).exits(3).err;
    assert!(refused.contains("was returned to bot"), "{refused}");
    cat.pm(&["next", "--claim"]).exits(1);

    bot.pm(&["sync"]).ok();
    let item = bot.data(&["show", "T-0001"]);
    assert_eq!(item["status"], "queued");
    assert_eq!(item["owner"], "bot");
    let remark = &item["returned"]["remarks"][0];
    assert_eq!(
        (&remark["path"], &remark["line"]),
        (&"src/auth.rs".into(), &2.into())
    );
    assert_eq!(item["returned"]["by"], "Ana");
    let briefing = bot.pm(&["prime", "T-0001"]).ok().out;
    assert!(briefing.contains("src/auth.rs:2: say two"), "{briefing}");
    assert_eq!(bot.data(&["next", "--claim"])["id"], "T-0001");
    submit(&bot, "pub fn login() {}\n// two\n");
    assert!(bot.data(&["show", "T-0001"])["returned"].is_null());

    lead.pm(&["sync"]).ok();
    lead.pm(&["task", "approve", "T-0001"]).ok();
    lead.pm(&["merge", "T-0001"]).ok();
    let merged = hub.git(&["show", "main:src/auth.rs"]).text();
    assert!(merged.ends_with("// two"), "{merged}");
}

/// RV-06, IN-17: the same with a lead who reads and returns on the page, then over HTTP, and approves
/// on the page; the author gets the notes offline in between.
#[test]
fn rv_06_the_review_loop_on_the_page_and_over_http() {
    const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");
    let (_scene, hub, lead, bot) = with_started();
    submit(&bot, "pub fn login() {}\n// one\n");
    let lea = token(&lead, "Ana", &["--scope", "approve"]);
    let server = Server::start(&lead, &[]);
    lead.pm(&["sync"]).ok();
    let session = server.sign_in(&format!("key={lea}"));
    let headers = [
        ("Host", server.host.as_str()),
        ("Cookie", session.cookie.as_str()),
        FORM,
    ];
    let page = |path: &str| server.ask("GET", path, &headers, "").body;
    let send = |path: &str, fields: &str| {
        let body = format!("csrf={}&{fields}", session.proof);
        let answer = server.ask("POST", path, &headers, &body);
        assert_eq!(answer.status, 303, "{answer:?}");
    };
    let shown = page("/items/T-0001/changes");
    assert!(
        shown.contains("+// one") && shown.contains("/items/T-0001/move"),
        "{shown}"
    );
    send(
        "/items/T-0001/move",
        "verb=return&text=src%2Fauth.rs%3A2%3A+say+two",
    );
    let shown = page("/items/T-0001");
    assert!(shown.contains("src/auth.rs:2: say two"), "{shown}");

    bot.pm(&["sync"]).ok();
    let briefing = bot.pm(&["--offline", "prime", "T-0001"]).ok().out;
    assert!(briefing.contains("src/auth.rs:2: say two"), "{briefing}");
    bot.pm(&["next", "--claim"]).ok();
    submit(&bot, "pub fn login() {}\n// two\n");
    lead.pm(&["sync"]).ok();
    let diff = server
        .with(&lea, "GET", "/api/v1/task/diff?id=T-0001", "")
        .data();
    assert!(diff["diff"].to_string().contains("+// two"), "{diff}");
    let note = r#"{"id":"T-0001","note":"src/auth.rs:2: say three"}"#;
    let returned = server
        .with(&lea, "POST", "/api/v1/task/return", note)
        .data();
    assert_eq!(returned["returned"]["remarks"][0]["line"], 2);

    bot.pm(&["sync"]).ok();
    assert_eq!(bot.data(&["next", "--claim"])["id"], "T-0001");
    submit(&bot, "pub fn login() {}\n// three\n");
    lead.pm(&["sync"]).ok();
    let board = page("/");
    assert!(board.contains("T-0001"), "{board}");
    send("/items/T-0001/approve", "");
    lead.pm(&["merge", "T-0001"]).ok();
    let merged = hub.git(&["show", "main:src/auth.rs"]).text();
    assert!(merged.ends_with("// three"), "{merged}");
}

/// An author who is gone loses the work after a lease: then anybody may take it, with its commits.
#[test]
fn returned_work_of_an_author_who_is_gone_is_taken_by_anybody() {
    let (scene, hub, lead, bot) = with_started();
    submit(&bot, "pub fn login() {}\n// one\n");
    lead.pm(&["sync"]).ok();
    lead.pm(&["task", "return", "T-0001", "--note", "say two"])
        .ok();
    lead.pm(&["sync"]).ok();
    let cat = scene.clone_of(&hub, "c", "Cat");
    let until = cat.data(&["show", "T-0001"])["returned"]["until"].clone();
    let later = cat.when(until.as_str().unwrap());
    assert_eq!(later.data(&["next", "--claim"])["id"], "T-0001");
    let text = later.worktree("T-0001").read("src/auth.rs");
    assert!(text.ends_with("// one\n"), "{text}");
}

/// Approved work is returned by humans only, and closed or unsubmitted work by nobody.
#[test]
fn only_submitted_work_is_returned_and_approved_work_by_humans() {
    let (_scene, _hub, lead, bot) = with_started();
    lead.pm(&["sync"]).ok();
    let refused = lead.pm(&["task", "return", "T-0001", "--note", "x"]);
    assert_eq!(refused.code, 1, "{}", refused.err);
    submit(&bot, "x\n");
    lead.pm(&["sync"]).ok();
    lead.pm(&["task", "return", "T-0001", "--note", " "])
        .exits(2);
    lead.pm(&["task", "approve", "T-0001"]).ok();
    lead.pm(&["sync"]).ok();
    bot.pm(&["sync"]).ok();
    let refused = bot
        .pm(&["task", "return", "T-0001", "--note", "x"])
        .exits(1)
        .err;
    assert!(refused.contains("approved work"), "{refused}");
    lead.pm(&["task", "return", "T-0001", "--note", "x"]).ok();
    assert!(lead.data(&["show", "T-0001"])["approval"].is_null());
}

/// `finish` after new commits submits again; the same commit is no error, for those who try again.
#[test]
fn work_that_moved_on_is_submitted_again() {
    let (_scene, _hub, lead, bot) = with_started();
    submit(&bot, "one\n");
    let first = bot.data(&["show", "T-0001"])["work"]["commit"].clone();
    bot.pm(&["finish", "T-0001"]).ok();
    submit(&bot, "two\n");
    let second = bot.data(&["show", "T-0001"])["work"]["commit"].clone();
    assert_ne!(first, second);
    lead.pm(&["sync"]).ok();
    assert_eq!(lead.data(&["show", "T-0001"])["work"]["commit"], second);
}

/// A claim whose lease is over is taken over by the next `next --claim`, with its commits.
#[test]
fn an_expired_claim_is_taken_over_by_the_next_claim() {
    let (scene, hub, _lead, bot) = with_started();
    let place = bot.worktree("T-0001");
    place.write("src/auth.rs", "half\n");
    place.commit_all("Half");
    place.git(&["push", "-q", "origin", "HEAD"]).ok();
    let cat = scene.clone_of(&hub, "c", "Cat");
    cat.pm(&["next", "--claim"]).exits(1);
    let lease = cat.data(&["show", "T-0001"])["claim"]["lease_until"].clone();
    assert!(lease.is_string());
    let later = cat.when("2099-01-01T00:00:00Z");
    assert_eq!(later.data(&["next", "--claim"])["id"], "T-0001");
    assert_eq!(later.worktree("T-0001").read("src/auth.rs"), "half\n");
}

/// The lease of agents can be shortened.
#[test]
fn the_lease_of_agents_is_a_setting() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    repo.pm(&["config", "pm.agentLease", "5"]).ok();
    repo.task("One", &[]);
    let bot = agent(&repo.by("bot")).when("2030-01-01T12:00:00Z");
    bot.pm(&["next", "--claim"]).ok();
    let claim = bot.data(&["show", "T-0001"])["claim"].clone();
    assert_eq!(claim["lease_until"], "2030-01-01T12:05:00Z");
    assert_eq!(claim["last_sign"], "2030-01-01T12:00:00Z");
}

/// The end of a plan has an exit code of its own, and says what is left to close.
#[test]
fn the_end_of_a_plan_is_told_apart_from_a_wait() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    repo.pm(&["next", "--claim"]).exits(1);
    repo.pm(&["epic", "create", "Epic"]).ok();
    let one = repo.task("One", &["--epic", "E-0001"]);
    repo.pm(&["task", "block", &one, "wait"]).ok();
    repo.pm(&["next", "--claim"]).exits(1);
    repo.pm(&["task", "unblock", &one]).ok();
    repo.pm(&["start", &one]).ok();
    let place = repo.worktree(&one);
    place.write("x.txt", "x\n");
    place.commit_all("Work");
    let told = place.pm(&["finish", "--merge"]).ok().err;
    assert!(told.contains("git pm epic close E-0001"), "{told}");
    // What would be refused is not named.
    repo.pm(&["edit", "E-0001", "--accept", "all of it works"])
        .ok();
    let ended = repo.pm(&["next"]).exits(9).err;
    assert!(ended.contains("git pm task accept E-0001 --all"), "{ended}");
    repo.pm(&["task", "accept", "E-0001", "--all"]).ok();
    for wait in [
        &["next", "--claim"][..],
        &["next"],
        &["next", "--claim", "--wait", "60"],
    ] {
        let ended = repo.pm(wait).exits(9).err;
        assert!(ended.contains("all tasks are done"), "{ended}");
        assert!(ended.contains("epic close E-0001"), "{ended}");
    }
}

/// A dependent does not start without the merge that it waits for.
#[test]
fn a_task_waits_for_a_merge_that_was_not_pushed() {
    let scene = Scene::new();
    let (hub, ana) = scene.with_hub();
    ana.git(&["config", "pm.pushTarget", "never"]).ok();
    let one = ana.task("One", &[]);
    let two = ana.task("Two", &["--depends-on", &one]);
    ana.pm(&["start", &one]).ok();
    let place = ana.worktree(&one);
    place.write("one.txt", "1\n");
    place.commit_all("One");
    place.pm(&["finish", "--merge"]).ok();
    ana.pm(&["sync"]).ok();
    let ben = scene.clone_of(&hub, "b", "Ben");
    let refused = ben.pm(&["start", &two]).exits(1).err;
    assert!(refused.contains("was not pushed yet"), "{refused}");
    ben.pm(&["next", "--claim"]).exits(1);
    assert_eq!(ben.data(&["ready"])["items"], serde_json::json!([]));
    // Every view says the same.
    let waits = "waits for T-0001, whose merge is not in this clone yet";
    for view in [&["why", &two][..], &["blocked"], &["triage"], &["ready"]] {
        let said = ben.pm(view).ok().out;
        assert!(
            said.contains(waits) && said.contains("git pull"),
            "{view:?}: {said}"
        );
    }
    let counts = &ben.data(&["stats"])["counts"];
    assert_eq!(
        (&counts["actionable_count"], &counts["blocked_count"]),
        (&0.into(), &1.into())
    );
    for (view, said) in [
        ("triage", "1 open: 0 ready, 0 in progress, 1 blocked"),
        ("report", "0 ready, 1 blocked"),
        ("status", "1 waiting or blocked"),
        (
            "status",
            "1 of the blocked can be started by others or elsewhere",
        ),
        (
            "stats",
            "1 of the blocked can be started by others or elsewhere",
        ),
        (
            "report",
            "1 of the blocked can be started by others or elsewhere",
        ),
        ("status", "git pm blocked"),
        ("prime", "Ready to start (0; waiting or blocked: 1)"),
        ("list", "waits for T-0001"),
        ("board", "blocked or deferred 1"),
        ("board", "after T-0001"),
    ] {
        let out = ben.pm(&[view]).ok().out;
        assert!(out.contains(said), "{view} does not say `{said}`: {out}");
    }
    for (query, count) in [("is:blocked", 1), ("is:ready", 0), ("-is:blocked", 0)] {
        let found = ben.data(&["list", "--", query])["items"].clone();
        assert_eq!(found.as_array().unwrap().len(), count, "{query}");
    }
    ana.git(&["push", "-q", "origin", "main"]).ok();
    assert_eq!(ben.data(&["next", "--claim"])["id"], two.as_str());
    assert_eq!(ben.worktree(&two).read("one.txt"), "1\n");
    assert_eq!(ben.data(&["stats"])["counts"]["blocked_count"], 0);
}

/// A claim without a branch is judged as a start is: for a merge that is not here, and for a reserved path.
#[test]
fn a_claim_is_refused_where_a_start_is() {
    let scene = Scene::new();
    let (hub, ana) = scene.with_hub();
    ana.git(&["config", "pm.pushTarget", "never"]).ok();
    let one = ana.task("One", &[]);
    let two = ana.task("Two", &["--depends-on", &one, "--path", "docs/guide.md"]);
    ana.pm(&["start", &one]).ok();
    let place = ana.worktree(&one);
    place.write("one.txt", "1\n");
    place.commit_all("One");
    place.pm(&["finish", "--merge"]).ok();
    ana.pm(&["sync"]).ok();
    let ben = scene.clone_of(&hub, "b", "Ben");
    let claims = [
        &["issue", "claim", &two][..],
        &["issue", "update", &two, "--claim"],
    ];
    let refusals = |reason: &str| {
        let started = ben.pm(&["--json", "start", &two]).exits(1).error();
        assert_eq!(started["reason"], reason, "{started}");
        for claim in claims {
            let refused = ben.pm(&[&["--json"], claim].concat()).exits(1).error();
            assert_eq!(refused["reason"], reason, "{claim:?}: {refused}");
            assert_eq!(refused["message"], started["message"], "{claim:?}");
        }
        assert!(ben.data(&["show", &two])["claim"].is_null());
    };
    refusals("start.not_reached");
    ana.git(&["push", "-q", "origin", "main"]).ok();
    ana.pm(&["reserve", "add", "docs/guide.md"]).ok();
    ben.pm(&["sync"]).ok();
    refusals("path.reserved");
    ana.pm(&["reserve", "release", "docs/guide.md"]).ok();
    ben.pm(&["sync"]).ok();
    ben.pm(claims[0]).ok();
    // Who holds it keeps it.
    ben.pm(claims[1]).ok();
}

/// Without a look at the remote in between, a claim finds that the merge was pushed.
#[test]
fn a_claim_fetches_the_merge_that_it_waits_for() {
    let scene = Scene::new();
    let (hub, ana) = scene.with_hub();
    ana.git(&["config", "pm.pushTarget", "never"]).ok();
    let one = ana.task("One", &[]);
    let two = ana.task("Two", &["--depends-on", &one]);
    ana.pm(&["start", &one]).ok();
    let place = ana.worktree(&one);
    place.write("one.txt", "1\n");
    place.commit_all("One");
    place.pm(&["finish", "--merge"]).ok();
    ana.pm(&["sync"]).ok();
    let ben = scene.clone_of(&hub, "b", "Ben");
    ben.pm(&["issue", "claim", &two]).exits(1);
    ana.git(&["push", "-q", "origin", "main"]).ok();
    ben.pm(&["issue", "claim", &two]).ok();
}

/// What a reservation of another actor keeps from being started is ready nowhere, and has the same reason
/// everywhere; a lease that is over is no reason.
#[test]
fn a_task_whose_path_is_reserved_is_ready_in_no_count() {
    let (_scene, repo) = crate::support::set_up();
    let one = repo.task("One", &["--path", "f.txt"]);
    let two = repo.task("Two", &["--path", "f.txt"]);
    let ben = repo.by("ben");
    ben.pm(&["start", &one]).ok();
    let counts = &repo.data(&["stats"])["counts"];
    assert_eq!(
        (&counts["actionable_count"], &counts["blocked_count"]),
        (&0.into(), &1.into())
    );
    for (view, said) in [
        ("triage", "open: 0 ready, 1 in progress, 1 blocked"),
        ("report", "1 in progress, 0 ready, 1 blocked"),
        ("blocked", "reserved"),
        ("status", "1 waiting or blocked"),
    ] {
        let out = repo.pm(&[view]).ok().out;
        assert!(out.contains(said), "{view} does not say `{said}`: {out}");
    }
    let found = repo.data(&["list", "is:blocked"]);
    assert_eq!(crate::support::ids(&found["items"]), [two.as_str()]);
}

/// A merge that was rebased before its push is found by its trailer, and by its change once the clone that
/// made it has synced.
#[test]
fn a_merge_that_was_rebased_before_its_push_is_found() {
    for is_reworded in [false, true] {
        let scene = Scene::new();
        let (hub, ana) = scene.with_hub();
        let one = ana.task("One", &[]);
        let two = ana.task("Two", &["--depends-on", &one]);
        ana.pm(&["start", &one]).ok();
        let place = ana.worktree(&one);
        place.write("one.txt", "1\n");
        place.commit_all("One");
        place.pm(&["finish", "--merge"]).ok();
        ana.pm(&["sync"]).ok();
        let ben = scene.clone_of(&hub, "b", "Ben");
        ben.write("two.txt", "2\n");
        ben.commit_all("Two");
        ben.git(&["push", "-q", "origin", "HEAD:main"]).ok();
        ben.pm(&["start", &two]).exits(1);
        ana.git(&["pull", "-q", "--rebase", "origin", "main"]).ok();
        if is_reworded {
            ana.git(&["commit", "-q", "--amend", "-m", "Other words"])
                .ok();
        }
        ana.git(&["push", "-q", "origin", "main"]).ok();
        if is_reworded {
            let refused = ben.pm(&["start", &two]).exits(1).err;
            assert!(refused.contains("git pm sync"), "{refused}");
            ana.pm(&["sync"]).ok();
        }
        let started = ben.pm(&["start", &two]).ok();
        assert!(!started.out.contains("does not have"), "{}", started.out);
        assert_eq!(ben.worktree(&two).read("one.txt"), "1\n");
        ana.pm(&["sync"]).ok();
        let work = ana.data(&["show", &one])["work"].clone();
        assert_eq!(work["merged_commit"], ana.tip("main"));
        let kept = ana.git(&["for-each-ref", "refs/pm-local/unpushed/"]);
        assert_eq!(kept.out, "");
    }
}

/// A merge that conflicts tells the author at once, and how to go on; offline it says that it did not.
#[test]
fn rv_06_a_conflicting_merge_reaches_its_author_at_once() {
    for offline in [false, true] {
        let (_scene, _hub, lead, bot) = with_started();
        submit(&bot, "pub fn login() {}\n// one\n");
        lead.write("src/auth.rs", "pub fn login() {}\n// two\n");
        lead.commit_all("Meanwhile");
        lead.git(&["push", "-q", "origin", "main"]).ok();
        lead.pm(&["sync"]).ok();
        lead.pm(&["task", "approve", "T-0001"]).ok();
        if offline {
            let ran = lead.pm(&["--offline", "merge", "T-0001"]).exits(3);
            assert!(ran.err.contains("saved in this clone only"), "{}", ran.err);
            continue;
        }
        lead.pm(&["merge", "T-0001"]).exits(3);
        let told = bot.data(&["sync"])["notices"][0]["subject"].to_string();
        assert!(told.contains("conflicts"), "{told}");
        let item = bot.data(&["show", "T-0001"]);
        assert_eq!(item["status"], "queued");
        let note = item["returned"]["note"].to_string();
        assert!(note.contains("`git pm start T-0001`"), "{note}");
    }
}

// Who returns work is the human, also in the folder of the agent that did it.
#[test]
fn a_return_is_the_same_in_the_worktree_of_the_work() {
    let (_scene, repo) = crate::support::set_up();
    let bot = crate::support::agent(&repo);
    for title in ["In the main folder", "In its worktree"] {
        let id = repo.task(title, &[]);
        bot.pm(&["start", &id]).ok();
        let there = bot.worktree(&id);
        there.write("f", title);
        there.commit_all("Work");
        there.pm(&["finish"]).ok();
        let human = match title {
            "In its worktree" => repo.other(&there.path),
            _ => repo.other(&repo.path),
        };
        human
            .pm(&["task", "return", &id, "--note", "handle an empty list"])
            .ok();
        let item = repo.data(&["show", &id]);
        assert_eq!(item["status"], "queued", "{title}");
        assert!(item["claim"].is_null(), "{title}: {item}");
        bot.pm(&["start", &id]).ok();
    }
}
