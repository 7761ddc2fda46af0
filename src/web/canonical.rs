//! When two URLs are the same page.
