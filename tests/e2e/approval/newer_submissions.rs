//! Work that is submitted again while an earlier commit of it is judged in another clone.

use crate::support::{Repo, Scene, agent};

/// A person's clone that knows the work which an agent has submitted in another clone.
struct Submitted {
    _scene: Scene,
    hub: Repo,
    ana: Repo,
    /// The agent's worktree.
    place: Repo,
    id: String,
    /// The commit that the person knows.
    seen: String,
}

impl Submitted {
    fn new() -> Submitted {
        let scene = Scene::new();
        let (hub, ana) = scene.with_hub();
        let id = ana.task("Work", &[]);
        ana.pm(&["sync"]).ok();
        let bot = agent(&scene.clone_of(&hub, "b", "Bot"));
        bot.pm(&["start", &id]).ok();
        let place = bot.worktree(&id);
        let mut all = Submitted {
            _scene: scene,
            hub,
            ana,
            place,
            id,
            seen: String::new(),
        };
        all.seen = all.submit("good\n");
        all.ana.pm(&["sync"]).ok();
        all
    }

    /// Submits a commit that adds a line; returns the commit.
    fn submit(&self, line: &str) -> String {
        let text = match self.place.path.join("work.txt").exists() {
            true => self.place.read("work.txt") + line,
            false => line.to_string(),
        };
        self.place.write("work.txt", &text);
        self.place.commit_all("Work");
        self.place.pm(&["finish"]).ok();
        self.place.tip("HEAD")
    }

    fn told(&self, newer: &str) -> String {
        let (seen, newer) = (&self.seen[..10], &newer[..10]);
        format!("was approved at commit {seen}; a newer submission, {newer}, waits for approval")
    }
}

#[test]
fn a_submission_made_during_an_approval_is_shown_and_approved_by_its_id_only() {
    let all = Submitted::new();
    let (ana, id) = (&all.ana, all.id.as_str());
    let newer = all.submit("EVIL\n");
    ana.pm(&["approve", id]).ok();
    ana.pm(&["sync"]).ok();
    let item = ana.data(&["show", id]);
    assert_eq!(item["approval"]["commit"], all.seen.as_str(), "{item}");
    assert_eq!(item["work"]["newer_submission"], newer.as_str(), "{item}");
    let shown = ana.pm(&["show", id]).ok().out;
    assert!(
        shown.contains(&format!("a newer submission, {}", &newer[..10])),
        "{shown}"
    );

    let told = all.told(&newer);
    let diff = ana.pm(&["task", "diff", id]).ok();
    assert!(diff.err.contains(&told), "{}", diff.err);
    assert!(diff.out.contains("+EVIL"), "{}", diff.out);
    let review = ana.pm(&["review", id]).ok();
    assert!(review.err.contains(&told), "{}", review.err);
    let approve = format!("git pm task approve {id} --commit {}", &newer[..10]);
    assert!(
        review.out.contains(&approve) && !review.out.contains("Nothing stops the merge"),
        "{}",
        review.out
    );
    assert_eq!(ana.data(&["review", id])["commit"], newer.as_str());

    // Nobody takes it unseen: no merge, and no approval that is only repeated.
    let main = ana.tip("main");
    let refused = ana.pm(&["merge", id]).exits(1).err;
    assert!(refused.contains("task approve"), "{refused}");
    let refused = ana.pm(&["approve", id]).exits(1).err;
    assert!(
        refused.contains(&told) && refused.contains(&approve),
        "{refused}"
    );
    assert_eq!(ana.tip("main"), main);

    let said = ana.pm(&["approve", id, "--commit", &newer[..10]]).ok().err;
    let before = format!("was approved at {} before", &all.seen[..10]);
    assert!(said.contains(&before), "{said}");
    ana.pm(&["merge", id]).ok();
    assert_eq!(ana.read("work.txt"), "good\nEVIL\n");
}

#[test]
fn a_repeated_approval_names_the_submission_made_since() {
    let all = Submitted::new();
    let (ana, id) = (&all.ana, all.id.as_str());
    ana.pm(&["approve", id]).ok();
    all.place.pm(&["sync"]).ok();
    let newer = all.submit("EVIL\n");
    let refused = ana.pm(&["approve", id]).exits(1).err;
    assert!(refused.contains(&all.told(&newer)), "{refused}");
    let approve = format!("git pm task approve {id} --commit {}", &newer[..10]);
    assert!(refused.contains(&approve), "{refused}");
    assert_eq!(ana.data(&["show", id])["status"], "in_review");
    ana.pm(&["approve", id, "--commit", &newer]).ok();
    ana.pm(&["merge", id]).ok();
}

/// The newer one replaces the approved commit at the remote, too.
#[test]
fn a_rewritten_submission_made_during_an_approval_is_not_taken_for_the_approved_one() {
    let all = Submitted::new();
    let (ana, id, place) = (&all.ana, all.id.as_str(), &all.place);
    place.write("work.txt", "EVIL\n");
    place
        .git(&["commit", "-q", "-a", "--amend", "--no-edit"])
        .ok();
    let branch = place.git(&["branch", "--show-current"]).text();
    place
        .git(&["push", "-q", "--force", "--no-verify", "origin", &branch])
        .ok();
    place.pm(&["finish"]).ok();
    let newer = place.tip("HEAD");
    ana.pm(&["approve", id]).ok();
    ana.pm(&["sync"]).ok();
    let diff = ana.pm(&["task", "diff", id]).ok();
    assert!(diff.err.contains(&all.told(&newer)), "{}", diff.err);
    assert!(
        diff.out.contains("+EVIL") && !diff.out.contains("+good"),
        "{}",
        diff.out
    );
    let main = ana.tip("main");
    ana.pm(&["merge", id]).exits(1);
    assert_eq!(ana.tip("main"), main);
}

#[test]
fn the_approval_of_a_named_commit_stands_although_another_one_was_submitted() {
    let all = Submitted::new();
    let (ana, id, place) = (&all.ana, all.id.as_str(), &all.place);
    place.write("more.txt", "more\n");
    place.commit_all("More");
    place
        .git(&["push", "-q", "--no-verify", "origin", "HEAD"])
        .ok();
    ana.git(&["fetch", "-q"]).ok();
    let now = place.tip("HEAD");
    let item = ana.data(&["approve", id, "--commit", &now]);
    assert_eq!(item["approval"]["submitted"], all.seen.as_str(), "{item}");
    let diff = ana.pm(&["task", "diff", id]).ok();
    assert!(!diff.err.contains("newer submission"), "{}", diff.err);
    ana.pm(&["merge", id]).ok();
    assert_eq!(ana.read("more.txt"), "more\n");
}

#[test]
fn a_submission_that_this_clone_does_not_know_is_not_returned() {
    let all = Submitted::new();
    let (ana, id) = (&all.ana, all.id.as_str());
    let newer = all.submit("better\n");
    let back = ["task", "return", id, "--note", "make it better"];
    let refused = ana.pm(&back).exits(3).err;
    for named in [&all.seen[..10], &newer[..10], "task diff"] {
        assert!(refused.contains(named), "{refused}");
    }
    assert_eq!(ana.data(&["show", id])["status"], "in_review");
    // It is known now.
    ana.pm(&back).ok();
    assert_eq!(ana.data(&["show", id])["status"], "queued");
}

/// The approver's target is a commit behind: that commit is none of the work's changes.
#[test]
fn a_new_message_after_an_approval_by_a_clone_that_is_behind_needs_no_other_approval() {
    let scene = Scene::new();
    let (hub, ana) = scene.with_hub();
    let id = ana.task("Work", &[]);
    ana.pm(&["sync"]).ok();
    let ben = scene.clone_of(&hub, "b", "Ben");
    ana.write("other.txt", "other\n");
    ana.commit_all("Other");
    ana.git(&["push", "-q", "origin", "main"]).ok();
    ana.pm(&["start", &id]).ok();
    let place = ana.worktree(&id);
    place.write("work.txt", "work\n");
    place.commit_all("Work");
    place.pm(&["finish"]).ok();
    ben.pm(&["sync"]).ok();
    ben.pm(&["approve", &id]).ok();
    place
        .git(&["commit", "-q", "--amend", "-m", "Say it better"])
        .ok();
    ana.pm(&["merge", &id]).ok();
    assert_eq!(ana.read("work.txt"), "work\n");
}

/// The target's gates are those that its remote has when work is submitted.
#[test]
fn a_gate_that_the_target_got_after_the_work_began_is_run() {
    let all = Submitted::new();
    let (ana, id, place) = (&all.ana, all.id.as_str(), &all.place);
    ana.write(".pm.toml", "[gates]\ntest = \"! grep -q bad work.txt\"\n");
    ana.commit_all("Gates");
    ana.git(&["push", "-q", "origin", "main"]).ok();
    ana.pm(&["trust", "--yes"]).ok();
    place.write("work.txt", "bad\n");
    place.commit_all("Bad");
    let refused = place.pm(&["finish"]).exits(1).err;
    assert!(
        refused.contains(".pm.toml on main") && refused.contains("git pull"),
        "{refused}"
    );

    // Work that was submitted before passes it first.
    let told = format!(
        "{id}: the gate test is not recorded as passed for {}",
        &all.seen[..10]
    );
    let review = ana.pm(&["review", id]).ok().err;
    assert!(review.contains(&told), "{review}");
    let said = ana.pm(&["approve", id]).ok().err;
    assert!(said.contains(&told), "{said}");
    let said = ana.pm(&["merge", id]).ok().err;
    assert!(
        said.contains(&told) && said.contains("run on the result first"),
        "{said}"
    );
    assert_eq!(ana.read("work.txt"), "good\n");
    assert_eq!(all.hub.tip("main"), ana.tip("main~1"));
}

#[test]
fn work_that_fails_a_gate_which_came_later_is_not_merged() {
    let all = Submitted::new();
    let (ana, id) = (&all.ana, all.id.as_str());
    ana.write(".pm.toml", "[gates]\ntest = \"! grep -q good work.txt\"\n");
    ana.commit_all("Gates");
    ana.pm(&["trust", "--yes"]).ok();
    ana.pm(&["approve", id]).ok();
    let main = ana.tip("main");
    let refused = ana.pm(&["merge", id]).exits(1).err;
    assert!(refused.contains("the gate `test` failed"), "{refused}");
    assert_eq!(ana.tip("main"), main);
}

/// A branch with a key is not pushed: a review would come too late. SE-15
#[test]
fn se_15_work_with_a_secret_is_not_pushed() {
    let scene = Scene::new();
    let (hub, ana) = scene.with_hub();
    let id = ana.task("Work", &[]);
    ana.pm(&["sync"]).ok();
    ana.pm(&["start", &id]).ok();
    let place = ana.worktree(&id);
    let key = concat!("ghp_16C7e42F292c6912E", "7710c838347Ae178B4a");
    place.write("app.py", &format!("API_KEY = '{key}'\n"));
    place.commit_all("Work");
    let branch = place.git(&["branch", "--show-current"]).text();
    let refused = place.pm(&["--json", "finish"]).exits(1).error();
    assert_eq!(refused["reason"], "finding.blocks", "{refused}");
    let text = refused.to_string();
    assert!(text.contains("app.py:1") && !text.contains(key), "{text}");
    assert_eq!(hub.tip(&branch), "");
    assert_eq!(ana.data(&["show", &id])["status"], "in_progress");
    // A person who has dismissed it, or insists, has looked at it.
    ana.pm(&["review", &id]).exits(1);
    let found = ana.data(&["finding", "list", &id]);
    let found = found["items"].as_array().unwrap().iter();
    let secret = found.clone().find(|one| one["rule"] == "secret").unwrap();
    let secret = secret["id"].as_str().unwrap();
    ana.pm(&["finding", "dismiss", secret, "--reason", "a test key"])
        .ok();
    place.pm(&["finish"]).ok();
    assert_ne!(hub.tip(&branch), "");
}

#[test]
fn se_15_an_agent_cannot_insist_on_a_secret() {
    let all = Submitted::new();
    let place = &all.place;
    let branch = place.git(&["branch", "--show-current"]).text();
    let key = concat!("ghp_16C7e42F292c6912E", "7710c838347Ae178B4a");
    place.write("app.py", &format!("API_KEY = '{key}'\n"));
    place.commit_all("Key");
    for more in [&[][..], &["--force"]] {
        let refused = place.pm(&[&["finish"], more].concat()).exits(1).err;
        assert!(refused.contains("has a secret"), "{refused}");
    }
    assert_eq!(all.hub.tip(&branch), all.seen);
}

#[test]
fn finish_submits_nothing_where_no_pull_request_can_be_opened() {
    let scene = Scene::new();
    let (hub, ana) = scene.with_hub();
    let id = ana.task("Work", &[]);
    ana.pm(&["start", &id]).ok();
    let place = ana.worktree(&id);
    place.write("work.txt", "work\n");
    place.commit_all("Work");
    let refused = place.pm(&["finish", "--pr"]).exits(1).err;
    assert!(refused.contains("git pm github link"), "{refused}");
    assert_eq!(ana.data(&["show", &id])["status"], "in_progress");
    let branch = place.git(&["branch", "--show-current"]).text();
    assert_eq!(hub.tip(&branch), "");
}
