//! Telling somebody that a job is over: what is said, how it is signed, when it is tried again.
