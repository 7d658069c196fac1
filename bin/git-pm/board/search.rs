//! The search for items, and in the command palette also for actions, by some of their letters.

use super::fuzzy::score;
use super::state::{Hit, Mode, Model};
use super::text_field::Input;
use super::{key_help, limits};

impl Model {
    /// Recomputes the hits of an open search, which are positions on the current board.
    pub fn find_again(&mut self) {
        if let Mode::Jump {
            is_palette,
            input,
            at,
            ..
        } = &self.mode
        {
            let (is_palette, input, at) = (*is_palette, input.clone(), *at);
            self.mode = self.search(is_palette, input, at);
        }
    }

    /// A search for what has these letters: items, and in the palette also actions, best first.
    pub fn search(&self, is_palette: bool, input: Input, at: usize) -> Mode {
        let pattern = input.text();
        let actions = match is_palette {
            true => key_help::commands(self),
            false => Vec::new(),
        };
        let items = self.places().map(Hit::Item);
        let hits = actions.into_iter().chain(items).enumerate();
        let mut hits: Vec<(usize, usize, Hit)> = hits
            .filter_map(|(n, hit)| {
                let cost = match &hit {
                    Hit::Item(place) => {
                        let card = self.card_at(*place)?;
                        let title = score(pattern, &card.title).map(|cost| cost + 1);
                        score(pattern, &card.id).into_iter().chain(title).min()
                    }
                    // Some letters of an action are in nearly every word.
                    _ => {
                        let text = self.hit_text(&hit).to_lowercase();
                        let mut words = pattern.split_whitespace();
                        let is_it = words.all(|word| text.contains(&word.to_lowercase()));
                        is_it.then(|| score(pattern, &text)).flatten()
                    }
                };
                Some((cost?, n, hit))
            })
            .collect();
        hits.sort_by_key(|(cost, n, _)| (*cost, *n));
        hits.truncate(limits::JUMP_HITS_MAX);
        let hits: Vec<Hit> = hits.into_iter().map(|(_, _, hit)| hit).collect();
        let at = at.min(hits.len().saturating_sub(1));
        Mode::Jump {
            is_palette,
            input,
            hits,
            at,
        }
    }

    /// A hit in words.
    pub fn hit_text(&self, hit: &Hit) -> String {
        match hit {
            Hit::Key(key, about) => format!("{about} ({key})"),
            Hit::Verb(verb, target) => format!("{}: {}", target.id, verb.name()),
            Hit::Item(place) => match self.card_at(*place) {
                Some(card) => format!("{} {}", card.id, card.title),
                None => String::new(),
            },
        }
    }
}
