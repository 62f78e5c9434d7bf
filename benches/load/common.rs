//! What the tests have for programs that they start.

#[path = "../../tests/common/programs.rs"]
pub(crate) mod programs;
#[path = "../../tests/common/redis_server.rs"]
#[expect(dead_code, reason = "a cluster is for the tests")]
pub(crate) mod redis_server;
