//! The grant, the parameters that it needs, and the scope.

use tower_token_endpoint::grant::GrantParameters;
use tower_token_endpoint::layer::TokenEndpointLayerBuilder;
use tower_token_endpoint::rejection::RejectionReason::*;

use crate::calls::*;
use crate::cast::*;
use crate::common::{Built, post};
use crate::judge::Table;
use crate::row::*;

#[tokio::test]
async fn grant_and_scope() {
    table().hold().await;
}

pub(crate) fn table() -> Table {
    Table::new(over(Registry::whole()), grant_rows())
}

#[rustfmt::skip]
fn grant_rows() -> Vec<Row> {
    let no_grant = || invalid_request(MissingGrantType).naming("grant_type");
    let unregistered = || unauthorized_client(GrantTypeNotRegistered);
    let public = || unauthorized_client(PublicClientCredentials);
    let from = |credentials: &str, body: &str| post(body).basic(credentials);
    let malformed = || invalid_scope(MalformedScope);
    let outside = || invalid_scope(ScopeNotRegistered);
    let within = |scope| accepted("svc", BASIC, GRANT).scope(scope);
    let scope = |scope: &str| svc(form([CC, &format!("scope={scope}")]));
    let free = |scope: &str| from("unscoped:unscoped-secret", &form([CC, &format!("scope={scope}")]));
    let freely = |scope| accepted("unscoped", BASIC, GRANT).scope(scope);
    let scopeless = |scope: &str| from("scopeless:no-secret", &form([CC, &format!("scope={scope}")]));
    vec![
        // which grant
        row("no grant_type",                         "RFC 6749 §5.2",     svc("scope=read"), no_grant()),
        row("no grant_type from a public client",    "RFC 6749 §5.2",     post("client_id=pub"), no_grant()),
        row("no grant_type but a code",              "RFC 6749 §4.1.3",   svc("code=a&redirect_uri=b"), no_grant()),
        row("no grant_type and a bad scope",         "decisions",         svc("scope=%22"), no_grant()),
        row("grant-type with a dash",                "RFC 6749 §4.4.2",   svc("grant-type=client_credentials"), no_grant()),
        row("no grant_type and a wrong secret",      "decisions",         post("").basic("svc:wrong"), invalid_client(WrongSecret)),
        row("an unknown grant",                      "RFC 6749 §5.2",     svc("grant_type=magic"), unsupported_grant()),
        row("an unknown grant, a wrong secret",      "decisions",         post("grant_type=magic").basic("svc:wrong"), invalid_client(WrongSecret)),
        row("an unknown grant by a public client",   "RFC 6749 §5.2",     post("grant_type=magic&client_id=pub"), unsupported_grant()),
        row("an unknown grant by URI",               "RFC 6749 §4.5",     svc("grant_type=urn%3Aexample%3Amagic"), unsupported_grant()),
        row("a grant in another case",               "RFC 6749 §4.4.2",   svc("grant_type=Client_Credentials"), unsupported_grant()),
        row("a grant and a space",                   "RFC 6749 §4.4.2",   svc("grant_type=client_credentials+"), unsupported_grant()),
        row("two grants in one",                     "RFC 6749 §4.4.2",   svc("grant_type=client_credentials+refresh_token"), unsupported_grant()),
        row("a grant that is not printable",         "RFC 6749 §5.2",     svc("grant_type=%00%0A%22%5C%C3%A9"), unsupported_grant()),
        row("the password grant, off by default",    "RFC 9700 §2.4",     from("all:all-secret", "grant_type=password&username=a&password=b"), unsupported_grant()),
        row("the implicit grant is none",            "RFC 6749 §4.2",     svc("grant_type=implicit"), unsupported_grant()),
        row("a device code, off by default",         "RFC 8628 §3.4",     from("all:all-secret", "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&device_code=a"), unsupported_grant()),
        row("a token exchange, off by default",      "RFC 8693 §2.1",     from("all:all-secret", "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange"), unsupported_grant()),
        row("a JWT bearer grant, off by default",    "RFC 7523 §2.1",     from("all:all-secret", "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=a"), unsupported_grant()),
        row("a grant not registered",                "RFC 6749 §5.2",     post(CC).basic("code-only:code-secret"), unregistered()),
        row("a grant not registered, no parameter",  "decisions",         post("grant_type=refresh_token").basic("code-only:code-secret"), unregistered()),
        row("a grant not registered, a bad scope",   "decisions",         post(form([CC, "scope=%22"])).basic("code-only:code-secret"), unregistered()),
        row("the grant registered by default",       "RFC 7591 §2",       post("grant_type=authorization_code&code=a").basic("code-only:code-secret"), accepted("code-only", BASIC, CODE)),
        row("no grant registered",                   "RFC 7591 §2",       post(CC).basic("no-grants:idle-secret"), unregistered()),
        row("no grant registered, a code",           "RFC 7591 §2",       post("grant_type=authorization_code&code=a").basic("no-grants:idle-secret"), unregistered()),
        row("no grant registered, an unknown one",   "RFC 6749 §5.2",     post("grant_type=magic").basic("no-grants:idle-secret"), unsupported_grant()),
        row("client_credentials, a public client",   "RFC 6749 §4.4",     body("client_id=pub"), public()),
        row("client_credentials, an empty secret",   "RFC 6749 §4.4",     basic("pub:"), public()),
        row("client_credentials, mixed, by none",    "RFC 6749 §4.4",     body("client_id=mixed"), public()),
        row("client_credentials, mixed, by Basic",   "RFC 6749 §4.4",     basic("mixed:mixed-secret"), accepted("mixed", BASIC, GRANT)),
        row("client_credentials, public, a scope",   "RFC 6749 §4.4",     body("client_id=pub&scope=read"), public()),
        row("client_credentials, not registered",    "RFC 6749 §4.4",     body("client_id=spa"), unregistered()),
        // what the grant needs
        row("a code",                                "RFC 6749 §4.1.3",   svc("grant_type=authorization_code&code=a%2Fb"), accepted("svc", BASIC, CODE).with("code", "a/b")),
        row("a code and all that goes with it",      "RFC 7636 §4.5",     svc("grant_type=authorization_code&code=a&redirect_uri=https%3A%2F%2Fc.example%2Fcb&code_verifier=v"), accepted("svc", BASIC, CODE).with("redirect_uri", "https://c.example/cb")),
        row("no code",                               "RFC 6749 §4.1.3",   svc("grant_type=authorization_code"), missing("code")),
        row("no code from a public client",          "RFC 6749 §4.1.3",   post("grant_type=authorization_code&client_id=pub&code_verifier=v"), missing("code")),
        row("no code_verifier, confidential",        "RFC 7636 §4.5",     svc("grant_type=authorization_code&code=a"), accepted("svc", BASIC, CODE)),
        row("no code_verifier, public",              "RFC 9700 §2.1.1",   post("grant_type=authorization_code&client_id=pub&code=a"), missing("code_verifier")),
        row("an empty code_verifier, public",        "RFC 9700 §2.1.1",   post("grant_type=authorization_code&client_id=spa&code=a&code_verifier="), missing("code_verifier")),
        row("no code_verifier, public by Basic",     "RFC 9700 §2.1.1",   post("grant_type=authorization_code&code=a").basic("pub:"), missing("code_verifier")),
        row("no code_verifier, mixed, by none",      "RFC 9700 §2.1.1",   post("grant_type=authorization_code&client_id=mixed&code=a"), missing("code_verifier")),
        row("no code_verifier, mixed, by Basic",     "RFC 7636 §4.5",     post("grant_type=authorization_code&code=a").basic("mixed:mixed-secret"), accepted("mixed", BASIC, CODE)),
        row("a code_verifier, public",               "RFC 7636 §4.5",     post("grant_type=authorization_code&client_id=pub&code=a&code_verifier=v"), accepted("pub", NONE, CODE).with("code_verifier", "v")),
        row("no refresh_token",                      "RFC 6749 §6",       svc("grant_type=refresh_token"), missing("refresh_token")),
        row("no refresh_token, public",              "RFC 6749 §6",       post("grant_type=refresh_token&client_id=pub"), missing("refresh_token")),
        row("a refresh_token",                       "RFC 6749 §6",       svc("grant_type=refresh_token&refresh_token=r"), accepted("svc", BASIC, REFRESH).with("refresh_token", "r")),
        row("a refresh_token, a code beside it",     "RFC 6749 §6",       svc("grant_type=refresh_token&code=a"), missing("refresh_token")),
        row("no code and a bad scope",               "decisions",         svc("grant_type=authorization_code&scope=%22"), missing("code")),
        // scope, held to the grammar and to the registration
        row("no scope",                              "RFC 6749 §3.3",     svc(CC), accepted("svc", BASIC, GRANT)),
        row("a scope",                               "RFC 6749 §3.3",     scope("read"), within("read")),
        row("all of the scope",                      "RFC 6749 §3.3",     scope("read+write"), within("read write")),
        row("all of the scope in another order",     "RFC 6749 §3.3",     scope("write%20read"), within("write read")),
        row("a scope token twice",                   "RFC 6749 §3.3",     scope("read+read"), within("read read")),
        row("a scope with a refresh_token",          "RFC 6749 §6",       svc("grant_type=refresh_token&refresh_token=r&scope=read"), accepted("svc", BASIC, REFRESH).scope("read")),
        row("another scope, with a refresh_token",   "RFC 6749 §6",       svc("grant_type=refresh_token&refresh_token=r&scope=admin"), outside()),
        row("another scope, by a public client",     "RFC 6749 §6",       post("grant_type=refresh_token&refresh_token=r&scope=admin&client_id=pub"), outside()),
        row("another scope",                         "RFC 6749 §5.2",     scope("admin"), outside()),
        row("one scope and another",                 "RFC 6749 §5.2",     scope("read+admin"), outside()),
        row("a scope in another case",               "RFC 6749 §3.3",     scope("Read"), outside()),
        row("a scope by its beginning",              "RFC 6749 §3.3",     scope("rea"), outside()),
        row("a scope and more",                      "RFC 6749 §3.3",     scope("reads"), outside()),
        row("a scope with a comma",                  "RFC 6749 §3.3",     scope("read,write"), outside()),
        row("the whole registration as one token",   "RFC 6749 §3.3",     scope("readwrite"), outside()),
        row("doubled spaces",                        "RFC 6749 §3.3",     scope("read++write"), malformed()),
        row("a space before",                        "RFC 6749 §3.3",     scope("+read"), malformed()),
        row("a space after",                         "RFC 6749 §3.3",     scope("read+"), malformed()),
        row("a space alone",                         "RFC 6749 §3.3",     scope("+"), malformed()),
        row("a tab between",                         "RFC 6749 §3.3",     scope("read%09write"), malformed()),
        row("a line break between",                  "RFC 6749 §3.3",     scope("read%0Awrite"), malformed()),
        row("a NUL",                                 "RFC 6749 §3.3",     scope("read%00"), malformed()),
        row("a quotation mark",                      "RFC 6749 §3.3",     scope("%22read%22"), malformed()),
        row("a backslash",                           "RFC 6749 §3.3",     scope("re%5Cad"), malformed()),
        row("a DEL",                                 "RFC 6749 §3.3",     scope("read%7F"), malformed()),
        row("a letter outside ASCII",                "RFC 6749 §3.3",     scope("r%C3%A9ad"), malformed()),
        // registered with an empty scope, which is none and not any
        row("an empty registration: no scope",       "RFC 7591 §2",       post(CC).basic("scopeless:no-secret"), accepted("scopeless", BASIC, GRANT)),
        row("an empty registration: an empty scope", "RFC 6749 §3.2",     scopeless(""), accepted("scopeless", BASIC, GRANT)),
        row("an empty registration: a scope",        "RFC 7591 §2",       scopeless("read"), outside()),
        row("an empty registration: two scopes",     "RFC 7591 §2",       scopeless("read+write"), outside()),
        row("an empty registration: a refresh",      "RFC 6749 §6",       from("scopeless:no-secret", "grant_type=refresh_token&refresh_token=r&scope=read"), outside()),
        row("an empty registration: a space",        "RFC 6749 §3.3",     scopeless("+"), malformed()),
        row("an empty registration: two spaces",     "RFC 6749 §3.3",     scopeless("++"), malformed()),
        row("an empty registration: a space after",  "RFC 6749 §3.3",     scopeless("read+"), malformed()),
        row("a no-break space",                      "RFC 6749 §3.3",     scope("read%C2%A0write"), malformed()),
        row("malformed and not registered",          "RFC 6749 §3.3",     scope("admin++root"), malformed()),
        row("any scope without a registered one",    "RFC 6749 §3.3",     free("anything+at+all"), freely("anything at all")),
        row("every character of the grammar",        "RFC 6749 §3.3",     free("%21%23%24%25%26%27%28%29*%2B%2C-.%2F09%3A%3B%3C%3D%3E%3F%40AZ%5B%5D%5E_%60az%7B%7C%7D%7E"), freely("!#$%&'()*+,-./09:;<=>?@AZ[]^_`az{|}~")),
        row("a URL as scope",                        "RFC 6749 §3.3",     free("https%3A%2F%2Fapi.example%2Fread"), freely("https://api.example/read")),
        row("doubled spaces, no registered scope",   "RFC 6749 §3.3",     free("a++b"), malformed()),
        row("a quotation mark, no registered scope", "RFC 6749 §3.3",     free("%22"), malformed()),
    ]
}

#[tokio::test]
async fn every_known_grant() {
    known_grants_table().hold().await;
}

pub(crate) fn known_grants_table() -> Table {
    let layer = known()
        .into_iter()
        .fold(
            builder_over(Registry::whole()),
            TokenEndpointLayerBuilder::grant_type,
        )
        .extension_grant(TICKET_GRANT, &["ticket", "venue"])
        .extension_grant(
            TICKET_GRANT,
            GrantParameters::new()
                .optional(["seat"])
                .repeatable(["companion"]),
        );
    Table::new(layer.built(), known_grant_rows())
}

#[rustfmt::skip]
fn known_grant_rows() -> Vec<Row> {
    let urn = |name: &str| format!("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3A{name}");
    let ask = |grant: &str, more: &str| post(form([grant, more])).basic("all:all-secret");
    let by = |grant| accepted("all", BASIC, grant);
    let ietf = |more: &str, grant: &str| ask(&urn(grant), more);
    let device = "urn:ietf:params:oauth:grant-type:device_code";
    let exchange = "urn:ietf:params:oauth:grant-type:token-exchange";
    let jwt = "urn:ietf:params:oauth:grant-type:jwt-bearer";
    let saml = "urn:ietf:params:oauth:grant-type:saml2-bearer";
    let ciba = "grant_type=urn%3Aopenid%3Aparams%3Agrant-type%3Aciba";
    let ticket = "grant_type=urn%3Aexample%3Aticket";
    let password = "grant_type=password";
    vec![
        row("a password",                            "RFC 6749 §4.3.2",   ask(password, "username=a&password=b"), by("password").with("username", "a")),
        row("no username",                           "RFC 6749 §4.3.2",   ask(password, "password=b"), missing("username")),
        row("no password",                           "RFC 6749 §4.3.2",   ask(password, "username=a"), missing("password")),
        row("an empty password",                     "RFC 6749 §4.3.2",   ask(password, "username=a&password="), missing("password")),
        row("a password by a public client",         "RFC 6749 §4.3.2",   post("grant_type=password&username=a&password=b&client_id=pub-all"), accepted("pub-all", NONE, "password")),
        row("a device code",                         "RFC 8628 §3.4",     ietf("device_code=d", "device_code"), by(device).with("device_code", "d")),
        row("no device_code",                        "RFC 8628 §3.4",     ietf("code=d", "device_code"), missing("device_code")),
        row("a device code by a public client",      "RFC 8628 §3.4",     post(form([&urn("device_code"), "device_code=d&client_id=pub-all"])), accepted("pub-all", NONE, device)),
        row("an assertion of JWT",                   "RFC 7523 §2.1",     ietf("assertion=a", "jwt-bearer"), by(jwt).with("assertion", "a")),
        row("no assertion of JWT",                   "RFC 7523 §2.1",     ietf("scope=read", "jwt-bearer"), missing("assertion")),
        row("an assertion of SAML",                  "RFC 7522 §2.1",     ietf("assertion=a", "saml2-bearer"), by(saml).with("assertion", "a")),
        row("no assertion of SAML",                  "RFC 7522 §2.1",     ietf("assertion=", "saml2-bearer"), missing("assertion")),
        row("a token exchange",                      "RFC 8693 §2.1",     ietf("subject_token=t&subject_token_type=urn%3Ax", "token-exchange"), by(exchange).with("subject_token_type", "urn:x")),
        row("a token exchange for two audiences",    "RFC 8693 §2.1",     ietf("subject_token=t&subject_token_type=urn%3Ax&audience=b&audience=a&resource=urn:r&resource=urn:q", "token-exchange"), by(exchange)),
        row("no subject_token",                      "RFC 8693 §2.1",     ietf("subject_token_type=urn%3Ax", "token-exchange"), missing("subject_token")),
        row("no subject_token_type",                 "RFC 8693 §2.1",     ietf("subject_token=t", "token-exchange"), missing("subject_token_type")),
        row("subject_token twice",                   "RFC 6749 §3.2",     ietf("subject_token=t&subject_token=u", "token-exchange"), repeated("subject_token")),
        row("an actor and its type",                 "RFC 8693 §2.1",     ietf("subject_token=t&subject_token_type=urn%3Ax&actor_token=a&actor_token_type=urn%3Ay", "token-exchange"), by(exchange).with("actor_token", "a")),
        row("an actor without its type",             "RFC 8693 §2.1",     ietf("subject_token=t&subject_token_type=urn%3Ax&actor_token=a", "token-exchange"), missing("actor_token_type")),
        row("an actor with an empty type",           "RFC 6749 §3.2",     ietf("subject_token=t&subject_token_type=urn%3Ax&actor_token=a&actor_token_type=", "token-exchange"), missing("actor_token_type")),
        row("an actor's type without the actor",     "RFC 8693 §2.1",     ietf("subject_token=t&subject_token_type=urn%3Ax&actor_token_type=urn%3Ay", "token-exchange"), missing("actor_token")),
        row("an empty actor and an empty type",      "RFC 6749 §3.2",     ietf("subject_token=t&subject_token_type=urn%3Ax&actor_token=&actor_token_type=", "token-exchange"), by(exchange)),
        row("an actor twice",                        "RFC 6749 §3.2",     ietf("subject_token=t&subject_token_type=urn%3Ax&actor_token=a&actor_token=b", "token-exchange"), repeated("actor_token")),
        row("an empty subject_token_type",           "RFC 6749 §3.2",     ietf("subject_token=t&subject_token_type=", "token-exchange"), missing("subject_token_type")),
        row("no subject before no type of an actor", "RFC 8693 §2.1",     ietf("subject_token_type=urn%3Ax&actor_token=a", "token-exchange"), missing("subject_token")),
        row("no type of an actor before the scope",  "decisions",         ietf("subject_token=t&subject_token_type=urn%3Ax&actor_token=a&scope=%22", "token-exchange"), missing("actor_token_type")),
        row("a token exchange by a public client",   "RFC 8693 §2.1",     post(form([&urn("token-exchange"), "subject_token=t&subject_token_type=urn%3Ax&client_id=pub-all"])), accepted("pub-all", NONE, exchange)),
        row("an actor without its type, not an exchange", "decisions",    ask(CC, "actor_token=a"), by(GRANT).with("actor_token", "a")),
        row("a CIBA request",                        "CIBA Core §10.1",   ask(ciba, "auth_req_id=r"), by("urn:openid:params:grant-type:ciba").with("auth_req_id", "r")),
        row("no auth_req_id",                        "CIBA Core §10.1",   ask(ciba, "a=b"), missing("auth_req_id")),
        row("a grant of the server's own",           "RFC 6749 §4.5",     ask(ticket, "ticket=t&venue=v"), by(TICKET_GRANT).with("ticket", "t")),
        row("its first parameter missing",           "RFC 6749 §4.5",     ask(ticket, "venue=v"), missing("ticket")),
        row("its second parameter missing",          "RFC 6749 §4.5",     ask(ticket, "ticket=t"), missing("venue")),
        row("its required parameter twice",          "RFC 6749 §3.2",     ask(ticket, "ticket=t&venue=v&venue=w"), repeated("venue")),
        row("its required parameter twice, empty",   "RFC 6749 §3.2",     ask(ticket, "ticket=t&venue=v&venue="), repeated("venue")),
        row("its optional parameter",                "RFC 6749 §4.5",     ask(ticket, "ticket=t&venue=v&seat=1"), by(TICKET_GRANT).with("seat", "1")),
        row("its optional parameter twice",          "RFC 6749 §3.2",     ask(ticket, "ticket=t&venue=v&seat=1&seat=2"), repeated("seat")),
        row("its optional parameter twice, unproven", "decisions",        post(form([ticket, "seat=1&seat=2"])).basic("all:wrong"), repeated("seat")),
        row("its repeatable parameter twice",        "RFC 6749 §3.2",     ask(ticket, "ticket=t&venue=v&companion=b&companion=a"), by(TICKET_GRANT).with("companion", "b")),
        row("a parameter that is not its own, twice", "RFC 6749 §3.2",    ask(ticket, "ticket=t&venue=v&state=1&state=2"), by(TICKET_GRANT).with("state", "1")),
        row("its parameter twice, of another grant", "RFC 6749 §3.2",     ask(CC, "seat=1&seat=2&venue=v&venue=w"), by(GRANT).with("seat", "1")),
        row("it by one not registered",              "RFC 6749 §5.2",     svc(form([ticket, "ticket=t&venue=v"])), unauthorized_client(GrantTypeNotRegistered)),
        row("a URI in another case",                 "RFC 6749 §4.5",     ask("grant_type=urn%3Aexample%3ATicket", "ticket=t&venue=v"), unsupported_grant()),
        row("a password by one not registered",      "RFC 6749 §5.2",     svc("grant_type=password&username=a&password=b"), unauthorized_client(GrantTypeNotRegistered)),
        row("the grants of the default still do",    "RFC 6749 §4.4",     ask(CC, "scope=any"), by(GRANT).scope("any")),
        row("a bad scope, whatever the grant",       "RFC 6749 §3.3",     ietf("device_code=d&scope=a++b", "device_code"), invalid_scope(MalformedScope)),
    ]
}
