//! Addresses of servers: what of one may be shown, and which are on this machine.

use std::net::IpAddr;

/// The scheme (`http`, `https`) and the host of an address, with its port; `None` for any other text,
/// and for one with a user or with characters that no address has.
pub fn parts(address: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = address.split_once("://")?;
    let host = rest.split(['/', '?', '#']).next()?;
    let is_plain = address
        .bytes()
        .all(|b| b.is_ascii_graphic() && !br#"<>"\^`{|}"#.contains(&b));
    let is_host = |b: u8| b.is_ascii_alphanumeric() || b"-._:[]".contains(&b);
    (matches!(scheme, "http" | "https")
        && is_plain
        && !host.is_empty()
        && host.bytes().all(is_host))
    .then_some((scheme, host))
}

/// True if a host, with or without a port, is this machine.
pub fn is_loopback(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    let name = name.trim_matches(['[', ']']);
    name == "localhost" || name.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_scheme_and_a_host() {
        for (address, host) in [
            (
                "https://hooks.example.com/services/T0/B0/x",
                "hooks.example.com",
            ),
            ("http://[::1]:80?topic=a", "[::1]:80"),
            ("https://pm.example.com#x", "pm.example.com"),
        ] {
            assert_eq!(parts(address).map(|found| found.1), Some(host));
        }
        for wrong in [
            "",
            "pm.example.com",
            "ftp://pm.example.com",
            "https://",
            "https:///x",
            "https://ana:secret@example.com",
            "https://example.com/a b",
            "https://example.com/\nx",
            "https://example.com/<!channel>",
        ] {
            assert_eq!(parts(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn only_this_machine_is_loopback() {
        for here in [
            "localhost",
            "localhost:80",
            "127.0.0.1:8080",
            "[::1]:80",
            "[::1]",
        ] {
            assert!(is_loopback(here), "{here}");
        }
        for there in [
            "example.com",
            "localhost.example.com:80",
            "10.0.0.1",
            "[fe80::1]:80",
        ] {
            assert!(!is_loopback(there), "{there}");
        }
    }
}
