//! Attacks: the git directory of a sandboxed task and its requests to the runner (s3, a6).
