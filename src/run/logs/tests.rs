//! The files of a log: their bounds, and a reader's view of them.

use std::io::Write as _;
use std::path::Path;

use super::LogLine;
use super::files::{FILES, LogFile, files_in};
use super::reader::LogReader;
use super::writer::LogWriter;
use crate::model::uid::Uid;

const ITEM: &str = "01jd4qz0r0000000000000k3f9";

fn writer(folder: &Path, file_max: u64) -> LogWriter {
    let line = LogLine {
        at: String::new(),
        run: "R-k3f9a2".into(),
        task: "T-0001".into(),
        attempt: 1,
        agent: "agent-1".into(),
        stream: String::new(),
        text: String::new(),
    };
    let now = Box::new(|| 1_763_625_600_000);
    LogWriter::with_size(folder, ITEM, line, now, file_max).unwrap()
}

/// The reader of a folder.
struct Follower<'a>(LogReader, &'a Path);

fn reader(folder: &Path) -> Follower<'_> {
    let reader = LogReader::new(&Uid::new(ITEM).unwrap(), folder.to_path_buf());
    Follower(reader, folder)
}

fn more(Follower(reader, folder): &mut Follower<'_>) -> Vec<String> {
    let lines = reader.more_of(&files_in(folder), &|_| true).into_iter();
    lines.map(|line| line.text).collect()
}

fn size(folder: &Path, file: &LogFile) -> u64 {
    folder.join(&file.name).metadata().unwrap().len()
}

/// The size in bytes of a line with a number from 1000 to 9999.
fn line_size() -> u64 {
    let dir = tempfile::tempdir().unwrap();
    writer(dir.path(), u64::MAX).write("out", "line 1000");
    size(dir.path(), &files_in(dir.path())[0])
}

/// The texts of numbered lines.
fn numbers(from: usize, until: usize) -> Vec<String> {
    (from..until).map(|n| format!("line {n}")).collect()
}

fn is_notice(text: &str) -> bool {
    text.starts_with("earlier output was dropped")
}

/// OB-04: a file is filled up to the last byte that still fits a whole line, and the next line
/// begins a new file. Each line is a JSON object.
#[test]
fn ob_04_a_file_is_rotated_at_its_border() {
    let dir = tempfile::tempdir().unwrap();
    let full = 3 * line_size();
    let mut log = writer(dir.path(), full);
    for text in numbers(1000, 1003) {
        log.write("out", &text);
    }
    let files = files_in(dir.path());
    assert_eq!(files.len(), 1);
    assert_eq!(size(dir.path(), &files[0]), full);
    log.write("out", "line 1003");
    let files = files_in(dir.path());
    assert_eq!(files.iter().map(|f| f.part).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(size(dir.path(), &files[0]), full);
    assert_eq!(size(dir.path(), &files[1]), full / 3);
    for file in files {
        let text = std::fs::read_to_string(dir.path().join(file.name)).unwrap();
        assert!(text.ends_with('\n'));
        for line in text.lines() {
            serde_json::from_str::<LogLine>(line).unwrap();
        }
    }
    // With one byte less, the third line is in the second file.
    let dir = tempfile::tempdir().unwrap();
    let mut log = writer(dir.path(), full - 1);
    numbers(1000, 1003).iter().for_each(|n| {
        log.write("out", n);
    });
    assert_eq!(files_in(dir.path()).len(), 2);
}

/// OB-04: the end of a large output is kept, within five files, and a line reports that output was
/// dropped.
#[test]
fn ob_04_much_output_leaves_its_end() {
    let dir = tempfile::tempdir().unwrap();
    let file_max = 10 * line_size();
    let mut log = writer(dir.path(), file_max);
    for text in numbers(1000, 9000) {
        log.write("out", &text);
    }
    let files = files_in(dir.path());
    assert_eq!(files.len(), FILES);
    assert!(files.iter().all(|f| size(dir.path(), f) <= file_max));
    let read = more(&mut reader(dir.path()));
    assert!(is_notice(&read[0]), "{read:?}");
    assert_eq!(read[1..], numbers(8950, 9000));
    // A small output has no such line.
    let dir = tempfile::tempdir().unwrap();
    let mut log = writer(dir.path(), file_max);
    numbers(1000, 1050).iter().for_each(|n| {
        log.write("out", n);
    });
    assert_eq!(more(&mut reader(dir.path())), numbers(1000, 1050));
}

/// OB-04: the bounds apply per task, however many attempts it takes.
#[test]
fn ob_04_attempts_share_the_files_of_a_task() {
    let dir = tempfile::tempdir().unwrap();
    let file_max = 10 * line_size();
    for attempt in 0..40 {
        let mut log = writer(dir.path(), file_max);
        let from = 1000 + attempt * 3;
        for text in numbers(from, from + 3) {
            log.write("out", &text);
        }
    }
    assert_eq!(files_in(dir.path()).len(), FILES);
    let read = more(&mut reader(dir.path()));
    assert!(is_notice(&read[0]), "{read:?}");
    assert_eq!(read[1..], numbers(1070, 1120));
}

/// OB-04: a follower reads each line once, whenever rotations happen between reads.
#[test]
fn ob_04_who_follows_loses_and_repeats_nothing() {
    for step in [1, 2, 9, 10, 11, 37, 40] {
        let dir = tempfile::tempdir().unwrap();
        let mut log = writer(dir.path(), 10 * line_size());
        let mut reader = reader(dir.path());
        let mut read = Vec::new();
        let all = numbers(1000, 1400);
        for part in all.chunks(step) {
            part.iter().for_each(|n| {
                log.write("out", n);
            });
            read.extend(more(&mut reader));
        }
        assert_eq!(read, all, "a look after every {step} lines");
        assert_eq!(more(&mut reader), [""; 0]);
    }
}

/// OB-04: a follower that is too slow is notified once that output is missing.
#[test]
fn ob_04_who_follows_too_slowly_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = writer(dir.path(), 10 * line_size());
    let mut reader = reader(dir.path());
    numbers(1000, 1005).iter().for_each(|n| {
        log.write("out", n);
    });
    assert_eq!(more(&mut reader), numbers(1000, 1005));
    numbers(1005, 1100).iter().for_each(|n| {
        log.write("out", n);
    });
    let read = more(&mut reader);
    assert!(is_notice(&read[0]), "{read:?}");
    assert_eq!(read[1..], numbers(1050, 1100));
    numbers(1100, 1120).iter().for_each(|n| {
        log.write("out", n);
    });
    assert_eq!(more(&mut reader), numbers(1100, 1120));
}

/// OB-04: a line that is being written is read once it is complete.
#[test]
fn ob_04_half_a_line_is_not_read() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = writer(dir.path(), u64::MAX);
    log.write("out", "line 1000");
    let path = dir.path().join(&files_in(dir.path())[0].name);
    let whole = std::fs::read(&path).unwrap();
    let mut reader = reader(dir.path());
    std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    assert_eq!(more(&mut reader), [""; 0]);
    std::fs::write(&path, &whole).unwrap();
    assert_eq!(more(&mut reader), ["line 1000"]);
}

/// OB-04: a process killed while writing a line, or between two steps of a rotation, loses no
/// complete line, and the next process continues.
#[test]
fn ob_04_a_killed_writer_costs_no_complete_line() {
    let dir = tempfile::tempdir().unwrap();
    let file_max = 10 * line_size();
    let mut log = writer(dir.path(), file_max);
    numbers(1000, 1003).iter().for_each(|n| {
        log.write("out", n);
    });
    drop(log);
    let path = dir.path().join(&files_in(dir.path())[0].name);
    let mut file = std::fs::OpenOptions::new().append(true).open(path).unwrap();
    file.write_all(br#"{"at":"2026-11-20T08:00:00Z","run":"R-"#)
        .unwrap();
    let mut log = writer(dir.path(), file_max);
    numbers(1003, 1005).iter().for_each(|n| {
        log.write("out", n);
    });
    assert_eq!(more(&mut reader(dir.path())), numbers(1000, 1005));

    // Killed after the next file was created, but before the oldest was removed.
    let dir = tempfile::tempdir().unwrap();
    let mut log = writer(dir.path(), file_max);
    numbers(1000, 1050).iter().for_each(|n| {
        log.write("out", n);
    });
    drop(log);
    let next = LogFile::new(ITEM, FILES as u32 + 1, "abc");
    std::fs::write(dir.path().join(&next.name), "").unwrap();
    assert_eq!(more(&mut reader(dir.path())), numbers(1000, 1050));
    let mut log = writer(dir.path(), file_max);
    log.write("out", "line 1050");
    assert_eq!(files_in(dir.path()).len(), FILES);
    let read = more(&mut reader(dir.path()));
    assert!(is_notice(&read[0]), "{read:?}");
    assert_eq!(read[1..], numbers(1010, 1051));
}

/// OB-04: if no file can be created, lines are lost and bounds kept; logging resumes later.
#[test]
fn ob_04_a_rotation_that_fails_keeps_the_bounds() {
    let dir = tempfile::tempdir().unwrap();
    let (folder, away) = (dir.path().join("run"), dir.path().join("away"));
    let file_max = 10 * line_size();
    let mut log = writer(&folder, file_max);
    std::fs::rename(&folder, &away).unwrap();
    std::fs::write(&folder, "in the way").unwrap();
    numbers(1000, 1100).iter().for_each(|n| {
        log.write("out", n);
    });
    let files = files_in(&away);
    assert_eq!(files.len(), 1);
    assert_eq!(size(&away, &files[0]), file_max);
    std::fs::remove_file(&folder).unwrap();
    std::fs::rename(&away, &folder).unwrap();
    log.write("out", "line 1100");
    let read = more(&mut reader(&folder));
    assert_eq!(read[..10], numbers(1000, 1010));
    assert_eq!(read[10..], ["line 1100"]);
}

/// SE-03: secrets stay out of all files, wherever a rotation falls: within a multi-line key, or
/// before a line with a token.
#[test]
fn se_03_a_secret_at_a_border_is_redacted() {
    let token = ["ghp", "_x7Kq2Zr9Lw4Nt8Vb3Hy6Jd1Mf5Pc0Sg7Ue2A"].concat();
    let body = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7";
    let key = [
        ["-----BEGIN ", "PRIVATE KEY-----"].concat(),
        body.to_string(),
        body.chars().rev().collect(),
        ["-----END ", "PRIVATE KEY-----"].concat(),
    ];
    let line = line_size();
    // From one file per line to one file for all.
    for lines in 1..12 {
        let dir = tempfile::tempdir().unwrap();
        let mut log = writer(dir.path(), lines * (line + 40));
        log.write("out", "line 1000");
        log.write("out", &format!("token: {token}"));
        key.iter().for_each(|part| {
            log.write("out", part);
        });
        log.write("out", &format!("{token} again"));
        log.write("out", "line 1001");
        let files = files_in(dir.path());
        assert!(lines > 1 || files.len() == FILES);
        for file in files {
            let text = std::fs::read_to_string(dir.path().join(file.name)).unwrap();
            for secret in [token.as_str(), &token[4..24], &key[1], &key[2]] {
                assert!(!text.contains(secret), "{secret} in {text}");
            }
        }
        let read = more(&mut reader(dir.path()));
        assert_eq!(read.last().unwrap(), "line 1001");
        assert_eq!(read[read.len() - 3], "[redacted: private-key]");
    }
}
