//! Whether this deployment can look where a request says.

use super::Site;
use crate::api::ApiError;
use crate::research::request::ResearchRequest;
use crate::research::sources;

impl Site<'_> {
    /// Every reason at once why it cannot: an address that is not fetched, a provider that is not configured.
    pub(super) fn ensure_sources(&self, request: &ResearchRequest) -> std::result::Result<(), ApiError> {
        let refused = (1..).zip(&request.start_urls).filter_map(|(place, url)| {
            let refusal = self.config.admission.admit(url).err()?;
            Some(format!("URL {place} of `start_urls` is refused: {refusal}"))
        });
        let mut problems: Vec<String> = refused.collect();
        problems.extend(
            sources::providers(&request.sources, &self.config.search.providers).err().map(|e| e.to_string()),
        );
        if problems.is_empty() { Ok(()) } else { Err(ApiError::BadRequest { problems }) }
    }
}
