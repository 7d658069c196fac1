//! Traces, milestones, sprints and readiness of planned work.

use super::{LOGIN, list, login, own, planned, task, text, texts, titles};
use crate::support::{binary, ids, set_up};

/// ME-01, ME-06, PL-43: the time that planning took, and from the approval to the first start.
#[test]
fn me_01_the_time_from_plan_to_approval_and_first_start_is_measured() {
    let (_scene, repo) = set_up();
    let at = |time: &str| repo.when(&format!("2026-11-20T{time}:00Z"));
    planned(&at("10:00"), "login.md", LOGIN);
    let made = at("10:20").data(&["plan", "approve"]);
    let first = text(task(&made, "Store public keys"), "item");
    at("10:23").pm(&["start", first, "--no-worktree"]).ok();
    let stats = at("10:30").data(&["stats", "plan"]);
    assert_eq!(stats["planning_seconds"].as_f64(), Some(1200.0), "{stats}");
    assert_eq!(
        stats["first_start_seconds"].as_f64(),
        Some(180.0),
        "{stats}"
    );
}

/// ME-02, ME-05: the shares of finished epics that kept their scope, and of plans with more tasks than
/// their documents need.
#[test]
fn me_02_me_05_the_shares_of_kept_scope_and_of_too_many_tasks_are_measured() {
    let (_scene, repo) = set_up();
    let close = |made: &serde_json::Value| {
        for id in texts(made, "created") {
            repo.pm(&["task", "done", id, "--force"]).ok();
        }
        repo.pm(&["epic", "close", text(made, "epic")]).ok();
    };
    planned(&repo, "login.md", LOGIN);
    close(&repo.data(&["plan", "approve"]));
    let stats = repo.data(&["stats", "plan"]);
    assert_eq!(stats["kept_scope"].as_f64(), Some(1.0), "{stats}");
    assert_eq!(stats["over_decomposed"].as_f64(), Some(0.0), "{stats}");

    // A second plan gets many tasks that its document does not need, and its epic one more later.
    let plan = planned(&repo, "small.md", super::scope::TYPO);
    let prd = text(&plan, "prd");
    for n in 0..12 {
        repo.pm(&[
            "plan",
            "add",
            &format!("Extra {n}"),
            "--plan",
            prd,
            "--accept",
            "it is there",
        ])
        .ok();
    }
    let made = repo.data(&["plan", "approve", prd, "--yes"]);
    let forgotten = repo.task("Forgotten", &["--epic", text(&made, "epic")]);
    repo.pm(&["task", "done", &forgotten, "--force"]).ok();
    close(&made);
    let stats = repo.data(&["stats", "plan"]);
    assert_eq!(stats["over_decomposed"].as_f64(), Some(0.5), "{stats}");
    assert_eq!(stats["finished"], 2, "{stats}");
    assert_eq!(stats["kept_scope"].as_f64(), Some(0.5), "{stats}");
}

/// PL-11, PL-12: from a line of the document to the commit, and back.
#[test]
fn pl_12_trace_walks_from_a_line_of_the_document_to_the_commit_and_back() {
    let (_scene, repo, _plan) = login();
    repo.commit_all("Specify");
    let made = repo.data(&["plan", "approve"]);
    let keys = text(task(&made, "Store public keys"), "item");
    repo.pm(&["start", keys]).ok();
    let tree = repo.worktree(keys);
    tree.write("src/auth.rs", "pub fn store() {}\n");
    tree.commit_all("Store keys");
    let commit = tree.git(&["rev-parse", "HEAD"]).text();
    let line = 1 + LOGIN.lines().position(|l| l.contains("malformed")).unwrap();
    for start in [
        keys,
        "FR-1",
        &format!("login.md:{line}"),
        &commit,
        "P-0001",
        "E-0001",
    ] {
        let chain = repo.data(&["trace", start]);
        assert_eq!(chain["prd"]["id"], "P-0001", "from {start}");
        assert_eq!(chain["epic"]["id"], "E-0001", "from {start}");
        let found = list(&chain, "tasks").iter().find(|t| t["id"] == keys);
        let found = found.unwrap_or_else(|| panic!("{start} leads to no {keys}: {chain}"));
        assert_eq!(found["source"]["requirement"], "FR-1");
        assert!(
            found["commits"].to_string().contains(&commit[..7]),
            "from {start}: {found}"
        );
        for criterion in list(found, "acceptance") {
            let source = &criterion["source"];
            assert_eq!(source["file"], "login.md");
            assert_eq!(source["requirement"], "FR-1");
            let at = usize::try_from(source["lines"]["start"].as_u64().unwrap()).unwrap();
            let line = LOGIN.lines().nth(at - 1).unwrap();
            assert!(line.contains(text(criterion, "text")), "{criterion}");
        }
    }
    // Only entries that belong to it.
    let chain = repo.data(&["trace", keys]);
    assert_eq!(ids(&chain["tasks"]), [keys]);
    let line = 1 + LOGIN.lines().position(|l| l.contains("by mail")).unwrap();
    let chain = repo.data(&["trace", &format!("login.md:{line}")]);
    let wanted = text(task(&made, "Revoke a key"), "item");
    assert!(ids(&chain["tasks"]).contains(&wanted) && !ids(&chain["tasks"]).contains(&keys));
    for nothing in ["T-99", "FR-77", "nothing.md:1"] {
        repo.pm(&["trace", nothing]).exits(4);
    }
}

/// PL-17: milestones in order, with their criteria and progress.
#[test]
fn pl_17_milestone_list_shows_each_milestone_with_its_acceptance() {
    let (_scene, repo) = set_up();
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/plan");
    let document = std::fs::read_to_string(folder.join("02-kiln-controller.md")).unwrap();
    let plan = planned(&repo, "kiln.md", &document);
    repo.pm(&["plan", "approve", "--accept-uncovered"]).ok();
    let all = repo.data(&["milestone", "list"]);
    let all = list(&all, "items");
    assert_eq!(all.len(), 4);
    for (n, milestone) in all.iter().enumerate() {
        assert!(
            text(milestone, "title").starts_with(&format!("M{n}")),
            "{milestone}"
        );
        assert!(!list(milestone, "tasks").is_empty(), "{milestone}");
        let wanted = format!("- (M{n}) ");
        for line in document
            .lines()
            .filter_map(|line| line.strip_prefix(&wanted))
        {
            let said = format!("{}{}", milestone["acceptance"], plan["checks"]);
            let line: String = line.chars().take(40).collect();
            assert!(said.contains(&line), "M{n} lost \"{line}\": {said}");
        }
    }
    assert_eq!(texts(&all[1], "after"), [text(&all[0], "id")]);
    let shown = repo.pm(&["milestone", "list"]).ok().out;
    assert!(
        shown.contains("The relay never switches more often than once in 10 s"),
        "{shown}"
    );
}

/// PL-37: the points of a sprint are summed, and exceeding its capacity is reported.
#[test]
fn pl_37_sprint_plan_sums_points_and_warns_over_capacity() {
    let (_scene, repo) = set_up();
    let document = "# Bus\n\n## Sprint 1 (Weeks 1-2): Foundation\n\n**Capacity**: 21 points\n\n\
        | Story | Points |\n|-------|--------|\n\
        | Set up environments for the position service | 5 |\n\
        | Receive tracker positions by push | 8 |\n\
        | Import timetable and stops | 5 |\n\
        | Draw the map of all buses | 3 |\n\n\
        ## Sprint 2 (Weeks 3-4): Trust\n\n\
        - **Match positions to trips** (8 points): which bus drives which trip\n\
        - **Watch for silent trackers** (3 points): silent for 90 seconds is marked\n";
    let plan = planned(&repo, "bus.md", document);
    let points: Vec<Option<u64>> = own(&plan).iter().map(|t| t["points"].as_u64()).collect();
    assert_eq!(
        points,
        [Some(5), Some(8), Some(5), Some(3), Some(8), Some(3)],
        "points of the document: {:?}",
        titles(&plan)
    );
    let made = repo.data(&["plan", "approve"]);
    let all: Vec<&str> = own(&made).iter().map(|t| text(t, "item")).collect();
    let mut args = vec!["sprint", "plan"];
    args.extend(&all[..4]);
    let sprint = repo.data(&args);
    assert_eq!(
        (&sprint["points"], &sprint["capacity"]),
        (&21.into(), &21.into())
    );
    assert_eq!(sprint["over"], false);
    args.push(all[4]);
    let sprint = repo.data(&args);
    assert_eq!(
        (&sprint["points"], &sprint["over"]),
        (&29.into(), &true.into())
    );
    let ran = repo.pm(&args).ok();
    assert!((ran.out + &ran.err).contains("8 points over capacity"));
}

#[test]
fn a_sprint_is_of_the_tasks_that_fit_a_query() {
    let (_scene, repo) = set_up();
    repo.task("One", &["--label", "sprint 7", "--points", "5"]);
    repo.task("Two", &["--points", "3"]);
    let sprint = repo.data(&["sprint", "plan", "label:\"sprint 7\""]);
    let tasks = sprint["tasks"].as_array().unwrap();
    assert_eq!((tasks.len(), &sprint["points"]), (1, &5.into()), "{sprint}");
    // Without any, it would be of the most urgent ones.
    let none = repo.pm(&["sprint", "plan", "label:gone"]).exits(4).err;
    assert!(none.contains("no open task fits `label:gone`"), "{none}");
    let table = repo.pm(&["list"]).ok().out;
    let said = repo.feed(binary(), &["sprint", "plan", "-"], &table);
    assert!(said.err.contains("--columns id"), "{}", said.err);
    let ids = repo.pm(&["list", "--columns", "id"]).ok().out;
    repo.feed(binary(), &["sprint", "plan", "-"], &ids).ok();
    let meant = repo.pm(&["member"]).exits(2).err;
    assert!(meant.contains("`git pm assign ID NAME`"), "{meant}");
}

#[test]
fn a_sprint_is_of_the_most_urgent_work_that_can_be_done_in_it() {
    let (_scene, repo) = set_up();
    repo.task(
        "On hold",
        &["-p", "1", "--points", "5", "--defer", "2099-01-01"],
    );
    repo.task(
        "After it",
        &["-p", "1", "--points", "5", "--depends-on", "T-1"],
    );
    repo.task("First", &["-p", "3", "--points", "4"]);
    repo.task(
        "Second",
        &["-p", "3", "--points", "4", "--depends-on", "T-3"],
    );
    repo.task("Hotfix", &["-p", "0", "--points", "3", "--due", "tomorrow"]);
    repo.task("Whole", &["-p", "2", "--points", "8"]);
    repo.task("Part", &["-p", "2", "--points", "2", "--parent", "T-6"]);
    repo.task("Under way", &["-p", "4", "--points", "1"]);
    repo.pm(&["start", "T-8", "--no-worktree"]).ok();
    let ids = |args: &[&str], list: &str| -> Vec<String> {
        let sprint = repo.data(args);
        let tasks = sprint[list].as_array().unwrap().iter();
        tasks.map(|task| text(task, "id").to_string()).collect()
    };
    let plan = ["sprint", "plan", "--capacity", "21"];
    assert_eq!(
        ids(&plan, "tasks"),
        ["T-0005", "T-0007", "T-0003", "T-0004", "T-0008"]
    );
    assert!(ids(&plan, "left_out").is_empty());
    let small = ["sprint", "plan", "--capacity", "9"];
    assert_eq!(ids(&small, "tasks"), ["T-0005", "T-0007", "T-0003"]);
    assert_eq!(ids(&small, "left_out"), ["T-0004", "T-0008"]);
    // A person may name what is put off, but not what is closed.
    assert_eq!(ids(&["sprint", "plan", "T-1"], "tasks"), ["T-0001"]);
    repo.pm(&["task", "cancel", "T-2"]).ok();
    let refused = repo.pm(&["sprint", "plan", "T-1", "T-2"]).exits(1).err;
    assert!(refused.contains("T-0002 is cancelled"), "{refused}");
}

/// PL-36: missing fields of a task are named; a planned task lacks none.
#[test]
fn pl_36_ready_dor_names_what_tasks_lack() {
    let (_scene, repo, _plan) = login();
    repo.pm(&["plan", "approve"]).ok();
    let lacking = repo.data(&["ready", "--dor"]);
    assert!(
        list(&lacking, "items").is_empty(),
        "a planned task lacks something: {lacking}"
    );
    let bare = repo.task("Something or other", &[]);
    let lacking = repo.data(&["ready", "--dor"]);
    assert_eq!(ids(&lacking["items"]), [bare.as_str()]);
    let missing = texts(&lacking["items"][0], "missing");
    assert!(
        missing.contains(&"acceptance") && missing.contains(&"estimate"),
        "{missing:?}"
    );
    let shown = repo.pm(&["ready", "--dor"]).ok().out;
    assert!(
        shown.contains(&bare) && shown.contains("acceptance"),
        "{shown}"
    );
}
