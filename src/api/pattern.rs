//! Routes as logs and numbers name them: the path with its ids left out, so that nothing of a caller stands in it.

use super::Route;

impl Route {
    /// The path's pattern, such as `/v1/research/{id}`.
    #[must_use]
    pub fn pattern(&self) -> &'static str {
        match self {
            Self::Page => "/",
            Self::PageFile(..) => "/ui/{version}/{name}",
            Self::Health => "/health",
            Self::Ready => "/ready",
            Self::Metrics => "/metrics",
            Self::OpenApi => "/openapi.json",
            Self::Docs => "/docs",
            Self::DocsFile(..) => "/docs/{name}",
            Self::CreateResearch => "/v1/research",
            Self::ListResearch => "/v1/research",
            Self::Estimate => "/v1/research/estimate",
            Self::GetResearch(..) => "/v1/research/{id}",
            Self::DeleteResearch(..) => "/v1/research/{id}",
            Self::ResearchEvents(..) => "/v1/research/{id}/events",
            Self::ResearchBundle(..) => "/v1/research/{id}/bundle",
            Self::CancelResearch(..) => "/v1/research/{id}/cancel",
            Self::SteerResearch(..) => "/v1/research/{id}/steer",
            Self::ForkResearch(..) => "/v1/research/{id}/fork",
            Self::Usage => "/v1/usage",
            Self::Schedules(..) => "/v1/schedules",
            Self::Schedule(..) => "/v1/schedules/{id}",
            Self::RunSchedule(..) => "/v1/schedules/{id}/run",
            Self::ScheduleRuns(..) => "/v1/schedules/{id}/runs",
            Self::WebhookEndpoint(..) => "/v1/webhooks/endpoint",
            Self::WebhookSecret => "/v1/webhooks/secret",
            Self::RotateWebhookSecret => "/v1/webhooks/secret/rotate",
            Self::Deliveries => "/v1/webhooks/deliveries",
            Self::Delivery(..) => "/v1/webhooks/deliveries/{id}",
            Self::ReplayDelivery(..) => "/v1/webhooks/deliveries/{id}/replay",
            Self::Keys(..) => "/v1/keys",
            Self::RevokeKey(..) => "/v1/keys/{id}",
            Self::SetQuotas(..) => "/v1/accounts/{account}/quotas",
            Self::Mcp => "/mcp",
            Self::CreateResponse => "/v1/responses",
            Self::Response(..) => "/v1/responses/{id}",
            Self::CancelResponse(..) => "/v1/responses/{id}/cancel",
            Self::ResponseInput(..) => "/v1/responses/{id}/input_items",
            Self::Models => "/v1/models",
            Self::Model(..) => "/v1/models/{id}",
            Self::Completions(..) => "/async/chat/completions",
            Self::Completion(..) => "/async/chat/completions/{id}",
            Self::Tick => "/v1/tick",
            Self::AddDocument => "/v1/library/documents",
            Self::ListDocuments => "/v1/library/documents",
            Self::GetDocument(..) => "/v1/library/documents/{id}",
            Self::DeleteDocument(..) => "/v1/library/documents/{id}",
            Self::CreateCrawl => "/v1/library/crawls",
            Self::GetCrawl(..) => "/v1/library/crawls/{id}",
            Self::ListCollections => "/v1/library/collections",
            Self::DeleteCollection(..) => "/v1/library/collections/{name}",
            Self::SearchLibrary => "/v1/library/search",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_holds_nothing_of_the_path_that_the_caller_chose() {
        let pattern = |path: &str| Route::parse("GET", path).unwrap().pattern();
        assert_eq!(pattern("/v1/research/res_7f"), "/v1/research/{id}");
        assert_eq!(pattern("/v1/webhooks/deliveries/msg_1"), "/v1/webhooks/deliveries/{id}");
        assert_eq!(pattern("/v1/research/"), "/v1/research");
        assert_eq!(pattern("/"), "/");
    }
}
