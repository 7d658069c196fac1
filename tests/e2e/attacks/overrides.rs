//! Attacks: overridden values are listed, also where the history was cut, and those of `pm.yaml`
//! (f1, f2).

use crate::support::{Repo, Scene, forge};
use serde_json::{Value, json};

/// Three clones of one remote that know the same two tasks.
fn three(scene: &Scene) -> [Repo; 3] {
    let (hub, c0) = scene.with_hub();
    c0.task("base", &[]);
    c0.task("holds SECRETX", &[]);
    c0.pm(&["sync"]).ok();
    let others = ["b", "c"].map(|name| {
        let clone = scene.clone_of(&hub, name, name);
        clone.pm(&["sync"]).ok();
        clone
    });
    let [c1, c2] = others;
    [c0, c1, c2]
}

fn offline(clone: &Repo, actor: &str, args: &[&str]) {
    let args = [&["--offline"], args].concat();
    clone.by(actor).pm(&args).ok();
}

/// The rows of `log --conflicts`, without limit.
fn listed(clone: &Repo) -> Vec<Value> {
    let found = clone.data(&["log", "--conflicts"]);
    found["items"].as_array().expect("a list").clone()
}

/// The values that a clone lists as overridden in a field.
fn lost(clone: &Repo, field: &str) -> Vec<Value> {
    let rows = listed(clone).into_iter();
    let rows = rows.filter(|row| row["field"] == field);
    rows.map(|row| row["lost"].clone()).collect()
}

const REDACT: &[&str] = &["redact", "--text", "--yes", "SECRETX"];
const CUT: &[&str] = &["gc", "--new-generation", "--yes"];

#[test]
fn f1_an_override_across_a_redaction_or_cut_is_listed() {
    for raise in [REDACT, CUT] {
        for first in [0, 2] {
            let scene = Scene::new();
            let all = three(&scene);
            let title = |who: &str| ["task", "edit", "T-0001", "--title", who].join("\n");
            let edit = |n: usize, who: &str, title: &str| {
                offline(&all[n], who, &title.split('\n').collect::<Vec<_>>());
            };
            edit(first, "one", &title("LEFT"));
            edit(2 - first, "two", &title("RIGHT"));
            all[1].pm(raise).ok();
            let mut said = String::new();
            for n in [1, 2, 0, 1, 2, 0] {
                let ran = all[n].pm(&["sync"]).ok();
                said += &format!("{}{}", ran.out, ran.err);
            }
            for clone in [&all[0], &all[2]] {
                assert_eq!(clone.data(&["show", "T-0001"])["title"], "RIGHT");
                assert_eq!(lost(clone, "title"), [json!("LEFT")], "{raise:?}");
                let row = &listed(clone)[0];
                assert_eq!(
                    (&row["item"], &row["kept"]),
                    (&json!("T-0001"), &json!("RIGHT"))
                );
                let text = clone.pm(&["log", "--conflicts", "T-0001"]).ok().out;
                assert!(text.contains("lost \"LEFT\""), "{text}");
            }
            assert!(said.contains("LEFT"), "no sync said it: {said}");
            if first == 0 {
                assert_eq!(listed(&all[0])[0]["lost_by"], "one");
                let inbox = all[0].by("one").pm(&["msg", "inbox", "--all"]).ok().out;
                assert!(inbox.contains("title: a value was overridden"), "{inbox}");
            }
            // Another cut keeps the list, and nothing is listed twice.
            all[2].pm(CUT).ok();
            for n in [2, 0, 1] {
                all[n].pm(&["sync"]).ok();
                assert_eq!(lost(&all[n], "title"), [json!("LEFT")]);
                all[n].pm(&["fsck"]).ok();
            }
        }
    }
}

#[test]
fn f1_what_one_clone_saw_before_a_cut_is_not_listed() {
    let scene = Scene::new();
    let [c0, c1, c2] = three(&scene);
    offline(&c0, "one", &["task", "edit", "T-0001", "--title", "FIRST"]);
    c0.pm(&["sync"]).ok();
    c2.pm(&["sync"]).ok();
    offline(&c2, "two", &["task", "edit", "T-0001", "--title", "SECOND"]);
    c2.pm(&["sync"]).ok();
    c1.pm(&["sync"]).ok();
    c1.pm(CUT).ok();
    offline(&c0, "one", &["task", "create", "more"]);
    for clone in [&c1, &c2, &c0, &c1] {
        clone.pm(&["sync"]).ok();
        assert_eq!(listed(clone), Vec::<Value>::new());
    }
}

#[test]
fn f1_what_the_history_listed_is_listed_after_a_cut() {
    let scene = Scene::new();
    let [c0, c1, c2] = three(&scene);
    offline(
        &c0,
        "one",
        &["task", "edit", "T-0001", "--title", "a SECRETX"],
    );
    offline(&c2, "two", &["task", "edit", "T-0001", "--title", "RIGHT"]);
    for clone in [&c0, &c2, &c0, &c1] {
        clone.pm(&["sync"]).ok();
    }
    assert_eq!(lost(&c1, "title"), [json!("a SECRETX")]);
    c1.pm(CUT).ok();
    assert_eq!(lost(&c1, "title"), [json!("a SECRETX")]);
    for clone in [&c1, &c0, &c2] {
        clone.pm(&["sync"]).ok();
        assert_eq!(lost(clone, "title"), [json!("a SECRETX")]);
    }
    // A redacted value stays listed, without its text.
    c2.pm(REDACT).ok();
    for clone in [&c2, &c0, &c1] {
        clone.pm(&["sync"]).ok();
        let lost = lost(clone, "title");
        assert_eq!(lost.len(), 1, "{lost:?}");
        let text = lost[0].to_string();
        assert!(
            text.contains("[redacted]") && !text.contains("SECRETX"),
            "{text}"
        );
    }
}

#[test]
fn f1_a_title_that_gave_way_to_a_redaction_is_listed() {
    let scene = Scene::new();
    let [c0, c1, _] = three(&scene);
    offline(
        &c0,
        "one",
        &["task", "edit", "T-0002", "--title", "NEWTITLE"],
    );
    c1.pm(REDACT).ok();
    for clone in [&c1, &c0, &c1] {
        clone.pm(&["sync"]).ok();
    }
    let shown = c1.data(&["show", "T-0002"])["title"].to_string();
    let lost = lost(&c1, "title");
    assert!(
        shown.contains("NEWTITLE") || lost == [json!("NEWTITLE")],
        "{shown} {lost:?}"
    );
    assert!(
        shown.contains("NEWTITLE") || shown.contains("[redacted]"),
        "{shown}"
    );
}

#[test]
fn f2_entries_of_pm_yaml_that_gave_way_are_listed() {
    let scene = Scene::new();
    let [c0, c1, _] = three(&scene);
    for (clone, who, budget) in [(&c0, "one", "10"), (&c1, "two", "11")] {
        offline(
            clone,
            who,
            &["view", "save", "mine", &format!("title:{who}")],
        );
        offline(clone, who, &["budget", "set", "--day", budget]);
        offline(
            clone,
            who,
            &[
                "config",
                "--shared",
                "pm.protectedPaths",
                &format!("{who}/"),
            ],
        );
    }
    offline(&c0, "one", &["config", "--shared", "pm.approval", "strict"]);
    offline(
        &c1,
        "two",
        &["config", "--shared", "pm.approval", "advisory"],
    );
    let mut said = String::new();
    for clone in [&c0, &c1, &c0] {
        let ran = clone.pm(&["sync"]).ok();
        said += &format!("{}{}", ran.out, ran.err);
    }
    assert!(said.contains("pm.yaml"), "{said}");
    for clone in [&c0, &c1] {
        let rows = listed(clone);
        for (field, value) in [
            ("views/mine/query", json!("title:one")),
            ("budgets/day/micro_usd", json!(10_000_000)),
            ("rules/approval/value", json!("strict")),
        ] {
            let row = rows.iter().find(|row| row["field"] == field);
            let row = row.unwrap_or_else(|| panic!("{field} is missing: {rows:#?}"));
            assert_eq!((&row["item"], &row["lost"]), (&json!("pm.yaml"), &value));
            assert_eq!(
                (&row["lost_by"], &row["kept_by"]),
                (&json!("one"), &json!("two"))
            );
        }
        let paths = clone.data(&["config", "pm.protectedPaths"])["value"].to_string();
        assert!(paths.contains("one/") && paths.contains("two/"), "{paths}");
    }
}

#[test]
fn f2_a_protected_path_that_is_added_and_removed_at_once_stays_protected() {
    let scene = Scene::new();
    let [c0, c1, _] = three(&scene);
    let set = |clone: &Repo, value: &str| {
        clone
            .pm(&[
                "--offline",
                "config",
                "--shared",
                "pm.protectedPaths",
                value,
            ])
            .ok();
    };
    let has = |clone: &Repo, path: &str| {
        let value = clone.data(&["config", "pm.protectedPaths"])["value"].clone();
        value.as_str().unwrap().split(' ').any(|one| one == path)
    };
    set(&c0, "x/ y/");
    for clone in [&c0, &c1] {
        clone.pm(&["sync"]).ok();
    }
    // c1 removes and adds it again while c0 removes it.
    set(&c1, "y/");
    set(&c1, "x/ y/");
    set(&c0, "y/");
    for clone in [&c0, &c1, &c0] {
        clone.pm(&["sync"]).ok();
    }
    assert!(has(&c0, "x/") && has(&c1, "x/"));
    // A human who has seen it removes it, and nothing holds it back.
    set(&c0, "y/");
    for clone in [&c0, &c1] {
        clone.pm(&["sync"]).ok();
        assert!(!has(clone, "x/") && has(clone, "y/"));
        let said = clone.pm(&["doctor"]);
        assert!(!format!("{}{}", said.out, said.err).contains("still applies"));
    }
}

/// A commit that is not a human's `git pm config` removes no element.
#[test]
fn f2_an_element_that_vanishes_without_a_human_stays_protected() {
    let scene = Scene::new();
    let (_hub, repo) = scene.with_hub();
    let config = |value: &str| {
        repo.pm(&["config", "--shared", "pm.protectedPaths", value])
            .ok();
    };
    let before = forge::read(&repo, "pm.yaml");
    config("deploy/ core/");
    let listed = forge::read(&repo, "pm.yaml");
    let removed = listed.replacen("    by:", "    removed: true\n    by:", 2);
    assert_ne!(listed, removed, "{listed}");
    for forged in [&before, &removed] {
        forge::put_as(&repo, "pm.yaml", forged, &["-m", "x"]);
        let value = repo.data(&["config", "pm.protectedPaths"])["value"].to_string();
        assert!(
            value.contains("deploy/") && value.contains("core/"),
            "{value}"
        );
        // Until a human sets it.
        config("core/");
        let value = repo.data(&["config", "pm.protectedPaths"])["value"].to_string();
        assert!(
            !value.contains("deploy/") && value.contains("core/"),
            "{value}"
        );
        config("deploy/ core/");
    }
}

/// A state of format 1 has the list as one text, which counts until a human sets the rule.
#[test]
fn f2_the_text_of_an_older_state_counts_as_its_elements() {
    let scene = Scene::new();
    let (_hub, repo) = scene.with_hub();
    repo.pm(&["config", "--shared", "pm.approval", "strict"])
        .ok();
    let old = forge::read(&repo, "pm.yaml").replace("  approval:", "  protectedPaths:");
    let old = old
        .replace("value: strict", "value: old/ core/")
        .replace("rules/approval", "rules/protectedPaths");
    forge::put_as(
        &repo,
        "pm.yaml",
        &old,
        &["-m", "config: x\n\nPM-Op: config\nPM-Actor: Ana"],
    );
    let value = || repo.data(&["config", "pm.protectedPaths"])["value"].to_string();
    assert!(
        value().contains("old/") && value().contains("core/"),
        "{}",
        value()
    );
    // The first write into a state of format 1 makes elements of it, also an agent's.
    let older = forge::of_format(&forge::read(&repo, "pm.yaml"), "1.0");
    forge::put(&repo, "pm.yaml", older.as_bytes());
    let agent = repo.by("bot").with("CLAUDECODE", "1");
    agent.pm(&["task", "create", "x"]).ok();
    let raised = forge::read(&repo, "pm.yaml");
    assert!(raised.contains("format: \"3.0\""), "{raised}");
    assert!(raised.contains("protectedPaths core/ "), "{raised}");
    assert!(!raised.contains("value: old/ core/"), "{raised}");
    assert!(value().contains("old/") && value().contains("core/"));
    repo.pm(&["config", "--shared", "pm.protectedPaths", "core/ new/"])
        .ok();
    assert!(!value().contains("old/") && value().contains("core/") && value().contains("new/"));
}

/// The remote's state of before knows nothing of what a clone wrote since, also after that clone's
/// own cut or redaction.
#[test]
fn f1_entries_of_pm_yaml_that_gave_way_are_listed_after_ones_own_cut_or_redaction() {
    for [of_c0, of_c1] in [
        [Some(CUT), None],
        [Some(REDACT), None],
        [Some(CUT), Some(CUT)],
        [Some(CUT), Some(REDACT)],
    ] {
        let scene = Scene::new();
        let [c0, c1, _] = three(&scene);
        let write = |clone: &Repo, who: &str, budget: &str, rule: &str| {
            let query = format!("title:{who}");
            offline(clone, who, &["view", "save", "mine", &query]);
            offline(clone, who, &["budget", "set", "--day", budget]);
            offline(clone, who, &["config", "--shared", "pm.approval", rule]);
            offline(clone, who, &["config", "--shared", "pm.issuePrefix", who]);
        };
        write(&c0, "base", "9", "strict");
        for clone in [&c0, &c1] {
            clone.pm(&["sync"]).ok();
        }
        write(&c0, "one", "10", "advisory");
        c0.pm(&["--offline", "config", "--shared", "pm.approval", "strict"])
            .ok();
        write(&c1, "two", "11", "advisory");
        for (clone, raise) in [(&c0, of_c0), (&c1, of_c1)] {
            if let Some(raise) = raise {
                clone.pm(raise).ok();
            }
        }
        for clone in [&c1, &c0, &c1, &c0] {
            clone.pm(&["sync"]).ok();
        }
        assert_eq!(c0.state_tree(), c1.state_tree());
        for clone in [&c0, &c1] {
            for (field, value) in [
                ("views/mine/query", json!("title:one")),
                ("budgets/day/micro_usd", json!(10_000_000)),
                ("rules/approval/value", json!("strict")),
                ("issue_prefix", json!("one")),
            ] {
                assert_eq!(lost(clone, field), [value], "{field} {of_c0:?} {of_c1:?}");
            }
            clone.pm(&["fsck"]).ok();
        }
    }
}

/// `pm.yaml` as format 1 has it, with the words of a list in place of the rule `approval`.
fn of_format_1(pm: &str) -> String {
    forge::of_format(pm, "1.0")
        .replace("  approval:", "  protectedPaths:")
        .replace("rules/approval", "rules/protectedPaths")
        .replace("value: strict", "value: base/")
        .replace("value: advisory", "value: base/ two/")
}

/// Two clones of a state of format 1 with the protected path `base/`. The second one has added
/// `two/` since, later, if it `adds`.
fn of_two_versions(scene: &Scene, adds: bool) -> [Repo; 2] {
    let config: &[&str] = &["-m", "config: x\n\nPM-Op: config\nPM-Actor: Ana"];
    let (hub, c0) = scene.with_hub();
    c0.task("base", &[]);
    c0.pm(&["sync"]).ok();
    let before = c0.tip("refs/pm/main");
    let [base, two] = ["strict", "advisory"].map(|value| {
        c0.pm(&["config", "--shared", "pm.approval", value]).ok();
        of_format_1(&forge::read(&c0, "pm.yaml"))
    });
    forge::move_to(&c0, &before);
    forge::put_as(&c0, "pm.yaml", &base, config);
    let push = |clone: &Repo| {
        clone.git(&["push", "-qf", "origin", "refs/pm/main"]).ok();
    };
    push(&c0);
    let c1 = scene.clone_of(&hub, "b", "Bob");
    c1.pm(&["sync"]).ok();
    assert_eq!(forge::read(&c1, "pm.yaml"), base);
    match adds {
        true => forge::put_as(&c1, "pm.yaml", &two, config),
        false => forge::put(&c1, "notes.txt", b"x\n"),
    };
    push(&c1);
    [c0, c1]
}

/// A clone that wrote a list with an older version, and first syncs with this one.
#[test]
fn f2_a_protected_path_of_an_older_version_is_kept_by_a_sync() {
    for writes in [
        &["task", "comment", "T-0001", "hi"][..],
        &["config", "--shared", "pm.protectedPaths", "base/ one/"],
    ] {
        for first in [0, 1] {
            let scene = Scene::new();
            let all = of_two_versions(&scene, true);
            offline(&all[0], "one", writes);
            if first == 1 {
                // The remote has the raised state, and the other clone the text.
                let old = all[1].tip("refs/pm/main^");
                all[1]
                    .git(&["push", "-qf", "origin", &format!("{old}:refs/pm/main")])
                    .ok();
                all[0].pm(&["sync"]).ok();
            }
            for n in [first, 1 - first, first] {
                all[n].pm(&["sync"]).ok();
            }
            assert_eq!(all[0].state_tree(), all[1].state_tree());
            let pm = forge::read(&all[0], "pm.yaml");
            assert!(!pm.contains("format: \"1.0\""), "{pm}");
            assert!(!pm.contains("value: base/ two/"), "{pm}");
            for clone in &all {
                let value = clone.data(&["config", "pm.protectedPaths"])["value"].to_string();
                let has = |path: &str| value.contains(path);
                assert!(has("base/") && has("two/"), "{value}");
                assert_eq!(
                    has("one/"),
                    writes.len() == 4 && writes[0] == "config",
                    "{value}"
                );
                clone.pm(&["fsck"]).ok();
            }
        }
    }
}

/// What a list had when both began does not come back.
#[test]
fn f2_a_protected_path_that_a_human_removed_stays_removed_beside_an_older_state() {
    let scene = Scene::new();
    let all = of_two_versions(&scene, false);
    offline(
        &all[0],
        "one",
        &["config", "--shared", "pm.protectedPaths", "one/"],
    );
    for n in [0, 1, 0] {
        all[n].pm(&["sync"]).ok();
    }
    for clone in &all {
        let value = clone.data(&["config", "pm.protectedPaths"])["value"].clone();
        assert!(value.as_str().unwrap().contains("one/"), "{value}");
        assert!(!value.as_str().unwrap().contains("base/"), "{value}");
    }
}

/// A redaction reaches the elements of shared rules, removed ones too, in every clone.
#[test]
fn f2_a_redaction_reaches_protected_paths() {
    let scene = Scene::new();
    let [c0, c1, _] = three(&scene);
    let set = |clone: &Repo, value: &str| {
        let args = ["config", "--shared", "pm.protectedPaths", value];
        offline(clone, "one", &args);
    };
    set(&c0, "keep/ aSECRETX/ gSECRETX/");
    set(&c0, "keep/ aSECRETX/");
    for clone in [&c0, &c1] {
        clone.pm(&["sync"]).ok();
    }
    set(&c1, "keep/ aSECRETX/ bSECRETX/");
    let told = c0.pm(REDACT).ok();
    assert!(told.out.contains("protectedPaths"), "{told:?}");
    for clone in [&c0, &c1, &c0] {
        clone.pm(&["sync"]).ok();
    }
    assert_eq!(c0.state_tree(), c1.state_tree());
    for clone in [&c0, &c1] {
        let pm = forge::read(clone, "pm.yaml");
        assert!(!pm.contains("SECRETX"), "{pm}");
        assert_eq!(
            pm.matches("  \"protectedPaths redacted:").count(),
            3,
            "{pm}"
        );
        assert!(pm.contains("  protectedPaths keep/ "), "{pm}");
        let value = clone.data(&["config", "pm.protectedPaths"])["value"].to_string();
        assert!(
            value.contains("keep/") && !value.contains("SECRETX"),
            "{value}"
        );
        let all = clone.git(&["grep", "-F", "SECRETX", "refs/pm/main"]);
        assert_eq!(all.code, 1, "{}", all.out);
        clone.pm(&["fsck"]).ok();
    }
}
