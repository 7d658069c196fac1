//! Many forged values, pushed at any time: commands neither trust them nor take long, and a human
//! can resolve them.

use super::{approved, document, worked};
use crate::approval::provenance::approving;
use crate::claims::leases::{at, two_clones};
use crate::store::signing::with_key;
use crate::support::forge::{move_to, path_of, put_as, read};
use crate::support::{Repo, Scene, agent, at_terminal, set_up};

const RULES: &str = "pm.yaml";

/// The shared rules after a human's change, which is undone again.
fn rules_after(repo: &Repo, key: &str, value: &str) -> String {
    let before = repo.tip("refs/pm/main");
    at_terminal(repo, &["--offline", "config", "--shared", key, value], "").ok();
    let text = read(repo, RULES);
    move_to(repo, &before);
    text
}

fn doctor(repo: &Repo) -> String {
    let ran = repo.pm(&["doctor"]);
    ran.out + &ran.err
}

/// Adds plain commits to the state, each with the given text of a file, or without the file.
fn add_commits(repo: &Repo, path: &str, texts: impl Iterator<Item = Option<String>>) {
    let mut stream = String::new();
    for (n, text) in texts.enumerate() {
        let from = match n {
            0 => format!("from {}\n", repo.tip("refs/pm/main")),
            _ => String::new(),
        };
        let seconds = 1_900_000_000 + n;
        stream += &format!(
            "commit refs/heads/pile\nauthor A <a@b> {seconds} +0000\n\
             committer A <a@b> {seconds} +0000\ndata 1\nx\n{from}"
        );
        if let Some(text) = text {
            stream += &format!("M 100644 inline {path}\ndata {}\n{text}\n", text.len());
        }
        stream += "\n";
    }
    repo.feed("git", &["fast-import", "--quiet", "--force"], &stream)
        .ok();
    move_to(repo, &repo.tip("refs/heads/pile"));
}

#[test]
fn finish_applies_the_rules_in_force_after_its_fetch() {
    let scene = Scene::new();
    let (a, b) = two_clones(&scene);
    b.pm(&["config", "--shared", "pm.soloMerge", "false"]).ok();
    b.pm(&["sync"]).ok();
    a.pm(&["start", "T-0001"]).ok();
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    let work = a.worktree("T-0001");
    work.write("src/new.rs", "// new\n");
    work.commit_all("Work");
    let loose = rules_after(&b, "pm.soloMerge", "true");
    put_as(&b, RULES, &loose, &["-m", "x"]);
    b.git(&["push", "-q", "origin", "refs/pm/main"]).ok();
    let before = a.tip("main");
    let late = work.when(&at("18:00:00"));
    let refused = late.pm(&["finish", "--merge"]).exits(1).err;
    assert!(refused.contains("pm.soloMerge"), "{refused}");
    assert_eq!(a.tip("main"), before);
}

/// A caller of the library may ask more than once in one process.
#[test]
fn a_rule_loosened_since_the_last_check_stays_in_force() {
    let (_scene, repo) = set_up();
    repo.pm(&["config", "--shared", "pm.approval", "strict"])
        .ok();
    let (id, place) = worked(&repo, "task", "a.txt");
    place.pm(&["finish", &id]).ok();
    let pm = repo.library().unwrap();
    let ask = || pm.tasks().approve(&id, None, None).unwrap_err().to_string();
    assert!(ask().contains("terminal"), "{}", ask());
    let loose = rules_after(&repo, "pm.approval", "advisory");
    put_as(&repo, RULES, &loose, &["-m", "x"]);
    assert!(ask().contains("terminal"), "{}", ask());
}

/// `pm.yaml` with other elements in place of the branch `release`.
fn with_elements(strict: &str, words: &str) -> String {
    let from = strict
        .find("  protectedBranches release")
        .expect("an entry");
    let to = from + strict[from..].find("rules:").expect("the next record");
    let entry = &strict[from..to];
    let all = words.split_whitespace();
    let all: String = all
        .map(|word| entry.replace(" release ", &format!(" {word} ")))
        .collect();
    format!("{}{all}{}", &strict[..from], &strict[to..])
}

#[test]
fn many_forged_values_do_not_replace_the_paths_that_a_human_protected() {
    let (_scene, repo) = set_up();
    repo.pm(&["config", "--shared", "pm.protectedBranches", "release"])
        .ok();
    let strict = read(&repo, RULES);
    let with = |words: String| Some(with_elements(&strict, &words));
    let many: String = (0..3000).map(|n| format!("b{n} ")).collect();
    let protected = |repo: &Repo| {
        let value = repo.data(&["config", "pm.protectedBranches"])["value"].clone();
        let value = value.as_str().unwrap().to_string();
        value.split(' ').any(|word| word == "release")
    };
    let before = repo.tip("refs/pm/main");
    add_commits(&repo, RULES, [with(many.trim().into())].into_iter());
    assert!(protected(&repo));
    move_to(&repo, &before);
    add_commits(&repo, RULES, (0..40).map(|n| with(format!("side{n}"))));
    assert!(protected(&repo));
    let said = doctor(&repo);
    assert_eq!(said.matches("pm.protectedBranches is").count(), 1, "{said}");
}

#[test]
fn more_forged_values_than_the_search_limit_stop_a_merge_until_a_human_sets_the_rule() {
    let (_scene, repo) = set_up();
    repo.pm(&["config", "--shared", "pm.protectedBranches", "release"])
        .ok();
    let (id, _) = approved(&repo, "task", "a.txt");
    let strict = read(&repo, RULES);
    let other = |n| Some(with_elements(&strict, &format!("a{n} b{n} c{n}")));
    add_commits(&repo, RULES, (0..1000).map(other));
    let refused = repo.pm(&["merge", &id]).exits(1).err;
    let settle = "git pm config --shared pm.protectedBranches VALUE";
    assert!(refused.contains(settle), "{refused}");
    assert!(refused.lines().count() < 5, "{refused}");
    let said = doctor(&repo);
    assert!(said.contains(settle), "{said}");
    assert!(!said.contains("no rule is looser"), "{said}");
    repo.pm(&["config", "--shared", "pm.protectedBranches", "main"])
        .ok();
    assert!(!doctor(&repo).contains(settle));
    repo.pm(&["merge", &id]).ok();
}

/// An approved commit beyond the limit of the search is not reported as missing here.
#[test]
fn a_forged_approval_below_many_commits_does_not_count() {
    let (_scene, repo) = set_up();
    let (id, place) = worked(&agent(&repo).by("bot"), "task", "evil.txt");
    place.pm(&["finish", &id]).ok();
    let text = approving(&repo, &id, &place.tip("HEAD"));
    put_as(&repo, &path_of(&repo, &id), &text, &["-m", "x"]);
    add_commits(&repo, RULES, (0..100_001).map(|_| None));
    let refused = repo.pm(&["merge", &id]).exits(1).err;
    assert!(
        refused.contains("older than the part of the state's history"),
        "{refused}"
    );
}

#[test]
fn a_human_confirms_a_loosened_rule_by_setting_the_same_value() {
    let (_scene, repo) = set_up();
    repo.pm(&["config", "--shared", "pm.approval", "strict"])
        .ok();
    let loose = rules_after(&repo, "pm.approval", "advisory");
    put_as(&repo, RULES, &loose, &["-m", "x"]);
    assert_eq!(repo.data(&["config", "pm.approval"])["value"], "strict");
    repo.pm(&["config", "--shared", "pm.approval", "advisory"])
        .ok();
    assert_eq!(repo.data(&["config", "pm.approval"])["value"], "advisory");
    let said = doctor(&repo);
    assert!(said.contains("from `strict` to `advisory`"), "{said}");
    assert!(!said.contains("fault rules"), "{said}");
}

#[test]
fn only_a_signed_commit_can_end_required_signatures() {
    let scene = Scene::new();
    let (_hub, ana) = scene.with_hub();
    with_key(&scene, &ana, "ana");
    ana.pm(&["config", "--shared", "pm.sign", "true"]).ok();
    let without = read(&ana, RULES).replace("sign: true\n", "sign: false\n");
    let forged = put_as(&ana, RULES, &without, &["-m", "x"]);
    assert!(doctor(&ana).contains(&forged[..10]), "{}", doctor(&ana));
    let again = ana.with("GIT_CONFIG_COUNT", "0");
    // A user without a key sets the same value, unsigned.
    again.git(&["config", "pm.sign", "false"]).ok();
    again.pm(&["config", "--shared", "pm.sign", "false"]).ok();
    assert_ne!(ana.tip("refs/pm/main"), forged);
    assert!(doctor(&ana).contains("fault rules"), "{}", doctor(&ana));
    again.git(&["config", "--unset", "pm.sign"]).ok();
    ana.pm(&["config", "--shared", "pm.sign", "false"]).ok();
    ana.git(&["verify-commit", "refs/pm/main"]).ok();
    assert!(!doctor(&ana).contains("fault rules"), "{}", doctor(&ana));
}

/// A document without a register.
fn without(text: &str, register: &str) -> String {
    let lines = text.lines().filter(|line| !line.contains(register));
    lines.map(|line| format!("{line}\n")).collect()
}

#[test]
fn work_that_a_human_blocked_is_not_merged_after_a_plain_commit_restored_its_state() {
    for clear in [false, true] {
        let (_scene, repo) = set_up();
        let (id, _) = approved(&repo, "task", "a.txt");
        repo.pm(&["task", "block", &id, "Legal has to look"]).ok();
        let mut text =
            document(&repo, &id).replace("status: blocked", "status: ready_for_integration");
        if clear {
            text = without(&text, "stopped_by");
        }
        let forged = put_as(&repo, &path_of(&repo, &id), &text, &["-m", "x"]);
        assert_eq!(repo.data(&["show", &id])["status"], "ready_for_integration");
        let before = repo.tip("main");
        agent(&repo).pm(&["merge", &id]).exits(1);
        let refused = repo.pm(&["merge", &id]).exits(1).err;
        assert!(refused.contains(&forged[..10]), "{refused}");
        assert_eq!(repo.tip("main"), before);
        assert!(doctor(&repo).contains(&forged[..10]));
        at_terminal(&repo, &["task", "approve", &id], "").ok();
        repo.pm(&["merge", &id]).ok();
    }
}

#[test]
fn config_shows_the_value_in_force_and_its_source() {
    let (scene, repo) = set_up();
    let look = |repo: &Repo, key: &str| {
        let found = repo.data(&["config", key]);
        let text = |name: &str| found[name].as_str().unwrap_or_default().to_string();
        (text("value"), text("source"))
    };
    let is = |value: &str, source: &str| (value.to_string(), source.to_string());
    with_key(&scene, &repo, "ana");
    repo.pm(&["config", "--shared", "pm.sign", "true"]).ok();
    assert_eq!(look(&repo, "pm.sign"), is("true", "state"));
    repo.git(&["config", "pm.sign", "false"]).ok();
    assert_eq!(look(&repo, "pm.sign"), is("false", "git config, state"));
    // A value of two lines counts as two values.
    repo.git(&["config", "pm.gate", "test=true\ntouch x"]).ok();
    assert_eq!(look(&repo, "pm.gate").0, "test=true\ntouch x");
    let all = repo.pm(&["config"]).ok().out;
    assert!(all.contains("\"test=true\\ntouch x\""), "{all}");
    // The user's configuration file cannot loosen the rule, but can tighten it.
    let default = look(&repo, "pm.protectedPaths").0;
    let user = |text: &str| {
        scene.at(".").write(
            "user",
            &format!("[user]\n\tname = Ana\n\temail = a@b\n[pm]\n\t{text}\n"),
        );
        repo.with("GIT_CONFIG_GLOBAL", scene.at("user").path.to_str().unwrap())
    };
    let looser = user("protectedPaths = none");
    assert_eq!(look(&looser, "pm.protectedPaths"), is(&default, "default"));
    let stricter = user("soloMerge = false");
    assert_eq!(look(&stricter, "pm.soloMerge"), is("false", "git config"));
}

#[test]
fn doctor_does_not_report_a_rule_that_the_users_file_makes_as_strict_as_the_default() {
    let (scene, repo) = set_up();
    repo.git(&["config", "pm.protectedPaths", "none"]).ok();
    assert!(doctor(&repo).contains("the default is"));
    scene.at(".").write(
        "user",
        "[user]\n\tname = Ana\n\temail = a@b\n[pm]\n\tprotectedPaths = .github/ infra/ secrets/\n",
    );
    let file = scene.at("user").path;
    let said = doctor(&repo.with("GIT_CONFIG_GLOBAL", file.to_str().unwrap()));
    assert!(!said.contains("the default is"), "{said}");
}
