//! Which test runs which verb from end to end. A verb without a row fails here, and so does a row
//! without a verb.

use std::collections::BTreeSet;

use super::{root, sources, verbs};

/// Every verb, and the test that runs it from end to end: the file under `tests/` and the function.
const COVERAGE: &[(&str, &str)] = &[
    (
        "prd add",
        "plan_documents::pl_01_a_document_is_stored_byte_for_byte",
    ),
    (
        "prd new",
        "plan::pl_32_prd_new_at_a_terminal_asks_and_writes_down_what_was_said",
    ),
    (
        "scope",
        "plan::pl_05_scope_says_one_of_three_words_with_confidence_and_drivers_and_writes_nothing",
    ),
    (
        "plan new",
        "plan::a_script_goes_from_a_document_to_the_first_started_task",
    ),
    (
        "plan show",
        "plan_documents::pl_31_a_plan_of_fourteen_tasks_fits_60_lines_of_80_columns_and_says_what_is_first",
    ),
    ("plan list", "plan::pl_14_approving_twice_creates_nothing"),
    (
        "plan check",
        "plan::pl_10_plan_check_fails_when_something_is_missing",
    ),
    (
        "plan edit",
        "plan::pl_18_plan_edit_changes_the_plan_as_one_text",
    ),
    ("plan add", "plan::pl_18_every_change_to_a_plan_has_a_verb"),
    ("plan set", "plan::pl_18_every_change_to_a_plan_has_a_verb"),
    (
        "plan rm",
        "plan::pl_20_a_task_that_others_wait_for_goes_by_force_only_and_they_are_named",
    ),
    (
        "plan dep",
        "plan::pl_19_an_edge_that_would_close_a_cycle_is_refused_with_its_path",
    ),
    (
        "plan order",
        "plan::pl_18_every_change_to_a_plan_has_a_verb",
    ),
    (
        "plan merge",
        "plan::pl_23_a_large_plan_names_tasks_to_merge_and_merging_takes_it_down",
    ),
    (
        "plan split",
        "plan::pl_18_every_change_to_a_plan_has_a_verb",
    ),
    (
        "plan approve",
        "plan::pl_14_approving_twice_creates_nothing",
    ),
    (
        "plan diff",
        "plan_together::plan_diff_says_what_people_set_by_hand",
    ),
    (
        "plan update",
        "plan_together::pl_15_a_proposed_task_says_which_file_it_comes_from",
    ),
    (
        "plan regenerate",
        "plan_together::pl_29_a_document_changed_after_approval_stops_starts_until_somebody_decides",
    ),
    (
        "plan keep",
        "plan_together::pl_29_a_document_changed_after_approval_stops_starts_until_somebody_decides",
    ),
    (
        "plan decompose",
        "plan_follow::cm_04_an_epic_is_broken_down_into_tasks_of_its_own",
    ),
    (
        "plan seed",
        "plan::pl_16_a_seed_is_made_only_where_nothing_is_queued",
    ),
    (
        "milestone list",
        "plan_follow::pl_17_milestones_are_listed_with_their_criteria_and_progress",
    ),
    (
        "sprint plan",
        "plan_follow::pl_37_a_sprint_sums_points_and_warns_over_capacity",
    ),
    (
        "trace",
        "plan_follow::pl_12_a_trace_leads_from_a_line_to_a_commit_and_back",
    ),
    (
        "status",
        "task::wt_08_status_tells_ahead_behind_conflicts_and_what_is_missing",
    ),
    ("ready", "graph_cli::ready_lists_what_can_start"),
    ("next", "graph_cli::next_claims_the_best_item"),
    ("why", "graph_cli::why_names_the_root_blocker"),
    ("blocked", "graph_cli::blocked_lists_reasons"),
    (
        "triage",
        "triage::triage_ranks_what_is_open_and_says_why_and_how",
    ),
    (
        "impact",
        "outlook::impact_finds_items_by_commits_and_by_plans",
    ),
    ("related", "outlook::related_says_why"),
    (
        "forecast",
        "outlook::forecast_says_how_sure_it_is_and_on_how_much_it_rests",
    ),
    (
        "suggest",
        "outlook::suggest_names_duplicates_dependencies_and_labels",
    ),
    ("count", "triage::count_splits_by_any_field"),
    ("stats", "triage::stats_tell_how_fast_work_is_finished"),
    (
        "insight",
        "weigh::insight_says_of_each_measure_how_it_came_about",
    ),
    (
        "order",
        "weigh::dp_05_order_puts_the_critical_path_first_and_is_the_same_in_every_clone",
    ),
    (
        "tracks",
        "weigh::tracks_are_lanes_that_do_not_wait_for_each_other",
    ),
    (
        "graph",
        "weigh::graph_draws_a_neighbourhood_an_epic_or_everything_open_in_four_forms",
    ),
    ("list", "lists::ob_02_list_answers_queries_over_every_kind"),
    (
        "view save",
        "lists::a_saved_view_is_shared_and_joins_field_by_field",
    ),
    (
        "view list",
        "lists::a_view_is_narrowed_replaced_and_removed",
    ),
    (
        "view show",
        "lists::a_saved_view_is_shared_and_joins_field_by_field",
    ),
    ("view rm", "lists::a_view_is_narrowed_replaced_and_removed"),
    ("show", "task::show_prints_everything"),
    (
        "search",
        "search::search_finds_words_in_titles_bodies_comments_and_criteria",
    ),
    ("log", "task::log_tells_the_life_of_a_task"),
    ("diff", "past::diff_says_by_meaning_what_changed"),
    ("start", "journey::alone_from_init_to_merge"),
    ("finish", "journey::alone_from_init_to_merge"),
    ("task create", "task::create_shows_the_item"),
    ("task list", "task::list_filters"),
    ("task show", "task::show_prints_everything"),
    ("task edit", "task::edit_changes_what_is_named"),
    (
        "task start",
        "worktrees::start_makes_branch_and_worktree_beside_the_repository",
    ),
    ("task accept", "task::accept_ticks_criteria"),
    (
        "task finish",
        "reserve::finish_releases_at_the_branchs_commit_and_the_next_one_is_warned",
    ),
    ("task approve", "merge_cli::approve_is_for_humans"),
    (
        "task drop",
        "worktrees::drop_removes_a_clean_worktree_when_asked",
    ),
    ("task done", "task::done_needs_evidence"),
    ("task block", "task::block_and_unblock"),
    ("task unblock", "task::block_and_unblock"),
    ("task defer", "task::defer_and_undefer"),
    ("task undefer", "task::defer_and_undefer"),
    ("task reopen", "task::cancel_and_reopen"),
    ("task cancel", "task::cancel_and_reopen"),
    (
        "task reassign",
        "claims::rc_22_reassign_ends_the_claim_and_tells_both",
    ),
    ("task comment", "task::comment_from_text_and_stdin"),
    ("task tree", "graph_cli::tree_shows_parts"),
    ("epic create", "task::epic_owns_tasks"),
    (
        "epic list",
        "kinds::every_kind_is_made_changed_closed_reopened_and_deleted_alike",
    ),
    (
        "epic show",
        "kinds::every_kind_is_made_changed_closed_reopened_and_deleted_alike",
    ),
    (
        "epic edit",
        "kinds::every_kind_is_made_changed_closed_reopened_and_deleted_alike",
    ),
    (
        "epic close",
        "kinds::every_kind_is_made_changed_closed_reopened_and_deleted_alike",
    ),
    (
        "epic reopen",
        "kinds::every_kind_is_made_changed_closed_reopened_and_deleted_alike",
    ),
    (
        "epic comment",
        "kinds::every_kind_is_made_changed_closed_reopened_and_deleted_alike",
    ),
    (
        "epic delete",
        "kinds::every_kind_is_made_changed_closed_reopened_and_deleted_alike",
    ),
    (
        "prd create",
        "kinds::every_kind_is_made_changed_closed_reopened_and_deleted_alike",
    ),
    (
        "prd list",
        "kinds::every_kind_is_made_changed_closed_reopened_and_deleted_alike",
    ),
    (
        "prd show",
        "kinds::every_kind_is_made_changed_closed_reopened_and_deleted_alike",
    ),
    (
        "prd edit",
        "kinds::every_kind_is_made_changed_closed_reopened_and_deleted_alike",
    ),
    (
        "prd close",
        "kinds::every_kind_is_made_changed_closed_reopened_and_deleted_alike",
    ),
    (
        "prd reopen",
        "kinds::every_kind_is_made_changed_closed_reopened_and_deleted_alike",
    ),
    (
        "prd comment",
        "kinds::every_kind_is_made_changed_closed_reopened_and_deleted_alike",
    ),
    (
        "prd delete",
        "kinds::every_kind_is_made_changed_closed_reopened_and_deleted_alike",
    ),
    ("issue create", "issues::a_beads_user_finds_the_way"),
    ("issue q", "issues::a_beads_user_finds_the_way"),
    ("issue list", "issues::a_beads_user_finds_the_way"),
    ("issue show", "issues::a_beads_user_finds_the_way"),
    (
        "issue update",
        "issues::update_changes_many_and_any_state_is_a_word",
    ),
    ("issue close", "issues::a_beads_user_finds_the_way"),
    ("issue ready", "issues::a_beads_user_finds_the_way"),
    ("issue blocked", "issues::a_beads_user_finds_the_way"),
    ("issue claim", "issues::a_beads_user_finds_the_way"),
    (
        "issue dep add",
        "issues::edges_of_all_types_are_added_shown_and_taken_out",
    ),
    (
        "issue dep remove",
        "issues::edges_of_all_types_are_added_shown_and_taken_out",
    ),
    (
        "issue dep list",
        "issues::edges_of_all_types_are_added_shown_and_taken_out",
    ),
    (
        "issue dep tree",
        "issues::edges_of_all_types_are_added_shown_and_taken_out",
    ),
    (
        "issue dep cycles",
        "issues::edges_of_all_types_are_added_shown_and_taken_out",
    ),
    (
        "issue children",
        "issues::labels_comments_and_children_are_listed",
    ),
    (
        "issue label add",
        "issues::labels_comments_and_children_are_listed",
    ),
    (
        "issue label remove",
        "issues::labels_comments_and_children_are_listed",
    ),
    (
        "issue label list",
        "issues::labels_comments_and_children_are_listed",
    ),
    (
        "issue label list-all",
        "issues::labels_comments_and_children_are_listed",
    ),
    (
        "issue comment",
        "issues::labels_comments_and_children_are_listed",
    ),
    (
        "issue comments",
        "issues::labels_comments_and_children_are_listed",
    ),
    (
        "issue search",
        "issues::labels_comments_and_children_are_listed",
    ),
    (
        "issue epic status",
        "issues::epics_that_are_done_are_closed",
    ),
    (
        "issue epic close-eligible",
        "issues::epics_that_are_done_are_closed",
    ),
    (
        "issue count",
        "issues::what_is_stale_double_forgotten_or_thin_is_found",
    ),
    (
        "issue stale",
        "issues::what_is_stale_double_forgotten_or_thin_is_found",
    ),
    (
        "issue orphans",
        "issues::what_is_stale_double_forgotten_or_thin_is_found",
    ),
    (
        "issue duplicates",
        "issues::what_is_stale_double_forgotten_or_thin_is_found",
    ),
    (
        "issue lint",
        "issues::what_is_stale_double_forgotten_or_thin_is_found",
    ),
    (
        "issue gate create",
        "issues::gates_open_by_time_by_item_and_by_hand_only",
    ),
    (
        "issue gate list",
        "issues::gates_open_by_time_by_item_and_by_hand_only",
    ),
    (
        "issue gate show",
        "issues::gates_open_by_time_by_item_and_by_hand_only",
    ),
    (
        "issue gate check",
        "issues::gates_open_by_time_by_item_and_by_hand_only",
    ),
    (
        "issue gate resolve",
        "issues::gates_open_by_time_by_item_and_by_hand_only",
    ),
    (
        "issue edit",
        "kinds::every_kind_is_made_changed_closed_reopened_and_deleted_alike",
    ),
    (
        "issue reopen",
        "kinds::every_kind_is_made_changed_closed_reopened_and_deleted_alike",
    ),
    (
        "issue delete",
        "kinds::every_kind_is_made_changed_closed_reopened_and_deleted_alike",
    ),
    (
        "issue defer",
        "deferral::issues_are_put_off_until_a_time_or_until_somebody_says_so",
    ),
    (
        "issue undefer",
        "deferral::issues_are_put_off_until_a_time_or_until_somebody_says_so",
    ),
    (
        "task delete",
        "kinds::every_kind_is_made_changed_closed_reopened_and_deleted_alike",
    ),
    ("epic start", "merge_cli::epic_branch_is_the_target"),
    ("dep add", "graph_cli::dep_add_refuses_a_cycle"),
    ("dep rm", "graph_cli::dep_rm_frees_the_item"),
    ("dep list", "graph_cli::dep_list_shows_both_ways"),
    (
        "batch",
        "batch::many_operations_are_one_commit_and_one_pack",
    ),
    ("merge", "merge_cli::merge_moves_the_target"),
    (
        "undo",
        "undo::every_kind_of_change_is_taken_back_and_the_undoing_too",
    ),
    ("worktree list", "worktrees::list_names_items_and_sizes"),
    ("worktree path", "worktrees::path_prints_one_line"),
    ("worktree gc", "worktrees::gc_keeps_uncommitted_work"),
    (
        "reserve add",
        "reserve::an_overlapping_request_is_refused_with_all_that_stand_in_the_way",
    ),
    (
        "reserve list",
        "reserve::a_reservation_for_a_task_names_the_task_as_its_reason",
    ),
    ("reserve check", "reserve::check_only_asks"),
    (
        "reserve renew",
        "reserve::renew_makes_it_last_longer_for_its_holder_only",
    ),
    (
        "reserve release",
        "reserve::release_gives_back_what_is_named_or_all_of_this_worktree",
    ),
    (
        "reserve steal",
        "reserve::steal_is_recorded_and_told_to_the_holder",
    ),
    ("sync", "sync::clones_that_began_apart_become_one"),
    ("push", "sync::pull_brings_and_settles_nothing_push_settles"),
    ("pull", "sync::pull_brings_and_settles_nothing_push_settles"),
    (
        "conflicts",
        "task::conflicting_bodies_are_both_kept_until_somebody_decides",
    ),
    (
        "gc",
        "generation::gc_prunes_what_is_past_its_time_and_says_what_it_saved",
    ),
    (
        "redact",
        "redact::a_redacted_secret_is_in_no_clone_and_does_not_come_back",
    ),
    ("init", "setup::init_twice_does_no_harm"),
    ("uninstall", "setup::uninstall_leaves_the_refs"),
    ("demo", "demo::demo_runs_to_the_end"),
    ("config", "setup::config_sets_and_unsets"),
    ("trust", "setup::trust_is_by_content"),
    ("hook install", "hooks::strict_mode_stops_no_verify"),
    (
        "hook uninstall",
        "hooks::uninstalling_the_hooks_restores_every_file_and_lets_go",
    ),
    (
        "hook status",
        "hooks::doctor_status_and_start_notice_that_the_hooks_are_off",
    ),
    (
        "hook run",
        "hooks::a_plain_commit_is_stopped_and_told_whom_to_ask",
    ),
    ("doctor", "setup::doctor_exits_1_for_faults_only"),
    (
        "fsck",
        "fsck::every_kind_of_damage_is_found_and_repaired_once",
    ),
    (
        "backup create",
        "backup::a_backup_comes_back_in_a_fresh_repository",
    ),
    ("backup load", "backup::loading_joins_and_never_rewinds"),
    (
        "migrate",
        "formats::a_state_of_the_present_version_has_nothing_to_migrate",
    ),
    (
        "import beads",
        "beads_import::an_import_is_one_commit_and_one_pack_and_the_issues_are_there",
    ),
    (
        "export beads",
        "beads_export::files_of_every_shape_go_out_as_they_came_in",
    ),
    (
        "import backlog",
        "import_projects::a_backlog_comes_in_with_all_that_it_says",
    ),
    (
        "import taskmaster",
        "import_projects::task_master_comes_in_with_all_that_it_says",
    ),
    (
        "import learnings",
        "import_projects::learnings_come_in_and_merge_by_field",
    ),
    (
        "import agents",
        "import_projects::ag_52_definitions_of_agents_come_in_and_travel",
    ),
    (
        "import ccpm",
        "import_projects::ccpm_comes_in_with_streams_and_planned_files",
    ),
    (
        "export md",
        "export_forms::a_folder_comes_back_into_another_store_and_into_the_same_one",
    ),
    ("export json", "export_forms::json_and_csv_hold_every_item"),
    ("export csv", "export_forms::json_and_csv_hold_every_item"),
    ("completions", "cli_surface::completions_for_every_shell"),
    ("man", "cli_surface::the_man_pages_are_fresh"),
    ("help", "cli_surface::help_explains_every_verb"),
];

#[test]
fn every_verb_has_a_test() {
    let verbs: BTreeSet<String> = verbs().into_iter().collect();
    assert!(verbs.len() > 50, "{verbs:?}");
    let rows: BTreeSet<String> = COVERAGE.iter().map(|row| row.0.to_string()).collect();
    assert_eq!(rows.len(), COVERAGE.len(), "a verb has two rows");
    let without: Vec<_> = verbs.difference(&rows).collect();
    assert!(
        without.is_empty(),
        "verbs without a row in COVERAGE: {without:?}"
    );
    let stale: Vec<_> = rows.difference(&verbs).collect();
    assert!(stale.is_empty(), "rows without a verb: {stale:?}");
    let missing = missing_tests();
    assert!(
        missing.is_empty(),
        "tests named in COVERAGE do not exist: {missing:#?}"
    );
}

/// The rows whose function stands in no test file of that name.
fn missing_tests() -> Vec<&'static str> {
    let sources = sources(&root().join("tests"));
    COVERAGE
        .iter()
        .map(|row| row.1)
        .filter(|test| {
            let (file, function) = test.split_once("::").expect("file::function");
            let heading = format!("fn {function}(");
            !sources.iter().any(|path| {
                path.file_stem().is_some_and(|stem| stem == file)
                    && std::fs::read_to_string(path).is_ok_and(|text| text.contains(&heading))
            })
        })
        .collect()
}
