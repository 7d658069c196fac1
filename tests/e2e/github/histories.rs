//! Random histories of two clones, people at GitHub, faults and kills: all converge, and nothing is
//! overwritten that nobody saw.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::project::Project;
use super::server::{Fault, Faults, Reason};
use crate::support::{Dice, Repo, campaign};

/// The values of one field, each with those that its writer saw or decided against.
#[derive(Default)]
struct Written {
    before: BTreeMap<String, BTreeSet<String>>,
}

impl Written {
    fn write(&mut self, value: &str, seen: &str) {
        let before = self.before.entry(value.to_string()).or_default();
        before.insert(seen.to_string());
    }

    /// Everything that was written, but for what is listed as overridden, and for what the writers of
    /// the final value and of those saw.
    fn unseen(&self, last: &str, listed: &str) -> Vec<String> {
        let mut seen = BTreeSet::new();
        let is_listed = |value: &&String| listed.contains(&format!("\"{value}\""));
        let mut todo: Vec<String> = self.before.keys().filter(is_listed).cloned().collect();
        todo.push(last.to_string());
        while let Some(value) = todo.pop() {
            if seen.insert(value.clone()) {
                todo.extend(self.before.get(&value).into_iter().flatten().cloned());
            }
        }
        let all = self.before.keys();
        all.filter(|value| !seen.contains(*value))
            .cloned()
            .collect()
    }
}

struct History {
    project: Project,
    clones: [Repo; 2],
    dice: Dice,
    /// Titles are written in the first clone and at GitHub, texts in the second and at GitHub.
    titles: BTreeMap<String, Written>,
    texts: BTreeMap<String, Written>,
    comments: BTreeSet<String>,
    count: usize,
}

#[test]
fn in_14_random_histories_converge_and_overwrite_nothing_unseen() {
    campaign(200, |seed| {
        let mut history = History::new(seed);
        for _ in 0..25 {
            history.step();
        }
        history.settle();
        history.check();
    });
}

impl History {
    fn new(seed: u64) -> History {
        let project = Project::new();
        project.repo.task("task 0", &["--body", "text 0"]);
        project.repo.pm(&["sync"]).ok();
        let clones = [project.repo.by("ana"), project.clone("ben")];
        History {
            project,
            clones,
            dice: Dice::new(seed),
            titles: BTreeMap::new(),
            texts: BTreeMap::new(),
            comments: BTreeSet::new(),
            count: 0,
        }
    }

    fn fresh(&mut self, what: &str) -> String {
        self.count += 1;
        format!("{what} {}", self.count)
    }

    fn items(&self, clone: usize) -> Vec<Value> {
        let all = self.clones[clone].data(&["list", "--all"]);
        let all = all["items"].as_array().unwrap().clone();
        all.into_iter().filter(|one| one["kind"] != "prd").collect()
    }

    fn an_item(&mut self, clone: usize) -> Value {
        let all = self.items(clone);
        let id = self.dice.pick(&all).unwrap()["uid"].clone();
        self.clones[clone].data(&["show", id.as_str().unwrap()])
    }

    /// The number of some issue.
    fn an_issue(&mut self) -> Option<u64> {
        let all: Vec<u64> = self.project.github.edit(|web| {
            let page = web.repository("acme", "widget");
            page.view().issues.keys().copied().collect()
        });
        self.dice.pick(&all).copied()
    }

    fn step(&mut self) {
        let clone = self.dice.below(2);
        match self.dice.below(12) {
            0 => {
                let (title, text) = (self.fresh("task"), self.fresh("text"));
                self.clones[clone].task(&title, &["--body", &text]);
            }
            1 => {
                let (title, text) = (self.fresh("issue"), self.fresh("text"));
                self.web(|page| {
                    page.create_issue(&title, &text);
                });
            }
            2 => {
                let (item, new) = (self.an_item(0), self.fresh("title"));
                let (uid, old) = (text_of(&item, "uid"), text_of(&item, "title"));
                self.clones[0]
                    .pm(&["task", "edit", &uid, "--title", &new])
                    .ok();
                println!("a: {uid} {old:?} -> {new}");
                self.titles.entry(uid).or_default().write(&new, &old);
            }
            3 => {
                let (item, new) = (self.an_item(1), self.fresh("text"));
                let (uid, old) = (text_of(&item, "uid"), text_of(&item, "body"));
                self.clones[1]
                    .pm(&["task", "edit", &uid, "--body", &new])
                    .ok();
                println!("b: {uid} {old:?} -> {new}");
                self.texts.entry(uid).or_default().write(&new, &old);
            }
            4 | 5 => self.edit_at_github(),
            6 => {
                let item = text_of(&self.an_item(clone), "uid");
                let text = self.fresh("comment");
                self.clones[clone]
                    .pm(&["task", "comment", &item, &text])
                    .ok();
                self.comments.insert(text);
            }
            7 => {
                let (ids, repo) = (self.items(clone), &self.clones[clone]);
                let (a, b) = (self.dice.pick(&ids).unwrap(), self.dice.pick(&ids).unwrap());
                // A cycle is refused.
                repo.pm(&["dep", "add", &text_of(a, "uid"), &text_of(b, "uid")]);
            }
            8 => {
                let item = self.an_item(clone);
                let uid = text_of(&item, "uid");
                let is_task = item["kind"] == "task";
                let done: &[&str] = if is_task {
                    &["task", "done", &uid, "--force"]
                } else {
                    &["issue", "close", &uid]
                };
                self.clones[clone].pm(done);
            }
            9 => {
                let ran = self.clones[clone].pm(&["sync"]).ok();
                println!("sync of {clone}: {}", ran.out);
            }
            10 => {
                self.fault();
                // It may fail, and goes on the next time.
                let ran = self.clones[clone].pm(&["github", "sync", "--yes"]);
                println!("exchange of {clone}: {} {}{}", ran.code, ran.out, ran.err);
            }
            _ => {
                let mut child = self.clones[clone].spawn(&["github", "sync", "--yes"]);
                let wait = u64::try_from(self.dice.below(150)).unwrap();
                std::thread::sleep(std::time::Duration::from_millis(wait));
                let _ = child.kill();
                println!("stopped exchange of {clone}: {:?}", child.wait());
            }
        }
    }

    fn web<T>(&self, edit: impl FnOnce(&mut super::server::Page<'_>) -> T) -> T {
        self.project
            .github
            .edit(|web| edit(&mut web.repository("acme", "widget")))
    }

    fn fault(&mut self) {
        let faults = [
            ("POST", Fault::CloseAfter),
            ("POST", Fault::CloseBefore),
            ("POST", Fault::BadGatewayAfter),
            ("PATCH", Fault::CloseAfter),
            ("GET", Fault::BadGateway),
            ("", Fault::SecondaryLimit(Some(1))),
            ("POST", Fault::Forbidden),
        ];
        if let Some((method, fault)) = self.dice.pick(&faults).cloned() {
            let nth = 1 + self.dice.below(3);
            self.project.github.faults().add(method, "", nth, fault);
        }
    }

    /// The uid of the item of an issue, as far as it is known: by its mark, or by a clone.
    fn uid_of(&self, number: u64, body: &str) -> Option<String> {
        if let Some((_, mark)) = body.rsplit_once("<!-- git-pm ") {
            return Some(mark.trim_end_matches(" -->").to_string());
        }
        let uid = |repo: &Repo| {
            let ran = repo.pm(&["show", &format!("gh-{number}"), "--json"]);
            (ran.code == 0).then(|| text_of(&ran.data(), "uid"))
        };
        self.clones.iter().find_map(uid)
    }

    fn edit_at_github(&mut self) {
        let Some(number) = self.an_issue() else {
            return;
        };
        let (title, body) = self.web(|page| {
            let issue = page.issue(number);
            let view = issue.view();
            let body = view.body.clone().unwrap_or_default();
            (view.title.clone(), body.replace("\r\n", "\n"))
        });
        let uid = self.uid_of(number, &body);
        match (self.dice.below(6), uid) {
            (0, Some(uid)) => {
                let new = self.fresh("title");
                self.web(|page| {
                    page.issue(number).title(&new);
                });
                println!("web: #{number} {uid} {title:?} -> {new}");
                self.titles.entry(uid).or_default().write(&new, &title);
            }
            (1, Some(uid)) => {
                let new = self.fresh("text");
                let (old, mark) = body.split_once("\n\n<!--").unwrap_or((&body, ""));
                let all = if mark.is_empty() {
                    new.clone()
                } else {
                    format!("{new}\r\n\r\n<!--{mark}")
                };
                self.web(|page| {
                    page.issue(number).body(&all);
                });
                println!("web: #{number} {uid} {old:?} -> {new}");
                self.texts.entry(uid).or_default().write(&new, old);
            }
            (2, _) => {
                let label = format!("label-{}", self.dice.below(4));
                self.web(|page| {
                    let mut issue = page.issue(number);
                    match issue.labels().contains(&label) {
                        true => issue.unlabel(&label),
                        false => issue.label(&label),
                    };
                });
            }
            (3, _) => self.web(|page| {
                page.issue(number).close(Reason::NotPlanned);
            }),
            (4, _) => self.web(|page| {
                page.issue(number).reopen();
            }),
            _ => {
                let text = self.fresh("comment");
                self.web(|page| {
                    page.issue(number).comment(&text);
                });
                self.comments.insert(text);
            }
        }
    }

    /// Exchanges until nothing moves any more; conflicts are decided at random.
    fn settle(&mut self) {
        *self.project.github.faults() = Faults::default();
        for _ in 0..20 {
            let trees = |clones: &[Repo; 2]| clones.each_ref().map(Repo::state_tree);
            let before = trees(&self.clones);
            let mut sent = Value::Null;
            for clone in 0..2 {
                sent = self.exchange(clone);
            }
            let after = trees(&self.clones);
            if before == after && after[0] == after[1] && sent == 0 {
                return;
            }
        }
        panic!("the exchange does not end");
    }

    /// One exchange of a clone; the number of issues that it changed there.
    fn exchange(&mut self, clone: usize) -> Value {
        let repo = self.clones[clone].clone();
        repo.pm(&["sync"]).ok();
        let report = repo.data(&["github", "sync", "--yes", "--all"]);
        for conflict in report["conflicts"].as_array().unwrap() {
            let side = if self.dice.chance(50) {
                "ours"
            } else {
                "theirs"
            };
            let (id, field) = (text_of(conflict, "id"), text_of(conflict, "field"));
            let uid = text_of(&repo.data(&["show", &id]), "uid");
            let (ours, theirs) = (text_of(conflict, "ours"), text_of(conflict, "theirs"));
            repo.pm(&["github", "resolve", &uid, side, "--field", &field])
                .ok();
            println!("{clone}: {field} of {id}: {side} of {ours:?} and {theirs:?}");
            let (winner, loser) = if side == "ours" {
                (ours, theirs)
            } else {
                (theirs, ours)
            };
            match field.as_str() {
                "title" => self.titles.entry(uid).or_default().write(&winner, &loser),
                "body" => self.texts.entry(uid).or_default().write(&winner, &loser),
                _ => {}
            }
        }
        report["changed_there"].clone()
    }

    fn check(&self) {
        let [a, b] = &self.clones;
        assert_eq!(a.state_tree(), b.state_tree(), "the clones differ");
        let status = a.data(&["github", "status"]);
        assert_eq!(status["conflicts"].as_array().unwrap().len(), 0, "{status}");
        let mirrors = status["mirrors"].as_array().unwrap();
        let numbers: BTreeSet<u64> = mirrors
            .iter()
            .filter_map(|one| one["number"].as_u64())
            .collect();
        let there: BTreeSet<u64> = self.web(|page| page.view().issues.keys().copied().collect());
        assert_eq!(numbers, there, "each issue has one item");
        assert_eq!(mirrors.len(), there.len());
        assert_eq!(self.items(0).len(), there.len(), "each item has one issue");
        // Between clones the later write wins, and the other is listed.
        let listed = a
            .pm(&["log", "--conflicts", "--json", "--limit", "1000"])
            .ok()
            .out;
        let mut sent = BTreeMap::new();
        for mirror in mirrors {
            let number = mirror["number"].as_u64().unwrap();
            let item = a.data(&["show", &text_of(mirror, "id")]);
            let uid = text_of(&item, "uid");
            let (title, body, closed, mut labels, comments) = self.web(|page| {
                let issue = page.issue(number);
                let (labels, comments) = (issue.labels(), issue.comments());
                let view = issue.view();
                let body = view.body.clone().unwrap_or_default();
                (view.title.clone(), body, view.closed, labels, comments)
            });
            labels.sort();
            let body = body.split("<!--").next().unwrap().trim_end().to_string();
            assert_eq!(text_of(&item, "title"), title, "#{number}");
            // Two versions of a text stand side by side until somebody merges them.
            let is_open = item["conflicted"] == true;
            assert!(
                is_open || text_of(&item, "body").trim_end() == body,
                "#{number}: {item}"
            );
            assert_eq!(item["labels"], serde_json::json!(labels), "#{number}");
            let is_closed =
                ["done", "closed", "cancelled"].contains(&item["status"].as_str().unwrap());
            assert_eq!(is_closed, closed, "#{number}: {}", item["status"]);
            for (written, value) in [(&self.titles, &title), (&self.texts, &body)] {
                if is_open && std::ptr::eq(written, &self.texts) {
                    continue;
                }
                let unseen = written.get(&uid).map(|one| one.unseen(value, &listed));
                assert_eq!(
                    unseen.unwrap_or_default(),
                    Vec::<String>::new(),
                    "overwritten unseen by {value} in #{number}: {listed}"
                );
            }
            for comment in comments {
                let text = comment
                    .body
                    .split("\n\n")
                    .nth(1)
                    .unwrap_or(&comment.body)
                    .to_string();
                *sent.entry(text).or_insert(0) += 1;
            }
            let here = item["comments"].as_array().unwrap().len();
            let there = self.web(|page| page.issue(number).comments().len());
            assert_eq!(here, there, "comments of #{number}: {item}");
        }
        let once: BTreeMap<String, i32> =
            self.comments.iter().map(|text| (text.clone(), 1)).collect();
        assert_eq!(sent, once, "each comment is there once");
        // No echo: another exchange changes nothing.
        let tree = a.state_tree();
        self.project.github.clear_requests();
        let report = a.data(&["github", "sync", "--all"]);
        assert_eq!(report["changed_there"], 0, "{report}");
        assert_eq!(a.state_tree(), tree);
        let requests = self.project.github.requests();
        assert!(
            requests.iter().all(|one| one.method == "GET"),
            "{requests:?}"
        );
    }
}

fn text_of(json: &Value, key: &str) -> String {
    json[key].as_str().unwrap_or_default().to_string()
}
