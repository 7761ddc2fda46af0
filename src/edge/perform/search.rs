//! Asking search providers: the library by its object, all others by HTTP, no faster than they allow.

use super::{Performer, library_down};
use crate::edge::{clock, outgoing, reply, settings};
use crate::job::{Failure, Timestamp};
use crate::search::{Hit, Provider, SearchQuery, codec};
use std::cell::RefCell;
use std::collections::BTreeMap;
use worker::Method;

/// Longest wait for a turn, in milliseconds: behind it too little of a search's 10 s is left for the answer.
const TURN_MS_MAX: u64 = 6_500;

impl Performer {
    pub(super) async fn search(&self, provider: Provider, query: &SearchQuery) -> Result<Vec<Hit>, Failure> {
        if provider == Provider::Library {
            return self.search_library(query).await;
        }
        let endpoint = self.config.search.endpoint(provider);
        let endpoint =
            endpoint.ok_or_else(|| Failure::permanent(format!("{provider} is no longer configured")))?;
        let mut parts = Vec::new();
        for request in codec::requests(provider, endpoint, query) {
            turn(provider).await?;
            let part = match outgoing::send(&request, &self.permit).await {
                Ok(reply) => codec::parse(provider, endpoint, query, &reply),
                Err(failure) => Err(endpoint.redacted(failure)),
            };
            // Whoever failed at the first part is not bothered with the next.
            let failed = part.is_err();
            parts.push(part);
            if failed {
                break;
            }
        }
        codec::merged(parts)
    }

    async fn search_library(&self, query: &SearchQuery) -> Result<Vec<Hit>, Failure> {
        let stub = settings::library(&self.env, &self.owner).map_err(|e| library_down(&e))?;
        let reply =
            reply::call(&stub, Method::Post, "/search", Some(query)).await.map_err(|e| library_down(&e))?;
        let hits = reply::decoded(reply).await.map_err(|e| library_down(&e))?;
        Ok(hits.unwrap_or_default())
    }
}

thread_local! {
    /// When each provider that wants a pause between two calls may be called next by this isolate, whoever's job it is.
    static NEXT: RefCell<BTreeMap<Provider, Timestamp>> = const { RefCell::new(BTreeMap::new()) };
}

/// Waits until the provider may be called.
async fn turn(provider: Provider) -> Result<(), Failure> {
    let gap_ms = provider.pace().gap_ms;
    if gap_ms == 0 {
        return Ok(());
    }
    let now = clock::now();
    let wait_ms = NEXT.with_borrow_mut(|next| {
        let free = next.get(&provider).map_or(0, |at| at.ms_since(now));
        if free <= TURN_MS_MAX {
            next.insert(provider, now.plus_ms(free.saturating_add(gap_ms)));
        }
        free
    });
    if wait_ms > TURN_MS_MAX {
        let cause = format!("{provider} is being asked by other jobs, one call every {} s", gap_ms / 1_000);
        return Err(Failure::Transient { cause, retry_after_ms: Some(wait_ms) });
    }
    if wait_ms > 0 {
        clock::sleep_ms(wait_ms).await;
    }
    Ok(())
}
