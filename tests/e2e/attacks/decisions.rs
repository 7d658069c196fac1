//! Attacks: what decides a merge is read once, and belongs to one commit (a3 to a6, a8, s10).
