//! When news are sent, in which form, by which clone, and what is not in them.

use serde_json::json;

use super::{Server, block, lines, rule, send};
use crate::support::{Repo, Scene, forge, script_file, set_up};

/// A task whose title another program has written, with a line break.
fn task_of_two_lines(repo: &Repo, title: &str) {
    repo.task("Title", &[]);
    let path = forge::path_of(repo, "T-0001");
    let text =
        forge::read(repo, &path).replacen("title: Title", &format!("title: {}", json!(title)), 1);
    forge::put(repo, &path, text.as_bytes());
}

#[test]
fn in_22_each_channel_gets_its_own_form() {
    let (_scene, repo) = set_up();
    let repo = repo.when("2026-11-28T12:00:00Z");
    let server = Server::start();
    repo.pm(&["config", "pm.pageUrl", "https://pm.example.org/"])
        .ok();
    for to in ["discord", "ntfy", "slack", "webhook"] {
        rule(&repo, to, to, &server, &["--on", "blocked"]);
    }
    let title = "Fix @everyone <!channel> & [a](http://b) *x*\nBcc: all";
    task_of_two_lines(&repo, title);
    block(&repo, "T-1");
    let sent = send(&repo);
    assert!(sent.iter().all(|one| one["status"] == "sent"), "{sent:?}");
    let all = server.take();
    let [discord, ntfy, slack, webhook] = &all[..] else {
        panic!("{all:?}")
    };
    assert_eq!(discord.path, "/hook/discord-key");
    assert_eq!(discord.header("content-type"), Some("application/json"));
    let url = "https://pm.example.org/items/T-0001";
    let text = format!(
        "git pm: a\nT-0001 Fix \\@everyone \\<!channel\\> & \\[a\\]\\(http://b\\) \\*x\\* Bcc: all: \
         blocked: waits for the key \\(Ana\\) <{url}>"
    );
    let wanted = json!({ "content": text, "allowed_mentions": { "parse": [] } });
    assert_eq!(discord.json(), wanted);
    let title = "Fix @everyone <!channel> & [a](http://b) *x* Bcc: all";
    assert_eq!(ntfy.header("title"), Some("git pm: a"));
    assert_eq!(
        ntfy.body,
        format!("T-0001 {title}: blocked: waits for the key (Ana) {url}")
    );
    let text = format!(
        "git pm: a\nT-0001 Fix @everyone &lt;!channel&gt; &amp; [a](http://b) *x* Bcc: all: \
         blocked: waits for the key (Ana) {url}"
    );
    assert_eq!(slack.json(), json!({ "text": text }));
    let event = json!({
        "kind": "blocked", "id": "T-0001", "title": title, "what": "blocked: waits for the key", "who": "Ana",
        "at": "2026-11-28T12:00:00Z", "url": url,
    });
    let wanted = json!({ "project": "a", "rule": "webhook", "events": [event], "more": 0 });
    assert_eq!(webhook.json(), wanted);
    assert_eq!(send(&repo)[0]["status"], "nothing");
    assert!(server.take().is_empty());
}

#[test]
fn in_22_mail_and_the_desktop_are_reached_by_programs() {
    let (scene, repo) = set_up();
    let bin = scene.dir.path().join("bin");
    std::fs::create_dir_all(&bin).unwrap();
    let told = |name: &str| std::fs::read_to_string(bin.join(name)).unwrap();
    for name in ["sendmail", "notify-send", "osascript"] {
        let script = format!(
            "for a in \"$@\"; do echo \"[$a]\"; done >> '{0}/{name}.told'\ncat >> '{0}/{name}.told'\n",
            bin.display()
        );
        script_file(&bin.join(name), &script);
    }
    let path = std::env::var("PATH").unwrap();
    let repo = repo.with("PATH", &format!("{}:{path}", bin.display()));
    repo.pm(&[
        "notify",
        "add",
        "post",
        "--to",
        "mail",
        "ana@example.org",
        "--on",
        "*",
    ])
    .ok();
    repo.pm(&["notify", "add", "here", "--to", "desktop", "--on", "*"])
        .ok();
    task_of_two_lines(&repo, "Grüße <b>\nBcc: eve@example.org");
    block(&repo, "T-1");
    let sent = send(&repo);
    assert!(sent.iter().all(|one| one["status"] == "sent"), "{sent:?}");
    assert_eq!(
        told("sendmail.told"),
        "[-t]\n[-i]\nTo: ana@example.org\nSubject: git pm: a\nAuto-Submitted: auto-generated\n\
         MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\
         Content-Transfer-Encoding: 8bit\n\n\
         git pm: a\nT-0001 Grüße <b> Bcc: eve@example.org: blocked: waits for the key (Ana)\n"
    );
    let body = "T-0001 Grüße &lt;b&gt; Bcc: eve@example.org: blocked: waits for the key (Ana)";
    if cfg!(target_os = "linux") {
        let wanted = format!("[--]\n[git pm: a]\n[{body}]\n");
        assert_eq!(told("notify-send.told"), wanted);
    }
    // An address that is not one, or several.
    for wrong in [
        "ana",
        "-bs@example.org",
        "ana@example.org,eve@example.org",
        "a@b\nBcc: c@d",
    ] {
        let args = [
            "--json", "notify", "add", "x", "--to", "mail", "--on", "*", "--", wrong,
        ];
        let refused = repo.pm(&args).exits(2).error();
        assert_eq!(refused["reason"], "notify.invalid", "{wrong}");
        assert!(!refused.to_string().contains("example.org,"), "{refused}");
    }
    script_file(
        &bin.join("sendmail"),
        "echo ana@example.org is unknown >&2; exit 67\n",
    );
    block(&repo, &repo.task("Two", &[]));
    let failed = send(&repo)
        .into_iter()
        .find(|one| one["rule"] == "post")
        .unwrap();
    assert_eq!(failed["status"], "failed");
    assert_eq!(failed["reason"], "sendmail failed with exit code 67");
}

#[test]
fn in_22_news_are_one_message_with_a_limit() {
    let (_scene, repo) = set_up();
    let server = Server::start();
    rule(&repo, "team", "slack", &server, &["--on", "blocked"]);
    rule(&repo, "chat", "discord", &server, &["--on", "blocked"]);
    let title = "A long title ".repeat(20);
    let create = |n| json!({ "op": "task.create", "title": format!("{n} {title}") });
    let block = |n| json!({ "op": "task.block", "id": format!("T-{n}"), "reason": "x" });
    let lines = (1..=25).map(create).chain((1..=25).map(block));
    let batch: String = lines.map(|line| format!("{line}\n")).collect();
    repo.feed(crate::support::binary(), &["batch"], &batch).ok();
    send(&repo);
    let all = server.take();
    assert_eq!(all.len(), 2);
    let chat = all[0].json()["content"].as_str().unwrap().to_string();
    assert!(chat.chars().count() <= 2_000, "{}", chat.len());
    let told = chat.lines().filter(|line| line.starts_with("T-")).count();
    assert!(
        chat.ends_with(&format!("\nand {} more", 25 - told)),
        "{chat}"
    );
    let team = all[1].json()["text"].as_str().unwrap().to_string();
    let lines: Vec<&str> = team.lines().collect();
    assert_eq!((lines.len(), lines[21]), (22, "and 5 more"), "{team}");
    assert!(
        lines.iter().all(|line| line.chars().count() < 160),
        "{team}"
    );
}

#[test]
fn in_22_news_wait_for_the_end_of_the_quiet_hours() {
    let (_scene, repo) = set_up();
    let server = Server::start();
    rule(
        &repo,
        "team",
        "slack",
        &server,
        &["--on", "blocked", "--quiet-hours", "22:00-07:00"],
    );
    // The time zone of the machine counts.
    let at = |now: &str| repo.with("TZ", "UTC-2").when(now);
    for (n, now) in ["2026-11-28T20:00:00Z", "2026-11-29T04:59:00Z"]
        .iter()
        .enumerate()
    {
        let id = repo.task("Night", &[]);
        assert_eq!(id, format!("T-000{}", n + 1));
        block(&repo, &id);
        assert_eq!(send(&at(now))[0]["status"], "quiet");
    }
    assert!(server.take().is_empty());
    assert_eq!(send(&at("2026-11-29T05:00:00Z"))[0]["status"], "sent");
    assert_eq!(
        lines(&server),
        [
            "git pm: a",
            "T-0001 Night: blocked: waits for the key (Ana)",
            "T-0002 Night: blocked: waits for the key (Ana)"
        ]
    );
}

#[test]
fn in_22_a_rule_that_fails_is_tried_again_and_told_once() {
    let (_scene, repo) = set_up();
    let (server, other) = (Server::start(), Server::start());
    rule(&repo, "a-team", "slack", &server, &["--on", "blocked"]);
    rule(&repo, "b-team", "slack", &other, &["--on", "blocked"]);
    let gone = "http://127.0.0.1:9/hook/secret-key";
    repo.pm(&[
        "notify", "add", "gone", "--to", "ntfy", gone, "--on", "blocked",
    ])
    .ok();
    repo.task("One", &[]);
    block(&repo, "T-1");
    server.answers(&[
        "500 Oops",
        "404 Gone",
        "302 Found\r\nLocation: http://127.0.0.1:9/x",
    ]);
    let ran = repo.pm(&["--json", "notify", "send"]).exits(8);
    let all = ran.data()["items"].clone();
    assert_eq!(
        (&all[0]["status"], &all[1]["status"]),
        (&json!("failed"), &json!("sent"))
    );
    let host = server.url.trim_start_matches("http://");
    assert_eq!(all[0]["reason"], format!("{host} answered with status 500"));
    assert_eq!(all[2]["status"], "failed");
    assert!(
        all[2]["reason"]
            .as_str()
            .unwrap()
            .starts_with("127.0.0.1:9 could not be")
    );
    assert_eq!(other.take().len(), 1);
    for status in [404, 302] {
        let again = send(&repo);
        assert_eq!(
            again[0]["reason"],
            format!("{host} answered with status {status}")
        );
        assert_eq!(again[1]["status"], "nothing");
    }
    let list = repo.pm(&["notify", "list"]).ok();
    assert!(
        list.err.contains("answered with status 302") || list.out.contains("302"),
        "{list:?}"
    );
    let said = format!("{}{}{}", list.out, list.err, ran.out);
    assert!(!said.contains("-key") && !said.contains("/hook"), "{said}");
    // The news of both times, once.
    block(&repo, &repo.task("Two", &[]));
    server.take();
    assert_eq!(send(&repo)[0]["status"], "sent");
    let told = lines(&server);
    assert_eq!(told.len(), 3, "{told:?}");
    assert_eq!(send(&repo)[0]["status"], "nothing");
    assert!(server.take().is_empty());
}

#[test]
fn in_22_a_server_that_asks_to_wait_is_left_alone() {
    let (_scene, repo) = set_up();
    let server = Server::start();
    rule(&repo, "team", "slack", &server, &["--on", "blocked"]);
    block(&repo, &repo.task("One", &[]));
    server.answers(&["429 Slow\r\nRetry-After: 30"]);
    let at = |now: &str| repo.when(now);
    assert_eq!(send(&at("2036-11-28T12:00:00Z"))[0]["status"], "failed");
    assert_eq!(send(&at("2036-11-28T12:00:29Z"))[0]["status"], "waiting");
    assert_eq!(server.take().len(), 1);
    assert_eq!(send(&at("2036-11-28T12:00:30Z"))[0]["status"], "sent");
    assert_eq!(lines(&server).len(), 2);
}

#[test]
fn in_22_one_clone_sends() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let b = scene.clone_of(&hub, "b", "Ben");
    let server = Server::start();
    for clone in [&a, &b] {
        rule(clone, "team", "slack", &server, &["--on", "blocked"]);
    }
    let own = a.data(&["notify", "list"])["clone"]
        .as_str()
        .unwrap()
        .to_string();
    a.pm(&["config", "--shared", "pm.notifySender", &own]).ok();
    assert_eq!(
        a.data(&["config", "pm.notifySender"])["value"],
        own.as_str()
    );
    block(&a, &a.task("One", &[]));
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    let refused = b.pm(&["--json", "notify", "send"]).exits(1).error();
    assert_eq!(refused["reason"], "notify.not_sender", "{refused}");
    let there = b.data(&["notify", "list"])["clone"]
        .as_str()
        .unwrap()
        .to_string();
    let hint = refused["hints"][0].to_string();
    assert!(
        hint.contains("pm.notifySender") && hint.contains(&there),
        "{hint}"
    );
    send(&a);
    assert_eq!(lines(&server).len(), 2);
    let wrong = a
        .pm(&[
            "--json",
            "config",
            "--shared",
            "pm.notifySender",
            "Not an id",
        ])
        .exits(2);
    assert_eq!(wrong.error()["reason"], "config.invalid_value");
    a.pm(&["config", "pm.notifySender", &own]).exits(2);
    let bot = b.by("bot").with("CLAUDECODE", "1");
    bot.pm(&["config", "--shared", "pm.notifySender", &there])
        .exits(1);
}

#[test]
fn in_22_secrets_and_private_items_are_not_told() {
    let (_scene, repo) = set_up();
    let server = Server::start();
    rule(
        &repo,
        "team",
        "slack",
        &server,
        &["--on", "blocked,message"],
    );
    let key = concat!("ghp_", "Zk3v9Qw7Lm2Xc5Vb8Nn1Aa4Ss6Dd0Ff2Gg4H");
    repo.task(&format!("Rotate {key}"), &[]);
    repo.task("Buy the rival", &["--label", "privacy:local"]);
    block(&repo, "T-1");
    block(&repo, "T-2");
    let ben = repo.by("Ben");
    ben.pm(&[
        "msg", "send", "--to", "Ana", "--item", "T-2", "Rival", "Now",
    ])
    .ok();
    ben.pm(&[
        "msg",
        "send",
        "--to",
        "Ana",
        "\u{1b}]0;x\u{7}Hi\u{202e}",
        "Now",
    ])
    .ok();
    send(&repo);
    let told = lines(&server).join("\n");
    assert!(
        !told.contains(key) && told.contains("T-0001 Rotate [redacted:"),
        "{told}"
    );
    assert!(
        !told.contains("ival") && told.contains("T-0002 (private): blocked"),
        "{told}"
    );
    assert!(!told.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{told}");
}

#[test]
fn in_22_only_a_human_sets_where_news_go() {
    let (_scene, repo) = set_up();
    let server = Server::start();
    rule(&repo, "team", "slack", &server, &["--on", "*"]);
    let bot = repo.by("bot").with("CLAUDECODE", "1");
    let url = format!("{}/evil", server.url);
    for args in [
        &[
            "notify", "add", "mine", "--to", "webhook", &url, "--on", "*",
        ][..],
        &["notify", "remove", "team"],
        &["config", "pm.pageUrl", "https://evil.example.org"],
    ] {
        let mut all = vec!["--json"];
        all.extend(args);
        assert_eq!(
            bot.pm(&all).exits(1).error()["reason"],
            "actor.not_human",
            "{args:?}"
        );
    }
    // What was checked in or fetched names no address, nor does a file that the configuration includes.
    let text = format!("[pm \"notify.evil\"]\n\tto = webhook\n\taddress = {url}\n\ton = *\n");
    repo.write("evil.config", &text);
    repo.write(
        ".pm.toml",
        &format!("[notify.evil]\nto = \"webhook\"\naddress = \"{url}\"\n"),
    );
    repo.git(&["config", "--local", "include.path", "../evil.config"])
        .ok();
    let list = bot.data(&["notify", "list"]);
    let names = list["rules"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["name"].clone());
    assert_eq!(names.collect::<Vec<_>>(), [json!("team")]);
    assert!(server.take().is_empty());
    for (args, reason) in [
        (
            &["team", "--to", "desktop", "--on", "*"][..],
            "notify.exists",
        ),
        (&["Team!", "--to", "desktop", "--on", "*"], "notify.invalid"),
        (
            &["x", "--to", "slack", "http://example.org/x", "--on", "*"],
            "notify.invalid",
        ),
        (
            &["x", "--to", "slack", "https://a:b@example.org", "--on", "*"],
            "notify.invalid",
        ),
        (&["x", "--to", "slack", "--on", "*"], "notify.invalid"),
        (
            &["x", "--to", "desktop", "--on", "*", "--quiet-hours", "7-8"],
            "notify.invalid",
        ),
        (&["x", "--to", "desktop", "--on", "everything"], "usage"),
    ] {
        let mut all = vec!["--json", "notify", "add"];
        all.extend(args);
        let refused = repo.pm(&all).error();
        assert_eq!(refused["reason"], reason, "{args:?}");
        assert!(!refused.to_string().contains("example.org"), "{refused}");
    }
    repo.pm(&["notify", "remove", "team"]).ok();
    assert_eq!(repo.data(&["notify", "list"])["rules"], json!([]));
    assert!(!repo.read(".git/config").contains("notify"));
}

#[test]
fn in_22_a_process_that_is_killed_tells_one_message_again_at_most() {
    let (_scene, repo) = set_up();
    let server = Server::start();
    rule(&repo, "a-team", "slack", &server, &["--on", "blocked"]);
    rule(&repo, "b-team", "slack", &server, &["--on", "blocked"]);
    block(&repo, &repo.task("One", &[]));
    let dry = repo.data(&["notify", "send", "--dry-run"]);
    assert_eq!(dry["items"][0]["status"], "pending");
    assert_eq!(
        dry["items"][0]["text"],
        "git pm: a\nT-0001 One: blocked: waits for the key (Ana)"
    );
    assert!(server.take().is_empty());
    for point in [
        "notify-mark:2:kill",
        "notify-mark-write:1:fail",
        "notify-mark-rename:1:kill",
    ] {
        let ran = repo.with("GIT_PM_FAULT", point).pm(&["notify", "send"]);
        assert_ne!(ran.code, 0, "{point}");
        assert!((1..=2).contains(&server.take().len()), "{point}");
    }
    send(&repo);
    assert_eq!(
        server.take().len(),
        1,
        "the first rule was told before the first kill"
    );
    send(&repo);
    assert!(server.take().is_empty());
    // Two processes at once.
    block(&repo, &repo.task("Two", &[]));
    let both: Vec<_> = (0..2).map(|_| repo.spawn(&["notify", "send"])).collect();
    for one in both {
        assert!(one.wait_with_output().unwrap().status.success());
    }
    assert_eq!(server.take().len(), 2);
}

#[test]
fn in_22_a_process_sends_what_happens_while_it_runs() {
    let (_scene, repo) = set_up();
    let server = Server::start();
    rule(&repo, "team", "slack", &server, &["--on", "blocked"]);
    let mut watch = repo.spawn(&["notify", "send", "--watch", "1"]);
    for title in ["One", "Two"] {
        block(&repo, &repo.task(title, &[]));
        let told = server.wait();
        assert!(told.body.contains(title), "{told:?}");
    }
    // It ends with its reader.
    drop(watch.stdout.take());
    assert!(watch.wait().unwrap().success());
}

// With `pm.sync` set to `always` it also tells what happens in other clones.
#[test]
fn in_22_a_process_that_syncs_sends_what_others_do() {
    let scene = Scene::new();
    let (hub, ana) = scene.with_hub();
    ana.pm(&["sync"]).ok();
    let bob = scene.clone_of(&hub, "b", "Bob");
    bob.git(&["config", "pm.sync", "always"]).ok();
    let server = Server::start();
    rule(&bob, "team", "slack", &server, &["--on", "blocked"]);
    let mut watch = bob.spawn(&["notify", "send", "--watch", "1"]);
    block(&ana, &ana.task("Hers", &[]));
    ana.pm(&["sync"]).ok();
    let told = server.wait();
    assert!(told.body.contains("Hers"), "{told:?}");
    drop(watch.stdout.take());
    assert!(watch.wait().unwrap().success());
}

#[cfg(feature = "serve")]
#[test]
fn in_22_the_server_sends_while_it_runs() {
    let (_scene, repo) = set_up();
    let server = Server::start();
    rule(&repo, "team", "slack", &server, &["--on", "blocked"]);
    block(&repo, &repo.task("One", &[]));
    let page = crate::serve::Server::start(&repo, &[]);
    let told = server.wait();
    assert!(told.body.contains("T-0001 One: blocked"), "{told:?}");
    assert_eq!(page.end(), Some(0));
    send(&repo);
    assert!(server.take().is_empty(), "it was told twice");
}
