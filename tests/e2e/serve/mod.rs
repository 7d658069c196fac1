//! `git pm serve`: the server as a process, with a client of a few lines over real connections.

mod access;
mod api;
pub mod browser;
mod events;
mod exchange;
mod inbox;
mod limits;
mod offered;
mod page;
mod path_fields;
mod phone;
mod prometheus;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::{Repo, binary};

/// The longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running server; it ends with its value.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
    /// The URL of its page, and the host in it.
    pub url: String,
    pub host: String,
}

impl Server {
    pub fn start(repo: &Repo, args: &[&str]) -> Server {
        Server::at(repo, "127.0.0.1:0", args)
    }

    pub fn at(repo: &Repo, listen: &str, args: &[&str]) -> Server {
        let mut child = repo
            .command(binary())
            .args(["serve", "--json", "--listen", listen])
            .args(args)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("git-pm starts");
        let mut line = String::new();
        let mut out = BufReader::new(child.stdout.take().expect("a pipe"));
        out.read_line(&mut line)
            .expect("the server says where it listens");
        let said: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("{line}"));
        let address = said["data"]["address"].as_str().expect("an address");
        let url = said["data"]["url"].as_str().expect("a URL");
        let host = url.split('/').nth(2).expect("a host");
        Server {
            child,
            address: address.parse().expect("an address"),
            url: url.to_string(),
            host: host.to_string(),
        }
    }

    /// Ends it as a crash would.
    pub fn kill(mut self) -> SocketAddr {
        self.child.kill().expect("a process");
        self.child.wait().expect("a process");
        self.address
    }

    /// Asks it to end, and waits.
    pub fn end(mut self) -> Option<i32> {
        rustix::process::kill_process(
            rustix::process::Pid::from_child(&self.child),
            rustix::process::Signal::INT,
        )
        .expect("a process");
        self.child.wait().expect("a process").code()
    }

    /// Waits until it ends by itself.
    pub fn ended(mut self) -> Option<i32> {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            if let Some(status) = self.child.try_wait().expect("a process") {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        None
    }

    /// Sends bytes and reads until the server closes the connection.
    pub fn raw(&self, bytes: &[u8]) -> String {
        raw_at(self.address, bytes).expect("a server")
    }

    /// One request with further headers.
    pub fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut text = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
        if !headers.iter().any(|(name, _)| *name == "Host") {
            text += &format!("Host: {}\r\n", self.address);
        }
        for (name, value) in headers {
            text += &format!("{name}: {value}\r\n");
        }
        if !body.is_empty() {
            text += &format!("Content-Length: {}\r\n", body.len());
            if !headers.iter().any(|(name, _)| *name == "Content-Type") {
                text += "Content-Type: application/json\r\n";
            }
        }
        Answer::of(&self.raw((text + "\r\n" + body).as_bytes()))
    }

    pub fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[], "")
    }

    /// Signs in at the page as its script does, with the fields of a form.
    pub fn sign_in(&self, form: &str) -> Session {
        let headers = [
            ("Host", self.host.as_str()),
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("Accept", "application/json"),
        ];
        let signed = self.ask("POST", "/sign-in", &headers, form);
        assert_eq!(signed.status, 200, "{signed:?}");
        let cookie = signed.header("set-cookie").expect("a cookie").to_string();
        let proof = signed.json()["proof"]
            .as_str()
            .expect("a proof")
            .to_string();
        Session {
            cookie: cookie.split(';').next().unwrap_or_default().to_string(),
            attributes: cookie,
            proof,
        }
    }

    /// A request with a token.
    pub fn with(&self, token: &str, method: &str, path: &str, body: &str) -> Answer {
        let bearer = format!("Bearer {token}");
        self.ask(method, path, &[("Authorization", &bearer)], body)
    }
}

/// Sends bytes to an address and reads until the connection is closed; none if nobody listens.
pub fn raw_at(address: SocketAddr, bytes: &[u8]) -> Option<String> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    // A server may answer and close before it has read everything.
    let _ = stream.write_all(bytes);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    Some(String::from_utf8_lossy(&answer).into_owned())
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The two secrets that a browser has after signing in.
pub struct Session {
    /// The cookie, as a browser sends it.
    pub cookie: String,
    /// The cookie, as the server sets it.
    pub attributes: String,
    /// What the page's script adds to changes.
    pub proof: String,
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    fn of(text: &str) -> Answer {
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
        let status = head.split(' ').nth(1).and_then(|word| word.parse().ok());
        Answer {
            status: status.unwrap_or_else(|| panic!("not an answer: {text:?}")),
            head: head.to_string(),
            body: body.to_string(),
        }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(": ")?;
            key.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{self:?}"))
    }

    /// The data of an answer that succeeded.
    pub fn data(&self) -> Value {
        assert!(self.status < 300, "{self:?}");
        self.json()["data"].clone()
    }

    /// The reason of a failure with this status.
    pub fn reason(&self, status: u16) -> String {
        assert_eq!(self.status, status, "{self:?}");
        self.json()["reason"]
            .as_str()
            .unwrap_or_default()
            .to_string()
    }
}

/// Makes a token.
pub fn token(repo: &Repo, name: &str, args: &[&str]) -> String {
    let all = [&["serve", "token", "add", name], args].concat();
    repo.data(&all)["token"]
        .as_str()
        .expect("a token")
        .to_string()
}
