//! What is offered can be done: random projects of two clones, in which everything that a command, the
//! page or a board offers is tried on a copy of the scene.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::serve::{Server, token};
use crate::support::{Dice, Ran, Repo, Scene, campaign, thorough};

/// The number of random steps of a history.
const STEPS: usize = 24;

/// The number of offers of one history that are tried in the usual run; all are in longer ones.
const TRIED: usize = 15;

/// A random project: Ana's clone and Ben's, an agent in Ana's, and a clock.
struct Project {
    scene: Scene,
    dice: Dice,
    a: Repo,
    b: Repo,
    /// Minutes since the beginning.
    minutes: u64,
    ids: Vec<String>,
}

/// An offer: who makes it to whom, and the command line that it stands for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Offer {
    by: String,
    script: String,
}

impl Project {
    fn new(seed: u64) -> Project {
        let scene = Scene::new();
        let (hub, a) = scene.with_hub();
        let b = scene.clone_of(&hub, "b", "Ben");
        Project {
            scene,
            dice: Dice::new(seed),
            a,
            b,
            minutes: 0,
            ids: Vec::new(),
        }
    }

    fn now(&self) -> String {
        let (day, minute) = (self.minutes / 1440, self.minutes % 1440);
        format!(
            "2026-11-{:02}T{:02}:{:02}:00Z",
            1 + day,
            minute / 60,
            minute % 60
        )
    }

    /// Ana, Ben and an agent of Ana's, now.
    fn actors(&self) -> [(&'static str, Repo); 3] {
        let now = self.now();
        let agent = self.a.with("CLAUDECODE", "1").by("claude-1");
        [
            ("Ana", self.a.when(&now)),
            ("Ben", self.b.when(&now)),
            ("claude-1", agent.when(&now)),
        ]
    }

    fn id(&mut self) -> String {
        self.dice.pick(&self.ids).cloned().unwrap_or_default()
    }

    /// One random command of a random actor; it may be refused.
    fn step(&mut self) {
        let who = self.dice.below(5);
        let [ana, ben, agent] = self.actors().map(|(_, repo)| repo);
        let (repo, other) = match who {
            0 | 1 => (ana, "Ben"),
            2 | 3 => (ben, "Ana"),
            _ => (agent, "Ben"),
        };
        let (id, on) = (self.id(), self.id());
        let word: &[&str] = match self.dice.below(34) {
            0..=4 => return self.create(&repo, other),
            5 => &["dep", "add", &id, &on],
            6 => &["dep", "add", &id, &on, "--soft"],
            7 => &["dep", "add", &id, &on, "--type", "parent-child"],
            8..=12 => return self.work(&repo, &id, 3),
            13..=14 => &["start", &id, "--no-worktree"],
            15 => &["task", "return", &id, "--note", "handle an empty list"],
            16..=17 => &["task", "approve", &id],
            18..=19 => &["merge", &id],
            20 => &["task", "done", &id, "--evidence", "seen"],
            21 => &["task", "drop", &id, "--reason", "no time"],
            22 => &["task", "defer", &id],
            23 => &["task", "block", &id, "no key"],
            24 => &["task", "cancel", &id, "--reason", "not wanted"],
            25 => &["task", "reopen", &id],
            26 => &["task", "reassign", &id, "--to", other],
            27 => &["reserve", "add", "src/auth/**", "--new", "--ttl", "4h"],
            28 => &["task", "unblock", &id],
            29 => &["issue", "defer", &id, "--until", "+3h"],
            30 => &["issue", "update", &id, "--pinned"],
            31 => &["task", "accept", &id, "1"],
            32 => &["issue", "close", &id],
            _ => &["sync"],
        };
        let _ = repo.pm(word);
        if self.dice.chance(60) {
            let _ = repo.pm(&["sync"]);
        }
        self.minutes += [1, 5, 30, 200][self.dice.below(4)];
    }

    fn create(&mut self, repo: &Repo, other: &str) {
        let (id, title) = (self.id(), format!("item {}", self.ids.len()));
        let mut args = match self.dice.below(6) {
            0 => vec!["issue", "create", &title, "--type", "bug"],
            1 => vec!["epic", "create", &title],
            _ => vec!["task", "create", &title],
        };
        let is_task = args[0] == "task";
        if is_task && self.dice.chance(30) {
            args.extend(["--accept", "it is clean"]);
        }
        if args[0] != "issue" && self.dice.chance(40) {
            args.extend(["--path", "src/auth/**"]);
        }
        if is_task && !id.is_empty() && self.dice.chance(40) {
            let of_epic = id.starts_with('E');
            args.extend([if of_epic { "--epic" } else { "--depends-on" }, &id]);
        }
        if self.dice.chance(15) {
            args.extend(["--assignee", other]);
        }
        let priority = self.dice.below(5).to_string();
        args.extend(["--priority", &priority]);
        let mut all = vec!["--json"];
        all.extend(args);
        let made = repo.pm(&all);
        if made.code == 0 {
            self.ids
                .extend(made.data()["id"].as_str().map(str::to_string));
        }
    }

    /// Starts an item, and goes on with it for some steps.
    fn work(&mut self, repo: &Repo, id: &str, steps: usize) {
        let _ = repo.pm(&["start", id]);
        let place = repo.pm(&["worktree", "path", id]);
        if place.code != 0 {
            return;
        }
        let there = repo.other(place.text());
        for step in 0..self.dice.below(steps + 1) {
            match step {
                0 => {
                    let name = ["wash.txt", "dry.txt", "src/auth/key.rs"][self.dice.below(3)];
                    there.write(name, &format!("{id} {}\n", self.minutes));
                    if self.dice.chance(80) {
                        let _ = there.git(&["add", "-A"]);
                        let _ = there.git(&["commit", "-q", "-m", "Work"]);
                    }
                }
                1 => {
                    let _ = there.pm(&["task", "accept", id, "1"]);
                }
                _ => {
                    let _ = there.pm(&["finish", id]);
                }
            }
        }
    }

    /// Work that another tracker has in review: without a branch.
    fn import_reviewed(&mut self, repo: &Repo) {
        let rows = self.scene.dir.path().join("rows.csv");
        std::fs::write(&rows, "Summary,Issue key,Status\nA,AB-1,In Review\n").unwrap();
        repo.pm(&["import", "csv", rows.to_str().unwrap()]).ok();
        let all = repo.data(&["list", "--all"]);
        let items = all["items"].as_array().unwrap().iter();
        let mut imported = items.filter(|item| item["title"] == "A");
        let id = imported.next().and_then(|item| item["id"].as_str());
        self.ids.extend(id.map(str::to_string));
    }

    /// A plan of a document that is not approved yet.
    fn plan(&mut self) {
        self.a.write(
            "docs/export.md",
            "# Export\n\n## Requirements\n\n- The system must export items as CSV.\n\
             - The system must import the same file.\n",
        );
        self.a.commit_all("Describe the export");
        let now = self.now();
        let _ = self.a.when(&now).pm(&["plan", "new", "docs/export.md"]);
    }

    /// Everything that is offered to an actor.
    fn offers(&self, actor: &str, repo: &Repo) -> Vec<Offer> {
        let mut out = Vec::new();
        let mut offer = |by: &str, script: String| {
            out.push(Offer {
                by: format!("{by} to {actor}"),
                script,
            });
        };
        let start = |id: &str| format!("git pm start {id}");
        let id = |item: &Value| name(repo, item["id"].as_str().unwrap());
        let ready = repo.data(&["ready"]);
        for item in ready["items"].as_array().unwrap() {
            offer("ready", start(&id(item)));
        }
        let next = repo.pm(&["--json", "next"]);
        if next.code == 0 {
            offer("next", start(&id(&next.data())));
            offer("next", "git pm next --claim".into());
        } else {
            let said = repo.pm(&["next"]).err;
            for command in said.lines().filter_map(|line| line.split('`').nth(1)) {
                let ends = ["git pm task approve", "git pm task done", "git pm merge"];
                if ends.iter().any(|verb| command.starts_with(verb)) {
                    offer("next", command.replace("TEXT", "seen"));
                }
            }
        }
        for pick in repo.data(&["triage"])["quick_ref"]["top_picks"]
            .as_array()
            .unwrap()
        {
            offer("triage", start(&id(pick)));
        }
        for command in hints(&repo.pm(&["status"]).ok()) {
            offer("status", committed(&command));
        }
        for item in repo.data(&["list", "--all"])["items"].as_array().unwrap() {
            let shown = hints(&repo.pm(&["show", &id(item)]).ok());
            let shown: Vec<String> = shown.iter().map(|one| committed(one)).collect();
            if !shown.is_empty() {
                offer("show", shown.join(" && "));
            }
        }
        let board = repo.data(&["board", "--cards", "100", "--moves"]);
        for lane in board["lanes"].as_array().unwrap() {
            for cell in lane["cells"].as_array().unwrap() {
                for card in cell["cards"].as_array().unwrap() {
                    for one in card["moves"].as_array().into_iter().flatten() {
                        let kind = card["kind"].as_str().unwrap();
                        offer("board", verb(kind, &id(card), one.as_str().unwrap()));
                    }
                }
            }
        }
        if actor != "claude-1" {
            for (id, kind, one) in self.page(actor, repo) {
                offer("page", verb(&kind, &id, &one));
            }
        }
        out
    }

    /// The moves that the page offers: item, kind, and command.
    fn page(&self, actor: &str, repo: &Repo) -> Vec<(String, String, String)> {
        let key = token(repo, actor, &["--scope", "approve"]);
        let server = Server::start(repo, &[]);
        let mut out = Vec::new();
        for item in repo.data(&["list", "--all"])["items"].as_array().unwrap() {
            let (id, kind) = (item["id"].as_str().unwrap(), item["kind"].as_str().unwrap());
            let page = server.with(&key, "GET", &format!("/items/{id}"), "");
            if page
                .body
                .contains(&format!("action=\"/items/{id}/accept\""))
            {
                out.push((name(repo, id), kind.to_string(), "accept".to_string()));
            }
            let menu = page.body.split("<form id=\"m-").nth(1).unwrap_or_default();
            let menu = menu.split("</form>").next().unwrap_or_default();
            for mark in ["name=\"verb\" value=\"", "data-ask=\""] {
                for part in menu.split(mark).skip(1) {
                    let one = part.split('"').next().unwrap_or_default();
                    if !["assign", "edit"].contains(&one) {
                        out.push((name(repo, id), kind.to_string(), one.to_string()));
                    }
                }
            }
        }
        out
    }

    /// What `why` says of each item is what `start` does, and the first item that is free for the actor
    /// is the one that `next` names.
    fn readiness(&self, actor: &str, repo: &Repo, copies: &Copies) -> usize {
        let mut tried = 0;
        for item in repo.data(&["list", "--all"])["items"].as_array().unwrap() {
            let id = &name(repo, item["id"].as_str().unwrap());
            let why = repo.data(&["why", id]);
            // An epic is no work, but has a branch that a start makes.
            if item["kind"] == "epic" {
                assert_eq!(why["ready"], false, "{why}");
                continue;
            }
            let started = copies.on_a_copy(|| repo.pm(&["start", id]));
            tried += 1;
            let is_own = started.err.contains("you already hold");
            let same = why["ready"] == (started.code == 0);
            assert!(
                same || is_own,
                "why {id} for {actor}: {why}\nbut start: {started:?}"
            );
            // The words that somebody gave as a reason follow in `why` alone.
            let says = why["reasons"][0].as_str().unwrap();
            let says = says.split(": ").next().unwrap();
            if started.err.contains("cannot be started: ") {
                assert!(started.err.contains(says), "{says}: {started:?}");
            }
        }
        let ready = repo.data(&["ready"]);
        let items = ready["items"].as_array().unwrap();
        let free = items
            .iter()
            .find(|item| item["assignee"].is_null() || item["assignee"] == actor);
        let next = repo.pm(&["--json", "next"]);
        match (free, next.code) {
            (Some(first), 0) => {
                // Work that was left or returned may come before it, or the half of a pair of equals.
                let chosen = next.data();
                let same = chosen["priority"].as_u64() <= first["priority"].as_u64()
                    || chosen["returned"].is_object();
                assert!(same, "{chosen} before {first}");
                let listed = items.iter().any(|item| item["id"] == chosen["id"]);
                assert!(listed || chosen["status"] == "in_progress", "{chosen}");
            }
            (Some(first), _) => panic!("ready lists {first}, but next: {next:?}"),
            (None, _) => {}
        }
        tried
    }
}

/// The name of an item that commands take: its id, or the longer one that is shown in its place where this
/// clone's other item had that id lately.
fn name(repo: &Repo, id: &str) -> String {
    let shown = repo.pm(&["show", id]).ok();
    shown
        .out
        .split_whitespace()
        .next()
        .unwrap()
        .trim_end_matches('?')
        .to_string()
}

/// The commands of the line `next:` of a page.
fn hints(shown: &Ran) -> Vec<String> {
    let line = shown
        .out
        .lines()
        .rev()
        .find_map(|line| line.strip_prefix("next: "));
    let commands = line.into_iter().flat_map(|line| line.split(" · "));
    commands
        .map(|one| {
            one.replace("TEXT", "'see the comment'")
                .replace("\"…\"", "'A task'")
        })
        .collect()
}

/// A step that a person takes, as a command.
fn committed(step: &str) -> String {
    match step {
        "git commit" => "echo more >> more.txt && git add -A && git commit -q -m more".to_string(),
        step => step.to_string(),
    }
}

/// The command of a move.
fn verb(kind: &str, id: &str, one: &str) -> String {
    match one {
        "claim" => format!("git pm issue claim {id}"),
        "accept" => format!("git pm task accept {id} --all"),
        "block" => format!("git pm task block {id} 'no key'"),
        "return" => format!("git pm task return {id} --note 'see the comment'"),
        "done" => format!("git pm task done {id} --evidence seen"),
        "drop" | "cancel" | "defer" | "reopen" => {
            format!("git pm task {one} {id} --reason 'see the comment'")
        }
        "close" => format!("git pm {kind} close {id}"),
        one => format!("git pm task {one} {id}"),
    }
}

/// A scene that can be restored.
struct Copies {
    scene: PathBuf,
    saved: PathBuf,
}

impl Copies {
    fn of(scene: &Path) -> Copies {
        let saved = scene.with_extension("saved");
        let copies = Copies {
            scene: scene.to_path_buf(),
            saved,
        };
        copy(&copies.scene, &copies.saved);
        copies
    }

    /// Does something, and puts the scene back as it was. The folder `.git` stays, which tells git pm
    /// that a clone is not a copy.
    fn on_a_copy<T>(&self, act: impl FnOnce() -> T) -> T {
        let done = act();
        for part in ["a/.git", "b/.git", "a", "b", "."] {
            for one in std::fs::read_dir(self.scene.join(part)).unwrap() {
                let path = one.unwrap().path();
                if path.ends_with(".git")
                    || part == "." && (path.ends_with("a") || path.ends_with("b"))
                {
                    continue;
                }
                match path.is_dir() && !path.is_symlink() {
                    true => std::fs::remove_dir_all(&path).unwrap(),
                    false => std::fs::remove_file(&path).unwrap(),
                }
            }
        }
        copy(&self.saved, &self.scene);
        done
    }
}

impl Drop for Copies {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.saved);
    }
}

/// Copies a folder with the times of its files, on which git's index relies.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    let done = Command::new("cp")
        .arg("-a")
        .arg(from.join("."))
        .arg(to)
        .status();
    assert!(done.unwrap().success());
}

// DP-01, TM-10, OB-02: nothing is offered that is then refused, and `why` says what `start` does.
#[test]
fn dp_01_tm_10_ob_02_what_is_offered_can_be_done() {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    campaign(20, |seed| {
        let mut project = Project::new(seed);
        if project.dice.chance(50) {
            project.plan();
        }
        let [(_, ana), ..] = project.actors();
        for _ in 0..6 {
            project.create(&ana, "Ben");
        }
        if project.dice.chance(50) {
            project.import_reviewed(&ana);
        }
        for _ in 0..STEPS {
            project.step();
        }
        // What only the other clone knows cannot be offered.
        for (_, repo) in project.actors().iter().chain(&project.actors()) {
            let _ = repo.pm(&["sync"]);
        }
        let copies = Copies::of(project.scene.dir.path());
        let mut actors = project.actors().to_vec();
        if !thorough() {
            actors = vec![actors.swap_remove(project.dice.below(3))];
        }
        let mut refused = Vec::new();
        for (name, repo) in actors {
            let mut offers = project.offers(name, &repo);
            *counts.entry("states".into()).or_default() += 1;
            let compared = project.readiness(name, &repo, &copies);
            *counts.entry("starts compared with why".into()).or_default() += compared;
            while !thorough() && offers.len() > TRIED {
                offers.swap_remove(project.dice.below(offers.len()));
            }
            let mut done: BTreeSet<String> = BTreeSet::new();
            for offer in offers {
                let key = offer.by.split(' ').next().unwrap_or_default();
                *counts.entry(key.to_string()).or_default() += 1;
                if !done.insert(offer.script.clone()) {
                    continue;
                }
                let ran = copies.on_a_copy(|| repo.run("sh", &["-c", &offer.script]));
                if ran.code != 0 {
                    refused.push(format!("{}: {}\n  {}", offer.by, offer.script, ran.err));
                }
            }
        }
        assert!(refused.is_empty(), "{}", refused.join("\n"));
    });
    println!("{counts:?}");
}
