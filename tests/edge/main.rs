//! The built Worker in a real `workerd` process, with a small internet of its own on loopback.
//!
//! Nothing here reaches beyond this machine. Every server takes a port that the system chooses and ends when its owner
//! is dropped, so tests run side by side.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stderr,
    clippy::disallowed_types,
    reason = "this crate is a test: it may panic, and it measures real time"
)]

mod accounts;
mod admission;
mod api_contract;
mod bundle;
mod cli;
mod clients;
mod collections;
mod control;
mod crash;
mod crawls;
mod durability;
mod evidence;
mod examples;
mod faults;
mod hostile;
mod injection;
mod library;
mod mcp;
mod models;
mod operations;
mod page;
mod politeness;
mod rendering;
mod research;
mod schedules;
mod schemathesis;
mod search;
mod self_host;
mod sites;
mod structured;
mod support;
mod watching;
mod webhooks;
