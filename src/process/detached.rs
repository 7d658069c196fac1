//! A program without a terminal: in a session of its own, which has none that it could open.

use std::ffi::OsString;
use std::os::unix::process::CommandExt as _;
use std::process::Command;

/// The argument with which a program is asked to call [`detached`].
pub const DETACHED: &str = "without-terminal";

/// Becomes the program in `args`, without a terminal. Returns only if it cannot be started, with the
/// exit code that shells use then.
pub fn detached(args: &[OsString]) -> u8 {
    // Fails only in the leader of a process group, and none is started with this argument.
    let _ = rustix::process::setsid();
    if let Some((program, args)) = args.split_first() {
        let _ = Command::new(program).args(args).exec();
    }
    127
}
