//! SE-12: who may do what over HTTP.

use super::{Server, token};
use crate::support::{agent, set_up};

/// What an answer says about access.
fn verdict(status: u16) -> &'static str {
    match status {
        401 => "sign in",
        403 => "no",
        421 => "other host",
        500.. => "broken",
        _ => "yes",
    }
}

/// Every route of the API with every kind of visitor. The routes come from the document, so that a
/// new one is in the table by itself.
#[test]
fn se_12_every_route_with_every_visitor() {
    let (_scene, repo) = set_up();
    repo.task("Draw the page", &[]);
    let tokens = [
        ("read", token(&repo, "reader", &["--scope", "read"])),
        ("write", token(&repo, "writer", &["--scope", "write"])),
        ("approve", token(&repo, "boss", &["--scope", "approve"])),
        (
            "agent",
            token(&repo, "bot", &["--scope", "write", "--agent"]),
        ),
    ];
    let open = Server::start(&repo, &[]);
    let private = Server::start(&repo, &["--private"]);
    let document = open.get("/api/v1/openapi.json").json();
    let mut seen = 0;
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let method = method.to_ascii_uppercase();
            // An object that does not exist, so that nothing changes whoever asks.
            let path = path
                .replace("{id}", "T-99999")
                .replace("{verb}", "stop")
                .replace("{name}", "none");
            let is_stream = path.ends_with("/events/stream");
            let path = if is_stream {
                path + "?since=not-a-cursor"
            } else {
                path
            };
            let text = operation["description"].as_str().unwrap_or_default();
            let needs = match () {
                () if operation["security"] == serde_json::json!([]) => "nothing",
                () if text.contains("approve") => "approve",
                () if text.contains("write") => "write",
                () => "read",
            };
            // Not valid, so that nothing is made.
            let body = if method == "GET" { "" } else { "[]" };
            for (server, is_private) in [(&open, false), (&private, true)] {
                let none = server.ask(&method, &path, &[], body).status;
                let expected = match needs {
                    "nothing" => "yes",
                    "read" if !is_private => "yes",
                    _ => "sign in",
                };
                assert_eq!(verdict(none), expected, "{method} {path} without a token");
                let wrong = format!("gitpm_{}", "0".repeat(64));
                let wrong = server.with(&wrong, &method, &path, body).status;
                assert_eq!(
                    verdict(wrong),
                    "sign in",
                    "{method} {path} with a wrong token"
                );
                for (visitor, token) in &tokens {
                    let status = server.with(token, &method, &path, body).status;
                    let may = match (needs, *visitor) {
                        ("approve", visitor) => visitor == "approve",
                        ("write", visitor) => visitor != "read",
                        _ => true,
                    };
                    let expected = if may { "yes" } else { "no" };
                    assert_eq!(
                        verdict(status),
                        expected,
                        "{method} {path} as {visitor}: {status}"
                    );
                }
                let (_, boss) = &tokens[2];
                let bearer = format!("Bearer {boss}");
                for foreign in ["http://evil.example", "null", "https://127.0.0.1:1"] {
                    let headers = [("Authorization", bearer.as_str()), ("Origin", foreign)];
                    let status = server.ask(&method, &path, &headers, body).status;
                    assert_eq!(verdict(status), "no", "{method} {path} from {foreign}");
                }
                let headers = [("Authorization", bearer.as_str()), ("Host", "evil.example")];
                let status = server.ask(&method, &path, &headers, body).status;
                assert_eq!(verdict(status), "other host", "{method} {path}");
            }
            seen += 1;
        }
    }
    assert!(seen > 40, "{seen} routes");
    assert_eq!(repo.data(&["list"])["items"].as_array().unwrap().len(), 1);
}

#[test]
fn se_12_tokens_are_listed_and_revoked() {
    let (_scene, repo) = set_up();
    // The name of git has another spelling, and would be another person.
    let told = repo
        .pm(&["serve", "token", "add", "ana", "--scope", "read", "--json"])
        .ok();
    assert!(
        told.out.contains("`ana` and `Ana` are two actors"),
        "{}",
        told.out
    );
    let ana = told.data()["token"].as_str().unwrap().to_string();
    let twice = repo.pm(&["serve", "token", "add", "ana"]).exits(3);
    assert!(
        twice.err.contains("ana already has a token"),
        "{}",
        twice.err
    );
    let listed = repo.pm(&["serve", "token", "list", "--json"]).ok().out;
    assert!(listed.contains("\"scope\":\"read\""), "{listed}");
    assert!(
        !listed.contains(&ana) && !listed.contains("sha256"),
        "{listed}"
    );
    // The value is nowhere on disk, and nobody else reads what is.
    let file = repo.path.join(".git/pm/serve-tokens.json");
    assert!(!std::fs::read_to_string(&file).unwrap().contains(&ana));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
    let server = Server::start(&repo, &["--private"]);
    assert_eq!(server.with(&ana, "GET", "/api/v1/list", "").status, 200);
    repo.pm(&["serve", "token", "remove", "ana"]).ok();
    let gone = server.with(&ana, "GET", "/api/v1/list", "");
    assert_eq!(gone.reason(401), "http.unauthorized");
    repo.pm(&["serve", "token", "remove", "ana"]).exits(4);
}

/// An agent can make tokens only for agents, and none that approves; the file of tokens decides
/// nothing about that.
#[test]
fn se_12_an_agent_gets_no_token_that_approves() {
    let (_scene, repo) = set_up();
    let bot = agent(&repo);
    bot.pm(&["serve", "token", "add", "x", "--scope", "approve"])
        .exits(1);
    repo.pm(&[
        "serve", "token", "add", "x", "--scope", "approve", "--agent",
    ])
    .exits(1);
    let made = bot.data(&["serve", "token", "add", "x", "--scope", "write"]);
    assert_eq!(made["agent"], true);
    let value = made["token"].as_str().unwrap();
    let file = repo.path.join(".git/pm/serve-tokens.json");
    let text = std::fs::read_to_string(&file)
        .unwrap()
        .replace("\"write\"", "\"approve\"");
    std::fs::write(&file, text).unwrap();
    repo.task("Draw the page", &[]);
    let server = Server::start(&repo, &[]);
    let refused = server.with(value, "POST", "/api/v1/task/approve", r#"{"id":"T-1"}"#);
    assert_eq!(refused.reason(403), "http.forbidden");
    let made = server.with(
        value,
        "POST",
        "/api/v1/task/create",
        r#"{"title":"By an agent"}"#,
    );
    assert_eq!(made.data()["created_by"], "x");
}

#[test]
fn se_12_other_addresses_need_a_token() {
    let (_scene, repo) = set_up();
    let refused = repo.pm(&["serve", "--listen", "0.0.0.0:0"]).exits(1);
    assert!(refused.err.contains("no tokens"), "{}", refused.err);
    let ana = token(&repo, "ana", &["--scope", "read"]);
    let mut server = Server::at(&repo, "0.0.0.0:0", &["--host", "pm.example.org"]);
    server.address.set_ip([127, 0, 0, 1].into());
    assert_eq!(server.get("/api/v1/list").status, 401);
    assert_eq!(server.with(&ana, "GET", "/api/v1/list", "").status, 200);
    let bearer = format!("Bearer {ana}");
    for (host, status) in [
        ("pm.example.org", 200),
        ("PM.example.org:7700", 200),
        ("pm.example.com", 421),
        ("[::1]:80", 200),
    ] {
        let headers = [("Authorization", bearer.as_str()), ("Host", host)];
        assert_eq!(
            server.ask("GET", "/api/v1/list", &headers, "").status,
            status,
            "{host}"
        );
    }
}

/// The page is used with a cookie, which browsers send for other pages, too.
#[test]
fn se_12_a_cookie_changes_nothing_without_the_proof_of_the_page() {
    let (_scene, repo) = set_up();
    let ana = token(&repo, "ana", &[]);
    let server = Server::start(&repo, &[]);
    let form = ("Content-Type", "application/x-www-form-urlencoded");
    let host = ("Host", server.host.as_str());
    let wrong = server.ask("POST", "/sign-in", &[form, host], "key=gitpm_wrong");
    assert_eq!(wrong.status, 401);
    let session = server.sign_in(&format!("key={ana}"));
    for part in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(session.attributes.contains(part), "{}", session.attributes);
    }
    let attributes = &session.attributes;
    assert!(!attributes.contains("Domain"), "{attributes}");
    let cookie = ("Cookie", session.cookie.as_str());
    let body = r#"{"title":"By a page"}"#;
    let send = |headers: &[_]| server.ask("POST", "/api/v1/task/create", headers, body);
    assert_eq!(send(&[host, cookie]).reason(403), "http.forbidden");
    assert_eq!(send(&[host, cookie, ("X-CSRF-Token", "0000")]).status, 403);
    let proof = ("X-CSRF-Token", session.proof.as_str());
    assert_eq!(send(&[host, cookie, proof]).status, 200);
    // The proof is not a key of its own.
    assert_eq!(send(&[host, proof]).status, 401);
    let read = server.ask("GET", "/api/v1/list", &[host, cookie], "");
    assert_eq!(read.status, 200);
    let in_url = server.get(&format!("/api/v1/list?token={ana}"));
    assert_eq!(in_url.reason(400), "http.token_in_url");
    // Behind a proxy with TLS, the cookie is for TLS only.
    let proxied = Server::start(&repo, &["--host", "pm.example.org"]);
    let headers = [
        form,
        ("Host", "pm.example.org"),
        ("Origin", "https://pm.example.org"),
    ];
    let signed = proxied.ask("POST", "/sign-in", &headers, &format!("key={ana}"));
    assert_eq!(signed.status, 303, "{signed:?}");
    assert!(signed.header("set-cookie").unwrap().ends_with("; Secure"));
}

/// Nothing that the server writes or answers holds a token.
#[test]
fn se_12_no_token_in_answers_and_logs() {
    let (_scene, repo) = set_up();
    let ana = token(&repo, "ana", &["--scope", "approve"]);
    let server = Server::start(&repo, &[]);
    let mut all = String::new();
    for path in [
        "/health",
        "/metrics",
        "/api/v1/status",
        "/api/v1/log",
        "/api/v1/openapi.json",
        "/nothing",
    ] {
        let answer = server.with(&ana, "GET", path, "");
        all += &format!("{}{}", answer.head, answer.body);
    }
    all += &server
        .with(&ana, "POST", "/api/v1/task/create", r#"{"title":"x"}"#)
        .body;
    all += &server.with(&ana, "POST", "/api/v1/task/create", "{").body;
    server.get(&format!("/api/v1/list?access_token={ana}"));
    let audit = std::fs::read_to_string(repo.path.join(".git/pm/serve-audit.jsonl")).unwrap();
    let lines: Vec<serde_json::Value> = audit
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines[0]["actor"], "ana");
    assert_eq!(lines[0]["status"], 200);
    assert_eq!(
        lines[0]["commit"],
        repo.git(&["rev-parse", "refs/pm/main"]).ok().out.trim()
    );
    assert!(!(all + &audit).contains(&ana));
}

/// TLS with the certificate of a file, checked by another program. The key is for this test alone.
#[test]
fn se_12_tls_from_files() {
    let (_scene, repo) = set_up();
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/tls");
    let file = |name: &str| folder.join(name).display().to_string();
    let (cert, key) = (file("cert.pem"), file("key.pem"));
    let server = Server::start(&repo, &["--cert", &cert, "--key", &key]);
    let url = format!("https://localhost:{}/health", server.address.port());
    let out = std::process::Command::new("curl")
        .args([
            "--silent",
            "--show-error",
            "--include",
            "--cacert",
            &cert,
            &url,
        ])
        .output()
        .expect("curl");
    let text = String::from_utf8_lossy(&out.stdout);
    assert!(
        text.contains("{\"ok\":true}"),
        "{text}{}",
        String::from_utf8_lossy(&out.stderr)
    );
    assert!(
        text.to_ascii_lowercase()
            .contains("strict-transport-security"),
        "{text}"
    );
    // Without TLS nothing is said.
    assert!(
        !server
            .raw(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
            .contains("ok")
    );
    let mixed = repo.pm(&[
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--cert",
        &key,
        "--key",
        &key,
    ]);
    assert!(mixed.exits(2).err.contains("for TLS"));
}
