//! Fuzzing on the stable toolchain: structure-aware mutations of a checked-in corpus
//! (`testdata/fuzz/<target>/`), checked for properties that must hold for any fetched state. By
//! default the corpus and a few hundred inputs from a seed that is printed if one fails;
//! `GIT_PM_FUZZ_SECONDS=600` runs each target that long. `GIT_PM_FUZZ_SEED` repeats a seed. Failing
//! inputs are minimised and written to the corpus.

mod codec;
mod harness;
mod index;
mod join;
mod mutate;
mod overlap;
mod tree;
mod trees;
