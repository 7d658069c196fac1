//! The stream of events: nothing is missing and nothing is repeated, whatever happens to the server.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::{Server, token};
use crate::support::{Repo, set_up};

/// A reader of events.
struct Reader {
    lines: BufReader<TcpStream>,
}

impl Reader {
    fn open(server: &Server, query: &str, last: Option<&str>) -> Reader {
        let last = last.map_or(String::new(), |id| format!("Last-Event-ID: {id}\r\n"));
        Reader::of(server, &format!("/api/v1/events/stream{query}"), &last)
    }

    fn of(server: &Server, path: &str, headers: &str) -> Reader {
        let mut stream = TcpStream::connect(server.address).unwrap();
        let limit = Duration::from_secs(30);
        stream.set_read_timeout(Some(limit)).unwrap();
        let address = server.address;
        let head = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n{headers}\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        let mut reader = Reader {
            lines: BufReader::new(stream),
        };
        // The first part of the stream says that it is open.
        while !reader.line().expect("a stream").starts_with("retry:") {}
        reader
    }

    fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        match self.lines.read_line(&mut line) {
            Ok(1..) => Some(line.trim_end().to_string()),
            _ => None,
        }
    }

    /// The next event with its id; none at the end of the stream.
    fn next(&mut self) -> Option<(String, Value)> {
        let mut id = None;
        loop {
            let line = self.line()?;
            if let Some(text) = line.strip_prefix("id: ") {
                id = Some(text.to_string());
            } else if let Some(text) = line.strip_prefix("data: ") {
                return Some((id.expect("an id"), serde_json::from_str(text).unwrap()));
            }
        }
    }

    /// Events up to the one about the creation of the item with this title.
    fn until(&mut self, title: &str) -> Vec<(String, Value)> {
        let mut all = Vec::new();
        loop {
            let next = self
                .next()
                .unwrap_or_else(|| panic!("no {title} after {all:#?}"));
            let is_it = next.1.to_string().contains(title);
            all.push(next);
            if is_it {
                return all;
            }
        }
    }
}

/// The commits of the history after one, oldest first.
fn commits_since(repo: &Repo, from: &str) -> Vec<String> {
    let range = format!("{from}..refs/pm/main");
    let out = repo.git(&["rev-list", "--reverse", &range]).ok().out;
    out.lines().map(str::to_string).collect()
}

fn commits(events: &[(String, Value)]) -> Vec<String> {
    let mut all: Vec<String> = events
        .iter()
        .map(|(_, event)| event["commit"].as_str().unwrap().to_string())
        .collect();
    all.dedup();
    all
}

#[test]
fn in_17_a_change_of_another_process_is_seen_within_a_second() {
    let (_scene, repo) = set_up();
    repo.task("Draw the page", &[]);
    let server = Server::start(&repo, &[]);
    let mut all = Reader::open(&server, "", None);
    let stream = "Accept: text/event-stream\r\n";
    let mut claims = Reader::of(&server, "/api/v1/events?kind=claim", stream);
    let mut other = Reader::open(&server, "?item=T-1", None);
    repo.task("Another", &[]);
    let written = Instant::now();
    let (_, event) = all.next().unwrap();
    assert!(written.elapsed() < Duration::from_secs(1));
    assert_eq!(event["kind"], "item.created");
    assert_eq!(event["id"], "T-0002");
    repo.pm(&["task", "start", "T-1", "--no-worktree"]).ok();
    assert_eq!(claims.next().unwrap().1["kind"], "claim.taken");
    assert_eq!(other.next().unwrap().1["item"], "T-0001");
    let bad = server.get("/api/v1/events/stream?since=soon-ish");
    assert_eq!(bad.reason(400), "events.invalid_cursor");
    let bad = server.get("/api/v1/events/stream?kind=claims");
    assert_eq!(bad.reason(400), "events.invalid_kind");
    // The stream ends with the server.
    assert_eq!(server.end(), Some(0));
    while all.next().is_some() {}
}

/// Killed at any moment, the server loses nothing that it acknowledged, and a reader goes on from the
/// last event that it saw, at another server as well.
#[test]
fn in_17_readers_go_on_after_a_kill_without_gap_or_repeat() {
    let (_scene, repo) = set_up();
    repo.task("First", &[]);
    let start = repo
        .git(&["rev-parse", "refs/pm/main"])
        .ok()
        .out
        .trim()
        .to_string();
    let ana = token(&repo, "ana", &[]);
    let first = Server::start(&repo, &[]);
    let mut reader = Reader::open(&first, "", None);
    let mut seen = Vec::new();
    for n in 0..6 {
        let body = format!(r#"{{"title":"Over HTTP {n}"}}"#);
        let made = first.with(&ana, "POST", "/api/v1/task/create", &body);
        assert_eq!(made.status, 200, "{made:?}");
        repo.task(&format!("Beside it {n}"), &[]);
    }
    seen.extend(reader.until("Over HTTP 3"));
    first.kill();
    repo.task("While it was dead", &[]);
    let second = Server::start(&repo, &[]);
    let third = Server::start(&repo, &[]);
    let last = seen.last().unwrap().0.clone();
    let mut reader = Reader::open(&second, "", Some(&last));
    seen.extend(reader.until("While it was dead"));
    repo.task("Seen by the third", &[]);
    let last = seen.last().unwrap().0.clone();
    let mut reader = Reader::open(&third, "", Some(&last));
    seen.extend(reader.until("Seen by the third"));
    assert_eq!(commits(&seen), commits_since(&repo, &start));
    // From the middle of what was seen, the rest is the same.
    let middle = seen.len() / 2;
    let mut again = Reader::open(&third, "", Some(&seen[middle].0));
    let rest: Vec<Value> = again
        .until("Seen by the third")
        .into_iter()
        .map(|e| e.1)
        .collect();
    let expected: Vec<Value> = seen[middle + 1..].iter().map(|e| e.1.clone()).collect();
    let plain = |events: Vec<Value>| -> Vec<Value> {
        let without = |mut event: Value| {
            event["cursor"] = Value::Null;
            event
        };
        events.into_iter().map(without).collect()
    };
    assert_eq!(plain(rest), plain(expected));
}

/// Readers that come and go while others write see each commit once.
#[test]
fn in_17_many_readers_and_writers() {
    let (_scene, repo) = set_up();
    repo.task("First", &[]);
    let start = repo
        .git(&["rev-parse", "refs/pm/main"])
        .ok()
        .out
        .trim()
        .to_string();
    let tokens: Vec<String> = (0..3)
        .map(|n| token(&repo, &format!("w{n}"), &[]))
        .collect();
    let server = Server::start(&repo, &[]);
    let readers: Vec<Reader> = (0..20).map(|_| Reader::open(&server, "", None)).collect();
    let all: Vec<Vec<(String, Value)>> = std::thread::scope(|scope| {
        let reading: Vec<_> = readers
            .into_iter()
            .enumerate()
            .map(|(n, mut reader)| {
                let server = &server;
                scope.spawn(move || {
                    let mut seen = Vec::new();
                    while !seen.last().is_some_and(|(_, e): &(String, Value)| {
                        e.to_string().contains("The very last")
                    }) {
                        seen.push(reader.next().expect("an event"));
                        // Some lose their connection now and then.
                        if n % 4 == 0 && seen.len() % 5 == 0 {
                            let last = seen.last().unwrap().0.clone();
                            reader = Reader::open(server, "", Some(&last));
                        }
                    }
                    seen
                })
            })
            .collect();
        let writing: Vec<_> = tokens
            .iter()
            .map(|token| {
                let server = &server;
                scope.spawn(move || {
                    for n in 0..10 {
                        let body = format!(r#"{{"title":"Task {n}"}}"#);
                        let made = server.with(token, "POST", "/api/v1/task/create", &body);
                        assert_eq!(made.status, 200, "{made:?}");
                    }
                })
            })
            .collect();
        for thread in writing {
            thread.join().unwrap();
        }
        repo.task("The very last", &[]);
        reading
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    let expected = commits_since(&repo, &start);
    assert_eq!(expected.len(), 31);
    for seen in all {
        assert_eq!(commits(&seen), expected);
    }
}
