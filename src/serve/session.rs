//! Signing in to the page: a token, or the code given to the user who started the server, is
//! exchanged for a cookie that pages of other origins cannot use and scripts cannot read.

use std::time::Instant;

use super::access::cookie_name;
use super::request::{Answer, Call, Scope};
use super::route::{Needs, Returns, Route};
use crate::error::{Error, Result};

/// The lifetime of the cookie, in seconds: 30 days.
const COOKIE_LIVES: u32 = 30 * 24 * 60 * 60;

/// The maximum size of a form, in bytes.
const FORM_MAX: usize = 4 << 10;

/// The routes.
pub(super) fn routes() -> Vec<Route> {
    let form = |path, about, handler| {
        let route = Route::post(path, about, None, Returns::Other("text/html"), handler);
        Route {
            body_max: FORM_MAX,
            ..route.needing(Needs::Nothing)
        }
    };
    vec![
        Route::get(
            "/sign-in/{code}",
            "Sign in the user who started the server",
            &[],
            Returns::Other("text/html"),
            |call| {
                let value = call.shared.sign_in(call.part("code"), Instant::now())?;
                Ok(signed_in(call, &value))
            },
        )
        .needing(Needs::Nothing),
        form("/sign-in", "Sign in with a token", sign_in),
        form("/sign-out", "Sign out", |call| {
            if let Some(value) = call.cookie.as_deref() {
                call.shared.sign_out(value);
            }
            Ok(Answer::See {
                path: "/".into(),
                cookie: Some(cookie(call, "", 0)),
            })
        }),
    ]
}

fn sign_in(call: &Call) -> Result<Answer> {
    let form = call.form()?;
    let value = form.iter().find(|(key, _)| key == "key");
    let value = value.map_or("", |(_, value)| value.trim());
    match call.shared.tokens.find(value)? {
        Some(_) => Ok(signed_in(call, value)),
        None => Err(Error::refused("this is not a valid token")
            .because("http.unauthorized")
            .hint(format!(
                "`git pm serve token add NAME --scope {}` creates one",
                Scope::Write.as_str()
            ))),
    }
}

fn signed_in(call: &Call, value: &str) -> Answer {
    Answer::See {
        path: "/".into(),
        cookie: Some(cookie(call, value, COOKIE_LIVES)),
    }
}

fn cookie(call: &Call, value: &str, seconds: u32) -> String {
    let secure = if call.shared.tls { "; Secure" } else { "" };
    let name = cookie_name(&call.shared);
    format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}")
}
