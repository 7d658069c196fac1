//! A scene: remotes and clones in a temporary folder.

use super::{Repo, template};

/// The configuration of the user. Nothing is collected, so no process looks whether something should be.
const GITCONFIG: &str = "[init]\n\tdefaultBranch = main\n[user]\n\tname = Ana\n\temail = ana@example.org\n\
    [protocol \"file\"]\n\tallow = always\n[gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n\
    [advice]\n\tdetachedHead = false\n";

/// The folder of one test, removed when it is dropped.
pub struct Scene {
    pub dir: tempfile::TempDir,
}

impl Scene {
    pub fn new() -> Self {
        Self::in_folder(&std::env::temp_dir())
    }

    /// A scene in another folder than that for temporary files.
    pub fn in_folder(folder: &std::path::Path) -> Self {
        let dir = tempfile::Builder::new()
            .prefix("git-pm-test-")
            .tempdir_in(folder)
            .unwrap();
        let home = dir.path().join("home");
        std::fs::create_dir_all(&home).unwrap();
        std::fs::write(home.join("gitconfig"), GITCONFIG).unwrap();
        Scene { dir }
    }

    /// A folder of the scene as somewhere to run commands.
    pub fn at(&self, name: &str) -> Repo {
        Repo {
            path: self.dir.path().join(name),
            home: self.dir.path().join("home"),
            env: Vec::new(),
        }
    }

    /// A new repository with one commit of a few files.
    pub fn repo(&self, name: &str) -> Repo {
        match self.is_usual() {
            true => template::plain(&self.at(name)),
            false => self.make_repo(name),
        }
        self.at(name)
    }

    /// As [`Scene::repo`], with `git pm init`.
    pub fn set_up(&self, name: &str) -> Repo {
        let repo = self.at(name);
        match self.is_usual() {
            true => template::set_up(&repo),
            false => {
                self.make_repo(name);
                repo.pm(&["init"]).ok();
            }
        }
        repo
    }

    /// Whether a copy is what git and git pm would make here.
    fn is_usual(&self) -> bool {
        let config = std::fs::read_to_string(self.dir.path().join("home/gitconfig"));
        config.is_ok_and(|config| config == GITCONFIG)
    }

    pub(super) fn make_repo(&self, name: &str) {
        let repo = self.at(name);
        std::fs::create_dir_all(&repo.path).unwrap();
        repo.git(&["init", "-q"]).ok();
        repo.write("README.md", "# A project\n");
        repo.write("src/main.rs", "fn main() {}\n");
        repo.write("src/auth.rs", "pub fn login() {}\n");
        repo.write("docs/guide.md", "Guide\n");
        repo.commit_all("Begin");
    }

    /// A bare repository.
    pub fn bare(&self, name: &str) -> Repo {
        let repo = self.at(name);
        std::fs::create_dir_all(&repo.path).unwrap();
        repo.git(&["init", "-q", "--bare"]).ok();
        repo
    }

    /// A bare `hub.git` and a repository `a` that pushed its first commit there and ran `init`.
    pub fn with_hub(&self) -> (Repo, Repo) {
        if !self.is_usual() {
            return self.make_hub();
        }
        let (hub, a) = (self.at("hub.git"), self.at("a"));
        template::hub(&hub, &a);
        (hub, a)
    }

    pub(super) fn make_hub(&self) -> (Repo, Repo) {
        let hub = self.bare("hub.git");
        let a = self.repo("a");
        a.git(&["remote", "add", "origin", "../hub.git"]).ok();
        a.git(&["push", "-q", "-u", "origin", "main"]).ok();
        a.pm(&["init"]).ok();
        (hub, a)
    }

    /// A clone of `hub.git` by this actor, with `git pm init` run.
    pub fn clone_of(&self, hub: &Repo, name: &str, who: &str) -> Repo {
        let clone = self.at(name);
        if self.is_usual() && template::clone(hub, &clone, who) {
            return clone;
        }
        self.make_clone(hub, name, who)
    }

    pub(super) fn make_clone(&self, hub: &Repo, name: &str, who: &str) -> Repo {
        let clone = self.at(name);
        self.at(".")
            .git(&[
                "clone",
                "-q",
                hub.path.to_str().unwrap(),
                clone.path.to_str().unwrap(),
            ])
            .ok();
        clone.git(&["config", "user.name", who]).ok();
        clone.pm(&["init"]).ok();
        clone
    }
}
