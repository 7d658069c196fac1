//! The page in a real Chromium, driven by `tests/browser/page.mjs`. Without Chromium, playwright-core and
//! axe-core (`GIT_PM_BROWSER_DIR`) this test says that it was skipped, or fails if
//! `GIT_PM_REQUIRE_TOOLS=1`.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Server, token};
use crate::support::{Scene, binary};

const DOCUMENT: &str = "# Export\n\n## Requirements\n\n- The system must export items as CSV.\n\
    - The system must import the same file.\n- A user can choose the columns.\n";

/// The folder with the tools; none if they are not there.
pub fn tools() -> Option<PathBuf> {
    let folder = std::env::var_os("GIT_PM_BROWSER_DIR").map(PathBuf::from);
    let there = folder.filter(|folder| {
        folder.join("node_modules/playwright-core").is_dir()
            && Path::new("/usr/bin/chromium").exists()
    });
    if there.is_none() {
        let required = std::env::var_os("GIT_PM_REQUIRE_TOOLS").is_some_and(|v| v == "1");
        assert!(
            !required,
            "Chromium is not installed, and GIT_PM_REQUIRE_TOOLS=1 asks for it"
        );
        println!("skipped: Chromium is not installed");
    }
    there
}

/// OB-01, OB-02, OB-10: people look at the page, search, drag, edit and approve; it follows what another
/// clone does; it can be read without scripts, on a telephone and in the dark; axe finds nothing serious and the
/// policy is never violated.
#[test]
fn ob_01_ob_02_ob_10_the_page_in_a_browser() {
    let Some(tools) = tools() else { return };
    let scene = Scene::new();
    let (hub, repo) = scene.with_hub();
    repo.task("Draw the page", &["-p", "1", "--accept", "has a title"]);
    repo.task("Wait for the page", &["--depends-on", "T-1"]);
    repo.task(
        "hostile <script>window.hacked=1</script> \u{202e}txt",
        &["--body", "<script>window.hacked=1</script> [x](javascript:window.hacked=1) ![i](http://evil.example/i.png)"],
    );
    repo.write("docs/export.md", DOCUMENT);
    let plan = repo.data(&["plan", "new", "docs/export.md"]);
    repo.pm(&["sync"]).ok();
    let other = scene.clone_of(&hub, "other", "Ben");
    let boss = token(&repo, "boss", &["--scope", "approve"]);
    let server = Server::start(&repo, &[]);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser/page.mjs");
    let mut node = repo.command("node");
    let node: &mut Command = node
        .arg(script)
        .env("GIT_PM_BROWSER_DIR", tools)
        .env("URL_OF_PAGE", &server.url)
        .env("TOKEN", boss)
        .env("GIT_PM", binary())
        .env("SERVED", &repo.path)
        .env("OTHER", &other.path)
        .env("PLAN", plan["prd"].as_str().expect("the plan's document"));
    if let Some(folder) = std::env::var_os("GIT_PM_SCREENSHOTS") {
        node.env("SCREENSHOTS", folder);
    }
    let done = node.output().expect("node");
    let text = String::from_utf8_lossy(&done.stdout);
    let error = String::from_utf8_lossy(&done.stderr);
    assert!(
        done.status.success() && text.ends_with("done\n"),
        "{text}\n{error}"
    );
}
