//! Pages and forms of a repository, through the handlers of their routes.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use super::super::super::audit::Audit;
use super::super::super::events::Hub;
use super::super::super::metrics::Counters;
use super::super::super::rate_limit::Rates;
use super::super::super::request::{Answer, Call, Parts, Scope, Visitor, pairs};
use super::super::super::route::{Method, Needs};
use super::super::super::shared::Shared;
use super::super::super::tokens::Tokens;
use super::super::frame::query;
use super::super::{failure, routes};
use super::{HOSTILE, check};
use crate::error::{Error, Reason, Result};
use crate::model::id::ItemKind;
use crate::serve::github_webhook::Webhooks;
use crate::work::new_item::NewItem;
use crate::work::task::start::options::StartOptions;
use crate::{Env, Options, Pm};

struct Site {
    _dir: tempfile::TempDir,
    pm: Pm,
    shared: Arc<Shared>,
}

impl Site {
    fn new() -> Site {
        let dir = tempfile::tempdir().unwrap();
        let pm = opened(dir.path());
        let env = pm.store.env().clone();
        let shared = Shared {
            env: env.clone(),
            offline: true,
            open_reading: true,
            tls: false,
            name: None,
            hosts: Vec::new(),
            tokens: Tokens::of(&pm),
            hub: Hub::start(env).unwrap(),
            rates: Rates::new(100),
            counters: Counters::default(),
            audit: Audit::new(&pm.folder()),
            owner: pm.actor().clone(),
            port: 7700,
            all_sessions: Mutex::default(),
            webhooks: Webhooks::new(&pm.folder(), false, None),
        };
        Site {
            _dir: dir,
            pm,
            shared: Arc::new(shared),
        }
    }

    fn task(&self, change: impl FnOnce(&mut NewItem)) -> String {
        let mut new = NewItem {
            title: "a task".into(),
            ..NewItem::default()
        };
        change(&mut new);
        self.pm.tasks().create(ItemKind::Task, &new).unwrap().id
    }

    fn ask(
        &self,
        method: Method,
        address: &str,
        form: &str,
        scope: Option<Scope>,
    ) -> Result<Answer> {
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        let all = routes();
        let found = all.iter().filter(|route| route.method == method);
        let (route, parts) = found
            .filter_map(|route| Some((route, parts(route.path, path)?)))
            .min_by_key(|(_, parts)| parts.len())
            .unwrap_or_else(|| panic!("no route for {path}"));
        let call = Call::from(Parts {
            shared: self.shared.clone(),
            visitor: Visitor {
                actor: scope.map(|_| "Ana".to_string()),
                scope,
                agent: false,
                ..Visitor::default()
            },
            is_secure: false,
            route: route.path,
            accept: String::new(),
            parts,
            query: pairs(query.as_bytes()),
            content_type: "application/x-www-form-urlencoded".into(),
            body: form.as_bytes().to_vec(),
            idempotency_key: None,
            if_match: None,
            delivery: None,
        });
        (route.handler)(&call)
    }

    fn page(&self, address: &str, scope: Option<Scope>) -> String {
        match self.ask(Method::Get, address, "", scope) {
            Ok(Answer::Html { status: 200, text }) => text,
            other => panic!("{address}: {other:?}"),
        }
    }

    fn send(&self, path: &str, fields: &[(&str, &str)]) -> Result<String> {
        let form = query(fields.iter().copied());
        match self.ask(Method::Post, path, &form, Some(Scope::Approve))? {
            Answer::See { path, .. } => Ok(path),
            other => panic!("{path}: {other:?}"),
        }
    }
}

fn opened(dir: &Path) -> Pm {
    let vars = BTreeMap::from([
        ("PATH".to_string(), std::env::var_os("PATH").unwrap()),
        ("GIT_CONFIG_NOSYSTEM".to_string(), "1".into()),
        ("GIT_CONFIG_GLOBAL".to_string(), "/dev/null".into()),
        ("GIT_AUTHOR_NAME".to_string(), "Ana".into()),
        ("GIT_AUTHOR_EMAIL".to_string(), "ana@example.org".into()),
        ("GIT_COMMITTER_NAME".to_string(), "Ana".into()),
        ("GIT_COMMITTER_EMAIL".to_string(), "ana@example.org".into()),
    ]);
    for args in [
        &["init", "-q"][..],
        &["commit", "-q", "--allow-empty", "-m", "begin"],
    ] {
        let made = std::process::Command::new("git")
            .args(args)
            .current_dir(dir)
            .envs(&vars)
            .status();
        assert!(made.unwrap().success());
    }
    let pm = Pm::open(Env::new(dir, vars), Options::default()).unwrap();
    pm.state().init(&Default::default()).unwrap();
    pm
}

/// The path parameters, if the pattern matches.
fn parts(pattern: &str, path: &str) -> Option<Vec<(String, String)>> {
    let (own, asked): (Vec<&str>, Vec<&str>) =
        (pattern.split('/').collect(), path.split('/').collect());
    if own.len() != asked.len() {
        return None;
    }
    let mut found = Vec::new();
    for (own, asked) in own.iter().zip(asked) {
        match own
            .strip_prefix('{')
            .and_then(|name| name.strip_suffix('}'))
        {
            Some(name) => found.push((name.to_string(), asked.to_string())),
            None if *own == asked => {}
            None => return None,
        }
    }
    Some(found)
}

/// SE-12: hostile text from the state is shown as text on every page.
#[test]
fn se_12_every_page_shows_hostile_text_as_text() {
    let site = Site::new();
    let first = site.task(|new| {
        new.title = HOSTILE.replace(['\u{1b}', '\n'], "");
        new.fields.body = Some(format!("{HOSTILE}\n\n[x](javascript:alert(1)) <b>"));
        new.fields.labels = Some(vec!["<i>label".into()]);
        new.fields.acceptance = Some(vec![format!("criterion {HOSTILE}").replace('\u{1b}', "")]);
        new.fields.paths = Some(vec!["src/<b>&\"/**".into()]);
    });
    let second = site.task(|new| new.fields.depends_on = Some(vec![first.clone()]));
    site.send(&format!("/items/{first}/comments"), &[("text", HOSTILE)])
        .unwrap();
    site.send(&format!("/items/{first}/move"), &[("verb", "claim")])
        .unwrap();
    site.send(
        &format!("/items/{second}/move"),
        &[("verb", "block"), ("text", HOSTILE)],
    )
    .unwrap();
    let request = crate::coordinate::reservation_verbs::ReserveRequest {
        patterns: vec!["src/<b>&\"/**".into(), "docs/a.md".into()],
        task: Some(first.clone()),
        new: true,
        ..Default::default()
    };
    site.pm.reservations().add(&request).unwrap();
    let addresses = [
        "/",
        "/?by=owner&lanes=priority",
        "/?column==in_progress",
        "/?q=label:%22%3Cb%3E%22",
        "/filter?field=label&at=list&q=label:%22%3Cb%3E%22",
        "/list",
        "/list?q=status:in_progress&sort=-updated",
        "/list?q=%3Cscript%3E%20(",
        "/search?q=script",
        "/search?q=%3Cscript%3E%22",
        "/graph",
        "/graph?under=T-0001",
        "/new?title=%3Cscript%3E&epic=%22%3E%3Cb%3E",
        "/items/T-0001/edit",
        "/items/T-0001/move?verb=defer",
        "/items/T-0001/move?verb=assign",
        "/items/T-0001/changes",
        "/plans",
        "/runs",
        "/reservations",
        "/inbox",
        "/inbox?all=true",
        "/activity",
        "/numbers",
        "/sign-in",
    ];
    let items = [format!("/items/{first}"), format!("/items/{second}")];
    for address in addresses
        .into_iter()
        .chain(items.iter().map(String::as_str))
    {
        for scope in [
            None,
            Some(Scope::Read),
            Some(Scope::Write),
            Some(Scope::Approve),
        ] {
            let html = site.page(address, scope);
            check(&html, address);
            let may_write = scope >= Some(Scope::Write);
            let posts = html.matches("method=\"post\"").count();
            // A read-only visitor can sign out, and an anonymous one can sign in.
            let few = posts <= 1 || address == "/sign-in";
            assert!(may_write || few, "{address} offers changes to {scope:?}");
            if items.iter().any(|item| item == address) {
                let offers = html.contains("data-ask=\"edit\"");
                assert_eq!(offers, may_write, "{address} {scope:?}");
            }
        }
    }
    let error = Error::refused(HOSTILE)
        .because(Reason::HttpForbidden)
        .hint(HOSTILE);
    let html = failure(&error, 403, &Visitor::default(), "/items/\"><script>/edit");
    check(&html, "failure");
    let sign_in = failure(&error, 401, &Visitor::default(), "/");
    assert!(
        sign_in.contains("action=\"/sign-in\"")
            && sign_in.contains("type=\"password\" name=\"key\"")
    );
}

fn git(folder: &Path, args: &[&str]) {
    let mut git = std::process::Command::new("git");
    git.args(args).current_dir(folder);
    for name in ["AUTHOR", "COMMITTER"] {
        git.env(format!("GIT_{name}_NAME"), "Ana");
        git.env(format!("GIT_{name}_EMAIL"), "ana@example.org");
    }
    let done = git.env("GIT_CONFIG_GLOBAL", "/dev/null").status();
    assert!(done.unwrap().success(), "git {args:?}");
}

fn commit(folder: &Path, path: &str, text: &str) {
    std::fs::write(folder.join(path), text).unwrap();
    git(folder, &["add", "-A"]);
    git(folder, &["commit", "-q", "-m", HOSTILE]);
}

#[test]
fn the_changes_of_a_branch_are_shown_as_text() {
    let site = Site::new();
    let id = site.task(|_| {});
    let address = format!("/items/{id}/changes");
    assert!(
        site.page(&address, None)
            .contains("no unmerged work for this item")
    );
    let options = StartOptions {
        worktree: false,
        ..StartOptions::default()
    };
    site.pm.tasks().start(&id, &options).unwrap();
    assert!(
        site.page(&address, None)
            .contains("no unmerged work for this item")
    );
    let branch = site.pm.tasks().show(&id).unwrap().branch.clone().unwrap();
    let folder = site.pm.store.env().cwd.clone();
    git(&folder, &["switch", "-q", &branch]);
    let long = "y".repeat(100_000);
    commit(
        &folder,
        "a <b>.txt",
        &format!("{HOSTILE}\n\u{1b}[31m{long}\n"),
    );
    std::fs::write(folder.join("binary"), [0, 1, 2]).unwrap();
    commit(&folder, "more", &"line\n".repeat(5_000));
    let html = site.page(&address, Some(Scope::Write));
    check(&html, &address);
    for shown in [
        "<code>binary</code> binary",
        "<ins data-n=\"1\">",
        "+5000",
        "There is more: <code>git diff",
    ] {
        assert!(html.contains(shown), "{shown} is missing");
    }
    assert!(html.len() < 300_000, "{} bytes", html.len());
    let work = site.pm.tasks().branch_work(&id).unwrap().unwrap();
    assert_eq!((work.commits.len(), work.files.len()), (2, 3));
    assert_eq!((work.more_commits, work.more_files), (0, 0));
    // A diff longer than anybody reads is not computed.
    commit(&folder, "much", &"line\n".repeat(30_000));
    assert_eq!(site.pm.tasks().branch_diff(&id).unwrap(), None);
    let html = site.page(&address, None);
    assert!(html.contains("too long to be shown here") && html.contains("<code>much</code>"));
    // A line of any length, and a branch that shares no commit with its target.
    git(&folder, &["checkout", "-q", "--orphan", "other"]);
    git(&folder, &["rm", "-rfq", "."]);
    commit(&folder, "long", &"y".repeat(9 << 20));
    git(&folder, &["branch", "-f", &branch]);
    let work = site.pm.tasks().branch_work(&id).unwrap().unwrap();
    assert_eq!(work.commits.len(), 1);
    assert!(site.pm.tasks().branch_diff(&id).unwrap().is_some());
    commit(&folder, "longer", &"z".repeat(9 << 20));
    git(&folder, &["branch", "-f", &branch]);
    assert_eq!(site.pm.tasks().branch_diff(&id).unwrap(), None);
    assert!(
        site.page(&address, None)
            .contains("too long to be shown here")
    );
    site.pm.tasks().branch_work("T-9999").unwrap_err();
}

#[test]
fn forms_change_items() {
    let site = Site::new();
    assert_eq!(
        site.send("/items", &[("title", "  new one ")]).unwrap(),
        "/items/T-0001"
    );
    let back = [
        ("verb", "defer"),
        ("back", "/?by=owner&q=a%20b&x=\r\nSet-Cookie: y"),
    ];
    let path = site.send("/items/T-0001/move", &back).unwrap();
    assert_eq!(path, "/?by=owner&q=a+b&x=%0ASet-Cookie%3A+y");
    let page = site.page("/items/T-0001", None);
    assert!(page.contains("deferred") && page.contains("new one"));
    // A form leads back to no other server.
    for back in [
        "//evil.example/",
        "https://evil.example",
        "/\\evil.example",
        "/\n/x",
    ] {
        let verb = match site.pm.tasks().show("T-0001").unwrap().status.as_str() {
            "deferred" => "undefer",
            _ => "defer",
        };
        let fields = [("verb", verb), ("back", back)];
        let path = site.send("/items/T-0001/move", &fields).unwrap();
        assert_eq!(path, "/items/T-0001", "{back}");
    }
    site.send("/items/T-0001/move", &[("verb", "undefer")])
        .unwrap();
    // A change that needs more input redirects to the form for it and changes nothing.
    for (verb, form) in [("block", "move?verb=block"), ("approve", "changes#approve")] {
        let path = site.send("/items/T-0001/move", &[("verb", verb)]).unwrap();
        assert_eq!(path, format!("/items/T-0001/{form}"));
    }
    // A deferral with a day ends by itself.
    let until = [
        ("verb", "defer"),
        ("until", "2999-01-02"),
        ("text", "later"),
    ];
    site.send("/items/T-0001/move", &until).unwrap();
    let item = site.pm.tasks().show("T-0001").unwrap();
    assert_eq!(
        item.issue.defer_until.as_deref(),
        Some("2999-01-02T00:00:00Z")
    );
    assert_eq!(
        item.comments.as_ref().unwrap()[0].body.trim_end(),
        "Deferred: later"
    );
    // A card that is dropped on a column gets its value.
    let set = |field, value| site.send("/items/T-0001/set", &[("field", field), ("value", value)]);
    set("priority", "P0").unwrap();
    set("owner", "Ben").unwrap();
    assert!(set("priority", "9").is_err() && set("title", "x").is_err());
    let item = site.pm.tasks().show("T-0001").unwrap();
    assert_eq!((item.priority, item.owner()), (0, Some("Ben")));
    assert!(
        site.send("/items/T-0001/move", &[("verb", "explode")])
            .is_err()
    );
    let path = site
        .send("/items/T-0001/comments", &[("text", "line 1\r\nline 2")])
        .unwrap();
    assert_eq!(path, "/items/T-0001#comments");
    let item = site.pm.tasks().show("T-0001").unwrap();
    assert_eq!(item.comments.unwrap()[1].body.trim_end(), "line 1\nline 2");
    // OB-01: the operation is listed and can be undone.
    let log = site.page("/activity", Some(Scope::Write));
    assert!(log.contains("name=\"commit\"") && log.contains("/items/T-0001"));
    let log = site.pm.history().log(&Default::default()).unwrap();
    let last = &log[0].commit;
    let path = site
        .send("/undo", &[("commit", last), ("item", "T-0001")])
        .unwrap();
    assert_eq!(path, "/items/T-0001");
    let item = site.pm.tasks().show("T-0001").unwrap();
    assert_eq!(item.comments.unwrap_or_default().len(), 1);
}

#[test]
fn two_tabs_that_edit_one_item_conflict() {
    let site = Site::new();
    let id = site.task(|new| {
        new.title = "old title".into();
        new.fields.body = Some("text\n\n with spaces\n".into());
        new.fields.labels = Some(vec!["a".into(), "b".into()]);
    });
    let path = format!("/items/{id}/edit");
    let version = site.pm.tasks().show(&id).unwrap().version.clone();
    let fields = |title: &'static str, version: &str| {
        vec![
            ("version".to_string(), version.to_string()),
            ("title".into(), title.into()),
            ("body".into(), "text\r\n\r\n with spaces\r\n".into()),
            ("priority".into(), "2".into()),
            ("type".into(), "feature".into()),
            ("estimate".into(), "L".into()),
            ("assignee".into(), String::new()),
            ("labels".into(), "b,  c".into()),
        ]
    };
    let send = |title, version: &str| {
        let all = fields(title, version);
        let all: Vec<(&str, &str)> = all.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        site.send(&path, &all)
    };
    send("first tab", &version).unwrap();
    let item = site.pm.tasks().show(&id).unwrap();
    assert_eq!(
        (item.title.as_str(), &item.labels[..]),
        ("first tab", &["b".to_string(), "c".into()][..])
    );
    assert_eq!(item.estimate.as_deref(), Some("L"));
    assert_eq!(
        item.body.as_deref().map(str::trim_end),
        Some("text\n\n with spaces")
    );
    let error = send("second tab", &version).unwrap_err();
    assert_eq!(error.kind(), crate::error::Kind::Conflict, "{error}");
    assert_eq!(site.pm.tasks().show(&id).unwrap().title, "first tab");
    assert!(
        send("third", "").is_err(),
        "a form without a version changes nothing"
    );
    // A form submitted unchanged changes nothing.
    let before = site.pm.items().state_id().unwrap();
    send("first tab", &item.version).unwrap();
    assert_eq!(site.pm.items().state_id().unwrap(), before);
}

#[test]
fn changes_take_a_scope_and_approvals_a_greater_one() {
    for route in routes() {
        let wanted = match (route.method, route.path) {
            (Method::Get, "/sign-in") => Needs::Nothing,
            (Method::Get, path) if path.starts_with("/assets/") => Needs::Nothing,
            (Method::Get, _) => Needs::Token(Scope::Read),
            (_, path) if path.ends_with("/approve") => Needs::Token(Scope::Approve),
            // What a plan keeps is decided as its approval is.
            (_, "/plans/{id}/keep") => Needs::Token(Scope::Approve),
            (_, "/items/{id}/push") => Needs::Token(Scope::Approve),
            _ => Needs::Token(Scope::Write),
        };
        assert_eq!(route.needs, wanted, "{}", route.path);
    }
}

#[test]
fn the_page_of_an_item_says_what_changed() {
    let site = Site::new();
    let id = site.task(|_| {});
    site.send(&format!("/items/{id}/move"), &[("verb", "claim")])
        .unwrap();
    let html = site.page(&format!("/items/{id}"), Some(Scope::Write));
    assert!(
        html.contains("moved it from queued to in progress"),
        "{html}"
    );
    assert!(
        html.contains("claimed it for Ana") && html.contains("created it"),
        "{html}"
    );
    // It has no commit yet, so there is nothing to submit.
    assert!(html.contains("Release…") && !html.contains(">Submit for review</button>"));
    assert!(!html.contains(">Start</button>"));
}

/// Only what would work is offered: no start of what waits or of an epic, no undo of the beginning.
#[test]
fn the_page_offers_only_what_would_work() {
    let site = Site::new();
    let first = site.task(|_| {});
    let second = site.task(|new| new.fields.depends_on = Some(vec![first.clone()]));
    let new = NewItem {
        title: "a goal".into(),
        ..NewItem::default()
    };
    let epic = site.pm.tasks().create(ItemKind::Epic, &new).unwrap().id;
    let starts = |address: &str| {
        site.page(address, Some(Scope::Approve))
            .matches(">Start</button>")
            .count()
    };
    // In its menu, and beside it.
    assert_eq!(starts(&format!("/items/{first}")), 2);
    assert_eq!(starts(&format!("/items/{second}")), 0);
    assert_eq!(starts(&format!("/items/{epic}")), 0);
    assert_eq!(starts("/"), 1);
    let board = site.page("/", Some(Scope::Write));
    assert!(board.contains(&format!("waits for {first}")), "{board}");
    let activity = site.page("/activity", Some(Scope::Write));
    let all = site.pm.history().log(&Default::default()).unwrap().len();
    // Not the first one, nor the creation of what another item waits for.
    assert_eq!(activity.matches(">Undo</button>").count(), all - 2);
    // The page for a review has no approval where nothing is to be approved.
    let page = site.page(&format!("/items/{first}/changes"), Some(Scope::Approve));
    assert!(!page.contains(&format!("/items/{first}/approve")), "{page}");
}

/// A new item and an edit have all fields, and an edit changes only those that differ.
#[test]
fn the_forms_of_items_have_all_fields() {
    let site = Site::new();
    let first = site.task(|_| {});
    let new = NewItem {
        title: "a goal".into(),
        ..NewItem::default()
    };
    let epic = site.pm.tasks().create(ItemKind::Epic, &new).unwrap().id;
    let fields = [
        ("title", "all"),
        ("body", "text\r\nmore"),
        ("type", "bug"),
        ("priority", "1"),
        ("estimate", "S"),
        ("epic", epic.as_str()),
        ("due", "2999-12-24"),
        ("labels", "b, a"),
        ("depends_on", first.as_str()),
        ("paths", "src/**\r\ndocs/a.md\r\n"),
        ("accept", "one\r\n\r\ntwo"),
        ("back", "/?by=epic"),
    ];
    assert_eq!(site.send("/items", &fields).unwrap(), "/?by=epic");
    let item = site.pm.tasks().show("T-0002").unwrap();
    let criteria: Vec<&str> = item
        .acceptance
        .iter()
        .map(|one| one.text.as_str())
        .collect();
    assert_eq!(criteria, ["one", "two"]);
    assert_eq!((item.item_type.as_str(), item.priority), ("bug", 1));
    assert_eq!(
        (item.epic.as_ref(), &item.depends_on[..]),
        (Some(&epic), &[first][..])
    );
    assert_eq!(item.paths, ["docs/a.md", "src/**"]);
    assert_eq!(item.issue.due_at.as_deref(), Some("2999-12-24T23:59:59Z"));
    let page = site.page("/items/T-0002/edit", Some(Scope::Write));
    assert!(page.contains("value=\"2999-12-24\"") && page.contains("\none\ntwo</textarea>"));
    // What the form shows, sent as it is, changes nothing; a list that is emptied is cleared.
    let shown = [
        ("version", item.version.as_str()),
        ("due", "2999-12-24"),
        ("epic", &epic),
        ("paths", "docs/a.md\r\nsrc/**"),
        ("accept", "one\r\ntwo"),
    ];
    let before = site.pm.items().state_id().unwrap();
    site.send("/items/T-0002/edit", &shown).unwrap();
    assert_eq!(site.pm.items().state_id().unwrap(), before);
    let cleared = [
        ("version", item.version.as_str()),
        ("due", " "),
        ("epic", " "),
        ("paths", " "),
        ("accept", "two"),
        ("depends_on", " "),
    ];
    site.send("/items/T-0002/edit", &cleared).unwrap();
    let item = site.pm.tasks().show("T-0002").unwrap();
    assert_eq!(
        (item.epic.as_deref(), item.issue.due_at.as_deref()),
        (None, None)
    );
    assert!(item.paths.is_empty() && item.depends_on.is_empty());
    assert_eq!(item.acceptance.len(), 1);
}

/// A refusal has links to the pages that do what its hints' commands do.
#[test]
fn a_refusal_leads_to_pages_and_shows_no_backticks() {
    let hint = crate::error::Hint::run(["why", "T-0004"], "shows the chain");
    let error = Error::refused("`x` waits")
        .because(Reason::HttpForbidden)
        .hint(hint)
        .hint("`git pm sync <b>` helps");
    let html = failure(&error, 409, &Visitor::default(), "/items/T-0004/move");
    check(&html, "refusal");
    assert!(
        html.contains("<a href=\"/items/T-0004\">Open T-0004</a>"),
        "{html}"
    );
    assert!(
        html.contains("<code>x</code> waits") && !html.contains('`'),
        "{html}"
    );
    assert!(
        html.contains("<code>git pm sync &lt;b&gt;</code> helps"),
        "{html}"
    );
}

/// A list can be saved under a name, and search marks its words.
#[test]
fn a_list_can_be_saved_and_hits_are_marked() {
    let site = Site::new();
    site.task(|new| new.title = "Scroll the <b>scrollback".into());
    let fields = [("name", "mine"), ("q", "type:feature"), ("sort", "-due")];
    let path = site.send("/views", &fields).unwrap();
    assert_eq!(path, "/list?q=type%3Afeature&sort=-due");
    let page = site.page(&path, None);
    assert!(
        page.contains("aria-sort=\"descending\"") && page.contains(">mine</a>"),
        "{page}"
    );
    assert!(
        site.send("/views", &[("name", "x"), ("q", "foo:bar")])
            .is_err()
    );
    let hits = site.page("/search?q=SCROLLBACK", None);
    assert!(
        hits.contains("the &#60;b&#62;<mark>scrollback</mark>"),
        "{hits}"
    );
}

/// A document that contains HTML and has one sentence in no task.
const DOCUMENT: &str = "# Sign in\n\n## Goals\n\nPeople sign in.\n\n## Requirements\n\n\
    - REQ-1: Accept a password of at least 12 characters <script>alert(1)</script>\n\
    - REQ-2: Lock an account after 5 wrong passwords\n\
    - REQ-3: Send a mail with a link that is valid for 15 minutes\n";

#[test]
fn a_plan_is_beside_its_document_and_can_be_approved() {
    let site = Site::new();
    let source = crate::plan::Source::File {
        path: "sign-in.md".into(),
        bytes: DOCUMENT.as_bytes().to_vec(),
    };
    let plan = site
        .pm
        .plans()
        .create(&source, &Default::default())
        .unwrap();
    let path = format!("/plans/{}", plan.prd);
    assert!(site.page("/plans", None).contains(&path));
    for scope in [None, Some(Scope::Write), Some(Scope::Approve)] {
        let html = site.page(&path, scope);
        check(&html, "plan");
        assert!(
            html.contains("Lock an account after 5 wrong passwords"),
            "{html}"
        );
        assert!(
            html.contains("id=\"line-9\"") && html.contains("href=\"#task-1\""),
            "{html}"
        );
        let offers = html.contains("Approve: create its items");
        assert_eq!(offers, scope == Some(Scope::Approve), "{scope:?}");
    }
    // The same as text, which can be edited there.
    let editor = site.page(&format!("{path}/text"), Some(Scope::Write));
    check(&editor, "plan as text");
    assert!(
        editor.contains("<textarea") && editor.contains("Marks:"),
        "{editor}"
    );
    let text = site.pm.plans().text(Some(&plan.prd)).unwrap().text;
    let bad = text.replace("lines: 9", "lines: 900");
    assert_ne!(bad, text);
    let form = query([("text", bad.as_str())]);
    let said = site.ask(
        Method::Post,
        &format!("{path}/text"),
        &form,
        Some(Scope::Write),
    );
    let Ok(Answer::Html { text: said, .. }) = said else {
        panic!("{said:?}");
    };
    assert!(said.contains("the document has no line 900") && said.contains("lines: 900"));
    let risky = text.replacen("risk: low", "risk: high", 1);
    let sent = site
        .send(&format!("{path}/text"), &[("text", &risky)])
        .unwrap();
    assert_eq!(sent, path);
    let plan = site.pm.plans().show(Some(&plan.prd)).unwrap();
    assert!(
        plan.tasks
            .iter()
            .any(|task| task.risk == git_pm_draft::Risk::High)
    );
    let old = [("version", "1.0.a"), ("accept_uncovered", "true")];
    let error = site.send(&format!("{path}/approve"), &old).unwrap_err();
    assert_eq!(error.kind(), crate::error::Kind::Conflict, "{error}");
    let fields = [
        ("version", plan.version.as_str()),
        ("accept_uncovered", "true"),
        ("confirm_large", "true"),
    ];
    assert_eq!(
        site.send(&format!("{path}/approve"), &fields).unwrap(),
        path
    );
    let html = site.page(&path, Some(Scope::Approve));
    check(&html, "approved plan");
    assert!(
        html.contains("approved by Ana") && html.contains("href=\"/items/T-"),
        "{html}"
    );
    assert!(
        !html.contains("Approve: create its items"),
        "there is nothing left to approve"
    );
}
