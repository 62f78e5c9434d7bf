//! The methods that read one parameter each.

/// Gives a request type a method for each of these parameters.
macro_rules! getters {
    ($request:ident: $($(#[$doc:meta])* $name:ident;)*) => {
        /// Registered parameters. Each is `None` if the request does not have it. The layer
        /// does not check their values, if the text does not say otherwise.
        impl $request {$(
            $(#[$doc])*
            #[must_use]
            pub fn $name(&self) -> Option<&str> {
                self.parameter(stringify!($name))
            }
        )*}
    };
}

/// Gives a request type what says which access the client asks for.
macro_rules! scope_getters {
    ($request:ident) => {
        /// The access that the client asks for.
        impl $request {
            /// Returns the scope that the request asks for, which is within the scope of the client
            /// (RFC 6749 §3.3). `None` if the request has no `scope`: the server then applies its
            /// default or refuses the request.
            #[must_use]
            pub fn scope(&self) -> Option<$crate::protocol::scope::Scope<'_>> {
                // The layer refused what does not parse.
                let scope = self.parameter("scope");
                scope.map($crate::protocol::scope::Scope::parsed)
            }

            /// Returns each `resource`, the absolute URI of a service that the token is for
            /// (RFC 8707 §2). The layer does not check it.
            pub fn resource(&self) -> impl Iterator<Item = &str> {
                self.parameters().get_all("resource")
            }
        }
    };
}

pub(super) use {getters, scope_getters};
