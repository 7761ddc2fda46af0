//! The only code that knows the platform: Cloudflare's runtime or plain `workerd`.
//!
//! `entry.mjs` is the main module; it wraps the classes exported from here and races their handlers against a timer.
//! `entry` answers requests with what stands in `site`; the `*_do` are the Durable Objects, the `*_store` their rows;
//! `start` starts a job, `perform` carries out its effects, `delivery` its webhooks.
//! Decisions are taken elsewhere: what stands here loads, stores, fetches and keeps time.
#![allow(unsafe_code, reason = "wasm-bindgen's generated glue")]
#![allow(
    missing_docs,
    unreachable_pub,
    reason = "the durable_object and event macros generate undocumented items"
)]

mod account_do;
mod account_store;
mod ai;
mod caller;
mod clock;
mod delivery;
mod entropy;
mod entry;
mod job_do;
mod keyring_do;
mod library_do;
mod library_store;
mod log;
mod meter_store;
mod outgoing;
mod ownership;
mod perform;
mod read;
mod reply;
mod schedule_store;
mod scheduler_do;
mod settings;
mod site;
mod site_do;
mod site_store;
mod slice;
mod start;
mod store;
mod traffic;
mod turn;
mod visit;
