//! An nginx of a test's own, as a reverse proxy.

use std::net::SocketAddr;

use crate::common::proxy::Proxy;

/// What an nginx is started with, in the folder of its file `nginx.conf`.
pub(crate) const ARGUMENTS: [&str; 6] = ["-p", ".", "-c", "nginx.conf", "-e", "stderr"];

/// Hands every request on to this address. None if no `nginx` is installed.
pub(crate) fn in_front_of(server: SocketAddr) -> Option<Proxy> {
    Proxy::start("nginx", &ARGUMENTS, |[port]| {
        let own = format!(
            "server {{
    listen 127.0.0.1:{port};
    location / {{
        proxy_pass http://{server};
        proxy_http_version 1.1;
        proxy_set_header Host $host;
    }}
}}"
        );
        vec![("nginx.conf", configuration(&own))]
    })
}

/// One process that writes into its folder alone, with these servers.
pub(crate) fn configuration(servers: &str) -> String {
    let folders: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|name| format!("{name}_temp_path {name};\n"))
        .concat();
    format!(
        "daemon off;
master_process off;
pid nginx.pid;
error_log stderr;
events {{}}
http {{
access_log off;
keepalive_requests 1000000;
{folders}
{servers}
}}
"
    )
}
