//! Reading a file that the caller names: nothing that may never begin, or never end.

use std::fs::{File, Metadata};
use std::io::{self, ErrorKind, Read as _};
use std::os::fd::AsFd as _;
use std::os::unix::fs::FileTypeExt as _;
use std::path::Path;

use rustix::fs::{Mode, OFlags};

/// True for an open file of this process by its name, such as `/dev/stdin`, or `/dev/fd/63`, under which a
/// shell passes what a command prints (`<(…)`).
fn is_descriptor(path: &Path) -> bool {
    let Some(name) = path.to_str() else {
        return false;
    };
    let folders = ["/dev/fd/", "/proc/self/fd/"];
    let number = folders.iter().find_map(|one| name.strip_prefix(one));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    number.is_some_and(is_number) || ["/dev/stdin", "/dev/stdout", "/dev/stderr"].contains(&name)
}

/// True for what is written as it is, because it has no content that another could replace.
pub fn is_stream(path: &Path) -> bool {
    let other = |found: Metadata| !found.is_file() && !found.is_dir();
    is_descriptor(path) || std::fs::metadata(path).is_ok_and(other)
}

/// Opens what [`is_stream`] is true for, for writing: at its end, and never emptied.
///
/// # Errors
/// When it cannot be opened, or a file has come in its place.
pub fn open_stream(path: &Path) -> io::Result<File> {
    let name = path.file_name().and_then(|name| name.to_str());
    match is_descriptor(path).then_some(name.unwrap_or_default()) {
        // A second opening of a file would have a place of its own in it.
        Some("1" | "stdout") => Ok(File::from(io::stdout().as_fd().try_clone_to_owned()?)),
        Some("2" | "stderr") => Ok(File::from(io::stderr().as_fd().try_clone_to_owned()?)),
        Some(_) => File::options().append(true).open(path),
        None => {
            let file = File::options().append(true).open(path)?;
            match file.metadata()?.is_file() {
                true => Err(io::Error::new(
                    ErrorKind::InvalidInput,
                    "a file has come in its place",
                )),
                false => Ok(file),
            }
        }
    }
}

/// Opens a file for reading. A pipe or a device is refused unless it is an open file of this process: to
/// the one nothing may ever be written, and the other may have no end.
///
/// # Errors
/// When it cannot be opened; of the kind [`ErrorKind::InvalidInput`] for a pipe, a socket or a device.
pub fn open(path: &Path) -> io::Result<File> {
    if is_descriptor(path) {
        return File::open(path);
    }
    // A device may do something when it is opened.
    require_content(&std::fs::metadata(path)?)?;
    let file = without_waiting(path)?;
    // The file may have been replaced in between.
    require_content(&file.metadata()?)?;
    Ok(file)
}

/// Opens a file for reading, without waiting for a writer if it is a pipe.
///
/// # Errors
/// When it cannot be opened.
pub fn without_waiting(path: &Path) -> io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOCTTY | OFlags::NONBLOCK;
    Ok(File::from(rustix::fs::open(path, flags, Mode::empty())?))
}

/// The content of a file, as [`open`] opens it.
///
/// # Errors
/// As [`open`]; when it cannot be read.
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The text of a file, as [`open`] opens it.
///
/// # Errors
/// As [`open`]; when the content is not UTF-8.
pub fn read_text(path: &Path) -> io::Result<String> {
    open(path).and_then(io::read_to_string)
}

/// What a file is that is neither a regular file nor a folder.
pub fn kind(meta: &Metadata) -> &'static str {
    let kind = meta.file_type();
    if kind.is_fifo() {
        "a pipe"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}

fn require_content(meta: &Metadata) -> io::Result<()> {
    // What reads a folder fails with the reason of the system.
    match meta.is_file() || meta.is_dir() {
        true => Ok(()),
        false => Err(io::Error::new(
            ErrorKind::InvalidInput,
            format!("it is {}, not a file", kind(meta)),
        )),
    }
}
