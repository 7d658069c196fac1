//! The reasons of errors: stable codes, which a caller can compare without reading a message.

use std::fmt;

/// Defines [`Reason`] from its rows: the code, the variant, the meaning.
macro_rules! reasons {
    ($( $code:literal: $variant:ident, $meaning:literal; )+) => {
        /// Why an operation failed, more precisely than by the [`Kind`](super::Kind).
        ///
        /// The text is the object and what is wrong with it, as in `claim.held`; the first ten are
        /// those of errors of which the kind says everything. A code keeps its meaning: later
        /// versions may have more of them, and give one to an error that had only its kind's.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Reason {
            $(
                #[doc = concat!("`", $code, "`: ", $meaning)]
                $variant,
            )+
        }

        impl Reason {
            /// All of them: those of the kinds, then the others by their code.
            pub const ALL: &'static [Reason] = &[$( Reason::$variant, )+];

            /// The code, as in JSON: `claim.held`.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $( Reason::$variant => $code, )+
                }
            }

            /// What it means, in one sentence.
            pub const fn meaning(self) -> &'static str {
                match self {
                    $( Reason::$variant => $meaning, )+
                }
            }
        }
    };
}

reasons! {
    "ambiguous": Ambiguous, "The name fits several objects.";
    "budget": Budget, "A budget is spent.";
    "conflict": Conflict, "Another actor or process was first.";
    "finished": Finished, "There is no work left.";
    "not_found": NotFound, "There is no such object.";
    "partial": Partial, "Some records were skipped.";
    "refused": Refused, "A check failed.";
    "remote": Remote, "A remote could not be reached, or did not answer.";
    "state": State, "State, repository or file system cannot be used as it is.";
    "usage": Usage, "The request is malformed.";
    "actor.invalid_name": ActorInvalidName, "The text cannot be the name of an actor.";
    "actor.not_human": ActorNotHuman, "Only a human may do this.";
    "actor.not_yours": ActorNotYours, "A process that a run started gave another actor's name.";
    "actor.other_task": ActorOtherTask, "An agent in a sandbox tried to change another task than its own.";
    "actor.unnamed": ActorUnnamed, "No name was given, and git has no `user.name`.";
    "agent.dir_missing": AgentDirMissing, "The directory in which the agent should start does not exist.";
    "agent.no_sandbox": AgentNoSandbox, "The sandbox of an agent could not be set up.";
    "agent.not_started": AgentNotStarted, "The agent's program could not be started.";
    "agent.program_missing": AgentProgramMissing, "The agent's program was not found.";
    "approval.guarded": ApprovalGuarded, "The work touches what only a human's approval lets in.";
    "approval.missing": ApprovalMissing, "No human approved the work.";
    "approval.not_here": ApprovalNotHere, "The submitted commit is not in this clone.";
    "approval.not_submitted": ApprovalNotSubmitted, "The commit to approve was never submitted.";
    "approval.not_valid": ApprovalNotValid, "The recorded approval does not count, because of how it was made.";
    "approval.of_own_work": ApprovalOfOwnWork, "Here another human has to approve the work.";
    "approval.outdated": ApprovalOutdated, "The work changed after its approval.";
    "approval.owner_missing": ApprovalOwnerMissing, "No owner of a changed path approved the work.";
    "approval.strict": ApprovalStrict, "Here each approval has to be given at a terminal.";
    "arguments.invalid": ArgumentsInvalid, "An argument is missing, unknown, or has an invalid value.";
    "artifact.ambiguous": ArtifactAmbiguous, "Several versions of the artifact have the id.";
    "artifact.concurrent": ArtifactConcurrent, "The artifact has concurrent versions: one has to be chosen.";
    "artifact.file_exists": ArtifactFileExists, "The file to write exists already.";
    "artifact.forged": ArtifactForged, "The content does not match the hash in its record.";
    "artifact.invalid_name": ArtifactInvalidName, "The text cannot be the name of an artifact.";
    "artifact.is_folder": ArtifactIsFolder, "A folder was given as an artifact.";
    "artifact.missing": ArtifactMissing, "The content of the artifact is not in this clone.";
    "artifact.not_a_file": ArtifactNotAFile, "The path is not a regular file.";
    "artifact.not_found": ArtifactNotFound, "The item has no artifact of that name.";
    "artifact.not_text": ArtifactNotText, "The content is not text.";
    "artifact.outside": ArtifactOutside, "The file is in no worktree of the repository.";
    "artifact.redacted": ArtifactRedacted, "The content contains a text that was redacted from the project.";
    "artifact.secret": ArtifactSecret, "The artifact seems to contain a secret.";
    "artifact.too_large": ArtifactTooLarge, "The artifact is larger than the limit.";
    "artifact.unreadable": ArtifactUnreadable, "The content was redacted, or its record is damaged.";
    "artifact.version_not_found": ArtifactVersionNotFound, "The artifact has no such version.";
    "backup.exists": BackupExists, "The file of the backup exists already.";
    "backup.invalid": BackupInvalid, "The file is not a backup of a state.";
    "backup.not_found": BackupNotFound, "There is no such backup.";
    "backup.object_format": BackupObjectFormat, "The backup is from a repository with another object format.";
    "backup.shallow_clone": BackupShallowClone, "The clone is shallow, so a backup would lack history.";
    "backup.unreadable": BackupUnreadable, "The backup could not be read.";
    "bd.unsupported": BdUnsupported, "bd has this command or option, git pm does not.";
    "branch.checked_out": BranchCheckedOut, "The branch is checked out in another worktree.";
    "branch.exists": BranchExists, "The branch exists already.";
    "branch.unknown": BranchUnknown, "There is no such branch.";
    "budget.not_found": BudgetNotFound, "No such budget is set.";
    "budget.unreadable": BudgetUnreadable, "The stored budgets cannot be read.";
    "check.no_history": CheckNoHistory, "The clone lacks the base of the check, or the commits since it.";
    "checklist.open": ChecklistOpen, "A checklist that the step waits for has open items.";
    "checklist.unknown": ChecklistUnknown, "There is no such checklist, or no such item in it.";
    "checkout.in_use": CheckoutInUse, "Another process runs gates in the checkout.";
    "claim.held": ClaimHeld, "Another actor holds the item.";
    "claim.own": ClaimOwn, "The caller holds the item already.";
    "close.closed": CloseClosed, "The item is closed already.";
    "close.not_ready": CloseNotReady, "The issue still waits for others, or others are part of it.";
    "close.pinned": ClosePinned, "The item is pinned.";
    "close.unmerged": CloseUnmerged, "The item's branch has commits that its target lacks.";
    "command.failed": CommandFailed, "A command of the user, such as a gate, failed.";
    "command.not_found": CommandNotFound, "The shell did not find the program of a command.";
    "command.stopped": CommandStopped, "A command was stopped before it ended.";
    "config.invalid_file": ConfigInvalidFile, "The configuration of another tool cannot be read.";
    "config.invalid_value": ConfigInvalidValue, "The setting has an invalid value.";
    "config.local_only": ConfigLocalOnly, "The setting cannot be shared.";
    "config.no_editor": ConfigNoEditor, "No editor is configured, or it cannot be started.";
    "config.not_written": ConfigNotWritten, "Git could not write the setting.";
    "config.prefix_in_use": ConfigPrefixInUse, "Issues have another prefix than the one that was chosen.";
    "config.shared_only": ConfigSharedOnly, "The setting exists only as a shared one.";
    "config.unknown_key": ConfigUnknownKey, "There is no such setting.";
    "conflict.none": ConflictNone, "The text has no concurrent versions.";
    "conflict.overlapping": ConflictOverlapping, "The versions change the same lines, so they cannot be merged.";
    "conflict.several": ConflictSeveral, "Several texts of the item have concurrent versions; the field says which is meant.";
    "context.changed": ContextChanged, "The section of the context was changed in the meantime.";
    "context.empty": ContextEmpty, "A section of the context cannot be empty.";
    "context.invalid_name": ContextInvalidName, "The text cannot be the name of a section.";
    "context.not_found": ContextNotFound, "The context has no such section.";
    "context.too_long": ContextTooLong, "The section is longer than the limit.";
    "cut.budget_in_doubt": CutBudgetInDoubt, "A cut of the history would make a doubtful budget count.";
    "definition.changed": DefinitionChanged, "The definition of the agent was changed in the meantime.";
    "definition.exists": DefinitionExists, "There is a file of the agent already.";
    "definition.invalid_name": DefinitionInvalidName, "The text cannot be the name of an agent.";
    "definition.irregular_file": DefinitionIrregularFile, "The file of the definition is no plain file of the allowed size.";
    "definition.not_found": DefinitionNotFound, "There is no definition of an agent of that name.";
    "delete.needed": DeleteNeeded, "Other items refer to the one to be deleted.";
    "dependency.cycle": DependencyCycle, "The dependency or parent would close a cycle.";
    "disk.full": DiskFull, "The disk is full, or its quota is used up.";
    "disk.not_permitted": DiskNotPermitted, "The user may not read or write the file.";
    "disk.read_only": DiskReadOnly, "The file system is read-only.";
    "document.outside": DocumentOutside, "The document is in no worktree of the repository.";
    "done.not_accepted": DoneNotAccepted, "Acceptance criteria are open, or there is no evidence.";
    "events.cursor_lost": EventsCursorLost, "The history of the cursor is no longer in this clone.";
    "events.invalid_cursor": EventsInvalidCursor, "The text is no cursor.";
    "events.invalid_kind": EventsInvalidKind, "There is no such kind of event.";
    "export.not_empty": ExportNotEmpty, "The folder to export to is not empty.";
    "finding.ambiguous": FindingAmbiguous, "The id fits several findings.";
    "finding.blocks": FindingBlocks, "Open findings of severity P0 or P1 stop the approval or merge.";
    "finding.no_commit": FindingNoCommit, "There is no such commit here.";
    "finding.no_reviewer": FindingNoReviewer, "The agent cannot review, or none is left to ask.";
    "finding.no_work": FindingNoWork, "The item has no work in this clone to review.";
    "finding.not_found": FindingNotFound, "There is no such finding.";
    "finding.private": FindingPrivate, "The finding stays in this clone until a human shares it.";
    "finding.settled": FindingSettled, "The finding is settled already, or it is open.";
    "finding.too_large": FindingTooLarge, "The work is too large to be reviewed.";
    "finding.unreadable": FindingUnreadable, "The report of findings cannot be read.";
    "finish.branch_moved": FinishBranchMoved, "The branch moved while its gates ran.";
    "finish.no_commits": FinishNoCommits, "The branch has no commits of its own.";
    "finish.not_accepted": FinishNotAccepted, "Acceptance criteria are not accepted yet.";
    "finish.not_pushed": FinishNotPushed, "The branch could not be pushed for the review.";
    "finish.tests_first": FinishTestsFirst, "The tests have to be finished before the work.";
    "finish.uncommitted": FinishUncommitted, "The worktree has uncommitted work.";
    "forge.answer": ForgeAnswer, "The forge answered with something else than expected.";
    "forge.busy": ForgeBusy, "Another process of this clone exchanges with the forge.";
    "forge.checks_failed": ForgeChecksFailed, "A check of the pull request failed.";
    "forge.closed": ForgeClosed, "The pull request or issue was closed at the forge.";
    "forge.elsewhere": ForgeElsewhere, "The issue is of another repository than the linked one.";
    "forge.forbidden": ForgeForbidden, "The token may not do that at the forge.";
    "forge.issue": ForgeIssue, "The issue is closed, gone, or a pull request.";
    "forge.limited": ForgeLimited, "A limit of the forge is reached.";
    "forge.linked": ForgeLinked, "The project is linked to the repository.";
    "forge.moved": ForgeMoved, "The repository was renamed, transferred or replaced.";
    "forge.no_conflict": ForgeNoConflict, "The item has no such conflict with its issue.";
    "forge.private": ForgePrivate, "The item stays on this machine.";
    "forge.refused": ForgeRefused, "The forge refused a request.";
    "forge.secret": ForgeSecret, "A text that would be sent seems to have a secret.";
    "forge.token": ForgeToken, "There is no token for the host, or it is not accepted.";
    "forge.unconfirmed": ForgeUnconfirmed, "This clone has not confirmed the link.";
    "forge.unlinked": ForgeUnlinked, "The project is linked to no repository.";
    "forge.unreachable": ForgeUnreachable, "The forge did not answer.";
    "forge.unseen": ForgeUnseen, "No human has agreed to what would be sent.";
    "forge.waiting": ForgeWaiting, "The checks of the pull request have not ended.";
    "git.failed": GitFailed, "A git command failed.";
    "git.irregular_file": GitIrregularFile, "Something that is no file is where git reads one.";
    "git.missing": GitMissing, "The git program was not found or cannot be started.";
    "git.shallow": GitShallow, "The clone is shallow, and lacks the history that is needed.";
    "git.too_old": GitTooOld, "The git program is too old.";
    "handoff.missing": HandoffMissing, "The item has no handoff.";
    "history.commit_unknown": HistoryCommitUnknown, "The text names neither a commit of the state nor a time.";
    "history.invalid_range": HistoryInvalidRange, "The text is not a range of states.";
    "history.item_missing": HistoryItemMissing, "The item did not exist at that time.";
    "history.too_early": HistoryTooEarly, "The time is before the recorded history.";
    "hook.blocked": HookBlocked, "Something that is no file is at the place of a hook.";
    "hook.unreadable": HookUnreadable, "The place of the hooks cannot be read from git's configuration.";
    "http.body": HttpBody, "The body is not valid HTTP.";
    "http.busy": HttpBusy, "The server has too much to do, or is shutting down.";
    "http.content_type": HttpContentType, "The body is not JSON.";
    "http.defect": HttpDefect, "The request failed because of a bug in git pm.";
    "http.forbidden": HttpForbidden, "The token or session does not permit this.";
    "http.header": HttpHeader, "A header is missing, repeated or invalid.";
    "http.host": HttpHost, "The server does not answer under this host name.";
    "http.method": HttpMethod, "The path does not support the method.";
    "http.no_route": HttpNoRoute, "There is nothing at the path.";
    "http.timeout": HttpTimeout, "The body did not arrive in time.";
    "http.token_in_url": HttpTokenInUrl, "A token was part of a URL.";
    "http.too_large": HttpTooLarge, "The body is larger than the limit.";
    "http.too_many_readers": HttpTooManyReaders, "Too many readers follow the events.";
    "http.too_many_requests": HttpTooManyRequests, "Too many requests were made.";
    "http.unauthorized": HttpUnauthorized, "No valid token or session was given.";
    "import.conflict_markers": ImportConflictMarkers, "The file contains git conflict markers.";
    "import.if_version": ImportIfVersion, "A version cannot be compared with this import.";
    "import.invalid": ImportInvalid, "The file to import is not in the expected form.";
    "import.link": ImportLink, "A link leads out of the folder to import.";
    "import.not_found": ImportNotFound, "There is nothing to import at the path.";
    "import.not_importable": ImportNotImportable, "That tracker cannot be imported from there.";
    "import.too_large": ImportTooLarge, "There is more to import than the limit allows.";
    "install.broken_marks": InstallBrokenMarks, "The section of git pm in the file is damaged.";
    "install.changed": InstallChanged, "The file was changed in the meantime.";
    "install.exists": InstallExists, "The file exists, and git pm did not write it.";
    "install.not_a_file": InstallNotAFile, "The path is no file.";
    "install.outside": InstallOutside, "The path leads out of the worktree or into git's own files.";
    "install.unreadable": InstallUnreadable, "The file is not JSON in the expected form.";
    "item.changed": ItemChanged, "The item was changed since the version that the caller saw.";
    "item.missing": ItemMissing, "The item does not exist any more.";
    "item.proposed": ItemProposed, "The item is proposed: its plan is not approved.";
    "item.unnamed": ItemUnnamed, "No item was named, and none is checked out here.";
    "key.reused": KeyReused, "The idempotency key was used for another operation.";
    "learning.ambiguous": LearningAmbiguous, "The name fits several learnings.";
    "learning.changed": LearningChanged, "The learning was changed in the meantime.";
    "learning.circle": LearningCircle, "Learnings would supersede each other.";
    "learning.invalid_path": LearningInvalidPath, "The pattern of paths is not valid.";
    "learning.invalid_tag": LearningInvalidTag, "The text cannot be a tag.";
    "learning.invalid_text": LearningInvalidText, "A text of the learning is not a single line.";
    "learning.itself": LearningItself, "A learning cannot refer to itself.";
    "learning.no_commit": LearningNoCommit, "There is no such commit here.";
    "learning.no_title": LearningNoTitle, "A learning needs a title.";
    "learning.no_word": LearningNoWord, "The search has no word to search for.";
    "learning.no_work": LearningNoWork, "The item was never started, so there is nothing to learn from.";
    "learning.not_found": LearningNotFound, "There is no such learning.";
    "learning.retired": LearningRetired, "The learning is retired.";
    "learning.secret": LearningSecret, "The learning seems to contain a secret.";
    "learning.too_long": LearningTooLong, "A text or list of the learning is longer than the limit.";
    "mcp.handshake": McpHandshake, "The first message of the client was not `initialize`.";
    "mcp.not_a_request": McpNotARequest, "The line is not a JSON-RPC request.";
    "mcp.not_json": McpNotJson, "The line is not JSON.";
    "mcp.too_long": McpTooLong, "The line is longer than the limit.";
    "mcp.unfinished": McpUnfinished, "The input ended before all requests were answered.";
    "merge.branch_moved": MergeBranchMoved, "The branch was updated in the meantime.";
    "merge.changed_since_start": MergeChangedSinceStart, "What decides the merge changed after the work began.";
    "merge.conflict": MergeConflict, "The branches conflict.";
    "merge.damaged_above": MergeDamagedAbove, "A document above the item is damaged, so a stop may be hidden.";
    "merge.gate_failed": MergeGateFailed, "A gate failed on the merged work.";
    "merge.item_changed": MergeItemChanged, "The item was changed in the meantime.";
    "merge.message_refused": MergeMessageRefused, "The commit-msg hook refused the message.";
    "merge.needs_pull": MergeNeedsPull, "The target moves only through pull requests.";
    "merge.no_branch": MergeNoBranch, "The item has no branch.";
    "merge.not_pushed": MergeNotPushed, "The merge could not be pushed.";
    "merge.not_ready": MergeNotReady, "The item is not approved for a merge.";
    "merge.stacked": MergeStacked, "The branch contains unapproved work of another item.";
    "merge.target_diverged": MergeTargetDiverged, "The target differs from that of the remote.";
    "merge.target_fails": MergeTargetFails, "A gate fails on the target itself.";
    "merge.target_missing": MergeTargetMissing, "The branch of the item's epic is neither here nor at the remote.";
    "merge.target_moved": MergeTargetMoved, "The target moved at the remote in the meantime.";
    "merge.waits": MergeWaits, "The item waits for others to be merged.";
    "merge.work_missing": MergeWorkMissing, "The submitted commit is not in this clone.";
    "model.connection": ModelConnection, "The settings of the connection to a model are not valid.";
    "model.key": ModelKey, "The key for the model is not valid.";
    "model.no_key": ModelNoKey, "There is no key for the model.";
    "model.plain": ModelPlain, "A key would be sent without encryption.";
    "model.price": ModelPrice, "The text is not a price.";
    "model.setting": ModelSetting, "The setting of the model has an invalid value.";
    "model.url": ModelUrl, "The base URL of the model is not valid.";
    "money.invalid": MoneyInvalid, "The text is not an amount of money.";
    "msg.ambiguous": MsgAmbiguous, "The name fits several messages.";
    "msg.closed": MsgClosed, "The item of the request is closed.";
    "msg.invalid_recipient": MsgInvalidRecipient, "The text cannot be a recipient.";
    "msg.missing": MsgMissing, "There is no such message.";
    "msg.no_owner": MsgNoOwner, "The item has no owner to write to.";
    "msg.none": MsgNone, "No message arrived in time.";
    "msg.not_a_request": MsgNotARequest, "The message is not a request.";
    "msg.not_yours": MsgNotYours, "The message is for another actor.";
    "msg.secret": MsgSecret, "The message or comment seems to contain a secret.";
    "msg.settled": MsgSettled, "The request is settled already.";
    "msg.too_large": MsgTooLarge, "The message is longer than the limit.";
    "msg.unknown_recipient": MsgUnknownRecipient, "No actor of that name is known.";
    "next.finished": NextFinished, "All work is closed.";
    "next.none_started": NextNoneStarted, "None of the items that were tried could be started.";
    "next.nothing_ready": NextNothingReady, "There is open work, but nothing can be started now.";
    "notify.exists": NotifyExists, "There is a rule for news of that name.";
    "notify.invalid": NotifyInvalid, "A rule for news is not valid.";
    "notify.not_found": NotifyNotFound, "There is no rule for news of that name.";
    "notify.not_sender": NotifyNotSender, "Another clone is the one that sends news.";
    "notify.running": NotifyRunning, "Another process is sending news.";
    "params.invalid": ParamsInvalid, "The parameters of the method are not valid.";
    "path.link": PathLink, "A link in the work tree leads elsewhere.";
    "path.reserved": PathReserved, "Another actor has reserved the path.";
    "path.unknown": PathUnknown, "The path does not exist.";
    "pattern.too_costly": PatternTooCostly, "The patterns are too many or too complex to compare.";
    "plan.file_moved": PlanFileMoved, "The file seems to be a planned document whose own file is gone.";
    "plan.task_exists": PlanTaskExists, "The task has become an item already.";
    "prime.invalid_budget": PrimeInvalidBudget, "The number of tokens is out of range.";
    "prompt.unknown": PromptUnknown, "There is no such prompt.";
    "queue.running": QueueRunning, "Another merge queue is running.";
    "redact.not_found": RedactNotFound, "Nothing matches what should be redacted.";
    "remote.changed": RemoteChanged, "The remote's state changed in the meantime.";
    "remote.missing": RemoteMissing, "No remote is configured for the state.";
    "remote.read_only": RemoteReadOnly, "The remote does not accept pushes of this user.";
    "remote.refused": RemoteRefused, "The remote refused the change.";
    "remote.unreachable": RemoteUnreachable, "The remote could not be reached, or did not answer.";
    "report.empty_range": ReportEmptyRange, "The period of the report ends before it begins.";
    "repository.missing": RepositoryMissing, "There is no git repository at the folder.";
    "repository.not_owned": RepositoryNotOwned, "The repository belongs to another user, and git does not trust it.";
    "repository.not_set_up": RepositoryNotSetUp, "The repository has no state of git pm.";
    "repository.unreadable": RepositoryUnreadable, "There is a repository, but it cannot be opened.";
    "reservation.remote": ReservationRemote, "The reservation is of another clone, so its end needs the remote.";
    "reservation.unknown": ReservationUnknown, "There is no such live reservation.";
    "resource.unknown": ResourceUnknown, "There is no such resource.";
    "return.kept": ReturnKept, "The work was returned to its author, who may still continue it.";
    "route.setting": RouteSetting, "The setting of a route has an invalid value.";
    "route.variable": RouteVariable, "The environment variable does not name a model.";
    "rule.undetermined": RuleUndetermined, "The value of a shared rule cannot be determined.";
    "run.alive": RunAlive, "Another process works on the run.";
    "run.at_work": RunAtWork, "The run has not ended.";
    "run.closed": RunClosed, "The item is closed, so a run cannot work on it.";
    "run.elsewhere": RunElsewhere, "The run was started in another clone.";
    "run.no_agent": RunNoAgent, "No agent is named for the work.";
    "run.no_log": RunNoLog, "There is no log.";
    "run.no_price": RunNoPrice, "The budget cannot be kept, as the cost of the agent is not known.";
    "run.no_program": RunNoProgram, "The agent's program is not installed, or cannot be used.";
    "run.no_sandbox": RunNoSandbox, "Agents cannot be started in a sandbox here.";
    "run.not_found": RunNotFound, "There is no such run.";
    "run.not_published": RunNotPublished, "The remote rejected the logs.";
    "run.pins_changed": RunPinsChanged, "What decides the merges of the run was changed after its start.";
    "run.prompt_cap": RunPromptCap, "The prompt does not fit into the limit of its role.";
    "schema.unknown": SchemaUnknown, "There is no such schema.";
    "secret.found": SecretFound, "The text seems to contain a secret.";
    "serve.address": ServeAddress, "The server cannot listen on the address.";
    "serve.no_token": ServeNoToken, "The actor has no token.";
    "serve.no_tokens": ServeNoTokens, "The server would be open to other machines without tokens.";
    "serve.phone": ServePhone, "A phone cannot be signed in at this address.";
    "serve.tls": ServeTls, "The files for TLS cannot be used.";
    "serve.token_exists": ServeTokenExists, "The actor has a token already.";
    "serve.tokens_damaged": ServeTokensDamaged, "The file of the tokens is damaged.";
    "serve.too_many_tokens": ServeTooManyTokens, "There are too many tokens.";
    "setting.invalid": SettingInvalid, "The setting has an invalid value.";
    "setting.not_shared": SettingNotShared, "The rule cannot be shared.";
    "start.ambiguous_base": StartAmbiguousBase, "The name of the base is ambiguous.";
    "start.not_reached": StartNotReached, "Work that it waits for was merged elsewhere, and is not here yet.";
    "start.not_ready": StartNotReady, "The item cannot be started now.";
    "start.worktree_locked": StartWorktreeLocked, "Git keeps the place of a worktree that is not there.";
    "state.elsewhere": StateElsewhere, "In a sandbox the state cannot be written: the runner has to do it.";
    "state.incomplete": StateIncomplete, "The state has no `pm.yaml`.";
    "state.rejected": StateRejected, "Git rejects an object of the remote's state: `fetch.fsckObjects` is set.";
    "status.not_allowed": StatusNotAllowed, "The item cannot change to that status now.";
    "submodule.unsaved": SubmoduleUnsaved, "A submodule has work that is saved nowhere else.";
    "sync.first_push": SyncFirstPush, "The state was never pushed: the first push has to be confirmed.";
    "sync.no_remote": SyncNoRemote, "The clone has no remote.";
    "task.irregular_file": TaskIrregularFile, "A file of the task is not a plain file within the limit.";
    "task.not_taken_over": TaskNotTakenOver, "The commits of an agent could not be taken over.";
    "text.nul": TextNul, "The text contains a NUL character.";
    "trust.changed": TrustChanged, "The file was changed after it was shown.";
    "trust.invalid_file": TrustInvalidFile, "`.pm.toml` is not valid, or a file of `.pm/agents` cannot be used.";
    "trust.no_file": TrustNoFile, "There is no `.pm.toml` to trust.";
    "trust.required": TrustRequired, "The commands of `.pm.toml` are not trusted here.";
    "undo.blocked": UndoBlocked, "Later work depends on what would be undone.";
    "undo.empty": UndoEmpty, "Nothing is left to undo.";
    "undo.unsupported": UndoUnsupported, "That operation cannot be undone.";
    "undo.would_approve": UndoWouldApprove, "The undo would approve a plan, which an agent cannot do.";
    "undo.would_close_cycle": UndoWouldCloseCycle, "The undo would close a cycle of dependencies.";
    "uninstall.unsaved": UninstallUnsaved, "Worktrees or branches of items have work that is saved nowhere else.";
    "version.not_applicable": VersionNotApplicable, "The operation changes no item whose version could be compared.";
    "worktree.dirty": WorktreeDirty, "The worktree has work that is saved nowhere else.";
    "worktree.exists": WorktreeExists, "The folder is a worktree already.";
    "worktree.folder_in_use": WorktreeFolderInUse, "The folder exists and is not empty.";
    "worktree.foreign": WorktreeForeign, "Git pm did not make the worktree.";
    "worktree.in_use": WorktreeInUse, "A process runs in the worktree.";
    "worktree.inside_git_dir": WorktreeInsideGitDir, "The folder is inside the git directory.";
    "worktree.lent": WorktreeLent, "The agent of a run still uses the worktree.";
    "worktree.link_changed": WorktreeLinkChanged, "The `.git` file does not point to a worktree of the repository.";
    "worktree.locked": WorktreeLocked, "The worktree is locked.";
    "worktree.main": WorktreeMain, "The main worktree cannot be removed.";
    "worktree.missing": WorktreeMissing, "The item has no worktree in this clone.";
    "worktree.moved": WorktreeMoved, "The worktree was moved.";
    "worktree.nested": WorktreeNested, "Another worktree is inside of it.";
    "worktree.not_switched": WorktreeNotSwitched, "The folder cannot switch to the branch.";
    "worktree.own_settings": WorktreeOwnSettings, "The worktree has git settings of its own.";
    "worktree.unknown": WorktreeUnknown, "The folder is not a worktree.";
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Compares the code.
impl PartialEq<&str> for Reason {
    fn eq(&self, code: &&str) -> bool {
        self.as_str() == *code
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::path::PathBuf;

    /// The code of a tree without its comments.
    fn texts_below(folder: &str, out: &mut Vec<String>) {
        let root = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
        let mut folders = vec![root.join(folder)];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|end| end == "rs")
                    && !path.ends_with("error/reason.rs")
                {
                    out.push(fs::read_to_string(path).unwrap());
                }
            }
        }
    }

    #[test]
    fn every_reason_is_used() {
        let mut texts = Vec::new();
        texts_below("src", &mut texts);
        texts_below("bin", &mut texts);
        let mut words = std::collections::HashSet::new();
        for text in &texts {
            let after = text.split("Reason::").skip(1);
            words.extend(after.map(|rest| {
                let end = rest.find(|c: char| !c.is_alphanumeric());
                &rest[..end.unwrap_or(rest.len())]
            }));
        }
        for reason in Reason::ALL {
            let name = format!("{reason:?}");
            assert!(words.contains(name.as_str()), "{reason} is never given");
        }
    }

    #[test]
    fn codes_are_distinct_and_sorted_and_have_a_meaning() {
        let codes: Vec<&str> = Reason::ALL.iter().map(|reason| reason.as_str()).collect();
        let is_kind = |code: &&str| !code.contains('.');
        let kinds = codes.iter().take_while(|code| is_kind(code)).count();
        assert_eq!(kinds, 10);
        assert!(codes[..kinds].is_sorted_by(|a, b| a < b));
        assert!(codes[kinds..].is_sorted_by(|a, b| a < b));
        for reason in Reason::ALL {
            let plain = |c: char| c.is_ascii_lowercase() || "._".contains(c);
            assert!(reason.as_str().chars().all(plain), "{reason}");
            assert!(reason.meaning().ends_with('.'), "{reason}");
            assert_eq!(*reason, reason.as_str());
        }
    }
}
