//! A repository that cannot be written, and a disk or standard output that is full.

use std::process::Stdio;

use crate::hostile::READS;
use crate::support::{Scene, as_nobody, chmod, set_up, thorough};

// A read-only repository: reads work, writes fail with a clear error and change nothing, and
// afterwards everything works without repair.
#[test]
fn a_read_only_repository_can_be_read_and_writes_fail_with_the_reason() {
    let (_scene, repo) = set_up();
    repo.task("T", &["--body", "text"]);
    let before = repo.tip("refs/pm/main");
    chmod(&repo, "a-w,a+rX");
    assert_ne!(
        as_nobody(&repo, &["--version"]).code,
        -1,
        "no way to run as an ordinary user here"
    );
    let mut failed = Vec::new();
    for args in READS {
        let ran = as_nobody(&repo, args);
        if ran.code != 0 {
            failed.push(format!("{args:?}: {} {}", ran.code, ran.err));
        }
    }
    let doctor = as_nobody(&repo, &["--json", "doctor"]);
    if doctor.json()["data"].is_null() {
        failed.push(format!("doctor: {}", doctor.out));
    }
    let writes: &[&[&str]] = &[
        &["task", "create", "x"],
        &["task", "edit", "T-1", "--title", "x"],
        &["task", "comment", "T-1", "x"],
        &["start", "T-1"],
        &["reserve", "add", "docs/**"],
    ];
    for args in writes {
        let mut all = vec!["--json"];
        all.extend(*args);
        let ran = as_nobody(&repo, &all);
        let named = ran.code == 5 && ran.out.contains("ermission");
        if !named {
            failed.push(format!("{args:?}: {} {}{}", ran.code, ran.out, ran.err));
        }
    }
    chmod(&repo, "u+w");
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    assert_eq!(repo.tip("refs/pm/main"), before);
    assert_eq!(repo.git(&["branch", "--list", "task/*"]).out, "");
    repo.git(&["fsck", "--strict"]).ok();
    repo.pm(&["task", "edit", "T-1", "--title", "after"]).ok();
    repo.pm(&["start", "T-1"]).ok();
}

// A full disk, at many points of a write: the error names it, the state is unchanged, and with free
// space everything works.
#[test]
fn a_full_disk_loses_nothing() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    repo.task("T", &[]);
    // A separate tmpfs in a user namespace, so that no other program is affected.
    let script = r#"
set -e
mount -t tmpfs -o size=4m none "$1/full"
cp -a "$1/a" "$1/full/a"
cd "$1/full/a"
before=$(git rev-parse refs/pm/main)
for left in 0 4 8 12 16 20 24 28 32 40; do
  rm -f ../fill
  dd if=/dev/zero of=../fill bs=1k 2>/dev/null || true
  size=$(stat -c %s ../fill)
  truncate -s $((size - left * 1024)) ../fill
  code=0
  head -c 3000 /dev/urandom | od -An -tx1 | "$2" --json task create "full $left" --body - \
    >/dev/shm/out.$$ 2>&1 || code=$?
  out=$(cat /dev/shm/out.$$); rm -f /dev/shm/out.$$
  after=$(git rev-parse refs/pm/main)
  echo "left=$left code=$code moved=$([ $before = $after ] && echo no || echo yes) $out"
  before=$after
done
rm -f ../fill
git fsck --strict 2>&1 | sed 's/^/fsck: /'
"$2" --json task create "room again" >/dev/null && echo "again=ok"
"$2" doctor >/dev/null && echo "doctor=ok"
ls .git/refs/pm/*.lock 2>/dev/null | sed 's/^/lock: /' || true
"$2" --json task list | sed 's/^/list: /'
"#;
    std::fs::create_dir(scene.dir.path().join("full")).unwrap();
    let place = scene.dir.path().to_str().unwrap();
    let ran = scene.at("a").run(
        "unshare",
        &[
            "-Urm",
            "sh",
            "-c",
            script,
            "sh",
            place,
            crate::support::binary(),
        ],
    );
    if ran.code != 0 && ran.err.contains("unshare") {
        eprintln!(
            "SKIPPED: no user namespaces here, so the disk cannot be filled: {}",
            ran.err
        );
        assert!(!thorough(), "a skip fails in CI");
        return;
    }
    let rows: Vec<&str> = ran.out.lines().filter(|l| l.starts_with("left=")).collect();
    assert_eq!(rows.len(), 10, "{}{}", ran.out, ran.err);
    let mut failures = 0;
    let mut made = 0;
    for row in &rows {
        if row.contains("code=0") {
            assert!(row.contains("moved=yes"), "{row}");
            made += 1;
        } else {
            failures += 1;
            assert!(row.contains("code=5"), "a full disk is exit 5: {row}");
            assert!(row.contains("moved=no"), "refused but written: {row}");
            assert!(
                row.contains("No space left") || row.contains("disk"),
                "the error gives no reason: {row}"
            );
        }
    }
    assert!(failures > 0, "the disk never was full: {}", ran.out);
    assert!(
        !ran.out.contains("fsck: error") && !ran.out.contains("fsck: missing"),
        "{}",
        ran.out
    );
    assert!(
        ran.out.contains("again=ok") && ran.out.contains("doctor=ok"),
        "{}{}",
        ran.out,
        ran.err
    );
    assert!(!ran.out.contains("lock: "), "{}", ran.out);
    let list = ran
        .out
        .lines()
        .find_map(|l| l.strip_prefix("list: "))
        .unwrap();
    let list: serde_json::Value = serde_json::from_str(list).unwrap();
    assert_eq!(
        list["data"]["items"].as_array().unwrap().len(),
        made + 2,
        "{}",
        ran.out
    );
}

// Output that cannot be written is an error.
#[test]
fn a_full_standard_output_is_an_error() {
    let (_scene, repo) = set_up();
    let full = std::fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let output = repo
        .command(crate::support::binary())
        .args(["task", "list", "--json"])
        .stdout(full)
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(5));
    assert!(!output.stderr.is_empty(), "no error is printed");
}
