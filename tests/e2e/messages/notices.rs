//! Notices that `status` shows count as read, so they are shown as a whole.

use crate::support::{agent, set_up};

/// A note whose first line is too long for a subject, and one with a second line.
#[test]
fn a_notice_that_is_too_long_for_a_line_is_shown_as_a_whole_once() {
    let (_scene, repo) = set_up();
    let end = "and name the rule in the message of the commit, please";
    let long = format!(
        "{} {end}",
        "rename the helper that checks the token; ".repeat(3)
    );
    let lines = format!("Almost:\n{end}");
    for (title, note) in [("One", long.as_str()), ("Two", lines.as_str())] {
        let id = repo.task(title, &[]);
        let bot = agent(&repo).by("bot1");
        bot.pm(&["start", &id]).ok();
        let work = repo.worktree(&id);
        work.write(&format!("{id}.txt"), "new\n");
        work.commit_all("Work");
        agent(&work).by("bot1").pm(&["finish"]).ok();
        repo.pm(&["task", "return", &id, "--note", note]).ok();
        let shown = bot.pm(&["status"]).ok().out;
        assert!(shown.contains(end), "{title}: {shown}");
        let inbox = bot.pm(&["msg", "inbox"]).ok().out;
        assert!(!inbox.contains("returned your work"), "{title}: {inbox}");
        let shown = bot.pm(&["status"]).ok().out;
        assert!(!shown.contains("returned your work"), "{title}: {shown}");
    }
}
