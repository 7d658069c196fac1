//! Milestones that are only a list or a table of the requirements that they have.

use super::rules_tests::{drafted, titles};

const DEMANDS: &str = "# Garden\n\n## Requirements\n\n- R1: Members book a plot\n- R2: Members pay\n\
                       - R3: Admins see all plots\n\n";

/// The titles of the milestones of a document, each with those of its tasks.
fn phases(text: &str) -> Vec<(String, Vec<String>)> {
    let plan = drafted(text);
    let mut found = Vec::new();
    for phase in &plan.milestones {
        let own = plan
            .counted()
            .filter(|task| phase.tasks.contains(&task.key));
        let own = own.map(|task| task.title.clone());
        found.push((phase.title.clone(), own.collect()));
    }
    found
}

#[test]
fn entries_below_milestones_that_name_requirements_are_phases() {
    let table = "| Milestone | Date | Requirements |\n|--|--|--|\n| Beta | 2026-12-10 | R1 |\n\
                 | Launch | 2027-02-01 | R2, R3 |\n";
    for list in [
        "1. Beta 2026-12-10: R1\n2. Launch 2027-02-01: R2, R3\n",
        "- **Beta** (2026-12-10): R1\n- **Launch**: R2 and R3\n",
        table,
    ] {
        let text = format!("{DEMANDS}## Milestones\n\n{list}");
        let wanted = ["Members book a plot", "Members pay", "Admins see all plots"];
        assert_eq!(titles(&text), wanted, "{list}");
        let found = phases(&text);
        assert_eq!(found.len(), 2, "{list}: {found:?}");
        assert!(found[0].0.starts_with("Beta"), "{found:?}");
        assert_eq!(found[0].1, ["Members book a plot"], "{list}");
        assert_eq!(
            found[1].1,
            ["Members pay", "Admins see all plots"],
            "{list}"
        );
    }
}

#[test]
fn steps_below_milestones_stay_tasks() {
    // One of them names no requirement and no date, so they are what is to be done.
    let text = format!("{DEMANDS}## Milestones\n\n1. Set up the server\n2. Build R1\n");
    assert!(titles(&text).contains(&"Set up the server".to_owned()));
    assert!(phases(&text).is_empty());
    let text = format!("{DEMANDS}## Steps\n\n1. Beta 2026-12-10: R1\n2. Launch: R2\n");
    assert!(phases(&text).is_empty());
}

#[test]
fn a_milestone_can_have_a_number_with_a_letter() {
    for name in ["M", "A", ""] {
        let text = format!(
            "# Notes\n\n## Requirements\n\n### Milestone {name}1: Basics\n\n- R1: Write\n- R2: Search\n\n\
             ### Milestone {name}2: Sharing\n\n- R3: Share\n- R4: Print\n"
        );
        let found = phases(&text);
        let tasks: Vec<_> = found.iter().map(|phase| phase.1.clone()).collect();
        assert_eq!(
            tasks,
            [["Write", "Search"], ["Share", "Print"]],
            "{found:?}"
        );
    }
}
