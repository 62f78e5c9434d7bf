//! How an accepted request is handed on: in the extensions of the HTTP request.

use http::Extensions;

use super::{
    authenticated::AuthenticatedRequest,
    backchannel_authentication::BackchannelAuthenticationRequest,
    device_authorization::DeviceAuthorizationRequest, introspection::IntrospectionRequest,
    pushed_authorization::PushedAuthorizationRequest, request::TokenRequest,
    revocation::RevocationRequest,
};

/// Declares the request types, one for each endpoint.
macro_rules! accepted {
    ($($endpoint:ident($request:ident),)*) => {
        /// What the inner service gets, with one type for each endpoint.
        pub(crate) enum Accepted {
            $($endpoint($request),)*
        }

        impl Accepted {
            /// Puts it into the extensions, instead of what a layer outside of this one put there: of
            /// two layers around a service, the inner one's client holds, at any endpoints.
            pub(crate) fn attach(self, extensions: &mut Extensions) {
                $(extensions.remove::<$request>();)*
                match self {
                    $(Self::$endpoint(request) => drop(extensions.insert(request)),)*
                }
            }
        }

        fn find(extensions: &Extensions) -> Option<&AuthenticatedRequest> {
            None$(.or_else(|| extensions.get().map($request::authenticated)))*
        }
    };
}

accepted! {
    Token(TokenRequest),
    Introspection(IntrospectionRequest),
    Revocation(RevocationRequest),
    PushedAuthorization(PushedAuthorizationRequest),
    DeviceAuthorization(DeviceAuthorizationRequest),
    BackchannelAuthentication(BackchannelAuthenticationRequest),
}

impl AuthenticatedRequest {
    /// Finds what a layer put into the extensions of the request, at any endpoint.
    /// `None` if no layer accepted the request.
    ///
    /// This is for a middleware that is inside of the layers of several endpoints. A handler
    /// takes the request type of its endpoint instead, so that it fails closed behind the layer
    /// of another one.
    ///
    /// ```
    /// use http::Request;
    /// use tower_token_endpoint::request::AuthenticatedRequest;
    ///
    /// fn client_id<B>(request: &Request<B>) -> Option<&str> {
    ///     let request = AuthenticatedRequest::from_extensions(request.extensions())?;
    ///     Some(request.client().client_id())
    /// }
    /// ```
    #[must_use]
    pub fn from_extensions(extensions: &Extensions) -> Option<&Self> {
        find(extensions)
    }
}
