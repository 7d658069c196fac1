//! Deliveries of webhooks: in order or not, once or more often, and with a forged signature.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use ring::hmac;

use super::hooks::Delivery;

/// How long a receiver may take: GitHub waits ten seconds.
const PATIENCE: Duration = Duration::from_secs(10);

/// In which order and how often the queue is delivered.
#[derive(Clone, Copy, Debug)]
pub enum Order {
    /// As it happened, each once.
    Once,
    /// Each twice in a row.
    Doubled,
    /// The whole queue three times.
    Thrice,
    /// In an order that the seed decides.
    Shuffled(u64),
    /// Signed with another secret.
    Forged,
    /// All but the first so many, which stay in the queue and so come after later events.
    Late(usize),
}

/// A delivery and what the receiver answered.
#[derive(Clone, Debug)]
pub struct Delivered {
    pub event: String,
    pub action: Option<String>,
    pub guid: String,
    /// 0 if nobody answered.
    pub status: u16,
}

/// What is to be sent, in order, of a queue; the rest stays in it.
pub fn chosen(queue: &mut std::collections::VecDeque<Delivery>, order: Order) -> Vec<Delivery> {
    let kept = match order {
        Order::Late(count) => queue.drain(..count.min(queue.len())).collect(),
        _ => Vec::new(),
    };
    let mut all: Vec<Delivery> = queue.drain(..).collect();
    queue.extend(kept);
    match order {
        Order::Once | Order::Forged | Order::Late(_) => all,
        Order::Doubled => all.into_iter().flat_map(|one| [one.clone(), one]).collect(),
        Order::Thrice => [all.clone(), all.clone(), all].concat(),
        Order::Shuffled(seed) => {
            // A linear congruential generator is random enough for an order.
            let mut state = seed;
            for index in (1..all.len()).rev() {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                let other = usize::try_from(state >> 33).unwrap_or_default() % (index + 1);
                all.swap(index, other);
            }
            all
        }
    }
}

/// Sends one delivery.
pub fn send(delivery: &Delivery, forged: bool) -> Delivered {
    let body = delivery.payload.to_string();
    let secret = match forged {
        true => format!("not {}", delivery.hook.secret),
        false => delivery.hook.secret.clone(),
    };
    let status = post(delivery, &body, &signature(&secret, body.as_bytes()));
    Delivered {
        event: delivery.event.clone(),
        action: delivery.action.clone(),
        guid: delivery.guid.clone(),
        status: status.unwrap_or_default(),
    }
}

/// The value of `X-Hub-Signature-256`.
pub fn signature(secret: &str, body: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let tag = hmac::sign(&key, body);
    let digits: String = tag
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("sha256={digits}")
}

fn post(delivery: &Delivery, body: &str, signature: &str) -> Option<u16> {
    let address = delivery.hook.url.strip_prefix("http://")?;
    let (host, path) = address.split_once('/').unwrap_or((address, ""));
    let mut stream = TcpStream::connect(host).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    let head = format!(
        "POST /{path} HTTP/1.1\r\n\
         Host: {host}\r\n\
         User-Agent: GitHub-Hookshot/fake\r\n\
         Content-Type: application/json\r\n\
         X-GitHub-Event: {}\r\n\
         X-GitHub-Delivery: {}\r\n\
         X-GitHub-Hook-ID: {}\r\n\
         X-GitHub-Hook-Installation-Target-Type: repository\r\n\
         X-Hub-Signature-256: {signature}\r\n\
         Content-Length: {}\r\n\
         Connection: close\r\n\r\n",
        delivery.event,
        delivery.guid,
        delivery.hook.id,
        body.len(),
    );
    // The receiver may answer before it has read all.
    let _ = stream.write_all(head.as_bytes());
    let _ = stream.write_all(body.as_bytes());
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let text = String::from_utf8_lossy(&answer);
    text.split(' ').nth(1)?.parse().ok()
}
