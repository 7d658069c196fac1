//! Tokens, Apps and limits of the fake.

use std::time::Duration;

use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use serde_json::{Value, json};

use super::super::server::GitHub;
use super::{Client, alice, widget};

const ISSUES: &str = "/repos/acme/widget/issues";
const KEY: &str = include_str!("../../../../testdata/github/app.pem");
const PUBLIC_KEY: &str = include_str!("../../../../testdata/github/app.pub.pem");

/// A text in the alphabet of JSON web tokens.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let byte = |index: usize| u32::from(chunk.get(index).copied().unwrap_or_default());
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for index in 0..=chunk.len() {
            text.push(char::from(
                LETTERS[(bits >> (18 - 6 * index) & 63) as usize],
            ));
        }
    }
    text
}

/// A token of the App itself.
fn app_token(claims: &Value) -> String {
    let der = {
        let lines = KEY.lines().filter(|line| !line.starts_with("-----"));
        let text: String = lines.collect();
        decoded(&text)
    };
    let key = RsaKeyPair::from_pkcs8(&der).expect("a key");
    let signed = format!(
        "{}.{}",
        base64(br#"{"alg":"RS256","typ":"JWT"}"#),
        base64(claims.to_string().as_bytes())
    );
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(
        &RSA_PKCS1_SHA256,
        &SystemRandom::new(),
        signed.as_bytes(),
        &mut signature,
    )
    .expect("a signature");
    format!("{signed}.{}", base64(&signature))
}

fn decoded(text: &str) -> Vec<u8> {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bytes, mut bits, mut count) = (Vec::new(), 0_u32, 0);
    for letter in text.bytes().filter(|letter| *letter != b'=') {
        let value = LETTERS
            .iter()
            .position(|one| *one == letter)
            .expect("base64");
        bits = bits << 6 | u32::try_from(value).expect("six bits");
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count & 255) as u8);
        }
    }
    bytes
}

#[test]
fn tokens_decide_what_is_allowed() {
    let github = widget();
    github.private_repository("acme", "secret");
    github.token("ghp_none", "bob", &[]);
    github.fine_grained_token("github_pat_x", "carol", &[("issues", "read")]);
    let with = |token: Option<&str>| Client::new(&github.url(), token);
    let secret = "/repos/acme/secret";
    assert_eq!(alice(&github).get("/user").expect(200)["login"], "alice");
    alice(&github).get(secret).expect(200);
    with(None).get(secret).expect(404);
    with(Some("ghp_none")).get(secret).expect(404);
    with(Some("ghp_wrong")).get(secret).expect(401);
    with(None).get("/repos/acme/widget").expect(200);
    with(None).get("/user").expect(401);
    with(None)
        .post(ISSUES, &json!({"title": "One"}))
        .expect(401);
    with(Some("ghp_none"))
        .post(ISSUES, &json!({"title": "One"}))
        .expect(403);
    let refused = with(Some("github_pat_x")).post(ISSUES, &json!({"title": "One"}));
    refused.expect(403);
    assert_eq!(
        refused.header("x-accepted-github-permissions"),
        Some("issues=write")
    );
    let scopes = alice(&github).get("/user");
    assert_eq!(scopes.header("x-oauth-scopes"), Some("repo"));
    github.revoke("ghp_alice");
    alice(&github).get("/user").expect(401);
}

#[test]
fn an_app_gets_tokens_that_expire() {
    let github = widget();
    let permissions = [("issues", "write"), ("metadata", "read")];
    let installation = github.app(77, "helper", PUBLIC_KEY, "acme", &permissions);
    let now = github.now();
    let as_app = |claims: Value| Client::new(&github.url(), Some(&app_token(&claims)));
    let app = as_app(json!({"iss": "77", "iat": now - 60, "exp": now + 500}));
    let found = app.get("/repos/acme/widget/installation").expect(200);
    assert_eq!(found["id"], installation);
    let path = format!("/app/installations/{installation}/access_tokens");
    as_app(json!({"iss": "77", "iat": now, "exp": now - 1}))
        .post(&path, &json!({}))
        .expect(401);
    as_app(json!({"iss": "77", "iat": now, "exp": now + 900}))
        .post(&path, &json!({}))
        .expect(401);
    as_app(json!({"iss": "77", "iat": now + 300, "exp": now + 500}))
        .post(&path, &json!({}))
        .expect(401);
    let forged = app_token(&json!({"iss": "77", "iat": now, "exp": now + 500}));
    let forged = format!("{}AAAA", &forged[..forged.len() - 4]);
    Client::new(&github.url(), Some(&forged))
        .post(&path, &json!({}))
        .expect(401);
    alice(&github).post(&path, &json!({})).expect(401);
    app.post(&path, &json!({"permissions": {"contents": "write"}}))
        .expect(422);
    let made = app
        .post(&path, &json!({"repositories": ["widget"]}))
        .expect(201);
    let token = made["token"].as_str().expect("a token").to_string();
    let bot = Client::new(&github.url(), Some(&token));
    let issue = bot.post(ISSUES, &json!({"title": "One"})).expect(201);
    assert_eq!(issue["user"]["login"], "helper[bot]");
    assert_eq!(issue["user"]["type"], "Bot");
    assert_eq!(issue["performed_via_github_app"]["id"], 77);
    bot.get("/user").expect(403);
    let pull = json!({"title": "One", "head": "topic", "base": "main"});
    bot.post("/repos/acme/widget/pulls", &pull).expect(403);
    github.advance(Duration::from_secs(3601));
    bot.get(ISSUES).expect(401);
}

/// What is left of the hour, which costs nothing to ask.
fn remaining(github: &GitHub) -> u64 {
    let shown = alice(github).get("/rate_limit").expect(200);
    shown["rate"]["remaining"].as_u64().expect("a number")
}

#[test]
fn the_hour_has_its_requests() {
    let github = widget();
    github.limits(true);
    let client = alice(&github);
    client.get(ISSUES).expect(200);
    assert_eq!(remaining(&github), 4999);
    github.exhaust("alice");
    let refused = client.get(ISSUES);
    refused.expect(403);
    assert_eq!(refused.header("x-ratelimit-remaining"), Some("0"));
    let reset: i64 = refused
        .header("x-ratelimit-reset")
        .expect("a time")
        .parse()
        .expect("a number");
    assert!((3500..=3600).contains(&(reset - github.now())));
    github.advance(Duration::from_secs(3601));
    client.get(ISSUES).expect(200);
}

#[test]
fn contents_have_a_limit_of_their_own() {
    let github = widget();
    github.limits(true);
    github.set_limits(|limits| (limits.contents_a_minute, limits.contents_an_hour) = (3, 5));
    let client = alice(&github);
    let create = || client.post(ISSUES, &json!({"title": "One"}));
    for _ in 0..3 {
        create().expect(201);
    }
    let refused = create();
    assert!(
        refused.expect(403)["message"]
            .as_str()
            .is_some_and(|text| text.contains("secondary"))
    );
    assert_eq!(refused.header("retry-after"), Some("60"));
    github.advance(Duration::from_secs(61));
    create().expect(201);
    create().expect(201);
    github.advance(Duration::from_secs(61));
    create().expect(403);
    github.advance(Duration::from_secs(3600));
    create().expect(201);
}
