//! Lanes of work that can be done in parallel.

use std::collections::HashMap;

use serde::Serialize;

use super::ItemLine;
use crate::error::Result;
use crate::model::uid::Uid;
use crate::pm::handles::Insights;

/// An item of a track.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TrackItem {
    /// The item.
    #[serde(flatten)]
    pub item: ItemLine,
    /// True if it can be started now.
    pub ready: bool,
    /// The ids of the items that become ready when it is closed.
    pub unblocks: Vec<String>,
}

/// A track: no item in it waits for an item in another track.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Track {
    /// Its number, from 1.
    pub track_id: usize,
    /// The reason why its items belong together.
    pub reason: String,
    /// The number of its items that can be started now.
    pub actionable: usize,
    /// Its items in the order in which they can be done.
    pub items: Vec<TrackItem>,
}

/// The ready item that frees the most others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Highlight {
    /// Its id; null when nothing is ready.
    pub highest_impact: Option<String>,
    /// The explanation.
    pub impact_reason: Option<String>,
    /// The number of items it frees.
    pub unblocks_count: usize,
}

/// All open work, divided into tracks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TracksView {
    /// The lanes, the one with the best ready item first, those with nothing ready last.
    pub tracks: Vec<Track>,
    /// The number of lanes, including those that are not listed.
    pub total_tracks: usize,
    /// The number of items that can be started now.
    pub total_actionable: usize,
    /// The number of items that wait or were stopped.
    pub total_blocked: usize,
    /// The ready item that frees the most others.
    pub summary: Highlight,
    /// True if the numbers of freed items are estimates: the graph has more cycles or
    /// `any-children` gates than the budget covers.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub partial: bool,
}

impl Insights<'_> {
    /// The open tasks and issues in independent tracks, at most `limit` of them: one person per
    /// track can work without waiting for the others. Two items are in one track if one has to wait
    /// for the other, directly or through an ancestor.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn tracks(&self, limit: Option<usize>) -> Result<TracksView> {
        let state = self.pm.store.snapshot()?;
        let survey = self.pm.survey(&state);
        let ready = survey.graph.ready();
        let place = |uids: &[Uid]| -> HashMap<String, usize> {
            let all = uids.iter().enumerate();
            all.map(|(n, uid)| (uid.to_string(), n)).collect()
        };
        let (rank, turn) = (place(&ready), place(&survey.graph.order()));
        let mut lanes = survey.graph.lanes();
        let total_tracks = lanes.len();
        let best = |lane: &Vec<Uid>| {
            let ranks = lane.iter().filter_map(|uid| rank.get(uid.as_str()));
            ranks.min().copied().unwrap_or(usize::MAX)
        };
        lanes.sort_by_cached_key(best);
        let frees = survey.graph.unblocks();
        let highest = ready
            .iter()
            .enumerate()
            .map(|(n, uid)| (survey.graph.unblocked_count(&frees, uid), n, uid))
            .max_by_key(|(count, n, _)| (*count, std::cmp::Reverse(*n)));
        let tracks = lanes.into_iter().take(limit.unwrap_or(usize::MAX));
        let tracks = tracks.enumerate().map(|(n, mut lane)| {
            lane.sort_by_key(|uid| turn.get(uid.as_str()).copied());
            let item = |uid: &Uid| TrackItem {
                item: survey.line(survey.by_uid[uid.as_str()]),
                ready: rank.contains_key(uid.as_str()),
                unblocks: survey.ids(&survey.graph.unblocked(&frees, uid)),
            };
            let items: Vec<TrackItem> = lane.iter().map(item).collect();
            Track {
                track_id: n + 1,
                reason: match items.len() {
                    1 => "has no open dependencies or dependents".into(),
                    n => format!("{n} items connected by dependencies"),
                },
                actionable: items.iter().filter(|item| item.ready).count(),
                items,
            }
        });
        Ok(TracksView {
            tracks: tracks.collect(),
            total_tracks,
            total_actionable: ready.len(),
            total_blocked: survey.graph.blocked().len(),
            summary: Highlight {
                highest_impact: highest.map(|(_, _, uid)| survey.id(uid)),
                impact_reason: highest.map(|(count, _, _)| match count {
                    0 => "no other item waits only for it; it is the best ready item".into(),
                    n => format!("closing it unblocks {n} other items"),
                }),
                unblocks_count: highest.map_or(0, |(count, ..)| count),
            },
            partial: frees.partial,
        })
    }
}
