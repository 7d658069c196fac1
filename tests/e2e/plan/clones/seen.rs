//! An approval covers what its approver saw, whatever other clones and agents change meanwhile.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Pair, sound};
use crate::plan::{LOGIN, criteria, list, own, task, text, texts, tip};
use crate::support::{Dice, Repo, Scene, campaign};

/// The fields that an approver sees of a task, each as texts.
fn content(task: &Value) -> BTreeMap<&'static str, BTreeSet<String>> {
    let one = |name: &str| BTreeSet::from([task[name].as_str().unwrap_or_default().to_owned()]);
    let all: BTreeSet<String> = criteria(task).into_iter().map(str::to_owned).collect();
    BTreeMap::from([
        ("title", one("title")),
        ("estimate", one("estimate")),
        ("risk", one("risk")),
        ("acceptance", all),
    ])
}

fn approve(repo: &Repo, seen: &Value) -> crate::support::Ran {
    let version = text(seen, "version");
    repo.pm(&[
        "--json",
        "plan",
        "approve",
        "--yes",
        "--accept-uncovered",
        "--expect",
        version,
    ])
}

fn left(approved: &Value) -> Vec<&str> {
    let left = list(approved, "left").iter();
    left.map(|task| text(task, "title")).collect()
}

/// PL-14: what was changed after the approver looked is left, and so is what waits for it.
#[test]
fn pl_14_an_approval_leaves_what_was_changed_after_its_approver_looked() {
    let pair = Pair::new();
    let seen = pair.a.data(&["plan", "show"]);
    let keys = pair.n("Store public keys");
    pair.b.pm(&["plan", "set", &keys, "risk=high"]).ok();
    pair.b
        .pm(&[
            "plan",
            "add",
            "Rotate keys",
            "--accept",
            "An old key is refused",
        ])
        .ok();
    pair.sync_both();
    let approved = approve(&pair.a, &seen).ok().data();
    let named: BTreeSet<&str> = left(&approved).into_iter().collect();
    for title in ["Store public keys", "Log in with a key", "Rotate keys"] {
        assert!(named.contains(title), "{named:?}");
        assert!(task(&approved, title)["item"].is_null());
    }
    assert!(!task(&approved, "Draw the page")["item"].is_null());
    // A test is not approved without what it tests.
    for test in list(&approved, "tasks") {
        let tested = own(&approved)
            .into_iter()
            .find(|one| one["key"] == test["tests"]);
        if tested.is_some_and(|tested| tested["item"].is_null()) {
            assert!(test["item"].is_null(), "{test}");
        }
    }
    let said = pair
        .a
        .git(&["log", "-1", "--format=%s", "refs/pm/main"])
        .text();
    assert!(said.contains("left"), "{said}");
    // Nothing of what was seen is left.
    let before = tip(&pair.a);
    let error = approve(&pair.a, &seen).exits(3).error();
    assert!(
        text(&error, "message").contains("nothing was approved"),
        "{error}"
    );
    assert_eq!(tip(&pair.a), before);
    let now = pair.a.data(&["plan", "show"]);
    let approved = approve(&pair.a, &now).ok().data();
    assert!(left(&approved).is_empty());
    assert_eq!(texts(&approved, "created").len(), named.len());
    pair.sync_both();
}

/// PL-14: a version that the plan never had, or too few digits of one, approve nothing.
#[test]
fn pl_14_an_approval_of_an_unknown_version_is_refused() {
    let pair = Pair::new();
    let version = text(&pair.plan, "version").to_owned();
    for wrong in ["0123456789ab", &version[..4], ""] {
        let args = ["plan", "approve", "--expect", wrong];
        let said = pair.a.pm(&args).exits(3).err;
        assert!(said.contains("has no version"), "{said}");
    }
    pair.a.pm(&["plan", "set", "title=Keys for all"]).ok();
    let said = pair
        .a
        .pm(&["plan", "approve", "--expect", &version])
        .exits(3)
        .err;
    assert!(said.contains("the title or the notes"), "{said}");
    assert_eq!(pair.a.data(&["plan", "show"])["status"], "draft");
    let now = pair.a.data(&["plan", "show"]);
    pair.a
        .pm(&["plan", "approve", "--expect", &text(&now, "version")[..8]])
        .ok();
}

/// PL-18: a change that another clone made earlier, and that arrives after the text was printed, is
/// not lost to the text.
#[test]
fn pl_18_a_text_keeps_an_earlier_change_that_arrives_later() {
    let pair = Pair::new();
    let (keys, page) = (pair.n("Store public keys"), pair.n("Draw the page"));
    pair.b
        .pm(&["plan", "set", &keys, "title=Keep public keys"])
        .ok();
    pair.b.pm(&["plan", "set", &page, "risk=high"]).ok();
    std::thread::sleep(std::time::Duration::from_millis(20));
    pair.a
        .pm(&["plan", "set", &pair.n("Write the guide"), "estimate=L"])
        .ok();
    let printed = pair.a.data(&["plan", "edit", "--print"]);
    let printed = text(&printed, "text");
    pair.sync_both();
    // The page is removed from the text that was printed before it was changed.
    let at = printed.find(". Draw the page").unwrap();
    let start = printed[..at].rfind("\n### ").unwrap();
    let end = printed[at..]
        .find("\n##")
        .map_or(printed.len(), |end| at + end);
    let text_ = format!("{}{}", &printed[..start], &printed[end..]);
    let report = pair
        .a
        .feed("git-pm", &["--json", "plan", "write", "P-1", "-"], &text_);
    let report = report.ok().data();
    assert_eq!(list(&report, "kept").len(), 1, "{report}");
    let plan = pair.a.data(&["plan", "show"]);
    assert_eq!(task(&plan, "Keep public keys")["estimate"], "S", "{plan}");
    assert_eq!(task(&plan, "Draw the page")["risk"], "high");
    // A text for a version that is not known is not written.
    let (first, rest) = printed.split_once('\n').unwrap();
    let version = first.split(' ').nth_back(1).unwrap();
    let unknown = format!("{}\n{rest}", first.replace(version, "0123456789ab"));
    pair.a
        .feed("git-pm", &["plan", "write", "P-1", "-"], &unknown)
        .exits(3);
}

/// A clone with what its people saw and did.
struct Clone {
    repo: Repo,
    seen: Option<Value>,
}

/// What approvers saw, by task: all values of each field.
#[derive(Default)]
struct Approvals {
    by_key: BTreeMap<String, BTreeMap<&'static str, BTreeSet<String>>>,
    /// Tasks that a person changed after they were approved.
    by_hand: BTreeSet<String>,
}

impl Approvals {
    /// Records an approval; the created items are what its approver saw.
    fn note(&mut self, seen: &Value, approved: &Value, repo: &Repo) {
        let left = list(approved, "left");
        for planned in list(approved, "tasks") {
            let title = text(planned, "title");
            let is_left = left.iter().any(|one| one["number"] == planned["number"]);
            if is_left || planned["item"].is_null() {
                continue;
            }
            let key = text(planned, "key");
            let before = list(seen, "tasks").iter().find(|one| one["key"] == *key);
            let Some(before) = before else {
                // Approved before, and unknown to who looked earlier.
                assert!(self.by_key.contains_key(key), "\"{title}\" was not seen");
                continue;
            };
            let is_created = texts(approved, "created").contains(&text(planned, "item"));
            if is_created {
                let item = repo.data(&["show", text(planned, "item")]);
                assert_eq!(
                    content(&item),
                    content(before),
                    "\"{title}\" is not what was seen"
                );
            }
            let all = self.by_key.entry(key.to_owned()).or_default();
            for (field, values) in content(before) {
                all.entry(field).or_default().extend(values);
            }
        }
    }

    /// Requires that each item has only values that an approver saw.
    #[track_caller]
    fn require(&self, repo: &Repo, plan: &Value) {
        for planned in list(plan, "tasks") {
            let Some(item) = planned["item"].as_str() else {
                continue;
            };
            let key = text(planned, "key");
            let known = self.by_key.get(key);
            let known = known.unwrap_or_else(|| panic!("no approver saw {item}: {planned}"));
            if self.by_hand.contains(key) {
                continue;
            }
            for (field, values) in content(&repo.data(&["show", item])) {
                let unseen: Vec<&String> = values.difference(&known[field]).collect();
                assert!(
                    unseen.is_empty(),
                    "{item} {field}: no approver saw {unseen:?}"
                );
            }
        }
    }
}

const TITLE: [&str; 3] = ["Title one", "Title two", "Title three"];

/// Drafts, writes, edits, looks or approves, at random.
fn act(clone: &mut Clone, approvals: &mut Approvals, dice: &mut Dice, step: usize) {
    let repo = &clone.repo;
    let shown = repo.pm(&["--json", "plan", "show"]);
    if shown.code != 0 {
        repo.pm(&["plan", "new", "login.md"]).ok();
        return;
    }
    let plan = shown.data();
    let all = own(&plan);
    let number = |dice: &mut Dice| all[dice.below(all.len())]["number"].to_string();
    match dice.below(14) {
        0 => drop(repo.pm(&["sync"]).ok()),
        1 => drop(repo.pm(&["plan", "new", "login.md"]).ok()),
        2 => {
            let text = format!(
                "### extra-{}. Extra work\nlines: 9\n- It is done {step}\n",
                step % 3
            );
            let args = ["plan", "write", "P-1", "-", "--patch"];
            // Of a task that the other one wrote, a version would have to be named.
            let ran = repo.feed("git-pm", &args, &text);
            assert!([0, 3].contains(&ran.code), "{ran:?}");
        }
        3..=5 => {
            let one = number(dice);
            let field = match dice.below(4) {
                0 => format!("title={}", dice.pick(&TITLE).unwrap()),
                1 => format!("estimate={}", dice.pick(&["XS", "S", "M", "L"]).unwrap()),
                2 => format!("risk={}", dice.pick(&["low", "medium", "high"]).unwrap()),
                _ => format!("acceptance=It holds {step}\nIt opens"),
            };
            // A task that exists is changed there.
            let ran = repo.pm(&["plan", "set", &one, &field]);
            assert!([0, 1].contains(&ran.code), "{ran:?}");
        }
        6 => {
            let made: Vec<&Value> = all
                .iter()
                .copied()
                .filter(|t| !t["item"].is_null())
                .collect();
            if let Some(planned) = dice.pick(&made) {
                let args = ["task", "edit", text(planned, "item"), "--title", "By hand"];
                let ran = repo.pm(&args);
                // A number that this clone's other item had lately has to be typed in full.
                assert!([0, 4].contains(&ran.code), "{ran:?}");
                if ran.code == 0 {
                    approvals.by_hand.insert(text(planned, "key").to_owned());
                }
            }
        }
        7 => drop(repo.pm(&["plan", "rm", &number(dice), "--force"])),
        8 | 9 => clone.seen = Some(plan.clone()),
        10 | 11 => {
            let open: Vec<&&Value> = all.iter().filter(|t| t["item"].is_null()).collect();
            if let Some(planned) = dice.pick(&open) {
                let id = format!("{}/{}", text(&plan, "prd"), planned["number"]);
                let step = step.to_string();
                let field = *dice
                    .pick(&["--title", "--risk", "--accept", "--label"])
                    .unwrap();
                let value = match field {
                    "--risk" => "high",
                    _ => &step,
                };
                repo.pm(&["task", "edit", &id, field, value]).ok();
            }
        }
        _ => {
            let seen = clone.seen.clone().unwrap_or_else(|| plan.clone());
            let ran = approve(repo, &seen);
            assert!([0, 1, 3].contains(&ran.code), "{ran:?}");
            if ran.code == 0 {
                approvals.note(&seen, &ran.data(), repo);
            }
        }
    }
}

/// PL-14, PL-03: two clones draft, write, edit and approve one document offline, in every order:
/// one epic, no task twice, and no item has a value that no approver saw.
#[test]
fn pl_14_no_order_of_offline_work_approves_what_nobody_saw() {
    campaign(60, |seed| {
        let scene = Scene::new();
        let (hub, a) = scene.with_hub();
        a.write("login.md", LOGIN);
        a.commit_all("Specify");
        a.git(&["push", "-q"]).ok();
        a.pm(&["sync"]).ok();
        let b = scene.clone_of(&hub, "b", "Ben");
        let mut dice = Dice::new(seed);
        let clone = |repo: Repo| Clone { repo, seen: None };
        let mut both = [clone(a), clone(b)];
        let mut approvals = Approvals::default();
        for step in 0..30 {
            act(&mut both[dice.below(2)], &mut approvals, &mut dice, step);
        }
        for at in [0, 1, 0, 1] {
            both[at].repo.pm(&["sync"]).ok();
        }
        let [a, b] = both.map(|one| one.repo);
        assert_eq!(a.state_tree(), b.state_tree(), "two states");
        let shown = a.pm(&["--json", "plan", "show"]);
        if shown.code != 0 {
            return;
        }
        let plan = shown.data();
        assert_eq!(b.data(&["plan", "show"]), plan, "two plans");
        sound(&plan);
        assert_eq!(list(&a.data(&["prd", "list", "--all"]), "items").len(), 1);
        let epics = a.data(&["epic", "list", "--all"]);
        assert!(list(&epics, "items").len() <= 1, "{epics}");
        let of_plan: Vec<&str> = list(&plan, "tasks")
            .iter()
            .filter_map(|t| t["item"].as_str())
            .collect();
        let known: BTreeSet<&str> = of_plan.iter().copied().collect();
        assert_eq!(known.len(), of_plan.len(), "an item belongs to two tasks");
        approvals.require(&a, &plan);
        let fsck = a.pm(&["fsck"]).ok().out;
        assert!(fsck.contains("Faults: 0"), "{fsck}");
    });
}
