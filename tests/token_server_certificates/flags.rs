//! Flags and files that are wrong, and the first line.

use crate::common::pem;
use crate::common::token_server::*;
use crate::https::*;
use crate::identity::*;

#[test]
fn wrong_flags_and_files_are_one_line_on_stderr_and_exit_2() {
    let [cert, key] = &*SERVER_FILES;
    let [_, other_key] = &OTHER
        .files("flags-other")
        .map(|it| it.display().to_string());
    let text = &file("text.pem", "no PEM").display().to_string();
    let broken = "-----BEGIN CERTIFICATE-----\n#\n-----END CERTIFICATE-----\n";
    let broken = &file("broken.pem", broken).display().to_string();
    let junk = pem("CERTIFICATE", b"junk");
    let junk = &file("junk.pem", &junk).display().to_string();
    let missing = "/nonexistent/file.pem";
    let tls = |cert, key| vec!["--tls-cert", cert, "--tls-key", key];
    let with_ca = |ca| [tls(cert, key), vec!["--client-ca", ca]].concat();
    #[rustfmt::skip]
    let cases = [
        (vec!["--tls-cert", cert],                           "--tls-cert needs --tls-key".to_owned()),
        (vec!["--tls-key", key],                             "--tls-key needs --tls-cert".to_owned()),
        (vec!["--client-ca", cert],                          "--client-ca needs --tls-cert".to_owned()),
        (vec!["--tls-cert"],                                 "--tls-cert wants a value".to_owned()),
        ([tls(cert, key), tls(cert, key)].concat(),          "--tls-cert is given twice".to_owned()),
        (tls(missing, key),                                  format!("--tls-cert {missing:?}: No such file")),
        (tls(text, key),                                     format!("--tls-cert {text:?}: has no certificate in PEM")),
        (tls(broken, key),                                   format!("--tls-cert {broken:?}: is not valid PEM")),
        (tls(junk, key),                                     format!("--tls-cert {junk:?}: ")),
        (tls(cert, missing),                                 format!("--tls-key {missing:?}: No such file")),
        (tls(cert, cert),                                    format!("--tls-key {cert:?}: has no private key in PEM")),
        (tls(cert, other_key),                               format!("--tls-key {other_key:?}: is not the key of the certificate")),
        (with_ca(missing),                                   format!("--client-ca {missing:?}: No such file")),
        (with_ca(key),                                       format!("--client-ca {key:?}: has no certificate in PEM")),
        (with_ca(junk),                                      format!("--client-ca {junk:?}: ")),
        (vec!["--client-certificate-header", "apache"],      "--client-certificate-header \"apache\": must be rfc9440, ".to_owned()),
        (vec!["--client-certificate-header"],                "--client-certificate-header wants a value".to_owned()),
        (vec!["--mtls-base", "https://mtls.example.com"],    "--mtls-base needs --tls-cert or --client-certificate-header".to_owned()),
        (with_base("mtls.example.com"),                      "--mtls-base \"mtls.example.com\": must be a URL".to_owned()),
        (with_base("https://mtls.example.com/?a"),           "--mtls-base \"https://mtls.example.com/?a\": must be a URL".to_owned()),
        (with_base("https://mtls.example.com/#a"),           "--mtls-base \"https://mtls.example.com/#a\": must be a URL".to_owned()),
        (with_base("https://"),                              "--mtls-base \"https://\": must be a URL".to_owned()),
    ];
    for (flags, expected) in cases {
        let output = run(&[&["--listen", "127.0.0.1:0"][..], &flags].concat());
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{flags:?}: {stderr}");
        assert_eq!(stderr.lines().count(), 1, "{flags:?}: {stderr}");
        let start = format!("token_server: {expected}");
        assert!(stderr.starts_with(&start), "{flags:?}: {stderr}");
        assert!(output.stdout.is_empty(), "{output:?}");
    }
}

fn with_base(base: &str) -> Vec<&str> {
    vec!["--client-certificate-header", "nginx", "--mtls-base", base]
}

#[tokio::test]
async fn first_line_and_the_issuer_are_https() {
    let server = start_https(&[]);
    assert!(
        server.base.starts_with("https://127.0.0.1:"),
        "{}",
        server.base
    );
    let request = http::Request::get("/.well-known/oauth-authorization-server")
        .header(http::header::HOST, "localhost")
        .body(String::new());
    let sent = server.request(config_of(None), request.expect("a request"));
    let document = sent.await.expect("the server answers").granted();
    assert_eq!(document.text("issuer"), server.base);
    assert_eq!(
        document.text("token_endpoint"),
        format!("{}/token", server.base)
    );
    let printed = server.printed();
    assert!(printed.contains("export CURL_CA_BUNDLE="), "{printed}");
    for command in printed.lines().filter(|it| it.starts_with("curl")) {
        assert!(!command.contains("http://127"), "{command}");
    }
}

#[test]
fn help_has_the_flags() {
    let output = run(&["--help"]);
    let help = String::from_utf8_lossy(&output.stdout);
    for flag in [
        "--tls-cert FILE",
        "--tls-key FILE",
        "--client-ca FILE",
        "--client-certificate-header KIND",
        "--mtls-base URL",
    ] {
        assert!(help.contains(flag), "{flag}");
    }
}
