//! Settings, read once from a lookup closure and validated as a whole.
