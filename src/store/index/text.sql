DROP TABLE IF EXISTS text;
DROP TABLE IF EXISTS text_hash;
DROP TABLE IF EXISTS inside;
DROP TABLE IF EXISTS lesson;
CREATE TABLE text_hash(n INTEGER PRIMARY KEY, hash INTEGER NOT NULL);
CREATE VIRTUAL TABLE text USING fts5(
    title, body, subject, letter, content='', contentless_delete=1,
    tokenize='unicode61 remove_diacritics 2');
CREATE VIRTUAL TABLE inside USING fts5(
    title, content='', contentless_delete=1, tokenize='trigram remove_diacritics 1');
CREATE VIRTUAL TABLE lesson USING fts5(
    title, body, content='', contentless_delete=1,
    tokenize='porter unicode61 remove_diacritics 2');
