//! The definitions that are part of the program. None is read before it is used.

macro_rules! built_in {
    ($($name:literal)*) => {
        /// Their names, and the texts of their files.
        pub(super) const BUILT_IN: [(&str, &str); [$($name),*].len()] =
            [$(($name, include_str!(concat!("../roles/", $name, ".md")))),*];
    };
}

built_in! {
    "agent-native-reviewer" "ankane-readme-writer" "architecture-strategist" "avery" "backend"
    "best-practices-researcher" "bug-reproduction-validator" "code-analyzer"
    "code-simplicity-reviewer" "correctness-reviewer" "data-integrity-guardian"
    "data-migration-expert" "dependency-analyst" "deployment-verification-agent"
    "design-implementation-reviewer" "design-iterator" "developer" "devops" "dhh-rails-reviewer"
    "efficiency-critic" "every-style-editor" "execution-stream" "figma-design-sync" "file-analyzer"
    "framework-docs-researcher" "frontend" "git-history-analyzer" "integrator"
    "julik-frontend-races-reviewer" "kieran-python-reviewer" "kieran-rails-reviewer"
    "kieran-typescript-reviewer" "learnings-researcher" "lint" "maintainability-reviewer"
    "orchestrator" "parallel-worker" "pattern-recognition-specialist" "performance-oracle"
    "pkm-processor" "planner" "planning-stream" "pr-comment-resolver" "qa" "reality-checker"
    "repo-research-analyst" "resource-scheduler" "review-stream" "reviewer" "rex" "risk-assessor"
    "schema-drift-detector" "security-sentinel" "spec-flow-analyzer" "taskmaster" "test-runner"
}
