//! What rigs act in: the real programs on databases of their own, the cast that they are filled with, and a person
//! with a browser.

pub(crate) mod api;
pub(crate) mod browser;
pub(crate) mod cast;
pub(crate) mod cluster;
pub(crate) mod database;
pub(crate) mod demo;
pub(crate) mod disk;
pub(crate) mod pace;
pub(crate) mod page;
pub(crate) mod program;
pub(crate) mod provider;
pub(crate) mod proxy;
pub(crate) mod stand_in;

pub(crate) use api::Api;
pub(crate) use browser::Browser;
pub(crate) use cast::Client;
pub(crate) use cluster::Cluster;
pub(crate) use database::Backend;
pub(crate) use demo::Demo;
pub(crate) use pace::Pace;
pub(crate) use program::Programs;
pub(crate) use provider::Provider;
pub(crate) use proxy::Proxy;
pub(crate) use stand_in::StandIn;
