//! One plan in several hands: two clones edit, draw and approve it offline and end alike; a document
//! that changes under a plan; and what is left of every change in the history.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::plan::{
    LOGIN, criteria, list, number, own, planned, task, tests_stand_as_strategies_say, text, texts,
    tip, titles,
};
use crate::support::{Repo, Scene, ids, rounds, set_up};

/// Two clones of one hub which have the same plan.
struct Pair {
    _scene: Scene,
    a: Repo,
    b: Repo,
    plan: Value,
}

impl Pair {
    fn new() -> Pair {
        let scene = Scene::new();
        let (hub, a) = scene.with_hub();
        let plan = planned(&a, "login.md", LOGIN);
        a.pm(&["sync"]).ok();
        let b = scene.clone_of(&hub, "b", "Ben");
        b.write("login.md", LOGIN);
        assert_eq!(
            b.data(&["plan", "show"]),
            plan,
            "the plan is another one elsewhere"
        );
        Pair {
            _scene: scene,
            a,
            b,
            plan,
        }
    }

    fn n(&self, title: &str) -> String {
        number(&self.plan, title)
    }

    /// Lets them meet; both must have the same state and the same plan then, which is returned.
    #[track_caller]
    fn meet(&self) -> Value {
        for repo in [&self.a, &self.b, &self.a] {
            repo.pm(&["sync"]).ok();
        }
        assert_eq!(self.a.state_tree(), self.b.state_tree(), "two states");
        let plan = self.a.data(&["plan", "show"]);
        assert_eq!(self.b.data(&["plan", "show"]), plan, "two plans");
        for repo in [&self.a, &self.b] {
            repo.pm(&["fsck"]).ok();
        }
        sound(&plan);
        plan
    }
}

/// The document with more requirements, behind those that it has.
fn with_more(document: &str, more: &str) -> String {
    let (requirements, rest) = document.split_once("## Acceptance").unwrap();
    format!("{requirements}{more}\n## Acceptance{rest}")
}

/// What holds of every plan: no key and no number twice, and no edge into nothing.
#[track_caller]
fn sound(plan: &Value) {
    let tasks = list(plan, "tasks");
    let keys: BTreeSet<&str> = tasks.iter().map(|t| text(t, "key")).collect();
    assert_eq!(keys.len(), tasks.len(), "a task is there twice");
    let numbers: BTreeSet<u64> = tasks
        .iter()
        .map(|t| t["number"].as_u64().unwrap())
        .collect();
    assert_eq!(numbers.len(), tasks.len(), "two tasks have one number");
    for edge in list(plan, "edges") {
        for end in ["task", "on"] {
            assert!(keys.contains(text(edge, end)), "{edge} leads nowhere");
        }
    }
    for task in tasks {
        for on in texts(task, "depends_on") {
            assert!(keys.contains(on), "{task} waits for nothing");
        }
    }
}

/// Must show 5: two people who edit different fields, or different tasks, both get what they wrote.
#[test]
fn two_people_who_edit_different_fields_offline_both_get_their_way() {
    let pair = Pair::new();
    let (keys, revoke) = (pair.n("Store public keys"), pair.n("Revoke a key"));
    pair.a
        .pm(&["plan", "set", &keys, "estimate=L", "title=Keep public keys"])
        .ok();
    pair.b
        .pm(&["plan", "set", &keys, "risk=high", "paths=src/keys.rs"])
        .ok();
    pair.a
        .pm(&[
            "plan",
            "set",
            &revoke,
            "acceptance=It is off\nThe owner is told by mail",
        ])
        .ok();
    pair.b.pm(&["plan", "set", "title=Keys"]).ok();
    pair.b
        .pm(&["plan", "set", "branches=stacked-branches"])
        .ok();
    let plan = pair.meet();
    let task_ = task(&plan, "Keep public keys");
    assert_eq!(task_["estimate"], "L");
    assert_eq!(task_["risk"], "high");
    assert_eq!(texts(task_, "paths"), ["src/keys.rs"]);
    assert_eq!(
        criteria(task(&plan, "Revoke a key")),
        ["It is off", "The owner is told by mail"]
    );
    assert_eq!(plan["title"], "Keys");
    assert_eq!(plan["branches"], "stacked-branches");
}

/// Must show 5: of two values of one field the later stands, in both clones.
#[test]
fn of_two_values_of_one_field_one_stands_in_both_clones() {
    let pair = Pair::new();
    let keys = pair.n("Store public keys");
    pair.a.pm(&["plan", "set", &keys, "estimate=L"]).ok();
    std::thread::sleep(std::time::Duration::from_millis(20));
    pair.b.pm(&["plan", "set", &keys, "estimate=XS"]).ok();
    let plan = pair.meet();
    let size = &task(&plan, "Store public keys")["estimate"];
    assert_eq!(size, "XS", "the later one stands");
    let hours = task(&plan, "Store public keys")["hours"].as_u64().unwrap();
    assert_eq!(hours, 1, "the hours are those of the other estimate");
}

/// PL-26: of two strategies that two people choose, one stands, with the test task and edge it means.
#[test]
fn pl_26_of_two_strategies_one_stands_with_its_test_task() {
    for (of_a, of_b) in [
        ("none", "test-first"),
        ("test-first", "none"),
        ("test-first", "test-parallel"),
        ("test-parallel", "test-first"),
    ] {
        let pair = Pair::new();
        let keys = pair.n("Store public keys");
        let set = |repo: &Repo, strategy: &str| {
            let field = format!("validation={strategy}");
            repo.pm(&["plan", "set", &keys, &field]).ok();
        };
        set(&pair.a, of_a);
        std::thread::sleep(std::time::Duration::from_millis(20));
        set(&pair.b, of_b);
        let plan = pair.meet();
        assert_eq!(task(&plan, "Store public keys")["validation"], of_b);
        tests_stand_as_strategies_say(&plan, &format!("{of_a} and {of_b}"));
    }
}

/// Must show 5: one adds and one removes; both additions stay, with numbers of their own.
#[test]
fn additions_and_removals_of_two_people_all_count() {
    let pair = Pair::new();
    let add = |repo: &Repo, title: &str| {
        let waits = pair.n("Log in with a key");
        repo.data(&[
            "plan",
            "add",
            title,
            "--accept",
            "It holds",
            "--waits-for",
            &waits,
        ])
    };
    let of_a = number(&add(&pair.a, "Rotate keys"), "Rotate keys");
    let of_b = number(&add(&pair.b, "List keys"), "List keys");
    assert_eq!(
        of_a, of_b,
        "both took the same number, which is what this is about"
    );
    pair.b.pm(&["plan", "rm", &pair.n("Revoke a key")]).ok();
    let plan = pair.meet();
    let all = titles(&plan);
    for title in ["Rotate keys", "List keys"] {
        assert!(all.contains(&title), "{title} is lost: {all:?}");
        let waits = texts(task(&plan, title), "depends_on");
        assert_eq!(waits, [text(task(&plan, "Log in with a key"), "key")]);
    }
    assert!(
        !all.contains(&"Revoke a key"),
        "a removed task came back: {all:?}"
    );
    // The same title by two people is two tasks: nobody can know that it is one.
    add(&pair.a, "Check keys");
    add(&pair.b, "Check keys");
    let plan = pair.meet();
    assert_eq!(
        titles(&plan).iter().filter(|t| **t == "Check keys").count(),
        2
    );
}

/// Must show 5: what one takes out while another edits it or waits for it, goes, and leaves no edge.
#[test]
fn a_task_that_one_removes_and_another_edits_leaves_nothing_behind() {
    let pair = Pair::new();
    let (revoke, guide) = (pair.n("Revoke a key"), pair.n("Write the guide"));
    pair.a.pm(&["plan", "rm", &revoke]).ok();
    pair.b.pm(&["plan", "set", &revoke, "estimate=L"]).ok();
    pair.b.pm(&["plan", "dep", &guide, &revoke]).ok();
    let plan = pair.meet();
    assert!(!titles(&plan).contains(&"Revoke a key"));
    let made = pair.a.data(&["plan", "approve"]);
    assert_eq!(texts(&made, "created").len(), list(&plan, "tasks").len());
}

/// Must show 5: both draw the changed document anew; the plan is the one that one of them draws.
#[test]
fn two_people_who_draw_a_changed_document_anew_have_one_plan() {
    let pair = Pair::new();
    let keys = pair.n("Store public keys");
    pair.a.pm(&["plan", "set", &keys, "estimate=L"]).ok();
    pair.b
        .pm(&["plan", "dep", &pair.n("Revoke a key"), &keys])
        .ok();
    let rotate = "### FR-6: Rotate keys\n\n- An old key is refused after 30 days\n";
    let changed = with_more(&LOGIN.replace("by mail", "by letter"), rotate);
    for repo in [&pair.a, &pair.b] {
        repo.write("login.md", &changed);
        repo.pm(&["plan", "update", "login.md", "--write"]).ok();
        repo.pm(&["plan", "regenerate"]).ok();
    }
    let plan = pair.meet();
    assert_eq!(plan["outdated"], false);
    assert_eq!(
        titles(&plan)
            .iter()
            .filter(|t| **t == "Rotate keys")
            .count(),
        1
    );
    assert_eq!(task(&plan, "Store public keys")["estimate"], "L");
    let waits = texts(task(&plan, "Revoke a key"), "depends_on");
    assert!(waits.contains(&text(task(&plan, "Store public keys"), "key")));
    assert_eq!(
        criteria(task(&plan, "Revoke a key")),
        [
            "A revoked key opens no session",
            "The owner is told by letter"
        ]
    );
}

/// Must show 5, PL-18: merges, splits and orders of two people end alike, and lose no criterion.
#[test]
fn merges_splits_and_orders_of_two_people_end_alike() {
    let pair = Pair::new();
    let n = |title: &str| pair.n(title);
    pair.a
        .pm(&["plan", "merge", &n("Revoke a key"), &n("Write the guide")])
        .ok();
    pair.b
        .pm(&[
            "plan",
            "split",
            &n("Store public keys"),
            "Read keys",
            "Write keys",
        ])
        .ok();
    pair.a
        .pm(&[
            "plan",
            "order",
            &n("Draw the page"),
            &n("Log in with a key"),
        ])
        .ok();
    pair.b
        .pm(&["plan", "order", &n("Revoke a key"), &n("Store public keys")])
        .ok();
    let plan = pair.meet();
    let all: Vec<&str> = own(&plan).into_iter().flat_map(criteria).collect();
    for line in LOGIN.split("## Acceptance").next().unwrap().lines() {
        if let Some(criterion) = line.strip_prefix("- ") {
            assert!(all.contains(&criterion), "\"{criterion}\" is lost: {all:?}");
        }
    }
    // Both take one task apart.
    let pair = Pair::new();
    let keys = pair.n("Store public keys");
    pair.a
        .pm(&["plan", "split", &keys, "Read keys", "Write keys"])
        .ok();
    pair.b
        .pm(&["plan", "split", &keys, "Read keys", "Check keys"])
        .ok();
    let plan = pair.meet();
    for title in ["Write keys", "Check keys"] {
        assert!(titles(&plan).contains(&title), "{:?}", titles(&plan));
    }
}

/// Numbers that follow from a seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % n as u64).unwrap()
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }
}

/// One change by somebody, of any sort; it may be refused, but nothing may break.
fn edit_somehow(repo: &Repo, dice: &mut Dice, step: usize) {
    let plan = repo.data(&["plan", "show"]);
    let numbers: Vec<String> = own(&plan).iter().map(|t| t["number"].to_string()).collect();
    let (one, two) = (dice.below(numbers.len()), dice.below(numbers.len()));
    let (one, two) = (numbers[one].as_str(), numbers[two].as_str());
    let value = |dice: &mut Dice| match dice.below(7) {
        0 => format!("estimate={}", dice.of(&["XS", "S", "M", "L"])),
        1 => format!("risk={}", dice.of(&["low", "medium", "high"])),
        2 => format!(
            "validation={}",
            dice.of(&["test-first", "test-after", "test-parallel", "none"])
        ),
        3 => format!("title=Title {step}"),
        4 => format!("acceptance=It holds {step}\nIt opens"),
        5 => format!("paths=src/file{}.rs", dice.below(4)),
        _ => format!("description=Words {step}"),
    };
    let (set, add) = (value(dice), format!("Another task {step}"));
    let document = LOGIN.replace("by mail", &format!("by letter {}", step % 3));
    let args: Vec<&str> = match dice.below(14) {
        0..=4 => vec!["plan", "set", one, &set],
        5 => vec![
            "plan",
            "add",
            &add,
            "--accept",
            "It holds",
            "--waits-for",
            one,
        ],
        6 => vec!["plan", "rm", one],
        7 => vec!["plan", "rm", one, "--force"],
        8 => vec!["plan", "dep", one, two],
        9 => vec!["plan", "dep", one, two, "--soft"],
        10 => vec!["plan", "order", one, two],
        11 => vec!["plan", "merge", one, two],
        12 => vec!["plan", "split", one, "One half", "Another half"],
        _ => {
            repo.pm(&["prd", "edit", "P-1", "--body", &document]).ok();
            vec!["plan", "regenerate"]
        }
    };
    let ran = repo.pm(&args);
    assert!([0, 1, 2, 4].contains(&ran.code), "{ran:?}");
    assert!(!ran.err.contains("panicked"), "{ran:?}");
}

/// Must show 5: whatever three people do to one draft offline, and in whatever order they meet, they
/// end with one state and one plan, which is sound.
#[test]
fn any_edits_of_three_people_in_any_order_end_in_one_plan() {
    let one = std::env::var("GIT_PM_TEST_SEED").ok();
    let one = one.and_then(|seed| seed.parse::<u64>().ok());
    for seed in 1..=rounds(40) as u64 {
        if one.is_some_and(|one| one != seed) {
            continue;
        }
        let scene = Scene::new();
        let (hub, a) = scene.with_hub();
        planned(&a, "login.md", LOGIN);
        a.pm(&["sync"]).ok();
        let b = scene.clone_of(&hub, "b", "Ben");
        let c = scene.clone_of(&hub, "c", "Cleo");
        let all = [a, b, c];
        let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        for step in 0..24 {
            let repo = &all[dice.below(3)];
            match dice.below(6) {
                0 => drop(repo.pm(&["sync"]).ok()),
                _ => edit_somehow(repo, &mut dice, step),
            }
        }
        for repo in all.iter().chain(all.iter()) {
            repo.pm(&["sync"]).ok();
        }
        let plan = all[0].data(&["plan", "show"]);
        for repo in &all {
            assert_eq!(
                repo.state_tree(),
                all[0].state_tree(),
                "seed {seed}: two states"
            );
            assert_eq!(repo.data(&["plan", "show"]), plan, "seed {seed}: two plans");
            repo.pm(&["fsck"]).ok();
        }
        sound(&plan);
        // Drawing it anew is a decision of one, too, and brings the same to all.
        all[0].pm(&["plan", "regenerate"]).ok();
        let before = tip(&all[0]);
        all[0].pm(&["plan", "regenerate"]).ok();
        assert_eq!(
            tip(&all[0]),
            before,
            "seed {seed}: drawing it twice is not drawing it once"
        );
        let shown = all[0].pm(&["plan", "show"]).ok().out;
        assert!(shown.contains("first: "), "seed {seed}: {shown}");
    }
}

/// PL-19, DP-06: a cycle that two people close together is found by check and approval, with the way
/// round, and one edge out opens it.
#[test]
fn pl_19_a_cycle_of_two_clones_is_reported_with_its_path_and_not_approved() {
    let pair = Pair::new();
    let (guide, page, revoke) = (
        pair.n("Write the guide"),
        pair.n("Draw the page"),
        pair.n("Revoke a key"),
    );
    pair.a.pm(&["plan", "dep", &guide, &page]).ok();
    pair.a.pm(&["plan", "dep", &page, &revoke]).ok();
    pair.b.pm(&["plan", "dep", &revoke, &guide]).ok();
    let plan = pair.meet();
    let path = |text: &str| {
        [
            format!("{guide} → {page} → {revoke} → {guide}"),
            format!("{page} → {revoke} → {guide} → {page}"),
            format!("{revoke} → {guide} → {page} → {revoke}"),
        ]
        .iter()
        .any(|path| text.contains(path.as_str()))
    };
    let found = list(&plan, "checks")
        .iter()
        .find(|c| c["rule"] == "cycle")
        .unwrap();
    assert_eq!(found["severity"], "error");
    for repo in [&pair.a, &pair.b] {
        let said = repo.pm(&["plan", "check"]).exits(1).out;
        assert!(path(&said), "{said}");
        let before = tip(repo);
        let error = repo
            .pm(&["--json", "plan", "approve", "--yes"])
            .exits(1)
            .error();
        assert!(path(text(&error, "message")), "{error}");
        assert_eq!(tip(repo), before, "a cycle was approved");
    }
    let shown = pair.a.pm(&["plan", "show"]).ok().out;
    assert!(path(&shown), "{shown}");
    pair.b.pm(&["plan", "dep", &revoke, &guide, "--rm"]).ok();
    pair.b.pm(&["plan", "check"]).ok();
    pair.b.pm(&["plan", "approve"]).ok();
    assert_eq!(pair.meet()["status"], "approved");
}

/// PL-14, PL-03: two who approve one plan offline make one epic, and no task twice.
#[test]
fn pl_14_two_clones_that_approve_one_plan_offline_make_one_epic_and_no_task_twice() {
    let pair = Pair::new();
    let of_a = pair.a.data(&["plan", "approve"]);
    let of_b = pair.b.data(&["plan", "approve"]);
    assert!(!texts(&of_a, "created").is_empty() && !texts(&of_b, "created").is_empty());
    let plan = pair.meet();
    one_epic(&pair.a, &plan);
    one_epic(&pair.b, &plan);
    let before = tip(&pair.b);
    assert!(texts(&pair.b.data(&["plan", "approve"]), "created").is_empty());
    assert_eq!(tip(&pair.b), before);
}

/// PL-14, PL-03: also where both drew it themselves from the same file, one with an edit.
#[test]
fn pl_14_two_clones_that_plan_and_approve_the_same_file_offline_end_with_one_epic() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.write("login.md", LOGIN);
    a.commit_all("Specify");
    a.git(&["push", "-q"]).ok();
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    for repo in [&a, &b] {
        repo.pm(&["plan", "new", "login.md"]).ok();
        repo.pm(&["plan", "approve"]).ok();
    }
    for repo in [&a, &b, &a] {
        repo.pm(&["sync"]).ok();
    }
    assert_eq!(a.state_tree(), b.state_tree());
    let prds = a.data(&["prd", "list", "--all"]);
    assert_eq!(ids(&prds["items"]), ["P-0001"], "one file became two PRDs");
    one_epic(&a, &a.data(&["plan", "show"]));
    one_epic(&b, &b.data(&["plan", "show"]));
}

/// One epic, each task of the plan once under it, every id once, and a state without a fault.
#[track_caller]
fn one_epic(repo: &Repo, plan: &Value) {
    let epics = repo.data(&["epic", "list", "--all"]);
    assert_eq!(ids(&epics["items"]), [text(plan, "epic")]);
    let tasks = repo.data(&["task", "list", "--all"]);
    let all = ids(&tasks["items"]);
    let known: BTreeSet<&str> = all.iter().copied().collect();
    assert_eq!(known.len(), all.len(), "an id is there twice: {all:?}");
    let of_plan: BTreeSet<&str> = list(plan, "tasks")
        .iter()
        .map(|t| text(t, "item"))
        .collect();
    assert_eq!(known, of_plan, "the tasks are not those of the plan");
    for id in &all {
        assert!(id.len() == "T-0001".len(), "{id} clashes with another");
    }
    let titles: BTreeSet<&str> = list(&tasks, "items")
        .iter()
        .map(|t| text(t, "title"))
        .collect();
    assert_eq!(titles.len(), all.len(), "a task is there twice: {titles:?}");
    let fsck = repo.pm(&["fsck"]).ok().out;
    assert!(fsck.contains("0 faults, 0 warnings"), "{fsck}");
}

/// PL-14, PL-29: one approves while the other edits; what was approved is work, the rest is in the
/// plan, and the next approval makes only that.
#[test]
fn what_one_edits_while_another_approves_is_in_the_plan_for_the_next_approval() {
    let pair = Pair::new();
    let made = pair.a.data(&["plan", "approve"]);
    pair.b
        .pm(&[
            "plan",
            "add",
            "Rotate keys",
            "--accept",
            "An old key is refused",
        ])
        .ok();
    pair.b
        .pm(&["plan", "set", &pair.n("Draw the page"), "estimate=L"])
        .ok();
    let plan = pair.meet();
    assert_eq!(plan["status"], "approved");
    assert!(task(&plan, "Rotate keys")["item"].is_null());
    let again = pair.b.data(&["plan", "approve"]);
    let wanted = text(task(&again, "Rotate keys"), "item");
    assert!(texts(&again, "created").contains(&wanted), "{again}");
    assert!(again["epic"] == made["epic"]);
    pair.meet();
}

/// PL-15: a changed document proposes at most five new tasks, and only `--write` writes them.
#[test]
fn pl_15_an_update_proposes_at_most_five_new_tasks_and_writes_on_demand_only() {
    let (_scene, repo) = set_up();
    planned(&repo, "login.md", LOGIN);
    let mut more = String::new();
    for n in 6..13 {
        more.push_str(&format!(
            "### FR-{n}: Do thing {n} for keys\n\n- Thing {n} is done in 2 s\n\n"
        ));
    }
    let longer = with_more(LOGIN, &more);
    // Nothing changed: nothing is proposed.
    let before = tip(&repo);
    let nothing = repo.data(&["plan", "update", "login.md"]);
    assert!(
        list(&nothing, "new").is_empty() && texts(&nothing, "changed").is_empty(),
        "{nothing}"
    );
    repo.write("login.md", &longer);
    let update = repo.data(&["plan", "update", "login.md"]);
    assert_eq!(list(&update, "new").len(), 5, "{update}");
    assert_eq!(update["more"], 2);
    assert_eq!(update["written"], false);
    for task in list(&update, "new") {
        assert!(!list(task, "acceptance").is_empty(), "{task}");
    }
    let shown = repo.pm(&["plan", "update", "login.md"]).ok().out;
    assert!(
        shown.contains("Do thing 6 for keys") && shown.contains("2 more"),
        "{shown}"
    );
    assert_eq!(tip(&repo), before, "a proposal was written");
    assert_eq!(own(&repo.data(&["plan", "show"])).len(), 5);

    let written = repo.data(&["plan", "update", "login.md", "--write"]);
    assert_eq!(written["written"], true);
    assert_eq!(list(&written, "new").len(), 5);
    assert_eq!(own(&repo.data(&["plan", "show"])).len(), 10);
    let raw = repo.pm(&["prd", "show", "P-1", "--raw"]).ok().out;
    assert_eq!(raw, longer, "the PRD is not the file");
    // The rest the next time, and then nothing.
    let rest = repo.data(&["plan", "update", "login.md", "--write"]);
    assert_eq!(list(&rest, "new").len(), 2);
    assert_eq!(own(&repo.data(&["plan", "show"])).len(), 12);
    let before = tip(&repo);
    repo.pm(&["plan", "update", "login.md", "--write"]).ok();
    assert_eq!(
        tip(&repo),
        before,
        "an update that brings nothing wrote something"
    );
    // A document that was never planned has nothing to update.
    repo.write("other.md", "# Other\n\n- [ ] one\n");
    let ran = repo.pm(&["--json", "plan", "update", "other.md"]);
    assert_eq!(ran.code, 4, "{ran:?}");
}

/// PL-15, PL-11: a proposal says where it comes from, as a task of the plan does.
#[test]
fn pl_15_a_proposed_task_says_which_file_it_comes_from() {
    let (_scene, repo) = set_up();
    planned(&repo, "login.md", LOGIN);
    let more = "### FR-6: Rotate keys\n\n- An old key is refused after 30 days\n";
    repo.write("login.md", &with_more(LOGIN, more));
    let update = repo.data(&["plan", "update", "login.md"]);
    let new = &list(&update, "new")[0];
    assert_eq!(new["title"], "Rotate keys");
    assert_eq!(new["source"]["file"], "login.md");
    assert_eq!(new["acceptance"][0]["source"]["file"], "login.md");
    assert_eq!(new["source"]["requirement"], "FR-6");
}

/// A plan with an edit of each kind by hand.
fn edited() -> (Scene, Repo) {
    let (scene, repo) = set_up();
    let plan = planned(&repo, "login.md", LOGIN);
    let n = |title: &str| number(&plan, title);
    let keys = n("Store public keys");
    repo.pm(&["plan", "set", &keys, "title=Keep keys", "estimate=L"])
        .ok();
    repo.pm(&[
        "plan",
        "set",
        &n("Log in with a key"),
        "acceptance=It opens",
    ])
    .ok();
    repo.pm(&["plan", "dep", &n("Draw the page"), &n("Log in with a key")])
        .ok();
    repo.pm(&[
        "plan",
        "add",
        "Rotate keys",
        "--accept",
        "An old key is refused",
    ])
    .ok();
    repo.pm(&["plan", "rm", &n("Revoke a key")]).ok();
    (scene, repo)
}

/// PL-15: what people set by hand, and what they took out, stays so over an update.
#[test]
fn pl_15_an_update_keeps_what_people_did_by_hand() {
    let (_scene, repo) = edited();
    repo.write(
        "login.md",
        &LOGIN.replace("A malformed key", "A broken key"),
    );
    repo.pm(&["plan", "update", "login.md", "--write"]).ok();
    let plan = repo.data(&["plan", "show"]);
    let wanted = [
        "Keep keys",
        "Log in with a key",
        "Write the guide",
        "Draw the page",
        "Rotate keys",
    ];
    assert_eq!(titles(&plan), wanted);
    let keys = task(&plan, "Keep keys");
    assert_eq!(keys["estimate"], "L");
    assert!(criteria(keys).contains(&"A broken key is refused with exit code 2"));
    assert!(!criteria(keys).contains(&"A malformed key is refused with exit code 2"));
    assert_eq!(criteria(task(&plan, "Log in with a key")), ["It opens"]);
    let waits = texts(task(&plan, "Draw the page"), "depends_on");
    assert!(waits.contains(&text(task(&plan, "Log in with a key"), "key")));
}

/// PL-15: what somebody took out is not proposed again.
#[test]
fn pl_15_what_was_taken_out_by_hand_is_not_proposed_again() {
    let (_scene, repo) = edited();
    let diff = repo.data(&["plan", "diff"]);
    let new = |update: &Value| -> Vec<String> {
        list(update, "new")
            .iter()
            .map(|t| text(t, "title").to_string())
            .collect()
    };
    assert!(
        new(&diff["document"]).is_empty(),
        "`plan diff` proposes {:?}",
        new(&diff["document"])
    );
    repo.write(
        "login.md",
        &LOGIN.replace("A malformed key", "A broken key"),
    );
    let update = repo.data(&["plan", "update", "login.md"]);
    assert!(
        new(&update).is_empty(),
        "`plan update` proposes {:?}",
        new(&update)
    );
}

/// PL-15, PL-40: `plan diff` says who set what by hand, as people name it.
#[test]
fn plan_diff_says_what_people_set_by_hand() {
    let (_scene, repo) = edited();
    let diff = repo.data(&["plan", "diff"]);
    let all = list(&diff, "by_hand");
    let said = |title: &str, field: &str| {
        all.iter()
            .any(|e| e["title"] == title && e["field"] == field && e["by"] == "Ana")
    };
    assert!(
        said("Keep keys", "title") && said("Keep keys", "estimate"),
        "{diff}"
    );
    assert!(said("Rotate keys", "added"), "{diff}");
    assert!(
        said("Log in with a key", "acceptance"),
        "set by hand and not said: {diff}"
    );
    // A field that nobody can set is none that somebody set.
    let fields: BTreeSet<&str> = all.iter().map(|e| text(e, "field")).collect();
    for hidden in ["hours", "estimate_reason", "validation_reason", "order"] {
        assert!(
            !fields.contains(hidden),
            "nobody set `{hidden}` by hand: {fields:?}"
        );
    }
}

/// PL-29: a document that changed after the approval stops every start until somebody decides.
#[test]
fn pl_29_a_document_changed_after_approval_stops_starts_until_somebody_decides() {
    let (_scene, repo) = set_up();
    planned(&repo, "login.md", LOGIN);
    let made = repo.data(&["plan", "approve"]);
    let item = |title: &str| text(task(&made, title), "item").to_string();
    repo.pm(&["start", &item("Write the guide"), "--no-worktree"])
        .ok();
    let change = |from: &str, to: &str| {
        let body = repo.pm(&["prd", "show", "P-1", "--raw"]).ok().out;
        repo.pm(&["prd", "edit", "P-1", "--body", &body.replace(from, to)])
            .ok();
    };
    let keys = item("Store public keys");
    let refused = || {
        let before = tip(&repo);
        let error = repo
            .pm(&["--json", "start", &keys, "--no-worktree"])
            .exits(1)
            .error();
        let hints = error["hints"].to_string();
        for way in [
            "git pm plan diff",
            "git pm plan regenerate",
            "git pm plan keep",
        ] {
            assert!(hints.contains(way), "no `{way}`: {error}");
        }
        assert_eq!(tip(&repo), before);
        repo.pm(&["next", "--claim"]).exits(1);
    };
    // 1. It stands all the same, somebody says; an agent cannot.
    change("by mail", "by letter");
    refused();
    let shown = repo.pm(&["plan", "show"]).ok();
    let shown = shown.out + &shown.err;
    assert!(shown.contains("the document changed"), "{shown}");
    assert_eq!(repo.data(&["plan", "diff"])["outdated"], true);
    repo.with("CLAUDECODE", "1").pm(&["plan", "keep"]).exits(1);
    repo.pm(&["plan", "keep"]).ok();
    repo.pm(&["start", &keys, "--no-worktree"]).ok();
    repo.pm(&["task", "drop", &keys]).ok();
    // 2. That was for this text; the next change needs a word again, and is followed now.
    change(
        "A revoked key opens no session",
        "A revoked key opens nothing",
    );
    refused();
    // What was started before goes on.
    repo.pm(&[
        "task",
        "comment",
        &item("Write the guide"),
        "-m",
        "half done",
    ])
    .ok();
    repo.pm(&["plan", "regenerate"]).ok();
    refused();
    repo.pm(&["plan", "approve"]).ok();
    repo.pm(&["start", &keys, "--no-worktree"]).ok();
    // 3. A text that came back is the one that was approved.
    let body = repo.pm(&["prd", "show", "P-1", "--raw"]).ok().out;
    repo.pm(&["task", "drop", &keys]).ok();
    repo.pm(&["prd", "edit", "P-1", "--body", "# Nothing\n"])
        .ok();
    refused();
    repo.pm(&["prd", "edit", "P-1", "--body", &body]).ok();
    repo.pm(&["start", &keys, "--no-worktree"]).ok();
}

/// PL-29: a change of the document that comes from another clone stops starts here too.
#[test]
fn pl_29_a_change_of_the_document_elsewhere_stops_starts_here() {
    let pair = Pair::new();
    let made = pair.a.data(&["plan", "approve"]);
    pair.meet();
    let keys = text(task(&made, "Store public keys"), "item");
    let body = LOGIN.replace("by mail", "by letter");
    pair.b.pm(&["prd", "edit", "P-1", "--body", &body]).ok();
    let plan = pair.meet();
    assert_eq!(plan["outdated"], true);
    pair.a.pm(&["start", keys, "--no-worktree"]).exits(1);
    pair.b.pm(&["plan", "keep"]).ok();
    pair.meet();
    pair.a.pm(&["start", keys, "--no-worktree"]).ok();
}

/// PL-40: who changed what in a plan, and when, is in the history.
#[test]
fn pl_40_every_change_to_a_plan_is_in_the_history() {
    let (_scene, repo) = set_up();
    let plan = planned(&repo, "login.md", LOGIN);
    let keys = number(&plan, "Store public keys");
    repo.by("Ben")
        .pm(&["plan", "set", &keys, "estimate=L"])
        .ok();
    let log = repo.data(&["log", "--op", "plan"]);
    let last = &list(&log, "items")[0];
    let said = last.to_string();
    for part in ["Ben", "plan set", "estimate of task", "P-0001"] {
        assert!(
            said.contains(part),
            "the history does not say `{part}`: {said}"
        );
    }
}

/// TM-13, PL-40: an edit of a plan can be undone like any other operation.
#[test]
fn an_edit_of_a_plan_can_be_undone() {
    let (_scene, repo) = set_up();
    let plan = planned(&repo, "login.md", LOGIN);
    let keys = number(&plan, "Store public keys");
    let changed = repo.data(&["plan", "set", &keys, "estimate=L"]);
    assert_eq!(task(&changed, "Store public keys")["estimate"], "L");
    repo.pm(&["undo"]).ok();
    let again = repo.data(&["plan", "show"]);
    let before = task(&plan, "Store public keys");
    assert_eq!(
        task(&again, "Store public keys")["estimate"],
        before["estimate"]
    );
    repo.pm(&["plan", "rm", &number(&plan, "Revoke a key")])
        .ok();
    repo.pm(&["undo"]).ok();
    assert_eq!(titles(&repo.data(&["plan", "show"])), titles(&plan));
}

/// An approval is undone as a whole, and can be given again.
#[test]
fn an_undone_approval_leaves_no_task_and_can_be_given_again() {
    let (_scene, repo) = set_up();
    planned(&repo, "login.md", LOGIN);
    let made = repo.data(&["plan", "approve"]);
    repo.pm(&["undo"]).ok();
    assert!(list(&repo.data(&["task", "list"]), "items").is_empty());
    assert!(list(&repo.data(&["epic", "list"]), "items").is_empty());
    assert_eq!(
        repo.data(&["plan", "show"])["status"],
        "draft",
        "it is approved with nothing made"
    );
    repo.pm(&["plan", "approve"]).ok();
    let again = repo.data(&["task", "list"]);
    assert_eq!(list(&again, "items").len(), list(&made, "tasks").len());
}

/// PL-40: a plan's older state can be seen, and the state of a plan is a readable file.
#[test]
fn a_plan_in_the_state_is_text_that_git_shows() {
    let (_scene, repo) = set_up();
    planned(&repo, "login.md", LOGIN);
    let files = repo
        .git(&["ls-tree", "-r", "--name-only", "refs/pm/main"])
        .text();
    let plan = files.lines().find(|f| f.starts_with("plans/"));
    let plan = plan.unwrap_or_else(|| panic!("no file of the plan: {files}"));
    let shown = repo.git(&["show", &format!("refs/pm/main:{plan}")]).text();
    for part in [
        "Store public keys",
        "A malformed key is refused with exit code 2",
    ] {
        assert!(shown.contains(part), "`git show` hides \"{part}\"");
    }
}
