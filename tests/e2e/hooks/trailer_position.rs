//! The position of the `Task:` trailer compared with that of `git interpret-trailers`.
#![cfg(unix)]

use git_pm::internals::coordinate::hook::trailer::add_task_trailer;

use crate::hooks::stand_in::Repo;

#[test]
fn the_trailer_is_at_the_position_that_git_would_choose() {
    let repo = Repo::new();
    for message in [
        "Fix\n",
        "Fix\n\ntext\n",
        "fix: x\n",
        "fix: x\nRefs: 1\n",
        "Fix\n\nRefs: 1\n",
        "Fix\n\nRefs: 1\n  folded\n\nCloses: 2\n",
        "Fix\n\ntext\nRefs: 1\n",
        "Fix\n\none\ntwo\nthree\nSigned-off-by: A <a@b>\n",
        "Fix\n\none\ntwo\nthree\nfour\nSigned-off-by: A <a@b>\n",
        "Fix\n\none\n(cherry picked from commit 1234567)\n",
        "Fix\n\n  indented\nRefs: 1\n",
        "Fix\n\nhttp://example.org\n",
        "Fix\n\nTwo words: x\n",
        "Fix\n\nRefs : 1\n",
        "Fix\n\nTask: T-0002\n",
        "Fix\n\nTask: T-0001\nRefs: 1\n",
        "Fix\n\nRefs: 1\n# a comment\nCloses: 2\n",
        "Fix\n\ntext\n# a comment\n# another\n",
        "Fix\n\n# a comment\nRefs: 1\n",
    ] {
        repo.write("message", message);
        let theirs = repo.git(&[
            "interpret-trailers",
            "--no-divider",
            "--if-exists=addIfDifferent",
            "--trailer",
            "Task: T-0001",
            "message",
        ]);
        let ours =
            add_task_trailer(message, "T-0001", Some("#")).unwrap_or_else(|| message.to_string());
        // Git also rewrites the spaces of existing trailers; git pm does not change the user's
        // text.
        repo.write("message", &ours);
        let ours = repo.git(&["interpret-trailers", "--no-divider", "message"]);
        assert_eq!(ours, theirs, "{message:?}");
    }
}
