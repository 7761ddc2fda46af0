//! extractive
