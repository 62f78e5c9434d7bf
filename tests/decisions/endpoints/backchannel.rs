//! Backchannel authentication (CIBA).

use tower_token_endpoint::Endpoint;
use tower_token_endpoint::rejection::RejectionReason::*;

use crate::calls::*;
use crate::common::post;
use crate::judge::Table;
use crate::row::*;

#[tokio::test]
async fn backchannel_authentication() {
    table().hold().await;
}

pub(crate) fn table() -> Table {
    super::table(Endpoint::BackchannelAuthentication, "/backchannel", rows())
}

#[rustfmt::skip]
fn rows() -> Vec<Row> {
    let ask = |body: &str| post(body).to("/backchannel");
    let by = |client: &str, body: &str| ask(body).basic(format!("{client}:ciba-secret"));
    let poll = |body: &str| by("poll", body);
    let accepted = || authenticated("poll", BASIC);
    let hint = "login_hint=a%40example.com";
    let enough = "scope=openid&login_hint=a%40example.com";
    let ping = |more: &str| by("ping", &form([enough, more]));
    let push = |more: &str| by("push", &form([enough, more]));
    let token = |token: &str| ping(&format!("client_notification_token={token}"));
    let pinged = || authenticated("ping", BASIC);
    let public = || invalid_client(PublicClientNotAllowed);
    let unregistered = || unauthorized_client(GrantTypeNotRegistered);
    let hints = || invalid_request(NotOneHint).naming("login_hint_token");
    let malformed = || invalid_request(MalformedNotificationToken).naming("client_notification_token");
    let no_token = || missing("client_notification_token");
    let outside = || invalid_scope(ScopeNotRegistered);
    let long = |len| "a".repeat(len);
    vec![
        // who
        row("a hint and a scope by Basic",           "CIBA Core §7.1",    poll(enough), accepted().with("login_hint", "a@example.com")),
        row("a client registered for poll",          "CIBA Core §5",      by("polling", enough), authenticated("polling", BASIC)),
        row("its client_id beside Basic",            "CIBA Core §7.1",    poll(&form([enough, "client_id=poll"])), accepted()),
        row("another client_id beside Basic",        "RFC 6749 §2.3",     poll(&form([enough, "client_id=ping"])), invalid_request(ClientIdMismatch)),
        row("nobody",                                "CIBA Core §13",     ask(enough), invalid_client(NoCredentials)),
        row("an unknown client",                     "CIBA Core §13",     ask(enough).basic("nobody:x"), invalid_client(UnknownClient)),
        row("a wrong secret",                        "CIBA Core §13",     ask(enough).basic("poll:wrong"), invalid_client(WrongSecret)),
        row("a public client",                       "CIBA Core §7.1",    ask(&form([enough, "client_id=pub-all"])), public()),
        row("a public client by Basic",              "CIBA Core §7.1",    ask(enough).basic("pub-all:"), public()),
        row("a public client, not registered",       "CIBA Core §7.1",    ask(&form([enough, "client_id=pub"])), public()),
        row("a client of two methods, by none",      "CIBA Core §7.1",    ask(&form([enough, "client_id=mixed"])), public()),
        row("a confidential client without secret",  "CIBA Core §7.1",    ask(&form([enough, "client_id=poll"])), invalid_client(MethodNotRegistered)),
        // the grant
        row("the grant not registered",              "CIBA Core §13",     ask(enough).basic("svc:svc-secret"), unregistered()),
        row("no grant registered",                   "CIBA Core §13",     ask(enough).basic("no-grants:idle-secret"), unregistered()),
        row("the device grant alone",                "CIBA Core §13",     ask(enough).basic("device:device-secret"), unregistered()),
        row("the grant before the hint",             "decisions",         ask("").basic("svc:svc-secret"), unregistered()),
        row("the grant before a request object",     "decisions",         ask("request=a.b.c").basic("svc:svc-secret"), unregistered()),
        row("a client of every grant",               "CIBA Core §7.1",    ask(enough).basic("all:all-secret"), authenticated("all", BASIC)),
        // the hint
        row("a login_hint_token",                    "CIBA Core §7.1",    poll("scope=openid&login_hint_token=a.b.c"), accepted().with("login_hint_token", "a.b.c")),
        row("an id_token_hint",                      "CIBA Core §7.1",    poll("scope=openid&id_token_hint=a.b.c"), accepted().with("id_token_hint", "a.b.c")),
        row("no hint",                               "CIBA Core §7.1",    poll("scope=openid"), hints()),
        row("an empty hint",                         "RFC 6749 §3.1",     poll("scope=openid&login_hint="), hints()),
        row("a hint and an empty one",               "RFC 6749 §3.1",     poll(&form([enough, "id_token_hint="])), accepted()),
        row("login_hint and id_token_hint",          "CIBA Core §7.1",    poll(&form([enough, "id_token_hint=a.b.c"])), hints()),
        row("login_hint and login_hint_token",       "CIBA Core §7.1",    poll(&form([enough, "login_hint_token=a.b.c"])), hints()),
        row("id_token_hint and login_hint_token",    "CIBA Core §7.1",    poll("scope=openid&id_token_hint=a&login_hint_token=b"), hints()),
        row("all three hints",                       "CIBA Core §7.1",    poll(&form([enough, "id_token_hint=a&login_hint_token=b"])), hints()),
        row("the same hint twice",                   "RFC 6749 §3.1",     poll(&form([enough, hint])), repeated("login_hint")),
        row("a hint in the query",                   "CIBA Core §7.1",    poll("scope=openid").to("/backchannel?login_hint=a"), in_query("login_hint")),
        row("a second hint in the query",            "CIBA Core §7.1",    poll(enough).to("/backchannel?id_token_hint=a"), in_query("id_token_hint")),
        row("the hint before the scope",             "decisions",         poll("scope=%22"), hints()),
        // the scope
        row("two scopes",                            "CIBA Core §7.1",    poll(&form([hint, "scope=openid+read"])), accepted().with("scope", "openid read")),
        row("no scope",                              "CIBA Core §7.1",    poll(hint), missing("scope")),
        row("an empty scope",                        "RFC 6749 §3.1",     poll(&form([hint, "scope="])), missing("scope")),
        row("another scope",                         "CIBA Core §13",     poll(&form([hint, "scope=openid+admin"])), outside()),
        row("a malformed scope",                     "RFC 6749 §3.3",     poll(&form([hint, "scope=openid++read"])), invalid_scope(MalformedScope)),
        row("scope twice",                           "RFC 6749 §3.1",     poll(&form([enough, "scope=read"])), repeated("scope")),
        row("scope in the query",                    "CIBA Core §7.1",    poll(hint).to("/backchannel?scope=openid"), in_query("scope")),
        // the notification token
        row("poll needs no notification token",      "CIBA Core §7.1",    by("polling", enough), authenticated("polling", BASIC)),
        row("a notification token that poll does not use", "CIBA Core §7.1", poll(&form([enough, "client_notification_token=a+b"])), accepted()),
        row("ping and a notification token",         "CIBA Core §7.1",    token("8d67dc78-7faa-4d41-aabd-67707b374255"), pinged().with("client_notification_token", "8d67dc78-7faa-4d41-aabd-67707b374255")),
        row("push and a notification token",         "CIBA Core §7.1",    push("client_notification_token=abc"), authenticated("push", BASIC)),
        row("ping without a notification token",     "CIBA Core §7.1",    by("ping", enough), no_token()),
        row("push without a notification token",     "CIBA Core §7.1",    by("push", enough), no_token()),
        row("ping and an empty notification token",  "RFC 6749 §3.1",     token(""), no_token()),
        row("every character of the grammar",        "RFC 6750 §2.1",     token("AZaz09-._~%2B%2F=="), pinged().with("client_notification_token", "AZaz09-._~+/==")),
        row("1,024 characters",                      "CIBA Core §7.1",    token(&long(1024)), pinged()),
        row("1,025 characters",                      "CIBA Core §7.1",    token(&long(1025)), malformed()),
        row("1,025 characters, push",                "CIBA Core §7.1",    push(&format!("client_notification_token={}", long(1025))), malformed()),
        row("a space in the token",                  "RFC 6750 §2.1",     token("a+b"), malformed()),
        row("a padding that is not at the end",      "RFC 6750 §2.1",     token("a%3Db"), malformed()),
        row("only padding",                          "RFC 6750 §2.1",     token("%3D%3D"), malformed()),
        row("a line break in the token",             "RFC 6750 §2.1",     token("a%0D%0AX-Header:%20a"), malformed()),
        row("a letter outside ASCII",                "RFC 6750 §2.1",     token("%C3%A9"), malformed()),
        row("a comma in the token",                  "RFC 6750 §2.1",     token("a,b"), malformed()),
        row("a notification token twice",            "RFC 6749 §3.1",     token("a&client_notification_token=b"), repeated("client_notification_token")),
        row("a notification token in the query",     "CIBA Core §7.1",    by("ping", enough).to("/backchannel?client_notification_token=a"), in_query("client_notification_token")),
        row("the token before the scope",            "decisions",         by("ping", "login_hint=a&scope=admin"), no_token()),
        // a request object
        row("a request object",                      "CIBA Core §7.1.1",  poll("request=a.b.c"), accepted().with("request", "a.b.c")),
        row("a request object, ping",                "CIBA Core §7.1.1",  by("ping", "request=a.b.c"), pinged()),
        row("an empty request object",               "RFC 6749 §3.1",     poll("request="), hints()),
        row("a request object twice",                "RFC 6749 §3.1",     poll("request=a.b.c&request=a.b.c"), repeated("request")),
        row("a request object in the query",         "CIBA Core §7.1.1",  poll(enough).to("/backchannel?request=a.b.c"), in_query("request")),
        row("another scope beside a request object", "CIBA Core §13",     poll("request=a.b.c&scope=admin"), outside()),
        row("a bad token beside a request object",   "CIBA Core §7.1",    by("ping", "request=a.b.c&client_notification_token=a,b"), malformed()),
        row("a public client's request object",      "CIBA Core §7.1",    ask("request=a.b.c&client_id=pub-all"), public()),
        // the rest
        row("binding_message twice",                 "RFC 6749 §3.1",     poll(&form([enough, "binding_message=a&binding_message=b"])), repeated("binding_message")),
        row("user_code twice",                       "RFC 6749 §3.1",     poll(&form([enough, "user_code=a&user_code=b"])), repeated("user_code")),
        row("requested_expiry twice",                "RFC 6749 §3.1",     poll(&form([enough, "requested_expiry=1&requested_expiry=2"])), repeated("requested_expiry")),
        row("acr_values twice",                      "RFC 6749 §3.1",     poll(&form([enough, "acr_values=a&acr_values=b"])), repeated("acr_values")),
        row("resource twice",                        "RFC 8707 §2",       poll(&form([enough, "resource=urn:b&resource=urn:a"])), accepted().with("resource", "urn:b")),
        row("an unknown parameter twice",            "RFC 6749 §3.1",     poll(&form([enough, "state=2&state=1"])), accepted().with("state", "2")),
        row("a grant_type is nothing here",          "CIBA Core §7.1",    poll(&form([enough, "grant_type=magic"])), accepted()),
        row("GET",                                   "CIBA Core §7.1",    poll(enough).method("GET"), rejected(405, "invalid_request", MethodNotAllowed)),
        row("JSON",                                  "CIBA Core §7.1",    poll("{}").set("content-type", "application/json"), invalid_request(ContentTypeNotForm)),
    ]
}
