//! What became of a push (accepted, race lost, refused, unknown), as far as git's messages show.

use crate::git::process::Output;
use crate::model::limits::SERVER_MESSAGE_MAX;

/// The reason why a remote refuses a new generation: `receive.denyNonFastForwards`.
pub(crate) const NO_REPLACING: &str = "it does not allow history to be replaced";

/// The outcome of a push.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pushed {
    /// The remote has the commit.
    Done,
    /// Another push was first; ours changed nothing at the remote.
    Lost,
    /// The ref is locked at the remote: by a running push, or one that was killed. With git's
    /// message and the lock file, if git names it.
    Locked(String, Option<String>),
    /// This user may not write there.
    Denied(String),
    /// The remote does not take it, for another reason.
    Refused(String),
    /// The remote got nothing: there was no connection, or its server or a proxy took no request.
    Unsent(String),
    /// Unknown: the connection broke.
    Unknown(String),
}

/// Reads a push's porcelain output. Only a line about the ref itself shows that the remote
/// answered; without one the outcome is unknown.
pub(super) fn push_outcome(output: &Output) -> Pushed {
    let lines = output.lines();
    let line = lines
        .iter()
        .find(|l| l.starts_with(['!', '=', '*', ' ', '+']) && l.contains('\t'));
    if output.ok() {
        return Pushed::Done;
    }
    let Some(line) = line else {
        let reason = output.reason();
        if failed_locally(&output.stderr) {
            return Pushed::Lost;
        }
        let text = with_words(&reason, output);
        return if is_denied(&output.stderr) {
            Pushed::Denied(text)
        } else if output.stderr.lines().any(is_unsent) {
            Pushed::Unsent(text)
        } else {
            Pushed::Unknown(text)
        };
    };
    let summary = line.rsplit('\t').next().unwrap_or("").to_string();
    let summary = crate::model::text::one_line(&summary);
    if summary.contains("[remote failure]") || summary.contains("remote failed to report") {
        return Pushed::Unknown(summary);
    }
    // A forced push that the server's own configuration forbids will not do better next time.
    if summary.contains("[remote rejected]") && summary.contains("non-fast-forward") {
        return Pushed::Refused(NO_REPLACING.into());
    }
    let race = [
        "fetch first",
        "non-fast-forward",
        "stale info",
        "incorrect old value",
        "reference already exists",
        "[rejected]",
    ];
    if race.iter().any(|words| summary.contains(words)) {
        return Pushed::Lost;
    }
    if is_lock(&summary, output) {
        return Pushed::Locked(with_words(&summary, output), output.lock_file());
    }
    if line.starts_with('!') {
        let text = with_words(&summary, output);
        return if is_denied(&text) {
            Pushed::Denied(text)
        } else {
            Pushed::Refused(text)
        };
    }
    Pushed::Unknown(summary)
}

/// True if a server says that a lock blocks the ref, or that the ref moved while it took the lock.
/// Git says why it could not lock a ref: another ref in its place, a missing right or a full disk
/// is neither of the two, and waiting does not help.
fn is_lock(summary: &str, output: &Output) -> bool {
    let text = format!("{summary}\n{}", output.stderr);
    // The last two: another process created or deleted the ref meanwhile.
    let moved = (text.contains("is at ") && text.contains("but expected "))
        || text.contains("reference already exists")
        || text.contains("reference is missing but expected");
    if moved || output.lock_file().is_some() {
        return true;
    }
    if text.contains("cannot lock ref") || text.contains("Unable to create '") {
        return false;
    }
    // Servers other than git's own, or ones that do not report their reasons.
    let words = ["failed to lock", "unable to lock", "already locked"];
    words.iter().any(|words| summary.contains(words))
        || (summary.contains("failed to update ref") && !output.stderr.contains("remote: "))
}

/// How lines begin that have a server's message.
const OF_SERVER: [&str; 2] = ["remote: ", "error: remote "];

/// Git's summary with the server's message, which git puts on separate lines.
fn with_words(summary: &str, output: &Output) -> String {
    let messages = output.stderr.lines();
    let of_server = |line| {
        OF_SERVER
            .iter()
            .find_map(|begin| str::strip_prefix(line, begin))
    };
    let messages = messages.filter_map(of_server);
    let messages: Vec<&str> = messages
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    if messages.is_empty() {
        return summary.to_string();
    }
    let messages = messages.join(" ");
    let messages = crate::model::text::shorten(&messages, SERVER_MESSAGE_MAX);
    let messages = crate::model::text::escape_controls(&messages);
    format!("{summary}; the server says: {messages}")
}

/// True if our own git gave up before it sent anything. Another process of this clone was fetching
/// the remote's new tip: git writes a commit before its parents, and for a moment finds only the
/// commit. Messages of the other side begin with `remote:`.
fn failed_locally(stderr: &str) -> bool {
    let mut lines = stderr.lines();
    lines.any(|line| line.starts_with("error: could not parse commit "))
}

/// How lines of git and ssh begin that say that no connection was made, or that the first request,
/// which only lists refs, failed.
const NO_CONNECTION: [&str; 9] = [
    "fatal: Authentication failed for '",
    "fatal: could not read ",
    "fatal: unable to access '",
    "fatal: unable to connect to ",
    "fatal: unable to look up ",
    "fatal: repository '",
    "fatal: '",
    "error: Cannot access URL ",
    "ssh: ",
];

/// True if a line of git's says that nothing can have arrived. With a status of 400 to 499 the
/// request was not taken; after any other, such as a proxy's 504, the server may still have it.
fn is_unsent(line: &str) -> bool {
    let status = line.strip_prefix("error: RPC failed; HTTP ");
    let status = status.and_then(|rest| rest.get(..3)?.parse::<u16>().ok());
    status.is_some_and(|status| (400..500).contains(&status))
        || NO_CONNECTION.iter().any(|begin| line.starts_with(begin))
}

/// The messages of servers when this user may not write. There is no exit code for it.
fn is_denied(stderr: &str) -> bool {
    let text = stderr.to_ascii_lowercase();
    [
        "permission denied",
        "permission to ",
        "access denied",
        "error: 401",
        "error: 403",
        "http 403",
        "not allowed",
        "not authorized",
        "unauthorized",
        "forbidden",
        "protected",
        "read-only",
        "read only",
        "insufficient permission",
    ]
    .iter()
    .any(|words| text.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn output(code: i32, stdout: &str, stderr: &str) -> Output {
        Output {
            code: Some(code),
            stdout: stdout.as_bytes().to_vec(),
            stderr: stderr.into(),
            timed_out: false,
        }
    }

    #[test]
    fn the_output_of_a_push_is_classified() {
        let line = |summary: &str| format!("To x\n!\tabc:refs/pm/main\t{summary}\nDone\n");
        let evaluated =
            |summary: &str| push_outcome(&output(1, &line(summary), "error: failed to push"));
        assert_eq!(evaluated("[rejected] (fetch first)"), Pushed::Lost);
        assert!(matches!(
            evaluated("[remote rejected] (cannot lock ref 'refs/pm/main': is at x but expected y)"),
            Pushed::Locked(_, None)
        ));
        assert!(matches!(
            evaluated("[remote rejected] (failed to lock)"),
            Pushed::Locked(_, None)
        ));
        let unlocked = |why: &str| {
            let messages = format!("remote: error: cannot lock ref 'refs/pm/main': {why}");
            push_outcome(&output(
                1,
                &line("[remote rejected] (failed to update ref)"),
                &messages,
            ))
        };
        for moved in [
            "reference already exists",
            "is at abc but expected def",
            "reference is missing but expected abc",
        ] {
            assert!(
                matches!(unlocked(moved), Pushed::Locked(_, None)),
                "{moved}"
            );
        }
        let create = "Unable to create '/r.git/./refs/pm/main.lock': ";
        assert!(matches!(
            unlocked("'refs/pm' exists; cannot create 'refs/pm/main'"),
            Pushed::Refused(_)
        ));
        assert!(matches!(
            unlocked(&format!("{create}No space left on device")),
            Pushed::Refused(_)
        ));
        assert!(matches!(
            unlocked(&format!("{create}Permission denied")),
            Pushed::Denied(_)
        ));
        let stale = output(
            1,
            &line("[remote rejected] (failed to update ref)"),
            "remote: error: cannot lock ref 'refs/pm/main': Unable to create \
             '/r.git/./refs/pm/main.lock': File exists.\nerror: failed to push",
        );
        let file = Some("/r.git/./refs/pm/main.lock".to_string());
        assert!(matches!(push_outcome(&stale), Pushed::Locked(_, found) if found == file));
        let busy = output(
            1,
            &line("[remote rejected] (pre-receive hook declined)"),
            "remote: maintenance, \u{1b}[1mtry again\nerror: failed to push",
        );
        let messages = Pushed::Refused(
            "[remote rejected] (pre-receive hook declined); the server says: maintenance, \\u{1b}[1mtry again"
                .into(),
        );
        assert_eq!(push_outcome(&busy), messages);
        assert!(matches!(
            evaluated("[remote rejected] (pre-receive hook declined)"),
            Pushed::Refused(_)
        ));
        assert!(matches!(
            evaluated("[remote failure] (remote failed to report status)"),
            Pushed::Unknown(_)
        ));
        let broken = output(128, "", "fatal: the remote end hung up unexpectedly");
        assert!(matches!(push_outcome(&broken), Pushed::Unknown(_)));
        let denied = output(
            128,
            "",
            "fatal: unable to access: The requested URL returned error: 403",
        );
        assert!(matches!(push_outcome(&denied), Pushed::Denied(_)));
        let http = |status: u16| {
            push_outcome(&output(
                1,
                "Done\n",
                &format!(
                    "error: RPC failed; HTTP {status} curl 22 The requested URL returned error: \
                     {status}\nfatal: the remote end hung up unexpectedly"
                ),
            ))
        };
        assert!(matches!(http(413), Pushed::Unsent(why) if why.contains("HTTP 413")));
        assert!(matches!(http(401), Pushed::Denied(why) if why.contains("HTTP 401")));
        assert!(matches!(http(504), Pushed::Unknown(why) if why.contains("HTTP 504")));
        let half_fetched = output(
            128,
            "",
            "error: Could not read 03e4\nerror: could not parse commit 03e4\n\
             fatal: the remote end hung up unexpectedly",
        );
        assert_eq!(push_outcome(&half_fetched), Pushed::Lost);
        assert_eq!(push_outcome(&output(0, "", "")), Pushed::Done);
    }
}
