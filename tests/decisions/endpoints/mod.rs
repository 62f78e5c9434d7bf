//! The other endpoints that authenticate clients, with a file for each.

pub(crate) mod backchannel;
pub(crate) mod device;
pub(crate) mod introspection;
pub(crate) mod pushed;
pub(crate) mod revocation;
mod types;

use tower_token_endpoint::Endpoint;

use crate::cast::{Registry, over};
use crate::judge::Table;
use crate::row::Row;

fn table(endpoint: Endpoint, path: &str, rows: Vec<Row>) -> Table {
    let layer = over(Registry::whole()).for_endpoint(endpoint, path);
    Table::new(layer.expect("settings that agree"), rows)
}
