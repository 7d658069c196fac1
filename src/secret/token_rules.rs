//! Which keys and tokens are recognized: the table of rules.
//!
//! Most rules consist of the prefix of a secret, and the number and kind of the characters after it.
//! A few have a function instead.
//!
//! One pass finds the prefixes of all rules. Texts are untrusted, so the part checked around a
//! prefix is bounded, or ends at the next prefix of the rule: a scan takes linear time.

use std::ops::Range;
use std::sync::LazyLock;

use super::Hit;
use super::entropy::bits_per_char;
use super::placeholders::is_placeholder;
use crate::model::uid::is_hex as hex;

/// The form of one kind of secret.
#[derive(Clone, Copy)]
pub struct Rule {
    /// The stable name, kebab-case.
    pub id: &'static str,
    /// The kind of secret, for users.
    pub title: &'static str,
    /// The source that describes its form.
    #[allow(dead_code, reason = "for readers of the table and its test")]
    pub source: &'static str,
    pub(super) shape: Shape,
}

/// The form by which a secret is recognized.
#[derive(Clone, Copy)]
pub(super) enum Shape {
    /// One of these prefixes, then a number of characters of a kind.
    Token {
        begins: &'static [&'static str],
        kind: fn(u8) -> bool,
        min: usize,
        max: usize,
    },
    /// A function that returns the start and end of a secret from the position of an anchor.
    Special {
        anchor: &'static str,
        find: fn(&str, usize) -> Option<(usize, usize)>,
    },
    /// Found by another module.
    Elsewhere,
}

fn alnum(b: u8) -> bool {
    b.is_ascii_alphanumeric()
}
fn word(b: u8) -> bool {
    alnum(b) || b == b'_'
}
fn url_safe(b: u8) -> bool {
    word(b) || b == b'-'
}
fn dotted(b: u8) -> bool {
    url_safe(b) || b == b'.'
}
fn path(b: u8) -> bool {
    url_safe(b) || b == b'/'
}
fn base64(b: u8) -> bool {
    alnum(b) || matches!(b, b'+' | b'/' | b'=')
}
fn upper(b: u8) -> bool {
    b.is_ascii_uppercase() || b.is_ascii_digit()
}

const fn token(
    id: &'static str,
    title: &'static str,
    source: &'static str,
    begins: &'static [&'static str],
    kind: fn(u8) -> bool,
    min: usize,
    max: usize,
) -> Rule {
    Rule {
        id,
        title,
        source,
        shape: Shape::Token {
            begins,
            kind,
            min,
            max,
        },
    }
}

/// The rules for secrets with a recognizable form.
#[rustfmt::skip]
pub const RULES: &[Rule] = &[
    token("github-token", "a GitHub token", "https://github.blog/2021-04-05-behind-githubs-new-authentication-token-formats/",
        &["ghp_", "gho_", "ghu_", "ghs_", "ghr_"], alnum, 36, 255),
    token("github-pat", "a GitHub fine-grained token", "https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/about-authentication-to-github",
        &["github_pat_"], word, 60, 255),
    token("gitlab-token", "a GitLab token", "https://docs.gitlab.com/security/tokens/#token-prefixes",
        &["glpat-", "gldt-", "glrt-", "glcbt-", "glptt-", "glft-", "glsoat-", "glagent-"], dotted, 20, 300),
    token("bitbucket-token", "an Atlassian or Bitbucket token", "https://support.atlassian.com/bitbucket-cloud/docs/api-tokens/",
        &["ATATT3", "ATCTT3", "ATBB"], |b| dotted(b) || b == b'=', 28, 300),
    token("aws-access-key", "an AWS access key", "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids",
        &["AKIA", "ASIA"], upper, 16, 16),
    token("google-api-key", "a Google API key", "https://cloud.google.com/docs/authentication/api-keys",
        &["AIza"], url_safe, 35, 35),
    token("google-oauth-secret", "a Google OAuth client secret", "https://developers.google.com/identity/protocols/oauth2",
        &["GOCSPX-"], url_safe, 28, 28),
    token("azure-storage-key", "an Azure storage key", "https://learn.microsoft.com/en-us/azure/storage/common/storage-configure-connection-string",
        &["AccountKey="], base64, 86, 90),
    token("anthropic-key", "an Anthropic API key", "https://docs.anthropic.com/en/api/overview",
        &["sk-ant-"], url_safe, 40, 200),
    token("openai-key", "an OpenAI API key", "https://platform.openai.com/docs/api-reference/authentication",
        &["sk-proj-", "sk-svcacct-", "sk-admin-"], url_safe, 40, 300),
    Rule { id: "openai-legacy-key", title: "an OpenAI API key", source: "https://platform.openai.com/docs/api-reference/authentication",
        shape: Shape::Special { anchor: "T3BlbkFJ", find: openai_legacy } },
    token("huggingface-token", "a Hugging Face token", "https://huggingface.co/docs/hub/security-tokens",
        &["hf_"], alnum, 34, 40),
    token("slack-token", "a Slack token", "https://api.slack.com/authentication/token-types",
        &["xoxb-", "xoxp-", "xoxa-", "xoxr-", "xoxs-", "xoxe-", "xoxe.xoxp-", "xapp-"], url_safe, 24, 300),
    token("slack-webhook", "a Slack webhook", "https://api.slack.com/messaging/webhooks",
        &["hooks.slack.com/services/T", "hooks.slack.com/workflows/T"], path, 30, 120),
    token("discord-webhook", "a Discord webhook", "https://discord.com/developers/docs/resources/webhook",
        &["discord.com/api/webhooks/", "discordapp.com/api/webhooks/"], path, 80, 120),
    Rule { id: "telegram-bot-token", title: "a Telegram bot token", source: "https://core.telegram.org/bots/api#authorizing-your-bot",
        shape: Shape::Special { anchor: ":AA", find: telegram } },
    token("stripe-key", "a Stripe live key", "https://docs.stripe.com/keys",
        &["sk_live_", "rk_live_"], alnum, 24, 260),
    token("stripe-webhook-secret", "a Stripe webhook secret", "https://docs.stripe.com/webhooks/signature",
        &["whsec_"], base64, 32, 64),
    token("square-token", "a Square token", "https://developer.squareup.com/docs/build-basics/access-tokens",
        &["sq0atp-", "sq0csp-"], url_safe, 22, 43),
    token("shopify-token", "a Shopify token", "https://shopify.dev/docs/apps/build/authentication-authorization",
        &["shpat_", "shpca_", "shppa_", "shpss_"], |b| hex(b) || b.is_ascii_uppercase(), 32, 32),
    token("npm-token", "an npm token", "https://github.blog/changelog/2021-09-23-npm-has-a-new-access-token-format/",
        &["npm_"], alnum, 36, 36),
    token("pypi-token", "a PyPI token", "https://docs.pypi.org/api/secrets/",
        &["pypi-AgEIcHlwaS5vcmc", "pypi-AgENdGVzdC5weXBpLm9yZw"], url_safe, 50, 300),
    token("crates-io-token", "a crates.io token", "https://github.com/rust-lang/crates.io/blob/main/crates/crates_io_database/src/models/token.rs",
        &["cio"], alnum, 32, 32),
    token("docker-token", "a Docker Hub token", "https://docs.docker.com/security/access-tokens/",
        &["dckr_pat_", "dckr_oat_"], url_safe, 27, 40),
    token("sendgrid-key", "a SendGrid key", "https://www.twilio.com/docs/sendgrid/ui/account-and-settings/api-keys",
        &["SG."], dotted, 66, 66),
    token("twilio-key", "a Twilio API key", "https://www.twilio.com/docs/iam/api-keys",
        &["SK"], hex, 32, 32),
    token("mailgun-key", "a Mailgun key", "https://documentation.mailgun.com/docs/mailgun/user-manual/api-key-mgmt",
        &["key-"], hex, 32, 32),
    token("digitalocean-token", "a DigitalOcean token", "https://docs.digitalocean.com/reference/api/create-personal-access-token/",
        &["dop_v1_", "doo_v1_", "dor_v1_"], hex, 64, 64),
    token("heroku-key", "a Heroku key", "https://devcenter.heroku.com/articles/authentication",
        &["HRKU-"], url_safe, 36, 80),
    token("databricks-token", "a Databricks token", "https://docs.databricks.com/aws/en/dev-tools/auth/pat",
        &["dapi"], hex, 32, 34),
    token("vault-token", "a HashiCorp Vault token", "https://developer.hashicorp.com/vault/docs/concepts/tokens#token-prefixes",
        &["hvs.", "hvb.", "hvr."], url_safe, 24, 300),
    Rule { id: "terraform-token", title: "a Terraform Cloud token", source: "https://developer.hashicorp.com/terraform/cloud-docs/users-teams-organizations/api-tokens",
        shape: Shape::Special { anchor: ".atlasv1.", find: terraform } },
    token("doppler-token", "a Doppler token", "https://docs.doppler.com/docs/service-tokens",
        &["dp.pt.", "dp.st.", "dp.sa.", "dp.ct."], dotted, 40, 80),
    token("linear-key", "a Linear key", "https://linear.app/developers/graphql",
        &["lin_api_", "lin_oauth_"], alnum, 32, 80),
    token("postman-key", "a Postman key", "https://learning.postman.com/docs/developer/postman-api/authentication/",
        &["PMAK-"], url_safe, 59, 59),
    token("newrelic-key", "a New Relic key", "https://docs.newrelic.com/docs/apis/intro-apis/new-relic-api-keys/",
        &["NRAK-"], upper, 27, 27),
    token("grafana-token", "a Grafana token", "https://grafana.com/docs/grafana/latest/administration/service-accounts/",
        &["glsa_", "glc_"], |b| word(b) || b == b'=', 32, 400),
    token("age-key", "an age secret key", "https://github.com/FiloSottile/age",
        &["AGE-SECRET-KEY-1"], upper, 58, 58),
    Rule { id: "private-key", title: "a private key", source: "RFC 7468; openssh PROTOCOL.key; RFC 9580 section 6.2",
        shape: Shape::Special { anchor: "-----BEGIN ", find: private_key } },
    Rule { id: "jwt", title: "a JSON Web Token", source: "RFC 7519",
        shape: Shape::Special { anchor: "eyJ", find: jwt } },
    Rule { id: "connection-string", title: "a URL with a password", source: "RFC 3986 section 3.2.1",
        shape: Shape::Special { anchor: "://", find: connection_string } },
    Rule { id: "authorization-header", title: "an authorization header", source: "RFC 9110 section 11.6.2",
        shape: Shape::Special { anchor: "uthorization:", find: authorization } },
];

/// A prefix or anchor, and its rule.
type Begin = (&'static str, &'static Rule);

/// The prefixes of all rules by their first bytes, and a table of their first two bytes. An
/// automaton would be as fast, but most writes have one short text, and building it would take
/// longer than the rest of the write.
static BEGINS: LazyLock<(Vec<Vec<Begin>>, Vec<bool>)> = LazyLock::new(|| {
    let mut begins = vec![Vec::new(); 256];
    let mut pairs = vec![false; 256 * 256];
    for rule in RULES {
        let words = match &rule.shape {
            Shape::Token { begins, .. } => *begins,
            Shape::Special { anchor, .. } => std::slice::from_ref(anchor),
            Shape::Elsewhere => &[],
        };
        for word in words {
            let bytes = word.as_bytes();
            begins[usize::from(bytes[0])].push((*word, rule));
            pairs[pair(bytes[0], bytes[1])] = true;
        }
    }
    (begins, pairs)
});

fn pair(first: u8, second: u8) -> usize {
    usize::from(first) * 256 + usize::from(second)
}

/// Adds the secrets that the rules find.
pub(super) fn find(text: &str, hits: &mut Vec<Hit>) {
    let (begins, pairs) = &*BEGINS;
    for (at, two) in text.as_bytes().windows(2).enumerate() {
        if !pairs[pair(two[0], two[1])] {
            continue;
        }
        for (word, rule) in &begins[usize::from(two[0])] {
            if !text.as_bytes()[at..].starts_with(word.as_bytes()) {
                continue;
            }
            let place = match rule.shape {
                Shape::Token { kind, min, max, .. } => {
                    let begin = at..at + word.len();
                    token_end(text, &begin, kind, min, max).map(|end| (at, end))
                }
                Shape::Special { find, .. } => find(text, at),
                Shape::Elsewhere => None,
            };
            hits.extend(place.map(|(start, end)| Hit {
                rule: rule.id,
                title: rule.title,
                start,
                end,
            }));
        }
    }
}

/// The end of a token with this prefix, if it is a separate word, long enough and looks random.
fn token_end(
    text: &str,
    begin: &Range<usize>,
    kind: fn(u8) -> bool,
    min: usize,
    max: usize,
) -> Option<usize> {
    let bytes = text.as_bytes();
    let Range { start, end: body } = *begin;
    // A longer word that happens to contain the prefix does not count. A host name in a URL may
    // follow any character.
    if start > 0 && word(bytes[start - 1]) && !text[begin.clone()].contains('/') {
        return None;
    }
    let length = run(&bytes[..bytes.len().min(body + max + 1)], body, kind);
    let value = text.get(body..body + length)?;
    let random = length >= min && length <= max && bits_per_char(value) >= 2.5;
    (random && !is_placeholder(value)).then_some(body + length)
}

/// The number of consecutive bytes of a kind from `at` on.
fn run(bytes: &[u8], at: usize, kind: fn(u8) -> bool) -> usize {
    bytes[at..].iter().take_while(|b| kind(**b)).count()
}

/// The number of consecutive bytes of a kind before `at`.
fn run_before(bytes: &[u8], at: usize, kind: fn(u8) -> bool) -> usize {
    bytes[..at].iter().rev().take_while(|b| kind(**b)).count()
}

fn openai_legacy(text: &str, at: usize) -> Option<(usize, usize)> {
    const MAX: usize = 300;
    let bytes = text.as_bytes();
    let from = at.saturating_sub(MAX);
    let start = at - run_before(&bytes[from..], at - from, url_safe);
    let end = at + run(&bytes[..bytes.len().min(at + MAX)], at, url_safe);
    let whole = text.get(start..end)?;
    (whole.starts_with("sk-") && whole.len() >= 40).then_some((start, end))
}

fn telegram(text: &str, at: usize) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let digits = run_before(bytes, at, |b| b.is_ascii_digit());
    let after = run(bytes, at + 1, url_safe);
    let fits = (8..=10).contains(&digits) && after == 35;
    let value = text.get(at + 1..at + 1 + after)?;
    (fits && !is_placeholder(value)).then_some((at - digits, at + 1 + after))
}

fn terraform(text: &str, at: usize) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let before = run_before(bytes, at, alnum);
    let from = at + ".atlasv1.".len();
    let after = run(bytes, from, url_safe);
    (before == 14 && after >= 60).then_some((at - before, from + after))
}

fn private_key(text: &str, at: usize) -> Option<(usize, usize)> {
    let label = &text[at + "-----BEGIN ".len()..];
    let head = label.find("-----")?;
    let name = label.get(..head)?;
    if name.len() > 40 || !(name.ends_with("PRIVATE KEY") || name.ends_with("PRIVATE KEY BLOCK")) {
        return None;
    }
    let rest = &label[head + 5..];
    let closing = format!("-----END {name}-----");
    let body = &rest[..rest.find("-----").unwrap_or(rest.len())];
    let closed = rest[body.len()..].starts_with(&closing);
    let length = body.len() + if closed { closing.len() } else { 0 };
    // A text about keys, or an elided key, is not a key.
    let letters = body.bytes().filter(|b| base64(*b)).count();
    let start = at;
    let end = at + "-----BEGIN ".len() + head + 5 + length;
    (letters >= 64 && !is_placeholder(body)).then_some((start, end))
}

fn jwt(text: &str, at: usize) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    if at > 0 && dotted(bytes[at - 1]) {
        return None;
    }
    let end = at + run(bytes, at, dotted);
    let whole = text.get(at..end)?.trim_end_matches('.');
    let parts: Vec<&str> = whole.split('.').collect();
    let [head, body, signature] = parts[..] else {
        return None;
    };
    let fits = head.len() >= 16 && body.starts_with("eyJ") && signature.len() >= 20;
    (fits && bits_per_char(signature) >= 3.0).then_some((at, at + whole.len()))
}

/// Finds the password in `scheme://user:password@host`.
fn connection_string(text: &str, at: usize) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let scheme = run_before(bytes, at, |b| alnum(b) || matches!(b, b'+' | b'-' | b'.'));
    if scheme == 0 {
        return None;
    }
    let rest = &text[at + 3..];
    let end = rest
        .find(|c: char| c.is_whitespace() || matches!(c, '/' | '"' | '\'' | '`' | '>' | '<' | '?'))
        .unwrap_or(rest.len());
    let authority = &rest[..end];
    let (userinfo, host) = authority.rsplit_once('@')?;
    let (_, password) = userinfo.split_once(':')?;
    let empty_host =
        host.is_empty() || !host.starts_with(|c: char| c.is_alphanumeric() || c == '[');
    let generic = ["password", "pass", "pwd", "secret", "user", "token"];
    let is_generic = generic.contains(&password.to_ascii_lowercase().as_str());
    if empty_host || password.len() < 4 || is_generic || is_placeholder(password) {
        return None;
    }
    let start = at + 3 + (userinfo.len() - password.len());
    Some((start, start + password.len()))
}

/// Finds the credential in `Authorization: Bearer …` and `Basic …`.
fn authorization(text: &str, at: usize) -> Option<(usize, usize)> {
    let blank = |c: char| matches!(c, ' ' | '\t');
    let after = text[at + "uthorization:".len()..].trim_start_matches(blank);
    let known = |scheme: &&str| {
        let word = after.get(..scheme.len());
        word.is_some_and(|word| word.eq_ignore_ascii_case(scheme))
    };
    let scheme = ["bearer", "basic", "token"].into_iter().find(known)?;
    let rest = &after[scheme.len()..];
    let value = rest.trim_start_matches(blank);
    let start = text.len() - value.len();
    let end = value.find(char::is_whitespace).unwrap_or(value.len());
    let value = value[..end].trim_end_matches(['"', '\'', '`', ',']);
    let fits = value.len() >= 16 && bits_per_char(value) >= 3.0 && !is_placeholder(value);
    (rest.starts_with(blank) && fits).then_some((start, start + value.len()))
}
