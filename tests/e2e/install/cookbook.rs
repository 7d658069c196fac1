//! The cookbook in docs/agents.md: three agents in three worktrees.

use std::collections::BTreeSet;

use crate::support::{Scene, script_file, wait_all};

/// An agent as a script: brief, claim, work, submit, until nothing is ready.
const AGENT: &str = "#!/bin/sh
set -e
cd \"$1\"
git pm prime >/dev/null
while task=$(git pm next --claim --json 2>/dev/null); do
  id=$(printf '%s' \"$task\" | sed -n 's/.*\"id\":\"\\(T-[0-9]*\\)\".*/\\1/p')
  cd \"$(git pm worktree path \"$id\")\"
  git pm prime | grep -q \"claimed by you\"
  git pm prime | grep -q 'PostgreSQL'
  echo \"$GIT_PM_ACTOR\" >\"src/$id.txt\"
  git add -A
  git commit -q -m \"Work on $id\"
  git pm task accept --all --evidence 'it is there' >/dev/null
  git pm finish >/dev/null
  cd \"$1\"
done
git pm sync >/dev/null
";

#[test]
fn three_agents_in_three_worktrees_share_the_work() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.pm(&["context", "set", "build", "Tests need PostgreSQL."])
        .ok();
    let mut all = BTreeSet::new();
    for n in 0..6 {
        let path = format!("src/T-{:04}.txt", n + 1);
        all.insert(a.task(
            &format!("Part {n}"),
            &["--accept", "there", "--path", &path],
        ));
    }
    a.pm(&["sync"]).ok();
    let script = scene.dir.path().join("agent.sh");
    script_file(&script, AGENT);
    let agents = ["agent-1", "agent-2", "agent-3"].map(|name| {
        let place = a.by(name).with("CLAUDECODE", "1");
        place
            .command(script.to_str().unwrap())
            .arg(&a.path)
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap()
    });
    for ran in wait_all(agents.into()) {
        ran.ok();
    }
    // Every task was done by one agent, in its own worktree, and waits for a human.
    let items = a.data(&["list"]);
    let mut workers = BTreeSet::new();
    for item in items["items"].as_array().unwrap() {
        assert_eq!(item["status"], "in_review", "{item}");
        let id = item["id"].as_str().unwrap();
        assert!(all.remove(id), "{id}");
        let file = a.worktree(id).read(&format!("src/{id}.txt"));
        workers.insert(file.trim().to_string());
    }
    assert!(all.is_empty(), "left over: {all:?}");
    assert!(!workers.is_empty());
    let b = scene.clone_of(&hub, "b", "Bea");
    assert_eq!(b.data(&["list"])["items"].as_array().unwrap().len(), 6);
    a.pm(&["fsck"]).ok();
}
