//! Attacks: overridden values are listed (f1, f2).
