-- The sandbox's records. Times are seconds since 1970, UTC.

CREATE TABLE IF NOT EXISTS accounts (
    id INTEGER PRIMARY KEY,
    owner TEXT NOT NULL UNIQUE,
    account_type TEXT NOT NULL,
    credits INTEGER NOT NULL CHECK (credits >= 0),
    next_expiration TEXT
);

CREATE TABLE IF NOT EXISTS keys (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES accounts,
    digest TEXT NOT NULL UNIQUE,
    last_four TEXT NOT NULL,
    expires_at REAL,
    revoked_at REAL
);

CREATE TABLE IF NOT EXISTS generations (
    id TEXT PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES accounts,
    key_id INTEGER NOT NULL REFERENCES keys,
    model TEXT NOT NULL,
    prompt TEXT NOT NULL,
    aspect_ratio TEXT NOT NULL,
    tier TEXT NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    n INTEGER NOT NULL CHECK (n BETWEEN 1 AND 4),
    price INTEGER NOT NULL,
    tint TEXT,
    fields TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('running', 'succeeded', 'failed')),
    failure TEXT,
    accepted_at REAL NOT NULL,
    due_at REAL
);
CREATE INDEX IF NOT EXISTS generations_running ON generations (state) WHERE state = 'running';
CREATE INDEX IF NOT EXISTS generations_of_account ON generations (account_id, accepted_at);

CREATE TABLE IF NOT EXISTS images (
    id TEXT PRIMARY KEY,
    generation_id TEXT NOT NULL REFERENCES generations,
    position INTEGER NOT NULL,
    created_at REAL NOT NULL,
    UNIQUE (generation_id, position)
);

CREATE TABLE IF NOT EXISTS reference_images (
    generation_id TEXT NOT NULL REFERENCES generations,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    content_type TEXT NOT NULL,
    size INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    PRIMARY KEY (generation_id, position)
);

CREATE TABLE IF NOT EXISTS ledger (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES accounts,
    key_id INTEGER NOT NULL REFERENCES keys,
    generation_id TEXT NOT NULL REFERENCES generations,
    kind TEXT NOT NULL CHECK (kind IN ('charge', 'refund')),
    credits INTEGER NOT NULL CHECK (credits > 0),
    at REAL NOT NULL,
    UNIQUE (generation_id, kind)
);
CREATE INDEX IF NOT EXISTS ledger_of_account ON ledger (account_id);
CREATE TRIGGER IF NOT EXISTS ledger_is_never_changed BEFORE UPDATE ON ledger
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER IF NOT EXISTS ledger_is_never_shortened BEFORE DELETE ON ledger
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
