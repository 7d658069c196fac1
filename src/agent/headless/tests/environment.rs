//! The environment of an agent.

use std::collections::BTreeMap;
use std::fs;

use super::super::{Identity, Invocation, With, is_logged_in, launch};
use super::{AGENTS, invocation};
use crate::pm::who_acts::markers;
use crate::store::env::Env;

/// The variables of a launch with the given ones in the caller's environment.
fn env(
    with: &str,
    vars: &[(&str, &str)],
    change: impl FnOnce(&mut Invocation),
) -> BTreeMap<String, String> {
    let (_temporary, mut to) = invocation();
    to.env = vars
        .iter()
        .map(|(k, v)| (k.to_string(), v.into()))
        .collect();
    change(&mut to);
    let launch = launch(&with.parse().unwrap(), &to).unwrap();
    let text = |text: std::ffi::OsString| text.into_string().unwrap();
    launch
        .env
        .into_iter()
        .map(|(k, v)| (text(k), text(v)))
        .collect()
}

/// A nested agent must not mistake itself for the outer one, and git must find the worktree.
#[test]
fn what_belongs_to_an_outer_agent_or_git_is_removed() {
    let outer = [
        "CLAUDECODE",
        "CLAUDE_CODE_ENTRYPOINT",
        "CODEX_SANDBOX",
        "CODEX_THREAD_ID",
        "CODEX_MANAGED_BY_NPM",
        "GEMINI_CLI",
        "OPENCODE",
        "OPENCODE_PID",
        "AGENT",
        "AI_AGENT",
        "GIT_DIR",
        "GIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_OBJECT_DIRECTORY",
        "GIT_CONFIG_PARAMETERS",
        "GIT_ASKPASS",
        "GIT_PM_BYPASS",
        "GIT_PM_FAULT",
        "BD_ACTOR",
        "BEADS_ACTOR",
    ];
    let vars: Vec<(&str, &str)> = outer.iter().map(|name| (*name, "outer")).collect();
    for with in AGENTS {
        let got = env(with, &vars, |_| {});
        for name in outer {
            assert_eq!(got.get(name), None, "{with}: {name}");
        }
    }
}

/// SE-09: git pm recognizes even an agent without its own marker, and knows its name.
#[test]
fn git_pm_inside_knows_the_agent() {
    for with in AGENTS {
        let got = env(
            with,
            &[("AGENT_NAME", "outer"), ("HOME", "/home/ada")],
            |_| {},
        );
        assert_eq!(got["GIT_PM_TASK"], "T-0001");
        assert_eq!(got["GIT_PM_RUN"], "r1");
        assert_eq!(got["AGENT_NAME"], "agent-1");
        assert_eq!(got["HOME"], "/home/ada");
        let vars = got.into_iter().map(|(k, v)| (k, v.into())).collect();
        assert!(!markers(&Env::new("/", vars)).is_empty(), "{with}");
    }
}

const KEYS: &[(&str, &str)] = &[
    ("ANTHROPIC_API_KEY", "1"),
    ("OPENAI_API_KEY", "2"),
    ("CODEX_API_KEY", "3"),
    ("GEMINI_API_KEY", "4"),
    ("DEEPSEEK_API_KEY", "5"),
    ("GITHUB_TOKEN", "6"),
    ("NPM_TOKEN", "7"),
    ("AWS_SECRET_ACCESS_KEY", "8"),
    ("PGPASSWORD", "9"),
    ("MY_PROVIDER_KEY", "10"),
];

/// SE-07, SE-11: an agent gets its own keys only.
#[test]
fn keys_of_others_are_removed() {
    for (with, model, own) in [
        ("claude", "", vec!["ANTHROPIC_API_KEY"]),
        ("codex", "", vec!["CODEX_API_KEY", "OPENAI_API_KEY"]),
        ("gemini", "", vec!["GEMINI_API_KEY"]),
        ("opencode", "deepseek/chat", vec!["DEEPSEEK_API_KEY"]),
        ("aider", "openai/o3", vec!["OPENAI_API_KEY"]),
        ("aider", "bedrock/x", vec!["AWS_SECRET_ACCESS_KEY"]),
        ("script:/a", "", vec![]),
        ("command:a", "", vec![]),
    ] {
        let got = env(with, KEYS, |to| {
            to.model = (!model.is_empty()).then(|| model.into())
        });
        let keys: Vec<&str> = KEYS
            .iter()
            .map(|(name, _)| *name)
            .filter(|n| got.contains_key(*n))
            .collect();
        let mut own = own;
        own.sort_by_key(|own| KEYS.iter().position(|(name, _)| name == own));
        assert_eq!(keys, own, "{with} {model}");
    }
    let got = env("script:/a", KEYS, |to| {
        to.keys = vec!["MY_PROVIDER_KEY".into()]
    });
    assert_eq!(got["MY_PROVIDER_KEY"], "10");
}

/// MR-16: where the user is logged in, a key that would be charged instead is withheld.
#[test]
fn a_login_goes_before_a_key() {
    let logged_in = |to: &mut Invocation| to.logged_in = true;
    for (with, key) in [
        ("claude", "ANTHROPIC_API_KEY"),
        ("codex", "CODEX_API_KEY"),
        ("gemini", "GEMINI_API_KEY"),
    ] {
        assert!(env(with, KEYS, |_| {}).contains_key(key), "{with}");
        assert!(!env(with, KEYS, logged_in).contains_key(key), "{with}");
    }
    let gateway = [
        ("ANTHROPIC_API_KEY", "1"),
        ("ANTHROPIC_BASE_URL", "http://localhost"),
    ];
    assert!(env("claude", &gateway, logged_in).contains_key("ANTHROPIC_API_KEY"));
    let token = [("ANTHROPIC_API_KEY", "1"), ("CLAUDE_CODE_OAUTH_TOKEN", "2")];
    let got = env("claude", &token, |_| {});
    assert!(!got.contains_key("ANTHROPIC_API_KEY"));
    assert!(got.contains_key("CLAUDE_CODE_OAUTH_TOKEN"));
}

/// MR-16: the folders of the login are the user's.
#[test]
fn the_places_of_the_login_stay() {
    let places = [
        ("HOME", "/home/ada"),
        ("CODEX_HOME", "/home/ada/codex"),
        ("CLAUDE_CONFIG_DIR", "/home/ada/claude"),
        ("GEMINI_CLI_HOME", "/home/ada/gemini"),
        ("XDG_DATA_HOME", "/home/ada/data"),
    ];
    for with in AGENTS {
        let got = env(with, &places, |_| {});
        for (name, place) in places {
            assert_eq!(got[name], place, "{with}: {name}");
        }
    }
}

/// MR-16: a login is recognized by the agent's own file.
#[test]
fn a_login_is_found_in_the_home_directory() {
    let home = tempfile::tempdir().unwrap();
    let vars = BTreeMap::from([("HOME".to_string(), home.path().into())]);
    let files = [
        (
            With::Claude,
            ".claude/.credentials.json",
            r#"{"claudeAiOauth":{"accessToken":"x"}}"#,
        ),
        (
            With::Codex,
            ".codex/auth.json",
            r#"{"tokens":{"refresh_token":"x"}}"#,
        ),
        (
            With::Gemini,
            ".gemini/oauth_creds.json",
            r#"{"refresh_token":"x"}"#,
        ),
    ];
    for (with, file, content) in files {
        assert!(!is_logged_in(&with, &vars), "{with}");
        let file = home.path().join(file);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        // A key stored by `login` is not a subscription.
        fs::write(&file, r#"{"OPENAI_API_KEY":"x"}"#).unwrap();
        assert!(!is_logged_in(&with, &vars), "{with}");
        fs::write(&file, content).unwrap();
        assert!(is_logged_in(&with, &vars), "{with}");
    }
}

/// The committer and git pm's settings reach shells that ignore the user's configuration; settings
/// that would bypass the hooks do not.
#[test]
fn settings_of_git_are_added_to_the_callers() {
    let given = [
        ("GIT_CONFIG_COUNT", "4"),
        ("GIT_CONFIG_KEY_0", "safe.directory"),
        ("GIT_CONFIG_VALUE_0", "*"),
        ("GIT_CONFIG_KEY_1", "core.hooksPath"),
        ("GIT_CONFIG_VALUE_1", "/dev/null"),
        ("GIT_CONFIG_KEY_2", "http.https://example.com/.extraheader"),
        ("GIT_CONFIG_VALUE_2", "AUTHORIZATION: basic x"),
    ];
    let identity = Identity {
        name: "Ada".into(),
        email: "ada@example.com".into(),
    };
    let got = env("gemini", &given, |to| to.identity = Some(identity));
    let count: usize = got["GIT_CONFIG_COUNT"].parse().unwrap();
    let settings: Vec<String> = (0..count)
        .map(|n| {
            let (key, value) = (
                format!("GIT_CONFIG_KEY_{n}"),
                format!("GIT_CONFIG_VALUE_{n}"),
            );
            format!("{}={}", got[&key], got[&value])
        })
        .collect();
    assert_eq!(
        settings,
        [
            "safe.directory=*",
            "user.name=Ada",
            "user.email=ada@example.com",
            "maintenance.auto=false",
            "gc.auto=0"
        ]
    );
    let all = got
        .keys()
        .filter(|key| key.starts_with("GIT_CONFIG_"))
        .count();
    assert_eq!(all, 1 + 2 * count);
}
