//! Leases and activity: how long a claim holds, what renews it, and what others are shown when its
//! holder is inactive.

use crate::support::*;

pub const NOON: &str = "2026-03-02T12:00:00Z";

/// The same clone, used by an agent of that name.
pub fn agent(repo: &Repo, name: &str) -> Repo {
    repo.with("CLAUDECODE", "1").with("AGENT_NAME", name)
}

/// A time on the second of March.
pub fn at(time: &str) -> String {
    format!("2026-03-02T{time}Z")
}

/// The expiry of the claim on an item and its last activity, as seen by a clone.
fn lease(repo: &Repo, id: &str) -> (String, String) {
    let claim = &repo.data(&["show", id])["claim"];
    let text = |key: &str| claim[key].as_str().unwrap_or("none").to_string();
    (text("lease_until"), text("last_sign"))
}

/// A hub, a clone with one task, and a second clone of Ben's.
pub fn two_clones(scene: &Scene) -> (Repo, Repo) {
    let (hub, a) = scene.with_hub();
    let a = a.when(NOON);
    a.task("Shared work", &["--path", "src/**"]);
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben").when(NOON);
    (a, b)
}

pub fn comment(place: &Repo, time: &str) -> Ran {
    let place = place.when(&at(time));
    place.pm(&["task", "comment", "T-0001", "at it"]).ok()
}

/// A write that is not pushed at once.
pub fn create(place: &Repo, time: &str) -> Ran {
    let place = place.when(&at(time));
    place.pm(&["task", "create", "Found on the way"]).ok()
}

#[test]
fn an_agents_claim_holds_for_an_hour_and_a_humans_for_a_day() {
    let (_scene, repo) = set_up();
    let repo = repo.when(NOON);
    repo.task("For a human", &["--path", "a/**"]);
    repo.task("For an agent", &["--path", "b/**"]);
    repo.pm(&["start", "T-0001"]).ok();
    agent(&repo, "agent-2").pm(&["start", "T-0002"]).ok();
    let noon = NOON.to_string();
    assert_eq!(
        lease(&repo, "T-0001"),
        ("2026-03-03T12:00:00Z".into(), noon.clone())
    );
    assert_eq!(lease(&repo, "T-0002"), (at("13:00:00"), noon));
    // The reservation of its paths ends with the claim.
    let live = repo.when(&at("12:59:00")).data(&["reserve", "list"]);
    assert_eq!(live["items"].as_array().unwrap().len(), 2, "{live}");
    let live = repo.when(&at("13:00:01")).data(&["reserve", "list"]);
    assert_eq!(live["items"].as_array().unwrap().len(), 1, "{live}");
}

#[test]
fn writes_in_the_worktree_count_as_activity_of_its_agent_and_reads_do_not() {
    let (_scene, repo) = set_up();
    let repo = repo.when(NOON);
    repo.task("Shared work", &[]);
    let smith = agent(&repo, "agent-2");
    smith.pm(&["start", "T-0001"]).ok();
    let work = smith.worktree("T-0001");
    let sign = |time: &str| lease(&repo.when(&at(time)), "T-0001").1;
    comment(&work, "12:05:00");
    assert_eq!(sign("12:05:00"), at("12:00:00"), "every write renews");
    let state = repo.tip("refs/pm/main");
    for args in [&["show", "T-0001"][..], &["status"], &["ready"], &["next"]] {
        work.when(&at("12:20:00")).pm(args);
    }
    assert_eq!(
        repo.tip("refs/pm/main"),
        state,
        "a reading command changed the state"
    );
    comment(&repo, "12:20:00");
    assert_eq!(sign("12:20:00"), at("12:00:00"), "not in its worktree");
    comment(&work, "12:20:00");
    assert_eq!(sign("12:20:00"), at("12:20:00"));
    // A commit counts as activity, too.
    let later = work.when(&at("12:40:00"));
    later.write("src/new.rs", "// new\n");
    later.commit_all("Work on");
    assert_eq!(
        lease(&repo.when(&at("12:41:00")), "T-0001"),
        (at("13:40:00"), at("12:40:00"))
    );
}

// A claim without a branch has no worktree: it is what beads uses to show who works on an item.
#[test]
fn a_claim_without_a_branch_is_renewed_by_its_agents_writes_in_the_clone() {
    let (_scene, repo) = set_up();
    let repo = repo.when(NOON);
    let made = repo.data(&["issue", "create", "Found on the way"]);
    let id = made["id"].as_str().unwrap();
    repo.task("Another", &[]);
    let smith = agent(&repo, "agent-2");
    smith.pm(&["issue", "claim", id]).ok();
    comment(&agent(&repo, "agent-3"), "12:10:00");
    comment(&repo, "12:10:00");
    assert_eq!(lease(&repo, id).0, at("13:00:00"), "others renewed it");
    comment(&smith, "12:10:00");
    assert_eq!(lease(&repo, id).0, at("13:10:00"));
    let smith = smith.when(&at("12:30:00"));
    smith.write("src/new.rs", "// new\n");
    smith.commit_all("Work on");
    assert_eq!(
        lease(&repo, id).0,
        at("13:30:00"),
        "a commit does not count as activity"
    );
}

// The branch of an earlier start stays on the item, but the claim was made without one.
#[test]
fn a_claim_without_a_branch_is_renewed_on_an_item_that_had_one_before() {
    let (_scene, repo) = set_up();
    let repo = repo.when(NOON);
    repo.task("Begun once", &[]);
    repo.pm(&["start", "T-0001", "--no-worktree"]).ok();
    repo.pm(&["task", "drop", "T-0001"]).ok();
    repo.git(&["checkout", "-q", "main"]).ok();
    let smith = agent(&repo, "agent-2");
    smith.pm(&["issue", "claim", "T-0001"]).ok();
    comment(&smith, "12:10:00");
    assert_eq!(lease(&repo, "T-0001").0, at("13:10:00"));
}

#[test]
fn work_on_a_task_renews_its_agents_claim_on_the_epic() {
    let (_scene, repo) = set_up();
    let repo = repo.when(NOON);
    repo.pm(&["epic", "create", "Everything"]).ok();
    repo.pm(&["epic", "create", "A part", "--epic", "E-0001"])
        .ok();
    repo.pm(&["epic", "create", "Another"]).ok();
    repo.task("One step", &["--epic", "E-0002"]);
    let smith = agent(&repo, "agent-2");
    for id in ["E-0001", "E-0003", "T-0001"] {
        smith.pm(&["start", id]).ok();
    }
    let work = smith.worktree("T-0001");
    comment(&work, "12:20:00");
    assert_eq!(lease(&repo, "E-0001").0, at("13:20:00"));
    assert_eq!(lease(&repo, "E-0003").0, at("13:00:00"), "not part of it");
    // Work of another agent does not count as activity of this one.
    comment(&agent(&work, "agent-3"), "12:40:00");
    assert_eq!(lease(&repo, "E-0001").0, at("13:20:00"));
}

#[test]
fn a_longer_lease_is_not_shortened_and_hides_the_last_activity() {
    let (_scene, repo) = set_up();
    let smith = agent(&repo.when(NOON), "agent-2");
    repo.when(NOON).task("Long work", &["--path", "src/**"]);
    smith.pm(&["start", "T-0001"]).ok();
    let work = smith.worktree("T-0001");
    work.pm(&["reserve", "renew", "--task", "T-0001", "--ttl", "5h"])
        .ok();
    comment(&work, "12:30:00");
    let then = repo.when(&at("12:30:00"));
    assert_eq!(lease(&then, "T-0001"), (at("17:00:00"), "none".into()));
}

#[test]
fn a_renewal_is_pushed_before_others_would_see_the_agent_as_inactive() {
    let scene = Scene::new();
    let (a, b) = two_clones(&scene);
    let smith = agent(&a, "agent-2");
    smith.pm(&["start", "T-0001"]).ok();
    let work = smith.worktree("T-0001");
    let heard = |time: &str| {
        b.pm(&["sync"]).ok();
        lease(&b.when(&at(time)), "T-0001").1
    };
    create(&work, "12:09:00");
    assert_eq!(heard("12:09:00"), at("12:00:00"), "every renewal is pushed");
    // Nothing was pushed for a while, although the local lease is recent.
    let commits = work.when(&at("12:29:00"));
    commits.write("src/new.rs", "// new\n");
    commits.commit_all("Work on");
    assert_eq!(heard("12:29:00"), at("12:29:00"), "the hook did not push");
    assert_eq!(
        b.when(&at("12:29:00")).data(&["status"])["silent"],
        serde_json::json!([])
    );
    create(&work, "13:01:00");
    assert_eq!(heard("13:01:00"), at("13:01:00"));
    b.when(&at("13:10:00")).pm(&["start", "T-0001"]).exits(3);
    // With manual sync, nothing is pushed.
    a.git(&["config", "pm.sync", "manual"]).ok();
    create(&work, "13:40:00");
    assert_eq!(heard("13:40:00"), at("13:01:00"));
    assert_eq!(lease(&a.when(&at("13:40:00")), "T-0001").1, at("13:40:00"));
}

// Some activity is too recent to be pushed, some too recent to renew the lease.
#[test]
fn an_agent_that_writes_every_fifteen_minutes_never_appears_inactive() {
    for signs in [["14:59", "19:58", "34:57"], ["09:59", "14:58", "29:57"]] {
        let scene = Scene::new();
        let (a, b) = two_clones(&scene);
        let smith = agent(&a, "agent-2");
        smith.pm(&["start", "T-0001"]).ok();
        let work = smith.worktree("T-0001");
        for sign in signs {
            let sign = format!("12:{sign}");
            b.pm(&["sync"]).ok();
            let silent = b.when(&at(&sign)).data(&["status"])["silent"].clone();
            assert_eq!(silent, serde_json::json!([]), "until {sign}");
            create(&work, &sign);
        }
    }
}

#[test]
fn a_renewal_that_cannot_be_pushed_fails_neither_command_nor_commit() {
    let scene = Scene::new();
    let (a, _) = two_clones(&scene);
    let smith = agent(&a, "agent-2");
    smith.pm(&["start", "T-0001"]).ok();
    let work = smith.worktree("T-0001");
    a.git(&["config", "remote.origin.url", "/nowhere/hub.git"])
        .ok();
    let ran = create(&work, "12:40:00");
    assert!(
        ran.err
            .contains("on the remote, the lease of T-0001 still ends at 2026-03-02T13:00:00Z"),
        "{}",
        ran.err
    );
    let work = work.when(&at("12:50:00"));
    work.write("src/new.rs", "// new\n");
    work.commit_all("Work on");
    assert_eq!(lease(&a.when(&at("12:50:00")), "T-0001").1, at("12:50:00"));
}

#[test]
fn an_unresponsive_remote_delays_a_commit_by_seconds_only() {
    let scene = Scene::new();
    let (a, _) = two_clones(&scene);
    let smith = agent(&a, "agent-2");
    smith.pm(&["start", "T-0001"]).ok();
    let work = smith.worktree("T-0001").when(&at("12:40:00"));
    let asked = scene.at("asked").path;
    let slow = format!("echo asked >'{}'; exec sleep 60", asked.display());
    scene.at("hub.git").hook("pre-receive", &slow);
    let began = std::time::Instant::now();
    work.write("src/new.rs", "// new\n");
    work.commit_all("Work on");
    assert!(began.elapsed().as_secs() < 30, "the commit hung");
    assert!(asked.exists(), "the remote was not asked");
}

/// Two clones that know the same state: in the first an agent started T-0001 at noon, and T-0002 to
/// T-0004 depend on it.
fn with_three_waiting_items(scene: &Scene) -> (Repo, Repo) {
    let (hub, a) = scene.with_hub();
    let a = a.when(NOON);
    a.task("The root", &[]);
    a.task("After it", &["--depends-on", "T-0001"]);
    a.task("Beside that", &["--depends-on", "T-0001"]);
    a.task("At the end", &["--depends-on", "T-0002"]);
    agent(&a, "agent-2").pm(&["start", "T-0001"]).ok();
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben").when(&at("12:12:00"));
    (a, b)
}

#[test]
fn overviews_name_the_item_that_others_wait_for_and_its_holder() {
    let scene = Scene::new();
    let (_, b) = with_three_waiting_items(&scene);
    let held = "T-0001, held by agent-2 (last active 12m ago, as of the last sync)";
    let ready = b.pm(&["ready"]).ok().out;
    assert!(
        ready.contains(&format!("3 items wait for {held}")),
        "{ready}"
    );
    for verb in ["status", "triage"] {
        let said = b.pm(&[verb]).ok().out;
        assert!(said.contains(&format!("3 items wait for {held}")), "{said}");
    }
    for args in [&["next"][..], &["next", "--claim"]] {
        let refused = b.pm(args).exits(1).err;
        assert!(
            refused.contains(&format!("3 items wait for {held}")),
            "{refused}"
        );
    }
    let why = b.pm(&["why", "T-0004"]).ok().out;
    assert!(why.contains("agent-2 (last active 12m ago)"), "{why}");
    let why = b.pm(&["why", "T-0002"]).ok().out;
    assert!(
        why.contains(
            "waits for T-0001 (The root, in progress, held by agent-2, last active 12m ago)"
        ),
        "{why}"
    );
    let blocked = b.pm(&["blocked"]).ok().out;
    for line in blocked.lines() {
        assert!(line.contains("agent-2"), "{line}");
    }
    let refused = b.pm(&["start", "T-0001"]).exits(3).err;
    assert!(
        refused.contains("held by agent-2 in another clone, last active 12m ago"),
        "{refused}"
    );
    let list = b.pm(&["list"]).ok().out;
    assert!(list.contains("agent-2 (12m ago)"), "{list}");
    let show = b.pm(&["show", "T-0001"]).ok().out;
    assert!(show.contains("12m ago, as of the last sync"), "{show}");
}

#[test]
fn json_names_the_item_that_others_wait_for_and_its_holder() {
    let scene = Scene::new();
    let (a, b) = with_three_waiting_items(&scene);
    let waited = |waiting: &serde_json::Value| {
        assert_eq!(waiting[0]["id"], "T-0001", "{waiting}");
        assert_eq!(waiting[0]["owner"], "agent-2", "{waiting}");
        assert_eq!(waiting[0]["last_sign"], NOON, "{waiting}");
        assert_eq!(waiting[0]["waiting"], 3, "{waiting}");
    };
    waited(&b.data(&["ready"])["idle"]["waiting"]);
    waited(&b.data(&["status"])["waiting"]);
    waited(&b.data(&["triage"])["idle"]["waiting"]);
    waited(&b.pm(&["next", "--json"]).exits(1).error()["waiting"]);
    let chain = &b.data(&["why", "T-0004"])["chain"];
    assert_eq!(chain.as_array().unwrap().last().unwrap()["last_sign"], NOON);
    // If something is ready, this is not shown.
    a.task("Free", &[]);
    let ready = a.data(&["ready"]);
    assert!(ready["idle"].is_null(), "{ready}");
    assert_eq!(ids(&ready["items"]), ["T-0005"]);
}

/// The output of every overview command of a clone.
fn overviews(repo: &Repo) -> Vec<(&'static str, String)> {
    ["status", "triage", "doctor"]
        .map(|verb| (verb, repo.pm(&[verb]).ok().out))
        .into()
}

#[test]
fn an_inactive_agent_is_an_alert_with_a_command_to_resolve_it() {
    let scene = Scene::new();
    let (a, b) = with_three_waiting_items(&scene);
    for (verb, said) in overviews(&b.when(&at("12:29:00"))) {
        assert!(!said.contains("inactive on"), "{verb}: {said}");
    }
    let silent = "agent-2 has been inactive on T-0001 for 49m, as of the last sync; 3 items \
                  wait for it";
    for (verb, said) in overviews(&b.when(&at("12:49:00"))) {
        assert!(said.contains(silent), "{verb}: {said}");
        assert!(
            said.contains("git pm task comment T-0001"),
            "{verb}: {said}"
        );
    }
    let late = b.when(&at("12:49:00"));
    let status = late.data(&["status"]);
    assert_eq!(status["silent"][0]["claim"]["last_sign"], NOON);
    assert_eq!(status["silent"][0]["due"], false);
    assert_eq!(status["silent"][0]["waiting"], 3);
    let alerts = late.data(&["triage"])["alerts"].clone();
    let kinds: Vec<&str> = alerts
        .as_array()
        .unwrap()
        .iter()
        .map(|a| a["kind"].as_str().unwrap())
        .collect();
    assert!(kinds.contains(&"claim-silent"), "{alerts}");
    assert!(
        late.pm(&["ready"])
            .ok()
            .out
            .contains("git pm task comment T-0001")
    );
    // The lease has expired: the task can be taken over.
    for (verb, said) in overviews(&b.when(&at("14:00:00"))) {
        let over =
            "the lease of agent-2 on T-0001 expired 1h ago, as of the last sync; 3 items wait";
        assert!(said.contains(over), "{verb}: {said}");
        assert!(said.contains("git pm start T-0001"), "{verb}: {said}");
    }
    // Its holder is told how to continue.
    let own = agent(&a, "agent-2")
        .when(&at("14:00:00"))
        .pm(&["status"])
        .ok()
        .out;
    assert!(own.contains("git pm start T-0001 --resume"), "{own}");
}

// Work in review waits for others: its author need not be active.
#[test]
fn an_author_of_work_in_review_is_never_inactive_and_a_human_only_after_a_day() {
    let scene = Scene::new();
    let (a, b) = two_clones(&scene);
    a.task("A human's", &[]);
    b.pm(&["sync"]).ok();
    b.pm(&["start", "T-0002"]).exits(4);
    a.pm(&["start", "T-0002"]).ok();
    let smith = agent(&a, "agent-2");
    smith.pm(&["start", "T-0001"]).ok();
    let work = smith.worktree("T-0001");
    work.write("src/new.rs", "// new\n");
    work.commit_all("Work");
    work.pm(&["finish"]).ok();
    for (verb, said) in overviews(&a.when("2026-03-03T11:00:00Z")) {
        assert!(!said.contains("inactive on"), "{verb}: {said}");
        assert!(!said.contains("the lease of"), "{verb}: {said}");
    }
    for (verb, said) in overviews(&a.when("2026-03-03T12:30:00Z")) {
        assert!(!said.contains("on T-0001"), "{verb}: {said}");
        assert!(said.contains("on T-0002 expired 30m ago"), "{verb}: {said}");
    }
}

// AG-49: the claim of an agent that ended expires, and another agent claims the item.
#[test]
fn a_takeover_notifies_both_the_new_and_the_former_holder() {
    let scene = Scene::new();
    let (a, b) = with_three_waiting_items(&scene);
    b.when(&at("13:01:59")).pm(&["start", "T-0001"]).exits(3);
    let taken = b.when(&at("13:02:01")).pm(&["start", "T-0001"]).ok();
    let said = format!("{}{}", taken.out, taken.err);
    assert!(
        said.contains("was taken over from agent-2, whose lease expired at 2026-03-02T13:00:00Z"),
        "{said}"
    );
    let smith = agent(&a, "agent-2").when(&at("13:05:00"));
    let lost = smith.data(&["sync"])["notices"].clone();
    let subject = lost[0]["subject"].as_str().unwrap_or_default();
    assert!(subject.contains("Ben took over T-0001"), "{lost}");
}

// Clocks differ: a lease that is over here may not be over for its holder.
#[test]
fn a_lease_that_is_over_says_from_when_others_may_take_over() {
    let (_scene, repo) = set_up();
    repo.task("Work", &[]);
    agent(&repo.when(NOON), "red").pm(&["start", "T-0001"]).ok();
    let blue = |time: &str| agent(&repo.when(&at(time)), "blue");
    let refused = blue("13:00:22").pm(&["start", "T-0001"]).exits(3);
    assert!(
        refused.err.contains("the lease ended at")
            && refused.err.contains("others may take it over after"),
        "{refused:?}"
    );
    // Every command says so with the same words.
    let over = "expired 37s ago, and may be taken over in 1m 23s";
    let told = blue("13:00:37").pm(&["status"]).ok();
    assert!(
        format!("{}{}", told.out, told.err).contains(over),
        "{told:?}"
    );
    let none = blue("13:00:37").pm(&["next", "--claim"]).exits(1).err;
    assert!(none.contains(over), "{none}");
    blue("13:01:59").pm(&["next", "--claim"]).exits(1);
    blue("13:02:01").pm(&["start", "T-0001"]).ok();
}

/// What a dead agent had not committed is in the worktree in which the work goes on.
#[test]
fn a_takeover_in_the_same_clone_names_uncommitted_work() {
    let (_scene, repo) = set_up();
    repo.task("Work", &[]);
    let red = agent(&repo.when(NOON), "red");
    red.pm(&["start", "T-0001"]).ok();
    let place = red.worktree("T-0001");
    place.write("src/new.rs", "half\n");
    let blue = agent(&repo.when(&at("14:00:00")), "blue");
    let taken = blue.pm(&["start", "T-0001"]).ok();
    let said = format!("{}{}", taken.out, taken.err);
    assert!(
        said.contains("not committed in ") && said.contains("1 untracked (src/new.rs)"),
        "{said}"
    );
}
