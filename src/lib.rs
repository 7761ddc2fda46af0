//! Footnote: a deep-research API for your own edge.
//!
//! `POST /v1/research` with a question, poll until `completed`, read a Markdown report whose every citation was
//! checked against the page it names. The modules below stand in reading order; `ARCHITECTURE.md` is the map.
//!
//! Everything but `edge` is plain Rust without clock, entropy or I/O. The platform's crates are
//! dependencies of wasm32 builds only, so natively the compiler itself keeps the core free of them.

pub mod account;
pub mod api;
pub mod config;
pub mod floor;
pub mod job;
pub mod library;
pub mod log;
pub mod metrics;
pub mod model;
mod order;
pub mod research;
pub mod schedule;
pub mod search;
mod text;
pub mod ui;
pub mod web;
pub mod webhook;

pub use footnote_reading::{digest, page};

#[cfg(all(target_arch = "wasm32", not(feature = "bench")))]
pub mod edge;
#[cfg(all(target_arch = "wasm32", feature = "bench"))]
#[path = "edge/bench.rs"]
pub mod edge;
