//! Secrets that a database keeps as hashes: what loads, what it costs, and what the time of a response tells.
//!
//! With the features `argon2`, `bcrypt` and `pbkdf2`, a secret can be registered as the hash that your
//! database has:
//!
//! ```
//! # #[cfg(feature = "bcrypt")] {
//! use tower_token_endpoint::MemoryClientStore;
//!
//! let clients = MemoryClientStore::from_json(br#"[{
//!     "client_id": "s6BhdRkqt3",
//!     "client_secrets": [
//!         { "hash": "$2b$10$4hTAYtCn0IZ3coPvZTQadupusYV4obOXpa8NvazwVuEknXhlqtOTa", "expires_at": 4102444800 },
//!         { "hash": "sha256:53f5da0aaa93d64cd5772c554cbf940f0539e689dddbeb8f923eec3f72c02ea9" }
//!     ]
//! }]"#)?;
//! assert!(clients.warnings().is_empty());
//! # }
//! # Ok::<_, tower_token_endpoint::BoxError>(())
//! ```
//!
//! The first is the hash of `demo-bcrypt-secret`. This prints such a hash:
//!
//! ```text
//! htpasswd -nbBC 10 "" my-secret | cut -d: -f2
//! ```
//!
//! In Rust, it is [`ClientSecret::from_hash`](crate::client::ClientSecret::from_hash). The hashes are Argon2
//! (`$argon2id$`, `$argon2i$`, `$argon2d$`), bcrypt (`$2a$`, `$2b$`, `$2y$`), PBKDF2 with SHA-256 or SHA-512
//! (also as passlib writes it), and `sha256:` with 64 hexadecimal digits. During a rotation, each secret is
//! accepted until its own `expires_at`. The members are listed [in the module
//! `client`](crate::client#secrets-in-json).
//!
//! With hashes from a table, it is `Client::from_metadata(metadata, [ClientSecret::from_hash(&hash)?])`. A
//! store of your own that has slow hashes should also implement
//! [`ClientStore::decoy`](crate::store::ClientStore::decoy): which hashes are computed for a client that does
//! not exist, so that the time does not tell.
//!
//! # What is refused
//!
//! A hash that cannot be verified is refused when it is loaded, and the error says why: its feature is off, a
//! part of it is missing, or it costs more than [`HashLimits`](crate::client::HashLimits) allow. So a client
//! that loads can authenticate.
//!
//! bcrypt uses only the first 72 bytes of a secret, and many libraries stop at NUL. The layer refuses a longer
//! secret, and one that contains NUL, although the old server may have accepted it. Give such a client a new
//! secret before you move it.
//!
//! # One kind for all clients
//!
//! All clients should have one kind of hash with the same parameters. If they differ, the time of a refusal
//! can tell that a `client_id` exists, but nothing about the secret. Whether a hash starts with `$2a$`, `$2b$`
//! or `$2y$` does not matter, but its cost does. The layer does not hash a secret again with other parameters.
//!
//! # When a slow hash is needed
//!
//! Only for secrets that people chose. [`ClientSecret::generate`](crate::client::ClientSecret::generate) makes
//! a secret of 256 random bits, and its SHA-256 to register: that is as safe, and costs a request almost
//! nothing. Any other hash, or a vault, is a [`SecretHash`](crate::client::SecretHash) of your own.
//!
//! A slow hash takes milliseconds of a core, and anybody can make the server compute one.
//! [`client::hashing`](crate::client::hashing) says where they run, how many at once, and how the next request
//! of an accepted client skips them. If the client with the most hashed secrets has *n* of them, a request
//! costs as many slow hashes as this table says:
//!
//! | request | slow hashes |
//! |---|---|
//! | accepted by its *k*-th secret | *k* |
//! | accepted by a secret that is remembered | 0 |
//! | an unknown client; a wrong or expired secret; a method that the client is not registered for | *n* |
//! | the same, with Basic credentials that have two readings: decoded, and as they were sent, unless `strict_basic` is set | 2 *n* |
//! | over a limit of the throttle (429) | 0 |
