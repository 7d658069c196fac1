//! Names from patterns, for ordinary and for hostile titles.

use super::*;

fn task<'a>(id: &'a str, title: &'a str) -> Fields<'a> {
    Fields {
        id,
        title,
        ..Fields::default()
    }
}

fn placed(pattern: &str, fields: &Fields, root: &str, bare: bool) -> String {
    let repo = Repo {
        root: Path::new(root),
        bare,
        home: Some(Path::new("/home/ada")),
    };
    place(pattern, fields, &repo)
        .unwrap()
        .to_string_lossy()
        .into_owned()
}

#[test]
fn branches_by_the_known_patterns() {
    let f = Fields {
        agent: Some("agent-1"),
        run: Some("run 7"),
        epic: Some("auth"),
        ..task("T-0001", "Fix flaky login")
    };
    let of = |pattern| branch(pattern, &f).unwrap();
    assert_eq!(of(settings::BRANCH.default), "task/T-0001-fix-flaky-login");
    assert_eq!(of(settings::EPIC_BRANCH.default), "epic/fix-flaky-login");
    assert_eq!(of("feature/{id}-{slug}"), "feature/T-0001-fix-flaky-login");
    assert_eq!(of("{agent}/{run}/{epic}/{id}"), "agent-1/run-7/auth/T-0001");
}

#[test]
fn a_title_that_slugs_to_nothing_leaves_no_trailing_dash() {
    let f = task("T-0001", "!!! ???");
    assert_eq!(branch(settings::BRANCH.default, &f).unwrap(), "task/T-0001");
    assert_eq!(branch("task/{slug}-{id}", &f).unwrap(), "task/T-0001");
    assert_eq!(branch("task/{id}-{slug}-x", &f).unwrap(), "task/T-0001-x");
    assert_eq!(
        branch(settings::EPIC_BRANCH.default, &f).unwrap(),
        "epic/T-0001"
    );
    assert_eq!(branch("{agent}/{id}", &f).unwrap(), "T-0001");
}

#[test]
fn an_unknown_or_open_placeholder_is_a_usage_error() {
    let f = task("T-0001", "x");
    for pattern in ["task/{ID}", "task/{", "task/{id", "task/{repo}"] {
        let error = branch(pattern, &f).unwrap_err();
        assert_eq!(error.kind(), crate::error::Kind::Usage, "{pattern}");
        assert!(error.hints()[0].text.contains("{slug}"), "{pattern}");
    }
    for pattern in ["", "/", "task//{id}", "task/{id}.lock", "a b/{id}", "-{id}"] {
        assert!(branch(pattern, &f).is_err(), "{pattern}");
    }
}

#[test]
fn hostile_ids_and_agents_stay_in_their_component() {
    let f = Fields {
        agent: Some("../../etc"),
        ..task("T-1/../x..y@{z", "t")
    };
    assert_eq!(branch("{agent}/{id}", &f).unwrap(), "etc/T-1-.-x.y-z");
    let place = placed("w/{agent}-{id}", &f, "/src/app", false);
    assert_eq!(place, "/src/w/etc-T-1-.-x.y-z");
}

#[test]
fn lengths_are_bounded_and_the_id_survives() {
    let long = "長".repeat(500);
    let f = task("T-0001", &long);
    let name = branch("task/{slug}-{id}", &f).unwrap();
    assert!(name.ends_with("-T-0001"));
    assert!(name.split('/').all(|c| c.len() <= COMPONENT_BYTES));
    let folder = placed("{slug}-{id}", &f, "/src/app", false);
    assert!(folder.ends_with("-T-0001"), "{folder}");
    assert!(folder.len() <= "/src/".len() + FOLDER_BYTES);
}

#[test]
fn worktree_paths_follow_the_pattern() {
    let f = task("T-0001", "Fix it");
    let of = |pattern, root, bare| placed(pattern, &f, root, bare);
    assert_eq!(
        of(settings::WORKTREE_PATH.default, "/src/app", false),
        "/src/app.worktrees/T-0001-fix-it"
    );
    assert_eq!(
        of(settings::WORKTREE_PATH.default, "/srv/app.git", true),
        "/srv/app.worktrees/T-0001-fix-it"
    );
    assert_eq!(
        of(settings::WORKTREE_PATH.default, "/src/app/.bare", true),
        "/src/app/app.worktrees/T-0001-fix-it"
    );
    assert_eq!(of("../{repo}/./{id}", "/src/app", false), "/app/T-0001");
    assert_eq!(of("/tmp/{id}", "/src/app", false), "/tmp/T-0001");
    assert_eq!(of("~/w/{id}", "/src/app", false), "/home/ada/w/T-0001");
    let homeless = Repo {
        root: Path::new("/src/app"),
        bare: false,
        home: None,
    };
    assert!(place("~/w/{id}", &f, &homeless).is_err());
    assert!(place("", &f, &homeless).is_err());
    assert!(place("..", &f, &homeless).is_err());
}

#[test]
fn folder_names_refused_by_windows_are_changed() {
    for (given, wanted) in [
        ("nul", "_nul"),
        ("COM1.txt", "_COM1.txt"),
        ("company", "company"),
        (".git", "_.git"),
        ("a:b?c", "a-b-c"),
        ("end. . ", "end"),
        ("...", "T-1"),
    ] {
        assert_eq!(folder_name(given, "T-1"), wanted, "{given}");
    }
    assert!(folder_name(&"é".repeat(100), "T-1").len() <= FOLDER_BYTES);
}

proptest::proptest! {
    #[test]
    fn any_title_gives_a_valid_branch_name(id in ".{0,80}", title in ".{0,300}", agent in ".{0,80}") {
        let f = Fields { id: &id, title: &title, agent: Some(&agent), ..Fields::default() };
        let name = branch("task/x{id}-{slug}/{agent}", &f).unwrap();
        check_branch(&name).unwrap();
        let place = placed("{id}-{slug}-{agent}x", &f, "/src/app", false);
        proptest::prop_assert!(place.starts_with("/src/") && place["/src/".len()..].len() <= FOLDER_BYTES + 1);
        proptest::prop_assert!(!place["/src/".len()..].contains('/'));
    }
}
