//! The context, the budget, the number of answers.

use serde_json::json;

use super::*;

/// Reads a large file until it is asked for a hand-off.
fn reads(request: &Request) -> Reply {
    if request.text().contains("Write the hand-off now") {
        return Reply::say("Done:\n- read big.txt\nNext:\n- write hello.txt\nOpen:\n- nothing");
    }
    if request.prompt().contains("The work so far") {
        return match request.results().len() {
            0 => Reply::run(&format!("echo hi > hello.txt; {COMMIT}")),
            _ => Reply::say("Done."),
        };
    }
    let from = request.results().len() * 50 + 1;
    Reply::call(
        "read_file",
        json!({ "path": "big.txt", "first_line": from, "lines": 50 }),
    )
}

fn with_large_file(server: &Server, model: &str) -> Bench {
    let bench = Bench::new(server, model);
    let line = "some words on a line of a large file, so that it takes room\n";
    bench.write("big.txt", &line.repeat(5_000));
    bench.git(&["add", "-A"]);
    bench.git(&["commit", "-q", "-m", "Large"]);
    bench
}

/// MR-18: a context that fills leads to a hand-off and another conversation, with every protocol.
#[test]
fn mr_18_a_full_context_leads_to_a_hand_off() {
    for model in MODELS {
        let server = Server::new(reads);
        let mut bench = with_large_file(&server, model);
        (bench.tuning.context, bench.tuning.output_max) = (16_000, 2_000);
        bench.finish();
        assert_eq!(bench.git(&["show", "HEAD:hello.txt"]), "hi\n");
        assert_eq!(bench.heard.hand_offs.len(), 1, "{model}");
        let lists = &bench.heard.hand_offs[0];
        assert_eq!(lists.next, ["write hello.txt"], "{model}");
        let requests = server.requests();
        let asked = requests
            .iter()
            .position(|one| one.text().contains("Write the hand-off now"));
        let again = &requests[asked.unwrap() + 1];
        assert!(
            again.prompt().contains("Write hello.txt.") && again.prompt().contains("read big.txt")
        );
        assert_eq!(again.results().len(), 0, "{model}");
        // No request was larger than the context, by a count that is high.
        for request in &requests {
            let size = crate::memory::prime::tokens(&request.text());
            assert!(size < 32_000, "{model}: {size}");
        }
    }
}

/// The number of new conversations is bounded.
#[test]
fn a_task_that_always_fills_the_context_is_given_up() {
    let server = Server::new(
        |request| match request.text().contains("Write the hand-off now") {
            true => Reply::say(""),
            false => {
                let from = request.number * 50 + 1;
                Reply::call(
                    "read_file",
                    json!({ "path": "big.txt", "first_line": from, "lines": 50 }),
                )
            }
        },
    );
    let mut bench = with_large_file(&server, "chat/m");
    (bench.tuning.context, bench.tuning.output_max) = (16_000, 2_000);
    bench.tuning.restarts = 2;
    let (class, message) = bench.fail();
    assert_eq!(class, Class::Permanent);
    assert!(message.contains("3 times"), "{message}");
    // Without a word of the model, the hand-off is made by rules.
    assert_eq!(bench.heard.hand_offs.len(), 2);
    assert!(bench.heard.hand_offs[0].done[0].contains("Large"));
}

/// A server that finds the conversation too long, other than our estimate, is believed.
#[test]
fn a_refusal_for_size_leads_to_a_new_conversation() {
    for (model, reply) in [
        ("openai/m", Reply::status(400, r#"{"error":{"code":"context_length_exceeded","message":"too long"}}"#)),
        ("anthropic/m", Reply::status(400, r#"{"error":{"type":"invalid_request_error","message":"prompt is too long: 210000 tokens"}}"#)),
        ("anthropic/m", Reply::Raw("data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"model_context_window_exceeded\"}}\n\ndata: {\"type\":\"message_stop\"}\n\n".into())),
    ] {
        let server = Server::new(move |request| match request.number {
            0 => Reply::run("echo one"),
            1 => reply.clone(),
            _ => Reply::say("Done."),
        });
        let mut bench = Bench::new(&server, model);
        bench.finish();
        assert_eq!(bench.heard.hand_offs.len(), 1, "{model}");
        let last = server.requests().pop().unwrap();
        assert!(last.prompt().contains("The work so far"), "{model}");
    }
}

/// MR-15: a prompt that is too large is refused before anything is sent.
#[test]
fn mr_15_a_prompt_without_room_is_not_sent() {
    let server = Server::in_turn(vec![Reply::say("Done.")]);
    let mut bench = Bench::new(&server, "chat/m");
    bench.to.prompt = "word ".repeat(40_000);
    let (class, message) = bench.fail();
    assert_eq!(class, Class::Permanent);
    assert!(
        message.contains("tokens") && message.contains("pm.modelContext"),
        "{message}"
    );
    assert_eq!(server.requests().len(), 0);
}

/// MR-09: what an agent may spend ends its conversation, and a price that is not known is said.
#[test]
fn mr_09_a_spent_budget_ends_the_conversation() {
    let server = Server::new(|request| Reply::run(&format!("echo {}", request.number)));
    let mut bench = Bench::new(&server, "anthropic/m");
    // Three answers cost 27,600 millionths.
    bench.to.budget = Some(27_000);
    let (class, message) = bench.fail();
    assert_eq!(class, Class::Permanent);
    assert!(message.contains("budget"), "{message}");
    assert_eq!(server.requests().len(), 3);
    let mut bench = Bench::new(&server, "anthropic/m");
    (bench.to.budget, bench.tuning.price, bench.tuning.turns) = (Some(1), None, 5);
    let (_, message) = bench.fail();
    assert!(message.contains("5 answers"), "{message}");
    assert!(
        bench.heard.notes[0].contains("pm.price"),
        "{:?}",
        bench.heard.notes
    );
}
