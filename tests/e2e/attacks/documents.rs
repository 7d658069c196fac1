//! Attacks: damaged and hostile documents, and the version of the format (faults 1 to 5).
