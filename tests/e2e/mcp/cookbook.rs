//! The cookbook in docs/agents.md over MCP: three agents, each with a server of its own, share the
//! work. `install::cookbook` is the same with the command line.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Client, data_of};
use crate::support::{Repo, Scene};

/// The file that every agent changes, and has to reserve.
const SHARED: &str = "CHANGES.md";

/// The longest time that an agent waits for another one.
const PATIENCE: Duration = Duration::from_secs(180);

const NAMES: [&str; 3] = ["agent-1", "agent-2", "agent-3"];

/// An agent: a server in a worktree of its own, and what it did.
struct Agent {
    name: &'static str,
    home: Repo,
    client: Client,
    /// The messages that it read: id, sender and subject.
    read: Vec<(String, String, String)>,
    done: Vec<String>,
    /// The reservations that it was refused.
    refused: usize,
}

impl Agent {
    fn new(repo: &Repo, name: &'static str) -> Agent {
        let path = format!("../{name}");
        repo.git(&["worktree", "add", "-q", "-b", name, &path]).ok();
        let home = repo.other(path);
        let client = Client::start(&home, &["--as", name, "--tools", "tasks,messages,reserve"]);
        Agent {
            name,
            home,
            client,
            read: Vec::new(),
            done: Vec::new(),
            refused: 0,
        }
    }

    /// The next item: its id and worktree. None when nothing is ready.
    fn start(&mut self) -> Option<(String, Repo)> {
        let result = self.client.call("next", json!({ "claim": true }));
        if result["isError"] == true {
            let error = data_of(&result);
            assert_eq!(error["error"]["reason"], "next.nothing_ready", "{error}");
            return None;
        }
        let started = data_of(&result);
        assert_eq!(started["owner"], self.name, "{started}");
        let id = started["id"].as_str().unwrap().to_string();
        let worktree = started["worktree"].as_str().unwrap();
        Some((
            id,
            self.home
                .other(worktree)
                .by(self.name)
                .with("CLAUDECODE", "1"),
        ))
    }

    /// Reads what is unread; the subjects of all messages from others with their ids.
    fn read(&mut self) -> Vec<(String, String)> {
        let read = self.client.data("msg_read", json!({}));
        let mut out = Vec::new();
        for one in read["items"].as_array().unwrap() {
            let text = |key: &str| one[key].as_str().unwrap().to_string();
            self.read.push((text("id"), text("from"), text("subject")));
            out.push((text("id"), text("subject")));
        }
        out
    }

    /// Reads until so many messages with a word in the subject have come; their ids.
    fn wait_for(&mut self, word: &str, count: usize) -> Vec<String> {
        let (begin, mut found) = (Instant::now(), Vec::new());
        loop {
            let read = self.read();
            found.extend(
                read.into_iter()
                    .filter(|(_, s)| s.contains(word))
                    .map(|(id, _)| id),
            );
            if found.len() >= count {
                return found;
            }
            assert!(
                begin.elapsed() < PATIENCE,
                "{}: no message `{word}`",
                self.name
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// The holder of the shared file, or none if this agent has it now.
    fn reserve(&mut self, id: &str) -> Option<String> {
        let asked = json!({ "glob": [SHARED], "task": id, "reason": "an entry" });
        let result = self.client.call("reserve_add", asked);
        if result["isError"] == false {
            return None;
        }
        let text = result["content"][0]["text"].as_str().unwrap();
        let error: Value = serde_json::from_str(text).unwrap();
        let error = &error["error"];
        assert_eq!(error["reason"], "path.reserved", "{text}");
        let message = error["message"].as_str().unwrap();
        assert!(message.contains(SHARED), "{text}");
        assert!(!error["hints"].as_array().unwrap().is_empty(), "{text}");
        self.refused += 1;
        let holder = NAMES
            .iter()
            .find(|name| error["conflicts"].to_string().contains(*name));
        Some(
            holder
                .unwrap_or_else(|| panic!("no holder: {text}"))
                .to_string(),
        )
    }

    /// Gets the shared file: from its holder if there is one. Who has it first waits until both
    /// others have asked.
    fn get_shared(&mut self, id: &str) {
        let Some(holder) = self.reserve(id) else {
            return;
        };
        let sent = self.client.data(
            "msg_send",
            json!({
                "to": [holder], "item": id, "ack": true,
                "subject": format!("May I have {SHARED}?"),
            }),
        );
        assert_eq!(sent["from"], self.name);
        self.wait_for("May I have", 1);
        let begin = Instant::now();
        while self.reserve(id).is_some() {
            assert!(begin.elapsed() < PATIENCE, "{}: not released", self.name);
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Releases the shared file, and answers those who asked.
    fn pass_on(&mut self, id: &str) {
        let asked = match self.refused {
            0 => self.wait_for("May I have", NAMES.len() - 1),
            _ => Vec::new(),
        };
        let released = json!({ "name": [SHARED], "task": id });
        self.client.data("reserve_release", released);
        for one in asked {
            self.client.data("msg_ack", json!({ "id": one }));
            let answer = json!({ "id": one, "text": "Yes, now." });
            self.client.data("msg_reply", answer);
        }
    }

    /// Works until nothing is ready.
    fn work(&mut self) {
        while let Some((id, there)) = self.start() {
            if id == "T-0001" {
                let left = self.client.data("handoff", json!({ "id": id }));
                assert_eq!(left["handoff"]["next"], json!(["the rest"]), "{left}");
                assert!(there.read("src/T-0001.txt").contains("begun"));
            }
            if self.done.is_empty() {
                self.get_shared(&id);
                there.write(SHARED, &format!("- {id} by {}\n", self.name));
            }
            there.write(&format!("src/{id}.txt"), self.name);
            there.commit_all(&format!("Work on {id}"));
            if self.done.is_empty() {
                self.pass_on(&id);
                let title = format!("{} found a trap in {id}", self.name);
                let learned = json!({ "title": title, "item": id });
                self.client.data("learn_add", learned);
            }
            let accepted = json!({ "id": id, "accept": [1], "evidence": "it is there" });
            let finished = self.client.data("finish", accepted);
            assert_eq!(finished["status"], "in_review", "{finished}");
            self.done.push(id);
        }
        let end = json!({ "to": ["role:agent"], "subject": "I am done" });
        self.client.data("msg_send", end);
    }
}

/// MS-03, MS-09: nothing but MCP, and no human in between.
#[test]
fn ms_03_three_agents_over_mcp_share_the_work_and_hand_it_on() {
    let scene = Scene::new();
    let (hub, repo) = scene.with_hub();
    for n in 1..=6 {
        let path = format!("src/T-{n:04}.txt");
        repo.task(
            &format!("Part {n}"),
            &["--accept", "there", "--path", &path],
        );
    }
    let mut agents = NAMES.map(|name| Agent::new(&repo, name));

    // One agent begins and hands on.
    let (id, there) = agents[0].start().expect("a task");
    assert_eq!(id, "T-0001");
    there.write("src/T-0001.txt", "begun\n");
    there.commit_all("Begin T-0001");
    let left = json!({ "id": id, "done": ["a begin"], "next": ["the rest"] });
    agents[0].client.data("handoff", left);
    agents[0].client.data(
        "task_drop",
        json!({ "id": id, "reason": "another model can do it" }),
    );

    std::thread::scope(|scope| {
        for agent in &mut agents {
            scope.spawn(|| agent.work());
        }
    });

    // Each task was done once, by the agent that the state names.
    let mut done = BTreeMap::new();
    for agent in &agents {
        assert!(!agent.done.is_empty(), "{} had no task", agent.name);
        for id in &agent.done {
            assert_eq!(done.insert(id.clone(), agent.name), None, "{id} twice");
        }
    }
    assert_eq!(done.len(), 6, "{done:?}");
    for (id, name) in &done {
        let item = repo.data(&["show", id]);
        assert_eq!(
            (&item["status"], &item["owner"]),
            (&json!("in_review"), &json!(name))
        );
        assert_eq!(repo.worktree(id).read(&format!("src/{id}.txt")), *name);
    }
    // The first who reserved the file was not refused, both others were.
    let refused = agents.iter().filter(|agent| agent.refused > 0).count();
    assert_eq!(refused, 2);
    let held = repo.data(&["reserve", "list"]).to_string();
    assert!(!held.contains(SHARED), "{held}");

    // Each message was read once by each recipient.
    for agent in &mut agents {
        agent.read();
        let inbox = agent.client.data("msg_inbox", json!({}));
        assert_eq!(inbox["unread"], 0, "{}: {inbox}", agent.name);
        let ids: BTreeSet<&String> = agent.read.iter().map(|(id, _, _)| id).collect();
        assert_eq!(
            ids.len(),
            agent.read.len(),
            "{}: {:?}",
            agent.name,
            agent.read
        );
        let of = |subject: &str| {
            let all = agent.read.iter().filter(|(_, _, s)| s.contains(subject));
            all.map(|(_, from, _)| from.as_str()).collect::<Vec<_>>()
        };
        let mut ends = of("I am done");
        ends.sort_unstable();
        let others: Vec<&str> = NAMES
            .into_iter()
            .filter(|name| *name != agent.name)
            .collect();
        assert_eq!(ends, others);
        let expected = if agent.refused == 0 { 2 } else { 1 };
        assert_eq!(
            of("May I have").len(),
            expected,
            "{}: {:?}",
            agent.name,
            agent.read
        );
    }
    // Each kept a learning, which the other clones have after a sync.
    repo.pm(&["sync"]).ok();
    let other = scene.clone_of(&hub, "b", "Bea");
    let kept = other.data(&["learn", "list"]);
    let authors: BTreeSet<&str> = kept["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["author"].as_str().unwrap())
        .collect();
    assert_eq!(authors, BTreeSet::from(NAMES));
    assert_eq!(other.data(&["list"])["items"].as_array().unwrap().len(), 6);
    repo.pm(&["fsck"]).ok();

    // No process is left: none of a server that could be waited for, none after its end.
    for agent in agents {
        assert_eq!(agent.client.zombies(), Vec::<u32>::new());
        assert_eq!(agent.client.end(), 0);
    }
    let begin = Instant::now();
    while !processes_in(&scene).is_empty() {
        assert!(begin.elapsed() < PATIENCE, "{:?}", processes_in(&scene));
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// The processes that work in a scene; none where `/proc` does not tell.
fn processes_in(scene: &Scene) -> Vec<std::path::PathBuf> {
    let inside = scene.dir.path().canonicalize().unwrap();
    let all = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let places = all.map(|process| process.path());
    let inside = |process: &std::path::PathBuf| {
        std::fs::read_link(process.join("cwd")).is_ok_and(|cwd| cwd.starts_with(&inside))
    };
    places.filter(inside).collect()
}
