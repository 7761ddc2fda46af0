//! What the tests stand on: the process under test, its client, and the servers that it talks to.

pub(crate) mod anthropic;
pub(crate) mod api;
pub(crate) mod bomb;
pub(crate) mod brain;
pub(crate) mod checks;
pub(crate) mod engines;
pub(crate) mod gemini;
pub(crate) mod http;
pub(crate) mod openai;
pub(crate) mod origin;
pub(crate) mod pages;
pub(crate) mod renderer;
pub(crate) mod search;
pub(crate) mod workerd;
pub(crate) mod world;

pub(crate) use api::Api;
pub(crate) use origin::{Fault, Origin};
pub(crate) use workerd::{Config, Setup, Workerd};
pub(crate) use world::World;
