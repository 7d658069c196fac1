//! What agents print: any amount, secrets, terminal escapes, bytes that are no text. SE-11.

use super::stage::{Stage, WORK};
use crate::support::{at_terminal, size};

/// A folder's size in bytes.
fn bytes_in(path: &std::path::Path) -> u64 {
    let mut sum = 0;
    for entry in std::fs::read_dir(path).unwrap().flatten() {
        let kind = entry.file_type().unwrap();
        sum += if kind.is_dir() {
            bytes_in(&entry.path())
        } else {
            entry.metadata().unwrap().len()
        };
    }
    sum
}

/// OB-04: an agent that prints without end fills neither memory nor disk, its work is not lost, and of
/// what it printed the end is kept.
#[test]
fn an_agent_that_prints_very_much_is_survived() {
    let stage = Stage::with_tasks(&["T-0001"]);
    let bytes = size(120_000_000, 20_000_000);
    let script = format!(
        "yes 'all work and no play makes a dull agent' | head -c {bytes}\n\
         grep VmHWM /proc/$PPID/status > \"$OUT/memory\"\necho the last words\n{WORK}"
    );
    stage.run(&script, &["--merge", "gates"]).ok();
    stage.all_merged(&["T-0001"]);
    let memory = stage.told("memory");
    if let Some(kilobytes) = memory.split_whitespace().nth(1) {
        let kilobytes: u64 = kilobytes.parse().unwrap();
        assert!(kilobytes < 150_000, "{kilobytes} kB");
    }
    let logs = bytes_in(&stage.repo.path.join(".git"));
    assert!(logs < 64_000_000, "{logs} bytes are kept");
    let last = stage.repo.pm(&["logs", "--last", "3"]).ok();
    assert!(last.out.lines().count() <= 3, "{}", last.out);
    assert!(last.out.contains("the last words"), "{}", last.out);
    let logs = stage.repo.pm(&["logs"]).ok();
    let first = logs.out.lines().next().unwrap();
    assert!(first.contains("earlier output was dropped"), "{first}");
    assert!(logs.out.len() < 50 << 20, "{} bytes", logs.out.len());
    // OB-14: that log is noise, and who reads it is told so.
    let told = "is repetitive";
    assert!(
        logs.err.contains(told) && logs.err.contains("a dull agent"),
        "{}",
        logs.err
    );
    assert!(!stage.repo.pm(&["-q", "logs"]).ok().err.contains(told));
}

/// One line without an end.
#[test]
fn a_line_without_an_end_is_survived() {
    let stage = Stage::with_tasks(&["T-0001"]);
    let script =
        format!("head -c 50000000 /dev/zero | tr '\\0' x\nhead -c 1000000 /dev/urandom\n{WORK}");
    stage.run(&script, &["--merge", "gates"]).ok();
    stage.all_merged(&["T-0001"]);
    stage.repo.pm(&["logs"]).ok();
    stage.repo.pm(&["--json", "logs"]).ok();
}

/// Terminal escapes of an agent, in its output, its file names and its commit message.
#[test]
fn escapes_of_an_agent_do_not_reach_the_terminal() {
    let stage = Stage::with_tasks(&["One"]);
    let script = "printf '\\033]0;owned\\007\\033[2Jred\\033[31m\\rline\\n\\302\\233 31m\\342\\200\\256'\n\
                  printf '\\033[41mtrouble\\033[0m\\n' >&2\n\
                  name=$(printf 'a\\033[31mb'); echo x > \"$name\"; exit 1";
    let with = stage.agent(script);
    let run = at_terminal(&stage.repo, &["run", "--with", &with], "");
    let status = at_terminal(&stage.repo, &["run", "status"], "");
    let logs = at_terminal(&stage.repo, &["logs"], "");
    let piped = stage.repo.pm(&["logs"]).ok();
    for ran in [&run, &status, &logs, &piped] {
        for text in [&ran.out, &ran.err] {
            for bad in [
                "\u{1b}]",
                "\u{1b}[2J",
                "\u{1b}[41m",
                "\u{7}",
                "\u{202e}",
                "\u{9b}",
            ] {
                assert!(!text.contains(bad), "{bad:?} in {:?}: {text:?}", ran.what);
            }
        }
    }
    assert!(logs.out.contains("trouble"), "{}", logs.out);
}

/// Secrets that an agent prints are not kept.
#[test]
fn secrets_of_an_agent_are_not_in_the_logs() {
    let stage = Stage::with_tasks(&["One"]);
    // Put together here, so that this file contains no secret.
    let secrets = [
        ["AKIA", "Z7QJ4KXW2N5VRTLM"].concat(),
        ["ghp", "_x7Kq2Zr9Lw4Nt8Vb3Hy6Jd1Mf5Pc0Sg7Ue2A"].concat(),
        ["postgres://bob:", "s3cr3tPassw0rd", "@db.example.org/prod"].concat(),
        [
            "sk-ant",
            "-api03-Qm7xR2kV9pL4wN8tB3hY6jD1fG5cS0aZ7uE2xK9qW4rT8vM3nJ6bH1dF5gC0sA7Pz",
        ]
        .concat(),
    ];
    let file = stage.out.join("secrets");
    std::fs::write(&file, secrets.join("\n") + "\n").unwrap();
    let script = "while read -r line; do echo \"key: $line\"; echo \"again $line\" >&2; done < \"$OUT/secrets\"\n\
                  printf 'split '; head -c 10 \"$OUT/secrets\"; sleep 0.3; tail -c +11 \"$OUT/secrets\" | head -n 1\n\
                  exit 1";
    let ran = stage.run(script, &[]).exits(1);
    let logs = stage.repo.pm(&["logs"]).ok();
    let json = stage.repo.pm(&["--json", "logs", "T-0001"]).ok();
    let status = stage.why();
    assert!(logs.out.contains("again"), "{}", logs.out);
    let password = "s3cr3tPassw0rd".to_string();
    for secret in [&secrets[0], &secrets[1], &password, &secrets[3]] {
        for text in [&ran.out, &ran.err, &logs.out, &json.out, &status] {
            assert!(!text.contains(secret.as_str()), "{secret} in {text}");
        }
        // Nor in the state, which others fetch, nor in any file that the run keeps.
        let shared = stage.repo.git(&["grep", "-F", secret, "refs/pm/main"]);
        assert_eq!(shared.out, "", "{secret} is in the state");
        let kept = stage.repo.run("grep", &["-rlF", secret, ".git"]);
        assert_eq!(kept.out, "", "{secret} is kept");
    }
}

/// Keys in the environment are not printed, also if the agent prints all of it.
#[test]
fn se_11_keys_of_the_caller_are_not_printed() {
    let stage = Stage::with_tasks(&["One"]);
    let key = ["ghp", "_x7Kq2Zr9Lw4Nt8Vb3Hy6Jd1Mf5Pc0Sg7Ue2A"].concat();
    let place = stage
        .repo
        .with("GITHUB_TOKEN", &key)
        .with("MY_API_KEY", &key);
    let ran = stage.start_as(&place, "env; exit 1", &[]).end();
    let logs = stage.repo.pm(&["logs"]).ok();
    for text in [&ran.out, &ran.err, &logs.out, &stage.why()] {
        assert!(!text.contains(&key), "{text}");
    }
}

/// OB-03: the logs of each run are kept apart, by task too.
#[test]
fn ob_03_logs_are_kept_per_run_and_task() {
    let stage = Stage::with_tasks(&["One", "Two"]);
    let script = "echo \"words of $GIT_PM_TASK\"; exit 1";
    stage.run(script, &["--only", "T-0001"]).exits(1);
    let first = stage.status()["id"].as_str().unwrap().to_string();
    stage.run(script, &["--only", "T-0002"]).exits(1);
    let second = stage.status()["id"].as_str().unwrap().to_string();
    assert_ne!(first, second);
    let of = |args: &[&str]| stage.repo.pm(args).ok().out;
    let (a, b) = (of(&["logs", &first]), of(&["logs", &second]));
    assert!(
        a.contains("words of T-0001") && !a.contains("words of T-0002"),
        "{a}"
    );
    assert!(
        b.contains("words of T-0002") && !b.contains("words of T-0001"),
        "{b}"
    );
    assert_eq!(of(&["logs"]), b, "the newest by default");
    let of_task = of(&["logs", "T-0001"]);
    let said = of_task.lines().filter(|l| l.ends_with(" words of T-0001"));
    assert_eq!(said.count(), 1, "{of_task}");
    // OB-05: JSON with the ids that connect the lines.
    let json = of(&["--json", "logs", &first]);
    assert!(
        json.contains("T-0001") && json.contains("agent-1"),
        "{json}"
    );
    // Logs and records belong to this clone.
    let tree = stage
        .repo
        .git(&["ls-tree", "-r", "--name-only", "refs/pm/main"])
        .ok();
    assert!(!tree.out.contains(&first), "{}", tree.out);
}
