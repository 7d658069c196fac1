//! Bad input: what is too much, too slow, or not HTTP.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::{Server, token};
use crate::support::set_up;

#[test]
fn se_12_large_and_broken_requests_are_refused() {
    let (_scene, repo) = set_up();
    repo.task("Draw the page", &[]);
    let ana = token(&repo, "ana", &[]);
    let server = Server::start(&repo, &[]);
    let bearer = format!("Authorization: Bearer {ana}\r\n");
    // A hundred megabytes that are never sent: refused by what they say.
    let head = format!(
        "POST /api/v1/task/create HTTP/1.1\r\nHost: localhost\r\n{bearer}Content-Type: application/json\r\n\
         Content-Length: 104857600\r\n\r\n"
    );
    assert!(server.raw(head.as_bytes()).starts_with("HTTP/1.1 413"));
    // And without saying so.
    let head = format!(
        "POST /api/v1/task/create HTTP/1.1\r\nHost: localhost\r\n{bearer}Content-Type: application/json\r\n\
         Transfer-Encoding: chunked\r\n\r\n"
    );
    let mut stream = TcpStream::connect(server.address).unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x10000));
    let mut sent = 0;
    // The server answers and closes before all is sent.
    while sent < 1600 && stream.write_all(chunk.as_bytes()).is_ok() {
        sent += 1;
    }
    assert!(sent < 1600, "a hundred megabytes were read");
    for (body, reason) in [
        ("{", "arguments.invalid"),
        (r#"{"title":"x","colour":"red"}"#, "arguments.invalid"),
        (r#"{"title":7}"#, "arguments.invalid"),
        (
            r#"{"title":"x","priority":9999999999}"#,
            "arguments.invalid",
        ),
        (r#"{"title":"x","estimate":"dragon"}"#, "arguments.invalid"),
    ] {
        let answer = server.with(&ana, "POST", "/api/v1/task/create", body);
        assert_eq!(answer.reason(400), reason, "{body}");
    }
    let edit = [("Authorization", "Bearer \u{fc}"), ("If-Match", "\u{fc}")];
    assert_eq!(
        server.ask("POST", "/api/v1/task/edit", &edit, "{}").status,
        401
    );
    let bearer = format!("Bearer {ana}");
    let edit = [("Authorization", bearer.as_str()), ("If-Match", "\u{fc}")];
    assert_eq!(
        server
            .ask(
                "POST",
                "/api/v1/task/edit",
                &edit,
                r#"{"id":"T-1","title":"y"}"#
            )
            .status,
        412
    );
    for head in [
        "GET http://evil.example/health HTTP/1.1\r\nHost: localhost",
        "GET /health HTTP/1.1\r\nHost: localhost\r\nHost: evil.example",
        "GET /health HTTP/1.1\r\nHost:",
        "GET /health HTTP/1.0",
    ] {
        let answer = server.raw(format!("{head}\r\nConnection: close\r\n\r\n").as_bytes());
        assert!(answer.contains(" 421 "), "{head}: {answer}");
    }
    let deep = "[".repeat(100_000);
    assert_eq!(
        server
            .with(&ana, "POST", "/api/v1/task/create", &deep)
            .status,
        400
    );
    let authorization = format!("Bearer {ana}");
    let headers = [
        ("Authorization", authorization.as_str()),
        ("Content-Type", "text/plain"),
    ];
    let answer = server.ask("POST", "/api/v1/task/create", &headers, "{}");
    assert_eq!(answer.reason(415), "http.content_type");
    for path in [
        "/api/v1/items/..%2f..%2fetc%2fpasswd",
        "/api/v1/items/%00",
        "/api/v1/items/T-1/artifacts/..%2f..%2fconfig",
        "/api/v1/plans/%ff",
        "/../../etc/passwd",
        "/api/v1/list?limit=-1",
        "/api/v1/list?query=%28",
    ] {
        let status = server.get(path).status;
        assert!((400..500).contains(&status), "{path}: {status}");
    }
    assert!(
        server.raw(b"\x16\x03\x01\x02\x00\x01").is_empty() || server.get("/health").status == 200
    );
    assert_eq!(server.get("/health").status, 200);
    assert_eq!(repo.data(&["list"])["items"].as_array().unwrap().len(), 1);
}

/// A client that never ends its request is let go, and keeps nobody else waiting.
#[test]
fn se_12_slow_clients_are_let_go() {
    let (_scene, repo) = set_up();
    let server = Server::start(&repo, &[]);
    let mut slow: Vec<TcpStream> = (0..100)
        .map(|_| {
            let mut stream = TcpStream::connect(server.address).unwrap();
            stream
                .write_all(b"GET /health HTTP/1.1\r\nHost: loc")
                .unwrap();
            stream
        })
        .collect();
    let start = Instant::now();
    assert_eq!(server.get("/health").status, 200);
    assert!(start.elapsed() < Duration::from_secs(2));
    let one = &mut slow[0];
    one.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let mut rest = Vec::new();
    let _ = one.read_to_end(&mut rest);
    assert!(
        start.elapsed() < Duration::from_secs(25),
        "the connection stays open"
    );
}

#[test]
fn se_12_a_rate_is_kept() {
    let (_scene, repo) = set_up();
    let server = Server::start(&repo, &["--rate", "2"]);
    let all: Vec<u16> = (0..8).map(|_| server.get("/health").status).collect();
    assert!(all.contains(&429), "{all:?}");
    let refused = server.get("/health");
    assert_eq!(refused.header("retry-after"), Some("1"));
}

/// A server that cannot listen says so.
#[test]
fn se_12_an_address_that_is_taken() {
    let (_scene, repo) = set_up();
    let server = Server::start(&repo, &[]);
    let address = server.address.to_string();
    let second = repo.pm(&["serve", "--listen", &address]).exits(5);
    assert!(second.err.contains("cannot listen"), "{}", second.err);
    // A name is as good as a number.
    let named = Server::at(&repo, "localhost:0", &[]);
    assert!(named.address.ip().is_loopback());
    let unknown = repo.pm(&["serve", "--listen", "no port"]).exits(2);
    assert!(unknown.err.contains("--listen"), "{}", unknown.err);
}

/// A service manager sees a process that ends, and no line of a log for each request and look.
#[test]
fn a_server_whose_repository_is_gone_ends() {
    let (_scene, repo) = set_up();
    let server = Server::start(&repo, &[]);
    std::fs::rename(&repo.path, repo.path.with_extension("moved")).unwrap();
    assert_eq!(server.ended(), Some(5));
}
