//! The HTTP surface: routes, wire types and errors. Pure: the edge turns these values into responses.

pub mod error;
pub mod id;
pub mod library;
pub mod openapi;
pub mod request;

pub use error::ApiError;

/// A request's path and method, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// `GET /`
    Page,
    /// `GET /health`
    Health,
    /// `GET /openapi.json`
    OpenApi,
    /// `POST /v1/research`
    CreateResearch,
    /// `GET /v1/research/{id}`
    GetResearch(String),
    /// `POST /v1/library/documents`
    AddDocument,
    /// `GET /v1/library/documents`
    ListDocuments,
    /// `GET /v1/library/documents/{id}`
    GetDocument(String),
    /// `DELETE /v1/library/documents/{id}`
    DeleteDocument(String),
    /// `POST /v1/library/crawls`
    CreateCrawl,
    /// `GET /v1/library/crawls/{id}`
    GetCrawl(String),
    /// `GET /v1/library/search?q=`
    SearchLibrary,
}

impl Route {
    /// The route of a method and path. `HEAD` counts as `GET`; one trailing slash is tolerated.
    pub fn parse(method: &str, path: &str) -> Result<Self, ApiError> {
        let method = if method == "HEAD" { "GET" } else { method };
        let path = path.strip_suffix('/').unwrap_or(path);
        let parts: Vec<&str> = path.split('/').skip(1).collect();
        let (allow, route) = match parts.as_slice() {
            [] => ("GET", (method == "GET").then_some(Self::Page)),
            ["health"] => ("GET", (method == "GET").then_some(Self::Health)),
            ["openapi.json"] => ("GET", (method == "GET").then_some(Self::OpenApi)),
            ["v1", "research"] => ("POST", (method == "POST").then_some(Self::CreateResearch)),
            ["v1", "research", id] => ("GET", (method == "GET").then(|| Self::GetResearch((*id).to_owned()))),
            ["v1", "library", "documents"] => (
                "GET, POST",
                match method {
                    "GET" => Some(Self::ListDocuments),
                    "POST" => Some(Self::AddDocument),
                    _ => None,
                },
            ),
            ["v1", "library", "documents", id] => (
                "GET, DELETE",
                match method {
                    "GET" => Some(Self::GetDocument((*id).to_owned())),
                    "DELETE" => Some(Self::DeleteDocument((*id).to_owned())),
                    _ => None,
                },
            ),
            ["v1", "library", "crawls"] => ("POST", (method == "POST").then_some(Self::CreateCrawl)),
            ["v1", "library", "crawls", id] => {
                ("GET", (method == "GET").then(|| Self::GetCrawl((*id).to_owned())))
            }
            ["v1", "library", "search"] => ("GET", (method == "GET").then_some(Self::SearchLibrary)),
            _ => return Err(ApiError::NoRoute { path: path.chars().take(200).collect() }),
        };
        route.ok_or(ApiError::Method { allow })
    }

    /// Whether the route needs a key.
    #[must_use]
    pub fn is_public(&self) -> bool {
        matches!(self, Self::Page | Self::Health | Self::OpenApi)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_is_found_by_its_method_and_path() {
        for (method, path, route) in [
            ("GET", "/", Route::Page),
            ("GET", "/health", Route::Health),
            ("POST", "/v1/research", Route::CreateResearch),
            ("POST", "/v1/research/", Route::CreateResearch),
            ("GET", "/v1/research/res_1", Route::GetResearch("res_1".into())),
            ("HEAD", "/v1/research/res_1", Route::GetResearch("res_1".into())),
            ("DELETE", "/v1/library/documents/doc_1", Route::DeleteDocument("doc_1".into())),
        ] {
            assert_eq!(Route::parse(method, path), Ok(route), "{method} {path}");
        }
    }

    #[test]
    fn an_unknown_path_and_a_wrong_method_are_told_apart() {
        assert!(matches!(Route::parse("GET", "/v2/research"), Err(ApiError::NoRoute { .. })));
        assert!(matches!(Route::parse("GET", "/v1/research/a/b"), Err(ApiError::NoRoute { .. })));
        assert_eq!(Route::parse("PUT", "/v1/research"), Err(ApiError::Method { allow: "POST" }));
        assert_eq!(
            Route::parse("PATCH", "/v1/library/documents"),
            Err(ApiError::Method { allow: "GET, POST" })
        );
    }
}
