//! What Footnote does with every byte of a page, in a crate of its own because it is optimised for speed and all else for
//! size (`Cargo.toml` of the workspace).

pub mod digest;
#[cfg(feature = "bench")]
pub mod noop;
pub mod page;
