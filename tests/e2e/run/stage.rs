//! A repository with scripts as agents, and runs that cannot hang a test.

use std::fs::File;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::{Ran, Repo, Scene, binary, script_file};

/// The longest time that a run, or a state that a test waits for, may take.
const PATIENCE: Duration = Duration::from_secs(90);

/// Commits a file that only this task has; reads the prompt first, as `prompt`.
pub const WORK: &str = r#"
cat > "$OUT/$GIT_PM_TASK.prompt"
echo "$GIT_PM_TASK" > "$GIT_PM_TASK.txt"
git add -A && git commit -q -m "Work on $GIT_PM_TASK"
"#;

/// A repository in which git pm is set up, and a folder outside of it into which the agents write.
pub struct Stage {
    pub repo: Repo,
    pub out: PathBuf,
    scene: Scene,
}

/// Agents run in the sandbox of this machine. They may read what the test has prepared, and tell it what
/// they see.
fn open_sandbox(repo: &Repo, out: &std::path::Path) {
    // A linked worktree has the settings of the first one.
    let file = repo.path.join(".git/config");
    let Ok(mut config) = std::fs::read_to_string(&file) else {
        return;
    };
    let settings = [
        ("sandboxWrite", out),
        ("sandboxRead", out.parent().unwrap()),
    ];
    for (key, path) in settings {
        if !config.contains(key) {
            config += &format!("[pm]\n\t{key} = {}\n", path.display());
        }
    }
    std::fs::write(file, config).unwrap();
}

impl Stage {
    pub fn new() -> Self {
        let scene = Scene::new();
        let repo = scene.set_up("a");
        Self::of(scene, repo)
    }

    /// Agents may do all that the user may.
    pub fn without_sandbox(self) -> Self {
        self.repo.git(&["config", "pm.sandbox", "off"]).ok();
        self
    }

    /// With tasks of these titles and no dependencies.
    pub fn with_tasks(titles: &[&str]) -> Self {
        let stage = Self::new();
        for title in titles {
            stage.repo.task(title, &[]);
        }
        stage
    }

    pub fn of(scene: Scene, repo: Repo) -> Self {
        let out = scene.dir.path().canonicalize().unwrap().join("out");
        std::fs::create_dir_all(&out).unwrap();
        open_sandbox(&repo, &out);
        Stage { repo, out, scene }
    }

    pub fn dir(&self) -> PathBuf {
        self.scene.dir.path().canonicalize().unwrap()
    }

    pub fn clone_of(&self, hub: &Repo, name: &str, who: &str) -> Repo {
        self.scene.clone_of(hub, name, who)
    }

    /// Writes a script that knows the folder outside as `$OUT`; the value of `--with`.
    pub fn agent(&self, script: &str) -> String {
        let path = self.dir().join("agent.sh");
        let text = format!("OUT='{}'\n{script}", self.out.display());
        script_file(&path, &text);
        format!("script:{}", path.display())
    }

    /// Starts `git pm run` with an agent of this script.
    pub fn start(&self, script: &str, more: &[&str]) -> Running {
        self.start_as(&self.repo, script, more)
    }

    pub fn start_as(&self, repo: &Repo, script: &str, more: &[&str]) -> Running {
        let with = self.agent(script);
        open_sandbox(repo, &self.out);
        let mut args = vec!["run", "--with", &with];
        args.extend(more);
        self.start_command(repo, &args)
    }

    /// Starts any command of git pm as [`Running`].
    pub fn start_command(&self, repo: &Repo, args: &[&str]) -> Running {
        let unique = tempfile::Builder::new()
            .prefix("printed-")
            .tempdir_in(self.dir())
            .unwrap()
            .keep();
        let (out, err) = (unique.join("out"), unique.join("err"));
        let child = repo
            .command(binary())
            .args(args)
            .stdout(Stdio::from(File::create(&out).unwrap()))
            .stderr(Stdio::from(File::create(&err).unwrap()))
            .spawn()
            .unwrap();
        Running {
            child,
            what: format!("git pm {}", args.join(" ")),
            out,
            err,
        }
    }

    /// Runs `git pm run` to its end.
    #[track_caller]
    pub fn run(&self, script: &str, more: &[&str]) -> Ran {
        self.start(script, more).end()
    }

    /// Continues the newest run to its end.
    #[track_caller]
    pub fn resume(&self) -> Ran {
        self.start_command(&self.repo, &["run", "resume"]).end()
    }

    /// `run status --json`.
    #[track_caller]
    pub fn status(&self) -> Value {
        self.repo.data(&["run", "status"])
    }

    /// The part of `run status --json` about one task; null if the run does not know it.
    #[track_caller]
    pub fn task(&self, id: &str) -> Value {
        find(&self.status(), id)
    }

    /// The status of an item in the state.
    #[track_caller]
    pub fn item(&self, id: &str) -> String {
        let item = self.repo.data(&["show", id]);
        item["status"].as_str().unwrap().to_string()
    }

    /// A file that an agent wrote outside; empty if there is none.
    pub fn told(&self, name: &str) -> String {
        let read = std::fs::read(self.out.join(name)).unwrap_or_default();
        String::from_utf8_lossy(&read).into_owned()
    }

    /// Waits for a file that an agent writes outside.
    #[track_caller]
    pub fn wait_for(&self, name: &str) -> String {
        until(name, || {
            Some(self.told(name)).filter(|text| text.ends_with('\n'))
        })
    }

    pub fn tell(&self, name: &str) {
        std::fs::write(self.out.join(name), "\n").unwrap();
    }

    /// Waits until the newest run has this status.
    #[track_caller]
    pub fn wait_status(&self, wanted: &str) -> Value {
        until(wanted, || {
            let ran = self.repo.pm(&["--json", "run", "status"]);
            let status = (ran.code == 0).then(|| ran.data())?;
            (status["status"] == wanted).then_some(status)
        })
    }

    /// Waits until a task of the newest run has this status.
    #[track_caller]
    pub fn wait_task(&self, id: &str, wanted: &str) -> Value {
        until(&format!("{id} {wanted}"), || {
            let ran = self.repo.pm(&["--json", "run", "status"]);
            let task = (ran.code == 0).then(|| find(&ran.data(), id))?;
            (task["status"] == wanted).then_some(task)
        })
    }

    /// The processes that carry the mark of a run of this scene: id and command line.
    pub fn processes(&self) -> Vec<(i32, String)> {
        let home = format!("HOME={}", self.scene.dir.path().join("home").display());
        let mut found = Vec::new();
        for entry in std::fs::read_dir("/proc").unwrap().flatten() {
            let name = entry.file_name();
            let Some(pid) = name.to_str().and_then(|n| n.parse::<i32>().ok()) else {
                continue;
            };
            let environ = std::fs::read(entry.path().join("environ")).unwrap_or_default();
            let environ = String::from_utf8_lossy(&environ);
            let mut vars = environ.split('\0');
            if vars.clone().any(|var| var == home) && vars.any(|var| var.starts_with("GIT_PM_RUN="))
            {
                let line = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
                found.push((pid, String::from_utf8_lossy(&line).replace('\0', " ")));
            }
        }
        found
    }

    /// Requires that the agents leave no process. Some time is given to those that were killed.
    #[track_caller]
    pub fn left_no_process(&self) {
        let end = Instant::now() + Duration::from_secs(3);
        loop {
            let left = self.processes();
            if left.is_empty() {
                return;
            }
            assert!(Instant::now() < end, "processes are left: {left:?}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// The worktrees besides the first.
    pub fn worktrees(&self) -> Vec<String> {
        let list = self.repo.git(&["worktree", "list", "--porcelain"]).ok();
        let paths = list.out.lines().filter_map(|l| l.strip_prefix("worktree "));
        paths.skip(1).map(str::to_string).collect()
    }

    /// Requires that each of these tasks is done, merged by one commit, and that nothing is left
    /// over: claim, worktree, process, lock.
    #[track_caller]
    pub fn all_merged(&self, tasks: &[&str]) {
        let log = self.repo.git(&["log", "--format=%B", "main"]).ok().out;
        for id in tasks {
            assert_eq!(self.item(id), "done", "{id}\n{}", self.why());
            assert_eq!(self.task(id)["status"], "completed", "{}", self.why());
            let mark = format!("Task: {id}");
            let merges = log.lines().filter(|line| *line == mark).count();
            assert_eq!(merges, 1, "merge commits of {id}:\n{log}");
            let file = self.repo.git(&["show", &format!("main:{id}.txt")]);
            assert_eq!(file.ok().text(), **id);
            assert!(self.repo.data(&["show", id])["claim"].is_null(), "{id}");
        }
        let marks = log.lines().filter(|line| line.starts_with("Task: "));
        assert_eq!(marks.count(), tasks.len(), "{log}");
        assert_eq!(self.worktrees(), [""; 0], "worktrees are left");
        self.left_no_process();
        self.repo.git(&["diff", "--quiet", "HEAD"]).ok();
        self.repo.git(&["fsck", "--connectivity-only"]).ok();
    }

    /// The state of the run and the log, for messages.
    pub fn why(&self) -> String {
        let status = self.repo.run(binary(), &["run", "status", "--json"]);
        let logs = self.repo.run(binary(), &["logs", "--last", "40"]);
        format!("{}\n{}{}", status.out, logs.out, logs.err)
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        for (pid, _) in self.processes() {
            signal(pid, "KILL");
        }
    }
}

/// One task of `run status --json`.
pub fn find(status: &Value, id: &str) -> Value {
    let tasks = status["tasks"].as_array().expect("tasks");
    let task = tasks.iter().find(|task| task["id"] == id);
    task.cloned().unwrap_or_default()
}

/// Sends a signal; a negative id is a process group.
pub fn signal(pid: i32, name: &str) {
    let line = format!("kill -s {name} -- {pid}");
    let _ = std::process::Command::new("sh")
        .args(["-c", &line])
        .stderr(Stdio::null())
        .status();
}

/// Waits until a question has an answer.
#[track_caller]
pub fn until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < end, "still not: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The state of a process as the kernel shows it (`T` is stopped); none if it has ended.
pub fn process_state(pid: i32) -> Option<char> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let state = stat.rsplit(") ").next()?.chars().next()?;
    (state != 'Z').then_some(state)
}

/// A command of git pm that goes on in the background, killed when it is dropped.
pub struct Running {
    child: Child,
    what: String,
    out: PathBuf,
    err: PathBuf,
}

impl Running {
    pub fn id(&self) -> i32 {
        i32::try_from(self.child.id()).unwrap()
    }

    /// What it has printed so far.
    pub fn printed(&self) -> String {
        let read = |path| String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned();
        read(&self.out) + &read(&self.err)
    }

    pub fn is_over(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Kills this process only, as the kernel or a power failure would.
    pub fn kill(mut self) -> Ran {
        self.child.kill().unwrap();
        self.end()
    }

    /// Waits for its end.
    #[track_caller]
    pub fn end(mut self) -> Ran {
        let end = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(
                Instant::now() < end,
                "`{}` does not end:\n{}",
                self.what,
                self.printed()
            );
            std::thread::sleep(Duration::from_millis(10));
        };
        let read = |path| String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned();
        Ran {
            what: self.what.clone(),
            code: status.code().unwrap_or(-1),
            out: read(&self.out),
            err: read(&self.err),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
