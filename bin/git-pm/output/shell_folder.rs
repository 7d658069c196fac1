//! The folder to which the function of `git pm shell` changes its shell afterwards.

use std::io::Write as _;
use std::path::Path;

/// The variable with the file into which the folder is written.
const FILE: &str = "GIT_PM_CD_FILE";

/// True if the function runs this program.
pub fn is_asked() -> bool {
    std::env::var_os(FILE).is_some()
}

/// Writes the folder for the shell; false without the function. The file is the function's: it is
/// not made here.
pub fn enter(folder: &Path) -> bool {
    let Some(file) = std::env::var_os(FILE) else {
        return false;
    };
    let mut options = std::fs::OpenOptions::new();
    let file = options.write(true).truncate(true).open(file);
    file.is_ok_and(|mut file| {
        file.write_all(folder.as_os_str().as_encoded_bytes())
            .is_ok()
    })
}

/// Has the shell change to the worktree of an item that was started, if it has one.
pub fn enter_of(item: &git_pm::items::ItemView) {
    if let Some(place) = &item.worktree {
        enter(Path::new(place));
    }
}
