//! brave
