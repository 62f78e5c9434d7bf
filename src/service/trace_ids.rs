//! Gives every request for the endpoint its identifier.

use std::time::{SystemTime, UNIX_EPOCH};

use http::Request;

use super::jitter;
use crate::{
    crypto::random,
    protocol::{settings::trace_ids::TraceIds, trace_id::TraceId},
};

/// Puts the identifier into the extensions of the request.
#[inline(never)]
pub(super) fn identify<B>(request: &mut Request<B>, trace_ids: &TraceIds) {
    let found = trace_ids.find(request.extensions(), request.headers());
    request.extensions_mut().insert(found.unwrap_or_else(new));
}

fn new() -> TraceId {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH);
    let millis = since_1970.unwrap_or_default().as_millis();
    // Whoever can guess it cannot do anything with it. So other numbers do if the system has none.
    let random = random().map_or_else(
        || (u128::from(jitter::random()) << 64) | u128::from(jitter::random()),
        u128::from_ne_bytes,
    );
    TraceId::new(u64::try_from(millis).unwrap_or_default(), random)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_requests_have_two_identifiers_of_the_same_time() {
        let [one, other] = [(); 2].map(|()| {
            let mut request = Request::new(());
            identify(&mut request, &TraceIds::new());
            request
                .extensions_mut()
                .remove::<TraceId>()
                .expect("an identifier")
        });
        assert_ne!(one, other);
        let [one, other] = [one.as_str(), other.as_str()];
        assert_eq!(one[..8], other[..8]);
        assert_eq!(&one[14..15], "7");
    }
}
