//! The policy for permission requests.

use std::fs;

use super::super::events::acp_refusal;
use super::super::json::{Fields, Json};

fn call(json: &str) -> Json {
    Json::object(json.as_bytes()).unwrap_or_else(|| panic!("{json}"))
}

/// A worktree with a file `src/a.rs` and a link `out` to the folder above.
fn worktree() -> tempfile::TempDir {
    let temporary = tempfile::tempdir().unwrap();
    let wt = temporary.path().join("wt");
    fs::create_dir_all(wt.join("src")).unwrap();
    fs::write(wt.join("src/a.rs"), "").unwrap();
    std::os::unix::fs::symlink(temporary.path(), wt.join("out")).unwrap();
    std::os::unix::fs::symlink("/nowhere/at/all", wt.join("dangling")).unwrap();
    temporary
}

/// RC-23, SE-01: calls that stay in the worktree are allowed, as the agents phrase them.
#[test]
fn what_stays_inside_is_allowed() {
    let temporary = worktree();
    let wt = temporary.path().join("wt");
    for json in [
        r#"{"kind":"edit","title":"src/a.rs","locations":[{"path":"WT/src/a.rs"}],
            "content":[{"type":"diff","path":"WT/src/new.rs","oldText":"/etc/passwd","newText":"../x"}]}"#,
        r#"{"kind":"edit","rawInput":{"filePath":"src/deep/new.rs","content":"/etc/passwd"}}"#,
        r#"{"kind":"execute","title":"git add -A && git commit -q -m 'agent commit'"}"#,
        r#"{"kind":"execute","rawInput":{"command":"cargo test --all 2>/dev/null | /usr/bin/head -n 3","cwd":"WT"}}"#,
        r#"{"kind":"execute","rawInput":{"command":["/bin/bash","-lc","ls src/../src; git diff main..HEAD~1"]}}"#,
        r#"{"kind":"execute","rawInput":{"command":"grep -rn '/api/users' src; sed -n '/foo/p' a; cat WT/src/a.rs"}}"#,
        r#"{"kind":"execute","rawInput":{"command":"cat ../a.rs","workdir":"src"}}"#,
        r#"{"kind":"fetch","rawInput":{"url":"https://example.com/../a"}}"#,
        r#"{"kind":"think","title":"Thinking about /etc"}"#,
        r"{}",
    ] {
        let call = call(&json.replace("WT", wt.to_str().unwrap()));
        assert_eq!(acp_refusal(&call, &wt), None, "{json}");
    }
}

/// RC-23, SE-01: calls that name a path outside are refused, wherever it is named.
#[test]
fn what_names_a_path_outside_is_refused() {
    let temporary = worktree();
    let wt = temporary.path().join("wt");
    for json in [
        r#"{"kind":"edit","locations":[{"path":"WT/src/a.rs"},{"path":"/etc/passwd"}]}"#,
        r#"{"kind":"edit","locations":[{"path":"WT/../x"}]}"#,
        r#"{"kind":"edit","locations":[{"path":"WTx/y"}]}"#,
        r#"{"kind":"edit","locations":[{"path":"WT/out/x"}]}"#,
        r#"{"kind":"edit","locations":[{"path":"WT/dangling"}]}"#,
        r#"{"kind":"edit","locations":[{"path":"WT/.git"}]}"#,
        r#"{"kind":"edit","locations":[{"path":""}]}"#,
        r#"{"kind":"edit","content":[{"type":"diff","path":"~/.ssh/config"}]}"#,
        r#"{"kind":"edit","rawInput":{"filePath":"../x"}}"#,
        r#"{"kind":"read","rawInput":{"target":{"files":["a","/etc/passwd"]}}}"#,
        r#"{"kind":"read","rawInput":{"url":"file:///etc/passwd"}}"#,
        r#"{"kind":"execute","title":"cat /etc/passwd"}"#,
        r#"{"kind":"execute","rawInput":{"command":"ls","cwd":"/"},"title":"x"}"#,
        r#"{"kind":"execute","rawInput":{"command":"cat ../a.rs"}}"#,
        r#"{"kind":"execute","rawInput":{"command":"cat src/../../x"}}"#,
        r#"{"kind":"execute","rawInput":{"command":"echo x>/etc/motd"}}"#,
        r#"{"kind":"execute","rawInput":{"command":"rm /usr/bin/git"}}"#,
        r#"{"kind":"execute","rawInput":{"command":["rm","-rf","/usr/bin/git"]}}"#,
        r#"{"kind":"execute","rawInput":{"command":["bash","-c","cat ~/.ssh/id_rsa"]}}"#,
        r#"{"kind":"execute","rawInput":{"command":"ls && (cd $HOME; ls)"}}"#,
        r#"{"kind":"execute","rawInput":{"command":"tool --out=/etc/x"}}"#,
        r#"{"kind":"other","rawInput":{"command":"cat `ls /etc`"}}"#,
    ] {
        let call = call(&json.replace("WT", wt.to_str().unwrap()));
        assert!(acp_refusal(&call, &wt).is_some(), "{json}");
    }
}

/// However long it is, a call is checked to its end, and no path is as long as that.
#[test]
fn what_is_long_is_checked_too() {
    let temporary = worktree();
    let wt = temporary.path().join("wt");
    let long = format!("{} /etc/passwd", "x ".repeat(40_000));
    let json = format!(r#"{{"kind":"execute","rawInput":{{"command":"{long}"}}}}"#);
    assert!(acp_refusal(&call(&json), &wt).is_some());
    let many = "0,".repeat(5_000);
    let json = format!(r#"{{"rawInput":{{"a":[{many}0],"command":"cat /etc/passwd"}}}}"#);
    assert!(acp_refusal(&call(&json), &wt).is_some());
    let path = "a/".repeat(5_000);
    let json = format!(r#"{{"kind":"edit","locations":[{{"path":"{path}"}}]}}"#);
    assert!(acp_refusal(&call(&json), &wt).is_some());
}
