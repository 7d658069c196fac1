//! Which agent takes which item.

use super::role::{Duty, Facts, Role, Specialty};
use super::routes::{Chosen, Profile, Routes, Set, Source};
use super::table;
use super::trust::{Trust, is_hosted, trust};
use super::{Agent, instructions};
use crate::agent::headless::With;
use crate::agent::provider::ModelName;
use crate::coordinate::privacy::Privacy;

fn strings(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| word.to_string()).collect()
}

fn set(profile: &str, routes: &[&str]) -> Set {
    Set {
        profile: profile.into(),
        routes: strings(routes),
        env: [("HOME".to_string(), "/home/u".into())].into(),
        ..Set::default()
    }
}

fn routes(profile: &str, lines: &[&str]) -> Routes {
    Routes::from(&set(profile, lines)).expect("the routes can be read")
}

fn names(routes: &Routes, role: Role) -> Vec<String> {
    let choices = routes.route(role).into_iter();
    choices.map(|choice| choice.agent.to_string()).collect()
}

fn here(with: &With) -> Trust {
    trust(with, &[], &|_| true)
}

fn chosen(routes: &Routes, duty: &Duty, private: Option<&str>) -> Chosen {
    routes.choose(duty, private, &here, &|_| None)
}

fn duty(role: Role) -> Duty {
    Duty {
        role,
        specialty: None,
        why: Vec::new(),
    }
}

/// AG-39: the role of an item follows from its labels, type, paths, estimate and risk.
#[test]
fn ag_39_the_role_follows_from_labels_type_paths_and_effort() {
    type Case<'c> = (
        &'c str,
        &'c [&'c str],
        &'c [&'c str],
        &'c str,
        &'c str,
        Role,
        Option<Specialty>,
    );
    let cases: &[Case<'_>] = &[
        ("feature", &[], &[], "M", "low", Role::Implementation, None),
        ("docs", &[], &[], "", "", Role::Documentation, None),
        (
            "feature",
            &[],
            &["docs/**", "README.md"],
            "",
            "",
            Role::Documentation,
            None,
        ),
        (
            "feature",
            &[],
            &["docs/**", "src/a.rs"],
            "",
            "",
            Role::Implementation,
            None,
        ),
        ("test", &[], &[], "", "", Role::Testing, Some(Specialty::Qa)),
        (
            "feature",
            &[],
            &["tests/**"],
            "",
            "",
            Role::Testing,
            Some(Specialty::Qa),
        ),
        (
            "feature",
            &[],
            &["pkg/a_test.go"],
            "",
            "",
            Role::Testing,
            Some(Specialty::Qa),
        ),
        ("spike", &[], &[], "", "", Role::Architecture, None),
        (
            "feature",
            &["architecture"],
            &[],
            "XS",
            "",
            Role::Architecture,
            None,
        ),
        ("feature", &["Review"], &[], "", "", Role::Review, None),
        ("feature", &["planning"], &[], "", "", Role::Planning, None),
        ("feature", &[], &[], "L", "", Role::ComplexLogic, None),
        ("bug", &[], &[], "S", "high", Role::ComplexLogic, None),
        ("docs", &[], &[], "XL", "high", Role::Documentation, None),
        ("docs", &["role:review"], &[], "", "", Role::Review, None),
        (
            "docs",
            &["role:nonsense"],
            &[],
            "",
            "",
            Role::Documentation,
            None,
        ),
        (
            "feature",
            &["api"],
            &[],
            "",
            "",
            Role::Implementation,
            Some(Specialty::Backend),
        ),
        (
            "feature",
            &[],
            &["web/app.tsx"],
            "",
            "",
            Role::Implementation,
            Some(Specialty::Frontend),
        ),
        (
            "feature",
            &[],
            &["src/**/*.css"],
            "",
            "",
            Role::Implementation,
            Some(Specialty::Frontend),
        ),
        (
            "chore",
            &[],
            &[".github/workflows/**"],
            "",
            "",
            Role::Implementation,
            Some(Specialty::Devops),
        ),
        (
            "chore",
            &[],
            &["Dockerfile"],
            "",
            "",
            Role::Implementation,
            Some(Specialty::Devops),
        ),
        (
            "feature",
            &["role:backend"],
            &["web/a.css"],
            "",
            "",
            Role::Implementation,
            Some(Specialty::Backend),
        ),
        (
            "feature",
            &[],
            &["webapi/x.rs"],
            "",
            "",
            Role::Implementation,
            None,
        ),
    ];
    for (item_type, labels, paths, estimate, risk, role, specialty) in cases {
        let (labels, paths) = (strings(labels), strings(paths));
        let found = Duty::of(&Facts {
            item_type,
            labels: &labels,
            paths: &paths,
            estimate: Some(*estimate).filter(|word| !word.is_empty()),
            risk: Some(*risk).filter(|word| !word.is_empty()),
            had_conflict: false,
        });
        let case = format!(
            "{item_type} {labels:?} {paths:?} {estimate} {risk}: {:?}",
            found.why
        );
        assert_eq!((found.role, found.specialty), (*role, *specialty), "{case}");
    }
    let found = Duty::of(&Facts {
        item_type: "docs",
        had_conflict: true,
        ..Facts::default()
    });
    assert_eq!(found.role, Role::Integration, "{found:?}");
}

/// AG-35, AG-36, AG-37, AG-38: each specialty has instructions of its own.
#[test]
fn ag_35_each_specialty_has_its_own_instructions() {
    let texts: std::collections::BTreeSet<&str> = Specialty::ALL
        .iter()
        .map(|one| instructions(*one))
        .collect();
    assert_eq!(texts.len(), Specialty::ALL.len());
    assert!(
        texts.iter().all(|text| text.starts_with("You work as ")),
        "{texts:?}"
    );
}

/// MR-01: the default rows.
#[test]
fn mr_01_the_default_routes() {
    assert!(table::read().is_some(), "the table can be read");
    let routes = routes("cloud", &[]);
    for (role, agents) in [
        (Role::Architecture, ["claude", "model:openai/o3-mini"]),
        (Role::Review, ["codex", "claude"]),
        (
            Role::Implementation,
            ["model:minimax/MiniMax-M2.5", "claude"],
        ),
        (Role::ComplexLogic, ["claude", "codex"]),
        (
            Role::Documentation,
            ["model:minimax/MiniMax-M2.5", "claude"],
        ),
        (Role::Testing, ["model:minimax/MiniMax-M2.5", "codex"]),
    ] {
        assert_eq!(names(&routes, role), agents, "{role}");
        assert!(
            routes
                .route(role)
                .iter()
                .all(|one| one.source == Source::BuiltIn)
        );
        assert_eq!(routes.like(role), None);
    }
    assert_eq!(routes.like(Role::Planning), Some(Role::Architecture));
    assert_eq!(names(&routes, Role::Integration), ["claude", "codex"]);
}

/// MR-02, MR-03, MR-04, MR-17: the profile `local` has models of Ollama with their limits, and no
/// hosted model, whatever the settings.
#[test]
fn mr_02_the_profile_local() {
    let mut local = set("local", &["review=claude,model:ollama/mine"]);
    local
        .env
        .insert("LLM_PLANNER_MODEL".into(), "openai/gpt-5".into());
    let routes = Routes::from(&local).unwrap();
    assert_eq!(routes.profile, Profile::Local);
    let developer = [
        "model:ollama/qwen3-coder:latest",
        "model:ollama/llama3.2:latest",
    ];
    assert_eq!(names(&routes, Role::Implementation), developer);
    let planner = ["model:ollama/qwen3:32b", "model:ollama/llama3.2:latest"];
    assert_eq!(names(&routes, Role::Planning), planner);
    let review = chosen(&routes, &duty(Role::Review), None);
    assert_eq!(review.agents[0].agent.to_string(), "model:ollama/mine");
    assert!(
        review.excluded[0].reason.contains("excludes hosted models"),
        "{review:?}"
    );
    let planned = chosen(&routes, &duty(Role::Architecture), None);
    assert_eq!(planned.excluded[0].agent.to_string(), "model:openai/gpt-5");
    assert_eq!(planned.agents[0].agent.to_string(), planner[0]);
    let model: Agent = developer[0].parse().unwrap();
    let caps = routes.caps(Role::Implementation, &model);
    assert_eq!(
        (caps.prompt, caps.answer, caps.temperature),
        (Some(400), Some(300), Some(0.1))
    );
    let caps = routes.caps(Role::Planning, &model);
    assert_eq!(
        (caps.prompt, caps.answer, caps.temperature),
        (Some(1_500), Some(1_000), Some(0.4))
    );
    let boost: Agent = "model:ollama/gpt-oss:120b".parse().unwrap();
    let caps = routes.caps(Role::Implementation, &boost);
    assert_eq!((caps.prompt, caps.context), (Some(1_500), Some(8_192)));
    assert!(
        routes.keeps_out(&boost).is_some(),
        "it is used by hand only"
    );
    assert_eq!(routes.by_hand(), ["model:ollama/gpt-oss:120b"]);
    let cloud = self::routes("cloud", &[]);
    let caps = cloud.caps(Role::Implementation, &model);
    assert_eq!((caps.prompt, caps.temperature), (None, Some(0.1)));
}

/// MR-03: a temperature that does not suit a role is used, with a warning.
#[test]
fn mr_03_a_temperature_out_of_range_warns() {
    let mut own = set("local", &[]);
    own.temperatures = strings(&["implementation=0.9", "planning=0.35"]);
    let routes = Routes::from(&own).unwrap();
    let model: Agent = "model:ollama/x".parse().unwrap();
    assert_eq!(
        routes.caps(Role::Implementation, &model).temperature,
        Some(0.9)
    );
    assert_eq!(routes.warnings.len(), 1, "{:?}", routes.warnings);
    assert!(
        routes.warnings[0].contains("implementation"),
        "{:?}",
        routes.warnings
    );
    let mut own = set("local", &[]);
    own.model_temperature = "0.15".into();
    let routes = Routes::from(&own).unwrap();
    assert!(
        routes.warnings[0].contains("architecture, planning"),
        "{:?}",
        routes.warnings
    );
    assert_eq!(routes.caps(Role::Planning, &model).temperature, None);
    for wrong in ["implementation=hot", "unknown=0.1", "0.1"] {
        let mut own = set("local", &[]);
        own.temperatures = strings(&[wrong]);
        assert!(Routes::from(&own).is_err(), "{wrong}");
    }
}

/// MR-06: variables override the configuration.
#[test]
fn mr_06_variables_replace_the_first_model_of_a_role() {
    let mut own = set("cloud", &["implementation=codex,claude"]);
    for (name, value) in [
        ("LLM_DEVELOPER_MODEL", "qwen3-coder:latest"),
        ("LLM_REVIEWER_MODEL", "anthropic/claude-sonnet-4-5"),
        ("LLM_INTEGRATOR_MODEL", "model:openai/gpt-5"),
        ("LLM_TASKMASTER_MODEL", "hf.co/someone/model"),
        ("LLM_PLANNER_MODEL", ""),
    ] {
        own.env.insert(name.into(), value.into());
    }
    let routes = Routes::from(&own).unwrap();
    let implementation = ["model:ollama/qwen3-coder:latest", "codex", "claude"];
    assert_eq!(names(&routes, Role::Implementation), implementation);
    let sources: Vec<Source> = routes
        .route(Role::Implementation)
        .iter()
        .map(|one| one.source)
        .collect();
    assert_eq!(sources[..2], [Source::Environment, Source::Configuration]);
    assert_eq!(
        names(&routes, Role::Review)[0],
        "model:anthropic/claude-sonnet-4-5"
    );
    assert_eq!(names(&routes, Role::Integration)[0], "model:openai/gpt-5");
    assert_eq!(
        names(&routes, Role::Planning)[0],
        "model:ollama/hf.co/someone/model"
    );
    assert_eq!(names(&routes, Role::Architecture)[0], "claude");
    own.env.insert("LLM_PLANNER_MODEL".into(), "a b".into());
    assert_eq!(Routes::from(&own).unwrap_err().reason(), "route.variable");
}

#[test]
fn routes_of_the_user() {
    let routes = routes(
        "cloud",
        &[
            "implementation=codex@o3-mini,command:my-agent --tags a,b,claude",
            "all=script:~/agent.sh",
            "frontend=gemini",
        ],
    );
    let own = ["codex@o3-mini", "command:my-agent --tags a,b", "claude"];
    assert_eq!(names(&routes, Role::Implementation), own);
    assert_eq!(names(&routes, Role::Testing), ["script:/home/u/agent.sh"]);
    let frontend = Duty {
        specialty: Some(Specialty::Frontend),
        ..duty(Role::Implementation)
    };
    let found = chosen(&routes, &frontend, None);
    assert_eq!(found.agents[0].agent.to_string(), "gemini");
    for wrong in [
        "implementation",
        "unknown=claude",
        "review=unknown",
        "review=",
        "review=script:here.sh",
        "review=codex@-x",
    ] {
        assert!(Routes::from(&set("cloud", &[wrong])).is_err(), "{wrong}");
    }
    assert!(Routes::from(&set("elsewhere", &[])).is_err());
    let script = self::routes("script", &["review=claude,script:/a"]);
    let found = chosen(&script, &duty(Role::Review), None);
    assert_eq!(found.agents.len(), 1, "{found:?}");
    assert_eq!(names(&script, Role::Testing), [""; 0]);
    let key: Agent = "command:tool --key secret".parse().unwrap();
    assert_eq!(key.name(), "command");
}

/// MR-07: private items go to local agents only.
#[test]
fn mr_07_a_private_item_gets_local_agents_only() {
    let routes = routes(
        "cloud",
        &["review=claude,model:ollama/x-cloud,model:openai/y,script:/a"],
    );
    let found = chosen(
        &routes,
        &duty(Role::Review),
        Some("the label privacy:local"),
    );
    let agents: Vec<String> = found
        .agents
        .iter()
        .map(|one| one.agent.to_string())
        .collect();
    let local = [
        "script:/a",
        "model:ollama/qwen3:32b",
        "model:ollama/llama3.2:latest",
    ];
    assert_eq!(agents, local);
    assert_eq!(found.excluded.len(), 3);
    assert!(
        found.excluded[0].reason.contains("privacy:local"),
        "{found:?}"
    );
    // Ollama on another machine.
    let away = |with: &With| trust(with, &[], &|_| false);
    let found = routes.choose(&duty(Role::Architecture), Some("x"), &away, &|_| None);
    assert_eq!(found.agents, [], "{found:?}");
    let privacy = Privacy::from(Vec::new(), &strings(&["secret/ src/keys.rs"]));
    let privacy = privacy.unwrap();
    for (path, is_private) in [
        ("secret/a.txt", true),
        ("src/**", true),
        ("src/keys.rs", true),
        ("SRC/Keys.rs", true),
        ("docs/a.md", false),
    ] {
        let planned = strings(&["README.md", path]);
        let found = privacy.private_path(&planned);
        assert_eq!(found.is_some(), is_private, "{path}");
    }
    assert!(Privacy::from(Vec::new(), &strings(&["../x"])).is_err());
}

/// SE-02: local agents, Anthropic and OpenAI are trusted; all others are not.
#[test]
fn se_02_who_is_trusted_by_default() {
    let here = |name: &ModelName| name.model() != "away";
    for (with, expected) in [
        ("script:/a", Trust::Local),
        ("command:a", Trust::Local),
        ("model:ollama/qwen3-coder:latest", Trust::Local),
        ("model:vllm/x", Trust::Local),
        ("model:ollama/away", Trust::Untrusted),
        ("model:ollama/gpt-oss:120b-cloud", Trust::Untrusted),
        ("model:ollama/glm-4.6:cloud", Trust::Untrusted),
        ("model:chat/x", Trust::Untrusted),
        ("claude", Trust::Trusted),
        ("codex", Trust::Trusted),
        ("acp:npx codex-acp", Trust::Trusted),
        ("model:anthropic/x", Trust::Trusted),
        ("model:openai/x", Trust::Trusted),
        ("model:openai-chat/x", Trust::Trusted),
        ("gemini", Trust::Untrusted),
        ("acp:gemini --acp", Trust::Untrusted),
        ("acp:my-agent", Trust::Untrusted),
        ("opencode", Trust::Untrusted),
        ("aider", Trust::Untrusted),
        ("model:minimax/x", Trust::Untrusted),
        ("model:openrouter/x", Trust::Untrusted),
    ] {
        let with: With = with.parse().unwrap();
        assert_eq!(trust(&with, &[], &here), expected, "{with}");
    }
    let own = strings(&["acp:my-agent", "aider"]);
    for with in ["acp:my-agent", "aider"] {
        assert_eq!(trust(&with.parse().unwrap(), &own, &here), Trust::Local);
    }
    let away: With = "model:ollama/away".parse().unwrap();
    assert!(
        !is_hosted(&away, &[]),
        "a server of the user's own, though elsewhere"
    );
}
