//! A client that sends what a test says, right or wrong.

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::Value;

/// A client with the token it sends.
pub struct Client {
    host: String,
    root: String,
    token: Option<String>,
}

/// An answer; status 0 if the connection was closed instead.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub text: String,
}

impl Client {
    pub fn new(url: &str, token: Option<&str>) -> Client {
        let address = url.strip_prefix("http://").expect("an address");
        let (host, root) = address.split_once('/').unwrap_or((address, ""));
        Client {
            host: host.to_string(),
            root: format!("/{root}"),
            token: token.map(str::to_string),
        }
    }

    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], "")
    }

    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, &[], &body.to_string())
    }

    pub fn patch(&self, path: &str, body: &Value) -> Answer {
        self.send("PATCH", path, &[], &body.to_string())
    }

    pub fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, &[], "")
    }

    /// Sends a request to a path below the root of the API, or to an address.
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let path = match path.split_once(&format!("//{}", self.host)) {
            Some((_, path)) => path.to_string(),
            None => format!("{}{path}", self.root),
        };
        let mut head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Length: {}\r\n",
            self.host,
            body.len()
        );
        if !headers.iter().any(|(name, _)| *name == "User-Agent") {
            head.push_str("User-Agent: tests\r\n");
        }
        if let Some(token) = &self.token {
            head.push_str(&format!("Authorization: Bearer {token}\r\n"));
        }
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        let mut stream = TcpStream::connect(&self.host).expect("a server");
        let _ = stream.write_all(format!("{head}\r\n{body}").as_bytes());
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes);
        Answer::of(&String::from_utf8_lossy(&bytes))
    }
}

impl Answer {
    fn of(text: &str) -> Answer {
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
        let mut lines = head.lines();
        let status = lines
            .next()
            .and_then(|line| line.split(' ').nth(1)?.parse().ok());
        let pair = |line: &str| {
            let (name, value) = line.split_once(": ")?;
            Some((name.to_lowercase(), value.to_string()))
        };
        Answer {
            status: status.unwrap_or_default(),
            headers: lines.filter_map(pair).collect(),
            text: body.to_string(),
        }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The body of an answer with this status.
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        match self.text.is_empty() {
            true => Value::Null,
            false => serde_json::from_str(&self.text).expect("JSON"),
        }
    }

    /// The address of the next page.
    pub fn next(&self) -> Option<String> {
        let links = self.header("link")?.split(", ");
        let mut next = links.filter(|link| link.ends_with("rel=\"next\""));
        Some(
            next.next()?
                .trim_start_matches('<')
                .split_once('>')?
                .0
                .to_string(),
        )
    }
}
