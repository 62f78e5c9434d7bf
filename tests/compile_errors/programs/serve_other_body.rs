use axum::{Router, ServiceExt, extract::Request};
use tokio::net::TcpListener;
use tower::Layer;
use tower_token_endpoint::{MemoryClientStore, TokenEndpointLayer};

pub async fn run(layer: TokenEndpointLayer<MemoryClientStore>, app: Router, listener: TcpListener) {
    #[cfg(fixed)]
    let layer = layer.axum_body();
    let app = ServiceExt::<Request>::into_make_service(layer.layer(app));
    axum::serve(listener, app).await.unwrap();
}
