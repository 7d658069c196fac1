//! News over HTTP, by one request each.

use std::time::Duration;

use super::Failure;
use super::rules::Rule;
use crate::model::web_address;
use crate::net;
use crate::pm::Pm;

/// The time for a connection, and for a request with its answer.
const CONNECT_TIME: Duration = Duration::from_secs(10);
const REQUEST_TIME: Duration = Duration::from_secs(20);

/// How long a server is left alone that does not say for how long, and at most, in seconds.
const WAIT: f64 = 60.0;
const WAIT_MAX: f64 = 3_600.0;

/// Sends a body to the address of a rule. What the server answers is not shown, as it may repeat the
/// address.
pub(super) fn post(
    pm: &Pm,
    rule: &Rule,
    body: String,
    (name, value): (&str, &str),
) -> Result<(), Failure> {
    let Some((scheme, host)) = web_address::parts(&rule.address) else {
        return Err("the address is not valid".to_string().into());
    };
    let fail = |why: String| Failure::from(format!("{host} could not be reached: {why}"));
    if pm.options.offline {
        return Err(fail("git pm is offline".into()));
    }
    let (server, vars) = (format!("{scheme}://{host}"), &pm.store.env().vars);
    let (client, runtime) = net::client(&server, vars, CONNECT_TIME).map_err(fail)?;
    let request = client.post(&rule.address).header(name, value);
    let request = request.timeout(REQUEST_TIME).body(body);
    let sent = runtime.block_on(async { request.send().await });
    let answer = sent.map_err(|error| fail(net::cause(&error.without_url())))?;
    let status = answer.status().as_u16();
    if answer.status().is_success() {
        return Ok(());
    }
    let wait = (status == 429).then(|| {
        let asked = answer.headers().get("retry-after");
        let asked = asked.and_then(|text| text.to_str().ok()?.trim().parse::<f64>().ok());
        let asked = asked.filter(|seconds| seconds.is_finite());
        (asked.unwrap_or(WAIT).clamp(1.0, WAIT_MAX) * 1_000.0) as u64
    });
    Err(Failure {
        reason: format!("{host} answered with status {status}"),
        wait_ms: wait,
    })
}
