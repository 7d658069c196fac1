//! Every door offers the declared verbs with the same names, and refuses in the same words.

use std::collections::BTreeSet;

use git_pm::verbs::{Declaration, Effect, Shape, VERBS};
use serde_json::{Value, json};

use crate::mcp::Client;
use crate::serve::{Server, token};
use crate::support::{binary, set_up};

/// The keys of an object.
fn names(object: &Value) -> BTreeSet<String> {
    object
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, _)| name.clone())
        .collect()
}

/// The arguments of a command, but for what only a shell has.
fn typed(verb: &Declaration, command: &Value) -> BTreeSet<String> {
    let listed = |key: &str| command[key].as_array().into_iter().flatten();
    let name = |one: &Value| one["name"].as_str().unwrap().to_string();
    let flags = listed("flags").map(|flag| name(flag).trim_start_matches('-').replace('-', "_"));
    let args = listed("args").flat_map(|arg| {
        let words: Vec<String> = name(arg).split('|').map(str::to_lowercase).collect();
        words
    });
    let all = flags.chain(args);
    all.filter(|name| !verb.only_typed.contains(&name.as_str()))
        .collect()
}

#[test]
fn a_verb_has_the_same_names_at_every_door() {
    let (_scene, repo) = set_up();
    let tree = repo.data(&["help", "--all"]);
    let commands = tree["commands"].as_array().unwrap();
    let schemas = repo.data(&["schema"]);
    let mut client = Client::start(&repo, &["--tools", "all"]);
    let tools = client.tools();
    client.end();
    let server = Server::start(&repo, &[]);
    let document = server.get("/api/v1/openapi.json").json();
    for verb in &VERBS {
        let name = verb.name;
        let keys: BTreeSet<String> = verb.keys().iter().map(|key| key.name.clone()).collect();
        let command = commands.iter().find(|one| one["name"] == name);
        let command = command.unwrap_or_else(|| panic!("no command {name}"));
        assert_eq!(typed(verb, command), keys, "git pm {name}");
        assert!(
            schemas["commands"][name].is_object(),
            "git pm schema {name}"
        );

        let tool = tools
            .iter()
            .find(|tool| tool["name"] == name.replace(' ', "_"));
        match tool {
            Some(tool) => {
                assert_eq!(
                    names(&tool["inputSchema"]["properties"]),
                    keys,
                    "tool {name}"
                );
                assert_eq!(tool["description"], verb.about(), "tool {name}");
            }
            // Clients are agents.
            None => assert!(
                !verb.is_for_agents() || verb.alias_of.is_some(),
                "no tool {name}"
            ),
        }
        if verb.alias_of.is_some() {
            continue;
        }

        let path = format!("/api/v1/{}", name.replace(' ', "/"));
        let methods = &document["paths"][&path];
        if verb.effect == Effect::Reads {
            let listed = methods["get"]["parameters"].as_array().unwrap();
            let listed = listed
                .iter()
                .map(|one| one["name"].as_str().unwrap().into());
            assert_eq!(listed.collect::<BTreeSet<String>>(), keys, "GET {path}");
            continue;
        }
        let body = &methods["post"]["requestBody"];
        let mut schema = &body["content"]["application/json"]["schema"];
        if let Some(reference) = schema["$ref"].as_str() {
            schema = &document["components"]["schemas"][reference.rsplit('/').next().unwrap()];
        }
        assert_eq!(names(&schema["properties"]), keys, "POST {path}");
    }
}

#[test]
fn a_request_is_refused_in_the_same_words_at_every_door() {
    let (_scene, repo) = set_up();
    let boss = token(&repo, "boss", &["--scope", "approve"]);
    let server = Server::start(&repo, &[]);
    let mut client = Client::start(&repo, &["--tools", "all"]);
    let before = repo.tip("refs/pm/main");
    for verb in VERBS.iter().filter(|verb| verb.alias_of.is_none()) {
        let mut bad = vec![json!({ "colour": "red" })];
        bad.extend(
            verb.keys()
                .iter()
                .map(|key| json!({ key.name.as_str(): {} })),
        );
        if verb.keys().iter().any(|key| key.required) {
            bad.push(json!({}));
        }
        for request in bad {
            let what = format!("{} {request}", verb.name);
            let path = format!("/api/v1/{}", verb.name.replace(' ', "/"));
            let answer = match (verb.effect, &request["colour"]) {
                (Effect::Reads, Value::Null) if request != json!({}) => continue,
                (Effect::Reads, Value::Null) => server.get(&path),
                (Effect::Reads, _) => server.get(&format!("{path}?colour=red")),
                _ => server.with(&boss, "POST", &path, &request.to_string()),
            };
            assert_eq!(answer.reason(400), "arguments.invalid", "{what}");
            let said = answer.json()["detail"].as_str().unwrap().to_string();
            assert!(said.contains(&verb.op()), "{what}: {said}");

            if verb.is_staged {
                let mut line = request.clone();
                line["op"] = verb.op().into();
                let ran = repo.feed(binary(), &["batch", "--json"], &format!("{line}\n"));
                let error = ran.exits(2).error();
                assert_eq!(error["message"], format!("line 1: {said}"), "{what}");
                assert_eq!(error["reason"], "arguments.invalid", "{what}");
            }
            if verb.is_for_agents() {
                let error = client.error(&verb.name.replace(' ', "_"), request);
                assert_eq!(error["message"], said, "{what}");
                assert_eq!(error["reason"], "arguments.invalid", "{what}");
                assert_eq!(error["hints"], answer.json()["hints"], "{what}");
            }
        }
    }
    assert_eq!(
        repo.tip("refs/pm/main"),
        before,
        "a refused request changed the state"
    );
    client.end();
}

/// A comma belongs to the value of a parameter if it does on the command line, so that both find the same.
#[test]
fn in_17_a_list_means_the_same_in_a_query_as_on_the_command_line() {
    let (_scene, repo) = set_up();
    for args in [
        &["A", "-l", "web"][..],
        &["B", "-l", "api"],
        &["C", "-l", "web,api", "-p", "0"],
    ] {
        repo.pm(&[&["issue", "create"], args].concat()).ok();
    }
    let shown = repo.data(&["issue", "list", "-p", "0"])["items"][0]["id"].clone();
    let id = shown.as_str().unwrap();
    // Reports name the time.
    let repo = repo.when("2099-01-01T00:00:00Z");
    let server = Server::start(&repo, &["--rate", "10000"]);
    let tree = repo.data(&["help", "--all"]);
    let commands = tree["commands"].as_array().unwrap();
    let mut compared = 0;
    let reads = VERBS.iter().filter(|verb| verb.effect == Effect::Reads);
    for verb in reads.filter(|verb| verb.alias_of.is_none()) {
        let command = commands
            .iter()
            .find(|one| one["name"] == verb.name)
            .unwrap();
        let flags = command["flags"].as_array().into_iter().flatten();
        let flags: BTreeSet<&str> = flags.map(|flag| flag["name"].as_str().unwrap()).collect();
        let is_list = |shape: &Shape| matches!(shape, Shape::Texts | Shape::Numbers(..));
        for key in verb.keys().iter().filter(|key| is_list(&key.shape)) {
            for values in [
                &["web,api"][..],
                &["label:web,api"],
                &["open,closed"],
                &["task,issue"],
                &["web", "api"],
                &["0"],
                &["0,1"],
                &["0", "1"],
            ] {
                let mut args: Vec<String> = verb.name.split(' ').map(str::to_string).collect();
                let mut query: Vec<String> = Vec::new();
                let mut others = verb.keys().iter().filter(|one| one.required);
                if let Some(other) = others.find(|one| one.name != key.name) {
                    args.push(id.to_string());
                    query.push(format!("{}={id}", other.name));
                }
                let option = format!("--{}", key.name.replace('_', "-"));
                for value in values {
                    args.extend(flags.contains(option.as_str()).then(|| option.clone()));
                    args.push((*value).to_string());
                    query.push(format!("{}={value}", key.name));
                }
                let args: Vec<&str> = args.iter().map(String::as_str).collect();
                let typed = repo.pm(&[&["--json"], &args[..]].concat());
                let path = format!(
                    "/api/v1/{}?{}",
                    verb.name.replace(' ', "/"),
                    query.join("&")
                );
                let asked = server.get(&path);
                assert_eq!(
                    typed.code == 0,
                    asked.status == 200,
                    "{path}: {typed:?} {asked:?}"
                );
                if typed.code == 0 {
                    assert_eq!(asked.data(), typed.data(), "{path}");
                    compared += 1;
                }
            }
        }
    }
    assert!(compared > 100, "only {compared} lists were compared");
    for (path, count) in [
        ("list?query=label:web,api", 3),
        ("issue/list?label=web,api", 3),
        ("issue/list?label=web&label=api", 1),
        ("issue/list?status=open,closed", 3),
        ("list?priority=0", 1),
    ] {
        let found = server.get(&format!("/api/v1/{path}")).data();
        assert_eq!(found["items"].as_array().unwrap().len(), count, "{path}");
    }
}
