//! What `-- certificates` prints.

use crate::ratios::verdict;
use crate::scenarios::{Case, Certified, Contender, Scenario};
use crate::signed::medians;

pub(crate) fn print() {
    println!("\ncertificates of 1 KB, us a request:\n");
    let [post, subject, key, later, header] = medians([
        Scenario::Of(Contender::Layer, Case::Post),
        Scenario::AcceptedCertificate(Certified::Subject),
        Scenario::AcceptedCertificate(Certified::Key),
        Scenario::AcceptedCertificate(Certified::Later),
        Scenario::AcceptedCertificate(Certified::Header),
    ]);
    for (what, accepted) in [
        ("subject", subject),
        ("key", key),
        ("later in the connection", later),
        ("header", header),
    ] {
        let what = format!("over accepted-post: {what}");
        let over = accepted - post;
        println!("{what:45}{over:>6.2}  {}", verdict(over, 3.0));
    }
}
