//! What `[github]` of `.pm.toml` says: what is mirrored, which way, and who is who.

use crate::model::id::ItemKind;

/// Which way changes go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Direction {
    /// Both ways.
    #[default]
    Both,
    /// From the forge into the state.
    Pull,
    /// From the state to the forge.
    Push,
}

/// The rule of a project.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ForgeRule {
    /// Which way.
    pub(crate) direction: Direction,
    /// The kinds of items that become issues.
    pub(crate) kinds: Vec<ItemKind>,
    /// What an issue that was made at the forge becomes: a task or an issue.
    pub(crate) incoming: ItemKind,
    /// Comments go along.
    pub(crate) comments: bool,
    /// The logins of actors: actor, login.
    pub(crate) logins: Vec<(String, String)>,
}

impl Default for ForgeRule {
    fn default() -> ForgeRule {
        ForgeRule {
            direction: Direction::Both,
            kinds: vec![ItemKind::Epic, ItemKind::Task, ItemKind::Issue],
            incoming: ItemKind::Issue,
            comments: true,
            logins: Vec::new(),
        }
    }
}

impl ForgeRule {
    /// Reads the table.
    pub(super) fn read(item: &toml_edit::Item) -> Result<ForgeRule, String> {
        let mut rule = ForgeRule::default();
        let table = item.as_table_like().ok_or("`github` must be a table")?;
        let kind = |item: &toml_edit::Item| item.as_str().and_then(ItemKind::parse);
        for (key, item) in table.iter() {
            match key {
                "direction" => {
                    rule.direction = match item.as_str() {
                        Some("both") => Direction::Both,
                        Some("pull") => Direction::Pull,
                        Some("push") => Direction::Push,
                        _ => return Err("`github.direction` must be both, pull or push".into()),
                    }
                }
                "kinds" => {
                    let wrong = "`github.kinds` must be a list of epic, task and issue";
                    let list = item.as_array().ok_or(wrong)?.iter();
                    let list = list.map(|one| one.as_str().and_then(ItemKind::parse));
                    let list: Option<Vec<ItemKind>> = list.collect();
                    let list = list.filter(|list| !list.contains(&ItemKind::Prd));
                    rule.kinds = list.ok_or(wrong)?;
                }
                "incoming" => {
                    let known = [ItemKind::Task, ItemKind::Issue];
                    let kind = kind(item).filter(|kind| known.contains(kind));
                    rule.incoming = kind.ok_or("`github.incoming` must be task or issue")?;
                }
                "comments" => {
                    let wrong = "`github.comments` must be true or false";
                    rule.comments = item.as_bool().ok_or(wrong)?;
                }
                "logins" => {
                    let wrong = "`github.logins` must be a table of ACTOR = \"LOGIN\"";
                    for (actor, login) in item.as_table_like().ok_or(wrong)?.iter() {
                        let login = login.as_str().ok_or(wrong)?.trim_start_matches('@');
                        rule.logins.push((actor.into(), login.into()));
                    }
                }
                other => {
                    return Err(format!(
                        "unknown key `github.{}`: valid keys are direction, kinds, incoming, comments \
                         and logins",
                        crate::model::text::one_line(other)
                    ));
                }
            }
        }
        Ok(rule)
    }

    /// The login of an actor.
    pub(crate) fn login_of(&self, actor: &str) -> Option<&str> {
        let found = self
            .logins
            .iter()
            .find(|(name, _)| crate::model::text::is_same_name(name, actor));
        found.map(|(_, login)| login.as_str())
    }

    /// The actor with a login: the login itself, if the table names none.
    pub(crate) fn actor_of<'r>(&'r self, login: &'r str) -> &'r str {
        let mut logins = self.logins.iter();
        let found = logins.find(|(_, name)| name.eq_ignore_ascii_case(login));
        found.map_or(login, |(actor, _)| actor)
    }
}
