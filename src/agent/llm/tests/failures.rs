//! Servers and models that fail, repeat themselves, truncate streams, or send garbage.

use std::time::Instant;

use serde_json::json;

use super::*;

/// One bad answer, followed by good ones.
fn bad_once(bad: Reply) -> Server {
    Server::new(
        move |request| match (request.number, request.results().len()) {
            (0, _) => bad.clone(),
            (_, 0) => Reply::run(&format!("echo hi > hello.txt; {COMMIT}")),
            _ => Reply::say("Done."),
        },
    )
}

/// RC-10: requests that fail transiently are retried, with every protocol.
#[test]
fn rc_10_failures_that_may_pass_are_survived() {
    let header = |name: &str, value: &str| vec![(name.to_string(), value.to_string())];
    let bad = [
        Reply::Cut,
        Reply::Raw(String::new()),
        Reply::Raw("data: {\"half\n\n".into()),
        Reply::Raw("garbage\n".repeat(100)),
        Reply::Raw("data: garbage\n\n".repeat(100)),
        Reply::status(500, "<html>oh no</html>"),
        Reply::status(503, r#"{"error":{"message":"unavailable"}}"#),
        Reply::status(
            529,
            r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#,
        ),
        Reply::Status(
            429,
            header("retry-after", "0"),
            r#"{"error":{"message":"Rate limit"}}"#.into(),
        ),
        Reply::Status(529, header("retry-after", "0"), String::new()),
    ];
    for (n, bad) in bad.into_iter().enumerate() {
        let model = MODELS[n % MODELS.len()];
        let server = bad_once(bad.clone());
        let mut bench = Bench::new(&server, model);
        bench.finish();
        assert_eq!(
            bench.git(&["show", "HEAD:hello.txt"]),
            "hi\n",
            "{model} {bad:?}"
        );
        let told = bench.heard.updates.iter();
        let told =
            told.filter(|one| matches!(one, Update::Retrying { .. } | Update::RateLimited { .. }));
        assert_eq!(
            told.count(),
            1,
            "{model} {bad:?}: {:?}",
            bench.heard.updates
        );
    }
    for model in MODELS {
        let server = bad_once(Reply::Cut);
        let mut bench = Bench::new(&server, model);
        bench.finish();
        // The truncated call was not run.
        assert_eq!(server.requests()[1].results().len(), 0, "{model}");
    }
}

/// A failure in the middle of a stream, as each protocol reports it.
#[test]
fn failures_in_a_stream_are_read() {
    for (model, text, class) in [
        (
            "anthropic/m",
            "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n",
            Class::Transient,
        ),
        (
            "openai/m",
            "data: {\"type\":\"response.failed\",\"response\":{\"error\":{\"code\":\"insufficient_quota\",\"message\":\"You exceeded\"}}}\n\n",
            Class::Permanent,
        ),
        (
            "openai/m",
            "data: {\"type\":\"error\",\"code\":\"server_error\",\"message\":\"oops\"}\n\n",
            Class::Transient,
        ),
        (
            "chat/m",
            "{\"error\":{\"message\":\"model not found\",\"code\":404}}",
            Class::Permanent,
        ),
        (
            "chat/m",
            "data: {\"error\":{\"message\":\"Invalid key\",\"code\":401}}\n\n",
            Class::Authentication,
        ),
        (
            "ollama/m",
            "{\"error\":\"llama runner process has terminated\"}\n",
            Class::Transient,
        ),
    ] {
        let server = Server::in_turn(vec![Reply::Raw(text.into())]);
        let mut bench = Bench::new(&server, model);
        bench.options.retries = 1;
        let (found, message) = bench.fail();
        assert_eq!(found, class, "{model}: {message}");
        let asked = if class == Class::Transient { 2 } else { 1 };
        assert_eq!(server.requests().len(), asked, "{model}: {message}");
    }
}

/// RC-10: requests that fail permanently are not retried.
#[test]
fn rc_10_permanent_failures_are_not_repeated() {
    for (status, body, class) in [
        (
            401,
            r#"{"error":{"message":"Incorrect API key provided: key-for-tests-only"}}"#,
            Class::Authentication,
        ),
        (403, "no", Class::Authentication),
        (
            400,
            r#"{"type":"error","error":{"type":"invalid_request_error","message":"bad"}}"#,
            Class::Permanent,
        ),
        (404, r#"{"error":"model 'm' not found"}"#, Class::Permanent),
        (
            429,
            r#"{"error":{"code":"insufficient_quota","message":"check your plan and billing"}}"#,
            Class::Permanent,
        ),
        (302, "", Class::Permanent),
    ] {
        let server = Server::in_turn(vec![Reply::status(status, body)]);
        let mut bench = Bench::new(&server, "openai/m");
        let (found, message) = bench.fail();
        assert_eq!(found, class, "{status}: {message}");
        assert!(message.contains(&status.to_string()), "{message}");
        assert!(!message.contains("key-for-tests-only"), "{message}");
        assert_eq!(server.requests().len(), 1, "{status}");
    }
}

/// MR-13: a wait that is too long for one conversation is left to the run, with a handoff.
#[test]
fn mr_13_a_long_limit_ends_the_attempt_with_a_hand_off() {
    let wait = vec![("retry-after".to_string(), "3600".to_string())];
    let server = Server::in_turn(vec![
        Reply::call("write_file", json!({ "path": "a.txt", "content": "x" })),
        Reply::Status(429, wait, r#"{"error":{"message":"slow down"}}"#.into()),
    ]);
    let mut bench = Bench::new(&server, "anthropic/m");
    let (class, _) = bench.fail();
    let Class::RateLimited {
        retry_after: Some(wait),
    } = class
    else {
        panic!("{class:?}");
    };
    assert_eq!(wait.from(0), Duration::from_secs(3600));
    let lists = &bench.heard.hand_offs[0];
    assert!(
        lists.done.iter().any(|line| line.contains("a.txt")),
        "{lists:?}"
    );
}

/// Requests to a server that stays overloaded are bounded, with growing waits.
#[test]
fn a_server_that_stays_overloaded_is_given_up() {
    let server = Server::in_turn(vec![Reply::status(500, "oops")]);
    let mut bench = Bench::new(&server, "chat/m");
    bench.options.retries = 3;
    let (class, message) = bench.fail();
    assert_eq!(class, Class::Transient, "{message}");
    assert_eq!(server.requests().len(), 4);
    drop(server);
    // And an unreachable one.
    let gone = Server::in_turn(vec![Reply::say("")]);
    let mut bench = Bench::new(&gone, "chat/m");
    drop(gone);
    bench.options.retries = 1;
    bench.endpoint = Endpoint::for_test("http://127.0.0.1:1", true, "");
    assert_eq!(bench.fail().0, Class::Transient);
}

/// A call whose arguments are not JSON is answered with an error for the model.
#[test]
fn a_call_with_bad_json_is_an_error_for_the_model() {
    for model in MODELS {
        let server = Server::new(|request| match request.results().len() {
            0 => Reply::Call(
                String::new(),
                vec![
                    ("run_command".into(), "{\"command\": \"echo".into()),
                    ("run_command".into(), "[1,2]".into()),
                    ("fly".into(), "{}".into()),
                    ("read_file".into(), "{\"path\":7}".into()),
                    ("read_file".into(), String::new()),
                ],
            ),
            _ => Reply::say("I see."),
        });
        let mut bench = Bench::new(&server, model);
        bench.finish();
        let results = server.requests()[1].results();
        assert_eq!(results.len(), 5, "{model}: {results:?}");
        assert!(
            results[0].contains("not a JSON object"),
            "{model}: {results:?}"
        );
        assert!(
            results[1].contains("not a JSON object"),
            "{model}: {results:?}"
        );
        assert!(
            results[2].contains("there is no tool `fly`"),
            "{model}: {results:?}"
        );
        assert!(
            results[3].contains("`path` is not a string"),
            "{model}: {results:?}"
        );
        assert!(
            results[4].contains("`path` is missing"),
            "{model}: {results:?}"
        );
    }
}

/// A model that keeps repeating the same call endlessly is warned once, and then stopped.
#[test]
fn a_model_that_repeats_itself_is_told_and_stopped() {
    let server = Server::in_turn(vec![Reply::call(
        "read_file",
        json!({ "path": "README.md" }),
    )]);
    let mut bench = Bench::new(&server, "ollama/m");
    let (class, message) = bench.fail();
    assert_eq!(class, Class::Permanent);
    assert!(
        message.contains("keeps repeating the same call"),
        "{message}"
    );
    let requests = server.requests();
    assert_eq!(requests.len(), 6);
    let told = requests.last().unwrap().results();
    let told = told
        .iter()
        .filter(|result| result.contains("do something else"));
    assert_eq!(told.count(), 1);
}

/// Empty answers, and answers truncated at the size limit, are bounded.
#[test]
fn poor_answers_are_told_and_bounded() {
    for (model, reply, word) in [
        ("anthropic/m", Reply::say(""), "empty"),
        ("openai/m", Reply::Long("and then ".repeat(9)), "truncated"),
        ("chat/m", Reply::Long("x".into()), "truncated"),
        ("ollama/m", Reply::say(" \n"), "empty"),
    ] {
        let server = Server::in_turn(vec![reply]);
        let (class, message) = Bench::new(&server, model).fail();
        assert_eq!(class, Class::Transient, "{model}");
        assert!(message.contains(word), "{model}: {message}");
        assert_eq!(server.requests().len(), 4, "{model}");
        assert!(
            server.requests()[1]
                .text()
                .contains(&format!("Your answer was {word}")),
            "{model}"
        );
    }
}

/// RC-08: a stop immediately ends a request in progress, and its connection.
#[test]
fn rc_08_a_stop_ends_a_request_under_way() {
    for (model, reply) in [
        ("anthropic/m", Reply::Silent(Duration::from_secs(30))),
        (
            "ollama/m",
            Reply::After(Duration::from_secs(3), Box::new(Reply::say("late"))),
        ),
        ("chat/m", Reply::run("sleep 30")),
    ] {
        let is_silent = matches!(reply, Reply::Silent(_));
        let server = Server::in_turn(vec![reply]);
        let mut bench = Bench::new(&server, model);
        let control = bench.control.clone();
        std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(400));
            control.stop();
        });
        let start = Instant::now();
        let (_, ended) = bench.run();
        assert_eq!(ended, ExitCause::Stopped, "{model}");
        assert!(
            start.elapsed() < Duration::from_millis(1_900),
            "{model}: {:?}",
            start.elapsed()
        );
        if is_silent {
            let end = Instant::now() + Duration::from_secs(5);
            while server.closed() == 0 && Instant::now() < end {
                std::thread::sleep(Duration::from_millis(20));
            }
            assert_eq!(server.closed(), 1, "the connection stays open");
        }
    }
}

/// A silent server ends the request; so does the conversation's deadline.
#[test]
fn silence_and_deadlines_end_a_request() {
    let server = Server::in_turn(vec![Reply::Silent(Duration::from_secs(30))]);
    let mut bench = Bench::new(&server, "openai/m");
    (bench.options.patience, bench.options.retries) = (Duration::from_millis(300), 1);
    let (class, message) = bench.fail();
    assert_eq!(class, Class::Transient);
    assert!(message.contains("silent"), "{message}");
    assert_eq!(server.requests().len(), 2);
    let mut bench = Bench::new(&server, "openai/m");
    bench.limits.deadline = Some(Duration::from_millis(300));
    assert_eq!(bench.run().1, ExitCause::Deadline);
}

/// The connection of a request that is given up is closed at once: the provider stops writing.
#[test]
fn a_silent_connection_is_closed_before_the_next_request() {
    let server = Server::in_turn(vec![Reply::Silent(Duration::from_secs(30))]);
    let mut bench = Bench::new(&server, "openai/m");
    (bench.options.patience, bench.options.retries) = (Duration::from_millis(300), 1);
    bench.options.first_wait = Duration::from_secs(4);
    std::thread::scope(|scope| {
        scope.spawn(|| bench.fail());
        let end = Instant::now() + Duration::from_secs(5);
        while server.closed() == 0 && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(20));
        }
        assert_eq!((server.closed(), server.requests().len()), (1, 1));
    });
}

/// A line without end, and an answer with too many calls, are refused.
#[test]
fn answers_that_are_too_large_are_refused() {
    let calls = vec![("read_file".to_string(), "{}".to_string()); 65];
    let line = format!("data: {}", "x".repeat(5 << 20));
    for (n, model) in MODELS.iter().enumerate() {
        let reply = match n % 2 {
            0 => Reply::Raw(line.clone()),
            _ => Reply::Call(String::new(), calls.clone()),
        };
        let server = Server::in_turn(vec![reply]);
        let mut bench = Bench::new(&server, model);
        bench.options.retries = 0;
        let (class, message) = bench.fail();
        assert_eq!(class, Class::Transient, "{model}: {message}");
        assert!(message.contains("too large"), "{model}: {message}");
    }
}

/// A server on another machine is asked through the proxy, unless the user excludes it.
#[test]
fn servers_named_in_no_proxy_are_asked_directly() {
    let server = Server::in_turn(vec![Reply::say("Done.")]);
    let through = |vars: &[(&str, &str)]| {
        let mut bench = Bench::new(&server, "chat/m");
        bench.options.retries = 0;
        bench.endpoint = Endpoint::for_test("http://model.invalid", false, "");
        let vars = vars.iter().map(|(k, v)| (k.to_string(), v.into()));
        bench.to.env.extend(vars);
        bench.run();
        server.requests().pop().map(|request| request.path)
    };
    assert_eq!(through(&[("HTTP_PROXY", &server.url)]), None);
    for without in ["invalid", "a.b, .model.invalid", "*"] {
        let vars = [("http_proxy", server.url.as_str()), ("NO_PROXY", without)];
        assert_eq!(through(&vars), None, "{without}");
    }
    let vars = [
        ("all_proxy", server.url.as_str()),
        ("NO_PROXY", "a.invalid,lid"),
    ];
    let asked = "http://model.invalid/chat/completions";
    assert_eq!(through(&vars).as_deref(), Some(asked));
}

/// A pause halts the conversation and its clock.
#[test]
fn a_pause_halts_the_conversation() {
    let server = Server::new(|request| match request.number {
        0 => Reply::run("echo hi"),
        _ => Reply::say("Done."),
    });
    let mut bench = Bench::new(&server, "chat/m");
    bench.limits.deadline = Some(Duration::from_millis(700));
    bench.control.pause();
    let control = bench.control.clone();
    std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(900));
        control.resume();
    });
    let start = Instant::now();
    bench.finish();
    assert!(start.elapsed() >= Duration::from_millis(900));
}
