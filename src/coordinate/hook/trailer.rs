//! The `Task:` trailer of a commit message, by which a task's commits are found.
//!
//! It uses git's definition of a trailer block (`git interpret-trailers`), so that `git log
//! --format='%(trailers:key=Task)'` finds it.

use crate::coordinate::{harmless_place, here};
use crate::error::{Error, Result};
use crate::pm::Pm;
use crate::store::index::Scan;
use crate::store::named_file;

/// The file in the worktree's git directory that keeps a commit's template while it is edited.
const TEMPLATE: &str = "pm-commit-template";

/// The names of the files in which git keeps a message.
const MESSAGES: [&str; 4] = ["COMMIT_EDITMSG", "MERGE_MSG", "final-commit", "message"];

const KEY: &str = "Task";
const SCISSORS: &str = " ------------------------ >8 ------------------------";

/// Adds the `Task:` trailer on a task's branch. Before the editor opens, only to an existing
/// message: an empty one, or a template, must stay unchanged, as saving it aborts the commit.
pub(super) fn add_trailer(pm: &Pm, args: &[String], edited: bool) -> Result<()> {
    let source = args.get(1).map_or("", String::as_str);
    let Some(file) = args
        .first()
        .filter(|_| !matches!(source, "merge" | "squash"))
    else {
        return Ok(());
    };
    let requester = pm.requester();
    let Some(branch) = requester.branch.as_deref() else {
        return Ok(());
    };
    let state = pm.store.snapshot()?;
    let found = state.scan(&Scan::Branch(branch), |_| true, 1);
    let Some(item) = found.first() else {
        return Ok(());
    };
    let repo = pm.store.repo();
    let path = repo.workdir().unwrap_or(&pm.store.env().cwd).join(file);
    let fail = |e| Error::io(format!("cannot change {}", path.display()), e);
    let is_message = path
        .file_name()
        .is_some_and(|name| MESSAGES.iter().any(|one| name == *one));
    // A caller who runs the hook by hand names any file.
    if !is_message && harmless_place::require_harmless(pm, &path, false).is_err() {
        return Ok(());
    }
    let bytes = named_file::read(&path).map_err(fail)?;
    let Ok(message) = String::from_utf8(bytes) else {
        return Ok(());
    };
    let comment = comment_prefix(pm);
    let template = repo.git_dir().join(TEMPLATE);
    if !edited {
        let _ = std::fs::remove_file(&template);
        if source == "template" {
            // git compares the message with it after us, without our trailer.
            std::fs::write(&template, &message).map_err(fail)?;
        }
        if matches!(source, "" | "template") {
            return Ok(());
        }
    }
    let own = content(&message, comment.as_deref());
    let untouched = std::fs::read_to_string(&template)
        .is_ok_and(|text| content(&text, comment.as_deref()) == own);
    if own.is_empty() || untouched || message.starts_with("Merge ") {
        return Ok(());
    }
    let id = here::lasting_id(pm, &state, item);
    if let Some(changed) = add_task_trailer(&message, &id, comment.as_deref()) {
        std::fs::write(&path, changed).map_err(fail)?;
    }
    Ok(())
}

/// The prefix of comments in a commit message; none if git keeps all lines, as without an
/// editor.
fn comment_prefix(pm: &Pm) -> Option<String> {
    if pm.store.env().text("GIT_EDITOR").as_deref() == Some(":") {
        return None;
    }
    let repo = pm.store.repo();
    let configured = repo
        .config("core.commentString")
        .or_else(|| repo.config("core.commentChar"))
        .filter(|text| !text.is_empty() && text != "auto");
    Some(configured.unwrap_or_else(|| "#".into()))
}

/// Adds `Task: <task_id>` to a commit message; none when it has that trailer already. `comment` is
/// the prefix of comment lines, if git removes them. They and everything below the scissors line
/// stay at the end. In an empty message (an editor is about to open) the first line stays free for
/// the subject. The caller decides whether a message gets a trailer at all (a merge's or squash's
/// does not).
pub fn add_task_trailer(message: &str, task_id: &str, comment: Option<&str>) -> Option<String> {
    let newline = if message.contains("\r\n") {
        "\r\n"
    } else {
        "\n"
    };
    let lines: Vec<&str> = message.split_inclusive('\n').collect();
    let end = body_end(&lines, comment);
    let body = &lines[..end];
    let trailer = format!("{KEY}: {task_id}{newline}");
    let block = trailer_block(body, comment);
    let searched = match block {
        Some(start) => &body[start..],
        // Our own trailer under a subject that is not written yet.
        None if body.first().is_some_and(|line| is_blank(line)) => body,
        None => &[],
    };
    let has = searched.iter().any(|line| {
        line.split_once(':').is_some_and(|(key, value)| {
            key.trim_end().eq_ignore_ascii_case(KEY) && value.trim().eq_ignore_ascii_case(task_id)
        })
    });
    (!has).then(|| assemble(body, &lines[end..], newline, block.is_none(), &trailer))
}

fn assemble(body: &[&str], rest: &[&str], newline: &str, apart: bool, trailer: &str) -> String {
    let mut out = body.concat();
    if out.is_empty() {
        // Two: one stays the subject's line, the other keeps the trailer a block of its own.
        out.push_str(newline);
    } else if !out.ends_with('\n') {
        out.push_str(newline);
    }
    if apart {
        out.push_str(newline);
    }
    out.push_str(trailer);
    if body.is_empty() && rest.first().is_some_and(|line| !is_blank(line)) {
        out.push_str(newline);
    }
    out.push_str(&rest.concat());
    out
}

/// The number of lines before the trailing blank lines, comments and text below the scissors.
fn body_end(lines: &[&str], comment: Option<&str>) -> usize {
    let last = lines[..cut(lines, comment)]
        .iter()
        .rposition(|line| !is_blank(line) && !is_comment(line, comment));
    last.map_or(0, |last| last + 1)
}

/// The number of lines above the scissors line.
fn cut(lines: &[&str], comment: Option<&str>) -> usize {
    let found = lines.iter().position(|line| {
        let mark = line.trim_end().strip_suffix(SCISSORS);
        mark.is_some_and(|mark| Some(mark) == comment)
    });
    found.unwrap_or(lines.len())
}

/// The text of a message without comments and the part below the scissors; git aborts if it is
/// empty.
fn content(message: &str, comment: Option<&str>) -> String {
    let lines: Vec<&str> = message.lines().collect();
    let kept = lines[..cut(&lines, comment)]
        .iter()
        .filter(|line| !is_comment(line, comment) && !is_blank(line))
        // git does not count them either.
        .filter(|line| !line.starts_with("Signed-off-by: "));
    kept.map(|line| line.trim_end())
        .collect::<Vec<_>>()
        .join("\n")
}

/// The first line of the trailer block, if the message ends with one: the last paragraph, not the
/// subject's, of which every line is a trailer, or, with a line that git itself writes in it, at
/// least a quarter.
fn trailer_block(body: &[&str], comment: Option<&str>) -> Option<usize> {
    let blank = body.iter().rposition(|line| is_blank(line))?;
    // The subject's paragraph is never one, whatever it looks like.
    body[..blank]
        .iter()
        .position(|line| !is_comment(line, comment) && !is_blank(line))?;
    let (mut trailers, mut others, mut by_git, mut in_trailer) = (0, 0, false, false);
    for line in &body[blank + 1..] {
        if is_comment(line, comment) {
            continue;
        }
        if line.starts_with([' ', '\t']) {
            others += usize::from(!in_trailer);
            continue;
        }
        let git =
            line.starts_with("Signed-off-by: ") || line.starts_with("(cherry picked from commit ");
        in_trailer = git || is_trailer(line);
        by_git |= git;
        if in_trailer {
            trailers += 1;
        } else {
            others += 1;
        }
    }
    let block = trailers > 0 && (others == 0 || (by_git && trailers * 3 >= others));
    block.then_some(blank + 1)
}

/// `Key: value`, where the key is letters, digits and `-`, and white space may precede the colon.
fn is_trailer(line: &str) -> bool {
    line.split_once(':').is_some_and(|(key, _)| {
        let key = key.trim_end_matches([' ', '\t']);
        !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    })
}

fn is_comment(line: &str, comment: Option<&str>) -> bool {
    comment.is_some_and(|prefix| line.starts_with(prefix))
}

fn is_blank(line: &str) -> bool {
    line.trim().is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn added(message: &str) -> String {
        add_task_trailer(message, "T-0001", Some("#")).expect("a change")
    }

    #[test]
    fn a_trailer_is_added_as_a_separate_block_after_the_text() {
        assert_eq!(added("Fix login"), "Fix login\n\nTask: T-0001\n");
        assert_eq!(
            added("Fix login\n\nWhy: so\nthat it works\n"),
            "Fix login\n\nWhy: so\nthat it works\n\nTask: T-0001\n"
        );
        assert_eq!(added("fix: login\n"), "fix: login\n\nTask: T-0001\n");
        assert_eq!(
            added("fix: login\nRefs: 12\n"),
            "fix: login\nRefs: 12\n\nTask: T-0001\n"
        );
    }

    #[test]
    fn a_trailer_is_added_to_an_existing_trailer_block() {
        assert_eq!(
            added("Fix\n\nRefs: 1\n folded\n"),
            "Fix\n\nRefs: 1\n folded\nTask: T-0001\n"
        );
        assert_eq!(
            added("Fix\n\nTask: T-0002\n"),
            "Fix\n\nTask: T-0002\nTask: T-0001\n"
        );
        assert_eq!(
            added("Fix\n\nsome text\nSigned-off-by: A <a@b>\n\n\n"),
            "Fix\n\nsome text\nSigned-off-by: A <a@b>\nTask: T-0001\n\n\n"
        );
    }

    #[test]
    fn an_existing_trailer_is_not_added_again() {
        for message in [
            "Fix\n\nTask: T-0001\n",
            "Fix\n\ntask : t-0001\nRefs: x\n# c\n",
        ] {
            assert_eq!(
                add_task_trailer(message, "T-0001", Some("#")),
                None,
                "{message}"
            );
        }
        let message = added("Fix\n");
        assert_eq!(add_task_trailer(&message, "T-0001", Some("#")), None);
        let other = added("Fix\n\nTask: T-00012\n");
        assert_eq!(other, "Fix\n\nTask: T-00012\nTask: T-0001\n");
    }

    #[test]
    fn comments_and_scissors_stay_below_the_trailer() {
        assert_eq!(
            added("Fix\n\n# Please enter\n# the message\n"),
            "Fix\n\nTask: T-0001\n\n# Please enter\n# the message\n"
        );
        let cut = "# ------------------------ >8 ------------------------\n+Task: T-0001\n";
        assert_eq!(
            added(&format!("Fix\n{cut}")),
            format!("Fix\n\nTask: T-0001\n{cut}")
        );
    }

    #[test]
    fn an_empty_line_for_the_subject_stays_above_the_trailer() {
        assert_eq!(added(""), "\n\nTask: T-0001\n");
        assert_eq!(
            added("\n# Please enter\n"),
            "\n\nTask: T-0001\n\n# Please enter\n"
        );
        assert_eq!(
            added("# Please enter\n"),
            "\n\nTask: T-0001\n\n# Please enter\n"
        );
        assert_eq!(
            add_task_trailer("\n\nTask: T-0001\n\n# x\n", "T-0001", Some("#")),
            None
        );
    }

    #[test]
    fn only_lines_that_git_removes_are_comments() {
        let message = "Fix\n\n#12 is done\n";
        assert_eq!(
            add_task_trailer(message, "T-0001", None).as_deref(),
            Some("Fix\n\n#12 is done\n\nTask: T-0001\n")
        );
        assert_eq!(content(message, None), "Fix\n#12 is done");
        assert_eq!(content("; Please enter\n\n;\n", Some(";")), "");
        assert_eq!(content("// Please enter\n", Some("//")), "");
        let cut = "; ------------------------ >8 ------------------------\n+x\n";
        assert_eq!(content(cut, Some(";")), "");
    }

    #[test]
    fn the_line_ends_of_a_message_are_kept() {
        assert_eq!(
            added("Fix\r\n\r\nRefs: 1\r\n"),
            "Fix\r\n\r\nRefs: 1\r\nTask: T-0001\r\n"
        );
        assert_eq!(added("Fix\r\n"), "Fix\r\n\r\nTask: T-0001\r\n");
    }
}
