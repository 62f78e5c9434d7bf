//! As clouds and clusters publish them.

use serde_json::json;

use crate::keys::*;
use crate::verdict::{Row, loads, refused, row, warns};

#[rustfmt::skip]
pub(crate) fn rows() -> Vec<Row> {
    let all_operations = json!(["encrypt", "decrypt", "sign", "verify", "wrapKey", "unwrapKey"]);
    let vault_kid = "https://vault.example.net/keys/signing/78deebed173b48e48f55abf87ed4cf71";
    vec![
        // Azure Key Vault: the answer has the key in `key`, and its own names of types and curves.
        row("Azure Key Vault", "the answer to a request for a key", json!({
            "key": rsa(json!({"kid": vault_kid, "key_ops": all_operations})),
            "attributes": {"enabled": true, "created": 1, "updated": 1, "recoveryLevel": "Recoverable+Purgeable"},
        }), refused([("jwks", "what is in `key`")])),
        row("Azure Key Vault", "the key of it", set([rsa(json!({"kid": vault_kid, "key_ops": all_operations}))]), loads()),
        row("Azure Key Vault", "a key in an HSM", set([rsa(json!({"kid": vault_kid, "kty": "RSA-HSM", "key_ops": all_operations}))]),
            refused([("jwks[0].kty", "write \"RSA\"")])),
        row("Azure Key Vault", "an EC key in an HSM, beside another", set([
            p256(json!({"kid": "1", "kty": "EC-HSM", "key_ops": ["sign", "verify"]})),
            other_p256(json!({"kid": "2", "key_ops": ["sign", "verify"]})),
        ]), warns([("jwks[0].kty", "write \"EC\"")])),
        row("Azure Key Vault", "P-256K", set([p256(json!({"kid": vault_kid, "crv": "P-256K", "key_ops": ["sign", "verify"]}))]),
            refused([("jwks[0].crv", "\"P-256K\" is not supported")])),
        row("Azure Key Vault", "only for wrapping", set([rsa(json!({"kid": vault_kid, "key_ops": ["wrapKey", "unwrapKey"]}))]),
            refused([("jwks[0].key_ops", "wrapKey unwrapKey")])),
        // AWS
        row("AWS", "a Cognito user pool", set([
            rsa(json!({"alg": "RS256", "kid": "DWnyI3IUlfNDaDc1aEBm6tHqEXBz/8GtZfuTQXTLgUk=", "use": "sig"})),
            other_rsa(json!({"alg": "RS256", "kid": "hKWTsRCfF7SdGIBQ6lXDX2Oy2sUxIQl9vQ0PTTgnhKI=", "use": "sig"})),
        ]), loads()),
        row("AWS", "an EKS cluster, with an empty kid", set([
            rsa(json!({"alg": "RS256", "kid": "1", "use": "sig"})),
            other_rsa(json!({"alg": "RS256", "kid": "", "use": "sig"})),
        ]), warns([("jwks[1].kid", "`kid` is missing, and key 0")])),
        row("AWS", "the answer of KMS", json!({"KeyId": "arn:aws:kms:eu-west-1:1:key/1", "PublicKey": "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A", "SigningAlgorithms": ["RSASSA_PSS_SHA_256"]}),
            refused([("jwks", "array `keys`")])),
        row("AWS", "a KMS key with the algorithm of KMS", set([rsa(json!({"kid": "1", "alg": "RSASSA_PSS_SHA_256"}))]),
            refused([("jwks[0].alg", "\"RSASSA_PSS_SHA_256\"")])),
        row("AWS", "ECC_SECG_P256K1", set([p256(json!({"kid": "1", "crv": "secp256k1", "alg": "ES256K", "use": "sig"}))]),
            refused([("jwks[0].alg", "\"ES256K\"")])),
        // GCP
        row("GCP", "oauth2/v3/certs", set([
            rsa(json!({"kid": "a06bd1a8fe9a8f3b", "alg": "RS256", "use": "sig"})),
            other_rsa(json!({"kid": "b1f2c3d4e5a69788", "alg": "RS256", "use": "sig"})),
        ]), loads()),
        row("GCP", "oauth2/v1/certs", json!({
            "a06bd1a8fe9a8f3b": "-----BEGIN CERTIFICATE-----\nMIIDJzCCAg+gAwIBAgIJAP\n-----END CERTIFICATE-----\n",
            "b1f2c3d4e5a69788": "-----BEGIN CERTIFICATE-----\nMIIDJzCCAg+gAwIBAgIJAQ\n-----END CERTIFICATE-----\n",
        }), refused([("jwks", "PEM")])),
        row("GCP", "the identity-aware proxy", set([
            p256(json!({"alg": "ES256", "kid": "AfjQfA", "use": "sig"})),
            other_p256(json!({"alg": "ES256", "kid": "2nMJtw", "use": "sig"})),
        ]), loads()),
        row("GCP", "the file of a service account", json!({
            "type": "service_account", "project_id": "p", "private_key_id": "1",
            "private_key": "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----\n",
            "client_email": "a@p.iam.gserviceaccount.com",
        }), refused([("jwks", "PEM")])),
        row("GCP", "a public key of KMS", json!({"pem": "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYI\n-----END PUBLIC KEY-----\n", "algorithm": "EC_SIGN_P256_SHA256"}),
            refused([("jwks", "PEM")])),
        // Kubernetes
        row("Kubernetes", "openid/v1/jwks", set([
            rsa(json!({"use": "sig", "kid": "R1cXPo0sPyTmzJfnQG7uFdpIBLBuhuYt6mPBiHGKlSM", "alg": "RS256"})),
        ]), loads()),
        row("Kubernetes", "two keys in rotation", set([
            rsa(json!({"use": "sig", "kid": "1", "alg": "RS256"})),
            other_rsa(json!({"use": "sig", "kid": "2", "alg": "RS256"})),
        ]), loads()),
        row("Kubernetes", "the same key in both files of service accounts", set([
            rsa(json!({"use": "sig", "kid": "1", "alg": "RS256"})),
            rsa(json!({"use": "sig", "kid": "1", "alg": "RS256"})),
        ]), loads()),
        row("Kubernetes", "ES256", set([p256(json!({"use": "sig", "kid": "1", "alg": "ES256"}))]), loads()),
        row("Kubernetes", "the array alone", json!([rsa(json!({"use": "sig", "kid": "1", "alg": "RS256"}))]),
            refused([("jwks", "it is an array")])),
    ]
}
