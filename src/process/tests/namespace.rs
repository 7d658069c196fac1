//! A runner whose session and group are outside its pid namespace.
//!
//! So it is in a container that was entered from outside.

use std::process::Command;

/// AG-49: sessions and groups without an id in the namespace do no harm.
#[test]
fn a_runner_without_a_session_ends_the_tree() {
    let inside = |arguments: &[&std::ffi::OsStr]| {
        Command::new("unshare")
            .args(["--map-root-user", "--pid", "--fork", "--mount-proc"])
            .args(arguments)
            .output()
    };
    if !inside(&["true".as_ref()]).is_ok_and(|output| output.status.success()) {
        // This machine does not allow pid namespaces.
        return;
    }
    let own = std::env::current_exe().unwrap();
    let test = "tests::limits::stop_ends_the_tree";
    let output = inside(&[own.as_os_str(), "--exact".as_ref(), test.as_ref()]).unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{printed}");
    assert!(printed.contains("1 passed"), "{printed}");
}
