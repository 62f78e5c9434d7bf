-- TEXT is compared byte for byte, as a client_id must be.
CREATE TABLE clients (
    client_id TEXT PRIMARY KEY NOT NULL,
    -- RFC 7591 client metadata, without secrets.
    metadata TEXT NOT NULL CHECK (json_extract(metadata, '$.client_id') IS client_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE client_secrets (
    -- Not used again after a secret is gone, so that a number that was noted means no other one.
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    client_id TEXT NOT NULL REFERENCES clients ON DELETE CASCADE,
    -- sha256: and 64 hexadecimal digits, or a PHC string such as $argon2id$...
    hash TEXT NOT NULL,
    -- In seconds since 1970. NULL: never. Larger numbers are milliseconds by mistake.
    expires_at INTEGER CHECK (expires_at BETWEEN 1 AND 99999999999),
    created_at INTEGER NOT NULL DEFAULT (unixepoch()),
    UNIQUE (client_id, hash)
) STRICT;
