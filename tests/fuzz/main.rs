//! Fuzzing on the stable toolchain: bytes made by structure-aware mutation of a checked-in corpus
//! (`testdata/fuzz/<target>/`), against what must hold for whatever a fetched state contains. By
//! default the corpus and a few hundred inputs from a seed that is printed where one fails;
//! `GIT_PM_FUZZ_SECONDS=600` runs each target that long. `GIT_PM_FUZZ_SEED` repeats a seed. What
//! fails is made small and written to the corpus.

mod codec;
mod harness;
mod index;
mod join;
mod mutate;
mod overlap;
mod tree;
mod trees;
