//! The HTTP surface: routes, wire types and errors.
