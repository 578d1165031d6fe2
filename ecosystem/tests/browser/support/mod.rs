//! The harness: the services in this process, a headless Chromium, and what must hold of every page.

mod browser;
mod chromedriver;
mod look;
mod network;
mod person;
mod trust;
mod vendor;
mod world;

pub(crate) use browser::{Browser, Habits};
pub(crate) use world::World;
