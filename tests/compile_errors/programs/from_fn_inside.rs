use axum::{
    Router,
    extract::Request,
    middleware::{Next, from_fn},
    response::Response,
};
use tower::ServiceBuilder;
use tower_token_endpoint::{MemoryClientStore, TokenEndpointLayer};

async fn log(request: Request, next: Next) -> Response {
    next.run(request).await
}

pub fn app(app: Router, layer: TokenEndpointLayer<MemoryClientStore>) -> Router {
    #[cfg(fixed)]
    let layer = layer.axum_body();
    app.layer(ServiceBuilder::new().layer(layer).layer(from_fn(log)))
}
