//! Registers clients, and replaces their secrets without an outage: add a secret, tell the
//! client, and revoke the old one when the client uses the new one. Until then, both are
//! accepted.

use std::time::{Duration, SystemTime};

use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use sqlx::SqliteConnection;
use tower_token_endpoint::{
    BoxError, Client,
    client::{AuthMethod, ClientSecret},
};

use crate::store::SqliteClients;

impl SqliteClients {
    /// Registers a client by its RFC 7591 metadata. The response has its first secret, which
    /// is stored nowhere.
    pub(crate) async fn add_client(&self, metadata: &str, days: u32) -> Result<Value, BoxError> {
        let metadata: Map<String, Value> = serde_json::from_str(metadata)?;
        if metadata.keys().any(|it| it.starts_with("client_secret")) {
            return Err("leave the secret out: the client gets a new one".into());
        }
        // The metadata is checked together with a secret, if only for this.
        let (_, a_secret) = ClientSecret::generate()?;
        let client = Client::from_metadata(metadata, [a_secret])?;
        let client_id = client.client_id();

        let mut transaction = self.pool().begin().await?;
        sqlx::query("INSERT INTO clients (client_id, metadata) VALUES (?, ?)")
            .bind(client_id)
            .bind(serde_json::to_string(&client)?)
            .execute(&mut *transaction)
            .await?;
        let has_secret = client.allows_method(AuthMethod::ClientSecretBasic)
            || client.allows_method(AuthMethod::ClientSecretPost);
        let added = if has_secret {
            insert_secret(&mut transaction, client_id, days).await?
        } else {
            json!({ "client_id": client_id })
        };
        transaction.commit().await?;
        Ok(added)
    }

    /// Adds a secret to those that the client has. The response has it, with its number and
    /// the numbers of the others that are still accepted.
    pub(crate) async fn add_secret(&self, client_id: &str, days: u32) -> Result<Value, BoxError> {
        let mut transaction = self.pool().begin().await?;
        // Each secret costs work, also for unknown clients if it is a slow hash.
        sqlx::query("DELETE FROM client_secrets WHERE client_id = ? AND expires_at <= unixepoch()")
            .bind(client_id)
            .execute(&mut *transaction)
            .await?;
        let others: Vec<i64> =
            sqlx::query_scalar("SELECT number FROM client_secrets WHERE client_id = ?")
                .bind(client_id)
                .fetch_all(&mut *transaction)
                .await?;
        let mut added = insert_secret(&mut transaction, client_id, days).await?;
        added["also_accepted"] = others.into();
        transaction.commit().await?;
        Ok(added)
    }

    /// Ends a secret now. It stays in the table as expired: its client gets a 401, not a 503.
    pub(crate) async fn revoke(&self, client_id: &str, number: i64) -> Result<(), BoxError> {
        let revoked = sqlx::query(
            "UPDATE client_secrets SET expires_at = unixepoch() WHERE client_id = ? AND number = ?
             AND (expires_at IS NULL OR expires_at > unixepoch())",
        )
        .bind(client_id)
        .bind(number)
        .execute(self.pool())
        .await?;
        if revoked.rows_affected() == 0 {
            return Err(format!("{client_id:?} has no secret {number} to revoke").into());
        }
        Ok(())
    }
}

async fn insert_secret(
    database: &mut SqliteConnection,
    client_id: &str,
    days: u32,
) -> Result<Value, BoxError> {
    let (secret, _) = ClientSecret::generate()?;
    let secret = secret.expose_secret();
    let digest = Sha256::digest(secret);
    let digits: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let lifetime = Duration::from_secs(u64::from(days) * 24 * 60 * 60);
    let expires_at = (SystemTime::now() + lifetime).duration_since(SystemTime::UNIX_EPOCH)?;
    let expires_at = i64::try_from(expires_at.as_secs())?;
    let inserted =
        sqlx::query("INSERT INTO client_secrets (client_id, hash, expires_at) VALUES (?, ?, ?)")
            .bind(client_id)
            .bind(format!("sha256:{digits}"))
            .bind(expires_at)
            .execute(database)
            .await
            .map_err(|error| match error.as_database_error() {
                Some(refused) if refused.is_foreign_key_violation() => {
                    format!("no client has the id {client_id:?}").into()
                }
                Some(_) | None => BoxError::from(error),
            })?;
    // As RFC 7591 §3.2.1 names them.
    Ok(json!({
        "client_id": client_id,
        "client_secret": secret,
        "client_secret_expires_at": expires_at,
        "number": inserted.last_insert_rowid(),
    }))
}
