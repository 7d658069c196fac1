//! Until when something holds that ends by itself. What others pushed is not believed: a time beyond
//! the format's last one, or a lease for ever, is cut where it is read, alike in every clone.

use super::doc::Reg;
use super::stamp::{DAY_MS, MAX_MS};
use super::value::Value;

/// A claim or reservation holds at most so long after the write that said until when: thirty days.
/// Whoever needs it longer renews it.
pub const LONGEST_MS: u64 = 30 * DAY_MS;

/// The moment that a register names, in milliseconds since the Unix epoch: never one after the last
/// of the format, nor later than [`LONGEST_MS`] after the register was written. 0 where it names none.
pub(super) fn end(register: Option<&Reg>) -> u64 {
    let Some(register) = register else { return 0 };
    let latest = register.stamp.ms.saturating_add(LONGEST_MS).min(MAX_MS);
    number(&register.value).min(latest)
}

/// For how long something was asked for, in milliseconds; `None` where that was not said.
pub(super) fn length(register: Option<&Reg>) -> Option<u64> {
    let register = register.filter(|r| r.value != Value::Null)?;
    Some(number(&register.value).min(LONGEST_MS))
}

/// A number of milliseconds; 0 for what is none.
fn number(value: &Value) -> u64 {
    match value {
        Value::Int(ms) => u64::try_from(*ms).unwrap_or(0),
        // What is greater than an `Int` can hold.
        Value::Json(json) => json.as_u64().unwrap_or(0),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn register(value: Value) -> Reg {
        let stamp = "1763625600000.0.ana0".parse().unwrap();
        Reg { value, stamp }
    }

    #[test]
    fn no_end_lies_further_ahead_than_thirty_days() {
        let month = 1_763_625_600_000 + 30 * 86_400_000;
        let greatest = Value::from_json(serde_json::json!(u64::MAX));
        for (value, ends) in [
            (Value::Int(1_763_625_600_001), 1_763_625_600_001),
            (Value::Int(month as i64), month),
            (Value::Int(month as i64 + 1), month),
            (Value::Int(i64::MAX), month),
            (greatest.clone(), month),
            (Value::Int(-1), 0),
            (Value::from("soon"), 0),
            (Value::Null, 0),
        ] {
            assert_eq!(end(Some(&register(value.clone()))), ends, "{value:?}");
        }
        let mut last = register(greatest);
        last.stamp.ms = MAX_MS;
        assert_eq!(end(Some(&last)), MAX_MS);
        assert_eq!(length(Some(&last)), Some(LONGEST_MS));
        assert_eq!(length(Some(&register(Value::Null))), None);
        assert_eq!((end(None), length(None)), (0, None));
    }
}
