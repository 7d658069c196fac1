//! The live board in a real terminal (tmux), if it is installed. Otherwise the tests report that
//! they were skipped, or fail if `GIT_PM_REQUIRE_TOOLS=1`.
#![cfg(unix)]

use std::time::{Duration, Instant};

use crate::support::{Repo, Scene, binary, set_up};

/// The longest wait for something on the screen.
const PATIENCE: Duration = Duration::from_secs(30);

/// A shell in a terminal, which ends with the value.
pub(super) struct Session {
    place: Repo,
}

impl Drop for Session {
    fn drop(&mut self) {
        self.place.run("tmux", &["kill-server"]);
    }
}

impl Session {
    /// Types text as it is.
    pub(super) fn type_text(&self, text: &str) {
        self.place.run("tmux", &["send-keys", "-l", text]).ok();
    }

    /// Presses a key by its name.
    pub(super) fn press(&self, key: &str) {
        self.place.run("tmux", &["send-keys", key]).ok();
    }

    /// Closes what shows a text. A key that is read together with this one would be one with Alt.
    #[track_caller]
    pub(super) fn close(&self, text: &str) {
        self.press("Escape");
        self.wait(&format!("no {text}"), |screen| !screen.contains(text));
    }

    fn screen(&self) -> String {
        self.place.run("tmux", &["capture-pane", "-p"]).ok().out
    }

    /// Waits until the screen is as wanted.
    #[track_caller]
    pub(super) fn wait(&self, what: &str, wanted: impl Fn(&str) -> bool) -> String {
        let begun = Instant::now();
        loop {
            let screen = self.screen();
            if wanted(&screen) {
                return screen;
            }
            assert!(begun.elapsed() < PATIENCE, "not seen: {what}\n{screen}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    #[track_caller]
    pub(super) fn see(&self, text: &str) -> String {
        self.wait(text, |screen| screen.contains(text))
    }

    /// Starts the board and notes the id of its process.
    pub(super) fn open_board(&self, options: &str) {
        self.type_text(&format!(
            "sh -c 'echo $$ >pid; exec {} board {options}'",
            binary()
        ));
        self.press("Enter");
        self.see("? help");
    }

    /// Requires that the shell has its terminal back as it was.
    #[track_caller]
    pub(super) fn is_as_before(&self, mark: &str) {
        let flags = "#{alternate_on} #{mouse_any_flag} #{cursor_flag}";
        let begun = Instant::now();
        let state = || {
            self.place
                .run("tmux", &["display-message", "-p", flags])
                .ok()
                .text()
        };
        while state() != "0 0 1" {
            assert!(
                begun.elapsed() < PATIENCE,
                "the terminal is left as {}",
                state()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
        let wanted = "tr ' ;' '\\n\\n' | grep -cx -e icanon -e echo -e isig";
        self.type_text(&format!("clear; echo {mark}=$(stty -a | {wanted})"));
        self.press("Enter");
        self.see(&format!("{mark}=3"));
    }
}

/// A session with a shell in a repository; none if tmux is not there.
pub(super) fn session(repo: &Repo, scene: &Scene, width: u16, height: u16) -> Option<Session> {
    let there = repo.command("tmux").arg("-V").output().is_ok();
    if !there {
        let required = std::env::var_os("GIT_PM_REQUIRE_TOOLS").is_some_and(|v| v == "1");
        assert!(
            !required,
            "tmux is not installed, and GIT_PM_REQUIRE_TOOLS=1 asks for it"
        );
        println!("skipped: tmux is not installed");
        return None;
    }
    let place = repo.with("TMUX_TMPDIR", scene.dir.path().to_str().unwrap());
    let place = place.with("TERM", "xterm-256color").with("PS1", "$ ");
    let (width, height) = (width.to_string(), height.to_string());
    let new = [
        "-u",
        "-f",
        "/dev/null",
        "new-session",
        "-d",
        "-x",
        &width,
        "-y",
        &height,
        "sh",
    ];
    place.run("tmux", &new).ok();
    Some(Session { place })
}

/// Keys that arrive all at once, as from a fast writer or while a large board loads.
#[test]
fn ob_02_a_key_after_a_query_is_about_what_the_query_leaves() {
    let (scene, repo) = set_up();
    repo.task("The first", &[]);
    repo.task("The other", &[]);
    let Some(session) = session(&repo, &scene, 100, 20) else {
        return;
    };
    session.open_board("");
    session.see("T-0002");
    session.type_text("/other\rs");
    session.see("Started T-0002");
    assert_eq!(repo.data(&["show", "T-1"])["status"], "queued");
}

#[test]
fn ob_02_the_board_lives_in_a_terminal_and_is_driven_by_keys_and_mouse() {
    let (scene, repo) = set_up();
    let Some(session) = session(&repo, &scene, 130, 30) else {
        return;
    };
    session.open_board("");
    session.see("The board is empty.");

    session.type_text("n");
    session.see("new task:");
    session.type_text("Made on the board");
    session.press("Enter");
    session.see("Created T-0001");

    // Another process. On a busy machine the first one may be late.
    let is_soon = (2..6).any(|number| {
        repo.task("Made elsewhere", &[]);
        let made = Instant::now();
        session.see(&format!("T-000{number}"));
        made.elapsed() < Duration::from_secs(2)
    });
    assert!(is_soon, "the board is always late");

    session.type_text("/elsewhere");
    session.wait("the filter", |s| {
        !s.contains("T-0001") && s.contains("T-0002")
    });
    session.type_text(" (");
    session.see("at character");
    session.see("T-0002");
    session.press("Escape");
    session.see("T-0001");

    // A click on the first card of the first column, and another one.
    for _ in 0..2 {
        session.type_text("\u{1b}[<0;3;5M\u{1b}[<0;3;5m");
        std::thread::sleep(Duration::from_millis(300));
    }
    session.see("Esc back");
    session.close("Esc back");

    session.type_text("s");
    session.see("Started T-0001");
    let worktree = repo.data(&["show", "T-1"])["worktree"]
        .as_str()
        .unwrap()
        .to_string();
    let there = repo.other(&worktree);
    there.write("src/made.rs", "fn made() {}\n");
    there.commit_all("Make it");
    // The details have the commits and files of its branch, and one key shows the difference.
    session.press("Enter");
    session.wait("the work", |screen| {
        screen.contains("Make it (Ana)") && screen.contains("src/made.rs  +1  -0")
    });
    session.type_text("d");
    session.see("+fn made() {}");
    session.type_text("d");
    session.wait("the board alone", |s| !s.contains("+fn made() {}"));
    session.type_text("R");
    session.see("paths to reserve");
    session.type_text("src/made.rs 'docs/two words.md'");
    session.press("Enter");
    session.see("Reserved paths for T-0001");
    let reserved = repo.data(&["reserve", "list"]);
    let patterns = &reserved["items"][0]["patterns"];
    assert_eq!(patterns[0], "docs/two words.md");
    assert_eq!(patterns[1], "src/made.rs");
    session.type_text("f");
    session.see("Submitted T-0001");
    // What is approved is the commit that the question names, even if the branch moves meanwhile.
    let work = there.tip("HEAD");
    let question = format!("Approve T-0001 at {} (commits: 1, files: 1)?", &work[..9]);
    session.type_text("a");
    session.see(&question);
    there
        .git(&["commit", "-q", "--allow-empty", "-m", "More"])
        .ok();
    session.type_text("y");
    session.see("nothing was approved");
    session.close("nothing was approved");
    there.git(&["reset", "-q", "--hard", &work]).ok();
    session.type_text("a");
    session.see(&question);
    session.type_text("y");
    session.see("Approved T-0001");
    let status = repo.data(&["show", "T-1"])["status"].clone();
    assert_eq!(status, "ready_for_integration");

    // An error shows its hints and leaves the board alone.
    session.type_text("s");
    session.see("Esc closes");
    session.close("Esc closes");

    session.type_text("5");
    session.see("Made elsewhere");
    session.type_text("1q");
    session.is_as_before("after");
}

#[test]
fn ob_10_details_beside_the_board_follow_the_cursor_and_say_who_waits_for_whom() {
    let (scene, repo) = set_up();
    repo.task("The base", &[]);
    repo.task("The rest", &["--depends-on", "T-1"]);
    let Some(session) = session(&repo, &scene, 130, 30) else {
        return;
    };
    session.open_board("");
    session.see("dependents   T-0002  The rest");
    session.see("after T-0001");
    session.type_text("l");
    session.wait("the other's details", |screen| {
        screen.contains("waits for T-0001 (The base") && !screen.contains("dependents")
    });
    // A narrow terminal has the details alone, and no key is cut.
    let narrow = ["resize-window", "-x", "40", "-y", "12"];
    session.place.run("tmux", &narrow).ok();
    session.wait("no details", |screen| {
        screen.contains("T-0002") && !screen.contains("waits for T-0001")
    });
    session.press("Enter");
    session.see("waits for T-0001");
    session.close("Esc back");
    session.type_text("q");
    session.is_as_before("after");
}

#[test]
fn the_terminal_is_as_it_was_after_a_signal_and_small_screens_are_told() {
    let (scene, repo) = set_up();
    repo.task("One", &[]);
    let Some(session) = session(&repo, &scene, 80, 24) else {
        return;
    };
    for signal in ["TERM", "HUP", "INT"] {
        session.open_board("--lanes epic");
        let resize = |width: &str, height: &str| {
            let args = ["resize-window", "-x", width, "-y", height];
            session.place.run("tmux", &args).ok();
        };
        for n in 10..40_usize {
            resize(&(n * 3).to_string(), &n.to_string());
        }
        resize("20", "5");
        session.see("The board needs");
        resize("80", "24");
        session.see("T-0001");
        let pid = repo.read("pid");
        repo.run("kill", &[&format!("-{signal}"), pid.trim()]).ok();
        session.is_as_before(signal);
    }
}

#[test]
fn the_board_ends_with_its_terminal() {
    let (scene, repo) = set_up();
    let Some(session) = session(&repo, &scene, 80, 24) else {
        return;
    };
    session.open_board("");
    let pid = repo.read("pid");
    let server = ["display-message", "-p", "#{pid}"];
    let server = session.place.run("tmux", &server).ok().text();
    repo.run("kill", &["-9", server.trim()]).ok();
    // What has ended may wait for somebody to ask for its result.
    let lives = || {
        let state = repo.run("ps", &["-o", "stat=", "-p", pid.trim()]).out;
        !state.trim().is_empty() && !state.starts_with('Z')
    };
    let begun = Instant::now();
    while lives() {
        assert!(
            begun.elapsed() < PATIENCE,
            "the board goes on without a terminal"
        );
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn texts_are_edited_operations_undone_and_a_lost_state_is_told() {
    let (scene, repo) = set_up();
    repo.task("One", &["--body", "before"]);
    repo.task("Two", &["--depends-on", "T-1"]);
    repo.pm(&["view", "save", "first", "title:One"]).ok();
    let editor = scene.dir.path().join("editor");
    crate::support::script_file(
        &editor,
        "sed -i 's/^before/after/; s/^priority: 2/priority: 1/' \"$1\"",
    );
    let repo = repo.with("GIT_EDITOR", editor.to_str().unwrap());
    let Some(session) = session(&repo, &scene, 110, 24) else {
        return;
    };
    let body = || repo.data(&["show", "T-1"])["body"].clone();
    session.open_board("");

    session.type_text(":priority");
    session.see("edit title, priority");
    session.press("Enter");
    session.see("Changed T-0001");
    assert_eq!(body(), "after");
    assert_eq!(repo.data(&["show", "T-1"])["priority"], 1);
    session.type_text("e");
    session.see("Nothing was changed");
    session.type_text("u");
    session.see("Undo \"task edit T-0001");
    session.type_text("y");
    session.see("Undone:");
    assert_eq!(body(), "before");

    session.type_text("gtwo");
    session.see("go to: two");
    session.press("Enter");
    session.press("Enter");
    session.see("because      it waits for T-0001");
    session.close("because      it waits for T-0001");

    session.type_text("v");
    session.see("first: (title:One)");
    session.press("Enter");
    session.wait("the view", |screen| !screen.contains("T-0002"));
    session.type_text("2");
    session.see("T-0001 queued One");
    session.type_text("3");
    session.see("critical path");
    session.type_text("4");
    session.see("`git pm run` starts");
    session.type_text("1");

    let tip = repo.git(&["rev-parse", "refs/pm/main"]).ok().text();
    repo.git(&["update-ref", "-d", "refs/pm/main"]).ok();
    session.see("not set up");
    repo.git(&["update-ref", "refs/pm/main", &tip]).ok();
    session.press("Escape");
    session.wait("the board again", |screen| {
        screen.contains("T-0001") && !screen.contains("not set up")
    });
    session.type_text("q");
    session.is_as_before("after");
}

#[test]
fn the_terminal_is_as_it_was_after_a_panic() {
    let (scene, repo) = set_up();
    let broken = repo.with("GIT_PM_FAULT", "ref-rename:1:panic");
    let Some(session) = session(&broken, &scene, 80, 24) else {
        return;
    };
    session.open_board("");
    session.type_text("nNever made");
    session.press("Enter");
    session.see("GIT_PM_FAULT asks for it");
    session.is_as_before("after");
}

/// A pasted text is stored whole with its lines, also where the terminal does not mark the paste.
#[test]
fn ob_02_a_pasted_comment_is_stored_whole() {
    let (scene, repo) = set_up();
    repo.task("First", &[]);
    let Some(session) = session(&repo, &scene, 100, 20) else {
        return;
    };
    session.open_board("");
    session.see("T-0001");
    let lines = |count: usize| (1..=count).map(|n| format!("line {n} is here\n"));
    for (count, way) in [(2_000, &["-p"][..]), (40, &[])] {
        let text: String = lines(count).collect();
        repo.write("pasted.txt", &(text.clone() + "end"));
        session
            .place
            .run("tmux", &["load-buffer", "pasted.txt"])
            .ok();
        session.type_text("c");
        session.see("T-0001, comment:");
        session
            .place
            .run("tmux", &[&["paste-buffer"], way].concat())
            .ok();
        session.see("⏎end");
        session.press("Enter");
        session.see("Commented on T-0001");
        let shown = repo.data(&["show", "T-1"]);
        let last = shown["comments"].as_array().unwrap().last().unwrap()["body"].clone();
        assert_eq!(last.as_str().unwrap().trim_end(), text + "end");
        session.type_text("j");
    }
}
