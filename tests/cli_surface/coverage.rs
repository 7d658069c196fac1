//! Which test runs which verb from end to end. A verb without a row fails here, and so does a row
//! without a verb.

use std::collections::BTreeSet;

use super::{root, verbs};

/// The tests, and the verbs that each runs from end to end: the module under `tests/e2e`, or the
/// file under `tests`, and the function.
const COVERAGE: &[(&str, &[&str])] = &[
    (
        "memory::prime::ms_09_prime_prints_what_an_agent_needs_for_its_task",
        &["prime"],
    ),
    (
        "install::agents::the_section_is_written_once_and_removed_without_a_trace",
        &["install agents"],
    ),
    (
        "install::hooks::settings_keep_what_is_in_them",
        &["install hooks"],
    ),
    (
        "install::hooks::the_hook_before_a_tool_denies_files_that_others_reserved_for_editing",
        &["hook pre-tool"],
    ),
    (
        "install::slash::cm_17_slash_commands_call_only_commands_that_exist",
        &["install slash"],
    ),
    (
        "install::bd::the_ritual_of_beads_works_in_a_plain_shell",
        &["install bd"],
    ),
    (
        "memory::context::ms_10_a_section_is_visible_to_every_worktree_and_clone",
        &["context show", "context set", "context list"],
    ),
    (
        "memory::context::a_section_is_edited_in_the_editor",
        &["context edit"],
    ),
    (
        "memory::context::a_section_can_be_removed_undone_compared_and_redacted",
        &["context remove"],
    ),
    (
        "learn::verbs::ln_01_learnings_are_added_listed_shown_and_edited",
        &[
            "learn add",
            "learn list",
            "learn show",
            "learn edit",
            "learn delete",
        ],
    ),
    (
        "learn::search::ln_09_search_stems_and_finds_prefixes_phrases_and_excluded_words",
        &["learn search"],
    ),
    (
        "learn::verbs::ln_04_uses_and_votes_are_counted_once_per_act_and_the_last_vote_counts",
        &["learn use", "learn vote"],
    ),
    (
        "learn::verbs::drafts_are_accepted_and_retired_learnings_are_no_longer_listed",
        &["learn accept"],
    ),
    (
        "learn::verbs::ln_13_stats_measure_uses_and_votes",
        &["learn none", "learn stats"],
    ),
    (
        "memory::past_work::ln_06_predict_shows_the_trouble_of_earlier_items_on_the_same_paths",
        &["predict"],
    ),
    (
        "memory::past_work::ln_03_a_finished_task_is_drafted_into_learnings",
        &["learn draft"],
    ),
    (
        "review::findings::rv_04_rv_05_open_findings_stop_approval_and_merge_until_they_are_fixed",
        &["review", "finding list"],
    ),
    (
        "review::checklists::rv_14_cm_09_deep_review_reads_all_work_of_an_epic",
        &["deep-review"],
    ),
    (
        "review::check::each_check_stops_a_branch_of_its_own",
        &["check"],
    ),
    (
        "review::checklists::rv_01_cm_09_preflight_fails_while_an_item_is_open",
        &["preflight", "checklist tick"],
    ),
    (
        "review::checklists::rv_02_cm_09_reviewers_of_the_changed_languages_answer_postflight",
        &["postflight"],
    ),
    (
        "review::checklists::rv_11_done_is_answered_by_gates_criteria_and_documents",
        &["checklist show"],
    ),
    (
        "memory::past_work::compound_drafts_only_what_has_a_sentence_of_its_own",
        &["compound"],
    ),
    (
        "review::findings::a_dismissal_is_for_humans_and_outlives_reviews",
        &["finding dismiss", "finding show", "finding reopen"],
    ),
    (
        "review::findings::a_fix_is_a_claim_that_the_next_review_answers",
        &["finding fix"],
    ),
    (
        "review::findings::st_12_a_disagreement_has_both_sides_and_who_decided",
        &["finding keep"],
    ),
    (
        "review::findings::security_holes_stay_in_the_clone_until_they_are_shared",
        &["finding share"],
    ),
    (
        "review::tools::a_report_is_imported_and_exported",
        &["finding import", "finding export"],
    ),
    (
        "github::sync::in_14_cm_05_items_become_issues_with_their_relations_and_comments",
        &["github sync", "github link"],
    ),
    (
        "github::sync::in_14_changes_go_to_the_other_side_and_conflicts_to_neither",
        &["github resolve", "github status"],
    ),
    (
        "github::pulls::in_08_in_11_wt_06_a_pull_request_says_what_it_is_and_is_ready_once_gates_pass",
        &["github pr"],
    ),
    (
        "github::pulls::rv_07_one_comment_says_how_the_work_stands",
        &["github comment"],
    ),
    (
        "github::orchestrator::a_role_that_only_looks_changes_nothing_and_a_developer_needs_an_agent",
        &["planner", "taskmaster", "develop", "reviewer"],
    ),
    (
        "github::sync::in_14_a_pull_makes_items_and_sends_nothing",
        &["github pull"],
    ),
    (
        "notify::sending::in_22_only_a_human_sets_where_news_go",
        &["notify add", "notify list", "notify remove"],
    ),
    (
        "notify::sending::in_22_news_wait_for_the_end_of_the_quiet_hours",
        &["notify send"],
    ),
    (
        "review::surfaces::a_finding_becomes_one_issue",
        &["finding to-issue"],
    ),
    (
        "review::surfaces::rv_07_ag_04_the_comment_about_a_review_is_replaced_in_place",
        &["finding comment"],
    ),
    (
        "learn::transfer::ln_12_learnings_of_another_repository_are_imported_once_by_either_way",
        &["learn import", "learn export"],
    ),
    (
        "plan::document_store::pl_01_a_document_is_stored_byte_for_byte",
        &["prd add"],
    ),
    (
        "plan::terminal::pl_32_prd_new_at_a_terminal_asks_questions_and_writes_the_answers",
        &["prd new"],
    ),
    (
        "plan::scope::pl_05_scope_gives_one_of_three_recommendations_with_confidence_and_writes_nothing",
        &["scope"],
    ),
    (
        "plan::verbs::a_script_gets_from_a_document_to_the_first_started_task",
        &["plan new"],
    ),
    (
        "plan::documents::pl_31_a_plan_of_fourteen_tasks_fits_60_lines_of_80_columns_and_names_the_first_tasks",
        &["plan show"],
    ),
    (
        "plan::approve::pl_14_approving_twice_creates_nothing",
        &["plan list", "plan approve"],
    ),
    (
        "plan::tasks::pl_10_plan_check_fails_when_something_is_missing",
        &["plan check"],
    ),
    (
        "plan::terminal::pl_18_plan_edit_changes_the_plan_as_one_text",
        &["plan edit"],
    ),
    (
        "plan::write::pl_18_the_outline_of_a_document_has_every_statement_with_its_lines_and_its_mark",
        &["plan outline"],
    ),
    (
        "plan::write::pl_18_a_written_text_becomes_the_plan_in_one_commit",
        &["plan write"],
    ),
    (
        "plan::debate::a_debate_ends_airtight_and_approves_nothing",
        &["plan debate"],
    ),
    (
        "plan::edit::pl_18_every_change_to_a_plan_has_a_verb",
        &["plan add", "plan set", "plan order"],
    ),
    (
        "plan::edit::pl_20_a_task_that_others_depend_on_is_removed_only_with_force_and_they_are_named",
        &["plan rm"],
    ),
    (
        "plan::edit::pl_19_an_edge_that_would_close_a_cycle_is_refused_with_its_path",
        &["plan dep"],
    ),
    (
        "plan::edit::pl_23_a_large_plan_names_tasks_to_merge_and_merging_reduces_it",
        &["plan merge"],
    ),
    (
        "plan::changed_document::plan_diff_lists_manual_edits",
        &["plan diff"],
    ),
    (
        "plan::changed_document::pl_15_a_proposed_task_names_its_source_file",
        &["plan update"],
    ),
    (
        "plan::changed_document::pl_29_a_document_changed_after_the_approval_prevents_starts_until_a_decision",
        &["plan regenerate", "plan keep"],
    ),
    (
        "plan::deepen::pl_34_research_notes_reach_the_tasks_without_changing_ids",
        &["plan deepen"],
    ),
    (
        "plan::follow_up::cm_04_the_text_of_an_epic_is_planned_as_its_tasks",
        &["plan decompose"],
    ),
    (
        "plan::verbs::pl_16_a_seed_is_created_only_if_nothing_is_queued",
        &["plan seed"],
    ),
    (
        "plan::follow_up::pl_17_milestones_are_listed_with_their_criteria_and_progress",
        &["milestone list"],
    ),
    (
        "plan::follow_up::pl_37_a_sprint_sums_points_and_warns_over_capacity",
        &["sprint plan"],
    ),
    (
        "plan::follow_up::pl_12_a_trace_leads_from_a_line_to_a_commit_and_back",
        &["trace"],
    ),
    (
        "task::output::wt_08_status_shows_ahead_behind_conflicts_and_missing_steps",
        &["status"],
    ),
    (
        "graph::ready_and_cycles::ready_lists_items_that_can_be_started",
        &["ready"],
    ),
    (
        "graph::ready_and_cycles::next_claims_the_best_item",
        &["next"],
    ),
    (
        "graph::ready_and_cycles::why_names_the_root_blocker",
        &["why"],
    ),
    (
        "graph::ready_and_cycles::blocked_lists_items_with_reasons",
        &["blocked"],
    ),
    (
        "graph::triage::triage_ranks_open_items_with_reasons_and_commands",
        &["triage"],
    ),
    (
        "graph::forecast::impact_finds_items_by_commits_and_by_plans",
        &["impact"],
    ),
    (
        "graph::forecast::forecast_reports_its_confidence_and_sample_size",
        &["forecast"],
    ),
    ("graph::forecast::suggest_names_duplicates", &["suggest"]),
    (
        "history::reports::ob_12_a_standup_says_who_did_what_does_what_and_waits_for_what",
        &["standup"],
    ),
    (
        "history::reports::ob_11_work_far_over_its_estimate_and_rework_are_named",
        &["retro"],
    ),
    (
        "history::reports::me_11_figures_are_those_that_an_independent_script_computes_from_the_commits",
        &["report"],
    ),
    (
        "graph::triage::stats_show_throughput_and_cycle_times",
        &["stats"],
    ),
    (
        "graph::measures::dp_05_order_puts_the_critical_path_first_and_is_the_same_in_every_clone",
        &["order"],
    ),
    (
        "graph::measures::graph_draws_a_neighbourhood_an_epic_or_all_open_items_in_four_formats",
        &["graph"],
    ),
    (
        "board::ob_02_board_prints_the_work_by_state_as_text_markdown_and_json",
        &["board"],
    ),
    (
        "lists::ob_02_list_answers_queries_over_every_kind",
        &["list"],
    ),
    (
        "lists::a_saved_view_is_shared_and_joins_field_by_field",
        &["view save", "view show"],
    ),
    (
        "lists::a_view_can_be_narrowed_replaced_and_removed",
        &["view list", "view rm"],
    ),
    (
        "task::fields::show_prints_all_fields",
        &["show", "task show"],
    ),
    (
        "search::search_finds_words_in_titles_bodies_comments_and_criteria",
        &["search"],
    ),
    ("task::output::log_lists_all_operations_on_a_task", &["log"]),
    (
        "history::log_and_diff::diff_lists_changes_by_field",
        &["diff"],
    ),
    (
        "journey::a_single_user_gets_from_init_to_merge",
        &["start", "finish"],
    ),
    ("task::fields::create_prints_the_new_item", &["task create"]),
    ("task::fields::list_can_be_filtered", &["task list"]),
    (
        "task::fields::edit_changes_only_the_given_fields",
        &["task edit"],
    ),
    (
        "worktrees::start::start_creates_branch_and_worktree_beside_the_repository",
        &["task start"],
    ),
    (
        "task::states::accept_marks_criteria_as_accepted",
        &["task accept"],
    ),
    (
        "reserve::tasks::finish_records_its_commit_at_the_release_and_the_next_holder_is_warned",
        &["task finish"],
    ),
    ("merge::approve::approve_refuses_agents", &["task approve"]),
    (
        "worktrees::remove::drop_removes_a_clean_worktree_on_request",
        &["task drop"],
    ),
    ("task::states::done_needs_evidence", &["task done"]),
    (
        "situations::review::rv_06_returned_work_is_continued_by_its_author_and_merged",
        &["task diff", "task return"],
    ),
    (
        "task::states::block_and_unblock_change_the_state_and_record_the_reason",
        &["task block", "task unblock"],
    ),
    (
        "task::states::defer_and_undefer_change_the_state",
        &["task defer", "task undefer"],
    ),
    (
        "task::states::cancel_and_reopen_change_the_state",
        &["task reopen", "task cancel"],
    ),
    (
        "claims::reassign::rc_22_reassign_ends_the_claim_and_notifies_both",
        &["task reassign"],
    ),
    (
        "task::fields::comments_are_read_from_arguments_and_stdin",
        &["task comment"],
    ),
    (
        "graph::ready_and_cycles::tree_shows_children_under_their_parent",
        &["task tree"],
    ),
    (
        "task::fields::an_epic_has_tasks_and_is_not_offered_for_work",
        &["epic create"],
    ),
    (
        "task::kinds::every_kind_has_the_same_verbs_from_create_to_delete",
        &[
            "epic list",
            "epic show",
            "epic edit",
            "epic close",
            "epic reopen",
            "epic comment",
            "epic delete",
            "prd create",
            "prd list",
            "prd show",
            "prd edit",
            "prd close",
            "prd reopen",
            "prd comment",
            "prd delete",
            "issue edit",
            "issue reopen",
            "issue delete",
            "task delete",
        ],
    ),
    (
        "issues::beads_user::a_session_of_a_beads_user_works_with_the_alias",
        &[
            "issue create",
            "issue q",
            "issue list",
            "issue show",
            "issue close",
            "issue ready",
            "issue blocked",
            "issue claim",
        ],
    ),
    (
        "issues::beads_user::update_changes_many_issues_and_accepts_any_state",
        &["issue update"],
    ),
    (
        "issues::edges_and_gates::edges_of_all_types_are_added_shown_and_removed",
        &[
            "issue dep add",
            "issue dep remove",
            "issue dep list",
            "issue dep tree",
            "issue dep cycles",
        ],
    ),
    (
        "issues::upkeep::labels_comments_and_children_are_listed",
        &[
            "issue children",
            "issue label add",
            "issue label remove",
            "issue label list",
            "issue label list-all",
            "issue comment",
            "issue comments",
            "issue search",
        ],
    ),
    (
        "issues::upkeep::epics_with_all_children_closed_are_closed",
        &["issue epic status", "issue epic close-eligible"],
    ),
    (
        "issues::upkeep::issues_are_counted_by_a_field",
        &["issue count"],
    ),
    (
        "issues::edges_and_gates::gates_open_only_by_time_by_an_item_or_by_hand",
        &[
            "issue gate create",
            "issue gate list",
            "issue gate show",
            "issue gate check",
            "issue gate resolve",
        ],
    ),
    (
        "task::deferral::issues_are_deferred_until_a_time_or_indefinitely",
        &["issue defer", "issue undefer"],
    ),
    (
        "merge::epics::the_branch_of_an_epic_is_the_target_of_its_tasks",
        &["epic start"],
    ),
    (
        "graph::ready_and_cycles::dep_add_refuses_a_cycle",
        &["dep add"],
    ),
    (
        "graph::ready_and_cycles::dep_rm_unblocks_the_item",
        &["dep rm"],
    ),
    (
        "graph::ready_and_cycles::dep_list_shows_both_directions",
        &["dep list"],
    ),
    (
        "batch::operations::many_operations_are_one_commit_and_one_pack",
        &["batch"],
    ),
    ("merge::command::merge_moves_the_target", &["merge"]),
    (
        "history::undo::every_kind_of_change_and_every_undo_can_be_undone",
        &["undo"],
    ),
    (
        "worktrees::remove::list_shows_items_and_sizes",
        &["worktree list"],
    ),
    (
        "worktrees::remove::path_prints_one_line",
        &["worktree path"],
    ),
    (
        "worktrees::remove::gc_keeps_uncommitted_work",
        &["worktree gc"],
    ),
    (
        "messages::exchange::a_message_about_an_item_reaches_another_clone_and_its_reply_comes_back",
        &[
            "msg send",
            "msg inbox",
            "msg read",
            "msg reply",
            "msg ack",
            "msg thread",
        ],
    ),
    (
        "messages::exchange::messages_are_found_by_their_words_and_items_are_not_mixed_with_them",
        &["msg search"],
    ),
    (
        "messages::exchange::watch_ends_when_a_message_arrives",
        &["msg watch"],
    ),
    (
        "messages::requests::a_declined_request_says_who_declined_and_why",
        &["msg delegate", "msg accept", "msg decline"],
    ),
    (
        "messages::handoffs::a_hand_off_tells_the_actor_who_continues_what_is_done_and_next",
        &["handoff"],
    ),
    (
        "reserve::requests::an_overlapping_request_is_refused_with_all_conflicts",
        &["reserve add"],
    ),
    (
        "artifacts::verbs::a_file_is_put_in_one_commit_and_comes_back_byte_for_byte",
        &["artifact put", "artifact get"],
    ),
    (
        "run::full::rc_14_yolo_goes_all_the_way_to_merged_work",
        &["lfg"],
    ),
    (
        "run::full::rc_14_slfg_works_independent_tasks_at_the_same_time",
        &["slfg"],
    ),
    (
        "run::contract::the_json_of_runs_has_a_schema",
        &["run", "run status", "run list"],
    ),
    (
        "run::control::rc_02_pause_halts_all_and_resume_continues",
        &["run pause", "run resume"],
    ),
    (
        "run::control_one_task::rc_03_a_skipped_task_is_left_out",
        &["run skip"],
    ),
    (
        "run::control_one_task::rc_04_the_note_of_a_retry_is_in_the_prompt",
        &["run retry"],
    ),
    (
        "run::control_one_task::rc_05_a_task_can_be_closed_by_hand",
        &["run complete"],
    ),
    ("run::control::rc_08_stop_ends_everything", &["run stop"]),
    (
        "run::log_files::logs_are_published_on_request",
        &["run publish"],
    ),
    (
        "run::routes::mr_01_show_prints_the_rows_in_force",
        &["route show"],
    ),
    ("run::routes::ag_39_explain_says_why", &["route explain"]),
    (
        "agents::definitions::ag_51_a_trusted_file_replaces_the_built_in_definition",
        &["agent list", "agent show", "agent new"],
    ),
    (
        "agents::definitions::ag_51_an_edit_is_written_and_checked",
        &["agent edit", "agent validate"],
    ),
    (
        "run::agents_output::ob_03_logs_are_kept_per_run_and_task",
        &["logs"],
    ),
    (
        "run::cost::mr_10_cost_is_reported_by_phase_model_and_epic",
        &["cost"],
    ),
    (
        "run::budget_of_epic::mr_09_the_budget_of_an_epic_stops_its_tasks_only",
        &["budget set", "budget show", "budget rm"],
    ),
    (
        "artifacts::verbs::a_removed_artifact_is_gone_until_the_removal_is_undone",
        &["artifact list", "artifact remove"],
    ),
    (
        "history::events::every_change_is_an_event_with_its_actor_and_both_values",
        &["events"],
    ),
    (
        "reserve::requests::a_reservation_for_a_task_names_the_task_as_its_reason",
        &["reserve list"],
    ),
    (
        "reserve::requests::check_writes_nothing",
        &["reserve check"],
    ),
    (
        "reserve::lifetime::renew_extends_a_reservation_only_for_its_holder",
        &["reserve renew"],
    ),
    (
        "reserve::lifetime::release_ends_the_named_reservations_or_all_of_this_worktree",
        &["reserve release"],
    ),
    (
        "reserve::lifetime::steal_is_recorded_and_notifies_the_holder",
        &["reserve steal"],
    ),
    (
        "sync::first_contact::clones_initialised_separately_are_joined_by_sync",
        &["sync"],
    ),
    (
        "sync::commands::pull_joins_without_settling_and_push_settles",
        &["push", "pull"],
    ),
    (
        "task::conflicting_texts::conflicting_bodies_are_both_kept_until_a_decision",
        &["conflicts"],
    ),
    (
        "maintain::generation::gc_prunes_expired_data_and_reports_the_saved_space",
        &["gc"],
    ),
    (
        "maintain::redact::a_redacted_secret_is_removed_from_all_clones_and_does_not_return",
        &["redact"],
    ),
    ("setup::commands::a_second_init_changes_nothing", &["init"]),
    ("setup::commands::uninstall_keeps_the_refs", &["uninstall"]),
    (
        "demo::demo_succeeds_and_leaves_the_reported_state",
        &["demo"],
    ),
    ("setup::commands::config_sets_and_unsets", &["config"]),
    (
        "setup::trust_and_gates::trust_applies_to_the_exact_content",
        &["trust"],
    ),
    (
        "hooks::strict_and_bypass::strict_mode_stops_no_verify",
        &["hook install"],
    ),
    (
        "hooks::guard_off::uninstalling_the_hooks_restores_all_files_and_ends_guarding",
        &["hook uninstall"],
    ),
    (
        "hooks::guard_off::doctor_status_and_start_report_disabled_hooks",
        &["hook status"],
    ),
    (
        "hooks::commit::a_plain_commit_is_stopped_and_names_the_holder",
        &["hook run"],
    ),
    (
        "setup::commands::doctor_exits_1_only_for_faults",
        &["doctor"],
    ),
    (
        "maintain::fsck::every_kind_of_damage_is_found_and_repaired_once",
        &["fsck"],
    ),
    (
        "maintain::backup::a_backup_can_be_loaded_into_a_fresh_repository",
        &["backup create"],
    ),
    (
        "maintain::backup::loading_a_backup_joins_and_never_rewinds",
        &["backup load"],
    ),
    (
        "store::formats::a_state_of_format_1_is_raised_once_by_the_command",
        &["migrate"],
    ),
    (
        "bridge::beads::import::an_import_is_one_commit_and_one_pack_with_all_issues",
        &["import beads"],
    ),
    (
        "bridge::beads::export::files_of_every_shape_are_exported_as_imported",
        &["export beads"],
    ),
    (
        "bridge::projects::backlog::a_backlog_is_imported_with_all_its_fields",
        &["import backlog"],
    ),
    (
        "bridge::projects::task_master::task_master_is_imported_with_all_its_fields",
        &["import taskmaster"],
    ),
    (
        "bridge::projects::csv::an_export_of_jira_is_imported_with_all_its_fields",
        &["import csv"],
    ),
    (
        "bridge::projects::learnings_and_agents::learnings_are_imported_and_merge_by_field",
        &["import learnings"],
    ),
    (
        "bridge::projects::learnings_and_agents::ag_52_definitions_of_agents_are_imported_and_synced",
        &["import agents"],
    ),
    (
        "github::import::in_14_issues_of_a_repository_are_imported_without_a_link",
        &["import github"],
    ),
    (
        "setup::llm_team::in_23_settings_of_llm_team_are_taken_over_or_listed",
        &["import llm-team"],
    ),
    (
        "bridge::projects::ccpm::ccpm_is_imported_with_streams_and_planned_files",
        &["import ccpm"],
    ),
    (
        "bridge::export::an_exported_folder_can_be_imported_into_another_store_and_into_the_same_one",
        &["export md"],
    ),
    (
        "bridge::export::json_and_csv_hold_every_item",
        &["export json", "export csv"],
    ),
    (
        "worktrees::ready_for_work::the_shell_changes_to_the_worktree_that_is_started_and_back",
        &["cd", "shell"],
    ),
    ("cli_surface::completions_for_every_shell", &["completions"]),
    ("cli_surface::the_man_pages_are_up_to_date", &["man"]),
    ("cli_surface::the_help_explains_every_verb", &["help"]),
    (
        "schemas::the_schemas_are_valid_and_describe_every_command",
        &["schema"],
    ),
    (
        "mcp::calls::in_16_a_task_is_created_started_reserved_for_and_finished",
        &["mcp"],
    ),
    (
        "serve::api::in_01_in_17_items_over_http",
        &["serve", "serve token add"],
    ),
    (
        "serve::access::se_12_tokens_are_listed_and_revoked",
        &["serve token list", "serve token remove"],
    ),
];

#[test]
fn every_verb_has_a_test() {
    let verbs: BTreeSet<String> = verbs().into_iter().collect();
    assert!(verbs.len() > 50, "{verbs:?}");
    let named: Vec<String> = COVERAGE
        .iter()
        .flat_map(|row| row.1.iter().map(ToString::to_string))
        .collect();
    let rows: BTreeSet<String> = named.iter().cloned().collect();
    assert_eq!(rows.len(), named.len(), "a verb has two rows");
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

/// The rows whose function is not in the file of its module.
fn missing_tests() -> Vec<&'static str> {
    COVERAGE
        .iter()
        .map(|row| row.0)
        .filter(|test| {
            let (module, function) = test.rsplit_once("::").expect("module::function");
            let file = format!("{}.rs", module.replace("::", "/"));
            let heading = format!("fn {function}(");
            !["tests/e2e", "tests"].iter().any(|folder| {
                let text = std::fs::read_to_string(root().join(folder).join(&file));
                text.is_ok_and(|text| text.contains(&heading))
            })
        })
        .collect()
}
