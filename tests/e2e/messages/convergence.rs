//! Three clones exchange messages, acknowledgements and handoffs, offline and online: none is
//! lost, duplicated, or shown as new twice (issue 12, Must show 4).

use std::collections::{BTreeMap, BTreeSet};

use super::{list, two_clones};
use crate::support::{Dice, Repo, Scene, campaign};

/// The names of the clones' actors.
const NAMES: [&str; 3] = ["Ana", "Ben", "Cleo"];

/// A message that was sent.
struct Sent {
    uid: String,
    id: String,
    from: usize,
    to: Vec<usize>,
}

/// The clones, and what should be true of them.
struct World {
    clones: Vec<Repo>,
    sent: Vec<Sent>,
    /// What each actor was shown as new, with how often.
    shown: Vec<BTreeMap<String, usize>>,
    /// The acknowledgements that were made: message and actor.
    acks: BTreeSet<(String, usize)>,
    handoffs: BTreeSet<String>,
}

impl World {
    fn message(&mut self, dice: &mut Dice) {
        let from = dice.below(3);
        let other = (from + 1 + dice.below(2)) % 3;
        let all = dice.below(3) == 0;
        let (to, people) = match all {
            true => ("all", (0..3).filter(|n| *n != from).collect()),
            false => (NAMES[other], vec![other]),
        };
        let subject = format!("Message {}", self.sent.len());
        let mut args = vec![
            "--offline",
            "msg",
            "send",
            "--new",
            "--to",
            to,
            subject.as_str(),
        ];
        if dice.below(2) == 0 {
            args.extend(["--item", "T-1"]);
        }
        if dice.below(3) == 0 {
            args.retain(|arg| *arg != "--offline");
        }
        let sent = self.clones[from].data(&args);
        self.note(from, people, &sent);
    }

    fn note(&mut self, from: usize, to: Vec<usize>, sent: &serde_json::Value) {
        self.sent.push(Sent {
            uid: sent["uid"].as_str().unwrap().into(),
            id: sent["id"].as_str().unwrap().into(),
            from,
            to,
        });
    }

    fn read(&mut self, who: usize) {
        let read = list(&self.clones[who].data(&["msg", "read", "--limit", "0"])["items"]);
        for message in read {
            let uid = message["uid"].as_str().unwrap().to_string();
            *self.shown[who].entry(uid).or_default() += 1;
        }
    }

    fn ack(&mut self, dice: &mut Dice) {
        let known: Vec<usize> = (0..self.sent.len())
            .filter(|n| {
                self.sent[*n]
                    .to
                    .iter()
                    .any(|who| self.shown[*who].contains_key(&self.sent[*n].uid))
            })
            .collect();
        if known.is_empty() {
            return;
        }
        let message = &self.sent[known[dice.below(known.len())]];
        let who = message
            .to
            .iter()
            .find(|who| self.shown[**who].contains_key(&message.uid));
        let who = *who.unwrap();
        self.clones[who]
            .pm(&["--offline", "msg", "ack", &message.uid])
            .ok();
        self.acks.insert((message.uid.clone(), who));
    }

    fn handoff(&mut self, dice: &mut Dice) {
        let who = dice.below(3);
        let next = format!("step {}", self.handoffs.len());
        let args = ["--offline", "handoff", "T-1", "--next", next.as_str()];
        let uid = self.clones[who].data(&args)["uid"]
            .as_str()
            .unwrap()
            .to_string();
        self.handoffs.insert(uid);
    }
}

#[test]
fn no_message_is_lost_duplicated_or_new_twice() {
    campaign(30, |seed| {
        let mut dice = Dice::new(seed);
        let scene = Scene::new();
        let (a, b) = two_clones(&scene);
        let c = scene.clone_of(&scene.at("hub.git"), "c", "Cleo");
        let mut world = World {
            clones: vec![a, b, c],
            sent: Vec::new(),
            shown: vec![BTreeMap::new(); 3],
            acks: BTreeSet::new(),
            handoffs: BTreeSet::new(),
        };
        for _ in 0..40 {
            match dice.below(10) {
                0..=3 => world.message(&mut dice),
                4 | 5 => world.read(dice.below(3)),
                6 => world.ack(&mut dice),
                7 => world.handoff(&mut dice),
                _ => {
                    world.clones[dice.below(3)].pm(&["sync"]).ok();
                }
            }
        }
        for _ in 0..2 {
            for clone in &world.clones {
                clone.pm(&["sync"]).ok();
            }
        }
        (0..3).for_each(|who| world.read(who));
        for (who, clone) in world.clones.iter().enumerate() {
            let expected: BTreeSet<&str> = world
                .sent
                .iter()
                .filter(|m| m.to.contains(&who))
                .map(|m| m.uid.as_str())
                .collect();
            let shown: BTreeSet<&str> = world.shown[who].keys().map(String::as_str).collect();
            assert_eq!(shown, expected, "seed {seed}: {} missed mail", NAMES[who]);
            let twice: Vec<_> = world.shown[who].iter().filter(|(_, n)| **n > 1).collect();
            assert!(twice.is_empty(), "seed {seed}: new twice: {twice:?}");
            let all = list(&clone.data(&["msg", "inbox", "--all", "--limit", "0"])["items"]);
            let uids: BTreeSet<&str> = all.iter().map(|m| m["uid"].as_str().unwrap()).collect();
            assert_eq!(
                uids.len(),
                all.len(),
                "seed {seed}: a message is listed twice"
            );
            for message in world.sent.iter().filter(|m| m.to.contains(&who)) {
                let found = all.iter().find(|m| m["uid"] == message.uid.as_str());
                let found = found.unwrap_or_else(|| panic!("seed {seed}: {} is lost", message.id));
                assert_eq!(found["from"], NAMES[message.from]);
                let acks: BTreeSet<String> = list(&found["acks"])
                    .iter()
                    .map(|ack| ack["by"].as_str().unwrap().to_string())
                    .collect();
                let made = world.acks.iter().filter(|(uid, _)| *uid == message.uid);
                let made: BTreeSet<String> = made.map(|(_, who)| NAMES[*who].into()).collect();
                assert_eq!(
                    acks, made,
                    "seed {seed}: acknowledgements of {}",
                    message.id
                );
            }
            let thread = list(&clone.data(&["msg", "thread", "T-1"])["messages"]);
            let handoffs: BTreeSet<String> = thread
                .iter()
                .filter(|m| m["topic"] == "handoff")
                .map(|m| m["uid"].as_str().unwrap().to_string())
                .collect();
            assert_eq!(handoffs, world.handoffs, "seed {seed}: handoffs");
        }
        let trees: BTreeSet<String> = world.clones.iter().map(Repo::state_tree).collect();
        assert_eq!(trees.len(), 1, "seed {seed}: the clones differ");
        world.clones[0].pm(&["fsck"]).ok();
    });
}
