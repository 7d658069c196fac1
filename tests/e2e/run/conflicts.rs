//! Work that cannot be merged as it is. ST-05, ST-07.

use super::stage::Stage;

/// Both change the same line, from the same commit.
const COLLIDE: &str = r#"
echo x >> "$OUT/$GIT_PM_TASK.attempts"
n=$(wc -l < "$OUT/$GIT_PM_TASK.attempts" | tr -d ' ')
cat > "$OUT/$GIT_PM_TASK.prompt-$n"
i=0
while [ $n = 1 ] && [ $i -lt 200 ] && ! { [ -e "$OUT/T-0001.attempts" ] && [ -e "$OUT/T-0002.attempts" ]; }; do
  sleep 0.05; i=$((i+1))
done
echo "by $GIT_PM_TASK" > src/auth.rs
git add -A; git commit -qm "Work on $GIT_PM_TASK, attempt $n"
"#;

/// Nothing but its agent resolves a conflict: it gets the work back with the files and the commands,
/// and both changes are merged.
#[test]
fn st_07_a_conflict_goes_back_to_its_agent() {
    let stage = Stage::with_tasks(&["One", "Two"]);
    let resolves = r#"
if [ $n -gt 1 ]; then
  git merge -q main || { grep -v '^[<=>]' src/auth.rs > all; mv all src/auth.rs; git add -A; }
  git commit -qm "Merge main"
  exit 0
fi
"#;
    let (before, after) = COLLIDE.split_once("echo \"by $GIT_PM_TASK\"").unwrap();
    let script = format!("{before}{resolves}echo \"by $GIT_PM_TASK\"{after}");
    stage
        .run(&script, &["--agents", "2", "--merge", "gates"])
        .ok();
    let text = stage.repo.git(&["show", "main:src/auth.rs"]).text();
    assert!(
        text.contains("by T-0001") && text.contains("by T-0002"),
        "{text}"
    );
    let prompts = ["T-0001", "T-0002"].map(|id| stage.told(&format!("{id}.prompt-2")));
    let prompt = prompts.concat();
    assert!(
        prompt.contains("src/auth.rs") && prompt.contains("git merge main"),
        "{prompt}"
    );
    stage.left_no_process();
}

/// Work whose agent does not resolve the conflict stays, for a human, who is told.
#[test]
fn st_07_a_conflict_that_stays_is_for_a_human() {
    let stage = Stage::with_tasks(&["One", "Two"]);
    let script = COLLIDE.replace("git commit -qm", "git commit --allow-empty -qm");
    stage
        .run(&script, &["--agents", "2", "--merge", "gates"])
        .exits(1);
    let merged: Vec<&str> = ["T-0001", "T-0002"]
        .into_iter()
        .filter(|id| stage.item(id) == "done")
        .collect();
    assert_eq!(merged.len(), 1, "{}", stage.why());
    let text = stage.repo.git(&["show", "main:src/auth.rs"]).text();
    assert_eq!(text, format!("by {}", merged[0]));
    let other = ["T-0001", "T-0002"]
        .into_iter()
        .find(|id| *id != merged[0])
        .unwrap();
    let task = stage.task(other);
    assert_eq!(task["status"], "blocked", "{task}");
    assert!(task["reason"].to_string().contains("src/auth.rs"), "{task}");
    let branches = stage.repo.git(&["branch", "--list", "task/*"]).ok().out;
    assert!(branches.contains(other), "{branches}");
    let told = stage.repo.data(&["status"])["notices"].to_string();
    assert!(told.contains("did not resolve the conflicts"), "{told}");
    stage.left_no_process();
}

/// ST-05: two that have collided are not worked at once again.
#[test]
fn st_05_contested_files_are_recorded() {
    let stage = Stage::with_tasks(&["One", "Two"]);
    stage
        .run(COLLIDE, &["--agents", "2", "--merge", "gates"])
        .exits(1);
    let recorded = ["grep", "-l", "src/auth.rs", "refs/pm/main"];
    let files = stage.repo.git(&recorded).ok().out;
    assert!(!files.is_empty());
}

/// Local changes in the checkout of the target are not lost, and no task is lost by them.
#[test]
fn local_changes_of_the_human_stay() {
    let stage = Stage::with_tasks(&["One"]);
    stage.repo.write("src/auth.rs", "mine\n");
    let script = "cat >/dev/null; echo theirs > src/auth.rs; git add -A; git commit -qm Work";
    let main = stage.repo.tip("main");
    stage.run(script, &["--merge", "gates"]).exits(1);
    assert_eq!(stage.repo.read("src/auth.rs"), "mine\n");
    assert_eq!(stage.repo.tip("main"), main, "{}", stage.why());
    let task = stage.task("T-0001");
    assert!(task["reason"].to_string().contains("src/auth.rs"), "{task}");
    // The human commits; then it can go on.
    stage.repo.git(&["restore", "src/auth.rs"]).ok();
    stage.resume().ok();
    assert_eq!(stage.repo.read("src/auth.rs"), "theirs\n");
}
