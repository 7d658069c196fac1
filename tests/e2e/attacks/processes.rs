//! Attacks: what a process of an agent reaches and what outlives it (s1, s4, s5, s8, s9, m1).
