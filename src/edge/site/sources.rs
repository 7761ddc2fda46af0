//! Whether this deployment can look where a request says.

use super::{OBJECT_MS_MAX, Site};
use crate::api::ApiError;
use crate::api::library::{CollectionList, CollectionView};
use crate::edge::reply;
use crate::research::request::ResearchRequest;
use crate::research::sources;
use worker::Method;

impl Site<'_> {
    /// Every reason at once why it cannot: an address that is not fetched, a provider that is not configured, a collection
    /// that does not exist.
    pub(super) async fn ensure_sources(
        &self,
        request: &ResearchRequest,
    ) -> std::result::Result<(), ApiError> {
        let (mut problems, mut refused) = (Vec::new(), Vec::new());
        for (place, url) in (1..).zip(&request.start_urls) {
            if let Err(refusal) = self.config.admission.admit(url) {
                let list = if refusal.is_of_place() { &mut refused } else { &mut problems };
                list.push(format!("URL {place} of `start_urls` is refused: {refusal}"));
            }
        }
        problems.extend(
            sources::providers(&request.sources, &self.config.search.providers).err().map(|e| e.to_string()),
        );
        let mut absent = Vec::new();
        let named = sources::collections(&request.sources);
        if !named.is_empty() {
            let there = self.collections().await?;
            let names: Vec<&str> = there.iter().map(|c| c.name.as_str()).collect();
            let missing = named.iter().filter(|name| !names.contains(&name.as_str()));
            absent.extend(missing.map(|name| match names.as_slice() {
                [] => format!("`sources` names the collection `{name}`, but the library is empty"),
                _ => format!(
                    "`sources` names the collection `{name}`, but there are only {}",
                    names.join(", ")
                ),
            }));
        }
        match (problems.is_empty(), refused.is_empty(), absent.is_empty()) {
            (true, true, true) => Ok(()),
            // The request is right, and will be as soon as there is such a collection.
            (true, true, false) => Err(ApiError::Conflict { cause: absent.join("; ") }),
            (true, false, true) => Err(ApiError::Refused { cause: refused.join("; ") }),
            _ => {
                problems.extend(refused.into_iter().chain(absent));
                Err(ApiError::BadRequest { problems })
            }
        }
    }

    async fn collections(&self) -> std::result::Result<Vec<CollectionView>, ApiError> {
        let stub = self.library()?;
        let call = reply::call::<()>(&stub, Method::Get, "/collections", None);
        let response = self.object("the library", OBJECT_MS_MAX, call).await?;
        let list: Option<CollectionList> =
            reply::decoded(response).await.map_err(|e| reply::unavailable("the library", &e))?;
        Ok(list.unwrap_or_default().collections)
    }
}
