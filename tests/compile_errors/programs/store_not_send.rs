use std::{
    collections::HashMap,
    convert::Infallible,
    sync::{Arc, Mutex},
};

use http::request::Parts;
use tower_token_endpoint::{Client, store::ClientStore};

struct Cache(Mutex<HashMap<String, Arc<Client>>>);

impl ClientStore for Cache {
    type Error = Infallible;

    async fn find(&self, client_id: &str, _: &Parts) -> Result<Option<Arc<Client>>, Infallible> {
        #[cfg(not(fixed))]
        let cached = self.0.lock().unwrap();
        #[cfg(not(fixed))]
        let found = cached.get(client_id).cloned();
        #[cfg(fixed)]
        let found = {
            let cached = self.0.lock().unwrap();
            cached.get(client_id).cloned()
        };
        tokio::task::yield_now().await;
        Ok(found)
    }
}
