//! The rules over a diff: severity, consequence and remedy of each.

use crate::model::finding::Severity::{self, P0, P1, P2, P3};

/// A rule over a diff.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// The stable name, kebab-case.
    pub id: &'static str,
    /// The class of the defect.
    pub category: &'static str,
    /// How bad what it finds is.
    pub severity: Severity,
    /// What will happen because of what it finds, in a sentence.
    pub outcome: &'static str,
    /// How to settle a finding, in a sentence.
    pub settle: &'static str,
}

const fn rule(
    id: &'static str,
    category: &'static str,
    severity: Severity,
    outcome: &'static str,
    settle: &'static str,
) -> Rule {
    Rule {
        id,
        category,
        severity,
        outcome,
        settle,
    }
}

/// All rules, the worst first.
#[rustfmt::skip]
pub const RULES: &[Rule] = &[
    rule("secret", "security", P0, "Everyone who can read the repository can use the secret, also after it is removed.", "Remove it, revoke it where it was issued, and read it from the environment or a secret store."),
    rule("conflict-marker", "correctness", P0, "The file is broken: both sides of the conflict stand in it.", "Resolve the conflict and remove the markers."),
    rule("path-reserved", "scope", P1, "Two people change the same file, and one of them will have to redo it.", "Agree with the holder, or leave the file out of this change."),
    rule("test-deleted", "tests", P1, "What the test covered can break unnoticed.", "Restore the test, or say why what it covers no longer exists."),
    rule("test-skipped", "tests", P1, "The test no longer runs, so what it covers can break unnoticed.", "Make it pass again, or give the condition under which it cannot run."),
    rule("test-focused", "tests", P1, "Only this test runs, and all others of the file are left out.", "Remove the focus."),
    rule("assertions-reduced", "tests", P1, "The test passes with results that it refused before.", "Restore the assertions, or say why what they checked no longer holds."),
    rule("assertion-trivial", "tests", P1, "The assertion always holds, so the test cannot fail.", "Assert the result of the code under test."),
    rule("gate-weakened", "ci", P1, "Changes that the gate refused before will pass.", "Restore the check and mend what it refuses."),
    rule("coverage-lowered", "ci", P1, "Code without tests passes the gate.", "Restore the threshold and add the missing tests."),
    rule("migration-edited", "data", P1, "Databases that have run the migration will not get the change.", "Restore it and add a new migration."),
    rule("code-injection", "security", P1, "Whoever controls the value runs code or commands of their own.", "Call the function directly, or pass the arguments as a list without a shell."),
    rule("sql-injection", "security", P1, "Whoever controls the value can read and change the whole database.", "Pass the value as a parameter of the query."),
    rule("tls-unverified", "security", P1, "Anyone on the network path can read and change the traffic.", "Verify certificates; add the private authority to the trusted ones if there is one."),
    rule("html-injection", "security", P1, "Whoever controls the value runs scripts in the user's browser.", "Set the text instead of the markup, or sanitize the value."),
    rule("path-protected", "scope", P2, "What the project protects changes without the consent that it asks for.", "Leave the file out, or have a human approve it."),
    rule("symlink-escapes", "security", P2, "The link leads to a file outside of the repository, another one on each machine.", "Link within the repository."),
    rule("outside-plan", "scope", P2, "Something changes that the task did not announce, and nobody looks for it.", "Declare the path, or move its change to a task of its own."),
    rule("source-without-test", "tests", P2, "The new behaviour can break unnoticed.", "Add a test that fails without the change."),
    rule("check-suppressed", "maintainability", P2, "The tool is silent where it had something to say.", "Mend what it reports, or write the reason beside the suppression."),
    rule("check-loosened", "maintainability", P2, "The tool no longer reports what it reported before, in all files.", "Restore the setting, or suppress the one place with a reason."),
    rule("debug-leftover", "maintainability", P2, "The program stops or prints what was only for its author.", "Remove it, or log it."),
    rule("error-swallowed", "correctness", P2, "A failure goes unnoticed, and what follows works with wrong data.", "Handle the error, log it, or say in a comment why it does not matter."),
    rule("lock-missing", "dependencies", P2, "An install with the lock file fails or gets other versions than the manifest asks for.", "Update the lock file in the same change."),
    rule("manifest-missing", "dependencies", P3, "Versions change that no manifest asks for.", "Say why the lock file changes, or restore it."),
    rule("generated-edited", "maintainability", P2, "The next run of the generator removes the edit.", "Change the source and generate the file again."),
    rule("vendored-edited", "maintainability", P2, "The next update of the dependency removes the edit.", "Change it upstream, or keep the patch beside the vendored code."),
    rule("gate-changed", "ci", P3, "The change decides itself what is checked.", "Look at what the gate checked before and now."),
    rule("dependency-added", "dependencies", P3, "The project depends on code that others write.", "Check that it is needed, maintained, and what it is meant to be."),
    rule("migration-added", "data", P3, "The schema of databases in use changes.", "Check that it can run on full tables and be undone."),
    rule("todo-added", "maintainability", P3, "Work is left that no task names.", "Do it, or make a task and name it in the comment."),
    rule("binary-added", "maintainability", P3, "Nobody can review it, and it stays in the history of each clone.", "Build or fetch it when it is needed."),
    rule("file-large", "maintainability", P3, "It stays in the history of each clone.", "Keep it outside of the repository, or in Git LFS."),
    rule("change-large", "process", P3, "Reviewers overlook more in a large change.", "Part it into changes that can be reviewed one by one."),
    rule("submodule-changed", "dependencies", P3, "Another version of other code is used.", "Check what the other commit brings."),
    rule("criterion-unproven", "process", P3, "Nobody can tell whether the task is done.", "Add the evidence, or say why the criterion no longer holds."),
    rule("commit-without-task", "process", P3, "Later nobody finds why the commit was made.", "Name the task in the message."),
];

/// A rule by its name.
pub fn rule_named(id: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.id == id)
}
