//! The durable job: a fold over its journal.

pub mod retry;
pub mod timestamp;

pub use retry::Failure;
pub use timestamp::Timestamp;
