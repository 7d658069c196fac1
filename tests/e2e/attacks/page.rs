//! Attacks: the secrets of the page (h1).
