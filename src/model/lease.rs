//! How long a lease is, when it is renewed, and when a claim may be taken over.
//!
//! The last sign of life of a holder follows from it. `pm.agentLease` is read in `work/task/start`.
//! Only the end of a lease is stored: its end minus its length is the last sign. All commands use
//! these functions, so that they agree.

use super::item::Claim;
use super::settings::{
    AGENT_LEASE_MS, AGENT_SILENT_MS, GRACE_MS, HUMAN_LEASE_MS, LEASE_RENEWED_AFTER,
    LEASE_SHARED_AFTER,
};
use super::stamp::{span, span_left};

/// The length of a lease after a sign of life of its holder, in milliseconds.
pub fn length(agent: bool) -> u64 {
    match agent {
        true => AGENT_LEASE_MS,
        false => HUMAN_LEASE_MS,
    }
}

impl Claim {
    /// The length of its lease after a sign of life of its holder, in milliseconds.
    pub fn length(&self) -> u64 {
        self.length_ms
    }

    /// The last sign of life of its holder, in milliseconds since the Unix epoch. `None` if the
    /// requested lease was longer than usual, since the sign cannot be derived from it.
    pub fn last_sign(&self, now_ms: u64) -> Option<u64> {
        let sign = self.lease_ms.saturating_sub(self.length());
        (sign <= now_ms.saturating_add(GRACE_MS)).then(|| sign.min(now_ms))
    }

    /// The last sign of life of its holder as a text: `last active 12m ago`.
    pub fn last_activity_text(&self, now_ms: u64) -> String {
        let silence = self.last_sign(now_ms).map(|sign| now_ms - sign);
        match silence {
            Some(silence) if silence < 1_000 => "last active just now".into(),
            Some(silence) => format!("last active {} ago", span(silence)),
            None => format!(
                "lease for {}",
                span_left(self.lease_ms.saturating_sub(now_ms))
            ),
        }
    }

    /// True if a sign of life now has to be recorded.
    pub fn is_to_be_renewed(&self, now_ms: u64) -> bool {
        self.silence(now_ms) > self.length() / LEASE_RENEWED_AFTER
    }

    /// True if a sign of life now has to be shared; `self` is the claim as others know it.
    pub fn is_to_be_shared(&self, now_ms: u64) -> bool {
        self.silence(now_ms) >= self.length() / LEASE_SHARED_AFTER
    }

    /// True if the lease has ended for others too, so that they may take over.
    pub fn may_be_taken_over(&self, now_ms: u64) -> bool {
        now_ms > self.kept_until()
    }

    /// The time after which others may take over: clocks differ, so that is later than the lease's end.
    pub fn kept_until(&self) -> u64 {
        self.lease_ms.saturating_add(GRACE_MS)
    }

    /// The time until others may take over, if the lease has ended and that time has not come.
    pub fn grace_left(&self, now_ms: u64) -> Option<u64> {
        let is_over = now_ms > self.lease_ms && !self.may_be_taken_over(now_ms);
        is_over.then(|| self.kept_until() - now_ms)
    }

    /// What is said of a lease that has ended: `expired 37s ago, and may be taken over in 1m 23s`.
    pub fn expired_text(&self, now_ms: u64) -> String {
        let over = span(now_ms.saturating_sub(self.lease_ms));
        let Some(left) = self.grace_left(now_ms) else {
            return format!("expired {over} ago");
        };
        let (minutes, seconds) = (left.div_ceil(1_000) / 60, left.div_ceil(1_000) % 60);
        format!("expired {over} ago, and may be taken over in {minutes}m {seconds}s")
    }

    /// True if the holder may be gone: the lease has ended, or an agent is silent.
    pub fn is_stale(&self, now_ms: u64) -> bool {
        let most = AGENT_SILENT_MS.min(self.length() / 2);
        let silent = self.agent.is_some() && self.silence(now_ms) >= most;
        silent || now_ms > self.lease_ms
    }

    /// The time since the last sign, in milliseconds.
    fn silence(&self, now_ms: u64) -> u64 {
        let until = now_ms.saturating_add(self.length());
        until.saturating_sub(self.lease_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::stamp::{DAY_MS, ReplicaId, Stamp};

    const NOON: u64 = 1_772_452_800_000;
    const MINUTE: u64 = 60_000;

    fn claimed_at_noon(agent: bool) -> Claim {
        let replica = ReplicaId::new("a1b2c3d4").unwrap();
        Claim {
            id: "c".into(),
            actor: "a".into(),
            agent: agent.then(|| "a".into()),
            replica: replica.to_string(),
            at: Stamp {
                ms: NOON,
                counter: 0,
                replica,
            },
            branch: None,
            lease_ms: NOON + length(agent),
            length_ms: length(agent),
            confirmed: true,
            ended: None,
        }
    }

    #[test]
    fn an_agent_is_inactive_after_half_an_hour_and_a_human_after_a_day() {
        let agent = claimed_at_noon(true);
        assert!(!agent.is_to_be_renewed(NOON + 5 * MINUTE));
        assert!(agent.is_to_be_renewed(NOON + 5 * MINUTE + 1));
        assert!(!agent.is_stale(NOON + 30 * MINUTE - 1));
        assert!(agent.is_stale(NOON + 30 * MINUTE));
        assert!(!agent.is_to_be_shared(NOON + 10 * MINUTE - 1));
        assert!(agent.is_to_be_shared(NOON + 10 * MINUTE));
        assert!(!agent.may_be_taken_over(NOON + 62 * MINUTE));
        assert!(agent.may_be_taken_over(NOON + 62 * MINUTE + 1));
        assert_eq!(
            agent.expired_text(NOON + 60 * MINUTE + 37_001),
            "expired 37s ago, and may be taken over in 1m 23s"
        );
        assert_eq!(agent.expired_text(NOON + 62 * MINUTE + 1), "expired 2m ago");
        let human = claimed_at_noon(false);
        assert!(!human.is_to_be_renewed(NOON + 120 * MINUTE));
        assert!(human.is_to_be_renewed(NOON + 120 * MINUTE + 1));
        assert!(!human.is_stale(NOON + DAY_MS));
        assert!(human.is_stale(NOON + DAY_MS + 1));
    }

    #[test]
    fn the_last_activity_is_known_unless_the_lease_is_longer_than_usual() {
        let mut claim = claimed_at_noon(true);
        assert_eq!(claim.last_sign(NOON + 49 * MINUTE), Some(NOON));
        assert_eq!(
            claim.last_sign(NOON - MINUTE),
            Some(NOON - MINUTE),
            "a clock a little ahead gives a time in the future"
        );
        claim.lease_ms = NOON + DAY_MS;
        assert_eq!(claim.last_sign(NOON), None);
        assert!(!claim.is_stale(NOON) && !claim.is_to_be_renewed(NOON));
        claim.lease_ms = u64::MAX;
        assert!(!claim.may_be_taken_over(u64::MAX) && claim.last_sign(NOON).is_none());
    }
}
