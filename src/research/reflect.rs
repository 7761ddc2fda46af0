//! reflect
