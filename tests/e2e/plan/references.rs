//! References of a document to ids that it does not have, and criteria that were reworded by hand.

use serde_json::Value;

use super::{list, planned, text, titles};
use crate::support::{Repo, set_up};

const SHOP: &str = "\
# Shop

## Requirements

- REQ-1: Only staff may edit products.
- REQ-2: Users can search products.
  - at least by price and colour

| ID | Requirement | Depends on |
|----|-------------|------------|
| R-10 | Log each edit with user and time | REQ-1 |
| R-11 | Delete logs after 30 days | R-10 |
";

/// The messages of a rule.
fn messages(plan: &Value, rule: &str) -> Vec<String> {
    let found = list(plan, "checks")
        .iter()
        .filter(|one| one["rule"] == rule);
    found
        .map(|one| format!("{}: {}", one["lines"]["start"], text(one, "message")))
        .collect()
}

/// A reference that leads nowhere is named with its line by every command that shows the plan.
#[test]
fn a_reference_to_what_the_document_does_not_have_is_named() {
    let (_scene, repo) = set_up();
    let plan = planned(&repo, "shop.md", SHOP);
    assert!(messages(&plan, "unknown-id").is_empty(), "{plan}");
    repo.pm(&["plan", "approve"]).ok();
    // The list is corrected, the table is forgotten.
    repo.write("shop.md", &SHOP.replace("- REQ-1:", "- REQ-9:"));
    let wanted = "line 11: it refers to REQ-1, which the document does not have";
    let update = repo.data(&["plan", "update", "shop.md"]);
    assert_eq!(
        list(&update, "references")[0]["lines"]["start"],
        11,
        "{update}"
    );
    let ran = |repo: &Repo, args: &[&str]| {
        let ran = repo.pm(args);
        assert!(ran.out.contains(wanted), "{args:?}: {}{}", ran.out, ran.err);
    };
    ran(&repo, &["plan", "update", "shop.md"]);
    ran(&repo, &["plan", "update", "shop.md", "--write"]);
    ran(&repo, &["plan", "check"]);
    ran(&repo, &["plan", "show"]);
    ran(&repo, &["plan", "approve"]);
    // The same requirement with another id is the same task.
    let plan = repo.data(&["plan", "show"]);
    assert_eq!(titles(&plan).len(), 4, "{plan}");
    assert_eq!(messages(&plan, "unknown-id").len(), 1, "{plan}");
    // In a first plan, too.
    let first = "# A\n\n## Requirements\n\n- REQ-1: Sort\n- REQ-3: Save. Depends on REQ-404.\n";
    let other = planned(&repo, "other.md", first);
    let found = messages(&other, "unknown-id");
    assert_eq!(found.len(), 1, "{other}");
    assert!(
        found[0].starts_with("6: it refers to REQ-404,"),
        "{found:?}"
    );
}

/// Two ids with a comma between them are no range.
#[test]
fn a_list_of_ids_names_no_other_one() {
    let (_scene, repo) = set_up();
    let stories = "# Points\n\n## User stories\n\n### US-1: Earn\n\n- a point\n\n### US-2: See\n\n- a sum\n\n\
                   ### US-3: Spend\n\nDepends on: US-1, US-4\n\n- half\n\n### US-4: Pay\n\n- by card\n";
    planned(&repo, "points.md", stories);
    let waves = repo.data(&["plan", "show"])["waves"].clone();
    let waiting = waves[1].as_array().unwrap();
    assert_eq!(waiting.len(), 1, "{waves}");
    assert_eq!(list(&waiting[0], "after").len(), 2, "{waves}");
}

/// PL-10: a criterion in other words still carries its statement; another criterion does not.
#[test]
fn pl_10_a_criterion_reworded_by_hand_still_covers_its_statement() {
    let name = |plan: &Value| {
        let all = list(plan, "tasks").iter();
        let mut all = all.filter(|task| task["title"] == "Users can search products.");
        all.next().unwrap()["number"].to_string()
    };
    let reworded = "at least by price, by colour and by size";
    for other in [reworded, "Two facets"] {
        for by_item in [false, true] {
            let (_scene, repo) = set_up();
            let number = name(&planned(&repo, "shop.md", SHOP));
            let edited = match by_item {
                true => repo.pm(&[
                    "task",
                    "edit",
                    &format!("P-0001/{number}"),
                    "--remove-accept",
                    "1",
                    "--accept",
                    other,
                ]),
                false => repo.pm(&["plan", "set", &number, &format!("acceptance={other}")]),
            };
            edited.ok();
            let coverage = repo.data(&["plan", "show", "--coverage"]);
            let mut all = list(&coverage, "statements").iter();
            let line = all.find(|one| text(one, "text").contains("at least by price"));
            let is_same = other == reworded;
            let disposition = text(line.unwrap(), "disposition");
            assert_eq!(disposition == "criterion", is_same, "{other}: {coverage}");
            let said = repo.pm(&["plan", "approve"]);
            match is_same {
                true => said.ok(),
                false => said.exits(1),
            };
        }
    }
}

/// A document of prose names the commands with which a person plans it, and they work.
#[test]
fn prose_can_be_planned_without_an_agent() {
    let (_scene, repo) = set_up();
    let prose = |n: u32| format!("It reads file {n} each time it runs, which costs time.\n\n");
    let prose: String = (1..15).map(prose).collect();
    repo.write("sync.md", &format!("# Sync\n\n{prose}"));
    let said = repo.pm(&["plan", "new", "sync.md"]).ok().out;
    for command in [
        "git pm plan edit P-0001",
        "git pm plan add --plan P-0001 \"TITLE\" --accept \"CRITERION\"",
    ] {
        assert!(said.contains(command), "no `{command}`: {said}");
    }
    let next = said.lines().last().unwrap_or_default();
    assert!(
        next.starts_with("next:") && !next.contains("AGENT"),
        "{said}"
    );
    let refused = repo.pm(&["plan", "approve"]).exits(1).err;
    assert!(
        refused.contains("git pm plan add --plan P-0001 \"TITLE\""),
        "{refused}"
    );
    let open = repo.pm(&["plan", "edit", "--print"]).ok().out;
    assert!(open.contains("3 It reads file 1 each"), "{open}");
    repo.pm(&[
        "plan",
        "add",
        "--plan",
        "P-0001",
        "Remember what was read",
        "--accept",
        "A second run reads no file again",
    ])
    .ok();
    repo.feed(
        "git-pm",
        &["plan", "write", "P-0001", "-", "--patch"],
        "### sync. Keep a list of files\nlines: 3\n- L3\n\n## Not work\n- 5-29: background\n",
    )
    .ok();
    // What is planned waits for its approval, whoever planned it.
    let said = repo.pm(&["plan", "show"]).ok().out;
    assert!(
        said.contains("git pm plan approve P-0001 --expect"),
        "{said}"
    );
    repo.pm(&["plan", "approve"]).ok();
}

/// A dependency by a title is told as lost when the title is another one.
#[test]
fn a_dependency_on_a_title_that_changed_is_told_as_lost() {
    let (_scene, repo) = set_up();
    let teams = "# Teams\n\n## Tasks\n\n- [ ] Roles\n- [ ] Sharing of folders after Roles\n";
    planned(&repo, "teams.md", teams);
    repo.pm(&["plan", "approve"]).ok();
    repo.write(
        "teams.md",
        &teams.replace("- [ ] Roles", "- [ ] Roles and rights"),
    );
    let said = repo.pm(&["plan", "update", "teams.md"]).ok().out;
    assert!(
        said.contains("warning line 6: task 2 waited for task 1"),
        "{said}"
    );
    // An author who takes it out means it.
    repo.write("teams.md", &teams.replace(" after Roles", ""));
    let update = repo.data(&["plan", "update", "teams.md"]);
    assert!(list(&update, "references").is_empty(), "{update}");
}

/// PL-31: each command that is offered for a plan names it, so it works beside other plans.
#[test]
fn pl_31_the_offered_commands_of_a_plan_work_beside_other_plans() {
    let (_scene, repo) = set_up();
    for name in ["a", "b"] {
        let list = format!("# List {name}\n\n- [ ] write {name}\n");
        planned(&repo, &format!("{name}.md"), &list);
    }
    repo.write("a b.md", "# Other\n\n- [ ] three\n");
    repo.pm(&["plan", "new", "a b.md"]).ok();
    let follow = |args: &[&str]| {
        let said = repo.pm(args).ok().out;
        let next = said.lines().filter_map(|line| line.strip_prefix("next: "));
        let commands: Vec<&str> = next.flat_map(|line| line.split(" · ")).collect();
        assert!(!commands.is_empty(), "a next step: {said}");
        for command in commands {
            repo.run("sh", &["-c", command]).ok();
        }
    };
    follow(&["plan", "show", "P-0001"]);
    follow(&["plan", "show", "P-0003", "-v"]);
    repo.write("a b.md", "# Other\n\n- [ ] three\n- [ ] four\n");
    follow(&["plan", "update", "a b.md"]);
    follow(&["plan", "show", "P-0003"]);
    assert_eq!(repo.data(&["plan", "show", "P-0003"])["status"], "approved");
}
