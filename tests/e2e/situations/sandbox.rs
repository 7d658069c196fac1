//! What surrounds git: keys and hooks in the home folder of a sandboxed agent, programs between git
//! pm and the person, several addresses of one remote, and servers that take no push.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::run::stage::Stage;
use crate::support::{Repo, Scene, binary, script_file};

/// Commits a change, and says how that ended.
const COMMIT: &str = "echo x >>README.md; git commit -qam x; echo commit rc=$?\n";

/// A stage whose home folder agents see no more of than usual.
pub(super) fn stage_with_closed_home(prepare: impl Fn(&Repo)) -> Stage {
    let scene = Scene::new();
    let repo = scene.repo("a");
    prepare(&repo);
    repo.pm(&["init"]).ok();
    let out = scene.dir.path().canonicalize().unwrap().join("out");
    let out = out.to_str().unwrap().to_string();
    repo.git(&["config", "pm.sandboxRead", &out]).ok();
    Stage::of(scene, repo)
}

pub(super) fn home(repo: &Repo) -> PathBuf {
    repo.path.parent().unwrap().join("home")
}

fn global(repo: &Repo, key: &str, value: &str) {
    repo.git(&["config", "--global", key, value]).ok();
}

// charmbracelet/crush#3102, google-gemini/gemini-cli#1827
#[test]
fn a_signing_key_outside_of_the_sandbox_is_named_before_the_run_and_in_its_failure() {
    let stage = stage_with_closed_home(|repo| {
        std::fs::create_dir_all(home(repo).join(".ssh")).unwrap();
        let key = home(repo).join(".ssh/k").display().to_string();
        repo.run("ssh-keygen", &["-q", "-t", "ed25519", "-N", "", "-f", &key])
            .ok();
        global(repo, "gpg.format", "ssh");
        global(repo, "user.signingKey", &format!("{key}.pub"));
        global(repo, "commit.gpgSign", "true");
    });
    let key = home(&stage.repo).join(".ssh/k").display().to_string();
    let opens = format!("git config --add pm.sandboxRead {key}");
    stage.repo.task("One", &[]);
    let ran = stage.run(&format!("cat '{key}' && echo KEY READ\n{COMMIT}"), &[]);
    assert!(
        ran.err.contains("git config commit.gpgSign false"),
        "{ran:?}"
    );
    assert!(ran.err.contains(&opens), "{ran:?}");
    let log = stage.repo.pm(&["logs", "T-0001"]).ok().out;
    assert!(log.contains("commit rc=128"), "{log}");
    assert!(!log.contains("KEY READ"), "{log}");
    let reason = stage.task("T-0001")["reason"].to_string();
    assert!(reason.contains(&opens), "{reason}");
    // So does the failure of an agent that ends with the code of its commit.
    stage.repo.task("Two", &[]);
    stage.run("git commit -q --allow-empty -m x", &["--only", "T-0002"]);
    let reason = stage.task("T-0002")["reason"].to_string();
    assert!(reason.contains(&opens), "{reason}");
    // The setting works, and nothing is said then.
    stage
        .repo
        .git(&["config", "--add", "pm.sandboxRead", &key])
        .ok();
    stage.repo.task("Three", &[]);
    let ran = stage.run(COMMIT, &["--only", "T-0003"]);
    assert!(!ran.err.contains("gpgSign"), "{ran:?}");
    let branch = stage.repo.data(&["show", "T-0003"])["branch"].clone();
    let commit = stage
        .repo
        .git(&["cat-file", "commit", branch.as_str().unwrap()])
        .ok();
    assert!(commit.out.contains("gpgsig"), "{}", commit.out);
}

// Of the same kind: what git-lfs stores, other worktrees rely on, so it is read-only to agents.
#[test]
fn a_run_names_the_setting_with_which_agents_add_files_to_git_lfs() {
    let stage = stage_with_closed_home(|repo| {
        std::fs::create_dir_all(repo.path.join(".git/lfs/objects")).unwrap();
    });
    let lfs = stage.repo.path.canonicalize().unwrap().join(".git/lfs");
    let opens = format!("git config --add pm.sandboxWrite {}", lfs.display());
    stage.repo.task("One", &[]);
    let ran = stage.run(COMMIT, &[]);
    assert!(ran.err.contains(&opens), "{ran:?}");
}

// gastownhall/beads#2414, ptarmiganlabs/butler-sos#1488
#[test]
fn hooks_of_the_user_run_in_the_sandbox_and_nothing_else_of_the_home_folder_is_shown() {
    let stage = stage_with_closed_home(|repo| {
        let hooks = home(repo).join(".config/git/hooks");
        std::fs::create_dir_all(&hooks).unwrap();
        std::fs::create_dir_all(home(repo).join("dotfiles")).unwrap();
        std::fs::write(home(repo).join("dotfiles/secret"), "key\n").unwrap();
        let file = home(repo).join("dotfiles/pre-commit");
        script_file(&file, "echo the hook of the user runs >&2\n");
        std::os::unix::fs::symlink(&file, hooks.join("pre-commit")).unwrap();
        global(repo, "core.hooksPath", hooks.to_str().unwrap());
    });
    let secret = home(&stage.repo).join("dotfiles/secret");
    stage.repo.task("One", &[]);
    let script = format!("cat '{}' && echo SECRET READ\n{COMMIT}", secret.display());
    stage.run(&script, &[]);
    let log = stage.repo.pm(&["logs", "T-0001"]).ok().out;
    assert!(log.contains("the hook of the user runs"), "{log}");
    assert!(log.contains("commit rc=0"), "{log}");
    assert!(!log.contains("SECRET READ"), "{log}");
}

// A folder of hooks that has the home folder opens nothing of it.
#[test]
fn a_folder_of_hooks_that_is_the_home_folder_is_not_opened() {
    let stage = stage_with_closed_home(|repo| {
        std::fs::write(home(repo).join("secret"), "key\n").unwrap();
        global(repo, "core.hooksPath", home(repo).to_str().unwrap());
    });
    let secret = home(&stage.repo).join("secret");
    stage.repo.task("One", &[]);
    let script = format!("cat '{}' && echo SECRET READ\n{COMMIT}", secret.display());
    stage.run(&script, &[]);
    let log = stage.repo.pm(&["logs", "T-0001"]).ok().out;
    assert!(log.contains("commit rc=0"), "{log}");
    assert!(!log.contains("SECRET READ"), "{log}");
}

// jesseduffield/lazygit#4586, chmouel/lazyworktree#53
#[test]
fn nothing_asks_for_a_password_on_the_board() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.task("One", &[]);
    a.pm(&["sync"]).ok();
    let ssh = scene.dir.path().join("ssh");
    let asks = "exec 3<>/dev/tty || { echo 'ssh: no terminal' >&2; exit 255; }\n\
                printf 'PASSPHRASE-PROMPT: ' >&3; read -r x <&3; exit 255\n";
    script_file(&ssh, asks);
    let url = format!("ssh://host{}", hub.path.display());
    a.git(&["remote", "set-url", "origin", &url]).ok();
    a.git(&["config", "core.sshCommand", ssh.to_str().unwrap()])
        .ok();
    let line = format!(
        "(sleep 2; printf s; sleep 4; printf q; sleep 1) | \
         script -qec \"stty rows 24 cols 100; exec '{}' board\" /dev/null",
        binary()
    );
    let screen = a.run("sh", &["-c", &line]).ok().out;
    assert!(
        screen.contains("`git pm sync` outside of the board"),
        "{screen}"
    );
    assert!(!screen.contains("PASSPHRASE-PROMPT"), "{screen}");
}

// eddie-energy/eddie#1516, theopenconversationkit/tock#1895, status-im/nimbus-eth2#8830
#[test]
fn proxies_are_told_not_to_collect_events_and_programs_where_the_api_is() {
    let scene = Scene::new();
    let (_, a) = scene.with_hub();
    let mut server = a
        .command(binary())
        .args(["serve", "--listen", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(server.stdout.take().unwrap()).lines();
    let said: Vec<String> = lines.take(2).map(Result::unwrap).collect();
    let base = said[1].strip_prefix("API for programs: http://").unwrap();
    let (host, path) = base.split_once('/').unwrap();
    let mut client = TcpStream::connect(host).unwrap();
    write!(
        client,
        "GET /{path}events/stream HTTP/1.1\r\nHost: {host}\r\n\r\n"
    )
    .unwrap();
    let head = BufReader::new(client).lines().map(Result::unwrap);
    let head: Vec<String> = head.take_while(|line| !line.is_empty()).collect();
    server.kill().unwrap();
    server.wait().unwrap();
    assert!(head[0].contains("200"), "{head:?}");
    for wanted in ["x-accel-buffering: no", "cache-control: no-cache"] {
        assert!(head.iter().any(|line| line == wanted), "{head:?}");
    }
}

/// The intents that are left.
fn intents(repo: &Repo) -> usize {
    let folder = std::fs::read_dir(repo.path.join(".git/pm/intents"));
    folder.map_or(0, Iterator::count)
}

// tschaub/gh-pages#153
#[test]
fn a_push_url_that_fails_is_named_until_it_has_the_state() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let second = scene.bare("second.git");
    let base = format!("url.{}/.insteadOf", scene.dir.path().display());
    a.git(&["config", &base, "mirror:"]).ok();
    let add = ["remote", "set-url", "--add", "origin", "mirror:second.git"];
    a.git(&add).ok();
    a.task("One", &[]);
    let said = a.pm(&["sync"]).ok();
    assert!(!said.err.contains("other URL"), "{said:?}");
    assert_eq!(second.tip("refs/pm/main"), a.tip("refs/pm/main"));
    // While it is down, the state is at the first one, and every sync says so.
    let gone = scene.dir.path().join("gone");
    std::fs::rename(&second.path, &gone).unwrap();
    a.task("Two", &[]);
    for _ in 0..2 {
        let said = a.pm(&["sync"]).ok();
        assert!(said.err.contains("mirror:second.git"), "{said:?}");
        assert_eq!(hub.tip("refs/pm/main"), a.tip("refs/pm/main"));
    }
    std::fs::rename(&gone, &second.path).unwrap();
    a.pm(&["sync"]).ok();
    assert_eq!(second.tip("refs/pm/main"), a.tip("refs/pm/main"));
    // Commits that only the second one has are named, not overwritten and not waited for.
    let foreign = hub.git(&["rev-parse", "main"]).ok().text();
    second
        .git(&["fetch", "-q", hub.path.to_str().unwrap(), "main"])
        .ok();
    second.git(&["update-ref", "refs/pm/main", &foreign]).ok();
    a.task("Three", &[]);
    let said = a.pm(&["sync"]).ok();
    assert!(said.err.contains("it has other commits"), "{said:?}");
    assert_eq!(second.tip("refs/pm/main"), foreign);
}

// A first URL that only takes pushes is no reason to ask it whether they arrived.
#[test]
fn of_several_push_urls_the_one_that_is_fetched_from_decides() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    for url in ["/nonexistent/second.git", "../hub.git"] {
        a.git(&["config", "--add", "remote.origin.pushurl", url])
            .ok();
    }
    a.task("One", &[]);
    let said = a.pm(&["start", "T-0001"]).ok();
    assert!(said.err.contains("/nonexistent/second.git"), "{said:?}");
    assert_eq!(hub.tip("refs/pm/main"), a.tip("refs/pm/main"));
}

/// A server for the repositories of a folder, which answers the push itself with this status.
/// Returns its URL.
fn git_server(folder: &std::path::Path, status: u16) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let folder = folder.to_path_buf();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let _ = answer(stream, &folder, status);
        }
    });
    url
}

fn answer(stream: TcpStream, folder: &std::path::Path, status: u16) -> std::io::Result<()> {
    let mut reader = BufReader::new(&stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head)? > 0 {}
    let value = |name: &str| {
        let lines = head.lines().filter_map(|line| line.split_once(": "));
        let mut found = lines.filter(|(one, _)| one.eq_ignore_ascii_case(name));
        found.next().map_or("", |(_, value)| value)
    };
    let mut body = vec![0; value("Content-Length").parse().unwrap_or(0)];
    reader.read_exact(&mut body)?;
    let mut words = head.split(' ');
    let (method, target) = (words.next().unwrap(), words.next().unwrap_or("/"));
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    if path.ends_with("/git-receive-pack") {
        let text =
            format!("HTTP/1.1 {status} No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        return (&stream).write_all(text.as_bytes());
    }
    let mut backend = Command::new("git")
        .arg("http-backend")
        .env("GIT_PROJECT_ROOT", folder)
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env("PATH_INFO", path)
        .env("QUERY_STRING", query)
        .env("REQUEST_METHOD", method)
        .env("CONTENT_TYPE", value("Content-Type"))
        .env("CONTENT_LENGTH", body.len().to_string())
        .env("HTTP_CONTENT_ENCODING", value("Content-Encoding"))
        .env("GIT_PROTOCOL", value("Git-Protocol"))
        .env("REMOTE_USER", "ana")
        .env("REMOTE_ADDR", "127.0.0.1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    backend.stdin.take().unwrap().write_all(&body)?;
    let output = backend.wait_with_output()?.stdout;
    (&stream).write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n")?;
    (&stream).write_all(&output)
}

// go-gitea/gitea#32839, sameersbn/docker-gitlab#1522, bundlewrap/bundlewrap#521
#[test]
fn a_push_that_a_server_does_not_take_names_its_status_and_leaves_no_intent() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    hub.git(&["config", "http.receivepack", "true"]).ok();
    a.task("One", &[]);
    let served = |status| {
        let url = git_server(scene.dir.path(), status) + "/hub.git";
        a.git(&["remote", "set-url", "origin", &url]).ok();
        let said = a.pm(&["sync"]).exits(6);
        format!("{}{}", said.out, said.err)
    };
    let said = served(413);
    assert!(said.contains("HTTP 413"), "{said}");
    assert!(said.contains("client_max_body_size"), "{said}");
    assert!(!said.contains("unknown"), "{said}");
    assert_eq!(intents(&a), 0);
    let said = served(403);
    assert!(
        said.contains("denied the push: RPC failed; HTTP 403"),
        "{said}"
    );
    assert_eq!(intents(&a), 0);
    // A server that fails may have taken it; that is noted once, however often it is tried.
    for _ in 0..2 {
        let said = served(500);
        assert!(said.contains("unknown whether it arrived"), "{said}");
        assert!(said.contains("HTTP 500"), "{said}");
        assert_eq!(intents(&a), 1);
    }
    a.git(&["remote", "set-url", "origin", "../hub.git"]).ok();
    a.pm(&["sync"]).ok();
    assert_eq!(intents(&a), 0);
}

// bundlewrap/bundlewrap#521
#[test]
fn a_push_url_that_leads_nowhere_is_no_lost_connection() {
    let scene = Scene::new();
    let (_, a) = scene.with_hub();
    a.git(&["config", "remote.origin.pushurl", "DISABLED"]).ok();
    a.task("One", &[]);
    let said = a.pm(&["sync"]).exits(6);
    let said = format!("{}{}", said.out, said.err);
    assert!(said.contains("nothing could be pushed to origin"), "{said}");
    assert!(said.contains("'DISABLED'"), "{said}");
    assert_eq!(intents(&a), 0);
}

// RyderFreeman4Logos/cli-sub-agent#1245
#[test]
fn hooks_that_were_there_before_git_pm_run_in_the_sandbox() {
    let stage = stage_with_closed_home(|repo| {
        let hook = repo.path.join(".git/hooks/pre-commit");
        script_file(&hook, "echo not like this >&2; exit 1\n");
    });
    stage.repo.task("One", &[]);
    stage.run(COMMIT, &[]);
    let log = stage.repo.pm(&["logs", "T-0001"]).ok().out;
    assert!(
        log.contains("not like this") && log.contains("commit rc=1"),
        "{log}"
    );
}
