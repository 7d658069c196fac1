//! A project with a remote, linked to a repository of the fake.

use crate::github::server::GitHub;
use crate::support::Repo;
use crate::support::Scene;

/// The linked repository.
pub const NAME: &str = "acme/widget";

/// A server with a repository, and a clone that is linked to it.
pub struct Project {
    pub github: GitHub,
    pub repo: Repo,
    hub: Repo,
    scene: Scene,
}

impl Project {
    pub fn new() -> Project {
        let github = GitHub::start();
        github.repository("acme", "widget");
        Project::of(github)
    }

    /// As [`Project::new`], of a private repository that has the branches of the remote.
    pub fn bound() -> Project {
        Project::bound_to(false)
    }

    /// The same of a public or private one.
    pub fn bound_to(public: bool) -> Project {
        let github = GitHub::start();
        match public {
            true => github.repository("acme", "widget"),
            false => github.private_repository("acme", "widget"),
        }
        let project = Project::of(github);
        project.github.bind("acme", "widget", &project.hub.path);
        project
    }

    fn of(github: GitHub) -> Project {
        github.token("ghp_secret", "alice", &["repo"]);
        let scene = Scene::new();
        let (hub, repo) = scene.with_hub();
        let repo = at(&github, &repo);
        repo.pm(&["github", "link", &address(&github)]).ok();
        Project {
            github,
            repo,
            hub,
            scene,
        }
    }

    /// Another clone, which has not confirmed the link.
    pub fn unconfirmed(&self, name: &str) -> Repo {
        let clone = at(&self.github, &self.scene.clone_of(&self.hub, name, name));
        clone.pm(&["sync"]).ok();
        clone
    }

    /// Another clone, which has confirmed it.
    pub fn clone(&self, name: &str) -> Repo {
        let clone = self.unconfirmed(name);
        clone.pm(&["github", "link"]).ok();
        clone
    }

    /// The number of pull requests there.
    pub fn pulls(&self) -> usize {
        self.github.edit(|web| {
            let page = web.repository("acme", "widget");
            let all = page.view().issues.values();
            all.filter(|issue| issue.pull.is_some()).count()
        })
    }

    /// The text of a pull request there, if it is a draft, and its labels.
    pub fn pull(&self, number: u64) -> (String, bool, Vec<String>) {
        self.github.edit(|web| {
            let mut page = web.repository("acme", "widget");
            let issue = page.issue(number);
            let labels = issue.labels();
            let view = issue.view();
            let draft = view.pull.as_ref().unwrap().draft;
            (view.body.clone().unwrap_or_default(), draft, labels)
        })
    }

    /// Makes the remote refuse pushes to a branch, as a protected one is.
    pub fn refuse_pushes_to(&self, branch: &str) {
        self.hub.hook(
            "update",
            &format!(
                "[ \"$1\" != refs/heads/{branch} ] || {{ echo protected branch >&2; exit 1; }}\n"
            ),
        );
    }

    pub fn sync(&self) -> serde_json::Value {
        self.repo.data(&["github", "sync", "--yes"])
    }

    /// The title and state of an issue there.
    pub fn there(&self, number: u64) -> (String, String, bool) {
        self.github.edit(|web| {
            let mut page = web.repository("acme", "widget");
            let issue = page.issue(number);
            let view = issue.view();
            let body = view.body.clone().unwrap_or_default();
            (view.title.clone(), body, view.closed_at.is_some())
        })
    }

    /// The number of issues there.
    pub fn count(&self) -> usize {
        self.github
            .edit(|web| web.repository("acme", "widget").view().issues.len())
    }
}

/// A clone whose environment names the fake as the server, with a token for it.
pub fn at(github: &GitHub, repo: &Repo) -> Repo {
    repo.with("GITHUB_SERVER_URL", github.web_url())
        .with("GITHUB_API_URL", &github.url())
        .with("GH_TOKEN", "ghp_secret")
}

/// How the repository is named to `github link`.
pub fn address(github: &GitHub) -> String {
    let host = github.web_url().trim_start_matches("http://");
    format!("{host}/{NAME}")
}
