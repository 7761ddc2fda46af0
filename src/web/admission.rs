//! Which URLs may be fetched.
