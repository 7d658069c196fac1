//! Moving one ref as git's own `files` backend does: lock file, comparison, reflog, rename.
//!
//! Not through gix, which locks all packed refs for a comparison: a kill in that moment would leave a
//! lock that stops every later write and the user's own git, and `git gc` would be in the way.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use gix::refs::FullName;

use super::repo::{Oid, Person, Repo, Swap, clean};
use crate::error::{Error, Result};
use crate::fault::{point, remove, replace};
use crate::lock::jitter;
use crate::model::limits::REF_LOCK_TIME;
use crate::shared_files::{self, share};

/// The held lock of a ref; dropping it removes its file.
struct RefLock {
    path: PathBuf,
    held: bool,
}

impl Drop for RefLock {
    fn drop(&mut self) {
        if self.held {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

fn lock_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_os_string();
    name.push(".lock");
    name.into()
}

fn io(name: &str, error: std::io::Error) -> Error {
    Error::io(format!("cannot update {name}"), error)
        .hint("check permissions and free disk space of the git directory")
}

/// Takes the lock of a ref and writes `content` into it.
fn acquire(repo: &Repo, name: &str, content: &str) -> Result<RefLock> {
    let path = lock_path(&repo.common_dir().join(name));
    let patience = repo
        .config("core.filesRefLockTimeout")
        .and_then(|ms| ms.parse::<i64>().ok())
        .map_or(REF_LOCK_TIME, |ms| match u64::try_from(ms) {
            Ok(ms) => Duration::from_millis(ms),
            Err(_) => Duration::from_secs(60),
        });
    let end = Instant::now() + patience;
    let mut wait = Duration::from_millis(1);
    // A process that deletes a ref removes empty folders, perhaps just before we create our file.
    let mut folders = 0;
    loop {
        if let Some(folder) = path.parent() {
            shared_files::create_dir_all(folder).map_err(|e| io(name, e))?;
        }
        let opened = point("ref-lock")
            .and_then(|()| OpenOptions::new().write(true).create_new(true).open(&path));
        match opened {
            Ok(mut file) => {
                share(&path);
                let lock = RefLock { path, held: true };
                point("ref-write")
                    .and_then(|()| file.write_all(content.as_bytes()))
                    .and_then(|()| point("ref-locked"))
                    .map_err(|e| io(name, e))?;
                return Ok(lock);
            }
            Err(e) if e.kind() == ErrorKind::NotFound && folders < 10 => folders += 1,
            Err(e) if e.kind() == ErrorKind::AlreadyExists => {
                if Instant::now() >= end {
                    return Err(Error::state(format!(
                        "cannot update {name}: another process holds its lock {}",
                        path.display()
                    ))
                    .hint("run the command again when that process is done")
                    .hint("if no git process is running in this repository, remove that file"));
                }
                std::thread::sleep(wait + jitter(wait));
                wait = (wait * 2).min(Duration::from_millis(20));
            }
            Err(e) => return Err(io(name, e)),
        }
    }
}

impl Repo {
    /// The file of a ref. Names come from configuration, too: an invalid one must not become a
    /// path.
    fn ref_file(&self, name: &str) -> Result<PathBuf> {
        FullName::try_from(name)
            .map(|_| self.common_dir().join(name))
            .map_err(|_| Error::state(format!("`{name}` is not a valid ref name")))
    }

    /// The file of a ref's reflog.
    pub fn reflog(&self, name: &str) -> PathBuf {
        self.common_dir().join("logs").join(name)
    }

    /// The former values of a ref, oldest first, with the one that it had before its log began.
    pub fn logged(&self, name: &str) -> Vec<Oid> {
        let text = std::fs::read_to_string(self.reflog(name)).unwrap_or_default();
        let before = text.lines().next().and_then(|line| line.split(' ').next());
        let before = before.filter(|hex| hex.bytes().any(|digit| digit != b'0'));
        let all = text.lines().filter_map(|line| line.split(' ').nth(1));
        let all = before.into_iter().chain(all);
        all.filter_map(|hex| self.parse_id(hex)).collect()
    }

    /// The values from which a ref was moved to a commit that lacks them, of its last `most` moves: by a
    /// forced fetch, or a reset. Where git says that it went forward, no commit is read.
    pub fn moved_back(&self, name: &str, most: usize) -> Result<Vec<Oid>> {
        let text = std::fs::read_to_string(self.reflog(name)).unwrap_or_default();
        let mut out = Vec::new();
        for line in text.lines().rev().take(most) {
            let mut ids = line.split(' ').map(|hex| self.parse_id(hex));
            let (Some(Some(old)), Some(Some(new))) = (ids.next(), ids.next()) else {
                continue;
            };
            let said = line.split_once('\t').map_or("", |(_, said)| said);
            let is_new = ["clone:", "commit:", "commit (initial):", "commit (merge):"];
            let is_merged = said.contains(": Merge made by ")
                || said.starts_with("git pm: ") && !said.contains("rolled back");
            let is_forward = is_merged
                || is_new.iter().any(|new| said.starts_with(new))
                || said.to_ascii_lowercase().ends_with("fast-forward");
            if !is_forward
                && self.is_commit(old)
                && self.is_commit(new)
                && !self.is_ancestor(old, new)?
            {
                out.push(old);
            }
        }
        Ok(out)
    }

    /// Moves a ref from `old` (`None`: it must not exist) to `new`, with a reflog entry that is
    /// written even where git would keep none. `ready` runs once it is certain that the ref moves,
    /// before it does, and under the ref's lock. A lost race is not an error.
    pub fn swap_ref(
        &self,
        name: &str,
        old: Option<Oid>,
        new: Oid,
        (who, message): (&Person, &str),
        ready: &dyn Fn() -> Result<()>,
    ) -> Result<Swap> {
        let file = self.ref_file(name)?;
        let mut lock = acquire(self, name, &format!("{new}\n"))?;
        if self.ref_target(name)? != old {
            return Ok(Swap::Lost);
        }
        ready()?;
        // In git's order: a reflog with one entry too many is harmless, one that lacks an entry is
        // not.
        let before = old.unwrap_or_else(|| self.null_id());
        let (person, email) = (clean(&who.name), clean(&who.email));
        let line = format!(
            "{before} {new} {person} <{email}> {} +0000\t{message}\n",
            who.seconds
        );
        point("ref-reflog")
            .and_then(|()| self.open_log(name))
            .and_then(|mut file| file.write_all(line.as_bytes()))
            .and_then(|()| point("ref-rename"))
            .and_then(|()| std::fs::rename(&lock.path, file))
            .map_err(|e| io(name, e))?;
        lock.held = false;
        point("ref-renamed").map_err(|e| io(name, e))?;
        Ok(Swap::Done)
    }

    /// Acquires everything that a swap of a ref needs, and releases it: its lock, and a writable
    /// reflog.
    pub fn rehearse_swap(&self, name: &str) -> Result<()> {
        self.ref_file(name)?;
        let _lock = acquire(self, name, "")?;
        let log = self.open_log(name).map_err(|e| io(name, e));
        log.map(|_| ())
    }

    /// The reflog of a ref, opened to append to it.
    fn open_log(&self, name: &str) -> std::io::Result<File> {
        let log = self.reflog(name);
        log.parent().map_or(Ok(()), shared_files::create_dir_all)?;
        let mut options = OpenOptions::new();
        options.create(true).append(true);
        // An agent in a sandbox can replace the file, and must not have another one written.
        std::os::unix::fs::OpenOptionsExt::custom_flags(
            &mut options,
            rustix::fs::OFlags::NOFOLLOW.bits().cast_signed(),
        );
        let file = options.open(&log)?;
        share(&log);
        Ok(file)
    }

    /// Creates a ref that only this process uses, under a name that is used once. Without a lock,
    /// as in [`Repo::discard_ref`]; it is written as `temporary` first.
    pub fn place_ref(&self, name: &str, id: Oid, temporary: &Path) -> Result<()> {
        let path = self.ref_file(name)?;
        point("guard-write")
            .and_then(|()| std::fs::write(temporary, format!("{id}\n")))
            .inspect(|()| share(temporary))
            .and_then(|()| point("guard-rename"))
            .map_err(|e| io(name, e))?;
        // A process that deletes another ref removes the folder if it is empty.
        let rename = || {
            let folder = path.parent().map_or(Ok(()), shared_files::create_dir_all);
            folder.and_then(|()| std::fs::rename(temporary, &path))
        };
        for _ in 0..10 {
            match rename() {
                Err(e) if e.kind() == ErrorKind::NotFound => {}
                renamed => return renamed.map_err(|e| io(name, e)),
            }
        }
        rename().map_err(|e| io(name, e))
    }

    /// Deletes a ref that only this process uses, under a name that is used once. Without a lock:
    /// one left by a killed process would stop `git pack-refs` forever.
    pub fn discard_ref(&self, name: &str, old: Oid) -> Result<()> {
        self.ref_file(name)?;
        self.remove_files(name)?;
        self.remove_packed(name, old)
    }

    /// Deletes a ref that has the value `old`, with its reflog and the folders that become empty.
    pub fn delete_ref(&self, name: &str, old: Oid) -> Result<Swap> {
        self.ref_file(name)?;
        let lock = acquire(self, name, "")?;
        if self.ref_target(name)? != Some(old) {
            return Ok(Swap::Lost);
        }
        self.remove_files(name)?;
        drop(lock);
        self.remove_packed(name, old)?;
        Ok(Swap::Done)
    }

    /// Removes the file of a ref, and that of its reflog.
    fn remove_files(&self, name: &str) -> Result<()> {
        for file in [self.common_dir().join(name), self.reflog(name)] {
            remove(&file, "ref-delete").map_err(|e| io(name, e))?;
        }
        Ok(())
    }

    /// Removes the remains of a ref whose files are gone.
    fn remove_packed(&self, name: &str, old: Oid) -> Result<()> {
        // Only git itself removes a ref from the packed ones; this git survives if we are killed.
        if self.ref_target(name)?.is_some() {
            self.git()
                .require(&["update-ref", "--no-deref", "-d", name, &old.to_string()])?;
        }
        for file in [self.common_dir().join(name), self.reflog(name)] {
            // Fails if the folder is not empty, as intended.
            let _ = file.parent().map(std::fs::remove_dir);
        }
        Ok(())
    }

    /// Rewrites a ref's reflog with the ids that `keep` returns for those before and after each
    /// entry, under the ref's lock as `git reflog expire` does. A log that becomes empty stays, as
    /// an empty file.
    pub fn rewrite_reflog(
        &self,
        name: &str,
        keep: impl Fn(Oid, Oid) -> Option<(Oid, Oid)>,
    ) -> Result<()> {
        self.ref_file(name)?;
        let log = self.reflog(name);
        if !log.exists() {
            return Ok(());
        }
        let _lock = acquire(self, name, "")?;
        let bytes = std::fs::read(&log).map_err(|e| io(name, e))?;
        let mut out: Vec<u8> = Vec::new();
        for line in bytes.split_inclusive(|b| *b == b'\n') {
            let mut parts = line.splitn(3, |b| *b == b' ');
            let ids = (parts.next(), parts.next(), parts.next());
            let (Some(old), Some(new), Some(rest)) = ids else {
                continue;
            };
            if let (Ok(old), Ok(new)) = (Oid::from_hex(old), Oid::from_hex(new))
                && let Some((old, new)) = keep(old, new)
            {
                out.extend_from_slice(format!("{old} {new} ").as_bytes());
                out.extend_from_slice(rest);
            }
        }
        if out == bytes {
            return Ok(());
        }
        // Not `<log>.lock`, which would stop git for good if this process died: the ref's lock also
        // protects the log.
        let file = format!("log.{}.tmp", std::process::id());
        let temporary = crate::lock::folder(self.common_dir()).join(file);
        replace(&log, &temporary, &out, ["log-write", "log-rename"]).map_err(|e| io(name, e))
    }
}
