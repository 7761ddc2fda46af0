//! searxng
