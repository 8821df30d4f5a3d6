-- Conversations and messages of a chat, for SQLite. Only the tables below are replaced.
DROP TABLE IF EXISTS message;
DROP TABLE IF EXISTS conversation;

CREATE TABLE conversation (
  id         INTEGER PRIMARY KEY,
  title      TEXT NOT NULL,
  updated_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE message (
  id              INTEGER PRIMARY KEY,
  conversation_id INTEGER NOT NULL REFERENCES conversation (id),
  role            TEXT NOT NULL CHECK (role IN ('user', 'assistant')),
  body            TEXT NOT NULL,
  created_at      TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
);

BEGIN;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
INSERT INTO conversation (id, title) SELECT i, 'Conversation ' || i FROM n;

-- About twenty messages in each conversation; questions are shorter than answers.
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
INSERT INTO message (conversation_id, role, body)
SELECT 1 + i % 1000,
       CASE WHEN i / 1000 % 2 = 0 THEN 'user' ELSE 'assistant' END,
       substr(replace(hex(zeroblob(300)), '00', 'word '), 1,
              CASE WHEN i / 1000 % 2 = 0 THEN 60 + i % 120 ELSE 200 + i % 700 END)
FROM n;
COMMIT;

CREATE INDEX message_by_conversation ON message (conversation_id, id);
ANALYZE;
