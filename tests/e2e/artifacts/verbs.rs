//! put, get, list and remove in one clone.

use super::{file, listed, put};
use crate::support::{Scene, commits, set_up};

/// MS-12: files as blobs, atomic, in versions.
#[test]
fn a_file_is_put_in_one_commit_and_comes_back_byte_for_byte() {
    let (_scene, repo) = set_up();
    let id = repo.task("Publish the interface", &[]);
    let content: Vec<u8> = (0..=255u8).cycle().take(100_000).collect();
    let path = file(&repo, "api.bin", &content);
    let before = commits(&repo);
    let view = repo.data(&["artifact", "put", &id, &path]);
    assert_eq!(commits(&repo), before + 1);
    assert_eq!(
        (&view["name"], &view["size"]),
        (&"api.bin".into(), &100_000.into())
    );
    assert!(view["id"].as_str().unwrap().starts_with("A-"), "{view}");
    let out = repo.path.join(".git/out.bin");
    repo.pm(&[
        "artifact",
        "get",
        &id,
        "api.bin",
        "-o",
        out.to_str().unwrap(),
    ])
    .ok();
    assert_eq!(std::fs::read(&out).unwrap(), content);
    let printed = repo.command(crate::support::binary());
    let mut printed = printed;
    let printed = printed
        .args(["artifact", "get", &id, "api.bin"])
        .output()
        .unwrap();
    assert_eq!(printed.stdout, content);
    // The content is a plain blob of the state, which git alone can read.
    let hash = view["sha256"].as_str().unwrap();
    let blob = format!("refs/pm/main:blobs/{}/{hash}", &hash[..2]);
    assert_eq!(repo.git(&["cat-file", "-s", &blob]).ok().text(), "100000");
    assert_eq!(
        repo.git(&["log", "-1", "--format=%s", "refs/pm/main"])
            .ok()
            .text(),
        format!("artifact put {id}: api.bin, 100 KB")
    );
}

/// MS-12: versions.
#[test]
fn a_put_replaces_the_version_before_it_which_can_still_be_read() {
    let (_scene, repo) = set_up();
    let id = repo.task("Publish the interface", &[]);
    let first = put(&repo, &id, "api.json", "{}\n");
    let again = put(&repo, &id, "api.json", "{}\n");
    assert_eq!(
        first["uid"], again["uid"],
        "the same content is not put twice"
    );
    put(&repo, &id, "api.json", "{\"v\": 2}\n");
    assert_eq!(
        repo.pm(&["artifact", "get", &id, "api.json"]).ok().out,
        "{\"v\": 2}\n"
    );
    let version = first["id"].as_str().unwrap();
    let old = repo.data(&["artifact", "get", &id, "api.json", "--version", version]);
    assert_eq!(
        (&old["text"], &old["current"]),
        (&"{}\n".into(), &false.into())
    );
    assert_eq!(listed(&repo, &[&id]).len(), 1);
    assert_eq!(listed(&repo, &[&id, "--all"]).len(), 2);
    repo.pm(&["artifact", "get", &id, "api.json", "--version", "A-000000"])
        .exits(4);
    // A put that was undone gives way to the version before it.
    repo.pm(&["undo"]).ok();
    assert_eq!(
        repo.pm(&["artifact", "get", &id, "api.json"]).ok().out,
        "{}\n"
    );
    // The undo, undone.
    repo.pm(&["undo", &repo.tip("refs/pm/main")]).ok();
    assert_eq!(
        repo.pm(&["artifact", "get", &id, "api.json"]).ok().out,
        "{\"v\": 2}\n"
    );
}

#[test]
fn a_removed_artifact_is_gone_until_the_removal_is_undone() {
    let (_scene, repo) = set_up();
    let id = repo.task("Publish the interface", &[]);
    put(&repo, &id, "api.json", "one");
    put(&repo, &id, "api.json", "two");
    repo.pm(&["artifact", "remove", &id, "api.json"]).ok();
    assert!(listed(&repo, &["--all"]).is_empty());
    let error = repo
        .pm(&["--json", "artifact", "get", &id, "api.json"])
        .exits(4)
        .error();
    assert_eq!(error["reason"], "artifact.not_found");
    repo.pm(&["artifact", "rm", &id, "api.json"]).exits(4);
    repo.pm(&["undo"]).ok();
    assert_eq!(
        repo.pm(&["artifact", "get", &id, "api.json"]).ok().out,
        "two"
    );
    let shown = repo.pm(&["diff", "refs/pm/main~1.."]).ok().out;
    assert!(
        shown.contains("artifact") && shown.contains("restored"),
        "{shown}"
    );
    let log = repo.pm(&["log", &id]).ok().out;
    assert!(
        log.contains("artifact put") && log.contains("artifact remove"),
        "{log}"
    );
}

/// ST-11: a dependent sees the artifacts of what it waits for, before that is done.
#[test]
fn a_dependent_sees_the_artifacts_of_its_dependencies_before_they_are_done() {
    let (_scene, repo) = set_up();
    let first = repo.task("Publish the interface", &[]);
    let second = repo.task("Use the interface", &["--depends-on", &first]);
    assert_eq!(
        repo.data(&["show", &second])["artifacts"],
        serde_json::json!([])
    );
    put(&repo, &first, "api.json", "{}\n");
    let shown = repo.data(&["show", &second]);
    assert_eq!(shown["artifacts"][0]["item"], first.as_str());
    assert_eq!(shown["artifacts"][0]["name"], "api.json");
    let text = repo.pm(&["show", &second]).ok().out;
    assert!(
        text.contains("Artifacts") && text.contains("api.json"),
        "{text}"
    );
    repo.pm(&["dep", "rm", &second, &first]).ok();
    repo.pm(&["dep", "add", &second, &first, "--soft"]).ok();
    let started = repo.data(&["start", &second, "--no-worktree"]);
    assert_eq!(started["artifacts"][0]["name"], "api.json", "{started}");
}

#[test]
fn standard_input_needs_a_name_and_a_folder_is_refused() {
    let (_scene, repo) = set_up();
    let id = repo.task("Publish the interface", &[]);
    repo.feed(
        crate::support::binary(),
        &["artifact", "put", &id, "-", "--name", "in.txt"],
        "hello",
    )
    .ok();
    assert_eq!(
        repo.pm(&["artifact", "get", &id, "in.txt"]).ok().out,
        "hello"
    );
    repo.feed(
        crate::support::binary(),
        &["artifact", "put", &id, "-"],
        "hello",
    )
    .exits(2);
    repo.pm(&["artifact", "put", &id, ".", "--name", "x"])
        .exits(2);
    repo.pm(&["artifact", "put", &id, "missing.txt"]).exits(2);
    repo.pm(&["artifact", "put", "T-0099", "src/auth.rs"])
        .exits(4);
}

#[test]
fn a_name_is_never_a_path_and_an_existing_file_is_not_replaced() {
    let (_scene, repo) = set_up();
    let id = repo.task("Publish the interface", &[]);
    let path = file(&repo, "x", b"content");
    for name in [
        "../x",
        "/etc/passwd",
        "a/b",
        ".git",
        "-o",
        "a\u{1b}[31m",
        "",
        "nul",
    ] {
        let flag = format!("--name={name}");
        let error = repo
            .pm(&["--json", "artifact", "put", &id, &path, &flag])
            .exits(2)
            .error();
        assert_eq!(
            error["reason"], "artifact.invalid_name",
            "{name:?}: {error}"
        );
    }
    repo.pm(&["artifact", "put", &id, &path, "--name", "out.txt"])
        .ok();
    repo.pm(&["artifact", "get", &id, "out.txt", "-o"]).ok();
    assert_eq!(repo.read("out.txt"), "content");
    repo.write("out.txt", "mine");
    let refused = repo.pm(&["artifact", "get", &id, "out.txt", "-o"]).exits(2);
    assert!(refused.err.contains("--force"), "{}", refused.err);
    assert_eq!(repo.read("out.txt"), "mine");
    let forced = [
        "artifact", "get", &id, "out.txt", "-o", "out.txt", "--force",
    ];
    // A full disk leaves the file as it was, and nothing beside it.
    let files = || std::fs::read_dir(&repo.path).unwrap().count();
    let before = files();
    for fault in ["artifact-write:1:full", "artifact-rename:1:fail"] {
        let failed = repo.with("GIT_PM_FAULT", fault).pm(&forced);
        failed.exits(5);
        assert_eq!(repo.read("out.txt"), "mine", "{fault}");
        assert_eq!(files(), before, "{fault}");
    }
    repo.pm(&forced).ok();
    assert_eq!(repo.read("out.txt"), "content");
}

/// A link is followed, and a file keeps its permissions.
#[cfg(unix)]
#[test]
fn a_replaced_file_keeps_its_place_and_permissions() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let (_scene, repo) = set_up();
    let id = repo.task("Publish the interface", &[]);
    put(&repo, &id, "api.json", "{}\n");
    repo.write("there/real.json", "old");
    let real = repo.path.join("there/real.json");
    std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o640)).unwrap();
    symlink("there/real.json", repo.path.join("link.json")).unwrap();
    let args = ["artifact", "get", &id, "api.json", "--force", "-o"];
    repo.pm(&[&args[..], &["link.json"]].concat()).ok();
    assert_eq!(repo.read("there/real.json"), "{}\n");
    let mode = std::fs::metadata(&real).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
    let link = std::fs::symlink_metadata(repo.path.join("link.json")).unwrap();
    assert!(link.is_symlink());
    repo.pm(&[&args[..], &["/dev/null"]].concat()).ok();
}

#[test]
fn content_beyond_the_limit_is_refused_and_the_limit_can_be_set() {
    let (_scene, repo) = set_up();
    let id = repo.task("Publish the interface", &[]);
    repo.pm(&["config", "pm.artifactLimit", "1"]).ok();
    let big = file(&repo, "big.bin", &vec![b'x'; (1 << 20) + 1]);
    let error = repo
        .pm(&["--json", "artifact", "put", &id, &big])
        .exits(2)
        .error();
    assert_eq!(error["reason"], "artifact.too_large");
    assert!(
        error["hints"].to_string().contains("pm.artifactLimit 2"),
        "{error}"
    );
    repo.pm(&["config", "pm.artifactLimit", "2"]).ok();
    repo.pm(&["artifact", "put", &id, &big]).ok();
}

#[test]
fn a_text_with_a_secret_is_refused_unless_it_is_meant() {
    let (_scene, repo) = set_up();
    let id = repo.task("Publish the interface", &[]);
    let key = format!("ghp_{}", "a1B2c3D4e5".repeat(4).split_at(36).0);
    let path = file(
        &repo,
        "env",
        format!("# settings\ntoken: {key}\n").as_bytes(),
    );
    let before = repo.tip("refs/pm/main");
    let error = repo
        .pm(&["--json", "artifact", "put", &id, &path])
        .exits(1)
        .error();
    assert_eq!(error["reason"], "artifact.secret");
    assert!(
        error["message"].as_str().unwrap().contains("line 2"),
        "{error}"
    );
    assert!(!error.to_string().contains(&key));
    assert_eq!(repo.tip("refs/pm/main"), before);
    let name = ["--json", "artifact", "put", &id, &path, "--name", &key];
    let error = repo.pm(&name).exits(1).error();
    assert_eq!(error["reason"], "artifact.secret");
    assert!(!error.to_string().contains(&key), "{error}");
    assert_eq!(repo.tip("refs/pm/main"), before);
    repo.pm(&["artifact", "put", &id, &path, "--allow-secret"])
        .ok();
}

#[test]
fn a_sha_256_repository_stores_artifacts_alike() {
    let scene = Scene::new();
    let repo = scene.at("a");
    std::fs::create_dir_all(&repo.path).unwrap();
    repo.git(&["init", "-q", "--object-format=sha256"]).ok();
    repo.pm(&["init"]).ok();
    let id = repo.task("Publish the interface", &[]);
    put(&repo, &id, "api.json", "{}\n");
    assert_eq!(
        repo.pm(&["artifact", "get", &id, "api.json"]).ok().out,
        "{}\n"
    );
    repo.pm(&["fsck"]).ok();
}

#[test]
fn a_repeated_put_with_one_idempotency_key_is_done_once() {
    let (_scene, repo) = set_up();
    let id = repo.task("Publish the interface", &[]);
    let one = file(&repo, "a.txt", b"one");
    let first = repo.data(&["artifact", "put", &id, &one, "--idempotency-key", "k"]);
    let again = repo.data(&["artifact", "put", &id, &one, "--idempotency-key", "k"]);
    assert_eq!(first["uid"], again["uid"]);
    // Another content is another request.
    file(&repo, "a.txt", b"two");
    let put = ["artifact", "put", &id, &one, "--idempotency-key", "k"];
    let refused = repo.pm(&put).exits(2).err;
    assert!(refused.contains("another `artifact put`"), "{refused}");
    assert_eq!(repo.pm(&["artifact", "get", &id, "a.txt"]).ok().out, "one");
}
