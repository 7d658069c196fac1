//! The attacks that were tried from outside, each as a test that fails where the wall is missing.

mod authority;
mod decisions;
mod documents;
mod gates;
mod hostile_author;
mod more_authority;
mod named_files;
mod our_git;
mod overrides;
mod page;
mod processes;
mod pushed_state;
mod task_git;
