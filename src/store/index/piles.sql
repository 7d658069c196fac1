CREATE TABLE pile(
    kind, status, priority, held, blocked, open, timed, n INTEGER NOT NULL,
    PRIMARY KEY(kind, status, priority, held, blocked, open, timed)) WITHOUT ROWID;
INSERT INTO pile SELECT kind, status, priority, held, blocked, open, defer IS NOT NULL, count(*)
    FROM item WHERE deleted=0 GROUP BY 1, 2, 3, 4, 5, 6, 7;
CREATE TRIGGER pile_more AFTER INSERT ON item WHEN new.deleted=0 BEGIN
    INSERT INTO pile VALUES(new.kind, new.status, new.priority, new.held, new.blocked, new.open,
        new.defer IS NOT NULL, 1) ON CONFLICT DO UPDATE SET n=n+1; END;
CREATE TRIGGER pile_less AFTER DELETE ON item WHEN old.deleted=0 BEGIN
    INSERT INTO pile VALUES(old.kind, old.status, old.priority, old.held, old.blocked, old.open,
        old.defer IS NOT NULL, -1) ON CONFLICT DO UPDATE SET n=n-1; END;
CREATE TRIGGER pile_moved AFTER UPDATE OF blocked ON item
    WHEN new.deleted=0 AND new.blocked<>old.blocked BEGIN
    INSERT INTO pile VALUES
        (old.kind, old.status, old.priority, old.held, old.blocked, old.open, old.defer IS NOT NULL, -1),
        (new.kind, new.status, new.priority, new.held, new.blocked, new.open, new.defer IS NOT NULL, 1)
        ON CONFLICT DO UPDATE SET n=n+excluded.n; END;
