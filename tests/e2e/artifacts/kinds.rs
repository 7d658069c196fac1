//! What is not a regular file, or is too large: errors with hints that help.

use super::{file, put};
use crate::support::{binary, set_up};

#[cfg(unix)]
#[test]
fn what_is_not_a_regular_file_is_refused_without_opening_it() {
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;
    let (scene, repo) = set_up();
    let id = repo.task("Publish the interface", &[]);
    super::pipe(&repo, "ff");
    symlink("ff", repo.path.join("link")).unwrap();
    // The path of a socket may not be long.
    let socket = scene.dir.path().join("s");
    let _listener = UnixListener::bind(&socket).unwrap();
    for (path, kind) in [
        ("ff", "a pipe"),
        ("link", "a pipe"),
        ("/dev/zero", "a device"),
        (socket.to_str().unwrap(), "a socket"),
    ] {
        let args = ["--json", "artifact", "put", &id, path, "--name", "x"];
        let error = repo.pm(&args).exits(2).error();
        assert_eq!(error["reason"], "artifact.not_a_file", "{path}: {error}");
        let message = error["message"].as_str().unwrap();
        assert!(message.contains(kind), "{message}");
        let hints = error["hints"].to_string();
        assert!(!hints.contains("artifactLimit"), "{hints}");
    }
    let linked = file(&repo, "real.txt", b"real");
    symlink(&linked, repo.path.join("to-file")).unwrap();
    repo.pm(&["artifact", "put", &id, "to-file"]).ok();
}

#[test]
fn a_folder_is_not_said_to_be_replaced_by_force() {
    let (_scene, repo) = set_up();
    let id = repo.task("Publish the interface", &[]);
    put(&repo, &id, "api.json", "{}\n");
    repo.write("dd/other", "x");
    for force in [&["--force"][..], &[]] {
        let args = ["artifact", "get", &id, "api.json", "-o", "dd"];
        let told = repo.pm(&[&args[..], force].concat()).exits(2);
        assert!(told.err.contains("is a folder"), "{}", told.err);
        assert!(!told.err.contains("--force"), "{}", told.err);
    }
}

#[cfg(unix)]
#[test]
fn a_link_to_nothing_is_not_said_to_be_replaced_by_force() {
    let (_scene, repo) = set_up();
    let id = repo.task("Publish the interface", &[]);
    put(&repo, &id, "api.json", "{}\n");
    std::os::unix::fs::symlink("nothing", repo.path.join("dangling")).unwrap();
    let args = [
        "artifact", "get", &id, "api.json", "-o", "dangling", "--force",
    ];
    let told = repo.pm(&args).exits(2);
    assert!(told.err.contains("does not exist"), "{}", told.err);
    assert!(!told.err.contains("--force"), "{}", told.err);
}

#[test]
fn a_size_that_is_refused_differs_from_the_limit() {
    let (_scene, repo) = set_up();
    let id = repo.task("Publish the interface", &[]);
    let big = file(&repo, "big.bin", &vec![b'x'; 17_000_000]);
    let told = repo.pm(&["artifact", "put", &id, &big]).exits(2).err;
    assert!(
        told.contains("17.0 MB") && told.contains("16.8 MB"),
        "{told}"
    );
    assert!(told.contains("pm.artifactLimit 17"), "{told}");
    // Nothing says how long a stream is.
    repo.pm(&["config", "pm.artifactLimit", "1"]).ok();
    let stream = "x".repeat(3 << 20);
    let args = ["artifact", "put", &id, "-", "--name", "z"];
    let told = repo.feed(binary(), &args, &stream).exits(2).err;
    assert!(told.contains("larger than 1.0 MB"), "{told}");
    assert!(!told.contains("pm.artifactLimit"), "{told}");
}
