//! The README: its pictures, drawn from what the program prints, and what it has to say.
//!
//! A picture that is not what the program prints fails. `GIT_PM_BLESS=1 cargo test --all-features
//! --test e2e pictures::` draws them again.

use std::fmt::Write as _;

use crate::support::{Repo, Scene};

/// What a newcomer asks is answered, in the order in which it is asked, before patience ends.
#[test]
fn the_readme_answers_what_a_newcomer_asks() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = &std::fs::read_to_string(root.join("README.md")).unwrap();
    let words = text.split_whitespace().count();
    assert!(words < 900, "{words} words");
    let order = [
        "It is for ",
        "![",
        "## See it",
        "## Install it",
        "    cargo install --path . --locked\n",
        "## Test it",
        "    cargo test --all-features\n",
        "git pm init ",
        "git pm plan ",
        "`git pm uninstall` removes ",
        "`--purge` also the state",
        "## Why",
        "## Beside other tools",
        "| GitHub Issues |",
        "| Linear |",
        "| beads |",
        "| Backlog.md |",
        "| a worktree manager |",
        "## Status",
        concat!("Version ", env!("CARGO_PKG_VERSION")),
        "Linux",
        "macOS",
        "Windows",
    ];
    let mut rest = text.as_str();
    for part in order {
        let at = rest.find(part);
        let at = at.unwrap_or_else(|| panic!("`{part}` is missing, or stands too early"));
        rest = &rest[at + part.len()..];
    }
    for word in ["slfg", "yolo", "sandboxWrite"] {
        assert!(
            !text.to_lowercase().contains(&word.to_lowercase()),
            "{word}"
        );
    }
}

/// The height of a line and the width of a column, in pixels at a font size of 14.
const LINE: f64 = 19.0;
const COLUMN: f64 = 8.43;
/// The columns of the terminal.
const WIDTH: usize = 110;

/// What stood on the screen: a prompt with what was typed, or a line with its escape sequences.
enum Shown {
    Typed(&'static str, String),
    Line(String),
}

/// A terminal that shows what each person types and gets.
struct Screen {
    shown: Vec<Shown>,
    /// The folder of all repositories, which is shown as `~`.
    home: String,
}

impl Screen {
    fn new(scene: &Scene) -> Screen {
        Screen {
            shown: Vec::new(),
            home: scene.dir.path().display().to_string(),
        }
    }

    /// Types a command of `git pm`.
    fn pm(&mut self, who: &'static str, repo: &Repo, args: &[&str]) -> &mut Self {
        let typed: Vec<String> = args
            .iter()
            .map(|arg| match arg.contains([' ', '*']) {
                true => format!("'{arg}'"),
                false => (*arg).to_string(),
            })
            .collect();
        let ran = repo
            .with("NO_COLOR", "")
            .with("CLICOLOR_FORCE", "1")
            .with("COLUMNS", &WIDTH.to_string())
            .pm(args);
        self.typed(who, &format!("git pm {}", typed.join(" ")));
        self.lines(&(ran.out + &ran.err))
    }

    fn typed(&mut self, who: &'static str, line: &str) {
        if !self.shown.is_empty() {
            self.shown.push(Shown::Line(String::new()));
        }
        self.shown.push(Shown::Typed(who, line.to_string()));
    }

    fn lines(&mut self, text: &str) -> &mut Self {
        let text = text.replace(&self.home, "~");
        let lines = text.trim_end().lines();
        self.shown
            .extend(lines.map(|line| Shown::Line(line.to_string())));
        self
    }

    /// The screen as SVG. What is typed appears one command after the other, unless the reader
    /// wants no motion.
    fn svg(&self, title: &str) -> String {
        let height = LINE * self.shown.len() as f64 + 28.0;
        let width = COLUMN * WIDTH as f64 + 32.0;
        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" \
             role=\"img\" aria-label=\"{title}\">\n<style>text{{font:14px ui-monospace,\
             SFMono-Regular,Menlo,Consolas,monospace;white-space:pre;fill:#d7dae0}}\
             .b{{font-weight:bold}}.d{{fill:#8b93a1}}.r{{fill:#ff7b72}}.g{{fill:#7ee787}}\
             .y{{fill:#e3b341}}.u{{fill:#79c0ff}}.m{{fill:#d2a8ff}}.c{{fill:#76e3ea}}\
             g{{animation:show .2s both}}@keyframes show{{from{{opacity:0}}}}\
             @media(prefers-reduced-motion){{g{{animation:none}}}}</style>\n\
             <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"#161a20\"/>\n"
        );
        let (mut delay, mut is_open) = (0.0, false);
        for (n, shown) in self.shown.iter().enumerate() {
            let y = 27.0 + LINE * n as f64;
            let spans = match shown {
                Shown::Typed(who, line) => {
                    delay += 1.6;
                    let end = if is_open { "</g>\n" } else { "" };
                    let _ = writeln!(
                        out,
                        "{end}<g style=\"animation-delay:{:.1}s\">",
                        delay - 1.6
                    );
                    is_open = true;
                    format!(
                        "<tspan class=\"c\">{who}</tspan><tspan class=\"d\"> $ </tspan>\
                         <tspan class=\"b\">{}</tspan>",
                        escaped(line)
                    )
                }
                Shown::Line(line) => spans(line),
            };
            if !spans.is_empty() {
                let _ = writeln!(out, "<text x=\"16\" y=\"{y}\">{spans}</text>");
            }
        }
        out + if is_open {
            "</g>\n</svg>\n"
        } else {
            "</svg>\n"
        }
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

/// A line with SGR sequences as spans with classes.
fn spans(line: &str) -> String {
    let (mut out, mut class) = (String::new(), String::new());
    for (n, part) in line.split("\x1b[").enumerate() {
        let text = match n {
            0 => part,
            _ => {
                let (codes, text) = part.split_once('m').unwrap();
                class = codes
                    .split(';')
                    .filter_map(letter)
                    .collect::<Vec<_>>()
                    .join(" ");
                text
            }
        };
        match (text.is_empty(), class.is_empty()) {
            (true, _) => {}
            (_, true) => out += &escaped(text),
            _ => {
                let _ = write!(out, "<tspan class=\"{class}\">{}</tspan>", escaped(text));
            }
        }
    }
    out
}

/// The class of an SGR code.
fn letter(code: &str) -> Option<&'static str> {
    Some(match code {
        "1" => "b",
        "2" => "d",
        "31" => "r",
        "32" => "g",
        "33" => "y",
        "34" => "u",
        "35" => "m",
        "36" => "c",
        _ => return None,
    })
}

/// Compares a picture with the file, or writes it.
fn check(name: &str, svg: &str) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("docs/pictures")
        .join(name);
    if std::env::var_os("GIT_PM_BLESS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, svg).unwrap();
    }
    let stored = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        stored == svg,
        "{name} is not what the program prints: GIT_PM_BLESS=1 draws it again\n{svg}"
    );
}

/// A project with a remote and two clones, whose state has some work.
fn project(scene: &Scene) -> (Repo, Repo) {
    let (hub, ana) = scene.with_hub();
    let ana = ana.by("ana").when("2026-11-28T09:00:00Z");
    ana.pm(&["epic", "create", "Search"]).ok();
    ana.task(
        "Wait for the login server",
        &["-p", "1", "--path", "src/auth.rs", "--type", "bug"],
    );
    ana.task(
        "Index the notes",
        &["--epic", "E-0001", "--label", "search"],
    );
    ana.task(
        "Rank the hits",
        &[
            "--epic",
            "E-0001",
            "--depends-on",
            "T-0002",
            "--due",
            "2026-12-04",
        ],
    );
    ana.task(
        "Describe the search",
        &["--epic", "E-0001", "--depends-on", "T-0003"],
    );
    ana.pm(&["sync"]).ok();
    let ben = scene
        .clone_of(&hub, "ben", "ben")
        .when("2026-11-28T09:01:00Z");
    (ana, ben)
}

#[test]
fn the_readme_shows_what_a_terminal_shows() {
    let scene = Scene::new();
    let (ana, ben) = project(&scene);
    let mut screen = Screen::new(&scene);
    screen.pm("ana", &ana, &["start", "T-0001", "--no-worktree"]);
    screen.pm("ben", &ben, &["start", "T-0001"]);
    ben.write("src/auth.rs", "pub fn login() { retry() }\n");
    ben.git(&["add", "-A"]).ok();
    screen.typed("ben", "git commit -m 'Retry the login'");
    let ran = ben
        .with("NO_COLOR", "")
        .with("CLICOLOR_FORCE", "1")
        .git(&["commit", "-m", "Retry the login"])
        .exits(1);
    screen.lines(&(ran.out + &ran.err));
    ben.git(&["reset", "-q", "--hard"]).ok();
    screen.pm("ben", &ben, &["next", "--claim"]);
    check("terminal.svg", &screen.svg("Ana claims a task; Ben is told who has it, is stopped from committing to its file, and gets another task"));
}

#[test]
fn the_readme_shows_the_board_of_a_terminal() {
    let scene = Scene::new();
    let (ana, ben) = project(&scene);
    ana.pm(&["start", "T-0001", "--no-worktree"]).ok();
    ben.pm(&["start", "T-0002", "--no-worktree"]).ok();
    ben.write("src/index.rs", "pub fn index() {}\n");
    ben.commit_all("Index the titles");
    ben.pm(&["finish", "T-0002"]).ok();
    ana.pm(&["sync"]).ok();
    let mut screen = Screen::new(&scene);
    screen.pm(
        "ana",
        &ana.when("2026-11-28T10:00:00Z"),
        &["board", "--once"],
    );
    screen.pm("ana", &ana, &["list"]);
    check("board.svg", &screen.svg("The board of the project, with its tasks in columns by state, and the list of its items"));
}
