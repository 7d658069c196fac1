//! Attacks: git that we start among the files of others, irregular files, and a guard that fails (s2, s6, s7, s11).
