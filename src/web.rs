//! The web as a place: which URLs may be fetched, when two URLs are the same page, and HTTP as plain values.

pub mod abstracts;
pub mod admission;
pub mod atom;
pub mod canonical;
pub mod http;
pub mod known;
pub mod politeness;
pub mod render;
pub mod robots;
pub mod visit;
