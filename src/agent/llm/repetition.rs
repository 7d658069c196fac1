//! Detection of a model that repeats itself: the same call with the same result. Pure.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::conversation::Call;
use super::limits;

/// The consequence of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeated {
    /// Nothing.
    Fine,
    /// The model has to be warned.
    Tell,
    /// The conversation has to end.
    Stop,
}

/// The calls so far.
#[derive(Debug, Default)]
pub struct Repetition {
    counts: HashMap<u64, (u32, bool)>,
}

impl Repetition {
    /// Records a call and its result. A change to a file resets the counts of calls that change
    /// none.
    pub fn take(&mut self, call: &Call, result: &str, changed: bool) -> Repeated {
        if changed {
            self.counts.retain(|_, (_, is_change)| *is_change);
        }
        let mut hash = DefaultHasher::new();
        (&call.name, call.object().to_string(), result).hash(&mut hash);
        let count = self.counts.entry(hash.finish());
        let (count, _) = count.or_insert((0, changed));
        *count += 1;
        match *count {
            limits::REPEATS_TOLD => Repeated::Tell,
            limits::REPEATS_MAX.. => Repeated::Stop,
            _ => Repeated::Fine,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(name: &str, arguments: &str) -> Call {
        Call {
            id: "id".into(),
            name: name.into(),
            written: arguments.into(),
        }
    }

    #[test]
    fn equal_calls_are_told_once_and_then_stopped() {
        let mut seen = Repetition::default();
        let one = call("read_file", r#"{"path":"a"}"#);
        let verdicts: Vec<Repeated> = (0..6).map(|_| seen.take(&one, "x", false)).collect();
        use Repeated::{Fine, Stop, Tell};
        assert_eq!(verdicts, [Fine, Fine, Tell, Fine, Fine, Stop]);
        // Also when alternating with other calls.
        let mut seen = Repetition::default();
        let two = call("read_file", r#"{"path":"b"}"#);
        let stopped = (0..6).any(|_| {
            seen.take(&one, "x", false);
            seen.take(&two, "y", false) == Stop
        });
        assert!(stopped);
    }

    #[test]
    fn other_results_and_changes_are_progress() {
        let mut seen = Repetition::default();
        let test = call("run_command", r#"{"command":"make test"}"#);
        for round in 0..20 {
            let edit = call(
                "edit_file",
                &format!(r#"{{"path":"a","old":"{round}","new":"x"}}"#),
            );
            assert_eq!(seen.take(&edit, "replaced 1 times", true), Repeated::Fine);
            assert_eq!(seen.take(&test, "1 failed", false), Repeated::Fine);
        }
        let mut seen = Repetition::default();
        for round in 0..20 {
            let result = round.to_string();
            assert_eq!(seen.take(&test, &result, false), Repeated::Fine);
        }
        // Redoing and undoing an edit is not progress.
        let mut seen = Repetition::default();
        let (to, fro) = (
            call("edit_file", r#"{"path":"a","old":"1","new":"2"}"#),
            call("edit_file", r#"{"path":"a","old":"2","new":"1"}"#),
        );
        let stopped = (0..6).any(|_| {
            seen.take(&to, "replaced", true);
            seen.take(&fro, "replaced", true) == Repeated::Stop
        });
        assert!(stopped);
    }
}
