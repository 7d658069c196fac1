//! Attacks: what an agent may set, edit and say, and under which name (a1, a2, a7, h2, d1).
