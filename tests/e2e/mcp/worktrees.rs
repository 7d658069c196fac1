//! Several servers at once, in several worktrees and clones.

use serde_json::json;

use super::Client;
use crate::support::{Repo, Scene, set_up};

/// Two agents in two worktrees of one clone race for one task.
#[test]
fn of_two_servers_in_two_worktrees_one_gets_the_task() {
    let (_scene, repo) = set_up();
    let places: Vec<_> = ["one", "two"]
        .iter()
        .map(|name| {
            repo.git(&["worktree", "add", "-q", "-b", name, &format!("../{name}")])
                .ok();
            repo.other(format!("../{name}"))
        })
        .collect();
    for round in 1..=3 {
        repo.task(&format!("race {round}"), &[]);
        let id = format!("T-{round}");
        let mut clients: Vec<Client> = places
            .iter()
            .zip(["ana-bot", "ben-bot"])
            .map(|(place, name)| Client::named(place, &[], name))
            .collect();
        let start = json!({ "name": "start", "arguments": { "id": id } });
        for client in &mut clients {
            client.ask("tools/call", start.clone());
        }
        let answers: Vec<_> = clients.iter_mut().map(Client::answer).collect();
        let lost: Vec<_> = answers
            .iter()
            .filter(|answer| answer["result"]["isError"] == true)
            .collect();
        assert_eq!(lost.len(), 1, "{answers:?}");
        let text = lost[0]["result"]["content"][0]["text"].as_str().unwrap();
        assert!(text.contains("\"code\":\"conflict\""), "{text}");
        let owner = repo.data(&["show", &id])["owner"].clone();
        assert!(owner == "ana-bot" || owner == "ben-bot", "{owner}");
        for client in clients {
            assert_eq!(client.end(), 0);
        }
    }
}

/// Two clones: the remote decides, and the loser is told so with the stable code.
#[test]
fn of_two_servers_in_two_clones_the_second_gets_claim_lost() {
    let scene = Scene::new();
    let (hub, ana) = scene.with_hub();
    ana.pm(&["init"]).ok();
    ana.task("race", &[]);
    ana.pm(&["sync"]).ok();
    let ben = scene.clone_of(&hub, "b", "Ben");
    ben.pm(&["init"]).ok();
    let mut first = Client::named(&ana, &[], "ana-bot");
    let mut second = Client::named(&ben, &[], "ben-bot");
    let start = json!({ "name": "start", "arguments": { "id": "T-1" } });
    first.ask("tools/call", start.clone());
    second.ask("tools/call", start);
    let answers = [first.answer(), second.answer()];
    let lost: Vec<_> = answers
        .iter()
        .filter(|answer| answer["result"]["isError"] == true)
        .collect();
    assert_eq!(lost.len(), 1, "{answers:?}");
    let text = lost[0]["result"]["content"][0]["text"].as_str().unwrap();
    assert!(
        text.contains("\"claim.lost\"") || text.contains("\"claim.held\""),
        "{text}"
    );
    assert_eq!((first.end(), second.end()), (0, 0));
}

/// The server of an agent's tools is in one folder, its shell in another: what it reserves through the one
/// does not stop it in the other.
#[test]
fn an_agent_is_not_locked_out_by_what_it_reserved_through_its_server() {
    let (_scene, repo) = set_up();
    let files = ["src/one.rs", "src/two.rs"];
    let ids = ["One", "Two"].map(|title| repo.task(title, &[]));
    let mut client = Client::named(&repo, &[], "green");
    client.data("start", json!({ "id": ids[0] }));
    let made = client.data("reserve_add", json!({ "glob": [files[0]] }));
    assert_eq!(made["task"], ids[0].as_str(), "it is for its only work");
    client.data("start", json!({ "id": ids[1] }));
    let made = client.data("reserve_add", json!({ "glob": [files[1]] }));
    assert!(made["task"].is_null(), "{made}");
    assert_eq!(client.end(), 0);
    let green = repo.with("CLAUDECODE", "1").with("GIT_PM_ACTOR", "green");
    let there = [green.worktree(&ids[0]), green.worktree(&ids[1])];
    let write = |place: &Repo, file: &str| {
        place.write(file, "pub fn f() {}\n");
        place.git(&["add", file]).ok();
        place.git(&["commit", "-qm", "Add it"])
    };
    write(&there[0], files[0]).ok();
    write(&there[1], files[1]).ok();
    let red = repo.with("CLAUDECODE", "1").with("GIT_PM_ACTOR", "red");
    let id = repo.task("Red", &[]);
    red.pm(&["start", &id]).ok();
    let stopped = write(&red.worktree(&id), files[1]).exits(1);
    assert!(stopped.err.contains("reserved by green"), "{stopped:?}");
    // The names of others' reservations work anywhere; those of here need none.
    let refused = repo.pm(&["reserve", "release"]).exits(4);
    assert!(refused.err.contains("no live reservation"), "{refused:?}");
    there[1].pm(&["reserve", "release"]).ok();
    let left = repo.data(&["reserve", "list"])["items"].clone();
    assert_eq!(left.as_array().unwrap().len(), 1, "{left}");
    green.pm(&["reserve", "release", "--task", &ids[0]]).ok();
}
