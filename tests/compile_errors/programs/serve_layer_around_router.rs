use axum::Router;
use tokio::net::TcpListener;
use tower::Layer;
use tower_token_endpoint::{MemoryClientStore, TokenEndpointLayer};

pub async fn run(layer: TokenEndpointLayer<MemoryClientStore>, app: Router, listener: TcpListener) {
    #[cfg(not(fixed))]
    let app = layer.layer(app);
    #[cfg(fixed)]
    let app = app.layer(layer);
    axum::serve(listener, app).await.unwrap();
}
