//! The clients in a SQLite database.

use std::{
    borrow::Cow,
    error::Error,
    fmt,
    path::Path,
    str::FromStr as _,
    sync::Arc,
    time::{Duration, SystemTime},
};

use http::request::Parts;
use sqlx::{
    SqlitePool,
    migrate::{Migration, MigrationType, Migrator},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions},
};
use tower_token_endpoint::{BoxError, Client, client::ClientSecret, store::ClientStore};

/// How many lookups run at a time. A lookup keeps its connection until the database has
/// finished, also if the request is gone. So a slow database empties the pool, and does no
/// more work than that.
pub(crate) const CONNECTIONS: u32 = 4;
/// How long a request waits for a connection, and a connection for a lock of another process.
/// Together they are shorter than the deadline of the layer, so that the log tells which of
/// them it was.
pub(crate) const WAIT: Duration = Duration::from_secs(2);

/// A client with all of its secrets, one row for each. Expired secrets are among them: a
/// client whose secrets have expired gets a 401, but a client without any cannot be read.
const FIND: &str = "
    SELECT metadata, number, hash, expires_at
    FROM clients LEFT JOIN client_secrets USING (client_id)
    WHERE client_id = ?";

type Row = (String, Option<i64>, Option<String>, Option<i64>);

/// Reads a client from the database for each request.
///
/// The secrets that `secrets.rs` adds are SHA-256 digests, and so is the decoy that the layer
/// makes for unknown clients. If yours are slow hashes, implement [`ClientStore::decoy`] as well.
#[derive(Clone, Debug)]
pub(crate) struct SqliteClients {
    pool: SqlitePool,
}

impl SqliteClients {
    /// Opens a new database in memory. It ends with its last connection.
    pub(crate) async fn in_memory() -> Result<Self, sqlx::Error> {
        let options = SqliteConnectOptions::from_str("sqlite::memory:")?;
        let pool = SqlitePoolOptions::new().min_connections(1);
        let pool = pool.idle_timeout(None).max_lifetime(None);
        Self::open(options, pool).await
    }

    /// Opens a database in a file. If a server made a new one when it finds none, every client
    /// would get a 401.
    pub(crate) async fn file(path: impl AsRef<Path>, is_new: bool) -> Result<Self, sqlx::Error> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(is_new)
            // Requests can then read while somebody adds a secret.
            .journal_mode(SqliteJournalMode::Wal);
        Self::open(options, SqlitePoolOptions::new()).await
    }

    async fn open(
        options: SqliteConnectOptions,
        pool: SqlitePoolOptions,
    ) -> Result<Self, sqlx::Error> {
        let pool = pool.max_connections(CONNECTIONS).acquire_timeout(WAIT);
        let pool = pool.connect_with(options.busy_timeout(WAIT)).await?;
        migrations().run(&pool).await?;
        Ok(Self { pool })
    }

    pub(crate) fn pool(&self) -> &SqlitePool {
        &self.pool
    }
}

/// `sqlx::migrate!` makes the same of the folder, but needs the macros of sqlx.
fn migrations() -> Migrator {
    let clients = Migration::new(
        1,
        "clients".into(),
        MigrationType::Simple,
        include_str!("../migrations/1_clients.sql").into(),
        false,
    );
    Migrator {
        migrations: Cow::Owned(vec![clients]),
        ..Migrator::DEFAULT
    }
}

impl ClientStore for SqliteClients {
    type Error = LookupError;

    async fn find(
        &self,
        client_id: &str,
        _request: &Parts,
    ) -> Result<Option<Arc<Client>>, LookupError> {
        // Dropping this at the deadline is safe: the pool takes the connection back when the
        // database has finished.
        let rows = sqlx::query_as(FIND).bind(client_id).fetch_all(&self.pool);
        let unreadable = |error| LookupError::UnreadableRow {
            client_id: client_id.to_owned(),
            error,
        };
        let rows: Vec<Row> = rows.await.map_err(|error| {
            if matches!(error, sqlx::Error::ColumnDecode { .. }) {
                unreadable(error.into())
            } else {
                LookupError::Database(error)
            }
        })?;
        if rows.is_empty() {
            return Ok(None);
        }
        let client = client(rows).map_err(unreadable)?;
        if client.client_id() != client_id {
            let error = format!("its metadata has the client_id {:?}", client.client_id());
            return Err(unreadable(error.into()));
        }
        Ok(Some(Arc::new(client)))
    }
}

fn client(rows: Vec<Row>) -> Result<Client, BoxError> {
    let mut metadata = Cow::Borrowed("");
    let mut secrets = Vec::new();
    for (text, number, hash, expires_at) in rows {
        metadata = text.into();
        // Both are NULL if the client has no secret.
        if let (Some(number), Some(hash)) = (number, hash) {
            let secret = secret(&hash, expires_at);
            secrets.push(secret.map_err(|error| format!("secret {number}: {error}"))?);
        }
    }
    Ok(Client::from_metadata(
        serde_json::from_str(&metadata)?,
        secrets,
    )?)
}

fn secret(hash: &str, expires_at: Option<i64>) -> Result<ClientSecret, BoxError> {
    let secret = ClientSecret::from_hash(hash)?;
    let Some(expires_at) = expires_at else {
        return Ok(secret);
    };
    let since_1970 = Duration::from_secs(expires_at.try_into()?);
    let time = SystemTime::UNIX_EPOCH.checked_add(since_1970);
    Ok(secret.expires_at(time.ok_or("its expiry is too late")?))
}

/// Error returned when the store cannot tell whether a client exists, or cannot read it. The
/// layer responds with a 503, and its event has the text of the error and of its causes.
#[derive(Debug)]
pub(crate) enum LookupError {
    Database(sqlx::Error),
    UnreadableRow { client_id: String, error: BoxError },
}

impl fmt::Display for LookupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Database(_) => f.write_str("the client database failed"),
            Self::UnreadableRow { client_id, .. } => {
                write!(f, "the row of the client {client_id:?} cannot be read")
            }
        }
    }
}

impl Error for LookupError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Database(error) => Some(error),
            Self::UnreadableRow { error, .. } => Some(&**error),
        }
    }
}
