//! Dialogues with agents.

use super::super::{ExitCause, Sink};
use super::*;

/// Answers to the lines of an agent.
struct Partner {
    heard: Vec<String>,
    next: Vec<u8>,
    /// The answer to any line.
    answer: Vec<u8>,
    /// The line that ends the dialogue.
    last: &'static str,
    cancelled: Option<&'static str>,
}

impl Partner {
    fn new(first: &str, answer: &str, last: &'static str) -> Partner {
        Partner {
            heard: Vec::new(),
            next: first.as_bytes().to_vec(),
            answer: answer.as_bytes().to_vec(),
            last,
            cancelled: None,
        }
    }
}

impl Sink for Partner {
    fn line(&mut self, line: Line<'_>) {
        self.heard.push(String::from_utf8_lossy(line.bytes).into());
        self.next.extend(&self.answer);
    }

    fn input(&mut self, next: &mut Vec<u8>) -> bool {
        next.append(&mut self.next);
        self.heard.last().is_none_or(|line| line != self.last)
    }

    fn cancel(&mut self) -> Option<Duration> {
        self.next.extend(self.cancelled?.bytes());
        Some(Duration::from_secs(30))
    }
}

/// AG-49: answers depend on the agent's output; its input is closed after the last answer.
#[test]
fn lines_go_both_ways() {
    let script =
        Script::new("n=0; while read line; do n=$((n+1)); echo $line$n; done; echo end >&2");
    let mut partner = Partner::new("hello\n", "again\n", "again3");
    let control = Control::new().unwrap();
    let outcome = supervise(&script.launch, &script.limits, &control, &mut partner).unwrap();
    assert_eq!(outcome.ended, ExitCause::Exited(0));
    // The last answer was written before the input was closed.
    assert_eq!(partner.heard[..4], ["hello1", "again2", "again3", "again4"]);
    assert_eq!(partner.heard.last().unwrap(), "end");
    assert_eq!(outcome.input_written, 6 + 3 * 6);
}

/// RC-03: an agent is asked to stop its work before it is ended, and its output is read.
#[test]
fn a_stopped_agent_is_asked_first() {
    let script = Script::new("read word; echo ready; read word; echo stopped $word; sleep 100");
    let mut partner = Partner::new("go\n", "", "stopped now");
    partner.cancelled = Some("now\n");
    let control = Control::new().unwrap();
    let handle = control.clone();
    let stop = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(300));
        handle.stop();
    });
    let start = Instant::now();
    let outcome = supervise(&script.launch, &script.limits, &control, &mut partner).unwrap();
    stop.join().unwrap();
    assert_eq!(outcome.ended, ExitCause::Stopped);
    assert_eq!(partner.heard, ["ready", "stopped now"]);
    assert!(start.elapsed() < Duration::from_secs(20), "it answered");
}

/// RC-03: an agent that does not answer, or continues after the dialogue, is ended anyway.
#[test]
fn an_agent_that_goes_on_is_ended() {
    let script = Script::new("echo last; exec sleep 100");
    let mut partner = Partner::new("", "", "last");
    let control = Control::new().unwrap();
    let outcome = supervise(&script.launch, &script.limits, &control, &mut partner).unwrap();
    assert_eq!(outcome.ended, ExitCause::Dismissed);
    assert_eq!(outcome.signal, Some(15));
    assert!(outcome.ending.survivors.is_empty());
}

/// AG-49: the output of an agent that asks endlessly and reads no answer is no longer read, so that
/// the answers stay few, until it reaches a limit.
#[test]
fn answers_that_nobody_reads_do_not_pile_up() {
    let script = Script::new("exec yes").limits(|limits| {
        limits.idle = Some(Duration::from_secs(1));
        limits.output_max = u64::MAX;
    });
    let answer = "0123456789\n";
    let mut partner = Partner::new("", answer, "never");
    let control = Control::new().unwrap();
    let outcome = supervise(&script.launch, &script.limits, &control, &mut partner).unwrap();
    assert_eq!(outcome.ended, ExitCause::Idle);
    let answers = partner.heard.len() * answer.len();
    assert!(answers < 32 << 20, "{answers} bytes of answers");
}
