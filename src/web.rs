//! The web as a place: which URLs may be fetched, when two URLs are the same page, and HTTP as plain values.

pub mod abstracts;
pub mod admission;
pub mod canonical;
pub mod http;
pub mod politeness;
pub mod robots;
pub mod visit;
