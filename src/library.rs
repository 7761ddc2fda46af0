//! Private documents: how they are divided into collections and cut into passages, how a question becomes a full-text
//! query, how a site is crawled.

pub mod collection;
pub mod crawl;
pub mod ingest;
pub mod passages;
pub mod query;
pub mod sitemap;
