//! `git pm serve --qr`: a phone signs in with what the terminal shows, and approves.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use crate::support::{Repo, agent, binary, set_up};

/// A server with TLS whose output is a terminal's; it ends with its value.
struct Shown {
    child: Child,
    /// The lines of the QR code.
    code: Vec<String>,
    /// The address below it.
    url: String,
}

impl Drop for Shown {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn file(name: &str) -> String {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/tls");
    folder.join(name).display().to_string()
}

fn shown(repo: &Repo, listen: &str, more: &[&str]) -> Shown {
    let (cert, key) = (file("cert.pem"), file("key.pem"));
    let mut child = repo
        .command(binary())
        .args(["serve", "--qr", "--listen", listen])
        .args(["--cert", &cert, "--key", &key])
        .args(more)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("git-pm starts");
    let out = BufReader::new(child.stdout.take().expect("a pipe"));
    let mut code = Vec::new();
    let mut url = String::new();
    for line in out.lines() {
        let line = line.expect("a line");
        if let Some((_, found)) = line.split_once("minutes: ") {
            url = found.to_string();
            break;
        }
        if line.contains(['█', '▀']) {
            code.push(line);
        }
    }
    Shown { child, code, url }
}

/// A request as a browser that trusts the certificate sends it: the status and the body.
fn curl(url: &str, args: &[&str]) -> (u16, String) {
    let out = Command::new("curl")
        .args(["--silent", "--show-error", "--cacert", &file("cert.pem")])
        .args(["--write-out", "\n%{http_code}"])
        .args(args)
        .arg(url)
        .output()
        .expect("curl");
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    let (body, status) = text.rsplit_once('\n').expect("a status");
    let shown = String::from_utf8_lossy(&out.stderr);
    (status.parse().expect("a status"), format!("{body}{shown}"))
}

#[test]
fn se_12_a_phone_signs_in_once_with_the_code_and_approves() {
    let (_scene, repo) = set_up();
    let id = repo.task("First", &["--path", "src/**"]);
    let bot = agent(&repo);
    bot.pm(&["--as", "bot", "start", &id]).ok();
    let place = agent(&repo.worktree(&id));
    place.write("src/a.txt", "One\n");
    place.commit_all("Work");
    place.pm(&["--as", "bot", "finish", &id]).ok();

    // It is reached from other machines, and there is no token.
    let server = shown(&repo, "0.0.0.0:0", &["--host", "localhost"]);
    let url = &server.url;
    let (page, code) = url.split_once("sign-in#").expect("a code");
    assert!(page.starts_with("https://localhost:"), "{url}");
    // Square, in half blocks, with its white border.
    let width = server.code[0].chars().count();
    assert_eq!(server.code.len(), width.div_ceil(2), "{:?}", server.code);
    assert!(
        server.code[0].chars().all(|c| c == '█'),
        "{:?}",
        server.code
    );

    assert_eq!(curl(&format!("{page}list"), &[]).0, 401);
    let jar = repo.path.join(".git/jar.txt").display().to_string();
    let sign_in = |code: &str| {
        let (accept, code) = ("Accept: application/json", format!("code={code}"));
        let args = ["--header", accept, "--data", &code, "--cookie-jar", &jar];
        curl(&format!("{page}sign-in"), &args)
    };
    assert_eq!(sign_in(&"0".repeat(64)).0, 401);
    let (status, body) = sign_in(code);
    assert_eq!(status, 200, "{body}");
    let signed: serde_json::Value = serde_json::from_str(&body).unwrap();
    let proof = format!("X-CSRF-Token: {}", signed["proof"].as_str().unwrap());
    assert_eq!(curl(&format!("{page}list"), &["--cookie", &jar]).0, 200);
    let approve = |proof: &str| {
        let json = "Content-Type: application/json";
        let body = format!(r#"{{"id":"{id}"}}"#);
        let args = ["--cookie", &jar, "--header", proof, "--header", json];
        let args = [&args[..], &["--data", &body]].concat();
        curl(&format!("{page}api/v1/task/approve"), &args)
    };
    assert_eq!(approve("X-None: 1").0, 403);
    let (status, body) = approve(&proof);
    assert_eq!(status, 200, "{body}");
    let item = repo.data(&["show", &id]);
    assert_eq!(item["status"], "ready_for_integration", "{item}");
    // Whoever saw the code later gets nothing.
    let (status, body) = sign_in(code);
    assert_eq!(status, 401);
    assert!(body.contains("already been used"), "{body}");
}

#[test]
fn se_12_a_phone_is_signed_in_over_tls_at_a_name_only() {
    let (_scene, repo) = set_up();
    let refused = |args: &[&str]| {
        let ran = repo.pm(&[&["serve", "--qr", "--json"], args].concat());
        let error = ran.exits(1).error();
        assert_eq!(error["reason"], "serve.phone", "{error}");
        error["hints"].to_string()
    };
    assert!(refused(&["--listen", "192.0.2.1:0"]).contains("--cert"));
    assert!(refused(&["--listen", "127.0.0.1:0"]).contains("--cert"));
    let (cert, key) = (file("cert.pem"), file("key.pem"));
    let tls = ["--listen", "0.0.0.0:0", "--cert", &cert, "--key", &key];
    assert!(refused(&tls).contains("--host"));
    // The code is in no JSON, which may be logged.
    let server = super::Server::start(&repo, &["--qr", "--cert", &cert, "--key", &key]);
    assert!(
        server.url.starts_with("https://127.0.0.1:"),
        "{}",
        server.url
    );
    drop(server);
    let server = shown(&repo, "127.0.0.1:0", &[]);
    assert!(
        server.url.starts_with("https://127.0.0.1:"),
        "{}",
        server.url
    );
}
