CREATE UNIQUE INDEX doc_uid ON doc(uid);
CREATE INDEX doc_end ON doc(substr(uid,-6)) WHERE family>=3;
CREATE INDEX item_id ON item(id);
CREATE INDEX item_born ON item(born) WHERE born IS NOT NULL;
CREATE INDEX item_order ON item(kind, rank);
CREATE INDEX item_open ON item(kind, rank) WHERE open=1;
CREATE INDEX item_ready ON item(priority, age, rank) WHERE ready=1;
CREATE INDEX item_blocked ON item(priority, age, rank) WHERE blocked=1;
CREATE INDEX item_todo ON item(status, ready, blocked, defer, todo) WHERE todo IS NOT NULL;
CREATE INDEX item_begun ON item(kind, rank) WHERE todo<0;
CREATE INDEX item_due ON item(due) WHERE ready=1 AND due IS NOT NULL;
CREATE INDEX item_defer ON item(defer) WHERE defer IS NOT NULL;
CREATE INDEX item_owner ON item(owner) WHERE open=1 AND owner IS NOT NULL;
CREATE INDEX item_ready_owner ON item(owner, priority, age, rank)
    WHERE ready=1 AND owner IS NOT NULL;
CREATE INDEX item_blocked_owner ON item(owner, priority, age, rank)
    WHERE blocked=1 AND owner IS NOT NULL;
CREATE INDEX item_branch ON item(branch) WHERE branch IS NOT NULL;
CREATE INDEX item_title ON item(title) WHERE open=1;
CREATE INDEX item_type ON item(type, kind, rank) WHERE open=1;
CREATE INDEX item_epics ON item(kind, rank) WHERE epics=1;
CREATE INDEX item_epic ON item(epic) WHERE epic IS NOT NULL;
CREATE INDEX item_held ON item(n) WHERE held=1;
CREATE INDEX item_unheld ON item(coalesce(owner,''))
    WHERE deleted=0 AND held=0 AND status='in_progress';
CREATE INDEX item_active ON item(status) WHERE deleted=0
    AND status IN ('in_progress','in_review','ready_for_integration');
CREATE INDEX item_pile ON item(
    kind, status, priority, held, blocked, open, (defer IS NOT NULL), closed DESC, rank)
    WHERE deleted=0;
CREATE INDEX item_conflicted ON item(n) WHERE conflicted=1;
CREATE INDEX learning_conflicted ON learning(n) WHERE conflicted=1;
CREATE INDEX past_item_ms ON past_item(id, ms);
CREATE INDEX edge_dst ON edge(dst, kind);
CREATE INDEX comment_item ON comment(item);
CREATE INDEX reservation_open ON reservation(expires, patterns) WHERE ended=0;
CREATE INDEX message_request ON message(author) WHERE topic=1;
CREATE INDEX exchange_rounds ON exchange(rounds);
