//! When a claim or reservation expires, as read from its document.
//!
//! Pushed values are not trusted: a time beyond the maximum of the format, or an endless lease, is
//! limited when it is read, in the same way in every clone.

use super::doc::Reg;
use super::settings::LONGEST_MS;
use super::stamp::MAX_MS;
use super::value::Value;

/// The time in a register, in milliseconds since the Unix epoch: at most the maximum of the format,
/// and at most [`LONGEST_MS`] after the register was written. 0 if it has none.
pub(super) fn end(register: Option<&Reg>) -> u64 {
    let Some(register) = register else { return 0 };
    let latest = register.stamp.ms.saturating_add(LONGEST_MS).min(MAX_MS);
    number(&register.value).min(latest)
}

/// The requested duration, in milliseconds; `None` if there is none.
pub(super) fn length(register: Option<&Reg>) -> Option<u64> {
    let register = register.filter(|r| r.value != Value::Null)?;
    Some(number(&register.value).min(LONGEST_MS))
}

/// A number of milliseconds; 0 for any other value.
fn number(value: &Value) -> u64 {
    match value {
        Value::Int(ms) => u64::try_from(*ms).unwrap_or(0),
        // A number too large for an `Int`.
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
    fn no_expiry_is_more_than_thirty_days_ahead() {
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
