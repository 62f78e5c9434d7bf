//! The same proof many times at once: on one server, and on two that share a Redis.

use std::sync::Arc;
use std::time::{Duration, Instant};

use http::{Method, header};

use crate::common::ISSUER;
use crate::common::draft::Draft;
use crate::common::proof::proof_for;
use crate::common::redis_server::{FOREVER, RedisServer};
use crate::common::sign::P256;
use crate::common::token_server::*;
use crate::keyed::{ath, resource_proof, token_proof};

fn issuer_proof() -> Draft {
    proof_for("ES256", &P256, "POST", &format!("{ISSUER}/token"))
}

/// Both are the same server to their clients: they have one issuer.
fn two_servers(redis: &RedisServer) -> [Arc<Server>; 2] {
    let url = redis.url();
    let server = || Arc::new(start(&["--issuer", ISSUER, "--redis", &url]));
    [server(), server()]
}

async fn by_200_clients_at_once(servers: &[Arc<Server>], proof: &str) -> Statuses {
    by_200_tasks(servers, |server| {
        let proof = proof.to_owned();
        async move {
            let (form, proof) = ([CLIENT_CREDENTIALS], [("dpop", &*proof)]);
            let reply = server.post_with("/token", BASIC, &form, &proof).await;
            if reply.status == 400 {
                reply.refused(400, "invalid_dpop_proof");
            }
            reply.status.as_u16()
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn proof_sent_200_times_at_once_is_accepted_once() {
    let servers = [Arc::new(start(&[]))];
    for _ in 0..3 {
        let proof = token_proof(&servers[0], &P256).text();
        let statuses = by_200_clients_at_once(&servers, &proof).await;
        assert_eq!(statuses, Statuses::from([(200, 1), (400, 199)]));
    }
    let reply = servers[0]
        .token_by(BASIC, &[CLIENT_CREDENTIALS], Some(&P256))
        .await;
    let reply = reply.granted();
    let token = reply.text("access_token");
    for _ in 0..3 {
        let proof = resource_proof(&servers[0], &P256, token).text();
        let statuses = by_200_tasks(&servers, |server| {
            let (proof, authorization) = (proof.clone(), format!("DPoP {token}"));
            async move {
                let headers = [("authorization", &*authorization), ("dpop", &*proof)];
                let reply = server.resource(Method::GET, &headers).await;
                reply.status.as_u16()
            }
        })
        .await;
        assert_eq!(statuses, Statuses::from([(200, 1), (401, 199)]));
    }
}

/// RFC 9449 §11.1.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn proof_sent_200_times_at_once_to_two_servers_is_accepted_once() {
    let Some(redis) = RedisServer::start(&[]) else {
        return;
    };
    let servers = two_servers(&redis);
    let mut undisturbed = 0;
    for _ in 0..30 {
        let statuses = by_200_clients_at_once(&servers, &issuer_proof().text()).await;
        let granted = at_most_one_granted(&statuses, 400);
        if !statuses.contains_key(&503) {
            assert_eq!(granted, 1, "{statuses:?}");
            undisturbed += 1;
            if undisturbed == 3 {
                return;
            }
        }
    }
    panic!("Redis was too slow in nearly every round");
}

#[tokio::test]
async fn without_redis_proofs_are_503_and_requests_without_one_are_not() {
    let Some(mut redis) = RedisServer::start(&[]) else {
        return;
    };
    let [server, _] = two_servers(&redis);
    let form = [CLIENT_CREDENTIALS];
    let bound = granted_in_the_end(&server).await;
    redis.kill();
    for _ in 0..3 {
        let reply = server.token_with(BASIC, &form, &issuer_proof()).await;
        reply.refused(503, "temporarily_unavailable");
        assert!(reply.headers.contains_key(header::RETRY_AFTER));
        let url = format!("{ISSUER}/resource");
        let proof = proof_for("ES256", &P256, "GET", &url);
        let proof = proof.claim("ath", ath(&bound));
        let reply = server.get_with(&bound, &proof).await;
        reply.refused(503, "temporarily_unavailable");
        assert!(reply.headers.contains_key(header::RETRY_AFTER));
        assert!(!reply.headers.contains_key(header::WWW_AUTHENTICATE));
    }
    let reply = server.token_by(BASIC, &form, None).await.granted();
    let token = reply.text("access_token");
    server.get_by(token, None).await.granted();
    redis.restart();
    granted_in_the_end(&server).await;
}

/// Until then, 503 says that Redis was too slow.
async fn granted_in_the_end(server: &Server) -> String {
    let start = Instant::now();
    while start.elapsed() < FOREVER {
        let reply = server
            .token_with(BASIC, &[CLIENT_CREDENTIALS], &issuer_proof())
            .await;
        if reply.status == 200 {
            return reply.text("access_token").to_owned();
        }
        reply.refused(503, "temporarily_unavailable");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("no token within {FOREVER:?}");
}
