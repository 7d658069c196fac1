//! Renders the tokens of `git pm serve`.

use git_pm::server::{NewToken, TokenView};

use super::page::Page;
use super::style::Label;

/// A new token: its value alone in the last line.
pub fn new_token(page: &mut Page, made: &NewToken) {
    let view = &made.view;
    let who = if view.agent { "the agent " } else { "" };
    let scope = view.scope.as_str();
    page.text("Token for ")
        .text(who)
        .put(Label::Actor, &view.name)
        .line(format!(" to {scope}; it is not shown again:"));
    page.line(&made.token);
}

/// Tokens as a table.
pub fn tokens(page: &mut Page, all: &[TokenView]) {
    page.list("No tokens.", 0, all, |page, view| {
        [
            Label::Actor.of(&view.name),
            Label::Text.of(view.scope.as_str()),
            Label::Dim.of(if view.agent { "agent" } else { "" }),
            Label::Dim.of(page.when(&view.created)),
        ]
    });
    if all.is_empty() {
        page.next(&["git pm serve token add NAME"]);
    }
}

/// A revoked token.
pub fn removed(page: &mut Page, view: &TokenView) {
    page.text("Revoked the token of ")
        .put(Label::Actor, &view.name)
        .end();
}
