//! Amounts of US dollars as users type and read them, stored as millionths of a dollar. Pure.

use super::limits::DOLLARS_MAX;
use crate::error::{Error, Reason, Result};
use crate::model::text::excerpt;

/// Reads an amount of US dollars: `5`, `2.50`, `50usd`, `$50`. Returns millionths of a dollar.
///
/// # Errors
/// When it is not a positive amount, or too large.
pub fn micro_usd(text: &str) -> Result<u64> {
    let lower = text.trim().to_ascii_lowercase();
    let number = lower.strip_prefix('$').unwrap_or(&lower);
    let number = number.strip_suffix("usd").unwrap_or(number).trim();
    let is_plain = number.chars().all(|c| c.is_ascii_digit() || c == '.');
    let usd = number.parse::<f64>().ok().filter(|_| is_plain);
    let micro = usd
        .filter(|usd| *usd <= DOLLARS_MAX)
        .map(|usd| (usd * 1e6).round() as u64);
    micro.filter(|micro| *micro > 0).ok_or_else(|| {
        Error::usage(format!("`{}` is not a valid amount", excerpt(text, 40)))
            .because(Reason::MoneyInvalid)
            .hint("write an amount of US dollars: 50usd, 2.50, $5")
    })
}

/// Millionths of a US dollar as US dollars.
pub fn usd(micro: u64) -> f64 {
    micro as f64 / 1e6
}

/// An amount in millionths of a US dollar, for a sentence.
pub fn dollars(micro: u64) -> String {
    format!("{:.2} USD", usd(micro))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// MR-09: an amount may have its currency before or after it, or none.
    #[test]
    fn mr_09_amounts_are_read() {
        for (text, micro) in [
            ("50", 50_000_000),
            ("50usd", 50_000_000),
            ("50 USD", 50_000_000),
            ("$50", 50_000_000),
            (" 2.50 ", 2_500_000),
            ("0.000001", 1),
            ("1000000000", 1_000_000_000_000_000),
        ] {
            assert_eq!(micro_usd(text).unwrap(), micro, "{text}");
        }
        for bad in [
            "",
            "0",
            "0usd",
            "-5",
            "+5",
            "5eur",
            "1e3",
            "nan",
            "inf",
            "1.2.3",
            ".",
            "0.0000001",
            "1000000001",
            "99999999999999999999",
            "$",
            "usd",
            "5 0",
            "5,5",
            "٥",
        ] {
            let error = micro_usd(bad).unwrap_err();
            assert_eq!(error.reason(), "money.invalid", "{bad}");
        }
    }
}
