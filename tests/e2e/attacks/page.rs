//! Attacks: the secrets of the page (h1).

use std::path::{Path, PathBuf};

use git_pm::internals::model::uid::sha256_hex;

use crate::serve::browser::tools;
use crate::serve::{Server, Session, token};
use crate::support::{Repo, Scene, agent, binary, set_up};

const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");

/// A task whose work an agent has submitted.
fn submitted(repo: &Repo) -> String {
    let id = repo.task("First", &["--path", "src/**"]);
    let bot = agent(repo);
    bot.pm(&["--as", "bot", "start", &id]).ok();
    let place = agent(&repo.worktree(&id));
    place.write("src/a.txt", "EVIL\n");
    place.commit_all("Work");
    place.pm(&["--as", "bot", "finish", &id]).ok();
    id
}

fn status(repo: &Repo, id: &str) -> String {
    let item = repo.data(&["show", id]);
    item["status"].as_str().unwrap().to_string()
}

/// A server started with `--open`, with a browser that only notes what it was given and waits.
struct Opened {
    server: Server,
    /// The `file:` URL that the browser was given.
    url: String,
    /// The browser goes on for as long as this file exists.
    given: PathBuf,
}

impl Opened {
    fn start(scene: &Scene, repo: &Repo, args: &[&str]) -> Opened {
        let bin = scene.dir.path().join("bin");
        let given = scene.dir.path().join("given");
        let temporary = scene.dir.path().join("tmp with space");
        std::fs::create_dir_all(&bin).unwrap();
        std::fs::create_dir_all(&temporary).unwrap();
        let browser = bin.join("xdg-open");
        let to = given.display();
        let script = format!(
            "#!/bin/sh\nprintf %s \"$1\" >'{to}.new'; mv '{to}.new' '{to}'\n\
             while [ -e '{to}' ]; do sleep 0.1; done\n"
        );
        std::fs::write(&browser, script).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(&browser, PermissionsExt::from_mode(0o755)).unwrap();
        }
        let path = std::env::var("PATH").unwrap();
        let repo = repo
            .with("PATH", &format!("{}:{path}", bin.display()))
            .with("TMPDIR", temporary.to_str().unwrap());
        let server = Server::start(&repo, &[&["--open"], args].concat());
        let url = loop {
            match std::fs::read_to_string(&given) {
                Ok(url) => break url,
                Err(_) => std::thread::sleep(std::time::Duration::from_millis(10)),
            }
        };
        Opened { server, url, given }
    }

    fn file(&self) -> PathBuf {
        let path = self.url.strip_prefix("file://").unwrap();
        PathBuf::from(path.replace("%20", " "))
    }

    /// The code in the file.
    fn code(&self) -> String {
        let text = std::fs::read_to_string(self.file()).unwrap();
        let (_, code) = text.split_once("/sign-in#").unwrap();
        code[..64].to_string()
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.given);
    }
}

/// Everything that someone with the cookie could send as the second secret.
fn guesses(session: &Session, token: &str) -> Vec<String> {
    let hash = |text: &str| sha256_hex(text.as_bytes());
    let value = session.cookie.split_once('=').unwrap().1;
    let mut all = vec![String::new(), "0".repeat(64)];
    for known in [value, token, &session.cookie] {
        let hashed = hash(known);
        all.extend([
            known.to_string(),
            hash(&format!("csrf {known}")),
            hash(&format!("csrf {hashed}")),
            hash(&hashed),
            hashed,
        ]);
    }
    all
}

/// The cookie reaches every port of its host, so whoever has it must not be able to change anything:
/// neither with what can be computed from it, nor with what the pages contain that it opens.
#[test]
fn h1_a_cookie_changes_nothing_whatever_is_computed_from_it() {
    let (_scene, repo) = set_up();
    let id = submitted(&repo);
    let boss = token(&repo, "boss", &["--scope", "approve"]);
    let server = Server::start(&repo, &[]);
    let session = server.sign_in(&format!("key={boss}"));
    let (host, cookie) = (("Host", server.host.as_str()), ("Cookie", &*session.cookie));
    let json = ("Content-Type", "application/json");
    let before = repo.git(&["rev-parse", "refs/pm/main"]).ok().out;
    for guess in guesses(&session, &boss) {
        let body = format!(r#"{{"id":"{id}","text":"x"}}"#);
        for path in ["/api/v1/task/approve", "/api/v1/task/comment"] {
            let headers = [host, cookie, json, ("X-CSRF-Token", &*guess)];
            let refused = server.ask("POST", path, &headers, &body);
            assert_eq!(refused.reason(403), "http.forbidden", "{path} {guess}");
        }
        let body = format!("text=x&verb=defer&title=x&csrf={guess}");
        for path in [
            "/items".to_string(),
            format!("/items/{id}/approve"),
            format!("/items/{id}/move"),
            format!("/items/{id}/comments"),
            format!("/items/{id}/set"),
            "/views".into(),
            "/undo".into(),
        ] {
            let refused = server.ask("POST", &path, &[host, cookie, FORM], &body);
            assert_eq!(refused.status, 403, "{path} {guess}");
        }
    }
    for path in [
        "/",
        "/list",
        "/activity",
        "/sign-in",
        &*format!("/items/{id}"),
    ] {
        let page = server.ask("GET", path, &[host, cookie], "");
        assert_eq!(page.status, 200, "{path}");
        assert!(!page.body.contains(&session.proof), "{path}");
    }
    assert_eq!(repo.git(&["rev-parse", "refs/pm/main"]).ok().out, before);
    // The proof of another session is not one, and neither half is enough.
    let other = server.sign_in(&format!("key={boss}"));
    assert_ne!(other.proof, session.proof);
    let path = format!("/items/{id}/approve");
    let body = format!("csrf={}", other.proof);
    assert_eq!(
        server
            .ask("POST", &path, &[host, cookie, FORM], &body)
            .status,
        403
    );
    assert_eq!(server.ask("POST", &path, &[host, FORM], &body).status, 401);
    assert_eq!(status(&repo, &id), "in_review");
    let body = format!("csrf={}", session.proof);
    let approved = server.ask("POST", &path, &[host, cookie, FORM], &body);
    assert_eq!(approved.status, 303, "{approved:?}");
    assert_eq!(status(&repo, &id), "ready_for_integration");
}

/// The names that all servers of a machine share do not serve the session, and the page's own name is
/// a new one at each start.
#[test]
fn h1_the_cookie_counts_only_at_the_pages_own_name() {
    let (_scene, repo) = set_up();
    let ana = token(&repo, "ana", &["--scope", "approve"]);
    let server = Server::start(&repo, &["--private"]);
    let (name, port) = server.host.rsplit_once(':').unwrap();
    assert!(
        name.starts_with("pm-") && name.ends_with(".localhost"),
        "{name}"
    );
    let session = server.sign_in(&format!("key={ana}"));
    let cookie = ("Cookie", session.cookie.as_str());
    let read = |host: &str| server.ask("GET", "/api/v1/list", &[("Host", host), cookie], "");
    assert_eq!(read(&server.host).status, 200);
    for shared in ["127.0.0.1", "localhost", "[::1]"] {
        let host = format!("{shared}:{port}");
        assert_eq!(read(&host).reason(401), "http.unauthorized", "{host}");
        let headers = [("Host", host.as_str()), FORM];
        let refused = server.ask("POST", "/sign-in", &headers, &format!("key={ana}"));
        assert_eq!(refused.status, 403, "{host}");
        assert!(refused.header("set-cookie").is_none());
        assert!(
            refused.body.contains("the page&#39;s own address"),
            "{refused:?}"
        );
        let form = server.ask("GET", "/sign-in", &[("Host", &*host)], "");
        assert!(!form.body.contains("name=\"key\""), "{form:?}");
        // Programs are not affected.
        let bearer = format!("Bearer {ana}");
        let headers = [("Host", host.as_str()), ("Authorization", &bearer)];
        assert_eq!(server.ask("GET", "/api/v1/list", &headers, "").status, 200);
    }
    let next = Server::start(&repo, &[]);
    assert_ne!(next.host.rsplit_once(':').unwrap().0, name);
    for other in ["evil.localhost", "pm-0.localhost", name] {
        let headers = [("Host", other)];
        let refused = next.ask("GET", "/api/v1/list", &headers, "");
        assert_eq!(refused.reason(421), "http.host", "{other}");
        assert!(refused.body.contains("that `git pm serve` printed"));
    }
}

/// A page of another origin sends nothing, not even a sign-in, and other ports of the same name are
/// other origins.
#[test]
fn h1_pages_of_other_ports_and_sites_send_nothing() {
    let (_scene, repo) = set_up();
    let ana = token(&repo, "ana", &[]);
    let server = Server::start(&repo, &[]);
    let session = server.sign_in(&format!("key={ana}"));
    let name = server.host.rsplit_once(':').unwrap().0;
    let same = format!("http://{}", server.host);
    let port = format!("http://{name}:3117");
    let (host, cookie) = (("Host", server.host.as_str()), ("Cookie", &*session.cookie));
    for (header, value, status) in [
        ("Origin", same.as_str(), 303),
        ("Origin", &port, 403),
        ("Origin", "http://127.0.0.1:3117", 403),
        ("Origin", "null", 403),
        ("Sec-Fetch-Site", "same-origin", 303),
        ("Sec-Fetch-Site", "same-site", 403),
        ("Sec-Fetch-Site", "cross-site", 403),
    ] {
        let headers = [host, cookie, FORM, (header, value)];
        let body = format!("title=x&csrf={}", session.proof);
        let sent = server.ask("POST", "/items", &headers, &body);
        assert_eq!(sent.status, status, "{header}: {value}");
        // Nor does one sign the user in as somebody else.
        let sent = server.ask("POST", "/sign-in", &headers, &format!("key={ana}"));
        assert_eq!(sent.status, status, "{header}: {value}");
    }
    // A link leads here; a picture or a frame does not read.
    let from = ("Sec-Fetch-Site", "same-site");
    let link = [host, cookie, from, ("Sec-Fetch-Mode", "navigate")];
    assert_eq!(server.ask("GET", "/", &link, "").status, 200);
    let picture = [host, cookie, from, ("Sec-Fetch-Mode", "no-cors")];
    assert_eq!(server.ask("GET", "/", &picture, "").status, 403);
}

/// The value in the cookie has nothing to do with the token, and ends with it.
#[test]
fn h1_signing_in_with_a_token_starts_a_session_of_its_own() {
    let (_scene, repo) = set_up();
    let ana = token(&repo, "ana", &["--scope", "write"]);
    let server = Server::start(&repo, &["--private"]);
    let session = server.sign_in(&format!("key={ana}"));
    let again = server.sign_in(&format!("key={ana}"));
    assert_ne!(session.cookie, again.cookie);
    let host = ("Host", server.host.as_str());
    let known = sha256_hex(ana.as_bytes());
    let (name, value) = session.cookie.split_once('=').unwrap();
    for secret in [value, &session.proof] {
        assert!(secret.len() == 64 && !ana.contains(secret) && known != secret);
    }
    let read = |cookie: &str| {
        let headers = [host, ("Cookie", cookie)];
        server.ask("GET", "/api/v1/list", &headers, "").status
    };
    // A token is no session.
    assert_eq!(read(&format!("{name}={ana}")), 401);
    assert_eq!((read(&session.cookie), read(&again.cookie)), (200, 200));
    let out = server.ask(
        "POST",
        "/sign-out",
        &[host, FORM, ("Cookie", &again.cookie)],
        "x=y",
    );
    assert_eq!(out.status, 303);
    assert_eq!((read(&session.cookie), read(&again.cookie)), (200, 401));
    repo.pm(&["serve", "token", "remove", "ana"]).ok();
    assert_eq!(read(&session.cookie), 401);
    // Another token under the same name does not bring the session back.
    token(&repo, "ana", &["--scope", "approve"]);
    assert_eq!(read(&session.cookie), 401);
    let headers = [host, ("Cookie", session.cookie.as_str())];
    let ended = server.ask("GET", "/list", &headers, "");
    assert!(ended.body.contains("the session has ended"), "{ended:?}");
}

/// What signs in is in a private file, which is gone once it was used, or the server has ended.
#[test]
#[cfg(target_os = "linux")]
fn h1_what_signs_in_is_in_no_command_line() {
    use std::os::unix::fs::PermissionsExt;
    let (scene, repo) = set_up();
    let id = submitted(&repo);
    let opened = Opened::start(&scene, &repo, &[]);
    let (server, file, code) = (&opened.server, opened.file(), opened.code());
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&file), mode(file.parent().unwrap())), (0o600, 0o700));
    let mut seen = 0;
    for process in std::fs::read_dir("/proc").unwrap().flatten() {
        for name in ["cmdline", "environ"] {
            let bytes = std::fs::read(process.path().join(name)).unwrap_or_default();
            let text = String::from_utf8_lossy(&bytes);
            assert!(
                !text.contains(&code),
                "{}: {text}",
                process.path().display()
            );
            seen += usize::from(name == "cmdline" && text.contains(&opened.url));
        }
    }
    assert!(seen > 0, "the browser is not running");
    // A wrong code spends nothing, the right one is good for one session of the person.
    let headers = [("Host", server.host.as_str()), FORM];
    let wrong = format!("code={}", "0".repeat(64));
    assert_eq!(server.ask("POST", "/sign-in", &headers, &wrong).status, 401);
    let right = format!("code={code}");
    let session = server.sign_in(&right);
    assert!(!file.exists() && !file.parent().unwrap().exists());
    assert_eq!(server.ask("POST", "/sign-in", &headers, &right).status, 401);
    let path = format!("/items/{id}/approve");
    let body = format!("csrf={}", session.proof);
    let headers = [headers[0], FORM, ("Cookie", session.cookie.as_str())];
    assert_eq!(server.ask("POST", &path, &headers, &body).status, 303);
    assert_eq!(status(&repo, &id), "ready_for_integration");
    drop(opened);
    // A link cannot sign anybody in, and unused files go with their server.
    let mut opened = Opened::start(&scene, &repo, &[]);
    let (file, code) = (opened.file(), opened.code());
    let linked = opened.server.get(&format!("/sign-in/{code}"));
    assert_eq!(linked.status, 404);
    assert!(file.exists());
    let server = std::mem::replace(&mut opened.server, Server::start(&repo, &[]));
    assert_eq!(server.end(), Some(0));
    assert!(!file.parent().unwrap().exists());
}

/// The same in Chromium: what another port of this machine is sent and can send, and that the page
/// itself approves.
#[test]
fn h1_another_port_in_a_real_browser_gets_no_proof_and_approves_nothing() {
    let Some(tools) = tools() else { return };
    let (scene, repo) = set_up();
    let id = submitted(&repo);
    let opened = Opened::start(&scene, &repo, &[]);
    let mut node = repo.command("node");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser/ports.mjs");
    node.arg(script)
        .env("GIT_PM_BROWSER_DIR", tools)
        .env("URL_OF_PAGE", &opened.server.url)
        .env("SIGN_IN", &opened.url)
        .env("TASK", &id)
        .env("GIT_PM", binary())
        .env("SERVED", &repo.path);
    let done = node.output().expect("node");
    let text = String::from_utf8_lossy(&done.stdout);
    let error = String::from_utf8_lossy(&done.stderr);
    assert!(
        done.status.success() && text.ends_with("done\n"),
        "{text}\n{error}"
    );
}
