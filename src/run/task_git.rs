//! The git directory of a task while its agent is in a sandbox, and what comes back from it.
//!
//! It is the task's own; what the agent commits there comes back. The shared repository is read-only
//! to the agent: it has other tasks' branches, and objects whose content others rely on.
//!
//! The agent's objects are read by a git in its sandbox, through a git directory of ours, so
//! neither its configuration nor its refs have a say. The headers of the pack are added up before
//! anything unpacks it, every object is named again by its content, and the branch moves by a
//! comparison with the commit that the runner knows. Other branches and stashes are kept below
//! `refs/pm-local/saved`, up to a limit, and the log names them all.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::beneath;
use super::task_commands::private_of_agent;
use crate::agent::headless::Invocation;
use crate::agent::sandbox::{self, Machine, Rules};
use crate::coordinate::hook::BEFORE;
use crate::error::{Error, Reason, Result};
use crate::model::text::one_line;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::process::{self, Control, ExitCause, Launch, Limits, Line, Network, Stream};
use crate::store::git::pack_size;
use crate::store::git::repo::{Oid, Repo, short};

/// The maximum size of what an agent commits in one attempt, packed.
const PACK_MAX: u64 = 1 << 29;

/// The command that packs it: as one pack, without deltas.
const PACK: &str = "-c pack.packSizeLimit=0 pack-objects --revs --non-empty --no-reuse-delta \
                    --window=0 -q";

/// The memory of the git that does so.
const MEMORY_MAX: u64 = 1 << 32;

/// The maximum size of a ref of its own.
const REF_MAX: u64 = 1 << 10;

/// The maximum size of its packed refs.
const REFS_MAX: u64 = 1 << 26;

/// From this number of objects on, a pack stays one.
const PACK_FROM: u32 = 100;

/// The number of the agent's other branches, and of its stashes, that are kept.
const OTHERS_MAX: usize = 100;

/// The number of refs whose history is not packed again.
const KNOWN_MAX: usize = 2_000;

/// The time that git gets to pack what is new, for all branches.
const TIME: Duration = Duration::from_secs(600);

/// The time that it gets once the run is stopped.
const TIME_STOPPED: Duration = Duration::from_secs(20);

/// The git directory of one task.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub(super) struct TaskGit {
    /// The private folder of the task, in which only names are the agent's.
    private: PathBuf,
    worktree: PathBuf,
    /// The worktree's directory in the shared repository.
    own: PathBuf,
    branch: String,
    /// The commit of the branch in the shared repository.
    tip: String,
    /// The commits that refs of the shared repository had when this was made.
    #[serde(default)]
    given: BTreeSet<String>,
}

impl TaskGit {
    /// Makes the directory in the task's private folder, without what an earlier agent left there.
    pub fn make(repo: &Repo, to: &Invocation) -> Result<TaskGit> {
        let name = format!("refs/heads/{}", to.branch);
        let tip = repo.ref_target(&name)?.ok_or_else(|| {
            Error::not_found(format!("the branch {} is not in this clone", to.branch))
        })?;
        let task = TaskGit {
            private: to.private.clone(),
            worktree: to.worktree.clone(),
            own: to.git_dir.clone(),
            branch: to.branch.clone(),
            tip: tip.to_string(),
            given: tips(repo)?,
        };
        let dir = task.dir();
        task.fill(repo)
            .map_err(|error| Error::unwritten(format!("cannot create {}", dir.display()), error))?;
        Ok(task)
    }

    /// The path, below [`TaskGit::private`]. Its last name is that of the worktree, as in the shared
    /// repository.
    fn name(&self) -> PathBuf {
        Path::new("git").join(self.own.file_name().unwrap_or_default())
    }

    /// The git directory.
    pub fn dir(&self) -> PathBuf {
        self.private.join(self.name())
    }

    fn fill(&self, repo: &Repo) -> std::io::Result<()> {
        let (dir, common) = (self.dir(), repo.common_dir());
        repo.settle_index(&self.own.join("index"), &self.worktree);
        beneath::remove(&self.private.join("git"))?;
        for folder in ["objects/info", "objects/pack", "info", "refs/heads"] {
            fs::create_dir_all(dir.join(folder))?;
        }
        let alternates = format!("{}\n", common.join("objects").display());
        fs::write(dir.join("objects/info/alternates"), alternates)?;
        let refs = repo.refs_under("refs/").map_err(std::io::Error::other)?;
        let mut packed = String::from("# pack-refs with: sorted \n");
        for (name, id) in refs
            .iter()
            .filter(|(name, _)| !name.starts_with("refs/pm/"))
        {
            packed.push_str(&format!("{id} {name}\n"));
        }
        fs::write(dir.join("packed-refs"), packed)?;
        // These go on to be those of the shared repository.
        symlink(common.join("refs/pm"), dir.join("refs/pm"))?;
        // Ours look for those that they run before beside their folder.
        for hooks in ["hooks", BEFORE] {
            symlink(common.join(hooks), dir.join(hooks))?;
        }
        for kept in ["lfs", "git-crypt"] {
            symlink(common.join(kept), dir.join(kept))?;
        }
        symlink(self.own.join("modules"), dir.join("modules"))?;
        let info = [common.join("info"), self.own.join("info")];
        let info = info.iter().filter(|folder| !folder.is_symlink());
        for entry in info.flat_map(fs::read_dir).flatten().flatten() {
            if entry.file_type()?.is_file() {
                fs::copy(entry.path(), dir.join("info").join(entry.file_name()))?;
            }
        }
        for entry in fs::read_dir(&self.own)?.flatten() {
            let name = entry.file_name();
            let text = name.to_string_lossy();
            let is_index = text == "index" || text.starts_with("sharedindex.");
            if (is_index || text == "HEAD") && entry.file_type()?.is_file() {
                fs::copy(entry.path(), dir.join(&name))?;
            }
        }
        if common.join("shallow").is_file() {
            fs::copy(common.join("shallow"), dir.join("shallow"))?;
        }
        fs::write(dir.join("config"), self.config(repo))
    }

    /// The configuration: that of the shared repository, with the folders of this one.
    fn config(&self, repo: &Repo) -> String {
        let quoted = |path: &Path| {
            let path = path.display().to_string();
            format!("\"{}\"", path.replace('\\', "\\\\").replace('"', "\\\""))
        };
        let mut text = String::from("[core]\n\trepositoryformatversion = 1\n[extensions]\n");
        // Git does not read these from an included file.
        for key in ["objectFormat", "partialClone"] {
            if let Some(value) = repo.config_own(&format!("extensions.{key}")).last() {
                text.push_str(&format!("\t{key} = {value}\n"));
            }
        }
        text.push_str("[include]\n");
        for file in [
            repo.common_dir().join("config"),
            self.own.join("config.worktree"),
        ] {
            text.push_str(&format!("\tpath = {}\n", quoted(&file)));
        }
        let worktree = quoted(&self.worktree);
        text.push_str(&format!(
            "[core]\n\tbare = false\n\tworktree = {worktree}\n"
        ));
        text
    }

    /// The file beside the private folder in which it is kept while the agent works.
    pub fn file(private: &Path) -> PathBuf {
        private.with_extension("git")
    }

    /// Keeps it for the case that this process is killed.
    pub fn save(&self) -> Result<()> {
        let file = TaskGit::file(&self.private);
        let bytes = serde_json::to_vec(self).map_err(std::io::Error::from);
        let written = bytes.and_then(|bytes| fs::write(&file, bytes));
        written.map_err(|error| Error::unwritten(format!("cannot write {}", file.display()), error))
    }

    /// The one that a killed process left for a private folder.
    pub fn saved(private: &Path) -> Option<TaskGit> {
        serde_json::from_slice(&fs::read(TaskGit::file(private)).ok()?).ok()
    }

    /// Forgets what was saved.
    pub fn forget(&self) {
        let _ = fs::remove_file(TaskGit::file(&self.private));
    }

    /// The commit of the branch as the agent has it, if that is another one than in the shared
    /// repository; `None` also if the agent removed it.
    pub fn new_tip(&self, repo: &Repo) -> Result<Option<Oid>> {
        let name = format!("refs/heads/{}", self.branch);
        let dir = self.dir();
        let loose = beneath::read(&self.private, &self.below(&name), REF_MAX)?;
        let text = match loose {
            Some(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            None => {
                let packed = beneath::read(&self.private, &self.below("packed-refs"), REFS_MAX)?;
                let packed = String::from_utf8_lossy(&packed.unwrap_or_default()).into_owned();
                let mut lines = packed.lines().filter_map(|line| line.split_once(' '));
                let found = lines.find(|(_, one)| *one == name);
                match found {
                    Some((id, _)) => id.to_string(),
                    None => return Ok(None),
                }
            }
        };
        let tip = repo.parse_id(&text).ok_or_else(|| {
            let file = dir.join(&name);
            Error::refused(format!(
                "{} does not have the id of a commit",
                file.display()
            ))
            .because(Reason::TaskIrregularFile)
            .about(file.display().to_string())
        })?;
        Ok(Some(tip).filter(|tip| *tip.to_string() != *self.tip))
    }

    fn below(&self, name: &str) -> String {
        self.name().join(name).to_string_lossy().into_owned()
    }

    /// Moves the branch in the shared repository to where the agent has moved its own, and returns
    /// whether it had.
    ///
    /// # Errors
    /// When what the agent committed is damaged or incomplete, or somebody else moved the branch.
    pub fn take_over(&mut self, pm: &Pm, rules: &Rules) -> Result<bool> {
        let repo = pm.store.repo();
        let Some(tip) = self.new_tip(repo)? else {
            return Ok(false);
        };
        self.bring(pm, rules, tip, Instant::now() + TIME)?;
        let (id, name) = (tip.to_string(), format!("refs/heads/{}", self.branch));
        let note = "git pm: take over from the agent's repository";
        let home = repo.git_at_home();
        // A killed process may have taken over a part of it.
        let before = match repo.ref_target(&name)? {
            Some(now) if repo.is_ancestor(now, tip)? => now.to_string(),
            _ => self.tip.clone(),
        };
        let moved = home.run(&["update-ref", "-m", note, &name, &id, &before])?;
        if !moved.ok() {
            return Err(self.failed("were not taken over", &moved.reason()));
        }
        self.tip = id;
        // The agent's index is not read: what it staged, but did not commit, is uncommitted.
        let git = repo.git().in_worktree(&self.worktree)?;
        let args = ["reset", "--quiet", "--mixed", "--no-recurse-submodules"];
        let reset = git.run_with(&args, None, Some(TIME))?;
        match reset.ok() {
            true => Ok(true),
            false => Err(self.failed("are not in the index of the worktree", &reset.reason())),
        }
    }

    /// Keeps the commits that the agent has elsewhere than on its branch: on branches of its own, in
    /// stashes, or on none. Returns a line for each, also for what is not kept.
    ///
    /// # Errors
    /// When the refs of the shared repository cannot be read.
    pub fn keep_others(&self, pm: &Pm, rules: &Rules) -> Result<Vec<String>> {
        let repo = pm.store.repo();
        let mut known = tips(repo)?;
        known.extend(self.given.iter().cloned());
        let mut others = self.others(repo);
        others.retain(|(_, tip)| known.insert(tip.to_string()));
        let (until, mut notices) = (Instant::now() + TIME, Vec::new());
        for (name, tip) in others.iter().take(OTHERS_MAX) {
            let name = one_line(name);
            let what = match self.keep(pm, rules, *tip, until) {
                Ok(None) => continue,
                Ok(Some(kept)) => format!("are kept as {kept}"),
                Err(error) => format!("are NOT KEPT: {}", error.message()),
            };
            notices.push(format!("the agent's commits on {name} {what}"));
        }
        if let Some((name, _)) = others.get(OTHERS_MAX) {
            notices.push(format!(
                "the agent's commits on {} more branches are NOT KEPT, such as on {}",
                others.len() - OTHERS_MAX,
                one_line(name)
            ));
        }
        Ok(notices)
    }

    /// What the agent's repository has besides its branch, by name.
    fn others(&self, repo: &Repo) -> Vec<(String, Oid)> {
        let text = |file: &str, most: u64| {
            let read = beneath::read(&self.private, &self.below(file), most);
            let bytes = read.ok().flatten().unwrap_or_default();
            String::from_utf8_lossy(&bytes).into_owned()
        };
        let own = format!("refs/heads/{}", self.branch);
        let heads = beneath::plain_files(&self.private, &self.below("refs/heads"));
        let mut loose: BTreeSet<String> = heads.iter().map(|n| format!("refs/heads/{n}")).collect();
        loose.insert("refs/stash".into());
        let mut found = vec![("HEAD".to_string(), text("HEAD", REF_MAX))];
        found.extend(loose.iter().map(|name| (name.clone(), text(name, REF_MAX))));
        // The older stashes are only in the log.
        let log = text("logs/refs/stash", REFS_MAX);
        let stashes = log.lines().filter_map(|line| line.split(' ').nth(1));
        found.extend(stashes.map(|id| ("refs/stash".to_string(), id.to_string())));
        let packed = text("packed-refs", REFS_MAX);
        for (id, name) in packed.lines().filter_map(|line| line.split_once(' ')) {
            // A loose one has replaced it.
            let is_branch = name.starts_with("refs/heads/") && !loose.contains(name);
            if is_branch || name == "refs/stash" {
                found.push((name.to_string(), id.to_string()));
            }
        }
        found.retain(|(name, _)| *name != own);
        let found = found.into_iter();
        found
            .filter_map(|(name, id)| Some((name, repo.parse_id(&id)?)))
            .collect()
    }

    /// Keeps one of them, and returns its ref, if the shared repository does not have it.
    fn keep(&self, pm: &Pm, rules: &Rules, tip: Oid, until: Instant) -> Result<Option<String>> {
        self.bring(pm, rules, tip, until)?;
        let (id, home) = (tip.to_string(), pm.store.repo().git_at_home());
        let new = home.run(&["rev-list", "--max-count=1", &id, "--not", "--all"])?;
        if new.text().is_empty() {
            return Ok(None);
        }
        let worktree = self.own.file_name().unwrap_or_default().to_string_lossy();
        let seconds = pm.now_ms() / 1000;
        let kept = format!("refs/pm-local/saved/{worktree}/{seconds}-{}", short(tip));
        home.require(&["update-ref", &kept, &id])?;
        Ok(Some(kept))
    }

    fn failed(&self, what: &str, why: &str) -> Error {
        Error::refused(format!("the commits of {} {what}: {why}", self.branch))
            .because(Reason::TaskNotTakenOver)
            .about(&self.branch)
            .hint("the files in the worktree are as the agent left them: commit them again")
    }

    /// Brings a commit of the agent's into the shared repository, with all that it needs. The
    /// agent's repository is read by a git in a sandbox, which can do no more than the agent; of its
    /// pack every object is named again by its content.
    fn bring(&self, pm: &Pm, rules: &Rules, tip: Oid, until: Instant) -> Result<()> {
        let home = pm.store.repo().git_at_home();
        let packed = self.pack(pm, rules, tip, until);
        // What cannot be removed only costs space.
        let _ = beneath::remove(&self.place_to_pack());
        if let Some(pack) = packed.map_err(|why| self.failed("cannot be read", &why))? {
            let count = pack_size::bounded(&pack);
            let count = count.map_err(|why| self.failed("are not taken over", &why))?;
            let args: &[&str] = match count {
                0..PACK_FROM => &["unpack-objects", "-q", "--strict"],
                _ => &["index-pack", "--stdin", "--strict"],
            };
            let done = home.feed(args, pack)?;
            if !done.ok() {
                return Err(self.failed("are damaged", &done.reason()));
            }
        }
        let id = tip.to_string();
        let whole = home.run(&["rev-list", "--objects", "--quiet", &id, "--not", "--all"])?;
        match whole.ok() {
            true => Ok(()),
            false => Err(self.failed("are incomplete", &whole.reason())),
        }
    }

    /// A git directory in which the agent's objects are packed, where no agent can write.
    fn place_to_pack(&self) -> PathBuf {
        self.private.with_extension("packing")
    }

    /// Makes it. Git reads nothing of the agent's but its objects: no configuration, no refs.
    fn make_place_to_pack(&self, repo: &Repo) -> Result<PathBuf> {
        let borrowed = repo.common_dir().join("objects").display().to_string() + "\n";
        let objects = self.dir().join("objects").display().to_string() + "\n";
        // There are only files and folders of its own, or git would follow links and wait for FIFOs.
        beneath::plain_files(&self.private, &self.below("objects"));
        let alternates = self.below("objects/info/alternates");
        let named = beneath::read(&self.private, &alternates, REFS_MAX)?;
        if named.is_some_and(|named| named != borrowed.as_bytes()) {
            return Err(Error::refused(format!("{alternates} was changed")));
        }
        let dir = self.place_to_pack();
        let shallow = repo.common_dir().join("shallow");
        let made = beneath::remove(&dir).and_then(|()| {
            for folder in ["objects/info", "objects/pack", "refs"] {
                fs::create_dir_all(dir.join(folder))?;
            }
            fs::write(dir.join("objects/info/alternates"), objects + &borrowed)?;
            fs::write(dir.join("HEAD"), "ref: refs/heads/none\n")?;
            fs::write(dir.join("config"), self.config(repo))?;
            if shallow.is_file() {
                fs::copy(shallow, dir.join("shallow"))?;
            }
            dir.canonicalize()
        });
        made.map_err(|error| Error::unwritten(format!("cannot create {}", dir.display()), error))
    }

    /// The pack of what the branch has and the shared repository does not, without deltas; `None` if
    /// that is nothing.
    fn pack(
        &self,
        pm: &Pm,
        rules: &Rules,
        tip: Oid,
        until: Instant,
    ) -> std::result::Result<Option<Vec<u8>>, String> {
        let said = |error: Error| error.message().to_string();
        let repo = pm.store.repo();
        let mut known = vec![self.tip.clone()];
        known.extend(tips(repo).map_err(said)?);
        known.truncate(KNOWN_MAX);
        let mut sandbox = sandbox::of_gates(pm, &self.private, rules)
            .map_err(said)?
            .sandbox;
        sandbox.network = Network::Off;
        let dir = self.make_place_to_pack(repo).map_err(said)?;
        sandbox.write.push(dir.clone());
        let git_dir = format!("--git-dir={}", dir.display());
        let to = dir.join("taken").display().to_string();
        let path = pm.store.env().vars.get("PATH").cloned().unwrap_or_default();
        let launch = Launch {
            program: "git".into(),
            args: [&*git_dir]
                .into_iter()
                .chain(PACK.split(' '))
                .chain([&*to])
                .map(Into::into)
                .collect(),
            dir: self.private.clone(),
            env: vec![
                ("PATH".into(), path),
                ("GIT_CONFIG_NOSYSTEM".into(), "1".into()),
                ("GIT_CONFIG_GLOBAL".into(), "/dev/null".into()),
            ],
            input: format!("{tip}\n--not\n{}\n", known.join("\n")).into_bytes(),
            sandbox: Some(sandbox),
            keeper: pm.store.env().keeper.clone(),
        };
        let run = pm.of_run.as_ref().map(|run| run.control.clone());
        let left = until.saturating_duration_since(Instant::now());
        let (control, left) = match run {
            None => (Control::new().map_err(said)?, left),
            Some(run) if !run.request().is_stop => (run, left),
            // What was committed is still taken over, if that does not take long.
            Some(_) => (Control::new().map_err(said)?, left.min(TIME_STOPPED)),
        };
        let limits = Limits {
            deadline: Some(left),
            output_max: 1 << 20,
            memory: Some(MEMORY_MAX),
            ..Limits::default()
        };
        let (mut hash, mut errors) = (String::new(), String::new());
        let outcome = process::supervise(&launch, &limits, &control, &mut |line: Line<'_>| {
            let text = String::from_utf8_lossy(line.bytes).into_owned();
            match line.stream {
                Stream::Out => hash = text,
                Stream::Err => errors = text,
            }
        });
        match outcome.map_err(said)?.ended {
            ExitCause::Exited(0) if hash.is_empty() => return Ok(None),
            ExitCause::Exited(0) => {}
            // The second time it is not stopped.
            ExitCause::Stopped => return self.pack(pm, rules, tip, until),
            ExitCause::Deadline | ExitCause::Memory => return Err("it takes git too much".into()),
            _ => return Err(one_line(&errors)),
        }
        let id = repo.parse_id(&hash).ok_or("git named no pack")?;
        beneath::read(&dir, &format!("taken-{id}.pack"), PACK_MAX).map_err(said)
    }
}

/// The commits, and other objects, that the refs of the shared repository have.
fn tips(repo: &Repo) -> Result<BTreeSet<String>> {
    let refs = repo.refs_under("refs/")?;
    Ok(refs.values().map(ToString::to_string).collect())
}

/// Takes over what an agent committed before the process that ran it was killed.
pub(super) fn take_over_saved(pm: &Pm, folder: &Path, item: &Uid) -> Result<()> {
    let Some(mut task) = TaskGit::saved(&private_of_agent(folder, item)) else {
        return Ok(());
    };
    if let Some(rules) = Rules::in_force(pm, &Machine::default())? {
        task.take_over(pm, &rules)?;
        task.keep_others(pm, &rules)?;
    }
    task.forget();
    Ok(())
}
