//! What `[github]` of `.pm.toml` says: what is mirrored, which way, and who is who.

use toml_edit::Item;

use super::table_values::{Values, texts};
use crate::model::id::ItemKind;
use crate::model::vocabulary::terms;

terms! {
    /// Which way changes go.
    Direction in "direction" {
        /// Both ways.
        Both = "both",
        /// From the forge into the state.
        Pull = "pull",
        /// From the state to the forge.
        Push = "push",
    }
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
    pub(super) fn read(item: &Item) -> Result<ForgeRule, String> {
        let table = item.as_table_like().ok_or("`github` must be a table")?;
        let keys = ["direction", "kinds", "incoming", "comments", "logins"];
        let values = Values::of(table, ("github.", ""), &keys)?;
        let default = ForgeRule::default();
        let direction = |item: &Item| Direction::parse(item.as_str()?);
        let kinds = |item: &Item| {
            let kinds = texts(item)?.into_iter();
            let kinds: Option<Vec<ItemKind>> = kinds.map(|one| ItemKind::parse(&one)).collect();
            kinds.filter(|kinds| !kinds.contains(&ItemKind::Prd))
        };
        let incoming = |item: &Item| {
            let kind = ItemKind::parse(item.as_str()?);
            kind.filter(|kind| [ItemKind::Task, ItemKind::Issue].contains(kind))
        };
        let logins = |item: &Item| -> Option<Vec<(String, String)>> {
            let pairs = item.as_table_like()?.iter();
            let pairs = pairs.map(|(actor, login)| {
                let login = login.as_str()?.trim_start_matches('@');
                Some((actor.to_string(), login.to_string()))
            });
            pairs.collect()
        };
        let direction = values.get("direction", "both, pull or push", direction)?;
        let kinds = values.get("kinds", "a list of epic, task and issue", kinds)?;
        let incoming = values.get("incoming", "task or issue", incoming)?;
        let logins = values.get("logins", "a table of ACTOR = \"LOGIN\"", logins)?;
        Ok(ForgeRule {
            direction: direction.unwrap_or(default.direction),
            kinds: kinds.unwrap_or(default.kinds),
            incoming: incoming.unwrap_or(default.incoming),
            comments: values.flag("comments")?.unwrap_or(default.comments),
            logins: logins.unwrap_or_default(),
        })
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
