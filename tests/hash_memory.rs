//! How much memory the process has after it has computed many hashes. Each file in `tests/` is a process
//! of its own.

#![cfg(target_os = "linux")]

mod common;

use tower_token_endpoint::client::ClientSecret;
use tower_token_endpoint::{Client, GrantType};

use common::{Built, basic, builder};

/// The most memory that this process has had, in KiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("the status of this process");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let digits = line.and_then(|line| line.split_whitespace().next());
    digits
        .and_then(|digits| digits.parse().ok())
        .expect("a number")
}

#[tokio::test]
async fn hashes_that_run_one_after_the_other_need_the_memory_of_one() {
    const KIB: u64 = 19_456;
    let hash = "$argon2id$v=19$m=19456,t=2,p=1$ZGVtby1hcmdvbjItc2FsdA\
                $iBDpa/qdUs4ucROlAx9GpwZJQz4oz0YvPwHP0E8z5Gc";
    let client = Client::builder("a")
        .secret(ClientSecret::from_hash(hash).expect("a hash"))
        .grant_types([GrantType::ClientCredentials])
        .build()
        .expect("a client");
    let layer = builder([client]).built();
    let before = peak();
    for _ in 0..40 {
        let exchange = basic("a:wrong").send(&layer).await;
        assert_eq!(exchange.response.status(), 401);
    }
    let more = peak() - before;
    assert!(more >= KIB, "{more} KiB is not even one hash");
    assert!(more < 2 * KIB, "{more} KiB for hashes of {KIB} KiB");
}
